//! Numbers that should add up, and growth against levels.

use super::Bench;
use crate::Interval;
use crate::equation::Meets;
use crate::facts::Sum;
use crate::sheet::{Sheet, Slot};
use crate::words::{printed, range, short};

/// Sums that the schema states, and growth rates of series with two years in a row.
///
/// ```text
/// Σ parts = total        growth = 100 (level / level of the year before − 1) %
/// ```
///
/// **Assumes** for growth the same prices and coverage in both years, so that it is never impossible.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let facts = bench.facts;
    for (cells, to) in &facts.sums {
        let (parts, to) = (cells.clone(), *to);
        let sum = move |sheet: &Sheet<'_>| {
            parts.iter().fold(Interval::point(0.0), |sum, &it| sum + sheet.estimate(it))
        };
        let target = move |sheet: &Sheet<'_>| match to {
            Sum::Number(x) => Interval::point(x),
            Sum::Entry(entry) => sheet.estimate(entry),
        };
        let sides = move |sheet: &Sheet<'_>| Some((sum(sheet), target(sheet)));
        let shown = cells.clone();
        let words = move |sheet: &Sheet<'_>, sum, target: Interval| {
            let parts: Vec<&str> =
                shown.iter().map(|&it| printed(sheet, Slot::estimate(it))).collect();
            let to = match to {
                Sum::Number(x) => short(x),
                Sum::Entry(entry) => printed(sheet, Slot::estimate(entry)).to_owned(),
            };
            let _ = target;
            format!("{} is in {}; it should be {to}", parts.join(" + "), range(sum))
        };
        let mut reads: Vec<Slot> = cells.iter().map(|&it| Slot::estimate(it)).collect();
        if let Sum::Entry(entry) = to {
            reads.push(Slot::estimate(entry));
        }
        bench.equations.push(Meets::new("sum", reads, sides, words).boxed());
    }
    growth(bench);
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
