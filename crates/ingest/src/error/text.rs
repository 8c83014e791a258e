//! What is wrong with a text file as text.

use panel::Name;

use super::Place;

/// Why the bytes of a file are not the text that they seem to be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are what the message says they are")]
pub enum TextError {
    // Bytes. These two leave the reader of bytes, which knows no file; `In` names it.
    /// Compressed data that end too early, or are none.
    #[error("the compressed data are damaged or cut off ({reason}); fetch the file again")]
    Damaged { reason: String },
    /// Compressed data that unfold beyond measure.
    #[error(
        "the compressed data unfold to more than {times} times their size; if they are meant to, decompress the file first"
    )]
    Bomb { times: u64 },
    /// One of the above, in a file.
    #[error("{file}: {error}")]
    In { file: String, error: Box<TextError> },

    // Encodings.
    /// A cell that is not in the encoding of the file.
    #[error(
        "{place}: the cell {cell} is not {encoding}, as the rest of the file is; mend the cell, or say the `encoding` of the file"
    )]
    Malformed { place: Place, cell: usize, encoding: String },

    // Delimiters.
    /// A header that another delimiter would divide.
    #[error(
        "{file}: the header is one cell with {count} {name}{}; is the delimiter {shown}? say `delimiter = \"{toml}\"`",
        if *.count == 1 { "" } else { "s" }
    )]
    OneCell { file: String, count: usize, name: &'static str, shown: String, toml: &'static str },
    /// A record that does not end.
    #[error(
        "{place}: the record is longer than {megabytes} MB; is a quote opened and never closed?"
    )]
    Long { place: Place, megabytes: usize },
    /// More cells than are looked at in one piece.
    #[error(
        "{file}: more than {cells} cells, too many for a file that is not tidy; make it tidy, one row an entity and period"
    )]
    Large { file: String, cells: usize },

    // Numbers.
    /// A number with separators that the file's convention does not have.
    #[error(
        "{place}: `{column}` is \"{text}\", which looks like a number with other separators than the file's ({convention}); say its `decimal` and `thousands`, or `thousands = \"none\"` if it is a label"
    )]
    Separators { place: Place, column: Name, text: String, convention: Box<str> },
    /// A separator that may be either.
    #[error(
        "{place}: is \"{text}\" in the cell {cell} a thousand or a fraction? say `decimal = \",\"` or `decimal = \".\"`, and `thousands`"
    )]
    Ambiguous { place: Place, cell: usize, text: String },
    /// One sign for two things.
    #[error("{file}: {what} are both {shown}; say another of them")]
    Clash { file: String, what: &'static str, shown: String },
}
