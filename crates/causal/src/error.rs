//! Why there is no estimate.

use panel::{Name, Term};

/// Why there is no estimate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A regression that the method rests on has no estimate.
    #[error(transparent)]
    Estimate(#[from] estimate::Error),
    /// A choice that does not exist.
    #[error("no {what} `{text}`; there are {known}")]
    Unknown {
        /// What was chosen.
        what: &'static str,
        /// As it was written.
        text: String,
        /// What there is.
        known: &'static str,
    },
    /// The treatment or another special term is not a regressor.
    #[error("`{term}` is not a regressor of the model; add it there, written the same way")]
    NotRegressor {
        /// The term.
        term: Term,
    },
    /// A mediator is in the equation of the total effect.
    #[error("the mediator `{term}` is in the model already; the model is the total effect's")]
    Mediator {
        /// The mediator.
        term: Term,
    },
    /// No mediator was named.
    #[error("no mediator is named; name at least one")]
    NoMediator,
    /// The group of a row is not known.
    #[error(
        "`{by}` is missing for `{entity}` in {period}, a row that the model uses; fill it in, \
         or leave the row out with a filter"
    )]
    NoGroup {
        /// The grouping column.
        by: Name,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
    },
    /// There is nothing to compare.
    #[error("`{by}` puts all rows into {n} group; a comparison needs two")]
    OneGroup {
        /// The grouping.
        by: Name,
        /// Groups observed.
        n: usize,
    },
    /// Entities with the same average fall on both sides of a cut.
    #[error(
        "several entities average {value} in `{of}`, on both sides of a cut by rank; cut by xtile"
    )]
    TiedEntities {
        /// The column.
        of: Term,
        /// The average.
        value: f64,
    },
    /// The model of one group has no estimate.
    #[error("in group `{label}`: {why}")]
    Group {
        /// The group.
        label: String,
        /// Why not.
        why: Box<estimate::Error>,
    },
    /// An absorbed effect has rows in several resampled units, and too many levels to write out.
    #[error(
        "resampling by {by} tears the levels of `{effect}` apart, and it has too many to estimate \
         anew in every draw; resample by `{effect}` or by groups of its levels"
    )]
    NotNested {
        /// The absorbed factor.
        effect: Name,
        /// What is resampled.
        by: Name,
    },
    /// Most draws of a bootstrap have no estimate.
    #[error(
        "only {kept} of {made} draws have an estimate; resample larger groups, or drop regressors \
         that few rows move"
    )]
    FewDraws {
        /// Draws with an estimate.
        kept: usize,
        /// Draws made.
        made: usize,
    },
}

impl Error {
    pub(crate) fn unknown(what: &'static str, text: &str, known: &'static str) -> Self {
        Self::Unknown { what, text: text.to_owned(), known }
    }
}
