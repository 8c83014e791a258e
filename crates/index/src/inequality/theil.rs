//! Theil's T and L.

use super::Units;

/// Theil's measures of one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Theil {
    /// `T`, weighted by income.
    pub t: f64,
    /// `L`, the mean logarithmic deviation, weighted by population.
    pub l: f64,
    /// Of T and of L, what lies within regions: `Σ s_r T_r`, `Σ p_r L_r`; `None` without regions.
    pub within: Option<(f64, f64)>,
    /// Of T and of L, what lies between their means; `None` without regions.
    pub between: Option<(f64, f64)>,
    /// The regions, in the order of their names; empty without regions.
    pub regions: Vec<RegionPart>,
}

/// One region.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionPart {
    /// Its name.
    pub name: String,
    /// Its units.
    pub n: usize,
    /// `p_r`, its share of the population.
    pub population: f64,
    /// `s_r`, its share of what is distributed.
    pub income: f64,
    /// `T_r`.
    pub t: f64,
    /// `L_r`.
    pub l: f64,
}

pub(super) fn theil(units: &Units, apart: bool) -> Theil {
    let all: Vec<usize> = (0..units.level.len()).collect();
    let whole = part(units, "", &all);
    if !apart {
        let (within, between, regions) = (None, None, Vec::new());
        return Theil { t: whole.t, l: whole.l, within, between, regions };
    }
    let mean: f64 = all.iter().map(|&i| units.share[i] * units.level[i]).sum();
    let regions: Vec<RegionPart> = units
        .regions
        .iter()
        .map(|(name, rows)| {
            let mut part = part(units, name, rows);
            part.income /= mean;
            part
        })
        .collect();
    let sum = |f: fn(&RegionPart) -> f64| regions.iter().map(f).sum::<f64>();
    let within = (sum(|r| r.income * r.t), sum(|r| r.population * r.l));
    let between = (
        sum(|r| r.income * (r.income / r.population).ln()),
        sum(|r| r.population * (r.population / r.income).ln()),
    );
    Theil { t: whole.t, l: whole.l, within: Some(within), between: Some(between), regions }
}

/// T and L of some units; their income is `Σ p y` still.
fn part(units: &Units, name: &str, rows: &[usize]) -> RegionPart {
    let population: f64 = rows.iter().map(|&i| units.share[i]).sum();
    let income: f64 = rows.iter().map(|&i| units.share[i] * units.level[i]).sum();
    let mean = income / population;
    let (mut t, mut l) = (0.0, 0.0);
    for &i in rows {
        let (p, relative) = (units.share[i] / population, units.level[i] / mean);
        t += p * relative * relative.ln();
        l -= p * relative.ln();
    }
    RegionPart { name: name.to_owned(), n: rows.len(), population, income, t, l }
}
