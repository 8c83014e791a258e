//! What to load, as data.

use std::collections::BTreeMap;
use std::fmt;

use panel::Name;
use serde::Deserialize;

use crate::provinces::Names;
use crate::{Decimal, Delimiter, Encoding, FailedFormulas, Filter, Shape, Step, Thousands, Unit};

/// Where a panel comes from: a sample, its files, and the variables made of them.
///
/// ```
/// let spec: ingest::Spec = toml::from_str(r#"
///     [panel]
///     entity = "province"
///     period = "year"
///     first = 2014
///     last = 2022
///     where = ["province != Tibet"]
///
///     [[source]]
///     file = "china/nbs_population.csv"
///     columns = ["urban_population_10k", "population_10k"]
///     rename = { urban_population_10k = "urban" }
///     tier = "real"
///
///     [[variable]]
///     name = "Urban"
///     from = "urban"
///     steps = [{ over = "population_10k" }, { winsorize = { low = 0.01, high = 0.99, percentiles = "linear" } }]
/// "#)?;
/// assert_eq!(spec.variables[0].steps[0].to_string(), "over population_10k");
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Spec {
    /// Which rows.
    pub panel: Sample,
    /// The files. The first is the base: it decides which rows there are.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
    /// Variables made from loaded columns, in order: a later one may use an earlier one.
    #[serde(rename = "variable", default)]
    pub variables: Vec<Variable>,
}

/// The rows of a panel: its key and its limits.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sample {
    /// Name of the entity column.
    pub entity: Name,
    /// Name of the period column.
    pub period: Name,
    /// First period, inclusive.
    pub first: Option<i32>,
    /// Last period, inclusive.
    pub last: Option<i32>,
    /// Rows to keep. A filter on the entity or the period is applied to every file before files
    /// are joined and so before percentiles are taken; any other, after all variables are made.
    #[serde(rename = "where", default)]
    pub filters: Vec<Filter>,
    /// What the entities are, so that different spellings of one are told from different ones.
    pub entities: Option<Entities>,
    /// What resolved entities are called.
    pub names: Option<Names>,
    /// Whether every entity must be there in every period. A panel with holes is then an error.
    #[serde(default)]
    pub balanced: bool,
}

/// A kind of entities whose names are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entities {
    /// [`provinces`](crate::provinces).
    ChinaProvinces,
}

/// One file, or the files whose names follow one pattern.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Source {
    /// Path relative to the data root: `.csv`, `.tsv` or `.txt`, any of them with `.gz` or `.zst`
    /// behind it; `.parquet`, `.xlsx`, `.xls` or `.dta`. A name such as `gdp/{year}.csv` stands
    /// for all files that match it; what is in braces is the name of the panel's entity or period,
    /// and says who or when in place of a column.
    pub file: String,
    /// How rows and columns stand for entities, periods and variables.
    #[serde(default)]
    pub shape: Shape,
    /// The sheet of a workbook; not needed if only one has cells.
    pub sheet: Option<String>,
    /// The rows or lines of the header, from 1, if they are not found by themselves.
    #[serde(default)]
    pub header: Vec<u32>,
    /// The name of what the cells hold, in shapes where no column says it.
    pub value: Option<Name>,
    /// The column that names the variables, if the shape is wide by variable.
    pub variables: Option<Name>,
    /// What becomes of formulas that failed; an error if it is not said.
    pub errors: Option<FailedFormulas>,
    /// How many cells of a sheet are read at most, if ten million are too few.
    pub cells: Option<u64>,
    /// Name of the entity column in this file, if it differs.
    pub entity: Option<Name>,
    /// Name of the period column in this file, if it differs.
    pub period: Option<Name>,
    /// The columns to load; all, if absent.
    pub columns: Option<Vec<Name>>,
    /// New names of loaded columns, by the name in the file.
    #[serde(default)]
    pub rename: BTreeMap<Name, Name>,
    /// The encoding of a text file; detected, if absent, and reported.
    pub encoding: Option<Encoding>,
    /// What separates the cells of a text file; detected, if absent, and reported.
    pub delimiter: Option<Delimiter>,
    /// What separates the fraction of a number in a text file; detected, if absent, and reported.
    pub decimal: Option<Decimal>,
    /// What separates thousands in a text file; detected, if absent, and reported.
    pub thousands: Option<Thousands>,
    /// Texts that say that there is no value, beside `NA`, `.`, `NaN` and `null`: `—`, `…`, `n.a.`.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Labels of the entity column whose rows are left out: totals, remarks.
    #[serde(default)]
    pub drop: Vec<String>,
    /// What columns are measured in, by their name in the panel.
    #[serde(default)]
    pub units: BTreeMap<Name, Unit>,
    /// Whether the numbers were measured.
    pub tier: Tier,
    /// Who published the file and how it was had, in a line.
    pub provenance: Option<String>,
}

/// What the name of every column that was solved for ends with, in every file; in a Stata file its label.
pub const SYNTHETIC: &str = " (synthetic)";

/// Whether a number was measured or solved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Published data.
    Real,
    /// Synthetic: solved for, so that estimators print published cells. No evidence.
    Reconstructed,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Real => "real",
            Self::Reconstructed => "reconstructed",
        })
    }
}

/// A variable: a column taken through steps.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Variable {
    /// Its name.
    pub name: Name,
    /// A loaded column or an earlier variable.
    pub from: Name,
    /// What is done to it, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// The key of a single file: which columns say who and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Name of the entity column. Without it every row is an entity of its own, called `_row`
    /// and numbered from 1.
    pub entity: Option<Name>,
    /// Name of the period column. Without it the rows of an entity are numbered from 1 in the
    /// order of the file; that number is called `_t`.
    pub period: Option<Name>,
}
