//! What nobody says and is safe to take for granted; each with its reason.

use std::collections::{BTreeMap, BTreeSet};

use published::{Kind, Transcription};

use super::{Column, Count, Facts, Pair, Triple};
use crate::names::Moment;
use crate::schema::Estimator;
use crate::sheet::Sheet;
use crate::{Inference, Unchecked};

/// Columns beyond which they are not compared two by two.
const MOST_COLUMNS: usize = 200;

pub(super) fn apply(facts: &mut Facts<'_>, paper: &Transcription, sheet: &Sheet<'_>) {
    moments(facts, paper);
    whole_panel(facts, sheet);
    if facts.columns.len() > MOST_COLUMNS {
        facts.unchecked.push(Unchecked {
            what: "columns against columns".to_owned(),
            because: format!(
                "there are {} columns, and at most {MOST_COLUMNS} are compared two by two; audit \
                 the tables that belong together by themselves",
                facts.columns.len()
            ),
        });
        return;
    }
    pairs(facts, sheet);
    triples(facts);
    same(facts, sheet);
}

/// The only table of moments, if there is one.
fn moments(facts: &mut Facts<'_>, paper: &Transcription) {
    if facts.moments.is_some() {
        return;
    }
    let holds = |it: &published::Table| {
        let headers = it.column_names();
        let has = |moment| headers.iter().any(|header| Moment::of(header) == Some(moment));
        it.kind() == Kind::Descriptive && has(Moment::Mean) && has(Moment::Sd)
    };
    let mut all = paper.tables().iter().enumerate().filter(|(_, it)| holds(it));
    if let (Some((position, table)), None) = (all.next(), all.next())
        && !facts.columns.is_empty()
    {
        facts.moments = Some((position, false));
        facts.inferred.push(Inference {
            about: vec![table.id().to_owned()],
            what: "it describes the rows of the regressions with as many rows".to_owned(),
            because: "it is the only table of means and standard deviations".to_owned(),
        });
    }
}

/// Columns with as many rows as the panel has units times periods have all of them.
fn whole_panel(facts: &mut Facts<'_>, sheet: &Sheet<'_>) {
    let Some((units, periods, _)) = facts.panel else { return };
    let all = (units as f64) * (periods as f64);
    let is = |it: &Column<'_>| it.n.is_some_and(|n| n.of(sheet).to_bits() == all.to_bits());
    let whole: Vec<usize> = (0..facts.columns.len()).filter(|&at| is(&facts.columns[at])).collect();
    if let [first, rest @ ..] = &whole[..]
        && !rest.is_empty()
    {
        let samples: BTreeSet<usize> = whole.iter().map(|&it| facts.columns[it].sample).collect();
        let to = facts.columns[*first].sample;
        for column in facts.columns.iter_mut().filter(|it| samples.contains(&it.sample)) {
            column.sample = to;
        }
        facts.inferred.push(Inference {
            about: whole.iter().map(|&it| facts.columns[it].id.clone()).collect(),
            what: "they have the same rows".to_owned(),
            because: format!("N = {all} is every one of {units} units in {periods} periods"),
        });
    }
}

/// Whether every slope of `a` is one of `b`; both are in the order of names.
fn within(a: &Column<'_>, b: &Column<'_>) -> bool {
    a.slopes.len() <= b.slopes.len() && a.slopes.iter().all(|it| b.slope(it.name).is_some())
}

fn pairs(facts: &mut Facts<'_>, sheet: &Sheet<'_>) {
    let mut by_outcome: BTreeMap<(Option<usize>, usize), Vec<usize>> = BTreeMap::new();
    for (at, column) in facts.columns.iter().enumerate() {
        // Without outcomes, columns of one table may have one.
        let table = if column.outcome_name.is_none() { column.table } else { 0 };
        by_outcome.entry((column.outcome_name, table)).or_default().push(at);
    }
    for group in by_outcome.values() {
        for &short in group {
            for &long in group {
                let (a, b) = (&facts.columns[short], &facts.columns[long]);
                if a.slopes.len() >= b.slopes.len() || !within(a, b) || a.slopes.is_empty() {
                    continue;
                }
                let known = |it: &Column<'_>| it.n.map(|n| n.of(sheet).to_bits());
                let (n, m) = (known(a), known(b));
                if (n.is_some() && m.is_some() && n != m)
                    || (a.table != b.table && !facts.same_rows(short, long))
                {
                    continue;
                }
                let estimators =
                    a.estimator != b.estimator || a.estimator == Some(Estimator::Other);
                if estimators || a.constant.is_some() != b.constant.is_some() {
                    continue;
                }
                let mut extra = b.slopes.iter().filter(|it| a.slope(it.name).is_none());
                let added = extra.next().map(|it| it.name).filter(|_| extra.next().is_none());
                if facts.pairs.iter().any(|it| (it.short, it.long) == (short, long)) {
                    continue;
                }
                facts.pairs.push(Pair { short, long, added, stated: false });
            }
        }
    }
    for at in 0..facts.pairs.len() {
        let pair = facts.pairs[at];
        if pair.stated && pair.added.is_none() {
            let (a, b) = (&facts.columns[pair.short], &facts.columns[pair.long]);
            let mut extra = b.slopes.iter().filter(|it| a.slope(it.name).is_none());
            let one = extra.next().map(|it| it.name).filter(|_| extra.next().is_none());
            facts.pairs[at].added = one.filter(|_| within(a, b));
        }
    }
}

