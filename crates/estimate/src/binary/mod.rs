//! Probit and logit: maximum likelihood for an outcome that is 0 or 1.

mod fit;
mod link;
mod margins;
mod newton;
mod spec;
mod tails;

use ndarray::{Array1, Array2};
use panel::Factor;
use rayon::prelude::*;

pub use fit::{BinaryFit, ChiSquared, Classification, PseudoR2};
pub use link::Link;
pub use margins::{At, MarginSpec, ZeroOne, marginal_effects};
use newton::{NoMaximum, maximise, unsign};
pub use spec::{BinarySpec, Information, SmallSample};

use crate::basis::{Basis, linear_index, moments, scale_rows};
use crate::ls::{self, CHUNK};
use crate::vcov::clusters;
use crate::vcov::{Part, cluster_part, meat, robust_part};
use crate::{Design, Error, Hc, LikelihoodError, Vcov};

/// Maximum likelihood of a probit or logit model.
///
/// ```text
/// P(y_i = 1 | x_i) = F(x_i'β)
/// ln L = Σ ln F(z_i),   z_i = x_i'β where y_i = 1, −x_i'β where y_i = 0
/// H = −Σ (ln F)''(z_i) x_i x_i'   observed        Σ f²/(F(1−F)) x_i x_i'   expected
/// V̂ = H⁻¹,  or  c · H⁻¹ (Σ_g s_g s_g') H⁻¹  with s_i = ∂ ln L_i / ∂β
/// ```
///
/// The log-likelihood is concave: Newton's method with step halving finds its maximum, to
/// rounding, or the direction in which there is none. Indicators, `i.year`, are regressors like
/// others; absorbed effects are refused, because with few rows an effect the slopes would be
/// inconsistent (Neyman and Scott's incidental parameters).
///
/// # Shapes
///
/// `n` usable rows and `k` terms give `k` coefficients and a constant, and an index a row.
///
/// # Units
///
/// `β̂_j` is in standard deviations of the latent error (probit) or in log odds (logit) per unit of
/// term `j`; [`marginal_effects`] are probabilities per unit.
///
/// # Example
///
/// Of four rows with `x = 0` one is a success, of four with `x = 1` three: log odds of `−ln 3`
/// and `+ln 3`.
///
/// ```
/// use estimate::{BinarySpec, Design, Information, Link, Singletons, SmallSample, Vcov, binary};
/// use panel::{Column, Factor, Index, Panel};
///
/// let index = Index {
///     entity_name: "id".into(),
///     entity: Factor::from_numbers(&[1, 2, 3, 4, 5, 6, 7, 8]),
///     period_name: "t".into(),
///     period: vec![0; 8],
/// };
/// let numbers = |v: [i32; 8]| Column::Number(v.map(f64::from).to_vec());
/// let panel = Panel::new(
///     index,
///     [
///         ("x".into(), numbers([0, 0, 0, 0, 1, 1, 1, 1])),
///         ("y".into(), numbers([0, 0, 0, 1, 1, 1, 1, 0])),
///     ],
/// )?;
/// let design = Design::new(&panel, &"y ~ x".parse()?, Singletons::Keep)?;
/// let spec = BinarySpec {
///     link: Link::Logit,
///     information: Information::Observed,
///     vcov: Vcov::Iid,
///     small_sample: SmallSample::Stata,
/// };
/// let fit = binary(&design, &spec)?;
/// let table = fit.coefficients();
/// assert!((table[0].estimate - 2.0 * 3_f64.ln()).abs() < 1e-12);
/// assert!((table[1].estimate + 3_f64.ln()).abs() < 1e-12);
/// assert!((fit.probabilities()[0] - 0.25).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`LikelihoodError::NotBinary`] and [`Error::NoVariation`] for the outcome, [`LikelihoodError::Separation`] if terms
/// predict it perfectly in some rows, [`Error::Collinear`] and [`Error::Absorbed`] for the
/// regressors, [`LikelihoodError::IncidentalParameters`] for absorbed effects, [`LikelihoodError::NotForLikelihood`]
/// for HC2 and HC3, [`LikelihoodError::NoMaximum`] if Newton's method stops short.
///
/// # Source
///
/// Wooldridge (2010), §15.4 to 15.6; Albert and Anderson (1984) for separation. Agrees with
/// Stata's `probit` and `logit` (observed information), R's `glm` (expected) and statsmodels'
/// `Probit` and `Logit` (observed).
pub fn binary(design: &Design<'_>, spec: &BinarySpec) -> Result<BinaryFit, Error> {
    if !design.absorb.is_empty() {
        let effects = design.effects();
        return Err(
            LikelihoodError::IncidentalParameters { link: spec.link.to_string(), effects }.into()
        );
    }
    design.plain("a binary model")?;
    check(design)?;
    binary_in(&Basis::new(design)?, spec)
}

