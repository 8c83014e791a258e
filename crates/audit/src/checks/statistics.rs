//! Estimates, their standard errors, z or t, and p, in rows and columns of their own.

use published::{Kind, Table, Uncertainty};

use super::Bench;
use crate::equation::Meets;
use crate::names::{self, plain};
use crate::reading;
use crate::schema::Errors;
use crate::sheet::{Sheet, Slot};
use crate::words::{printed, range};
use crate::{Interval, Severity};

/// What a table of estimates in rows prints of each.
///
/// ```text
/// z = estimate / standard error      p = P(|X| > |z|)
/// ```
///
/// X is normal, or t with one degree of freedom or more.
///
/// **Assumes** for z that the error is the one beside it, and for p a two-sided test by z, not a bootstrap: neither
/// is said, so nothing here is impossible.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (paper, sheet) = (bench.paper, bench.sheet);
    for (position, table) in paper.tables().iter().enumerate() {
        if table.kind() == Kind::Regression {
            below(bench, position, table);
            continue;
        }
        if table.kind() != Kind::Descriptive || sheet.is_left_out(position) {
            continue;
        }
        let head = |names: &[&str]| {
            table.column_names().iter().position(|it| names.contains(&plain(it).as_str()))
        };
        let estimate = head(&["estimate", "coefficient", "coef", "effect", "value", "b"]);
        let error = head(&["se", "stderr", "standarderror", "stderror"]);
        let z = head(&["z", "zvalue", "zstatistic", "t", "tvalue", "tstatistic"]);
        let p = head(&["p", "pvalue", "prob", "pz", "pt"]);
        for i in 0..table.rows().len() {
            let at = |column: Option<usize>| sheet.at(position, i, column?);
            if let (Some(b), Some(s), Some(z)) = (at(estimate), at(error), at(z)) {
                bench.equations.push(ratio(b, s, z).boxed());
            }
            if let (Some(z), Some(p)) = (at(z), at(p)) {
                bench.equations.push(tail(z, p).boxed());
            }
        }
    }
}

fn text<'s>(sheet: &'s Sheet<'_>, entry: usize) -> &'s str {
    printed(sheet, Slot::estimate(entry))
}

fn ratio(b: usize, s: usize, z: usize) -> Meets {
    let sides = move |sheet: &Sheet<'_>| {
        let error = sheet.estimate(s).at_least(0.0)?;
        Some((sheet.estimate(z), sheet.estimate(b).over(error)))
    };
    let words = move |sheet: &Sheet<'_>, _, implied| {
        format!(
            "{}/{} is in {}; {} is printed",
            text(sheet, b),
            text(sheet, s),
            range(implied),
            text(sheet, z)
        )
    };
    Meets::new("z-ratio", [z, b, s].map(Slot::estimate).to_vec(), sides, words)
        .severity(Severity::Medium)
        .doubt(Some("z is not estimate over the error beside it"))
}

fn tail(z: usize, p: usize) -> Meets {
    let sides = move |sheet: &Sheet<'_>| {
        let z = sheet.estimate(z).abs();
        let slack = Interval::between(1.0 - 1e-9, 1.0 + 1e-9);
        let between =
            Interval::new(reading::tail(z.hi(), f64::INFINITY), reading::tail(z.lo(), 1.0))?;
        Some((sheet.estimate(p), between * slack))
    };
    let words = move |sheet: &Sheet<'_>, _, implied| {
        format!(
            "p of {} is in {}, from the normal to t(1); {} is printed",
            text(sheet, z),
            range(implied),
            text(sheet, p)
        )
    };
    Meets::new("p-value", [p, z].map(Slot::estimate).to_vec(), sides, words)
        .severity(Severity::Medium)
        .doubt(Some("p comes from another test, such as a bootstrap"))
}

/// What is printed of an estimate besides it.
#[derive(Clone, Copy)]
struct Beside {
    slot: Slot,
    doubt: Doubt,
}

/// What may be otherwise with a number beside an estimate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt {
    None,
    /// It stands in brackets of a second kind, and may be of another error or test.
    Apart,
    /// It stands in brackets of which no note says what they hold.
    Unsaid,
}

/// All that is printed of one estimate.
struct Of {
    estimate: usize,
    error: Option<Beside>,
    t: Option<Beside>,
    p: Option<Beside>,
}

