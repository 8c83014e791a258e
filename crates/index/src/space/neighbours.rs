//! Who is next to whom.

use std::collections::{BTreeMap, BTreeSet};

use panel::{Name, Panel};

use crate::choice::choice;
use crate::period::{column, periods};
use crate::{Error, SpaceError};

/// Units and the neighbours of each.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    units: Vec<String>,
    /// By unit, places in `units`, increasing.
    lists: Vec<Vec<usize>>,
}

/// How a unit's neighbours count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standardise {
    /// Those of a unit sum to one: the spatial lag is their mean.
    Rows,
    /// One each.
    Binary,
}
choice!(Standardise, "spatial weights", Rows = "row-standardised", Binary = "binary");

/// Spatial weights: for each unit, neighbours and what they count.
pub(super) struct Weights {
    pub(super) lists: Vec<Vec<(usize, f64)>>,
    /// `S₀ = ΣΣ wᵢⱼ`.
    pub(super) s0: f64,
    /// `S₁ = ½ ΣΣ (wᵢⱼ + wⱼᵢ)²`.
    pub(super) s1: f64,
    /// `S₂ = Σ (wᵢ. + w.ᵢ)²`.
    pub(super) s2: f64,
}

impl Neighbours {
    /// The graph of lists of neighbours.
    ///
    /// ```
    /// let graph = index::Neighbours::new([("a", vec!["b"]), ("b", vec!["a", "c"]), ("c", vec!["b"])])?;
    /// assert_eq!(graph.units(), ["a", "b", "c"]);
    /// assert_eq!(graph.of(1), [0, 2]);
    /// # Ok::<(), index::SpaceError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SpaceError::Island`] for a unit without neighbours, [`SpaceError::UnknownNeighbour`],
    /// [`SpaceError::Itself`], [`SpaceError::Twice`].
    pub fn new<S: AsRef<str>, L: IntoIterator<Item = S>>(
        lists: impl IntoIterator<Item = (S, L)>,
    ) -> Result<Self, SpaceError> {
        let lists: Vec<(S, Vec<S>)> =
            lists.into_iter().map(|(unit, list)| (unit, list.into_iter().collect())).collect();
        let units: Vec<String> = lists.iter().map(|(unit, _)| unit.as_ref().to_owned()).collect();
        let mut at = BTreeMap::new();
        for (place, unit) in units.iter().enumerate() {
            if at.insert(unit.as_str(), place).is_some() {
                return Err(SpaceError::Twice { unit: unit.clone(), of: None });
            }
        }
        let mut found = Vec::with_capacity(lists.len());
        for (unit, list) in &lists {
            let unit = || unit.as_ref().to_owned();
            let mut places = BTreeSet::new();
            for neighbour in list {
                let neighbour = neighbour.as_ref();
                let Some(&place) = at.get(neighbour) else {
                    let near = panel::nearest(neighbour, at.keys().copied());
                    let neighbour = neighbour.to_owned();
                    return Err(SpaceError::UnknownNeighbour { unit: unit(), neighbour, near });
                };
                if neighbour == unit() {
                    return Err(SpaceError::Itself { unit: unit() });
                }
                if !places.insert(place) {
                    let unit_of = Some(unit());
                    return Err(SpaceError::Twice { unit: neighbour.to_owned(), of: unit_of });
                }
            }
            if places.is_empty() {
                return Err(SpaceError::Island { unit: unit() });
            }
            found.push(places.into_iter().collect());
        }
        Ok(Self { units, lists: found })
    }

    /// The graph of some of the units, in the order given.
    ///
    /// # Errors
    ///
    /// [`SpaceError::UnknownUnit`], and [`SpaceError::Island`] for one that loses all its neighbours.
    pub fn only<S: AsRef<str>>(&self, units: &[S]) -> Result<Self, SpaceError> {
        let kept: BTreeSet<&str> = units.iter().map(AsRef::as_ref).collect();
        let mut lists = Vec::with_capacity(units.len());
        for unit in units {
            let list =
                self.lists[self.place(unit.as_ref())?].iter().map(|&j| self.units[j].as_str());
            lists
                .push((unit.as_ref(), list.filter(|name| kept.contains(name)).collect::<Vec<_>>()));
        }
        Self::new(lists)
    }

    /// The units, in the order given.
    pub fn units(&self) -> &[String] {
        &self.units
    }

    /// The places of a unit's neighbours.
    pub fn of(&self, unit: usize) -> &[usize] {
        &self.lists[unit]
    }

