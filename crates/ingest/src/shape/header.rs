//! Where a table begins and ends on its sheet: the header, what stands above it and below.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::error::ShapeError;
use crate::grid::{At, Cell, Grid};
use crate::shape::number::{self, JOINED};
use crate::shape::{Layout, Shape};
use crate::table::whole;

/// What a header is known by.
pub(crate) enum Wanted {
    /// It holds these names.
    Names(Vec<String>),
    /// It holds years.
    Years,
    /// Below it, the first column holds periods.
    Periods,
}

/// The header of a table, and what is around it.
pub(crate) struct Header {
    /// Its rows, from 0.
    pub(crate) rows: Vec<u32>,
    /// The name of each column: the lines of a header joined, merged cells spread.
    pub(crate) names: Vec<(u32, String)>,
    /// The rows of the table.
    pub(crate) body: Vec<u32>,
    /// Title lines: their first cells.
    pub(crate) above: Vec<At>,
    /// Notes and sources below the table: their first cells.
    pub(crate) below: Vec<At>,
}

/// A file and its sheet, for messages.
pub(crate) fn at(grid: &Grid) -> String {
    match &grid.sheet {
        Some(sheet) => format!("{} {sheet}", grid.file),
        None => grid.file.clone(),
    }
}

/// A period: a whole number, a year as a yearbook writes it, or the year of a day.
pub(crate) fn period(cell: &Cell) -> Option<i32> {
    match cell {
        Cell::Number(x) => whole(*x),
        Cell::Date(year, ..) => Some(*year),
        Cell::Text(text) => {
            let plain = number::narrow(text).parse().ok().and_then(whole);
            plain.or_else(|| number::year(text))
        }
        Cell::Bool(_) | Cell::Error(_) => None,
    }
}

/// Finds the header, or takes the rows that the source names.
pub(crate) fn find(grid: &Grid, layout: &Layout, wanted: &Wanted) -> Result<Header, Error> {
    let rows = if layout.header.is_empty() {
        let row = match wanted {
            Wanted::Names(names) => by_names(grid, names),
            Wanted::Years => by_years(grid),
            Wanted::Periods => by_periods(grid),
        };
        lines(grid, row.ok_or_else(|| none(grid, layout.shape))?)
    } else {
        layout.header.iter().map(|row| row.saturating_sub(1)).collect()
    };
    if let Some(&row) = rows.iter().find(|&&row| grid.row(row).is_empty()) {
        return Err(ShapeError::EmptyHeader { at: at(grid), row: row + 1 }.into());
    }
    let (Some(&first), Some(&last)) = (rows.iter().min(), rows.iter().max()) else {
        return Err(none(grid, layout.shape));
    };
    let names = names(grid, &rows, layout.shape);
    let cells = |rows: Vec<u32>| -> Vec<At> {
        rows.iter().filter_map(|&row| Some((row, grid.row(row).first()?.0))).collect()
    };
    let above = grid.rows().map(|(row, _)| row).take_while(|&row| row < first).collect();
    let (body, below) = body(grid, last, &names, layout);
    if body.is_empty() {
        return Err(ShapeError::NoData { at: at(grid), row: last + 1 }.into());
    }
    Ok(Header { rows, names, body, above: cells(above), below: cells(below) })
}

fn none(grid: &Grid, shape: Shape) -> Error {
    let wanted = match shape {
        Shape::Tidy => "two names side by side",
        Shape::WideByEntity => "names of entities above a column of periods",
        _ => "years side by side, e.g. `地区`, `2022年`, `2021年`",
    };
    ShapeError::NoHeader { at: at(grid), shape: shape.name(), wanted }.into()
}

/// The first row with all of the names; else the first with two cells, for a message about it.
fn by_names(grid: &Grid, names: &[String]) -> Option<u32> {
    let holds = |cells: &[(u32, Cell)]| {
        names.iter().all(|name| cells.iter().any(|(_, cell)| cell.text() == *name))
    };
    // With two lines a name may be in either: then the rows are named by `header`.
    let with_names = || grid.rows().find(|(_, cells)| holds(cells));
    let wide = || grid.rows().find(|(_, cells)| cells.len() > 1).or_else(|| grid.rows().next());
    let found = if names.is_empty() { wide() } else { with_names().or_else(wide) };
    found.map(|(row, _)| row)
}

/// The first row in which years stand side by side; else the first in which one stands by a word.
fn by_years(grid: &Grid) -> Option<u32> {
    let count = |cells: &[(u32, Cell)]| {
        let named = |cell: &Cell| match cell {
            Cell::Text(text) => number::stub(text).is_some(),
            Cell::Number(x) => number::year(&x.to_string()).is_some(),
            _ => false,
        };
        cells.iter().filter(|(_, cell)| named(cell)).count()
    };
    let first = |years: usize| {
        let fits = |cells: &[(u32, Cell)]| cells.len() > 1 && count(cells) >= years;
        grid.rows().find(|(_, cells)| fits(cells)).map(|(row, _)| row)
    };
    first(2).or_else(|| first(1))
}

/// The row above the first one that begins with a period and goes on.
fn by_periods(grid: &Grid) -> Option<u32> {
    let mut before = None;
    for (row, cells) in grid.rows() {
        let begins = cells.first().and_then(|(_, cell)| period(cell)).is_some();
        if begins && cells.len() > 1 && before.is_some() {
            return before;
        }
        before = (cells.len() > 1 || before.is_none()).then_some(row);
    }
    None
}

