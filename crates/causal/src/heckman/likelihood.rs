//! Full maximum likelihood: both equations and the correlation of their errors at once.

use estimate::{
    Basis, BinaryFit, BinarySpec, Information, Link, SmallSample, Vcov, binary_in, linear_index,
    mills,
};
use ndarray::{Array1, Array2, Axis};
use panel::Panel;

use super::columns::{inverse, put};
use super::derivatives::{Model, Point};
use super::outcome::{Estimated, Likelihood, Note};
use super::sample::Sample;
use super::spec::{LikelihoodSpec, LikelihoodVcov};
use crate::Error;

/// Steps before giving up; regular data need five to ten.
const STEPS: usize = 200;
/// At this squared distance in standard errors, one more step reaches rounding.
const CLOSE: f64 = 1e-14;
/// Residuals of this share of the response are rounding noise.
const EXACT: f64 = 1e-12;
/// Where `ρ` starts at most; the two-step estimate may lie beyond one.
const START: f64 = 0.9;
/// Beyond this `atanh ρ`, `1 − ρ²` is rounding noise.
const BOUNDARY: f64 = 14.0;
/// A search that stalls beyond this `atanh ρ`, with `|ρ| > 0.9999`, was on its way to one: there
/// the likelihood rises by less and less.
const NEAR: f64 = 5.0;

/// Full maximum likelihood of the selection model.
///
/// ```text
/// d = 0:  ln Φ(−z'γ)
/// d = 1:  ln Φ(q) − u²/2 − ln σ − ½ ln 2π,   u = (y − x'β)/σ,  q = (z'γ + ρu)/√(1−ρ²)
/// ```
///
/// In `a = atanh ρ` and `s = ln σ`, `q = z'γ cosh a + u sinh a`: nothing is divided by `1 − ρ²`.
/// Newton's method with analytic second derivatives starts from the two-step estimates; a step is
/// halved where the likelihood falls, and is that of the outer product of gradients where the
/// likelihood is not concave.
///
/// # Shapes
///
/// `k` outcome terms and `m` selection terms give `k + 1 + m + 1 + 2` parameters.
///
/// # Units
///
/// `β̂` and `σ̂` are in units of the outcome, `γ̂` in standard deviations of the selection error.
///
/// # Errors
///
/// Those of [`two_step`](super::two_step); [`Error::CorrelationAtBoundary`] where the likelihood
/// has no maximum, and through [`Error::Estimate`] `NoMaximum` if Newton's method stops short.
///
/// # Source
///
/// Heckman (1974); Greene (2003), §22.4.3. Agrees with Stata's `heckman` and sampleSelection's
/// `selection(method = "ml")`.
pub fn likelihood(panel: &Panel, spec: &LikelihoodSpec) -> Result<Likelihood, Error> {
    let sample = Sample::new(panel, &spec.outcome, &spec.selection)?;
    let (second, first) = (Basis::new(&sample.outcome)?, Basis::new(&sample.selection)?);
    let probit = BinarySpec {
        link: Link::Probit,
        information: Information::Observed,
        vcov: Vcov::Iid,
        small_sample: SmallSample::None,
    };
    let start = binary_in(&first, &probit)?;
    let model = Model { first: &first, second: &second, at: &sample.at };
    let group = match &spec.vcov {
        LikelihoodVcov::Cluster(by) => Some(sample.selection.clusters(by)?),
        _ => None,
    };
    let (theta, least_squares) = model.start(&start)?;
    let independent = least_squares + start.log_likelihood();
    let (theta, point, iterations) = model.maximise(theta)?;

    let width = theta.len();
    let oim = inverse(&point.information).ok_or_else(|| stuck(iterations, f64::NAN))?;
    let scores = match spec.vcov {
        LikelihoodVcov::Oim => None,
        _ => Some(model.outer_products(&theta, group.as_deref())),
    };
    let n = first.design().n();
    let n_clusters = group.as_ref().map(|group| group.n_levels());
    let robust = match &spec.vcov {
        LikelihoodVcov::Cluster(by) => Vcov::Cluster(by.clone()),
        LikelihoodVcov::Robust => Vcov::Robust(estimate::Hc::Hc1),
        _ => Vcov::Iid,
    };
    let factor = spec.small_sample.factor(&robust, n, width, n_clusters);
    let covariance = match (&spec.vcov, scores) {
        (LikelihoodVcov::Opg, Some(meat)) => {
            inverse(&meat).ok_or_else(|| stuck(iterations, f64::NAN))?
        }
        (_, Some(meat)) => oim.dot(&meat).dot(&oim) * factor,
        (_, None) => oim.clone(),
    };
    let distance = point.gradient.dot(&oim.dot(&point.gradient)).max(0.0).sqrt();

    let (kx, kz) = (second.width(), first.width());
    let mut back = Array2::eye(width);
    put(&mut back, 0, 0, &second.back());
    put(&mut back, kx, kx, &first.back());
    let theta = back.dot(&theta);
    let covariance = back.dot(&covariance).dot(&back.t());
    let block = |names: Vec<String>, constant: bool, from: usize, to: usize| {
        let rows: Vec<usize> = (from..to).collect();
        let vcov = covariance.select(Axis(0), &rows).select(Axis(1), &rows);
        Estimated::new(names.into_iter(), constant, theta.select(Axis(0), &rows), vcov)
    };
    let equation = |basis: &Basis<'_>, from: usize| {
        let design = basis.design();
        let names = design.terms().iter().map(ToString::to_string).collect();
        block(names, design.has_constant(), from, from + basis.width())
    };
    let (outcome, selection) = (equation(&second, 0), equation(&first, kx));
    let ancillary = block(vec!["athrho".into(), "lnsigma".into()], false, kx + kz, width);
    for part in [&outcome, &selection, &ancillary] {
        if let Some(term) = part.without_error() {
            let (term, vcov) = (panel::Term::var(term), spec.vcov.to_string());
            return Err(estimate::Error::Degenerate { term, vcov }.into());
        }
    }
    let mut notes = sample.notes.clone();
    if let (LikelihoodVcov::Cluster(by), Some(n_clusters @ ..20)) = (&spec.vcov, n_clusters) {
        notes.push(Note::FewClusters { by: by.clone(), n_clusters });
    }
    Ok(Likelihood {
        response: second.design().response_term().clone(),
        selection_response: first.design().response_term().clone(),
        outcome,
        selection,
        ancillary,
        vcov: covariance,
        spec: spec.vcov.clone(),
        factor,
        n_clusters,
        maximum: point.log_likelihood,
        independent,
        search: (iterations, distance),
        n: [n, sample.at.len()],
        notes,
    })
}

