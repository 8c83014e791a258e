//! Selection models.

use causal::Error;
use causal::heckman::{
    Estimated, Form, Likelihood, LikelihoodSpec, LikelihoodVcov, MillsSpec, Note, Rho, TwoStep,
    TwoStepSpec, likelihood, mills_ratio, two_step,
};
use estimate::Error as E;
use estimate::{
    BinarySpec, Constant, Convention, Design, Information, Link, Singletons, SmallSample, Spec,
    Vcov, binary, fixed_effects, mills, normal_cdf, pooled,
};
use ndarray::{Array1, Array2};
use panel::Panel;
use proptest::prelude::*;
use testkit::{Rows, Stream, assert_close, close, unbalanced};

const OUTCOME: &str = "y ~ x1 + x2";
const SELECTION: &str = "d ~ x1 + x2 + z";

/// Rows with a choice `d` that `z` moves, and errors of `y` and `d` that are correlated.
fn rows(seed: u64) -> Rows {
    let rows = unbalanced(30, 8, 0.2, 2, seed);
    let noise = move |i: usize, part: u64| Stream::new(seed ^ ((i as u64) << 20) ^ part).normal();
    rows.with("z", move |_, i| noise(i, 1))
        .with("d", move |rows, i| {
            let index = 0.3 * rows.columns["x1"][i] - 0.1 * (rows.columns["x2"][i] - 4.0);
            f64::from(u8::from(0.3 + index + 0.8 * noise(i, 1) + noise(i, 2) > 0.0))
        })
        .with("y", move |rows, i| {
            let u = 0.6 * noise(i, 2) + 0.8 * noise(i, 3);
            1.0 + 0.5 * rows.columns["x1"][i] - 0.3 * rows.columns["x2"][i] + 1.5 * u
        })
}

/// The outcome is missing where it is not selected.
fn censored(rows: Rows) -> Rows {
    rows.with("y", |rows, i| match rows.columns["d"][i] {
        d if d > 0.5 => rows.columns["y"][i],
        _ => f64::NAN,
    })
}

fn two_step_spec(outcome: &str, selection: &str) -> TwoStepSpec {
    TwoStepSpec {
        outcome: outcome.parse().unwrap(),
        selection: selection.parse().unwrap(),
        information: Information::Observed,
        rho: Rho::Force,
    }
}

fn likelihood_spec(outcome: &str, selection: &str, vcov: &str) -> LikelihoodSpec {
    LikelihoodSpec {
        outcome: outcome.parse().unwrap(),
        selection: selection.parse().unwrap(),
        vcov: vcov.parse().unwrap(),
        small_sample: SmallSample::None,
    }
}

fn table(part: &Estimated) -> Vec<(f64, f64)> {
    part.coefficients().iter().map(|row| (row.estimate, row.std_error)).collect()
}

fn tables(fit: &Likelihood) -> Vec<(f64, f64)> {
    [fit.outcome(), fit.selection(), fit.ancillary()].iter().flat_map(|part| table(part)).collect()
}

/// A fit, unless a draw has no maximum.
macro_rules! or_skip {
    ($fit:expr) => {
        match $fit {
            Err(
                Error::Estimate(
                    estimate::Error::Likelihood(estimate::LikelihoodError::Separation { .. })
                    | estimate::Error::Degenerate { .. },
                )
                | Error::CorrelationAtBoundary { .. },
            ) => return Ok(()),
            other => other.unwrap(),
        }
    };
}

fn probit() -> BinarySpec {
    BinarySpec {
        link: Link::Probit,
        information: Information::Observed,
        vcov: Vcov::Iid,
        small_sample: SmallSample::None,
    }
}

fn ordinary() -> Spec {
    Spec { vcov: Vcov::Iid, convention: Convention::STATA_XTREG, constant: Constant::Mean }
}

/// Regressors and a constant, on some of the panel's rows.
fn matrix(panel: &Panel, terms: &[&str], rows: &[usize]) -> Array2<f64> {
    let mut x = Array2::ones((rows.len(), terms.len() + 1));
    for (j, term) in terms.iter().enumerate() {
        let values = panel.values(&term.parse().unwrap()).unwrap();
        rows.iter().enumerate().for_each(|(i, &row)| x[[i, j]] = values[row]);
    }
    x
}

