//! Generators that bite: gaps, singletons, near-collinear columns, several factors, any order.

use std::collections::BTreeMap;

use panel::{Column, Factor, Index, Panel};
use proptest::prelude::*;

/// Raw rows of a panel with entity `id` and period `year`, in any order.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Who, a whole number each.
    pub id: Vec<i32>,
    /// When.
    pub year: Vec<i32>,
    /// What, by name.
    pub columns: BTreeMap<String, Vec<f64>>,
}

impl Rows {
    /// Number of rows.
    pub fn n(&self) -> usize {
        self.id.len()
    }

    /// The panel of these rows.
    pub fn panel(&self) -> Panel {
        let index = Index {
            entity_name: "id".into(),
            entity: Factor::from_numbers(&self.id),
            period_name: "year".into(),
            period: self.year.clone(),
        };
        let columns = self.columns.iter();
        let numbers = columns.map(|(name, v)| (name.clone(), Column::Number(v.clone())));
        Panel::new(index, numbers).unwrap()
    }

    /// Some of the rows, in the order given.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let pick = |v: &Vec<f64>| rows.iter().map(|&row| v[row]).collect();
        Self {
            id: rows.iter().map(|&row| self.id[row]).collect(),
            year: rows.iter().map(|&row| self.year[row]).collect(),
            columns: self.columns.iter().map(|(name, v)| (name.clone(), pick(v))).collect(),
        }
    }

    /// The rows sorted by entity and period, as a panel has them.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut order: Vec<usize> = (0..self.n()).collect();
        order.sort_by_key(|&row| (self.id[row], self.year[row]));
        self.select(&order)
    }

    /// The same rows with a column computed from each row's number in the order held.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Fn(&Self, usize) -> f64) -> Self {
        let values = (0..self.n()).map(|row| value(&self, row)).collect();
        self.columns.insert(name.to_owned(), values);
        self
    }
}

/// A small counter-based stream of numbers (`SplitMix64`): a seed is a data set.
#[derive(Debug, Clone)]
pub struct Stream(u64);

impl Stream {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform on `[0, 1)`.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of `0..n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.bits() % n as u64).unwrap()
    }

    /// About standard normal: a sum of twelve uniforms.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// The numbers `0..n` in random order.
    pub fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}

/// Unbalanced panels: 5 to 9 entities over 5 to 8 years, up to two fifths of the cells absent,
/// up to two entities observed once; errors are heteroskedastic and correlated in an entity.
///
/// | column | is |
/// |---|---|
/// | `y` | `0.5 x1 − 0.3 x2 + α_id + γ_year + u` |
/// | `x1`, `x2` | correlated with the effects |
/// | `x3` | `x1 + x2`, but for a share of `10⁻⁴`: nearly collinear |
/// | `g` | one of four groups, changing over time |
/// | `zone` | one of three groups of entities |
///
/// The first three entities are observed throughout, so that the years are connected.
pub fn rows() -> impl Strategy<Value = Rows> {
    (5..=9_i32, 5..=8_i32, 0.0..0.4_f64, 0..=2_i32, any::<u64>())
        .prop_map(|(n, t, absent, singles, seed)| unbalanced(n, t, absent, singles, seed))
}

/// Panels without gaps: 4 to 8 entities over `years` years, with the columns of [`rows`].
pub fn balanced(years: std::ops::RangeInclusive<i32>) -> impl Strategy<Value = Rows> {
    (4..=8_i32, years, any::<u64>()).prop_map(|(n, t, seed)| unbalanced(n, t, 0.0, 0, seed))
}

/// The panel of [`rows`] with these sizes.
pub fn unbalanced(n: i32, t: i32, absent: f64, singles: i32, seed: u64) -> Rows {
    let mut stream = Stream::new(seed);
    let mut cells = Vec::new();
    for i in 0..n + singles {
        let only = i >= n;
        let chosen = 1990 + i32::try_from(stream.below(usize::try_from(t).unwrap())).unwrap();
        for year in 1990..1990 + t {
            let gone = stream.uniform() < absent;
            if (only && year == chosen) || (!only && (i < 3 || !gone)) {
                cells.push((i, year));
            }
        }
    }
    let effects: Vec<f64> = (0..n + singles).map(|_| 3.0 * stream.normal()).collect();
    let shocks: Vec<f64> = (0..n + singles).map(|_| stream.normal()).collect();
    let years: Vec<f64> = (0..t).map(|_| stream.normal()).collect();
    let order = stream.order(cells.len());
    let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let (mut id, mut year) = (Vec::new(), Vec::new());
    for row in order {
        let (i, when) = cells[row];
        let at = usize::try_from(i).unwrap();
        let (alpha, gamma) = (effects[at], years[usize::try_from(when - 1990).unwrap()]);
        let x1 = stream.normal() + 0.5 * alpha;
        let x2 = 2.0 * stream.normal() + 0.7 * gamma - 0.1 * alpha + 4.0;
        let u = (0.3 + 0.4 * x1.abs()) * stream.normal() + 0.4 * shocks[at] * x2;
        id.push(i);
        year.push(when);
        for (name, value) in [
            ("y", 0.5 * x1 - 0.3 * x2 + alpha + gamma + u),
            ("x1", x1),
            ("x2", x2),
            ("x3", x1 + x2 + 1e-4 * stream.normal()),
            ("g", stream.below(4) as f64),
            ("zone", f64::from(i % 3)),
        ] {
            columns.entry(name.to_owned()).or_default().push(value);
        }
    }
    Rows { id, year, columns }
}
