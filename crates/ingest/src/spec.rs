//! What to load, as data.

use std::collections::BTreeMap;
use std::fmt;

use panel::Name;
use serde::Deserialize;

use crate::{Decimal, Delimiter, Encoding, FailedFormulas, Filter, Shape, Thousands};

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
    /// Whether the numbers were measured.
    pub tier: Tier,
    /// Who published the file and how it was had, in a line.
    pub provenance: Option<String>,
}

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

/// One transformation of a variable. A missing input makes a missing output.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The natural logarithm, `ln x`.
    Log,
    /// `ln(1 + x)`.
    Log1p,
    /// `x / a`.
    Over(Operand),
    /// `x + a`.
    Plus(Operand),
    /// `x − a`.
    Minus(Operand),
    /// `x · a`.
    Times(Operand),
    /// Values beyond two percentiles of the sample are replaced by them.
    Winsorize(Winsorize),
}

/// The other side of an arithmetic step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Operand {
    /// A number.
    Number(f64),
    /// A loaded column or an earlier variable.
    Column(Name),
}

/// Where to clip a variable; percentiles pool all entities and periods of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Winsorize {
    /// Lower percentile as a fraction: 0.01 is the first.
    pub low: f64,
    /// Upper percentile as a fraction.
    pub high: f64,
    /// What a percentile is.
    pub percentiles: Percentiles,
}

/// Which definition of a sample percentile; `x₍₁₎ ≤ … ≤ x₍ₙ₎` are the sorted values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Percentiles {
    /// Linear interpolation at `h = (n − 1)p` from the smallest value.
    ///
    /// **Source** Hyndman & Fan (1996), definition 7. **Agrees with** `numpy.percentile`, R `quantile`.
    Linear,
    /// With `P = np`: `x₍⌈P⌉₎` if `P` is not whole, and `(x₍P₎ + x₍P+1₎) / 2` if it is.
    ///
    /// **Source** Stata manual, `[R] summarize`, Methods and formulas. **Agrees with** `_pctile`,
    /// `summarize, detail`, `winsor2`.
    Stata,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log => f.write_str("log"),
            Self::Log1p => f.write_str("log1p"),
            Self::Over(operand) => write!(f, "over {operand}"),
            Self::Plus(operand) => write!(f, "plus {operand}"),
            Self::Minus(operand) => write!(f, "minus {operand}"),
            Self::Times(operand) => write!(f, "times {operand}"),
            Self::Winsorize(Winsorize { low, high, percentiles }) => {
                let percentiles = match percentiles {
                    Percentiles::Linear => "linear",
                    Percentiles::Stata => "stata",
                };
                write!(f, "winsorize {low} {high} {percentiles}")
            }
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Column(name) => f.write_str(name),
        }
    }
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
