//! Mroz's married women: probit, logit, and Heckman's two-step and likelihood.

use causal::heckman::{
    LikelihoodSpec, LikelihoodVcov, Rho, TwoStep, TwoStepSpec, likelihood, two_step,
};
use estimate::{
    At, BinaryFit, BinarySpec, Coefficient, Constant, Convention, Design, Fit, Hc, Information,
    Link, MarginSpec, Reference, Singletons, SmallSample, Spec, Vcov, ZeroOne, binary,
    marginal_effects, pooled, r_squared,
};
use testkit::{Case, Record};

use super::TOLERANCE;

/// R's `glm` climbs by Fisher scoring until the deviance moves by less than 10⁻¹⁴ of itself, which
/// leaves the coefficients of a probit this far from the maximum. statsmodels is at it, and so are
/// we: the test asserts the gradient.
const FISHER_SCORING: f64 = 1e-7;
const BHHH: f64 = 1e-9;
const NEWTON_RAPHSON: f64 = 1e-9;
const THEIR_GRADIENT: &str = "the gradient that is left of their search; ours is asserted";
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

const GREENE: [&str; 2] =
    ["wage ~ exper + exper^2 + educ + city", "lfp ~ age + age^2 + faminc + kids + educ"];
const WOOLDRIDGE: [&str; 2] = ["lwage ~ educ + exper + exper^2", PARTICIPATION];

fn two_step_spec([outcome, selection]: [&str; 2]) -> TwoStepSpec {
    TwoStepSpec {
        outcome: outcome.parse().unwrap(),
        selection: selection.parse().unwrap(),
        information: Information::Observed,
        rho: Rho::Force,
    }
}

fn likelihood_spec([outcome, selection]: [&str; 2], vcov: LikelihoodVcov) -> LikelihoodSpec {
    LikelihoodSpec {
        outcome: outcome.parse().unwrap(),
        selection: selection.parse().unwrap(),
        vcov,
        small_sample: SmallSample::None,
    }
}

/// sampleSelection compares with t, and counts the parameters of both equations, `σ` and `ρ`.
fn tail(record: &Record, n: usize, parameters: usize) -> Reference {
    if record.text("software").starts_with("R ") {
        Reference::T(n - parameters)
    } else {
        Reference::Normal
    }
}

fn compare_tailed(record: &mut Record, row: &Coefficient, tail: Reference, tolerance: f64) {
    record.compare("estimate", row.estimate, tolerance);
    record.compare("std_error", row.std_error, tolerance);
    record.compare("statistic", row.statistic, tolerance);
    let moves = tolerance * (1.0 + row.statistic * row.statistic);
    record.compare("p_value", tail.two_sided(row.statistic), moves);
}

/// Our name, and the equation, of a term like `betaO:I(exper^2)`, `select:educ` or `educ`.
fn equation(theirs: &str) -> (&str, String) {
    match theirs.split_once(':') {
        Some((equation, term)) => (equation, name(term)),
        None => ("", name(theirs)),
    }
}

fn compare_two_step(case: &Case, model: [&str; 2], record: &mut Record) {
    let fit = two_step(case.panel(), &two_step_spec(model)).unwrap();
    let parameters = fit.selection().coefficients().len() + fit.outcome().names().len() + 1;
    let tail = tail(record, fit.n(), parameters);
    let theirs = record.text("term").to_owned();
    let lambda = |table: &[Coefficient]| row(table, TwoStep::LAMBDA).clone();
    let (selection, outcome) = (fit.selection().coefficients(), fit.outcome().coefficients());
    match equation(&theirs) {
        ("sigma", _) => record.compare("estimate", fit.sigma(), TOLERANCE),
        ("rho", _) => record.compare("estimate", fit.rho(), TOLERANCE),
        ("Mills", _) => compare_tailed(record, &lambda(&outcome), tail, TOLERANCE),
        ("betaS", term) => compare_tailed(record, row(&selection, &term), tail, TOLERANCE),
        ("", term) if term == "mills" => {
            compare_tailed(record, &lambda(&outcome), tail, TOLERANCE);
        }
        (_, term) => compare_tailed(record, row(&outcome, &term), tail, TOLERANCE),
    }
    for (field, ours) in [
        ("n", fit.n() as f64),
        ("n_selected", fit.n_selected() as f64),
        ("sigma", fit.sigma()),
        ("rho", fit.rho()),
        ("rsq.R2", fit.r2()),
        ("rsq.R2adj", fit.r2_adjusted()),
    ] {
        let field = format!("model_level.{field}");
        if record.published(&field).is_some() {
            record.compare(&field, ours, TOLERANCE);
        }
    }
}

