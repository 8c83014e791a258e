//! Numbers that are no estimate: what several crates compute with.
//!
//! | what | where |
//! |---|---|
//! | tails and quantiles of normal, t, F and χ² | [`Reference`], [`f_upper_tail`], [`chi_squared_upper_tail`] |
//! | the normal distribution in its tails | [`normal_cdf`], [`normal_density`], [`mills`] |
//! | a random stream a replication | [`Draws`] |
//! | moments and quantiles of a column | [`describe`], [`quantile`]; [`describe_back`] for derivatives |
//! | eigenvalues of symmetric matrices | [`symmetric`] |
//! | the text form of a choice | [`texts!`], [`UnknownChoice`] |
//!
//! **Invariant:** no IO, no clock, no global random state, and nothing about panels.

mod choice;
mod describe;
mod distribution;
mod draws;
mod normal;
pub mod symmetric;

pub use choice::UnknownChoice;
pub use describe::{Description, describe, describe_back, quantile};
pub use distribution::{Reference, chi_squared_upper_tail, f_upper_tail};
pub use draws::Draws;
pub use normal::{Mills, mills, normal_cdf, normal_density};
