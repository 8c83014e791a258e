//! Columns in the making: numbers or labels, whichever the first value is.

use std::collections::BTreeMap;

use panel::Column;

use super::part::Plan;
use crate::table::{EXACT, Labels};

/// A column in the making. What it holds is not known before its first value.
#[derive(Default)]
pub(super) struct Cells {
    pub(super) values: Values,
    /// The row of the first value, and its text.
    pub(super) first: usize,
    pub(super) text: String,
}

pub(super) enum Values {
    /// So many missing cells, and nothing else so far.
    Missing(usize),
    Numbers(Vec<f64>),
    Labels(Labels),
}

impl Default for Values {
    fn default() -> Self {
        Self::Missing(0)
    }
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    NotFinite,
    Inexact,
    /// A number among labels, or the other way round: the column is what it is from row `since`.
    Mixed {
        number: bool,
        since: usize,
    },
}

impl Cells {
    /// Adds a finite number below 2⁵³ to numbers; whether this is a column of them.
    #[inline]
    pub(super) fn push_number(&mut self, x: f64) -> bool {
        let Values::Numbers(numbers) = &mut self.values else { return false };
        numbers.push(x);
        true
    }

    pub(super) fn push(
        &mut self,
        row: usize,
        text: &str,
        plan: &Plan,
        words: &mut BTreeMap<String, usize>,
    ) -> Result<(), Wrong> {
        let trimmed = trimmed(text);
        let number = if trimmed.is_empty() { None } else { plan.dialect.number(trimmed) };
        let marked = || plan.missing.iter().any(|mark| mark == trimmed);
        if number.is_none() && (is_missing(trimmed) || marked()) {
            match &mut self.values {
                Values::Missing(rows) => *rows += 1,
                Values::Numbers(numbers) => numbers.push(f64::NAN),
                Values::Labels(labels) => labels.push(None),
            }
            if !trimmed.is_empty() {
                *words.entry(trimmed.to_owned()).or_default() += 1;
            }
            return Ok(());
        }
        if let Values::Missing(rows) = self.values {
            text.clone_into(&mut self.text);
            self.first = row;
            self.values = if number.is_some() {
                Values::Numbers(vec![f64::NAN; rows])
            } else {
                Values::Labels(missing(rows))
            };
        }
        match (&mut self.values, number) {
            (Values::Numbers(_), Some(x)) if x.is_infinite() => Err(Wrong::NotFinite),
            (Values::Numbers(_), Some(x)) if x.abs() >= EXACT && plan.dialect.is_whole(trimmed) => {
                Err(Wrong::Inexact)
            }
            (Values::Numbers(numbers), Some(x)) => {
                numbers.push(x);
                Ok(())
            }
            (Values::Labels(labels), None) => {
                labels.push(Some(text));
                Ok(())
            }
            (_, number) => Err(Wrong::Mixed { number: number.is_some(), since: self.first }),
        }
    }

    /// Whether it holds numbers, if it holds anything.
    pub(super) fn kind(&self) -> Option<bool> {
        match self.values {
            Values::Missing(_) => None,
            Values::Numbers(_) => Some(true),
            Values::Labels(_) => Some(false),
        }
    }

    /// Puts the cells of later rows, of the same kind, below these, which are `rows` so far.
    pub(super) fn append(&mut self, rows: usize, later: Self) {
        if self.kind().is_none() && later.kind().is_some() {
            (self.first, self.text) = (rows + later.first, later.text);
        }
        match (&mut self.values, later.values) {
            (Values::Missing(own), Values::Missing(more)) => *own += more,
            (Values::Missing(own), Values::Numbers(more)) => {
                let mut numbers = vec![f64::NAN; *own];
                numbers.extend(more);
                self.values = Values::Numbers(numbers);
            }
            (Values::Missing(own), Values::Labels(more)) => {
                let mut labels = missing(*own);
                labels.append(more);
                self.values = Values::Labels(labels);
            }
            (Values::Numbers(own), Values::Numbers(more)) => own.extend(more),
            (Values::Numbers(own), Values::Missing(more)) => own.resize(own.len() + more, f64::NAN),
            (Values::Labels(own), Values::Labels(more)) => own.append(more),
            (Values::Labels(own), Values::Missing(more)) => own.append(missing(more)),
            // The caller has compared the kinds.
            (Values::Numbers(_), Values::Labels(_)) | (Values::Labels(_), Values::Numbers(_)) => {}
        }
    }

    pub(super) fn into_column(self) -> Column {
        match self.values {
            Values::Missing(rows) => Column::Number(vec![f64::NAN; rows]),
            Values::Numbers(numbers) => Column::Number(numbers),
            Values::Labels(labels) => Column::Category(labels.into_category()),
        }
    }
}

fn missing(rows: usize) -> Labels {
    let mut labels = Labels::default();
    (0..rows).for_each(|_| labels.push(None));
    labels
}

/// A text without the space around it, which is rare.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// Whether a text says that there is no value.
pub(crate) fn is_missing(trimmed: &str) -> bool {
    trimmed.is_empty()
        || ["NA", ".", "NaN", "null"].iter().any(|word| trimmed.eq_ignore_ascii_case(word))
}
