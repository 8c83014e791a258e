//! Matching: the fast search is the slow one, and what follows from who was matched with whom.
#![allow(clippy::float_cmp, reason = "what is equal is equal to the last bit")]

use std::collections::BTreeMap;

use causal::Error;
use causal::matching::{
    Caliper, Errors, Estimand, Kernel, Matching, Method, Order, Reuse, Scale, Score, Spec, Support,
    Target, Ties, Unit, balance, estimate,
};
use estimate::{BinarySpec, Design, Information, Link, Singletons, SmallSample, Vcov, binary};
use panel::Term;
use proptest::prelude::*;
use testkit::{Rows, Stream, assert_close, close};

/// Rows with a treatment `d`, a score `p` with many equal values, outcomes `y` and `z`, a stratum
/// `s`, covariates `x1` and `x2`.
fn generated(n: usize, grid: usize, seed: u64) -> Rows {
    let mut stream = Stream::new(seed);
    let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut add = |name: &str, value: f64| columns.entry(name.into()).or_default().push(value);
    for i in 0..n {
        let p = stream.below(grid) as f64 / 64.0;
        // Both groups are there.
        let d = match i {
            0 | 1 => 1.0,
            2 | 3 => 0.0,
            _ => f64::from(u8::from(stream.uniform() < 0.4)),
        };
        add("p", p);
        add("d", d);
        add("x1", stream.normal() + d * 0.4);
        add("x2", stream.below(3) as f64);
        add("y", stream.normal() + 3.0 * p);
        add("z", stream.normal());
        add("s", (i % 2) as f64 + (stream.below(2) * 2) as f64);
    }
    let id = stream.order(n).into_iter().map(|i| i32::try_from(i).unwrap()).collect();
    Rows { id, year: vec![2000; n], columns }.sorted()
}

fn rows() -> impl Strategy<Value = Rows> {
    (6..45_usize, prop_oneof![Just(3_usize), Just(9), Just(1000)], any::<u64>())
        .prop_map(|(n, grid, seed)| generated(n, grid, seed))
}

fn term(text: &str) -> Term {
    text.parse().unwrap()
}

fn spec(method: Method) -> Spec {
    Spec {
        model: "d ~ x1 + x2".parse().unwrap(),
        outcomes: vec![term("y"), term("z")],
        score: Score::Given(term("p")),
        method,
        within: vec![],
        support: Support::None,
        estimand: Estimand::Treated,
        errors: Errors::Naive,
    }
}

fn near(k: usize, reuse: Reuse, ties: Ties, caliper: Option<f64>) -> Method {
    let caliper = caliper.map(|width| Caliper { width, unit: Unit::Distance });
    Method::Nearest { k, reuse, ties, caliper }
}

fn reuses() -> impl Strategy<Value = Reuse> {
    prop_oneof![
        Just(Reuse::Replacement),
        Just(Reuse::Once(Order::Largest)),
        Just(Reuse::Once(Order::Smallest)),
        Just(Reuse::Once(Order::Data)),
        (0..5_u64).prop_map(|seed| Reuse::Once(Order::Random { seed })),
    ]
}

fn picks() -> impl Strategy<Value = Ties> {
    prop_oneof![Just(Ties::First), Just(Ties::Places)]
}

fn calipers() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![Just(None), Just(Some(0.0)), Just(Some(1.0 / 64.0)), Just(Some(0.05))]
}

fn estimands() -> impl Strategy<Value = Estimand> {
    prop_oneof![Just(Estimand::Treated), Just(Estimand::Untreated), Just(Estimand::Everyone)]
}

fn sets(matching: &Matching) -> Vec<(usize, Vec<usize>)> {
    matching.sets().map(|set| (set.row, set.matches().collect())).collect()
}

/// A matching, unless nobody has a match.
macro_rules! match_or_skip {
    ($panel:expr, $spec:expr) => {
        match estimate($panel, $spec) {
            Err(
                Error::NoMatches { .. } | Error::TooFewToMatch { .. } | Error::OffSupport { .. },
            ) => return Ok(()),
            other => other.unwrap(),
        }
    };
}

