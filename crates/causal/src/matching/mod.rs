//! Matching on the propensity score.
//!
//! ```text
//! p(x) = P(d = 1 | x)            the score, by logit or probit, or given
//! ŷ_i  = Σ_j s_ij y_j            the mean of i's matches in the other group, Σ_j s_ij = 1
//! ATT  = Σ_{d_i = 1} (y_i − ŷ_i) / N₁
//! ATU  = Σ_{d_i = 0} (ŷ_i − y_i) / N₀        ATE = (N₁ ATT + N₀ ATU)/(N₁ + N₀)
//! ```
//!
//! **Assumes** that treatment is as good as random among rows with equal covariates, that every
//! row matched could have been in the other group (overlap), and that a row's outcome does not
//! depend on others' treatment. None of this is tested; [`balance()`] shows whether covariates are
//! alike after matching.
//!
//! Rosenbaum and Rubin (1983); Abadie and Imbens (2006, 2016); Imbens and Rubin (2015), ch. 18.

mod balance;
mod effect;
mod estimated;
mod line;
mod near;
mod outcome;
mod probit;
mod sample;
mod search;
mod side;
mod spec;
mod sum;

use panel::Panel;

pub use balance::{Balance, Covariate, Means, Overall, ProbitBalance, balance};
use effect::Matched;
use estimated::Clusters;
use line::{Line, Sorted};
pub use outcome::{Counts, Effect, MatchedSet, Matching, Note};
use sample::{Rows, variance};
use side::{Sets, Side};
pub use spec::{
    Caliper, Errors, Estimand, Kernel, Method, Order, Reuse, Scale, Score, Spec, Support, Target,
    Ties, Unit,
};

use crate::Error;

/// Matches rows on the propensity score, and averages what they differ by.
///
/// # Shapes
///
/// Of `n` usable rows every one has a score and a weight; every row that was matched has a set of
/// matches.
///
/// # Units
///
/// Effects are in units of the outcome; the caliper and the bandwidth in units of the score or of
/// its index, as the score says, or in their standard deviations.
///
/// # Example
///
/// Two treated rows with scores .6 and .3. The first has its match at .5, the second at .2:
///
/// ```
/// use causal::matching::{self, Errors, Estimand, Method, Reuse, Score, Spec, Support, Ties};
/// use panel::{Column, Factor, Index, Panel};
///
/// let index = Index {
///     entity_name: "id".into(),
///     entity: Factor::from_numbers(&[1, 2, 3, 4, 5]),
///     period_name: "t".into(),
///     period: vec![0; 5],
/// };
/// let numbers = |v: [f64; 5]| Column::Number(v.to_vec());
/// let panel = Panel::new(
///     index,
///     [
///         ("d".into(), numbers([1.0, 1.0, 0.0, 0.0, 0.0])),
///         ("p".into(), numbers([0.6, 0.3, 0.5, 0.2, 0.9])),
///         ("y".into(), numbers([7.0, 4.0, 5.0, 1.0, 9.0])),
///     ],
/// )?;
/// let spec = Spec {
///     model: "d ~ p".parse()?,
///     outcomes: vec!["y".parse()?],
///     score: Score::Given("p".parse()?),
///     method: Method::Nearest {
///         k: 1,
///         reuse: Reuse::Replacement,
///         ties: Ties::Average,
///         caliper: None,
///     },
///     within: vec![],
///     support: Support::None,
///     estimand: Estimand::Treated,
///     errors: Errors::Naive,
/// };
/// let matching = matching::estimate(&panel, &spec)?;
/// let att = &matching.effects()[1];
/// assert_eq!(att.estimate, 2.5); // (7 − 5 + 4 − 1)/2
/// assert_eq!(matching.weights(), [1.0, 1.0, 1.0, 1.0, 0.0]);
/// assert_eq!(matching.sample(&panel)?.n_rows(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::NotTreatment`] and [`Error::OneGroup`] for the treatment, [`Error::Estimate`] if the
/// score cannot be estimated, [`Error::OffSupport`], [`Error::TooFewToMatch`] and
/// [`Error::NoMatches`] if nobody is left, [`Error::Contradiction`] and [`Error::NotAWidth`] for
/// choices that do not go together or are no width, [`Error::Alone`] if a row has nobody to learn
/// its variance from; under `teffects` [`Error::FewNeighbours`], [`Error::Incomplete`] if a row
/// finds no match and [`Error::NoVariance`].
///
/// # Source
///
/// Abadie and Imbens (2006), eq. 14 and theorems 6 and 7; (2016), theorems 1 and 2. Agrees with
/// psmatch2, Stata's `teffects psmatch` and R's `MatchIt` and `Matching`, each under its tie rule:
/// see [`Ties`], [`Reuse`] and [`Errors`].
pub fn estimate(panel: &Panel, spec: &Spec) -> Result<Matching, Error> {
    check(spec)?;
    let mut rows = Rows::new(panel, spec)?;
    let focal = [spec.estimand != Estimand::Treated, spec.estimand != Estimand::Untreated];
    let support = rows.support(spec.support, focal);
    let count =
        |group: bool| (0..rows.n()).filter(|&i| support[i] && rows.treated[i] == group).count();
    let on = [count(false), count(true)];
    if on.contains(&0) {
        return Err(Error::OffSupport { support: spec.support.to_string(), treated: on[1] == 0 });
    }
    let strata = rows.strata.as_ref().map(|strata| (&*strata.codes, strata.labels.len()));
    let sorted = Sorted::new(&rows.at, strata, |i| support[i]);
    let scale = Widths::new(&rows, &support);

    let mut notes = std::mem::take(&mut rows.notes);
    let off =
        |group: bool| rows.treated.iter().filter(|d| **d == group).count() - on[usize::from(group)];
    if off(true) + off(false) > 0 {
        notes.push(Note::OffSupport { treated: off(true), untreated: off(false) });
    }
    let mut sides = Vec::new();
    for treated in [true, false].into_iter().filter(|&d| focal[usize::from(d)]) {
        let line =
            sorted.line(&rows.at, |i| rows.treated[i] == treated, |i| rows.treated[i] != treated);
        sides.push(matched(&rows, line, spec, &scale, treated)?);
    }
    remark(&rows, &support, spec, &sides, &mut notes);

    let mut weights = vec![0.0; rows.n()];
    for side in &sides {
        for (i, weight) in weights.iter_mut().enumerate() {
            *weight += side.uses[i].weight + if side.found[i] { 1.0 } else { 0.0 };
        }
    }
    let clusters = clusters(&rows, spec, &sorted, &support, &sides)?;
    let mut effects = Vec::new();
    for (term, y) in spec.outcomes.iter().zip(&rows.outcomes) {
        effects.push(effect::unmatched(&rows, term, y));
        let clusters = clusters.as_ref();
        effects.extend(effect::effects(&rows, &sides, &sorted, spec.errors, clusters, term, y)?);
    }
    Ok(Matching {
        spec: spec.clone(),
        n_panel: panel.n_rows(),
        sets: sides.iter().map(|side| side.side.sets()).collect(),
        rows: rows.of_panel,
        treated: rows.treated,
        score: rows.score,
        distance: rows.at,
        support,
        weights,
        effects,
        fit: rows.fit,
        notes,
    })
}

