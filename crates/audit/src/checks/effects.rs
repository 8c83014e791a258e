//! Total, direct and indirect effects of a mediation.

use std::fmt::Write as _;

use super::Bench;
use crate::Interval;
use crate::equation::Meets;
use crate::facts::{Doubts, Facts, Mediation};
use crate::names;
use crate::reading;
use crate::sheet::{Sheet, Slot};
use crate::words::{place, printed, range};

/// Effects that are printed, against the coefficients that they are of.
///
/// ```text
/// total = c      direct = c′      indirect = a · b      total = direct + indirect      Sobel z = a b / √(a² s_b² + b² s_a²)
/// ```
///
/// a: treatment in the regression of the mediator; b: mediator, and c′: treatment in that of the outcome
/// with both; c: treatment in that of the outcome without the mediator. That c = c′ + a b between
/// columns is the added regressor's identity, and is checked there.
///
/// **Assumes** linear regressions, as the schema says of the columns.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let facts = bench.facts;
    for mediation in &facts.mediations {
        let [first, second] = [mediation.first, mediation.second].map(|at| &facts.columns[at]);
        let (Some(a), Some(direct), Some(b)) = (
            first.slope(mediation.treatment),
            second.slope(mediation.treatment),
            second.slope(mediation.mediator),
        ) else {
            let what = format!("{}: mediation", second.id);
            let because = "the treatment has no coefficient in both columns".to_owned();
            bench.unchecked.push(crate::Unchecked { what, because });
            continue;
        };
        sobel(bench, mediation, a, b);
        let Some([total, c_direct, indirect]) = mediation.effects else { continue };
        let c = mediation.total.and_then(|at| facts.columns[at].slope(mediation.treatment));
        let known = doubts(facts, mediation);
        if let Some(c) = c {
            let coincides = coincides(bench.sheet, total, [a, direct, b]);
            bench
                .equations
                .push(equal("total-effect", total, c, coincides).doubt(known.clone()).boxed());
        }
        bench
            .equations
            .push(equal("direct-effect", c_direct, direct, None).doubt(known.clone()).boxed());
        bench
            .equations
            .push(product(indirect, a, b, [total, c_direct]).doubt(known.clone()).boxed());
        let sides = move |sheet: &Sheet<'_>| {
            Some((sheet.estimate(total), sheet.estimate(c_direct) + sheet.estimate(indirect)))
        };
        let words = move |sheet: &Sheet<'_>, _, implied| {
            let [t, d, i] = [total, c_direct, indirect].map(|it| text(sheet, it));
            format!(
                "total = direct + indirect = {d} + {i} is in {}; {t} is printed",
                range(implied)
            )
        };
        let reads = [total, c_direct, indirect].map(Slot::estimate).to_vec();
        bench.equations.push(Meets::new("effects-sum", reads, sides, words).doubt(known).boxed());
    }
}

fn text<'s>(sheet: &'s Sheet<'_>, entry: usize) -> &'s str {
    printed(sheet, Slot::estimate(entry))
}

/// A printed effect is a printed coefficient.
fn equal(check: &'static str, effect: usize, coefficient: usize, note: Option<usize>) -> Meets {
    let sides =
        move |sheet: &Sheet<'_>| Some((sheet.estimate(effect), sheet.estimate(coefficient)));
    let words = move |sheet: &Sheet<'_>, _, _| {
        let mut words = format!(
            "the {} effect is {} = {}; {} is printed",
            sheet.entries[effect].row,
            place(sheet, coefficient),
            text(sheet, coefficient),
            text(sheet, effect)
        );
        if let Some(note) = note {
            let _ = write!(words, ", which is {}", place(sheet, note));
        }
        words
    };
    let reads = vec![Slot::estimate(effect), Slot::estimate(coefficient)];
    Meets::new(check, reads, sides, words)
}

