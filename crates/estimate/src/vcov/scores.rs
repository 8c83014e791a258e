//! Regressors and residuals of a solved regression, a piece of rows at a time.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};

use super::{Part, cluster_part};
use crate::ls::{self, Solution};
use crate::within::Projected;

/// `z_i û_i`, the scores, and what they are made of.
///
/// `z_i` is a row after the effects are projected out, then 1 if the constant is reported; all of
/// it times `√w_i` if rows have weights, so that they need no further thought. Where
/// products of `X` would lose digits it is a row of `X W`, with the orthonormal columns that
/// [`Solution::root`] gives.
pub(crate) struct Scores<'a> {
    pub(crate) projected: &'a Projected<'a>,
    pub(crate) solution: &'a Solution,
    /// Times `√w`, if rows have weights.
    pub(crate) residuals: &'a [f64],
    /// `√w`, if rows have weights.
    pub(crate) weights: Option<&'a [f64]>,
    /// Observations.
    pub(crate) n: usize,
    pub(crate) constant: bool,
}

impl Scores<'_> {
    /// Slopes.
    pub(crate) fn k(&self) -> usize {
        self.solution.beta.len()
    }

    /// Coefficients: slopes, and the constant if it is reported.
    pub(crate) fn width(&self) -> usize {
        self.k() + usize::from(self.constant)
    }

    /// Calls `f` on every piece of rows and its `z`; columns are contiguous.
    fn map<T: Send>(
        &self,
        turned: bool,
        f: impl Fn(Range<usize>, ArrayView2<'_, f64>) -> T + Sync,
    ) -> Vec<T> {
        self.projected.map(|rows, mut z| {
            match self.weights {
                None => z.column_mut(self.k()).fill(1.0),
                Some(root) => {
                    z.column_mut(self.k())
                        .iter_mut()
                        .zip(&root[rows.clone()])
                        .for_each(|(one, root)| *one = *root);
                }
            }
            if turned {
                ls::turn(&mut z, &self.solution.root);
            }
            f(rows, ls::left(z.view(), self.width()))
        })
    }

    /// `Σ_{i ∈ g} z_i û_i` for `n_groups` groups, `width` numbers each.
    pub(crate) fn sums(&self, codes: &[u32], n_groups: usize) -> Vec<f64> {
        let parts = self.map(self.solution.ill_conditioned, |rows, z| {
            cluster_part(z, &self.residuals[rows.clone()], &codes[rows])
        });
        let width = self.width();
        let mut sums = vec![0.0; n_groups * width];
        for part in parts {
            let Part::Sums(groups, part) = part else { continue };
            for (&group, part) in groups.iter().zip(part.chunks_exact(width.max(1))) {
                let sum = &mut sums[group as usize * width..][..width];
                sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            }
        }
        sums
    }

    /// `z`, a row after the other.
    pub(crate) fn regressors(&self) -> Vec<f64> {
        self.by_row(self.solution.ill_conditioned, |_| 1.0)
    }

    /// `X W`, whose columns are orthonormal, then what stands for the constant; by row.
    pub(crate) fn orthonormal(&self) -> Vec<f64> {
        self.by_row(true, |_| 1.0)
    }

    /// The scores, a row after the other.
    pub(crate) fn rows(&self) -> Vec<f64> {
        self.by_row(self.solution.ill_conditioned, |i| self.residuals[i])
    }

    fn by_row(&self, turned: bool, weight: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
        let pieces = self.map(turned, |rows, z| {
            let mut by_row = Vec::with_capacity(z.len());
            for (i, z) in rows.zip(z.rows()) {
                let weight = weight(i);
                by_row.extend(z.iter().map(|z| z * weight));
            }
            by_row
        });
        pieces.concat()
    }

    /// `A` with `β̂ = A z'y`: what stands on both sides of a meat.
    pub(crate) fn bread(&self) -> Array2<f64> {
        let root = &self.solution.root;
        if self.solution.ill_conditioned { root.clone() } else { root.dot(&root.t()) }
    }
}
