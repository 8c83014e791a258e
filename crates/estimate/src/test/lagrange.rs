//! Is there a random effect? Lagrange multiplier tests, which need the pooled model alone.

use super::effects::iid;
use super::{Distribution, Test, Variances};
use crate::texts;
use crate::{Design, Effect, Error, TestError};

/// Which multiplier test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiplier {
    /// Breusch and Pagan (1980): two-sided, χ².
    BreuschPagan,
    /// Honda (1985): one-sided, normal; uniformly most powerful for one direction.
    Honda,
    /// King and Wu (1997): one-sided, normal; locally mean most powerful.
    KingWu,
    /// Gourieroux, Holly and Monfort (1982): a variance below zero counts as zero, mixed χ².
    GourierouxHollyMonfort,
}

texts!(
    Multiplier,
    "multiplier test",
    BreuschPagan = "bp",
    Honda = "honda",
    KingWu = "kw",
    GourierouxHollyMonfort = "ghm"
);

/// A Lagrange multiplier test that the variance of random effects is zero.
///
/// With `û` the residuals of the pooled model, `n` rows, `T_i` rows of an entity and `N_t` of a
/// period:
///
/// ```text
/// A₁ = Σ_i (Σ_t û_it)² / û'û − 1        M₁ = Σ T_i² − n        LM₁ = n A₁ / √(2 M₁)
/// A₂ = Σ_t (Σ_i û_it)² / û'û − 1        M₂ = Σ N_t² − n        LM₂ = n A₂ / √(2 M₂)
/// ```
///
/// | test | one direction | both |
/// |---|---|---|
/// | `bp` | `LM²` ~ χ²(1) | `LM₁² + LM₂²` ~ χ²(2) |
/// | `honda` | `LM` ~ N(0, 1), right tail | `(LM₁ + LM₂)/√2` |
/// | `kw` | the same | `(√M₁ LM₁ + √M₂ LM₂)/√(M₁ + M₂)` |
/// | `ghm` | `max(0, LM)²` ~ ½χ²(0) + ½χ²(1) | `max(0, LM₁)² + max(0, LM₂)²` ~ ¼χ²(0) + ½χ²(1) + ¼χ²(2) |
///
/// What the model absorbs is left out: the test is about the pooled model.
///
/// # Errors
///
/// [`TestError::NoRepetition`] if no entity (period) is observed twice; else as
/// [`pooled`](crate::pooled).
///
/// # Source
///
/// Baltagi and Li (1990) for unbalanced panels; Baltagi, Chang and Li (1998); Baltagi (2013),
/// §4.2. Agrees with plm's `plmtest`. Stata's `xttest0` is `ghm` in the individual direction:
/// its `chibar2(01)`.
pub fn lagrange_multiplier(
    design: &Design<'_>,
    multiplier: Multiplier,
    effect: Effect,
) -> Result<Test, Error> {
    design.plain("a multiplier test")?;
    let fit = iid(&design.absorbing(|_| false))?;
    let (entity_name, period_name) = design.index_names();
    let n = design.n() as f64;
    let one = |name: &str| {
        let group = design.group(name)?;
        let mut sums = vec![0.0; group.n_levels()];
        let mut sizes = vec![0.0; group.n_levels()];
        for (u, &code) in fit.residuals().iter().zip(group.codes()) {
            sums[code as usize] += u;
            sizes[code as usize] += 1.0;
        }
        let a = sums.iter().map(|sum| sum * sum).sum::<f64>() / fit.sums().residual - 1.0;
        let m = sizes.iter().map(|size| size * size).sum::<f64>() - n;
        if m <= 0.0 {
            return Err(Error::from(TestError::NoRepetition { by: name.to_owned() }));
        }
        Ok((n * a / (2.0 * m).sqrt(), m))
    };
    let parts = match effect {
        Effect::Individual => vec![one(entity_name)?],
        Effect::Time => vec![one(period_name)?],
        Effect::TwoWays => vec![one(entity_name)?, one(period_name)?],
    };
    let both = parts.len() == 2;
    let sum = |of: &dyn Fn(f64, f64) -> f64| parts.iter().map(|&(lm, m)| of(lm, m)).sum::<f64>();
    let (who, statistic, distribution) = match multiplier {
        Multiplier::BreuschPagan => {
            ("Breusch-Pagan", sum(&|lm, _| lm * lm), Distribution::ChiSquared(parts.len()))
        }
        Multiplier::Honda => {
            let root = (parts.len() as f64).sqrt();
            ("Honda", sum(&|lm, _| lm) / root, Distribution::NormalUpper)
        }
        Multiplier::KingWu => {
            let root = sum(&|_, m| m).sqrt();
            ("King-Wu", sum(&|lm, m| m.sqrt() * lm) / root, Distribution::NormalUpper)
        }
        Multiplier::GourierouxHollyMonfort => {
            let variances = if both { Variances::Two } else { Variances::One };
            let distribution = Distribution::ChiBarSquared(variances);
            ("Gourieroux-Holly-Monfort", sum(&|lm, _| lm.max(0.0).powi(2)), distribution)
        }
    };
    let of = match effect {
        Effect::Individual => format!("`{entity_name}`"),
        Effect::Time => format!("`{period_name}`"),
        Effect::TwoWays => format!("`{entity_name}` and `{period_name}`"),
    };
    let name = format!("{who} multiplier test of random effects of {of}");
    Ok(Test::new(name, statistic, distribution, "significant effects"))
}
