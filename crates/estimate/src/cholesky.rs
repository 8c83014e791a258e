//! Cholesky factors of small symmetric matrices, with pivots that say which column is spanned.

use ndarray::{Array1, Array2, ArrayView1};

use crate::ls::short_dot;

/// A lower triangular `L` with `A = L L'`; rows of spanned columns are zero.
#[derive(Debug, Clone)]
pub struct Cholesky {
    l: Array2<f64>,
}

impl Cholesky {
    /// Factors `a` in the order of its columns.
    ///
    /// The pivot of column `j`, as a share of `a[j, j]`, is the share of its variation that the
    /// columns before it leave unexplained. At or below `tolerance` the column counts as spanned,
    /// and is listed; solutions are zero there.
    pub fn new(a: &Array2<f64>, tolerance: f64) -> (Self, Vec<usize>) {
        let k = a.nrows();
        let a = a.as_standard_layout();
        let mut l = vec![0.0; k * k];
        let mut spanned = Vec::new();
        for j in 0..k {
            let (before, row) = l.split_at_mut(j * k);
            let row = &mut row[..k];
            let own = a.row(j);
            let own = own.to_slice().unwrap_or_default();
            for (i, above) in before.chunks_exact(k.max(1)).enumerate() {
                let dot = short_dot(&row[..i], &above[..i]);
                let pivot = above[i];
                row[i] = if pivot > 0.0 { (own[i] - dot) / pivot } else { 0.0 };
            }
            let left = own[j] - short_dot(&row[..j], &row[..j]);
            if left > tolerance * own[j] {
                row[j] = left.sqrt();
            } else {
                spanned.push(j);
                row.fill(0.0);
            }
        }
        (Self { l: square(k, l) }, spanned)
    }

    /// `L`.
    pub fn lower(&self) -> &Array2<f64> {
        &self.l
    }

    /// The smallest pivot as a share of its column's length; 1 when the columns are orthogonal.
    pub(crate) fn smallest_pivot(&self) -> f64 {
        let share = |j: usize| {
            let row = self.l.row(j);
            row[j] * row[j] / row.dot(&row)
        };
        (0..self.l.nrows()).map(share).filter(|share| share.is_finite()).fold(1.0, f64::min)
    }

    /// Solves `A x = b`.
    pub fn solve(&self, b: ArrayView1<'_, f64>) -> Array1<f64> {
        let k = self.l.nrows();
        let l = self.l.as_slice().unwrap_or_default();
        let mut x = self.forward(b).to_vec();
        // By rows of L, which are contiguous: what is found is taken off the others at once.
        for (i, row) in l.chunks_exact(k.max(1)).enumerate().rev() {
            let found = if row[i] > 0.0 { x[i] / row[i] } else { 0.0 };
            x[..i].iter_mut().zip(row).for_each(|(x, l)| *x -= l * found);
            x[i] = found;
        }
        x.into()
    }

    /// Columns.
    pub(crate) fn size(&self) -> usize {
        self.l.nrows()
    }

    /// Whether the columns before it leave a column some variation.
    pub(crate) fn is_free(&self, column: usize) -> bool {
        self.l[[column, column]] > 0.0
    }

    /// Solves `L x = b`; zero where a column is spanned.
    pub(crate) fn forward(&self, b: ArrayView1<'_, f64>) -> Array1<f64> {
        let l = self.l.as_slice().unwrap_or_default();
        let mut x = b.to_vec();
        for (i, row) in l.chunks_exact(self.size().max(1)).enumerate() {
            let dot = short_dot(&row[..i], &x[..i]);
            x[i] = if row[i] > 0.0 { (x[i] - dot) / row[i] } else { 0.0 };
        }
        x.into()
    }

    /// `L⁻¹`, lower triangular; of no use when a column is spanned.
    pub(crate) fn inverse_factor(&self) -> Array2<f64> {
        let k = self.l.nrows();
        let l = self.l.as_slice().unwrap_or_default();
        // A column at a time, each where it is contiguous.
        let mut columns = vec![0.0; k * k];
        for (j, column) in columns.chunks_exact_mut(k.max(1)).enumerate() {
            for (i, row) in l.chunks_exact(k.max(1)).enumerate().skip(j) {
                let dot = short_dot(&row[j..i], &column[j..i]);
                column[i] = (f64::from(u8::from(i == j)) - dot) / row[i];
            }
        }
        square(k, columns).reversed_axes()
    }
}

/// A matrix from its rows.
fn square(k: usize, rows: Vec<f64>) -> Array2<f64> {
    let mut square = Array2::zeros((k, k));
    square.as_slice_mut().unwrap_or_default().copy_from_slice(&rows);
    square
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::Cholesky;

    #[test]
    fn solves_what_it_factored() {
        let a = array![[4.0, 2.0, 0.6], [2.0, 5.0, 1.0], [0.6, 1.0, 3.0]];
        let (factor, spanned) = Cholesky::new(&a, 1e-12);
        assert!(spanned.is_empty());
        let x = factor.solve(array![1.0, -2.0, 0.5].view());
        for (got, want) in a.dot(&x).iter().zip([1.0, -2.0, 0.5]) {
            assert!((got - want).abs() < 1e-14);
        }
        let inverse = factor.inverse_factor();
        let identity = inverse.dot(&a).dot(&inverse.t());
        assert!((identity - Array2::<f64>::eye(3)).iter().all(|gap| gap.abs() < 1e-14));
    }

    #[test]
    fn names_the_spanned_column() {
        // The third column is the sum of the first two.
        let a = array![[1.0, 0.0, 1.0], [0.0, 2.0, 2.0], [1.0, 2.0, 3.0]];
        let (factor, spanned) = Cholesky::new(&a, 1e-12);
        assert_eq!(spanned, [2]);
        let x = factor.solve(array![1.0, 2.0, 3.0].view());
        for (got, want) in x.iter().zip([1.0, 1.0, 0.0]) {
            assert!((got - want).abs() < 1e-14);
        }
    }
}
