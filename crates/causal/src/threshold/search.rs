//! Searching for one threshold after the other, or for two at once.

use rayon::prelude::*;

use super::scan::{Layer, Scan, argmin, dot, subtract};
use super::spec::{Search, Spec};
use crate::Error;

/// The sum of squares at every candidate, given other thresholds; `None` where trimming or
/// collinearity leaves none.
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) ssr: Vec<Option<f64>>,
    pub(super) best: usize,
}

impl Path {
    pub(super) fn least(&self) -> f64 {
        self.ssr[self.best].unwrap_or(f64::INFINITY)
    }
}

/// What adding one more threshold did.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// The thresholds before, in the order in which they were found.
    pub(super) null: Vec<usize>,
    pub(super) ssr_null: f64,
    /// The thresholds after, before refinement; the last is the new one.
    pub(super) alternative: Vec<usize>,
    pub(super) ssr: f64,
    /// The thresholds after refinement.
    pub(super) refined: Vec<usize>,
    pub(super) ssr_refined: f64,
}

/// Thresholds in the order in which they were found, each with the path on which it was chosen.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) thresholds: Vec<usize>,
    pub(super) paths: Vec<Path>,
    pub(super) steps: Vec<Step>,
}

/// Candidates whose sums of squares differ by less than this share of the whole are tied: the
/// smallest is taken.
pub(super) const TIED: f64 = 1e-12;

/// Running sums whose result is off by this share of the whole have lost digits.
const LOST: f64 = 1e-9;

/// The trimming share of the `j`-th threshold, counted from zero.
pub(super) fn share(spec: &Spec, j: usize) -> f64 {
    spec.trim.shares[j.min(spec.trim.shares.len() - 1)]
}

/// The layers of thresholds, each given the ones before it.
pub(super) fn layers(scan: &Scan, thresholds: &[usize]) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::with_capacity(thresholds.len());
    for &threshold in thresholds {
        let layer = scan.threshold(threshold, &layers.iter().collect::<Vec<_>>());
        layers.push(layer);
    }
    layers
}

/// `y` less what the base and the layers explain.
pub(super) fn residual(scan: &Scan, y: &[f64], layers: &[Layer]) -> Vec<f64> {
    let mut r = y.to_vec();
    for _ in 0..2 {
        for q in std::iter::once(&scan.base).chain(layers).flat_map(|layer| &layer.basis) {
            let weight = dot(q, &r);
            r.iter_mut().zip(q).for_each(|(r, q)| *r -= weight * q);
        }
    }
    r
}

/// The path of one more threshold, the `j`-th, given others; `y` is transformed.
pub(super) fn path(
    scan: &Scan,
    y: &[f64],
    given: &[usize],
    spec: &Spec,
    j: usize,
) -> Result<Path, Error> {
    let mut layers = layers(scan, given);
    let mut r = residual(scan, y, &layers);
    let whole = dot(&r, &r);
    scan.adjoint(&mut r);
    let mut a = Vec::new();
    scan.running_sums(&r, &mut a);
    let factors = scan.factors(&layers.iter().collect::<Vec<_>>());
    let apart = scan.candidates.apart(given, share(spec, j));
    let at = |c: usize| {
        (apart[c] && factors.regular[c]).then(|| (whole - scan.gain(&factors, c, &a)).max(0.0))
    };
    let mut ssr: Vec<Option<f64>> = (0..scan.candidates.len()).map(at).collect();
    let best = argmin(&ssr, TIED * whole).ok_or_else(|| no_room(scan, spec, j))?;
    // A difference of large sums has lost digits where the threshold explains nearly everything.
    layers.push(scan.threshold(best, &layers.iter().collect::<Vec<_>>()));
    let left = residual(scan, y, &layers);
    let (searched, afresh) = (ssr[best].unwrap_or(whole), dot(&left, &left));
    if (searched - afresh).abs() > LOST * whole {
        return Err(Error::Unstable { terms: spec.switching.clone(), searched, afresh });
    }
    ssr[best] = Some(afresh);
    Ok(Path { ssr, best })
}

/// All thresholds, as the spec searches for them.
pub(super) fn search(scan: &Scan, y: &[f64], spec: &Spec) -> Result<Found, Error> {
    let r = residual(scan, y, &[]);
    let ssr_null = dot(&r, &r);
    match spec.search {
        Search::Sequential { rounds } => sequential(scan, y, spec, rounds, ssr_null),
        Search::Joint => joint(scan, y, spec, ssr_null),
    }
}

