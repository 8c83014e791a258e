//! What numbers are measured in, and doubts about it.

use panel::Column;

use super::{Made, Work};
use crate::account::{Doubt, Entry, Keys};
use crate::error::CleaningError;
use crate::load::Loaded;
use crate::{Error, Operand, Step, Unit, Variable};

impl Work<'_> {
    /// Says what the numbers are in.
    pub(super) fn declare(&mut self, unit: &Unit) -> Result<(), Error> {
        match &self.made.unit {
            Some(own) if own != unit => {
                let (variable, step) = (self.name(), self.step.to_string());
                Err(CleaningError::Declared { variable, step, own: own.clone() }.into())
            }
            _ => {
                self.made.unit = Some(unit.clone());
                Ok(())
            }
        }
    }

    /// The same quantity in another unit.
    pub(super) fn convert(&mut self, values: &mut [f64], to: &Unit) -> Result<(), Error> {
        let (variable, step) = (self.name(), self.step.to_string());
        let Some(from) = self.made.unit.clone() else {
            let from = self.variable.from.clone();
            return Err(CleaningError::NoUnit { variable, step, from }.into());
        };
        let Some((up, down)) = from.factor(to) else {
            let currency = from.only_currency_differs(to);
            let to = to.clone();
            let error = CleaningError::Incompatible { variable, step, from, to, currency };
            return Err(error.into());
        };
        self.each(values, None, |x, _| scaled(x, (up, down)))?;
        self.made.unit = Some(to.clone());
        self.made.entries.push(Entry::Converted { variable, from, to: to.clone(), by: (up, down) });
        Ok(())
    }

    /// What a sum, a difference, a product or a quotient is measured in, if that is known.
    pub(super) fn unit_of_result(&self, by: &Operand) -> Result<Option<Unit>, Error> {
        let own = self.made.unit.as_ref();
        let other = match by {
            // A number is as much of the unit; a number of times is another unit.
            Operand::Number(_) => {
                let sum = matches!(self.step, Step::Plus(_) | Step::Minus(_));
                return Ok(own.filter(|_| sum).cloned());
            }
            Operand::Column(name) => (name, self.loaded.units.get(name)),
        };
        let (Some(own), (other, Some(theirs))) = (own, other) else { return Ok(None) };
        Ok(Some(match self.step {
            Step::Over(_) => own.over(theirs),
            Step::Times(_) => own.times(theirs),
            _ if own.factor(theirs) != Some((1, 1)) => {
                let (variable, step) = (self.name(), self.step.to_string());
                let (own, theirs, other) = (own.clone(), theirs.clone(), other.clone());
                let error = CleaningError::Added { variable, step, own, other, theirs };
                return Err(error.into());
            }
            _ => own.clone(),
        }))
    }
}

/// `x · up / down` with one rounding wherever one of the two is 1.
fn scaled(x: f64, (up, down): (u64, u64)) -> f64 {
    match (up, down) {
        (up, 1) => x * up as f64,
        (1, down) => x / down as f64,
        (up, down) => x * up as f64 / down as f64,
    }
}

/// Notes what looks wrong about a variable in shares or percent.
pub(super) fn doubts(loaded: &Loaded, variable: &Variable, made: &mut Made) {
    // A rate of growth may well be above 1.
    if variable.steps.iter().any(|step| matches!(step, Step::Growth(_))) {
        return;
    }
    let Column::Number(values) = &made.column else { return };
    if let Some(unit) = &made.unit {
        made.entries.extend(doubt(loaded, &variable.name, values, unit));
    }
}

/// A share above 1 or below 0, or a percentage that is never above 1.
pub(crate) fn doubt(loaded: &Loaded, column: &str, values: &[f64], unit: &Unit) -> Option<Entry> {
    let keys = |wrong: &dyn Fn(f64) -> bool| {
        let mut cells = Keys::default();
        for (row, _) in values.iter().enumerate().filter(|&(_, &x)| wrong(x)) {
            cells.push_with(|| loaded.panel.row_label(row));
        }
        cells
    };
    let column = column.to_owned();
    if unit.is_share() {
        let cells = keys(&|x| !(0.0..=1.0).contains(&x) && !x.is_nan());
        let doubt = Doubt::ShareBeyond;
        return (cells.count > 0).then_some(Entry::Doubtful { column, doubt, cells });
    }
    let within = |x: f64| (-1.0..=1.0).contains(&x);
    let mut some = false;
    for &x in values.iter().filter(|x| !x.is_nan()) {
        if !unit.is_percent() || !within(x) {
            return None;
        }
        some |= x != 0.0;
    }
    let (doubt, cells) = (Doubt::PercentAsShare, keys(&|x| !x.is_nan()));
    some.then_some(Entry::Doubtful { column, doubt, cells })
}
