//! What a binary model returns.

use ndarray::{Array1, Array2, ArrayView1, Axis};
use panel::Term;

use super::{BinarySpec, Link};
use crate::cholesky::Cholesky;
use crate::{Coefficient, Design, Fit, Note, Sample, Vcov, chi_squared_upper_tail, ls};

/// An estimated probit or logit. Owns all it holds; of the data, the linear index of every row.
#[derive(Debug, Clone)]
pub struct BinaryFit {
    pub(super) spec: BinarySpec,
    response: Term,
    pub(super) terms: Vec<Term>,
    /// Coefficients of `terms`, then of the constant if there is one.
    pub(super) beta: Array1<f64>,
    pub(super) vcov: Array2<f64>,
    pub(super) constant: bool,
    index: Vec<f64>,
    log_likelihood: f64,
    ones: usize,
    classification: Classification,
    /// `Σ (y − p̂)²`.
    squares: f64,
    search: Search,
    sample: Sample,
    notes: Vec<Note>,
}

/// How the maximum was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Search {
    pub(super) gamma: Array1<f64>,
    pub(super) root: Array2<f64>,
    pub(super) iterations: usize,
    pub(super) distance: f64,
    pub(super) factor: f64,
    pub(super) n_clusters: Option<usize>,
}

/// The several things that stand in for R² in a binary model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PseudoR2 {
    /// `1 − ln L/ln L₀` (McFadden): Stata's and statsmodels' pseudo R².
    pub mcfadden: f64,
    /// `1 − (ln L − K)/ln L₀`.
    pub mcfadden_adjusted: f64,
    /// `1 − (L₀/L)^{2/n}` (Cox and Snell).
    pub cox_snell: f64,
    /// The same as a share of the most it can be (Nagelkerke; Cragg and Uhler).
    pub nagelkerke: f64,
    /// `1 − Σ(y − p̂)²/Σ(y − ȳ)²` (Efron).
    pub efron: f64,
    /// `V(x'β̂)/(V(x'β̂) + σ²)`, `V` dividing by `n` (`McKelvey` and Zavoina).
    pub mckelvey_zavoina: f64,
    /// The share of rows classified correctly at one half.
    pub count: f64,
    /// The same beyond always guessing the more frequent outcome, as a share of what that misses.
    pub count_adjusted: f64,
}

/// A test whose statistic is compared with χ².
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquared {
    /// The statistic.
    pub statistic: f64,
    /// Restrictions.
    pub df: usize,
    /// Upper tail.
    pub p_value: f64,
}

impl ChiSquared {
    /// The test with this statistic.
    pub fn new(statistic: f64, df: usize) -> Self {
        Self { statistic, df, p_value: chi_squared_upper_tail(statistic, df) }
    }
}

/// Rows by outcome and by what the model predicts, cut at one half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Classification {
    /// `y = 1`, `p̂ > ½`.
    pub true_positive: usize,
    /// `y = 0`, `p̂ > ½`.
    pub false_positive: usize,
    /// `y = 0`, `p̂ ≤ ½`.
    pub true_negative: usize,
    /// `y = 1`, `p̂ ≤ ½`.
    pub false_negative: usize,
}

impl BinaryFit {
    #[allow(clippy::float_cmp, reason = "the outcome is exactly zero or one")]
    pub(super) fn new(
        design: &Design<'_>,
        spec: &BinarySpec,
        (beta, vcov): (Array1<f64>, Array2<f64>),
        log_likelihood: f64,
        index: Vec<f64>,
        search: Search,
    ) -> Self {
        let mut table = [[0; 2]; 2];
        let mut squares = 0.0;
        for (y, eta) in design.y.iter().zip(&index) {
            table[usize::from(*y == 1.0)][usize::from(*eta > 0.0)] += 1;
            let miss = y - spec.link.probability(*eta);
            squares += miss * miss;
        }
        let mut notes = Vec::new();
        if design.sample.n_missing() > 0 {
            let terms = design.sample.missing().to_vec();
            notes.push(Note::Missing { rows: design.sample.n_missing(), terms });
        }
        if let (Vcov::Cluster(by), Some(n_clusters @ ..20)) = (&spec.vcov, search.n_clusters) {
            notes.push(Note::FewClusters { by: by.clone(), n_clusters });
        }
        Self {
            spec: spec.clone(),
            response: design.response.clone(),
            terms: design.terms.clone(),
            beta,
            vcov,
            constant: design.constant,
            index,
            log_likelihood,
            ones: table[1][0] + table[1][1],
            classification: Classification {
                true_positive: table[1][1],
                false_positive: table[0][1],
                true_negative: table[0][0],
                false_negative: table[1][0],
            },
            squares,
            search,
            sample: design.sample.clone(),
            notes,
        }
    }

    /// The choices that moved a digit.
    pub fn spec(&self) -> &BinarySpec {
        &self.spec
    }

    /// Probit or logit.
    pub fn link(&self) -> Link {
        self.spec.link
    }

    /// The outcome.
    pub fn response(&self) -> &Term {
        &self.response
    }

