//! Numbers from digits, fast where that is easy.

/// A number, rounded correctly, as [`str::parse`] does; NaN is none.
pub(super) fn number(trimmed: &str) -> Option<f64> {
    short(trimmed.as_bytes()).or_else(|| trimmed.parse().ok().filter(|x: &f64| !x.is_nan()))
}

/// A number of at most 15 digits and no exponent: nearly all that files hold.
///
/// The digits as a whole number and the power of ten are exact, so that their quotient is rounded
/// once: Clinger (1990), "How to read floating point numbers accurately".
#[inline]
fn short(text: &[u8]) -> Option<f64> {
    const POWERS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    // With a point among them.
    if digits.len() > 16 {
        return None;
    }
    let (mut mantissa, mut count) = (0u64, 0usize);
    let mut point = None;
    for (at, &byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            count += 1;
        } else if byte == b'.' && point.is_none() {
            point = Some(at);
        } else {
            return None;
        }
    }
    if count == 0 || count > 15 {
        return None;
    }
    let decimals = point.map_or(0, |at| digits.len() - at - 1);
    let x = mantissa as f64 / POWERS[decimals];
    Some(if negative { -x } else { x })
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
