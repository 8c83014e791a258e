//! An index that was solved for as one column, unfolded into the indicators that nobody has.

use index::{Composite, Cotangent, Scheme, composite, pull_back};
use ndarray::Array2;
use panel::{Column, Name, Panel};
use rayon::prelude::*;
use reconstruct::{Problem, Progress, Reach, Settings, Target, Unknown, elastic, solve};

use super::wanted::Weight;
use crate::resolve::Study;

/// How near scores come to those that were solved for, as a share of them: nothing printed moves by as
/// little.
const NEAR: f64 = 1e-10;
/// Steps at most.
const STEPS: usize = 100;

/// Whether a column is an indicator of an index that is unknown itself.
pub(super) fn is_part(name: &Name, study: &Study) -> bool {
    let unknown = |name: &Name| study.unknowns.iter().any(|unknown| unknown.name == *name);
    let part = |scheme: &Scheme| scheme.indicators.iter().any(|one| one.name == *name);
    study.indices.iter().any(|scheme| unknown(&scheme.name) && part(scheme))
}

/// A scheme on a panel, of whose indicators some are to be found.
struct Parts<'a> {
    scheme: &'a Scheme,
    panel: &'a Panel,
    names: Vec<Name>,
    /// Places in the scheme of the weights that are wanted.
    weights: Vec<usize>,
    /// Whether scores are asked for as well.
    scored: bool,
}

impl<'a> Parts<'a> {
    fn new(
        scheme: &'a Scheme,
        panel: &'a Panel,
        unknowns: &[Unknown],
        weights: &[Weight],
        scored: bool,
    ) -> Self {
        let names = unknowns.iter().map(|unknown| unknown.name.clone()).collect();
        let weights = weights.iter().map(|weight| weight.indicator).collect();
        Self { scheme, panel, names, weights, scored }
    }
}

fn undefined(scheme: &Scheme) -> String {
    format!("index `{}`: not defined at the start", scheme.name)
}

/// The weights that have to be given up so that the others print, whatever the scores, and what these leave
/// to them.
pub(super) fn release(
    scheme: &Scheme,
    panel: &Panel,
    unknowns: &[Unknown],
    weights: &[Weight],
    settings: &Settings,
    watch: &mut (dyn FnMut(&Progress) + Send),
) -> Result<Vec<Reach>, String> {
    let parts = Parts::new(scheme, panel, unknowns, weights, false);
    let targets: Vec<Target> = weights.iter().map(|weight| weight.target).collect();
    let found = elastic(&parts, unknowns, &targets, settings, watch);
    let found = found.ok_or_else(|| undefined(scheme))?;
    let reaches = found.reaches(&parts, unknowns, &targets, settings, watch);
    reaches.ok_or_else(|| undefined(scheme))
}

/// The unknown indicators on which an index has these scores, and these of its weights.
///
/// Every score is a target of its own: what was solved for with the index as a column stays solved.
pub(super) fn unfold(
    scheme: &Scheme,
    panel: &Panel,
    unknowns: &[Unknown],
    scores: &[f64],
    weights: &[Weight],
    settings: &Settings,
    watch: &mut (dyn FnMut(&Progress) + Send),
) -> Result<Vec<Vec<f64>>, String> {
    let parts = Parts::new(scheme, panel, unknowns, weights, true);
    let mut targets: Vec<Target> = weights.iter().map(|weight| weight.target).collect();
    targets.extend(scores.iter().map(|s| Target::between(s - NEAR * s.abs(), s + NEAR * s.abs())));
    let settings = Settings { steps: STEPS, enough: 0, ..*settings };
    let found = solve(&parts, unknowns, &targets, &settings, watch);
    let found = found.ok_or_else(|| undefined(scheme))?;
    match found.unsatisfied.len() {
        0 => Ok(found.columns),
        off => Err(format!(
            "index `{name}`: no indicators were found on which its weights print and its scores are those \
             that were solved for; {off} of {} are off after {} steps. Start its indicators nearer to it, or \
             leave `{name}` out of [[unknown]], so that they are solved for with all else at once",
            targets.len(),
            found.steps,
            name = scheme.name
        )),
    }
}

impl Parts<'_> {
    fn made(&self, columns: &[Vec<f64>]) -> Option<(Panel, Composite)> {
        let all = self.scheme.indicators.iter().map(|indicator| {
            let at = self.names.iter().position(|name| *name == indicator.name);
            let column = match at {
                Some(at) => Column::Number(columns[at].clone()),
                None => self.panel.columns().get(&indicator.name)?.clone(),
            };
            Some((indicator.name.clone(), column))
        });
        let all: Vec<(Name, Column)> = all.collect::<Option<_>>()?;
        let panel = Panel::new(self.panel.index().clone(), all).ok()?;
        let made = composite(&panel, self.scheme).ok()?;
        Some((panel, made))
    }

    fn n_scores(&self) -> usize {
        if self.scored { self.panel.n_rows() } else { 0 }
    }

    fn numbers_of(&self, made: &Composite) -> Vec<f64> {
        let weights = self.weights.iter().map(|&j| made.indicators[j].weights[0]);
        weights.chain(made.scores.iter().copied().take(self.n_scores())).collect()
    }
}

impl Problem for Parts<'_> {
    fn numbers(&self, columns: &[Vec<f64>]) -> Option<Vec<f64>> {
        Some(self.numbers_of(&self.made(columns)?.1))
    }

    fn derivatives(&self, columns: &[Vec<f64>]) -> Option<(Vec<f64>, Array2<f64>)> {
        let (panel, made) = self.made(columns)?;
        let (n, own) = (panel.n_rows(), self.scheme.indicators.len());
        let places: Vec<usize> = (self.names.iter())
            .map(|name| self.scheme.indicators.iter().position(|one| one.name == *name))
            .collect::<Option<_>>()?;
        let row = |target: usize| -> Option<Vec<f64>> {
            let mut by = Cotangent { weights: vec![0.0; own], ..Cotangent::default() };
            if let Some(&j) = self.weights.get(target) {
                by.weights[j] = 1.0;
            } else {
                by.scores = vec![0.0; n];
                by.scores[target - self.weights.len()] = 1.0;
            }
            let parts = pull_back(&panel, &made, &by).ok()?;
            Some(places.iter().flat_map(|&j| parts[j].iter().copied()).collect())
        };
        let rows: Option<Vec<Vec<f64>>> =
            (0..self.weights.len() + self.n_scores()).into_par_iter().map(row).collect();
        let cells: Vec<f64> = rows?.into_iter().flatten().collect();
        let shape = (self.weights.len() + self.n_scores(), places.len() * n);
        Some((self.numbers_of(&made), Array2::from_shape_vec(shape, cells).ok()?))
    }
}
