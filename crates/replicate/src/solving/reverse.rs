//! Derivatives of the printed numbers by the columns that are solved for.

use std::collections::BTreeMap;

use causal::mediation::{MediationSpec, effect_gradients};
use estimate::{Coefficient, Cotangent};
use index::{Composite, Dimension, Scheme, Weighed};
use ingest::{Loaded, Tier, Variable};
use panel::{Column, Name, Panel};
use published::{Table, Uncertainty};
use rayon::prelude::*;
use report::replication::PartKind;

use super::rivals::{ratio, squares};
use super::wanted::{Wanted, distance};
use crate::derive::Derived;
use crate::ours::Estimated;
use crate::plan::{Fitted, Plan};
use crate::printed::{EFFECTS, Setting, row_of};
use crate::quantity::Quantity;
use crate::regimes::Of;
use crate::{effects, made};

/// A scalar's derivatives by columns of the panel.
pub(crate) type ByColumn = BTreeMap<Name, Vec<f64>>;

/// From columns of the panel back to the columns that are solved for.
pub(crate) struct Back<'a> {
    pub(crate) loaded: &'a Loaded,
    /// Variables in the order in which they were made.
    pub(crate) after: &'a [Variable],
    /// Indices in the order in which they were made, between the variables that they are made of and
    /// those that are made of them.
    pub(crate) schemes: &'a [Scheme],
    pub(crate) indices: &'a BTreeMap<String, Composite>,
    /// Derived columns in the order in which they were made.
    pub(crate) derived: &'a [Derived],
    pub(crate) unknowns: &'a [Name],
}

impl Back<'_> {
    /// One row of the Jacobian: the unknown columns one after the other.
    pub(crate) fn row(&self, mut by: ByColumn) -> Result<Vec<f64>, String> {
        for derived in self.derived.iter().rev() {
            let Some(gradient) = self.take(&mut by, &derived.name) else { continue };
            for (name, part) in derived.pull_back(&self.loaded.panel, &gradient)? {
                add(&mut by, name, part);
            }
        }
        let (early, late) = made::around(self.after, self.schemes);
        self.variables(&late, &mut by)?;
        for composite in self.schemes.iter().rev().filter_map(|one| self.indices.get(&one.name)) {
            let name = &composite.scheme.name;
            let scores = self.take(&mut by, name).unwrap_or_default();
            let part = |of: &Dimension| self.take(&mut by, &format!("{name}: {}", of.name()));
            let dimensions: Vec<Vec<f64>> =
                composite.dimensions.iter().map(part).map(Option::unwrap_or_default).collect();
            if scores.is_empty() && dimensions.iter().all(Vec::is_empty) {
                continue;
            }
            let cotangent = index::Cotangent { scores, dimensions, ..Default::default() };
            for (name, part) in indicators(&self.loaded.panel, composite, &cotangent)? {
                add(&mut by, name, part);
            }
        }
        self.variables(&early, &mut by)?;
        let n = self.loaded.panel.n_rows();
        let column = |name| by.remove(name).unwrap_or_else(|| vec![0.0; n]);
        Ok(self.unknowns.iter().flat_map(column).collect())
    }

    /// The derivatives by a column that is made; none if it is made of real ones alone.
    fn take(&self, by: &mut ByColumn, name: &str) -> Option<Vec<f64>> {
        by.remove(name).filter(|_| moves(self.loaded, name))
    }

    fn variables(&self, variables: &[&Variable], by: &mut ByColumn) -> Result<(), String> {
        for variable in variables.iter().rev() {
            let Some(gradient) = self.take(by, &variable.name) else { continue };
            let parts = ingest::pull_back(&self.loaded.panel, variable, &gradient);
            for (name, part) in parts.map_err(|error| error.to_string())? {
                add(by, name, part);
            }
        }
        Ok(())
    }
}

/// Whether a column rests on one that is solved for.
fn moves(loaded: &Loaded, name: &str) -> bool {
    loaded.tiers.get(name) == Some(&Tier::Reconstructed)
}

/// From weights and scores of an index to its indicators.
fn indicators(
    panel: &Panel,
    composite: &Composite,
    by: &index::Cotangent,
) -> Result<ByColumn, String> {
    let parts = index::pull_back(panel, composite, by).map_err(|error| error.to_string())?;
    let names = composite.indicators.iter().map(|one| one.indicator.name.clone());
    Ok(names.zip(parts).collect())
}

pub(crate) fn add(by: &mut ByColumn, name: Name, part: Vec<f64>) {
    match by.get_mut(&name) {
        Some(sum) => sum.iter_mut().zip(part).for_each(|(sum, g)| *sum += g),
        None => drop(by.insert(name, part)),
    }
}

