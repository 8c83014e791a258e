//! Why a specification test has no answer.

use panel::{Name, Term};

use super::list;

/// Why a specification test has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// A hypothesis names a coefficient that the model has not.
    #[error(
        "the model has no coefficient `{name}`; it has {} (a minus that subtracts needs blanks \
         around it)", list(.terms)
    )]
    NotInModel {
        /// What the hypothesis names.
        name: String,
        /// The regressors of the model.
        terms: Vec<Term>,
    },
    /// Restrictions that cannot hold at once.
    #[error("`{restriction}` contradicts the restrictions before it; leave one of them out")]
    Contradiction {
        /// The restriction.
        restriction: String,
    },
    /// The covariance has too little rank for a joint test.
    #[error(
        "{restrictions} restrictions, but under {vcov} their covariance has rank {rank}; \
         test fewer at once, or use another covariance"
    )]
    NotTestable {
        /// Restrictions that do not imply each other.
        restrictions: usize,
        /// The rank of their covariance.
        rank: usize,
        /// The covariance.
        vcov: String,
    },
    /// A test of effects names a factor that is not absorbed.
    #[error(
        "the model does not absorb `{name}`{}", absorbed(.effects)
    )]
    NotAbsorbed {
        /// The factor.
        name: Name,
        /// What the model absorbs.
        effects: Vec<Name>,
    },
    /// The effects tested are spanned by the other effects.
    #[error("the effects of `{}` are spanned by the others; test those", .names.join("`, `"))]
    Spanned {
        /// The factors tested.
        names: Vec<Name>,
    },
    /// A test of the residuals of a within model.
    #[error(
        "the test is about a model with effects of `{entity}`; absorb it, as in `y ~ x | {entity}`, \
         or use the test in first differences"
    )]
    NeedsEntityEffects {
        /// The entity.
        entity: Name,
    },
    /// A model in first differences can absorb effects of the period alone.
    #[error(
        "differences over time take out the entity and project out the period, but the model \
         absorbs `{name}`, too; leave it out for this test"
    )]
    OnlyEntityAndPeriod {
        /// The factor.
        name: Name,
    },
    /// No level of a factor has two rows.
    #[error("every `{by}` is observed once, so that its effect cannot be told from the error")]
    NoRepetition {
        /// The factor.
        by: Name,
    },
    /// No lags.
    #[error(
        "no entity has {needed} consecutive periods to lag over; test over fewer lags, \
         or on a panel with fewer gaps"
    )]
    NoLags {
        /// Consecutive periods needed.
        needed: usize,
    },
    /// A test across entities has none to compare.
    #[error("{entities} entities are left to compare, at least {needed} are needed")]
    TooFewEntities {
        /// Entities that can be compared.
        entities: usize,
        /// What the test needs.
        needed: usize,
    },
    /// No two entities share two periods.
    #[error(
        "of {entities} entities no two have two periods in common with residuals that vary, \
         so there is no correlation between them"
    )]
    NoPairs {
        /// Entities.
        entities: usize,
    },
    /// A Hausman test of a fit under robust errors.
    #[error(
        "a Hausman test compares with an efficient estimator, which has iid errors, not {vcov}; \
         use the auxiliary regression, which takes any covariance"
    )]
    NotEfficient {
        /// The covariance.
        vcov: String,
    },
    /// Two fits that are compared use different rows.
    #[error("the models use different rows, {n} and {other}; estimate both on the same")]
    DifferentSamples {
        /// Rows of the first.
        n: usize,
        /// Rows of the second.
        other: usize,
    },
    /// Two fits that are compared share no coefficient that could differ.
    #[error("the models have no coefficient in common that could tell them apart")]
    NothingInCommon,
    /// The Hausman statistic is not positive.
    #[error(
        "the Hausman statistic is {statistic:.4} on {rank} degrees of freedom, and χ² is positive: \
         V_b - V_B is not positive definite; use `sigmamore`, or the auxiliary regression"
    )]
    NegativeHausman {
        /// The statistic.
        statistic: f64,
        /// Its degrees of freedom.
        rank: usize,
    },
}

fn absorbed(effects: &[String]) -> String {
    match effects {
        [] => ", nor anything else; name the effects after `|`".to_owned(),
        effects => format!("; it absorbs `{}`", effects.join("`, `")),
    }
}
