//! Probit and logit: maximum likelihood for an outcome that is 0 or 1.

mod fit;
mod link;
mod margins;
mod newton;
mod spec;

use ndarray::{Array1, Array2};
use panel::Factor;
use rayon::prelude::*;

pub use fit::{BinaryFit, ChiSquared, Classification, PseudoR2};
pub use link::Link;
pub use margins::{At, MarginSpec, ZeroOne, marginal_effects};
use newton::{Basis, NoMaximum, index, maximise, scale_rows};
pub use spec::{BinarySpec, Information, SmallSample};

use crate::linear::{clusters, project_and_solve};
use crate::ls::{self, CHUNK};
use crate::vcov::{Part, cluster_part, meat, robust_part};
use crate::{Design, Error, Hc, Vcov};

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
/// [`Error::NotBinary`] and [`Error::NoVariation`] for the outcome, [`Error::Separation`] if terms
/// predict it perfectly in some rows, [`Error::Collinear`] and [`Error::Absorbed`] for the
/// regressors, [`Error::IncidentalParameters`] for absorbed effects, [`Error::NotForLikelihood`]
/// for HC2 and HC3, [`Error::NoMaximum`] if Newton's method stops short.
///
/// # Source
///
/// Wooldridge (2010), §15.4 to 15.6; Albert and Anderson (1984) for separation. Agrees with
/// Stata's `probit` and `logit` (observed information), R's `glm` (expected) and statsmodels'
/// `Probit` and `Logit` (observed).
pub fn binary(design: &Design<'_>, spec: &BinarySpec) -> Result<BinaryFit, Error> {
    let (n, k) = (design.n(), design.terms.len());
    if !design.absorb.is_empty() {
        let effects = design.effects();
        return Err(Error::IncidentalParameters { link: spec.link.to_string(), effects });
    }
    if k == 0 && !design.constant {
        return Err(Error::NoRegressors);
    }
    if !matches!(spec.vcov, Vcov::Iid | Vcov::Robust(Hc::Hc0 | Hc::Hc1) | Vcov::Cluster(_)) {
        return Err(Error::NotForLikelihood { vcov: spec.vcov.to_string() });
    }
    let ones = count_ones(design)?;
    if ones == 0 || ones == n {
        return Err(Error::NoVariation { term: design.response.clone(), effects: Vec::new() });
    }
    let width = k + usize::from(design.constant);
    if n <= width {
        return Err(Error::NoDegreesOfFreedom { n, k: width });
    }
    let everyone = design.constant.then(|| Factor::from_numbers(&vec![0; n]));
    let factors: Vec<&Factor> = everyone.iter().collect();
    let (projected, _, solution) = project_and_solve(design, &factors)?;
    let turn = solution.ill_conditioned.then(|| solution.root.clone());
    let basis = Basis { projected: &projected, turn, k, constant: design.constant };

    let start = start(&basis, spec.link, &solution.beta, ones as f64 / n as f64);
    let maximum = maximise(&basis, spec.link, &design.y, start)
        .map_err(|none| explain(none, design, spec, &basis))?;
    let back = back(design, &basis);
    let mut linear = vec![0.0; n];
    let group = match &spec.vcov {
        Vcov::Cluster(by) => Some(clusters(design, by)?),
        _ => None,
    };
    let parts = last_pass(&basis, spec, &design.y, &maximum.gamma, group.as_deref(), &mut linear);
    let mut information = Array2::<f64>::zeros((width, width));
    let mut scores = Vec::with_capacity(parts.len());
    let mut gradient = Array1::<f64>::zeros(width);
    for part in parts {
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
        distance: undone.dot(&undone).sqrt(),
        factor: small,
        n_clusters,
    };
    Ok(BinaryFit::new(design, spec, (beta, covariance), maximum.log_likelihood, linear, search))
}

/// The rows with a one; everything else must be a zero.
#[allow(clippy::float_cmp, reason = "codes, not measurements")]
fn count_ones(design: &Design<'_>) -> Result<usize, Error> {
    if let Some(i) = design.y.iter().position(|&y| y != 0.0 && y != 1.0) {
        let (entity, period) = design.panel.row_label(design.sample.row(i));
        let (term, value) = (design.response.clone(), design.y[i]);
        return Err(Error::NotBinary { term, value, entity, period });
    }
    Ok(design.y.iter().filter(|&&y| y == 1.0).count())
}

