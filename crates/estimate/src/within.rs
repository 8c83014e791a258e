//! The within transformation: projecting fixed effects out.

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
        let mut sums = vec![0.0; effects.size.len()];
        for (&code, v) in effects.main.iter().zip(v) {
            sums[code as usize] += v;
        }
        for (sum, size) in sums.iter_mut().zip(&effects.size) {
            *sum /= size;
        }
        let mut scale = 0.0;
        for ((out, v), &code) in out.iter_mut().zip(v).zip(effects.main) {
            *out = v - sums[code as usize];
            scale += *out * *out;
        }
        let Some(reduced) = &self.reduced else { return Ok(()) };
        let scale = (scale / v.len() as f64).sqrt();

        let mut moment = effects.moments(out);
        let mut remaining = f64::INFINITY;
        for _ in 0..Self::REFINE {
            let delta = reduced.solve(&moment, effects);
            effects.subtract(&delta, &mut sums, out);
            moment = effects.moments(out);
            remaining = effects.largest_mean(&moment);
            if remaining <= Self::TOLERANCE * scale {
                return Ok(());
            }
        }
        Err(Error::NotConverged { remaining, tolerance: Self::TOLERANCE * scale })
    }
}

impl Effects<'_> {
    /// `D' v`: sums by level of the smaller factors.
    fn moments(&self, v: &[f64]) -> Vec<f64> {
        let mut moments = vec![0.0; self.n_levels];
        for (codes, &offset) in self.rest.iter().zip(&self.offset) {
            let moments = &mut moments[offset..];
            for (&code, v) in codes.iter().zip(v) {
                moments[code as usize] += v;
            }
        }
        moments
    }

    /// `v ← v − M₀ D δ`; `means` is room for the largest factor's levels.
    fn subtract(&self, delta: &[f64], means: &mut [f64], v: &mut [f64]) {
        means.fill(0.0);
        for (codes, &offset) in self.rest.iter().zip(&self.offset) {
            let delta = &delta[offset..];
            for (&main, &code) in self.main.iter().zip(*codes) {
                means[main as usize] += delta[code as usize];
            }
        }
        for (mean, size) in means.iter_mut().zip(&self.size) {
            *mean /= size;
        }
        for (at, (codes, &offset)) in self.rest.iter().zip(&self.offset).enumerate() {
            let delta = &delta[offset..];
            if at == 0 {
                for ((v, &main), &code) in v.iter_mut().zip(self.main).zip(*codes) {
                    *v += means[main as usize] - delta[code as usize];
                }
            } else {
                for (v, &code) in v.iter_mut().zip(*codes) {
                    *v -= delta[code as usize];
                }
            }
        }
    }

    /// The largest mean of a level, in absolute value.
    fn largest_mean(&self, moments: &[f64]) -> f64 {
        moments.iter().zip(&self.count).map(|(sum, count)| (sum / count).abs()).fold(0.0, f64::max)
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
