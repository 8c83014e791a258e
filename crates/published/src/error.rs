//! Why a cell, or a transcription, cannot be read.

use std::fmt;

/// Why a cell, or a transcription, cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A cell is neither a number nor words.
    #[error("`{text}`: character {column}: expected {expected}")]
    Unreadable {
        /// The cell, as written.
        text: String,
        /// Where reading stopped: a character of `text`, counted from 1.
        column: usize,
        /// What could have stood there.
        expected: Expected,
    },
    /// A cell of a table cannot be read.
    #[error("{at}: table `{table}`, row `{row}`, column `{column}`: {because}")]
    Cell {
        /// Where the cell's string begins.
        at: Location,
        /// Id of the table or series.
        table: String,
        /// Label of the row.
        row: String,
        /// Header of the column.
        column: String,
        /// What is wrong with the cell's text.
        because: Box<Error>,
    },
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("{at}: {message}")]
    Syntax {
        /// Where it was noticed.
        at: Location,
        /// The TOML reader's words.
        message: String,
    },
    /// A row has too few or too many cells, or a table too few or too many dependent variables.
    #[error(
        "{at}: table `{table}`, row `{row}` has {got} strings, not {expected}; \
         write \"\" for a cell that is blank"
    )]
    Length {
        /// Where the row begins.
        at: Location,
        /// Id of the table.
        table: String,
        /// Label of the row, or `dependent`.
        row: String,
        /// Strings it should have, its labels included.
        expected: usize,
        /// Strings it has.
        got: usize,
    },
    /// A table has no data columns.
    #[error("{at}: table `{table}` has no columns to hold cells; list their headers in `columns`")]
    NoColumns {
        /// Where the table's id stands.
        at: Location,
        /// Id of the table.
        table: String,
    },
    /// Two tables have one id.
    #[error("{at}: table `{table}` is given twice; tell them apart by `id`")]
    DuplicateTable {
        /// Where the second id stands.
        at: Location,
        /// The id.
        table: String,
    },
    /// Two columns of a table have one header.
    #[error("{at}: table `{table}` has two columns `{column}`; number them, as in `(1) {column}`")]
    DuplicateColumn {
        /// Where the headers begin.
        at: Location,
        /// Id of the table.
        table: String,
        /// The header.
        column: String,
    },
    /// Two rows of a table have one label.
    #[error(
        "{at}: table `{table}` has two rows `{row}`; \
         add to the label what tells them apart, as in `{row} (panel B)`"
    )]
    DuplicateRow {
        /// Where the second row begins.
        at: Location,
        /// Id of the table.
        table: String,
        /// The label.
        row: String,
    },
    /// The star thresholds are not probabilities, from the largest to the smallest.
    #[error(
        "{at}: table `{table}`: `stars` must fall from one star on, between 0 and 1, \
         as in `[0.10, 0.05, 0.01]`"
    )]
    Thresholds {
        /// Where they stand.
        at: Location,
        /// Id of the table.
        table: String,
    },
}

/// What would have made a cell readable at the place where reading stopped, with an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// A digit.
    Digit,
    /// Digits all ASCII, or all full-width.
    OneWidth,
    /// Thousands in threes.
    Thousands,
    /// A number without superfluous zeros in front.
    NoLeadingZero,
    /// The bracket that closes.
    Closing(char),
    /// Stars once, and at most four.
    Stars,
    /// Nothing more.
    End,
    /// No white space around the cell.
    NoSpace,
    /// A number that is finite.
    Finite,
    /// A number that a 64-bit float can hold.
    Representable,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digit => "a digit, as in `0.0088*** (0.0031)`",
            Self::OneWidth => "digits of one width; write them all in ASCII or all full-width",
            Self::Thousands => {
                "thousands in threes and a decimal point, as in `1,234.50`; \
                 write a decimal comma as a point"
            }
            Self::NoLeadingZero => "one zero at most before the decimal point; drop the others",
            Self::Closing(bracket) => return write!(f, "`{bracket}` to close the bracket"),
            Self::Stars => "one to four stars, and at one place only; drop the others",
            Self::End => {
                "the end of the cell after one estimate, its stars and one bracketed number; \
                 put other numbers into cells of their own"
            }
            Self::NoSpace => "no white space around the cell; remove it",
            Self::Finite => "a finite number; write \"\" for a cell that is blank",
            Self::Representable => {
                "a number of at most 30 digits, the last of them between 1e-300 and 1e300"
            }
        })
    }
}

/// A place in a file, shown as `file:line:column`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The name that the caller gave to the text.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
}

impl Location {
    /// The place of byte `offset` of `text`; past the end it is the end.
    pub(crate) fn of(file: &str, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_counts_lines_and_characters_from_one() {
        let at = |offset| Location::of("f", "é\n−x", offset).to_string();
        assert_eq!(at(0), "f:1:1");
        assert_eq!(at(2), "f:1:2");
        assert_eq!(at(3), "f:2:1");
        assert_eq!(at(6), "f:2:2");
        assert_eq!(at(99), "f:2:3");
    }
}
