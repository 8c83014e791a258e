//! Probit and logit.
#![allow(clippy::float_cmp, reason = "counts and codes")]

use estimate::{
    At, BinaryFit, BinarySpec, Design, Error, Hc, Information, LikelihoodError, Link, MarginSpec,
    Singletons, SmallSample, Vcov, ZeroOne, binary, marginal_effects, mills, normal_cdf,
};
use panel::Panel;
use proptest::prelude::*;
use testkit::{Rows, Stream, assert_close, close, rows, unbalanced};

const LINKS: [Link; 2] = [Link::Probit, Link::Logit];

fn spec(link: Link, vcov: Vcov) -> BinarySpec {
    let small_sample = SmallSample::None;
    BinarySpec { link, information: Information::Observed, vcov, small_sample }
}

fn design<'p>(panel: &'p Panel, formula: &str) -> Result<Design<'p>, Error> {
    Design::new(panel, &formula.parse().unwrap(), Singletons::Keep)
}

fn fit(panel: &Panel, formula: &str, spec: &BinarySpec) -> Result<BinaryFit, Error> {
    binary(&design(panel, formula)?, spec)
}

/// Rows with an outcome `d` that depends on `x1` and `x2`, and a column of ones.
fn with_outcome(rows: Rows, seed: u64) -> Rows {
    rows.with("d", |rows, i| {
        let noise = 2.0 * Stream::new(seed ^ (i as u64) << 20).normal();
        let index = 0.4 * rows.columns["x1"][i] - 0.2 * (rows.columns["x2"][i] - 4.0) + noise;
        f64::from(u8::from(index > 0.0))
    })
    .with("one", |_, _| 1.0)
}

/// A fit, unless a draw separates the outcome.
macro_rules! fit_or_skip {
    ($($argument:expr),*) => {
        match fit($($argument),*) {
            Err(Error::Likelihood(LikelihoodError::Separation { .. }) | Error::NoVariation { .. }) => return Ok(()),
            other => other.unwrap(),
        }
    };
}

fn table(fit: &BinaryFit) -> Vec<(f64, f64)> {
    fit.coefficients().iter().map(|row| (row.estimate, row.std_error)).collect()
}

