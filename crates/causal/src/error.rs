//! Why there is no estimate.

use panel::Term;

/// Why there is no estimate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A regression that the method rests on has no estimate.
    #[error(transparent)]
    Estimate(#[from] estimate::Error),
    /// Every outcome is observed.
    #[error(
        "`{response}` is 1 in all {rows} rows: nothing is selected away, and least squares of the \
         outcome is the answer"
    )]
    NothingCensored {
        /// The response of the selection model.
        response: Term,
        /// Rows in use.
        rows: usize,
    },
    /// No outcome is observed.
    #[error(
        "`{response}` is 0 in all {rows} rows: no outcome is observed; is it coded the other way?"
    )]
    NothingSelected {
        /// The response of the selection model.
        response: Term,
        /// Rows in use.
        rows: usize,
    },
    /// A Mills ratio of something else than the normal distribution.
    #[error("the inverse Mills ratio is that of a probit, not of a {link}; ask for the probit")]
    NotProbit {
        /// The link asked for.
        link: String,
    },
    /// The likelihood of a selection model rises up to a correlation of one.
    #[error(
        "the likelihood rises as the correlation of the two errors goes to {towards}, and has no \
         maximum; use the two-step estimator, or another exclusion restriction"
    )]
    CorrelationAtBoundary {
        /// 1 or −1.
        towards: i8,
    },
}
