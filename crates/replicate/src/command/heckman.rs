//! `panelproof heckman`: selection models, and the inverse Mills ratio for other models.

use std::path::PathBuf;

use causal::heckman::{
    Form, Likelihood, LikelihoodSpec, LikelihoodVcov, MillsSpec, Rho, TwoStep, TwoStepSpec,
    likelihood, mills_ratio, two_step,
};
use clap::{Args, ValueEnum};
use estimate::{BinaryFit, BinarySpec, Information, Link, SmallSample, Vcov};
use ingest::Account;
use panel::Model;
use report::{Table, format};
use serde_json::{Value, json};

use super::tables::{
    Linear, check_save, clustering, coefficients, coefficients_json, fit_json, fit_table, lines,
    noted, read, regress, save, texts, usage,
};
use super::{Data, Document, Format};
use crate::Error;

/// Heckman's selection model: an outcome that is seen only where something else was chosen.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Heckman {
    #[command(flatten)]
    data: Data,
    /// What is explained where it is seen: "wage ~ educ + exper". Not with --method uncorrected.
    #[arg(long, value_name = "MODEL")]
    outcome: Option<String>,
    /// What decides whether it is seen, its response 0 or 1: "lfp ~ educ + exper + kids".
    #[arg(long, value_name = "MODEL")]
    selection: String,
    /// The estimator; Stata's heckman is ml unless told otherwise.
    #[arg(long, value_enum, default_value_t = Method::Ml)]
    method: Method,
    /// two-step: what happens to a ρ beyond ±1: rhosigma (Stata), rhotrunc, rholimited, rhoforce
    /// (R's sampleSelection).
    #[arg(long, default_value = "rhosigma")]
    rho: String,
    /// Whose curvature the errors of the probit rest on: observed or expected.
    #[arg(long, default_value = "observed")]
    information: String,
    /// ml: oim (the default), opg, robust or "cluster COLUMN". uncorrected: the errors of --then,
    /// iid if not given. two-step has Heckman's.
    #[arg(long)]
    vcov: Option<String>,
    /// The factor of robust and clustered errors of ml and of the probit: stata, sandwich,
    /// statsmodels or none.
    #[arg(long, default_value = "stata")]
    small_sample: String,
    /// uncorrected: a linear model with the ratio as a regressor, "y ~ x + imr | id + year".
    #[arg(long, value_name = "MODEL")]
    then: Option<String>,
    /// uncorrected: whose small-sample convention the errors of --then follow.
    #[arg(long, default_value = "fixest", value_name = "PROGRAM")]
    like: String,
    /// uncorrected: the errors of the probit: iid, HC0, robust or "cluster COLUMN".
    #[arg(long, default_value = "iid", value_name = "VCOV")]
    probit_vcov: String,
    /// uncorrected: which rows have a ratio: selected, everywhere, or treatment (−φ/(1−Φ) where
    /// the response is 0, for an endogenous treatment).
    #[arg(long, default_value = "selected")]
    form: String,
    /// uncorrected: the name of the ratio.
    #[arg(long, default_value = "imr", value_name = "COLUMN")]
    name: String,
    /// uncorrected: write all columns and the ratio to this file, .csv, .parquet, .dta or .xlsx.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How a selection model is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    /// Probit, then least squares with the inverse Mills ratio, errors corrected for it.
    TwoStep,
    /// Full maximum likelihood.
    Ml,
    /// Probit, and the inverse Mills ratio as a column for any linear model.
    Uncorrected,
}

const EXAMPLES: &str = "Examples:
  panelproof heckman fixtures/reference/mroz/data.csv --method two-step \\
    --outcome \"wage ~ exper + exper^2 + educ + city\" \\
    --selection \"lfp ~ age + age^2 + faminc + kids + educ\"
  panelproof heckman fixtures/reference/mroz/data.csv --vcov robust \\
    --outcome \"wage ~ exper + exper^2 + educ + city\" \\
    --selection \"lfp ~ age + age^2 + faminc + kids + educ\"
  panelproof heckman fixtures/reference/mroz/data.csv --method uncorrected \\
    --selection \"lfp ~ age + age^2 + faminc + kids + educ\" \\
    --then \"wage ~ exper + educ + imr | kids5\" --vcov \"cluster kids5\"

The errors of --then take the ratio for data: they are right only if its coefficient is zero, which
is the hypothesis that they test.";

/// Estimates and prints.
pub(crate) fn heckman(arguments: &Heckman) -> Result<(String, u8), Error> {
    check_save(arguments.save.as_ref())?;
    let document = match arguments.method {
        Method::Uncorrected => uncorrected(arguments)?,
        _ if arguments.then.is_some() || arguments.save.is_some() => {
            return usage("--then and --save are for the ratio as a column: --method uncorrected");
        }
        Method::TwoStep => by_two_steps(arguments)?,
        Method::Ml => by_likelihood(arguments)?,
    };
    Ok((document.print(arguments.format), 0))
}

