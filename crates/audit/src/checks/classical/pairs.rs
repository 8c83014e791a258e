//! Columns that differ in one regressor.

use super::{Candidate, Reads, beside, is_clear, share, standard_error, t_squared};
use crate::Interval;
use crate::checks::{added, nested};
use crate::equation::Meets;
use crate::facts::{Doubts, Facts, Pair};
use crate::sheet::{Sheet, Slot};
use crate::words::{place, printed, range};

pub(super) fn candidates(facts: &Facts<'_>, sheet: &Sheet<'_>, into: &mut Vec<Candidate>) {
    for pair in &facts.pairs {
        let Some(added) = pair.added else { continue };
        let (short, long) = (&facts.columns[pair.short], &facts.columns[pair.long]);
        let Some(m) = long.slope(added) else { continue };
        let reads = [Reads::of(facts, short), Reads::of(facts, long)];
        if reads.iter().any(|it| it.brackets.is_none()) {
            continue;
        }
        let triple = facts.triples.iter().find(|it| (it.short, it.long) == (pair.short, pair.long));
        let auxiliary = triple.map(|it| (it, &facts.columns[it.auxiliary]));
        let both = |name| Some([short.slope(name)?, long.slope(name)?]);
        let mut cells: Vec<([usize; 2], Option<usize>)> = short
            .slopes
            .iter()
            .filter_map(|it| Some((both(it.name)?, auxiliary.and_then(|(_, a)| a.slope(it.name)))))
            .collect();
        let slopes = cells.len();
        let constants = short.constant.zip(long.constant);
        let other = auxiliary.and_then(|(_, a)| a.constant);
        cells.extend(constants.map(|(s, l)| ([s, l], other)));
        let squares = short.is_least_squares() && long.is_least_squares();
        let base = || {
            nested::doubts(facts, pair)
                .unless(squares, "the columns are not by least squares without weights")
                .unless(
                    nested::equal_unprinted(&[short, long], pair.stated),
                    "regressors that are not printed differ",
                )
        };
        for (at, (cells, other)) in cells.into_iter().enumerate() {
            let slope = at < slopes;
            match (auxiliary, other) {
                (Some((triple, column)), Some(a)) if column.reading.brackets.is_some() => {
                    let reads = [reads[0], reads[1], Reads::of(facts, column)];
                    let columns = vec![pair.short, pair.long, triple.auxiliary];
                    let one = slope || added::one_constant(&[short, long, column]);
                    let doubts = added::doubts(facts, triple).unless(one, added::CONSTANTS);
                    into.push(exact(cells, m, a, reads, columns, doubts, sheet));
                }
                _ => {
                    let one = slope || added::one_constant(&[short, long]);
                    let doubts = base().unless(one, added::CONSTANTS);
                    into.push(bound(cells, m, reads, pair, doubts, sheet));
                }
            }
        }
        for &(label, low) in &short.r_squared {
            if let Some(&(_, high)) = long.r_squared.iter().find(|it| it.0 == label)
                && nested::monotone(label)
                && nested::alike(&[short, long], pair.stated)
            {
                let kind = nested::one_kind(label, &[short, long]);
                let doubts = base().unless(kind, nested::KIND);
                into.push(r_squared([low, high], m, reads[1], pair, doubts, sheet));
            }
        }
    }
}

/// σ²(long)/σ²(short).
fn variances(sheet: &Sheet<'_>, m: usize, long: Reads) -> Option<Interval> {
    let df = long.degrees(sheet);
    let one = Interval::point(1.0);
    let r = share(t_squared(sheet, long, m)?, df)?;
    let left = (one - r).at_least(0.0)?;
    let step = one + one.over(Interval::point(df.lo()));
    Some(left * one.hull(Interval::point(step.hi())))
}

