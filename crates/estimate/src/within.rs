//! The within transformation: projecting fixed effects out.

use std::ops::Range;

use panel::Factor;

use crate::Error;
use crate::ls::sum_of_squares;
use crate::reduced::{Effects, Reduced, demean};

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
        let mut moments = vec![0.0; effects.n_levels];
        for run in effects.start.windows(2) {
            let rows = run[0]..run[1];
            out[rows.clone()].copy_from_slice(&v[rows.clone()]);
            demean(&mut out[rows.clone()]);
            effects.add_moments(rows, out, &mut moments);
        }
        let Some(reduced) = &self.reduced else { return Ok(()) };
        let scale = (sum_of_squares(out) / v.len() as f64).sqrt();

        let mut dx = Vec::new();
        let mut remaining = f64::INFINITY;
        for _ in 0..Self::REFINE {
            let delta = reduced.solve(&moments, effects);
            moments.fill(0.0);
            for run in effects.start.windows(2) {
                let rows = run[0]..run[1];
                dx.clear();
                dx.resize(rows.len(), 0.0);
                for (codes, &offset) in effects.rest.iter().zip(&effects.offset) {
                    let delta = &delta[offset..];
                    for (dx, &code) in dx.iter_mut().zip(&codes[rows.clone()]) {
                        *dx += delta[code as usize];
                    }
                }
                demean(&mut dx);
                for (out, dx) in out[rows.clone()].iter_mut().zip(&dx) {
                    *out -= dx;
                }
                effects.add_moments(rows, out, &mut moments);
            }
            let means = moments.iter().zip(&effects.count).map(|(sum, count)| (sum / count).abs());
            remaining = means.fold(0.0, f64::max);
            if remaining <= Self::TOLERANCE * scale {
                return Ok(());
            }
        }
        Err(Error::NotConverged { remaining, tolerance: Self::TOLERANCE * scale })
    }
}

impl Effects<'_> {
    /// Adds the rows of a run to `D' v`.
    fn add_moments(&self, rows: Range<usize>, v: &[f64], moments: &mut [f64]) {
        for (codes, &offset) in self.rest.iter().zip(&self.offset) {
            let moments = &mut moments[offset..];
            for (&code, v) in codes[rows.clone()].iter().zip(&v[rows.clone()]) {
                moments[code as usize] += v;
            }
        }
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
