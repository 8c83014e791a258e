//! What a convention contributes: parameters counted, clusters, factor, degrees of freedom.

use std::borrow::Cow;

use panel::{Factor, Name};

use super::kernel::Calendar;
use super::{Vcov, nested};
use crate::convention::{ClusterDf, Cr3, Intersection, Multiway, Nested, Rows};
use crate::fit::Correction;
use crate::{Design, Error, Hc, Reference, Spec};

/// The parameters and clusters that a convention counts.
pub(crate) struct Counted<'d> {
    pub(crate) correction: Correction,
    /// The clusterings, in the order of the covariance's text.
    pub(crate) groups: Vec<Cow<'d, Factor>>,
}

impl<'d> Counted<'d> {
    /// `free` are the levels of each factor that the ones before it leave free; `correction` is
    /// that of iid errors.
    pub(crate) fn new(
        design: &'d Design<'_>,
        spec: &Spec,
        factors: &[&Factor],
        free: &[usize],
        mut correction: Correction,
    ) -> Result<Self, Error> {
        let Spec { vcov, convention, .. } = spec;
        let effects = Effects { factors, free, k_all: correction.k_all, design };
        let n = correction.n;
        let by = match vcov {
            Vcov::Iid | Vcov::Pcse { .. } | Vcov::Robust(_) => {
                if *vcov == Vcov::Robust(Hc::Hc1) {
                    correction.factor = n as f64 / (n - correction.k_all) as f64;
                }
                return Ok(Self { correction, groups: Vec::new() });
            }
            Vcov::DriscollKraay { .. } | Vcov::NeweyWest { .. } => {
                let kernel = match vcov {
                    Vcov::NeweyWest { .. } => convention.newey_west,
                    _ => convention.driscoll_kraay,
                };
                let t = Calendar::new(design)?.n_observed();
                correction.k_counted = effects.counted(kernel.counts, &[]);
                correction.nested = correction.k_all.saturating_sub(correction.k_counted);
                correction.factor = rows(kernel.rows, n, correction.k_counted)
                    * if kernel.periods { groups(t) } else { 1.0 };
                if kernel.df == ClusterDf::Groups {
                    correction.reference = Reference::T(t - 1);
                }
                return Ok(Self { correction, groups: Vec::new() });
            }
            Vcov::Cluster(by) | Vcov::Cr2(by) | Vcov::Cr3(by) => std::slice::from_ref(by),
            Vcov::Multiway(by) => by.as_slice(),
        };

        if by.is_empty() {
            return Err(Error::UnknownVcov { text: vcov.to_string() });
        }
        let clusterings: Vec<Cow<'d, Factor>> =
            by.iter().map(|by| clusters(design, by)).collect::<Result<_, _>>()?;
        let smallest = clusterings.iter().map(|group| group.n_levels()).min().unwrap_or(0);
        let leverage = matches!(vcov, Vcov::Cr2(_) | Vcov::Cr3(_));
        correction.k_counted = effects.counted(convention.nested, &clusterings);
        correction.nested = correction.k_all - correction.k_counted;
        correction.n_clusters = Some(smallest);
        let several = matches!(vcov, Vcov::Multiway(_));
        let scaled = convention.groups && !(several && convention.multiway == Multiway::Own);
        let factor = rows(convention.rows, n, correction.k_counted)
            * if scaled { groups(smallest) } else { 1.0 };
        correction.factor = match (vcov, convention.cr3) {
            (Vcov::Cr2(_), _) | (Vcov::Cr3(_), Cr3::One) => 1.0,
            (Vcov::Cr3(_), Cr3::Jackknife) => 1.0 / groups(smallest),
            _ => factor,
        };
        if leverage || convention.df == ClusterDf::Groups {
            correction.reference = Reference::T(smallest - 1);
        }
        Ok(Self { correction, groups: clusterings })
    }

    /// The clustering with the fewest clusters.
    pub(crate) fn fewest(&self, vcov: &Vcov) -> Name {
        let names = match vcov {
            Vcov::Multiway(names) => names.as_slice(),
            Vcov::Cluster(name) | Vcov::Cr2(name) | Vcov::Cr3(name) => std::slice::from_ref(name),
            _ => &[],
        };
        let sized = names.iter().zip(&self.groups);
        let fewest = sized.min_by_key(|(_, group)| group.n_levels());
        fewest.map(|(name, _)| name.clone()).unwrap_or_default()
    }

    /// What multiplies a term of a multi-way covariance that has `n_clusters` clusters.
    ///
    /// `last` marks the term of the rows that share a level of every clustering.
    pub(crate) fn term_factor(&self, spec: &Spec, n_clusters: usize, last: bool) -> f64 {
        let convention = &spec.convention;
        if last && convention.intersection == Intersection::Rows {
            return 1.0;
        }
        let own = convention.groups && convention.multiway == Multiway::Own;
        self.correction.factor * if own { groups(n_clusters) } else { 1.0 }
    }
}

/// The absorbed factors, and how many of their effects are parameters.
struct Effects<'a> {
    factors: &'a [&'a Factor],
    free: &'a [usize],
    k_all: usize,
    design: &'a Design<'a>,
}

impl Effects<'_> {
    /// The parameters that a rule counts.
    ///
    /// A factor is nested if its levels lie within clusters of *one* clustering; for
    /// [`Nested::AllOrNothing`], of every clustering.
    fn counted(&self, rule: Nested, groups: &[Cow<'_, Factor>]) -> usize {
        let k = self.design.terms.len();
        if self.design.absorb.is_empty() {
            return self.k_all;
        }
        let within = |factor: &Factor, group: &Cow<'_, Factor>| nested(factor, group);
        let is_nested: Vec<bool> =
            self.factors.iter().map(|f| groups.iter().any(|g| within(f, g))).collect();
        match rule {
            Nested::Never => k,
            Nested::OneConstant => k + 1,
            Nested::NotCounted if is_nested.contains(&true) => {
                // The first factor's levels hold the constant, which is counted once.
                let rest = |(f, free): (usize, &usize)| free - usize::from(f == 0);
                let counted = self.free.iter().enumerate().filter(|(f, _)| !is_nested[*f]);
                k + 1 + counted.map(rest).sum::<usize>()
            }
            Nested::AllOrNothing
                if !groups.is_empty()
                    && self.factors.iter().all(|f| groups.iter().all(|g| within(f, g))) =>
            {
                k + 1
            }
            _ => self.k_all,
        }
    }
}

fn rows(rule: Rows, n: usize, k: usize) -> f64 {
    let (n, left) = (n as f64, (n - k) as f64);
    match rule {
        Rows::One => 1.0,
        Rows::Residual => n / left,
        Rows::LessOne => (n - 1.0) / left,
    }
}

/// `G/(G−1)`.
fn groups(n: usize) -> f64 {
    n as f64 / (n as f64 - 1.0)
}

/// The clusters of the rows in use.
pub(crate) fn clusters<'d>(design: &'d Design<'_>, by: &Name) -> Result<Cow<'d, Factor>, Error> {
    let group = design.group(by)?;
    if let Some(i) = group.codes().iter().position(|&code| code == Factor::MISSING) {
        let (entity, period) = design.panel.row_label(design.sample.row(i));
        return Err(Error::NoCluster { by: by.clone(), entity, period });
    }
    match group.n_levels() {
        n_clusters @ ..2 => Err(Error::TooFewClusters { by: by.clone(), n_clusters }),
        _ => Ok(group),
    }
}
