//! Random effects, means, differences: what they must agree with.

use estimate::{
    BetweenSpec, BetweenWeights, Components, Convention, Correlated, Design, DifferenceSpec,
    Effect, Error, Estimator, Fit, Gaps, Negative, Note, Random, RandomSpec, Reference, Singletons,
    between, chi_squared_upper_tail, correlated_random_effects, first_difference, r_squared,
    random_effects, wald_test,
};
use panel::{Factor, Panel};
use proptest::prelude::*;
use testkit::{Rows, assert_close, balanced, close, rows, unbalanced};

use super::{KEEP, TOLERANCE, column, fit, same, table};

const TWO: &str = "y ~ x1 + x2";

fn spec(components: Components, effect: Effect, vcov: &str) -> RandomSpec {
    RandomSpec {
        components,
        effect,
        negative: Negative::Zero,
        vcov: vcov.parse().unwrap(),
        convention: Convention::PLM,
    }
}

fn random_with(panel: &Panel, formula: &str, spec: &RandomSpec) -> Result<Random, Error> {
    let design = Design::new(panel, &formula.parse().unwrap(), Singletons::Keep)?;
    random_effects(&design, spec)
}

fn swar(panel: &Panel, formula: &str, vcov: &str) -> Result<Random, Error> {
    random_with(panel, formula, &spec(Components::SwamyArora, Effect::Individual, vcov))
}

fn correlated(panel: &Panel, formula: &str, spec: &RandomSpec) -> Result<Correlated, Error> {
    let design = Design::new(panel, &formula.parse().unwrap(), Singletons::Keep)?;
    correlated_random_effects(&design, spec)
}

fn means(panel: &Panel, formula: &str, spec: &BetweenSpec) -> Result<Fit, Error> {
    let design = Design::new(panel, &formula.parse().unwrap(), Singletons::Keep)?;
    between(&design, spec)
}

fn entity_means(vcov: &str, weights: BetweenWeights) -> BetweenSpec {
    let (effect, vcov) = (Effect::Individual, vcov.parse().unwrap());
    BetweenSpec { effect, weights, vcov, convention: Convention::PLM }
}

fn differences(panel: &Panel, formula: &str, gaps: Gaps, vcov: &str) -> Result<Fit, Error> {
    let design = Design::new(panel, &formula.parse().unwrap(), Singletons::Keep)?;
    let (vcov, convention) = (vcov.parse().unwrap(), Convention::PLM);
    first_difference(&design, &DifferenceSpec { gaps, vcov, convention })
}

/// Group means of `v`, one a row.
fn spread(v: &[f64], by: &Factor) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); by.n_levels()];
    for (v, &code) in v.iter().zip(by.codes()) {
        let (sum, count) = &mut sums[code as usize];
        (*sum, *count) = (*sum + v, *count + 1.0);
    }
    by.codes().iter().map(|&code| sums[code as usize].0 / sums[code as usize].1).collect()
}

fn sizes(by: &Factor) -> Vec<f64> {
    let mut sizes = vec![0.0; by.n_levels()];
    by.codes().iter().for_each(|&code| sizes[code as usize] += 1.0);
    by.codes().iter().map(|&code| sizes[code as usize]).collect()
}

/// Entities become periods and periods entities.
fn transposed(rows: &Rows) -> Rows {
    Rows { id: rows.year.clone(), year: rows.id.clone(), columns: rows.columns.clone() }
}

/// A model, unless the data are too few for its variances.
macro_rules! or_skip {
    ($outcome:expr) => {
        match $outcome {
            Err(
                Error::Effects(
                    estimate::EffectsError::TooFewGroups { .. }
                    | estimate::EffectsError::UnbalancedTwoWays { .. },
                )
                | Error::NoDegreesOfFreedom { .. },
            ) => return Ok(()),
            other => other.unwrap(),
        }
    };
}

