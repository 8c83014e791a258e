//! Reverse passes against differences of the estimators themselves.
//!
//! All columns move at once, in a random direction: a gradient is right if its product with the
//! direction is the slope of the number. Five-point differences with steps of a thousandth of a
//! standard deviation are good to 1e-10 or so of the sum of the sizes of the products, cancellation
//! included; [`TOLERANCE`] leaves room for regressors that are nearly collinear.

use estimate::{
    Adjoint, BinaryFit, BinarySpec, Components, Constant, Convention, Cotangent, Design, Effect,
    EffectsError, Error, Fit, Information, LikelihoodError, Link, Negative, RSquared, RandomSpec,
    Singletons, SmallSample, Spec, binary, linear, r_squared, random_effects,
};
use panel::{Base, Column, Panel};
use proptest::prelude::*;
use testkit::{Rows, Stream, assert_gradients, rows, unbalanced};

use super::{COUNTED, KEEP};

const TOLERANCE: f64 = 1e-7;

/// What moves: everything but codes.
const COLUMNS: [&str; 3] = ["y", "x1", "x2"];

/// A number with its name, and the cotangent that asks for it.
struct Asked {
    name: String,
    value: f64,
    cotangent: Cotangent,
}

fn unit(j: usize) -> Vec<f64> {
    (0..=j).map(|i| f64::from(u8::from(i == j))).collect()
}

/// Every number that a linear fit prints.
fn numbers(fit: &Fit, r2: RSquared) -> Vec<Asked> {
    let mut asked = Vec::new();
    let mut ask =
        |name: String, value: f64, cotangent| asked.push(Asked { name, value, cotangent });
    let zero = Cotangent::default;
    for (j, row) in fit.coefficients().into_iter().enumerate() {
        let statistic = Cotangent::statistic(j, &row);
        ask(format!("t {}", row.term), row.statistic, statistic);
        let term = row.term;
        ask(format!("b {term}"), row.estimate, Cotangent { coefficients: unit(j), ..zero() });
        ask(format!("se {term}"), row.std_error, Cotangent { std_errors: unit(j), ..zero() });
    }
    ask("ssr".into(), fit.sums().residual, Cotangent { ssr: 1.0, ..zero() });
    let likelihood = Cotangent { log_likelihood: 1.0, ..zero() };
    ask("log-likelihood".into(), fit.log_likelihood(), likelihood);
    ask("r2".into(), r2.r2, Cotangent { r2: 1.0, ..zero() });
    ask("adjusted".into(), r2.adjusted, Cotangent { r2_adjusted: 1.0, ..zero() });
    ask("within".into(), r2.within, Cotangent { r2_within: 1.0, ..zero() });
    let within = Cotangent { r2_within_adjusted: 1.0, ..zero() };
    ask("within adjusted".into(), r2.within_adjusted, within);
    let between = Cotangent { r2_between: 1.0, ..zero() };
    r2.between.into_iter().for_each(|r2| ask("between".into(), r2, between.clone()));
    let overall = Cotangent { r2_overall: 1.0, ..zero() };
    r2.overall.into_iter().for_each(|r2| ask("overall".into(), r2, overall.clone()));
    asked
}

/// Holes in a response and a regressor, at about one row in twelve.
fn with_holes(rows: Rows, seed: u64) -> Rows {
    let mut stream = Stream::new(seed);
    let mut hole = |rows: Rows, name: &str| {
        let holes: Vec<bool> = (0..rows.n()).map(|_| stream.below(12) == 0).collect();
        rows.with(name, |rows, row| if holes[row] { f64::NAN } else { rows.columns[name][row] })
    };
    let rows = hole(rows, "y");
    hole(rows, "x1")
}

