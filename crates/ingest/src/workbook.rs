//! Workbooks: one sheet of an .xlsx or .xls file as a [`Grid`].
//!
//! The sheet is the one that is named, or the only one with a cell. Memory and time are bounded
//! whatever a file declares: `archive` looks at what an .xlsx unpacks to, `compound` at the table
//! that an .xls spans, and cells are counted as they come.

mod archive;
mod compound;

use std::fs::File as Input;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetType, Xls, Xlsx, open_workbook};

use crate::error::WorkbookError;
use crate::grid::{Cell, Grid, Merge};
use crate::table::File;
use crate::{Error, text};

/// Cells that are read unless a source says `cells = …`: a third of a gigabyte.
pub(crate) const CELLS: u64 = 10_000_000;

/// The sheet on which a workbook of ours says how it came to be; it is not counted.
pub(crate) const ACCOUNT: &str = "account";

/// The sheet that `wanted` names, or the only one with a cell.
pub(crate) fn read(file: File<'_>, wanted: Option<&str>, cells: u64) -> Result<Grid, Error> {
    // Calamine panics on some damaged files; for us that is an error like any other.
    catch_unwind(AssertUnwindSafe(|| read_or_panic(file, wanted, cells)))
        .unwrap_or_else(|_| Err(damaged(file, "the file is damaged").into()))
}

fn read_or_panic(file: File<'_>, wanted: Option<&str>, cells: u64) -> Result<Grid, Error> {
    let mut workbook = Workbook::open(file, cells)?;
    let sheets = workbook.sheets();
    if let Some(wanted) = wanted {
        if !sheets.iter().any(|sheet| sheet == wanted) {
            let sheet = wanted.to_owned();
            return Err(WorkbookError::NoSheet { file: file.name.to_owned(), sheet, sheets }.into());
        }
        return workbook.grid(file, wanted, cells);
    }
    // Two are enough to know that one must be named.
    let mut found = workbook.filled(file, cells, 2)?;
    let name = || file.name.to_owned();
    match found.pop() {
        None => Err(WorkbookError::Empty { file: name() }.into()),
        Some(_) if !found.is_empty() => Err(WorkbookError::Several { file: name(), sheets }.into()),
        Some(mut grid) => {
            grid.only = sheets.len() > 1;
            Ok(grid)
        }
    }
}

/// All sheets that have cells; at least one.
pub(crate) fn all(file: File<'_>, cells: u64) -> Result<Vec<Grid>, Error> {
    let all = || {
        let found = Workbook::open(file, cells)?.filled(file, cells, usize::MAX)?;
        let empty = || WorkbookError::Empty { file: file.name.to_owned() };
        if found.is_empty() { Err(empty().into()) } else { Ok(found) }
    };
    catch_unwind(AssertUnwindSafe(all))
        .unwrap_or_else(|_| Err(damaged(file, "the file is damaged").into()))
}

fn damaged(file: File<'_>, error: impl ToString) -> WorkbookError {
    WorkbookError::Damaged { file: file.name.to_owned(), reason: error.to_string() }
}

/// A workbook in one of its two formats.
enum Workbook {
    Xlsx(Xlsx<BufReader<Input>>),
    Xls(Xls<BufReader<Input>>),
}

impl Workbook {
    /// Opens a workbook once it is known that it does no harm.
    fn open(file: File<'_>, cells: u64) -> Result<Self, Error> {
        let input = Input::open(file.path).map_err(|error| file.io(&error))?;
        Ok(if archive::is_archive(&input).map_err(|error| file.io(&error))? {
            archive::check(file, &input)?;
            let broken = |error: calamine::XlsxError| damaged(file, error);
            Self::Xlsx(open_workbook(file.path).map_err(broken)?)
        } else {
            compound::check(file, cells)?;
            let broken = |error: calamine::XlsError| damaged(file, error);
            Self::Xls(open_workbook(file.path).map_err(broken)?)
        })
    }

    /// The first sheets that have cells, so many of them at most.
    fn filled(&mut self, file: File<'_>, cells: u64, most: usize) -> Result<Vec<Grid>, Error> {
        let mut found = Vec::new();
        for sheet in self.sheets().iter().filter(|sheet| *sheet != ACCOUNT) {
            let grid = self.grid(file, sheet, cells)?;
            if !grid.is_empty() {
                found.push(grid);
            }
            if found.len() == most {
                break;
            }
        }
        Ok(found)
    }

