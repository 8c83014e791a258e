//! The rows of a table of regressions: estimates, and what stands in brackets below them.

use super::error::PasteError;
use super::grid::GridRow;
use super::header::{self, Column};
use super::words::{self, Beside};
use crate::glyph::is_star;
use crate::{Bracket, Uncertainty};

/// Rows under one heading of the kind `Panel A`; a table without such headings has one part.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// The heading.
    pub(super) heading: Option<String>,
    /// Its rows.
    pub(super) rows: Vec<Built>,
}

/// A row with what belongs to it.
#[derive(Debug)]
pub(super) struct Built {
    /// Where it stands.
    pub(super) at: String,
    /// Its label.
    pub(super) label: String,
    /// The heading above it.
    pub(super) group: Option<String>,
    /// One text a column.
    pub(super) estimates: Vec<String>,
    /// What stands in brackets; blank where nothing does.
    pub(super) brackets: Vec<String>,
    /// What else is printed of each estimate: `t`, or `[p]` if it stands in brackets; one text a column.
    pub(super) more: Vec<(String, Vec<String>)>,
}

/// What brackets of a kind hold by the notes.
type Notes<'n> = &'n dyn Fn(Bracket) -> Option<Uncertainty>;

/// Puts rows together. The second value is what labels of rows and columns say of the brackets.
pub(super) fn rows(
    body: &[GridRow],
    labels: &[usize],
    columns: &[Column],
    notes: Notes<'_>,
    remarks: &mut Vec<String>,
) -> Result<(Vec<Part>, Vec<Beside>), PasteError> {
    let mut parts = vec![Part::default()];
    let mut kinds: Vec<Beside> =
        columns.iter().filter_map(|column| column.beside).map(|(_, kind)| kind).collect();
    let mut group = None;
    for row in body {
        let label = labels.iter().map(|&j| row.text(j)).filter(|text| !text.is_empty());
        let label = words::label(&label.collect::<Vec<_>>());
        let mut texts: Vec<&str> = columns.iter().map(|column| row.text(column.at)).collect();
        let Some(part) = parts.last_mut() else { continue };
        if texts.iter().all(|text| text.is_empty()) {
            if is_panel(&label) {
                parts.push(Part { heading: Some(label), rows: Vec::new() });
                group = None;
            } else if !label.is_empty() {
                group = Some(label);
            }
            continue;
        }
        let said = self::said(&mut texts);
        let filled = || texts.iter().filter(|text| !text.is_empty());
        let bracketed = filled().all(|text| header::is_bracketed(text));
        // A regressor may be called `t` or `z`.
        let clear = bracketed || label.chars().filter(|c| c.is_alphanumeric()).count() > 1;
        let named = words::row_of(&label).filter(|_| clear && !part.rows.is_empty());
        let named = named.or(said.filter(|_| label.is_empty()));
        let repeats = bracketed && part.rows.last().is_some_and(|last| last.label == label);
        if label.is_empty() || named.is_some() || repeats {
            let first = below(row, named, columns, &texts, part, notes, remarks)?;
            kinds.extend(named.filter(|_| first));
            continue;
        }
        let beside = |column: &Column| {
            let text = column.beside.map_or("", |(at, _)| row.text(at));
            if text.is_empty() || header::is_bracketed(text) {
                text.to_owned()
            } else {
                format!("({text})")
            }
        };
        let mut built = Built {
            at: row.at.clone(),
            label,
            group: group.clone(),
            brackets: columns.iter().map(beside).collect(),
            estimates: texts.iter().map(|text| (*text).to_owned()).collect(),
            more: more(row, columns),
        };
        built.starred();
        part.rows.push(built);
    }
    parts.retain(|part| !part.rows.is_empty());
    Ok((parts, kinds))
}

/// What columns beside the estimates hold besides their uncertainty.
fn more(row: &GridRow, columns: &[Column]) -> Vec<(String, Vec<String>)> {
    let mut kinds: Vec<Beside> = columns.iter().flat_map(|it| &it.more).map(|it| it.1).collect();
    kinds.dedup();
    let of = |kind: Beside| {
        let text = |column: &Column| {
            let at = column.more.iter().find(|it| it.1 == kind);
            at.map_or("", |&(at, _)| row.text(at)).to_owned()
        };
        let texts: Vec<String> = columns.iter().map(text).collect();
        let any = texts.iter().any(|text| !text.is_empty());
        Some((kind.behind()?.to_owned(), texts)).filter(|_| any)
    };
    kinds.into_iter().filter_map(of).collect()
}

