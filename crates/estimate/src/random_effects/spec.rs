//! The choices of a random-effects model, as data.

use crate::texts;
use crate::{Convention, Vcov};

/// The choices of a random-effects model that move a digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomSpec {
    /// How the variances of the effects and of the errors are estimated.
    pub components: Components,
    /// Which effects are random.
    pub effect: Effect,
    /// What happens to a variance whose estimate is negative.
    pub negative: Negative,
    /// The covariance estimator.
    pub vcov: Vcov,
    /// Whose small-sample convention, and whose reference distribution.
    pub convention: Convention,
}

/// An estimator of the variance components.
///
/// With `q_w` the residual sum of squares within groups, `q_b = Σ_i T_i ū_i²` that of group means,
/// `T̄` the harmonic mean of the `T_i`, and `k` slopes:
///
/// | text | `σ̂_e²` from | `σ̂_u²` from | program |
/// |---|---|---|---|
/// | `swar` | within, `n − N − k` | the regression of means weighted by `T_i` | plm, `EViews`; gretl's `--unbalanced`; linearmodels' `small_sample` |
/// | `swar-stata` | the same | the same form, with residuals of the unweighted regression | `xtreg, re sa` |
/// | `swar-harmonic` | the same | the unweighted regression of means: `s_b² − σ̂_e²/T̄` | `xtreg, re`; gretl; linearmodels' default |
/// | `walhus` | pooled residuals | pooled residuals | plm |
/// | `amemiya` | within | within residuals, `y − x'β̂_w` | plm |
/// | `nerlove` | within, divided by `n` | the variance of the `N` estimated effects | plm |
///
/// The first three are the same number where all groups are of one size. `walhus` and `amemiya`
/// count no slopes in a balanced panel, and are unbiased in an unbalanced one, as in plm.
///
/// # Source
///
/// Swamy and Arora (1972); Baltagi and Chang (1994) for unbalanced panels; Wallace and Hussain
/// (1969); Amemiya (1971); Nerlove (1971).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Components {
    /// Swamy and Arora, means weighted by the size of their group.
    SwamyArora,
    /// Swamy and Arora, residuals of unweighted means in the weighted form.
    SwamyAroraStata,
    /// Swamy and Arora, a mean a group and the harmonic mean of sizes.
    SwamyAroraHarmonic,
    /// Wallace and Hussain.
    WallaceHussain,
    /// Amemiya.
    Amemiya,
    /// Nerlove.
    Nerlove,
}

/// Whose effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// An effect an entity.
    Individual,
    /// An effect a period.
    Time,
    /// Both.
    TwoWays,
}

/// What happens to a variance component whose estimate is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Negative {
    /// It is set to zero, and a note says so: Stata, plm from 2.6 and linearmodels.
    Zero,
    /// It is an error: plm before 2.6.
    Refuse,
}

texts!(
    Components,
    "estimator of variance components",
    SwamyArora = "swar",
    SwamyAroraStata = "swar-stata",
    SwamyAroraHarmonic = "swar-harmonic",
    WallaceHussain = "walhus",
    Amemiya = "amemiya",
    Nerlove = "nerlove"
);
texts!(Effect, "effect", Individual = "individual", Time = "time", TwoWays = "twoways");
texts!(Negative, "treatment of negative variances", Zero = "zero", Refuse = "error");
