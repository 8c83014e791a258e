//! The random weights of clusters.

use crate::Draws;
use crate::texts;

/// The distribution of a cluster's weight: mean zero, variance one.
///
/// | text | values | third moment |
/// |---|---|---|
/// | `rademacher` | ±1, one half each | 0 |
/// | `webb` | ±√(1/2), ±1, ±√(3/2), one sixth each | 0 |
/// | `mammen` | `(1 ∓ √5)/2`, with `(√5 ± 1)/(2√5)` | 1 |
/// | `normal` | the standard normal | 0 |
///
/// # Source
///
/// Davidson and Flachaire (2008); Webb (2023), for ten clusters and fewer; Mammen (1993).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WildWeights {
    /// A sign.
    Rademacher,
    /// Six points.
    Webb,
    /// Two points with the third moment of residuals.
    Mammen,
    /// The standard normal.
    Normal,
}

impl WildWeights {
    /// The weights of `n` clusters in a replication, in the order of the clusters' codes.
    ///
    /// ```
    /// use estimate::WildWeights;
    /// let v = WildWeights::Rademacher.draw(42, 0, 30);
    /// assert!(v.iter().all(|v| v.abs() == 1.0));
    /// assert_eq!(v, WildWeights::Rademacher.draw(42, 0, 30));
    /// ```
    pub fn draw(self, seed: u64, replication: usize, n: usize) -> Vec<f64> {
        let mut v = vec![0.0; n];
        self.fill(seed, replication, v.iter_mut());
        v
    }

    pub(super) fn fill<'v>(
        self,
        seed: u64,
        replication: usize,
        v: impl Iterator<Item = &'v mut f64>,
    ) {
        let mut draws = Draws::new(seed, replication as u64);
        match self {
            Self::Rademacher => {
                let (mut bits, mut left) = (0, 0_u32);
                for v in v {
                    if left == 0 {
                        (bits, left) = (draws.bits(), u64::BITS);
                    }
                    *v = sign(bits);
                    (bits, left) = (bits >> 1, left - 1);
                }
            }
            Self::Webb => {
                let (half, more) = (0.5_f64.sqrt(), 1.5_f64.sqrt());
                let points = [-more, -1.0, -half, half, 1.0, more];
                v.for_each(|v| *v = points[draws.below(6)]);
            }
            Self::Mammen => {
                let root = 5.0_f64.sqrt();
                let (low, high) = ((1.0 - root) / 2.0, f64::midpoint(1.0, root));
                let share = (root + 1.0) / (2.0 * root);
                v.for_each(|v| *v = if draws.unit() < share { low } else { high });
            }
            Self::Normal => {
                // Box and Muller, with libm: the same bits on every machine.
                let mut other = None;
                for v in v {
                    *v = other.take().unwrap_or_else(|| {
                        let radius = (-2.0 * libm::log(1.0 - draws.unit())).sqrt();
                        let (sin, cos) = libm::sincos(std::f64::consts::TAU * draws.unit());
                        other = Some(radius * sin);
                        radius * cos
                    });
                }
            }
        }
    }
}

/// The weights of a full enumeration: cluster `g` is −1 where bit `g` of `index` is set, so that
/// index 0 is the data themselves.
pub(super) fn enumerated<'v>(index: usize, v: impl Iterator<Item = &'v mut f64>) {
    v.enumerate().for_each(|(g, v)| *v = sign((index >> g) as u64));
}

/// 1, or −1 if the lowest bit is set.
fn sign(bits: u64) -> f64 {
    if bits & 1 == 0 { 1.0 } else { -1.0 }
}

texts!(
    WildWeights,
    "weights",
    Rademacher = "rademacher",
    Webb = "webb",
    Mammen = "mammen",
    Normal = "normal"
);
