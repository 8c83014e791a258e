//! Thresholds are held while columns move, so the search for them has to find them in the end: what
//! else it could find must do worse.

use std::collections::BTreeMap;

use causal::threshold::{Given, Spec, candidates, sums_at};
use estimate::Cotangent;
use ingest::Variable;
use panel::{Panel, Term};
use published::Transcription;
use rayon::prelude::*;
use reconstruct::{Target, Unknown};

use super::reverse::{ByColumn, add};
use crate::plan::{Fitted, Plan};
use crate::printed::Setting;
use crate::regimes::{Held, Thresholds};
use crate::resolve::Study;

/// A candidate that the search may not prefer to a threshold that is held.
#[derive(Debug, Clone)]
pub(super) struct Rival {
    /// The threshold regression.
    id: String,
    /// The test that adds the threshold.
    test: usize,
    candidate: f64,
}

/// Where first thresholds are held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Edges {
    /// Where they are printed, if they are.
    Printed,
    /// Where the search finds them.
    Own,
}

/// Candidates a test.
const RIVALS: usize = 12;
/// How much less F has to be at a rival, and what counts as a small difference.
const LESS: f64 = 0.02;
const SMALL: f64 = 0.1;

/// The printed value of the threshold in a variable.
pub(super) fn printed<'p>(
    printed: &'p Transcription,
    study: &Study,
    variable: &Term,
) -> Option<&'p published::Number> {
    printed.tables().iter().find_map(|table| {
        let Some(Plan::Regress(columns, _)) = study.tables.get(table.id()) else { return None };
        let of = columns.values().find_map(|fitted| match fitted {
            Fitted::Regimes { id, .. } => study.thresholds.get(id),
            _ => None,
        })?;
        (of.variable == *variable).then(|| table.threshold().map(|threshold| &threshold.value))?
    })
}

/// Fixes the nearest cell below a printed threshold at it: an estimated threshold is a value that occurs.
pub(super) fn pin(
    column: &mut Unknown,
    transcription: &Transcription,
    study: &Study,
    variables: &[Variable],
) {
    let made = |variable: &&Variable| variable.from == column.name && variable.steps.is_empty();
    let Some(variable) = variables.iter().find(made) else { return };
    let Some(value) = printed(transcription, study, &Term::var(&variable.name)) else { return };
    let below = |&i: &usize| !column.fixed[i] && column.start[i] <= value.value();
    let rows = (0..column.start.len()).filter(below);
    if let Some(row) = rows.max_by(|&i, &j| column.start[i].total_cmp(&column.start[j])) {
        (column.start[row], column.fixed[row]) = (value.value(), true);
    }
}

/// How far cells stay from a threshold that they are not at, as a share of it.
const APART: f64 = 0.005;

/// Keeps the cells of the columns that thresholds are in on their sides of them.
pub(super) fn fence(
    unknowns: &mut [Unknown],
    study: &Study,
    held: &BTreeMap<String, Thresholds>,
    rivals: &[Rival],
    variables: &[Variable],
) {
    for unknown in unknowns {
        unknown.fences.clear();
        // Where edges lie, and how far cells stay from them.
        let mut edges: Vec<(f64, f64)> = Vec::new();
        for (id, at) in held {
            let Some(spec) = study.thresholds.get(id) else { continue };
            if source(&spec.variable, variables).is_some_and(|from| *from == unknown.name) {
                edges.extend(at.values.iter().map(|edge| (*edge, APART * edge.abs())));
                let own = rivals.iter().filter(|rival| rival.id == *id);
                edges.extend(own.map(|rival| (rival.candidate, 0.0)));
            }
        }
        if edges.is_empty() {
            continue;
        }
        let between = |&x: &f64| {
            if edges.iter().any(|(edge, _)| x.total_cmp(edge).is_eq()) {
                return (x, x);
            }
            // Not so far that a cell has to move.
            let by = |(edge, by): &(f64, f64)| by.min(0.5 * (edge - x).abs());
            let below = edges.iter().filter(|(edge, _)| *edge < x);
            let above = edges.iter().filter(|(edge, _)| *edge > x);
            let low = below.map(|edge| edge.0 + by(edge)).fold(f64::NEG_INFINITY, f64::max);
            let high = above.map(|edge| edge.0 - by(edge)).fold(f64::INFINITY, f64::min);
            (low, high)
        };
        unknown.fences = unknown.start.iter().map(between).collect();
    }
}

/// The column that a variable is, without any step.
fn source<'v>(variable: &Term, variables: &'v [Variable]) -> Option<&'v str> {
    let Term::Var(name) = variable else { return None };
    let made = variables.iter().find(|made| made.name == *name && made.steps.is_empty())?;
    Some(&made.from)
}

