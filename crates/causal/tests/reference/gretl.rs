//! Mroz's women by gretl: `fixtures/reference/gretl/women.json`.

use causal::heckman::{
    LikelihoodSpec, LikelihoodVcov, Rho, TwoStep, TwoStepSpec, likelihood, two_step,
};
use estimate::{
    BinarySpec, Coefficient, Design, Fit, Hc, Information, Link, Singletons, SmallSample, Vcov,
    binary,
};
use panel::Panel;
use testkit::{Case, Record, cross_section, file};

use super::TOLERANCE;

const OUTCOME: &str = "lwage ~ educ + exper + exper^2";
const SELECTION: &str = "lfp ~ nwifeinc + educ + exper + exper^2 + age + kids5 + kids618";

fn compare(record: &mut Record, selection: &[Coefficient], outcome: &[Coefficient]) {
    let theirs = record.text("term").to_owned();
    let (table, term) = match theirs.strip_prefix("select:") {
        Some(term) => (selection, term),
        None => (outcome, theirs.as_str()),
    };
    let term = match term {
        "const" => Fit::CONSTANT,
        "expersq" => "exper^2",
        other => other,
    };
    let row = table.iter().find(|row| row.term == term).unwrap_or_else(|| panic!("{term}"));
    record.compare("estimate", row.estimate, TOLERANCE);
    record.compare("std_error", row.std_error, TOLERANCE);
}

fn level(record: &mut Record, numbers: &[(&str, f64)]) {
    for (name, ours) in numbers {
        let field = format!("model_level.{name}");
        if record.published(&field).is_some() {
            record.compare(&field, *ours, TOLERANCE);
        }
    }
}

fn selection(panel: &Panel, record: &mut Record) {
    let (outcome, selection) = (OUTCOME.parse().unwrap(), SELECTION.parse().unwrap());
    let vcov = match record.text("vcov") {
        "--two-step" => {
            let (information, rho) = (Information::Observed, Rho::Sigma);
            let spec = TwoStepSpec { outcome, selection, information, rho };
            let fit = two_step(panel, &spec).unwrap();
            compare(record, &fit.selection().coefficients(), &fit.outcome().coefficients());
            level(record, &[("sigma", fit.sigma()), ("rho", fit.rho())]);
            return;
        }
        "--opg" => LikelihoodVcov::Opg,
        "--robust" => LikelihoodVcov::Robust,
        _ => LikelihoodVcov::Oim,
    };
    let spec = LikelihoodSpec { outcome, selection, vcov, small_sample: SmallSample::None };
    let fit = likelihood(panel, &spec).unwrap();
    let [rho, sigma, lambda] = fit.derived();
    assert_eq!(lambda.term, TwoStep::LAMBDA);
    let mut outcome = fit.outcome().coefficients();
    outcome.push(lambda);
    compare(record, &fit.selection().coefficients(), &outcome);
    let numbers = [("sigma", sigma.estimate), ("rho", rho.estimate), ("lnl", fit.log_likelihood())];
    level(record, &numbers);
}

fn one_equation(panel: &Panel, link: Link, record: &mut Record) {
    let design = Design::new(panel, &SELECTION.parse().unwrap(), Singletons::Keep).unwrap();
    let robust = record.text("vcov") == "--robust";
    let vcov = if robust { Vcov::Robust(Hc::Hc1) } else { Vcov::Iid };
    let (information, small_sample) = (Information::Observed, SmallSample::None);
    let fit = binary(&design, &BinarySpec { link, information, vcov, small_sample }).unwrap();
    compare(record, &[], &fit.coefficients());
    level(record, &[("lnl", fit.log_likelihood()), ("mcfadden", fit.pseudo_r2().mcfadden)]);
}

#[test]
fn gretl() {
    let mut case =
        Case::parse("gretl", &file("grunfeld", "data.csv"), &file("gretl", "women.json"));
    let panel = cross_section(&file("mroz", "data.csv"));
    for record in case.records() {
        match record.text("model") {
            "heckit" => selection(&panel, record),
            link => one_equation(&panel, link.parse().unwrap(), record),
        }
    }
    let summary = case.finish();
    println!("gretl: {summary}");
    assert_eq!((summary.compared, summary.numbers), (84, 187));
    assert!(summary.deferred.is_empty() && summary.deferred_numbers.is_empty());
}
