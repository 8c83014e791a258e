//! The within transformation: projecting fixed effects out.

use std::ops::Range;

use panel::Factor;

use crate::Error;
use crate::reduced::{Effects, Reduced};

/// The projection `M_D = I − D(D'D)⁻D'` off the dummies of one or more factors.
///
/// The factor with the most levels is eliminated exactly, by its means. The others are what is
/// left, a system with one unknown a level ([`Effects`]): factored at once when the levels are
/// few, as years are, and otherwise solved by preconditioned conjugate gradients. No matrix has
/// a row for every observation and a column for every level.
///
/// # Source
///
/// Guimarães and Portugal (2010); Gaure (2013) for the projection; Abowd, Creecy and Kramarz
/// (2002) for its rank. Agrees with `reghdfe`, fixest, pyfixest and the crate `within`.
#[derive(Debug)]
pub(crate) struct Within<'a> {
    effects: Option<Effects<'a>>,
    reduced: Option<Reduced>,
}

impl<'a> Within<'a> {
    /// A level's mean may be this share of the column's standard deviation and count as zero.
    const TOLERANCE: f64 = 1e-10;
    /// Passes of iterative refinement before giving up.
    const REFINE: usize = 6;

    pub(crate) fn new(factors: &[&'a Factor]) -> Self {
        let effects = Effects::new(factors);
        let reduced = effects.as_ref().filter(|e| e.n_levels > 0).map(Reduced::new);
        Self { effects, reduced }
    }

    /// Writes `M_D v` to `out`.
    ///
    /// # Errors
    ///
    /// [`Error::NotConverged`] if the means of the smaller factors' levels do not vanish.
    pub(crate) fn project(&self, v: &[f64], out: &mut [f64]) -> Result<(), Error> {
        let Some(effects) = &self.effects else {
            out.copy_from_slice(v);
            return Ok(());
        };
        let Some(order) = &effects.order else {
            return self.project_in_order(effects, v, out);
        };
        let sorted: Vec<f64> = order.iter().map(|&row| v[row as usize]).collect();
        let mut projected = vec![0.0; v.len()];
        self.project_in_order(effects, &sorted, &mut projected)?;
        for (&row, value) in order.iter().zip(projected) {
            out[row as usize] = value;
        }
        Ok(())
    }

    /// The projection of a column whose rows are in the order of the largest factor.
    fn project_in_order(
        &self,
        effects: &Effects<'_>,
        v: &[f64],
        out: &mut [f64],
    ) -> Result<(), Error> {
        let Some(reduced) = &self.reduced else {
            for run in effects.start.windows(2) {
                let rows = run[0]..run[1];
                deviations(&v[rows.clone()], &mut out[rows]);
            }
            return Ok(());
        };
        // A run of rows is worked on as a whole while it is in the first-level cache.
        let mut moments = vec![0.0; effects.n_levels];
        let mut squares = 0.0;
        for run in effects.start.windows(2) {
            let rows = run[0]..run[1];
            let out = &mut out[rows.clone()];
            deviations(&v[rows.clone()], out);
            squares += short_sum(out, |v| v * v);
            effects.add_moments(rows, out, &mut moments);
        }
        let tolerance = Self::TOLERANCE * (squares / v.len() as f64).sqrt();

        let mut dx = Vec::new();
        let mut remaining = f64::INFINITY;
        for _ in 0..Self::REFINE {
            let delta = reduced.solve(&moments, effects);
            moments.fill(0.0);
            for run in effects.start.windows(2) {
                let rows = run[0]..run[1];
                let out = &mut out[rows.clone()];
                effects.levels_of(rows.clone(), &delta, &mut dx);
                let mean = short_sum(&dx, |v| v) / dx.len() as f64;
                for (out, dx) in out.iter_mut().zip(&dx) {
                    *out -= dx - mean;
                }
                effects.add_moments(rows, out, &mut moments);
            }
            let means = moments.iter().zip(&effects.count).map(|(sum, count)| (sum / count).abs());
            remaining = means.fold(0.0, f64::max);
            if remaining <= tolerance {
                return Ok(());
            }
        }
        Err(Error::NotConverged { remaining, tolerance })
    }
}

impl Effects<'_> {
    /// Adds the rows of a run, `v`, to `D' v`.
    fn add_moments(&self, rows: Range<usize>, v: &[f64], moments: &mut [f64]) {
        for (codes, &offset) in self.rest.iter().zip(&self.offset) {
            let moments = &mut moments[offset..];
            for (&code, v) in codes[rows.clone()].iter().zip(v) {
                moments[code as usize] += v;
            }
        }
    }

    /// The rows of a run of `D δ`.
    fn levels_of(&self, rows: Range<usize>, delta: &[f64], dx: &mut Vec<f64>) {
        dx.clear();
        for (at, (codes, &offset)) in self.rest.iter().zip(&self.offset).enumerate() {
            let delta = &delta[offset..];
            let values = codes[rows.clone()].iter().map(|&code| delta[code as usize]);
            if at == 0 {
                dx.extend(values);
            } else {
                dx.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
        }
    }
}

/// Writes the deviations of a run from its mean.
fn deviations(v: &[f64], out: &mut [f64]) {
    let mean = short_sum(v, |v| v) / v.len() as f64;
    for (out, v) in out.iter_mut().zip(v) {
        *out = v - mean;
    }
}

/// A sum over a run, in four interleaved ones: a single chain of additions would wait for itself.
fn short_sum(v: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let chunks = v.chunks_exact(4);
    let rest: f64 = chunks.remainder().iter().map(|&v| f(v)).sum();
    let lanes = chunks.fold([0.0; 4], |mut lanes, v| {
        for i in 0..4 {
            lanes[i] += f(v[i]);
        }
        lanes
    });
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
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
