//! Derivatives of an index, backwards.

use panel::{Panel, Term};

use crate::Error;
use crate::composite::Composite;
use crate::scheme::{Aggregate, Direction, Levels, Normalise, Over, ShiftIn, Weighting};

/// From a scalar's derivatives by the weights and scores of an index to those by its indicators: one
/// list an indicator, rows as in the panel.
///
/// ```text
/// z = (x − m)/(M − m), a negative indicator (M − x)/(M − m);  y = z + shift in weights, S = Σy
/// w̄ⱼ += Σᵢ s̄ᵢ z̃ᵢⱼ                    z̃ = z, or y where the shift is in scores too
/// d̄ⱼ = (w̄ⱼ − Σₖ w̄ₖ wₖ) / Σd,  d = 1 − e
/// z̄ᵢⱼ = wⱼ s̄ᵢ + d̄ⱼ (ln yᵢⱼ − Σ y ln y / S) / (S ln n)
/// x̄ᵢ = z̄ᵢ/(M − m);  to the least value −Σ z̄ᵢ (1 − zᵢ)/(M − m), to the greatest −Σ z̄ᵢ zᵢ/(M − m),
///      a negative indicator the reverse
/// ```
///
/// `y = 0` has no slope and does not move: a least value stays zero however it moves. Of several
/// least or greatest values the first moves.
///
/// # Errors
///
/// [`Error::NoReverse`] for anything but pooled entropy weights over pooled ranges, all indicators
/// against one another, added up, without a row left out; [`Error::Panel`] for a column that is not there.
pub fn pull_back(
    panel: &Panel,
    composite: &Composite,
    by_weight: &[f64],
    by_score: &[f64],
) -> Result<Vec<Vec<f64>>, Error> {
    let scheme = &composite.scheme;
    let known = scheme.normalise == Normalise::MinMax
        && scheme.normalise_over == Over::Pooled
        && scheme.weights == Weighting::Entropy
        && scheme.weights_over == Over::Pooled
        && scheme.levels == Levels::Indicators
        && scheme.aggregate == Aggregate::Linear
        && composite.n == panel.n_rows();
    let lengths = by_weight.len() == composite.indicators.len() && by_score.len() == composite.n;
    let towards = |direction| matches!(direction, Direction::Target(_));
    if !known || !lengths || scheme.indicators.iter().any(|one| towards(one.direction)) {
        return Err(Error::NoReverse { index: scheme.name.clone() });
    }
    let ln_n = (composite.n as f64).ln();
    let scored = if scheme.shift_in == Some(ShiftIn::Both) { scheme.shift } else { 0.0 };
    let weights: Vec<f64> = composite.indicators.iter().map(|one| one.weights[0]).collect();
    let columns = scheme.indicators.iter().map(|indicator| {
        let x = panel.values(&Term::Var(indicator.name.clone()))?;
        Ok(Ranged::new(&x, indicator.direction == Direction::Negative))
    });
    let columns: Vec<Ranged> = columns.collect::<Result<_, Error>>()?;
    let by_weight: Vec<f64> = (columns.iter().zip(by_weight))
        .map(|(column, by)| {
            let through = column.z.iter().zip(by_score).map(|(z, by)| by * (z + scored));
            by + through.sum::<f64>()
        })
        .collect();
    let total: f64 =
        composite.indicators.iter().filter_map(|one| one.divergence()?.first().copied()).sum();
    let mean: f64 = by_weight.iter().zip(&weights).map(|(by, w)| by * w).sum();
    let pulled = columns.iter().zip(&by_weight).zip(&weights).map(|((column, by), w)| {
        let by_divergence = (by - mean) / total;
        let shifted: Vec<f64> = column.z.iter().map(|z| z + scheme.shift).collect();
        let sum: f64 = shifted.iter().sum();
        let logs: f64 = shifted.iter().filter(|y| **y > 0.0).map(|y| y * y.ln()).sum();
        let of_weight = |y: f64| {
            if y > 0.0 { by_divergence * (y.ln() - logs / sum) / (sum * ln_n) } else { 0.0 }
        };
        let by_z: Vec<f64> =
            shifted.iter().zip(by_score).map(|(&y, by)| w * by + of_weight(y)).collect();
        column.pull_back(&by_z)
    });
    Ok(pulled.collect())
}

/// A column in shares of its range.
struct Ranged {
    z: Vec<f64>,
    /// `1/(M − m)`, less than zero for a negative indicator.
    slope: f64,
    /// The rows at which `z` is zero and one.
    ends: [usize; 2],
}

impl Ranged {
    fn new(x: &[f64], is_negative: bool) -> Self {
        let row = |beats: fn(f64, f64) -> bool| {
            let better = |best: usize, i: usize| if beats(x[i], x[best]) { i } else { best };
            (0..x.len()).reduce(better).unwrap_or_default()
        };
        let (least, greatest) = (row(|a, b| a < b), row(|a, b| a > b));
        let ends = if is_negative { [greatest, least] } else { [least, greatest] };
        let slope = 1.0 / (x[ends[1]] - x[ends[0]]);
        Self { z: x.iter().map(|&value| (value - x[ends[0]]) * slope).collect(), slope, ends }
    }

    fn pull_back(&self, by_z: &[f64]) -> Vec<f64> {
        let mut by_x: Vec<f64> = by_z.iter().map(|by| by * self.slope).collect();
        let [zero, one] = self.ends;
        for (by, z) in by_z.iter().zip(&self.z) {
            by_x[zero] -= by * (1.0 - z) * self.slope;
            by_x[one] -= by * z * self.slope;
        }
        by_x
    }
}
