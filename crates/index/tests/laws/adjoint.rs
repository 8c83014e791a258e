//! Derivatives of an index are differences of it.

use index::{Aggregate, Direction, Error, Levels, Normalise, Over, Scheme, ShiftIn, Weighting};
use index::{Cotangent, composite, pull_back};
use proptest::prelude::*;
use testkit::{Rows, Stream};

use super::{data, indicators, scheme};

/// How far a cell is moved for a difference.
const H: f64 = 1e-6;

fn moved(rows: &Rows, column: usize, row: usize, by: f64) -> Rows {
    let mut moved = rows.clone();
    moved.columns.get_mut(&format!("x{column}")).unwrap()[row] += by;
    moved
}

proptest! {
    /// Of weights, scores and sub-indices at once, by every cell: also by those that are the least and the greatest.
    #[test]
    fn pull_back_is_a_difference(
        rows in data(),
        negative in proptest::collection::vec(any::<bool>(), 5),
        shift in prop_oneof![Just(0.0), Just(0.01), Just(0.3)],
        shift_in in prop_oneof![Just(ShiftIn::Weights), Just(ShiftIn::Both)],
        seed in any::<u64>(),
    ) {
        let way = |&negative: &bool| if negative { Direction::Negative } else { Direction::Positive };
        let directions: Vec<Direction> = negative.iter().map(way).collect();
        let scheme = Scheme { shift, shift_in: Some(shift_in), ..scheme(indicators(&directions)) };
        // No two cells of a column change places while one moves.
        for column in rows.columns.values() {
            let mut sorted = column.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assume!(sorted.windows(2).all(|pair| pair[1] - pair[0] > 1e-4));
        }
        let panel = rows.panel();
        let made = composite(&panel, &scheme).unwrap();
        let mut stream = Stream::new(seed);
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| stream.uniform() - 0.5).collect() };
        let n = panel.n_rows();
        // The third dimension is not asked for.
        let dimensions = vec![draw(n), draw(n), Vec::new(), draw(n)];
        let by = Cotangent { weights: draw(5), scores: draw(n), dimensions };
        let scalar = |rows: &Rows| -> f64 {
            let made = composite(&rows.panel(), &scheme).unwrap();
            let of = |values: &[f64], by: &[f64]| values.iter().zip(by).map(|(x, by)| x * by).sum();
            let weights: Vec<f64> = made.indicators.iter().map(|one| one.weights[0]).collect();
            let parts: Vec<f64> =
                made.dimensions.iter().zip(&by.dimensions).map(|(u, by)| of(&u.scores, by)).collect();
            of(&weights, &by.weights) + of(&made.scores, &by.scores) + parts.iter().sum::<f64>()
        };
        let ours = pull_back(&panel, &made, &by).unwrap();
        let mut differences = Vec::new();
        for column in 0..5 {
            for row in 0..panel.n_rows() {
                let at = |by: f64| scalar(&moved(&rows, column, row, by));
                differences.push((at(H) - at(-H)) / (2.0 * H));
            }
        }
        let size = differences.iter().fold(1e-3_f64, |most, x| most.max(x.abs()));
        for (ours, difference) in ours.iter().flatten().zip(&differences) {
            // Near zero ln y bends most: H² over the square of the smallest share, and rounding over H.
            prop_assert!((ours - difference).abs() < 1e-4 * size, "{ours} is not {difference}");
        }
    }
}

#[test]
fn what_has_no_formula_is_refused() {
    let rows = Rows {
        id: vec![1, 2, 3, 1, 2, 3],
        year: vec![1, 1, 1, 2, 2, 2],
        columns: (0..5)
            .map(|j| {
                (format!("x{j}"), (0..6).map(|i| 1.0 + f64::from((i * (j + 2)) % 7)).collect())
            })
            .collect(),
    };
    let panel = rows.panel();
    let known = scheme(indicators(&[Direction::Positive; 5]));
    let back = |scheme: &Scheme, weights: usize| {
        let made = composite(&panel, scheme).unwrap();
        pull_back(&panel, &made, &Cotangent { weights: vec![1.0; weights], ..Cotangent::default() })
    };
    assert!(back(&known, 5).is_ok());
    let mut target = known.clone();
    target.indicators[2].direction = Direction::Target(2.0);
    let others = [
        Scheme { normalise: Normalise::Max, ..known.clone() },
        Scheme { normalise_over: Over::Period, ..known.clone() },
        Scheme { weights: Weighting::Equal, ..known.clone() },
        Scheme { weights_over: Over::Period, ..known.clone() },
        Scheme { levels: Levels::LevelByLevel, ..known.clone() },
        Scheme { aggregate: Aggregate::Geometric, ..known.clone() },
        target,
    ];
    let refused = Err(Error::NoReverse { index: "index".into() });
    for other in others {
        assert_eq!(back(&other, 5), refused, "{other:?}");
    }
    assert_eq!(back(&known, 4), refused);
}