/// Compares gradients with slopes; `rows` are sorted.
#[track_caller]
fn holds<T>(
    rows: &Rows,
    seed: u64,
    what: &str,
    fit: impl Fn(&Panel) -> Result<T, Error>,
    numbers: impl Fn(&Panel, &T) -> Vec<Asked>,
    pull: impl Fn(&Panel, &T, &Cotangent) -> Result<estimate::Gradient, Error>,
) {
    let panel = rows.panel();
    let at_zero = match fit(&panel) {
        Err(
            Error::NoDegreesOfFreedom { .. }
            | Error::Empty { .. }
            | Error::Effects(EffectsError::TooFewGroups { .. })
            | Error::Likelihood(LikelihoodError::Separation { .. }),
        ) => return,
        other => other.unwrap(),
    };
    let named = |panel: &Panel| {
        let asked = numbers(panel, &fit(panel).unwrap());
        asked.into_iter().map(|asked| (format!("{what}: {}", asked.name), asked.value)).collect()
    };
    let gradient =
        |asked: Asked| pull(&panel, &at_zero, &asked.cotangent).unwrap().by_column(&panel).unwrap();
    let gradients: Vec<_> = numbers(&panel, &at_zero).into_iter().map(gradient).collect();
    assert_gradients(rows, &COLUMNS, seed, TOLERANCE, named, &gradients);
}

/// A closure that makes a design of whatever panel it is given.
fn for_panel<F: for<'p> Fn(&'p Panel) -> Result<Design<'p>, Error>>(f: F) -> F {
    f
}

