//! Estimators by their names, with the choices that only some of them have.

use std::fmt;
use std::str::FromStr;

use estimate::{
    At, BetweenWeights, Components, Convention, Effect, Gaps, Information, Link, MarginSpec,
    Negative, SmallSample, ZeroOne,
};

/// An estimator and what it alone lets choose.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Method {
    Pooled,
    FixedEffects,
    RandomEffects(Chosen),
    CorrelatedRandomEffects(Chosen),
    Between(Effect, BetweenWeights),
    FirstDifference(Gaps),
    TwoStage,
    Binary(Link, Information, SmallSample, Option<MarginSpec>),
}

/// The choices of random effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) components: Components,
    pub(crate) effect: Effect,
    pub(crate) negative: Negative,
}

impl Chosen {
    /// What the convention's program does unless it is told otherwise.
    pub(crate) fn of(convention: &Convention) -> Self {
        let components = match convention.name {
            "stata-xtreg" | "linearmodels" => Components::SwamyAroraHarmonic,
            _ => Components::SwamyArora,
        };
        Self { components, effect: Effect::Individual, negative: Negative::Zero }
    }
}

/// What is wrong with a choice, and with which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The choice; `None` if the estimator itself is wrong, or lacks one.
    pub(crate) key: Option<&'static str>,
    pub(crate) what: String,
}

const RANDOM: &[&str] = &["components", "effect", "negative"];
const BINARY: &[&str] = &["information", "small-sample", "margins", "zero-one"];

/// The estimators, and the names of their choices.
const ESTIMATORS: [(&str, &[&str]); 9] = [
    ("pooled", &[]),
    ("fixed-effects", &[]),
    ("random-effects", RANDOM),
    ("correlated-random-effects", RANDOM),
    ("between", &["effect", "between-weights"]),
    ("first-difference", &["gaps"]),
    ("two-stage", &[]),
    ("probit", BINARY),
    ("logit", BINARY),
];

/// Choices as they are written, and whether what moves a digit may be left out.
pub(crate) struct Given<'a> {
    pub(crate) choices: Vec<(&'static str, &'a str)>,
    pub(crate) complete: bool,
}

