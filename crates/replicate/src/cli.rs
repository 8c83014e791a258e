//! The command line: what it says, what it prints, and with which exit status it ends.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use report::render::Style;
use report::replication::{self, Replication};

use crate::{Error, command, run};

/// Reproduce, reconstruct and audit the regression tables of panel-data papers.
#[derive(Debug, Parser)]
#[command(name = "panelproof", version, after_help = EXIT)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT: &str = "Exit status: 0 all is well; 1 a printed number does not come out and no study \
                    declares why; 2 bad input; 3 an audit finds cells that cannot all be right.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Put every printed number of the papers beside our own, with a verdict.
    Replicate(Replicate),
    /// Say what printed tables prove about themselves; no data needed.
    Audit(command::audit::Audit),
    /// Solve for a panel on which a study prints what was published.
    Reconstruct(command::reconstruct::Reconstruct),
    /// Turn raw files into one panel, with an account and a manifest of how.
    Ingest(command::ingest::Ingest),
    /// Follow one number of a panel back to the cell of the file it comes from.
    Trace(command::trace::Trace),
    /// Estimate one model on a data file: any linear panel estimator, probit or logit.
    Estimate(Box<command::estimate::Estimate>),
    /// Match treated and untreated rows on the propensity score.
    Match(command::matching::Match),
    /// Heckman's selection model, or the inverse Mills ratio for a model of your own.
    Heckman(command::heckman::Heckman),
    /// How much of an effect goes through a third variable.
    Mediate(command::mediate::Mediate),
    /// Slopes that switch where a variable crosses an estimated value.
    Threshold(command::threshold::ThresholdArguments),
    /// A model by groups, and whether a coefficient differs between them.
    Split(command::split::SplitArguments),
    /// A composite index from a scheme: weights, sub-indices, scores.
    Index(command::index::Index),
    /// Test the specification of a panel model: Hausman, serial correlation, dependence, hypotheses.
    Test(command::test::Test),
    /// Say why two standard errors of one model differ, ingredient by ingredient.
    Explain(command::explain::Explain),
    /// Test one coefficient when clusters are few: the wild cluster bootstrap.
    Wild(command::wild::Wild),
}

/// Put every printed number of the papers beside our own, with a verdict.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  panelproof replicate\n  panelproof replicate wang-chen \
                        --format html > report.html\n  panelproof replicate --out report")]
struct Replicate {
    /// Papers by their key; all of them if none is named.
    #[arg(value_name = "KEY")]
    keys: Vec<String>,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Also write report.txt, report.md, report.html and report.json to this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The folder that holds `papers/` and the data; found upwards from here if not given.
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

/// How a replication is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// For a README.
    Markdown,
    /// One page for a browser, complete in one file.
    Html,
    /// For programs, in full double precision.
    Json,
}

/// Runs the program on the arguments of the process.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Replicate(arguments) => replicate(&arguments),
        Command::Audit(arguments) => command::audit::audit(&arguments),
        Command::Reconstruct(arguments) => command::reconstruct::reconstruct(&arguments),
        Command::Ingest(arguments) => command::ingest::ingest(&arguments),
        Command::Trace(arguments) => command::trace::trace(&arguments),
        Command::Estimate(arguments) => command::estimate::estimate(&arguments),
        Command::Match(arguments) => command::matching::matching(&arguments),
        Command::Heckman(arguments) => command::heckman::heckman(&arguments),
        Command::Mediate(arguments) => command::mediate::mediate(&arguments),
        Command::Threshold(arguments) => command::threshold::threshold(&arguments),
        Command::Split(arguments) => command::split::split(&arguments),
        Command::Index(arguments) => command::index::index(&arguments),
        Command::Test(arguments) => command::test::test(&arguments),
        Command::Explain(arguments) => command::explain::explain(&arguments),
        Command::Wild(arguments) => command::wild::wild(&arguments),
    };
    let (text, status) = match outcome {
        Ok((text, status)) => (text, status),
        Err(error) => {
            let mut stderr = std::io::stderr();
            // If even that cannot be written there is nobody left to tell.
            let _ = writeln!(stderr, "panelproof: {error}");
            return ExitCode::from(2);
        }
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        // A reader that stops early, such as `head`, is no failure of ours.
        Ok(()) => ExitCode::from(status),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::from(status),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "panelproof: standard output: {error}");
            ExitCode::from(2)
        }
    }
}

fn replicate(arguments: &Replicate) -> Result<(String, u8), Error> {
    let fixtures = match &arguments.fixtures {
        Some(folder) => folder.clone(),
        // A folder that is named has its data in itself.
        None if !arguments.keys.is_empty()
            && arguments.keys.iter().all(|key| run::is_path(key)) =>
        {
            find_fixtures().unwrap_or_default()
        }
        None => find_fixtures()?,
    };
    let replication = run::replicate(&fixtures, &arguments.keys)?;
    if let Some(folder) = &arguments.out {
        write_reports(folder, &replication)?;
    }
    let text = match arguments.format {
        Format::Text => {
            let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            replication::text(&replication, if colour { Style::Ansi } else { Style::Plain })
        }
        Format::Markdown => replication::markdown(&replication),
        Format::Html => replication::html(&replication),
        Format::Json => replication::json(&replication),
    };
    // A declaration that covers nothing is out of date, as one that no longer differs is.
    let unused = replication.papers.iter().flat_map(|paper| &paper.deviations).any(|d| d.used == 0);
    Ok((ended(text), u8::from(replication.counts().failed() > 0 || unused)))
}

/// A text that ends with one line break.
pub(crate) fn ended(text: String) -> String {
    format!("{}\n", text.trim_end())
}

pub(crate) fn find_fixtures() -> Result<PathBuf, Error> {
    let here = std::env::current_dir()
        .map_err(|error| Error::Io { path: PathBuf::from("."), reason: error.to_string() })?;
    here.ancestors()
        .map(|folder| folder.join("fixtures"))
        .find(|fixtures| fixtures.join("papers").is_dir())
        .ok_or(Error::NoFixtures { looked: here })
}

/// Writes a file beside and renames it: it is there whole or not at all.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<(), Error> {
    let failed =
        |error: std::io::Error| Error::Io { path: path.to_owned(), reason: error.to_string() };
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".partial");
    let beside = path.with_file_name(name);
    let outcome = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    if outcome.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    outcome.map_err(failed)
}

fn write_reports(folder: &Path, replication: &Replication) -> Result<(), Error> {
    let failed = |path: &Path, error: std::io::Error| Error::Io {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let reports = [
        ("report.txt", replication::text(replication, Style::Plain)),
        ("report.md", replication::markdown(replication)),
        ("report.html", replication::html(replication)),
        ("report.json", replication::json(replication)),
    ];
    // Written beside, all of them, and then renamed: no report is there half.
    let beside = |name: &str| folder.join(format!(".{name}.partial"));
    let mut outcome = reports.iter().try_for_each(|(name, text)| {
        std::fs::write(beside(name), ended(text.clone()))
            .map_err(|error| failed(&beside(name), error))
    });
    for (name, _) in &reports {
        let path = folder.join(name);
        if outcome.is_ok() {
            outcome = std::fs::rename(beside(name), &path).map_err(|error| failed(&path, error));
        } else {
            let _ = std::fs::remove_file(beside(name));
        }
    }
    outcome
}
