//! The number of threads moves no bit.

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
