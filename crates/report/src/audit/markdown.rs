//! An audit in GitHub's Markdown.

use super::lines;
use super::{Finding, Marked, Report, Verdict};
use crate::render::{escape_markdown as escape, markdown as table_markdown};

/// An audit as Markdown, in the order of the text: findings, tables, conventions, what agrees.
pub fn markdown(report: &Report) -> String {
    let Report { key, title, byline, counts, .. } = report;
    let named =
        if title == key || title.is_empty() { key.clone() } else { format!("{key}: {title}") };
    let mut out = format!("# Audit of {}\n\n", escape(&named));
    if !byline.is_empty() {
        out += &format!("{}\n\n", escape(byline));
    }
    out += &format!("{}\n\n**{}**\n", escape(lines::LEAD), escape(&lines::tally(*counts)));
    out += &bullets(lines::REMARKS, report.remarks.iter().map(|line| escape(line)).collect());
    out += &impossible(report);
    out += &assumed(report);
    let met = lines::met(&report.tables);
    if report.tables.iter().any(Marked::is_checked) {
        out += &format!("\n## {}\n\n", lines::TABLES);
        let legend: Vec<_> = met.iter().map(|v| format!("{} {}", v.sign(), v.meaning())).collect();
        out += &format!("{}.\n", escape(&legend.join("; ")));
        for marked in report.tables.iter().filter(|table| table.is_checked()) {
            out += &format!("\n### {}\n\n", escape(&marked.title));
            out += &table_markdown(&lines::table_of(marked, 0, marked.columns.len(), usize::MAX));
        }
    }
    if let Some(line) = lines::unread(&report.tables) {
        out += &format!("\n{}\n", escape(&line));
    }
    let conventions = report.conventions.iter().map(lines::convention);
    let conventions =
        conventions.map(|(says, rest)| format!("**{}** — {}", escape(&says), escape(&rest)));
    out += &bullets(lines::CONVENTIONS, conventions.collect());
    let by_reason = |all| {
        let groups = lines::by_reason(all).into_iter();
        groups.map(|(why, what)| escape(&format!("{}: {why}", what.join("; ")))).collect::<Vec<_>>()
    };
    out += &bullets(lines::INFERRED, by_reason(&report.inferred));
    out += &bullets(lines::UNCHECKED, by_reason(&report.unchecked));
    if !report.agreeing.is_empty() {
        out += &format!("\n## {}\n", lines::AGREES);
        for agreeing in &report.agreeing {
            let n = agreeing.explanations.len();
            out += &format!("\n<details><summary>{}: {n}</summary>\n\n", escape(&agreeing.check));
            for line in &agreeing.explanations {
                out += &format!("- {}\n", escape(line));
            }
            out += "\n</details>\n";
        }
    }
    out
}

fn bullets(title: &str, all: Vec<String>) -> String {
    if all.is_empty() {
        return String::new();
    }
    let all: String = all.iter().map(|line| format!("- {line}\n")).collect();
    format!("\n## {title}\n\n{all}")
}

fn impossible(report: &Report) -> String {
    let all = (1..).zip(&report.findings).filter(|(_, it)| it.verdict == Verdict::Impossible);
    let all: String = all.map(|(n, it)| finding(n, it)).collect();
    let joint: String =
        lines::joint(report).iter().map(|line| format!("\n{}\n", escape(line))).collect();
    if all.is_empty() { all } else { format!("\n## {}\n\n{all}{joint}", lines::IMPOSSIBLE) }
}

fn finding(n: usize, finding: &Finding) -> String {
    let Finding { explanation, check, .. } = finding;
    let mut out = format!("{n}. {} {}\n", finding.verdict.sign(), escape(explanation));
    let mut more = |text: &str| out += &format!("   - {}\n", escape(text));
    if let Some(intervals) = lines::intervals(finding) {
        more(&intervals);
    }
    more(&format!("{check}: {}", lines::cells(finding)));
    for repair in lines::repairs(finding) {
        more(&format!("would mend it: {repair}"));
    }
    out
}

fn assumed(report: &Report) -> String {
    let mut out = String::new();
    for (assumption, findings) in lines::assumed(report) {
        out += &format!("\nHolds if {}:\n\n", escape(assumption));
        for (n, finding) in findings {
            out += &format!("{n}. {} {}\n", finding.verdict.sign(), escape(&finding.explanation));
        }
    }
    if out.is_empty() { out } else { format!("\n## {}\n{out}", lines::ASSUMED) }
}
