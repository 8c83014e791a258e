//! What the renderers share: sentences, and a table with marks.

use super::{
    Because, Convention, Counts, Finding, Marked, MarkedCell, Place, Repair, Report, Verdict,
};
use crate::format::general;
use crate::table::{Table, Tone, head, number, row, table, words};
use crate::width::wrap;

/// What a reader must know first.
pub(super) const LEAD: &str = "From the printed cells alone: no data, no estimation. A printed \
    0.0088 stands for all that rounds to it, 0.00875 to 0.00885; what holds for no such numbers, \
    under any convention in use, cannot be right as printed. Which cell is at fault, and why, the \
    arithmetic does not say.";

/// What stands over the findings.
pub(super) const IMPOSSIBLE: &str = "What cannot all be right";
/// What stands over those that hold under an assumption.
pub(super) const ASSUMED: &str = "What holds only under an assumption";
/// What stands over the tables.
pub(super) const TABLES: &str = "The tables, marked";
/// What stands over the conventions.
pub(super) const CONVENTIONS: &str = "Conventions that the numbers tell";
/// What stands over what was taken for granted.
pub(super) const INFERRED: &str = "Taken for granted";
/// What stands over what cannot be checked.
pub(super) const UNCHECKED: &str = "What cannot be checked";
/// What stands over remarks about reading.
pub(super) const REMARKS: &str = "How the tables were read";
/// What stands over what agrees.
pub(super) const AGREES: &str = "What agrees";
/// Repairs of a finding that are shown.
const REPAIRS: usize = 3;
/// Cells of a column that are named in a finding.
pub(super) const CELLS: usize = 8;

/// `137 numbers in 212 equations: 198 agree, 9 hold only …`.
pub(super) fn tally(counts: Counts) -> String {
    let Counts { cells, equations, consistent, needs_assumption, impossible, unchecked } = counts;
    let mut out = format!("{} in {}: ", many(cells, "number"), many(equations, "equation"));
    let parts = [
        (impossible, "cannot hold"),
        (needs_assumption, "only under an assumption"),
        (consistent, if consistent == 1 { "agrees" } else { "agree" }),
    ];
    let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, says)| format!("{n} {says}"));
    let parts: Vec<_> = parts.collect();
    out += &if parts.is_empty() { "nothing could be checked".to_owned() } else { parts.join(", ") };
    out + &match unchecked {
        0 => ".".to_owned(),
        1 => "; 1 number is in none.".to_owned(),
        n => format!("; {n} numbers are in none."),
    }
}

