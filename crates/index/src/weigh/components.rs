//! Weights from principal components.

use std::fmt;
use std::str::FromStr;

use ndarray::Array2;
use numbers::symmetric;
use serde::{Deserialize, Serialize};

use super::{Parts, Weights};
use crate::Error;
use crate::choice::{as_text, choice};

/// How components of the correlation matrix become weights.
///
/// `βⱼ = Σₘ λₘ f(vⱼₘ)/Σₘ λₘ` over the components kept, `wⱼ = βⱼ/Σβ`; `λ` are the eigenvalues of the
/// correlation matrix, `v` its eigenvectors of length one, and `f` what is made of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Components {
    /// Which components are kept.
    pub keep: Keep,
    /// What is made of an entry.
    pub entries: Entries,
}

impl fmt::Display for Components {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}, {}", self.keep, self.entries)
    }
}

/// Which components are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Keep {
    /// The first so many: `first 2`.
    First(usize),
    /// Those with an eigenvalue above one: `kaiser`.
    Kaiser,
    /// As many as have this share of the variance: `share 0.85`.
    Share(f64),
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::First(k) => write!(f, "first {k}"),
            Self::Kaiser => f.write_str("kaiser"),
            Self::Share(share) => write!(f, "share {share}"),
        }
    }
}

impl FromStr for Keep {
    type Err = numbers::UnknownChoice;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let read = match words[..] {
            ["kaiser"] => Some(Self::Kaiser),
            ["first", k] => k.parse().ok().filter(|&k| k > 0).map(Self::First),
            ["share", share] => {
                share.parse().ok().filter(|&s| s > 0.0 && s <= 1.0).map(Self::Share)
            }
            _ => None,
        };
        read.ok_or_else(|| numbers::UnknownChoice {
            what: "number of components",
            text: text.to_owned(),
            known: vec!["first COUNT", "kaiser", "share SHARE (0 to 1)"],
        })
    }
}
as_text!(Keep);

/// What is made of an eigenvector's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entries {
    /// As it is, the vector's largest entry positive.
    SignedLargest,
    /// As it is, the vector's sum positive.
    SignedSum,
    /// Its absolute value.
    Absolute,
    /// Its square: the share of the component that is the indicator's.
    Squared,
}
choice!(
    Entries,
    "use of entries",
    SignedLargest = "signed-largest",
    SignedSum = "signed-sum",
    Absolute = "absolute",
    Squared = "squared",
);

/// What was kept in one group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kept {
    pub(crate) count: usize,
    pub(crate) of: usize,
    /// Share of the variance.
    pub(crate) share: f64,
}

pub(super) fn weights(
    parts: &Parts,
    spec: &Components,
    correlations: &[Array2<f64>],
) -> Result<Weights, Error> {
    let j = parts.names.len();
    if let Keep::First(k) = spec.keep
        && k > j
    {
        let bounds = "no more than the indicators";
        return Err(Error::OutOfBounds { what: "keep", value: format!("first {k}"), bounds });
    }
    let (mut weights, mut components) = (vec![Vec::new(); j], Vec::new());
    for (group, r) in correlations.iter().enumerate() {
        // From the largest eigenvalue on; what rounding leaves below zero is zero.
        let (values, vectors) = symmetric::eigen(r);
        let order: Vec<usize> = (0..j).rev().collect();
        let lambda: Vec<f64> = order.iter().map(|&m| values[m].max(0.0)).collect();
        let kept = match spec.keep {
            Keep::First(k) => k,
            // One of several equal to one is above it by rounding alone.
            Keep::Kaiser => lambda.iter().filter(|&&l| l > 1.0 + 1e-12).count().max(1),
            Keep::Share(share) => {
                let mut sum = 0.0;
                let enough = lambda.iter().position(|l| {
                    sum += l / j as f64;
                    sum >= share - 1e-12
                });
                enough.map_or(j, |last| last + 1)
            }
        };
        let total: f64 = lambda[..kept].iter().sum();
        let mut beta = vec![0.0; j];
        for (&m, lambda) in order.iter().zip(&lambda).take(kept) {
            let vector = vectors.column(m);
            let sign = match spec.entries {
                Entries::SignedSum if vector.sum() < 0.0 => -1.0,
                _ => 1.0,
            };
            for (beta, &v) in beta.iter_mut().zip(vector) {
                *beta += lambda / total
                    * match spec.entries {
                        Entries::SignedLargest | Entries::SignedSum => sign * v,
                        Entries::Absolute => v.abs(),
                        Entries::Squared => v * v,
                    };
            }
        }
        let sum: f64 = beta.iter().sum();
        let period = parts.frame.weigh.period(group);
        for (k, (weights, beta)) in weights.iter_mut().zip(&beta).enumerate() {
            let weight = beta / sum;
            // NaN too, where entries cancel.
            if !weight.is_finite() || weight < 0.0 {
                let (method, column) = ("principal-components", parts.names[k].clone());
                let weight = *beta;
                return Err(Error::NegativeWeight { method, column, weight, period });
            }
            weights.push(weight);
        }
        components.push(Kept { count: kept, of: j, share: total / j as f64 });
    }
    Ok(Weights { shares: weights, components, ..Weights::default() })
}
