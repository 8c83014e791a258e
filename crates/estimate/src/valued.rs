//! Absorbed effects whose dummies carry values: weights, and slopes by level.
//!
//! ```text
//! d_l(row) = √w · x · 1{row in level l}        x = 1 for an effect, a column for a slope
//! ```

use std::ops::Range;

use ndarray::Array2;
use rayon::prelude::*;

use crate::absorbed::{Block, sort_by_group};
use crate::elimination::Sparse;
use crate::reduced::NormalEquations;

/// The absorbed effects of weighted rows, or with slopes by level.
///
/// The columns of a factor, its effect and its slopes, are made orthogonal level by level. Those
/// of the largest factor then have a diagonal `D₀'D₀`, and are eliminated exactly; the others
/// form `S`, as in [`Effects`](crate::reduced::Effects).
#[derive(Debug)]
pub(crate) struct Valued<'a> {
    main: Basis<'a>,
    /// Where the rows of a level of the largest factor stand in `order`.
    start: Vec<usize>,
    order: Option<Vec<u32>>,
    rest: Vec<Rest<'a>>,
    n_levels: usize,
    /// The diagonal of `D'D`.
    count: Vec<f64>,
    /// Slopes that the effect and the slopes before it do not span, over all levels.
    pub(crate) n_slopes: usize,
}

/// Orthogonal columns of one factor.
#[derive(Debug)]
struct Basis<'a> {
    codes: &'a [u32],
    n_groups: usize,
    columns: Vec<Vec<f64>>,
    /// `Σ u²` by column and level; zero where the columns before span it.
    squares: Vec<Vec<f64>>,
}

/// One column of a smaller factor.
#[derive(Debug)]
struct Rest<'a> {
    codes: &'a [u32],
    values: Vec<f64>,
    offset: usize,
}

/// What is left of a slope's squares in a level, as a share, may be rounding noise.
const SPANNED: f64 = 1e-24;

impl<'a> Basis<'a> {
    fn new(block: &Block<'a>, root: Option<&[f64]>) -> Self {
        let (codes, n_groups) = (block.factor.codes(), block.factor.n_levels());
        let ones = || root.map_or_else(|| vec![1.0; codes.len()], <[f64]>::to_vec);
        let mut basis = Self { codes, n_groups, columns: Vec::new(), squares: Vec::new() };
        let masses = basis.sums(ones().iter().map(|r| r * r));
        if block.intercept {
            basis.columns.push(ones());
            basis.squares.push(masses.clone());
        }
        for slope in &block.slopes {
            let mut u = match root {
                None => slope.to_vec(),
                Some(root) => slope.iter().zip(root).map(|(x, r)| x * r).collect(),
            };
            let before = basis.sums(u.iter().map(|u| u * u));
            for _ in 0..2 {
                for (column, squares) in basis.columns.iter().zip(&basis.squares) {
                    let weights = quotients(basis.sums(product(column, &u)), squares);
                    for ((u, &code), c) in u.iter_mut().zip(codes).zip(column) {
                        *u -= weights[code as usize] * c;
                    }
                }
            }
            // In units of the level's effect, so that its moments are like means.
            let after = basis.sums(u.iter().map(|u| u * u));
            let live = |level: usize| after[level] > SPANNED * before[level];
            let scale: Vec<f64> = (0..n_groups)
                .map(|level| if live(level) { (masses[level] / after[level]).sqrt() } else { 0.0 })
                .collect();
            u.iter_mut().zip(codes).for_each(|(u, &code)| *u *= scale[code as usize]);
            basis.squares.push(basis.sums(u.iter().map(|u| u * u)));
            basis.columns.push(u);
        }
        basis
    }

    /// Sums by level.
    fn sums(&self, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.n_groups];
        self.codes.iter().zip(values).for_each(|(&code, value)| sums[code as usize] += value);
        sums
    }

    /// `(D₀'D₀)⁻¹ D₀'v`, column by column.
    fn project(&self, v: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
        let columns = self.columns.iter().zip(&self.squares);
        columns
            .flat_map(|(column, squares)| {
                quotients(self.sums(column.iter().zip(v.clone()).map(|(u, v)| u * v)), squares)
            })
            .collect()
    }

    /// The row of `D₀ α`.
    fn at(&self, alpha: &[f64], row: usize) -> f64 {
        let columns = self.columns.iter().zip(alpha.chunks_exact(self.n_groups.max(1)));
        columns.map(|(u, alpha)| u[row] * alpha[self.codes[row] as usize]).sum()
    }

    fn n_live(&self, squares: &[Vec<f64>]) -> usize {
        squares.iter().flatten().filter(|square| **square > 0.0).count()
    }
}

fn product<'v>(a: &'v [f64], b: &'v [f64]) -> impl Iterator<Item = f64> + 'v {
    a.iter().zip(b).map(|(a, b)| a * b)
}

