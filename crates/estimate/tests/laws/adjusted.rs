//! Residuals adjusted for leverage: CR2, CR3, HC4, and degrees of freedom of their own.

use estimate::{Cr3, Intersection, Weights};
use panel::Factor;

use super::*;

/// CR3 without a factor.
const ONE: Convention = Convention { cr3: Cr3::One, ..KEEP };

/// The eigenvalues of a symmetric matrix and their vectors, in rows (Jacobi's rotations).
fn jacobi(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = a.len();
    let mut v: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..60 {
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q].abs() < 1e-300 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let (c, s) = (1.0 / (t * t + 1.0).sqrt(), t / (t * t + 1.0).sqrt());
                for row in &mut a {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                for j in 0..n {
                    (a[p][j], a[q][j]) = (c * a[p][j] - s * a[q][j], s * a[p][j] + c * a[q][j]);
                    (v[p][j], v[q][j]) = (c * v[p][j] - s * v[q][j], s * v[p][j] + c * v[q][j]);
                }
            }
        }
    }
    ((0..n).map(|i| a[i][i]).collect(), v)
}

/// `b_g'(I − H_gg)^power` by cluster, with the whole projection written down.
fn weights(hat: &Basis, group: &Factor, b: &[f64], power: f64) -> Vec<Vec<f64>> {
    let n = group.codes().len();
    (0..u32::try_from(group.n_levels()).unwrap())
        .map(|g| {
            let rows: Vec<usize> = (0..n).filter(|&i| group.codes()[i] == g).collect();
            let block = |&i: &usize| -> Vec<f64> {
                rows.iter().map(|&j| f64::from(u8::from(i == j)) - hat.hat(i, j)).collect()
            };
            let (values, vectors) = jacobi(rows.iter().map(block).collect());
            let b: Vec<f64> = rows.iter().map(|&i| b[i]).collect();
            let mut weight = vec![0.0; n];
            for (value, vector) in values.iter().zip(&vectors) {
                let share = if *value > 1e-10 { value.powf(power) * dot(vector, &b) } else { 0.0 };
                rows.iter().zip(vector).for_each(|(&i, v)| weight[i] += share * v);
            }
            weight
        })
        .collect()
}

const MODELS: [(&str, &[&str]); 6] = [
    ("y ~ x1 + x2", &[]),
    ("y ~ x1 + x2 | id", &["id"]),
    ("y ~ x1 + x2 | year", &["year"]),
    ("y ~ x1 + x2 | id + year", &["id", "year"]),
    ("y ~ x1 + x2 + x3 | g + id", &["g", "id"]),
    ("y ~ x1 + x2 | zone + g + year", &["zone", "g", "year"]),
];

/// Everything that is projected on, and the regression on it.
fn dense(panel: &Panel, model: usize) -> (Dense, Basis) {
    let (formula, names) = MODELS[model];
    let factors: Vec<_> = names.iter().map(|name| panel.factor(name).unwrap()).collect();
    let mut columns: Vec<Vec<f64>> = match names {
        [] => vec![vec![1.0; panel.n_rows()]],
        _ => factors.iter().flat_map(|factor| dummies(factor)).collect(),
    };
    let effects = Basis::new(columns.clone());
    let terms: Vec<Term> = formula.parse::<panel::Model>().unwrap().terms;
    let x: Vec<_> = terms.iter().map(|term| panel.values(term).unwrap()).collect();
    let x: Vec<&[f64]> = x.iter().map(|x| &**x).collect();
    columns.extend(x.iter().map(|x| x.to_vec()));
    (Dense::new(&column(panel, "y"), &x, &effects), Basis::new(columns))
}

/// Standard errors of every coefficient.
fn adjusted_errors(dense: &Dense, hat: &Basis, group: &Factor, power: f64) -> Vec<f64> {
    let error = |b: &Vec<f64>| {
        let scores: Vec<f64> = weights(hat, group, b, power)
            .iter()
            .map(|weights| dot(weights, &dense.residuals))
            .collect();
        dot(&scores, &scores).sqrt()
    };
    dense.influence().iter().map(error).collect()
}

