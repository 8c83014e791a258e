//! How much to trust the coefficients.

mod bell_mccaffrey;
mod kernel;
mod multiway;
mod pcse;
mod sandwich;
mod scores;
mod small_sample;

use std::fmt;
use std::str::FromStr;

use ndarray::{Array2, ArrayView2};
use panel::{Factor, Name};
use rayon::prelude::*;

use crate::{Error, ls};

pub use multiway::ClusterTerm;
pub(crate) use multiway::intersection;
pub(crate) use sandwich::{Inference, Sandwich, check_variances, with_constant};
pub(crate) use small_sample::{Counted, clusters};

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
/// | `HC4` | `Σ û_i²/(1−h_i)^min(4, nh_i/K) x_i x_i'` | | |
/// | `cluster g` | `Σ_g (X_g'û_g)(X_g'û_g)'` | `vce(cluster g)` | `cluster = ~g` |
/// | `cluster g + h` | that of `g` and of `h`, less that of both | `vce(cluster g h)` | `cluster = ~g + h` |
/// | `CR2 g` | `Σ_g X_g'A_g û_g û_g'A_g X_g`, `A_g = (I − H_gg)^(−1/2)` | `vce(hc2 g)` | |
/// | `CR3 g` | the same with `A_g = (I − H_gg)⁻¹`, the jackknife | `vce(hc3 g)` | |
/// | `driscoll-kraay 2` | `Σ_l w_l Σ_t (s_t s_t₋l' + s_t₋l s_t')`, `s_t` the scores of a period | `xtscc, lag(2)` | `DK(2)` |
/// | `newey-west 2` | the same with the scores of a row, within entities | `newey, lag(2)` | `NW(2)` |
/// | `pcse` | `Σ_t X_t'Σ̂ X_t`, `Σ̂` the covariance between entities | `xtpcse` | |
///
/// Lags are calendar periods, weighted `w_l = 1 − l/(L+1)`, and `w_0 = ½`. Without a number `L` is
/// the [`Convention`](crate::Convention)'s, and a note says which. `pcse pairwise` takes each
/// covariance from the periods that two entities share, `pcse` all from the periods of all.
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
/// (1987) for clusters; Cameron, Gelbach and Miller (2011) for several clusterings; Bell and
/// `McCaffrey` (2002), Pustejovsky and Tipton (2018) for CR2 and CR3; Driscoll and Kraay (1998),
/// Hoechle (2007); Newey and West (1987); Beck and Katz (1995); Cribari-Neto (2004) for HC4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vcov {
    /// Homoskedastic and uncorrelated errors.
    Iid,
    /// Heteroskedastic and uncorrelated errors.
    Robust(Hc),
    /// Any correlation within a group, none between groups.
    Cluster(Name),
    /// Any correlation between rows that share a level of at least one of these.
    Multiway(Vec<Name>),
    /// As [`Vcov::Cluster`], with residuals adjusted so that the estimate is unbiased if errors
    /// are in fact iid, and t with degrees of freedom of its own for every coefficient.
    Cr2(Name),
    /// As [`Vcov::Cr2`], adjusted to be the jackknife over clusters.
    Cr3(Name),
    /// Any correlation within a period, fading over periods.
    DriscollKraay {
        /// Lags; `None` leaves them to the convention.
        lag: Option<usize>,
    },
    /// Correlation within an entity that fades over periods, none between entities.
    NeweyWest {
        /// Lags; `None` leaves them to the convention.
        lag: Option<usize>,
    },
    /// Correlation between entities within a period, the same in all periods.
    Pcse {
        /// Whether a covariance is taken from the periods that two entities share.
        pairwise: bool,
    },
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
    /// Divided by `(1 − h_i)^min(4, n h_i / K)`: wary of rows that pull.
    Hc4,
}

impl Hc {
    /// Whether the leverage of a row matters.
    pub(crate) fn needs_leverage(self) -> bool {
        matches!(self, Self::Hc2 | Self::Hc3 | Self::Hc4)
    }
}

