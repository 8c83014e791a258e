//! What a check makes: equations between printed cells.

use std::borrow::Cow;

use crate::sheet::{Sheet, Slot};
use crate::{Interval, Severity};

/// Whether an equation can hold on what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds<'e> {
    Yes,
    /// Only under an assumption that nothing printed states.
    If(&'e str),
    No,
}

impl Holds<'_> {
    /// `Yes`, or `No`.
    pub(crate) fn or(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
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

    /// Whether it can hold. Called for every edit that is tried.
    fn judge(&self, sheet: &Sheet<'_>) -> Holds<'_>;

    /// Its arithmetic in one line.
    fn show(&self, sheet: &Sheet<'_>) -> Shown;
}

/// Equations, as checks collect them.
pub(crate) type Equations = Vec<Box<dyn Equation>>;

/// What a cell prints and what the others imply for it; `None` where nothing can be said.
type Sides = Box<dyn Fn(&Sheet<'_>) -> Option<(Interval, Interval)>>;

/// The equation in words, with numbers: given both sides.
type Words = Box<dyn Fn(&Sheet<'_>, Interval, Interval) -> String>;

/// The usual equation: what is printed must meet what is implied.
pub(crate) struct Meets {
    check: &'static str,
    reads: Vec<Slot>,
    severity: Severity,
    /// What would have to be otherwise; `None` if nothing can be.
    doubt: Option<Cow<'static, str>>,
    sides: Sides,
    words: Words,
}

impl Meets {
    pub(crate) fn new(
        check: &'static str,
        reads: Vec<Slot>,
        sides: impl Fn(&Sheet<'_>) -> Option<(Interval, Interval)> + 'static,
        words: impl Fn(&Sheet<'_>, Interval, Interval) -> String + 'static,
    ) -> Self {
        let (sides, words) = (Box::new(sides), Box::new(words));
        Self { check, reads, severity: Severity::High, doubt: None, sides, words }
    }

    pub(crate) fn doubt(mut self, doubt: Option<impl Into<Cow<'static, str>>>) -> Self {
        self.doubt = doubt.map(Into::into);
        self
    }

    pub(crate) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Both sides, if they can be compared.
    pub(crate) fn sides(&self, sheet: &Sheet<'_>) -> Option<(Interval, Interval)> {
        (self.sides)(sheet)
    }

    pub(crate) fn boxed(self) -> Box<dyn Equation> {
        Box::new(self)
    }
}

impl Equation for Meets {
    fn check(&self) -> &'static str {
        self.check
    }

    fn reads(&self) -> &[Slot] {
        &self.reads
    }

    fn severity(&self) -> Severity {
        self.severity
    }

    fn judge(&self, sheet: &Sheet<'_>) -> Holds<'_> {
        match (self.sides)(sheet) {
            None => Holds::Yes,
            Some((printed, implied)) if printed.meets(implied) => Holds::Yes,
            Some(_) => self.doubt.as_deref().map_or(Holds::No, Holds::If),
        }
    }

    fn show(&self, sheet: &Sheet<'_>) -> Shown {
        match (self.sides)(sheet) {
            None => Shown {
                printed: None,
                implied: None,
                explanation: "its numbers do not allow a comparison".to_owned(),
            },
            Some((printed, implied)) => Shown {
                printed: Some(printed),
                implied: Some(implied),
                explanation: (self.words)(sheet, printed, implied),
            },
        }
    }
}
