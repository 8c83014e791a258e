//! Specification tests: equalities with the slow way, and with themselves.

use std::collections::BTreeMap;

use estimate::{
    Components, Contrast, Dependence, Difference, Distribution, Effect, Hypothesis, Multiplier,
    Negative, Null, RandomSpec, Regressors, Test, TestNote, TestSpec, Vcov, Weights,
    breusch_godfrey, cross_section_dependence, effects_f, hausman, hausman_auxiliary,
    lagrange_multiplier, lincom, modified_wald, random_effects, serial_difference, serial_within,
    specification_test, variance_inflation, wald,
};

use super::*;

fn design<'p>(panel: &'p Panel, formula: &str) -> Design<'p> {
    Design::new(panel, &formula.parse().unwrap(), Singletons::Keep).unwrap()
}

fn hypothesis(text: &str) -> Hypothesis {
    text.parse().unwrap()
}

/// A test, unless the data are too few for it.
macro_rules! test_or_skip {
    ($test:expr) => {
        match $test {
            Err(
                Error::NoDegreesOfFreedom { .. }
                | Error::Test(
                    estimate::TestError::NoLags { .. }
                    | estimate::TestError::NoRepetition { .. }
                    | estimate::TestError::TooFewEntities { .. },
                )
                | Error::PerfectFit { .. }
                | Error::TooFewClusters { .. }
                | Error::Absorbed { .. }
                | Error::Degenerate { .. },
            ) => return Ok(()),
            other => other.unwrap(),
        }
    };
}

#[track_caller]
fn same_test(a: &Test, b: &Test) {
    assert_eq!(a.distribution, b.distribution);
    assert!(close(a.statistic, b.statistic, 1e-8, 1e-9), "{a} and {b}");
    assert!(close(a.p_value, b.p_value, 1e-6, 1e-9), "{a} and {b}");
}

fn swar(vcov: Vcov) -> RandomSpec {
    RandomSpec {
        components: Components::SwamyArora,
        effect: Effect::Individual,
        negative: Negative::Zero,
        vcov,
        convention: Convention::PLM,
    }
}

/// Positions of rows sorted as a panel sorts them, with their entity and period.
fn keys(panel: &Panel) -> Vec<(u32, i32)> {
    panel.index().entity.codes().iter().copied().zip(panel.index().period.iter().copied()).collect()
}

