//! Average effects and their standard errors.

use panel::Term;

use super::estimated::Clusters;
use super::line::Sorted;
use super::outcome::Effect;
use super::sample::{Rows, variance};
use super::search::runs;
use super::side::{Side, Use};
use super::spec::{Errors, Estimand, Target};
use super::sum::Prefix;
use crate::Error;

/// One group matched with the other, as effects need it.
pub(crate) struct Matched {
    pub(crate) side: Side,
    /// Whether the focal rows are the treated ones.
    pub(crate) treated: bool,
    /// Whether each row of the sample is focal and has a match.
    pub(crate) found: Vec<bool>,
    /// What each row of the sample is used for.
    pub(crate) uses: Vec<Use>,
    /// Focal rows with a match.
    pub(crate) n: usize,
}

/// What an outcome says of one group: its own mean, its matches' mean, and the effect on it.
struct Contrast {
    own: f64,
    matched: f64,
    /// `τ̂_i` of each row of the sample with a match; zero for others.
    each: Vec<f64>,
    effect: f64,
}

/// The difference before matching.
pub(crate) fn unmatched(rows: &Rows, term: &Term, y: &[f64]) -> Effect {
    let of = |group: bool| -> Vec<f64> {
        y.iter().zip(&rows.treated).filter(|(_, d)| **d == group).map(|(y, _)| *y).collect()
    };
    let (one, zero) = (of(true), of(false));
    let mean = |y: &[f64]| y.iter().sum::<f64>() / y.len() as f64;
    let squares = |y: &[f64]| if y.len() > 1 { variance(y) * (y.len() - 1) as f64 } else { 0.0 };
    let df = y.len() - 2;
    let pooled = (squares(&one) + squares(&zero)) / df as f64;
    let factor = 1.0 / one.len() as f64 + 1.0 / zero.len() as f64;
    let (treated, untreated) = (mean(&one), mean(&zero));
    Effect {
        outcome: term.clone(),
        estimand: None,
        treated,
        untreated,
        estimate: treated - untreated,
        std_error: (df > 0).then(|| (pooled * factor).sqrt()),
        n_treated: one.len(),
        n_untreated: zero.len(),
    }
}

/// Effects on one outcome: of the sides there are, and of both together.
pub(crate) fn effects(
    rows: &Rows,
    sides: &[Matched],
    sorted: &Sorted,
    errors: Errors,
    clusters: Option<&Clusters<'_>>,
    term: &Term,
    y: &[f64],
) -> Result<Vec<Effect>, Error> {
    let contrasts: Vec<Contrast> = sides.iter().map(|side| contrast(side, y)).collect();
    let mut effects: Vec<Effect> =
        sides.iter().zip(&contrasts).map(|(side, contrast)| effect(side, contrast, term)).collect();
    if let [treated, untreated] = &effects[..] {
        let (n1, n0) = (sides[0].n as f64, sides[1].n as f64);
        let share = |a: f64, b: f64| (a * n1 + b * n0) / (n1 + n0);
        effects.push(Effect {
            outcome: term.clone(),
            estimand: Some(Estimand::Everyone),
            treated: share(treated.treated, untreated.treated),
            untreated: share(treated.untreated, untreated.untreated),
            estimate: share(treated.estimate, untreated.estimate),
            std_error: None,
            n_treated: sides[0].n,
            n_untreated: sides[1].n,
        });
    }
    match errors {
        Errors::Naive => {
            for (effect, side) in effects.iter_mut().zip(sides) {
                effect.std_error = naive(side, rows, y);
            }
        }
        Errors::AbadieImbens { .. } | Errors::Teffects { .. } => {
            let (variances, target) = match (errors, clusters) {
                (Errors::AbadieImbens { neighbours: 0, target }, _) => (None, target),
                (Errors::AbadieImbens { neighbours: m, target }, _) => {
                    let of = |group| conditional_variance(rows, sorted, group, m, y);
                    (Some([false, true].map(of)), target)
                }
                (_, Some(clusters)) => {
                    let own: Vec<Option<f64>> =
                        clusters.variances(y).into_iter().map(Some).collect();
                    (Some([own.clone(), own]), Target::Population)
                }
                (_, None) => (None, Target::Population),
            };
            for (at, effect) in effects.iter_mut().enumerate() {
                let (sides, contrasts) = if at < 2 && at < sides.len() {
                    (&sides[at..=at], &contrasts[at..=at])
                } else {
                    (sides, &contrasts[..])
                };
                let parts = Parts { rows, sides, contrasts, estimate: effect.estimate };
                let of_row: Box<dyn Fn(usize) -> Option<f64>> = match &variances {
                    None => {
                        let one = parts.one_variance(y);
                        Box::new(move |_| Some(one))
                    }
                    Some(by_group) => Box::new(move |i| by_group[usize::from(rows.treated[i])][i]),
                };
                let mut variance = parts.variance(target, &of_row)?;
                if let (Some(clusters), Some(estimand)) = (clusters, effect.estimand) {
                    let n = sides.iter().map(|side| side.n).sum();
                    variance += clusters.correction(estimand, effect.estimate, n, y);
                    if !(variance.is_finite() && variance > 0.0) {
                        let (estimand, errors) = (estimand.to_string(), errors.to_string());
                        return Err(Error::NoVariance { estimand, errors, variance });
                    }
                }
                effect.std_error = Some(variance.sqrt());
            }
        }
    }
    Ok(effects)
}

