//! Targets that cannot hold together: the fewest to release, and what the others leave to them.

use std::sync::Mutex;

use rayon::prelude::*;

use crate::solve::{NARROW, Progress, Settings, Solution, solve};
use crate::{Problem, Target, Unknown};

/// A solution of all targets but some.
#[derive(Debug, Clone, PartialEq)]
pub struct Elastic {
    /// On which all but the released targets hold.
    pub solution: Solution,
    /// The targets that were given up, in their order.
    pub released: Vec<usize>,
}

/// What the other targets leave to one that was released.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    /// The target.
    pub target: usize,
    /// The number nearest to its interval that was reached with all others holding.
    pub nearest: f64,
    /// The farthest.
    pub farthest: f64,
    /// Whether it was still moving when the tries ended: it may lie farther away.
    pub is_open: bool,
}

/// Rounds in which δ falls, and steps a round.
const ROUNDS: usize = 24;
const SHORT: usize = 3;
/// δ at first and in the end.
const LOOSE: f64 = 8.0;
const TIGHT: f64 = 0.01;
/// Rounds at most, and how many in the end may leave as many off as before.
const MOST: usize = 80;
const STILL: usize = 4;
/// Steps after each target that is given up.
const STEPS: usize = 25;
/// Steps until one that is taken back is left again.
const AGAIN: usize = 40;
/// How much longer the next try for an end of a reach is.
const GROWTH: f64 = 4.0;

/// How long the ends of reaches are looked for.
struct Effort {
    /// Tries for each end, how many of them may fail, and steps of each.
    tries: usize,
    fail: usize,
    steps: usize,
    /// Steps in a row that hardly change anything before a try has failed.
    patience: usize,
    /// The share of what was reached that is not worth another try.
    little: f64,
}

/// Cells times targets of a problem whose steps cost next to nothing.
const SMALL: usize = 50_000;

/// Whether steps towards so many targets cost next to nothing.
pub fn is_small(unknowns: &[Unknown], targets: usize) -> bool {
    let cells: usize = unknowns.iter().map(|unknown| unknown.start.len()).sum();
    cells * targets < SMALL
}

impl Effort {
    fn of(unknowns: &[Unknown], targets: &[Target]) -> Self {
        if is_small(unknowns, targets.len()) {
            Self { tries: 20, fail: 5, steps: 60, patience: 10, little: 0.05 }
        } else {
            Self { tries: 6, fail: 3, steps: 7, patience: 3, little: 0.25 }
        }
    }
}

/// Gives up as few targets as it can until the others hold.
///
/// ```text
/// gap    = how far free numbers have to move for a target by itself
/// weight = 1 / (1 + gap / δ)       with δ falling: few targets carry what cannot be met
/// release what is off in the end, until all others hold; then take back each that can be
/// ```
///
/// The search is local: fewer may suffice, and another set of the same size may do as well.
/// A target without weight stays given up.
///
/// # Errors
///
/// `None` if a number is not defined at the start.
pub fn elastic(
    problem: &impl Problem,
    unknowns: &[Unknown],
    targets: &[Target],
    settings: &Settings,
    watch: &mut dyn FnMut(&Progress),
) -> Option<Elastic> {
    let mut from = Elastic::start(problem, unknowns, targets, settings, watch)?;
    let mut targets = targets.to_vec();
    let mut given: Vec<(f64, usize)> = Vec::new();
    loop {
        let Solution { numbers, gaps, .. } = &from.solution;
        let off = |i: &usize| targets[*i].weight > 0.0 && !targets[*i].holds(numbers[*i]);
        let mut off: Vec<usize> = (0..targets.len()).filter(off).collect();
        if off.is_empty() {
            break;
        }
        if !given.is_empty() {
            // All that rounds of weights left off goes at once; what is off still, one by one.
            off.sort_by(|&i, &j| gaps[j].total_cmp(&gaps[i]));
            off.truncate(1);
        }
        for i in off {
            targets[i].weight = 0.0;
            given.push((gaps[i], i));
        }
        from.solution = from.solve(problem, unknowns, &targets, STEPS, settings, watch)?;
    }
    from.released = given.iter().map(|&(_, i)| i).collect();
    // What was given up by little is tried again first; what nothing moves need not be.
    given.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (_, i) in given.into_iter().filter(|(gap, _)| gap.is_finite()) {
        targets[i].weight = 1.0;
        let tried = from.solve(problem, unknowns, &targets, AGAIN, settings, watch)?;
        if tried.unsatisfied.is_empty() {
            from.solution = tried;
            from.released.retain(|&of| of != i);
        } else {
            targets[i].weight = 0.0;
        }
    }
    from.released.sort_unstable();
    Some(from)
}

