//! Eigenvalues of symmetric matrices, and what follows from them.

use nalgebra::DMatrix;
use ndarray::{Array1, Array2};

/// Eigenvalues, increasing, and the eigenvectors, one a column in the same order.
///
/// Only the lower triangle is read. The sign of a vector is fixed: its largest entry is positive.
pub fn eigen(a: &Array2<f64>) -> (Array1<f64>, Array2<f64>) {
    let k = a.nrows();
    let eigen = DMatrix::from_fn(k, k, |i, j| a[[i.max(j), i.min(j)]]).symmetric_eigen();
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|&i, &j| eigen.eigenvalues[i].total_cmp(&eigen.eigenvalues[j]));
    let values = order.iter().map(|&j| eigen.eigenvalues[j]).collect();
    let sign: Vec<f64> = order
        .iter()
        .map(|&j| {
            let column = eigen.eigenvectors.column(j);
            let largest = column.iter().max_by(|a, b| a.abs().total_cmp(&b.abs()));
            largest.map_or(1.0, |v| v.signum())
        })
        .collect();
    let vectors =
        Array2::from_shape_fn((k, k), |(i, j)| sign[j] * eigen.eigenvectors[(i, order[j])]);
    (values, vectors)
}

/// `V f(Λ) V'`: a function of a symmetric matrix by its eigenvalues.
pub fn function(a: &Array2<f64>, f: impl Fn(f64) -> f64) -> Array2<f64> {
    let (values, vectors) = eigen(a);
    let scaled = &vectors * &values.mapv(f);
    scaled.dot(&vectors.t())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_two_by_two() {
        let a = ndarray::arr2(&[[2.0, 1.0], [1.0, 2.0]]);
        let (values, vectors) = eigen(&a);
        assert!((values[0] - 1.0).abs() < 1e-15 && (values[1] - 3.0).abs() < 1e-15);
        assert!((vectors[[0, 1]] - 0.5_f64.sqrt()).abs() < 1e-15);
        let root = function(&a, f64::sqrt);
        let squared = root.dot(&root);
        assert!(squared.iter().zip(&a).all(|(x, y)| (x - y).abs() < 1e-14));
    }
}
