//! The within transformation: projecting fixed effects out, a piece of rows at a time.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};
use panel::Factor;
use rayon::prelude::*;

use crate::Error;
use crate::absorbed::Absorbed;
use crate::linear::ROUNDING;
use crate::ls::{self, CHUNK, grain};
use crate::reduced::Reduced;

/// Columns off which the dummies of one or more factors are projected: `M_D V`.
///
/// `M_D = I − D(D'D)⁻D'` is never formed, and neither is `M_D V`. What is kept are the effects of
/// each column, `v_it ≈ α_i + δ_t + …`; a piece of rows of `M_D V` is `v − α − δ`, made where it
/// is used, in the cache.
///
/// The factor with the most levels is eliminated exactly, by its means. The others are what is
/// left, a system with one unknown a level ([`Reduced`]): factored at once when the levels are
/// few, as years are, and otherwise solved by preconditioned conjugate gradients.
///
/// # Source
///
/// Guimarães and Portugal (2010); Gaure (2013) for the projection; Abowd, Creecy and Kramarz
/// (2002) for its rank. Agrees with `reghdfe`, fixest and pyfixest.
#[derive(Debug)]
pub(crate) struct Projected<'a> {
    n: usize,
    columns: Vec<&'a [f64]>,
    effects: Absorbed<'a>,
    reduced: Option<Reduced>,
    /// Effects of the largest factor, one vector a column.
    alpha: Vec<Vec<f64>>,
    /// Effects of the others, their levels numbered through.
    delta: Vec<Vec<f64>>,
}

impl<'a> Projected<'a> {
    /// A level's mean may be this share of the column's standard deviation and count as zero.
    const TOLERANCE: f64 = 1e-10;
    /// Passes of iterative refinement before giving up.
    const REFINE: usize = 6;

    /// Solves for the effects of every column; all columns are as long as the factors, and scaled
    /// by `√w` already if the rows have weights.
    pub(crate) fn new(effects: impl Into<Absorbed<'a>>, columns: Vec<&'a [f64]>) -> Self {
        let effects = effects.into();
        let n = columns.first().map_or(0, |column| column.len());
        let reduced = effects.reduce();
        let (alpha, delta) = if matches!(effects, Absorbed::None) {
            (Vec::new(), Vec::new())
        } else {
            columns
                .par_iter()
                .with_min_len(grain(n))
                .map(|v| effects.effects_of(v, reduced.as_ref()))
                .unzip()
        };
        Self { n, columns, effects, reduced, alpha, delta }
    }

    /// Rows.
    pub(crate) fn n(&self) -> usize {
        self.n
    }

    /// `(M_D V)'(M_D V)`.
    ///
    /// # Errors
    ///
    /// [`Error::NotConverged`] if the means of the smaller factors' levels do not vanish.
    pub(crate) fn gram(&mut self) -> Result<Array2<f64>, Error> {
        let mut remaining = (f64::INFINITY, 0.0);
        for _ in 0..Self::REFINE {
            let few = self.effects.n_levels() <= CHUNK / 8;
            let parts = self.map(|rows, z| {
                let moments = if few { self.moments(rows, z.view()) } else { Vec::new() };
                (ls::products(z.view()), moments)
            });
            let k = self.columns.len();
            let mut gram = Array2::<f64>::zeros((k, k));
            let mut moments: Vec<Vec<f64>> =
                self.delta.iter().map(|delta| vec![0.0; delta.len()]).collect();
            for (part, moment) in parts {
                gram += &part;
                for (sum, part) in moments.iter_mut().zip(&moment) {
                    sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
                }
            }
            let Some(reduced) = &self.reduced else { return Ok(gram) };
            if !few {
                // Sums by level for every piece would outgrow the data: take them by column.
                let column = |j: usize| self.column_moments(j);
                moments = (0..k).into_par_iter().with_min_len(grain(self.n)).map(column).collect();
            }
            let off = moments.iter().enumerate().find_map(|(j, moments)| {
                let mean = |(sum, count): (&f64, &f64)| (sum / count).abs();
                let largest =
                    moments.iter().zip(self.effects.count()).map(mean).fold(0.0, f64::max);
                let most = Self::TOLERANCE * (gram[[j, j]] / self.n as f64).sqrt();
                // A NaN is off, too: columns whose squares overflow are told apart by the caller.
                let settled =
                    largest <= most || largest <= self.noise(j) || self.gone(j, gram[[j, j]]);
                (!settled && gram[[j, j]].is_finite()).then_some((largest, most))
            });
            let Some(off) = off else { return Ok(gram) };
            remaining = off;
            for ((alpha, delta), moments) in
                self.alpha.iter_mut().zip(&mut self.delta).zip(&moments)
            {
                let more = self.effects.refine(alpha, moments, reduced);
                delta.iter_mut().zip(&more).for_each(|(delta, more)| *delta += more);
            }
        }
        let (remaining, tolerance) = remaining;
        Err(Error::NotConverged { remaining, tolerance })
    }

    /// What rounding leaves of a column that the effects explain wholly.
    fn noise(&self, j: usize) -> f64 {
        1e-15 * self.columns[j].iter().fold(0.0, |most: f64, v| most.max(v.abs()))
    }

    /// Whether so little is left of a column that it counts as explained by the effects, wholly.
    fn gone(&self, j: usize, left: f64) -> bool {
        left <= ROUNDING * ROUNDING * ls::dot(self.columns[j], self.columns[j])
    }

    /// Calls `f` on every piece of rows and its `M_D V`; results are in the order of the rows.
    pub(crate) fn map<T: Send>(&self, f: impl Fn(Range<usize>, Array2<f64>) -> T + Sync) -> Vec<T> {
        let starts: Vec<usize> = (0..self.n).step_by(CHUNK).collect();
        starts
            .into_par_iter()
            .with_min_len(grain(CHUNK))
            .map(|start| {
                let rows = start..(start + CHUNK).min(self.n);
                let z = self.piece(rows.clone());
                f(rows, z)
            })
            .collect()
    }

