//! A matching as tables and as JSON.

use causal::matching::{Balance, Covariate, Effect, Errors, Matching, Means, Overall};
use ingest::Account;
use report::{Row, Table, format, group, head, number, row, spanning, table};
use serde_json::{Value, json};

use super::super::tables::{
    coefficients, coefficients_json, fit_json, fit_table, lines, noted, seven, some, texts,
};
use super::Outcome;

/// The tables, in the order in which psmatch2 and pstest print them.
pub(super) fn tables(outcome: &Outcome, saved: Option<String>, account: &Account) -> Vec<Table> {
    let Outcome { matching, balance, then } = outcome;
    let mut all: Vec<Table> = score(matching).into_iter().collect();
    if !matching.effects().is_empty() {
        all.push(effects(matching));
    }
    all.push(counts(matching));
    all.push(covariates(balance));
    all.push(overall(balance));
    if let Some((model, weights, fit)) = then {
        let sample = match weights {
            Some(_) => "on the matched sample",
            None => "on the matched sample, without weights",
        };
        all.push(fit_table(model.to_string(), fit).note(sample));
    }
    if let Some(last) = all.pop() {
        all.push(noted(last, saved.into_iter().chain(lines(account))));
    }
    all
}

fn score(matching: &Matching) -> Option<Table> {
    let fit = matching.score_model()?;
    let title = format!("Propensity score ({})", fit.link());
    let shown = coefficients(title, &fit.response().to_string(), &fit.coefficients());
    let (n, ones) = (fit.n(), fit.n_ones());
    let r2 = format::fixed(fit.pseudo_r2().mcfadden, 4);
    let log = format::general(fit.log_likelihood(), 8);
    let shown = shown.note(format!(
        "n\u{a0}{n}, {ones} of them treated   ln L\u{a0}{log}   pseudo R²\u{a0}{r2}"
    ));
    Some(noted(shown, texts(fit.notes())))
}

/// What decides, in words: the last lines under the effects.
fn choices(matching: &Matching) -> Vec<String> {
    let spec = matching.spec();
    let mut first =
        vec![format!("{}: score {}", spec.estimand, spec.score), spec.method.to_string()];
    if !spec.within.is_empty() {
        first.push(format!("within {}", spec.within.join(" and ")));
    }
    first.push(format!("support {}", spec.support));
    let score = match spec.errors {
        Errors::Teffects { .. } => "they allow for the score being estimated",
        _ => "they take the score as known",
    };
    vec![first.join(", "), format!("errors: {}, z; {score}", spec.errors)]
}

fn effects(matching: &Matching) -> Table {
    let heads = ["", "treated", "untreated", "difference", "std. error", "z", "p"];
    let several = matching.spec().outcomes.len() > 1;
    let mut rows: Vec<Row> = Vec::new();
    for outcome in &matching.spec().outcomes {
        if several {
            rows.push(group(outcome.to_string()));
        }
        let own = matching.effects().iter().filter(|effect| effect.outcome == *outcome);
        rows.extend(own.map(effect_row));
    }
    let title = format!("Effects on {}", texts(&matching.spec().outcomes).join(", "));
    let shown = table(title).heads(heads.map(head)).rows(rows);
    noted(shown, choices(matching).into_iter().chain(texts(matching.notes())))
}

fn name(effect: &Effect) -> String {
    effect.estimand.map_or("unmatched".to_owned(), |estimand| estimand.to_string())
}

fn effect_row(effect: &Effect) -> Row {
    row(
        name(effect),
        [
            number(seven(effect.treated)),
            number(seven(effect.untreated)),
            number(seven(effect.estimate)),
            some(effect.std_error, seven),
            some(effect.statistic(), |z| format::fixed(z, 2)),
            some(effect.p_value(), |p| format::p_value(p, 4)),
        ],
    )
}

fn counts(matching: &Matching) -> Table {
    let heads = ["", "off support", "on, unmatched", "matched", "all"];
    let line = |label: &str, [off, unmatched, matched]: [usize; 3]| {
        let all = [off, unmatched, matched, off + unmatched + matched];
        row(label, all.map(|n| number(n.to_string())))
    };
    let of = |treated: bool| {
        let counts = matching.counts(treated);
        [counts.off_support, counts.unmatched, counts.matched]
    };
    let (zero, one) = (of(false), of(true));
    let both = [0, 1, 2].map(|at| zero[at] + one[at]);
    let shown = table("Rows by group and support").heads(heads.map(head)).rows([
        line("untreated", zero),
        line("treated", one),
        line("both", both),
    ]);
    if matching.effects().is_empty() {
        return noted(shown, choices(matching).into_iter().chain(texts(matching.notes())));
    }
    shown
}

