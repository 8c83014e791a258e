//! What is asked of columns, where asking begins, and what no number moves with.

use panel::Name;
use reconstruct::Unknown;

use super::paper::{Held, Paper};
use super::rivals::Edges;
use super::wanted::{self, Asked};
use crate::Error;

impl Paper<'_> {
    /// Looks for all numbers that are printed and that the study computes; each must be defined on these
    /// columns.
    pub(super) fn want(&mut self, columns: &[Vec<f64>]) -> Result<(), String> {
        /// How many are named.
        const NAMED: usize = 5;
        let computed = self.computed(columns)?;
        let Asked { wanted, undefined, drawn } =
            wanted::wanted(self.printed, &computed, &self.study.deviations);
        if undefined.is_empty() {
            (self.wanted, self.drawn) = (wanted, drawn);
            return Ok(());
        }
        let more = match undefined.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("\n  and {more} more"),
        };
        let named: Vec<&str> = undefined.iter().take(NAMED).map(String::as_str).collect();
        Err(format!(
            "printed numbers that cannot be asked for: correct them, start the columns elsewhere, or \
             declare that they differ\n  {}{more}",
            named.join("\n  ")
        ))
    }

    /// The first start on which every number is defined and has derivatives.
    pub(super) fn first(
        &mut self,
        begin: &dyn Fn(u64) -> Result<Vec<Unknown>, Error>,
        starts: u64,
        wrong: &dyn Fn(String) -> Error,
    ) -> Result<u64, Error> {
        let mut failed = "no start was asked for".to_owned();
        for start in 0..starts {
            let columns: Vec<Vec<f64>> = begin(start)?.into_iter().map(|own| own.start).collect();
            match self.want(&columns) {
                // What has no derivative is said before anything is tried.
                Ok(()) => {
                    self.try_derivatives(&columns).map_err(wrong)?;
                    return Ok(start);
                }
                Err(what) => failed = what,
            }
        }
        Err(wrong(failed))
    }

    /// The columns that no number moves with, groups and thresholds as these columns make them.
    pub(super) fn idle(&mut self, columns: &[Vec<f64>]) -> Result<Vec<Name>, String> {
        self.held = self.hold(columns, Edges::Own)?;
        self.held.rivals.clear();
        let (_, jacobian) = self.try_derivatives(columns)?;
        self.held = Held::default();
        let widths = columns.iter().map(Vec::len);
        let ends: Vec<usize> = widths
            .scan(0, |end, n| {
                *end += n;
                Some(*end)
            })
            .collect();
        let moves = |end: usize, n: usize| {
            let block = jacobian.slice_axis(ndarray::Axis(1), ndarray::Slice::from(end - n..end));
            block.iter().any(|x| *x != 0.0)
        };
        let all = self.names.iter().zip(columns).zip(ends);
        let idle = all.filter(|((_, column), end)| !moves(*end, column.len()));
        Ok(idle.map(|((name, _), _)| name.clone()).collect())
    }
}
