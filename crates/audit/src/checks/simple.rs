//! A regression on one variable, against the moments of both.

use std::collections::BTreeMap;

use super::Bench;
use super::moments::Moments;
use crate::equation::Meets;
use crate::facts::{Column, Count, Doubts, Facts};
use crate::sheet::{Sheet, Slot};
use crate::words::{printed, range};

/// Slope of a regression on one variable.
///
/// ```text
/// |b| = √R² · sd(y)/sd(x)
/// ```
///
/// **Assumes** least squares without weights on the rows that the moments describe, a constant, and nothing
/// else: no effects, no regressors that are not printed.
pub(super) fn equations(bench: &mut Bench<'_, '_>, moments: &BTreeMap<String, Moments>) {
    let (facts, sheet) = (bench.facts, bench.sheet);
    for column in &facts.columns {
        let ([slope], [(label, r2)], Some(_), Some(0)) =
            (&column.slopes[..], &column.r_squared[..], column.constant, column.unprinted)
        else {
            continue;
        };
        if !column.may_be_least_squares() || column.is_plain() == Some(false) || !is_whole(label) {
            continue;
        }
        let of = |name: &str| moments.get(name.trim());
        let (Some(y), Some(x)) = (column.outcome.as_deref().and_then(of), of(slope.label)) else {
            continue;
        };
        let (Some(sd_y), Some(sd_x)) = (y.sd, x.sd) else { continue };
        let Some(doubts) = rows(facts, column, &[y.n, x.n], sheet) else { continue };
        let doubts = doubts
            .unless(column.is_least_squares(), "it is not least squares without weights")
            .unless(column.is_plain().is_some(), "effects are absorbed");
        let (b, r2) = (slope.entry, *r2);
        let sides = move |sheet: &Sheet<'_>| {
            let r = sheet.estimate(r2).sqrt()?;
            let implied = (r * sheet.estimate(sd_y)).over(sheet.estimate(sd_x).at_least(0.0)?);
            Some((sheet.estimate(b).abs(), implied))
        };
        let words = move |sheet: &Sheet<'_>, _, implied| {
            let [b, r2, y, x] = [b, r2, sd_y, sd_x].map(|it| printed(sheet, Slot::estimate(it)));
            format!(
                "|b| = √R² · sd(y)/sd(x) = √{r2} · {y}/{x} is in {}; {b} is printed",
                range(implied)
            )
        };
        let reads = [b, r2, sd_y, sd_x].map(Slot::estimate).to_vec();
        let it = Meets::new("simple-slope", reads, sides, words).doubt(doubts.words());
        bench.equations.push(it.boxed());
    }
}

/// Whether a label of R² says nothing of a part of the variation.
pub(super) fn is_whole(label: &str) -> bool {
    let word = crate::names::plain(label);
    !["within", "between", "overall", "pseudo", "mcfadden"].iter().any(|it| word.contains(it))
}

/// What stands against a column having the rows and variables of the table of moments; `None` if it has
/// other rows.
///
/// It needs the schema's word: a table of moments may hold levels where regressions have logarithms, and as
/// many other rows.
pub(super) fn rows(
    facts: &Facts<'_>,
    column: &Column<'_>,
    moments: &[Option<usize>],
    sheet: &Sheet<'_>,
) -> Option<Doubts> {
    let (position, _) = facts.moments?;
    if let Some(n) = column.n.map(|it| it.of(sheet)) {
        let of = |it: usize| Count::Printed(it).of(sheet);
        if moments.iter().flatten().any(|&it| of(it).to_bits() != n.to_bits()) {
            return None;
        }
    }
    let known = column.moments == Some(position);
    Some(Doubts::default().unless(known, OTHERS))
}

const OTHERS: &str = "the moments are of other rows, or of other variables under these names";