/// Pairs of rows one period apart.
fn pairs(keys: &[(u32, i32)]) -> Vec<(usize, usize)> {
    let at: BTreeMap<(u32, i32), usize> = keys.iter().copied().zip(0..).collect();
    let before = |(i, &(who, when)): (usize, &(u32, i32))| Some((i, *at.get(&(who, when - 1))?));
    keys.iter().enumerate().filter_map(before).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A single restriction is the square of its t statistic, whatever the covariance.
    #[test]
    fn one_restriction_is_t_squared(rows in rows(), by in 0..4_usize, effects in any::<bool>()) {
        let panel = rows.panel();
        let vcov = ["iid", "HC1", "cluster id", "cluster year"][by];
        let formula = if effects { "y ~ x1 + x2 | id + year" } else { "y ~ x1 + x2" };
        let fit = fit_or_skip!(&panel, formula, vcov, &KEEP);
        for row in fit.coefficients() {
            let test = wald(&fit, &hypothesis(&format!("{} = 0", row.term))).unwrap();
            assert_close(test.statistic, row.statistic * row.statistic, TOLERANCE);
            assert!(close(test.p_value, row.p_value, TOLERANCE, 0.0));
            let around = format!("3*{} = {}", row.term, 3.0 * (row.estimate - row.std_error));
            let test = wald(&fit, &hypothesis(&around)).unwrap();
            assert_close(test.statistic, 1.0, 1e-8);
        }
    }

    /// What a hypothesis says, not how it says it; and all slopes at once is the F test.
    #[test]
    fn a_hypothesis_can_be_rewritten(rows in rows(), clustered in any::<bool>()) {
        let panel = rows.panel();
        let vcov = if clustered { "cluster id" } else { "HC1" };
        let fit = fit_or_skip!(&panel, "y ~ x1 + x2 + x1:x2 | id", vcov, &KEEP);
        let written = [
            "x1 = 0, x2 = 1",
            "x2 = 1 + x1/2, x1 = 0",
            "x1 + 2*x2 = 2, 3*x1 - x2 = -1",
            "-(x1 - 1e3*x2) = 1000, 2*(x1 + x2) - 2 = 0",
            "x1 = 0, x1 + x2 = 1, x2 - x1 = 1",
        ];
        let tests: Vec<Test> =
            written.iter().map(|text| wald(&fit, &hypothesis(text)).unwrap()).collect();
        for test in &tests[1..] {
            same_test(&tests[0], test);
        }
        prop_assert_eq!(&tests[4].notes, &vec![TestNote::Redundant { dropped: 1 }]);
        let all = wald(&fit, &hypothesis("x1 = x2 = x1:x2 = 0")).unwrap();
        let f = f_test(&fit).unwrap();
        assert_close(all.statistic, f.statistic, 1e-8);
        prop_assert_eq!(all.distribution, Distribution::F(f.df, f.df_residual));
    }

    /// A combination is the coefficient of a model written in other columns.
    #[test]
    fn a_combination_is_a_coefficient(rows in rows(), vcov in 0..3_usize) {
        let vcov = ["iid", "HC1", "cluster id"][vcov];
        let rows = rows.with("z", |rows, i| rows.columns["x2"][i] - 2.0 * rows.columns["x1"][i]);
        let panel = rows.panel();
        let fit_x = fit_or_skip!(&panel, "y ~ x1 + x2 | year", vcov, &KEEP);
        let fit_z = fit_or_skip!(&panel, "y ~ x1 + z | year", vcov, &KEEP);
        let ours = lincom(&fit_x, &"x1 + 2*x2".parse().unwrap()).unwrap();
        let theirs = &fit_z.coefficients()[0];
        // A number in it moves the estimate and the interval, and nothing else.
        let less = lincom(&fit_x, &"x1 + 2*x2 - 3".parse().unwrap()).unwrap();
        for (less, ours) in [
            (less.estimate + 3.0, ours.estimate),
            (less.conf_low + 3.0, ours.conf_low),
            (less.std_error, ours.std_error),
            (less.statistic * less.std_error + 3.0, ours.estimate),
        ] {
            assert!(close(less, ours, TOLERANCE, 3.0), "{less} {ours}");
        }
        for (ours, theirs) in [
            (ours.estimate, theirs.estimate),
            (ours.std_error, theirs.std_error),
            (ours.conf_low, theirs.conf_low),
            (ours.conf_high, theirs.conf_high),
            (ours.p_value, theirs.p_value),
        ] {
            assert!(close(ours, theirs, 1e-7, theirs.abs().max(1e-9)), "{ours} {theirs}");
        }
    }

    /// The F of effects from the residuals of two regressions with a dummy for every level.
    #[test]
    fn effects_from_dummies(rows in rows(), second in any::<bool>(), all in any::<bool>()) {
        let panel = rows.panel();
        let (formula, names): (_, &[&str]) =
            if second { ("y ~ x1 + x2 | id + year", &["id", "year"]) } else { ("y ~ x1 + x2 | id", &["id"]) };
        let of: Vec<String> = if all { vec![] } else { vec![(*names.last().unwrap()).to_owned()] };
        let test = test_or_skip!(effects_f(&design(&panel, formula), &of));
        let x = [column(&panel, "x1"), column(&panel, "x2")];
        let x: Vec<&[f64]> = x.iter().map(|x| &**x).collect();
        let dense = |names: &[&str]| {
            let ones = std::iter::once(vec![1.0; panel.n_rows()]);
            let factors: Vec<_> = names.iter().map(|name| panel.factor(name).unwrap()).collect();
            let columns = ones.chain(factors.iter().flat_map(|factor| dummies(factor)));
            Dense::new(&column(&panel, "y"), &x, &Basis::new(columns))
        };
        let kept = if all { &[] } else { &names[..names.len() - 1] };
        let (whole, part) = (dense(names), dense(kept));
        let (df, left) = (whole.rank - part.rank, panel.n_rows() - whole.rank);
        let f = (part.ssr() - whole.ssr()) / df as f64 / (whole.ssr() / left as f64);
        prop_assert_eq!(test.distribution, Distribution::F(df, left));
        assert!(close(test.statistic, f, 1e-8, 1.0));
    }

    /// And it is the Wald test of the indicators of the pooled model.
    #[test]
    fn effects_are_indicators(rows in rows()) {
        let panel = rows.panel();
        let fit = fit_or_skip!(&panel, "y ~ x1 + x2 + i.year", "iid", &KEEP);
        let years = fit.terms()[2..].to_vec();
        let joint = wald(&fit, &Hypothesis::zero(years)).unwrap();
        let test = effects_f(&design(&panel, "y ~ x1 + x2 | year"), &[]).unwrap();
        assert!(close(test.statistic, joint.statistic, 1e-7, 1e-6), "{test} {joint}");
        prop_assert_eq!(test.distribution, joint.distribution);
    }

    /// With one error variance the contrast is a difference of sums of squares: of the efficient
    /// regression, and of the same with the demeaned columns beside its own (Hausman and Taylor).
    #[test]
    fn hausman_is_a_difference_of_ssr(rows in rows(), random in any::<bool>()) {
        let panel = rows.panel();
        let within = fit_or_skip!(&panel, "y ~ x1 + x2 | id", "iid", &KEEP);
        let id = panel.factor("id").unwrap();
        let (efficient, theta) = if random {
            prop_assume!(rows.n() == id.n_levels() * panel.factor("year").unwrap().n_levels());
            let design = design(&panel, "y ~ x1 + x2");
            let random = test_or_skip!(random_effects(&design, &swar(Vcov::Iid)));
            (random.fit, random.theta_entity.unwrap().max)
        } else {
            (fit_or_skip!(&panel, "y ~ x1 + x2", "iid", &KEEP), 0.0)
        };
        let means = |v: &[f64]| {
            let mut sums = vec![(0.0, 0.0); id.n_levels()];
            for (v, &code) in v.iter().zip(id.codes()) {
                sums[code as usize].0 += v;
                sums[code as usize].1 += 1.0;
            }
            id.codes().iter().map(|&c| sums[c as usize].0 / sums[c as usize].1).collect::<Vec<_>>()
        };
        let less = |v: &[f64], share: f64| -> Vec<f64> {
            v.iter().zip(means(v)).map(|(v, mean)| v - share * mean).collect()
        };
        let (y, x1, x2) = (column(&panel, "y"), column(&panel, "x1"), column(&panel, "x2"));
        let restricted = Basis::new([vec![1.0; rows.n()], less(&x1, theta), less(&x2, theta)]);
        let whole = Basis::new([
            vec![1.0; rows.n()], less(&x1, theta), less(&x2, theta), less(&x1, 1.0), less(&x2, 1.0),
        ]);
        prop_assume!(whole.rank() == 5);
        let ssr = |basis: &Basis| {
            let left = basis.residual(&less(&y, theta));
            dot(&left, &left)
        };
        let variance = efficient.sums().residual / (rows.n() - 3) as f64;
        let want = (ssr(&restricted) - ssr(&whole)) / variance;
        let test = hausman(&within, &efficient, Contrast::Sigmamore).unwrap();
        prop_assert_eq!(test.distribution, Distribution::ChiSquared(2));
        assert!(close(test.statistic, want, 1e-6, 1e-6), "{test}, {want}");
        // The other scale is another denominator.
        let own = within.sums().residual
            / (within.correction().n - within.correction().k_all) as f64;
        let less = hausman(&within, &efficient, Contrast::Sigmaless).unwrap();
        assert!(close(less.statistic, want * variance / own, 1e-6, 1e-6));
    }

    /// Units do not matter, neither a regressor's nor the response's.
    #[test]
    fn hausman_has_no_units(rows in balanced(4..=7), auxiliary in any::<bool>()) {
        let scaled = rows
            .clone()
            .with("x1", |rows, i| 1e4 * rows.columns["x1"][i])
            .with("y", |rows, i| 7.0 - 1e-3 * rows.columns["y"][i]);
        let [a, b] = [&rows, &scaled].map(|rows| {
            let panel = rows.panel();
            let pooled = design(&panel, "y ~ x1 + x2");
            if auxiliary {
                return hausman_auxiliary(&pooled, &swar("cluster id".parse().unwrap()));
            }
            let random = random_effects(&pooled, &swar(Vcov::Iid))?;
            let within = fit(&panel, "y ~ x1 + x2 | id", "iid", &KEEP)?;
            hausman(&within, &random.fit, Contrast::Own)
        });
        match (a, b) {
            (Err(Error::Test(estimate::TestError::NegativeHausman { .. })), Err(Error::Test(estimate::TestError::NegativeHausman { .. }))) => {}
            (a, b) => {
                let (a, b) = (a.unwrap(), b.unwrap());
                assert!(close(a.statistic, b.statistic, 1e-6, 1e-6), "{a} {b}");
                prop_assert_eq!(a.distribution, b.distribution);
            }
        }
    }

    /// Multiplier tests from the matrix of who shares a group with whom; entities and periods
    /// change roles with their columns.
    #[test]
    fn multipliers_from_matrices(rows in rows()) {
        let panel = rows.panel();
        let design = design(&panel, "y ~ x1 + x2 | id");
        let fit = fit_or_skip!(&panel, "y ~ x1 + x2", "iid", &KEEP);
        let (u, n) = (fit.residuals(), panel.n_rows());
        let lm = |name: &str| {
            let codes = panel.factor(name).unwrap().into_owned();
            let (mut form, mut pairs) = (0.0_f64, 0.0_f64);
            for i in 0..n {
                for j in (0..n).filter(|&j| j != i && codes.codes()[i] == codes.codes()[j]) {
                    form += u[i] * u[j];
                    pairs += 1.0;
                }
            }
            (form / dot(u, u) * n as f64 / (2.0 * pairs).sqrt(), pairs)
        };
        let ((a, m), (b, l)) = (lm("id"), lm("year"));
        let run = |multiplier, effect| lagrange_multiplier(&design, multiplier, effect).unwrap();
        for (multiplier, effect, want) in [
            (Multiplier::Honda, Effect::Individual, a),
            (Multiplier::Honda, Effect::Time, b),
            (Multiplier::BreuschPagan, Effect::Individual, a * a),
            (Multiplier::BreuschPagan, Effect::TwoWays, a * a + b * b),
            (Multiplier::KingWu, Effect::TwoWays, (m.sqrt() * a + l.sqrt() * b) / (m + l).sqrt()),
            (Multiplier::Honda, Effect::TwoWays, (a + b) / 2.0_f64.sqrt()),
            (Multiplier::GourierouxHollyMonfort, Effect::Individual, a.max(0.0).powi(2)),
            (
                Multiplier::GourierouxHollyMonfort,
                Effect::TwoWays,
                a.max(0.0).powi(2) + b.max(0.0).powi(2),
            ),
        ] {
            let test = run(multiplier, effect);
            assert!(close(test.statistic, want, 1e-9, 1e-3), "{test} {want}");
        }
        let turned = Rows { id: rows.year.clone(), year: rows.id.clone(), ..rows.clone() };
        let turned = turned.panel();
        let turned = Design::new(&turned, &"y ~ x1 + x2".parse().unwrap(), Singletons::Keep).unwrap();
        same_test(
            &run(Multiplier::Honda, Effect::Individual),
            &lagrange_multiplier(&turned, Multiplier::Honda, Effect::Time).unwrap(),
        );
    }

    /// Wooldridge's tests from pairs of rows, by hand, with gaps and singletons.
    #[test]
    fn serial_by_hand(rows in rows(), plm in any::<bool>(), levels in any::<bool>()) {
        let panel = rows.panel();
        let design = design(&panel, "y ~ x1 + x2 | id");
        let keys = keys(&panel);
        let lagged = |u: &[f64], keys: &[(u32, i32)], constant: bool| {
            let pairs = pairs(keys);
            let now: Vec<f64> = pairs.iter().map(|(i, _)| u[*i]).collect();
            let then: Vec<f64> = pairs.iter().map(|(_, j)| u[*j]).collect();
            let who: Vec<i64> = pairs.iter().map(|(i, _)| i64::from(keys[*i].0)).collect();
            let who = panel::Factor::from_numbers(&who);
            let basis = Basis::new(constant.then(|| vec![1.0; now.len()]));
            let oracle = Dense::new(&now, &[&then], &basis);
            (oracle.beta[0], oracle.clustered(&who)[0].powi(2), pairs.len(), who.n_levels())
        };
        let within = test_or_skip!(serial_within(&design));
        let ids = dummies(&panel.factor("id").unwrap());
        let x = [column(&panel, "x1"), column(&panel, "x2")];
        let x: Vec<&[f64]> = x.iter().map(|x| &**x).collect();
        let oracle = Dense::new(&column(&panel, "y"), &x, &Basis::new(ids));
        let (rho, variance, n, _) = lagged(&oracle.residuals, &keys, true);
        let periods = panel.factor("year").unwrap().n_levels() as f64;
        let want = (rho + 1.0 / (periods - 1.0)).powi(2) / variance;
        assert!(close(within.statistic, want, 1e-7, 1e-7), "{within} {want}");
        prop_assert_eq!(within.distribution, Distribution::F(1, n - 2));

        let steps = pairs(&keys);
        let delta = |v: &[f64]| steps.iter().map(|&(i, j)| v[i] - v[j]).collect::<Vec<f64>>();
        let columns = x.iter().map(|x| delta(x));
        let ones = plm.then(|| vec![1.0; steps.len()]);
        let basis = Basis::new(ones.into_iter().chain(columns));
        let e = basis.residual(&delta(&column(&panel, "y")));
        let stepped: Vec<(u32, i32)> = steps.iter().map(|&(i, _)| keys[i]).collect();
        prop_assume!(steps.len() > basis.rank() && pairs(&stepped).len() > 2);
        let (rho, variance, n, g) = lagged(&e, &stepped, plm);
        let (null, value) = if levels { (Null::Levels, -0.5) } else { (Null::Differences, 0.0) };
        let like = if plm { Difference::Plm } else { Difference::Stata };
        let test = test_or_skip!(serial_difference(&design, null, like));
        let (g_, n_) = (g as f64, n as f64);
        let factor = if plm { 1.0 } else { g_ / (g_ - 1.0) * (n_ - 1.0) / (n_ - 1.0) };
        let want = (rho - value).powi(2) / (variance * factor);
        assert!(close(test.statistic, want, 1e-7, 1e-7), "{test} {want}");
        let left = if plm { n - 2 } else { g - 1 };
        prop_assert_eq!(test.distribution, Distribution::F(1, left));
    }

    /// Effects of periods are projected out of the differences: indicators do the same.
    #[test]
    fn differences_without_periods(rows in rows()) {
        let panel = rows.panel();
        let absorbed = serial_difference(
            &design(&panel, "y ~ x1 + x2 | id + year"), Null::Levels, Difference::Stata,
        );
        let written = serial_difference(
            &design(&panel, "y ~ x1 + x2 + i.year | id"), Null::Levels, Difference::Stata,
        );
        let (absorbed, written) = (test_or_skip!(absorbed), match written {
            // Years without a difference make others collinear when they are written out.
            Err(Error::Collinear { .. }) => return Ok(()),
            written => test_or_skip!(written),
        });
        assert!(close(absorbed.statistic, written.statistic, 1e-6, 1e-6), "{absorbed} {written}");
    }

    /// Breusch and Godfrey's n R², on projected columns, by hand.
    #[test]
    fn breusch_godfrey_by_hand(rows in rows(), effects in any::<bool>(), lags in 1..=3_usize) {
        let panel = rows.panel();
        let formula = if effects { "y ~ x1 + x2 | id + year" } else { "y ~ x1 + x2" };
        let test = test_or_skip!(breusch_godfrey(&design(&panel, formula), Some(lags)));
        let levels = |name: &str| dummies(&panel.factor(name).unwrap());
        let ones = vec![vec![1.0; panel.n_rows()]];
        let effects = if effects { [levels("id"), levels("year")].concat() } else { ones };
        let pooled = effects.len() == 1;
        let basis = Basis::new(effects);
        let x = [column(&panel, "x1"), column(&panel, "x2")];
        let x: Vec<&[f64]> = x.iter().map(|x| &**x).collect();
        let oracle = Dense::new(&column(&panel, "y"), &x, &basis);
        let u = &oracle.residuals;
        let lag = |by: usize| (0..u.len()).map(|i| if i < by { 0.0 } else { u[i - by] }).collect();
        let mut columns: Vec<Vec<f64>> = x.iter().map(|x| basis.residual(x)).collect();
        columns.extend((1..=lags).map(lag));
        columns.extend(pooled.then(|| vec![1.0; u.len()]));
        let left = Basis::new(columns).residual(u);
        let want = u.len() as f64 * (1.0 - dot(&left, &left) / dot(u, u));
        assert!(close(test.statistic, want, 1e-7, 1e-6), "{test} {want}");
        prop_assert_eq!(test.distribution, Distribution::ChiSquared(lags));
    }

    /// The modified Wald test by its definition; who is called what does not matter.
    #[test]
    fn modified_wald_by_hand(rows in rows()) {
        let panel = rows.panel();
        let formula = "y ~ x1 + x2";
        let fit = fit_or_skip!(&panel, formula, "iid", &KEEP);
        let design = design(&panel, formula);
        let test = test_or_skip!(modified_wald(&design, &fit));
        let u = fit.residuals();
        let overall = dot(u, u) / u.len() as f64;
        let id = panel.factor("id").unwrap();
        let (mut want, mut n) = (0.0, 0);
        for code in 0..u32::try_from(id.n_levels()).unwrap() {
            let squares: Vec<f64> = u
                .iter()
                .zip(id.codes())
                .filter(|(_, c)| **c == code)
                .map(|(u, _)| u * u)
                .collect();
            let t = squares.len() as f64;
            let mean = squares.iter().sum::<f64>() / t;
            let variance =
                squares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (t * (t - 1.0));
            if t > 1.0 {
                want += (mean - overall).powi(2) / variance;
                n += 1;
            }
        }
        assert!(close(test.statistic, want, 1e-8, 1e-6), "{test} {want}");
        prop_assert_eq!(test.distribution, Distribution::ChiSquared(n));
        let left_out = id.n_levels() - n;
        let noted: usize = test
            .notes
            .iter()
            .map(|note| match note {
                TestNote::EntitiesLeftOut { entities, .. } => *entities,
                _ => 0,
            })
            .sum();
        prop_assert_eq!(noted, left_out);
    }

    /// Cross-sectional dependence over pairs, by hand, and entities can change their names.
    #[test]
    fn dependence_by_hand(rows in rows()) {
        let panel = rows.panel();
        let fit = fit_or_skip!(&panel, "y ~ x1 | year", "iid", &KEEP);
        let design = design(&panel, "y ~ x1 | year");
        let mut series: BTreeMap<u32, BTreeMap<i32, f64>> = BTreeMap::new();
        for ((who, when), u) in keys(&panel).into_iter().zip(fit.residuals()) {
            series.entry(who).or_default().insert(when, *u);
        }
        let series: Vec<_> = series.into_values().collect();
        let (mut cd, mut lm, mut pairs) = (0.0, 0.0, 0);
        for (i, a) in series.iter().enumerate() {
            for b in &series[..i] {
                let both: Vec<(f64, f64)> =
                    a.iter().filter_map(|(t, x)| Some((*x, *b.get(t)?))).collect();
                let t = both.len() as f64;
                if both.len() < 2 {
                    continue;
                }
                let (x, y) = (both.iter().map(|p| p.0).sum::<f64>() / t,
                              both.iter().map(|p| p.1).sum::<f64>() / t);
                let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
                    both.iter().map(|p| f(p.0 - x, p.1 - y)).sum()
                };
                let rho = sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
                cd += t.sqrt() * rho;
                lm += t * rho * rho;
                pairs += 1;
            }
        }
        let p = f64::from(pairs);
        let other_names = Rows { id: rows.id.iter().map(|id| (id * 7) % 23).collect(), ..rows.clone() };
        let other_panel = other_names.panel();
        let other_fit = super::fit(&other_panel, "y ~ x1 | year", "iid", &KEEP).unwrap();
        let other = super::specification::design(&other_panel, "y ~ x1 | year");
        for (dependence, want) in [
            (Dependence::PesaranCd, cd / p.sqrt()),
            (Dependence::BreuschPagan, lm),
            (Dependence::ScaledLm, (lm - p) / (2.0 * p).sqrt()),
        ] {
            let test = cross_section_dependence(&design, &fit, dependence).unwrap();
            assert!(close(test.statistic, want, 1e-8, 1e-3), "{test} {want}");
            let renamed = cross_section_dependence(&other, &other_fit, dependence).unwrap();
            assert!(close(test.statistic, renamed.statistic, 1e-8, 1e-3), "{test} {renamed}");
        }
    }

    /// In a balanced panel the sum of all correlations is the square of a sum.
    #[test]
    fn balanced_cd_is_a_square(rows in balanced(4..=8)) {
        let panel = rows.panel();
        let fit = fit_or_skip!(&panel, "y ~ x1 | id", "iid", &KEEP);
        let design = design(&panel, "y ~ x1 | id");
        let id = panel.factor("id").unwrap();
        let n = id.n_levels();
        let t = panel.n_rows() / n;
        let mut total = vec![0.0; t];
        for u in fit.residuals().chunks(t) {
            let length = dot(u, u).sqrt();
            total.iter_mut().zip(u).for_each(|(sum, u)| *sum += u / length);
        }
        let sum = (dot(&total, &total) - n as f64) / 2.0;
        let want = (t as f64 / (n * (n - 1) / 2) as f64).sqrt() * sum;
        let test = cross_section_dependence(&design, &fit, Dependence::PesaranCd).unwrap();
        assert!(close(test.statistic, want, 1e-9, 1.0), "{test} {want}");
    }

    /// Variance inflation is 1/(1 − R²) of a regressor on the others, and scales iid errors.
    #[test]
    fn variance_inflation_is_r_squared(rows in rows(), within in any::<bool>()) {
        let panel = rows.panel();
        let formula = "y ~ x1 + x2 + x3 | id + year";
        let whole = fit_or_skip!(&panel, formula, "iid", &KEEP);
        let design = design(&panel, formula);
        let which = if within { Regressors::Within } else { Regressors::Raw };
        let inflation = variance_inflation(&design, which).unwrap();
        let effects = if within { " | id + year" } else { "" };
        for (j, (term, others)) in
            [("x1", "x2 + x3"), ("x2", "x1 + x3"), ("x3", "x1 + x2")].into_iter().enumerate()
        {
            let of = format!("{term} ~ {others}{effects}");
            let fit = fit_or_skip!(&panel, &of, "iid", &KEEP);
            let left = fit.sums().residual / fit.sums().within;
            prop_assert_eq!(inflation[j].term.to_string(), term);
            assert_close(inflation[j].tolerance, left, 1e-5);
            assert_close(inflation[j].vif, 1.0 / left, 1e-5);
            if within {
                let (n, sums) = (whole.correction(), whole.sums());
                let variance = sums.residual / (n.n - n.k_all) as f64;
                let se = (variance * inflation[j].vif / fit.sums().within).sqrt();
                assert_close(whole.stderror()[j], se, 1e-6);
            }
        }
    }
}

