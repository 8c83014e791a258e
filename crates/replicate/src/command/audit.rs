//! `panelproof audit`: what printed tables prove about themselves.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use report::audit as shown;
use report::render::Style;
use serde::Serialize;

use crate::Error;
use crate::auditing::shown::report;
use crate::auditing::subject::{Subject, Wanted, find};
use crate::cli::{ended, write_whole};

/// Say what printed tables prove about themselves; no data needed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Audit {
    /// A table: .csv, .tsv, .txt, .md, .tex or .xlsx, `-` for what is piped in; a published.toml; or a paper by its key.
    #[arg(value_name = "FILE|KEY")]
    what: String,
    /// What is known of the columns beyond what is printed; audit.toml beside a published.toml if not given.
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// The sheet of a workbook; all that have cells if not given.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// How to show it; by what --out ends in, or as text.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write it to a file.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the tables as they were read, as a published.toml to go on from, and audit nothing.
    #[arg(long, conflicts_with = "format")]
    as_toml: bool,
    /// The folder that holds `papers/`; found upwards from here if not given.
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

/// How an audit is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// For a README.
    Markdown,
    /// One page for a browser, complete in one file.
    Html,
    /// For programs.
    Json,
}

const EXAMPLES: &str = "Examples:
  panelproof audit fixtures/audit/table.csv
  panelproof audit fixtures/audit/table.tex --format html -o target/audit.html
  panelproof audit fixtures/audit/table.csv --as-toml
  panelproof audit chen-sun --format json

A pasted table has its rows and columns as printed: estimates with their stars, what is in brackets beside or
below them, N and R2. What brackets and stars mean is read from the lines around it, as in `Standard errors in
parentheses. *** p<0.01, ** p<0.05, * p<0.1`. What is no number (a dash, a footnote letter) is words and not
checked; the report says so.

What is not printed goes into a schema, for instance:

  [panel]
  units = 31
  periods = 12
  [[sample]]                       # these columns have the same rows
  columns = [\"4/(4)\", \"5/(1)\", \"5/(2)\"]
  [[mediation]]
  mediator = \"Ind-a\"
  first = \"5/(1)\"
  second = \"5/(2)\"
  total = \"4/(4)\"

`table/(column)` is how a column is called: a pasted table without a number is 1. What is not said is inferred
where that is safe, and the report lists it. docs/tutorial-audit.md takes five minutes.

A finding is arithmetic: it says that numbers cannot all be right as printed, not which, nor why.

Exit status: 0 nothing is impossible; 3 something is; 2 bad input.";

/// Reads, audits and shows.
pub(crate) fn audit(arguments: &Audit) -> Result<(String, u8), Error> {
    let wanted = Wanted {
        what: &arguments.what,
        sheet: arguments.sheet.as_deref(),
        schema: arguments.schema.as_deref(),
        fixtures: arguments.fixtures.as_deref(),
    };
    let subject = find(&wanted)?;
    if arguments.as_toml {
        return written(arguments, as_toml(&subject), 0, "the tables");
    }
    let audit = audit::audit(&subject.paper, &subject.schema)?;
    let text = match format(arguments) {
        Format::Json => json(&subject, &audit),
        Format::Text => {
            let terminal = arguments.out.is_none() && std::io::stdout().is_terminal();
            let colour = terminal && std::env::var_os("NO_COLOR").is_none();
            let style = if colour { Style::Ansi } else { Style::Plain };
            shown::text(&report(&subject, &audit), style)
        }
        Format::Markdown => shown::markdown(&report(&subject, &audit)),
        Format::Html => shown::html(&report(&subject, &audit)),
    };
    let status = if audit.is_impossible() { 3 } else { 0 };
    let impossible = audit.counts.impossible;
    let verdict = format!("{impossible} of {} equations cannot hold;", audit.counts.equations);
    written(arguments, text, status, &verdict)
}

/// The text for standard output; what goes to a file leaves a line there.
fn written(arguments: &Audit, text: String, status: u8, what: &str) -> Result<(String, u8), Error> {
    let text = ended(text);
    let Some(out) = &arguments.out else { return Ok((text, status)) };
    write_whole(out, &text)?;
    Ok((format!("{what} written to {}\n", out.display()), status))
}

fn format(arguments: &Audit) -> Format {
    let ending =
        arguments.out.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
    arguments.format.unwrap_or(match ending {
        Some("html" | "htm") => Format::Html,
        Some("md" | "markdown") => Format::Markdown,
        Some("json") => Format::Json,
        _ => Format::Text,
    })
}

/// The audit as the program has it, and how pasted tables were read.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    audit: &'a audit::Audit,
    remarks: &'a [String],
}

fn json(subject: &Subject, audit: &audit::Audit) -> String {
    let document = Document { audit, remarks: &subject.remarks };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

/// The tables as read, with the remarks as comments.
fn as_toml(subject: &Subject) -> String {
    let mut out = String::new();
    for remark in &subject.remarks {
        let _ = writeln!(out, "# {}", remark.replace(['\n', '\r'], " "));
    }
    out + &subject.paper.to_string()
}
