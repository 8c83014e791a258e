//! What a draw needs of the data: sums of scores by cluster, made once.

use ndarray::Array1;
use panel::Factor;
use rayon::prelude::*;

use crate::Error;
use crate::cholesky::Cholesky;
use crate::ls::{self, CHUNK, Solution};
use crate::reduced::{Effects, NormalEquations as _};
use crate::vcov::nested;
use crate::within::Projected;

/// The rows of a model, as far as a bootstrap of one coefficient needs them.
pub(super) struct Rows<'d> {
    /// All absorbed factors; the constant of a pooled model is one.
    pub(super) factors: Vec<&'d Factor>,
    /// The clusters of the errors.
    pub(super) by: &'d Factor,
    /// The clusters that share a weight; each lies in a cluster of the errors.
    pub(super) draw_by: &'d Factor,
    /// Columns of `X W`, orthonormal.
    pub(super) basis: Vec<Vec<f64>>,
    /// `w = X̃ (X̃'X̃)⁻¹ e_j`: `β̂_j = w'y`.
    pub(super) influence: Vec<f64>,
    /// Residuals that the weights multiply; then, for intervals, the direction in which they move
    /// with the null, which is `w`.
    pub(super) residuals: Vec<Vec<f64>>,
}

/// The bootstrap of the numerator `w'u*` and of the clusters' scores `z_h = w_h'û*_h`, linear in
/// the weights `v`. With `u*_g = v_g ũ_g` and `M` the projection off effects and regressors:
///
/// ```text
/// z_h = w_h'(M u*)_h = Σ_{g ∈ h} v_g s_g − l_h' Σ_g v_g r_g          s_g = w_g'ũ_g
/// ```
///
/// `r_g` holds `W'X̃_g'ũ_g`, and `L⁻¹ D_g'ũ_g` for the levels of factors that are not nested in
/// the clusters, with `L L' = D'M₀D` and `M₀` the projection off those that are; `l_h` the same of
/// `w_h`. Nested factors drop out: `ũ` sums to zero over each of their levels, whatever the sign.
pub(super) struct Scores {
    /// `s_g`, one vector for each of the residuals.
    pub(super) own: Vec<Vec<f64>>,
    /// The cluster of the errors in which each cluster of the draws lies.
    pub(super) home: Vec<u32>,
    /// Clusters of the errors.
    pub(super) n_clusters: usize,
    pub(super) form: Form,
}

/// How `z` is computed from `v`.
pub(super) enum Form {
    /// `r`, one matrix of `rank × draw clusters` for each of the residuals, and `l`, of
    /// `clusters × rank`: a draw costs `rank` for each cluster.
    Factored { rank: usize, right: Vec<Vec<f64>>, left: Vec<f64> },
    /// `K` of `clusters × draw clusters`, one for each of the residuals: few clusters.
    Kernel(Vec<Vec<f64>>),
    /// Neither levels nor clusters are few: every draw is projected.
    Rows,
}

/// Up to this many levels, or clusters, a matrix of them is formed.
const DENSE: usize = 1024;
/// Sums by level and cluster that are held at once: 512 MB.
const CELLS: usize = 1 << 26;
/// Residuals of this share of all are rounding noise.
const EXACT: f64 = 1e-12;
/// A level that the levels before it leave no freedom.
const NULL: f64 = 1e-11;

impl<'d> Rows<'d> {
    /// `M_D X W`, `w` and `û` from a solution; `columns` of `projected` are `X`, then `y`.
    pub(super) fn new(
        factors: Vec<&'d Factor>,
        (by, draw_by): (&'d Factor, &'d Factor),
        projected: &Projected<'_>,
        solution: &Solution,
        j: usize,
    ) -> Self {
        let (n, k) = (projected.n(), solution.beta.len());
        let pieces = projected.map(|_, mut z| {
            let mut residuals = z.column(k).to_vec();
            for (column, b) in z.columns().into_iter().zip(&solution.beta) {
                residuals.iter_mut().zip(column).for_each(|(u, x)| *u -= b * x);
            }
            ls::turn(&mut z, &solution.root);
            (z, residuals)
        });
        let mut basis = vec![Vec::with_capacity(n); k];
        let mut residuals = Vec::with_capacity(n);
        for (z, part) in pieces {
            for (column, part) in basis.iter_mut().zip(z.columns()) {
                column.extend(part);
            }
            residuals.extend(part);
        }
        let mut influence = vec![0.0; n];
        for (column, weight) in basis.iter().zip(solution.root.row(j)) {
            influence.iter_mut().zip(column).for_each(|(w, x)| *w += weight * x);
        }
        Self { factors, by, draw_by, basis, influence, residuals: vec![residuals] }
    }

