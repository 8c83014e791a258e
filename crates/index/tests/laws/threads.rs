//! The number of threads moves no bit.

use std::collections::BTreeMap;

use index::{
    Alternative, LocalMoranSpec, Moment, MoranSpec, Neighbours, Over, Permutations, Scheme,
    Standardise, Weighting, composite, local_moran, moran,
};
use testkit::{Rows, Stream};

use super::{indicators, scheme};

fn within<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(f)
}

#[test]
fn composites() {
    let mut stream = Stream::new(7);
    let n = 120_000;
    let id: Vec<i32> = (0..n).map(|i| i / 3).collect();
    let year: Vec<i32> = (0..n).map(|i| i % 3).collect();
    let columns =
        (0..5).map(|j| (format!("x{j}"), (0..n).map(|_| stream.uniform()).collect())).collect();
    let panel = Rows { id, year, columns }.panel();
    for over in Over::ALL {
        for weights in [Weighting::Entropy, Weighting::Critic] {
            let directions = [index::Direction::Positive; 5];
            let scheme = Scheme { weights, weights_over: *over, ..scheme(indicators(&directions)) };
            let run = |threads| within(threads, || composite(&panel, &scheme).unwrap());
            let (a, b) = (run(1), run(3));
            let bits = |v: &[f64]| v.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&a.scores), bits(&b.scores));
            assert_eq!(a, b);
        }
    }
}

/// Rows are taken in pieces and blocks: none is lost between them.
#[test]
fn weights_of_many_rows_by_hand() {
    let mut stream = Stream::new(8);
    let n = 40_001;
    let columns: BTreeMap<String, Vec<f64>> =
        (0..2).map(|j| (format!("x{j}"), (0..n).map(|_| stream.uniform()).collect())).collect();
    let divergence = |x: &[f64]| {
        let (min, max) = x.iter().fold((1.0_f64, 0.0_f64), |(a, b), &x| (a.min(x), b.max(x)));
        let z: Vec<f64> = x.iter().map(|x| (x - min) / (max - min)).collect();
        let sum: f64 = z.iter().sum();
        let p = z.iter().map(|z| z / sum).filter(|p| *p > 0.0);
        1.0 + p.map(|p| p * p.ln()).sum::<f64>() / (x.len() as f64).ln()
    };
    let d = [divergence(&columns["x0"]), divergence(&columns["x1"])];
    let panel = Rows { id: (0..n).collect(), year: vec![1; 40_001], columns }.panel();
    let directions = [index::Direction::Positive; 2];
    let plain = scheme(indicators(&directions));
    let scheme = Scheme { weights: Weighting::Entropy, shift: 0.0, shift_in: None, ..plain };
    let found = composite(&panel, &scheme).unwrap();
    for (weighed, d) in found.indicators.iter().zip(d) {
        let entropy = weighed.entropy.as_ref().unwrap()[0];
        assert!((1.0 - entropy - d).abs() < 1e-11, "{entropy} {d}");
    }
}

#[test]
fn permutations() {
    let units: Vec<String> = (0..12).map(|i| format!("u{i}")).collect();
    let lists = (0..12).map(|i| (units[i].clone(), vec![units[(i + 1) % 12].clone()]));
    let graph = Neighbours::new(lists).unwrap();
    let mut stream = Stream::new(2);
    let rows: Vec<String> =
        units.iter().map(|unit| format!("{unit},1,{:?}", stream.normal())).collect();
    let panel = testkit::panel(&format!("unit,year,x\n{}\n", rows.join("\n")));
    let spec = MoranSpec {
        column: "x".into(),
        weights: Standardise::Rows,
        alternative: Alternative::TwoSided,
        permutations: Permutations::Drawn { draws: 999, seed: 1 },
    };
    let local = LocalMoranSpec {
        column: "x".into(),
        weights: Standardise::Rows,
        moment: Moment::N,
        alternative: Alternative::TwoSided,
        draws: 99,
        seed: 1,
    };
    let run = |threads| {
        within(threads, || {
            (moran(&panel, &graph, &spec).unwrap(), local_moran(&panel, &graph, &local).unwrap())
        })
    };
    assert_eq!(run(1), run(4));
}
