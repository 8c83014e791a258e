//! Weights of an index.

use std::collections::BTreeMap;

use published::{Kind, Printed};

use super::Bench;
use crate::equation::{Equation, Holds, Shown};
use crate::names::plain;
use crate::sheet::{Sheet, Slot};
use crate::words::{range, short};
use crate::{Interval, Severity, Unchecked};

/// Weights are not negative, and add up to 1.
///
/// ```text
/// Σ w = 1, or 100 in percent, or either within every dimension
/// ```
///
/// The sum of the intervals of k weights printed to d decimals is k · 10⁻ᵈ wide: that is what rounding
/// allows.
///
/// **Assumes** that a table of weights lists all of them, in a column whose header says weight.
struct Weights {
    reads: Vec<Slot>,
    /// Entries by dimension.
    groups: Vec<Vec<usize>>,
}

pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (paper, sheet) = (bench.paper, bench.sheet);
    for (position, table) in paper.tables().iter().enumerate() {
        if table.kind() != Kind::Weights || sheet.is_left_out(position) {
            continue;
        }
        for (j, header) in table.column_names().iter().enumerate() {
            let word = plain(header);
            if !word.contains("weight") && !word.contains("权重") {
                continue;
            }
            let mut groups: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
            let mut gap = None;
            for (i, row) in table.rows().iter().enumerate() {
                match sheet.at(position, i, j) {
                    Some(entry) => groups.entry(row.group.as_deref()).or_default().push(entry),
                    None => gap = gap.or(row.cells.get(j).map(|cell| (&row.label, cell))),
                }
            }
            if let Some((label, cell)) = gap {
                let holds = if *cell == Printed::Blank { "nothing" } else { "no number" };
                bench.unchecked.push(Unchecked {
                    what: format!("{}/{header}", table.id()),
                    because: format!("row {label} has {holds}, so the sum of weights is not known"),
                });
                continue;
            }
            let groups: Vec<Vec<usize>> = groups.into_values().collect();
            let mut entries: Vec<usize> = groups.iter().flatten().copied().collect();
            entries.sort_unstable();
            if entries.len() > 1 {
                let reads = entries.into_iter().map(Slot::estimate).collect();
                bench.equations.push(Box::new(Weights { reads, groups }));
            }
        }
    }
}

fn sum(sheet: &Sheet<'_>, entries: impl Iterator<Item = usize>) -> Interval {
    entries.fold(Interval::point(0.0), |sum, it| sum + sheet.estimate(it))
}

impl Weights {
    fn negative(&self, sheet: &Sheet<'_>) -> bool {
        self.reads.iter().any(|it| sheet.estimate(it.entry).hi() < 0.0)
    }
}

impl Equation for Weights {
    fn check(&self) -> &'static str {
        "weights"
    }

    fn reads(&self) -> &[Slot] {
        &self.reads
    }

    fn severity(&self) -> Severity {
        Severity::High
    }

    fn judge(&self, sheet: &Sheet<'_>) -> Holds<'_> {
        if self.negative(sheet) {
            return Holds::If("the weights are loadings, which may be negative");
        }
        let whole = sum(sheet, self.reads.iter().map(|it| it.entry));
        let parts =
            |to: f64| self.groups.iter().all(|it| sum(sheet, it.iter().copied()).contains(to));
        let holds = [1.0, 100.0].iter().any(|&to| whole.contains(to) || parts(to));
        Holds::or(holds)
    }

    fn show(&self, sheet: &Sheet<'_>) -> Shown {
        let whole = sum(sheet, self.reads.iter().map(|it| it.entry));
        let value: f64 = self.reads.iter().map(|it| sheet.entries[it.entry].estimate.value).sum();
        let explanation = format!(
            "the {} weights add up to {value:.6}, by rounding to a number in {} (half of its width is {}); weights of \
             one index add up to 1",
            self.reads.len(),
            exact(whole),
            short(0.5 * whole.width())
        );
        Shown { printed: Some(whole), implied: Some(Interval::point(1.0)), explanation }
    }
}

/// An interval near 1 to six decimals.
fn exact(it: Interval) -> String {
    if it.hi() < 10.0 { format!("[{:.6}, {:.6}]", it.lo(), it.hi()) } else { range(it) }
}