/// `∂ ln L_i / ∂ η_i` from the definition.
fn score(link: Link, y: f64, index: f64) -> f64 {
    match link {
        Link::Probit if y > 0.5 => mills(index).lambda,
        Link::Probit => -mills(-index).lambda,
        Link::Logit => y - 1.0 / (1.0 + (-index).exp()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// At the maximum the scores are orthogonal to every regressor, nearly collinear ones too, and
    /// the log-likelihood is that of the probabilities.
    #[test]
    fn score_equations(rows in rows(), seed in any::<u64>(), near in any::<bool>()) {
        let panel = with_outcome(rows, seed).panel();
        let formula = if near { "d ~ x1 + x2 + x3" } else { "d ~ x1 + x2 + i.zone" };
        let design = design(&panel, formula).unwrap();
        for link in LINKS {
            let fit = fit_or_skip!(&panel, formula, &spec(link, Vcov::Iid));
            prop_assert!(fit.distance() < 1e-9);
            let y = design.response();
            let scores: Vec<f64> =
                y.iter().zip(fit.linear_index()).map(|(y, eta)| score(link, *y, *eta)).collect();
            let ones = vec![1.0; y.len()];
            for x in (0..design.terms().len()).map(|j| design.column(j)).chain([&*ones]) {
                let terms = || scores.iter().zip(x).map(|(s, x)| s * x);
                let size: f64 = terms().map(f64::abs).sum();
                prop_assert!(terms().sum::<f64>().abs() <= 1e-9 * size);
            }
            let probabilities = fit.probabilities();
            let log: f64 = y.iter().zip(&probabilities)
                .map(|(y, p)| if *y > 0.5 { p.ln() } else { (1.0 - p).ln() })
                .sum();
            prop_assert!(close(fit.log_likelihood(), log, 1e-9, 1.0));
            for (i, eta) in fit.linear_index().iter().enumerate() {
                let terms = (0..design.terms().len()).map(|j| fit.coef()[j] * design.column(j)[i]);
                let index = terms.sum::<f64>() + fit.constant().unwrap();
                prop_assert!(close(index, *eta, 1e-7, 1.0));
            }
        }
    }

    /// `1 − y` turns the sign of every coefficient and nothing else.
    #[test]
    fn failures_are_successes_the_other_way(rows in rows(), seed in any::<u64>()) {
        let rows = with_outcome(rows, seed);
        let turned = rows.clone().with("d", |rows, i| 1.0 - rows.columns["d"][i]);
        for link in LINKS {
            for vcov in [Vcov::Iid, Vcov::Robust(Hc::Hc0), Vcov::Cluster("zone".into())] {
                let a = fit_or_skip!(&rows.panel(), "d ~ x1 + x2", &spec(link, vcov.clone()));
                let b = fit(&turned.panel(), "d ~ x1 + x2", &spec(link, vcov)).unwrap();
                for ((a, a_se), (b, b_se)) in table(&a).into_iter().zip(table(&b)) {
                    prop_assert!(close(a, -b, 1e-9, a_se));
                    assert_close(a_se, b_se, 1e-9);
                }
                assert_close(a.log_likelihood(), b.log_likelihood(), 1e-12);
                prop_assert!(close(a.pseudo_r2().efron, b.pseudo_r2().efron, 1e-9, 1.0));
                prop_assert!(close(a.pseudo_r2().mckelvey_zavoina, b.pseudo_r2().mckelvey_zavoina, 1e-9, 1.0));
                prop_assert_eq!(a.classification().true_positive, b.classification().true_negative);
                prop_assert_eq!(a.classification().false_positive, b.classification().false_negative);
            }
        }
    }

    /// A model with a parameter a cell predicts the frequencies of the cells, and the binomial
    /// variance of each; cells without variation are separated, and named.
    #[test]
    fn saturated_cells(rows in rows(), seed in any::<u64>()) {
        let rows = with_outcome(rows, seed);
        let panel = rows.panel();
        let design = design(&panel, "d ~ i.g").unwrap();
        let group = design.group("g").unwrap();
        let mut cells = vec![(0.0, 0.0); group.n_levels()];
        for (&code, d) in group.codes().iter().zip(design.response()) {
            cells[code as usize].0 += d;
            cells[code as usize].1 += 1.0;
        }
        let pure = |&(ones, n): &(f64, f64)| ones == 0.0 || ones == n;
        for link in LINKS {
            let fit = binary(&design, &spec(link, Vcov::Iid));
            if cells.iter().all(pure) || cells.iter().any(pure) {
                match fit {
                    Err(Error::NoVariation { .. }) => continue,
                    Err(Error::Likelihood(LikelihoodError::Separation { terms, .. })) if !pure(&cells[0]) => {
                        let labels = group.labels().enumerate();
                        let want: Vec<String> = labels
                            .filter(|(code, _)| pure(&cells[*code]))
                            .map(|(_, label)| format!("g::{label}"))
                            .collect();
                        let terms: Vec<String> = terms.iter().map(ToString::to_string).collect();
                        prop_assert_eq!(terms, want);
                    }
                    Err(Error::Likelihood(LikelihoodError::Separation { .. })) => {}
                    other => panic!("{other:?}"),
                }
                continue;
            }
            let fit = fit.unwrap();
            for (p, &code) in fit.probabilities().iter().zip(group.codes()) {
                let (ones, n) = cells[code as usize];
                assert_close(*p, ones / n, 1e-9);
            }
            let (ones, n) = cells[0];
            let (p, eta) = (ones / n, fit.constant().unwrap());
            let binomial = (p * (1.0 - p) / n).sqrt() / link.density(eta);
            assert_close(fit.stderror()[cells.len() - 1], binomial, 1e-9);
            let log: f64 = cells.iter()
                .map(|(ones, n)| ones * (ones / n).ln() + (n - ones) * (1.0 - ones / n).ln())
                .sum();
            assert_close(fit.log_likelihood(), log, 1e-11);
        }
    }

    /// Units of measurement go through.
    #[test]
    fn affine_units(rows in rows(), seed in any::<u64>(), c in -9.0..9.0_f64, d in -5..=5_i32) {
        let d = 10_f64.powi(d) * 1.7;
        let rows = with_outcome(rows, seed);
        let moved = rows.clone().with("x1", |rows, row| d * (c + rows.columns["x1"][row]));
        for link in LINKS {
            for vcov in [Vcov::Iid, Vcov::Cluster("zone".into())] {
                let old = fit_or_skip!(&rows.panel(), "d ~ x1 + x2", &spec(link, vcov.clone()));
                let new = fit(&moved.panel(), "d ~ x1 + x2", &spec(link, vcov)).unwrap();
                let (old, new) = (table(&old), table(&new));
                prop_assert!(close(new[0].0, old[0].0 / d, 1e-8, new[0].1));
                assert_close(new[0].1, old[0].1 / d, 1e-8);
                prop_assert!(close(new[2].0, old[2].0 - old[0].0 * c, 1e-8, new[2].1));
            }
        }
    }

    /// The order of rows carries no information, not even to the last bit.
    #[test]
    fn row_order_is_irrelevant(rows in rows(), seed in any::<u64>()) {
        let rows = with_outcome(rows, seed);
        let shuffled = rows.select(&Stream::new(seed).order(rows.n()));
        for link in LINKS {
            let spec = spec(link, Vcov::Cluster("id".into()));
            let a = fit_or_skip!(&rows.panel(), "d ~ x1 + x2", &spec);
            let b = fit(&shuffled.panel(), "d ~ x1 + x2", &spec).unwrap();
            prop_assert_eq!(table(&a), table(&b));
            prop_assert_eq!(a.linear_index(), b.linear_index());
        }
    }

    /// A nearly collinear column is as good as what it adds, stretched.
    #[test]
    fn near_collinearity_is_a_change_of_columns(rows in rows(), seed in any::<u64>()) {
        let rows = with_outcome(rows, seed).with("w", |rows, i| {
            1e4 * (rows.columns["x3"][i] - rows.columns["x1"][i] - rows.columns["x2"][i])
        });
        let panel = rows.panel();
        for link in LINKS {
            let near = fit_or_skip!(&panel, "d ~ x1 + x2 + x3", &spec(link, Vcov::Robust(Hc::Hc0)));
            let far = fit(&panel, "d ~ x1 + x2 + w", &spec(link, Vcov::Robust(Hc::Hc0))).unwrap();
            let (near, far) = (table(&near), table(&far));
            prop_assert!(close(near[2].0, 1e4 * far[2].0, 1e-7, near[2].1));
            assert_close(near[2].1, 1e4 * far[2].1, 1e-7);
            prop_assert!(close(near[0].0 + near[2].0, far[0].0, 1e-7, far[0].1 + 1e-4 * near[2].1));
            assert_close(near[3].1, far[3].1, 1e-7);
        }
    }

    /// Every row a cluster is no cluster; a column of ones is a constant; factors are as named.
    #[test]
    fn ways_to_say_the_same(rows in rows(), seed in any::<u64>()) {
        let rows = with_outcome(rows, seed);
        let rows = rows.clone().with("own", |_, i| i as f64);
        let panel = rows.panel();
        let n = rows.n() as f64;
        for link in LINKS {
            let robust = fit_or_skip!(&panel, "d ~ x1 + x2", &spec(link, Vcov::Robust(Hc::Hc0)));
            let own = fit(&panel, "d ~ x1 + x2", &spec(link, Vcov::Cluster("own".into()))).unwrap();
            let ones = fit(&panel, "d ~ 0 + x1 + x2 + one", &spec(link, Vcov::Robust(Hc::Hc0))).unwrap();
            for (row, same) in table(&robust).iter().zip(table(&own)) {
                prop_assert!(close(row.0, same.0, 1e-12, row.1));
                assert_close(row.1, same.1, 1e-10);
            }
            for (row, same) in table(&robust).iter().zip(table(&ones)) {
                prop_assert!(close(row.0, same.0, 1e-8, row.1));
                assert_close(row.1, same.1, 1e-8);
            }
            assert_close(robust.log_likelihood(), ones.log_likelihood(), 1e-11);
            let groups = panel.factor("zone").unwrap().n_levels() as f64;
            let plain = fit(&panel, "d ~ x1 + x2", &spec(link, Vcov::Cluster("zone".into()))).unwrap();
            for (small_sample, by_row, by_cluster) in [
                (SmallSample::Stata, n / (n - 1.0), groups / (groups - 1.0)),
                (SmallSample::Sandwich, 1.0, groups / (groups - 1.0)),
                (SmallSample::Statsmodels, 1.0, groups / (groups - 1.0) * (n - 1.0) / (n - 3.0)),
            ] {
                for (vcov, plain, factor) in [
                    (Vcov::Robust(Hc::Hc1), &robust, by_row),
                    (Vcov::Robust(Hc::Hc0), &robust, 1.0),
                    (Vcov::Cluster("zone".into()), &plain, by_cluster),
                ] {
                    let spec = BinarySpec { small_sample, ..spec(link, vcov) };
                    let scaled = fit(&panel, "d ~ x1 + x2", &spec).unwrap();
                    for (plain, scaled) in table(plain).iter().zip(table(&scaled)) {
                        assert_close(scaled.1, plain.1 * factor.sqrt(), 1e-12);
                    }
                }
            }
        }
    }

    /// Effects are those of the definition, and their errors those of its derivatives in `β`, taken
    /// by differences.
    #[test]
    fn margins_by_differences(rows in rows(), seed in any::<u64>()) {
        let rows = with_outcome(rows, seed);
        let panel = rows.panel();
        let formula = "d ~ x1 + i.zone";
        let design = design(&panel, formula).unwrap();
        let columns: Vec<&[f64]> = (0..design.terms().len()).map(|j| design.column(j)).collect();
        let n = design.n();
        for link in LINKS {
            let fit = fit_or_skip!(&panel, formula, &spec(link, Vcov::Robust(Hc::Hc0)));
            let beta: Vec<f64> = fit.coefficients().iter().map(|row| row.estimate).collect();
            for at in [At::Average, At::Means] {
                for zero_one in [ZeroOne::Derivative, ZeroOne::Difference] {
                    let points: Vec<Vec<f64>> = match at {
                        At::Average => (0..n).map(|i| columns.iter().map(|x| x[i]).collect()).collect(),
                        At::Means => {
                            vec![columns.iter().map(|x| x.iter().sum::<f64>() / n as f64).collect()]
                        }
                    };
                    let effect = |j: usize, beta: &[f64]| {
                        let index = |x: &[f64]| {
                            x.iter().zip(beta).map(|(x, b)| x * b).sum::<f64>() + beta[x.len()]
                        };
                        let one = |x: &Vec<f64>| {
                            if zero_one == ZeroOne::Derivative || j == 0 {
                                return link.density(index(x)) * beta[j];
                            }
                            let (mut with, mut without) = (x.clone(), x.clone());
                            (with[j], without[j]) = (1.0, 0.0);
                            link.probability(index(&with)) - link.probability(index(&without))
                        };
                        points.iter().map(one).sum::<f64>() / points.len() as f64
                    };
                    let margins =
                        marginal_effects(&design, &fit, MarginSpec { at, zero_one }).unwrap();
                    for (j, row) in margins.iter().enumerate() {
                        prop_assert!(close(row.estimate, effect(j, &beta), 1e-10, 1e-3));
                        let gradient: Vec<f64> = (0..beta.len()).map(|m| {
                            let moved = |by: f64| {
                                let mut moved = beta.clone();
                                moved[m] += by;
                                effect(j, &moved)
                            };
                            (moved(1e-5) - moved(-1e-5)) / 2e-5
                        }).collect();
                        let gradient = ndarray::Array1::from(gradient);
                        let variance = gradient.dot(&fit.vcov().dot(&gradient));
                        assert_close(row.std_error, variance.sqrt(), 1e-5);
                    }
                }
            }
        }
    }
}

/// More rows than a piece: the number of threads changes no bit.
#[test]
fn threads_change_nothing() {
    let rows = with_outcome(unbalanced(900, 8, 0.1, 2, 7), 3);
    let panel = rows.panel();
    assert!(panel.n_rows() > 4096);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let spec = spec(Link::Probit, Vcov::Cluster("id".into()));
            let fit = fit(&panel, "d ~ x1 + x2 + i.g", &spec).unwrap();
            (table(&fit), fit.linear_index().to_vec(), fit.log_likelihood())
        })
    };
    assert_eq!(run(1), run(3));
}

