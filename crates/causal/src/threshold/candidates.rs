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
        Ok(Self {
            below: gamma.iter().map(|&gamma| below(gamma)).collect(),
            bin: bins(q, &gamma, spec.inequality),
            gamma,
            position,
            n,
            n_distinct: distinct.len(),
            of: trim.of,
            steps,
            min_rows: trim.min_rows,
        })
    }

    /// Values that are given, whatever grid and trimming; each but a threshold that is there may join.
    pub(super) fn at(q: &[f64], mut gamma: Vec<f64>, inequality: Inequality) -> Self {
        gamma.sort_by(f64::total_cmp);
        gamma.dedup();
        let lower = |gamma: f64| match inequality {
            Inequality::AtMost => q.iter().filter(|&&q| q <= gamma).count(),
            Inequality::Below => q.iter().filter(|&&q| q < gamma).count(),
        };
        Self {
            below: gamma.iter().map(|&gamma| lower(gamma)).collect(),
            bin: bins(q, &gamma, inequality),
            position: (0..gamma.len()).collect(),
            n: 0,
            n_distinct: gamma.len(),
            of: TrimOf::Observations,
            steps: gamma.len() as f64,
            min_rows: 1,
            gamma,
        }
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

/// The first of some increasing values in whose lower regime each row is.
#[allow(clippy::cast_possible_truncation)] // Rows are counted in `u32`.
fn bins(q: &[f64], gamma: &[f64], inequality: Inequality) -> Vec<u32> {
    let in_lower = |q: f64| match inequality {
        Inequality::AtMost => gamma.partition_point(|&gamma| gamma < q),
        Inequality::Below => gamma.partition_point(|&gamma| gamma <= q),
    };
    q.iter().map(|&q| in_lower(q) as u32).collect()
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
        Grid::Even(points) if range.len() > points => {
            let step = (range.len() - 1) as f64 / (points - 1) as f64;
            let at = |k: usize| range.start + round(k as f64 * step);
            let mut positions: Vec<usize> = (0..points).map(at).collect();
            positions.dedup();
            (positions, d as f64 / step)
        }
        Grid::All | Grid::Even(_) => (range.collect(), d as f64),
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

#[cfg(test)]
mod tests {
    use estimate::{Constant, Convention, Vcov};

    use super::Candidates;
    use crate::threshold::{Grid, Inequality, Rows, Scale, Search, Spec, Trim, TrimOf};

    fn candidates(q: &[f64], grid: Grid, of: TrimOf, share: f64, below: bool) -> Candidates {
        let spec = Spec {
            model: "y ~ x | id".parse().unwrap(),
            switching: vec![panel::Term::var("x")],
            variable: panel::Term::var("q"),
            thresholds: 1,
            inequality: if below { Inequality::Below } else { Inequality::AtMost },
            rows: Rows::All,
            grid,
            trim: Trim { shares: vec![share], of, min_rows: 1 },
            search: Search::Joint,
            f_scale: Scale::Hansen,
            lr_scale: Scale::Hansen,
            level: 0.95,
            bootstrap: None,
            slopes: estimate::Spec {
                vcov: Vcov::Iid,
                convention: Convention::FIXEST,
                constant: Constant::Omit,
            },
        };
        Candidates::new(q, &spec).unwrap()
    }

    /// The numbers 1 to 20, and 1 ten times more.
    fn heavy() -> Vec<f64> {
        (1..=20).map(f64::from).chain([1.0; 10]).collect()
    }

    #[test]
    fn what_a_share_is_of() {
        let first_last = |of, below| {
            let c = candidates(&heavy(), Grid::All, of, 0.2, below);
            (c.gamma[0], c.gamma[c.len() - 1], c.below[0], c.below[c.len() - 1])
        };
        // Six rows of thirty: eleven are at most 1; six are above 14.
        assert_eq!(first_last(TrimOf::Observations, false), (1.0, 14.0, 11, 24));
        assert_eq!(first_last(TrimOf::Observations, true), (2.0, 15.0, 11, 24));
        // The seventh smallest is 1, the seventh largest 14.
        assert_eq!(first_last(TrimOf::Range, false), (1.0, 14.0, 11, 24));
        assert_eq!(first_last(TrimOf::Range, true), (2.0, 14.0, 11, 23));
        // Positions 4 to 16 of twenty.
        assert_eq!(first_last(TrimOf::Distinct, false), (4.0, 16.0, 14, 26));
        assert_eq!(first_last(TrimOf::Steps, true), (4.0, 16.0, 13, 25));
    }

    #[test]
    fn grids() {
        let q: Vec<f64> = (1..=40).map(f64::from).collect();
        // Positions ⌊40 (0.1 + k/8)⌋, k = 0 … 8 · 0.8, rounded.
        let c = candidates(&q, Grid::Quantiles(8), TrimOf::Steps, 0.1, false);
        assert_eq!(c.gamma, [4.0, 9.0, 14.0, 19.0, 24.0, 29.0, 34.0]);
        // 4 to 36 in steps of 32/5 = 6.4.
        let c = candidates(&q, Grid::Even(6), TrimOf::Observations, 0.1, false);
        assert_eq!(c.gamma, [4.0, 10.0, 17.0, 23.0, 30.0, 36.0]);
        // 5 to 36 in steps of 31/2 = 15.5: half to even.
        let c = candidates(&q, Grid::Even(3), TrimOf::Range, 0.1, false);
        assert_eq!(c.gamma, [5.0, 21.0, 36.0]);
        // No more points than values.
        let c = candidates(&q, Grid::Even(100), TrimOf::Distinct, 0.1, false);
        assert_eq!((c.len(), c.gamma[0]), (33, 4.0));
    }

    #[test]
    fn how_far_apart() {
        let apart = |c: &Candidates, g: usize| -> Vec<f64> {
            let allowed = c.apart(&[g], 0.1);
            c.gamma.iter().zip(allowed).filter(|(_, allowed)| !allowed).map(|(g, _)| *g).collect()
        };
        let q: Vec<f64> = (1..=40).map(f64::from).collect();
        let c = candidates(&q, Grid::All, TrimOf::Observations, 0.1, false);
        // Four rows between them, at least: 17 and 23 are too near to 20.
        assert_eq!(apart(&c, 16), [17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0]);
        let c = candidates(&q, Grid::All, TrimOf::Distinct, 0.1, false);
        assert_eq!(apart(&c, 16), [17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0]);
        // Five below it, two above it.
        let c = candidates(&q, Grid::All, TrimOf::Steps, 0.1, false);
        assert_eq!(apart(&c, 16), [15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0]);
        // Twice as coarse a grid: three steps below it, none above.
        let c = candidates(&q, Grid::Quantiles(20), TrimOf::Steps, 0.1, false);
        assert_eq!(apart(&c, 8), [14.0, 16.0, 18.0, 20.0]);
        // With ties, rows are counted.
        let c = candidates(&heavy(), Grid::All, TrimOf::Observations, 0.1, false);
        assert_eq!(apart(&c, 0), [1.0, 2.0, 3.0]);
        let c = candidates(&heavy(), Grid::All, TrimOf::Observations, 0.1, true);
        assert_eq!(c.gamma[..1], [2.0]);
        assert_eq!(apart(&c, 0), [2.0, 3.0, 4.0]);
    }
}
