//! The regressors of a design as columns in which a likelihood can be maximised.

use std::ops::Range;

use ndarray::{Array1, Array2, Axis, Slice};
use panel::Factor;
use rayon::prelude::*;

use crate::absorbed::{Absorbed, Block};
use crate::linear::project_and_solve;
use crate::ls::{self, CHUNK};
use crate::{Design, Error};

/// Well-conditioned columns that span the regressors of a design: `Z = [(X − x̄)A, 1]`.
///
/// `A` is the identity, or where `X` is so nearly collinear that products of it lose digits, the
/// matrix that makes `(X − x̄)A` orthonormal. A likelihood in `Zγ` has its maximum at `γ̂` with
/// `[β̂, ĉ] = T γ̂`, and `V(β̂) = T V(γ̂) T'`, `T` being [`Basis::back`].
///
/// `Z` is never held: a piece of its rows is made where it is used.
#[derive(Debug)]
pub struct Basis<'d> {
    design: &'d Design<'d>,
    means: Vec<f64>,
    turn: Option<Array2<f64>>,
    /// Least squares of the response.
    beta: Array1<f64>,
    /// `W` with `((X−x̄)'(X−x̄))⁻¹ = W W'`.
    root: Array2<f64>,
}

impl<'d> Basis<'d> {
    /// Checks the rank of the regressors.
    ///
    /// # Errors
    ///
    /// [`Error::Collinear`], [`Error::Absorbed`] and [`Error::NoVariation`] name the column;
    /// [`Error::NoDegreesOfFreedom`] if there are no more rows than columns,
    /// [`Error::NoRegressors`] if there is not even a constant, [`Error::NotPooled`] if the model
    /// absorbs effects.
    pub fn new(design: &'d Design<'d>) -> Result<Self, Error> {
        design.plain("a likelihood")?;
        let (n, k) = (design.n(), design.terms.len());
        if !design.absorb.is_empty() {
            return Err(Error::NotPooled { effects: design.effects() });
        }
        if k == 0 && !design.constant {
            return Err(Error::NoRegressors);
        }
        let width = k + usize::from(design.constant);
        if n <= width {
            return Err(Error::NoDegreesOfFreedom { n, k: width });
        }
        let everyone = design.constant.then(|| Factor::from_numbers(&vec![0; n]));
        let all = |factor| Block { factor, intercept: true, slopes: Vec::new() };
        let blocks: Vec<Block<'_>> = everyone.iter().map(all).collect();
        let columns = design.x.iter().map(|x| &**x).chain([&*design.y]).collect();
        let (_, _, solution) = project_and_solve(design, Absorbed::new(&blocks, None), columns)?;
        let mean = |x: &[f64]| if design.constant { ls::sum(x) / n as f64 } else { 0.0 };
        let means = design.x.par_iter().map(|x| mean(x)).collect();
        let turn = solution.ill_conditioned.then(|| solution.root.clone());
        Ok(Self { design, means, turn, beta: solution.beta, root: solution.root })
    }

    /// The design.
    pub fn design(&self) -> &'d Design<'d> {
        self.design
    }

    /// Columns: slopes, then the constant.
    pub fn width(&self) -> usize {
        self.means.len() + usize::from(self.design.constant)
    }

    /// `Z` on some rows, shape `rows × width`; columns are contiguous.
    pub fn piece(&self, rows: Range<usize>) -> Array2<f64> {
        let k = self.means.len();
        let mut z = ls::columns(rows.len(), self.width());
        let columns = z.columns_mut().into_iter();
        for ((mut z, x), mean) in columns.zip(&self.design.x).zip(&self.means) {
            z.iter_mut().zip(&x[rows.clone()]).for_each(|(z, x)| *z = x - mean);
        }
        if let Some(turn) = &self.turn {
            ls::turn(&mut z, turn);
        }
        z.slice_axis_mut(Axis(1), Slice::from(k..)).fill(1.0);
        z
    }

    /// `f` of every piece of rows, in parallel; results in the order of the rows.
    pub fn map<T: Send>(&self, f: impl Fn(Range<usize>, Array2<f64>) -> T + Sync) -> Vec<T> {
        self.map_every(1, f)
    }

