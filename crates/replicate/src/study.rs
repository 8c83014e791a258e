//! A study as it is written: `study.toml`, with the place of everything that is parsed later.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::{Error, Place};

/// `study.toml`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Written {
    pub(crate) panel: ingest::Sample,
    #[serde(rename = "source")]
    pub(crate) sources: Vec<ingest::Source>,
    #[serde(rename = "variable", default)]
    pub(crate) variables: Vec<ingest::Variable>,
    /// Variables of the paper that cannot be had, and why.
    #[serde(rename = "missing", default)]
    pub(crate) missing: Vec<Missing>,
    #[serde(rename = "table", default)]
    pub(crate) tables: Vec<Spanned<Table>>,
    #[serde(rename = "deviation", default)]
    pub(crate) deviations: Vec<Deviation>,
}

/// A variable that cannot be had.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Missing {
    pub(crate) name: String,
    pub(crate) because: String,
}

/// How one printed table is computed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) id: String,
    /// Why none of it is computed yet.
    pub(crate) waits: Option<String>,
    /// Descriptive tables: the variable of a row whose label is not its name.
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    /// Regression tables: the quantity of a row whose label is not a term.
    #[serde(default)]
    pub(crate) rows: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(crate) columns: Vec<Spanned<Column>>,
}

/// How one column of a regression table is computed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Column {
    pub(crate) id: String,
    /// Why it is not computed yet.
    pub(crate) waits: Option<String>,
    pub(crate) estimator: Option<Spanned<String>>,
    pub(crate) model: Option<Spanned<String>>,
    pub(crate) vcov: Option<Spanned<String>>,
    pub(crate) like: Option<Spanned<String>>,
    /// `first`, `last` or a level: the period whose indicator the constant leaves out.
    pub(crate) omitted: Option<String>,
    /// Rows in which this column's quantity differs from the table's.
    #[serde(default)]
    pub(crate) rows: BTreeMap<String, Spanned<String>>,
}

/// A mismatch that is known, dated and explained.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Deviation {
    /// `table / column / row`, and ` / value`, ` / uncertainty` or ` / stars` for a part of it.
    pub(crate) cells: Vec<Spanned<String>>,
    pub(crate) because: String,
    /// Day on which it was declared, `2026-11-22`.
    pub(crate) since: String,
}

impl Written {
    /// Reads the text of a study file.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| Error::Study {
            place: place(file, text, error.span().map_or(0, |span| span.start)),
            what: error.message().to_owned(),
        })
    }
}

/// The line and column of a byte of `text`.
pub(crate) fn place(file: &str, text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[start..].chars().count() + 1,
    }
}
