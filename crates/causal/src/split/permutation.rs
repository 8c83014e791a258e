//! Fisher's permutation test of a difference between groups.

use estimate::{Design, linear};
use panel::{Factor, Term};
use rayon::prelude::*;

use super::{Part, SplitSpec};
use crate::Error;

/// A permutation test of one pair of groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Permutation {
    /// The two groups; the difference is the first's coefficient less the second's.
    pub between: (String, String),
    /// The difference observed.
    pub estimate: f64,
    /// `(1 + draws at least as far from zero) / (1 + draws)`: two-sided, and never zero.
    pub p_value: f64,
    /// Draws that could be estimated, of those made.
    pub draws: (usize, usize),
}

/// Entities keep their rows and change groups: as many entities in each as there are.
///
/// Where a category changes within an entity, rows change groups instead.
pub(super) fn all(
    design: &Design<'_>,
    spec: &SplitSpec,
    groups: &Factor,
    parts: &[Part],
    (replications, seed): (usize, u64),
    tick: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Permutation>, Error> {
    let unit = units(design, groups);
    let n_units = unit.iter().max().map_or(0, |u| *u as usize + 1);
    let mut group_of = vec![0_u32; n_units];
    for (&u, &g) in unit.iter().zip(groups.codes()) {
        group_of[u as usize] = g;
    }
    let coefficient = |fit: &estimate::Fit, term: &Term| {
        fit.terms().iter().position(|own| own == term).map(|j| fit.coef()[j])
    };
    let mut tests = Vec::new();
    let mut stream = 0;
    for i in 0..parts.len() {
        for j in i + 1..parts.len() {
            let pair = [i, j].map(|g| u32::try_from(g).unwrap_or(u32::MAX));
            let members: Vec<usize> =
                (0..n_units).filter(|&u| pair.contains(&group_of[u])).collect();
            let first = members.iter().filter(|&&u| group_of[u] == pair[0]).count();
            let estimates: Vec<Option<f64>> =
                parts.iter().map(|part| coefficient(&part.fit, &spec.of)).collect();
            let (Some(a), Some(b)) = (estimates[i], estimates[j]) else { continue };
            let observed = a - b;
            let one = |draw: u64| {
                let mut stream = estimate::Draws::new(seed, draw);
                let mut order = members.clone();
                // The first few of a shuffle are the first group.
                for at in 0..first {
                    let other = at + stream.below(order.len() - at);
                    order.swap(at, other);
                }
                let mut side = vec![2_u8; n_units];
                order.iter().enumerate().for_each(|(at, &u)| side[u] = u8::from(at >= first));
                let value = |which: u8| {
                    let inside: Vec<bool> =
                        unit.iter().map(|&u| side[u as usize] == which).collect();
                    let fit = linear(&design.only(&inside).ok()?, &spec.estimation).ok()?;
                    coefficient(&fit, &spec.of)
                };
                tick(1);
                Some(value(0)? - value(1)?)
            };
            let draws: Vec<f64> = (stream..stream + replications as u64)
                .into_par_iter()
                .map(one)
                .collect::<Vec<_>>()
                .into_iter()
                .flatten()
                .collect();
            stream += replications as u64;
            if draws.len() < replications.div_ceil(2) {
                return Err(Error::FewDraws { kept: draws.len(), made: replications });
            }
            // A draw that repeats the observed groups differs from it by rounding.
            let far = observed.abs() * (1.0 - 1e-9);
            let beyond = draws.iter().filter(|draw| draw.abs() >= far).count();
            tests.push(Permutation {
                between: (parts[i].label.clone(), parts[j].label.clone()),
                estimate: observed,
                p_value: (1 + beyond) as f64 / (1 + draws.len()) as f64,
                draws: (draws.len(), replications),
            });
        }
    }
    Ok(tests)
}

/// What changes groups: entities, or rows where an entity has rows in several groups.
fn units(design: &Design<'_>, groups: &Factor) -> Vec<u32> {
    let entity = design.entities();
    let mut home = vec![Factor::MISSING; entity.n_levels()];
    let nested = entity.codes().iter().zip(groups.codes()).all(|(&e, &g)| {
        let home = &mut home[e as usize];
        if *home == Factor::MISSING {
            *home = g;
        }
        *home == g
    });
    if nested { entity.codes().to_vec() } else { (0..).take(groups.codes().len()).collect() }
}
