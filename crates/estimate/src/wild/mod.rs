//! The wild cluster bootstrap of one coefficient.
//!
//! ```text
//! WildSpec ─fit─▶ β̂, se, t ─Rows─▶ ũ, w ─Scores─▶ sums by cluster ─draws─▶ t*₁ … t*_B ─▶ Wild
//! ```
//!
//! **Invariant:** no array has an entry for each cluster of each draw.

mod draws;
mod outcome;
mod scores;
mod weights;

use panel::{Factor, Name, Term};

pub use self::outcome::Wild;
pub use self::weights::WildWeights;

use self::draws::Source;
use self::outcome::{Sampled, Test};
use self::scores::Rows;
use crate::absorbed::Absorbed;
use crate::linear::{everyone, project_and_solve};
use crate::texts;
use crate::vcov::{clusters, nested};
use crate::{Constant, Convention, Design, Error, Spec, Vcov, linear};

/// The choices of a wild cluster bootstrap that move a digit.
#[derive(Debug, Clone, PartialEq)]
pub struct WildSpec {
    /// The regressor under test, as the design writes it.
    pub term: Term,
    /// `b` in the hypothesis `β_j = b`.
    pub null: f64,
    /// Whether the draws obey the hypothesis (WCR, as boottest does unless told `nonull`), or
    /// scatter about the estimate (WCU).
    pub impose: bool,
    /// The distribution of the weights.
    pub weights: WildWeights,
    /// The clusters of the errors.
    pub by: Name,
    /// Which rows share a weight, if not those of a cluster: boottest's `bootcluster()`, which
    /// must lie within the clusters.
    pub draw_by: Option<Name>,
    /// Whose factor studentises the estimate and every draw. It cancels in p values.
    pub convention: Convention,
    /// What counts as more extreme than the data.
    pub tail: Tail,
    /// Whether a draw that is exactly as extreme as the data counts.
    pub ties: Ties,
    /// The level of critical values, and of the interval: 0.05 for 95 %.
    pub level: f64,
    /// Whether to invert the test to an interval: another set of sums for every draw.
    pub interval: bool,
    /// Draws. With Rademacher weights and `2^G` not above this, all `2^G` signs are taken instead.
    pub replications: usize,
    /// Of the random numbers.
    pub seed: u64,
}

/// What counts as more extreme than the data.
///
/// | text | p | boottest's `ptype` |
/// |---|---|---|
/// | `symmetric` | `P(\|t*\| > \|t\|)` | `symmetric` |
/// | `equal-tailed` | `2 min(P(t* < t), P(t* > t))` | `equaltail` |
/// | `lower` | `P(t* < t)` | `lower` |
/// | `upper` | `P(t* > t)` | `upper` |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// Both tails, together.
    Symmetric,
    /// The thinner tail, twice.
    EqualTailed,
    /// `β_j < b` is the alternative.
    Lower,
    /// `β_j > b` is the alternative.
    Upper,
}

/// Whether a draw that is exactly as extreme as the data counts as more extreme.
///
/// With all `2^G` signs, two draws are the data themselves and their mirror image, and a draw
/// counts as a tie within a share of 10⁻¹⁰.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ties {
    /// It does not (`strict`): boottest, fwildclusterboot, wildboottest.
    Strict,
    /// It does (`weak`): then a p value is never zero under full enumeration.
    Weak,
}

texts!(
    Tail,
    "tail",
    Symmetric = "symmetric",
    EqualTailed = "equal-tailed",
    Lower = "lower",
    Upper = "upper"
);
texts!(Ties, "ties", Strict = "strict", Weak = "weak");

