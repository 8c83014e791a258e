//! Splits and differences between groups.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use causal::Error;
use causal::split::{Cut, Groups, Interact, SplitSpec, split};
use estimate::{Constant, Convention, Design, Nested, Rows as RowFactor, Spec, linear};
use panel::Term;
use proptest::prelude::*;
use testkit::{Case, assert_close, close, rows};

/// CR0: no factor, so that a joint regression and its parts can be compared.
const PLAIN: Convention = Convention {
    rows: RowFactor::One,
    groups: false,
    nested: Nested::Never,
    absorbs_first_only: false,
    singletons: estimate::Singletons::Keep,
    ..Convention::FIXEST
};

fn spec(model: &str, groups: Groups, vcov: &str, interact: Interact) -> SplitSpec {
    let model: panel::Model = model.parse().unwrap();
    SplitSpec {
        of: model.terms[0].clone(),
        model,
        groups,
        estimation: Spec {
            vcov: vcov.parse().unwrap(),
            convention: PLAIN,
            constant: Constant::Omit,
        },
        interact,
        permutation: None,
    }
}

fn zone() -> Groups {
    Groups::Category("zone".into())
}

fn silent(_: usize) {}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// One regression with everything interacted is a regression for every group: differences of
    /// the groups' coefficients, and where no cluster spans groups, variances that add up.
    #[test]
    fn everything_interacted_is_every_group_alone(rows in rows(), effects in 0..3_usize) {
        let absorb = ["", " | id", " | id + year"][effects];
        let spec = spec(&format!("y ~ x1 + x2{absorb}"), zone(), "HC0", Interact::All);
        let Ok(outcome) = split(&rows.panel(), &spec, &silent) else { return Ok(()) };
        let slope = |at: usize| {
            let fit = &outcome.parts[at].fit;
            (fit.coef()[0], fit.stderror()[0])
        };
        let label = |name: &str| outcome.parts.iter().position(|part| part.label == name).unwrap();
        for difference in &outcome.differences {
            let (first, second) = &difference.between;
            let ((a, s_a), (b, s_b)) = (slope(label(first)), slope(label(second)));
            let error = s_a.hypot(s_b);
            prop_assert!(close(difference.estimate, a - b, 1e-8, error));
            prop_assert!(close(difference.std_error, error, 1e-7, 0.0), "{} {error}", difference.std_error);
        }
    }

    /// A slope for every group beside common controls is a product with indicators.
    #[test]
    fn one_slope_interacted_is_a_product(rows in rows(), effects in 0..3_usize) {
        let absorb = ["", " | id", " | id + year"][effects];
        let panel = rows.panel();
        let spec = spec(&format!("y ~ x1 + x2{absorb}"), zone(), "HC0", Interact::Term);
        let Ok(outcome) = split(&panel, &spec, &silent) else { return Ok(()) };
        let level = if effects == 0 { "i.zone + " } else { "" };
        let model = format!("y ~ {level}x1 + x2 + zone::1:x1 + zone::2:x1{absorb}").parse().unwrap();
        let Ok(design) = Design::new(&panel, &model, PLAIN.singletons) else { return Ok(()) };
        let Ok(fit) = linear(&design, &spec.estimation) else { return Ok(()) };
        let at = fit.terms().iter().position(|t| t.to_string() == "zone::1:x1").unwrap();
        let first = &outcome.differences[0];
        prop_assert_eq!(&first.between, &("0".to_owned(), "1".to_owned()));
        prop_assert!(close(first.estimate, -fit.coef()[at], 1e-8, first.std_error));
        prop_assert!(close(first.std_error, fit.stderror()[at], 1e-7, 0.0));
    }
}

/// With three entities against three there are twenty ways to split; the observed one and its
/// mirror image are two of them, so that the share of draws as extreme is a multiple of 1/10.
#[test]
fn permutations_are_of_entities() {
    let case = Case::load("grunfeld");
    let low_high = Groups::Quantiles { of: Term::var("value"), groups: 2, cut: Cut::Rank };
    let mut spec = spec("inv ~ value + capital | firm", low_high, "iid", Interact::All);
    spec.permutation = Some((200, 3));
    let outcome = split(case.panel(), &spec, &silent).unwrap();
    let [test] = outcome.permutations.as_slice() else { panic!("one pair") };
    let slope = |at: usize| outcome.parts[at].fit.coef()[0];
    assert_close(test.estimate, slope(0) - slope(1), 1e-12);
    assert_eq!(test.draws, (200, 200));
    // Every draw by hand: shuffle the ten firms, the first five are the first group.
    let firms: Vec<u32> = (0..10).collect();
    let panel = case.panel();
    let mut beyond = 0;
    for draw in 0..200 {
        let mut stream = estimate::Draws::new(3, draw);
        let mut order = firms.clone();
        for at in 0..5 {
            let other = at + stream.below(10 - at);
            order.swap(at, other);
        }
        let slope = |firms: &[u32]| {
            let design = Design::new(panel, &spec.model, PLAIN.singletons).unwrap();
            let inside: Vec<bool> =
                design.entities().codes().iter().map(|code| firms.contains(code)).collect();
            linear(&design.only(&inside).unwrap(), &spec.estimation).unwrap().coef()[0]
        };
        let difference = slope(&order[..5]) - slope(&order[5..]);
        beyond += usize::from(difference.abs() >= test.estimate.abs() * (1.0 - 1e-9));
    }
    assert_close(test.p_value, (1 + beyond) as f64 / 201.0, 1e-15);

    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| split(panel, &spec, &silent).unwrap().permutations)
    };
    assert_eq!(run(1), run(3));
}

