//! psmatch2 and pstest, as `StatsPAI` has them.

use causal::matching::{
    self, Caliper, Errors, Estimand, Kernel, Matching, Method, Overall, Reuse, Scale, Score, Spec,
    Support, Ties, Unit, balance,
};
use panel::Panel;
use testkit::{Case, Record};

use crate::TOLERANCE;

/// A kernel is a smooth function of a score that is right to 1e-9.
const SMOOTH: f64 = 1e-8;
const OWN_TIES: &str = "ai(m): one of several equally near rows, where all are averaged here";
const TERMS: [&str; 8] =
    ["age", "educ", "race::hispan", "race::white", "married", "nodegree", "re74", "re75"];

fn run(panel: &Panel, name: &str) -> Matching {
    let neighbours =
        |k| Method::Nearest { k, reuse: Reuse::Replacement, ties: Ties::First, caliper: None };
    let kernel = |kernel| Method::Kernel { kernel, bandwidth: 0.06 };
    let method = match name.trim_end_matches("_common") {
        "nn1" => neighbours(1),
        "nn3" => neighbours(3),
        "radius" => Method::Radius { caliper: Caliper { width: 0.05, unit: Unit::Distance } },
        "kernel_epan" => kernel(Kernel::Epanechnikov),
        "kernel_normal" => kernel(Kernel::Gaussian),
        "kernel_biweight" => kernel(Kernel::Biweight),
        "kernel_tricube" => kernel(Kernel::Tricube),
        other => panic!("{other}"),
    };
    let spec = Spec {
        model: "treat ~ age + educ + i.race + married + nodegree + re74 + re75".parse().unwrap(),
        outcomes: vec!["re78".parse().unwrap()],
        score: Score::Logit(Scale::Probability),
        method,
        within: vec![],
        support: if name.ends_with("_common") { Support::MinMax } else { Support::None },
        estimand: Estimand::Treated,
        errors: Errors::Naive,
    };
    matching::estimate(panel, &spec).unwrap()
}

fn check_overall(record: &mut Record, overall: &Overall) {
    let probit = overall.probit.unwrap();
    for (field, ours) in [
        ("mean_bias", overall.mean_bias.unwrap()),
        ("median_bias", overall.median_bias.unwrap()),
        ("ps_r2", probit.pseudo_r2),
        ("lr_chi2", probit.likelihood_ratio),
        ("p_chi2", probit.p_value),
        ("rubin_b", probit.rubin_b),
        ("rubin_r", probit.rubin_r),
    ] {
        record.compare(&format!("model_level.{field}"), ours, SMOOTH);
    }
}

#[test]
fn psmatch2() {
    let mut case = Case::load_rows("lalonde-psmatch2");
    let panel = case.panel().clone();
    let terms = TERMS.map(|text| text.parse().unwrap());
    for record in case.records() {
        let model = record.text("model").to_owned();
        let (command, name) = model.split_once('/').unwrap();
        if name.contains("_ai") {
            record.defer_all(OWN_TIES);
            continue;
        }
        if command == "psmatch2" {
            let matching = run(&panel, name);
            let att = &matching.effects()[1];
            let tolerance = if name.starts_with("kernel") { SMOOTH } else { TOLERANCE };
            record.compare("estimate", att.estimate, tolerance);
            record.compare("std_error", att.std_error.unwrap(), tolerance);
            record.compare("model_level.n_treated", att.n_treated as f64, 0.0);
            record.compare("model_level.n_control", att.n_untreated as f64, 0.0);
            let squares = (0..matching.n()).filter(|&i| !matching.treated()[i]);
            let squares: f64 = squares.map(|i| matching.weights()[i].powi(2)).sum();
            record.compare("model_level.sum_w2", squares, tolerance);
            continue;
        }
        let (name, block) = name.split_once('/').unwrap_or((name, ""));
        let balance = balance(&panel, &terms, &run(&panel, name)).unwrap();
        match block {
            "unmatched" => check_overall(record, &balance.before),
            "matched" => check_overall(record, &balance.after),
            _ => {
                let name = record.text("model_level.covariate").to_owned();
                let of =
                    |term: &&matching::Covariate| term.name.trim_start_matches("race::") == name;
                let covariate = balance.covariates.iter().find(of).unwrap();
                for (when, means) in
                    [("unmatched", &covariate.before), ("matched", &covariate.after)]
                {
                    for (field, ours) in [
                        ("mean_treated", means.treated),
                        ("mean_control", means.untreated),
                        ("pct_bias", means.bias.unwrap()),
                        ("t", means.t.unwrap()),
                        ("p", means.p_value.unwrap()),
                        ("variance_ratio", means.variance_ratio.unwrap()),
                    ] {
                        record.compare(&format!("model_level.{field}_{when}"), ours, SMOOTH);
                    }
                }
                record.compare(
                    "model_level.pct_reduction_abs_bias",
                    covariate.reduction.unwrap(),
                    SMOOTH,
                );
            }
        }
    }
    let summary = case.finish();
    println!("psmatch2: {summary}");
    assert_eq!((summary.compared, summary.numbers), (29, 281));
    assert_eq!(summary.deferred.into_iter().collect::<Vec<_>>(), [(OWN_TIES.to_owned(), 2)]);
}
