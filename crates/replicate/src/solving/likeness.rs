//! How columns that were solved for look beside real ones: told, not claimed.

use ingest::{Loaded, Spec, Tier, Variable};
use panel::{Column, Panel};

/// How a variable moves.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Likeness {
    pub(crate) name: String,
    pub(crate) is_real: bool,
    /// The correlation of a value with that of the period before.
    pub(crate) persistence: Option<f64>,
    /// The share of its variance that lies between entities.
    pub(crate) between: Option<f64>,
    /// The average change from a period to the next, in standard deviations.
    pub(crate) trend: Option<f64>,
}

/// The variables of a study, real ones first.
pub(crate) fn of(loaded: &Loaded, spec: &Spec, after: &[Variable]) -> Vec<Likeness> {
    let names = spec.variables.iter().chain(after).map(|variable| &variable.name);
    let mut all: Vec<Likeness> = names
        .filter_map(|name| {
            let Some(Column::Number(x)) = loaded.panel.columns().get(name) else { return None };
            let is_real = loaded.tiers.get(name) != Some(&Tier::Reconstructed);
            let (persistence, trend) = over_time(&loaded.panel, x);
            let between = between(&loaded.panel, x);
            Some(Likeness { name: name.clone(), is_real, persistence, between, trend })
        })
        .collect();
    all.sort_by_key(|likeness| !likeness.is_real);
    all
}

/// The correlation with the period before, and the average change in standard deviations.
fn over_time(panel: &Panel, x: &[f64]) -> (Option<f64>, Option<f64>) {
    let (codes, period) = (panel.index().entity.codes(), &panel.index().period);
    let follows = |i: &usize| codes[*i] == codes[i - 1] && period[*i] == period[i - 1] + 1;
    let known = |i: &usize| !x[*i].is_nan() && !x[i - 1].is_nan();
    let pairs = (1..x.len()).filter(follows).filter(known).map(|i| (x[i - 1], x[i]));
    let (before, now): (Vec<f64>, Vec<f64>) = pairs.unzip();
    let described = numbers::describe(&before).zip(numbers::describe(&now));
    let Some(((a, b), whole)) = described.zip(numbers::describe(x)) else { return (None, None) };
    let products = before.iter().zip(&now).map(|(p, q)| (p - a.mean) * (q - b.mean));
    let correlation = products.sum::<f64>() / ((a.n as f64 - 1.0) * a.sd * b.sd);
    let finite = |x: f64| Some(x).filter(|x| x.is_finite());
    (finite(correlation), finite((b.mean - a.mean) / whole.sd))
}

/// The share of the variance that lies between entities.
fn between(panel: &Panel, x: &[f64]) -> Option<f64> {
    let entity = &panel.index().entity;
    let mut sums = vec![(0.0, 0.0); entity.n_levels()];
    for (&code, x) in entity.codes().iter().zip(x).filter(|(_, x)| !x.is_nan()) {
        let (sum, n) = &mut sums[code as usize];
        (*sum, *n) = (*sum + x, *n + 1.0);
    }
    let d = numbers::describe(x)?;
    let total = (d.n as f64 - 1.0) * d.sd * d.sd;
    let means = sums.iter().filter(|(_, n)| *n > 0.0);
    let between: f64 = means.map(|(sum, n)| n * (sum / n - d.mean).powi(2)).sum();
    Some(between / total).filter(|share| share.is_finite())
}
