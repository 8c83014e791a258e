//! R², adjusted R² and F of one column.

use super::Bench;
use crate::equation::Meets;
use crate::facts::{Column, Count, Doubts};
use crate::schema::Errors;
use crate::sheet::{Sheet, Slot};
use crate::words::{printed, range};
use crate::{Interval, Severity};

const KIND: &str = "it is not the R² of least squares with a constant";

/// R², adjusted R² and F of one column.
///
/// ```text
/// 0 ≤ R² ≤ 1     adjusted ≤ R²     adjusted = 1 − (1 − R²) (n − 1)/(n − K)     F = R²/(K−1) · (n−K)/(1−R²)
/// ```
///
/// **Assumes** for R² ≥ 0 and for the equations least squares with a constant; for those that K is
/// printed and nothing absorbed; for the last classical errors.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (facts, sheet) = (bench.facts, bench.sheet);
    for column in &facts.columns {
        for &(label, entry) in &column.r_squared {
            bench.equations.push(at_most_one(bench.facts.columns.as_slice(), label, entry, sheet));
            let sides = move |sheet: &Sheet<'_>| {
                Some((sheet.estimate(entry), Interval::new(0.0, f64::INFINITY)?))
            };
            let words = move |sheet: &Sheet<'_>, _, _| {
                format!("R² {} is not negative", printed(sheet, Slot::estimate(entry)))
            };
            let doubts = Doubts::default()
                .unless(column.is_least_squares() && is_plain(label), KIND)
                .unless(column.constant.is_some(), "there is no constant");
            let it = Meets::new("r2-range", vec![Slot::estimate(entry)], sides, words);
            bench.equations.push(it.doubt(doubts.words()).boxed());
        }
        if let ([(label, r2)], Some(adjusted)) = (&column.r_squared[..], column.adjusted) {
            adjust(bench, column, label, *r2, adjusted);
        }
        if let ([(label, r2)], Some(f)) = (&column.r_squared[..], column.f)
            && is_plain(label)
        {
            ratio(bench, column, *r2, f);
        }
    }
}

/// Whether a label says R² and no more.
fn is_plain(label: &str) -> bool {
    let word = crate::names::plain(label);
    matches!(word.as_str(), "r2" | "r²" | "rsquared" | "rsquare" | "rsq")
}

/// R² ≤ 1, unless the whole row is in percent.
fn at_most_one(
    columns: &[Column<'_>],
    label: &str,
    entry: usize,
    sheet: &Sheet<'_>,
) -> Box<dyn crate::equation::Equation> {
    let table = sheet.entries[entry].table;
    let mut of_row = columns
        .iter()
        .flat_map(|it| &it.r_squared)
        .filter(|&&(other, at)| other == label && sheet.entries[at].table == table);
    let percent = sheet.entries[entry].number.is_percent()
        || of_row.all(|&(_, at)| sheet.entries[at].estimate.value > 1.0);
    let sides = move |sheet: &Sheet<'_>| {
        Some((sheet.estimate(entry), Interval::new(f64::NEG_INFINITY, 1.0)?))
    };
    let words = move |sheet: &Sheet<'_>, _, _| {
        format!("R² {} is at most 1", printed(sheet, Slot::estimate(entry)))
    };
    let doubt = percent.then_some("R² is in percent");
    Meets::new("r2-range", vec![Slot::estimate(entry)], sides, words).doubt(doubt).boxed()
}

