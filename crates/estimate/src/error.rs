//! Why there is no estimate.

mod effects;
mod likelihood;
mod test;

use panel::{Name, Term};

pub use effects::EffectsError;
pub use likelihood::LikelihoodError;
pub use test::TestError;

/// Why there is no estimate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The panel could not supply a term or a factor.
    #[error(transparent)]
    Panel(#[from] panel::Error),
    /// No row has every variable that the model names.
    #[error(
        "none of the {rows} rows can be used: {missing} lack a variable of the model \
         (`{emptiest}` is missing in {emptiest_rows}), {singletons} are singletons"
    )]
    Empty {
        /// Rows looked at.
        rows: usize,
        /// Rows without some variable.
        missing: usize,
        /// The term that is missing most often.
        emptiest: Term,
        /// Rows in which it is missing.
        emptiest_rows: usize,
        /// Rows dropped as singletons.
        singletons: usize,
    },
    /// No row has weight.
    #[error(
        "`{term}` is zero in all {rows} rows that have every variable, so that none has weight; \
         is it the right column?"
    )]
    Weightless {
        /// The weight.
        term: Term,
        /// Those rows.
        rows: usize,
    },
    /// A term is infinite somewhere.
    #[error("`{term}` is infinite for `{entity}` in {period}; rescale it or leave the row out")]
    Infinite {
        /// The term.
        term: Term,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
    },
    /// The response does not vary once the effects are absorbed.
    #[error("the response `{term}` does not vary{}; there is nothing to explain", within(.effects))]
    NoVariation {
        /// The response.
        term: Term,
        /// What was absorbed.
        effects: Vec<Name>,
    },
    /// A regressor does not vary once the effects are absorbed.
    #[error(
        "`{term}` does not vary{}; leave it out, or absorb something else", within(.effects)
    )]
    Absorbed {
        /// The regressor.
        term: Term,
        /// What was absorbed; empty for a constant.
        effects: Vec<Name>,
    },
    /// A regressor is a linear combination of others.
    ///
    /// Silently dropping one would change what the others mean.
    #[error(
        "`{term}` is a linear combination of {}{}; leave one of them out",
        list(.with), within(.effects)
    )]
    Collinear {
        /// The last of the terms in the order of the model.
        term: Term,
        /// The terms before it that span it.
        with: Vec<Term>,
        /// What was absorbed.
        effects: Vec<Name>,
    },
    /// The regressors explain the response exactly.
    #[error(
        "the regressors explain `{response}` exactly, so there is no error variance to estimate"
    )]
    PerfectFit {
        /// The response.
        response: Term,
    },
    /// The squares of a column overflow or underflow.
    #[error("`{term}` is too large or too small to be squared; measure it in other units")]
    OutOfRange {
        /// The column.
        term: Term,
    },
    /// A standard error is zero or not a number.
    #[error(
        "`{term}` has no standard error under {vcov}: the residuals behind it are zero; \
         use another covariance, or leave it out"
    )]
    Degenerate {
        /// The regressor.
        term: Term,
        /// The covariance.
        vcov: String,
    },
    /// A level to leave out was named, but no factor enters as indicators.
    #[error(
        "a constant that leaves out a level needs two absorbed factors, but `{}` is the only one; \
         ask for the mean of the effects", .effects.join("`, `")
    )]
    NothingToOmit {
        /// What is absorbed.
        effects: Vec<Name>,
    },
    /// Nothing is left to estimate the error variance with.
    #[error(
        "{n} rows cannot identify {k} parameters and a variance; use fewer regressors or effects"
    )]
    NoDegreesOfFreedom {
        /// Rows.
        n: usize,
        /// Parameters, absorbed effects included.
        k: usize,
    },
    /// A cluster-robust variance needs at least two clusters.
    #[error("cannot cluster by `{by}`: {n_clusters} cluster observed, at least 2 are needed")]
    TooFewClusters {
        /// The clustering column.
        by: Name,
        /// Clusters observed.
        n_clusters: usize,
    },
    /// The cluster of a row is not known.
    #[error(
        "`{by}` is missing for `{entity}` in {period}, a row that the model uses; fill it in, \
         or leave the row out with a filter"
    )]
    NoCluster {
        /// The clustering column.
        by: Name,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
    },
    /// The projection off the effects did not reach its tolerance.
    #[error(
        "absorbing the effects did not converge: a level's mean of {remaining:.1e} remains where \
         {tolerance:.1e} is wanted; the factors are nearly collinear"
    )]
    NotConverged {
        /// The largest mean of a level that is left.
        remaining: f64,
        /// What it had to fall under.
        tolerance: f64,
    },
    /// A model with absorbed effects was given to the pooled estimator.
    #[error(
        "a pooled model absorbs nothing, but the model absorbs `{}`; \
         use the fixed-effects estimator, or write `i.{}` among the regressors",
        .effects.join("`, `"), .effects.first().map_or("", String::as_str)
    )]
    NotPooled {
        /// What the model absorbs.
        effects: Vec<Name>,
    },
    /// A model without absorbed effects was given to the within estimator.
    #[error("the model absorbs nothing; name the effects after `|`, as in `{model} | id`")]
    NothingAbsorbed {
        /// The model.
        model: String,
    },
    /// A term that was asked of a design that has it neither as a response nor as a regressor.
    #[error("`{term}` is not in the model; add it there")]
    NotInDesign {
        /// The term.
        term: Term,
    },
    /// A group without rows.
    #[error("none of the {of} rows in use belong to the group; choose another")]
    EmptyGroup {
        /// Rows in use.
        of: usize,
    },
    /// A model without regressors and without a constant.
    #[error("the model has nothing to estimate; name at least one regressor")]
    NoRegressors,
    /// The convention has no such covariance.
    #[error("`{convention}` has no {vcov} for a model with effects; {instead}")]
    NotInConvention {
        /// The convention.
        convention: &'static str,
        /// The covariance.
        vcov: String,
        /// What would do.
        instead: &'static str,
    },
    /// HC2 and HC3 with several absorbed factors.
    #[error(
        "{vcov} needs the leverage of every row, which is available with at most one absorbed \
         factor; write the smaller ones as indicators, `i.{by}`"
    )]
    Leverage {
        /// The covariance.
        vcov: String,
        /// A factor that could be written as indicators.
        by: Name,
    },
    /// CR2 and CR3 with too many effects that are not nested in the clusters.
    #[error(
        "{vcov} needs the leverage of {levels} effects that do not lie within clusters of `{by}`, \
         more than {most}; cluster by something coarser, or use `cluster {by}`"
    )]
    TooManyLevels {
        /// The covariance.
        vcov: String,
        /// The clustering column.
        by: Name,
        /// Levels of factors that are not nested.
        levels: usize,
        /// The most that are computed.
        most: usize,
    },
    /// A negative variance, which clustering in several ways can give.
    #[error(
        "the variance of `{term}` is negative under {vcov}; use a convention that sets negative \
         eigenvalues to zero, such as reghdfe, or cluster in fewer ways"
    )]
    NotPositive {
        /// The regressor, or `Constant`.
        term: Term,
        /// The covariance.
        vcov: String,
    },
    /// Covariances over time need time.
    #[error("{n_periods} period is observed; correlation within or over periods needs at least 2")]
    TooFewPeriods {
        /// Periods observed.
        n_periods: usize,
    },
    /// More lags than periods can have.
    #[error("{lag} lags are asked for, but {n_periods} periods have at most {}", .n_periods - 1)]
    TooManyLags {
        /// Lags asked for.
        lag: usize,
        /// Periods observed.
        n_periods: usize,
    },
    /// No period from which all covariances between entities could be taken.
    #[error("no period has all {n_entities} entities; use `pcse pairwise`, or a balanced sample")]
    NoCommonPeriod {
        /// Entities observed.
        n_entities: usize,
    },
    /// More pairs of entities than are computed.
    #[error("`pcse pairwise` pairs {n_entities} entities, more than {most}; use `driscoll-kraay`")]
    TooManyEntities {
        /// Entities observed.
        n_entities: usize,
        /// The most that are paired.
        most: usize,
    },
    /// An estimator that absorbs nothing was given effects to absorb.
    #[error(
        "{estimator}: nothing can be absorbed, but the model absorbs `{}`; write `i.{}` among the \
         regressors", .effects.join("`, `"), .effects.first().map_or("", String::as_str)
    )]
    Absorbs {
        /// The estimator.
        estimator: &'static str,
        /// What the model absorbs.
        effects: Vec<Name>,
    },
    /// A model without the constant that its estimator needs.
    #[error("{estimator}: a constant is part of the model; leave out `0 +`")]
    NoConstant {
        /// The estimator.
        estimator: &'static str,
    },
    /// The program of the convention has no such estimator.
    #[error("`{convention}` has no {estimator}; ask for {}", .instead.join(", "))]
    NoSuchEstimator {
        /// The convention.
        convention: &'static str,
        /// The estimator.
        estimator: &'static str,
        /// The conventions that have it.
        instead: Vec<&'static str>,
    },
    /// Not the name of a choice.
    #[error("no {what} `{text}`; there are {}", .known.join(", "))]
    UnknownChoice {
        /// What is chosen.
        what: &'static str,
        /// The text.
        text: String,
        /// The names that exist.
        known: Vec<&'static str>,
    },
    /// The weight of a row is not known.
    #[error(
        "the weight `{term}` is missing for `{entity}` in {period}, a row that the model uses; \
         fill it in, or leave the row out with a filter"
    )]
    NoWeight {
        /// The weight.
        term: Term,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
    },
    /// A weight is negative.
    #[error("the weight `{term}` is {value} for `{entity}` in {period}; weights are not negative")]
    NegativeWeight {
        /// The weight.
        term: Term,
        /// Its value.
        value: f64,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
    },
    /// A frequency is not a whole number.
    #[error(
        "the frequency `{term}` is {value} for `{entity}` in {period}, not a whole number; \
         `aweight` takes fractions"
    )]
    FractionalWeight {
        /// The weight.
        term: Term,
        /// Its value.
        value: f64,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
    },
    /// Not the name of weights.
    #[error("no weights `{text}`; there are `aweight COLUMN` and `fweight COLUMN`")]
    UnknownWeights {
        /// The text.
        text: String,
    },
    /// An estimator was given what it does not know.
    #[error("{method} cannot have {beyond}; leave them out, or use another estimator")]
    Beyond {
        /// The estimator.
        method: &'static str,
        /// What it cannot have.
        beyond: &'static str,
    },
    /// Derivatives that nobody has worked out.
    #[error(
        "no derivatives of {of}; there are those of pooled, fixed-effects, random-effects and binary \
         models with iid, HC0, HC1 or `cluster COLUMN` standard errors"
    )]
    NoDerivative {
        /// Of what.
        of: String,
    },
    /// A model without instruments was given to two-stage least squares.
    #[error("the model has no instruments; write them as `y ~ x | id | p ~ z`")]
    NoInstruments,
    /// Fewer instruments than endogenous regressors.
    #[error(
        "{instruments} instruments cannot identify {endogenous} endogenous regressors; name at \
         least as many"
    )]
    UnderIdentified {
        /// Endogenous regressors.
        endogenous: usize,
        /// Excluded instruments.
        instruments: usize,
    },
    /// The instruments do not move an endogenous regressor.
    #[error(
        "the instruments say nothing about `{term}` that the other regressors do not; use others"
    )]
    NotIdentified {
        /// The endogenous regressor.
        term: Term,
    },
    /// No such convention.
    #[error("no convention `{name}`; there are {}", .known.join(", "))]
    UnknownConvention {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: Vec<&'static str>,
    },
    /// No such regressor.
    #[error("the model has no regressor `{term}`; there are {}", list(.terms))]
    NoTerm {
        /// The regressor asked for.
        term: Term,
        /// The regressors of the model.
        terms: Vec<Term>,
    },
    /// Rows that share a bootstrap weight lie in several clusters.
    #[error(
        "rows of one `{draw_by}` lie in several clusters by `{by}`; weights must be drawn for \
         the clusters, or for groups within them"
    )]
    DrawsNotNested {
        /// What shares a weight.
        draw_by: Name,
        /// The clusters.
        by: Name,
    },
    /// No bootstrap draw has a standard error.
    #[error(
        "no draw of the bootstrap gives `{term}` a standard error: {n_clusters} clusters are too \
         few for this model; use fewer regressors or other clusters"
    )]
    NoDraw {
        /// The regressor.
        term: Term,
        /// Groups of rows that share a weight.
        n_clusters: usize,
    },
    /// A number of a spec lies outside its range.
    #[error("`{what}` is {value}, and should be {bounds}")]
    OutOfBounds {
        /// What the spec calls it.
        what: &'static str,
        /// What it is.
        value: String,
        /// What it should be.
        bounds: &'static str,
    },
    /// Not the name of a covariance.
    #[error(
        "no covariance `{text}`; there are iid, HC0, HC1 (robust), HC2, HC3, HC4, `cluster COLUMN`, \
         `cluster COLUMN + COLUMN` (up to {}), `CR2 COLUMN`, `CR3 COLUMN`, `driscoll-kraay [LAGS]`, \
         `newey-west [LAGS]`, `pcse` and `pcse pairwise`",
        crate::Vcov::MOST_CLUSTERINGS
    )]
    UnknownVcov {
        /// The text.
        text: String,
    },
    /// A hypothesis that does not parse.
    #[error(transparent)]
    Hypothesis(#[from] crate::HypothesisError),
    /// A fit was combined with a design that is not its own.
    #[error("the fit of `{response}` is not of this design; pass the design that it came from")]
    OtherDesign {
        /// The response of the fit.
        response: Term,
    },
    /// Random effects, means or differences have no estimate.
    #[error(transparent)]
    Effects(#[from] EffectsError),
    /// A specification test has no answer.
    #[error(transparent)]
    Test(#[from] TestError),
    /// A likelihood has no maximum.
    #[error(transparent)]
    Likelihood(#[from] LikelihoodError),
}

impl From<numbers::UnknownChoice> for Error {
    fn from(numbers::UnknownChoice { what, text, known }: numbers::UnknownChoice) -> Self {
        Self::UnknownChoice { what, text, known }
    }
}

fn within(effects: &[String]) -> String {
    match effects {
        [] => String::new(),
        effects => format!(" within `{}`", effects.join("`, `")),
    }
}

fn list(terms: &[Term]) -> String {
    match terms {
        [] => "the constant".to_owned(),
        terms => terms.iter().map(|term| format!("`{term}`")).collect::<Vec<_>>().join(", "),
    }
}
