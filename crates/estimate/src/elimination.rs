//! Partial elimination of a sparse positive semidefinite matrix: a preconditioner that is exact
//! wherever the graph is thin.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ndarray::{Array1, Array2};

use crate::cholesky::Cholesky;

/// A sparse symmetric matrix by rows; the diagonal is apart, columns are sorted.
#[derive(Debug, Clone)]
pub(crate) struct Sparse {
    pub(crate) diagonal: Vec<f64>,
    pub(crate) rows: Vec<Vec<(u32, f64)>>,
}

impl Sparse {
    /// Sums duplicate `(row, column, value)` entries of the strict lower or upper triangle.
    pub(crate) fn new(diagonal: Vec<f64>, entries: &[(u32, u32, f64)]) -> Self {
        let mut count = vec![0_usize; diagonal.len()];
        for &(i, j, _) in entries {
            count[i as usize] += 1;
            count[j as usize] += 1;
        }
        let mut rows: Vec<Vec<(u32, f64)>> = count.into_iter().map(Vec::with_capacity).collect();
        for &(i, j, value) in entries {
            rows[i as usize].push((j, value));
            rows[j as usize].push((i, value));
        }
        for row in &mut rows {
            // Stable, so that duplicates are summed in the order given.
            row.sort_by_key(|&(column, _)| column);
            row.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                kept.1 += if same { next.1 } else { 0.0 };
                same
            });
        }
        Self { diagonal, rows }
    }

    /// `A x`.
    pub(crate) fn apply(&self, x: &[f64]) -> Vec<f64> {
        let entry = |i: usize| {
            let off: f64 = self.rows[i].iter().map(|&(j, a)| a * x[j as usize]).sum();
            self.diagonal[i] * x[i] + off
        };
        (0..x.len()).map(entry).collect()
    }
}

/// An approximate inverse of a [`Sparse`] matrix.
///
/// Rows with few neighbours are eliminated exactly, fewest first (minimum degree); what remains
/// is solved densely when it is small, and by its diagonal when it is not.
#[derive(Debug, Clone)]
pub(crate) struct Elimination {
    steps: Vec<Step>,
    core: Vec<u32>,
    inverse: Core,
}

#[derive(Debug, Clone)]
struct Step {
    node: u32,
    /// Zero where nothing is left to eliminate: the null space of a connected component.
    pivot: f64,
    neighbours: Vec<(u32, f64)>,
}

#[derive(Debug, Clone)]
enum Core {
    Dense(Cholesky),
    Diagonal(Vec<f64>),
}

impl Elimination {
    /// A row with more neighbours than this stays in the core.
    const DEGREE: usize = 48;
    /// The largest core that is solved densely.
    const DENSE: usize = 512;
    /// A pivot below this share of its row's diagonal is rounding noise.
    const NULL: f64 = 1e-11;

    /// Eliminates what is thin in `a`.
    pub(crate) fn new(a: &Sparse) -> Self {
        let Sparse { mut diagonal, mut rows } = a.clone();
        let mut done = vec![false; rows.len()];
        let mut queue: BinaryHeap<Reverse<(usize, usize)>> =
            rows.iter().enumerate().map(|(i, row)| Reverse((row.len(), i))).collect();
        let mut steps = Vec::new();
        while let Some(Reverse((degree, node))) = queue.pop() {
            if done[node] || degree != rows[node].len() {
                continue; // An outdated entry: the current one is elsewhere in the queue.
            }
            if degree > Self::DEGREE {
                break;
            }
            done[node] = true;
            let neighbours = std::mem::take(&mut rows[node]);
            let live = diagonal[node] > Self::NULL * a.diagonal[node];
            let pivot = if live { diagonal[node] } else { 0.0 };
            for &(i, weight) in &neighbours {
                let scale = if live { weight / pivot } else { 0.0 };
                diagonal[i as usize] -= scale * weight;
                let row = &mut rows[i as usize];
                *row = eliminate(row, &neighbours, scale, (i, narrow(node)));
                queue.push(Reverse((row.len(), i as usize)));
            }
            steps.push(Step { node: narrow(node), pivot, neighbours });
        }
        let core: Vec<u32> = (0..rows.len()).filter(|&i| !done[i]).map(narrow).collect();
        let inverse = if core.len() <= Self::DENSE {
            Core::Dense(dense(&core, &diagonal, &rows))
        } else {
            Core::Diagonal(core.iter().map(|&i| diagonal[i as usize]).collect())
        };
        Self { steps, core, inverse }
    }

