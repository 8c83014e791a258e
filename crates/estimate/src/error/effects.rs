//! Why random effects, means of groups or differences have no estimate.

use panel::{Name, Term};

/// Why random effects, means of groups or differences have no estimate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EffectsError {
    /// What two-way random effects do not know in a panel with holes.
    #[error(
        "two-way random effects in a panel with holes have no {asked}; use swar, walhus or \
         amemiya with iid errors, or write the periods as indicators and take random effects of \
         entities"
    )]
    UnbalancedTwoWays {
        /// The variance components, or the covariance, asked for.
        asked: String,
    },
    /// No group has two rows.
    #[error(
        "every `{by}` has one row, so that effects and errors cannot be told apart; use the pooled \
         estimator"
    )]
    OneRowEach {
        /// The groups.
        by: Name,
    },
    /// The estimator of variance components needs variation within groups.
    #[error(
        "`{term}` does not vary within `{}`, which {components} needs; use swar",
        .effects.join("`, `")
    )]
    NotWithin {
        /// The regressor.
        term: Term,
        /// The groups.
        effects: Vec<Name>,
        /// The estimator of variance components.
        components: String,
    },
    /// A regression of means has no more groups than coefficients.
    #[error(
        "{n_groups} levels of `{by}` cannot identify the {k} coefficients of the regression of \
         means and a variance; use fewer regressors, or walhus or amemiya"
    )]
    TooFewGroups {
        /// The groups.
        by: Name,
        /// Their number.
        n_groups: usize,
        /// Coefficients, the constant included.
        k: usize,
    },
    /// The between estimator takes the means of one factor.
    #[error("the between estimator takes means of entities or of periods; ask for one of the two")]
    BetweenTwoWays,
    /// A regressor's means are all the same.
    #[error("the means of `{term}` are the same for every `{by}`; leave it out")]
    NotBetween {
        /// The regressor.
        term: Term,
        /// The groups.
        by: Name,
    },
    /// Rows of one group belong to several clusters.
    #[error(
        "cannot cluster means by `{by}`: it changes within `{within}`; cluster by something that \
         does not"
    )]
    ClustersDiffer {
        /// The clustering column.
        by: Name,
        /// The groups whose means are used.
        within: Name,
    },
    /// No row has a predecessor.
    #[error(
        "none of the {rows} rows has a predecessor (gaps: {gaps}); first differences need two \
         periods of an entity"
    )]
    NoDifferences {
        /// Rows in use.
        rows: usize,
        /// What counts as a predecessor.
        gaps: String,
    },
    /// The differences of a regressor do not vary.
    #[error(
        "`{term}` {}", if *.trend {
            "grows by the same amount everywhere, as the constant of differences does; leave out \
             one of them (`0 +`)"
        } else {
            "does not change over time, so that nothing of it is left in differences; leave it out"
        }
    )]
    NotDifferenced {
        /// The regressor.
        term: Term,
        /// Whether it changes, by the same amount everywhere.
        trend: bool,
    },
    /// Correlated random effects are those of entities.
    #[error("correlated random effects are those of entities, not `{effect}`; ask for individual")]
    NotIndividual {
        /// The effect asked for.
        effect: String,
    },
    /// No regressor has a mean that could be added.
    #[error(
        "no regressor varies both within and between levels of `{by}`, so that there are no means \
         to add; use random effects"
    )]
    NoMeans {
        /// The groups.
        by: Name,
    },
    /// A variance component is negative.
    #[error(
        "the variance of the effects of `{by}` is estimated at {variance:.3e}; let negative \
         variances be zero, or use the pooled estimator"
    )]
    NegativeVariance {
        /// Whose effects.
        by: Name,
        /// The estimate.
        variance: f64,
    },
}
