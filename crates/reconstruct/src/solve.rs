//! Gauss–Newton steps of least norm.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use ndarray::{Array1, Array2, Axis, Slice};
use rayon::prelude::*;

use crate::unknown::Map;
use crate::{Problem, Target, Unknown};

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Steps at most.
    pub steps: usize,
    /// How far inside its interval a number is wanted, as a share of its room: 0.5 is half-way
    /// between the end and the middle.
    pub margin: f64,
    /// A step that lowers the cost by less than this share is the last.
    pub progress: f64,
    /// Targets that may be left unsatisfied.
    pub enough: usize,
    /// Steps in a row that hardly lower the cost, after which it is given up.
    pub patience: usize,
    /// The damping that those of the first step lie about, as [`Solution::damping`] of a problem like this
    /// one; all are tried if there is none, or if it does not lead on.
    pub damping: Option<f64>,
}

impl Default for Settings {
    /// 300 steps, half-way, one in a million, none, patient to the end.
    fn default() -> Self {
        let (steps, patience) = (300, usize::MAX);
        Self { steps, margin: 0.5, progress: 1e-6, enough: 0, patience, damping: None }
    }
}

/// Where solving stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Steps taken.
    pub step: usize,
    /// The target that is farthest from its interval.
    pub worst: usize,
    /// How far, in rooms.
    pub off: f64,
    /// Targets that do not hold.
    pub unsatisfied: usize,
}

/// The columns that were found.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// One an unknown.
    pub columns: Vec<Vec<f64>>,
    /// The numbers on them, one a target.
    pub numbers: Vec<f64>,
    /// Which targets of any weight do not hold; empty if it is a solution.
    pub unsatisfied: Vec<usize>,
    /// How far free numbers have to move for each target by itself; infinite if nothing moves it.
    pub gaps: Vec<f64>,
    /// Steps taken.
    pub steps: usize,
    /// The best damping of the first step, if one was taken.
    pub damping: Option<f64>,
}

/// Dampings of a step: half decades apart, no shorter step between two of them does better.
const DAMPINGS: [f64; 15] =
    [1e-8, 3e-8, 1e-7, 3e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1];
/// Of which one of so many is tried before it is known where the best lies.
const APART: usize = 2;
/// The share of a step over which its bend is measured.
const AHEAD: f64 = 0.1;

/// A step that lowers the cost by less than this share has numbers content with less room, down to
/// the last.
const SLOW: f64 = 0.1;
pub(crate) const NARROW: f64 = 0.02;
/// A step that lowers the cost by less than this share tries patience.
const STALLED: f64 = 0.02;

