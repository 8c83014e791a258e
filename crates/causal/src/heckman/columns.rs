//! Small products of columns on a piece of rows.

use std::ops::Range;

use ndarray::{Array2, ShapeBuilder};

/// Some rows of a matrix whose columns are contiguous.
pub(super) fn gather(z: &Array2<f64>, rows: &[usize], offset: usize) -> Array2<f64> {
    let mut picked = Array2::zeros((rows.len(), z.ncols()).f());
    for (j, mut column) in picked.columns_mut().into_iter().enumerate() {
        let from = z.column(j);
        column.iter_mut().zip(rows).for_each(|(to, &row)| *to = from[row - offset]);
    }
    picked
}

/// `diag(w) Z`.
pub(super) fn weigh(mut z: Array2<f64>, weights: &[f64]) -> Array2<f64> {
    for mut column in z.columns_mut() {
        column.iter_mut().zip(weights).for_each(|(z, w)| *z *= w);
    }
    z
}

/// The part of sorted positions that lies in a range.
pub(super) fn within(at: &[usize], rows: &Range<usize>) -> Range<usize> {
    at.partition_point(|&i| i < rows.start)..at.partition_point(|&i| i < rows.end)
}

/// Puts a block into a matrix.
pub(super) fn put(into: &mut Array2<f64>, row: usize, column: usize, block: &Array2<f64>) {
    for ((i, j), value) in block.indexed_iter() {
        into[[row + i, column + j]] = *value;
    }
}

/// `A⁻¹` of a symmetric matrix, if it is positive definite.
pub(super) fn inverse(a: &Array2<f64>) -> Option<Array2<f64>> {
    let k = a.nrows();
    let scale: Vec<f64> = (0..k).map(|j| a[[j, j]].sqrt()).collect();
    let mut l = Array2::<f64>::zeros((k, k));
    for j in 0..k {
        for i in 0..=j {
            let dot: f64 = (0..i).map(|m| l[[j, m]] * l[[i, m]]).sum();
            let left = a[[j, i]] / (scale[i] * scale[j]) - dot;
            if i < j {
                l[[j, i]] = left / l[[i, i]];
            } else if left > f64::EPSILON {
                l[[j, j]] = left.sqrt();
            } else {
                return None; // Not positive, or not a number.
            }
        }
    }
    let mut root = Array2::<f64>::zeros((k, k));
    for j in 0..k {
        for i in j..k {
            let dot: f64 = (j..i).map(|m| l[[i, m]] * root[[m, j]]).sum();
            root[[i, j]] = (f64::from(u8::from(i == j)) - dot) / l[[i, i]];
        }
    }
    let inverse = root.t().dot(&root);
    Some(Array2::from_shape_fn((k, k), |(i, j)| inverse[[i, j]] / (scale[i] * scale[j])))
}
