//! Effects of pairs, slopes by level and weights are dummies written out, times values.

use estimate::Weights;
use panel::{Column, Index};

use super::*;

/// What a formula absorbs, and the same by hand: names of factors, jointly, and their values.
type Case = (&'static str, &'static [(&'static [&'static str], &'static [&'static str])]);

const CASES: [Case; 12] = [
    ("id^g", &[(&["id", "g"], &["1"])]),
    ("g^zone + year", &[(&["g", "zone"], &["1"]), (&["year"], &["1"])]),
    ("id[z]", &[(&["id"], &["1", "z"])]),
    ("id[[z]]", &[(&[], &["1"]), (&["id"], &["z"])]),
    ("zone[z, t]", &[(&["zone"], &["1", "z", "t"])]),
    ("g[[z, t]] + year", &[(&["g"], &["z", "t"]), (&["year"], &["1"])]),
    ("id[z] + year", &[(&["id"], &["1", "z"]), (&["year"], &["1"])]),
    ("year + id[t]", &[(&["year"], &["1"]), (&["id"], &["1", "t"])]),
    ("id + year[z]", &[(&["id"], &["1"]), (&["year"], &["1", "z"])]),
    ("id + zone[[z]]", &[(&["id"], &["1"]), (&["zone"], &["z"])]),
    ("g^zone[z] + id", &[(&["g", "zone"], &["1", "z"]), (&["id"], &["1"])]),
    ("id + id[[z]]", &[(&["id"], &["1", "z"])]),
];

/// `z` differs in a level, `t` is far from zero, `w` are weights, some of them equal.
fn prepared(rows: &Rows, seed: u64) -> Rows {
    let mut stream = Stream::new(seed);
    let z: Vec<f64> = (0..rows.n()).map(|_| stream.normal() + 2.0).collect();
    let w: Vec<f64> = (0..rows.n()).map(|_| 1.0 + stream.below(4) as f64).collect();
    rows.clone()
        .with("z", |_, row| z[row])
        .with("t", |rows, row| f64::from(rows.year[row]))
        .with("w", |_, row| w[row])
}

fn weighted(
    panel: &Panel,
    formula: &str,
    vcov: &str,
    convention: &Convention,
    weights: Option<&str>,
) -> Result<Fit, Error> {
    let (model, singletons) = (formula.parse().unwrap(), convention.singletons);
    let design = match weights {
        None => Design::new(panel, &model, singletons)?,
        Some(weights) => {
            let weights: Weights = weights.parse().unwrap();
            Design::weighted(panel, &model, singletons, &weights)?
        }
    };
    let vcov = vcov.parse().unwrap();
    let spec = Spec { vcov, convention: convention.clone(), constant: Constant::Mean };
    if formula.contains('|') { fixed_effects(&design, &spec) } else { pooled(&design, &spec) }
}