/// Gauss–Jordan with pivoting.
fn inverse(a: &Array2<f64>) -> Array2<f64> {
    let k = a.nrows();
    let (mut a, mut b) = (a.clone(), Array2::<f64>::eye(k));
    for j in 0..k {
        let pivot = (j..k).max_by(|&p, &q| a[[p, j]].abs().total_cmp(&a[[q, j]].abs())).unwrap();
        for c in 0..k {
            a.swap([j, c], [pivot, c]);
            b.swap([j, c], [pivot, c]);
        }
        let d = a[[j, j]];
        for c in 0..k {
            a[[j, c]] /= d;
            b[[j, c]] /= d;
        }
        for i in (0..k).filter(|&i| i != j) {
            let f = a[[i, j]];
            for c in 0..k {
                let (from_a, from_b) = (a[[j, c]], b[[j, c]]);
                a[[i, c]] -= f * from_a;
                b[[i, c]] -= f * from_b;
            }
        }
    }
    b
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The two steps by hand: coefficients are those of least squares with `λ` as a column, the
    /// covariance is Heckman's formula, written out on dense matrices.
    #[test]
    fn two_steps_by_hand(seed in any::<u64>(), expected in any::<bool>()) {
        let panel = censored(rows(seed)).panel();
        let information = if expected { Information::Expected } else { Information::Observed };
        let spec = TwoStepSpec { information, ..two_step_spec(OUTCOME, SELECTION) };
        let fit = or_skip!(two_step(&panel, &spec));
        let form = Form::Selected;
        let first = BinarySpec { information, ..probit() };
        let name = "imr".to_owned();
        let selection = spec.selection.clone();
        let second = mills_ratio(&panel, &MillsSpec { selection, probit: first, form, name }).unwrap();
        prop_assert_eq!(second.n, fit.n_selected());
        let model = "y ~ x1 + x2 + imr".parse().unwrap();
        let design = Design::new(&second.panel, &model, Singletons::Keep).unwrap();
        let ols = pooled(&design, &ordinary()).unwrap();
        for (row, (estimate, error)) in ols.coefficients().iter().zip(table(fit.outcome())) {
            prop_assert!(close(row.estimate, estimate, 1e-9, error));
        }
        let rows: Vec<usize> = fit.lambda().map(|(row, _)| row).collect();
        let x = matrix(&second.panel, &["x1", "x2", "imr"], &rows);
        let z = matrix(&panel, &["x1", "x2", "z"], &rows);
        let gamma: Array1<f64> =
            fit.selection().coefficients().iter().map(|row| row.estimate).collect();
        let eta = z.dot(&gamma);
        let delta: Array1<f64> = x.column(2).iter().zip(&eta).map(|(l, eta)| l * (l + eta)).collect();
        for ((_, lambda), x) in fit.lambda().zip(x.column(2)) {
            assert_close(lambda, *x, 1e-14);
        }
        let (n, b) = (rows.len() as f64, fit.outcome().coef()[2]);
        let squares: f64 = ols.residuals().iter().map(|u| u * u).sum();
        let sigma2 = (squares + b * b * delta.sum()) / n;
        assert_close(fit.sigma(), sigma2.sqrt(), 1e-10);
        assert_close(fit.rho(), b / sigma2.sqrt(), 1e-9);
        let rho2 = fit.rho() * fit.rho();
        let weighted = |a: &Array2<f64>, w: &dyn Fn(usize) -> f64| {
            Array2::from_shape_fn(a.raw_dim(), |(i, j)| a[[i, j]] * w(i))
        };
        let bread = inverse(&x.t().dot(&x));
        let f = x.t().dot(&weighted(&z, &|i| delta[i]));
        let meat = x.t().dot(&weighted(&x, &|i| 1.0 - rho2 * delta[i]))
            + f.dot(fit.selection().vcov()).dot(&f.t()) * rho2;
        let vcov = bread.dot(&meat).dot(&bread) * sigma2;
        for (ours, theirs) in fit.outcome().vcov().indexed_iter().zip(&vcov) {
            let ((i, j), ours) = ours;
            prop_assert!(close(*ours, *theirs, 1e-7, (vcov[[i, i]] * vcov[[j, j]]).sqrt()));
        }
        prop_assert!(close(fit.r2(), 1.0 - squares / ols.sums().total, 1e-10, 1.0));
    }

    /// Where the outcome owes nothing to `λ`, its coefficient is zero, and so is the correction:
    /// errors are those of least squares but for its degrees of freedom.
    #[test]
    fn nothing_to_correct(seed in any::<u64>()) {
        let panel = censored(rows(seed)).panel();
        let fit = or_skip!(two_step(&panel, &two_step_spec(OUTCOME, SELECTION)));
        let mut part = vec![0.0; panel.n_rows()];
        let ratio: Vec<(usize, f64)> = fit.lambda().collect();
        for &(row, lambda) in &ratio {
            part[row] = lambda;
        }
        let with = panel.with_column("imr", panel::Column::Number(part)).unwrap();
        let among: Vec<bool> = (0..with.n_rows()).map(|row| ratio.iter().any(|r| r.0 == row)).collect();
        let model = "y ~ x1 + x2 + imr".parse().unwrap();
        let design = Design::among(&with, &model, Singletons::Keep, &among).unwrap();
        let b = pooled(&design, &ordinary()).unwrap().coef()[2];
        // Take from y what λ explains.
        let mut y = vec![f64::NAN; with.n_rows()];
        let before = with.values(&"y".parse().unwrap()).unwrap().to_vec();
        for &(row, lambda) in &ratio {
            y[row] = before[row] - b * lambda;
        }
        let with = with.with_column("w", panel::Column::Number(y)).unwrap();
        let fit = two_step(&with, &two_step_spec("w ~ x1 + x2", SELECTION)).unwrap();
        let model = "w ~ x1 + x2 + imr".parse().unwrap();
        let design = Design::among(&with, &model, Singletons::Keep, &among).unwrap();
        let ols = pooled(&design, &ordinary()).unwrap();
        let n = fit.n_selected() as f64;
        let table = table(fit.outcome());
        prop_assert!(table[2].0.abs() < 1e-9 * table[2].1);
        for (row, (estimate, error)) in ols.coefficients().iter().zip(table) {
            prop_assert!(close(row.estimate, estimate, 1e-9, error));
            assert_close(row.std_error * ((n - 4.0) / n).sqrt(), error, 1e-9);
        }
    }

    /// At the maximum every derivative of the likelihood, taken by differences of its definition,
    /// is zero; and the information is its second derivative.
    #[test]
    fn likelihood_by_differences(seed in any::<u64>()) {
        let panel = censored(rows(seed)).panel();
        let fit = or_skip!(likelihood(&panel, &likelihood_spec(OUTCOME, SELECTION, "oim")));
        prop_assert!(fit.distance() < 1e-9);
        let all: Vec<usize> = (0..panel.n_rows()).collect();
        let (x, z) = (matrix(&panel, &["x1", "x2"], &all), matrix(&panel, &["x1", "x2", "z"], &all));
        let y = panel.values(&"y".parse().unwrap()).unwrap();
        let logs = |theta: &[f64]| -> Array1<f64> {
            let (rho, sigma) = (theta[7].tanh(), theta[8].exp());
            (0..y.len()).map(|i| {
                let eta: f64 = (0..4).map(|j| z[[i, j]] * theta[3 + j]).sum();
                if y[i].is_nan() {
                    return normal_cdf(-eta).ln();
                }
                let u = (y[i] - (0..3).map(|j| x[[i, j]] * theta[j]).sum::<f64>()) / sigma;
                let q = (eta + rho * u) / (1.0 - rho * rho).sqrt();
                mills(q).log_cdf - 0.5 * u * u - sigma.ln() - 0.5 * std::f64::consts::TAU.ln()
            }).collect()
        };
        let log = |theta: &[f64]| logs(theta).sum();
        let (theta, errors): (Vec<f64>, Vec<f64>) = tables(&fit).into_iter().unzip();
        prop_assert!(close(log(&theta), fit.log_likelihood(), 1e-11, 1.0));
        let moved = |steps: &[(usize, f64)]| {
            let mut theta = theta.clone();
            for &(j, by) in steps {
                theta[j] += by * errors[j];
            }
            log(&theta)
        };
        // In standard errors, the information of the definition times our covariance is one.
        let h = 1e-3;
        let information = Array2::from_shape_fn((9, 9), |(i, j)| {
            let at = |a: f64, b: f64| moved(&[(i, a * h), (j, b * h)]);
            -(at(1.0, 1.0) - at(1.0, -1.0) - at(-1.0, 1.0) + at(-1.0, -1.0)) / (4.0 * h * h)
        });
        let correlation =
            Array2::from_shape_fn((9, 9), |(i, j)| fit.vcov()[[i, j]] / (errors[i] * errors[j]));
        let one = information.dot(&correlation);
        for ((i, j), value) in one.indexed_iter() {
            let want = f64::from(u8::from(i == j));
            prop_assert!((value - want).abs() < 1e-3, "{i} {j}: {value}");
        }
        for j in 0..9 {
            let slope = (moved(&[(j, h)]) - moved(&[(j, -h)])) / (2.0 * h);
            prop_assert!(slope.abs() < 1e-4, "{j}: {slope}");
        }
        // Scores by differences make the sandwich; `λ = ρσ` has its error by the delta method.
        let scores: Vec<Array1<f64>> = (0..9).map(|j| {
            let (mut up, mut down) = (theta.clone(), theta.clone());
            up[j] += h * errors[j];
            down[j] -= h * errors[j];
            (logs(&up) - logs(&down)) / (2.0 * h * errors[j])
        }).collect();
        let meat = Array2::from_shape_fn((9, 9), |(i, j)| scores[i].dot(&scores[j]));
        let want = fit.vcov().dot(&meat).dot(fit.vcov());
        let robust = likelihood(&panel, &likelihood_spec(OUTCOME, SELECTION, "robust")).unwrap();
        for (j, error) in robust.vcov().diag().iter().enumerate() {
            prop_assert!((error / want[[j, j]] - 1.0).abs() < 1e-3, "{j}");
        }
        // Of clusters with selected and other rows, the sums.
        let id = panel.factor("id").unwrap();
        let mut sums = Array2::<f64>::zeros((id.n_levels(), 9));
        for (i, &code) in id.codes().iter().enumerate() {
            (0..9).for_each(|j| sums[[code as usize, j]] += scores[j][i]);
        }
        let want = fit.vcov().dot(&sums.t().dot(&sums)).dot(fit.vcov());
        let spec = likelihood_spec(OUTCOME, SELECTION, "cluster id");
        let clustered = likelihood(&panel, &spec).unwrap();
        let factor = clustered.spec().1;
        for (j, variance) in clustered.vcov().diag().iter().enumerate() {
            let gap = (variance - factor * want[[j, j]]).abs();
            prop_assert!(gap < 1e-3 * factor * (want[[j, j]] + 0.01 * errors[j].powi(2)), "{j}");
        }
        // Intervals are those of atanh ρ and ln σ, carried over; Wald's test is that of atanh ρ.
        let (of_rho, of_sigma) = (&fit.derived()[0], &fit.derived()[1]);
        let ends = |j: usize| [theta[j] - 1.959_963_984_540_054 * errors[j], theta[j] + 1.959_963_984_540_054 * errors[j]];
        assert_close(of_rho.conf_low, ends(7)[0].tanh(), 1e-9);
        assert_close(of_rho.conf_high, ends(7)[1].tanh(), 1e-9);
        assert_close(of_sigma.conf_low, ends(8)[0].exp(), 1e-9);
        assert_close(of_sigma.conf_high, ends(8)[1].exp(), 1e-9);
        assert_close(fit.wald().statistic, (theta[7] / errors[7]).powi(2), 1e-12);
        let (rho, sigma) = (theta[7].tanh(), theta[8].exp());
        let slopes = [sigma * (1.0 - rho * rho), rho * sigma];
        let variance: f64 = (0..2)
            .flat_map(|i| (0..2).map(move |j| (i, j)))
            .map(|(i, j)| slopes[i] * slopes[j] * fit.vcov()[[7 + i, 7 + j]])
            .sum();
        assert_close(fit.derived()[2].std_error, variance.sqrt(), 1e-12);
        assert_close(fit.derived()[2].estimate, rho * sigma, 1e-14);
    }

    /// With `ρ = 0` the likelihood is a probit and a regression; and it is never above the maximum.
    #[test]
    fn independent_equations(seed in any::<u64>()) {
        let panel = censored(rows(seed)).panel();
        let fit = or_skip!(likelihood(&panel, &likelihood_spec(OUTCOME, SELECTION, "oim")));
        let selection = Design::new(&panel, &SELECTION.parse().unwrap(), Singletons::Keep).unwrap();
        let outcome = Design::new(&panel, &OUTCOME.parse().unwrap(), Singletons::Keep).unwrap();
        let apart = binary(&selection, &probit()).unwrap().log_likelihood()
            + pooled(&outcome, &ordinary()).unwrap().log_likelihood();
        assert_close(fit.independent_log_likelihood(), apart, 1e-11);
        let statistic = 2.0 * (fit.log_likelihood() - apart);
        prop_assert!(close(fit.likelihood_ratio().statistic, statistic, 1e-6, 1e-6));
    }

    /// Units of measurement go through, and so do the errors of every covariance.
    #[test]
    fn affine_units(seed in any::<u64>(), a in -9.0..9.0_f64, b in 0.1..90.0_f64, c in -9.0..9.0_f64) {
        let rows = censored(rows(seed));
        let moved = rows.clone()
            .with("y", |rows, i| a + b * rows.columns["y"][i])
            .with("x1", |rows, i| 7.0 * (c + rows.columns["x1"][i]));
        let old = or_skip!(two_step(&rows.panel(), &two_step_spec(OUTCOME, SELECTION)));
        let new = two_step(&moved.panel(), &two_step_spec(OUTCOME, SELECTION)).unwrap();
        assert_close(new.sigma(), b * old.sigma(), 1e-8);
        assert_close(new.rho(), old.rho(), 1e-7);
        let (old, new) = (table(old.outcome()), table(new.outcome()));
        for (j, scale) in [b / 7.0, b, b].into_iter().enumerate() {
            prop_assert!(close(new[j].0, scale * old[j].0, 1e-8, new[j].1));
            assert_close(new[j].1, scale * old[j].1, 1e-8);
        }
        prop_assert!(close(new[3].0, a + b * (old[3].0 - c * old[0].0), 1e-8, new[3].1));
        for vcov in ["oim", "opg", "robust", "cluster zone"] {
            let spec = likelihood_spec(OUTCOME, SELECTION, vcov);
            // Three clusters do not identify nine parameters, but each of them has an error.
            let old = or_skip!(likelihood(&rows.panel(), &spec));
            let new = likelihood(&moved.panel(), &spec).unwrap();
            let (old, new) = (tables(&old), tables(&new));
            for (j, scale) in [(0, b / 7.0), (1, b), (3, 1.0 / 7.0), (4, 1.0), (5, 1.0), (7, 1.0)] {
                prop_assert!(close(new[j].0, scale * old[j].0, 1e-7, new[j].1));
                assert_close(new[j].1, scale * old[j].1, 1e-6);
            }
            prop_assert!(close(new[8].0, old[8].0 + b.ln(), 1e-7, new[8].1));
        }
    }

    /// The order of rows carries no information, not even to the last bit.
    #[test]
    fn row_order_is_irrelevant(seed in any::<u64>()) {
        let rows = censored(rows(seed));
        let shuffled = rows.select(&Stream::new(seed).order(rows.n()));
        let a = or_skip!(two_step(&rows.panel(), &two_step_spec(OUTCOME, SELECTION)));
        let b = two_step(&shuffled.panel(), &two_step_spec(OUTCOME, SELECTION)).unwrap();
        prop_assert_eq!(table(a.outcome()), table(b.outcome()));
        let spec = likelihood_spec(OUTCOME, SELECTION, "cluster id");
        let a = or_skip!(likelihood(&rows.panel(), &spec));
        let b = likelihood(&shuffled.panel(), &spec).unwrap();
        prop_assert_eq!(tables(&a), tables(&b));
    }

    /// Every row a cluster is no cluster; clusters have their factor; an outcome that is there but
    /// not selected is not looked at.
    #[test]
    fn ways_to_say_the_same(seed in any::<u64>()) {
        let full = rows(seed).with("own", |_, i| i as f64);
        let (all, seen) = (full.clone().panel(), censored(full).panel());
        let steps = [&all, &seen].map(|panel| two_step(panel, &two_step_spec(OUTCOME, SELECTION)));
        let [a, b] = steps;
        let (a, b) = (or_skip!(a), b.unwrap());
        prop_assert_eq!(table(a.outcome()), table(b.outcome()));
        let run = |panel: &Panel, vcov: &str, small_sample: SmallSample| {
            let spec = likelihood_spec(OUTCOME, SELECTION, vcov);
            likelihood(panel, &LikelihoodSpec { small_sample, ..spec })
        };
        let robust = or_skip!(run(&seen, "robust", SmallSample::None));
        let own = run(&all, "cluster own", SmallSample::None).unwrap();
        for (a, b) in tables(&robust).into_iter().zip(tables(&own)) {
            assert_close(a.1, b.1, 1e-9);
        }
        let n = robust.n() as f64;
        let stata = run(&seen, "robust", SmallSample::Stata).unwrap();
        for (a, b) in tables(&robust).into_iter().zip(tables(&stata)) {
            assert_close(a.1 * (n / (n - 1.0)).sqrt(), b.1, 1e-12);
        }
        let (plain, stata) = (
            run(&seen, "cluster id", SmallSample::None).unwrap(),
            run(&seen, "cluster id", SmallSample::Stata).unwrap(),
        );
        let g = seen.factor("id").unwrap().n_levels() as f64;
        for (a, b) in tables(&plain).into_iter().zip(tables(&stata)) {
            assert_close(a.1 * (g / (g - 1.0)).sqrt(), b.1, 1e-12);
        }
        // Two scores to a cluster: the robust errors of either half are not these.
        prop_assert!((tables(&plain)[0].1 / tables(&robust)[0].1 - 1.0).abs() > 1e-9);
    }

    /// The three forms of the ratio, and the residual that the last one is.
    #[test]
    fn forms_of_the_ratio(seed in any::<u64>()) {
        let panel = rows(seed).panel();
        let run = |form: Form| {
            let (selection, name) = (SELECTION.parse().unwrap(), "imr".to_owned());
            mills_ratio(&panel, &MillsSpec { selection, probit: probit(), form, name })
        };
        let forms = [Form::Selected, Form::Everywhere, Form::Treatment];
        let [selected, everywhere, treatment] = forms.map(run);
        let (selected, everywhere) = (or_skip!(selected), everywhere.unwrap());
        let treatment = treatment.unwrap();
        let column = |panel: &Panel| panel.values(&"imr".parse().unwrap()).unwrap().to_vec();
        let d = panel.values(&"d".parse().unwrap()).unwrap();
        let (a, b, c) =
            (column(&selected.panel), column(&everywhere.panel), column(&treatment.panel));
        for (i, eta) in selected.first.linear_index().iter().enumerate() {
            let (density, cdf) = (estimate::normal_density(*eta), normal_cdf(*eta));
            assert_close(b[i], density / cdf, 1e-12);
            if d[i] > 0.5 {
                assert_close(a[i], b[i], 0.0);
                assert_close(c[i], b[i], 0.0);
            } else {
                prop_assert!(a[i].is_nan());
                assert_close(c[i], -density / (1.0 - cdf), 1e-9);
            }
        }
        // A probit's generalised residual sums to zero, as its constant demands.
        prop_assert!(c.iter().sum::<f64>().abs() < 1e-8);
        let model = "y ~ x1 + x2 + imr | id + year".parse().unwrap();
        let design = Design::new(&everywhere.panel, &model, Singletons::Keep).unwrap();
        let spec = Spec { vcov: Vcov::Cluster("id".into()), ..ordinary() };
        prop_assert_eq!(fixed_effects(&design, &spec).unwrap().coef().len(), 3);
    }
}

