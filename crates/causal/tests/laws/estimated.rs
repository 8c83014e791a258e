//! Errors that allow for an estimated score: by brute force, with the groups exchanged, and by
//! drawing samples.

use std::collections::BTreeMap;

use causal::Error;
use causal::matching::{
    Errors, Estimand, Matching, Method, Reuse, Scale, Score, Spec, Support, Target, Ties, estimate,
};
use estimate::Link;
use proptest::prelude::*;
use testkit::{Rows, Stream, assert_close};

/// Rows with a treatment `d`, `not = 1 − d`, covariates `x1` (`coarse`: with many ties) and `x2`,
/// an outcome `y`.
fn generated(n: usize, coarse: bool, seed: u64) -> Rows {
    let mut stream = Stream::new(seed);
    let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for i in 0..n {
        let mut add = |name: &str, value: f64| columns.entry(name.into()).or_default().push(value);
        let x1 = if coarse { stream.below(4) as f64 } else { stream.normal() };
        let x2 = stream.below(3) as f64;
        let treated = stream.normal() + 0.4 * x1 - 0.3 * x2 > 0.3;
        let d = if i < 4 { (i % 2) as f64 } else { f64::from(u8::from(treated)) };
        add("x1", x1);
        add("x2", x2);
        add("d", d);
        add("not", 1.0 - d);
        add("y", stream.normal() + x1 + d * (1.0 - x2));
    }
    Rows { id: (0..i32::try_from(n).unwrap()).collect(), year: vec![2000; n], columns }
}

fn spec(model: &str, link: Link, k: usize, estimand: Estimand, errors: Errors) -> Spec {
    Spec {
        model: model.parse().unwrap(),
        outcomes: vec!["y".parse().unwrap()],
        score: match link {
            Link::Logit => Score::Logit(Scale::Probability),
            Link::Probit => Score::Probit(Scale::Probability),
        },
        method: Method::Nearest {
            k,
            reuse: Reuse::Replacement,
            ties: Ties::Average,
            caliper: None,
        },
        within: vec![],
        support: Support::None,
        estimand,
        errors,
    }
}

fn of(matching: &Matching, estimand: Estimand) -> (f64, f64) {
    let effects = matching.effects();
    let effect = effects.iter().find(|effect| effect.estimand == Some(estimand)).unwrap();
    (effect.estimate, effect.std_error.unwrap())
}

/// A matching, unless the score has no maximum, a group is too small or the variance is none.
macro_rules! match_or_skip {
    ($panel:expr, $spec:expr) => {
        match estimate($panel, $spec) {
            Err(
                Error::Estimate(_)
                | Error::TooFewToMatch { .. }
                | Error::OffSupport { .. }
                | Error::Alone { .. }
                | Error::NoVariance { .. },
            ) => return Ok(()),
            other => other.unwrap(),
        }
    };
}

struct Slow<'a> {
    rows: &'a Rows,
    p: &'a [f64],
    /// Rows on support: nobody else is there.
    on: Vec<usize>,
}