/// [`binary`] on columns that are at hand.
///
/// # Errors
///
/// As [`binary`].
pub fn binary_in(basis: &Basis<'_>, spec: &BinarySpec) -> Result<BinaryFit, Error> {
    let design = basis.design();
    let (n, width) = (design.n(), basis.width());
    if !matches!(spec.vcov, Vcov::Iid | Vcov::Robust(Hc::Hc0 | Hc::Hc1) | Vcov::Cluster(_)) {
        return Err(LikelihoodError::NotForLikelihood { vcov: spec.vcov.to_string() }.into());
    }
    let share = check(design)?;
    let start = start(basis, spec.link, share);
    let maximum =
        maximise(basis, spec.link, &design.y, start).map_err(|none| explain(none, spec, basis))?;
    let back = basis.back();
    let mut linear = vec![0.0; n];
    let group = match &spec.vcov {
        Vcov::Cluster(by) => Some(clusters(design, by)?),
        _ => None,
    };
    let parts = last_pass(
        basis,
        spec,
        &design.y,
        maximum.gamma.as_slice().unwrap_or_default(),
        group.as_deref(),
        &mut linear,
    );
    let mut information = Array2::<f64>::zeros((width, width));
    let mut scores = Vec::with_capacity(parts.len());
    let mut gradient = Array1::<f64>::zeros(width);
    let mut log_likelihood = 0.0;
    for part in parts {
        log_likelihood += part.log_likelihood;
        information += &part.information;
        gradient += &part.gradient;
        scores.push(part.scores);
    }
    let (factor, _) = crate::cholesky::Cholesky::new(&information, 0.0);
    let root = factor.inverse_factor().reversed_axes();
    let n_clusters = group.as_ref().map(|group| group.n_levels());
    let small = spec.small_sample.factor(&spec.vcov, n, width, n_clusters);
    let covariance = if spec.vcov == Vcov::Iid {
        let half = back.dot(&root);
        half.dot(&half.t())
    } else {
        let meat = meat(scores.into_iter(), width, n_clusters.unwrap_or(0));
        let half = back.dot(&root).dot(&root.t());
        half.dot(&meat).dot(&half.t()) * small
    };
    let beta = back.dot(&maximum.gamma);
    for (j, term) in design.terms.iter().enumerate() {
        let variance = covariance[[j, j]];
        if !(variance.is_finite() && variance > 0.0) {
            let (term, vcov) = (term.clone(), spec.vcov.to_string());
            return Err(Error::Degenerate { term, vcov });
        }
    }
    // The gradient in standard errors: what the search left undone.
    let undone = root.t().dot(&gradient);
    let search = fit::Search {
        iterations: maximum.iterations,
        gamma: maximum.gamma,
        root,
        distance: undone.dot(&undone).sqrt(),
        factor: small,
        n_clusters,
    };
    Ok(BinaryFit::new(design, spec, (beta, covariance), log_likelihood, linear, search))
}

