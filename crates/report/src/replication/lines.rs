//! What the renderers share: a cell as lines, its marks, and the reasons that stand under a table.

use super::{
    Compared, ComparedCell, ComparedRow, Deviation, Own, Paper, Part, PartKind, Tier, Verdict,
};
use crate::Figure;
use crate::table::{Cell, Row, Table, Tone, head, number, row, table, words};

/// Sign of a number that rests on reconstructed data.
pub(super) const DAGGER: &str = "†";
/// What stands for a part of ours that is absent.
pub(super) const ABSENT: &str = "–";

/// A reason that one or more parts of a table share, listed under it.
pub(super) struct Reason<'a> {
    /// What it says.
    pub(super) because: &'a str,
    /// Day it was declared, if it was.
    pub(super) since: Option<&'a str>,
    /// The cells it covers, `row (column, …)`.
    pub(super) cells: Vec<String>,
}

/// Reasons of the parts for which `which` holds, in the order of the table.
pub(super) fn reasons<'a>(
    compared: &'a Compared,
    deviations: &'a [Deviation],
    which: impl Fn(&Part) -> bool,
) -> Vec<Reason<'a>> {
    let mut reasons: Vec<Reason> = Vec::new();
    let within = |row: &'a ComparedRow| row.parts().filter(|part| which(part));
    for because in compared.rows.iter().flat_map(within).filter_map(|p| p.because.as_deref()) {
        if reasons.iter().all(|reason| reason.because != because) {
            let declared = deviations.iter().find(|d| d.because == because);
            let since = declared.map(|d| d.since.as_str()).filter(|since| !since.is_empty());
            reasons.push(Reason { because, since, cells: Vec::new() });
        }
    }
    for reason in &mut reasons {
        for row in &compared.rows {
            let covered = |cell: &&ComparedCell| {
                cell.parts.iter().any(|p| which(p) && p.because.as_deref() == Some(reason.because))
            };
            let all = row.cells.iter().filter(|cell| !cell.parts.is_empty()).count();
            let columns: Vec<_> = (row.cells.iter().enumerate())
                .filter(|(_, cell)| covered(cell))
                .map(|(j, _)| compared.columns.get(j).map_or("?", String::as_str))
                .collect();
            if columns.len() == all && all > 1 {
                reason.cells.push(row.label.clone());
            } else if !columns.is_empty() {
                reason.cells.push(format!("{} {}", row.label, columns.join(", ")));
            }
        }
    }
    reasons
}

/// Whether the reason of a part is numbered and listed: it has a number of ours, and they differ.
pub(super) fn is_explained(part: &Part) -> bool {
    matches!(part.verdict, Verdict::Declared | Verdict::Off | Verdict::Stale)
}

/// `n` as a superscript.
pub(super) fn superscript(n: usize) -> String {
    let digit = |d: char| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(d.to_digit(10).unwrap_or(0) as usize);
    n.to_string().chars().filter_map(digit).collect()
}

/// Parts in the order in which they stand in a cell: value, stars, uncertainty.
pub(super) fn in_print(cell: &ComparedCell) -> Vec<&Part> {
    let mut parts: Vec<_> = cell.parts.iter().collect();
    parts.sort_by_key(|part| match part.part {
        PartKind::Value | PartKind::Words => 0,
        PartKind::Stars => 1,
        PartKind::Uncertainty => 2,
    });
    parts
}

/// Verdicts of a cell: one if its parts agree on it, else one a part, as printed.
pub(super) fn verdicts(cell: &ComparedCell) -> Vec<Verdict> {
    let mut verdicts: Vec<_> = in_print(cell).iter().map(|part| part.verdict).collect();
    if verdicts.iter().all(|verdict| Some(verdict) == verdicts.first()) {
        verdicts.truncate(1);
    }
    verdicts
}

/// What our part prints, set as the published one is: an uncertainty within its brackets.
pub(super) fn set(cell: &ComparedCell, part: &Part, text: &str) -> String {
    if part.part != PartKind::Uncertainty || text.starts_with(['(', '[']) {
        return text.to_owned();
    }
    let bracketed = |open, close| cell.printed.contains(&format!("{open}{}{close}", part.printed));
    let (open, close) = match () {
        () if bracketed('[', ']') => ("[", "]"),
        () if bracketed('(', ')') => ("(", ")"),
        () => ("", ""),
    };
    format!("{open}{text}{close}")
}

/// A cell as we would print it.
pub(super) fn ours(cell: &ComparedCell) -> String {
    let mut out = String::new();
    for part in in_print(cell) {
        if part.part == PartKind::Uncertainty && !out.is_empty() {
            out.push(' ');
        }
        match &part.ours {
            Some(text) => out += &set(cell, part, text),
            None if part.part == PartKind::Stars => {}
            None => out += &set(cell, part, ABSENT),
        }
    }
    out
}