impl Slow<'_> {
    fn column(&self, name: &str) -> &[f64] {
        &self.rows.columns[name]
    }

    fn group(&self, treated: bool) -> Vec<usize> {
        self.on.iter().copied().filter(|&i| (self.column("d")[i] > 0.5) == treated).collect()
    }

    /// The `k` of `pool` with the least `away`, and all tied with the last.
    fn nearest(pool: &[usize], k: usize, away: impl Fn(usize) -> f64) -> Vec<usize> {
        let mut all: Vec<f64> = pool.iter().map(|&j| away(j)).collect();
        all.sort_by(f64::total_cmp);
        let last = all[k.min(all.len()) - 1];
        pool.iter().copied().filter(|&j| away(j) <= last).collect()
    }

    fn by_score(&self, i: usize, pool: &[usize], k: usize) -> Vec<usize> {
        Self::nearest(pool, k, |j| (self.p[i] - self.p[j]).abs())
    }

    fn mean(&self, of: &[usize]) -> f64 {
        of.iter().map(|&j| self.column("y")[j]).sum::<f64>() / of.len() as f64
    }

    fn covariance(&self, of: &[usize], x: &dyn Fn(usize) -> f64) -> f64 {
        let mx = of.iter().map(|&j| x(j)).sum::<f64>() / of.len() as f64;
        let my = self.mean(of);
        let about = of.iter().map(|&j| (x(j) - mx) * (self.column("y")[j] - my));
        about.sum::<f64>() / (of.len() - 1) as f64
    }

    /// The squared standard error of the ATT, or of the ATE.
    fn variance(&self, fast: &Matching, estimand: Estimand, k: usize, h: usize) -> f64 {
        let fit = fast.score_model().unwrap();
        let (n, y) = (self.p.len(), self.column("y"));
        let groups = [self.group(false), self.group(true)];
        let d = |i: usize| usize::from(self.column("d")[i] > 0.5);
        let without =
            |i: usize, pool: &[usize]| pool.iter().copied().filter(|&j| j != i).collect::<Vec<_>>();
        let (tau, _) = of(fast, estimand);
        let ate = estimand == Estimand::Everyone;
        let averaged = |i: usize| ate || d(i) == 1;
        let on = || self.on.iter().copied();
        let size = on().filter(|&i| averaged(i)).count() as f64;
        let (mut times, mut squares) = (vec![0.0; n], vec![0.0; n]);
        let mut sum = 0.0;
        for i in on().filter(|&i| averaged(i)) {
            let found = self.by_score(i, &groups[1 - d(i)], k);
            for &j in &found {
                times[j] += 1.0 / found.len() as f64;
                squares[j] += (found.len() as f64).powi(-2);
            }
            let sign = if d(i) == 1 { 1.0 } else { -1.0 };
            sum += (sign * (y[i] - self.mean(&found)) - tau).powi(2);
        }
        for i in on() {
            let own = self.by_score(i, &groups[d(i)], h);
            let twice = if averaged(i) { 2.0 } else { 0.0 };
            let factor = times[i] * (times[i] + twice) - squares[i];
            if factor > 0.0 {
                sum += factor * self.covariance(&own, &|j| y[j]);
            }
        }
        let link = fit.link();
        let (x1, x2) = (|j: usize| self.column("x1")[j], |j: usize| self.column("x2")[j]);
        let columns: [&dyn Fn(usize) -> f64; 3] = [&x1, &x2, &|_| 1.0];
        let euclid = |i: usize, j: usize| {
            (0..2).map(|c| (columns[c](i) - columns[c](j)).powi(2)).sum::<f64>()
        };
        let moments = |x: &dyn Fn(usize) -> f64| {
            let (mut c, mut b) = (0.0, 0.0);
            for i in on() {
                let eta = fit.linear_index()[i];
                // `1 − p` is none where `p` rounds to 1.
                let (p, q) = (self.p[i], link.probability(-eta));
                let (own, other) = (d(i), 1 - d(i));
                let mut in_group = [0.0; 2];
                in_group[own] = self.covariance(&self.by_score(i, &groups[own], h), x);
                in_group[other] = self.covariance(&self.by_score(i, &groups[other], h), x);
                let f = link.density(eta);
                if ate {
                    c += f * (in_group[1] / p + in_group[0] / q);
                    continue;
                }
                let alone = self.by_score(i, &without(i, &groups[own]), h);
                let mut means = [0.0; 2];
                means[own] = self.mean(&alone);
                means[other] = self.mean(&self.by_score(i, &groups[other], h));
                let near = Self::nearest(&groups[other], k, |j| euclid(i, j));
                let sign = if own == 1 { 1.0 } else { -1.0 };
                c += f * (in_group[1] + p / q * in_group[0]);
                c += f * x(i) * (means[1] - means[0] - tau);
                b += f * x(i) * (sign * (y[i] - self.mean(&near)) - tau);
            }
            (c / size, b / size)
        };
        let both: Vec<(f64, f64)> = columns.iter().map(|x| moments(x)).collect();
        let form = |v: &dyn Fn(usize) -> f64| -> f64 {
            (0..3).map(|a| (0..3).map(|b| v(a) * fit.vcov()[[a, b]] * v(b)).sum::<f64>()).sum()
        };
        sum / (size * size) - form(&|a| both[a].0) + form(&|a| both[a].1)
    }
}

