//! The choices that move a digit.

use super::Link;
use crate::{Vcov, texts};

/// The choices of a binary model that move a digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinarySpec {
    /// Probit or logit.
    pub link: Link,
    /// Whose curvature the covariance rests on.
    pub information: Information,
    /// `iid` for the inverse information, `HC0` or `robust` (`HC1`) for the sandwich of scores,
    /// `cluster g` for the sandwich of their sums by cluster.
    pub vcov: Vcov,
    /// Whose small-sample factor a sandwich is multiplied by; `HC0` has none.
    pub small_sample: SmallSample,
}

/// Whose curvature: the same for logit, not for probit.
///
/// | text | is | used by |
/// |---|---|---|
/// | `observed` | minus the second derivative of `ln L` | Stata, statsmodels, sampleSelection |
/// | `expected` | its mean given `X` (Fisher) | R's `glm`, and so sandwich |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Information {
    /// Minus the second derivative.
    Observed,
    /// Its expectation given the regressors.
    Expected,
}

texts!(Information, "information", Observed = "observed", Expected = "expected");

/// What a sandwich of scores is multiplied by, `K` parameters and `G` clusters.
///
/// | text | `robust` | `cluster g` |
/// |---|---|---|
/// | `stata` | `n/(n−1)` | `G/(G−1)` |
/// | `sandwich` | 1 | `G/(G−1)` |
/// | `statsmodels` | 1 | `G/(G−1) · (n−1)/(n−K)` |
/// | `none` | 1 | 1 |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmallSample {
    /// Stata's `vce(robust)` and `vce(cluster g)` after maximum likelihood.
    Stata,
    /// R's `sandwich::sandwich` and `vcovCL` on a `glm`.
    Sandwich,
    /// statsmodels' `cov_type = "HC0"` and `"cluster"`.
    Statsmodels,
    /// No factor.
    None,
}

impl SmallSample {
    /// The factor for `n` rows, `k` parameters and as many clusters; 1 for `iid` and `HC0`.
    pub fn factor(self, vcov: &Vcov, n: usize, k: usize, clusters: Option<usize>) -> f64 {
        let (n, k) = (n as f64, k as f64);
        let groups = clusters.map(|g| g as f64 / (g as f64 - 1.0));
        match (self, vcov, groups) {
            (Self::Stata, Vcov::Robust(crate::Hc::Hc1), _) => n / (n - 1.0),
            (Self::Stata | Self::Sandwich, _, Some(groups)) => groups,
            (Self::Statsmodels, _, Some(groups)) => groups * (n - 1.0) / (n - k),
            _ => 1.0,
        }
    }
}

texts!(
    SmallSample,
    "small-sample factor",
    Stata = "stata",
    Sandwich = "sandwich",
    Statsmodels = "statsmodels",
    None = "none"
);
