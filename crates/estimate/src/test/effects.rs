//! Do the effects matter? The F test of what is absorbed.

use panel::Name;

use super::{Distribution, Test, TestNote};
use crate::{Constant, Convention, Design, Error, Fit, Spec, TestError, Vcov, linear};

/// The F test that absorbed effects are zero, against a model without them on the same rows.
///
/// ```text
/// F = [(SSR_r − SSR_u) / (df_r − df_u)] / (SSR_u / df_u)
/// ```
///
/// with `r` the model without the effects of the factors in `of` and `u` the whole one; `df` are
/// the rows less the rank. An empty `of` tests all that the model absorbs. Errors are taken to be
/// iid, whatever the covariance of the table.
///
/// # Errors
///
/// [`TestError::NotAbsorbed`] names a factor that the model does not absorb, [`Error::NothingAbsorbed`]
/// says that it absorbs none, [`TestError::Spanned`] that the others span those tested; else as
/// [`linear`].
///
/// # Source
///
/// Baltagi (2013), §2.1. Agrees with plm's `pFtest`, the last line of `xtreg, fe` (one factor, or
/// `of` the entity) and linearmodels' `f_pooled`.
pub fn effects_f(design: &Design<'_>, of: &[Name]) -> Result<Test, Error> {
    design.plain("the F test of effects")?;
    let absorbed = design.effects();
    if let Some(name) = of.iter().find(|name| !absorbed.contains(name)) {
        return Err(TestError::NotAbsorbed { name: name.clone(), effects: absorbed }.into());
    }
    if absorbed.is_empty() {
        return Err(Error::NothingAbsorbed { model: format!("{} ~ …", design.response) });
    }
    let tested = if of.is_empty() { absorbed.clone() } else { of.to_vec() };
    let whole = iid(design)?;
    let restricted = iid(&design.absorbing(|name| !tested.iter().any(|of| of == name)))?;
    let left = |fit: &Fit| fit.correction().n - fit.correction().k_all;
    let (df, df_residual) = (left(&restricted) - left(&whole), left(&whole));
    if df == 0 {
        return Err(TestError::Spanned { names: tested }.into());
    }
    let (with, without) = (whole.sums().residual, restricted.sums().residual);
    let statistic = ((without - with).max(0.0) / df as f64) / (with / df_residual as f64);
    let names = tested.join("` and `");
    let test = Test::new(
        format!("F test of the effects of `{names}`"),
        statistic,
        Distribution::F(df, df_residual),
        "significant effects",
    );
    Ok(test.with(Some(TestNote::Assumes { what: "iid errors" })))
}

/// Least squares of a design with iid errors, every factor projected out.
pub(super) fn iid(design: &Design<'_>) -> Result<Fit, Error> {
    let spec = Spec { vcov: Vcov::Iid, convention: Convention::REGHDFE, constant: Constant::Mean };
    linear(design, &spec)
}
