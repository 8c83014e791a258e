//! LaTeX: `tabular` and its relatives, as esttab, outreg2, stargazer, etable and modelsummary write
//! them.

use super::error::PasteError;
use super::grid::{Grid, GridRow, Size, tidied};
use super::tex::{Tex, argument, plain};

const ENVIRONMENTS: [&str; 8] =
    ["tabular", "tabular*", "tabularx", "tabulary", "longtable", "longtable*", "tblr", "array"];

/// Whether a text is LaTeX with a table in it.
pub(super) fn is(text: &str) -> bool {
    ENVIRONMENTS.iter().any(|name| text.contains(&format!("\\begin{{{name}}}")))
        || text.lines().any(|line| line.contains('&') && line.contains("\\\\"))
}

/// The tables of a text, each with its caption and the lines below it.
pub(super) fn read(name: &str, text: &str) -> Result<Vec<Grid>, PasteError> {
    let text = uncommented(text);
    let at = |offset: usize| format!("{name}:{}", line(&text, offset));
    let mut grids = Vec::new();
    let mut from = 0;
    let mut ends = Vec::new();
    while let Some((begin, body, environment)) = next(&text, from) {
        let close = format!("\\end{{{environment}}}");
        let end = text[body..].find(&close).map(|end| body + end).ok_or_else(|| {
            PasteError::Unclosed { at: at(begin), what: format!("`\\begin{{{environment}}}`") }
        })?;
        let rows = rows(name, &text, body, end)?;
        grids.push(Grid {
            above: caption(&text[from..begin]).into_iter().collect(),
            rows,
            below: Vec::new(),
        });
        from = end + close.len();
        ends.push((begin, from));
    }
    if grids.is_empty() {
        // The rows alone, as `esttab, fragment` writes them.
        let rows = rows(name, &text, 0, text.len())?;
        return Ok(vec![Grid { rows, ..Grid::default() }]);
    }
    for (k, grid) in grids.iter_mut().enumerate() {
        let stop = ends.get(k + 1).map_or(text.len(), |(begin, _)| *begin);
        let after = &text[ends[k].1..stop];
        // What stands behind the float belongs to the next one.
        let after = ["\\end{table", "\\begin{table"]
            .iter()
            .filter_map(|mark| after.find(mark))
            .min()
            .map_or(after, |at| &after[..at]);
        if grid.above.is_empty() {
            grid.above.extend(caption(after));
        }
        let without = caption_span(after)
            .map_or(after.to_owned(), |(from, to)| format!("{}{}", &after[..from], &after[to..]));
        grid.below = without
            .split("\\\\")
            .flat_map(|part| part.split("\n\n"))
            .flat_map(|part| part.split("\\item"))
            .map(|line| tidied(&plain(line)))
            .filter(|line| !line.is_empty())
            .collect();
    }
    Ok(grids)
}

