//! A table for a terminal: three rules, columns in line, decimal points below one another.

use crate::table::{Align, Cell, Row, Table, Tone};
use crate::width::{blanks, centre, left, line, right, width as columns_of, wrap};

/// Blanks between columns.
const GAP: usize = 2;
/// Notes are not set narrower than this, however narrow the table.
const MEASURE: usize = 72;

/// Whether text carries colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// None: for pipes, files and tests.
    #[default]
    Plain,
    /// ANSI escapes: for terminals.
    Ansi,
}

/// A table as plain text, ending in a newline.
///
/// The lines from the first rule to the last are equally wide in a terminal, with Chinese
/// characters counted as two columns. Title, caption and notes are wrapped around them.
pub fn text(table: &Table) -> String {
    styled(table, Style::Plain)
}

/// [`text`], with marks coloured by their tone.
pub fn styled(table: &Table, style: Style) -> String {
    let layout = Layout::of(table);
    let measure = layout.total().max(MEASURE);
    let mut out = Vec::new();
    if !table.title.is_empty() {
        out.push(wrap("", &table.title, measure));
    }
    out.extend(table.caption.iter().map(|caption| wrap("", caption, measure)));
    let rule = "─".repeat(layout.total());
    out.push(rule.clone());
    for (i, heads) in table.heads.iter().enumerate() {
        let last = i + 1 == table.heads.len();
        layout.heads(heads.iter().map(|h| (h.text.as_str(), h.span.max(1))), last, &mut out);
    }
    if !table.heads.is_empty() {
        out.push(rule.clone());
    }
    for row in &table.rows {
        match row {
            Row::Cells { stub, cells } => layout.row(stub, cells, style, &mut out),
            Row::Group(text) => out.push(left(&line(text), layout.total())),
            Row::Rule => out.push(rule.clone()),
        }
    }
    out.push(rule);
    out.extend(table.notes.iter().map(|note| wrap("", note, measure)));
    out.join("\n") + "\n"
}

/// Terminal columns that the rules of `table` take.
pub(crate) fn width(table: &Table) -> usize {
    Layout::of(table).total()
}

/// `text` in the colour of its tone.
pub(crate) fn paint(text: &str, tone: Tone, style: Style) -> String {
    let code = match tone {
        Tone::Quiet => "2",
        Tone::Good => "32",
        Tone::Caution => "33",
        Tone::Bad => "1;31",
    };
    match style {
        Style::Plain => text.to_owned(),
        Style::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
    }
}

/// How wide each column is, the stub first.
struct Layout {
    columns: Vec<Column>,
}

/// Widths within a column: what stands before the decimal point, what stands from it on, the
/// content as a whole, and the mark with its blank.
#[derive(Clone, Default)]
struct Column {
    before: usize,
    after: usize,
    content: usize,
    mark: usize,
}

impl Column {
    fn total(&self) -> usize {
        self.content + self.mark
    }

    fn admit(&mut self, cell: &Cell) {
        for text in cell.lines.iter().map(|text| line(text)) {
            match point(&text).filter(|_| cell.align == Align::Decimal) {
                Some(at) => {
                    self.before = self.before.max(columns_of(&text[..at]));
                    self.after = self.after.max(columns_of(&text[at..]));
                }
                None => self.content = self.content.max(columns_of(&text)),
            }
        }
        self.content = self.content.max(self.before + self.after);
        if let Some(mark) = &cell.mark {
            self.mark = self.mark.max(1 + columns_of(&line(&mark.sign)));
        }
    }

    fn place(&self, text: &str, align: Align) -> String {
        match (align, point(text)) {
            (Align::Decimal, Some(at)) => {
                let (before, after) = text.split_at(at);
                let free = self.content - self.before - self.after;
                let block = right(before, self.before) + &left(after, self.after);
                blanks(free / 2) + &block + &blanks(free - free / 2)
            }
            (Align::Left, _) => left(text, self.content),
            (Align::Right, _) => right(text, self.content),
            (Align::Centre | Align::Decimal, _) => centre(text, self.content),
        }
    }
}

