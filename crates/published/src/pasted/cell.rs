//! One cell, and one row, of a pasted table.

use super::error::PasteError;
use super::header::is_number;
use crate::{Printed, Row, Table};

/// What is printed in a cell. What is no number is words, and said; a number is never guessed.
pub(super) fn cell(
    text: &str,
    bracket: &str,
    place: impl Fn() -> String,
    remarks: &mut Vec<String>,
) -> Printed {
    let mut say = |what: String| remarks.push(format!("{}: {what}", place()));
    // R prints a plus below 0.1, beside stars for what is below 0.05.
    let plus = text.strip_suffix('+').filter(|bare| is_number(bare));
    if plus.is_some() {
        say(format!("the plus of `{text}` is not checked"));
    }
    let text = plus.unwrap_or(text);
    let text = match text.rfind(" (df").filter(|_| text.ends_with(')')) {
        Some(at) => {
            let place = place();
            let row = place.split(", column").next().unwrap_or_default();
            let remark = format!("{row}: degrees of freedom behind a number are not used");
            if remarks.last() != Some(&remark) {
                remarks.push(remark);
            }
            text[..at].trim_end()
        }
        None => text,
    };
    let mut say = |what: String| remarks.push(format!("{}: {what}", place()));
    if !bracket.is_empty() {
        match format!("{text} {bracket}").parse() {
            Ok(printed @ Printed::Estimate(_)) => return printed,
            _ => say(format!(
                "`{text} {bracket}` is not a number with one in brackets; the brackets are not used"
            )),
        }
    }
    match text.parse() {
        Ok(printed) => printed,
        Err(error) => {
            say(format!("not read as a number: {error}"));
            Printed::text(text)
        }
    }
}

/// Adds a row; one whose label is taken is told apart by the heading above it.
pub(super) fn push(
    table: &mut Table,
    mut row: Row,
    at: &str,
    group: Option<&str>,
) -> Result<(), PasteError> {
    if table.row(&row.label).is_some()
        && let Some(group) = group
    {
        row.label = format!("{} ({group})", row.label);
    }
    if table.row(&row.label).is_some() {
        return Err(PasteError::TwoRows { at: at.to_owned(), row: row.label });
    }
    table.rows.push(row);
    Ok(())
}
