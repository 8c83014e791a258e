//! Panel thresholds: against regressions one by one, and under changes that must not matter.

#![allow(
    clippy::float_cmp,
    reason = "a threshold is one of the values of its variable, to the bit"
)]

mod dense;

use causal::Error;
use causal::threshold::{
    Bootstrap, DrawTrim, Grid, Inequality, Null, Outcome, Resample, Residuals, Rows as Which,
    Scale, Search, Spec, Trim, TrimOf, estimate,
};
use estimate::{Constant, Convention, Design, Draws, Singletons, fixed_effects};
use panel::{Panel, Term};
use proptest::prelude::*;
use testkit::{Rows, assert_close, close, rows, unbalanced};

use dense::{Dense, dot, first_least, residual};

const TOLERANCE: f64 = 1e-9;

/// What a case draws: effects, the number of switching regressors, the side of equality, which rows.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "they are drawn independently")]
struct Choice {
    two_way: bool,
    both: bool,
    inequality: Inequality,
    drop_last: bool,
    ties: bool,
}

fn choices() -> impl Strategy<Value = Choice> {
    (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(two_way, both, below, drop_last, ties)| Choice {
            two_way,
            both,
            inequality: if below { Inequality::Below } else { Inequality::AtMost },
            drop_last: drop_last && !two_way,
            ties,
        },
    )
}

/// A threshold variable made of each row's own values, with or without ties.
fn with_q(rows: Rows, ties: bool) -> Rows {
    rows.with("q", |rows, row| {
        let q = (7.3 * rows.columns["x1"][row] + 3.1 * rows.columns["x2"][row]).sin();
        if ties { (4.0 * q).round() / 4.0 } else { q }
    })
}

fn spec(choice: Choice, thresholds: usize) -> Spec {
    let absorb = if choice.two_way { "id + year" } else { "id" };
    let switching = if choice.both { vec!["x1", "x2"] } else { vec!["x1"] };
    Spec {
        model: format!("y ~ x1 + x2 | {absorb}").parse().unwrap(),
        switching: switching.into_iter().map(|term| term.parse().unwrap()).collect(),
        variable: "q".parse().unwrap(),
        thresholds,
        inequality: choice.inequality,
        rows: if choice.drop_last { Which::DropLast } else { Which::All },
        grid: Grid::All,
        trim: Trim { shares: vec![0.1], of: TrimOf::Observations, min_rows: 2 },
        search: Search::Sequential { rounds: 1 },
        f_scale: Scale::Rows,
        lr_scale: Scale::Rows,
        level: 0.95,
        bootstrap: None,
        slopes: estimate::Spec {
            vcov: "iid".parse().unwrap(),
            convention: Convention { singletons: Singletons::Keep, ..Convention::FIXEST },
            constant: Constant::Omit,
        },
    }
}

/// An estimate, unless the data are too few for the model, or a regime all but collinear: that the
/// method refuses itself, as its search and a regression differ there in the eighth digit.
macro_rules! run {
    ($panel:expr, $spec:expr) => {
        match estimate($panel, $spec, &|_| ()) {
            Err(
                Error::NoRoom { .. }
                | Error::FewValues { .. }
                | Error::Unstable { .. }
                | Error::Estimate(
                    estimate::Error::NoDegreesOfFreedom { .. }
                    | estimate::Error::Collinear { .. }
                    | estimate::Error::PerfectFit { .. },
                ),
            ) => return Ok(()),
            other => other.unwrap(),
        }
    };
}

fn column(panel: &Panel, name: &str) -> Vec<f64> {
    panel.values(&name.parse::<Term>().unwrap()).unwrap().into_owned()
}

