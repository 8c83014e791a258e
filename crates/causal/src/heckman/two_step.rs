//! Probit, then least squares with the inverse Mills ratio.

use estimate::{
    Basis, BinarySpec, Link, SmallSample, Vcov, binary_in, inner_products, linear_index, mills,
};
use ndarray::{Array1, Array2};
use panel::{Panel, Term};
use rayon::prelude::*;

use super::columns::{gather, weigh, within};
use super::outcome::{Estimated, Note, TwoStep};
use super::sample::Sample;
use super::spec::{Rho, TwoStepSpec};
use crate::Error;

/// Heckman's two-step estimator with errors that know `λ` is estimated.
///
/// ```text
/// d on z by probit → γ̂, V̂_γ        λ_i = φ(z_i'γ̂)/Φ(z_i'γ̂),  δ_i = λ_i(λ_i + z_i'γ̂)
/// y on X* = [X, λ] where d = 1 → β̂, e
/// σ̂² = e'e/n₁ + β̂_λ² mean δ        ρ̂ = β̂_λ/σ̂
/// V̂ = σ̂² (X*'X*)⁻¹ [X*'(I − ρ̂²D)X* + ρ̂² F V̂_γ F'] (X*'X*)⁻¹,  D = diag δ,  F = X*'DZ
/// ```
///
/// # Shapes
///
/// `k` outcome terms give `k + 2` coefficients: terms, `λ`, constant.
///
/// # Units
///
/// `β̂_λ = ρσ` and `σ` are in units of the outcome.
///
/// # Example
///
/// ```
/// use causal::heckman::{Rho, TwoStepSpec, two_step};
/// use estimate::Information;
/// use panel::{Column, Factor, Index, Panel};
///
/// // y = 1 + 2x wherever it is seen: nothing is left for λ to explain but noise of ±0.1.
/// let n = 40;
/// let row = |f: fn(i32) -> f64| Column::Number((0..n).map(f).collect());
/// let index = Index {
///     entity_name: "id".into(),
///     entity: Factor::from_numbers(&(0..n).collect::<Vec<i32>>()),
///     period_name: "t".into(),
///     period: vec![0; 40],
/// };
/// let panel = Panel::new(
///     index,
///     [
///         ("x".into(), row(|i| f64::from(i % 5))),
///         ("z".into(), row(|i| f64::from(i % 8))),
///         ("seen".into(), row(|i| f64::from(i32::from(i % 8 + i % 3 > 4)))),
///         ("y".into(), row(|i| 1.0 + 2.0 * f64::from(i % 5) + 0.1 * f64::from(i % 2 * 2 - 1))),
///     ],
/// )?;
/// let outcome = two_step(
///     &panel,
///     &TwoStepSpec {
///         outcome: "y ~ x".parse()?,
///         selection: "seen ~ x + z".parse()?,
///         information: Information::Observed,
///         rho: Rho::Sigma,
///     },
/// )?;
/// assert_eq!((outcome.n(), outcome.n_selected()), (40, 20));
/// assert!((outcome.outcome().coefficients()[0].estimate - 2.0).abs() < 0.05);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::NothingCensored`], [`Error::NothingSelected`]; through [`Error::Estimate`] those of
/// the probit (separation, collinear terms) and of the second stage, where a `lambda` that is
/// collinear with the outcome's terms is named as such.
///
/// # Source
///
/// Heckman (1979); Greene (1981), Sample selection bias as a specification error: comment. Agrees
/// with Stata's `heckman, twostep` and sampleSelection's `selection(method = "2step")`.
pub fn two_step(panel: &Panel, spec: &TwoStepSpec) -> Result<TwoStep, Error> {
    let sample = Sample::new(panel, &spec.outcome, &spec.selection)?;
    let basis = Basis::new(&sample.selection)?;
    let probit = BinarySpec {
        link: Link::Probit,
        information: spec.information,
        vcov: Vcov::Iid,
        small_sample: SmallSample::None,
    };
    let first = binary_in(&basis, &probit)?;
    let index = first.linear_index();
    let (lambda, delta): (Vec<f64>, Vec<f64>) = sample
        .at
        .par_iter()
        .with_min_len(4096)
        .map(|&i| {
            let at = mills(index[i]);
            (at.lambda, at.delta)
        })
        .unzip();
    let term = Term::var(TwoStep::LAMBDA);
    let at_lambda = sample.outcome.terms().len();
    let augmented = sample.outcome.with_regressor(term, lambda)?;
    let second = Basis::new(&augmented)?;
    let gamma = second.least_squares();
    let Sums { squares, products, cross, slope } =
        Sums::new(&basis, &second, &gamma, &sample.at, &delta);

    let total = total_squares(augmented.response(), augmented.has_constant());
    if squares <= EXACT * EXACT * total {
        let response = augmented.response_term().clone();
        return Err(estimate::Error::PerfectFit { response }.into());
    }
    let n_selected = sample.at.len() as f64;
    let back = second.back();
    let beta = back.dot(&gamma);
    let b = beta[at_lambda];
    let mut sigma = (squares / n_selected + b * b * slope / n_selected).sqrt();
    let mut rho = b / sigma;
    let mut notes = sample.notes;
    let mut used = rho;
    if rho.abs() > 1.0 {
        notes.push(Note::RhoOutside { rho, rule: spec.rho });
        if spec.rho != Rho::Force {
            used = rho.signum();
        }
        if matches!(spec.rho, Rho::Sigma | Rho::Truncated) {
            rho = used;
        }
        if spec.rho == Rho::Sigma {
            sigma = b.abs();
        }
    }
    // In columns with W'X*'X*W = I the corrected meat is I − ρ²(W'PW − QQ').
    let root = second.root();
    let q = root.t().dot(&cross).dot(first.information_root());
    let inner = q.dot(&q.t()) - root.t().dot(&products).dot(&root);
    let inner = Array2::<f64>::eye(root.ncols()) + inner * (used * used);
    let half = back.dot(&root);
    let covariance = half.dot(&inner).dot(&half.t()) * (sigma * sigma);
    let names = augmented.terms().iter().map(ToString::to_string);
    let outcome = Estimated::new(names, augmented.has_constant(), beta, covariance);
    if let Some(term) = outcome.without_error() {
        let vcov = format!("the corrected covariance with ρ = {used:.3}");
        let term = Term::var(term);
        return Err(estimate::Error::Degenerate { term, vcov }.into());
    }
    Ok(TwoStep {
        response: augmented.response_term().clone(),
        first,
        outcome,
        sigma,
        rho,
        squares: [squares, total],
        n_selected: sample.at.len(),
        lambda: augmented.column(at_lambda).to_vec(),
        rows: (0..augmented.n()).map(|i| augmented.sample().row(i)).collect(),
        notes,
    })
}