/// Texts and values of tests and hypotheses are inverse, and short forms have long ones.
#[test]
fn texts_of_tests() {
    for (text, long) in [
        ("hausman", "hausman"),
        (" hausman( sigmamore ) ", "hausman(sigmamore)"),
        ("hausman-aux", "hausman-aux"),
        ("mundlak", "hausman-robust"),
        ("effects-f", "effects-f"),
        ("pFtest(id, year)", "effects-f(id, year)"),
        ("effects-f(`a, b`)", "effects-f(`a, b`)"),
        ("xttest0", "lm-ghm(individual)"),
        ("lm-bp", "lm-bp(individual)"),
        ("lm-kw(twoways)", "lm-kw(twoways)"),
        ("pwartest", "serial-within"),
        ("xtserial", "serial-difference(stata, levels)"),
        ("pwfdtest", "serial-difference(plm, differences)"),
        ("serial-difference(plm)", "serial-difference(plm, levels)"),
        ("pbgtest(3)", "breusch-godfrey(3)"),
        ("breusch-godfrey", "breusch-godfrey"),
        ("xttest3", "modified-wald"),
        ("xtcsd", "pesaran-cd"),
        ("xttest2", "cross-section-lm"),
        ("scaled-lm", "scaled-lm"),
        ("value == capital", "value - capital = 0"),
        ("(x1=0,x2=0)", "(x1 = 0, x2 = 0)"),
        ("(x1 + x2)/2 = (3)", "0.5*x1 + 0.5*x2 = 3"),
        ("_cons = -1.5e-2", "Constant = -0.015"),
        (
            "`a = b` - 2*L2.log(gdp):`c)` = region::east",
            "`a = b` - 2*L2.log(gdp):`c)` - region::east = 0",
        ),
    ] {
        let test: TestSpec = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(test.to_string(), long);
        assert_eq!(long.parse::<TestSpec>().unwrap(), test, "{long}");
    }
    let list = "hausman(sigmamore), x1 = 2,(x1 = 0, x2 = 0),effects-f(id, year)";
    assert_eq!(TestSpec::list(list).unwrap().len(), 4);
    for broken in [
        "hausmann",
        "hausman(more)",
        "lm-xx",
        "effects-f(id",
        "xtserial(plm)",
        "",
        "breusch-godfrey(x)",
    ] {
        let error = broken.parse::<TestSpec>().unwrap_err();
        assert!(matches!(error, Error::UnknownChoice { .. }), "{broken}: {error}");
    }
    for (broken, column) in [
        ("x1 = ", 5),
        ("x1 + = 2", 6),
        ("x1*x2 = 1", 4),
        ("x1/0 = 1", 4),
        ("x1 = x1", 1),
        ("2 = 3", 1),
        ("(x1 = 1", 5),
        ("x1 = 1 x2", 8),
        ("i.region = 0", 1),
        ("1e999*x1 = 0", 1),
        ("x1 = 0, x2 - x2 = 0", 8),
    ] {
        let Err(Error::Hypothesis(error)) = broken.parse::<TestSpec>() else {
            panic!("{broken} parses")
        };
        assert_eq!(error.column, column, "{broken}: {error}");
    }
    assert!(format!("{}x1 = 0", "(".repeat(500)).parse::<Hypothesis>().is_err());
}

