//! Newton's method on the log-likelihood, which is concave, and on data that have no maximum.

use ndarray::{Array1, Array2, Axis};
use rayon::prelude::*;

use super::link::Link;
use crate::cholesky::Cholesky;
use crate::ls::{self, CHUNK};
use crate::within::Projected;

/// Columns in which the likelihood is maximised, and how to return from them.
///
/// `Z = [(X − x̄)A, 1]`, with `A` such that `Z` is orthonormal where `X` is ill-conditioned.
pub(crate) struct Basis<'a> {
    pub(crate) projected: &'a Projected<'a>,
    /// `A`, if it is not the identity.
    pub(crate) turn: Option<Array2<f64>>,
    /// Slopes.
    pub(crate) k: usize,
    pub(crate) constant: bool,
}

/// The maximum, in the columns of a [`Basis`].
pub(crate) struct Maximum {
    pub(crate) gamma: Array1<f64>,
    pub(crate) log_likelihood: f64,
    pub(crate) iterations: usize,
}

/// Why there is no maximum, in the columns of a [`Basis`].
pub(crate) enum NoMaximum {
    /// A direction along which the likelihood rises for ever, and how many rows it explains.
    Separated { direction: Array1<f64>, rows: usize },
    /// The distance from the maximum in standard errors when patience ran out.
    Slow { iterations: usize, distance: f64 },
}

/// Steps before giving up; regular data need five to ten.
const STEPS: usize = 100;
/// Regular data are close to their maximum by now: look for separation.
const SUSPICIOUS: usize = 7;
/// At this squared distance in standard errors, one more step reaches rounding.
const CLOSE: f64 = 1e-14;

impl Basis<'_> {
    /// Columns.
    pub(crate) fn width(&self) -> usize {
        self.k + usize::from(self.constant)
    }

    /// `Z` on some rows; columns are contiguous.
    pub(crate) fn piece(&self, rows: std::ops::Range<usize>) -> Array2<f64> {
        let mut z = self.projected.piece(rows);
        if let Some(turn) = &self.turn {
            ls::turn(&mut z, turn);
        }
        if self.constant {
            z.column_mut(self.k).fill(1.0);
        } else {
            z = z.slice_axis_move(Axis(1), ndarray::Slice::from(..self.k));
        }
        z
    }

    /// `f` on every piece of rows; results in the order of the rows.
    fn map<T: Send>(&self, f: impl Fn(usize, Array2<f64>) -> T + Sync) -> Vec<T> {
        let n = self.projected.n();
        let starts: Vec<usize> = (0..n).step_by(CHUNK).collect();
        let piece = |start: usize| f(start, self.piece(start..(start + CHUNK).min(n)));
        starts.into_par_iter().with_min_len(ls::grain(CHUNK)).map(piece).collect()
    }
}

/// `Zγ` on some rows.
pub(crate) fn index(z: &Array2<f64>, gamma: &Array1<f64>) -> Vec<f64> {
    let mut eta = vec![0.0; z.nrows()];
    for (column, g) in z.columns().into_iter().zip(gamma) {
        let column = column.to_slice().unwrap_or_default();
        eta.iter_mut().zip(column).for_each(|(eta, z)| *eta += g * z);
    }
    eta
}

/// Multiplies every column by `weights`.
pub(crate) fn scale_rows(z: &mut Array2<f64>, weights: &[f64]) {
    for mut column in z.columns_mut() {
        column.iter_mut().zip(weights).for_each(|(z, w)| *z *= w);
    }
}

/// Log-likelihood, gradient and information.
struct Point {
    log_likelihood: f64,
    gradient: Array1<f64>,
    information: Array2<f64>,
}

