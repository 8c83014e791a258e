//! The same formula in every cell.

use super::Work;
use crate::{Error, Operand, Step};

impl Work<'_> {
    pub(super) fn logarithm(&mut self, values: &mut [f64]) -> Result<(), Error> {
        self.made.unit = None;
        match self.step {
            Step::Log1p => self.each(values, None, |x, _| x.ln_1p()),
            _ => self.each(values, None, |x, _| x.ln()),
        }
    }

    pub(super) fn arithmetic(&mut self, values: &mut [f64], by: &Operand) -> Result<(), Error> {
        self.made.unit = self.unit_of_result(by)?;
        match self.step {
            Step::Over(_) => self.each(values, Some(by), |x, y| x / y),
            Step::Plus(_) => self.each(values, Some(by), |x, y| x + y),
            Step::Minus(_) => self.each(values, Some(by), |x, y| x - y),
            _ => self.each(values, Some(by), |x, y| x * y),
        }
    }

    /// Replaces each value by `f` of it and of the operand; missing values stay missing, and what
    /// is not a finite number is an error.
    pub(super) fn each(
        &self,
        values: &mut [f64],
        by: Option<&Operand>,
        f: impl Fn(f64, f64) -> f64,
    ) -> Result<(), Error> {
        let column = match by {
            Some(Operand::Column(name)) => Some(self.other(name)?),
            _ => None,
        };
        let number = if let Some(Operand::Number(number)) = by { *number } else { 0.0 };
        for (row, x) in values.iter_mut().enumerate() {
            let y = column.map_or(number, |column| column[row]);
            let result = f(*x, y);
            if !result.is_finite() && !x.is_nan() && (column.is_none() || !y.is_nan()) {
                return Err(self.undefined(row, *x, by.map(|_| y)));
            }
            *x = result;
        }
        Ok(())
    }
}