/// Residuals of this share of the response are rounding noise.
const EXACT: f64 = 1e-12;

/// What one pass over the selected rows adds up.
struct Sums {
    /// `e'e`.
    squares: f64,
    /// `X*'DX*`.
    products: Array2<f64>,
    /// `X*'DZ`.
    cross: Array2<f64>,
    /// `Σ δ`.
    slope: f64,
}

impl Sums {
    fn new(
        basis: &Basis<'_>,
        second: &Basis<'_>,
        gamma: &Array1<f64>,
        at: &[usize],
        delta: &[f64],
    ) -> Self {
        let y = second.design().response();
        let parts = basis.map(|rows, z| {
            let selected = within(at, &rows);
            let x = second.piece(selected.clone());
            let fitted = linear_index(&x, gamma.as_slice().unwrap_or_default());
            let error = |(y, fitted): (&f64, f64)| (y - fitted) * (y - fitted);
            let squares: f64 = y[selected.clone()].iter().zip(fitted).map(error).sum();
            let delta = &delta[selected.clone()];
            let roots: Vec<f64> = delta.iter().map(|delta| delta.sqrt()).collect();
            let x = weigh(x, &roots);
            let z = weigh(gather(&z, &at[selected], rows.start), &roots);
            (squares, inner_products(&x, &x), inner_products(&x, &z), delta.iter().sum::<f64>())
        });
        let (kx, kz) = (second.width(), basis.width());
        let mut sums = Self {
            squares: 0.0,
            products: Array2::zeros((kx, kx)),
            cross: Array2::zeros((kx, kz)),
            slope: 0.0,
        };
        for (squares, products, cross, slope) in parts {
            sums.squares += squares;
            sums.products += &products;
            sums.cross += &cross;
            sums.slope += slope;
        }
        sums
    }
}

fn total_squares(y: &[f64], about_mean: bool) -> f64 {
    let mean = if about_mean { y.iter().sum::<f64>() / y.len() as f64 } else { 0.0 };
    y.iter().map(|y| (y - mean) * (y - mean)).sum()
}
