//! Least squares on projected columns: the one place where normal equations are solved.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView2, Axis, ShapeBuilder, Slice};
use rayon::prelude::*;

use crate::cholesky::Cholesky;

/// What a least-squares solve leaves behind, and all that inference needs.
#[derive(Debug, Clone)]
pub(crate) struct Solution {
    /// `β̂`, length `k`.
    pub(crate) beta: Array1<f64>,
    /// `û = y − Xβ̂`, length `n`.
    pub(crate) residuals: Vec<f64>,
    /// `W`, shape `k × k`, with `(X'X)⁻¹ = W W'`: the columns of `X W` are orthonormal.
    pub(crate) root: Array2<f64>,
    /// Whether columns are so nearly collinear that products of `X` itself lose digits.
    pub(crate) ill_conditioned: bool,
    /// `y'y`.
    pub(crate) tss: f64,
    /// `û'û`.
    pub(crate) ssr: f64,
}

/// A column of `X` that the columns before it span, and which of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spanned {
    pub(crate) column: usize,
    pub(crate) by: Vec<usize>,
}

/// Rows that are worked on at once: they stay in the second-level cache.
pub(crate) const CHUNK: usize = 4096;
/// Below this share of its own variation, what others leave of a column is rounding noise.
const RANK: f64 = 1e-11;
/// Below this pivot the columns are orthogonalised and the Gram matrix is taken once more.
const ILL_CONDITIONED: f64 = 1e-3;

/// Solves `min ‖y − Xβ‖` for the `n × k` columns before the last of `xy`, and `y`, the last.
///
/// The Gram matrix is scaled to correlations and factored in the order of the columns, so that
/// the pivot of a column is the share of its variation that the columns before it leave over.
/// When a pivot is small, the columns are made orthonormal with that factor and the Gram matrix
/// is formed again (Cholesky QR twice): as accurate as Householder QR, in one more pass.
pub(crate) fn solve(xy: &Array2<f64>) -> Result<Solution, Spanned> {
    let k = xy.ncols() - 1;
    let gram = gram(xy.view(), None);
    let scale: Array1<f64> = (0..k).map(|j| gram[[j, j]].sqrt()).collect();
    let correlation = Array2::from_shape_fn((k, k), |(i, j)| gram[[i, j]] / (scale[i] * scale[j]));
    let (factor, spanned) = Cholesky::new(&correlation, RANK);
    if let Some(&column) = spanned.first() {
        return Err(Spanned { column, by: partners(&correlation, column) });
    }
    // X W has orthonormal columns.
    let mut w = factor.inverse_factor().reversed_axes();
    for (mut row, scale) in w.rows_mut().into_iter().zip(&scale) {
        row /= *scale;
    }
    let mut moment = w.t().dot(&top(gram.view(), k).column(k));
    let ill_conditioned = factor.smallest_pivot() < ILL_CONDITIONED;
    if ill_conditioned {
        let again = self::gram(xy.view(), Some(&w));
        let (factor, _) = Cholesky::new(&left(top(again.view(), k), k).to_owned(), 0.0);
        let turn = factor.inverse_factor().reversed_axes();
        moment = turn.t().dot(&top(again.view(), k).column(k));
        w = w.dot(&turn);
    }
    let beta = w.dot(&moment);

    let mut residuals = xy.column(k).to_vec();
    let part = |(at, residuals): (usize, &mut [f64])| {
        let rows = rows(xy.view(), at * CHUNK..at * CHUNK + residuals.len());
        for (j, b) in beta.iter().enumerate() {
            for (u, x) in residuals.iter_mut().zip(rows.column(j)) {
                *u -= b * x;
            }
        }
        residuals.iter().map(|u| u * u).sum::<f64>()
    };
    let ssr = ordered_sum(
        residuals.par_chunks_mut(CHUNK).with_min_len(grain(CHUNK)).enumerate().map(part).collect(),
    );
    Ok(Solution { beta, residuals, root: w, ill_conditioned, tss: gram[[k, k]], ssr })
}

