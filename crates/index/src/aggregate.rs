//! Weighted columns become one number a row.

use crate::Error;
use crate::frame::{Extremes, Frame};
use crate::scheme::Aggregate;
use crate::source::Source;

/// Columns and their weights by group.
pub(crate) struct Weighted<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) name: &'a str,
    pub(crate) weights: Vec<f64>,
}

/// The scores of the rows of a frame.
pub(crate) fn aggregate(
    frame: &Frame,
    columns: &[Weighted],
    how: Aggregate,
) -> Result<Vec<f64>, Error> {
    match how {
        Aggregate::Linear => Ok(frame.fill(|piece, out| {
            let mut z = Vec::new();
            for column in columns {
                column.source.add(column.weights[piece.weigh], piece, &mut z, out);
            }
        })),
        Aggregate::Geometric => {
            positive(frame, columns)?;
            Ok(frame.fill(|piece, out| {
                let mut z = Vec::new();
                for column in columns {
                    let w = column.weights[piece.weigh];
                    if w > 0.0 {
                        column.source.values(piece, &mut z);
                        out.iter_mut().zip(&z).for_each(|(out, z)| *out += w * z.ln());
                    }
                }
                for out in out.iter_mut() {
                    *out = out.exp();
                }
            }))
        }
        Aggregate::Topsis => {
            let ideal = ideal(frame, columns);
            Ok(frame.fill(|piece, out| {
                let mut z = Vec::new();
                let mut worst = vec![0.0; out.len()];
                for (column, ideal) in columns.iter().zip(&ideal) {
                    column.source.values(piece, &mut z);
                    let (w, Extremes { min, max }) =
                        (column.weights[piece.weigh], ideal[piece.normal]);
                    for ((best, worst), z) in out.iter_mut().zip(&mut worst).zip(&z) {
                        *best += (w * (max - z)).powi(2);
                        *worst += (w * (z - min)).powi(2);
                    }
                }
                for (best, worst) in out.iter_mut().zip(&worst) {
                    let (far, near) = (best.sqrt(), worst.sqrt());
                    *best = near / (far + near);
                }
            }))
        }
    }
}

/// Least and greatest values by column and group.
fn ideal(frame: &Frame, columns: &[Weighted]) -> Vec<Vec<Extremes>> {
    let parts = frame.each(|piece| {
        let mut z = Vec::new();
        let extremes = |column: &Weighted| {
            column.source.values(piece, &mut z);
            Extremes::of(&z)
        };
        columns.iter().map(extremes).collect::<Vec<_>>()
    });
    let mut all = vec![vec![Extremes::NONE; frame.normal.rows.len()]; columns.len()];
    for (piece, part) in frame.pieces.iter().zip(&parts) {
        for (all, &part) in all.iter_mut().zip(part) {
            all[piece.normal] = all[piece.normal].and(part);
        }
    }
    all
}

/// Fails at the first value that has no logarithm.
fn positive(frame: &Frame, columns: &[Weighted]) -> Result<(), Error> {
    let found = frame.each(|piece| {
        columns.iter().find_map(|column| {
            let mut z = Vec::new();
            column.source.values(piece, &mut z);
            let counts = column.weights[piece.weigh] > 0.0;
            let at = z.iter().position(|&z| counts && z <= 0.0)?;
            Some((column.name.to_owned(), piece.rows.start + at, z[at]))
        })
    });
    match found.into_iter().flatten().next() {
        None => Ok(()),
        Some((column, row, value)) => {
            let (entity, period) = frame.place(row);
            let (step, needs) = ("a geometric mean", "positive numbers");
            let cure = "shift with `shift-in = \"both\"`, or aggregate linearly";
            Err(Error::Sign { column, value, entity, period, step, needs, cure })
        }
    }
}
