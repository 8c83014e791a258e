//! What stands around a table: its title, and the rows and lines that are notes.

use super::error::PasteError;
use super::grid::{self, Grid, GridRow};
use super::header::{self, is_number};
use super::legend::{self, Legend};

/// Rows without those that are notes, and all lines of text around them.
pub(super) fn without_notes(grid: &Grid) -> (Vec<GridRow>, Vec<String>) {
    let mut notes = grid.above.clone();
    let last = grid.rows.iter().rposition(header::has_number).unwrap_or(0);
    let mut rows = Vec::new();
    for (at, row) in grid.rows.iter().enumerate() {
        let drawn = |text: &str| text.len() > 2 && text.chars().all(|c| c == '=' || c == '-');
        if row.filled().all(|(_, text)| drawn(text)) {
            continue;
        }
        let text = row.joined();
        let begins = ["note", "source", "注", "资料来源", "数据来源"];
        let first = row.text(0).to_lowercase();
        let speaks = begins.iter().any(|word| first.starts_with(word))
            || legend::uncertainty(std::slice::from_ref(&text), None).is_some()
            || matches!(legend::stars(std::slice::from_ref(&text)), Legend::Levels(_));
        let trails = at > last && row.lone().is_some();
        if !header::has_number(row)
            && at > 0
            && (speaks && (at > last || row.lone().is_some()) || trails)
        {
            notes.push(text);
        } else {
            rows.push(row.clone());
        }
    }
    notes.extend(grid.below.iter().cloned());
    (rows, notes)
}

/// The first column names the rows: it does not hold numbers with decimals itself.
pub(super) fn labelled(body: &[GridRow], width: usize) -> Result<(), PasteError> {
    let texts = || body.iter().filter(|row| (1..width).any(|j| is_number(row.text(j))));
    let decimal = |row: &&GridRow| is_number(row.text(0)) && row.text(0).contains('.');
    match texts().find(decimal) {
        Some(row) if texts().all(|row| row.text(0).is_empty() || is_number(row.text(0))) => {
            Err(PasteError::NoLabels { at: row.at.clone() })
        }
        _ => Ok(()),
    }
}

/// No row is wider than the header.
pub(super) fn even(header: &[GridRow], body: &[GridRow]) -> Result<(), PasteError> {
    let width = |row: &GridRow| row.filled().last().map_or(0, |(j, _)| j + 1);
    let Some(expected) = header.iter().map(|row| row.cells.len()).max() else { return Ok(()) };
    match body.iter().find(|row| width(row) > expected) {
        None => Ok(()),
        Some(row) => Err(PasteError::Wide { at: row.at.clone(), expected, got: width(row) }),
    }
}

pub(super) fn title(grid: &Grid) -> String {
    let line = grid.above.iter().find(|line| grid::is_title(line)).or(grid.above.last());
    let line = line.map_or("", String::as_str).trim_matches(|c: char| "#*_ ".contains(c));
    match grid::number_of(line) {
        Some(number) => {
            let after = line.find(&number).map_or(line, |at| &line[at + number.len()..]);
            after.trim_start_matches(|c: char| ".:：*_ ".contains(c)).to_owned()
        }
        None => line.to_owned(),
    }
}

/// The outcome that a line names for the whole table: `Dependent variable: lnY`.
pub(super) fn outcome(line: &str) -> Option<String> {
    let lower = line.to_lowercase();
    let at = lower.find("dependent variable")?;
    let rest = line.get(at + "dependent variable".len()..)?.trim_start();
    let rest = rest.strip_prefix([':', '：', '=']).or_else(|| rest.strip_prefix("is "))?;
    let name = rest.split(['.', ';', ',', '；', '，', '。', ')']).next()?.trim();
    let short = !name.is_empty() && name.split_whitespace().count() <= 4;
    short.then(|| name.to_owned())
}
