//! The wild cluster bootstrap is estimation on `y*`, draw by draw.

use estimate::{Tail, Ties, Wild, WildSpec, WildWeights, wild_bootstrap};

use super::*;

fn spec(by: &str) -> WildSpec {
    WildSpec {
        term: "x1".parse().unwrap(),
        null: 0.0,
        impose: true,
        weights: WildWeights::Rademacher,
        by: by.into(),
        draw_by: None,
        convention: KEEP,
        tail: Tail::Symmetric,
        ties: Ties::Strict,
        level: 0.1,
        interval: false,
        replications: 40,
        seed: 7,
    }
}

fn run(panel: &Panel, formula: &str, spec: &WildSpec) -> Result<Wild, Error> {
    let design = Design::new(panel, &formula.parse().unwrap(), Singletons::Keep)?;
    wild_bootstrap(&design, spec, &|_| ())
}

/// An outcome, unless the data are too few for the model.
macro_rules! run_or_skip {
    ($($argument:expr),*) => {
        match run($($argument),*) {
            Err(
                Error::NoDegreesOfFreedom { .. }
                | Error::Degenerate { .. }
                | Error::PerfectFit { .. }
                | Error::NoDraw { .. }
                | Error::Absorbed { .. }
                | Error::TooFewClusters { .. },
            ) => return Ok(()),
            other => other.unwrap(),
        }
    };
}

/// Models, clusters, and groups that share a weight within them. Between them: effects that are
/// nested in the clusters, that are not, and both; more levels than clusters and fewer.
const CASES: [(&str, &str, Option<&str>); 13] = [
    ("y ~ x1 + x2", "id", None),
    ("y ~ 0 + x1 + x2", "id", None),
    ("y ~ x1 + x2 | id", "id", None),
    ("y ~ x1 | id + year", "id", None),
    ("y ~ x1 + x2 | id + year", "id", None),
    ("y ~ x1 + x2 | id + year", "zone", None),
    ("y ~ x1 | id", "year", None),
    ("y ~ x1 | id + year", "year", None),
    ("y ~ x1 | g", "id", None),
    ("y ~ x1 + x2 | id + zone + year", "id", None),
    ("y ~ x1 + x2 | id + g", "zone", Some("id")),
    ("y ~ x1 + x2 | id", "zone", Some("row")),
    ("y ~ x1 | year + g", "id", Some("row")),
];

/// `t*` of the draws, each by least squares with dummies on its own `y*`.
fn by_hand(panel: &Panel, formula: &str, spec: &WildSpec, wild: &Wild) -> Vec<f64> {
    let (terms, absorbed) = formula.split_once('|').unwrap_or((formula, ""));
    let factors = absorbed.split('+').map(str::trim).filter(|name| !name.is_empty());
    let mut effects: Vec<Vec<f64>> =
        factors.flat_map(|name| dummies(&panel.factor(name).unwrap())).collect();
    if effects.is_empty() && !terms.contains('0') {
        effects.push(vec![1.0; panel.n_rows()]);
    }
    let effects = Basis::new(effects);
    let (y, x1, x2) = (column(panel, "y"), column(panel, "x1"), column(panel, "x2"));
    let x: Vec<&[f64]> = if terms.contains("x2") { vec![&x1, &x2] } else { vec![&x1] };

    let residuals = if spec.impose {
        let moved: Vec<f64> = y.iter().zip(&*x1).map(|(y, x)| y - spec.null * x).collect();
        Dense::new(&moved, &x[1..], &effects).residuals
    } else {
        Dense::new(&y, &x, &effects).residuals
    };
    let center = if spec.impose { spec.null } else { wild.estimate() };
    let by = panel.factor(&spec.by).unwrap();
    let draw_by = panel.factor(spec.draw_by.as_ref().unwrap_or(&spec.by)).unwrap();
    let factor = {
        let design = Design::new(panel, &formula.parse().unwrap(), Singletons::Keep).unwrap();
        let vcov = format!("cluster {}", spec.by).parse().unwrap();
        let spec = Spec { vcov, convention: spec.convention.clone(), constant: Constant::Omit };
        let fit = if absorbed.is_empty() {
            pooled(&design, &spec)
        } else {
            fixed_effects(&design, &spec)
        };
        fit.unwrap().correction().factor
    };
    let draw = |draw: usize| {
        let n = draw_by.n_levels();
        let v: Vec<f64> = if wild.enumerated() {
            (0..n).map(|g| if draw >> g & 1 == 1 { -1.0 } else { 1.0 }).collect()
        } else {
            spec.weights.draw(spec.seed, draw, n)
        };
        let rows = y.iter().zip(&residuals).zip(draw_by.codes());
        let star: Vec<f64> = rows.map(|((y, u), &g)| y + (v[g as usize] - 1.0) * u).collect();
        let refit = Dense::new(&star, &x, &effects);
        (refit.beta[0] - center) / (refit.clustered(&by)[0] * factor.sqrt())
    };
    (0..wild.statistics().len()).map(draw).collect()
}

