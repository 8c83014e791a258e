//! Values beyond two percentiles are replaced by them. Percentiles are found by selection.

use std::collections::BTreeMap;

use super::Work;
use crate::account::{Bounds, Entry, Keys};
use crate::{By, Error, Percentiles, Winsorize};

impl Work<'_> {
    pub(super) fn winsorize(&mut self, values: &mut [f64], spec: &Winsorize) -> Result<(), Error> {
        let &Winsorize { low, high, percentiles, by } = spec;
        if !(0.0 <= low && low < high && high <= 1.0) {
            let step = self.step.to_string();
            return Err(Error::Bounds { variable: self.name(), step });
        }
        let ends = |values: &[f64]| {
            let mut order = Order::new(values, low, high);
            (order.n > 0)
                .then(|| (order.percentile(low, percentiles), order.percentile(high, percentiles)))
        };
        let panel = &self.loaded.panel;
        let (mut raised, mut lowered) = (Keys::default(), Keys::default());
        self.made.changes.begin(&self.variable.name, self.step);
        let changes = &mut self.made.changes;
        let mut clip = |row: usize, x: &mut f64, (low, high): (f64, f64)| {
            // Not `clamp`: rounding may leave the bounds of equal values an ulp out of order.
            let (bound, keys) = if *x < low {
                (low, &mut raised)
            } else if *x > high {
                (high, &mut lowered)
            } else {
                return;
            };
            keys.push_with(|| panel.row_label(row));
            changes.push(row, *x, bound);
            *x = bound;
        };
        let mut bounds = Vec::new();
        match by {
            None => {
                if let Some((low, high)) = ends(values) {
                    bounds.push(Bounds { period: None, low, high });
                    for (row, x) in values.iter_mut().enumerate() {
                        clip(row, x, (low, high));
                    }
                }
            }
            Some(By::Period) => {
                let mut rows: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
                for (row, &period) in panel.index().period.iter().enumerate() {
                    rows.entry(period).or_default().push(row);
                }
                for (period, rows) in rows {
                    let own: Vec<f64> = rows.iter().map(|&row| values[row]).collect();
                    if let Some((low, high)) = ends(&own) {
                        bounds.push(Bounds { period: Some(period), low, high });
                        for row in rows {
                            clip(row, &mut values[row], (low, high));
                        }
                    }
                }
            }
        }
        if bounds.is_empty() {
            return Err(Error::NoValues { variable: self.name() });
        }
        let variable = self.name();
        self.made.entries.push(Entry::Winsorized { variable, bounds, raised, lowered });
        Ok(())
    }
}

/// What is needed to know order statistics near two percentiles: the values beyond two cuts that
/// a sample puts a little inside of them.
struct Order<'a> {
    values: &'a [f64],
    /// How many values are not missing.
    n: usize,
    /// All values up to the lower cut.
    low: Vec<f64>,
    /// All values from the upper cut on.
    high: Vec<f64>,
}

impl<'a> Order<'a> {
    fn new(values: &'a [f64], low: f64, high: f64) -> Self {
        const SAMPLE: usize = 2048;
        let stride = (values.len() / SAMPLE).max(1);
        let mut sample: Vec<f64> =
            values.iter().step_by(stride).copied().filter(|x| !x.is_nan()).collect();
        sample.sort_unstable_by(f64::total_cmp);
        // Four standard errors of a sample share inside of the percentile; if that is not enough,
        // all values are searched.
        let m = sample.len() as f64;
        let slack = |p: f64| 4.0 * (m * p * (1.0 - p)).sqrt() + 4.0;
        let cut = |at: f64| {
            // Exact: clamped to the sample.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let at = at.clamp(0.0, (m - 1.0).max(0.0)) as usize;
            sample.get(at).copied()
        };
        let (below, above) =
            (cut((low * m + slack(low)).ceil()), cut((high * m - slack(high)).floor()));
        let (below, above) = (below.unwrap_or(f64::NAN), above.unwrap_or(f64::NAN));
        let mut order = Self { values, n: 0, low: Vec::new(), high: Vec::new() };
        for &x in values {
            order.n += usize::from(!x.is_nan());
            if x <= below {
                order.low.push(x);
            }
            if x >= above {
                order.high.push(x);
            }
        }
        order
    }

    /// The `k`-th smallest and the next one; `k` from 1, both within bounds.
    // Exact: positions are whole numbers between 0 and `n`.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn pair(&mut self, k: f64) -> (f64, f64) {
        let at = (k as usize).clamp(1, self.n) - 1;
        let next = ((k + 1.0) as usize).clamp(1, self.n) - 1;
        let before_high = self.n - self.high.len();
        if next < self.low.len() {
            select(&mut self.low, at, next)
        } else if at >= before_high {
            select(&mut self.high, at - before_high, next - before_high)
        } else {
            let mut all: Vec<f64> = self.values.iter().copied().filter(|x| !x.is_nan()).collect();
            select(&mut all, at, next)
        }
    }

    /// The `p`-th percentile, `0 ≤ p ≤ 1`, of values that are not all missing.
    fn percentile(&mut self, p: f64, definition: Percentiles) -> f64 {
        let n = self.n as f64;
        match definition {
            Percentiles::Linear => {
                let h = (n - 1.0) * p;
                let (below, above) = self.pair(h.floor() + 1.0);
                below + h.fract() * (above - below)
            }
            Percentiles::Stata => {
                // Stata's p is in percent, so that n·p/100 is whole when it should be; ours is a
                // fraction, and 100 × 0.29 is not quite 29.
                let at = n * p;
                let whole = at.round();
                if (at - whole).abs() < 1e-9 * n {
                    let (below, above) = self.pair(whole);
                    f64::midpoint(below, above)
                } else {
                    self.pair(at.ceil()).0
                }
            }
        }
    }
}

/// Two neighbouring order statistics, from 0.
fn select(values: &mut [f64], at: usize, next: usize) -> (f64, f64) {
    let (_, &mut x, above) = values.select_nth_unstable_by(at, f64::total_cmp);
    if next == at {
        return (x, x);
    }
    (x, above.iter().copied().min_by(f64::total_cmp).unwrap_or(x))
}
