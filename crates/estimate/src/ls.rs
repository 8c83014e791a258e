//! Least squares on projected columns: the one place where normal equations are solved.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView2, Axis, ShapeBuilder, Slice};

use crate::cholesky::Cholesky;

/// What a least-squares solve leaves behind.
#[derive(Debug, Clone)]
pub(crate) struct Solution {
    /// `β̂`, length `k`.
    pub(crate) beta: Array1<f64>,
    /// `W`, shape `k × k`, with `(X'X)⁻¹ = W W'`: the columns of `X W` are orthonormal.
    pub(crate) root: Array2<f64>,
    /// Whether columns are so nearly collinear that products of `X` itself lose digits.
    pub(crate) ill_conditioned: bool,
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
pub(crate) const RANK: f64 = 1e-11;
/// Below this pivot the columns are orthogonalised and the Gram matrix is taken once more.
const ILL_CONDITIONED: f64 = 1e-3;

/// Solves `min ‖y − Xβ‖` from `[X, y]'[X, y]`, shape `(k+1) × (k+1)`.
///
/// The Gram matrix is scaled to correlations and factored in the order of the columns, so that
/// the pivot of a column is the share of its variation that the columns before it leave over.
/// When a pivot is small, the columns are made orthonormal with that factor and `turned` forms
/// `[X W, y]'[X W, y]` from the rows (Cholesky QR twice): as accurate as Householder QR.
pub(crate) fn solve(
    gram: &Array2<f64>,
    turned: impl FnOnce(&Array2<f64>) -> Array2<f64>,
) -> Result<Solution, Spanned> {
    let k = gram.ncols() - 1;
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
        let again = turned(&w);
        let (factor, _) = Cholesky::new(&left(top(again.view(), k), k).to_owned(), 0.0);
        let turn = factor.inverse_factor().reversed_axes();
        moment = turn.t().dot(&top(again.view(), k).column(k));
        w = w.dot(&turn);
    }
    Ok(Solution { beta: w.dot(&moment), root: w, ill_conditioned })
}

/// `Z'Z` of rows that are in the cache; columns are contiguous.
pub(crate) fn products(z: ArrayView2<'_, f64>) -> Array2<f64> {
    let columns = z.ncols();
    let column = |j: usize| z.column(j).to_slice().unwrap_or_default();
    let mut part = Array2::zeros((columns, columns));
    for i in 0..columns {
        let mut j = 0;
        while j < i {
            [part[[i, j]], part[[i, j + 1]]] = dots(column(i), [column(j), column(j + 1)]);
            j += 2;
        }
        if j == i {
            part[[i, i]] = dot(column(i), column(i));
        }
        for j in 0..i {
            part[[j, i]] = part[[i, j]];
        }
    }
    part
}

/// Replaces the first columns of `z`, `X`, by `X W`.
pub(crate) fn turn(z: &mut Array2<f64>, w: &Array2<f64>) {
    let k = w.nrows();
    let turned = left(z.view(), k).dot(w);
    z.slice_axis_mut(Axis(1), Slice::from(..k)).assign(&turned);
}

/// How many pieces of work of `n` rows are worth a thread of their own.
pub(crate) fn grain(n: usize) -> usize {
    (16_384 / n.max(1)).max(1)
}

/// `a'b` in eight interleaved sums, which the compiler can keep in vector registers.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    dots(a, [b])[0]
}

/// `a'b` for several `b` at once: `a` is read once for all of them.
fn dots<const B: usize>(a: &[f64], b: [&[f64]; B]) -> [f64; B] {
    let n = a.len();
    // Slices of one length let the compiler drop the checks of bounds.
    let b = b.map(|b| &b[..n]);
    let mut lanes = [[0.0; 8]; B];
    for at in (0..n / 8 * 8).step_by(8) {
        let x = &a[at..at + 8];
        for (lanes, b) in lanes.iter_mut().zip(&b) {
            let y = &b[at..at + 8];
            for i in 0..8 {
                lanes[i] += x[i] * y[i];
            }
        }
    }
    let rest = n / 8 * 8..n;
    let mut sums = [0.0; B];
    for ((sum, lanes), b) in sums.iter_mut().zip(lanes).zip(&b) {
        let tail: f64 = a[rest.clone()].iter().zip(&b[rest.clone()]).map(|(a, b)| a * b).sum();
        *sum = lanes.iter().sum::<f64>() + tail;
    }
    sums
}

/// `a'b` over a few rows, in four interleaved sums: a single chain would wait for itself.
pub(crate) fn short_dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    let mut lanes = [0.0; 4];
    for (a, b) in a.zip(b) {
        for i in 0..4 {
            lanes[i] += a[i] * b[i];
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

/// `Σ (v − mean)²` about the mean of `v`, or about zero.
pub(crate) fn sum_of_squares_about(v: &[f64], about_mean: bool) -> f64 {
    let mean = if about_mean { sum(v) / v.len() as f64 } else { 0.0 };
    let chunks = v.chunks_exact(8);
    let rest: f64 = chunks.remainder().iter().map(|v| (v - mean) * (v - mean)).sum();
    let mut lanes = [0.0; 8];
    for v in chunks {
        for i in 0..8 {
            lanes[i] += (v[i] - mean) * (v[i] - mean);
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// `Σ v` in eight interleaved sums.
pub(crate) fn sum(v: &[f64]) -> f64 {
    let chunks = v.chunks_exact(8);
    let rest: f64 = chunks.remainder().iter().sum();
    let mut lanes = [0.0; 8];
    for v in chunks {
        for i in 0..8 {
            lanes[i] += v[i];
        }
    }
    lanes.iter().sum::<f64>() + rest
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
