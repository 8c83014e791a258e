//! What every benchmark needs: the program built, the packages installed, the data made, turns taken.
//!
//! Every tool is timed inside a process of its own; the tools take turns, and go round twice, so that
//! a slow minute of the machine falls on all of them.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::shell;

const ROUNDS: u32 = 2;

/// How long a process may take before it counts as not finished.
const LIMIT: Duration = Duration::from_mins(5);

/// A process that times one tool and appends a line of JSON to the results.
pub(super) struct Turn {
    /// Who, as the table names it.
    pub(super) tool: String,
    /// Whether it is ours, whose failure is a failure of the task.
    pub(super) ours: bool,
    /// Rounds it takes part in, at most.
    pub(super) rounds: u32,
    pub(super) command: Command,
}

/// Everything that is compared with one another: one work on one data set.
pub(super) struct Heat {
    pub(super) work: String,
    pub(super) set: String,
    pub(super) turns: Vec<Turn>,
}

/// Where the benchmarks keep what they make: a virtual environment, data and results.
pub(super) struct Place {
    home: PathBuf,
    pub(super) python: PathBuf,
}

impl Place {
    /// Builds the examples, installs the pinned packages, and makes the data: `SET.parquet`, `SET.csv`.
    pub(super) fn prepare(examples: &[&str], files: &[&str]) -> Result<Self, String> {
        let home = shell::target()?.join("bench");
        std::fs::create_dir_all(&home).map_err(|e| format!("{}: {e}", home.display()))?;
        // No `-p`, for the reason that `shell::panelproof` gives.
        let cargo = &mut shell::cargo();
        cargo.args(["build", "--quiet"]);
        shell::success(cargo.args(examples.iter().flat_map(|example| ["--example", example])))?;
        let place = Self { python: environment(&home)?, home };
        let generate = &mut place.script("gen.py");
        shell::success(generate.arg(place.home.join("data")).args(files))?;
        Ok(place)
    }

    /// A data file.
    pub(super) fn data(&self, file: &str) -> PathBuf {
        self.home.join("data").join(file)
    }

    /// One of our examples.
    pub(super) fn example(&self, name: &str) -> Command {
        shell::command(self.home.with_file_name("debug").join("examples").join(name))
    }

    /// A file of `benches/`.
    pub(super) fn script(&self, name: &str) -> Command {
        let mut command = shell::command(&self.python);
        command.arg(Path::new("benches").join(name));
        command
    }

    /// Runs all heats, and prints what `table` makes of the results, which `name` names.
    ///
    /// Whether all of ours ran, and the table found nothing out of order.
    pub(super) fn race(&self, name: &str, heats: &mut [Heat], table: &str) -> Result<bool, String> {
        let results = self.home.join(format!("{name}.jsonl"));
        File::create(&results).map_err(|e| format!("{}: {e}", results.display()))?;
        let mut good = true;
        for heat in heats {
            good &= heat.run(&results)?;
        }
        let mut table = self.script(table);
        let status = table.arg(&results).status().map_err(|e| shell::unstarted(&table, &e))?;
        Ok(good && status.success())
    }
}

impl Heat {
    /// Lets the tools take turns; whether all of ours ran. A tool that failed is not asked again.
    fn run(&mut self, results: &Path) -> Result<bool, String> {
        let Self { work, set, turns } = self;
        let mut good = true;
        for round in 1..=ROUNDS {
            for turn in turns.iter_mut().filter(|turn| turn.rounds >= round) {
                eprintln!("{work}, {set}, round {round}: {}", turn.tool);
                let Some(why) = time(&mut turn.command, results)? else { continue };
                let line = format!(
                    "{{\"work\": {work:?}, \"tool\": {:?}, \"ds\": {set:?}, \"failed\": {why:?}}}\n",
                    turn.tool,
                );
                let written = append(results)?.write_all(line.as_bytes());
                written.map_err(|e| format!("{}: {e}", results.display()))?;
                turn.rounds = 0;
                good &= !turn.ours;
            }
        }
        Ok(good)
    }
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
