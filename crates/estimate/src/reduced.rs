//! The normal equations of the smaller factors once the largest is eliminated.
//!
//! ```text
//! v = D₀ α + D δ + e,   M₀ = I − D₀(D₀'D₀)⁻¹D₀'   ⟹   S δ = D' M₀ v,   S = D' M₀ D
//! ```

use ndarray::{Array1, Array2};
use panel::Factor;

use crate::cholesky::Cholesky;
use crate::elimination::{Elimination, Sparse};

/// `S` and a way to solve with it. `S` is singular: one null vector a connected component.
#[derive(Debug)]
pub(crate) enum Reduced {
    /// Few levels: one factorisation, no iteration.
    Dense(Cholesky),
    /// Many levels that are thinly connected: `S` itself, preconditioned by elimination.
    Sparse(Sparse, Elimination),
    /// Many levels and too many connections to write down: `S` by passes over the rows,
    /// preconditioned by its diagonal.
    Rows(Vec<f64>),
}

/// Up to this many levels `S` is dense.
const DENSE: usize = 512;
/// A level that the levels before it leave no freedom.
const NULL: f64 = 1e-11;
/// Relative residual at which conjugate gradients stop.
const TOLERANCE: f64 = 1e-11;
const ITERATIONS: usize = 2000;

impl Reduced {
    pub(crate) fn new(effects: &Effects<'_>) -> Self {
        if effects.n_levels <= DENSE {
            return Self::Dense(Cholesky::new(&effects.dense(), NULL).0);
        }
        match effects.sparse() {
            Some(s) => {
                let elimination = Elimination::new(&s);
                Self::Sparse(s, elimination)
            }
            None => Self::Rows(effects.diagonal()),
        }
    }

    /// Solves `S δ = b`.
    pub(crate) fn solve(&self, b: &[f64], effects: &Effects<'_>) -> Vec<f64> {
        match self {
            Self::Dense(factor) => factor.solve(Array1::from(b.to_vec()).view()).to_vec(),
            Self::Sparse(s, elimination) => {
                conjugate_gradients(b, |x| s.apply(x), |r| elimination.solve(r))
            }
            Self::Rows(diagonal) => conjugate_gradients(
                b,
                |x| effects.apply(x),
                |r| {
                    r.iter()
                        .zip(diagonal)
                        .map(|(r, d)| if *d > 0.0 { r / d } else { 0.0 })
                        .collect()
                },
            ),
        }
    }
}

/// Preconditioned conjugate gradients from zero. Whether it got there is the caller's to check,
/// on the data: a residual in the reduced equations is not what a user cares about.
fn conjugate_gradients(
    b: &[f64],
    apply: impl Fn(&[f64]) -> Vec<f64>,
    precondition: impl Fn(&[f64]) -> Vec<f64>,
) -> Vec<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut x = vec![0.0; b.len()];
    let mut r = b.to_vec();
    let mut z = precondition(&r);
    let mut p = z.clone();
    let mut rz = dot(&r, &z);
    let stop = TOLERANCE * TOLERANCE * rz;
    for _ in 0..ITERATIONS {
        if rz <= stop {
            break;
        }
        let ap = apply(&p);
        let curvature = dot(&p, &ap);
        if curvature <= 0.0 {
            break; // Rounding noise in the null space: nothing is left to gain.
        }
        let step = rz / curvature;
        for ((x, r), (p, ap)) in x.iter_mut().zip(&mut r).zip(p.iter().zip(&ap)) {
            *x += step * p;
            *r -= step * ap;
        }
        z = precondition(&r);
        let next = dot(&r, &z);
        let turn = next / rz;
        rz = next;
        for (p, z) in p.iter_mut().zip(&z) {
            *p = z + turn * *p;
        }
    }
    x
}

/// The factors of a projection: the largest, and the rest with their levels numbered through.
#[derive(Debug)]
pub(crate) struct Effects<'a> {
    pub(crate) main: &'a [u32],
    /// Rows in each level of the largest factor.
    pub(crate) size: Vec<f64>,
    pub(crate) rest: Vec<&'a [u32]>,
    /// Where each of the rest starts in `δ`.
    pub(crate) offset: Vec<usize>,
    pub(crate) n_levels: usize,
    /// Rows in each level of the rest: the diagonal of `D' D`.
    pub(crate) count: Vec<f64>,
}

