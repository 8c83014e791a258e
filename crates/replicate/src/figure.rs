//! Figures: series by year, with what the paper states of them beside.

use ingest::{Loaded, SYNTHETIC};
use published::Transcription;
use report::{Figure as Shown, Line as ShownLine};
use serde::Deserialize;

use crate::claim::{is_synthetic, series};

/// A figure as a study writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Figure {
    pub(crate) id: String,
    /// Of a figure of our own; a printed one, of which `series` says the id, has a title.
    pub(crate) title: Option<String>,
    /// The id of what is stated of it.
    pub(crate) series: Option<String>,
    pub(crate) unit: String,
    pub(crate) first: i32,
    pub(crate) last: i32,
    pub(crate) lines: Vec<Line>,
    #[serde(default)]
    pub(crate) notes: Vec<String>,
}

/// A line of a figure: a column of an entity.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Line {
    name: String,
    entity: String,
    column: String,
    /// What turns the unit of the column into that of the figure.
    times: f64,
    stated: Option<Stated>,
}

/// Values that the paper states of the same thing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Stated {
    /// What the paper calls it.
    name: String,
    /// What turns its unit into that of the figure.
    times: f64,
}

/// The figure with its values.
pub(crate) fn compute(
    figure: &Figure,
    printed: Option<&Transcription>,
    loaded: Option<&Loaded>,
) -> Result<Shown, String> {
    let stated = match (&figure.series, printed) {
        (None, _) => None,
        (Some(id), Some(printed)) => {
            let found = printed.series().iter().find(|series| series.id == *id);
            Some(found.ok_or_else(|| format!("nothing is stated of a figure `{id}`"))?)
        }
        (Some(id), None) => return Err(format!("`{id}`: nothing was published")),
    };
    let title = match (&figure.title, stated) {
        (Some(title), None) => title.clone(),
        (None, Some(series)) => series.title.clone(),
        (Some(_), Some(_)) => return Err("it was printed, so it has a title already".to_owned()),
        (None, None) => {
            return Err("it lacks a `title`, or the `series` that was printed".to_owned());
        }
    };
    let inside = |(year, _): &(i32, f64)| (figure.first..=figure.last).contains(year);
    let mut lines = Vec::new();
    let (mut is_reconstructed, mut notes) = (false, figure.notes.clone());
    for line in &figure.lines {
        let points = series(loaded, &line.entity, &line.column)?;
        let points = points.into_iter().map(|(year, value)| (year, value * line.times));
        let points = points.filter(inside).collect();
        let own = is_synthetic(loaded, &line.column);
        is_reconstructed |= own;
        let label = if own { SYNTHETIC } else { "" };
        lines.push(ShownLine { name: format!("{}{label}", line.name), points, stated: false });
        let Some(Stated { name, times }) = &line.stated else { continue };
        let values = stated.iter().flat_map(|series| &series.values);
        let points: Vec<(i32, f64)> = values
            .filter(|value| value.name == *name)
            .map(|value| (value.year, value.value.value() * times))
            .filter(inside)
            .collect();
        if points.is_empty() {
            return Err(format!("nothing is stated of `{name}`"));
        }
        let name = format!("{}, as stated in the article", line.name);
        lines.push(ShownLine { name, points, stated: true });
    }
    if is_reconstructed {
        notes.push(format!("† {}", report::replication::SYNTHETIC));
    }
    Ok(Shown {
        id: figure.id.clone(),
        title,
        unit: figure.unit.clone(),
        first: figure.first,
        last: figure.last,
        lines,
        notes,
        is_reconstructed,
    })
}