    /// Rows that the elimination did not reach, if they are not solved exactly either.
    #[cfg(test)]
    pub(crate) fn inexact(&self) -> usize {
        match self.inverse {
            Core::Dense(_) => 0,
            Core::Diagonal(_) => self.core.len(),
        }
    }

    /// The approximate solution of `A x = b`.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        for Step { node, pivot, neighbours } in &self.steps {
            if *pivot > 0.0 {
                let scaled = x[*node as usize] / pivot;
                for &(i, weight) in neighbours {
                    x[i as usize] -= weight * scaled;
                }
            }
        }
        match &self.inverse {
            Core::Dense(factor) => {
                let rhs: Array1<f64> = self.core.iter().map(|&i| x[i as usize]).collect();
                for (&i, value) in self.core.iter().zip(factor.solve(rhs.view())) {
                    x[i as usize] = value;
                }
            }
            Core::Diagonal(diagonal) => {
                for (&i, d) in self.core.iter().zip(diagonal) {
                    x[i as usize] = if *d > 0.0 { x[i as usize] / d } else { 0.0 };
                }
            }
        }
        for Step { node, pivot, neighbours } in self.steps.iter().rev() {
            let off: f64 = neighbours.iter().map(|&(i, weight)| weight * x[i as usize]).sum();
            let node = *node as usize;
            x[node] = if *pivot > 0.0 { (x[node] - off) / pivot } else { 0.0 };
        }
        x
    }
}

/// `row − scale · neighbours`, without the entries `this` (the diagonal) and `gone`.
fn eliminate(
    row: &[(u32, f64)],
    neighbours: &[(u32, f64)],
    scale: f64,
    (this, gone): (u32, u32),
) -> Vec<(u32, f64)> {
    let mut merged = Vec::with_capacity(row.len() + neighbours.len());
    let (mut a, mut b) = (row.iter().peekable(), neighbours.iter().peekable());
    loop {
        let (column, value) = match (a.peek(), b.peek()) {
            (Some(&&(i, x)), Some(&&(j, y))) if i == j => {
                a.next();
                b.next();
                (i, x - scale * y)
            }
            (Some(&&(i, x)), other) if other.is_none_or(|&&(j, _)| i < j) => {
                a.next();
                (i, x)
            }
            (_, Some(&&(j, y))) => {
                b.next();
                (j, -scale * y)
            }
            (_, None) => return merged,
        };
        if column != this && column != gone {
            merged.push((column, value));
        }
    }
}

fn dense(core: &[u32], diagonal: &[f64], rows: &[Vec<(u32, f64)>]) -> Cholesky {
    let mut a = Array2::<f64>::zeros((core.len(), core.len()));
    for (i, &node) in core.iter().enumerate() {
        a[[i, i]] = diagonal[node as usize];
        for &(column, value) in &rows[node as usize] {
            if let Ok(j) = core.binary_search(&column) {
                a[[i, j]] = value;
            }
        }
    }
    Cholesky::new(&a, Elimination::NULL).0
}

/// Levels of factors are counted in `u32` throughout.
fn narrow(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Elimination, Sparse};

    /// A ring of `m` nodes with chords: a connected Laplacian, null on constants.
    fn ring(m: u32, chord: u32) -> Sparse {
        let mut diagonal = vec![0.0; m as usize];
        let mut entries = Vec::new();
        for i in 0..m {
            for (j, weight) in [((i + 1) % m, 1.0), ((i + chord) % m, 0.5)] {
                entries.push((i, j, -weight));
                diagonal[i as usize] += weight;
                diagonal[j as usize] += weight;
            }
        }
        Sparse::new(diagonal, &entries)
    }

    #[test]
    fn a_thin_graph_is_solved_exactly() {
        let a = ring(2000, 2);
        let elimination = Elimination::new(&a);
        assert_eq!(elimination.inexact(), 0);
        // In the range of a Laplacian: the entries sum to zero.
        let b: Vec<f64> = (0..2000_i32).map(|i| f64::from(i % 8) - 3.5).collect();
        let back = a.apply(&elimination.solve(&b));
        for (got, want) in back.iter().zip(&b) {
            assert!((got - want).abs() < 1e-6, "{got} {want}");
        }
    }
}
