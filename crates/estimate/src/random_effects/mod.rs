//! Random effects: generalised least squares with estimated variance components.

mod components;
mod moments;
mod root;
mod spec;

use std::borrow::Cow;

use ndarray::Array2;
use panel::Term;
use rayon::prelude::*;

use crate::convention::RandomReference;
use crate::groups::{Groups, grand_means};
use crate::linear::{self, Constant};
use crate::ls;
use crate::{
    Convention, Design, EffectsError, Error, Estimator, Fit, Note, RSquared, Reference, Spec, Vcov,
    WaldTest, r_squared, wald_test,
};

pub(crate) use components::Errors;
use components::{Variances, is_balanced};
use root::Root;
pub use spec::{Components, Effect, Negative, RandomSpec};

/// An estimated random-effects model.
#[derive(Debug, Clone)]
pub struct Random {
    /// Coefficients, and their covariance from the quasi-demeaned regression. Its residuals are
    /// that regression's, and its R² is plm's and linearmodels'.
    pub fit: Fit,
    /// `σ̂_u²`, the variance of the entities' effects, if they are random.
    pub entity: Option<f64>,
    /// `σ̂_λ²`, the variance of the periods' effects, if they are random.
    pub period: Option<f64>,
    /// `σ̂_e²`, the variance of the errors.
    pub idiosyncratic: f64,
    /// `θ` of the entities' means.
    pub theta_entity: Option<Theta>,
    /// `θ` of the periods' means.
    pub theta_period: Option<Theta>,
    /// `θ` of the mean of all rows, in a two-way model of a balanced panel.
    pub theta_total: Option<f64>,
    /// That all slopes are zero, if the covariance has an inverse.
    pub wald: Option<WaldTest>,
    /// R² within, between and overall: squared correlations, as `xtreg, re` prints them.
    pub r_squared: RSquared,
}

impl Random {
    /// `ρ`: the share of the effects in the variance of the composite error.
    pub fn rho(&self) -> f64 {
        let effects = self.entity.unwrap_or(0.0) + self.period.unwrap_or(0.0);
        effects / (effects + self.idiosyncratic)
    }
}

/// The `θ_i` of groups: all the same when groups are of one size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Theta {
    /// Of the smallest group.
    pub min: f64,
    /// Half of the groups have less; every group counts once.
    pub median: f64,
    /// Of the largest group.
    pub max: f64,
}

impl Theta {
    fn new(theta: &[f64]) -> Self {
        let mut sorted = theta.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        let median = f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]);
        Self { min: sorted[0], median, max: sorted[n - 1] }
    }
}

