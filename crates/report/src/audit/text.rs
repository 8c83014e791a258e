//! An audit for a terminal of 100 columns.

use super::lines;
use super::{Finding, Marked, Report, Verdict};
use crate::render::{Style, paint, styled, width};
use crate::width::wrap;

/// Columns of a terminal that a table may take.
const COLUMNS: usize = 100;
/// Columns that the label of a row may take.
const LABEL: usize = 44;
/// Columns that prose may take.
const MEASURE: usize = 88;

/// An audit as text: findings with their arithmetic, the tables marked, conventions, and counts of
/// what agrees.
pub fn text(report: &Report, style: Style) -> String {
    let Report { key, title, byline, counts, .. } = report;
    let named =
        if title == key || title.is_empty() { key.clone() } else { format!("{key}: {title}") };
    let mut out = bold(&wrap("", &format!("Audit of {named}"), MEASURE), style) + "\n";
    if !byline.is_empty() {
        out += &(wrap("", byline, MEASURE) + "\n");
    }
    out += &(wrap("", lines::LEAD, MEASURE) + "\n\n");
    out += &(bold(&wrap("", &lines::tally(*counts), MEASURE), style) + "\n");
    out += &bullets(lines::REMARKS, &report.remarks, style);
    out += &impossible(report, style);
    out += &assumed(report, style);
    out += &tables(&report.tables, style);
    let conventions = report.conventions.iter().map(lines::convention);
    let conventions: Vec<_> = conventions.map(|(says, rest)| format!("{says} — {rest}")).collect();
    out += &bullets(lines::CONVENTIONS, &conventions, style);
    let by_reason = |all| {
        let groups = lines::by_reason(all).into_iter();
        groups.map(|(why, what)| format!("{}: {why}", what.join("; "))).collect::<Vec<_>>()
    };
    out += &bullets(lines::INFERRED, &by_reason(&report.inferred), style);
    out += &bullets(lines::UNCHECKED, &by_reason(&report.unchecked), style);
    let agreeing = report.agreeing.iter();
    let agreeing: Vec<_> =
        agreeing.map(|it| format!("{}: {}", it.check, it.explanations.len())).collect();
    if !agreeing.is_empty() {
        out += &format!("\n{}\n", bold(lines::AGREES, style));
        out += &(wrap("  ", &agreeing.join(", "), MEASURE) + "\n");
        out += &(wrap("  ", "Each with its arithmetic: --format html or json.", MEASURE) + "\n");
    }
    out
}

fn bold(text: &str, style: Style) -> String {
    match style {
        Style::Plain => text.to_owned(),
        Style::Ansi => format!("\u{1b}[1m{text}\u{1b}[0m"),
    }
}

fn bullets(title: &str, all: &[String], style: Style) -> String {
    if all.is_empty() {
        return String::new();
    }
    let all: String = all.iter().map(|line| wrap("  - ", line, MEASURE) + "\n").collect();
    format!("\n{}\n{all}", bold(title, style))
}

fn impossible(report: &Report, style: Style) -> String {
    let all = (1..).zip(&report.findings).filter(|(_, it)| it.verdict == Verdict::Impossible);
    let mut all: String = all.map(|(n, it)| finding(n, it, style)).collect();
    for line in lines::joint(report) {
        all += &(wrap("     ", &line, MEASURE) + "\n");
    }
    if all.is_empty() { all } else { format!("\n{}\n{all}", bold(lines::IMPOSSIBLE, style)) }
}

fn finding(n: usize, finding: &Finding, style: Style) -> String {
    let mut out = numbered(n, finding, style);
    let mut more = |lead: &str, text: &str| {
        out += &(wrap(&format!("     {lead}"), text, MEASURE) + "\n");
    };
    if let Some(intervals) = lines::intervals(finding) {
        more("", &intervals);
    }
    more(&format!("{}: ", finding.check), &lines::cells(finding));
    for repair in lines::repairs(finding) {
        more("would mend it: ", &repair);
    }
    out
}

/// A sign, a number and the arithmetic.
fn numbered(n: usize, finding: &Finding, style: Style) -> String {
    let sign = finding.verdict.sign();
    let text = wrap(&format!("{sign}{n:<3} "), &finding.explanation, MEASURE) + "\n";
    text.replacen(sign, &paint(sign, lines::tone(finding.verdict), style), 1)
}

fn assumed(report: &Report, style: Style) -> String {
    let mut out = String::new();
    for (assumption, findings) in lines::assumed(report) {
        out += &(wrap("Holds if ", &format!("{assumption}:"), MEASURE) + "\n");
        for (n, finding) in findings {
            out += &numbered(n, finding, style);
        }
    }
    if out.is_empty() { out } else { format!("\n{}\n{out}", bold(lines::ASSUMED, style)) }
}

fn tables(tables: &[Marked], style: Style) -> String {
    let met = lines::met(tables);
    if !tables.iter().any(Marked::is_checked) {
        return lines::unread(tables)
            .map_or_else(String::new, |line| format!("\n{}\n", wrap("", &line, MEASURE)));
    }
    let legend = met.iter().map(|verdict| {
        format!("{} {}", paint(verdict.sign(), lines::tone(*verdict), style), verdict.meaning())
    });
    let mut out = format!("\n{}\n", bold(lines::TABLES, style));
    out += &(legend.collect::<Vec<_>>().join("\n") + "\n");
    if met.iter().any(|verdict| *verdict >= Verdict::NeedsAssumption) {
        out += "The number behind a sign is that of the finding above.\n";
    }
    for marked in tables.iter().filter(|table| table.is_checked()) {
        out += &format!(
            "\n{}\n{}",
            bold(&wrap("", &marked.title, MEASURE), style),
            one(marked, style)
        );
    }
    if let Some(line) = lines::unread(tables) {
        out += &format!("\n{}\n", wrap("", &line, MEASURE));
    }
    out
}

/// A table; one that is wider than a terminal is continued below.
fn one(marked: &Marked, style: Style) -> String {
    let n = marked.columns.len().max(1);
    let cut = |k: usize| {
        let part = |i: usize| {
            let (from, to) = (i * n / k, (i + 1) * n / k);
            lines::table_of(marked, from, to.min(marked.columns.len()), LABEL)
        };
        (0..k).map(part).collect::<Vec<_>>()
    };
    let fits = |parts: &Vec<_>| parts.iter().all(|part| width(part) <= COLUMNS);
    // A table is cut in halves, thirds and so on; one of a hundred columns is not tried in every way.
    let parts = (1..n.min(12)).map(cut).find(fits).unwrap_or_else(|| cut(n));
    parts.iter().map(|part| styled(part, style)).collect::<Vec<_>>().join("\n")
}
