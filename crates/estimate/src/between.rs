//! Least squares on the means of groups.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::groups::{Groups, grand_means};
use crate::linear::{self, Constant};
use crate::random_effects::with_own_constant;
use crate::texts;
use crate::vcov::nested;
use crate::{Convention, Design, Effect, EffectsError, Error, Estimator, Fit, Note, Spec, Vcov};

/// The choices of a between estimator that move a digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BetweenSpec {
    /// Whose means: an entity's or a period's.
    pub effect: Effect,
    /// What a group counts for.
    pub weights: BetweenWeights,
    /// The covariance estimator.
    pub vcov: Vcov,
    /// Whose small-sample convention.
    pub convention: Convention,
}

/// What a group counts for in a regression of means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BetweenWeights {
    /// Every group the same: `xtreg, be`, plm, linearmodels' `BetweenOLS`.
    Groups,
    /// Every group for its rows: `xtreg, be wls`, linearmodels' `reweight=True`.
    Rows,
}

texts!(BetweenWeights, "weighting of groups", Groups = "groups", Rows = "rows");

/// The between estimator: least squares on the means of groups.
///
/// ```text
/// ȳ_i = c + x̄_i'β + ū_i        one row a group, weighted by 1 or by T_i
/// ```
///
/// The fit is one of groups: `n` counts them, the sample is the first row of each, and residuals
/// are those of means.
///
/// # Shapes
///
/// `N` groups and `k` terms give `k` coefficients and `N` residuals.
///
/// # Units
///
/// `β̂_j` is in units of the response per unit of term `j`.
///
/// # Example
///
/// Means 1 and 3 and 5 on means 0 and 1 and 2 have the slope 2:
///
/// ```
/// use estimate::{
///     BetweenSpec, BetweenWeights, Convention, Design, Effect, Singletons, Vcov, between,
/// };
/// use panel::{Column, Factor, Index, Panel};
///
/// let index = Index {
///     entity_name: "id".into(),
///     entity: Factor::from_numbers(&[1, 1, 2, 2, 3, 3, 4]),
///     period_name: "t".into(),
///     period: vec![1, 2, 1, 2, 1, 2, 1],
/// };
/// let x = vec![-1.0, 1.0, 0.0, 2.0, 1.0, 3.0, 1.0];
/// let y = vec![0.0, 2.0, 2.5, 3.5, 4.0, 6.0, 4.0];
/// let panel =
///     Panel::new(index, [("x".into(), Column::Number(x)), ("y".into(), Column::Number(y))])?;
/// let design = Design::new(&panel, &"y ~ x".parse()?, Singletons::Keep)?;
/// let spec = BetweenSpec {
///     effect: Effect::Individual,
///     weights: BetweenWeights::Groups,
///     vcov: Vcov::Iid,
///     convention: Convention::STATA_XTREG,
/// };
/// let fit = between(&design, &spec)?;
/// assert!((fit.coef()[0] - 2.0).abs() < 1e-12);
/// assert_eq!(fit.correction().n, 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::Absorbs`] if the model absorbs effects, [`EffectsError::BetweenTwoWays`],
/// [`EffectsError::NotBetween`] for a regressor whose means are all the same,
/// [`EffectsError::ClustersDiffer`] if a group belongs to several clusters; [`Error::NoConstant`] with
/// weights; [`Error::NoDegreesOfFreedom`] if there are too few groups; else as
/// [`pooled`](crate::pooled).
///
/// # Source
///
/// Baltagi (2021), §2.3. Agrees with plm's `model = "between"`, linearmodels' `BetweenOLS` and,
/// by its documented formula, `xtreg, be`.
pub fn between(design: &Design<'_>, spec: &BetweenSpec) -> Result<Fit, Error> {
    const ESTIMATOR: &str = "between estimator";
    design.plain("the between estimator")?;
    if !design.absorb.is_empty() {
        return Err(Error::Absorbs { estimator: ESTIMATOR, effects: design.effects() });
    }
    if design.terms.is_empty() && !design.constant {
        return Err(Error::NoRegressors);
    }
    let weighted = spec.weights == BetweenWeights::Rows;
    if weighted && !design.constant {
        return Err(Error::NoConstant { estimator: "between estimator weighted by rows" });
    }
    let groups = Groups::of(design, spec.effect)?;
    let [groups] = groups.as_slice() else {
        return Err(EffectsError::BetweenTwoWays.into());
    };
    if let Vcov::Cluster(by) = &spec.vcov {
        let clusters = design.group(by)?;
        let known = !clusters.codes().contains(&panel::Factor::MISSING);
        if known && !nested(&groups.factor, &clusters) {
            return Err(
                EffectsError::ClustersDiffer { by: by.clone(), within: groups.by.clone() }.into()
            );
        }
    }
    let columns: Vec<&[f64]> = design.x.iter().chain([&design.y]).map(|x| &**x).collect();
    let mut means: Vec<Vec<f64>> = columns.par_iter().map(|v| groups.means(v)).collect();
    let constant = |j: usize| {
        let about = |v: &[f64]| crate::ls::sum_of_squares_about(v, true);
        about(&means[j]) <= NOISE * NOISE * about(columns[j])
    };
    if let Some(j) = (0..design.terms.len()).find(|&j| design.constant && constant(j)) {
        let (term, by) = (design.terms[j].clone(), groups.by.clone());
        return Err(EffectsError::NotBetween { term, by }.into());
    }
    let mut collapsed = design.clone();
    collapsed.sample = design.sample.at(&groups.first_rows());
    let linear = Spec {
        vcov: spec.vcov.clone(),
        convention: spec.convention.clone(),
        constant: Constant::Omit,
    };
    let mut fit = if weighted {
        let n = design.n() as f64;
        let grand = grand_means(&columns);
        let roots: Vec<f64> =
            groups.sizes.iter().map(|size| (size * groups.n() as f64 / n).sqrt()).collect();
        for (means, grand) in means.iter_mut().zip(&grand) {
            means.iter_mut().zip(&roots).for_each(|(mean, root)| *mean = (*mean - grand) * root);
        }
        let total = means.last().map_or(0.0, |y| crate::ls::dot(y, y));
        let jacobian = roots.iter().map(|root| root.ln()).sum();
        let mut fit = with_own_constant(&collapsed, means, roots, &grand, &linear)?;
        (fit.sums.within, fit.sums.total) = (total, total);
        fit.log_jacobian = jacobian;
        fit
    } else {
        collapsed.y = Cow::Owned(means.pop().unwrap_or_default());
        collapsed.x = means.into_iter().map(Cow::Owned).collect();
        linear::fit(&collapsed, &linear, 0, &[])?
    };
    fit.estimator = Estimator::Between;
    fit.notes.insert(0, Note::Means { by: groups.by.clone(), rows: design.n() });
    Ok(fit)
}

/// Means that vary by less than this share of their column do not vary.
const NOISE: f64 = 1e-10;
