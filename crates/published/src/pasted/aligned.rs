//! Text whose columns blanks hold apart, as consoles print it and as it comes out of a PDF.

use super::error::PasteError;
use super::grid::{Grid, GridRow, Size, is_title, tidied};
use super::gutters::{self, Line, begins_number};
use super::header::{is_bracketed, is_number};
use super::words;
use crate::glyph::is_star;

/// Whether more lines have numbers between runs of blanks than between separators.
pub(super) fn is(text: &str, delimiter: char) -> bool {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let loose =
        lines().filter(|line| Line::new(String::new(), line).has_chunks_of_numbers()).count();
    loose > 0 && loose > lines().filter(|line| separated(line, delimiter)).count()
}

/// Whether a line has a number between separators, and no runs of blanks within its cells.
fn separated(line: &str, delimiter: char) -> bool {
    let cells = || line.split(delimiter).map(|it| it.trim_matches(['"', '=', ' ']));
    line.contains(delimiter)
        && cells().all(|cell| !cell.contains("  "))
        && cells().skip(1).any(is_number)
}

/// Whether lines have several numbers with one blank between, as copied out of a PDF.
pub(super) fn is_spaced(text: &str, delimiter: char) -> bool {
    let spaced = text.lines().filter(|line| trailing(line).1.len() > 1).count();
    spaced > 1 && spaced > text.lines().filter(|line| separated(line, delimiter)).count()
}

/// The tables of a text.
pub(super) fn read(name: &str, text: &str) -> Result<Vec<Grid>, PasteError> {
    let line = |(n, text): (usize, &str)| Line::new(format!("{name}:{}", n + 1), text);
    let lines: Vec<Line> = text.lines().enumerate().map(line).collect();
    let mut found: Vec<Found<'_>> = Vec::new();
    let mut between = Vec::new();
    let edge = |line: &Line| line.is_rule() || line.whole().is_empty();
    for piece in lines.chunk_by(|a, b| edge(a) == edge(b)) {
        if edge(&piece[0]) {
            if piece.iter().any(Line::is_rule) {
                between.push(Between::Rule);
            }
            continue;
        }
        match piece.iter().position(Line::has_numbers) {
            None => between.extend(piece.iter().map(Between::Words)),
            Some(first) => {
                between.extend(piece[..first].iter().map(Between::Words));
                take(&mut found, &mut between, &piece[first..]);
            }
        }
    }
    let mut size = Size::default();
    let mut grids: Vec<Grid> = Vec::new();
    let mut loose = Vec::new();
    for table in &found {
        if let Some(mut grid) = table.grid(name, &mut size)? {
            let above = loose.drain(..).chain(std::mem::take(&mut grid.above));
            let (notes, above) = above.partition(|line| is_note(line));
            match grids.last_mut() {
                Some(before) => before.below.extend::<Vec<String>>(notes),
                None => grid.below = notes,
            }
            grid.above = above;
            grids.push(grid);
        } else {
            let lines = table.above.iter().chain(&table.header).chain(&table.body);
            loose.extend(lines.map(|line| tidied(&line.whole())));
        }
    }
    loose.extend(between.iter().filter_map(Between::words).map(|line| tidied(&line.whole())));
    if let Some(last) = grids.last_mut() {
        last.below.extend(loose);
    }
    Ok(grids)
}

/// Whether a line says what brackets or stars of the table above it mean.
fn is_note(line: &str) -> bool {
    line.contains(is_star) || line.contains("parenthes") || line.contains("bracket")
}

/// What stands between two runs of numbers.
enum Between<'l> {
    Rule,
    Words(&'l Line),
}

impl<'l> Between<'l> {
    fn words(&self) -> Option<&'l Line> {
        match self {
            Self::Rule => None,
            Self::Words(line) => Some(line),
        }
    }
}

/// A table that was found: its lines.
struct Found<'l> {
    above: Vec<&'l Line>,
    header: Vec<&'l Line>,
    body: Vec<&'l Line>,
}

impl Found<'_> {
    fn columns(&self) -> Vec<(usize, usize)> {
        gutters::columns(&numbers(&self.body))
    }
}

