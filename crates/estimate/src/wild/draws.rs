//! Draws: a block at a time, several side by side.

use rayon::prelude::*;

use super::WildWeights;
use super::scores::{Form, Rows, Scores};
use super::weights::enumerated;
use crate::Error;

/// Draws that are worked on side by side: their sums stay in registers.
const LANES: usize = 8;
/// Draws in a piece of work.
const BLOCK: usize = 64;

type Lanes = [f64; LANES];

/// Products of the two numerators and the two scores of a draw. Under the null moved by `δ` the
/// statistic is `(n₀ + δ n₁) / √(c (v₀₀ + 2δ v₀₁ + δ² v₁₁))`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    /// `n₀`, `n₁`.
    pub(super) numerator: [f64; 2],
    /// `v₀₀`, `v₀₁`, `v₁₁`.
    pub(super) variance: [f64; 3],
}

/// Where the weights come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    Enumerated,
    Random(WildWeights, u64),
}

impl Source {
    fn fill<'v>(self, draw: usize, v: impl Iterator<Item = &'v mut f64>) {
        match self {
            Self::Enumerated => enumerated(draw, v),
            Self::Random(weights, seed) => weights.fill(seed, draw, v),
        }
    }
}

/// The moments of every draw, in their order.
pub(super) fn moments(
    rows: &Rows<'_>,
    scores: &Scores,
    source: Source,
    n_draws: usize,
    tick: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Moments>, Error> {
    let starts: Vec<usize> = (0..n_draws).step_by(BLOCK).collect();
    let block = |start: usize| {
        let mut work = Work::new(scores);
        let mut moments = Vec::with_capacity(BLOCK);
        let end = (start + BLOCK).min(n_draws);
        for first in (start..end).step_by(LANES) {
            let count = LANES.min(end - first);
            work.v.fill([0.0; LANES]);
            for lane in 0..count {
                source.fill(first + lane, work.v.iter_mut().map(|v| &mut v[lane]));
            }
            work.scores(rows, scores, count)?;
            moments.extend((0..count).map(|lane| work.moments(lane)));
        }
        tick(end - start);
        Ok(moments)
    };
    let blocks: Vec<Vec<Moments>> =
        starts.into_par_iter().map(block).collect::<Result<_, Error>>()?;
    Ok(blocks.concat())
}

/// What a block of draws needs, made once for it.
struct Work {
    /// Weights of the draw clusters.
    v: Vec<Lanes>,
    /// `Σ_g v_g r_g`.
    sums: Vec<Lanes>,
    /// `z`, one vector for each of the residuals.
    z: Vec<Vec<Lanes>>,
    numerator: [Lanes; 2],
    variance: [Lanes; 3],
}

impl Work {
    fn new(scores: &Scores) -> Self {
        let rank = if let Form::Factored { rank, .. } = scores.form { rank } else { 0 };
        Self {
            v: vec![[0.0; LANES]; scores.home.len()],
            sums: vec![[0.0; LANES]; rank],
            z: vec![vec![[0.0; LANES]; scores.n_clusters]; scores.own.len()],
            numerator: [[0.0; LANES]; 2],
            variance: [[0.0; LANES]; 3],
        }
    }

    fn scores(&mut self, rows: &Rows<'_>, scores: &Scores, count: usize) -> Result<(), Error> {
        for (e, z) in self.z.iter_mut().enumerate() {
            let own = &scores.own[e];
            product(own, &self.v, std::slice::from_mut(&mut self.numerator[e]));
            match &scores.form {
                Form::Kernel(kernel) => product(&kernel[e], &self.v, z),
                Form::Factored { right, left, .. } => {
                    product(&right[e], &self.v, &mut self.sums);
                    product(left, &self.sums, z);
                    for z in &mut *z {
                        *z = z.map(|z| -z);
                    }
                    for ((v, own), &home) in self.v.iter().zip(own).zip(&scores.home) {
                        let z = &mut z[home as usize];
                        z.iter_mut().zip(v).for_each(|(z, v)| *z += v * own);
                    }
                }
                Form::Rows => {
                    for lane in 0..count {
                        let codes = rows.draw_by.codes().iter();
                        let weighted = codes.zip(&rows.residuals[e]);
                        let errors = weighted.map(|(&code, u)| self.v[code as usize][lane] * u);
                        let column = rows.project(&errors.collect::<Vec<f64>>())?;
                        z.iter_mut().zip(column).for_each(|(z, value)| z[lane] = value);
                    }
                }
            }
        }
        self.variance = match self.z.as_slice() {
            [a, b] => [squares(a, a), squares(a, b), squares(b, b)],
            [a, ..] => [squares(a, a), [0.0; LANES], [0.0; LANES]],
            [] => [[0.0; LANES]; 3],
        };
        Ok(())
    }

    fn moments(&self, lane: usize) -> Moments {
        Moments {
            numerator: self.numerator.map(|lanes| lanes[lane]),
            variance: self.variance.map(|lanes| lanes[lane]),
        }
    }
}

/// `A V`, a row of `A` for each of `out`, two of them at a time.
fn product(a: &[f64], v: &[Lanes], out: &mut [Lanes]) {
    let width = v.len();
    let mut pairs = out.chunks_exact_mut(2);
    for (out, a) in pairs.by_ref().zip(a.chunks_exact(2 * width)) {
        let (first, second) = a.split_at(width);
        let mut sums = [[0.0; LANES]; 2];
        for ((a, b), v) in first.iter().zip(second).zip(v) {
            for i in 0..LANES {
                sums[0][i] += a * v[i];
                sums[1][i] += b * v[i];
            }
        }
        out.copy_from_slice(&sums);
    }
    if let [out] = pairs.into_remainder() {
        let mut sum = [0.0; LANES];
        for (a, v) in a[a.len() - width..].iter().zip(v) {
            for i in 0..LANES {
                sum[i] += a * v[i];
            }
        }
        *out = sum;
    }
}

fn squares(a: &[Lanes], b: &[Lanes]) -> Lanes {
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for i in 0..LANES {
            sums[i] += a[i] * b[i];
        }
    }
    sums
}