fn is_alone(fit: &Fit) -> bool {
    fit.notes().iter().any(|note| matches!(note, Note::Alone { .. }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Variances and degrees of freedom from the whole projection, `n × n`, with dummies for every
    /// effect: absorbing changes nothing, whether effects lie within clusters or not.
    #[test]
    fn dense_adjustment(rows in rows(), model in 0..MODELS.len(), by in 0..4_usize) {
        let panel = rows.panel();
        let by = ["id", "year", "zone", "g"][by];
        let group = panel.factor(by).unwrap();
        for (name, power) in [("CR2", -0.5), ("CR3", -1.0)] {
            let fit = match fit(&panel, MODELS[model].0, &format!("{name} {by}"), &ONE) {
                Err(Error::NoDegreesOfFreedom { .. } | Error::Degenerate { .. }) => return Ok(()),
                other => other.unwrap(),
            };
            let (dense, hat) = dense(&panel, model);
            let k = fit.terms().len();
            prop_assert_eq!(fit.correction().reference, Reference::T(group.n_levels() - 1));
            for (row, (b, beta)) in fit.coefficients().iter().zip(dense.influence().iter().zip(&dense.beta)).take(k + 1) {
                let weights = weights(&hat, &group, b, power);
                let scores: Vec<f64> = weights.iter().map(|w| dot(w, &dense.residuals)).collect();
                let want = dot(&scores, &scores).sqrt();
                prop_assert!(close(row.estimate, *beta, TOLERANCE, want));
                prop_assert!(close(row.std_error, want, 1e-8, 1e-9 * dense.iid()[0]), "{} {}", row.std_error, want);
                let p: Vec<Vec<f64>> = weights.iter().map(|w| hat.residual(w)).collect();
                let trace: f64 = p.iter().map(|p| dot(p, p)).sum();
                let square: f64 = p.iter().flat_map(|a| p.iter().map(|b| dot(a, b).powi(2))).sum();
                let Reference::Satterthwaite(df) = row.reference else { panic!("{:?}", row.reference) };
                assert_close(df, trace * trace / square, 1e-7);
                assert_close(row.p_value, row.reference.two_sided(row.statistic), 1e-14);
                let half = row.conf_high - row.estimate;
                assert_close(row.reference.two_sided(half / row.std_error), 0.05, 1e-9);
            }
        }
    }

    /// CR2 is unbiased if errors are iid: its mean over them is the sum over unit vectors in place
    /// of the response, and must be `(X'X)⁻¹`.
    #[test]
    fn unbiased_under_the_working_model(seed in any::<u64>(), model in 0..5_usize, by in 0..3_usize) {
        let rows = unbalanced(5, 5, 0.2, 0, seed).sorted();
        let vcov = format!("CR2 {}", ["id", "year", "g"][by]);
        let panel = rows.panel();
        let formula = MODELS[model].0;
        let iid = fit_or_skip!(&panel, formula, "iid", &COUNTED);
        let real = match fit(&panel, formula, &vcov, &COUNTED) {
            Err(Error::Degenerate { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        prop_assume!(!is_alone(&real));
        let c = iid.correction();
        let unit = iid.vcov() * ((c.n - c.k_all) as f64 / iid.sums().residual);
        let mut mean = unit.clone() * 0.0;
        for i in 0..rows.n() {
            let one = rows.clone().with("y", |_, row| f64::from(u8::from(row == i)));
            match fit_with(&one.panel(), formula, &vcov, &COUNTED, Constant::Omit) {
                Ok(fit) => mean += &fit.vcov(),
                // A row that only its own cluster can tell apart says nothing about the slopes.
                Err(Error::PerfectFit { .. } | Error::NoVariation { .. } | Error::Degenerate { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        for j in 0..2 {
            prop_assert!(close(mean[[j, j]], unit[[j, j]], 1e-7, 0.0), "{} {}", mean[[j, j]], unit[[j, j]]);
        }
    }

    /// CR3 is what comes of leaving out one cluster after the other.
    #[test]
    fn the_jackknife(rows in rows(), model in 0..MODELS.len(), by in 0..4_usize) {
        let rows = rows.sorted();
        let panel = rows.panel();
        let by = ["id", "year", "zone", "g"][by];
        let formula = MODELS[model].0;
        let fit = |rows: &Rows, vcov: &str, convention: &Convention| super::fit(&rows.panel(), formula, vcov, convention);
        let whole = match fit(&rows, &format!("CR3 {by}"), &ONE) {
            Err(Error::NoDegreesOfFreedom { .. } | Error::Degenerate { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        let group = panel.factor(by).unwrap();
        let k = whole.terms().len();
        let mut sum = vec![vec![0.0; k]; k];
        for g in 0..u32::try_from(group.n_levels()).unwrap() {
            let rest: Vec<usize> = (0..rows.n()).filter(|&row| group.codes()[row] != g).collect();
            let without = match fit(&rows.select(&rest), "HC0", &PLM) {
                Err(Error::NoDegreesOfFreedom { .. } | Error::Degenerate { .. } | Error::PerfectFit { .. }) => return Ok(()),
                Err(Error::Absorbed { .. } | Error::Collinear { .. }) => {
                    prop_assert!(is_alone(&whole));
                    return Ok(());
                }
                other => other.unwrap(),
            };
            let gap: Vec<f64> = without.coef().iter().zip(whole.coef()).map(|(a, b)| a - b).collect();
            for i in 0..k {
                for j in 0..k {
                    sum[i][j] += gap[i] * gap[j];
                }
            }
        }
        prop_assert!(!is_alone(&whole));
        let v = whole.vcov();
        for i in 0..k {
            for j in 0..k {
                prop_assert!(close(v[[i, j]], sum[i][j], 1e-6, (sum[i][i] * sum[j][j]).sqrt()), "{} {}", v[[i, j]], sum[i][j]);
            }
        }
        // The conventions' factors.
        let g = group.n_levels() as f64;
        let scaled = |cr3: Cr3| {
            let fit = fit(&rows, &format!("CR3 {by}"), &Convention { cr3, ..KEEP }).unwrap();
            (fit.vcov()[[0, 0]] / v[[0, 0]], fit.correction())
        };
        assert_close(scaled(Cr3::Jackknife).0, (g - 1.0) / g, 1e-12);
        let (factor, correction) = scaled(Cr3::Cluster);
        let (n, left) = (correction.n as f64, (correction.n - correction.k_counted) as f64);
        assert_close(factor, g / (g - 1.0) * (n - 1.0) / left, 1e-12);
        prop_assert_eq!(correction.k_counted, fit(&rows, &format!("cluster {by}"), &KEEP).unwrap().correction().k_counted);
    }

    /// Clusters of one row: HC2 and HC3.
    #[test]
    fn every_row_its_own_cluster(rows in rows(), model in 0..3_usize) {
        let panel = rows.with("row", |_, row| row as f64).panel();
        let formula = MODELS[model].0;
        for (cr, hc) in [("CR2 row", "HC2"), ("CR3 row", "HC3")] {
            let a = fit_or_skip!(&panel, formula, cr, &ONE);
            let b = fit(&panel, formula, hc, &ONE).unwrap();
            same(&a, &b, 2);
            if model == 0 {
                same(&a, &b, 3);
            }
        }
    }

    /// Weighted rows are rows times `√w`, dummies too, in every covariance.
    #[test]
    fn weights_scale_rows(rows in rows(), model in 0..MODELS.len(), seed in any::<u64>()) {
        let mut stream = Stream::new(seed);
        let weight: Vec<f64> = (0..rows.n()).map(|_| 0.2 + stream.uniform()).collect();
        let panel = rows.with("w", |_, row| weight[row]).panel();
        let (formula, names) = MODELS[model];
        let convention = Convention { intersection: Intersection::Clusters, ..PLM };
        let root: Vec<f64> = {
            let w = column(&panel, "w");
            let scale = w.len() as f64 / w.iter().sum::<f64>();
            w.iter().map(|w| (w * scale).sqrt()).collect()
        };
        let scaled = |v: &[f64]| -> Vec<f64> { v.iter().zip(&root).map(|(v, root)| v * root).collect() };
        let factors: Vec<_> = names.iter().map(|name| panel.factor(name).unwrap()).collect();
        let mut columns: Vec<Vec<f64>> = match names {
            [] => vec![root.clone()],
            _ => factors.iter().flat_map(|factor| dummies(factor)).map(|d| scaled(&d)).collect(),
        };
        let effects = Basis::new(columns.clone());
        let terms: Vec<Term> = formula.parse::<panel::Model>().unwrap().terms;
        let x: Vec<Vec<f64>> = terms.iter().map(|term| scaled(&panel.values(term).unwrap())).collect();
        columns.extend(x.clone());
        let x: Vec<&[f64]> = x.iter().map(|x| &**x).collect();
        let dense = Dense::new(&scaled(&column(&panel, "y")), &x, &effects);
        let hat = Basis::new(columns);
        let id = panel.factor("id").unwrap();
        let g = panel.factor("g").unwrap();
        let year: Vec<f64> = panel.index().period.iter().map(|&year| f64::from(year)).collect();
        let share = |a: bool| f64::from(u8::from(a));
        let lag = |i: usize, j: usize| f64::max(0.0, 1.0 - (year[i] - year[j]).abs() / 2.0);
        let together = |i: usize, j: usize| id.codes()[i] == id.codes()[j];
        for (vcov, want) in [
            ("cluster id + g", dense.weighted(|i, j| share(together(i, j) || g.codes()[i] == g.codes()[j]))),
            ("driscoll-kraay 1", dense.weighted(lag)),
            ("newey-west 1", dense.weighted(|i, j| share(together(i, j)) * lag(i, j))),
            ("CR2 id", adjusted_errors(&dense, &hat, &id, -0.5)),
            ("CR3 id", adjusted_errors(&dense, &hat, &id, -1.0)),
            ("CR2 g", adjusted_errors(&dense, &hat, &g, -0.5)),
        ] {
            let model = formula.parse().unwrap();
            let weights: Weights = "aweight w".parse().unwrap();
            let design = Design::weighted(&panel, &model, Singletons::Keep, &weights).unwrap();
            let spec = Spec { vcov: vcov.parse().unwrap(), convention: convention.clone(), constant: Constant::Mean };
            let fit = if names.is_empty() { pooled(&design, &spec) } else { fixed_effects(&design, &spec) };
            let fit = match fit {
                Err(Error::NoDegreesOfFreedom { .. } | Error::Degenerate { .. } | Error::NotPositive { .. }) => continue,
                other => other.unwrap(),
            };
            let scale = want.iter().copied().fold(0.0, f64::max);
            for ((_, error), want) in table(&fit).into_iter().zip(&want).take(terms.len()) {
                prop_assert!(close(error, *want, 1e-8, 1e-6 * scale), "{}: {} {}", vcov, error, want);
            }
            if names.is_empty() && vcov.starts_with("CR") {
                // The constant is a regressor like any other: the same projection, in other order.
                let columns: Vec<&[f64]> = x.iter().copied().chain([&*root]).collect();
                let all = Dense::new(&scaled(&column(&panel, "y")), &columns, &Basis::default());
                let by = if vcov.ends_with('g') { &g } else { &id };
                let power = if vcov.starts_with("CR2") { -0.5 } else { -1.0 };
                let want = adjusted_errors(&all, &hat, by, power)[terms.len()];
                prop_assert!(close(table(&fit)[terms.len()].1, want, 1e-8, 0.0));
            }
        }
    }

    /// HC4 from its definition, with the effects among the parameters.
    #[test]
    fn dense_hc4(rows in rows(), model in 0..3_usize) {
        let panel = rows.panel();
        let fit = fit_or_skip!(&panel, MODELS[model].0, "HC4", &KEEP);
        let (dense, hat) = dense(&panel, model);
        let (n, k) = (panel.n_rows() as f64, dense.rank as f64);
        let h = |i: usize| hat.hat(i, i);
        prop_assume!((0..panel.n_rows()).all(|i| h(i) < 1.0 - 1e-9));
        let want = dense.weighted(|i, j| {
            let power = f64::min(4.0, n * h(i) / k);
            if i == j { 1.0 / (1.0 - h(i)).powf(power) } else { 0.0 }
        });
        for ((_, error), want) in table(&fit).into_iter().zip(&want) {
            assert_close(error, *want, 1e-9);
        }
    }
}

const PLM: Convention = Convention::PLM;

/// What the formulas do not cover says so.
#[test]
fn refused() {
    let panel = unbalanced(6, 6, 0.1, 0, 4).with("w", |_, row| (1 + row % 3) as f64).panel();
    let error = |formula: &str, vcov: &str, weights: Option<&str>, convention: &Convention| {
        let model = formula.parse().unwrap();
        let design = match weights {
            None => Design::new(&panel, &model, Singletons::Keep),
            Some(text) => {
                Design::weighted(&panel, &model, Singletons::Keep, &text.parse().unwrap())
            }
        };
        let spec = Spec {
            vcov: vcov.parse().unwrap(),
            convention: convention.clone(),
            constant: Constant::Omit,
        };
        fixed_effects(&design.unwrap(), &spec)
    };
    let frequencies = Some("fweight w");
    for (vcov, method) in [
        ("CR2 id", "CR2"),
        ("CR3 id", "CR3"),
        ("newey-west 1", "newey-west"),
        ("pcse pairwise", "pcse"),
    ] {
        let want = Error::Beyond { method, beyond: "frequencies as weights" };
        assert_eq!(error("y ~ x1 | id", vcov, frequencies, &KEEP).unwrap_err(), want);
    }
    assert!(error("y ~ x1 | id", "cluster id + year", frequencies, &KEEP).is_ok());
    assert!(matches!(
        error("y ~ x1 | id", "cluster id + year", frequencies, &PLM),
        Err(Error::Beyond { beyond: "frequencies as weights", .. })
    ));
    for (vcov, method) in [("CR2 id", "CR2"), ("CR3 year", "CR3")] {
        let want = Error::Beyond { method, beyond: "slopes by level" };
        assert_eq!(error("y ~ x1 | id[x2]", vcov, None, &KEEP).unwrap_err(), want);
    }
    assert!(error("y ~ x1 | id[x2]", "driscoll-kraay 1", None, &KEEP).is_ok());
}

/// A slope that only one cluster knows: the slope of entity 1 beside that of all. Its variance is
/// that of the others', as far as anybody can tell, and a note says so.
#[test]
fn a_slope_of_one_cluster() {
    let one = |rows: &Rows, row: usize| f64::from(u8::from(rows.id[row] == 1));
    let panel = unbalanced(8, 6, 0.1, 0, 12)
        .with("d", |rows, row| rows.columns["x1"][row] * one(rows, row))
        .panel();
    for vcov in ["CR2 id", "CR3 id"] {
        let fit = fit(&panel, "y ~ x1 + d | id", vcov, &ONE).unwrap();
        assert!(fit.notes().contains(&Note::Alone { by: "id".into(), n_clusters: 1 }));
        let table = table(&fit);
        assert_close(table[0].1, table[1].1, 1e-9);
    }
    let fit = fit(&panel, "y ~ x1 | id", "CR3 id", &ONE).unwrap();
    assert!(!is_alone(&fit));
}
