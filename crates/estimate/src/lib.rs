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
//! **Invariant:** a [`Design`] holds no NaN. Missing data ends there.
//! **Invariant:** an estimate that cannot be computed is an [`Error`], never a NaN, and never a
//! result that says `converged: false`.
//! **Invariant:** no matrix has a row an observation and a column a level of a factor.
//! **Invariant:** results do not depend on the number of threads: sums are taken in a fixed order.

mod binary;
mod cholesky;
mod convention;
mod describe;
mod design;
mod distribution;
mod draws;
mod elimination;
mod error;
mod fit;
mod linear;
mod ls;
mod normal;
mod quality;
mod reduced;
mod regress;
#[allow(dead_code, reason = "covariances and tests to come use it")]
mod symmetric;
mod vcov;
mod within;

pub use binary::{
    At, BinaryFit, BinarySpec, ChiSquared, Classification, Information, Link, MarginSpec, PseudoR2,
    SmallSample, ZeroOne, binary, marginal_effects,
};
pub use cholesky::Cholesky;
pub use convention::{ClusterDf, Convention, Nested, Redundant, Rows, Singletons};
pub use describe::{Description, describe};
pub use design::{Design, Sample};
pub use distribution::{Reference, chi2_upper_tail, f_upper_tail};
pub use draws::Draws;
pub use error::Error;
pub use fit::{Coefficient, Correction, FTest, Fit, Note, Sums};
pub use linear::{Constant, Spec, fixed_effects, linear, pooled};
pub use normal::{Mills, mills, normal_cdf, normal_density};
pub use quality::{Explained, RSquared, explained, f_test, r_squared};
pub use vcov::{Hc, Vcov};