fn contrast(side: &Matched, y: &[f64]) -> Contrast {
    let means = side.side.means(y);
    let sign = if side.treated { 1.0 } else { -1.0 };
    let mut each = vec![0.0; y.len()];
    let mut counterfactual = vec![0.0; y.len()];
    for (focal, mean) in side.side.line.focal.iter().zip(means) {
        let i = focal.row as usize;
        if side.found[i] {
            each[i] = sign * (y[i] - mean);
            counterfactual[i] = mean;
        }
    }
    // In order of the sample, so that the sum does not depend on how rows were sorted.
    let n = side.n as f64;
    let found = || y.iter().zip(&side.found).filter(|(_, found)| **found);
    let own = found().map(|(y, _)| y).sum::<f64>() / n;
    let matched = counterfactual.iter().sum::<f64>() / n;
    Contrast { own, matched, effect: each.iter().sum::<f64>() / n, each }
}

fn effect(side: &Matched, contrast: &Contrast, term: &Term) -> Effect {
    let used = side.uses.iter().filter(|used| used.weight > 0.0).count();
    let (own, other) = (contrast.own, contrast.matched);
    Effect {
        outcome: term.clone(),
        estimand: Some(if side.treated { Estimand::Treated } else { Estimand::Untreated }),
        treated: if side.treated { own } else { other },
        untreated: if side.treated { other } else { own },
        estimate: contrast.effect,
        std_error: None,
        n_treated: if side.treated { side.n } else { used },
        n_untreated: if side.treated { used } else { side.n },
    }
}

/// `√(s₁²/N₁ + s₀² Σw²/N₁²)`.
fn naive(side: &Matched, rows: &Rows, y: &[f64]) -> Option<f64> {
    let of = |keep: &dyn Fn(usize) -> bool| -> Vec<f64> {
        (0..rows.n()).filter(|&i| keep(i)).map(|i| y[i]).collect()
    };
    let own = of(&|i| side.found[i]);
    let other = of(&|i| side.uses[i].weight > 0.0);
    let squares: f64 = side.uses.iter().map(|used| used.weight * used.weight).sum();
    let n = side.n as f64;
    (own.len() > 1 && other.len() > 1)
        .then(|| (variance(&own) / n + variance(&other) * squares / (n * n)).sqrt())
}

/// `σ̂²_i = J/(J+1) (y_i − ȳ_{J(i)})²` with `J(i)` the `m` nearest of `i`'s own group, ties included;
/// none for a row that is alone. For every row of the sample.
fn conditional_variance(
    rows: &Rows,
    sorted: &Sorted,
    group: bool,
    m: usize,
    y: &[f64],
) -> Vec<Option<f64>> {
    let member = |i: usize| rows.treated[i] == group;
    let line = sorted.line(&rows.at, member, member);
    let runs = runs(&line, m, 0.0, f64::INFINITY, true);
    let prefix = Prefix::new(line.pool.iter().map(|&row| y[row as usize]));
    let mut variances = vec![None; y.len()];
    for (focal, run) in line.focal.iter().zip(runs) {
        let i = focal.row as usize;
        if run.len() > 1 {
            let others = (run.len() - 1) as f64;
            let mean = (prefix.sum(run.start, run.end) - y[i]) / others;
            variances[i] = Some(others / (others + 1.0) * (y[i] - mean).powi(2));
        }
    }
    variances
}

/// What the variance of an effect is made of.
struct Parts<'a> {
    rows: &'a Rows,
    sides: &'a [Matched],
    contrasts: &'a [Contrast],
    estimate: f64,
}

impl Parts<'_> {
    fn n(&self) -> f64 {
        self.sides.iter().map(|side| side.n).sum::<usize>() as f64
    }

    /// `½ Σ_i Σ_{j ∈ J(i)} s_ij (τ_ij − τ̂)² / N`: the variance of all rows if it is one.
    fn one_variance(&self, y: &[f64]) -> f64 {
        let centre = y.iter().sum::<f64>() / y.len() as f64;
        let moved: Vec<f64> = y.iter().map(|y| y - centre).collect();
        let squared: Vec<f64> = moved.iter().map(|y| y * y).collect();
        let of_side = |side: &Matched| -> f64 {
            let (means, squares) = (side.side.means(&moved), side.side.means(&squared));
            let sign = if side.treated { 1.0 } else { -1.0 };
            let term = |at: usize| {
                let i = side.side.line.focal[at].row as usize;
                // About the matches' mean, and of the matches about it: neither cancels.
                let about = moved[i] - means[at] - sign * self.estimate;
                let within = (squares[at] - means[at] * means[at]).max(0.0);
                if side.found[i] { about * about + within } else { 0.0 }
            };
            (0..means.len()).map(term).sum()
        };
        0.5 * self.sides.iter().map(of_side).sum::<f64>() / self.n()
    }

    /// Abadie and Imbens (2006), of the sample's effect or of the population's.
    fn variance(
        &self,
        target: Target,
        of_row: &dyn Fn(usize) -> Option<f64>,
    ) -> Result<f64, Error> {
        let n = self.n();
        let mut sum = 0.0;
        for i in 0..self.rows.n() {
            let weight: f64 = self.sides.iter().map(|side| side.uses[i].weight).sum();
            let squares: f64 = self.sides.iter().map(|side| side.uses[i].squares).sum();
            let own = if self.sides.iter().any(|side| side.found[i]) { 1.0 } else { 0.0 };
            let factor = match target {
                Target::Sample => (own + weight) * (own + weight),
                Target::Population => weight * weight + 2.0 * own * weight - squares,
            };
            if factor > 0.0 {
                let treated = self.rows.treated[i];
                sum += factor
                    * of_row(i).ok_or(Error::Alone { row: self.rows.of_panel[i], treated })?;
            }
            if target == Target::Population {
                for (side, contrast) in self.sides.iter().zip(self.contrasts) {
                    if side.found[i] {
                        sum += (contrast.each[i] - self.estimate).powi(2);
                    }
                }
            }
        }
        Ok(sum / (n * n))
    }
}
