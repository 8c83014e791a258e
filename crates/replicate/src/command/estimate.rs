//! `panelproof estimate`: one model on one file.

use std::str::FromStr;

use clap::Args;
use estimate::{Constant, Convention, Fit, RSquared, Reference, Singletons, Spec, Vcov};
use ingest::Account;
use panel::Model;
use report::{Cell, format, head, number, row, table};
use serde_json::{Map, Value, json};

use super::{Data, Document, Format};
use crate::Error;
use crate::ours::{Estimated, estimate as run};
use crate::resolve::{Estimation, Estimator, base};

/// Estimate one linear model on a data file.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  panelproof estimate grunfeld.csv --entity firm --period year \
    --model \"inv ~ value + capital | firm + year\" --vcov \"cluster firm\" --like reghdfe\n  \
    panelproof estimate firms.parquet --model \"log(y) ~ x + L.x + i.region\" --vcov HC1 \
    --entity id --period t --format json\n\nModels:\n  y ~ x1 + L.x2 + log(x3) + x1:x2 | fe1 + \
    fe2    terms left of the bar, absorbed effects right of it\n  L.x F.x x^2 log(x) log1p(x) \
    x:z i.region ib3.region i.region:x `a name with spaces`"
)]
pub(crate) struct Estimate {
    #[command(flatten)]
    data: Data,
    /// The model, as in "y ~ x1 + x2 | id + year".
    #[arg(long)]
    model: String,
    /// pooled or fixed-effects; follows from the model if not given.
    #[arg(long)]
    estimator: Option<String>,
    /// iid, HC0, HC1 (robust), HC2, HC3 or "cluster COLUMN".
    #[arg(long, default_value = "iid")]
    vcov: String,
    /// Whose small-sample convention: stata-xtreg, areg, reghdfe, fixest, plm, plm-sss or
    /// linearmodels.
    #[arg(long, default_value = "fixest", value_name = "PROGRAM")]
    like: String,
    /// Report a constant beside absorbed effects: none, mean (effects average zero), or first,
    /// last or a level (indicators without it, as in `xtreg y x i.year, fe`).
    #[arg(long, default_value = "none")]
    constant: String,
    /// keep or drop levels of an absorbed factor that are observed once; the convention's if not
    /// given.
    #[arg(long)]
    singletons: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Estimates and prints.
pub(crate) fn estimate(arguments: &Estimate) -> Result<(String, u8), Error> {
    let usage = |what: String| Error::Usage { what };
    let model: Model = arguments.model.parse()?;
    let vcov: Vcov = arguments.vcov.parse()?;
    let mut convention: Convention = arguments.like.parse()?;
    match arguments.singletons.as_deref() {
        None => {}
        Some("keep") => convention.singletons = Singletons::Keep,
        Some("drop") => convention.singletons = Singletons::Drop,
        Some(other) => return Err(usage(format!("--singletons is keep or drop, not `{other}`"))),
    }
    let estimator = match &arguments.estimator {
        Some(name) => Estimator::from_str(name).map_err(usage)?,
        None if model.absorb.is_empty() => Estimator::Pooled,
        None => Estimator::FixedEffects,
    };
    let constant = match arguments.constant.as_str() {
        "none" => Constant::Omit,
        "mean" => Constant::Mean,
        level => Constant::Omitting(base(level)),
    };

    let mut columns = model.columns();
    if let Vcov::Cluster(by) = &vcov {
        columns.push(by);
    }
    let (panel, account) = arguments.data.open(columns)?;

    let spec = Spec { vcov, convention, constant };
    let estimation = Estimation { estimator, model, spec, rows: std::collections::BTreeMap::new() };
    let estimated = run(&panel, &estimation)?;
    let r2 = estimate::r_squared(&estimated.design, &estimated.fit)?;
    let document = Document {
        tables: vec![as_table(&estimated, &estimation, r2, &account)],
        json: as_json(&estimated, &estimation, r2, &account),
    };
    Ok((document.print(arguments.format), 0))
}

/// The statistics under a table, by the names they have in the JSON.
fn statistics(fit: &Fit, estimator: Estimator, r2: RSquared) -> Vec<(&'static str, Option<f64>)> {
    let (sums, correction) = (fit.sums(), fit.correction());
    let within = |x: f64| (estimator == Estimator::FixedEffects).then_some(x);
    let residual = (correction.n - correction.k_all) as f64;
    let test = estimate::f_test(fit);
    vec![
        ("n", Some(correction.n as f64)),
        ("n_entities", Some(fit.n_entities() as f64)),
        ("n_clusters", correction.n_clusters.map(|n| n as f64)),
        (
            "df",
            match correction.reference {
                Reference::T(df) => Some(df as f64),
                Reference::Normal | Reference::Satterthwaite(_) => None,
            },
        ),
        ("df_residual", Some(residual)),
        ("k", Some(correction.k_counted as f64)),
        ("r2", Some(r2.r2)),
        ("r2_adjusted", Some(r2.adjusted)),
        ("r2_within", within(r2.within)),
        ("r2_between", within(r2.between.unwrap_or(f64::NAN))),
        ("r2_overall", within(r2.overall.unwrap_or(f64::NAN))),
        ("f", test.map(|test| test.statistic)),
        ("f_p_value", test.map(|test| test.p_value)),
        ("sigma", Some((sums.residual / residual).sqrt())),
        ("ssr", Some(sums.residual)),
        ("log_likelihood", Some(fit.log_likelihood())),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.filter(|value| value.is_finite())))
    .collect()
}