/// Every refusal by name.
#[test]
fn what_cannot_be_tested() {
    let rows = unbalanced(6, 6, 0.2, 1, 3);
    let panel = rows.panel();
    let fit = |formula: &str, vcov: &str| fit(&panel, formula, vcov, &KEEP).unwrap();
    let pooled = fit("y ~ x1 + x2", "iid");
    let within = fit("y ~ x1 + x2 | id", "iid");

    let error = wald(&within, &hypothesis("x1 = 0, x1-x2 = 0")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model has no coefficient `x1-x2`; it has `x1`, `x2` (a minus that subtracts needs \
         blanks around it)"
    );
    let error = wald(&fit("y ~ x1 | id", "iid"), &hypothesis("x2 = 0")).unwrap_err();
    assert!(
        matches!(error, Error::Test(estimate::TestError::NotInModel { name, .. }) if name == "x2")
    );
    let error = wald(&within, &hypothesis("x1 = 0, x2 = 0, x1 + x2 = 1")).unwrap_err();
    assert_eq!(
        error,
        Error::Test(estimate::TestError::Contradiction { restriction: "x1 + x2 = 1".to_owned() })
    );
    let three = fit("y ~ x1 + x2 + x3 | id", "cluster zone");
    let error = wald(&three, &hypothesis("x1 = x2 = x3 = 0")).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Test(estimate::TestError::NotTestable { restrictions: 3, rank: 2, .. })
        ),
        "{error}"
    );

    let error = effects_f(&design(&panel, "y ~ x1 | id"), &["year".to_owned()]).unwrap_err();
    assert_eq!(error.to_string(), "the model does not absorb `year`; it absorbs `id`");
    let error = effects_f(&design(&panel, "y ~ x1"), &[]).unwrap_err();
    assert!(matches!(error, Error::NothingAbsorbed { .. }));
    let nested = design(&panel, "y ~ x1 | id + zone");
    let error = effects_f(&nested, &["zone".to_owned()]).unwrap_err();
    assert_eq!(error, Error::Test(estimate::TestError::Spanned { names: vec!["zone".to_owned()] }));

    let robust = fit("y ~ x1 + x2 | id", "cluster id");
    let error = hausman(&robust, &pooled, Contrast::Own).unwrap_err();
    assert_eq!(
        error,
        Error::Test(estimate::TestError::NotEfficient { vcov: "cluster id".to_owned() })
    );
    let some: Vec<usize> = (1..rows.n()).collect();
    let fewer = rows.sorted().select(&some).panel();
    let fewer = super::fit(&fewer, "y ~ x1 + x2", "iid", &KEEP).unwrap();
    let error = hausman(&within, &fewer, Contrast::Own).unwrap_err();
    assert!(matches!(error, Error::Test(estimate::TestError::DifferentSamples { .. })));
    let other = fit("y ~ x3", "iid");
    assert_eq!(
        hausman(&within, &other, Contrast::Own),
        Err(Error::Test(estimate::TestError::NothingInCommon))
    );
    assert_eq!(
        hausman(&within, &within, Contrast::Own),
        Err(Error::Test(estimate::TestError::NothingInCommon))
    );

    let error = serial_within(&design(&panel, "y ~ x1 | year")).unwrap_err();
    assert_eq!(
        error,
        Error::Test(estimate::TestError::NeedsEntityEffects { entity: "id".to_owned() })
    );
    let by_group = design(&panel, "y ~ x1 | id + g");
    let error = serial_difference(&by_group, Null::Levels, Difference::Stata).unwrap_err();
    assert_eq!(
        error,
        Error::Test(estimate::TestError::OnlyEntityAndPeriod { name: "g".to_owned() })
    );
    let apart = Rows { year: rows.year.iter().map(|year| 2 * year).collect(), ..rows.clone() };
    let apart = apart.panel();
    let gaps = design(&apart, "y ~ x1 | id");
    assert!(matches!(serial_within(&gaps), Err(Error::Test(estimate::TestError::NoLags { .. }))));
    let error = serial_difference(&gaps, Null::Levels, Difference::Plm).unwrap_err();
    assert!(matches!(error, Error::Test(estimate::TestError::NoLags { .. })));
    for lags in [0, 1000] {
        let error = breusch_godfrey(&design(&panel, "y ~ x1"), Some(lags)).unwrap_err();
        assert!(matches!(error, Error::Test(estimate::TestError::NoLags { .. })));
    }

    // None of these would know of weights.
    let weighted = Weights::Analytic(Term::var("zone"));
    let model = "y ~ x1 | id".parse().unwrap();
    let weighted = Design::weighted(&panel, &model, Singletons::Keep, &weighted).unwrap();
    let spec = Spec { vcov: Vcov::Iid, convention: Convention::PLM, constant: Constant::Omit };
    for test in TestSpec::list(
        "hausman, hausman-aux, effects-f, lm-bp, serial-within, xtserial, pbgtest, xttest3, xtcsd",
    )
    .unwrap()
    {
        let error = specification_test(&weighted, &spec, &swar(Vcov::Iid), &test).unwrap_err();
        assert!(matches!(error, Error::Beyond { beyond: "weights", .. }), "{test}: {error}");
    }

    // Entities with two rows have residuals of one size within: nothing varies.
    let two = balanced_years(5, 2, 11).panel();
    let fit_two = super::fit(&two, "y ~ x1 | id", "iid", &KEEP).unwrap();
    let error = modified_wald(&design(&two, "y ~ x1 | id"), &fit_two).unwrap_err();
    assert_eq!(error, Error::Test(estimate::TestError::TooFewEntities { entities: 0, needed: 2 }));
    let one = balanced_years(9, 1, 5).panel();
    let fit_one = super::fit(&one, "y ~ x1", "iid", &KEEP).unwrap();
    let lonely = design(&one, "y ~ x1");
    let error = cross_section_dependence(&lonely, &fit_one, Dependence::PesaranCd).unwrap_err();
    assert_eq!(error, Error::Test(estimate::TestError::NoPairs { entities: 9 }));
    let error = lagrange_multiplier(&lonely, Multiplier::Honda, Effect::Individual).unwrap_err();
    assert_eq!(error, Error::Test(estimate::TestError::NoRepetition { by: "id".to_owned() }));
}

