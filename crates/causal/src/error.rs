//! Why there is no estimate.

/// Why there is no estimate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A regression that the method rests on has no estimate.
    #[error(transparent)]
    Estimate(#[from] estimate::Error),
}
