//! `cargo xtask reconstruct`: the columns that nobody has, solved for again.

use std::process::ExitCode;

use crate::shell;

/// Runs `panelproof reconstruct` on the papers named, or on every paper whose study names a file of
/// reconstructed columns; options are passed on.
pub(crate) fn run(args: &[String]) -> Result<ExitCode, String> {
    let (options, mut keys): (Vec<&String>, Vec<&String>) =
        args.iter().partition(|arg| arg.starts_with('-'));
    let all = solved()?;
    if keys.is_empty() {
        keys.extend(&all);
    }
    for key in keys {
        let status = shell::status(shell::panelproof().arg("reconstruct").arg(key).args(&options))?;
        if status != ExitCode::SUCCESS {
            return Ok(status);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The papers that have a file of reconstructed columns.
fn solved() -> Result<Vec<String>, String> {
    let papers = shell::root().join("fixtures/papers");
    let listed = std::fs::read_dir(&papers).map_err(|e| format!("{}: {e}", papers.display()))?;
    let mut keys: Vec<String> = listed
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("reconstructed.csv").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    keys.sort();
    Ok(keys)
}
