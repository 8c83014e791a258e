//! One group matched with the other: who got whom, and what follows for means and weights.

use std::ops::Range;

use rayon::prelude::*;

use super::line::{Focal, Line};
use super::outcome::SetsOf;
use super::search::Lists;
use super::spec::Kernel;
use super::sum::{Prefix, Steps};

/// Focal rows and their matches.
pub(crate) struct Side {
    pub(crate) line: Line,
    pub(crate) sets: Sets,
}

/// The matches of every focal row, as positions in the pool.
pub(crate) enum Sets {
    /// Named one by one, equally weighted.
    Lists(Lists),
    /// Runs of the pool, equally weighted.
    Runs(Vec<Range<usize>>),
    /// Everybody, by a kernel of their distance; `total` is its sum for every focal row.
    Kernel { kernel: Kernel, bandwidth: f64, total: Vec<f64> },
}

/// What the matches of others make of a row of the sample.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Use {
    /// `w_j = Σ_i s_ij`, with `s_ij` the share of row `j` in the matches of row `i`.
    pub(crate) weight: f64,
    /// `Σ_i s_ij²`.
    pub(crate) squares: f64,
}

impl Side {
    /// Matches by a kernel.
    pub(crate) fn kernel(line: Line, kernel: Kernel, bandwidth: f64) -> Self {
        let total = (0..line.focal.len())
            .into_par_iter()
            .map(|i| {
                let run = near(&line, i, kernel, bandwidth);
                run.map(|j| weight(&line, i, j, kernel, bandwidth)).sum()
            })
            .collect();
        Self { line, sets: Sets::Kernel { kernel, bandwidth, total } }
    }

    /// How many matches a focal row has; for a kernel, one if it has any.
    pub(crate) fn n_matches(&self, i: usize) -> usize {
        match &self.sets {
            Sets::Lists(lists) => (lists.start[i + 1] - lists.start[i]) as usize,
            Sets::Runs(runs) => runs[i].len(),
            Sets::Kernel { total, .. } => usize::from(total[i] > 0.0),
        }
    }

    /// Rows of the sample with their matches; none for a kernel.
    pub(crate) fn sets(&self) -> SetsOf {
        let run = |i: usize| match &self.sets {
            Sets::Lists(lists) => lists.start[i] as usize..lists.start[i + 1] as usize,
            Sets::Runs(runs) => runs[i].clone(),
            Sets::Kernel { .. } => 0..0,
        };
        let of_row = |(i, focal): (usize, &Focal)| (focal.row, run(i));
        let mut rows: Vec<(u32, Range<usize>)> =
            self.line.focal.iter().enumerate().map(of_row).collect();
        rows.retain(|(_, run)| !run.is_empty());
        rows.sort_unstable_by_key(|(row, _)| *row);
        let members = match &self.sets {
            Sets::Lists(lists) => {
                lists.members.iter().map(|&j| self.line.pool[j as usize]).collect()
            }
            Sets::Runs(_) => self.line.pool.clone(),
            Sets::Kernel { .. } => Vec::new(),
        };
        SetsOf { rows, members }
    }

    /// The mean of `y` over the matches of every focal row; zero where there are none.
    pub(crate) fn means(&self, y: &[f64]) -> Vec<f64> {
        let line = &self.line;
        let value = |j: usize| y[line.pool[j] as usize];
        let focal = (0..line.focal.len()).into_par_iter();
        match &self.sets {
            Sets::Lists(lists) => focal
                .map(|i| match list(lists, i) {
                    [] => 0.0,
                    [one] => value(*one as usize),
                    some => {
                        let sum: f64 = some.iter().map(|&j| value(j as usize)).sum();
                        sum / some.len() as f64
                    }
                })
                .collect(),
            Sets::Runs(runs) => {
                let prefix = Prefix::new((0..line.pool.len()).map(value));
                let mean = |run: &Range<usize>| match run.len() {
                    0 => 0.0,
                    1 => value(run.start),
                    n => prefix.sum(run.start, run.end) / n as f64,
                };
                runs.par_iter().map(mean).collect()
            }
            Sets::Kernel { kernel, bandwidth, total } => focal
                .map(|i| {
                    let run = near(line, i, *kernel, *bandwidth);
                    let part = |j| weight(line, i, j, *kernel, *bandwidth) * value(j);
                    if total[i] > 0.0 { run.map(part).sum::<f64>() / total[i] } else { 0.0 }
                })
                .collect(),
        }
    }

    /// What every row of the sample, of which there are `n`, is used for.
    pub(crate) fn uses(&self, n: usize) -> Vec<Use> {
        let line = &self.line;
        let of_pool: Vec<Use> = match &self.sets {
            Sets::Lists(lists) => {
                let mut uses = vec![Use::default(); line.pool.len()];
                for i in 0..line.focal.len() {
                    let members = list(lists, i);
                    let share = 1.0 / members.len() as f64;
                    for &j in members {
                        uses[j as usize].weight += share;
                        uses[j as usize].squares += share * share;
                    }
                }
                uses
            }
            Sets::Runs(runs) => {
                let n_pool = line.pool.len();
                let (mut weights, mut squares) = (Steps::new(n_pool), Steps::new(n_pool));
                for run in runs.iter().filter(|run| !run.is_empty()) {
                    let share = 1.0 / run.len() as f64;
                    weights.add(run.start, run.end, share);
                    squares.add(run.start, run.end, share * share);
                }
                let both = weights.values().into_iter().zip(squares.values());
                both.map(|(weight, squares)| Use { weight, squares }).collect()
            }
            Sets::Kernel { kernel, bandwidth, total } => line
                .strata
                .par_iter()
                .flat_map(|(focal, pool)| {
                    let share = |j: usize, i: usize| {
                        let weight = weight(line, i, j, *kernel, *bandwidth);
                        if total[i] > 0.0 { weight / total[i] } else { 0.0 }
                    };
                    pool.clone().into_par_iter().map(move |j| {
                        let mut used = Use::default();
                        for i in focal_near(line, focal, j, *kernel, *bandwidth) {
                            used.weight += share(j, i);
                            used.squares += share(j, i).powi(2);
                        }
                        used
                    })
                })
                .collect(),
        };
        let mut uses = vec![Use::default(); n];
        for (row, used) in line.pool.iter().zip(of_pool) {
            uses[*row as usize] = used;
        }
        uses
    }
}

fn list(lists: &Lists, i: usize) -> &[u32] {
    &lists.members[lists.start[i] as usize..lists.start[i + 1] as usize]
}

/// The part of the pool in which a kernel is not zero.
fn near(line: &Line, i: usize, kernel: Kernel, bandwidth: f64) -> Range<usize> {
    let focal = &line.focal[i];
    if kernel == Kernel::Gaussian { line.reach(focal) } else { line.window(focal, bandwidth) }
}

/// The focal rows of a stratum for which member `j` of the pool has weight.
fn focal_near(
    line: &Line,
    focal: &Range<usize>,
    j: usize,
    kernel: Kernel,
    bandwidth: f64,
) -> Range<usize> {
    if kernel == Kernel::Gaussian {
        return focal.clone();
    }
    let stratum = &line.focal[focal.clone()];
    let at = line.at[j];
    let from = stratum.partition_point(|f| f.at < at && at - f.at > bandwidth);
    let to = stratum.partition_point(|f| f.at <= at || f.at - at <= bandwidth);
    focal.start + from..focal.start + to
}

fn weight(line: &Line, i: usize, j: usize, kernel: Kernel, bandwidth: f64) -> f64 {
    kernel.weight(line.distance(&line.focal[i], j), bandwidth)
}