#[track_caller]
fn linear_holds(
    rows: &Rows,
    seed: u64,
    formula: &str,
    vcov: &str,
    convention: &Convention,
    constant: Constant,
) {
    let spec = Spec { vcov: vcov.parse().unwrap(), convention: convention.clone(), constant };
    let model = formula.parse().unwrap();
    let design = for_panel(|panel| Design::new(panel, &model, spec.convention.singletons));
    holds(
        rows,
        seed,
        &format!("{formula}, {vcov}, {}, {:?}", convention.name, spec.constant),
        |panel| linear(&design(panel)?, &spec),
        |panel, fit| numbers(fit, r_squared(&design(panel).unwrap(), fit).unwrap()),
        |panel, fit, cotangent| Adjoint::linear(&design(panel)?, fit)?.pull(cotangent),
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Pooled least squares under every covariance, and in several ways of writing the constant.
    #[test]
    fn pooled_least_squares(rows in rows(), seed in any::<u64>(), holes in any::<bool>()) {
        let rows = if holes { with_holes(rows, seed) } else { rows }.sorted();
        for formula in ["y ~ 1", "y ~ x1 + x2", "y ~ 0 + x1 + x2", "y ~ x1 + x2 + i.zone", "y ~ i.g + x1 + i.zone + x2", "y ~ x2:x1 + x1^2"] {
            for vcov in ["iid", "HC0", "HC1", "cluster id", "cluster year"] {
                linear_holds(&rows, seed, formula, vcov, &Convention::STATA_XTREG, Constant::Mean);
            }
        }
        for vcov in ["HC1", "cluster zone"] {
            linear_holds(&rows, seed, "y ~ x1 + x2", vcov, &Convention::LINEARMODELS, Constant::Mean);
        }
    }

    /// The within estimator: one factor and several, written out and absorbed, with each constant.
    #[test]
    fn within(rows in rows(), seed in any::<u64>(), holes in any::<bool>()) {
        let rows = if holes { with_holes(rows, seed) } else { rows }.sorted();
        for formula in [
            "y ~ x1 + x2 | id",
            "y ~ x1 + x2 | id + year",
            "y ~ x1 + x2 | id + year + g",
            "y ~ x1 + x2 + i.year | id",
            "y ~ x1 + L.x2 + x1:x2 | id",
        ] {
            for vcov in ["iid", "HC1", "cluster id", "cluster year"] {
                for constant in [Constant::Mean, Constant::Omit] {
                    linear_holds(&rows, seed, formula, vcov, &COUNTED, constant);
                }
            }
        }
        for convention in [&Convention::STATA_XTREG, &Convention::AREG, &Convention::PLM, &KEEP] {
            let constant = || if convention.name == "plm" { Constant::Omit } else { Constant::Mean };
            for formula in ["y ~ x1 + x2 | id", "y ~ x1 + x2 | id + year", "y ~ x1 + x2 + i.year | id"] {
                linear_holds(&rows, seed, formula, "cluster id", convention, constant());
            }
        }
        for base in [Base::First, Base::Last] {
            for vcov in ["iid", "cluster id"] {
                let constant = Constant::Omitting(base.clone());
                linear_holds(&rows, seed, "y ~ x1 + x2 | id + year", vcov, &Convention::STATA_XTREG, constant);
            }
        }
    }
}

#[test]
fn what_has_no_derivative() {
    let panel = unbalanced(6, 6, 0.2, 0, 7).panel();
    let design = |formula: &str| Design::new(&panel, &formula.parse().unwrap(), Singletons::Keep);
    let spec = |vcov: &str| Spec {
        vcov: vcov.parse().unwrap(),
        convention: COUNTED,
        constant: Constant::Mean,
    };
    let pooled = design("y ~ x1 + x2").unwrap();
    for vcov in ["HC2", "HC3", "cluster id + year", "CR2 id", "driscoll-kraay", "pcse pairwise"] {
        let fit = linear(&pooled, &spec(vcov)).unwrap();
        let error = Adjoint::linear(&pooled, &fit).unwrap_err();
        assert!(matches!(error, Error::NoDerivative { .. }), "{vcov}: {error}");
    }
    let slopes = design("y ~ x1 | id[x2]").unwrap();
    let fit = linear(&slopes, &spec("iid")).unwrap();
    assert!(matches!(Adjoint::linear(&slopes, &fit), Err(Error::Beyond { .. })));
    let weights = "aweight p".parse().unwrap();
    let heavy = panel.clone().with_column("p", Column::Number(vec![2.0; panel.n_rows()])).unwrap();
    let model = "y ~ x1".parse().unwrap();
    let weighted = Design::weighted(&heavy, &model, Singletons::Keep, &weights).unwrap();
    let fit = linear(&weighted, &spec("iid")).unwrap();
    assert!(matches!(Adjoint::linear(&weighted, &fit), Err(Error::Beyond { .. })));

    let fit = linear(&pooled, &spec("iid")).unwrap();
    for other in ["x3 ~ x1 + x2", "y ~ x2 + x1", "y ~ x1 + x2 + L.x1"] {
        let error = Adjoint::linear(&design(other).unwrap(), &fit).map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::OtherDesign { .. }), "{other}: {error}");
    }
    let adjoint = Adjoint::linear(&pooled, &fit).unwrap();
    let long = Cotangent { std_errors: vec![0.0; 4], ..Cotangent::default() };
    let error = adjoint.pull(&long).unwrap_err();
    assert!(matches!(error, Error::Panel(panel::Error::Length { got: 4, want: 3, .. })), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Random effects by Swamy and Arora in their three forms: through `θ`, in panels with holes.
    #[test]
    fn random(
        n in 9..=13_i32,
        absent in prop_oneof![Just(0.0), 0.1..0.4],
        seed in any::<u64>(),
        holes in any::<bool>(),
        alike in 0..4,
    ) {
        let rows = unbalanced(n, 6, absent, 0, seed);
        let rows = if holes { with_holes(rows, seed) } else { rows }.sorted();
        // Without effects the variance between entities is often negative, and set to zero.
        let noise: Vec<f64> = (0..rows.n()).scan(Stream::new(seed), |s, _| Some(s.normal())).collect();
        let rows = if alike == 0 { rows.with("y", |_, row| noise[row]) } else { rows };
        for components in
            [Components::SwamyArora, Components::SwamyAroraStata, Components::SwamyAroraHarmonic]
        {
            for (formula, vcov, effect) in [
                ("y ~ x1 + x2", "iid", Effect::Individual),
                ("y ~ x1 + x2 + zone", "cluster id", Effect::Individual),
                ("y ~ x1 + i.year", "cluster id", Effect::Individual),
                ("y ~ x1 + L.x2 + x1:x2", "cluster year", Effect::Individual),
                ("y ~ x1 + x2", "HC1", Effect::Time),
            ] {
                let spec = RandomSpec {
                    components,
                    effect,
                    negative: Negative::Zero,
                    vcov: vcov.parse().unwrap(),
                    convention: Convention::PLM,
                };
                let model = formula.parse().unwrap();
                let design = for_panel(|panel| Design::new(panel, &model, Singletons::Keep));
                // Where the variance of the effects turns to zero there is no slope.
                let strict = RandomSpec { negative: Negative::Refuse, ..spec.clone() };
                let panel = rows.panel();
                let kink = match design(&panel).and_then(|design| random_effects(&design, &strict)) {
                    Ok(random) => random.entity.or(random.period).map(|of| (of, random.idiosyncratic)),
                    Err(Error::Effects(EffectsError::NegativeVariance { variance, .. })) => {
                        let error = random_effects(&design(&panel).unwrap(), &spec).unwrap();
                        Some((variance, error.idiosyncratic))
                    }
                    Err(_) => None,
                };
                if kink.is_some_and(|(of, errors)| of.abs() < 0.02 * errors) {
                    continue;
                }
                holds(
                    &rows,
                    seed,
                    &format!("{formula}, {vcov}, {components}, {effect}"),
                    |panel| random_effects(&design(panel)?, &spec),
                    |_, random| numbers(&random.fit, random.r_squared),
                    |panel, random, cotangent| {
                        Adjoint::random(&design(panel)?, &spec, random)?.pull(cotangent)
                    },
                );
            }
        }
    }
}