/// Looks for columns on which every number of the problem is in its interval.
///
/// ```text
/// min ½ v'v + (1/2λ) Σ (J̃v outside [low, high])²      in the free numbers z behind the values
/// ```
///
/// with the rows of `J̃` over their norms, and the ends of intervals as seen from where numbers stand: a
/// step `v` may move every number, but for `λ` not out of its interval. Along it numbers curve; the
/// second-order term of the step straightens those that it takes to an end (Transtrum and Sethna's
/// geodesic acceleration), which is what a narrow valley needs.
///
/// The matrix to solve is of targets by targets, so that cells of data are almost free. Each step
/// takes the best of several λ; no cell moves more than one unit of its `z` at a time. It stops when
/// all targets hold, when no λ lowers the sum of squared misses, or after `settings.steps`.
///
/// # Errors
///
/// `None` if a number is not defined at the start.
pub fn solve(
    problem: &impl Problem,
    unknowns: &[Unknown],
    targets: &[Target],
    settings: &Settings,
    watch: &mut dyn FnMut(&Progress),
) -> Option<Solution> {
    let maps: Vec<Map> = unknowns.iter().map(Unknown::map).collect();
    let lengths: Vec<usize> = unknowns.iter().map(|unknown| unknown.start.len()).collect();
    let columns = |z: &[f64]| -> Vec<Vec<f64>> {
        split(z, &lengths).zip(&maps).map(|(z, map)| map.values(z)).collect()
    };
    let paces = unknowns.iter().flat_map(|one| std::iter::repeat_n(one.pace, one.start.len()));
    let paces: Vec<f64> = paces.collect();
    let mut z = vec![0.0; lengths.iter().sum()];
    let mut at = columns(&z);
    let mut taken = 0;
    let mut stalled = 0;
    let mut margin = settings.margin;
    let spread: Vec<f64> = DAMPINGS.iter().step_by(APART).copied().collect();
    let mut near = settings.damping.map_or(spread.clone(), |about| neighbours(about).to_vec());
    let mut damping = None;
    loop {
        let (numbers, mut jacobian) = problem.derivatives(&at)?;
        let now = standing(taken, targets, &numbers);
        watch(&now);
        let slopes: Vec<f64> =
            split(&z, &lengths).zip(&maps).flat_map(|(z, map)| map.slopes(z)).collect();
        let norms = normalise(&mut jacobian, targets, &slopes);
        if now.unsatisfied <= settings.enough || taken == settings.steps {
            return Some(solution(at, numbers, targets, &norms, taken, damping));
        }
        let misses = |numbers: &[f64]| -> Vec<f64> {
            let miss = |((target, &x), &norm): ((&Target, &f64), &f64)| {
                if norm > 0.0 { target.miss(x, margin) / norm } else { 0.0 }
            };
            targets.iter().zip(numbers).zip(&norms).map(miss).collect()
        };
        let cost = |numbers: &[f64]| misses(numbers).iter().map(|r| r * r).sum::<f64>();
        let before = cost(&numbers);
        if before == 0.0 {
            // Nothing moves what is off.
            return Some(solution(at, numbers, targets, &norms, taken, damping));
        }
        let bounds: Vec<(f64, f64)> = (targets.iter().zip(&numbers).zip(&norms))
            .map(|((target, &x), &norm)| target.bounds(x, margin, norm))
            .collect();
        let scaled = |x: &[f64]| -> Vec<f64> {
            let scale = |((x, target), norm): ((&f64, &Target), &f64)| {
                if *norm > 0.0 { x / (target.room() * norm) } else { 0.0 }
            };
            x.iter().zip(targets).zip(&norms).map(scale).collect()
        };
        let here = scaled(&numbers);
        let gram = products(&jacobian);
        // The best of some dampings, the first of equals: cost, damping and place.
        let best_of = |dampings: &[f64]| -> Option<(f64, f64, Vec<f64>)> {
            let tried: Vec<_> = (dampings.par_iter())
                .map(|&damping| {
                    let mut direction = Direction::new(&jacobian, &gram, &bounds, &paces, damping)?;
                    if let Some(ahead) = problem.numbers(&columns(&direction.at(&z, AHEAD))) {
                        direction.bend(&jacobian, &here, &scaled(&ahead), AHEAD);
                    }
                    let moved = direction.at(&z, 1.0);
                    let cost = cost(&problem.numbers(&columns(&moved))?);
                    cost.is_finite().then_some((cost, damping, moved))
                })
                .collect();
            tried.into_iter().flatten().reduce(|a, b| if b.0 < a.0 { b } else { a })
        };
        let gain = |best: &Option<(f64, f64, Vec<f64>)>| {
            best.as_ref().map_or(0.0, |(after, ..)| 1.0 - after / before)
        };
        let mut best = best_of(&near);
        let least = if taken == 0 { SLOW } else { settings.progress };
        if gain(&best) < least && near != spread {
            best = best_of(&spread);
        }
        let gained = gain(&best);
        damping = damping.or(best.as_ref().map(|best| best.1));
        near = match &best {
            Some((_, damping, _)) if gained >= settings.progress => neighbours(*damping).to_vec(),
            _ => spread.clone(),
        };
        stalled = if gained < STALLED { stalled + 1 } else { 0 };
        if stalled > settings.patience {
            return Some(solution(at, numbers, targets, &norms, taken, damping));
        }
        if gained < SLOW && margin > NARROW {
            // Numbers that want to be well inside keep others from being inside at all.
            margin *= 0.5;
        } else if gained < settings.progress {
            return Some(solution(at, numbers, targets, &norms, taken, damping));
        }
        if let Some((.., moved)) = best.filter(|_| gained > 0.0) {
            z = moved;
        }
        at = columns(&z);
        taken += 1;
    }
}

fn split<'a>(z: &'a [f64], lengths: &'a [usize]) -> impl Iterator<Item = &'a [f64]> {
    let mut rest = z;
    lengths.iter().map(move |&n| {
        let (part, later) = rest.split_at(n);
        rest = later;
        part
    })
}