    /// Some rows of `M_D V`; columns are contiguous.
    pub(crate) fn piece(&self, rows: Range<usize>) -> Array2<f64> {
        let mut z = ls::columns(rows.len(), self.columns.len());
        for (j, mut z) in z.columns_mut().into_iter().enumerate() {
            let v = &self.columns[j][rows.clone()];
            let z = z.as_slice_mut().unwrap_or_default();
            let alpha = self.alpha.get(j).map_or(&[][..], Vec::as_slice);
            let delta = self.delta.get(j).map_or(&[][..], Vec::as_slice);
            self.subtract(rows.clone(), v, (alpha, delta), z);
        }
        z
    }

    /// `M_D v` of a column that is not among `V`.
    pub(crate) fn off(&self, v: &[f64]) -> Vec<f64> {
        let (alpha, delta) = self.effects.effects_of(v, self.reduced.as_ref());
        let mut z = vec![0.0; v.len()];
        self.subtract(0..v.len(), v, (&alpha, &delta), &mut z);
        z
    }

    /// `v − α − δ` of some rows.
    fn subtract(
        &self,
        rows: Range<usize>,
        v: &[f64],
        (alpha, delta): (&[f64], &[f64]),
        z: &mut [f64],
    ) {
        let effects = match &self.effects {
            Absorbed::None => {
                z.copy_from_slice(v);
                return;
            }
            Absorbed::Valued(effects) => return effects.subtract(rows, v, (alpha, delta), z),
            Absorbed::Unit(effects) => effects,
        };
        let main = effects.main[rows.clone()].iter();
        match effects.rest.as_slice() {
            [codes] => {
                let codes = &codes[rows];
                for (((z, v), &main), &code) in z.iter_mut().zip(v).zip(main).zip(codes) {
                    *z = v - alpha[main as usize] - delta[code as usize];
                }
            }
            rest => {
                for ((z, v), &main) in z.iter_mut().zip(v).zip(main) {
                    *z = v - alpha[main as usize];
                }
                for (codes, &offset) in rest.iter().zip(&effects.offset) {
                    let delta = &delta[offset..];
                    for (z, &code) in z.iter_mut().zip(&codes[rows.clone()]) {
                        *z -= delta[code as usize];
                    }
                }
            }
        }
    }

    /// `D' z` of every column over some rows; empty without smaller factors.
    fn moments(&self, rows: Range<usize>, z: ArrayView2<'_, f64>) -> Vec<Vec<f64>> {
        if self.reduced.is_none() {
            return Vec::new();
        }
        let effects = match &self.effects {
            Absorbed::None => return Vec::new(),
            Absorbed::Unit(effects) => effects,
            Absorbed::Valued(effects) => {
                let one = |z: ndarray::ArrayView1<'_, f64>| {
                    effects.moments(rows.clone(), z.to_slice().unwrap_or_default())
                };
                return z.columns().into_iter().map(one).collect();
            }
        };
        let one = |z: ndarray::ArrayView1<'_, f64>| {
            let mut moments = vec![0.0; effects.n_levels];
            for (codes, &offset) in effects.rest.iter().zip(&effects.offset) {
                let moments = &mut moments[offset..];
                for (z, &code) in z.iter().zip(&codes[rows.clone()]) {
                    moments[code as usize] += z;
                }
            }
            moments
        };
        z.columns().into_iter().map(one).collect()
    }

    /// `D' z` of one column over all rows.
    fn column_moments(&self, j: usize) -> Vec<f64> {
        let (alpha, delta) = (&self.alpha[j], &self.delta[j]);
        let effects = match &self.effects {
            Absorbed::None => return Vec::new(),
            Absorbed::Unit(effects) => effects,
            Absorbed::Valued(effects) => {
                let mut z = vec![0.0; self.n];
                effects.subtract(0..self.n, self.columns[j], (alpha, delta), &mut z);
                return effects.moments(0..self.n, &z);
            }
        };
        let mut moments = vec![0.0; effects.n_levels];
        for (row, (v, &main)) in self.columns[j].iter().zip(effects.main).enumerate() {
            let levels = effects.rest.iter().zip(&effects.offset);
            let levels = levels.map(|(codes, offset)| offset + codes[row] as usize);
            let z = levels.clone().fold(v - alpha[main as usize], |z, level| z - delta[level]);
            levels.for_each(|level| moments[level] += z);
        }
        moments
    }

    /// What the largest factor contributes to the leverage of some rows.
    pub(crate) fn leverage(&self, rows: Range<usize>) -> Vec<f64> {
        self.effects.leverage(rows)
    }
}

/// Connected components of the graph whose nodes are the levels of two factors and whose edges
/// are the rows.
pub(crate) fn components(a: &Factor, b: &Factor) -> usize {
    fn find(parent: &mut [u32], mut node: u32) -> u32 {
        while parent[node as usize] != node {
            parent[node as usize] = parent[parent[node as usize] as usize];
            node = parent[node as usize];
        }
        node
    }
    let shift = u32::try_from(a.n_levels()).unwrap_or(u32::MAX);
    let nodes = a.n_levels() + b.n_levels();
    let mut parent: Vec<u32> = (0..).take(nodes).collect();
    let mut count = nodes;
    for (&i, &j) in a.codes().iter().zip(b.codes()) {
        let (i, j) = (find(&mut parent, i), find(&mut parent, shift + j));
        if i != j {
            parent[i as usize] = j;
            count -= 1;
            if count == 1 {
                break;
            }
        }
    }
    count
}