/// The dummies of a case by hand, times `√w`.
fn columns_of(panel: &Panel, case: &Case, root: &[f64]) -> Vec<Vec<f64>> {
    let mut columns = Vec::new();
    for (names, values) in case.1 {
        let factors: Vec<_> = names.iter().map(|name| panel.factor(name).unwrap()).collect();
        let labels: Vec<String> = (0..panel.n_rows())
            .map(|row| {
                let label = |f: &std::borrow::Cow<'_, panel::Factor>| f.label(f.codes()[row]);
                factors.iter().map(label).collect::<Vec<_>>().join("/")
            })
            .collect();
        let levels: BTreeSet<&String> = labels.iter().collect();
        for value in *values {
            let x =
                if *value == "1" { vec![1.0; labels.len()] } else { column(panel, value).to_vec() };
            for level in &levels {
                let at = |row: usize| {
                    if labels[row] == **level { root[row] * x[row] } else { 0.0 }
                };
                columns.push((0..labels.len()).map(at).collect());
            }
        }
    }
    columns
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Pairs, slopes and weights: slopes and standard errors are those of every column written
    /// out, and residuals are orthogonal to it.
    #[test]
    fn written_out(
        rows in rows(),
        case in 0..CASES.len(),
        is_weighted in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let rows = prepared(&rows, seed);
        let panel = rows.panel();
        let (case, n) = (CASES[case], panel.n_rows());
        let w = column(&panel, "w");
        let mean = w.iter().sum::<f64>() / n as f64;
        let root: Vec<f64> =
            w.iter().map(|w| if is_weighted { (w / mean).sqrt() } else { 1.0 }).collect();
        let scaled = |name: &str| -> Vec<f64> {
            column(&panel, name).iter().zip(&root).map(|(x, r)| x * r).collect()
        };
        let dummies = columns_of(&panel, &case, &root);
        let basis = Basis::new(dummies.iter().cloned());
        prop_assume!(n > basis.rank() + 3);
        let (x1, x2) = (scaled("x1"), scaled("x2"));
        let oracle = Dense::new(&scaled("y"), &[&x1, &x2], &basis);
        let formula = format!("y ~ x1 + x2 | {}", case.0);
        let weights = is_weighted.then_some("aweight w");
        let check = |vcov: &str, errors: Vec<f64>, factor: f64| {
            let fit = weighted(&panel, &formula, vcov, &COUNTED, weights)?;
            for (((estimate, error), beta), want) in
                table(&fit).into_iter().zip(&oracle.beta).zip(errors).take(2)
            {
                let want = want * factor.sqrt();
                assert!(close(estimate, *beta, 1e-8, want), "{vcov}: {estimate} {beta}");
                assert!(close(error, want, 1e-8, 0.0), "{vcov}: {error} {want}");
            }
            Ok(fit)
        };
        let fit = match check("HC0", oracle.robust(0), 1.0) {
            Err(Error::NoDegreesOfFreedom { .. } | Error::Absorbed { .. } | Error::PerfectFit { .. }) => return Ok(()),
            fit => fit.unwrap(),
        };
        let rank = fit.correction().k_all;
        // One factor: the rank is found, level by level.
        if case.1.len() == 1 || case.0 == "id[[z]]" {
            prop_assert!(rank == oracle.rank || case.0 == "id[[z]]", "{} {}", rank, oracle.rank);
        }
        let left = n as f64 - rank as f64;
        check("iid", oracle.iid(), (n - oracle.rank) as f64 / left).unwrap();
        let group = panel.factor("zone").unwrap();
        check("cluster zone", oracle.clustered(&group), 1.5 * (n as f64 - 1.0) / left).unwrap();
        if case.1.len() == 1 && !oracle.fits_a_row() {
            check("HC2", oracle.robust(1), 1.0).unwrap();
            check("HC3", oracle.robust(2), 1.0).unwrap();
        }
        assert_close(fit.sums().residual, oracle.ssr(), 1e-8);
        for (i, u) in fit.residuals().iter().enumerate() {
            assert!(close(u * root[i], oracle.residuals[i], 1e-8, 1.0));
        }
        for dummy in &dummies {
            let u: f64 = fit.residuals().iter().zip(&root).zip(dummy).map(|((u, r), d)| u * r * d).sum();
            let scale = (oracle.ssr() * dot(dummy, dummy)).sqrt();
            assert!(u.abs() <= 1e-8 * scale, "{u} beside {scale}");
        }
    }

    /// What is constant in a level cannot be told from the slopes that are absorbed there.
    #[test]
    fn absorbed_slopes_are_named(rows in rows(), seed in any::<u64>()) {
        let panel = prepared(&rows, seed).with("s", |rows, row| {
            rows.columns["z"][row] * (1.0 + rows.columns["zone"][row])
        }).panel();
        for absorb in ["zone[z]", "zone[[z]]", "id[z] + year", "year + id[[z]]"] {
            let error = fit(&panel, &format!("y ~ x1 + s | {absorb}"), "iid", &KEEP);
            let named = matches!(&error, Err(Error::Absorbed { term, effects })
                if *term == Term::var("s") && effects.iter().any(|effect| effect.ends_with("[[z]]")));
            prop_assert!(named || matches!(error, Err(Error::NoDegreesOfFreedom { .. })), "{:?}", error);
        }
    }

    /// Weights that are all equal are no weights; analytic ones have no unit.
    #[test]
    fn equal_weights(rows in rows(), scale in 0.01..100.0_f64, effects in 0..EFFECTS.len() + 1, seed in any::<u64>()) {
        let rows = prepared(&rows, seed).with("one", |_, _| 1.0).with("c", |_, _| scale)
            .with("v", |rows, row| scale * rows.columns["w"][row]);
        let panel = rows.panel();
        let bar = EFFECTS.get(effects).map_or(String::new(), |names| format!(" | {}", names.join(" + ")));
        let formula = format!("y ~ x1 + x2{bar}");
        for vcov in ["iid", "HC1", "HC2", "HC3", "cluster id"] {
            let fit = |weights: Option<&str>| {
                let fit = weighted(&panel, &formula, vcov, &KEEP, weights)?;
                let design = match weights {
                    None => Design::new(&panel, &formula.parse().unwrap(), Singletons::Keep)?,
                    Some(w) => Design::weighted(&panel, &formula.parse().unwrap(), Singletons::Keep, &w.parse().unwrap())?,
                };
                let r2 = r_squared(&design, &fit)?;
                let explained = estimate::explained(&design, &fit)?;
                Ok::<_, Error>((fit, r2, explained))
            };
            let pairs = [(None, Some("aweight c")), (None, Some("fweight one")), (Some("aweight w"), Some("aweight v"))];
            for (a, b) in pairs {
                let (a, b) = match (fit(a), fit(b)) {
                    (Err(a), Err(b)) => {
                        prop_assert_eq!(std::mem::discriminant(&a), std::mem::discriminant(&b));
                        continue;
                    }
                    (a, b) => (a.unwrap(), b.unwrap()),
                };
                prop_assert_eq!(a.0.correction(), b.0.correction());
                same(&a.0, &b.0, 3);
                for (a, b) in [
                    (a.0.sums().residual, b.0.sums().residual),
                    (a.0.sums().within, b.0.sums().within),
                    (a.0.sums().total, b.0.sums().total),
                    (a.1.r2, b.1.r2),
                    (a.1.adjusted, b.1.adjusted),
                    (a.1.overall.unwrap(), b.1.overall.unwrap()),
                    (a.1.between.unwrap(), b.1.between.unwrap()),
                    (a.2.within, b.2.within),
                    (a.2.between, b.2.between),
                    (a.2.overall, b.2.overall),
                    (a.0.log_likelihood(), b.0.log_likelihood()),
                    (f_test(&a.0).map_or(1.0, |f| f.statistic), f_test(&b.0).map_or(1.0, |f| f.statistic)),
                ] {
                    assert!(close(a, b, 1e-8, 1e-3), "{a} {b}");
                }
                for (u, v) in a.0.residuals().iter().zip(b.0.residuals()) {
                    assert!(close(*u, *v, 1e-9, 1.0));
                }
            }
        }
    }

    /// A row of frequency `w` is `w` rows: every number of a table, singletons too.
    #[test]
    fn frequencies_are_rows(rows in rows(), effects in 0..5_usize, drop in any::<bool>(), seed in any::<u64>()) {
        let rows = prepared(&rows, seed);
        let weights: Vec<usize> = rows.columns["w"].iter().map(|w| [1, 2, 0, 3][*w as usize - 1]).collect();
        let rows = rows.with("w", |_, row| weights[row] as f64).with("when", |rows, row| f64::from(rows.year[row]));
        let order: Vec<usize> = (0..rows.n()).flat_map(|row| vec![row; weights[row]]).collect();
        prop_assume!(order.len() > 4);
        let numbered = |rows: Rows| Rows { year: (0..rows.n()).map(|row| i32::try_from(row).unwrap()).collect(), ..rows };
        let (short, long) = (numbered(rows.clone()).panel(), numbered(rows.select(&order)).panel());
        let absorb = ["", " | id", " | id + when", " | id[z] + when", " | id^g"][effects];
        let convention = if drop { Convention::REGHDFE } else { KEEP };
        let formula = format!("y ~ x1 + x2{absorb}");
        for vcov in ["iid", "HC0", "HC1", "HC2", "HC3", "cluster id", "cluster zone"] {
            let one = weighted(&short, &formula, vcov, &convention, Some("fweight w"));
            let all = weighted(&long, &formula, vcov, &convention, None);
            let (one, all) = match (one, all) {
                (Err(a), Err(b)) => {
                    prop_assert_eq!(std::mem::discriminant(&a), std::mem::discriminant(&b), "{} {}", a, b);
                    continue;
                }
                (one, all) => (one.unwrap(), all.unwrap()),
            };
            prop_assert_eq!(one.correction(), all.correction());
            prop_assert_eq!(one.sample().n_zero_weight(), weights.iter().filter(|w| **w == 0).count());
            for ((a, a_se), (b, b_se)) in table(&one).into_iter().zip(table(&all)) {
                assert!(close(a, b, 1e-8, a_se), "{vcov}: {a} {b}");
                assert_close(a_se, b_se, 1e-7);
            }
            assert_close(one.sums().residual, all.sums().residual, 1e-8);
            assert_close(one.sums().total, all.sums().total, 1e-8);
            assert_close(one.log_likelihood(), all.log_likelihood(), 1e-8);
            if vcov == "iid" {
                let short = Design::weighted(&short, &formula.parse().unwrap(), convention.singletons, &"fweight w".parse().unwrap()).unwrap();
                let long = Design::new(&long, &formula.parse().unwrap(), convention.singletons).unwrap();
                let (a, b) = (r_squared(&short, &one).unwrap(), r_squared(&long, &all).unwrap());
                for (a, b) in [(a.r2, b.r2), (a.adjusted, b.adjusted), (a.within, b.within)] {
                    assert!(close(a, b, 1e-8, 1.0));
                }
                for (a, b) in [(a.overall, b.overall), (a.between, b.between)] {
                    if let (Some(a), Some(b)) = (a, b) {
                        assert!(close(a, b, 1e-7, 1.0));
                    }
                }
            }
        }
    }
}

