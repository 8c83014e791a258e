//! Why a file cannot be read as a page.

use crate::error::Place;

/// Why a file cannot be read as a person reads it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are what the message says they are")]
pub enum PageError {
    /// Neither a workbook nor a text.
    #[error(
        "`{file}` is no text; copy the table out of it into a .csv, .md or .tex file, or save it as .xlsx"
    )]
    Binary { file: String },
    /// Text of another encoding.
    #[error("{place}: not UTF-8, UTF-16 or GB18030; save the file as UTF-8")]
    Encoding { place: Place },
    /// A text that is no page.
    #[error("`{file}` is longer than {megabytes} MB, which no printed table is; cut out the table")]
    Long { file: String, megabytes: u64 },
    /// A sheet that is no page.
    #[error(
        "`{file}`: a sheet spans more than {limit} cells, which no printed table does; say which sheet \
         holds the table, or save that one as .csv"
    )]
    Wide { file: String, limit: u64 },
}