/// The sums of squares behind a threshold's likelihood ratios.
fn path(outcome: &Outcome, threshold: usize, least: f64) -> Vec<(f64, f64)> {
    let scale = outcome.lr_scale().1;
    let ratios = &outcome.thresholds()[threshold].confidence.ratios;
    ratios.iter().map(|(gamma, ratio)| (*gamma, least * (1.0 + ratio / scale))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every candidate's sum of squares is that of a regression with dummies; the candidates are
    /// those that leave enough rows and regressors that are not collinear; and the least is taken.
    #[test]
    fn every_candidate_is_a_regression(rows in rows(), choice in choices()) {
        let rows = with_q(rows, choice.ties);
        let panel = rows.panel();
        let outcome = run!(&panel, &spec(choice, 1));
        let dense = Dense::new(&panel, choice);
        let y = &dense.y;
        let s0 = dense.ssr(y, &[]).unwrap();
        assert_close(outcome.linear().sums().residual, s0, TOLERANCE);
        let least = outcome.tests()[0].ssr;
        let own = path(&outcome, 0, least);
        let regular = dense.admissible(&[]).into_iter();
        let theirs: Vec<(f64, f64)> =
            regular.filter_map(|gamma| Some((gamma, dense.ssr(y, &[gamma])?))).collect();
        prop_assert_eq!(own.len(), theirs.len());
        for ((gamma, ssr), (value, want)) in own.iter().zip(&theirs) {
            prop_assert_eq!(gamma, value);
            assert!(close(*ssr, *want, TOLERANCE, s0), "at {gamma}: {ssr} {want}");
        }
        let (gamma, ssr) = dense.search(y, &[]).unwrap();
        assert_close(least, ssr, TOLERANCE);
        prop_assert_eq!(outcome.thresholds()[0].estimate, gamma);
        assert_close(outcome.fit().sums().residual, ssr, TOLERANCE);
    }

    /// A second threshold given the first, the first again given the second, and both at once.
    #[test]
    fn two_thresholds(rows in rows(), choice in choices()) {
        let rows = with_q(rows, choice.ties);
        let panel = rows.panel();
        let sequential = run!(&panel, &spec(choice, 2));
        let dense = Dense::new(&panel, choice);
        let y = &dense.y;
        let (first, _) = dense.search(y, &[]).unwrap();
        let (second, ssr) = dense.search(y, &[first]).unwrap();
        let test = &sequential.tests()[1];
        let sorted = |a: f64, b: f64| vec![a.min(b), a.max(b)];
        prop_assert_eq!(&test.null, &vec![first]);
        prop_assert_eq!(&test.alternative, &sorted(first, second));
        assert_close(test.ssr, ssr, TOLERANCE);
        let (again, refined) = dense.search(y, &[second]).unwrap();
        prop_assert_eq!(&test.refined, &sorted(again, second));
        assert_close(test.ssr_refined, refined, TOLERANCE);
        let estimates: Vec<f64> = sequential.thresholds().iter().map(|t| t.estimate).collect();
        prop_assert_eq!(estimates, sorted(again, second));
        assert_close(sequential.fit().sums().residual, refined, TOLERANCE);

        let joint = run!(&panel, &Spec { search: Search::Joint, ..spec(choice, 2) });
        let mut best = f64::INFINITY;
        for a in dense.admissible(&[]) {
            // What joins the pair is admissible by itself, as the grid is.
            for b in dense.admissible(&[a]).into_iter().filter(|b| dense.admissible(&[]).contains(b)) {
                if let Some(ssr) = dense.ssr(y, &[a, b]).filter(|ssr| b > a && *ssr < best) {
                    best = ssr;
                }
            }
        }
        assert_close(joint.tests()[1].ssr, best, TOLERANCE);
        let estimates: Vec<f64> = joint.thresholds().iter().map(|t| t.estimate).collect();
        // Pairs that leave the same sum of squares tie, and rounding decides which is first.
        assert_close(dense.ssr(y, &estimates).unwrap(), best, TOLERANCE);
        prop_assert!(joint.tests()[1].ssr <= test.ssr_refined * (1.0 + TOLERANCE));
    }

    /// `F*` of every draw is that of searching the same sample by regressions.
    #[test]
    fn draws_are_searches(
        rows in rows(),
        choice in choices(),
        resample in 0..3_usize,
        alternative in any::<bool>(),
        hold in any::<bool>(),
        joint in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let rows = with_q(rows, choice.ties);
        let panel = rows.panel();
        let resample = [Resample::Entities, Resample::EntitySigns, Resample::Rows][resample];
        let mut spec = spec(choice, 2);
        spec.search = if joint { Search::Joint } else { Search::Sequential { rounds: 1 } };
        spec.bootstrap = Some(Bootstrap {
            resample,
            residuals: if alternative { Residuals::Alternative } else { Residuals::Null },
            null: if hold { Null::Hold } else { Null::Search },
            trim: DrawTrim::Own,
            replications: 3,
            seed,
        });
        let outcome = run!(&panel, &spec);
        let dense = Dense::new(&panel, choice);
        for (j, test) in outcome.tests().iter().enumerate() {
            let null = dense.residuals(&dense.y, &test.null).unwrap();
            let linear = dense.residuals(&dense.y, &[]).unwrap();
            let chosen = if alternative { &test.alternative } else { &test.null };
            let u = spread(&dense, &dense.residuals(&dense.y, chosen).unwrap());
            // What thresholds explain beyond the linear model; the rest drops out.
            let fitted: Vec<f64> = linear.iter().zip(&null).map(|(a, b)| a - b).collect();
            let fitted = spread(&dense, &fitted);
            for replication in 0..3_usize {
                let mut draws = Draws::new(seed, ((j as u64) << 32) + replication as u64);
                let drawn = sample(&panel, &u, resample, &mut draws);
                let own = test.simulated.as_ref().unwrap().statistics[replication];
                let y: Vec<f64> = drawn.iter().zip(&fitted).map(|(u, f)| u + f).collect();
                let whole = dot(&drawn, &drawn) + dot(&fitted, &fitted);
                let Some((want, left)) = refit(&dense, &y, whole, test, j, hold, joint) else {
                    continue;
                };
                // `y` is transformed already where its last rows are dropped.
                let own = own / outcome.f_scale().1;
                // Running sums are right to a share of the whole, of which so much is left.
                let tolerance = TOLERANCE / left;
                assert!(close(own, want, tolerance, 1.0), "draw {replication} of {j}: {own} {want}");
            }
        }
    }

    /// What an `F` is scaled by, counted from the rows; and p and critical values from the draws.
    #[test]
    fn scales(rows in rows(), choice in choices()) {
        let rows = with_q(rows, choice.ties);
        let panel = rows.panel();
        let distinct = |of: &[i32]| of.iter().collect::<std::collections::BTreeSet<_>>().len() as f64;
        let (n, units, periods) = (rows.n() as f64, distinct(&rows.id), distinct(&rows.year));
        // The first three entities connect the years.
        let effects = if choice.two_way { units + periods - 1.0 } else { units };
        let switching = if choice.both { 2.0 } else { 1.0 };
        for (scale, want) in [
            (Scale::Hansen, n - units),
            (Scale::Rows, n),
            (Scale::Xthreg, n - periods - if choice.two_way { periods - 1.0 } else { 0.0 }),
            (Scale::Residual, n - effects - 2.0 - 2.0 * switching),
        ] {
            let mut spec = Spec { f_scale: scale, lr_scale: scale, ..spec(choice, 2) };
            spec.bootstrap = Some(Bootstrap {
                resample: Resample::EntitySigns,
                residuals: Residuals::Null,
                null: Null::Search,
                trim: DrawTrim::Own,
                replications: 3,
                seed: 1,
            });
            let outcome = run!(&panel, &spec);
            prop_assert_eq!(outcome.f_scale(), (scale, want));
            prop_assert_eq!(outcome.lr_scale(), (scale, want));
            let added = if scale == Scale::Residual { switching } else { 0.0 };
            for (j, test) in outcome.tests().iter().enumerate() {
                let scale = want + added * (1.0 - j as f64);
                assert_close(test.f, (test.ssr_null - test.ssr) / (test.ssr / scale), 1e-7);
                let refined = (test.ssr_null - test.ssr_refined) / (test.ssr_refined / scale);
                assert_close(test.f_refined, refined, 1e-7);
                let simulated = test.simulated.as_ref().unwrap();
                let mut drawn = simulated.statistics.clone();
                drawn.sort_by(f64::total_cmp);
                let above = drawn.iter().filter(|drawn| **drawn > test.f).count();
                prop_assert_eq!(simulated.p_value, above as f64 / 3.0);
                // With three draws, quantile p lies 2 p steps above the least.
                let quantile = |p: f64| drawn[1] + (2.0 * p - 1.0) * (drawn[2] - drawn[1]);
                for (own, p) in simulated.critical.iter().zip([0.9, 0.95, 0.99]) {
                    assert!(close(*own, quantile(p), 1e-12, drawn[2]));
                }
            }
        }
    }

    /// An increasing map of `q` maps the threshold, and changes nothing else.
    #[test]
    fn increasing_maps(rows in rows(), choice in choices()) {
        let rows = with_q(rows, choice.ties);
        let map = |q: f64| (2.0 * q).exp() + q * q * q;
        let mapped = rows.clone().with("q", |rows, row| map(rows.columns["q"][row]));
        let a = run!(&rows.panel(), &spec(choice, 2));
        let b = run!(&mapped.panel(), &spec(choice, 2));
        for (a, b) in a.thresholds().iter().zip(b.thresholds()) {
            prop_assert_eq!(map(a.estimate), b.estimate);
            let ends = |runs: &[[f64; 2]]| runs.iter().flatten().copied().collect::<Vec<f64>>();
            let want: Vec<f64> =
                ends(&a.confidence.intervals).into_iter().map(map).collect();
            prop_assert_eq!(want, ends(&b.confidence.intervals));
        }
        prop_assert_eq!(a.fit().coef(), b.fit().coef());
    }

    /// The order of rows and the names of entities do not matter.
    #[test]
    fn order_and_names(rows in rows(), choice in choices(), seed in any::<u64>()) {
        let rows = with_q(rows, choice.ties);
        let order = testkit::Stream::new(seed).order(rows.n());
        let mut other = rows.select(&order);
        for id in &mut other.id {
            *id *= -7;
        }
        let a = run!(&rows.panel(), &spec(choice, 2));
        let b = run!(&other.panel(), &spec(choice, 2));
        for (a, b) in a.tests().iter().zip(b.tests()) {
            assert_close(a.ssr, b.ssr, TOLERANCE);
            prop_assert_eq!(&a.alternative, &b.alternative);
        }
        for (a, b) in a.fit().stderror().iter().zip(b.fit().stderror()) {
            assert_close(*a, b, TOLERANCE);
        }
    }

    /// A large jump is found where it is. An entity observed once is on no side of it.
    #[test]
    fn planted(rows in rows(), choice in choices(), at in any::<prop::sample::Index>()) {
        let often = |id: i32| rows.id.iter().filter(|own| **own == id).count() > 1;
        let kept: Vec<usize> = (0..rows.n()).filter(|&row| often(rows.id[row])).collect();
        let rows = with_q(rows.select(&kept), choice.ties);
        let panel = rows.panel();
        let dense = Dense::new(&panel, choice);
        let regular: Vec<f64> = dense
            .admissible(&[])
            .into_iter()
            .filter(|gamma| dense.ssr(&dense.y, &[*gamma]).is_some())
            .collect();
        prop_assume!(!regular.is_empty());
        let gamma = *at.get(&regular);
        let lower = |q: f64| match choice.inequality {
            Inequality::AtMost => q <= gamma,
            Inequality::Below => q < gamma,
        };
        let planted = rows.with("y", |rows, row| {
            let jump = 1e5 * rows.columns["x1"][row] * f64::from(lower(rows.columns["q"][row]));
            rows.columns["y"][row] + jump
        });
        let outcome = run!(&planted.panel(), &spec(choice, 1));
        let found = &outcome.thresholds()[0];
        prop_assert_eq!(found.estimate, gamma);
        prop_assert_eq!(found.confidence.hull(), [gamma, gamma]);
    }

    /// The likelihood ratio is zero at the estimate, and its set is all that is not rejected.
    #[test]
    fn confidence(rows in rows(), choice in choices(), level in 0.5..0.99_f64) {
        let rows = with_q(rows, choice.ties);
        let spec = Spec { level, ..spec(choice, 2) };
        let outcome = run!(&rows.panel(), &spec);
        for threshold in outcome.thresholds() {
            let set = &threshold.confidence;
            let at = set.ratios.iter().find(|(gamma, _)| *gamma == threshold.estimate).unwrap();
            prop_assert!(at.1 == 0.0);
            let covered = |gamma: f64| set.intervals.iter().any(|run| run[0] <= gamma && gamma <= run[1]);
            // P(LR ≤ c) = (1 − e^{−c/2})².
            assert_close((1.0 - (-set.critical / 2.0).exp()).powi(2), level, TOLERANCE);
            for (gamma, ratio) in &set.ratios {
                prop_assert_eq!(*ratio <= set.critical, covered(*gamma));
            }
        }
    }

    /// The table is that of the within estimator on columns that a user could have made.
    #[test]
    fn slopes_are_the_within_estimator(rows in rows(), two_way in any::<bool>(), how in 0..3_usize) {
        let choice = Choice {
            two_way,
            both: false,
            inequality: Inequality::AtMost,
            drop_last: false,
            ties: false,
        };
        let rows = with_q(rows, false);
        let mut spec = spec(choice, 1);
        spec.slopes.vcov = ["iid", "HC1", "cluster id"][how].parse().unwrap();
        spec.slopes.constant = Constant::Mean;
        let outcome = run!(&rows.panel(), &spec);
        let gamma = outcome.thresholds()[0].estimate;
        let inside = |rows: &Rows, row: usize| f64::from(rows.columns["q"][row] <= gamma);
        let made = rows
            .with("low", |rows, row| rows.columns["x1"][row] * inside(rows, row))
            .with("high", |rows, row| rows.columns["x1"][row] * (1.0 - inside(rows, row)));
        let absorb = spec.model.absorb.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ");
        let panel = made.panel();
        let model = format!("y ~ x2 + low + high | {absorb}").parse().unwrap();
        let design = Design::new(&panel, &model, Singletons::Keep).unwrap();
        let fit = fixed_effects(&design, &spec.slopes).unwrap();
        let own = outcome.fit();
        for (a, b) in own.coefficients().iter().zip(fit.coefficients()) {
            assert!(close(a.estimate, b.estimate, TOLERANCE, b.std_error));
            assert_close(a.std_error, b.std_error, TOLERANCE);
            assert!(close(a.p_value, b.p_value, 1e-7, 1e-9));
        }
        let names: Vec<String> = own.terms().iter().map(Term::to_string).collect();
        prop_assert_eq!(names, ["x2", "x1:regime::1", "x1:regime::2"]);
        let in_lower = column(&panel, "q").iter().filter(|q| **q <= gamma).count();
        prop_assert_eq!(outcome.regimes()[0].rows, in_lower);
        prop_assert_eq!(outcome.regimes()[1].rows, panel.n_rows() - in_lower);
    }
}

/// Numbers of the rows in use, with zero in the others.
fn spread(dense: &Dense, v: &[f64]) -> Vec<f64> {
    let mut left = v.iter();
    dense.kept.iter().map(|kept| if *kept { *left.next().unwrap() } else { 0.0 }).collect()
}

/// A draw as the documentation of [`Resample`] says.
fn sample(panel: &Panel, u: &[f64], resample: Resample, draws: &mut Draws) -> Vec<f64> {
    let codes = panel.index().entity.codes();
    let blocks: Vec<&[f64]> = {
        let mut at = 0;
        let runs = codes.chunk_by(|a, b| a == b);
        runs.map(|run| {
            at += run.len();
            &u[at - run.len()..at]
        })
        .collect()
    };
    match resample {
        Resample::Entities => {
            let draw = |block: &&[f64]| {
                let peers: Vec<&&[f64]> =
                    blocks.iter().filter(|peer| peer.len() == block.len()).collect();
                peers[draws.below(peers.len())].to_vec()
            };
            blocks.iter().flat_map(draw).collect()
        }
        Resample::EntitySigns => {
            let draw = |block: &&[f64]| {
                let sign = if draws.below(2) == 0 { 1.0 } else { -1.0 };
                block.iter().map(|u| sign * u).collect::<Vec<f64>>()
            };
            blocks.iter().flat_map(draw).collect()
        }
        Resample::Rows => {
            // Pairs of normal numbers by the polar method.
            let mut kept: Option<f64> = None;
            let draw = |u: &f64| {
                let z = kept.take().unwrap_or_else(|| {
                    loop {
                        let (a, b) = (2.0 * draws.unit() - 1.0, 2.0 * draws.unit() - 1.0);
                        let s = a * a + b * b;
                        if s > 0.0 && s < 1.0 {
                            let scale = (-2.0 * s.ln() / s).sqrt();
                            kept = Some(b * scale);
                            return a * scale;
                        }
                    }
                });
                u * z
            };
            u.iter().map(draw).collect()
        }
    }
}

/// `S₀/S₁ − 1` of a sample, by regressions at every candidate, and `S₁` as a share of `whole`.
fn refit(
    dense: &Dense,
    y: &[f64],
    whole: f64,
    test: &causal::threshold::Test,
    j: usize,
    hold: bool,
    joint: bool,
) -> Option<(f64, f64)> {
    // A sample without its last rows is transformed already: nothing is demeaned again.
    let dropped = dense.kept.contains(&false);
    let none = Vec::new();
    let plain = Dense {
        effects: if dropped { none } else { dense.effects.clone() },
        kept: dense.kept.clone(),
        q: dense.q.clone(),
        common: dense.common.clone(),
        switching: dense.switching.clone(),
        y: Vec::new(),
        inequality: dense.inequality,
    };
    let target = plain.transformed(y);
    let ssr = |thresholds: &[f64]| {
        let (basis, k) = dense.regressors(thresholds);
        let u = residual(&basis, &target);
        (basis.len() == k).then(|| dot(&u, &u))
    };
    let search = |given: &[f64]| {
        let first = dense.admissible(&[]);
        let all = dense.admissible(given).into_iter().filter(|gamma| first.contains(gamma));
        let all = all.filter_map(|gamma| {
            let mut thresholds = given.to_vec();
            thresholds.push(gamma);
            Some((gamma, ssr(&thresholds)?))
        });
        first_least(all.collect())
    };
    let mut given = if hold { test.null.clone() } else { Vec::new() };
    let mut null = ssr(&given)?;
    while given.len() < j {
        let (gamma, least) = search(&given)?;
        given.push(gamma);
        null = least;
    }
    // All entities drew the same residuals, and the effects of periods explain them.
    if null <= 1e-12 * whole {
        return Some((0.0, 1.0));
    }
    let alternative = if joint && j == 1 {
        let first = dense.admissible(&[]);
        let mut least = f64::INFINITY;
        for &a in &first {
            for b in dense.admissible(&[a]).into_iter().filter(|b| first.contains(b)) {
                least = least.min(ssr(&[a, b]).unwrap_or(f64::INFINITY));
            }
        }
        least
    } else {
        search(&given)?.1
    };
    Some((null / alternative - 1.0, (alternative / whole).min(1.0)))
}

/// Under `tested`, draws search for the thresholds of the null model as if they were trimmed like
/// the one that is tested.
#[test]
fn trimming_in_draws() {
    let choice = Choice {
        two_way: false,
        both: false,
        inequality: Inequality::AtMost,
        drop_last: false,
        ties: false,
    };
    let third = |panel: &Panel, shares: [f64; 3], trim: DrawTrim| {
        let mut spec = spec(choice, 3);
        spec.trim.shares = shares.to_vec();
        spec.bootstrap = Some(Bootstrap {
            resample: Resample::Entities,
            residuals: Residuals::Null,
            null: Null::Search,
            trim,
            replications: 20,
            seed: 5,
        });
        let outcome = estimate(panel, &spec, &|_| ()).unwrap();
        outcome.tests()[2].clone()
    };
    let mut differ = 0;
    for seed in 0..20 {
        let panel = with_q(unbalanced(20, 8, 0.2, 0, seed), false).panel();
        let tested = third(&panel, [0.05, 0.05, 0.15], DrawTrim::Tested);
        let same = third(&panel, [0.05, 0.15, 0.15], DrawTrim::Own);
        if tested.null == same.null {
            assert_eq!(tested.simulated, same.simulated);
            let own = third(&panel, [0.05, 0.05, 0.15], DrawTrim::Own);
            differ += usize::from(tested.simulated != own.simulated);
        }
    }
    assert!(differ > 0);
}

/// Any number of threads gives the same bits.
#[test]
fn threads() {
    let rows = with_q(unbalanced(24, 7, 0.3, 2, 11), false);
    let panel = rows.panel();
    let choice = Choice {
        two_way: true,
        both: true,
        inequality: Inequality::AtMost,
        drop_last: false,
        ties: false,
    };
    for search in [Search::Sequential { rounds: 1 }, Search::Joint] {
        let mut spec = Spec { search, ..spec(choice, 2) };
        spec.bootstrap = Some(Bootstrap {
            resample: Resample::Entities,
            residuals: Residuals::Null,
            null: Null::Search,
            trim: DrawTrim::Own,
            replications: 40,
            seed: 3,
        });
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let done = std::sync::atomic::AtomicUsize::new(0);
            let tick = |n: usize| {
                done.fetch_add(n, std::sync::atomic::Ordering::Relaxed);
            };
            let outcome = pool.install(|| estimate(&panel, &spec, &tick)).unwrap();
            assert_eq!(done.into_inner(), 80);
            outcome
        };
        let one = with(1);
        for threads in [2, 5] {
            let other = with(threads);
            assert_eq!(one.tests(), other.tests());
            assert_eq!(one.thresholds(), other.thresholds());
            assert_eq!(one.fit().coef(), other.fit().coef());
        }
    }
}

