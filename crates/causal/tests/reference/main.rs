//! Every number that other software printed, and ours.
//!
//! `cargo test -p causal --test reference -- --nocapture` prints what was compared.
#![allow(clippy::print_stdout, reason = "the summary is for a reader")]
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod cattaneo;
mod gretl;
mod lalonde;
mod mroz;
mod psmatch2;
mod split;
mod threshold;
mod weighted;

/// Relative. Reference values have 15 to 17 digits; what is lost is lost in two computations.
const TOLERANCE: f64 = 1e-9;
