//! What an audit finds.

use std::fmt;

use serde::{Serialize, Serializer};

/// Everything that the printed cells prove, by arithmetic alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// The most severe first, then in the order of the paper; what agrees is among them.
    pub findings: Vec<Finding>,
    /// What each column tells of its conventions.
    pub conventions: Vec<Convention>,
    /// What was taken for granted, and why.
    pub inferred: Vec<Inference>,
    /// Cells, columns or tables about which nothing can be said, and why.
    pub unchecked: Vec<Unchecked>,
    /// How many of each.
    pub counts: Counts,
}

impl Audit {
    /// Whether the printed cells cannot all be right.
    pub fn is_impossible(&self) -> bool {
        self.counts.impossible > 0
    }
}

/// One equation, or one comparison, and what the printed digits say of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What was checked: the name of the check.
    pub check: &'static str,
    /// Whether it can hold.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Every cell that the equation reads; the first is the one whose intervals are shown.
    pub cells: Vec<Cell>,
    /// What the shown cell's printed digits allow.
    #[serde(serialize_with = "ends")]
    pub printed: Option<[f64; 2]>,
    /// What the other cells imply for it, if that is an interval.
    #[serde(serialize_with = "ends")]
    pub implied: Option<[f64; 2]>,
    /// The arithmetic in one line, numbers put in.
    pub explanation: String,
    /// How much hangs on it.
    pub severity: Severity,
    /// Single edits that would mend it, the best first; none for what holds.
    pub repairs: Vec<Repair>,
}

/// JSON has no infinities: an end that is open is `null`.
#[allow(clippy::ref_option, reason = "the form that serde calls")]
fn ends<S: Serializer>(interval: &Option<[f64; 2]>, to: S) -> Result<S::Ok, S::Error> {
    interval.map(|ends| ends.map(|end| end.is_finite().then_some(end))).serialize(to)
}

/// Whether an equation can hold between the printed digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "assumption", rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds for some numbers that print so.
    Consistent,
    /// It holds only if the assumption that is named holds, which nothing printed says.
    NeedsAssumption(String),
    /// It holds for no numbers that print so, under any convention in use.
    Impossible,
}

/// How much hangs on a finding, from the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It agrees.
    None,
    /// A convention is in question, or what it is of.
    Low,
    /// Stars, a count, a rounding.
    Medium,
    /// An estimate, its uncertainty, or an identity of several.
    High,
}

/// A part of a cell, shown as `table/column/row/part`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Id of the table; of a series; or `claim`.
    pub table: String,
    /// Header of the column; year of a series; section of a claim; `effects`, `threshold`.
    pub column: String,
    /// Label of the row; name in a series; subject of a claim.
    pub row: String,
    /// Which part of it.
    pub part: Part,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, column, row, part } = self;
        write!(f, "{table}/{column}/{row}/{part}")
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// Which part of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The number.
    Estimate,
    /// The number in brackets.
    Uncertainty,
    /// The stars.
    Stars,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Estimate => "estimate",
            Self::Uncertainty => "uncertainty",
            Self::Stars => "stars",
        })
    }
}

/// A single edit after which an equation holds and nothing breaks that held.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Repair {
    /// What is edited.
    pub cell: Cell,
    /// The other cell of a swap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<Cell>,
    /// The kind of edit.
    pub edit: Edit,
    /// The cell as printed.
    pub from: String,
    /// The cell as it would be.
    pub to: String,
    /// Findings that it mends, by their index: those that are impossible, then those that need an assumption.
    pub mends: Vec<usize>,
    /// Share of the edits of its kind on the cells concerned that would do as well, from 0 to 1.
    pub share: f64,
}

/// The edits that people make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edit {
    /// A sign is flipped; where the brackets hold a t statistic, that of both numbers.
    Sign,
    /// One digit is another.
    Digit,
    /// The decimal point moves by one or two places.
    Point,
    /// Two neighbouring cells change places.
    Swap,
    /// Estimate and bracket change places.
    Brackets,
    /// A star is added or dropped.
    Star,
}

impl Edit {
    /// All kinds, in order.
    pub const ALL: [Self; 6] =
        [Self::Sign, Self::Digit, Self::Point, Self::Swap, Self::Brackets, Self::Star];
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sign => "sign flipped",
            Self::Digit => "one digit changed",
            Self::Point => "decimal point moved",
            Self::Swap => "neighbouring cells swapped",
            Self::Brackets => "estimate and bracket swapped",
            Self::Star => "stars changed",
        })
    }
}

/// What a column tells of a convention.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Convention {
    /// The column, as `table/header`.
    pub column: String,
    /// What is in question: `brackets`, `reference`, `errors`, `constant`, `R2`, `rows`, `scale`.
    pub what: &'static str,
    /// What it is, as far as can be said.
    pub is: String,
    /// Cells that agree with it and would not with the alternative.
    pub supports: Vec<Cell>,
    /// Cells that do not agree with it.
    pub against: Vec<Cell>,
}

/// What was taken for granted though nobody said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inference {
    /// What it is about: a column, as `table/header`, or several.
    pub about: Vec<String>,
    /// What was taken for granted.
    pub what: String,
    /// Why.
    pub because: String,
}

/// What cannot be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unchecked {
    /// A cell, a column as `table/header`, or a table.
    pub what: String,
    /// Why.
    pub because: String,
}

/// How many of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Cells with a number.
    pub cells: usize,
    /// Equations that were tried.
    pub equations: usize,
    /// Of these, those that hold.
    pub consistent: usize,
    /// Of these, those that hold under an assumption alone.
    pub needs_assumption: usize,
    /// Of these, those that cannot hold.
    pub impossible: usize,
    /// Cells with a number that no equation reads.
    pub unchecked: usize,
}