/// The slow search: all distances, one row after the other.
struct Slow<'a> {
    at: &'a [f64],
    treated: Vec<bool>,
    strata: Option<&'a [f64]>,
    place: Vec<usize>,
}

impl<'a> Slow<'a> {
    fn new(rows: &'a Rows, within: bool) -> Self {
        let at = &rows.columns["p"];
        let mut order: Vec<usize> = (0..rows.n()).collect();
        order.sort_by(|&a, &b| at[a].total_cmp(&at[b]));
        let mut place = vec![0; rows.n()];
        order.iter().enumerate().for_each(|(rank, &i)| place[i] = rank);
        let treated = rows.columns["d"].iter().map(|&d| d > 0.5).collect();
        Self { at, treated, strata: within.then(|| rows.columns["s"].as_slice()), place }
    }

    fn away(&self, i: usize, j: usize) -> f64 {
        (self.at[i] - self.at[j]).abs()
    }

    /// Who may be matched with `i`.
    fn pool(&self, i: usize, caliper: Option<f64>) -> Vec<usize> {
        (0..self.at.len())
            .filter(|&j| self.treated[j] != self.treated[i])
            .filter(|&j| self.strata.is_none_or(|s| s[i] == s[j]))
            .filter(|&j| caliper.is_none_or(|caliper| self.away(i, j) <= caliper))
            .collect()
    }

    /// Sorts by distance and by the tie rule, seen from the outermost of `i` and `mine`.
    fn sorted(&self, i: usize, mut pool: Vec<usize>, ties: Ties, mine: &[usize]) -> Vec<usize> {
        let from = mine.iter().chain([&i]).map(|&j| self.place[j]).min().unwrap();
        let to = mine.iter().chain([&i]).map(|&j| self.place[j]).max().unwrap();
        let places = |j: usize| {
            if self.place[j] < self.place[i] {
                (from.saturating_sub(self.place[j]), 0)
            } else {
                (self.place[j].saturating_sub(to), 1)
            }
        };
        pool.sort_by(|&a, &b| {
            let order = self.away(i, a).total_cmp(&self.away(i, b));
            match ties {
                Ties::Places => order.then(places(a).cmp(&places(b))),
                _ => order.then(a.cmp(&b)),
            }
        });
        pool
    }

    fn group(&self, treated: bool) -> Vec<usize> {
        (0..self.at.len()).filter(|&i| self.treated[i] == treated).collect()
    }

    fn replacement(
        &self,
        treated: bool,
        k: usize,
        ties: Ties,
        caliper: Option<f64>,
    ) -> Vec<(usize, Vec<usize>)> {
        let of = |i: usize| {
            let sorted = self.sorted(i, self.pool(i, caliper), ties, &[]);
            let n = match ties {
                Ties::First | Ties::Places => k.min(sorted.len()),
                Ties::Average | Ties::AverageWithin(_) => {
                    let all = self.sorted(i, self.pool(i, None), Ties::First, &[]);
                    let Some(&last) = all.get(k.min(all.len()).wrapping_sub(1)) else {
                        return (i, vec![]);
                    };
                    let last = self.away(i, last);
                    sorted.iter().filter(|&&j| self.away(i, j) <= last).count()
                }
            };
            (i, sorted[..n].to_vec())
        };
        self.group(treated).into_iter().map(of).filter(|(_, set)| !set.is_empty()).collect()
    }

    fn once(
        &self,
        treated: bool,
        k: usize,
        order: Order,
        ties: Ties,
        caliper: Option<f64>,
    ) -> Vec<(usize, Vec<usize>)> {
        let mut choosing = self.group(treated);
        match order {
            Order::Largest => choosing.sort_by(|&a, &b| self.at[b].total_cmp(&self.at[a])),
            Order::Smallest => choosing.sort_by(|&a, &b| self.at[a].total_cmp(&self.at[b])),
            Order::Data => {}
            Order::Random { seed } => {
                let mut draws = estimate::Draws::new(seed, 0);
                for i in (1..choosing.len()).rev() {
                    choosing.swap(i, draws.below(i + 1));
                }
            }
        }
        let mut taken = vec![false; self.at.len()];
        let mut sets: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for _ in 0..k {
            for &i in &choosing {
                let free = self.pool(i, caliper).into_iter().filter(|&j| !taken[j]).collect();
                let mine = sets.entry(i).or_default();
                if let Some(&first) = self.sorted(i, free, ties, mine).first() {
                    taken[first] = true;
                    mine.push(first);
                }
            }
        }
        sets.into_iter().filter(|(_, set)| !set.is_empty()).collect()
    }
}

