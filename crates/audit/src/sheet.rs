//! Every printed number of a paper in one list, in the order of the paper.

use std::borrow::Cow;

use published::{Number, Transcription};

use crate::{Cell, Interval, Part};

/// The cells that a table may have to be read; all tables together may have twice as many.
pub(crate) const LARGEST: usize = 50_000;

/// A printed number as arithmetic needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Quantity {
    pub(crate) value: f64,
    pub(crate) interval: Interval,
}

impl Quantity {
    /// The same with the other sign.
    pub(crate) fn negated(self) -> Self {
        Self { value: -self.value, interval: -self.interval }
    }
}

/// How exact a printed number can be, relative to it: further digits are of the machine that computed it.
const DIGITS: f64 = 1e-9;

impl From<&Number> for Quantity {
    fn from(number: &Number) -> Self {
        let value = number.value();
        let printed = Interval::from(number.interval());
        let room = DIGITS * value.abs();
        let interval = if printed.width() < room {
            Interval::between(value - room, value + room)
        } else {
            printed
        };
        Self { value, interval }
    }
}

/// A part of an entry of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot {
    pub(crate) entry: usize,
    pub(crate) part: Part,
}

impl Slot {
    pub(crate) fn estimate(entry: usize) -> Self {
        Self { entry, part: Part::Estimate }
    }

    pub(crate) fn uncertainty(entry: usize) -> Self {
        Self { entry, part: Part::Uncertainty }
    }

    pub(crate) fn stars(entry: usize) -> Self {
        Self { entry, part: Part::Stars }
    }
}

/// A cell with a number.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    /// Positions of table, row and column, if it is a cell of a table.
    pub(crate) place: Option<[usize; 3]>,
    pub(crate) table: &'a str,
    pub(crate) column: Cow<'a, str>,
    pub(crate) row: &'a str,
    /// The cell as printed.
    pub(crate) text: &'a str,
    pub(crate) number: &'a Number,
    pub(crate) bracket: Option<&'a Number>,
    pub(crate) estimate: Quantity,
    pub(crate) uncertainty: Option<Quantity>,
    pub(crate) stars: u8,
}

/// All cells with numbers. Edits are tried on a copy of an entry: see [`crate::repair`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Sheet<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    /// For each table: how many columns it has, and for each cell row by row its entry.
    tables: Vec<(usize, Vec<Option<usize>>)>,
    /// Tables with more cells than are read.
    left_out: Vec<usize>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(paper: &'a Transcription) -> Self {
        let mut sheet = Self::default();
        for (position, table) in paper.tables().iter().enumerate() {
            let width = table.column_names().len();
            let size = table.rows().len() * width;
            if size > LARGEST || sheet.entries.len() + size > 2 * LARGEST {
                sheet.left_out.push(position);
                sheet.tables.push((width, Vec::new()));
                continue;
            }
            let mut grid = Vec::with_capacity(size);
            for (i, row) in table.rows().iter().enumerate() {
                for (j, (column, cell)) in table.column_names().iter().zip(&row.cells).enumerate() {
                    grid.push(cell.estimate().map(|it| {
                        sheet.push(Entry {
                            place: Some([position, i, j]),
                            table: table.id(),
                            column: Cow::Borrowed(column),
                            row: &row.label,
                            text: it.as_str(),
                            number: it.number(),
                            bracket: it.uncertainty(),
                            estimate: it.number().into(),
                            uncertainty: it.uncertainty().map(Quantity::from),
                            stars: it.stars(),
                        })
                    }));
                }
            }
            sheet.tables.push((width, grid));
            let mut beside = |column, row, number: &'a Number| {
                sheet.push(Entry::bare(table.id(), Cow::Borrowed(column), row, number));
            };
            if let Some(effects) = table.effects() {
                beside("effects", "total", &effects.total);
                beside("effects", "direct", &effects.direct);
                beside("effects", "indirect", &effects.indirect);
            }
            if let Some(threshold) = table.threshold() {
                beside("threshold", &threshold.variable, &threshold.value);
            }
        }
        for series in paper.series() {
            for value in &series.values {
                let year = || Cow::Owned(value.year.to_string());
                sheet.push(Entry::bare(&series.id, year(), &value.name, &value.value));
            }
        }
        for claim in paper.claims() {
            if let Some(number) = claim.value.number() {
                let section = Cow::Borrowed(claim.section.as_str());
                sheet.push(Entry::bare("claim", section, &claim.subject, number));
            }
        }
        sheet
    }

    fn push(&mut self, entry: Entry<'a>) -> usize {
        self.entries.push(entry);
        self.entries.len() - 1
    }

    /// The same with room for numbers that were rounded twice: 0.03449 to 0.0345 to 0.035. The first rounding moves a number by
    /// half a unit of one more digit, a twentieth of one of the last. Whole numbers are rounded once.
    pub(crate) fn rounded_twice(&self) -> Self {
        let mut sheet = self.clone();
        let widen = |quantity: &mut Quantity, number: &Number| {
            if number.as_str().contains(['.', '．']) {
                let room = 0.05 * quantity.interval.width();
                quantity.interval = quantity.interval + Interval::between(-room, room);
            }
        };
        for entry in &mut sheet.entries {
            widen(&mut entry.estimate, entry.number);
            if let (Some(quantity), Some(number)) = (&mut entry.uncertainty, entry.bracket) {
                widen(quantity, number);
            }
        }
        sheet
    }

    /// The entry of a cell of a table, by position.
    pub(crate) fn at(&self, table: usize, row: usize, column: usize) -> Option<usize> {
        let (width, grid) = self.tables.get(table)?;
        if column < *width { grid.get(row * width + column).copied().flatten() } else { None }
    }

    /// Tables that are too large to be read.
    pub(crate) fn left_out(&self) -> &[usize] {
        &self.left_out
    }

    pub(crate) fn is_left_out(&self, table: usize) -> bool {
        self.left_out.contains(&table)
    }

    /// The entry that is named so.
    pub(crate) fn find(&self, table: &str, column: &str, row: &str) -> Option<usize> {
        self.entries.iter().position(|it| it.table == table && it.column == column && it.row == row)
    }

    pub(crate) fn estimate(&self, entry: usize) -> Interval {
        self.entries[entry].estimate.interval
    }

    pub(crate) fn uncertainty(&self, entry: usize) -> Option<Interval> {
        self.entries[entry].uncertainty.map(|it| it.interval)
    }

    /// The public name of a slot.
    pub(crate) fn cell(&self, slot: Slot) -> Cell {
        let entry = &self.entries[slot.entry];
        Cell {
            table: entry.table.to_owned(),
            column: entry.column.clone().into_owned(),
            row: entry.row.to_owned(),
            part: slot.part,
        }
    }
}

impl<'a> Entry<'a> {
    fn bare(table: &'a str, column: Cow<'a, str>, row: &'a str, number: &'a Number) -> Self {
        Self {
            place: None,
            table,
            column,
            row,
            text: number.as_str(),
            number,
            bracket: None,
            estimate: number.into(),
            uncertainty: None,
            stars: 0,
        }
    }
}
