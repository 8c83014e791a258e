//! Why a Stata file cannot be read or written.

/// Why a Stata file cannot be read or written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are what the message says they are")]
pub enum StataError {
    /// Not a Stata file, or a broken one.
    #[error("`{file}` cannot be read as a Stata file: {reason}; is the download complete?")]
    Damaged { file: String, reason: String },
    /// The header promises more than the file can hold.
    #[error(
        "`{file}`: the header promises {promised} {what}, more than {bytes} bytes can hold; the file is cut short or damaged"
    )]
    Promises { file: String, what: &'static str, promised: u64, bytes: u64 },
    /// A section is longer than what is left of the file.
    #[error(
        "`{file}`: its {what} go on for {length} bytes where {left} are left; the file is cut short or damaged"
    )]
    Short { file: String, what: &'static str, length: u64, left: u64 },
    /// The file names value labels that it does not hold.
    #[error(
        "`{file}`: the value labels `{labels}` of `{column}` are not in it; if it was not cut short, leave that column out with `columns`, or save the file as version 117 or later, which says where it ends"
    )]
    Unlabelled { file: String, column: String, labels: String },
    /// A number that Stata has no room for.
    #[error(
        "`{column}`: {value:e} cannot be stored by Stata, whose doubles end at 8.988e307; use a larger unit"
    )]
    Range { column: String, value: f64 },
    /// Text that Stata has no room for.
    #[error("`{column}`: {why}; write .csv or .parquet")]
    Text { column: String, why: &'static str },
    /// Two names that become one.
    #[error("`{first}` and `{second}` would both be called `{name}` in Stata; rename one of them")]
    Names { first: String, second: String, name: String },
}
