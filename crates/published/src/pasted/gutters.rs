//! Columns of a text that blanks alone hold apart.

use super::header::{is_bracketed, is_number};
use super::words;
use crate::glyph::{is_sign, is_star};

/// A line as a typewriter sets it: a character a place, a wide one in two.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Where it stands, for messages.
    pub(super) at: String,
    places: Vec<char>,
}

/// What fills the second place of a wide character.
const SECOND: char = '\0';

impl Line {
    pub(super) fn new(at: String, text: &str) -> Self {
        let mut places = Vec::new();
        for c in text.chars() {
            match c {
                '\t' => places.resize(places.len() / 8 * 8 + 8, ' '),
                c if c.is_whitespace() => places.push(' '),
                c => places.push(c),
            }
            if is_wide(c) {
                places.push(SECOND);
            }
        }
        Self { at, places }
    }

    fn is_blank(&self, place: usize) -> bool {
        self.places.get(place).is_none_or(|&c| c == ' ')
    }

    /// What stands from one place to another.
    pub(super) fn text(&self, from: usize, to: usize) -> String {
        let to = to.min(self.places.len());
        let text: String = self.places[from.min(to)..to].iter().filter(|&&c| c != SECOND).collect();
        text.trim().to_owned()
    }

    pub(super) fn whole(&self) -> String {
        self.text(0, self.places.len())
    }

    /// Where runs of two blanks or more divide it.
    pub(super) fn chunks(&self) -> Vec<(usize, usize)> {
        let mut chunks: Vec<(usize, usize)> = Vec::new();
        for place in (0..self.places.len()).filter(|&it| !self.is_blank(it)) {
            match chunks.last_mut() {
                Some((_, end)) if place <= *end + 1 => *end = place + 1,
                _ => chunks.push((place, place + 1)),
            }
        }
        chunks
    }

    /// Whether a chunk beside the label is a number, or several with a blank between.
    pub(super) fn has_chunks_of_numbers(&self) -> bool {
        let chunks = self.chunks();
        chunks.iter().any(|&(from, to)| from > 0 && begins_number(&self.text(from, to)))
    }

    /// Whether it has numbers: in chunks, or two or more at its end with one blank between. The numbers of columns are none.
    pub(super) fn has_numbers(&self) -> bool {
        let text = self.whole();
        let indented = self.is_blank(0);
        if indented && text.split_whitespace().all(|it| words::ordinal(it).is_some()) {
            return false;
        }
        let last = |it: &&str| is_number(it) && it.contains(|c: char| c == '.' || is_star(c));
        self.has_chunks_of_numbers() || text.split(' ').rev().take(2).filter(last).count() == 2
    }

    /// Whether it is drawn: `-----  ----`, `=====`.
    pub(super) fn is_rule(&self) -> bool {
        let drawn = |c: &char| matches!(c, '-' | '=' | '_' | '─' | '━' | '—' | '–' | '+' | ' ');
        self.places.iter().all(drawn) && self.chunks().iter().any(|&(from, to)| to - from > 2)
    }
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}')
}

/// Whether a text begins with a number, also `< 2e-16` and `t = 2.3`.
pub(super) fn begins_number(text: &str) -> bool {
    let bare = words::said(text).map_or(text, |(_, rest)| rest);
    let bare = bare.trim_start_matches(['<', '≤']).trim_start();
    let first = bare.split(' ').next().unwrap_or_default();
    let mut depth = 0_i32;
    let known = |it: &str| {
        let inside = depth > 0;
        depth += it.chars().map(|c| i32::from(c == '(') - i32::from(c == ')')).sum::<i32>();
        inside
            || depth > 0
            || is_number(it)
            || it.chars().all(|c| is_star(c) || ".+<≤".contains(c))
            || it.ends_with(')')
    };
    // Some print a point behind whole numbers.
    let whole = first.strip_suffix('.').is_some_and(is_number);
    (is_number(first) || is_bracketed(first) || whole) && bare.split(' ').skip(1).all(known)
}

/// The columns of some lines: from where to where. A place that is blank in all of them divides two columns, if
/// it is two wide, or if it stands before a number wherever it touches texts at both sides.
pub(super) fn columns(lines: &[&Line]) -> Vec<(usize, usize)> {
    let width = lines.iter().map(|line| line.places.len()).max().unwrap_or(0);
    let blank = |place: usize| lines.iter().all(|line| line.is_blank(place));
    let mut columns: Vec<(usize, usize)> = Vec::new();
    let mut place = 0;
    while place < width {
        if blank(place) {
            place += 1;
            continue;
        }
        let from = place;
        while place < width && !blank(place) {
            place += 1;
        }
        match columns.last_mut() {
            Some((_, end)) if place - from > 0 && from - *end == 1 && !divides(lines, *end) => {
                *end = place;
            }
            _ => columns.push((from, place)),
        }
    }
    if let Some(first) = columns.first_mut() {
        first.0 = 0;
    }
    joined(lines, columns)
}

