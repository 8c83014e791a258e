//! Mean, standard deviation and extremes of one variable.

use std::collections::BTreeMap;

use published::Kind;

use super::Bench;
use crate::equation::Meets;
use crate::facts::Count;
use crate::names::Moment;
use crate::sheet::{Sheet, Slot};
use crate::words::{printed, range, short};
use crate::{Interval, Severity};

/// The moments of a variable that a table prints.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    pub(super) n: Option<usize>,
    pub(super) mean: Option<usize>,
    pub(super) sd: Option<usize>,
    min: Option<usize>,
    p25: Option<usize>,
    median: Option<usize>,
    p75: Option<usize>,
    max: Option<usize>,
}

/// Equations of every row of moments; and those of the table of moments by variable, for other
/// checks.
///
/// ```text
/// min ≤ p25 ≤ median ≤ p75 ≤ max     min ≤ mean ≤ max     |mean − median| ≤ sd     0 ≤ sd
/// sd² ≤ n/(n−1) · (mean − min) (max − mean)                          Bhatia and Davis 2000
/// n sd² ≥ a² + b² + (a + b)²/(n−2),  a = min − mean, b = max − mean  the other n − 2 values alike
/// ```
///
/// With n unknown the factor n/(n−1) is at most 2. The lower bound takes n as the divisor of the
/// variance, the upper n − 1, so that either holds for both. Whole numbers, where the schema says so: n · mean is
/// near a whole number S, and Σx² near one Q of the parity of S, as x² and x are alike (GRIM, GRIMMER).
///
/// **Assumes** no weights.
pub(super) fn equations(bench: &mut Bench<'_, '_>) -> BTreeMap<String, Moments> {
    let (paper, sheet, facts) = (bench.paper, bench.sheet, bench.facts);
    let mut all = BTreeMap::new();
    for (position, table) in paper.tables().iter().enumerate() {
        if table.kind() != Kind::Descriptive || sheet.is_left_out(position) {
            continue;
        }
        let heads: Vec<_> = table.column_names().iter().map(|it| Moment::of(it)).collect();
        if !heads.contains(&Some(Moment::Mean)) && !heads.contains(&Some(Moment::Sd)) {
            continue;
        }
        for (i, row) in table.rows().iter().enumerate() {
            let mut of = Moments::default();
            for (j, head) in heads.iter().enumerate() {
                let Some(head) = head else { continue };
                let entry = sheet.at(position, i, j);
                *match head {
                    Moment::N => &mut of.n,
                    Moment::Mean => &mut of.mean,
                    Moment::Sd => &mut of.sd,
                    Moment::Min => &mut of.min,
                    Moment::P25 => &mut of.p25,
                    Moment::Median => &mut of.median,
                    Moment::P75 => &mut of.p75,
                    Moment::Max => &mut of.max,
                } = entry;
            }
            let variable = facts.variables.iter().find(|it| it.name == row.label);
            row_of(
                bench,
                of,
                variable.is_some_and(|it| it.integer),
                variable.and_then(|it| it.within),
            );
            if facts.moments.is_some_and(|(at, _)| at == position) {
                all.insert(row.label.trim().to_owned(), of);
            }
        }
    }
    all
}

