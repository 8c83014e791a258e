//! Variables: columns taken through steps.

use panel::Column;

use crate::account::{Clip, Entry};
use crate::error::unknown;
use crate::rows::Frame;
use crate::{Error, Operand, Percentiles, Step, Tier, Variable, Winsorize};

/// Adds a variable to the frame, and says how.
pub(crate) fn make(frame: &mut Frame, variable: &Variable) -> Result<Vec<Entry>, Error> {
    let Variable { name, from, steps } = variable;
    let at = format!("variable `{name}`");
    let mut tier = tier(frame, &at, from)?;
    let mut clips = Vec::new();
    let mut column = frame.columns[from].clone();
    for step in steps {
        let Column::Number(values) = &mut column else {
            let error = panel::Error::NotNumeric { column: from.clone() };
            return Err(Error::Panel { at, error });
        };
        match step {
            Step::Log => each(frame, variable, step, values, None, |x, _| x.ln())?,
            Step::Log1p => each(frame, variable, step, values, None, |x, _| x.ln_1p())?,
            Step::Over(by) => each(frame, variable, step, values, Some(by), |x, y| x / y)?,
            Step::Plus(by) => each(frame, variable, step, values, Some(by), |x, y| x + y)?,
            Step::Minus(by) => each(frame, variable, step, values, Some(by), |x, y| x - y)?,
            Step::Times(by) => each(frame, variable, step, values, Some(by), |x, y| x * y)?,
            Step::Winsorize(spec) => clips.push(winsorize(variable, step, spec, values)?),
        }
        if let Step::Over(by) | Step::Plus(by) | Step::Minus(by) | Step::Times(by) = step
            && let Operand::Column(other) = by
        {
            tier = tier.max(self::tier(frame, &at, other)?);
        }
    }
    let missing = match &column {
        Column::Number(values) => values.iter().filter(|x| x.is_nan()).count(),
        Column::Category(factor) => {
            factor.codes().iter().filter(|&&code| code == panel::Factor::MISSING).count()
        }
    };
    frame.add(&at, name.clone(), column, tier)?;
    let made =
        Entry::Made { variable: name.clone(), from: from.clone(), steps: steps.clone(), missing };
    Ok(std::iter::once(made).chain(clips).collect())
}

fn tier(frame: &Frame, at: &str, column: &str) -> Result<Tier, Error> {
    let no_such = || unknown(at, column, frame.columns.keys().map(String::as_str));
    frame.tiers.get(column).copied().ok_or_else(no_such)
}

/// Replaces each value by `f` of it and of the operand; missing values stay missing, and what
/// is not a finite number is an error.
fn each(
    frame: &Frame,
    variable: &Variable,
    step: &Step,
    values: &mut [f64],
    by: Option<&Operand>,
    f: impl Fn(f64, f64) -> f64,
) -> Result<(), Error> {
    let at = || format!("variable `{}`", variable.name);
    let column = match by {
        Some(Operand::Column(name)) => match frame.columns.get(name) {
            Some(Column::Number(column)) => Some(column),
            Some(Column::Category(_)) => {
                let error = panel::Error::NotNumeric { column: name.clone() };
                return Err(Error::Panel { at: at(), error });
            }
            None => return Err(unknown(&at(), name, frame.columns.keys().map(String::as_str))),
        },
        _ => None,
    };
    let number = if let Some(Operand::Number(number)) = by { *number } else { 0.0 };
    for (row, x) in values.iter_mut().enumerate() {
        let y = column.map_or(number, |column| column[row]);
        let result = f(*x, y);
        if !result.is_finite() && !x.is_nan() && (column.is_none() || !y.is_nan()) {
            let (entity, period) = frame.label(row);
            return Err(Error::Undefined {
                variable: variable.name.clone(),
                step: step.to_string(),
                entity,
                period,
                value: *x,
                by: by.map(|_| y),
            });
        }
        *x = result;
    }
    Ok(())
}

fn winsorize(
    variable: &Variable,
    step: &Step,
    spec: &Winsorize,
    values: &mut [f64],
) -> Result<Entry, Error> {
    let name = || variable.name.clone();
    let &Winsorize { low, high, percentiles } = spec;
    if !(0.0 <= low && low < high && high <= 1.0) {
        return Err(Error::Bounds { variable: name(), step: step.to_string() });
    }
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() {
        return Err(Error::NoValues { variable: name() });
    }
    let (low, high) =
        (percentile(&sorted, low, percentiles), percentile(&sorted, high, percentiles));
    let (mut below, mut above) = (0, 0);
    for x in values {
        below += usize::from(*x < low);
        above += usize::from(*x > high);
        // Not `clamp`: rounding may leave the bounds of equal values an ulp out of order.
        *x = if *x < low {
            low
        } else if *x > high {
            high
        } else {
            *x
        };
    }
    let (low, high) = (Clip { bound: low, cells: below }, Clip { bound: high, cells: above });
    Ok(Entry::Winsorized { variable: name(), low, high })
}

/// The `p`-th percentile, `0 ≤ p ≤ 1`, of values that are sorted and not empty.
// Exact: positions are whole numbers between 0 and `n`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn percentile(sorted: &[f64], p: f64, definition: Percentiles) -> f64 {
    let n = sorted.len();
    // The `k`-th smallest, from 1.
    let x = |k: f64| sorted[(k as usize).clamp(1, n) - 1];
    match definition {
        Percentiles::Linear => {
            let h = (n - 1) as f64 * p;
            let (below, above) = (x(h.floor() + 1.0), x(h.floor() + 2.0));
            below + h.fract() * (above - below)
        }
        Percentiles::Stata => {
            // Stata's p is in percent, so that n·p/100 is whole when it should be; ours is a
            // fraction, and 100 × 0.29 is not quite 29.
            let at = n as f64 * p;
            let whole = at.round();
            if (at - whole).abs() < 1e-9 * n as f64 {
                f64::midpoint(x(whole), x(whole + 1.0))
            } else {
                x(at.ceil())
            }
        }
    }
}
