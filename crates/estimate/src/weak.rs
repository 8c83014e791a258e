//! Whether instruments identify: rank tests of the reduced form, and overidentification.
//!
//! Everything is partialled: the absorbed effects and the exogenous regressors are projected off
//! the endogenous regressors `Y`, the excluded instruments `Z` and the response.

use std::borrow::Cow;

use ndarray::{Array1, Array2, Axis, Slice};
use panel::{Factor, Name};

use crate::absorbed::{Absorbed, Block};
use crate::cholesky::Cholesky;
use crate::convention::Intersection;
use crate::linear::everyone;
use crate::two_stage::Parts;
use crate::vcov::{clusters, intersection};
use crate::within::Projected;
use crate::{ChiSquared, Design, Error, Fit, Spec, Vcov, ls};
use numbers::symmetric::eigen;

/// Columns of the reduced form, orthonormal where it matters.
#[derive(Debug)]
pub(crate) struct Identification {
    /// Observations.
    n: f64,
    m: usize,
    l: usize,
    /// `Z` turned so that `Z'Z = I`, then `Y` so that `Y'Y = I`; rows times `√w`.
    z: Array2<f64>,
    y: Array2<f64>,
    response: Array1<f64>,
    /// `Z'Y` of the turned columns, whose singular values are the canonical correlations.
    cross: Array2<f64>,
    /// `Y_j'P_Z Y_j / Y_j'Y_j` of the columns as they are.
    pub(crate) shares: Vec<f64>,
    rows: Rows,
}

/// The cluster of each row, and how many there are.
type Clusters = (Vec<u32>, usize);

/// What turns rows into a meat.
#[derive(Debug)]
struct Rows {
    /// Sums of outer products, added or subtracted: of rows, or of clusters with their number.
    /// Empty for covariances that have no meat here.
    terms: Vec<(f64, Option<Clusters>)>,
    /// `√w` of frequencies: their rows are several.
    times: Option<Vec<f64>>,
}

impl Identification {
    /// Both stages can be estimated, so that no set of columns spans another.
    pub(crate) fn new(design: &Design<'_>, parts: &Parts, spec: &Spec) -> Result<Self, Error> {
        let (k, l) = (parts.exogenous.len(), parts.excluded.len());
        let m = parts.endogenous.len();
        let mut columns = partialled(design, parts)?;
        let exogenous = basis(&columns[..k], design.n());
        for column in &mut columns[k..] {
            for _ in 0..2 {
                let weights = exogenous.t().dot(column);
                *column -= &exogenous.dot(&weights);
            }
        }
        let z = basis(&columns[k..k + l], design.n());
        let endogenous = &columns[k + l..k + l + m];
        let share = |column: &Array1<f64>| {
            let explained = z.t().dot(column);
            explained.dot(&explained) / column.dot(column)
        };
        let shares = endogenous.iter().map(share).collect();
        let y = basis(endogenous, design.n());
        let cross = z.t().dot(&y);
        let terms = match &spec.vcov {
            Vcov::Robust(_) => vec![(1.0, None)],
            Vcov::Cluster(by) => {
                let group = clusters(design, by)?;
                vec![(1.0, Some((group.codes().to_vec(), group.n_levels())))]
            }
            Vcov::Multiway(names) => several(design, names, spec.convention.intersection)?,
            _ => Vec::new(),
        };
        let frequency = design.sample.weights.as_ref().is_some_and(|w| w.frequency().is_some());
        let times = design.root.as_ref().filter(|_| frequency).map(|root| root.to_vec());
        let n = design.sample.n_observations() as f64;
        let response = columns.swap_remove(k + l + m);
        Ok(Self { n, m, l, z, y, response, cross, shares, rows: Rows { terms, times } })
    }

    /// The smallest squared canonical correlation, and its direction among `Y`.
    fn smallest(&self) -> (f64, Array1<f64>, Array2<f64>) {
        let (values, vectors) = eigen(&self.cross.t().dot(&self.cross));
        let (smallest, others) = vectors.view().split_at(Axis(1), 1);
        (values[0].clamp(0.0, 1.0), smallest.column(0).to_owned(), others.to_owned())
    }

    /// The smallest eigenvalue of `Σ_V^{−½} Y'P_Z Y Σ_V^{−½}`, over the instruments.
    pub(crate) fn cragg_donald(&self, df_residual: usize) -> f64 {
        let (share, ..) = self.smallest();
        share / (1.0 - share) * df_residual as f64 / self.l as f64
    }

