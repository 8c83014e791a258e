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
    while let Some((begin, body, environment, form)) = next(&text, from) {
        let close = format!("\\end{{{environment}}}");
        let end = text[body..].find(&close).map(|end| body + end).ok_or_else(|| {
            PasteError::Unclosed { at: at(begin), what: format!("`\\begin{{{environment}}}`") }
        })?;
        let mut rows = rows(name, &text, body, end)?;
        let points = points(form);
        for row in &mut rows {
            join(&mut row.cells, &points);
        }
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
        let after = own(after, ends.get(k + 1).is_some());
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

/// What belongs to a table of the text behind it: all that is within its float; behind the last float, lines of notes up to
/// a blank one, as `summary_col` sets them.
fn own(after: &str, others: bool) -> &str {
    let Some(at) = ["\\end{table", "\\begin{table"].iter().filter_map(|it| after.find(it)).min()
    else {
        return after;
    };
    if others || after[at..].starts_with("\\begin") {
        return &after[..at];
    }
    let behind = at + after[at..].find('}').map_or(0, |end| end + 1);
    let lines = after[behind..].trim_start();
    let begin = after.len() - lines.len();
    let end = lines.find("\n\n").map_or(after.len(), |end| begin + end);
    &after[..end]
}

/// The line of a byte, from 1.
fn line(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// The text with comments blanked out; lines keep their numbers.
fn uncommented(text: &str) -> String {
    let line = |line: &str| {
        let (mut escaped, mut at, mut last) = (false, 0, 0);
        let end = line.find(|c| {
            at += last;
            last = char::len_utf8(c);
            let rest = line[at + last..].trim_start();
            // pandas writes the names of quantiles as they are: `25% & 50%`.
            let percent = line[..at].ends_with(|c: char| c.is_ascii_digit())
                && (rest.starts_with('&') || rest.starts_with("\\\\"));
            let found = c == '%' && !escaped && !percent;
            escaped = c == '\\' && !escaped;
            found
        });
        end.map_or(line, |end| &line[..end]).to_owned()
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Columns of a form such as `lr@{.}l` whose cells are the whole part of numbers that the next column goes on with.
fn points(form: &str) -> Vec<usize> {
    let (mut found, mut columns) = (Vec::new(), 0_usize);
    let mut tokens = Tex::new(form.trim_start().trim_start_matches('{'));
    while let Some((at, token)) = tokens.next() {
        match token {
            "l" | "c" | "r" | "X" | "S" | "p" | "m" | "b" | "D" => columns += 1,
            "@" if form.trim_start().trim_start_matches('{')[at..].starts_with("@{.}") => {
                found.extend(columns.checked_sub(1));
            }
            _ => {}
        }
    }
    found
}

/// Puts numbers together that are set in two columns; the later ones first, since places move.
fn join(cells: &mut Vec<Option<String>>, points: &[usize]) {
    for &at in points.iter().rev() {
        if at + 1 >= cells.len() {
            continue;
        }
        let fraction = cells.remove(at + 1);
        if let (Some(whole), Some(fraction)) = (&mut cells[at], fraction)
            && !fraction.is_empty()
        {
            whole.push('.');
            whole.push_str(&fraction);
        }
    }
}

/// The next environment: where it begins, where its body does, its name, and the form of its columns.
fn next(text: &str, from: usize) -> Option<(usize, usize, &'static str, &str)> {
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
    let mut form = "";
    for _ in 0..arguments {
        if let Some(end) = skip(body, '{') {
            form = &text[body..end];
            body = end;
        }
    }
    Some((begin, body, name, form))
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
        // Round brackets behind any other rule are the first cell.
        let round = if rule == &"\\cmidrule" { '(' } else { '[' };
        for open in ['[', round, '[', '{', '{', '{'] {
            if let Some(inside) = argument(rest, open) {
                rest = rest[inside.len() + 2..].trim_start();
            }
        }
    }
    rest.to_owned()
}
