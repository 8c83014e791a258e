//! The choices of a threshold regression, and their names.

use std::fmt;
use std::str::FromStr;

use estimate::texts;
use panel::{Model, Term};

/// Every choice of a threshold regression that moves a digit.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// The linear model, with all regressors in it. It absorbs the entity, alone or with one more
    /// factor.
    pub model: Model,
    /// The regressors of the model whose slopes switch between regimes.
    pub switching: Vec<Term>,
    /// The threshold variable `q`.
    pub variable: Term,
    /// How many thresholds, at least one.
    pub thresholds: usize,
    /// On which side of a threshold its own value lies.
    pub inequality: Inequality,
    /// The rows that least squares runs on once the effects are projected out.
    pub rows: Rows,
    /// The values that a threshold may take.
    pub grid: Grid,
    /// How small a regime may be.
    pub trim: Trim,
    /// How several thresholds are searched for.
    pub search: Search,
    /// What the F statistics are scaled by.
    pub f_scale: Scale,
    /// What the likelihood ratios behind the confidence sets are scaled by.
    pub lr_scale: Scale,
    /// The level of the confidence sets, such as 0.95.
    pub level: f64,
    /// The test of each further threshold, if it is wanted.
    pub bootstrap: Option<Bootstrap>,
    /// Standard errors of the slopes, given the thresholds.
    pub slopes: estimate::Spec,
}

/// On which side of a threshold its own value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inequality {
    /// `le`: the lower regime is `q ≤ γ`. The paper; xthreg, pyxthreg.
    AtMost,
    /// `lt`: the lower regime is `q < γ`. Hansen's programs, pdR.
    Below,
}

/// The rows that least squares runs on once the effects are projected out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// `all`: every row, which is the within estimator. xthreg, pyxthreg.
    All,
    /// `drop-last`: without the last row of every entity, after demeaning over all of them.
    /// Hansen's programs, pdR. Not the within estimator: the slopes differ.
    DropLast,
}

/// The values that a threshold may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grid {
    /// `all`: every distinct value of `q`.
    All,
    /// `quantiles N`: with `d` distinct values and trimming share `τ`, those at positions
    /// `⌊d (τ + k/N)⌋` for `k = 0, 1, …, N (1 − 2τ)`. Hansen's programs, with 400.
    Quantiles(usize),
    /// `even N`: of the `d` distinct values left by trimming, those at positions
    /// `k (d − 1)/(N − 1)`, rounded half to even. pyxthreg, with 300.
    Even(usize),
}

/// How small a regime may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Trim {
    /// The share of a regime: one for all thresholds, or one for each in the order of the search.
    /// The first also trims the grid.
    pub shares: Vec<f64>,
    /// What the share is a share of.
    pub of: TrimOf,
    /// Rows that a regime must have whatever the share.
    pub min_rows: usize,
}

/// What a trimming share is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrimOf {
    /// `observations`: each of the regimes has at least `⌊τ n⌋` rows.
    Observations,
    /// `range`: the same, and a candidate lies between the `⌊τ n⌋ + 1`-th smallest and largest
    /// observation. pyxthreg.
    Range,
    /// `distinct`: positions among the distinct values, `⌊τ d⌋` to `⌊(1 − τ) d⌋`; two thresholds
    /// are `τ d` apart.
    Distinct,
    /// `steps`: as `distinct`, but what lies between two thresholds is counted in steps of the
    /// grid, and more are left out below a threshold (`N τ + 1`) than above it (`N τ − 2`).
    /// Hansen's programs, pdR.
    Steps,
}

/// How several thresholds are searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// `sequential ROUNDS`: one after the other, given those found before; after each, `rounds`
    /// times all but the one found last are searched for again, given the others (Bai 1997).
    Sequential {
        /// Rounds of refinement; Hansen's procedure has one.
        rounds: usize,
    },
    /// `joint`: two thresholds at the minimum over all pairs.
    Joint,
}

