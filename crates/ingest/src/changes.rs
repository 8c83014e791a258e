//! Which cells cleaning changed: what each was before, and after.

use std::path::Path;

use panel::{Name, Panel};

use crate::write::whole;
use crate::{Error, Step};

/// The cells that interpolation, extrapolation, filling and winsorizing gave another value.
///
/// Steps that are the same formula in every cell (a logarithm, a ratio) are not listed cell by
/// cell; the [`Account`](crate::Account) has them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    steps: Vec<(Name, Step)>,
    cells: Vec<Cell>,
}

/// One cell, 24 bytes of it: a million of them are no burden.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    step: u32,
    row: u32,
    before: f64,
    after: f64,
}

/// A cell that a step changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change<'a> {
    /// The variable.
    pub variable: &'a str,
    /// The step.
    pub step: &'a Step,
    /// The row of the panel, from 0.
    pub row: usize,
    /// What the cell was; NaN is missing.
    pub before: f64,
    /// What it became.
    pub after: f64,
}

impl Changes {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The changes: variable by variable and step by step as the spec has them.
    pub fn iter(&self) -> impl Iterator<Item = Change<'_>> {
        self.cells.iter().map(|cell| {
            let (variable, step) = &self.steps[cell.step as usize];
            let (row, before, after) = (cell.row as usize, cell.before, cell.after);
            Change { variable, step, row, before, after }
        })
    }

    /// Begins a step; its cells follow.
    pub(crate) fn begin(&mut self, variable: &str, step: &Step) {
        self.steps.push((variable.to_owned(), step.clone()));
    }

    /// A cell that the step begun last has changed.
    pub(crate) fn push(&mut self, row: usize, before: f64, after: f64) {
        let step = narrow(self.steps.len().saturating_sub(1));
        self.cells.push(Cell { step, row: narrow(row), before, after });
    }

    pub(crate) fn append(&mut self, other: Self) {
        let first = narrow(self.steps.len());
        self.steps.extend(other.steps);
        let later = |cell: Cell| Cell { step: cell.step + first, ..cell };
        self.cells.extend(other.cells.into_iter().map(later));
    }

    /// The changes in the rows that are kept, which are sorted.
    pub(crate) fn keep(&mut self, rows: &[usize]) {
        self.cells.retain_mut(|cell| match rows.binary_search(&(cell.row as usize)) {
            Ok(at) => {
                cell.row = narrow(at);
                true
            }
            Err(_) => false,
        });
    }

    /// Writes the changes as comma-separated text: variable, entity, period, step, before, after.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; the file at `path` is then as it was before.
    pub fn write_csv(&self, panel: &Panel, path: &Path) -> Result<(), Error> {
        whole(path, |file| {
            let mut writer = csv::Writer::from_writer(file);
            let index = panel.index();
            let (entity, period) = (&index.entity_name, &index.period_name);
            writer.write_record(["variable", entity, period, "step", "before", "after"])?;
            let labels: Vec<String> = index.entity.labels().collect();
            let number = |x: f64| if x.is_nan() { String::new() } else { x.to_string() };
            for change in self.iter() {
                let code = index.entity.codes()[change.row] as usize;
                writer.write_record([
                    change.variable,
                    &labels[code],
                    &index.period[change.row].to_string(),
                    &change.step.to_string(),
                    &number(change.before),
                    &number(change.after),
                ])?;
            }
            writer.flush().map_err(Into::into)
        })
    }
}

/// Rows and steps are counted in 32 bits, as entities are.
fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