fn with_rows(rows: &Rows) -> Panel {
    rows.clone().with("row", |_, row| row as f64).panel()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_draw_is_a_refit(
        rows in rows(),
        case in 0..CASES.len(),
        weights in 0..4_usize,
        impose: bool,
        interval: bool,
        null in -1.0..1.0_f64,
        // With few draws, levels and clusters count as many, and every draw is projected.
        replications in prop_oneof![Just(2_usize), Just(40)],
    ) {
        let (formula, by, draw_by) = CASES[case];
        let panel = with_rows(&rows);
        let spec = WildSpec {
            draw_by: draw_by.map(str::to_owned),
            weights: WildWeights::ALL[weights],
            impose,
            interval,
            null,
            replications,
            ..spec(by)
        };
        let wild = run_or_skip!(&panel, formula, &spec);
        prop_assume!(wild.notes().iter().all(|note| !matches!(note, Note::UndefinedDraws { .. })));
        let all = 2_f64.powi(i32::try_from(wild.n_draw_clusters()).unwrap());
        prop_assert_eq!(wild.enumerated(), weights == 0 && all <= replications as f64);
        let scale = wild.statistics().iter().map(|t| t.abs()).fold(1.0, f64::max);
        for (ours, want) in wild.statistics().iter().zip(by_hand(&panel, formula, &spec, &wild)) {
            prop_assert!(close(*ours, want, 1e-9, scale), "{formula} by {by}: {ours} {want}");
        }
    }

    /// All signs: the first draw is the data, the last their mirror image, and none counts.
    #[test]
    fn the_data_are_a_draw(rows in rows(), case in 0..CASES.len(), weak: bool) {
        let (formula, by, _) = CASES[case];
        let panel = with_rows(&rows);
        let ties = if weak { Ties::Weak } else { Ties::Strict };
        let spec = WildSpec { replications: 1 << 12, ties, ..spec(by) };
        let wild = run_or_skip!(&panel, formula, &spec);
        prop_assume!(wild.notes().len() == 1);
        prop_assert!(wild.enumerated());
        let t = wild.statistic();
        let (all, n) = (wild.statistics(), wild.statistics().len());
        prop_assert_eq!(n, 1 << wild.n_draw_clusters());
        assert_close(all[0], t, 1e-9);
        for (draw, mirror) in all.iter().zip(all.iter().rev()) {
            assert_close(*draw, -mirror, 1e-9);
        }
        let tied = all.iter().filter(|drawn| (drawn.abs() - t.abs()).abs() < 1e-9 * t.abs()).count();
        let beyond = all.iter().filter(|drawn| drawn.abs() > t.abs() * (1.0 + 1e-9)).count();
        let count = beyond + if weak { tied } else { 0 };
        assert_close(wild.p_value(), count as f64 / n as f64, 1e-14);
    }

    /// Shares of draws, and where the test begins to reject.
    #[test]
    fn tails_and_critical_values(
        rows in rows(),
        case in 0..CASES.len(),
        impose: bool,
        level in prop_oneof![Just(0.05), Just(0.1), Just(0.07), 0.01..0.9_f64],
        replications in 1..120_usize,
    ) {
        let (formula, by, _) = CASES[case];
        let panel = with_rows(&rows);
        let of = |tail| WildSpec {
            tail, impose, level, replications, weights: WildWeights::Webb, null: 0.3, ..spec(by)
        };
        let symmetric = run_or_skip!(&panel, formula, &of(Tail::Symmetric));
        let run = |tail| run(&panel, formula, &of(tail)).unwrap();
        let (equal, lower, upper) = (run(Tail::EqualTailed), run(Tail::Lower), run(Tail::Upper));
        prop_assert_eq!(symmetric.statistics(), equal.statistics());
        let (t, all) = (symmetric.statistic(), symmetric.statistics());
        let share = |count: usize| count as f64 / all.len() as f64;
        // Equal weights of all clusters give back the data.
        prop_assume!(all.iter().all(|drawn| (drawn.abs() - t.abs()).abs() > 1e-9 * t.abs()));
        let below = share(all.iter().filter(|drawn| **drawn < t).count());
        let above = share(all.iter().filter(|drawn| **drawn > t).count());
        let beyond = share(all.iter().filter(|drawn| drawn.abs() > t.abs()).count());
        assert_close(lower.p_value(), below, 1e-14);
        assert_close(upper.p_value(), above, 1e-14);
        assert_close(symmetric.p_value(), beyond, 1e-14);
        assert_close(equal.p_value(), (2.0 * below.min(above)).min(1.0), 1e-14);
        for wild in [symmetric, equal, lower, upper] {
            let (low, high) = wild.critical_values();
            let rejects = low.is_some_and(|low| t <= low) || high.is_some_and(|high| t >= high);
            prop_assert_eq!(rejects, wild.p_value() < level, "{:?} {} {:?}", wild.spec().tail, t, (low, high));
        }
    }

    /// The interval ends where the test, run anew, begins to reject.
    #[test]
    fn intervals_invert_the_test(
        rows in rows(),
        case in 0..CASES.len(),
        impose: bool,
        tail in 0..4_usize,
        null in -1.0..1.0_f64,
    ) {
        let (formula, by, _) = CASES[case];
        let panel = with_rows(&rows);
        let tail = [Tail::Symmetric, Tail::EqualTailed, Tail::Lower, Tail::Upper][tail];
        let asked = WildSpec {
            impose, null, tail, interval: true, weights: WildWeights::Webb, replications: 199,
            ..spec(by)
        };
        let wild = run_or_skip!(&panel, formula, &asked);
        prop_assume!(wild.notes().is_empty());
        let (low, high) = wild.interval().unwrap();
        prop_assert!(low.is_none() || tail != Tail::Lower);
        prop_assert!(high.is_none() || tail != Tail::Upper);
        let p_at = |null: f64| {
            run(&panel, formula, &WildSpec { null, ..asked.clone() }).unwrap().p_value()
        };
        for (end, outward) in [(low, -1.0), (high, 1.0)] {
            let Some(end) = end else { continue };
            let step = outward * 1e-7 * wild.std_error();
            prop_assert!(p_at(end - step) >= asked.level, "{} inside {end}", p_at(end - step));
            prop_assert!(p_at(end + step) < asked.level, "{} outside {end}", p_at(end + step));
        }
        // The interval does not depend on the null that was asked about.
        let other = run(&panel, formula, &WildSpec { null: 0.1, ..asked.clone() }).unwrap();
        let (again_low, again_high) = other.interval().unwrap();
        for (end, again) in [(low, again_low), (high, again_high)] {
            prop_assert_eq!(end.is_some(), again.is_some());
            if let (Some(end), Some(again)) = (end, again) {
                prop_assert!(close(end, again, 1e-7, wild.std_error()), "{end} {again}");
            }
        }
    }

    /// What names and units do to a test: nothing.
    #[test]
    fn the_convention_cancels(rows in rows(), case in 0..CASES.len(), scale in 0.01..100.0_f64) {
        let (formula, by, draw_by) = CASES[case];
        let panel = with_rows(&rows);
        let asked = WildSpec {
            draw_by: draw_by.map(str::to_owned), interval: true, null: 0.2, ..spec(by)
        };
        let one = run_or_skip!(&panel, formula, &asked);
        for convention in Convention::ALL {
            // With indicators, those of zones are absorbed by the entities.
            let other = match run(&panel, formula, &WildSpec { convention, ..asked.clone() }) {
                Err(Error::Absorbed { .. }) if formula.contains("zone") => continue,
                other => other.unwrap(),
            };
            assert_close(one.p_value(), other.p_value(), 1e-14);
            let ratio = one.std_error() / other.std_error();
            for (a, b) in one.statistics().iter().zip(other.statistics()) {
                assert_close(a * ratio, *b, 1e-10);
            }
        }
        let larger = with_rows(&rows.clone().with("y", |rows, row| scale * rows.columns["y"][row]));
        let other = run(&larger, formula, &WildSpec { null: 0.2 * scale, ..asked }).unwrap();
        assert_close(one.p_value(), other.p_value(), 1e-12);
        assert_close(one.std_error() * scale, other.std_error(), 1e-9);
    }
}

