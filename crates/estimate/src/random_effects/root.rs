//! A root of the inverse covariance of two random effects in a panel with holes.
//!
//! ```text
//! Ω/σ_e² = I + φ_u Z_u Z_u' + φ_λ Z_λ Z_λ'          R'R = (Ω/σ_e²)⁻¹
//! R = (I − D K D') Ω_u^(−½)        Ω_u = I + φ_u Z_u Z_u',  D = Ω_u^(−½) Z_λ
//! D'D = V Λ V'                     K = V [φ_λ / (r (1 + r))] V',  r = √(1 + φ_λ Λ)
//! ```
//!
//! `Ω_u^(−½)` is quasi-demeaning by the effect with more levels; `D'D`, as large as the other has
//! levels, is `diag(N_t) − Σ_i φ_u/(1 + φ_u T_i) s_i s_i'`, `s_i` the periods of an entity. Nothing
//! has a row an observation and a column a level. In a balanced panel `R` is symmetric, and the
//! quasi-demeaning that is known there.

use ndarray::{Array1, Array2};
use numbers::symmetric;

use crate::groups::Groups;

pub(super) struct Root<'g> {
    large: &'g Groups<'g>,
    small: &'g Groups<'g>,
    /// `θ` of the large groups.
    theta: Vec<f64>,
    k: Array2<f64>,
}

impl<'g> Root<'g> {
    /// `ratio` is `φ` of each.
    pub(super) fn new(groups: [&'g Groups<'g>; 2], ratio: [f64; 2]) -> Self {
        let (at, other) = if groups[0].n() >= groups[1].n() { (0, 1) } else { (1, 0) };
        let (large, small) = (groups[at], groups[other]);
        let (phi, small_phi) = (ratio[at], ratio[other]);
        let theta = large.sizes.iter().map(|size| 1.0 - 1.0 / (1.0 + size * phi).sqrt()).collect();
        let mut members = vec![Vec::new(); large.n()];
        for (&i, &t) in large.factor.codes().iter().zip(small.factor.codes()) {
            members[i as usize].push(t as usize);
        }
        let mut gram = Array2::from_diag(&Array1::from(small.sizes.clone()));
        for (members, size) in members.iter().zip(&large.sizes) {
            let weight = phi / (1.0 + phi * size);
            for &s in members {
                for &t in members {
                    gram[[s, t]] -= weight;
                }
            }
        }
        let k = symmetric::function(&gram, |lambda| {
            let r = (1.0 + small_phi * lambda.max(0.0)).sqrt();
            small_phi / (r * (1.0 + r))
        });
        Self { large, small, theta, k }
    }

    /// `R v`.
    pub(super) fn times(&self, v: &[f64]) -> Vec<f64> {
        let mut out = v.to_vec();
        self.quasi(&mut out);
        let mut sums = Array1::<f64>::zeros(self.small.n());
        // D'v = Z_λ'Ω_u^(−½) v: the root is symmetric.
        let mut again = out.clone();
        self.quasi(&mut again);
        for (v, &code) in again.iter().zip(self.small.factor.codes()) {
            sums[code as usize] += v;
        }
        let spread = self.k.dot(&sums);
        let codes = self.small.factor.codes();
        let mut shift: Vec<f64> = codes.iter().map(|&code| spread[code as usize]).collect();
        self.quasi(&mut shift);
        out.iter_mut().zip(&shift).for_each(|(out, shift)| *out -= shift);
        out
    }

    /// `Ω_u^(−½) v`.
    fn quasi(&self, v: &mut [f64]) {
        let means = self.large.means(v);
        for (v, &code) in v.iter_mut().zip(self.large.factor.codes()) {
            *v -= self.theta[code as usize] * means[code as usize];
        }
    }
}
