//! A threshold regression as tables and as JSON.

use std::path::Path;

use causal::threshold::{Inequality, Outcome, Spec, Test, Threshold};
use ingest::Account;
use panel::Term;
use report::{Table, format, head, number, row, table};
use serde_json::{Value, json};

use super::super::tables::{drawn_p, fit_json, fit_table, lines, noted, seven, texts};

pub(super) fn tests(outcome: &Outcome, spec: &Spec) -> Table {
    let mut heads = vec!["thresholds", "SSR", "refined", "F"];
    if spec.bootstrap.is_some() {
        heads.extend(["p", "crit. 10 %", "5 %", "1 %"]);
    }
    let two = |x: f64| format::fixed(x, 2);
    let cells = |(i, test): (usize, &Test)| {
        let mut cells =
            vec![number(seven(test.ssr)), number(seven(test.ssr_refined)), number(two(test.f))];
        if let Some(drawn) = &test.simulated {
            cells.push(number(drawn_p(drawn.p_value, 1.0 / drawn.statistics.len() as f64)));
            cells.extend(drawn.critical.map(|critical| number(two(critical))));
        }
        row(format!("{i} against {}", i + 1), cells)
    };
    let (scale, value) = outcome.f_scale();
    let shown = table(format!("Tests of thresholds in {}", spec.variable))
        .heads(heads.into_iter().map(head))
        .rows(outcome.tests().iter().enumerate().map(cells))
        .note(format!("F = (SSR₀/SSR₁ − 1) · {} (scale {scale})", format::general(value, 7)));
    shown.note(match &spec.bootstrap {
        Some(b) => format!(
            "bootstrap: {} draws of {}, seed {}; residuals of the {} model, its thresholds: {}, \
             trimming in draws: {}; p is the share of draws above F",
            b.replications, b.resample, b.seed, b.residuals, b.null, b.trim
        ),
        None => "no bootstrap: F has no tabulated distribution".to_owned(),
    })
}

fn intervals(threshold: &Threshold) -> String {
    let one = |run: &[f64; 2]| match run {
        [low, high] if low.total_cmp(high).is_eq() => format!("{{{}}}", seven(*low)),
        [low, high] => format!("[{}, {}]", seven(*low), seven(*high)),
    };
    threshold.confidence.intervals.iter().map(one).collect::<Vec<_>>().join(" ∪ ")
}

pub(super) fn thresholds(outcome: &Outcome, spec: &Spec) -> Table {
    let level = format::general(100.0 * spec.level, 4);
    let rows = (1..).zip(outcome.thresholds()).map(|(i, threshold)| {
        let [low, high] = threshold.confidence.hull();
        row(format!("γ{i}"), [threshold.estimate, low, high].map(|x| number(seven(x))))
    });
    let critical = outcome.thresholds().first().map_or(f64::NAN, |t| t.confidence.critical);
    let (scale, value) = outcome.lr_scale();
    let trim: Vec<String> = spec.trim.shares.iter().map(ToString::to_string).collect();
    let shown = table(format!("Thresholds in {}", spec.variable))
        .heads(["", "estimate", &format!("{level} % from"), "to"].map(head))
        .rows(rows)
        .note(format!(
            "confidence set: LR(γ) ≤ {}; LR scaled by {} ({scale})",
            format::general(critical, 5),
            format::general(value, 7)
        ))
        .note(format!(
            "{}, rows {}, grid {} ({} candidates), trim {} of {}, at least {} rows, search {}",
            spec.inequality,
            spec.rows,
            spec.grid,
            outcome.n_candidates(),
            trim.join(", "),
            spec.trim.of,
            spec.trim.min_rows,
            spec.search,
        ));
    let broken = |(i, threshold): (usize, &Threshold)| {
        let several = threshold.confidence.intervals.len() > 1;
        several.then(|| format!("the set of γ{i} has gaps: {}", intervals(threshold)))
    };
    let gaps: Vec<String> = (1..).zip(outcome.thresholds()).filter_map(broken).collect();
    noted(shown, gaps.into_iter().chain(texts(outcome.notes())))
}

pub(super) fn slopes(
    outcome: &Outcome,
    spec: &Spec,
    account: &Account,
    plot: Option<&Path>,
) -> Table {
    let mut shown = fit_table(format!("Slopes: {}", spec.model), outcome.fit());
    let q = spec.variable.to_string();
    let (lower, upper) = match spec.inequality {
        Inequality::AtMost => ("<", "≤"),
        Inequality::Below => ("≤", "<"),
    };
    for (i, regime) in (1..).zip(outcome.regimes()) {
        let from = regime.lower.map_or(String::new(), |low| format!("{} {lower} ", seven(low)));
        let to = regime.upper.map_or(String::new(), |high| format!(" {upper} {}", seven(high)));
        let (rows, entities) = (regime.rows, regime.entities);
        shown = shown.note(format!("regime {i}: {from}{q}{to}: {rows} rows, {entities} entities"));
    }
    let plotted = plot.map(|path| format!("γ and LR(γ) written to {}", path.display()));
    noted(shown, plotted.into_iter().chain(lines(account)))
}

pub(super) fn as_json(outcome: &Outcome, spec: &Spec, account: &Account) -> Value {
    let test = |test: &Test| {
        json!({
            "null": test.null, "alternative": test.alternative, "refined": test.refined,
            "ssr_null": test.ssr_null, "ssr": test.ssr, "ssr_refined": test.ssr_refined,
            "f": test.f, "f_refined": test.f_refined,
            "p_value": test.simulated.as_ref().map(|drawn| drawn.p_value),
            "critical": test.simulated.as_ref().map(|drawn| drawn.critical),
        })
    };
    let threshold = |threshold: &Threshold| {
        json!({
            "estimate": threshold.estimate, "level": threshold.confidence.level,
            "critical": threshold.confidence.critical, "hull": threshold.confidence.hull(),
            "intervals": threshold.confidence.intervals,
        })
    };
    let regimes: Vec<Value> = (outcome.regimes().iter())
        .map(|r| json!({ "lower": r.lower, "upper": r.upper, "rows": r.rows, "entities": r.entities }))
        .collect();
    let switching: Vec<String> = spec.switching.iter().map(Term::to_string).collect();
    json!({
        "model": spec.model.to_string(),
        "switching": switching,
        "variable": spec.variable.to_string(),
        "spec": {
            "inequality": spec.inequality.to_string(), "rows": spec.rows.to_string(),
            "grid": spec.grid.to_string(), "candidates": outcome.n_candidates(),
            "trim": spec.trim.shares, "trim_of": spec.trim.of.to_string(),
            "min_rows": spec.trim.min_rows, "search": spec.search.to_string(),
            "f_scale": [json!(spec.f_scale.to_string()), json!(outcome.f_scale().1)],
            "lr_scale": [json!(spec.lr_scale.to_string()), json!(outcome.lr_scale().1)],
            "bootstrap": spec.bootstrap.as_ref().map(|b| json!({
                "replications": b.replications, "seed": b.seed,
                "resample": b.resample.to_string(), "residuals": b.residuals.to_string(),
                "null": b.null.to_string(), "trim": b.trim.to_string(),
            })),
        },
        "tests": outcome.tests().iter().map(test).collect::<Vec<_>>(),
        "thresholds": outcome.thresholds().iter().map(threshold).collect::<Vec<_>>(),
        "regimes": regimes,
        "fit": fit_json(outcome.fit()),
        "notes": texts(outcome.notes()),
        "account": lines(account),
    })
}
