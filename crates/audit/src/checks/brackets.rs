//! What stands in brackets: its sign, its range, and whether it is what the note says.

use published::Uncertainty;

use super::Bench;
use crate::equation::Meets;
use crate::reading;
use crate::sheet::Slot;
use crate::words::printed;
use crate::{Convention, Interval, Severity};

const UNSIGNED: &str = "t statistics are printed without their signs";

/// A standard error is not negative; a p value is a probability; a t statistic has the sign of its
/// estimate, where a table prints signs.
///
/// **Assumes** that the brackets hold what most cells of the column allow them to hold; where that is
/// not what the note says, the finding says so.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (facts, sheet) = (bench.facts, bench.sheet);
    for column in &facts.columns {
        let Some(holds) = column.reading.brackets else { continue };
        let signed = column.reading.signed;
        let cells: Vec<usize> =
            column.estimates().filter(|&it| sheet.entries[it].uncertainty.is_some()).collect();
        for &entry in &cells {
            let (estimate, bracket) = (Slot::estimate(entry), Slot::uncertainty(entry));
            let at_least = match holds {
                Uncertainty::StandardError => Interval::new(0.0, f64::INFINITY),
                Uncertainty::P => Interval::new(0.0, 1.0),
                Uncertainty::T | Uncertainty::Z => None,
            };
            let equation = match at_least {
                Some(allowed) => Meets::new(
                    "uncertainty-range",
                    vec![bracket],
                    move |sheet| Some((sheet.uncertainty(entry)?, allowed)),
                    move |sheet, _, _| {
                        format!("{} stands in brackets as a {holds}", printed(sheet, bracket))
                    },
                )
                .boxed(),
                None if !signed => continue,
                None => Meets::new(
                    "t-sign",
                    vec![bracket, estimate],
                    move |sheet| {
                        let (b, t) = (sheet.estimate(entry), sheet.uncertainty(entry)?);
                        Some((t, half_line(b)))
                    },
                    move |sheet, _, _| {
                        format!(
                            "the t statistic {} has the sign of its estimate {}",
                            printed(sheet, bracket),
                            printed(sheet, estimate)
                        )
                    },
                )
                .severity(if signed { Severity::High } else { Severity::Low })
                .doubt((!signed).then_some(UNSIGNED))
                .boxed(),
            };
            bench.equations.push(equation);
        }
        let possible = |cell: usize, kind| {
            reading::possible(&sheet.entries[cell], kind, column.legend, signed)
        };
        let (supports, against): (Vec<usize>, Vec<usize>) =
            cells.iter().copied().partition(|&it| possible(it, holds));
        let named = |of: Vec<usize>| -> Vec<_> {
            of.into_iter().map(|it| sheet.cell(Slot::uncertainty(it))).collect()
        };
        let (supports, against) = (named(supports), named(against));
        if !column.reading.as_declared
            && let Some(declared) = column.declared
        {
            let reads = cells.iter().map(|&it| Slot::uncertainty(it)).collect();
            let assumption = format!("the brackets hold a {holds}, not the {declared} of the note");
            let all = cells.iter().filter(|&&it| possible(it, declared)).count();
            let count = cells.len();
            let against = cells.clone();
            let legend = column.legend.to_vec();
            bench.equations.push(
                Meets::new(
                    "brackets",
                    reads,
                    move |sheet| {
                        let fails = against.iter().any(|&cell| {
                            !reading::possible(&sheet.entries[cell], declared, &legend, signed)
                        });
                        let point = Interval::point;
                        Some((point(0.0), point(f64::from(u8::from(fails)))))
                    },
                    move |_, _, _| {
                        format!(
                            "read as a {declared}, {all} of {count} brackets agree with sign and \
                             stars; read as a {holds}, all do"
                        )
                    },
                )
                .severity(Severity::Low)
                .doubt(Some(assumption))
                .boxed(),
            );
        }
        if !supports.is_empty() {
            let column = column.id.clone();
            let is = holds.to_string();
            bench.conventions.push(Convention { column, what: "brackets", is, supports, against });
        }
    }
}

/// What has the sign of some number of an interval.
fn half_line(of: Interval) -> Interval {
    let lo = if of.lo() < 0.0 { f64::NEG_INFINITY } else { 0.0 };
    let hi = if of.hi() > 0.0 { f64::INFINITY } else { 0.0 };
    Interval::between(lo, hi)
}
