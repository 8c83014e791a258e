//! The rows that have every indicator, in an order in which the periods lie together.

use std::borrow::Cow;
use std::ops::Range;

use panel::{Name, Panel, Term};
use rayon::prelude::*;

use crate::{Error, Over};

/// Rows of one pass over all columns; the order of sums is that of pieces. Memory is read faster in
/// long runs.
const PIECE: usize = 16_384;

/// Rows of which a few columns fit the innermost cache.
const BLOCK: usize = 1024;

/// Least and greatest of a run of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Extremes {
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Extremes {
    pub(crate) const NONE: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY };

    pub(crate) fn of(values: &[f64]) -> Self {
        let mut lanes = [Self::NONE; 8];
        let (chunks, rest) = values.as_chunks::<8>();
        for chunk in chunks {
            for (lane, &x) in lanes.iter_mut().zip(chunk) {
                *lane = lane.with(x);
            }
        }
        let all = lanes.into_iter().fold(Self::NONE, Self::and);
        rest.iter().fold(all, |all, &x| all.with(x))
    }

    /// NaN is passed over.
    fn with(self, x: f64) -> Self {
        Self {
            min: if x < self.min { x } else { self.min },
            max: if x > self.max { x } else { self.max },
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }
}

/// A piece of rows that lie in one group of each kind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    pub(crate) rows: Range<usize>,
    /// The group that is normalised together.
    pub(crate) normal: usize,
    /// The group that has weights of its own.
    pub(crate) weigh: usize,
}

impl Piece {
    /// Its rows in blocks, for several loops over the same numbers.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Self> {
        let block = |start: usize| {
            let rows = start..(start + BLOCK).min(self.rows.end);
            Self { rows, ..*self }
        };
        self.rows.clone().step_by(BLOCK).map(block)
    }
}

/// Columns without holes.
#[derive(Debug)]
pub(crate) struct Frame<'p> {
    panel: &'p Panel,
    /// One an indicator, rows in the order of `rows`.
    pub(crate) columns: Vec<Cow<'p, [f64]>>,
    pub(crate) names: Vec<Name>,
    /// Of each column, if no row is left out: they are had while holes are looked for.
    pub(crate) extremes: Option<Vec<Extremes>>,
    /// Rows of the panel; all of them in their order if not given.
    rows: Option<Vec<usize>>,
    pub(crate) n: usize,
    /// Rows left out, in the order of the panel, with what each lacks.
    pub(crate) left_out: Vec<(usize, Vec<usize>)>,
    pub(crate) normal: Groups,
    pub(crate) weigh: Groups,
    pub(crate) pieces: Vec<Piece>,
}

/// Runs of rows that are taken together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Groups {
    pub(crate) rows: Vec<Range<usize>>,
    /// The period of each, if they are periods.
    pub(crate) periods: Option<Vec<i32>>,
}

impl Groups {
    pub(crate) fn period(&self, group: usize) -> Option<i32> {
        self.periods.as_ref().map(|periods| periods[group])
    }
}

impl<'p> Frame<'p> {
    pub(crate) fn new(
        panel: &'p Panel,
        index: &str,
        names: Vec<Name>,
        normal: Over,
        weigh: Over,
    ) -> Result<Self, Error> {
        let values = |name: &Name| panel.values(&Term::Var(name.clone()));
        let columns: Vec<Cow<'p, [f64]>> = names.iter().map(values).collect::<Result<_, _>>()?;
        let n_rows = panel.n_rows();
        let (holes, extremes) = holes(panel, &names, &columns)?;
        let extremes = holes.is_empty().then_some(extremes);
        let left_out: Vec<(usize, Vec<usize>)> = holes
            .into_iter()
            .map(|row| (row, (0..names.len()).filter(|&j| columns[j][row].is_nan()).collect()))
            .collect();
        let n = n_rows - left_out.len();
        if n == 0 {
            let missing = |j: usize| columns[j].iter().filter(|x| x.is_nan()).count();
            let emptiest = (0..names.len()).max_by_key(|&j| missing(j)).unwrap_or_default();
            return Err(Error::Empty {
                index: index.to_owned(),
                rows: n_rows,
                emptiest: names[emptiest].clone(),
                missing: missing(emptiest),
            });
        }
        let by_period = normal == Over::Period || weigh == Over::Period;
        let rows = (by_period || !left_out.is_empty()).then(|| {
            let mut out = vec![false; n_rows];
            for &(row, _) in &left_out {
                out[row] = true;
            }
            let mut rows: Vec<usize> = (0..n_rows).filter(|&row| !out[row]).collect();
            if by_period {
                rows.sort_by_key(|&row| panel.index().period[row]);
            }
            rows
        });
        let columns = match &rows {
            None => columns,
            Some(rows) => columns
                .into_par_iter()
                .map(|column| Cow::Owned(rows.iter().map(|&row| column[row]).collect()))
                .collect(),
        };
        let runs = match &rows {
            Some(rows) if by_period => runs(panel, rows),
            _ => Vec::new(),
        };
        let groups = |over: Over| match over {
            Over::Pooled => Groups { rows: std::iter::once(0..n).collect(), periods: None },
            Over::Period => Groups {
                rows: runs.iter().map(|(_, rows)| rows.clone()).collect(),
                periods: Some(runs.iter().map(|(period, _)| *period).collect()),
            },
        };
        let (normal, weigh) = (groups(normal), groups(weigh));
        let pieces = pieces(&normal, &weigh);
        Ok(Self { panel, columns, names, extremes, rows, n, left_out, normal, weigh, pieces })
    }

