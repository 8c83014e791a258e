//! What printed tables prove about themselves, for a reader: findings first, then conventions, then
//! what agrees.
//!
//! A [`Report`] is plain data; it does not know how a finding was made.

mod html;
mod lines;
mod markdown;
mod text;

pub use html::html;
pub use markdown::markdown;
pub use text::text;

/// An audit of the tables of one paper, or of what somebody pasted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// What the audit was asked for: `chen-sun`, `table.csv`.
    pub key: String,
    /// Title, as printed.
    pub title: String,
    /// Authors and where it was published, in one line; may be empty.
    pub byline: String,
    /// How the tables were read, where that is not plain.
    pub remarks: Vec<String>,
    /// The tables, with a mark at every cell that is checked.
    pub tables: Vec<Marked>,
    /// What cannot hold, then what holds under an assumption, the most severe first. Their numbers are
    /// their positions, from 1.
    pub findings: Vec<Finding>,
    /// What agrees, check by check.
    pub agreeing: Vec<Agreeing>,
    /// What columns tell of their conventions.
    pub conventions: Vec<Convention>,
    /// What was taken for granted.
    pub inferred: Vec<Because>,
    /// What cannot be checked.
    pub unchecked: Vec<Because>,
    /// How many of each.
    pub counts: Counts,
}

/// What an equation comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing reads the cell.
    #[default]
    Unchecked,
    /// It holds.
    Consistent,
    /// It holds under an assumption.
    NeedsAssumption,
    /// It holds for no numbers that print so.
    Impossible,
}

impl Verdict {
    /// One sign for it, told from the others without colour.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Unchecked => "·",
            Self::Consistent => "=",
            Self::NeedsAssumption => "?",
            Self::Impossible => "✗",
        }
    }

    /// What the sign means at a cell.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Unchecked => "no equation reads it",
            Self::Consistent => "agrees with the other cells",
            Self::NeedsAssumption => "agrees only under an assumption",
            Self::Impossible => "among cells that cannot all be right",
        }
    }
}

/// A finding that a reader should look at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// What was checked: `stars`.
    pub check: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// What it needs, if it holds under an assumption alone.
    pub assumption: String,
    /// Cells; the first is the one whose intervals are shown.
    pub cells: Vec<Place>,
    /// What the shown cell's digits allow.
    pub printed: Option<[f64; 2]>,
    /// What the other cells imply for it.
    pub implied: Option<[f64; 2]>,
    /// The arithmetic, in one line.
    pub explanation: String,
    /// Single edits that would mend it, the best first.
    pub repairs: Vec<Repair>,
}

/// Where a number stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Its column, as `table/header`.
    pub column: String,
    /// Its row.
    pub row: String,
    /// Which part of the cell: `estimate`, `uncertainty`, `stars`.
    pub part: String,
}

impl Place {
    /// The cell, as `table/column/row`.
    pub fn address(&self) -> String {
        format!("{}/{}", self.column, self.row)
    }
}

/// A single edit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repair {
    /// The cell, as `table/column/row/part`.
    pub cell: String,
    /// The other cell of a swap.
    pub with: Option<String>,
    /// What kind of edit: `one digit changed`.
    pub edit: String,
    /// The cell as printed.
    pub from: String,
    /// The cell as it would be.
    pub to: String,
    /// Numbers of the findings that it mends.
    pub mends: Vec<usize>,
    /// Share of the edits of this kind that would do as well.
    pub share: f64,
}

/// Equations of one check that hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreeing {
    /// The check.
    pub check: String,
    /// The arithmetic of each.
    pub explanations: Vec<String>,
}

/// What some columns tell of a convention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Convention {
    /// What is in question: `brackets`.
    pub what: String,
    /// What it is.
    pub is: String,
    /// The columns, as `table/header`.
    pub columns: Vec<String>,
    /// How many cells speak for it.
    pub supports: usize,
    /// Cells that speak against it.
    pub against: Vec<String>,
}

/// Something, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Because {
    /// What it is.
    pub what: String,
    /// Why.
    pub because: String,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cells with a number.
    pub cells: usize,
    /// Equations that were tried.
    pub equations: usize,
    /// Those that hold.
    pub consistent: usize,
    /// Those that hold under an assumption.
    pub needs_assumption: usize,
    /// Those that cannot hold.
    pub impossible: usize,
    /// Cells with a number that no equation reads.
    pub unchecked: usize,
}

/// A table with its cells marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// `Table 3. Baseline`.
    pub title: String,
    /// Heads of its columns, without the stub's.
    pub columns: Vec<String>,
    /// Rows, from the top.
    pub rows: Vec<MarkedRow>,
}

impl Marked {
    /// Whether an equation reads a cell of it.
    pub fn is_checked(&self) -> bool {
        let mut cells = self.rows.iter().flat_map(|row| &row.cells);
        cells.any(|cell| cell.verdict != Verdict::Unchecked)
    }
}

/// A row of a [`Marked`] table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkedRow {
    /// Its label.
    pub label: String,
    /// Its cells.
    pub cells: Vec<MarkedCell>,
}

/// A cell with what was found of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkedCell {
    /// The cell as printed.
    pub text: String,
    /// What findings call it, without the part: `table/column/row`.
    pub address: String,
    /// Whether it holds a number.
    pub is_number: bool,
    /// The worst of what reads it.
    pub verdict: Verdict,
    /// Numbers of the findings that read it.
    pub findings: Vec<usize>,
}