/// The share of ones; everything else must be a zero, and there must be both.
#[allow(clippy::float_cmp, reason = "codes, not measurements")]
fn check(design: &Design<'_>) -> Result<f64, Error> {
    let term = design.response.clone();
    if let Some(i) = design.y.iter().position(|&y| y != 0.0 && y != 1.0) {
        let (entity, period) = design.panel.row_label(design.sample.row(i));
        return Err(LikelihoodError::NotBinary { term, value: design.y[i], entity, period }.into());
    }
    let share = ls::sum(&design.y) / design.n() as f64;
    if share == 0.0 || share == 1.0 {
        return Err(Error::NoVariation { term, effects: Vec::new() });
    }
    Ok(share)
}

/// Least squares, stretched to the scale of the link, is close.
fn start(basis: &Basis<'_>, link: Link, share: f64) -> Array1<f64> {
    let stretch = match link {
        Link::Probit => 2.5,
        Link::Logit => 4.0,
    };
    let mut gamma = basis.least_squares() * stretch;
    if basis.design().constant {
        gamma[basis.width() - 1] = stretch * (share - 0.5);
    }
    gamma
}

fn explain(none: NoMaximum, spec: &BinarySpec, basis: &Basis<'_>) -> Error {
    /// A share of the direction that is not rounding.
    const SHARE: f64 = 1e-3;
    match none {
        NoMaximum::Slow { iterations, distance } => Error::Likelihood(LikelihoodError::NoMaximum {
            model: spec.link.to_string(),
            iterations,
            distance,
        }),
        NoMaximum::Separated { direction, rows } => {
            let design = basis.design();
            let beta = basis.back().dot(&direction);
            let scale = |x: &[f64]| ls::sum_of_squares_about(x, design.constant).sqrt();
            let share: Vec<f64> =
                beta.iter().zip(&design.x).map(|(b, x)| (b * scale(x)).abs()).collect();
            let most = share.iter().fold(0.0, |most: f64, share| most.max(*share));
            let terms = design.terms.iter().zip(&share);
            let terms =
                terms.filter(|(_, share)| **share > SHARE * most).map(|(t, _)| t.clone()).collect();
            let (response, n) = (design.response.clone(), design.n());
            Error::Likelihood(LikelihoodError::Separation { response, terms, rows, n })
        }
    }
}

/// What a piece of rows contributes at the maximum.
struct Last {
    log_likelihood: f64,
    information: Array2<f64>,
    gradient: Array1<f64>,
    scores: Part,
}

/// At the maximum: information as asked for, scores, and the index `x_i'β̂` of every row.
fn last_pass(
    basis: &Basis<'_>,
    spec: &BinarySpec,
    y: &[f64],
    gamma: &[f64],
    group: Option<&Factor>,
    linear: &mut [f64],
) -> Vec<Last> {
    let piece = |(at, linear): (usize, &mut [f64])| {
        let rows = at * CHUNK..at * CHUNK + linear.len();
        let mut z = basis.piece(rows.clone());
        let eta = linear_index(&z, gamma);
        linear.copy_from_slice(&eta);
        let y = &y[rows.clone()];
        let (mut slopes, mut roots) = (eta, vec![0.0; linear.len()]);
        unsign(&mut slopes, y);
        let log_likelihood = spec.link.rows(&mut slopes, &mut roots);
        unsign(&mut slopes, y);
        if spec.information == Information::Expected {
            let expected = |(root, eta): (&mut f64, &f64)| *root = spec.link.expected_bend(*eta);
            roots.iter_mut().zip(&*linear).for_each(expected);
        }
        for bend in &mut roots {
            *bend = bend.sqrt();
        }
        let gradient = moments(&z, &slopes);
        let scores = match (&spec.vcov, group) {
            (Vcov::Robust(_), _) => robust_part(z.view(), &slopes, Hc::Hc0, None),
            (Vcov::Cluster(_), Some(group)) => {
                cluster_part(z.view(), &slopes, &group.codes()[rows])
            }
            _ => Part::None,
        };
        scale_rows(&mut z, &roots);
        Last { log_likelihood, information: ls::products(z.view()), gradient, scores }
    };
    linear.par_chunks_mut(CHUNK).with_min_len(ls::grain(CHUNK)).enumerate().map(piece).collect()
}
