//! Why a workbook, or a sheet of it, cannot be read.

use crate::error::{Place, mark};

/// Why a workbook cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are what the message says they are")]
pub enum WorkbookError {
    /// Not a workbook, or a broken one.
    #[error(
        "`{file}` cannot be read as a workbook: {reason}; is the download complete? open it in a spreadsheet program and save it again"
    )]
    Damaged { file: String, reason: String },
    /// It unpacks to more than there is reason for.
    #[error(
        "`{file}` unpacks to {bytes} bytes, more than {limit}; save the sheet that is needed as .csv"
    )]
    Unpacks { file: String, bytes: u64, limit: u64 },
    /// A part is longer than the directory of the file says.
    #[error(
        "`{file}`: `{part}` does not unpack to the {declared} bytes that the file declares; the file is damaged, or made to do harm"
    )]
    Lies { file: String, part: String, declared: u64 },
    /// More cells than are read.
    #[error(
        "{at}: more than {limit} cells; raise the limit with `cells = …` in the source, or save the sheet as .csv or .parquet"
    )]
    Cells { at: String, limit: u64 },
    /// Cells so far apart that a table between them is too large.
    #[error(
        "`{file}`: the cells of a sheet lie in a table of {rows} rows and {columns} columns, more than {limit} cells; delete the stray ones, or save the workbook as .xlsx"
    )]
    Spread { file: String, rows: u64, columns: u64, limit: u64 },
    /// No sheet has a cell.
    #[error("`{file}`: no sheet has a cell")]
    Empty { file: String },
    /// Which sheet is meant is not said.
    #[error("`{file}` has several sheets with cells: {}; say which with `sheet = \"…\"`", list(.sheets))]
    Several { file: String, sheets: Vec<String> },
    /// No sheet of that name.
    #[error("`{file}` has no sheet `{sheet}`; it has {}", list(.sheets))]
    NoSheet { file: String, sheet: String, sheets: Vec<String> },
    /// A panel that does not fit on a sheet.
    #[error(
        "{rows} rows and {columns} columns do not fit on a sheet of 1048576 and 16384; write .csv or .parquet"
    )]
    Sheet { rows: usize, columns: usize },
    /// A label that does not fit into a cell.
    #[error(
        "`{column}`: \"{label}…\" is longer than the 32767 characters of a cell; write .csv or .parquet"
    )]
    Label { column: String, label: String },
    /// A formula failed.
    #[error(
        "{place}: `{column}` is {error}, a formula that failed; mend the formula, put the value there, or say `errors = \"missing\"` in the source"
    )]
    Formula { place: Place, column: String, error: String },
    /// Numbers and text in one column.
    #[error("{place}: `{column}` is \"{text}\", but in {since} it is {}; {}, or leave the column out", if *.number { "text, not a number" } else { "a number" }, mark(*.number, .text))]
    Mixed { place: Place, column: String, text: String, number: bool, since: Place },
}

fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
