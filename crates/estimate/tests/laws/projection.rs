//! Projecting effects out, by several routes, and the cases that make it hard.

use super::*;

/// `x'û` and every level's mean of `û` vanish, as shares of what could have been.
#[track_caller]
pub(crate) fn orthogonal(
    panel: &Panel,
    fit: &Fit,
    terms: &[&str],
    factors: &[&str],
    tolerance: f64,
) {
    let u = fit.residuals();
    let scale = dot(u, u).sqrt();
    let row = |i: usize| fit.sample().row(i);
    for term in terms {
        let x: Vec<f64> = (0..u.len()).map(|i| column(panel, term)[row(i)]).collect();
        let share = dot(&x, u) / (scale * dot(&x, &x).sqrt());
        assert!(share.abs() < tolerance, "{term}: {share}");
    }
    let sd = scale / (u.len() as f64).sqrt();
    for name in factors {
        let factor = panel.factor(name).unwrap();
        let mut sums = vec![(0.0, 0.0); factor.n_levels()];
        for (i, u) in u.iter().enumerate() {
            let (sum, count) = &mut sums[factor.codes()[row(i)] as usize];
            (*sum, *count) = (*sum + u, *count + 1.0);
        }
        let worst = sums.iter().map(|(sum, count)| (sum / f64::max(*count, 1.0)).abs());
        let worst = worst.fold(0.0, f64::max);
        assert!(worst < tolerance * sd, "{name}: a level's mean of {worst} beside {sd}");
    }
}

/// A long panel of `n` rows with two or three crossed factors of these sizes, `f0`, `f1`, ….
fn crossed(
    n: usize,
    levels: &[usize],
    seed: u64,
    pick: impl Fn(&mut Stream, usize) -> Vec<usize>,
) -> Rows {
    let mut stream = Stream::new(seed);
    let codes: Vec<Vec<usize>> = (0..n).map(|row| pick(&mut stream, row)).collect();
    let effects: Vec<Vec<f64>> =
        levels.iter().map(|&m| (0..m).map(|_| stream.normal()).collect()).collect();
    let mut rows = Rows {
        id: (0..n).map(|row| i32::try_from(row / 50).unwrap()).collect(),
        year: (0..n).map(|row| i32::try_from(row % 50).unwrap()).collect(),
        columns: [].into(),
    };
    let alpha = |row: usize| codes[row].iter().zip(&effects).map(|(&c, e)| e[c]).sum::<f64>();
    let mut noise = || (0..n).map(|_| stream.normal()).collect::<Vec<f64>>();
    let (x1, x2, u) = (noise(), noise(), noise());
    for (name, _) in levels.iter().enumerate() {
        rows = rows.with(&format!("f{name}"), |_, row| codes[row][name] as f64);
    }
    rows.with("x1", |_, row| x1[row] + 0.5 * alpha(row))
        .with("x2", |_, row| x2[row] - 0.2 * x1[row])
        .with("y", |rows, row| rows.columns["x1"][row] - 0.5 * x2[row] + alpha(row) + u[row])
}

/// Alternating projections until nothing moves: slow, and nothing to get wrong.
fn alternate(panel: &Panel, factors: &[&str], v: &[f64]) -> Vec<f64> {
    let factors: Vec<_> = factors.iter().map(|name| panel.factor(name).unwrap()).collect();
    let mut v = v.to_vec();
    for _ in 0..2000 {
        let mut moved = 0.0_f64;
        for factor in &factors {
            let mut sums = vec![(0.0, 0.0); factor.n_levels()];
            for (x, &code) in v.iter().zip(factor.codes()) {
                let (sum, count) = &mut sums[code as usize];
                (*sum, *count) = (*sum + x, *count + 1.0);
            }
            for (x, &code) in v.iter_mut().zip(factor.codes()) {
                let (sum, count) = sums[code as usize];
                *x -= sum / count;
                moved = moved.max((sum / count).abs());
            }
        }
        if moved < 1e-14 {
            return v;
        }
    }
    panic!("not done")
}

