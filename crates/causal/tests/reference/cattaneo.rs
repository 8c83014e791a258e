//! Errors that allow for an estimated score: Stata's `teffects psmatch`, and R by brute force.

use causal::matching::{
    self, Errors, Estimand, Matching, Method, Reuse, Scale, Score, Spec, Support, Ties,
};
use panel::Panel;
use testkit::{Case, file};

use crate::TOLERANCE;

/// R's `glm` climbs to the maximum of a probit by Fisher scoring.
const GLM: f64 = 2e-7;

fn run(panel: &Panel, covariates: &str, score: Score, k: usize, errors: &str) -> Matching {
    let spec = Spec {
        model: format!("mbsmoke ~ {covariates}").parse().unwrap(),
        outcomes: vec!["bweight".parse().unwrap()],
        score,
        method: Method::Nearest {
            k,
            reuse: Reuse::Replacement,
            ties: Ties::Average,
            caliper: None,
        },
        within: vec![],
        support: Support::None,
        estimand: Estimand::Everyone,
        errors: errors.parse::<Errors>().unwrap(),
    };
    matching::estimate(panel, &spec).unwrap()
}

/// The estimate and its standard error.
fn effect(matching: &Matching, name: &str) -> (f64, f64) {
    let estimand: Estimand = name.parse().unwrap();
    let found = matching.effects().iter().find(|effect| effect.estimand == Some(estimand));
    let found = found.unwrap();
    (found.estimate, found.std_error.unwrap())
}

#[test]
fn brute_force() {
    let mut case = Case::load_rows("cattaneo2");
    let panel = case.panel().clone();
    for record in case.records() {
        let (score, tolerance) = match record.text("call") {
            "logit" => (Score::Logit(Scale::Probability), TOLERANCE),
            "probit" => (Score::Probit(Scale::Probability), GLM),
            other => panic!("{other}"),
        };
        let k = record.published("neighbours").unwrap();
        record.compare("neighbours", k, 0.0);
        let (covariates, errors) = (record.text("model"), record.text("vcov"));
        let matching = run(&panel, covariates, score, k.to_string().parse().unwrap(), errors);
        let (estimate, error) = effect(&matching, record.text("term"));
        record.compare("estimate", estimate, tolerance);
        record.compare("std_error", error, tolerance);
    }
    let summary = case.finish();
    println!("cattaneo2: {summary}");
    assert_eq!((summary.compared, summary.numbers), (21, 63));
}

#[test]
fn what_stata_printed() {
    let data = file("cattaneo2", "data.csv");
    let mut case = Case::parse_rows("cattaneo2", &data, &file("cattaneo2", "published.json"));
    let panel = case.panel().clone();
    for record in case.records() {
        let logit = Score::Logit(Scale::Probability);
        let matching = run(&panel, record.text("model"), logit, 1, record.text("vcov"));
        let (estimate, error) = effect(&matching, record.text("term"));
        // Half a unit of the last digit printed.
        record.compare_absolutely("estimate", estimate, 0.5e-4);
        record.compare_absolutely("std_error", error, 0.5e-5);
    }
    let summary = case.finish();
    println!("cattaneo2, Stata: {summary}");
    assert_eq!((summary.compared, summary.numbers), (2, 4));
}