    /// The mean of the neighbours' values of a column, for each row of a panel: `Σⱼ wᵢⱼ xⱼₜ` with rows
    /// that sum to one. NaN where a neighbour has no value.
    ///
    /// # Errors
    ///
    /// [`SpaceError::UnknownUnit`] for a unit of the panel that has no neighbours.
    pub fn lag(&self, panel: &Panel, name: &str) -> Result<Vec<f64>, Error> {
        let values = column(panel, name)?;
        let mut lags = vec![f64::NAN; panel.n_rows()];
        for (_, rows) in periods(panel) {
            let mut at = vec![f64::NAN; self.units.len()];
            for &row in &rows {
                at[self.place(&panel.row_label(row).0)?] = values[row];
            }
            for &row in &rows {
                let list = &self.lists[self.place(&panel.row_label(row).0)?];
                lags[row] = list.iter().map(|&j| at[j]).sum::<f64>() / list.len() as f64;
            }
        }
        Ok(lags)
    }

    fn place(&self, unit: &str) -> Result<usize, SpaceError> {
        self.units.iter().position(|known| known == unit).ok_or_else(|| SpaceError::UnknownUnit {
            unit: unit.to_owned(),
            near: panel::nearest(unit, self.units.iter().map(String::as_str)),
        })
    }

    pub(super) fn weights(&self, standardise: Standardise) -> Weights {
        let list = |list: &Vec<usize>| {
            let w = match standardise {
                Standardise::Rows => 1.0 / list.len() as f64,
                Standardise::Binary => 1.0,
            };
            list.iter().map(|&j| (j, w)).collect()
        };
        let lists: Vec<Vec<(usize, f64)>> = self.lists.iter().map(list).collect();
        let n = lists.len();
        let (mut rows, mut columns) = (vec![0.0; n], vec![0.0; n]);
        // ½ ΣΣ (wᵢⱼ + wⱼᵢ)² = ΣΣ wᵢⱼ² + ΣΣ wᵢⱼ wⱼᵢ
        let mut s1 = 0.0;
        for (i, list) in lists.iter().enumerate() {
            for &(j, w) in list {
                rows[i] += w;
                columns[j] += w;
                let back = lists[j].iter().find(|(k, _)| *k == i).map_or(0.0, |(_, w)| *w);
                s1 += w * (w + back);
            }
        }
        let s2 = rows.iter().zip(&columns).map(|(r, c)| (r + c) * (r + c)).sum();
        Weights { s0: rows.iter().sum(), s1, s2, lists }
    }

    /// The values of the units in every period in which some unit has one.
    pub(super) fn values(&self, panel: &Panel, name: &Name) -> Result<Vec<(i32, Vec<f64>)>, Error> {
        let column = column(panel, name)?;
        if self.units.len() < 4 {
            return Err(SpaceError::TooFew { n: self.units.len() }.into());
        }
        let mut found = Vec::new();
        for (period, rows) in periods(panel) {
            let mut values = vec![f64::NAN; self.units.len()];
            for row in rows {
                let (unit, _) = panel.row_label(row);
                values[self.place(&unit)?] = column[row];
            }
            if values.iter().all(|x| x.is_nan()) {
                continue;
            }
            if let Some(at) = values.iter().position(|x| !x.is_finite()) {
                let (column, unit) = (name.clone(), self.units[at].clone());
                return Err(SpaceError::Missing { column, unit, period }.into());
            }
            if values.iter().all(|&x| x.to_bits() == values[0].to_bits()) {
                return Err(SpaceError::NoVariation { column: name.clone(), period }.into());
            }
            found.push((period, values));
        }
        if found.is_empty() {
            return Err(SpaceError::Empty { column: name.clone() }.into());
        }
        Ok(found)
    }
}

impl Weights {
    /// `Σⱼ wᵢⱼ zⱼ` of each unit.
    pub(super) fn lag(&self, z: &[f64]) -> Vec<f64> {
        let lag = |list: &Vec<(usize, f64)>| list.iter().map(|&(j, w)| w * z[j]).sum();
        self.lists.iter().map(lag).collect()
    }
}

/// Deviations from the mean.
pub(super) fn centred(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    // About the first value, so that a large level does not cost digits of the mean.
    let mean = values[0] + values.iter().map(|x| x - values[0]).sum::<f64>() / n;
    values.iter().map(|x| x - mean).collect()
}
