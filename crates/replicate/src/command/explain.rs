//! `panelproof explain`: why two standard errors of one model differ.

use clap::Args;
use estimate::{Constant, Convention, ExplainedTerm, Explanation, Quantity, Spec, Vcov};
use ingest::Account;
use panel::{Model, Panel, Term};
use published::Number;
use report::{Row, Table, Tone, format, head, number, row, table, words};
use serde_json::{Map, Value, json};

use super::options::{numbered, sign};
use super::{Data, Document, Format, options};
use crate::Error;

const MANUAL: &str = "\
Programs agree on coefficients and print different standard errors. Each row of the table is an
ingredient of both, with what it multiplies the standard error by; the product of the effects is
the ratio, and ≠ marks what acts through other rows. With --against all the standard error of every
convention stands in one table; --printed marks those that round to what the other program printed.

  stata-xtreg   Stata xtreg, fe        reghdfe       Stata reghdfe      plm, plm-sss  R plm
  areg          Stata areg             fixest        R fixest, pyfixest
  linearmodels  Python linearmodels

Examples:
  panelproof explain fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm\" --vcov \"cluster firm\" --against all
  panelproof explain fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm\" --vcov \"cluster firm\" --term value --printed 0.0156
  panelproof explain fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm + year\" --vcov \"cluster firm\" \\
    --like stata-xtreg --against areg --term value
  panelproof explain fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm\" --vcov iid --like fixest \\
    --against fixest --against-vcov \"cluster firm\" --format json";

