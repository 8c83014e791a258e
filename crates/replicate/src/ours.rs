//! Our number for a printed cell.

use std::collections::BTreeMap;

use causal::threshold::Outcome;
use estimate::{
    Adjoint, BetweenSpec, BinaryFit, BinarySpec, Coefficient, Design, DifferenceSpec, FirstStage,
    Fit, MarginSpec, Note, Random, between, binary, correlated_random_effects, first_difference,
    fixed_effects, marginal_effects, pooled, r_squared, random_effects, specification_test,
    two_stage,
};
use ingest::{Filter, Loaded, Tier};
use panel::{Column, Panel};
use published::Uncertainty;
use report::replication::PartKind;

use crate::estimation::Estimation;
use crate::method::Method;
use crate::quantity::Quantity;
use crate::statistics::Statistics;

/// What we have for a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ours {
    /// Nothing, and why.
    None(String),
    /// A failure of the estimator: ours disagrees with whatever was printed.
    Failed(String),
    /// Numbers.
    Numbers(Numbers),
    /// Words, beside words.
    Words(String),
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

impl Numbers {
    /// Whether a part of what is printed has something of ours beside it, defined or not.
    pub(crate) fn has(&self, part: PartKind) -> bool {
        match part {
            PartKind::Value => true,
            PartKind::Uncertainty => self.uncertainty.is_some(),
            PartKind::Stars => self.p_value.is_some(),
            PartKind::Words => false,
        }
    }
}

/// A fit on a panel, whichever estimator made it, kept for the rows of a column.
pub(crate) struct Estimated<'p> {
    /// Of a threshold regression, none: it has other columns than its model.
    pub(crate) design: Option<Design<'p>>,
    /// What it was made by, for derivatives.
    pub(crate) fit: Option<Kept>,
    pub(crate) coefficients: Vec<Coefficient>,
    pub(crate) statistics: Statistics,
    /// The first stages of two-stage least squares.
    pub(crate) first: Vec<FirstStage>,
    /// The thresholds of a threshold regression, from the least on.
    pub(crate) thresholds: Vec<f64>,
    /// Marginal effects of a binary model, if they were asked for.
    pub(crate) margins: Vec<Coefficient>,
    pub(crate) notes: Vec<Note>,
    /// Clusters with what their covariance counts and its factor; those of a likelihood count
    /// nothing.
    pub(crate) clusters: Option<(usize, Option<usize>, f64)>,
}

/// A fit, whole.
pub(crate) enum Kept {
    Linear(Fit),
    Random(Random),
    Binary(BinaryFit),
}

/// Runs an estimation; `rows` are those that its filters let pass, if it has any.
pub(crate) fn estimate<'p>(
    panel: &'p Panel,
    estimation: &Estimation,
    rows: Option<&[bool]>,
) -> Result<Estimated<'p>, estimate::Error> {
    let Estimation { method, model, spec, weights, .. } = estimation;
    let singletons = spec.convention.singletons;
    let design = Design::chosen(panel, model, singletons, weights.as_ref(), rows)?;
    let (vcov, convention) = (spec.vcov.clone(), spec.convention.clone());
    let mut kept = None;
    let (fit, statistics, first) = match method {
        Method::Pooled => plain(&design, pooled(&design, spec)?)?,
        Method::FixedEffects => decomposed(&design, fixed_effects(&design, spec)?)?,
        Method::Between(effect, weights) => {
            let spec = BetweenSpec { effect: *effect, weights: *weights, vcov, convention };
            decomposed(&design, between(&design, &spec)?)?
        }
        Method::FirstDifference(gaps) => {
            let spec = DifferenceSpec { gaps: *gaps, vcov, convention };
            plain(&design, first_difference(&design, &spec)?)?
        }
        Method::RandomEffects(_) => {
            let random = random_effects(&design, &estimation.random())?;
            let statistics = Statistics::of_random(&random);
            kept = Some(Kept::Random(random.clone()));
            (random.fit, statistics, Vec::new())
        }
        Method::CorrelatedRandomEffects(_) => {
            let correlated = correlated_random_effects(&design, &estimation.random())?;
            let statistics = Statistics::of_correlated(&correlated);
            (correlated.random.fit, statistics, Vec::new())
        }
        Method::TwoStage => {
            let both = two_stage(&design, spec)?;
            let statistics = Statistics::of_two_stage(&design, &both)?;
            (both.fit, statistics, both.first)
        }
        Method::Binary(link, information, small_sample, margins) => {
            let (link, information, small_sample) = (*link, *information, *small_sample);
            let spec = BinarySpec { link, information, vcov, small_sample };
            return likelihood(design, &spec, *margins);
        }
    };
    let correction = fit.correction();
    let counted = (Some(correction.k_counted), correction.factor);
    Ok(Estimated {
        coefficients: fit.coefficients(),
        statistics,
        first,
        thresholds: Vec::new(),
        margins: Vec::new(),
        notes: fit.notes().to_vec(),
        clusters: correction.n_clusters.map(|n_clusters| (n_clusters, counted.0, counted.1)),
        design: Some(design),
        fit: kept.or(Some(Kept::Linear(fit))),
    })
}

/// A threshold regression as any other fit: its slopes, by regime, and what its table needs.
pub(crate) fn threshold(outcome: &Outcome) -> Estimated<'static> {
    let thresholds = outcome.thresholds().iter().map(|threshold| threshold.estimate);
    by_regime(outcome.fit(), thresholds.collect())
}

