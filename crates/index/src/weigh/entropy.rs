//! Weights from Shannon's entropy.

use super::{Parts, Weights};
use crate::Error;
use crate::frame::{Extremes, Piece};
use crate::logarithm::ln_all;
use crate::source::{Source, dot, sum};

/// Σz, Σ z ln z and the least value of a part of a column.
#[derive(Debug, Clone, Copy)]
struct Sums {
    z: f64,
    z_ln_z: f64,
    extremes: Extremes,
}

impl Sums {
    const NONE: Self = Self { z: 0.0, z_ln_z: 0.0, extremes: Extremes::NONE };

    fn and(self, other: Self) -> Self {
        Self {
            z: self.z + other.z,
            z_ln_z: self.z_ln_z + other.z_ln_z,
            extremes: self.extremes.and(other.extremes),
        }
    }
}

/// `w = d/Σd` with `d = 1 − e`.
pub(super) fn weights(
    parts: &Parts,
    sources: &[&Source],
    method: &'static str,
) -> Result<Weights, Error> {
    let entropy = entropy(parts, sources, method)?;
    let divergence = |e: &Vec<f64>| e.iter().map(|e| (1.0 - e).max(0.0)).collect();
    let shares = parts.shared(method, entropy.iter().map(divergence).collect())?;
    Ok(Weights { shares, entropy: Some(entropy), ..Weights::default() })
}

/// `e = −(1/ln n) Σ p ln p`, `p = z/Σz` and `0 ln 0 = 0`, by column and group.
///
/// With `S = Σz` it is `(ln S − Σ z ln z / S)/ln n`: one pass, and no column of `p`.
pub(super) fn entropy(
    parts: &Parts,
    sources: &[&Source],
    method: &'static str,
) -> Result<Vec<Vec<f64>>, Error> {
    let frame = parts.frame;
    let sums = frame.each(|piece| {
        let (mut z, mut logs) = (Vec::new(), Vec::new());
        let mut block = |source: &Source, block: Piece| {
            source.nearly(&block, &mut z);
            ln_all(&z, &mut logs);
            Sums { z: sum(&z), z_ln_z: dot(&z, &logs), extremes: Extremes::of(&z) }
        };
        let mut of = |source: &&Source| {
            piece.blocks().map(|rows| block(source, rows)).fold(Sums::NONE, Sums::and)
        };
        sources.iter().map(&mut of).collect::<Vec<_>>()
    });
    let groups = frame.weigh.rows.len();
    let mut all = vec![vec![Sums::NONE; groups]; sources.len()];
    for (piece, part) in frame.pieces.iter().zip(&sums) {
        for (all, part) in all.iter_mut().zip(part) {
            let all = &mut all[piece.weigh];
            *all = all.and(*part);
        }
    }
    let mut entropy = vec![vec![0.0; groups]; sources.len()];
    for (j, (entropy, sums)) in entropy.iter_mut().zip(&all).enumerate() {
        for (group, (entropy, sums)) in entropy.iter_mut().zip(sums).enumerate() {
            let Extremes { min, max } = sums.extremes;
            if min < 0.0 {
                return Err(negative(parts, sources[j], j, group, method));
            }
            let n = frame.weigh.rows[group].len();
            if n == 1 {
                let entity = frame.place(frame.weigh.rows[group].start).0;
                let period = frame.weigh.period(group);
                return Err(Error::OneRow { index: parts.names[j].clone(), entity, period });
            }
            if min >= max {
                return Err(parts.no_variation(j, group));
            }
            *entropy = (sums.z.ln() - sums.z_ln_z / sums.z) / (n as f64).ln();
        }
    }
    Ok(entropy)
}

/// The first negative value of a column in a group.
fn negative(parts: &Parts, source: &Source, j: usize, group: usize, method: &'static str) -> Error {
    let frame = parts.frame;
    let of_group = |piece: &&Piece| piece.weigh == group;
    let found = frame.pieces.iter().filter(of_group).find_map(|piece| {
        let values = piece.rows.clone().map(|row| (row, source.at(row, piece.normal)));
        values.into_iter().find(|(_, value)| *value < 0.0)
    });
    let (row, value) = found.unwrap_or_default();
    let (entity, period) = frame.place(row);
    Error::Sign {
        column: parts.names[j].clone(),
        value,
        entity,
        period,
        step: method,
        needs: "numbers that are not negative",
        cure: "normalise by min-max, or shift by more",
    }
}
