//! The choices that move a digit.

use std::fmt;
use std::str::FromStr;

use estimate::texts;
use panel::{Model, Name, Term};

/// The choices of a matching estimator that move a digit.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// `treat ~ x1 + x2`: who is treated, and the covariates of the score and of the balance.
    pub model: Model,
    /// The outcomes; a row without one of them is left out before the score is estimated.
    pub outcomes: Vec<Term>,
    /// Where the score comes from, and what distance is measured in.
    pub score: Score,
    /// Who is matched with whom.
    pub method: Method,
    /// Matches agree on these columns exactly: `["year"]` matches within years.
    pub within: Vec<Name>,
    /// Who is comparable at all.
    pub support: Support,
    /// Whose effect is averaged.
    pub estimand: Estimand,
    /// The standard errors.
    pub errors: Errors,
}

/// Where the score comes from.
///
/// | text | is | psmatch2 | `MatchIt` |
/// |---|---|---|---|
/// | `logit` | `Λ(x'β̂)` | `logit` | `link = "logit"` |
/// | `logit index` | `x'β̂` | `logit index` | `link = "linear.logit"` |
/// | `probit` | `Φ(x'β̂)` | default | `link = "probit"` |
/// | `probit index` | `x'β̂` | `index` | `link = "linear.probit"` |
/// | `given ps` | the column `ps`, as it is | `pscore(ps)` | `distance = ps` |
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Score {
    /// A logit, on this scale.
    Logit(Scale),
    /// A probit, on this scale.
    Probit(Scale),
    /// A column; rows where it is missing are left out.
    Given(Term),
}

/// What distance is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// The probability `F(x'β̂)`.
    Probability,
    /// The linear index `x'β̂`.
    Index,
}

/// Who is matched with whom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// The `k` nearest rows of the other group.
    Nearest {
        /// How many.
        k: usize,
        /// Whether a row may be used again.
        reuse: Reuse,
        /// Who is nearest among equally near ones.
        ties: Ties,
        /// The farthest that counts as a match.
        caliper: Option<Caliper>,
    },
    /// All rows of the other group within a caliper, weighted equally.
    Radius {
        /// The farthest that counts as a match.
        caliper: Caliper,
    },
    /// All rows of the other group, weighted by a kernel of their distance.
    Kernel {
        /// The kernel.
        kernel: Kernel,
        /// Its bandwidth, in units of the distance.
        bandwidth: f64,
    },
}

/// Whether a row may be used again.
///
/// | text | is |
/// |---|---|
/// | `replacement` | any number of times |
/// | `once largest` | once; whoever has the largest score chooses first: `MatchIt`'s default |
/// | `once smallest`, `once data` | once; in increasing order of the score, in order of the panel |
/// | `once random 42` | once; in an order drawn with seed 42 |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// Any number of times.
    Replacement,
    /// Once, by whoever comes first. More than one match are chosen in rounds, one a round.
    Once(Order),
}

/// Who chooses first when a row can be used once. Equal scores choose in order of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Decreasing score.
    Largest,
    /// Increasing score.
    Smallest,
    /// The order of the panel: by entity, then by period.
    Data,
    /// A random order.
    Random {
        /// Of the draws.
        seed: u64,
    },
}

/// Who is nearest among rows at one distance.
///
/// | text | is | used by |
/// |---|---|---|
/// | `average` | all of them, sharing the weight | Abadie and Imbens, `teffects`, `psmatch2, ties` |
/// | `average within 0.00001` | all whose squared distance in standard deviations is at most that much larger | R `Matching`, whose default it is |
/// | `first` | the first in order of the panel | `psmatch2` on distinct distances |
/// | `places` | the fewest places away when all rows are sorted by score, the one below if two are | `MatchIt` |
///
/// Distances are tied if they are the same number. Rows with equal covariates have the same
/// score to the last bit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ties {
    /// All of them.
    Average,
    /// All of them, and those whose squared distance in standard deviations exceeds the `k`-th
    /// smallest by at most this.
    AverageWithin(f64),
    /// The first in order of the panel.
    First,
    /// The fewest places away in the order of the scores.
    Places,
}

/// The farthest that counts as a match; a row at exactly this distance does.
///
/// `0.05` is in units of the distance, `0.2 sd` in its standard deviations over all rows on
/// support (`MatchIt`'s `std.caliper`), `0.2 pooled-sd` in `√((s₁² + s₀²)/2)` (Rosenbaum and
/// Rubin 1985).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Caliper {
    /// How many units.
    pub width: f64,
    /// Of what.
    pub unit: Unit,
}

/// What a caliper is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The distance itself.
    Distance,
    /// Standard deviations of the score over all rows on support.
    Sd,
    /// `√((s₁² + s₀²)/2)`, treated and untreated rows on support.
    PooledSd,
}

