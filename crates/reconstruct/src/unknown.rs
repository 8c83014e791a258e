//! Columns to be found, and the free numbers behind them.

/// A column to be found.
#[derive(Debug, Clone)]
pub struct Unknown {
    /// What it is called.
    pub name: String,
    /// What its values may be.
    pub values: Values,
    /// Where solving starts; a value that is not allowed is moved to the nearest that is.
    pub start: Vec<f64>,
    /// The cells that keep the value they start with.
    pub fixed: Vec<bool>,
    /// How far a unit of the free numbers moves a cell, as a share of what is said at [`Values`].
    pub pace: f64,
    /// Narrower ends, a cell each, of a column between two ends; empty if there are none. A cell whose two ends
    /// are one keeps the value that it starts with.
    pub fences: Vec<(f64, f64)>,
}

/// What the values of a column may be. Each maps free numbers `z`, one a cell, to values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Values {
    /// Any: `x = x₀ + s z`, with `s` the standard deviation of the start.
    Real,
    /// Above zero: `ln x = ln x₀ + s z`, with `s` the standard deviation of `ln x₀`.
    Positive,
    /// From zero to a largest count, and whole in the end: `ln(1 + x) = ln(1 + b) / (1 + e^(−z))`.
    Count(f64),
    /// Between two ends: `x = a + (b − a) / (1 + e^(−z))`.
    Between(f64, f64),
}

/// The least distance from an end that a cell starts with, as a share of the range.
const EDGE: f64 = 1e-4;

/// How free numbers become the values of one column.
#[derive(Debug, Clone)]
pub(crate) struct Map {
    kind: Kind,
    /// The value of a fixed cell.
    fixed: Vec<Option<f64>>,
    /// Where free numbers start: the values, their logarithms, or their log odds.
    origin: Vec<f64>,
    pace: f64,
}

#[derive(Debug, Clone)]
enum Kind {
    Linear {
        scale: f64,
    },
    Exponential {
        scale: f64,
    },
    Count {
        top: f64,
    },
    /// The ends of each cell.
    Logistic {
        ends: Vec<(f64, f64)>,
    },
}

impl Unknown {
    pub(crate) fn map(&self) -> Map {
        let Self { values, start, fixed, fences, .. } = self;
        let shut = |i: usize| fences.get(i).is_some_and(|(low, high)| low.total_cmp(high).is_eq());
        let kept = (0..start.len()).map(|i| (fixed[i] || shut(i)).then_some(start[i])).collect();
        let odds = |share: f64| {
            let share = share.clamp(EDGE, 1.0 - EDGE);
            (share / (1.0 - share)).ln()
        };
        let (kind, origin) = match *values {
            Values::Real => (Kind::Linear { scale: spread(start) }, start.clone()),
            Values::Positive => {
                let least =
                    start.iter().copied().filter(|&x| x > 0.0).fold(f64::INFINITY, f64::min);
                let least = if least.is_finite() { least } else { 1.0 };
                let logs: Vec<f64> = start.iter().map(|x| x.max(least).ln()).collect();
                (Kind::Exponential { scale: spread(&logs) }, logs)
            }
            Values::Count(top) => {
                let logs: Vec<f64> = start.iter().map(|x| x.max(0.0).ln_1p()).collect();
                let top = top.ln_1p();
                (Kind::Count { top }, logs.iter().map(|x| odds(x / top)).collect())
            }
            Values::Between(low, high) => {
                let within = |i: usize| {
                    fences.get(i).map_or((low, high), |fence| (fence.0.max(low), fence.1.min(high)))
                };
                let ends: Vec<(f64, f64)> = (0..start.len()).map(within).collect();
                let share = |(x, (low, high)): (&f64, &(f64, f64))| odds((x - low) / (high - low));
                let origin = start.iter().zip(&ends).map(share).collect();
                (Kind::Logistic { ends }, origin)
            }
        };
        Map { kind, fixed: kept, origin, pace: self.pace }
    }
}

impl Map {
    /// The values at free numbers.
    pub(crate) fn values(&self, z: &[f64]) -> Vec<f64> {
        let cell = |i: usize| self.fixed[i].unwrap_or_else(|| self.at(i, self.pace * z[i]).0);
        (0..z.len()).map(cell).collect()
    }

    /// The derivatives of the values by the free numbers; zero where a cell is fixed.
    pub(crate) fn slopes(&self, z: &[f64]) -> Vec<f64> {
        let cell = |i: usize| {
            if self.fixed[i].is_some() { 0.0 } else { self.pace * self.at(i, self.pace * z[i]).1 }
        };
        (0..z.len()).map(cell).collect()
    }

    fn at(&self, i: usize, z: f64) -> (f64, f64) {
        let origin = self.origin[i];
        match &self.kind {
            &Kind::Linear { scale } => (origin + scale * z, scale),
            &Kind::Exponential { scale } => {
                let x = (origin + scale * z).exp();
                (x, scale * x)
            }
            &Kind::Count { top } => {
                let share = 1.0 / (1.0 + (-(origin + z)).exp());
                let log = top * share;
                (log.exp_m1(), log.exp() * top * share * (1.0 - share))
            }
            Kind::Logistic { ends } => {
                let (low, high) = ends[i];
                let share = 1.0 / (1.0 + (-(origin + z)).exp());
                (low + (high - low) * share, (high - low) * share * (1.0 - share))
            }
        }
    }
}

/// The standard deviation, or 1 where there is none.
fn spread(values: &[f64]) -> f64 {
    let sd = numbers::describe(values).map_or(0.0, |d| d.sd);
    if sd.is_finite() && sd > 0.0 { sd } else { 1.0 }
}
