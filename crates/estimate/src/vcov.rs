//! How much to trust the coefficients.

use std::fmt;
use std::str::FromStr;

use ndarray::{Array2, ArrayView2, Axis};
use panel::{Factor, Name};
use rayon::prelude::*;

use crate::ls::{self, CHUNK};
use crate::{Design, Error};

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

/// `Σ w_i x_i x_i'` with the weights of `hc`; `x` has a row for every residual.
pub(crate) fn robust_meat(
    x: &Array2<f64>,
    residuals: &[f64],
    hc: Hc,
    leverage: Option<&[f64]>,
) -> Array2<f64> {
    let mut scores = x.clone();
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
    scores.axis_chunks_iter_mut(Axis(0), CHUNK).enumerate().for_each(|(at, mut rows)| {
        for mut column in rows.columns_mut() {
            for (i, x) in column.iter_mut().enumerate() {
                *x *= weight(at * CHUNK + i);
            }
        }
    });
    ls::gram(scores.view(), None)
}

/// `Σ_g s_g s_g'`, `s_g = Σ_{i ∈ g} x_i û_i`.
pub(crate) fn cluster_meat(x: &Array2<f64>, residuals: &[f64], group: &Factor) -> Array2<f64> {
    let (n_clusters, codes) = (group.n_levels(), group.codes());
    let column = |j: usize| x.column(j).to_slice().unwrap_or_default();
    let mut scores = ls::columns(n_clusters, x.ncols());
    let memory = scores.as_slice_memory_order_mut().unwrap_or_default();
    // Two columns at a time: their chains of additions run beside each other.
    memory
        .par_chunks_mut(2 * n_clusters)
        .with_min_len(ls::grain(residuals.len()))
        .enumerate()
        .for_each(|(pair, sums)| match sums.split_at_mut_checked(n_clusters) {
            Some((a, b)) if !b.is_empty() => {
                let (x, z) = (column(2 * pair), column(2 * pair + 1));
                // Rows of a cluster mostly follow each other: their sums stay in registers.
                let (mut current, mut sum) = (0, [0.0; 2]);
                for (((x, z), u), &code) in x.iter().zip(z).zip(residuals).zip(codes) {
                    if code != current {
                        a[current as usize] += sum[0];
                        b[current as usize] += sum[1];
                        (current, sum) = (code, [0.0; 2]);
                    }
                    sum[0] += x * u;
                    sum[1] += z * u;
                }
                a[current as usize] += sum[0];
                b[current as usize] += sum[1];
            }
            _ => {
                for ((x, u), &code) in column(2 * pair).iter().zip(residuals).zip(codes) {
                    sums[code as usize] += x * u;
                }
            }
        });
    ls::gram(scores.view(), None)
}

/// `h_i`: the diagonal of the projection on absorbed effects and regressors.
pub(crate) fn leverage(
    design: &Design<'_>,
    x: ArrayView2<'_, f64>,
    bread: &Array2<f64>,
    vcov: &Vcov,
) -> Result<Vec<f64>, Error> {
    let n = x.nrows();
    let mut leverage = match design.absorb.as_slice() {
        [] if design.constant => vec![1.0 / n as f64; n],
        [] => vec![0.0; n],
        [(_, factor)] => {
            let mut size = vec![0.0; factor.n_levels()];
            for &code in factor.codes() {
                size[code as usize] += 1.0;
            }
            factor.codes().iter().map(|&code| 1.0 / size[code as usize]).collect()
        }
        [.., (by, _)] => {
            return Err(Error::Leverage { vcov: vcov.to_string(), by: by.clone() });
        }
    };
    for start in (0..n).step_by(CHUNK) {
        let rows = ls::rows(x, start..(start + CHUNK).min(n));
        let half = rows.dot(bread);
        for ((h, a), b) in leverage[start..].iter_mut().zip(half.rows()).zip(rows.rows()) {
            *h += a.dot(&b);
        }
    }
    Ok(leverage)
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
