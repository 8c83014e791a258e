//! What a row of a regression table holds.

use std::fmt;
use std::str::FromStr;

use estimate::{Fit, TestSpec};

use crate::statistics::{ALL, find};

/// A number of a fit, as a study names it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Quantity {
    /// A coefficient with its uncertainty and stars; `Constant` is one.
    Coefficient(String),
    /// `se TERM`: a standard error that stands in a cell of its own.
    StdError(String),
    /// `margin TERM`: a marginal effect with its uncertainty and stars.
    Margin(String),
    /// A statistic of the whole fit.
    Statistic(&'static str),
    /// `threshold`, `threshold 2`: the value of a threshold, in increasing order.
    Threshold(usize),
    /// `test TEST`, `test TEST p`: a specification test of the column's model.
    Test(TestSpec, OfTest),
}

/// Which number of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfTest {
    Statistic,
    P,
}

impl OfTest {
    pub(crate) const ALL: [(Self, &'static str); 2] =
        [(Self::Statistic, "statistic"), (Self::P, "p")];

    pub(crate) fn of(self, test: &estimate::Test) -> f64 {
        match self {
            Self::Statistic => test.statistic,
            Self::P => test.p_value,
        }
    }
}

impl FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(known) = find(text) {
            return Ok(Self::Statistic(known.name));
        }
        if text == "threshold" {
            return Ok(Self::Threshold(1));
        }
        if let Some(Ok(i @ 1..)) = text.strip_prefix("threshold ").map(str::parse) {
            return Ok(Self::Threshold(i));
        }
        if let Some(rest) = text.strip_prefix("test ") {
            let (test, of) = match rest.trim().rsplit_once(' ') {
                Some((test, "p")) => (test, OfTest::P),
                Some((test, "statistic")) => (test, OfTest::Statistic),
                _ => (rest, OfTest::Statistic),
            };
            let test = test.parse().map_err(|error: estimate::Error| error.to_string())?;
            return Ok(Self::Test(test, of));
        }
        // A term prints one way, however it is written.
        let term = |text: &str| {
            if text == Fit::CONSTANT {
                return Ok(text.to_owned());
            }
            text.parse::<panel::Term>().map(|term| term.to_string()).map_err(|error| {
                let names: Vec<&str> = ALL.iter().map(|known| known.name).collect();
                format!(
                    "not a term, `Constant`, `se TERM`, `margin TERM`, `test TEST`, \
                     `threshold I` or one of {}: \
                     {error}",
                    names.join(", ")
                )
            })
        };
        match (text.strip_prefix("se "), text.strip_prefix("margin ")) {
            (Some(rest), _) => Ok(Self::StdError(term(rest)?)),
            (_, Some(rest)) => Ok(Self::Margin(term(rest)?)),
            _ => Ok(Self::Coefficient(term(text)?)),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coefficient(term) => f.write_str(term),
            Self::StdError(term) => write!(f, "se {term}"),
            Self::Margin(term) => write!(f, "margin {term}"),
            Self::Statistic(name) => f.write_str(name),
            Self::Threshold(1) => f.write_str("threshold"),
            Self::Threshold(i) => write!(f, "threshold {i}"),
            Self::Test(test, OfTest::Statistic) => write!(f, "test {test}"),
            Self::Test(test, OfTest::P) => write!(f, "test {test} p"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_quantities_are_read_back() {
        for text in [
            "x",
            "se log(x)",
            "margin x",
            "threshold",
            "threshold 2",
            "r2 within",
            "F",
            "test hausman",
            "test hausman(sigmamore) p",
            "test lm-bp(individual)",
            "Constant",
        ] {
            let quantity: Quantity = text.parse().unwrap();
            assert_eq!(quantity.to_string(), text);
        }
        assert_eq!("k".parse(), Ok(Quantity::Statistic("k")));
        assert_eq!("`k`".parse(), Ok(Quantity::Coefficient("k".to_owned())));
        assert!("test nothing".parse::<Quantity>().unwrap_err().contains("nothing"));
        assert!("a b".parse::<Quantity>().unwrap_err().contains("kleibergen paap F"));
    }

    #[test]
    fn no_statistic_has_two_places() {
        let mut keys: Vec<String> = ALL.iter().map(crate::statistics::Known::key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), ALL.len());
    }
}
