//! Composite indices of a study or a command: their columns, and the table of their scheme.

use index::{Composite, Dimension, Direction, Scheme, Weighed};
use panel::{Column, Name, Panel};
use report::{Cell, Table, format, head, number, row, table, words};

/// The columns of a composite: its scores, and those of each dimension as `NAME: DIMENSION`.
pub(crate) fn columns(composite: &Composite) -> Vec<(Name, Column)> {
    let name = &composite.scheme.name;
    let whole = (name.clone(), Column::Number(composite.scores.clone()));
    let part = |dimension: &Dimension| {
        let column = Column::Number(dimension.scores.clone());
        (format!("{name}: {}", dimension.name()), column)
    };
    std::iter::once(whole).chain(composite.dimensions.iter().map(part)).collect()
}

/// The columns that a scheme makes, by name, before it is computed.
pub(crate) fn names(scheme: &Scheme) -> Vec<Name> {
    let mut names = vec![scheme.name.clone()];
    for indicator in &scheme.indicators {
        for depth in 1..=indicator.dimension.len() {
            let name = format!("{}: {}", scheme.name, indicator.dimension[..depth].join(" / "));
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The panel with the columns of a composite.
pub(crate) fn add(panel: Panel, composite: &Composite) -> Result<Panel, panel::Error> {
    columns(composite)
        .into_iter()
        .try_fold(panel, |panel, (name, column)| panel.with_column(name, column))
}

/// Dimension, indicator, direction and weight, as papers print a scheme.
///
/// With weights by period there is a column a period. Entropy and divergence stand beside weights that
/// come from them.
pub(crate) fn scheme_table(composite: &Composite) -> Table {
    let scheme = &composite.scheme;
    let mut heads = vec!["dimension", "indicator", "direction"];
    let periods: Vec<String> = match &composite.periods {
        Some(periods) => periods.iter().map(ToString::to_string).collect(),
        None => vec!["weight".to_owned()],
    };
    heads.extend(periods.iter().map(String::as_str));
    let entropies = composite.periods.is_none()
        && composite.indicators.iter().any(|indicator| indicator.entropy.is_some());
    if entropies {
        heads.extend(["entropy", "divergence"]);
    }
    let mut shown = table(format!("Scheme of {}", scheme.name)).heads(heads.into_iter().map(head));
    let mut before: &[String] = &[];
    for (at, indicator) in composite.indicators.iter().enumerate() {
        let path = indicator.indicator.dimension.as_slice();
        let again = at > 0 && path == before;
        let label = if again { String::new() } else { path.join(" / ") };
        shown = shown.rows([row(label, cells(indicator, entropies))]);
        before = path;
    }
    for note in how(composite) {
        shown = shown.note(note);
    }
    shown
}

fn cells(weighed: &Weighed, entropies: bool) -> Vec<Cell> {
    let direction = match weighed.indicator.direction {
        Direction::Positive => "+".to_owned(),
        Direction::Negative => "−".to_owned(),
        target @ Direction::Target(_) => target.to_string(),
    };
    let mut cells = vec![words(weighed.indicator.label()), words(direction)];
    cells.extend(weighed.weights.iter().map(|w| number(format::fixed(*w, 6))));
    if entropies {
        let first = |values: Option<Vec<f64>>| match values {
            Some(values) => number(format::fixed(values.first().copied().unwrap_or(f64::NAN), 6)),
            None => words(""),
        };
        cells.extend([first(weighed.entropy.clone()), first(weighed.divergence())]);
    }
    cells
}

/// Every choice of a scheme that moves a digit, and what became of it.
pub(crate) fn how(composite: &Composite) -> Vec<String> {
    let scheme = &composite.scheme;
    let shift = match (scheme.shift > 0.0, scheme.shift_in) {
        (true, Some(place)) => format!("shifted by {} in {place}", scheme.shift),
        _ => "no shift, 0 ln 0 = 0".to_owned(),
    };
    let mut lines = vec![format!(
        "{} {}; {shift}; weights {} {}, levels {}; {}; {} rows",
        scheme.normalise,
        scheme.normalise_over,
        scheme.weights,
        scheme.weights_over,
        scheme.levels,
        scheme.aggregate,
        composite.n,
    )];
    lines.extend(composite.consistency.iter().map(|found| {
        let of = if found.node.is_empty() { String::new() } else { format!(" of {}", found.node) };
        format!(
            "comparisons{of}: λ max {}, CI {}, CR {}",
            format::fixed(found.lambda_max, 4),
            format::fixed(found.index, 4),
            format::fixed(found.ratio, 4)
        )
    }));
    lines.extend(composite.notes.iter().map(ToString::to_string));
    lines
}