/// A draw that the null model explains wholly has no gain from a threshold: two-way effects absorb
/// the residuals of a balanced panel in which all entities drew the same ones.
#[test]
fn draws_that_are_explained_wholly() {
    let choice = Choice {
        two_way: true,
        both: false,
        inequality: Inequality::AtMost,
        drop_last: false,
        ties: false,
    };
    let panel = with_q(unbalanced(3, 8, 0.0, 0, 5), false).panel();
    for (search, null) in [
        (Search::Sequential { rounds: 1 }, Null::Search),
        (Search::Sequential { rounds: 1 }, Null::Hold),
        (Search::Joint, Null::Search),
    ] {
        let mut spec = Spec { search, ..spec(choice, 2) };
        spec.bootstrap = Some(Bootstrap {
            resample: Resample::Entities,
            residuals: Residuals::Null,
            null,
            trim: DrawTrim::Own,
            replications: 200,
            seed: 2,
        });
        let outcome = estimate(&panel, &spec, &|_| ()).unwrap();
        for test in outcome.tests() {
            let statistics = &test.simulated.as_ref().unwrap().statistics;
            // A ninth of the draws, in the mean; all others have some gain.
            let none = statistics.iter().filter(|f| **f == 0.0).count();
            assert!((10..40).contains(&none), "{none}");
            assert!(statistics.iter().all(|f| *f == 0.0 || *f > 1e-9));
        }
    }
}
