//! Tables of our own: estimates with nothing published to compare with.

use serde::Serialize;

use crate::format;
use crate::table::{Cell, Row, Table, head, number, row, table, words};

/// What stands over numbers that no publication prints.
pub const OWN: &str = "own study: nothing published to compare with";

/// A table of our own numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Own {
    /// Its number in the study.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// Column heads, without the stub's.
    pub columns: Vec<String>,
    /// The dependent variable of each column; empty if columns have none.
    pub dependent: Vec<String>,
    /// Rows, from the top.
    pub rows: Vec<OwnRow>,
    /// Decimals of a number that is neither a count nor so small that they would hide it.
    pub decimals: usize,
    /// What stands under it: the legend, conventions, caveats.
    pub notes: Vec<String>,
    /// Whether a number in it rests on reconstructed data.
    pub is_reconstructed: bool,
}

/// A row of an [`Own`] table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OwnRow {
    /// Its label.
    pub label: String,
    /// One cell a column.
    pub cells: Vec<OwnCell>,
    /// Whether a rule stands above it.
    pub ruled: bool,
}

/// A cell of an [`Own`] table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnCell {
    /// Nothing to say.
    #[default]
    Blank,
    /// `yes`, a name.
    Words(String),
    /// How many.
    Count(f64),
    /// A statistic.
    Number(f64),
    /// A probability.
    P(f64),
    /// A coefficient with what stands in the brackets below it.
    Estimate {
        /// The coefficient.
        value: f64,
        /// Its standard error, or t statistic, or p value.
        uncertainty: f64,
        /// Decides the stars.
        p_value: f64,
        /// How many stars that gives.
        stars: usize,
    },
}

impl Own {
    /// The table as it is rendered; `title` may be `""` where a heading says it.
    pub fn table(&self, title: &str) -> Table {
        let mut shown = table(title).heads(
            std::iter::once(head(""))
                .chain(self.columns.iter().map(|column| head(column.as_str()))),
        );
        if !self.dependent.is_empty() {
            shown = shown.heads(
                std::iter::once(head(""))
                    .chain(self.dependent.iter().map(|name| head(name.as_str()))),
            );
        }
        for line in &self.rows {
            if line.ruled {
                shown = shown.rows([Row::Rule]);
            }
            let cells = line.cells.iter().map(|cell| self.cell(cell));
            shown = shown.rows([row(line.label.as_str(), cells)]);
        }
        self.notes.iter().fold(shown, |shown, note| shown.note(note.as_str()))
    }

    /// Its columns `from..to`.
    pub(super) fn part(&self, from: usize, to: usize) -> Own {
        fn cut<T: Clone>(all: &[T], from: usize, to: usize) -> Vec<T> {
            all.get(from.min(all.len())..to.min(all.len())).unwrap_or_default().to_vec()
        }
        let rows =
            self.rows.iter().map(|row| OwnRow { cells: cut(&row.cells, from, to), ..row.clone() });
        Own {
            columns: cut(&self.columns, from, to),
            dependent: cut(&self.dependent, from, to),
            rows: rows.collect(),
            ..self.clone()
        }
    }

    fn cell(&self, cell: &OwnCell) -> Cell {
        match cell {
            OwnCell::Blank => number(""),
            OwnCell::Words(text) => Cell { align: crate::Align::Centre, ..words(text.as_str()) },
            OwnCell::Count(n) => number(format::fixed(*n, 0)),
            OwnCell::Number(x) => number(shown(*x, self.decimals)),
            OwnCell::P(p) => number(format::p_value(*p, self.decimals)),
            OwnCell::Estimate { value, uncertainty, stars, .. } => number(format!(
                "{}{}\n({})",
                shown(*value, self.decimals),
                "*".repeat(*stars),
                shown(*uncertainty, self.decimals)
            )),
        }
    }
}

/// `x` with `decimals` decimals, or where these would leave less than two digits of it, with three
/// significant ones.
fn shown(x: f64, decimals: usize) -> String {
    let least = 10_f64.powi(1 - i32::try_from(decimals).unwrap_or(17));
    if x != 0.0 && x.abs() < least { format::general(x, 3) } else { format::fixed(x, decimals) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_number_is_not_shown_as_zero() {
        assert_eq!(shown(0.25, 4), "0.2500");
        assert_eq!(shown(0.001, 4), "0.0010");
        assert_eq!(shown(-0.000_012_34, 4), "-0.0000123");
        assert_eq!(shown(0.0, 4), "0.0000");
        assert_eq!(shown(f64::NAN, 4), ".");
    }
}