/// The neighbours that errors allowing for an estimated score rest on.
fn clusters<'a>(
    rows: &'a Rows,
    spec: &Spec,
    sorted: &Sorted,
    support: &[bool],
    sides: &[Matched],
) -> Result<Option<Clusters<'a>>, Error> {
    let (Errors::Teffects { neighbours }, Some(fit), Method::Nearest { k, .. }) =
        (spec.errors, &rows.fit, spec.method)
    else {
        return Ok(None);
    };
    let lost = sides.iter().map(|side| side.side.line.focal.len() - side.n).sum();
    if lost > 0 {
        return Err(Error::Incomplete { errors: spec.errors.to_string(), rows: lost });
    }
    Clusters::new(rows, fit, sorted, support, neighbours, k).map(Some)
}

/// Choices that do not go together, and widths that are none.
fn check(spec: &Spec) -> Result<(), Error> {
    let width = |what: &'static str, width: f64, least: f64| {
        if width.is_finite() && width >= least {
            Ok(())
        } else {
            Err(Error::NotAWidth { what, width })
        }
    };
    let caliper = match spec.method {
        Method::Nearest { k, reuse, ties, caliper } => {
            if k == 0 {
                return Err(Error::NotAWidth { what: "number of matches", width: 0.0 });
            }
            if matches!(reuse, Reuse::Once(_)) && ties.pick().is_none() {
                let (a, b) = (format!("ties {ties}"), reuse.to_string());
                return Err(Error::Contradiction {
                    a,
                    b,
                    cure: "take `ties first` or `ties places`",
                });
            }
            caliper
        }
        Method::Radius { caliper } => Some(caliper),
        Method::Kernel { bandwidth, .. } => {
            width("bandwidth", bandwidth, f64::MIN_POSITIVE)?;
            None
        }
    };
    if let Some(caliper) = caliper {
        width("caliper", caliper.width, 0.0)?;
    }
    let nearest = matches!(spec.method, Method::Nearest { .. });
    if !nearest && matches!(spec.errors, Errors::AbadieImbens { .. }) {
        let (a, b) = (spec.errors.to_string(), spec.method.to_string());
        let cure = "they are for a fixed number of nearest neighbours; take `naive`";
        return Err(Error::Contradiction { a, b, cure });
    }
    if let Errors::Teffects { neighbours } = spec.errors {
        let other = match spec.method {
            Method::Nearest { reuse: Reuse::Replacement, .. } => match &spec.score {
                Score::Given(_) => Some(format!("score {}", spec.score)),
                _ if spec.within.is_empty() => None,
                _ => Some(format!("within {}", spec.within.join(", "))),
            },
            method => Some(method.to_string()),
        };
        if let Some(b) = other {
            let cure = "they are for nearest neighbours by a score that is estimated, with \
                        replacement and without strata";
            return Err(Error::Contradiction { a: spec.errors.to_string(), b, cure });
        }
        if neighbours < 2 {
            return Err(Error::FewNeighbours { errors: spec.errors.to_string() });
        }
    }
    Ok(())
}

