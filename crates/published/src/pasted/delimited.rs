//! Text with a separator between cells: tabs, semicolons or commas.

use super::error::PasteError;
use super::grid::{Grid, GridRow, Size, tidied};

/// The cells of a text, as one grid.
pub(super) fn read(name: &str, text: &str) -> Result<Grid, PasteError> {
    let delimiter = delimiter(text);
    let mut rows = Vec::new();
    let mut size = Size::default();
    let mut line = 1;
    let mut rest = text;
    while !rest.is_empty() {
        let at = format!("{name}:{line}");
        let (cells, after) = record(rest, delimiter).ok_or_else(|| PasteError::Unclosed {
            at: at.clone(),
            what: "a quotation mark".to_owned(),
        })?;
        line += rest[..rest.len() - after.len()].matches('\n').count();
        rest = after;
        let cells = cells.iter().map(|cell| Some(tidied(cell))).collect();
        rows.push(GridRow { at, cells });
        rows.last().map_or(Ok(()), |row| size.admit(name, row))?;
    }
    Ok(Grid { rows, ..Grid::default() })
}

/// The separator that most lines have most of; of equals, tabs before semicolons before commas.
pub(super) fn delimiter(text: &str) -> char {
    let lines = || text.lines().filter(|line| !line.trim().is_empty()).take(200);
    let count = |&c: &char| lines().filter(|line| outside_quotes(line, c)).count();
    ['\t', ';', ','].into_iter().rev().max_by_key(count).unwrap_or(',')
}

fn outside_quotes(line: &str, wanted: char) -> bool {
    let mut quoted = false;
    line.chars().any(|c| {
        quoted ^= c == '"';
        c == wanted && !quoted
    })
}

/// One record and what follows it: quotes as in RFC 4180, and `="0.30"` as spreadsheets need it,
/// within which a separator is none. `None` if a quote is never closed.
fn record(text: &str, delimiter: char) -> Option<(Vec<String>, &str)> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut chars = text.char_indices().peekable();
    let mut quoted = false;
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if quoted && chars.peek().is_some_and(|&(_, next)| next == '"') => {
                cell.push('"');
                chars.next();
            }
            '"' if quoted => quoted = false,
            '"' if matches!(cell.trim(), "" | "=") => {
                cell.clear();
                quoted = true;
            }
            '\r' if !quoted && chars.peek().is_none_or(|&(_, next)| next == '\n') => {}
            '\n' if !quoted => {
                cells.push(cell);
                return Some((cells, &text[at + 1..]));
            }
            c if c == delimiter && !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    (!quoted).then_some((cells, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_quotes_and_lines() {
        let grid =
            read("t.csv", "a,\"b\nc\"\r\n\r\n=\"1,234\",\"say \"\"x\"\"\",\"\"\n").expect("a grid");
        let rows: Vec<(&str, Vec<&str>)> = grid
            .rows
            .iter()
            .map(|row| {
                (row.at.as_str(), row.cells.iter().map(|c| c.as_deref().unwrap_or("")).collect())
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("t.csv:1", vec!["a", "b c"]),
                ("t.csv:3", vec![""]),
                ("t.csv:4", vec!["1,234", "say \"x\"", ""]),
            ]
        );
        assert_eq!(delimiter("x\t0,5\ny\t1,5"), '\t');
        assert_eq!(delimiter("\"a;b\",c\n\"d;e\",f"), ',');
        let open = read("t.csv", "a,b\n\"c,d\n").map(drop);
        assert_eq!(
            open.map_err(|error| error.to_string()),
            Err("t.csv:2: a quotation mark is opened and never closed; close it".to_owned())
        );
    }
}