/// `a/b`, zero where `b` is.
fn quotients(mut a: Vec<f64>, b: &[f64]) -> Vec<f64> {
    a.iter_mut().zip(b).for_each(|(a, b)| *a = if *b > 0.0 { *a / b } else { 0.0 });
    a
}

impl<'a> Valued<'a> {
    /// `None` without a block.
    pub(crate) fn new(blocks: &[Block<'a>], root: Option<&[f64]>) -> Option<Self> {
        let width = |block: &Block<'_>| block.slopes.len() + usize::from(block.intercept);
        let unknowns = |f: usize| blocks[f].factor.n_levels() * width(&blocks[f]);
        let largest = (0..blocks.len()).rev().max_by_key(|&f| unknowns(f))?;
        let mut bases: Vec<Basis<'a>> =
            blocks.par_iter().map(|block| Basis::new(block, root)).collect();
        let n_slopes = (blocks.iter().zip(&bases))
            .map(|(block, basis)| basis.n_live(&basis.squares[usize::from(block.intercept)..]))
            .sum();
        let main = bases.remove(largest);
        let (start, order) = sort_by_group(main.codes, main.n_groups);
        let (mut rest, mut count) = (Vec::new(), Vec::new());
        for Basis { codes, columns, squares, .. } in bases {
            for (values, squares) in columns.into_iter().zip(squares) {
                rest.push(Rest { codes, values, offset: count.len() });
                count.extend(squares);
            }
        }
        let n_levels = count.len();
        Some(Self { main, start, order, rest, n_levels, count, n_slopes })
    }

    pub(crate) fn count(&self) -> &[f64] {
        &self.count
    }

    /// `(D₀'D₀)⁻¹ D₀'v`, and `D'` of what that leaves.
    pub(crate) fn means_and_moments(&self, v: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let alpha = self.main.project(v.iter().copied());
        let left: Vec<f64> =
            v.iter().enumerate().map(|(row, v)| v - self.main.at(&alpha, row)).collect();
        let moments = self.moments(0..v.len(), &left);
        (alpha, moments)
    }

    /// `α ← α − (D₀'D₀)⁻¹ D₀' D δ`.
    pub(crate) fn shift(&self, alpha: &mut [f64], delta: &[f64]) {
        let effects = self.times(delta);
        let more = self.main.project(effects.iter().copied());
        alpha.iter_mut().zip(more).for_each(|(alpha, more)| *alpha -= more);
    }

    /// `D δ`.
    fn times(&self, delta: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.main.codes.len()];
        for Rest { codes, values, offset } in &self.rest {
            let delta = &delta[*offset..];
            for ((sum, &code), u) in sum.iter_mut().zip(*codes).zip(values) {
                *sum += u * delta[code as usize];
            }
        }
        sum
    }

    /// `D'z` over some rows.
    pub(crate) fn moments(&self, rows: Range<usize>, z: &[f64]) -> Vec<f64> {
        let mut moments = vec![0.0; self.n_levels];
        for Rest { codes, values, offset } in &self.rest {
            let moments = &mut moments[*offset..];
            for ((z, &code), u) in z.iter().zip(&codes[rows.clone()]).zip(&values[rows.clone()]) {
                moments[code as usize] += u * z;
            }
        }
        moments
    }

    /// `v − D₀ α − D δ` over some rows.
    pub(crate) fn subtract(
        &self,
        rows: Range<usize>,
        v: &[f64],
        (alpha, delta): (&[f64], &[f64]),
        z: &mut [f64],
    ) {
        z.copy_from_slice(v);
        let Basis { codes, n_groups, columns, .. } = &self.main;
        for (column, alpha) in columns.iter().zip(alpha.chunks_exact((*n_groups).max(1))) {
            let row = z.iter_mut().zip(&codes[rows.clone()]).zip(&column[rows.clone()]);
            row.for_each(|((z, &code), u)| *z -= u * alpha[code as usize]);
        }
        for Rest { codes, values, offset } in &self.rest {
            let delta = &delta[*offset..];
            let row = z.iter_mut().zip(&codes[rows.clone()]).zip(&values[rows.clone()]);
            row.for_each(|((z, &code), u)| *z -= u * delta[code as usize]);
        }
    }

    /// What the columns of the largest factor contribute to the leverage of some rows.
    pub(crate) fn leverage(&self, rows: Range<usize>) -> Vec<f64> {
        let Basis { codes, columns, squares, .. } = &self.main;
        let one = |row: usize| {
            let code = codes[row] as usize;
            let share = |(u, squares): (&Vec<f64>, &Vec<f64>)| {
                if squares[code] > 0.0 { u[row] * u[row] / squares[code] } else { 0.0 }
            };
            columns.iter().zip(squares).map(share).sum()
        };
        rows.map(one).collect()
    }

