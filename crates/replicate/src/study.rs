//! A study as it is written: `study.toml`, with the place of everything that is parsed later.

use std::collections::BTreeMap;

use index::InequalitySpec;
use serde::Deserialize;
use toml::Spanned;

use crate::claim::Claim;
use crate::derive::Derived;
use crate::figure::Figure;
use crate::space::{LocalMoran, Moran};
use crate::unknown::Unknown;
use crate::{Error, Place};

/// `study.toml`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Written {
    /// What a study of one's own is called; a paper's title stands in its transcription.
    pub(crate) study: Option<About>,
    /// Absent if nothing is computed from data.
    pub(crate) panel: Option<ingest::Sample>,
    #[serde(rename = "source", default)]
    pub(crate) sources: Vec<ingest::Source>,
    #[serde(rename = "variable", default)]
    pub(crate) variables: Vec<ingest::Variable>,
    /// Composite indices, made of loaded columns and variables.
    #[serde(rename = "index", default)]
    pub(crate) indices: Vec<index::Scheme>,
    /// Columns made of the panel as a whole, in order.
    #[serde(rename = "derived", default)]
    pub(crate) derived: Vec<Spanned<Derived>>,
    /// Threshold regressions, which several tables may show.
    #[serde(rename = "threshold", default)]
    pub(crate) thresholds: Vec<Spanned<Threshold>>,
    /// Variables of the paper that cannot be had, and why.
    #[serde(rename = "missing", default)]
    pub(crate) missing: Vec<Missing>,
    /// How the columns that are solved for were solved for.
    pub(crate) reconstruction: Option<Reconstruction>,
    /// Variables that cannot be had, and can be solved for.
    #[serde(rename = "unknown", default)]
    pub(crate) unknowns: Vec<Spanned<Unknown>>,
    #[serde(rename = "table", default)]
    pub(crate) tables: Vec<Spanned<Table>>,
    #[serde(rename = "figure", default)]
    pub(crate) figures: Vec<Figure>,
    /// How statements of the text are checked.
    #[serde(rename = "claim", default)]
    pub(crate) claims: Vec<Claim>,
    #[serde(rename = "deviation", default)]
    pub(crate) deviations: Vec<Deviation>,
}

/// What a study of one's own is called.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct About {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) authors: Vec<String>,
}

/// What decides which of the panels that print as published is found.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Reconstruction {
    pub(crate) seed: u64,
}

/// A variable that cannot be had.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Missing {
    pub(crate) name: String,
    pub(crate) because: String,
}

/// How one printed table is computed, or with a title, one of our own.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) id: String,
    /// Makes it a table of our own: nothing of it was printed.
    pub(crate) title: Option<String>,
    /// Own tables of descriptive statistics: the variables.
    #[serde(default)]
    pub(crate) describe: Vec<String>,
    /// Own regression tables: the terms that have a row; all, if none is named.
    #[serde(default)]
    pub(crate) show: Vec<Spanned<String>>,
    /// Own regression tables: what stands below the effects.
    pub(crate) statistics: Option<Vec<Spanned<String>>>,
    /// Own regression tables: the probabilities below which one, two, … stars stand.
    pub(crate) stars: Option<Vec<f64>>,
    /// Own regression tables: `se`, `t` or `p`, what stands in the brackets.
    pub(crate) uncertainty: Option<Spanned<String>>,
    /// Own tables: decimals of numbers; 4 if nothing is said.
    pub(crate) decimals: Option<usize>,
    /// Tests of thresholds: the id of the threshold regression.
    pub(crate) threshold: Option<Spanned<String>>,
    /// Tables of a scheme, printed or our own: the name of the index.
    pub(crate) index: Option<Spanned<String>>,
    /// Own tables of Moran's I, a row a period.
    pub(crate) moran: Option<Moran>,
    /// Own tables of local Moran statistics, a row a unit and period.
    pub(crate) local_moran: Option<LocalMoran>,
    /// Own tables of Theil's measures and the Gini coefficient, a row a period.
    pub(crate) inequality: Option<InequalitySpec>,
    /// Own tables of the Herfindahl index of a column, a row a period.
    pub(crate) herfindahl: Option<String>,
    /// The effects of a mediation: an own table, or what is printed under a table.
    pub(crate) mediation: Option<Box<Mediation>>,
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
    /// Of the estimator `threshold`: the id of a threshold regression, which says all else.
    pub(crate) threshold: Option<Spanned<String>>,
    /// The rows that the column is estimated on; all of them must hold. Lags are those of the panel.
    #[serde(rename = "where", default)]
    pub(crate) filters: Vec<ingest::Filter>,
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

/// A threshold regression with every choice that moves a digit.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Threshold {
    pub(crate) id: String,
    pub(crate) model: Spanned<String>,
    pub(crate) switching: Vec<Spanned<String>>,
    pub(crate) variable: Spanned<String>,
    pub(crate) thresholds: usize,
    pub(crate) inequality: Spanned<String>,
    pub(crate) rows: Spanned<String>,
    pub(crate) grid: Spanned<String>,
    pub(crate) trim: Vec<f64>,
    pub(crate) trim_of: Spanned<String>,
    pub(crate) min_rows: usize,
    pub(crate) search: Spanned<String>,
    pub(crate) f_scale: Spanned<String>,
    pub(crate) lr_scale: Spanned<String>,
    pub(crate) level: f64,
    pub(crate) vcov: Spanned<String>,
    pub(crate) like: Spanned<String>,
    /// Without it F has no distribution.
    pub(crate) bootstrap: Option<ThresholdDraws>,
}

/// The bootstrap of threshold tests.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ThresholdDraws {
    pub(crate) replications: usize,
    pub(crate) seed: u64,
    pub(crate) resample: Spanned<String>,
    pub(crate) residuals: Spanned<String>,
    pub(crate) null: Spanned<String>,
    pub(crate) trim: Spanned<String>,
}

/// A mediation in three steps.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Mediation {
    /// The equation of the total effect.
    pub(crate) model: Spanned<String>,
    pub(crate) treatment: Spanned<String>,
    pub(crate) mediators: Vec<Spanned<String>>,
    /// The variance of a product.
    pub(crate) variance: Spanned<String>,
    pub(crate) vcov: Spanned<String>,
    pub(crate) like: Spanned<String>,
    pub(crate) bootstrap: Option<MediationDraws>,
}

/// The bootstrap of a mediation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct MediationDraws {
    pub(crate) replications: usize,
    pub(crate) seed: u64,
    /// What is drawn: groups of this column with all their rows; rows, if it is absent.
    pub(crate) by: Option<String>,
}

/// A mismatch that is known, dated and explained.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Deviation {
    /// `table / column / row`, and ` / value`, ` / uncertainty` or ` / stars` for a part of it; with each
    /// what is printed there, so that a declaration is of one number and no other.
    pub(crate) cells: BTreeMap<Spanned<String>, String>,
    pub(crate) because: String,
    /// Day on which it was declared, `2026-11-22`.
    pub(crate) since: String,
    /// What is solved for instead, where unknown columns are.
    pub(crate) toward: Option<Spanned<String>>,
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
