//! Why there is no index, no concentration and no autocorrelation.

mod ahp;
mod share;
mod space;

use panel::Name;

pub use ahp::AhpError;
pub use share::ShareError;
pub use space::SpaceError;

/// Why a scheme has no scores, or a column no measure.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The panel could not supply a column.
    #[error(transparent)]
    Panel(#[from] panel::Error),
    /// A scheme without indicators.
    #[error("the index `{index}` has no indicators; list at least one")]
    NoIndicators {
        /// The index.
        index: Name,
    },
    /// An indicator stands in the scheme twice.
    #[error("the index `{index}` names `{indicator}` twice; leave one of them out")]
    Twice {
        /// The index.
        index: Name,
        /// The indicator.
        indicator: Name,
    },
    /// A number of the scheme lies outside its range.
    #[error("`{what}` is {value}, and should be {bounds}")]
    OutOfBounds {
        /// What the scheme calls it.
        what: &'static str,
        /// What it is.
        value: String,
        /// What it should be.
        bounds: &'static str,
    },
    /// A shift without a place.
    #[error("`shift` is {shift}, and `shift-in` must say where: `weights` or `both`")]
    ShiftWhere {
        /// The shift.
        shift: f64,
    },
    /// An index of which no derivatives are known.
    #[error(
        "no derivatives of the index `{index}` are known: they are of pooled entropy weights, ranges over \
         all rows, all indicators at once and sums, with every row there"
    )]
    NoReverse {
        /// The index.
        index: Name,
    },
    /// No row has every indicator.
    #[error(
        "none of the {rows} rows has every indicator of `{index}`; `{emptiest}` is missing in \
         {missing}"
    )]
    Empty {
        /// The index.
        index: Name,
        /// Rows looked at.
        rows: usize,
        /// The indicator that is missing most often.
        emptiest: Name,
        /// Rows in which it is missing.
        missing: usize,
    },
    /// An infinite value.
    #[error("`{column}` is infinite for `{entity}` in {period}; mend it, or leave the row out")]
    Infinite {
        /// The column.
        column: Name,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
    },
    /// One row alone has nothing to be compared with.
    #[error(
        "`{index}` has one row{}, `{entity}`: nothing can be normalised or weighed{}",
        during(*.period), pool(*.period)
    )]
    OneRow {
        /// The index.
        index: Name,
        /// Label of the entity.
        entity: String,
        /// The period, if rows were taken by period.
        period: Option<i32>,
    },
    /// An indicator that is the same everywhere.
    #[error(
        "`{column}` does not vary{}: it is {value} in all {rows} rows; leave it out{}",
        during(*.period), pool(*.period)
    )]
    NoVariation {
        /// The column.
        column: Name,
        /// Its value.
        value: f64,
        /// Rows looked at.
        rows: usize,
        /// The period, if rows were taken by period.
        period: Option<i32>,
    },
    /// A value for which a step is not defined.
    #[error("`{column}` is {value} for `{entity}` in {period}, and {step} needs {needs}; {cure}")]
    Sign {
        /// The column.
        column: Name,
        /// Its value there, as that step sees it.
        value: f64,
        /// Label of the entity.
        entity: String,
        /// The period.
        period: i32,
        /// What was asked for.
        step: &'static str,
        /// What that needs.
        needs: &'static str,
        /// What would mend it.
        cure: &'static str,
    },
    /// A column whose sum or mean is a divisor and vanishes.
    #[error("`{column}` has {what} zero{}, and {step} divides by it; leave it out", during(*.period))]
    Vanishes {
        /// The column.
        column: Name,
        /// Which number vanishes.
        what: &'static str,
        /// What was asked for.
        step: &'static str,
        /// The period, if rows were taken by period.
        period: Option<i32>,
    },
    /// A negative indicator that is not turned round.
    #[error(
        "`{indicator}` is {direction}, which `normalise = \"{normalise}\"` cannot turn round; choose \
         min-max, or turn the column round before"
    )]
    NotReversed {
        /// The indicator.
        indicator: Name,
        /// Its direction.
        direction: String,
        /// The normalisation.
        normalise: crate::Normalise,
    },
    /// Given weights that do not sum to one.
    #[error("the given weights sum to {sum}, not to 1; mend them, or divide each by their sum")]
    WeightsSum {
        /// Their sum.
        sum: f64,
    },
    /// A given weight of no indicator.
    #[error("a weight is given for `{name}`, which is no indicator{}", meant(.near))]
    WeightOfNone {
        /// The name.
        name: Name,
        /// Indicators that resemble it.
        near: Vec<Name>,
    },
    /// An indicator without a given weight.
    #[error("no weight is given for `{indicator}`; give one, 0 if it does not count")]
    NoWeight {
        /// The indicator.
        indicator: Name,
    },
    /// Given weights are those of indicators.
    #[error(
        "given weights are weights of indicators; write `levels = \"indicators\"`, and dimensions \
         have their sums"
    )]
    GivenByLevel,
    /// A weight came out negative.
    #[error(
        "{method} gives `{column}` the weight {weight}{}; choose `absolute` or `squared` entries, or \
         leave it out", during(*.period)
    )]
    NegativeWeight {
        /// How weights are computed.
        method: &'static str,
        /// The indicator or dimension.
        column: Name,
        /// Its weight.
        weight: f64,
        /// The period, if weights are computed by period.
        period: Option<i32>,
    },
    /// Weights of several columns that are all zero.
    #[error("{method} gives no column any weight{}: {why}", during(*.period))]
    NoWeights {
        /// How weights are computed.
        method: &'static str,
        /// What is the matter.
        why: &'static str,
        /// The period, if weights are computed by period.
        period: Option<i32>,
    },
    /// Distances from ideal points are not a sum over indicators.
    #[error("scores by `topsis` are not sums over indicators; `linear` and `geometric` ones are")]
    NotAdditive,
    /// A composite was combined with another scheme or panel.
    #[error("the scores of `{index}` are not of this panel and scheme; pass those they came from")]
    OtherScheme {
        /// The index.
        index: Name,
    },
    /// A comparison matrix is no such thing.
    #[error(transparent)]
    Ahp(#[from] AhpError),
    /// A share, a concentration or an inequality is not defined.
    #[error(transparent)]
    Share(#[from] ShareError),
    /// Neighbours, or a column on them, are out of order.
    #[error(transparent)]
    Space(#[from] SpaceError),
}

/// " in 2014", or nothing if all periods were pooled.
fn during(period: Option<i32>) -> String {
    period.map_or(String::new(), |period| format!(" in {period}"))
}

fn pool(period: Option<i32>) -> &'static str {
    if period.is_some() { ", or pool the periods" } else { "" }
}

pub(crate) fn meant(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!("; did you mean `{}`?", near.join("` or `")),
    }
}
