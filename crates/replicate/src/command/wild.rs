//! `panelproof wild`: the wild cluster bootstrap of one coefficient.

use clap::Args;
use estimate::{Design, Reference, Tail, Wild as Outcome, WildSpec, wild_bootstrap};
use ingest::Account;
use panel::Model;
use report::{Table, format, head, number, row, table};
use serde_json::{Value, json};

use super::{Data, Document, Format, options, progress};
use crate::Error;

const MANUAL: &str = "\
With few clusters (a rule of thumb is fewer than 40) clustered standard errors are too small and
t tests reject too often. This test draws a sign, or a weight, for every cluster, makes a response
from the residuals, and sees how often a t as large comes about. Stata: boottest. R:
fwildclusterboot. Python: wildboottest.

With Rademacher weights and 2^G not above --replications all signs are taken: nothing is left to
chance, and the seed does not matter. With ten clusters and fewer, --weights webb has more values.
The same seed gives the same digits on any number of processors.

Examples:
  panelproof wild fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm + year\" --term value --by firm
  panelproof wild fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm\" --term value --by firm --null 0.1 \\
    --weights webb --replications 999 --seed 7 --interval
  panelproof wild fixtures/reference/petersen/data.csv --entity firm --period year \\
    --model \"y ~ x\" --term x --by year --impose no --tail equal-tailed --format json";

