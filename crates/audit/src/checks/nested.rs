//! R² when regressors are added.

use super::Bench;
use super::simple::is_whole;
use crate::equation::Meets;
use crate::facts::{Column, Doubts, Facts, Pair};
use crate::schema::Estimator;
use crate::sheet::{Sheet, Slot};
use crate::words::{place, printed};
use crate::{Convention, Interval};

/// Columns beyond which none are compared two by two.
const MOST_COLUMNS: usize = 200;

/// R² never falls when regressors are added.
///
/// ```text
/// R²(long) ≥ R²(short)
/// ```
///
/// **Assumes** one outcome, one set of rows, one set of absorbed effects, and least squares, or one
/// likelihood with `McFadden`'s R². Adjusted R² may fall, and those between and overall after absorbing.
///
/// Where effects are absorbed in the long column alone, R² that falls is not of the same kind: that
/// is a convention, and is reported as one.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let facts = bench.facts;
    for pair in &facts.pairs {
        let (short, long) = (&facts.columns[pair.short], &facts.columns[pair.long]);
        for &(label, low) in short.r_squared.iter().filter(|it| monotone(it.0)) {
            let Some(&(_, high)) = long.r_squared.iter().find(|it| it.0 == label) else { continue };
            let sides = move |sheet: &Sheet<'_>| {
                let least = sheet.estimate(low).lo();
                Some((sheet.estimate(high), Interval::new(least, f64::INFINITY)?))
            };
            let words = move |sheet: &Sheet<'_>, _, _| {
                format!(
                    "{} adds regressors to {}: its R² {} is at least {}",
                    place(sheet, high),
                    place(sheet, low),
                    printed(sheet, Slot::estimate(high)),
                    printed(sheet, Slot::estimate(low))
                )
            };
            let reads = vec![Slot::estimate(high), Slot::estimate(low)];
            let it = Meets::new("nested-r2", reads, sides, words);
            if !pair.stated && differ(short, long) {
                continue;
            }
            let kind = one_kind(label, &[short, long]);
            let doubts = doubts(facts, pair).unless(kind, KIND).words();
            bench.equations.push(it.doubt(doubts).boxed());
        }
    }
    conventions(bench);
}

/// Columns that absorb more than another and print a smaller R²: it is not of all variation.
fn conventions(bench: &mut Bench<'_, '_>) {
    let (facts, sheet) = (bench.facts, bench.sheet);
    if facts.columns.len() > MOST_COLUMNS {
        return;
    }
    for (b, long) in facts.columns.iter().enumerate() {
        let mut supports = Vec::new();
        for (a, short) in facts.columns.iter().enumerate() {
            let one = facts.same_rows(a, b)
                && short.outcome_name == long.outcome_name
                && short.is_least_squares()
                && long.is_least_squares()
                && short.unprinted == Some(0)
                && short.slopes.iter().all(|it| long.slope(it.name).is_some());
            if !one || !differ(short, long) || !more(short, long) {
                continue;
            }
            for &(label, low) in short.r_squared.iter().filter(|it| is_whole(it.0)) {
                let Some(&(_, high)) = long.r_squared.iter().find(|it| it.0 == label) else {
                    continue;
                };
                if sheet.estimate(high).hi() < sheet.estimate(low).lo() {
                    supports.extend([high, low].map(|it| sheet.cell(Slot::estimate(it))));
                }
            }
        }
        if !supports.is_empty() {
            supports.dedup();
            bench.conventions.push(Convention {
                column: long.id.clone(),
                what: "R2",
                is: "of what is left after effects are taken out: it is smaller than without them"
                    .to_owned(),
                supports,
                against: Vec::new(),
            });
        }
    }
}

pub(super) fn monotone(label: &str) -> bool {
    let word = crate::names::plain(label);
    !["between", "overall"].iter().any(|it| word.contains(it)) && word != "r2o" && word != "r2b"
}

/// Whether R² of a label is 1 − SSR/SST of one SST: that of all variation where nothing is absorbed, or
/// within, where effects enter alike. Where effects are absorbed a bare R² may be a squared correlation,
/// which may fall.
pub(super) fn one_kind(label: &str, all: &[&Column<'_>]) -> bool {
    let within = crate::names::plain(label).contains("within");
    let one = all.iter().all(|it| it.indicators.is_some() && it.indicators == all[0].indicators);
    (within && one) || all.iter().all(|it| it.is_plain() == Some(true))
}

/// What is assumed where it may be of another kind.
pub(super) const KIND: &str = "R² is a squared correlation, or not of one kind in both";

/// Whether columns absorb the same effects: printed or said so, or said and nothing against it.
pub(super) fn alike(all: &[&Column<'_>], stated: bool) -> bool {
    let same = |a: &&Column<'_>| a.absorbs == all[0].absorbs;
    let known = all.iter().filter(|it| it.absorbs.is_some());
    let different = known.clone().any(|a| known.clone().any(|b| a.absorbs != b.absorbs));
    (stated && !different) || (all[0].absorbs.is_some() && all.iter().all(same))
}

/// Whether columns have the same unprinted regressors: none, or as many where it is said that they do.
pub(super) fn equal_unprinted(all: &[&Column<'_>], stated: bool) -> bool {
    all.iter().all(|it| it.unprinted == Some(0))
        || (stated && all.iter().all(|it| it.unprinted == all[0].unprinted))
}

/// Whether two columns are known to absorb different effects.
fn differ(a: &Column<'_>, b: &Column<'_>) -> bool {
    a.absorbs.is_some() && b.absorbs.is_some() && a.absorbs != b.absorbs
}

/// Whether the second absorbs all that the first does.
fn more(a: &Column<'_>, b: &Column<'_>) -> bool {
    match (&a.absorbs, &b.absorbs) {
        (Some(a), Some(b)) => a.iter().all(|it| b.contains(it)),
        _ => false,
    }
}

/// What a pair of columns rests on that nothing says.
pub(super) fn doubts(facts: &Facts<'_>, pair: &Pair) -> Doubts {
    let (short, long) = (&facts.columns[pair.short], &facts.columns[pair.long]);
    let likelihood = |it: &Column<'_>| {
        matches!(it.estimator, Some(Estimator::Probit | Estimator::Logit))
            && it.r_squared.iter().all(|(label, _)| !crate::names::plain(label).contains("count"))
    };
    let one = (short.is_least_squares() && long.is_least_squares())
        || (likelihood(short) && likelihood(long) && short.estimator == long.estimator);
    Doubts::default()
        .unless(one, "the columns are not by least squares without weights")
        .unless(
            facts.same_data(pair.short, pair.long),
            "they are of different rows, or of other variables under one name",
        )
        .unless(pair.stated || short.outcome.is_some(), "they have different outcomes")
        .unless(alike(&[short, long], pair.stated), "they absorb different effects")
        .unless(
            pair.stated || short.unprinted == Some(0),
            "the first has regressors that are not printed and that the second has not",
        )
}