/// `A⁻¹ b` by elimination.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for j in 0..n {
        let row = a[j].clone();
        for i in j + 1..n {
            let share = a[i][j] / row[j];
            a[i].iter_mut().zip(&row).for_each(|(a, row)| *a -= share * row);
            b[i] -= share * b[j];
        }
    }
    for j in (0..n).rev() {
        let rest: f64 = (j + 1..n).map(|i| a[j][i] * b[i]).sum();
        b[j] = (b[j] - rest) / a[j][j];
    }
    b
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// `X'Ω⁻¹(y − Xβ̂) = 0` with `Ω` made of the variances alone, whoever estimated them.
    #[test]
    fn generalised_least_squares(
        rows in prop_oneof![rows(), balanced(3..=6)],
        components in 0..Components::ALL.len(),
        effect in 0..3_usize,
    ) {
        let (components, effect) = (Components::ALL[components], Effect::ALL[effect]);
        let panel = rows.panel();
        let random = or_skip!(random_with(&panel, TWO, &spec(components, effect, "iid")));
        let (id, year) = (panel.factor("id").unwrap(), panel.factor("year").unwrap());
        let ratio = |variance: Option<f64>| variance.unwrap_or(0.0) / random.idiosyncratic;
        let (of_id, of_year) = (ratio(random.entity), ratio(random.period));
        let b = random.fit.coefficients();
        let (y, x1, x2) = (column(&panel, "y"), column(&panel, "x1"), column(&panel, "x2"));
        let n = y.len();
        let left: Vec<f64> = (0..n)
            .map(|i| y[i] - b[0].estimate * x1[i] - b[1].estimate * x2[i] - b[2].estimate)
            .collect();
        // Ω/σ_e², written down.
        let same = |by: &Factor, i: usize, j: usize| f64::from(u8::from(by.codes()[i] == by.codes()[j]));
        let omega = |i: usize, j: usize| {
            f64::from(u8::from(i == j)) + of_id * same(&id, i, j) + of_year * same(&year, i, j)
        };
        let omega: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| omega(i, j)).collect()).collect();
        let v = solve(omega, left.clone());
        // The residuals are R u with R'R = σ_e² Ω⁻¹.
        let squares: f64 = left.iter().zip(&v).map(|(u, v)| u * v).sum();
        prop_assert!(close(random.fit.sums().residual, squares, 1e-9, 0.0), "{squares}");
        for x in [&x1[..], &x2[..], &vec![1.0; v.len()]] {
            let moment: f64 = x.iter().zip(&v).map(|(x, v)| x * v).sum();
            let size: f64 = x.iter().zip(&v).map(|(x, v)| (x * v).abs()).sum();
            prop_assert!(moment.abs() <= 1e-9 * size, "{} {}", moment, size);
        }
    }

    /// The covariances are those of the quasi-demeaned regression, its constant among the terms.
    #[test]
    fn quasi_demeaning_by_hand(rows in rows(), components in 0..4_usize) {
        let components = Components::ALL[components];
        let rows = rows.sorted();
        let panel = rows.panel();
        let id = panel.factor("id").unwrap();
        let size = sizes(&id);
        for vcov in ["iid", "HC0", "HC1", "HC3", "cluster id", "cluster year", "cluster zone"] {
            let outcome =
                random_with(&panel, TWO, &spec(components, Effect::Individual, vcov));
            let random = or_skip!(outcome);
            let ratio = random.entity.unwrap() / random.idiosyncratic;
            let left = |i: usize| 1.0 / (1.0 + size[i] * ratio).sqrt();
            let quasi = |name: &str| {
                let v = &rows.columns[name];
                let mean = spread(v, &id);
                (0..rows.n()).map(|i| v[i] - (1.0 - left(i)) * mean[i]).collect::<Vec<_>>()
            };
            let (y, x1, x2) = (quasi("y"), quasi("x1"), quasi("x2"));
            let by_hand = rows
                .clone()
                .with("y", |_, i| y[i])
                .with("x1", |_, i| x1[i])
                .with("x2", |_, i| x2[i])
                .with("one", |_, i| left(i))
                .panel();
            let want =
                fit(&by_hand, "y ~ 0 + x1 + x2 + one", vcov, &Convention::PLM).unwrap();
            same(&random.fit, &want, 3);
            prop_assert_eq!(random.fit.correction().n, want.correction().n);
            prop_assert_eq!(random.fit.correction().k_all, want.correction().k_all);
            prop_assert_eq!(random.fit.correction().reference, Reference::Normal);
        }
    }

    /// Mundlak: with the means beside them, slopes are those within, in unbalanced panels too.
    #[test]
    fn mundlak_is_within(rows in rows(), components in 0..4_usize) {
        let panel = rows.panel();
        let spec = spec(Components::ALL[components], Effect::Individual, "cluster id");
        let within = fit(&panel, "y ~ x1 + x2 | id", "iid", &KEEP);
        let within = or_skip!(within);
        let outcome = or_skip!(correlated(&panel, TWO, &spec));
        let coef = outcome.random.fit.coef();
        for (j, se) in within.stderror().iter().enumerate() {
            prop_assert!(close(coef[j], within.coef()[j], 1e-8, *se));
        }
        prop_assert_eq!(outcome.means.len(), 2);
        // A regressor that does not vary within entities has no mean of its own.
        if let Ok(longer) = correlated(&panel, "y ~ x1 + zone + x2", &spec) {
            prop_assert_eq!(&longer.means, &outcome.means);
            let coef = longer.random.fit.coef();
            prop_assert!(close(coef[2], within.coef()[1], 1e-8, within.stderror()[1]));
        }
    }

    /// The test of one mean is the square of its z; of all slopes, too.
    #[test]
    fn one_restriction_is_a_square(rows in rows()) {
        let panel = rows.panel();
        let spec = spec(Components::SwamyArora, Effect::Individual, "cluster year");
        let outcome = or_skip!(correlated(&panel, "y ~ x1", &spec));
        let z = outcome.random.fit.coefficients()[1].statistic;
        let test = outcome.test.unwrap();
        assert_close(test.statistic, z * z, TOLERANCE);
        assert_close(test.p_value, Reference::Normal.two_sided(z), 1e-8);
        let random = or_skip!(swar(&panel, "y ~ x1", "HC1"));
        let z = random.fit.coefficients()[0].statistic;
        assert_close(random.wald.unwrap().statistic, z * z, TOLERANCE);
        prop_assert_eq!(random.wald.unwrap().df, 1);
    }

    /// Without effects random effects are pooled least squares, and say so.
    #[test]
    fn no_variance_is_pooled(rows in rows()) {
        let rows = rows.sorted();
        let id = rows.panel().factor("id").unwrap().into_owned();
        // Means of u are alike, so that the between residuals are smaller than chance has them.
        let mean = spread(&rows.columns["y"], &id);
        let panel = rows
            .with("y", |rows, i| rows.columns["y"][i] - mean[i] + 0.5 * rows.columns["x1"][i])
            .panel();
        for components in Components::ALL.iter().filter(|c| **c != Components::Nerlove) {
            for vcov in ["iid", "HC1", "cluster id"] {
                let spec = spec(*components, Effect::Individual, vcov);
                let random = or_skip!(random_with(&panel, TWO, &spec));
                if random.entity != Some(0.0) {
                    continue; // Amemiya's slopes are not those between.
                }
                same(&random.fit, &fit(&panel, TWO, vcov, &Convention::PLM).unwrap(), 3);
                let noted = |note: &Note| matches!(note, Note::NegativeVariance { variance, .. } if *variance < 0.0);
                prop_assert!(random.fit.notes().iter().any(noted));
                prop_assert!(random.theta_entity.unwrap().max.abs() < 1e-15);
                let refused = RandomSpec { negative: Negative::Refuse, ..spec };
                let refused = random_with(&panel, TWO, &refused);
                let refused = matches!(refused, Err(Error::Effects(estimate::EffectsError::NegativeVariance { .. })));
                prop_assert!(refused);
            }
        }
        let random = or_skip!(swar(&panel, TWO, "iid"));
        prop_assert_eq!(random.entity, Some(0.0));
    }

    /// With effects that dwarf everything they are the within estimator.
    #[test]
    fn huge_effects_are_within(rows in rows()) {
        let rows = rows.with("y", |rows, i| {
            rows.columns["y"][i] + 1e7 * f64::from((rows.id[i] * 7) % 5 + rows.id[i])
        });
        let panel = rows.panel();
        let within = or_skip!(fit(&panel, "y ~ x1 + x2 | id", "iid", &KEEP));
        let random = or_skip!(swar(&panel, TWO, "iid"));
        prop_assert!(random.theta_entity.unwrap().min > 1.0 - 1e-5);
        for j in 0..2 {
            let se = within.stderror()[j];
            prop_assert!(close(random.fit.coef()[j], within.coef()[j], 1e-4, se));
        }
    }

    /// In a balanced panel the variants of Swamy and Arora are one.
    #[test]
    fn variants_agree_when_balanced(rows in balanced(3..=6), time in any::<bool>()) {
        let effect = if time { Effect::Time } else { Effect::Individual };
        let panel = rows.panel();
        let by = |components| random_with(&panel, TWO, &spec(components, effect, "iid"));
        let one = or_skip!(by(Components::SwamyArora));
        for components in [Components::SwamyAroraStata, Components::SwamyAroraHarmonic] {
            let other = by(components).unwrap();
            same(&one.fit, &other.fit, 3);
            assert_close(one.idiosyncratic, other.idiosyncratic, TOLERANCE);
        }
    }

    /// Periods are treated as entities are.
    #[test]
    fn time_is_the_other_way_round(rows in rows(), components in 0..Components::ALL.len()) {
        let components = Components::ALL[components];
        let (panel, other) = (rows.panel(), transposed(&rows).panel());
        let a = or_skip!(random_with(&panel, TWO, &spec(components, Effect::Time, "cluster id")));
        let spec = spec(components, Effect::Individual, "cluster year");
        let b = random_with(&other, TWO, &spec).unwrap();
        same(&a.fit, &b.fit, 3);
        prop_assert!(close(a.period.unwrap(), b.entity.unwrap(), 1e-8, a.idiosyncratic));
        prop_assert_eq!((a.entity, b.period), (None, None));
        let a = BetweenSpec { effect: Effect::Time, ..entity_means("HC1", BetweenWeights::Rows) };
        let a = or_skip!(means(&panel, TWO, &a));
        let b = means(&other, TWO, &entity_means("HC1", BetweenWeights::Rows)).unwrap();
        same(&a, &b, 3);
    }

    /// Two-way effects, transposed.
    #[test]
    fn two_ways_are_symmetric(
        rows in prop_oneof![rows(), balanced(4..=6)],
        components in 0..Components::ALL.len(),
        vcov in prop_oneof![Just("iid"), Just("HC1")],
    ) {
        let components = Components::ALL[components];
        let spec = spec(components, Effect::TwoWays, vcov);
        let a = or_skip!(random_with(&rows.panel(), TWO, &spec));
        let b = random_with(&transposed(&rows).panel(), TWO, &spec).unwrap();
        same(&a.fit, &b.fit, 3);
        prop_assert!(close(a.period.unwrap(), b.entity.unwrap(), 1e-8, a.idiosyncratic));
        prop_assert!(close(a.entity.unwrap(), b.period.unwrap(), 1e-8, a.idiosyncratic));
        let total = [a, b].map(|random| random.theta_total.unwrap_or(0.0));
        prop_assert!(close(total[0], total[1], 1e-8, 1.0));
    }

    /// Units go through: `y → a + b y`, `x → c + d x`; R² and θ stay.
    #[test]
    fn affine_units_of_random_effects(rows in rows(), a in -9.0..9.0_f64, b in 0.01..90.0_f64, c in -9.0..9.0_f64, d in -5..=5_i32) {
        let d = 10_f64.powi(d) * 1.7;
        let moved = rows
            .clone()
            .with("y", |rows, row| a + b * rows.columns["y"][row])
            .with("x1", |rows, row| d * (c + rows.columns["x1"][row]));
        let old = or_skip!(swar(&rows.panel(), TWO, "cluster id"));
        let new = swar(&moved.panel(), TWO, "cluster id").unwrap();
        assert_close(new.idiosyncratic, old.idiosyncratic * b * b, 1e-8);
        prop_assert!(close(new.entity.unwrap(), old.entity.unwrap() * b * b, 1e-8, new.idiosyncratic));
        assert_close(new.r_squared.overall.unwrap(), old.r_squared.overall.unwrap(), 1e-7);
        let (old, new) = (table(&old.fit), table(&new.fit));
        prop_assert!(close(new[0].0, old[0].0 * b / d, 1e-8, new[0].1));
        assert_close(new[0].1, old[0].1 * b / d, 1e-8);
        prop_assert!(close(new[1].0, old[1].0 * b, 1e-8, new[1].1));
        let constant = a + b * old[2].0 - new[0].0 * d * c;
        prop_assert!(close(new[2].0, constant, 1e-7, new[2].1));
    }

    /// Between is pooled on a table of means; weights of rows are rows.
    #[test]
    fn between_is_pooled_means(rows in rows()) {
        let rows = rows.sorted();
        let panel = rows.panel();
        let id = panel.factor("id").unwrap();
        let mean = |name: &str| spread(&rows.columns[name], &id);
        let (y, x1, x2) = (mean("y"), mean("x1"), mean("x2"));
        let spread_out = rows
            .clone()
            .with("y", |_, i| y[i])
            .with("x1", |_, i| x1[i])
            .with("x2", |_, i| x2[i]);
        let first: Vec<usize> =
            (0..rows.n()).filter(|&i| i == 0 || id.codes()[i] != id.codes()[i - 1]).collect();
        let collapsed = spread_out.select(&first).panel();
        for vcov in ["iid", "HC1", "HC2", "cluster zone"] {
            let a = or_skip!(means(&panel, TWO, &entity_means(vcov, BetweenWeights::Groups)));
            same(&a, &fit(&collapsed, TWO, vcov, &Convention::PLM).unwrap(), 3);
            prop_assert_eq!(a.correction().n, id.n_levels());
            prop_assert_eq!(a.n_entities(), id.n_levels());
            prop_assert_eq!(a.residuals().len(), a.sample().n());
            let sample: Vec<usize> = (0..a.sample().n()).map(|i| a.sample().row(i)).collect();
            prop_assert_eq!(&sample, &first);
        }
        let a = means(&panel, TWO, &entity_means("HC0", BetweenWeights::Rows)).unwrap();
        let b = fit(&spread_out.panel(), TWO, "cluster id", &Convention::PLM).unwrap();
        same(&a, &b, 3);
        let share = |fit: &Fit| 1.0 - fit.sums().residual / fit.sums().total;
        prop_assert!(close(share(&a), share(&b), TOLERANCE, 1.0));
        // R² between is that of the regression, by definition.
        let design = Design::new(&panel, &TWO.parse().unwrap(), Singletons::Keep).unwrap();
        let a = means(&panel, TWO, &entity_means("iid", BetweenWeights::Groups)).unwrap();
        let r2 = r_squared(&design, &a).unwrap();
        prop_assert!(close(r2.between.unwrap(), r2.r2, 1e-8, 1.0));
        prop_assert_eq!(a.estimator(), Estimator::Between);
    }

    /// Differences are pooled on columns differenced by hand, for every notion of the row before.
    #[test]
    fn differences_by_hand(rows in rows(), skip in 1..=2_i32, constant in any::<bool>()) {
        // With a period every other year nothing is one calendar year before.
        let mut rows = rows.sorted();
        rows.year.iter_mut().for_each(|year| *year = 1990 + (*year - 1990) * skip);
        let panel = rows.panel();
        let formula = if constant { TWO } else { "y ~ 0 + x1 + x2" };
        let year = panel.factor("year").unwrap();
        for gaps in [Gaps::Calendar, Gaps::Periods, Gaps::Rows] {
            let later: Vec<usize> = (1..rows.n())
                .filter(|&i| rows.id[i] == rows.id[i - 1])
                .filter(|&i| match gaps {
                    Gaps::Calendar => rows.year[i] == rows.year[i - 1] + 1,
                    Gaps::Periods => year.codes()[i] == year.codes()[i - 1] + 1,
                    Gaps::Rows => true,
                })
                .collect();
            if later.len() < 5 {
                let few = differences(&panel, formula, gaps, "iid").unwrap_err();
                let few = matches!(few, Error::Effects(estimate::EffectsError::NoDifferences { .. }) | Error::NoDegreesOfFreedom { .. } | Error::PerfectFit { .. } | Error::Collinear { .. });
                prop_assert!(few || !later.is_empty());
                continue;
            }
            let at = |name: &str, i: usize| rows.columns[name][i] - rows.columns[name][i - 1];
            let by_hand = rows
                .select(&later)
                .with("y", |_, row| at("y", later[row]))
                .with("x1", |_, row| at("x1", later[row]))
                .with("x2", |_, row| at("x2", later[row]))
                .panel();
            for vcov in ["iid", "HC1", "cluster id", "cluster year"] {
                let want = fit(&by_hand, formula, vcov, &Convention::PLM);
                let got = differences(&panel, formula, gaps, vcov);
                let (Ok(want), Ok(got)) = (&want, &got) else {
                    prop_assert_eq!(want.is_err(), got.is_err());
                    continue;
                };
                same(got, want, 2 + usize::from(constant));
                prop_assert_eq!(got.correction(), want.correction());
                prop_assert_eq!(got.n_entities(), want.n_entities());
                let rows_without = rows.n() - later.len();
                let firsts = panel.factor("id").unwrap().n_levels();
                let note =
                    Note::Differences { rows: rows_without, after_gap: rows_without - firsts };
                prop_assert_eq!(&got.notes()[0], &note);
                let wide =
                    later.iter().filter(|&&i| rows.year[i] > rows.year[i - 1] + 1).count();
                let spanning = got.notes().iter().find_map(|note| match note {
                    Note::SpanningGaps { rows } => Some(*rows),
                    _ => None,
                });
                prop_assert_eq!(spanning, (wide > 0).then_some(wide));
            }
        }
    }

    /// Two periods: differences without a constant are within, with one two-way within.
    #[test]
    fn two_periods_of_differences(rows in balanced(2..=2)) {
        let panel = rows.panel();
        for (formula, within) in
            [("y ~ 0 + x1 + x2", "y ~ x1 + x2 | id"), (TWO, "y ~ x1 + x2 | id + year")]
        {
            let want = or_skip!(fit(&panel, within, "iid", &KEEP));
            same(&differences(&panel, formula, Gaps::Calendar, "iid").unwrap(), &want, 2);
        }
    }
}

