//! Tables and JSON that several commands share.

use std::path::{Path, PathBuf};

use clap::Args;
use estimate::{Coefficient, Constant, Convention, Design, Fit, Reference, Spec, Vcov, Weights};
use ingest::{Account, Key};
use panel::{Model, Panel, Term};
use report::{Cell, Row, Table, format, head, number, row, table};
use serde_json::{Value, json};

use super::Data;
use crate::Error;

/// How the linear models of a command are estimated.
#[derive(Debug, Args)]
pub(crate) struct Linear {
    /// Standard errors of the linear models: iid, robust, HC0 to HC4, "cluster COLUMN",
    /// "cluster COLUMN + COLUMN", "CR2 COLUMN" and the others of `panelproof estimate`.
    #[arg(long, default_value = "iid")]
    pub(crate) vcov: String,
    /// Whose small-sample convention: stata-xtreg, areg, reghdfe, fixest, plm, plm-sss or
    /// linearmodels.
    #[arg(long, default_value = "fixest", value_name = "PROGRAM")]
    pub(crate) like: String,
}

impl Linear {
    pub(crate) fn spec(&self) -> Result<Spec, Error> {
        let vcov: Vcov = self.vcov.parse()?;
        let convention: Convention = self.like.parse()?;
        Ok(Spec { vcov, convention, constant: Constant::Omit })
    }
}

