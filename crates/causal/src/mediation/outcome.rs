//! What a mediation analysis returns.

use estimate::{Fit, Reference, normal_cdf, quantile};

use super::bootstrap::{Draw, Draws};
use super::{MediationSpec, Product, Steps};

/// The equations of a mediation and the effects that follow from them.
#[derive(Debug, Clone)]
pub struct Mediation {
    /// `y` on `D` and the controls: the total effect `c`.
    pub total: Fit,
    /// Each mediator on `D` and the controls: `a`.
    pub mediators: Vec<Fit>,
    /// `y` on `D`, the mediators and the controls: `c'` and `b`. Absent in two steps.
    pub outcome: Option<Fit>,
    /// Total, direct, and indirect effects, by mediator and together. Two steps: the total.
    pub effects: Vec<Effect>,
    /// The share of the total effect that goes through the mediators, `Σ a b / c`. Three steps.
    pub share: Option<f64>,
    /// `c − (c' + Σ a b)`: zero but for rounding, because all equations share one sample.
    pub gap: Option<f64>,
    /// Draws that could be estimated, of those made.
    pub draws: Option<(usize, usize)>,
}

/// An effect of the treatment.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// `total`, `direct`, `indirect`, or `indirect through M`.
    pub name: String,
    /// In units of the response per unit of the treatment.
    pub estimate: f64,
    /// Of a coefficient: its own. Of a product: as [`Product`] says. `None` for the sum of several
    /// products, and where Goodman's variance is negative.
    pub std_error: Option<f64>,
    /// `estimate / std_error`.
    pub statistic: Option<f64>,
    /// Two-sided: of a coefficient as in its table, of a product by the normal distribution.
    pub p_value: Option<f64>,
    /// From the bootstrap.
    pub bootstrap: Option<Interval>,
}

/// What the draws of a bootstrap say about one effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// The standard deviation of the draws.
    pub std_error: f64,
    /// The 2.5 % and 97.5 % percentiles of the draws (type 7).
    pub percentile: (f64, f64),
    /// Bias-corrected percentiles (Efron 1981); `None` if all draws lie on one side.
    pub bias_corrected: Option<(f64, f64)>,
    /// `2 min(share of draws ≤ 0, share ≥ 0)`, at most 1.
    pub p_value: f64,
}

pub(super) fn assemble(
    spec: &MediationSpec,
    total: Fit,
    mediators: Vec<Fit>,
    outcome: Option<Fit>,
    draws: Option<Draws>,
) -> Mediation {
    let row = |fit: &Fit, term: &panel::Term| {
        let term = term.to_string();
        let found = fit.coefficients().into_iter().find(|row| row.term == term);
        found.map_or((f64::NAN, f64::NAN, None), |c| (c.estimate, c.std_error, Some(c)))
    };
    let collect = |of: &dyn Fn(&Draw) -> f64, estimate: f64| {
        draws.as_ref().map(|draws| interval(draws.kept.iter().map(of).collect(), estimate))
    };
    let coefficient = |name: &str, fit: &Fit, of: &dyn Fn(&Draw) -> f64| {
        let (estimate, _, row) = row(fit, &spec.treatment);
        Effect {
            name: name.to_owned(),
            estimate,
            std_error: row.as_ref().map(|row| row.std_error),
            statistic: row.as_ref().map(|row| row.statistic),
            p_value: row.as_ref().map(|row| row.p_value),
            bootstrap: collect(of, estimate),
        }
    };
    let mut effects = vec![coefficient("total", &total, &|draw| draw.total)];
    let (mut share, mut gap) = (None, None);
    if let (Some(outcome), Steps::Three) = (&outcome, spec.steps) {
        let direct = coefficient("direct", outcome, &Draw::direct);
        let mut indirect = Vec::new();
        for (j, (fit, mediator)) in mediators.iter().zip(&spec.mediators).enumerate() {
            let ((a, s_a, _), (b, s_b, _)) = (row(fit, &spec.treatment), row(outcome, mediator));
            let variance = spec.variance.of((a, s_a), (b, s_b));
            let std_error = (variance > 0.0).then(|| variance.sqrt());
            let statistic = std_error.map(|se| a * b / se);
            let name = match mediators.len() {
                1 => "indirect".to_owned(),
                _ => format!("indirect through {mediator}"),
            };
            indirect.push(Effect {
                name,
                estimate: a * b,
                std_error,
                statistic,
                p_value: statistic.map(|z| Reference::Normal.two_sided(z)),
                bootstrap: collect(&|draw| draw.paths[j], a * b),
            });
        }
        let sum: f64 = indirect.iter().map(|effect| effect.estimate).sum();
        share = Some(sum / effects[0].estimate).filter(|share| share.is_finite());
        gap = Some(effects[0].estimate - (direct.estimate + sum));
        effects.push(direct);
        let several = indirect.len() > 1;
        effects.extend(indirect);
        if several {
            effects.push(Effect {
                name: "indirect".to_owned(),
                estimate: sum,
                std_error: None,
                statistic: None,
                p_value: None,
                bootstrap: collect(&Draw::indirect, sum),
            });
        }
    }
    let draws = draws.map(|draws| (draws.kept.len(), draws.made));
    Mediation { total, mediators, outcome, effects, share, gap, draws }
}

