//! An estimated model as tables and as JSON.

use estimate::{Coefficient, FTest, FirstStage, Reference};
use ingest::Account;
use report::{Cell, Table, format, head, number, row, table};
use serde_json::{Map, Value, json};

use crate::estimation::Estimation;
use crate::ours::Estimated;
use crate::statistics::Kind;

/// The table of the estimates, then those of first stages or of marginal effects.
pub(crate) fn tables(
    estimated: &Estimated<'_>,
    estimation: &Estimation,
    account: &Account,
) -> Vec<Table> {
    let title = format!("{}: {}", estimation.method.title(), estimation.model);
    let response = estimation.model.response.to_string();
    let mut main = of_coefficients(title, &response, &estimated.coefficients);
    for line in lines(estimated) {
        main = main.note(line);
    }
    main = main.note(errors(estimated, estimation));
    let choices = estimation.method.choices();
    if !choices.is_empty() {
        let choices: Vec<String> =
            choices.iter().map(|(key, text)| format!("{key} {text}")).collect();
        main = main.note(choices.join(", "));
    }
    for note in &estimated.notes {
        main = main.note(note.to_string());
    }
    for line in account.to_string().lines() {
        main = main.note(line.to_owned());
    }
    let mut tables: Vec<Table> = estimated.first.iter().map(first_stage).collect();
    tables.push(main);
    if !estimated.margins.is_empty() {
        let of = format!("Marginal effects on P({response} = 1)");
        tables.push(of_coefficients(of, "", &estimated.margins));
    }
    tables
}

fn first_stage(stage: &FirstStage) -> Table {
    let response = stage.fit.response().to_string();
    let title = format!("First stage: {response}");
    let shown = of_coefficients(title, &response, &stage.fit.coefficients());
    let partial = format!("partial\u{a0}r2\u{a0}{}", format::general(stage.partial_r2, 6));
    shown.note(match stage.excluded {
        None => partial,
        Some(FTest { statistic, df, df_residual, p_value }) => format!(
            "excluded instruments: F({df}, {df_residual})\u{a0}{}, p\u{a0}{}, {partial}",
            format::general(statistic, 6),
            format::p_value(p_value, 4),
        ),
    })
}

/// A table of coefficients; degrees of freedom have a column if they are the coefficients' own.
fn of_coefficients(title: String, stub: &str, coefficients: &[Coefficient]) -> Table {
    let own = coefficients.iter().any(|c| matches!(c.reference, Reference::Satterthwaite(_)));
    let normal = coefficients.iter().all(|c| c.reference == Reference::Normal);
    let cells = |c: &Coefficient| -> Vec<Cell> {
        let df = own.then(|| number(format::general(c.reference.df().unwrap_or(f64::NAN), 5)));
        [
            number(format::general(c.estimate, 7)),
            number(format::general(c.std_error, 7)),
            number(format::fixed(c.statistic, 2)),
        ]
        .into_iter()
        .chain(df)
        .chain([
            number(format::p_value(c.p_value, 4)),
            number(format::general(c.conf_low, 7)),
            number(format::general(c.conf_high, 7)),
        ])
        .collect()
    };
    let statistic = if normal { "z" } else { "t" };
    let heads = [stub, "estimate", "std. error", statistic]
        .into_iter()
        .chain(own.then_some("df"))
        .chain(["p", "95 % from", "to"]);
    table(title)
        .heads(heads.map(head))
        .rows(coefficients.iter().map(|c| row(c.term.clone(), cells(c))))
}

/// The statistics under a table, those that belong together in a line.
fn lines(estimated: &Estimated<'_>) -> Vec<String> {
    let mut lines: Vec<(usize, Vec<String>)> = Vec::new();
    for (known, value) in estimated.statistics.iter() {
        let (Some(line), Some(value)) = (known.line, value) else { continue };
        let text = match known.kind {
            Kind::Count => format::fixed(value, 0),
            Kind::P => format::p_value(value, 4),
            Kind::Number if value.fract() == 0.0 && value.abs() < 1e15 => format::fixed(value, 0),
            Kind::Number => format::general(value, 6),
        };
        let text = format!("{} {text}", known.name).replace(' ', "\u{a0}");
        match lines.last_mut() {
            Some((last, texts)) if *last == line => texts.push(text),
            _ => lines.push((line, vec![text])),
        }
    }
    lines.into_iter().map(|(_, texts)| texts.join(", ")).collect()
}

fn errors(estimated: &Estimated<'_>, estimation: &Estimation) -> String {
    let spec = &estimation.spec;
    let clusters = estimated.clusters.map(|(n_clusters, counted, factor)| {
        let counted = counted.map(|k| format!(", K = {k}")).unwrap_or_default();
        format!("; {n_clusters} clusters{counted}, factor {}", format::general(factor, 6))
    });
    let like = if estimation.method.is_binary() {
        String::new()
    } else {
        format!(" as {}", spec.convention)
    };
    format!("errors: {}{like}{}", spec.vcov, clusters.unwrap_or_default())
}

/// All of it in full precision.
pub(crate) fn json(estimated: &Estimated<'_>, estimation: &Estimation, account: &Account) -> Value {
    let stats: Map<String, Value> = estimated
        .statistics
        .iter()
        .map(|(known, value)| {
            #[allow(clippy::cast_possible_truncation)] // Counts of rows.
            let value = match value {
                Some(value) if known.kind == Kind::Count => json!(value as i64),
                value => json!(value),
            };
            (known.key(), value)
        })
        .collect();
    let notes: Vec<String> = estimated.notes.iter().map(ToString::to_string).collect();
    let account: Vec<String> = account.to_string().lines().map(str::to_owned).collect();
    let name = estimation.method.to_string();
    let choices: Map<String, Value> = (estimation.method.choices().into_iter())
        .map(|(key, text)| (key.replace('-', "_"), json!(text)))
        .collect();
    let mut all = json!({
        "estimator": name.split(':').next(),
        "choices": choices,
        "model": estimation.model.to_string(),
        "vcov": estimation.spec.vcov.to_string(),
        "like": (!estimation.method.is_binary()).then_some(estimation.spec.convention.name),
        "weights": estimation.weights.as_ref().map(ToString::to_string),
        "terms": terms(&estimated.coefficients),
        "stats": stats,
        "notes": notes,
        "account": account,
    });
    if !estimated.first.is_empty() {
        all["first_stages"] = estimated.first.iter().map(first_stage_json).collect();
    }
    if !estimated.margins.is_empty() {
        all["margins"] = terms(&estimated.margins);
    }
    all
}

fn first_stage_json(stage: &FirstStage) -> Value {
    json!({
        "response": stage.fit.response().to_string(),
        "terms": terms(&stage.fit.coefficients()),
        "excluded_f": stage.excluded.map(|test| test.statistic),
        "excluded_df": stage.excluded.map(|test| [test.df, test.df_residual]),
        "excluded_p_value": stage.excluded.map(|test| test.p_value),
        "partial_r2": stage.partial_r2,
    })
}

fn terms(coefficients: &[Coefficient]) -> Value {
    coefficients
        .iter()
        .map(|c| {
            json!({
                "term": c.term, "estimate": c.estimate, "std_error": c.std_error,
                "statistic": c.statistic, "df": c.reference.df(), "p_value": c.p_value,
                "conf_low": c.conf_low, "conf_high": c.conf_high,
            })
        })
        .collect()
}
