//! One regression that is printed more than once.

use std::fmt::Write as _;

use super::Bench;
use crate::equation::{Equation, Holds, Meets, Shown};
use crate::facts::inferred::common;
use crate::reading;
use crate::sheet::{Sheet, Slot};
use crate::words::{place, printed};
use crate::{Interval, Severity};

const OTHER: &str = "the two columns are different regressions";

/// Cells of columns that print one regression.
///
/// ```text
/// estimate, uncertainty, N, R² meet; stars are equal
/// ```
///
/// Stars may differ if one table refers its t statistics to the normal and the other to t: a pair of
/// cells is impossible only if no two distributions allow both.
///
/// **Assumes** the same choices in both, which the schema says, or which equal numbers suggest.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (facts, sheet) = (bench.facts, bench.sheet);
    for &(a, b, stated) in &facts.same {
        let (one, other) = (&facts.columns[a], &facts.columns[b]);
        for (x, y) in common(one, other) {
            let doubt = (!stated).then_some(OTHER);
            bench.equations.push(equal(Slot::estimate(x), Slot::estimate(y), doubt));
            let both =
                sheet.entries[x].uncertainty.is_some() && sheet.entries[y].uncertainty.is_some();
            if both
                && one.reading.brackets.is_some()
                && one.reading.brackets == other.reading.brackets
            {
                bench.equations.push(equal(Slot::uncertainty(x), Slot::uncertainty(y), doubt));
            }
            if both && !one.legend.is_empty() && one.legend == other.legend {
                let reads = vec![
                    Slot::stars(x),
                    Slot::stars(y),
                    Slot::estimate(x),
                    Slot::uncertainty(x),
                    Slot::estimate(y),
                    Slot::uncertainty(y),
                ];
                let degrees = [(one, x), (other, y)].map(|(column, cell)| {
                    let entry = &sheet.entries[cell];
                    let t = reading::t(entry, column.reading.brackets?)?;
                    reading::degrees(t, entry.stars, column.legend)
                });
                bench.equations.push(Box::new(SameStars { reads, degrees }));
            }
        }
    }
}

fn equal(x: Slot, y: Slot, doubt: Option<&'static str>) -> Box<dyn Equation> {
    let value = |sheet: &Sheet<'_>, slot: Slot| match slot.part {
        crate::Part::Uncertainty => sheet.uncertainty(slot.entry),
        _ => Some(sheet.estimate(slot.entry)),
    };
    let sides = move |sheet: &Sheet<'_>| Some((value(sheet, x)?, value(sheet, y)?));
    let words = move |sheet: &Sheet<'_>, _, _| {
        format!(
            "{} prints {} and {} prints {}, of one regression",
            place(sheet, x.entry),
            printed(sheet, x),
            place(sheet, y.entry),
            printed(sheet, y)
        )
    };
    Meets::new("printed-twice", vec![x, y], sides, words).doubt(doubt).boxed()
}

/// The stars of one coefficient at two places.
struct SameStars {
    reads: Vec<Slot>,
    /// The degrees of freedom that each allows, as printed.
    degrees: [Option<Interval>; 2],
}

impl Equation for SameStars {
    fn check(&self) -> &'static str {
        "printed-twice"
    }

    fn reads(&self) -> &[Slot] {
        &self.reads
    }

    fn severity(&self) -> Severity {
        Severity::Medium
    }

    fn judge(&self, sheet: &Sheet<'_>) -> Holds<'_> {
        let stars = |at: usize| sheet.entries[self.reads[at].entry].stars;
        if stars(0) == stars(1) {
            Holds::Yes
        } else {
            Holds::If("the two tables refer one t statistic to two distributions")
        }
    }

    fn show(&self, sheet: &Sheet<'_>) -> Shown {
        let [x, y] = [self.reads[0], self.reads[1]];
        let stars = |slot: Slot| match printed(sheet, slot) {
            "" => "no star",
            stars => stars,
        };
        let mut explanation = format!(
            "{} prints {} and {} prints {}, of one regression",
            place(sheet, x.entry),
            stars(x),
            place(sheet, y.entry),
            stars(y)
        );
        if stars(x) != stars(y) {
            for (slot, degrees) in [x, y].into_iter().zip(self.degrees) {
                let needs = match degrees {
                    None => "no distribution in use".to_owned(),
                    Some(it) if it.hi() == f64::INFINITY => {
                        format!(
                            "the normal, or t with at least {} degrees of freedom",
                            it.lo().ceil()
                        )
                    }
                    Some(it) => format!("t with at most {} degrees of freedom", it.hi().floor()),
                };
                let _ = write!(explanation, "; {} from {needs}", stars(slot));
            }
        }
        Shown { printed: None, implied: None, explanation }
    }
}
