//! One printed number.

use std::{collections::HashSet, fmt, str::FromStr};

use crate::{
    Error, Expected, Interval,
    glyph::{is_comma, is_digit, is_minus, is_percent, is_point, is_sign, narrow, widen},
    scan::Scan,
};

/// A printed number: an integer times a power of ten, and the text that said so.
///
/// ```text
/// number = [sign] whole ["." fraction] ["e" [sign] digits] ["%"]      value = digits · 10^last
/// whole  = digits, or digits with a comma between thousands; empty in ".0088"
/// ```
///
/// `last` is the place of the last printed digit, which is all that rounding depends on: −4 in
/// `0.0088`, 0 in `270`, −11 in `2.2e-10`. Printed zeros count: `0.30` and `0.3` are different
/// numbers of one value. Signs, digits, points and commas may be typographic (`−0.5`) or
/// full-width (`０．５`), digits of one number all alike.
///
/// **Units:** as printed; `12.5%` has the value 12.5.
///
/// **Errors:** parsing fails with [`Error::Unreadable`] on anything else, on an infinity, and on
/// more digits or magnitude than a float can hold ([`Expected::Representable`]).
///
/// ```
/// let number: published::Number = "1,234.50".parse()?;
/// assert_eq!((number.value(), number.last()), (1234.5, -2));
/// assert_eq!(number.format(-98_765.4321).as_deref(), Some("-98,765.43"));
/// assert_eq!(number.to_string(), "1,234.50");
/// # Ok::<(), published::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Number {
    text: String,
    digits: i128,
    last: i32,
}

impl Number {
    /// The value: the float nearest to the printed decimal.
    pub fn value(&self) -> f64 {
        decimal(self.digits, self.last)
    }

    /// The power of ten of the last printed digit.
    pub fn last(&self) -> i32 {
        self.last
    }

    /// The number exactly as printed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a percent sign follows; the value is then in percent.
    pub fn is_percent(&self) -> bool {
        self.text.ends_with(is_percent)
    }

    /// All values that round to this number.
    pub fn interval(&self) -> Interval {
        let end = |half| decimal(self.digits * 10 + half, self.last - 1);
        Interval { lo: end(-5), hi: end(5) }
    }

    /// Another value printed as this number is: as many digits, and the same style.
    ///
    /// The style is the place of the last digit, the exponent, thousands commas, the glyphs of
    /// sign and point, the width of the digits, a zero left out before the point, an explicit
    /// plus, and the percent sign. Halves, judged on the exact value of `x`, go to the even digit.
    ///
    /// A value strictly inside [`Self::interval`] prints as this very text, but for the sign of a
    /// zero: a negative value that rounds to zero keeps its minus, as `printf` does.
    ///
    /// **Units:** of `x`, those of the printed number. `None` if `x` is not finite: there is
    /// nothing to print.
    pub fn format(&self, x: f64) -> Option<String> {
        if !x.is_finite() {
            return None;
        }
        let (sign, body) = match self.text.chars().next().filter(|&c| is_sign(c)) {
            Some(glyph) => (Some(glyph), &self.text[glyph.len_utf8()..]),
            None => (None, self.text.as_str()),
        };
        let tail = body.find(|c| !is_digit(c) && !is_comma(c) && !is_point(c));
        let (mantissa, suffix) = body.split_at(tail.unwrap_or(body.len()));
        let point = mantissa.chars().find(|&c| is_point(c));
        let (whole, fraction) = mantissa.split_once(is_point).unwrap_or((mantissa, ""));
        let wide = mantissa.chars().any(|c| is_digit(c) && !c.is_ascii());
        let decimals = fraction.chars().count();

        let digits = format!("{:0>width$}", round(x.abs(), self.last), width = decimals + 1);
        let (left, right) = digits.split_at(digits.len() - decimals);
        let mut printed = String::new();
        if x < 0.0 {
            let ours = if wide { '－' } else { '-' };
            printed.push(sign.filter(|&c| is_minus(c)).unwrap_or(ours));
        } else {
            printed.extend(sign.filter(|&c| !is_minus(c)));
        }
        let comma = whole.chars().find(|&c| is_comma(c));
        let left = if whole.is_empty() && left == "0" { "" } else { left };
        for (i, digit) in left.chars().enumerate() {
            if i > 0 && (left.len() - i).is_multiple_of(3) {
                printed.extend(comma);
            }
            printed.push(widen(digit, wide));
        }
        printed.extend(point);
        printed.extend(right.chars().map(|digit| widen(digit, wide)));
        printed.push_str(suffix);
        Some(printed)
    }

