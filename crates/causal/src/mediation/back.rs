//! The derivatives of effects: those of the coefficients that they are products of.

use estimate::{Adjoint, Cotangent, Fit, Gradient};
use panel::{Panel, Term};

use super::{Mediation, MediationSpec, Product, longest, without_mediators};
use crate::Error;

/// The derivatives by the data of a scalar that depends on one of [`Mediation::effects`]: one gradient
/// an equation, to be added up.
///
/// ```text
/// d(ab) = b da + a db     s² = a²s_b² + b²s_a² ± s_a²s_b²
/// ds = (a s_b² da + b s_a² db + s_a (b² ± s_b²) ds_a + s_b (a² ± s_a²) ds_b) / s
/// ```
///
/// # Errors
///
/// [`estimate::Error::NoDerivative`] if there is no such effect, or if it has no standard error to
/// depend on; those of [`Adjoint::linear`].
pub fn effect_gradients(
    panel: &Panel,
    spec: &MediationSpec,
    mediation: &Mediation,
    effect: &str,
    by_estimate: f64,
    by_std_error: f64,
) -> Result<Vec<Gradient>, Error> {
    let none = |of: String| Error::from(estimate::Error::NoDerivative { of });
    let Some(found) = mediation.effects.iter().find(|one| one.name == effect) else {
        return Err(none(format!("an effect `{effect}`, which the mediation does not have")));
    };
    if by_std_error != 0.0 && found.std_error.is_none() {
        return Err(none(format!("the standard error of `{effect}`, which it does not have")));
    }
    let design = longest(panel, spec)?;
    let without = without_mediators(&design, spec);
    let pull = |fit: &Fit, terms: &[Term], cotangent: &Cotangent| -> Result<Gradient, Error> {
        let design = design.regress(fit.response(), terms)?;
        Ok(Adjoint::linear(&design, fit)?.pull(cotangent)?)
    };
    let treatment = &spec.treatment;
    let Some(outcome) = mediation.outcome.as_ref().filter(|_| effect != "total") else {
        let asked = Asked { by_estimate, by_std_error }.of(&mediation.total, treatment);
        return Ok(vec![pull(&mediation.total, &without, &asked)?]);
    };
    if effect == "direct" {
        let asked = Asked { by_estimate, by_std_error }.of(outcome, treatment);
        return Ok(vec![pull(outcome, design.terms(), &asked)?]);
    }
    let mut gradients = Vec::new();
    for (fit, mediator) in mediation.mediators.iter().zip(&spec.mediators) {
        if effect != "indirect" && effect != format!("indirect through {mediator}") {
            continue;
        }
        let (a, s_a) = row(fit, treatment);
        let (b, s_b) = row(outcome, mediator);
        let variance = spec.variance.of((a, s_a), (b, s_b));
        let by_s = if by_std_error == 0.0 { 0.0 } else { by_std_error / variance.sqrt() };
        let second = match spec.variance {
            Product::Sobel => 0.0,
            Product::Aroian => 1.0,
            Product::Goodman => -1.0,
        };
        let of_a = Asked {
            by_estimate: by_estimate * b + by_s * a * s_b * s_b,
            by_std_error: by_s * s_a * (b * b + second * s_b * s_b),
        };
        let of_b = Asked {
            by_estimate: by_estimate * a + by_s * b * s_a * s_a,
            by_std_error: by_s * s_b * (a * a + second * s_a * s_a),
        };
        gradients.push(pull(fit, &without, &of_a.of(fit, treatment))?);
        gradients.push(pull(outcome, design.terms(), &of_b.of(outcome, mediator))?);
    }
    Ok(gradients)
}

/// How much depends on a coefficient.
struct Asked {
    by_estimate: f64,
    by_std_error: f64,
}

impl Asked {
    fn of(&self, fit: &Fit, term: &Term) -> Cotangent {
        let place = |by: f64| {
            let own = |other: &Term| if other == term { by } else { 0.0 };
            fit.terms().iter().map(own).collect()
        };
        Cotangent {
            coefficients: place(self.by_estimate),
            std_errors: place(self.by_std_error),
            ..Cotangent::default()
        }
    }
}

/// A coefficient and its standard error.
fn row(fit: &Fit, term: &Term) -> (f64, f64) {
    let at = fit.terms().iter().position(|other| other == term);
    at.map_or((f64::NAN, f64::NAN), |j| (fit.coef()[j], fit.stderror()[j]))
}
