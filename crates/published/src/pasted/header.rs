//! The header of a table: how many rows it takes, and what it calls the columns.

use super::grid::GridRow;
use super::words::{self, Beside};
use crate::{Printed, glyph::is_star};

/// Whether a cell holds a printed number, alone or in brackets.
pub(super) fn is_number(text: &str) -> bool {
    is_bracketed(text) && text.contains(|c: char| c.is_ascii_digit())
        || matches!(text.parse(), Ok(Printed::Estimate(_)))
}

/// Whether a cell is one pair of brackets, perhaps with stars: `(0.013)`, `[2.31]**`, `(.)`.
pub(super) fn is_bracketed(text: &str) -> bool {
    let bare = text.trim_end_matches(is_star).trim_end();
    let pairs = [('(', ')'), ('（', '）'), ('[', ']'), ('［', '］'), ('{', '}')];
    pairs.iter().any(|&(open, close)| {
        bare.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some_and(|inside| {
            !inside.contains([open, close]) && !inside.contains(char::is_alphabetic)
        })
    })
}

/// A number that no header has: with a decimal point or stars.
fn is_result(text: &str) -> bool {
    is_number(text) && text.contains(|c: char| c == '.' || is_star(c))
}

/// Whether a row holds a number beside its label.
pub(super) fn has_number(row: &GridRow) -> bool {
    row.filled().any(|(j, text)| j > 0 && is_number(text))
}

/// Whether a row can be nothing but the first of a header.
pub(super) fn begins(row: &GridRow) -> bool {
    let cells = || row.filled().filter(|(j, _)| *j > 0).map(|(_, text)| text);
    if of_estimates(row) {
        return true;
    }
    let known = words::is_stub(row.text(0)) && !cells().any(is_number) || ordinals(row).is_some();
    cells().next().is_some() && !cells().any(is_result) && (known || moments(row))
}

/// Whether a row heads estimates and what is printed beside them: `coef, std err, t, P>|t|`.
pub(super) fn of_estimates(row: &GridRow) -> bool {
    let kinds: Vec<_> = row
        .filled()
        .filter_map(|(j, text)| if j > 0 { words::beside(text) } else { None })
        .collect();
    kinds.contains(&Beside::Estimate)
        && kinds.iter().any(|kind| !matches!(kind, Beside::Estimate | Beside::Other))
}

/// Whether a row can only be the header of moments or of a threshold test.
fn moments(row: &GridRow) -> bool {
    let count = |known: fn(&str) -> Option<&'static str>| {
        row.filled().filter(|(_, text)| known(text).is_some()).count()
    };
    count(words::moment) > 1 || count(words::of_threshold_test) > 2
}

/// Rows at the top that are the header.
pub(super) fn rows(rows: &[GridRow]) -> usize {
    let is_header = |at: usize, row: &GridRow| {
        let cells: Vec<&str> = row.filled().filter(|(j, _)| *j > 0).map(|(_, text)| text).collect();
        if of_estimates(row) {
            return true;
        }
        if cells.is_empty() || cells.iter().any(|text| is_result(text)) {
            return false;
        }
        let label = row.text(0);
        words::is_stub(label)
            || ordinals(row).is_some()
            || at == 0 && !cells.iter().any(|text| is_number(text))
            || moments(row)
    };
    rows.iter().enumerate().take_while(|(at, row)| is_header(*at, row)).count()
}

/// The numbers of the columns, if a row consists of them: 1, 2, 3, … where it is not blank.
fn ordinals(row: &GridRow) -> Option<Vec<Option<usize>>> {
    let mut next = 1;
    let mut numbers = vec![None];
    let bare = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if !words::is_stub(row.text(0)) && row.filled().any(|(j, text)| j > 0 && bare(text)) {
        return None;
    }
    for j in 1..row.cells.len() {
        match words::ordinal(row.text(j)) {
            Some(n) if n == next => {
                numbers.push(Some(n));
                next += 1;
            }
            None if row.text(j).is_empty() => numbers.push(None),
            _ => return None,
        }
    }
    (next > 1).then_some(numbers)
}

/// A column of a table of regressions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// Where its estimates stand.
    pub(super) at: usize,
    /// Where its uncertainties stand, if they have a column of their own.
    pub(super) beside: Option<(usize, Beside)>,
    /// Where others stand.
    pub(super) more: Vec<(usize, Beside)>,
    /// What it is called.
    pub(super) name: String,
    /// The dependent variable, if the header says so.
    pub(super) dependent: Option<String>,
}

