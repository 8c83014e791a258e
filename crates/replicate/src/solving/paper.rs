//! A study as a problem: its numbers on some columns, and their derivatives.

use std::collections::BTreeMap;

use ingest::{Loaded, Tier, Variable};
use ndarray::Array2;
use panel::{Column, Name};
use published::Transcription;
use rayon::prelude::*;
use reconstruct::{
    Elastic, Problem, Progress, Reach, Settings, Solution, Target, Unknown, Values, elastic, solve,
    whole,
};

use super::reverse::{self, Back, ByColumn};
use super::rivals::{self, Edges, Rival};
use super::wanted::Wanted;
use crate::made;
use crate::plan::{Fitted, Plan};
use crate::printed::{Computed, Setting, compute};
use crate::regimes::Thresholds;
use crate::resolve::Study;

/// How often groups are formed anew and solved again, and how often thresholds are searched for.
const LEGS: usize = 4;
const SEARCHES: usize = 60;
/// The share of the way to thresholds that is gone at once, at first and at least.
const SHARE: f64 = 0.25;
/// Steps of such a part: few that mean that more can be gone, most of a brisk start, and most.
const SWIFT: usize = 40;
const BRISK: usize = 50;
const STRIDE: usize = 100;
/// How far from their ends numbers are wanted on the way, and how far beyond them they may be: one that is
/// hard to move is not to be moved for nothing, nor one that is off by little to be mended at each part.
const MARGIN: f64 = 0.02;
const SLACK: f64 = 1.0;
/// Targets for one that may be unsatisfied when counts are rounded.
const ROUGH: usize = 25;

/// A study as a problem.
pub(super) struct Paper<'a> {
    pub(super) study: &'a Study,
    pub(super) printed: &'a Transcription,
    /// The real columns.
    pub(super) base: &'a Loaded,
    /// Variables that are made once there is something in the unknown columns.
    pub(super) after: &'a [Variable],
    pub(super) missing: BTreeMap<String, String>,
    pub(super) names: Vec<Name>,
    pub(super) held: Held,
    pub(super) wanted: Vec<Wanted>,
    /// Printed numbers that rest on draws, which nothing is asked of.
    pub(super) drawn: usize,
}

/// What does not change as long as columns move.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Who is in which group.
    pub(super) groups: BTreeMap<Name, Column>,
    /// At which values slopes switch.
    pub(super) thresholds: BTreeMap<String, Thresholds>,
    /// What the search may not prefer to them.
    pub(super) rivals: Vec<Rival>,
}

/// How long it is tried to get to thresholds from one start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pace {
    /// Numbers may be off by little on the way, and a start that a part of it costs many steps is left for
    /// another.
    Brisk,
    /// All numbers go along, and a part that fails is halved.
    Patient,
}

impl Pace {
    /// Steps for a part of the way, or for the rest of it.
    fn steps(self, share: f64) -> usize {
        if self == Self::Brisk && share < 1.0 { BRISK } else { STRIDE }
    }

    /// How far beyond their ends numbers may be on the way, in rooms.
    fn slack(self) -> f64 {
        if self == Self::Brisk { SLACK } else { 0.0 }
    }

    fn is_halved(self, share: f64) -> bool {
        share >= 1.0 || (self == Self::Patient && share > SHARE)
    }
}

/// What an approach is at.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Way,
    Mend,
    Rivals,
}

/// The panel with something in the unknown columns, and all that is made of them.
pub(super) struct Full {
    pub(super) loaded: Loaded,
    missing: BTreeMap<String, String>,
    indices: BTreeMap<String, index::Composite>,
}

fn starts(unknowns: &[Unknown]) -> Vec<Vec<f64>> {
    unknowns.iter().map(|unknown| unknown.start.clone()).collect()
}

fn restart(unknowns: &mut [Unknown], columns: Vec<Vec<f64>>) {
    for (unknown, column) in unknowns.iter_mut().zip(columns) {
        unknown.start = column;
    }
}

fn undefined() -> String {
    "a number is not defined at the start".to_owned()
}

type Watch<'w> = dyn FnMut(&Progress, &str) + Send + 'w;