/// More rows than a piece: the number of threads changes no bit.
#[test]
fn threads_change_nothing() {
    let rows = unbalanced(900, 8, 0.1, 2, 7);
    let noise = |i: usize, part: u64| Stream::new(((i as u64) << 20) ^ part).normal();
    let rows = rows
        .with("z", |_, i| noise(i, 1))
        .with("d", |_, i| f64::from(u8::from(0.8 * noise(i, 1) + noise(i, 2) > 0.0)));
    let panel = rows.panel();
    assert!(panel.n_rows() > 4096);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let steps = two_step(&panel, &two_step_spec(OUTCOME, SELECTION)).unwrap();
            let spec = likelihood_spec(OUTCOME, SELECTION, "cluster id");
            (table(steps.outcome()), tables(&likelihood(&panel, &spec).unwrap()))
        })
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn bad_input_is_named() {
    let rows = rows(11)
        .with("none", |_, _| 0.0)
        .with("every", |_, _| 1.0)
        .with("exact", |rows, i| rows.columns["x1"][i] + 2.0)
        .with("sorted", |rows, i| f64::from(u8::from(rows.columns["x1"][i] > 0.0)));
    let panel = rows.panel();
    let run = |outcome: &str, selection: &str| {
        let steps = two_step(&panel, &two_step_spec(outcome, selection)).unwrap_err();
        let full = likelihood(&panel, &likelihood_spec(outcome, selection, "oim")).unwrap_err();
        assert_eq!(steps, full);
        steps
    };
    assert!(matches!(run(OUTCOME, "none ~ x1 + z"), Error::NothingSelected { .. }));
    assert!(matches!(run(OUTCOME, "every ~ x1 + z"), Error::NothingCensored { .. }));
    let estimate = |outcome: &str, selection: &str| match run(outcome, selection) {
        Error::Estimate(error) => error,
        other => panic!("{other}"),
    };
    assert!(matches!(
        estimate(OUTCOME, "sorted ~ x1 + z"),
        E::Likelihood(estimate::LikelihoodError::Separation { .. })
    ));
    assert!(matches!(estimate("exact ~ x1 + x2", SELECTION), E::PerfectFit { .. }));
    assert!(matches!(estimate("every ~ x1 + x2", SELECTION), E::NoVariation { .. }));
    assert!(matches!(
        estimate(OUTCOME, "d ~ x1 | id"),
        E::Likelihood(estimate::LikelihoodError::IncidentalParameters { .. }) | E::NotPooled { .. }
    ));
    assert!(matches!(estimate("y ~ x1 | id", SELECTION), E::NotPooled { .. }));
    assert!(matches!(
        estimate(OUTCOME, "x1 ~ x2 + z"),
        E::Likelihood(estimate::LikelihoodError::NotBinary { .. }) | E::Empty { .. }
    ));
    let (selection, name) = (SELECTION.parse().unwrap(), "imr".to_owned());
    let logit = BinarySpec { link: Link::Logit, ..probit() };
    let spec = MillsSpec { selection, probit: logit, form: Form::Selected, name };
    assert!(matches!(mills_ratio(&panel, &spec), Err(Error::NotProbit { .. })));
    let spec = MillsSpec { probit: probit(), name: "x1".into(), ..spec };
    assert!(matches!(
        mills_ratio(&panel, &spec),
        Err(Error::Estimate(E::Panel(panel::Error::Twice { .. })))
    ));
    for text in ["rhosigma", "rhotrunc", "rholimited", "rhoforce"] {
        assert_eq!(text.parse::<Rho>().unwrap().to_string(), text);
    }
    for text in ["oim", "opg", "robust", "cluster id"] {
        assert_eq!(text.parse::<LikelihoodVcov>().unwrap().to_string(), text);
    }
    for text in ["selected", "everywhere", "treatment"] {
        assert_eq!(text.parse::<Form>().unwrap().to_string(), text);
    }
    assert!("cluster ".parse::<LikelihoodVcov>().is_err() && "ml".parse::<Rho>().is_err());
}

