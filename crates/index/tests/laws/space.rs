//! Laws of Moran's I.
#![allow(clippy::float_cmp, reason = "probabilities are quotients of the same counts")]

use index::{
    Alternative, LocalMoranSpec, Moment, Moran, MoranSpec, Neighbours, Permutations, Standardise,
    local_moran, moran,
};
use panel::Panel;
use proptest::prelude::*;
use testkit::Stream;

use super::{CLOSE, same};

/// A ring of `n` units with a few chords, and values of them.
fn ring() -> impl Strategy<Value = (Neighbours, Vec<f64>)> {
    (4..7_usize, any::<u64>()).prop_map(|(n, seed)| {
        let mut stream = Stream::new(seed);
        let mut lists: Vec<Vec<usize>> =
            (0..n).map(|i| vec![(i + 1) % n, (i + n - 1) % n]).collect();
        let (a, b) = (stream.below(n), stream.below(n));
        if a != b && !lists[a].contains(&b) {
            lists[a].push(b);
            lists[b].push(a);
        }
        let name = |i: usize| format!("u{i}");
        let named = lists.iter().enumerate();
        let lists =
            named.map(|(i, list)| (name(i), list.iter().map(|&j| name(j)).collect::<Vec<_>>()));
        (Neighbours::new(lists).unwrap(), (0..n).map(|_| stream.normal()).collect())
    })
}

fn panel(values: &[f64]) -> Panel {
    let rows: Vec<String> =
        values.iter().enumerate().map(|(i, x)| format!("u{i},1,{x:?}")).collect();
    testkit::panel(&format!("unit,year,x\n{}\n", rows.join("\n")))
}

fn spec(weights: Standardise, alternative: Alternative, permutations: Permutations) -> MoranSpec {
    MoranSpec { column: "x".into(), weights, alternative, permutations }
}

fn one(graph: &Neighbours, values: &[f64], spec: &MoranSpec) -> Moran {
    moran(&panel(values), graph, spec).unwrap().remove(0)
}

const FEW: Permutations = Permutations::Drawn { draws: 9, seed: 1 };

fn weights() -> impl Strategy<Value = Standardise> {
    prop_oneof![Just(Standardise::Rows), Just(Standardise::Binary)]
}