/// Whether one blank divides two cells in every line that has text at both sides of it.
fn divides(lines: &[&Line], place: usize) -> bool {
    let touching =
        |line: &&&Line| place > 0 && !line.is_blank(place - 1) && !line.is_blank(place + 1);
    lines.iter().filter(touching).all(|line| {
        let (left, right) = (line.text(0, place), line.text(place + 1, usize::MAX));
        let right = right.split(' ').next().unwrap_or_default();
        let open =
            |open: char, close: char| left.matches(open).count() > left.matches(close).count();
        if open('(', ')') || open('[', ']') {
            return false;
        }
        let Some(last) = left.chars().next_back() else { return false };
        if last == ':' || right.ends_with(':') && last.is_ascii_digit() {
            return true;
        }
        let digits = right.trim_start_matches(is_sign);
        let number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        if last.is_alphabetic() {
            // `Year 2010` is a label.
            return number && (right.contains('.') || digits.len() < right.len());
        }
        number && last != '<' && last != '='
            || right.starts_with('<')
            || is_bracketed(right) && matches!(last, ')' | ']')
    })
}

/// Columns without those of stars or brackets alone, which belong to the numbers at their left.
fn joined(lines: &[&Line], columns: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut kept: Vec<(usize, usize)> = Vec::new();
    for (from, to) in columns {
        let left = kept.last().copied();
        let belongs = |line: &&Line| {
            let text = line.text(from, to);
            let beside = left.is_some_and(|(from, to)| begins_number(&line.text(from, to)));
            let marks = text.chars().all(|c| is_star(c) || matches!(c, '.' | '+'));
            text.is_empty() || beside && (marks || is_bracketed(&text) && left.is_some())
        };
        match kept.last_mut() {
            Some((_, end)) if lines.iter().all(belongs) => *end = to,
            _ => kept.push((from, to)),
        }
    }
    kept
}

/// The cells of a line of numbers.
pub(super) fn cells(line: &Line, columns: &[(usize, usize)]) -> Vec<String> {
    let next = |k: usize| columns.get(k + 1).map_or(usize::MAX, |next| next.0);
    columns.iter().enumerate().map(|(k, &(from, _))| line.text(from, next(k))).collect()
}

/// The cells of a line of words above or among numbers: a chunk stands in the column that it overlaps, or over all
/// that it is centred over. `None` for a covered cell.
pub(super) fn spread(line: &Line, columns: &[(usize, usize)]) -> Vec<Option<String>> {
    let overlaps = |&(from, to): &(usize, usize)| -> Vec<usize> {
        let of = |&k: &usize| columns[k].0 < to && from < columns[k].1;
        (0..columns.len()).filter(of).collect()
    };
    let mut pieces: Vec<(usize, usize)> = Vec::new();
    for (from, to) in line.chunks() {
        let over = overlaps(&(from, to));
        let blanks = (from..to).filter(|&it| line.is_blank(it));
        // A blank between two columns divides what stands over them.
        let gaps: Vec<usize> = blanks
            .filter(|&it| columns.windows(2).any(|pair| pair[0].1 <= it && it < pair[1].0))
            .collect();
        let whole = words::is_dependent(&line.text(from, to)) || gaps.len() + 1 < over.len();
        let mut start = from;
        for gap in gaps.into_iter().filter(|_| !whole) {
            pieces.push((start, gap));
            start = gap + 1;
        }
        pieces.push((start, to));
    }
    let mut cells = vec![Some(String::new()); columns.len()];
    let single = pieces.iter().all(|piece| overlaps(piece).len() == 1);
    let groups = if single { None } else { centred(&pieces, columns) };
    for (k, piece) in pieces.iter().enumerate() {
        let over = match &groups {
            Some(groups) => groups[k].clone(),
            None => overlaps(piece),
        };
        let text = line.text(piece.0, piece.1);
        let Some((&first, rest)) = over.split_first() else {
            let near =
                (0..columns.len()).min_by_key(|&k| middle(columns[k]).abs_diff(middle(*piece)));
            if let Some(cell) = near.map(|k| &mut cells[k]).filter(|it| it.as_deref() == Some("")) {
                *cell = Some(text);
            }
            continue;
        };
        match &mut cells[first] {
            Some(there) if !there.is_empty() => {
                there.push(' ');
                there.push_str(&text);
            }
            cell => *cell = Some(text),
        }
        for &covered in rest {
            if cells[covered].as_deref() == Some("") {
                cells[covered] = None;
            }
        }
    }
    cells
}

/// Twice the middle of a span.
fn middle((from, to): (usize, usize)) -> usize {
    from + to
}

/// Which columns each piece is centred over, if every one but that of labels falls to the nearest piece and each piece stands
/// over the middle of its own.
fn centred(pieces: &[(usize, usize)], columns: &[(usize, usize)]) -> Option<Vec<Vec<usize>>> {
    let labels = columns.first()?.1;
    let mut groups = vec![Vec::new(); pieces.len()];
    if let Some(first) = pieces.iter().position(|piece| piece.0 < labels) {
        groups[first].push(0);
    }
    let over: Vec<usize> = (0..pieces.len()).filter(|&k| groups[k].is_empty()).collect();
    for (k, &column) in columns.iter().enumerate().skip(1) {
        let near = over.iter().min_by_key(|&&p| middle(pieces[p]).abs_diff(middle(column)))?;
        groups[*near].push(k);
    }
    let centred = over.iter().all(|&p| {
        let (Some(&first), Some(&last)) = (groups[p].first(), groups[p].last()) else {
            return false;
        };
        let span = (columns[first].0, columns[last].1);
        middle(span).abs_diff(middle(pieces[p])) <= 8
    });
    centred.then_some(groups)
}
