//! Derivatives by differences, to hold formulas against.

use std::collections::BTreeMap;

use panel::Panel;

use crate::{Rows, Stream};

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

/// Holds gradients against [`slopes`] as some columns of a panel move at once, in a random direction:
/// a gradient is right if its product with the direction is the slope of its number.
///
/// `gradients` are those of `numbers` at `rows`, in the same order; rows are sorted. The tolerance is
/// relative to the sizes of the products that are summed, and a thousandth of it to the number itself,
/// or to one if that is larger: a slope is a difference of such numbers.
#[track_caller]
pub fn assert_gradients(
    rows: &Rows,
    columns: &[&str],
    seed: u64,
    tolerance: f64,
    numbers: impl Fn(&Panel) -> Vec<(String, f64)>,
    gradients: &[BTreeMap<String, Vec<f64>>],
) {
    let mut stream = Stream::new(seed);
    let mut draw = || (0..rows.n()).map(|_| stream.normal()).collect::<Vec<f64>>();
    let direction: Vec<(&str, Vec<f64>)> = columns.iter().map(|name| (*name, draw())).collect();
    let moved = |h: f64| {
        let step = |rows: Rows, (name, step): &(&str, Vec<f64>)| {
            rows.with(name, |rows, row| rows.columns[*name][row] + h * step[row])
        };
        direction.iter().fold(rows.clone(), step).panel()
    };
    let values = |h: f64| numbers(&moved(h)).into_iter().map(|(_, value)| value).collect();
    let (want, at_zero) = (slopes(1e-3, values), numbers(&rows.panel()));
    assert_eq!((want.len(), at_zero.len()), (gradients.len(), gradients.len()));
    for ((gradient, want), (name, value)) in gradients.iter().zip(want).zip(at_zero) {
        let (mut got, mut size) = (0.0, 0.0);
        for (column, step) in &direction {
            for (g, step) in gradient.get(*column).into_iter().flatten().zip(step) {
                got += g * step;
                size += (g * step).abs();
            }
        }
        assert!(
            (got - want).abs() <= tolerance * size.max(1e-3 * value.abs().max(1.0)),
            "{name}: {got:.12e} by the reverse pass, {want:.12e} by differences"
        );
    }
}
