//! Whether covariates are alike, before matching and after.

use estimate::{Reference, chi_squared_upper_tail};
use panel::{Panel, Term};
use rayon::prelude::*;

use super::outcome::Matching;
use super::probit::{Probit, probit};
use super::spec::Estimand;
use crate::Error;

/// Whether covariates are alike, before matching and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// The covariates.
    pub covariates: Vec<Covariate>,
    /// What distance was measured in, as a covariate.
    pub score: Covariate,
    /// All covariates together, before matching.
    pub before: Overall,
    /// The same after.
    pub after: Overall,
}

/// One covariate.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariate {
    /// Its name.
    pub name: String,
    /// Rows left out because it is missing.
    pub missing: usize,
    /// Before matching.
    pub before: Means,
    /// After, weighted.
    pub after: Means,
    /// `100 (1 − |bias after|/|bias before|)`, in per cent.
    pub reduction: Option<f64>,
    /// The mean of `|x_i − x_j|` over matched pairs, in units of [`Means::std_difference`].
    pub pair_distance: Option<f64>,
}

/// Two groups compared in one covariate. What would divide by zero is absent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means {
    /// Weighted mean of the treated.
    pub treated: f64,
    /// Weighted mean of the untreated.
    pub untreated: f64,
    /// `100 (x̄₁ − x̄₀)/√((s₁² + s₀²)/2)`, in per cent, with the variances before matching: pstest's
    /// `%bias` (Rosenbaum and Rubin 1985).
    pub bias: Option<f64>,
    /// `(x̄₁ − x̄₀)/s`, with `s` of the group whose effect is averaged, before matching, and for the
    /// ATE the `√` of both groups' mean variance; a binary covariate has variance `p(1 − p)`.
    /// `MatchIt`'s `Std. Mean Diff.`, which leaves differences below 1.5e-8 as they are.
    pub std_difference: Option<f64>,
    /// `s₁²/s₀²`, with `Σw(x − x̄)²/(Σw − 1)`: pstest's `V(T)/V(C)`.
    pub variance_ratio: Option<f64>,
    /// `s₁²/s₀²`, with `Σw(x − x̄)²/(1 − Σw²)`, `Σw = 1`: `MatchIt`'s `Var. Ratio`, which a binary
    /// covariate has none of.
    pub reliability_ratio: Option<f64>,
    /// The mean over distinct values of the distance between distribution functions.
    pub ecdf_mean: f64,
    /// The largest distance between them: the Kolmogorov–Smirnov statistic.
    pub ecdf_max: f64,
    /// The t of a regression on treatment, with as many rows as weights sum to: pstest's `t`.
    pub t: Option<f64>,
    /// Its two-sided p, with two degrees of freedom less.
    pub p_value: Option<f64>,
}

/// All covariates together, as pstest sums them up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overall {
    /// The mean of `|bias|`, in per cent.
    pub mean_bias: Option<f64>,
    /// The median of `|bias|`.
    pub median_bias: Option<f64>,
    /// Of a probit of treatment on the covariates, weighted; none if it has no maximum.
    pub probit: Option<ProbitBalance>,
}

/// What a probit of treatment on the covariates says of their balance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbitBalance {
    /// `1 − ln L/ln L₀`.
    pub pseudo_r2: f64,
    /// `2(ln L − ln L₀)`.
    pub likelihood_ratio: f64,
    /// Covariates that are not spanned by others.
    pub df: usize,
    /// Of the likelihood ratio.
    pub p_value: f64,
    /// Rubin's B: the index' standardised difference, in per cent; below 25 is taken for balanced.
    pub rubin_b: f64,
    /// Rubin's R: the ratio of the index' variances; .5 to 2 is taken for balanced.
    pub rubin_r: f64,
}

