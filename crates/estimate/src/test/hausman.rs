//! Fixed or random effects?

use ndarray::Array1;
use panel::Term;

use super::{Distribution, Hypothesis, Test, TestNote, wald};
use crate::texts;
use crate::{Design, Error, Fit, RandomSpec, TestError, Vcov, correlated_random_effects};
use numbers::symmetric::eigen;

/// Whose error variance scales the two covariances of a Hausman test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contrast {
    /// Each its own: R's `phtest`, Stata's `hausman` without an option. The difference need not be
    /// positive definite.
    Own,
    /// The efficient estimator's in both: Stata's `sigmamore`. Positive semidefinite always.
    Sigmamore,
    /// The consistent estimator's in both: Stata's `sigmaless`.
    Sigmaless,
}

texts!(
    Contrast,
    "scale of a Hausman test",
    Own = "own",
    Sigmamore = "sigmamore",
    Sigmaless = "sigmaless"
);

/// An eigenvalue of the contrast below this share of a variance counts as zero.
const RANK: f64 = 1e-10;

/// The Hausman test that an efficient estimator is consistent, as random against fixed effects.
///
/// ```text
/// H = (b − B)' (V_b − V_B)⁻ (b − B) ~ χ²(rank)
/// ```
///
/// with `b` of the estimator that is consistent in any case, `B` of the efficient one, over the
/// coefficients that both have but the constant. The inverse is that of Moore and Penrose of the
/// difference in units of the standard errors of `b`, so that the units of a regressor do not
/// matter, and its rank the degrees of freedom. Both fits need iid errors: that is what makes `B`
/// efficient. Scaling takes each fit's `û'û/(n − K)`, for random effects that of the
/// quasi-demeaned regression.
///
/// # Errors
///
/// [`TestError::NotEfficient`] under robust covariances, [`TestError::DifferentSamples`],
/// [`TestError::NothingInCommon`]; [`TestError::NegativeHausman`] with the statistic if it is not positive:
/// then there is no p value. Stata prints the number without one, plm its absolute value with one.
///
/// # Source
///
/// Hausman (1978); Hausman and Taylor (1981). Agrees with plm's `phtest` and Stata's `hausman`
/// where the difference has full rank. Otherwise Stata drops coefficients instead; where `b − B`
/// lies in the range of the difference, as under `sigmamore`, that is the same number.
pub fn hausman(consistent: &Fit, efficient: &Fit, contrast: Contrast) -> Result<Test, Error> {
    for fit in [consistent, efficient] {
        if *fit.spec().0 != Vcov::Iid {
            return Err(TestError::NotEfficient { vcov: fit.spec().0.to_string() }.into());
        }
    }
    let (one, other) = (consistent.sample(), efficient.sample());
    if one.n() != other.n() || (0..one.n()).any(|i| one.row(i) != other.row(i)) {
        return Err(TestError::DifferentSamples { n: one.n(), other: other.n() }.into());
    }
    let place = |fit: &Fit, term: &Term| fit.terms.iter().position(|own| own == term);
    let common: Vec<(usize, usize)> = (0..consistent.terms.len())
        .filter_map(|i| Some((i, place(efficient, &consistent.terms[i])?)))
        .collect();
    if common.is_empty() {
        return Err(TestError::NothingInCommon.into());
    }
    let variance = |fit: &Fit| fit.sums.residual / (fit.correction.n - fit.correction.k_all) as f64;
    let ratio = variance(efficient) / variance(consistent);
    let (scale_b, scale_e) = match contrast {
        Contrast::Own => (1.0, 1.0),
        Contrast::Sigmamore => (ratio, 1.0),
        Contrast::Sigmaless => (1.0, 1.0 / ratio),
    };
    let k = common.len();
    let se: Array1<f64> =
        common.iter().map(|&(i, _)| (scale_b * consistent.vcov[[i, i]]).sqrt()).collect();
    let gap: Array1<f64> = common
        .iter()
        .zip(&se)
        .map(|(&(i, j), se)| (consistent.beta[i] - efficient.beta[j]) / se)
        .collect();
    let difference = ndarray::Array2::from_shape_fn((k, k), |(a, b)| {
        let ((i, j), (l, m)) = (common[a], common[b]);
        (scale_b * consistent.vcov[[i, l]] - scale_e * efficient.vcov[[j, m]]) / (se[a] * se[b])
    });
    let (values, vectors) = eigen(&difference);
    let (mut statistic, mut rank, mut negative) = (0.0, 0, 0);
    for (value, vector) in values.iter().zip(vectors.columns()) {
        if value.abs() <= RANK {
            continue;
        }
        statistic += vector.dot(&gap).powi(2) / value;
        rank += 1;
        negative += usize::from(*value < 0.0);
    }
    if rank == 0 {
        return Err(TestError::NothingInCommon.into());
    }
    if statistic <= 0.0 {
        return Err(TestError::NegativeHausman { statistic, rank }.into());
    }
    let mut test = Test::new(
        "Hausman test",
        statistic,
        Distribution::ChiSquared(rank),
        "the efficient estimator is inconsistent: fixed effects",
    );
    let alone = |fit: &Fit, other: &Fit| -> Vec<Term> {
        fit.terms.iter().filter(|term| !other.terms.contains(term)).cloned().collect()
    };
    let mut terms = alone(consistent, efficient);
    terms.extend(alone(efficient, consistent));
    let why = "only one of the models has a coefficient of it";
    let left_out = (!terms.is_empty()).then_some(TestNote::LeftOut { terms, why });
    let singular = (rank < k).then_some(TestNote::Singular { rank, terms: k });
    let not_positive = (negative > 0).then_some(TestNote::NotPositiveDefinite { negative, rank });
    test.notes = [left_out, singular, not_positive].into_iter().flatten().collect();
    Ok(test)
}

/// The Hausman test by an auxiliary regression: are the entities' means zero beside the regressors?
///
/// ```text
/// y_it = c + x_it'β + x̄_i'π + u_i + e_it by random effects        H0: π = 0
/// ```
///
/// Robust if the covariance of `spec` is, as clustered by the entity: the test that survives
/// heteroskedasticity and serial correlation. The fit's reference distribution decides between χ²
/// (Stata, plm) and F (linearmodels).
///
/// # Errors
///
/// As [`correlated_random_effects`] and [`wald`](crate::wald).
///
/// # Source
///
/// Mundlak (1978); Arellano (1993); Wooldridge (2010), §10.7.3. Agrees with plm's
/// `phtest(method = "aux")`, its quasi-demeaned regression on quasi-demeaned and demeaned columns,
/// where the panel is balanced: its constant is not quasi-demeaned.
pub fn hausman_auxiliary(design: &Design<'_>, spec: &RandomSpec) -> Result<Test, Error> {
    let correlated = correlated_random_effects(design, spec)?;
    let mut test = wald(&correlated.random.fit, &Hypothesis::zero(correlated.means))?;
    test.name = format!("Hausman test by auxiliary regression, {} errors", spec.vcov);
    test.alternative = "the random effects are correlated with the regressors".into();
    Ok(test)
}
