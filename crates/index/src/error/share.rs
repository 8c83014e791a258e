//! What is wrong with a column of shares.

use panel::Name;

/// Why a concentration, an inequality or a coupling is not defined.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// A total over units that are not all known.
    #[error(
        "`{column}` is missing for `{entity}` in {period}, and {measure} needs every unit of a \
         period; fill it in, or leave the period or the unit out with a filter"
    )]
    Missing {
        /// The column.
        column: Name,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
        /// What was asked for.
        measure: &'static str,
    },
    /// A value out of range.
    #[error("`{column}` is {value} for `{entity}` in {period}; {measure} needs {needs}")]
    Range {
        /// The column.
        column: Name,
        /// Its value.
        value: f64,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
        /// What was asked for.
        measure: &'static str,
        /// What that needs.
        needs: &'static str,
    },
    /// Nothing to take shares of.
    #[error("`{column}` sums to zero in {period}; there are no shares to take")]
    ZeroTotal {
        /// The column.
        column: Name,
        /// The period.
        period: i32,
    },
    /// Coupling of fewer than two systems, or weights that do not fit them.
    #[error(
        "{systems} systems with {weights} weights that sum to {sum}; coupling needs two or more, \
         and a weight each that sum to 1"
    )]
    Systems {
        /// Systems.
        systems: usize,
        /// Weights.
        weights: usize,
        /// Their sum.
        sum: f64,
    },
}