    /// Sums of `a · b` by cluster.
    fn sums(a: &[f64], b: &[f64], by: &Factor) -> Vec<f64> {
        let mut sums = vec![0.0; by.n_levels()];
        for ((a, b), &code) in a.iter().zip(b).zip(by.codes()) {
            sums[code as usize] += a * b;
        }
        sums
    }

    /// Sums of `v` by level of `factor` and cluster, `levels × clusters`.
    fn cells(v: &[f64], factor: &Factor, by: &Factor) -> Vec<f64> {
        let width = by.n_levels();
        let mut sums = vec![0.0; factor.n_levels() * width];
        for ((v, &level), &code) in v.iter().zip(factor.codes()).zip(by.codes()) {
            sums[level as usize * width + code as usize] += v;
        }
        sums
    }

    /// Scores by cluster, in the form that makes a draw cheapest.
    ///
    /// # Errors
    ///
    /// [`Error::NotConverged`] as for the projection of the regressors.
    pub(super) fn scores(&self, replications: usize) -> Result<Scores, Error> {
        let (g, h) = (self.draw_by.n_levels(), self.by.n_levels());
        let mut home = vec![0; g];
        for (&draw, &cluster) in self.draw_by.codes().iter().zip(self.by.codes()) {
            home[draw as usize] = cluster;
        }
        let own = self.residuals.iter().map(|u| Self::sums(&self.influence, u, self.draw_by));
        let own: Vec<Vec<f64>> = own.collect();
        let (inner, crossed): (Vec<&Factor>, Vec<&Factor>) =
            self.factors.iter().partition(|factor| nested(factor, self.draw_by));
        let levels: usize = crossed.iter().map(|factor| factor.n_levels()).sum();
        let most = DENSE.min(replications);
        let form = if levels.min(g) > most || (levels <= g && levels * g > CELLS) {
            Form::Rows
        } else if levels <= g {
            let root = Self::root(&inner, &crossed)?;
            let side = |u: &Vec<f64>| self.side(u, self.draw_by, &crossed, &root);
            let right: Vec<Vec<f64>> = self.residuals.iter().map(side).collect();
            let left = self.side(&self.influence, self.by, &crossed, &root);
            let rank = left.len() / h;
            if g * h <= rank * (g + h) {
                let one = |(right, own): (&Vec<f64>, &Vec<f64>)| kernel(&left, right, own, &home);
                Form::Kernel(right.iter().zip(&own).map(one).collect())
            } else {
                let left = (0..h * rank).map(|at| left[at % rank * h + at / rank]).collect();
                Form::Factored { rank, right, left }
            }
        } else {
            let kernel = self.residuals.par_iter().map(|u| self.projected_kernel(u));
            Form::Kernel(kernel.collect::<Result<_, _>>()?)
        };
        Ok(Scores { own, home, n_clusters: h, form })
    }

    /// The factor of `D'M₀D` for the levels of `crossed`, `M₀` projecting off `inner`.
    fn root(inner: &[&Factor], crossed: &[&Factor]) -> Result<Cholesky, Error> {
        let levels: usize = crossed.iter().map(|factor| factor.n_levels()).sum();
        if let [main] = inner
            && crossed.iter().all(|factor| factor.n_levels() <= main.n_levels())
        {
            let factors: Vec<&Factor> = inner.iter().chain(crossed).copied().collect();
            let products = Effects::new(&factors).map(|effects| effects.dense());
            return Ok(Cholesky::new(&products.unwrap_or_default(), NULL).0);
        }
        let columns = crossed
            .iter()
            .flat_map(|factor| (0..).take(factor.n_levels()).map(move |level| (*factor, level)));
        let columns: Vec<(&Factor, u32)> = columns.collect();
        let column = |&(factor, level): &(&Factor, u32)| {
            let codes = factor.codes().iter();
            let dummy: Vec<f64> = codes.map(|&code| f64::from(u8::from(code == level))).collect();
            let mut projected = Projected::new(inner, vec![&dummy]);
            projected.gram()?;
            let mut moments = vec![0.0; levels];
            let mut offset = 0;
            for factor in crossed {
                for start in (0..dummy.len()).step_by(CHUNK) {
                    let rows = start..(start + CHUNK).min(dummy.len());
                    let z = projected.piece(rows.clone());
                    for (z, &code) in z.iter().zip(&factor.codes()[rows]) {
                        moments[offset + code as usize] += z;
                    }
                }
                offset += factor.n_levels();
            }
            Ok(moments)
        };
        let columns: Vec<Vec<f64>> =
            columns.par_iter().map(column).collect::<Result<_, Error>>()?;
        let products = ndarray::Array2::from_shape_fn((levels, levels), |(i, j)| {
            f64::midpoint(columns[i][j], columns[j][i])
        });
        Ok(Cholesky::new(&products, NULL).0)
    }

