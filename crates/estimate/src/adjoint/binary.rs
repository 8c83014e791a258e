//! Probit and logit, backwards: the slopes are where the score is zero (implicit function theorem).
//!
//! With `ℓ_i(η)` a row's log-likelihood, `s = ℓ'`, `h = −ℓ''`, `A = (Σ h x x')⁻¹`, and `w` the weight of a
//! row in the information that the covariance rests on, `B = (Σ w x x')⁻¹`:
//!
//! ```text
//! Σ s_i x_i = 0:          X̄ += s λ' − (h ∘ Xλ) b'             λ = A b̄
//! V_jj = B_jj:            p = V̄_jj B_j
//! V_jj = f Σ_g q_gj²:     q_gj = Σ_{i∈g} s_i u_i, u = X B_j    p = B X'ū,  X̄ += ū B_j'
//!                         ū_i = 2f V̄_jj q_gj s_i               s̄_i = 2f V̄_jj q_gj u_i
//! B = (Σ w x x')⁻¹:       X̄ −= (w ∘ u) p' + (w ∘ Xp) B_j'      w̄ = −u ∘ Xp
//! s, w of η = X b:        η̄ = w' w̄ − h s̄ + …                  X̄ += η̄ b',  b̄ += X'η̄
//! ```

use ndarray::{Array1, Array2};

use super::squares::add;
use super::{Cotangent, Gradient, place};
use crate::cholesky::Cholesky;
use crate::{Basis, BinaryFit, Design, Error, Information, Vcov, ls};

/// A binary fit made ready.
#[derive(Debug)]
pub(super) struct Binary<'a> {
    design: &'a Design<'a>,
    fit: &'a BinaryFit,
    b: Vec<f64>,
    std_errors: Vec<f64>,
    /// `s`.
    scores: Vec<f64>,
    /// `h`.
    bends: Vec<f64>,
    observed: Inverse,
    /// `w`, `w'` and `B`, if information is not observed.
    expected: Option<(Vec<f64>, Inverse)>,
    /// `w'`.
    twists: Vec<f64>,
    /// The cluster of every row, and how many there are.
    clusters: Option<(Vec<u32>, usize)>,
}

/// `(Σ w x x')⁻¹`, and `X` times it by column.
#[derive(Debug)]
struct Inverse {
    of: Array2<f64>,
    along: Vec<Vec<f64>>,
}

impl Inverse {
    /// Worked out in the basis of the search, where products lose no digits.
    fn new(basis: &Basis<'_>, weights: &[f64]) -> Self {
        let z = basis.piece(0..weights.len());
        let mut weighted = z.clone();
        for mut column in weighted.columns_mut() {
            column.iter_mut().zip(weights).for_each(|(z, w)| *z *= w.sqrt());
        }
        let (factor, _) = Cholesky::new(&ls::products(weighted.view()), 0.0);
        let root = factor.inverse_factor().reversed_axes();
        let half = basis.back().dot(&root);
        let along = z.dot(&root).dot(&half.t());
        Self {
            of: half.dot(&half.t()),
            along: along.columns().into_iter().map(|u| u.to_vec()).collect(),
        }
    }

    /// `X (Σ w x x')⁻¹ c`.
    fn times(&self, c: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.along.first().map_or(0, Vec::len)];
        self.along.iter().zip(c).for_each(|(u, c)| add(&mut sum, *c, u));
        sum
    }
}

impl<'a> Binary<'a> {
    pub(super) fn new(design: &'a Design<'a>, fit: &'a BinaryFit) -> Result<Self, Error> {
        let same = fit.response() == design.response_term()
            && fit.terms() == design.terms
            && fit.linear_index().len() == design.n();
        if !same {
            return Err(Error::OtherDesign { response: fit.response().clone() });
        }
        let link = fit.link();
        let rows = || fit.linear_index().iter().zip(&*design.y);
        // A row speaks of z = ±η.
        let sign = |y: f64| if y > 0.5 { 1.0 } else { -1.0 };
        let row = |(eta, y): (&f64, &f64)| link.row(sign(*y) * eta);
        let scores = rows().map(|at| sign(*at.1) * row(at).slope).collect();
        let bends: Vec<f64> = rows().map(|at| row(at).bend).collect();
        let basis = Basis::new(design)?;
        let observed = Inverse::new(&basis, &bends);
        let (expected, twists) = match fit.spec().information {
            Information::Observed => {
                let twist = |(eta, y): (&f64, &f64)| sign(*y) * link.twist(sign(*y) * eta);
                (None, rows().map(twist).collect())
            }
            Information::Expected => {
                let weights: Vec<f64> =
                    fit.linear_index().iter().map(|eta| link.expected_bend(*eta)).collect();
                let inverse = Inverse::new(&basis, &weights);
                let twists = fit.linear_index().iter().map(|eta| link.expected_twist(*eta));
                (Some((weights, inverse)), twists.collect())
            }
        };
        let clusters = match &fit.spec().vcov {
            Vcov::Cluster(by) => {
                let group = design.clusters(by)?;
                Some((group.codes().to_vec(), group.n_levels()))
            }
            _ => None,
        };
        let table = fit.coefficients();
        Ok(Self {
            design,
            fit,
            b: table.iter().map(|row| row.estimate).collect(),
            std_errors: table.iter().map(|row| row.std_error).collect(),
            scores,
            bends,
            observed,
            expected,
            twists,
            clusters,
        })
    }

