//! Bootstrap of all effects of a mediation: one Cholesky factor a draw.
//!
//! Let `L L'` be the Cholesky factor of the products of `[W, D, m₁ …, y]`, in this order. Then
//!
//! ```text
//! c   = L[y, D] / L[D, D]          a_j = L[m_j, D] / L[D, D]
//! b   solves the triangle of the mediators, and c' = c − Σ a_j b_j
//! ```

use estimate::{Cholesky, Design};
use ndarray::Array2;
use panel::{Factor, Term};
use rayon::prelude::*;

use super::{MediationSpec, Resampling};
use crate::Error;

/// The effects of one resample.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draw {
    pub(super) total: f64,
    /// `a_j b_j`.
    pub(super) paths: Vec<f64>,
}

impl Draw {
    pub(super) fn indirect(&self) -> f64 {
        self.paths.iter().sum()
    }

    pub(super) fn direct(&self) -> f64 {
        self.total - self.indirect()
    }
}

/// The draws that could be estimated, in their order, and how many were made.
pub(super) struct Draws {
    pub(super) kept: Vec<Draw>,
    pub(super) made: usize,
}

/// What is left of a column's variation by those before it, below which it counts as spanned.
const SPANNED: f64 = 1e-11;

/// Levels of a torn factor become columns of every draw: more than this is too many.
const LEVELS: usize = 256;

pub(super) fn draw(
    design: &Design<'_>,
    spec: &MediationSpec,
    resampling: &Resampling,
    tick: &(dyn Fn(usize) + Sync),
) -> Result<Draws, Error> {
    let units: Vec<u32> = match &resampling.by {
        None => (0..).take(design.n()).collect(),
        Some(by) => {
            let group = design.group(by)?;
            if let Some(i) = group.codes().iter().position(|&code| code == Factor::MISSING) {
                let (entity, period) = design.row_label(i);
                return Err(Error::NoGroup { by: by.clone(), entity, period });
            }
            group.codes().to_vec()
        }
    };
    let n_units = units.iter().max().map_or(0, |unit| *unit as usize + 1);
    if let (1, Some(by)) = (n_units, &resampling.by) {
        return Err(Error::OneDrawn { by: by.clone() });
    }
    let rows = Rows::new(design, spec, &units, resampling)?;
    let one = |replication: u64| {
        let mut stream = estimate::Draws::new(resampling.seed, replication);
        let mut counts = vec![0_u32; n_units];
        for _ in 0..n_units {
            counts[stream.below(n_units)] += 1;
        }
        let draw = rows.effects(&counts, &units);
        tick(1);
        draw
    };
    let made = resampling.replications;
    let kept: Vec<Draw> = (0..made as u64)
        .into_par_iter()
        .map(one)
        .collect::<Vec<_>>()
        .into_iter()
        .flatten()
        .collect();
    if kept.len() < 2 || kept.len() < made / 2 {
        return Err(Error::FewDraws { kept: kept.len(), made });
    }
    Ok(Draws { kept, made })
}

/// `[W, D, m₁ …, y]`, row by row.
struct Rows {
    values: Vec<f64>,
    width: usize,
    /// Columns that may be spanned: indicators, of which a resample may miss a level.
    n_free: usize,
    n_mediators: usize,
}

