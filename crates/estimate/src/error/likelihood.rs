//! Why a likelihood has no maximum.

use panel::{Name, Term};

use super::list;

/// Why a likelihood has no maximum.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LikelihoodError {
    /// The outcome of a binary model is neither 0 nor 1.
    #[error(
        "the outcome `{term}` is {value} for `{entity}` in {period}; a binary model needs 0 or 1"
    )]
    NotBinary {
        /// The outcome.
        term: Term,
        /// Its value.
        value: f64,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
    },
    /// Some outcomes are predicted perfectly, so that the likelihood has no maximum.
    #[error(
        "{} `{response}` perfectly in {rows} of {n} rows, so that no finite coefficient is most \
         likely; leave out the term or those rows", predict(.terms)
    )]
    Separation {
        /// The outcome.
        response: Term,
        /// The terms that separate, in the order of the model.
        terms: Vec<Term>,
        /// Rows predicted perfectly.
        rows: usize,
        /// Rows in use.
        n: usize,
    },
    /// A binary model with absorbed effects.
    #[error(
        "a {link} cannot absorb `{}`: with few rows a level its slopes would be inconsistent; \
         write `i.{}` among the regressors if the levels are few",
        .effects.join("`, `"), .effects.first().map_or("", String::as_str)
    )]
    IncidentalParameters {
        /// Probit or logit.
        link: String,
        /// What the model absorbs.
        effects: Vec<Name>,
    },
    /// A covariance of least squares for a likelihood.
    #[error("maximum likelihood has no {vcov}; ask for iid, HC0, robust or `cluster COLUMN`")]
    NotForLikelihood {
        /// The covariance.
        vcov: String,
    },
    /// The search for the maximum of a likelihood did not end.
    #[error(
        "the likelihood of the {model} was not maximised in {iterations} steps: {distance:.1e} \
         standard errors remain; rescale the regressors, or leave some out"
    )]
    NoMaximum {
        /// The model.
        model: String,
        /// Steps taken.
        iterations: usize,
        /// The distance that is left, in standard errors.
        distance: f64,
    },
}

fn predict(terms: &[Term]) -> String {
    let verb = if terms.len() == 1 { "predicts" } else { "predict" };
    format!("{} {verb}", list(terms))
}
