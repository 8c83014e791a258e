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

mod asked;
mod change;
mod ends;
mod fixed;
mod likeness;
mod paper;
mod reverse;
mod rivals;
mod unfold;
mod wanted;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ingest::{SYNTHETIC, Tier};
use panel::{Column, Name};
use published::Transcription;
use reconstruct::{Progress, Reach, Settings, Solution, is_small};

use crate::deviation::Deviations;
use crate::resolve::Study;
use crate::run::{Opened, Place, open};
use crate::unknown::Unknown as Missing;
use crate::{Error, made};
pub(crate) use change::Change;
use ends::ends;
use fixed::keep;
pub(crate) use fixed::labelled;
pub(crate) use likeness::Likeness;
use paper::{Held, Pace, Paper};
pub(crate) use wanted::Wanted;

/// Steps that hardly change anything before another start is tried.
const PATIENCE: usize = 10;

/// Starts that are drawn until one leads to a solution, if nothing else is said.
pub(crate) const STARTS: u64 = 8;

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
    /// Why indices are columns still, without the indicators that were to be found.
    pub(crate) folded: Option<String>,
    /// Printed numbers that rest on draws, which nothing is asked of.
    pub(crate) drawn: usize,
    /// The columns that no number moves with.
    pub(crate) idle: Vec<Name>,
    /// The columns with cells that are held at printed extremes.
    pub(crate) at_ends: Vec<Name>,
    /// What was kept of files with `--fix`.
    pub(crate) kept: Vec<String>,
}

/// Whether a study reads real columns from a file.
pub(crate) fn is_source(place: &Place, file: &Path) -> Result<bool, Error> {
    let Opened { study, .. } = open(place)?;
    let sources = study.data.map(|data| data.sources).unwrap_or_default();
    let mut real = sources.iter().filter(|source| source.tier == Tier::Real);
    let file = file.canonicalize().ok();
    Ok(real
        .any(|source| file.is_some() && place.data.join(&source.file).canonicalize().ok() == file))
}

/// The file of a study that holds what was solved for.
pub(crate) fn stored(place: &Place) -> Result<PathBuf, Error> {
    let Opened { file, study, .. } = open(place)?;
    let sources = study.data.map(|data| data.sources).unwrap_or_default();
    let source = sources.into_iter().find(|source| source.tier == Tier::Reconstructed);
    let none =
        || Error::Usage { what: format!("{file}: no [[source]] has the tier `reconstructed`") };
    Ok(place.data.join(source.ok_or_else(none)?.file))
}

/// How a study is solved.
#[derive(Debug, Clone)]
pub(crate) struct How {
    /// Where starts are drawn from, if not from the study's own seed.
    pub(crate) seed: Option<u64>,
    pub(crate) settings: Settings,
    /// Whether numbers that cannot hold with the others are given up.
    pub(crate) elastic: bool,
    /// Whether printed extremes are asked for like other numbers, and no cells are held there.
    pub(crate) free_ends: bool,
    /// Whether numbers are sought as printed where the study declares that they differ.
    pub(crate) as_printed: bool,
    /// Starts that are drawn at most.
    pub(crate) starts: u64,
    /// Conventions other than the study's.
    pub(crate) changes: Vec<Change>,
    /// Files that hold unknown columns, which keep what stands there.
    pub(crate) fixed: Vec<(Name, PathBuf)>,
}

