//! Numbers that should add up or have a mean, and growth against levels.

use super::Bench;
use crate::Interval;
use crate::equation::Meets;
use crate::facts::Sum;
use crate::names::Label;
use crate::sheet::{Sheet, Slot};
use crate::words::{printed, range, short};

/// Sums and means that the schema states, and growth rates of series with two years in a row.
///
/// ```text
/// Σ parts = total        Σ w x/Σ w = mean        growth = 100 (level / level of the year before − 1) %
/// ```
///
/// **Assumes** for growth the same prices and coverage in both years, so that it is never impossible.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let facts = bench.facts;
    for (cells, to) in &facts.sums {
        let (parts, to) = (cells.clone(), *to);
        // Numbers of rows are no rounded numbers.
        let counts = matches!(to, Sum::Entry(it) if is_count(bench.sheet, it));
        let part = move |sheet: &Sheet<'_>, it: usize| {
            if counts {
                Interval::point(sheet.entries[it].estimate.value)
            } else {
                sheet.estimate(it)
            }
        };
        let sum = move |sheet: &Sheet<'_>| {
            parts.iter().fold(Interval::point(0.0), |sum, &it| sum + part(sheet, it))
        };
        let sides = move |sheet: &Sheet<'_>| {
            let target = match to {
                Sum::Entry(it) => part(sheet, it),
                Sum::Number(_) => target(sheet, to),
            };
            Some((sum(sheet), target))
        };
        let shown = cells.clone();
        let words = move |sheet: &Sheet<'_>, sum, _| {
            let parts: Vec<&str> =
                shown.iter().map(|&it| printed(sheet, Slot::estimate(it))).collect();
            let should = text(sheet, to);
            format!("{} is in {}; it should be {should}", parts.join(" + "), range(sum))
        };
        let mut reads: Vec<Slot> = cells.iter().map(|&it| Slot::estimate(it)).collect();
        if let Sum::Entry(entry) = to {
            reads.push(Slot::estimate(entry));
        }
        bench.equations.push(Meets::new("sum", reads, sides, words).boxed());
    }
    means(bench);
    growth(bench);
}

fn is_count(sheet: &Sheet<'_>, entry: usize) -> bool {
    let entry = &sheet.entries[entry];
    [entry.row, &*entry.column].into_iter().any(|it| Label::of(it) == Label::Observations)
}

fn target(sheet: &Sheet<'_>, to: Sum) -> Interval {
    match to {
        Sum::Number(x) => Interval::point(x),
        Sum::Entry(entry) => sheet.estimate(entry),
    }
}

fn text(sheet: &Sheet<'_>, to: Sum) -> String {
    match to {
        Sum::Number(x) => short(x),
        Sum::Entry(entry) => printed(sheet, Slot::estimate(entry)).to_owned(),
    }
}

/// Means: what they should be is taken off each number first, so that its weight, which stands above and below,
/// is no wider for that.
fn means(bench: &mut Bench<'_, '_>) {
    for (cells, weights, is) in &bench.facts.means {
        let mut reads: Vec<Slot> =
            cells.iter().chain(weights).map(|&it| Slot::estimate(it)).collect();
        if let Sum::Entry(entry) = *is {
            reads.push(Slot::estimate(entry));
        }
        let (pairs, is): (Vec<_>, _) =
            (cells.iter().copied().zip(weights.iter().copied()).collect(), *is);
        let sides = move |sheet: &Sheet<'_>| {
            let (zero, middle) =
                (Interval::point(0.0), Interval::point(target(sheet, is).middle()));
            let (sum, all) = pairs.iter().fold((zero, zero), |(sum, all), &(x, w)| {
                let (x, w) = (sheet.estimate(x), sheet.estimate(w));
                (sum + w * (x - middle), all + w)
            });
            Some((middle + sum.over(all), target(sheet, is)))
        };
        let count = cells.len();
        let words = move |sheet: &Sheet<'_>, mean, _| {
            let should = text(sheet, is);
            format!(
                "the mean of {count} numbers by their weights is in {}; it should be {should}",
                range(mean)
            )
        };
        bench.equations.push(Meets::new("mean", reads, sides, words).boxed());
    }
}

fn growth(bench: &mut Bench<'_, '_>) {
    let (paper, sheet) = (bench.paper, bench.sheet);
    for series in paper.series() {
        for value in &series.values {
            let Some(growth) = &value.growth else { continue };
            let before = series.values.iter().find(|it| {
                it.name == value.name && it.unit == value.unit && it.year == value.year - 1
            });
            let Some(before) = before else { continue };
            let find = |year: i32| sheet.find(&series.id, &year.to_string(), &value.name);
            let (Some(now), Some(then)) = (find(value.year), find(before.year)) else { continue };
            let stated = Interval::from(growth.interval());
            let text = growth.as_str().to_owned();
            let sides = move |sheet: &Sheet<'_>| {
                let point = Interval::point;
                let ratio = sheet.estimate(now).over(sheet.estimate(then));
                Some((stated, (ratio - point(1.0)) * point(100.0)))
            };
            let words = move |sheet: &Sheet<'_>, _, implied| {
                format!(
                    "growth from {} to {} is in {} %; {text} is printed",
                    printed(sheet, Slot::estimate(then)),
                    printed(sheet, Slot::estimate(now)),
                    range(implied)
                )
            };
            let doubt = "growth is at constant prices, or of another coverage, than the levels";
            let reads = vec![Slot::estimate(now), Slot::estimate(then)];
            bench
                .equations
                .push(Meets::new("growth", reads, sides, words).doubt(Some(doubt)).boxed());
        }
    }
}
