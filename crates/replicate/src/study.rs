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
    /// Tables of specification tests, whose columns are `statistic` and `p`.
    #[serde(default)]
    pub(crate) tests: Vec<Spanned<Specification>>,
}

/// How one row of a table of tests is computed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Specification {
    pub(crate) row: String,
    pub(crate) test: Spanned<String>,
    /// The model as its table has it: with absorbed effects, within.
    pub(crate) model: Spanned<String>,
    /// The covariance of that table; `iid` if nothing else is said.
    pub(crate) vcov: Option<Spanned<String>>,
    pub(crate) like: Spanned<String>,
    /// Of the random effects that a Hausman test compares with.
    pub(crate) components: Option<Spanned<String>>,
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
    /// Errors clustered in several ways: `clusters` or `rows`, what is subtracted if it is not what
    /// the convention subtracts.
    pub(crate) intersection: Option<Spanned<String>>,
    /// `aweight TERM` or `fweight TERM`.
    pub(crate) weights: Option<Spanned<String>>,
    /// Random effects: the estimator of variance components.
    pub(crate) components: Option<Spanned<String>>,
    /// Random effects and between: `individual`, `time` or `twoways`.
    pub(crate) effect: Option<Spanned<String>>,
    /// Random effects: what becomes of a negative variance.
    pub(crate) negative: Option<Spanned<String>>,
    /// Between: what a group counts for.
    pub(crate) between_weights: Option<Spanned<String>>,
    /// First differences: what becomes of gaps.
    pub(crate) gaps: Option<Spanned<String>>,
    /// Probit and logit.
    pub(crate) information: Option<Spanned<String>>,
    /// Probit and logit: whose small-sample factor.
    pub(crate) small_sample: Option<Spanned<String>>,
    /// Probit and logit: `average` or `means`.
    pub(crate) margins: Option<Spanned<String>>,
    /// Probit and logit: marginal effects of regressors that are 0 or 1.
    pub(crate) zero_one: Option<Spanned<String>>,
    /// Rows in which this column's quantity differs from the table's.
    #[serde(default)]
    pub(crate) rows: BTreeMap<String, Spanned<String>>,
}

impl Column {
    /// What only some estimators let choose, by key.
    pub(crate) fn choices(&self) -> Vec<(&'static str, &Spanned<String>)> {
        let all = [
            ("components", &self.components),
            ("effect", &self.effect),
            ("negative", &self.negative),
            ("between-weights", &self.between_weights),
            ("gaps", &self.gaps),
            ("information", &self.information),
            ("small-sample", &self.small_sample),
            ("margins", &self.margins),
            ("zero-one", &self.zero_one),
        ];
        all.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?))).collect()
    }
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
