//! `cargo xtask replicate`: the papers, from wherever one stands.

use std::process::ExitCode;

use crate::shell;

/// Runs `panelproof replicate`, passing arguments in and the exit status out.
pub(crate) fn run(args: &[String]) -> Result<ExitCode, String> {
    shell::status(shell::panelproof().arg("replicate").args(args))
}
