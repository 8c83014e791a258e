//! Composite indices of a study: their scores as columns of the panel, their schemes as tables.

use std::collections::{BTreeMap, BTreeSet};

use index::{Composite, Direction, Scheme, composite};
use ingest::{Loaded, Spec, Step, Tier, Variable};
use panel::Name;
use report::replication::{Own, OwnCell, OwnRow};

use crate::indices;

/// What is loaded before there is an index; `after` takes the variables that rest on one.
pub(crate) fn before(mut spec: Spec, schemes: &[Scheme], after: &mut Vec<Variable>) -> Spec {
    let mut names: BTreeSet<Name> = schemes.iter().flat_map(indices::names).collect();
    for variable in std::mem::take(&mut spec.variables) {
        if reads(&variable).any(|name| names.contains(name)) {
            names.insert(variable.name.clone());
            after.push(variable);
        } else {
            spec.variables.push(variable);
        }
    }
    spec
}

/// The columns that a variable is made of.
fn reads(variable: &Variable) -> impl Iterator<Item = &Name> {
    std::iter::once(&variable.from).chain(variable.steps.iter().filter_map(Step::reads))
}

/// Makes the variables that rest on indices; one that rests on a missing index is missing.
pub(crate) fn make(
    loaded: &mut Loaded,
    after: Vec<Variable>,
    missing: &mut BTreeMap<String, String>,
) -> Result<(), ingest::Error> {
    for variable in after {
        match reads(&variable).find_map(|name| Some((name, missing.get(name)?))) {
            Some((name, why)) => {
                let because = format!("rests on {name}: {why}");
                missing.insert(variable.name.clone(), because);
            }
            None => loaded.make(std::slice::from_ref(&variable))?,
        }
    }
    Ok(())
}

/// Adds the scores of every index, and of its dimensions as `NAME: DIMENSION`; one that rests on a
/// missing indicator is missing, unless its scores were loaded.
pub(crate) fn add(
    loaded: &mut Loaded,
    schemes: &[Scheme],
    missing: &mut BTreeMap<String, String>,
) -> Result<BTreeMap<String, Composite>, String> {
    let mut made = BTreeMap::new();
    for scheme in schemes {
        let name = &scheme.name;
        let inputs = || scheme.indicators.iter().map(|indicator| indicator.name.as_str());
        if let Some(why) = gap(scheme, missing) {
            // Scores that were loaded stand without their indicators.
            if !loaded.panel.columns().contains_key(name) {
                missing.entry(name.clone()).or_insert(why);
            }
            continue;
        }
        let found =
            composite(&loaded.panel, scheme).map_err(|error| format!("index `{name}`: {error}"))?;
        let tier = inputs().filter_map(|input| loaded.tiers.get(input).copied()).max();
        let panel = indices::add(loaded.panel.clone(), &found);
        loaded.panel = panel.map_err(|error| format!("index `{name}`: {error}"))?;
        for column in indices::names(scheme) {
            loaded.tiers.insert(column, tier.unwrap_or(Tier::Real));
        }
        made.insert(name.clone(), found);
    }
    Ok(made)
}

/// The first indicator of a scheme that is missing, and why.
pub(crate) fn gap(scheme: &Scheme, missing: &BTreeMap<String, String>) -> Option<String> {
    scheme.indicators.iter().find_map(|indicator| {
        Some(format!("rests on {}: {}", indicator.name, missing.get(&indicator.name)?))
    })
}

/// A line of the account an index.
pub(crate) fn said(composite: &Composite) -> String {
    let scheme = &composite.scheme;
    let names: Vec<&str> = scheme.indicators.iter().map(|i| i.name.as_str()).collect();
    let how = indices::how(composite).join("; ");
    format!("{}: index of {}; {how}", scheme.name, names.join(", "))
}

/// The scheme as a table: dimension, direction, weight, and entropy if weights come from it.
pub(crate) fn table(composite: &Composite) -> Own {
    let periods: Vec<String> = match &composite.periods {
        Some(periods) => periods.iter().map(|period| format!("weight {period}")).collect(),
        None => vec!["weight".to_owned()],
    };
    let entropies = composite.periods.is_none()
        && composite.indicators.iter().any(|weighed| weighed.entropy.is_some());
    let mut columns = vec!["dimension".to_owned(), "direction".to_owned()];
    columns.extend(periods);
    columns.extend(entropies.then(|| "entropy".to_owned()));
    let line = |weighed: &index::Weighed| {
        let direction = match weighed.indicator.direction {
            Direction::Positive => "+".to_owned(),
            Direction::Negative => "−".to_owned(),
            target @ Direction::Target(_) => target.to_string(),
        };
        let mut cells = vec![
            OwnCell::Words(weighed.indicator.dimension.join(" / ")),
            OwnCell::Words(direction),
        ];
        cells.extend(weighed.weights.iter().copied().map(OwnCell::Number));
        let entropy = weighed.entropy.as_ref().and_then(|entropy| entropy.first().copied());
        cells.extend(entropies.then(|| entropy.map_or(OwnCell::Blank, OwnCell::Number)));
        OwnRow { label: weighed.indicator.label().to_owned(), cells, ruled: false }
    };
    let notes = vec![said(composite)];
    Own { columns, rows: composite.indicators.iter().map(line).collect(), notes, ..Own::default() }
}
