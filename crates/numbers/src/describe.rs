//! Descriptive statistics of a column.

/// What a table of descriptive statistics prints of one variable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Description {
    /// Rows with a value.
    pub n: usize,
    /// Rows without one.
    pub missing: usize,
    /// `x̄`.
    pub mean: f64,
    /// `√(Σ(x − x̄)²/(n−1))`; zero for a single value.
    pub sd: f64,
    /// The smallest value.
    pub min: f64,
    /// The median; the mean of the middle two.
    pub median: f64,
    /// The largest value.
    pub max: f64,
}

/// The quantile of sorted numbers, of which there is at least one, by interpolation at `(n − 1) p`:
/// R's type 7.
///
/// ```
/// assert_eq!(numbers::quantile(&[1.0, 2.0, 6.0], 0.75), 4.0);
/// ```
///
/// # Panics
///
/// Without numbers.
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let h = (sorted.len() - 1) as f64 * p.clamp(0.0, 1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Within the numbers.
    let low = h as usize;
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + (h - low as f64) * (sorted[high] - sorted[low])
}

/// Describes a column in which NaN is missing; `None` if nothing is observed.
///
/// ```
/// let d = numbers::describe(&[1.0, f64::NAN, 2.0, 6.0]).unwrap();
/// assert_eq!((d.n, d.missing, d.mean, d.median), (3, 1, 3.0, 2.0));
/// assert_eq!(d.sd, 7_f64.sqrt());
/// ```
///
/// Agrees with Stata's `summarize` and R's `sd`.
pub fn describe(column: &[f64]) -> Option<Description> {
    let mut values: Vec<f64> = column.iter().copied().filter(|x| !x.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    let (min, max) = (*values.first()?, *values.last()?);
    // About the first value, so that a large level does not cost digits of the mean.
    let mean = min + values.iter().map(|x| x - min).sum::<f64>() / n as f64;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    let sd = if n > 1 { (squares / (n - 1) as f64).sqrt() } else { 0.0 };
    let median = 0.5 * (values[(n - 1) / 2] + values[n / 2]);
    Some(Description { n, missing: column.len() - n, mean, sd, min, median, max })
}

/// The derivatives by the values of a column of a scalar that depends on their mean and standard
/// deviation; zero where a value is missing.
///
/// ```text
/// ∂x̄/∂x_i = 1/n     ∂sd/∂x_i = (x_i − x̄) / ((n − 1) sd)
/// ```
///
/// A column without variation has no derivative of its `sd`: that part is left out.
///
/// ```
/// let by_value = numbers::describe_back(&[1.0, f64::NAN, 3.0, 5.0], 3.0, 4.0);
/// assert_eq!(by_value, [1.0 - 2.0, 0.0, 1.0, 1.0 + 2.0]);
/// ```
pub fn describe_back(column: &[f64], by_mean: f64, by_sd: f64) -> Vec<f64> {
    let Some(Description { n, mean, sd, .. }) = describe(column) else {
        return vec![0.0; column.len()];
    };
    let slope = if sd > 0.0 { by_sd / ((n - 1) as f64 * sd) } else { 0.0 };
    let by_value = |x: &f64| if x.is_nan() { 0.0 } else { by_mean / n as f64 + slope * (x - mean) };
    column.iter().map(by_value).collect()
}
