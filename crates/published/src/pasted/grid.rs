//! A table as it stands on a page, before anything is made of it.

use super::error::PasteError;

/// A table as it stands on a page: cells of text in rows, and the lines above and below.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grid {
    /// Lines above the table, its title among them.
    pub above: Vec<String>,
    /// Rows from the top.
    pub rows: Vec<GridRow>,
    /// Lines below the table: notes.
    pub below: Vec<String>,
}

/// A row of a [`Grid`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridRow {
    /// Where it stands, for messages: `table.csv:3`, ``table.xlsx `Sheet1` row 3``.
    pub at: String,
    /// Cells from the left; `None` is covered by the cell at its left, as in merged cells.
    pub cells: Vec<Option<String>>,
}

impl GridRow {
    /// What is written in a cell, trimmed; a covered cell and one beyond the end are blank.
    pub(super) fn text(&self, column: usize) -> &str {
        self.cells.get(column).and_then(Option::as_deref).unwrap_or("")
    }

    /// What is seen in a cell: of merged ones, the first.
    pub(super) fn seen(&self, column: usize) -> &str {
        let upto = &self.cells[..self.cells.len().min(column + 1)];
        if upto.len() <= column {
            return "";
        }
        upto.iter().rev().find_map(Option::as_deref).unwrap_or("")
    }

    /// Its cells that are not blank.
    pub(super) fn filled(&self) -> impl Iterator<Item = (usize, &str)> {
        let texts = self.cells.iter().map(|cell| cell.as_deref().unwrap_or(""));
        texts.enumerate().filter(|(_, text)| !text.is_empty())
    }

    /// The text of a row that has but one cell, at the left.
    pub(super) fn lone(&self) -> Option<&str> {
        let mut filled = self.filled();
        match (filled.next(), filled.next()) {
            (Some((0, text)), None) => Some(text),
            _ => None,
        }
    }

    /// All that is written in it.
    pub(super) fn joined(&self) -> String {
        self.filled().map(|(_, text)| text).collect::<Vec<_>>().join(", ")
    }
}

/// How large a grid has become: a printed table is read by people.
#[derive(Debug, Default)]
pub(super) struct Size {
    rows: usize,
    cells: usize,
}

impl Size {
    const ROWS: usize = 2_000;
    const COLUMNS: usize = 200;
    const CELLS: usize = 100_000;

    /// Counts a row, or refuses it.
    pub(super) fn admit(&mut self, name: &str, row: &GridRow) -> Result<(), PasteError> {
        let columns = row.cells.len();
        self.rows += 1;
        self.cells += columns;
        if self.rows <= Self::ROWS && columns <= Self::COLUMNS && self.cells <= Self::CELLS {
            return Ok(());
        }
        let (rows, columns, cells) = (Self::ROWS, Self::COLUMNS, Self::CELLS);
        Err(PasteError::Large { file: name.to_owned(), rows, columns, cells })
    }
}

/// A cell's text as a reader sees it: no blanks around, none that have no width, no wrapping as
/// spreadsheets need it (`="0.30"`).
pub(super) fn tidied(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}' | '\u{200e}'))
        .collect();
    let text = text.trim();
    let inner = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a line seems to be the title of a table: `Table 3. …`, `表 3 …`.
pub(super) fn is_title(line: &str) -> bool {
    number_of(line).is_some()
}

/// The number that a title gives its table: `3` of `Table 3. Baseline`.
pub(super) fn number_of(line: &str) -> Option<String> {
    let line = line.trim_start_matches(['#', '*', '_', ' ']);
    let rest = ["Table", "TABLE", "table", "Tab.", "表"]
        .iter()
        .find_map(|word| line.strip_prefix(word))?
        .trim_start();
    let number: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '.' || *c == '-').collect();
    let number = number.trim_end_matches(['.', '-']);
    let short = number.len() <= 6 && number.contains(|c: char| c.is_ascii_digit());
    let roman = !number.is_empty() && number.chars().all(|c| "IVX".contains(c));
    (short || roman).then(|| number.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_have_numbers() {
        let number = |line| number_of(line);
        assert_eq!(number("Table 3. Baseline").as_deref(), Some("3"));
        assert_eq!(number("## Table A1: Robustness").as_deref(), Some("A1"));
        assert_eq!(number("**Table 2** Moments").as_deref(), Some("2"));
        assert_eq!(number("TABLE IV").as_deref(), Some("IV"));
        assert_eq!(number("表3 基准回归").as_deref(), Some("3"));
        assert_eq!(number("Tables are long"), None);
        assert_eq!(number("Table of contents"), None);
    }

    #[test]
    fn what_spreadsheets_wrap_is_unwrapped() {
        assert_eq!(tidied("=\"0.30\""), "0.30");
        assert_eq!(tidied("  a \u{a0} b\u{200b} "), "a b");
        assert_eq!(tidied("=\"\""), "");
    }
}