fn compare_likelihood(case: &Case, model: [&str; 2], record: &mut Record) {
    let bhhh = record.text("model").ends_with("BHHH");
    let vcov = if bhhh { LikelihoodVcov::Opg } else { LikelihoodVcov::Oim };
    let fit = likelihood(case.panel(), &likelihood_spec(model, vcov)).unwrap();
    assert!(fit.distance() < 1e-10, "{}", fit.distance());
    let tolerance = if bhhh { BHHH } else { NEWTON_RAPHSON };
    let (selection, outcome) = (fit.selection().coefficients(), fit.outcome().coefficients());
    let tail = tail(record, fit.n(), selection.len() + outcome.len() + 2);
    let [rho, sigma, lambda] = fit.derived();
    let theirs = record.text("term").to_owned();
    let ancillary = fit.ancillary().coefficients();
    let ours = match equation(&theirs) {
        ("betaS" | "select", term) => row(&selection, &term),
        ("betaO" | "outcome", term) => row(&outcome, &term),
        ("", term) if term == "rho" => &rho,
        ("", term) if term == "sigma" => &sigma,
        (_, term) => row(&ancillary, &term),
    };
    compare_tailed(record, ours, tail, tolerance);
    for (field, ours) in [
        ("n", fit.n() as f64),
        ("n_selected", fit.n_selected() as f64),
        ("logLik", fit.log_likelihood()),
        ("rho", rho.estimate),
        ("sigma", sigma.estimate),
        ("lam", lambda.estimate),
    ] {
        let field = format!("model_level.{field}");
        if record.published(&field).is_some() {
            record.compare(&field, ours, tolerance);
        }
    }
    if record.published("model_level.max_abs_grad").is_some() {
        record.defer("model_level.max_abs_grad", THEIR_GRADIENT);
    }
}

/// The second stage alone, on the selected rows.
fn compare_least_squares(case: &Case, record: &mut Record) {
    let model = WOOLDRIDGE[0].parse().unwrap();
    let design = Design::new(case.panel(), &model, Singletons::Keep).unwrap();
    let spec =
        Spec { vcov: Vcov::Iid, convention: Convention::STATA_XTREG, constant: Constant::Mean };
    let fit = pooled(&design, &spec).unwrap();
    let term = name(record.text("term"));
    compare_row(record, row(&fit.coefficients(), &term), TOLERANCE);
    record.compare("model_level.n", design.n() as f64, 0.0);
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
            "mroz_greene22.8/twostep" => compare_two_step(&panel, GREENE, record),
            "mroz_wooldridge17.5/twostep" => compare_two_step(&panel, WOOLDRIDGE, record),
            "mroz_wooldridge17.5/ols" => compare_least_squares(&panel, record),
            model if model.starts_with("mroz_greene22.8/ml") => {
                compare_likelihood(&panel, GREENE, record);
            }
            model if model.starts_with("mroz_wooldridge17.5/ml") => {
                compare_likelihood(&panel, WOOLDRIDGE, record);
            }
            model => panic!("{model}"),
        }
    }
    let summary = case.finish();
    println!("{summary}");
}
