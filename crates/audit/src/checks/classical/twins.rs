//! Columns of one set of regressors and different outcomes.

use super::{Candidate, Reads, beside, standard_error};
use crate::Interval;
use crate::checks::{added, nested};
use crate::equation::Meets;
use crate::facts::{Column, Doubts, Facts};
use crate::reading;
use crate::sheet::{Sheet, Slot};
use crate::words::{place, printed, range};

/// Columns beyond which none are compared.
const MOST_COLUMNS: usize = 200;

pub(super) fn candidates(facts: &Facts<'_>, sheet: &Sheet<'_>, into: &mut Vec<Candidate>) {
    if facts.columns.len() > MOST_COLUMNS {
        return;
    }
    for a in 0..facts.columns.len() {
        for b in a + 1..facts.columns.len() {
            let (one, other) = (&facts.columns[a], &facts.columns[b]);
            let twins = facts.same_rows(a, b)
                && one.outcome_name.is_some()
                && other.outcome_name.is_some()
                && one.outcome_name != other.outcome_name
                && one.slopes.len() == other.slopes.len()
                && one.slopes.iter().all(|it| other.slope(it.name).is_some());
            if twins && nested::alike(&[one, other], true) {
                of(facts, [a, b], sheet, into);
            }
        }
    }
}

fn of(facts: &Facts<'_>, at: [usize; 2], sheet: &Sheet<'_>, into: &mut Vec<Candidate>) {
    let [one, other] = at.map(|it| &facts.columns[it]);
    let reads = [one, other].map(|it| Reads::of(facts, it));
    let mut cells: Vec<[usize; 2]> =
        one.slopes.iter().filter_map(|it| Some([it.entry, other.slope(it.name)?])).collect();
    cells.extend(one.constant.zip(other.constant).map(|(a, b)| [a, b]));
    let ratio = move |sheet: &Sheet<'_>, [a, b]: [usize; 2]| {
        let b = standard_error(sheet, reads[1], b)?;
        (b.lo() > 0.0).then(|| standard_error(sheet, reads[0], a).map(|a| a.over(b)))?
    };
    let ratios: Vec<(Interval, [usize; 2])> =
        cells.iter().filter_map(|&it| Some((ratio(sheet, it)?, it))).collect();
    // The ratio of residual deviations is that on which most cells agree; the narrowest of them
    // stands for it.
    let all: Vec<Interval> = ratios.iter().map(|it| it.0).collect();
    let Some(best) = reading::deepest(&all).map(Interval::lo) else { return };
    let with = || ratios.iter().filter(|(it, _)| it.contains(best));
    let Some(&(_, base)) = with().min_by(|a, b| a.0.width().total_cmp(&b.0.width())) else {
        return;
    };
    if with().count() < 2 || ratios.len() < 3 {
        return;
    }
    for &(_, cell) in ratios.iter().filter(|(_, it)| *it != base) {
        let sides = move |sheet: &Sheet<'_>| {
            let error = ratio(sheet, base)? * standard_error(sheet, reads[1], cell[1])?;
            beside(sheet, reads[0], cell[0], error)
        };
        let words = move |sheet: &Sheet<'_>, _, implied| {
            format!(
                "with classical errors, columns of one set of regressors have errors in one ratio; that of {} \
                 says that {} has {}; {} is printed",
                sheet.entries[base[0]].row,
                place(sheet, cell[0]),
                range(implied),
                printed(sheet, Slot::uncertainty(cell[0]))
            )
        };
        let constants = one.constant == Some(cell[0]) || one.constant == Some(base[0]);
        let doubts = doubts(one, other)
            .unless(!constants || added::one_constant(&[one, other]), added::CONSTANTS)
            .unless(
                facts.same_data(at[0], at[1]),
                "they are of different rows, or of other variables under one name",
            );
        let slots = super::uncertainties(&[cell[0], cell[1], base[0], base[1]]);
        let mut slots = slots;
        slots.extend([cell[0], cell[1], base[0], base[1]].map(Slot::estimate));
        let it = Meets::new("classical-ratio", slots, sides, words);
        into.push(Candidate::new(it, at.to_vec(), doubts, sheet));
    }
}

fn doubts(one: &Column<'_>, other: &Column<'_>) -> Doubts {
    Doubts::default()
        .unless(
            one.is_least_squares() && other.is_least_squares(),
            "the columns are not by least squares without weights",
        )
        .unless(
            one.absorbs.is_some() && one.absorbs == other.absorbs,
            "they absorb different effects",
        )
        .unless(
            one.unprinted == Some(0) && other.unprinted == Some(0),
            "regressors that are not printed differ",
        )
}