/// The line of a byte, from 1.
fn line(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// The text with comments blanked out; lines keep their numbers.
fn uncommented(text: &str) -> String {
    let line = |line: &str| {
        let mut escaped = false;
        let end = line.find(|c| {
            let found = c == '%' && !escaped;
            escaped = c == '\\' && !escaped;
            found
        });
        end.map_or(line, |end| &line[..end]).to_owned()
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The next environment: where it begins, where its body does, and its name.
fn next(text: &str, from: usize) -> Option<(usize, usize, &'static str)> {
    let found = ENVIRONMENTS.iter().filter_map(|name| {
        let begin = format!("\\begin{{{name}}}");
        text[from..].find(&begin).map(|at| (from + at, from + at + begin.len(), *name))
    });
    let (begin, mut body, name) = found.min_by_key(|(at, ..)| *at)?;
    let arguments = match name {
        "tabular*" | "tabularx" | "tabulary" => 2,
        _ => 1,
    };
    let skip = |from: usize, open: char| {
        let rest = &text[from..];
        let at = from + rest.len() - rest.trim_start().len();
        argument(&text[at..], open).map(|inside| at + inside.len() + 2)
    };
    body = skip(body, '[').unwrap_or(body);
    for _ in 0..arguments {
        body = skip(body, '{').unwrap_or(body);
    }
    Some((begin, body, name))
}

fn caption_span(text: &str) -> Option<(usize, usize)> {
    let at = text.rfind("\\caption")?;
    let open = at + text[at..].find('{')?;
    let inside = argument(&text[open..], '{')?;
    Some((at, open + inside.len() + 2))
}

fn caption(text: &str) -> Option<String> {
    let (at, end) = caption_span(text)?;
    let open = at + text[at..].find('{')?;
    let title = tidied(&plain(&text[open + 1..end - 1]));
    (!title.is_empty()).then_some(title)
}

/// The rows of a body: cells between `&`, rows between `\\`, both outside of braces.
fn rows(name: &str, text: &str, from: usize, to: usize) -> Result<Vec<GridRow>, PasteError> {
    let body = &text[from..to];
    let (mut rows, mut size) = (Vec::new(), Size::default());
    // Where the cells of this row begin, and how many lines there are before.
    let mut cells: Vec<(usize, usize)> = Vec::new();
    let (mut counted, mut lines) = (0, line(text, from));
    let (mut start, mut depth) = (0, 0_usize);
    let mut tokens = Tex::new(body);
    loop {
        let token = tokens.next();
        let (end, text) = token.unwrap_or((body.len(), "\\\\"));
        match text {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            "&" if depth == 0 => {
                cells.push((start, end));
                start = end + 1;
            }
            "\\\\" | "\\tabularnewline" | "\\cr" if depth == 0 || token.is_none() => {
                cells.push((start, end));
                let first = body[cells[0].0..].trim_start();
                let begins = body.len() - first.len();
                lines += body[counted..begins].matches('\n').count();
                counted = begins;
                let cells: Vec<_> =
                    cells.drain(..).flat_map(|(a, b)| spread(&body[a..b])).collect();
                if cells.iter().flatten().any(|cell| !cell.is_empty()) {
                    let row = GridRow { at: format!("{name}:{lines}"), cells };
                    size.admit(name, &row)?;
                    rows.push(row);
                }
                start = tokens.after_break();
            }
            _ => {}
        }
        if token.is_none() {
            return Ok(rows);
        }
    }
}

/// A cell, and those that it covers.
fn spread(cell: &str) -> Vec<Option<String>> {
    let bare = without_rules(cell);
    let Some(at) = bare.find("\\multicolumn") else { return vec![Some(tidied(&plain(&bare)))] };
    let rest = &bare[at + "\\multicolumn".len()..];
    let inside = |text: &str| {
        let text = text.trim_start();
        argument(text, '{').map(|inside| (inside.to_owned(), text[inside.len() + 2..].to_owned()))
    };
    let parsed = inside(rest).and_then(|(count, rest)| {
        let (_, rest) = inside(&rest)?;
        let (content, _) = inside(&rest)?;
        Some((count.trim().parse::<usize>().ok()?, content))
    });
    match parsed {
        // A span is no wider than a page, whatever it says.
        Some((span @ 1..=200, content)) => {
            let mut cells = vec![None; span];
            cells[0] = Some(tidied(&plain(&content)));
            cells
        }
        _ => vec![Some(tidied(&plain(&bare)))],
    }
}

const RULES: [&str; 14] = [
    "\\toprule",
    "\\midrule",
    "\\bottomrule",
    "\\hline",
    "\\cmidrule",
    "\\cline",
    "\\addlinespace",
    "\\specialrule",
    "\\endhead",
    "\\endfirsthead",
    "\\endfoot",
    "\\endlastfoot",
    "\\noalign",
    "\\Xhline",
];

/// A cell without the rules between rows, which stand before its text.
fn without_rules(cell: &str) -> String {
    let mut rest = cell.trim_start();
    while let Some(rule) =
        RULES.iter().filter(|rule| rest.starts_with(**rule)).max_by_key(|r| r.len())
    {
        rest = rest[rule.len()..].trim_start();
        for open in ['[', '(', '[', '{', '{', '{'] {
            if let Some(inside) = argument(rest, open) {
                rest = rest[inside.len() + 2..].trim_start();
            }
        }
    }
    rest.to_owned()
}