    /// The LM test of rank: Anderson's, or Kleibergen and Paap's.
    pub(crate) fn lagrange_multiplier(&self, vcov: &Vcov) -> Option<ChiSquared> {
        let statistic = match vcov {
            Vcov::Iid => self.n * self.smallest().0,
            _ => self.rank_statistic(false)?,
        };
        Some(ChiSquared::new(statistic, self.l - self.m + 1))
    }

    /// Kleibergen and Paap's rk Wald statistic over the instruments, without any factor.
    pub(crate) fn wald(&self) -> Option<f64> {
        Some(self.rank_statistic(true)? / self.l as f64)
    }

    /// `λ'Ω⁻¹λ`, with `λ = A'Θb` what is left of `Θ = Z'Y` in the direction `b` of the smallest
    /// singular value, `A` orthogonal to the other singular vectors. `None` if `Ω` is singular, as
    /// with few clusters, and for covariances over time.
    fn rank_statistic(&self, wald: bool) -> Option<f64> {
        if self.rows.terms.is_empty() {
            return None;
        }
        let (_, b, others) = self.smallest();
        let left = complement(&self.cross.dot(&others));
        let theta = self.cross.dot(&b);
        let lambda = left.t().dot(&theta);
        let mut error = self.y.dot(&b);
        if wald {
            error -= &self.z.dot(&theta);
        }
        let omega = self.rows.meat(&self.z.dot(&left), error);
        let (factor, spanned) = Cholesky::new(&omega, SINGULAR);
        spanned.is_empty().then(|| lambda.dot(&factor.solve(lambda.view())))
    }

    /// Sargan's statistic and Hansen's J, if there are more instruments than endogenous
    /// regressors.
    pub(crate) fn overidentification(
        &self,
        design: &Design<'_>,
        fit: &Fit,
    ) -> (Option<ChiSquared>, Option<ChiSquared>) {
        let df = self.l - self.m;
        if df == 0 {
            return (None, None);
        }
        let u: Array1<f64> = design.scaled(fit.residuals()).to_vec().into();
        let moments = self.z.t().dot(&u);
        let sargan = self.n * moments.dot(&moments) / u.dot(&u);
        let hansen = if self.rows.terms.is_empty() { None } else { self.hansen(u) };
        let chi2 = |statistic| ChiSquared::new(statistic, df);
        (Some(chi2(sargan)), hansen.map(chi2))
    }

    /// `J` of two-step GMM, whose weights are the inverse of the meat of the residuals `u`.
    fn hansen(&self, u: Array1<f64>) -> Option<f64> {
        let (factor, spanned) = Cholesky::new(&self.rows.meat(&self.z, u), SINGULAR);
        if !spanned.is_empty() {
            return None;
        }
        let half = factor.inverse_factor();
        let (x, y) = (half.dot(&self.cross), half.dot(&self.z.t().dot(&self.response)));
        let (normal, spanned) = Cholesky::new(&x.t().dot(&x), SINGULAR);
        let left = &y - &x.dot(&normal.solve(x.t().dot(&y).view()));
        spanned.is_empty().then(|| left.dot(&left))
    }
}

/// A pivot of this share is rounding noise.
const SINGULAR: f64 = 1e-13;

impl Rows {
    /// `Σ z_i z_i' u_i²`, or of sums by cluster.
    fn meat(&self, z: &Array2<f64>, u: Array1<f64>) -> Array2<f64> {
        let scores = z * &u.clone().insert_axis(Axis(1));
        let mut meat = Array2::<f64>::zeros((z.ncols(), z.ncols()));
        for (sign, clusters) in &self.terms {
            let part = match (clusters, &self.times) {
                (Some((codes, n_clusters)), _) => {
                    let mut sums = Array2::<f64>::zeros((*n_clusters, z.ncols()));
                    for (row, &code) in scores.rows().into_iter().zip(codes) {
                        let mut sum = sums.row_mut(code as usize);
                        sum += &row;
                    }
                    sums.t().dot(&sums)
                }
                (None, Some(times)) => {
                    let mut one = u.clone();
                    one.iter_mut().zip(times).for_each(|(u, root)| *u /= root);
                    let scores = z * &one.insert_axis(Axis(1));
                    scores.t().dot(&scores)
                }
                (None, None) => scores.t().dot(&scores),
            };
            meat.scaled_add(*sign, &part);
        }
        meat
    }
}

