//! Pipe tables and grid tables in Markdown.
//!
//! By hand: of Markdown only the bars matter here, and a parser would take the stars of a cell for
//! emphasis.

use super::error::PasteError;
use super::grid::{Grid, GridRow, Size, is_title, tidied};

/// Whether a text holds a table of bars.
pub(super) fn is(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    lines.any(|line| line.contains('|') && is_rule(line))
        || text.lines().any(|l| l.starts_with("+--"))
}

/// The tables of a text, each with the lines around it.
pub(super) fn read(name: &str, text: &str) -> Result<Vec<Grid>, PasteError> {
    let mut size = Size::default();
    let mut grids: Vec<Grid> = Vec::new();
    let mut between: Vec<String> = Vec::new();
    let mut inside = false;
    for (at, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let grid_rule = line.starts_with('+') && (line.contains("--") || line.contains("=="));
        if grid_rule || inside && is_rule(line) {
            continue;
        }
        if !line.contains('|') || line.contains("|t|") && !line.starts_with('|') {
            inside = false;
            let text = tidied(&plain(line.trim_start_matches(['#', '>', ':']).trim()));
            if !text.is_empty() {
                between.push(text);
            }
            continue;
        }
        if !inside {
            let above = shared(&mut grids, std::mem::take(&mut between));
            grids.push(Grid { above, ..Grid::default() });
            inside = true;
        }
        if let Some(grid) = grids.last_mut() {
            let cells = cells(line).iter().map(|cell| Some(tidied(&plain(cell)))).collect();
            let row = GridRow { at: format!("{name}:{at}"), cells };
            size.admit(name, &row)?;
            grid.rows.push(row);
        }
    }
    if let Some(last) = grids.last_mut() {
        last.below = between;
    }
    Ok(grids)
}

/// Lines between two tables: from the first title on they are above the next one, the others below
/// the one before.
fn shared(grids: &mut [Grid], lines: Vec<String>) -> Vec<String> {
    let Some(last) = grids.last_mut() else { return lines };
    let title = lines.iter().position(|line| is_title(line)).unwrap_or(lines.len());
    let mut below = lines;
    let above = below.split_off(title);
    last.below = below;
    above
}

/// `|---|:--:|`, the line below a header; also that of a grid.
fn is_rule(line: &str) -> bool {
    line.contains("--") && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '+' | '='))
}

/// The cells of a line, without the bars at its ends.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, cells.last_mut()) {
            ('\\', Some(cell)) => {
                cell.push(c);
                cell.extend(chars.next());
            }
            // `P>|t|` is no end of a cell.
            ('|', Some(cell)) if cell.trim_end().ends_with('>') && bars(chars.as_str()) => {
                cell.push(c);
                cell.extend(chars.by_ref().take(2));
            }
            ('|', _) => cells.push(String::new()),
            (c, Some(cell)) => cell.push(c),
            (_, None) => {}
        }
    }
    let closed = line.len() > 1 && line.ends_with('|') && !line.ends_with("\\|");
    let end = cells.len() - usize::from(closed);
    let start = usize::from(line.starts_with('|')).min(end);
    cells[start..end].to_vec()
}

/// Whether a text goes on as `t|` or `z|`.
fn bars(rest: &str) -> bool {
    rest.starts_with("t|") || rest.starts_with("z|")
}

/// Text without what Markdown and HTML put around it; stars that stand for themselves remain.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '\\' && rest[1..].starts_with(|c: char| c.is_ascii_punctuation()) {
            out.push_str(&rest[1..2]);
            rest = &rest[2..];
        } else if let Some(tag) = tag(rest) {
            out.push_str(if rest[..tag].to_lowercase().starts_with("<br") { " " } else { "" });
            rest = &rest[tag..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    for (entity, c) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
        ("&minus;", "−"),
        ("&ast;", "*"),
        ("&#42;", "*"),
        ("&#124;", "|"),
    ] {
        out = out.replace(entity, c);
    }
    bold(out.trim()).to_owned()
}

/// How long the HTML tag is that a text begins with.
fn tag(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let end = inner.find('>')?;
    let name = inner[..end].trim_start_matches('/');
    let tags = ["sup", "sub", "br", "b", "i", "em", "strong", "span"];
    let word: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
    tags.contains(&word.to_lowercase().as_str()).then_some(end + 2)
}

/// `**0.12**` is a bold 0.12; `0.12**` has two stars.
fn bold(text: &str) -> &str {
    for mark in ["**", "__", "*", "_"] {
        let inner = text.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        if let Some(inner) = inner.filter(|inner| !inner.is_empty() && !inner.contains(['*', '_']))
        {
            return inner.trim();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_no_emphasis_unless_they_are() {
        assert_eq!(plain("0.110***<br>(0.013)"), "0.110*** (0.013)");
        assert_eq!(plain("0.110\\*\\*\\*"), "0.110***");
        assert_eq!(plain("0.110<sup>**</sup>"), "0.110**");
        assert_eq!(plain("**0.110**"), "0.110");
        assert_eq!(plain("***0.110"), "***0.110");
        assert_eq!(plain("p < 0.05 &amp; R<sup>2</sup>"), "p < 0.05 & R2");
        assert_eq!(cells("| a \\| b | | c |"), [" a \\| b ", " ", " c "]);
    }

    #[test]
    fn lines_belong_to_the_table_they_stand_at() {
        let text = "# Table 1\n| a | b |\n|---|---|\n| x | 1 |\n\n* p<0.1\n\nTable 2. More\n\na | b\n--|--\ny | 2\nend";
        assert!(is(text) && !is("a|b\n1|2"));
        let grids = read("t.md", text).expect("tables");
        assert_eq!(grids.len(), 2);
        assert_eq!(
            (&grids[0].above[..], &grids[0].below[..]),
            (&["Table 1".to_owned()][..], &["* p<0.1".to_owned()][..])
        );
        assert_eq!(
            (&grids[1].above[..], &grids[1].below[..]),
            (&["Table 2. More".to_owned()][..], &["end".to_owned()][..])
        );
        assert_eq!(grids[1].rows[1].at, "t.md:12");
        assert_eq!(grids[1].rows[1].cells, [Some("y".to_owned()), Some("2".to_owned())]);
    }
}
