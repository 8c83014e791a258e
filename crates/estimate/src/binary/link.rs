//! The distribution that turns a linear index into a probability.

use super::tails::mills_of_rows;
use crate::texts;
use numbers::{mills, normal_cdf, normal_density};

/// The distribution function `F` of `P(y = 1 | x) = F(x'β)`.
///
/// | text | `F` | Stata | R |
/// |---|---|---|---|
/// | `probit` | standard normal | `probit` | `glm(…, binomial("probit"))` |
/// | `logit` | logistic | `logit` | `glm(…, binomial)` |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Standard normal.
    Probit,
    /// Logistic.
    Logit,
}

texts!(Link, "link", Probit = "probit", Logit = "logit");

/// What a row's outcome says of its index, all of it as functions of `z = ±η`: plus where `y = 1`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// `ln F(z)`.
    pub(crate) log: f64,
    /// `d ln F / dz`.
    pub(crate) slope: f64,
    /// `−d² ln F / dz²`, not negative.
    pub(crate) bend: f64,
}

impl Link {
    /// The contribution of a row to the log-likelihood, with two derivatives.
    #[inline]
    pub(crate) fn row(self, z: f64) -> Row {
        match self {
            Self::Probit => {
                let at = mills(z);
                Row { log: at.log_cdf, slope: at.lambda, bend: at.delta }
            }
            Self::Logit => {
                let e = (-z.abs()).exp();
                let far = if z > 0.0 { e } else { 1.0 };
                let slope = far / (1.0 + e);
                Row { log: z.min(0.0) - e.ln_1p(), slope, bend: e / ((1.0 + e) * (1.0 + e)) }
            }
        }
    }

    /// The same of many rows: `slopes` holds `z` and then slopes; returns the sum of the logs.
    pub(crate) fn rows(self, slopes: &mut [f64], bends: &mut [f64]) -> f64 {
        match self {
            Self::Probit => mills_of_rows(slopes, bends),
            Self::Logit => {
                let mut log = 0.0;
                for (slope, bend) in slopes.iter_mut().zip(bends) {
                    let row = self.row(*slope);
                    log += row.log;
                    (*slope, *bend) = (row.slope, row.bend);
                }
                log
            }
        }
    }

    /// `E(−d² ln F / dη²)`: what a row tells on average, whatever its outcome.
    pub(crate) fn expected_bend(self, index: f64) -> f64 {
        match self {
            Self::Probit => mills(index).lambda * mills(-index).lambda,
            Self::Logit => self.row(index).bend,
        }
    }

    /// `d bend / dz` of [`Link::row`].
    pub(crate) fn twist(self, z: f64) -> f64 {
        match self {
            Self::Probit => {
                let at = mills(z);
                at.lambda * (1.0 - at.delta) - at.delta * (at.lambda + z)
            }
            Self::Logit => self.density_slope(z),
        }
    }

    /// `d expected_bend / dη`.
    pub(crate) fn expected_twist(self, index: f64) -> f64 {
        match self {
            Self::Probit => {
                let (at, other) = (mills(index), mills(-index));
                at.lambda * other.delta - at.delta * other.lambda
            }
            Self::Logit => self.density_slope(index),
        }
    }

    /// `F(η)`.
    pub fn probability(self, index: f64) -> f64 {
        match self {
            Self::Probit => normal_cdf(index),
            Self::Logit => {
                let e = (-index.abs()).exp();
                if index > 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
            }
        }
    }

    /// `f(η) = F'(η)`.
    pub fn density(self, index: f64) -> f64 {
        match self {
            Self::Probit => normal_density(index),
            Self::Logit => self.row(index).bend,
        }
    }

    /// `f'(η)`.
    pub(crate) fn density_slope(self, index: f64) -> f64 {
        match self {
            Self::Probit => -index * normal_density(index),
            Self::Logit => self.row(index).bend * (1.0 - 2.0 * self.probability(index)),
        }
    }

    /// The variance of the error in the latent index.
    pub(crate) fn latent_variance(self) -> f64 {
        match self {
            Self::Probit => 1.0,
            Self::Logit => std::f64::consts::PI * std::f64::consts::PI / 3.0,
        }
    }
}
