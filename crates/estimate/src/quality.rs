//! How well a model fits: the several things that are called R², and the joint test.

use crate::cholesky::Cholesky;
use crate::{Design, Error, Estimator, FTest, Fit, Reference, WaldTest};
use numbers::{chi_squared_upper_tail, f_upper_tail};

/// The several things that are called R².
///
/// With `ŷ = x'β̂` without the absorbed effects, `ŷ_i` and `ȳ_i` an entity's means:
///
/// | | formula | Stata |
/// |---|---|---|
/// | `r2` | `1 − û'û / TSS` | `regress`, `areg`, `reghdfe` |
/// | `adjusted` | `1 − (û'û/(n−K)) / (TSS/(n−1))` | `areg`, `reghdfe`: `K` counts all effects |
/// | `within` | `1 − û'û / TSS` after the effects are projected out | `xtreg, fe`; fixest's `wr2` |
/// | | else `corr(y − ȳ_i, ŷ − ŷ_i)²`, or 0 if `ŷ − ŷ_i` is | `xtreg, re`, `xtreg, be` |
/// | `within_adjusted` | `1 − (1 − within)·(n−1)/(n−K)` | plm's adjusted R² |
/// | `between` | `corr(ȳ_i, ŷ_i)²` over entities | `xtreg` |
/// | `overall` | `corr(y, ŷ)²` over rows | `xtreg` |
///
/// A correlation with a constant is not defined: `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RSquared {
    /// Share of the variation that regressors and effects explain.
    pub r2: f64,
    /// The same, adjusted for the parameters.
    pub adjusted: f64,
    /// Share of the variation within the effects.
    pub within: f64,
    /// The same, adjusted for the parameters, `K` counting all effects.
    pub within_adjusted: f64,
    /// Squared correlation of entity means.
    pub between: Option<f64>,
    /// Squared correlation over all rows.
    pub overall: Option<f64>,
}

/// The several R² of a fit; `design` is the one that it was made from.
///
/// # Errors
///
/// [`Error::Panel`] never for the design of the fit.
pub fn r_squared(design: &Design<'_>, fit: &Fit) -> Result<RSquared, Error> {
    let (sums, correction) = (fit.sums(), fit.correction());
    let fitted = fitted(design, fit)?;
    let entity = design.group(&design.panel.index().entity_name)?;
    let weights: Option<Vec<f64>> =
        design.root.as_ref().map(|root| root.iter().map(|root| root * root).collect());
    let mean_by_entity = |values: &[f64]| means_by(values, &entity, weights.as_deref());
    let n = correction.n as f64;
    let left = (correction.n - correction.k_all) as f64;
    let about_mean = f64::from(u8::from(design.absorbs() || design.constant));
    let within = match fit.estimator() {
        Estimator::Pooled | Estimator::FixedEffects | Estimator::TwoStage => {
            1.0 - sums.residual / sums.within
        }
        _ => {
            let deviations = |values: &[f64]| deviations(values, &mean_by_entity(values), &entity);
            let (y, y_hat) = (deviations(&design.y), deviations(&fitted));
            squared_correlation(&y, &y_hat, weights.as_deref()).unwrap_or(0.0)
        }
    };
    Ok(RSquared {
        r2: 1.0 - sums.residual / sums.total,
        adjusted: 1.0 - (sums.residual / left) / (sums.total / (n - about_mean)),
        within,
        within_adjusted: 1.0 - (1.0 - within) * (n - 1.0) / left,
        between: squared_correlation(&mean_by_entity(&design.y), &mean_by_entity(&fitted), None),
        overall: squared_correlation(&design.y, &fitted, weights.as_deref()),
    })
}

/// Shares of variation that the slopes and one constant explain, without the effects.
///
/// `1 − Σ(y − c − x'β̂)² / Σ(y − ȳ)²`, with `c = ȳ − x̄'β̂`: over entity means (`between`), over
/// rows (`overall`), and over deviations from entity means (`within`, without a constant). They
/// can be negative. Agrees with linearmodels' `rsquared_between`, `_overall` and `_within`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explained {
    /// Over deviations from entity means.
    pub within: f64,
    /// Over entity means, one each.
    pub between: f64,
    /// Over rows.
    pub overall: f64,
}

/// The shares of variation that the slopes explain; `design` is the one the fit was made from.
///
/// # Errors
///
/// [`Error::Panel`] never for the design of the fit.
pub fn explained(design: &Design<'_>, fit: &Fit) -> Result<Explained, Error> {
    let entity = design.group(&design.panel.index().entity_name)?;
    let fitted = fitted(design, fit)?;
    let ones = vec![1.0; fitted.len()];
    let weights: Vec<f64> = match &design.root {
        None => ones.clone(),
        Some(root) => root.iter().map(|root| root * root).collect(),
    };
    let constant = design.mean(&design.y) - design.mean(&fitted);
    let means = |values: &[f64]| means_by(values, &entity, Some(&weights));
    let (y, y_hat) = (means(&design.y), means(&fitted));
    let centred = match fit.estimator() {
        Estimator::Pooled | Estimator::FixedEffects | Estimator::TwoStage => true,
        _ => fit.constant && fit.estimator() != Estimator::FirstDifference,
    };
    let constant = match fit.estimator() {
        Estimator::Pooled | Estimator::FixedEffects | Estimator::TwoStage => constant,
        _ if centred => fit.beta[fit.beta.len() - 1],
        _ => 0.0,
    };
    let share = |y: &[f64], fitted: &[f64], constant: f64, weights: &[f64]| {
        let mean = if centred { weighted_mean(y, weights) } else { 0.0 };
        let rows = || y.iter().zip(fitted).zip(weights);
        let left: f64 = rows().map(|((y, f), w)| w * (y - constant - f).powi(2)).sum();
        1.0 - left / rows().map(|((y, _), w)| w * (y - mean).powi(2)).sum::<f64>()
    };
    Ok(Explained {
        within: share(
            &deviations(&design.y, &y, &entity),
            &deviations(&fitted, &y_hat, &entity),
            0.0,
            &weights,
        ),
        between: share(&y, &y_hat, constant, &ones[..y.len()]),
        overall: share(&design.y, &fitted, constant, &weights),
    })
}

