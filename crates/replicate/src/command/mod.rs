//! The commands that run one method on one data file.

pub(crate) mod audit;
pub(crate) mod estimate;
mod estimated;
pub(crate) mod explain;
pub(crate) mod heckman;
pub(crate) mod index;
pub(crate) mod ingest;
pub(crate) mod matching;
pub(crate) mod mediate;
pub(crate) mod options;
pub(crate) mod progress;
pub(crate) mod reconstruct;
pub(crate) mod split;
pub(crate) mod tables;
pub(crate) mod test;
pub(crate) mod threshold;
pub(crate) mod trace;
pub(crate) mod wild;

use std::path::PathBuf;

use ::ingest::{Account, Key};
use clap::{Args, ValueEnum};
use panel::Panel;
use report::{Table, render};
use serde_json::Value;

use crate::Error;
use crate::cli::ended;

/// Where the data are, and what says who and when.
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// A data file: .csv, .tsv or .txt (also with .gz or .zst), .parquet, .xlsx, .xls or .dta.
    #[arg(value_name = "DATA")]
    file: PathBuf,
    /// The column that says who; rows are their own entities if not given.
    #[arg(long)]
    entity: Option<String>,
    /// The column that says when, in whole numbers; rows are numbered if not given.
    #[arg(long)]
    period: Option<String>,
}

impl Data {
    /// Reads the columns that a method needs; the keys are read anyway.
    pub(crate) fn open(&self, mut columns: Vec<&str>) -> Result<(Panel, Account), Error> {
        let key = Key { entity: self.entity.clone(), period: self.period.clone() };
        let is_key =
            |name: &str| [&key.entity, &key.period].into_iter().flatten().any(|key| key == name);
        columns.retain(|name| !is_key(name));
        columns.sort_unstable();
        columns.dedup();
        Ok(::ingest::open(&self.file, &key, Some(&columns))?)
    }
}

/// How an outcome is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal.
    Text,
    /// For a README.
    Markdown,
    /// For programs, in full double precision.
    Json,
}

/// An outcome, ready to be shown.
pub(crate) struct Document {
    pub(crate) tables: Vec<Table>,
    pub(crate) json: Value,
}

impl Document {
    pub(crate) fn print(&self, format: Format) -> String {
        let tables = |render: fn(&Table) -> String| -> String {
            self.tables.iter().map(render).collect::<Vec<_>>().join("\n")
        };
        ended(match format {
            Format::Json => serde_json::to_string_pretty(&self.json).unwrap_or_default(),
            Format::Text => tables(render::text),
            Format::Markdown => tables(render::markdown),
        })
    }
}
