//! Are the errors of an entity related over time?

use ndarray::Array1;
use panel::{Name, Term};

use super::effects::iid;
use super::{Distribution, Test, TestNote};
use crate::auxiliary::project;
use crate::texts;
use crate::{Constant, Convention, Design, Error, Fit, Reference, Spec, TestError, Vcov, pooled};

/// Wooldridge's test of serial correlation in the errors of a within model.
///
/// The residuals of the within model with entity effects, on their own lag and a constant; without
/// serial correlation in the errors their correlation is not zero:
///
/// ```text
/// ê_it = c + δ ê_i,t−1 + v_it        H0: δ = −1/(T − 1)
/// F = (δ̂ + 1/(T−1))² / V̂(δ̂) ~ F(1, n' − 2)
/// ```
///
/// `V̂` is clustered by the entity without a factor, `n'` are the rows with a lag, and `T` the
/// periods observed. Lags are calendar lags: none across a gap.
///
/// # Errors
///
/// [`TestError::NoLags`] if no entity has two consecutive periods; else as
/// [`fixed_effects`](crate::fixed_effects).
///
/// # Source
///
/// Wooldridge (2010), §10.5.4. Agrees with plm's `pwartest`, which lags by row: across gaps as well.
pub fn serial_within(design: &Design<'_>) -> Result<Test, Error> {
    design.plain("Wooldridge's test")?;
    let (entity, period) = design.index_names();
    if !design.effects().contains(entity) {
        return Err(TestError::NeedsEntityEffects { entity: entity.clone() }.into());
    }
    let periods = design.group(period)?.n_levels();
    let null = -1.0 / (periods as f64 - 1.0);
    let residuals = iid(design)?.residuals;
    let fit = on_own_lag(design, &residuals, true, &Convention::PLM)?;
    let df_residual = fit.correction().n - 2;
    let test = Test::new(
        "Wooldridge test of serial correlation in a within model",
        ((fit.beta[0] - null) / fit.vcov[[0, 0]].sqrt()).powi(2),
        Distribution::F(1, df_residual),
        "serial correlation",
    );
    let unbalanced = design.n() < periods * design.group(entity)?.n_levels();
    Ok(test.with(unbalanced.then_some(TestNote::Unbalanced { value: null })))
}

/// What is not correlated under the null hypothesis of [`serial_difference`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// The errors themselves: those in differences have correlation −½. `xtserial`.
    Levels,
    /// The errors in differences: correlation zero.
    Differences,
}

texts!(Null, "null hypothesis", Levels = "levels", Differences = "differences");

/// Whose choices [`serial_difference`] follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Stata's `xtserial`: no constants, `F(1, G−1)`, errors with Stata's factor for clusters.
    Stata,
    /// plm's `pwfdtest`: a constant in both regressions, `F(1, n'−2)`, no factor.
    Plm,
}

texts!(Difference, "program", Stata = "stata", Plm = "plm");

/// Wooldridge's test of serial correlation from the model in first differences.
///
/// ```text
/// Δy_it = Δx_it'β + e_it        ê_it = ρ ê_i,t−1 + v_it        H0: ρ = −½ (levels), 0 (differences)
/// F = (ρ̂ − ρ₀)² / V̂(ρ̂)
/// ```
///
/// Differences and lags are over calendar periods, and standard errors clustered by the entity.
/// Entity effects vanish in differences; effects of periods are projected out of them.
/// Regressors that do not vary within entities are left out, with a note.
///
/// # Errors
///
/// [`TestError::NoLags`] if no entity has three consecutive periods;
/// [`TestError::OnlyEntityAndPeriod`] if the model absorbs anything but the entity and the period.
///
/// # Source
///
/// Wooldridge (2010), §10.6.3; Drukker (2003). Agrees with Stata's `xtserial` and plm's `pwfdtest`.
pub fn serial_difference(
    design: &Design<'_>,
    null: Null,
    difference: Difference,
) -> Result<Test, Error> {
    design.plain("Wooldridge's test")?;
    let (entity, period) = design.index_names();
    let effects = design.effects();
    if let Some(name) = effects.iter().find(|name| *name != entity && *name != period) {
        return Err(TestError::OnlyEntityAndPeriod { name: name.clone() }.into());
    }
    let keys = design.keys();
    let pairs: Vec<(usize, usize)> =
        (0..keys.len()).filter_map(|i| Some((i, Design::before(&keys, i)?))).collect();
    if pairs.is_empty() {
        return Err(TestError::NoLags { needed: 2 }.into());
    }
    let delta = |v: &[f64]| pairs.iter().map(|&(i, j)| v[i] - v[j]).collect::<Vec<f64>>();
    let positions: Vec<usize> = pairs.iter().map(|(i, _)| *i).collect();
    let mut left_out = Vec::new();
    let mut columns = Vec::new();
    for (term, x) in design.terms.iter().zip(&design.x) {
        let column = delta(x);
        if column.iter().all(|d| *d == 0.0) {
            left_out.push(term.clone());
        } else {
            columns.push((term.clone(), column));
        }
    }
    let (constant, convention) = match difference {
        Difference::Stata => (false, Convention::STATA_XTREG),
        Difference::Plm => (true, Convention::PLM),
    };
    let absorb: Vec<Name> = effects.into_iter().filter(|name| name == period).collect();
    let response = (design.response.clone(), delta(&design.y));
    let residuals = if columns.is_empty() && absorb.is_empty() && !constant {
        response.1
    } else {
        iid(&design.auxiliary(&positions, response, columns, constant, &absorb))?.residuals
    };
    let differenced = design.auxiliary(&positions, dummy(residuals.clone()), vec![], constant, &[]);
    let fit = on_own_lag(&differenced, &residuals, constant, &convention)?;
    let df_residual = match (difference, fit.correction().reference) {
        (Difference::Stata, Reference::T(df)) => df,
        _ => fit.correction().n - 2,
    };
    let rho = match null {
        Null::Levels => -0.5,
        Null::Differences => 0.0,
    };
    let alternative = match null {
        Null::Levels => "serial correlation in the errors",
        Null::Differences => "serial correlation in the differenced errors",
    };
    let test = Test::new(
        "Wooldridge test of serial correlation in first differences",
        ((fit.beta[0] - rho) / fit.vcov[[0, 0]].sqrt()).powi(2),
        Distribution::F(1, df_residual),
        alternative,
    );
    let why = "does not vary within entities";
    Ok(test.with((!left_out.is_empty()).then_some(TestNote::LeftOut { terms: left_out, why })))
}