impl Built {
    /// Stars that stand behind the last number of a row, as R prints them, are the estimate's.
    fn starred(&mut self) {
        for (j, estimate) in self.estimates.iter_mut().enumerate() {
            for (_, texts) in &mut self.more {
                let text = &texts[j];
                // R marks what is below 0.1 with a point.
                let bare = text.strip_suffix(" .").unwrap_or(text);
                let bare = bare.trim_end_matches(is_star).trim_end();
                let kept = bare.len();
                let stars = text.chars().filter(|&c| is_star(c)).collect::<String>();
                if !estimate.contains(is_star) {
                    estimate.push_str(&stars);
                }
                texts[j].truncate(kept);
            }
        }
    }
}

/// What cells such as `t = 2.31` say that they hold, if all say the same; they are bare then.
fn said(texts: &mut [&str]) -> Option<Beside> {
    let mut kinds = texts.iter().filter(|text| !text.is_empty()).map(|text| words::said(text));
    let (kind, _) = kinds.next()??;
    if !kinds.all(|it| it.is_some_and(|it| it.0 == kind)) {
        return None;
    }
    for text in texts.iter_mut() {
        *text = words::said(text).map_or("", |it| it.1);
    }
    Some(kind)
}

/// What stands within a pair of brackets, with the stars behind it.
fn inside(text: &str) -> String {
    text.chars().filter(|c| !"()[]{}（）［］".contains(*c)).collect()
}

fn is_panel(label: &str) -> bool {
    ["Panel ", "PANEL ", "面板"].iter().any(|word| label.starts_with(word))
}

/// A row that belongs to the one above it; whether its first.
fn below(
    row: &GridRow,
    named: Option<Beside>,
    columns: &[Column],
    texts: &[&str],
    part: &mut Part,
    notes: Notes<'_>,
    remarks: &mut Vec<String>,
) -> Result<bool, PasteError> {
    let place = |j: usize, text: &str| (row.at.clone(), columns[j].name.clone(), text.to_owned());
    let filled = || texts.iter().enumerate().filter(|(_, text)| !text.is_empty());
    if filled().all(|(_, text)| {
        !text.contains(|c: char| c.is_ascii_digit()) && !header::is_bracketed(text)
    }) {
        remarks.push(format!(
            "{}: a row of words without a label is not used: {}",
            row.at,
            row.joined()
        ));
        return Ok(false);
    }
    if named.is_none()
        && let Some((j, text)) = filled().find(|(_, text)| !header::is_bracketed(text))
    {
        let (at, column, text) = place(j, text);
        return Err(PasteError::Bare { at, column, text });
    }
    let Some(above) = part.rows.last_mut() else {
        let (at, column, text) =
            filled().next().map(|(j, text)| place(j, text)).unwrap_or_default();
        return Err(PasteError::Orphan { at, column, text });
    };
    if above.brackets.iter().any(|bracket| !bracket.is_empty()) {
        let shape = filled().map(|(_, text)| shape(text)).next().flatten();
        // A note that does not tell the brackets apart speaks of the first.
        let first = above.brackets.iter().find_map(|text| self::shape(text)).and_then(notes);
        let by_note = shape.and_then(notes).filter(|kind| first != Some(*kind));
        let by_note = by_note.and_then(|it| Beside::from(it).behind());
        let by_note = by_note.map(|kind| format!("[{kind}]"));
        let kind = named.and_then(Beside::behind).map(str::to_owned).or(by_note);
        match kind.filter(|kind| above.more.iter().all(|it| it.0 != *kind)) {
            Some(kind) => {
                let texts = texts.iter().map(|text| inside(text)).collect();
                above.more.push((kind, texts));
            }
            None => remarks.push(format!(
                "{}: a second row below `{}` is not used, for no line says what it holds",
                row.at, above.label
            )),
        }
        return Ok(false);
    }
    for (j, text) in filled() {
        if above.estimates[j].is_empty() {
            let (at, column, text) = place(j, text);
            return Err(PasteError::Orphan { at, column, text });
        }
        // Stars of a bracket stand behind it, whoever set them.
        let bare = text.trim_end_matches(is_star);
        above.brackets[j] = if header::is_bracketed(text) {
            (*text).to_owned()
        } else {
            format!("({bare}){}", &text[bare.len()..])
        };
    }
    Ok(true)
}

/// The brackets that a text stands in.
fn shape(text: &str) -> Option<Bracket> {
    match text.chars().next()? {
        '(' | '（' => Some(Bracket::Round),
        '[' | '［' => Some(Bracket::Square),
        '{' => Some(Bracket::Curly),
        _ => None,
    }
}