/// Many levels with slopes, so that `S` is sparse, or neither dense nor written down.
#[test]
fn many_slopes() {
    let mut stream = Stream::new(11);
    let n = 24_000;
    let draws = |stream: &mut Stream| -> Vec<f64> { (0..n).map(|_| stream.normal()).collect() };
    let (x, z, u) = (draws(&mut stream), draws(&mut stream), draws(&mut stream));
    let firm: Vec<f64> = (0..n).map(|_| stream.below(900) as f64).collect();
    let index = Index {
        entity_name: "id".into(),
        entity: panel::Factor::from_numbers(&(0..n as i32).map(|row| row / 20).collect::<Vec<_>>()),
        period_name: "year".into(),
        period: (0..n as i32).map(|row| row % 20).collect(),
    };
    let y: Vec<f64> = (0..n)
        .map(|row| x[row] + u[row] + firm[row] * 0.01 * z[row] + (row / 20) as f64 * 0.01)
        .collect();
    let w: Vec<f64> = (0..n).map(|row| 1.0 + (row % 3) as f64).collect();
    let columns = [("x", x), ("z", z), ("y", y), ("firm", firm), ("w", w)];
    let columns = columns.map(|(name, v)| (name.to_owned(), Column::Number(v)));
    let panel = Panel::new(index, columns).unwrap();
    for formula in
        ["y ~ x | id[z] + year", "y ~ x | year[z] + id[z]", "y ~ x | firm[z] + id + year"]
    {
        let run = || weighted(&panel, formula, "cluster id", &KEEP, Some("aweight w")).unwrap();
        let one = rayon_pool(1, run);
        let two = rayon_pool(2, run);
        assert_eq!(one.residuals(), two.residuals());
        assert_eq!(table(&one), table(&two));
        let w = column(&panel, "w");
        let z = column(&panel, "z");
        let sd = (one.sums().residual / n as f64).sqrt();
        for name in ["id", "year", "firm"] {
            let sloped = formula.contains(&format!("{name}[z]"));
            if !formula.contains(name) {
                continue;
            }
            let factor = panel.factor(name).unwrap();
            let mut sums = vec![(0.0, 0.0, 0.0); factor.n_levels()];
            for (i, u) in one.residuals().iter().enumerate() {
                let sum = &mut sums[factor.codes()[i] as usize];
                *sum = (sum.0 + w[i] * u, sum.1 + w[i] * u * z[i], sum.2 + w[i]);
            }
            for (flat, slope, mass) in sums {
                assert!((flat / mass).abs() < 1e-9 * sd, "{formula}: {name}");
                assert!(!sloped || (slope / mass).abs() < 1e-8 * sd, "{formula}: {name}[z]");
            }
        }
    }
}

