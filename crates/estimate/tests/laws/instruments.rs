//! Two-stage least squares against what it is made of.

use estimate::{ChiSquared, TwoStage, Weights, two_stage};

use super::*;

/// Two endogenous columns, three instruments, and weights.
fn prepared(rows: &Rows, seed: u64) -> Rows {
    let mut stream = Stream::new(seed);
    let mut noise = || (0..rows.n()).map(|_| stream.normal()).collect::<Vec<f64>>();
    let (z1, z2, z3, e1, e2) = (noise(), noise(), noise(), noise(), noise());
    let mut stream = Stream::new(seed ^ 5);
    let w: Vec<f64> = (0..rows.n()).map(|_| stream.below(4) as f64).collect();
    rows.clone()
        .with("p", |rows, row| z1[row] + 0.5 * z2[row] + 0.2 * rows.columns["y"][row] + e1[row])
        .with("q", |rows, row| z2[row] - z3[row] + 0.1 * rows.columns["y"][row] + e2[row])
        .with("z1", |rows, row| z1[row] + 0.2 * rows.columns["x2"][row])
        .with("z2", |_, row| z2[row])
        .with("z3", |_, row| z3[row])
        .with("w", |_, row| w[row])
}

fn outcome(
    panel: &Panel,
    formula: &str,
    vcov: &str,
    convention: &Convention,
    weights: Option<&str>,
) -> Result<TwoStage, Error> {
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
    two_stage(&design, &spec)
}

macro_rules! outcome_or_skip {
    ($($argument:expr),*) => {
        match outcome($($argument),*) {
            Err(Error::NoDegreesOfFreedom { .. } | Error::Empty { .. } | Error::PerfectFit { .. }) => return Ok(()),
            other => other.unwrap(),
        }
    };
}

const VCOVS: [&str; 4] = ["iid", "HC0", "HC1", "cluster id"];
const BARS: [&str; 5] = ["", " | id", " | id + year", " | g^zone", " | zone[x2]"];

/// Every statistic of an outcome but the coefficients.
fn statistics(outcome: &TwoStage) -> Vec<f64> {
    let chi2 = |test: Option<ChiSquared>| {
        test.map_or([-1.0; 3], |t| [t.statistic, t.df as f64, t.p_value])
    };
    let mut all = vec![
        outcome.cragg_donald,
        outcome.kleibergen_paap.unwrap_or(-1.0),
        outcome.wu_hausman.map_or(-1.0, |f| f.statistic),
        outcome.wu_hausman.map_or(-1.0, |f| f.df_residual as f64),
    ];
    for test in [outcome.under_identification, outcome.sargan, outcome.hansen, outcome.durbin] {
        all.extend(chi2(test));
    }
    all
}