impl Product {
    pub(super) fn of(self, (a, s_a): (f64, f64), (b, s_b): (f64, f64)) -> f64 {
        let first = a * a * s_b * s_b + b * b * s_a * s_a;
        let second = s_a * s_a * s_b * s_b;
        match self {
            Self::Sobel => first,
            Self::Aroian => first + second,
            Self::Goodman => first - second,
        }
    }
}

fn interval(mut draws: Vec<f64>, estimate: f64) -> Interval {
    let n = draws.len() as f64;
    let mean = draws.iter().sum::<f64>() / n;
    let squares: f64 = draws.iter().map(|draw| (draw - mean).powi(2)).sum();
    let share = |inside: &dyn Fn(f64) -> bool| {
        draws.iter().filter(|draw| inside(**draw)).count() as f64 / n
    };
    let below = share(&|draw| draw < estimate);
    let p_value = (2.0 * share(&|draw| draw <= 0.0).min(share(&|draw| draw >= 0.0))).min(1.0);
    draws.sort_by(f64::total_cmp);
    let bias_corrected = (below > 0.0 && below < 1.0).then(|| {
        let shift = 2.0 * normal_quantile(below);
        let margin = Reference::Normal.two_sided_quantile(0.05);
        (quantile(&draws, normal_cdf(shift - margin)), quantile(&draws, normal_cdf(shift + margin)))
    });
    Interval {
        std_error: (squares / (n - 1.0)).sqrt(),
        percentile: (quantile(&draws, 0.025), quantile(&draws, 0.975)),
        bias_corrected,
        p_value,
    }
}

/// `Φ⁻¹(p)`.
fn normal_quantile(p: f64) -> f64 {
    let z = Reference::Normal.two_sided_quantile(2.0 * p.min(1.0 - p));
    if p < 0.5 { -z } else { z }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws 0.001 to 1 and an estimate of 0.6: `z₀ = Φ⁻¹(0.599)`.
    #[test]
    fn a_bootstrap_interval_by_hand() {
        let draws: Vec<f64> = (1..=1000).rev().map(|i| f64::from(i) / 1000.0).collect();
        let interval = interval(draws, 0.6);
        let (low, high) = interval.bias_corrected.unwrap();
        assert!((interval.percentile.0 - 0.025_975).abs() < 1e-12);
        assert!((low - (0.001 + 0.999 * 0.072_358_984_274)).abs() < 1e-9, "{low}");
        assert!((high - (0.001 + 0.999 * 0.993_081_804_736)).abs() < 1e-9, "{high}");
        assert!(interval.p_value.abs() < 1e-15);
        assert!((interval.std_error - (1001.0 * 1000.0 / 12.0_f64).sqrt() / 1000.0).abs() < 1e-12);
    }
}
