//! Why labels are no entities of the kind that a spec says they are.

use crate::error::Place;
use crate::provinces::{NameError, Scheme};

/// Why the entities of a file cannot be resolved.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are what the message says they are")]
pub enum EntityError {
    /// A label is no province.
    #[error("{at}: {error}")]
    Name { at: String, error: NameError },
    /// Two labels of one province, in one period.
    #[error("{first} and {second}: `{}` and `{}` are both {entity}, and both have {period}; keep one of the rows", .labels[0], .labels[1])]
    Merged { first: Place, second: Place, labels: [String; 2], entity: String, period: i32 },
    /// A province outside the scheme.
    #[error("{at}: `{label}` is in no region of {scheme}; leave its rows out by `where`")]
    NoRegion { at: String, label: String, scheme: Scheme },
    /// A label to be left out that does not occur.
    #[error("{file}: `drop` names `{label}`, and no row has this label{}", did_you_mean(.near))]
    NothingToDrop { file: String, label: String, near: Vec<String> },
    /// Provinces, but no word on what to call them.
    #[error(
        "`entities = \"china-provinces\"` needs `names`: english, pinyin, chinese, chinese-short, abbreviation, code or letters"
    )]
    NoNames,
    /// Names for entities of no kind.
    #[error("`names` is for entities that are resolved; add `entities = \"china-provinces\"`")]
    NamesAlone,
}

fn did_you_mean(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!("; did you mean `{}`?", near.join("` or `")),
    }
}

impl NameError {
    /// The error with its place.
    pub(crate) fn at(self, at: impl ToString) -> crate::Error {
        EntityError::Name { at: at.to_string(), error: self }.into()
    }
}
