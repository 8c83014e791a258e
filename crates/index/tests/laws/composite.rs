//! Laws of composite indices.

use index::{
    Aggregate, Comparison, Comparisons, Composite, Direction, Levels, Normalise, Over, Priorities,
    Ratio, Scheme, Weighting, composite, contributions,
};
use panel::Panel;
use proptest::prelude::*;

use super::{
    CLOSE, data, directions, indicator, indicators, levels, mapped, over, same, scheme, weighting,
};

fn run(panel: &Panel, scheme: &Scheme) -> Composite {
    composite(panel, scheme).unwrap_or_else(|error| panic!("{error}\n{scheme:?}"))
}

fn weights(found: &Composite) -> Vec<f64> {
    found.indicators.iter().flat_map(|one| one.weights.clone()).collect()
}

proptest! {
    /// Weights are shares at every level, and dimensions have the sums of what is below them.
    #[test]
    fn weights_are_shares(
        rows in data(), how in weighting(), normal in over(), weigh in over(), levels in levels(),
        directions in directions(),
    ) {
        let scheme = Scheme {
            weights: how, normalise_over: normal, weights_over: weigh, levels,
            ..scheme(indicators(&directions))
        };
        let found = run(&rows.panel(), &scheme);
        for group in 0..found.indicators[0].weights.len() {
            let w = |j: usize| found.indicators[j].weights[group];
            prop_assert!((0..5).all(|j| w(j) >= 0.0));
            same(&[(0..5).map(w).sum::<f64>()], &[1.0], 1e-12);
            for dimension in &found.dimensions {
                let inside = (0..5).filter(|&j| {
                    found.indicators[j].indicator.dimension.starts_with(&dimension.path)
                });
                same(&[inside.map(w).sum::<f64>()], &[dimension.weights[group]], 1e-12);
            }
            // Siblings share their parent's weight: A and B; a and b; the indicators of each.
            let local = |path: &[&str]| {
                found.dimensions.iter().find(|d| d.path == path).unwrap().local[group]
            };
            same(&[local(&["A"]) + local(&["B"])], &[1.0], 1e-12);
            same(&[local(&["A", "a"]) + local(&["A", "b"])], &[1.0], 1e-12);
            let leaf = |j: usize| found.indicators[j].local[group];
            same(&[leaf(0) + leaf(1), leaf(2), leaf(3) + leaf(4)], &[1.0, 1.0, 1.0], 1e-12);
            // And weights are products on the way up.
            same(&[w(0), w(4)], &[
                local(&["A"]) * local(&["A", "a"]) * leaf(0), local(&["B"]) * leaf(4),
            ], 1e-12);
        }
    }

    /// Of units of measurement an index that normalises by range or deviation knows nothing.
    #[test]
    fn units_do_not_matter(
        rows in data(), normal in over(), weigh in over(), levels in levels(),
        directions in directions(), factor in 0.01..100.0, origin in -5.0..5.0,
    ) {
        let scheme = Scheme {
            normalise_over: normal, weights_over: weigh, levels,
            ..scheme(indicators(&directions))
        };
        let other = mapped(&rows, |j, x| (factor + j as f64) * x + origin);
        let (a, b) = (run(&rows.panel(), &scheme), run(&other, &scheme));
        same(&weights(&a), &weights(&b), 1e-8);
        same(&a.scores, &b.scores, 1e-8);
        // The original method knows the origin and not the scale.
        let scheme = Scheme { normalise: Normalise::Sum, weights: Weighting::EntropyRaw, shift: 0.0, ..scheme };
        let other = mapped(&rows, |j, x| (factor + j as f64) * x);
        let (a, b) = (run(&rows.panel(), &scheme), run(&other, &scheme));
        same(&weights(&a), &weights(&b), 1e-8);
        same(&a.scores, &b.scores, 1e-8);
    }

    /// A negative indicator is the positive one of the negated column.
    #[test]
    fn directions_are_signs(rows in data(), normal in over(), z in prop_oneof![
        Just(Normalise::MinMax), Just(Normalise::ZScore), Just(Normalise::ZScoreN),
    ], aggregate in prop_oneof![Just(Aggregate::Linear), Just(Aggregate::Topsis)]) {
        let base = Scheme {
            normalise: z, normalise_over: normal, weights: Weighting::StandardDeviation, aggregate,
            ..scheme(indicators(&[Direction::Negative; 5]))
        };
        let other = Scheme { indicators: indicators(&[Direction::Positive; 5]), ..base.clone() };
        let (a, b) = (run(&rows.panel(), &base), run(&mapped(&rows, |_, x| -x), &other));
        same(&a.scores, &b.scores, CLOSE);
        same(&weights(&a), &weights(&b), CLOSE);
    }

    /// The order of indicators moves nothing, and that of rows nothing but their order.
    #[test]
    fn order_does_not_matter(rows in data(), how in weighting(), levels in levels(), weigh in over()) {
        let base = Scheme {
            weights: how, levels, weights_over: weigh,
            ..scheme(indicators(&[Direction::Positive; 5]))
        };
        let a = run(&rows.panel(), &base);
        let mut turned = base.clone();
        turned.indicators.reverse();
        let b = run(&rows.panel(), &turned);
        same(&a.scores, &b.scores, 1e-8);
        for one in &a.indicators {
            let other = b.indicators.iter().find(|o| o.indicator == one.indicator).unwrap();
            same(&one.weights, &other.weights, 1e-8);
        }
        // Entities in the reverse order: the panel sorts them again, so they are renamed.
        let mut reversed = rows.clone();
        let last = *rows.id.iter().max().unwrap();
        reversed.id.iter_mut().for_each(|id| *id = last - *id);
        let c = run(&reversed.panel(), &base);
        let mut scores: Vec<f64> = c.scores.clone();
        let mut before = a.scores.clone();
        scores.sort_by(f64::total_cmp);
        before.sort_by(f64::total_cmp);
        same(&scores, &before, 1e-9);
    }

    /// A score is the sum of weights times normalised values, by contributions and by dimensions.
    #[test]
    fn scores_are_sums(
        rows in data(), how in weighting(), normal in over(), weigh in over(), levels in levels(),
        directions in directions(),
    ) {
        let scheme = Scheme {
            weights: how, normalise_over: normal, weights_over: weigh, levels,
            ..scheme(indicators(&directions))
        };
        let panel = rows.panel();
        let found = run(&panel, &scheme);
        let parts = contributions(&panel, &found).unwrap();
        let sum = |row: usize| parts.iter().map(|part| part[row]).sum::<f64>();
        same(&(0..rows.n()).map(sum).collect::<Vec<_>>(), &found.scores, 1e-12);

        let group = |row: usize| match &found.periods {
            None => 0,
            Some(periods) => {
                periods.iter().position(|t| *t == panel.index().period[row]).unwrap()
            }
        };
        let by = |row: usize, depth: usize, below: &[&str]| -> f64 {
            found.dimensions.iter()
                .filter(|d| d.path.len() == depth && d.path.iter().zip(below).all(|(a, b)| a == b))
                .map(|d| d.weights[group(row)] * d.scores[row])
                .sum()
        };
        let dimensions: Vec<f64> = (0..rows.n()).map(|row| by(row, 1, &[])).collect();
        same(&dimensions, &found.scores, 1e-12);
        // One level deeper, A is made of a and b.
        let inside: Vec<f64> = (0..rows.n()).map(|row| by(row, 2, &["A"])).collect();
        let whole: Vec<f64> = (0..rows.n()).map(|row| by(row, 1, &["A"])).collect();
        same(&inside, &whole, 1e-12);

        // By hand: min-max of the rows that are taken together, plus the shift.
        for (row, score) in found.scores.iter().enumerate() {
            let mut by_hand = 0.0;
            for (j, one) in found.indicators.iter().enumerate() {
                let column = panel.values(&format!("x{j}").parse().unwrap()).unwrap();
                let together: Vec<f64> = (0..rows.n())
                    .filter(|&r| normal == Over::Pooled || panel.index().period[r] == panel.index().period[row])
                    .map(|r| column[r])
                    .collect();
                let low = together.iter().copied().fold(f64::INFINITY, f64::min);
                let high = together.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let z = (column[row] - low) / (high - low);
                let z = if directions[j] == Direction::Negative { 1.0 - z } else { z };
                by_hand += one.weights[group(row)] * (z + 0.01);
            }
            same(&[*score], &[by_hand], 1e-12);
        }
    }

    /// The logarithm of a geometric score is the sum of its parts, and a dimension's too.
    #[test]
    fn geometric_scores_are_products(rows in data(), how in weighting(), levels in levels()) {
        let scheme = Scheme {
            weights: how, levels, aggregate: Aggregate::Geometric,
            ..scheme(indicators(&[Direction::Positive; 5]))
        };
        let panel = rows.panel();
        let found = run(&panel, &scheme);
        let parts = contributions(&panel, &found).unwrap();
        for (row, score) in found.scores.iter().enumerate() {
            same(&[parts.iter().map(|part| part[row]).sum::<f64>()], &[score.ln()], 1e-12);
            let tops = found.dimensions.iter().filter(|d| d.path.len() == 1);
            let product: f64 = tops.map(|d| d.scores[row].powf(d.weights[0])).product();
            same(&[product], &[*score], 1e-12);
        }
    }

    /// Each row twice: moments and shares within the sample stay, and `1 − e` falls by `ln n/ln 2n`,
    /// for all indicators alike.
    #[test]
    fn doubled_rows_leave_weights(rows in data(), how in weighting()) {
        let scheme = Scheme { weights: how, ..scheme(indicators(&[Direction::Positive; 5])) };
        let mut twice = rows.clone();
        let last = rows.id.iter().max().unwrap() + 1;
        twice.id.extend(rows.id.iter().map(|id| id + last));
        twice.year.extend(&rows.year);
        for column in twice.columns.values_mut() {
            column.extend_from_within(..);
        }
        let (a, b) = (run(&rows.panel(), &scheme), run(&twice.panel(), &scheme));
        same(&weights(&a), &weights(&b), 1e-9);
        same(&a.scores, &b.scores[..rows.n()], 1e-9);
        let n = rows.n() as f64;
        for (one, other) in a.indicators.iter().zip(&b.indicators) {
            if let (Some(d), Some(e)) = (one.divergence(), other.divergence()) {
                same(&[d[0] * n.ln()], &[e[0] * (2.0 * n).ln()], 1e-10);
            }
        }
    }

    /// Taken by period, an index is that of each period alone.
    #[test]
    fn periods_are_indices_of_their_own(rows in data(), how in weighting(), levels in levels()) {
        let scheme = Scheme {
            weights: how, levels, normalise_over: Over::Period, weights_over: Over::Period,
            ..scheme(indicators(&[Direction::Positive; 5]))
        };
        let panel = rows.panel();
        let whole = run(&panel, &scheme);
        for (group, period) in whole.periods.clone().unwrap().into_iter().enumerate() {
            let of: Vec<usize> = (0..rows.n()).filter(|&r| rows.year[r] == period).collect();
            let pooled = Scheme {
                normalise_over: Over::Pooled, weights_over: Over::Pooled, ..scheme.clone()
            };
            let alone = run(&rows.select(&of).panel(), &pooled);
            let scores: Vec<f64> = (0..rows.n())
                .filter(|&r| panel.index().period[r] == period)
                .map(|r| whole.scores[r])
                .collect();
            same(&scores, &alone.scores, 1e-12);
            for (a, b) in whole.indicators.iter().zip(&alone.indicators) {
                same(&[a.weights[group]], &b.weights, 1e-12);
            }
        }
    }

    /// Without a row that lacks an indicator the index is the same, and the row is named.
    #[test]
    fn a_gap_is_a_row_less(rows in data(), weigh in over(), at in any::<prop::sample::Index>()) {
        prop_assume!(rows.year.iter().all(|t| rows.year.iter().filter(|s| *s == t).count() > 4));
        let scheme = Scheme {
            weights_over: weigh, normalise_over: weigh,
            ..scheme(indicators(&[Direction::Positive; 5]))
        };
        let gone = at.index(rows.n());
        let mut gap = rows.clone();
        gap.columns.get_mut("x3").unwrap()[gone] = f64::NAN;
        let found = run(&gap.panel(), &scheme);
        let kept: Vec<usize> = (0..rows.n()).filter(|&row| row != gone).collect();
        let without = run(&rows.select(&kept).panel(), &scheme);
        let scores: Vec<f64> = found.scores.iter().copied().filter(|x| !x.is_nan()).collect();
        same(&scores, &without.scores, 1e-13);
        prop_assert_eq!(found.n, rows.n() - 1);
        let told = found.notes[0].to_string();
        let want = format!(
            "1 row has no score for lack of an indicator: {} {} (`x3`)",
            rows.id[gone], rows.year[gone]
        );
        prop_assert_eq!(told, want);
    }

    /// A target is the negative indicator of the distance from it.
    #[test]
    fn targets_are_distances(rows in data(), target in 0.1..1.0) {
        let base = scheme(indicators(&[Direction::Target(target); 5]));
        let other = scheme(indicators(&[Direction::Negative; 5]));
        let (a, b) =
            (run(&rows.panel(), &base), run(&mapped(&rows, |_, x| (x - target).abs()), &other));
        same(&a.scores, &b.scores, 1e-12);
    }

    /// Comparisons that are quotients of weights return the weights, and are consistent.
    #[test]
    fn consistent_comparisons(w in proptest::collection::vec(0.05..5.0, 2..9), geometric: bool) {
        let matrix = w.iter().map(|a| w.iter().map(|b| Ratio(a / b)).collect()).collect();
        let priorities = if geometric { Priorities::GeometricMean } else { Priorities::Eigenvector };
        let weights = Weighting::Ahp(Comparisons {
            priorities, matrices: vec![Comparison { of: vec![], matrix }],
        });
        let n = w.len();
        let columns = (0..n).map(|j| indicator(&format!("c{j}"), Direction::Positive, &[]));
        let scheme = Scheme { weights, ..scheme(columns.collect()) };
        let names: Vec<String> = (0..n).map(|j| format!("c{j}")).collect();
        let text = format!("{}\n{}\n{}\n", names.join(","), vec!["0"; n].join(","), vec!["1"; n].join(","));
        let found = run(&testkit::cross_section(&text), &scheme);
        let total: f64 = w.iter().sum();
        same(&self::weights(&found), &w.iter().map(|w| w / total).collect::<Vec<_>>(), 1e-12);
        prop_assert!(found.consistency[0].ratio.abs() < 1e-12);
        prop_assert!(found.notes.is_empty());
    }

    /// A scheme is what its text says.
    #[test]
    fn schemes_have_texts(how in weighting(), levels in levels(), directions in directions()) {
        let scheme = Scheme { weights: how, levels, ..scheme(indicators(&directions)) };
        let text = toml::to_string(&scheme).unwrap();
        prop_assert_eq!(toml::from_str::<Scheme>(&text).unwrap(), scheme);
    }
}

