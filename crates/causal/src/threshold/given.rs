//! The regression at thresholds that are given, and its derivatives with regimes held.

use estimate::{Adjoint, Cotangent, Design, Fit, Gradient, fixed_effects};
use panel::{Panel, Term};

use super::input;
use super::slopes::in_regime;
use super::spec::{Rows, Spec};
use crate::Error;

/// Least squares at thresholds that are given, not searched for: the ordinary estimator on columns
/// by regime, as [`Outcome::fit`](super::Outcome::fit) and [`Outcome::linear`](super::Outcome::linear)
/// hold it.
#[derive(Debug, Clone)]
pub struct Given<'p> {
    design: Design<'p>,
    fit: Fit,
    /// The regressors that switch.
    switching: Vec<Term>,
    /// The regime of every row; without thresholds, none.
    regimes: Vec<usize>,
    n_regimes: usize,
}

impl<'p> Given<'p> {
    /// The slopes at `thresholds`, in any order; the linear model, if there are none.
    ///
    /// # Errors
    ///
    /// Those of [`estimate`](super::estimate), but for the search; [`estimate::Error::NoDerivative`]
    /// under [`Rows::DropLast`], whose columns are not those of an ordinary estimator.
    pub fn new(panel: &'p Panel, spec: &Spec, thresholds: &[f64]) -> Result<Self, Error> {
        if spec.rows == Rows::DropLast {
            let of = "a threshold model without the last row of every entity".to_owned();
            return Err(estimate::Error::NoDerivative { of }.into());
        }
        input::check(spec)?;
        let data = input::data(panel, spec)?;
        input::effects(&data, spec)?;
        let mut thresholds = thresholds.to_vec();
        thresholds.sort_by(f64::total_cmp);
        let columns = data.regressors(&thresholds, spec.inequality);
        let design = data.design.with_regressors(columns)?;
        let rows = if thresholds.is_empty() { 0 } else { design.n() };
        let regime = |row| data.regime(row, &thresholds, spec.inequality);
        Ok(Self {
            fit: fixed_effects(&design, &spec.slopes)?,
            switching: data.switching.iter().map(|&j| data.design.terms()[j].clone()).collect(),
            regimes: (0..rows).map(regime).collect(),
            n_regimes: thresholds.len() + 1,
            design,
        })
    }

    /// The slopes: regressors that do not switch, then the switching ones in each regime.
    pub fn fit(&self) -> &Fit {
        &self.fit
    }

    /// Its derivatives by the data; regimes stay as they are.
    ///
    /// # Errors
    ///
    /// Those of [`Adjoint::linear`].
    pub fn adjoint(&self) -> Result<GivenAdjoint<'_>, Error> {
        Ok(GivenAdjoint { given: self, adjoint: Adjoint::linear(&self.design, &self.fit)? })
    }
}

/// A regression at given thresholds, made ready for its reverse pass.
#[derive(Debug)]
pub struct GivenAdjoint<'a> {
    given: &'a Given<'a>,
    adjoint: Adjoint<'a>,
}

impl GivenAdjoint<'_> {
    /// As [`Adjoint::pull`]; a regressor that switches has one entry, not one a regime.
    ///
    /// An `F` of one more threshold is `(S₀/S₁ − 1)` times its scale, with `S₀` and `S₁` the sums of
    /// squares of two such regressions: `ssr` of their cotangents.
    ///
    /// # Errors
    ///
    /// Those of [`Adjoint::pull`].
    pub fn pull(&self, cotangent: &Cotangent) -> Result<Gradient, Error> {
        let mut gradient = self.adjoint.pull(cotangent)?;
        let Given { design, switching, regimes, n_regimes, .. } = self.given;
        if regimes.is_empty() {
            return Ok(gradient);
        }
        for term in switching {
            let mut whole = vec![0.0; design.sample().n_panel()];
            for regime in 0..*n_regimes {
                let name = in_regime(term.clone(), regime);
                let Some(at) = gradient.terms.iter().position(|(term, _)| *term == name) else {
                    continue;
                };
                let (_, part) = gradient.terms.remove(at);
                for (i, _) in regimes.iter().enumerate().filter(|(_, of)| **of == regime) {
                    let row = design.sample().row(i);
                    whole[row] = part[row];
                }
            }
            gradient.terms.push((term.clone(), whole));
        }
        Ok(gradient)
    }
}