/// What `S₀/S₁ − 1` is multiplied by: the degrees of freedom behind `σ̂²`.
///
/// `n` entities, `NT` rows in all, `T` periods, `k` slopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// `hansen`: `NT − n`, which is `n(T − 1)` in a balanced panel. Hansen (1999), equation (12).
    Hansen,
    /// `xthreg`: `NT − T`, and `T − 1` less with a second absorbed factor. pyxthreg; it agrees with
    /// what xthreg prints.
    Xthreg,
    /// `rows`: `NT`. pdR.
    Rows,
    /// `residual`: the residual degrees of freedom, `NT − n − k` with entity effects.
    Residual,
}

/// The test of a further threshold.
///
/// Draw `r` of the test whose null model has `j` thresholds takes its random numbers from
/// `Draws::new(seed, 2³² j + r)`, entity by entity or row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// How residuals are drawn.
    pub resample: Resample,
    /// Whose residuals they are.
    pub residuals: Residuals,
    /// What becomes of the thresholds of the null model in a draw.
    pub null: Null,
    /// The trimming shares of the thresholds of the null model, where a draw searches for them.
    pub trim: DrawTrim,
    /// Draws for each test.
    pub replications: usize,
    /// The seed.
    pub seed: u64,
}

/// How residuals are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resample {
    /// `entities`: all residuals of an entity together, with replacement, from the entities with
    /// as many rows. Hansen (1999), section 3.2.
    Entities,
    /// `entity-signs`: an entity keeps its residuals and draws their sign.
    EntitySigns,
    /// `rows`: each residual is multiplied by its own standard normal number. pyxthreg. It takes
    /// residuals of an entity to be independent.
    Rows,
}

/// Whose residuals are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residuals {
    /// `null`: those of the model without the threshold that is tested. Hansen's programs.
    Null,
    /// `alternative`: those of the model with it. Hansen (1999).
    Alternative,
}

/// What becomes of the thresholds of the null model in a draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// `search`: they are searched for again. Hansen's programs.
    Search,
    /// `hold`: they stay what they were estimated to be. pyxthreg.
    Hold,
}

/// The trimming share of a threshold of the null model that a draw searches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrawTrim {
    /// `own`: the share under which it was estimated.
    Own,
    /// `tested`: the share of the threshold that is tested, for all of them.
    Tested,
}

texts!(Inequality, "inequality", AtMost = "le", Below = "lt");
texts!(Rows, "rows", All = "all", DropLast = "drop-last");
texts!(
    TrimOf,
    "trimming",
    Observations = "observations",
    Range = "range",
    Distinct = "distinct",
    Steps = "steps"
);
texts!(
    Scale,
    "scaling",
    Hansen = "hansen",
    Xthreg = "xthreg",
    Rows = "rows",
    Residual = "residual"
);
texts!(Resample, "resampling", Entities = "entities", EntitySigns = "entity-signs", Rows = "rows");
texts!(Residuals, "residuals", Null = "null", Alternative = "alternative");
texts!(DrawTrim, "trimming in draws", Own = "own", Tested = "tested");
texts!(Null, "null model", Search = "search", Hold = "hold");

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Quantiles(n) => write!(f, "quantiles {n}"),
            Self::Even(n) => write!(f, "even {n}"),
        }
    }
}

impl FromStr for Grid {
    type Err = estimate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let grid = match text.split_once(' ') {
            None if text == "all" => Some(Self::All),
            Some(("quantiles", n)) => n.parse().ok().map(Self::Quantiles),
            Some(("even", n)) => n.parse().ok().map(Self::Even),
            _ => None,
        };
        grid.ok_or_else(|| unknown("grid", text, &["all", "quantiles N", "even N"]))
    }
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequential { rounds } => write!(f, "sequential {rounds}"),
            Self::Joint => f.write_str("joint"),
        }
    }
}

impl FromStr for Search {
    type Err = estimate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let search = match text.split_once(' ') {
            None if text == "joint" => Some(Self::Joint),
            Some(("sequential", rounds)) => {
                rounds.parse().ok().map(|rounds| Self::Sequential { rounds })
            }
            _ => None,
        };
        search.ok_or_else(|| unknown("search", text, &["sequential ROUNDS", "joint"]))
    }
}

fn unknown(choice: &'static str, text: &str, known: &[&'static str]) -> estimate::Error {
    estimate::Error::UnknownChoice { what: choice, text: text.to_owned(), known: known.to_vec() }
}