fn row_of(bench: &mut Bench<'_, '_>, of: Moments, integer: bool, within: Option<[f64; 2]>) {
    let into = &mut bench.equations;
    let order = [of.min, of.p25, of.median, of.p75, of.max];
    let order: Vec<usize> = order.into_iter().flatten().collect();
    for pair in order.windows(2) {
        let (low, high) = (pair[0], pair[1]);
        into.push(at_least("quantile-order", high, low).boxed());
    }
    if let Some(sd) = of.sd {
        let zero = Interval::new(0.0, f64::INFINITY);
        let check = move |sheet: &Sheet<'_>| Some((sheet.estimate(sd), zero?));
        let words = move |sheet: &Sheet<'_>, _, _| {
            format!("the standard deviation {} is not negative", text(sheet, sd))
        };
        into.push(Meets::new("sd-range", vec![Slot::estimate(sd)], check, words).boxed());
    }
    if let (Some(mean), Some(min), Some(max)) = (of.mean, of.min, of.max) {
        let reads = [mean, min, max].map(Slot::estimate).to_vec();
        let sides = move |sheet: &Sheet<'_>| {
            let (min, max) = (sheet.estimate(min), sheet.estimate(max));
            Some((sheet.estimate(mean), Interval::new(min.lo(), max.hi())?))
        };
        let words = move |sheet: &Sheet<'_>, _, _| {
            let [mean, min, max] = [mean, min, max].map(|it| text(sheet, it).to_owned());
            format!("the mean {mean} lies between minimum {min} and maximum {max}")
        };
        into.push(Meets::new("mean-range", reads, sides, words).boxed());
        if let Some(sd) = of.sd {
            into.push(upper(of.n, [sd, mean, min, max]).boxed());
            into.extend(of.n.map(|n| lower([sd, n, mean, min, max]).boxed()));
        }
    }
    if let (Some(mean), Some(median), Some(sd)) = (of.mean, of.median, of.sd) {
        let reads = [median, mean, sd].map(Slot::estimate).to_vec();
        let sides = move |sheet: &Sheet<'_>| {
            let sd = sheet.estimate(sd).hi().max(0.0);
            let around = sheet.estimate(mean) + Interval::between(-sd, sd);
            Some((sheet.estimate(median), around))
        };
        let words = move |sheet: &Sheet<'_>, _, implied| {
            format!(
                "the median {} lies within one standard deviation of the mean, in {}",
                text(sheet, median),
                range(implied)
            )
        };
        into.push(Meets::new("mean-median", reads, sides, words).boxed());
    }
    if integer {
        for entry in order {
            let reads = vec![Slot::estimate(entry)];
            let words = move |sheet: &Sheet<'_>, _, _| {
                format!(
                    "{} of whole numbers is a whole number, or midway between two",
                    text(sheet, entry)
                )
            };
            // Quantiles may lie between two values.
            let sides = move |sheet: &Sheet<'_>| {
                let it = sheet.estimate(entry);
                Some((it, nearest_whole(it * Interval::point(4.0)).over(Interval::point(4.0))))
            };
            into.push(Meets::new("whole-numbers", reads, sides, words).boxed());
        }
        if let (Some(n), Some(mean)) = (of.n, of.mean) {
            into.push(grim(n, mean).boxed());
            into.extend(of.sd.map(|sd| grimmer(n, mean, sd).boxed()));
        }
    }
    if let Some([lo, hi]) = within {
        for (entry, bound, allowed) in [
            (of.min, lo, Interval::new(lo, f64::INFINITY)),
            (of.max, hi, Interval::new(f64::NEG_INFINITY, hi)),
        ] {
            let (Some(entry), Some(allowed)) = (entry, allowed) else { continue };
            let sides = move |sheet: &Sheet<'_>| Some((sheet.estimate(entry), allowed));
            let words = move |sheet: &Sheet<'_>, _, _| {
                format!(
                    "{} does not pass {}, where its variable ends",
                    text(sheet, entry),
                    short(bound)
                )
            };
            let reads = vec![Slot::estimate(entry)];
            into.push(Meets::new("variable-range", reads, sides, words).boxed());
        }
    }
}

fn text<'s>(sheet: &'s Sheet<'_>, entry: usize) -> &'s str {
    printed(sheet, Slot::estimate(entry))
}

/// The one is at least the other.
fn at_least(check: &'static str, high: usize, low: usize) -> Meets {
    let sides = move |sheet: &Sheet<'_>| {
        Some((sheet.estimate(high), Interval::new(sheet.estimate(low).lo(), f64::INFINITY)?))
    };
    let words = move |sheet: &Sheet<'_>, _, _| {
        format!(
            "{} {} is at least {} {}",
            sheet.entries[high].column,
            text(sheet, high),
            sheet.entries[low].column,
            text(sheet, low)
        )
    };
    Meets::new(check, vec![Slot::estimate(high), Slot::estimate(low)], sides, words)
}

/// What is not negative of it; zero if all is.
fn positive(it: Interval) -> Interval {
    it.at_least(0.0).unwrap_or(Interval::point(0.0))
}

fn upper(n: Option<usize>, [sd, mean, min, max]: [usize; 4]) -> Meets {
    let reads = [Some(sd), n, Some(mean), Some(min), Some(max)];
    let reads = reads.into_iter().flatten().map(Slot::estimate).collect();
    let sides = move |sheet: &Sheet<'_>| {
        let point = Interval::point;
        let factor = match n.map(|n| Count::Printed(n).of(sheet)) {
            Some(n) if n >= 2.0 => point(n).over(point(n - 1.0)),
            Some(_) => return None,
            None => point(2.0),
        };
        let mean = sheet.estimate(mean);
        let [below, above] = [mean - sheet.estimate(min), sheet.estimate(max) - mean].map(positive);
        let most = (factor * below * above).sqrt()?;
        Some((sheet.estimate(sd), Interval::new(f64::NEG_INFINITY, most.hi())?))
    };
    let words = move |sheet: &Sheet<'_>, _, implied: Interval| {
        format!(
            "sd {} is at most √(n/(n−1) · (mean − min) · (max − mean)) = √(… · ({} − {}) · ({} − {})) ≤ {}",
            text(sheet, sd),
            text(sheet, mean),
            text(sheet, min),
            text(sheet, max),
            text(sheet, mean),
            short(implied.hi())
        )
    };
    Meets::new("bhatia-davis", reads, sides, words)
}

