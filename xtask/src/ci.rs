//! `cargo xtask ci`: the steps stand in `.ci/run`, which needs no xtask to read or to run.

use std::process::ExitCode;

use crate::shell;

/// Runs `.ci/run`.
pub(crate) fn run(args: &[String]) -> Result<ExitCode, String> {
    shell::no_more(args)?;
    shell::status(shell::command("bash").arg(".ci/run"))
}
