//! The vocabulary every other crate speaks: who, when, what was measured, and what to relate.
//!
//! ```text
//! Panel
//! ├── entity   Factor         who    dense codes, one a row
//! ├── period   Vec<i32>       when   calendar units, so that gaps are visible
//! └── columns  Name → Column  what   numbers (NaN = missing, and only here) or categories
//!
//! Model      "Rir ~ Rec + L.Fsa + log(Gdp) | province + year"      parse ∘ print = identity
//! └── Term       a column, or a transformation that the field writes in one line
//! ```
//!
//! **Invariant:** the rows of a [`Panel`] are sorted by `(entity, period)`, and that pair is unique.
//! **Invariant:** this crate does no IO and no linear algebra.

mod error;
mod factor;
mod model;
mod panel;
mod parse;
mod pull;
mod term;

pub use error::{Error, nearest};
pub use factor::Factor;
pub use model::{Absorb, Instruments, Model};
pub use panel::{Column, Index, Panel};
pub use parse::SyntaxError;
pub use term::{Base, Name, Term};