/// The same bits with one thread and with many; the progress adds up.
#[test]
fn threads_change_nothing() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let panel = unbalanced(25, 7, 0.2, 1, 3).panel();
    let formula = "y ~ x1 + x2 | id + year";
    let asked = WildSpec { replications: 1000, interval: true, ..spec("id") };
    let design = Design::new(&panel, &formula.parse().unwrap(), Singletons::Keep).unwrap();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let done = AtomicUsize::new(0);
        let tick = |n: usize| {
            done.fetch_add(n, Ordering::Relaxed);
        };
        let wild = pool.install(|| wild_bootstrap(&design, &asked, &tick)).unwrap();
        assert_eq!(done.into_inner(), 1000);
        wild
    };
    assert_eq!(with(1), with(5));
}

/// The moments of the weights, by their definition.
#[test]
fn weights_have_their_moments() {
    for (weights, third, fourth) in [
        (WildWeights::Rademacher, 0.0, 1.0),
        (WildWeights::Webb, 0.0, 7.0 / 6.0),
        (WildWeights::Mammen, 1.0, 2.0),
        (WildWeights::Normal, 0.0, 3.0),
    ] {
        let draws: Vec<f64> = (0..2000).flat_map(|draw| weights.draw(1, draw, 101)).collect();
        let moment = |p: i32| draws.iter().map(|v| v.powi(p)).sum::<f64>() / draws.len() as f64;
        for (p, want, tolerance) in
            [(1, 0.0, 0.01), (2, 1.0, 0.015), (3, third, 0.04), (4, fourth, 0.08)]
        {
            assert!((moment(p) - want).abs() < tolerance, "{weights} {p}: {}", moment(p));
        }
        assert_eq!(weights.to_string().parse(), Ok(weights));
        assert_ne!(weights.draw(1, 0, 70), weights.draw(1, 1, 70));
        assert_ne!(weights.draw(1, 0, 70), weights.draw(2, 0, 70));
    }
}

