//! Panel thresholds: slopes that switch where an observed variable crosses an estimated value.
//!
//! ```text
//! y_it = α_i (+ δ_t) + w_it'β + x_it'β₁ 1(q_it ≤ γ₁) + x_it'β₂ 1(γ₁ < q_it ≤ γ₂) + … + u_it
//! ```
//!
//! Assumed: regressors and `q` are strictly exogenous and vary over time; lagged responses are not
//! among them; slopes jump at a threshold (where they are continuous, inference is another).
//!
//! `γ̂` minimises the sum of squares over the values that `q` takes. Under the linear model there is
//! no threshold to estimate, so that `F` has no tabulated distribution: it is simulated.

mod bootstrap;
mod candidates;
mod confidence;
mod effects;
mod given;
mod input;
mod outcome;
mod scan;
mod search;
mod slopes;
mod spec;

use estimate::Fit;
use panel::Panel;

use crate::Error;
use candidates::Candidates;
use effects::Effects;
pub use given::{Given, GivenAdjoint};
pub use outcome::{ConfidenceSet, Note, Outcome, Regime, Simulated, Test, Threshold};
use scan::Scan;
use slopes::Data;
pub use spec::{
    Bootstrap, DrawTrim, Grid, Inequality, Null, Resample, Residuals, Rows, Scale, Search, Spec,
    Trim, TrimOf,
};

