//! Rows that share an effect, and what they have in common: their means.

use std::borrow::Cow;

use ndarray::Array2;
use panel::{Factor, Name};
use rayon::prelude::*;

use crate::design::Design;
use crate::ls::{self, grain};
use crate::{Effect, Error};

/// The levels of one effect: entities, or periods.
#[derive(Debug)]
pub(crate) struct Groups<'d> {
    /// What the effect is called in the panel.
    pub(crate) by: Name,
    pub(crate) factor: Cow<'d, Factor>,
    /// Rows of a group.
    pub(crate) sizes: Vec<f64>,
}

impl<'d> Groups<'d> {
    pub(crate) fn new(design: &'d Design<'_>, by: &str) -> Result<Self, Error> {
        let factor = design.group(by)?;
        let mut sizes = vec![0.0; factor.n_levels()];
        for &code in factor.codes() {
            sizes[code as usize] += 1.0;
        }
        Ok(Self { by: by.to_owned(), factor, sizes })
    }

    /// The groups of an effect, entities first.
    pub(crate) fn of(design: &'d Design<'_>, effect: Effect) -> Result<Vec<Self>, Error> {
        let index = design.panel.index();
        let entity = matches!(effect, Effect::Individual | Effect::TwoWays);
        let period = matches!(effect, Effect::Time | Effect::TwoWays);
        let names = [(entity, &index.entity_name), (period, &index.period_name)];
        names.into_iter().filter(|(asked, _)| *asked).map(|(_, by)| Self::new(design, by)).collect()
    }

    /// Groups with a row.
    pub(crate) fn n(&self) -> usize {
        self.sizes.len()
    }

    /// The mean of a column in every group.
    pub(crate) fn means(&self, column: &[f64]) -> Vec<f64> {
        let mut means = vec![0.0; self.n()];
        for (v, &code) in column.iter().zip(self.factor.codes()) {
            means[code as usize] += v;
        }
        means.iter_mut().zip(&self.sizes).for_each(|(mean, size)| *mean /= size);
        means
    }

    /// The first row of every group.
    pub(crate) fn first_rows(&self) -> Vec<usize> {
        let mut first = vec![usize::MAX; self.n()];
        for (row, &code) in self.factor.codes().iter().enumerate() {
            let slot = &mut first[code as usize];
            *slot = (*slot).min(row);
        }
        first
    }

    /// `N / Σ 1/T_i`.
    pub(crate) fn harmonic_mean(&self) -> f64 {
        self.n() as f64 / self.sizes.iter().map(|size| 1.0 / size).sum::<f64>()
    }
}

/// `Σ_i w(T_i) z_i z_i'` over groups, with `z_i = [1, columns]`.
pub(crate) fn between_gram(
    groups: &Groups<'_>,
    columns: &[Vec<f64>],
    weight: impl Fn(f64) -> f64,
) -> Array2<f64> {
    let k = columns.len() + 1;
    let weights: Vec<f64> = groups.sizes.iter().map(|size| weight(*size)).collect();
    let mut gram = Array2::zeros((k, k));
    gram[[0, 0]] = ls::sum(&weights);
    for (j, column) in columns.iter().enumerate() {
        let weighted: Vec<f64> = column.iter().zip(&weights).map(|(v, w)| v * w).collect();
        gram[[j + 1, 0]] = ls::sum(&weighted);
        for (i, other) in columns.iter().enumerate().take(j + 1) {
            gram[[j + 1, i + 1]] = ls::dot(&weighted, other);
        }
    }
    for j in 0..k {
        for i in 0..j {
            gram[[i, j]] = gram[[j, i]];
        }
    }
    gram
}

/// The means of columns, all at once.
pub(crate) fn grand_means(columns: &[&[f64]]) -> Vec<f64> {
    let mean = |v: &&[f64]| ls::sum(v) / v.len() as f64;
    columns
        .par_iter()
        .with_min_len(grain(columns.first().map_or(0, |v| v.len())))
        .map(mean)
        .collect()
}