/// The coefficient that a printed effect equals, if it is one of those.
fn coincides(sheet: &Sheet<'_>, effect: usize, among: [usize; 3]) -> Option<usize> {
    among.into_iter().find(|&it| {
        sheet.entries[it].estimate.value.abs().to_bits()
            == sheet.entries[effect].estimate.value.abs().to_bits()
    })
}

fn product(indirect: usize, a: usize, b: usize, [total, direct]: [usize; 2]) -> Meets {
    let sides = move |sheet: &Sheet<'_>| {
        Some((sheet.estimate(indirect), sheet.estimate(a) * sheet.estimate(b)))
    };
    let words = move |sheet: &Sheet<'_>, printed: Interval, implied: Interval| {
        let mut words = format!(
            "the indirect effect is {} · {} = {} · {}, in {}; {} is printed",
            place(sheet, a),
            place(sheet, b),
            text(sheet, a),
            text(sheet, b),
            range(implied),
            text(sheet, indirect)
        );
        let difference = sheet.estimate(total) - sheet.estimate(direct);
        if !printed.meets(implied) && printed.meets(difference) {
            let (total, direct) = (text(sheet, total), text(sheet, direct));
            let _ = write!(words, ", which is {total} − {direct}");
        }
        words
    };
    let reads = [indirect, a, b].map(Slot::estimate).to_vec();
    Meets::new("indirect-effect", reads, sides, words)
}

fn doubts(facts: &Facts<'_>, mediation: &Mediation) -> Option<String> {
    let columns = [Some(mediation.first), Some(mediation.second), mediation.total];
    let all = columns.into_iter().flatten().all(|at| facts.columns[at].is_least_squares());
    Doubts::default().unless(all, "the columns are not all linear regressions").words()
}

/// A Sobel statistic in a row of either column.
fn sobel(bench: &mut Bench<'_, '_>, mediation: &Mediation, a: usize, b: usize) {
    let (facts, sheet) = (bench.facts, bench.sheet);
    let kinds = [mediation.first, mediation.second].map(|at| facts.columns[at].reading.brackets);
    let [Some(of_a), Some(of_b)] = kinds else { return };
    for at in [mediation.first, mediation.second] {
        let column = &facts.columns[at];
        let header = column.id.split_once('/').map_or("", |(_, header)| header);
        let table = bench.paper.tables()[column.table].id();
        let is = |it: &&crate::sheet::Entry<'_>| {
            it.table == table
                && it.column == header
                && it.bracket.is_none()
                && matches!(
                    names::plain(it.row).as_str(),
                    "sobel" | "sobelz" | "sobeltest" | "sobelzvalue"
                )
        };
        let Some(z) = sheet.entries.iter().position(|it| is(&it)) else { continue };
        let sides = move |sheet: &Sheet<'_>| {
            let error = |entry: usize, kind| {
                reading::standard_error(&sheet.entries[entry], kind).map(Interval::square)
            };
            let (x, y) = (sheet.estimate(a), sheet.estimate(b));
            let variance = x.square() * error(b, of_b)? + y.square() * error(a, of_a)?;
            Some((sheet.estimate(z).abs(), (x * y).abs().over(variance.sqrt()?)))
        };
        let words = move |sheet: &Sheet<'_>, _, implied| {
            format!(
                "Sobel's |z| = |a b|/√(a² s_b² + b² s_a²) with a from {} and b from {} is in {}; {} is printed",
                place(sheet, a),
                place(sheet, b),
                range(implied),
                text(sheet, z)
            )
        };
        let reads = [
            Slot::estimate(z),
            Slot::estimate(a),
            Slot::uncertainty(a),
            Slot::estimate(b),
            Slot::uncertainty(b),
        ];
        // Goodman's versions add or take away s_a² s_b².
        let doubt = "it is Goodman's version, or another error of a product";
        let it = Meets::new("sobel", reads.to_vec(), sides, words).doubt(Some(doubt));
        bench.equations.push(it.boxed());
    }
}
