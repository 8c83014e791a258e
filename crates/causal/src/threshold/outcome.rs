//! What a threshold regression returns.

use std::fmt;

use estimate::{Fit, quantile};

use super::spec::Scale;

/// An estimated threshold model. Owns all it holds.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub(super) linear: Fit,
    pub(super) fit: Fit,
    pub(super) thresholds: Vec<Threshold>,
    pub(super) tests: Vec<Test>,
    pub(super) regimes: Vec<Regime>,
    pub(super) n_candidates: usize,
    pub(super) scales: [(Scale, f64); 2],
    pub(super) notes: Vec<Note>,
}

/// A threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// `γ̂`, a value that the threshold variable takes, in its units.
    pub estimate: f64,
    /// The values that the data do not reject.
    pub confidence: ConfidenceSet,
}

/// The values of a threshold that its likelihood ratio does not reject; not always an interval.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfidenceSet {
    /// The level, such as 0.95.
    pub level: f64,
    /// The ratio up to which a value belongs to the set.
    pub critical: f64,
    /// Runs of neighbouring candidates, first and last, in increasing order.
    pub intervals: Vec<[f64; 2]>,
    /// `(γ, LR(γ))` for every candidate that trimming leaves: what is plotted.
    pub ratios: Vec<(f64, f64)>,
}

impl ConfidenceSet {
    /// The smallest and the largest value of the set, which is what programs print.
    pub fn hull(&self) -> [f64; 2] {
        let first = self.intervals.first().map_or(f64::NEG_INFINITY, |run| run[0]);
        let last = self.intervals.last().map_or(f64::INFINITY, |run| run[1]);
        [first, last]
    }
}

/// The test of one more threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Thresholds under the null model, in increasing order.
    pub null: Vec<f64>,
    /// `SSR` of the null model.
    pub ssr_null: f64,
    /// Thresholds with the new one, in increasing order, before refinement.
    pub alternative: Vec<f64>,
    /// `SSR` with them.
    pub ssr: f64,
    /// `(SSR₀/SSR₁ − 1) · scale`.
    pub f: f64,
    /// Thresholds after refinement, in increasing order.
    pub refined: Vec<f64>,
    /// `SSR` with them.
    pub ssr_refined: f64,
    /// `(SSR₀/SSR₁ − 1) · scale` with them.
    pub f_refined: f64,
    /// Its distribution under the null model, if it was asked for.
    pub simulated: Option<Simulated>,
}

/// The bootstrap distribution of an `F`.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// The share of draws whose `F*` exceeds `F` (before refinement).
    pub p_value: f64,
    /// Critical values at 10, 5 and 1 %: quantiles of `F*`, interpolated linearly.
    pub critical: [f64; 3],
    /// `F*`, in the order of the draws.
    pub statistics: Vec<f64>,
}

impl Simulated {
    pub(super) fn new(f: f64, statistics: Vec<f64>) -> Self {
        let n = statistics.len() as f64;
        let larger = statistics.iter().filter(|&&drawn| drawn > f).count();
        let mut sorted = statistics.clone();
        sorted.sort_by(f64::total_cmp);
        let critical = [0.9, 0.95, 0.99].map(|p| quantile(&sorted, p));
        Self { p_value: larger as f64 / n, critical, statistics }
    }
}

/// A regime.
#[derive(Debug, Clone, PartialEq)]
pub struct Regime {
    /// The threshold that bounds it below, if any.
    pub lower: Option<f64>,
    /// The threshold that bounds it above, if any.
    pub upper: Option<f64>,
    /// Rows in it.
    pub rows: usize,
    /// Entities with a row in it.
    pub entities: usize,
}

/// A caveat: a line under the table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// The search looked at some of the distinct values only, because the spec says so.
    Thinned {
        /// Candidates.
        candidates: usize,
        /// Distinct values of the threshold variable.
        distinct: usize,
    },
    /// At some candidates a regime's regressors are collinear; they were passed over.
    Collinear {
        /// Such candidates.
        candidates: usize,
    },
    /// No other entity has as many rows, so that a draw of entities returns the same one.
    Alone {
        /// Such entities.
        entities: usize,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Thinned { candidates, distinct } => {
                write!(f, "searched {candidates} of {distinct} distinct values of the variable")
            }
            Self::Collinear { candidates } => write!(
                f,
                "{candidates} candidates passed over: the regressors of a regime are collinear there"
            ),
            Self::Alone { entities } => write!(
                f,
                "{entities} entities have no other with as many rows: each bootstrap sample \
                 repeats their residuals"
            ),
        }
    }
}

impl Outcome {
    /// The model without thresholds.
    pub fn linear(&self) -> &Fit {
        &self.linear
    }

    /// The slopes given the thresholds: regressors that do not switch, then the switching ones in
    /// each regime, `x:regime::1` in the lowest.
    pub fn fit(&self) -> &Fit {
        &self.fit
    }

    /// The thresholds, in increasing order.
    pub fn thresholds(&self) -> &[Threshold] {
        &self.thresholds
    }

    /// The tests of one more threshold, in the order of the search.
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// The regimes, from the lowest.
    pub fn regimes(&self) -> &[Regime] {
        &self.regimes
    }

    /// Values that the first threshold could take.
    pub fn n_candidates(&self) -> usize {
        self.n_candidates
    }

    /// What the last `F` is scaled by; the earlier ones differ under [`Scale::Residual`] alone.
    pub fn f_scale(&self) -> (Scale, f64) {
        self.scales[0]
    }

    /// What the likelihood ratios are scaled by.
    pub fn lr_scale(&self) -> (Scale, f64) {
        self.scales[1]
    }

    /// Caveats of the search; those of the sample are with [`Outcome::fit`].
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}