/// Say why two standard errors of one model differ, ingredient by ingredient.
#[derive(Debug, Args)]
#[command(after_help = MANUAL)]
pub(crate) struct Explain {
    #[command(flatten)]
    data: Data,
    /// The model, as in "y ~ x1 + x2 | id + year".
    #[arg(long)]
    model: String,
    /// iid, HC1 (robust), "cluster COLUMN" and so on.
    #[arg(long, default_value = "iid")]
    vcov: String,
    /// Whose small-sample convention.
    #[arg(long, default_value = "stata-xtreg", value_name = "PROGRAM")]
    like: String,
    /// Whose convention it is compared with, or all.
    #[arg(long, default_value = "all", value_name = "PROGRAM")]
    against: String,
    /// The covariance it is compared with; the same if not given.
    #[arg(long, value_name = "VCOV")]
    against_vcov: Option<String>,
    /// One regressor; all of them if not given. May be given again.
    #[arg(long)]
    term: Vec<String>,
    /// The standard error that the other program printed; marks the conventions that round to it.
    #[arg(long, value_name = "NUMBER")]
    printed: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Explains and prints.
pub(crate) fn explain(arguments: &Explain) -> Result<(String, u8), Error> {
    let model: Model = arguments.model.parse()?;
    let vcov: Vcov = arguments.vcov.parse()?;
    let other_vcov: Vcov = match &arguments.against_vcov {
        Some(vcov) => vcov.parse()?,
        None => vcov.clone(),
    };
    let spec = |vcov, convention| Spec { vcov, convention, constant: Constant::Omit };
    let first = spec(vcov, arguments.like.parse()?);
    let others: Vec<Spec> = match arguments.against.as_str() {
        "all" => Convention::ALL.into_iter().map(|c| spec(other_vcov.clone(), c)).collect(),
        name => vec![spec(other_vcov.clone(), name.parse()?)],
    };
    let wanted: Vec<Term> =
        arguments.term.iter().map(|term| term.parse()).collect::<Result<_, _>>()?;
    let mut columns = model.columns();
    columns.extend(options::columns(&first.vcov));
    columns.extend(options::columns(&other_vcov));
    let (panel, account) = arguments.data.open(columns)?;

    // What is wrong with the first side is wrong with every comparison.
    let own = estimate::explain(&panel, &model, &first, &first)?;
    let known: Vec<Term> = own.terms.iter().map(|explained| explained.term.clone()).collect();
    if let Some(term) = wanted.iter().find(|term| !known.contains(term)).cloned() {
        return Err(estimate::Error::NoTerm { term, terms: known }.into());
    }
    let terms = if wanted.is_empty() { known } else { wanted };

    let printed: Option<Number> = match &arguments.printed {
        None => None,
        Some(_) if arguments.against != "all" || terms.len() != 1 => {
            let what = "--printed needs one --term, and --against all";
            return Err(Error::Usage { what: what.to_owned() });
        }
        Some(text) => Some(text.parse().map_err(|_| {
            let what = format!("--printed is a number as printed, as in 0.0156, not `{text}`");
            Error::Usage { what }
        })?),
    };

    let document = if arguments.against == "all" {
        let all = compare(&panel, &model, &first, &others);
        against_all(&model, &first, &all, &terms, printed.as_ref(), &account)
    } else {
        let explanation = estimate::explain(&panel, &model, &first, &others[0])?;
        against_one(&model, &explanation, &terms, &account)
    };
    Ok((document.print(arguments.format), 0))
}

fn against_one(
    model: &Model,
    explanation: &Explanation,
    terms: &[Term],
    account: &Account,
) -> Document {
    let shown: Vec<&ExplainedTerm> =
        explanation.terms.iter().filter(|explained| terms.contains(&explained.term)).collect();
    let title = |of: &str| format!("Why the standard errors{of} differ: {model}");
    let [first, second] = explanation.sides.each_ref().map(ToString::to_string);
    let heads = || ["", first.as_str(), second.as_str(), "effect"].map(head);
    let mut tables = Vec::new();
    // Factors act on all terms alike; rows and covariances do not.
    let alike = shown.windows(2).all(|pair| {
        pair[0].parts.iter().zip(&pair[1].parts).all(|(a, b)| (a.1 - b.1).abs() < 1e-9)
    });
    let each = if alike { &shown[..1.min(shown.len())] } else { &shown[..] };
    for explained in each {
        let Some(mut rows) = explanation.table(&explained.term) else { continue };
        let of = if alike { String::new() } else { format!(" of `{}`", explained.term) };
        // Without the standard errors, which stand in the table of terms.
        rows.pop();
        let effect = format!("× {}", format::fixed(explained.ratio(), 6));
        let product = row("ratio", [words(""), words(""), words(effect)]);
        let rows = rows.into_iter().map(|[name, left, right, effect]| {
            // A difference that acts through other rows.
            let effect = if effect.is_empty() && left != right { "≠".to_owned() } else { effect };
            row(name, [words(left), words(right), words(effect)])
        });
        tables.push(table(title(&of)).heads(heads()).rows(rows).rows([Row::Rule, product]));
    }
    let cells = |explained: &ExplainedTerm| {
        [
            number(format::general(explained.std_errors[0], 9)),
            number(format::general(explained.std_errors[1], 9)),
            number(format::fixed(explained.ratio(), 6)),
        ]
    };
    let mut summary = table("Standard errors")
        .heads(["", first.as_str(), second.as_str(), "ratio"].map(head))
        .rows(shown.iter().map(|explained| row(explained.term.to_string(), cells(explained))));
    let sentences: Vec<String> =
        shown.iter().filter_map(|explained| explanation.sentence(&explained.term)).collect();
    for note in sentences.iter().cloned().chain(options::lines(account)) {
        summary = summary.note(note);
    }
    tables.push(summary);
    Document { tables, json: one_json(model, explanation, &shown, &sentences, account) }
}

/// Every spec beside the first, or why it refuses the model.
type Compared<'s> = (&'s Spec, Result<Explanation, String>);

fn compare<'s>(
    panel: &Panel,
    model: &Model,
    first: &Spec,
    others: &'s [Spec],
) -> Vec<Compared<'s>> {
    let explain = |other| estimate::explain(panel, model, first, other);
    others.iter().map(|other| (other, explain(other).map_err(|e| e.to_string()))).collect()
}

