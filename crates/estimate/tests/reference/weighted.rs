//! Weights, effects of pairs and slopes by level: `fixtures/reference/weighted`.

use std::collections::BTreeMap;

use estimate::{
    Constant, Convention, Design, Fit, Nested, Reference, Singletons, Spec, Weights, explained,
    f_test, fixed_effects, pooled, r_squared,
};
use panel::Panel;
use testkit::{Case, Record};

use super::{ONE_MINUS_CDF, TOLERANCE};

/// All effects counted, as where every dummy is a column.
const COUNTED: Convention =
    Convention { nested: Nested::Counted, singletons: Singletons::Keep, ..Convention::REGHDFE };

/// Slopes of one factor that the effects of the other span: the sum of all slopes of `t` is a
/// combination of years. Columns written out are counted by their rank; `reghdfe` and fixest count
/// factor by factor, and so do we: their `n − K` is ours and this.
const SPANNED: [(&str, usize); 3] =
    [("state[t] + year", 1), ("state[[t]] + year", 1), ("state^half[t] + region^year", 18)];

/// Frequencies are rows: an entity's mean counts once, whatever its weights.
const BETWEEN: &str = "linearmodels: the R² between weighs entities by their mean weight";

struct Recipe {
    formula: String,
    vcov: String,
    convention: Convention,
    weights: Option<&'static str>,
    positive: bool,
}

fn recipe(record: &Record) -> Recipe {
    let model = record.text("model").to_owned();
    let mut parts = model.split('/');
    let (absorb, kind) = (parts.next().unwrap().to_owned(), parts.next().unwrap());
    let positive = parts.next().is_some();
    let mut formula = "log(gsp) ~ log(pc) + log(pcap)".to_owned();
    let software = record.text("software").split(' ').next().unwrap();
    if software != "statsmodels" || absorb == "pooled" {
        formula += " + unemp";
    }
    if !["pooled", "0"].contains(&absorb.as_str()) {
        formula = format!("{formula} | {absorb}");
    }
    let convention = match software {
        "statsmodels" if absorb == "pooled" => Convention::STATA_XTREG,
        "statsmodels" => COUNTED,
        "linearmodels" => Convention::LINEARMODELS,
        "pyfixest" => Convention::FIXEST,
        other => panic!("{other}"),
    };
    let vcov = match record.text("vcov") {
        "nonrobust" | "unadjusted" | "iid" => "iid",
        "robust" | "hetero" => "HC1",
        "clustered" | "cluster state" | "CRV1 state" => "cluster state",
        "CRV1 region" => "cluster region",
        other => other,
    };
    let weights = match kind {
        "none" => None,
        "aweight" => Some("aweight emp"),
        "fweight" => Some("fweight times"),
        other => panic!("{other}"),
    };
    Recipe { formula, vcov: vcov.to_owned(), convention, weights, positive }
}

fn estimated<'p>(panel: &'p Panel, recipe: &Recipe) -> (Design<'p>, Fit) {
    let model = recipe.formula.parse().unwrap();
    let singletons = recipe.convention.singletons;
    let design = match recipe.weights {
        None => Design::new(panel, &model, singletons),
        Some(weights) => {
            let weights: Weights = weights.parse().unwrap();
            Design::weighted(panel, &model, singletons, &weights)
        }
    };
    let design = design.unwrap();
    let spec = Spec {
        vcov: recipe.vcov.parse().unwrap(),
        convention: recipe.convention.clone(),
        constant: Constant::Mean,
    };
    let within = recipe.formula.contains('|');
    let fit = if within { fixed_effects(&design, &spec) } else { pooled(&design, &spec) };
    let fit = fit.unwrap_or_else(|e| panic!("{} {}: {e}", recipe.formula, recipe.vcov));
    (design, fit)
}

fn compare(panel: &Panel, record: &mut Record) {
    let recipe = recipe(record);
    let (design, fit) = estimated(panel, &recipe);
    let correction = fit.correction();
    let df = correction.n - correction.k_all;
    let left = df as f64;
    let ours = match record.text("term") {
        "lpc" => "log(pc)",
        "lpcap" => "log(pcap)",
        "const" | "Intercept" => Fit::CONSTANT,
        other => other,
    };
    let table = fit.coefficients();
    let row = table.iter().find(|row| row.term == ours).unwrap();
    // Dummies written out are counted by their rank.
    let written = record.text("call").starts_with("OLS with the dummies");
    let absorb = record.text("model").split('/').next();
    let spanned = SPANNED.iter().find(|(name, _)| Some(*name) == absorb && written);
    let their_df = df + spanned.map_or(0, |(_, spanned)| *spanned);
    let theirs = their_df as f64;
    let ratio = if recipe.vcov == "HC0" { 1.0 } else { left / theirs };
    let statistic = row.statistic / ratio.sqrt();
    record.compare("estimate", row.estimate, TOLERANCE);
    record.compare("std_error", row.std_error * ratio.sqrt(), TOLERANCE);
    record.compare("statistic", statistic, TOLERANCE);
    let reference = match correction.reference {
        Reference::T(of) if of == df => Reference::T(their_df),
        reference => reference,
    };
    let p_value = reference.two_sided(statistic);
    let published = record.published("p_value").unwrap();
    let statsmodels = record.text("software").starts_with("statsmodels");
    if !statsmodels && published < ONE_MINUS_CDF.0 {
        record.compare_absolutely("p_value", p_value, ONE_MINUS_CDF.1);
    } else {
        // p moves by t² times as much as its statistic.
        record.compare("p_value", p_value, TOLERANCE.max(1e-11 * statistic * statistic));
    }
    let r2 = r_squared(&design, &fit).unwrap();
    let shares = explained(&design, &fit).unwrap();
    let sums = fit.sums();
    let python = record.text("software").starts_with("linearmodels");
    for field in record.numbers().map(str::to_owned).collect::<Vec<_>>() {
        let Some(name) = field.strip_prefix("model_level.") else { continue };
        if name == "rsquared_between" {
            record.defer(&field, BETWEEN);
            continue;
        }
        let ours = match name {
            "n" => correction.n as f64,
            "df_residual" => theirs,
            "df_resid" => left,
            "ssr" => sums.residual,
            "r2" if python => r2.within,
            "r_squared" | "rsquared_inclusive" | "r2" => r2.r2,
            "adj_r_squared" => r2.adjusted,
            "r2_within" => r2.within,
            "rsquared_within" => shares.within,
            "rsquared_overall" => shares.overall,
            "loglik" => fit.log_likelihood(),
            "f" => f_test(&fit).unwrap().statistic,
            "f_p" => f_test(&fit).unwrap().p_value,
            other => panic!("{other}"),
        };
        record.compare(&field, ours, TOLERANCE);
    }
}

#[test]
fn weighted() {
    let mut case = Case::load("weighted");
    let data = testkit::file("weighted", "data.csv");
    let all = case.panel().clone();
    let positive: Vec<&str> = data.lines().filter(|line| !line.ends_with(",0")).collect();
    let positive = testkit::panel(&positive.join("\n"));
    for record in case.records() {
        let panel = if recipe(record).positive { &positive } else { &all };
        compare(panel, record);
    }
    let summary = case.finish();
    println!("weighted: {summary}");
    assert_eq!((summary.compared, summary.numbers), (320, 1704));
    assert_eq!(summary.deferred, BTreeMap::new());
    assert_eq!(summary.deferred_numbers, BTreeMap::from([(BETWEEN.to_owned(), 6)]));
}