fn balanced_years(n: i32, t: i32, seed: u64) -> Rows {
    unbalanced(n, t, 0.0, 0, seed)
}

/// Year effects take part as indicators where the other program has none to absorb; with one error
/// variance the contrast of a balanced panel has the rank of what varies in both ways.
#[test]
fn hausman_with_year_effects() {
    let panel = balanced_years(8, 6, 4).panel();
    let spec = Spec {
        vcov: "cluster id".parse().unwrap(),
        convention: Convention::PLM,
        constant: Constant::Mean,
    };
    let run = |formula: &str, test: &str| {
        let random = swar(Vcov::Iid);
        specification_test(&design(&panel, formula), &spec, &random, &test.parse().unwrap())
    };
    let test = run("y ~ x1 + x2 | id + year", "hausman(sigmamore)").unwrap();
    assert_eq!(test.distribution, Distribution::ChiSquared(2));
    assert_eq!(test.notes, [TestNote::Singular { rank: 2, terms: 7 }]);
    let written = run("y ~ x1 + x2 + i.year | id", "hausman(sigmamore)").unwrap();
    same_test(&test, &written);
    let robust = run("y ~ x1 + x2 | id + year", "hausman-robust").unwrap();
    assert_eq!(robust.distribution, Distribution::ChiSquared(2));
    let error = run("y ~ x1 + x2 | year", "hausman").unwrap_err();
    assert_eq!(
        error,
        Error::Test(estimate::TestError::NeedsEntityEffects { entity: "id".to_owned() })
    );
}

