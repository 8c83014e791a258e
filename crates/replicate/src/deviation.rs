//! Mismatches that a study declares: known, dated and explained.

use published::{Number, Transcription};
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
    /// Declares `table / column / row [/ part]`; the cell must have been printed.
    pub(crate) fn declare(
        &mut self,
        cell: &str,
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
        let beside = printed.table(table).is_some_and(|printed| {
            let first = printed.column_names().first().is_some_and(|first| first == column);
            let below = crate::printed::beside(printed);
            let of_group = crate::printed::group_head(printed) == Some(column);
            (first && below.iter().any(|(label, _)| label == row))
                || (of_group && printed.row(row).is_some())
        });
        if printed.cell(table, row, column).is_none() && !beside {
            return Err(format!("no cell `{cell}` was printed"));
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
    pub(crate) fn judge(
        &mut self,
        [table, column, row]: [&str; 3],
        part: PartKind,
        agrees: bool,
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