fn tiny() -> Rows {
    unbalanced(6, 5, 0.2, 1, 11)
}

#[test]
#[allow(clippy::too_many_lines, reason = "one assertion an error")]
fn refusals() {
    let rows = tiny().with("z", |rows, i| f64::from(rows.id[i] * rows.id[i]));
    let rows = rows.with("c", |_, _| 3.0).with("t", |rows, i| f64::from(rows.year[i]));
    let rows = rows.with("c1", |rows, i| 2.0 * rows.columns["x1"][i] - 1.0);
    let rows = rows.with("w", |rows, i| f64::from(rows.id[i]) - 2.0);
    let panel = rows.panel();
    let random = |formula: &str, components, effect, vcov: &str| {
        random_with(&panel, formula, &spec(components, effect, vcov)).unwrap_err()
    };
    let swar = |formula: &str| random(formula, Components::SwamyArora, Effect::Individual, "iid");
    let estimator = "random effects";
    assert_eq!(swar("y ~ x1 | id"), Error::Absorbs { estimator, effects: vec!["id".into()] });
    assert_eq!(swar("y ~ 0 + x1"), Error::NoConstant { estimator });
    assert_eq!(swar("y ~ 1"), Error::NoRegressors);
    assert!(
        matches!(swar("y ~ x1 + c"), Error::Absorbed { term, effects } if term.to_string() == "c" && effects.is_empty())
    );
    assert!(matches!(swar("c ~ x1"), Error::NoVariation { effects, .. } if effects.is_empty()));
    assert!(matches!(swar("w ~ x1"), Error::NoVariation { effects, .. } if effects == ["id"]));
    assert!(matches!(swar("x1 ~ x1"), Error::PerfectFit { .. }));
    assert!(matches!(swar("y ~ x1 + x2 + c1"), Error::Collinear { .. }));
    assert!(
        matches!(swar("y ~ x1 + i.id"), Error::Effects(estimate::EffectsError::TooFewGroups { by, n_groups: 7, k: 7 }) if by == "id")
    );
    for (components, vcov, asked) in [
        (Components::SwamyAroraStata, "iid", "swar-stata"),
        (Components::SwamyAroraHarmonic, "iid", "swar-harmonic"),
        (Components::Nerlove, "iid", "nerlove"),
        (Components::SwamyArora, "cluster id", "cluster id"),
    ] {
        let two = random("y ~ x1", components, Effect::TwoWays, vcov);
        let asked = asked.to_owned();
        assert_eq!(two, Error::Effects(estimate::EffectsError::UnbalancedTwoWays { asked }));
    }
    for components in [Components::Amemiya, Components::Nerlove] {
        let error = random("y ~ x1 + z", components, Effect::Individual, "iid");
        assert!(
            matches!(error, Error::Effects(estimate::EffectsError::NotWithin { term, .. }) if term.to_string() == "z")
        );
    }
    for (convention, vcov) in [
        (Convention::AREG, "iid"),
        (Convention::FIXEST, "iid"),
        (Convention::REGHDFE, "iid"),
        (Convention::STATA_XTREG, "HC1"),
    ] {
        let name = convention.name;
        let spec = spec(Components::SwamyArora, Effect::Individual, vcov);
        let error = random_with(&panel, TWO, &RandomSpec { convention, ..spec }).unwrap_err();
        match error {
            Error::NoSuchEstimator { convention, instead, .. } => {
                assert_eq!(convention, name);
                assert_eq!(instead, ["stata-xtreg", "plm", "plm-sss", "linearmodels"]);
            }
            Error::NotInConvention { convention, .. } => assert_eq!(convention, "stata-xtreg"),
            error => panic!("{error}"),
        }
    }
    let once: Vec<usize> = (0..rows.n()).filter(|&i| rows.year[i] == 1991).collect();
    let once = rows.select(&once).panel();
    let spec_of = |effect| spec(Components::SwamyArora, effect, "iid");
    let error = random_with(&once, TWO, &spec_of(Effect::Individual)).unwrap_err();
    assert_eq!(error, Error::Effects(estimate::EffectsError::OneRowEach { by: "id".into() }));
    let error = random_with(&once, "y ~ x1", &spec_of(Effect::Time)).unwrap_err();
    assert!(
        matches!(error, Error::Effects(estimate::EffectsError::TooFewGroups { by, n_groups: 1, .. }) if by == "year")
    );

    let error = correlated(&panel, TWO, &spec_of(Effect::Time)).unwrap_err();
    assert_eq!(
        error,
        Error::Effects(estimate::EffectsError::NotIndividual { effect: "time".into() })
    );
    let amemiya = spec(Components::Amemiya, Effect::Individual, "iid");
    let error = correlated(&panel, TWO, &amemiya).unwrap_err();
    assert!(
        matches!(error, Error::Effects(estimate::EffectsError::NotWithin { term, .. }) if term.to_string() == "`mean(x1)`")
    );
    let error = correlated(&panel, "y ~ z", &spec_of(Effect::Individual)).unwrap_err();
    assert_eq!(error, Error::Effects(estimate::EffectsError::NoMeans { by: "id".into() }));

    let groups = |vcov: &str| entity_means(vcov, BetweenWeights::Groups);
    let error = means(&panel, TWO, &BetweenSpec { effect: Effect::TwoWays, ..groups("iid") });
    assert_eq!(error.unwrap_err(), Error::Effects(estimate::EffectsError::BetweenTwoWays));
    assert!(matches!(means(&panel, "y ~ x1 | id", &groups("iid")), Err(Error::Absorbs { .. })));
    assert!(
        matches!(means(&panel, "y ~ x1 + c", &groups("iid")), Err(Error::Effects(estimate::EffectsError::NotBetween { term, by })) if term.to_string() == "c" && by == "id")
    );
    assert!(
        matches!(means(&panel, TWO, &groups("cluster year")), Err(Error::Effects(estimate::EffectsError::ClustersDiffer { by, within })) if by == "year" && within == "id")
    );
    let weighted = entity_means("iid", BetweenWeights::Rows);
    assert!(matches!(means(&panel, "y ~ 0 + x1", &weighted), Err(Error::NoConstant { .. })));
    assert!(matches!(
        means(&panel, "y ~ x1 + i.id", &groups("iid")),
        Err(Error::NoDegreesOfFreedom { .. })
    ));
    assert!(matches!(means(&panel, "y ~ 0", &groups("iid")), Err(Error::NoRegressors)));

    let diff = |formula: &str| differences(&panel, formula, Gaps::Calendar, "iid").unwrap_err();
    assert!(matches!(diff("y ~ x1 | id"), Error::Absorbs { .. }));
    assert!(
        matches!(diff("y ~ x1 + z"), Error::Effects(estimate::EffectsError::NotDifferenced { term, trend: false }) if term.to_string() == "z")
    );
    assert!(
        matches!(diff("y ~ x1 + t"), Error::Effects(estimate::EffectsError::NotDifferenced { term, trend: true }) if term.to_string() == "t")
    );
    assert_eq!(diff("y ~ 1"), Error::NoRegressors);
    assert!(differences(&panel, "y ~ 0 + x1 + t", Gaps::Calendar, "iid").is_ok());
    let error = differences(&once, TWO, Gaps::Rows, "iid").unwrap_err();
    assert_eq!(
        error,
        Error::Effects(estimate::EffectsError::NoDifferences {
            rows: once.n_rows(),
            gaps: "rows".into()
        })
    );
}

