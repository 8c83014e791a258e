//! How much each column counts.

mod ahp;
mod components;
mod entropy;
mod moments;

use panel::Name;

pub use ahp::{Comparison, Comparisons, Consistency, Priorities, Ratio};
pub(crate) use components::Kept;
pub use components::{Components, Entries, Keep};

use crate::Error;
use crate::frame::Frame;
use crate::scheme::Weighting;
use crate::source::Source;

/// Columns to be weighed against one another: what lies below one node.
pub(crate) struct Parts<'a> {
    pub(crate) frame: &'a Frame<'a>,
    /// The node; empty for the index itself.
    pub(crate) node: String,
    pub(crate) path: &'a [String],
    pub(crate) names: Vec<Name>,
    /// Normalised and shifted, or the scores of dimensions.
    pub(crate) sources: Vec<&'a Source<'a>>,
    /// As they came.
    pub(crate) raw: Vec<&'a Source<'a>>,
}

/// Weights by column and group.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Weights {
    pub(crate) shares: Vec<Vec<f64>>,
    /// `eⱼ`, if weights are from entropies.
    pub(crate) entropy: Option<Vec<Vec<f64>>>,
    pub(crate) consistency: Option<Consistency>,
    /// By group, if weights are from components.
    pub(crate) components: Vec<Kept>,
}

impl Parts<'_> {
    pub(crate) fn weigh(&self, how: &Weighting) -> Result<Weights, Error> {
        let (j, groups) = (self.names.len(), self.frame.weigh.rows.len());
        let plain = |shares| Weights { shares, ..Weights::default() };
        if j == 1 {
            // One part is all of its node; an entropy of it is still asked for by tables.
            let entropy = match how {
                Weighting::Entropy => entropy::entropy(self, &self.sources, "entropy").ok(),
                Weighting::EntropyRaw => entropy::entropy(self, &self.raw, "entropy-raw").ok(),
                _ => None,
            };
            return Ok(Weights { entropy, ..plain(vec![vec![1.0; groups]]) });
        }
        match how {
            Weighting::Equal => Ok(plain(vec![vec![1.0 / j as f64; groups]; j])),
            Weighting::Entropy => entropy::weights(self, &self.sources, "entropy"),
            Weighting::EntropyRaw => entropy::weights(self, &self.raw, "entropy-raw"),
            Weighting::StandardDeviation => {
                let moments = moments::moments(self, &self.sources);
                self.shared("standard-deviation", moments.sd).map(plain)
            }
            Weighting::Variation => self.variation(&self.sources, "variation").map(plain),
            Weighting::VariationRaw => self.variation(&self.raw, "variation-raw").map(plain),
            Weighting::Critic => {
                let moments = moments::moments(self, &self.sources);
                self.varies(&moments.sd)?;
                let r = moments::correlations(self, &self.sources, &moments);
                let information = |j: usize, group: usize| {
                    let conflict: f64 = (0..r[group].ncols()).map(|k| 1.0 - r[group][[j, k]]).sum();
                    moments.sd[j][group] * conflict
                };
                let c = (0..j).map(|j| (0..groups).map(|g| information(j, g)).collect()).collect();
                self.shared("critic", c).map(plain)
            }
            Weighting::PrincipalComponents(spec) => {
                let moments = moments::moments(self, &self.sources);
                self.varies(&moments.sd)?;
                components::weights(
                    self,
                    spec,
                    &moments::correlations(self, &self.sources, &moments),
                )
            }
            Weighting::Ahp(comparisons) => {
                let (w, consistency) = comparisons.weights(&self.node, self.path, j)?;
                let weights = w.into_iter().map(|w| vec![w; groups]).collect();
                Ok(Weights { consistency, ..plain(weights) })
            }
            Weighting::Given(given) => {
                let weight = |name: &Name| match given.get(name) {
                    Some(&weight) => Ok(vec![weight; groups]),
                    None => Err(Error::NoWeight { indicator: name.clone() }),
                };
                Ok(plain(self.names.iter().map(weight).collect::<Result<_, _>>()?))
            }
        }
    }

    fn variation(&self, sources: &[&Source], method: &'static str) -> Result<Vec<Vec<f64>>, Error> {
        let moments = moments::moments(self, sources);
        let mut v = moments.sd;
        for (j, (v, means)) in v.iter_mut().zip(&moments.mean).enumerate() {
            for (group, (v, mean)) in v.iter_mut().zip(means).enumerate() {
                if *mean <= 0.0 {
                    return Err(Error::Vanishes {
                        column: self.names[j].clone(),
                        what: if *mean < 0.0 { "a mean below" } else { "a mean of" },
                        step: method,
                        period: self.frame.weigh.period(group),
                    });
                }
                *v /= mean;
            }
        }
        self.shared(method, v)
    }

    /// Fails at a column that does not vary within a group.
    fn varies(&self, sd: &[Vec<f64>]) -> Result<(), Error> {
        for (j, sd) in sd.iter().enumerate() {
            if let Some(group) = sd.iter().position(|&sd| sd <= 0.0) {
                return Err(self.no_variation(j, group));
            }
        }
        Ok(())
    }

    pub(crate) fn no_variation(&self, j: usize, group: usize) -> Error {
        let rows = &self.frame.weigh.rows[group];
        let piece = self.frame.pieces.iter().find(|piece| piece.weigh == group);
        let value = piece.map_or(0.0, |piece| self.sources[j].at(piece.rows.start, piece.normal));
        let (column, period) = (self.names[j].clone(), self.frame.weigh.period(group));
        Error::NoVariation { column, value, rows: rows.len(), period }
    }

    /// Each group's numbers divided by their sum.
    pub(crate) fn shared(
        &self,
        method: &'static str,
        mut v: Vec<Vec<f64>>,
    ) -> Result<Vec<Vec<f64>>, Error> {
        for group in 0..self.frame.weigh.rows.len() {
            let total: f64 = v.iter().map(|v| v[group]).sum();
            if total <= 0.0 {
                let why = "no column varies";
                return Err(Error::NoWeights {
                    method,
                    why,
                    period: self.frame.weigh.period(group),
                });
            }
            for v in &mut v {
                v[group] /= total;
            }
        }
        Ok(v)
    }
}
