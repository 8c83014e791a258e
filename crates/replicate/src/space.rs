//! Neighbours of a study's entities, and what they have in common.

use index::{Moran as Found, MoranSpec, Neighbours, moran};
use ingest::provinces::{self, Hainan};
use panel::Panel;
use report::replication::{Own, OwnCell, OwnRow};
use serde::Deserialize;

/// Moran's I of a column, period by period, as a study writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Moran {
    #[serde(rename = "of")]
    pub(crate) spec: MoranSpec,
    /// `island` or `guangdong`: what Hainan borders on.
    pub(crate) hainan: Borders,
}

/// What Hainan borders on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Borders {
    /// Nothing.
    Island,
    /// Guangdong, across the strait.
    Guangdong,
}

impl Borders {
    fn hainan(self) -> Hainan {
        match self {
            Self::Island => Hainan::Island,
            Self::Guangdong => Hainan::Guangdong,
        }
    }
}

/// The provinces that a panel is about, with those of their neighbours that it is about as well.
pub(crate) fn graph(panel: &Panel, borders: Borders) -> Result<Neighbours, String> {
    let labels: Vec<String> = panel.index().entity.labels().collect();
    let mut known = Vec::new();
    for label in &labels {
        let province = provinces::resolve(label).map_err(|error| error.to_string())?;
        known.push((label.as_str(), province));
    }
    let lists = known.iter().map(|(label, province)| {
        let near = known
            .iter()
            .filter(|(_, other)| provinces::contiguous(province, other, borders.hainan()));
        (*label, near.map(|(other, _)| *other).collect::<Vec<&str>>())
    });
    Neighbours::new(lists).map_err(|error| error.to_string())
}

/// A row a period: Moran's I, what it is expected to be, and how likely it is by chance.
pub(crate) fn table(panel: &Panel, written: &Moran) -> Result<Own, String> {
    let graph = graph(panel, written.hainan)?;
    let found = moran(panel, &graph, &written.spec).map_err(|error| error.to_string())?;
    let line = |found: &Found| {
        let (z, p) = found.random();
        let cells = vec![
            OwnCell::Count(found.n as f64),
            OwnCell::Number(found.i),
            OwnCell::Number(found.expected),
            OwnCell::Number(z),
            OwnCell::P(p),
            OwnCell::P(found.p_permuted),
        ];
        OwnRow { label: found.period.to_string(), cells, ruled: false }
    };
    let pairs: usize = (0..graph.units().len()).map(|unit| graph.of(unit).len()).sum();
    let hainan = match written.hainan {
        Borders::Island => "has no neighbour",
        Borders::Guangdong => "borders on Guangdong",
    };
    let permutations = match written.spec.permutations {
        index::Permutations::Drawn { draws, seed } => format!("{draws} permutations, seed {seed}"),
        index::Permutations::All => "all permutations".to_owned(),
    };
    let heads = ["units", "I", "expected", "z", "p", "p permuted"];
    Ok(Own {
        columns: heads.map(str::to_owned).to_vec(),
        rows: found.iter().map(line).collect(),
        notes: vec![format!(
            "{} weights; {} pairs of neighbours by land borders, Hainan {hainan}; z and its two-sided \
             p under randomisation; p permuted: {}, {permutations}",
            written.spec.weights,
            pairs / 2,
            written.spec.alternative
        )],
        ..Own::default()
    })
}