/// Every number that a binary fit prints, and its index in a row.
fn binary_numbers(fit: &BinaryFit) -> Vec<Asked> {
    let zero = Cotangent::default;
    let mut asked = Vec::new();
    let mut ask =
        |name: String, value: f64, cotangent| asked.push(Asked { name, value, cotangent });
    for (j, row) in fit.coefficients().into_iter().enumerate() {
        let statistic = Cotangent::statistic(j, &row);
        ask(format!("t {}", row.term), row.statistic, statistic);
        let term = row.term;
        ask(format!("b {term}"), row.estimate, Cotangent { coefficients: unit(j), ..zero() });
        ask(format!("se {term}"), row.std_error, Cotangent { std_errors: unit(j), ..zero() });
    }
    let likelihood = Cotangent { log_likelihood: 1.0, ..zero() };
    ask("log-likelihood".into(), fit.log_likelihood(), likelihood);
    let mcfadden = Cotangent { mcfadden: 1.0, ..zero() };
    ask("McFadden".into(), fit.pseudo_r2().mcfadden, mcfadden);
    let index = Cotangent { linear_index: unit(3), ..zero() };
    ask("index".into(), fit.linear_index()[3], index);
    asked
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Probit and logit with either information, and sandwiches of scores.
    #[test]
    fn likelihoods(n in 8..=12_i32, seed in any::<u64>(), holes in any::<bool>()) {
        let rows = unbalanced(n, 8, 0.2, 0, seed);
        let mut stream = Stream::new(seed);
        let draws: Vec<f64> = (0..rows.n()).map(|_| 3.0 * stream.normal()).collect();
        let rows = rows.with("d", |rows, row| {
            f64::from(u8::from(rows.columns["x1"][row] + draws[row] > 0.0))
        });
        let rows = if holes { with_holes(rows, seed) } else { rows }.sorted();
        for formula in ["d ~ x1 + x2", "d ~ 0 + x1 + x2", "d ~ L.x1 + x2^2 + i.zone"] {
            for (vcov, small_sample) in [
                ("iid", SmallSample::None),
                ("HC1", SmallSample::Stata),
                ("cluster id", SmallSample::Statsmodels),
            ] {
                for link in [Link::Probit, Link::Logit] {
                    for information in [Information::Observed, Information::Expected] {
                        let vcov = vcov.parse().unwrap();
                        let spec = BinarySpec { link, information, vcov, small_sample };
                        let model = formula.parse().unwrap();
                        let design = for_panel(|panel| Design::new(panel, &model, Singletons::Keep));
                        holds(
                            &rows,
                            seed,
                            &format!("{formula}, {}, {link}, {information}", spec.vcov),
                            |panel| binary(&design(panel)?, &spec),
                            |_, fit| binary_numbers(fit),
                            |panel, fit, cotangent| {
                                Adjoint::binary(&design(panel)?, fit)?.pull(cotangent)
                            },
                        );
                    }
                }
            }
        }
    }
}
