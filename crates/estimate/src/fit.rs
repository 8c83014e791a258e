//! What an estimator returns.

use std::fmt;

use ndarray::{Array1, Array2, ArrayView1, Axis};
use panel::{Name, Term};

use crate::vcov::{ClusterTerm, Inference};
use crate::{Reference, Sample, Vcov, ls};

/// An estimated linear model. Owns all it holds, and holds no data but the residuals.
#[derive(Debug, Clone)]
pub struct Fit {
    pub(crate) response: Term,
    /// Regressors in table order, then indicators that stand in for absorbed factors.
    pub(crate) terms: Vec<Term>,
    pub(crate) n_indicators: usize,
    /// Coefficients of `terms`, then of the constant if it is reported.
    pub(crate) beta: Array1<f64>,
    pub(crate) vcov: Array2<f64>,
    pub(crate) constant: bool,
    pub(crate) residuals: Vec<f64>,
    pub(crate) sums: Sums,
    pub(crate) correction: Correction,
    pub(crate) inference: Inference,
    pub(crate) spec: (Vcov, &'static str),
    pub(crate) estimator: Estimator,
    /// `½ Σ ln w` of a weighted regression.
    pub(crate) log_jacobian: f64,
    pub(crate) n_entities: usize,
    pub(crate) sample: Sample,
    pub(crate) notes: Vec<Note>,
}

/// Which estimator made a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Estimator {
    /// Pooled least squares.
    Pooled,
    /// The within estimator.
    FixedEffects,
    /// Random effects: least squares on quasi-demeaned columns.
    RandomEffects,
    /// Least squares on the means of groups.
    Between,
    /// Least squares on first differences.
    FirstDifference,
    /// Two-stage least squares, with absorbed effects or without.
    TwoStage,
}

/// Sums of squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sums {
    /// `û'û`.
    pub residual: f64,
    /// Of the response, once the effects are projected out.
    pub within: f64,
    /// Of the response about its mean (about zero in a model without a constant).
    pub total: f64,
}

/// Every ingredient of a standard error that is a convention and not an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correction {
    /// Rows.
    pub n: usize,
    /// Slopes, indicators, all absorbed effects and the constant.
    pub k_all: usize,
    /// The parameters that the covariance counts.
    pub k_counted: usize,
    /// Absorbed effects that it does not count because they are nested in the clusters.
    pub nested: usize,
    /// Clusters, if errors are clustered; the fewest, if in several ways.
    pub n_clusters: Option<usize>,
    /// What multiplies the uncorrected sandwich (for iid errors: 1). With several clusterings, what
    /// all terms share: [`Fit::cluster_terms`] has each one's own.
    pub factor: f64,
    /// The reference distribution of the t statistics, and of joint tests. CR2 and CR3 have one of
    /// their own for every coefficient: [`Coefficient::reference`].
    pub reference: Reference,
}

/// One row of a coefficient table.
#[derive(Debug, Clone, PartialEq)]
pub struct Coefficient {
    /// The regressor as it is written in a formula, or `Constant`.
    pub term: String,
    /// `β̂_j`, in units of the response per unit of the term.
    pub estimate: f64,
    /// Its standard error, in the same units.
    pub std_error: f64,
    /// `β̂_j / se_j`.
    pub statistic: f64,
    /// Two-sided.
    pub p_value: f64,
    /// Lower end of the 95 % confidence interval.
    pub conf_low: f64,
    /// Its upper end.
    pub conf_high: f64,
    /// What the statistic is compared with.
    pub reference: Reference,
}

impl Coefficient {
    /// The row of an estimate whose statistic is compared with the normal.
    pub fn normal(term: impl Into<String>, estimate: f64, variance: f64) -> Self {
        let std_error = variance.sqrt();
        let statistic = estimate / std_error;
        let margin = Reference::Normal.two_sided_quantile(0.05) * std_error;
        Self {
            term: term.into(),
            estimate,
            std_error,
            statistic,
            p_value: Reference::Normal.two_sided(statistic),
            conf_low: estimate - margin,
            conf_high: estimate + margin,
            reference: Reference::Normal,
        }
    }
}

