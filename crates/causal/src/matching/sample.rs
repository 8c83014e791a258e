//! The rows that matching can use, and their scores.

use std::borrow::Cow;

use estimate::{
    BinaryFit, BinarySpec, Design, Information, Link, Singletons, SmallSample, Vcov, binary,
};
use panel::{Column, Factor, Model, Panel, Term};
use rayon::prelude::*;

use super::outcome::Note;
use super::spec::{Errors, Scale, Score, Spec, Support};
use crate::Error;

/// The rows that matching can use.
pub(crate) struct Rows {
    /// Rows of the panel, increasing.
    pub(crate) of_panel: Vec<usize>,
    pub(crate) treated: Vec<bool>,
    /// What distance is measured in.
    pub(crate) at: Vec<f64>,
    /// The score as a probability, or as it was given.
    pub(crate) score: Vec<f64>,
    pub(crate) strata: Option<Strata>,
    pub(crate) outcomes: Vec<Vec<f64>>,
    pub(crate) fit: Option<BinaryFit>,
    /// Columns of the covariates in order of the score's terms, where the errors ask for them.
    pub(crate) covariates: Vec<Vec<f64>>,
    pub(crate) notes: Vec<Note>,
}

/// Cells within which matches are sought.
pub(crate) struct Strata {
    pub(crate) codes: Vec<u32>,
    pub(crate) labels: Vec<String>,
}

fn from_panel(error: panel::Error) -> Error {
    estimate::Error::from(error).into()
}

/// The design of treatment on covariates, on the rows where everything that is used is observed.
///
/// `of` receives the design; rows without an outcome, a stratum or a given score have no
/// treatment in the panel it borrows.
pub(crate) fn with_design<T>(
    panel: &Panel,
    spec: &Spec,
    of: impl FnOnce(&Design<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut complete: Option<Vec<bool>> = None;
    let mut mark = |gap: &(dyn Fn(usize) -> bool + Sync)| {
        if (0..panel.n_rows()).into_par_iter().with_min_len(1 << 14).any(gap) {
            let complete = complete.get_or_insert_with(|| vec![true; panel.n_rows()]);
            complete.iter_mut().enumerate().for_each(|(row, ok)| *ok &= !gap(row));
        }
    };
    let given = if let Score::Given(term) = &spec.score { Some(term) } else { None };
    for term in spec.outcomes.iter().chain(given) {
        let values = panel.values(term).map_err(from_panel)?;
        mark(&|row| values[row].is_nan());
    }
    for name in &spec.within {
        let factor = panel.factor(name).map_err(from_panel)?;
        mark(&|row| factor.codes()[row] == Factor::MISSING);
    }
    let plain = |design: &Design<'_>| design.plain("matching").map_err(Error::from);
    let Some(complete) = complete else {
        let design = Design::new(panel, &spec.model, Singletons::Keep)?;
        return plain(&design).and_then(|()| of(&design));
    };
    // A column of its own keeps the calendar, and with it lags among the covariates, whole.
    let hidden = format!("{} where all is observed", spec.model.response);
    let mut values = panel.values(&spec.model.response).map_err(from_panel)?.into_owned();
    values.iter_mut().zip(complete).filter(|(_, ok)| !ok).for_each(|(v, _)| *v = f64::NAN);
    let columns = panel.columns().iter().map(|(name, column)| (name.clone(), column.clone()));
    let columns = columns.chain([(hidden.clone(), Column::Number(values))]);
    let masked = Panel::new(panel.index().clone(), columns).map_err(from_panel)?;
    let model = Model { response: Term::var(hidden), ..spec.model.clone() };
    let design = Design::new(&masked, &model, Singletons::Keep)?;
    plain(&design).and_then(|()| of(&design))
}

impl Rows {
    pub(crate) fn new(panel: &Panel, spec: &Spec) -> Result<Self, Error> {
        with_design(panel, spec, |design| {
            let rows: Vec<usize> = (0..design.n()).map(|i| design.sample().row(i)).collect();
            let treated = treatment(panel, &spec.model.response, design.response(), &rows)?;
            let pick = |values: Cow<'_, [f64]>| rows.iter().map(|&row| values[row]).collect();
            let outcome = |term: &Term| -> Result<Vec<f64>, Error> {
                let values = panel.values(term).map_err(from_panel)?;
                finite(panel, term, &values, &rows)?;
                Ok(pick(values))
            };
            let outcomes = spec.outcomes.iter().map(outcome).collect::<Result<_, Error>>()?;
            let (at, score, fit): (Vec<f64>, Vec<f64>, _) = match &spec.score {
                Score::Given(term) => {
                    let given = outcome(term)?;
                    (given.clone(), given, None)
                }
                Score::Logit(scale) => estimated(design, Link::Logit, *scale)?,
                Score::Probit(scale) => estimated(design, Link::Probit, *scale)?,
            };
            let mut notes = Vec::new();
            if rows.len() < panel.n_rows() {
                notes.push(missing(panel, spec, panel.n_rows() - rows.len())?);
            }
            let strata = strata(panel, spec, &rows)?;
            let covariates = match spec.errors {
                Errors::Teffects { .. } => {
                    (0..design.terms().len()).map(|j| design.column(j).to_vec()).collect()
                }
                _ => Vec::new(),
            };
            Ok(Self {
                of_panel: rows,
                treated,
                at,
                score,
                strata,
                outcomes,
                fit,
                covariates,
                notes,
            })
        })
    }

    /// Number of rows.
    pub(crate) fn n(&self) -> usize {
        self.of_panel.len()
    }

    /// Rows that are comparable: `true` is on support. `focal` are the groups to be matched:
    /// untreated, treated.
    pub(crate) fn support(&self, support: Support, focal: [bool; 2]) -> Vec<bool> {
        let range = |group: bool| {
            let of_group = self.at.iter().zip(&self.treated).filter(|(_, d)| **d == group);
            of_group.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (&at, _)| {
                (low.min(at), high.max(at))
            })
        };
        let inside = |(low, high): (f64, f64), at: f64| low <= at && at <= high;
        match support {
            Support::None => vec![true; self.n()],
            Support::MinMax => {
                let ranges = [range(false), range(true)];
                let on = |(&at, &d): (&f64, &bool)| {
                    !focal[usize::from(d)] || inside(ranges[usize::from(!d)], at)
                };
                self.at.iter().zip(&self.treated).map(on).collect()
            }
            Support::Both => {
                let ranges = [range(false), range(true)];
                self.at.iter().map(|&at| ranges.iter().all(|&range| inside(range, at))).collect()
            }
            Support::Trim(percent) => {
                let mut on = vec![true; self.n()];
                for group in [false, true].into_iter().filter(|&g| focal[usize::from(g)]) {
                    self.trim(percent, group, &mut on);
                }
                on
            }
        }
    }

    /// Takes off support those of `group` at whose score the density of the other group is zero,
    /// or below its percentile over the group.
    fn trim(&self, percent: f64, group: bool, on: &mut [bool]) {
        let mut other: Vec<f64> = (self.at.iter().zip(&self.treated))
            .filter(|(_, d)| **d != group)
            .map(|(at, _)| *at)
            .collect();
        other.sort_unstable_by(f64::total_cmp);
        let density = Density::new(&other);
        let of_group: Vec<usize> = (0..self.n()).filter(|&i| self.treated[i] == group).collect();
        let heights: Vec<f64> = of_group.par_iter().map(|&i| density.height(self.at[i])).collect();
        let mut sorted = heights.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let least = if percent > 0.0 { percentile(&sorted, percent) } else { 0.0 };
        for (&i, &height) in of_group.iter().zip(&heights) {
            on[i] &= height > 0.0 && height >= least;
        }
    }
}