/// Derivatives by free numbers, in rooms, each row over its norm and times its weight; returns what
/// they were divided by, zero for a number that nothing moves or that may be anything.
fn normalise(jacobian: &mut Array2<f64>, targets: &[Target], slopes: &[f64]) -> Vec<f64> {
    let slopes = ndarray::aview1(slopes);
    let rows = jacobian.rows_mut().into_iter().zip(targets);
    rows.map(|(mut row, target)| {
        row *= &slopes;
        row /= target.room();
        let norm = row.dot(&row).sqrt() / target.weight;
        if norm > 0.0 && norm.is_finite() {
            row /= norm;
            norm
        } else {
            row.fill(0.0);
            0.0
        }
    })
    .collect()
}

/// A way to go: straight at first, then along the curve on which numbers move as they did at first.
struct Direction {
    step: Array1<f64>,
    bend: Option<Array1<f64>>,
    /// The numbers that the step takes to a bound, and the factor of their `JJ' + λI`.
    active: Vec<usize>,
    factor: Cholesky<f64, Dyn>,
}

impl Direction {
    /// The shortest step after which all numbers would be within their bounds, but for `λ`.
    fn new(
        jacobian: &Array2<f64>,
        gram: &Array2<f64>,
        bounds: &[(f64, f64)],
        paces: &[f64],
        damping: f64,
    ) -> Option<Self> {
        let (active, weights, factor) = multipliers(gram, bounds, damping)?;
        let mut step = scatter(&active, &weights, bounds.len()).dot(jacobian);
        let sizes = step.iter().zip(paces).map(|(x, pace)| (pace * x).abs());
        let most = sizes.fold(0.0_f64, f64::max);
        if most > 1.0 {
            step /= most;
        }
        let is_finite = step.iter().all(|x| x.is_finite());
        is_finite.then_some(Self { step, bend: None, active, factor })
    }

    /// `z + ℓ v + ½ ℓ² a`.
    fn at(&self, z: &[f64], length: f64) -> Vec<f64> {
        let mut at: Vec<f64> = z.iter().zip(&self.step).map(|(z, v)| z + length * v).collect();
        if let Some(bend) = &self.bend {
            let by = 0.5 * length * length;
            at.iter_mut().zip(bend).for_each(|(z, a)| *z += by * a);
        }
        at
    }

    /// The bend `a = −J'(JJ' + λI)⁻¹ K`, with `K` the second derivatives of the numbers along the step, from
    /// the numbers a share `h` of it ahead: `½ h² K = n(z + h v) − n(z) − h J v`. Of the numbers that the
    /// step takes to a bound: they are to stay there.
    ///
    /// None where it is longer than the step: there a parabola says nothing of the numbers.
    fn bend(&mut self, jacobian: &Array2<f64>, here: &[f64], ahead: &[f64], h: f64) {
        let straight = jacobian.dot(&self.step);
        let curved =
            self.active.iter().map(|&i| -2.0 * (ahead[i] - here[i] - h * straight[i]) / (h * h));
        let solved = self.factor.solve(&DVector::from_iterator(self.active.len(), curved));
        let bend = scatter(&self.active, &solved, here.len()).dot(jacobian);
        let long = 0.5 * bend.dot(&bend).sqrt() > self.step.dot(&self.step).sqrt();
        if !long && bend.iter().all(|x| x.is_finite()) {
            self.bend = Some(bend);
        }
    }
}

/// A damping and those next to it: from one step to the next the best changes little.
fn neighbours(damping: f64) -> &'static [f64] {
    let smaller = DAMPINGS.partition_point(|&other| other < damping);
    &DAMPINGS[smaller.saturating_sub(1)..(smaller + 2).min(DAMPINGS.len())]
}

/// Zero but for some.
fn scatter(places: &[usize], values: &DVector<f64>, n: usize) -> Array1<f64> {
    let mut all = Array1::zeros(n);
    places.iter().zip(values.iter()).for_each(|(&i, v)| all[i] = *v);
    all
}

/// Rows of `JJ'` that are formed at once.
const BLOCK: usize = 24;

