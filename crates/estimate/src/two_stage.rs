//! Two-stage least squares.

use std::borrow::Cow;

use panel::Term;

use crate::convention::{Intersection, Multiway};
use crate::linear::estimate;
use crate::quality::joint_test;
use crate::weak::Identification;
use crate::{ChiSquared, Design, Error, Estimator, FTest, Fit, Note, Spec, Vcov};

/// What two-stage least squares leaves behind.
#[derive(Debug, Clone)]
pub struct TwoStage {
    /// The second stage: endogenous regressors first, in the order of the model. Residuals are
    /// those of the actual regressors, and so are sums of squares: `1 − û'û/TSS` may be negative.
    pub fit: Fit,
    /// The first stages, one an endogenous regressor.
    pub first: Vec<FirstStage>,
    /// That the instruments do not identify the coefficients: Anderson's canonical correlation LM
    /// with iid errors, else Kleibergen and Paap's rk LM.
    /// `None` if its covariance has no inverse, as with few clusters, and for covariances other
    /// than iid, HC and clusters; so are the rk F and Hansen's J.
    pub under_identification: Option<ChiSquared>,
    /// Cragg and Donald's F: the smallest eigenvalue of what the instruments explain. With one
    /// endogenous regressor, the F of its first stage with iid errors.
    pub cragg_donald: f64,
    /// Kleibergen and Paap's rk Wald F; `None` with iid errors, without an inverse, or if several
    /// clusterings have factors of their own.
    pub kleibergen_paap: Option<f64>,
    /// The Cragg–Donald F that keeps the size of a 5 % test below 10 % with iid errors (Stock and
    /// Yogo 2005, table 5.2), where it is tabulated here.
    pub stock_yogo: Option<f64>,
    /// That the instruments are orthogonal to the error, with iid errors; `None` if there are no
    /// more of them than endogenous regressors.
    pub sargan: Option<ChiSquared>,
    /// The same with the errors of the covariance asked for: Hansen's J of two-step GMM. `None`
    /// with iid errors.
    pub hansen: Option<ChiSquared>,
    /// That the regressors are exogenous: the F of the first-stage residuals beside them, with the
    /// covariance asked for (Wu 1974, Hausman 1978). `None` where it cannot be computed.
    pub wu_hausman: Option<FTest>,
    /// The same as Durbin's χ², which has iid errors in either case.
    pub durbin: Option<ChiSquared>,
}

/// One endogenous regressor on all instruments.
#[derive(Debug, Clone)]
pub struct FirstStage {
    /// The regression: exogenous regressors, then excluded instruments.
    pub fit: Fit,
    /// That the excluded instruments have no part in it; `None` if the covariance has no inverse.
    pub excluded: Option<FTest>,
    /// Share of what the exogenous regressors leave that the excluded instruments explain.
    pub partial_r2: f64,
}

