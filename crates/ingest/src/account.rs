//! What happened between the raw files and the panel.

use std::collections::BTreeMap;
use std::fmt;

use panel::Name;

use crate::{Filter, Reading, Step, Unit};

/// What happened to rows and cells, step by step; printed under every table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Account {
    /// The steps, in the order they were taken.
    pub entries: Vec<Entry>,
    /// What the columns mean, in the words of files that say so, such as Stata's.
    pub labels: BTreeMap<Name, String>,
    /// What numbers of a column stand for, by number, where a Stata file says so: of a category the
    /// codes that its labels had there, none if they were strings or two files disagree; of numbers
    /// the labels of some of them.
    pub value_labels: BTreeMap<Name, ValueLabels>,
}

/// Labels by code.
pub type ValueLabels = BTreeMap<i32, String>;

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
        /// The percentiles: of all rows, or of every period.
        bounds: Vec<Bounds>,
        /// Cells below the lower one.
        raised: Keys,
        /// Cells above the upper one.
        lowered: Keys,
    },
    /// Missing cells of a variable were filled.
    Filled {
        /// The variable.
        variable: Name,
        /// How.
        step: Step,
        /// Which.
        cells: Keys,
        /// How many are missing still.
        left: usize,
    },
    /// A variable was taken to another unit.
    Converted {
        /// The variable.
        variable: Name,
        /// From which unit.
        from: Unit,
        /// To which.
        to: Unit,
        /// What it was multiplied by, and divided by.
        by: (u64, u64),
    },
    /// A variable was taken to another currency.
    Exchanged {
        /// The variable.
        variable: Name,
        /// From which unit.
        from: Unit,
        /// To which.
        to: Unit,
        /// What the rates are in.
        rate: Unit,
        /// The least and the greatest rate.
        range: (f64, f64),
    },
    /// Numbers that can hardly be what they are said to be. Nothing was done about it.
    Doubtful {
        /// The column.
        column: Name,
        /// What is odd.
        doubt: Doubt,
        /// Where.
        cells: Keys,
    },
    /// Labels of a file were resolved to the names of what they stand for.
    Resolved {
        /// The file.
        file: String,
        /// How many of its labels are not the name itself.
        renamed: usize,
        /// How many entities there are.
        entities: usize,
        /// Different labels of one entity, by its name.
        merged: BTreeMap<String, Vec<String>>,
    },
    /// A column was added that no file holds.
    Added {
        /// Its name.
        column: Name,
        /// Where it comes from, in a few words.
        from: String,
        /// Rows where it is missing.
        missing: usize,
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

/// Two percentiles, now the most extreme values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The period whose they are; of the whole sample if `None`.
    pub period: Option<i32>,
    /// The lower one.
    pub low: f64,
    /// The upper one.
    pub high: f64,
}

/// What is odd about numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// A share below 0 or above 1.
    ShareBeyond,
    /// A percentage of which no value is beyond ±1: a share, perhaps.
    PercentAsShare,
    /// A chained price index whose links are near 1 and not near 100.
    LinkAsRatio,
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
    /// Counts a row; its label is asked for only if it is one of the first.
    pub(crate) fn push_with(&mut self, label: impl FnOnce() -> (String, i32)) {
        self.count += 1;
        if self.first.len() < 3 {
            let (entity, period) = label();
            self.first.push(format!("{entity} {period}"));
        }
    }

    /// "3 cells … (a 1, b 2, …)", with what was done to them.
    fn cells(&self, done: &str) -> String {
        let more = if self.count > self.first.len() { ", …" } else { "" };
        let places = format!(" ({}{more})", self.first.join(", "));
        let places = if self.count == 0 { "" } else { &places };
        format!("{} {done}{places}", plural(self.count, "cell"))
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
    #[allow(clippy::too_many_lines, reason = "a few lines an entry")]
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
            Self::Winsorized { variable, bounds, raised, lowered } => {
                let (low, high) = match bounds.as_slice() {
                    [one @ Bounds { period: None, .. }] => (short(one.low), short(one.high)),
                    _ => ["lower", "upper"]
                        .map(|end| format!("the {end} percentile of their period"))
                        .into(),
                };
                let raised = raised.cells(&format!("raised to {low}"));
                write!(f, "{variable}: {raised}, {}", lowered.cells(&format!("lowered to {high}")))
            }
            Self::Filled { variable, step, cells, left } => {
                let done = match step {
                    Step::Interpolate => "interpolated".to_owned(),
                    Step::Fill(x) => format!("missing and now {x}"),
                    step => step.to_string().replacen("extrapolate", "extrapolated", 1),
                };
                write!(f, "{variable}: {}", cells.cells(&done))?;
                if *left > 0 {
                    write!(f, "; {left} missing still")?;
                }
                Ok(())
            }
            Self::Converted { variable, from, to, by } => {
                write!(f, "{variable}: from {from} to {to}")?;
                match by {
                    (1, 1) => f.write_str(", the same numbers"),
                    (up, 1) => write!(f, ", times {up}"),
                    (1, down) => write!(f, ", over {down}"),
                    (up, down) => write!(f, ", times {up} over {down}"),
                }
            }
            Self::Exchanged { variable, from, to, rate, range: (low, high) } => {
                write!(f, "{variable}: from {from} to {to}, at {low} to {high} {rate}")
            }
            Self::Doubtful { column, doubt, cells } => match doubt {
                Doubt::ShareBeyond => {
                    write!(f, "{column}: {}; is it a share?", cells.cells("beyond 0 and 1"))
                }
                Doubt::PercentAsShare => {
                    write!(f, "{column}: is in %, but no value is beyond ±1; is it a share?")
                }
                Doubt::LinkAsRatio => write!(
                    f,
                    "{column}: {}; is 100 the period before, or 1?",
                    cells.cells("of a chained index below 20"),
                ),
            },
            Self::Resolved { file, renamed, entities, merged } => {
                write!(
                    f,
                    "{file}: {}, of which {renamed} had another label",
                    if *entities == 1 { "1 entity".into() } else { format!("{entities} entities") }
                )?;
                for (name, labels) in merged {
                    write!(f, "; {} are all {name}", labels.join(", "))?;
                }
                Ok(())
            }
            Self::Added { column, from, missing } => {
                write!(f, "{column}: {from}")?;
                if *missing > 0 {
                    write!(f, "; missing in {}", plural(*missing, "row"))?;
                }
                Ok(())
            }
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