/// Indicators of periods have the same mean for everybody in a balanced panel: no mean is added,
/// and a note says so.
#[test]
fn means_that_are_the_same() {
    let panel = unbalanced(8, 4, 0.0, 0, 5).panel();
    let spec = spec(Components::SwamyArora, Effect::Individual, "iid");
    let outcome = correlated(&panel, "y ~ x1 + i.year", &spec).unwrap();
    let names: Vec<String> = outcome.means.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["`mean(x1)`"]);
    let Some(Note::SameMeans { terms, .. }) = outcome.random.fit.notes().last() else { panic!() };
    assert_eq!(terms.len(), 3);
    let within = fit(&panel, "y ~ x1 + i.year | id", "iid", &KEEP).unwrap();
    for j in 0..4 {
        let se = within.stderror()[j];
        assert!(close(outcome.random.fit.coef()[j], within.coef()[j], 1e-9, se));
    }
}

/// With fewer clusters than slopes there is no test of all of them.
#[test]
fn no_test_without_an_inverse() {
    let panel = unbalanced(9, 6, 0.1, 0, 3).panel();
    let random = swar(&panel, "y ~ x1 + x2 + i.g", "cluster zone").unwrap();
    assert_eq!(random.wald, None);
    assert_eq!(wald_test(&random.fit), None);
}

