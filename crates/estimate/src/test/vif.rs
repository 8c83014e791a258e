//! How much of a coefficient's variance comes from the other regressors.

use panel::Term;

use crate::auxiliary::shares;
use crate::texts;
use crate::{Design, Error};

/// Which columns a variance inflation factor is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regressors {
    /// As they are, with a constant: what papers print, whatever effects the model absorbs.
    Raw,
    /// Once the effects of the model are projected out: what inflates its standard errors.
    Within,
}

/// The variance inflation of one coefficient.
#[derive(Debug, Clone, PartialEq)]
pub struct Inflation {
    /// The regressor.
    pub term: Term,
    /// `1/(1 − R_j²)`, at least one.
    pub vif: f64,
    /// `1 − R_j²`: Stata's `1/VIF`.
    pub tolerance: f64,
}

texts!(Regressors, "columns for variance inflation", Raw = "raw", Within = "within");

/// The variance inflation factors of all regressors.
///
/// ```text
/// VIF_j = 1/(1 − R_j²)        R_j² of regressor j on the others and the constant (or the effects)
/// ```
///
/// # Errors
///
/// [`Error::Collinear`] or [`Error::Absorbed`] if one is infinite, by name; [`Error::NoRegressors`].
///
/// # Source
///
/// Marquardt (1970). `raw` agrees with Stata's `estat vif` after `regress` and R's `car::vif`;
/// `within` is the same after the projection.
pub fn variance_inflation(
    design: &Design<'_>,
    regressors: Regressors,
) -> Result<Vec<Inflation>, Error> {
    if design.terms.is_empty() {
        return Err(Error::NoRegressors);
    }
    let shares = match regressors {
        Regressors::Raw => shares(&design.absorbing(|_| false))?,
        Regressors::Within => shares(design)?,
    };
    let row = |(term, tolerance): (&Term, f64)| Inflation {
        term: term.clone(),
        vif: 1.0 / tolerance,
        tolerance,
    };
    Ok(design.terms.iter().zip(shares).map(row).collect())
}