/// Two-stage least squares, with absorbed effects or without.
///
/// ```text
/// y = Yβ + Xγ + effects + u      Y = [X, Z]Π + effects + V      Ŷ = Y − V̂
/// [β̂, γ̂] = least squares of y on [Ŷ, X] and effects            û = y − Yβ̂ − Xγ̂ − effects
/// ```
///
/// The covariance is that of the second stage with `û` in the place of its own residuals.
///
/// # Shapes
///
/// `m` endogenous and `k` exogenous regressors give `m + k` coefficients, in this order.
///
/// # Example
///
/// With one binary instrument the estimate is Wald's ratio: `y` moves by 3 with `z`, `p` by 2.
///
/// ```
/// use estimate::{Constant, Convention, Design, Singletons, Spec, Vcov, two_stage};
/// use panel::{Column, Factor, Index, Panel};
///
/// let index = Index {
///     entity_name: "id".into(),
///     entity: Factor::from_numbers(&[1, 2, 3, 4, 5, 6]),
///     period_name: "t".into(),
///     period: vec![1; 6],
/// };
/// let number = |v: [f64; 6]| Column::Number(v.to_vec());
/// let panel = Panel::new(
///     index,
///     [
///         ("z".into(), number([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])),
///         ("p".into(), number([0.0, 1.0, 2.0, 2.0, 3.0, 4.0])),
///         ("y".into(), number([1.0, 0.0, 2.0, 5.0, 3.0, 4.0])),
///     ],
/// )?;
/// let design = Design::new(&panel, &"y ~ 1 | p ~ z".parse()?, Singletons::Keep)?;
/// let spec = Spec { vcov: Vcov::Iid, convention: Convention::FIXEST, constant: Constant::Omit };
/// let outcome = two_stage(&design, &spec)?;
/// assert!((outcome.fit.coef()[0] - 1.5).abs() < 1e-12);
/// let f = outcome.first[0].excluded.unwrap().statistic; // 2²/(1/3 + 1/3), σ̂² = 1
/// assert!((f - 6.0).abs() < 1e-12 && (outcome.cragg_donald - 6.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::NoInstruments`], [`Error::UnderIdentified`], [`Error::NotIdentified`]; else as
/// [`fixed_effects`](crate::fixed_effects), of which each stage is one.
///
/// # Source
///
/// Wooldridge (2010), §5.1 and §11; Cragg and Donald (1993), Kleibergen and Paap (2006), Sargan
/// (1958), Hansen (1982). Agrees with linearmodels' `IV2SLS`, fixest and pyfixest; after
/// `ivreg2` and `ivreghdfe` with `small`.
pub fn two_stage(design: &Design<'_>, spec: &Spec) -> Result<TwoStage, Error> {
    let parts = Parts::of(design)?;
    let (m, l) = (parts.endogenous.len(), parts.excluded.len());
    if l < m {
        return Err(Error::UnderIdentified { endogenous: m, instruments: l });
    }
    let instruments: Vec<usize> = parts.exogenous.iter().chain(&parts.excluded).copied().collect();

    let mut first = Vec::with_capacity(m);
    for &at in &parts.endogenous {
        let mut stage = part(design, &instruments);
        stage.response = design.terms[at].clone();
        stage.y.clone_from(&design.x[at]);
        let fit = estimate(&stage, spec, &[])?;
        let which: Vec<usize> = (parts.exogenous.len()..instruments.len()).collect();
        let excluded = joint_test(&fit, &which);
        first.push(FirstStage { fit, excluded, partial_r2: 0.0 });
    }

    let errors: Vec<&[f64]> = first.iter().map(|stage| stage.fit.residuals()).collect();
    let order: Vec<usize> = parts.endogenous.iter().chain(&parts.exogenous).copied().collect();
    let mut second = part(design, &order);
    for (x, error) in second.x.iter_mut().zip(&errors) {
        *x = Cow::Owned(x.iter().zip(*error).map(|(x, v)| x - v).collect());
    }
    let endogenous: Vec<&Term> = parts.endogenous.iter().map(|&at| &design.terms[at]).collect();
    let mut fit = estimate(&second, spec, &errors).map_err(|error| match error {
        Error::Absorbed { term, .. } if endogenous.contains(&&term) => {
            Error::NotIdentified { term }
        }
        Error::Collinear { term, with, effects } => {
            let spanned = with.iter().chain([&term]).find(|term| endogenous.contains(term));
            match spanned.cloned() {
                Some(term) => Error::NotIdentified { term },
                None => Error::Collinear { term, with, effects },
            }
        }
        error => error,
    })?;

    fit.estimator = Estimator::TwoStage;
    let identification = Identification::new(design, &parts, spec)?;
    let (sargan, hansen) = identification.overidentification(design, &fit);
    let (wu_hausman, durbin) = endogeneity(design, spec, &order, &errors);
    for (stage, share) in first.iter_mut().zip(&identification.shares) {
        stage.partial_r2 = *share;
    }
    let factor = first[0].fit.correction();
    let cragg_donald = identification.cragg_donald(factor.n - factor.k_all);
    let stock_yogo = critical(m, l);
    if let Some(critical) = stock_yogo.filter(|critical| cragg_donald < *critical) {
        fit.notes.push(Note::WeakInstruments { statistic: cragg_donald, critical });
    }
    // Where terms of a covariance have factors of their own there is none to divide by.
    let own = matches!(spec.vcov, Vcov::Multiway(_))
        && (spec.convention.multiway == Multiway::Own && spec.convention.groups
            || spec.convention.intersection == Intersection::Rows);
    let rk = if spec.vcov == Vcov::Iid || own { None } else { identification.wald() };
    Ok(TwoStage {
        under_identification: identification.lagrange_multiplier(&spec.vcov),
        cragg_donald,
        kleibergen_paap: rk.map(|rk| rk / factor.factor),
        stock_yogo,
        sargan,
        hansen,
        wu_hausman,
        durbin,
        first,
        fit,
    })
}