impl Paper<'_> {
    /// From one start as far as it leads; what was released may be anything.
    pub(super) fn attempt(
        &mut self,
        unknowns: &mut [Unknown],
        released: &[usize],
        settings: &Settings,
        watch: &mut Watch<'_>,
    ) -> Result<Solution, String> {
        let counts = |unknown: &Unknown| matches!(unknown.values, Values::Count(_));
        let mut solution: Option<Solution> = None;
        self.held = Held::default();
        for leg in 0..LEGS {
            let before = std::mem::take(&mut self.held);
            self.held = self.hold(&starts(unknowns), Edges::Printed)?;
            self.held.rivals.clear();
            if solution.is_some() && before.groups == self.held.groups {
                break;
            }
            // Regimes are not looked at before all else holds.
            let mut targets = self.targets(released);
            (0..targets.len()).filter(|&i| self.switches(i)).for_each(|i| targets[i].weight = 0.0);
            // What counts will be rounded, and all is solved again.
            let rounds = leg == 0 && unknowns.iter().any(counts);
            let enough = if rounds { targets.len() / ROUGH } else { settings.enough };
            let settings = Settings { enough, ..*settings };
            let found = solve(&*self, unknowns, &targets, &settings, &mut self.telling(watch))
                .ok_or_else(undefined)?;
            let mut columns = found.columns.clone();
            solution = Some(found);
            if rounds {
                columns = whole(&*self, unknowns, &targets, &columns).ok_or_else(undefined)?;
                for unknown in unknowns.iter_mut().filter(|unknown| counts(unknown)) {
                    unknown.fixed.fill(true);
                }
                solution = None;
            }
            restart(unknowns, columns);
        }
        self.last_word(solution.ok_or_else(undefined)?, released)
    }

    /// From a solution of all but regimes to one of these too, if that is reached.
    pub(super) fn further(
        &mut self,
        (solution, unknowns): &mut (Solution, Vec<Unknown>),
        released: &[usize],
        pace: Pace,
        settings: &Settings,
        watch: &mut Watch<'_>,
    ) {
        let off = &solution.unsatisfied;
        if off.is_empty() || !off.iter().all(|&i| self.switches(i)) {
            return;
        }
        restart(unknowns, solution.columns.clone());
        // A way on which a number is not defined leads nowhere.
        if let Ok(Some(found)) = self.approach(unknowns, released, pace, settings, watch) {
            *solution = found;
        }
        self.held = Held::default();
    }

    /// A part of the way at a time, so that other numbers go along, and thresholds searched for anew after
    /// each. Then what was let go on the way is mended, and in the end rivals of the thresholds are kept down.
    fn approach(
        &mut self,
        unknowns: &mut [Unknown],
        released: &[usize],
        pace: Pace,
        settings: &Settings,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Solution>, String> {
        let mut share = SHARE;
        let mut stage = Stage::Way;
        let mut damping = None;
        for _ in 0..SEARCHES {
            self.held = Held::default();
            let columns = starts(unknowns);
            self.held = self.hold(&columns, Edges::Printed)?;
            if stage != Stage::Rivals {
                self.held.rivals.clear();
            }
            let Held { thresholds, rivals, .. } = &self.held;
            rivals::fence(unknowns, self.study, thresholds, rivals, self.after);
            let now = self.numbers(&columns).ok_or_else(undefined)?;
            let mut targets = self.targets(released);
            for (i, target) in targets.iter_mut().enumerate() {
                match stage {
                    Stage::Way if self.switches(i) => *target = target.part_way(now[i], share),
                    Stage::Way => *target = target.widened(pace.slack()),
                    Stage::Mend | Stage::Rivals => {}
                }
            }
            let steps = settings.steps.min(pace.steps(share));
            let settings = Settings { steps, margin: MARGIN, damping, ..*settings };
            let found = solve(&*self, unknowns, &targets, &settings, &mut self.telling(watch))
                .ok_or_else(undefined)?;
            damping = found.damping;
            if found.unsatisfied.is_empty() {
                match stage {
                    Stage::Way if share < 1.0 && found.steps < SWIFT => share *= 2.0,
                    Stage::Way if share < 1.0 => {}
                    Stage::Way => stage = Stage::Mend,
                    Stage::Mend | Stage::Rivals => stage = Stage::Rivals,
                }
                restart(unknowns, found.columns.clone());
                let solution = self.last_word(found, released)?;
                if solution.unsatisfied.is_empty() {
                    return Ok(Some(solution));
                }
            } else if stage == Stage::Way && pace.is_halved(share) {
                share *= 0.5;
            } else {
                break;
            }
        }
        Ok(None)
    }

    /// Gives numbers up until the others hold, from where an attempt ended; regimes wait.
    pub(super) fn release(
        &mut self,
        unknowns: &mut [Unknown],
        settings: &Settings,
        watch: &mut Watch<'_>,
    ) -> Result<Vec<usize>, String> {
        self.held = self.hold(&starts(unknowns), Edges::Printed)?;
        self.held.rivals.clear();
        let mut targets = self.targets(&[]);
        (0..targets.len()).filter(|&i| self.switches(i)).for_each(|i| targets[i].weight = 0.0);
        let found = elastic(&*self, unknowns, &targets, settings, &mut self.telling(watch));
        let Elastic { solution, released } = found.ok_or_else(undefined)?;
        restart(unknowns, solution.columns);
        self.held = Held::default();
        Ok(released)
    }

    /// What the others leave to the numbers that were given up, on a solution of them.
    pub(super) fn reaches(
        &mut self,
        mut unknowns: Vec<Unknown>,
        solution: &Solution,
        released: &[usize],
        settings: &Settings,
        watch: &mut Watch<'_>,
    ) -> Result<Vec<Reach>, String> {
        let regimes = released.iter().any(|&i| self.switches(i));
        let edges = if regimes { Edges::Own } else { Edges::Printed };
        self.held = self.hold(&solution.columns, edges)?;
        let now = self.numbers(&solution.columns).ok_or_else(undefined)?;
        // One that does as well already may go on to.
        let mut now = now[self.wanted.len()..].iter();
        self.held.rivals.retain(|_| now.next().is_some_and(|&x| Rival::target().holds(x)));
        restart(&mut unknowns, solution.columns.clone());
        let Held { thresholds, rivals, .. } = &self.held;
        rivals::fence(&mut unknowns, self.study, thresholds, rivals, self.after);
        let targets = self.targets(released);
        let at = Elastic { solution: solution.clone(), released: released.to_vec() };
        let reaches = at.reaches(&*self, &unknowns, &targets, settings, &mut self.telling(watch));
        self.held = Held::default();
        reaches.ok_or_else(undefined)
    }

    fn telling<'w>(&'w self, watch: &'w mut Watch<'_>) -> impl FnMut(&Progress) + Send + 'w {
        |now| {
            let worst = self.wanted.get(now.worst).map(|wanted| wanted.address(self.printed));
            watch(now, worst.as_deref().unwrap_or("a threshold"));
        }
    }

    /// The numbers without anything held; those that were released need not hold.
    pub(super) fn last_word(
        &mut self,
        mut solution: Solution,
        released: &[usize],
    ) -> Result<Solution, String> {
        self.held = Held::default();
        solution.numbers = self.numbers(&solution.columns).ok_or_else(undefined)?;
        let holds = |(wanted, x): (&Wanted, &f64)| wanted.target.holds(*x);
        let held: Vec<bool> = self.wanted.iter().zip(&solution.numbers).map(holds).collect();
        let off = |i: &usize| !released.contains(i) && !held[*i];
        solution.unsatisfied = (0..held.len()).filter(off).collect();
        Ok(solution)
    }

    /// Whether a target depends on regimes.
    pub(super) fn switches(&self, target: usize) -> bool {
        let Some(wanted) = self.wanted.get(target) else { return true };
        match self.study.tables.get(self.printed.tables()[wanted.table].id()) {
            Some(Plan::Thresholds(_)) => true,
            Some(Plan::Regress(columns, _)) => {
                matches!(columns.get(&wanted.column), Some(Fitted::Regimes { .. }))
            }
            _ => false,
        }
    }

    fn targets(&self, released: &[usize]) -> Vec<Target> {
        let wanted = self.wanted.iter().map(|wanted| wanted.target);
        let rivals = self.held.rivals.iter().map(|_| Rival::target());
        let mut targets: Vec<Target> = wanted.chain(rivals).collect();
        for &i in released {
            targets[i].weight = 0.0;
        }
        targets
    }

    pub(super) fn full(&self, columns: &[Vec<f64>]) -> Result<Full, String> {
        let mut loaded = self.base.clone();
        for (name, values) in self.names.iter().zip(columns) {
            let column = Column::Number(values.clone());
            loaded
                .add(name.clone(), column, Tier::Reconstructed, "solved for")
                .map_err(|error| error.to_string())?;
        }
        let mut missing = self.missing.clone();
        let made =
            made::complete(&mut loaded, self.study, self.after, &self.held.groups, &mut missing)?;
        Ok(Full { loaded, missing, indices: made.indices })
    }

    /// The groups and thresholds that these columns make.
    pub(super) fn hold(&self, columns: &[Vec<f64>], edges: Edges) -> Result<Held, String> {
        let full = self.full(columns)?;
        let discrete = self.study.derived.iter().filter(|derived| derived.is_discrete());
        let groups = discrete.filter_map(|derived| {
            let column = full.loaded.panel.columns().get(&derived.name)?;
            Some((derived.name.clone(), column.clone()))
        });
        let groups = groups.collect();
        let (thresholds, rivals) =
            self.on(&full, |setting| rivals::find(self.printed, self.study, setting, edges))?;
        Ok(Held { groups, thresholds, rivals })
    }

    pub(super) fn computed(&self, columns: &[Vec<f64>]) -> Result<Vec<Computed>, String> {
        let full = self.full(columns)?;
        self.on(&full, |setting| self.tables(setting, |_, computed| Ok(computed)))
    }

    fn on<T>(
        &self,
        full: &Full,
        of: impl FnOnce(&Setting<'_>) -> Result<T, String>,
    ) -> Result<T, String> {
        let Full { loaded, missing, indices } = full;
        let Study { thresholds, indices: schemes, .. } = self.study;
        let held = &self.held.thresholds;
        of(&Setting::new(Some(loaded), missing, thresholds, schemes, indices.clone(), held)?)
    }

    /// Something of every table, in their order.
    fn tables<T: Send>(
        &self,
        setting: &Setting<'_>,
        each: impl Fn(usize, Computed) -> Result<T, String> + Sync,
    ) -> Result<Vec<T>, String> {
        let tables: Vec<_> = self.printed.tables().iter().enumerate().collect();
        tables
            .par_iter()
            .map(|&(at, table)| {
                each(at, compute(table, self.study.tables.get(table.id()), setting)?)
            })
            .collect()
    }

    /// The numbers and their derivatives, or why there are none.
    pub(super) fn try_derivatives(
        &self,
        columns: &[Vec<f64>],
    ) -> Result<(Vec<f64>, Array2<f64>), String> {
        self.on(&self.full(columns)?, |setting| self.reversed(setting))
    }

    fn reversed(&self, setting: &Setting<'_>) -> Result<(Vec<f64>, Array2<f64>), String> {
        let back = Back {
            loaded: setting.loaded()?,
            after: self.after,
            schemes: &self.study.indices,
            indices: &setting.indices,
            derived: &self.study.derived,
            unknowns: &self.names,
        };
        let panel = &back.loaded.panel;
        let rows = |by: Vec<ByColumn>| -> Result<Vec<Vec<f64>>, String> {
            by.into_iter().map(|by| back.row(by)).collect()
        };
        let mut found = self.tables(setting, |at, computed| {
            let own: Vec<&Wanted> = self.wanted.iter().filter(|own| own.table == at).collect();
            let table = &self.printed.tables()[at];
            let numbers: Option<Vec<f64>> = own.iter().map(|wanted| wanted.of(&computed)).collect();
            let numbers = numbers.ok_or("a number is not defined")?;
            match self.study.tables.get(table.id()) {
                None => Ok((numbers, Vec::new())),
                Some(plan) => Ok((numbers, rows(reverse::table(&own, plan, table, setting)?)?)),
            }
        })?;
        let rivals = &self.held.rivals;
        let own = rivals::numbers(rivals, panel, setting)?;
        found.push((own, rows(rivals::pulls(rivals, panel, setting)?)?));
        let mut numbers = Vec::new();
        let mut cells = Vec::new();
        for (own, rows) in found {
            numbers.extend(own);
            cells.extend(rows.into_iter().flatten());
        }
        let width = cells.len() / numbers.len().max(1);
        let jacobian = Array2::from_shape_vec((numbers.len(), width), cells)
            .map_err(|error| error.to_string())?;
        Ok((numbers, jacobian))
    }

    fn try_numbers(&self, columns: &[Vec<f64>]) -> Result<Vec<f64>, String> {
        self.on(&self.full(columns)?, |setting| {
            let computed = self.tables(setting, |_, computed| Ok(computed))?;
            let wanted = self.wanted.iter().map(|wanted| wanted.of(&computed[wanted.table]));
            let mut numbers: Vec<f64> = wanted.collect::<Option<_>>().ok_or_else(undefined)?;
            let panel = &setting.loaded()?.panel;
            numbers.extend(rivals::numbers(&self.held.rivals, panel, setting)?);
            Ok(numbers)
        })
    }
}

impl Problem for Paper<'_> {
    fn numbers(&self, columns: &[Vec<f64>]) -> Option<Vec<f64>> {
        self.try_numbers(columns).ok()
    }

    fn derivatives(&self, columns: &[Vec<f64>]) -> Option<(Vec<f64>, Array2<f64>)> {
        self.try_derivatives(columns).ok()
    }
}
