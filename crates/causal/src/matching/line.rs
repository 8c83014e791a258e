//! The rows of two groups on a line, in order of their score.

use std::ops::Range;

use rayon::prelude::*;

/// Rows in order of stratum, score and position in the sample.
pub(crate) struct Sorted {
    rows: Vec<u32>,
    /// Where a row stands when all are sorted by score and position, whatever their stratum.
    places: Vec<u32>,
    /// Where strata begin in `rows`, and the end.
    bounds: Vec<usize>,
}

/// The rows that look for matches, and those they choose from.
///
/// Both are in order of stratum, score and position in the sample.
pub(crate) struct Line {
    /// Who chooses.
    pub(crate) focal: Vec<Focal>,
    /// Who is chosen: positions in the sample.
    pub(crate) pool: Vec<u32>,
    /// The scores of the pool.
    pub(crate) at: Vec<f64>,
    /// The places of the pool among all rows.
    pub(crate) place: Vec<u32>,
    /// For every stratum, where it lies in `focal` and in `pool`.
    pub(crate) strata: Vec<(Range<usize>, Range<usize>)>,
}

/// A row that looks for matches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Focal {
    /// Its position in the sample.
    pub(crate) row: u32,
    /// Its score.
    pub(crate) at: f64,
    /// Its place among all rows.
    pub(crate) place: u32,
    /// How many of the pool come before it; itself comes next if it belongs to the pool.
    pub(crate) cut: u32,
    /// Its stratum.
    pub(crate) stratum: u32,
}

/// A number whose order as an integer is the order of the score.
fn key(score: f64) -> u64 {
    // Adding zero makes -0.0 the 0.0 that it equals.
    let bits = (score + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// A count of rows as an index; panels have fewer than 2³² rows.
pub(crate) fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Sorted {
    /// Sorts the rows `keep` admits; `strata` holds a code below `n_strata` a row.
    pub(crate) fn new(
        score: &[f64],
        strata: Option<(&[u32], usize)>,
        keep: impl Fn(usize) -> bool + Sync,
    ) -> Self {
        let mut keyed: Vec<(u64, u32)> = (0..score.len())
            .into_par_iter()
            .filter(|&i| keep(i))
            .map(|i| (key(score[i]), narrow(i)))
            .collect();
        keyed.par_sort_unstable();
        let mut places = vec![u32::MAX; score.len()];
        for (place, (_, row)) in keyed.iter().enumerate() {
            places[*row as usize] = narrow(place);
        }
        let by_score = keyed.iter().map(|(_, row)| *row);
        let Some((codes, n_strata)) = strata else {
            let rows: Vec<u32> = by_score.collect();
            let bounds = vec![0, rows.len()];
            return Self { rows, places, bounds };
        };
        let mut bounds = vec![0; n_strata + 1];
        for (_, row) in &keyed {
            bounds[codes[*row as usize] as usize + 1] += 1;
        }
        for stratum in 0..n_strata {
            bounds[stratum + 1] += bounds[stratum];
        }
        let mut next = bounds.clone();
        let mut rows = vec![0; keyed.len()];
        for row in by_score {
            let slot = &mut next[codes[row as usize] as usize];
            rows[*slot] = row;
            *slot += 1;
        }
        Self { rows, places, bounds }
    }

    /// The line on which `focal` rows choose among `pool` rows.
    pub(crate) fn line(
        &self,
        score: &[f64],
        focal: impl Fn(usize) -> bool,
        pool: impl Fn(usize) -> bool,
    ) -> Line {
        let mut line = Line {
            focal: Vec::new(),
            pool: Vec::new(),
            at: Vec::new(),
            place: Vec::new(),
            strata: Vec::with_capacity(self.bounds.len() - 1),
        };
        for (stratum, bounds) in self.bounds.windows(2).enumerate() {
            let (first_focal, first_pool) = (line.focal.len(), line.pool.len());
            for &row in &self.rows[bounds[0]..bounds[1]] {
                let (i, at) = (row as usize, score[row as usize]);
                let place = self.places[i];
                if focal(i) {
                    let (cut, stratum) = (narrow(line.pool.len()), narrow(stratum));
                    line.focal.push(Focal { row, at, place, cut, stratum });
                }
                if pool(i) {
                    line.pool.push(row);
                    line.at.push(at);
                    line.place.push(place);
                }
            }
            line.strata.push((first_focal..line.focal.len(), first_pool..line.pool.len()));
        }
        line
    }
}

impl Line {
    /// The part of the pool that a row may choose from.
    pub(crate) fn reach(&self, focal: &Focal) -> Range<usize> {
        self.strata[focal.stratum as usize].1.clone()
    }

    /// How far member `j` of the pool is.
    pub(crate) fn distance(&self, focal: &Focal, j: usize) -> f64 {
        (focal.at - self.at[j]).abs()
    }

    /// Members of the pool whose score is also another's, in their stratum.
    pub(crate) fn tied(&self) -> usize {
        #[allow(clippy::float_cmp)] // Ties are equal numbers.
        let of_stratum = |pool: &Range<usize>| {
            let at = &self.at[pool.clone()];
            let equal = |i: usize, j: usize| at.get(j).is_some_and(|b| at[i] == *b);
            (0..at.len()).filter(|&i| equal(i, i + 1) || (i > 0 && equal(i, i - 1))).count()
        };
        self.strata.iter().map(|(_, pool)| of_stratum(pool)).sum()
    }

    /// The members of the pool at most `radius` away; a run, because rounding keeps the order.
    pub(crate) fn window(&self, focal: &Focal, radius: f64) -> Range<usize> {
        let reach = self.reach(focal);
        let cut = focal.cut as usize;
        let near = |j: usize| self.distance(focal, j) <= radius;
        // Doubling steps: windows are short where the pool is large.
        let (mut step, mut from) = (1, cut);
        while from > reach.start && near(from.saturating_sub(step).max(reach.start)) {
            from = from.saturating_sub(step).max(reach.start);
            step *= 2;
        }
        let low = from.saturating_sub(step).max(reach.start);
        let from = low + partition(low..from, |j| !near(j));
        let (mut step, mut to) = (1, cut);
        while to < reach.end && near((to + step).min(reach.end) - 1) {
            to = (to + step).min(reach.end);
            step *= 2;
        }
        let high = (to + step).min(reach.end);
        let to = to + partition(to..high, near);
        from..to
    }

    /// The end of the run of equal scores that `j` belongs to, and its start.
    pub(crate) fn block(&self, j: usize, reach: &Range<usize>) -> Range<usize> {
        let at = self.at[j];
        let (mut step, mut from) = (1, j);
        while from > reach.start && self.at[from.saturating_sub(step).max(reach.start)] >= at {
            from = from.saturating_sub(step).max(reach.start);
            step *= 2;
        }
        let low = from.saturating_sub(step).max(reach.start);
        let from = low + partition(low..from, |j| self.at[j] < at);
        let (mut step, mut to) = (1, j + 1);
        while to < reach.end && self.at[(to + step).min(reach.end) - 1] <= at {
            to = (to + step).min(reach.end);
            step *= 2;
        }
        let high = (to + step).min(reach.end);
        let to = to + partition(to..high, |j| self.at[j] <= at);
        from..to
    }
}

/// How many of `range`, from its start, satisfy a condition that once false stays false.
fn partition(range: Range<usize>, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low - range.start
}