fn evaluate(basis: &Basis<'_>, link: Link, y: &[f64], gamma: &Array1<f64>) -> Point {
    let width = basis.width();
    let parts = basis.map(|start, mut z| {
        let mut slopes = index(&z, gamma);
        let mut roots = vec![0.0; slopes.len()];
        let mut log = 0.0;
        for ((slope, root), y) in slopes.iter_mut().zip(&mut roots).zip(&y[start..]) {
            let sign = 2.0 * y - 1.0;
            let row = link.row(sign * *slope);
            log += row.log;
            *slope = sign * row.slope;
            *root = row.bend.sqrt();
        }
        let columns = z.columns();
        let gradient: Vec<f64> = columns
            .into_iter()
            .map(|z| ls::dot(z.to_slice().unwrap_or_default(), &slopes))
            .collect();
        scale_rows(&mut z, &roots);
        (log, gradient, ls::products(z.view()))
    });
    let mut point = Point {
        log_likelihood: 0.0,
        gradient: Array1::zeros(width),
        information: Array2::zeros((width, width)),
    };
    for (log, gradient, information) in parts {
        point.log_likelihood += log;
        point.gradient.iter_mut().zip(gradient).for_each(|(sum, part)| *sum += part);
        point.information += &information;
    }
    point
}

/// Maximises the log-likelihood from `gamma` on.
pub(crate) fn maximise(
    basis: &Basis<'_>,
    link: Link,
    y: &[f64],
    mut gamma: Array1<f64>,
) -> Result<Maximum, NoMaximum> {
    let mut point = evaluate(basis, link, y, &gamma);
    if !point.log_likelihood.is_finite() {
        gamma.fill(0.0);
        point = evaluate(basis, link, y, &gamma);
    }
    let mut last = None;
    let mut distance = f64::INFINITY;
    for iterations in 1..=STEPS {
        let (factor, spanned) = Cholesky::new(&point.information, 0.0);
        let step = factor.solve(point.gradient.view());
        if !spanned.is_empty() || !step.iter().all(|step| step.is_finite()) {
            // Rows that are explained carry no information: what is left does not identify β.
            let direction = last.unwrap_or(step);
            return Err(match separated(basis, y, &direction, 1e-3) {
                Some(rows) => NoMaximum::Separated { direction, rows },
                None => NoMaximum::Slow { iterations, distance },
            });
        }
        let decrement = point.gradient.dot(&step);
        distance = decrement.max(0.0).sqrt();
        if iterations > SUSPICIOUS
            && let Some(rows) = separated(basis, y, &step, 1e-6)
        {
            return Err(NoMaximum::Separated { direction: step, rows });
        }
        // A full step that overshoots is halved; at the end the gain is below rounding.
        let mut length = 1.0;
        let next = loop {
            let next = &gamma + &(&step * length);
            let there = evaluate(basis, link, y, &next);
            let rounding = 1e-13 * point.log_likelihood.abs();
            if there.log_likelihood >= point.log_likelihood - rounding {
                break Some((next, there));
            }
            length *= 0.5;
            if length < 1e-10 {
                break None;
            }
        };
        let Some((next, there)) = next else {
            return Err(NoMaximum::Slow { iterations, distance });
        };
        gamma = next;
        point = there;
        if decrement <= CLOSE {
            let log_likelihood = point.log_likelihood;
            return Ok(Maximum { gamma, log_likelihood, iterations });
        }
        last = Some(step);
    }
    Err(NoMaximum::Slow { iterations: STEPS, distance })
}

/// Rows that a direction of `γ` explains, if it moves no row the wrong way.
///
/// A maximum is approached by smaller and smaller steps; along a direction that separates, every
/// step moves the index by about as much as the last.
fn separated(
    basis: &Basis<'_>,
    y: &[f64],
    direction: &Array1<f64>,
    tolerance: f64,
) -> Option<usize> {
    /// A step that moves no index by this is the end of an ordinary search.
    const MOVES: f64 = 0.02;
    let parts = basis.map(|start, z| {
        let moves = index(&z, direction);
        let signed = |(move_, y): (f64, &f64)| (2.0 * y - 1.0) * move_;
        moves.into_iter().zip(&y[start..]).map(signed).collect::<Vec<f64>>()
    });
    let (least, most) =
        parts.iter().flatten().fold((f64::INFINITY, 0.0_f64), |(least, most), &move_| {
            (least.min(move_), most.max(move_))
        });
    let rows = || parts.iter().flatten().filter(|&&move_| move_ > 1e-3 * most).count();
    (most > MOVES && least >= -tolerance * most).then(rows)
}
