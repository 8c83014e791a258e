//! What the tests of every crate share. Never shipped.
//!
//! ```text
//! compare     two numbers, and how far apart they are
//! derivative  slopes by differences, to hold formulas against
//! rows        generators: panels with gaps, singletons, several factors, in any order
//! reference   outputs of other software, of which no number goes unread
//! bench       the clock and the command line of the examples that are benchmarks
//! ```
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::missing_panics_doc,
    reason = "a test reads fixtures, and panics where it fails"
)]

mod bench;
mod compare;
mod derivative;
mod reference;
mod rows;

pub use bench::Bench;
pub use compare::{assert_close, close, relative_gap};
pub use derivative::{assert_gradients, slopes};
pub use reference::{Case, Record, Summary, cross_section, file, panel};
pub use rows::{Rows, Stream, balanced, rows, unbalanced};
