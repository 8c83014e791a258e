//! Stars against the t statistic that estimate and bracket give.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use published::Uncertainty;

use super::Bench;
use crate::equation::{Equation, Holds, Shown};
use crate::facts::{Column, Facts};
use crate::reading;
use crate::schema::{Errors, Tests};
use crate::sheet::{Entry, Sheet, Slot};
use crate::words::{range, short};
use crate::{Convention, Interval, Severity, Unchecked};

/// Stars of one cell.
///
/// ```text
/// |t| = |estimate| / standard error, or the printed t      stars = #{ level : P(|X| > |t|) < level }
/// ```
///
/// X is normal, or t with any real degrees of freedom from 1 on, which holds those of n − K, G − 1 and
/// Satterthwaite's. Too many stars are impossible if the normal, whose tail is the smallest, does
/// not earn them; too few if t(1) would have earned more. A cell that is possible by itself but
/// under no degrees of freedom of the column's other cells needs an assumption.
///
/// **Assumes** that stars follow the table's legend, from a test of zero with the printed uncertainty: two-sided by the schema's word,
/// or because some cell of the table cannot have its stars from a one-sided one. If all cells can, stars that only
/// a one-sided test earns need that assumption.
struct Stars {
    reads: [Slot; 3],
    holds: Uncertainty,
    legend: Vec<f64>,
    /// The degrees of freedom of the column's other cells.
    column: Option<Interval>,
    /// Whether all cells of the column have the same.
    one: bool,
    /// Whether all stars of the table may be of one-sided tests.
    sided: bool,
}

/// The stars of every cell of a column, if there is a legend and the brackets are known.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let facts = bench.facts;
    let two_sided = two_sided(facts, bench.sheet);
    for column in &facts.columns {
        let cells: Vec<usize> = column.estimates().collect();
        if column.tests == Some(Tests::Other) {
            bench.unchecked.push(Unchecked {
                what: format!("{}: stars", column.id),
                because: "they come from tests of another kind, by the schema".to_owned(),
            });
            continue;
        }
        let starred = cells.iter().any(|&cell| bench.sheet.entries[cell].stars > 0);
        if column.legend.is_empty() {
            if starred {
                bench.unchecked.push(Unchecked {
                    what: format!("{}: stars", column.id),
                    because: "the table has no legend that says what they mean".to_owned(),
                });
            }
            continue;
        }
        let bracketed = |&cell: &usize| bench.sheet.entries[cell].uncertainty.is_some();
        if !cells.iter().any(bracketed) {
            continue;
        }
        let Some(holds) = column.reading.brackets else {
            bench.unchecked.push(Unchecked {
                what: format!("{}: stars", column.id),
                because: "nothing says what the brackets hold, and several readings fit".to_owned(),
            });
            continue;
        };
        let stated = column.tests == Some(Tests::OneSided);
        let legend = if stated { reading::doubled(column.legend) } else { column.legend.to_vec() };
        // One-sided stars have one distribution too, but the reading of it took them for two-sided.
        let degrees = column.reading.degrees.filter(|_| !stated);
        for &entry in cells.iter().filter(|it| bracketed(it)) {
            if stated && bench.sheet.entries[entry].stars == 0 {
                continue;
            }
            bench.equations.push(Box::new(Stars {
                reads: [Slot::stars(entry), Slot::estimate(entry), Slot::uncertainty(entry)],
                holds,
                legend: legend.clone(),
                column: degrees,
                one: column.errors == Some(Errors::Iid),
                sided: column.tests.is_none() && !two_sided.contains(&column.table),
            }));
        }
        if stated {
            continue;
        }
        bench.conventions.extend(convention(column, &cells, holds, bench.sheet));
    }
}

/// The degrees of freedom under which a one-sided test gives a cell its stars; `None` if none do. A cell without stars may have its estimate
/// on the wrong side.
fn one_sided(entry: &Entry<'_>, holds: Uncertainty, legend: &[f64]) -> Option<Interval> {
    let any = Interval::between(1.0, f64::INFINITY);
    let legend = reading::doubled(legend);
    if entry.stars == 0 || usize::from(entry.stars) > legend.len() {
        return Some(any);
    }
    match (holds, entry.uncertainty) {
        (Uncertainty::P, Some(p)) => {
            reading::p_stars(p.interval, entry.stars, &legend).then_some(any)
        }
        _ => reading::t(entry, holds)
            .map_or(Some(any), |t| reading::degrees(t, entry.stars, &legend)),
    }
}

/// Tables with a column whose stars no one-sided test of one distribution gives.
fn two_sided(facts: &Facts<'_>, sheet: &Sheet<'_>) -> BTreeSet<usize> {
    let shows = |column: &&Column<'_>| {
        // What is only inferred of brackets rests on two-sided tests itself.
        let said = column.declared.is_some() && column.reading.as_declared;
        let known = column.reading.brackets.filter(|_| said && !column.legend.is_empty());
        let Some(holds) = known else { return false };
        let mut all = Some(Interval::between(1.0, f64::INFINITY));
        for cell in column.estimates() {
            let own = one_sided(&sheet.entries[cell], holds, column.legend);
            all = all.zip(own).and_then(|(all, own)| all.intersect(own));
        }
        all.is_none()
    };
    facts.columns.iter().filter(shows).map(|it| it.table).collect()
}

