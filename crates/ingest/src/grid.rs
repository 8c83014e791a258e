//! A sheet as it stands: cells, each with its place, before anything is made of them.

use std::collections::BTreeMap;

use crate::error::{Place, SheetCell};
use crate::text::Dialect;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Number(f64),
    Text(String),
    Bool(bool),
    /// What a formula left in place of a value, e.g. `#DIV/0!`.
    Error(String),
    /// A day, as year, month and day.
    Date(i32, u8, u8),
}

/// A place in a grid: row and column from 0.
pub(crate) type At = (u32, u32);

/// Cells that are merged into the first one: first and last, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Merge {
    pub(crate) first: At,
    pub(crate) last: At,
}

/// The cells of one sheet, or of one small text file. Rows without a cell are not there.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Grid {
    pub(crate) file: String,
    /// The sheet; a text file has none.
    pub(crate) sheet: Option<String>,
    /// How a text file writes numbers; a workbook has cells that are numbers.
    pub(crate) dialect: Option<Dialect>,
    /// Whether the sheet was taken because no other has a cell.
    pub(crate) only: bool,
    rows: BTreeMap<u32, Vec<(u32, Cell)>>,
    pub(crate) merges: Vec<Merge>,
}

impl Grid {
    pub(crate) fn new(file: &str, sheet: Option<&str>) -> Self {
        Self { file: file.to_owned(), sheet: sheet.map(str::to_owned), ..Self::default() }
    }

    /// Puts a cell; where there is one, the later one stands.
    pub(crate) fn put(&mut self, (row, column): At, cell: Cell) {
        let cells = self.rows.entry(row).or_default();
        match cells.last() {
            Some((last, _)) if *last >= column => {
                match cells.binary_search_by_key(&column, |(at, _)| *at) {
                    Ok(at) => cells[at].1 = cell,
                    Err(at) => cells.insert(at, (column, cell)),
                }
            }
            _ => cells.push((column, cell)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn get(&self, (row, column): At) -> Option<&Cell> {
        let cells = self.rows.get(&row)?;
        let at = cells.binary_search_by_key(&column, |(at, _)| *at).ok()?;
        Some(&cells[at].1)
    }

    /// The cell that is seen here: of merged cells, the first.
    pub(crate) fn seen(&self, at: At) -> Option<(At, &Cell)> {
        if let Some(cell) = self.get(at) {
            return Some((at, cell));
        }
        let inside = |merge: &&Merge| {
            let (first, last) = (merge.first, merge.last);
            (first.0..=last.0).contains(&at.0) && (first.1..=last.1).contains(&at.1)
        };
        let first = self.merges.iter().find(inside)?.first;
        Some((first, self.get(first)?))
    }

    /// The rows that hold a cell, in order.
    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = (u32, &[(u32, Cell)])> {
        self.rows.iter().map(|(&row, cells)| (row, cells.as_slice()))
    }

    /// The cells of a row.
    pub(crate) fn row(&self, row: u32) -> &[(u32, Cell)] {
        self.rows.get(&row).map_or(&[], Vec::as_slice)
    }

    /// The columns of the rows that hold a cell.
    pub(crate) fn width(&self, rows: impl IntoIterator<Item = u32>) -> u32 {
        let last = |row| self.row(row).last().map_or(0, |(column, _)| column + 1);
        rows.into_iter().map(last).max().unwrap_or(0)
    }

    pub(crate) fn place(&self, at: At) -> Place {
        place(&self.file, self.sheet.as_deref(), at)
    }
}

/// The place of a cell of a sheet, or the line of a text file.
pub(crate) fn place(file: &str, sheet: Option<&str>, at: At) -> Place {
    match sheet {
        None => Place::Line(file.to_owned(), u64::from(at.0) + 1),
        Some(sheet) => Place::Cell(Box::new(SheetCell {
            file: file.to_owned(),
            sheet: sheet.to_owned(),
            cell: address(at),
        })),
    }
}

/// A cell's address as spreadsheets write it: `(0, 27)` is `AB1`.
pub(crate) fn address((row, column): At) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

impl Cell {
    /// The cell as text; a whole number without a decimal point.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Number(x) => x.to_string(),
            Self::Text(text) | Self::Error(text) => text.clone(),
            Self::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
            Self::Date(year, month, day) => format!("{year:04}-{month:02}-{day:02}"),
        }
    }

    /// Whether a reader sees nothing: text of blanks alone.
    pub(crate) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}
