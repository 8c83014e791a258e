//! Who is near: with replacement by two pointers from a row's place, without by union-find.

use std::ops::Range;

use estimate::Draws;
use rayon::prelude::*;

use super::line::{Focal, Line, narrow};
use super::spec::{Order, Ties};

/// Rows that are worked on at once.
const CHUNK: usize = 4096;

/// The `k` nearest of every focal row, by a rule that takes one at a time: positions in the pool,
/// nearest first, and where those of each focal row begin.
pub(crate) struct Lists {
    pub(crate) start: Vec<u32>,
    pub(crate) members: Vec<u32>,
}

/// How one is chosen among equally near.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    First,
    Places,
}

/// The runs of the pool that hold the `k` nearest and all tied with the last of them.
///
/// `own`: focal rows belong to the pool, and are no match for themselves; their runs hold them.
/// `slack`: by how much a squared distance may exceed the `k`-th smallest.
pub(crate) fn runs(
    line: &Line,
    k: usize,
    slack: f64,
    caliper: f64,
    own: bool,
) -> Vec<Range<usize>> {
    let run = |focal: &Focal| {
        let Some(nearest) = kth_distance(line, focal, k, own) else { return 0..0 };
        let radius = if slack > 0.0 { (nearest * nearest + slack).sqrt() } else { nearest };
        line.window(focal, radius.min(caliper))
    };
    line.focal.par_iter().with_min_len(CHUNK).map(run).collect()
}

/// The distance of the `k`-th nearest, or of the farthest if there are fewer.
fn kth_distance(line: &Line, focal: &Focal, k: usize, own: bool) -> Option<f64> {
    let reach = line.reach(focal);
    let mut left = focal.cut as usize;
    let mut right = left + usize::from(own);
    let mut last = None;
    for _ in 0..k {
        let below = (left > reach.start).then(|| line.distance(focal, left - 1));
        let above = (right < reach.end).then(|| line.distance(focal, right));
        last = match (below, above) {
            (Some(below), Some(above)) if below <= above => {
                left -= 1;
                Some(below)
            }
            (_, Some(above)) => {
                right += 1;
                Some(above)
            }
            (Some(below), None) => {
                left -= 1;
                Some(below)
            }
            (None, None) => return last,
        };
    }
    last
}

/// The `k` nearest of every focal row, any member of the pool any number of times.
pub(crate) fn with_replacement(line: &Line, k: usize, pick: Pick, caliper: f64) -> Lists {
    let pieces: Vec<(Vec<u32>, Vec<u32>)> = line
        .focal
        .par_chunks(CHUNK)
        .map(|piece| {
            let (mut members, mut counts) = (Vec::new(), Vec::with_capacity(piece.len()));
            for focal in piece {
                let before = members.len();
                match pick {
                    Pick::First => first_nearest(line, focal, k, caliper, &mut members),
                    Pick::Places => fewest_places(line, focal, k, caliper, &mut members),
                }
                counts.push(narrow(members.len() - before));
            }
            (members, counts)
        })
        .collect();
    let mut lists = Lists { start: vec![0], members: Vec::new() };
    for (members, counts) in pieces {
        lists.members.extend(members);
        for count in counts {
            lists.start.push(lists.start.last().copied().unwrap_or(0) + count);
        }
    }
    lists
}

/// Nearest by distance, then by places away, then below before above.
fn fewest_places(line: &Line, focal: &Focal, k: usize, caliper: f64, found: &mut Vec<u32>) {
    let reach = line.reach(focal);
    let (mut left, mut right) = (focal.cut as usize, focal.cut as usize);
    for _ in 0..k {
        let below = (left > reach.start)
            .then(|| (line.distance(focal, left - 1), focal.place - line.place[left - 1]));
        let above = (right < reach.end)
            .then(|| (line.distance(focal, right), line.place[right] - focal.place));
        let Some((distance, is_below)) = nearer(below, above) else { return };
        if distance > caliper {
            return;
        }
        if is_below {
            left -= 1;
            found.push(narrow(left));
        } else {
            found.push(narrow(right));
            right += 1;
        }
    }
}

