//! The normal equations of the smaller factors once the largest is eliminated.
//!
//! ```text
//! v = D₀ α + D δ + e,   M₀ = I − D₀(D₀'D₀)⁻¹D₀'   ⟹   S δ = D' M₀ v,   S = D' M₀ D
//! ```

use std::ops::Range;

use ndarray::{Array1, Array2};
use panel::Factor;
use rayon::prelude::*;

use crate::absorbed::sort_by_group;
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

/// Effects that can write down their `S`, or apply it.
pub(crate) trait NormalEquations {
    /// Unknowns.
    fn n_levels(&self) -> usize;
    /// `S`.
    fn dense(&self) -> Array2<f64>;
    /// The diagonal of `S`.
    fn diagonal(&self) -> Vec<f64>;
    /// `S`, unless writing it down takes many times the memory of a column.
    fn sparse(&self) -> Option<Sparse>;
    /// `S x` by passes over the rows.
    fn apply(&self, x: &[f64]) -> Vec<f64>;
}

impl Reduced {
    pub(crate) fn new(effects: &impl NormalEquations) -> Self {
        if effects.n_levels() <= DENSE {
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
    pub(crate) fn solve(&self, b: &[f64], effects: &impl NormalEquations) -> Vec<f64> {
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
    /// The level of the largest factor, by row.
    pub(crate) main: &'a [u32],
    /// The rows of a group are at `start[g]..start[g + 1]`,
    start: Vec<usize>,
    /// in this order; `None` if they are sorted already.
    order: Option<Vec<u32>>,
    pub(crate) rest: Vec<&'a [u32]>,
    /// Where each of the rest starts among the levels.
    pub(crate) offset: Vec<usize>,
    pub(crate) n_levels: usize,
    /// Rows in each level of the rest: the diagonal of `D' D`.
    pub(crate) count: Vec<f64>,
}

impl<'a> Effects<'a> {
    /// Groups are worked on in this many pieces, whatever the number of threads.
    const PIECES: usize = 16;

    /// `None` without a factor.
    pub(crate) fn new(factors: &[&'a Factor]) -> Option<Self> {
        // Among equals the first, so that the order of the formula decides.
        let largest = (0..factors.len()).rev().max_by_key(|&f| factors[f].n_levels())?;
        let main = factors[largest].codes();
        let n_groups = factors[largest].n_levels();
        let (start, order) = sort_by_group(main, n_groups);
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
        Some(Self { main, start, order, rest, offset, n_levels, count })
    }

    /// Levels of the largest factor.
    fn n_groups(&self) -> usize {
        self.start.len() - 1
    }

    /// One over the rows that share a row's level of the largest factor.
    pub(crate) fn leverage(&self, rows: Range<usize>) -> Vec<f64> {
        let size = |group: u32| self.start[group as usize + 1] - self.start[group as usize];
        self.main[rows].iter().map(|&group| 1.0 / size(group) as f64).collect()
    }

    /// Means by level of the largest factor, and `D'` of the deviations from them.
    pub(crate) fn means_and_moments(&self, v: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let ([codes], None) = (self.rest.as_slice(), &self.order) else {
            let means = self.means(v);
            let moments = self.moments_about(v, &means);
            return (means, moments);
        };
        // Sorted rows and one other factor, the usual panel: a run at a time, while it is cached.
        let mut moments = vec![0.0; self.n_levels];
        let means = self.start.windows(2).map(|run| {
            let rows = run[0]..run[1];
            let mean = short_sum(v[rows.clone()].iter().copied()) / rows.len() as f64;
            for (v, &code) in v[rows.clone()].iter().zip(&codes[rows]) {
                moments[code as usize] += v - mean;
            }
            mean
        });
        (means.collect(), moments)
    }

    /// Means by level of the largest factor.
    fn means(&self, v: &[f64]) -> Vec<f64> {
        let mut means = vec![0.0; self.n_groups()];
        self.add_by_group(v.iter().copied(), &mut means);
        for (mean, run) in means.iter_mut().zip(self.start.windows(2)) {
            *mean /= (run[1] - run[0]) as f64;
        }
        means
    }

    /// Adds the values of rows to their groups. Rows of a group mostly follow each other: their
    /// sum stays in a register.
    fn add_by_group(&self, values: impl Iterator<Item = f64>, sums: &mut [f64]) {
        let (mut current, mut sum) = (0, 0.0);
        for (&group, value) in self.main.iter().zip(values) {
            if group != current {
                sums[current as usize] += sum;
                (current, sum) = (group, 0.0);
            }
            sum += value;
        }
        if let Some(last) = sums.get_mut(current as usize) {
            *last += sum;
        }
    }

    /// `D'(v − D₀ α)`: sums by level of the smaller factors about the means of the largest.
    pub(crate) fn moments_about(&self, v: &[f64], alpha: &[f64]) -> Vec<f64> {
        let mut moments = vec![0.0; self.n_levels];
        for (codes, &offset) in self.rest.iter().zip(&self.offset) {
            let moments = &mut moments[offset..];
            for ((v, &main), &code) in v.iter().zip(self.main).zip(*codes) {
                moments[code as usize] += v - alpha[main as usize];
            }
        }
        moments
    }

    /// `α ← α − (D₀'D₀)⁻¹ D₀' D δ`, so that what is left of `v − α − δ` has mean zero by group.
    pub(crate) fn shift(&self, alpha: &mut [f64], delta: &[f64]) {
        if let ([codes], None) = (self.rest.as_slice(), &self.order) {
            for (alpha, run) in alpha.iter_mut().zip(self.start.windows(2)) {
                let codes = &codes[run[0]..run[1]];
                let sum = short_sum(codes.iter().map(|&code| delta[code as usize]));
                *alpha -= sum / codes.len() as f64;
            }
            return;
        }
        let mut sums = vec![0.0; self.n_groups()];
        for (codes, &offset) in self.rest.iter().zip(&self.offset) {
            let delta = &delta[offset..];
            self.add_by_group(codes.iter().map(|&code| delta[code as usize]), &mut sums);
        }
        for ((alpha, sum), run) in alpha.iter_mut().zip(sums).zip(self.start.windows(2)) {
            *alpha -= sum / (run[1] - run[0]) as f64;
        }
    }

    /// Calls `visit(size of the group, [(level, rows)])` for some levels of the largest factor.
    fn for_each_group(&self, groups: Range<usize>, mut visit: impl FnMut(f64, &[(usize, f64)])) {
        let mut levels: Vec<(usize, f64)> = Vec::new();
        // Where a level stands in `levels`, if its group is the current one.
        let mut slot: Vec<(usize, usize)> = vec![(usize::MAX, 0); self.n_levels];
        for group in groups {
            levels.clear();
            let rows = self.start[group]..self.start[group + 1];
            for (codes, offset) in self.rest.iter().zip(&self.offset) {
                for at in rows.clone() {
                    let row = self.order.as_ref().map_or(at, |order| order[at] as usize);
                    let level = offset + codes[row] as usize;
                    let (owner, place) = slot[level];
                    if owner == group {
                        levels[place].1 += 1.0;
                    } else {
                        slot[level] = (group, levels.len());
                        levels.push((level, 1.0));
                    }
                }
            }
            visit(rows.len() as f64, &levels);
        }
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
}

impl NormalEquations for Effects<'_> {
    fn n_levels(&self) -> usize {
        self.n_levels
    }

    fn dense(&self) -> Array2<f64> {
        let m = self.n_levels;
        let n_groups = self.n_groups();
        let part = |piece: usize| {
            let mut s = vec![0.0; m * m];
            let at = |piece: usize| n_groups * piece / Self::PIECES;
            self.for_each_group(at(piece)..at(piece + 1), |size, levels| {
                for (at, &(i, a)) in levels.iter().enumerate() {
                    let row = &mut s[i * m..(i + 1) * m];
                    let scaled = a / size;
                    for &(j, b) in &levels[..=at] {
                        row[j] -= scaled * b;
                    }
                }
            });
            s
        };
        let few = if self.count.len() * n_groups < 1 << 16 { Self::PIECES } else { 1 };
        let parts: Vec<Vec<f64>> =
            (0..Self::PIECES).into_par_iter().with_min_len(few).map(part).collect();
        let mut s = Array2::<f64>::zeros((m, m));
        for part in parts {
            s.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        for (i, count) in self.count.iter().enumerate() {
            s[[i, i]] += count;
        }
        self.for_each_crossing(|i, j| s[[i, j]] += 1.0);
        // Each pair of levels was counted once, in either order.
        for i in 0..m {
            for j in 0..i {
                let both = s[[i, j]] + s[[j, i]];
                (s[[i, j]], s[[j, i]]) = (both, both);
            }
        }
        s
    }

    fn diagonal(&self) -> Vec<f64> {
        let mut diagonal = self.count.clone();
        self.for_each_group(0..self.n_groups(), |size, levels| {
            for &(i, a) in levels {
                diagonal[i] -= a * a / size;
            }
        });
        diagonal
    }

    fn sparse(&self) -> Option<Sparse> {
        let (n, f, all) = (self.rest[0].len(), self.rest.len(), 0..self.n_groups());
        let mut wanted = f * (f - 1) / 2 * n;
        self.for_each_group(all.clone(), |_, levels| {
            wanted += levels.len() * (levels.len() - 1) / 2;
        });
        if wanted > 4 * n + 1_000_000 {
            return None;
        }
        #[allow(clippy::cast_possible_truncation)] // Levels are counted in `u32`.
        let narrow = |level: usize| level as u32;
        let mut entries = Vec::with_capacity(wanted);
        self.for_each_group(all, |size, levels| {
            for (at, &(i, a)) in levels.iter().enumerate() {
                for &(j, b) in &levels[..at] {
                    entries.push((narrow(i), narrow(j), -a * b / size));
                }
            }
        });
        self.for_each_crossing(|i, j| entries.push((narrow(i), narrow(j), 1.0)));
        Some(Sparse::new(self.diagonal(), &entries))
    }

    fn apply(&self, x: &[f64]) -> Vec<f64> {
        let mut alpha = vec![0.0; self.n_groups()];
        self.shift(&mut alpha, x);
        let mut dx = vec![0.0; self.main.len()];
        for (codes, offset) in self.rest.iter().zip(&self.offset) {
            dx.iter_mut().zip(*codes).for_each(|(sum, &code)| *sum += x[offset + code as usize]);
        }
        for mean in &mut alpha {
            *mean = -*mean;
        }
        self.moments_about(&dx, &alpha)
    }
}

/// A sum over a run in two interleaved chains: a single one would wait for itself.
fn short_sum(mut values: impl Iterator<Item = f64>) -> f64 {
    let (mut even, mut odd) = (0.0, 0.0);
    while let Some(value) = values.next() {
        even += value;
        odd += values.next().unwrap_or(0.0);
    }
    even + odd
}
