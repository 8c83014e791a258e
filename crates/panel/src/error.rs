//! Why a panel, or a column of it, cannot be had.

use crate::{Name, Term};

/// Why a set of columns is not a panel, or a panel cannot supply a term.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A column's length is not the number of rows.
    #[error("column `{column}` has {got} rows, but the panel has {want}")]
    Length {
        /// The column.
        column: Name,
        /// Rows it has.
        got: usize,
        /// Rows the index has.
        want: usize,
    },
    /// Two columns have one name.
    #[error("column `{column}` is given twice; rename one of them")]
    Twice {
        /// The name.
        column: Name,
    },
    /// The same entity is observed twice in one period.
    #[error(
        "`{entity}` appears twice in period {period}; keep one of the rows, or add the column \
         that tells them apart to the key"
    )]
    Duplicate {
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
        /// The two rows, counted from 0 in the order given.
        rows: [usize; 2],
    },
    /// No such column.
    #[error("no column `{column}`{}", did_you_mean(.near))]
    Unknown {
        /// The name asked for.
        column: Name,
        /// Existing names that resemble it, nearest first.
        near: Vec<Name>,
    },
    /// A category stands where numbers are needed.
    #[error("`{column}` holds categories, not numbers; write `i.{column}` for its indicators")]
    NotNumeric {
        /// The column.
        column: Name,
    },
    /// A column of numbers with fractions cannot group rows.
    #[error(
        "`{column}` cannot group rows: {value} for `{entity}` in {period} is not a whole number"
    )]
    NotGroups {
        /// The column.
        column: Name,
        /// The first such value.
        value: f64,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
    },
    /// A transformation is undefined at an observed value.
    #[error(
        "`{term}` is undefined for `{entity}` in {period}, where the value is {value}; \
         leave such rows out, or choose a transformation that is defined there"
    )]
    Undefined {
        /// The transformation.
        term: Term,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
        /// The value.
        value: f64,
    },
    /// A category has no such level.
    #[error("`{column}` has no level `{level}`{}", did_you_mean(.near))]
    NoLevel {
        /// The column.
        column: Name,
        /// The level asked for.
        level: String,
        /// Existing levels that resemble it, nearest first.
        near: Vec<String>,
    },
    /// A term that stands for several columns was asked for one.
    #[error("`{term}` stands for several columns; it cannot be used inside another term here")]
    Several {
        /// The term.
        term: Term,
    },
}

fn did_you_mean(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!("; did you mean `{}`?", near.join("` or `")),
    }
}

/// The up to three of `names` that are nearest to `wanted`, if any is near at all.
///
/// Near is: equal without regard to case, or at most a third of the letters to edit.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let most = (wanted.chars().count() / 3).max(1);
    let mut near: Vec<(usize, &str)> = names
        .map(|name| (edits(&wanted, &name.to_lowercase()), name))
        .filter(|&(distance, _)| distance <= most)
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
