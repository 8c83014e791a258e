//! Least squares on first differences.

use std::borrow::Cow;

use panel::Factor;
use rayon::prelude::*;

use crate::linear::{self, Constant};
use crate::ls::{self, grain};
use crate::texts;
use crate::{Convention, Design, EffectsError, Error, Estimator, Fit, Note, Spec, Vcov};

/// The choices of a first-difference estimator that move a digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceSpec {
    /// What a row's predecessor is.
    pub gaps: Gaps,
    /// The covariance estimator.
    pub vcov: Vcov,
    /// Whose small-sample convention.
    pub convention: Convention,
}

/// The row that is subtracted: an entity's row of …
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gaps {
    /// the calendar period before, `t − 1`: Stata's `D.`
    Calendar,
    /// the period before among those of the sample, whoever is observed in it: linearmodels.
    Periods,
    /// the last period in which it was observed, however long ago: plm.
    Rows,
}

texts!(Gaps, "treatment of gaps", Calendar = "calendar", Periods = "periods", Rows = "rows");

/// The first-difference estimator.
///
/// ```text
/// y_it − y_is = c + (x_it − x_is)'β + e_it − e_is        s the period before t
/// ```
///
/// The constant is that of the model: a trend in levels. plm has it, linearmodels has not
/// (`0 +`). The sample of the fit is the later row of every pair, and so are its clusters.
///
/// # Shapes
///
/// `n` rows, of which `m` have a predecessor, give `m` residuals.
///
/// # Units
///
/// `β̂_j` is in units of the response per unit of term `j`; the constant in units of the response
/// per period.
///
/// # Example
///
/// ```
/// use estimate::{
///     Convention, DifferenceSpec, Design, Gaps, Singletons, Vcov, first_difference,
/// };
/// use panel::{Column, Factor, Index, Panel};
///
/// let index = Index {
///     entity_name: "id".into(),
///     entity: Factor::from_numbers(&[1, 1, 1, 2, 2, 2]),
///     period_name: "t".into(),
///     period: vec![1, 2, 4, 1, 2, 3],
/// };
/// let x = vec![0.0, 1.0, 9.0, 5.0, 4.0, 5.0];
/// let y = vec![0.0, 3.0, 0.0, 7.0, 5.0, 6.0];
/// let panel =
///     Panel::new(index, [("x".into(), Column::Number(x)), ("y".into(), Column::Number(y))])?;
/// let design = Design::new(&panel, &"y ~ 0 + x".parse()?, Singletons::Keep)?;
/// let spec = DifferenceSpec {
///     gaps: Gaps::Calendar,
///     vcov: Vcov::Iid,
///     convention: Convention::STATA_XTREG,
/// };
/// // Nothing is one period before 4, so 3 on 1, −2 on −1 and 1 on 1 remain.
/// let fit = first_difference(&design, &spec)?;
/// assert!((fit.coef()[0] - 2.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::Absorbs`] if the model absorbs effects, [`EffectsError::NoDifferences`] if no row has a
/// predecessor, [`EffectsError::NotDifferenced`] for a regressor whose differences do not vary; else as
/// [`pooled`](crate::pooled).
///
/// # Source
///
/// Wooldridge (2010), §10.6. Agrees with plm's `model = "fd"`, linearmodels'
/// `FirstDifferenceOLS` and `regress D.(y x)`.
pub fn first_difference(design: &Design<'_>, spec: &DifferenceSpec) -> Result<Fit, Error> {
    design.plain("first differences")?;
    if !design.absorb.is_empty() {
        let estimator = "first differences";
        return Err(Error::Absorbs { estimator, effects: design.effects() });
    }
    if design.terms.is_empty() {
        return Err(Error::NoRegressors);
    }
    let pairs = Pairs::new(design, spec.gaps)?;
    if pairs.rows.is_empty() {
        return Err(
            EffectsError::NoDifferences { rows: design.n(), gaps: spec.gaps.to_string() }.into()
        );
    }
    let columns: Vec<&[f64]> = design.x.iter().chain([&design.y]).map(|x| &**x).collect();
    let difference =
        |v: &&[f64]| pairs.rows.iter().map(|&row| v[row] - v[row - 1]).collect::<Vec<f64>>();
    let mut differences: Vec<Vec<f64>> =
        columns.par_iter().with_min_len(grain(design.n())).map(difference).collect();
    let about_mean = design.constant;
    let constant = |j: usize| {
        let length = ls::dot(columns[j], columns[j]);
        let left = ls::sum_of_squares_about(&differences[j], about_mean);
        left <= ROUNDING * ROUNDING * length
    };
    if let Some(j) = (0..design.terms.len()).find(|&j| constant(j)) {
        let zero = ls::dot(&differences[j], &differences[j]);
        let trend = zero > ROUNDING * ROUNDING * ls::dot(columns[j], columns[j]);
        return Err(EffectsError::NotDifferenced { term: design.terms[j].clone(), trend }.into());
    }
    let y = differences.pop().unwrap_or_default();
    let differenced = Design {
        panel: design.panel,
        sample: design.sample.at(&pairs.rows),
        response: design.response.clone(),
        y: Cow::Owned(y),
        terms: design.terms.clone(),
        x: differences.into_iter().map(Cow::Owned).collect(),
        constant: design.constant,
        absorb: Vec::new(),
        slopes: Vec::new(),
        instruments: None,
        root: None,
    };
    let linear = Spec {
        vcov: spec.vcov.clone(),
        convention: spec.convention.clone(),
        constant: Constant::Omit,
    };
    let mut fit = linear::fit(&differenced, &linear, 0, &[])?;
    fit.estimator = Estimator::FirstDifference;
    let rows = design.n() - pairs.rows.len();
    fit.notes.insert(0, Note::Differences { rows, after_gap: pairs.after_gap });
    if pairs.spanning > 0 {
        fit.notes.insert(1, Note::SpanningGaps { rows: pairs.spanning });
    }
    Ok(fit)
}

/// Differences of this share of a column are rounding noise.
const ROUNDING: f64 = 1e-14;

/// Rows with a predecessor, which is the row before.
struct Pairs {
    rows: Vec<usize>,
    /// Rows without one although their entity was observed before.
    after_gap: usize,
    /// Pairs that are more than one calendar period apart.
    spanning: usize,
}

impl Pairs {
    fn new(design: &Design<'_>, gaps: Gaps) -> Result<Self, Error> {
        let index = design.panel.index();
        let entity = design.group(&index.entity_name)?;
        let period: Vec<i32> =
            (0..design.n()).map(|i| index.period[design.sample.row(i)]).collect();
        let rank = (gaps == Gaps::Periods).then(|| Factor::from_numbers(&period));
        let codes = entity.codes();
        let mut pairs = Self { rows: Vec::new(), after_gap: 0, spanning: 0 };
        for row in (1..design.n()).filter(|&row| codes[row] == codes[row - 1]) {
            let apart = i64::from(period[row]) - i64::from(period[row - 1]);
            let follows = match (gaps, &rank) {
                (Gaps::Periods, Some(rank)) => rank.codes()[row] == rank.codes()[row - 1] + 1,
                (Gaps::Rows, _) => true,
                _ => apart == 1,
            };
            if follows {
                pairs.rows.push(row);
                pairs.spanning += usize::from(apart > 1);
            } else {
                pairs.after_gap += 1;
            }
        }
        Ok(pairs)
    }
}
