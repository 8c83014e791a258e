//! Clustered errors with residuals adjusted for leverage: CR2 and CR3, and their degrees of
//! freedom.
//!
//! With `H` the projection on regressors *and* absorbed effects, `H_gg` its block of a cluster:
//!
//! ```text
//! V̂ = B (Σ_g X_g' A_g û_g û_g' A_g X_g) B        A_g = (I − H_gg)^(−1/2)   CR2
//!                                                A_g = (I − H_gg)^(−1)     CR3
//! ```
//!
//! The effects of one factor `N` whose levels lie within clusters drop out: their part of `H` is
//! block diagonal and orthogonal to what is left of everything else, so that `A_g` may be taken as
//! if they were not there (Pustejovsky and Tipton 2018, theorem 2, for least squares and errors
//! that are iid in the working model; it holds for both powers). What is left, dummies of the
//! other factors and regressors, has an orthonormal basis `Q = [Q_D, Q_X]` with `r` columns, and
//!
//! ```text
//! I − H_gg = I − Q_g Q_g'      Q_g'Q_g = V Λ V'      A_g Q_g = Q_g V (1 − Λ)^(−1/2) V'
//! ```
//!
//! so that the work is in `r × r` matrices, or in `n_g × n_g` ones where a cluster has fewer rows.
//! A direction that only one cluster knows has `λ = 1`; its residuals are zero, and the inverse is
//! the generalised one.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use panel::Factor;
use rayon::prelude::*;

use super::nested;
use super::scores::Scores;
use crate::cholesky::Cholesky;
use numbers::symmetric;

/// Dummies of factors that do not lie within clusters are written down up to this many.
pub(crate) const MOST_LEVELS: usize = 2048;
/// A level that the others leave no freedom.
const NULL: f64 = 1e-11;
/// `1 − λ` of a direction that only one cluster knows.
const ALONE: f64 = 1e-10;

/// How residuals are adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adjustment {
    /// Unbiased if errors are iid.
    Cr2,
    /// The jackknife.
    Cr3,
}

impl Adjustment {
    /// `(1 − λ)^(−1/2)` or `(1 − λ)⁻¹`.
    fn of(self, lambda: f64) -> f64 {
        match self {
            _ if 1.0 - lambda <= ALONE => 0.0,
            Self::Cr2 => 1.0 / (1.0 - lambda).sqrt(),
            Self::Cr3 => 1.0 / (1.0 - lambda),
        }
    }
}

/// What comes out, for slopes and then the constant.
pub(crate) struct Adjusted {
    pub(crate) covariance: Array2<f64>,
    /// Satterthwaite's degrees of freedom: twice the squared mean of a variance over its variance,
    /// if errors are iid and normal.
    pub(crate) df: Vec<f64>,
    /// Clusters without which some slope is not identified.
    pub(crate) alone: usize,
}

/// Dummies of the factors that do not drop out.
pub(crate) fn levels_left(factors: &[&Factor], group: &Factor) -> usize {
    let dropped = drops_out(factors, group);
    let left = factors.iter().enumerate().filter(|(f, _)| Some(*f) != dropped);
    left.map(|(_, factor)| factor.n_levels()).sum()
}

/// The largest factor whose levels lie within clusters.
fn drops_out(factors: &[&Factor], group: &Factor) -> Option<usize> {
    let nested = (0..factors.len()).rev().filter(|&f| nested(factors[f], group));
    nested.max_by_key(|&f| factors[f].n_levels())
}

/// What one cluster contributes.
struct Share {
    /// `Ω'Q_g'A_g û_g`, one number a coefficient.
    score: Array1<f64>,
    /// `‖A_g Q_g Ω‖²`, one number a coefficient.
    size: Array1<f64>,
    /// `Q_g'A_g Q_g Ω`, `r` rows, one column a coefficient.
    shadow: Array2<f64>,
    alone: bool,
}