/// The information that a row has on average is the mean over its two outcomes.
#[test]
fn expected_information_is_the_mean_over_outcomes() {
    let rows = with_outcome(unbalanced(9, 8, 0.1, 2, 7), 3);
    let panel = rows.panel();
    let fits = [Information::Observed, Information::Expected].map(|information| {
        let spec = BinarySpec { information, ..spec(Link::Probit, Vcov::Iid) };
        fit(&panel, "d ~ x1", &spec).unwrap()
    });
    let design = design(&panel, "d ~ x1").unwrap();
    let x = design.column(0);
    let mut information = [[0.0; 2]; 2];
    for (x, eta) in x.iter().zip(fits[0].linear_index()) {
        let p = normal_cdf(*eta);
        let w = p * mills(*eta).delta + (1.0 - p) * mills(-eta).delta;
        let x = [*x, 1.0];
        (0..2).for_each(|i| (0..2).for_each(|j| information[i][j] += w * x[i] * x[j]));
    }
    let [[a, b], [_, c]] = information;
    let determinant = a * c - b * b;
    assert_close(fits[1].stderror()[0], (c / determinant).sqrt(), 1e-10);
    assert_close(fits[1].stderror()[1], (a / determinant).sqrt(), 1e-10);
    assert!((fits[0].stderror()[0] / fits[1].stderror()[0] - 1.0).abs() > 1e-4);
}

