//! What a row counts.

use std::fmt;
use std::str::FromStr;

use panel::Term;

use crate::Error;

/// Weights of rows, as data.
///
/// | text | a row of weight `w` is | `n` | Stata | fixest |
/// |---|---|---|---|---|
/// | `aweight pop` | a mean of `w` observations: its error has variance `σ²/w` | rows; weights are rescaled to sum to them | `[aweight=pop]` | `weights = ~pop` |
/// | `fweight pop` | `w` equal observations | `Σw` | `[fweight=pop]` | |
///
/// ```
/// use estimate::Weights;
/// let weights: Weights = "aweight pop".parse()?;
/// assert_eq!(weights, Weights::Analytic("pop".parse()?));
/// assert_eq!(weights.to_string(), "aweight pop");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Both give one `β̂`, which minimises `Σ w u²`. They differ in `n`, so in `σ̂²` and degrees of
/// freedom, and in the meat of HC errors: `Σ w²û²xx'` for analytic weights, `Σ wû²xx'` for
/// frequencies. Sums of scores by cluster are `Σ w x û` for both.
///
/// # Source
///
/// Stata's manual, [U] 11.1.6 and [R] regress. Analytic weights agree with statsmodels' `WLS`,
/// linearmodels and pyfixest (whose sums of squares are not rescaled), frequencies with
/// pyfixest's `fweights`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weights {
    /// Inverse to the variance of the error.
    Analytic(Term),
    /// How many equal observations a row stands for.
    Frequency(Term),
}

impl Weights {
    /// What holds the weights.
    pub fn term(&self) -> &Term {
        match self {
            Self::Analytic(term) | Self::Frequency(term) => term,
        }
    }
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Analytic(term) => write!(f, "aweight {term}"),
            Self::Frequency(term) => write!(f, "fweight {term}"),
        }
    }
}

impl FromStr for Weights {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownWeights { text: text.to_owned() };
        let (kind, term) = text.trim().split_once(char::is_whitespace).ok_or_else(unknown)?;
        let term = term.trim().parse().map_err(|_| unknown())?;
        match kind {
            "aweight" => Ok(Self::Analytic(term)),
            "fweight" => Ok(Self::Frequency(term)),
            _ => Err(unknown()),
        }
    }
}

/// Weights as they came out on a sample.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weighted {
    pub(crate) spec: Weights,
    /// Rows left out.
    pub(crate) n_zero: usize,
    /// `Σw`, as written.
    pub(crate) sum: f64,
    /// `Σ ln w`, of weights that sum to the number of observations.
    pub(crate) log_sum: f64,
}

impl Weighted {
    /// `Σw`, if the weights are frequencies.
    pub(crate) fn frequency(&self) -> Option<usize> {
        match self.spec {
            Weights::Analytic(_) => None,
            // A sum of whole numbers; beyond 2⁵³ rows memory ends first.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Weights::Frequency(_) => Some(self.sum as usize),
        }
    }
}
