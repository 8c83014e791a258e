//! How much to trust the coefficients.

use std::fmt;
use std::str::FromStr;

use ndarray::{Array2, ArrayView2};
use panel::{Factor, Name};
use rayon::prelude::*;

use crate::{Error, ls};

/// A covariance estimator for `β̂`, as data.
///
/// `V̂ = c · B M B`, with `B = (X'X)⁻¹` the bread and `M` the meat; `x_i` and `û_i` are a row
/// after the effects are projected out, and `c` is the [`Convention`](crate::Convention)'s.
///
/// | text | meat | Stata | fixest |
/// |---|---|---|---|
/// | `iid` | `σ̂² X'X` | default | `iid` |
/// | `HC0` | `Σ û_i² x_i x_i'` | | |
/// | `HC1`, `robust` | `HC0`, times `n/(n−K)` | `vce(robust)` | `hetero` |
/// | `HC2` | `Σ û_i²/(1−h_i) x_i x_i'` | `vce(hc2)` | |
/// | `HC3` | `Σ û_i²/(1−h_i)² x_i x_i'` | `vce(hc3)` | |
/// | `cluster g` | `Σ_g (X_g'û_g)(X_g'û_g)'` | `vce(cluster g)` | `cluster = ~g` |
///
/// ```
/// use estimate::Vcov;
/// let vcov: Vcov = "cluster province".parse()?;
/// assert_eq!(vcov, Vcov::Cluster("province".into()));
/// assert_eq!(vcov.to_string(), "cluster province");
/// # Ok::<(), estimate::Error>(())
/// ```
///
/// # Source
///
/// White (1980); MacKinnon and White (1985) for HC1 to HC3; Liang and Zeger (1986), Arellano
/// (1987) for clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vcov {
    /// Homoskedastic and uncorrelated errors.
    Iid,
    /// Heteroskedastic and uncorrelated errors.
    Robust(Hc),
    /// Any correlation within a group, none between groups.
    Cluster(Name),
}

/// How a squared residual stands for its row's error variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hc {
    /// As it is.
    Hc0,
    /// Scaled by `n/(n−K)`.
    Hc1,
    /// Divided by `1 − h_i`: unbiased under homoskedasticity.
    Hc2,
    /// Divided by `(1 − h_i)²`: about the jackknife.
    Hc3,
}

impl fmt::Display for Vcov {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Iid => f.write_str("iid"),
            Self::Robust(Hc::Hc0) => f.write_str("HC0"),
            Self::Robust(Hc::Hc1) => f.write_str("HC1"),
            Self::Robust(Hc::Hc2) => f.write_str("HC2"),
            Self::Robust(Hc::Hc3) => f.write_str("HC3"),
            Self::Cluster(by) => write!(f, "cluster {by}"),
        }
    }
}

impl FromStr for Vcov {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim() {
            "iid" => Ok(Self::Iid),
            "HC0" => Ok(Self::Robust(Hc::Hc0)),
            "HC1" | "robust" => Ok(Self::Robust(Hc::Hc1)),
            "HC2" => Ok(Self::Robust(Hc::Hc2)),
            "HC3" => Ok(Self::Robust(Hc::Hc3)),
            other => match other.strip_prefix("cluster ").map(str::trim) {
                Some(by) if !by.is_empty() => Ok(Self::Cluster(by.to_owned())),
                _ => Err(Error::UnknownVcov { text: text.to_owned() }),
            },
        }
    }
}

/// The part of the meat that some rows contribute.
pub(crate) enum Part {
    /// Errors are iid: the meat is `σ̂² X'X`.
    None,
    /// `Σ w_i x_i x_i'`.
    Products(Array2<f64>),
    /// Sums of scores by cluster: the clusters, and `k` sums for each.
    Sums(Vec<u32>, Vec<f64>),
}

