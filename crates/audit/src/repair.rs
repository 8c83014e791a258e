//! Single edits after which an equation holds, and nothing breaks that held.

mod edits;

use crate::equation::{Equations, Holds};
use crate::facts::Facts;
use crate::sheet::{Entry, Sheet};
use crate::{Edit, Repair};
use edits::{Candidate, Setting};

/// Repairs that are kept of one finding.
const MOST_REPAIRS: usize = 12;

/// Cells beyond which an equation is not repaired.
const MOST_CELLS: usize = 60;

/// Equations that are repaired.
const MOST_EQUATIONS: usize = 200;

/// How often each kind of [`Edit`] is made, in their order, and between the edits of a kind alike. A
/// judgement, which settles the order of repairs that mend as much and nothing else.
const OFTEN: [f64; Edit::ALL.len()] = [0.2, 0.3, 0.1, 0.15, 0.05, 0.2];

/// What stands of an equation: 2 it holds, 1 under an assumption, 0 not at all.
fn standing(holds: Holds<'_>) -> u8 {
    match holds {
        Holds::Yes => 2,
        Holds::If(_) => 1,
        Holds::No => 0,
    }
}

/// The repairs of some equations, by position; `mends` counts positions of equations, too.
///
/// All edits of every kind in [`Edit`] are tried on every cell that the equation reads. A
/// candidate makes it hold, and leaves no other equation worse than it was. Those that mend most impossible
/// equations come first, then those that settle most open ones; then the likeliest: one of eight signs is
/// likelier to be the wrong one than one of four hundred digits.
pub(crate) fn repairs(
    which: &[usize],
    equations: &Equations,
    sheet: &mut Sheet<'_>,
    facts: &Facts<'_>,
) -> Vec<(usize, Vec<Repair>)> {
    if which.is_empty() {
        return Vec::new();
    }
    let before: Vec<u8> = equations.iter().map(|it| standing(it.judge(sheet))).collect();
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); sheet.entries.len()];
    for (at, equation) in equations.iter().enumerate() {
        for slot in equation.reads() {
            if readers[slot.entry].last() != Some(&at) {
                readers[slot.entry].push(at);
            }
        }
    }
    let setting = Setting::new(facts, sheet);
    let tried = which.iter().take(MOST_EQUATIONS);
    tried
        .filter_map(|&at| {
            let mut entries: Vec<usize> = equations[at].reads().iter().map(|it| it.entry).collect();
            entries.sort_unstable();
            entries.dedup();
            (entries.len() <= MOST_CELLS)
                .then(|| (at, of(at, &entries, &setting, equations, &before, &readers, sheet)))
        })
        .collect()
}

/// An edit that does, and what it does.
struct Found {
    candidate: Candidate,
    mends: Vec<usize>,
    settles: Vec<usize>,
}

fn of(
    at: usize,
    entries: &[usize],
    setting: &Setting,
    equations: &Equations,
    before: &[u8],
    readers: &[Vec<usize>],
    sheet: &mut Sheet<'_>,
) -> Vec<Repair> {
    let mut tried = [0_usize; Edit::ALL.len()];
    let mut found: Vec<Found> = Vec::new();
    for candidate in setting.edits(entries, sheet) {
        tried[candidate.edit as usize] += 1;
        let kept: Vec<(usize, Entry<'_>)> = candidate
            .changes
            .iter()
            .map(|it| (it.entry, sheet.entries[it.entry].clone()))
            .collect();
        for change in &candidate.changes {
            change.apply(sheet);
        }
        let did = outcome(at, &candidate, equations, before, readers, sheet);
        for (entry, kept) in kept {
            sheet.entries[entry] = kept;
        }
        found.extend(did.map(|(mends, settles)| Found { candidate, mends, settles }));
    }
    // Kinds from the likeliest single edit on.
    let likely = |edit: Edit| OFTEN[edit as usize] / tried[edit as usize].max(1) as f64;
    let mut kinds = Edit::ALL;
    kinds.sort_by(|&a, &b| likely(b).total_cmp(&likely(a)));
    let mut rank = [0; Edit::ALL.len()];
    for (place, &edit) in kinds.iter().enumerate() {
        rank[edit as usize] = place;
    }
    let merit = |it: &Found| (it.mends.len(), it.settles.len());
    let order = |it: &Found| (std::cmp::Reverse(merit(it)), rank[it.candidate.edit as usize]);
    found.sort_by_key(order);
    let share = |it: &Found| {
        let as_well = found
            .iter()
            .filter(|other| other.candidate.edit == it.candidate.edit && merit(other) >= merit(it));
        as_well.count() as f64 / tried[it.candidate.edit as usize] as f64
    };
    found
        .iter()
        .take(MOST_REPAIRS)
        .map(|it| Repair {
            cell: sheet.cell(it.candidate.slot),
            with: it.candidate.with.map(|slot| sheet.cell(slot)),
            edit: it.candidate.edit,
            from: it.candidate.from.clone(),
            to: it.candidate.to.clone(),
            mends: it.mends.iter().chain(&it.settles).copied().collect(),
            share: share(it),
        })
        .collect()
}

/// The impossible equations that an edit mends, and the open ones that it settles; `None` if it does not make the
/// equation hold or makes another worse.
fn outcome(
    at: usize,
    candidate: &Candidate,
    equations: &Equations,
    before: &[u8],
    readers: &[Vec<usize>],
    sheet: &Sheet<'_>,
) -> Option<(Vec<usize>, Vec<usize>)> {
    if equations[at].judge(sheet) != Holds::Yes {
        return None;
    }
    let (mut mends, mut settles) = (Vec::new(), Vec::new());
    let mut touched: Vec<usize> =
        candidate.changes.iter().flat_map(|it| readers[it.entry].iter().copied()).collect();
    touched.sort_unstable();
    touched.dedup();
    for other in touched {
        let now = standing(equations[other].judge(sheet));
        if now < before[other] {
            return None;
        }
        if before[other] == 0 && now == 2 {
            mends.push(other);
        } else if before[other] == 1 && now == 2 {
            settles.push(other);
        }
    }
    Some((mends, settles))
}
