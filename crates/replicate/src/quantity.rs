//! What a row of a regression table holds.

use std::fmt;
use std::str::FromStr;

use estimate::{Design, Fit, f_test, r_squared};

/// A number of a fit, as a study names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// A coefficient with its uncertainty and stars; `Constant` is one.
    Coefficient(String),
    /// `se TERM`: a standard error that stands in a cell of its own.
    StdError(String),
    /// A statistic of the whole fit.
    Statistic(Statistic),
}

/// A statistic of a whole fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statistic {
    N,
    Entities,
    Clusters,
    DfResidual,
    R2,
    R2Adjusted,
    R2Within,
    R2WithinAdjusted,
    R2Between,
    R2Overall,
    F,
    Sigma,
}

impl Statistic {
    pub(crate) const ALL: [(Self, &'static str); 12] = [
        (Self::N, "n"),
        (Self::Entities, "n entities"),
        (Self::Clusters, "n clusters"),
        (Self::DfResidual, "df residual"),
        (Self::R2, "r2"),
        (Self::R2Adjusted, "r2 adjusted"),
        (Self::R2Within, "r2 within"),
        (Self::R2WithinAdjusted, "r2 within adjusted"),
        (Self::R2Between, "r2 between"),
        (Self::R2Overall, "r2 overall"),
        (Self::F, "F"),
        (Self::Sigma, "sigma"),
    ];

    /// The statistic of a fit; `None` where it is not defined.
    pub(crate) fn of(self, design: &Design<'_>, fit: &Fit) -> Result<Option<f64>, estimate::Error> {
        let (sums, correction) = (fit.sums(), fit.correction());
        let residual = (correction.n - correction.k_all) as f64;
        Ok(match self {
            Self::N => Some(correction.n as f64),
            Self::Entities => Some(fit.n_entities() as f64),
            Self::Clusters => correction.n_clusters.map(|n_clusters| n_clusters as f64),
            Self::DfResidual => Some(residual),
            Self::F => f_test(fit).map(|test| test.statistic),
            Self::Sigma => Some((sums.residual / residual).sqrt()),
            _ => {
                let r2 = r_squared(design, fit)?;
                match self {
                    Self::R2 => Some(r2.r2),
                    Self::R2Adjusted => Some(r2.adjusted),
                    Self::R2Within => Some(r2.within),
                    Self::R2WithinAdjusted => Some(r2.within_adjusted),
                    Self::R2Between => r2.between,
                    _ => r2.overall,
                }
            }
        })
    }
}

impl FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((statistic, _)) = Statistic::ALL.iter().find(|(_, name)| *name == text) {
            return Ok(Self::Statistic(*statistic));
        }
        // A term prints one way, however it is written.
        let term = |text: &str| {
            if text == Fit::CONSTANT {
                return Ok(text.to_owned());
            }
            text.parse::<panel::Term>().map(|term| term.to_string()).map_err(|error| {
                let names: Vec<&str> = Statistic::ALL.iter().map(|(_, name)| *name).collect();
                format!("not a term, `Constant`, `se TERM` or one of {}: {error}", names.join(", "))
            })
        };
        match text.strip_prefix("se ") {
            Some(rest) => Ok(Self::StdError(term(rest)?)),
            None => Ok(Self::Coefficient(term(text)?)),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coefficient(term) => f.write_str(term),
            Self::StdError(term) => write!(f, "se {term}"),
            Self::Statistic(wanted) => {
                let name = Statistic::ALL.iter().find(|(statistic, _)| statistic == wanted);
                f.write_str(name.map_or("", |(_, name)| name))
            }
        }
    }
}