pub(super) fn no_room(scan: &Scan, spec: &Spec, j: usize) -> Error {
    let rows = scan.candidates.bin.len();
    Error::NoRoom { threshold: j + 1, rows, share: share(spec, j), min_rows: spec.trim.min_rows }
}

fn sequential(
    scan: &Scan,
    y: &[f64],
    spec: &Spec,
    rounds: usize,
    mut ssr_null: f64,
) -> Result<Found, Error> {
    let mut found = Found { thresholds: Vec::new(), paths: Vec::new(), steps: Vec::new() };
    for j in 0..spec.thresholds {
        let null = found.thresholds.clone();
        let new = path(scan, y, &null, spec, j)?;
        let ssr = new.least();
        found.thresholds.push(new.best);
        found.paths.push(new);
        let alternative = found.thresholds.clone();
        let mut ssr_refined = ssr;
        for _ in 0..rounds {
            for i in 0..j {
                let mut others = found.thresholds.clone();
                others.remove(i);
                let again = path(scan, y, &others, spec, j)?;
                ssr_refined = again.least();
                found.thresholds[i] = again.best;
                found.paths[i] = again;
            }
        }
        let refined = found.thresholds.clone();
        found.steps.push(Step { null, ssr_null, alternative, ssr, refined, ssr_refined });
        ssr_null = ssr_refined;
    }
    Ok(found)
}

/// The first threshold by itself, then both at once.
fn joint(scan: &Scan, y: &[f64], spec: &Spec, ssr_null: f64) -> Result<Found, Error> {
    let single = path(scan, y, &[], spec, 0)?;
    let mut r = residual(scan, y, &[]);
    scan.adjoint(&mut r);
    let mut a = Vec::new();
    scan.running_sums(&r, &mut a);
    let (_, [first, second]) =
        pairs(scan, &[a], share(spec, 1)).pop().flatten().ok_or_else(|| no_room(scan, spec, 1))?;
    // Each on its path given the other: the least of both is the pair.
    let given = |other: usize| path(scan, y, &[other], spec, 1);
    let (lower, upper) = (given(second)?, given(first)?);
    let thresholds = vec![lower.best, upper.best];
    let step = |null, ssr_null, alternative: Vec<usize>, ssr| Step {
        null,
        ssr_null,
        refined: alternative.clone(),
        alternative,
        ssr,
        ssr_refined: ssr,
    };
    let steps = vec![
        step(Vec::new(), ssr_null, vec![single.best], single.least()),
        step(vec![single.best], single.least(), thresholds.clone(), upper.least()),
    ];
    Ok(Found { thresholds, paths: vec![lower, upper], steps })
}

/// For each response, the largest joint gain of two candidates, and the pair in order.
///
/// `a` are the running sums of responses off the base. A candidate's direction is made once for
/// all responses; candidates are worked on in parallel.
pub(super) fn pairs(scan: &Scan, a: &[Vec<f64>], share: f64) -> Vec<Option<(f64, [usize; 2])>> {
    type Best = Vec<Option<(f64, [usize; 2])>>;
    let alone = scan.factors(&[]);
    let better = |best: &mut Option<(f64, [usize; 2])>, new: (f64, [usize; 2])| {
        let ahead =
            |old: (f64, [usize; 2])| old.0.total_cmp(&new.0).then(new.1.cmp(&old.1)).is_lt();
        if best.is_none_or(ahead) {
            *best = Some(new);
        }
    };
    (0..scan.candidates.len())
        .into_par_iter()
        .filter(|&k| alone.regular[k])
        .fold(
            || (vec![None; a.len()] as Best, Vec::new()),
            |(mut best, mut left), k| {
                let layer = scan.threshold(k, &[]);
                let factors = scan.factors(&[&layer]);
                for (best, a) in best.iter_mut().zip(a) {
                    let b = scan.weights(&alone, k, a);
                    left.clone_from(a);
                    subtract(&mut left, &layer, &b);
                    let allowed = |c: usize| c > k && scan.candidates.pair(c, k, share);
                    if let Some((c, gain)) = scan.best(&factors, &left, 0.0, allowed) {
                        better(best, (gain + dot(&b, &b), [k, c]));
                    }
                }
                (best, left)
            },
        )
        .map(|(best, _)| best)
        .reduce(
            || vec![None; a.len()],
            |mut all, part| {
                for (best, new) in all.iter_mut().zip(part) {
                    if let Some(new) = new {
                        better(best, new);
                    }
                }
                all
            },
        )
}