impl Given<'_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.choices.iter().find(|(known, _)| *known == key).map(|(_, text)| *text)
    }

    /// A choice, or its default; without one, an error that names the possible texts.
    fn choose<T>(&self, key: &'static str, default: T) -> Result<T, Wrong>
    where
        T: FromStr<Err = estimate::Error>,
    {
        let Some(text) = self.text(key) else {
            if !self.complete {
                return Ok(default);
            }
            let known = match "".parse::<T>() {
                Err(estimate::Error::UnknownChoice { known, .. }) => known.join(", "),
                _ => String::new(),
            };
            return Err(Wrong { key: None, what: format!("lacks `{key}`, one of {known}") });
        };
        text.parse().map_err(|error: estimate::Error| Wrong {
            key: Some(key),
            what: format!("`{key}`: {error}"),
        })
    }

    /// A choice that even a study may leave to its default.
    fn choose_or<T>(&self, key: &'static str, default: T) -> Result<T, Wrong>
    where
        T: FromStr<Err = estimate::Error>,
    {
        if self.text(key).is_none() { Ok(default) } else { self.choose(key, default) }
    }
}

impl Method {
    /// An estimator by its name on the command line.
    pub(crate) fn new(
        name: &str,
        convention: &Convention,
        given: &Given<'_>,
    ) -> Result<Self, Wrong> {
        let Some((name, own)) = ESTIMATORS.iter().find(|(known, _)| *known == name) else {
            let names: Vec<&str> = ESTIMATORS.iter().map(|(name, _)| *name).collect();
            let what = format!("no estimator `{name}`; there are {}", names.join(", "));
            return Err(Wrong { key: None, what });
        };
        if let Some((key, _)) = given.choices.iter().find(|(key, _)| !own.contains(key)) {
            let takers: Vec<&str> = (ESTIMATORS.iter())
                .filter(|(_, keys)| keys.contains(key))
                .map(|(name, _)| *name)
                .collect();
            let what = format!("`{key}` is no choice of {name}, but of {}", takers.join(", "));
            return Err(Wrong { key: Some(key), what });
        }
        let chosen = || -> Result<Chosen, Wrong> {
            let usual = Chosen::of(convention);
            Ok(Chosen {
                components: given.choose("components", usual.components)?,
                effect: given.choose_or("effect", usual.effect)?,
                negative: given.choose_or("negative", usual.negative)?,
            })
        };
        Ok(match *name {
            "pooled" => Self::Pooled,
            "fixed-effects" => Self::FixedEffects,
            "random-effects" => Self::RandomEffects(chosen()?),
            "correlated-random-effects" => Self::CorrelatedRandomEffects(chosen()?),
            "between" => Self::Between(
                given.choose_or("effect", Effect::Individual)?,
                given.choose("between-weights", BetweenWeights::Groups)?,
            ),
            "first-difference" => Self::FirstDifference(given.choose("gaps", Gaps::Calendar)?),
            "two-stage" => Self::TwoStage,
            link => {
                let zero_one = given.choose_or("zero-one", ZeroOne::Derivative)?;
                let margins = match given.text("margins") {
                    None if given.text("zero-one").is_some() => {
                        let what = "`zero-one` is about marginal effects: say `margins`, average \
                                    or means";
                        return Err(Wrong { key: Some("zero-one"), what: what.to_owned() });
                    }
                    None => None,
                    Some(_) => {
                        Some(MarginSpec { at: given.choose("margins", At::Average)?, zero_one })
                    }
                };
                Self::Binary(
                    if link == "probit" { Link::Probit } else { Link::Logit },
                    given.choose("information", Information::Observed)?,
                    given.choose("small-sample", SmallSample::Stata)?,
                    margins,
                )
            }
        })
    }

    /// What the estimator is called over a table.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Pooled => "Pooled least squares",
            Self::FixedEffects => "Fixed effects (within)",
            Self::RandomEffects(_) => "Random effects (GLS)",
            Self::CorrelatedRandomEffects(_) => "Correlated random effects (Mundlak)",
            Self::Between(..) => "Between",
            Self::FirstDifference(_) => "First differences",
            Self::TwoStage => "Two-stage least squares",
            Self::Binary(Link::Probit, ..) => "Probit",
            Self::Binary(Link::Logit, ..) => "Logit",
        }
    }

    /// Whether it maximises a likelihood, and so has no convention of least squares.
    pub(crate) fn is_binary(&self) -> bool {
        matches!(self, Self::Binary(..))
    }

    /// What it lets choose, as it was chosen: name and text.
    pub(crate) fn choices(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Pooled | Self::FixedEffects | Self::TwoStage => Vec::new(),
            Self::RandomEffects(c) | Self::CorrelatedRandomEffects(c) => vec![
                ("components", c.components.to_string()),
                ("effect", c.effect.to_string()),
                ("negative", c.negative.to_string()),
            ],
            Self::Between(effect, weights) => {
                vec![("effect", effect.to_string()), ("between-weights", weights.to_string())]
            }
            Self::FirstDifference(gaps) => vec![("gaps", gaps.to_string())],
            Self::Binary(_, information, small_sample, margins) => {
                let margins = margins.iter().flat_map(|margins| {
                    [
                        ("margins", margins.at.to_string()),
                        ("zero-one", margins.zero_one.to_string()),
                    ]
                });
                let own = [
                    ("information", information.to_string()),
                    ("small-sample", small_sample.to_string()),
                ];
                own.into_iter().chain(margins).collect()
            }
        }
    }
}

impl fmt::Display for Method {
    /// The name on the command line, and the choices.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pooled => "pooled",
            Self::FixedEffects => "fixed-effects",
            Self::RandomEffects(_) => "random-effects",
            Self::CorrelatedRandomEffects(_) => "correlated-random-effects",
            Self::Between(..) => "between",
            Self::FirstDifference(_) => "first-difference",
            Self::TwoStage => "two-stage",
            Self::Binary(Link::Probit, ..) => "probit",
            Self::Binary(Link::Logit, ..) => "logit",
        })?;
        let choices = self.choices();
        let texts: Vec<String> =
            choices.iter().map(|(key, text)| format!("{key} {text}")).collect();
        if texts.is_empty() { Ok(()) } else { write!(f, ": {}", texts.join(", ")) }
    }
}