    /// Calls `visit(levels, R)` for some levels of the largest factor: the levels of the others
    /// in it, and for each the `D₀'D` entries over `√(D₀'D₀)`, one a column.
    fn for_each_group(&self, groups: Range<usize>, mut visit: impl FnMut(&[usize], &[f64])) {
        let Basis { columns, squares, .. } = &self.main;
        let q = columns.len();
        let (mut levels, mut entries): (Vec<usize>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut slot: Vec<(usize, usize)> = vec![(usize::MAX, 0); self.n_levels];
        for group in groups {
            levels.clear();
            entries.clear();
            for Rest { codes, values, offset } in &self.rest {
                for at in self.start[group]..self.start[group + 1] {
                    let row = self.order.as_ref().map_or(at, |order| order[at] as usize);
                    let level = offset + codes[row] as usize;
                    if slot[level].0 != group {
                        slot[level] = (group, levels.len());
                        levels.push(level);
                        entries.resize(entries.len() + q, 0.0);
                    }
                    let entries = &mut entries[slot[level].1 * q..][..q];
                    for (entry, u) in entries.iter_mut().zip(columns) {
                        *entry += u[row] * values[row];
                    }
                }
            }
            for entries in entries.chunks_exact_mut(q) {
                for (entry, squares) in entries.iter_mut().zip(squares) {
                    let square = squares[group];
                    *entry = if square > 0.0 { *entry / square.sqrt() } else { 0.0 };
                }
            }
            visit(&levels, &entries);
        }
    }

    /// Calls `visit(i, j, d_i d_j)` for every row and every pair of its columns among the rest.
    fn for_each_crossing(&self, mut visit: impl FnMut(usize, usize, f64)) {
        for (a, one) in self.rest.iter().enumerate() {
            for two in &self.rest[a + 1..] {
                if std::ptr::eq(one.codes, two.codes) {
                    continue; // Columns of one factor are orthogonal.
                }
                let rows = one.codes.iter().zip(two.codes).zip(one.values.iter().zip(&two.values));
                for ((&i, &j), (u, v)) in rows {
                    visit(one.offset + i as usize, two.offset + j as usize, u * v);
                }
            }
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl NormalEquations for Valued<'_> {
    fn n_levels(&self) -> usize {
        self.n_levels
    }

    fn dense(&self) -> Array2<f64> {
        let (m, q) = (self.n_levels, self.main.columns.len());
        let mut s = Array2::<f64>::from_diag(&ndarray::Array1::from(self.count.clone()));
        self.for_each_crossing(|i, j, value| {
            s[[i, j]] += value;
            s[[j, i]] += value;
        });
        self.for_each_group(0..self.main.n_groups, |levels, entries| {
            for (a, &i) in levels.iter().enumerate() {
                for (b, &j) in levels[..=a].iter().enumerate() {
                    s[[i.max(j), i.min(j)]] -= dot(&entries[a * q..][..q], &entries[b * q..][..q]);
                }
            }
        });
        for i in 0..m {
            for j in 0..i {
                s[[j, i]] = s[[i, j]];
            }
        }
        s
    }

    fn diagonal(&self) -> Vec<f64> {
        let q = self.main.columns.len();
        let mut diagonal = self.count.clone();
        self.for_each_group(0..self.main.n_groups, |levels, entries| {
            for (&i, entries) in levels.iter().zip(entries.chunks_exact(q)) {
                diagonal[i] -= dot(entries, entries);
            }
        });
        diagonal
    }

    fn sparse(&self) -> Option<Sparse> {
        let (n, q) = (self.main.codes.len(), self.main.columns.len());
        let all = 0..self.main.n_groups;
        let mut wanted = 0;
        self.for_each_crossing(|_, _, _| wanted += 1);
        self.for_each_group(all.clone(), |levels, _| {
            wanted += levels.len() * levels.len().saturating_sub(1) / 2;
        });
        if wanted > 4 * n + 1_000_000 {
            return None;
        }
        #[allow(clippy::cast_possible_truncation)] // Levels are counted in `u32`.
        let narrow = |level: usize| level as u32;
        let mut entries = Vec::with_capacity(wanted);
        self.for_each_group(all, |levels, parts| {
            for (a, &i) in levels.iter().enumerate() {
                for (b, &j) in levels[..a].iter().enumerate() {
                    let value = dot(&parts[a * q..][..q], &parts[b * q..][..q]);
                    entries.push((narrow(i), narrow(j), -value));
                }
            }
        });
        self.for_each_crossing(|i, j, value| entries.push((narrow(i), narrow(j), value)));
        Some(Sparse::new(self.diagonal(), &entries))
    }

    fn apply(&self, x: &[f64]) -> Vec<f64> {
        self.means_and_moments(&self.times(x)).1
    }
}
