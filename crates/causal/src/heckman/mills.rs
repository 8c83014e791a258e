//! The inverse Mills ratio as a column, for any second stage.

use estimate::{BinaryFit, Cotangent, Design, Link, Singletons, binary, mills};
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
    for (i, ratio) in ratios(&design, &first, spec.form).enumerate() {
        if let Some((ratio, _)) = ratio {
            column[design.sample().row(i)] = ratio;
            n += 1;
        }
    }
    let panel = panel
        .clone()
        .with_column(spec.name.clone(), Column::Number(column))
        .map_err(estimate::Error::from)?;
    Ok(MillsRatio { first, panel, n })
}

/// The ratio of every row in use and its slope by the linear index, where it has one.
fn ratios(
    design: &Design<'_>,
    first: &BinaryFit,
    form: Form,
) -> impl Iterator<Item = Option<(f64, f64)>> {
    let rows = design.response().iter().zip(first.linear_index());
    rows.map(move |(d, index)| match (form, *d > 0.5) {
        (_, true) | (Form::Everywhere, false) => {
            let at = mills(*index);
            Some((at.lambda, -at.delta))
        }
        (Form::Treatment, false) => {
            let at = mills(-index);
            Some((-at.lambda, -at.delta))
        }
        (Form::Selected, false) => None,
    })
}

/// What a scalar that depends on the ratio, by row of the panel, asks of the probit behind it:
/// [`Adjoint::binary`](estimate::Adjoint::binary) of `design` and `first` takes it on to the
/// regressors of the selection equation, through the index and through its slopes.
///
/// ```text
/// dλ(η)/dη = −λ(λ + η)
/// ```
///
/// # Errors
///
/// [`Error::Estimate`] if `design` is not the one of the probit, or if there is not one number a row
/// of the panel.
pub fn mills_cotangent(
    design: &Design<'_>,
    first: &BinaryFit,
    form: Form,
    by_ratio: &[f64],
) -> Result<Cotangent, Error> {
    if first.linear_index().len() != design.n() || first.response() != design.response_term() {
        let response = first.response().clone();
        return Err(estimate::Error::OtherDesign { response }.into());
    }
    let (got, want) = (by_ratio.len(), design.sample().n_panel());
    if got != want {
        let column = "the derivative by the Mills ratio".to_owned();
        return Err(estimate::Error::from(panel::Error::Length { column, got, want }).into());
    }
    let by_index = ratios(design, first, form)
        .enumerate()
        .map(|(i, ratio)| ratio.map_or(0.0, |(_, slope)| slope * by_ratio[design.sample().row(i)]));
    Ok(Cotangent { linear_index: by_index.collect(), ..Cotangent::default() })
}
