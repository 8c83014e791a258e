//! Standard errors of columns that share rows, if they are classical.

mod pairs;
mod twins;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Bench;
use crate::equation::{Equation, Holds, Meets};
use crate::facts::{Column, Count, Doubts, Facts};
use crate::names;
use crate::reading;
use crate::schema::Errors;
use crate::sheet::{Sheet, Slot};
use crate::{Convention, Interval, Severity};

/// An equation of classical errors, the columns it is of, and whether it could well have failed.
struct Candidate {
    equation: Meets,
    columns: Vec<usize>,
    telling: bool,
    doubts: Doubts,
}

/// What classical errors imply between columns of the same rows.
///
/// ```text
/// one added regressor m:   σ²(long)/σ²(short) = (1 − r²) · df_s/df_l,   r² = t_m²/(t_m² + df_l)
///                          se_j(long)²/se_j(short)² = σ²(long)/σ²(short) / (1 − ρ_j²),   ρ_j² = τ_j²/(τ_j² + df_s)
///                          R²(long) − R²(short) = (1 − R²(long)) t_m²/df_l
/// one set of regressors:   se_j(A)/se_j(B) = σ(A)/σ(B), the same for every j
/// ```
///
/// `τ_j` is the t statistic of j in the regression of m on the regressors of the short column; without
/// that regression `0 ≤ ρ_j²` makes the second a bound. Software divides by df or by n: the degrees of
/// freedom are the interval of all between, and `df_s/df_l` that from 1 to `1 + 1/df_l`.
///
/// What fails here is impossible only if the schema says that errors are classical. Else it is evidence. The
/// fewest uncertainties are sought without which all equations hold, one after the other: first the one
/// that most failing equations read. Where enough telling equations of a column are left and most of
/// its uncertainties, its errors are classical but for those; where not, they are of another kind.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (facts, sheet) = (bench.facts, bench.sheet);
    let mut candidates = Vec::new();
    pairs::candidates(facts, sheet, &mut candidates);
    twins::candidates(facts, sheet, &mut candidates);
    candidates.retain(|it| {
        let errors = |&at: &usize| matches!(facts.columns[at].errors, None | Some(Errors::Iid));
        it.columns.iter().all(errors)
    });
    let evidence = Evidence::of(&candidates, sheet);
    let tally: Vec<Tally> =
        (0..facts.columns.len()).map(|column| evidence.tally(column, &candidates, facts)).collect();
    for (column, tally) in tally.iter().enumerate() {
        let cells = |of: &[usize]| of.iter().map(|&it| sheet.cell(Slot::uncertainty(it))).collect();
        let (supports, against, is) = if tally.is_classical() {
            (cells(&tally.kept), cells(&tally.suspect), "classical: one variance for all rows")
        } else if !tally.mostly() && !tally.suspect.is_empty() {
            let is = "not classical: robust or clustered, as far as can be told";
            (cells(&tally.suspect), cells(&tally.kept), is)
        } else {
            continue;
        };
        let (column, what, is) = (facts.columns[column].id.clone(), "errors", is.to_owned());
        bench.conventions.push(Convention { column, what, is, supports, against });
    }
    let iid = |&column: &usize| facts.columns[column].errors == Some(Errors::Iid);
    for candidate in candidates {
        let stated = candidate.columns.iter().all(iid);
        let mut all = candidate.columns.iter().map(|&it| &tally[it]);
        let likely = all.clone().any(Tally::is_classical) && all.all(Tally::mostly);
        if stated || likely {
            let doubts = candidate.doubts.unless(stated, OUTLIER);
            bench.equations.push(candidate.equation.doubt(doubts.words()).boxed());
        }
    }
}

const OUTLIER: &str = "this standard error is not classical, though others of its columns are to the \
                       printed digits";

/// What candidates say of uncertainties.
struct Evidence {
    /// Whether each holds.
    holds: Vec<bool>,
    /// Uncertainties that are left out so that the rest holds.
    suspects: Vec<usize>,
}

/// What they say of a column.
#[derive(Default)]
struct Tally {
    /// Telling equations that hold, and read no suspect.
    telling: usize,
    kept: Vec<usize>,
    suspect: Vec<usize>,
}

impl Tally {
    /// Whether as many uncertainties agree as not, or more.
    fn mostly(&self) -> bool {
        !self.kept.is_empty() && self.kept.len() >= self.suspect.len()
    }

    fn is_classical(&self) -> bool {
        self.telling >= 2 && self.mostly()
    }
}

impl Evidence {
    fn of(candidates: &[Candidate], sheet: &Sheet<'_>) -> Self {
        let holds: Vec<bool> =
            candidates.iter().map(|it| it.equation.judge(sheet) == Holds::Yes).collect();
        let mut suspects: Vec<usize> = Vec::new();
        // For each uncertainty: equations that fail, and that hold.
        let mut tally: BTreeMap<usize, [usize; 2]> = BTreeMap::new();
        for (candidate, &holds) in candidates.iter().zip(&holds) {
            for entry in candidate.uncertainties() {
                tally.entry(entry).or_default()[usize::from(holds)] += 1;
            }
        }
        loop {
            let worst = tally.iter().filter(|it| it.1[0] > 0);
            let worst =
                worst.max_by_key(|&(entry, &[fail, hold])| (fail, Reverse(hold), Reverse(*entry)));
            let Some((&entry, _)) = worst else { break };
            let reads = |it: &Candidate| it.uncertainties().any(|it| it == entry);
            for (candidate, &holds) in candidates.iter().zip(&holds).filter(|it| reads(it.0)) {
                let gone = candidate.uncertainties().any(|it| suspects.contains(&it));
                if !gone {
                    for entry in candidate.uncertainties() {
                        if let Some(tally) = tally.get_mut(&entry) {
                            tally[usize::from(holds)] -= 1;
                        }
                    }
                }
            }
            suspects.push(entry);
        }
        Self { holds, suspects }
    }

