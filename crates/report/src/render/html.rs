//! A table as an HTML fragment, for a page that brings its own style.

use crate::table::{Align, Cell, Head, Row, Table, Tone};

/// A `<table>`, escaped, with caption, scoped heads, a `tbody` between rules, and notes in `tfoot`.
///
/// Classes: `left`, `centre`, `right`, `decimal` on cells; `mark` and `quiet`, `good`, `caution`,
/// `bad` on marks; `title` and `group` where they say so.
pub fn html(table: &Table) -> String {
    let columns = table.columns();
    let mut out = String::from("<table>\n");
    caption(table, &mut out);
    if !table.heads.is_empty() {
        let rows: String = table.heads.iter().map(|row| heads(row, columns)).collect();
        out += &format!("<thead>\n{rows}</thead>\n");
    }
    for rows in table.rows.split(|row| *row == Row::Rule).filter(|rows| !rows.is_empty()) {
        let rows: String = rows.iter().map(|row| body(row, columns)).collect();
        out += &format!("<tbody>\n{rows}</tbody>\n");
    }
    if !table.notes.is_empty() {
        let notes = table.notes.iter();
        let notes: String = notes.map(|note| format!("<p>{}</p>", escape(note))).collect();
        out += &format!("<tfoot>\n<tr><td colspan=\"{columns}\">{notes}</td></tr>\n</tfoot>\n");
    }
    out + "</table>\n"
}

/// `text` with every character that HTML would read escaped, in content and in attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn caption(table: &Table, out: &mut String) {
    if table.title.is_empty() && table.caption.is_none() {
        return;
    }
    let title = format!("<span class=\"title\">{}</span>", escape(&table.title));
    let more = table.caption.iter().map(|text| format!("<br>{}", escape(text))).collect::<String>();
    *out += &format!("<caption>{title}{more}</caption>\n");
}

fn heads(heads: &[Head], columns: usize) -> String {
    let mut cells = String::new();
    let mut used = 0;
    for Head { text, span } in heads {
        let (span, text) = ((*span).max(1), escape(text));
        used += span;
        match (span, text.is_empty()) {
            (1, true) => cells += "<td></td>",
            (1, false) => cells += &format!("<th scope=\"col\">{text}</th>"),
            (_, true) => cells += &format!("<td colspan=\"{span}\"></td>"),
            (_, false) => {
                cells += &format!("<th scope=\"colgroup\" colspan=\"{span}\">{text}</th>");
            }
        }
    }
    format!("<tr>{cells}{}</tr>\n", "<td></td>".repeat(columns - used))
}

fn body(row: &Row, columns: usize) -> String {
    match row {
        Row::Cells { stub, cells } => {
            let stub = format!("<th scope=\"row\">{}</th>", content(stub));
            let blank = "<td></td>".repeat(columns - 1 - cells.len());
            let cells: String = cells.iter().map(cell).collect();
            format!("<tr>{stub}{cells}{blank}</tr>\n")
        }
        Row::Group(text) => format!(
            "<tr><th class=\"group\" scope=\"rowgroup\" colspan=\"{columns}\">{}</th></tr>\n",
            escape(text)
        ),
        Row::Rule => String::new(),
    }
}

fn cell(cell: &Cell) -> String {
    let class = match cell.align {
        Align::Left => "left",
        Align::Centre => "centre",
        Align::Right => "right",
        Align::Decimal => "decimal",
    };
    format!("<td class=\"{class}\">{}</td>", content(cell))
}

fn content(cell: &Cell) -> String {
    let lines: Vec<_> = cell.lines.iter().map(|text| escape(text)).collect();
    let mark = cell.mark.iter().map(|mark| {
        let tone = match mark.tone {
            Tone::Quiet => "quiet",
            Tone::Good => "good",
            Tone::Caution => "caution",
            Tone::Bad => "bad",
        };
        format!(" <span class=\"mark {tone}\">{}</span>", escape(&mark.sign))
    });
    lines.join("<br>") + &mark.collect::<String>()
}