/// Least squares with panel thresholds, and tests of how many there are.
///
/// ```text
/// γ̂ = argmin SSR(γ)        F_j = (SSR_{j−1} − SSR_j) / (SSR_j / scale)
/// ```
///
/// `tick` is called with the number of draws finished since its last call.
///
/// # Shapes
///
/// `p` regressors that do not switch and `m` that do give `p + (thresholds + 1) m` slopes.
///
/// # Units
///
/// Thresholds are in units of the threshold variable, slopes in units of the response per unit of
/// their regressor.
///
/// # Example
///
/// The slope is 1 where `q ≤ 3` and 3 above, but for small errors:
///
/// ```
/// use causal::threshold::{self, Grid, Inequality, Rows, Scale, Search, Spec, Trim, TrimOf};
/// use estimate::{Constant, Convention, Vcov};
/// use panel::{Column, Factor, Index, Panel};
///
/// let index = Index {
///     entity_name: "id".into(),
///     entity: Factor::from_numbers(&[1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]),
///     period_name: "t".into(),
///     period: vec![1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6],
/// };
/// let panel = Panel::new(
///     index,
///     [
///         ("q", vec![1., 2., 3., 4., 5., 6., 6., 5., 4., 3., 2., 1.]),
///         ("x", vec![1., 2., 4., 1., 2., 4., 4., 2., 1., 4., 2., 1.]),
///         ("y", vec![1.1, 2., 3.9, 3., 6.1, 12., 22., 16.1, 13., 13.9, 12., 11.1]),
///     ]
///     .map(|(name, values)| (name.to_owned(), Column::Number(values))),
/// )?;
/// let spec = Spec {
///     model: "y ~ x | id".parse()?,
///     switching: vec!["x".parse()?],
///     variable: "q".parse()?,
///     thresholds: 1,
///     inequality: Inequality::AtMost,
///     rows: Rows::All,
///     grid: Grid::All,
///     trim: Trim { shares: vec![0.1], of: TrimOf::Observations, min_rows: 1 },
///     search: Search::Sequential { rounds: 1 },
///     f_scale: Scale::Hansen,
///     lr_scale: Scale::Hansen,
///     level: 0.95,
///     bootstrap: None,
///     slopes: estimate::Spec {
///         vcov: Vcov::Iid,
///         convention: Convention::STATA_XTREG,
///         constant: Constant::Mean,
///     },
/// };
/// let outcome = threshold::estimate(&panel, &spec, &|_| ())?;
/// assert_eq!(outcome.thresholds()[0].estimate, 3.0);
/// let slopes = outcome.fit().coef();
/// assert!((slopes[0] - 1.0).abs() < 0.1 && (slopes[1] - 3.0).abs() < 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of [`estimate::fixed_effects`] for the linear model; what is wrong with the threshold
/// variable or the trimming, as the variants of [`Error`] say; [`Error::NoRoom`] if trimming leaves
/// no candidate.
///
/// # Source
///
/// Hansen (1999), *Threshold effects in non-dynamic panels: estimation, testing, and inference*,
/// Journal of Econometrics 93; Wang (2015), *Fixed-effect panel threshold model using Stata*, Stata
/// Journal 15. Agrees with Hansen's programs and their port pdR (`rows: drop-last`, `grid: quantiles
/// 400`, `trim: steps`, `inequality: lt`) and with pyxthreg (`rows: all`, `grid: even 300`, `trim:
/// range`, `inequality: le`), each but for its random numbers.
pub fn estimate(
    panel: &Panel,
    spec: &Spec,
    tick: &(dyn Fn(usize) + Sync),
) -> Result<Outcome, Error> {
    input::check(spec)?;
    let data = input::data(panel, spec)?;
    let (effects, n_periods) = input::effects(&data, spec)?;
    input::check_variable(&data, &effects, spec)?;
    let linear = data.fit(&[], spec, &effects)?;

    let (n, two_way) = (data.design.n(), effects.two_way());
    let sizes = Sizes { n, units: effects.n_units(), periods: n_periods, two_way };
    let scan = scan(&data, effects, spec, Candidates::new(&data.q, spec)?);
    let mut y = data.design.response().to_vec();
    scan.transform(&mut y);
    let found = search::search(&scan, &y, spec)?;

    let gamma = |thresholds: &[usize]| {
        let mut sorted = thresholds.to_vec();
        sorted.sort_unstable();
        sorted.iter().map(|&c| scan.candidates.gamma[c]).collect::<Vec<f64>>()
    };
    let estimates = gamma(&found.thresholds);
    let fit = data.fit(&estimates, spec, &scan.effects)?;

    let mut tests = Vec::with_capacity(found.steps.len());
    for (j, step) in found.steps.iter().enumerate() {
        let scale = sizes.scale(spec.f_scale, &linear, (j + 1) * data.switching.len());
        let f = (step.ssr_null / step.ssr - 1.0) * scale;
        let simulated = spec.bootstrap.as_ref().map(|bootstrap| {
            let draws = bootstrap::draws(&scan, &y, step, spec, bootstrap, tick);
            Simulated::new(f, draws.into_iter().map(|ratio| ratio * scale).collect())
        });
        tests.push(Test {
            null: gamma(&step.null),
            ssr_null: step.ssr_null,
            alternative: gamma(&step.alternative),
            ssr: step.ssr,
            f,
            refined: gamma(&step.refined),
            ssr_refined: step.ssr_refined,
            f_refined: (step.ssr_null / step.ssr_refined - 1.0) * scale,
            simulated,
        });
    }
    let switched = spec.thresholds * data.switching.len();
    let scales =
        [spec.f_scale, spec.lr_scale].map(|scale| (scale, sizes.scale(scale, &linear, switched)));
    let mut thresholds: Vec<Threshold> = found
        .thresholds
        .iter()
        .zip(&found.paths)
        .map(|(&c, path)| Threshold {
            estimate: scan.candidates.gamma[c],
            confidence: confidence::set(&scan.candidates.gamma, path, scales[1].1, spec.level),
        })
        .collect();
    thresholds.sort_by(|a, b| a.estimate.total_cmp(&b.estimate));
    Ok(Outcome {
        regimes: regimes(&data, &scan.effects, &estimates, spec),
        n_candidates: scan.candidates.len(),
        notes: notes(&data, &scan, spec),
        linear,
        fit,
        thresholds,
        tests,
        scales,
    })
}

/// `(γ, SSR)` at every candidate that may join the thresholds `given`, in the order of γ: what a step of a
/// sequential search chooses from.
///
/// A given value stands for the greatest candidate at or below it.
///
/// # Errors
///
/// Those of [`estimate`](estimate()); [`Error::NoRoom`] too if a given value lies below all candidates.
pub fn candidates(panel: &Panel, spec: &Spec, given: &[f64]) -> Result<Vec<(f64, f64)>, Error> {
    input::check(spec)?;
    let data = input::data(panel, spec)?;
    let (effects, _) = input::effects(&data, spec)?;
    input::check_variable(&data, &effects, spec)?;
    let scan = scan(&data, effects, spec, Candidates::new(&data.q, spec)?);
    let mut y = data.design.response().to_vec();
    scan.transform(&mut y);
    let gamma = &scan.candidates.gamma;
    let place = |value: &f64| gamma.partition_point(|gamma| gamma <= value).checked_sub(1);
    let none = || search::no_room(&scan, spec, 0);
    let given: Vec<usize> = given.iter().map(place).collect::<Option<_>>().ok_or_else(none)?;
    let path = search::path(&scan, &y, &given, spec, given.len())?;
    Ok(gamma.iter().zip(path.ssr).filter_map(|(&gamma, ssr)| Some((gamma, ssr?))).collect())
}

