//! What the estimators of a selection model return.

use std::fmt;

use estimate::{BinaryFit, ChiSquared, Coefficient, Fit};
use ndarray::{Array1, Array2};
use panel::{Name, Term};

use super::spec::{LikelihoodVcov, Rho};

/// Coefficients with their covariance, compared with the normal.
#[derive(Debug, Clone)]
pub struct Estimated {
    names: Vec<String>,
    beta: Array1<f64>,
    vcov: Array2<f64>,
}

impl Estimated {
    pub(super) fn new(
        terms: impl Iterator<Item = String>,
        constant: bool,
        beta: Array1<f64>,
        vcov: Array2<f64>,
    ) -> Self {
        let names = terms.chain(constant.then(|| Fit::CONSTANT.to_owned())).collect();
        Self { names, beta, vcov }
    }

    /// Names in table order: terms, then the constant.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// `β̂` in table order.
    pub fn coef(&self) -> &Array1<f64> {
        &self.beta
    }

    /// `V̂` in table order.
    pub fn vcov(&self) -> &Array2<f64> {
        &self.vcov
    }

    /// The coefficient table.
    pub fn coefficients(&self) -> Vec<Coefficient> {
        let row = |(j, name): (usize, &String)| {
            Coefficient::normal(name.clone(), self.beta[j], self.vcov[[j, j]])
        };
        self.names.iter().enumerate().map(row).collect()
    }

    /// A coefficient whose variance is not positive.
    pub(super) fn without_error(&self) -> Option<Name> {
        let positive = |j: usize| self.vcov[[j, j]].is_finite() && self.vcov[[j, j]] > 0.0;
        (0..self.names.len()).find(|&j| !positive(j)).map(|j| self.names[j].clone())
    }
}

/// A caveat of a selection model: a line under the table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Rows were left out because a variable of an equation is missing.
    Missing {
        /// Rows left out.
        rows: usize,
        /// For every term with gaps, its own count.
        terms: Vec<(Term, usize)>,
    },
    /// Every variable of the selection equation is in the outcome equation.
    NoExclusion,
    /// The two-step estimate of a correlation is none.
    RhoOutside {
        /// `β̂_λ/σ̂`.
        rho: f64,
        /// What was done about it.
        rule: Rho,
    },
    /// Few clusters: asymptotics may not have set in.
    FewClusters {
        /// The clustering column.
        by: Name,
        /// Clusters observed.
        n_clusters: usize,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { rows, terms } => {
                let note = estimate::Note::Missing { rows: *rows, terms: terms.clone() };
                note.fmt(f)
            }
            Self::NoExclusion => f.write_str(
                "no variable is in the selection equation alone: the correlation of the errors is \
                 identified by the curvature of the inverse Mills ratio",
            ),
            Self::RhoOutside { rho, rule } => {
                write!(f, "the two-step estimate of ρ is {rho:.4}, beyond ±1: {rule}")
            }
            Self::FewClusters { by, n_clusters } => {
                estimate::Note::FewClusters { by: by.clone(), n_clusters: *n_clusters }.fmt(f)
            }
        }
    }
}

/// Heckman's two-step estimates.
#[derive(Debug, Clone)]
pub struct TwoStep {
    pub(super) response: Term,
    pub(super) first: BinaryFit,
    pub(super) outcome: Estimated,
    pub(super) sigma: f64,
    pub(super) rho: f64,
    /// `e'e`, and of the response about its mean.
    pub(super) squares: [f64; 2],
    pub(super) n_selected: usize,
    pub(super) lambda: Vec<f64>,
    pub(super) rows: Vec<usize>,
    pub(super) notes: Vec<Note>,
}

impl TwoStep {
    /// The name of the inverse Mills ratio in a coefficient table.
    pub const LAMBDA: &'static str = "lambda";

    /// The outcome.
    pub fn response(&self) -> &Term {
        &self.response
    }

    /// The probit of selection.
    pub fn selection(&self) -> &BinaryFit {
        &self.first
    }

    /// The outcome equation: terms, [`TwoStep::LAMBDA`], constant; corrected errors.
    pub fn outcome(&self) -> &Estimated {
        &self.outcome
    }

    /// `σ̂`, in units of the outcome.
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// `ρ̂`.
    pub fn rho(&self) -> f64 {
        self.rho
    }

    /// `1 − e'e/TSS` of the second stage.
    pub fn r2(&self) -> f64 {
        1.0 - self.squares[0] / self.squares[1]
    }

    /// The same with degrees of freedom, `λ` counted.
    pub fn r2_adjusted(&self) -> f64 {
        let (n, k) = (self.n_selected as f64, self.outcome.names.len() as f64);
        let constant = f64::from(u8::from(self.outcome.names.iter().any(|n| n == Fit::CONSTANT)));
        1.0 - (1.0 - self.r2()) * (n - constant) / (n - k)
    }

    /// Rows in use.
    pub fn n(&self) -> usize {
        self.first.n()
    }