/// How weight falls with distance, `z = d/h`.
///
/// | text | weight | psmatch2 |
/// |---|---|---|
/// | `epanechnikov` | `1 − z²`, `z ≤ 1` | `epan`, the default with `h = 0.06` |
/// | `gaussian` | `exp(−z²/2)` | `normal` |
/// | `biweight` | `(1 − z²)²`, `z ≤ 1` | `biweight` |
/// | `uniform` | 1, `z ≤ 1` | `uniform` |
/// | `tricube` | `(1 − z³)³`, `z ≤ 1` | `tricube` |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// `1 − z²`.
    Epanechnikov,
    /// `exp(−z²/2)`.
    Gaussian,
    /// `(1 − z²)²`.
    Biweight,
    /// One.
    Uniform,
    /// `(1 − z³)³`.
    Tricube,
}

/// Who is comparable at all.
///
/// | text | off support is | used by |
/// |---|---|---|
/// | `none` | nobody | |
/// | `minmax` | whose effect is averaged and whose score lies outside the other group's range | `psmatch2, common` |
/// | `both` | whoever lies outside the overlap of both ranges | `MatchIt`'s `discard = "both"` |
/// | `trim 5` | the 5 % whose score is rarest in the other group, and who have none near | `psmatch2, trim(5)` |
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Support {
    /// Nobody is off support.
    None,
    /// Rows to be matched lie within the range of the other group.
    MinMax,
    /// All rows lie where the ranges overlap.
    Both,
    /// A percentage is dropped where the other group's density is lowest.
    Trim(f64),
}

/// Whose effect is averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimand {
    /// `ATT`: the treated, matched with the untreated.
    Treated,
    /// `ATU`: the untreated, matched with the treated.
    Untreated,
    /// `ATE`: everybody, both ways.
    Everyone,
}

/// The standard errors. `teffects` alone allows for the score being estimated.
///
/// | text | is | used by |
/// |---|---|---|
/// | `naive` | `√(s₁²/N₁ + s₀² Σw²/N₁²)` | psmatch2's default; for the ATT alone |
/// | `ai 2 sample` | Abadie and Imbens (2006), given the covariates, `σ²(x)` from 2 neighbours | `psmatch2, ai(2)` |
/// | `ai 2 population` | the same for the population | `psmatch2, ai(2) population` |
/// | `ai 0 population` | the same with one `σ²` | R `Matching`'s default |
/// | `teffects 2` | Abadie and Imbens (2016), `σ²(x)` from 2 rows, the row itself being one | `teffects psmatch`, `vce(robust, nn(2))`, its default |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errors {
    /// Weights and matches as if given, one variance a group.
    Naive,
    /// Abadie and Imbens (2006): for nearest neighbours.
    AbadieImbens {
        /// Neighbours in a row's own group behind `σ²(x)`; zero for one variance for all.
        neighbours: usize,
        /// Of what the estimate is one.
        target: Target,
    },
    /// Abadie and Imbens (2016): for nearest neighbours on a score that was estimated.
    Teffects {
        /// Rows behind `σ²(x)` and behind covariances given the score: in a row's own group
        /// counted with itself, two at least.
        neighbours: usize,
    },
}

/// Of what an effect is an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The average effect at the covariates of this sample.
    Sample,
    /// The average effect in the population.
    Population,
}

impl Kernel {
    /// The weight at a distance, before weights are made to sum to one.
    pub(crate) fn weight(self, distance: f64, bandwidth: f64) -> f64 {
        let z = distance / bandwidth;
        match self {
            Self::Gaussian => (-0.5 * z * z).exp(),
            _ if distance > bandwidth => 0.0,
            Self::Epanechnikov => 1.0 - z * z,
            Self::Biweight => (1.0 - z * z).powi(2),
            Self::Uniform => 1.0,
            Self::Tricube => (1.0 - z.powi(3)).powi(3),
        }
        .max(0.0)
    }
}

texts!(
    Estimand,
    "estimand",
    Treated = "ATT" | "att",
    Untreated = "ATU" | "atu" | "ATC" | "atc",
    Everyone = "ATE" | "ate"
);
texts!(
    Kernel,
    "kernel",
    Epanechnikov = "epanechnikov" | "epan",
    Gaussian = "gaussian" | "normal",
    Biweight = "biweight" | "quartic",
    Uniform = "uniform" | "rectangular",
    Tricube = "tricube" | "tric"
);
texts!(Target, "target", Sample = "sample" | "satt", Population = "population" | "patt");

fn unknown(what: &'static str, text: &str, known: &[&'static str]) -> estimate::Error {
    estimate::Error::UnknownChoice { what, text: text.to_owned(), known: known.to_vec() }
}

/// A number of at least zero.
fn amount(text: &str) -> Option<f64> {
    text.parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0)
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Logit(Scale::Probability) => f.write_str("logit"),
            Self::Logit(Scale::Index) => f.write_str("logit index"),
            Self::Probit(Scale::Probability) => f.write_str("probit"),
            Self::Probit(Scale::Index) => f.write_str("probit index"),
            Self::Given(term) => write!(f, "given {term}"),
        }
    }
}