/// What the dispatcher runs is what the functions run.
#[test]
fn texts_run_their_tests() {
    let panel = balanced_years(7, 6, 9).panel();
    let spec =
        Spec { vcov: "cluster id".parse().unwrap(), convention: KEEP, constant: Constant::Mean };
    let design = design(&panel, "y ~ x1 + x2 | id");
    let fit = fixed_effects(&design, &spec).unwrap();
    let pooled = super::specification::design(&panel, "y ~ x1 + x2");
    let random = random_effects(&pooled, &swar(Vcov::Iid)).unwrap().fit;
    let iid = super::fit(&panel, "y ~ x1 + x2 | id", "iid", &KEEP).unwrap();
    let clustered = swar("cluster id".parse().unwrap());
    for (text, want) in [
        ("hausman(sigmamore)", hausman(&iid, &random, Contrast::Sigmamore)),
        ("hausman(sigmaless)", hausman(&iid, &random, Contrast::Sigmaless)),
        ("hausman-aux", hausman_auxiliary(&pooled, &swar(Vcov::Iid))),
        ("hausman-robust", hausman_auxiliary(&pooled, &clustered)),
        ("effects-f", effects_f(&design, &[])),
        ("lm-kw(time)", lagrange_multiplier(&design, Multiplier::KingWu, Effect::Time)),
        ("serial-within", serial_within(&design)),
        ("xtserial", serial_difference(&design, Null::Levels, Difference::Stata)),
        ("pwfdtest", serial_difference(&design, Null::Differences, Difference::Plm)),
        ("breusch-godfrey(2)", breusch_godfrey(&design, Some(2))),
        ("breusch-godfrey", breusch_godfrey(&design, Some(6))),
        ("modified-wald", modified_wald(&design, &fit)),
        ("pesaran-cd", cross_section_dependence(&design, &fit, Dependence::PesaranCd)),
        ("x1 = x2", wald(&fit, &hypothesis("x1 = x2"))),
    ] {
        let ran = specification_test(&design, &spec, &swar(Vcov::Iid), &text.parse().unwrap());
        assert_eq!(ran, want, "{text}");
    }
}
