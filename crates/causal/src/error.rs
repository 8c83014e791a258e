//! Why there is no estimate.

use panel::{Name, Term};

/// Why there is no estimate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A regression that the method rests on has no estimate.
    #[error(transparent)]
    Estimate(#[from] estimate::Error),
    /// A treatment, or a term that is to switch or be compared, is not a regressor.
    #[error(
        "`{term}` is not a regressor of the model, which has {}; add it there, written the same way",
        list(.regressors)
    )]
    NotARegressor {
        /// The term.
        term: Term,
        /// The regressors.
        regressors: Vec<Term>,
    },
    /// A mediator is in the equation of the total effect.
    #[error("the mediator `{term}` is in the model already; the model is the total effect's")]
    Mediator {
        /// The mediator.
        term: Term,
    },
    /// A mediator is named twice.
    #[error("the mediator `{term}` is named twice; name it once")]
    MediatorTwice {
        /// The mediator.
        term: Term,
    },
    /// A mediator is a linear combination of the other regressors.
    #[error(
        "the mediator `{term}` is a linear combination of {}, so that nothing of it is left to \
         mediate; use another, or leave those out", list(.with)
    )]
    SpannedMediator {
        /// The mediator.
        term: Term,
        /// What spans it.
        with: Vec<Term>,
    },
    /// All rows are in one group, of which a bootstrap would draw.
    #[error(
        "`{by}` puts all rows into one group, so that every draw of the bootstrap is the sample \
         itself; name a column with more groups, or draw rows"
    )]
    OneDrawn {
        /// What is resampled.
        by: Name,
    },
    /// No mediator was named.
    #[error("no mediator is named; name at least one")]
    NoMediator,
    /// The group of a row is not known.
    #[error(
        "`{by}` is missing for `{entity}` in {period}, a row that the model uses; fill it in, \
         or leave the row out with a filter"
    )]
    NoGroup {
        /// The grouping column.
        by: Name,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
    },
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
    /// There is nothing to compare.
    #[error("`{by}` puts all rows into {n} group; a comparison needs two")]
    SingleGroup {
        /// The grouping.
        by: Name,
        /// Groups observed.
        n: usize,
    },
    /// Entities with the same average fall on both sides of a cut.
    #[error(
        "several entities average {value} in `{of}`, on both sides of a cut by rank; cut by xtile"
    )]
    TiedEntities {
        /// The column.
        of: Term,
        /// The average.
        value: f64,
    },
    /// The model of one group has no estimate.
    #[error("in group `{label}`: {why}")]
    Group {
        /// The group.
        label: String,
        /// Why not.
        why: Box<estimate::Error>,
    },
    /// An absorbed effect has rows in several resampled units, and too many levels to write out.
    #[error(
        "resampling by {by} tears the levels of `{effect}` apart, and it has too many to estimate \
         anew in every draw; resample by `{effect}` or by groups of its levels"
    )]
    NotNested {
        /// The absorbed factor.
        effect: Name,
        /// What is resampled.
        by: Name,
    },
    /// Most draws of a bootstrap have no estimate.
    #[error(
        "only {kept} of {made} draws have an estimate; resample larger groups, or drop regressors \
         that few rows move"
    )]
    FewDraws {
        /// Draws with an estimate.
        kept: usize,
        /// Draws made.
        made: usize,
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
    /// Errors that rest on clusters of one row.
    #[error(
        "`{errors}` rests on clusters of fewer than two rows, which have no variance; take `teffects 2` or more"
    )]
    FewNeighbours {
        /// The errors asked for.
        errors: String,
    },
    /// Rows without a match, under errors for which everyone has one.
    #[error(
        "errors `{errors}` are for matchings in which everyone finds a match; {rows} rows found \
         none: take a wider caliper, or `ai 1 population`"
    )]
    Incomplete {
        /// The errors asked for.
        errors: String,
        /// How many rows.
        rows: usize,
    },
    /// A variance that is none.
    #[error(
        "the variance of the {estimand} by `{errors}` is {variance:.3e}: what the estimated score \
         takes off is more than there was. Restrict to common support, or take `ai 1 population`"
    )]
    NoVariance {
        /// Of what effect.
        estimand: String,
        /// The errors asked for.
        errors: String,
        /// The number.
        variance: f64,
    },
    /// A threshold model with none.
    #[error("a threshold model has at least one threshold; for none, estimate the linear model")]
    NoThresholds,
    /// A threshold model in which nothing switches.
    #[error(
        "no slope switches between regimes; name at least one regressor of the model that does"
    )]
    NothingSwitches,
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
    /// Every outcome is observed.
    #[error(
        "`{response}` is 1 in all {rows} rows: nothing is selected away, and least squares of the \
         outcome is the answer"
    )]
    NothingCensored {
        /// The response of the selection model.
        response: Term,
        /// Rows in use.
        rows: usize,
    },
    /// No outcome is observed.
    #[error(
        "`{response}` is 0 in all {rows} rows: no outcome is observed; is it coded the other way?"
    )]
    NothingSelected {
        /// The response of the selection model.
        response: Term,
        /// Rows in use.
        rows: usize,
    },
    /// A Mills ratio of something else than the normal distribution.
    #[error("the inverse Mills ratio is that of a probit, not of a {link}; ask for the probit")]
    NotProbit {
        /// The link asked for.
        link: String,
    },
    /// The likelihood of a selection model rises up to a correlation of one.
    #[error(
        "the likelihood rises as the correlation of the two errors goes to {towards}, and has no \
         maximum; use the two-step estimator, or another exclusion restriction"
    )]
    CorrelationAtBoundary {
        /// 1 or −1.
        towards: i8,
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

fn list(terms: &[Term]) -> String {
    terms.iter().map(|term| format!("`{term}`")).collect::<Vec<_>>().join(", ")
}