/// The regressions of what is added on what is not.
fn triples(facts: &mut Facts<'_>) {
    let mut found = Vec::new();
    for pair in &facts.pairs {
        let Some(added) = pair.added else { continue };
        let short = &facts.columns[pair.short];
        if !short.may_be_least_squares() {
            continue;
        }
        for (auxiliary, column) in facts.columns.iter().enumerate() {
            let same = column.outcome_name == Some(added)
                && column.slopes.len() == short.slopes.len()
                && within(column, short)
                && column.may_be_least_squares();
            let known = facts
                .triples
                .iter()
                .any(|it| (it.short, it.long, it.auxiliary) == (pair.short, pair.long, auxiliary));
            if same && !known {
                let (short, long) = (pair.short, pair.long);
                found.push(Triple { short, long, auxiliary, added, stated: false });
            }
        }
    }
    for it in found {
        let ids = [it.short, it.long, it.auxiliary].map(|at| facts.columns[at].id.clone());
        facts.inferred.push(Inference {
            what: format!(
                "the last is the regression of what the second adds to the first, {}",
                facts.label(it.added)
            ),
            about: ids.to_vec(),
            because: "it has that as its outcome, and the regressors of the first".to_owned(),
        });
        facts.triples.push(it);
    }
}

/// Columns that print the same numbers wherever both have a cell, but for one at most.
fn same(facts: &mut Facts<'_>, sheet: &Sheet<'_>) {
    for a in 0..facts.columns.len() {
        for b in a + 1..facts.columns.len() {
            let (one, other) = (&facts.columns[a], &facts.columns[b]);
            let different = |x: Option<usize>, y| x.is_some() && y != x;
            if different(one.outcome_name, other.outcome_name) || one.table == other.table {
                continue;
            }
            if facts.same.iter().any(|it| (it.0, it.1) == (a, b) || (it.0, it.1) == (b, a)) {
                continue;
            }
            let (mut equal, mut unequal) = (0, 0);
            for (x, y) in common(one, other) {
                let (x, y) = (&sheet.entries[x], &sheet.entries[y]);
                let mut count = |x: Option<&published::Number>, y: Option<&published::Number>| {
                    if let (Some(x), Some(y)) = (x, y) {
                        if x.as_str() == y.as_str() { equal += 1 } else { unequal += 1 }
                    }
                };
                count(Some(x.number), Some(y.number));
                count(x.bracket, y.bracket);
            }
            // N and R² alone would be two; a coefficient with its bracket makes four.
            if equal >= 4 && unequal <= 1 && equal >= 5 * unequal {
                facts.inferred.push(Inference {
                    about: vec![one.id.clone(), other.id.clone()],
                    what: "they print one regression".to_owned(),
                    because: format!(
                        "of {} numbers that both print, {equal} are equal",
                        equal + unequal
                    ),
                });
                facts.same.push((a, b, false));
            }
        }
    }
}

/// Cells that two columns print of the same: coefficients, constants, N, R².
pub(crate) fn common(a: &Column<'_>, b: &Column<'_>) -> Vec<(usize, usize)> {
    let mut both: Vec<(usize, usize)> =
        a.slopes.iter().filter_map(|it| Some((it.entry, b.slope(it.name)?))).collect();
    both.extend(a.constant.zip(b.constant));
    if let (Some(Count::Printed(x)), Some(Count::Printed(y))) = (a.n, b.n) {
        both.push((x, y));
    }
    for &(label, x) in &a.r_squared {
        both.extend(b.r_squared.iter().find(|it| it.0 == label).map(|it| (x, it.1)));
    }
    both.extend(a.adjusted.zip(b.adjusted));
    both
}
