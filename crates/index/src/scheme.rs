//! What an index is made of: its indicators, and every choice that moves a digit.

use std::fmt;
use std::str::FromStr;

use panel::Name;
use serde::{Deserialize, Serialize};

use crate::choice::{as_text, choice};
use crate::weigh::{Comparisons, Components};

/// How an index is made. Text forms are those of a study or of `panelproof index --scheme`.
///
/// ```
/// let scheme: index::Scheme = toml::from_str(r#"
///     name = "Rir"
///     normalise = "min-max"
///     normalise-over = "pooled"
///     shift = 0.0001
///     shift-in = "weights"
///     weights = "entropy"
///     weights-over = "pooled"
///     levels = "indicators"
///     aggregate = "linear"
///
///     [[indicators]]
///     name = "productivity"
///     direction = "positive"
///     dimension = "Production capacity"
///
///     [[indicators]]
///     name = "income ratio"
///     direction = "negative"
///     dimension = "Development benefits"
/// "#)?;
/// assert_eq!(scheme.indicators[1].direction, index::Direction::Negative);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scheme {
    /// What the index is called; the column of its scores.
    pub name: Name,
    /// What it is made of, in the order of its table.
    pub indicators: Vec<Indicator>,
    /// How indicators are made comparable.
    pub normalise: Normalise,
    /// Rows that are normalised together.
    pub normalise_over: Over,
    /// What is added to every normalised value; 0 with `0 · ln 0 = 0`.
    pub shift: f64,
    /// Where it is added; said if there is a shift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift_in: Option<ShiftIn>,
    /// How much each indicator counts.
    pub weights: Weighting,
    /// Rows from which one set of weights is computed.
    pub weights_over: Over,
    /// How weights of indicators and of dimensions follow from one another.
    pub levels: Levels,
    /// How weighted indicators become one number.
    pub aggregate: Aggregate,
}

/// One indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Indicator {
    /// Its column.
    pub name: Name,
    /// What a table calls it; its column if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Which way is good.
    pub direction: Direction,
    /// The dimensions that it lies in, outermost first; none if the index has no dimensions.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub dimension: Vec<String>,
}

impl Indicator {
    /// What a table calls it.
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }
}

/// `"A"` or `["A", "B"]`.
fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    struct Visitor;
    impl<'de> serde::de::Visitor<'de> for Visitor {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("a dimension, or a list of dimensions from the outermost")
        }

        fn visit_str<E>(self, one: &str) -> Result<Vec<String>, E> {
            Ok(vec![one.to_owned()])
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut many: A,
        ) -> Result<Vec<String>, A::Error> {
            let mut path = Vec::new();
            while let Some(dimension) = many.next_element()? {
                path.push(dimension);
            }
            Ok(path)
        }
    }
    from.deserialize_any(Visitor)
}

/// Which way an indicator is good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Direction {
    /// More is better: `positive`, or `+`.
    Positive,
    /// Less is better: `negative`, or `-`.
    Negative,
    /// Near a value is better: `target 0.5`. The distance `|x − target|` is a negative indicator.
    Target(f64),
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Positive => f.write_str("positive"),
            Self::Negative => f.write_str("negative"),
            Self::Target(target) => write!(f, "target {target}"),
        }
    }
}

impl FromStr for Direction {
    type Err = numbers::UnknownChoice;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let target = || {
            let value: f64 = text.trim().strip_prefix("target ")?.trim().parse().ok()?;
            value.is_finite().then_some(Self::Target(value))
        };
        match text.trim() {
            "positive" | "+" => Ok(Self::Positive),
            "negative" | "-" | "−" => Ok(Self::Negative),
            _ => target().ok_or_else(|| numbers::UnknownChoice {
                what: "direction",
                text: text.to_owned(),
                known: vec!["positive (+)", "negative (-)", "target NUMBER"],
            }),
        }
    }
}
as_text!(Direction);

