//! What the estimation of the score does to the variance of an effect (Abadie and Imbens 2016).

use std::ops::Range;

use estimate::BinaryFit;
use ndarray::Array1;
use rayon::prelude::*;

use super::line::{Line, Sorted};
use super::near::{Space, means};
use super::sample::Rows;
use super::search::runs;
use super::spec::Estimand;
use super::sum::Prefix;
use crate::Error;

/// Rows near each row by the score, in its own group and in the other.
pub(crate) struct Clusters<'a> {
    rows: &'a Rows,
    fit: &'a BinaryFit,
    /// Rows on support, in order of the sample.
    on: Vec<usize>,
    /// Of those with this treatment, in the group with that one: `near[from][to]`.
    near: [[Near; 2]; 2],
    /// The neighbours of a row in the other group by its covariates.
    by_covariates: Space<'a>,
    neighbours: usize,
    k: usize,
}

/// A line, and a run of its pool for each row that chooses.
struct Near {
    line: Line,
    runs: Vec<Range<usize>>,
}

impl<'a> Clusters<'a> {
    /// `neighbours`: how many rows make a cluster, a row itself counted in its own group; `k`: how
    /// many matches a row has.
    ///
    /// # Errors
    ///
    /// [`Error::Alone`] for a cluster of one row.
    pub(crate) fn new(
        rows: &'a Rows,
        fit: &'a BinaryFit,
        sorted: &Sorted,
        support: &[bool],
        neighbours: usize,
        k: usize,
    ) -> Result<Self, Error> {
        let near = |from: bool, to: bool| {
            let line =
                sorted.line(&rows.at, |i| rows.treated[i] == from, |i| rows.treated[i] == to);
            let own = from == to;
            let count = if own { neighbours - 1 } else { neighbours };
            let runs = runs(&line, count, 0.0, f64::INFINITY, own);
            match line.focal.iter().zip(&runs).find(|(_, run)| run.len() < 2) {
                Some((focal, run)) => {
                    let other = line.pool.get(run.start).copied();
                    let row = if own { focal.row } else { other.unwrap_or(focal.row) };
                    Err(Error::Alone { row: rows.of_panel[row as usize], treated: to })
                }
                None => Ok(Near { line, runs }),
            }
        };
        let near =
            [[near(false, false)?, near(false, true)?], [near(true, false)?, near(true, true)?]];
        let on = (0..rows.n()).filter(|&i| support[i]).collect();
        let by_covariates = Space::new(&rows.covariates, &rows.treated, support);
        Ok(Self { rows, fit, on, near, by_covariates, neighbours, k })
    }

    /// `σ̂²_i`: the variance of `y` over a row's own cluster. For every row of the sample.
    pub(crate) fn variances(&self, y: &[f64]) -> Vec<f64> {
        self.covariances(y, y, |from| from)
    }

    /// For each row of the sample the covariance of `x` and `y` over its cluster in the group that
    /// `group` says for its own.
    fn covariances(&self, x: &[f64], y: &[f64], group: impl Fn(bool) -> bool) -> Vec<f64> {
        let mut covariances = vec![0.0; self.rows.n()];
        let (x, y) = (centred(x, &self.on), centred(y, &self.on));
        for from in [false, true] {
            let Near { line, runs } = &self.near[usize::from(from)][usize::from(group(from))];
            let of = |value: &dyn Fn(usize) -> f64| {
                Prefix::new(line.pool.iter().map(|&row| value(row as usize)))
            };
            let (sx, sy, sxy) = (of(&|i| x[i]), of(&|i| y[i]), of(&|i| x[i] * y[i]));
            for (focal, run) in line.focal.iter().zip(runs) {
                let (from, to) = (run.start, run.end);
                let n = run.len() as f64;
                let about = sxy.sum(from, to) - sx.sum(from, to) * sy.sum(from, to) / n;
                covariances[focal.row as usize] = about / (n - 1.0);
            }
        }
        covariances
    }