/// The lines of a header of which one row is known: those that merged cells tie to it.
fn lines(grid: &Grid, row: u32) -> Vec<u32> {
    let (mut first, mut last) = (row, row);
    for merge in &grid.merges {
        let (top, bottom) = (merge.first.0, merge.last.0);
        let spans = |row: u32| (top..=bottom).contains(&row);
        // A cell that is merged downwards, such as the entity's beside two lines.
        if spans(row) && top != bottom {
            (first, last) = (first.min(top), last.max(bottom));
        }
    }
    let across = |row: u32| {
        grid.merges
            .iter()
            .any(|m| m.first.0 == row && m.last.0 == row && m.first.1 > 0 && m.last.1 > m.first.1)
    };
    // Cells merged across are the upper of two lines.
    if first == last && across(row) && grid.row(row + 1).len() > 1 {
        last = row + 1;
    }
    if first == row && row > 0 && across(row - 1) {
        first = row - 1;
    }
    (first..=last).filter(|&row| !grid.row(row).is_empty()).collect()
}

fn names(grid: &Grid, rows: &[u32], shape: Shape) -> Vec<(u32, String)> {
    let inside: Vec<u32> = rows.to_vec();
    let merged = grid.merges.iter().filter(|m| inside.contains(&m.first.0)).map(|m| m.last.1 + 1);
    let held = grid.width(rows.iter().copied());
    // A merged cell spreads no further than the table does.
    let width = merged.max().map_or(held, |merged| held.max(merged.min(held.saturating_add(4096))));
    let mut names = Vec::new();
    for column in 0..width {
        let mut parts: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        for &row in rows {
            let Some((at, cell)) = grid.seen((row, column)) else { continue };
            let text = cell.text();
            let text =
                if shape == Shape::Tidy && rows.len() == 1 { text } else { text.trim().into() };
            if seen.insert(at) && !text.is_empty() {
                parts.push(text);
            }
        }
        if !parts.is_empty() {
            names.push((column, parts.join(JOINED)));
        }
    }
    names
}

/// The rows below a header: those of the table, and those that are notes.
///
/// A note begins with a word such as `注：`. At the end of the table a row whose only cell is text
/// is one, too.
fn body(grid: &Grid, last: u32, names: &[(u32, String)], layout: &Layout) -> (Vec<u32>, Vec<u32>) {
    let mut body: Vec<u32> = Vec::new();
    let mut below: Vec<u32> = Vec::new();
    for (row, cells) in grid.rows().filter(|(row, _)| *row > last) {
        let begins = cells
            .first()
            .is_some_and(|(_, cell)| matches!(cell, Cell::Text(text) if is_note(text)));
        if begins { &mut below } else { &mut body }.push(row);
    }
    // A table of one column has rows of one cell.
    if names.len() > 1 && !(layout.shape == Shape::Tidy && grid.sheet.is_none()) {
        let alone = |row: u32| matches!(grid.row(row), [(_, Cell::Text(_))]);
        while body.len() > 1 && body.last().is_some_and(|&row| alone(row)) {
            below.extend(body.pop());
        }
    }
    below.sort_unstable();
    (body, below)
}

/// Whether text begins as a note below a table does.
pub(crate) fn is_note(text: &str) -> bool {
    let text = number::narrow(text).to_lowercase();
    let begins = |word: &str| {
        text.strip_prefix(word).is_some_and(|rest| {
            rest.trim_start().is_empty()
                || rest
                    .trim_start()
                    .starts_with(|c: char| ":.*[(".contains(c) || c.is_ascii_digit())
        })
    };
    ["数据来源", "资料来源"].iter().any(|word| text.starts_with(word))
        || ["注", "注释", "备注", "说明", "note", "notes", "source", "sources"]
            .iter()
            .any(|word| begins(word))
}

impl Header {
    pub(crate) fn last(&self) -> u32 {
        self.rows.iter().copied().max().unwrap_or(0)
    }

    pub(crate) fn name(&self, column: u32) -> &str {
        let found = self.names.iter().find(|(at, _)| *at == column);
        found.map_or("", |(_, name)| name)
    }

    /// What a title line says after one of the words.
    pub(crate) fn title(&self, grid: &Grid, words: &[&str]) -> Option<(String, At)> {
        self.above.iter().find_map(|&at| {
            let Some(Cell::Text(text)) = grid.get(at) else { return None };
            let rest = words.iter().find_map(|word| text.trim().strip_prefix(word))?.trim();
            (!rest.is_empty()).then(|| (rest.to_owned(), at))
        })
    }

    /// Fails if two of the columns have one name.
    pub(crate) fn distinct(
        &self,
        grid: &Grid,
        columns: impl Iterator<Item = u32>,
    ) -> Result<(), Error> {
        let wanted: BTreeSet<u32> = columns.collect();
        let mut seen = BTreeMap::new();
        for (column, name) in &self.names {
            if let Some(first) = seen.insert(name, *column)
                && (wanted.contains(column) || wanted.contains(&first))
            {
                let place = |column| grid.place((self.last(), column));
                let (first, second) = (place(first), place(*column));
                return Err(ShapeError::TwoColumns { first, second, column: name.clone() }.into());
            }
        }
        Ok(())
    }

    /// Fails if the table holds a cell in a column without a name,
    /// other than the key's.
    pub(crate) fn no_data_without_name(&self, grid: &Grid, key: Option<u32>) -> Result<(), Error> {
        let named = self.names.iter().map(|(column, _)| *column).chain(key);
        let named: BTreeSet<u32> = named.collect();
        for &row in &self.body {
            if let Some((column, _)) = grid.row(row).iter().find(|(at, _)| !named.contains(at)) {
                return Err(ShapeError::NoName { place: grid.place((row, *column)) }.into());
            }
        }
        Ok(())
    }
}
