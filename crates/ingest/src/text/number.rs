//! Numbers from digits, fast where that is easy.

/// A number, rounded correctly, as [`str::parse`] does; NaN is none.
pub(super) fn number(trimmed: &str) -> Option<f64> {
    short(trimmed.as_bytes()).or_else(|| trimmed.parse().ok().filter(|x: &f64| !x.is_nan()))
}

/// A number of at most 15 digits and no exponent: nearly all that files hold.
#[inline]
fn short(text: &[u8]) -> Option<f64> {
    scan(text).filter(|&(_, length)| length == text.len()).map(|(x, _)| x)
}

/// The number of at most 15 digits that a text begins with, and how long it is.
///
/// The digits as a whole number and the power of ten are exact, so that their quotient is rounded
/// once: Clinger (1990), "How to read floating point numbers accurately".
#[inline]
pub(super) fn scan(text: &[u8]) -> Option<(f64, usize)> {
    const POWERS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let mut mantissa = 0u64;
    let mut rest = take(digits, &mut mantissa);
    let mut count = digits.len() - rest.len();
    let mut decimals = 0;
    if let [b'.', fraction @ ..] = rest {
        rest = take(fraction, &mut mantissa);
        decimals = fraction.len() - rest.len();
        count += decimals;
    }
    if count == 0 || count > 15 {
        return None;
    }
    let x = mantissa as f64 / POWERS[decimals];
    Some((if negative { -x } else { x }, text.len() - rest.len()))
}

/// Appends the digits at the beginning to a number; what is left.
#[inline]
fn take<'a>(text: &'a [u8], number: &mut u64) -> &'a [u8] {
    let mut rest = text;
    while let [byte, more @ ..] = rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        *number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        rest = more;
    }
    rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn numbers_are_what_the_standard_library_reads(
            text in prop_oneof![
                "[+-]?[0-9]{0,9}[.]?[0-9]{0,9}",
                "-?[0-9]{0,18}[.][0-9]{0,16}",
                "-?[0-9.]{1,6}(e-?[0-9]{1,3})?",
                any::<f64>().prop_map(|x| format!("{x}")),
                any::<f64>().prop_map(|x| format!("{x:e}")),
                Just("inf".to_owned()), Just("-0".to_owned()), Just("+".to_owned()),
            ]
        ) {
            let plain = text.parse().ok().filter(|x: &f64| !x.is_nan());
            prop_assert_eq!(number(&text).map(f64::to_bits), plain.map(f64::to_bits), "{}", text);
        }
    }
}
