//! Composite indices of a study: their scores as columns of the panel, their schemes as tables.

use std::collections::BTreeMap;

use index::{Composite, Direction, Scheme, composite};
use ingest::{Loaded, Tier};
use report::replication::{Own, OwnCell, OwnRow};

use crate::indices;

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
            for column in indices::names(scheme) {
                if !loaded.panel.columns().contains_key(&column) {
                    missing.entry(column).or_insert_with(|| why.clone());
                }
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