/// `JJ'`, of which half is computed.
fn products(jacobian: &Array2<f64>) -> Array2<f64> {
    let m = jacobian.nrows();
    let starts: Vec<usize> = (0..m).step_by(BLOCK).collect();
    let rows = |from: usize, to: usize| jacobian.slice_axis(Axis(0), Slice::from(from..to));
    let blocks: Vec<Array2<f64>> = (starts.into_par_iter())
        .map(|start| {
            let end = (start + BLOCK).min(m);
            rows(start, end).dot(&rows(0, end).t())
        })
        .collect();
    let below = |i: usize, j: usize| blocks[i / BLOCK][[i % BLOCK, j]];
    Array2::from_shape_fn((m, m), |(i, j)| below(i.max(j), i.min(j)))
}

/// Which bounds a step runs into at most, before the set of them is taken as it is.
const ROUNDS: usize = 30;

/// Multipliers `w` of the rows of J: the step is `J'w`, and numbers move by `JJ'w`.
///
/// ```text
/// min ½ w'(JJ' + λI)w − Σ (w > 0 ? low · w : high · w)
/// ```
///
/// The dual of the step of least norm within bounds, by active sets: a number inside its bounds has
/// no multiplier, one at its lower bound a positive one, one at its upper bound a negative one.
fn multipliers(gram: &Array2<f64>, bounds: &[(f64, f64)], damping: f64) -> Option<Multipliers> {
    let m = bounds.len();
    let mut held: Vec<Option<(Side, f64)>> =
        bounds.iter().map(|&bounds| beyond(0.0, bounds)).collect();
    let mut found = None;
    for _ in 0..ROUNDS {
        let active: Vec<usize> = (0..m).filter(|&i| held[i].is_some()).collect();
        let n = active.len();
        let own =
            |a: usize, b: usize| gram[[active[a], active[b]]] + if a == b { damping } else { 0.0 };
        let right = active.iter().filter_map(|&i| Some(held[i]?.1));
        let right = DVector::from_iterator(n, right);
        let factor = DMatrix::from_fn(n, n, own).cholesky()?;
        let solved = factor.solve(&right);
        let weights = scatter(&active, &solved, m);
        let after = gram.dot(&weights);
        let mut changed = false;
        for i in 0..m {
            let next = match held[i] {
                // It would be inside by itself.
                Some((Side::Low, _)) if weights[i] < 0.0 => None,
                Some((Side::High, _)) if weights[i] > 0.0 => None,
                None => beyond(after[i], bounds[i]),
                still => still,
            };
            changed |= next.is_some() != held[i].is_some();
            held[i] = next;
        }
        found = Some((active, solved, factor));
        if !changed {
            break;
        }
    }
    found
}

/// The numbers that are held at a bound, their multipliers, and the factor of their matrix.
type Multipliers = (Vec<usize>, DVector<f64>, Cholesky<f64, Dyn>);

/// Which of its bounds a number is held at.
#[derive(Debug, Clone, Copy)]
enum Side {
    Low,
    High,
}

/// The bound that a number is beyond.
fn beyond(x: f64, (low, high): (f64, f64)) -> Option<(Side, f64)> {
    if x < low - TOUCH {
        Some((Side::Low, low))
    } else if x > high + TOUCH {
        Some((Side::High, high))
    } else {
        None
    }
}

/// How far beyond a bound is still at it, against rounding.
const TOUCH: f64 = 1e-12;

fn standing(step: usize, targets: &[Target], numbers: &[f64]) -> Progress {
    let mut standing = Progress { step, worst: 0, off: 0.0, unsatisfied: 0 };
    for (i, (target, &x)) in targets.iter().zip(numbers).enumerate() {
        if target.weight == 0.0 {
            continue;
        }
        standing.unsatisfied += usize::from(!target.holds(x));
        let off = target.miss(x, 0.0).abs();
        if off > standing.off {
            (standing.worst, standing.off) = (i, off);
        }
    }
    standing
}

fn solution(
    columns: Vec<Vec<f64>>,
    numbers: Vec<f64>,
    targets: &[Target],
    norms: &[f64],
    steps: usize,
    damping: Option<f64>,
) -> Solution {
    let gap = |((target, x), norm): ((&Target, &f64), &f64)| match target.miss(*x, 0.0).abs() {
        0.0 => 0.0,
        miss => miss / (norm * target.weight),
    };
    let gaps = targets.iter().zip(&numbers).zip(norms).map(gap).collect();
    let off = |i: &usize| targets[*i].weight > 0.0 && !targets[*i].holds(numbers[*i]);
    let unsatisfied = (0..targets.len()).filter(off).collect();
    Solution { columns, numbers, unsatisfied, gaps, steps, damping }
}