fn rayon_pool<T: Send>(threads: usize, f: impl Fn() -> T + Send + Sync) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(f)
}

#[test]
fn weights_are_checked() {
    let rows = unbalanced(6, 6, 0.2, 0, 3).sorted();
    let bad = |value: f64| {
        let panel = rows.clone().with("w", |_, row| if row == 4 { value } else { 2.0 }).panel();
        let at = panel.row_label(4);
        (weighted(&panel, "y ~ x1", "iid", &KEEP, Some("fweight w")), at)
    };
    let term = Term::var("w");
    let (error, (entity, period)) = bad(-1.0);
    let want = Error::NegativeWeight { term: term.clone(), value: -1.0, entity, period };
    assert_eq!(error.unwrap_err(), want);
    let (error, (entity, period)) = bad(0.5);
    let want = Error::FractionalWeight { term: term.clone(), value: 0.5, entity, period };
    assert_eq!(error.unwrap_err(), want);
    let (error, (entity, period)) = bad(f64::NAN);
    assert_eq!(error.unwrap_err(), Error::NoWeight { term: term.clone(), entity, period });
    let (error, (entity, period)) = bad(f64::INFINITY);
    assert_eq!(error.unwrap_err(), Error::Infinite { term, entity, period });
    let (fit, _) = bad(0.0);
    let fit = fit.unwrap();
    assert_eq!((fit.sample().n(), fit.sample().n_zero_weight()), (rows.n() - 1, 1));
    let note = fit.notes().iter().find(|note| matches!(note, Note::Weights { rows: 1, .. }));
    assert!(note.unwrap().to_string().ends_with("1 rows of weight zero left out"));
    // A weight that is missing where the model has no row is nobody's business.
    let panel = rows
        .clone()
        .with("w", |_, row| if row == 4 { f64::NAN } else { 2.0 })
        .with("x1", |rows, row| if row == 4 { f64::NAN } else { rows.columns["x1"][row] })
        .panel();
    assert!(weighted(&panel, "y ~ x1", "iid", &KEEP, Some("aweight w")).is_ok());
    for text in ["w", "pweight w", "aweight w +", "aweight"] {
        assert_eq!(text.parse::<Weights>(), Err(Error::UnknownWeights { text: text.into() }));
    }
    for text in ["aweight log(pop)", "fweight `how many`"] {
        assert_eq!(text.parse::<Weights>().unwrap().to_string(), text);
    }
}