/// A test of several restrictions at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FTest {
    /// The statistic.
    pub statistic: f64,
    /// Restrictions.
    pub df: usize,
    /// Denominator degrees of freedom.
    pub df_residual: usize,
    /// Upper tail.
    pub p_value: f64,
}

/// A test of several restrictions at once, by the normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaldTest {
    /// The statistic.
    pub statistic: f64,
    /// Restrictions.
    pub df: usize,
    /// Upper tail of χ².
    pub p_value: f64,
}

/// An answer's caveat: a line under the table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Rows were left out because a variable is missing.
    Missing {
        /// Rows left out.
        rows: usize,
        /// For every term with gaps, its own count.
        terms: Vec<(Term, usize)>,
    },
    /// Rows were left out because nobody else shares their level of an absorbed factor.
    Singletons {
        /// Rows left out.
        rows: usize,
    },
    /// A factor entered as indicators, and they are not shown.
    Indicators {
        /// The factor.
        by: Name,
        /// Indicators in the model.
        shown: usize,
        /// The level left out.
        base: String,
    },
    /// The covariance weighs lags.
    Lags {
        /// Lags.
        lag: usize,
        /// Periods observed.
        n_periods: usize,
    },
    /// The covariance between entities is from the periods in which all are observed.
    CommonPeriods {
        /// Those periods.
        common: usize,
        /// Periods observed.
        n_periods: usize,
    },
    /// The covariance matrix has a negative eigenvalue.
    Indefinite {
        /// The smallest eigenvalue, once the matrix is scaled to unit variances.
        smallest: f64,
        /// Whether negative eigenvalues were set to zero.
        repaired: bool,
    },
    /// Without one of these clusters some slope is not identified.
    Alone {
        /// The clustering column.
        by: Name,
        /// Such clusters.
        n_clusters: usize,
    },
    /// Rows have weights.
    Weights {
        /// The weights, as they are written.
        weights: String,
        /// Rows in use.
        n: usize,
        /// Rows left out because their weight is zero.
        rows: usize,
    },
    /// A bootstrap took all signs instead of a sample of them.
    Enumerated {
        /// Signs.
        draws: usize,
        /// Whether draws tied with the data count as more extreme.
        ties: bool,
    },
    /// Draws of a bootstrap without a standard error do not count.
    UndefinedDraws {
        /// Draws left out,
        undefined: usize,
        /// of so many.
        draws: usize,
    },
    /// Instruments that may be too weak for the usual inference.
    WeakInstruments {
        /// The Cragg–Donald statistic.
        statistic: f64,
        /// What it should exceed.
        critical: f64,
    },
    /// Few clusters: asymptotics may not have set in.
    FewClusters {
        /// The clustering column.
        by: Name,
        /// Clusters observed.
        n_clusters: usize,
    },
    /// A variance component was estimated to be negative, and set to zero.
    NegativeVariance {
        /// Whose effects.
        by: Name,
        /// The estimate.
        variance: f64,
    },
    /// The regression is one of means.
    Means {
        /// The groups.
        by: Name,
        /// Rows that the means are of.
        rows: usize,
    },
    /// The regression is one of differences, and some rows have no predecessor.
    Differences {
        /// Rows without a difference.
        rows: usize,
        /// Those among them that follow a gap.
        after_gap: usize,
    },
    /// Differences that span more than one period.
    SpanningGaps {
        /// How many.
        rows: usize,
    },
    /// Means of regressors that are the same for everybody, and were not added.
    SameMeans {
        /// The groups.
        by: Name,
        /// The regressors.
        terms: Vec<Term>,
    },
}