    /// The names of the sheets that have cells of their own: no charts, no macros.
    fn sheets(&self) -> Vec<String> {
        let metadata = match self {
            Self::Xlsx(book) => book.sheets_metadata(),
            Self::Xls(book) => book.sheets_metadata(),
        };
        let of_cells = metadata.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        of_cells.map(|sheet| sheet.name.clone()).collect()
    }

    fn grid(&mut self, file: File<'_>, sheet: &str, limit: u64) -> Result<Grid, Error> {
        let mut grid = Grid::new(file.name, Some(sheet));
        let mut count = 0;
        let mut put = |at, cell: Option<Cell>| {
            let Some(cell) = cell.filter(|cell| !cell.is_blank()) else { return Ok(()) };
            count += 1;
            if count > limit {
                let at = format!("{} {sheet}", file.name);
                return Err(Error::from(WorkbookError::Cells { at, limit }));
            }
            grid.put(at, cell);
            Ok(())
        };
        let merges = match self {
            Self::Xlsx(book) => {
                let broken = |error: calamine::XlsxError| damaged(file, error);
                let mut cells = book.worksheet_cells_reader(sheet).map_err(broken)?;
                while let Some(cell) = cells.next_cell().map_err(broken)? {
                    put(cell.get_position(), shared(cell.get_value()))?;
                }
                drop(cells);
                book.merge_cells_by_sheet_name(sheet).map_err(broken)?
            }
            Self::Xls(book) => {
                let broken = |error: calamine::XlsError| damaged(file, error);
                let range = book.worksheet_range(sheet).map_err(broken)?;
                let (top, left) = range.start().unwrap_or_default();
                for (row, cells) in (top..).zip(range.rows()) {
                    for (column, cell) in (left..).zip(cells) {
                        put((row, column), own(cell.clone()))?;
                    }
                }
                book.merge_cells_by_sheet_name(sheet).map_err(broken)?
            }
        };
        grid.merges = merges.iter().map(|m| Merge { first: m.start, last: m.end }).collect();
        Ok(grid)
    }
}

fn shared(cell: &DataRef<'_>) -> Option<Cell> {
    own(cell.clone().into())
}

fn own(cell: Data) -> Option<Cell> {
    Some(match cell {
        Data::Empty => return None,
        Data::String(text) if text.is_empty() => return None,
        Data::String(text) | Data::DurationIso(text) => Cell::Text(text),
        // Spreadsheets hold doubles: a whole number of theirs is exact.
        Data::Int(number) => Cell::Number(number as f64),
        Data::Float(number) => Cell::Number(number),
        Data::Bool(truth) => Cell::Bool(truth),
        Data::Error(error) => Cell::Error(error.to_string()),
        Data::DateTime(day) => date(&day),
        Data::DateTimeIso(text) => iso(&text).unwrap_or(Cell::Text(text)),
    })
}

/// A day; a span of time is the number of days that the file holds.
fn date(day: &ExcelDateTime) -> Cell {
    if day.is_duration() {
        return Cell::Number(day.as_f64());
    }
    let (year, month, day, ..) = day.to_ymd_hms_milli();
    Cell::Date(i32::from(year), month, day)
}

fn iso(text: &str) -> Option<Cell> {
    let mut parts = text.get(..10)?.split('-');
    let mut next = || parts.next();
    let (year, month, day) = (next()?.parse().ok()?, next()?.parse().ok()?, next()?.parse().ok()?);
    Some(Cell::Date(year, month, day))
}

/// A small text file, cell for cell, and what deserves mention about it; lines keep their numbers.
pub(crate) fn text_grid(file: File<'_>) -> Result<(Grid, Vec<String>), Error> {
    let text::Records { rows, dialect, notes } = text::records(file)?;
    let mut grid = Grid::new(file.name, None);
    grid.dialect = Some(dialect);
    for record in rows {
        let row = u32::try_from(record.line.saturating_sub(1)).unwrap_or(u32::MAX);
        for (column, cell) in (0..).zip(record.cells) {
            if !cell.trim().is_empty() {
                grid.put((row, column), Cell::Text(cell));
            }
        }
    }
    Ok((grid, notes))
}