/// The random-effects estimator: feasible generalised least squares by quasi-demeaning.
///
/// ```text
/// y_it = c + x_it'β + u_i + e_it
/// θ_i  = 1 − √(σ̂_e² / (T_i σ̂_u² + σ̂_e²))
/// β̂    = least squares of y_it − θ_i ȳ_i on 1 − θ_i and x_it − θ_i x̄_i
/// ```
///
/// With two ways, `y_it − θ_1 ȳ_i − θ_2 ȳ_t + θ_3 ȳ` in a balanced panel. With holes it is `R y`
/// with `R'R = σ_e² Ω⁻¹`, exactly (Wansbeek and Kapteyn 1989): for `swar`, `walhus` and `amemiya`,
/// with iid errors, since which rows a cluster then consists of depends on the choice of `R`.
///
/// Every covariance is that of the quasi-demeaned regression: iid is its `s² (X*'X*)⁻¹`, not
/// `σ̂_e² (X*'X*)⁻¹`. Statistics are compared with the normal distribution under Stata's and plm's
/// conventions and with t(`n − k − 1`) under linearmodels'.
///
/// # Shapes
///
/// `n` usable rows and `k` terms give `k` coefficients, a constant, and `n` residuals.
///
/// # Units
///
/// Variances are in squared units of the response; `θ` and `ρ` have none.
///
/// # Example
///
/// Without variation in the regressor's means, the slope is that within:
///
/// ```
/// use estimate::{
///     Components, Convention, Design, Effect, Negative, RandomSpec, Singletons, Vcov,
///     random_effects,
/// };
/// use panel::{Column, Factor, Index, Panel};
///
/// let index = Index {
///     entity_name: "id".into(),
///     entity: Factor::from_numbers(&[1, 1, 1, 2, 2, 2, 3, 3, 3]),
///     period_name: "t".into(),
///     period: vec![1, 2, 3, 1, 2, 3, 1, 2, 3],
/// };
/// let x = vec![0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0, 2.0];
/// let y = vec![1.0, 2.5, 5.0, 10.0, 12.5, 14.0, 5.0, 7.0, 9.0];
/// let panel =
///     Panel::new(index, [("x".into(), Column::Number(x)), ("y".into(), Column::Number(y))])?;
/// let design = Design::new(&panel, &"y ~ x".parse()?, Singletons::Keep)?;
/// let spec = RandomSpec {
///     components: Components::SwamyArora,
///     effect: Effect::Individual,
///     negative: Negative::Zero,
///     vcov: Vcov::Iid,
///     convention: Convention::STATA_XTREG,
/// };
/// let random = random_effects(&design, &spec)?;
/// assert!((random.fit.coef()[0] - 2.0).abs() < 1e-12);
/// assert!(random.rho() > 0.9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::Absorbs`] and [`Error::NoConstant`] if the model is not of this form,
/// [`Error::NoSuchEstimator`] if the convention's program has no random effects,
/// [`EffectsError::UnbalancedTwoWays`]; [`EffectsError::OneRowEach`],
/// [`EffectsError::TooFewGroups`], [`EffectsError::NotWithin`] and
/// [`EffectsError::NegativeVariance`] if variances are not to be had; else as [`fixed_effects`](crate::fixed_effects).
///
/// # Source
///
/// Baltagi (2021), *Econometric Analysis of Panel Data*, §2.3, §3.3 and §9.2; Stata manual XT,
/// `xtreg`, *Methods and formulas*. Agrees with plm's `model = "random"`, linearmodels'
/// `RandomEffects` and, by its documented formulas, `xtreg, re`.
pub fn random_effects(design: &Design<'_>, spec: &RandomSpec) -> Result<Random, Error> {
    design.plain("random effects")?;
    check(design, spec)?;
    let groups = Groups::of(design, spec.effect)?;
    let holes = groups.len() > 1 && !is_balanced(design)?;
    if holes && spec.vcov != Vcov::Iid {
        return Err(EffectsError::UnbalancedTwoWays { asked: spec.vcov.to_string() }.into());
    }
    if let Some(groups) = groups.iter().find(|groups| groups.n() == design.n()) {
        return Err(EffectsError::OneRowEach { by: groups.by.clone() }.into());
    }
    let columns: Vec<&[f64]> = design.x.iter().chain([&design.y]).map(|x| &**x).collect();
    let grand = grand_means(&columns);
    for (j, column) in columns.iter().enumerate() {
        if !varies(column) {
            return Err(match design.terms.get(j) {
                Some(term) => Error::Absorbed { term: term.clone(), effects: Vec::new() },
                None => Error::NoVariation { term: design.response.clone(), effects: Vec::new() },
            });
        }
    }
    let means = means_about(&groups, &columns, &grand);
    let variances = {
        let (errors, projected) = Errors::new(design, &groups, &means)?;
        errors.variances(&projected, spec)?
    };
    let mut quasi = Quasi::new(&groups, &variances);
    if let ([entities, periods], true) = (groups.as_slice(), holes) {
        let ratio = [0, 1].map(|g| variances.effects[g] / variances.idiosyncratic);
        quasi.root = Some(Root::new([entities, periods], ratio));
    }
    let mut fit = quasi.fit(design, &columns, &means, &grand, spec)?;
    for (groups, negative) in groups.iter().zip(&variances.negative) {
        if let Some(variance) = *negative {
            fit.notes.push(Note::NegativeVariance { by: groups.by.clone(), variance });
        }
    }
    let which = |effect: Effect| match (spec.effect, effect) {
        (Effect::TwoWays, Effect::Time) => Some(1),
        (Effect::TwoWays, _) => Some(0),
        (one, other) => (one == other).then_some(0),
    };
    let variance = |effect| which(effect).map(|g| variances.effects[g]);
    let theta = |effect| which(effect).map(|g| Theta::new(&quasi.theta[g]));
    Ok(Random {
        entity: variance(Effect::Individual),
        period: variance(Effect::Time),
        idiosyncratic: variances.idiosyncratic,
        theta_entity: theta(Effect::Individual),
        theta_period: theta(Effect::Time),
        theta_total: (groups.len() > 1 && !holes).then_some(quasi.total),
        wald: wald_test(&fit),
        r_squared: r_squared(design, &fit)?,
        fit,
    })
}