/// The columns of a table of regressions, and remarks about how they were read.
pub(super) fn columns(
    header: &[GridRow],
    data: &[usize],
    outcome: Option<&str>,
    remarks: &mut Vec<String>,
) -> Vec<Column> {
    let kinds = header.iter().position(|row| {
        let kinds: Vec<_> = data.iter().filter_map(|&j| words::beside(row.text(j))).collect();
        kinds.contains(&Beside::Estimate) && kinds.iter().any(|kind| *kind != Beside::Estimate)
    });
    let kind = |j: usize| kinds.and_then(|at| words::beside(header[at].text(j)));
    let numbered = header.iter().position(|row| ordinals(row).is_some());
    let dependent = dependent(header, numbered, data);
    if let Some(at) = dependent {
        let named = words::is_dependent(header[at].text(0));
        if !named && !header.iter().any(says_dependent) {
            let texts: Vec<&str> = data.iter().map(|&j| header[at].seen(j)).collect();
            remarks.push(format!(
                "{}: taken for the dependent variables: {}",
                header[at].at,
                brief(&texts)
            ));
        }
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut unused: Vec<&str> = Vec::new();
    for &j in data {
        match (kind(j), columns.last_mut()) {
            (Some(beside @ (Beside::Error | Beside::T | Beside::Z | Beside::P)), Some(column)) => {
                let taken = |kind| {
                    column.more.iter().any(|it| it.1 == kind)
                        || column.beside.is_some_and(|it| it.1 == kind)
                };
                if taken(beside) {
                    unused.extend(kinds.map(|row| header[row].text(j)));
                } else if column.beside.is_none() {
                    column.beside = Some((j, beside));
                } else if beside == Beside::Error {
                    column.more.extend(column.beside.replace((j, beside)));
                } else {
                    column.more.push((j, beside));
                }
                continue;
            }
            (Some(other), Some(_)) if other != Beside::Estimate => {
                unused.extend(kinds.map(|row| header[row].text(j)));
                continue;
            }
            _ => {}
        }
        let skip = |at: usize| Some(at) == kinds || Some(at) == dependent || Some(at) == numbered;
        let number = numbered.map(|at| header[at].seen(j)).and_then(words::ordinal);
        let mut parts: Vec<String> = number.map(|n| format!("({n})")).into_iter().collect();
        for (_, row) in
            header.iter().enumerate().filter(|(at, row)| !skip(*at) && !says_dependent(row))
        {
            let text = words::label(&[row.seen(j)]);
            if !text.is_empty() && !parts.contains(&text) {
                parts.push(text);
            }
        }
        let dependent =
            dependent.map(|at| header[at].seen(j).to_owned()).filter(|text| !text.is_empty());
        let dependent = dependent.or_else(|| outcome.map(str::to_owned));
        columns.push(Column {
            at: j,
            beside: None,
            more: Vec::new(),
            name: parts.join(" "),
            dependent,
        });
    }
    unused.sort_unstable();
    unused.dedup();
    if !unused.is_empty() {
        let at = kinds.map_or("", |at| header[at].at.as_str());
        remarks.push(format!("{at}: columns not used: {}", brief(&unused)));
    }
    name(&mut columns);
    columns
}

/// A row of a header that says but "Dependent variable".
fn says_dependent(row: &GridRow) -> bool {
    let mut texts = row.filled().map(|(_, text)| text);
    texts.any(words::is_dependent)
        && row.filled().all(|(j, text)| j == 0 || words::is_dependent(text))
}

/// The row that names the dependent variables: the one that says so, the one below a line that does,
/// or the one below the numbers of the columns, unless it names estimators or samples.
fn dependent(header: &[GridRow], numbered: Option<usize>, data: &[usize]) -> Option<usize> {
    let has = |at: &usize| {
        let texts = || data.iter().map(|&j| header[*at].seen(j));
        texts().any(|text| !text.is_empty() && !words::is_dependent(text))
            && texts().all(|text| !text.is_empty())
    };
    let named = (0..header.len()).find(|&at| words::is_dependent(header[at].text(0)) && has(&at));
    let below = || {
        let says = header.iter().position(says_dependent)?;
        (says + 1..header.len()).find(|at| Some(*at) != numbered && has(at))
    };
    let under = || {
        let at = numbered.map(|at| at + 1).filter(|at| *at < header.len()).filter(has)?;
        let texts = data.iter().map(|&j| header[at].seen(j));
        let named = |text: &str| words::is_method(text) || words::beside(text).is_some();
        (!texts.into_iter().any(named)).then_some(at)
    };
    named.or_else(below).or_else(under)
}

/// Every column gets a name, and no two the same.
pub(super) fn name(columns: &mut [Column]) {
    for (n, column) in columns.iter_mut().enumerate() {
        if column.name.is_empty() {
            column.name = format!("({})", n + 1);
        }
    }
    for at in 1..columns.len() {
        let (before, after) = columns.split_at_mut(at);
        if before.iter().any(|column| column.name == after[0].name) {
            after[0].name = format!("({}) {}", at + 1, after[0].name);
        }
    }
}

/// The first of some texts.
pub(super) fn brief(texts: &[&str]) -> String {
    let more = if texts.len() > 6 { ", …" } else { "" };
    format!("{}{more}", texts[..texts.len().min(6)].join(", "))
}
