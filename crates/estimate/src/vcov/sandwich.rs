//! The covariances that need more than the sums of one pass over the rows.

use ndarray::{Array1, Array2};
use panel::{Factor, Name, Term};

use super::Vcov;
use super::bell_mccaffrey::{Adjustment, MOST_LEVELS, adjusted, levels_left};
use super::kernel::{Calendar, driscoll_kraay, newey_west};
use super::multiway::{self, ClusterTerm, repair};
use super::pcse;
use super::scores::Scores;
use super::small_sample::Counted;
use crate::convention::Intersection;
use crate::ls::Solution;
use crate::within::Projected;
use crate::{Design, Error, Fit, Note, Reference, Spec};

/// What inference needs beside a covariance matrix; empty where one rule serves all coefficients.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Inference {
    /// The reference distribution of every coefficient, if they differ.
    pub(crate) references: Vec<Reference>,
    /// The terms of multi-way clustering.
    pub(crate) terms: Vec<ClusterTerm>,
}

/// A solved regression whose covariance is to be estimated.
pub(crate) struct Sandwich<'a> {
    pub(crate) design: &'a Design<'a>,
    pub(crate) spec: &'a Spec,
    pub(crate) factors: &'a [&'a Factor],
    pub(crate) counted: &'a Counted<'a>,
    pub(crate) projected: &'a Projected<'a>,
    pub(crate) solution: &'a Solution,
    pub(crate) residuals: &'a [f64],
    /// Of the regressors, if the constant is reported.
    pub(crate) means: Option<&'a Array1<f64>>,
}

impl Sandwich<'_> {
    /// `V̂` of slopes, then the constant; `None` if one pass over the rows has all that it needs.
    ///
    /// `errors` are what the residuals of instrumented regressors add to the response's.
    pub(crate) fn covariance(&self, errors: &[&[f64]]) -> Result<Option<Estimated>, Error> {
        let Self { design, spec, counted, .. } = *self;
        let scores = Scores {
            projected: self.projected,
            solution: self.solution,
            residuals: self.residuals,
            weights: design.root.as_deref(),
            n: counted.correction.n,
            constant: self.means.is_some(),
        };
        self.refuse(errors)?;
        let factor = counted.correction.factor;
        let mut inference = Inference::default();
        let mut notes = Vec::new();
        let meat = match &spec.vcov {
            Vcov::Iid | Vcov::Robust(_) | Vcov::Cluster(_) => return Ok(None),
            Vcov::Cr2(by) => return self.adjusted(by, Adjustment::Cr2, &scores).map(Some),
            Vcov::Cr3(by) => return self.adjusted(by, Adjustment::Cr3, &scores).map(Some),
            Vcov::Multiway(by) => {
                let (meat, terms) = multiway::meat(by, counted, spec, &scores);
                inference.terms = terms;
                meat
            }
            Vcov::DriscollKraay { lag } => {
                let calendar = Calendar::new(design)?;
                let (lag, note) = calendar.lag(*lag, spec)?;
                notes.push(note);
                driscoll_kraay(&calendar, lag, &scores) * factor
            }
            Vcov::NeweyWest { lag } => {
                let calendar = Calendar::new(design)?;
                let (lag, note) = calendar.lag(*lag, spec)?;
                notes.push(note);
                newey_west(&calendar, &self.entities().0, lag, &scores) * factor
            }
            Vcov::Pcse { pairwise } => {
                let calendar = Calendar::new(design)?;
                let (entities, n) = self.entities();
                let (meat, note) = pcse::meat(&calendar, &entities, n, *pairwise, &scores)?;
                notes.extend(note);
                meat * factor
            }
        };
        let half = with_constant(&scores.bread(), self.means, 1.0 / scores.n as f64);
        let mut covariance = half.dot(&meat).dot(&half.t());
        if matches!(spec.vcov, Vcov::Multiway(_) | Vcov::Pcse { .. }) {
            notes.extend(repair(&mut covariance, scores.k(), spec.convention.indefinite));
            // What rounding leaves of a variance that was set to zero.
            let largest = covariance.diag().iter().copied().fold(0.0, f64::max);
            let rounding = |v: &&mut f64| **v < 0.0 && **v > -1e-15 * largest;
            covariance.diag_mut().iter_mut().filter(rounding).for_each(|v| *v = 0.0);
        }
        Ok(Some((covariance, inference, notes)))
    }

    /// What the formulas do not cover.
    fn refuse(&self, errors: &[&[f64]]) -> Result<(), Error> {
        let white = self.spec.convention.intersection == Intersection::Rows;
        let (method, leverage, by_row) = match &self.spec.vcov {
            Vcov::Cr2(_) => ("CR2", true, true),
            Vcov::Cr3(_) => ("CR3", true, true),
            Vcov::NeweyWest { .. } => ("newey-west", false, true),
            Vcov::Pcse { .. } => ("pcse", false, true),
            Vcov::Multiway(_) => ("this convention's clustering in several ways", false, white),
            _ => return Ok(()),
        };
        let weights = self.design.sample.weights.as_ref();
        let frequencies = weights.is_some_and(|weights| weights.frequency().is_some());
        let beyond = match () {
            () if by_row && frequencies => "frequencies as weights",
            () if leverage && !self.design.slopes.is_empty() => "slopes by level",
            () if leverage && !errors.is_empty() => "instruments",
            () => return Ok(()),
        };
        Err(Error::Beyond { method, beyond })
    }

    fn adjusted(
        &self,
        by: &Name,
        adjustment: Adjustment,
        scores: &Scores<'_>,
    ) -> Result<Estimated, Error> {
        let Some(group) = self.counted.groups.first() else {
            return Err(Error::UnknownVcov { text: self.spec.vcov.to_string() });
        };
        let levels = levels_left(self.factors, group);
        if levels > MOST_LEVELS {
            let (vcov, by) = (self.spec.vcov.to_string(), by.clone());
            return Err(Error::TooManyLevels { vcov, by, levels, most: MOST_LEVELS });
        }
        let shared = self.counted.correction.reference;
        let adjusted = adjusted(scores, self.factors, group, self.means, adjustment);
        // A constant without a variance has no degrees of freedom either.
        let own = |df: f64| if df > 0.0 { Reference::Satterthwaite(df) } else { shared };
        let references = adjusted.df.into_iter().map(own).collect();
        let mut notes = Vec::new();
        if adjusted.alone > 0 {
            notes.push(Note::Alone { by: by.clone(), n_clusters: adjusted.alone });
        }
        let inference = Inference { references, terms: Vec::new() };
        Ok((adjusted.covariance * self.counted.correction.factor, inference, notes))
    }

    /// The entity of every row, numbered from zero as they occur, and how many there are.
    fn entities(&self) -> (Vec<u32>, usize) {
        let codes = self.design.panel.index().entity.codes();
        let mut last = None;
        let mut n = 0;
        let number = |i: usize| {
            let code = codes[self.design.sample.row(i)];
            if last != Some(code) {
                last = Some(code);
                n += 1;
            }
            n - 1
        };
        let numbers: Vec<u32> = (0..self.design.n()).map(number).collect();
        (numbers, n as usize)
    }
}