/// The columns of a design by their part, as positions.
pub(crate) struct Parts {
    pub(crate) exogenous: Vec<usize>,
    pub(crate) endogenous: Vec<usize>,
    pub(crate) excluded: Vec<usize>,
}

impl Parts {
    fn of(design: &Design<'_>) -> Result<Self, Error> {
        let Some(instruments) = &design.instruments else { return Err(Error::NoInstruments) };
        let expand = |terms: &[Term]| -> Result<Vec<Term>, Error> {
            let sets = terms.iter().map(|term| design.panel.expand(term));
            Ok(sets.collect::<Result<Vec<_>, _>>()?.concat())
        };
        let endogenous = expand(&instruments.endogenous)?;
        let excluded = expand(&instruments.excluded)?;
        let mut parts =
            Self { exogenous: Vec::new(), endogenous: Vec::new(), excluded: Vec::new() };
        for (at, term) in design.terms.iter().enumerate() {
            if excluded.contains(term) {
                parts.excluded.push(at);
            } else if endogenous.contains(term) {
                parts.endogenous.push(at);
            } else {
                parts.exogenous.push(at);
            }
        }
        Ok(parts)
    }
}

/// The design with some of its columns as regressors, and no instruments.
fn part<'p>(design: &Design<'p>, columns: &[usize]) -> Design<'p> {
    let mut part = design.clone();
    part.instruments = None;
    part.terms = columns.iter().map(|&at| design.terms[at].clone()).collect();
    part.x = columns.iter().map(|&at| design.x[at].clone()).collect();
    part
}

/// The tests that the regressors are exogenous: least squares with and without the first-stage
/// residuals as regressors.
fn endogeneity(
    design: &Design<'_>,
    spec: &Spec,
    order: &[usize],
    errors: &[&[f64]],
) -> (Option<FTest>, Option<ChiSquared>) {
    let least_squares = part(design, order);
    let mut longer = least_squares.clone();
    for (error, &at) in errors.iter().zip(order) {
        longer.terms.push(Term::var(format!("residual of {}", design.terms[at])));
        longer.x.push(Cow::Borrowed(error));
    }
    // Where this cannot be estimated there is no test; the second stage could.
    let Ok(long) = estimate(&longer, spec, &[]) else { return (None, None) };
    let which: Vec<usize> = (order.len()..longer.terms.len()).collect();
    let durbin = estimate(&least_squares, &Spec { vcov: Vcov::Iid, ..spec.clone() }, &[]);
    let durbin = durbin.ok().map(|short| {
        let (restricted, free) = (short.sums().residual, long.sums().residual);
        let n = short.correction().n as f64;
        ChiSquared::new(n * (restricted - free) / restricted, errors.len())
    });
    (joint_test(&long, &which), durbin)
}

/// Stock and Yogo (2005), table 5.2: a 5 % Wald test of size at most 10 %, for up to 30
/// instruments. gretl prints the same numbers.
fn critical(endogenous: usize, instruments: usize) -> Option<f64> {
    #[rustfmt::skip]
    const ONE: [f64; 30] = [
        16.38, 19.93, 22.30, 24.58, 26.87, 29.18, 31.50, 33.84, 36.19, 38.54,
        40.90, 43.27, 45.64, 48.01, 50.39, 52.77, 55.15, 57.53, 59.92, 62.30,
        64.69, 67.07, 69.46, 71.85, 74.24, 76.62, 79.01, 81.40, 83.79, 86.17,
    ];
    #[rustfmt::skip]
    const TWO: [f64; 29] = [
        7.03, 13.43, 16.87, 19.45, 21.68, 23.72, 25.64, 27.51, 29.32, 31.11,
        32.88, 34.62, 36.36, 38.08, 39.80, 41.51, 43.22, 44.92, 46.62, 48.31,
        50.01, 51.70, 53.39, 55.07, 56.76, 58.45, 60.13, 61.82, 63.51,
    ];
    let table: &[f64] = match endogenous {
        1 => &ONE,
        2 => &TWO,
        _ => &[],
    };
    table.get(instruments - endogenous).copied()
}
