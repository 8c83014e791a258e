//! `panelproof split`: a model by groups, and whether a coefficient differs between them.

use causal::split::{Cut, Groups, Interact, Split, SplitSpec, split as run};
use clap::Args;
use estimate::{Fit, Reference};
use ingest::Account;
use panel::{Model, Term};
use report::{Table, format, head, number, row, table};
use serde_json::{Value, json};

use super::tables::{Linear, clustering, fit_json, lines, noted, seven, side_by_side, usage};
use super::{Data, Document, Format, progress};
use crate::Error;

/// A model in every group of entities or rows, and tests of whether a coefficient differs.
#[derive(Debug, Args)]
#[command(name = "split", after_help = EXAMPLES)]
pub(crate) struct SplitArguments {
    #[command(flatten)]
    data: Data,
    /// The model of every group, as in "y ~ x + controls | id + year".
    #[arg(long)]
    model: String,
    /// The regressor whose coefficients are compared.
    #[arg(long, value_name = "TERM")]
    of: String,
    /// Groups are the levels of this column.
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["quantiles", "mean_of"])]
    by: Option<String>,
    /// So many groups of entities, by their average of the column of --mean-of.
    #[arg(long, value_name = "GROUPS", requires = "mean_of")]
    quantiles: Option<usize>,
    /// The column whose average over an entity's rows puts it into a quantile group.
    #[arg(long, value_name = "TERM", requires = "quantiles")]
    mean_of: Option<String>,
    /// Where the cuts lie: xtile (Stata's, ties in the lower group) or rank (equal counts).
    #[arg(long, default_value = "xtile")]
    cut: String,
    /// What differs between groups in the regression that tests the difference: all (a Chow test;
    /// with clustered errors Stata's suest) or term (the regressor alone).
    #[arg(long, default_value = "all")]
    interact: String,
    /// Fisher's permutation test of each difference with so many draws (Stata's bdiff).
    #[arg(long, value_name = "DRAWS")]
    permutations: Option<usize>,
    /// The seed of the permutations.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    linear: Linear,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  panelproof split fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm\" --of value --quantiles 2 --mean-of capital \\
    --permutations 200
  panelproof split fixtures/reference/mediation_jobs/data.csv --by treat \\
    --model \"depress2 ~ job_seek + depress1 + age\" --of job_seek --vcov robust

Rows are those that the model can use on the whole panel: a lag at the edge of a group is the lag
of the panel.";

/// Estimates and prints.
pub(crate) fn split(arguments: &SplitArguments) -> Result<(String, u8), Error> {
    let spec = spec(arguments)?;
    let mut columns = spec.model.columns();
    match &spec.groups {
        Groups::Category(by) => columns.push(by),
        Groups::Quantiles { of, .. } => columns.extend(of.columns()),
    }
    columns.extend(clustering(&spec.estimation.vcov));
    let (panel, account) = arguments.data.open(columns)?;
    let outcome = match spec.permutation {
        // A step is a draw of one pair; how many pairs there are is not known before.
        Some((draws, _)) => progress::bar("permutations", draws, |tick| run(&panel, &spec, tick)),
        None => run(&panel, &spec, &|_| ()),
    }?;
    let document = Document {
        tables: vec![columns_by_group(&outcome, &spec), differences(&outcome, &spec, &account)],
        json: as_json(&outcome, &spec, &account),
    };
    Ok((document.print(arguments.format), 0))
}

fn spec(arguments: &SplitArguments) -> Result<SplitSpec, Error> {
    let model: Model = arguments.model.parse()?;
    let cut: Cut = arguments.cut.parse()?;
    let interact: Interact = arguments.interact.parse()?;
    let groups = match (&arguments.by, arguments.quantiles, &arguments.mean_of) {
        (Some(by), _, _) => Groups::Category(by.clone()),
        (None, Some(groups @ 2..), Some(of)) => Groups::Quantiles { of: of.parse()?, groups, cut },
        (None, Some(groups), _) => {
            return usage(format!("--quantiles {groups}: a comparison needs two groups or more"));
        }
        _ => return usage("say how rows are put into groups: --by, or --quantiles with --mean-of"),
    };
    if arguments.permutations == Some(0) {
        return usage("--permutations 0: a test needs a draw; leave the option out for none");
    }
    Ok(SplitSpec {
        model,
        groups,
        estimation: arguments.linear.spec()?,
        of: arguments.of.parse()?,
        interact,
        permutation: arguments.permutations.map(|draws| (draws, arguments.seed)),
    })
}

fn columns_by_group(outcome: &Split, spec: &SplitSpec) -> Table {
    let models: Vec<(String, &Fit)> =
        outcome.parts.iter().map(|part| (part.label.clone(), &part.fit)).collect();
    let first: Vec<&Term> = vec![&spec.of];
    side_by_side(format!("{} by {}", spec.model, spec.groups), &models, &first)
}

fn differences(outcome: &Split, spec: &SplitSpec, account: &Account) -> Table {
    let permuted = spec.permutation.is_some();
    let normal = outcome.differences.iter().all(|d| d.reference == Reference::Normal);
    let mut heads = vec!["", "difference", "std. error", if normal { "z" } else { "t" }, "p"];
    if permuted {
        heads.push("permutation p");
    }
    let rows = outcome.differences.iter().enumerate().map(|(i, d)| {
        let mut cells = vec![
            number(seven(d.estimate)),
            number(seven(d.std_error)),
            number(format::fixed(d.statistic, 2)),
            number(format::p_value(d.p_value, 4)),
        ];
        if let Some(test) = outcome.permutations.get(i) {
            cells.push(number(format::p_value(test.p_value, 4)));
        }
        row(format!("{} − {}", d.between.0, d.between.1), cells)
    });
    let shown = table(format!("Differences of the coefficient of {}", spec.of))
        .heads(heads.into_iter().map(head))
        .rows(rows);
    let (vcov, like) = (&spec.estimation.vcov, &spec.estimation.convention);
    let mut notes = vec![format!(
        "one regression of all groups, interact {}; errors: {vcov} as {like}",
        spec.interact
    )];
    if let Some((draws, seed)) = spec.permutation {
        let kept = outcome.permutations.iter().map(|test| test.draws.0).min().unwrap_or(0);
        let lost = if kept < draws { format!(", {kept} of them estimable") } else { String::new() };
        notes.push(format!(
            "permutations: {draws} draws a pair, seed {seed}{lost}; p = (1 + draws as far from \
             zero)/(1 + draws), two-sided"
        ));
    }
    noted(shown, notes.into_iter().chain(lines(account)))
}

fn as_json(outcome: &Split, spec: &SplitSpec, account: &Account) -> Value {
    let parts: Vec<Value> = (outcome.parts.iter())
        .map(|part| json!({ "group": part.label, "fit": fit_json(&part.fit) }))
        .collect();
    let differences: Vec<Value> = (outcome.differences.iter().enumerate())
        .map(|(i, d)| {
            let permutation = outcome.permutations.get(i);
            json!({
                "between": d.between, "estimate": d.estimate, "std_error": d.std_error,
                "statistic": d.statistic, "p_value": d.p_value,
                "permutation": permutation.map(|test| json!({
                    "p_value": test.p_value, "kept": test.draws.0, "draws": test.draws.1,
                })),
            })
        })
        .collect();
    json!({
        "model": spec.model.to_string(),
        "of": spec.of.to_string(),
        "groups": spec.groups.to_string(),
        "interact": spec.interact.to_string(),
        "seed": spec.permutation.map(|(_, seed)| seed),
        "parts": parts,
        "differences": differences,
        "account": lines(account),
    })
}
