//! Least squares the slow way, with a dummy for every level: what the estimators must agree with.
//!
//! Nothing here is shared with the crate: columns are made orthonormal one by one (modified
//! Gram–Schmidt, each twice), which is as accurate as QR and counts the rank.

use panel::Factor;

/// An orthonormal basis of some columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Basis(Vec<Vec<f64>>);

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Basis {
    pub(crate) fn new(columns: impl IntoIterator<Item = Vec<f64>>) -> Self {
        let mut basis = Self::default();
        for column in columns {
            let before = dot(&column, &column).sqrt();
            let mut left = basis.residual(&column);
            let after = dot(&left, &left).sqrt();
            if after > 1e-9 * before {
                for x in &mut left {
                    *x /= after;
                }
                basis.0.push(left);
            }
        }
        basis
    }

    pub(crate) fn rank(&self) -> usize {
        self.0.len()
    }

    /// What the basis leaves of `v`.
    pub(crate) fn residual(&self, v: &[f64]) -> Vec<f64> {
        let mut left = v.to_vec();
        for q in self.0.iter().chain(&self.0) {
            let weight = dot(q, &left);
            left.iter_mut().zip(q).for_each(|(x, q)| *x -= weight * q);
        }
        left
    }

    /// The projection on the basis, an element.
    pub(crate) fn hat(&self, row: usize, other: usize) -> f64 {
        self.0.iter().map(|q| q[row] * q[other]).sum()
    }

    fn leverage(&self, row: usize) -> f64 {
        self.0.iter().map(|q| q[row] * q[row]).sum()
    }
}

/// One indicator a level.
pub(crate) fn dummies(factor: &Factor) -> Vec<Vec<f64>> {
    let n = u32::try_from(factor.n_levels()).unwrap();
    (0..n)
        .map(|level| factor.codes().iter().map(|&c| f64::from(u8::from(c == level))).collect())
        .collect()
}

/// Least squares of `y` on `x` and effects.
#[derive(Debug)]
pub(crate) struct Dense {
    /// Slopes, then the constant `ȳ − x̄'β̂`.
    pub(crate) beta: Vec<f64>,
    pub(crate) residuals: Vec<f64>,
    /// `∂β̂_j / ∂y_i`, with a row for the constant too.
    influence: Vec<Vec<f64>>,
    leverage: Vec<f64>,
    pub(crate) rank: usize,
}

impl Dense {
    /// `effects` holds the constant as well, if the model has one.
    pub(crate) fn new(y: &[f64], x: &[&[f64]], effects: &Basis) -> Self {
        let k = x.len();
        let mut basis = effects.0.clone();
        // Coefficients of x in the orthonormal columns: R, upper triangular.
        let mut r = vec![vec![0.0; k]; k];
        for (j, x) in x.iter().enumerate() {
            let projected = effects.residual(x);
            let mut left = projected.clone();
            for _ in 0..2 {
                for (i, q) in basis[effects.rank()..].iter().enumerate() {
                    let weight = dot(q, &left);
                    r[i][j] += weight;
                    left.iter_mut().zip(q).for_each(|(x, q)| *x -= weight * q);
                }
            }
            let left = effects.residual(&left);
            r[j][j] = dot(&left, &left).sqrt();
            basis.push(left.iter().map(|x| x / r[j][j]).collect());
        }
        let n = y.len();
        let mut influence = vec![vec![0.0; n]; k];
        for j in (0..k).rev() {
            let mut row = basis[effects.rank() + j].clone();
            for (i, later) in influence.iter().enumerate().skip(j + 1) {
                row.iter_mut().zip(later).for_each(|(x, b)| *x -= r[j][i] * b);
            }
            for x in &mut row {
                *x /= r[j][j];
            }
            influence[j] = row;
        }
        let all = Basis(basis);
        let residuals = all.residual(y);
        let mean = |v: &[f64]| v.iter().sum::<f64>() / n as f64;
        // β̂ from the projected response: its level would cost digits.
        let projected = effects.residual(y);
        let mut beta: Vec<f64> = influence.iter().map(|b| dot(b, &projected)).collect();
        let mut constant = vec![1.0 / n as f64; n];
        for (x, b) in x.iter().zip(&influence) {
            constant.iter_mut().zip(b).for_each(|(c, b)| *c -= mean(x) * b);
        }
        beta.push(mean(y) - x.iter().zip(&beta).map(|(x, b)| mean(x) * b).sum::<f64>());
        influence.push(constant);
        let leverage = (0..n).map(|row| all.leverage(row)).collect();
        Self { beta, residuals, influence, leverage, rank: all.rank() }
    }

    /// `∂β̂_j / ∂y_i` of the slopes, then of the constant.
    pub(crate) fn influence(&self) -> &[Vec<f64>] {
        &self.influence
    }

    /// Standard errors if the errors of rows `i` and `j` have the covariance `w(i, j) û_i û_j`.
    pub(crate) fn weighted(&self, w: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        self.variances(|i, j| w(i, j) * self.residuals[i] * self.residuals[j])
            .into_iter()
            .map(f64::sqrt)
            .collect()
    }

    /// Variances if the errors of rows `i` and `j` have the covariance `w(i, j)`.
    pub(crate) fn variances(&self, w: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let n = self.residuals.len();
        let w: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| w(i, j)).collect()).collect();
        let variance = |b: &Vec<f64>| (0..n).map(|i| b[i] * dot(b, &w[i])).sum::<f64>();
        self.influence.iter().map(variance).collect()
    }

    pub(crate) fn ssr(&self) -> f64 {
        dot(&self.residuals, &self.residuals)
    }

    /// Standard errors with `σ̂² = û'û/(n − rank)`.
    pub(crate) fn iid(&self) -> Vec<f64> {
        let variance = self.ssr() / (self.residuals.len() - self.rank) as f64;
        self.influence.iter().map(|b| (variance * dot(b, b)).sqrt()).collect()
    }

    /// Standard errors with `û_i² / (1 − h_i)^power`, and no other factor.
    pub(crate) fn robust(&self, power: i32) -> Vec<f64> {
        let weight = |i: usize| self.residuals[i].powi(2) / (1.0 - self.leverage[i]).powi(power);
        let variance = |b: &Vec<f64>| -> f64 {
            b.iter().enumerate().map(|(i, b)| if *b == 0.0 { 0.0 } else { b * b * weight(i) }).sum()
        };
        self.influence.iter().map(|b| variance(b).sqrt()).collect()
    }

    /// Whether a row fits itself, so that its share of HC2 and HC3 is 0/0.
    pub(crate) fn fits_a_row(&self) -> bool {
        self.leverage.iter().any(|h| *h > 1.0 - 1e-9)
    }

    /// Standard errors clustered by `group`, without any factor.
    pub(crate) fn clustered(&self, group: &Factor) -> Vec<f64> {
        let variance = |b: &Vec<f64>| -> f64 {
            let mut sums = vec![0.0; group.n_levels()];
            for ((b, u), &code) in b.iter().zip(&self.residuals).zip(group.codes()) {
                sums[code as usize] += b * u;
            }
            dot(&sums, &sums)
        };
        self.influence.iter().map(|b| variance(b).sqrt()).collect()
    }
}
