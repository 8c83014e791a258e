//! Are the errors of entities related?

use rayon::prelude::*;

use super::{Distribution, Test, TestNote};
use crate::texts;
use crate::{Design, Error, Fit, TestError};

/// Which test of cross-sectional dependence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependence {
    /// Pesaran (2004): the sum of correlations. Fit for many entities and few periods.
    PesaranCd,
    /// Breusch and Pagan (1980): the sum of their squares. For many periods and few entities.
    BreuschPagan,
    /// The latter standardised: for many of both.
    ScaledLm,
}

texts!(
    Dependence,
    "test of cross-sectional dependence",
    PesaranCd = "pesaran-cd",
    BreuschPagan = "cross-section-lm",
    ScaledLm = "scaled-lm"
);

/// A test that the errors of different entities are uncorrelated, from a fit's residuals.
///
/// With `ρ̂_ij` the correlation of the residuals of two entities over the `T_ij` periods that both
/// have, and `P` the number of pairs with at least two:
///
/// ```text
/// pesaran-cd        √(1/P) Σ_{i<j} √T_ij ρ̂_ij            ~ N(0, 1)
/// cross-section-lm  Σ_{i<j} T_ij ρ̂_ij²                   ~ χ²(P)
/// scaled-lm         √(1/(2P)) Σ_{i<j} (T_ij ρ̂_ij² − 1)   ~ N(0, 1)
/// ```
///
/// Correlations are about the means over the periods in common.
///
/// # Errors
///
/// [`TestError::NoPairs`] if no two entities have two periods in common.
///
/// # Source
///
/// Pesaran (2004), equations 7 and 31; Breusch and Pagan (1980); Pesaran (2004), equation 6.
/// Agrees with plm's `pcdtest(test = "cd" | "lm" | "sclm")`, and for balanced panels with Stata's
/// `xtcsd, pesaran` and `xttest2`, which for unbalanced ones keeps the periods that all share.
pub fn cross_section_dependence(
    design: &Design<'_>,
    fit: &Fit,
    dependence: Dependence,
) -> Result<Test, Error> {
    design.plain("a test of cross-sectional dependence")?;
    let series = by_entity(design, fit.residuals());
    // One sum an entity, added up in their order: the same bits for any number of threads.
    let sums: Vec<[f64; 4]> = (0..series.len())
        .into_par_iter()
        .map(|i| {
            let mut sum = [0.0; 4];
            for other in &series[i + 1..] {
                if let Some((rho, t)) = correlation(&series[i], other) {
                    let squared = t * rho * rho;
                    let add = [t.sqrt() * rho, squared, squared - 1.0, 1.0];
                    sum.iter_mut().zip(add).for_each(|(sum, add)| *sum += add);
                }
            }
            sum
        })
        .collect();
    let total = |at: usize| sums.iter().map(|sum| sum[at]).sum::<f64>();
    let n_pairs = total(3);
    if n_pairs == 0.0 {
        return Err(TestError::NoPairs { entities: series.len() }.into());
    }
    // A count of pairs is whole, and exact below 2⁵³.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let pairs = n_pairs as usize;
    let (name, statistic, distribution) = match dependence {
        Dependence::PesaranCd => ("Pesaran CD", total(0) / n_pairs.sqrt(), Distribution::Normal),
        Dependence::BreuschPagan => ("Breusch-Pagan LM", total(1), Distribution::ChiSquared(pairs)),
        Dependence::ScaledLm => {
            ("Scaled LM", total(2) / (2.0 * n_pairs).sqrt(), Distribution::Normal)
        }
    };
    let of = series.len() * (series.len() - 1) / 2;
    let note = (pairs < of).then_some(TestNote::PairsLeftOut { pairs: of - pairs, of });
    let name = format!("{name} test of cross-sectional dependence");
    Ok(Test::new(name, statistic, distribution, "cross-sectional dependence").with(note))
}

/// Periods and residuals of each entity, in the order of the periods.
fn by_entity(design: &Design<'_>, residuals: &[f64]) -> Vec<Vec<(i32, f64)>> {
    let mut series: Vec<Vec<(i32, f64)>> = Vec::new();
    let mut last = None;
    for ((who, when), u) in design.keys().into_iter().zip(residuals) {
        if last != Some(who) {
            series.push(Vec::new());
            last = Some(who);
        }
        if let Some(series) = series.last_mut() {
            series.push((when, *u));
        }
    }
    series
}

/// The correlation over the periods that both have, and how many these are.
fn correlation(a: &[(i32, f64)], b: &[(i32, f64)]) -> Option<(f64, f64)> {
    let (mut t, mut x_mean, mut y_mean) = (0.0, 0.0, 0.0);
    let (mut x_square, mut y_square) = (0.0, 0.0);
    for (x, y) in in_common(a, b) {
        t += 1.0;
        x_mean += x;
        y_mean += y;
        x_square += x * x;
        y_square += y * y;
    }
    if t < 2.0 {
        return None;
    }
    x_mean /= t;
    y_mean /= t;
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in in_common(a, b) {
        xx += (x - x_mean) * (x - x_mean);
        yy += (y - y_mean) * (y - y_mean);
        xy += (x - x_mean) * (y - y_mean);
    }
    // Deviations that are rounding noise correlate with nothing.
    let varies = xx > 1e-24 * x_square && yy > 1e-24 * y_square;
    varies.then(|| (xy / (xx * yy).sqrt(), t))
}

/// The values of two series in the periods that both have.
fn in_common(a: &[(i32, f64)], b: &[(i32, f64)]) -> impl Iterator<Item = (f64, f64)> {
    let (mut i, mut j) = (0, 0);
    std::iter::from_fn(move || {
        loop {
            let ((s, x), (t, y)) = (a.get(i)?, b.get(j)?);
            i += usize::from(s <= t);
            j += usize::from(t <= s);
            if s == t {
                return Some((*x, *y));
            }
        }
    })
}
