//! Means, standard deviations and correlations by group, in two passes.

use ndarray::Array2;

use super::Parts;
use crate::source::{Source, dot, sum};

/// Moments by column and group.
pub(super) struct Moments {
    pub(super) mean: Vec<Vec<f64>>,
    /// With `n − 1`; a constant factor that weights do not see.
    pub(super) sd: Vec<Vec<f64>>,
}

pub(super) fn moments(parts: &Parts, sources: &[&Source]) -> Moments {
    let mean = gathered(parts, sources.len(), |piece, buffer, j| {
        sources[j].values(piece, buffer);
        sum(buffer)
    });
    let n = |group: usize| parts.frame.weigh.rows[group].len() as f64;
    let mean: Vec<Vec<f64>> = mean
        .into_iter()
        .map(|sums| sums.iter().enumerate().map(|(group, sum)| sum / n(group)).collect())
        .collect();
    let squares = gathered(parts, sources.len(), |piece, buffer, j| {
        sources[j].values(piece, buffer);
        let mean = mean[j][piece.weigh];
        buffer.iter().map(|x| (x - mean) * (x - mean)).sum()
    });
    let size = |j: usize, group: usize| mean[j][group].abs();
    let sd = squares.into_iter().enumerate().map(|(j, sums)| {
        let sd = |(group, sum): (usize, f64)| {
            let sd = (sum / (n(group) - 1.0).max(1.0)).sqrt();
            // What rounding of the mean leaves of a column that does not vary.
            if sd <= 1e-14 * size(j, group) { 0.0 } else { sd }
        };
        sums.into_iter().enumerate().map(sd).collect()
    });
    let sd = sd.collect();
    Moments { mean, sd }
}

/// Sums over pieces, in their order, by column and group.
fn gathered(
    parts: &Parts,
    columns: usize,
    f: impl Fn(&crate::frame::Piece, &mut Vec<f64>, usize) -> f64 + Send + Sync,
) -> Vec<Vec<f64>> {
    let found = parts.frame.each(|piece| {
        let mut buffer = Vec::new();
        (0..columns).map(|j| f(piece, &mut buffer, j)).collect::<Vec<_>>()
    });
    let mut all = vec![vec![0.0; parts.frame.weigh.rows.len()]; columns];
    for (piece, found) in parts.frame.pieces.iter().zip(&found) {
        for (all, part) in all.iter_mut().zip(found) {
            all[piece.weigh] += part;
        }
    }
    all
}

/// The correlation matrix of each group; every column varies in it.
pub(super) fn correlations(
    parts: &Parts,
    sources: &[&Source],
    moments: &Moments,
) -> Vec<Array2<f64>> {
    let k = sources.len();
    let found = parts.frame.each(|piece| {
        let columns: Vec<Vec<f64>> = sources
            .iter()
            .enumerate()
            .map(|(j, source)| {
                let mut values = Vec::new();
                source.values(piece, &mut values);
                let (mean, sd) = (moments.mean[j][piece.weigh], moments.sd[j][piece.weigh]);
                for x in &mut values {
                    *x = (*x - mean) / sd;
                }
                values
            })
            .collect();
        let pair = |i: usize, j: usize| if j > i { 0.0 } else { dot(&columns[i], &columns[j]) };
        Array2::from_shape_fn((k, k), |(i, j)| pair(i, j))
    });
    let mut all = vec![Array2::<f64>::zeros((k, k)); parts.frame.weigh.rows.len()];
    for (piece, part) in parts.frame.pieces.iter().zip(&found) {
        all[piece.weigh] += part;
    }
    all.into_iter()
        .map(|sums| {
            Array2::from_shape_fn((k, k), |(i, j)| match i.cmp(&j) {
                std::cmp::Ordering::Equal => 1.0,
                _ => sums[[i.max(j), i.min(j)]] / (sums[[i, i]] * sums[[j, j]]).sqrt(),
            })
        })
        .collect()
}