/// Weighted means of the treated and of the untreated, apart.
fn difference(y: &[f64], treated: &[bool], w: &[f64]) -> f64 {
    let mean = |group: bool| {
        let of = |f: &dyn Fn(usize) -> f64| -> f64 {
            (0..y.len()).filter(|&i| treated[i] == group).map(f).sum()
        };
        of(&|i| w[i] * y[i]) / of(&|i| w[i])
    };
    mean(true) - mean(false)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Two pointers and union-find find whom a search over all distances finds, whatever is equal.
    #[test]
    fn fast_is_slow(
        rows in rows(), k in 1..4_usize, reuse in reuses(), ties in picks(), caliper in calipers(),
        within in any::<bool>(), estimand in estimands(),
    ) {
        let mut spec = Spec { estimand, ..spec(near(k, reuse, ties, caliper)) };
        if within {
            spec.within = vec!["s".into()];
        }
        let matching = match_or_skip!(&rows.panel(), &spec);
        let slow = Slow::new(&rows, within);
        let groups: &[bool] = match estimand {
            Estimand::Treated => &[true],
            Estimand::Untreated => &[false],
            Estimand::Everyone => &[true, false],
        };
        let want: Vec<_> = groups.iter().flat_map(|&group| match reuse {
            Reuse::Replacement => slow.replacement(group, k, ties, caliper),
            Reuse::Once(order) => slow.once(group, k, order, ties, caliper),
        }).collect();
        prop_assert_eq!(sets(&matching), want);
    }

    /// The same where ties are averaged: sets, weights, and the effect.
    #[test]
    fn averaged_ties_are_slow_ones(
        rows in rows(), k in 1..4_usize, caliper in calipers(), within in any::<bool>(),
    ) {
        let mut spec = spec(near(k, Reuse::Replacement, Ties::Average, caliper));
        if within {
            spec.within = vec!["s".into()];
        }
        let matching = match_or_skip!(&rows.panel(), &spec);
        let want = Slow::new(&rows, within).replacement(true, k, Ties::Average, caliper);
        let mut got = sets(&matching);
        for (_, set) in &mut got {
            set.sort_unstable();
        }
        let mut weights = vec![0.0; rows.n()];
        let y = &rows.columns["y"];
        let mut sum = 0.0;
        for (i, set) in &want {
            weights[*i] += 1.0;
            for &j in set {
                weights[j] += 1.0 / set.len() as f64;
            }
            sum += y[*i] - set.iter().map(|&j| y[j]).sum::<f64>() / set.len() as f64;
        }
        for (w, want) in matching.weights().iter().zip(&weights) {
            prop_assert!((w - want).abs() < 1e-13 && (*w == 0.0) == (*want == 0.0));
        }
        prop_assert!(close(matching.effects()[1].estimate, sum / want.len() as f64, 1e-12, 1.0));
        let mut want = want;
        for (_, set) in &mut want {
            set.sort_unstable();
        }
        prop_assert_eq!(got, want);
    }

    /// Kernels and radii, term by term.
    #[test]
    fn kernels_are_their_formulas(rows in rows(), which in 0..5_usize, h in 0.01..0.4_f64, within in any::<bool>()) {
        let kernels =
            [Kernel::Epanechnikov, Kernel::Gaussian, Kernel::Biweight, Kernel::Uniform, Kernel::Tricube];
        let height = |z: f64| match which {
            1 => (-z * z / 2.0).exp(),
            _ if z > 1.0 => 0.0,
            0 => 1.0 - z * z,
            2 => (1.0 - z * z) * (1.0 - z * z),
            3 => 1.0,
            _ => (1.0 - z * z * z).powi(3),
        };
        let mut spec = spec(Method::Kernel { kernel: kernels[which], bandwidth: h });
        if within {
            spec.within = vec!["s".into()];
        }
        let panel = rows.panel();
        let matching = match_or_skip!(&panel, &spec);
        let slow = Slow::new(&rows, within);
        let (mut weights, mut sum, mut n) = (vec![0.0; rows.n()], 0.0, 0.0);
        let y = &rows.columns["y"];
        for i in slow.group(true) {
            let pool: Vec<(usize, f64)> =
                slow.pool(i, None).into_iter().map(|j| (j, height(slow.away(i, j) / h))).collect();
            let total: f64 = pool.iter().map(|(_, w)| w).sum();
            if total > 0.0 {
                n += 1.0;
                weights[i] = 1.0;
                for (j, w) in &pool {
                    weights[*j] += w / total;
                }
                sum += y[i] - pool.iter().map(|(j, w)| w * y[*j]).sum::<f64>() / total;
            }
        }
        let att = &matching.effects()[1];
        prop_assert!(close(att.estimate, sum / n, 1e-12, 1.0));
        prop_assert_eq!(att.n_treated as f64, n);
        for (got, want) in matching.weights().iter().zip(&weights) {
            prop_assert!((got - want).abs() < 1e-12);
        }
        if kernels[which] == Kernel::Uniform {
            let caliper = Caliper { width: h, unit: Unit::Distance };
            let radius = Spec { method: Method::Radius { caliper }, ..spec };
            let radius = estimate(&panel, &radius).unwrap();
            prop_assert!(close(radius.effects()[1].estimate, att.estimate, 1e-12, 1.0));
            for (a, b) in radius.weights().iter().zip(matching.weights()) {
                prop_assert!((a - b).abs() < 1e-13 && (*a == 0.0) == (*b == 0.0));
            }
        }
    }

    /// `y + τ d` moves the effects by τ, and leaves every standard error where it was.
    #[test]
    fn effects_move_with_treatment(rows in rows(), tau in -9.0..9.0_f64, k in 1..3_usize, ai in 0..3_usize) {
        let errors = Errors::AbadieImbens { neighbours: ai, target: Target::Population };
        let method = near(k, Reuse::Replacement, Ties::Average, None);
        let spec = Spec { estimand: Estimand::Everyone, errors, ..spec(method) };
        let before = match_or_skip!(&rows.panel(), &spec);
        let moved = rows.with("y", |rows, i| rows.columns["y"][i] + tau * rows.columns["d"][i]);
        let after = estimate(&moved.panel(), &spec).unwrap();
        for (a, b) in before.effects().iter().zip(after.effects()).take(4) {
            prop_assert!(close(a.estimate + tau, b.estimate, 1e-12, 10.0));
            prop_assert!(close(a.std_error.unwrap(), b.std_error.unwrap(), 1e-9, 0.0));
        }
    }

    /// Weights are shares: they sum to the matches' number, and their means differ by the effect.
    #[test]
    fn weights_carry_the_effect(
        rows in rows(), k in 1..4_usize, reuse in reuses(), ties in picks(), estimand in estimands(),
    ) {
        let spec = Spec { estimand, ..spec(near(k, reuse, ties, None)) };
        let matching = match_or_skip!(&rows.panel(), &spec);
        let (treated, w) = (matching.treated(), matching.weights());
        let total = |group: bool| -> f64 {
            (0..w.len()).filter(|&i| treated[i] == group).map(|i| w[i]).sum()
        };
        assert_close(total(true), total(false), 1e-13);
        let found = matching.sets().count() as f64;
        assert_close(total(true), found, 1e-13);
        let last = matching.effects().iter().rfind(|effect| effect.outcome == term("y")).unwrap();
        prop_assert_eq!(last.estimand, Some(estimand));
        prop_assert!(close(last.estimate, difference(&rows.columns["y"], treated, w), 1e-12, 1.0));
        // Both counterfactuals, too.
        prop_assert!(close(last.treated - last.untreated, last.estimate, 1e-12, 1.0));
        prop_assert_eq!(matching.sample(&rows.panel()).unwrap().n_rows(), w.iter().filter(|w| **w > 0.0).count());
    }

    /// The ATE is the ATT and the ATU, by the number of rows.
    #[test]
    fn average_of_both(rows in rows(), k in 1..3_usize, caliper in calipers()) {
        let method = near(k, Reuse::Replacement, Ties::Average, caliper);
        let of = |estimand| estimate(&rows.panel(), &Spec { estimand, ..spec(method) });
        let (Ok(all), Ok(one), Ok(zero)) =
            (of(Estimand::Everyone), of(Estimand::Treated), of(Estimand::Untreated)) else { return Ok(()) };
        let (att, atu, ate) = (&all.effects()[1], &all.effects()[2], &all.effects()[3]);
        prop_assert_eq!(att, &one.effects()[1]);
        prop_assert_eq!(atu, &zero.effects()[1]);
        let (n1, n0) = (one.sets().count() as f64, zero.sets().count() as f64);
        let mean = (n1 * att.estimate + n0 * atu.estimate) / (n1 + n0);
        prop_assert!(close(ate.estimate, mean, 1e-13, 1.0));
        // The ATU is minus the ATT of the other group.
        let mirrored = rows.clone().with("d", |rows, i| 1.0 - rows.columns["d"][i]);
        let mirrored = estimate(&mirrored.panel(), &spec(method)).unwrap();
        prop_assert!(close(mirrored.effects()[1].estimate, -atu.estimate, 1e-13, 1.0));
        prop_assert_eq!(sets(&mirrored), sets(&zero));
    }

    /// Matching within strata is matching each stratum.
    #[test]
    fn strata_are_separate(
        rows in rows(), k in 1..3_usize, ties in picks(),
        reuse in prop_oneof![Just(Reuse::Replacement), Just(Reuse::Once(Order::Largest)), Just(Reuse::Once(Order::Data))],
    ) {
        // Places are counted among all rows.
        let ties = if reuse == Reuse::Replacement { Ties::Average } else if ties == Ties::Places { Ties::First } else { ties };
        let method = near(k, reuse, ties, Some(0.1));
        let together = match_or_skip!(&rows.panel(), &Spec { within: vec!["s".into()], ..spec(method) });
        let mut apart = Vec::new();
        for stratum in [0.0, 1.0, 2.0, 3.0] {
            let members: Vec<usize> = (0..rows.n()).filter(|&i| rows.columns["s"][i] == stratum).collect();
            if members.is_empty() {
                continue;
            }
            match estimate(&rows.select(&members).panel(), &spec(method)) {
                Err(Error::NoMatches { .. } | Error::OneGroup { .. }) => {}
                Err(Error::TooFewToMatch { .. }) => return Ok(()),
                Ok(matching) => apart.extend(sets(&matching).into_iter().map(|(i, set)| {
                    (members[i], set.into_iter().map(|j| members[j]).collect::<Vec<_>>())
                })),
                Err(error) => panic!("{error}"),
            }
        }
        apart.sort();
        prop_assert_eq!(sets(&together), apart);
    }

    /// Units of the distance carry no information, and with replacement neither does its sign.
    #[test]
    fn affine_distances(rows in rows(), k in 1..3_usize, reuse in reuses(), ties in picks(), power in -3..4_i32, shift in -4..5_i32) {
        let caliper = Caliper { width: 0.3, unit: Unit::Sd };
        let method = Method::Nearest { k, reuse, ties, caliper: Some(caliper) };
        let before = match_or_skip!(&rows.panel(), &spec(method));
        // Exact in binary, so that equal distances stay equal.
        let scale = 2_f64.powi(power);
        let moved = rows.clone().with("p", |rows, i| scale * rows.columns["p"][i] + f64::from(shift));
        prop_assert_eq!(sets(&before), sets(&estimate(&moved.panel(), &spec(method)).unwrap()));
        if reuse == Reuse::Replacement && ties == Ties::First {
            let turned = rows.with("p", |rows, i| -scale * rows.columns["p"][i]);
            prop_assert_eq!(sets(&before), sets(&estimate(&turned.panel(), &spec(method)).unwrap()));
        }
    }

    /// Where nothing is tied and no order is that of the data, the order of rows is irrelevant.
    #[test]
    fn row_order_is_irrelevant(rows in rows(), seed in any::<u64>(), k in 1..3_usize, once in any::<bool>(), ai in 0..3_usize) {
        let mut stream = Stream::new(seed);
        let order = stream.order(rows.n());
        let renamed = |rows: Rows| {
            let mut rows = rows.select(&order);
            rows.id = (0..rows.n()).map(|i| i32::try_from(i).unwrap()).collect();
            rows
        };
        let (rows, method) = if once {
            let rows = rows.with("p", |rows, i| rows.columns["p"][i] + 1e-3 * rows.columns["x1"][i]);
            (rows, near(k, Reuse::Once(Order::Largest), Ties::First, Some(0.1)))
        } else {
            (rows, near(k, Reuse::Replacement, Ties::Average, Some(0.1)))
        };
        let errors = Errors::AbadieImbens { neighbours: ai, target: Target::Sample };
        let spec = Spec { errors, ..spec(method) };
        let a = match_or_skip!(&rows.panel(), &spec);
        let b = estimate(&renamed(rows).panel(), &spec).unwrap();
        for (a, b) in a.effects().iter().zip(b.effects()) {
            prop_assert!(close(a.estimate, b.estimate, 1e-12, 1.0));
            // An effect on one row has no spread, but for rounding.
            prop_assert!(close(a.std_error.unwrap(), b.std_error.unwrap(), 1e-10, 1e-2));
        }
        for (i, &was) in order.iter().enumerate() {
            prop_assert!((a.weights()[was] - b.weights()[i]).abs() < 1e-13);
        }
    }

    /// Abadie and Imbens' variance from weights and neighbours found the slow way, and psmatch2's.
    #[test]
    fn errors_are_their_formulas(rows in rows(), k in 1..3_usize, m in 0..3_usize, caliper in calipers()) {
        let panel = rows.panel();
        let method = near(k, Reuse::Replacement, Ties::Average, caliper);
        let of = |errors| estimate(&panel, &Spec { errors, estimand: Estimand::Everyone, ..spec(method) });
        let naive = match of(Errors::Naive) {
            Err(Error::NoMatches { .. } | Error::TooFewToMatch { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        let slow = Slow::new(&rows, false);
        let y = &rows.columns["y"];
        let n = rows.n();
        let sets: Vec<Vec<(usize, Vec<usize>)>> = [true, false]
            .map(|group| slow.replacement(group, k, Ties::Average, caliper))
            .to_vec();
        let mean = |set: &[usize]| set.iter().map(|&j| y[j]).sum::<f64>() / set.len() as f64;
        // σ² from a row's own group.
        let own = |i: usize| -> f64 {
            let mut others: Vec<usize> =
                (0..n).filter(|&j| j != i && slow.treated[j] == slow.treated[i]).collect();
            others.sort_by(|&a, &b| slow.away(i, a).total_cmp(&slow.away(i, b)));
            let last = slow.away(i, others[m.min(others.len()) - 1]);
            others.retain(|&j| slow.away(i, j) <= last);
            let j = others.len() as f64;
            j / (j + 1.0) * (y[i] - mean(&others)).powi(2)
        };
        for (effect, sides) in [(1, &sets[..1]), (2, &sets[1..]), (3, &sets[..])] {
            let estimate = naive.effects()[effect].estimate;
            let (mut weight, mut squares, mut found) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
            let (mut total, mut spread, mut pairs) = (0.0, 0.0, 0.0);
            for (i, set) in sides.iter().flatten() {
                total += 1.0;
                found[*i] = 1.0;
                let share = 1.0 / set.len() as f64;
                let sign = if slow.treated[*i] { 1.0 } else { -1.0 };
                for &j in set {
                    weight[j] += share;
                    squares[j] += share * share;
                    pairs += share * (sign * (y[*i] - y[j]) - estimate).powi(2);
                }
                spread += (sign * (y[*i] - mean(set)) - estimate).powi(2);
            }
            let variance = |i: usize| if m == 0 { 0.5 * pairs / total } else { own(i) };
            let sample: f64 = (0..n)
                .filter(|&i| found[i] + weight[i] > 0.0)
                .map(|i| variance(i) * (found[i] + weight[i]).powi(2))
                .sum();
            let more: f64 = (0..n)
                .filter(|&i| weight[i] > 0.0)
                .map(|i| variance(i) * (weight[i] * weight[i] + 2.0 * found[i] * weight[i] - squares[i]))
                .sum();
            for (target, sum) in [(Target::Sample, sample), (Target::Population, spread + more)] {
                let ours = of(Errors::AbadieImbens { neighbours: m, target }).unwrap();
                let ours = ours.effects()[effect].std_error.unwrap();
                prop_assert!(close(ours, sum.sqrt() / total, 1e-9, 1e-3), "{target} {effect} {ours}");
            }
            if effect < 3 {
                let group = effect == 1;
                let sample_variance = |keep: &dyn Fn(usize) -> bool| -> Option<f64> {
                    let of: Vec<f64> = (0..n).filter(|&i| keep(i)).map(|i| y[i]).collect();
                    let mean = of.iter().sum::<f64>() / of.len() as f64;
                    let sum: f64 = of.iter().map(|y| (y - mean).powi(2)).sum();
                    (of.len() > 1).then(|| sum / (of.len() - 1) as f64)
                };
                let a = sample_variance(&|i| slow.treated[i] == group && found[i] > 0.0);
                let b = sample_variance(&|i| weight[i] > 0.0);
                let squares: f64 = weight.iter().map(|w| w * w).sum();
                let want = a.zip(b).map(|(a, b)| (a / total + b * squares / (total * total)).sqrt());
                let ours = naive.effects()[effect].std_error;
                prop_assert_eq!(ours.is_some(), want.is_some());
                prop_assert!(close(ours.unwrap_or(0.0), want.unwrap_or(0.0), 1e-12, 0.0));
            } else {
                prop_assert_eq!(naive.effects()[3].std_error, None);
            }
        }
    }

    /// Who is off support, by the ranges of the groups.
    #[test]
    fn support_is_a_range(rows in rows(), estimand in estimands()) {
        let (p, d) = (&rows.columns["p"], &rows.columns["d"]);
        let range = |group: f64| {
            let of = || (0..p.len()).filter(|&i| d[i] == group).map(|i| p[i]);
            (of().fold(f64::INFINITY, f64::min), of().fold(f64::NEG_INFINITY, f64::max))
        };
        for support in [Support::MinMax, Support::Both] {
            let method = near(1, Reuse::Replacement, Ties::Average, None);
            let matching = match_or_skip!(&rows.panel(), &Spec { support, estimand, ..spec(method) });
            for i in 0..p.len() {
                let inside = |(low, high): (f64, f64)| low <= p[i] && p[i] <= high;
                let wanted = match (estimand, d[i] > 0.5) {
                    (Estimand::Treated, true) | (Estimand::Untreated, false) | (Estimand::Everyone, _) => true,
                    _ => support == Support::Both,
                };
                let want = !wanted || (inside(range(1.0 - d[i])) && (support == Support::MinMax || inside(range(d[i]))));
                prop_assert_eq!(matching.support()[i], want);
                prop_assert!(want || matching.weights()[i] == 0.0);
            }
        }
    }

    /// Balance with whole weights is balance of rows written out as often as they weigh.
    #[test]
    fn weights_are_copies(rows in rows()) {
        let panel = rows.panel();
        let method = near(1, Reuse::Replacement, Ties::First, None);
        let matching = match_or_skip!(&panel, &spec(method));
        let terms = [term("x1"), term("x2"), term("p")];
        let ours = balance(&panel, &terms, &matching).unwrap();
        let copies: Vec<usize> = (0..rows.n())
            .flat_map(|i| {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                std::iter::repeat_n(i, matching.weights()[i].round() as usize)
            })
            .collect();
        let mut expanded = rows.select(&copies);
        expanded.id = (0..expanded.n()).map(|i| i32::try_from(i).unwrap()).collect();
        let expanded = expanded.panel();
        let again = estimate(&expanded, &spec(method)).unwrap();
        let theirs = balance(&expanded, &terms, &again).unwrap();
        for (a, b) in ours.covariates.iter().zip(&theirs.covariates) {
            let (a, b) = (&a.after, &b.before);
            prop_assert!(close(a.treated, b.treated, 1e-12, 1.0));
            prop_assert!(close(a.untreated, b.untreated, 1e-12, 1.0));
            prop_assert!(close(a.ecdf_max, b.ecdf_max, 1e-12, 1.0));
            for (a, b) in [(a.variance_ratio, b.variance_ratio), (a.t, b.t), (a.p_value, b.p_value)] {
                prop_assert_eq!(a.is_some(), b.is_some());
                prop_assert!(close(a.unwrap_or(0.0), b.unwrap_or(0.0), 1e-9, 1e-9));
            }
        }
        // The probit of the copies, by the estimator of probits.
        let design = Design::new(&expanded, &"d ~ x1 + x2 + p".parse().unwrap(), Singletons::Keep).unwrap();
        let spec = BinarySpec {
            link: Link::Probit,
            information: Information::Expected,
            vcov: Vcov::Iid,
            small_sample: SmallSample::None,
        };
        if let (Some(ours), Ok(theirs)) = (ours.after.probit, binary(&design, &spec)) {
            let test = theirs.likelihood_ratio().unwrap();
            prop_assert_eq!(ours.df, test.df);
            prop_assert!(close(ours.likelihood_ratio, test.statistic, 1e-9, 1e-2 * copies.len() as f64));
            prop_assert!(close(ours.pseudo_r2, theirs.pseudo_r2().mcfadden, 1e-8, 1e-3));
            // Near a perfect fit the slopes, near perfect balance B, and where few rows all but span a
            // covariate the index, are what rounding leaves: columns are of size one.
            let loose = theirs.stderror().iter().any(|se| *se > 1e3);
            if ours.pseudo_r2 > 0.9 || ours.likelihood_ratio < 1e-6 || loose {
                return Ok(());
            }
            let eta = theirs.linear_index();
            let moments = |group: f64| {
                let of: Vec<f64> = eta.iter().zip(design.response()).filter(|(_, d)| **d == group).map(|(e, _)| *e).collect();
                let mean = of.iter().sum::<f64>() / of.len() as f64;
                (mean, of.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / (of.len() - 1) as f64)
            };
            let ((m1, v1), (m0, v0)) = (moments(1.0), moments(0.0));
            let b = 100.0 * (m1 - m0).abs() / f64::midpoint(v1, v0).sqrt();
            prop_assert!(close(ours.rubin_b, b, 1e-6, 1e-3));
            prop_assert!(close(ours.rubin_r, v1 / v0, 1e-6, 0.0));
        }
    }

    /// An estimated score is the score of the model, and giving it changes nothing.
    #[test]
    fn a_score_is_a_column(rows in rows(), probit in any::<bool>(), index in any::<bool>()) {
        let link = if probit { Link::Probit } else { Link::Logit };
        let scale = if index { Scale::Index } else { Scale::Probability };
        let score = if probit { Score::Probit(scale) } else { Score::Logit(scale) };
        let method = near(2, Reuse::Replacement, Ties::Average, None);
        let estimated = match estimate(&rows.panel(), &Spec { score, ..spec(method) }) {
            Err(Error::Estimate(_) | Error::TooFewToMatch { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        let fit = estimated.score_model().unwrap();
        for (i, &eta) in fit.linear_index().iter().enumerate() {
            let want = if index { eta } else { link.probability(eta) };
            prop_assert!(close(estimated.distance()[i], want, 1e-9, 1e-3));
            prop_assert!(close(estimated.score()[i], link.probability(eta), 1e-9, 1e-3));
        }
        let given = rows.clone().with("p", |_, i| estimated.distance()[i]);
        let given = estimate(&given.panel(), &spec(method)).unwrap();
        prop_assert_eq!(sets(&given), sets(&estimated));
        prop_assert_eq!(given.effects(), estimated.effects());
    }

    /// The number of threads moves no bit.
    #[test]
    fn threads_are_irrelevant(rows in rows(), which in 0..4_usize) {
        let method = match which {
            0 => near(2, Reuse::Replacement, Ties::Places, None),
            1 => near(2, Reuse::Replacement, Ties::Average, None),
            2 => Method::Kernel { kernel: Kernel::Gaussian, bandwidth: 0.06 },
            _ => Method::Radius { caliper: Caliper { width: 0.1, unit: Unit::PooledSd } },
        };
        let panel = rows.panel();
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| estimate(&panel, &spec(method)).map(|m| (m.effects().to_vec(), m.weights().to_vec())))
        };
        prop_assert_eq!(run(1), run(3));
    }
}
