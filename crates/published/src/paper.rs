//! What a paper says besides its tables.

use serde::Deserialize;

use crate::{Number, Printed};

/// A paper, as it names itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Key of the paper in this project.
    pub id: String,
    /// Title.
    pub title: String,
    /// Authors, in order, as printed.
    pub authors: Vec<String>,
    /// Digital object identifier.
    pub doi: Option<String>,
    /// Date of publication, as printed.
    pub published: Option<String>,
    /// The panel that the paper says it uses.
    pub panel: Option<PanelFacts>,
}

/// What a paper says of its panel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelFacts {
    /// What a unit is: `province`.
    pub unit: String,
    /// How many units.
    pub units: usize,
    /// What a period is: `year`.
    pub time: String,
    /// First period.
    pub first: i32,
    /// Last period.
    pub last: i32,
}

/// The numbers that a paper states of one figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Id of the figure.
    pub id: String,
    /// Its caption.
    pub title: String,
    /// What is stated.
    pub values: Vec<SeriesValue>,
}

/// One value of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesValue {
    /// The year it is of.
    pub year: i32,
    /// What is counted.
    pub name: String,
    /// The value.
    pub value: Number,
    /// Its unit.
    pub unit: String,
    /// Its growth over the year before.
    pub growth: Option<Number>,
    /// What it was planned to be.
    pub target: Option<Number>,
}

/// A statement of the text that carries a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The section that states it.
    pub section: String,
    /// What is stated.
    pub subject: String,
    /// The number, or the words of the text that stand for it.
    pub value: Printed,
    /// Its unit.
    pub unit: String,
    /// A word that loosens it: `over`, `nearly`.
    pub qualifier: String,
}