fn covariates(balance: &Balance) -> Table {
    let spans = [head(""), spanning("mean", 2), spanning("bias", 2)];
    let heads = ["", "treated", "untreated", "%", "less %", "t", "p", "V(T)/V(C)", "std. diff."];
    let line = |label: &str, means: &Means, reduction: Option<f64>| {
        row(
            label,
            [
                number(format::general(means.treated, 5)),
                number(format::general(means.untreated, 5)),
                some(means.bias, |x| format::fixed(x, 1)),
                some(reduction, |x| format::fixed(x, 1)),
                some(means.t, |x| format::fixed(x, 2)),
                some(means.p_value, |p| format::p_value(p, 3)),
                some(means.variance_ratio, |x| format::fixed(x, 2)),
                some(means.std_difference, |x| format::fixed(x, 4)),
            ],
        )
    };
    let rows = balance.covariates.iter().chain([&balance.score]).flat_map(|covariate| {
        [
            line(&covariate.name, &covariate.before, None),
            line("  matched", &covariate.after, covariate.reduction),
        ]
    });
    table("Balance of the covariates before and after matching")
        .heads(spans)
        .heads(heads.map(head))
        .rows(rows)
        .note("% bias, t and V(T)/V(C) as pstest; std. diff. as MatchIt")
}

fn overall(balance: &Balance) -> Table {
    let heads =
        ["", "pseudo R²", "LR χ²", "p", "mean |bias|", "median |bias|", "Rubin's B", "Rubin's R"];
    let line = |label: &str, all: &Overall| {
        let probit = all.probit;
        row(
            label,
            [
                some(probit.map(|p| p.pseudo_r2), |x| format::fixed(x, 4)),
                some(probit.map(|p| p.likelihood_ratio), |x| format::fixed(x, 2)),
                some(probit.map(|p| p.p_value), |p| format::p_value(p, 4)),
                some(all.mean_bias, |x| format::fixed(x, 1)),
                some(all.median_bias, |x| format::fixed(x, 1)),
                some(probit.map(|p| p.rubin_b), |x| format::fixed(x, 1)),
                some(probit.map(|p| p.rubin_r), |x| format::fixed(x, 2)),
            ],
        )
    };
    table("All covariates together, as pstest")
        .heads(heads.map(head))
        .rows([line("unmatched", &balance.before), line("matched", &balance.after)])
        .note("balanced by Rubin's rule: B below 25, R from 0.5 to 2")
}

fn means_json(means: &Means) -> Value {
    json!({
        "treated": means.treated, "untreated": means.untreated, "bias": means.bias,
        "std_difference": means.std_difference, "variance_ratio": means.variance_ratio,
        "reliability_ratio": means.reliability_ratio, "ecdf_mean": means.ecdf_mean,
        "ecdf_max": means.ecdf_max, "t": means.t, "p_value": means.p_value,
    })
}

fn overall_json(all: &Overall) -> Value {
    json!({
        "mean_bias": all.mean_bias, "median_bias": all.median_bias,
        "probit": all.probit.map(|p| json!({
            "pseudo_r2": p.pseudo_r2, "likelihood_ratio": p.likelihood_ratio, "df": p.df,
            "p_value": p.p_value, "rubin_b": p.rubin_b, "rubin_r": p.rubin_r,
        })),
    })
}

pub(super) fn json(outcome: &Outcome, account: &Account) -> Value {
    let Outcome { matching, balance, then } = outcome;
    let spec = matching.spec();
    let covariate = |c: &Covariate| {
        json!({
            "name": c.name, "missing": c.missing, "before": means_json(&c.before),
            "after": means_json(&c.after), "reduction": c.reduction,
            "pair_distance": c.pair_distance,
        })
    };
    let effect = |e: &Effect| {
        json!({
            "outcome": e.outcome.to_string(), "effect": name(e), "treated": e.treated,
            "untreated": e.untreated, "estimate": e.estimate, "std_error": e.std_error,
            "statistic": e.statistic(), "p_value": e.p_value(),
            "n_treated": e.n_treated, "n_untreated": e.n_untreated,
        })
    };
    let counts = |treated: bool| {
        let counts = matching.counts(treated);
        json!({
            "off_support": counts.off_support, "unmatched": counts.unmatched,
            "matched": counts.matched,
        })
    };
    json!({
        "spec": {
            "treatment": spec.model.to_string(), "score": spec.score.to_string(),
            "method": spec.method.to_string(), "within": spec.within,
            "support": spec.support.to_string(), "estimand": spec.estimand.to_string(),
            "errors": spec.errors.to_string(),
        },
        "score_model": matching.score_model().map(|fit| json!({
            "link": fit.link().to_string(), "terms": coefficients_json(&fit.coefficients()),
            "n": fit.n(), "log_likelihood": fit.log_likelihood(),
        })),
        "effects": matching.effects().iter().map(effect).collect::<Vec<_>>(),
        "counts": { "treated": counts(true), "untreated": counts(false) },
        "balance": {
            "covariates": balance.covariates.iter().map(covariate).collect::<Vec<_>>(),
            "score": covariate(&balance.score),
            "before": overall_json(&balance.before), "after": overall_json(&balance.after),
        },
        "then": then.as_ref().map(|(model, weights, fit)| json!({
            "model": model.to_string(),
            "weights": weights.as_ref().map(ToString::to_string),
            "fit": fit_json(fit),
        })),
        "notes": texts(matching.notes()),
        "account": lines(account),
    })
}
