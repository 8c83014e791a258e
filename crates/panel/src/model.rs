//! What to estimate, as data.

use std::fmt;

use crate::term::Bare;
use crate::{Name, Term};

/// A linear model: `response = constant + terms·β + absorbed effects + u`.
///
/// The text form is fixest's; printing and parsing are inverse.
///
/// ```
/// use panel::Model;
/// let model: Model = "Rir ~ Rec + L.Fsa + log(Gdp) + Rec:East | province + year".parse()?;
/// assert_eq!(model.absorb, ["province", "year"]);
/// assert_eq!(model.to_string(), "Rir ~ Rec + L.Fsa + log(Gdp) + Rec:East | province + year");
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
    /// The factors whose effects are absorbed.
    pub absorb: Vec<Name>,
}

impl Model {
    /// The columns that the model reads: response, terms, then absorbed factors.
    pub fn columns(&self) -> Vec<&str> {
        std::iter::once(&self.response)
            .chain(&self.terms)
            .flat_map(Term::columns)
            .chain(self.absorb.iter().map(String::as_str))
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
            let absorb: Vec<String> =
                self.absorb.iter().map(|name| Bare(name).to_string()).collect();
            write!(f, " | {}", absorb.join(" + "))?;
        }
        Ok(())
    }
}