/// Slopes by regime at some thresholds.
pub(crate) fn by_regime(fit: &Fit, thresholds: Vec<f64>) -> Estimated<'static> {
    let notes = fit.notes().to_vec();
    let correction = fit.correction();
    let counted = (Some(correction.k_counted), correction.factor);
    Estimated {
        design: None,
        fit: None,
        coefficients: fit.coefficients(),
        statistics: Statistics::of_regimes(fit),
        first: Vec::new(),
        margins: Vec::new(),
        notes,
        clusters: correction.n_clusters.map(|n_clusters| (n_clusters, counted.0, counted.1)),
        thresholds,
    }
}

/// Which rows of the panel pass all filters; `None` if there are none to pass.
///
/// A label that is compared with must occur, and some row must pass.
pub(crate) fn chosen(panel: &Panel, filters: &[Filter]) -> Result<Option<Vec<bool>>, String> {
    if filters.is_empty() {
        return Ok(None);
    }
    let mut rows = vec![true; panel.n_rows()];
    for filter in filters {
        let verdicts = filter.verdicts(panel).map_err(|error| error.to_string())?;
        if let Some(Column::Category(_)) = panel.columns().get(&filter.column) {
            filter.check_label(panel).map_err(|error| error.to_string())?;
        }
        for (row, verdict) in rows.iter_mut().zip(verdicts) {
            *row &= verdict == Some(true);
        }
    }
    if rows.contains(&true) {
        return Ok(Some(rows));
    }
    let texts: Vec<String> = filters.iter().map(|filter| format!("`{filter}`")).collect();
    Err(format!("no row is left by where {}", texts.join(" and ")))
}

type Fitted = (Fit, Statistics, Vec<FirstStage>);

fn plain(design: &Design<'_>, fit: Fit) -> Result<Fitted, estimate::Error> {
    let statistics = Statistics::of_fit(design, &fit)?;
    Ok((fit, statistics, Vec::new()))
}

fn decomposed(design: &Design<'_>, fit: Fit) -> Result<Fitted, estimate::Error> {
    let (fit, statistics, first) = plain(design, fit)?;
    let statistics = statistics.decomposed(r_squared(design, &fit)?);
    Ok((fit, statistics, first))
}

fn likelihood<'p>(
    design: Design<'p>,
    spec: &BinarySpec,
    margins: Option<MarginSpec>,
) -> Result<Estimated<'p>, estimate::Error> {
    design.plain("probit and logit")?;
    let fit = binary(&design, spec)?;
    let margins = match margins {
        Some(margins) => marginal_effects(&design, &fit, margins)?,
        None => Vec::new(),
    };
    Ok(Estimated {
        coefficients: fit.coefficients(),
        statistics: Statistics::of_binary(&fit),
        first: Vec::new(),
        thresholds: Vec::new(),
        margins,
        notes: fit.notes().to_vec(),
        clusters: fit.n_clusters().map(|n_clusters| (n_clusters, None, fit.factor())),
        design: Some(design),
        fit: Some(Kept::Binary(fit)),
    })
}

impl Estimated<'_> {
    /// The fit made ready for derivatives; `None` if none are known for it.
    pub(crate) fn adjoint(&self, of: &Estimation) -> Result<Option<Adjoint<'_>>, String> {
        let Some((design, fit)) = self.design.as_ref().zip(self.fit.as_ref()) else {
            return Ok(None);
        };
        let adjoint = match fit {
            Kept::Linear(fit) => Adjoint::linear(design, fit),
            Kept::Random(random) => Adjoint::random(design, &of.random(), random),
            Kept::Binary(fit) => Adjoint::binary(design, fit),
        };
        adjoint.map(Some).map_err(|error| error.to_string())
    }

    /// Our number for a row of the column.
    pub(crate) fn of(
        &self,
        estimation: Option<&Estimation>,
        quantity: &Quantity,
        brackets: Option<Uncertainty>,
        tier: Tier,
    ) -> Ours {
        let among = |rows: &[Coefficient], term: &str| {
            rows.iter().find(|c| c.term == term).map(|c| Numbers {
                value: c.estimate,
                uncertainty: match brackets {
                    None | Some(Uncertainty::StandardError) => Some(c.std_error),
                    Some(Uncertainty::T | Uncertainty::Z) => Some(c.statistic),
                    Some(Uncertainty::P) => Some(c.p_value),
                },
                p_value: Some(c.p_value),
                tier,
            })
        };
        let numbers = match quantity {
            Quantity::Coefficient(term) => among(&self.coefficients, term),
            Quantity::Margin(term) => among(&self.margins, term),
            Quantity::StdError(term) => {
                let coefficient = self.coefficients.iter().find(|c| c.term == *term);
                coefficient.map(|c| single(c.std_error, tier))
            }
            Quantity::Statistic(name) => self.statistics.get(name).map(|value| single(value, tier)),
            Quantity::Test(test, of) => {
                let Some((design, estimation)) = self.design.as_ref().zip(estimation) else {
                    let what = format!("no `test {test}` of a threshold regression");
                    return Ours::Failed(what);
                };
                match specification_test(design, &estimation.spec, &estimation.random(), test) {
                    Err(error) => return Ours::Failed(error.to_string()),
                    Ok(test) => Some(single(of.of(&test), tier)),
                }
            }
            Quantity::Threshold(i) => {
                self.thresholds.get(i - 1).map(|&threshold| single(threshold, tier))
            }
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

pub(crate) fn single(value: f64, tier: Tier) -> Numbers {
    Numbers { value, uncertainty: None, p_value: None, tier }
}

/// What a fit rests on: reconstructed data if anything in it is.
pub(crate) fn tier<'a>(loaded: &Loaded, columns: impl IntoIterator<Item = &'a str>) -> Tier {
    columns
        .into_iter()
        .filter_map(|column| loaded.tiers.get(column).copied())
        .max()
        .unwrap_or(Tier::Real)
}
