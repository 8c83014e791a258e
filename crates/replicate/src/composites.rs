//! Composite indices of a study: their scores as columns of the panel, their schemes as tables.

use std::collections::BTreeMap;

use index::{Composite, Direction, Scheme, composite};
use ingest::{Loaded, Tier};
use panel::Column;
use report::replication::{Own, OwnCell, OwnRow};

/// Adds the scores of every index, and of its dimensions as `NAME: DIMENSION`; one that rests on a
/// missing indicator is missing.
pub(crate) fn add(
    loaded: &mut Loaded,
    schemes: &[Scheme],
    missing: &mut BTreeMap<String, String>,
) -> Result<BTreeMap<String, Composite>, String> {
    let mut made = BTreeMap::new();
    for scheme in schemes {
        let name = &scheme.name;
        let inputs = || scheme.indicators.iter().map(|indicator| indicator.name.as_str());
        if let Some((input, why)) = inputs().find_map(|input| Some((input, missing.get(input)?))) {
            missing.insert(name.clone(), format!("rests on {input}: {why}"));
            continue;
        }
        let found =
            composite(&loaded.panel, scheme).map_err(|error| format!("index `{name}`: {error}"))?;
        let tier = inputs().filter_map(|input| loaded.tiers.get(input).copied()).max();
        let parts = found.dimensions.iter().map(|d| (format!("{name}: {}", d.name()), &d.scores));
        for (column, scores) in std::iter::once((name.clone(), &found.scores)).chain(parts) {
            let values = Column::Number(scores.clone());
            let panel = loaded.panel.clone().with_column(column.clone(), values);
            loaded.panel = panel.map_err(|error| format!("index `{name}`: {error}"))?;
            loaded.tiers.insert(column, tier.unwrap_or(Tier::Real));
        }
        made.insert(name.clone(), found);
    }
    Ok(made)
}

/// A line of the account an index.
pub(crate) fn said(composite: &Composite) -> String {
    let scheme = &composite.scheme;
    let names: Vec<&str> = scheme.indicators.iter().map(|i| i.name.as_str()).collect();
    let shift = match scheme.shift_in {
        Some(place) if scheme.shift > 0.0 => format!("shifted by {} in {place}", scheme.shift),
        _ => "no shift".to_owned(),
    };
    format!(
        "{}: index of {}; {} {}, {shift}; weights {} {}, levels {}; {}; {} rows",
        scheme.name,
        names.join(", "),
        scheme.normalise,
        scheme.normalise_over,
        scheme.weights,
        scheme.weights_over,
        scheme.levels,
        scheme.aggregate,
        composite.n
    )
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
    let mut notes = vec![said(composite)];
    notes.extend(composite.notes.iter().map(ToString::to_string));
    Own { columns, rows: composite.indicators.iter().map(line).collect(), notes, ..Own::default() }
}
