//! A paper's tables, transcribed.

use std::fmt;

use serde::Deserialize;

use crate::{Claim, Number, Paper, Printed, Series};

/// What a paper prints, typed in cell by cell: the contents of one `published.toml`.
///
/// It is read by [`Transcription::parse`] and shown as the TOML that reads back to it. Table ids,
/// the row labels of a table and its column headers are unique, and every row is as long as the
/// table is wide: a transcription that breaks this is not read.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcription {
    pub(crate) paper: Paper,
    pub(crate) tables: Vec<Table>,
    pub(crate) series: Vec<Series>,
    pub(crate) claims: Vec<Claim>,
}

impl Transcription {
    /// The paper itself.
    pub fn paper(&self) -> &Paper {
        &self.paper
    }

    /// All tables, in the order of the paper.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The table of an id, such as `"3"`.
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// One cell, by the id of its table, the label of its row and the header of its column.
    pub fn cell(&self, table: &str, row: &str, column: &str) -> Option<&Printed> {
        self.table(table)?.cell(row, column)
    }

    /// Every cell of every table with its address: by table, then row, then column.
    pub fn cells(&self) -> impl Iterator<Item = (Address<'_>, &Printed)> {
        self.tables.iter().flat_map(Table::cells)
    }

    /// What the paper states of its figures.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// Statements of the text that carry a number.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }
}

/// What a table shows, which settles how its rows are written.
///
/// | kind | labels of a row | headed in `columns` | cells |
/// |---|---|---|---|
/// | `regression`, `threshold regression` | one | no | numbers or words |
/// | `descriptive`, `threshold test` | one | yes | numbers or words |
/// | `weights` | a group and its own | yes | numbers or words |
/// | `indicators` | a group and its own | yes | prose |
/// | `resources` | one | yes | prose |
///
/// So a row of a regression has one string more than `columns`, any other row as many. A
/// `threshold regression` may leave `columns` out: it then has the one column `(1)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// What an index is made of.
    Indicators,
    /// What an index is made of, and the weight of each part.
    Weights,
    /// N, mean, standard deviation, extremes of each variable.
    Descriptive,
    /// A column an estimation, a row a regressor or a statistic.
    Regression,
    /// F statistics for a number of thresholds, with critical values.
    #[serde(rename = "threshold test")]
    ThresholdTest,
    /// Coefficients that differ below and above a threshold.
    #[serde(rename = "threshold regression")]
    ThresholdRegression,
    /// Prose in rows and columns.
    Resources,
}

impl Kind {
    /// Labels of a row whose headers stand in `columns`.
    pub(crate) fn stub(self) -> usize {
        match self {
            Self::Regression | Self::ThresholdRegression => 0,
            Self::Descriptive | Self::ThresholdTest | Self::Resources => 1,
            Self::Indicators | Self::Weights => 2,
        }
    }

    /// Whether its cells are words, whatever they look like.
    pub(crate) fn is_prose(self) -> bool {
        matches!(self, Self::Indicators | Self::Resources)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Indicators => "indicators",
            Self::Weights => "weights",
            Self::Descriptive => "descriptive",
            Self::Regression => "regression",
            Self::ThresholdTest => "threshold test",
            Self::ThresholdRegression => "threshold regression",
            Self::Resources => "resources",
        })
    }
}

/// What the brackets of a table hold, by the table's own note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum Uncertainty {
    /// A standard error, in the units of the estimate.
    #[serde(rename = "standard error")]
    StandardError,
    /// Estimate over standard error, referred to a t distribution.
    #[serde(rename = "t statistic", alias = "t")]
    T,
    /// Estimate over standard error, referred to the normal distribution.
    #[serde(rename = "z statistic", alias = "z")]
    Z,
    /// A p value.
    #[serde(rename = "p value", alias = "p")]
    P,
}

impl fmt::Display for Uncertainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StandardError => "standard error",
            Self::T => "t statistic",
            Self::Z => "z statistic",
            Self::P => "p value",
        })
    }
}

/// A table, as printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) kind: Kind,
    pub(crate) uncertainty: Option<Uncertainty>,
    pub(crate) stars: Vec<f64>,
    pub(crate) threshold: Option<Threshold>,
    pub(crate) stub: Vec<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) dependent: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) effects: Option<Effects>,
}

impl Table {
    /// Its number in the paper.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its caption.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it shows.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What its brackets hold, if its note says so.
    pub fn uncertainty(&self) -> Option<Uncertainty> {
        self.uncertainty
    }

    /// The probabilities below which one star, two stars, … are printed; none if it does not say.
    pub fn stars(&self) -> &[f64] {
        &self.stars
    }

    /// The threshold that its rows are split at.
    pub fn threshold(&self) -> Option<&Threshold> {
        self.threshold.as_ref()
    }

    /// The headers of its columns of cells; the headers of the labels are not among them.
    pub fn column_names(&self) -> &[String] {
        &self.columns
    }

    /// The headers of the labels of a row, outermost first; none in a regression table.
    pub fn stub(&self) -> &[String] {
        &self.stub
    }

    /// The dependent variable of each column; empty if the table does not say.
    pub fn dependent(&self) -> &[String] {
        &self.dependent
    }

    /// Its rows, from top to bottom.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a label.
    pub fn row(&self, label: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.label == label)
    }

    /// One cell, by the label of its row and the header of its column.
    pub fn cell(&self, row: &str, column: &str) -> Option<&Printed> {
        let j = self.columns.iter().position(|name| name == column)?;
        self.row(row)?.cells.get(j)
    }

    /// Every cell with its address, row by row.
    pub fn cells(&self) -> impl Iterator<Item = (Address<'_>, &Printed)> {
        self.rows.iter().flat_map(move |row| {
            self.columns.iter().zip(&row.cells).map(move |(column, cell)| {
                (Address { table: &self.id, row: &row.label, column }, cell)
            })
        })
    }

    /// The decomposition of an effect that is printed under it.
    pub fn effects(&self) -> Option<&Effects> {
        self.effects.as_ref()
    }
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The group it stands in, such as the dimension of an indicator.
    pub group: Option<String>,
    /// Its label, unique in the table.
    pub label: String,
    /// Its cells, one for each of [`Table::column_names`].
    pub cells: Vec<Printed>,
}

/// Where a cell stands, shown as `table / column / row`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address<'a> {
    /// Id of the table.
    pub table: &'a str,
    /// Label of the row.
    pub row: &'a str,
    /// Header of the column.
    pub column: &'a str,
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {} / {}", self.table, self.column, self.row)
    }
}

/// A variable and the value at which it splits the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// The variable.
    pub variable: String,
    /// The estimated threshold.
    pub value: Number,
}

/// A total effect and its parts, as printed under a mediation table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effects {
    /// Total effect.
    pub total: Number,
    /// Direct effect.
    pub direct: Number,
    /// Indirect effect.
    pub indirect: Number,
}