/// A panel of one column `x` and the outcome `d`.
fn two_columns(x: Vec<f64>, d: Vec<f64>) -> Panel {
    let n = i32::try_from(x.len()).unwrap();
    let year = vec![0; x.len()];
    let columns = [("x".to_owned(), x), ("d".to_owned(), d)].into();
    Rows { id: (0..n).collect(), year, columns }.panel()
}

#[test]
fn separation_is_named() {
    let x: Vec<f64> = (0..40).map(f64::from).collect();
    let above: Vec<f64> = x.iter().map(|x| f64::from(u8::from(*x > 17.5))).collect();
    let panel = two_columns(x.clone(), above);
    for link in LINKS {
        let error = fit(&panel, "d ~ x", &spec(link, Vcov::Iid)).unwrap_err();
        let Error::Likelihood(LikelihoodError::Separation { terms, rows, n, .. }) = &error else {
            panic!("{error}")
        };
        assert_eq!((terms.len(), *rows, *n), (1, 40, 40));
        assert!(error.to_string().starts_with("`x` predicts `d` perfectly in 40 of 40 rows"));
    }
    // Units do not say which term separates.
    let x: Vec<f64> = (0..40).map(|i| 1e7 * f64::from(i)).collect();
    let above: Vec<f64> = x.iter().map(|x| f64::from(u8::from(*x > 1.75e8))).collect();
    let columns =
        [("x".to_owned(), x), ("w".to_owned(), (0..40).map(|i| f64::from(i % 7)).collect())];
    let mut columns: std::collections::BTreeMap<_, _> = columns.into();
    columns.insert("d".to_owned(), above);
    let panel = Rows { id: (0..40).collect(), year: vec![0; 40], columns }.panel();
    for link in LINKS {
        let error = fit(&panel, "d ~ x + w", &spec(link, Vcov::Iid)).unwrap_err();
        let Error::Likelihood(LikelihoodError::Separation { terms, .. }) = &error else {
            panic!("{error}")
        };
        assert!(terms.iter().any(|term| term.to_string() == "x"), "{error}");
    }
    // Only where x is nine, and there always: the rest has a maximum of its own.
    let mixed: Vec<f64> = (0..40).map(|i| f64::from(u8::from(i % 10 == 9 || i % 3 == 0))).collect();
    let digit: Vec<f64> = (0..40).map(|i| f64::from(i % 10)).collect();
    let panel = two_columns(digit, mixed);
    for link in LINKS {
        let error = fit(&panel, "d ~ i.x", &spec(link, Vcov::Iid)).unwrap_err();
        let Error::Likelihood(LikelihoodError::Separation { terms, rows, .. }) = &error else {
            panic!("{error}")
        };
        assert_eq!(terms.iter().map(ToString::to_string).collect::<Vec<_>>(), ["x::9"]);
        assert_eq!(*rows, 4);
    }
}

