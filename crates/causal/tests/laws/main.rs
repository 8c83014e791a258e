//! Equalities that hold whatever the data.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod adjoint;
mod estimated;
mod heckman;
mod matching;
mod threshold;
