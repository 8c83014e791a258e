//! What the tests of commands share.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "each test uses a part"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs in the root of the repository, as the examples of the help do.
pub fn panelproof(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_panelproof"));
    command.current_dir(root).args(arguments).output().unwrap()
}

/// What a command that succeeds says as JSON.
#[track_caller]
pub fn json(arguments: &[&str]) -> Value {
    let output = panelproof(&[arguments, &["--format", "json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}
