//! Correlated random effects: means of the regressors beside the regressors.

use std::borrow::Cow;

use ndarray::Array2;
use panel::Term;

use crate::cholesky::Cholesky;
use crate::groups::Groups;
use crate::ls;
use crate::random_effects::random_effects;
use crate::{Design, Effect, EffectsError, Error, Note, Random, RandomSpec, WaldTest};
use numbers::chi_squared_upper_tail;

/// An estimated model of correlated random effects.
#[derive(Debug, Clone)]
pub struct Correlated {
    /// The random-effects model with the means among its terms, after those of the model.
    pub random: Random,
    /// The means that were added, as they are called in the table: `mean(x)`.
    pub means: Vec<Term>,
    /// That the coefficients of all means are zero: random effects against fixed effects. With
    /// the covariance of the fit, robust if that is; `None` if it has no inverse.
    pub test: Option<WaldTest>,
}

/// Correlated random effects: random effects with the entities' means of the regressors.
///
/// ```text
/// y_it = c + x_it'β + z_i'γ + x̄_i'π + u_i + e_it
/// ```
///
/// `β̂` are the within estimates, in unbalanced panels too. Regressors that do not vary within
/// entities, `z`, have no mean of their own; neither have those whose means are all the same, as
/// indicators of periods in a balanced panel. The test of `π = 0` is Mundlak's form of the Hausman
/// test, and robust under a robust covariance.
///
/// # Shapes
///
/// `k` terms of which `m` vary within and between entities give `k + m` coefficients.
///
/// # Units
///
/// As [`random_effects`].
///
/// # Errors
///
/// [`EffectsError::NotIndividual`] if other effects than the entities' are random, [`EffectsError::NoMeans`] if
/// there is no mean to add; else as [`random_effects`]. The error for a collinear mean names it
/// as `mean(x)`.
///
/// # Source
///
/// Mundlak (1978); Wooldridge (2010), §10.7.3; Wooldridge (2019) for unbalanced panels. Agrees
/// with `xtreg, re` on the same columns.
pub fn correlated_random_effects(
    design: &Design<'_>,
    spec: &RandomSpec,
) -> Result<Correlated, Error> {
    if spec.effect != Effect::Individual {
        return Err(EffectsError::NotIndividual { effect: spec.effect.to_string() }.into());
    }
    let groups = Groups::new(design, &design.panel.index().entity_name)?;
    let mut longer = design.clone();
    let (mut means, mut same) = (Vec::new(), Vec::new());
    for (term, column) in design.terms.iter().zip(&design.x) {
        let mean = groups.means(column);
        let spread: Vec<f64> =
            groups.factor.codes().iter().map(|&code| mean[code as usize]).collect();
        let total = ls::sum_of_squares_about(column, true);
        let between = ls::sum_of_squares_about(&spread, true);
        let within: f64 = column.iter().zip(&spread).map(|(v, mean)| (v - mean).powi(2)).sum();
        if within <= NOISE * total {
            continue;
        }
        if between <= NOISE * total {
            same.push(term.clone());
            continue;
        }
        let name = Term::var(format!("mean({term})"));
        means.push(name.clone());
        longer.terms.push(name);
        longer.x.push(Cow::Owned(spread));
    }
    if means.is_empty() {
        return Err(EffectsError::NoMeans { by: groups.by }.into());
    }
    let mut random = random_effects(&longer, spec)?;
    if !same.is_empty() {
        random.fit.notes.push(Note::SameMeans { by: groups.by, terms: same });
    }
    let k = design.terms.len();
    let test = joint(&random, k..k + means.len());
    Ok(Correlated { random, means, test })
}

/// Variation below this share of a column's is none.
const NOISE: f64 = 1e-20;

/// The Wald test that some coefficients are zero.
fn joint(random: &Random, which: std::ops::Range<usize>) -> Option<WaldTest> {
    let (beta, vcov) = (random.fit.coef(), random.fit.vcov());
    let (start, df) = (which.start, which.len());
    let scale: Vec<f64> = which.clone().map(|j| vcov[[j, j]].sqrt()).collect();
    let correlation = Array2::from_shape_fn((df, df), |(i, j)| {
        vcov[[start + i, start + j]] / (scale[i] * scale[j])
    });
    let (factor, spanned) = Cholesky::new(&correlation, 1e-10);
    if !spanned.is_empty() {
        return None;
    }
    let t: ndarray::Array1<f64> = which.zip(&scale).map(|(j, scale)| beta[j] / scale).collect();
    let statistic = t.dot(&factor.solve(t.view()));
    Some(WaldTest { statistic, df, p_value: chi_squared_upper_tail(statistic, df) })
}
