//! Our number for a printed cell.

use std::collections::BTreeMap;

use estimate::{Coefficient, Design, Fit, fixed_effects, pooled};
use ingest::{Loaded, Tier};
use panel::Panel;
use published::Uncertainty;

use crate::quantity::Quantity;
use crate::resolve::{Estimation, Estimator};

/// What we have for a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ours {
    /// Nothing, and why.
    None(String),
    /// A failure of the estimator: ours disagrees with whatever was printed.
    Failed(String),
    /// Numbers.
    Numbers(Numbers),
}

/// The numbers of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Numbers {
    pub(crate) value: f64,
    /// What stands in the brackets.
    pub(crate) uncertainty: Option<f64>,
    /// Decides the stars; `None` where stars have no meaning.
    pub(crate) p_value: Option<f64>,
    pub(crate) tier: Tier,
}

/// A fit on a panel: design, fit and table, kept together for the rows of a column.
pub(crate) struct Estimated<'p> {
    pub(crate) design: Design<'p>,
    pub(crate) fit: Fit,
    pub(crate) coefficients: Vec<Coefficient>,
}

/// Runs an estimation.
pub(crate) fn estimate<'p>(
    panel: &'p Panel,
    estimation: &Estimation,
) -> Result<Estimated<'p>, estimate::Error> {
    let Estimation { estimator, model, spec, .. } = estimation;
    let design = Design::new(panel, model, spec.convention.singletons)?;
    let fit = match estimator {
        Estimator::Pooled => pooled(&design, spec)?,
        Estimator::FixedEffects => fixed_effects(&design, spec)?,
    };
    let coefficients = fit.coefficients();
    Ok(Estimated { design, fit, coefficients })
}

impl Estimated<'_> {
    /// Our number for a row of the column.
    pub(crate) fn of(
        &self,
        quantity: &Quantity,
        brackets: Option<Uncertainty>,
        tier: Tier,
    ) -> Ours {
        let coefficient = |term: &str| self.coefficients.iter().find(|c| c.term == term);
        let numbers = match quantity {
            Quantity::Coefficient(term) => coefficient(term).map(|c| Numbers {
                value: c.estimate,
                uncertainty: match brackets {
                    None | Some(Uncertainty::StandardError) => Some(c.std_error),
                    Some(Uncertainty::T | Uncertainty::Z) => Some(c.statistic),
                    Some(Uncertainty::P) => Some(c.p_value),
                },
                p_value: Some(c.p_value),
                tier,
            }),
            Quantity::StdError(term) => coefficient(term).map(|c| single(c.std_error, tier)),
            Quantity::Statistic(statistic) => match statistic.of(&self.design, &self.fit) {
                Err(error) => return Ours::Failed(error.to_string()),
                Ok(value) => value.map(|value| single(value, tier)),
            },
        };
        numbers.map_or_else(|| Ours::None(format!("the fit has no `{quantity}`")), Ours::Numbers)
    }
}

/// Our numbers for a row of descriptive statistics, by the head of the column.
pub(crate) fn describe(
    loaded: &Loaded,
    variable: &str,
) -> Result<BTreeMap<&'static str, Ours>, String> {
    let term = panel::Term::var(variable);
    let values = loaded.panel.values(&term).map_err(|error| error.to_string())?;
    let Some(d) = estimate::describe(&values) else {
        return Err(format!("`{variable}` has no value"));
    };
    let tier = loaded.tiers.get(variable).copied().unwrap_or(Tier::Real);
    let all = [
        ("N", d.n as f64),
        ("mean", d.mean),
        ("sd", d.sd),
        ("min", d.min),
        ("median", d.median),
        ("max", d.max),
    ];
    Ok(all.into_iter().map(|(head, value)| (head, Ours::Numbers(single(value, tier)))).collect())
}

fn single(value: f64, tier: Tier) -> Numbers {
    Numbers { value, uncertainty: None, p_value: None, tier }
}

/// What a fit rests on: reconstructed data if anything in it is.
pub(crate) fn tier(loaded: &Loaded, estimation: &Estimation) -> Tier {
    estimation
        .model
        .columns()
        .into_iter()
        .filter_map(|column| loaded.tiers.get(column).copied())
        .max()
        .unwrap_or(Tier::Real)
}
