//! The values that a threshold may take, and how far apart two must be.

use super::spec::{Grid, Inequality, Spec, TrimOf};
use crate::Error;

/// Candidates in increasing order.
#[derive(Debug)]
pub(super) struct Candidates {
    pub(super) gamma: Vec<f64>,
    /// Rows in the lower regime.
    pub(super) below: Vec<usize>,
    /// Position among the distinct values.
    position: Vec<usize>,
    /// The first candidate in whose lower regime a row is; their number if there is none.
    pub(super) bin: Vec<u32>,
    n: usize,
    n_distinct: usize,
    of: TrimOf,
    /// Steps of the grid that are the whole of the distinct values.
    steps: f64,
    min_rows: usize,
}

impl Candidates {
    pub(super) fn new(q: &[f64], spec: &Spec) -> Result<Self, Error> {
        let trim = &spec.trim;
        let k = spec.thresholds;
        if !(trim.shares.len() == 1 || trim.shares.len() == k) {
            return Err(Error::TrimShares { given: trim.shares.len(), thresholds: k });
        }
        for (j, &share) in trim.shares.iter().enumerate() {
            // A share for all thresholds holds for all regimes; one of several for its own.
            let regimes = if trim.shares.len() == 1 { k + 1 } else { j + 2 };
            if !(share >= 0.0 && share * (regimes as f64) < 1.0) {
                return Err(Error::TrimShare { share, regimes });
            }
        }
        if let Grid::Quantiles(points @ ..2) | Grid::Even(points @ ..2) = spec.grid {
            return Err(Error::GridPoints { points });
        }
        let n = q.len();
        let mut sorted = q.to_vec();
        sorted.sort_by(f64::total_cmp);
        let mut distinct = sorted.clone();
        distinct.dedup();
        let below = |gamma: f64| match spec.inequality {
            Inequality::AtMost => sorted.partition_point(|&q| q <= gamma),
            Inequality::Below => sorted.partition_point(|&q| q < gamma),
        };
        let share = trim.shares[0];
        let rows = floor(share * n as f64);
        let (positions, steps) = positions(&distinct, &sorted, share, spec);
        let regime = match trim.of {
            TrimOf::Observations | TrimOf::Range => rows,
            TrimOf::Distinct | TrimOf::Steps => 0,
        };
        let least = regime.max(trim.min_rows).max(1);
        let large = |&position: &usize| {
            let below = below(distinct[position]);
            below >= least && n - below >= least
        };
        let position: Vec<usize> = positions.into_iter().filter(large).collect();
        if position.is_empty() {
            return Err(Error::NoRoom { threshold: 1, rows: n, share, min_rows: trim.min_rows });
        }
        let gamma: Vec<f64> = position.iter().map(|&position| distinct[position]).collect();
        let in_lower = |q: f64| match spec.inequality {
            Inequality::AtMost => gamma.partition_point(|&gamma| gamma < q),
            Inequality::Below => gamma.partition_point(|&gamma| gamma <= q),
        };
        #[allow(clippy::cast_possible_truncation)] // Rows are counted in `u32`.
        let bin = q.iter().map(|&q| in_lower(q) as u32).collect();
        Ok(Self {
            below: gamma.iter().map(|&gamma| below(gamma)).collect(),
            bin,
            gamma,
            position,
            n,
            n_distinct: distinct.len(),
            of: trim.of,
            steps,
            min_rows: trim.min_rows,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.gamma.len()
    }

    /// Which candidates may join the thresholds `given`, under a trimming share.
    pub(super) fn apart(&self, given: &[usize], share: f64) -> Vec<bool> {
        (0..self.len()).map(|c| given.iter().all(|&g| self.pair(c, g, share))).collect()
    }

    /// Whether `c` may join the threshold `g`.
    pub(super) fn pair(&self, c: usize, g: usize, share: f64) -> bool {
        let rows = self.below[c].abs_diff(self.below[g]);
        if rows < self.min_rows.max(1) {
            return false;
        }
        match self.of {
            TrimOf::Observations | TrimOf::Range => rows >= floor(share * self.n as f64),
            TrimOf::Distinct => {
                self.position[c].abs_diff(self.position[g]) as f64 >= share * self.n_distinct as f64
            }
            TrimOf::Steps => {
                // Counted from one, Hansen's programs leave out `g − 1 − w ≤ c < g − 1 + w`.
                let wide = share * self.steps;
                let apart = c as f64 - g as f64 + 1.0;
                !(-wide <= apart && apart < wide)
            }
        }
    }
}

/// Positions of a grid among the distinct values, and steps of the grid in all of them.
fn positions(distinct: &[f64], sorted: &[f64], share: f64, spec: &Spec) -> (Vec<usize>, f64) {
    let (d, n) = (distinct.len(), sorted.len());
    let rows = floor(share * n as f64);
    let range = match spec.trim.of {
        TrimOf::Observations => 0..d,
        TrimOf::Range => {
            let at = |value: f64| distinct.partition_point(|&u| u < value);
            at(sorted[rows])..at(sorted[n - 1 - rows]) + 1
        }
        TrimOf::Distinct | TrimOf::Steps => {
            floor(share * d as f64).max(1) - 1..floor((1.0 - share) * d as f64)
        }
    };
    // A grid of equal steps starts from what trimming by rows leaves.
    let range = match (spec.trim.of, spec.grid) {
        (TrimOf::Observations, Grid::Even(_)) => {
            let below = |u: f64| match spec.inequality {
                Inequality::AtMost => sorted.partition_point(|&q| q <= u),
                Inequality::Below => sorted.partition_point(|&q| q < u),
            };
            let first = distinct.partition_point(|&u| below(u) < rows.max(1));
            let last = distinct.partition_point(|&u| n - below(u) >= rows.max(1));
            first..last.max(first)
        }
        _ => range,
    };
    match spec.grid {
        Grid::All => (range.collect(), d as f64),
        Grid::Even(points) if range.len() > points => {
            let step = (range.len() - 1) as f64 / (points - 1) as f64;
            let at = |k: usize| range.start + round(k as f64 * step);
            let mut positions: Vec<usize> = (0..points).map(at).collect();
            positions.dedup();
            (positions, d as f64 / step)
        }
        Grid::Even(_) => (range.collect(), d as f64),
        Grid::Quantiles(points) => {
            let last = round(points as f64 * (1.0 - 2.0 * share));
            let at = |k: usize| floor(d as f64 * (share + k as f64 / points as f64));
            let mut positions: Vec<usize> = (0..=last)
                .map(|k| at(k).clamp(1, d) - 1)
                .filter(|position| range.contains(position))
                .collect();
            positions.dedup();
            (positions, points as f64)
        }
    }
}

/// `⌊x⌋` of a number that decimals may have left just short of a whole one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Shares of a count.
fn floor(x: f64) -> usize {
    (x + 1e-9).floor() as usize
}

/// Half to even, as numpy rounds.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Shares of a count.
fn round(x: f64) -> usize {
    x.round_ties_even() as usize
}