    /// `X'v`.
    fn moments(&self, v: &[f64]) -> Vec<f64> {
        let ones = self.design.constant.then(|| ls::sum(v));
        self.design.x.iter().map(|x| ls::dot(x, v)).chain(ones).collect()
    }

    pub(super) fn pull(&self, cotangent: &Cotangent) -> Result<Gradient, Error> {
        let (n, p) = (self.design.n(), self.b.len());
        let mut by_b = place("coefficients", &cotangent.coefficients, p)?;
        let by_error = place("standard errors", &cotangent.std_errors, p)?;
        let mut by_index = place("the linear index", &cotangent.linear_index, n)?;
        let by_likelihood =
            cotangent.log_likelihood - cotangent.mcfadden / self.fit.null_log_likelihood();
        add(&mut by_index, by_likelihood, &self.scores);

        let (weights, inverse) = match &self.expected {
            Some((weights, inverse)) => (weights, inverse),
            None => (&self.bends, &self.observed),
        };
        // Of X̄: the columns that B_j' and p' multiply.
        let mut outer = Vec::new();
        for j in (0..p).filter(|&j| by_error[j] != 0.0) {
            let v = 0.5 * by_error[j] / self.std_errors[j];
            let u = &inverse.along[j];
            let (mut of_b, along, p) = if self.fit.spec().vcov == Vcov::Iid {
                let along: Vec<f64> = u.iter().map(|u| v * u).collect();
                (vec![0.0; n], along, inverse.of.row(j).to_owned() * v)
            } else {
                let mut by_u = self.sums_of_scores(u, 2.0 * self.fit.factor() * v);
                for (((by_u, by_index), (u, s)), h) in by_u
                    .iter_mut()
                    .zip(&mut by_index)
                    .zip(u.iter().zip(&self.scores))
                    .zip(&self.bends)
                {
                    *by_index -= h * *by_u * u;
                    *by_u *= s;
                }
                let moments = self.moments(&by_u);
                let p = inverse.of.dot(&Array1::from(moments.clone()));
                (by_u, inverse.times(&moments), p)
            };
            let mut of_p = vec![0.0; n];
            for i in 0..n {
                by_index[i] -= self.twists[i] * u[i] * along[i];
                of_b[i] -= weights[i] * along[i];
                of_p[i] = -weights[i] * u[i];
            }
            outer.push((j, of_b, of_p, p));
        }
        for (by_b, moment) in by_b.iter_mut().zip(self.moments(&by_index)) {
            *by_b += moment;
        }
        let lambda = self.observed.of.dot(&Array1::from(by_b.clone()));
        let along = self.observed.times(&by_b);
        for ((by_index, h), along) in by_index.iter_mut().zip(&self.bends).zip(&along) {
            *by_index -= h * along;
        }
        Ok(Gradient::new(self.design, &vec![0.0; n], |m| {
            let mut column: Vec<f64> = by_index.iter().map(|c| self.b[m] * c).collect();
            add(&mut column, lambda[m], &self.scores);
            for (j, of_b, of_p, p) in &outer {
                add(&mut column, inverse.of[[*j, m]], of_b);
                add(&mut column, p[m], of_p);
            }
            column
        }))
    }

    /// `c q_g` of the group of every row.
    fn sums_of_scores(&self, u: &[f64], c: f64) -> Vec<f64> {
        let each: Vec<f64> = u.iter().zip(&self.scores).map(|(u, s)| c * u * s).collect();
        let Some((codes, n)) = &self.clusters else { return each };
        let mut sums = vec![0.0; *n];
        each.iter().zip(codes).for_each(|(q, &code)| sums[code as usize] += q);
        codes.iter().map(|&code| sums[code as usize]).collect()
    }
}