/// The nearer of two, given as distance and places away, and whether it is the one below.
fn nearer(below: Option<(f64, u32)>, above: Option<(f64, u32)>) -> Option<(f64, bool)> {
    match (below, above) {
        (Some((d, places)), Some((other_d, other_places))) => {
            let below = d < other_d || (d <= other_d && places <= other_places);
            Some(if below { (d, true) } else { (other_d, false) })
        }
        (Some((d, _)), None) => Some((d, true)),
        (None, Some((d, _))) => Some((d, false)),
        (None, None) => None,
    }
}

/// Nearest by distance, then by position in the sample.
fn first_nearest(line: &Line, focal: &Focal, k: usize, caliper: f64, found: &mut Vec<u32>) {
    let reach = line.reach(focal);
    let (mut left, mut right) = (focal.cut as usize, focal.cut as usize);
    let mut missing = k;
    let mut tied: Vec<u32> = Vec::new();
    while missing > 0 {
        let below = (left > reach.start).then(|| line.distance(focal, left - 1));
        let above = (right < reach.end).then(|| line.distance(focal, right));
        let Some(distance) = least(below, above) else { return };
        if distance > caliper {
            return;
        }
        // All at this distance: whole blocks of equal scores, in each of which the first come
        // first. Different scores can round to one distance.
        tied.clear();
        while left > reach.start && line.distance(focal, left - 1) <= distance {
            let block = line.block(left - 1, &reach);
            tied.extend((block.start..left).take(missing).map(narrow));
            left = block.start;
        }
        while right < reach.end && line.distance(focal, right) <= distance {
            let block = line.block(right, &reach);
            tied.extend((right..block.end).take(missing).map(narrow));
            right = block.end;
        }
        tied.sort_unstable_by_key(|&j| line.pool[j as usize]);
        tied.truncate(missing);
        missing -= tied.len();
        found.extend_from_slice(&tied);
    }
}