    /// Rows whose outcome is used.
    pub fn n_selected(&self) -> usize {
        self.n_selected
    }

    /// Rows whose outcome is not seen.
    pub fn n_censored(&self) -> usize {
        self.n() - self.n_selected
    }

    /// `λ_i` of the selected rows, and the panel's row of each.
    pub fn lambda(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.rows.iter().copied().zip(self.lambda.iter().copied())
    }

    /// Caveats.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

/// Maximum-likelihood estimates of a selection model.
#[derive(Debug, Clone)]
pub struct Likelihood {
    pub(super) response: Term,
    pub(super) selection_response: Term,
    pub(super) outcome: Estimated,
    pub(super) selection: Estimated,
    /// Of `atanh ρ` and `ln σ`.
    pub(super) ancillary: Estimated,
    /// Of all parameters: outcome, selection, `atanh ρ`, `ln σ`.
    pub(super) vcov: Array2<f64>,
    pub(super) spec: LikelihoodVcov,
    pub(super) factor: f64,
    pub(super) n_clusters: Option<usize>,
    pub(super) maximum: f64,
    pub(super) independent: f64,
    pub(super) search: (usize, f64),
    pub(super) n: [usize; 2],
    pub(super) notes: Vec<Note>,
}

impl Likelihood {
    /// The outcome.
    pub fn response(&self) -> &Term {
        &self.response
    }

    /// The response of the selection equation.
    pub fn selection_response(&self) -> &Term {
        &self.selection_response
    }

    /// The outcome equation: terms, then the constant.
    pub fn outcome(&self) -> &Estimated {
        &self.outcome
    }

    /// The selection equation: terms, then the constant.
    pub fn selection(&self) -> &Estimated {
        &self.selection
    }

    /// `atanh ρ` and `ln σ`, in which the likelihood is maximised.
    pub fn ancillary(&self) -> &Estimated {
        &self.ancillary
    }

    /// `V̂` of all parameters: outcome, selection, `atanh ρ`, `ln σ`.
    pub fn vcov(&self) -> &Array2<f64> {
        &self.vcov
    }

    /// The covariance estimator, the factor of its sandwich, and how many clusters it has.
    pub fn spec(&self) -> (&LikelihoodVcov, f64, Option<usize>) {
        (&self.spec, self.factor, self.n_clusters)
    }

    /// `ρ`, `σ` and `λ = ρσ`, with delta-method errors.
    ///
    /// Intervals are those of `atanh ρ` and `ln σ`, transformed; that of `λ` is symmetric.
    pub fn derived(&self) -> [Coefficient; 3] {
        let table = self.ancillary.coefficients();
        let (a, s) = (&table[0], &table[1]);
        let (rho, sigma) = (a.estimate.tanh(), s.estimate.exp());
        let v = self.ancillary.vcov();
        let slope = 1.0 - rho * rho;
        let (da, ds) = (sigma * slope, sigma * rho);
        let variance = da * da * v[[0, 0]] + 2.0 * da * ds * v[[0, 1]] + ds * ds * v[[1, 1]];
        [
            Coefficient {
                conf_low: a.conf_low.tanh(),
                conf_high: a.conf_high.tanh(),
                ..Coefficient::normal("rho", rho, slope * slope * v[[0, 0]])
            },
            Coefficient {
                conf_low: s.conf_low.exp(),
                conf_high: s.conf_high.exp(),
                ..Coefficient::normal("sigma", sigma, sigma * sigma * v[[1, 1]])
            },
            Coefficient::normal(TwoStep::LAMBDA, rho * sigma, variance),
        ]
    }

    /// `ln L` at its maximum.
    pub fn log_likelihood(&self) -> f64 {
        self.maximum
    }

    /// `ln L` of a probit and a least-squares regression of their own: the maximum with `ρ = 0`.
    pub fn independent_log_likelihood(&self) -> f64 {
        self.independent
    }

    /// The likelihood-ratio test of `ρ = 0`.
    pub fn likelihood_ratio(&self) -> ChiSquared {
        ChiSquared::new((2.0 * (self.maximum - self.independent)).max(0.0), 1)
    }

    /// The Wald test of `ρ = 0`: `(atanh ρ̂ / se)²`.
    pub fn wald(&self) -> ChiSquared {
        let statistic = self.ancillary.coefficients()[0].statistic;
        ChiSquared::new(statistic * statistic, 1)
    }

    /// Newton steps to the maximum.
    pub fn iterations(&self) -> usize {
        self.search.0
    }

    /// `√(g'H⁻¹g)` at the end: how far from the maximum, in standard errors.
    pub fn distance(&self) -> f64 {
        self.search.1
    }

    /// Rows in use.
    pub fn n(&self) -> usize {
        self.n[0]
    }

    /// Rows whose outcome is used.
    pub fn n_selected(&self) -> usize {
        self.n[1]
    }

    /// Rows whose outcome is not seen.
    pub fn n_censored(&self) -> usize {
        self.n[0] - self.n[1]
    }

    /// Caveats.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}