fn numbers<'l>(lines: &[&'l Line]) -> Vec<&'l Line> {
    lines.iter().copied().filter(|line| line.has_numbers()).collect()
}

/// Whether a line of words names columns: it leaves the place of labels blank, or says that it does not name a row.
fn heads(line: &Line) -> bool {
    let chunks = line.chunks();
    let Some(&(from, to)) = chunks.first() else { return false };
    let known = |&(from, to): &(usize, usize)| {
        let text = line.text(from, to);
        words::moment(&text).is_some() || words::beside(&text).is_some()
    };
    let names = words::is_stub(&line.text(from, to)) || chunks.iter().skip(1).any(known);
    from > 0 || chunks.len() > 1 && names
}

/// How many columns beside that of labels a line of words names.
fn over(line: &Line, columns: &[(usize, usize)]) -> usize {
    let cells = gutters::spread(line, columns);
    cells.iter().skip(1).flatten().filter(|text| !text.is_empty()).count()
}

/// Adds a run of lines that begins with numbers: to the table before it if they have the same columns and nothing names
/// columns between.
fn take<'l>(found: &mut Vec<Found<'l>>, between: &mut Vec<Between<'l>>, piece: &'l [Line]) {
    let lines: Vec<&Line> = piece.iter().collect();
    let words: Vec<&Line> = between.iter().filter_map(Between::words).collect();
    let own = gutters::columns(&numbers(&lines));
    let headed = words.iter().any(|line| heads(line) && over(line, &own) > 1);
    if let Some(last) = found.last_mut().filter(|_| !headed) {
        let all: Vec<&Line> = last.body.iter().chain(&lines).copied().collect();
        let (before, own) = (last.columns().len(), own.len());
        let together = gutters::columns(&numbers(&all)).len();
        if together > 1 && together == before.max(own) && before.min(own) > 1 {
            last.body.extend(words);
            last.body.extend(lines);
            between.clear();
            return;
        }
    }
    // What stands above the first rule and says nothing of columns is no header.
    let mut table = Found { above: Vec::new(), header: Vec::new(), body: lines };
    let columns = table.columns();
    let mut ruled = false;
    for it in between.drain(..) {
        match it {
            Between::Rule => ruled = true,
            Between::Words(line) => {
                let text = line.whole();
                let few = text.split_whitespace().count() <= 3;
                let names = heads(line)
                    && (over(line, &columns) > 1
                        || words::is_dependent(&text)
                        || words::ordinal(&text).is_some()
                        || few && (ruled || !table.header.is_empty()));
                if names && !is_title(&text) {
                    table.header.push(line);
                } else {
                    table.above.push(line);
                }
            }
        }
    }
    found.push(table);
}

impl Found<'_> {
    /// `None` if nothing names its rows.
    fn grid(&self, name: &str, size: &mut Size) -> Result<Option<Grid>, PasteError> {
        let data = numbers(&self.body);
        let columns = self.columns();
        let labelled = |line: &&&Line| {
            let cell = columns.first().map_or(String::new(), |&(from, to)| line.text(from, to));
            cell.contains(char::is_alphabetic)
        };
        if data.len() < 2 || !data.iter().any(|line| labelled(&line)) {
            return Ok(None);
        }
        let mut rows = Vec::new();
        let drifts = |line: &&&Line| {
            let cells = gutters::cells(line, &columns);
            // A label that ends in a number with decimals has taken a cell.
            let taken = cells
                .first()
                .is_some_and(|label| trailing(label).1.last().is_some_and(|it| it.contains('.')));
            columns.len() < 2 || taken || cells.iter().skip(1).any(|it| drifts(it))
        };
        if let Some(line) = data.iter().find(drifts) {
            let lines: Vec<(String, String)> =
                self.body.iter().map(|line| (line.at.clone(), line.whole())).collect();
            return match by_count(&lines) {
                Ok(mut grid) => {
                    grid.above = self.above_lines();
                    Ok(Some(grid))
                }
                Err(_) => Err(PasteError::Adrift { at: line.at.clone(), text: line.whole() }),
            };
        }
        for line in self.header.iter().chain(&self.body) {
            let cells = if line.has_numbers() && self.body.iter().any(|it| std::ptr::eq(*it, *line))
            {
                gutters::cells(line, &columns).iter().map(|it| Some(tidied(it))).collect()
            } else {
                let cells = gutters::spread(line, &columns);
                cells.iter().map(|it| it.as_deref().map(tidied)).collect()
            };
            let row = GridRow { at: line.at.clone(), cells };
            size.admit(name, &row)?;
            rows.push(row);
        }
        Ok(Some(Grid { above: self.above_lines(), rows, below: Vec::new() }))
    }

    fn above_lines(&self) -> Vec<String> {
        self.above.iter().map(|line| tidied(&line.whole())).collect()
    }
}