/// One row in two thousand on the other side, and there is a maximum, far out: log odds of 1999.
#[test]
fn nearly_separated_has_a_maximum() {
    let x: Vec<f64> = (0..4000).map(|i| f64::from(i % 2)).collect();
    let d: Vec<f64> =
        (0..4000).map(|i| f64::from(u8::from(i == 1 || (i % 2 == 0 && i % 3 == 0)))).collect();
    let panel = two_columns(x, d);
    let logit = fit(&panel, "d ~ x", &spec(Link::Logit, Vcov::Iid)).unwrap();
    let eta = logit.coef()[0] + logit.constant().unwrap();
    assert_close(eta, -(1999_f64.ln()), 1e-10);
    let probit = fit(&panel, "d ~ x", &spec(Link::Probit, Vcov::Iid)).unwrap();
    assert_close(normal_cdf(probit.coef()[0] + probit.constant().unwrap()), 1.0 / 2000.0, 1e-10);
}

#[test]
fn bad_input_is_named() {
    let rows = with_outcome(unbalanced(9, 8, 0.1, 2, 7), 3);
    let rows = rows
        .with("all", |_, _| 1.0)
        .with("half", |rows, i| 0.5 * rows.columns["d"][i])
        .with("gap", |rows, i| if i == 4 { f64::NAN } else { rows.columns["zone"][i] })
        .with("twice", |rows, i| 2.0 * rows.columns["x1"][i] + 1.0);
    let panel = rows.panel();
    let run =
        |formula: &str, vcov: Vcov| fit(&panel, formula, &spec(Link::Probit, vcov)).unwrap_err();
    assert!(matches!(run("all ~ x1", Vcov::Iid), Error::NoVariation { .. }));
    assert!(matches!(run("all ~ 0 + x1", Vcov::Iid), Error::NoVariation { .. }));
    assert!(
        matches!(run("half ~ x1", Vcov::Iid), Error::Likelihood(LikelihoodError::NotBinary { value, .. }) if value == 0.5)
    );
    assert!(matches!(
        run("d ~ x1 | id", Vcov::Iid),
        Error::Likelihood(LikelihoodError::IncidentalParameters { .. })
    ));
    assert!(matches!(run("d ~ 0", Vcov::Iid), Error::NoRegressors));
    assert!(matches!(run("d ~ x1 + all", Vcov::Iid), Error::Absorbed { .. }));
    let Error::Collinear { term, with, .. } = run("d ~ x1 + x2 + twice", Vcov::Iid) else {
        panic!("not collinear")
    };
    assert_eq!(
        (term.to_string(), with.len(), with[0].to_string()),
        ("twice".into(), 1, "x1".into())
    );
    assert!(matches!(
        run("d ~ x1", Vcov::Robust(Hc::Hc2)),
        Error::Likelihood(LikelihoodError::NotForLikelihood { .. })
    ));
    assert!(matches!(run("d ~ x1", Vcov::Cluster("all".into())), Error::TooFewClusters { .. }));
    assert!(matches!(run("d ~ x1", Vcov::Cluster("gap".into())), Error::NoCluster { .. }));
    let few = rows.select(&[0, 1, 2]).panel();
    let few = fit(&few, "d ~ x1 + x2", &spec(Link::Logit, Vcov::Iid)).unwrap_err();
    assert!(matches!(few, Error::NoDegreesOfFreedom { .. } | Error::NoVariation { .. }));

    let a = design(&panel, "d ~ x1").unwrap();
    let b = design(&panel, "d ~ x1 + x2").unwrap();
    let fit = binary(&a, &spec(Link::Logit, Vcov::Iid)).unwrap();
    let margins = MarginSpec { at: At::Average, zero_one: ZeroOne::Derivative };
    assert!(matches!(marginal_effects(&b, &fit, margins), Err(Error::OtherDesign { .. })));
    for (unknown, message) in [
        ("tobit".parse::<Link>().unwrap_err(), "no link `tobit`; there are probit, logit"),
        (
            "fisher".parse::<Information>().unwrap_err(),
            "no information `fisher`; there are observed, expected",
        ),
    ] {
        assert_eq!(unknown.to_string(), message);
    }
    for link in LINKS {
        assert_eq!(link.to_string().parse::<Link>().unwrap(), link);
    }
}