    /// The regressors in table order, without the constant.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// `β̂` of [`BinaryFit::terms`].
    pub fn coef(&self) -> ArrayView1<'_, f64> {
        self.beta.view().split_at(Axis(0), self.terms.len()).0
    }

    /// The constant, in a model that has one.
    pub fn constant(&self) -> Option<f64> {
        self.constant.then(|| self.beta[self.terms.len()])
    }

    /// `V̂` of [`BinaryFit::terms`] and then of the constant, shape `K × K`.
    pub fn vcov(&self) -> &Array2<f64> {
        &self.vcov
    }

    /// Standard errors of [`BinaryFit::terms`], then of the constant.
    pub fn stderror(&self) -> Array1<f64> {
        self.vcov.diag().mapv(f64::sqrt)
    }

    /// `x_i'β̂`, one a row of the sample: the score that matching goes by.
    pub fn linear_index(&self) -> &[f64] {
        &self.index
    }

    /// `F(x_i'β̂)`, one a row of the sample.
    pub fn probabilities(&self) -> Vec<f64> {
        self.index.iter().map(|eta| self.spec.link.probability(*eta)).collect()
    }

    /// The rows used.
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// Rows in use.
    pub fn n(&self) -> usize {
        self.index.len()
    }

    /// Rows with `y = 1`.
    pub fn n_ones(&self) -> usize {
        self.ones
    }

    /// Clusters, if errors are clustered.
    pub fn n_clusters(&self) -> Option<usize> {
        self.search.n_clusters
    }

    /// What the sandwich was multiplied by.
    pub fn factor(&self) -> f64 {
        self.search.factor
    }

    /// `R`, shape `K × K`, with the inverse information `R R'` in the columns of the [`Basis`] that
    /// the maximum was found in.
    ///
    /// [`Basis`]: crate::Basis
    pub fn information_root(&self) -> &Array2<f64> {
        &self.search.root
    }

    /// `γ̂` in the columns of the same basis.
    pub fn basis_coef(&self) -> &Array1<f64> {
        &self.search.gamma
    }

    /// Newton steps to the maximum.
    pub fn iterations(&self) -> usize {
        self.search.iterations
    }

    /// `√(g'H⁻¹g)` at the end: how far from the maximum, in standard errors.
    pub fn distance(&self) -> f64 {
        self.search.distance
    }

    /// `ln L` at its maximum.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// `ln L₀`: of the constant alone, or in a model without one, of `P(y = 1) = ½`.
    pub fn null_log_likelihood(&self) -> f64 {
        let (n, ones) = (self.n() as f64, self.ones as f64);
        if self.constant {
            ones * (ones / n).ln() + (n - ones) * ((n - ones) / n).ln()
        } else {
            -n * std::f64::consts::LN_2
        }
    }

    /// `2(ln L − ln L₀)`: the likelihood-ratio test that every slope is zero; none without slopes.
    pub fn likelihood_ratio(&self) -> Option<ChiSquared> {
        let df = self.terms.len();
        let statistic = 2.0 * (self.log_likelihood - self.null_log_likelihood());
        (df > 0).then(|| ChiSquared::new(statistic.max(0.0), df))
    }

    /// `β̂'V̂⁻¹β̂` of the slopes: the same hypothesis under the covariance asked for. None without
    /// slopes, and none where clusters are too few for `V̂` to have an inverse.
    pub fn wald(&self) -> Option<ChiSquared> {
        let k = self.terms.len();
        let slopes = ls::left(ls::top(self.vcov.view(), k), k).to_owned();
        let (factor, spanned) = Cholesky::new(&slopes, 1e-13);
        let statistic = self.coef().dot(&factor.solve(self.coef()));
        (k > 0 && spanned.is_empty()).then(|| ChiSquared::new(statistic, k))
    }

    /// What stands in for R².
    pub fn pseudo_r2(&self) -> PseudoR2 {
        let (n, ones) = (self.n() as f64, self.ones as f64);
        let (full, null) = (self.log_likelihood, self.null_log_likelihood());
        let cox_snell = -(2.0 / n * (null - full)).exp_m1();
        let right = self.classification.true_positive + self.classification.true_negative;
        let (right, frequent) = (right as f64, ones.max(n - ones));
        let variance = ls::sum_of_squares_about(&self.index, true) / n;
        PseudoR2 {
            mcfadden: 1.0 - full / null,
            mcfadden_adjusted: 1.0 - (full - self.beta.len() as f64) / null,
            cox_snell,
            nagelkerke: cox_snell / -(2.0 / n * null).exp_m1(),
            efron: 1.0 - self.squares / (ones * (n - ones) / n),
            mckelvey_zavoina: variance / (variance + self.spec.link.latent_variance()),
            count: right / n,
            count_adjusted: (right - frequent) / (n - frequent),
        }
    }

    /// `−2 ln L + 2K`.
    pub fn aic(&self) -> f64 {
        2.0 * (self.beta.len() as f64 - self.log_likelihood)
    }

    /// `−2 ln L + K ln n`.
    pub fn bic(&self) -> f64 {
        self.beta.len() as f64 * (self.n() as f64).ln() - 2.0 * self.log_likelihood
    }

    /// Outcomes against predictions.
    pub fn classification(&self) -> Classification {
        self.classification
    }

    /// Caveats.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The coefficient table, compared with the normal: terms, then the constant.
    pub fn coefficients(&self) -> Vec<Coefficient> {
        let terms = self.terms.iter().map(ToString::to_string);
        let names = terms.chain(self.constant.then(|| Fit::CONSTANT.to_owned()));
        let row =
            |(j, name): (usize, String)| Coefficient::normal(name, self.beta[j], self.vcov[[j, j]]);
        names.enumerate().map(row).collect()
    }
}