/// `1 number`, `2 numbers`.
pub(super) fn many(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// `printed 8.755 to 8.765; implied 9.98 to 10.01`, where there are both.
pub(super) fn intervals(finding: &Finding) -> Option<String> {
    let (printed, implied) = finding.printed.zip(finding.implied)?;
    Some(format!("printed {}; implied {}", span(printed), span(implied)))
}

/// `8.755 to 8.765`, `at least 1.96`.
fn span(ends: [f64; 2]) -> String {
    // An end that was rounded outward from zero is zero to a reader.
    let [lo, hi] = ends.map(|end| if end.abs() < f64::MIN_POSITIVE { 0.0 } else { end });
    // Enough digits to tell the ends apart, and no more.
    let apart = |digits: usize| general(lo, digits) != general(hi, digits);
    let digits = (4..=12).find(|&digits| apart(digits)).unwrap_or(12);
    let shown = |x: f64| general(x, digits.max(5));
    match (lo.is_finite(), hi.is_finite()) {
        (true, true) if lo.to_bits() == hi.to_bits() => shown(lo),
        (true, true) => format!("{} to {}", shown(lo), shown(hi)),
        (true, false) => format!("at least {}", shown(lo)),
        (false, true) => format!("at most {}", shown(hi)),
        (false, false) => "anything".to_owned(),
    }
}

/// The cells of a finding, by column: `4/(4): lnX, Fis (stars); 5/(2): lnX`.
pub(super) fn cells(finding: &Finding) -> String {
    let groups = by_column(&finding.cells).into_iter().map(|(column, places)| {
        let rows = places.iter().map(|place| row_of(place)).collect::<Vec<_>>();
        let rows = match rows.len() {
            0..=CELLS => rows.join(", "),
            n => format!("{n} cells"),
        };
        format!("{column}: {rows}")
    });
    groups.collect::<Vec<_>>().join("; ")
}

/// Cells that stand in one column, together.
pub(super) fn by_column(cells: &[Place]) -> Vec<(&str, Vec<&Place>)> {
    let mut groups: Vec<(&str, Vec<&Place>)> = Vec::new();
    for place in cells {
        match groups.iter_mut().find(|(column, _)| *column == place.column) {
            Some((_, places)) => places.push(place),
            None => groups.push((&place.column, vec![place])),
        }
    }
    groups
}

/// The row of a cell, and which part of it if not the estimate.
pub(super) fn row_of(place: &Place) -> String {
    match place.part.as_str() {
        "estimate" => place.row.clone(),
        "uncertainty" => format!("{} (brackets)", place.row),
        part => format!("{} ({part})", place.row),
    }
}

/// The best repairs of a finding, a line each.
pub(super) fn repairs(finding: &Finding) -> Vec<String> {
    let mut lines: Vec<String> = finding.repairs.iter().take(REPAIRS).map(repair).collect();
    let more = finding.repairs.len().saturating_sub(REPAIRS);
    if more > 0 {
        lines.push(format!("one of {}", many(more, "other single edit")));
    }
    lines
}

/// Edits that mend several findings that cannot hold, a line each: first the one that mends most, then the one that mends most of the others.
pub(super) fn joint(report: &Report) -> Vec<String> {
    let impossible = |n: &usize| {
        let finding = n.checked_sub(1).and_then(|at| report.findings.get(at));
        finding.is_some_and(|it| it.verdict == Verdict::Impossible)
    };
    let all = (1..=report.findings.len()).filter(impossible).count();
    let repairs = || report.findings.iter().flat_map(|it| &it.repairs);
    let mut left: Vec<usize> = (1..=report.findings.len()).filter(impossible).collect();
    let mut lines = Vec::new();
    while left.len() > 1 {
        let count = |it: &Repair| it.mends.iter().filter(|n| left.contains(n)).count();
        // Of equals the first, as findings are in order.
        let best = repairs().rev().max_by_key(|it| count(it)).filter(|it| count(it) > 1);
        let Some(best) = best else { break };
        let mends = count(best);
        lines.push(format!("One edit would mend {mends} of these {all}: {}", repair(best)));
        left.retain(|n| !best.mends.contains(n));
    }
    lines
}

/// `4/(4)/Fis/estimate: -0.102 → 0.102 (sign flipped); mends 1, 2 and 3; 4 % of such edits would, too`.
fn repair(repair: &Repair) -> String {
    let Repair { cell, with, edit, from, to, mends, share } = repair;
    let with = with.as_ref().map_or(String::new(), |with| format!(" and {with}"));
    let blank = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    let mends = match mends.as_slice() {
        [] | [_] => String::new(),
        [most @ .., last] => {
            let most: Vec<String> = most.iter().map(usize::to_string).collect();
            format!("; mends {} and {last}", most.join(", "))
        }
    };
    let share = if *share <= 0.0 {
        "no other edit of its kind would".to_owned()
    } else {
        format!("{} of the edits of its kind would", percent(*share))
    };
    format!("{cell}{with}: {} → {} ({edit}){mends}; {share}", blank(from), blank(to))
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        p if p < 1.0 => "under 1 %".to_owned(),
        p => format!("{} %", general(p.round(), 3)),
    }
}

/// Findings of one verdict with their numbers; those that need the same, for one check, together.
pub(super) fn assumed(report: &Report) -> Vec<(&str, Vec<(usize, &Finding)>)> {
    let mut groups: Vec<(&str, Vec<(usize, &Finding)>)> = Vec::new();
    let all = (1..).zip(&report.findings);
    for (number, finding) in all.filter(|(_, it)| it.verdict == Verdict::NeedsAssumption) {
        let same = |(assumption, of): &&mut (&str, Vec<(usize, &Finding)>)| {
            *assumption == finding.assumption && of.iter().all(|(_, it)| it.check == finding.check)
        };
        match groups.iter_mut().find(same) {
            Some((_, of)) => of.push((number, finding)),
            None => groups.push((&finding.assumption, vec![(number, finding)])),
        }
    }
    groups
}

