//! How well a model fits: the several things that are called R², and the joint test.

use crate::cholesky::Cholesky;
use crate::distribution::f_upper_tail;
use crate::{Design, Error, FTest, Fit, Reference};

/// The several things that are called R².
///
/// With `ŷ = x'β̂` without the absorbed effects, `ŷ_i` and `ȳ_i` an entity's means:
///
/// | | formula | Stata |
/// |---|---|---|
/// | `r2` | `1 − û'û / TSS` | `regress`, `areg`, `reghdfe` |
/// | `adjusted` | `1 − (û'û/(n−K)) / (TSS/(n−1))` | `areg`, `reghdfe`: `K` counts all effects |
/// | `within` | `1 − û'û / TSS` after the effects are projected out | `xtreg, fe`; fixest's `wr2` |
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
    let mean_by_entity = |values: &[f64]| means_by(values, &entity);
    let n = correction.n as f64;
    let left = (correction.n - correction.k_all) as f64;
    let about_mean = f64::from(u8::from(!design.absorb.is_empty() || design.constant));
    Ok(RSquared {
        r2: 1.0 - sums.residual / sums.total,
        adjusted: 1.0 - (sums.residual / left) / (sums.total / (n - about_mean)),
        within: 1.0 - sums.residual / sums.within,
        within_adjusted: 1.0 - sums.residual / sums.within * (n - 1.0) / left,
        between: squared_correlation(&mean_by_entity(&design.y), &mean_by_entity(&fitted)),
        overall: squared_correlation(&design.y, &fitted),
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
    let n = fitted.len() as f64;
    let constant = (design.y.iter().sum::<f64>() - fitted.iter().sum::<f64>()) / n;
    let means = |values: &[f64]| means_by(values, &entity);
    let (y, y_hat) = (means(&design.y), means(&fitted));
    let deviations = |values: &[f64], means: &[f64]| -> Vec<f64> {
        values.iter().zip(entity.codes()).map(|(v, &code)| v - means[code as usize]).collect()
    };
    let share = |y: &[f64], fitted: &[f64], constant: f64| {
        let mean = y.iter().sum::<f64>() / y.len() as f64;
        let left: f64 = y.iter().zip(fitted).map(|(y, f)| (y - constant - f).powi(2)).sum();
        1.0 - left / y.iter().map(|y| (y - mean).powi(2)).sum::<f64>()
    };
    Ok(Explained {
        within: share(&deviations(&design.y, &y), &deviations(&fitted, &y_hat), 0.0),
        between: share(&y, &y_hat, constant),
        overall: share(&design.y, &fitted, constant),
    })
}

fn means_by(values: &[f64], group: &panel::Factor) -> Vec<f64> {
    let mut means = vec![0.0; group.n_levels()];
    let mut sizes = vec![0.0; group.n_levels()];
    for (value, &code) in values.iter().zip(group.codes()) {
        means[code as usize] += value;
        sizes[code as usize] += 1.0;
    }
    means.iter_mut().zip(&sizes).for_each(|(mean, size)| *mean /= size);
    means
}

/// `x'β̂` on the rows in use, indicators that stand in for absorbed factors included.
fn fitted(design: &Design<'_>, fit: &Fit) -> Result<Vec<f64>, Error> {
    let mut fitted = vec![0.0; design.n()];
    for (j, (term, b)) in fit.terms.iter().zip(&fit.beta).enumerate() {
        if let Some(x) = design.x.get(j) {
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

fn squared_correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        aa += (a - mean_a) * (a - mean_a);
        bb += (b - mean_b) * (b - mean_b);
        ab += (a - mean_a) * (b - mean_b);
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
    let k = fit.terms.len();
    let df_residual = match fit.correction().reference {
        Reference::T(df) => df,
        Reference::Normal | Reference::Satterthwaite(_) => return None,
    };
    let scale: Vec<f64> = (0..k).map(|j| fit.vcov[[j, j]].sqrt()).collect();
    let correlation =
        ndarray::Array2::from_shape_fn((k, k), |(i, j)| fit.vcov[[i, j]] / (scale[i] * scale[j]));
    let (factor, spanned) = Cholesky::new(&correlation, 1e-10);
    if k == 0 || !spanned.is_empty() {
        return None;
    }
    let t: ndarray::Array1<f64> = (0..k).map(|j| fit.beta[j] / scale[j]).collect();
    let statistic = t.dot(&factor.solve(t.view())) / k as f64;
    Some(FTest { statistic, df: k, df_residual, p_value: f_upper_tail(statistic, k, df_residual) })
}
