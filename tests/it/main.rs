//! The questions that need the whole program: do the papers come out, and did anything move?
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod published;
mod snapshots;

use std::path::{Path, PathBuf};

/// The project's own fixtures.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}