    /// Reads the longest number from here on.
    pub(crate) fn scan(scan: &mut Scan) -> Result<Self, Error> {
        let start = scan.at();
        let negative = scan.take(is_sign).is_some_and(is_minus);
        let whole_at = scan.at();
        let whole = scan.take_all(|c| is_digit(c) || is_comma(c));
        check_whole(whole).map_err(|expected| scan.fail_at(whole_at, expected))?;
        let fraction = if scan.take(is_point).is_some() { take_digits(scan)? } else { "" };
        if whole.is_empty() && fraction.is_empty() {
            return Err(scan.fail(Expected::Digit));
        }
        let wide = |c: char| !c.is_ascii();
        let mantissa = || whole.chars().filter(|&c| !is_comma(c)).chain(fraction.chars());
        if mantissa().any(wide) && !mantissa().all(wide) {
            return Err(scan.fail_at(whole_at, Expected::OneWidth));
        }
        let mut exponent = String::new();
        if scan.take(|c| matches!(c, 'e' | 'E')).is_some() {
            exponent.extend(scan.take(is_sign).filter(|&c| is_minus(c)).map(|_| '-'));
            exponent.extend(take_digits(scan)?.chars().map(narrow));
        } else {
            exponent.push('0');
        }
        scan.take(is_percent);

        let ascii: String = mantissa().map(narrow).collect();
        place(&ascii, fraction.chars().count(), &exponent)
            .map(|(digits, last)| Self {
                text: scan.since(start).to_owned(),
                digits: if negative { -digits } else { digits },
                last,
            })
            .ok_or_else(|| scan.fail_at(start, Expected::Representable))
    }
}

impl FromStr for Number {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut scan = Scan::new(text);
        let number = Self::scan(&mut scan)?;
        scan.finish()?;
        Ok(number)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The float nearest to digits · 10^last.
fn decimal(digits: i128, last: i32) -> f64 {
    format!("{digits}e{last}").parse().expect("an integer and an exponent are a float")
}

/// Digits and their last place, if floats can hold them and half a unit of that place.
fn place(ascii: &str, decimals: usize, exponent: &str) -> Option<(i128, i32)> {
    let digits = ascii.trim_start_matches('0');
    if digits.len() > 30 {
        return None;
    }
    let digits = if digits.is_empty() { 0 } else { digits.parse::<i128>().ok()? };
    let last = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(decimals).ok()?)?;
    let held = (-300..=300).contains(&last) && decimal(digits * 10 + 5, last - 1).is_finite();
    held.then_some((digits, last))
}

/// x / 10^last rounded to an integer, in digits: exact on the float's value, halves to even.
fn round(x: f64, last: i32) -> String {
    let rounded = if let Ok(decimals) = usize::try_from(-last) {
        format!("{x:.decimals$}").replace('.', "")
    } else {
        // 21 digits name the leading power of ten exactly: no float is that near to one.
        let (_, leading) = scientific(&format!("{x:.20e}"));
        if let Ok(decimals) = usize::try_from(leading - last) {
            let (digits, exponent) = scientific(&format!("{x:.decimals$e}"));
            if exponent > leading { digits + "0" } else { digits }
        } else {
            let half = decimal(5, last - 1);
            if x > half { "1".to_owned() } else { "0".to_owned() }
        }
    };
    let digits = rounded.trim_start_matches('0');
    if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
}

/// The digits and the exponent of Rust's `{:e}`.
fn scientific(text: &str) -> (String, i32) {
    let (mantissa, exponent) = text.split_once('e').expect("`{:e}` writes an exponent");
    (mantissa.replace('.', ""), exponent.parse().expect("`{:e}` writes an integer exponent"))
}

/// Whether the digits before the point are grouped as they should be.
fn check_whole(whole: &str) -> Result<(), Expected> {
    let mut groups = whole.split(is_comma).map(|group| group.chars().count());
    let first = groups.next().unwrap_or(0);
    let glyphs: HashSet<char> = whole.chars().filter(|&c| is_comma(c)).collect();
    let zero = whole.starts_with(['0', '０']);
    if glyphs.is_empty() {
        if zero && first > 1 { Err(Expected::NoLeadingZero) } else { Ok(()) }
    } else {
        let grouped = (1..=3).contains(&first) && groups.all(|digits| digits == 3);
        if grouped && !zero && glyphs.len() == 1 { Ok(()) } else { Err(Expected::Thousands) }
    }
}

