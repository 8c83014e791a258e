//! Mismatches that a study declares: known, dated and explained.

use published::{Number, Printed, Transcription};
use report::replication::{Deviation, PartKind, Verdict};

/// What is solved for at a printed number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sought<'a> {
    /// What is printed: it is not declared to differ.
    Printed,
    /// It may be anything.
    Nothing,
    /// Another number.
    Other(&'a Number),
}

/// The declared mismatches of a study, and how many parts each of them covered.
#[derive(Debug, Default)]
pub(crate) struct Deviations {
    declared: Vec<Declared>,
}

#[derive(Debug)]
struct Declared {
    table: String,
    column: String,
    row: String,
    part: Option<PartKind>,
    toward: Option<Number>,
    shown: Deviation,
}

impl Deviations {
    /// Declares `table / column / row [/ part]`; the cell must have been printed, and so.
    pub(crate) fn declare(
        &mut self,
        cell: &str,
        text: &str,
        because: &str,
        since: &str,
        toward: Option<&Number>,
        printed: &Transcription,
    ) -> Result<(), String> {
        let fields: Vec<&str> = cell.split(" / ").map(str::trim).collect();
        let (address, part) = match fields.as_slice() {
            [table, column, row] => ([*table, *column, *row], None),
            [table, column, row, part] => ([*table, *column, *row], Some(kind(part)?)),
            _ => {
                return Err(format!(
                    "`{cell}` is not `table / column / row` or `table / column / row / part`"
                ));
            }
        };
        let [table, column, row] = address;
        let Some(there) = printed_at(printed, address, part) else {
            return Err(format!("no cell `{cell}` was printed"));
        };
        if there != text {
            return Err(format!(
                "`{cell}` is declared to differ from `{text}`, and `{there}` is printed there: look at the \
                 article, then at the reason"
            ));
        }
        if toward.is_some() && !matches!(part, Some(PartKind::Value | PartKind::Uncertainty)) {
            return Err(format!(
                "`toward` is a number for one part, and `{cell}` is none: end it in ` / value` or ` / uncertainty`"
            ));
        }
        if !is_day(since) {
            return Err(format!("`since` is `{since}`, not a day such as 2026-11-22"));
        }
        if because.trim().is_empty() {
            return Err("`because` is empty; say why ours differs".to_owned());
        }
        if self.declared.iter().any(|declared| declared.shown.cell == cell) {
            return Err(format!("`{cell}` is declared twice"));
        }
        self.declared.push(Declared {
            table: table.to_owned(),
            column: column.to_owned(),
            row: row.to_owned(),
            part,
            toward: toward.cloned(),
            shown: Deviation {
                cell: cell.to_owned(),
                because: because.to_owned(),
                since: since.to_owned(),
                used: 0,
            },
        });
        Ok(())
    }

    /// The verdict on a part once declarations are taken into account, and the reason if one is.
    ///
    /// A number that is declared to come out as another one has to.
    pub(crate) fn judge(
        &mut self,
        [table, column, row]: [&str; 3],
        part: PartKind,
        agrees: bool,
        ours: Option<f64>,
    ) -> (Verdict, Option<String>) {
        let declared = self.declared.iter_mut().find(|declared| {
            (declared.table.as_str(), declared.column.as_str(), declared.row.as_str())
                == (table, column, row)
                && declared.part.is_none_or(|kind| kind == part)
        });
        match (agrees, declared) {
            (true, None) => (Verdict::Match, None),
            (false, None) => (Verdict::Off, None),
            // A declaration without a part is about the parts that differ.
            (true, Some(declared)) if declared.part.is_none() => (Verdict::Match, None),
            (agrees, Some(declared)) => {
                declared.shown.used += 1;
                let wanted = declared.toward.as_ref().filter(|_| !agrees);
                let misses = |to: &&Number| !ours.is_some_and(|x| to.interval().contains(x));
                if let Some(other) = wanted.filter(misses) {
                    return (Verdict::Off, Some(format!("it is declared to be {other}")));
                }
                let verdict = if agrees { Verdict::Stale } else { Verdict::Declared };
                (verdict, Some(declared.shown.because.clone()))
            }
        }
    }

    /// Whether a part is declared to differ, and whether a number is solved for instead.
    pub(crate) fn of(&self, address: [&str; 3], part: PartKind) -> Sought<'_> {
        let declared = self.declared.iter().find(|declared| {
            [declared.table.as_str(), declared.column.as_str(), declared.row.as_str()] == address
                && declared.part.is_none_or(|kind| kind == part)
        });
        match declared {
            None => Sought::Printed,
            Some(declared) => declared.toward.as_ref().map_or(Sought::Nothing, Sought::Other),
        }
    }

    /// What was declared.
    pub(crate) fn into_shown(self) -> Vec<Deviation> {
        self.declared.into_iter().map(|declared| declared.shown).collect()
    }
}

/// What is printed of a part of a cell, or of all of it.
fn printed_at(
    printed: &Transcription,
    [table, column, row]: [&str; 3],
    part: Option<PartKind>,
) -> Option<String> {
    let beside = || {
        let table = printed.table(table)?;
        let below = crate::printed::beside(table).into_iter().find(|(label, _)| label == row);
        match below {
            Some((_, cell)) if table.column_names().first()? == column => Some(cell),
            _ if crate::printed::group_head(table) == Some(column) => {
                Some(Printed::text(table.row(row)?.group.as_deref()?))
            }
            _ => None,
        }
    };
    let cell = printed.cell(table, row, column).cloned().or_else(beside)?;
    let Some(part) = part else { return Some(cell.to_string()) };
    match (part, cell.estimate()) {
        (PartKind::Words, None) => Some(cell.to_string()),
        (PartKind::Value, Some(of)) => Some(of.number().as_str().to_owned()),
        (PartKind::Uncertainty, Some(of)) => of.uncertainty().map(|of| of.as_str().to_owned()),
        (PartKind::Stars, Some(of)) => Some("*".repeat(usize::from(of.stars()))),
        _ => None,
    }
}

fn kind(part: &str) -> Result<PartKind, String> {
    match part {
        "value" => Ok(PartKind::Value),
        "uncertainty" => Ok(PartKind::Uncertainty),
        "stars" => Ok(PartKind::Stars),
        "words" => Ok(PartKind::Words),
        _ => Err(format!("no part `{part}`; there are value, uncertainty, stars and words")),
    }
}

fn is_day(text: &str) -> bool {
    let fields: Vec<&str> = text.split('-').collect();
    let [year, month, day] = fields.as_slice() else { return false };
    let within = |text: &str, digits: usize, most: u32| {
        text.len() == digits && text.parse().is_ok_and(|number| (1..=most).contains(&number))
    };
    within(year, 4, 9999) && within(month, 2, 12) && within(day, 2, 31)
}
