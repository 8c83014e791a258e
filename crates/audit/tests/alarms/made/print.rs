//! How programs and authors round a number to its printed digits.

use testkit::Stream;

/// A way to print numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub digits: Digits,
    /// Which way halves go, where the float is a half exactly.
    pub halves: Halves,
    /// `.034` for `0.034`.
    pub bare: bool,
    /// `−` for `-`.
    pub minus: char,
    /// `1,234` for `1234`.
    pub thousands: bool,
    /// `0.000` for a negative number that rounds to zero; else `-0.000`.
    pub plain_zero: bool,
    /// A program prints a decimal more, and an author rounds that.
    pub twice: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// As many decimals: esttab's `b(4)`, `stargazer`, Excel.
    Fixed(usize),
    /// As many decimals, without zeros at the end: what a spreadsheet shows in its general format.
    Trimmed(usize),
    /// Stata's `%9.3g`, R's `signif`: significant digits, no zeros at the end, exponents far out.
    Significant(usize),
    /// esttab's `a3`: significant digits, but no digit before the point is rounded, and zeros stay.
    Adaptive(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halves {
    Even,
    Up,
}

impl Style {
    pub fn draw(stream: &mut Stream) -> Self {
        let digits = match stream.below(12) {
            0 | 1 => Digits::Fixed(2),
            2..=4 => Digits::Fixed(3),
            5..=7 => Digits::Fixed(4),
            8 => Digits::Fixed(5),
            9 => Digits::Trimmed(3 + stream.below(3)),
            10 => Digits::Significant(3 + stream.below(3)),
            _ => Digits::Adaptive(3 + stream.below(2)),
        };
        Self {
            digits,
            halves: [Halves::Even, Halves::Up][stream.below(2)],
            bare: stream.below(6) == 0,
            minus: if stream.below(5) == 0 { '−' } else { '-' },
            thousands: stream.below(5) == 0,
            plain_zero: stream.below(3) == 0,
            twice: false,
        }
    }

    pub fn fixed(decimals: usize) -> Self {
        Self {
            digits: Digits::Fixed(decimals),
            halves: Halves::Even,
            bare: false,
            minus: '-',
            thousands: false,
            plain_zero: false,
            twice: false,
        }
    }

    /// Decimals, where that is what is fixed.
    pub fn decimals(self) -> Option<usize> {
        if let Digits::Fixed(decimals) = self.digits { Some(decimals) } else { None }
    }

    pub fn with(self, digits: Digits) -> Self {
        Self { digits, ..self }
    }

    /// A number as this style prints it.
    pub fn number(self, x: f64) -> String {
        // Below the least float that has all its digits, programs print zero.
        let size = if x.abs() < 1e-290 { 0.0 } else { x.abs() };
        let text = match self.digits {
            Digits::Fixed(decimals) if self.twice => {
                let once = self.fixed_text(size, decimals + 1);
                decimal_rounded(&once, self.halves)
            }
            Digits::Fixed(decimals) => self.fixed_text(size, decimals),
            Digits::Trimmed(decimals) => trimmed(self.fixed_text(size, decimals)),
            Digits::Significant(digits) => significant(size, digits),
            Digits::Adaptive(digits) => {
                let leading = leading(size, digits);
                let places = i32::try_from(digits).unwrap() - 1 - leading;
                self.fixed_text(size, usize::try_from(places.clamp(0, 18)).unwrap())
            }
        };
        self.dress(x < 0.0, text)
    }

    /// A count: no decimals, thousands apart if the style has them so.
    pub fn count(self, n: usize) -> String {
        self.dress(false, n.to_string())
    }

    fn fixed_text(self, size: f64, decimals: usize) -> String {
        if self.halves == Halves::Up {
            // As spreadsheets do it: in binary, which may see a half where there is none quite.
            let power = 10_f64.powi(i32::try_from(decimals).unwrap());
            let rounded = (size * power).round();
            if rounded < 1e15 {
                return format!("{:.decimals$}", rounded / power);
            }
        }
        format!("{size:.decimals$}")
    }

    fn dress(self, negative: bool, text: String) -> String {
        let zero = !text.contains(|c: char| ('1'..='9').contains(&c));
        let (mut whole, rest) = match text.find(['.', 'e']) {
            Some(at) => (text[..at].to_owned(), &text[at..]),
            None => (text.clone(), ""),
        };
        if self.thousands && !rest.contains('e') {
            let mut at = whole.len();
            while at > 3 {
                at -= 3;
                whole.insert(at, ',');
            }
        }
        if self.bare && whole == "0" && rest.starts_with('.') {
            whole.clear();
        }
        let minus = negative && !(zero && self.plain_zero);
        let sign = if minus { self.minus.to_string() } else { String::new() };
        format!("{sign}{whole}{rest}")
    }
}

/// A decimal text with a decimal less, rounded as a person does it: by its last digit.
fn decimal_rounded(text: &str, halves: Halves) -> String {
    let point = text.find('.').unwrap_or(text.len());
    let decimals = text.len() - point - 1;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let Ok(whole) = digits.parse::<u128>() else { return text.to_owned() };
    let (mut kept, last) = (whole / 10, whole % 10);
    kept += u128::from(last > 5 || last == 5 && (halves == Halves::Up || kept % 2 == 1));
    let places = decimals - 1;
    let digits = format!("{kept:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// The power of ten of the leading digit once rounded.
fn leading(size: f64, digits: usize) -> i32 {
    let text = format!("{size:.*e}", digits - 1);
    text.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0)
}

fn significant(size: f64, digits: usize) -> String {
    let (power, wanted) = (leading(size, digits), i32::try_from(digits).unwrap());
    if size != 0.0 && (power < -5 || power >= wanted.max(5)) {
        let text = format!("{size:.*e}", digits - 1);
        let (mantissa, _) = text.split_once('e').unwrap();
        let sign = if power < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa.to_owned()), power.abs());
    }
    let places = usize::try_from((wanted - 1 - power).max(0)).unwrap();
    trimmed(format!("{size:.places$}"))
}

fn trimmed(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
