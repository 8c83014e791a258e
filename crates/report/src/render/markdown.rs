//! A table in GitHub's Markdown.

use crate::table::{Align, Cell, Row, Table};

/// A table as GitHub shows it, ending in a newline.
///
/// Rows of heads become one, lines of a cell are broken by `<br>`, rules are left out. Text is
/// escaped: `0.0088***` shows its stars.
pub fn markdown(table: &Table) -> String {
    let columns = table.columns();
    let mut out = Vec::new();
    if !table.title.is_empty() {
        out.push(format!("**{}**\n", escape(table.title.trim())));
    }
    out.extend(table.caption.iter().map(|caption| escape(caption) + "\n"));
    out.push(line(&heads(table, columns), columns));
    let rules: Vec<_> = (0..columns).map(|j| rule(align(table, j)).to_owned()).collect();
    out.push(line(&rules, columns));
    for row in &table.rows {
        match row {
            Row::Cells { stub, cells } => {
                let cells: Vec<_> = std::iter::once(stub).chain(cells).map(content).collect();
                out.push(line(&cells, columns));
            }
            Row::Group(text) => out.push(line(&[format!("**{}**", escape(text.trim()))], columns)),
            Row::Rule => {}
        }
    }
    if !table.notes.is_empty() {
        out.push(String::new());
        out.extend(table.notes.iter().map(|note| format!("- {}", escape(note))));
    }
    out.join("\n") + "\n"
}

/// `text` on one line, with every character that Markdown or GitHub's HTML would read escaped.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '|' | '[' | ']' | '#' | '~' | '$' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

fn line(cells: &[String], columns: usize) -> String {
    let blank = String::new();
    let cells: Vec<_> = (0..columns).map(|j| cells.get(j).unwrap_or(&blank).as_str()).collect();
    format!("| {} |", cells.join(" | "))
}

/// One head a column: the heads above it, from the top.
fn heads(table: &Table, columns: usize) -> Vec<String> {
    let mut joined = vec![Vec::new(); columns];
    for heads in &table.heads {
        let mut from = 0;
        for head in heads {
            let to = from + head.span.max(1);
            if !head.text.is_empty() {
                joined[from..to].iter_mut().for_each(|texts| texts.push(escape(&head.text)));
            }
            from = to;
        }
    }
    joined.iter().map(|texts| texts.join("<br>")).collect()
}

fn content(cell: &Cell) -> String {
    let lines: Vec<_> = cell.lines.iter().map(|text| escape(text)).collect();
    let mark = cell.mark.iter().map(|mark| format!(" {}", escape(&mark.sign))).collect::<String>();
    lines.join("<br>") + &mark
}

/// How column `j` is aligned: as its first cell that is not blank.
fn align(table: &Table, j: usize) -> Align {
    let cells = table.rows.iter().filter_map(|row| match row {
        Row::Cells { stub, .. } if j == 0 => Some(stub),
        Row::Cells { cells, .. } => cells.get(j - 1),
        Row::Group(_) | Row::Rule => None,
    });
    let mut written = cells.filter(|cell| !cell.lines.is_empty());
    written.next().map_or(Align::Left, |cell| cell.align)
}

fn rule(align: Align) -> &'static str {
    match align {
        Align::Left => ":---",
        Align::Centre => ":---:",
        Align::Right | Align::Decimal => "---:",
    }
}