/// How indicators are made comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalise {
    /// `(x − min)/(max − min)`; a negative indicator `(max − x)/(max − min)`.
    MinMax,
    /// `(x − x̄)/s` with `n − 1` in `s`; a negative indicator `(x̄ − x)/s`.
    ZScore,
    /// The same with `n` in `s`.
    ZScoreN,
    /// `x/Σx`; a negative indicator `(1/x)/Σ(1/x)`.
    Sum,
    /// `x/√Σx²`; a negative indicator `1 − x/√Σx²`.
    Vector,
    /// `x/max`; a negative indicator `1 − x/max`.
    Max,
    /// `x` as it is; a negative indicator is refused.
    None,
}
choice!(
    Normalise,
    "normalisation",
    MinMax = "min-max",
    ZScore = "z-score",
    ZScoreN = "z-score-n",
    Sum = "sum",
    Vector = "vector",
    Max = "max",
    None = "none",
);

/// Rows that are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// All units in all periods.
    Pooled,
    /// The units of one period at a time.
    Period,
}
choice!(Over, "range of rows", Pooled = "pooled", Period = "period");

/// Where the shift is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShiftIn {
    /// To what weights are computed from; scores rest on unshifted values.
    Weights,
    /// To what scores are computed from, too.
    Both,
}
choice!(ShiftIn, "place of a shift", Weights = "weights", Both = "both");

/// How weights of indicators and of dimensions follow from one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Levels {
    /// Weights over all indicators; a dimension has the sum of its indicators' weights.
    Indicators,
    /// Weights within each dimension, then of the dimensions by their sub-indices, upwards; an
    /// indicator has the product of the weights on its way up.
    LevelByLevel,
}
choice!(Levels, "treatment of levels", Indicators = "indicators", LevelByLevel = "level-by-level",);

/// How weighted indicators become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// `Σ wⱼ zⱼ`.
    Linear,
    /// `Π zⱼ^wⱼ`, for `z > 0`.
    Geometric,
    /// `D⁻/(D⁺ + D⁻)`, distances of `w z` from its least and greatest values over the rows that are
    /// normalised together.
    Topsis,
}
choice!(Aggregate, "aggregation", Linear = "linear", Geometric = "geometric", Topsis = "topsis",);

/// How much each indicator counts. In data a word, or a table of one key.
///
/// All but the `…-raw` ones are computed from normalised and shifted values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Weighting {
    /// All the same: `1/J`.
    Equal,
    /// `dⱼ/Σd`, `d = 1 − e`, `e = −(1/ln n) Σ p ln p`, `p = z/Σz`: as in applied work that
    /// normalises first.
    Entropy,
    /// The same with `p = x/Σx`: the original method, blind to directions.
    EntropyRaw,
    /// `sⱼ Σₖ (1 − rⱼₖ)` (Diakoulaki, Mavrotas and Papayannakis 1995).
    Critic,
    /// `sⱼ`.
    StandardDeviation,
    /// `sⱼ/z̄ⱼ`.
    Variation,
    /// `sⱼ/x̄ⱼ`.
    VariationRaw,
    /// From the eigenvectors of the correlation matrix.
    PrincipalComponents(Components),
    /// From comparisons of pairs (Saaty 1980).
    Ahp(Comparisons),
    /// As said, by indicator; they sum to one.
    Given(std::collections::BTreeMap<Name, f64>),
}

impl fmt::Display for Weighting {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "equal",
            Self::Entropy => "entropy",
            Self::EntropyRaw => "entropy-raw",
            Self::Critic => "critic",
            Self::StandardDeviation => "standard-deviation",
            Self::Variation => "variation",
            Self::VariationRaw => "variation-raw",
            Self::PrincipalComponents(components) => {
                return write!(f, "principal-components ({components})");
            }
            Self::Ahp(comparisons) => return write!(f, "ahp ({})", comparisons.priorities),
            Self::Given(_) => "given",
        })
    }
}
