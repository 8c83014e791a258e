//! The Gini coefficient and Dagum's decomposition.

use super::Units;

/// The Gini coefficient of one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Gini {
    /// `G`, from 0 to `1 − 1/n`: without the factor `n/(n − 1)`.
    pub total: f64,
    /// Dagum's decomposition; `None` without regions.
    pub dagum: Option<DagumPart>,
}

/// Dagum's decomposition (1997): `G = within + between + transvariation`.
#[derive(Debug, Clone, PartialEq)]
pub struct DagumPart {
    /// `Σ_r p_r s_r G_r`.
    pub within: f64,
    /// `Σ G_jh (p_j s_h + p_h s_j) D_jh`, the net part between regions.
    pub between: f64,
    /// The same with `1 − D_jh`: what regions overlap.
    pub transvariation: f64,
    /// `G_r` by region.
    pub regions: Vec<(String, f64)>,
    /// `G_jh` and `D_jh` of each pair of regions.
    pub pairs: Vec<(String, String, f64, f64)>,
}

/// One region's units in the order of their levels.
struct Region<'a> {
    name: &'a str,
    /// `(y, p)`.
    sorted: Vec<(f64, f64)>,
    population: f64,
    /// `Σ p y`.
    income: f64,
}

impl Region<'_> {
    fn mean(&self) -> f64 {
        self.income / self.population
    }
}

fn region<'a>(units: &Units, name: &'a str, rows: &[usize]) -> Region<'a> {
    let mut sorted: Vec<(f64, f64)> =
        rows.iter().map(|&i| (units.level[i], units.share[i])).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let population = sorted.iter().map(|(_, p)| p).sum();
    let income = sorted.iter().map(|(y, p)| y * p).sum();
    Region { name, sorted, population, income }
}

/// `Σ_{i in a} Σ_{j in b} pᵢ pⱼ (yᵢ − yⱼ)₊`, by one walk through both.
fn above(a: &Region, b: &Region) -> f64 {
    let (mut below, mut shares, mut incomes, mut sum) = (b.sorted.iter().peekable(), 0.0, 0.0, 0.0);
    for &(y, p) in &a.sorted {
        while let Some((x, q)) = below.next_if(|(x, _)| *x < y) {
            shares += q;
            incomes += q * x;
        }
        sum += p * (y * shares - incomes);
    }
    sum
}

pub(super) fn gini(units: &Units, apart: bool) -> Gini {
    let all: Vec<usize> = (0..units.level.len()).collect();
    let whole = region(units, "", &all);
    let coefficient = |r: &Region| above(r, r) / (r.population * r.income);
    let total = coefficient(&whole);
    if !apart {
        return Gini { total, dagum: None };
    }
    let regions: Vec<Region> =
        units.regions.iter().map(|(name, rows)| region(units, name, rows)).collect();
    let share = |r: &Region| (r.population, r.income / whole.income);
    let own: Vec<(String, f64)> =
        regions.iter().map(|r| (r.name.to_owned(), coefficient(r))).collect();
    let within = regions.iter().zip(&own).map(|(r, (_, g))| share(r).0 * share(r).1 * g).sum();
    let (mut between, mut transvariation, mut pairs) = (0.0, 0.0, Vec::new());
    for (at, first) in regions.iter().enumerate() {
        for second in &regions[at + 1..] {
            // The richer one first: its gains over the other are the gross economic affluence.
            let (high, low) =
                if first.mean() >= second.mean() { (first, second) } else { (second, first) };
            let (gain, loss) = (above(high, low), above(low, high));
            let heads = first.population * second.population;
            let g = (gain + loss) / heads / (high.mean() + low.mean());
            let apart = if gain + loss > 0.0 { (gain - loss) / (gain + loss) } else { 0.0 };
            let ((p, s), (q, t)) = (share(high), share(low));
            let both = g * (p * t + q * s);
            between += both * apart;
            transvariation += both * (1.0 - apart);
            pairs.push((first.name.to_owned(), second.name.to_owned(), g, apart));
        }
    }
    let dagum = DagumPart { within, between, transvariation, regions: own, pairs };
    Gini { total, dagum: Some(dagum) }
}
