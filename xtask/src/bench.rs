//! `cargo xtask bench twfe`: our two-way fixed effects beside other software, in one run.
//!
//! Every fit of a tool on a data set is timed inside a process of its own; the tools take turns, and
//! go round twice, so that a slow minute of the machine falls on all of them. `benches/` holds the
//! generator, the peers' driver and the tabulation.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::shell;

/// A data set that `benches/gen.py` knows by this name.
struct Set {
    name: &'static str,
    /// Timed fits a process.
    reps: u32,
    /// Small enough for `--quick`.
    quick: bool,
    /// Small enough for pyfixest.
    pyfixest: bool,
}

const SETS: [Set; 5] = [
    Set { name: "twfe_i_270", reps: 21, quick: true, pyfixest: true },
    Set { name: "twfe_ii_100k", reps: 7, quick: true, pyfixest: true },
    Set { name: "twfe_iii_1m", reps: 5, quick: false, pyfixest: true },
    Set { name: "twfe_iv_10m", reps: 3, quick: false, pyfixest: false },
    Set { name: "akm_v_1m", reps: 3, quick: false, pyfixest: true },
];

const ROUNDS: usize = 2;

/// How long a process may take before it counts as not finished.
const LIMIT: Duration = Duration::from_mins(5);

/// What is timed.
enum Tool {
    /// The example `twfe`, in its own mode or in a named one.
    Ours(Option<String>),
    /// A Python package with pyfixest's `feols`.
    Peer(&'static str),
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Ours(None) => write!(f, "panelproof"),
            Self::Ours(Some(mode)) => write!(f, "panelproof {mode}"),
            Self::Peer(name) => write!(f, "{name}"),
        }
    }
}

/// The command line, read.
#[derive(Debug, Default, PartialEq)]
struct Options {
    quick: bool,
    reps: Option<u32>,
    modes: Vec<String>,
}

/// Builds, installs, generates, times, and prints a table; fails if one of our fits did.
pub(crate) fn run(args: &[String]) -> Result<ExitCode, String> {
    let options = match args.split_first() {
        Some((what, rest)) if what == "twfe" => parse(rest)?,
        _ => return Err("`bench` knows `twfe`; `cargo xtask --help` shows its options".into()),
    };
    let home = shell::target()?.join("bench");
    std::fs::create_dir_all(&home).map_err(|e| format!("{}: {e}", home.display()))?;

    // No `-p`, for the reason that `shell::panelproof` gives.
    shell::success(shell::cargo().args(["build", "--quiet", "--example", "twfe"]))?;
    let python = environment(&home)?;
    let sets: Vec<&Set> = SETS.iter().filter(|set| set.quick || !options.quick).collect();
    let generate = &mut shell::command(&python);
    generate.arg("benches/gen.py").arg(home.join("data")).args(sets.iter().map(|set| set.name));
    shell::success(generate)?;

    let mut tools = vec![Tool::Ours(None)];
    tools.extend(options.modes.into_iter().map(|mode| Tool::Ours(Some(mode))));
    tools.extend([Tool::Peer("fereg"), Tool::Peer("pyfixest")]);
    let results = home.join("twfe.jsonl");
    File::create(&results).map_err(|e| format!("{}: {e}", results.display()))?;

    let mut ours_failed = false;
    for set in sets {
        let reps = options.reps.unwrap_or(set.reps);
        let mut gave_up = vec![false; tools.len()];
        for round in 1..=ROUNDS {
            for (tool, gave_up) in tools.iter().zip(&mut gave_up) {
                if *gave_up || matches!(tool, Tool::Peer("pyfixest") if !set.pyfixest) {
                    continue;
                }
                eprintln!("{}, round {round}: {tool}", set.name);
                let why = time(&mut timing(tool, set, reps, &home, &python), &results)?;
                if let Some(why) = why {
                    let line = format!(
                        "{{\"tool\": {:?}, \"ds\": {:?}, \"failed\": {why:?}}}\n",
                        tool.to_string(),
                        set.name,
                    );
                    let written = append(&results)?.write_all(line.as_bytes());
                    written.map_err(|e| format!("{}: {e}", results.display()))?;
                    *gave_up = true;
                    ours_failed |= matches!(tool, Tool::Ours(_));
                }
            }
        }
    }
    shell::success(shell::command(&python).arg("benches/table.py").arg(&results))?;
    Ok(if ours_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Reads the options of `bench twfe`.
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

/// The interpreter of a virtual environment that holds the pinned packages.
fn environment(home: &Path) -> Result<PathBuf, String> {
    let venv = home.join("venv");
    let python = venv.join("bin").join("python");
    let pins = shell::root().join("benches").join("requirements.txt");
    let wanted = std::fs::read_to_string(&pins).map_err(|e| format!("{}: {e}", pins.display()))?;
    let installed = venv.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|pins| pins == wanted) {
        return Ok(python);
    }
    let system = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    shell::success(shell::command(system).args(["-m", "venv"]).arg(&venv))?;
    let pip = &mut shell::command(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    shell::success(pip.arg("-r").arg(&pins))?;
    std::fs::write(&installed, wanted).map_err(|e| format!("{}: {e}", installed.display()))?;
    Ok(python)
}

/// The process that times one tool on one data set and prints a line of JSON.
fn timing(tool: &Tool, set: &Set, reps: u32, home: &Path, python: &Path) -> Command {
    let data = home.join("data").join(format!("{}.parquet", set.name));
    let mut command = match tool {
        Tool::Ours(_) => shell::command(home.with_file_name("debug").join("examples/twfe")),
        Tool::Peer(_) => shell::command(python),
    };
    if let Tool::Peer(name) = tool {
        command.args(["benches/twfe.py", name]);
    }
    command.arg(data).arg(reps.to_string());
    if let Tool::Ours(Some(mode)) = tool {
        command.arg(mode);
    }
    command
}

/// Lets a process append to the results; why there is no result, if there is none.
fn time(command: &mut Command, results: &Path) -> Result<Option<String>, String> {
    let begun = Instant::now();
    let child = command.stdout(append(results)?).spawn();
    let mut child = child.map_err(|e| shell::unstarted(command, &e))?;
    loop {
        match child.try_wait().map_err(|e| format!("waiting: {e}"))? {
            Some(status) if status.success() => return Ok(None),
            Some(status) => return Ok(Some(format!("failed: {status}"))),
            None if begun.elapsed() > LIMIT => {
                child.kill().and_then(|()| child.wait()).map_err(|e| format!("stopping: {e}"))?;
                return Ok(Some(format!("did not finish in {} s", LIMIT.as_secs())));
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// The results, open at their end.
fn append(results: &Path) -> Result<File, String> {
    let file = OpenOptions::new().append(true).open(results);
    file.map_err(|e| format!("{}: {e}", results.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, String> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read() {
        assert_eq!(read(""), Ok(Options::default()));
        assert_eq!(
            read("--reps 2 --mode a --quick --mode b"),
            Ok(Options { quick: true, reps: Some(2), modes: vec!["a".into(), "b".into()] })
        );
    }

    #[test]
    fn what_is_no_option_is_refused() {
        for line in ["--reps", "--reps 0", "--reps x", "--mode", "--fast"] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
