//! The rows of a table of regressions: estimates, and what stands in brackets below them.

use super::error::PasteError;
use super::grid::GridRow;
use super::header::{self, Column};
use super::words::{self, Beside};
use crate::glyph::is_star;

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
}

/// Puts rows together. The second value is what labels of rows and columns say of the brackets.
pub(super) fn rows(
    body: &[GridRow],
    labels: &[usize],
    columns: &[Column],
    remarks: &mut Vec<String>,
) -> Result<(Vec<Part>, Vec<Beside>), PasteError> {
    let mut parts = vec![Part::default()];
    let mut kinds: Vec<Beside> =
        columns.iter().filter_map(|column| column.beside).map(|(_, kind)| kind).collect();
    let mut group = None;
    for row in body {
        let label = labels.iter().map(|&j| row.text(j)).filter(|text| !text.is_empty());
        let label = label.collect::<Vec<_>>().join(" / ");
        let texts: Vec<&str> = columns.iter().map(|column| row.text(column.at)).collect();
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
        let filled = || texts.iter().filter(|text| !text.is_empty());
        let bracketed = filled().all(|text| header::is_bracketed(text));
        // A regressor may be called `t` or `z`.
        let clear = bracketed || label.chars().filter(|c| c.is_alphanumeric()).count() > 1;
        let named = words::row_of(&label).filter(|_| clear && !part.rows.is_empty());
        let repeats = bracketed && part.rows.last().is_some_and(|last| last.label == label);
        if label.is_empty() || named.is_some() || repeats {
            below(row, named, columns, &texts, part, remarks)?;
            kinds.extend(named);
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
        part.rows.push(Built {
            at: row.at.clone(),
            label,
            group: group.clone(),
            brackets: columns.iter().map(beside).collect(),
            estimates: texts.iter().map(|text| (*text).to_owned()).collect(),
        });
    }
    parts.retain(|part| !part.rows.is_empty());
    Ok((parts, kinds))
}

fn is_panel(label: &str) -> bool {
    ["Panel ", "PANEL ", "面板"].iter().any(|word| label.starts_with(word))
}

/// A row that belongs to the one above it.
fn below(
    row: &GridRow,
    named: Option<Beside>,
    columns: &[Column],
    texts: &[&str],
    part: &mut Part,
    remarks: &mut Vec<String>,
) -> Result<(), PasteError> {
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
        return Ok(());
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
        remarks.push(format!("{}: a second row below `{}` is not used", row.at, above.label));
        return Ok(());
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
    Ok(())
}