/// Level by level, entropy weighs a dimension by its sub-index: the same numbers by hand.
#[test]
fn levels_by_hand() {
    let panel = testkit::cross_section("x0,x1,x2\n0,4,1\n1,0,3\n3,1,2\n6,2,9\n");
    let tree = vec![
        indicator("x0", Direction::Positive, &["A"]),
        indicator("x1", Direction::Positive, &["A"]),
        indicator("x2", Direction::Positive, &["B"]),
    ];
    let whole = Scheme { levels: Levels::LevelByLevel, shift: 0.0, shift_in: None, ..scheme(tree) };
    let found = run(&panel, &whole);
    let flat = |names: &[&str]| {
        let columns = names.iter().map(|name| indicator(name, Direction::Positive, &[]));
        Scheme { indicators: columns.collect(), levels: Levels::Indicators, ..whole.clone() }
    };
    let a = run(&panel, &flat(&["x0", "x1"]));
    same(&found.dimensions[0].scores, &a.scores, 1e-15);
    // The sub-indices are weighed as they are.
    let above = panel
        .clone()
        .with_column("a", panel::Column::Number(a.scores.clone()))
        .unwrap()
        .with_column("b", panel::Column::Number(found.dimensions[1].scores.clone()))
        .unwrap();
    let top = run(&above, &Scheme { normalise: Normalise::None, ..flat(&["a", "b"]) });
    same(&found.dimensions[0].weights, &top.indicators[0].weights, 1e-14);
    same(&found.scores, &top.scores, 1e-14);
    assert_eq!(found.dimensions[0].entropy, top.indicators[0].entropy);
}
