//! Derivatives by differences, to hold formulas against.

/// `f'(0)` of every number that `f` gives, by the five-point rule
/// `(8(f(h) − f(−h)) − (f(2h) − f(−2h)))/12h`, whose error is of the order of `h⁴`.
///
/// Of three steps, `h`, `h/8` and `h/64`, each number has the one at which the rule agrees best with
/// the same at half the step: a number that bends sharply needs a short one, and rounding a long one.
///
/// ```
/// let slope = testkit::slopes(1e-3, |h| vec![(1.0 + h).ln(), 3.0 * h]);
/// assert!((slope[0] - 1.0).abs() < 1e-11 && (slope[1] - 3.0).abs() < 1e-11);
/// ```
pub fn slopes(h: f64, f: impl Fn(f64) -> Vec<f64>) -> Vec<f64> {
    let steps = [h, h / 8.0, h / 64.0].map(|h| {
        let [far, near, half] = [2.0, 1.0, 0.5].map(|steps| {
            let (right, left) = (f(steps * h), f(-steps * h));
            right.iter().zip(left).map(|(right, left)| right - left).collect::<Vec<f64>>()
        });
        let rule = |j: usize| (8.0 * near[j] - far[j]) / (12.0 * h);
        let finer = |j: usize| (8.0 * half[j] - near[j]) / (6.0 * h);
        (0..near.len()).map(|j| (finer(j), (finer(j) - rule(j)).abs())).collect::<Vec<_>>()
    });
    let best = |j: usize| {
        let each = steps.iter().map(|slopes| slopes[j]);
        each.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(f64::NAN, |(slope, _)| slope)
    };
    (0..steps[0].len()).map(best).collect()
}
