//! Tables and replications, and what renders them.
//!
//! Results come in as plain data and leave as strings. This crate does not know how a number was
//! made, reads no file and writes none.
//!
//! | to | use |
//! |---|---|
//! | print a number at a given precision | [`format`](mod@format) |
//! | describe a table: heads, stub, rows, rules, notes | [`Table`] and its builders |
//! | render a table | [`render::text`], [`render::markdown`], [`render::html`] |
//! | draw yearly series with their gaps | [`Figure`] |
//! | hold printed cells beside our own, with verdicts | [`replication::Replication`] |
//! | hold what printed tables prove about themselves, and render it | [`audit::Report`], [`audit::text`], [`audit::markdown`], [`audit::html`] |
//! | render a replication | [`replication::text`], [`replication::markdown`], [`replication::html`], [`replication::json`] |
//!
//! ```
//! use report::{head, number, render, row, table};
//!
//! let table = table("Baseline")
//!     .heads([head(""), head("(1)"), head("(2)")])
//!     .rows([
//!         row("Rec", [number("0.0340***\n(0.0041)"), number("-0.0095***\n(0.0035)")]),
//!         row("N", [number("270"), number("270")]),
//!     ]);
//! assert_eq!(
//!     render::text(&table),
//!     "Baseline\n\
//!      ─────────────────────────────\n\
//!      \u{20}        (1)          (2)    \n\
//!      ─────────────────────────────\n\
//!      Rec    0.0340***   -0.0095***\n\
//!      \u{20}     (0.0041)     (0.0035)  \n\
//!      N    270          270        \n\
//!      ─────────────────────────────\n"
//! );
//! ```
#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a report is small, and reads better than it would with `let _ = write!`"
)]

pub mod audit;
mod figure;
pub mod format;
pub mod render;
pub mod replication;
mod table;
mod width;

pub use figure::{Figure, GAP, Line};
pub use table::{
    Align, Cell, Head, Mark, Row, Table, Tone, group, head, number, row, spanning, table, words,
};