/// The columns that clustered errors need.
pub(crate) fn clustering(vcov: &Vcov) -> Vec<&str> {
    match vcov {
        Vcov::Cluster(by) | Vcov::Cr2(by) | Vcov::Cr3(by) => vec![by],
        Vcov::Multiway(by) => by.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

pub(crate) fn usage<T>(what: impl Into<String>) -> Result<T, Error> {
    Err(Error::Usage { what: what.into() })
}

pub(crate) fn terms(texts: &[String]) -> Result<Vec<Term>, Error> {
    Ok(texts.iter().map(|text| text.parse()).collect::<Result<_, _>>()?)
}

/// Reads the columns that a method needs, or all of them where the rows are to be saved.
pub(crate) fn read(data: &Data, needed: Vec<&str>, all: bool) -> Result<(Panel, Account), Error> {
    if !all {
        return data.open(needed);
    }
    let key = Key { entity: data.entity.clone(), period: data.period.clone() };
    Ok(ingest::open(&data.file, &key, None)?)
}

/// Refuses a file that cannot be written as its name says, before the long work.
pub(crate) fn check_save(path: Option<&PathBuf>) -> Result<(), Error> {
    let known = |path: &Path| {
        let ends = |ending| ["csv", "parquet", "dta", "xlsx"].iter().any(|known| ending == *known);
        path.extension().is_some_and(ends)
    };
    match path {
        Some(path) if !known(path) => usage(format!(
            "--save `{}`: name a file that ends in .csv, .parquet, .dta or .xlsx",
            path.display()
        )),
        _ => Ok(()),
    }
}

/// Writes a panel to a file in the format of its name, whole or not at all; says so.
pub(crate) fn save(panel: &Panel, path: &Path) -> Result<String, Error> {
    let renamed = ingest::write(panel, &Account::default(), path)?;
    let names = renamed.iter().map(|other| format!("; `{}` as {}", other.column, other.name));
    let names: String = names.collect();
    Ok(format!("{} rows written to {}{names}", panel.n_rows(), path.display()))
}

/// Estimates a linear model.
pub(crate) fn regress(
    panel: &Panel,
    model: &Model,
    spec: &Spec,
    weights: Option<&Weights>,
) -> Result<Fit, Error> {
    let singletons = spec.convention.singletons;
    let design = match weights {
        None => Design::new(panel, model, singletons)?,
        Some(weights) => Design::weighted(panel, model, singletons, weights)?,
    };
    Ok(estimate::linear(&design, spec)?)
}

/// A number of a table, and a blank where there is none.
pub(crate) fn some(x: Option<f64>, show: impl Fn(f64) -> String) -> Cell {
    x.map_or_else(|| number(""), |x| number(show(x)))
}

/// A p value that is a share of draws: none of them is less than the smallest share there is.
pub(crate) fn drawn_p(p: f64, smallest: f64) -> String {
    if p > 0.0 { format::fixed(p, 4) } else { format!("<{}", format::general(smallest, 2)) }
}

/// Seven significant digits, as in all coefficient tables.
pub(crate) fn seven(x: f64) -> String {
    format::general(x, 7)
}

/// A coefficient table without notes.
pub(crate) fn coefficients(title: impl Into<String>, stub: &str, rows: &[Coefficient]) -> Table {
    let normal = rows.iter().all(|c| c.reference == Reference::Normal);
    let statistic = if normal { "z" } else { "t" };
    let heads = [stub, "estimate", "std. error", statistic, "p", "95 % from", "to"].map(head);
    let cells = |c: &Coefficient| {
        [
            number(seven(c.estimate)),
            number(seven(c.std_error)),
            number(format::fixed(c.statistic, 2)),
            number(format::p_value(c.p_value, 4)),
            number(seven(c.conf_low)),
            number(seven(c.conf_high)),
        ]
    };
    table(title).heads(heads).rows(rows.iter().map(|c| row(c.term.clone(), cells(c))))
}

pub(crate) fn coefficients_json(rows: &[Coefficient]) -> Value {
    let of = |c: &Coefficient| {
        json!({
            "term": c.term, "estimate": c.estimate, "std_error": c.std_error,
            "statistic": c.statistic, "p_value": c.p_value,
            "conf_low": c.conf_low, "conf_high": c.conf_high,
        })
    };
    rows.iter().map(of).collect()
}

/// `1 − û'û/TSS`, of all and of what the effects leave.
fn r2(fit: &Fit) -> (f64, Option<f64>) {
    let sums = fit.sums();
    let within = fit.estimator() == estimate::Estimator::FixedEffects;
    (1.0 - sums.residual / sums.total, within.then(|| 1.0 - sums.residual / sums.within))
}

/// Whether rows belong to entities, and are not their own.
fn grouped(fit: &Fit) -> bool {
    fit.n_entities() < fit.correction().n
}

/// The table of a linear model, with what its errors rest on.
pub(crate) fn fit_table(title: impl Into<String>, fit: &Fit) -> Table {
    let mut shown = coefficients(title, &fit.response().to_string(), &fit.coefficients());
    let (all, within) = r2(fit);
    let mut line = vec![format!("n\u{a0}{}", fit.correction().n)];
    line.extend(grouped(fit).then(|| format!("entities\u{a0}{}", fit.n_entities())));
    line.push(format!("R²\u{a0}{}", format::general(all, 6)));
    line.extend(within.map(|within| format!("within\u{a0}R²\u{a0}{}", format::general(within, 6))));
    shown = shown.note(line.join("   ")).note(errors(fit));
    fit.notes().iter().fold(shown, |shown, note| shown.note(note.to_string()))
}

/// Under which errors, and whose.
pub(crate) fn errors(fit: &Fit) -> String {
    let (vcov, like) = fit.spec();
    let clusters = fit.correction().n_clusters.map(|n| format!("; {n} clusters"));
    format!("errors: {vcov} as {like}{}", clusters.unwrap_or_default())
}

pub(crate) fn fit_json(fit: &Fit) -> Value {
    let (all, within) = r2(fit);
    let (vcov, like) = fit.spec();
    json!({
        "response": fit.response().to_string(),
        "terms": coefficients_json(&fit.coefficients()),
        "stats": {
            "n": fit.correction().n, "n_entities": fit.n_entities(),
            "n_clusters": fit.correction().n_clusters,
            "r2": all, "r2_within": within, "ssr": fit.sums().residual,
        },
        "vcov": vcov.to_string(), "like": like,
        "notes": texts(fit.notes()),
    })
}

/// Models beside each other as papers print them: a column each, standard errors in brackets.
///
/// Terms are in the order of `first`, then as the models have them, the constant last.
pub(crate) fn side_by_side(
    title: impl Into<String>,
    models: &[(String, &Fit)],
    first: &[&Term],
) -> Table {
    let columns: Vec<Vec<Coefficient>> = models.iter().map(|(_, fit)| fit.coefficients()).collect();
    let mut order: Vec<String> = first.iter().map(ToString::to_string).collect();
    for c in columns.iter().flatten() {
        if c.term != Fit::CONSTANT && !order.contains(&c.term) {
            order.push(c.term.clone());
        }
    }
    if columns.iter().flatten().any(|c| c.term == Fit::CONSTANT) {
        order.push(Fit::CONSTANT.to_owned());
    }
    let cell = |of: &[Coefficient], term: &str| {
        of.iter().find(|c| c.term == term).map_or_else(
            || number(""),
            |c| {
                let stars = format::stars(c.p_value, &[0.10, 0.05, 0.01]);
                let (b, se) = (format::general(c.estimate, 5), format::general(c.std_error, 5));
                number(format!("{b}{stars}\n({se})"))
            },
        )
    };
    let mut shown = table(title)
        .heads(std::iter::once(head("")).chain(models.iter().map(|(name, _)| head(name))))
        .rows(order.iter().map(|term| row(term.clone(), columns.iter().map(|of| cell(of, term)))))
        .rows([Row::Rule]);
    let line = |label: &str, of: &dyn Fn(&Fit) -> String| {
        row(label, models.iter().map(|(_, fit)| number(of(fit))).collect::<Vec<_>>())
    };
    shown = shown.rows([line("N", &|fit| fit.correction().n.to_string())]);
    if models.iter().any(|(_, fit)| grouped(fit)) {
        shown = shown.rows([line("entities", &|fit| fit.n_entities().to_string())]);
    }
    shown = shown.rows([line("R²", &|fit| format::fixed(r2(fit).0, 4))]);
    if models.iter().any(|(_, fit)| r2(fit).1.is_some()) {
        let within = |fit: &Fit| r2(fit).1.map_or_else(String::new, |x| format::fixed(x, 4));
        shown = shown.rows([line("within R²", &within)]);
    }
    shown = shown.note("standard errors in brackets; * p < .10, ** p < .05, *** p < .01");
    let mut said: Vec<String> = Vec::new();
    for (_, fit) in models {
        for note in std::iter::once(errors(fit)).chain(fit.notes().iter().map(ToString::to_string))
        {
            if !said.contains(&note) {
                said.push(note);
            }
        }
    }
    said.into_iter().fold(shown, Table::note)
}

pub(crate) fn texts<T: ToString>(notes: &[T]) -> Vec<String> {
    notes.iter().map(ToString::to_string).collect()
}

/// The account of the data as lines.
pub(crate) fn lines(account: &Account) -> Vec<String> {
    account.to_string().lines().map(str::to_owned).collect()
}

/// A table with more notes.
pub(crate) fn noted(shown: Table, notes: impl IntoIterator<Item = String>) -> Table {
    notes.into_iter().fold(shown, Table::note)
}