#[track_caller]
fn same_statistics(a: &TwoStage, b: &TwoStage, tolerance: f64) {
    for (i, (a, b)) in statistics(a).into_iter().zip(statistics(b)).enumerate() {
        assert!(close(a, b, tolerance, 1e-3), "statistic {i}: {a} {b}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Least squares on fitted values with the residuals of the actual ones, dummies written out.
    #[test]
    fn fitted_values(rows in rows(), bar in 0..4_usize, several in any::<bool>(), is_weighted in any::<bool>(), seed in any::<u64>()) {
        let rows = prepared(&rows, seed);
        let rows = rows.with("w", |rows, row| 1.0 + rows.columns["w"][row]);
        let panel = rows.panel();
        let n = panel.n_rows();
        let w = column(&panel, "w");
        let mean = w.iter().sum::<f64>() / n as f64;
        let root: Vec<f64> = w.iter().map(|w| if is_weighted { (w / mean).sqrt() } else { 1.0 }).collect();
        let scale = |x: &[f64]| -> Vec<f64> { x.iter().zip(&root).map(|(x, r)| x * r).collect() };
        let scaled = |name: &str| scale(&column(&panel, name));
        let names: &[&str] = [&[][..], &["id"], &["id", "year"], &["id", "g"]][bar];
        let bar = if names.is_empty() { String::new() } else { format!(" | {}", names.join(" + ")) };
        let endogenous: &[&str] = if several { &["p", "q"] } else { &["p"] };
        let formula = format!("y ~ x1{bar} | {} ~ z1 + z2 + z3", endogenous.join(" + "));
        let factors: Vec<_> = names.iter().map(|name| panel.factor(name).unwrap()).collect();
        let ones = names.is_empty().then(|| vec![1.0; n]);
        let dummies: Vec<Vec<f64>> =
            factors.iter().flat_map(|factor| dummies(factor)).chain(ones).map(|d| scale(&d)).collect();
        let effects = Basis::new(dummies.iter().cloned());
        prop_assume!(n > effects.rank() + 6);
        let all = Basis::new(dummies.iter().cloned().chain(["x1", "z1", "z2", "z3"].map(scaled)));
        let v: Vec<Vec<f64>> = endogenous.iter().map(|p| all.residual(&scaled(p))).collect();
        let fitted: Vec<Vec<f64>> = endogenous
            .iter()
            .zip(&v)
            .map(|(p, v)| scaled(p).iter().zip(v).map(|(p, v)| p - v).collect())
            .collect();
        let x1 = scaled("x1");
        let x: Vec<&[f64]> = fitted.iter().map(|x| &x[..]).chain([&x1[..]]).collect();
        let mut oracle = Dense::new(&scaled("y"), &x, &effects);
        for (v, b) in v.iter().zip(oracle.beta.clone()) {
            oracle.residuals.iter_mut().zip(v).for_each(|(u, v)| *u -= b * v);
        }
        let zone = panel.factor("zone").unwrap();
        let left = n as f64 - oracle.rank as f64;
        for (vcov, errors, factor) in [
            ("iid", oracle.iid(), 1.0),
            ("HC0", oracle.robust(0), 1.0),
            ("HC1", oracle.robust(0), n as f64 / left),
            ("cluster zone", oracle.clustered(&zone), 1.5 * (n as f64 - 1.0) / left),
        ] {
            let weights = is_weighted.then_some("aweight w");
            let got = outcome_or_skip!(&panel, &formula, vcov, &COUNTED, weights);
            prop_assert_eq!(got.fit.correction().k_all, oracle.rank);
            let terms: Vec<String> = got.fit.terms().iter().map(Term::to_string).collect();
            prop_assert_eq!(&terms[..endogenous.len()], endogenous);
            let k = if is_weighted { x.len() } else { x.len() + 1 };
            prop_assert_eq!(table(&got.fit).len(), x.len() + 1);
            for (((b, se), want), error) in table(&got.fit).into_iter().zip(&oracle.beta).zip(errors).take(k) {
                let error = error * factor.sqrt();
                assert!(close(b, *want, 1e-7, error), "{vcov}: {b} {want}");
                assert_close(se, error, 1e-7);
            }
            for ((u, want), root) in got.fit.residuals().iter().zip(&oracle.residuals).zip(&root) {
                assert!(close(u * root, *want, 1e-7, 1.0));
            }
            assert_close(got.fit.sums().residual, oracle.ssr(), 1e-7);
            // Sargan's statistic is n R² of the residuals on all instruments.
            let left = all.residual(&oracle.residuals);
            let share = 1.0 - dot(&left, &left) / oracle.ssr();
            if let Some(sargan) = got.sargan {
                prop_assert_eq!(sargan.df, 3 - endogenous.len());
                assert!(close(sargan.statistic, n as f64 * share, 1e-6, 1e-3));
            }
        }
    }

    /// One instrument: the ratio of two regressions (indirect least squares), and J is nothing.
    #[test]
    fn just_identified(rows in rows(), bar in 0..BARS.len(), vcov in 0..4_usize, seed in any::<u64>()) {
        let panel = prepared(&rows, seed).panel();
        let bar = BARS[bar];
        let got = outcome_or_skip!(&panel, &format!("y ~ x1{bar} | p ~ z1"), VCOVS[vcov], &KEEP, None);
        let slope = |y: &str| fit(&panel, &format!("{y} ~ x1 + z1{bar}"), "iid", &KEEP).unwrap().coef()[1];
        let ratio = slope("y") / slope("p");
        prop_assert!(close(got.fit.coef()[0], ratio, 1e-7, got.fit.stderror()[0]));
        prop_assert!(got.sargan.is_none() && got.hansen.is_none());
    }

    /// The residuals of the first stage beside the regressors take the endogeneity away.
    #[test]
    fn control_function(rows in rows(), bar in 0..BARS.len(), seed in any::<u64>()) {
        let rows = prepared(&rows, seed).sorted();
        let panel = rows.panel();
        let bar = BARS[bar];
        let got = outcome_or_skip!(&panel, &format!("y ~ x1{bar} | p ~ z1 + z2"), "iid", &KEEP, None);
        let v = got.first[0].fit.residuals().to_vec();
        let longer = rows.with("v", |_, row| v[row]).panel();
        let long = match fit(&longer, &format!("y ~ p + x1 + v{bar}"), "iid", &KEEP) {
            Err(Error::NoDegreesOfFreedom { .. }) => return Ok(()),
            long => long.unwrap(),
        };
        for j in 0..2 {
            prop_assert!(close(got.fit.coef()[j], long.coef()[j], 1e-7, got.fit.stderror()[j]));
        }
        let test = got.wu_hausman.unwrap();
        let t = long.coef()[2] / long.stderror()[2];
        prop_assert!(close(test.statistic, t * t, 1e-7, 1e-6));
        prop_assert_eq!(test.df, 1);
        // Durbin's is the same comparison, of sums of squares.
        let short = fit(&panel, &format!("y ~ p + x1{bar}"), "iid", &KEEP).unwrap();
        let n = short.correction().n as f64;
        let share = 1.0 - long.sums().residual / short.sums().residual;
        prop_assert!(close(got.durbin.unwrap().statistic, n * share, 1e-7, 1e-6));
    }

    /// One endogenous regressor: tests of rank are tests of its first stage.
    #[test]
    fn one_first_stage(rows in rows(), bar in 0..BARS.len(), several in any::<bool>(), seed in any::<u64>()) {
        let panel = prepared(&rows, seed).panel();
        let z = if several { "z1 + z2" } else { "z1" };
        let formula = format!("y ~ x1{} | p ~ {z}", BARS[bar]);
        let l = if several { 2.0 } else { 1.0 };
        for vcov in VCOVS {
            let got = outcome_or_skip!(&panel, &formula, vcov, &KEEP, None);
            let stage = &got.first[0];
            // As many clusters as instruments leave no inverse.
            let Some(f) = stage.excluded else { continue };
            prop_assert_eq!(f.df, 1 + usize::from(several));
            let n = stage.fit.correction().n as f64;
            let left = n - stage.fit.correction().k_all as f64;
            let odds = stage.partial_r2 / (1.0 - stage.partial_r2);
            assert!(close(got.cragg_donald, odds * left / l, 1e-7, 0.0));
            if vcov == "iid" {
                assert!(close(got.cragg_donald, f.statistic, 1e-7, 0.0));
                assert!(close(got.under_identification.unwrap().statistic, n * stage.partial_r2, 1e-7, 0.0));
                prop_assert!(got.kleibergen_paap.is_none());
            } else if let Some(rk) = got.kleibergen_paap {
                assert!(close(rk, f.statistic, 1e-6, 0.0), "{vcov}: {rk} {}", f.statistic);
            }
        }
    }

    /// What spans the same space says the same, whatever it is written as.
    #[test]
    fn spaces(rows in rows(), bar in 0..BARS.len(), vcov in 0..4_usize, seed in any::<u64>()) {
        let rows = prepared(&rows, seed)
            .with("a1", |rows, row| rows.columns["z1"][row] + 2.0 * rows.columns["z3"][row])
            .with("a2", |rows, row| rows.columns["z2"][row] - 0.5 * rows.columns["z1"][row] + rows.columns["x1"][row])
            .with("a3", |rows, row| 3.0 * rows.columns["z3"][row])
            .with("r", |rows, row| rows.columns["p"][row] + rows.columns["q"][row])
            .with("s", |rows, row| 2.0 * rows.columns["p"][row] - rows.columns["q"][row] + rows.columns["x1"][row]);
        let panel = rows.panel();
        let (bar, vcov) = (BARS[bar], VCOVS[vcov]);
        let one = outcome_or_skip!(&panel, &format!("y ~ x1{bar} | p + q ~ z1 + z2 + z3"), vcov, &KEEP, None);
        let two = outcome_or_skip!(&panel, &format!("y ~ x1{bar} | r + s ~ a3 + a1 + a2"), vcov, &KEEP, None);
        // A statistic of nearly singular meat has fewer digits.
        same_statistics(&one, &two, 1e-5);
        assert_close(one.fit.sums().residual, two.fit.sums().residual, 1e-6);
    }

    /// A row of frequency `w` is `w` rows.
    #[test]
    fn frequencies(rows in rows(), bar in 0..3_usize, several in any::<bool>(), seed in any::<u64>()) {
        let rows = prepared(&rows, seed).with("when", |rows, row| f64::from(rows.year[row]));
        let order: Vec<usize> = (0..rows.n()).flat_map(|row| vec![row; (1..4).filter(|w| rows.columns["w"][row] >= f64::from(*w)).count()]).collect();
        prop_assume!(order.len() > 4);
        let numbered = |rows: Rows| Rows { year: (0..rows.n()).map(|row| i32::try_from(row).unwrap()).collect(), ..rows };
        let (short, long) = (numbered(rows.clone()).panel(), numbered(rows.select(&order)).panel());
        let bar = ["", " | id", " | id + when"][bar];
        let formula = format!("y ~ x1{bar} | {} ~ z1 + z2 + z3", if several { "p + q" } else { "p" });
        for vcov in VCOVS {
            let (one, all) = match (outcome(&short, &formula, vcov, &KEEP, Some("fweight w")), outcome(&long, &formula, vcov, &KEEP, None)) {
                (Err(a), Err(b)) => {
                    prop_assert_eq!(std::mem::discriminant(&a), std::mem::discriminant(&b));
                    continue;
                }
                (one, all) => (one.unwrap(), all.unwrap()),
            };
            prop_assert_eq!(one.fit.correction(), all.fit.correction());
            for ((a, a_se), (b, b_se)) in table(&one.fit).into_iter().zip(table(&all.fit)) {
                assert!(close(a, b, 1e-6, a_se), "{vcov}: {a} {b}");
                assert_close(a_se, b_se, 1e-6);
            }
            same_statistics(&one, &all, 1e-5);
        }
    }
}

#[test]
fn errors_are_named() {
    let rows = prepared(&unbalanced(7, 6, 0.1, 0, 4), 2)
        .with("zone2", |rows, row| 2.0 * rows.columns["zone"][row])
        .with("twin", |rows, row| rows.columns["z1"][row] - rows.columns["x1"][row])
        .with("gone", |rows, row| if row < 3 { f64::NAN } else { rows.columns["z2"][row] });
    let panel = rows.panel();
    let run = |formula: &str| outcome(&panel, formula, "iid", &KEEP, None);
    assert_eq!(run("y ~ x1 | id").unwrap_err(), Error::NoInstruments);
    let error = run("y ~ x1 | id | p + q ~ z1").unwrap_err();
    assert_eq!(error, Error::UnderIdentified { endogenous: 2, instruments: 1 });
    // Instruments that are constant within the entity, or that others span.
    let error = run("y ~ x1 | id | p ~ zone2").unwrap_err();
    assert!(
        matches!(&error, Error::Absorbed { term, .. } if *term == Term::var("zone2")),
        "{error}"
    );
    let error = run("y ~ x1 | id | p ~ z1 + twin").unwrap_err();
    assert!(
        matches!(&error, Error::Collinear { term, .. } if *term == Term::var("twin")),
        "{error}"
    );
    // Other estimators do not pass over instruments.
    for formula in ["y ~ x1 | id | p ~ z1", "y ~ x1 | p ~ z1"] {
        let design = Design::new(&panel, &formula.parse().unwrap(), Singletons::Keep).unwrap();
        let spec =
            Spec { vcov: "iid".parse().unwrap(), convention: KEEP, constant: Constant::Omit };
        let fit = if formula.contains("id") {
            fixed_effects(&design, &spec)
        } else {
            pooled(&design, &spec)
        };
        let error = fit.unwrap_err();
        assert_eq!(error, Error::Beyond { method: "least squares", beyond: "instruments" });
    }
    // Rows without an instrument are left out of every stage.
    let got = run("y ~ x1 | id | p ~ z1 + gone").unwrap();
    assert_eq!(got.fit.sample().n_missing(), 3);
    assert_eq!(got.first[0].fit.sample().n(), got.fit.sample().n());
    // The second stage's dummies, where a program absorbs one factor.
    let design =
        Design::new(&panel, &"y ~ x1 | id + year | p ~ z1 + z2".parse().unwrap(), Singletons::Keep)
            .unwrap();
    let spec = |convention: Convention| Spec {
        vcov: "iid".parse().unwrap(),
        convention,
        constant: Constant::Mean,
    };
    let areg = two_stage(&design, &spec(Convention::AREG)).unwrap();
    let keep = two_stage(&design, &spec(KEEP)).unwrap();
    for j in 0..2 {
        assert_close(areg.fit.coef()[j], keep.fit.coef()[j], 1e-9);
        assert_close(areg.fit.stderror()[j], keep.fit.stderror()[j], 1e-9);
    }
    // R² of the second stage is that of the actual regressors.
    let r2 = r_squared(&design, &keep.fit).unwrap();
    assert_close(r2.within, 1.0 - keep.fit.sums().residual / keep.fit.sums().within, 1e-12);
    let fitted: Vec<f64> = (0..design.n())
        .map(|i| {
            let value = |name: &str| column(&panel, name)[design.sample().row(i)];
            keep.fit.coef()[0] * value("p") + keep.fit.coef()[1] * value("x1")
        })
        .collect();
    let y = design.response();
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let about = |v: &[f64]| v.iter().map(|x| x - mean(v)).collect::<Vec<f64>>();
    let (a, b) = (about(y), about(&fitted));
    assert_close(r2.overall.unwrap(), dot(&a, &b).powi(2) / (dot(&a, &a) * dot(&b, &b)), 1e-9);
}

/// Rank tests are for rows and for clusters: elsewhere there are none, not others'.
#[test]
fn no_rank_test_of_another_covariance() {
    let panel = prepared(&unbalanced(9, 8, 0.0, 0, 8), 3).panel();
    let run = |vcov: &str, convention: &Convention| {
        outcome(&panel, "y ~ x1 | p ~ z1 + z2", vcov, convention, None).unwrap()
    };
    let (one, other) = (run("cluster id", &KEEP), run("newey-west 1", &KEEP));
    assert!(one.kleibergen_paap.is_some() && one.hansen.is_some());
    assert!(other.kleibergen_paap.is_none() && other.hansen.is_none());
    assert!(other.under_identification.is_none() && other.first[0].excluded.is_some());
    assert_eq!(one.sargan, other.sargan);
    // Factors of their own: no F, but the tests that have no factor.
    let large = prepared(&unbalanced(40, 12, 0.0, 0, 8), 3).panel();
    let run = |convention: &Convention| {
        outcome(&large, "y ~ x1 | p ~ z1 + z2", "cluster id + year", convention, None).unwrap()
    };
    assert!(run(&KEEP).kleibergen_paap.is_some() && run(&KEEP).hansen.is_some());
    let own = run(&Convention::PLM_SSS);
    assert!(own.kleibergen_paap.is_none() && own.hansen.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Clusters within clusters: what is added for the smaller is subtracted again. And one
    /// endogenous regressor has the F of its first stage, in however many ways it is clustered.
    #[test]
    fn clusters_in_several_ways(rows in rows(), bar in 0..BARS.len(), seed in any::<u64>()) {
        let panel = prepared(&rows, seed).panel();
        let formula = format!("y ~ x1{} | p ~ z1 + z2", BARS[bar]);
        // With few clusters a variance may be none.
        macro_rules! run {
            ($vcov:expr) => {
                match outcome(&panel, &formula, $vcov, &KEEP, None) {
                    Err(
                        Error::NoDegreesOfFreedom { .. }
                        | Error::Empty { .. }
                        | Error::PerfectFit { .. }
                        | Error::Degenerate { .. },
                    ) => return Ok(()),
                    other => other.unwrap(),
                }
            };
        }
        let one = run!("cluster zone");
        let several = run!("cluster id + zone");
        // Of three clusters two instruments leave an inverse.
        for (a, b) in [
            (one.under_identification, several.under_identification),
            (one.hansen, several.hansen),
        ] {
            if let (Some(a), Some(b)) = (a, b) {
                prop_assert!(close(a.statistic, b.statistic, 1e-5, 1e-6), "{a:?} {b:?}");
            }
        }
        let got = run!("cluster id + g");
        let stage = &got.first[0];
        let repaired = |note: &Note| matches!(note, Note::Indefinite { .. });
        let repaired = stage.fit.notes().iter().any(repaired);
        if let (Some(rk), Some(f), false) = (got.kleibergen_paap, stage.excluded, repaired) {
            prop_assert!(close(rk, f.statistic, 1e-6, 0.0), "{rk} {}", f.statistic);
        }
    }
}

#[test]
fn weak_instruments_are_noted() {
    let rows = unbalanced(9, 8, 0.0, 0, 8);
    let mut stream = Stream::new(1);
    let z: Vec<f64> = (0..rows.n()).map(|_| stream.normal()).collect();
    let panel = rows.with("z", |_, row| z[row]).panel();
    let got = outcome(&panel, "y ~ 1 | x1 ~ z", "iid", &KEEP, None).unwrap();
    assert_eq!(got.stock_yogo, Some(16.38));
    assert!(got.cragg_donald < 16.38);
    let note = got.fit.notes().iter().find(|note| matches!(note, Note::WeakInstruments { .. }));
    assert!(note.unwrap().to_string().contains("below 16.38"));
}
