//! Weighted least squares the slow way: what R's `lm(weights)` and sandwich make of a matched
//! sample. Nothing here is shared with the crates.

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A weighted regression.
pub(crate) struct Weighted {
    /// `√w x` made orthonormal, by column.
    q: Vec<Vec<f64>>,
    /// `R⁻¹`, by row.
    inverse: Vec<Vec<f64>>,
    /// `√w û`.
    residuals: Vec<f64>,
    pub(crate) beta: Vec<f64>,
}

/// Which covariance.
pub(crate) enum Covariance<'a> {
    Classical,
    /// `HC0` to `HC3` by the power of `1 − h`, and a factor: `(0, n/(n−k))` is HC1.
    Robust(i32, f64),
    /// HC1 by cluster, with `G/(G−1)`.
    Cluster(&'a [usize]),
}

impl Weighted {
    /// Modified Gram–Schmidt, each column twice.
    pub(crate) fn new(y: &[f64], x: &[Vec<f64>], w: &[f64]) -> Self {
        let root = |v: &[f64]| -> Vec<f64> { v.iter().zip(w).map(|(v, w)| v * w.sqrt()).collect() };
        let k = x.len();
        let mut q: Vec<Vec<f64>> = Vec::new();
        let mut r = vec![vec![0.0; k]; k];
        for (j, x) in x.iter().enumerate() {
            let mut left = root(x);
            for _ in 0..2 {
                for (i, q) in q.iter().enumerate() {
                    let part = dot(q, &left);
                    r[i][j] += part;
                    left.iter_mut().zip(q).for_each(|(l, q)| *l -= part * q);
                }
            }
            r[j][j] = dot(&left, &left).sqrt();
            for l in &mut left {
                *l /= r[j][j];
            }
            q.push(left);
        }
        let mut inverse = vec![vec![0.0; k]; k];
        for j in 0..k {
            inverse[j][j] = 1.0 / r[j][j];
            for i in (0..j).rev() {
                let sum: f64 = (i + 1..=j).map(|l| r[i][l] * inverse[l][j]).sum();
                inverse[i][j] = -sum / r[i][i];
            }
        }
        let mut residuals = root(y);
        let mut moments = vec![0.0; k];
        for _ in 0..2 {
            for (q, moment) in q.iter().zip(&mut moments) {
                let part = dot(q, &residuals);
                *moment += part;
                residuals.iter_mut().zip(q).for_each(|(u, q)| *u -= part * q);
            }
        }
        let beta = inverse.iter().map(|row| dot(row, &moments)).collect();
        Self { q, inverse, residuals, beta }
    }

    pub(crate) fn df(&self) -> usize {
        self.residuals.len() - self.beta.len()
    }

    /// The standard error of `g'β`.
    pub(crate) fn error(&self, g: &[f64], covariance: &Covariance<'_>) -> f64 {
        let k = self.beta.len();
        let a: Vec<f64> = (0..k).map(|j| (0..k).map(|i| g[i] * self.inverse[i][j]).sum()).collect();
        let n = self.residuals.len();
        let row = |i: usize| -> f64 { (0..k).map(|j| a[j] * self.q[j][i]).sum() };
        let variance = match covariance {
            Covariance::Classical => {
                dot(&a, &a) * dot(&self.residuals, &self.residuals) / self.df() as f64
            }
            Covariance::Robust(power, factor) => {
                let leverage = |i: usize| self.q.iter().map(|q| q[i] * q[i]).sum::<f64>();
                let part = |i: usize| {
                    (row(i) * self.residuals[i]).powi(2) / (1.0 - leverage(i)).powi(*power)
                };
                factor * (0..n).map(part).sum::<f64>()
            }
            Covariance::Cluster(of) => {
                let groups = of.iter().max().unwrap() + 1;
                let mut sums = vec![0.0; groups];
                (0..n).for_each(|i| sums[of[i]] += row(i) * self.residuals[i]);
                let factor =
                    groups as f64 / (groups - 1) as f64 * (n - 1) as f64 / self.df() as f64;
                factor * dot(&sums, &sums)
            }
        };
        variance.sqrt()
    }
}