/// Every order of `values`, by choosing who is first.
fn orders(values: &[f64]) -> Vec<Vec<f64>> {
    if values.is_empty() {
        return vec![vec![]];
    }
    (0..values.len())
        .flat_map(|i| {
            let mut rest = values.to_vec();
            let first = rest.remove(i);
            orders(&rest).into_iter().map(move |mut order| {
                order.insert(0, first);
                order
            })
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A straight line through the values moves nothing.
    #[test]
    fn affine((graph, values) in ring(), weights in weights(), a in 0.1..50.0_f64, b in -9.0..9.0_f64, minus: bool) {
        let spec = spec(weights, Alternative::Greater, FEW);
        let other: Vec<f64> = values.iter().map(|&x| if minus { -a * x + b } else { a * x + b }).collect();
        let (x, y) = (one(&graph, &values, &spec), one(&graph, &other, &spec));
        same(&[x.i, x.geary.c, x.variance_random], &[y.i, y.geary.c, y.variance_random], CLOSE);
        prop_assert_eq!(x.p_permuted, y.p_permuted);
    }

    /// With row-standardised weights it is the slope of the neighbours' mean on the values.
    #[test]
    fn slope((graph, values) in ring()) {
        let found = one(&graph, &values, &spec(Standardise::Rows, Alternative::Greater, FEW));
        let lag = graph.lag(&panel(&values), "x").unwrap();
        let n = values.len() as f64;
        let (mx, my) = (values.iter().sum::<f64>() / n, lag.iter().sum::<f64>() / n);
        let xy: f64 = values.iter().zip(&lag).map(|(x, y)| (x - mx) * (y - my)).sum();
        let xx: f64 = values.iter().map(|x| (x - mx) * (x - mx)).sum();
        same(&[found.i], &[xy / xx], CLOSE);
    }

    /// Local statistics sum to the global one, and their moments are those of all permutations.
    #[test]
    fn local_ones_add_up((graph, values) in ring(), weights in weights()) {
        let global = one(&graph, &values, &spec(weights, Alternative::Greater, FEW));
        let local = |moment| local_moran(&panel(&values), &graph, &LocalMoranSpec {
            column: "x".into(), weights, moment, alternative: Alternative::Greater, draws: 9, seed: 1,
        }).unwrap();
        let n = values.len() as f64;
        let s0: f64 = (0..values.len()).map(|i| match weights {
            Standardise::Rows => 1.0,
            Standardise::Binary => graph.of(i).len() as f64,
        }).sum();
        let sum = |moment| local(moment).iter().map(|one| one.i).sum::<f64>();
        same(&[sum(Moment::N), sum(Moment::NMinusOne)], &[s0 * global.i, s0 * global.i * (n - 1.0) / n], CLOSE);
    }

    /// Probabilities and moments over all permutations are those of all permutations.
    #[test]
    fn all_permutations((graph, values) in ring(), weights in weights()) {
        let all: Vec<f64> = orders(&values)
            .iter()
            .map(|order| one(&graph, order, &spec(weights, Alternative::Greater, FEW)).i)
            .collect();
        let count = all.len() as f64;
        let mean = all.iter().sum::<f64>() / count;
        let variance = all.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / count;
        let p = |alternative| one(&graph, &values, &spec(weights, alternative, Permutations::All));
        let found = p(Alternative::Greater);
        same(&[found.expected, found.variance_random], &[mean, variance], 1e-8);
        let large = all.iter().filter(|i| **i >= found.i - 1e-10).count() as f64 / count;
        let small = all.iter().filter(|i| **i <= found.i + 1e-10).count() as f64 / count;
        prop_assert_eq!(found.p_permuted, large);
        prop_assert_eq!(p(Alternative::Less).p_permuted, small);
        prop_assert_eq!(p(Alternative::TwoSided).p_permuted, (2.0 * large.min(small)).min(1.0));
        // Those that are drawn come near: five standard errors of a share, and the one counted in. Four
        // are exceeded by one sample in some thousands.
        let draws = 2000;
        let near = one(&graph, &values, &spec(weights, Alternative::Greater, Permutations::Drawn { draws, seed: 5 }));
        let error = (large * (1.0 - large) / draws as f64).sqrt();
        prop_assert!((near.p_permuted - large).abs() <= 5.0 * error + 1.0 / draws as f64, "{} {large}", near.p_permuted);
    }
}

/// A local probability is the share of neighbourhoods that would be as alike: by all of them.
#[test]
fn local_probabilities() {
    let (graph, values) = (
        Neighbours::new([
            ("u0", vec!["u1", "u2"]),
            ("u1", vec!["u0"]),
            ("u2", vec!["u0", "u3", "u4"]),
            ("u3", vec!["u2", "u4"]),
            ("u4", vec!["u2", "u3"]),
        ])
        .unwrap(),
        [1.0, 2.5, -0.5, 4.0, 7.0],
    );
    let draws = 20_000;
    let found = local_moran(
        &panel(&values),
        &graph,
        &LocalMoranSpec {
            column: "x".into(),
            weights: Standardise::Rows,
            moment: Moment::N,
            alternative: Alternative::Greater,
            draws,
            seed: 3,
        },
    )
    .unwrap();
    let mean = values.iter().sum::<f64>() / 5.0;
    let z: Vec<f64> = values.iter().map(|x| x - mean).collect();
    for (i, one) in found.iter().enumerate() {
        let others: Vec<f64> = (0..5).filter(|&j| j != i).map(|j| z[j]).collect();
        let k = graph.of(i).len();
        let drawn: Vec<f64> =
            orders(&others).iter().map(|order| z[i] * order[..k].iter().sum::<f64>()).collect();
        let lag: f64 = graph.of(i).iter().map(|&j| z[j]).sum();
        let as_large = drawn.iter().filter(|d| **d >= z[i] * lag - 1e-9).count();
        let p = as_large as f64 / drawn.len() as f64;
        let error = (p * (1.0 - p) / draws as f64).sqrt();
        assert!((one.p_permuted - p).abs() <= 4.0 * error + 1e-4, "{i}: {} {p}", one.p_permuted);
    }
}