/// The sum of squares with one more threshold at each of some values, given others: that of [`Given`] at
/// them, without a regression at any. `None` where a value makes no regime of its own.
///
/// No grid and no trimming says which values are allowed.
///
/// # Errors
///
/// Those of [`estimate`](estimate()); [`Error::NoRoom`] if none makes a regime of its own.
pub fn sums_at(
    panel: &Panel,
    spec: &Spec,
    given: &[f64],
    values: &[f64],
) -> Result<Vec<Option<f64>>, Error> {
    input::check(spec)?;
    let data = input::data(panel, spec)?;
    let (effects, _) = input::effects(&data, spec)?;
    let all = given.iter().chain(values).copied().collect();
    let scan = scan(&data, effects, spec, Candidates::at(&data.q, all, spec.inequality));
    let mut y = data.design.response().to_vec();
    scan.transform(&mut y);
    let gamma = &scan.candidates.gamma;
    let place = |value: &f64| gamma.partition_point(|gamma| gamma < value);
    let given: Vec<usize> = given.iter().map(place).collect();
    let path = search::path(&scan, &y, &given, spec, given.len())?;
    Ok(values.iter().map(|value| path.ssr[place(value)]).collect())
}

/// What a scale is made of.
struct Sizes {
    n: usize,
    units: usize,
    periods: usize,
    two_way: bool,
}

impl Sizes {
    /// `added` slopes more than the linear model has.
    fn scale(&self, scale: Scale, linear: &Fit, added: usize) -> f64 {
        let n = self.n as f64;
        match scale {
            Scale::Hansen => n - self.units as f64,
            Scale::Xthreg if self.two_way => n + 1.0 - 2.0 * self.periods as f64,
            Scale::Xthreg => n - self.periods as f64,
            Scale::Rows => n,
            Scale::Residual => {
                let correction = linear.correction();
                (correction.n - correction.k_all) as f64 - added as f64
            }
        }
    }
}

fn scan(data: &Data<'_>, effects: Effects, spec: &Spec, candidates: Candidates) -> Scan {
    let columns = |places: &[usize]| -> Vec<&[f64]> {
        places.iter().map(|&j| data.design.column(j)).collect()
    };
    let switching = columns(&data.switching);
    let mut regressors = columns(&data.common);
    regressors.extend(&switching);
    let drop_last = spec.rows == Rows::DropLast;
    Scan::new(effects, candidates, &switching, &regressors, drop_last)
}

fn regimes(data: &Data<'_>, effects: &Effects, thresholds: &[f64], spec: &Spec) -> Vec<Regime> {
    let bound = |at: Option<usize>| at.and_then(|at| thresholds.get(at).copied());
    let mut regimes: Vec<Regime> = (0..=thresholds.len())
        .map(|r| Regime {
            lower: bound(r.checked_sub(1)),
            upper: bound(Some(r)),
            rows: 0,
            entities: 0,
        })
        .collect();
    let mut seen = vec![usize::MAX; regimes.len()];
    for row in 0..data.q.len() {
        let r = data.regime(row, thresholds, spec.inequality);
        let e = effects.unit[row] as usize;
        regimes[r].rows += 1;
        regimes[r].entities += usize::from(seen[r] != e);
        seen[r] = e;
    }
    regimes
}

fn notes(data: &Data<'_>, scan: &Scan, spec: &Spec) -> Vec<Note> {
    let mut notes = Vec::new();
    if spec.grid != Grid::All {
        let mut distinct = data.q.clone();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        notes.push(Note::Thinned { candidates: scan.candidates.len(), distinct: distinct.len() });
    }
    let irregular = scan.factors(&[]).regular.iter().filter(|regular| !**regular).count();
    if irregular > 0 {
        notes.push(Note::Collinear { candidates: irregular });
    }
    if spec.bootstrap.as_ref().is_some_and(|b| b.resample == Resample::Entities) {
        let sizes: Vec<usize> = scan.effects.start.windows(2).map(|run| run[1] - run[0]).collect();
        let mut sorted = sizes.clone();
        sorted.sort_unstable();
        let lonely = sorted.chunk_by(|a, b| a == b).filter(|run| run.len() == 1).count();
        if lonely > 0 {
            notes.push(Note::Alone { entities: lonely });
        }
    }
    notes
}
