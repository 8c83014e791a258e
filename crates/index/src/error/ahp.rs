//! What is wrong with a comparison matrix.

/// Why comparisons of pairs give no weights.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AhpError {
    /// No matrix for what lies below a node.
    #[error("no comparison matrix is given {}; it has {n} parts to compare", of(.node))]
    Missing {
        /// The dimension; empty for the index itself.
        node: String,
        /// Parts to compare.
        n: usize,
    },
    /// A matrix for no node.
    #[error("a comparison matrix is given {}, which has no parts to compare", of(.node))]
    Unknown {
        /// The dimension.
        node: String,
    },
    /// Not as many rows and columns as parts.
    #[error("the comparison matrix {} is {rows} × {columns}, and {n} parts are compared", of(.node))]
    Shape {
        /// The dimension; empty for the index itself.
        node: String,
        /// Rows.
        rows: usize,
        /// Entries of the first row that is not as long as it should be, or of all rows.
        columns: usize,
        /// Parts to compare.
        n: usize,
    },
    /// An entry that is not positive.
    #[error(
        "entry ({row}, {column}) of the comparison matrix {} is {value}; entries are positive", of(.node)
    )]
    NotPositive {
        /// The dimension; empty for the index itself.
        node: String,
        /// Row, from 1.
        row: usize,
        /// Column, from 1.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// An entry and its mirror image do not multiply to one.
    #[error(
        "entries ({row}, {column}) and ({column}, {row}) of the comparison matrix {} are {value} and \
         {mirror}, not reciprocal; write one as \"1/…\" of the other", of(.node)
    )]
    NotReciprocal {
        /// The dimension; empty for the index itself.
        node: String,
        /// Row, from 1.
        row: usize,
        /// Column, from 1.
        column: usize,
        /// The entry.
        value: f64,
        /// The entry across the diagonal.
        mirror: f64,
    },
    /// The principal eigenvector was not found.
    #[error(
        "the principal eigenvector of the comparison matrix {} still moves by {moved:e} after \
         {iterations} steps; its entries differ too much in size", of(.node)
    )]
    NotConverged {
        /// The dimension; empty for the index itself.
        node: String,
        /// Steps made.
        iterations: usize,
        /// By how much the last one moved a weight.
        moved: f64,
    },
    /// More parts than random indices are known for.
    #[error("{n} parts are compared {}; Saaty's random indices end at {most}: group them", of(.node))]
    TooLarge {
        /// The dimension; empty for the index itself.
        node: String,
        /// Parts to compare.
        n: usize,
        /// The most.
        most: usize,
    },
}

fn of(node: &str) -> String {
    if node.is_empty() { "of the index".to_owned() } else { format!("of `{node}`") }
}
