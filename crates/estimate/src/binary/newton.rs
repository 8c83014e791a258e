//! Newton's method on the log-likelihood, which is concave, and on data that have no maximum.

use ndarray::{Array1, Array2};

use super::link::Link;
use crate::basis::{Basis, linear_index, moments, scale_rows};
use crate::cholesky::Cholesky;
use crate::ls;

/// The maximum, in the columns of a [`Basis`].
pub(crate) struct Maximum {
    pub(crate) gamma: Array1<f64>,
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

/// With as many rows, the search begins at the maximum of one piece in [`EVERY`].
const MANY: usize = 100_000;
const EVERY: usize = 16;

/// Log-likelihood, gradient and information.
struct Point {
    log_likelihood: f64,
    gradient: Array1<f64>,
    information: Array2<f64>,
}

/// On one piece of rows in `every`.
fn evaluate(basis: &Basis<'_>, every: usize, link: Link, y: &[f64], gamma: &[f64]) -> Point {
    let width = basis.width();
    let parts = basis.map_every(every, |rows, mut z| {
        let mut row = signed(&z, gamma, &y[rows.clone()]);
        let mut roots = vec![0.0; rows.len()];
        let log = link.rows(&mut row, &mut roots);
        unsign(&mut row, &y[rows]);
        for bend in &mut roots {
            *bend = bend.sqrt();
        }
        let gradient = moments(&z, &row);
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
        point.gradient += &gradient;
        point.information += &information;
    }
    point
}

/// `z_i = ±x_i'γ`: plus where `y_i = 1`.
pub(super) fn signed(z: &Array2<f64>, gamma: &[f64], y: &[f64]) -> Vec<f64> {
    let mut index = linear_index(z, gamma);
    unsign(&mut index, y);
    index
}

/// Changes signs where `y_i = 0`.
pub(super) fn unsign(v: &mut [f64], y: &[f64]) {
    v.iter_mut().zip(y).for_each(|(v, y)| *v *= 2.0 * y - 1.0);
}

/// Maximises the log-likelihood from `gamma` on; with many rows, from the maximum of some of them.
pub(crate) fn maximise(
    basis: &Basis<'_>,
    link: Link,
    y: &[f64],
    gamma: Array1<f64>,
) -> Result<Maximum, NoMaximum> {
    let mut gamma = gamma;
    if y.len() >= MANY
        && let Ok(some) = search(basis, EVERY, link, y, gamma.clone())
    {
        gamma = some.gamma;
    }
    search(basis, 1, link, y, gamma)
}

fn search(
    basis: &Basis<'_>,
    every: usize,
    link: Link,
    y: &[f64],
    mut gamma: Array1<f64>,
) -> Result<Maximum, NoMaximum> {
    let at =
        |gamma: &Array1<f64>| evaluate(basis, every, link, y, gamma.as_slice().unwrap_or_default());
    let mut point = at(&gamma);
    if !point.log_likelihood.is_finite() {
        gamma.fill(0.0);
        point = at(&gamma);
    }
    let mut last = None;
    let mut distance = f64::INFINITY;
    for iterations in 1..=STEPS {
        let (factor, spanned) = Cholesky::new(&point.information, 0.0);
        let step = factor.solve(point.gradient.view());
        if !spanned.is_empty() || !step.iter().all(|step| step.is_finite()) {
            // Rows that are explained carry no information: what is left does not identify β.
            let direction = last.unwrap_or(step);
            return Err(
                match separated(basis, y, direction.as_slice().unwrap_or_default(), 1e-3) {
                    Some(rows) => NoMaximum::Separated { direction, rows },
                    None => NoMaximum::Slow { iterations, distance },
                },
            );
        }
        let decrement = point.gradient.dot(&step);
        distance = decrement.max(0.0).sqrt();
        if decrement <= CLOSE {
            gamma += &step;
            return Ok(Maximum { gamma, iterations });
        }
        if iterations > SUSPICIOUS
            && let Some(rows) = separated(basis, y, step.as_slice().unwrap_or_default(), 1e-6)
        {
            return Err(NoMaximum::Separated { direction: step, rows });
        }
        // A full step that overshoots is halved; at the end the gain is below rounding.
        let mut length = 1.0;
        let next = loop {
            let next = &gamma + &(&step * length);
            let there = at(&next);
            // Logarithms are of products of rows: each has its own rounding, however small it is.
            let rounding = 1e-13 * point.log_likelihood.abs() + 1e-16 * y.len() as f64;
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
        last = Some(step);
    }
    Err(NoMaximum::Slow { iterations: STEPS, distance })
}

/// Rows that a direction of `γ` explains, if it moves no row the wrong way.
///
/// A maximum is approached by smaller and smaller steps; along a direction that separates, every
/// step moves the index by about as much as the last.
fn separated(basis: &Basis<'_>, y: &[f64], direction: &[f64], tolerance: f64) -> Option<usize> {
    /// A step that moves no index by this is the end of an ordinary search.
    const MOVES: f64 = 0.02;
    let parts = basis.map(|rows, z| {
        let moves = linear_index(&z, direction);
        let signed = |(move_, y): (f64, &f64)| (2.0 * y - 1.0) * move_;
        moves.into_iter().zip(&y[rows.clone()]).map(signed).collect::<Vec<f64>>()
    });
    let (least, most) =
        parts.iter().flatten().fold((f64::INFINITY, 0.0_f64), |(least, most), &move_| {
            (least.min(move_), most.max(move_))
        });
    let rows = || parts.iter().flatten().filter(|&&move_| move_ > 1e-3 * most).count();
    (most > MOVES && least >= -tolerance * most).then(rows)
}
