//! What a check makes: equations between printed cells.

use std::borrow::Cow;

use crate::sheet::{Sheet, Slot};
use crate::{Interval, Severity};

/// Whether an equation can hold on what is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holds {
    Yes,
    /// Only under an assumption that nothing printed states.
    If(Cow<'static, str>),
    No,
}

impl Holds {
    /// `Yes` if it does; else `No` if what it rests on is known, and an assumption if not.
    pub(crate) fn or(holds: bool, otherwise: Option<&'static str>) -> Self {
        match (holds, otherwise) {
            (true, _) => Self::Yes,
            (false, Some(assumption)) => Self::If(Cow::Borrowed(assumption)),
            (false, None) => Self::No,
        }
    }
}

/// An equation with its numbers put in.
pub(crate) struct Shown {
    pub(crate) printed: Option<Interval>,
    pub(crate) implied: Option<Interval>,
    pub(crate) explanation: String,
}

/// One equation, or comparison, between cells of a sheet.
pub(crate) trait Equation {
    /// The name of its check.
    fn check(&self) -> &'static str;

    /// What it reads, the shown one first.
    fn reads(&self) -> &[Slot];

    /// How much hangs on it if it does not hold.
    fn severity(&self) -> Severity;

    /// Whether it can hold. Called often: it allocates nothing.
    fn judge(&self, sheet: &Sheet<'_>) -> Holds;

    /// Its arithmetic in one line.
    fn show(&self, sheet: &Sheet<'_>) -> Shown;
}
