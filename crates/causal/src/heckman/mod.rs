//! Heckman's selection model: an outcome that is seen only where something else was chosen.
//!
//! ```text
//! y_i = x_i'β + u_i          seen where d_i = 1
//! d_i = 1[z_i'γ + v_i > 0]   (u, v) jointly normal, V(v) = 1, V(u) = σ², corr(u, v) = ρ
//!
//! E(y | d = 1) = x'β + ρσ λ(z'γ),   λ = φ/Φ, the inverse Mills ratio
//! ```
//!
//! | function | is | agrees with |
//! |---|---|---|
//! | [`two_step`] | probit, then least squares with `λ̂`, errors corrected for its estimation | Stata `heckman, twostep`; sampleSelection `selection(method = "2step")` |
//! | [`likelihood`] | full maximum likelihood | Stata `heckman`; sampleSelection `selection(method = "ml")` |
//! | [`mills_ratio`] | probit, and `λ̂` as a column for any estimator | what applied papers do: fixed effects, clusters |
//!
//! # Assumptions
//!
//! Joint normality is what identifies `ρ` when nothing moves selection but not the outcome: `λ` is
//! then a function of `x` alone, and nearly a straight line. An outcome says so in its notes.
//! The errors of an ordinary regression on `λ̂` take it for data. They are right only if `ρ = 0`.
//!
//! # Source
//!
//! Heckman (1979), Sample selection bias as a specification error, *Econometrica* 47; Greene
//! (1981) for the covariance; Greene (2003), §22.4; Wooldridge (2010), §19.6.

mod columns;
mod derivatives;
mod likelihood;
mod mills;
mod outcome;
mod sample;
mod spec;
mod two_step;

pub use likelihood::likelihood;
pub use mills::{MillsRatio, mills_cotangent, mills_ratio};
pub use outcome::{Estimated, Likelihood, Note, TwoStep};
pub use spec::{Form, LikelihoodSpec, LikelihoodVcov, MillsSpec, Rho, TwoStepSpec};
pub use two_step::two_step;