/// Values from mpmath with 50 digits.
#[test]
fn tails_of_chi_squared() {
    for (x, df, want) in [
        (0.5, 1, 0.479_500_122_186_953_5),
        (3.84, 1, 0.050_043_521_248_705_1),
        (20.0, 7, 0.005_569_683_072_945_571),
        (657.67, 2, 1.544_450_676_827_983_3e-143),
        (400.0, 60, 9.818_469_937_150_794e-52),
    ] {
        assert_close(chi_squared_upper_tail(x, df), want, 1e-12);
    }
    assert_close(chi_squared_upper_tail(0.0, 3), 1.0, 0.0);
}

#[test]
fn texts_are_read_back() {
    for choice in Components::ALL {
        assert_eq!(choice.to_string().parse(), Ok(*choice));
    }
    for choice in Effect::ALL {
        assert_eq!(choice.to_string().parse(), Ok(*choice));
    }
    for choice in Gaps::ALL {
        assert_eq!(choice.to_string().parse(), Ok(*choice));
    }
    for choice in BetweenWeights::ALL {
        assert_eq!(choice.to_string().parse(), Ok(*choice));
    }
    for choice in Negative::ALL {
        assert_eq!(choice.to_string().parse(), Ok(*choice));
    }
    let error = "swamy".parse::<Components>().unwrap_err();
    let Error::UnknownChoice { known, .. } = error else { panic!() };
    assert_eq!(known.len(), Components::ALL.len());
}