impl Layout {
    fn of(table: &Table) -> Layout {
        let mut layout = Layout { columns: vec![Column::default(); table.columns()] };
        let mut spans = Vec::new();
        for row in &table.rows {
            match row {
                Row::Cells { stub, cells } => {
                    let cells = std::iter::once(stub).chain(cells);
                    layout.columns.iter_mut().zip(cells).for_each(|(c, cell)| c.admit(cell));
                }
                Row::Group(text) => spans.push((0, layout.columns.len(), columns_of(&line(text)))),
                Row::Rule => {}
            }
        }
        for heads in &table.heads {
            let mut from = 0;
            for head in heads {
                let to = from + head.span.max(1);
                spans.push((from, to, columns_of(&line(&head.text))));
                from = to;
            }
        }
        // Narrow spans first: what they add, a wide span need not.
        spans.sort_by_key(|(from, to, _)| to - from);
        for (from, to, wanted) in spans {
            let mut missing = wanted.saturating_sub(layout.span(from, to));
            for (i, column) in layout.columns[from..to].iter_mut().enumerate() {
                let share = missing / (to - from - i);
                column.content += share;
                missing -= share;
            }
        }
        layout
    }

    fn span(&self, from: usize, to: usize) -> usize {
        self.columns[from..to].iter().map(Column::total).sum::<usize>() + GAP * (to - from - 1)
    }

    fn total(&self) -> usize {
        self.span(0, self.columns.len())
    }

    /// A row of heads, and a rule under each that spans columns unless a full rule follows.
    fn heads<'a>(
        &self,
        heads: impl Iterator<Item = (&'a str, usize)>,
        last: bool,
        out: &mut Vec<String>,
    ) {
        let (mut texts, mut rules, mut from) = (Vec::new(), Vec::new(), 0);
        for (text, span) in heads {
            let (text, room) = (line(text), self.span(from, from + span));
            let ruled = span > 1 && !text.trim().is_empty();
            rules.push(if ruled { "─".repeat(room) } else { blanks(room) });
            // A head stands over what its column holds, not over the marks.
            let over = if span == 1 { self.columns[from].content } else { room };
            let over = if columns_of(&text) <= over { over } else { room };
            texts.push(match from {
                0 => left(&text, room),
                _ => left(&centre(&text, over), room),
            });
            from += span;
        }
        let gap = blanks(GAP);
        out.push(left(&texts.join(&gap), self.total()));
        if !last && rules.iter().any(|rule| rule.contains('─')) {
            out.push(left(&rules.join(&gap), self.total()));
        }
    }

    fn row(&self, stub: &Cell, cells: &[Cell], style: Style, out: &mut Vec<String>) {
        let cells: Vec<_> = std::iter::once(stub).chain(cells).collect();
        let height = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(0).max(1);
        for i in 0..height {
            let mut parts = Vec::new();
            for (j, column) in self.columns.iter().enumerate() {
                let cell = cells.get(j);
                let text = cell.and_then(|c| c.lines.get(i)).map_or(String::new(), |t| line(t));
                let mut part = column.place(&text, cell.map_or(Align::Left, |c| c.align));
                let here = cell.filter(|c| i + 1 == c.lines.len().max(1));
                if let Some(mark) = here.and_then(|c| c.mark.as_ref()) {
                    let sign = line(&mark.sign);
                    let rest = blanks(column.mark - 1 - columns_of(&sign));
                    part += &format!(" {}{rest}", paint(&sign, mark.tone, style));
                } else {
                    part += &blanks(column.mark);
                }
                parts.push(part);
            }
            out.push(parts.join(&blanks(GAP)));
        }
    }
}

/// Where the decimal point of the first number in `text` stands, or would stand.
fn point(text: &str) -> Option<usize> {
    if text.trim() == crate::format::MISSING {
        return text.find('.');
    }
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let first = (0..bytes.len()).find(|&i| digit(i))?;
    if first > 0 && bytes[first - 1] == b'.' {
        return Some(first - 1);
    }
    let number = |&i: &usize| !(digit(i) || (bytes[i] == b',' && digit(i + 1)));
    Some((first..bytes.len()).find(number).unwrap_or(bytes.len()))
}
