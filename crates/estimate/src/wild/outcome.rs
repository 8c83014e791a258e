//! What the draws say: p values, critical values, intervals.

use super::draws::Moments;
use super::{Tail, Ties, WildSpec};
use crate::{Correction, Note};

/// The outcome of a wild cluster bootstrap. Keeps the statistics of its draws, and no data.
#[derive(Debug, Clone, PartialEq)]
pub struct Wild {
    pub(super) spec: WildSpec,
    pub(super) estimate: f64,
    pub(super) std_error: f64,
    pub(super) statistic: f64,
    pub(super) p_value: f64,
    pub(super) critical: (Option<f64>, Option<f64>),
    pub(super) interval: Option<(Option<f64>, Option<f64>)>,
    pub(super) correction: Correction,
    pub(super) n_clusters: usize,
    pub(super) n_draw_clusters: usize,
    pub(super) enumerated: bool,
    pub(super) undefined: usize,
    pub(super) statistics: Vec<f64>,
}

impl Wild {
    /// What was asked for.
    pub fn spec(&self) -> &WildSpec {
        &self.spec
    }

    /// `β̂_j`, in units of the response per unit of the term.
    pub fn estimate(&self) -> f64 {
        self.estimate
    }

    /// Its clustered standard error under the convention, in the same units.
    pub fn std_error(&self) -> f64 {
        self.std_error
    }

    /// `t = (β̂_j − b) / se`.
    pub fn statistic(&self) -> f64 {
        self.statistic
    }

    /// The bootstrap p value.
    pub fn p_value(&self) -> f64 {
        self.p_value
    }

    /// The p value of the same `t` without a bootstrap, two-sided.
    pub fn asymptotic_p_value(&self) -> f64 {
        self.correction.reference.two_sided(self.statistic)
    }

    /// Where the test begins to reject at the level: at or below the first, at or above the
    /// second, of `t`; of `|t|` for [`Tail::Symmetric`], whose first is minus the second. Ties
    /// that count ([`Ties::Weak`]) do not reject. `None` on a side on which nothing rejects.
    pub fn critical_values(&self) -> (Option<f64>, Option<f64>) {
        self.critical
    }

    /// The ends of the interval about `β̂_j` of the nulls with `p ≥ level`, if it was asked for;
    /// `None` for an end without bound. Draws are the same for every null.
    ///
    /// The test need not reject everything beyond an end: it is the first crossing outward.
    pub fn interval(&self) -> Option<(Option<f64>, Option<f64>)> {
        self.interval
    }

    /// `t*` of every draw that has one, in the order of the draws: those of an enumeration begin
    /// with the data themselves, and cluster `g` is turned where bit `g` of the draw is set.
    pub fn statistics(&self) -> &[f64] {
        &self.statistics
    }

    /// What the convention contributes to the standard error, and so to every `t*`.
    pub fn correction(&self) -> Correction {
        self.correction
    }

    /// Clusters of the errors.
    pub fn n_clusters(&self) -> usize {
        self.n_clusters
    }

    /// Groups of rows that share a weight.
    pub fn n_draw_clusters(&self) -> usize {
        self.n_draw_clusters
    }

    /// Whether the draws are all `2^G` signs, the data and their mirror image included.
    pub fn enumerated(&self) -> bool {
        self.enumerated
    }

    /// Caveats.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let draws = self.statistics.len() + self.undefined;
        if self.enumerated {
            notes.push(Note::Enumerated { draws, ties: self.spec.ties == Ties::Weak });
        }
        if self.undefined > 0 {
            notes.push(Note::UndefinedDraws { undefined: self.undefined, draws });
        }
        notes
    }
}

/// A hypothesis, and what the data say without draws.
pub(super) struct Test {
    pub(super) estimate: f64,
    pub(super) std_error: f64,
    /// The convention's factor on the sum of squared scores.
    pub(super) factor: f64,
    /// `(X̃'X̃)⁻¹_jj`: the restricted residuals move by `w / variance` a unit of the null.
    pub(super) variance: f64,
    pub(super) null: f64,
    pub(super) impose: bool,
    pub(super) tail: Tail,
    pub(super) ties: Ties,
}

/// The draws that have a standard error.
pub(super) struct Sampled {
    moments: Vec<Moments>,
    pub(super) statistics: Vec<f64>,
}

/// Within this share of each other two statistics are tied.
const TIE: f64 = 1e-10;
/// Squared scores of a draw below this share of the data's are rounding noise.
const NOISE: f64 = 1e-20;

