//! Why there is no estimate.

use panel::{Name, Term};

/// Why there is no estimate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A regression that the method rests on has no estimate.
    #[error(transparent)]
    Estimate(#[from] estimate::Error),
    /// A choice of a method has no option of that name.
    #[error("no {choice} `{text}`; there are {}", .known.join(", "))]
    UnknownChoice {
        /// What is chosen.
        choice: &'static str,
        /// The text.
        text: String,
        /// The names that exist.
        known: Vec<&'static str>,
    },
    /// A threshold model with none.
    #[error("a threshold model has at least one threshold; for none, estimate the linear model")]
    NoThresholds,
    /// A threshold model in which nothing switches.
    #[error(
        "no slope switches between regimes; name at least one regressor of the model that does"
    )]
    NothingSwitches,
    /// A term is to switch that the model does not have.
    #[error(
        "`{term}` is to switch between regimes but is not a regressor; the model has {}",
        list(.regressors)
    )]
    NotARegressor {
        /// The term.
        term: Term,
        /// The regressors.
        regressors: Vec<Term>,
    },
    /// A term is to switch twice.
    #[error("`{term}` is named twice among the regressors that switch; name it once")]
    SwitchesTwice {
        /// The term.
        term: Term,
    },
    /// Effects that a threshold model cannot absorb.
    #[error(
        "a threshold model absorbs `{entity}`, alone or with one more factor, not `{}`",
        .absorb.join("` and `")
    )]
    ThresholdEffects {
        /// The entity of the panel.
        entity: Name,
        /// What the model absorbs.
        absorb: Vec<Name>,
    },
    /// A second factor with too many levels.
    #[error(
        "`{by}` has {levels} levels, but beside the entity at most {most} can be absorbed here"
    )]
    ManyLevels {
        /// The factor.
        by: Name,
        /// Its levels.
        levels: usize,
        /// The most there may be.
        most: usize,
    },
    /// The last rows are dropped beside effects of two factors.
    #[error(
        "dropping the last row of every entity is for entity effects alone, but the model absorbs \
         `{}`; use all rows", .absorb.join("` and `")
    )]
    DropLastTwoWay {
        /// What the model absorbs.
        absorb: Vec<Name>,
    },
    /// A constant where there is none.
    #[error(
        "least squares on demeaned rows less the last of every entity has no constant; omit it"
    )]
    NoConstant,
    /// Fewer entities than regimes.
    #[error("{units} entities cannot tell {regimes} regimes apart; use fewer thresholds")]
    FewUnits {
        /// Entities.
        units: usize,
        /// Regimes.
        regimes: usize,
    },
    /// A threshold variable that does not vary.
    #[error("the threshold variable `{term}` is constant, so it splits nothing; use another")]
    ConstantVariable {
        /// The variable.
        term: Term,
    },
    /// A threshold variable that leaves nothing to estimate.
    #[error(
        "the threshold variable `{term}` takes {values} values, too few to search for {regimes} \
         regimes; use its levels as a category, `i.{term}:x`"
    )]
    FewValues {
        /// The variable.
        term: Term,
        /// Its distinct values.
        values: usize,
        /// Regimes.
        regimes: usize,
    },
    /// A threshold variable that does not vary over time.
    #[error(
        "the threshold variable `{term}` does not vary within any entity, as the method needs; \
         to compare groups of entities, split the sample"
    )]
    TimeInvariant {
        /// The variable.
        term: Term,
    },
    /// Trimming shares are neither one nor one a threshold.
    #[error("{given} trimming shares for {thresholds} thresholds; give one, or one for each")]
    TrimShares {
        /// Shares given.
        given: usize,
        /// Thresholds.
        thresholds: usize,
    },
    /// A trimming share that leaves no regime its share.
    #[error(
        "{regimes} regimes cannot each hold a share of {share}; it is at least 0 and less than \
         1/{regimes}: trim less, or use fewer thresholds"
    )]
    TrimShare {
        /// The share.
        share: f64,
        /// Regimes.
        regimes: usize,
    },
    /// A grid that is none.
    #[error("a grid has at least two points, not {points}")]
    GridPoints {
        /// Points asked for.
        points: usize,
    },
    /// Trimming leaves no candidate.
    #[error(
        "no value is left for threshold {threshold}: with {rows} rows, a share of {share} and at \
         least {min_rows} rows a regime leave no room; trim less, or use fewer thresholds"
    )]
    NoRoom {
        /// Which threshold in the order of the search, counted from one.
        threshold: usize,
        /// Rows.
        rows: usize,
        /// The trimming share.
        share: f64,
        /// Rows that a regime must have.
        min_rows: usize,
    },
    /// A level that is no probability.
    #[error("a confidence level lies between 0 and 1, such as 0.95, not {level}")]
    Level {
        /// The level.
        level: f64,
    },
    /// A joint search for other than two thresholds.
    #[error("the joint search is for two thresholds, not {thresholds}; search sequentially")]
    JointSearch {
        /// Thresholds asked for.
        thresholds: usize,
    },
    /// A bootstrap without draws.
    #[error("a bootstrap has at least one replication; leave it out if none is wanted")]
    NoReplications,
    /// The search has lost digits.
    #[error(
        "the search for a threshold has lost digits: {searched:e} where the sum of squares is \
         {afresh:e}; the switching regressors vary little about their means: centre {}",
        list(.terms)
    )]
    Unstable {
        /// The switching regressors.
        terms: Vec<Term>,
        /// The sum of squares by running sums.
        searched: f64,
        /// The sum of squares of the residuals.
        afresh: f64,
    },
}

fn list(terms: &[Term]) -> String {
    terms.iter().map(|term| format!("`{term}`")).collect::<Vec<_>>().join(", ")
}