/// A kernel density as Stata's `kdensity` draws it.
struct Density<'a> {
    sorted: &'a [f64],
    bandwidth: f64,
}

impl<'a> Density<'a> {
    /// `h = 0.9 min(s, IQR/1.349) n^{-1/5}`.
    fn new(sorted: &'a [f64]) -> Self {
        let sd = variance(sorted).sqrt();
        let spread = (percentile(sorted, 75.0) - percentile(sorted, 25.0)) / 1.349;
        let scale = if spread > 0.0 { sd.min(spread) } else { sd };
        Self { sorted, bandwidth: 0.9 * scale * (sorted.len() as f64).powf(-0.2) }
    }

    /// Epanechnikov's kernel with support `±√5`.
    fn height(&self, at: f64) -> f64 {
        let reach = 5.0_f64.sqrt() * self.bandwidth;
        let from = self.sorted.partition_point(|&x| x <= at - reach);
        let to = self.sorted.partition_point(|&x| x < at + reach);
        let kernel = |x: &f64| 1.0 - ((x - at) / self.bandwidth).powi(2) / 5.0;
        let sum: f64 = self.sorted[from..to.max(from)].iter().map(kernel).sum();
        0.75 / 5.0_f64.sqrt() * sum / (self.sorted.len() as f64 * self.bandwidth)
    }
}

/// Stata's percentile: the mean of two order statistics where `n·p` is whole.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let rank = sorted.len() as f64 * percent / 100.0;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Below the length.
    let below = rank.floor() as usize;
    let value = |i: usize| sorted.get(i).or(sorted.last()).copied().unwrap_or_default();
    if rank.fract() == 0.0 && below > 0 {
        f64::midpoint(value(below - 1), value(below))
    } else {
        value(below)
    }
}