/// Solves for the unknown columns of a study.
pub(crate) fn reconstruct(
    place: &Place,
    how: &How,
    watch: &mut (dyn FnMut(&Progress, &str) + Send),
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
    data.sources.retain(|source| source.tier == Tier::Real);
    let seed = how.seed.or(study.seed).unwrap_or(1);
    changed(&mut study, how).map_err(wrong)?;
    // What rests on unknown columns waits for them. An index that is one is a column at first, without
    // its indicators.
    let mut waiting = std::mem::take(&mut study.missing);
    let known_missing = waiting.clone();
    waiting.extend(study.unknowns.iter().map(|unknown| (unknown.name.clone(), String::new())));
    let (mut parts, mut whole) = divided(&study).map_err(wrong)?;
    let names: Vec<Name> = whole.iter().map(|unknown| unknown.name.clone()).collect();
    let mut missing = known_missing.clone();
    missing.extend(parts.iter().map(|part| (part.name.clone(), part.because.clone())));
    let (data, after) = made::split(data, &study.indices, &waiting);
    let mut base = ingest::load(&data, &place.data)?;
    let kept = keep(&mut base.panel, whole.iter_mut().chain(&mut parts), &how.fixed)?;
    let held = |of: &&Missing| of.is_count() || !how.free_ends;
    let at_ends = whole.iter().filter(|of| of.has_printed_ends()).filter(held);
    let at_ends = at_ends.map(|unknown| unknown.name.clone()).collect();
    study.unknowns = whole;
    // Every start of every column is drawn from a stream of its own.
    let begin = |start: u64| -> Result<Vec<reconstruct::Unknown>, Error> {
        let ends = |of: &str| ends(&printed, &study, &after, base.panel.n_rows(), of);
        let mut panel = base.panel.clone();
        let first = start * study.unknowns.len() as u64;
        let column = |(stream, unknown): (u64, &Missing)| {
            let mut column =
                unknown.begin(&panel, (seed, stream), how.free_ends, &ends).map_err(wrong)?;
            rivals::pin(&mut column, &printed, &study, &after);
            panel.insert(column.name.clone(), Column::Number(column.start.clone()))?;
            Ok(column)
        };
        (first..).zip(&study.unknowns).map(column).collect()
    };

    // A start that leads nowhere is left for another.
    let settings = Settings { patience: PATIENCE, ..how.settings };
    let mut paper = Paper {
        study: &study,
        printed: &printed,
        base: &base,
        after: &after,
        missing,
        names,
        held: Held::default(),
        wanted: Vec::new(),
        drawn: 0,
    };
    let first = paper.first(&begin, how.starts, &wrong)?;
    let (mut solution, mut released) =
        search(&mut paper, first, &begin, how, &settings, &wrong, watch)?;
    let mut folded = None;
    if !parts.is_empty() && solution.unsatisfied.is_empty() {
        let how = How { seed: Some(seed), settings, ..how.clone() };
        match unfolded(&paper, &parts, known_missing, &solution, &released, &how, watch) {
            Ok(found) => (paper, solution, released) = found,
            Err(what) => folded = Some(what),
        }
    } else if !parts.is_empty() {
        folded = Some(
            "weights of indices are asked for once the numbers of their scores hold".to_owned(),
        );
    }
    let full = paper.full(&solution.columns).map_err(wrong)?;
    let idle = paper.idle(&solution.columns).map_err(wrong)?;
    let likeness = likeness::of(&full.loaded, &data, &after, &paper.names);
    let index = base.panel.index().clone();
    let columns = paper.names.iter().zip(&solution.columns);
    let columns =
        columns.map(|(name, x)| (format!("{name}{SYNTHETIC}"), Column::Number(x.clone())));
    let panel = panel::Panel::new(index, columns)?;
    let Paper { wanted, drawn, .. } = paper;
    Ok(Found {
        printed,
        panel,
        wanted,
        solution,
        released,
        seed,
        likeness,
        folded,
        drawn,
        idle,
        at_ends,
        kept,
    })
}

/// Makes a study what is asked for: conventions, numbers as printed; what nothing moves is not drawn anew at
/// every step.
fn changed(study: &mut Study, how: &How) -> Result<(), String> {
    for change in &how.changes {
        if change.apply(study) == 0 {
            return Err(format!(
                "no column of its tables is computed in a way that `{change}` changes"
            ));
        }
    }
    if how.as_printed {
        study.deviations = Deviations::default();
    }
    for threshold in study.thresholds.values_mut() {
        threshold.bootstrap = None;
    }
    Ok(())
}

/// The indicators of indices that are unknown themselves, and the other unknown columns.
fn divided(study: &Study) -> Result<(Vec<Missing>, Vec<Missing>), String> {
    let unknowns = study.unknowns.iter().cloned();
    let (parts, whole): (Vec<_>, Vec<_>) =
        unknowns.partition(|unknown| unfold::is_part(&unknown.name, study));
    let is_index = |of: &&Missing| study.indices.iter().any(|own| own.name == of.name);
    match parts.iter().find(is_index) {
        None => Ok((parts, whole)),
        Some(part) => Err(format!(
            "index `{}` is an indicator of an index that is unknown: say which indicators of it are \
             unknown, and not that the indices are",
            part.name
        )),
    }
}

