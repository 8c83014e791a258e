//! Any test, as text.

use std::fmt;
use std::str::FromStr;

use panel::Name;

use super::{
    Contrast, Dependence, Difference, Hypothesis, Multiplier, Null, Test, breusch_godfrey,
    cross_section_dependence, effects_f, hausman, hausman_auxiliary, lagrange_multiplier,
    modified_wald, serial_difference, serial_within, wald,
};
use crate::{Design, Effect, Error, RandomSpec, Spec, Vcov, fixed_effects, linear, random_effects};

/// A specification test, as data; the text is what a command line takes.
///
/// | text | test | also written |
/// |---|---|---|
/// | `hausman`, `hausman(sigmamore)`, `hausman(sigmaless)` | [`hausman`] | |
/// | `hausman-aux` | [`hausman_auxiliary`], iid errors | |
/// | `hausman-robust` | the same, clustered by the entity | `mundlak` |
/// | `effects-f`, `effects-f(id)`, `effects-f(id, year)` | [`effects_f`] | `pFtest` |
/// | `lm-bp(individual)`, `lm-honda(time)`, `lm-kw(twoways)`, `lm-ghm(individual)` | [`lagrange_multiplier`] | `xttest0` is `lm-ghm(individual)` |
/// | `serial-within` | [`serial_within`] | `pwartest` |
/// | `serial-difference(stata, levels)` | [`serial_difference`] | `xtserial`; `pwfdtest` is `(plm, differences)` |
/// | `breusch-godfrey`, `breusch-godfrey(2)` | [`breusch_godfrey`] | `pbgtest` |
/// | `modified-wald` | [`modified_wald`] | `xttest3` |
/// | `pesaran-cd`, `cross-section-lm`, `scaled-lm` | [`cross_section_dependence`] | `xtcsd`; `xttest2` is `cross-section-lm` |
/// | `value = capital`, `(x1 = 0, x2 = 0)` | [`wald`] | |
///
/// A hypothesis is told by its `=`; several equations that hold together stand in parentheses. What
/// is left out of the parentheses of a multiplier test or of `serial-difference` is the first
/// choice of the table.
///
/// ```
/// use estimate::TestSpec;
/// let tests = TestSpec::list("xtserial, lm-honda(time), (x1 = 0, x2 = 2*x3)")?;
/// let texts: Vec<String> = tests.iter().map(ToString::to_string).collect();
/// assert_eq!(
///     texts,
///     ["serial-difference(stata, levels)", "lm-honda(time)", "(x1 = 0, x2 - 2*x3 = 0)"]
/// );
/// # Ok::<(), estimate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum TestSpec {
    /// Fixed against random effects.
    Hausman(Contrast),
    /// The same by the auxiliary regression; `true` clusters by the entity.
    HausmanAuxiliary {
        /// Whether errors are clustered by the entity.
        robust: bool,
    },
    /// F of the effects of these factors, or of all.
    EffectsF(Vec<Name>),
    /// A multiplier test of random effects.
    Multiplier(Multiplier, Effect),
    /// Wooldridge's test from within residuals.
    SerialWithin,
    /// Wooldridge's test from first differences.
    SerialDifference(Difference, Null),
    /// Breusch and Godfrey, over so many lags or the fewest periods of an entity.
    BreuschGodfrey(Option<usize>),
    /// One error variance an entity.
    ModifiedWald,
    /// Dependence between entities.
    Dependence(Dependence),
    /// A linear hypothesis.
    Wald(Hypothesis),
}

/// The names that a test can have.
const KNOWN: [&str; 15] = [
    "hausman",
    "hausman-aux",
    "hausman-robust",
    "effects-f",
    "lm-bp",
    "lm-honda",
    "lm-kw",
    "lm-ghm",
    "serial-within",
    "serial-difference",
    "breusch-godfrey",
    "modified-wald",
    "pesaran-cd",
    "cross-section-lm",
    "scaled-lm",
];

impl TestSpec {
    /// Several tests, separated by commas that stand in no parentheses and no backticks.
    ///
    /// # Errors
    ///
    /// As the text of a single test.
    pub fn list(text: &str) -> Result<Vec<Self>, Error> {
        split(text).into_iter().map(str::parse).collect()
    }
}

impl fmt::Display for TestSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hausman(Contrast::Own) => f.write_str("hausman"),
            Self::Hausman(contrast) => write!(f, "hausman({contrast})"),
            Self::HausmanAuxiliary { robust: false } => f.write_str("hausman-aux"),
            Self::HausmanAuxiliary { robust: true } => f.write_str("hausman-robust"),
            Self::EffectsF(of) if of.is_empty() => f.write_str("effects-f"),
            Self::EffectsF(of) => {
                let quoted = |name: &String| {
                    let apart = name.contains([',', '(', ')']);
                    if apart { format!("`{name}`") } else { name.clone() }
                };
                write!(f, "effects-f({})", of.iter().map(quoted).collect::<Vec<_>>().join(", "))
            }
            Self::Multiplier(multiplier, effect) => write!(f, "lm-{multiplier}({effect})"),
            Self::SerialWithin => f.write_str("serial-within"),
            Self::SerialDifference(difference, null) => {
                write!(f, "serial-difference({difference}, {null})")
            }
            Self::BreuschGodfrey(None) => f.write_str("breusch-godfrey"),
            Self::BreuschGodfrey(Some(lags)) => write!(f, "breusch-godfrey({lags})"),
            Self::ModifiedWald => f.write_str("modified-wald"),
            Self::Dependence(dependence) => write!(f, "{dependence}"),
            Self::Wald(hypothesis) if hypothesis.n() == 1 => write!(f, "{hypothesis}"),
            Self::Wald(hypothesis) => write!(f, "({hypothesis})"),
        }
    }
}

