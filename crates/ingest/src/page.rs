//! What a file shows a reader: its text, or the cells of its sheets. No panel is made of it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{PageError, WorkbookError};
use crate::grid::{Cell, Grid};
use crate::table::File;
use crate::text::Hints;
use crate::{Error, text, workbook};

/// What a file shows a reader.
#[derive(Debug, Clone, PartialEq)]
pub enum Page {
    /// A text, decoded.
    Text(String),
    /// Cells of a workbook.
    Sheets(Vec<Sheet>),
}

/// The cells of one sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Its rows without those at its ends that are blank: number in the sheet, from 1, and cells from
    /// column A on. `None` is covered by a merged cell at its left.
    pub rows: Vec<(u32, Vec<Option<String>>)>,
    /// Cells that hold a number rather than a text. A workbook keeps no zeros at their ends: `0.30` is
    /// `0.3`. They are written with nine significant digits at most.
    pub numbers: usize,
}

/// Text that is read at most; a printed page is shorter.
const BYTES: u64 = 8 << 20;
/// Cells of a workbook that are read at most.
const CELLS: u64 = 1_000_000;

/// Reads a file as a person would: a workbook's sheets (the one that is named, or all that have cells),
/// or the text of any other file, in whichever encoding of UTF-8, UTF-16 and GB18030 it is.
///
/// # Errors
///
/// [`PageError`] for what is no page; those of a workbook, among them [`WorkbookError::Unpacks`] for one
/// that unpacks beyond reason, and [`WorkbookError::NoSheet`].
pub fn page(path: &Path, sheet: Option<&str>) -> Result<Page, Error> {
    let name = path.display().to_string();
    let file = File { path, name: &name, hints: Hints::default(), watch: None };
    let found = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::NotFound { path: path.to_owned() },
        _ => file.io(&error),
    })?;
    if found.is_dir() {
        return Err(Error::Folder { path: path.to_owned() });
    }
    if !["xlsx", "xlsm", "xls"].contains(&file.extension().as_str()) {
        return text::whole(file, BYTES).map(Page::Text);
    }
    let grids = match sheet {
        Some(sheet) => workbook::read(file, Some(sheet), CELLS).map(|grid| vec![grid]),
        None => workbook::all(file, CELLS),
    };
    let wide = || PageError::Wide { file: name.clone(), limit: CELLS };
    let grids = grids.map_err(|error| match error {
        Error::Workbook(error) if matches!(*error, WorkbookError::Cells { .. }) => wide().into(),
        other => other,
    })?;
    let sheets: Option<_> = grids.iter().map(Sheet::of).collect();
    Ok(Page::Sheets(sheets.ok_or_else(wide)?))
}

impl Sheet {
    /// `None` if it spans more cells than are read.
    fn of(grid: &Grid) -> Option<Self> {
        let mut merged: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
        for merge in &grid.merges {
            merged.entry(merge.first.0).or_default().push((merge.first.1, merge.last.1));
        }
        let (mut numbers, mut left) = (0, CELLS);
        let mut rows = Vec::new();
        let mut next = None;
        for (row, cells) in grid.rows() {
            // One blank row separates tables as well as a thousand.
            if next.is_some_and(|next| next < row) {
                rows.push((row, Vec::new()));
            }
            next = Some(row + 1);
            let merged = merged.get(&row).map_or(&[][..], Vec::as_slice);
            let filled = cells.last().map_or(0, |(column, _)| column + 1);
            // A merge counts as far as the columns that the sheet uses.
            let spans = merged.iter().map(|(_, last)| last + 1).filter(|end| *end <= 1 << 10);
            let width = spans.chain([filled]).max().unwrap_or(0);
            left = left.checked_sub(u64::from(width))?;
            let mut shown: Vec<Option<String>> = vec![Some(String::new()); width as usize];
            for (from, to) in merged {
                let covered = (from + 1).min(width) as usize..(to + 1).min(width) as usize;
                shown.get_mut(covered).into_iter().flatten().for_each(|cell| *cell = None);
            }
            for (column, cell) in cells {
                numbers += usize::from(matches!(cell, Cell::Number(_)));
                shown[*column as usize] = Some(match cell {
                    Cell::Number(x) => significant(*x),
                    other => other.text().trim().to_owned(),
                });
            }
            rows.push((row + 1, shown));
        }
        Some(Self { name: grid.sheet.clone().unwrap_or_default(), rows, numbers })
    }
}

/// At most nine significant digits: fewer digits allow more, so that what a program computed in
/// doubles is not held to digits that it does not have.
fn significant(x: f64) -> String {
    let exact = format!("{x}");
    if exact.bytes().filter(u8::is_ascii_digit).count() <= 9 {
        return exact;
    }
    let rounded = format!("{x:.8e}");
    let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    match usize::try_from(8 - exponent) {
        // Nine digits, the last of them behind the point.
        Ok(decimals @ 0..=20) => {
            let fixed = format!("{x:.decimals$}");
            if fixed.contains('.') {
                fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                fixed
            }
        }
        _ => format!("{mantissa}e{exponent}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_nine_digits() {
        for (x, shown) in [
            (0.3, "0.3"),
            (0.1 + 0.2, "0.3"),
            (-0.000_002_83, "-0.00000283"),
            (372.0, "372"),
            (1.0 / 3.0, "0.333333333"),
            (123_456_789_012.0, "1.23456789e11"),
            (4.42e-10, "0.000000000442"),
            (1e-30, "1.00000000e-30"),
            (14_846.341_234_567, "14846.3412"),
        ] {
            assert_eq!(significant(x), shown, "{x}");
        }
    }
}