#[track_caller]
fn projects_like_alternation(rows: &Rows, factors: &[&str]) {
    let panel = rows.panel();
    let formula = format!("y ~ x1 + x2 | {}", factors.join(" + "));
    let fit = fit(&panel, &formula, "iid", &KEEP).unwrap();
    orthogonal(&panel, &fit, &["x1", "x2"], factors, 1e-9);
    let project = |name: &str| alternate(&panel, factors, &column(&panel, name));
    let (x1, x2) = (project("x1"), project("x2"));
    let oracle = Dense::new(&project("y"), &[&x1, &x2], &Basis::default());
    for ((estimate, error), want) in table(&fit).into_iter().zip(&oracle.beta).take(2) {
        assert!(close(estimate, *want, 1e-9, error), "{estimate} {want}");
    }
    for (u, want) in fit.residuals().iter().zip(&oracle.residuals) {
        assert!(close(*u, *want, 1e-8, 1.0), "{u} {want}");
    }
}

/// Few levels: the reduced equations are dense.
#[test]
fn two_factors_of_moderate_size() {
    let pick = |stream: &mut Stream, _| vec![stream.below(300), stream.below(200)];
    projects_like_alternation(&crossed(4000, &[300, 200], 1, pick), &["f0", "f1"]);
}

/// More than 512 levels in the smaller factor, few rows each: the equations are sparse.
#[test]
fn two_large_thin_factors() {
    let pick = |stream: &mut Stream, _| vec![stream.below(900), stream.below(700)];
    projects_like_alternation(&crossed(9000, &[900, 700], 2, pick), &["f0", "f1"]);
}

/// More than 512 levels, each group meeting many of them: too many pairs to write down.
#[test]
fn two_large_dense_factors() {
    let pick = |stream: &mut Stream, _| vec![stream.below(800), stream.below(700)];
    projects_like_alternation(&crossed(60_000, &[800, 700], 3, pick), &["f0", "f1"]);
}

/// Three factors, the two smaller ones sharing the reduced equations.
#[test]
fn three_large_factors() {
    let pick =
        |stream: &mut Stream, _| vec![stream.below(30), stream.below(900), stream.below(600)];
    projects_like_alternation(&crossed(12_000, &[30, 900, 600], 4, pick), &["f0", "f1", "f2"]);
}

/// Workers and firms on a ring, movers going to a neighbour (Abowd, Kramarz and Margolis): weakly
/// connected, where alternating projections crawl.
#[test]
fn a_ring_of_firms() {
    let (workers, years, firms) = (4000, 6, 600);
    let mut stream = Stream::new(5);
    let mut at = Vec::new();
    for _ in 0..workers {
        let mut firm = stream.below(firms);
        for _ in 0..years {
            at.push(firm);
            if stream.uniform() < 0.05 {
                let step = if stream.uniform() < 0.5 { 1 } else { firms - 1 };
                firm = (firm + step) % firms;
            }
        }
    }
    let pick = |_: &mut Stream, row: usize| vec![row / years, at[row]];
    let rows = crossed(workers * years, &[workers, firms], 6, pick);
    let panel = rows.panel();
    for absorb in [["f0", "f1"], ["f1", "f0"]] {
        let formula = format!("y ~ x1 + x2 | {}", absorb.join(" + "));
        let fit = fit(&panel, &formula, "cluster f0", &KEEP).unwrap();
        orthogonal(&panel, &fit, &["x1", "x2"], &absorb, 1e-8);
        for ((estimate, error), truth) in table(&fit).into_iter().zip([1.0 - 0.1, -0.5]) {
            assert!((estimate - truth).abs() < 0.1, "{estimate} ± {error}");
        }
    }
}

/// The same bits on any number of threads.
#[test]
fn threads_change_no_bit() {
    let pick = |stream: &mut Stream, _| vec![stream.below(800), stream.below(600)];
    let rows = crossed(20_000, &[800, 600], 7, pick);
    let panel = rows.panel();
    for vcov in ["iid", "HC1", "cluster f0", "cluster year"] {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fit(&panel, "y ~ x1 + x2 + i.year | f0 + f1", vcov, &KEEP).unwrap())
        };
        let one = on(1);
        for threads in [2, 4] {
            let many = on(threads);
            assert_eq!(table(&one), table(&many));
            assert_eq!(one.residuals(), many.residuals());
            assert_eq!(one.vcov(), many.vcov());
        }
    }
}