/// `Z'Z` for `Z = xy`, or for `Z = [X W, y]`; by chunks of rows, summed in their order.
///
/// Columns are contiguous, so that an entry is a dot product over rows that are in the cache.
pub(crate) fn gram(xy: ArrayView2<'_, f64>, w: Option<&Array2<f64>>) -> Array2<f64> {
    let (n, columns) = xy.dim();
    let products = |z: ArrayView2<'_, f64>| {
        let mut part = Array2::zeros((columns, columns));
        for i in 0..columns {
            for j in 0..=i {
                part[[i, j]] = match (z.column(i).to_slice(), z.column(j).to_slice()) {
                    (Some(a), Some(b)) => dot(a, b),
                    _ => z.column(i).dot(&z.column(j)),
                };
                part[[j, i]] = part[[i, j]];
            }
        }
        part
    };
    let chunk = |start: usize| {
        let rows = rows(xy, start..(start + CHUNK).min(n));
        let Some(w) = w else { return products(rows) };
        let mut z = self::columns(rows.nrows(), columns);
        z.slice_axis_mut(Axis(1), Slice::from(..columns - 1))
            .assign(&left(rows, columns - 1).dot(w));
        z.column_mut(columns - 1).assign(&rows.column(columns - 1));
        products(z.view())
    };
    let starts: Vec<usize> = (0..n).step_by(CHUNK).collect();
    let parts: Vec<Array2<f64>> =
        starts.into_par_iter().with_min_len(grain(CHUNK)).map(chunk).collect();
    parts.into_iter().fold(Array2::zeros((columns, columns)), |sum, part| sum + part)
}

/// Replaces the columns of `X` in `xy` by those of `X W`.
pub(crate) fn turn(xy: &mut Array2<f64>, w: &Array2<f64>) {
    let k = w.nrows();
    for mut rows in xy.axis_chunks_iter_mut(Axis(0), CHUNK) {
        let turned = left(rows.view(), k).dot(w);
        rows.slice_axis_mut(Axis(1), Slice::from(..k)).assign(&turned);
    }
}

/// How many pieces of work of `n` rows are worth a thread of their own.
pub(crate) fn grain(n: usize) -> usize {
    (16_384 / n.max(1)).max(1)
}

/// `a'b` in eight interleaved sums, which the compiler can keep in vector registers.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    let mut lanes = [0.0; 8];
    for (a, b) in a.zip(b) {
        for i in 0..8 {
            lanes[i] += a[i] * b[i];
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// `v'v`.
pub(crate) fn sum_of_squares(v: &[f64]) -> f64 {
    dot(v, v)
}

/// Sums in the order given: the same bits on any number of threads.
pub(crate) fn ordered_sum(parts: Vec<f64>) -> f64 {
    parts.into_iter().sum()
}

/// The columns before `column` that take part in spanning it.
fn partners(correlation: &Array2<f64>, column: usize) -> Vec<usize> {
    /// A share of the spanned column's length that cannot be rounding noise.
    const SHARE: f64 = 1e-4;
    let before = top(correlation.view(), column);
    let (factor, _) = Cholesky::new(&left(before, column).to_owned(), RANK);
    let weights = factor.solve(before.column(column));
    (0..column).filter(|&j| weights[j].abs() > SHARE).collect()
}

/// An `n × columns` matrix whose columns are contiguous.
pub(crate) fn columns(n: usize, columns: usize) -> Array2<f64> {
    Array2::zeros((n, columns).f())
}

/// Some rows of a matrix.
pub(crate) fn rows(a: ArrayView2<'_, f64>, range: Range<usize>) -> ArrayView2<'_, f64> {
    a.slice_axis_move(Axis(0), Slice::from(range))
}

/// The first `k` rows.
pub(crate) fn top(a: ArrayView2<'_, f64>, k: usize) -> ArrayView2<'_, f64> {
    rows(a, 0..k)
}

/// The first `k` columns.
pub(crate) fn left(a: ArrayView2<'_, f64>, k: usize) -> ArrayView2<'_, f64> {
    a.slice_axis_move(Axis(1), Slice::from(..k))
}