/// Clusters in several ways, by inclusion and exclusion.
fn several(
    design: &Design<'_>,
    names: &[Name],
    last: Intersection,
) -> Result<Vec<(f64, Option<Clusters>)>, Error> {
    let groups = names.iter().map(|by| clusters(design, by)).collect::<Result<Vec<_>, _>>()?;
    let all = (1_usize << names.len()) - 1;
    let term = |set: usize| {
        let members = (0..names.len()).filter(|i| set >> i & 1 == 1);
        let members: Vec<&Factor> = members.map(|i| &*groups[i]).collect();
        let sign = if members.len() % 2 == 1 { 1.0 } else { -1.0 };
        if set == all && names.len() > 1 && last == Intersection::Rows {
            return (sign, None);
        }
        let (codes, n_clusters) = intersection(&members);
        (sign, Some((codes.into_owned(), n_clusters)))
    };
    Ok((1..=all).map(term).collect())
}

/// Exogenous regressors, instruments, endogenous regressors and the response, the absorbed
/// effects projected off, rows times `√w`.
fn partialled(design: &Design<'_>, parts: &Parts) -> Result<Vec<Array1<f64>>, Error> {
    let everyone = everyone(design);
    let mut blocks = design.blocks();
    let all = |factor| Block { factor, intercept: true, slopes: Vec::new() };
    blocks.extend(everyone.as_ref().map(all));
    let absorbed = Absorbed::new(&blocks, design.root.as_deref());
    let order = parts.exogenous.iter().chain(&parts.excluded).chain(&parts.endogenous);
    let columns: Vec<Cow<'_, [f64]>> = order
        .map(|&at| &*design.x[at])
        .chain([&*design.y])
        .map(|column| design.scaled(column))
        .collect();
    let mut projected = Projected::new(absorbed, columns.iter().map(|column| &**column).collect());
    projected.gram()?;
    let mut out = vec![Array1::zeros(design.n()); columns.len()];
    for (rows, piece) in projected.map(|rows, piece| (rows, piece)) {
        for (out, piece) in out.iter_mut().zip(piece.columns()) {
            out.slice_axis_mut(Axis(0), Slice::from(rows.clone())).assign(&piece);
        }
    }
    Ok(out)
}

/// What an orthonormal basis leaves of `v`; twice, so that rounding does not.
fn left_of(v: &Array1<f64>, basis: &[Array1<f64>]) -> Array1<f64> {
    let mut left = v.clone();
    for q in basis.iter().chain(basis) {
        let weight = q.dot(&left);
        left.scaled_add(-weight, q);
    }
    left
}

fn unit(v: Array1<f64>) -> Array1<f64> {
    let length = v.dot(&v).sqrt();
    v / length
}

/// An orthonormal basis of independent columns.
fn basis(columns: &[Array1<f64>], n: usize) -> Array2<f64> {
    let mut basis: Vec<Array1<f64>> = Vec::with_capacity(columns.len());
    for column in columns {
        basis.push(unit(left_of(column, &basis)));
    }
    stack(&basis, n)
}

/// An orthonormal basis of what is orthogonal to independent columns.
fn complement(a: &Array2<f64>) -> Array2<f64> {
    let (l, k) = a.dim();
    let columns: Vec<Array1<f64>> = a.columns().into_iter().map(|c| c.to_owned()).collect();
    let columns = basis(&columns, l);
    let mut basis: Vec<Array1<f64>> = columns.columns().into_iter().map(|c| c.to_owned()).collect();
    while basis.len() < l {
        let axis = |i: usize| Array1::from_shape_fn(l, |j| f64::from(u8::from(i == j)));
        let candidates = (0..l).map(|i| left_of(&axis(i), &basis));
        let longest = candidates.max_by(|a, b| a.dot(a).total_cmp(&b.dot(b)));
        basis.extend(longest.map(unit));
    }
    stack(&basis[k..], l)
}

fn stack(columns: &[Array1<f64>], n: usize) -> Array2<f64> {
    let mut stacked = ls::columns(n, columns.len());
    for (mut place, column) in stacked.columns_mut().into_iter().zip(columns) {
        place.assign(column);
    }
    stacked
}
