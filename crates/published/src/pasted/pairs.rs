//! Statistics in two columns of label and value, as one-regression outputs print them around the coefficients.

use super::grid::{Grid, GridRow};
use super::header::{self, is_number};
use super::words;

/// A label and what stands at its right.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) at: String,
    pub(super) label: String,
    pub(super) value: String,
}

/// What such lines say of the regression, as far as it is known what to make of it.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub(super) outcome: Option<String>,
    pub(super) rows: Vec<Pair>,
    /// Labels of all others.
    pub(super) unused: Vec<String>,
}

/// A row of two labels with values: the third cell is words and the fourth a number.
fn is_pairs(row: &GridRow) -> bool {
    let second = row.text(2);
    let words = second.chars().filter(|c| c.is_alphabetic()).count() > 1 && !is_number(second);
    let ends = row.filled().last().is_some_and(|(j, _)| j == 3);
    words && ends && is_number(row.text(3).trim_end_matches('.')) && !is_number(row.text(0))
}

/// Takes the rows of pairs out of a grid: runs of rows with four cells at most, two of which at least are pairs without doubt,
/// or rows of a label and a value under no header.
pub(super) fn taken(grid: &mut Grid) -> Pairs {
    let narrow = |row: &GridRow| {
        let last = row.filled().last().map_or(0, |(j, _)| j);
        last <= 3 && !header::is_number(row.text(2)) && !header::of_estimates(row)
    };
    let mut pairs = Pairs::default();
    let mut kept = Vec::new();
    let mut rows = std::mem::take(&mut grid.rows);
    // Dates and `F(2,188)` have commas of their own.
    rows.retain(|row| row.text(0).trim_end_matches(':') != "Date");
    for row in &mut rows {
        let of = |(_, text): &(usize, &str)| text.starts_with("Distribution:");
        let at = row.filled().find(of).map_or(row.cells.len(), |(at, _)| at);
        row.cells.truncate(at);
    }
    let headed = rows.first().is_some_and(header::begins) || rows.iter().any(header::of_estimates);
    if !headed {
        let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let filled: Vec<usize> =
            (0..width).filter(|&j| rows.iter().any(|row| !row.text(j).is_empty())).collect();
        for row in &mut rows {
            row.cells = filled.iter().map(|&j| row.cells.get(j).cloned().flatten()).collect();
        }
    }
    for run in rows.chunk_by(|a, b| narrow(a) == narrow(b)) {
        let sure: Vec<&str> =
            run.iter().filter(|row| is_pairs(row)).map(|row| row.text(2)).collect();
        let labels =
            sure.iter().enumerate().filter(|(n, label)| !sure[..*n].contains(label)).count();
        let single = !headed && run.iter().all(|row| row.filled().all(|(j, _)| j < 2));
        if !narrow(&run[0]) || !single && (labels < 2 || 2 * labels <= sure.len()) {
            kept.extend_from_slice(run);
            continue;
        }
        // A line of one cell among them is a line of text.
        for row in run {
            match row.lone() {
                Some(text) => grid.below.push(text.to_owned()),
                None => [(0, 1), (2, 3)].into_iter().for_each(|(label, value)| {
                    pairs.push(&row.at, row.text(label), row.text(value));
                }),
            }
        }
    }
    grid.rows = kept;
    pairs
}

impl Pairs {
    fn push(&mut self, at: &str, label: &str, value: &str) {
        let label = label.trim_end_matches([':', '：']).trim();
        // Some print a point behind whole numbers.
        let value = value.strip_suffix('.').filter(|bare| is_number(bare)).unwrap_or(value);
        if label.is_empty() || value.is_empty() {
            return;
        }
        if words::is_dependent(label) {
            self.outcome = Some(value.to_owned());
        } else if words::is_of_fit(label) && is_number(value) && !self.has(label) {
            let (at, label, value) = (at.to_owned(), label.to_owned(), value.to_owned());
            self.rows.push(Pair { at, label, value });
        } else {
            self.unused.push(label.to_owned());
        }
    }

    fn has(&self, label: &str) -> bool {
        self.rows.iter().any(|row| row.label == label)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.outcome.is_none() && self.rows.is_empty()
    }

    /// Adds those of another run of lines.
    pub(super) fn extend(&mut self, other: Self) {
        self.outcome = self.outcome.take().or(other.outcome);
        for row in other.rows {
            if self.has(&row.label) { self.unused.push(row.label) } else { self.rows.push(row) }
        }
        self.unused.extend(other.unused);
    }
}
