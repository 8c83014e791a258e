//! Indicators made comparable: an affine map a group, after at most one transformation of the values.

use crate::Error;
use crate::frame::{Extremes, Frame, Groups, Piece};
use crate::scheme::{Direction, Indicator, Normalise};
use crate::source::{Affine, Transform, sum};

/// How each indicator is normalised.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Normal {
    pub(crate) transform: Transform,
    /// One a group.
    pub(crate) maps: Vec<Affine>,
}

const UNTOUCHED: Affine = Affine { origin: 0.0, unit: 1.0 };

/// Σ, least and greatest of the transformed values, and Σ of squares about a centre.
#[derive(Debug, Clone, Copy)]
struct Totals {
    sum: f64,
    extremes: Extremes,
}

pub(crate) fn normalise(
    frame: &Frame,
    index: &str,
    indicators: &[Indicator],
    how: Normalise,
) -> Result<Vec<Normal>, Error> {
    let transforms: Vec<Transform> = indicators
        .iter()
        .map(|indicator| match indicator.direction {
            Direction::Target(target) => Ok(Transform::Distance(target)),
            Direction::Negative if how == Normalise::Sum => Ok(Transform::Reciprocal),
            Direction::Negative if how == Normalise::None => Err(not_reversed(indicator, how)),
            _ => Ok(Transform::Identity),
        })
        .collect::<Result<_, _>>()?;
    if let Some(one) = frame.normal.rows.iter().position(|rows| rows.len() == 1) {
        let entity = frame.place(frame.normal.rows[one].start).0;
        let period = frame.normal.period(one);
        return Err(Error::OneRow { index: index.to_owned(), entity, period });
    }
    let extremes_only = matches!(how, Normalise::MinMax | Normalise::Max | Normalise::None);
    let totals = totals(frame, &transforms, extremes_only);
    let squares = match how {
        Normalise::ZScore | Normalise::ZScoreN => {
            let centres: Vec<Vec<f64>> = means(&frame.normal, &totals);
            Some(squares(frame, &transforms, &centres))
        }
        Normalise::Vector => {
            let zeros = vec![vec![0.0; frame.normal.rows.len()]; indicators.len()];
            Some(squares(frame, &transforms, &zeros))
        }
        _ => None,
    };

    let mut normals = Vec::with_capacity(indicators.len());
    for (j, (indicator, transform)) in indicators.iter().zip(transforms).enumerate() {
        let mut maps = Vec::with_capacity(frame.normal.rows.len());
        for (group, rows) in frame.normal.rows.iter().enumerate() {
            let at = At { frame, indicator, j, group, transform, how };
            let squared = squares.as_ref().map_or(0.0, |squares| squares[j][group]);
            maps.push(at.map(totals[j][group], squared, rows.len())?);
        }
        normals.push(Normal { transform, maps });
    }
    Ok(normals)
}

fn not_reversed(indicator: &Indicator, normalise: Normalise) -> Error {
    let direction = indicator.direction.to_string();
    Error::NotReversed { indicator: indicator.name.clone(), direction, normalise }
}

/// The transformed values of a piece of an indicator.
fn values<'a>(
    frame: &'a Frame,
    j: usize,
    transform: Transform,
    piece: &Piece,
    buffer: &'a mut Vec<f64>,
) -> &'a [f64] {
    let x = &frame.columns[j][piece.rows.clone()];
    if transform == Transform::Identity {
        return x;
    }
    buffer.clear();
    buffer.extend(x.iter().map(|&x| transform.apply(x)));
    buffer
}

fn totals(frame: &Frame, transforms: &[Transform], extremes_only: bool) -> Vec<Vec<Totals>> {
    let plain = transforms.iter().all(|&transform| transform == Transform::Identity);
    if let (true, true, 1, Some(extremes)) =
        (extremes_only, plain, frame.normal.rows.len(), &frame.extremes)
    {
        return extremes.iter().map(|&extremes| vec![Totals { sum: 0.0, extremes }]).collect();
    }
    let parts = frame.each(|piece| {
        let mut buffer = Vec::new();
        let total = |(j, &transform): (usize, &Transform)| {
            let values = values(frame, j, transform, piece, &mut buffer);
            let sum = if extremes_only { 0.0 } else { sum(values) };
            Totals { sum, extremes: Extremes::of(values) }
        };
        transforms.iter().enumerate().map(total).collect::<Vec<_>>()
    });
    let none = Totals { sum: 0.0, extremes: Extremes::NONE };
    gather(frame, &parts, transforms.len(), none, |all, part| Totals {
        sum: all.sum + part.sum,
        extremes: all.extremes.and(part.extremes),
    })
}

