//! A replication for a terminal of 100 columns.

use super::claim::{tally as claims_tally, unchecked};
use super::lines::{self, Reason};
use super::{
    Claim, ClaimStatus, Compared, Counts, OWN, Own, Paper, Replication, SYNTHETIC, Verdict,
};
use crate::render::{Style, paint, styled, width};
use crate::table::{Tone, head, number, row, table};
use crate::width::wrap;

/// Columns of a terminal that a table may take.
const COLUMNS: usize = 100;
/// Columns that the label of a row may take in a table that is too wide.
const LABEL: usize = 44;
/// Columns that prose may take.
const MEASURE: usize = 88;

/// A replication as text: published above ours with a mark, counts, reasons, and a summary.
///
/// The marks say all without colour. A table that is wider than 100 columns is continued below;
/// rows of which nothing was computed are one line.
pub fn text(replication: &Replication, style: Style) -> String {
    let compares = replication.papers.iter().any(|paper| !paper.is_own);
    let mut out = if compares { legend(replication, style) + "\n" } else { String::new() };
    for (i, paper) in replication.papers.iter().enumerate() {
        if i > 0 {
            out += "\n";
        }
        out += &heading(paper, style);
        for compared in &paper.tables {
            out += "\n";
            out += &one(compared, paper, style);
        }
        for own in &paper.own {
            out += "\n";
            out += &of_own(own, style);
        }
        for figure in &paper.figures {
            let title = bold(&wrap("", &lines::figure(figure), MEASURE), style);
            out += &format!("\n{title}\n{}", styled(&lines::series(figure), style));
        }
        out += &claims(&paper.claims, style);
        out += &unused(paper, style);
        out += &bullets("Data", &paper.account, style);
        let sources = paper.sources.iter().map(|source| {
            let sha = source.sha256.get(..12).unwrap_or(&source.sha256);
            let file = format!("{} (sha256 {sha}…)", source.file);
            match source.provenance.as_str() {
                "" => file,
                provenance => format!("{file}: {provenance}"),
            }
        });
        out += &bullets("Sources", &sources.collect::<Vec<_>>(), style);
    }
    if compares { out + "\n" + &summary(replication, style) } else { out }
}

fn bold(text: &str, style: Style) -> String {
    match style {
        Style::Plain => text.to_owned(),
        Style::Ansi => format!("\u{1b}[1m{text}\u{1b}[0m"),
    }
}

fn legend(replication: &Replication, style: Style) -> String {
    let total = replication.counts();
    let met = Verdict::ALL.into_iter().filter(|&verdict| total.of(verdict) > 0);
    let marks = met.map(|v| format!("{} {}", sign(v, style), v.meaning())).collect::<Vec<_>>();
    let mut out = "Published above, ours below; a mark a cell, or one each for value, stars and \
                   uncertainty.\n"
        .to_owned();
    for pair in marks.chunks(2) {
        out += &format!("{}\n", pair.join("   "));
    }
    if replication.papers.iter().any(Paper::is_reconstructed) {
        out += &wrap(&format!("{} ", lines::DAGGER), SYNTHETIC, MEASURE);
        out += "\n";
    } else if total.computed() > 0 {
        out += "Every number of ours rests on real data.\n";
    }
    out
}

fn sign(verdict: Verdict, style: Style) -> String {
    paint(verdict.sign(), lines::tone(verdict), style)
}

fn heading(paper: &Paper, style: Style) -> String {
    let by = [paper.authors.join(", "), paper.citation.clone()];
    let by = by.iter().filter(|text| !text.is_empty()).map(String::as_str).collect::<Vec<_>>();
    let mut out = format!("{}\n", "━".repeat(MEASURE));
    out += &bold(&wrap("", &format!("{}: {}", paper.key, paper.title), MEASURE), style);
    out += "\n";
    if !by.is_empty() {
        out += &format!("{}\n", wrap("", &by.join(". "), MEASURE));
    }
    if paper.is_own {
        out += &format!("{OWN}\n");
    }
    out
}

/// A table of our own; one that is wider than a terminal is continued below.
fn of_own(own: &Own, style: Style) -> String {
    let title = bold(&wrap("", &lines::own(own), MEASURE), style);
    let n = own.columns.len().max(1);
    let cut = |k: usize| (0..k).map(|i| own.part(i * n / k, (i + 1) * n / k)).collect::<Vec<_>>();
    let fits = |parts: &Vec<Own>| parts.iter().all(|part| width(&part.table("")) <= COLUMNS);
    let mut parts = (1..n).map(cut).find(fits).unwrap_or_else(|| cut(n));
    // Notes stand under the last part.
    if let Some((_, others)) = parts.split_last_mut() {
        for part in others {
            part.notes.clear();
        }
    }
    let parts: Vec<String> = parts.iter().map(|part| styled(&part.table(""), style)).collect();
    format!("{title}\n{}", parts.join("\n"))
}