impl fmt::Display for Vcov {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Iid => f.write_str("iid"),
            Self::Robust(Hc::Hc0) => f.write_str("HC0"),
            Self::Robust(Hc::Hc1) => f.write_str("HC1"),
            Self::Robust(Hc::Hc2) => f.write_str("HC2"),
            Self::Robust(Hc::Hc3) => f.write_str("HC3"),
            Self::Robust(Hc::Hc4) => f.write_str("HC4"),
            Self::Cluster(by) => write!(f, "cluster {by}"),
            Self::Multiway(by) => write!(f, "cluster {}", by.join(" + ")),
            Self::Cr2(by) => write!(f, "CR2 {by}"),
            Self::Cr3(by) => write!(f, "CR3 {by}"),
            Self::DriscollKraay { lag: Some(lag) } => write!(f, "driscoll-kraay {lag}"),
            Self::DriscollKraay { lag: None } => f.write_str("driscoll-kraay"),
            Self::NeweyWest { lag: Some(lag) } => write!(f, "newey-west {lag}"),
            Self::NeweyWest { lag: None } => f.write_str("newey-west"),
            Self::Pcse { pairwise: false } => f.write_str("pcse"),
            Self::Pcse { pairwise: true } => f.write_str("pcse pairwise"),
        }
    }
}

impl FromStr for Vcov {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownVcov { text: text.to_owned() };
        let (name, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let rest = rest.trim();
        let lag = || match rest {
            "" => Ok(None),
            lag => lag.parse().map(Some).map_err(|_| unknown()),
        };
        match (name, rest) {
            ("iid", "") => Ok(Self::Iid),
            ("HC0", "") => Ok(Self::Robust(Hc::Hc0)),
            ("HC1" | "robust", "") => Ok(Self::Robust(Hc::Hc1)),
            ("HC2", "") => Ok(Self::Robust(Hc::Hc2)),
            ("HC3", "") => Ok(Self::Robust(Hc::Hc3)),
            ("HC4", "") => Ok(Self::Robust(Hc::Hc4)),
            ("pcse", "") => Ok(Self::Pcse { pairwise: false }),
            ("pcse", "pairwise") => Ok(Self::Pcse { pairwise: true }),
            ("driscoll-kraay", _) => Ok(Self::DriscollKraay { lag: lag()? }),
            ("newey-west", _) => Ok(Self::NeweyWest { lag: lag()? }),
            (_, "") => Err(unknown()),
            ("CR2", by) => Ok(Self::Cr2(by.to_owned())),
            ("CR3", by) => Ok(Self::Cr3(by.to_owned())),
            ("cluster", by) => {
                let mut names: Vec<Name> = by.split('+').map(|by| by.trim().to_owned()).collect();
                match names.len() {
                    _ if names.contains(&Name::new()) => Err(unknown()),
                    1 => Ok(Self::Cluster(names.remove(0))),
                    ..=Self::MOST_CLUSTERINGS => Ok(Self::Multiway(names)),
                    _ => Err(unknown()),
                }
            }
            _ => Err(unknown()),
        }
    }
}

impl Vcov {
    /// `d` clusterings take `2^d − 1` sums; more than this many are taken for a mistake.
    pub const MOST_CLUSTERINGS: usize = 8;
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
///
/// With the leverage comes its mean, `K/n`.
pub(crate) fn robust_part(
    x: ArrayView2<'_, f64>,
    residuals: &[f64],
    hc: Hc,
    leverage: Option<(&[f64], f64)>,
) -> Part {
    let weight = |i: usize| {
        let (h, mean) = leverage.map_or((0.0, 1.0), |(h, mean)| (h[i], mean));
        let left = 1.0 - h;
        match hc {
            Hc::Hc0 | Hc::Hc1 => residuals[i],
            // A row that fits itself has no residual, and 0/0 stands for its limit 0.
            _ if left <= 1e-12 => 0.0,
            Hc::Hc2 => residuals[i] / left.sqrt(),
            Hc::Hc3 => residuals[i] / left,
            Hc::Hc4 => residuals[i] / left.powf(0.5 * f64::min(4.0, h / mean)),
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
    meat + outer_products(&scores, k)
}

/// `Σ s s'` of scores, `k` numbers each, in a fixed order.
pub(crate) fn outer_products(scores: &[f64], k: usize) -> Array2<f64> {
    let products = |scores: &[f64]| {
        let mut columns = ls::columns(scores.len() / k, k);
        for (i, score) in scores.chunks_exact(k).enumerate() {
            score.iter().enumerate().for_each(|(j, sum)| columns[[i, j]] = *sum);
        }
        ls::products(columns.view())
    };
    let pieces = scores.par_chunks((ls::CHUNK * k).max(1)).with_min_len(ls::grain(ls::CHUNK));
    let parts: Vec<Array2<f64>> = pieces.map(products).collect();
    parts.into_iter().fold(Array2::zeros((k, k)), |sum, part| sum + part)
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