/// The derivatives of some numbers of one table; none for a number that nothing moves, such as a
/// count of rows, or of which no derivative is known.
pub(crate) fn table(
    wanted: &[&Wanted],
    plan: &Plan,
    printed: &Table,
    setting: &Setting<'_>,
) -> Result<Vec<ByColumn>, String> {
    match plan {
        Plan::Describe(variables) => wanted
            .iter()
            .map(|wanted| match variables.get(&wanted.row) {
                None => Ok(ByColumn::new()),
                Some(variable) => Ok(moment(&setting.loaded()?.panel, variable, &wanted.column)),
            })
            .collect(),
        Plan::Regress(columns, effects) => {
            let mut found = vec![ByColumn::new(); wanted.len()];
            if let Some(spec) = effects {
                below(&mut found, wanted, spec, setting)?;
            }
            let columns: Vec<_> = columns.iter().collect();
            let parts: Result<Vec<_>, String> = (columns.into_par_iter())
                .map(|(id, fitted)| column(id, fitted, wanted, printed, setting))
                .collect();
            for (i, by) in parts?.into_iter().flatten() {
                found[i] = by;
            }
            Ok(found)
        }
        Plan::Thresholds(id) => {
            let Some(held) = setting.held.get(id) else {
                return Ok(vec![ByColumn::new(); wanted.len()]);
            };
            let panel = &setting.loaded()?.panel;
            let rows = wanted.iter().map(|wanted| {
                let test = printed.rows().iter().position(|row| row.label == wanted.row);
                let f = Of::headed(&wanted.column) == Some(Of::F);
                match test
                    .filter(|_| f)
                    .and_then(|i| Some((held.fits.get(i)?, held.fits.get(i + 1)?)))
                {
                    Some((null, alternative)) => {
                        let by = (squares(panel, null)?, squares(panel, alternative)?);
                        Ok(ratio((null, &by.0), (alternative, &by.1), held.at.scale))
                    }
                    None => Ok(ByColumn::new()),
                }
            });
            rows.collect()
        }
        Plan::Scheme(name) => {
            let Some(composite) = setting.indices.get(name) else {
                return Ok(vec![ByColumn::new(); wanted.len()]);
            };
            let loaded = setting.loaded()?;
            if !moves(loaded, name) {
                return Ok(vec![ByColumn::new(); wanted.len()]);
            }
            let weight = |wanted: &&Wanted| {
                let own = |one: &Weighed| f64::from(u8::from(one.indicator.label() == wanted.row));
                let weights = composite.indicators.iter().map(own).collect();
                let by = index::Cotangent { weights, ..Default::default() };
                indicators(&loaded.panel, composite, &by)
            };
            wanted.iter().map(weight).collect()
        }
        Plan::Waits(_) | Plan::Tests(_) => Ok(vec![ByColumn::new(); wanted.len()]),
    }
}

/// The derivatives of the numbers of one column of regressions, each with its place among `wanted`.
fn column(
    id: &str,
    fitted: &Fitted,
    wanted: &[&Wanted],
    printed: &Table,
    setting: &Setting<'_>,
) -> Result<Vec<(usize, ByColumn)>, String> {
    let uncertainty = printed.uncertainty();
    let own: Vec<usize> = (0..wanted.len()).filter(|&i| wanted[i].column == *id).collect();
    let estimation = match fitted {
        Fitted::By(estimation) if !own.is_empty() => estimation,
        Fitted::By(_) | Fitted::Waits(_) => return Ok(Vec::new()),
        Fitted::Regimes { id, rows } => {
            let Some(held) = setting.held.get(id) else { return Ok(Vec::new()) };
            let adjoint = held.fits[held.at.values.len()].adjoint();
            let adjoint = adjoint.map_err(|error| error.to_string())?;
            let estimated = held.estimated();
            let panel = &setting.loaded()?.panel;
            let slope = |i: usize| {
                let quantity = row_of(printed, rows, &wanted[i].row);
                let cotangent =
                    quantity.and_then(|of| cotangent(&estimated, &of, wanted[i].part, uncertainty));
                let Some(cotangent) = cotangent else { return Ok((i, ByColumn::new())) };
                let gradient = adjoint.pull(&cotangent).map_err(|error| error.to_string())?;
                Ok((i, gradient.by_column(panel).map_err(|error| error.to_string())?))
            };
            return own.into_iter().map(slope).collect();
        }
    };
    // What real columns alone give needs no derivative, and may have none.
    let loaded = setting.loaded()?;
    if !estimation.columns().iter().any(|name| moves(loaded, name)) {
        return Ok(Vec::new());
    }
    let estimated = setting.estimate(estimation)?;
    let Some(adjoint) = estimated.adjoint(estimation)? else { return Ok(Vec::new()) };
    let panel = &loaded.panel;
    let pull = |i: usize| {
        let quantity = estimation.rows.get(&wanted[i].row)?;
        let cotangent = cotangent(&estimated, quantity, wanted[i].part, uncertainty)?;
        let by = adjoint.pull(&cotangent).and_then(|gradient| gradient.by_column(panel));
        Some(by.map(|by| (i, by)).map_err(|error| error.to_string()))
    };
    own.into_iter().filter_map(pull).collect()
}