/// `Σ(x − x̄)²/(n − 1)`.
pub(crate) fn variance(x: &[f64]) -> f64 {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)
}

/// Who is treated, given values that must be 0 or 1.
fn treatment(panel: &Panel, term: &Term, d: &[f64], rows: &[usize]) -> Result<Vec<bool>, Error> {
    #[allow(clippy::float_cmp)] // A treatment is exactly 0 or 1.
    if let Some(i) = d.iter().position(|&d| d != 0.0 && d != 1.0) {
        let (entity, period) = panel.row_label(rows[i]);
        return Err(Error::NotTreatment { term: term.clone(), value: d[i], entity, period });
    }
    let treated: Vec<bool> = d.iter().map(|&d| d > 0.5).collect();
    let n = treated.iter().filter(|d| **d).count();
    if n == 0 || n == d.len() {
        return Err(Error::OneGroup { term: term.clone(), rows: d.len(), treated: n > 0 });
    }
    Ok(treated)
}

fn finite(panel: &Panel, term: &Term, values: &[f64], rows: &[usize]) -> Result<(), Error> {
    match rows.iter().find(|&&row| values[row].is_infinite()) {
        None => Ok(()),
        Some(&row) => {
            let (entity, period) = panel.row_label(row);
            Err(estimate::Error::Infinite { term: term.clone(), entity, period }.into())
        }
    }
}

type Estimated = (Vec<f64>, Vec<f64>, Option<BinaryFit>);

fn estimated(design: &Design<'_>, link: Link, scale: Scale) -> Result<Estimated, Error> {
    let spec = BinarySpec {
        link,
        information: Information::Observed,
        vcov: Vcov::Iid,
        small_sample: SmallSample::None,
    };
    let fit = binary(design, &spec)?;
    let index = index(design, &fit);
    let score: Vec<f64> = index.par_iter().map(|&eta| link.probability(eta)).collect();
    let at = if scale == Scale::Index { index } else { score.clone() };
    Ok((at, score, Some(fit)))
}

/// `x'β̂`, summed in the order of the terms, so that equal covariates have equal bits.
fn index(design: &Design<'_>, fit: &BinaryFit) -> Vec<f64> {
    const CHUNK: usize = 4096;
    let mut index = vec![fit.constant().unwrap_or(0.0); design.n()];
    index.par_chunks_mut(CHUNK).enumerate().for_each(|(piece, eta)| {
        for (j, beta) in fit.coef().iter().enumerate() {
            let column = &design.column(j)[piece * CHUNK..];
            eta.iter_mut().zip(column).for_each(|(eta, x)| *eta += beta * x);
        }
    });
    index
}

/// The rows left out, by what they lack.
fn missing(panel: &Panel, spec: &Spec, rows: usize) -> Result<Note, Error> {
    let mut by = Vec::new();
    let given = if let Score::Given(term) = &spec.score { Some(term) } else { None };
    let model = std::iter::once(&spec.model.response).chain(&spec.model.terms);
    for term in model.chain(&spec.outcomes).chain(given) {
        let first = panel.expand(term).map_err(from_panel)?;
        let Some(first) = first.first() else { continue };
        let values = panel.values(first).map_err(from_panel)?;
        by.push((term.to_string(), values.iter().filter(|v| v.is_nan()).count()));
    }
    for name in &spec.within {
        let factor = panel.factor(name).map_err(from_panel)?;
        let gaps = factor.codes().iter().filter(|&&code| code == Factor::MISSING).count();
        by.push((name.clone(), gaps));
    }
    by.retain(|(_, gaps)| *gaps > 0);
    Ok(Note::Missing { rows, by })
}

/// The cells of the columns within which matches are sought.
fn strata(panel: &Panel, spec: &Spec, rows: &[usize]) -> Result<Option<Strata>, Error> {
    let mut cells: Option<Factor> = None;
    for name in &spec.within {
        let factor = panel.factor(name).map_err(from_panel)?.select(rows);
        cells = Some(match cells {
            None => factor,
            Some(cells) => {
                let label = |i: usize| {
                    let (a, b) = (cells.codes()[i], factor.codes()[i]);
                    format!("{} · {}", cells.label(a), factor.label(b))
                };
                let labels: Vec<String> = (0..rows.len()).map(label).collect();
                Factor::from_names(labels.iter().map(|label| Some(label.as_str())))
            }
        });
    }
    let coded =
        |cells: Factor| Strata { labels: cells.labels().collect(), codes: cells.codes().to_vec() };
    Ok(cells.map(coded))
}