impl FromStr for TestSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.contains('=') {
            return Ok(Self::Wald(unwrapped(text).parse()?));
        }
        let unknown =
            || Error::UnknownChoice { what: "test", text: text.to_owned(), known: KNOWN.to_vec() };
        let (name, choices) = match text.split_once('(') {
            None => (text, Vec::new()),
            Some((name, rest)) => {
                (name.trim(), split(rest.trim_end().strip_suffix(')').ok_or_else(unknown)?))
            }
        };
        let (name, choices) = match name {
            "mundlak" => ("hausman-robust", choices),
            "pFtest" => ("effects-f", choices),
            "xttest0" if choices.is_empty() => ("lm-ghm", choices),
            "pwartest" => ("serial-within", choices),
            "xtserial" if choices.is_empty() => ("serial-difference", vec!["stata", "levels"]),
            "pwfdtest" if choices.is_empty() => ("serial-difference", vec!["plm", "differences"]),
            "pbgtest" => ("breusch-godfrey", choices),
            "xttest3" => ("modified-wald", choices),
            "xtcsd" => ("pesaran-cd", choices),
            "xttest2" => ("cross-section-lm", choices),
            name => (name, choices),
        };
        let choices = choices.as_slice();
        Ok(match (name, choices) {
            ("hausman", []) => Self::Hausman(Contrast::Own),
            ("hausman", [contrast]) => Self::Hausman(contrast.parse()?),
            ("hausman-aux", []) => Self::HausmanAuxiliary { robust: false },
            ("hausman-robust", []) => Self::HausmanAuxiliary { robust: true },
            ("effects-f", of) => {
                Self::EffectsF(of.iter().map(|name| name.trim_matches('`').to_owned()).collect())
            }
            ("serial-within", []) => Self::SerialWithin,
            ("serial-difference", []) => Self::SerialDifference(Difference::Stata, Null::Levels),
            ("serial-difference", [difference]) => {
                Self::SerialDifference(difference.parse()?, Null::Levels)
            }
            ("serial-difference", [difference, null]) => {
                Self::SerialDifference(difference.parse()?, null.parse()?)
            }
            ("breusch-godfrey", []) => Self::BreuschGodfrey(None),
            ("breusch-godfrey", [lags]) => {
                Self::BreuschGodfrey(Some(lags.parse().map_err(|_| unknown())?))
            }
            ("modified-wald", []) => Self::ModifiedWald,
            ("pesaran-cd" | "cross-section-lm" | "scaled-lm", []) => {
                Self::Dependence(name.parse()?)
            }
            (name, choices) => match (name.strip_prefix("lm-"), choices) {
                (Some(multiplier), []) => Self::Multiplier(multiplier.parse()?, Effect::Individual),
                (Some(multiplier), [effect]) => {
                    Self::Multiplier(multiplier.parse()?, effect.parse()?)
                }
                _ => return Err(unknown()),
            },
        })
    }
}

/// Splits at commas outside of parentheses and backticks.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut open, mut quoted) = (Vec::new(), 0, 0_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            '`' => quoted = !quoted,
            _ if quoted => {}
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            ',' if open == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// The text without parentheses around the whole of it.
fn unwrapped(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) else {
        return text;
    };
    let (mut open, mut quoted) = (0_i32, false);
    for c in inner.chars() {
        match c {
            '`' => quoted = !quoted,
            '(' if !quoted => open += 1,
            ')' if !quoted => open -= 1,
            _ => {}
        }
        if open < 0 {
            return text;
        }
    }
    inner
}

/// Runs a test on the model of a design.
///
/// The model is as it is written: with absorbed effects, within. `spec` is what its table is made
/// with, and what hypotheses and residual tests are about. `random` is the random-effects model of
/// the Hausman tests: its absorbed entity becomes random, and further factors enter as indicators;
/// its `vcov` is overruled by what the test says.
///
/// # Errors
///
/// As the test's function, and [`linear`] or [`random_effects`].
pub fn specification_test(
    design: &Design<'_>,
    spec: &Spec,
    random: &RandomSpec,
    test: &TestSpec,
) -> Result<Test, Error> {
    let fit = || linear(design, spec);
    let entity = design.index_names().0;
    match test {
        TestSpec::Hausman(contrast) => {
            let iid = Spec { vcov: Vcov::Iid, ..spec.clone() };
            let random = RandomSpec { vcov: Vcov::Iid, ..random.clone() };
            let (within, without) = (design.absorbing_entity()?, design.without_effects()?);
            let efficient = random_effects(&without, &random)?.fit;
            hausman(&fixed_effects(&within, &iid)?, &efficient, *contrast)
        }
        TestSpec::HausmanAuxiliary { robust } => {
            let vcov = if *robust { Vcov::Cluster(entity.clone()) } else { Vcov::Iid };
            let random = RandomSpec { vcov, ..random.clone() };
            hausman_auxiliary(&design.without_effects()?, &random)
        }
        TestSpec::EffectsF(of) => effects_f(design, of),
        TestSpec::Multiplier(multiplier, effect) => {
            lagrange_multiplier(design, *multiplier, *effect)
        }
        TestSpec::SerialWithin => serial_within(design),
        TestSpec::SerialDifference(difference, null) => {
            serial_difference(design, *null, *difference)
        }
        TestSpec::BreuschGodfrey(lags) => breusch_godfrey(design, *lags),
        TestSpec::ModifiedWald => modified_wald(design, &fit()?),
        TestSpec::Dependence(dependence) => cross_section_dependence(design, &fit()?, *dependence),
        TestSpec::Wald(hypothesis) => wald(&fit()?, hypothesis),
    }
}