/// Without a variable that moves selection alone the model is estimated, and the table says so; with
/// a saturated selection equation `λ` is spanned by the outcome's terms, and that is an error.
#[test]
fn no_exclusion_restriction() {
    let panel = censored(rows(5)).panel();
    let fit = two_step(&panel, &two_step_spec(OUTCOME, "d ~ x1 + x2")).unwrap();
    assert_eq!(fit.notes(), [Note::NoExclusion]);
    assert!(two_step(&panel, &two_step_spec(OUTCOME, SELECTION)).unwrap().notes().is_empty());
    let spanned = two_step(&panel, &two_step_spec("y ~ x1 + i.zone", "d ~ i.zone")).unwrap_err();
    let Error::Estimate(estimate::Error::Collinear { term, .. }) = &spanned else {
        panic!("{spanned}")
    };
    assert_eq!(term.to_string(), TwoStep::LAMBDA);
}

/// Missing variables take a row out of the equation that names them: of both where it is selected.
#[test]
fn missing_rows() {
    let rows = rows(5);
    let d = rows.columns["d"].clone();
    let gaps = |chosen: f64| {
        let mut left = 3;
        let gap: Vec<bool> = d
            .iter()
            .map(|d| {
                let here = (d - chosen).abs() < 0.5 && left > 0;
                left -= usize::from(here);
                here
            })
            .collect();
        gap
    };
    let n = rows.n();
    let count = |rows: &Rows| {
        let panel = rows.panel();
        let steps = two_step(&panel, &two_step_spec(OUTCOME, SELECTION)).unwrap();
        let full = likelihood(&panel, &likelihood_spec(OUTCOME, SELECTION, "oim")).unwrap();
        assert_eq!((steps.n(), steps.n_selected()), (full.n(), full.n_selected()));
        assert_eq!(steps.n_censored() + steps.n_selected(), steps.n());
        (steps.n(), steps.n_selected())
    };
    let selected = d.iter().filter(|d| **d > 0.5).count();
    let with_gaps = |name: &str, chosen: f64| {
        let gap = gaps(chosen);
        let values = rows.columns[name].clone();
        rows.clone().with(name, |_, i| if gap[i] { f64::NAN } else { values[i] })
    };
    assert_eq!(count(&rows), (n, selected));
    assert_eq!(count(&with_gaps("y", 1.0)), (n - 3, selected - 3));
    assert_eq!(count(&with_gaps("y", 0.0)), (n, selected));
    assert_eq!(count(&with_gaps("z", 1.0)), (n - 3, selected - 3));
    assert_eq!(count(&with_gaps("z", 0.0)), (n - 3, selected));
    // The same rows left out by hand.
    let gap = gaps(1.0);
    let kept: Vec<usize> = (0..n).filter(|&i| !gap[i]).collect();
    let a = two_step(&with_gaps("y", 1.0).panel(), &two_step_spec(OUTCOME, SELECTION)).unwrap();
    let b = two_step(&rows.select(&kept).panel(), &two_step_spec(OUTCOME, SELECTION)).unwrap();
    assert_eq!(table(a.outcome()), table(b.outcome()));
    assert_eq!(a.notes().len(), 1);
}