/// Of three groups every pair has draws of its own: the streams go on where the last pair's ended.
#[test]
fn every_pair_has_its_own_draws() {
    let case = Case::load("grunfeld");
    let thirds = Groups::Quantiles { of: Term::var("value"), groups: 3, cut: Cut::Rank };
    let mut spec = spec("inv ~ value + capital | firm", thirds, "iid", Interact::All);
    spec.permutation = Some((60, 3));
    let panel = case.panel();
    let outcome = split(panel, &spec, &silent).unwrap();
    let design = Design::new(panel, &spec.model, PLAIN.singletons).unwrap();
    let firm_of = design.entities().codes().to_vec();
    // Firms by their mean value: four, three and three.
    let value = panel.values(&Term::var("value")).unwrap();
    let mean = |firm: u32| -> f64 {
        firm_of.iter().zip(&*value).filter(|(own, _)| **own == firm).map(|(_, v)| v).sum()
    };
    let mut firms: Vec<u32> = (0..10).collect();
    firms.sort_by(|&a, &b| mean(a).total_cmp(&mean(b)));
    let groups = [&firms[..4], &firms[4..7], &firms[7..]];
    let slope = |firms: &[u32]| {
        let inside: Vec<bool> = firm_of.iter().map(|firm| firms.contains(firm)).collect();
        linear(&design.only(&inside).unwrap(), &spec.estimation).unwrap().coef()[0]
    };
    for (pair, [a, b]) in [[0, 1], [0, 2], [1, 2]].into_iter().enumerate() {
        let observed = slope(groups[a]) - slope(groups[b]);
        let mut members = [groups[a], groups[b]].concat();
        members.sort_unstable();
        let first = groups[a].len();
        let far = |draw: u64| {
            let mut stream = estimate::Draws::new(3, draw);
            let mut order = members.clone();
            for at in 0..first {
                let other = at + stream.below(order.len() - at);
                order.swap(at, other);
            }
            let difference = slope(&order[..first]) - slope(&order[first..]);
            difference.abs() >= observed.abs() * (1.0 - 1e-9)
        };
        let own = &outcome.permutations[pair];
        assert_close(own.estimate, observed, 1e-12);
        let beyond = (60 * pair as u64..60 * (pair as u64 + 1)).filter(|&draw| far(draw)).count();
        assert_close(own.p_value, (1 + beyond) as f64 / 61.0, 1e-15);
    }
}

#[test]
fn what_cannot_be_split_is_named() {
    let case = Case::load("grunfeld");
    let run = |spec: &SplitSpec| split(case.panel(), spec, &silent).unwrap_err();
    let by_firm = Groups::Category("firm".into());
    let good = spec("inv ~ value | firm", by_firm, "iid", Interact::All);

    let mut bad = good.clone();
    bad.of = Term::var("profit");
    assert_eq!(
        run(&bad),
        Error::NotARegressor { term: Term::var("profit"), regressors: vec![Term::var("value")] }
    );

    let mut bad = good.clone();
    bad.groups = Groups::Quantiles { of: Term::var("value"), groups: 1, cut: Cut::Xtile };
    assert!(matches!(run(&bad), Error::SingleGroup { n: 1, .. }));

    // A lag that the first year lacks cannot say which group its firm belongs to.
    let mut bad = good.clone();
    bad.groups = Groups::Quantiles { of: "L.value".parse().unwrap(), groups: 2, cut: Cut::Rank };
    assert!(matches!(run(&bad), Error::NoGroup { period: 1935, .. }));

    // One firm a group, absorbed firms and years: nothing is left of a group.
    let mut bad = good.clone();
    bad.model = "inv ~ value | firm + year".parse().unwrap();
    let message = run(&bad).to_string();
    assert!(message.starts_with("in group `1`: "), "{message}");
}

/// Programs that take further effects as indicators interact them as others absorb them.
#[test]
fn two_effects_under_every_convention() {
    let panel = Case::load("grunfeld").panel().clone();
    let groups = Groups::Quantiles { of: Term::var("capital"), groups: 2, cut: Cut::Xtile };
    let run = |convention: Convention| {
        let mut spec = spec(
            "inv ~ value + capital | firm + year",
            groups.clone(),
            "cluster firm",
            Interact::All,
        );
        spec.estimation.convention = convention;
        let outcome = split(&panel, &spec, &silent).unwrap();
        (outcome.differences[0].estimate, outcome.differences[0].std_error)
    };
    let (estimate, error) = run(Convention::REGHDFE);
    let (same, equal) = run(Convention::STATA_XTREG);
    assert_close(same, estimate, 1e-9);
    assert_close(equal, error, 1e-9);
    // Periods of two groups are two components: fixest counts one redundant level, reghdfe two.
    assert!(run(Convention::FIXEST).1 > error);
    assert!(run(Convention::AREG).1 > run(Convention::FIXEST).1);
}
