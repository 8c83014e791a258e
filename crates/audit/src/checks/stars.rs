//! Stars against the t statistic that estimate and bracket give.

use published::Uncertainty;

use crate::equation::{Equation, Holds, Shown};
use crate::facts::Column;
use crate::reading::{self, Reading};
use crate::sheet::{Sheet, Slot};
use crate::{Interval, Severity};

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
/// **Assumes** that stars follow the table's legend from a two-sided test of zero on the printed error.
struct Stars {
    reads: [Slot; 3],
    holds: Uncertainty,
    legend: Vec<f64>,
    column: Option<Interval>,
    certain: bool,
}

/// The stars of every cell of a column, if there is a legend and the brackets are known.
pub(crate) fn equations(
    column: &Column<'_>,
    reading: &Reading,
    sheet: &Sheet<'_>,
    into: &mut Vec<Box<dyn Equation>>,
) {
    let Some(holds) = reading.brackets.filter(|_| !column.legend.is_empty()) else { return };
    for entry in column.estimates() {
        if sheet.entries[entry].uncertainty.is_none() {
            continue;
        }
        into.push(Box::new(Stars {
            reads: [Slot::stars(entry), Slot::estimate(entry), Slot::uncertainty(entry)],
            holds,
            legend: column.legend.to_vec(),
            column: reading.degrees,
            certain: column.errors == Some(crate::schema::Errors::Iid),
        }));
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

    fn judge(&self, sheet: &Sheet<'_>) -> Holds {
        let entry = &sheet.entries[self.reads[0].entry];
        if usize::from(entry.stars) > self.legend.len() {
            return Holds::If("the legend has more levels than are transcribed".into());
        }
        if self.holds == Uncertainty::P {
            let p = entry.uncertainty.map(|it| it.interval);
            let holds = p.is_none_or(|p| reading::p_stars(p, entry.stars, &self.legend));
            return Holds::or(holds, None);
        }
        let Some(t) = reading::t(entry, self.holds) else {
            return Holds::If("the bracket holds something else".into());
        };
        let Some(degrees) = reading::degrees(t, entry.stars, &self.legend) else {
            return Holds::No;
        };
        let shared = self.column.is_none_or(|column| column.meets(degrees));
        let own = "the cell's stars come from another distribution than the others of its column, as with \
                   degrees of freedom of its own or a bootstrap";
        Holds::or(shared, (!self.certain).then_some(own))
    }

    fn show(&self, sheet: &Sheet<'_>) -> Shown {
        let entry = &sheet.entries[self.reads[0].entry];
        let stars = usize::from(entry.stars);
        let t = reading::t(entry, self.holds);
        let level = |at: usize| self.legend.get(at).copied();
        let named = "*".repeat(stars);
        let (from, says) = match self.holds {
            Uncertainty::StandardError => ("|estimate| / standard error", "|t|"),
            _ => ("the bracket", "|t|"),
        };
        let explanation = match t {
            None => format!("{named} beside {}", entry.text),
            Some(t) => {
                let p = (reading::tail(t.hi(), f64::INFINITY), reading::tail(t.lo(), 1.0));
                let band = match (stars.checked_sub(1).and_then(level), level(stars)) {
                    (None, Some(above)) => format!("no star says p ≥ {above}"),
                    (Some(below), Some(above)) => {
                        format!("{named} says {above} ≤ p < {below}")
                    }
                    (Some(below), None) => format!("{named} says p < {below}"),
                    (None, None) => "there is no legend".to_owned(),
                };
                format!(
                    "{says} from {from} is in [{:.4}, {:.4}], so p is from {:.2e} (normal) to {:.2e} \
                     (t with 1 degree of freedom); {band}",
                    t.lo(),
                    t.hi(),
                    p.0,
                    p.1
                )
            }
        };
        Shown { printed: None, implied: t, explanation }
    }
}
