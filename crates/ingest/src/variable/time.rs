//! Values of other periods of the same entity.

use super::Work;
use crate::error::CleaningError;
use crate::{Error, Unit};

impl Work<'_> {
    /// The value `k` periods before or after.
    pub(super) fn shift(&mut self, values: &mut Vec<f64>, k: i32, sign: i32) -> Result<(), Error> {
        *values = self.at_distance(values, k, sign)?;
        Ok(())
    }

    /// `xₜ − xₜ₋ₖ`.
    pub(super) fn difference(&mut self, values: &mut [f64], k: i32) -> Result<(), Error> {
        self.with_earlier(values, k, |_| true, |x, before| x - before)
    }

    /// `xₜ / xₜ₋ₖ − 1`.
    pub(super) fn growth(&mut self, values: &mut [f64], k: i32) -> Result<(), Error> {
        self.made.unit = Some(Unit::share());
        self.with_earlier(values, k, |before| before > 0.0, |x, before| x / before - 1.0)
    }

    fn with_earlier(
        &self,
        values: &mut [f64],
        k: i32,
        allowed: impl Fn(f64) -> bool,
        f: impl Fn(f64, f64) -> f64,
    ) -> Result<(), Error> {
        let earlier = self.at_distance(values, k, -1)?;
        for (row, (x, before)) in values.iter_mut().zip(earlier).enumerate() {
            let result = f(*x, before);
            let known = !x.is_nan() && !before.is_nan();
            if known && (!allowed(before) || !result.is_finite()) {
                return Err(self.undefined(row, *x, Some(before)));
            }
            *x = result;
        }
        Ok(())
    }

    /// For every row the value of the entity `k` periods before (`sign` −1) or after (1).
    fn at_distance(&self, values: &[f64], k: i32, sign: i32) -> Result<Vec<f64>, Error> {
        if k < 1 {
            let step = self.step.to_string();
            return Err(CleaningError::Periods { variable: self.name(), step }.into());
        }
        let periods = &self.loaded.panel.index().period;
        let mut shifted = vec![f64::NAN; values.len()];
        for rows in self.rows.entities() {
            let mut at = rows.start;
            for row in rows.clone() {
                // In 64 bits no period is out of range.
                let wanted = i64::from(periods[row]) + i64::from(k) * i64::from(sign);
                while at < rows.end && i64::from(periods[at]) < wanted {
                    at += 1;
                }
                if at < rows.end && i64::from(periods[at]) == wanted {
                    shifted[row] = values[at];
                }
            }
        }
        Ok(shifted)
    }
}