    fn tally(&self, column: usize, candidates: &[Candidate], facts: &Facts<'_>) -> Tally {
        let mut tally = Tally::default();
        let own: Vec<usize> = facts.columns[column].estimates().collect();
        for (candidate, &holds) in candidates.iter().zip(&self.holds) {
            if !candidate.columns.contains(&column) {
                continue;
            }
            let suspect = candidate.uncertainties().any(|it| self.suspects.contains(&it));
            if holds && !suspect {
                tally.telling += usize::from(candidate.telling);
                tally.kept.extend(candidate.uncertainties().filter(|it| own.contains(it)));
            }
        }
        tally.kept.sort_unstable();
        tally.kept.dedup();
        tally.suspect = self.suspects.iter().copied().filter(|it| own.contains(it)).collect();
        tally
    }
}

impl Candidate {
    /// The entries whose uncertainty it reads.
    fn uncertainties(&self) -> impl Iterator<Item = usize> + '_ {
        let of = |it: &&Slot| it.part == crate::Part::Uncertainty;
        self.equation.reads().iter().filter(of).map(|it| it.entry)
    }

    /// It tells something if both sides are known to a tenth.
    fn new(equation: Meets, columns: Vec<usize>, doubts: Doubts, sheet: &Sheet<'_>) -> Self {
        let narrow = |it: Interval| {
            let size = it.abs().hi();
            size > 0.0 && size.is_finite() && it.width() <= 0.1 * size
        };
        let telling = equation.sides(sheet).is_some_and(|(a, b)| narrow(a) && narrow(b));
        let equation = equation.severity(Severity::Medium);
        Self { equation, columns, telling, doubts }
    }
}

/// Whether a fall from one number is larger than what is not known of either end.
fn is_clear(from: Interval, (a, b): (Interval, Interval)) -> bool {
    let fall = (from.middle() - b.middle()).abs();
    [from, a, b].iter().all(|it| it.width() < 0.2 * fall)
}

/// The standard error of a cell, from what its column's brackets hold.
fn standard_error(sheet: &Sheet<'_>, column: Reads, entry: usize) -> Option<Interval> {
    let it = reading::standard_error(&sheet.entries[entry], column.brackets?)?;
    it.at_least(0.0)
}

/// What is needed of a column to read its errors.
#[derive(Clone, Copy)]
struct Reads {
    brackets: Option<published::Uncertainty>,
    n: Option<Count>,
    /// Parameters that are known, and the most that may be absorbed; `None` if it may be any.
    parameters: Option<f64>,
}

impl Reads {
    fn of(facts: &Facts<'_>, column: &Column<'_>) -> Self {
        let printed = column.estimates().count() as f64;
        let absorbed = match (&column.absorbs, facts.panel) {
            (Some(effects), _) if effects.is_empty() => Some(0.0),
            (Some(effects), Some((units, periods, _))) => Some(
                effects
                    .iter()
                    .map(|it| if names::is_time(it) { periods as f64 } else { units as f64 })
                    .sum(),
            ),
            (None, Some((units, periods, _))) => Some(units as f64 + periods as f64),
            (_, None) => None,
        };
        let unprinted = column.unprinted.map(f64::from);
        // A constant may be in the model without being printed.
        let parameters = absorbed.zip(unprinted).map(|(a, u)| printed + a + u + 1.0);
        Self { brackets: column.reading.brackets, n: column.n, parameters }
    }

    /// Between the residual degrees of freedom and n.
    fn degrees(self, sheet: &Sheet<'_>) -> Interval {
        let n = self.n.map(|n| n.of(sheet));
        let least = n.zip(self.parameters).map_or(1.0, |(n, k)| (n - k).max(1.0));
        let most = n.unwrap_or(f64::INFINITY).max(least);
        Interval::between(least, most)
    }
}

/// t² of a cell.
fn t_squared(sheet: &Sheet<'_>, column: Reads, entry: usize) -> Option<Interval> {
    Some(reading::t(&sheet.entries[entry], column.brackets?)?.square())
}

/// x/(x + df) for x ≥ 0: it grows with x and falls with df.
fn share(x: Interval, df: Interval) -> Option<Interval> {
    let point = Interval::point;
    let at = |x: f64, df: f64| {
        if x == f64::INFINITY {
            point(1.0)
        } else if df == f64::INFINITY {
            point(0.0)
        } else {
            point(x).over(point(x) + point(df))
        }
    };
    Interval::new(at(x.lo(), df.hi()).lo().max(0.0), at(x.hi(), df.lo()).hi().min(1.0))
}

/// The uncertainty of a cell as printed, and as a standard error of it would print there.
fn beside(
    sheet: &Sheet<'_>,
    column: Reads,
    entry: usize,
    error: Interval,
) -> Option<(Interval, Interval)> {
    use published::Uncertainty::{P, StandardError, T, Z};
    match column.brackets? {
        StandardError => Some((sheet.uncertainty(entry)?, error)),
        T | Z => {
            let b = sheet.estimate(entry).abs();
            let t = if error.lo() > 0.0 {
                b.over(error)
            } else if error.hi() > 0.0 {
                let least = Interval::point(b.lo()).over(Interval::point(error.hi())).lo();
                Interval::new(least, f64::INFINITY)?
            } else {
                return None;
            };
            Some((sheet.uncertainty(entry)?.abs(), t))
        }
        P => None,
    }
}

fn uncertainties(entries: &[usize]) -> Vec<Slot> {
    entries.iter().map(|&it| Slot::uncertainty(it)).collect()
}
