//! Two numbers, and how far apart they are.

/// `|a − b| / max(|a|, |b|)`; zero if they are equal, NaN if either is not a number.
///
/// ```
/// assert_eq!(testkit::relative_gap(0.0, 0.0), 0.0);
/// assert_eq!(testkit::relative_gap(1.0, 2.0), 0.5);
/// ```
pub fn relative_gap(a: f64, b: f64) -> f64 {
    let gap = (a - b).abs();
    if gap == 0.0 { 0.0 } else { gap / a.abs().max(b.abs()) }
}

/// Whether two numbers agree to `tolerance`, relative to the largest of `scale` and their sizes.
///
/// `scale` is for numbers that cancel: the size of what was subtracted.
pub fn close(a: f64, b: f64, tolerance: f64, scale: f64) -> bool {
    (a - b).abs() <= tolerance * scale.abs().max(a.abs()).max(b.abs())
}

/// Fails unless `ours` is within `tolerance` of `theirs`, relative to the larger.
#[track_caller]
pub fn assert_close(ours: f64, theirs: f64, tolerance: f64) {
    let gap = relative_gap(ours, theirs);
    assert!(
        gap <= tolerance,
        "ours {ours:.17e}, theirs {theirs:.17e}: apart by {gap:.1e}, more than {tolerance:.1e}"
    );
}

#[cfg(test)]
mod tests {
    use super::{assert_close, close, relative_gap};

    #[test]
    fn nan_is_close_to_nothing() {
        assert!(relative_gap(f64::NAN, f64::NAN).is_nan());
        assert!(!close(f64::NAN, f64::NAN, 1.0, 1.0));
        assert!(!close(1.0, f64::NAN, 1.0, 1.0));
    }

    #[test]
    #[should_panic(expected = "apart by 1.0e-3")]
    fn a_gap_is_told() {
        assert_close(1.0, 0.999, 1e-9);
    }
}