impl<'a> Effects<'a> {
    /// `None` without a factor.
    pub(crate) fn new(factors: &[&'a Factor]) -> Option<Self> {
        // Among equals the first, so that the order of the formula decides.
        let largest = (0..factors.len()).rev().max_by_key(|&f| factors[f].n_levels())?;
        let main = factors[largest].codes();
        let mut size = vec![0.0; factors[largest].n_levels()];
        for &code in main {
            size[code as usize] += 1.0;
        }
        let (mut rest, mut offset, mut n_levels) = (Vec::new(), Vec::new(), 0);
        for (_, factor) in factors.iter().enumerate().filter(|&(f, _)| f != largest) {
            rest.push(factor.codes());
            offset.push(n_levels);
            n_levels += factor.n_levels();
        }
        let mut count = vec![0.0; n_levels];
        for (codes, offset) in rest.iter().zip(&offset) {
            for &code in *codes {
                count[offset + code as usize] += 1.0;
            }
        }
        Some(Self { main, size, rest, offset, n_levels, count })
    }

    /// Calls `visit(size of the group, [(level, rows)])` for every level of the largest factor.
    fn for_each_group(&self, mut visit: impl FnMut(f64, &[(usize, f64)])) {
        let order = self.order();
        let mut at = 0;
        let mut levels: Vec<(usize, f64)> = Vec::new();
        // Where a level stands in `levels`, valid if it is the current group's.
        let mut slot: Vec<(u32, u32)> = vec![(u32::MAX, 0); self.n_levels];
        for (group, &size) in (0_u32..).zip(&self.size) {
            levels.clear();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A count of rows.
            let end = at + size as usize;
            for i in at..end {
                let row = order.as_ref().map_or(i, |order| order[i] as usize);
                for (codes, offset) in self.rest.iter().zip(&self.offset) {
                    let level = offset + codes[row] as usize;
                    let (owner, place) = slot[level];
                    if owner == group {
                        levels[place as usize].1 += 1.0;
                    } else {
                        slot[level] = (group, u32::try_from(levels.len()).unwrap_or(u32::MAX));
                        levels.push((level, 1.0));
                    }
                }
            }
            at = end;
            visit(size, &levels);
        }
    }

    /// Rows sorted by the largest factor, if they are not already.
    fn order(&self) -> Option<Vec<u32>> {
        if self.main.is_sorted() {
            return None;
        }
        let mut next = vec![0_u32; self.size.len()];
        let mut start = 0;
        for (next, &size) in next.iter_mut().zip(&self.size) {
            *next = start;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A count of rows.
            let size = size as u32;
            start += size;
        }
        let mut order = vec![0_u32; self.main.len()];
        for (row, &code) in (0_u32..).zip(self.main) {
            order[next[code as usize] as usize] = row;
            next[code as usize] += 1;
        }
        Some(order)
    }

    fn dense(&self) -> Array2<f64> {
        let m = self.n_levels;
        let mut s = vec![0.0; m * m];
        self.for_each_group(|size, levels| {
            for &(i, a) in levels {
                let row = &mut s[i * m..(i + 1) * m];
                let scaled = a / size;
                for &(j, b) in levels {
                    row[j] -= scaled * b;
                }
            }
        });
        let mut s = Array2::from_shape_vec((m, m), s).unwrap_or_default();
        for (i, count) in self.count.iter().enumerate() {
            s[[i, i]] += count;
        }
        self.for_each_crossing(|i, j| {
            s[[i, j]] += 1.0;
            s[[j, i]] += 1.0;
        });
        s
    }

    /// Calls `visit(i, j)` for every row and every pair of its levels among the rest.
    fn for_each_crossing(&self, mut visit: impl FnMut(usize, usize)) {
        for a in 0..self.rest.len() {
            for b in a + 1..self.rest.len() {
                for (&i, &j) in self.rest[a].iter().zip(self.rest[b]) {
                    visit(self.offset[a] + i as usize, self.offset[b] + j as usize);
                }
            }
        }
    }

    /// The diagonal of `S`.
    fn diagonal(&self) -> Vec<f64> {
        let mut diagonal = self.count.clone();
        self.for_each_group(|size, levels| {
            for &(i, a) in levels {
                diagonal[i] -= a * a / size;
            }
        });
        diagonal
    }

    /// `S`, unless writing it down takes many times the memory of a column.
    fn sparse(&self) -> Option<Sparse> {
        let budget = 4 * self.main.len() + 1_000_000;
        let mut wanted = self.rest.len() * (self.rest.len() - 1) / 2 * self.main.len();
        self.for_each_group(|_, levels| wanted += levels.len() * (levels.len() - 1) / 2);
        if wanted > budget {
            return None;
        }
        #[allow(clippy::cast_possible_truncation)] // Levels are counted in `u32`.
        let narrow = |level: usize| level as u32;
        let mut entries = Vec::with_capacity(wanted);
        self.for_each_group(|size, levels| {
            for (at, &(i, a)) in levels.iter().enumerate() {
                for &(j, b) in &levels[..at] {
                    entries.push((narrow(i), narrow(j), -a * b / size));
                }
            }
        });
        self.for_each_crossing(|i, j| entries.push((narrow(i), narrow(j), 1.0)));
        Some(Sparse::new(self.diagonal(), &entries))
    }

    /// `S x` by two passes over the rows.
    fn apply(&self, x: &[f64]) -> Vec<f64> {
        let mut mean = vec![0.0; self.size.len()];
        for (codes, offset) in self.rest.iter().zip(&self.offset) {
            for (&main, &code) in self.main.iter().zip(*codes) {
                mean[main as usize] += x[offset + code as usize];
            }
        }
        for (mean, size) in mean.iter_mut().zip(&self.size) {
            *mean /= size;
        }
        let mut s = vec![0.0; x.len()];
        for row in 0..self.main.len() {
            let levels =
                self.rest.iter().zip(&self.offset).map(|(codes, o)| o + codes[row] as usize);
            let value: f64 =
                levels.clone().map(|level| x[level]).sum::<f64>() - mean[self.main[row] as usize];
            for level in levels {
                s[level] += value;
            }
        }
        s
    }
}