/// One digit or more.
fn take_digits<'a>(scan: &mut Scan<'a>) -> Result<&'a str, Error> {
    let digits = scan.take_all(is_digit);
    if digits.is_empty() { Err(scan.fail(Expected::Digit)) } else { Ok(digits) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_form_is_digits_times_a_power_of_ten() {
        for (text, digits, last) in [
            ("270", 270, 0),
            ("0.0088", 88, -4),
            ("0.30", 30, -2),
            (".0088", 88, -4),
            ("-0.4737", -4737, -4),
            ("−0.5", -5, -1),
            ("–0.5", -5, -1),
            ("+0.5", 5, -1),
            ("-0.0000", 0, -4),
            ("1,234.50", 123_450, -2),
            ("1,234,567", 1_234_567, 0),
            ("19193.25", 1_919_325, -2),
            ("2.2e-10", 22, -11),
            ("2.2E−10", 22, -11),
            ("1.2e+05", 12, 4),
            ("-0.00000283", -283, -8),
            ("12.5%", 125, -1),
            ("－０．５", -5, -1),
            ("１，２３４．５０％", 123_450, -2),
        ] {
            let read = number(text);
            assert_eq!((read.digits, read.last, read.as_str()), (digits, last, text));
        }
        assert!(number("12.5%").is_percent() && !number("12.5").is_percent());
        assert_eq!(number("4.42e-10").value().to_bits(), 4.42e-10_f64.to_bits());
    }

    #[test]
    fn what_is_no_number_says_where_and_why() {
        for (text, at, why) in [
            ("", 1, Expected::Digit),
            ("-", 2, Expected::Digit),
            ("5.", 3, Expected::Digit),
            ("2.2e", 5, Expected::Digit),
            ("2.2e-", 6, Expected::Digit),
            ("--5", 2, Expected::Digit),
            ("0.00.88", 5, Expected::End),
            ("0.1 ", 4, Expected::End),
            ("0,12", 1, Expected::Thousands),
            ("0,123", 1, Expected::Thousands),
            ("-1,23", 2, Expected::Thousands),
            ("1,234，567", 1, Expected::Thousands),
            ("1234,567", 1, Expected::Thousands),
            ("00.5", 1, Expected::NoLeadingZero),
            ("0.５", 1, Expected::OneWidth),
            ("1e400", 1, Expected::Representable),
            ("1e99999999999", 1, Expected::Representable),
            ("0e9999", 1, Expected::Representable),
            ("179769313e300", 1, Expected::Representable),
            ("1234567890123456789012345678901", 1, Expected::Representable),
        ] {
            let wrong = Error::Unreadable { text: text.to_owned(), column: at, expected: why };
            assert_eq!(text.parse::<Number>(), Err(wrong), "{text}");
        }
    }

    #[test]
    fn another_value_takes_the_style() {
        for (style, x, printed) in [
            ("0.0088", 0.009_266, "0.0093"),
            ("0.0088", -1.0 / 3.0, "-0.3333"),
            ("0.0088", -0.000_01, "-0.0000"),
            ("0.0088", -0.0, "0.0000"),
            ("−0.5", -12.34, "−12.3"),
            ("−0.5", 12.34, "12.3"),
            ("+0.5", 1.25, "+1.2"),
            (".0088", 0.25, ".2500"),
            (".0088", 3.0, "3.0000"),
            ("270", 99.5, "100"),
            ("1,234.50", 9_876_543.219, "9,876,543.22"),
            ("1,234.50", 99.0, "99.00"),
            ("2.2e-10", 3.26e-10, "3.3e-10"),
            ("2.2e-10", 3.26e-9, "32.6e-10"),
            ("1.2e+05", 99_999.0, "1.0e+05"),
            ("1.2e+05", 6000.0, "0.1e+05"),
            ("1.2e+05", 5000.0, "0.0e+05"),
            ("12.5%", 7.0, "7.0%"),
            ("－０．５", -1.0, "－１．０"),
            ("１，２３４", -5678.0, "－５，６７８"),
            ("5e22", 1e23, "10e22"),
        ] {
            assert_eq!(number(style).format(x).as_deref(), Some(printed), "{x} as {style}");
        }
        for nothing in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(number("0.1").format(nothing), None);
        }
    }
}
