//! Clustering in several ways at once, by inclusion and exclusion.

use std::borrow::Cow;

use ndarray::{Array2, Axis, Slice};
use panel::{Factor, Name};

use super::outer_products;
use super::scores::Scores;
use super::small_sample::Counted;
use crate::convention::{Indefinite, Intersection};
use numbers::symmetric;

use crate::{Note, Spec, ls};

/// One term of a covariance that is clustered in several ways.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterTerm {
    /// Rows belong together if they share a level of all of these.
    pub by: Vec<Name>,
    /// Clusters, or rows where the convention takes every row for itself.
    pub n_clusters: usize,
    /// What multiplies its uncorrected sandwich; negative if the term is subtracted.
    pub factor: f64,
}

/// The meat `Σ_S (−1)^(|S|+1) c_S Σ_g s_g s_g'` over the nonempty sets `S` of clusterings, and its
/// terms. The factors `c_S` are complete: nothing multiplies the sum.
pub(crate) fn meat(
    names: &[Name],
    counted: &Counted<'_>,
    spec: &Spec,
    scores: &Scores<'_>,
) -> (Array2<f64>, Vec<ClusterTerm>) {
    let (width, n) = (scores.width(), scores.n);
    let mut meat = Array2::zeros((width, width));
    let mut terms = Vec::new();
    let sets = 1_usize << names.len();
    // Small sets first: the clusterings themselves, then their intersections.
    let mut order: Vec<usize> = (1..sets).collect();
    order.sort_by_key(|set| (set.count_ones(), *set));
    for set in order {
        let of = |i: &usize| set >> i & 1 == 1;
        let last = set == sets - 1 && names.len() > 1;
        let members: Vec<usize> = (0..names.len()).filter(of).collect();
        let (part, n_clusters) = if last && spec.convention.intersection == Intersection::Rows {
            (outer_products(&scores.rows(), width), n)
        } else {
            let groups: Vec<&Factor> = members.iter().map(|&i| &*counted.groups[i]).collect();
            let (codes, n_clusters) = intersection(&groups);
            (outer_products(&scores.sums(&codes, n_clusters), width), n_clusters)
        };
        let sign = if members.len() % 2 == 1 { 1.0 } else { -1.0 };
        let factor = sign * counted.term_factor(spec, n_clusters, last);
        meat.scaled_add(factor, &part);
        let by = members.iter().map(|&i| names[i].clone()).collect();
        terms.push(ClusterTerm { by, n_clusters, factor });
    }
    (meat, terms)
}

/// The combinations of levels that occur, numbered, and how many there are.
pub(crate) fn intersection<'a>(groups: &[&'a Factor]) -> (Cow<'a, [u32]>, usize) {
    let Some((first, rest)) = groups.split_first() else { return (Cow::Borrowed(&[]), 0) };
    let mut codes = Cow::Borrowed(first.codes());
    let mut n_levels = first.n_levels();
    for group in rest {
        let mut pairs: Vec<u64> = codes
            .iter()
            .zip(group.codes())
            .map(|(&a, &b)| u64::from(a) << 32 | u64::from(b))
            .collect();
        let of_rows = pairs.clone();
        pairs.sort_unstable();
        pairs.dedup();
        n_levels = pairs.len();
        #[allow(clippy::cast_possible_truncation)] // Rows are counted in `u32`.
        let code = |pair: &u64| pairs.partition_point(|other| other < pair) as u32;
        codes = Cow::Owned(of_rows.iter().map(code).collect());
    }
    (codes, n_levels)
}

/// Deals with a covariance matrix that is not positive semidefinite, as the convention says.
///
/// `k` slopes come first. Whether an eigenvalue is negative is judged after the matrix is scaled
/// to unit variances, so that units do not matter and rounding does not count; what the repair
/// makes of it depends on units, in every program.
pub(crate) fn repair(
    covariance: &mut Array2<f64>,
    k: usize,
    indefinite: Indefinite,
) -> Option<Note> {
    const ROUNDING: f64 = -1e-12;
    let scale = covariance.diag().mapv(|variance| variance.abs().sqrt());
    let scaled = Array2::from_shape_fn(covariance.dim(), |(i, j)| {
        let size = scale[i] * scale[j];
        if size > 0.0 { covariance[[i, j]] / size } else { 0.0 }
    });
    let smallest = symmetric::eigen(&scaled).0.iter().copied().fold(0.0, f64::min);
    if smallest >= ROUNDING {
        return None;
    }
    let negative = covariance.diag().iter().any(|variance| *variance < 0.0);
    let repaired = match indefinite {
        Indefinite::Keep => false,
        Indefinite::Repair => true,
        Indefinite::RepairVariances => negative,
    };
    if repaired {
        let positive = |a: &Array2<f64>| symmetric::function(a, |value| value.max(0.0));
        let slopes = positive(&ls::left(ls::top(covariance.view(), k), k).to_owned());
        *covariance = positive(covariance);
        covariance
            .slice_axis_mut(Axis(0), Slice::from(..k))
            .slice_axis_mut(Axis(1), Slice::from(..k))
            .assign(&slopes);
    }
    Some(Note::Indefinite { smallest, repaired })
}
