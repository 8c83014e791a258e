//! What was seen of a sheet: a part of the account.

use std::fmt;

use crate::{Place, Shape};

/// How a sheet, or a text file that is no plain table, was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The file.
    pub file: String,
    /// The sheet; a text file has none.
    pub sheet: Option<String>,
    /// Whether the sheet was taken because no other has a cell.
    pub only: bool,
    /// Its shape.
    pub shape: Shape,
    /// The rows of the header, from 1.
    pub header: Vec<u32>,
    /// What stands above the table and was left out.
    pub above: Vec<(Place, String)>,
    /// Notes and sources below the table, left out.
    pub below: Vec<(Place, String)>,
    /// Columns that are neither the key nor of any period, left out.
    pub ignored: Vec<(Place, String)>,
    /// Cells of a workbook that hold a number as text.
    pub as_text: usize,
    /// Formulas that failed and were read as missing.
    pub failed: usize,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if let Some(sheet) = &self.sheet {
            let only = if self.only { ", the only one with cells" } else { "" };
            write!(f, " sheet `{sheet}`{only};")?;
        }
        let rows: Vec<String> = self.header.iter().map(u32::to_string).collect();
        let noun = match (&self.sheet, rows.len()) {
            (Some(_), 1) => "row",
            (Some(_), _) => "rows",
            (None, 1) => "line",
            (None, _) => "lines",
        };
        write!(f, " {}, header in {noun} {}", self.shape, rows.join(" and "))?;
        let lists = [
            ("left out above", &self.above),
            ("left out below", &self.below),
            ("columns of no period left out", &self.ignored),
        ];
        for (what, places) in lists {
            if !places.is_empty() {
                let shown: Vec<String> = places.iter().take(6).map(short).collect();
                let more = places.len().saturating_sub(shown.len());
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                write!(f, "; {what}: {}{more}", shown.join(", "))?;
            }
        }
        let counts = [
            (self.as_text, "of text read as a number"),
            (self.failed, "of a failed formula read as missing"),
        ];
        for (count, what) in counts {
            if count > 0 {
                write!(f, "; {count} cell{} {what}", if count == 1 { "" } else { "s" })?;
            }
        }
        Ok(())
    }
}

/// Where, within the file, and the beginning of what stands there.
fn short((place, text): &(Place, String)) -> String {
    let place = match place {
        Place::Cell(at) => at.cell.clone(),
        Place::Line(_, line) => format!("line {line}"),
        Place::Row(_, row) => format!("row {row}"),
    };
    let mut shown: String = text.chars().take(24).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{place} \"{shown}\"")
}