impl FromStr for Score {
    type Err = estimate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = ["logit", "logit index", "probit", "probit index", "given COLUMN"];
        Ok(match text {
            "logit" => Self::Logit(Scale::Probability),
            "logit index" => Self::Logit(Scale::Index),
            "probit" => Self::Probit(Scale::Probability),
            "probit index" => Self::Probit(Scale::Index),
            _ => {
                let term = text.strip_prefix("given ").and_then(|term| term.trim().parse().ok());
                Self::Given(term.ok_or_else(|| unknown("score", text, &known))?)
            }
        })
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nearest { k, reuse, ties, caliper } => {
                write!(f, "nearest {k}, {reuse}, ties {ties}")?;
                caliper.map_or(Ok(()), |caliper| write!(f, ", caliper {caliper}"))
            }
            Self::Radius { caliper } => write!(f, "radius {caliper}"),
            Self::Kernel { kernel, bandwidth } => write!(f, "{kernel} kernel {bandwidth}"),
        }
    }
}

impl fmt::Display for Reuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replacement => f.write_str("replacement"),
            Self::Once(Order::Largest) => f.write_str("once largest"),
            Self::Once(Order::Smallest) => f.write_str("once smallest"),
            Self::Once(Order::Data) => f.write_str("once data"),
            Self::Once(Order::Random { seed }) => write!(f, "once random {seed}"),
        }
    }
}

impl FromStr for Reuse {
    type Err = estimate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known =
            ["replacement", "once largest", "once smallest", "once data", "once random SEED"];
        Ok(match text {
            "replacement" => Self::Replacement,
            "once largest" => Self::Once(Order::Largest),
            "once smallest" => Self::Once(Order::Smallest),
            "once data" => Self::Once(Order::Data),
            _ => {
                let seed = text.strip_prefix("once random ").and_then(|seed| seed.parse().ok());
                let seed = seed.ok_or_else(|| unknown("reuse", text, &known))?;
                Self::Once(Order::Random { seed })
            }
        })
    }
}

impl fmt::Display for Ties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Average => f.write_str("average"),
            Self::AverageWithin(tolerance) => write!(f, "average within {tolerance}"),
            Self::First => f.write_str("first"),
            Self::Places => f.write_str("places"),
        }
    }
}

impl FromStr for Ties {
    type Err = estimate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = ["average", "average within TOLERANCE", "first", "places"];
        Ok(match text {
            "average" => Self::Average,
            "first" => Self::First,
            "places" => Self::Places,
            _ => {
                let tolerance = text.strip_prefix("average within ").and_then(amount);
                Self::AverageWithin(tolerance.ok_or_else(|| unknown("tie rule", text, &known))?)
            }
        })
    }
}

impl fmt::Display for Caliper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.width)?;
        f.write_str(match self.unit {
            Unit::Distance => "",
            Unit::Sd => " sd",
            Unit::PooledSd => " pooled-sd",
        })
    }
}

impl FromStr for Caliper {
    type Err = estimate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = ["WIDTH", "WIDTH sd", "WIDTH pooled-sd"];
        let (width, unit) = match text.split_once(' ') {
            None => (text, Some(Unit::Distance)),
            Some((width, "sd")) => (width, Some(Unit::Sd)),
            Some((width, "pooled-sd")) => (width, Some(Unit::PooledSd)),
            Some((width, _)) => (width, None),
        };
        let read = amount(width).zip(unit).map(|(width, unit)| Self { width, unit });
        read.ok_or_else(|| unknown("caliper", text, &known))
    }
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::MinMax => f.write_str("minmax"),
            Self::Both => f.write_str("both"),
            Self::Trim(share) => write!(f, "trim {share}"),
        }
    }
}

impl FromStr for Support {
    type Err = estimate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "none" => Self::None,
            "minmax" => Self::MinMax,
            "both" => Self::Both,
            _ => {
                let share = text.strip_prefix("trim ").and_then(amount).filter(|&p| p < 100.0);
                let known = ["none", "minmax", "both", "trim PERCENT"];
                Self::Trim(share.ok_or_else(|| unknown("common support", text, &known))?)
            }
        })
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Naive => f.write_str("naive"),
            Self::AbadieImbens { neighbours, target } => write!(f, "ai {neighbours} {target}"),
            Self::Teffects { neighbours } => write!(f, "teffects {neighbours}"),
        }
    }
}

impl FromStr for Errors {
    type Err = estimate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "naive" {
            return Ok(Self::Naive);
        }
        let known =
            ["naive", "ai NEIGHBOURS sample", "ai NEIGHBOURS population", "teffects NEIGHBOURS"];
        let read = || {
            if let Some(neighbours) = text.strip_prefix("teffects ") {
                return Some(Self::Teffects { neighbours: neighbours.parse().ok()? });
            }
            let (neighbours, target) = text.strip_prefix("ai ")?.split_once(' ')?;
            let (neighbours, target) = (neighbours.parse().ok()?, target.parse().ok()?);
            Some(Self::AbadieImbens { neighbours, target })
        };
        read().ok_or_else(|| unknown("standard errors", text, &known))
    }
}
