//! Studies: published tables beside our own, cell by cell. The only crate that knows papers.
//!
//! ```text
//! fixtures/papers/<key>/study.toml      ─study─▶ as written ─resolve─▶ Study   what to compute
//! fixtures/papers/<key>/published.toml  ─published─▶ Transcription             what was printed
//! Study + files ─ingest─▶ panel ─estimate─▶ Ours ─verdict─▶ report::Replication
//! ```
//!
//! **Invariant:** nothing here is about one paper; a paper is a folder of TOML and data.
//! **Invariant:** no tolerance is chosen by hand: the printed digits are the tolerance.

#![allow(
    clippy::disallowed_methods,
    reason = "this crate holds the program: it reads studies and writes reports"
)]

pub mod cli;

mod auditing;
mod claim;
mod command;
mod composites;
mod derive;
mod deviation;
mod effects;
mod error;
mod estimation;
mod figure;
mod indices;
mod made;
mod method;
mod ours;
mod own;
mod plan;
mod printed;
mod quantity;
mod regimes;
mod resolve;
mod run;
mod scheme;
mod solving;
mod space;
mod specification;
mod statistics;
mod study;
mod unknown;
mod verdict;
mod whole;

pub use error::{Error, Place};
pub use run::{keys, replicate};