/// `V̂` and degrees of freedom; `means` of the regressors if a constant is reported.
pub(crate) fn adjusted(
    scores: &Scores<'_>,
    factors: &[&Factor],
    group: &Factor,
    means: Option<&Array1<f64>>,
    adjustment: Adjustment,
) -> Adjusted {
    let dropped = drops_out(factors, group);
    let main = dropped.map(|f| factors[f]);
    let rest: Vec<&Factor> =
        (0..factors.len()).filter(|&f| Some(f) != dropped).map(|f| factors[f]).collect();
    let dummies = Dummies::new(main, &rest, scores);
    let omega = dummies.combinations(scores, means);
    let rows = RowsByGroup::new(group, main);
    let regressors = scores.orthonormal();
    let (k, width) = (scores.k(), scores.width());
    let share = |g: usize| {
        let rows = rows.of(g);
        let mut q = Array2::zeros((rows.len(), dummies.rank() + k));
        for (mut q, &row) in q.rows_mut().into_iter().zip(rows) {
            dummies.fill(row as usize, q.as_slice_mut().unwrap_or_default());
        }
        if let Some(main) = main {
            centre(&mut q, rows, main, &dummies);
        }
        for (mut q, &row) in q.rows_mut().into_iter().zip(rows) {
            let x = &regressors[row as usize * width..][..k];
            q.iter_mut().skip(dummies.rank()).zip(x).for_each(|(q, x)| *q = *x);
        }
        let u: Array1<f64> = rows.iter().map(|&row| scores.residuals[row as usize]).collect();
        share(q.view(), &u, &omega, k, adjustment)
    };
    let shares: Vec<Share> = (0..group.n_levels()).into_par_iter().map(share).collect();

    let mut covariance = Array2::zeros((width, width));
    for share in &shares {
        for i in 0..width {
            for j in 0..width {
                covariance[[i, j]] += share.score[i] * share.score[j];
            }
        }
    }
    let df = (0..width).map(|j| satterthwaite(&shares, j)).collect();
    Adjusted { covariance, df, alone: shares.iter().filter(|share| share.alone).count() }
}

fn share(
    q: ArrayView2<'_, f64>,
    u: &Array1<f64>,
    omega: &Array2<f64>,
    k: usize,
    adjustment: Adjustment,
) -> Share {
    let (n, r) = q.dim();
    let small = |lambda: &f64| 1.0 - lambda <= ALONE;
    if n < r {
        let (lambda, v) = symmetric::eigen(&q.dot(&q.t()));
        let factor = lambda.mapv(|lambda| adjustment.of(lambda));
        let onto = |x: &Array2<f64>| v.dot(&(&v.t().dot(x) * &factor.view().insert_axis(Axis(1))));
        let seen = q.dot(omega);
        // Coordinates of the coefficients in the directions that only this cluster knows.
        let lost = v.t().dot(&seen);
        let alone = alone(&lambda, &lost, &seen, k, small);
        let w = onto(&seen);
        let score = w.t().dot(u);
        let size = w.mapv(|w| w * w).sum_axis(Axis(0));
        return Share { score, size, shadow: q.t().dot(&w), alone };
    }
    let (lambda, v) = symmetric::eigen(&q.t().dot(&q));
    let turned = v.t().dot(omega);
    let alone = alone(&lambda, &turned, omega, k, small);
    let factor = lambda.mapv(|lambda| adjustment.of(lambda));
    let by_row = |weights: Array1<f64>| &turned * &weights.insert_axis(Axis(1));
    let score = by_row(factor.clone()).t().dot(&v.t().dot(&q.t().dot(u)));
    let shadow = v.dot(&by_row(&factor * &lambda));
    let squares = &by_row(&(&factor * &factor) * &lambda) * &turned;
    Share { score, size: squares.sum_axis(Axis(0)), shadow, alone }
}

/// Whether a slope has a part in a direction that only this cluster knows.
fn alone(
    lambda: &Array1<f64>,
    parts: &Array2<f64>,
    whole: &Array2<f64>,
    k: usize,
    small: impl Fn(&f64) -> bool,
) -> bool {
    (0..k).any(|j| {
        let length = whole.column(j).dot(&whole.column(j)).sqrt();
        let known = lambda.iter().zip(parts.column(j)).filter(|(lambda, _)| small(lambda));
        known.fold(0.0, |most: f64, (_, part)| most.max(part.abs())) > 1e-6 * length
    })
}

