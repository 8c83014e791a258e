//! A replication for a README or a page of documentation.

use super::claim::tally as claims_tally;
use super::lines;
use super::{Claim, ClaimStatus, Counts, OWN, Paper, Replication, SYNTHETIC, Verdict};
use crate::render::{escape_markdown as escape, markdown as render};
use crate::table::{Row, head, number, row, table, words};

/// A replication in GitHub's Markdown: a summary, then each paper with its tables.
pub fn markdown(replication: &Replication) -> String {
    let compares = replication.papers.iter().any(|paper| !paper.is_own);
    let mut out = String::new();
    if compares {
        out += &(summary(replication) + "\n" + &legend(replication));
    }
    out += &rests(replication);
    for paper in &replication.papers {
        out += "\n";
        out += &one(paper);
    }
    out
}

fn summary(replication: &Replication) -> String {
    let line = |label: &str, counts: Counts| {
        let counts = Verdict::ALL.map(|verdict| counts.of(verdict)).into_iter();
        let total = counts.clone().sum::<usize>();
        row(label, std::iter::once(total).chain(counts).map(|n| number(n.to_string())))
    };
    let heads = ["paper", "numbers"].into_iter().chain(Verdict::ALL.map(Verdict::name));
    let papers = replication.papers.iter().map(|paper| line(&lines::marked(paper), paper.counts()));
    let total = [Row::Rule, line("total", replication.counts())];
    let total = total.into_iter().filter(|_| replication.papers.len() > 1);
    render(&table("").heads(heads.map(head)).rows(papers).rows(total))
}

fn legend(replication: &Replication) -> String {
    let met = Verdict::ALL.into_iter().filter(|&v| replication.counts().of(v) > 0);
    let marks: Vec<_> = met.map(|v| format!("`{}` {}", v.sign(), v.meaning())).collect();
    format!("Published above, ours below. {}.\n", marks.join(" · "))
}

/// What the numbers rest on.
fn rests(replication: &Replication) -> String {
    if replication.papers.iter().any(Paper::is_reconstructed) {
        format!("\n> **{} {SYNTHETIC}**\n", lines::DAGGER)
    } else if replication.counts().computed() > 0 {
        "Every number of ours rests on real data.\n".to_owned()
    } else {
        String::new()
    }
}

fn one(paper: &Paper) -> String {
    let mut out = format!("## {}\n\n", escape(&paper.title));
    let by = [paper.authors.join(", "), paper.citation.clone(), paper.key.clone()];
    let by: Vec<_> = by.iter().filter(|text| !text.is_empty()).map(|text| escape(text)).collect();
    out += &format!("{}\n", by.join(" · "));
    if paper.is_own {
        out += &format!("\n{}\n", escape(OWN));
    }
    for compared in &paper.tables {
        let reasons = lines::reasons(compared, &paper.deviations, lines::is_explained);
        let counts = compared.counts();
        out += &format!("\n### {}\n\n", escape(&lines::name(compared)));
        let mut notes = Vec::new();
        if !compared.is_pending() {
            let columns = compared.rows.iter().map(|row| row.cells.len());
            let n = columns.chain([compared.columns.len()]).max().unwrap_or(0);
            out += &render(&lines::beside(compared, &reasons, (0, n), usize::MAX));
            out += "\n";
            notes.extend((counts.total() > 0).then(|| tally(counts)));
        }
        let pending = lines::pending(compared);
        notes.extend(pending.iter().map(|line| format!("Not computed: {}", escape(line))));
        notes.extend(reasons.iter().enumerate().map(|(i, reason)| {
            let since = reason.since.map_or(String::new(), |since| format!(" (declared {since})"));
            let text = format!("{}: {}", reason.cells.join("; "), lines::sentence(reason.because));
            format!("{} {}", lines::superscript(i + 1), escape(&(text + &since)))
        }));
        notes.extend(compared.notes.iter().map(|note| escape(note)));
        notes.extend(compared.findings.iter().map(|it| escape(&format!("audit: {}", it.says))));
        out.extend(notes.iter().map(|note| format!("- {note}\n")));
    }
    for own in &paper.own {
        out += &format!("\n### {}\n\n{}", escape(&lines::own(own)), render(&own.table("")));
    }
    for figure in &paper.figures {
        let title = escape(&lines::figure(figure));
        out += &format!("\n### {title}\n\n{}", render(&lines::series(figure)));
    }
    out += &claims(&paper.claims);
    let unused = paper.deviations.iter().filter(|deviation| deviation.used == 0);
    out += &list(
        "Declared, but covering nothing",
        unused.map(|d| format!("{}: {}", d.cell, d.because)),
    );
    out += &list("Data", paper.account.iter().cloned());
    let source =
        |s: &super::SourceLine| format!("{} (sha256 {}): {}", s.file, s.sha256, s.provenance);
    out + &list("Sources", paper.sources.iter().map(source))
}

fn claims(claims: &[Claim]) -> String {
    if claims.is_empty() {
        return String::new();
    }
    let line = |claim: &Claim| {
        let finding = match claim.status {
            ClaimStatus::NotCheckable => claim.status.name().to_owned(),
            status => format!("{} {}: {}", claim.sign(), status.name(), claim.finding()),
        };
        let cells = [&claim.subject, &claim.stated, &finding, &claim.says];
        row(claim.section.as_str(), cells.map(|text| words(text.as_str())))
    };
    let shown = table("")
        .heads(["section", "what", "stated", "held against", "finding"].map(head))
        .rows(claims.iter().map(line));
    let tally = claims_tally(claims);
    format!("\n### Statements of the text\n\n{}\n- {tally}\n", render(&shown))
}

fn tally(counts: Counts) -> String {
    let met = Verdict::ALL.into_iter().filter(|&verdict| counts.of(verdict) > 0);
    let words: Vec<_> = met.map(|v| format!("{} {}", counts.of(v), v.name())).collect();
    words.join(", ")
}

fn list(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("- {}\n", escape(&line))).collect();
    if lines.is_empty() { lines } else { format!("\n**{title}**\n\n{lines}") }
}
