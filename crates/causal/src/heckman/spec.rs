//! The choices that move a digit.

use std::fmt;
use std::str::FromStr;

use estimate::{BinarySpec, Information, SmallSample, texts};
use panel::{Model, Name};

/// The choices of the two-step estimator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoStepSpec {
    /// What is explained where it is seen: `wage ~ educ + exper`.
    pub outcome: Model,
    /// What decides whether it is seen, its response 0 or 1: `lfp ~ educ + exper + kids`.
    pub selection: Model,
    /// Whose curvature the covariance of the probit rests on: `observed` in Stata and
    /// sampleSelection.
    pub information: Information,
    /// What happens to an estimate of `ρ` beyond ±1.
    pub rho: Rho,
}

/// What happens to a two-step `ρ̂ = β̂_λ/σ̂` beyond ±1; coefficients never move.
///
/// | text | `ρ̂` | in the covariance | Stata's option |
/// |---|---|---|---|
/// | `rhosigma` | ±1, and `σ̂ = \|β̂_λ\|` | the same | default |
/// | `rhotrunc` | ±1 | the same | `rhotrunc` |
/// | `rholimited` | as it is | ±1 | `rholimited` |
/// | `rhoforce` | as it is | as it is | `rhoforce`; sampleSelection |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rho {
    /// Truncated, and `σ̂` made to agree.
    Sigma,
    /// Truncated.
    Truncated,
    /// Truncated where the covariance is computed.
    Limited,
    /// Left alone; the covariance may not be positive.
    Force,
}

/// The choices of full maximum likelihood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikelihoodSpec {
    /// What is explained where it is seen.
    pub outcome: Model,
    /// What decides whether it is seen, its response 0 or 1.
    pub selection: Model,
    /// The covariance estimator.
    pub vcov: LikelihoodVcov,
    /// Whose small-sample factor a sandwich is multiplied by.
    pub small_sample: SmallSample,
}

/// A covariance estimator for the maximum of a likelihood, with `H = −∂² ln L` and scores `s_i`.
///
/// | text | is | Stata |
/// |---|---|---|
/// | `oim` | `H⁻¹` | default |
/// | `opg` | `(Σ s_i s_i')⁻¹` (Berndt, Hall, Hall and Hausman) | `vce(opg)` |
/// | `robust` | `c H⁻¹ (Σ s_i s_i') H⁻¹` | `vce(robust)` |
/// | `cluster g` | `c H⁻¹ (Σ_g s_g s_g') H⁻¹` | `vce(cluster g)` |
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LikelihoodVcov {
    /// Observed information.
    Oim,
    /// Outer product of gradients.
    Opg,
    /// Sandwich.
    Robust,
    /// Sandwich of sums by cluster.
    Cluster(Name),
}

/// The choices of [`mills_ratio`](super::mills_ratio).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MillsSpec {
    /// The selection or treatment model, its response 0 or 1.
    pub selection: Model,
    /// How the probit is estimated; its link must be the probit.
    pub probit: BinarySpec,
    /// Which ratio stands in which row.
    pub form: Form,
    /// The name of the column that is added.
    pub name: Name,
}

/// Which ratio stands in which row.
///
/// | text | `d = 1` | `d = 0` | for |
/// |---|---|---|---|
/// | `selected` | `φ/Φ` | missing | an outcome that is seen where `d = 1` |
/// | `everywhere` | `φ/Φ` | `φ/Φ` | what papers do whose outcome is seen everywhere |
/// | `treatment` | `φ/Φ` | `−φ/(1−Φ)` | an endogenous `d` in the outcome equation (`etregress, twostep`) |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// On the selected rows.
    Selected,
    /// The same formula on all rows.
    Everywhere,
    /// The generalised residual of the probit.
    Treatment,
}

texts!(
    Rho,
    "treatment of ρ",
    Sigma = "rhosigma",
    Truncated = "rhotrunc",
    Limited = "rholimited",
    Force = "rhoforce"
);
texts!(
    Form,
    "form of the inverse Mills ratio",
    Selected = "selected",
    Everywhere = "everywhere",
    Treatment = "treatment"
);

impl fmt::Display for LikelihoodVcov {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oim => f.write_str("oim"),
            Self::Opg => f.write_str("opg"),
            Self::Robust => f.write_str("robust"),
            Self::Cluster(by) => write!(f, "cluster {by}"),
        }
    }
}

impl FromStr for LikelihoodVcov {
    type Err = estimate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "oim" => Ok(Self::Oim),
            "opg" => Ok(Self::Opg),
            "robust" => Ok(Self::Robust),
            other => match other.strip_prefix("cluster ").map(str::trim) {
                Some(by) if !by.is_empty() => Ok(Self::Cluster(by.to_owned())),
                _ => Err(estimate::Error::UnknownChoice {
                    what: "covariance of a likelihood",
                    text: text.to_owned(),
                    known: vec!["oim", "opg", "robust", "`cluster COLUMN`"],
                }),
            },
        }
    }
}