fn deviations(values: &[f64], means: &[f64], group: &panel::Factor) -> Vec<f64> {
    values.iter().zip(group.codes()).map(|(v, &code)| v - means[code as usize]).collect()
}

fn means_by(values: &[f64], group: &panel::Factor, weights: Option<&[f64]>) -> Vec<f64> {
    let mut means = vec![0.0; group.n_levels()];
    let mut sizes = vec![0.0; group.n_levels()];
    for (i, (value, &code)) in values.iter().zip(group.codes()).enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[i]);
        means[code as usize] += weight * value;
        sizes[code as usize] += weight;
    }
    means.iter_mut().zip(&sizes).for_each(|(mean, size)| *mean /= size);
    means
}

fn weighted_mean(values: &[f64], weights: &[f64]) -> f64 {
    let sum: f64 = values.iter().zip(weights).map(|(value, weight)| weight * value).sum();
    sum / weights.iter().sum::<f64>()
}

/// `x'β̂` on the rows in use, indicators that stand in for absorbed factors included.
fn fitted(design: &Design<'_>, fit: &Fit) -> Result<Vec<f64>, Error> {
    let mut fitted = vec![0.0; design.n()];
    for (term, b) in fit.terms.iter().zip(&fit.beta) {
        let at = design.terms.iter().position(|regressor| regressor == term);
        if let Some(x) = at.map(|j| &design.x[j]) {
            fitted.iter_mut().zip(&**x).for_each(|(sum, x)| *sum += b * x);
        } else {
            let x = design.panel.values(term)?;
            for (i, sum) in fitted.iter_mut().enumerate() {
                *sum += b * x[design.sample.row(i)];
            }
        }
    }
    Ok(fitted)
}

fn squared_correlation(a: &[f64], b: &[f64], weights: Option<&[f64]>) -> Option<f64> {
    let ones = if weights.is_none() { vec![1.0; a.len()] } else { Vec::new() };
    let weights = weights.unwrap_or(&ones);
    let (mean_a, mean_b) = (weighted_mean(a, weights), weighted_mean(b, weights));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for ((a, b), w) in a.iter().zip(b).zip(weights) {
        aa += w * (a - mean_a) * (a - mean_a);
        bb += w * (b - mean_b) * (b - mean_b);
        ab += w * (a - mean_a) * (b - mean_b);
    }
    let squared = ab * ab / (aa * bb);
    squared.is_finite().then_some(squared)
}

/// The F test that all slopes are zero, with the covariance of the fit.
///
/// `F = β̂'V̂⁻¹β̂ / k`. The denominator has the degrees of freedom of the t statistics: `G − 1`
/// under clustered errors, as in Stata. Indicators that stand in for absorbed factors belong to
/// the test, as in `xtreg y x i.year, fe`. `None` if `V̂` has no inverse, as with fewer clusters
/// than slopes.
pub fn f_test(fit: &Fit) -> Option<FTest> {
    joint_test(fit, &(0..fit.terms.len()).collect::<Vec<_>>())
}

/// The F test that some slopes, by their position, are zero.
pub(crate) fn joint_test(fit: &Fit, which: &[usize]) -> Option<FTest> {
    let df_residual = match fit.correction().reference {
        Reference::T(df) => df,
        Reference::Normal | Reference::Satterthwaite(_) => return None,
    };
    let (form, df) = wald_form(fit, which)?;
    let statistic = form / df as f64;
    Some(FTest { statistic, df, df_residual, p_value: f_upper_tail(statistic, df, df_residual) })
}

/// The Wald test that all slopes are zero, with the covariance of the fit.
///
/// `χ² = β̂'V̂⁻¹β̂`, with as many degrees of freedom as slopes. `None` if `V̂` has no inverse.
/// Agrees with the `Wald chi2` of `xtreg, re` and plm's test for random effects.
pub fn wald_test(fit: &Fit) -> Option<WaldTest> {
    let (statistic, df) = wald_form(fit, &(0..fit.terms.len()).collect::<Vec<_>>())?;
    Some(WaldTest { statistic, df, p_value: chi_squared_upper_tail(statistic, df) })
}

/// `β̂'V̂⁻¹β̂` of some slopes, by their position, and their number.
fn wald_form(fit: &Fit, which: &[usize]) -> Option<(f64, usize)> {
    let k = which.len();
    let scale: Vec<f64> = which.iter().map(|&j| fit.vcov[[j, j]].sqrt()).collect();
    let correlation = ndarray::Array2::from_shape_fn((k, k), |(i, j)| {
        fit.vcov[[which[i], which[j]]] / (scale[i] * scale[j])
    });
    let (factor, spanned) = Cholesky::new(&correlation, 1e-10);
    if k == 0 || !spanned.is_empty() {
        return None;
    }
    let t: ndarray::Array1<f64> =
        which.iter().zip(&scale).map(|(&j, scale)| fit.beta[j] / scale).collect();
    Some((t.dot(&factor.solve(t.view())), k))
}