proptest! {
    /// Sorting, running sums and a walk along one covariate give what all pairs give.
    #[test]
    fn all_pairs(
        n in 12..60_usize,
        coarse in any::<bool>(),
        probit in any::<bool>(),
        both in any::<bool>(),
        k in 1..4_usize,
        h in 2..5_usize,
        seed in any::<u64>(),
    ) {
        let rows = generated(n, coarse, seed);
        let link = if probit { Link::Probit } else { Link::Logit };
        let errors = Errors::Teffects { neighbours: h };
        let panel = rows.panel();
        let support = if both { Support::Both } else { Support::None };
        let spec = spec("d ~ x1 + x2", link, k, Estimand::Everyone, errors);
        let fast = match_or_skip!(&panel, &Spec { support, ..spec });
        let on = (0..n).filter(|&i| fast.support()[i]).collect();
        let slow = Slow { rows: &rows, p: fast.score(), on };
        for estimand in [Estimand::Everyone, Estimand::Treated] {
            let (_, error) = of(&fast, estimand);
            let want = slow.variance(&fast, estimand, k, h);
            prop_assert!(
                (error * error - want).abs() <= 1e-9 * want.abs().max(error * error),
                "{estimand}: {error}² is not {want}"
            );
        }
    }

    /// Whoever is called treated: the effect changes its sign, and ATT and ATU their places.
    ///
    /// Where scores keep 1e-5 from 0 and 1, what `teffects` asks for: beyond, probabilities near 1
    /// round to the same number while those near 0 do not, and neighbours are others.
    #[test]
    fn groups_exchanged(n in 12..60_usize, k in 1..4_usize, h in 2..5_usize, seed in any::<u64>()) {
        let rows = generated(n, false, seed);
        let errors = Errors::Teffects { neighbours: h };
        let panel = rows.panel();
        let spec = |model| spec(model, Link::Probit, k, Estimand::Everyone, errors);
        let one = match_or_skip!(&panel, &spec("d ~ x1 + x2"));
        let other = match_or_skip!(&panel, &spec("not ~ x1 + x2"));
        prop_assume!(one.score().iter().all(|&p| p.min(1.0 - p) >= 1e-5));
        for (a, b) in [
            (Estimand::Treated, Estimand::Untreated),
            (Estimand::Untreated, Estimand::Treated),
            (Estimand::Everyone, Estimand::Everyone),
        ] {
            let ((tau, error), (mirrored, same)) = (of(&one, a), of(&other, b));
            assert_close(mirrored, -tau, 1e-9);
            assert_close(same, error, 1e-7);
        }
    }

    /// An effect asked for alone has the error that it has among all three.
    #[test]
    fn one_or_three(n in 12..60_usize, h in 2..5_usize, seed in any::<u64>()) {
        let panel = generated(n, true, seed).panel();
        let errors = Errors::Teffects { neighbours: h };
        let run = |estimand| spec("d ~ x1 + x2", Link::Logit, 1, estimand, errors);
        let all = match_or_skip!(&panel, &run(Estimand::Everyone));
        for estimand in [Estimand::Treated, Estimand::Untreated] {
            let alone = estimate(&panel, &run(estimand)).unwrap();
            prop_assert_eq!(of(&alone, estimand), of(&all, estimand));
        }
    }
}

/// Abadie and Imbens (2016), section 5: covariates uniform, effects that vary with them. Over
/// samples the ATE varies as these errors say, and far less than those that take the score as given.
#[test]
fn over_samples() {
    const SAMPLES: u64 = 300;
    let n = 500;
    let (mut estimates, mut allowed, mut given) = (Vec::new(), 0.0, 0.0);
    for seed in 0..SAMPLES {
        let mut stream = Stream::new(seed);
        let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for _ in 0..n {
            let (x1, x2) = (stream.uniform() - 0.5, stream.uniform() - 0.5);
            let d = stream.uniform() < 1.0 / (1.0 + (-(x1 + 2.0 * x2)).exp());
            let zero = 3.0 * x1 - 3.0 * x2 + stream.normal();
            let one = 5.0 + 5.0 * x1 + x2 + stream.normal();
            let mut add = |name: &str, v: f64| columns.entry(name.into()).or_default().push(v);
            add("x1", x1);
            add("x2", x2);
            add("d", f64::from(u8::from(d)));
            add("y", if d { one } else { zero });
        }
        let id = (0..i32::try_from(n).unwrap()).collect();
        let panel = Rows { id, year: vec![2000; n], columns }.panel();
        let run = |errors| {
            let spec = spec("d ~ x1 + x2", Link::Logit, 1, Estimand::Everyone, errors);
            of(&estimate(&panel, &spec).unwrap(), Estimand::Everyone)
        };
        let (estimate, error) = run(Errors::Teffects { neighbours: 2 });
        estimates.push(estimate);
        allowed += error / SAMPLES as f64;
        let target = Target::Population;
        given += run(Errors::AbadieImbens { neighbours: 1, target }).1 / SAMPLES as f64;
    }
    let mean = estimates.iter().sum::<f64>() / SAMPLES as f64;
    let about: f64 = estimates.iter().map(|e| (e - mean).powi(2)).sum();
    let sd = (about / (SAMPLES - 1) as f64).sqrt();
    // The deviation of 300 draws is itself known to 4 %.
    assert!((allowed / sd - 1.0).abs() < 0.1, "sd {sd}, errors {allowed}");
    assert!(given / sd > 1.2, "sd {sd}, errors {given}");
    assert!((mean - 5.0).abs() < 4.0 * sd / (SAMPLES as f64).sqrt() + 0.02, "{mean}");
}
