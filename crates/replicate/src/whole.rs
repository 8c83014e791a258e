//! Tables of a panel as a whole: concentration and inequality a row a period, and neighbours.

use index::{Herfindahl, Inequality, InequalitySpec, herfindahl, inequality};
use panel::Panel;
use report::replication::{Own, OwnCell, OwnRow};

use crate::space::{self, LocalMoran, Moran};
use crate::study::Table;

/// What such a table shows.
#[derive(Debug)]
pub(crate) enum Whole {
    Moran(Moran),
    LocalMoran(LocalMoran),
    /// Theil's T and L, and the Gini coefficient.
    Inequality(InequalitySpec),
    /// The Herfindahl index of a column.
    Herfindahl(String),
}

impl Whole {
    /// What a study asks for, if it does.
    pub(crate) fn of(written: &Table) -> Option<Self> {
        let moran = written.moran.clone().map(Self::Moran);
        moran
            .or_else(|| written.local_moran.clone().map(Self::LocalMoran))
            .or_else(|| written.inequality.clone().map(Self::Inequality))
            .or_else(|| written.herfindahl.clone().map(Self::Herfindahl))
    }

    /// The columns that it is computed from.
    pub(crate) fn columns(&self) -> Vec<&str> {
        match self {
            Self::Moran(written) => vec![&written.spec.column],
            Self::LocalMoran(written) => vec![&written.spec.column],
            Self::Inequality(InequalitySpec { column, population, region }) => {
                [Some(column), population.as_ref(), region.as_ref()]
                    .into_iter()
                    .flatten()
                    .map(String::as_str)
                    .collect()
            }
            Self::Herfindahl(column) => vec![column],
        }
    }

    pub(crate) fn table(&self, panel: &Panel) -> Result<Own, String> {
        match self {
            Self::Moran(written) => space::table(panel, written),
            Self::LocalMoran(written) => space::local_table(panel, written),
            Self::Inequality(spec) => unequal(panel, spec),
            Self::Herfindahl(column) => concentrated(panel, column),
        }
    }
}

fn concentrated(panel: &Panel, column: &str) -> Result<Own, String> {
    let found = herfindahl(panel, column).map_err(|error| error.to_string())?;
    let line = |found: &Herfindahl| OwnRow {
        label: found.period.to_string(),
        cells: vec![
            OwnCell::Count(found.n as f64),
            OwnCell::Number(found.index),
            found.normalised.map_or(OwnCell::Blank, OwnCell::Number),
        ],
        ruled: false,
    };
    Ok(Own {
        columns: ["units", "H", "normalised"].map(str::to_owned).to_vec(),
        rows: found.iter().map(line).collect(),
        notes: vec![format!(
            "H: the sum of squared shares of {column}, from 1/n to 1; normalised from 0 to 1"
        )],
        ..Own::default()
    })
}

fn unequal(panel: &Panel, spec: &InequalitySpec) -> Result<Own, String> {
    let found = inequality(panel, spec).map_err(|error| error.to_string())?;
    let line =
        |Inequality { period, n, theil, gini }: &Inequality| {
            let mut cells = vec![OwnCell::Count(*n as f64), OwnCell::Number(theil.t)];
            cells.extend(theil.within.zip(theil.between).into_iter().flat_map(
                |(within, between)| [OwnCell::Number(within.0), OwnCell::Number(between.0)],
            ));
            cells.push(OwnCell::Number(theil.l));
            cells.extend(theil.within.zip(theil.between).into_iter().flat_map(
                |(within, between)| [OwnCell::Number(within.1), OwnCell::Number(between.1)],
            ));
            cells.push(OwnCell::Number(gini.total));
            cells.extend(gini.dagum.iter().flat_map(|parts| {
                [parts.within, parts.between, parts.transvariation].map(OwnCell::Number)
            }));
            OwnRow { label: period.to_string(), cells, ruled: false }
        };
    let parts: &[&str] = match spec.region {
        Some(_) => &[
            "units",
            "Theil T",
            "T within",
            "T between",
            "Theil L",
            "L within",
            "L between",
            "Gini",
            "G within",
            "G between",
            "G transvariation",
        ],
        None => &["units", "Theil T", "Theil L", "Gini"],
    };
    let heads = spec.population.as_ref().map_or("a head a unit".to_owned(), Clone::clone);
    let regions = spec.region.as_ref().map_or(String::new(), |region| {
        format!(
            "; within and between the levels of {region}: Theil's exactly, Gini's as Dagum (1997)"
        )
    });
    Ok(Own {
        columns: parts.iter().map(|&part| part.to_owned()).collect(),
        rows: found.iter().map(line).collect(),
        notes: vec![format!("inequality of {}, heads: {heads}{regions}", spec.column)],
        ..Own::default()
    })
}