fn stuck(iterations: usize, distance: f64) -> Error {
    let model = "selection model".to_owned();
    estimate::Error::from(estimate::LikelihoodError::NoMaximum { model, iterations, distance })
        .into()
}

/// Why a search ended without a maximum: the correlation went to one, or something else.
fn stalled(atanh_rho: f64, iterations: usize, distance: f64) -> Error {
    if atanh_rho.abs() > NEAR {
        Error::CorrelationAtBoundary { towards: if atanh_rho > 0.0 { 1 } else { -1 } }
    } else {
        stuck(iterations, distance)
    }
}

impl Model<'_> {
    /// The two-step estimates, and the log-likelihood of least squares on the selected rows.
    fn start(&self, probit: &BinaryFit) -> Result<(Array1<f64>, f64), Error> {
        let design = self.second.design();
        let y = design.response();
        let ratios: Vec<_> = self.at.iter().map(|&i| mills(probit.linear_index()[i])).collect();
        let root = self.second.root();
        let parts = self.second.map(|rows, x| {
            let lambda: Array1<f64> = ratios[rows].iter().map(|ratio| ratio.lambda).collect();
            x.t().dot(&lambda)
        });
        let zero = Array1::<f64>::zeros(self.second.width());
        let of_lambda = root.dot(&root.t()).dot(&parts.into_iter().fold(zero, |a, b| a + b));
        let of_y = self.second.least_squares();
        let parts = self.second.map(|rows, x| {
            let fitted = linear_index(&x, of_y.as_slice().unwrap_or_default());
            let explained = linear_index(&x, of_lambda.as_slice().unwrap_or_default());
            let mut sums = [0.0; 4];
            for (i, row) in rows.enumerate() {
                let (u, v) = (y[row] - fitted[i], ratios[row].lambda - explained[i]);
                let more = [u * u, u * v, v * v, ratios[row].delta];
                sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
            sums
        });
        let [uu, uv, vv, slope] = parts.into_iter().fold([0.0; 4], |mut sums, part| {
            sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            sums
        });
        let n = y.len() as f64;
        let level: f64 = y.iter().map(|y| y * y).sum();
        if uu <= EXACT * EXACT * level {
            let response = design.response_term().clone();
            return Err(estimate::Error::PerfectFit { response }.into());
        }
        // What the terms leave of λ may be rounding noise: then there is nothing to start from.
        let b = if vv > EXACT * n { uv / vv } else { 0.0 };
        let sigma = ((uu - b * uv + b * b * slope) / n).sqrt();
        let rho = (b / sigma).clamp(-START, START);
        let slopes = of_y - of_lambda * b;
        let ancillary = [rho.atanh(), sigma.ln()];
        let theta = slopes.iter().chain(probit.basis_coef()).chain(&ancillary).copied().collect();
        let least_squares = -0.5 * n * (1.0 + (2.0 * std::f64::consts::PI * uu / n).ln());
        Ok((theta, least_squares))
    }

    /// The maximum, the derivatives there, and how many steps it took.
    fn maximise(&self, mut theta: Array1<f64>) -> Result<(Array1<f64>, Point, usize), Error> {
        let at_rho = theta.len() - 2;
        let mut point = self.evaluate(&theta);
        let mut distance = f64::INFINITY;
        for iterations in 1..=STEPS {
            let concave = inverse(&point.information);
            let newton = concave.is_some();
            let metric = concave.or_else(|| inverse(&self.outer_products(&theta, None)));
            let Some(metric) = metric else {
                return Err(stalled(theta[at_rho], iterations, distance));
            };
            let step = metric.dot(&point.gradient);
            let decrement = point.gradient.dot(&step);
            distance = decrement.max(0.0).sqrt();
            // A correlation is not sent to one by a single step.
            let mut length = (1.0 / step[at_rho].abs()).min(1.0);
            let next = loop {
                let next = &theta + &(&step * length);
                let there = self.evaluate(&next);
                let rounding = 1e-13 * point.log_likelihood.abs();
                if there.log_likelihood >= point.log_likelihood - rounding {
                    break Some((next, there));
                }
                length *= 0.5;
                if length < 1e-10 {
                    break None;
                }
            };
            let Some((next, there)) = next else {
                return Err(stalled(theta[at_rho], iterations, distance));
            };
            (theta, point) = (next, there);
            if theta[at_rho].abs() > BOUNDARY {
                return Err(stalled(theta[at_rho], iterations, distance));
            }
            if newton && decrement <= CLOSE {
                return Ok((theta, point, iterations));
            }
        }
        Err(stalled(theta[at_rho], STEPS, distance))
    }
}