/// `Σ w_i x_i x_i'` over some rows with the weights of `hc`; columns are contiguous.
pub(crate) fn robust_part(
    x: ArrayView2<'_, f64>,
    residuals: &[f64],
    hc: Hc,
    leverage: Option<&[f64]>,
) -> Part {
    let weight = |i: usize| {
        let left = 1.0 - leverage.map_or(0.0, |h| h[i]);
        match hc {
            Hc::Hc0 | Hc::Hc1 => residuals[i],
            // A row that fits itself has no residual, and 0/0 stands for its limit 0.
            _ if left <= 1e-12 => 0.0,
            Hc::Hc2 => residuals[i] / left.sqrt(),
            Hc::Hc3 => residuals[i] / left,
        }
    };
    let weights: Vec<f64> = (0..residuals.len()).map(weight).collect();
    let mut scores = ls::columns(x.nrows(), x.ncols());
    scores.assign(&x);
    for mut column in scores.columns_mut() {
        column.iter_mut().zip(&weights).for_each(|(x, w)| *x *= w);
    }
    Part::Products(ls::products(scores.view()))
}

/// `Σ_{i ∈ g} x_i û_i` over some rows, for the clusters `codes` that they belong to.
pub(crate) fn cluster_part(x: ArrayView2<'_, f64>, residuals: &[f64], codes: &[u32]) -> Part {
    let k = x.ncols();
    // Rows of a cluster mostly follow each other: a run of them is one sum.
    let (mut runs, mut ends) = (Vec::new(), Vec::new());
    for (i, &code) in codes.iter().enumerate() {
        if runs.last() != Some(&code) {
            ends.extend((i > 0).then_some(i));
            runs.push(code);
        }
    }
    ends.push(codes.len());
    let mut sums = vec![0.0; runs.len() * k];
    for (j, column) in x.columns().into_iter().enumerate() {
        let column = column.to_slice().unwrap_or_default();
        let mut start = 0;
        for (run, &end) in ends.iter().enumerate() {
            sums[run * k + j] = ls::short_dot(&column[start..end], &residuals[start..end]);
            start = end;
        }
    }
    Part::Sums(runs, sums)
}

/// The meat from its parts, which are in the order of the rows.
pub(crate) fn meat(parts: impl Iterator<Item = Part>, k: usize, n_clusters: usize) -> Array2<f64> {
    let mut meat = Array2::<f64>::zeros((k, k));
    // The sums of a cluster stand together: a run adds to one place in memory.
    let mut scores = vec![0.0; n_clusters * k];
    for part in parts {
        match part {
            Part::None => {}
            Part::Products(part) => meat += &part,
            Part::Sums(clusters, sums) => {
                for (&cluster, sums) in clusters.iter().zip(sums.chunks_exact(k)) {
                    let score = &mut scores[cluster as usize * k..][..k];
                    score.iter_mut().zip(sums).for_each(|(score, sum)| *score += sum);
                }
            }
        }
    }
    let products = |scores: &[f64]| {
        let mut columns = ls::columns(scores.len() / k, k);
        for (i, score) in scores.chunks_exact(k).enumerate() {
            score.iter().enumerate().for_each(|(j, sum)| columns[[i, j]] = *sum);
        }
        ls::products(columns.view())
    };
    let pieces = scores.par_chunks((ls::CHUNK * k).max(1)).with_min_len(ls::grain(ls::CHUNK));
    pieces.map(products).collect::<Vec<_>>().into_iter().fold(meat, |meat, part| meat + part)
}

/// `h_i` of some rows: the diagonal of the projection on absorbed effects and regressors.
///
/// `effects` is what the absorbed effects contribute, `x` the projected regressors.
pub(crate) fn leverage(
    effects: impl Iterator<Item = f64>,
    x: ArrayView2<'_, f64>,
    gram_inverse: &Array2<f64>,
) -> Vec<f64> {
    let half = x.dot(gram_inverse);
    let rows = half.rows().into_iter().zip(x.rows());
    rows.zip(effects).map(|((a, b), effects)| a.dot(&b) + effects).collect()
}

/// Whether every level of `factor` lies within one level of `group`.
pub(crate) fn nested(factor: &Factor, group: &Factor) -> bool {
    if std::ptr::eq(factor, group) {
        return true;
    }
    let mut home = vec![Factor::MISSING; factor.n_levels()];
    factor.codes().iter().zip(group.codes()).all(|(&code, &group)| {
        let home = &mut home[code as usize];
        if *home == Factor::MISSING {
            *home = group;
        }
        *home == group
    })
}
