//! Solving for the columns of a study that nobody has, until its own tables print as published.
//!
//! ```text
//! unknown columns ─made─▶ panel ─printed::compute─▶ our numbers      the pipeline of `replicate`
//!        ▲                                              │ wanted: an interval each
//!        └────────── reverse: derivatives ◀─────────────┘
//! ```
//!
//! No model is described here and no number is computed here: [`crate::printed::compute`] does, on
//! the panel as it stands. What is here are derivatives, and they can only be slow or fast, never
//! make a wrong number right.

mod ends;
mod likeness;
mod paper;
mod reverse;
mod rivals;
mod wanted;

use std::path::PathBuf;

use ingest::Tier;
use panel::{Column, Name};
use published::Transcription;
use reconstruct::{Progress, Reach, Settings, Solution};

use crate::run::{Opened, Place, open};
use crate::{Error, made};
use ends::ends;
pub(crate) use likeness::Likeness;
use paper::{Held, Paper};
pub(crate) use wanted::Wanted;

/// Steps before numbers are given up.
const BRIEF: usize = 40;

/// Starts that are drawn until one leads to a solution.
const STARTS: u64 = 8;

/// A study with the columns that it lacks.
pub(crate) struct Found {
    pub(crate) printed: Transcription,
    /// The key of the panel and the columns that were solved for.
    pub(crate) panel: panel::Panel,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) solution: Solution,
    /// Numbers that were given up so that the others hold, and what these leave to them.
    pub(crate) released: Vec<Reach>,
    pub(crate) seed: u64,
    /// How the variables move, real ones and those that were solved for.
    pub(crate) likeness: Vec<Likeness>,
    /// The file of the study that holds such columns, if it names one.
    pub(crate) file: Option<PathBuf>,
}

/// How a study is solved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    /// Where starts are drawn from, if not from the study's own seed.
    pub(crate) seed: Option<u64>,
    pub(crate) settings: Settings,
    /// Whether numbers that cannot hold with the others are given up.
    pub(crate) elastic: bool,
}

/// Solves for the unknown columns of a study.
pub(crate) fn reconstruct(
    place: &Place,
    how: &How,
    watch: &mut dyn FnMut(&Progress, &str),
) -> Result<Found, Error> {
    let Opened { file, printed, mut study } = open(place)?;
    let wrong = |what: String| Error::Usage { what: format!("{file}: {what}") };
    let Some(printed) = printed else {
        return Err(wrong(
            "nothing of it is published, so there is nothing to solve for".to_owned(),
        ));
    };
    let Some(mut data) = study.data.take() else {
        return Err(wrong("it has no data: say `[panel]` and `[[source]]`".to_owned()));
    };
    if study.unknowns.is_empty() {
        let what = "no [[unknown]] says what to solve for, and where to start";
        return Err(wrong(what.to_owned()));
    }
    let reconstructed = |source: &&ingest::Source| source.tier == Tier::Reconstructed;
    let kept = data.sources.iter().find(reconstructed).map(|source| place.data.join(&source.file));
    data.sources.retain(|source| source.tier == Tier::Real);
    let seed = how.seed.or(study.seed).unwrap_or(1);
    // What nothing moves is not drawn anew at every step.
    for threshold in study.thresholds.values_mut() {
        threshold.bootstrap = None;
    }
    // What rests on unknown columns waits for them.
    let names: Vec<Name> = study.unknowns.iter().map(|unknown| unknown.name.clone()).collect();
    let mut waiting = std::mem::take(&mut study.missing);
    let missing = waiting.clone();
    waiting.extend(names.iter().map(|name| (name.clone(), String::new())));
    let (data, after) = made::split(data, &study.indices, &waiting);
    let base = ingest::load(&data, &place.data)?;
    // Every start of every column is drawn from a stream of its own.
    let begin = |start: u64| -> Result<Vec<reconstruct::Unknown>, Error> {
        let ends = |of: &str| ends(&printed, &study, &after, base.panel.n_rows(), of);
        let mut panel = base.panel.clone();
        let first = start * study.unknowns.len() as u64;
        let column = |(stream, unknown): (u64, &crate::unknown::Unknown)| {
            let mut column = unknown.begin(&panel, seed, stream, &ends).map_err(wrong)?;
            rivals::pin(&mut column, &printed, &study, &after);
            panel.insert(column.name.clone(), Column::Number(column.start.clone()))?;
            Ok(column)
        };
        (first..).zip(&study.unknowns).map(column).collect()
    };

    let mut paper = Paper {
        study: &study,
        printed: &printed,
        base: &base,
        after: &after,
        missing,
        names,
        held: Held::default(),
        wanted: Vec::new(),
    };
    let start: Vec<Vec<f64>> = begin(0)?.into_iter().map(|unknown| unknown.start).collect();
    let computed = paper.computed(&start).map_err(wrong)?;
    paper.wanted = wanted::wanted(&printed, &computed, &study.deviations);
    // What has no derivative is said before anything is tried.
    paper.try_derivatives(&start).map_err(wrong)?;
    let mut best: Option<Solution> = None;
    let mut released = Vec::new();
    let starts = if how.elastic { 1 } else { STARTS };
    for start in 0..starts {
        let mut unknowns = begin(start)?;
        // Where numbers contradict one another, much solving with all of them leads nowhere.
        let steps = if how.elastic { how.settings.steps.min(BRIEF) } else { how.settings.steps };
        let settings = Settings { steps, ..how.settings };
        let legs = how.elastic.then_some(2);
        let found = paper.attempt(&mut unknowns, &[], &settings, legs, watch);
        let mut found = found.map_err(wrong)?;
        if how.elastic && !found.unsatisfied.is_empty() {
            (found, released) = paper.release(unknowns, &how.settings, watch).map_err(wrong)?;
        }
        let better = |best: &Solution| found.unsatisfied.len() < best.unsatisfied.len();
        if best.as_ref().is_none_or(better) {
            best = Some(found);
        }
        if best.as_ref().is_some_and(|best| best.unsatisfied.is_empty()) {
            break;
        }
    }
    let solution = best.ok_or_else(|| wrong("nothing was tried".to_owned()))?;
    let full = paper.full(&solution.columns).map_err(wrong)?;
    let likeness = likeness::of(&full.loaded, &data, &after, &paper.names);
    let index = base.panel.index().clone();
    let columns = paper.names.iter().zip(&solution.columns);
    let columns = columns.map(|(name, x)| (format!("{name}{LABEL}"), Column::Number(x.clone())));
    let panel = panel::Panel::new(index, columns)?;
    let wanted = paper.wanted;
    Ok(Found { printed, panel, wanted, solution, released, seed, likeness, file: kept })
}

/// What the name of every column that was solved for ends with, wherever it is written.
const LABEL: &str = " (synthetic)";

#[cfg(test)]
mod tests;