fn against_all(
    model: &Model,
    first: &Spec,
    all: &[Compared<'_>],
    terms: &[Term],
    printed: Option<&Number>,
    account: &Account,
) -> Document {
    let mut tables: Vec<Table> =
        terms.iter().map(|term| all_table(model, first, all, term, printed)).collect();
    if let Some(last) = tables.last_mut() {
        last.notes.extend(options::lines(account));
    }
    let records: Vec<Value> = all
        .iter()
        .map(|(spec, outcome)| {
            let (like, vcov) = (spec.convention.name, spec.vcov.to_string());
            match outcome {
                Ok(explanation) => json!({
                    "like": like, "vcov": vcov,
                    "ingredients": ingredients(explanation, 1),
                    "terms": explanation.terms.iter().filter(|e| terms.contains(&e.term)).map(|e| json!({
                        "term": e.term.to_string(), "estimate": e.estimates[1],
                        "std_error": e.std_errors[1], "ratio": e.ratio(),
                        "prints": printed.map(|p| p.interval().contains(e.std_errors[1])),
                    })).collect::<Vec<_>>(),
                }),
                Err(why) => json!({ "like": like, "vcov": vcov, "refused": why }),
            }
        })
        .collect();
    let json = json!({
        "model": model.to_string(),
        "vcov": first.vcov.to_string(),
        "like": first.convention.name,
        "against": records,
        "account": options::lines(account),
    });
    Document { tables, json }
}

/// Every convention's standard error of a term.
fn all_table(
    model: &Model,
    first: &Spec,
    all: &[Compared<'_>],
    term: &Term,
    printed: Option<&Number>,
) -> Table {
    let prints =
        |e: &ExplainedTerm| printed.is_some_and(|p| p.interval().contains(e.std_errors[1]));
    let mut notes = Vec::new();
    let mut found = Vec::new();
    let rows: Vec<Row> = all
        .iter()
        .filter_map(|(spec, outcome)| match outcome {
            Err(why) => {
                let sign = sign(numbered(&mut notes, why.clone()));
                let cells = [number(format!("none {sign}"))];
                Some(row(spec.convention.name, cells))
            }
            Ok(explanation) => {
                let explained = explanation.terms.iter().find(|e| e.term == *term)?;
                let value = |name| ingredient(explanation, name);
                let mut std_error = number(format::general(explained.std_errors[1], 9));
                if prints(explained) {
                    found.push(spec.convention.name);
                    std_error = std_error.marked("=", Tone::Good);
                }
                Some(row(
                    spec.convention.name,
                    [
                        std_error,
                        number(format::fixed(explained.ratio(), 6)),
                        number(value("rows n")),
                        number(value("parameters counted K")),
                        number(value("clusters G")),
                        number(value("factor c")),
                        words(value("statistics compared with")),
                    ],
                ))
            }
        })
        .collect();
    let side = format!("{} ({})", first.convention, first.vcov);
    let other = all.first().map_or(String::new(), |(spec, _)| spec.vcov.to_string());
    let mut shown = table(format!("Standard errors of `{term}` under {other}: {model}"))
        .heads(["like", "std. error", "ratio", "n", "K", "G", "factor c", "t with"].map(head))
        .rows(rows)
        .note(format!("ratio: the standard error as {side} over that of the row"));
    if let Some(printed) = printed {
        shown = shown.note(if found.is_empty() {
            format!(
                "no convention prints {printed} under {other}: try another --against-vcov; else \
                 the rows or the model differ"
            )
        } else {
            format!("= prints {printed}: {}", found.join(", "))
        });
    }
    for (at, note) in notes.iter().enumerate() {
        shown = shown.note(format!("{} {note}", sign(at + 1)));
    }
    shown
}

/// An ingredient of the second side, as text.
fn ingredient(explanation: &Explanation, name: &str) -> String {
    let found = explanation.ingredients.iter().find(|ingredient| ingredient.name == name);
    found.map_or(String::new(), |ingredient| ingredient.values[1].to_string())
}

fn quantity(quantity: &Quantity) -> Value {
    match quantity {
        Quantity::None => Value::Null,
        Quantity::Count(count) => json!(count),
        Quantity::Factor(formula, value) => json!({ "formula": formula, "value": value }),
        Quantity::Text(text) => json!(text),
    }
}

/// The ingredients of a side, by name.
fn ingredients(explanation: &Explanation, side: usize) -> Map<String, Value> {
    let named = explanation.ingredients.iter();
    named.map(|i| (i.name.to_owned(), quantity(&i.values[side]))).collect()
}

fn one_json(
    model: &Model,
    explanation: &Explanation,
    shown: &[&ExplainedTerm],
    sentences: &[String],
    account: &Account,
) -> Value {
    let sides: Vec<Value> = explanation
        .sides
        .iter()
        .enumerate()
        .map(|(at, side)| {
            json!({
                "vcov": side.vcov.to_string(), "like": side.convention,
                "ingredients": ingredients(explanation, at),
            })
        })
        .collect();
    let terms: Vec<Value> = shown
        .iter()
        .zip(sentences)
        .map(|(explained, sentence)| {
            let parts: Map<String, Value> = explained
                .parts
                .iter()
                .map(|(part, ratio)| (part.to_string(), json!(ratio)))
                .collect();
            json!({
                "term": explained.term.to_string(), "estimates": explained.estimates,
                "std_errors": explained.std_errors, "ratio": explained.ratio(),
                "parts": parts, "sentence": sentence,
            })
        })
        .collect();
    json!({
        "model": model.to_string(),
        "sides": sides,
        "terms": terms,
        "account": options::lines(account),
    })
}
