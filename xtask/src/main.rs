//! Repository tasks: `cargo xtask <task>`.
//!
//! A thin shell around cargo, git and Python: it depends on no crate of the workspace and on none
//! outside it, so that it is built in a second. One file a task.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tasks read the tree, start processes and talk to the terminal"
)]

mod bench;
mod ci;
mod ledger;
mod reconstruct;
mod replicate;
mod shell;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
Repository tasks.

Usage: cargo xtask <task> [options]

  reconstruct [args]      solve again for what nobody has: `panelproof reconstruct [args]`
  replicate [args]        reproduce the papers: `panelproof replicate [args]`
  ci                      everything that a change must pass: `.ci/run`
  tidy                    check what clippy cannot
  ledger [--check]        write docs/replications.md and docs/audits, or fail if they are out of date
  bench twfe|methods|ingest|index|all
                          time ours beside other software, in one run
                          twfe: two-way fixed effects, beside fereg and pyfixest
                          methods: thresholds, matching, selection, the wild bootstrap and random
                          effects, beside pyxthreg, StatsPAI, pyfixest and linearmodels
                          index: an entropy index, beside polars, pandas and numpy
                          ingest: a file read, winsorized and interpolated, beside polars and pandas
      --quick             small data sets only
      --reps N            timed runs a process, instead of the number set for each
      --mode NAME         twfe: also time our own estimator in this mode; may be repeated

Exit status: 0 done, 1 a mismatch or a finding, 2 the task could not be done.
`replicate` passes on the exit status of `panelproof`.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    dispatch(&args).unwrap_or_else(|message| {
        eprintln!("xtask: {message}");
        ExitCode::from(2)
    })
}

/// Runs the task that the first argument names.
fn dispatch(args: &[String]) -> Result<ExitCode, String> {
    let asks_help = |args: &[String]| args.iter().any(|arg| arg == "--help" || arg == "-h");
    match args.split_first().map(|(task, rest)| (task.as_str(), rest)) {
        Some(("reconstruct", rest)) => reconstruct::run(rest),
        Some(("replicate", rest)) => replicate::run(rest),
        None | Some(("help" | "--help" | "-h", _)) => help(),
        Some((_, rest)) if asks_help(rest) => help(),
        Some(("ci", rest)) => ci::run(rest),
        Some(("tidy", rest)) => tidy::run(rest),
        Some(("ledger", rest)) => ledger::run(rest),
        Some(("bench", rest)) => bench::run(rest),
        Some((task, _)) => Err(format!("no task `{task}`; `cargo xtask --help` lists them")),
    }
}

/// Prints the help.
#[expect(clippy::unnecessary_wraps, reason = "an arm of `dispatch`")]
fn help() -> Result<ExitCode, String> {
    print!("{HELP}");
    Ok(ExitCode::SUCCESS)
}