impl Sampled {
    /// `None` if no draw has a standard error.
    pub(super) fn new(test: &Test, moments: &[Moments]) -> Option<Self> {
        let least = NOISE * test.std_error * test.std_error / test.factor;
        let moments: Vec<Moments> =
            moments.iter().filter(|draw| draw.variance[0] > least).copied().collect();
        let statistics = moments.iter().map(|draw| test.drawn(draw, 0.0)).collect();
        (!moments.is_empty()).then_some(Self { moments, statistics })
    }
}

impl Test {
    /// `t` of a null.
    pub(super) fn statistic(&self, null: f64) -> f64 {
        (self.estimate - null) / self.std_error
    }

    /// `t*` of a draw when the residuals move by `shift · w`.
    fn drawn(&self, draw: &Moments, shift: f64) -> f64 {
        let ([n0, n1], [v00, v01, v11]) = (draw.numerator, draw.variance);
        let variance = v00 + shift * (2.0 * v01 + shift * v11);
        // A draw without variance under this null, and only there, is as extreme as can be.
        (n0 + shift * n1) / (self.factor * variance.max(f64::MIN_POSITIVE)).sqrt()
    }

    /// The p value of a null.
    pub(super) fn p_value(&self, sampled: &Sampled, null: f64) -> f64 {
        let shift = if self.impose { (self.null - null) / self.variance } else { 0.0 };
        let t = self.statistic(null);
        let beyond = |gap: f64| match self.ties {
            Ties::Strict => gap > TIE * t.abs(),
            Ties::Weak => gap >= -TIE * t.abs(),
        };
        let share = |gap: &dyn Fn(f64) -> f64| {
            let count = if shift == 0.0 {
                sampled.statistics.iter().filter(|drawn| beyond(gap(**drawn))).count()
            } else {
                let drawn = sampled.moments.iter().map(|draw| self.drawn(draw, shift));
                drawn.filter(|drawn| beyond(gap(*drawn))).count()
            };
            count as f64 / sampled.statistics.len() as f64
        };
        let above = |drawn: f64| drawn - t;
        let below = |drawn: f64| t - drawn;
        match self.tail {
            Tail::Symmetric => share(&|drawn| drawn.abs() - t.abs()),
            Tail::EqualTailed => (2.0 * share(&above).min(share(&below))).min(1.0),
            Tail::Lower => share(&below),
            Tail::Upper => share(&above),
        }
    }

    pub(super) fn critical_values(
        &self,
        sampled: &Sampled,
        level: f64,
    ) -> (Option<f64>, Option<f64>) {
        let size = |t: &f64| if self.tail == Tail::Symmetric { t.abs() } else { *t };
        let mut sorted: Vec<f64> = sampled.statistics.iter().map(size).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let each = if self.tail == Tail::EqualTailed { level / 2.0 } else { level };
        // The test rejects while fewer than `level` of the draws are more extreme.
        let n = sorted.len();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // In 0..n.
        let mut fewer = ((each * n as f64).ceil() as usize).min(n - 1);
        while fewer > 0 && fewer as f64 / n as f64 >= each {
            fewer -= 1;
        }
        let (low, high) = (sorted[fewer], sorted[n - 1 - fewer]);
        match self.tail {
            Tail::Symmetric => (Some(-high), Some(high)),
            Tail::EqualTailed => (Some(low), Some(high)),
            Tail::Lower => (Some(low), None),
            Tail::Upper => (None, Some(high)),
        }
    }

    pub(super) fn interval(&self, sampled: &Sampled, level: f64) -> (Option<f64>, Option<f64>) {
        // A one-sided test bounds the coefficient on one side.
        let low = (self.tail != Tail::Lower).then(|| self.end(sampled, level, -1.0)).flatten();
        let high = (self.tail != Tail::Upper).then(|| self.end(sampled, level, 1.0)).flatten();
        (low, high)
    }

    /// Where `p` first falls below the level, going from the estimate in steps that double.
    fn end(&self, sampled: &Sampled, level: f64, direction: f64) -> Option<f64> {
        let at = |steps: f64| self.estimate + direction * steps * self.std_error;
        let rejected = |steps: f64| self.p_value(sampled, at(steps)) < level;
        let mut steps = 0.5;
        let mut inside = 0.0;
        while !rejected(steps) {
            inside = steps;
            steps *= 2.0;
            if steps > 1e9 {
                return None;
            }
        }
        let mut outside = steps;
        for _ in 0..200 {
            let middle = f64::midpoint(inside, outside);
            if outside - inside <= 1e-14 * outside || middle <= inside || middle >= outside {
                break;
            }
            if rejected(middle) { outside = middle } else { inside = middle }
        }
        Some(at(inside))
    }
}
