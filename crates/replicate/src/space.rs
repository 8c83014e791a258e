//! Neighbours of a study's entities, and what they have in common.

use index::{LocalMoranSpec, Moran as Found, MoranSpec, Neighbours, local_moran, moran};
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

/// Local Moran statistics of a column, as a study writes them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct LocalMoran {
    #[serde(rename = "of")]
    pub(crate) spec: LocalMoranSpec,
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
    fn says(self) -> &'static str {
        match self {
            Self::Island => "has no neighbour",
            Self::Guangdong => "borders on Guangdong",
        }
    }

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
    let hainan = written.hainan.says();
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

/// A row a unit and period: its local statistic, where it lies among its neighbours, and how likely
/// that is by chance.
pub(crate) fn local_table(panel: &Panel, written: &LocalMoran) -> Result<Own, String> {
    let graph = graph(panel, written.hainan)?;
    let found = local_moran(panel, &graph, &written.spec).map_err(|error| error.to_string())?;
    let line = |found: &index::LocalMoran| OwnRow {
        label: format!("{} {}", found.unit, found.period),
        cells: vec![
            OwnCell::Number(found.i),
            OwnCell::Words(found.quadrant.to_string()),
            OwnCell::P(found.p_permuted),
        ],
        ruled: false,
    };
    let LocalMoranSpec { weights, moment, alternative, draws, seed, .. } = &written.spec;
    Ok(Own {
        columns: ["I", "quadrant", "p permuted"].map(str::to_owned).to_vec(),
        rows: found.iter().map(line).collect(),
        notes: vec![format!(
            "{weights} weights, second moment over {moment}; neighbours by land borders, Hainan \
             {}; p permuted: {alternative}, {draws} permutations, seed {seed}; a unit without \
             neighbours has 0",
            written.hainan.says()
        )],
        ..Own::default()
    })
}
