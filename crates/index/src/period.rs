//! A column one period at a time.

use std::borrow::Cow;

use panel::{Panel, Term};

use crate::{Error, ShareError};

/// The periods of a panel in their order, and the rows of each.
pub(crate) fn periods(panel: &Panel) -> Vec<(i32, Vec<usize>)> {
    let mut rows: Vec<usize> = (0..panel.n_rows()).collect();
    rows.sort_by_key(|&row| panel.index().period[row]);
    let mut periods: Vec<(i32, Vec<usize>)> = Vec::new();
    for row in rows {
        let period = panel.index().period[row];
        match periods.last_mut() {
            Some((last, rows)) if *last == period => rows.push(row),
            _ => periods.push((period, vec![row])),
        }
    }
    periods
}

pub(crate) fn column<'p>(panel: &'p Panel, name: &str) -> Result<Cow<'p, [f64]>, Error> {
    Ok(panel.values(&Term::Var(name.to_owned()))?)
}

/// A column of which every value is known and as it should be.
pub(crate) fn known<'p>(
    panel: &'p Panel,
    name: &str,
    measure: &'static str,
    good: impl Fn(f64) -> bool,
    needs: &'static str,
) -> Result<Cow<'p, [f64]>, Error> {
    let values = column(panel, name)?;
    for (row, &value) in values.iter().enumerate() {
        let place = || panel.row_label(row);
        if value.is_nan() {
            let ((entity, period), column) = (place(), name.to_owned());
            return Err(ShareError::Missing { column, entity, period, measure }.into());
        }
        if !(value.is_finite() && good(value)) {
            let ((entity, period), column) = (place(), name.to_owned());
            return Err(ShareError::Range { column, value, entity, period, measure, needs }.into());
        }
    }
    Ok(values)
}
