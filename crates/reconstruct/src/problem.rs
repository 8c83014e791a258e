//! From columns to numbers.

use ndarray::Array2;

/// What is solved: numbers of columns, as many as there are targets.
pub trait Problem: Sync {
    /// The numbers on these columns, one an [`crate::Unknown`]; `None` where one is not defined, so
    /// that no step leads there.
    fn numbers(&self, columns: &[Vec<f64>]) -> Option<Vec<f64>>;

    /// The numbers, and their derivatives by every cell: a row a number, and in it the columns one
    /// after the other.
    fn derivatives(&self, columns: &[Vec<f64>]) -> Option<(Vec<f64>, Array2<f64>)>;
}
