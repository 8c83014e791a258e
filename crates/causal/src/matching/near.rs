//! Nearest rows of the other group in the space of the covariates.

use rayon::prelude::*;

/// The rows on support with their covariates, each group in order of the covariate that varies most.
pub(crate) struct Space<'a> {
    columns: &'a [Vec<f64>],
    treated: &'a [bool],
    /// The covariate that rows are in order of.
    along: usize,
    /// Untreated, treated.
    groups: [Vec<usize>; 2],
}

impl<'a> Space<'a> {
    pub(crate) fn new(columns: &'a [Vec<f64>], treated: &'a [bool], support: &[bool]) -> Self {
        let range = |x: &[f64]| {
            let (low, high) = x
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| (a.min(x), b.max(x)));
            high - low
        };
        let ranges: Vec<f64> = columns.iter().map(|x| range(x)).collect();
        let widest = (0..columns.len()).max_by(|&a, &b| ranges[a].total_cmp(&ranges[b]));
        let along = widest.unwrap_or(0);
        let group = |group: bool| {
            let mut rows: Vec<usize> =
                (0..treated.len()).filter(|&i| support[i] && treated[i] == group).collect();
            if let Some(x) = columns.get(along) {
                rows.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
            }
            rows
        };
        Self { columns, treated, along, groups: [group(false), group(true)] }
    }

    /// The squared Euclidean distance of two rows, in units of the covariates.
    fn distance(&self, i: usize, j: usize) -> f64 {
        self.columns.iter().map(|x| (x[i] - x[j]) * (x[i] - x[j])).sum()
    }

    /// The `k` nearest rows of the other group and all tied with the last of them.
    ///
    /// Walks outwards along one covariate until it alone is farther than the `k`-th nearest.
    fn nearest(&self, i: usize, k: usize) -> Vec<usize> {
        let pool = &self.groups[usize::from(!self.treated[i])];
        let gap =
            |j: usize| self.columns.get(self.along).map_or(0.0, |x| (x[i] - x[j]) * (x[i] - x[j]));
        let below = |j: usize| self.columns.get(self.along).is_some_and(|x| x[j] < x[i]);
        let mut right = pool.partition_point(|&j| below(j));
        let mut left = right;
        // At most k distances, increasing, and the rows at most as far as the last of them.
        let mut least: Vec<f64> = Vec::with_capacity(k + 1);
        let mut found: Vec<(f64, usize)> = Vec::new();
        loop {
            let next = match (left.checked_sub(1).map(|l| pool[l]), pool.get(right).copied()) {
                (Some(l), Some(r)) if gap(l) < gap(r) => {
                    left -= 1;
                    l
                }
                (_, Some(r)) => {
                    right += 1;
                    r
                }
                (Some(l), None) => {
                    left -= 1;
                    l
                }
                (None, None) => break,
            };
            let farthest = if least.len() == k { least[k - 1] } else { f64::INFINITY };
            if gap(next) > farthest {
                break;
            }
            let distance = self.distance(i, next);
            if distance <= farthest {
                let at = least.partition_point(|&d| d <= distance);
                least.insert(at, distance);
                least.truncate(k);
                found.push((distance, next));
            }
        }
        let farthest = least.last().copied().unwrap_or(f64::INFINITY);
        found.into_iter().filter(|(d, _)| *d <= farthest).map(|(_, j)| j).collect()
    }
}

/// For each of `rows` the mean of `y` over the `k` nearest of the other group.
pub(crate) fn means(space: &Space<'_>, rows: &[usize], k: usize, y: &[f64]) -> Vec<(usize, f64)> {
    let mean = |&i: &usize| {
        let mut near = space.nearest(i, k);
        near.sort_unstable();
        (i, near.iter().map(|&j| y[j]).sum::<f64>() / near.len() as f64)
    };
    rows.par_iter().map(mean).collect()
}