impl Note {
    /// What was left out, and what rows count.
    pub(crate) fn of_sample(sample: &Sample) -> Vec<Self> {
        let mut notes = Vec::new();
        if sample.n_missing() > 0 {
            let terms = sample.missing().to_vec();
            notes.push(Self::Missing { rows: sample.n_missing(), terms });
        }
        if sample.n_singletons() > 0 {
            notes.push(Self::Singletons { rows: sample.n_singletons() });
        }
        if let Some(weights) = sample.weights() {
            let rows = sample.n_zero_weight();
            notes.push(Self::Weights { weights: weights.to_string(), n: sample.n(), rows });
        }
        notes
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { rows, terms } => {
                let by: Vec<String> =
                    terms.iter().map(|(term, rows)| format!("`{term}` in {rows}")).collect();
                write!(f, "{rows} rows left out: missing {}", by.join(", "))
            }
            Self::Singletons { rows } => write!(f, "{rows} singleton rows left out"),
            Self::Indicators { by, shown, base } => {
                write!(f, "{shown} indicators of `{by}` not shown; `{base}` is left out")
            }
            Self::Lags { lag, n_periods } => {
                write!(f, "{lag} lags over {n_periods} periods, with Bartlett's kernel")
            }
            Self::CommonPeriods { common, n_periods } => write!(
                f,
                "covariances between entities from the {common} of {n_periods} periods in which \
                 all are observed"
            ),
            Self::Indefinite { smallest, repaired } => {
                write!(
                    f,
                    "the covariance matrix is not positive semidefinite (smallest eigenvalue \
                     {smallest:.1e} of unit variances)"
                )?;
                f.write_str(if *repaired {
                    "; negative eigenvalues are set to zero (Cameron, Gelbach and Miller 2011)"
                } else {
                    ": a sign of too few clusters"
                })
            }
            Self::Alone { by, n_clusters } => write!(
                f,
                "without one of {n_clusters} clusters by `{by}` some slope is not identified; its \
                 standard error takes no account of what only they know"
            ),
            Self::Weights { weights, n, rows: 0 } => write!(f, "{n} rows weighted by {weights}"),
            Self::Weights { weights, n, rows } => {
                write!(f, "{n} rows weighted by {weights}; {rows} rows of weight zero left out")
            }
            Self::Enumerated { draws, ties } => {
                let count = if *ties { "count" } else { "do not count" };
                write!(
                    f,
                    "all {draws} signs are taken, the data and their mirror image among them; \
                     draws as extreme as the data {count}"
                )
            }
            Self::UndefinedDraws { undefined, draws } => {
                write!(f, "{undefined} of {draws} draws have no standard error and are left out")
            }
            Self::WeakInstruments { statistic, critical } => write!(
                f,
                "weak instruments: Cragg–Donald F of {statistic:.2} is below {critical:.2}, with \
                 which a 5 % test rejects at most 10 % of the time (Stock and Yogo, iid errors)"
            ),
            Self::FewClusters { by, n_clusters } => write!(
                f,
                "{n_clusters} clusters by `{by}`: few for cluster-robust inference, which is \
                 justified by their number growing"
            ),
            Self::NegativeVariance { by, variance } => write!(
                f,
                "the variance of the effects of `{by}` was estimated at {variance:.3e} and set to \
                 zero: they have no part in the estimates"
            ),
            Self::Means { by, rows } => write!(f, "means by `{by}` of {rows} rows"),
            Self::Differences { rows, after_gap } => write!(
                f,
                "{rows} rows have no difference: {} come first, {after_gap} follow a gap",
                rows - after_gap
            ),
            Self::SpanningGaps { rows } => {
                write!(f, "{rows} differences span more than one period")
            }
            Self::SameMeans { by, terms } => {
                let terms: Vec<String> = terms.iter().map(|term| format!("`{term}`")).collect();
                write!(f, "no mean added for {}: it is the same for every `{by}`", terms.join(", "))
            }
        }
    }
}

