//! What to estimate, as data.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use crate::term::Bare;
use crate::{Error, Factor, Name, Panel, Term};

/// A linear model: `response = constant + terms·β + absorbed effects + u`.
///
/// The text form is fixest's; printing and parsing are inverse.
///
/// ```
/// use panel::{Absorb, Model, Term};
/// let model: Model = "Rir ~ Rec + L.Fsa + log(Gdp) + Rec:East | province + year".parse()?;
/// assert_eq!(model.absorb, [Absorb::effect("province"), Absorb::effect("year")]);
/// assert_eq!(model.to_string(), "Rir ~ Rec + L.Fsa + log(Gdp) + Rec:East | province + year");
///
/// // Effects of pairs, a slope by level, and an endogenous regressor with two instruments.
/// let model: Model = "y ~ x | firm^year + region[trend] | p ~ z1 + z2".parse()?;
/// assert_eq!(model.absorb[1].slopes, [Term::var("trend")]);
/// assert_eq!(model.instruments.unwrap().endogenous, [Term::var("p")]);
///
/// let broken = "Rir ~ Rec + + Fsa".parse::<Model>().unwrap_err();
/// assert_eq!(broken.column, 13);
/// # Ok::<(), panel::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// The dependent variable.
    pub response: Term,
    /// The regressors, in table order; without the constant.
    pub terms: Vec<Term>,
    /// Whether a model without absorbed effects has a constant; `0 +` in the text says no.
    pub constant: bool,
    /// The effects that are absorbed.
    pub absorb: Vec<Absorb>,
    /// The endogenous regressors and what stands in for them; `None` in an ordinary model.
    pub instruments: Option<Instruments>,
}

/// Absorbed effects: one a level of a factor, or slopes by level, or both.
///
/// | text | absorbs, by level | fixest | reghdfe |
/// |---|---|---|---|
/// | `id` | an effect | `id` | `id` |
/// | `a^b` | an effect of every pair of levels that occurs | `a^b` | `a#b` |
/// | `id[x]` | an effect and a slope of `x` | `id[x]` | `id##c.x` |
/// | `id[[x]]` | a slope of `x` | `id[[x]]` | `id#c.x` |
/// | `id[x, z]` | an effect and slopes of `x` and `z` | `id[x, z]` | `id##c.(x z)` |
///
/// ```
/// use panel::{Absorb, Term};
/// let absorb: Absorb = "firm^year[[log(x), z]]".parse()?;
/// assert_eq!(absorb.factors, ["firm", "year"]);
/// assert_eq!(absorb.slopes, ["log(x)".parse()?, Term::var("z")]);
/// assert!(!absorb.intercept);
/// assert_eq!(absorb.to_string(), "firm^year[[log(x), z]]");
/// # Ok::<(), panel::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absorb {
    /// The factors whose levels, jointly, are the levels.
    pub factors: Vec<Name>,
    /// What has a slope of its own in every level.
    pub slopes: Vec<Term>,
    /// Whether every level has an effect; without slopes it does.
    pub intercept: bool,
}

/// The endogenous regressors of a model and their excluded instruments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruments {
    /// Regressors that may be correlated with the error.
    pub endogenous: Vec<Term>,
    /// What moves them, and is left out of the equation of the response.
    pub excluded: Vec<Term>,
}

impl Absorb {
    /// The effects of the levels of a column.
    pub fn effect(name: impl Into<Name>) -> Self {
        Self { factors: vec![name.into()], slopes: Vec::new(), intercept: true }
    }

    /// The columns that are read: factors, then slopes.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.factors.iter().map(String::as_str).chain(self.slopes.iter().flat_map(Term::columns))
    }

    /// What the levels are called in messages: the column, or `a^b`.
    pub fn levels(&self) -> Name {
        match self.factors.as_slice() {
            [name] => name.clone(),
            names => {
                let names: Vec<String> = names.iter().map(|name| Bare(name).to_string()).collect();
                names.join("^")
            }
        }
    }

    /// The grouping of rows by the factors, jointly.
    ///
    /// # Errors
    ///
    /// As [`Panel::factor`].
    pub fn factor<'p>(&self, panel: &'p Panel) -> Result<Cow<'p, Factor>, Error> {
        let Some((first, rest)) = self.factors.split_first() else {
            return Ok(Cow::Owned(Factor::from_numbers(&vec![0; panel.n_rows()])));
        };
        let mut factor = panel.factor(first)?;
        for name in rest {
            factor = Cow::Owned(factor.cross(&*panel.factor(name)?));
        }
        Ok(factor)
    }

    /// Whether this absorbs an effect or a slope that `other` absorbs.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let levels = |absorb: &Self| -> BTreeSet<Name> { absorb.factors.iter().cloned().collect() };
        levels(self) == levels(other)
            && (self.intercept && other.intercept
                || self.slopes.iter().any(|slope| other.slopes.contains(slope)))
    }
}

impl fmt::Display for Absorb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.factors.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { "^" })?;
            write!(f, "{}", Bare(name))?;
        }
        if self.slopes.is_empty() {
            return Ok(());
        }
        let slopes: Vec<String> = self.slopes.iter().map(Term::to_string).collect();
        let (open, close) = if self.intercept { ("[", "]") } else { ("[[", "]]") };
        write!(f, "{open}{}{close}", slopes.join(", "))
    }
}

impl fmt::Display for Instruments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum =
            |terms: &[Term]| terms.iter().map(Term::to_string).collect::<Vec<_>>().join(" + ");
        write!(f, "{} ~ {}", sum(&self.endogenous), sum(&self.excluded))
    }
}

impl Model {
    /// The columns that the model reads: response, terms, absorbed effects, instruments.
    pub fn columns(&self) -> Vec<&str> {
        let instruments = self.instruments.iter();
        let instruments = instruments.flat_map(|iv| iv.endogenous.iter().chain(&iv.excluded));
        std::iter::once(&self.response)
            .chain(&self.terms)
            .flat_map(Term::columns)
            .chain(self.absorb.iter().flat_map(Absorb::columns))
            .chain(instruments.flat_map(Term::columns))
            .collect()
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ~ ", self.response)?;
        let constant = match (self.constant, self.terms.is_empty()) {
            (true, true) => Some("1".to_owned()),
            (false, _) => Some("0".to_owned()),
            (true, false) => None,
        };
        let terms: Vec<String> =
            constant.into_iter().chain(self.terms.iter().map(Term::to_string)).collect();
        f.write_str(&terms.join(" + "))?;
        if !self.absorb.is_empty() {
            let absorb: Vec<String> = self.absorb.iter().map(Absorb::to_string).collect();
            write!(f, " | {}", absorb.join(" + "))?;
        }
        if let Some(instruments) = &self.instruments {
            write!(f, " | {instruments}")?;
        }
        Ok(())
    }
}
