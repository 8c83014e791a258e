//! Why raw files do not make a panel.

mod cleaning;
mod entities;
mod page;
mod shape;
mod stata;
mod text;
mod workbook;

use std::fmt;
use std::path::PathBuf;

pub use cleaning::CleaningError;
pub use entities::EntityError;
pub use page::PageError;
pub use shape::ShapeError;
pub use stata::StataError;
pub use text::TextError;
pub use workbook::WorkbookError;

use panel::{Factor, Index, Name, Panel, Term};

/// Where something stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A physical line of a text file, from 1: where the record starts.
    Line(String, u64),
    /// A row of a file that has no lines, from 1.
    Row(String, u64),
    /// A cell of a sheet.
    Cell(Box<SheetCell>),
}

/// A cell of a sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetCell {
    /// The file.
    pub file: String,
    /// The sheet.
    pub sheet: String,
    /// The address, e.g. `B5`.
    pub cell: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(file, line) => write!(f, "{file}:{line}"),
            Self::Row(file, row) => write!(f, "{file} row {row}"),
            Self::Cell(at) => write!(f, "{} {}!{}", at.file, at.sheet, at.cell),
        }
    }
}

/// Why raw files do not make a panel, or a panel does not make a file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are what the message says they are")]
pub enum Error {
    /// A workbook, or a sheet of it.
    #[error(transparent)]
    Workbook(Box<WorkbookError>),
    /// A table that is not of the shape it should have.
    #[error(transparent)]
    Shape(Box<ShapeError>),
    /// A file that should be a page.
    #[error(transparent)]
    Page(#[from] PageError),
    /// A Stata file.
    #[error(transparent)]
    Stata(#[from] StataError),

    // Files.
    /// No file is there.
    #[error("no file `{}`; paths are relative to the data root", .path.display())]
    NotFound { path: PathBuf },
    /// A folder is there.
    #[error("`{}` is a folder; name a file in it", .path.display())]
    Folder { path: PathBuf },
    /// The path leaves the data root.
    #[error("`{file}` leaves the data root; give a path inside it, without `..`")]
    Outside { file: String },
    /// The name ends in nothing that is read.
    #[error("`{file}` is none of .csv, .parquet, .xlsx, .xls and .dta; save it as one of them")]
    Format { file: String },
    /// The name ends in nothing that is written.
    #[error("`{file}` is none of .csv, .parquet, .dta and .xlsx; name one of them")]
    Writes { file: String },
    /// The operating system refuses.
    #[error("`{}`: {reason}", .path.display())]
    Io { path: PathBuf, reason: String },
    /// A column that says that it was solved for, in a source that says that it is real.
    #[error(
        "`{file}`: `{column}` says that it was solved for, and its [[source]] that it is real; say \
         `tier = \"reconstructed\"`"
    )]
    Synthetic { file: String, column: Name },
    /// Not a Parquet file, or a broken one.
    #[error("`{file}` cannot be read as Parquet: {reason}; write it again")]
    Parquet { file: String, reason: String },

    // Headers.
    /// Nothing is in the file.
    #[error("{file}: the file is empty; its first line must name the columns")]
    Empty { file: String },
    /// Names but no data.
    #[error("{file}: a header and no rows; is the download complete?")]
    NoData { file: String },
    /// A column without a name.
    #[error("{file}: column {position} has no name; name it, or list the `columns` to load")]
    Unnamed { file: String, position: usize },
    /// A name that two columns share.
    #[error("{file}: columns {} and {} are both called `{column}`; rename one in the file", .positions[0], .positions[1])]
    TwoColumns { file: String, column: Name, positions: [usize; 2] },

