//! Why nothing can be audited.

use published::Location;

/// Why nothing can be audited: a schema that is not one, or that the paper contradicts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("{at}: {message}")]
    Syntax {
        /// Where it was noticed.
        at: Location,
        /// The TOML reader's words.
        message: String,
    },
    /// The schema names a table, a column or a cell that the paper does not have.
    #[error("{at}: the paper has no {what} `{name}`; {cure}")]
    Unknown {
        /// Where it is named.
        at: Location,
        /// `table`, `column`, `cell`.
        what: &'static str,
        /// The name.
        name: String,
        /// What there is instead.
        cure: String,
    },
    /// Two statements of the schema, or one and what is printed, cannot both hold.
    #[error("{at}: {what}; {cure}")]
    Contradiction {
        /// Where the later of the two stands.
        at: Location,
        /// Both.
        what: String,
        /// What to do about it.
        cure: String,
    },
}