/// How a verdict sounds.
pub(super) fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Match => Tone::Good,
        Verdict::Declared => Tone::Caution,
        Verdict::Off | Verdict::Stale => Tone::Bad,
        Verdict::NotComputed => Tone::Quiet,
    }
}

/// The columns `from..to` of a compared table, published above ours, without its pending rows; labels
/// in lines of at most `measure`.
pub(super) fn beside(
    compared: &Compared,
    reasons: &[Reason],
    (from, to): (usize, usize),
    measure: usize,
) -> Table {
    let heads = compared.columns.get(from..to).unwrap_or_default().iter().map(head);
    let rows = compared.rows.iter().filter(|row| !row.is_pending());
    table("").heads(std::iter::once(head("")).chain(heads)).rows(rows.map(|compared| {
        let cells = compared.cells.get(from..to.min(compared.cells.len())).unwrap_or_default();
        let label = crate::width::wrap("", &compared.label, measure);
        let below = label.lines().count();
        let cells = cells.iter().map(|cell| two_lines(cell, reasons, below));
        let mut line = row(label.as_str(), cells);
        if let Row::Cells { stub, .. } = &mut line
            && compared.parts().next().is_some()
        {
            *stub = words(format!("{label}\n  ours"));
        }
        line
    }))
}

/// What is printed, and ours `below` lines under it.
fn two_lines(cell: &ComparedCell, reasons: &[Reason], below: usize) -> Cell {
    if cell.parts.is_empty() {
        return number(crate::width::line(&cell.printed));
    }
    let verdicts = verdicts(cell);
    let mut sign: String = verdicts.iter().map(|verdict| verdict.sign()).collect();
    if cell.parts.iter().any(|part| part.tier == Some(Tier::Reconstructed)) {
        sign += DAGGER;
    }
    for (i, reason) in reasons.iter().enumerate() {
        let given = |p: &&Part| is_explained(p) && p.because.as_deref() == Some(reason.because);
        if cell.parts.iter().any(|part| given(&part)) {
            sign += &superscript(i + 1);
        }
    }
    let tone = verdicts.iter().map(|&verdict| tone(verdict)).max().unwrap_or(Tone::Quiet);
    let ours = if verdicts == [Verdict::NotComputed] { String::new() } else { ours(cell) };
    let printed = if cell.printed.is_empty() { ABSENT } else { &cell.printed };
    let mut lines = vec![String::new(); below.max(1) + 1];
    lines[0] = crate::width::line(printed);
    lines[below.max(1)] = crate::width::line(&ours);
    let is_words = cell.parts.iter().all(|part| part.part == PartKind::Words);
    let blank = if is_words { words("") } else { number("") };
    Cell { lines, ..blank }.marked(sign, tone)
}

/// Rows of which nothing was computed, by reason: `labels (n numbers): reason`.
pub(super) fn pending(compared: &Compared) -> Vec<String> {
    let rows: Vec<_> = compared.rows.iter().filter(|row| row.is_pending()).collect();
    let mut groups: Vec<(Option<&str>, Vec<&ComparedRow>)> = Vec::new();
    for row in rows {
        let because = row.parts().find_map(|part| part.because.as_deref());
        match groups.iter_mut().find(|(reason, _)| *reason == because) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((because, vec![row])),
        }
    }
    let line = |(because, rows): &(Option<&str>, Vec<&ComparedRow>)| {
        let labels: Vec<_> = rows.iter().map(|row| row.label.as_str()).collect();
        let because = because.map_or(String::new(), |because| format!(": {because}"));
        format!("{}{because}", labels.join(", "))
    };
    groups.iter().map(line).collect()
}

/// `Table 3. Baseline regression results`.
pub(super) fn name(compared: &Compared) -> String {
    format!("Table {}. {}", compared.id, compared.title)
}

/// `Table 3. Title`, of a table of our own.
pub(super) fn own(own: &Own) -> String {
    format!("Table {}. {}", own.id, own.title)
}

/// `Figure 1. Title`.
pub(super) fn figure(figure: &Figure) -> String {
    format!("Figure {}. {}", figure.id, figure.title)
}

/// A figure's series as a table under no title.
pub(super) fn series(figure: &Figure) -> Table {
    let shown = figure.table("", |value| crate::format::general(value, 7));
    figure.notes.iter().fold(shown, |shown, note| shown.note(note.as_str()))
}

/// A paper's key in a summary; a study of our own says so.
pub(super) fn key(paper: &Paper) -> String {
    if paper.is_own { format!("{} (own study)", paper.key) } else { paper.key.clone() }
}

/// With the sign of reconstructed data, if a number of ours rests on such.
pub(super) fn marked(paper: &Paper) -> String {
    let sign = if paper.is_reconstructed() { format!(" {DAGGER}") } else { String::new() };
    key(paper) + &sign
}

/// `text` ending in a full stop.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', '。']) { text.to_owned() } else { format!("{text}.") }
}
