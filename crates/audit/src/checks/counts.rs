//! Numbers of rows.

use super::Bench;
use crate::equation::Meets;
use crate::facts::{Count, Doubts};
use crate::sheet::{Sheet, Slot};
use crate::words::{place, short};
use crate::{Interval, Severity};

fn slots(counts: &[Count]) -> Vec<Slot> {
    let entry = |it: &Count| match it {
        Count::Printed(entry) => Some(Slot::estimate(*entry)),
        Count::Stated(_) => None,
    };
    counts.iter().filter_map(entry).collect()
}

fn point(count: Count, sheet: &Sheet<'_>) -> Interval {
    Interval::point(count.of(sheet))
}

/// N against the panel, against other columns of the same rows, and against its parts.
///
/// ```text
/// N ≤ units · periods      groups ≤ N      N of the same rows are equal      N = Σ N of the parts
/// ```
///
/// **Assumes** that a row is a unit in a period and counted once, where the panel bounds N.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (facts, into) = (bench.facts, &mut bench.equations);
    for column in &facts.columns {
        let Some(n @ Count::Printed(entry)) = column.n else { continue };
        if let Some((units, periods, stated)) = facts.panel {
            let most = (units as f64) * (periods as f64);
            let sides = move |sheet: &Sheet<'_>| Some((point(n, sheet), Interval::new(0.0, most)?));
            let words = move |sheet: &Sheet<'_>, n: Interval, _| {
                format!(
                    "{}: N = {} is at most {units} units × {periods} periods = {most}",
                    place(sheet, entry),
                    short(n.lo())
                )
            };
            let doubts = Doubts::default()
                .unless(stated, "the rows are not the units and periods that the paper names")
                .unless(column.is_least_squares(), "rows are counted by frequency weights");
            let it = Meets::new("n-panel", slots(&[n]), sides, words).doubt(doubts.words());
            into.push(it.severity(Severity::Medium).boxed());
        }
        if let Some(groups) = column.groups {
            let sides = move |sheet: &Sheet<'_>| {
                let groups = sheet.entries[groups].estimate.value;
                Some((point(n, sheet), Interval::new(groups, f64::INFINITY)?))
            };
            let words = move |_: &Sheet<'_>, n: Interval, groups: Interval| {
                format!(
                    "N = {} is at least the number of units, {}",
                    short(n.lo()),
                    short(groups.lo())
                )
            };
            let reads = vec![Slot::estimate(entry), Slot::estimate(groups)];
            into.push(Meets::new("n-units", reads, sides, words).boxed());
        }
    }
    for &(a, b) in &facts.shared {
        if let (Some(x @ Count::Printed(_)), Some(y)) = (facts.columns[a].n, facts.columns[b].n) {
            let ids = [a, b].map(|at| facts.columns[at].id.clone());
            let sides = move |sheet: &Sheet<'_>| Some((point(x, sheet), point(y, sheet)));
            let words = move |_: &Sheet<'_>, x: Interval, y: Interval| {
                let [a, b] = &ids;
                format!(
                    "{a} and {b} have the same rows: N = {} and {}",
                    short(x.lo()),
                    short(y.lo())
                )
            };
            into.push(Meets::new("n-shared", slots(&[x, y]), sides, words).boxed());
        }
    }
    for (whole, parts) in &facts.partitions {
        let of = |&at: &usize| facts.columns[at].n;
        let (Some(n), Some(parts)) = (of(whole), parts.iter().map(of).collect::<Option<Vec<_>>>())
        else {
            let what = facts.columns[*whole].id.clone();
            let because = "it or one of its parts has no N".to_owned();
            bench.unchecked.push(crate::Unchecked { what, because });
            continue;
        };
        let mut all = vec![n];
        all.extend(&parts);
        let sides = move |sheet: &Sheet<'_>| {
            let sum = parts.iter().map(|it| it.of(sheet)).sum();
            Some((point(n, sheet), Interval::point(sum)))
        };
        let words = |_: &Sheet<'_>, n: Interval, sum: Interval| {
            format!("the parts have {} rows and the whole has {}", short(sum.lo()), short(n.lo()))
        };
        let reads = slots(&all);
        if !reads.is_empty() {
            into.push(Meets::new("n-partition", reads, sides, words).boxed());
        }
    }
}
