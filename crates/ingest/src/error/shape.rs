//! Why a table is not of the shape that a source says.

use crate::error::Place;

/// Why a table is not of the shape that a source says.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are what the message says they are")]
pub enum ShapeError {
    /// No row is a header of the shape.
    #[error(
        "{at}: no row is a header of shape `{shape}`: {wanted}; say which rows are with `header = [row]`, or another `shape`"
    )]
    NoHeader { at: String, shape: &'static str, wanted: &'static str },
    /// A row that is said to be the header has no cell.
    #[error("{at}: row {row}, which `header` names, is empty")]
    EmptyHeader { at: String, row: u32 },
    /// A header and nothing below.
    #[error("{at}: a header in row {row} and no rows of data below it")]
    NoData { at: String, row: u32 },
    /// What the cells hold has no name.
    #[error("{at}: what the cells hold has no name; say `value = \"gdp\"` in the source")]
    NoValue { at: String },
    /// Who the file is about is not said.
    #[error(
        "{at}: neither a column nor a line `地区：` says who the figures are about; put `{{{entity}}}` into the name of the file, or name the column with `entity = \"…\"`"
    )]
    NoEntity { at: String, entity: String },
    /// A cell that should say when.
    #[error("{place}: \"{text}\" is no period; periods are whole numbers or years such as 2022年")]
    Period { place: Place, text: String },
    /// A cell that should say who or when is empty.
    #[error("{place}: the cell of `{column}` is empty; every row must say who and when")]
    NoKey { place: Place, column: String },
    /// The same number twice.
    #[error("{first} and {second}: `{column}` of `{entity}` in {period} is given twice, {}; keep one of them", if let Some([a, b]) = .values { format!("with different values, {a} and {b}") } else { "with the same value".to_owned() })]
    Twice {
        first: Place,
        second: Place,
        column: String,
        entity: String,
        period: i32,
        values: Option<[String; 2]>,
    },
    /// Two columns of a table have one header.
    #[error("{first} and {second}: two columns are called `{column}`; rename one in the file")]
    TwoColumns { first: Place, second: Place, column: String },
    /// A cell below no name.
    #[error("{place}: the column of this cell has no name; name it, or delete the cell")]
    NoName { place: Place },
    /// An option that says nothing in this shape.
    #[error("{at}: `{option}` means nothing for {shape}; delete it")]
    Idle { at: String, option: &'static str, shape: String },
    /// A mark of missing cells that is a number.
    #[error(
        "{at}: `missing` names texts, and \"{mark}\" is a number; empty those cells, or leave their rows out by a filter"
    )]
    Mark { at: String, mark: String },

    // Names of files with a placeholder.
    /// A placeholder that is neither.
    #[error(
        "`{file}`: `{{{name}}}` is neither the entity, `{{{entity}}}`, nor the period, `{{{period}}}`"
    )]
    Placeholder { file: String, name: String, entity: String, period: String },
    /// A brace that is not closed, or two placeholders side by side.
    #[error("`{file}`: {wrong}")]
    Pattern { file: String, wrong: &'static str },
    /// No file of that name.
    #[error("no file matches `{file}`; paths are relative to the data root")]
    NoFiles { file: String },
    /// Part of a file's name that should say when.
    #[error(
        "`{file}` matches `{pattern}`, but \"{text}\" is no period; move the file elsewhere, or narrow the pattern"
    )]
    FilePeriod { file: String, pattern: String, text: String },
    /// Files with different columns.
    #[error("`{file}` has the columns {}, but `{first}` has {}; list the `columns` to load", .columns.join(", "), .others.join(", "))]
    Columns { first: String, others: Vec<String>, file: String, columns: Vec<String> },
    /// A column that is numbers in one file and labels in another.
    #[error("`{file}`: `{column}` holds {}, but in `{first}` {}", kind(*.number), kind(!*.number))]
    Kinds { first: String, file: String, column: String, number: bool },
}

fn kind(number: bool) -> &'static str {
    if number { "numbers" } else { "labels" }
}
