//! Mediation: how much of an effect goes through a third variable.
//!
//! ```text
//! total      y = c D  + w'γ₀ + u₀
//! mediator   m = a D  + w'γ₁ + u₁
//! outcome    y = c'D  + b m + w'γ₂ + u₂        c = c' + a b, exactly, on one sample
//! ```
//!
//! Three steps estimate all three equations (Baron and Kenny 1986); two steps leave the last out
//! and argue from theory that `m` moves `y` (as Jiang Ting 2022 recommends). Nothing here makes
//! `a b` a causal effect: that takes the absence of confounders of `D`, `m` and `y`.

mod back;
mod bootstrap;
mod outcome;

use estimate::{Design, Fit, linear, texts};
use panel::{Model, Name, Panel, Term};

pub use back::effect_gradients;
pub use outcome::{Effect, Interval, Mediation};

use crate::Error;

/// The choices of a mediation analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct MediationSpec {
    /// The equation of the total effect: `y ~ D + controls | effects`.
    pub model: Model,
    /// `D`, a regressor of the model.
    pub treatment: Term,
    /// The mediators, side by side.
    pub mediators: Vec<Term>,
    /// Which equations.
    pub steps: Steps,
    /// The variance of a product of two coefficients.
    pub variance: Product,
    /// How each equation is estimated.
    pub estimation: estimate::Spec,
    /// Whether the effects are bootstrapped as well.
    pub bootstrap: Option<Resampling>,
}

/// Which equations are estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// Total effect and mediators.
    Two,
    /// And the outcome with the mediators: direct and indirect effects.
    Three,
}

/// The variance of `a b`, with `a` and `b` uncorrelated.
///
/// | | |
/// |---|---|
/// | `sobel` | `a²s_b² + b²s_a²` |
/// | `aroian` | `a²s_b² + b²s_a² + s_a²s_b²` |
/// | `goodman` | `a²s_b² + b²s_a² − s_a²s_b²`; can be negative |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// First order: Sobel (1982).
    Sobel,
    /// Second order: Aroian (1947).
    Aroian,
    /// Unbiased: Goodman (1960).
    Goodman,
}

/// A bootstrap of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resampling {
    /// Draws.
    pub replications: usize,
    /// Of the random streams.
    pub seed: u64,
    /// What is drawn: rows, or the groups of a column with all their rows.
    pub by: Option<Name>,
}

texts!(Product, "variance of a product", Sobel = "sobel", Aroian = "aroian", Goodman = "goodman");
texts!(Steps, "number of steps", Two = "2", Three = "3");

/// Estimates the equations of a mediation on one sample, and the effects that follow.
///
/// ```text
/// indirect_j = a_j b_j        direct = c'        total = c = c' + Σ_j a_j b_j
/// ```
///
/// # Units
///
/// Effects are in units of the response per unit of the treatment.
///
/// # Errors
///
/// [`Error::NotARegressor`] if the treatment is not in the model, [`Error::Mediator`] if a mediator
/// is already in it, [`Error::MediatorTwice`], [`Error::SpannedMediator`] if the regressors span
/// it; [`Error::Estimate`] if an equation has no estimate; [`Error::NotNested`],
/// [`Error::OneDrawn`] and [`Error::FewDraws`] of the bootstrap.
///
/// # Source
///
/// Baron and Kenny (1986); Sobel (1982). The effects of one mediator agree with R's `mediation` on
/// linear models (`ACME = a b`), and with Stata's `sgmediation2`.
pub fn mediation(
    panel: &Panel,
    spec: &MediationSpec,
    tick: &(dyn Fn(usize) + Sync),
) -> Result<Mediation, Error> {
    if !spec.model.terms.contains(&spec.treatment) {
        let regressors = spec.model.terms.clone();
        return Err(Error::NotARegressor { term: spec.treatment.clone(), regressors });
    }
    let in_model = |m: &&Term| **m == spec.model.response || spec.model.terms.contains(*m);
    if let Some(mediator) = spec.mediators.iter().find(in_model) {
        return Err(Error::Mediator { term: mediator.clone() });
    }
    if spec.mediators.is_empty() {
        return Err(Error::NoMediator);
    }
    let named = |(at, m): &(usize, &Term)| spec.mediators[..*at].contains(m);
    if let Some((_, mediator)) = spec.mediators.iter().enumerate().find(named) {
        return Err(Error::MediatorTwice { term: mediator.clone() });
    }
    let design = longest(panel, spec)?;
    let without = without_mediators(&design, spec);

    let regress = |response: &Term, terms: &[Term]| -> Result<Fit, Error> {
        Ok(linear(&design.regress(response, terms)?, &spec.estimation)?)
    };
    let total = regress(&spec.model.response, &without)?;
    let mediator = |m: &Term| match regress(m, &without) {
        Err(Error::Estimate(estimate::Error::PerfectFit { .. })) => Err(Error::SpannedMediator {
            term: m.clone(),
            with: spanning(&design, spec, &without, m),
        }),
        other => other,
    };
    let mediators: Vec<Fit> = spec.mediators.iter().map(mediator).collect::<Result<_, _>>()?;
    let outcome = match spec.steps {
        Steps::Two => None,
        Steps::Three => Some(regress(&spec.model.response, design.terms())?),
    };
    let draws = match &spec.bootstrap {
        None => None,
        Some(resampling) => Some(bootstrap::draw(&design, spec, resampling, tick)?),
    };
    Ok(outcome::assemble(spec, total, mediators, outcome, draws))
}

/// The regressors that a mediator is a linear combination of.
fn spanning(
    design: &Design<'_>,
    spec: &MediationSpec,
    without: &[Term],
    mediator: &Term,
) -> Vec<Term> {
    let terms: Vec<Term> = without.iter().chain([mediator]).cloned().collect();
    let fit = design
        .regress(&spec.model.response, &terms)
        .and_then(|design| linear(&design, &spec.estimation));
    match fit {
        Err(estimate::Error::Collinear { with, .. }) => with,
        _ => without.to_vec(),
    }
}

/// Every equation is estimated on the rows where all of them can be.
fn longest<'p>(panel: &'p Panel, spec: &MediationSpec) -> Result<Design<'p>, Error> {
    let mut longest = spec.model.clone();
    let after = longest.terms.iter().position(|term| *term == spec.treatment).unwrap_or(0) + 1;
    longest.terms.splice(after..after, spec.mediators.iter().cloned());
    let design = Design::new(panel, &longest, spec.estimation.convention.singletons)?;
    design.plain("mediation")?;
    Ok(design)
}

/// The regressors of the equations of the total effect and of the mediators.
fn without_mediators(design: &Design<'_>, spec: &MediationSpec) -> Vec<Term> {
    design.terms().iter().filter(|term| !spec.mediators.contains(term)).cloned().collect()
}
