//! `cargo xtask bench`: our estimators beside other software, in one run.
//!
//! ```text
//! twfe      two-way fixed effects, beside fereg and pyfixest
//! ingest    reading, winsorizing and interpolating, beside polars and pandas
//! index     an entropy index, beside polars, pandas and numpy
//! methods   threshold, matching, selection, wild bootstrap, random effects, each beside its peer
//! runner    builds, makes the data, lets the tools take turns
//! ```
//!
//! `benches/` holds the generator of the data, the peers' drivers and the tables.

mod index;
mod ingest;
mod methods;
mod runner;
mod twfe;

use std::process::ExitCode;

use crate::shell;

/// The command line, read.
#[derive(Debug, Default, PartialEq)]
struct Options {
    quick: bool,
    reps: Option<u32>,
    modes: Vec<String>,
}

/// One benchmark: whether all went well.
type Task = fn(&Options) -> Result<bool, String>;

/// Times what the first argument names and prints tables; fails if one of our runs did.
pub(crate) fn run(args: &[String]) -> Result<ExitCode, String> {
    let Some((what, rest)) = args.split_first() else {
        return Err("`bench` needs `twfe`, `methods`, `ingest`, `index` or `all`".into());
    };
    let options = parse(rest)?;
    let tasks: &[Task] = match what.as_str() {
        "twfe" => &[twfe::run],
        "methods" | "ingest" | "index" if !options.modes.is_empty() => {
            return Err("`--mode` is an option of `bench twfe`".into());
        }
        "methods" => &[methods::run],
        "ingest" => &[ingest::run],
        "index" => &[index::run],
        "all" => &[twfe::run, methods::run, ingest::run, index::run],
        other => {
            let known = "`twfe`, `methods`, `ingest`, `index` and `all`; `cargo xtask --help` shows its options";
            return Err(format!("`bench` does not know `{other}` but {known}"));
        }
    };
    let mut good = true;
    for task in tasks {
        good &= task(&options)?;
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads the options.
fn parse(args: &[String]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--quick" => options.quick = true,
            "--reps" => match args.next().map(|n| n.parse()) {
                Some(Ok(n)) if n > 0 => options.reps = Some(n),
                _ => return Err("`--reps` needs a number of at least 1".into()),
            },
            "--mode" => options.modes.push(args.next().ok_or("`--mode` needs a name")?.clone()),
            other => shell::no_more(&[other.to_owned()])?,
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn options_are_read() {
        assert_eq!(parse(&[]), Ok(Options::default()));
        assert_eq!(
            parse(&words("--reps 2 --mode a --quick --mode b")),
            Ok(Options { quick: true, reps: Some(2), modes: vec!["a".into(), "b".into()] })
        );
    }

    #[test]
    fn what_is_no_option_is_refused() {
        for line in ["--reps", "--reps 0", "--reps x", "--mode", "--fast"] {
            assert!(parse(&words(line)).is_err(), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_timed_is_refused() {
        for line in ["", "matching", "methods --mode a", "ingest --mode a", "twfe --fast"] {
            assert!(run(&words(line)).is_err(), "{line}");
        }
    }
}