/// The derivatives of the effects that are printed below a table.
fn below(
    found: &mut [ByColumn],
    wanted: &[&Wanted],
    spec: &MediationSpec,
    setting: &Setting<'_>,
) -> Result<(), String> {
    let own = |wanted: &&Wanted| EFFECTS.contains(&wanted.row.as_str());
    if !wanted.iter().any(own) {
        return Ok(());
    }
    let loaded = setting.loaded()?;
    let outcome = effects::run(loaded, spec)?;
    for (by, wanted) in found.iter_mut().zip(wanted).filter(|(_, wanted)| own(wanted)) {
        let name = wanted.row.trim_end_matches(" effect");
        let gradients = effect_gradients(&loaded.panel, spec, &outcome, name, 1.0, 0.0);
        for gradient in gradients.map_err(|error| error.to_string())? {
            let parts = gradient.by_column(&loaded.panel).map_err(|error| error.to_string())?;
            for (name, part) in parts {
                add(by, name, part);
            }
        }
    }
    Ok(())
}

/// A moment of a column: mean, standard deviation, least and greatest value.
fn moment(panel: &Panel, variable: &str, head: &str) -> ByColumn {
    let Some(Column::Number(x)) = panel.columns().get(variable) else {
        return ByColumn::new();
    };
    let Some(d) = numbers::describe(x) else { return ByColumn::new() };
    // The first of equals, as good as any other of them.
    let single = |wanted: f64| {
        let at = x.iter().position(|x| x.total_cmp(&wanted).is_eq())?;
        let mut gradient = vec![0.0; x.len()];
        gradient[at] = 1.0;
        Some(gradient)
    };
    let gradient: Option<Vec<f64>> = match head {
        "mean" => Some(numbers::describe_back(x, 1.0, 0.0)),
        "sd" => Some(numbers::describe_back(x, 0.0, 1.0)),
        "min" => single(d.min),
        "max" => single(d.max),
        _ => None,
    };
    gradient.map(|gradient| (variable.to_owned(), gradient)).into_iter().collect()
}

/// How a printed number depends on what the fit gives.
fn cotangent(
    estimated: &Estimated<'_>,
    quantity: &Quantity,
    part: PartKind,
    uncertainty: Option<Uncertainty>,
) -> Option<Cotangent> {
    let all = &estimated.coefficients;
    let one = |j: usize, value: f64| {
        let mut weights = vec![0.0; j + 1];
        weights[j] = value;
        weights
    };
    let both = |j: usize, by_estimate: f64, by_error: f64| Cotangent {
        coefficients: one(j, by_estimate),
        std_errors: one(j, by_error),
        ..Cotangent::default()
    };
    match quantity {
        Quantity::Coefficient(term) => {
            let j = all.iter().position(|c| c.term == *term)?;
            let c = &all[j];
            let Coefficient { estimate: b, std_error: se, .. } = *c;
            let through = |by_t: f64| both(j, by_t / se, -by_t * b / (se * se));
            Some(match (part, uncertainty) {
                (PartKind::Value, _) => both(j, 1.0, 0.0),
                (PartKind::Uncertainty, None | Some(Uncertainty::StandardError)) => {
                    both(j, 0.0, 1.0)
                }
                (PartKind::Uncertainty, Some(Uncertainty::T | Uncertainty::Z)) => through(1.0),
                (PartKind::Uncertainty, Some(Uncertainty::P)) => {
                    through(slope(c.statistic, |t| c.reference.two_sided(t)))
                }
                (PartKind::Stars, _) => {
                    through(slope(c.statistic, |t| distance(c.reference.two_sided(t))))
                }
                (PartKind::Words, _) => return None,
            })
        }
        Quantity::StdError(term) => {
            let j = all.iter().position(|c| c.term == *term)?;
            Some(both(j, 0.0, 1.0))
        }
        Quantity::Statistic(name) => {
            let mut by = Cotangent::default();
            match *name {
                "r2" => by.r2 = 1.0,
                "r2 adjusted" => by.r2_adjusted = 1.0,
                "r2 within" => by.r2_within = 1.0,
                "r2 within adjusted" => by.r2_within_adjusted = 1.0,
                "r2 between" => by.r2_between = 1.0,
                "r2 overall" => by.r2_overall = 1.0,
                "ssr" => by.ssr = 1.0,
                "mcfadden" => by.mcfadden = 1.0,
                "log likelihood" => by.log_likelihood = 1.0,
                _ => return None,
            }
            Some(by)
        }
        Quantity::Margin(_) | Quantity::Threshold(_) | Quantity::Test(..) => None,
    }
}

/// The slope of a smooth function of a t statistic, by a central difference.
fn slope(t: f64, of: impl Fn(f64) -> f64) -> f64 {
    const H: f64 = 1e-5;
    (of(t + H) - of(t - H)) / (2.0 * H)
}