/// Whether every coefficient has a standard error; `lengths` is the diagonal of `(X'X)⁻¹`, `sigma2`
/// is `û'û/n`.
pub(crate) fn check_variances(
    design: &Design<'_>,
    vcov: &Vcov,
    covariance: &Array2<f64>,
    lengths: &[f64],
    sigma2: f64,
) -> Result<(), Error> {
    for (j, term) in design.terms.iter().enumerate() {
        let variance = covariance[[j, j]];
        let iid = lengths[j] * sigma2;
        if variance < -1e-20 * iid {
            return Err(Error::NotPositive { term: term.clone(), vcov: vcov.to_string() });
        }
        // What is left where the residuals behind a coefficient are zero is rounding noise.
        if !(variance.is_finite() && variance > 1e-20 * iid) {
            return Err(Error::Degenerate { term: term.clone(), vcov: vcov.to_string() });
        }
    }
    if covariance.diag().iter().skip(design.terms.len()).any(|variance| *variance < 0.0) {
        let term = Term::var(Fit::CONSTANT);
        return Err(Error::NotPositive { term, vcov: vcov.to_string() });
    }
    Ok(())
}

/// A covariance, what its inference needs, and caveats.
pub(crate) type Estimated = (Array2<f64>, Inference, Vec<Note>);

/// `A` with a row for the constant `ȳ − x̄'β̂`, which is `−x̄'A`, and `last` for that of `ȳ`.
///
/// Projected regressors sum to zero, so that `ȳ` and `β̂` have nothing in common.
pub(crate) fn with_constant(
    a: &Array2<f64>,
    means: Option<&Array1<f64>>,
    last: f64,
) -> Array2<f64> {
    let Some(means) = means else { return a.clone() };
    let k = means.len();
    let row = means.dot(a);
    Array2::from_shape_fn((k + 1, k + 1), |(i, j)| match (i < k, j < k) {
        (true, true) => a[[i, j]],
        (true, false) => 0.0,
        (false, true) => -row[j],
        (false, false) => last,
    })
}
