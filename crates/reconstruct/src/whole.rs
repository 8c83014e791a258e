//! Counts stay counts: from the columns of a solution to whole numbers.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::{Problem, Target, Unknown, Values};

/// How far a count may go from where it was.
const REACH: i32 = 8;
/// Rounds of moves and of looking again.
const ROUNDS: usize = 120;
/// How far inside its interval a number is wanted, in rooms.
const WELL: f64 = 0.2;
/// Moves that are tried two at a time, and moves of which the numbers are asked for.
const PAIRED: usize = 900;
/// To what share a pair lowers the cost, to be tried first.
const HALF: f64 = 0.5;
const TRIED: usize = 40;
/// How many of those a cell is in.
const EACH: usize = 2;

/// The columns with whole numbers in those that count, and which numbers depend on these alone.
///
/// Every free cell of a count is rounded. What then misses among the numbers that no other unknown
/// moves (its own mean, for one) is mended by the moves of one cell or of two that lower the sum of
/// squared misses most, by derivatives; then all numbers are asked for again. The numbers that other
/// unknowns move too are left to them.
pub fn whole(
    problem: &impl Problem,
    unknowns: &[Unknown],
    targets: &[Target],
    columns: &[Vec<f64>],
) -> Option<Vec<Vec<f64>>> {
    let mut columns = columns.to_vec();
    let counts: Vec<usize> =
        (0..unknowns.len()).filter(|&c| matches!(unknowns[c].values, Values::Count(_))).collect();
    let mut free = Vec::new();
    for &c in &counts {
        for (row, x) in columns[c].iter_mut().enumerate() {
            if x.fract() != 0.0 || !unknowns[c].fixed[row] {
                *x = x.round();
                free.push((c, row));
            }
        }
    }
    if free.is_empty() {
        return Some(columns);
    }
    let offsets: Vec<usize> = unknowns
        .iter()
        .scan(0, |at, unknown| {
            let begins = *at;
            *at += unknown.start.len();
            Some(begins)
        })
        .collect();
    for _ in 0..ROUNDS {
        let (numbers, jacobian) = problem.derivatives(&columns)?;
        let is_own = |i: &usize| {
            let row = jacobian.row(*i);
            let cell = |(at, x): (usize, &f64)| {
                let c = offsets.partition_point(|&begins| begins <= at) - 1;
                *x == 0.0 || counts.contains(&c)
            };
            row.iter().any(|&x| x != 0.0) && row.iter().enumerate().all(cell)
        };
        let own: Vec<usize> = (0..targets.len()).filter(is_own).collect();
        let before: f64 = own.iter().map(|&i| targets[i].miss(numbers[i], WELL).powi(2)).sum();
        if before == 0.0 {
            return Some(columns);
        }
        let aims: Vec<(Target, f64)> = own.iter().map(|&i| (targets[i], numbers[i])).collect();
        // Numbers are nearly linear in ln(1 + x), or in x: both are looked at.
        let moves = |logarithmic: bool| -> Vec<Move> {
            let by = |(c, row): (usize, usize), step: f64| -> Vec<f64> {
                let x = columns[c][row];
                let log = ((x + step).ln_1p() - x.ln_1p()) * (1.0 + x);
                let moved = if logarithmic { log } else { step };
                own.iter().map(|&i| jacobian[[i, offsets[c] + row]] * moved).collect()
            };
            free.iter()
                .flat_map(|&cell| (-REACH..=REACH).map(move |step| (cell, f64::from(step))))
                .filter(|&((c, row), step)| step != 0.0 && columns[c][row] + step >= 0.0)
                .map(|(cell, step)| (cell, step, by(cell, step)))
                .filter(|(_, _, by)| by.iter().any(|x| *x != 0.0))
                .collect()
        };
        let (logs, plain) = (moves(true), moves(false));
        // Derivatives stop at the next order statistic: what is taken is what is seen to be better.
        let look = |moves: &[Move], share: f64| -> Option<Vec<Vec<f64>>> {
            let hopeful = hopeful(&aims, moves, before, share);
            let tried: Vec<Option<(f64, Vec<Vec<f64>>)>> = hopeful
                .par_iter()
                .map(|(_, chosen)| {
                    let mut moved = columns.clone();
                    for &a in chosen {
                        let ((c, row), step, _) = moves[a];
                        moved[c][row] += step;
                    }
                    let numbers = problem.numbers(&moved)?;
                    let cost = own.iter().map(|&i| targets[i].miss(numbers[i], WELL).powi(2)).sum();
                    Some((cost, moved))
                })
                .collect();
            let best = tried.into_iter().flatten().reduce(|a, b| if b.0 < a.0 { b } else { a });
            best.filter(|(cost, _)| *cost < before).map(|(_, moved)| moved)
        };
        let ways = [(&logs, HALF), (&plain, HALF), (&logs, 1.0), (&plain, 1.0)];
        match ways.iter().find_map(|(moves, share)| look(moves, *share)) {
            Some(moved) => columns = moved,
            None => return Some(columns),
        }
    }
    Some(columns)
}

/// A move of a cell, and by how much it moves each number, were they linear.
type Move = ((usize, usize), f64, Vec<f64>);

/// Moves of one cell or of two by which the cost is lowered, pairs to `share` of it, were numbers
/// linear; the best first.
fn hopeful(
    aims: &[(Target, f64)],
    moves: &[Move],
    before: f64,
    share: f64,
) -> Vec<(f64, Vec<usize>)> {
    let mut hopeful: Vec<(f64, Vec<usize>)> = Vec::new();
    for (a, (_, _, first)) in moves.iter().enumerate() {
        hopeful.push((cost(aims, first.iter().copied()), vec![a]));
    }
    // Two at once, where both are among those that matter most to the worst number.
    let off = |k: usize| aims[k].0.miss(aims[k].1, 0.0).abs();
    let worst = (0..aims.len()).max_by(|&a, &b| off(a).total_cmp(&off(b))).unwrap_or(0);
    let mut order: Vec<usize> = (0..moves.len()).collect();
    order.sort_by(|&a, &b| moves[b].2[worst].abs().total_cmp(&moves[a].2[worst].abs()));
    order.truncate(PAIRED);
    for (at, &a) in order.iter().enumerate() {
        for &b in order[at + 1..].iter().filter(|&&b| moves[a].0 != moves[b].0) {
            let both = moves[a].2.iter().zip(&moves[b].2).map(|(a, b)| a + b);
            let cost = cost(aims, both);
            if cost < before * share {
                hopeful.push((cost, vec![a, b]));
            }
        }
    }
    hopeful.retain(|(cost, _)| *cost < before);
    hopeful.sort_by(|a, b| a.0.total_cmp(&b.0));
    // A cell whose derivatives mislead must not crowd out the others.
    let mut seen = BTreeMap::<(usize, usize), usize>::new();
    hopeful.retain(|(_, chosen)| {
        let crowded = chosen.iter().any(|&a| seen.get(&moves[a].0).is_some_and(|n| *n >= EACH));
        if !crowded {
            for &a in chosen {
                *seen.entry(moves[a].0).or_default() += 1;
            }
        }
        !crowded
    });
    hopeful.truncate(TRIED);
    hopeful
}

/// The squared misses of numbers that move by so much.
fn cost(aims: &[(Target, f64)], by: impl Iterator<Item = f64>) -> f64 {
    aims.iter().zip(by).map(|((target, x), by)| target.miss(x + by, WELL).powi(2)).sum()
}
