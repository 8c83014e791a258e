//! Two-stage least squares: `fixtures/reference/instruments`.

use std::collections::BTreeMap;

use estimate::{
    ChiSquared, Constant, Convention, Design, Fit, Nested, Singletons, Spec, TwoStage, two_stage,
};
use panel::Panel;
use testkit::{Case, Record};

use super::{ONE_MINUS_CDF, TOLERANCE};

/// Dummies are regressors, and all counted.
const COUNTED: Convention =
    Convention { nested: Nested::Counted, singletons: Singletons::Keep, ..Convention::REGHDFE };

pub(crate) fn formula(model: &str) -> &'static str {
    match model {
        "wage" => "lwage ~ exper + exper^2 | educ ~ motheduc + fatheduc",
        "wage3" => "lwage ~ exper + exper^2 | educ ~ motheduc + fatheduc + huseduc",
        "wage1" => "lwage ~ exper + exper^2 | educ ~ motheduc",
        "wage2" => "lwage ~ city | educ + exper ~ motheduc + fatheduc + age + kids5",
        "effects1" => "lwage ~ exper + exper^2 | decade | educ ~ motheduc + fatheduc",
        "produc" => "log(gsp) ~ unemp + log(emp) | state | log(pcap) ~ log(hwy) + log(water)",
        "produc2" => {
            "log(gsp) ~ unemp | state + year | log(pcap) + log(pc) ~ log(hwy) + log(water) + \
             log(util) + log(emp)"
        }
        "produc-both" => {
            "log(gsp) ~ unemp + log(emp) | state + year | log(pcap) ~ log(hwy) + log(water)"
        }
        other => panic!("{other}"),
    }
}

/// Their names of terms, ours.
fn ours(name: &str) -> String {
    match name {
        "const" | "Intercept" => Fit::CONSTANT.to_owned(),
        "expersq" => "exper^2".to_owned(),
        "lemp" | "lhwy" | "lwater" | "lutil" | "lpcap" | "lpc" => format!("log({})", &name[1..]),
        name => name.to_owned(),
    }
}

fn of_first(outcome: &TwoStage, endogenous: &str, term: &str) -> (f64, f64) {
    let is = |fit: &Fit| endogenous.is_empty() || fit.response().to_string() == ours(endogenous);
    let stage = outcome.first.iter().find(|stage| is(&stage.fit)).unwrap();
    let table = stage.fit.coefficients();
    let row = table.iter().find(|row| row.term == ours(term)).unwrap();
    (row.estimate, row.std_error)
}

/// linearmodels holds the dummies of states as columns and inverts their normal equations: its
/// digits end at 1e-8. pyfixest, which absorbs them, prints ours to 1e-9.
const DUMMIES: f64 = 1e-7;
/// One woman is alone in her decade: `n` of their first stage is one less, also when asked to keep
/// her, and the factor of its robust errors with it.
const ALONE: &str = "pyfixest: the first stage drops a singleton that the second keeps";

