//! Coefficients when one regressor is added, given its own regression on the others.

use super::{Bench, nested};
use crate::equation::Meets;
use crate::facts::{Column, Doubts, Facts, Triple};
use crate::sheet::{Sheet, Slot};
use crate::words::{place, printed, range};

/// The three columns of an added regressor, coefficient by coefficient.
///
/// ```text
/// b_j(short) = b_j(long) + b_m(long) · a_j        a = coefficients of m on the regressors of the short one
/// ```
///
/// An identity of least squares: it holds to the last digit, whatever the errors, with any effects
/// absorbed by all three, for the constant as for slopes if all three normalise it alike.
///
/// **Assumes** one set of rows, one set of effects, least squares, and that the long column adds nothing
/// but m.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let facts = bench.facts;
    for triple in &facts.triples {
        let [short, long, auxiliary] =
            [triple.short, triple.long, triple.auxiliary].map(|at| &facts.columns[at]);
        let Some(m) = long.slope(triple.added) else { continue };
        let slopes = short
            .slopes
            .iter()
            .filter_map(|it| Some([it.entry, long.slope(it.name)?, auxiliary.slope(it.name)?]));
        for it in slopes {
            bench.equations.push(equation(it, m, doubts(facts, triple).words()));
        }
        if let (Some(s), Some(l), Some(a)) = (short.constant, long.constant, auxiliary.constant) {
            let all = [short, long, auxiliary];
            let doubts = doubts(facts, triple).unless(one_constant(&all), CONSTANTS);
            bench.equations.push(equation([s, l, a], m, doubts.words()));
        }
    }
}

fn equation(
    [short, long, auxiliary]: [usize; 3],
    m: usize,
    doubts: Option<String>,
) -> Box<dyn crate::equation::Equation> {
    let sides = move |sheet: &Sheet<'_>| {
        let implied = sheet.estimate(long) + sheet.estimate(m) * sheet.estimate(auxiliary);
        Some((sheet.estimate(short), implied))
    };
    let words = move |sheet: &Sheet<'_>, _, implied| {
        let all = [short, long, m, auxiliary];
        let [s, l, b, a] = all.map(|it| printed(sheet, Slot::estimate(it)));
        let [at_s, at_l, at_b, at_a] = all.map(|it| place(sheet, it));
        format!(
            "{at_s} = {at_l} + {at_b} · {at_a} = {l} + {b} · {a} is in {}; {s} is printed",
            range(implied)
        )
    };
    let reads = [short, long, m, auxiliary].map(Slot::estimate).to_vec();
    Meets::new("added-regressor", reads, sides, words).doubt(doubts).boxed()
}

/// What is assumed where constants may mean different things.
pub(super) const CONSTANTS: &str = "their constants are normalised differently";

/// Whether constants of columns are normalised in one way: without effects, or with effects that add up to
/// zero. Indicators may leave out different levels.
pub(super) fn one_constant(all: &[&Column<'_>]) -> bool {
    all.iter().all(|it| it.is_plain() == Some(true))
        || all.iter().all(|it| it.indicators == Some(false))
}

/// What an added regressor rests on that nothing says.
pub(super) fn doubts(facts: &Facts<'_>, triple: &Triple) -> Doubts {
    let at = [triple.short, triple.long, triple.auxiliary];
    let all: [&Column<'_>; 3] = at.map(|it| &facts.columns[it]);
    Doubts::default()
        .unless(
            all.iter().all(|it| it.is_least_squares()),
            "the columns are not all by least squares without weights",
        )
        .unless(
            at.iter().all(|&it| facts.same_data(it, at[0])),
            "they are of different rows, or of other variables under one name",
        )
        .unless(nested::alike(&all, triple.stated), "they absorb different effects")
        .unless(
            nested::equal_unprinted(&all, triple.stated),
            "regressors that are not printed differ",
        )
        .unless(triple.stated || all[0].outcome.is_some(), "two of them have different outcomes")
}