/// Statements that were checked, then those that cannot be, by reason.
fn claims(claims: &[Claim], style: Style) -> String {
    if claims.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", bold("Statements of the text", style));
    for claim in claims.iter().filter(|claim| claim.status != ClaimStatus::NotCheckable) {
        out += &(wrap("  ", &claim.line(), MEASURE) + "\n");
        let plain = format!("    {} {}, {}: ", claim.sign(), claim.status.name(), claim.finding());
        let sign = paint(claim.sign(), claim.tone(), style);
        out += &(wrap(&plain, &claim.says, MEASURE).replacen(claim.sign(), &sign, 1) + "\n");
    }
    for (says, group) in unchecked(claims) {
        let subjects: Vec<String> = group.iter().map(|claim| claim.line()).collect();
        let text =
            format!("{}. {}", lines::sentence(says).trim_end_matches('.'), subjects.join("; "));
        out += &(wrap("  · not checkable: ", &text, MEASURE) + "\n");
    }
    out + &format!("{}\n", claims_tally(claims))
}

fn one(compared: &Compared, paper: &Paper, style: Style) -> String {
    let counts = compared.counts();
    let mut out = bold(&wrap("", &lines::name(compared), MEASURE), style) + "\n";
    if compared.is_pending() {
        let pending = lines::pending(compared).join("; ");
        let lead = format!("{} not computed  ", sign(Verdict::NotComputed, style));
        return out + &hang(&lead, "· not computed  ", &pending) + "\n";
    }
    let reasons = lines::reasons(compared, &paper.deviations, lines::is_explained);
    let (blocks, label) = blocks(compared, &reasons);
    let part = |&block| styled(&lines::beside(compared, &reasons, block, label), style);
    let blocks = blocks.iter().map(part);
    out += &blocks.collect::<Vec<_>>().join("\n");
    let lead = format!("{} not computed  ", sign(Verdict::NotComputed, style));
    for line in lines::pending(compared) {
        out += &(hang(&lead, "· not computed  ", &line) + "\n");
    }
    if counts.total() > 0 {
        out += &(tally(counts, style) + "\n");
    }
    for (i, reason) in reasons.iter().enumerate() {
        out += &explain(i + 1, reason);
    }
    let audited = compared.findings.iter().map(|it| format!("audit: {}", it.says));
    for note in compared.notes.iter().cloned().chain(audited) {
        out += &(wrap("  ", &note, MEASURE) + "\n");
    }
    out
}

/// Ranges of columns that fit a terminal, as even as can be, and how wide labels are.
fn blocks(compared: &Compared, reasons: &[Reason]) -> (Vec<(usize, usize)>, usize) {
    let cells = compared.rows.iter().map(|row| row.cells.len());
    let n = cells.chain([compared.columns.len(), 1]).max().unwrap_or(1);
    let cut = |k: usize| -> Vec<_> { (0..k).map(|i| (i * n / k, (i + 1) * n / k)).collect() };
    let fits = |blocks: &Vec<(usize, usize)>, label| {
        blocks.iter().all(|&b| width(&lines::beside(compared, reasons, b, label)) <= COLUMNS)
    };
    if fits(&cut(1), usize::MAX) {
        return (cut(1), usize::MAX);
    }
    ((1..n).map(cut).find(|blocks| fits(blocks, LABEL)).unwrap_or_else(|| cut(n)), LABEL)
}

/// `wrap` for a lead that is painted, `plain` being what shows of it.
fn hang(lead: &str, plain: &str, text: &str) -> String {
    wrap(plain, text, MEASURE).replacen(plain, lead, 1)
}

fn explain(number: usize, reason: &Reason) -> String {
    let since = reason.since.map_or(String::new(), |since| format!(" [declared {since}]"));
    let text = format!("{}: {}{since}", reason.cells.join("; "), lines::sentence(reason.because));
    wrap(&format!("  {} ", lines::superscript(number)), &text, MEASURE) + "\n"
}

/// `= 20 match   ≈ 4 declared   · 26 not computed`: the verdicts that occur.
fn tally(counts: Counts, style: Style) -> String {
    let met = Verdict::ALL.into_iter().filter(|&verdict| counts.of(verdict) > 0);
    let words = met.map(|v| format!("{} {} {}", sign(v, style), counts.of(v), v.name()));
    words.collect::<Vec<_>>().join("   ")
}

fn unused(paper: &Paper, style: Style) -> String {
    let unused = paper.deviations.iter().filter(|deviation| deviation.used == 0);
    let lines = unused.map(|d| format!("{}: {}", d.cell, lines::sentence(&d.because)));
    bullets("Declared, but covering nothing", &lines.collect::<Vec<_>>(), style)
}

fn bullets(title: &str, lines: &[String], style: Style) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: String = lines.iter().map(|line| wrap("  - ", line, MEASURE) + "\n").collect();
    format!("\n{}\n{lines}", bold(title, style))
}

fn summary(replication: &Replication, style: Style) -> String {
    let line = |label: &str, counts: Counts| {
        let cells = Verdict::ALL.map(|verdict| {
            let n = number(counts.of(verdict).to_string());
            match counts.of(verdict) {
                0 => n,
                _ if verdict.fails() => n.marked(verdict.sign(), Tone::Bad),
                _ => n,
            }
        });
        row(label, std::iter::once(number(counts.total().to_string())).chain(cells))
    };
    let heads = ["Paper", "numbers"].into_iter().chain(Verdict::ALL.map(Verdict::name));
    let mut all = table("Summary").heads(heads.map(head));
    let papers = replication.papers.iter().map(|paper| line(&lines::marked(paper), paper.counts()));
    all = all.rows(papers);
    if replication.papers.len() > 1 {
        all = all.rows([crate::table::Row::Rule, line("Total", replication.counts())]);
    }
    styled(&all, style)
}
