//! Methods that rest on linear panel models: selection, matching, mediation, thresholds, splits.
//!
//! ```text
//! heckman     an outcome that is seen only where something was chosen: two steps, full likelihood,
//!             and the inverse Mills ratio as a column for any estimator
//! matching    who is compared with whom, by a score of treatment; balance before and after
//! mediation   how much of an effect goes through a third variable
//! split       a model a group, and whether a coefficient differs between them
//! threshold   slopes that switch where an observed variable crosses an estimated value
//! ```
//!
//! Each is a folder: what it is, what it assumes, a spec in which every choice that moves a digit is
//! written out, and an outcome that owns what a table needs. Weights, slopes by level and
//! instruments are refused: no method here knows them.
//!
//! **Invariant:** no IO, no clock, no global random state: a bootstrap is its seed and its count.
//! **Invariant:** results do not depend on the number of threads, bit for bit.

mod error;
pub mod heckman;
pub mod matching;
pub mod mediation;
pub mod split;
pub mod threshold;

pub use error::Error;
