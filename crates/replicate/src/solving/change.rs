//! Other conventions than a study's own, to see which of them the printed numbers can come from.

use std::fmt;
use std::str::FromStr;

use estimate::{Convention, Vcov};
use panel::{Base, Term};

use crate::method::Method;
use crate::plan::{Fitted, Plan, base};
use crate::resolve::Study;

/// One convention, for all columns of regression tables that it can be said of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// `vcov=HC1`: the covariance of every column but those of likelihoods.
    Vcov(Vcov),
    /// `like=fixest`: the small-sample convention of the same columns.
    Like(Convention),
    /// `omitted-year=first`: the level that the indicators of a column leave out.
    Omitted(String, Base),
}

/// What may stand before `=`.
const KEYS: &str = "`vcov`, `like` or `omitted-COLUMN`";

impl FromStr for Change {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((key, value)) = text.split_once('=') else {
            return Err(format!("`{text}` has no `=`; say {KEYS}, `=`, and a value"));
        };
        match (key, key.strip_prefix("omitted-")) {
            ("vcov", _) => value.parse().map(Self::Vcov).map_err(|error| error.to_string()),
            ("like", _) => value.parse().map(Self::Like).map_err(|error| error.to_string()),
            (_, Some(column)) => Ok(Self::Omitted(column.to_owned(), base(value))),
            _ => Err(format!("no convention `{key}`; there are {KEYS}")),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vcov(vcov) => write!(f, "vcov={vcov}"),
            Self::Like(convention) => write!(f, "like={convention}"),
            Self::Omitted(column, Base::First) => write!(f, "omitted-{column}=first"),
            Self::Omitted(column, Base::Last) => write!(f, "omitted-{column}=last"),
            Self::Omitted(column, Base::Level(level)) => write!(f, "omitted-{column}={level}"),
        }
    }
}

impl Change {
    /// Which convention: what stands before `=`.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Vcov(_) => "vcov".to_owned(),
            Self::Like(_) => "like".to_owned(),
            Self::Omitted(column, _) => format!("omitted-{column}"),
        }
    }

    /// Makes the study say so; how many columns it changed or confirmed.
    pub(super) fn apply(&self, study: &mut Study) -> usize {
        let mut said = 0;
        for plan in study.tables.values_mut() {
            let Plan::Regress(columns, _) = plan else { continue };
            for fitted in columns.values_mut() {
                let Fitted::By(estimation) = fitted else { continue };
                let is_linear = !matches!(estimation.method, Method::Binary(..));
                said += match self {
                    Self::Vcov(vcov) if is_linear => {
                        estimation.spec.vcov = vcov.clone();
                        1
                    }
                    Self::Like(convention) if is_linear => {
                        estimation.spec.convention = convention.clone();
                        1
                    }
                    Self::Omitted(column, level) => {
                        let mut found = 0;
                        for term in &mut estimation.model.terms {
                            if let Term::Levels(name, base) = term
                                && name == column
                            {
                                *base = level.clone();
                                found = 1;
                            }
                        }
                        found
                    }
                    Self::Vcov(_) | Self::Like(_) => 0,
                };
            }
        }
        said
    }
}