    // Records.
    /// A record with more or fewer cells than the header.
    #[error(
        "{place}: {got} cells where the header has {expected}; look for a comma too many, too few or unquoted, or a quote that is not closed"
    )]
    Ragged { place: Place, expected: u64, got: u64 },
    /// Bytes that are not text.
    #[error(
        "{place}: the cell {cell} is not UTF-8, nor is the file GB18030; say its `encoding`, e.g. \"big5\" or \"windows-1252\""
    )]
    NotUtf8 { place: Place, cell: usize },
    /// A NUL byte.
    #[error("{place}: the cell {cell} holds a NUL byte; the file is damaged, or not plain text")]
    Nul { place: Place, cell: usize },
    /// A quote that nothing closes, so that the rest of the file would be one cell.
    #[error("{place}: a quote is opened and never closed; close it, or double it if it is meant")]
    Unclosed { place: Place },

    /// What is wrong with the text of a file.
    #[error(transparent)]
    Text(#[from] TextError),

    // Cells.
    /// Numbers and text in one column.
    #[error("{place}: `{column}` is \"{text}\", but on line {since} it is {}; {}, or leave the column out", if *.number { "text, not a number" } else { "a number" }, mark(*.number, .text))]
    Mixed { place: Place, column: Name, text: String, number: bool, since: u64 },
    /// An infinite number.
    #[error("{place}: `{column}` is \"{text}\", not a finite number; write `NA` if it is missing")]
    NotFinite { place: Place, column: Name, text: String },
    /// A whole number that floating point may not hold.
    #[error(
        "{place}: `{column}` is {text}, and whole numbers from 2^53 on are not exact; use a larger unit, a decimal point, or the column as the entity"
    )]
    Inexact { place: Place, column: Name, text: String },
    /// A period that is not a whole number.
    #[error(
        "{place}: `{column}` is \"{text}\", not a whole number; periods are counted in whole units, e.g. years"
    )]
    Period { place: Place, column: Name, text: String },
    /// A row that does not say who or when.
    #[error("{place}: `{column}` is missing; every row must say who and when")]
    NoKey { place: Place, column: Name },
    /// The same entity twice in one period.
    #[error("{first} and {second}: `{entity}` appears twice in {period}, {}; keep one of the rows", .differs.as_ref().map_or_else(|| "with the same values".to_owned(), |column| format!("with different values of `{column}`")))]
    Duplicate {
        first: Place,
        second: Box<Place>,
        entity: String,
        period: i32,
        /// A column with different values in the two rows.
        differs: Option<Box<str>>,
    },
    /// A Parquet column of a type that is neither numbers nor labels.
    #[error("{file}: `{column}` is of type {found}; save it as {expected}")]
    Type { file: String, column: Name, found: String, expected: &'static str },

    // Specs.
    /// A filter that does not parse.
    #[error("where `{text}`: expected {expected}")]
    Filter { text: String, expected: &'static str },
    /// A filter that does not fit its column.
    #[error("where `{filter}`: {reason}")]
    Compare { filter: String, reason: &'static str },
    /// No file to start from.
    #[error("no source; add a `[[source]]` with a `file`")]
    NoSource,
    /// A name that is in use.
    #[error(
        "{at}: there is a column `{column}` already; `rename` one of them, or list the `columns` to load"
    )]
    Taken { at: String, column: Name },
    /// Filters that leave nothing.
    #[error("{at}: no rows are left of {rows}; loosen the sample")]
    NoRows { at: String, rows: usize },
    /// A step that gives no finite number.
    #[error("`{variable}`: {step} is undefined for `{entity}` in {period}, where the value is {value}{}; mend the source, leave the row out by its key, or choose a step that is defined there", and_by(*.by))]
    Undefined {
        variable: Name,
        step: String,
        entity: String,
        period: i32,
        value: f64,
        by: Option<f64>,
    },
    /// Percentiles out of order.
    #[error("`{variable}`: {step} needs 0 <= low < high <= 1")]
    Bounds { variable: Name, step: String },
    /// A variable without a single value.
    #[error("`{variable}`: no value to take percentiles of; is every cell missing, or unmatched?")]
    NoValues { variable: Name },
    /// A variable cannot be cleaned as asked.
    #[error(transparent)]
    Cleaning(Box<CleaningError>),
    /// Labels are no entities of the kind that the spec says.
    #[error(transparent)]
    Entity(Box<EntityError>),
    /// What the panel itself objects to.
    #[error("{at}: {error}")]
    Panel { at: String, error: panel::Error },
}

impl From<WorkbookError> for Error {
    fn from(error: WorkbookError) -> Self {
        Self::Workbook(Box::new(error))
    }
}

impl From<CleaningError> for Error {
    fn from(error: CleaningError) -> Self {
        Self::Cleaning(Box::new(error))
    }
}

impl From<EntityError> for Error {
    fn from(error: EntityError) -> Self {
        Self::Entity(Box::new(error))
    }
}

impl From<ShapeError> for Error {
    fn from(error: ShapeError) -> Self {
        Self::Shape(Box::new(error))
    }
}

/// How missing cells are said among numbers.
pub(crate) fn mark(number: bool, text: &str) -> String {
    let option = if number {
        "name in `missing` what stands there for a missing cell".to_owned()
    } else {
        format!("say `missing = [\"{}\"]` in the source if it means that", text.trim())
    };
    format!("leave missing cells empty or write `NA`, {option}")
}

fn and_by(operand: Option<f64>) -> String {
    operand.map_or_else(String::new, |operand| format!(" and the other {operand}"))
}

/// "no column `wanted`", with the nearest of the `names` there are.
pub(crate) fn unknown<'a>(at: &str, wanted: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let column = wanted.to_owned();
    let error = panel::Error::Unknown { column, near: nearest(wanted, names) };
    Error::Panel { at: at.to_owned(), error }
}

/// The hint that a panel gives for a label, asked of a panel whose labels are the `names`.
pub(crate) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<Name> {
    let entity = Factor::from_names(names.map(Some));
    let period = (0..).take(entity.codes().len()).collect();
    let index = Index { entity_name: "name".into(), entity, period_name: "at".into(), period };
    let level = Term::Level("name".into(), wanted.to_owned());
    match Panel::new(index, []).map(|names| names.values(&level).map(drop)) {
        Ok(Err(panel::Error::NoLevel { near, .. })) => near,
        _ => Vec::new(),
    }
}