/// What would have to be otherwise.
fn doubt(of: [Beside; 2], apart: &'static str) -> Option<&'static str> {
    let has = |doubt: Doubt| of.iter().any(|it| it.doubt == doubt);
    match (has(Doubt::Unsaid), has(Doubt::Apart)) {
        (true, _) => Some(UNSAID),
        (_, true) => Some(apart),
        _ => None,
    }
}

const UNSAID: &str = "the brackets hold something else than they seem to";
const ERROR: &str = "the t statistic is of another standard error than the one printed with it";
const TEST: &str = "p comes from another test than t, as from a bootstrap";
const DEGREES: &str = "p has other degrees of freedom than those of the column's other cells";

/// Rows such as `lnX: t` and `lnX: [p]` below the one of `lnX` in a table of regressions.
///
/// ```text
/// t = estimate/standard error      p = P(|X| > |t|)
/// ```
///
/// X is normal, or t with one degree of freedom or more, the same for a column. What stands in brackets of a second kind may be
/// of other errors, as robust ones beside classical ones, or of a bootstrap, so that it is never impossible; so may a p
/// without its t.
fn below(bench: &mut Bench<'_, '_>, position: usize, table: &Table) {
    let (sheet, facts) = (bench.sheet, bench.facts);
    let rows = table.rows();
    let named: Vec<_> = rows.iter().map(|row| names::beside(&row.label)).collect();
    if named.iter().all(Option::is_none) {
        return;
    }
    for column in facts.columns.iter().filter(|it| it.table == position) {
        let header = |name: &String| column.id == format!("{}/{name}", table.id());
        let Some(j) = table.column_names().iter().position(header) else { continue };
        let mut all = Vec::new();
        for (base, row) in rows.iter().enumerate() {
            let of: Vec<_> = (base + 1..rows.len())
                .filter_map(|i| Some((i, named[i].filter(|it| it.0 == row.label)?)))
                .collect();
            let Some(estimate) = sheet.at(position, base, j).filter(|_| !of.is_empty()) else {
                continue;
            };
            let own = |kinds: &[Uncertainty]| {
                let bracket = sheet.entries[estimate].uncertainty.is_some()
                    && column.reading.brackets.is_some_and(|it| kinds.contains(&it));
                let beside = of.iter().find(|(_, it)| kinds.contains(&it.1));
                let beside = beside.and_then(|&(i, (_, _, apart))| {
                    let doubt = if apart { Doubt::Apart } else { Doubt::None };
                    Some(Beside { slot: Slot::estimate(sheet.at(position, i, j)?), doubt })
                });
                let said = column.declared.is_some() && column.reading.as_declared;
                let doubt = if said { Doubt::None } else { Doubt::Unsaid };
                let bracket = bracket.then(|| Beside { slot: Slot::uncertainty(estimate), doubt });
                bracket.or(beside)
            };
            all.push(Of {
                estimate,
                error: own(&[Uncertainty::StandardError]),
                t: own(&[Uncertainty::T, Uncertainty::Z]),
                p: own(&[Uncertainty::P]),
            });
        }
        let negative = |it: &Of| it.t.is_some_and(|t| interval(sheet, t.slot).hi() < 0.0);
        let signed = all.iter().any(negative);
        let wide = sheet.rounded_twice();
        let common =
            reading::deepest(&all.iter().filter_map(|it| it.degrees(&wide)).collect::<Vec<_>>());
        for it in all {
            if let (Some(error), Some(t)) = (it.error, it.t) {
                bench.equations.push(it.quotient(error, t, signed).boxed());
            }
            if let Some(p) = it.p {
                let any = Interval::between(1.0, f64::INFINITY);
                bench.equations.push(it.probability(p, any).boxed());
                if let Some(common) = common.filter(|it| *it != any) {
                    let sure = column.errors == Some(Errors::Iid);
                    let equation = it.probability(p, common).severity(Severity::Low);
                    bench
                        .equations
                        .push(if sure { equation } else { equation.doubt(Some(DEGREES)) }.boxed());
                }
            }
        }
    }
}

fn interval(sheet: &Sheet<'_>, slot: Slot) -> Interval {
    let entry = &sheet.entries[slot.entry];
    match slot.part {
        crate::Part::Uncertainty => entry.uncertainty.map_or(Interval::ALL, |it| it.interval),
        _ => entry.estimate.interval,
    }
}

/// A p value. Some programs compute it as one less a probability, which leaves the last digits of one.
fn tail_of(sheet: &Sheet<'_>, slot: Slot) -> Interval {
    interval(sheet, slot) + Interval::between(-1e-12, 1e-12)
}

impl Of {
    /// |t|, printed or of the standard error, and what it is read from.
    fn statistic(
        &self,
    ) -> Option<(Vec<Slot>, impl Fn(&Sheet<'_>) -> Option<Interval> + Clone + 'static)> {
        let (estimate, t, error) =
            (self.estimate, self.t.map(|it| it.slot), self.error.map(|it| it.slot));
        let reads = match (t, error) {
            (Some(t), _) => vec![t],
            (None, Some(error)) => vec![Slot::estimate(estimate), error],
            (None, None) => return None,
        };
        let value = move |sheet: &Sheet<'_>| match (t, error) {
            (Some(t), _) => Some(interval(sheet, t).abs()),
            (None, Some(error)) => {
                let error = interval(sheet, error).at_least(0.0)?;
                let t = sheet.estimate(estimate).abs().over(error);
                Some(Interval::between(t.lo().max(0.0), t.hi()))
            }
            (None, None) => None,
        };
        Some((reads, value))
    }

    /// The degrees of freedom that p and t allow.
    fn degrees(&self, sheet: &Sheet<'_>) -> Option<Interval> {
        let p = tail_of(sheet, self.p?.slot);
        let t = self.statistic()?.1(sheet)?;
        reading::degrees(t, 1, &[p.hi(), p.lo()])
    }

    fn quotient(&self, error: Beside, t: Beside, signed: bool) -> Meets {
        let estimate = self.estimate;
        let sides = move |sheet: &Sheet<'_>| {
            let error = interval(sheet, error.slot).at_least(0.0)?;
            let (t, ratio) = (interval(sheet, t.slot), sheet.estimate(estimate).over(error));
            Some(if signed { (t, ratio) } else { (t.abs(), ratio.abs()) })
        };
        let words = move |sheet: &Sheet<'_>, _, implied| {
            format!(
                "t = {}/{} is in {}; {} is printed",
                text(sheet, estimate),
                printed(sheet, error.slot),
                range(implied),
                printed(sheet, t.slot)
            )
        };
        let reads = vec![t.slot, Slot::estimate(estimate), error.slot];
        Meets::new("z-ratio", reads, sides, words).doubt(doubt([t, error], ERROR))
    }

    fn probability(&self, p: Beside, df: Interval) -> Meets {
        let (mut reads, value) = match self.statistic() {
            Some((reads, value)) => (reads, Some(value)),
            None => (Vec::new(), None),
        };
        reads.insert(0, p.slot);
        let of = value.clone();
        let sides = move |sheet: &Sheet<'_>| {
            let t = of.as_ref()?(sheet)?;
            let slack = Interval::between(1.0 - 1e-9, 1.0 + 1e-9);
            let tails =
                Interval::between(reading::tail(t.hi(), df.hi()), reading::tail(t.lo(), df.lo()));
            Some((tail_of(sheet, p.slot), tails * slack))
        };
        let words = move |sheet: &Sheet<'_>, _, implied| {
            let t = value.as_ref().and_then(|it| it(sheet)).unwrap_or(Interval::ALL);
            format!(
                "p of |t| in {} is in {}, {}; {} is printed",
                range(t),
                range(implied),
                degrees_in_words(df),
                printed(sheet, p.slot)
            )
        };
        let of = self.t.unwrap_or(Beside { doubt: Doubt::Apart, ..p });
        let doubt = doubt([p, of], TEST);
        Meets::new("p-value", reads, sides, words).severity(Severity::Medium).doubt(doubt)
    }
}

fn degrees_in_words(df: Interval) -> String {
    match (df.lo(), df.hi()) {
        (lo, f64::INFINITY) if lo <= 1.0 => "from the normal to t(1)".to_owned(),
        (lo, f64::INFINITY) => format!("with at least {} degrees of freedom", lo.floor()),
        (lo, hi) => format!("with {} to {} degrees of freedom", lo.floor(), hi.ceil()),
    }
}
