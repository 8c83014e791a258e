//! Equalities that an index, a decomposition and an autocorrelation must satisfy.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod adjoint;
mod composite;
mod inequality;
mod refused;
mod space;
mod threads;

use std::collections::BTreeMap;

use index::{Aggregate, Direction, Indicator, Levels, Normalise, Over, Scheme, ShiftIn, Weighting};
use panel::Panel;
use proptest::prelude::*;
use testkit::{Rows, Stream};

/// How near two computations of one number come.
const CLOSE: f64 = 1e-10;

#[track_caller]
fn same(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    for (x, y) in a.iter().zip(b) {
        let close = (x.is_nan() && y.is_nan()) || (x - y).abs() <= tolerance * (1.0 + y.abs());
        assert!(close, "{x} is not {y}\n{a:?}\n{b:?}");
    }
}

fn indicator(name: &str, direction: Direction, dimension: &[&str]) -> Indicator {
    let dimension = dimension.iter().map(ToString::to_string).collect();
    Indicator { name: name.into(), label: None, direction, dimension }
}

/// A tree three deep over `x0 … x4`.
fn indicators(directions: &[Direction]) -> Vec<Indicator> {
    let paths: [&[&str]; 5] = [&["A", "a"], &["A", "a"], &["A", "b"], &["B"], &["B"]];
    let one = |(j, (&direction, path)): (usize, (&Direction, &&[&str]))| {
        indicator(&format!("x{j}"), direction, path)
    };
    directions.iter().zip(&paths).enumerate().map(one).collect()
}

fn scheme(indicators: Vec<Indicator>) -> Scheme {
    Scheme {
        name: "index".into(),
        indicators,
        normalise: Normalise::MinMax,
        normalise_over: Over::Pooled,
        shift: 0.01,
        shift_in: Some(ShiftIn::Both),
        weights: Weighting::Entropy,
        weights_over: Over::Pooled,
        levels: Levels::Indicators,
        aggregate: Aggregate::Linear,
    }
}

/// A balanced panel of positive columns `x0 … x4`: entities, periods, seed.
fn data() -> impl Strategy<Value = Rows> {
    (4..9_i32, 1..4_i32, any::<u64>()).prop_map(|(n, t, seed)| {
        let mut stream = Stream::new(seed);
        let keys: Vec<(i32, i32)> = (0..n).flat_map(|i| (0..t).map(move |s| (i, s))).collect();
        let column =
            |stream: &mut Stream| keys.iter().map(|_| 0.1 + stream.uniform().powi(3)).collect();
        let columns: BTreeMap<String, Vec<f64>> =
            (0..5).map(|j| (format!("x{j}"), column(&mut stream))).collect();
        let (id, year) = keys.iter().copied().unzip();
        Rows { id, year, columns }
    })
}

fn mapped(rows: &Rows, f: impl Fn(usize, f64) -> f64) -> Panel {
    let mut rows = rows.clone();
    for (j, column) in rows.columns.values_mut().enumerate() {
        for x in column {
            *x = f(j, *x);
        }
    }
    rows.panel()
}

/// Every way to weigh that needs nothing but the data.
fn weighting() -> impl Strategy<Value = Weighting> {
    use index::{Components, Entries, Keep};
    let components = |keep, entries| Weighting::PrincipalComponents(Components { keep, entries });
    prop_oneof![
        Just(Weighting::Equal),
        Just(Weighting::Entropy),
        Just(Weighting::EntropyRaw),
        Just(Weighting::Critic),
        Just(Weighting::StandardDeviation),
        Just(Weighting::Variation),
        Just(Weighting::VariationRaw),
        Just(components(Keep::First(1), Entries::Squared)),
        Just(components(Keep::Share(0.8), Entries::Absolute)),
    ]
}

fn over() -> impl Strategy<Value = Over> {
    prop_oneof![Just(Over::Pooled), Just(Over::Period)]
}

fn levels() -> impl Strategy<Value = Levels> {
    prop_oneof![Just(Levels::Indicators), Just(Levels::LevelByLevel)]
}

fn directions() -> impl Strategy<Value = Vec<Direction>> {
    let one = prop_oneof![Just(Direction::Positive), Just(Direction::Negative)];
    proptest::collection::vec(one, 5)
}
