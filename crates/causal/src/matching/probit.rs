//! A weighted probit of treatment on covariates, for balance alone.

use estimate::{mills, normal_density};

/// Its maximum.
pub(crate) struct Probit {
    /// `x'β̂` of every row.
    pub(crate) index: Vec<f64>,
    pub(crate) log_likelihood: f64,
    /// Of the constant alone.
    pub(crate) null: f64,
    /// Covariates that are not spanned by others.
    pub(crate) df: usize,
}

/// Steps before giving up.
const STEPS: usize = 60;
/// A column of which this share of its variation is left by those before it is spanned by them.
const SPANNED: f64 = 1e-10;

/// Maximises `Σ w ln Φ(±x'β)` over rows with weight and all covariates; none without a maximum.
pub(crate) fn probit(x: &[&[f64]], d: &[bool], w: &[f64]) -> Option<Probit> {
    let rows: Vec<usize> =
        (0..d.len()).filter(|&i| w[i] > 0.0 && x.iter().all(|x| !x[i].is_nan())).collect();
    let total: f64 = rows.iter().map(|&i| w[i]).sum();
    // Centred and scaled: the information is then a correlation, and pivots are shares.
    let scaled: Vec<Vec<f64>> = x
        .iter()
        .map(|x| {
            let mean = rows.iter().map(|&i| w[i] * x[i]).sum::<f64>() / total;
            let square: f64 = rows.iter().map(|&i| w[i] * (x[i] - mean).powi(2)).sum();
            let scale = (square / total).sqrt();
            let value = |x: &f64| if scale > 0.0 { (x - mean) / scale } else { 0.0 };
            x.iter().map(value).collect()
        })
        .collect();
    let ones = vec![1.0; d.len()];
    let mut columns: Vec<&[f64]> = vec![&ones];
    columns.extend(scaled.iter().map(Vec::as_slice));
    let products = |weight: &dyn Fn(usize) -> f64, columns: &[&[f64]]| -> Vec<Vec<f64>> {
        let entry = |a: &[f64], b: &[f64]| rows.iter().map(|&i| weight(i) * a[i] * b[i]).sum();
        columns.iter().map(|a| columns.iter().map(|b| entry(a, b)).collect()).collect()
    };
    let kept = independent(&products(&|i| w[i] / total, &columns));
    let columns: Vec<&[f64]> = kept.iter().map(|&j| columns[j]).collect();

    let share = rows.iter().filter(|&&i| d[i]).map(|&i| w[i]).sum::<f64>() / total;
    let null = total * (share * share.ln() + (1.0 - share) * (1.0 - share).ln());
    let index = |beta: &[f64]| -> Vec<f64> {
        let eta = |i| columns.iter().zip(beta).map(|(x, b)| x[i] * b).sum();
        (0..d.len()).map(eta).collect()
    };
    let sign = |i: usize| if d[i] { 1.0 } else { -1.0 };
    let mut beta = vec![0.0; columns.len()];
    for _ in 0..STEPS {
        let eta = index(&beta);
        let slope = |i: usize| sign(i) * mills(sign(i) * eta[i]).lambda;
        let bend = |i: usize| mills(eta[i]).lambda * mills(-eta[i]).lambda;
        let gradient: Vec<f64> =
            columns.iter().map(|x| rows.iter().map(|&i| w[i] * slope(i) * x[i]).sum()).collect();
        let step = solve(products(&|i| w[i] * bend(i), &columns), gradient.clone())?;
        let decrement: f64 = step.iter().zip(&gradient).map(|(a, b)| a * b).sum();
        beta.iter_mut().zip(&step).for_each(|(b, s)| *b += s);
        if decrement.abs() <= 1e-16 * total {
            let index = index(&beta);
            let log = |&i: &usize| w[i] * mills(sign(i) * index[i]).log_cdf;
            let log_likelihood = rows.iter().map(log).sum();
            // Where the density has vanished, rows are explained and there is no maximum.
            let flat = rows.iter().all(|&i| normal_density(index[i]) < 1e-10);
            let df = columns.len() - 1;
            return (!flat).then_some(Probit { index, log_likelihood, null, df });
        }
    }
    None
}

/// The columns, by their position, that those before them do not span.
fn independent(gram: &[Vec<f64>]) -> Vec<usize> {
    let mut left = gram.to_vec();
    let mut kept = Vec::new();
    for j in 0..left.len() {
        if left[j][j] <= SPANNED * gram[j][j].max(SPANNED) {
            continue;
        }
        kept.push(j);
        let pivot = left[j].clone();
        for row in left.iter_mut().skip(j + 1) {
            let factor = row[j] / pivot[j];
            row.iter_mut().zip(&pivot).for_each(|(a, b)| *a -= factor * b);
        }
    }
    kept
}

/// Solves `A s = g` for a positive definite `A`; none if it is not.
fn solve(mut a: Vec<Vec<f64>>, mut g: Vec<f64>) -> Option<Vec<f64>> {
    let n = g.len();
    for j in 0..n {
        let pivot = a[j].clone();
        if !(pivot[j] > 0.0 && pivot[j].is_finite()) {
            return None;
        }
        for i in j + 1..n {
            let factor = a[i][j] / pivot[j];
            a[i].iter_mut().zip(&pivot).for_each(|(a, b)| *a -= factor * b);
            g[i] -= factor * g[j];
        }
    }
    for j in (0..n).rev() {
        let known: f64 = (j + 1..n).map(|i| a[j][i] * g[i]).sum();
        g[j] = (g[j] - known) / a[j][j];
    }
    g.iter().all(|g| g.is_finite()).then_some(g)
}
