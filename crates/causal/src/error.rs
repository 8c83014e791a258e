//! Why there is no estimate.

use panel::{Name, Term};

/// Why there is no estimate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A regression that the method rests on has no estimate.
    #[error(transparent)]
    Estimate(#[from] estimate::Error),
    /// A treatment that is neither 0 nor 1.
    #[error(
        "`{term}` is {value} for `{entity}` in {period}, but a treatment is 0 or 1; \
         say from where on a row counts as treated"
    )]
    NotTreatment {
        /// The treatment.
        term: Term,
        /// The first such value.
        value: f64,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
    },
    /// All rows are treated, or none.
    #[error(
        "{} of the {rows} rows with all variables is treated by `{term}`; \
         there is nobody to compare with", if *.treated { "every one" } else { "none" }
    )]
    OneGroup {
        /// The treatment.
        term: Term,
        /// Rows looked at.
        rows: usize,
        /// Whether all are treated.
        treated: bool,
    },
    /// A group is off support as a whole.
    #[error(
        "common support `{support}` leaves no {} row; the groups do not overlap, or ask for `none`",
        group(*.treated)
    )]
    OffSupport {
        /// The rule.
        support: String,
        /// Whether it is the treated that are gone.
        treated: bool,
    },
    /// More matches were asked for than there are rows.
    #[error("{k} matches a row, but there are only {available} {} rows; ask for fewer", group(*.treated))]
    TooFewToMatch {
        /// Matches asked for.
        k: usize,
        /// Rows to choose from.
        available: usize,
        /// Whether those are treated.
        treated: bool,
    },
    /// Nobody found a match.
    #[error("no row has a match by `{method}`{}; {}", cells(.within), nearest(*.closest))]
    NoMatches {
        /// The method.
        method: String,
        /// Columns on which matches must agree.
        within: Vec<Name>,
        /// The smallest distance between the groups, if any two may be matched.
        closest: Option<f64>,
    },
    /// Two choices that do not go together.
    #[error("`{a}` and `{b}` do not go together: {cure}")]
    Contradiction {
        /// One.
        a: String,
        /// The other.
        b: String,
        /// What would do.
        cure: &'static str,
    },
    /// A width, or a count, that is not positive.
    #[error("a {what} of {width} matches nobody; it has to be a positive number")]
    NotAWidth {
        /// Of what.
        what: &'static str,
        /// The value.
        width: f64,
    },
    /// A row without another of its group and stratum, from which its variance could be learnt.
    #[error(
        "row {row} is the only {} one in its stratum, so its variance cannot be estimated from \
         neighbours; use `naive` errors, `ai 0 population`, or wider strata", group(*.treated)
    )]
    Alone {
        /// The row of the panel.
        row: usize,
        /// Whether it is treated.
        treated: bool,
    },
    /// Not one of the choices there are.
    #[error("no {what} `{text}`; there are {}", .known.join(", "))]
    UnknownChoice {
        /// What was to be chosen.
        what: &'static str,
        /// The text.
        text: String,
        /// The choices.
        known: Vec<&'static str>,
    },
}

fn group(treated: bool) -> &'static str {
    if treated { "treated" } else { "untreated" }
}

fn cells(columns: &[Name]) -> String {
    match columns {
        [] => String::new(),
        columns => format!(" within `{}`", columns.join("`, `")),
    }
}

fn nearest(closest: Option<f64>) -> String {
    match closest {
        Some(closest) => {
            format!("the closest two rows are {closest:.3e} apart: take a wider caliper")
        }
        None => "no stratum has rows of both groups: take fewer columns".to_owned(),
    }
}
