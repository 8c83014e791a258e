//! Reverse passes against differences of the methods themselves.

use std::collections::BTreeMap;

use ::estimate::{
    Adjoint, BinarySpec, Constant, Convention, Cotangent, Design, Fit, Information, Link,
    Singletons, SmallSample, fixed_effects,
};
use causal::heckman::{Form, MillsSpec, mills_cotangent, mills_ratio};
use causal::mediation::{Effect, MediationSpec, Product, Steps, effect_gradients, mediation};
use causal::threshold::{
    Given, Grid, Inequality, Rows as Which, Scale, Search, Spec, Trim, TrimOf, estimate, sums_at,
};
use panel::Panel;
use proptest::prelude::*;
use testkit::{Rows, Stream, assert_gradients, unbalanced};

const TOLERANCE: f64 = 1e-7;

fn unit(j: usize) -> Vec<f64> {
    (0..=j).map(|i| f64::from(u8::from(i == j))).collect()
}

/// Coefficients, standard errors and the sum of squares, with the cotangents that ask for them.
fn numbers(fit: &Fit) -> Vec<(String, f64, Cotangent)> {
    let zero = Cotangent::default;
    let rows = fit.coefficients().into_iter().enumerate().flat_map(|(j, row)| {
        let b = Cotangent { coefficients: unit(j), ..zero() };
        let se = Cotangent { std_errors: unit(j), ..zero() };
        [
            (format!("b {}", row.term), row.estimate, b),
            (format!("se {}", row.term), row.std_error, se),
        ]
    });
    let ssr = ("ssr".to_owned(), fit.sums().residual, Cotangent { ssr: 1.0, ..zero() });
    rows.chain([ssr]).collect()
}

/// What a fit's numbers are called, and are.
fn named(fit: &Fit) -> Vec<(String, f64)> {
    numbers(fit).into_iter().map(|(name, value, _)| (name, value)).collect()
}

fn threshold_spec(absorb: &str, inequality: Inequality, vcov: &str) -> Spec {
    Spec {
        model: format!("y ~ x1 + x2 + q | {absorb}").parse().unwrap(),
        switching: vec!["x1".parse().unwrap(), "q".parse().unwrap()],
        variable: "q".parse().unwrap(),
        thresholds: 2,
        inequality,
        rows: Which::All,
        grid: Grid::All,
        trim: Trim { shares: vec![0.1], of: TrimOf::Observations, min_rows: 2 },
        search: Search::Sequential { rounds: 1 },
        f_scale: Scale::Rows,
        lr_scale: Scale::Rows,
        level: 0.95,
        bootstrap: None,
        slopes: ::estimate::Spec {
            vcov: vcov.parse().unwrap(),
            convention: Convention { singletons: Singletons::Keep, ..Convention::REGHDFE },
            constant: Constant::Mean,
        },
    }
}