    /// What is added to the variance of an effect, given the score, because the score is estimated.
    ///
    /// ```text
    /// ATE  −c'V̂c           c = Σ f_i (C¹_i/p_i + C⁰_i/(1 − p_i)) / N
    /// ATT  −c'V̂c + d'V̂d    c = Σ f_i (C¹_i + p_i/(1 − p_i) C⁰_i + x_i (ỹ¹_i − ỹ⁰_i − τ̂)) / N₁
    ///                       d = Σ f_i x_i (2 d_i − 1)(y_i − ȳ_i − τ̂) / N₁
    /// ```
    ///
    /// with `f` the density at the index, `C^d_i` the covariance of covariates and outcome over the
    /// cluster of `i` in group `d`, `ỹ^d_i` that cluster's mean without `i`, `ȳ_i` the mean of the
    /// `k` rows of the other group whose covariates are nearest, `V̂` the covariance of the score's
    /// coefficients. The ATU is the ATT with the groups exchanged.
    pub(crate) fn correction(&self, estimand: Estimand, estimate: f64, n: usize, y: &[f64]) -> f64 {
        let link = self.fit.link();
        let index = self.fit.linear_index();
        // What the covariances among untreated and treated, and the effects, are weighted by.
        let weight = |i: usize| {
            let (p, q) = (link.probability(index[i]), link.probability(-index[i]));
            match estimand {
                Estimand::Everyone => [1.0 / q, 1.0 / p, 0.0],
                Estimand::Treated => [p / q, 1.0, 1.0],
                Estimand::Untreated => [1.0, q / p, -1.0],
            }
        };
        let density: Vec<f64> = index.iter().map(|&eta| link.density(eta)).collect();
        let everyone = estimand == Estimand::Everyone;
        let (by_score, by_covariates) = if everyone {
            (Vec::new(), Vec::new())
        } else {
            (self.effects_by_score(y), self.effects_by_covariates(y))
        };
        let moments = |x: &[f64]| {
            let [zero, one] = [false, true].map(|group| self.covariances(x, y, |_| group));
            let (mut c, mut d) = (0.0, 0.0);
            for &i in &self.on {
                let [to_zero, to_one, to_effect] = weight(i);
                c += density[i] * (to_zero * zero[i] + to_one * one[i]);
                if !everyone {
                    c += density[i] * to_effect * x[i] * (by_score[i] - estimate);
                    d += density[i] * x[i] * (by_covariates[i] - estimate);
                }
            }
            (c / n as f64, d / n as f64)
        };
        let mut both: Vec<(f64, f64)> =
            self.rows.covariates.par_iter().map(|x| moments(x)).collect();
        if self.fit.constant().is_some() {
            both.push(moments(&vec![1.0; self.rows.n()]));
        }
        let square = |v: Array1<f64>| v.dot(&self.fit.vcov().dot(&v));
        let c = square(both.iter().map(|(c, _)| *c).collect());
        let d = square(both.iter().map(|(_, d)| *d).collect());
        d - c
    }

    /// `ỹ¹_i − ỹ⁰_i`: the nearest rows of each group by the score, the row itself left out.
    fn effects_by_score(&self, y: &[f64]) -> Vec<f64> {
        let mut effects = vec![0.0; self.rows.n()];
        for from in [false, true] {
            for to in [false, true] {
                let Near { line, runs: found } = &self.near[usize::from(from)][usize::from(to)];
                let own = from == to;
                // One more than in the cluster, where the row itself counted.
                let wider = own.then(|| runs(line, self.neighbours, 0.0, f64::INFINITY, true));
                let found = wider.as_ref().unwrap_or(found);
                let sums = Prefix::new(line.pool.iter().map(|&row| y[row as usize]));
                let sign = if to { 1.0 } else { -1.0 };
                for (focal, run) in line.focal.iter().zip(found) {
                    let i = focal.row as usize;
                    let sum = sums.sum(run.start, run.end);
                    let mean = if own {
                        (sum - y[i]) / (run.len() - 1) as f64
                    } else {
                        sum / run.len() as f64
                    };
                    effects[i] += sign * mean;
                }
            }
        }
        effects
    }

    /// `(2 d_i − 1)(y_i − ȳ_i)`, the other group's nearest by the covariates.
    fn effects_by_covariates(&self, y: &[f64]) -> Vec<f64> {
        let mut effects = vec![0.0; self.rows.n()];
        for (i, mean) in means(&self.by_covariates, &self.on, self.k, y) {
            let sign = if self.rows.treated[i] { 1.0 } else { -1.0 };
            effects[i] = sign * (y[i] - mean);
        }
        effects
    }
}

fn centred(x: &[f64], on: &[usize]) -> Vec<f64> {
    let mean = on.iter().map(|&i| x[i]).sum::<f64>() / on.len() as f64;
    x.iter().map(|x| x - mean).collect()
}