    /// The same of one piece in `every`.
    pub(crate) fn map_every<T: Send>(
        &self,
        every: usize,
        f: impl Fn(Range<usize>, Array2<f64>) -> T + Sync,
    ) -> Vec<T> {
        let n = self.design.n();
        let starts: Vec<usize> = (0..n).step_by(CHUNK * every).collect();
        let piece = |start: usize| {
            let rows = start..(start + CHUNK).min(n);
            f(rows.clone(), self.piece(rows))
        };
        starts.into_par_iter().with_min_len(ls::grain(CHUNK)).map(piece).collect()
    }

    /// `T`, shape `width × width`: `[β, c] = T γ`.
    pub fn back(&self) -> Array2<f64> {
        let k = self.means.len();
        let a = self.turn.clone().unwrap_or_else(|| Array2::eye(k));
        let row = Array1::from(self.means.clone()).dot(&a);
        Array2::from_shape_fn((self.width(), self.width()), |(i, j)| match (i < k, j < k) {
            (true, true) => a[[i, j]],
            (true, false) => 0.0,
            (false, true) => -row[j],
            (false, false) => 1.0,
        })
    }

    /// `W`, shape `width × width`, with `(Z'Z)⁻¹ = W W'`.
    pub fn root(&self) -> Array2<f64> {
        let k = self.means.len();
        let slopes = if self.turn.is_some() { Array2::eye(k) } else { self.root.clone() };
        let last = 1.0 / (self.design.n() as f64).sqrt();
        Array2::from_shape_fn((self.width(), self.width()), |(i, j)| match (i < k, j < k) {
            (true, true) => slopes[[i, j]],
            (false, false) => last,
            _ => 0.0,
        })
    }

    /// `γ̂` of least squares of the response on `Z`.
    pub fn least_squares(&self) -> Array1<f64> {
        let mut gamma = match &self.turn {
            None => self.beta.to_vec(),
            // A is the W of the last solve: β = W W'X'y = A γ, and A is triangular.
            Some(a) => solve_upper(a, &self.beta),
        };
        if self.design.constant {
            gamma.push(ls::sum(&self.design.y) / self.design.n() as f64);
        }
        gamma.into()
    }
}

/// `A⁻¹ b` of an upper triangular matrix.
fn solve_upper(a: &Array2<f64>, b: &Array1<f64>) -> Vec<f64> {
    let k = b.len();
    let mut x = b.to_vec();
    for i in (0..k).rev() {
        let rest: f64 = (i + 1..k).map(|j| a[[i, j]] * x[j]).sum();
        x[i] = (x[i] - rest) / a[[i, i]];
    }
    x
}

/// `Zγ` on some rows.
pub fn linear_index(z: &Array2<f64>, gamma: &[f64]) -> Vec<f64> {
    let mut eta = vec![0.0; z.nrows()];
    for (column, g) in z.columns().into_iter().zip(gamma) {
        let column = column.to_slice().unwrap_or_default();
        eta.iter_mut().zip(column).for_each(|(eta, z)| *eta += g * z);
    }
    eta
}

/// `A'B` of pieces of rows, whose columns are contiguous.
pub fn inner_products(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn((a.ncols(), b.ncols()), |(i, j)| {
        let (a, b) = (a.column(i), b.column(j));
        ls::dot(a.to_slice().unwrap_or_default(), b.to_slice().unwrap_or_default())
    })
}

/// `Z'v` on some rows.
pub(crate) fn moments(z: &Array2<f64>, v: &[f64]) -> Array1<f64> {
    let columns = z.columns().into_iter();
    columns.map(|z| ls::dot(z.to_slice().unwrap_or_default(), v)).collect()
}

/// Multiplies every column by `weights`.
pub(crate) fn scale_rows(z: &mut Array2<f64>, weights: &[f64]) {
    for mut column in z.columns_mut() {
        column.iter_mut().zip(weights).for_each(|(z, w)| *z *= w);
    }
}