fn models(arguments: &Heckman) -> Result<(Model, Model), Error> {
    let Some(outcome) = &arguments.outcome else {
        return usage(
            "--outcome is missing: the equation of what is seen, \"wage ~ educ + exper\"",
        );
    };
    Ok((outcome.parse()?, arguments.selection.parse()?))
}

/// The probit of selection as a table.
fn probit(fit: &BinaryFit) -> Table {
    let stub = fit.response().to_string();
    let shown = coefficients(format!("Selection (probit): {stub}"), &stub, &fit.coefficients());
    let test = fit.likelihood_ratio().map_or_else(String::new, |test| {
        let p = format::p_value(test.p_value, 4);
        format!("   LR χ²({})\u{a0}{}, p\u{a0}{p}", test.df, format::fixed(test.statistic, 2))
    });
    let (n, ones, log) = (fit.n(), fit.n_ones(), format::general(fit.log_likelihood(), 8));
    let spec = fit.spec();
    let shown = shown.note(format!("n\u{a0}{n}, {ones} of them 1   ln L\u{a0}{log}{test}"));
    let errors = format!("errors: {}, information {}", spec.vcov, spec.information);
    noted(shown.note(errors), texts(fit.notes()))
}

fn probit_json(fit: &BinaryFit) -> Value {
    json!({
        "response": fit.response().to_string(),
        "terms": coefficients_json(&fit.coefficients()),
        "n": fit.n(), "n_ones": fit.n_ones(), "log_likelihood": fit.log_likelihood(),
        "vcov": fit.spec().vcov.to_string(), "notes": texts(fit.notes()),
    })
}

fn by_two_steps(arguments: &Heckman) -> Result<Document, Error> {
    let (outcome, selection) = models(arguments)?;
    if let Some(vcov) = &arguments.vcov {
        return usage(format!(
            "--vcov {vcov}: the two-step errors are Heckman's; for others take --method ml or \
             uncorrected"
        ));
    }
    let information: Information = arguments.information.parse()?;
    let rho: Rho = arguments.rho.parse()?;
    let columns = [outcome.columns(), selection.columns()].concat();
    let (panel, account) = read(&arguments.data, columns, false)?;
    let spec = TwoStepSpec { outcome, selection, information, rho };
    let fit = two_step(&panel, &spec)?;
    let stub = fit.response().to_string();
    let title = format!("Heckman, two steps: {}", spec.outcome);
    let shown = coefficients(title, &stub, &fit.outcome().coefficients());
    let shown = shown
        .note(counts(fit.n(), fit.n_selected()))
        .note(format!(
            "ρ\u{a0}{}   σ\u{a0}{}   λ = ρσ is the coefficient of {}   R²\u{a0}{}",
            format::general(fit.rho(), 7),
            format::general(fit.sigma(), 7),
            TwoStep::LAMBDA,
            format::general(fit.r2(), 6)
        ))
        .note(format!("errors: Heckman's, corrected for the estimated ratio; {rho}"));
    let shown = noted(shown, texts(fit.notes()).into_iter().chain(lines(&account)));
    let json = json!({
        "method": "two-step",
        "outcome": { "model": spec.outcome.to_string(),
            "terms": coefficients_json(&fit.outcome().coefficients()) },
        "selection": probit_json(fit.selection()),
        "rho": fit.rho(), "sigma": fit.sigma(), "rho_rule": rho.to_string(),
        "r2": fit.r2(), "r2_adjusted": fit.r2_adjusted(),
        "n": fit.n(), "n_selected": fit.n_selected(), "n_censored": fit.n_censored(),
        "notes": texts(fit.notes()), "account": lines(&account),
    });
    Ok(Document { tables: vec![shown, probit(fit.selection())], json })
}

fn counts(n: usize, selected: usize) -> String {
    format!("n\u{a0}{n}: {selected} selected, {} not", n - selected)
}

fn by_likelihood(arguments: &Heckman) -> Result<Document, Error> {
    let (outcome, selection) = models(arguments)?;
    let vcov: LikelihoodVcov = arguments.vcov.as_deref().unwrap_or("oim").parse()?;
    let small_sample: SmallSample = arguments.small_sample.parse()?;
    let mut columns = [outcome.columns(), selection.columns()].concat();
    if let LikelihoodVcov::Cluster(by) = &vcov {
        columns.push(by);
    }
    let (panel, account) = read(&arguments.data, columns, false)?;
    let spec = LikelihoodSpec { outcome, selection, vcov, small_sample };
    let fit = likelihood(&panel, &spec)?;
    Ok(Document {
        tables: likelihood_tables(&fit, &spec, &account),
        json: likelihood_json(&fit, &spec, &account),
    })
}