fn as_json(
    estimated: &Estimated<'_>,
    estimation: &Estimation,
    r2: RSquared,
    account: &Account,
) -> Value {
    let fit = &estimated.fit;
    let terms: Vec<Value> = estimated
        .coefficients
        .iter()
        .map(|c| {
            json!({
                "term": c.term, "estimate": c.estimate, "std_error": c.std_error,
                "statistic": c.statistic, "p_value": c.p_value,
                "conf_low": c.conf_low, "conf_high": c.conf_high,
            })
        })
        .collect();
    let whole = ["n", "n_entities", "n_clusters", "df", "df_residual", "k"];
    let stats: Map<String, Value> = statistics(fit, estimation.estimator, r2)
        .into_iter()
        .map(|(name, value)| {
            #[allow(clippy::cast_possible_truncation)] // Counts of rows.
            let value = match value {
                Some(value) if whole.contains(&name) => json!(value as i64),
                value => json!(value),
            };
            (name.to_owned(), value)
        })
        .collect();
    let notes: Vec<String> = fit.notes().iter().map(ToString::to_string).collect();
    let account: Vec<String> = account.to_string().lines().map(str::to_owned).collect();
    json!({
        "model": estimation.model.to_string(),
        "vcov": estimation.spec.vcov.to_string(),
        "like": estimation.spec.convention.name,
        "terms": terms,
        "stats": stats,
        "notes": notes,
        "account": account,
    })
}

fn as_table(
    estimated: &Estimated<'_>,
    estimation: &Estimation,
    r2: RSquared,
    account: &Account,
) -> report::Table {
    let fit = &estimated.fit;
    let cells = |c: &estimate::Coefficient| -> Vec<Cell> {
        vec![
            number(format::general(c.estimate, 7)),
            number(format::general(c.std_error, 7)),
            number(format::fixed(c.statistic, 2)),
            number(format::p_value(c.p_value, 4)),
            number(format::general(c.conf_low, 7)),
            number(format::general(c.conf_high, 7)),
        ]
    };
    let name = match estimation.estimator {
        Estimator::Pooled => "Pooled least squares",
        Estimator::FixedEffects => "Fixed effects (within)",
    };
    let heads = [
        fit.response().to_string().as_str(),
        "estimate",
        "std. error",
        "t",
        "p",
        "95 % from",
        "to",
    ]
    .map(head);
    let mut shown = table(format!("{name}: {}", estimation.model))
        .heads(heads)
        .rows(estimated.coefficients.iter().map(|c| row(c.term.clone(), cells(c))));
    let text = |value: f64| {
        let whole = value.fract() == 0.0 && value.abs() < 1e15;
        if whole { format::fixed(value, 0) } else { format::general(value, 6) }
    };
    let line: Vec<String> = statistics(fit, estimation.estimator, r2)
        .into_iter()
        .filter(|(name, _)| !["ssr", "log_likelihood", "f_p_value", "k"].contains(name))
        .filter_map(|(name, value)| Some(format!("{name}\u{a0}{}", text(value?))))
        .collect();
    shown = shown.note(line.join("   "));
    let correction = fit.correction();
    let clusters = correction.n_clusters.map(|n_clusters| {
        let factor = format::general(correction.factor, 6);
        format!("; {n_clusters} clusters, K = {}, factor {factor}", correction.k_counted)
    });
    let errors = format!(
        "errors: {} as {}{}",
        estimation.spec.vcov,
        estimation.spec.convention,
        clusters.unwrap_or_default()
    );
    shown = shown.note(errors);
    for note in fit.notes() {
        shown = shown.note(note.to_string());
    }
    for line in account.to_string().lines() {
        shown = shown.note(line.to_owned());
    }
    shown
}
