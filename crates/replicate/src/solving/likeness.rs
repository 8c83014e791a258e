//! How columns that were solved for look beside real ones: told, not claimed.

use ingest::{Loaded, Spec, Tier, Variable};
use panel::{Column, Name, Panel};

use crate::made;

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
    /// Correlations with the real variables, in their order.
    pub(crate) correlations: Vec<Option<f64>>,
}

/// The variables of a study, and the columns that no variable is made of; real ones first.
pub(crate) fn of(
    loaded: &Loaded,
    spec: &Spec,
    after: &[Variable],
    unknowns: &[Name],
) -> Vec<Likeness> {
    let made = || spec.variables.iter().chain(after);
    let is_alone = |name: &&Name| {
        !made().any(|own| own.name == **name || made::reads(own).any(|from| from == *name))
    };
    // A name of an index or a dimension of it is no column of a file.
    let files = spec.sources.iter().flat_map(|source| source.columns.iter().flatten());
    let raw = files.chain(unknowns).filter(is_alone);
    let names = made().map(|variable| &variable.name).chain(raw);
    let is_real = |name: &Name| loaded.tiers.get(name) != Some(&Tier::Reconstructed);
    let mut columns: Vec<(&Name, &[f64])> = names
        .filter_map(|name| match loaded.panel.columns().get(name)? {
            Column::Number(x) => Some((name, x.as_slice())),
            Column::Category(_) => None,
        })
        .collect();
    columns.sort_by_key(|(name, _)| !is_real(name));
    let of = |&(name, x): &(&Name, &[f64])| {
        let (persistence, trend) = over_time(&loaded.panel, x);
        let between = between(&loaded.panel, x);
        let real = columns.iter().filter(|(name, _)| is_real(name));
        let correlations = real.map(|(_, other)| correlation(x, other)).collect();
        let (name, is_real) = (name.clone(), is_real(name));
        Likeness { name, is_real, persistence, between, trend, correlations }
    };
    columns.iter().map(of).collect()
}

/// Over the rows that have both.
fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let both = x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan());
    let (x, y): (Vec<f64>, Vec<f64>) = both.unzip();
    let (a, b) = numbers::describe(&x).zip(numbers::describe(&y))?;
    let products = x.iter().zip(&y).map(|(x, y)| (x - a.mean) * (y - b.mean));
    Some(products.sum::<f64>() / ((a.n as f64 - 1.0) * a.sd * b.sd)).filter(|x| x.is_finite())
}

/// The correlation with the period before, and the average change in standard deviations.
fn over_time(panel: &Panel, x: &[f64]) -> (Option<f64>, Option<f64>) {
    let (codes, period) = (panel.index().entity.codes(), &panel.index().period);
    let follows = |i: &usize| codes[*i] == codes[i - 1] && period[*i] == period[i - 1] + 1;
    let known = |i: &usize| !x[*i].is_nan() && !x[i - 1].is_nan();
    let pairs = (1..x.len()).filter(follows).filter(known).map(|i| (x[i - 1], x[i]));
    let (before, now): (Vec<f64>, Vec<f64>) = pairs.unzip();
    let described = numbers::describe(&before).zip(numbers::describe(&now));
    let change = described.zip(numbers::describe(x)).map(|((a, b), x)| (b.mean - a.mean) / x.sd);
    (correlation(&before, &now), change.filter(|x| x.is_finite()))
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