fn likelihood_tables(fit: &Likelihood, spec: &LikelihoodSpec, account: &Account) -> Vec<Table> {
    let test = |name: &str, test: estimate::ChiSquared| {
        let (chi2, p) = (format::fixed(test.statistic, 4), format::p_value(test.p_value, 4));
        format!("{name} of ρ = 0: χ²({})\u{a0}{chi2}, p\u{a0}{p}", test.df)
    };
    let (vcov, factor, clusters) = fit.spec();
    let clusters = clusters.map_or_else(String::new, |n| format!("; {n} clusters"));
    let outcome = coefficients(
        format!("Heckman, maximum likelihood: {}", spec.outcome),
        &fit.response().to_string(),
        &fit.outcome().coefficients(),
    );
    let outcome = outcome
        .note(counts(fit.n(), fit.n_selected()))
        .note(format!("ln L\u{a0}{}", format::general(fit.log_likelihood(), 8)))
        .note(format!(
            "errors: {vcov}{clusters}, factor {} ({})",
            format::general(factor, 6),
            spec.small_sample
        ));
    let stub = fit.selection_response().to_string();
    let selection =
        coefficients(format!("Selection: {stub}"), &stub, &fit.selection().coefficients());
    let mut rows = fit.ancillary().coefficients();
    rows.extend(fit.derived());
    let ancillary = coefficients("Correlation of the errors", "", &rows)
        .note(test("likelihood-ratio test", fit.likelihood_ratio()))
        .note(test("Wald test", fit.wald()));
    let ancillary = noted(ancillary, texts(fit.notes()).into_iter().chain(lines(account)));
    vec![outcome, selection, ancillary]
}

fn likelihood_json(fit: &Likelihood, spec: &LikelihoodSpec, account: &Account) -> Value {
    let test = |test: estimate::ChiSquared| json!({ "statistic": test.statistic, "df": test.df, "p_value": test.p_value });
    json!({
        "method": "ml",
        "outcome": { "model": spec.outcome.to_string(),
            "terms": coefficients_json(&fit.outcome().coefficients()) },
        "selection": { "model": spec.selection.to_string(),
            "terms": coefficients_json(&fit.selection().coefficients()) },
        "ancillary": coefficients_json(&fit.ancillary().coefficients()),
        "derived": coefficients_json(&fit.derived()),
        "log_likelihood": fit.log_likelihood(),
        "likelihood_ratio": test(fit.likelihood_ratio()), "wald": test(fit.wald()),
        "vcov": spec.vcov.to_string(), "small_sample": spec.small_sample.to_string(),
        "n": fit.n(), "n_selected": fit.n_selected(), "n_censored": fit.n_censored(),
        "notes": texts(fit.notes()), "account": lines(account),
    })
}

fn uncorrected(arguments: &Heckman) -> Result<Document, Error> {
    if arguments.outcome.is_some() {
        return usage(
            "--method uncorrected has no --outcome: write the model, with the ratio, \
                      under --then",
        );
    }
    let selection: Model = arguments.selection.parse()?;
    let form: Form = arguments.form.parse()?;
    let probit_spec = BinarySpec {
        link: Link::Probit,
        information: arguments.information.parse()?,
        vcov: arguments.probit_vcov.parse::<Vcov>()?,
        small_sample: arguments.small_sample.parse()?,
    };
    let then: Option<Model> = arguments.then.as_deref().map(str::parse).transpose()?;
    let vcov = arguments.vcov.clone().unwrap_or_else(|| "iid".to_owned());
    let estimation = Linear { vcov, like: arguments.like.clone() }.spec()?;
    let mut columns = selection.columns();
    columns.extend(clustering(&probit_spec.vcov));
    columns.extend(clustering(&estimation.vcov));
    columns.extend(then.iter().flat_map(Model::columns).filter(|name| **name != arguments.name));
    let (panel, account) = read(&arguments.data, columns, arguments.save.is_some())?;
    let name = arguments.name.clone();
    let spec = MillsSpec { selection, probit: probit_spec, form, name };
    let ratio = mills_ratio(&panel, &spec)?;
    let saved = arguments.save.as_deref().map(|path| save(&ratio.panel, path)).transpose()?;
    let first = probit(&ratio.first)
        .note(format!("inverse Mills ratio `{}` ({form}) in {} rows", spec.name, ratio.n));
    let mut tables = vec![first];
    let mut second = Value::Null;
    if let Some(model) = &then {
        let fit = regress(&ratio.panel, model, &estimation, None)?;
        second = fit_json(&fit);
        tables.push(
            fit_table(model.to_string(), &fit)
                .note("errors take the ratio for data: right only if its coefficient is zero"),
        );
    }
    if let Some(last) = tables.pop() {
        tables.push(noted(last, saved.into_iter().chain(lines(&account))));
    }
    let json = json!({
        "method": "uncorrected", "selection": probit_json(&ratio.first),
        "form": form.to_string(), "name": spec.name, "n": ratio.n, "then": second,
        "account": lines(&account),
    });
    Ok(Document { tables, json })
}