/// What some columns tell: `hold t statistics: 4/(1), 4/(2); 12 cells for it, none against`.
pub(super) fn convention(convention: &Convention) -> (String, String) {
    let Convention { what, is, columns, supports, against } = convention;
    let says = format!("{what}: {is}");
    let for_it = match supports {
        0 => String::new(),
        n => format!("{} for it", many(*n, "cell")),
    };
    let against = match against.as_slice() {
        [] if *supports > 0 => "none against".to_owned(),
        [] => String::new(),
        cells => format!("against it {}", cells.join(", ")),
    };
    let evidence = [for_it, against].iter().filter(|t| !t.is_empty()).cloned().collect::<Vec<_>>();
    let evidence = evidence.join(", ");
    let columns = columns.join(", ");
    let rest = if evidence.is_empty() { columns } else { format!("{columns}; {evidence}") };
    (says, rest)
}

/// Things with one reason, together: reason and things.
pub(super) fn by_reason(all: &[Because]) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for Because { what, because } in all {
        match groups.iter_mut().find(|(reason, _)| reason == because) {
            Some((_, things)) => things.push(what),
            None => groups.push((because, vec![what])),
        }
    }
    groups
}

/// How a mark sounds.
pub(super) fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Unchecked => Tone::Quiet,
        Verdict::Consistent => Tone::Good,
        Verdict::NeedsAssumption => Tone::Caution,
        Verdict::Impossible => Tone::Bad,
    }
}

/// What stands behind a cell: its sign and the numbers of its findings, three of them at most.
pub(super) fn mark(cell: &MarkedCell) -> Option<String> {
    if !cell.is_number {
        return None;
    }
    let numbers: Vec<String> = cell.findings.iter().take(3).map(usize::to_string).collect();
    let more = if cell.findings.len() > 3 { "…" } else { "" };
    Some(format!("{}{}{more}", cell.verdict.sign(), numbers.join(",")))
}

/// Columns `from..to` of a table with its marks, labels at most so wide; an uncertainty stands below
/// its estimate.
pub(super) fn table_of(marked: &Marked, from: usize, to: usize, label: usize) -> Table {
    let heads = std::iter::once("").chain(marked.columns[from..to].iter().map(String::as_str));
    let rows = marked.rows.iter().map(|of| {
        let cells = of.cells[from.min(of.cells.len())..to.min(of.cells.len())].iter().map(|cell| {
            let shown =
                if cell.is_number { number(folded(&cell.text)) } else { words(&*cell.text) };
            match mark(cell) {
                Some(mark) => shown.marked(mark, tone(cell.verdict)),
                None => shown,
            }
        });
        row(wrap("", &of.label, label), cells)
    });
    table("").heads(heads.map(head)).rows(rows)
}

/// An estimate over its brackets.
pub(super) fn folded(text: &str) -> String {
    match text.find(['(', '[', '{', '（', '［']) {
        Some(at) if at > 0 => format!("{}\n{}", text[..at].trim_end(), &text[at..]),
        _ => text.to_owned(),
    }
}

/// The tables that nothing reads, in one line.
pub(super) fn unread(tables: &[Marked]) -> Option<String> {
    let titles =
        tables.iter().filter(|table| !table.is_checked()).map(|table| table.title.as_str());
    let titles: Vec<&str> = titles.collect();
    (!titles.is_empty()).then(|| format!("No equation reads a cell of: {}.", titles.join("; ")))
}

/// The verdicts that occur in tables, the worst first.
pub(super) fn met(tables: &[Marked]) -> Vec<Verdict> {
    let all =
        [Verdict::Impossible, Verdict::NeedsAssumption, Verdict::Consistent, Verdict::Unchecked];
    let shown = || tables.iter().filter(|table| table.is_checked());
    let cells = || shown().flat_map(|t| &t.rows).flat_map(|row| &row.cells);
    let met = |verdict: &Verdict| cells().any(|cell| cell.is_number && cell.verdict == *verdict);
    all.into_iter().filter(met).collect()
}
