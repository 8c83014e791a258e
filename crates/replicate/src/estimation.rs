//! A model with an estimator and every choice that moves a digit.

use std::collections::BTreeMap;

use estimate::{Convention, Intersection, RandomSpec, Spec, Vcov, Weights};
use ingest::Filter;
use panel::Model;

use crate::method::{Chosen, Method};
use crate::quantity::Quantity;

/// Which estimator with which choices, and what its rows hold.
#[derive(Debug)]
pub(crate) struct Estimation {
    pub(crate) method: Method,
    pub(crate) model: Model,
    pub(crate) spec: Spec,
    pub(crate) weights: Option<Weights>,
    /// The rows that it is estimated on: those for which all of these hold.
    pub(crate) filters: Vec<Filter>,
    pub(crate) rows: BTreeMap<String, Quantity>,
}

impl Estimation {
    /// The columns that are read, of the model, the covariance and the weights.
    pub(crate) fn columns(&self) -> Vec<&str> {
        let mut columns = self.model.columns();
        match &self.spec.vcov {
            Vcov::Cluster(by) | Vcov::Cr2(by) | Vcov::Cr3(by) => columns.push(by),
            Vcov::Multiway(by) => columns.extend(by.iter().map(String::as_str)),
            Vcov::Iid
            | Vcov::Robust(_)
            | Vcov::DriscollKraay { .. }
            | Vcov::NeweyWest { .. }
            | Vcov::Pcse { .. } => {}
        }
        columns.extend(self.weights.iter().flat_map(|weights| weights.term().columns()));
        columns.extend(self.filters.iter().map(|filter| filter.column.as_str()));
        columns
    }

    /// The random-effects model: of the estimator, or what a Hausman test compares with.
    pub(crate) fn random(&self) -> RandomSpec {
        let Spec { vcov, convention, .. } = &self.spec;
        let Chosen { components, effect, negative } = match self.method {
            Method::RandomEffects(chosen) | Method::CorrelatedRandomEffects(chosen) => chosen,
            _ => Chosen::of(convention),
        };
        let (vcov, convention) = (vcov.clone(), convention.clone());
        RandomSpec { components, effect, negative, vcov, convention }
    }

    /// Every choice that moves a digit, in a line.
    pub(crate) fn how(&self) -> String {
        let Self { method, model, spec, weights, filters, .. } = self;
        let mut parts = vec![model.to_string()];
        parts.extend(filters.iter().map(|filter| format!("where {filter}")));
        if !matches!(method, Method::Pooled | Method::FixedEffects) {
            parts.push(method.to_string());
        }
        parts.extend(weights.iter().map(|weights| format!("weights {weights}")));
        parts.push(if method.is_binary() {
            format!("{} errors", spec.vcov)
        } else {
            format!("{} errors as {}", spec.vcov, spec.convention)
        });
        let named: Result<Convention, _> = spec.convention.name.parse();
        if named.is_ok_and(|named| named.intersection != spec.convention.intersection) {
            parts.push(match spec.convention.intersection {
                Intersection::Rows => "less White's for rows".to_owned(),
                Intersection::Clusters => "less that of clusters by both".to_owned(),
            });
        }
        parts.join("; ")
    }
}