/// Whether a cell holds two numbers that a run of blanks holds apart, the second in no brackets.
fn drifts(cell: &str) -> bool {
    let mut parts = cell.split("  ").map(str::trim).filter(|it| !it.is_empty());
    let first = parts.next().is_some_and(begins_number);
    first
        && parts
            .any(|it| begins_number(it) && !is_bracketed(it.trim_end_matches(is_star).trim_end()))
}

/// A text of numbers with one blank between: a cell is the next number, if all rows have as many.
pub(super) fn spaced(name: &str, text: &str) -> Result<Vec<Grid>, PasteError> {
    let lines: Vec<(String, String)> =
        (1..).zip(text.lines()).map(|(n, line)| (format!("{name}:{n}"), tidied(line))).collect();
    by_count(&lines).map(|grid| vec![grid])
}

/// The label of a line and the numbers at its end, each with what is attached to it.
fn trailing(line: &str) -> (String, Vec<String>) {
    let tokens: Vec<&str> = line.split_whitespace().collect();
    let is = |it: &&str| is_number(it) || is_bracketed(it) || it.chars().all(is_star);
    let first = tokens.iter().rposition(|it| !is(it)).map_or(0, |at| at + 1);
    let mut cells: Vec<String> = Vec::new();
    for token in &tokens[first..] {
        match cells.last_mut() {
            Some(cell) if token.chars().all(is_star) || attached(cell, token) => {
                cell.push(' ');
                cell.push_str(token);
            }
            _ => cells.push((*token).to_owned()),
        }
    }
    (tokens[..first].join(" "), cells)
}

/// Whether a number in brackets belongs to the one before it.
fn attached(cell: &str, token: &str) -> bool {
    is_bracketed(token) && !cell.contains(['(', '['])
}

fn by_count(lines: &[(String, String)]) -> Result<Grid, PasteError> {
    let mut grid = Grid::default();
    let mut width: Option<usize> = None;
    let last = lines.iter().rposition(|(_, line)| trailing(line).1.len() > 1);
    for (n, (at, line)) in lines.iter().enumerate() {
        let (label, cells) = trailing(line);
        let several = cells.len() > 1 || width == Some(1) && !cells.is_empty();
        let header = words::is_stub(&label)
            && !cells.is_empty()
            && cells.iter().all(|it| words::ordinal(it).is_some());
        if line.is_empty() {
            continue;
        }
        if !several && (width.is_none() || last.is_some_and(|last| n > last)) {
            let lines = if width.is_none() { &mut grid.above } else { &mut grid.below };
            lines.push(line.clone());
            continue;
        }
        let expected = *width.get_or_insert(cells.len());
        if cells.len() != expected && !cells.is_empty() {
            let got = cells.len();
            return Err(PasteError::Uneven { at: at.clone(), expected, got });
        }
        let words = || line.split(' ').collect::<Vec<_>>();
        let cells = if cells.is_empty() && words().len() == expected + 1 {
            words().into_iter().map(|it| Some(it.to_owned())).collect()
        } else {
            let label = if header { String::new() } else { label };
            std::iter::once(label).chain(cells).map(Some).collect()
        };
        grid.rows.push(GridRow { at: at.clone(), cells });
    }
    Ok(grid)
}
