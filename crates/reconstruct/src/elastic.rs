//! Targets that cannot hold together: the fewest to release, and what the others leave to them.

use crate::solve::{Progress, Settings, Solution, solve};
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

/// Rounds of weights, and steps a round.
const ROUNDS: usize = 6;
const STEPS: usize = 25;
/// Misses, in rooms, at which a target's weight has fallen to half.
const LOOSE: f64 = 2.0;
const TIGHT: f64 = 0.5;
/// Tries for each end of a reach.
const TRIES: usize = 6;

/// Gives up as few targets as it can until the others hold.
///
/// ```text
/// weight = 1 / (1 + miss / δ)      a few rounds, so that few targets carry what cannot be met (L1)
/// release the worst, solve, until all others hold; then take back each that can be
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
    let given_up: Vec<usize> = (0..targets.len()).filter(|&i| targets[i].weight == 0.0).collect();
    let mut targets = targets.to_vec();
    loop {
        let numbers = &from.solution.numbers;
        let worst = from.solution.unsatisfied.iter().copied().max_by(|&i, &j| {
            let off = |i: usize| targets[i].miss(numbers[i], 0.0).abs();
            off(i).total_cmp(&off(j))
        });
        let Some(worst) = worst else { break };
        targets[worst].weight = 0.0;
        from.released.push(worst);
        from.solution = from.solve(problem, unknowns, &targets, STEPS, settings, watch)?;
    }
    // What was released first was released with the most others in its way.
    for i in from.released.clone() {
        targets[i].weight = 1.0;
        let tried = from.solve(problem, unknowns, &targets, settings.steps, settings, watch)?;
        if tried.unsatisfied.is_empty() {
            from.solution = tried;
            from.released.retain(|&of| of != i);
        } else {
            targets[i].weight = 0.0;
        }
    }
    from.released.retain(|i| !given_up.contains(i));
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
        let steps = settings.steps.min(STEPS);
        let solution = solve(problem, unknowns, targets, &Settings { steps, ..*settings }, watch)?;
        let mut from = Self { solution, released: Vec::new() };
        let mut weighted = targets.to_vec();
        for round in 0..ROUNDS {
            if from.solution.unsatisfied.is_empty() {
                break;
            }
            let scale = if 2 * round < ROUNDS { LOOSE } else { TIGHT };
            for (i, target) in weighted.iter_mut().enumerate() {
                let miss = target.miss(from.solution.numbers[i], 0.0).abs();
                target.weight = targets[i].weight / (1.0 + miss / scale);
            }
            from.solution = from.solve(problem, unknowns, &weighted, STEPS, settings, watch)?;
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
    /// away from it, by steps that double until one fails.
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
        watch: &mut dyn FnMut(&Progress),
    ) -> Option<Vec<Reach>> {
        let mut targets = targets.to_vec();
        for &i in &self.released {
            targets[i].weight = 0.0;
        }
        let tries = if self.solution.unsatisfied.is_empty() { TRIES } else { 0 };
        let reach = |&i: &usize| -> Option<Reach> {
            let now = self.solution.numbers[i];
            let towards = if now < targets[i].low { 1.0 } else { -1.0 };
            let mut end = |sign: f64| -> Option<(f64, bool)> {
                let mut from = self.clone();
                let mut length = targets[i].room();
                let mut reached = now;
                let mut failed = false;
                for _ in 0..tries {
                    let goal = reached + sign * length;
                    let (low, high) =
                        if sign > 0.0 { (goal, f64::INFINITY) } else { (f64::NEG_INFINITY, goal) };
                    let mut targets = targets.clone();
                    targets[i] = Target { low, high, unit: targets[i].room(), weight: 1.0 };
                    let tried = from.solve(problem, unknowns, &targets, STEPS, settings, watch)?;
                    if tried.unsatisfied.is_empty() {
                        reached = tried.numbers[i];
                        from.solution = tried;
                    } else {
                        failed = true;
                    }
                    length *= if failed { 0.5 } else { 4.0 };
                }
                Some((reached, !failed))
            };
            let (nearest, _) = end(towards)?;
            let (farthest, is_open) = end(-towards)?;
            Some(Reach { target: i, nearest, farthest, is_open })
        };
        self.released.iter().map(reach).collect()
    }
}
