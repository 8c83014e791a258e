//! Columns as the steps after normalisation see them: made a piece at a time, never stored.

use std::borrow::Cow;

use crate::frame::Piece;

/// What is done to a value before the affine map of its group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Transform {
    Identity,
    /// `|x − target|`.
    Distance(f64),
    /// `1/x`.
    Reciprocal,
}

impl Transform {
    pub(crate) fn apply(self, x: f64) -> f64 {
        match self {
            Self::Identity => x,
            Self::Distance(target) => (x - target).abs(),
            Self::Reciprocal => 1.0 / x,
        }
    }
}

/// `z = (u − origin)/unit`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Affine {
    pub(crate) origin: f64,
    pub(crate) unit: f64,
}

/// A column of numbers to be weighed.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    /// Values of an indicator, normalised and shifted.
    Mapped { x: &'a [f64], transform: Transform, maps: &'a [Affine], add: f64 },
    /// Values as they are: scores of a dimension, or a column as it came.
    Plain(Cow<'a, [f64]>),
}

impl Source<'_> {
    /// The values of a piece.
    pub(crate) fn values(&self, piece: &Piece, out: &mut Vec<f64>) {
        out.clear();
        match self {
            Self::Plain(values) => out.extend_from_slice(&values[piece.rows.clone()]),
            Self::Mapped { x, transform, maps, add } => {
                let x = &x[piece.rows.clone()];
                let (Affine { origin, unit }, add) = (maps[piece.normal], *add);
                match transform {
                    // What the loop does is decided outside it.
                    Transform::Identity => {
                        out.extend(x.iter().map(|x| (x - origin) / unit + add));
                    }
                    transform => {
                        let u = x.iter().map(|&x| transform.apply(x));
                        out.extend(u.map(|u| (u - origin) / unit + add));
                    }
                }
            }
        }
    }

    /// Adds `w` times the values of a piece to `out`.
    pub(crate) fn add(&self, w: f64, piece: &Piece, buffer: &mut Vec<f64>, out: &mut [f64]) {
        if let Self::Mapped { x, transform: Transform::Identity, maps, add } = self {
            let (Affine { origin, unit }, add) = (maps[piece.normal], *add);
            for (out, x) in out.iter_mut().zip(&x[piece.rows.clone()]) {
                *out += w * ((x - origin) / unit + add);
            }
        } else {
            self.values(piece, buffer);
            out.iter_mut().zip(buffer.iter()).for_each(|(out, z)| *out += w * z);
        }
    }

    /// The same to within a unit in the last place: a product costs a fraction of a quotient, and
    /// only a quotient makes the greatest value exactly one.
    pub(crate) fn nearly(&self, piece: &Piece, out: &mut Vec<f64>) {
        match self {
            Self::Mapped { x, transform: Transform::Identity, maps, add } => {
                let (Affine { origin, unit }, add) = (maps[piece.normal], *add);
                let inverse = 1.0 / unit;
                out.clear();
                out.extend(x[piece.rows.clone()].iter().map(|x| (x - origin) * inverse + add));
            }
            _ => self.values(piece, out),
        }
    }

    /// One value.
    pub(crate) fn at(&self, row: usize, normal: usize) -> f64 {
        match self {
            Self::Plain(values) => values[row],
            Self::Mapped { x, transform, maps, add } => {
                let Affine { origin, unit } = maps[normal];
                (transform.apply(x[row]) - origin) / unit + add
            }
        }
    }
}

/// `Σ values`, in eight lanes.
pub(crate) fn sum(values: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += x;
        }
    }
    lanes.iter().chain(rest).sum()
}

/// `Σ a b`, in eight lanes.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (x, y) in a.iter().zip(b) {
        for (lane, (x, y)) in lanes.iter_mut().zip(x.iter().zip(y)) {
            *lane += x * y;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    lanes.iter().sum::<f64>() + rest
}