fn exact(
    [short, long]: [usize; 2],
    m: usize,
    a: usize,
    reads: [Reads; 3],
    columns: Vec<usize>,
    doubts: Doubts,
    sheet: &Sheet<'_>,
) -> Candidate {
    let error = move |sheet: &Sheet<'_>| {
        let df = reads[0].degrees(sheet);
        let rho = share(t_squared(sheet, reads[2], a)?, df)?;
        let rest = (Interval::point(1.0) - rho).at_least(0.0)?;
        let ratio = if rest.lo() > 0.0 {
            variances(sheet, m, reads[1])?.over(rest)
        } else {
            Interval::new(0.0, f64::INFINITY)?
        };
        Some(standard_error(sheet, reads[0], short)? * ratio.sqrt()?)
    };
    let sides = move |sheet: &Sheet<'_>| beside(sheet, reads[1], long, error(sheet)?);
    let words = move |sheet: &Sheet<'_>, _, implied| {
        format!(
            "with classical errors, what adding {} does to the error of {} follows from the t statistics {} of \
             {} and {} of {}: {} has {}, so {} has {}; {} is printed",
            sheet.entries[m].row,
            sheet.entries[long].row,
            printed(sheet, Slot::uncertainty(m)),
            place(sheet, m),
            printed(sheet, Slot::uncertainty(a)),
            place(sheet, a),
            place(sheet, short),
            printed(sheet, Slot::uncertainty(short)),
            place(sheet, long),
            range(implied),
            printed(sheet, Slot::uncertainty(long))
        )
    };
    let slots = slots(&[long, short, m, a]);
    Candidate::new(Meets::new("classical-errors", slots, sides, words), columns, doubts, sheet)
}

fn bound(
    [short, long]: [usize; 2],
    m: usize,
    reads: [Reads; 2],
    pair: &Pair,
    doubts: Doubts,
    sheet: &Sheet<'_>,
) -> Candidate {
    let sides = move |sheet: &Sheet<'_>| {
        let ratio = variances(sheet, m, reads[1])?.sqrt()?;
        let least = (standard_error(sheet, reads[0], short)? * ratio).lo();
        beside(sheet, reads[1], long, Interval::new(least, f64::INFINITY)?)
    };
    let words = move |sheet: &Sheet<'_>, _, implied| {
        format!(
            "with classical errors, adding {} with a t statistic from {} leaves the error of {} at least as it \
             was, times √(σ² ratio): {} has {}, so {} has a number in {}; {} is printed",
            sheet.entries[m].row,
            printed(sheet, Slot::uncertainty(m)),
            sheet.entries[long].row,
            place(sheet, short),
            printed(sheet, Slot::uncertainty(short)),
            place(sheet, long),
            range(implied),
            printed(sheet, Slot::uncertainty(long))
        )
    };
    let slots = slots(&[long, short, m]);
    let columns = vec![pair.short, pair.long];
    let it = Meets::new("classical-bound", slots, sides, words);
    Candidate::new(it, columns, doubts, sheet)
}

fn r_squared(
    [low, high]: [usize; 2],
    m: usize,
    long: Reads,
    pair: &Pair,
    doubts: Doubts,
    sheet: &Sheet<'_>,
) -> Candidate {
    let sides = move |sheet: &Sheet<'_>| {
        let of = sheet.estimate(high).intersect(Interval::between(0.0, 1.0))?;
        let df = long.degrees(sheet);
        let t = t_squared(sheet, long, m)?;
        let per = Interval::new(
            if df.hi() == f64::INFINITY {
                0.0
            } else {
                Interval::point(t.lo()).over(Interval::point(df.hi())).lo()
            },
            Interval::point(t.hi()).over(Interval::point(df.lo())).hi(),
        )?;
        let left = (Interval::point(1.0) - of).at_least(0.0)?;
        Some((sheet.estimate(low), of - left * per))
    };
    let words = move |sheet: &Sheet<'_>, _, implied| {
        format!(
            "with classical errors R² − (1 − R²) t²/df of {} with {} is the R² without it, in {}; {} is printed",
            place(sheet, high),
            sheet.entries[m].row,
            range(implied),
            printed(sheet, Slot::estimate(low))
        )
    };
    let reads =
        vec![Slot::estimate(low), Slot::estimate(high), Slot::uncertainty(m), Slot::estimate(m)];
    let columns = vec![pair.short, pair.long];
    let it = Meets::new("classical-r2", reads, sides, words);
    let telling = it.sides(sheet).is_some_and(|sides| is_clear(sheet.estimate(high), sides));
    Candidate { telling, ..Candidate::new(it, columns, doubts, sheet) }
}

/// Uncertainties, then the estimates that turn them into t statistics or errors.
fn slots(entries: &[usize]) -> Vec<Slot> {
    let mut all = super::uncertainties(entries);
    all.extend(entries.iter().map(|&it| Slot::estimate(it)));
    all
}