/// `(Σ_g p_g'p_g)² / Σ_gh (p_g'p_h)²` with `p_g = (I − H)_g'A_g Q_g ω`, so that a variance is the
/// sum of the `(p_g'e)²` of iid errors `e`: `p_g'p_h = δ_gh ‖w_g‖² − t_g't_h`.
fn satterthwaite(shares: &[Share], j: usize) -> f64 {
    let r = shares.first().map_or(0, |share| share.shadow.nrows());
    let mut t = Array2::zeros((shares.len(), r));
    let (mut mean, mut square) = (0.0, 0.0);
    for (share, mut row) in shares.iter().zip(t.rows_mut()) {
        let shadow = share.shadow.column(j);
        row.assign(&shadow);
        let (size, length) = (share.size[j], shadow.dot(&shadow));
        mean += size - length;
        square += size * (size - 2.0 * length);
    }
    // ‖t t'‖ = ‖t't‖: whichever is smaller.
    let products = if shares.len() < r { t.dot(&t.t()) } else { t.t().dot(&t) };
    square += products.iter().map(|x| x * x).sum::<f64>();
    mean * mean / square
}

/// Rows by cluster, and within it by the level of the factor that drops out.
struct RowsByGroup {
    rows: Vec<u32>,
    start: Vec<usize>,
}

impl RowsByGroup {
    fn new(group: &Factor, main: Option<&Factor>) -> Self {
        let codes = group.codes();
        let mut rows: Vec<u32> = (0..).take(codes.len()).collect();
        let level = |row: u32| main.map_or(0, |main| main.codes()[row as usize]);
        rows.sort_by_key(|&row| (codes[row as usize], level(row)));
        let mut start = vec![0; group.n_levels() + 1];
        for &code in codes {
            start[code as usize + 1] += 1;
        }
        for g in 1..start.len() {
            start[g] += start[g - 1];
        }
        Self { rows, start }
    }

    fn of(&self, g: usize) -> &[u32] {
        &self.rows[self.start[g]..self.start[g + 1]]
    }
}

/// Takes the effects of `main` out of the first columns; rows of a level follow each other.
fn centre(q: &mut Array2<f64>, rows: &[u32], main: &Factor, dummies: &Dummies<'_>) {
    let root = |at: usize| dummies.root_weight(rows[at] as usize);
    let level = |at: usize| main.codes()[rows[at] as usize];
    let mut start = 0;
    while start < rows.len() {
        let end = (start..rows.len()).find(|&at| level(at) != level(start)).unwrap_or(rows.len());
        let total: f64 = (start..end).map(|i| root(i) * root(i)).sum();
        for j in 0..dummies.rank() {
            let mean = (start..end).map(|i| root(i) * q[[i, j]]).sum::<f64>() / total;
            (start..end).for_each(|i| q[[i, j]] -= root(i) * mean);
        }
        start = end;
    }
}

/// The dummies of the factors that stay, times `√w` if rows have weights: `Q_D = M_N D R`,
/// orthonormal.
struct Dummies<'a> {
    rows: usize,
    weights: Option<&'a [f64]>,
    codes: Vec<&'a [u32]>,
    offset: Vec<usize>,
    /// `R`, a row a level and a column a dimension that they span.
    root: Array2<f64>,
    /// Whether a factor drops out, and the constant with it.
    centred: bool,
}

