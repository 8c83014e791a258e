//! `panelproof trace`: where one number comes from.

use std::path::PathBuf;

use clap::Args;

use super::ingest::data;
use super::progress;
use crate::Error;

/// Follow one number back through every step to the cell of the file it comes from.
///
/// Prints a tree. A variable stands above what it starts from and its steps, each with the value
/// before and after it; a step that takes in another column, or another period, has that number's
/// own tree below it. At the leaves are files: the line or the cell, its text as written, the label
/// of the row where that is another spelling, the SHA-256 of the file and who published it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Trace {
    /// The study file.
    #[arg(value_name = "STUDY")]
    study: PathBuf,
    /// A variable of the study, or a column of one of its files.
    #[arg(value_name = "VARIABLE")]
    variable: String,
    /// Who; a province by any of its names, if the study says that entities are provinces.
    #[arg(value_name = "UNIT")]
    unit: String,
    /// When.
    #[arg(value_name = "PERIOD", allow_negative_numbers = true)]
    period: i32,
    /// The folder that paths in the study start from; if not given, the one the study is in.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  panelproof trace fixtures/ingest/cleaning.toml open 北京 2014 --root fixtures
  panelproof trace fixtures/papers/wang-chen/study.toml Urban Beijing 2014 --root fixtures

What studies derive from the panel as a whole, such as a composite index, has no single cell to be
followed back to; trace the columns that it is made of.";

pub(crate) fn trace(arguments: &Trace) -> Result<(String, u8), Error> {
    let Trace { study, variable, unit, period, root } = arguments;
    let (spec, _, root) = data(study, root.as_ref())?;
    let found =
        progress::busy("tracing", || ingest::trace::trace(&spec, &root, variable, unit, *period))?;
    Ok((found.to_string(), 0))
}