/// Least squares, stretched to the scale of the link, is close.
fn start(basis: &Basis<'_>, link: Link, linear: &Array1<f64>, share: f64) -> Array1<f64> {
    let stretch = match link {
        Link::Probit => 2.5,
        Link::Logit => 4.0,
    };
    let mut gamma = Array1::zeros(basis.width());
    if basis.turn.is_none() {
        gamma.iter_mut().zip(linear).for_each(|(gamma, b)| *gamma = stretch * b);
    }
    if basis.constant {
        gamma[basis.k] = stretch * (share - 0.5);
    }
    gamma
}

/// `[β, c] = T γ`: undoes centring and turning.
fn back(design: &Design<'_>, basis: &Basis<'_>) -> Array2<f64> {
    let k = basis.k;
    let a = basis.turn.clone().unwrap_or_else(|| Array2::eye(k));
    let n = design.n() as f64;
    let means: Array1<f64> = design.x.iter().map(|x| ls::sum(x) / n).collect();
    let row = means.dot(&a);
    Array2::from_shape_fn((basis.width(), basis.width()), |(i, j)| match (i < k, j < k) {
        (true, true) => a[[i, j]],
        (true, false) => 0.0,
        (false, true) => -row[j],
        (false, false) => 1.0,
    })
}

fn explain(none: NoMaximum, design: &Design<'_>, spec: &BinarySpec, basis: &Basis<'_>) -> Error {
    /// A share of the direction that is not rounding.
    const SHARE: f64 = 1e-3;
    match none {
        NoMaximum::Slow { iterations, distance } => {
            Error::NoMaximum { model: spec.link.to_string(), iterations, distance }
        }
        NoMaximum::Separated { direction, rows } => {
            let beta = back(design, basis).dot(&direction);
            let scale = |x: &[f64]| ls::sum_of_squares_about(x, basis.constant).sqrt();
            let share: Vec<f64> =
                beta.iter().zip(&design.x).map(|(b, x)| (b * scale(x)).abs()).collect();
            let most = share.iter().fold(0.0, |most: f64, share| most.max(*share));
            let terms = design.terms.iter().zip(&share);
            let terms =
                terms.filter(|(_, share)| **share > SHARE * most).map(|(t, _)| t.clone()).collect();
            let (response, n) = (design.response.clone(), design.n());
            Error::Separation { response, terms, rows, n }
        }
    }
}

/// What a piece of rows contributes at the maximum.
struct Last {
    information: Array2<f64>,
    gradient: Array1<f64>,
    scores: Part,
}

/// At the maximum: information as asked for, scores, and the index `x_i'β̂` of every row.
fn last_pass(
    basis: &Basis<'_>,
    spec: &BinarySpec,
    y: &[f64],
    gamma: &Array1<f64>,
    group: Option<&Factor>,
    linear: &mut [f64],
) -> Vec<Last> {
    let piece = |(at, linear): (usize, &mut [f64])| {
        let rows = at * CHUNK..at * CHUNK + linear.len();
        let mut z = basis.piece(rows.clone());
        let eta = index(&z, gamma);
        linear.copy_from_slice(&eta);
        let (mut slopes, mut roots) = (vec![0.0; eta.len()], vec![0.0; eta.len()]);
        for (i, (eta, y)) in eta.iter().zip(&y[rows.clone()]).enumerate() {
            let sign = 2.0 * y - 1.0;
            let row = spec.link.row(sign * eta);
            slopes[i] = sign * row.slope;
            roots[i] = match spec.information {
                Information::Observed => row.bend,
                Information::Expected => spec.link.expected_bend(*eta),
            }
            .sqrt();
        }
        let gradient = z
            .columns()
            .into_iter()
            .map(|z| ls::dot(z.to_slice().unwrap_or_default(), &slopes))
            .collect();
        let scores = match (&spec.vcov, group) {
            (Vcov::Robust(_), _) => robust_part(z.view(), &slopes, Hc::Hc0, None),
            (Vcov::Cluster(_), Some(group)) => {
                cluster_part(z.view(), &slopes, &group.codes()[rows])
            }
            _ => Part::None,
        };
        scale_rows(&mut z, &roots);
        Last { information: ls::products(z.view()), gradient, scores }
    };
    linear.par_chunks_mut(CHUNK).with_min_len(ls::grain(CHUNK)).enumerate().map(piece).collect()
}
