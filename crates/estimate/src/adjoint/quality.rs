//! The reverse pass of the several R².

use panel::Factor;

use super::squares::add;

/// `∂ corr(a, b)² / ∂a` and `/ ∂b`, times `by_square`; zero where there is no correlation.
pub(super) fn correlation(a: &[f64], b: &[f64], by_square: f64) -> (Vec<f64>, Vec<f64>) {
    let (a, b) = (about_mean(a), about_mean(b));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (aa, bb, ab) = (product(&a, &a), product(&b, &b), product(&a, &b));
    let cross = 2.0 * by_square * ab / (aa * bb);
    if !cross.is_finite() {
        return (vec![0.0; a.len()], vec![0.0; b.len()]);
    }
    let by = |a: &[f64], aa: f64, b: &[f64]| {
        a.iter().zip(b).map(|(a, b)| cross * (b - ab / aa * a)).collect()
    };
    (by(&a, aa, &b), by(&b, bb, &a))
}

/// The derivatives by `y` and by `ŷ`, rows both, of what `r_squared` makes of the two.
#[derive(Debug)]
pub(super) struct Correlations {
    pub(super) y: Vec<f64>,
    pub(super) fitted: Vec<f64>,
}

impl Correlations {
    /// Adds those of `corr(y, ŷ)²`.
    pub(super) fn overall(&mut self, y: &[f64], fitted: &[f64], by_square: f64) {
        if by_square != 0.0 {
            let (by_y, by_fitted) = correlation(y, fitted, by_square);
            add(&mut self.y, 1.0, &by_y);
            add(&mut self.fitted, 1.0, &by_fitted);
        }
    }

    /// Adds those of `corr(ȳ_i, ŷ_i)²` over groups.
    pub(super) fn between(&mut self, y: &[f64], fitted: &[f64], entity: &Factor, by_square: f64) {
        if by_square != 0.0 {
            let (of_y, sizes) = means(y, entity);
            let (by_y, by_fitted) = correlation(&of_y, &means(fitted, entity).0, by_square);
            for (i, &code) in entity.codes().iter().enumerate() {
                let code = code as usize;
                self.y[i] += by_y[code] / sizes[code];
                self.fitted[i] += by_fitted[code] / sizes[code];
            }
        }
    }

    /// Adds those of `corr(y − ȳ_i, ŷ − ŷ_i)²`.
    pub(super) fn within(&mut self, y: &[f64], fitted: &[f64], entity: &Factor, by_square: f64) {
        if by_square != 0.0 {
            let (y, fitted) = (deviations(y, entity), deviations(fitted, entity));
            let (by_y, by_fitted) = correlation(&y, &fitted, by_square);
            // Deviations are a symmetric projection, and these are deviations already.
            add(&mut self.y, 1.0, &by_y);
            add(&mut self.fitted, 1.0, &by_fitted);
        }
    }
}

fn about_mean(v: &[f64]) -> Vec<f64> {
    let mean = v.iter().sum::<f64>() / v.len() as f64;
    v.iter().map(|v| v - mean).collect()
}

/// The mean of every group, and its rows.
pub(super) fn means(v: &[f64], group: &Factor) -> (Vec<f64>, Vec<f64>) {
    let (mut means, mut sizes) = (vec![0.0; group.n_levels()], vec![0.0; group.n_levels()]);
    for (v, &code) in v.iter().zip(group.codes()) {
        means[code as usize] += v;
        sizes[code as usize] += 1.0;
    }
    means.iter_mut().zip(&sizes).for_each(|(mean, size)| *mean /= size);
    (means, sizes)
}

fn deviations(v: &[f64], group: &Factor) -> Vec<f64> {
    let (means, _) = means(v, group);
    v.iter().zip(group.codes()).map(|(v, &code)| v - means[code as usize]).collect()
}