impl Fit {
    /// The name of the constant in a coefficient table.
    pub const CONSTANT: &'static str = "Constant";

    /// The response.
    pub fn response(&self) -> &Term {
        &self.response
    }

    /// The regressors in table order, without indicators that stand in for absorbed factors.
    pub fn terms(&self) -> &[Term] {
        &self.terms[..self.terms.len() - self.n_indicators]
    }

    /// `β̂` of [`Fit::terms`].
    pub fn coef(&self) -> ArrayView1<'_, f64> {
        self.beta.view().split_at(Axis(0), self.terms().len()).0
    }

    /// `V̂(β̂)` of [`Fit::terms`], shape `k × k`.
    pub fn vcov(&self) -> Array2<f64> {
        let k = self.terms().len();
        ls::left(ls::top(self.vcov.view(), k), k).to_owned()
    }

    /// Standard errors of [`Fit::terms`].
    pub fn stderror(&self) -> Array1<f64> {
        self.vcov().diag().mapv(f64::sqrt)
    }

    /// `û`, one a row of the sample.
    pub fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// Sums of squares.
    pub fn sums(&self) -> Sums {
        self.sums
    }

    /// What the convention contributes to the standard errors.
    pub fn correction(&self) -> Correction {
        self.correction
    }

    /// What the statistic of the `j`-th coefficient is compared with, the constant's last.
    pub(crate) fn reference(&self, j: usize) -> Reference {
        self.inference.references.get(j).copied().unwrap_or(self.correction.reference)
    }

    /// The terms of a covariance that is clustered in several ways; else none.
    pub fn cluster_terms(&self) -> &[ClusterTerm] {
        &self.inference.terms
    }

    /// The covariance estimator and the name of the convention.
    pub fn spec(&self) -> (&Vcov, &'static str) {
        (&self.spec.0, self.spec.1)
    }

    /// The estimator.
    pub fn estimator(&self) -> Estimator {
        self.estimator
    }

    /// Entities with a row in use.
    pub fn n_entities(&self) -> usize {
        self.n_entities
    }

    /// The rows used.
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// `−n/2 · (1 + ln 2π + ln(û'û/n)) + ½ Σ ln w`: the Gaussian log-likelihood at its maximum.
    ///
    /// Analytic weights say that errors have variance `σ²/w`. Of random effects it is that of the
    /// quasi-demeaned regression, as linearmodels prints it.
    pub fn log_likelihood(&self) -> f64 {
        let n = self.correction.n as f64;
        let weights = self.sample.weights.as_ref().filter(|w| w.frequency().is_none());
        let log_sum = weights.map_or(0.0, |weights| weights.log_sum);
        self.log_jacobian + 0.5 * log_sum
            - 0.5 * n * (1.0 + (2.0 * std::f64::consts::PI * self.sums.residual / n).ln())
    }

    /// Caveats.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The coefficient table: [`Fit::terms`], then the constant if it is reported.
    pub fn coefficients(&self) -> Vec<Coefficient> {
        let constant = self.constant.then(|| (Self::CONSTANT.to_owned(), self.beta.len() - 1));
        let terms = self.terms().iter().enumerate().map(|(j, term)| (term.to_string(), j));
        let shared = self.correction.reference;
        let shared_margin = shared.two_sided_quantile(0.05);
        terms
            .chain(constant)
            .map(|(term, j)| {
                let reference = self.reference(j);
                let own = reference != shared;
                let margin = if own { reference.two_sided_quantile(0.05) } else { shared_margin };
                let (estimate, std_error) = (self.beta[j], self.vcov[[j, j]].sqrt());
                let statistic = estimate / std_error;
                Coefficient {
                    term,
                    estimate,
                    std_error,
                    statistic,
                    p_value: reference.two_sided(statistic),
                    conf_low: estimate - margin * std_error,
                    conf_high: estimate + margin * std_error,
                    reference,
                }
            })
            .collect()
    }
}
