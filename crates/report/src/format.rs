//! Numbers as text.
//!
//! Every function is total: a number that is not finite is missing, and prints as [`MISSING`].

/// What a missing number prints as: Stata's `.`.
pub const MISSING: &str = ".";

/// `x` with `decimals` decimals, rounded to nearest; a zero has no sign.
///
/// ```
/// use report::format::fixed;
/// assert_eq!(fixed(0.008_84, 4), "0.0088");
/// assert_eq!(fixed(-0.000_01, 4), "0.0000");
/// assert_eq!(fixed(f64::NAN, 4), ".");
/// ```
pub fn fixed(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return MISSING.to_owned();
    }
    unsigned_zero(format!("{x:.decimals$}"))
}

/// `x` with at most `digits` significant digits and no zeros at the end.
///
/// With `digits = 7` this is Stata's `%9.0g`, save that the zero before the point stays. Below
/// 10⁻⁵ and from 10^`digits` on, it is scientific.
///
/// ```
/// use report::format::general;
/// assert_eq!(general(292.071_6, 7), "292.0716");
/// assert_eq!(general(0.25, 7), "0.25");
/// assert_eq!(general(123_456_789.0, 7), "1.234568e8");
/// assert_eq!(general(f64::INFINITY, 7), ".");
/// ```
pub fn general(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return MISSING.to_owned();
    }
    let digits = digits.clamp(1, 17);
    let scientific = format!("{x:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: isize = exponent.parse().unwrap_or(0);
    let decimals = (digits - 1).checked_add_signed(-exponent).filter(|_| exponent >= -5);
    let Some(decimals) = decimals else {
        return format!("{}e{exponent}", trim_zeros(mantissa));
    };
    unsigned_zero(trim_zeros(&format!("{x:.decimals$}")).to_owned())
}

/// One star for each level that `p` is below; none for a `p` that is missing.
///
/// ```
/// use report::format::stars;
/// assert_eq!(stars(0.03, &[0.10, 0.05, 0.01]), "**");
/// assert_eq!(stars(0.05, &[0.10, 0.05, 0.01]), "*");
/// assert_eq!(stars(f64::NAN, &[0.10]), "");
/// ```
pub fn stars(p: f64, levels: &[f64]) -> String {
    "*".repeat(levels.iter().filter(|&&level| p < level).count())
}

/// A p value with `decimals` decimals; one that would print as zero is `<0.001`, not `0.000`.
///
/// What is no probability is missing.
///
/// ```
/// use report::format::p_value;
/// assert_eq!(p_value(0.0471, 3), "0.047");
/// assert_eq!(p_value(0.0002, 3), "<0.001");
/// assert_eq!(p_value(1.2, 3), ".");
/// ```
pub fn p_value(p: f64, decimals: usize) -> String {
    if !(0.0..=1.0).contains(&p) {
        return MISSING.to_owned();
    }
    let smallest = 0.1_f64.powi(i32::try_from(decimals).unwrap_or(i32::MAX));
    if p < smallest { format!("<{smallest:.decimals$}") } else { fixed(p, decimals) }
}

/// `-0.00` without its sign.
fn unsigned_zero(text: String) -> String {
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_owned(),
        _ => text,
    }
}

/// `text` without the zeros at the end of its decimals.
fn trim_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}
