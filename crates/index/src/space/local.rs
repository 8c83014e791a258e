//! Local Moran statistics: which units are like their neighbours.

use numbers::Draws;
use panel::{Name, Panel};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::neighbours::{Weights, centred};
use super::permute::{self, Tally};
use super::{Alternative, Neighbours, Permutations, Standardise};
use crate::Error;
use crate::choice::choice;

/// What of, with which weights, and how probabilities are had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LocalMoranSpec {
    /// The column.
    pub column: Name,
    /// Spatial weights.
    pub weights: Standardise,
    /// What the second moment divides by.
    pub moment: Moment,
    /// Which statistics are as extreme.
    pub alternative: Alternative,
    /// Draws of other units into a unit's neighbourhood, its own value held.
    pub draws: usize,
    /// The seed.
    pub seed: u64,
}

/// What the second moment divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// `Σz²/n`: Anselin's (1995).
    N,
    /// `Σz²/(n − 1)`: that of esda, GeoDa and Stata's `spatlsa`.
    NMinusOne,
}
choice!(Moment, "second moment", N = "n", NMinusOne = "n-1");

/// Where a unit and its neighbours lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quadrant {
    /// Above the mean among units above it.
    HighHigh,
    /// Below the mean among units above it.
    LowHigh,
    /// Below the mean among units below it.
    LowLow,
    /// Above the mean among units below it.
    HighLow,
}
choice!(
    Quadrant,
    "quadrant",
    HighHigh = "high-high",
    LowHigh = "low-high",
    LowLow = "low-low",
    HighLow = "high-low",
);

/// The local statistic of one unit in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalMoran {
    /// The unit.
    pub unit: String,
    /// The period.
    pub period: i32,
    /// `Iᵢ = (zᵢ/m₂) Σⱼ wᵢⱼ zⱼ`.
    pub i: f64,
    /// `E(Iᵢ) = −wᵢ./(n − 1)`, all values permuted, with `m₂ = Σz²/n` (Anselin 1995).
    pub expected: f64,
    /// Its variance (Sokal, Oden and Thomson 1998, A4).
    pub variance: f64,
    /// `E(Iᵢ)` given the unit's own value (A7).
    pub expected_conditional: f64,
    /// Its variance (A8).
    pub variance_conditional: f64,
    /// Where it lies.
    pub quadrant: Quadrant,
    /// `p` of the alternative: `(1 + count)/(1 + draws)`.
    pub p_permuted: f64,
}

/// Local Moran statistics of each unit in each period in which units have values.
///
/// # Errors
///
/// As for [`moran`](crate::moran).
///
/// # Agrees with
///
/// esda 2.9.0: `Moran_Local`, with `Moment::NMinusOne`; its `p_sim` is one-sided towards the side
/// observed.
pub fn local_moran(
    panel: &Panel,
    neighbours: &Neighbours,
    spec: &LocalMoranSpec,
) -> Result<Vec<LocalMoran>, Error> {
    let drawn = Permutations::Drawn { draws: spec.draws, seed: spec.seed };
    permute::check(drawn, neighbours.units().len())?;
    let weights = neighbours.weights(spec.weights);
    let periods = neighbours.values(panel, &spec.column)?;
    let one = |(at, (period, values)): (usize, (i32, Vec<f64>))| {
        let z = centred(&values);
        let unit = |i: usize| unit(i, at, period, &z, &weights, neighbours, spec);
        (0..z.len()).into_par_iter().map(unit).collect::<Vec<_>>()
    };
    Ok(periods.into_iter().enumerate().flat_map(one).collect())
}

fn unit(
    i: usize,
    at: usize,
    period: i32,
    z: &[f64],
    weights: &Weights,
    neighbours: &Neighbours,
    spec: &LocalMoranSpec,
) -> LocalMoran {
    let n = z.len() as f64;
    let squares: f64 = z.iter().map(|z| z * z).sum();
    let (m2, m4) = (squares / n, z.iter().map(|z| z.powi(4)).sum::<f64>() / n);
    let list = &weights.lists[i];
    let lag: f64 = list.iter().map(|&(j, w)| w * z[j]).sum();
    let (w, w2): (f64, f64) =
        (list.iter().map(|(_, w)| w).sum(), list.iter().map(|(_, w)| w * w).sum());
    let moment = match spec.moment {
        Moment::N => m2,
        Moment::NMinusOne => squares / (n - 1.0),
    };

    let kurtosis = m4 / (m2 * m2);
    let expected = -w / (n - 1.0);
    let variance = w2 * (n - kurtosis) / (n - 1.0)
        + (w * w - w2) * (2.0 * kurtosis - n) / ((n - 1.0) * (n - 2.0))
        - expected * expected;
    let own = z[i] * z[i];
    let expected_conditional = -own * w / ((n - 1.0) * m2);
    let variance_conditional =
        (z[i] / m2).powi(2) * (n / (n - 2.0)) * (w2 - w * w / (n - 1.0)) * (m2 - own / (n - 1.0));

    // A stream a unit and period; the others are drawn into its neighbourhood.
    let mut draws = Draws::new(spec.seed, (at * z.len() + i) as u64);
    let mut others: Vec<f64> =
        z.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, z)| *z).collect();
    let mut tally = Tally::default();
    for _ in 0..spec.draws {
        permute::shuffle(&mut others, list.len(), &mut draws);
        let drawn: f64 = list.iter().zip(&others).map(|((_, w), z)| w * z).sum();
        tally.count(z[i] * drawn, z[i] * lag, squares);
    }
    let quadrant = match (z[i] > 0.0, lag > 0.0) {
        (true, true) => Quadrant::HighHigh,
        (false, true) => Quadrant::LowHigh,
        (false, false) => Quadrant::LowLow,
        (true, false) => Quadrant::HighLow,
    };
    LocalMoran {
        unit: neighbours.units()[i].clone(),
        period,
        i: z[i] / moment * lag,
        expected,
        variance,
        expected_conditional,
        variance_conditional,
        quadrant,
        p_permuted: tally.p(spec.alternative, 1),
    }
}
