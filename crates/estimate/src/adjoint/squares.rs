//! The reverse pass of least squares: coefficients, standard errors and residuals.
//!
//! ```text
//! A = (X'X)⁻¹   W = X A   b = W'y   e = y − X b   V_jj = f Σ_g (Σ_{i∈g} W_ij e_i)²  or  s² A_jj
//! ```
//!
//! With a bar for the derivative of a scalar by what is under it, and backwards from `se_j = √V_jj`:
//!
//! ```text
//! V̄_jj = s̄e_j / (2 se_j)   q_gj = Σ_{i∈g} W_ij e_i   W̄_ij = 2f V̄_jj q_gj e_i   ē_i += Σ_j 2f V̄_jj q_gj W_ij
//! iid errors:              Ā_jj = s² V̄_jj            ē += 2e Σ_j V̄_jj A_jj / (n − K)
//! e = y − X b:             ȳ = ē      X̄ = −ē b'       b̄ −= X'ē
//! X'X b = X'y:             ȳ += W b̄   X̄ += e (A b̄)' − W b̄ b'
//! W = X A:                 X̄ += W̄ A   Ā += X'W̄
//! A = (X'X)⁻¹:             X̄ −= W (Ā + Ā') A
//! ```
//!
//! Only columns `J` of `W̄` whose standard error matters are there, so that `X̄` is a few outer products:
//! with `N = X'W̄` it is `(W̄ − W N) A_J − W_J (N'A + 2 Ā A_J) + e (A b̄)' − ȳ b'`.

use ndarray::Array2;

use crate::ls::dot;

/// What a covariance sums before it squares.
#[derive(Debug)]
pub(super) enum Errors {
    /// `s² A_jj`, with `n − K` degrees of freedom.
    Iid { s2: f64, left: f64 },
    /// Every row by itself.
    Rows { factor: f64 },
    /// The rows of a cluster.
    Clusters { factor: f64, codes: Vec<u32>, n: usize },
}

/// Least squares of `y` on `X`, made ready.
#[derive(Debug)]
pub(super) struct Squares {
    /// `X`, by column.
    pub(super) x: Vec<Vec<f64>>,
    /// `W`, by column.
    pub(super) w: Vec<Vec<f64>>,
    pub(super) a: Array2<f64>,
    pub(super) b: Vec<f64>,
    pub(super) e: Vec<f64>,
    pub(super) std_errors: Vec<f64>,
    pub(super) errors: Errors,
}

/// How much a scalar depends on what a regression gives.
#[derive(Debug)]
pub(super) struct Seeds {
    pub(super) b: Vec<f64>,
    pub(super) std_errors: Vec<f64>,
    pub(super) e: Vec<f64>,
}

/// How much it depends on `y`, and on `X` as a sum of outer products.
#[derive(Debug)]
pub(super) struct Pulled<'s> {
    of: &'s Squares,
    pub(super) y: Vec<f64>,
    /// `A b̄`.
    lambda: Vec<f64>,
    /// `J`.
    live: Vec<usize>,
    /// `W̄ − W N`, a column each of `J`.
    outer: Vec<Vec<f64>>,
    /// `N'A + 2 Ā A_J`, a row each of `J`.
    inner: Vec<Vec<f64>>,
}

impl Squares {
    pub(super) fn pull(&self, seeds: Seeds) -> Pulled<'_> {
        let Seeds { mut b, std_errors, mut e } = seeds;
        let p = self.b.len();
        // A standard error of zero, of a constant that does not vary, has no derivative.
        let live: Vec<usize> =
            (0..p).filter(|&j| std_errors[j] != 0.0 && self.std_errors[j] > 0.0).collect();
        let mut outer = Vec::with_capacity(live.len());
        let mut inner = Vec::with_capacity(live.len());
        for &j in &live {
            let v = 0.5 * std_errors[j] / self.std_errors[j];
            if let Errors::Iid { s2, left } = self.errors {
                let of_e = 2.0 * v * self.a[[j, j]] / left;
                add(&mut e, of_e, &self.e);
                outer.push(Vec::new());
                inner.push((0..p).map(|m| 2.0 * v * s2 * self.a[[j, m]]).collect());
                continue;
            }
            let w = &self.w[j];
            let mut by_w: Vec<f64> = w.iter().zip(&self.e).map(|(w, e)| w * e).collect();
            match &self.errors {
                Errors::Rows { factor } => {
                    for q in &mut by_w {
                        *q *= 2.0 * factor * v;
                    }
                }
                Errors::Clusters { factor, codes, n } => {
                    let mut sums = vec![0.0; *n];
                    for (q, &code) in by_w.iter().zip(codes) {
                        sums[code as usize] += 2.0 * factor * v * q;
                    }
                    by_w.iter_mut().zip(codes).for_each(|(q, &code)| *q = sums[code as usize]);
                }
                Errors::Iid { .. } => {}
            }
            for (((q, by_e), w), own) in by_w.iter_mut().zip(&mut e).zip(w).zip(&self.e) {
                *by_e += *q * w;
                *q *= own;
            }
            // N_j, and what of W̄ is not in the columns of X.
            let along: Vec<f64> = self.x.iter().map(|x| dot(x, &by_w)).collect();
            for (w, n) in self.w.iter().zip(&along) {
                add(&mut by_w, -n, w);
            }
            outer.push(by_w);
            inner.push((0..p).map(|m| (0..p).map(|l| along[l] * self.a[[l, m]]).sum()).collect());
        }
        for (b, x) in b.iter_mut().zip(&self.x) {
            *b -= dot(x, &e);
        }
        let lambda = (0..p).map(|j| (0..p).map(|m| self.a[[j, m]] * b[m]).sum()).collect();
        let mut y = e;
        for (b, w) in b.iter().zip(&self.w) {
            add(&mut y, *b, w);
        }
        Pulled { of: self, y, lambda, live, outer, inner }
    }
}

impl Pulled<'_> {
    /// `X̄` of one column.
    pub(super) fn column(&self, j: usize) -> Vec<f64> {
        let Squares { w, a, b, e, .. } = self.of;
        let mut x: Vec<f64> = self.y.iter().map(|y| -b[j] * y).collect();
        add(&mut x, self.lambda[j], e);
        for ((&m, outer), inner) in self.live.iter().zip(&self.outer).zip(&self.inner) {
            add(&mut x, a[[m, j]], outer);
            add(&mut x, -inner[j], &w[m]);
        }
        x
    }
}

/// `sum += c v`; an empty `v` is zero.
pub(super) fn add(sum: &mut [f64], c: f64, v: &[f64]) {
    sum.iter_mut().zip(v).for_each(|(sum, v)| *sum += c * v);
}