    pub(crate) fn panel(&self) -> &Panel {
        self.panel
    }

    /// The row of the panel.
    pub(crate) fn row(&self, at: usize) -> usize {
        self.rows.as_ref().map_or(at, |rows| rows[at])
    }

    /// Entity and period of a row of this frame.
    pub(crate) fn place(&self, at: usize) -> (String, i32) {
        self.panel.row_label(self.row(at))
    }

    /// The numbers of a column of the frame in the order of the panel; rows left out are NaN.
    pub(crate) fn spread(&self, values: Vec<f64>) -> Vec<f64> {
        match &self.rows {
            None => values,
            Some(rows) => {
                let mut column = vec![f64::NAN; self.panel.n_rows()];
                for (&row, value) in rows.iter().zip(values) {
                    column[row] = value;
                }
                column
            }
        }
    }

    /// What `f` makes of every piece, in their order.
    pub(crate) fn each<T: Send>(&self, f: impl Fn(&Piece) -> T + Send + Sync) -> Vec<T> {
        self.pieces.par_iter().map(f).collect()
    }

    /// Fills a column piece by piece.
    pub(crate) fn fill(&self, f: impl Fn(&Piece, &mut [f64]) + Send + Sync) -> Vec<f64> {
        let mut column = vec![0.0; self.n];
        let mut rest = column.as_mut_slice();
        let mut parts = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            let (part, after) = rest.split_at_mut(piece.rows.len());
            parts.push((piece, part));
            rest = after;
        }
        parts.into_par_iter().for_each(|(piece, part)| f(piece, part));
        column
    }
}

/// Rows without some indicator, in their order, and the least and greatest value of each column.
fn holes(
    panel: &Panel,
    names: &[Name],
    columns: &[Cow<[f64]>],
) -> Result<(Vec<usize>, Vec<Extremes>), Error> {
    let starts: Vec<usize> = (0..panel.n_rows()).step_by(PIECE).collect();
    let search = |&start: &usize| {
        let end = (start + PIECE).min(panel.n_rows());
        let (mut rows, mut extremes) = (Vec::new(), Vec::with_capacity(columns.len()));
        for (j, column) in columns.iter().enumerate() {
            let part = &column[start..end];
            extremes.push(Extremes::of(part));
            if is_finite(part) {
                continue;
            }
            for (row, x) in (start..end).zip(part) {
                if x.is_infinite() {
                    return Err((row, j));
                }
                if x.is_nan() {
                    rows.push(row);
                }
            }
        }
        rows.sort_unstable();
        rows.dedup();
        Ok((rows, extremes))
    };
    let found: Vec<Result<_, (usize, usize)>> = starts.par_iter().map(search).collect();
    let mut rows = Vec::new();
    let mut extremes = vec![Extremes::NONE; columns.len()];
    for part in found {
        match part {
            Ok((part, ends)) => {
                rows.extend(part);
                extremes.iter_mut().zip(ends).for_each(|(all, part)| *all = all.and(part));
            }
            Err((row, j)) => {
                let (entity, period) = panel.row_label(row);
                return Err(Error::Infinite { column: names[j].clone(), entity, period });
            }
        }
    }
    Ok((rows, extremes))
}

/// Whether no number is missing or infinite: zero times a finite number is zero.
fn is_finite(values: &[f64]) -> bool {
    let mut lanes = [0.0; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += x * 0.0;
        }
    }
    lanes.iter().chain(rest).map(|x| x * 0.0).sum::<f64>() == 0.0
}

/// The periods of rows that are sorted by period, and where each lies.
fn runs(panel: &Panel, rows: &[usize]) -> Vec<(i32, Range<usize>)> {
    let mut runs: Vec<(i32, Range<usize>)> = Vec::new();
    for (at, &row) in rows.iter().enumerate() {
        let period = panel.index().period[row];
        match runs.last_mut() {
            Some((last, rows)) if *last == period => rows.end = at + 1,
            _ => runs.push((period, at..at + 1)),
        }
    }
    runs
}

fn pieces(normal: &Groups, weigh: &Groups) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (a, first) in normal.rows.iter().enumerate() {
        for (b, second) in weigh.rows.iter().enumerate() {
            let both = first.start.max(second.start)..first.end.min(second.end);
            for start in both.clone().step_by(PIECE) {
                let rows = start..(start + PIECE).min(both.end);
                pieces.push(Piece { rows, normal: a, weigh: b });
            }
        }
    }
    pieces
}