fn lower([sd, n, mean, min, max]: [usize; 5]) -> Meets {
    let reads = [sd, n, mean, min, max].map(Slot::estimate).to_vec();
    let sides = move |sheet: &Sheet<'_>| {
        let point = Interval::point;
        let n = Count::Printed(n).of(sheet);
        if n < 2.0 {
            return None;
        }
        let mean = sheet.estimate(mean);
        let (a, b) = (sheet.estimate(min) - mean, sheet.estimate(max) - mean);
        let rest = if n > 2.0 { (a + b).square().over(point(n - 2.0)) } else { point(0.0) };
        let least = ((a.square() + b.square() + rest).over(point(n))).sqrt()?;
        Some((sheet.estimate(sd), Interval::new(least.lo(), f64::INFINITY)?))
    };
    let words = move |sheet: &Sheet<'_>, _, implied: Interval| {
        format!(
            "with one value at {} and one at {}, n = {} values of mean {} have an sd of at least {}; {} is \
             printed",
            text(sheet, min),
            text(sheet, max),
            text(sheet, n),
            text(sheet, mean),
            short(implied.lo()),
            text(sheet, sd)
        )
    };
    Meets::new("sd-lower-bound", reads, sides, words)
}

/// The whole numbers of an interval, or else the one nearest to it.
fn nearest_whole(of: Interval) -> Interval {
    let (first, last) = (of.lo().ceil(), of.hi().floor());
    Interval::new(first, last).unwrap_or_else(|| Interval::point(of.middle().round()))
}

fn grim(n: usize, mean: usize) -> Meets {
    let reads = [mean, n].map(Slot::estimate).to_vec();
    let sides = move |sheet: &Sheet<'_>| {
        let n = Interval::point(Count::Printed(n).of(sheet));
        let mean = sheet.estimate(mean);
        (n.lo() >= 1.0).then(|| (mean, nearest_whole(mean * n).over(n)))
    };
    let words = move |sheet: &Sheet<'_>, _, implied| {
        format!(
            "the mean {} of n = {} whole numbers is a whole number over n; the nearest are {}",
            text(sheet, mean),
            text(sheet, n),
            range(implied)
        )
    };
    Meets::new("grim", reads, sides, words)
}

/// Sums and sums of squares that are tried.
const MOST_SUMS: f64 = 10_000.0;

fn grimmer(n: usize, mean: usize, sd: usize) -> Meets {
    let reads = [sd, mean, n].map(Slot::estimate).to_vec();
    let sides = move |sheet: &Sheet<'_>| {
        let point = Interval::point;
        let n = Count::Printed(n).of(sheet);
        let sums = sheet.estimate(mean) * point(n);
        let printed = sheet.estimate(sd);
        let (first, last) = (sums.lo().ceil(), sums.hi().floor());
        if n < 2.0 || last - first > MOST_SUMS || sums.hi().abs() > 1e12 {
            return None;
        }
        let mut sum = first;
        while sum <= last {
            for divisor in [n - 1.0, n] {
                let squares = positive(printed).square() * point(divisor)
                    + point(sum).square().over(point(n));
                // Of a whole number or its successor one has the parity of the sum.
                let least = squares.lo().ceil();
                let same = (least - sum).rem_euclid(2.0) == 0.0;
                let next = if same { least } else { least + 1.0 };
                if next <= squares.hi() {
                    return Some((printed, printed));
                }
            }
            sum += 1.0;
        }
        // No sum fits: nothing is implied that could print so.
        Some((printed, point(f64::INFINITY)))
    };
    let words = move |sheet: &Sheet<'_>, _, _| {
        format!(
            "n = {} whole numbers of mean {} have a sum of squares that is whole and as even as their sum; \
             sd {}",
            text(sheet, n),
            text(sheet, mean),
            text(sheet, sd)
        )
    };
    Meets::new("grimmer", reads, sides, words).severity(Severity::Medium)
}