/// The best of several starts, from the first on which all numbers are defined: the first on which all holds,
/// if one does. What is given up is chosen on the first.
fn search(
    paper: &mut Paper<'_>,
    first: u64,
    begin: &dyn Fn(u64) -> Result<Vec<reconstruct::Unknown>, Error>,
    how: &How,
    settings: &Settings,
    wrong: &dyn Fn(String) -> Error,
    watch: &mut (dyn FnMut(&Progress, &str) + Send),
) -> Result<(Solution, Vec<Reach>), Error> {
    let mut found: Vec<(Solution, Vec<reconstruct::Unknown>)> = Vec::new();
    let mut failed = None;
    if how.elastic {
        // Perhaps nothing has to be given up. Where steps cost next to nothing all starts say so.
        let own = begin(first)?;
        let starts =
            if is_small(&own, paper.wanted.len()) { first..how.starts } else { first..first + 1 };
        for start in starts {
            let mut unknowns = begin(start)?;
            let Ok(solution) = paper.attempt(&mut unknowns, &[], settings, watch) else { continue };
            let mut one = (solution, unknowns);
            for pace in [Pace::Brisk, Pace::Patient] {
                paper.further(&mut one, &[], pace, settings, watch);
            }
            if one.0.unsatisfied.is_empty() {
                return Ok((one.0, Vec::new()));
            }
        }
    }
    let mut released: Vec<usize> = Vec::new();
    let done = |found: &[(Solution, _)]| found.iter().any(|(own, _)| own.unsatisfied.is_empty());
    for start in first..how.starts {
        let mut unknowns = begin(start)?;
        if how.elastic && start == first {
            released = paper.release(&mut unknowns, settings, watch).map_err(wrong)?;
        }
        match paper.attempt(&mut unknowns, &released, settings, watch) {
            Ok(solution) => {
                let mut one = (solution, unknowns);
                paper.further(&mut one, &released, Pace::Brisk, settings, watch);
                found.push(one);
            }
            // One start that leads nowhere says nothing of the others.
            Err(what) => failed = Some(what),
        }
        if done(&found) {
            break;
        }
    }
    // From the same starts again, if none led to thresholds briskly.
    for at in 0..found.len() {
        if done(&found) {
            break;
        }
        paper.further(&mut found[at], &released, Pace::Patient, settings, watch);
    }
    let none = || wrong(failed.unwrap_or_else(|| "nothing was tried".to_owned()));
    let best = found.into_iter().min_by_key(|(own, _)| own.unsatisfied.len());
    let (mut solution, unknowns) = best.ok_or_else(none)?;
    if how.elastic && solution.unsatisfied.iter().all(|&i| paper.switches(i)) {
        // Regimes that no start led to.
        released.append(&mut solution.unsatisfied);
        released.sort_unstable();
    }
    let reaches = if released.is_empty() {
        Vec::new()
    } else {
        paper.reaches(unknowns, &solution, &released, settings, watch).map_err(wrong)?
    };
    Ok((solution, reaches))
}

/// The indicators of the indices that were solved for as columns in place of these columns, and what all
/// numbers are then; weights that cannot hold together are given up like other numbers.
fn unfolded<'a>(
    paper: &Paper<'a>,
    parts: &[Missing],
    missing: BTreeMap<String, String>,
    solution: &Solution,
    released: &[Reach],
    how: &How,
    watch: &mut (dyn FnMut(&Progress, &str) + Send),
) -> Result<(Paper<'a>, Solution, Vec<Reach>), String> {
    let mut panel = paper.full(&solution.columns)?.loaded.panel;
    let none = |of: &str| Err(format!("`{of}` is no indicator: say `values = {{ between = … }}`"));
    let mut names = paper.names.clone();
    let mut columns = solution.columns.clone();
    let mut starts: BTreeMap<Name, reconstruct::Unknown> = BTreeMap::new();
    for (stream, part) in (names.len() as u64..).zip(parts) {
        let start = part.begin(&panel, (how.seed.unwrap_or(1), stream), how.free_ends, &none)?;
        panel.insert(part.name.clone(), Column::Number(start.start.clone())).map_err(said)?;
        starts.insert(part.name.clone(), start);
    }
    // By where they are printed: there are more numbers once the indices have indicators.
    let mut given_up: Vec<(String, Reach)> = (released.iter())
        .map(|reach| (paper.wanted[reach.target].address(paper.printed), *reach))
        .collect();
    for scheme in &paper.study.indices {
        let Some(at) = names.iter().position(|name| *name == scheme.name) else { continue };
        let own = scheme.indicators.iter().filter_map(|one| starts.remove(&one.name));
        let own: Vec<reconstruct::Unknown> = own.collect();
        if own.is_empty() {
            continue;
        }
        let mut weights = wanted::weights(paper.printed, paper.study, scheme);
        let what = format!("index {}", scheme.name);
        let mut telling = |now: &Progress| watch(now, &what);
        if how.elastic {
            let found =
                unfold::release(scheme, &panel, &own, &weights, &how.settings, &mut telling);
            for reach in found?.into_iter().rev() {
                given_up.push((weights.remove(reach.target).address, reach));
            }
        }
        let scores = &columns[at];
        let settings = &how.settings;
        let found = unfold::unfold(scheme, &panel, &own, scores, &weights, settings, &mut telling)?;
        names.remove(at);
        columns.remove(at);
        names.extend(own.into_iter().map(|unknown| unknown.name));
        columns.extend(found);
    }
    let Paper { study, printed, base, after, .. } = *paper;
    let (held, wanted) = (Held::default(), Vec::new());
    let mut all = Paper { study, printed, base, after, missing, names, held, wanted, drawn: 0 };
    all.want(&columns)?;
    let mut released: Vec<Reach> = (all.wanted.iter().enumerate())
        .filter_map(|(target, wanted)| {
            let address = wanted.address(printed);
            let (_, reach) = given_up.iter().find(|(own, _)| *own == address)?;
            Some(Reach { target, ..*reach })
        })
        .collect();
    released.sort_by_key(|reach| reach.target);
    let targets: Vec<usize> = released.iter().map(|reach| reach.target).collect();
    let solution = Solution { columns, ..solution.clone() };
    let solution = all.last_word(solution, &targets)?;
    Ok((all, solution, released))
}

fn said(error: panel::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests;
