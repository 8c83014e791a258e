//! The constant, against the means of all variables.

use std::collections::BTreeMap;

use super::Bench;
use super::moments::Moments;
use super::simple::rows;
use crate::equation::{Equation, Holds, Meets};
use crate::facts::Column;
use crate::sheet::{Sheet, Slot};
use crate::words::{printed, range};
use crate::{Convention, Interval, Severity};

/// The constant of least squares.
///
/// ```text
/// constant = ȳ − Σ b_j x̄_j
/// ```
///
/// With absorbed effects it holds where they are made to add up to zero over the rows, as
/// `xtreg, fe`, `areg` and `reghdfe` do; with indicators the constant is that of the levels left
/// out, and nothing follows. Which of the two a column has is a convention that is reported.
///
/// **Assumes** least squares without weights on the rows that the moments describe, all regressors
/// printed.
pub(super) fn equations(bench: &mut Bench<'_, '_>, moments: &BTreeMap<String, Moments>) {
    let (facts, sheet) = (bench.facts, bench.sheet);
    for column in &facts.columns {
        if !column.may_be_least_squares() {
            continue;
        }
        let (Some(constant), Some(0)) = (column.constant, column.unprinted) else { continue };
        let of = |name: &str| moments.get(name.trim()).filter(|it| it.mean.is_some());
        let y = column.outcome.as_deref().and_then(of);
        let x = column.slopes.iter().map(|it| of(it.label)).collect::<Option<Vec<_>>>();
        let (Some(y), Some(x)) = (y, x) else { continue };
        let (Some(mean), false) = (y.mean, x.is_empty()) else { continue };
        let terms = column.slopes.iter().zip(&x);
        let terms: Vec<(usize, usize)> =
            terms.filter_map(|(slope, of)| Some((slope.entry, of.mean?))).collect();
        let of: Vec<_> = x.iter().map(|it| it.n).chain([y.n]).collect();
        let Some(doubts) = rows(facts, column, &of, sheet) else { continue };
        let plain = column.is_plain();
        let doubts = doubts
            .unless(column.is_least_squares(), "it is not least squares without weights")
            .unless(
                plain == Some(true) || column.indicators == Some(false),
                "effects are indicators, and the constant is that of the levels left out",
            );
        let mut reads = vec![Slot::estimate(constant), Slot::estimate(mean)];
        reads.extend(terms.iter().flat_map(|&(b, x)| [Slot::estimate(b), Slot::estimate(x)]));
        let shown = terms.clone();
        let sides = move |sheet: &Sheet<'_>| {
            let sum = |left: Interval, &(b, x): &(usize, usize)| {
                left - sheet.estimate(b) * sheet.estimate(x)
            };
            Some((sheet.estimate(constant), terms.iter().fold(sheet.estimate(mean), sum)))
        };
        let words = move |sheet: &Sheet<'_>, _, implied| {
            let text = |entry| printed(sheet, Slot::estimate(entry));
            let products: Vec<String> =
                shown.iter().map(|&(b, x)| format!("{} · {}", text(b), text(x))).collect();
            format!(
                "constant = ȳ − Σ b x̄ = {} − ({}) is in {}; {} is printed",
                text(mean),
                products.join(" + "),
                range(implied),
                text(constant)
            )
        };
        let sure = plain == Some(true) || column.indicators == Some(false);
        let it = Meets::new("constant", reads, sides, words)
            .doubt(doubts.words())
            .severity(if sure { Severity::High } else { Severity::Low });
        let holds = it.judge(sheet) == Holds::Yes;
        bench.conventions.extend(convention(column, constant, holds, sheet));
        if holds || column.indicators != Some(true) {
            bench.equations.push(it.boxed());
        }
    }
}

fn convention(
    column: &Column<'_>,
    constant: usize,
    holds: bool,
    sheet: &Sheet<'_>,
) -> Option<Convention> {
    if column.is_plain() != Some(false) || !column.is_least_squares() {
        return None;
    }
    let is = if holds {
        "ȳ − Σ b x̄: absorbed effects add up to zero"
    } else {
        "not ȳ − Σ b x̄: effects are indicators, and it is that of the levels left out"
    };
    Some(Convention {
        column: column.id.clone(),
        what: "constant",
        is: is.to_owned(),
        supports: vec![sheet.cell(Slot::estimate(constant))],
        against: Vec::new(),
    })
}
