//! What is wrong with neighbours, or with a column on them.

use panel::Name;

use super::meant;

/// Why there is no autocorrelation over neighbours.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpaceError {
    /// A list names a unit that has none.
    #[error("`{unit}` has the neighbour `{neighbour}`, which is no unit{}", meant(.near))]
    UnknownNeighbour {
        /// Whose list it is.
        unit: String,
        /// The name in it.
        neighbour: String,
        /// Units that resemble it.
        near: Vec<String>,
    },
    /// A unit of the panel has no list.
    #[error("`{unit}` is not among the units that have neighbours{}", meant(.near))]
    UnknownUnit {
        /// The unit.
        unit: String,
        /// Units that resemble it.
        near: Vec<String>,
    },
    /// A unit has two lists, or stands twice in one.
    #[error("`{unit}` is listed twice{}", .of.as_ref().map_or(String::new(), |of| format!(" as a neighbour of `{of}`")))]
    Twice {
        /// The unit.
        unit: String,
        /// In whose list.
        of: Option<String>,
    },
    /// A unit is its own neighbour.
    #[error("`{unit}` is listed as its own neighbour; take it out of its list")]
    Itself {
        /// The unit.
        unit: String,
    },
    /// A unit without neighbours.
    #[error(
        "`{unit}` is an island: it has no neighbours; give it one, as provinces across a strait are \
         given, or leave it out"
    )]
    Island {
        /// The unit.
        unit: String,
    },
    /// Too few units.
    #[error("{n} units are too few: the variance of Moran's I needs four")]
    TooFew {
        /// Units.
        n: usize,
    },
    /// A unit has no value in a period in which others have one.
    #[error(
        "`{column}` is missing for `{unit}` in {period}, and its neighbours need it; fill it in, or \
         leave the unit out of the neighbours"
    )]
    Missing {
        /// The column.
        column: Name,
        /// The unit.
        unit: String,
        /// The period.
        period: i32,
    },
    /// A column that is the same for all units.
    #[error("`{column}` does not vary between units in {period}; there is nothing to correlate")]
    NoVariation {
        /// The column.
        column: Name,
        /// The period.
        period: i32,
    },
    /// No period has values.
    #[error("`{column}` has no value in any period")]
    Empty {
        /// The column.
        column: Name,
    },
    /// More permutations than are enumerated.
    #[error(
        "{n} units have too many permutations to take all; {most} units are the most, draw some"
    )]
    TooMany {
        /// Units.
        n: usize,
        /// The most units.
        most: usize,
    },
    /// A number of draws that gives no probability.
    #[error("no permutations are drawn; ask for one or more, 999 is usual")]
    NoDraws,
}
