//! What a convention contributes: parameters counted, clusters, factor, degrees of freedom.

use std::borrow::Cow;

use panel::{Factor, Name};

use super::kernel::Calendar;
use super::{Vcov, nested};
use crate::convention::{ClusterDf, Cr3, Intersection, Multiway, Nested, Redundant, Rows};
use crate::fit::Correction;
use crate::within::components;
use crate::{Convention, Design, Error, Hc, Note, Reference, Spec};

/// The parameters and clusters that a convention counts.
pub(crate) struct Counted<'d> {
    pub(crate) correction: Correction,
    /// The clusterings, in the order of the covariance's text.
    pub(crate) groups: Vec<Cow<'d, Factor>>,
}

impl<'d> Counted<'d> {
    /// `live` are the slopes by level that their effects and one another do not span.
    pub(crate) fn new(
        design: &'d Design<'_>,
        spec: &Spec,
        factors: &[&Factor],
        live: usize,
    ) -> Result<Self, Error> {
        let Spec { vcov, convention, .. } = spec;
        let effects = Effects::new(design, convention, factors, live)?;
        let (n, k_all) = (design.sample.n_observations(), effects.k_all);
        let mut correction = Correction {
            n,
            k_all,
            k_counted: k_all,
            nested: 0,
            n_clusters: None,
            factor: 1.0,
            reference: Reference::T(n - k_all),
        };
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

    /// A caveat about the clustering with the fewest clusters. CR2 and CR3 are made for few.
    pub(crate) fn few_clusters(&self, vcov: &Vcov) -> Option<Note> {
        let names = match vcov {
            Vcov::Multiway(names) => names.as_slice(),
            Vcov::Cluster(name) => std::slice::from_ref(name),
            _ => &[],
        };
        let sized = names.iter().zip(&self.groups).map(|(by, group)| (by, group.n_levels()));
        let (by, n_clusters) = sized.min_by_key(|(_, n_clusters)| *n_clusters)?;
        (n_clusters < 20).then(|| Note::FewClusters { by: by.clone(), n_clusters })
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
    /// Levels of each factor that the ones before it leave free.
    free: Vec<usize>,
    /// Coefficients in the table.
    k: usize,
    /// Slopes by level, which are counted, nested or not.
    slopes: usize,
    k_all: usize,
    /// Whether effects are absorbed, and not the constant alone.
    within: bool,
}

impl<'a> Effects<'a> {
    fn new(
        design: &Design<'_>,
        convention: &Convention,
        factors: &'a [&'a Factor],
        live: usize,
    ) -> Result<Self, Error> {
        let (n, k) = (design.sample.n_observations(), design.terms.len());
        let free: Vec<usize> = factors
            .iter()
            .enumerate()
            .map(|(f, factor)| match (f, convention.redundant) {
                (0, _) => factor.n_levels(),
                (_, Redundant::OnePerFactor) => factor.n_levels() - 1,
                (_, Redundant::Components) => factor.n_levels() - components(factors[0], factor),
            })
            .collect();
        let slopes = match convention.redundant {
            Redundant::Components => live,
            Redundant::OnePerFactor => {
                design.slopes.iter().map(|slope| slope.factor.n_levels()).sum()
            }
        };
        let k_all = k + slopes + free.iter().sum::<usize>();
        if n <= k_all {
            return Err(Error::NoDegreesOfFreedom { n, k: k_all });
        }
        Ok(Self { factors, free, k, slopes, k_all, within: !design.absorb.is_empty() })
    }

    /// The parameters that a rule counts.
    ///
    /// A factor is nested if its levels lie within clusters of *one* clustering; for
    /// [`Nested::AllOrNothing`], of every clustering.
    fn counted(&self, rule: Nested, groups: &[Cow<'_, Factor>]) -> usize {
        if !self.within {
            return self.k_all;
        }
        let within = |factor: &Factor, group: &Cow<'_, Factor>| nested(factor, group);
        let is_nested: Vec<bool> =
            self.factors.iter().map(|f| groups.iter().any(|g| within(f, g))).collect();
        match rule {
            Nested::Never => self.k,
            Nested::OneConstant => self.k + self.slopes + 1,
            Nested::NotCounted if is_nested.contains(&true) => {
                // The first factor's levels hold the constant, which is counted once.
                let rest = |(f, free): (usize, &usize)| free - usize::from(f == 0);
                let counted = self.free.iter().enumerate().filter(|(f, _)| !is_nested[*f]);
                self.k + self.slopes + 1 + counted.map(rest).sum::<usize>()
            }
            Nested::AllOrNothing
                if !groups.is_empty()
                    && self.factors.iter().all(|f| groups.iter().all(|g| within(f, g))) =>
            {
                self.k + self.slopes + 1
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
