//! Threshold regressions the slow way: a dummy for every effect, a regression at every candidate.
//!
//! Nothing here is shared with the crate: columns are made orthonormal one by one (modified
//! Gram–Schmidt, each twice), which is as accurate as QR and counts the rank.

use causal::threshold::Inequality;
use panel::{Factor, Panel};

use super::{Choice, column};

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Orthonormal columns, each against those before it, twice.
fn basis(columns: impl IntoIterator<Item = Vec<f64>>) -> Vec<Vec<f64>> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for column in columns {
        let before = dot(&column, &column).sqrt();
        let mut left = residual(&basis, &column);
        let after = dot(&left, &left).sqrt();
        if after > 1e-7 * before {
            for x in &mut left {
                *x /= after;
            }
            basis.push(left);
        }
    }
    basis
}

pub(super) fn residual(basis: &[Vec<f64>], v: &[f64]) -> Vec<f64> {
    let mut left = v.to_vec();
    for q in basis.iter().chain(basis) {
        let weight = dot(q, &left);
        left.iter_mut().zip(q).for_each(|(x, q)| *x -= weight * q);
    }
    left
}

/// Regressions with a dummy for every effect, one at every candidate.
pub(super) struct Dense {
    pub(super) effects: Vec<Vec<f64>>,
    pub(super) kept: Vec<bool>,
    pub(super) q: Vec<f64>,
    pub(super) common: Vec<Vec<f64>>,
    pub(super) switching: Vec<Vec<f64>>,
    pub(super) y: Vec<f64>,
    pub(super) inequality: Inequality,
}

impl Dense {
    pub(super) fn new(panel: &Panel, choice: Choice) -> Self {
        let id = &panel.index().entity;
        let year = panel.factor("year").unwrap();
        let mut dummies = indicators(id);
        if choice.two_way {
            dummies.extend(indicators(&year));
        }
        let codes = id.codes();
        let last = |row: usize| row + 1 == codes.len() || codes[row + 1] != codes[row];
        let x2 = column(panel, "x2");
        let x1 = column(panel, "x1");
        let (common, switching) =
            if choice.both { (vec![], vec![x1, x2]) } else { (vec![x2], vec![x1]) };
        Self {
            effects: basis(dummies),
            kept: (0..codes.len()).map(|row| !(choice.drop_last && last(row))).collect(),
            q: column(panel, "q"),
            common,
            switching,
            y: column(panel, "y"),
            inequality: choice.inequality,
        }
    }

    pub(super) fn transformed(&self, v: &[f64]) -> Vec<f64> {
        let left = residual(&self.effects, v);
        left.iter().zip(&self.kept).filter(|(_, kept)| **kept).map(|(v, _)| *v).collect()
    }

    fn regime(&self, row: usize, thresholds: &[f64]) -> usize {
        let above = |gamma: &&f64| match self.inequality {
            Inequality::AtMost => self.q[row] > **gamma,
            Inequality::Below => self.q[row] >= **gamma,
        };
        thresholds.iter().filter(above).count()
    }

    /// Transformed regressors given thresholds, and how many there should be.
    pub(super) fn regressors(&self, thresholds: &[f64]) -> (Vec<Vec<f64>>, usize) {
        let mut columns = self.common.clone();
        for regime in 0..=thresholds.len() {
            for x in &self.switching {
                let inside = |row: usize| f64::from(self.regime(row, thresholds) == regime);
                columns.push((0..x.len()).map(|row| x[row] * inside(row)).collect());
            }
        }
        let k = columns.len();
        (basis(columns.iter().map(|column| self.transformed(column))), k)
    }

    /// The residuals of `y` given thresholds; `None` if regressors are collinear.
    pub(super) fn residuals(&self, y: &[f64], thresholds: &[f64]) -> Option<Vec<f64>> {
        let (basis, k) = self.regressors(thresholds);
        (basis.len() == k).then(|| residual(&basis, &self.transformed(y)))
    }

    pub(super) fn ssr(&self, y: &[f64], thresholds: &[f64]) -> Option<f64> {
        self.residuals(y, thresholds).map(|u| dot(&u, &u))
    }

    /// Distinct values of `q` that leave every regime the rows that the spec asks for.
    pub(super) fn admissible(&self, given: &[f64]) -> Vec<f64> {
        let n = self.q.len();
        let least = (n / 10).max(2);
        let mut values = self.q.clone();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values.retain(|&gamma| {
            let mut thresholds = given.to_vec();
            thresholds.push(gamma);
            let mut rows = vec![0; thresholds.len() + 1];
            (0..n).for_each(|row| rows[self.regime(row, &thresholds)] += 1);
            rows.into_iter().all(|rows| rows >= least)
        });
        values
    }

    /// One more threshold: the value and its sum of squares.
    pub(super) fn search(&self, y: &[f64], given: &[f64]) -> Option<(f64, f64)> {
        let ssr = |gamma: f64| {
            let mut thresholds = given.to_vec();
            thresholds.push(gamma);
            Some((gamma, self.ssr(y, &thresholds)?))
        };
        first_least(self.admissible(given).into_iter().filter_map(ssr).collect())
    }
}

/// The first of the values whose sum of squares is the least up to rounding: a row that is alone in
/// its entity moves between the regimes and changes nothing.
pub(super) fn first_least(all: Vec<(f64, f64)>) -> Option<(f64, f64)> {
    let whole = all.iter().map(|(_, ssr)| *ssr).fold(0.0, f64::max);
    let least = all.iter().map(|(_, ssr)| *ssr).fold(f64::INFINITY, f64::min);
    all.into_iter().find(|(_, ssr)| *ssr <= least + 1e-12 * whole)
}

fn indicators(factor: &Factor) -> Vec<Vec<f64>> {
    let n = u32::try_from(factor.n_levels()).unwrap();
    let one = |level| factor.codes().iter().map(|&code| f64::from(code == level)).collect();
    (0..n).map(one).collect()
}
