//! Significance stars from a p value.

/// How many stars a p value earns: the number of thresholds that it is strictly below.
///
/// ```text
/// stars = #{ t ∈ thresholds : p < t }
/// ```
///
/// The comparison is strict, as the notes under tables write it ("\*\*\* p < 0.01"): p = 0.01 is
/// not below 0.01. The order of the thresholds does not matter. A p value that is NaN earns none.
///
/// **Units:** `p` and the thresholds are probabilities, not percents.
///
/// ```
/// use published::stars_for;
///
/// let stata = [0.10, 0.05, 0.01];
/// assert_eq!(stars_for(0.004, &stata), 3);
/// assert_eq!(stars_for(0.05, &stata), 1);
/// assert_eq!(stars_for(0.4, &stata), 0);
/// ```
pub fn stars_for(p: f64, thresholds: &[f64]) -> u8 {
    let below = thresholds.iter().filter(|&&threshold| p < threshold).count();
    u8::try_from(below).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strictly_below_counts() {
        let thresholds = [0.05, 0.01, 0.001];
        let stars = |p| stars_for(p, &thresholds);
        assert_eq!(
            [0.0, 0.001, 0.009, 0.01, 0.05, 1.0, f64::NAN].map(stars),
            [3, 2, 2, 1, 0, 0, 0]
        );
        assert_eq!(stars_for(0.0, &[]), 0);
    }
}
