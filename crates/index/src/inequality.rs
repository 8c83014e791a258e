//! Inequality among units, and what of it lies within and between regions.

mod gini;
mod theil;

use panel::{Factor, Name, Panel};
use serde::{Deserialize, Serialize};

pub use gini::{DagumPart, Gini};
pub use theil::{RegionPart, Theil};

use crate::period::{known, periods};
use crate::{Error, ShareError};

/// Of what, between whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InequalitySpec {
    /// The column, a level a head: income per capita.
    pub column: Name,
    /// How many heads each unit has; one each if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<Name>,
    /// The region of each unit; nothing is decomposed if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Name>,
}

/// Inequality in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Inequality {
    /// The period.
    pub period: i32,
    /// Units.
    pub n: usize,
    /// Theil's T and L, and their decomposition.
    pub theil: Theil,
    /// The Gini coefficient, and Dagum's decomposition.
    pub gini: Gini,
}

/// One period's units: population shares, levels, regions.
struct Units {
    /// `p`, sums to one.
    share: Vec<f64>,
    /// `y`.
    level: Vec<f64>,
    /// Rows of each region, and what it is called; one region if none are given.
    regions: Vec<(String, Vec<usize>)>,
}

/// Theil's measures and the Gini coefficient of each period.
///
/// With `p` the shares of population (`1/n` if not given), `μ = Σ p y` and `s = p y/μ`:
///
/// ```text
/// T = Σ s ln(s/p)          L = Σ p ln(p/s)          G = Σᵢ Σⱼ pᵢ pⱼ |yᵢ − yⱼ| / 2μ
/// T = Σ_r s_r T_r + Σ_r s_r ln(s_r/p_r)             within, between: exact
/// L = Σ_r p_r L_r + Σ_r p_r ln(p_r/s_r)
/// G = Σ_r p_r s_r G_r + net between + transvariation        Dagum (1997)
/// ```
///
/// # Errors
///
/// [`ShareError::Missing`]; [`ShareError::Range`] for a level or a population that is not positive
/// (zero has no logarithm in `L`).
///
/// # Agrees with
///
/// PySAL `inequality` 1.1.2: `TheilD`, `Gini`.
pub fn inequality(panel: &Panel, spec: &InequalitySpec) -> Result<Vec<Inequality>, Error> {
    const MEASURE: &str = "inequality";
    const POSITIVE: &str = "positive numbers";
    let y = known(panel, &spec.column, MEASURE, |y| y > 0.0, POSITIVE)?;
    let people =
        spec.population.as_ref().map(|name| known(panel, name, MEASURE, |p| p > 0.0, POSITIVE));
    let people = people.transpose()?;
    let region = spec.region.as_ref().map(|name| panel.factor(name)).transpose()?;
    if let (Some(factor), Some(name)) = (&region, &spec.region)
        && let Some(row) = factor.codes().iter().position(|&code| code == Factor::MISSING)
    {
        let ((entity, period), column) = (panel.row_label(row), name.clone());
        return Err(ShareError::Missing { column, entity, period, measure: MEASURE }.into());
    }
    let of = |(period, rows): (i32, Vec<usize>)| {
        let total: f64 = people
            .as_ref()
            .map_or(rows.len() as f64, |people| rows.iter().map(|&row| people[row]).sum());
        let share = |&row: &usize| people.as_ref().map_or(1.0, |people| people[row]) / total;
        let regions = match &region {
            None => vec![(String::new(), (0..rows.len()).collect())],
            Some(factor) => {
                let labels = factor.labels().enumerate();
                let of = |(code, label): (usize, String)| {
                    let within = |&at: &usize| factor.codes()[rows[at]] as usize == code;
                    (label, (0..rows.len()).filter(within).collect::<Vec<usize>>())
                };
                labels.map(of).filter(|(_, rows)| !rows.is_empty()).collect()
            }
        };
        let units = Units {
            share: rows.iter().map(share).collect(),
            level: rows.iter().map(|&row| y[row]).collect(),
            regions,
        };
        let apart = region.is_some();
        let (theil, gini) = (theil::theil(&units, apart), gini::gini(&units, apart));
        Inequality { period, n: rows.len(), theil, gini }
    };
    Ok(periods(panel).into_iter().map(of).collect())
}