/// The means of columns by group, less the mean of all rows: by effect and column.
pub(crate) fn means_about(
    groups: &[Groups<'_>],
    columns: &[&[f64]],
    grand: &[f64],
) -> Vec<Vec<Vec<f64>>> {
    let of = |groups: &Groups<'_>| {
        let about = |(column, grand): (&&[f64], &f64)| {
            let mut means = groups.means(column);
            for mean in &mut means {
                *mean -= grand;
            }
            means
        };
        let n = groups.factor.codes().len();
        columns.par_iter().zip(grand).with_min_len(ls::grain(n)).map(about).collect()
    };
    groups.iter().map(of).collect()
}

fn check(design: &Design<'_>, spec: &RandomSpec) -> Result<(), Error> {
    const ESTIMATOR: &str = "random effects";
    if !design.absorb.is_empty() {
        return Err(Error::Absorbs { estimator: ESTIMATOR, effects: design.effects() });
    }
    if !design.constant {
        return Err(Error::NoConstant { estimator: ESTIMATOR });
    }
    if design.terms.is_empty() {
        return Err(Error::NoRegressors);
    }
    let convention = &spec.convention;
    if convention.random == RandomReference::Absent {
        let has = |c: &Convention| c.random != RandomReference::Absent;
        return Err(Error::NoSuchEstimator {
            convention: convention.name,
            estimator: ESTIMATOR,
            instead: Convention::ALL.iter().filter(|c| has(c)).map(|c| c.name).collect(),
        });
    }
    if matches!(spec.vcov, Vcov::Robust(_)) && !convention.robust_within {
        return Err(Error::NotInConvention {
            convention: convention.name,
            vcov: spec.vcov.to_string(),
            instead: "its `vce(robust)` is clustered by the entity: ask for `cluster`, or for \
                      another convention",
        });
    }
    Ok(())
}

/// Whether a column is not a constant but for rounding.
fn varies(column: &[f64]) -> bool {
    let length = ls::dot(column, column);
    // Squares that overflow are named later.
    !length.is_finite() || ls::sum_of_squares_about(column, true) > 1e-28 * length
}

/// Quasi-demeaning: `v − θ_1 v̄_i − θ_2 v̄_t + θ_3 v̄`.
struct Quasi<'g> {
    groups: &'g [Groups<'g>],
    /// By effect and group.
    theta: Vec<Vec<f64>>,
    total: f64,
    /// What stands for quasi-demeaning by two effects where the panel has holes.
    root: Option<Root<'g>>,
}

