//! What comes out of a scheme.

use std::fmt;

use panel::Name;

use crate::scheme::{Indicator, Scheme};
use crate::weigh::Consistency;

/// Scores, weights at every level, and what they rest on.
#[derive(Debug, Clone, PartialEq)]
pub struct Composite {
    /// How it was made.
    pub scheme: Scheme,
    /// The score of each row of the panel; NaN for rows left out.
    pub scores: Vec<f64>,
    /// Rows with a score.
    pub n: usize,
    /// The indicators, in the order of the scheme.
    pub indicators: Vec<Weighed>,
    /// The dimensions, each before those inside it.
    pub dimensions: Vec<Dimension>,
    /// The periods, if each has weights of its own: weights are in their order.
    pub periods: Option<Vec<i32>>,
    /// Of comparison matrices.
    pub consistency: Vec<Consistency>,
    /// Caveats.
    pub notes: Vec<Note>,
}

/// An indicator and its weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// The indicator.
    pub indicator: Indicator,
    /// Its weight in the index: one, or one a period. All indicators' sum to one.
    pub weights: Vec<f64>,
    /// Its weight in its dimension: those of one dimension sum to one.
    pub local: Vec<f64>,
    /// `eⱼ`, if weights are from entropies.
    pub entropy: Option<Vec<f64>>,
}

impl Weighed {
    /// `dⱼ = 1 − eⱼ`, the divergence, if weights are from entropies.
    pub fn divergence(&self) -> Option<Vec<f64>> {
        self.entropy.as_ref().map(|entropy| entropy.iter().map(|e| 1.0 - e).collect())
    }
}

/// A dimension: its weight, and its sub-index.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// Its name and those above it, outermost first.
    pub path: Vec<String>,
    /// The sum of its indicators' weights: one, or one a period.
    pub weights: Vec<f64>,
    /// Its weight among its siblings.
    pub local: Vec<f64>,
    /// Entropy of its sub-index, if weights are from entropies level by level.
    pub entropy: Option<Vec<f64>>,
    /// Its sub-index, a row of the panel each: indicators aggregated with weights that sum to one, so
    /// that it has the scale of the index. NaN for rows left out.
    pub scores: Vec<f64>,
}

impl Dimension {
    /// "A / B".
    pub fn name(&self) -> String {
        self.path.join(" / ")
    }
}

/// A caveat.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Rows without some indicator have no score.
    LeftOut {
        /// Entity, period, and the indicators that are missing.
        rows: Vec<(String, i32, Vec<Name>)>,
    },
    /// Comparisons that contradict one another.
    Inconsistent(Consistency),
    /// Components that were kept.
    Components {
        /// The dimension; empty for the index itself.
        node: String,
        /// The period, if each has weights of its own.
        period: Option<i32>,
        /// How many.
        kept: usize,
        /// Of how many.
        of: usize,
        /// Their share of the variance.
        share: f64,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let of = |node: &str| if node.is_empty() { String::new() } else { format!(" of `{node}`") };
        match self {
            Self::LeftOut { rows } => {
                const SHOWN: usize = 5;
                let row = |(entity, period, lacks): &(String, i32, Vec<Name>)| {
                    format!("{entity} {period} (`{}`)", lacks.join("`, `"))
                };
                let shown: Vec<String> = rows.iter().take(SHOWN).map(row).collect();
                let rows_are = if rows.len() == 1 { "row has" } else { "rows have" };
                write!(f, "{} {rows_are} no score for lack of an indicator: ", rows.len())?;
                f.write_str(&shown.join(", "))?;
                match rows.len().saturating_sub(SHOWN) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Self::Inconsistent(Consistency { node, ratio, .. }) => {
                write!(f, "comparisons{} are inconsistent: CR = {ratio:.3} is above 0.1", of(node))
            }
            Self::Components { node, period, kept, of: all, share } => {
                let during = period.map_or(String::new(), |period| format!(" in {period}"));
                let percent = 100.0 * share;
                let of = of(node);
                write!(
                    f,
                    "{kept} of {all} components{of}{during} kept: {percent:.1} % of the variance"
                )
            }
        }
    }
}
