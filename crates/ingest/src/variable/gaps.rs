//! Missing cells that are filled because a spec says so; every one is recorded.

use std::ops::Range;

use super::Work;
use crate::account::{Entry, Keys};
use crate::error::CleaningError;
use crate::{Error, Extrapolate};

impl Work<'_> {
    pub(super) fn interpolate(&mut self, values: &mut [f64]) -> Result<(), Error> {
        self.fill_each(values, |rows, values, _, put| {
            let mut last: Option<usize> = None;
            for row in rows {
                if values[row].is_nan() {
                    continue;
                }
                match last {
                    Some(last) if last + 1 < row => {
                        (last + 1..row).for_each(|at| put(at, last, row));
                    }
                    _ => {}
                }
                last = Some(row);
            }
        })
    }

    pub(super) fn extrapolate(
        &mut self,
        values: &mut [f64],
        how: Extrapolate,
    ) -> Result<(), Error> {
        self.fill_each(values, |rows, values, _, put| {
            let mut seen = rows.clone().filter(|&row| !values[row].is_nan());
            let (first, second) = (seen.next(), seen.next());
            let mut seen = rows.clone().rev().filter(|&row| !values[row].is_nan());
            let (last, second_last) = (seen.next(), seen.next());
            let (Some(first), Some(last)) = (first, last) else { return };
            let (second, second_last) = match how {
                Extrapolate::Nearest => (first, last),
                Extrapolate::Linear => match (second, second_last) {
                    (Some(second), Some(second_last)) => (second, second_last),
                    _ => return,
                },
            };
            (rows.start..first).for_each(|at| put(at, first, second));
            (last + 1..rows.end).for_each(|at| put(at, second_last, last));
        })
    }

    pub(super) fn fill(&mut self, values: &mut [f64], x: f64) -> Result<(), Error> {
        if !x.is_finite() {
            let step = self.step.to_string();
            return Err(CleaningError::NotFinite { variable: self.name(), step }.into());
        }
        let mut cells = Keys::default();
        self.made.changes.begin(&self.variable.name, self.step);
        for (row, own) in values.iter_mut().enumerate().filter(|(_, own)| own.is_nan()) {
            cells.push_with(|| self.loaded.panel.row_label(row));
            self.made.changes.push(row, *own, x);
            *own = x;
        }
        self.filled(cells, 0);
        Ok(())
    }

    /// Has `find` name, entity by entity, the cells to be filled and the two observed cells on
    /// whose line each lies; one cell twice is a level line.
    fn fill_each(
        &mut self,
        values: &mut [f64],
        find: impl Fn(Range<usize>, &[f64], &[i32], &mut dyn FnMut(usize, usize, usize)),
    ) -> Result<(), Error> {
        let panel = &self.loaded.panel;
        let periods = &panel.index().period;
        let mut missing = 0;
        let mut filled: Vec<(usize, f64)> = Vec::new();
        self.made.changes.begin(&self.variable.name, self.step);
        for rows in self.rows.entities() {
            let gaps = values[rows.clone()].iter().filter(|x| x.is_nan()).count();
            if gaps == 0 {
                continue;
            }
            missing += gaps;
            find(rows, values, periods, &mut |at, a, b| {
                filled.push((at, on_line(periods, values, at, (a, b))));
            });
        }
        let mut cells = Keys::default();
        for &(row, x) in &filled {
            if !x.is_finite() {
                return Err(self.undefined(row, values[row], None));
            }
            cells.push_with(|| panel.row_label(row));
            self.made.changes.push(row, f64::NAN, x);
            values[row] = x;
        }
        self.filled(cells, missing - filled.len());
        Ok(())
    }

    fn filled(&mut self, cells: Keys, left: usize) {
        let (variable, step) = (self.name(), self.step.clone());
        self.made.entries.push(Entry::Filled { variable, step, cells, left });
    }
}

/// The value at a row on the line through the observed rows `a` and `b`.
fn on_line(periods: &[i32], values: &[f64], at: usize, (a, b): (usize, usize)) -> f64 {
    let (x, y) = (values[a], values[b]);
    if a == b {
        return x;
    }
    let t = |row: usize| f64::from(periods[row]);
    let share = (t(at) - t(a)) / (t(b) - t(a));
    let on = x + (y - x) * share;
    // Between two finite numbers there is always one, though their distance may overflow.
    if on.is_finite() { on } else { x * (1.0 - share) + y * share }
}
