//! Moran's I and Geary's C.

use numbers::{Draws, Reference};
use panel::{Name, Panel};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::neighbours::{Weights, centred};
use super::permute::{self, Tally};
use super::{Alternative, Neighbours, Permutations, Standardise};
use crate::Error;

/// What of, with which weights, and how probabilities are had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MoranSpec {
    /// The column.
    pub column: Name,
    /// Spatial weights.
    pub weights: Standardise,
    /// Which statistics are as extreme.
    pub alternative: Alternative,
    /// Which permutations.
    pub permutations: Permutations,
}

/// Moran's I in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Moran {
    /// The period.
    pub period: i32,
    /// Units.
    pub n: usize,
    /// `I = (n/S₀) Σᵢ Σⱼ wᵢⱼ zᵢ zⱼ / Σ z²`.
    pub i: f64,
    /// `E(I) = −1/(n − 1)`.
    pub expected: f64,
    /// `V(I)` if values are normal.
    pub variance_normal: f64,
    /// `V(I)` if every permutation of the values is as likely.
    pub variance_random: f64,
    /// `p` of the alternative, by permutations.
    pub p_permuted: f64,
    /// The alternative.
    pub alternative: Alternative,
    /// Geary's C of the same values.
    pub geary: Geary,
}

/// Geary's C: below 1 where neighbours are alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Geary {
    /// `C = (n − 1) Σᵢ Σⱼ wᵢⱼ (xᵢ − xⱼ)² / (2 S₀ Σ z²)`, expected to be 1.
    pub c: f64,
    /// `V(C)` if values are normal.
    pub variance_normal: f64,
    /// `V(C)` if every permutation is as likely.
    pub variance_random: f64,
}

impl Moran {
    /// `(I − E)/√V` with the variance under normality, and its two-sided normal p value.
    pub fn normal(&self) -> (f64, f64) {
        self.score(self.variance_normal)
    }

    /// The same with the variance under randomisation.
    pub fn random(&self) -> (f64, f64) {
        self.score(self.variance_random)
    }

    fn score(&self, variance: f64) -> (f64, f64) {
        let z = (self.i - self.expected) / variance.sqrt();
        (z, Reference::Normal.two_sided(z))
    }
}

/// Moran's I of each period in which units have values; one in which none has is not in the result.
///
/// `z` are deviations from the period's mean. With row-standardised weights `S₀ = n`, and `I` is the
/// slope of the neighbours' mean on `z`.
///
/// # Errors
///
/// [`SpaceError`](crate::SpaceError): a unit of the panel without neighbours, a unit without a value in
/// a period in which others have one, a column that does not vary.
///
/// # Source
///
/// Cliff and Ord (1981), *Spatial Processes*, chapter 1.
///
/// # Agrees with
///
/// esda 2.9.0: `Moran(y, w, transformation='r' or 'b')` and `Geary`. Its `p_sim` is one-sided
/// towards the side observed.
pub fn moran(
    panel: &Panel,
    neighbours: &Neighbours,
    spec: &MoranSpec,
) -> Result<Vec<Moran>, Error> {
    let weights = neighbours.weights(spec.weights);
    permute::check(spec.permutations, neighbours.units().len())?;
    let periods = neighbours.values(panel, &spec.column)?;
    Ok(periods.into_iter().map(|(period, values)| one(period, &values, &weights, spec)).collect())
}

fn one(period: i32, values: &[f64], weights: &Weights, spec: &MoranSpec) -> Moran {
    let Weights { s0, s1, s2, .. } = *weights;
    let z = centred(values);
    let n = values.len() as f64;
    let squares: f64 = z.iter().map(|z| z * z).sum();
    let fourth: f64 = z.iter().map(|z| z.powi(4)).sum();
    let kurtosis = (fourth / n) / (squares / n).powi(2);
    let of = |z: &[f64]| -> f64 { z.iter().zip(weights.lag(z)).map(|(z, lag)| z * lag).sum() };
    let product = of(&z);
    let i = n / s0 * product / squares;

    let expected = -1.0 / (n - 1.0);
    let variance_normal =
        (n * n * s1 - n * s2 + 3.0 * s0 * s0) / ((n * n - 1.0) * s0 * s0) - expected * expected;
    let a = n * ((n * n - 3.0 * n + 3.0) * s1 - n * s2 + 3.0 * s0 * s0);
    let b = kurtosis * ((n * n - n) * s1 - 2.0 * n * s2 + 6.0 * s0 * s0);
    let variance_random =
        (a - b) / ((n - 1.0) * (n - 2.0) * (n - 3.0) * s0 * s0) - expected * expected;

    let p_permuted = permuted(&z, product, squares, &of, spec);
    let geary = geary(&z, weights, squares, kurtosis);
    let alternative = spec.alternative;
    Moran {
        period,
        n: values.len(),
        i,
        expected,
        variance_normal,
        variance_random,
        p_permuted,
        alternative,
        geary,
    }
}

fn permuted(
    z: &[f64],
    observed: f64,
    scale: f64,
    of: &(impl Fn(&[f64]) -> f64 + Sync),
    spec: &MoranSpec,
) -> f64 {
    match spec.permutations {
        Permutations::All => {
            let (mut tally, mut values) = (Tally::default(), z.to_vec());
            permute::every(&mut values, &mut |z| tally.count(of(z), observed, scale));
            tally.p(spec.alternative, 0)
        }
        Permutations::Drawn { draws, seed } => {
            let draw = |r: usize| {
                let mut values = z.to_vec();
                permute::shuffle(&mut values, z.len(), &mut Draws::new(seed, r as u64));
                let mut tally = Tally::default();
                tally.count(of(&values), observed, scale);
                tally
            };
            // Counts add up to the same in any order.
            let tally = (0..draws).into_par_iter().map(draw).reduce(Tally::default, Tally::and);
            tally.p(spec.alternative, 1)
        }
    }
}

fn geary(z: &[f64], weights: &Weights, squares: f64, kurtosis: f64) -> Geary {
    let Weights { lists, s0, s1, s2 } = weights;
    let (n, s0, s1, s2) = (z.len() as f64, *s0, *s1, *s2);
    let pairs = lists.iter().zip(z);
    let gaps: f64 = pairs
        .map(|(list, zi)| list.iter().map(|&(j, w)| w * (zi - z[j]).powi(2)).sum::<f64>())
        .sum();
    let c = (n - 1.0) * gaps / (2.0 * s0 * squares);
    let variance_normal =
        ((2.0 * s1 + s2) * (n - 1.0) - 4.0 * s0 * s0) / (2.0 * (n + 1.0) * s0 * s0);
    let k = kurtosis;
    let first = (n - 1.0) * s1 * (n * n - 3.0 * n + 3.0 - (n - 1.0) * k);
    let second = 0.25 * (n - 1.0) * s2 * (n * n + 3.0 * n - 6.0 - (n * n - n + 2.0) * k);
    let third = s0 * s0 * (n * n - 3.0 - (n - 1.0).powi(2) * k);
    let variance_random = (first - second + third) / (n * (n - 2.0) * (n - 3.0) * s0 * s0);
    Geary { c, variance_normal, variance_random }
}
