//! Marginal effects: what a coefficient means for the probability.

use ndarray::{Array1, Array2};
use rayon::prelude::*;

use super::BinaryFit;
use crate::ls::{self, CHUNK};
use crate::{Coefficient, Design, Error, texts};

/// The choices of a marginal effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarginSpec {
    /// Averaged over the rows, or at the means of the regressors.
    pub at: At,
    /// What the effect of a regressor that is 0 or 1 is.
    pub zero_one: ZeroOne,
}

/// Where effects are taken.
///
/// | text | Stata's `margins` | statsmodels' `get_margeff` |
/// |---|---|---|
/// | `average` | `dydx(*)` | `at = "overall"` |
/// | `means` | `dydx(*) atmeans` | `at = "mean"` |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At every row, then averaged.
    Average,
    /// At the means of the regressors.
    Means,
}

/// The effect of a regressor that is 0 or 1 in every row.
///
/// | text | is | Stata | statsmodels |
/// |---|---|---|---|
/// | `derivative` | `f(x'β) β_j` | `c.x`, a plain name | default |
/// | `difference` | `F` with a one less `F` with a zero | `i.x` | `dummy = True` |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZeroOne {
    /// As if it were continuous.
    Derivative,
    /// From zero to one.
    Difference,
}

texts!(At, "place", Average = "average", Means = "means");
texts!(ZeroOne, "effect", Derivative = "derivative", Difference = "difference");

/// Marginal effects on the probability, with delta-method standard errors.
///
/// ```text
/// ME_j = mean_i f(x_i'β̂) β̂_j            J = mean f · e_j' + β̂_j · mean f' x_i'
/// ME_j = mean_i F(x_i'β̂; 1) − F(x_i'β̂; 0)   J = mean f(…1) x_i(1)' − f(…0) x_i(0)'
/// se_j = √(J V̂ J')
/// ```
///
/// Each column is moved by itself: for `x + x^2` the two rows are not the effect of `x`, which is
/// `ME_1 + 2x ME_2` at the `x` of interest.
///
/// # Units
///
/// Probability per unit of the term.
///
/// # Errors
///
/// [`Error::OtherDesign`] if `fit` is not of `design`.
///
/// # Source
///
/// Wooldridge (2010), §15.6. Agrees with statsmodels' `get_margeff`.
pub fn marginal_effects(
    design: &Design<'_>,
    fit: &BinaryFit,
    spec: MarginSpec,
) -> Result<Vec<Coefficient>, Error> {
    if design.terms != fit.terms || design.n() != fit.n() || design.constant != fit.constant {
        return Err(Error::OtherDesign { response: fit.response().clone() });
    }
    let (k, link) = (fit.terms.len(), fit.link());
    let means: Vec<f64> = design.x.iter().map(|x| ls::sum(x) / design.n() as f64).collect();
    // Rows at which effects are taken, and the value of a regressor in one of them.
    let centre = [means.iter().zip(&fit.beta).map(|(m, b)| m * b).sum::<f64>()
        + fit.constant().unwrap_or(0.0)];
    let (rows, at_means) = match spec.at {
        At::Average => (fit.linear_index(), false),
        At::Means => (&centre[..], true),
    };
    let value = |j: usize, i: usize| match () {
        () if j == k => 1.0,
        () if at_means => means[j],
        () => design.x[j][i],
    };
    // `Σ w_i` and `Σ w_i x_i` over the rows, in pieces.
    let moments = |weights: &[f64]| -> (f64, Array1<f64>) {
        let column = |j: usize| {
            let pieces = weights.par_chunks(CHUNK).with_min_len(ls::grain(CHUNK)).enumerate();
            let sum = |(at, weights): (usize, &[f64])| -> f64 {
                weights.iter().enumerate().map(|(i, w)| w * value(j, at * CHUNK + i)).sum()
            };
            pieces.map(sum).collect::<Vec<f64>>().iter().sum::<f64>() / rows.len() as f64
        };
        (ls::sum(weights) / rows.len() as f64, (0..fit.beta.len()).map(column).collect())
    };
    let density: Vec<f64> = rows.iter().map(|eta| link.density(*eta)).collect();
    let slopes: Vec<f64> = rows.iter().map(|eta| link.density_slope(*eta)).collect();
    let mean_density = ls::sum(&density) / rows.len() as f64;
    let (_, bend) = moments(&slopes);
    #[allow(clippy::float_cmp, reason = "codes, not measurements")]
    let zero_one = |j: usize| design.x[j].iter().all(|&x| x == 0.0 || x == 1.0);
    let mut effects = Vec::with_capacity(k);
    let mut jacobian = Array2::<f64>::zeros((k, fit.beta.len()));
    for j in 0..k {
        let b = fit.beta[j];
        if spec.zero_one == ZeroOne::Difference && zero_one(j) {
            let without = |(i, eta): (usize, &f64)| eta - b * value(j, i);
            let without: Vec<f64> = rows.iter().enumerate().map(without).collect();
            let gain: Vec<f64> = without
                .iter()
                .map(|eta| link.probability(eta + b) - link.probability(*eta))
                .collect();
            let with: Vec<f64> = without.iter().map(|eta| link.density(eta + b)).collect();
            let change: Vec<f64> =
                without.iter().zip(&with).map(|(eta, with)| with - link.density(*eta)).collect();
            let (_, mut row) = moments(&change);
            row[j] = ls::sum(&with) / rows.len() as f64;
            effects.push(ls::sum(&gain) / rows.len() as f64);
            jacobian.row_mut(j).assign(&row);
        } else {
            effects.push(b * mean_density);
            jacobian.row_mut(j).assign(&(&bend * b));
            jacobian[[j, j]] += mean_density;
        }
    }
    let variance = jacobian.dot(&fit.vcov).dot(&jacobian.t());
    let named = fit.terms.iter().zip(effects).enumerate();
    Ok(named
        .map(|(j, (t, effect))| Coefficient::normal(t.to_string(), effect, variance[[j, j]]))
        .collect())
}
