//! An explanation adds up to what it explains.

use estimate::{Explanation, Part, Quantity, explain, linear};

use super::*;

const FORMULAS: [&str; 5] = [
    "y ~ x1 + x2",
    "y ~ 0 + x1 + x2",
    "y ~ x1 + x2 | id",
    "y ~ x1 + x2 | id + year",
    "y ~ x1 | id + g",
];
const VCOVS: [&str; 6] = ["iid", "HC0", "HC1", "HC3", "cluster id", "cluster year"];

fn spec(vcov: &str, convention: &Convention) -> Spec {
    Spec { vcov: vcov.parse().unwrap(), convention: convention.clone(), constant: Constant::Mean }
}

fn count(explanation: &Explanation, name: &str, side: usize) -> usize {
    let ingredient = explanation.ingredients.iter().find(|i| i.name == name).unwrap();
    match ingredient.values[side] {
        Quantity::Count(count) => count,
        _ => 0,
    }
}

fn factor(explanation: &Explanation, name: &str, side: usize) -> f64 {
    let ingredient = explanation.ingredients.iter().find(|i| i.name == name).unwrap();
    match ingredient.values[side] {
        Quantity::Factor(_, value) => value,
        _ => 1.0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Over all pairs of conventions: the parts multiply to the ratio, the counts add up, and the
    /// sides are the fits that anyone gets.
    #[test]
    fn parts_multiply_to_the_ratio(
        rows in rows(),
        formula in 0..FORMULAS.len(),
        vcovs in (0..VCOVS.len(), 0..VCOVS.len()),
    ) {
        let panel = rows.panel();
        let formula = FORMULAS[formula];
        let model = formula.parse().unwrap();
        let vcovs = [VCOVS[vcovs.0], VCOVS[vcovs.1]];
        for first in Convention::ALL {
            for second in Convention::ALL {
                let sides = [(vcovs[0], &first), (vcovs[1], &second)];
                let fits = sides.map(|(vcov, convention)| fit(&panel, formula, vcov, convention));
                let [Ok(a), Ok(b)] = &fits else { continue };
                let [near, far] = sides.map(|(vcov, convention)| spec(vcov, convention));
                let explanation = match explain(&panel, &model, &near, &far) {
                    // Fewer rows, and the second convention counts more.
                    Err(Error::NoDegreesOfFreedom { .. } | Error::Degenerate { .. }) => continue,
                    other => other.unwrap(),
                };
                for (j, term) in explanation.terms.iter().enumerate() {
                    assert_close(term.std_errors[0], a.stderror()[j], 1e-14);
                    assert_close(term.std_errors[1], b.stderror()[j], 1e-14);
                    assert_close(term.estimates[0], a.coef()[j], 1e-14);
                    let product: f64 = term.parts.iter().map(|(_, ratio)| ratio).product();
                    assert_close(product, a.stderror()[j] / b.stderror()[j], 1e-12);
                    if first.singletons == second.singletons {
                        assert_close(term.part(Part::Sample), 1.0, 0.0);
                    }
                    if first.singletons == second.singletons && vcovs[0] == vcovs[1] {
                        assert_close(term.part(Part::Covariance), 1.0, 1e-12);
                    }
                }
                for (side, fit) in [a, b].into_iter().enumerate() {
                    let of = |name| count(&explanation, name, side);
                    let correction = fit.correction();
                    let clustered = correction.n_clusters.is_some();
                    let constant = usize::from(formula == "y ~ x1 + x2");
                    prop_assert_eq!(
                        of("slopes k") + constant + of("absorbed effects"),
                        of("parameters counted K") + of("redundant effects") + of("nested effects, not counted")
                    );
                    let k = if clustered { correction.k_counted } else { correction.k_all };
                    prop_assert_eq!((of("rows n"), of("parameters counted K")), (correction.n, k));
                    prop_assert_eq!(of("singleton rows dropped"), fit.sample().n_singletons());
                    prop_assert_eq!(of("clusters G"), correction.n_clusters.unwrap_or(0));
                    let c = factor(&explanation, "factor c", side);
                    let iid = vcovs[side] == "iid";
                    let n = correction.n as f64;
                    let want = if iid { n / (n - k as f64) } else { correction.factor };
                    assert_close(c, want, 1e-14);
                    let (rows, groups) =
                        (factor(&explanation, "factor from rows", side), factor(&explanation, "factor from clusters", side));
                    assert_close(rows * groups, c, 1e-14);
                }
                let table = explanation.table(&Term::var("x1")).unwrap();
                prop_assert_eq!(table.len(), explanation.ingredients.len() + 1);
                prop_assert!(explanation.table(&Term::var("g")).is_none());
                prop_assert!(explanation.sentence(&Term::var("g")).is_none());
            }
        }
    }

    /// Explained the other way round, every part is its inverse, if the rows are the same.
    #[test]
    fn the_other_way_round(rows in rows(), formula in 0..FORMULAS.len(), vcovs in (0..VCOVS.len(), 0..VCOVS.len())) {
        let panel = rows.panel();
        let model = FORMULAS[formula].parse().unwrap();
        for first in Convention::ALL {
            for second in Convention::ALL {
                let (near, far) = (spec(VCOVS[vcovs.0], &first), spec(VCOVS[vcovs.1], &second));
                if first.singletons != second.singletons {
                    continue;
                }
                let (Ok(there), Ok(back)) = (explain(&panel, &model, &near, &far), explain(&panel, &model, &far, &near)) else {
                    continue;
                };
                for (there, back) in there.terms.iter().zip(&back.terms) {
                    for ((part, ratio), (_, again)) in there.parts.iter().zip(&back.parts) {
                        prop_assert!(close(ratio * again, 1.0, 1e-12, 1.0), "{part}: {ratio} {again}");
                    }
                }
            }
        }
    }
}

/// Dropping singletons moves every standard error under the convention that drops them not: the
/// part of the sample is what it moves the second side by.
#[test]
fn the_sample_is_a_part() {
    let panel = unbalanced(8, 6, 0.2, 2, 11).panel();
    let model = "y ~ x1 + x2 | id".parse().unwrap();
    let (near, far) =
        (spec("cluster id", &Convention::REGHDFE), spec("cluster id", &Convention::AREG));
    let explanation = explain(&panel, &model, &near, &far).unwrap();
    assert_eq!(count(&explanation, "singleton rows dropped", 0), 2);
    assert_eq!(count(&explanation, "singleton rows dropped", 1), 0);
    let dropping = Convention { singletons: Singletons::Drop, ..Convention::AREG };
    let dropped = fit(&panel, "y ~ x1 + x2 | id", "cluster id", &dropping).unwrap();
    let kept = fit(&panel, "y ~ x1 + x2 | id", "cluster id", &Convention::AREG).unwrap();
    for (j, term) in explanation.terms.iter().enumerate() {
        let moved = dropped.stderror()[j] / kept.stderror()[j];
        assert_close(term.part(Part::Sample), moved, 1e-14);
        assert!((moved - 1.0).abs() > 1e-4);
    }
}

/// Slopes by level and instruments are not taken apart, and so refused.
#[test]
fn plain_models_are_explained() {
    let panel = unbalanced(6, 6, 0.1, 0, 3).panel();
    let side = spec("iid", &Convention::FIXEST);
    for (model, beyond) in
        [("y ~ x1 | id[x2]", "slopes by level"), ("y ~ x1 | id | x2 ~ x3", "instruments")]
    {
        let error = explain(&panel, &model.parse().unwrap(), &side, &side).unwrap_err();
        assert_eq!(error, Error::Beyond { method: "an explanation", beyond });
    }
}

/// Slopes by level without an effect are absorbed like effects.
#[test]
fn slopes_alone_are_fitted_within() {
    let panel = unbalanced(6, 6, 0.1, 0, 3).panel();
    let side = spec("iid", &Convention::FIXEST);
    let model = "y ~ x1 | id[[x2]]".parse().unwrap();
    let design = Design::new(&panel, &model, Singletons::Keep).unwrap();
    let (own, within) = (linear(&design, &side).unwrap(), fixed_effects(&design, &side).unwrap());
    assert_eq!(own.coef(), within.coef());
}