/// Compares `terms`, usually the covariates of the score, before matching and after.
///
/// Two programs' tables at once: [`Means`] and [`Overall`] say whose each number is.
///
/// # Errors
///
/// [`Error::Estimate`] if `panel` lacks a term.
///
/// # Source
///
/// Rosenbaum and Rubin (1985); Rubin (2001). Agrees with `pstest, both` after psmatch2 and with
/// `MatchIt`'s `summary`.
pub fn balance(panel: &Panel, terms: &[Term], matching: &Matching) -> Result<Balance, Error> {
    let wrong = |error: panel::Error| Error::from(estimate::Error::from(error));
    let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
    for term in terms {
        for term in panel.expand(term).map_err(wrong)? {
            let values = panel.values(&term).map_err(wrong)?;
            let of_rows = (0..matching.n()).map(|i| values[matching.row(i)]).collect();
            columns.push((term.to_string(), of_rows));
        }
    }
    let covariates: Vec<Covariate> =
        columns.par_iter().map(|(name, x)| covariate(name, x, matching)).collect();
    let ones = vec![1.0; matching.n()];
    let x: Vec<&[f64]> = columns.iter().map(|(_, x)| x.as_slice()).collect();
    let before: Vec<Option<f64>> = covariates.iter().map(|c| c.before.bias).collect();
    let after: Vec<Option<f64>> = covariates.iter().map(|c| c.after.bias).collect();
    Ok(Balance {
        before: overall(&before, &x, &matching.treated, &ones),
        after: overall(&after, &x, &matching.treated, &matching.weights),
        score: covariate("score", &matching.distance, matching),
        covariates,
    })
}

fn overall(biases: &[Option<f64>], x: &[&[f64]], d: &[bool], w: &[f64]) -> Overall {
    let mut sizes: Vec<f64> = biases.iter().flatten().map(|bias| bias.abs()).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let n = sizes.len();
    let median = || {
        if n % 2 == 1 { sizes[n / 2] } else { f64::midpoint(sizes[n / 2 - 1], sizes[n / 2]) }
    };
    Overall {
        mean_bias: (n > 0).then(|| sizes.iter().sum::<f64>() / n as f64),
        median_bias: (n > 0).then(median),
        probit: probit(x, d, w).and_then(|fit| of_probit(&fit, d, w)),
    }
}

/// A variance of this share of that of both groups is rounding.
const CONSTANT: f64 = 1e-20;

fn of_probit(fit: &Probit, d: &[bool], w: &[f64]) -> Option<ProbitBalance> {
    let moments = |group| moments(&fit.index, |i| if d[i] == group { w[i] } else { 0.0 });
    let (one, zero) = (moments(true), moments(false));
    let variance = f64::midpoint(one.importance, zero.importance);
    let spread = variance.sqrt();
    let likelihood_ratio = 2.0 * (fit.log_likelihood - fit.null);
    // An index that takes one value in a group varies there by rounding.
    let varies = zero.importance > CONSTANT * variance;
    (fit.df > 0 && spread > 0.0 && varies).then(|| ProbitBalance {
        pseudo_r2: 1.0 - fit.log_likelihood / fit.null,
        likelihood_ratio,
        df: fit.df,
        p_value: chi_squared_upper_tail(likelihood_ratio, fit.df),
        rubin_b: 100.0 * (one.mean - zero.mean).abs() / spread,
        rubin_r: one.importance / zero.importance,
    })
}

/// Weighted moments of one group.
#[derive(Debug, Clone, Copy)]
struct Moments {
    /// `Σw`.
    total: f64,
    mean: f64,
    /// `Σw(x − x̄)²/(Σw − 1)`.
    importance: f64,
    /// `Σw(x − x̄)²/(1 − Σw²)`, `Σw = 1`.
    reliability: f64,
}

/// Rows of weight zero have no part, even where `x` is missing.
fn moments(x: &[f64], weight: impl Fn(usize) -> f64) -> Moments {
    let rows = || (0..x.len()).map(|i| (x[i], weight(i))).filter(|(_, w)| *w > 0.0);
    let total: f64 = rows().map(|(_, w)| w).sum();
    let mean = rows().map(|(x, w)| w * x).sum::<f64>() / total;
    let spread: f64 = rows().map(|(x, w)| w * (x - mean) * (x - mean)).sum();
    // What a constant varies by is rounding.
    let spread = if spread <= total * (1e-14 * mean).powi(2) { 0.0 } else { spread };
    let squares: f64 = rows().map(|(_, w)| (w / total) * (w / total)).sum();
    let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
    Moments {
        total,
        mean,
        importance: ratio(spread, total - 1.0),
        reliability: ratio(spread / total, 1.0 - squares),
    }
}

/// Below this a difference is not standardised, as in `MatchIt`: the root of the precision.
const SMALL: f64 = 1.490_116_119_384_765_6e-8;

