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

mod likeness;
mod reverse;
mod wanted;

use std::collections::BTreeMap;
use std::path::PathBuf;

use ingest::{Loaded, Step, Tier, Variable};
use ndarray::Array2;
use panel::{Column, Name};
use published::Transcription;
use rayon::prelude::*;
use reconstruct::{Problem, Progress, Settings, Solution, Target, Values, solve, whole};

use crate::plan::Plan;
use crate::printed::{Computed, Setting, compute};
use crate::resolve::Study;
use crate::run::{Opened, Place, open};
use crate::unknown::Extremes;
use crate::{Error, made};
pub(crate) use likeness::Likeness;
use reverse::Back;
pub(crate) use wanted::Wanted;

/// How often groups are formed anew and solved again.
const LEGS: usize = 4;
/// Starts that are drawn until one leads to a solution.
const STARTS: u64 = 8;
/// Targets for one that may be unsatisfied when counts are rounded.
const ROUGH: usize = 25;

/// A study with the columns that it lacks.
pub(crate) struct Found {
    pub(crate) printed: Transcription,
    /// The key of the panel and the columns that were solved for.
    pub(crate) panel: panel::Panel,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) solution: Solution,
    pub(crate) seed: u64,
    /// How the variables move, real ones and those that were solved for.
    pub(crate) likeness: Vec<Likeness>,
    /// The file of the study that holds such columns, if it names one.
    pub(crate) file: Option<PathBuf>,
}

/// Solves for the unknown columns of a study.
pub(crate) fn reconstruct(
    place: &Place,
    seed: Option<u64>,
    settings: &Settings,
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
    let seed = seed.or(study.seed).unwrap_or(1);
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
        let first = start * study.unknowns.len() as u64;
        let column = |(stream, unknown): (u64, &crate::unknown::Unknown)| {
            unknown.begin(&base, seed, stream, &ends).map_err(wrong)
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
        held: BTreeMap::new(),
        wanted: Vec::new(),
    };
    let start: Vec<Vec<f64>> = begin(0)?.into_iter().map(|unknown| unknown.start).collect();
    let computed = paper.computed(&start).map_err(wrong)?;
    paper.wanted = wanted::wanted(&printed, &computed, &study.deviations);
    // What has no derivative is said before anything is tried.
    paper.try_derivatives(&start).map_err(wrong)?;
    let mut best: Option<Solution> = None;
    for start in 0..STARTS {
        let found = paper.attempt(begin(start)?, settings, watch).map_err(wrong)?;
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
    Ok(Found { printed, panel, wanted, solution, seed, likeness, file: kept })
}

/// What the name of every column that was solved for ends with, wherever it is written.
const LABEL: &str = " (synthetic)";

/// The printed extremes of a variable, in units of the column that it is made of.
fn ends(
    printed: &Transcription,
    study: &Study,
    variables: &[Variable],
    n: usize,
    of: &str,
) -> Result<Extremes, String> {
    let described = |table: &&published::Table| table.kind() == published::Kind::Descriptive;
    let extreme = |head: &str| {
        let cell = printed.tables().iter().filter(described).find_map(|table| {
            let Some(Plan::Describe(variables)) = study.tables.get(table.id()) else { return None };
            let (label, _) = variables.iter().find(|(_, variable)| *variable == of)?;
            table.cell(label, head)?.number()
        });
        cell.ok_or_else(|| format!("no table prints the {head} of `{of}`"))
    };
    let (least, greatest) = (extreme("min")?, extreme("max")?);
    let (mut low, mut high) = (least.value(), greatest.value());
    let steps = variables.iter().find(|variable| variable.name == of).map(|v| v.steps.as_slice());
    let steps = steps.unwrap_or_default();
    // The share of the upper of the two order statistics in the percentile above.
    let mut share = None;
    for step in steps.iter().rev() {
        (low, high) = match step {
            Step::Log => (low.exp(), high.exp()),
            Step::Log1p => (low.exp_m1(), high.exp_m1()),
            Step::Winsorize(spec) => {
                share = Some(((n - 1) as f64 * spec.high).fract());
                (low, high)
            }
            Step::Unit(_) => (low, high),
            step => {
                return Err(format!(
                    "the extremes of `{of}` cannot be taken back through `{step}`; say \
                     `values = \"real\"` or \"positive\""
                ));
            }
        };
    }
    let through = |x: f64| {
        steps.iter().fold(x, |x, step| match step {
            Step::Log => x.ln(),
            Step::Log1p => x.ln_1p(),
            _ => x,
        })
    };
    let interval = greatest.interval();
    let near = |from: f64| (0..=NEAR).map(move |i| (from + f64::from(i)).max(0.0));
    let whole = near(high.round() - f64::from(NEAR) / 2.0).find_map(|a| {
        let mut above = near(a + 1.0);
        let b = above.find(|&b| {
            let (x, y) = (through(a), through(b));
            interval.contains(share.map_or(x, |share| x + share * (y - x)))
        })?;
        Some((a, b))
    });
    Ok(Extremes { low, high, whole })
}

/// How many whole numbers about a printed maximum are looked at.
const NEAR: i32 = 30;

/// A study as a problem.
struct Paper<'a> {
    study: &'a Study,
    printed: &'a Transcription,
    /// The real columns.
    base: &'a Loaded,
    /// Variables that are made once there is something in the unknown columns.
    after: &'a [Variable],
    missing: BTreeMap<String, String>,
    names: Vec<Name>,
    /// Who is in which group, as long as columns move.
    held: BTreeMap<Name, Column>,
    wanted: Vec<Wanted>,
}