fn least(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The `k` nearest of every focal row, each member of the pool once, in `k` rounds of one each.
pub(crate) fn once(line: &Line, k: usize, order: Order, pick: Pick, caliper: f64) -> Lists {
    let mut free = Free::new(line.pool.len());
    let mut taken: Vec<Vec<u32>> = vec![Vec::new(); line.focal.len()];
    let mut choosing = in_order(line, order);
    for _ in 0..k {
        // Whoever finds nobody left is done: later there are fewer.
        choosing.retain(|&i| {
            let (focal, mine) = (&line.focal[i as usize], &mut taken[i as usize]);
            let chosen = match pick {
                Pick::First => free.first_nearest(line, focal, caliper),
                Pick::Places => free.fewest_places(line, focal, mine, caliper),
            };
            let Some(chosen) = chosen else { return false };
            mine.push(narrow(chosen));
            free.take(chosen);
            true
        });
    }
    let mut lists = Lists { start: vec![0], members: Vec::new() };
    for mine in taken {
        lists.members.extend(mine);
        lists.start.push(narrow(lists.members.len()));
    }
    lists
}

/// Positions among the focal rows, in the order in which they choose.
fn in_order(line: &Line, order: Order) -> Vec<u32> {
    let row = |i: &u32| line.focal[*i as usize].row;
    let place = |i: &u32| line.focal[*i as usize].place;
    let at = |i: &u32| line.focal[*i as usize].at;
    let mut positions: Vec<u32> = (0..narrow(line.focal.len())).collect();
    match order {
        Order::Smallest => positions.sort_unstable_by_key(place),
        Order::Data => positions.sort_unstable_by_key(row),
        Order::Largest => {
            positions.sort_unstable_by(|a, b| {
                at(b)
                    .partial_cmp(&at(a))
                    .unwrap_or(std::cmp::Ordering::Equal)
                    .then(row(a).cmp(&row(b)))
            });
        }
        Order::Random { seed } => {
            positions.sort_unstable_by_key(row);
            let mut draws = Draws::new(seed, 0);
            for i in (1..positions.len()).rev() {
                positions.swap(i, draws.below(i + 1));
            }
        }
    }
    positions
}

/// The members of a pool that are not taken: the next one up and down in almost constant time.
struct Free {
    /// A member at or after which the next free one lies; itself if it is free.
    up: Vec<u32>,
    /// One more than a member at or before which the next free one lies.
    down: Vec<u32>,
}

/// Follows links to a fixed point, and shortens the way for who comes next.
fn find(links: &mut [u32], mut at: u32) -> u32 {
    while links[at as usize] != at {
        let next = links[links[at as usize] as usize];
        links[at as usize] = next;
        at = next;
    }
    at
}

impl Free {
    fn new(n: usize) -> Self {
        let links: Vec<u32> = (0..=narrow(n)).collect();
        Self { up: links.clone(), down: links }
    }

    fn take(&mut self, j: usize) {
        self.up[j] = narrow(j + 1);
        self.down[j + 1] = narrow(j);
    }

    /// The first free member in `range`.
    fn first(&mut self, range: &Range<usize>) -> Option<usize> {
        let found = find(&mut self.up, narrow(range.start)) as usize;
        (found < range.end).then_some(found)
    }

    /// The last free member in `range`.
    fn last(&mut self, range: &Range<usize>) -> Option<usize> {
        let found = find(&mut self.down, narrow(range.end)) as usize;
        (found > range.start).then(|| found - 1)
    }

    /// The nearest free member by distance, then by places away, then below before above.
    ///
    /// Places are counted from the outermost of the row itself and those it has already.
    fn fewest_places(
        &mut self,
        line: &Line,
        focal: &Focal,
        mine: &[u32],
        caliper: f64,
    ) -> Option<usize> {
        let (reach, cut) = (line.reach(focal), focal.cut as usize);
        let places = mine.iter().map(|&j| line.place[j as usize]);
        let from = places.clone().fold(focal.place, u32::min);
        let to = places.fold(focal.place, u32::max);
        let below = self.last(&(reach.start..cut));
        let above = self.first(&(cut..reach.end));
        let at = |j: usize, places: u32| (line.distance(focal, j), places);
        let chosen = nearer(
            below.map(|j| at(j, from.saturating_sub(line.place[j]))),
            above.map(|j| at(j, line.place[j].saturating_sub(to))),
        );
        let (distance, is_below) = chosen?;
        if distance > caliper {
            return None;
        }
        if is_below { below } else { above }
    }

    /// The nearest free member by distance, then by position in the sample.
    fn first_nearest(&mut self, line: &Line, focal: &Focal, caliper: f64) -> Option<usize> {
        let (reach, cut) = (line.reach(focal), focal.cut as usize);
        let mut below = self.last(&(reach.start..cut));
        let mut above = self.first(&(cut..reach.end));
        let away = |j: usize| line.distance(focal, j);
        let distance = least(below.map(away), above.map(away))?;
        if distance > caliper {
            return None;
        }
        let mut best: Option<usize> = None;
        let mut consider = |j: Option<usize>| {
            let earlier = |j: &usize| best.is_none_or(|best| line.pool[*j] < line.pool[best]);
            best = j.filter(earlier).or(best);
        };
        while let Some(j) = below.filter(|&j| away(j) <= distance) {
            let block = line.block(j, &reach);
            consider(self.first(&(block.start..cut)));
            below = self.last(&(reach.start..block.start));
        }
        while let Some(j) = above.filter(|&j| away(j) <= distance) {
            consider(Some(j));
            above = self.first(&(line.block(j, &reach).end..reach.end));
        }
        best
    }
}

impl Ties {
    /// How one is chosen, if one is.
    pub(crate) fn pick(self) -> Option<Pick> {
        match self {
            Self::First => Some(Pick::First),
            Self::Places => Some(Pick::Places),
            Self::Average | Self::AverageWithin(_) => None,
        }
    }
}
