//! Published tables beside our own: what was printed, what we get, and a verdict on every number.
//!
//! A [`Replication`] is plain data. [`Counts`] are computed from it, never stored.

mod claim;
mod html;
mod json;
mod lines;
mod markdown;
mod own;
mod text;

use std::iter::Sum;
use std::ops::AddAssign;

use serde::Serialize;

pub use claim::{Claim, ClaimStatus};
pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use own::{OWN, Own, OwnCell, OwnRow};
pub use text::text;

/// Papers, each with its tables replicated.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Replication {
    /// Papers, in the order in which they are shown.
    pub papers: Vec<Paper>,
}

/// One paper.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Paper {
    /// Short name, unique: `wang-chen`.
    pub key: String,
    /// Title, as printed.
    pub title: String,
    /// Authors, as printed.
    pub authors: Vec<String>,
    /// Where it was published: journal, year, DOI.
    pub citation: String,
    /// Its tables, in the paper's order.
    pub tables: Vec<Compared>,
    /// Whether it is a study of our own: nothing of it was published.
    pub is_own: bool,
    /// Tables of our own.
    pub own: Vec<Own>,
    /// Figures, drawn from real series and from what is stated.
    pub figures: Vec<crate::Figure>,
    /// Statements of the text, checked.
    pub claims: Vec<Claim>,
    /// Mismatches that the study declares.
    pub deviations: Vec<Deviation>,
    /// How the data were made: rows in, rows out, and why; a line each.
    pub account: Vec<String>,
    /// Files that the data were made of.
    pub sources: Vec<SourceLine>,
}

/// A file that numbers of ours rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SourceLine {
    /// Path within the repository.
    pub file: String,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Where it came from, and under which licence.
    pub provenance: String,
}

/// A published table beside ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Compared {
    /// Number of the table in the paper: `3`.
    pub id: String,
    /// Title, as printed.
    pub title: String,
    /// Column heads, without the stub's.
    pub columns: Vec<String>,
    /// Rows, in the paper's order.
    pub rows: Vec<ComparedRow>,
    /// What stands under our table: conventions, caveats of the fit.
    pub notes: Vec<String>,
    /// What an audit of the printed cells says of those that do not come out.
    pub findings: Vec<Explained>,
}

/// A finding of an audit that explains a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Label of the cell's row.
    pub row: String,
    /// Head of its column.
    pub column: String,
    /// Which part of it, and the arithmetic.
    pub says: String,
}

/// A row of a [`Compared`] table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ComparedRow {
    /// Row label, as printed.
    pub label: String,
    /// One cell a column; blank where nothing is printed.
    pub cells: Vec<ComparedCell>,
}

/// A printed cell, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ComparedCell {
    /// The cell as printed, `0.0088*** (0.0031)`; empty if nothing is.
    pub printed: String,
    /// What of it is compared; none for words such as `YES`.
    pub parts: Vec<Part>,
}

/// One thing that a cell says, with its verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// Which thing.
    pub part: PartKind,
    /// It as printed: `0.0088`, `0.0031`, `***`. Stars that are absent are `""`.
    pub printed: String,
    /// Closed interval of the numbers that print so; none for stars.
    pub interval: Option<[f64; 2]>,
    /// Ours, at the printed precision.
    pub ours: Option<String>,
    /// Ours, as computed; for stars, the p value.
    pub exact: Option<f64>,
    /// Whether the two agree.
    pub verdict: Verdict,
    /// What our number rests on; none if there is none.
    pub tier: Option<Tier>,
    /// Why it differs, or was not computed.
    pub because: Option<String>,
}

impl Part {
    /// Whether tallies of numbers have it. Words that agree are shown and not counted.
    pub fn is_counted(&self) -> bool {
        self.part != PartKind::Words || self.verdict != Verdict::Match
    }
}

/// What a part of a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PartKind {
    /// An estimate, a count, a statistic.
    Value,
    /// A standard error, t statistic or p value beside the estimate.
    Uncertainty,
    /// The stars of significance.
    Stars,
    /// Words: the dimension of an indicator, its sign.
    Words,
}

/// Whether ours agrees with what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Verdict {
    /// They agree at printed precision.
    #[serde(rename = "match")]
    Match,
    /// They differ, and the study says so and why.
    #[serde(rename = "declared")]
    Declared,
    /// They differ, undeclared: a failure.
    #[serde(rename = "off")]
    Off,
    /// Declared to differ, and they agree: a failure.
    #[serde(rename = "stale")]
    Stale,
    /// There is no number of ours.
    #[serde(rename = "not computed")]
    NotComputed,
}

impl Verdict {
    /// All verdicts, in the order in which they are listed.
    pub const ALL: [Verdict; 5] =
        [Self::Match, Self::Declared, Self::Off, Self::Stale, Self::NotComputed];

