//! Prices of one period, and of one currency.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Work;
use crate::account::{Doubt, Entry, Keys};
use crate::error::CleaningError;
use crate::{Deflate, Error, Exchange, PriceIndex, Rates};

impl Work<'_> {
    /// `x · I(base) / I(t)`.
    pub(super) fn deflate(&mut self, values: &mut [f64], spec: &Deflate) -> Result<(), Error> {
        let index = self.other(&spec.by)?;
        let (variable, step) = (self.name(), self.step.to_string());
        if index.iter().any(|x| !x.is_nan()) && index.iter().all(|&x| x == 0.0 || x.is_nan()) {
            let by = spec.by.clone();
            return Err(CleaningError::AllZero { variable, step, by }.into());
        }
        if let Some(row) = index.iter().position(|&x| x <= 0.0) {
            return Err(self.undefined(row, values[row], Some(index[row])));
        }
        let mut ratios = Keys::default();
        for rows in self.rows.entities() {
            let level = self.levels(index, rows.clone(), spec)?;
            for (row, level) in rows.zip(level) {
                let result = values[row] / level;
                if !result.is_finite() && !values[row].is_nan() && !level.is_nan() {
                    return Err(self.undefined(row, values[row], Some(index[row])));
                }
                values[row] = result;
                // No prices have fallen by four fifths in a year: such a link is a ratio.
                if spec.index == PriceIndex::Chained && index[row] < 20.0 {
                    ratios.push_with(|| self.loaded.panel.row_label(row));
                }
            }
        }
        if ratios.count > 0 {
            let (column, doubt) = (spec.by.clone(), Doubt::LinkAsRatio);
            self.made.entries.push(Entry::Doubtful { column, doubt, cells: ratios });
        }
        Ok(())
    }

    /// `I(t) / I(base)` in the rows of one entity.
    fn levels(&self, index: &[f64], rows: Range<usize>, spec: &Deflate) -> Result<Vec<f64>, Error> {
        let periods = &self.loaded.panel.index().period[rows.clone()];
        let index = &index[rows.clone()];
        let chained = spec.index == PriceIndex::Chained;
        let no_base = || {
            let entity = self.loaded.panel.row_label(rows.start).0;
            let (variable, step) = (self.name(), self.step.to_string());
            let (by, base) = (spec.by.clone(), spec.base);
            CleaningError::NoBase { variable, step, entity, by, base, chained }.into()
        };
        let base = periods.binary_search(&spec.base);
        if !chained {
            let base = base.ok().map(|at| index[at]).filter(|x| !x.is_nan());
            let base = base.ok_or_else(no_base)?;
            return Ok(index.iter().map(|x| x / base).collect());
        }
        // A link leads from the period before to its own: the base may be one before the first.
        let follows = |at: usize| i64::from(periods[at]) == i64::from(periods[at - 1]) + 1;
        let mut level = vec![f64::NAN; periods.len()];
        let start = match base {
            Ok(at) => {
                level[at] = 1.0;
                at
            }
            Err(0)
                if periods.first().is_some_and(|&t| i64::from(t) == i64::from(spec.base) + 1) =>
            {
                level[0] = index[0] / 100.0;
                0
            }
            Err(_) => return Err(no_base()),
        };
        for at in start + 1..periods.len() {
            if follows(at) {
                level[at] = level[at - 1] * index[at] / 100.0;
            }
        }
        for at in (1..=start).rev() {
            if follows(at) {
                level[at - 1] = level[at] * 100.0 / index[at];
            }
        }
        Ok(level)
    }

    /// Amounts times rates, or divided by them, as the units say.
    pub(super) fn exchange(&mut self, values: &mut [f64], spec: &Exchange) -> Result<(), Error> {
        let (variable, step) = (self.name(), self.step.to_string());
        let Some(own) = self.made.unit.clone() else {
            let from = self.variable.from.clone();
            return Err(CleaningError::NoUnit { variable, step, from }.into());
        };
        let declared = match &spec.rates {
            Rates::Column(name) => self.loaded.units.get(name),
            Rates::Periods(_) => None,
        };
        let Some(rate) = spec.unit.as_ref().or(declared) else {
            return Err(CleaningError::NoRateUnit { variable, step }.into());
        };
        let Some((unit, divide)) = own.exchanged(rate) else {
            return Err(CleaningError::Rate { variable, step, own, rate: rate.clone() }.into());
        };
        // `own · rate` is measured in a product of units: what is left to `unit` is a number.
        let product = if divide { own.over(rate) } else { own.times(rate) };
        let Some((up, down)) = product.factor(&unit) else {
            return Err(CleaningError::Rate { variable, step, own, rate: rate.clone() }.into());
        };
        let rates = match &spec.rates {
            Rates::Column(name) => self.other(name)?.to_vec(),
            Rates::Periods(table) => self.by_period(values, &table.0)?,
        };
        for (row, (x, &rate)) in values.iter_mut().zip(&rates).enumerate() {
            let result = if divide { *x / rate } else { *x * rate };
            let result = result * up as f64 / down as f64;
            let known = !x.is_nan() && !rate.is_nan();
            if known && (rate <= 0.0 || !result.is_finite()) {
                return Err(self.undefined(row, *x, Some(rate)));
            }
            *x = result;
        }
        let known = rates.iter().copied().filter(|x| !x.is_nan());
        let range =
            known.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        let from = self.made.unit.replace(unit.clone()).unwrap_or(own);
        self.made.entries.push(Entry::Exchanged {
            variable,
            from,
            to: unit,
            rate: rate.clone(),
            range,
        });
        Ok(())
    }

    fn by_period(&self, values: &[f64], table: &BTreeMap<i32, f64>) -> Result<Vec<f64>, Error> {
        let periods = self.loaded.panel.index().period.iter();
        let rate = |(row, period): (usize, &i32)| match table.get(period) {
            Some(&rate) => Ok(rate),
            None if values[row].is_nan() => Ok(f64::NAN),
            None => {
                let (entity, period) = self.loaded.panel.row_label(row);
                let (variable, step) = (self.name(), self.step.to_string());
                Err(CleaningError::NoRate { variable, step, entity, period }.into())
            }
        };
        periods.enumerate().map(rate).collect()
    }
}