/// Adds the parts up by column and group, in the order of the pieces.
fn gather<T: Copy>(
    frame: &Frame,
    parts: &[Vec<T>],
    columns: usize,
    none: T,
    add: impl Fn(T, T) -> T,
) -> Vec<Vec<T>> {
    let mut all = vec![vec![none; frame.normal.rows.len()]; columns];
    for (piece, part) in frame.pieces.iter().zip(parts) {
        for (all, &part) in all.iter_mut().zip(part) {
            all[piece.normal] = add(all[piece.normal], part);
        }
    }
    all
}

fn means(groups: &Groups, totals: &[Vec<Totals>]) -> Vec<Vec<f64>> {
    let mean = |totals: &Vec<Totals>| {
        groups.rows.iter().zip(totals).map(|(rows, t)| t.sum / rows.len() as f64).collect()
    };
    totals.iter().map(mean).collect()
}

/// `Σ(u − centre)²` by column and group.
fn squares(frame: &Frame, transforms: &[Transform], centres: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let parts = frame.each(|piece| {
        let mut buffer = Vec::new();
        let mut part = Vec::with_capacity(transforms.len());
        for (j, (&transform, centres)) in transforms.iter().zip(centres).enumerate() {
            let centre = centres[piece.normal];
            let values = values(frame, j, transform, piece, &mut buffer);
            part.push(values.iter().map(|u| (u - centre) * (u - centre)).sum::<f64>());
        }
        part
    });
    gather(frame, &parts, transforms.len(), 0.0, |all, part| all + part)
}

/// One indicator in one group.
struct At<'a> {
    frame: &'a Frame<'a>,
    indicator: &'a Indicator,
    j: usize,
    group: usize,
    transform: Transform,
    how: Normalise,
}

impl At<'_> {
    fn map(&self, totals: Totals, squares: f64, n: usize) -> Result<Affine, Error> {
        let Totals { sum, extremes: Extremes { min, max } } = totals;
        let fewer = self.indicator.direction != Direction::Positive;
        if self.how == Normalise::None {
            return if fewer { Err(not_reversed(self.indicator, self.how)) } else { Ok(UNTOUCHED) };
        }
        // A reciprocal of zero is infinite, and no least or greatest value.
        if self.transform == Transform::Reciprocal {
            self.require(|x| x > 0.0, "the sum of reciprocals", "positive numbers")?;
        }
        if min >= max {
            return Err(Error::NoVariation {
                column: self.indicator.name.clone(),
                value: self.frame.columns[self.j][self.frame.normal.rows[self.group].start],
                rows: n,
                period: self.frame.normal.period(self.group),
            });
        }
        let mean = sum / n as f64;
        let (high, low) =
            (Affine { origin: max, unit: min - max }, Affine { origin: min, unit: max - min });
        Ok(match self.how {
            Normalise::None => UNTOUCHED,
            Normalise::MinMax => {
                if fewer {
                    high
                } else {
                    low
                }
            }
            Normalise::ZScore | Normalise::ZScoreN => {
                let less = usize::from(self.how == Normalise::ZScore);
                let sd = (squares / (n - less) as f64).sqrt();
                Affine { origin: mean, unit: if fewer { -sd } else { sd } }
            }
            Normalise::Sum => {
                self.require(|x| x >= 0.0, "a share of the sum", "numbers that are not negative")?;
                // A distance from a target stays a distance: its reciprocal has no sum at the target.
                if matches!(self.indicator.direction, Direction::Target(_)) {
                    return Err(not_reversed(self.indicator, self.how));
                }
                Affine { origin: 0.0, unit: sum }
            }
            Normalise::Vector => scaled(squares.sqrt(), fewer),
            Normalise::Max => {
                self.require(
                    |x| x >= 0.0,
                    "a share of the greatest value",
                    "numbers that are not negative",
                )?;
                scaled(max, fewer)
            }
        })
    }

    /// Fails at the first value in the group that is not as it should be.
    fn require(
        &self,
        good: impl Fn(f64) -> bool,
        step: &'static str,
        needs: &'static str,
    ) -> Result<(), Error> {
        let rows = self.frame.normal.rows[self.group].clone();
        let column = &self.frame.columns[self.j];
        let Some(row) = rows.into_iter().find(|&row| !good(column[row])) else { return Ok(()) };
        let (entity, period) = self.frame.place(row);
        Err(Error::Sign {
            column: self.indicator.name.clone(),
            value: column[row],
            entity,
            period,
            step,
            needs,
            cure: "normalise otherwise, or mend the value",
        })
    }
}

/// `u/unit`, or `1 − u/unit`.
fn scaled(unit: f64, fewer: bool) -> Affine {
    if fewer { Affine { origin: unit, unit: -unit } } else { Affine { origin: 0.0, unit } }
}