/// Disconnected: two worlds that share no year. The rank counts a redundancy for each.
#[test]
fn components_are_redundant() {
    let rows = unbalanced(8, 8, 0.0, 0, 11)
        .with("when", |rows, row| f64::from(rows.year[row] + 100 * (rows.id[row] % 2)));
    let panel = rows.panel();
    let fit = |convention| fit(&panel, "y ~ x1 | id + when", "iid", &convention).unwrap();
    let levels = 8 + 16;
    assert_eq!(fit(KEEP).correction().k_all, 1 + levels - 2);
    // fixest and pyfixest take one level a factor.
    assert_eq!(fit(Convention::FIXEST).correction().k_all, 1 + levels - 1);
    assert_eq!(Convention::FIXEST.redundant, Redundant::OnePerFactor);
}

mod refused {
    use super::*;

    fn small() -> Rows {
        unbalanced(6, 6, 0.1, 0, 21)
            .with("one", |_, _| 1.0)
            .with("flat", |_, _| 0.1 + 0.2)
            .with("void", |_, _| f64::NAN)
            .with("own", |rows, row| 3.7 * f64::from(rows.id[row]) - 0.3)
            .with("exact", |rows, row| 2.0 * rows.columns["x1"][row] - rows.columns["own"][row])
    }

    fn error(formula: &str, vcov: &str, convention: &Convention) -> Error {
        fit(&small().panel(), formula, vcov, convention).unwrap_err()
    }

    fn ids() -> Vec<String> {
        vec!["id".into()]
    }

    #[test]
    fn regressors_that_do_not_vary() {
        for constant in ["one", "flat"] {
            let want = Error::Absorbed { term: Term::var(constant), effects: vec![] };
            assert_eq!(error(&format!("y ~ x1 + {constant}"), "iid", &KEEP), want);
        }
        let want = Error::Absorbed { term: Term::var("own"), effects: ids() };
        assert_eq!(error("y ~ x1 + own | id", "iid", &KEEP), want);
        // Without a constant, a constant is a regressor like any other.
        assert!(fit(&small().panel(), "y ~ 0 + x1 + one", "iid", &KEEP).is_ok());
        // Indicators of nested groups.
        let want = Error::Absorbed { term: "zone::1".parse().unwrap(), effects: ids() };
        assert_eq!(error("y ~ x1 + i.zone | id", "iid", &KEEP), want);
    }

    #[test]
    fn responses_that_do_not_vary() {
        let want = Error::NoVariation { term: Term::var("flat"), effects: vec![] };
        assert_eq!(error("flat ~ x1", "iid", &KEEP), want);
        let want = Error::NoVariation { term: Term::var("own"), effects: ids() };
        assert_eq!(error("own ~ x1 | id", "iid", &KEEP), want);
    }

    #[test]
    fn perfect_fits() {
        let want = Error::PerfectFit { response: Term::var("exact") };
        assert_eq!(error("exact ~ x1 + own", "iid", &KEEP), want);
        assert_eq!(error("exact ~ x1 | id", "iid", &KEEP), want);
        assert_eq!(error("exact ~ x1 | id + year", "HC1", &KEEP), want);
    }

    #[test]
    fn empty_samples() {
        let n = small().n();
        let want = Error::Empty {
            rows: n,
            missing: n,
            emptiest: Term::var("void"),
            emptiest_rows: n,
            singletons: 0,
        };
        assert_eq!(error("y ~ x1 + void | id", "iid", &KEEP), want);
    }

