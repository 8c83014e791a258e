//! What happened between the raw files and the panel.

use std::collections::BTreeMap;
use std::fmt;

use panel::Name;

use crate::{Filter, Reading, Step};

/// What happened to rows and cells, step by step; printed under every table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Account {
    /// The steps, in the order they were taken.
    pub entries: Vec<Entry>,
    /// What the columns mean, in the words of files that say so, such as Stata's.
    pub labels: BTreeMap<Name, String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A file was read, and rows outside the sample were left out.
    Read {
        /// The file.
        file: String,
        /// What deserves mention about it: an encoding, a delimiter, a decimal comma.
        notes: Vec<String>,
        /// Rows in the file.
        rows: usize,
        /// Rows in the sample.
        kept: usize,
        /// Why rows were left out, and how many; each counts for its first reason.
        left_out: Vec<(String, usize)>,
        /// Words in number columns that were read as missing, and how many cells said so.
        words: BTreeMap<String, usize>,
    },
    /// A sheet was read, or a text file that is no plain table.
    Sheet(Reading),
    /// The files of a source whose name has a placeholder, in the order they were read.
    Files {
        /// The name with its placeholder.
        pattern: String,
        /// The files.
        files: Vec<String>,
    },
    /// A file was joined to the first one on entity and period.
    Joined {
        /// The file.
        file: String,
        /// Rows of the first file.
        rows: usize,
        /// Rows of the first file without a row in this one: its columns are missing there.
        unmatched: Keys,
        /// Rows of this file without a row in the first one: left out.
        unused: Keys,
    },
    /// A variable was made.
    Made {
        /// Its name.
        variable: Name,
        /// What it was made from.
        from: Name,
        /// How.
        steps: Vec<Step>,
        /// Rows where it is missing.
        missing: usize,
    },
    /// Cells of a variable were replaced by its percentiles.
    Winsorized {
        /// The variable.
        variable: Name,
        /// At the lower end.
        low: Clip,
        /// At the upper end.
        high: Clip,
    },
    /// Rows were left out by a condition on a variable.
    Filtered {
        /// The condition.
        filter: Filter,
        /// Rows before.
        rows: usize,
        /// Rows after.
        kept: usize,
        /// Of those left out: rows where the value is missing.
        missing: usize,
    },
}

/// Cells replaced at one end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clip {
    /// The percentile, now the most extreme value.
    pub bound: f64,
    /// How many cells lay beyond it.
    pub cells: usize,
}

/// Keys of rows: how many, and the first few.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keys {
    /// How many.
    pub count: usize,
    /// The first three in order, as "entity period".
    pub first: Vec<String>,
}

impl Keys {
    pub(crate) fn push(&mut self, (entity, period): (String, i32)) {
        self.count += 1;
        if self.first.len() < 3 {
            self.first.push(format!("{entity} {period}"));
        }
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.count > self.first.len() { ", …" } else { "" };
        write!(f, "{} ({}{more})", self.count, self.first.join(", "))
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { file, notes, rows, kept, left_out, words } => {
                write!(f, "{file}: ")?;
                if !notes.is_empty() {
                    write!(f, "{}; ", notes.join(", "))?;
                }
                write!(f, "{rows} rows read")?;
                if kept < rows {
                    let reasons: Vec<String> =
                        left_out.iter().map(|(why, rows)| format!("{rows} {why}")).collect();
                    write!(f, ", {kept} kept; left out: {}", reasons.join(", "))?;
                }
                for (word, cells) in words {
                    write!(f, "; {} \"{word}\" read as missing", plural(*cells, "cell"))?;
                }
                Ok(())
            }
            Self::Sheet(reading) => reading.fmt(f),
            Self::Files { pattern, files } => {
                write!(f, "{pattern}: {}: {}", plural(files.len(), "file"), files.join(", "))
            }
            Self::Joined { file, rows, unmatched, unused } => {
                write!(f, "{file}: joined to {} of {rows} rows", rows - unmatched.count)?;
                if unmatched.count > 0 {
                    write!(f, "; missing for {unmatched}")?;
                }
                if unused.count > 0 {
                    write!(f, "; left out, for lack of such rows: {unused}")?;
                }
                Ok(())
            }
            Self::Made { variable, from, steps, missing } => {
                write!(f, "{variable}: {from}")?;
                steps.iter().try_for_each(|step| write!(f, ", {step}"))?;
                if *missing > 0 {
                    write!(f, "; missing in {}", plural(*missing, "row"))?;
                }
                Ok(())
            }
            Self::Winsorized { variable, low, high } => write!(
                f,
                "{variable}: {} raised to {}, {} lowered to {}",
                plural(low.cells, "cell"),
                short(low.bound),
                plural(high.cells, "cell"),
                short(high.bound),
            ),
            Self::Filtered { filter, rows, kept, missing } => {
                write!(f, "where `{filter}`: {rows} rows, {kept} kept")?;
                if *missing > 0 {
                    write!(f, "; {missing} of those left out are missing")?;
                }
                Ok(())
            }
        }
    }
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Six significant digits.
fn short(x: f64) -> String {
    format!("{x:.5e}").parse().map_or_else(|_| x.to_string(), |x: f64| x.to_string())
}
