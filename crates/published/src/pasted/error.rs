//! Why a pasted table cannot be read.

/// Why a pasted table cannot be read. Places are as the caller named them: `table.csv:3`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasteError {
    /// Nothing that looks like a table with numbers.
    #[error(
        "{file}: no table with numbers; separate columns by tabs or commas, or paste a Markdown \
         table or a LaTeX `tabular`"
    )]
    NoTable {
        /// The name of the text.
        file: String,
    },
    /// Larger than a printed page.
    #[error(
        "{file}: more than {rows} rows, {columns} columns or {cells} cells, which no printed table has; \
         cut out the table that is meant"
    )]
    Large {
        /// The name of the text.
        file: String,
        /// Rows that are read at most.
        rows: usize,
        /// Columns that are read at most.
        columns: usize,
        /// Cells that are read at most.
        cells: usize,
    },
    /// A quotation mark or an environment that does not end.
    #[error("{at}: {what} is opened and never closed; close it")]
    Unclosed {
        /// Where it begins.
        at: String,
        /// What is opened.
        what: String,
    },
    /// A line of a delimited table with more cells than the header has columns.
    #[error(
        "{at}: {got} cells where the rows above have {expected}; look for a separator too many, or a \
         cell that needs quotation marks"
    )]
    Wide {
        /// The row.
        at: String,
        /// Cells of the rows above.
        expected: usize,
        /// Cells of this row.
        got: usize,
    },
    /// Columns that blanks hold apart, and that do not line up.
    #[error(
        "{at}: the columns do not line up, so that it cannot be told which cell stands in which: `{text}`; \
         put tabs or commas between the cells"
    )]
    Adrift {
        /// The first line that does not.
        at: String,
        /// The line.
        text: String,
    },
    /// Numbers with one blank between, more or fewer than in other rows.
    #[error(
        "{at}: {got} numbers with only blanks between them, where the rows above have {expected}, so that it \
         cannot be told which columns they stand in; put tabs or commas between the cells"
    )]
    Uneven {
        /// The row.
        at: String,
        /// Numbers of the rows above.
        expected: usize,
        /// Numbers of this row.
        got: usize,
    },
    /// Nothing names the rows.
    #[error("{at}: the first column holds numbers; put the names of the rows there")]
    NoLabels {
        /// The first row with numbers.
        at: String,
    },
    /// A number below an estimate that is in no brackets.
    #[error(
        "{at}, column `{column}`: `{text}` stands in a row without a label and in no brackets; write \
         `({text})` if it belongs to the estimate above, or give the row a label"
    )]
    Bare {
        /// The row.
        at: String,
        /// Header of the column.
        column: String,
        /// The cell.
        text: String,
    },
    /// A number in brackets with no estimate.
    #[error(
        "{at}, column `{column}`: `{text}` belongs to no estimate, for nothing stands above it; put the \
         estimate there, or label the row"
    )]
    Orphan {
        /// The row.
        at: String,
        /// Header of the column.
        column: String,
        /// The cell.
        text: String,
    },
    /// Two rows with one label.
    #[error(
        "{at}: a second row `{row}` in one table; add to the label what tells the two apart, as in \
         `{row} (lagged)`"
    )]
    TwoRows {
        /// The second row.
        at: String,
        /// The label.
        row: String,
    },
}