/// The constant alone: the index of the share.
#[test]
fn without_regressors() {
    let panel = with_outcome(unbalanced(9, 8, 0.1, 2, 7), 3).panel();
    for link in LINKS {
        let fit = fit(&panel, "d ~ 1", &spec(link, Vcov::Iid)).unwrap();
        let share = fit.n_ones() as f64 / fit.n() as f64;
        assert_close(link.probability(fit.constant().unwrap()), share, 1e-12);
        assert_close(fit.log_likelihood(), fit.null_log_likelihood(), 1e-13);
        assert!(fit.likelihood_ratio().is_none() && fit.wald().is_none());
        assert!(fit.pseudo_r2().mcfadden.abs() < 1e-12 && fit.pseudo_r2().efron.abs() < 1e-12);
    }
}

/// Four rows with `x = 0`, one of them a success, and four with `x = 1`, three of them: everything
/// in closed form.
#[test]
fn two_by_two() {
    let x = vec![0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    let panel = two_columns(x, vec![1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0]);
    let fit = fit(&panel, "d ~ x", &spec(Link::Logit, Vcov::Iid)).unwrap();
    let (log_three, null) = (3_f64.ln(), 8.0 * 0.5_f64.ln());
    let full = 2.0 * 0.25_f64.ln() + 6.0 * 0.75_f64.ln();
    assert_close(fit.log_likelihood(), full, 1e-14);
    assert_close(fit.null_log_likelihood(), null, 1e-14);
    let ratio = fit.likelihood_ratio().unwrap();
    assert_close(ratio.statistic, 2.0 * (full - null), 1e-13);
    assert_eq!((ratio.df, fit.wald().unwrap().df), (1, 1));
    let normal = estimate::Reference::Normal;
    assert_close(ratio.p_value, normal.two_sided(ratio.statistic.sqrt()), 1e-10);
    // Each cell's log odds have the variance 1/(4 · ¼ · ¾).
    assert_close(fit.wald().unwrap().statistic, 4.0 * log_three * log_three / (8.0 / 3.0), 1e-12);
    assert_close(fit.aic(), 4.0 - 2.0 * full, 1e-14);
    assert_close(fit.bic(), 2.0 * 8_f64.ln() - 2.0 * full, 1e-14);
    let r2 = fit.pseudo_r2();
    assert_close(r2.mcfadden, 1.0 - full / null, 1e-13);
    assert_close(r2.mcfadden_adjusted, 1.0 - (full - 2.0) / null, 1e-13);
    let cox_snell = 1.0 - ((null - full) / 4.0).exp();
    assert_close(r2.cox_snell, cox_snell, 1e-13);
    assert_close(r2.nagelkerke, cox_snell / 0.75, 1e-13);
    assert_close(r2.efron, 0.25, 1e-13);
    let variance = log_three * log_three;
    let latent = std::f64::consts::PI * std::f64::consts::PI / 3.0;
    assert_close(r2.mckelvey_zavoina, variance / (variance + latent), 1e-12);
    assert_eq!((r2.count, r2.count_adjusted), (0.75, 0.5));
    let cut = fit.classification();
    let cut = [cut.true_positive, cut.false_positive, cut.true_negative, cut.false_negative];
    assert_eq!(cut, [3, 1, 3, 1]);
    assert_eq!((fit.n(), fit.n_ones(), fit.n_clusters(), fit.factor()), (8, 4, None, 1.0));

    let through_zero = binary(&design(&panel, "d ~ 0 + x").unwrap(), &spec(Link::Logit, Vcov::Iid));
    let through_zero = through_zero.unwrap();
    assert_close(through_zero.null_log_likelihood(), null, 1e-14);
    assert_close(through_zero.coef()[0], log_three, 1e-12);
    let rest = 4.0 * 0.5_f64.ln() + 0.25_f64.ln() + 3.0 * 0.75_f64.ln();
    assert_close(through_zero.likelihood_ratio().unwrap().statistic, 2.0 * (rest - null), 1e-12);
}

/// What a likelihood would leave out silently is refused: weights, slopes by level, instruments.
#[test]
fn designs_are_plain() {
    let rows = unbalanced(8, 6, 0.1, 0, 3);
    let rows = rows.with("d", |rows, row| f64::from(rows.columns["x3"][row] > 0.0));
    let panel = rows.with("w", |rows, row| 1.0 + rows.columns["x1"][row].abs()).panel();
    let spec = spec(Link::Logit, Vcov::Iid);
    let refused = |design: &Design<'_>, beyond: &'static str| {
        let error = binary(design, &spec).unwrap_err();
        assert_eq!(error, Error::Beyond { method: "a binary model", beyond });
        let error = estimate::Basis::new(design).err().unwrap();
        assert_eq!(error, Error::Beyond { method: "a likelihood", beyond });
    };
    for (model, beyond) in
        [("d ~ x1 | id[[x2]]", "slopes by level"), ("d ~ x1 | x2 ~ x3", "instruments")]
    {
        refused(&Design::new(&panel, &model.parse().unwrap(), Singletons::Keep).unwrap(), beyond);
    }
    let weights = "aweight w".parse().unwrap();
    let model = "d ~ x1".parse().unwrap();
    let design = Design::weighted(&panel, &model, Singletons::Keep, &weights).unwrap();
    refused(&design, "weights");
}