    /// `W'X̃_g'u_g` and `L⁻¹D_g'u_g` of every cluster, `rank × clusters`.
    fn side(&self, u: &[f64], by: &Factor, crossed: &[&Factor], root: &Cholesky) -> Vec<f64> {
        let mut side: Vec<f64> =
            self.basis.par_iter().map(|x| Self::sums(x, u, by)).collect::<Vec<_>>().concat();
        let cells: Vec<f64> =
            crossed.iter().map(|factor| Self::cells(u, factor, by)).collect::<Vec<_>>().concat();
        let (width, levels) = (by.n_levels(), root.size());
        let mut turned = vec![0.0; cells.len()];
        for g in 0..width {
            let column: Array1<f64> = (0..levels).map(|level| cells[level * width + g]).collect();
            for (level, value) in root.forward(column.view()).into_iter().enumerate() {
                turned[level * width + g] = value;
            }
        }
        for level in (0..levels).filter(|&level| root.is_free(level)) {
            side.extend_from_slice(&turned[level * width..][..width]);
        }
        side
    }

    /// `K`, by projecting the residuals of one cluster after the other.
    fn projected_kernel(&self, u: &[f64]) -> Result<Vec<f64>, Error> {
        let (g, h) = (self.draw_by.n_levels(), self.by.n_levels());
        let total = ls::dot(u, u);
        let column = |draw: u32| {
            let v = |code: &u32| f64::from(u8::from(*code == draw));
            let masked = u.iter().zip(self.draw_by.codes()).map(|(u, code)| u * v(code));
            let masked: Vec<f64> = masked.collect();
            // Residuals of rows that fit themselves are noise, which cannot be projected.
            if ls::dot(&masked, &masked) <= EXACT * EXACT * total {
                return Ok(vec![0.0; h]);
            }
            self.project(&masked)
        };
        let columns: Vec<Vec<f64>> = (0..)
            .take(g)
            .collect::<Vec<u32>>()
            .into_par_iter()
            .map(column)
            .collect::<Result<_, _>>()?;
        Ok((0..h).flat_map(|i| columns.iter().map(move |column| column[i])).collect())
    }

    /// `z` of any errors.
    pub(super) fn project(&self, errors: &[f64]) -> Result<Vec<f64>, Error> {
        let mut projected = Projected::new(&self.factors, vec![errors]);
        projected.gram()?;
        let mut left = Vec::with_capacity(errors.len());
        for start in (0..errors.len()).step_by(CHUNK) {
            left.extend(projected.piece(start..(start + CHUNK).min(errors.len())));
        }
        // The columns of X W are orthonormal.
        for x in &self.basis {
            let weight = ls::dot(x, &left);
            left.iter_mut().zip(x).for_each(|(u, x)| *u -= weight * x);
        }
        Ok(Self::sums(&self.influence, &left, self.by))
    }
}

/// `K_hg = [g ∈ h] s_g − l_h'r_g`, from `l` and `r` as `rank × clusters`.
fn kernel(left: &[f64], right: &[f64], own: &[f64], home: &[u32]) -> Vec<f64> {
    let g = own.len();
    let rank = right.len() / g;
    let h = left.len().checked_div(rank).unwrap_or(0);
    let mut kernel = vec![0.0; h * g];
    for r in 0..rank {
        let right = &right[r * g..][..g];
        for (row, l) in kernel.chunks_exact_mut(g).zip(&left[r * h..][..h]) {
            row.iter_mut().zip(right).for_each(|(k, r)| *k -= l * r);
        }
    }
    for (draw, (own, &cluster)) in own.iter().zip(home).enumerate() {
        kernel[cluster as usize * g + draw] += own;
    }
    kernel
}
