//! Variances of two effects in a panel with holes: quadratic forms and what they estimate.
//!
//! ```text
//! q_w = Σ (u − ū_i − …)²     q_1 = Σ T_i ū_i²     q_2 = Σ N_t ū_t²
//! E q = M [σ_e², σ_u², σ_λ²]'
//! ```
//!
//! `u` are residuals of the within, the pooled or the between model. With `S_g` the sums over the
//! rows of a group and `P_g` their means, an entry of `M` is a trace of products of `Z'S_g Z`,
//! `Z'P_g Z` and `Z'P_g S_h Z`: matrices as large as there are regressors.

use ndarray::{Array2, Axis};

use super::components::Regression;
use crate::groups::{Groups, between_gram};

/// Two effects, and `z = [1, X]` about its mean.
pub(super) struct Both<'e> {
    pub(super) n: f64,
    pub(super) groups: &'e [Groups<'e>],
    /// Means by group of every column of `X` (others may follow).
    pub(super) means: &'e [Vec<Vec<f64>>],
    pub(super) k: usize,
}

impl Both<'_> {
    /// `Z'P_g S_h Z`, and with `twice` `Z'P_g S_h P_g Z`.
    fn across(&self, g: usize, h: usize, twice: bool) -> Array2<f64> {
        let (groups, others) = (&self.groups[g], &self.groups[h]);
        // Sums over the other effect's groups of the means of this one's.
        let mut sums = Array2::<f64>::zeros((others.n(), self.k + 1));
        let codes = groups.factor.codes().iter().zip(others.factor.codes());
        for (&own, &other) in codes {
            let mut sum = sums.row_mut(other as usize);
            sum[0] += 1.0;
            for (j, means) in self.means[g][..self.k].iter().enumerate() {
                sum[j + 1] += means[own as usize];
            }
        }
        if twice {
            return sums.t().dot(&sums);
        }
        let own = Array2::from_shape_fn(sums.dim(), |(t, j)| {
            others.sizes[t] * if j == 0 { 1.0 } else { self.means[h][j - 1][t] }
        });
        sums.t().dot(&own)
    }

    /// `Z'P_g Z` and `Z'S_g Z`.
    fn within_group(&self, g: usize) -> [Array2<f64>; 2] {
        let means = &self.means[g][..self.k];
        let gram = |power: i32| between_gram(&self.groups[g], means, |size| size.powi(power));
        [gram(1), gram(2)]
    }

    /// `Σ T_i² / n`.
    fn mean_size(&self, g: usize) -> f64 {
        self.groups[g].sizes.iter().map(|size| size * size).sum::<f64>() / self.n
    }

    /// From two weighted regressions of means: their sums of squares and factors.
    pub(super) fn swamy_arora(
        &self,
        forms: [f64; 2],
        of: [&Regression; 2],
        sigma2: f64,
    ) -> [f64; 2] {
        let equation = |g: usize| {
            let levels = self.groups[g].n() as f64;
            let own = self.n - of[g].trace(&self.within_group(g)[1]);
            let other = levels - of[g].trace(&self.across(g, 1 - g, true));
            (levels - of[g].rank as f64, own, other)
        };
        solve_two([equation(0), equation(1)], forms, sigma2)
    }

    /// From the residuals of the within model; `between` of an effect is `Σ T x̄ x̄'`.
    pub(super) fn amemiya(
        &self,
        forms: [f64; 2],
        within: &Regression,
        between: [Array2<f64>; 2],
        sigma2: f64,
    ) -> [f64; 2] {
        let equation = |g: usize| {
            let levels = self.groups[g].n() as f64;
            let (own, other) = (self.n - self.mean_size(g), levels - self.mean_size(1 - g));
            (levels - 1.0 + within.trace(&between[g]), own, other)
        };
        solve_two([equation(0), equation(1)], forms, sigma2)
    }

    /// From pooled residuals: `q_w`, `q_1`, `q_2`; `within` is `Z'QZ`, `left` is `n − N − T + 1`.
    pub(super) fn wallace_hussain(
        &self,
        forms: [f64; 3],
        pooled: &Regression,
        within: &Array2<f64>,
        left: f64,
    ) -> [f64; 3] {
        let trace = |a: &Array2<f64>| a.diag().sum();
        let of_within = pooled.solve(within);
        let parts = [0, 1].map(|g| self.within_group(g).map(|gram| pooled.solve(&gram)));
        let mut m = Array2::zeros((3, 3));
        m[[0, 0]] = left - trace(&of_within);
        for g in [0, 1] {
            let [between, sums] = &parts[g];
            let h = 1 - g;
            let others = &parts[h][1];
            m[[0, g + 1]] = trace(&of_within.dot(sums));
            m[[g + 1, 0]] = self.groups[g].n() as f64 - trace(between);
            m[[g + 1, g + 1]] = self.n - 2.0 * trace(sums) + trace(&between.dot(sums));
            let across = pooled.trace(&self.across(g, h, false));
            m[[g + 1, h + 1]] =
                self.groups[g].n() as f64 - 2.0 * across + trace(&between.dot(others));
        }
        solve_three(&m, forms)
    }
}

/// Two equations, each `q = of_errors σ_e² + own σ_own² + other σ_other²`.
fn solve_two(m: [(f64, f64, f64); 2], q: [f64; 2], sigma2: f64) -> [f64; 2] {
    let left = [q[0] - m[0].0 * sigma2, q[1] - m[1].0 * sigma2];
    let determinant = m[0].1 * m[1].1 - m[0].2 * m[1].2;
    [
        (left[0] * m[1].1 - m[0].2 * left[1]) / determinant,
        (left[1] * m[0].1 - m[1].2 * left[0]) / determinant,
    ]
}

/// `M⁻¹q` by Cramer's rule.
fn solve_three(m: &Array2<f64>, q: [f64; 3]) -> [f64; 3] {
    let determinant = |m: &Array2<f64>| {
        let minor = |a: usize, b: usize| m[[1, a]] * m[[2, b]] - m[[1, b]] * m[[2, a]];
        m[[0, 0]] * minor(1, 2) - m[[0, 1]] * minor(0, 2) + m[[0, 2]] * minor(0, 1)
    };
    let whole = determinant(m);
    [0, 1, 2].map(|j| {
        let mut replaced = m.clone();
        replaced.index_axis_mut(Axis(1), j).assign(&ndarray::arr1(&q));
        determinant(&replaced) / whole
    })
}
