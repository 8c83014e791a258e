//! Coupling and coordination of several systems.

use std::fmt;
use std::str::FromStr;

use panel::{Name, Panel};
use serde::{Deserialize, Serialize};

use crate::choice::as_text;
use crate::period::column;
use crate::{Error, ShareError};

/// Which degree of coupling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Coupling {
    /// `n (ΠU)^(1/n)/ΣU`, from 0 to 1: `geometric-mean`. For two systems `2√(U₁U₂)/(U₁ + U₂)`.
    GeometricMean,
    /// `[ΠU/(ΣU/n)ⁿ]^k`: `power 2`. With `k = 1/n` it is the one above.
    Power(f64),
    /// `(ΠU)^(1/n)/ΣU`, from 0 to `1/n`: `uncorrected`; for two systems `{U₁U₂/(U₁ + U₂)²}^½`, at
    /// most ½, as it stands in many papers.
    Uncorrected,
    /// `√{[1 − Σ_{i>j}|Uᵢ − Uⱼ|/(n(n−1)/2)] · [Π(U/max U)]^(1/(n−1))}`: `modified` (Wang, Kong, Ren,
    /// Zhang and Dai 2021), for systems from 0 to 1.
    Modified,
}

impl fmt::Display for Coupling {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::GeometricMean => f.write_str("geometric-mean"),
            Self::Power(k) => write!(f, "power {k}"),
            Self::Uncorrected => f.write_str("uncorrected"),
            Self::Modified => f.write_str("modified"),
        }
    }
}

impl FromStr for Coupling {
    type Err = numbers::UnknownChoice;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let power = || {
            let k: f64 = text.trim().strip_prefix("power ")?.trim().parse().ok()?;
            (k > 0.0 && k.is_finite()).then_some(Self::Power(k))
        };
        match text.trim() {
            "geometric-mean" => Ok(Self::GeometricMean),
            "uncorrected" => Ok(Self::Uncorrected),
            "modified" => Ok(Self::Modified),
            _ => power().ok_or_else(|| numbers::UnknownChoice {
                what: "degree of coupling",
                text: text.to_owned(),
                known: vec!["geometric-mean", "power K", "uncorrected", "modified"],
            }),
        }
    }
}
as_text!(Coupling);

/// Which systems, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CouplingSpec {
    /// Columns, from 0 to 1 each.
    pub systems: Vec<Name>,
    /// Which degree of coupling.
    pub coupling: Coupling,
    /// How much each system counts in the level; they sum to 1.
    pub weights: Vec<f64>,
}

/// Coupling, level and coordination of each row; NaN where a system is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Coordination {
    /// `C`, the degree of coupling.
    pub coupling: Vec<f64>,
    /// `T = Σ αⱼ Uⱼ`, the common level.
    pub level: Vec<f64>,
    /// `D = √(C T)`, the degree of coupling coordination.
    pub coordination: Vec<f64>,
}

/// The degree of coupling coordination of each row.
///
/// # Errors
///
/// [`ShareError::Systems`]; [`ShareError::Range`] for a value below 0 or above 1, or where all
/// systems are zero.
pub fn coupling(panel: &Panel, spec: &CouplingSpec) -> Result<Coordination, Error> {
    const MEASURE: &str = "coupling";
    let (n, sum): (usize, f64) = (spec.systems.len(), spec.weights.iter().sum());
    if n < 2 || spec.weights.len() != n || (sum - 1.0).abs() > 1e-9 || sum.is_nan() {
        return Err(ShareError::Systems { systems: n, weights: spec.weights.len(), sum }.into());
    }
    let columns = spec.systems.iter().map(|name| column(panel, name));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let blank = || vec![f64::NAN; panel.n_rows()];
    let mut found = Coordination { coupling: blank(), level: blank(), coordination: blank() };
    for row in 0..panel.n_rows() {
        let u: Vec<f64> = columns.iter().map(|column| column[row]).collect();
        if u.iter().any(|u| u.is_nan()) {
            continue;
        }
        let out = u.iter().position(|u| !(0.0..=1.0).contains(u));
        if let Some(at) = out.or_else(|| u.iter().all(|&u| u == 0.0).then_some(0)) {
            let (entity, period) = panel.row_label(row);
            let (column, value) = (spec.systems[at].clone(), u[at]);
            let needs = "values from 0 to 1, not all of them 0";
            return Err(ShareError::Range {
                column,
                value,
                entity,
                period,
                measure: MEASURE,
                needs,
            }
            .into());
        }
        let c = degree(&u, spec.coupling);
        let t: f64 = u.iter().zip(&spec.weights).map(|(u, w)| u * w).sum();
        (found.coupling[row], found.level[row]) = (c, t);
        found.coordination[row] = (c * t).sqrt();
    }
    Ok(found)
}

fn degree(u: &[f64], coupling: Coupling) -> f64 {
    let n = u.len() as f64;
    let (product, sum): (f64, f64) = (u.iter().product(), u.iter().sum());
    match coupling {
        Coupling::GeometricMean => n * product.powf(1.0 / n) / sum,
        Coupling::Uncorrected => product.powf(1.0 / n) / sum,
        Coupling::Power(k) => {
            // Each factor about the mean, so that the product does not underflow.
            u.iter().map(|u| u * n / sum).product::<f64>().powf(k)
        }
        Coupling::Modified => {
            let pairs = u.iter().enumerate().flat_map(|(i, a)| u[..i].iter().map(move |b| a - b));
            let apart = pairs.map(f64::abs).sum::<f64>() / (0.5 * n * (n - 1.0));
            let max = u.iter().copied().fold(0.0, f64::max);
            let like = u.iter().map(|u| u / max).product::<f64>();
            ((1.0 - apart) * like.powf(1.0 / (n - 1.0))).sqrt()
        }
    }
}
