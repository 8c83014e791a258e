//! `panelproof reconstruct`: a panel on which a study's own tables print as published.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use reconstruct::{Progress, Settings};
use report::format;

use super::Format;
use crate::solving::{Found, reconstruct as solve};
use crate::{Error, run};

/// Solve for the columns that nobody has, until the study prints what was published.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Reconstruct {
    /// A paper by its key, or the path of a folder with study.toml and published.toml.
    #[arg(value_name = "KEY|DIR")]
    study: String,
    /// Another seed starts elsewhere and ends in another panel.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps at most.
    #[arg(long, default_value_t = 300)]
    steps: usize,
    /// Write the columns that were found: .csv, .parquet, .dta or .xlsx.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The folder that holds `papers/` and the data; found upwards from here if not given.
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples:
  panelproof reconstruct wang-chen --seed 7 -o panel.csv";

/// Solves and prints.
pub(crate) fn reconstruct(arguments: &Reconstruct) -> Result<(String, u8), Error> {
    let place = run::find(arguments.fixtures.as_deref(), &arguments.study)?;
    let settings = Settings { steps: arguments.steps, ..Settings::default() };
    let begun = Instant::now();
    let mut watch = |now: &Progress, worst: &str| {
        eprintln!(
            "{:4}  unsatisfied {:4}  worst {:12.3}  {worst}  {:.1} s",
            now.step,
            now.unsatisfied,
            now.off,
            begun.elapsed().as_secs_f64()
        );
    };
    let Found { printed, panel, wanted, solution } = solve(&place, arguments.seed, &settings, &mut watch)?;
    let mut text = String::new();
    for &i in &solution.unsatisfied {
        let _ = writeln!(
            text,
            "{}: printed {}, ours {}",
            wanted[i].address(&printed),
            wanted[i].text,
            solution.numbers[i]
        );
    }
    let _ = writeln!(
        text,
        "{} of {} printed numbers hold after {} steps",
        wanted.len() - solution.unsatisfied.len(),
        wanted.len(),
        solution.steps
    );
    if let Some(out) = &arguments.out {
        ingest::write(&panel, &ingest::Account::default(), out)?;
    }
    Ok((text, u8::from(!solution.unsatisfied.is_empty())))
}