/// fixest counts a slope a level, and does not take slopes in clusters back; `reghdfe` sees the
/// levels in which a slope's column does not vary.
#[test]
fn slopes_are_counted() {
    let rows = unbalanced(8, 6, 0.0, 0, 5);
    let panel = rows
        .with(
            "z",
            |rows, row| if rows.id[row] < 2 { 3.0 } else { f64::from(rows.year[row]).sqrt() },
        )
        .panel();
    let count = |formula: &str, vcov: &str, convention: &Convention| {
        let convention = Convention { singletons: Singletons::Keep, ..convention.clone() };
        let correction = fit(&panel, formula, vcov, &convention).unwrap().correction();
        (correction.k_all, correction.k_counted)
    };
    // 8 entities and 6 years; z is constant for two entities.
    let (fixest, reghdfe) = (Convention::FIXEST, Convention::REGHDFE);
    assert_eq!(count("y ~ x1 | id[z]", "cluster id", &fixest), (17, 10));
    assert_eq!(count("y ~ x1 | id[z]", "cluster id", &reghdfe), (15, 8));
    assert_eq!(count("y ~ x1 | id[z] + year", "cluster id", &fixest), (22, 15));
    assert_eq!(count("y ~ x1 | id[z] + year", "cluster id", &reghdfe), (20, 13));
    assert_eq!(count("y ~ x1 | id[[z]] + year", "cluster id", &fixest), (15, 15));
    assert_eq!(count("y ~ x1 | id[[z]] + year", "cluster year", &fixest), (15, 10));
    assert_eq!(count("y ~ x1 | id[[z]]", "cluster id", &fixest), (10, 10));
    let refused = fit(&panel, "y ~ x1 | id[z]", "iid", &Convention::STATA_XTREG);
    assert!(matches!(refused, Err(Error::NotInConvention { .. })));
}

/// A pair of factors is a level to absorb, and to cluster by.
#[test]
fn pairs_cluster() {
    let rows = unbalanced(7, 6, 0.1, 0, 9);
    let rows =
        rows.with("pair", |rows, row| 10.0 * rows.columns["g"][row] + rows.columns["zone"][row]);
    let panel = rows.panel();
    let a = fit(&panel, "y ~ x1 | g^zone", "cluster g^zone", &KEEP).unwrap();
    let b = fit(&panel, "y ~ x1 | pair", "cluster pair", &KEEP).unwrap();
    same(&a, &b, 2);
    assert_eq!(a.correction(), b.correction());
    let c = fit(&panel, "y ~ x1 | id", "cluster g^zone", &KEEP).unwrap();
    same(&c, &fit(&panel, "y ~ x1 | id", "cluster pair", &KEEP).unwrap(), 2);
}