fn dummy(values: Vec<f64>) -> (Term, Vec<f64>) {
    (Term::var("residual"), values)
}

/// Residuals on their lag, clustered by the entity.
fn on_own_lag(
    design: &Design<'_>,
    residuals: &[f64],
    constant: bool,
    convention: &Convention,
) -> Result<Fit, Error> {
    let keys = design.keys();
    let pairs: Vec<(usize, usize)> =
        (0..keys.len()).filter_map(|i| Some((i, Design::before(&keys, i)?))).collect();
    if pairs.is_empty() {
        return Err(Error::Test(TestError::NoLags { needed: if constant { 2 } else { 3 } }));
    }
    let positions: Vec<usize> = pairs.iter().map(|(i, _)| *i).collect();
    let now = pairs.iter().map(|(i, _)| residuals[*i]).collect();
    let earlier = pairs.iter().map(|(_, j)| residuals[*j]).collect();
    let lag = Term::Lag(Box::new(Term::var("residual")), 1);
    let auxiliary = design.auxiliary(&positions, dummy(now), vec![(lag, earlier)], constant, &[]);
    let spec = Spec {
        vcov: Vcov::Cluster(design.index_names().0.clone()),
        convention: convention.clone(),
        constant: Constant::Mean,
    };
    pooled(&auxiliary, &spec)
}

/// The Breusch–Godfrey test of serial correlation, on the projected rows.
///
/// The residuals of the model on its projected regressors and `lags` of their own:
///
/// ```text
/// û = M_D X γ + Σ_l ρ_l û_{−l} + v        n R² ~ χ²(lags)
/// ```
///
/// The rows stand one below the other, entity after entity: a lag is that many rows up, over
/// gaps and from one entity into the one before, and zero where there is no such row. So does plm,
/// whose numbers these are; for a test that knows entities see [`serial_within`] and
/// [`serial_difference`].
///
/// # Errors
///
/// [`TestError::NoLags`] for no lags, or as many as rows.
///
/// # Source
///
/// Breusch (1978), Godfrey (1978). Agrees with plm's `pbgtest(order = lags)`, which by default
/// takes the fewest periods of an entity.
pub fn breusch_godfrey(design: &Design<'_>, lags: Option<usize>) -> Result<Test, Error> {
    design.plain("Breusch and Godfrey's test")?;
    let n = design.n();
    let lags = if let Some(lags) = lags {
        lags
    } else {
        let entity = design.group(design.index_names().0)?;
        let mut sizes = vec![0_usize; entity.n_levels()];
        entity.codes().iter().for_each(|&code| sizes[code as usize] += 1);
        sizes.into_iter().min().unwrap_or(0)
    };
    if lags == 0 || lags >= n {
        return Err(TestError::NoLags { needed: lags.max(1) }.into());
    }
    let fit = iid(design)?;
    let mut columns: Vec<(Term, Vec<f64>)> =
        design.terms.iter().cloned().zip(project(design)?).collect();
    for lag in 1..=lags {
        let mut lagged = vec![0.0; lag];
        lagged.extend_from_slice(&fit.residuals[..n - lag]);
        let lag = i32::try_from(lag).unwrap_or(i32::MAX);
        columns.push((Term::Lag(Box::new(Term::var("residual")), lag), lagged));
    }
    let all: Vec<usize> = (0..n).collect();
    let constant = design.absorb.is_empty() && design.constant;
    let response = dummy(fit.residuals.clone());
    let auxiliary = iid(&design.auxiliary(&all, response, columns, constant, &[]))?;
    let left = Array1::from(auxiliary.residuals);
    let share = 1.0 - left.dot(&left) / fit.sums.residual;
    Ok(Test::new(
        "Breusch-Godfrey test of serial correlation",
        n as f64 * share,
        Distribution::ChiSquared(lags),
        "serial correlation in the errors",
    ))
}