impl<'g> Quasi<'g> {
    fn new(groups: &'g [Groups<'g>], variances: &Variances) -> Self {
        let ratio = |variance: f64| variance / variances.idiosyncratic;
        let theta: Vec<Vec<f64>> = groups
            .iter()
            .zip(&variances.effects)
            .map(|(groups, variance)| {
                let theta = |size: &f64| 1.0 - 1.0 / (1.0 + size * ratio(*variance)).sqrt();
                groups.sizes.iter().map(theta).collect()
            })
            .collect();
        let total = match (groups, variances.effects.as_slice()) {
            ([_, _], [entity, period]) if *entity > 0.0 && *period > 0.0 => {
                let both: f64 = groups
                    .iter()
                    .zip(&variances.effects)
                    .map(|(groups, variance)| groups.sizes[0] * ratio(*variance))
                    .sum();
                theta[0][0] + theta[1][0] - 1.0 + 1.0 / (1.0 + both).sqrt()
            }
            _ => 0.0,
        };
        Self { groups, theta, total, root: None }
    }

    /// `v` of a constant 1, less `shift`, by row.
    fn constant(&self, n: usize) -> Vec<f64> {
        if let Some(root) = &self.root {
            return root.times(&vec![1.0; n]);
        }
        let mut constant = vec![1.0 + self.total; n];
        for (groups, theta) in self.groups.iter().zip(&self.theta) {
            for (c, &code) in constant.iter_mut().zip(groups.factor.codes()) {
                *c -= theta[code as usize];
            }
        }
        constant
    }

    /// A column about its mean, quasi-demeaned: the mean itself drops out.
    fn transform(&self, column: &[f64], means: &[&Vec<f64>], grand: f64) -> Vec<f64> {
        let mut out: Vec<f64> = column.iter().map(|v| v - grand).collect();
        if let Some(root) = &self.root {
            return root.times(&out);
        }
        for ((groups, theta), means) in self.groups.iter().zip(&self.theta).zip(means) {
            let share: Vec<f64> = theta.iter().zip(*means).map(|(t, mean)| t * mean).collect();
            for (v, &code) in out.iter_mut().zip(groups.factor.codes()) {
                *v -= share[code as usize];
            }
        }
        out
    }

    fn fit(
        &self,
        design: &Design<'_>,
        columns: &[&[f64]],
        means: &[Vec<Vec<f64>>],
        grand: &[f64],
        spec: &RandomSpec,
    ) -> Result<Fit, Error> {
        let transform = |j: usize| {
            let means: Vec<&Vec<f64>> = means.iter().map(|means| &means[j]).collect();
            self.transform(columns[j], &means, grand[j])
        };
        let transformed = (0..columns.len())
            .into_par_iter()
            .with_min_len(ls::grain(design.n()))
            .map(transform)
            .collect();
        let constant = self.constant(design.n());
        let spec = Spec {
            vcov: spec.vcov.clone(),
            convention: spec.convention.clone(),
            constant: Constant::Omit,
        };
        let mut fit = with_own_constant(design, transformed, constant, grand, &spec)?;
        fit.estimator = Estimator::RandomEffects;
        fit.correction.reference = match spec.convention.random {
            RandomReference::Residual => Reference::T(fit.correction.n - fit.correction.k_all),
            _ => Reference::Normal,
        };
        Ok(fit)
    }
}

/// Least squares of the last of `columns` on the others and on `constant`.
///
/// The columns are those of a model with a constant, about `grand`, and then transformed in the
/// way in which ones became `constant`. The result is that of the columns as they were.
pub(crate) fn with_own_constant(
    design: &Design<'_>,
    mut columns: Vec<Vec<f64>>,
    constant: Vec<f64>,
    grand: &[f64],
    spec: &Spec,
) -> Result<Fit, Error> {
    let y = columns.pop().unwrap_or_default();
    let k = columns.len();
    // What became of the response about zero, not about its mean.
    let whole: Vec<f64> = y.iter().zip(&constant).map(|(y, one)| y + grand[k] * one).collect();
    let total = ls::sum_of_squares_about(&whole, true);
    let mut longer = Design {
        panel: design.panel,
        sample: design.sample.clone(),
        response: design.response.clone(),
        y: Cow::Owned(y),
        terms: design.terms.clone(),
        x: columns.into_iter().chain([constant]).map(Cow::Owned).collect(),
        constant: false,
        absorb: Vec::new(),
        slopes: Vec::new(),
        instruments: None,
        root: None,
    };
    longer.terms.push(Term::var(Fit::CONSTANT));
    let mut fit = linear::fit(&longer, spec, 0, &[])?;
    fit.terms.pop();
    fit.constant = true;
    fit.sums.within = total;
    fit.sums.total = total;
    // c = ȳ + γ − x̄'β, with γ the constant of columns about their means.
    let mut back = Array2::eye(k + 1);
    for (j, mean) in grand[..k].iter().enumerate() {
        back[[k, j]] = -mean;
    }
    fit.beta = back.dot(&fit.beta);
    fit.beta[k] += grand[k];
    fit.vcov = back.dot(&fit.vcov).dot(&back.t());
    Ok(fit)
}