/// The wild cluster bootstrap of one coefficient of a pooled or fixed-effects model.
///
/// ```text
/// y*_g = X_g β̃ + D_g δ̃ + v_g ũ_g          t* = (β̂*_j − b) / se*          p = P(|t*| > |t|)
/// ```
///
/// `β̃, δ̃, ũ` obey `β_j = b` (WCR); or they are the estimates, and `t*` is about `β̂_j` (WCU).
/// Every draw is as if the model were estimated again on `y*`, absorbed effects included, whether
/// they are nested in the clusters or not; but what is computed are sums by cluster.
///
/// # Shapes
///
/// `G` clusters, `k` terms and `T` levels of factors that are not nested in the clusters: a draw
/// costs `min(G², 2G(k + T))` products.
///
/// # Example
///
/// Three clusters and all eight signs. Two of them are the data and their mirror image:
///
/// ```
/// use estimate::*;
/// use panel::{Column, Factor, Index, Panel};
///
/// let index = Index {
///     entity_name: "id".into(),
///     entity: Factor::from_numbers(&[1, 1, 1, 2, 2, 2, 3, 3, 3]),
///     period_name: "t".into(),
///     period: vec![1, 2, 3, 1, 2, 3, 1, 2, 3],
/// };
/// let panel = Panel::new(
///     index,
///     [
///         ("x".into(), Column::Number(vec![0.0, 1.0, 2.0, 0.0, 2.0, 4.0, 1.0, 1.0, 4.0])),
///         ("y".into(), Column::Number(vec![1.0, 1.0, 3.0, 4.0, 5.0, 9.0, 2.0, 3.0, 4.0])),
///     ],
/// )?;
/// let design = Design::new(&panel, &"y ~ x | id".parse()?, Singletons::Keep)?;
/// let wild = wild_bootstrap(
///     &design,
///     &WildSpec {
///         term: "x".parse()?,
///         null: 0.0,
///         impose: true,
///         weights: WildWeights::Rademacher,
///         by: "id".into(),
///         draw_by: None,
///         convention: Convention::STATA_XTREG,
///         tail: Tail::Symmetric,
///         ties: Ties::Weak,
///         level: 0.05,
///         interval: false,
///         replications: 999,
///         seed: 1,
///     },
///     &|_| (),
/// )?;
/// assert!(wild.enumerated());
/// assert_eq!(wild.statistics().len(), 8);
/// assert_eq!(wild.p_value(), 2.0 / 8.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::NoTerm`] if the design has no such regressor, [`Error::DrawsNotNested`] if rows that
/// share a weight lie in several clusters, [`Error::OutOfBounds`] for a level outside (0, 1), a
/// null that is not finite, or no replications; [`Error::NoDraw`] if no draw has a standard error;
/// else as [`linear`].
///
/// # Source
///
/// Cameron, Gelbach and Miller (2008); Roodman, MacKinnon, Nielsen and Webb (2019), section 5, for
/// the sums; MacKinnon and Webb (2018) for `draw_by`. Agrees with `boottest`, fwildclusterboot and
/// wildboottest (pyfixest) under full enumeration; random numbers are our own.
pub fn wild_bootstrap(
    design: &Design<'_>,
    spec: &WildSpec,
    tick: &(dyn Fn(usize) + Sync),
) -> Result<Wild, Error> {
    check(spec)?;
    let j = design
        .terms
        .iter()
        .position(|term| *term == spec.term)
        .ok_or_else(|| Error::NoTerm { term: spec.term.clone(), terms: design.terms.clone() })?;
    let fit_spec = Spec {
        vcov: Vcov::Cluster(spec.by.clone()),
        convention: spec.convention.clone(),
        constant: Constant::Omit,
    };
    design.plain("the wild bootstrap")?;
    let fit = linear(design, &fit_spec)?;
    let by = clusters(design, &spec.by)?;
    let draw_by = match &spec.draw_by {
        Some(name) => clusters(design, name)?,
        None => by.clone(),
    };
    if !nested(&draw_by, &by) {
        let draw_by = spec.draw_by.clone().unwrap_or_default();
        return Err(Error::DrawsNotNested { draw_by, by: spec.by.clone() });
    }
    let everyone = everyone(design);
    let factors: Vec<&Factor> =
        design.absorb.iter().map(|(_, factor)| &**factor).chain(&everyone).collect();
    let columns = design.x.iter().chain([&design.y]).map(|column| &**column).collect();
    let absorbed = Absorbed::from(&factors);
    let (projected, _, solution) = project_and_solve(design, absorbed, columns)?;
    let mut rows = Rows::new(factors, (&by, &draw_by), &projected, &solution, j);

    let (estimate, variance) = (fit.coef()[j], solution.root.row(j).dot(&solution.root.row(j)));
    if spec.impose {
        // The restricted residuals: w'ũ = β̂ − b.
        let shift = (estimate - spec.null) / variance;
        let moved = rows.residuals[0].iter().zip(&rows.influence).map(|(u, w)| u + shift * w);
        let restricted = moved.collect();
        rows.residuals = vec![restricted];
        if spec.interval {
            rows.residuals.push(rows.influence.clone());
        }
    }
    let n_draw_clusters = draw_by.n_levels();
    let all = 1_usize.checked_shl(u32::try_from(n_draw_clusters).unwrap_or(u32::MAX));
    let all =
        all.filter(|all| spec.weights == WildWeights::Rademacher && *all <= spec.replications);
    let (source, n_draws) = match all {
        Some(all) => (Source::Enumerated, all),
        None => (Source::Random(spec.weights, spec.seed), spec.replications),
    };
    let scores = rows.scores(n_draws)?;
    let moments = draws::moments(&rows, &scores, source, n_draws, tick)?;

    let test = Test {
        estimate,
        std_error: fit.stderror()[j],
        factor: fit.correction().factor,
        variance,
        null: spec.null,
        impose: spec.impose,
        tail: spec.tail,
        ties: spec.ties,
    };
    let sampled = Sampled::new(&test, &moments)
        .ok_or_else(|| Error::NoDraw { term: spec.term.clone(), n_clusters: n_draw_clusters })?;
    Ok(Wild {
        p_value: test.p_value(&sampled, spec.null),
        statistic: test.statistic(spec.null),
        critical: test.critical_values(&sampled, spec.level),
        interval: spec.interval.then(|| test.interval(&sampled, spec.level)),
        correction: fit.correction(),
        n_clusters: by.n_levels(),
        n_draw_clusters,
        enumerated: all.is_some(),
        undefined: n_draws - sampled.statistics.len(),
        statistics: sampled.statistics,
        estimate,
        std_error: test.std_error,
        spec: spec.clone(),
    })
}

fn check(spec: &WildSpec) -> Result<(), Error> {
    let bounds = |what, value, bounds| Err(Error::OutOfBounds { what, value, bounds });
    if !(spec.level > 0.0 && spec.level < 1.0) {
        return bounds("level", spec.level.to_string(), "between 0 and 1");
    }
    if !spec.null.is_finite() {
        return bounds("null", spec.null.to_string(), "a finite number");
    }
    if spec.replications == 0 {
        return bounds("replications", "0".to_owned(), "at least 1");
    }
    Ok(())
}