    /// Its name, as in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Declared => "declared",
            Self::Off => "off",
            Self::Stale => "stale",
            Self::NotComputed => "not computed",
        }
    }

    /// One sign for it, told from the others without colour.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Match => "=",
            Self::Declared => "≈",
            Self::Off => "✗",
            Self::Stale => "!",
            Self::NotComputed => "·",
        }
    }

    /// What it means, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Match => "agrees at printed precision",
            Self::Declared => "differs, and the study says why",
            Self::Off => "differs, undeclared",
            Self::Stale => "declared to differ, but agrees",
            Self::NotComputed => "no number of ours",
        }
    }

    /// Whether a replication with this verdict fails.
    pub fn fails(self) -> bool {
        matches!(self, Self::Off | Self::Stale)
    }
}

/// What our number rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Data with a source, a retrieval path and a checksum.
    Real,
    /// Synthetic data, solved for so that the printed cells come out: a test of the estimators, no
    /// evidence for the paper's claims.
    Reconstructed,
}

impl Tier {
    /// Its name, as in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Reconstructed => "reconstructed",
        }
    }
}

/// What a reader of reconstructed numbers must know.
pub const SYNTHETIC: &str = "Reconstructed data are synthetic: solved for, so that the estimators \
    print the published cells. They are not the authors' data and are no evidence for the paper's \
    claims.";

/// A mismatch that is known, dated and explained.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// The cells it covers, as the study writes them: `6 / (3) / Constant / stars`.
    pub cell: String,
    /// Why ours differs.
    pub because: String,
    /// Day it was declared.
    pub since: String,
    /// Parts it covered in this run; none means that it is out of use.
    pub used: usize,
}

/// Parts of cells by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Parts that agree.
    #[serde(rename = "match")]
    pub matched: usize,
    /// Parts that differ as declared.
    pub declared: usize,
    /// Parts that differ.
    pub off: usize,
    /// Parts that agree though declared to differ.
    pub stale: usize,
    /// Parts without a number of ours.
    #[serde(rename = "not computed")]
    pub not_computed: usize,
}

impl Counts {
    /// How many have this verdict.
    pub fn of(self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Match => self.matched,
            Verdict::Declared => self.declared,
            Verdict::Off => self.off,
            Verdict::Stale => self.stale,
            Verdict::NotComputed => self.not_computed,
        }
    }

    /// All parts.
    pub fn total(self) -> usize {
        Verdict::ALL.iter().map(|&verdict| self.of(verdict)).sum()
    }

    /// Parts with a number of ours.
    pub fn computed(self) -> usize {
        self.total() - self.not_computed
    }

    /// Parts that fail the replication.
    pub fn failed(self) -> usize {
        self.off + self.stale
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.matched += other.matched;
        self.declared += other.declared;
        self.off += other.off;
        self.stale += other.stale;
        self.not_computed += other.not_computed;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Counts>>(counts: I) -> Counts {
        counts.fold(Counts::default(), |mut sum, counts| {
            sum += counts;
            sum
        })
    }
}

impl FromIterator<Verdict> for Counts {
    fn from_iter<I: IntoIterator<Item = Verdict>>(verdicts: I) -> Counts {
        let mut counts = Counts::default();
        for verdict in verdicts {
            *match verdict {
                Verdict::Match => &mut counts.matched,
                Verdict::Declared => &mut counts.declared,
                Verdict::Off => &mut counts.off,
                Verdict::Stale => &mut counts.stale,
                Verdict::NotComputed => &mut counts.not_computed,
            } += 1;
        }
        counts
    }
}

/// Whether there are parts, and none was computed.
fn none<'a>(mut parts: impl Iterator<Item = &'a Part>) -> bool {
    let pending = |part: &Part| part.verdict == Verdict::NotComputed;
    parts.next().is_some_and(|first| pending(first) && parts.all(pending))
}

impl ComparedRow {
    /// Parts of its cells, from the left.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.cells.iter().flat_map(|cell| &cell.parts)
    }

    /// Whether something is compared in it, and nothing of ours stands beside it.
    pub fn is_pending(&self) -> bool {
        none(self.parts())
    }
}

impl Compared {
    /// Parts of its cells, row by row.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.rows.iter().flat_map(ComparedRow::parts)
    }

    /// Its parts by verdict, without words that agree.
    pub fn counts(&self) -> Counts {
        self.parts().filter(|part| part.is_counted()).map(|part| part.verdict).collect()
    }

    /// Whether something is compared in it, and nothing of ours stands beside it.
    pub fn is_pending(&self) -> bool {
        none(self.parts())
    }
}

impl Paper {
    /// Its parts by verdict.
    pub fn counts(&self) -> Counts {
        self.tables.iter().map(Compared::counts).sum()
    }

    /// Whether a number of ours rests on reconstructed data.
    pub fn is_reconstructed(&self) -> bool {
        let mut parts = self.tables.iter().flat_map(Compared::parts);
        parts.any(|part| part.tier == Some(Tier::Reconstructed))
            || self.own.iter().any(|own| own.is_reconstructed)
            || self.figures.iter().any(|figure| figure.is_reconstructed)
    }
}

impl Replication {
    /// All parts by verdict.
    pub fn counts(&self) -> Counts {
        self.papers.iter().map(Paper::counts).sum()
    }
}