fn compare(panel: &Panel, record: &mut Record) {
    let model = record.text("model").to_owned();
    let (model, python) = match model.strip_suffix("/pyfixest") {
        Some(model) => (model, false),
        None => (model.as_str(), true),
    };
    let vcov = match record.text("vcov") {
        "unadjusted" | "iid" => "iid".to_owned(),
        "robust" | "hetero" => "HC1".to_owned(),
        other => other
            .replace("clustered", "cluster")
            .replace("CRV1", "cluster")
            .replace("unit", "state"),
    };
    let convention = if python { COUNTED } else { Convention::FIXEST };
    let design = Design::new(panel, &formula(model).parse().unwrap(), Singletons::Keep).unwrap();
    let spec = Spec { vcov: vcov.parse().unwrap(), convention, constant: Constant::Mean };
    let outcome = two_stage(&design, &spec).unwrap_or_else(|e| panic!("{record}: {e}"));
    let fit = &outcome.fit;
    let correction = fit.correction();
    let tolerance = if python && model.starts_with("produc") { DUMMIES } else { TOLERANCE };
    let (n, left) = (correction.n as f64, (correction.n - correction.k_all) as f64);
    // linearmodels' clustered errors have Stata's factor, and its tests are normal by default.
    let table = fit.coefficients();
    let term = ours(record.text("term"));
    let row = table.iter().find(|row| row.term == term).unwrap();
    record.compare("estimate", row.estimate, tolerance);
    record.compare("std_error", row.std_error, tolerance);
    record.compare("statistic", row.statistic, tolerance);
    let p_value = if python {
        estimate::Reference::T(correction.n - correction.k_all).two_sided(row.statistic)
    } else {
        row.p_value
    };
    if record.published("p_value").is_some_and(|p| p < ONE_MINUS_CDF.0) {
        record.compare_absolutely("p_value", p_value, ONE_MINUS_CDF.1);
    } else {
        record.compare("p_value", p_value, tolerance);
    }
    let stages = outcome.first[0].fit.correction();
    for field in record.numbers().map(str::to_owned).collect::<Vec<_>>() {
        let Some(name) = field.strip_prefix("model_level.") else { continue };
        let alone = model == "effects1" && !python && vcov != "iid";
        if alone && name.ends_with("std_error") {
            record.defer(&field, ALONE);
            continue;
        }
        let chi2 = |test: Option<ChiSquared>| {
            let test = test.unwrap();
            if name.ends_with("_p") { test.p_value } else { test.statistic }
        };
        let value = match name {
            "n" => n,
            "df_resid" => left,
            "ssr" => fit.sums().residual,
            // About zero where the constant is a dummy among others.
            "r2" => 1.0 - fit.sums().residual / fit.sums().total,
            "rk_lm" | "rk_lm_p" | "anderson" | "anderson_p" => chi2(outcome.under_identification),
            "rk_wald" => {
                let l = outcome.first[0].excluded.unwrap().df as f64;
                outcome.kleibergen_paap.unwrap() * stages.factor * l
            }
            "sargan" | "sargan_p" => chi2(outcome.sargan),
            "hansen" | "hansen_p" => chi2(outcome.hansen),
            "durbin" | "durbin_p" => chi2(outcome.durbin),
            "wu_hausman" => outcome.wu_hausman.unwrap().statistic,
            "wu_hausman_p" => outcome.wu_hausman.unwrap().p_value,
            "wu_hausman_df" => outcome.wu_hausman.unwrap().df_residual as f64,
            "cragg_donald" => outcome.cragg_donald,
            name => {
                let parts: Vec<&str> = name.split('.').collect();
                match parts.as_slice() {
                    ["first", p, "partial_r2"] => {
                        let is = |fit: &Fit| fit.response().to_string() == ours(p);
                        outcome.first.iter().find(|stage| is(&stage.fit)).unwrap().partial_r2
                    }
                    ["first", p, "f"] => {
                        let is = |fit: &Fit| fit.response().to_string() == ours(p);
                        let stage = outcome.first.iter().find(|stage| is(&stage.fit)).unwrap();
                        let f = stage.excluded.unwrap();
                        // Their robust one is χ².
                        if vcov == "iid" { f.statistic } else { f.statistic * f.df as f64 }
                    }
                    ["first", p, z, "estimate"] => of_first(&outcome, p, z).0,
                    ["first", p, z, "std_error"] => of_first(&outcome, p, z).1,
                    ["first", z, "estimate"] => of_first(&outcome, "", z).0,
                    ["first", z, "std_error"] => of_first(&outcome, "", z).1,
                    other => panic!("{other:?}"),
                }
            }
        };
        record.compare(&field, value, tolerance);
    }
}

#[test]
fn instruments() {
    let mut case = Case::load_rows("instruments");
    let (women, produc) = (case.panel().clone(), Case::load("produc").panel().clone());
    for record in case.records() {
        let panel = if record.text("model").starts_with("produc") { &produc } else { &women };
        compare(panel, record);
    }
    let summary = case.finish();
    println!("instruments: {summary}");
    assert_eq!((summary.compared, summary.numbers), (129, 1047));
    assert_eq!(summary.deferred, BTreeMap::new());
    assert_eq!(summary.deferred_numbers, BTreeMap::from([(ALONE.to_owned(), 4)]));
}

/// Wooldridge, *Introductory Econometrics*, examples 15.5 and 15.8, as printed.
#[test]
fn published() {
    let case = Case::load_rows("instruments");
    let design =
        Design::new(case.panel(), &formula("wage").parse().unwrap(), Singletons::Keep).unwrap();
    let vcov = "iid".parse().unwrap();
    let spec = Spec { vcov, convention: Convention::STATA_XTREG, constant: Constant::Mean };
    let outcome = two_stage(&design, &spec).unwrap();
    let educ = &outcome.fit.coefficients()[0];
    assert_eq!(format!("{:.4} {:.4}", educ.estimate, educ.std_error), "0.0614 0.0314");
    assert_eq!(format!("{:.2}", outcome.first[0].excluded.unwrap().statistic), "55.40");
    assert_eq!(format!("{:.4}", outcome.sargan.unwrap().p_value), "0.5386");
    assert_eq!(outcome.stock_yogo, Some(19.93));
}
