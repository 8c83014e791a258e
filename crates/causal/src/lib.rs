//! Methods that rest on linear panel models: selection, matching, mediation, thresholds, splits.
//!
//! Each is a folder or a file: what it is, what it assumes, a spec in which every choice that moves
//! a digit is written out, and an outcome that owns what a table needs.
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