/// The panel with something in the unknown columns, and all that is made of them.
struct Full {
    loaded: Loaded,
    missing: BTreeMap<String, String>,
    indices: BTreeMap<String, index::Composite>,
}

impl Paper<'_> {
    /// From one start as far as it leads.
    fn attempt(
        &mut self,
        mut unknowns: Vec<reconstruct::Unknown>,
        settings: &Settings,
        watch: &mut dyn FnMut(&Progress, &str),
    ) -> Result<Solution, String> {
        let targets: Vec<Target> = self.wanted.iter().map(|wanted| wanted.target).collect();
        let undefined = || "a number is not defined at the start".to_owned();
        let counts = |unknown: &reconstruct::Unknown| matches!(unknown.values, Values::Count(_));
        let mut solution = None;
        self.held.clear();
        for leg in 0..LEGS {
            let columns: Vec<Vec<f64>> =
                unknowns.iter().map(|unknown| unknown.start.clone()).collect();
            let before = std::mem::take(&mut self.held);
            self.held = self.groups(&columns)?;
            if solution.is_some() && before == self.held {
                break;
            }
            let mut tell = |now: &Progress| {
                watch(now, &self.wanted[now.worst].address(self.printed));
            };
            // What counts will be rounded, and all is solved again.
            let rounds = leg == 0 && unknowns.iter().any(counts);
            let enough = if rounds { targets.len() / ROUGH } else { settings.enough };
            let settings = Settings { enough, ..*settings };
            let found =
                solve(&*self, &unknowns, &targets, &settings, &mut tell).ok_or_else(undefined)?;
            let mut columns = found.columns.clone();
            solution = Some(found);
            if rounds {
                columns = whole(&*self, &unknowns, &targets, &columns).ok_or_else(undefined)?;
                for unknown in unknowns.iter_mut().filter(|unknown| counts(unknown)) {
                    unknown.fixed.fill(true);
                }
                solution = None;
            }
            for (unknown, column) in unknowns.iter_mut().zip(columns) {
                unknown.start = column;
            }
        }
        let mut solution = solution.ok_or_else(undefined)?;
        // The last word is without anything held.
        self.held.clear();
        solution.numbers = self.numbers(&solution.columns).ok_or_else(undefined)?;
        let holds = |i: &usize| targets[*i].holds(solution.numbers[*i]);
        solution.unsatisfied = (0..targets.len()).filter(|i| !holds(i)).collect();
        Ok(solution)
    }

    fn full(&self, columns: &[Vec<f64>]) -> Result<Full, String> {
        let mut loaded = self.base.clone();
        for (name, values) in self.names.iter().zip(columns) {
            let column = Column::Number(values.clone());
            loaded
                .add(name.clone(), column, Tier::Reconstructed, "solved for")
                .map_err(|error| error.to_string())?;
        }
        let mut missing = self.missing.clone();
        let made = made::complete(&mut loaded, self.study, self.after, &self.held, &mut missing)?;
        Ok(Full { loaded, missing, indices: made.indices })
    }

    /// The columns of groups as they are made of these columns.
    fn groups(&self, columns: &[Vec<f64>]) -> Result<BTreeMap<Name, Column>, String> {
        let full = self.full(columns)?;
        let discrete = self.study.derived.iter().filter(|derived| derived.is_discrete());
        let found = discrete.filter_map(|derived| {
            let column = full.loaded.panel.columns().get(&derived.name)?;
            Some((derived.name.clone(), column.clone()))
        });
        Ok(found.collect())
    }

    fn computed(&self, columns: &[Vec<f64>]) -> Result<Vec<Computed>, String> {
        self.tables(self.full(columns)?, |_, computed| Ok(computed))
    }

    /// Something of every table, in their order.
    fn tables<T: Send>(
        &self,
        full: Full,
        each: impl Fn((usize, &Setting<'_>), Computed) -> Result<T, String> + Sync,
    ) -> Result<Vec<T>, String> {
        let Full { loaded, missing, indices } = full;
        let setting = Setting::new(
            Some(&loaded),
            &missing,
            &self.study.thresholds,
            &self.study.indices,
            indices,
        )?;
        let tables: Vec<_> = self.printed.tables().iter().enumerate().collect();
        tables
            .par_iter()
            .map(|&(at, table)| {
                let computed = compute(table, self.study.tables.get(table.id()), &setting)?;
                each((at, &setting), computed)
            })
            .collect()
    }
}

impl Paper<'_> {
    /// The numbers and their derivatives, or why there are none.
    fn try_derivatives(&self, columns: &[Vec<f64>]) -> Result<(Vec<f64>, Array2<f64>), String> {
        let found = self.tables(self.full(columns)?, |(at, setting), computed| {
            let own = self.wanted.iter().filter(|wanted| wanted.table == at);
            let own: Vec<&Wanted> = own.collect();
            let table = &self.printed.tables()[at];
            let numbers: Option<Vec<f64>> = own.iter().map(|wanted| wanted.of(&computed)).collect();
            let numbers = numbers.ok_or("a number is not defined")?;
            let Some(plan) = self.study.tables.get(table.id()) else {
                return Ok((numbers, Vec::new()));
            };
            let back = Back {
                loaded: setting.loaded()?,
                after: self.after,
                derived: &self.study.derived,
                unknowns: &self.names,
            };
            let by = reverse::table(&own, plan, table.uncertainty(), setting)?;
            let rows: Result<Vec<Vec<f64>>, String> =
                by.into_iter().map(|by| back.row(by)).collect();
            Ok((numbers, rows?))
        });
        let mut numbers = Vec::new();
        let mut cells = Vec::new();
        for (own, rows) in found? {
            numbers.extend(own);
            for row in rows {
                cells.extend(row);
            }
        }
        let width = cells.len() / numbers.len().max(1);
        let jacobian = Array2::from_shape_vec((numbers.len(), width), cells)
            .map_err(|error| error.to_string())?;
        Ok((numbers, jacobian))
    }
}

impl Problem for Paper<'_> {
    fn numbers(&self, columns: &[Vec<f64>]) -> Option<Vec<f64>> {
        let computed = self.computed(columns).ok()?;
        self.wanted.iter().map(|wanted| wanted.of(&computed[wanted.table])).collect()
    }

    fn derivatives(&self, columns: &[Vec<f64>]) -> Option<(Vec<f64>, Array2<f64>)> {
        self.try_derivatives(columns).ok()
    }
}

#[cfg(test)]
mod tests;
