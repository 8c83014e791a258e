//! `panelproof index`: a composite index from a scheme.

use std::path::{Path, PathBuf};

use clap::Args;
use estimate::describe;
use index::{Aggregate, Composite, Scheme, composite, contributions};
use ingest::Account;
use panel::Panel;
use report::{Table, format, head, number, row, table};
use serde_json::{Value, json};

use super::tables::{lines, noted, save, seven, texts};
use super::{Data, Document, Format};
use crate::{Error, Place, indices, study};

/// A composite index: weights, entropies, sub-indices and scores from a scheme in a file.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Index {
    #[command(flatten)]
    data: Data,
    /// The scheme, a TOML file: every choice that moves a digit is written in it.
    #[arg(long, value_name = "SCHEME.toml")]
    scheme: PathBuf,
    /// Write the scores, the sub-indices and what each indicator adds to a .csv or .parquet file.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  panelproof index fixtures/reference/entropy/data_produc_panel.csv \\
    --entity state --period year --scheme fixtures/reference/entropy/scheme.toml
  panelproof index fixtures/reference/entropy/data_produc_panel.csv \\
    --entity state --period year --scheme fixtures/reference/entropy/scheme.toml --format json

A scheme names the indicators, each with a direction (positive, negative, or target NUMBER) and the
dimension that it lies in (a text, or a list from the outermost), and says how they are normalised,
shifted, weighed and aggregated. Nothing has a default. `weights` is a word (equal, entropy, entropy-raw,
critic, standard-deviation, variation, variation-raw) or a table:

  weights = { given = { hwy = 0.4, gsp = 0.6 } }
  weights = { principal-components = { keep = \"kaiser\", entries = \"squared\" } }
  weights = { ahp = { priorities = \"eigenvector\", matrices = [{ matrix = [[1, 3], [\"1/3\", 1]] }] } }

entropy takes p = z/Σz of normalised values, entropy-raw p = x/Σx of values as they are. A row without
some indicator has no score: nothing is imputed.";

/// Computes and prints.
pub(crate) fn index(arguments: &Index) -> Result<(String, u8), Error> {
    let scheme = scheme(&arguments.scheme)?;
    let columns = scheme.indicators.iter().map(|indicator| indicator.name.as_str()).collect();
    let (panel, account) = arguments.data.open(columns)?;
    let found = composite(&panel, &scheme)?;
    let parts = match scheme.aggregate {
        Aggregate::Topsis => None,
        _ => Some(contributions(&panel, &found)?),
    };
    let mut said = lines(&account);
    if let Some(path) = &arguments.out {
        said.push(save(&written(panel, &found, parts.as_deref())?, path)?);
    }
    let scores = noted(scores(&found, parts.as_deref()), said);
    let document = Document {
        tables: vec![indices::scheme_table(&found), scores],
        json: as_json(&found, parts.as_deref(), &account),
    };
    Ok((document.print(arguments.format), 0))
}

fn scheme(path: &Path) -> Result<Scheme, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::Io { path: path.to_owned(), reason: error.to_string() })?;
    toml::from_str(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let place: Place = study::place(&path.display().to_string(), &text, at);
        Error::Study { place, what: error.message().to_owned() }
    })
}

/// Scores, sub-indices and what each indicator adds, beside the key.
fn written(
    panel: Panel,
    found: &Composite,
    parts: Option<&[Vec<f64>]>,
) -> Result<Panel, panel::Error> {
    let mut columns = indices::columns(found);
    let name = &found.scheme.name;
    for (indicator, part) in found.indicators.iter().zip(parts.unwrap_or_default()) {
        let column = format!("{name} from {}", indicator.indicator.name);
        columns.push((column, panel::Column::Number(part.clone())));
    }
    Panel::new(panel.index().clone(), columns)
}

/// The index and its dimensions: weight and moments; of indicators their part of the mean score.
fn scores(found: &Composite, parts: Option<&[Vec<f64>]>) -> Table {
    let heads = ["", "weight", "N", "mean", "sd", "min", "median", "max"];
    let mut shown = table(format!("Scores of {}", found.scheme.name)).heads(heads.map(head));
    let mean = |weights: &[f64]| weights.iter().sum::<f64>() / weights.len().max(1) as f64;
    let line = |label: String, weight: f64, scores: &[f64]| {
        describe(scores).map(|d| {
            let numbers = [d.mean, d.sd, d.min, d.median, d.max].map(|x| number(seven(x)));
            let counts = [number(format::fixed(weight, 6)), number(d.n.to_string())];
            row(label, counts.into_iter().chain(numbers))
        })
    };
    shown = shown.rows(line(found.scheme.name.clone(), 1.0, &found.scores));
    for dimension in &found.dimensions {
        shown = shown.rows(line(dimension.name(), mean(&dimension.weights), &dimension.scores));
    }
    if let Some(parts) = parts {
        let totals: Vec<f64> =
            parts.iter().map(|part| describe(part).map_or(0.0, |d| d.mean * d.n as f64)).collect();
        let whole: f64 = totals.iter().sum();
        let share = |(indicator, total): (&index::Weighed, &f64)| {
            let percent = format::fixed(100.0 * total / whole, 1);
            format!("{} {percent} %", indicator.indicator.label())
        };
        let shares: Vec<String> = found.indicators.iter().zip(&totals).map(share).collect();
        let of = if found.scheme.aggregate == Aggregate::Geometric {
            "the logarithm of the scores"
        } else {
            "the scores"
        };
        shown = shown.note(format!("of {of}: {}", shares.join(", ")));
    }
    if found.periods.is_some() {
        shown = shown.note("weights are means over the periods");
    }
    shown
}

fn as_json(found: &Composite, parts: Option<&[Vec<f64>]>, account: &Account) -> Value {
    // JSON has no NaN: a row without a score is null.
    let known = |values: &[f64]| -> Vec<Option<f64>> {
        values.iter().map(|x| x.is_finite().then_some(*x)).collect()
    };
    json!({
        "scheme": found.scheme,
        "n": found.n,
        "periods": found.periods,
        "indicators": found.indicators.iter().enumerate().map(|(j, one)| json!({
            "name": one.indicator.name, "weights": one.weights, "local": one.local,
            "entropy": one.entropy, "divergence": one.divergence(),
            "contributions": parts.map(|parts| known(&parts[j])),
        })).collect::<Vec<_>>(),
        "dimensions": found.dimensions.iter().map(|one| json!({
            "path": one.path, "weights": one.weights, "local": one.local,
            "entropy": one.entropy, "scores": known(&one.scores),
        })).collect::<Vec<_>>(),
        "consistency": found.consistency.iter().map(|one| json!({
            "node": one.node, "lambda_max": one.lambda_max, "index": one.index, "ratio": one.ratio,
        })).collect::<Vec<_>>(),
        "scores": known(&found.scores),
        "notes": texts(&found.notes), "account": lines(account),
    })
}