fn covariate(name: &str, x: &[f64], matching: &Matching) -> Covariate {
    let (d, w) = (&matching.treated, &matching.weights);
    let seen: Vec<bool> = x.iter().map(|x| !x.is_nan()).collect();
    #[allow(clippy::float_cmp)] // An indicator is exactly 0 or 1.
    let binary = x.iter().all(|&x| x == 0.0 || x == 1.0 || x.is_nan());
    let group = |weights: &dyn Fn(usize) -> f64, group: bool| {
        moments(x, |i| if d[i] == group && seen[i] { weights(i) } else { 0.0 })
    };
    let plain = [false, true].map(|g| group(&|_| 1.0, g));
    let weighted = [false, true].map(|g| group(&|i| w[i], g));

    let spread = |of: &Moments| if binary { of.mean * (1.0 - of.mean) } else { of.reliability };
    let both = || f64::midpoint(spread(&plain[0]), spread(&plain[1]));
    let unit = match matching.spec.estimand {
        Estimand::Treated => spread(&plain[1]),
        Estimand::Untreated => spread(&plain[0]),
        Estimand::Everyone => both(),
    };
    // A group without variation is no measure: take what both have within.
    let unit = if unit.sqrt() < SMALL { both() } else { unit }.sqrt();
    let pooled = f64::midpoint(plain[0].importance, plain[1].importance).sqrt();

    let order = order(x, &seen);
    let compare = |[zero, one]: [Moments; 2], weight: &dyn Fn(usize) -> f64| {
        let difference = one.mean - zero.mean;
        let (ecdf_mean, ecdf_max) = if binary {
            (difference.abs(), difference.abs())
        } else {
            distribution(x, &order, |i| {
                let (moments, sign) = if d[i] { (one, 1.0) } else { (zero, -1.0) };
                sign * weight(i) / moments.total
            })
        };
        let ratio = |a: f64, b: f64| (b > 0.0).then(|| a / b);
        let df = one.total + zero.total - 2.0;
        let pooled_squares =
            (one.total - 1.0) * one.importance + (zero.total - 1.0) * zero.importance;
        let t = (df > 0.0 && pooled_squares > 0.0).then(|| {
            difference / (pooled_squares / df * (1.0 / one.total + 1.0 / zero.total)).sqrt()
        });
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A count of rows.
        let whole = df.round() as usize;
        let std_difference = match () {
            () if difference.abs() <= SMALL => Some(difference),
            () => (unit > 0.0).then(|| difference / unit),
        };
        Means {
            treated: one.mean,
            untreated: zero.mean,
            bias: (pooled > 0.0).then(|| 100.0 * difference / pooled),
            std_difference,
            variance_ratio: ratio(one.importance, zero.importance),
            reliability_ratio: if binary { None } else { ratio(one.reliability, zero.reliability) },
            ecdf_mean,
            ecdf_max,
            t,
            p_value: t.map(|t| Reference::T(whole.max(1)).two_sided(t)),
        }
    };
    let before = compare(plain, &|_| 1.0);
    let after = compare(weighted, &|i| w[i]);
    let reduction = before.bias.zip(after.bias).filter(|(before, _)| *before != 0.0);
    let standardised = (after.treated - after.untreated).abs() > SMALL;
    Covariate {
        name: name.to_owned(),
        missing: seen.iter().filter(|seen| !**seen).count(),
        before,
        after,
        reduction: reduction.map(|(before, after)| 100.0 * (1.0 - after.abs() / before.abs())),
        pair_distance: pairs(x, matching).and_then(|mean| match () {
            () if !standardised || mean <= 1e-8 => Some(mean),
            () => (unit > 0.0).then(|| mean / unit),
        }),
    }
}

fn order(x: &[f64], seen: &[bool]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..x.len()).filter(|&i| seen[i]).collect();
    order.sort_unstable_by(|&a, &b| x[a].total_cmp(&x[b]).then(a.cmp(&b)));
    order
}

/// Mean and maximum, over distinct values, of the distance between two distribution functions.
/// `step` is a row's share of its group, negative for one of the two.
fn distribution(x: &[f64], order: &[usize], step: impl Fn(usize) -> f64) -> (f64, f64) {
    let (mut gap, mut sum, mut most, mut distinct) = (0.0_f64, 0.0_f64, 0.0_f64, 0_usize);
    for (at, &i) in order.iter().enumerate() {
        gap += step(i);
        if order.get(at + 1).is_none_or(|&next| x[next] > x[i]) {
            sum += gap.abs();
            most = most.max(gap.abs());
            distinct += 1;
        }
    }
    (sum / distinct.max(1) as f64, most)
}

/// The mean of `|x_i − x_j|` over matched pairs.
fn pairs(x: &[f64], matching: &Matching) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0_usize);
    for set in matching.sets() {
        for j in set.matches() {
            let gap = (x[set.row] - x[j]).abs();
            if !gap.is_nan() {
                sum += gap;
                n += 1;
            }
        }
    }
    (n > 0).then(|| sum / n as f64)
}