/// Standard deviations of the distance, on support.
struct Widths {
    sd: f64,
    pooled: f64,
}

impl Widths {
    fn new(rows: &Rows, support: &[bool]) -> Self {
        let of = |group: Option<bool>| -> f64 {
            let keep =
                |&i: &usize| support[i] && group.is_none_or(|group| rows.treated[i] == group);
            let at: Vec<f64> = (0..rows.n()).filter(keep).map(|i| rows.at[i]).collect();
            if at.len() > 1 { variance(&at) } else { 0.0 }
        };
        let pooled = f64::midpoint(of(Some(true)), of(Some(false))).sqrt();
        Self { sd: of(None).sqrt(), pooled }
    }

    fn of(&self, caliper: Option<Caliper>) -> f64 {
        caliper.map_or(f64::INFINITY, |Caliper { width, unit }| match unit {
            Unit::Distance => width,
            Unit::Sd => width * self.sd,
            Unit::PooledSd => width * self.pooled,
        })
    }
}

/// Finds the matches of one group.
fn matched(
    rows: &Rows,
    line: Line,
    spec: &Spec,
    scale: &Widths,
    treated: bool,
) -> Result<Matched, Error> {
    let side = match spec.method {
        Method::Nearest { k, reuse, ties, caliper } => {
            if k > line.pool.len() {
                let available = line.pool.len();
                return Err(Error::TooFewToMatch { k, available, treated: !treated });
            }
            let caliper = scale.of(caliper);
            let sets = match (reuse, ties.pick()) {
                (Reuse::Replacement, Some(pick)) => {
                    Sets::Lists(search::with_replacement(&line, k, pick, caliper))
                }
                (Reuse::Once(order), Some(pick)) => {
                    Sets::Lists(search::once(&line, k, order, pick, caliper))
                }
                (_, None) => {
                    let slack = if let Ties::AverageWithin(slack) = ties { slack } else { 0.0 };
                    let slack = slack * scale.sd * scale.sd;
                    Sets::Runs(search::runs(&line, k, slack, caliper, false))
                }
            };
            Side { line, sets }
        }
        Method::Radius { caliper } => {
            let radius = scale.of(Some(caliper));
            let sets =
                Sets::Runs(line.focal.iter().map(|focal| line.window(focal, radius)).collect());
            Side { line, sets }
        }
        Method::Kernel { kernel, bandwidth } => Side::kernel(line, kernel, bandwidth),
    };
    let mut found = vec![false; rows.n()];
    for (i, focal) in side.line.focal.iter().enumerate() {
        found[focal.row as usize] = side.n_matches(i) > 0;
    }
    let n = found.iter().filter(|found| **found).count();
    if n == 0 {
        let nearest = search::with_replacement(&side.line, 1, search::Pick::Places, f64::INFINITY);
        let closest = (side.line.focal.iter().zip(nearest.start.windows(2)))
            .filter(|(_, run)| run[0] < run[1])
            .map(|(focal, run)| {
                side.line.distance(focal, nearest.members[run[0] as usize] as usize)
            })
            .reduce(f64::min);
        let (method, within) = (spec.method.to_string(), spec.within.clone());
        return Err(Error::NoMatches { method, within, closest });
    }
    let uses = side.uses(rows.n());
    Ok(Matched { side, treated, found, uses, n })
}

/// Caveats about who was matched.
fn remark(rows: &Rows, support: &[bool], spec: &Spec, sides: &[Matched], notes: &mut Vec<Note>) {
    let mut without = [0, 0];
    for side in sides {
        let lost = |i: &usize| support[*i] && rows.treated[*i] == side.treated && !side.found[*i];
        without[usize::from(side.treated)] = (0..rows.n()).filter(lost).count();
    }
    if without != [0, 0] {
        notes.push(Note::Unmatched { treated: without[1], untreated: without[0] });
    }
    if let Some(strata) = &rows.strata {
        let (mut alone, mut n) = (Vec::new(), 0);
        for side in sides {
            for (stratum, (focal, pool)) in side.side.line.strata.iter().enumerate() {
                if pool.is_empty() && !focal.is_empty() {
                    alone.push(strata.labels[stratum].clone());
                    n += focal.len();
                }
            }
        }
        if n > 0 {
            alone.sort_unstable();
            alone.dedup();
            notes.push(Note::OneSided { strata: alone, rows: n });
        }
    }
    if let Method::Nearest { k, ties, .. } = spec.method {
        let fewer: usize = sides
            .iter()
            .map(|side| {
                (0..side.side.line.focal.len())
                    .filter(|&i| (1..k).contains(&side.side.n_matches(i)))
                    .count()
            })
            .sum();
        if fewer > 0 {
            notes.push(Note::Fewer { k, rows: fewer });
        }
        let tied: usize = sides.iter().map(|side| side.side.line.tied()).sum();
        if tied > 0 && ties.pick().is_some() {
            notes.push(Note::Tied { rows: tied });
        }
    }
}
