//! The inverse Mills ratio as a column, for any second stage.

use estimate::{BinaryFit, Design, Link, Singletons, binary, mills};
use panel::{Column, Panel};

use super::spec::{Form, MillsSpec};
use crate::Error;

/// A first stage, and the panel with its inverse Mills ratio.
#[derive(Debug, Clone)]
pub struct MillsRatio {
    /// The probit.
    pub first: BinaryFit,
    /// The panel with one more column, missing in the rows that the probit could not use.
    pub panel: Panel,
    /// Rows with a ratio.
    pub n: usize,
}

/// Probit, and its inverse Mills ratio as a column of the panel.
///
/// The second stage is any estimator on that panel, `y ~ x + IMR | province + year` with clustered
/// errors. Such errors take the ratio for data: a test of its coefficient is right, because under
/// its hypothesis there is nothing to correct; the other errors are as good as `ρ` is small.
/// [`two_step`](super::two_step) has the corrected ones.
///
/// # Errors
///
/// Those of [`binary`], and [`Error::Estimate`] if the link is not the probit or the name is taken.
pub fn mills_ratio(panel: &Panel, spec: &MillsSpec) -> Result<MillsRatio, Error> {
    if spec.probit.link != Link::Probit {
        return Err(Error::NotProbit { link: spec.probit.link.to_string() });
    }
    let design = Design::new(panel, &spec.selection, Singletons::Keep)?;
    let first = binary(&design, &spec.probit)?;
    let mut column = vec![f64::NAN; panel.n_rows()];
    let mut n = 0;
    for (i, (d, index)) in design.response().iter().zip(first.linear_index()).enumerate() {
        let ratio = match (spec.form, *d > 0.5) {
            (_, true) | (Form::Everywhere, false) => mills(*index).lambda,
            (Form::Treatment, false) => -mills(-index).lambda,
            (Form::Selected, false) => continue,
        };
        column[design.sample().row(i)] = ratio;
        n += 1;
    }
    let panel = panel
        .clone()
        .with_column(spec.name.clone(), Column::Number(column))
        .map_err(estimate::Error::from)?;
    Ok(MillsRatio { first, panel, n })
}