fn adjust(bench: &mut Bench<'_, '_>, column: &Column<'_>, label: &str, r2: usize, adjusted: usize) {
    let reads = vec![Slot::estimate(adjusted), Slot::estimate(r2)];
    let sides = move |sheet: &Sheet<'_>| {
        let most = sheet.estimate(r2).hi();
        Some((sheet.estimate(adjusted), Interval::new(f64::NEG_INFINITY, most)?))
    };
    let words = move |sheet: &Sheet<'_>, _, _| {
        format!(
            "adjusted R² {} is at most R² {}",
            printed(sheet, Slot::estimate(adjusted)),
            printed(sheet, Slot::estimate(r2))
        )
    };
    let kinds = "R² and adjusted R² are of two kinds, or of no least squares";
    let plain = column.is_plain() == Some(true) && column.is_least_squares() && is_plain(label);
    let it = Meets::new("adjusted-r2", reads, sides, words);
    bench.equations.push(it.doubt((!plain).then_some(kinds)).boxed());

    if let (Some(true), Some(0), Some(_), Some(n)) =
        (column.is_plain(), column.unprinted, column.constant, column.n)
    {
        let k = column.slopes.len() as f64 + 1.0;
        let mut reads = vec![Slot::estimate(adjusted), Slot::estimate(r2)];
        if let Count::Printed(n) = n {
            reads.push(Slot::estimate(n));
        }
        let sides = move |sheet: &Sheet<'_>| {
            let n = n.of(sheet);
            if n <= k {
                return None;
            }
            let point = Interval::point;
            let factor = point(n - 1.0).over(point(n - k));
            let implied = point(1.0) - (point(1.0) - sheet.estimate(r2)) * factor;
            Some((sheet.estimate(adjusted), implied))
        };
        let words = move |sheet: &Sheet<'_>, _, implied| {
            format!(
                "adjusted R² = 1 − (1 − {}) (n − 1)/(n − {k}) is in {}; {} is printed",
                printed(sheet, Slot::estimate(r2)),
                range(implied),
                printed(sheet, Slot::estimate(adjusted))
            )
        };
        let doubts =
            Doubts::default().unless(column.is_least_squares() && is_plain(label), KIND).words();
        bench.equations.push(Meets::new("adjusted-r2", reads, sides, words).doubt(doubts).boxed());
    }
}

/// F of all slopes from R²: pushed if errors are classical, or if it tells that they are.
fn ratio(bench: &mut Bench<'_, '_>, column: &Column<'_>, r2: usize, f: usize) {
    let (Some(true), Some(0), Some(_), Some(n)) =
        (column.is_plain(), column.unprinted, column.constant, column.n)
    else {
        return;
    };
    let k = column.slopes.len() as f64;
    let mut reads = vec![Slot::estimate(f), Slot::estimate(r2)];
    if let Count::Printed(n) = n {
        reads.push(Slot::estimate(n));
    }
    let sides = move |sheet: &Sheet<'_>| {
        let df = n.of(sheet) - k - 1.0;
        let r2 = sheet.estimate(r2).intersect(Interval::between(0.0, 1.0))?;
        let point = Interval::point;
        let left = positive_part(point(1.0) - r2);
        if df <= 0.0 || k == 0.0 || left.hi() <= 0.0 {
            return None;
        }
        let least = (point(r2.lo()) * point(df)).over(point(left.hi()) * point(k)).lo();
        let most = if left.lo() > 0.0 {
            (point(r2.hi()) * point(df)).over(point(left.lo()) * point(k)).hi()
        } else {
            f64::INFINITY
        };
        Some((sheet.estimate(f), Interval::new(least, most)?))
    };
    let words = move |sheet: &Sheet<'_>, _, implied| {
        format!(
            "F = R²/{k} · (n − {k} − 1)/(1 − R²) with R² {} is in {}; {} is printed",
            printed(sheet, Slot::estimate(r2)),
            range(implied),
            printed(sheet, Slot::estimate(f))
        )
    };
    let doubts = Doubts::default()
        .unless(column.is_least_squares(), KIND)
        .unless(column.errors == Some(Errors::Iid), "F comes from errors that are not classical");
    let it = Meets::new("f-r2", reads, sides, words).severity(Severity::Medium);
    let holds = it.sides(bench.sheet).is_none_or(|(printed, implied)| printed.meets(implied));
    if holds || column.errors == Some(Errors::Iid) {
        bench.equations.push(it.doubt(doubts.words()).boxed());
    }
}

fn positive_part(it: Interval) -> Interval {
    it.at_least(0.0).unwrap_or(Interval::point(0.0))
}
