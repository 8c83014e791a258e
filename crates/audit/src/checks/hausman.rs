//! Hausman's statistic, and p beside it.

use super::Bench;
use crate::equation::{Equation, Holds, Shown};
use crate::names::plain;
use crate::sheet::{Sheet, Slot};
use crate::words::{printed, range};
use crate::{Interval, Severity};

/// Degrees of freedom that are looked at.
const MOST: usize = 200;

/// Hausman's χ² and the p in the row below or the column beside it.
///
/// ```text
/// χ² ≥ 0        p = P(χ²(k) > χ²)  for some k, the slopes that are compared
/// ```
///
/// **Assumes** never impossible: programs print negative statistics where the difference of the two variances
/// is not positive definite, and p of other distributions where the test is by a regression.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (paper, sheet) = (bench.paper, bench.sheet);
    for (position, table) in paper.tables().iter().enumerate() {
        if sheet.is_left_out(position) {
            continue;
        }
        let heads = table.column_names();
        for (row, line) in table.rows().iter().enumerate() {
            if !plain(&line.label).contains("hausman") || is_p(&line.label) {
                continue;
            }
            let below = table.rows().get(row + 1).is_some_and(|next| is_p(&next.label));
            for column in 0..heads.len() {
                let Some(entry) = sheet.at(position, row, column) else { continue };
                if is_p(&heads[column]) {
                    continue;
                }
                let beside = heads.get(column + 1).is_some_and(|head| is_p(head));
                let p = match (below, beside) {
                    (true, _) => sheet.at(position, row + 1, column),
                    (_, true) => sheet.at(position, row, column + 1),
                    _ => None,
                };
                let reads = std::iter::once(entry).chain(p).map(Slot::estimate).collect();
                bench.equations.push(Box::new(Hausman { reads }));
            }
        }
    }
}

fn is_p(label: &str) -> bool {
    let word = plain(label);
    matches!(word.as_str(), "p" | "prob" | "pvalue" | "probchi2") || word.ends_with("pvalue")
}

struct Hausman {
    /// χ², and p if it is printed.
    reads: Vec<Slot>,
}

impl Hausman {
    /// The degrees of freedom that give p.
    fn fitting(&self, sheet: &Sheet<'_>) -> Option<Vec<usize>> {
        let statistic = sheet.estimate(self.reads[0].entry);
        let p = sheet.estimate(self.reads.get(1)?.entry);
        let fits = |&df: &usize| {
            let tail = |x: f64| numbers::chi_squared_upper_tail(x.max(0.0), df);
            // Rounding of the tail, both ways.
            tail(statistic.hi()) - 1e-9 <= p.hi() && p.lo() <= tail(statistic.lo()) + 1e-9
        };
        Some((1..=MOST).filter(fits).collect())
    }
}

impl Equation for Hausman {
    fn check(&self) -> &'static str {
        "hausman"
    }

    fn reads(&self) -> &[Slot] {
        &self.reads
    }

    fn severity(&self) -> Severity {
        Severity::Low
    }

    fn judge(&self, sheet: &Sheet<'_>) -> Holds<'_> {
        if sheet.estimate(self.reads[0].entry).hi() < 0.0 {
            Holds::If("the difference of the two variances is not positive definite")
        } else if self.fitting(sheet).is_some_and(|fitting| fitting.is_empty()) {
            Holds::If("the number is no χ², or p is of another distribution")
        } else {
            Holds::Yes
        }
    }

    fn show(&self, sheet: &Sheet<'_>) -> Shown {
        let number = sheet.estimate(self.reads[0].entry);
        let statistic = printed(sheet, self.reads[0]);
        let explanation = match (self.fitting(sheet), self.reads.get(1)) {
            (Some(fitting), Some(&p)) if number.hi() >= 0.0 => {
                let p = printed(sheet, p);
                match (fitting.first(), fitting.last()) {
                    (Some(first), Some(last)) => format!(
                        "χ² = {statistic} with p = {p}: that is with {first} to {last} degrees of freedom"
                    ),
                    _ => format!(
                        "χ² = {statistic} with p = {p}: no number of degrees of freedom to {MOST} gives that"
                    ),
                }
            }
            _ => format!("χ² = {statistic} is in {}; χ² is not negative", range(number)),
        };
        let implied = Interval::between(0.0, f64::INFINITY);
        Shown { printed: Some(number), implied: Some(implied), explanation }
    }
}