/// Which distribution a column's stars come from, if some cell tells.
fn convention(
    column: &Column<'_>,
    cells: &[usize],
    holds: Uncertainty,
    sheet: &Sheet<'_>,
) -> Option<Convention> {
    let degrees = column.reading.degrees?;
    if degrees.lo() <= 1.0 && degrees.hi() == f64::INFINITY {
        return None;
    }
    let (mut supports, mut against) = (Vec::new(), Vec::new());
    for &cell in cells {
        let entry = &sheet.entries[cell];
        let Some(t) = reading::t(entry, holds) else { continue };
        match reading::degrees(t, entry.stars, column.legend) {
            Some(own) if own.meets(degrees) => {
                // Only what leaves some distribution out speaks for the others.
                if own.lo() > 1.0 || own.hi() < f64::INFINITY {
                    supports.push(sheet.cell(Slot::stars(cell)));
                }
            }
            _ => against.push(sheet.cell(Slot::stars(cell))),
        }
    }
    let is = match (degrees.lo(), degrees.hi()) {
        (lo, f64::INFINITY) => {
            format!("normal, or t with at least {} degrees of freedom", lo.ceil())
        }
        (lo, hi) if lo <= 1.0 => format!("t with at most {} degrees of freedom", hi.floor()),
        (lo, hi) => format!("t with {} to {} degrees of freedom", lo.ceil(), hi.floor()),
    };
    Some(Convention { column: column.id.clone(), what: "reference", is, supports, against })
}

const OWN: &str = "the stars of this cell come from another distribution than those of the column's other \
                   cells, as with degrees of freedom of its own or a bootstrap";

const SIDED: &str = "stars are of one-sided tests";

impl Stars {
    /// What stars mean that no two-sided test gives.
    fn otherwise(&self, entry: &Entry<'_>) -> Holds<'static> {
        if self.sided && one_sided(entry, self.holds, &self.legend).is_some() {
            Holds::If(SIDED)
        } else {
            Holds::No
        }
    }
}

impl Equation for Stars {
    fn check(&self) -> &'static str {
        "stars"
    }

    fn reads(&self) -> &[Slot] {
        &self.reads
    }

    fn severity(&self) -> Severity {
        Severity::Medium
    }

    fn judge(&self, sheet: &Sheet<'_>) -> Holds<'_> {
        let entry = &sheet.entries[self.reads[0].entry];
        if usize::from(entry.stars) > self.legend.len() {
            return Holds::If("the legend has more levels than are transcribed");
        }
        if self.holds == Uncertainty::P {
            return match entry.uncertainty {
                Some(p) if !reading::p_stars(p.interval, entry.stars, &self.legend) => {
                    self.otherwise(entry)
                }
                _ => Holds::Yes,
            };
        }
        // What is no standard error at all is a finding of its own.
        let Some(t) = reading::t(entry, self.holds) else { return Holds::Yes };
        let usual = self.column.map_or(f64::INFINITY, Interval::hi);
        if reading::fits(t, entry.stars, &self.legend, usual) {
            return Holds::Yes;
        }
        match reading::degrees(t, entry.stars, &self.legend) {
            None => self.otherwise(entry),
            Some(own) if self.column.is_none_or(|column| column.meets(own)) => Holds::Yes,
            Some(_) if self.one => self.otherwise(entry),
            Some(_) => Holds::If(OWN),
        }
    }

    fn show(&self, sheet: &Sheet<'_>) -> Shown {
        let entry = &sheet.entries[self.reads[0].entry];
        let stars = usize::from(entry.stars);
        let level = |at: usize| self.legend.get(at).copied();
        let shown = if stars == 0 { "no star".to_owned() } else { "*".repeat(stars) };
        let says = match (stars.checked_sub(1).and_then(level), level(stars)) {
            (None, Some(above)) => format!("{shown} stands for p ≥ {above}"),
            (Some(below), Some(above)) => format!("{shown} stands for {above} ≤ p < {below}"),
            (Some(below), None) => format!("{shown} stands for p < {below}"),
            (None, None) => format!("the legend has no {shown}"),
        };
        let t = reading::t(entry, self.holds);
        let explanation = match t {
            None => format!("`{}`: {says}", entry.text),
            Some(t) => {
                let (least, most) =
                    (reading::tail(t.hi(), f64::INFINITY), reading::tail(t.lo(), 1.0));
                let holds = self.judge(sheet);
                let own =
                    holds == Holds::Yes || reading::degrees(t, entry.stars, &self.legend).is_some();
                let p = if own {
                    format!("p is between {} (normal) and {} (t(1))", short(least), short(most))
                } else if stars > 0 && level(stars - 1).is_some_and(|below| least > below) {
                    format!("p is at least {}, by the normal, and more by any t", short(least))
                } else {
                    format!("p is at most {}, even by t(1)", short(most))
                };
                let mut text = format!("`{}`: |t| is in {}, so {p}; {says}", entry.text, range(t));
                if let (Holds::If(_) | Holds::No, true, Some(column)) = (holds, own, self.column) {
                    let other = |df: f64| match df {
                        f64::INFINITY => "infinitely many".to_owned(),
                        df => short(df),
                    };
                    let _ = write!(
                        text,
                        "; the other cells of the column have from {} to {} degrees of freedom",
                        other(column.lo()),
                        other(column.hi())
                    );
                }
                text
            }
        };
        Shown { printed: None, implied: t, explanation }
    }
}