impl Elastic {
    /// Rounds of weights that fall where a target stays off.
    fn start(
        problem: &impl Problem,
        unknowns: &[Unknown],
        targets: &[Target],
        settings: &Settings,
        watch: &mut dyn FnMut(&Progress),
    ) -> Option<Self> {
        let none = Settings { steps: 0, ..*settings };
        let solution = solve(problem, unknowns, targets, &none, watch)?;
        let mut from = Self { solution, released: Vec::new() };
        let mut weighted = targets.to_vec();
        let ratio = (TIGHT / LOOSE).powf(1.0 / (ROUNDS - 1) as f64);
        let mut scale = LOOSE;
        let (mut fewest, mut since) = (targets.len(), 0);
        for _ in 0..MOST {
            let off = from.solution.unsatisfied.len();
            since = if off < fewest || scale > TIGHT { 0 } else { since + 1 };
            fewest = off.min(fewest);
            if off == 0 || since > STILL {
                break;
            }
            for ((target, own), gap) in weighted.iter_mut().zip(targets).zip(&from.solution.gaps) {
                target.weight = own.weight / (1.0 + gap / scale);
            }
            let settings = Settings { damping: from.solution.damping, ..*settings };
            from.solution = from.solve(problem, unknowns, &weighted, SHORT, &settings, watch)?;
            scale = (scale * ratio).max(TIGHT);
        }
        Some(from)
    }

    /// On from where it stands.
    fn solve(
        &self,
        problem: &impl Problem,
        unknowns: &[Unknown],
        targets: &[Target],
        steps: usize,
        settings: &Settings,
        watch: &mut dyn FnMut(&Progress),
    ) -> Option<Solution> {
        let mut unknowns = unknowns.to_vec();
        for (unknown, column) in unknowns.iter_mut().zip(&self.solution.columns) {
            unknown.start.clone_from(column);
        }
        let steps = settings.steps.min(steps);
        solve(problem, &unknowns, targets, &Settings { steps, ..*settings }, watch)
    }

    /// How far each released number can be moved while all others hold: towards its interval and
    /// away from it, by lengths that grow until one fails, then between what was reached and what was not.
    ///
    /// Ends are numbers that were reached, so the interval that the others imply is at least this
    /// long; a local solver cannot say that it is no longer.
    ///
    /// # Errors
    ///
    /// `None` if a number is not defined.
    pub fn reaches(
        &self,
        problem: &impl Problem,
        unknowns: &[Unknown],
        targets: &[Target],
        settings: &Settings,
        watch: &mut (dyn FnMut(&Progress) + Send),
    ) -> Option<Vec<Reach>> {
        let mut targets = targets.to_vec();
        for &i in &self.released {
            targets[i].weight = 0.0;
        }
        let watch = Mutex::new(watch);
        let telling = |now: &Progress| {
            if let Ok(mut watch) = watch.lock() {
                watch(now);
            }
        };
        // Where others are inside their intervals is of no concern.
        let effort = Effort::of(unknowns, &targets);
        let patience = settings.patience.min(effort.patience);
        let brief = Settings { patience, margin: NARROW, damping: Some(0.0), ..*settings };
        let tries = if self.solution.unsatisfied.is_empty() { effort.tries } else { 0 };
        let end = |i: usize, sign: f64| -> Option<(f64, bool)> {
            let mut from = self.clone();
            let mut length = targets[i].room();
            let mut reached = self.solution.numbers[i];
            let mut failed = 0;
            // The nearest goal that was not reached.
            let mut beyond = None;
            for _ in 0..tries {
                let goal = reached + sign * length;
                let (low, high) =
                    if sign > 0.0 { (goal, f64::INFINITY) } else { (f64::NEG_INFINITY, goal) };
                let mut targets = targets.clone();
                targets[i] = Target { low, high, unit: targets[i].room(), weight: 1.0 };
                let mut telling = |now: &Progress| telling(now);
                let tried =
                    from.solve(problem, unknowns, &targets, effort.steps, &brief, &mut telling)?;
                let holds = tried.unsatisfied.is_empty();
                if holds {
                    reached = tried.numbers[i];
                    from.solution = tried;
                } else {
                    beyond = Some(goal);
                    failed += 1;
                    if failed == effort.fail || tried.gaps[i].is_infinite() {
                        break;
                    }
                }
                // Once a goal was too far, between it and what was reached.
                length = match beyond {
                    None => GROWTH * length,
                    Some(_) if !holds && failed == 1 => length / GROWTH,
                    Some(beyond) => 0.5 * (beyond - reached).abs(),
                };
                let little = effort.little * (reached - self.solution.numbers[i]).abs();
                if beyond.is_some() && length < little {
                    break;
                }
            }
            Some((reached, failed == 0))
        };
        let reach = |&i: &usize| -> Option<Reach> {
            let towards = if self.solution.numbers[i] < targets[i].low { 1.0 } else { -1.0 };
            let (near, far) = rayon::join(|| end(i, towards), || end(i, -towards));
            let ((nearest, _), (farthest, is_open)) = (near?, far?);
            Some(Reach { target: i, nearest, farthest, is_open })
        };
        self.released.par_iter().map(reach).collect()
    }
}