    /// A response that the effects explain wholly leaves rounding, and no projection of rounding
    /// converges: it is said that nothing varies.
    #[test]
    fn responses_that_are_wholly_absorbed() {
        let rows = unbalanced(5, 5, 0.2, 0, 17_038_026_968_987_123_536).sorted();
        let mut absorbed = 0;
        for i in 0..rows.n() {
            let one = rows.clone().with("y", |_, row| f64::from(u8::from(row == i)));
            match fit(&one.panel(), "y ~ x1 + x2 + x3 | g + id", "iid", &KEEP) {
                Ok(_) | Err(Error::PerfectFit { .. }) => {}
                Err(Error::NoVariation { .. }) => absorbed += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert!(absorbed > 0);
    }

    #[test]
    fn weights_that_are_all_zero() {
        let rows = small();
        let n = rows.n();
        let panel = rows.with("w", |_, _| 0.0).panel();
        let weights = estimate::Weights::Analytic(Term::var("w"));
        let model = "y ~ x1 | id".parse().unwrap();
        let error = Design::weighted(&panel, &model, Singletons::Keep, &weights).unwrap_err();
        assert_eq!(error, Error::Weightless { term: Term::var("w"), rows: n });
        assert!(error.to_string().contains("zero in all"), "{error}");
    }

    #[test]
    fn too_few_clusters() {
        let want = Error::TooFewClusters { by: "one".into(), n_clusters: 1 };
        assert_eq!(error("y ~ x1 | id", "cluster one", &KEEP), want);
        assert!(matches!(error("y ~ x1", "cluster void", &KEEP), Error::NoCluster { .. }));
        assert!(matches!(error("y ~ x1", "cluster nobody", &KEEP), Error::Panel(_)));
    }

    #[test]
    fn too_few_rows() {
        let few = small().sorted().select(&[0, 1, 2]);
        let n = 3;
        let error = |formula: &str| fit(&few.panel(), formula, "iid", &KEEP).unwrap_err();
        assert_eq!(error("y ~ x1 + x2"), Error::NoDegreesOfFreedom { n, k: 3 });
        assert_eq!(error("y ~ x1 + x2 | id"), Error::NoDegreesOfFreedom { n, k: 3 });
        assert!(fit(&few.panel(), "y ~ x1", "iid", &KEEP).is_ok());
    }

    #[test]
    fn the_wrong_estimator() {
        let panel = small().panel();
        let spec =
            Spec { vcov: "iid".parse().unwrap(), convention: KEEP, constant: Constant::Omit };
        let design = |formula: &str| {
            Design::new(&panel, &formula.parse().unwrap(), Singletons::Keep).unwrap()
        };
        let error = pooled(&design("y ~ x1 | id"), &spec).unwrap_err();
        assert_eq!(error, Error::NotPooled { effects: ids() });
        let error = fixed_effects(&design("y ~ x1"), &spec).unwrap_err();
        assert!(matches!(error, Error::NothingAbsorbed { .. }));
        assert_eq!(fixed_effects(&design("y ~ 1 | id"), &spec).unwrap_err(), Error::NoRegressors);
        assert_eq!(pooled(&design("y ~ 0"), &spec).unwrap_err(), Error::NoRegressors);
        // A mean and its standard error need no regressor.
        let mean = pooled(&design("y ~ 1"), &spec).unwrap();
        assert_eq!(table(&mean).len(), 1);
    }

    #[test]
    fn levels_that_do_not_exist() {
        let panel = small().panel();
        let constant = Constant::Omitting(Base::Level("1066".into()));
        let error = fit_with(&panel, "y ~ x1 | id + year", "iid", &KEEP, constant).unwrap_err();
        let Error::Panel(panel::Error::NoLevel { column, level, .. }) = error else {
            panic!("{error}")
        };
        assert_eq!((&*column, &*level), ("year", "1066"));
    }

    #[test]
    fn errors_that_a_convention_does_not_have() {
        for vcov in ["HC0", "HC1", "HC3"] {
            let error = error("y ~ x1 | id", vcov, &Convention::STATA_XTREG);
            assert!(matches!(error, Error::NotInConvention { convention: "stata-xtreg", .. }));
        }
        assert!(fit(&small().panel(), "y ~ x1", "HC1", &Convention::STATA_XTREG).is_ok());
        for vcov in ["HC2", "HC3"] {
            let want = Error::Leverage { vcov: vcov.into(), by: "year".into() };
            assert_eq!(error("y ~ x1 | id + year", vcov, &KEEP), want);
        }
        // areg writes the second factor as indicators, and so has the leverage.
        assert!(fit(&small().panel(), "y ~ x1 | id + year", "HC3", &Convention::AREG).is_ok());
    }
}