impl<'a> Dummies<'a> {
    fn new(main: Option<&Factor>, rest: &[&'a Factor], scores: &Scores<'a>) -> Self {
        let (mut offset, mut levels) = (Vec::new(), 0);
        for factor in rest {
            offset.push(levels);
            levels += factor.n_levels();
        }
        let codes: Vec<&[u32]> = rest.iter().map(|factor| factor.codes()).collect();
        let mut dummies = Self {
            rows: scores.residuals.len(),
            weights: scores.weights,
            codes,
            offset,
            root: Array2::zeros((0, 0)),
            centred: main.is_some(),
        };
        let gram = dummies.gram(levels, main);
        let (_, spanned) = Cholesky::new(&gram, NULL);
        let kept: Vec<usize> = (0..levels).filter(|level| !spanned.contains(level)).collect();
        let gram = gram.select(Axis(0), &kept).select(Axis(1), &kept);
        let inverse = Cholesky::new(&gram, 0.0).0.inverse_factor();
        dummies.root = Array2::zeros((levels, kept.len()));
        for (at, &level) in kept.iter().enumerate() {
            dummies.root.row_mut(level).assign(&inverse.column(at));
        }
        dummies
    }

    /// `D'M_N D`.
    fn gram(&self, levels: usize, main: Option<&Factor>) -> Array2<f64> {
        let mut gram = Array2::zeros((levels, levels));
        for row in 0..self.rows {
            let weight = self.root_weight(row).powi(2);
            for i in self.levels(row) {
                for j in self.levels(row) {
                    gram[[i, j]] += weight;
                }
            }
        }
        let Some(main) = main else { return gram };
        let mut members = vec![Vec::new(); main.n_levels()];
        for (row, &level) in main.codes().iter().enumerate() {
            members[level as usize].push(row);
        }
        let mut counts = vec![0.0; levels];
        for rows in members {
            let (mut seen, mut total) = (Vec::new(), 0.0);
            for &row in &rows {
                let weight = self.root_weight(row).powi(2);
                total += weight;
                for level in self.levels(row) {
                    if counts[level] == 0.0 {
                        seen.push(level);
                    }
                    counts[level] += weight;
                }
            }
            for &i in &seen {
                for &j in &seen {
                    gram[[i, j]] -= counts[i] * counts[j] / total;
                }
            }
            for level in seen {
                counts[level] = 0.0;
            }
        }
        gram
    }

    fn levels(&self, row: usize) -> impl Iterator<Item = usize> {
        self.codes.iter().zip(&self.offset).map(move |(codes, offset)| offset + codes[row] as usize)
    }

    /// `√w`, or 1.
    fn root_weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |root| root[row])
    }

    fn rank(&self) -> usize {
        self.root.ncols()
    }

    /// A row of `D R`.
    fn fill(&self, row: usize, q: &mut [f64]) {
        let weight = self.root_weight(row);
        for level in self.levels(row) {
            q.iter_mut().zip(self.root.row(level)).for_each(|(q, root)| *q += weight * root);
        }
    }

    /// `Ω`, `r` rows: the coefficients' influence functions are `Q Ω`, a column each.
    ///
    /// A slope's is `X W W'`, the constant's `1/n − X W W'x̄`, where ones are in the span of `Q_D`
    /// unless they drop out.
    fn combinations(&self, scores: &Scores<'_>, means: Option<&Array1<f64>>) -> Array2<f64> {
        let root = &scores.solution.root;
        let (k, q) = (scores.k(), self.rank());
        let mut omega = Array2::zeros((q + k, scores.width()));
        for i in 0..k {
            for j in 0..k {
                omega[[q + i, j]] = root[[j, i]];
            }
        }
        let Some(means) = means else { return omega };
        let mut ones = vec![0.0; q];
        if !self.centred {
            // Q_D'1, a row after the other.
            let mut of_row = vec![0.0; q];
            for row in 0..self.rows {
                of_row.fill(0.0);
                self.fill(row, &mut of_row);
                let weight = self.root_weight(row);
                ones.iter_mut().zip(&of_row).for_each(|(sum, q)| *sum += weight * q);
            }
        }
        let slopes = root.t().dot(means);
        for (i, one) in ones.iter().enumerate() {
            omega[[i, k]] = one / scores.n as f64;
        }
        for (i, slope) in slopes.iter().enumerate() {
            omega[[q + i, k]] = -slope;
        }
        omega
    }
}