/// Few rows, strong selection: `ρ̂` beyond one, and the four ways to live with it.
#[test]
fn rho_beyond_one() {
    let (panel, force) = (0..500)
        .find_map(|seed| {
            let rows = rows(seed).select(&(0..40).collect::<Vec<_>>());
            let panel = censored(rows).panel();
            let fit = two_step(&panel, &two_step_spec(OUTCOME, SELECTION)).ok()?;
            (fit.rho().abs() > 1.0).then_some((panel, fit))
        })
        .unwrap();
    let run = |rho: Rho| {
        two_step(&panel, &TwoStepSpec { rho, ..two_step_spec(OUTCOME, SELECTION) }).unwrap()
    };
    let [sigma, truncated, limited] = [Rho::Sigma, Rho::Truncated, Rho::Limited].map(run);
    assert!(force.notes().iter().any(|note| matches!(note, Note::RhoOutside { .. })));
    for fit in [&sigma, &truncated, &limited] {
        assert_eq!(fit.outcome().coef(), force.outcome().coef());
    }
    let b = force.outcome().coef()[2];
    assert_close(truncated.rho(), b.signum(), 0.0);
    assert_close(sigma.rho(), b.signum(), 0.0);
    assert_close(sigma.sigma(), b.abs(), 0.0);
    assert_close(truncated.sigma(), force.sigma(), 0.0);
    assert_close(limited.rho(), force.rho(), 0.0);
    assert_eq!(limited.outcome().vcov(), truncated.outcome().vcov());
    let ratio = sigma.outcome().vcov() / truncated.outcome().vcov();
    let square = (b / force.sigma()).powi(2);
    ratio.iter().for_each(|ratio| assert_close(*ratio, square, 1e-12));
    assert_ne!(force.outcome().vcov(), truncated.outcome().vcov());
}

/// A sample whose likelihood rises without end as the correlation goes to one, by less and less:
/// after 200 steps `ρ` is 0.999999997.
#[test]
fn a_correlation_that_runs_to_one() {
    let panel = censored(rows(11_006_846_592_459_027_952)).panel();
    let why = likelihood(&panel, &likelihood_spec(OUTCOME, SELECTION, "oim")).unwrap_err();
    assert_eq!(why, Error::CorrelationAtBoundary { towards: 1 });
}