impl Rows {
    fn new(
        design: &Design<'_>,
        spec: &MediationSpec,
        units: &[u32],
        resampling: &Resampling,
    ) -> Result<Self, Error> {
        let n = design.n();
        let mut columns: Vec<Vec<f64>> = Vec::new();
        let mut absorbed: Vec<(&str, &Factor)> = design.absorbed().collect();
        // The first factor that stays within the units is taken out by its means.
        let by = resampling.by.clone().unwrap_or_else(|| "row".to_owned());
        let within = absorbed.iter().position(|(_, factor)| nested(factor.codes(), units));
        let within = within.map(|at| absorbed.remove(at).1);
        for (name, factor) in absorbed {
            if factor.n_levels() > LEVELS {
                return Err(Error::NotNested { effect: name.to_owned(), by });
            }
            for level in 0..factor.n_levels() {
                let indicator = |&code: &u32| f64::from(u8::from(code as usize == level));
                columns.push(factor.codes().iter().map(indicator).collect());
            }
        }
        if design.absorbed().next().is_none() && design.has_constant() {
            columns.push(vec![1.0; n]);
        }
        let n_free = columns.len();
        let position = |wanted: &Term| design.terms().iter().position(|term| term == wanted);
        let last: Vec<usize> =
            std::iter::once(&spec.treatment).chain(&spec.mediators).filter_map(position).collect();
        let controls = (0..design.terms().len()).filter(|j| !last.contains(j));
        columns.extend(controls.chain(last.iter().copied()).map(|j| design.column(j).to_vec()));
        columns.push(design.response().to_vec());
        for column in &mut columns[n_free..] {
            // Where there is a constant, explicit or absorbed, levels carry nothing but rounding.
            if n_free > 0 || within.is_some() {
                let mean = column.iter().sum::<f64>() / n as f64;
                for v in column {
                    *v -= mean;
                }
            }
        }
        if let Some(factor) = within {
            for column in &mut columns {
                demean(column, factor);
            }
        }
        let width = columns.len();
        let values = (0..n).flat_map(|i| columns.iter().map(move |column| column[i])).collect();
        Ok(Self { values, width, n_free, n_mediators: spec.mediators.len() })
    }

    /// The effects where unit `u` is taken `counts[u]` times; `None` where they are not identified.
    fn effects(&self, counts: &[u32], units: &[u32]) -> Option<Draw> {
        let p = self.width;
        let mut gram = Array2::<f64>::zeros((p, p));
        for (row, &unit) in self.values.chunks_exact(p).zip(units) {
            let count = counts[unit as usize];
            if count == 0 {
                continue;
            }
            for (i, a) in row.iter().enumerate() {
                let a = a * f64::from(count);
                if a != 0.0 {
                    for (j, b) in row[..=i].iter().enumerate() {
                        gram[[i, j]] += a * b;
                    }
                }
            }
        }
        for i in 0..p {
            for j in 0..i {
                gram[[j, i]] = gram[[i, j]];
            }
        }
        let (factor, spanned) = Cholesky::new(&gram, SPANNED);
        if spanned.iter().any(|&column| column >= self.n_free && column < p - 1) {
            return None;
        }
        let (l, m) = (factor.lower(), self.n_mediators);
        let (y, d) = (p - 1, p - 2 - m);
        let mediator = |j: usize| d + 1 + j;
        let mut b = vec![0.0; m];
        for j in (0..m).rev() {
            let later: f64 = (j + 1..m).map(|i| l[[mediator(i), mediator(j)]] * b[i]).sum();
            b[j] = (l[[y, mediator(j)]] - later) / l[[mediator(j), mediator(j)]];
        }
        let a = |j: usize| l[[mediator(j), d]] / l[[d, d]];
        let draw = Draw {
            total: l[[y, d]] / l[[d, d]],
            paths: b.iter().enumerate().map(|(j, b)| a(j) * b).collect(),
        };
        (draw.total.is_finite() && draw.paths.iter().all(|path| path.is_finite())).then_some(draw)
    }
}

/// Whether every level lies within one unit.
fn nested(codes: &[u32], units: &[u32]) -> bool {
    let mut home = vec![u32::MAX; codes.iter().max().map_or(0, |code| *code as usize + 1)];
    codes.iter().zip(units).all(|(&code, &unit)| {
        let home = &mut home[code as usize];
        if *home == u32::MAX {
            *home = unit;
        }
        *home == unit
    })
}

fn demean(column: &mut [f64], factor: &Factor) {
    let (mut sums, mut sizes) = (vec![0.0; factor.n_levels()], vec![0.0; factor.n_levels()]);
    for (v, &code) in column.iter().zip(factor.codes()) {
        sums[code as usize] += v;
        sizes[code as usize] += 1.0;
    }
    for (v, &code) in column.iter_mut().zip(factor.codes()) {
        *v -= sums[code as usize] / sizes[code as usize];
    }
}
