//! Linear panel estimators and their inference.
//!
//! ```text
//! Panel + Model ─Design─▶ y, X, D         the rows that can be used, finite by construction
//!               ─within─▶ M_D y, M_D X    the fixed effects are gone
//!               ─ls─────▶ β̂, û, (X'X)⁻¹   normal equations, with a rank check that names terms
//!               ─vcov───▶ V̂               bread, meat, and the factor of a named Convention
//!               ────────▶ Fit             what a table needs; owns everything, borrows nothing
//! ```
//!
//! | what | functions |
//! |---|---|
//! | least squares | [`linear`]: [`pooled`] or [`fixed_effects`]; [`two_stage`] with instruments |
//! | other columns | [`random_effects`], [`correlated_random_effects`], [`between`], [`first_difference`] |
//! | of a fit | [`r_squared`], [`explained`], [`f_test`], [`wald_test`], [`lincom`], [`wild_bootstrap`] |
//! | of a model | [`specification_test`] and the tests behind it; [`explain`] for two standard errors |
//! | likelihoods | [`binary`], [`marginal_effects`]; [`Basis`] for those of other crates |
//! | of a column | [`describe`] |
//! | derivatives by the data | [`Adjoint`], [`describe_back`] |
//!
//! What a method does not know (weights, slopes by level, instruments) it refuses by
//! [`Design::plain`].
//!
//! **Invariant:** a [`Design`] holds no NaN. Missing data ends there.
//! **Invariant:** an estimate that cannot be computed is an [`Error`], never a NaN, and never a
//! result that says `converged: false`.
//! **Invariant:** no matrix has a row an observation and a column a level of a factor.
//! **Invariant:** results do not depend on the number of threads: sums are taken in a fixed order.

mod absorbed;
mod adjoint;
mod auxiliary;
mod basis;
mod between;
mod binary;
mod choice;
mod cholesky;
mod convention;
mod correlated;
mod design;
mod elimination;
mod error;
mod explain;
mod first_difference;
mod fit;
mod groups;
mod indicators;
mod linear;
mod ls;
mod quality;
mod random_effects;
mod reduced;
mod regress;
mod test;
mod two_stage;
mod valued;
mod vcov;
mod weak;
mod weights;
mod wild;
mod within;

#[doc(hidden)] // The path by which `texts!` finds it from other crates.
pub use numbers;

pub use adjoint::{Adjoint, Cotangent, Gradient};
pub use basis::{Basis, inner_products, linear_index};
pub use between::{BetweenSpec, BetweenWeights, between};
pub use binary::{
    At, BinaryFit, BinarySpec, ChiSquared, Classification, Information, Link, MarginSpec, PseudoR2,
    SmallSample, ZeroOne, binary, binary_in, marginal_effects,
};
pub use cholesky::Cholesky;
pub use convention::{
    ClusterDf, Convention, Cr3, Indefinite, Intersection, Kernel, Lag, Multiway, Nested,
    RandomReference, Redundant, Rows, Singletons,
};
pub use correlated::{Correlated, correlated_random_effects};
pub use design::{Design, Sample};
pub use error::{EffectsError, Error, LikelihoodError, TestError};
pub use explain::{ExplainedTerm, Explanation, Ingredient, Part, Quantity, Side, explain};
pub use first_difference::{DifferenceSpec, Gaps, first_difference};
pub use fit::{Coefficient, Correction, Estimator, FTest, Fit, Note, Sums, WaldTest};
pub use linear::{Constant, Spec, fixed_effects, linear, pooled};
pub use numbers::{
    Description, Draws, Mills, Reference, chi_squared_upper_tail, describe, describe_back,
    f_upper_tail, mills, normal_cdf, normal_density, quantile,
};
pub use quality::{Explained, RSquared, explained, f_test, r_squared, wald_test};
pub use random_effects::{Components, Effect, Negative, Random, RandomSpec, Theta, random_effects};
pub use test::{
    Combination, Contrast, Dependence, Difference, Distribution, Hypothesis, HypothesisError,
    Inflation, Multiplier, Null, Regressors, Test, TestNote, TestSpec, Variances, breusch_godfrey,
    cross_section_dependence, effects_f, hausman, hausman_auxiliary, lagrange_multiplier, lincom,
    modified_wald, serial_difference, serial_within, specification_test, variance_inflation, wald,
};
pub use two_stage::{FirstStage, TwoStage, two_stage};
pub use vcov::{ClusterTerm, Hc, Vcov};
pub use weights::Weights;
pub use wild::{Tail, Ties, Wild, WildSpec, WildWeights, wild_bootstrap};