/// Test one coefficient when clusters are few: the wild cluster bootstrap.
#[derive(Debug, Args)]
#[command(after_help = MANUAL)]
pub(crate) struct Wild {
    #[command(flatten)]
    data: Data,
    /// The model, as in "y ~ x1 + x2 | id + year".
    #[arg(long)]
    model: String,
    /// The regressor under test, as the model writes it.
    #[arg(long)]
    term: String,
    /// The clusters of the errors.
    #[arg(long, value_name = "COLUMN")]
    by: String,
    /// What the coefficient is under the hypothesis.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    null: f64,
    /// Whether the draws obey the hypothesis: yes (WCR) or no (WCU; boottest's `nonull`).
    #[arg(long, default_value = "yes")]
    impose: String,
    /// rademacher, webb, mammen or normal.
    #[arg(long, default_value = "rademacher")]
    weights: String,
    /// Draws; of Rademacher weights all 2^G signs, if they are no more.
    #[arg(long, default_value_t = 9999)]
    replications: usize,
    /// Of the random numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What is more extreme than the data: symmetric, equal-tailed, lower or upper.
    #[arg(long, default_value = "symmetric")]
    tail: String,
    /// Whether a draw exactly as extreme as the data counts: strict (no, as boottest) or weak.
    #[arg(long, default_value = "strict")]
    ties: String,
    /// Invert the test to an interval about the estimate.
    #[arg(long)]
    interval: bool,
    /// The level of critical values, and of the interval: 0.05 for 95 %.
    #[arg(long, default_value_t = 0.05)]
    level: f64,
    /// Which rows share a weight, if not those of a cluster (boottest's `bootcluster()`).
    #[arg(long, value_name = "COLUMN")]
    draw_by: Option<String>,
    /// Whose small-sample convention; it cancels in the bootstrap p.
    #[arg(long, default_value = "stata-xtreg", value_name = "PROGRAM")]
    like: String,
    /// keep or drop levels of an absorbed factor that are observed once; the convention's if not
    /// given.
    #[arg(long)]
    singletons: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Draws and prints.
pub(crate) fn wild(arguments: &Wild) -> Result<(String, u8), Error> {
    let model: Model = arguments.model.parse()?;
    let spec = WildSpec {
        term: arguments.term.parse()?,
        null: arguments.null,
        impose: match arguments.impose.as_str() {
            "yes" => true,
            "no" => false,
            other => {
                let what = format!("--impose is yes or no, not `{other}`");
                return Err(Error::Usage { what });
            }
        },
        weights: arguments.weights.parse()?,
        by: arguments.by.clone(),
        draw_by: arguments.draw_by.clone(),
        convention: options::convention(&arguments.like, arguments.singletons.as_deref())?,
        tail: arguments.tail.parse()?,
        ties: arguments.ties.parse()?,
        level: arguments.level,
        interval: arguments.interval,
        replications: arguments.replications,
        seed: arguments.seed,
    };
    let mut columns = model.columns();
    columns.extend(
        [Some(&spec.by), spec.draw_by.as_ref()]
            .into_iter()
            .flatten()
            .flat_map(|by| options::pair(by)),
    );
    let (panel, account) = arguments.data.open(columns)?;
    let design = Design::new(&panel, &model, spec.convention.singletons)?;
    let outcome =
        progress::bar("draws", spec.replications, |tick| wild_bootstrap(&design, &spec, tick))?;
    let document = Document {
        tables: vec![as_table(&outcome, &design, &model, &account)],
        json: as_json(&outcome, &design, &model, &account),
    };
    Ok((document.print(arguments.format), 0))
}

fn as_table(outcome: &Outcome, design: &Design<'_>, model: &Model, account: &Account) -> Table {
    let spec = outcome.spec();
    let percent = format!("{} % from", format::general(100.0 * (1.0 - spec.level), 6));
    let mut heads = vec![
        design.response_term().to_string(),
        "estimate".to_owned(),
        "std. error".to_owned(),
        "t".to_owned(),
        format!("p, {}", tail(outcome.correction().reference)),
        "p, bootstrap".to_owned(),
    ];
    let mut cells = vec![
        number(format::general(outcome.estimate(), 7)),
        number(format::general(outcome.std_error(), 7)),
        number(format::fixed(outcome.statistic(), 4)),
        number(format::p_value(outcome.asymptotic_p_value(), 4)),
        // Zero is what the draws say: none of them is more extreme.
        number(format::fixed(outcome.p_value(), 4)),
    ];
    if let Some((low, high)) = outcome.interval() {
        heads.extend([percent, "to".to_owned()]);
        let end = |end: Option<f64>, open: &str| match end {
            Some(end) => number(format::general(end, 7)),
            None => number(open),
        };
        cells.extend([end(low, "−∞"), end(high, "∞")]);
    }
    let mut shown = table(format!("Wild cluster bootstrap: {model}"))
        .heads(heads.into_iter().map(head))
        .rows([row(spec.term.to_string(), cells)])
        .note(format!("hypothesis: {} = {}", spec.term, format::general(spec.null, 7)));
    let draws = outcome.statistics().len();
    let how = if outcome.enumerated() {
        format!("all {draws} signs, enumerated")
    } else {
        format!("{draws} draws, seed {}", spec.seed)
    };
    let shared = match &spec.draw_by {
        Some(by) => format!(", weights shared by {} groups of `{by}`", outcome.n_draw_clusters()),
        None => String::new(),
    };
    let imposed = if spec.impose { "imposed (WCR)" } else { "not imposed (WCU)" };
    shown = shown
        .note(format!("n {}   {} clusters by `{}`", design.n(), outcome.n_clusters(), spec.by))
        .note(format!(
            "{how}; {} weights{shared}; null {imposed}; {} p, ties {}",
            spec.weights, spec.tail, spec.ties
        ))
        .note(critical(outcome))
        .note(format!("std. error and t: cluster {} as {}", spec.by, spec.convention));
    if matches!(spec.tail, Tail::Lower | Tail::Upper) {
        let reference = tail(outcome.correction().reference);
        shown = shown
            .note(format!("p, {reference} is two-sided, p, bootstrap of the {} tail", spec.tail));
    }
    if !outcome.enumerated() && outcome.p_value() <= 0.0 {
        shown = shown.note(format!("no draw is more extreme: p is below 1/{draws}"));
    }
    let notes = outcome.notes().into_iter().map(|note| note.to_string());
    for note in notes.chain(options::lines(account)) {
        shown = shown.note(note);
    }
    shown
}

/// Where the test begins to reject.
fn critical(outcome: &Outcome) -> String {
    let spec = outcome.spec();
    let (low, high) = outcome.critical_values();
    let text = |value: Option<f64>| value.map(|value| format::fixed(value, 4));
    let at = format!("at level {}", format::general(spec.level, 6));
    match (spec.tail, text(low), text(high)) {
        (Tail::Symmetric, _, Some(high)) => format!("rejects {at} where |t| ≥ {high}"),
        (_, Some(low), Some(high)) => format!("rejects {at} where t ≤ {low} or t ≥ {high}"),
        (_, Some(low), None) => format!("rejects {at} where t ≤ {low}"),
        (_, None, Some(high)) => format!("rejects {at} where t ≥ {high}"),
        (_, None, None) => format!("too few draws to reject {at}"),
    }
}

fn tail(reference: Reference) -> String {
    match reference {
        Reference::Normal => "normal".to_owned(),
        Reference::T(df) => format!("t({df})"),
        Reference::Satterthwaite(df) => format!("t({df:.2})"),
    }
}

fn as_json(outcome: &Outcome, design: &Design<'_>, model: &Model, account: &Account) -> Value {
    let spec = outcome.spec();
    let pair = |(low, high): (Option<f64>, Option<f64>)| json!([low, high]);
    let notes: Vec<String> = outcome.notes().iter().map(ToString::to_string).collect();
    json!({
        "model": model.to_string(),
        "term": spec.term.to_string(),
        "null": spec.null,
        "estimate": outcome.estimate(),
        "std_error": outcome.std_error(),
        "statistic": outcome.statistic(),
        "asymptotic_p_value": outcome.asymptotic_p_value(),
        "df": outcome.correction().reference.df(),
        "p_value": outcome.p_value(),
        "critical_values": pair(outcome.critical_values()),
        "interval": outcome.interval().map(pair),
        "n": design.n(),
        "n_clusters": outcome.n_clusters(),
        "n_draw_clusters": outcome.n_draw_clusters(),
        "draws": outcome.statistics().len(),
        "enumerated": outcome.enumerated(),
        "spec": {
            "by": spec.by, "draw_by": spec.draw_by, "impose": spec.impose,
            "weights": spec.weights.to_string(), "tail": spec.tail.to_string(),
            "ties": spec.ties.to_string(), "level": spec.level,
            "replications": spec.replications, "seed": spec.seed,
            "like": spec.convention.name,
        },
        "notes": notes,
        "account": options::lines(account),
    })
}
