//! Mroz's married women: probit, logit, and Heckman's two-step and likelihood.

use estimate::{
    At, BinaryFit, BinarySpec, Coefficient, Constant, Convention, Design, Fit, Hc, Information,
    Link, MarginSpec, Singletons, SmallSample, Spec, Vcov, ZeroOne, binary, marginal_effects,
    pooled, r_squared,
};
use testkit::{Case, Record};

use super::TOLERANCE;

/// R's `glm` climbs by Fisher scoring until the deviance moves by less than 10⁻¹⁴ of itself, which
/// leaves the coefficients of a probit this far from the maximum. statsmodels is at it, and so are
/// we: the test asserts the gradient.
const FISHER_SCORING: f64 = 1e-7;
const PARTICIPATION: &str = "lfp ~ nwifeinc + educ + exper + exper^2 + age + kids5 + kids618";

/// Their name of a term, ours.
fn name(theirs: &str) -> String {
    match theirs {
        "(Intercept)" | "Intercept" | "_cons" => Fit::CONSTANT.to_owned(),
        "I(exper^2)" | "I(exper ** 2)" | "expersq" => "exper^2".to_owned(),
        "I(age^2)" => "age^2".to_owned(),
        "kidslt6" => "kids5".to_owned(),
        "kidsge6" => "kids618".to_owned(),
        theirs => theirs.to_owned(),
    }
}

fn row<'a>(table: &'a [Coefficient], term: &str) -> &'a Coefficient {
    table.iter().find(|row| row.term == term).unwrap_or_else(|| panic!("no `{term}`"))
}

fn compare_row(record: &mut Record, row: &Coefficient, tolerance: f64) {
    record.compare("estimate", row.estimate, tolerance);
    record.compare("std_error", row.std_error, tolerance);
    record.compare("statistic", row.statistic, tolerance);
    if record.published("p_value").is_some() {
        // A p value moves by t² times as much as its statistic.
        let moves = tolerance * (1.0 + row.statistic * row.statistic);
        record.compare("p_value", row.p_value, moves);
    }
}

fn binary_spec(link: Link, call: &str) -> BinarySpec {
    let (information, vcov, small_sample) = match call {
        call if call.starts_with("glm(") => (Information::Expected, Vcov::Iid, SmallSample::None),
        "sandwich::sandwich(glm) HC0" => {
            (Information::Expected, Vcov::Robust(Hc::Hc1), SmallSample::Sandwich)
        }
        "Stata probit vce(robust): Hessian sandwich * n/(n-1)" => {
            (Information::Observed, Vcov::Robust(Hc::Hc1), SmallSample::Stata)
        }
        call if call.contains("HC0 (Hessian sandwich") => {
            (Information::Observed, Vcov::Robust(Hc::Hc1), SmallSample::Statsmodels)
        }
        _ => (Information::Observed, Vcov::Iid, SmallSample::None),
    };
    BinarySpec { link, information, vcov, small_sample }
}

fn compare_binary(case: &Case, link: Link, record: &mut Record) {
    let design =
        Design::new(case.panel(), &PARTICIPATION.parse().unwrap(), Singletons::Keep).unwrap();
    let fit = binary(&design, &binary_spec(link, record.text("call"))).unwrap();
    assert!(fit.distance() < 1e-11, "{}", fit.distance());
    let margins = |at| {
        let spec = MarginSpec { at, zero_one: ZeroOne::Derivative };
        marginal_effects(&design, &fit, spec).unwrap()
    };
    if let Some(term) = record.text("term").strip_prefix("AME:").map(str::to_owned) {
        return compare_row(record, row(&margins(At::Average), &name(&term)), TOLERANCE);
    }
    let term = name(record.text("term"));
    let fisher = link == Link::Probit && !record.text("software").starts_with("statsmodels");
    let tolerance = if fisher { FISHER_SCORING } else { TOLERANCE };
    compare_row(record, row(&fit.coefficients(), &term), tolerance);
    for field in record.numbers().map(str::to_owned).collect::<Vec<_>>() {
        let Some(field) = field.strip_prefix("model_level.") else { continue };
        let ours = level(&fit, field, &margins);
        record.compare(&format!("model_level.{field}"), ours, tolerance);
    }
}

fn level(fit: &BinaryFit, field: &str, margins: &impl Fn(At) -> Vec<Coefficient>) -> f64 {
    match field {
        "n" => fit.n() as f64,
        "logLik" | "llf" => fit.log_likelihood(),
        "logLik0" => fit.null_log_likelihood(),
        "mcfadden" | "prsquared" => fit.pseudo_r2().mcfadden,
        "lr_chi2" => fit.likelihood_ratio().unwrap().statistic,
        "pct_correct" => fit.pseudo_r2().count,
        // The density that every derivative is multiplied by.
        "ape_scale" => margins(At::Average)[1].estimate / fit.coef()[1],
        "pea_scale" => margins(At::Means)[1].estimate / fit.coef()[1],
        field => panic!("{field}"),
    }
}

/// The linear probability model, which is least squares.
fn compare_linear(case: &Case, record: &mut Record) {
    let design =
        Design::new(case.panel(), &PARTICIPATION.parse().unwrap(), Singletons::Keep).unwrap();
    let spec = Spec {
        vcov: Vcov::Robust(Hc::Hc1),
        convention: Convention::STATA_XTREG,
        constant: Constant::Mean,
    };
    let fit = pooled(&design, &spec).unwrap();
    let term = name(record.text("term"));
    compare_row(record, row(&fit.coefficients(), &term), TOLERANCE);
    record.compare("model_level.r_squared", r_squared(&design, &fit).unwrap().r2, TOLERANCE);
}

#[test]
fn mroz() {
    let mut case = Case::load_rows("mroz");
    let panel = Case::load_rows("mroz");
    for record in case.records() {
        match record.text("model") {
            "mroz_wooldridge17.1/probit" => compare_binary(&panel, Link::Probit, record),
            "mroz_wooldridge17.1/logit" => compare_binary(&panel, Link::Logit, record),
            "mroz_wooldridge17.1/lpm" => compare_linear(&panel, record),
            _ => record.defer_all("selection"),
        }
    }
    let summary = case.finish();
    println!("{summary}");
}