/// What cannot be tested has a name.
#[test]
fn refusals() {
    let rows = unbalanced(8, 6, 0.1, 0, 1);
    let panel = with_rows(&rows);
    let formula = "y ~ x1 + x2 | id";
    let refused = |spec: WildSpec| run(&panel, formula, &spec).unwrap_err();
    let error = refused(WildSpec { term: "g".parse().unwrap(), ..spec("id") });
    assert_eq!(error.to_string(), "the model has no regressor `g`; there are `x1`, `x2`");
    let error = refused(WildSpec { draw_by: Some("year".into()), ..spec("id") });
    assert_eq!(error, Error::DrawsNotNested { draw_by: "year".into(), by: "id".into() });
    for (wrong, what) in [
        (WildSpec { level: 1.0, ..spec("id") }, "level"),
        (WildSpec { level: f64::NAN, ..spec("id") }, "level"),
        (WildSpec { null: f64::INFINITY, ..spec("id") }, "null"),
        (WildSpec { replications: 0, ..spec("id") }, "replications"),
    ] {
        let error = refused(wrong);
        assert!(
            matches!(error, Error::OutOfBounds { what: named, .. } if named == what),
            "{error}"
        );
    }
    assert!(matches!(refused(spec("nothing")), Error::Panel(_)));
    let error = "beta".parse::<WildWeights>().unwrap_err().to_string();
    assert_eq!(error, "no weights `beta`; there are rademacher, webb, mammen, normal");
    let error = "both".parse::<Tail>().unwrap_err().to_string();
    assert_eq!(error, "no tail `both`; there are symmetric, equal-tailed, lower, upper");
    assert!("loose".parse::<Ties>().is_err());
}
