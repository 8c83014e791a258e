//! Splits of a sample, and whether a coefficient differs between the parts.
//!
//! ```text
//! y_it = x_it'β_g + effects + u_it        for every group g, each on its own rows
//! ```
//!
//! A coefficient that is significant in one group and not in another is no evidence of a
//! difference: the difference has a test of its own.

mod difference;
mod groups;
mod permutation;

use std::fmt;

use estimate::{Design, Fit, linear, texts};
use panel::{Model, Name, Panel, Term};

pub use difference::{Difference, Interact};
pub use groups::assign;
pub use permutation::Permutation;

use crate::Error;

/// How rows are put into groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Groups {
    /// The levels of a category.
    Category(Name),
    /// Quantile groups of each entity's average of a column over the rows in use.
    Quantiles {
        /// The column.
        of: Term,
        /// How many groups.
        groups: usize,
        /// Where the cuts are.
        cut: Cut,
    },
}

/// Where the cuts between quantile groups lie, for `m` entities in `q` groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Stata's `xtile`: an entity is in the lowest group whose upper percentile it does not exceed;
    /// the percentile of `P = m j / q` is the value at `⌈P⌉`, or the mean of those at `P` and `P + 1`.
    Xtile,
    /// By rank: the entity of rank `r` (from zero) is in group `⌊r q / m⌋`. Ties are an error.
    Rank,
}

/// The choices of a split.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitSpec {
    /// The model of every group.
    pub model: Model,
    /// How rows are put into groups.
    pub groups: Groups,
    /// How each group's model is estimated.
    pub estimation: estimate::Spec,
    /// The regressor whose coefficients are compared.
    pub of: Term,
    /// What differs between groups in the regression that tests the difference.
    pub interact: Interact,
    /// Draws and seed of a permutation test, if there is one.
    pub permutation: Option<(usize, u64)>,
}

/// The groups' models, and the differences between them.
#[derive(Debug, Clone)]
pub struct Split {
    /// The groups in order: label, entities, fit.
    pub parts: Vec<Part>,
    /// For every pair of groups.
    pub differences: Vec<Difference>,
    /// For every pair of groups, in the same order, if asked for.
    pub permutations: Vec<Permutation>,
}

/// One group.
#[derive(Debug, Clone)]
pub struct Part {
    /// The level of the category, or `1 of 3`, lowest first.
    pub label: String,
    /// The model on its rows.
    pub fit: Fit,
}

impl fmt::Display for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Category(name) => f.write_str(name),
            Self::Quantiles { of, groups, cut } => {
                write!(f, "{groups} groups of mean {of} by {cut}")
            }
        }
    }
}

texts!(Cut, "cut", Xtile = "xtile", Rank = "rank");

/// Estimates a model in every group, and tests whether a coefficient differs between groups.
///
/// Rows are those that the model can use on the whole panel, so that a lag at the edge of a group
/// is the lag of the panel.
///
/// # Errors
///
/// [`Error::NotARegressor`], [`Error::SingleGroup`], [`Error::NoGroup`], [`Error::TiedEntities`];
/// [`Error::Group`] names the group whose model has no estimate.
///
/// # Source
///
/// `Interact::All` with clustered errors is seemingly unrelated estimation (Weesie 1999; Stata's
/// `suest`), but for the factor, which is the convention's. The permutation test is Fisher's, as
/// in Cleary (1999) and Stata's `bdiff, permtest`.
pub fn split(
    panel: &Panel,
    spec: &SplitSpec,
    tick: &(dyn Fn(usize) + Sync),
) -> Result<Split, Error> {
    let design = Design::new(panel, &spec.model, spec.estimation.convention.singletons)?;
    design.plain("a split sample")?;
    if !design.terms().contains(&spec.of) {
        let regressors = design.terms().to_vec();
        return Err(Error::NotARegressor { term: spec.of.clone(), regressors });
    }
    let (name, groups) = groups::assign(panel, &design, &spec.groups)?;
    let labels: Vec<String> = groups.labels().collect();
    let part = |(code, label): (u32, &String)| -> Result<Part, Error> {
        let inside: Vec<bool> = groups.codes().iter().map(|&g| g == code).collect();
        let fit = design.only(&inside).and_then(|part| linear(&part, &spec.estimation));
        let fit = fit.map_err(|why| Error::Group { label: label.clone(), why: Box::new(why) })?;
        Ok(Part { label: label.clone(), fit })
    };
    let parts: Vec<Part> = (0..).zip(&labels).map(part).collect::<Result<_, _>>()?;
    let differences = difference::all(&design, spec, &name, &groups)?;
    let permutations = match spec.permutation {
        None => Vec::new(),
        Some((replications, seed)) => {
            permutation::all(&design, spec, &groups, &parts, (replications, seed), tick)?
        }
    };
    Ok(Split { parts, differences, permutations })
}