/// Thresholds to hold, and their rivals, as the searches on a panel see them.
///
/// A first threshold is held where `edges` says; the others are the best given those before them.
pub(super) fn find(
    transcription: &Transcription,
    study: &Study,
    setting: &Setting<'_>,
    edges: Edges,
) -> Result<(BTreeMap<String, Thresholds>, Vec<Rival>), String> {
    let panel = &setting.loaded()?.panel;
    let mut held = BTreeMap::new();
    let mut rivals = Vec::new();
    // A threshold regression and one with a threshold more have the first test in common.
    let mut seen: Vec<(Spec, Vec<f64>)> = Vec::new();
    for (id, outcome) in &setting.regimes {
        let Some(spec) = study.thresholds.get(id) else { continue };
        let mut values: Vec<f64> = Vec::new();
        let mut all: Vec<(f64, f64)> = Vec::new();
        for test in 0..outcome.tests().len() {
            let Ok(mut order) = candidates(panel, spec, &values) else { break };
            if all.is_empty() {
                all.clone_from(&order);
            }
            order.sort_by(|a, b| a.1.total_cmp(&b.1));
            let number = printed(transcription, study, &spec.variable);
            let number = number.filter(|_| test == 0 && edges == Edges::Printed);
            let best = order.first().map(|&(candidate, _)| candidate);
            let Some(value) = number.map(published::Number::value).or(best) else { break };
            let own = |gamma: f64| {
                gamma.total_cmp(&value).is_eq()
                    || number.is_some_and(|number| number.interval().contains(gamma))
            };
            values.push(value);
            let one = Spec { thresholds: 1, bootstrap: None, ..spec.clone() };
            if seen.iter().any(|(spec, own)| *spec == one && *own == values) {
                continue;
            }
            seen.push((one, values.clone()));
            let others = order.iter().filter(|(candidate, _)| !own(*candidate)).take(RIVALS);
            // Between two values, so that a row that moves a little stays on its side.
            let rival = |&(gamma, _): &(f64, f64)| {
                let above = all.iter().map(|&(other, _)| other).find(|&other| other > gamma);
                let candidate = 0.5 * (gamma + above.unwrap_or(f64::INFINITY));
                let candidate = if candidate.is_finite() { candidate } else { gamma };
                Rival { id: id.clone(), test, candidate }
            };
            rivals.extend(others.map(rival));
        }
        held.insert(id.clone(), Thresholds { values, scale: outcome.f_scale().1 });
    }
    Ok((held, rivals))
}

impl Rival {
    pub(super) fn target() -> Target {
        Target { low: f64::NEG_INFINITY, high: -LESS, unit: SMALL, weight: 1.0 }
    }
}

/// Rivals of one test.
struct Rivals<'s> {
    held: &'s Held<'s>,
    spec: &'s Spec,
    /// The thresholds before.
    given: &'s [f64],
    /// With the one that is held.
    with: &'s Given<'s>,
    candidates: Vec<f64>,
}

impl<'s> Rivals<'s> {
    /// By test, in the order of the rivals.
    fn of(rivals: &[Rival], setting: &'s Setting<'_>) -> Result<Vec<Self>, String> {
        let tests = rivals.chunk_by(|a, b| a.id == b.id && a.test == b.test);
        let test = |own: &[Rival]| {
            let Rival { id, test, .. } = &own[0];
            let none = || format!("threshold `{id}` is not held");
            let held = setting.held.get(id).ok_or_else(none)?;
            Ok(Self {
                held,
                spec: setting.thresholds.get(id).ok_or_else(none)?,
                given: &held.at.values[..*test],
                with: &held.fits[test + 1],
                candidates: own.iter().map(|rival| rival.candidate).collect(),
            })
        };
        tests.map(test).collect()
    }
}

/// By how much F is higher with each rival, which it should not be.
///
/// ```text
/// scale · (S held / S rival − 1)
/// ```
pub(super) fn numbers(
    rivals: &[Rival],
    panel: &Panel,
    setting: &Setting<'_>,
) -> Result<Vec<f64>, String> {
    let test = |own: Rivals<'_>| -> Result<Vec<f64>, String> {
        let Rivals { held, spec, given, with, candidates } = own;
        let sums = sums_at(panel, spec, given, &candidates).map_err(|error| error.to_string())?;
        let number = |sum: Option<f64>| {
            let sum = sum.ok_or("a rival of a threshold makes no regime")?;
            Ok(held.at.scale * (with.fit().sums().residual / sum - 1.0))
        };
        sums.into_iter().map(number).collect()
    };
    let found: Result<Vec<_>, _> = Rivals::of(rivals, setting)?.into_par_iter().map(test).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// Their derivatives.
pub(super) fn pulls(
    rivals: &[Rival],
    panel: &Panel,
    setting: &Setting<'_>,
) -> Result<Vec<ByColumn>, String> {
    let test = |own: Rivals<'_>| -> Result<Vec<ByColumn>, String> {
        let Rivals { held, spec, given, with, candidates } = own;
        let held_by = squares(panel, with)?;
        let pull = |candidate: f64| {
            let thresholds = [given, &[candidate]].concat();
            let rival = Given::new(panel, spec, &thresholds).map_err(|error| error.to_string())?;
            let rival_by = squares(panel, &rival)?;
            Ok(ratio((with, &held_by), (&rival, &rival_by), held.at.scale))
        };
        candidates.into_par_iter().map(pull).collect()
    };
    let found: Result<Vec<_>, _> = Rivals::of(rivals, setting)?.into_par_iter().map(test).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// The derivatives of a sum of squares.
pub(super) fn squares(panel: &Panel, given: &Given<'_>) -> Result<ByColumn, String> {
    let cotangent = Cotangent { ssr: 1.0, ..Cotangent::default() };
    let gradient = given.adjoint().and_then(|adjoint| adjoint.pull(&cotangent));
    let gradient = gradient.map_err(|error| error.to_string())?;
    gradient.by_column(panel).map_err(|error| error.to_string())
}

/// The derivatives of `scale · (S₀ / S₁ − 1)`, from those of `S₀` and `S₁`.
pub(super) fn ratio(
    (null, by_null): (&Given<'_>, &ByColumn),
    (alternative, by_alternative): (&Given<'_>, &ByColumn),
    scale: f64,
) -> ByColumn {
    let (s0, s1) = (null.fit().sums().residual, alternative.fit().sums().residual);
    let mut by = ByColumn::new();
    for (parts, times) in [(by_null, scale / s1), (by_alternative, -scale * s0 / (s1 * s1))] {
        for (name, part) in parts {
            add(&mut by, name.clone(), part.iter().map(|x| times * x).collect());
        }
    }
    by
}