/// A choice that `x1`, `x2` and noise move.
fn with_choice(rows: Rows, seed: u64) -> Rows {
    let mut stream = Stream::new(seed);
    let noise: Vec<f64> = (0..rows.n()).map(|_| 2.0 * stream.normal()).collect();
    rows.with("d", |rows, row| {
        let index = rows.columns["x1"][row] + 0.4 * (rows.columns["x2"][row] - 4.0);
        f64::from(u8::from(index + noise[row] > 0.0))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Slopes by regime, regimes held: thresholds lie well away from all values that move.
    #[test]
    fn given_thresholds(
        n in 8..=12_i32,
        absent in 0.0..0.3_f64,
        seed in any::<u64>(),
        below in any::<bool>(),
        how_many in 0..3_usize,
    ) {
        // Values of the threshold variable have gaps about the thresholds.
        let rows = unbalanced(n, 8, absent, 0, seed).sorted();
        let mut stream = Stream::new(seed);
        let q: Vec<f64> =
            (0..rows.n()).map(|_| stream.below(3) as f64 + 0.8 * stream.uniform()).collect();
        let rows = rows.with("q", |_, row| q[row]);
        let inequality = if below { Inequality::Below } else { Inequality::AtMost };
        for (absorb, vcov) in [("id", "cluster id"), ("id + year", "iid")] {
            let spec = threshold_spec(absorb, inequality, vcov);
            let thresholds = &[1.9, 0.9][..how_many];
            let panel = rows.panel();
            let given = Given::new(&panel, &spec, thresholds).unwrap();
            prop_assert_eq!(given.fit().terms().len(), 1 + 2 * (how_many + 1));
            let adjoint = given.adjoint().unwrap();
            let gradients: Vec<BTreeMap<String, Vec<f64>>> = numbers(given.fit())
                .iter()
                .map(|(_, _, c)| adjoint.pull(c).unwrap().by_column(&panel).unwrap())
                .collect();
            let again = |panel: &Panel| named(Given::new(panel, &spec, thresholds).unwrap().fit());
            // The variable stays in its gaps: steps of a thousandth are far from a tenth.
            assert_gradients(&rows, &["y", "x1", "x2", "q"], seed, TOLERANCE, again, &gradients);
        }
    }

    /// At the thresholds that a search finds, the regression is the search's own, and so is `F`.
    #[test]
    fn given_what_was_found(n in 8..=12_i32, seed in any::<u64>(), below in any::<bool>()) {
        let mut stream = Stream::new(seed);
        let rows = unbalanced(n, 8, 0.2, 0, seed).sorted();
        let q: Vec<f64> = (0..rows.n()).map(|_| stream.uniform()).collect();
        let panel = rows.with("q", |_, row| q[row]).panel();
        let inequality = if below { Inequality::Below } else { Inequality::AtMost };
        let spec = threshold_spec("id", inequality, "cluster id");
        let Ok(found) = estimate(&panel, &spec, &|_| ()) else { return Ok(()) };
        let gammas: Vec<f64> = found.thresholds().iter().map(|found| found.estimate).rev().collect();
        let given = Given::new(&panel, &spec, &gammas).unwrap();
        prop_assert_eq!(given.fit().coefficients(), found.fit().coefficients());
        let linear = Given::new(&panel, &spec, &[]).unwrap();
        prop_assert_eq!(linear.fit().coefficients(), found.linear().coefficients());
        let test = &found.tests()[1];
        let ssr = |at: &[f64]| Given::new(&panel, &spec, at).unwrap().fit().sums().residual;
        let f = (ssr(&test.null) / ssr(&test.alternative) - 1.0) * found.f_scale().1;
        prop_assert!((f - test.f).abs() <= 1e-8 * f.max(1.0), "{} {}", f, test.f);
    }

    /// Sums of squares with one more threshold are those of regressions, where no search would look too.
    #[test]
    fn sums_at_values(n in 8..=12_i32, seed in any::<u64>(), below in any::<bool>()) {
        let mut stream = Stream::new(seed);
        let rows = unbalanced(n, 8, 0.2, 0, seed).sorted();
        let q: Vec<f64> = (0..rows.n()).map(|_| stream.below(12) as f64).collect();
        let panel = rows.with("q", |_, row| q[row]).panel();
        let inequality = if below { Inequality::Below } else { Inequality::AtMost };
        for absorb in ["id", "id + year"] {
            // A grid of few points, and trimming that leaves nearly none.
            let spec = Spec {
                grid: Grid::Even(2),
                trim: Trim { shares: vec![0.3], of: TrimOf::Observations, min_rows: 9 },
                ..threshold_spec(absorb, inequality, "iid")
            };
            for given in [&[][..], &[6.0], &[8.5, 3.0]] {
                let values = [7.5, 2.0, 6.0, 9.25];
                let sums = sums_at(&panel, &spec, given, &values).unwrap();
                for (value, sum) in values.iter().zip(sums) {
                    let all = [given, &[*value]].concat();
                    let fit = Given::new(&panel, &spec, &all);
                    // Rows of a regime that do not tell its slopes apart: there are sums, and no slopes.
                    if let Err(causal::Error::Estimate(::estimate::Error::Collinear { .. })) = &fit {
                        continue;
                    }
                    match sum {
                        Some(sum) => {
                            let ssr = fit.unwrap().fit().sums().residual;
                            prop_assert!((sum - ssr).abs() <= 1e-9 * ssr, "{sum} {ssr}");
                        }
                        None => prop_assert!(fit.is_err(), "{all:?}"),
                    }
                }
            }
        }
    }

    /// Total, direct and indirect effects and their standard errors, one mediator and two.
    #[test]
    fn effects(n in 8..=12_i32, seed in any::<u64>(), two in any::<bool>(), variance in 0..3_usize) {
        let mut stream = Stream::new(seed);
        let rows = unbalanced(n, 8, 0.2, 0, seed).sorted();
        let noise: Vec<f64> = (0..rows.n()).map(|_| stream.normal()).collect();
        let rows = rows.with("z", |rows, row| noise[row] + 0.3 * rows.columns["x1"][row]);
        let spec = MediationSpec {
            model: "y ~ x1 + L.x2 | id".parse().unwrap(),
            treatment: "x1".parse().unwrap(),
            mediators: ["x2", "z"][..=usize::from(two)]
                .iter()
                .map(|name| name.parse().unwrap())
                .collect(),
            steps: Steps::Three,
            variance: [Product::Sobel, Product::Aroian, Product::Goodman][variance],
            estimation: threshold_spec("id", Inequality::AtMost, "cluster id").slopes,
            bootstrap: None,
        };
        let panel = rows.panel();
        let effects = |panel: &Panel| mediation(panel, &spec, &|_| ()).unwrap();
        let at_zero = effects(&panel);
        prop_assume!(at_zero.effects[2..].iter().all(|effect| {
            // Near its end Goodman's variance has no slope to speak of.
            effect.std_error.is_none_or(|se| se > 1e-2)
        }));
        let has = |effect: &Effect| effect.std_error.is_some();
        let errors: Vec<bool> = at_zero.effects.iter().map(has).collect();
        let named = |panel: &Panel| {
            let effects = effects(panel).effects.into_iter().zip(&errors);
            let each = effects.flat_map(|(effect, has)| {
                let se = effect.std_error.filter(|_| *has);
                let se = se.map(|se| (format!("se {}", effect.name), se));
                std::iter::once((effect.name, effect.estimate)).chain(se)
            });
            each.collect()
        };
        let pull = |name: &str, by_estimate: f64, by_std_error: f64| {
            let gradients =
                effect_gradients(&panel, &spec, &at_zero, name, by_estimate, by_std_error).unwrap();
            let mut sum = BTreeMap::<String, Vec<f64>>::new();
            for (name, values) in gradients.iter().flat_map(|g| g.by_column(&panel).unwrap()) {
                let sum = sum.entry(name).or_insert_with(|| vec![0.0; values.len()]);
                sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            sum
        };
        let mut gradients = Vec::new();
        for effect in &at_zero.effects {
            gradients.push(pull(&effect.name, 1.0, 0.0));
            gradients.extend(effect.std_error.map(|_| pull(&effect.name, 0.0, 1.0)));
        }
        assert_gradients(&rows, &["y", "x1", "x2", "z"], seed, TOLERANCE, named, &gradients);
        prop_assert!(effect_gradients(&panel, &spec, &at_zero, "other", 1.0, 0.0).is_err());
        if two {
            prop_assert!(effect_gradients(&panel, &spec, &at_zero, "indirect", 0.0, 1.0).is_err());
        }
    }

    /// A second stage with the inverse Mills ratio: through the ratio's column, the index and the
    /// slopes of the probit, in each of its forms.
    #[test]
    fn through_the_mills_ratio(n in 9..=13_i32, seed in any::<u64>()) {
        let rows = with_choice(unbalanced(n, 8, 0.2, 0, seed), seed).sorted();
        for form in [Form::Selected, Form::Everywhere, Form::Treatment] {
            let spec = MillsSpec {
                selection: "d ~ x1 + x2".parse().unwrap(),
                probit: BinarySpec {
                    link: Link::Probit,
                    information: Information::Observed,
                    vcov: "iid".parse().unwrap(),
                    small_sample: SmallSample::None,
                },
                form,
                name: "imr".to_owned(),
            };
            let second = ::estimate::Spec {
                vcov: "cluster id".parse().unwrap(),
                convention: Convention { singletons: Singletons::Keep, ..Convention::REGHDFE },
                constant: Constant::Mean,
            };
            let model = "y ~ x1 + imr | id".parse().unwrap();
            let both = |panel: &Panel| {
                let ratio = mills_ratio(panel, &spec)?;
                let design = Design::new(&ratio.panel, &model, Singletons::Keep)?;
                Ok::<_, causal::Error>(fixed_effects(&design, &second)?)
            };
            let panel = rows.panel();
            let Ok(fit) = both(&panel) else { continue };
            let ratio = mills_ratio(&panel, &spec).unwrap();
            let selection = Design::new(&panel, &spec.selection, Singletons::Keep).unwrap();
            let first = Adjoint::binary(&selection, &ratio.first).unwrap();
            let design = Design::new(&ratio.panel, &model, Singletons::Keep).unwrap();
            let adjoint = Adjoint::linear(&design, &fit).unwrap();
            let gradient = |(_, _, cotangent): (String, f64, Cotangent)| {
                let mut columns =
                    adjoint.pull(&cotangent).unwrap().by_column(&ratio.panel).unwrap();
                let by_ratio = columns.remove("imr").unwrap();
                let asked = mills_cotangent(&selection, &ratio.first, form, &by_ratio).unwrap();
                for (name, more) in first.pull(&asked).unwrap().by_column(&panel).unwrap() {
                    let sum = columns.entry(name).or_insert_with(|| vec![0.0; panel.n_rows()]);
                    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                }
                columns
            };
            let gradients: Vec<_> = numbers(&fit).into_iter().map(gradient).collect();
            let again = |panel: &Panel| named(&both(panel).unwrap());
            assert_gradients(&rows, &["y", "x1", "x2"], seed, TOLERANCE, again, &gradients);
        }
    }
}

#[test]
fn what_has_no_derivative() {
    let rows = with_choice(unbalanced(9, 8, 0.2, 0, 3), 3)
        .with("q", |rows, row| rows.columns["x1"][row].sin());
    let panel = rows.panel();
    let mut spec = threshold_spec("id", Inequality::AtMost, "iid");
    spec.rows = Which::DropLast;
    spec.slopes.constant = Constant::Omit;
    let error = Given::new(&panel, &spec, &[0.0]).unwrap_err();
    assert!(error.to_string().contains("without the last row"), "{error}");

    let design = |formula: &str| Design::new(&panel, &formula.parse().unwrap(), Singletons::Keep);
    let probit = BinarySpec {
        link: Link::Probit,
        information: Information::Observed,
        vcov: "iid".parse().unwrap(),
        small_sample: SmallSample::None,
    };
    let (own, other) = (design("d ~ x1 + x2").unwrap(), design("d ~ x1 + L.x2").unwrap());
    let fit = ::estimate::binary(&own, &probit).unwrap();
    let by_row = vec![1.0; panel.n_rows()];
    // Rows without a ratio pass nothing on, whatever is said of them.
    let asked = mills_cotangent(&own, &fit, Form::Selected, &by_row).unwrap();
    for (d, by_index) in own.response().iter().zip(&asked.linear_index) {
        assert!(if *d > 0.5 { *by_index < 0.0 } else { by_index.abs() <= 0.0 });
    }
    assert!(mills_cotangent(&other, &fit, Form::Everywhere, &by_row).is_err());
    assert!(mills_cotangent(&own, &fit, Form::Everywhere, &by_row[1..]).is_err());
    assert!(Adjoint::binary(&other, &fit).is_err());
}
