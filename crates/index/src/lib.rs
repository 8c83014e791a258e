//! Composite indices, and what is computed from shares and neighbours.
//!
//! ```text
//! composite    indicators ─normalise─▶ z ─weigh─▶ w ─aggregate─▶ scores, sub-indices, contributions
//! concentration  location quotient, Herfindahl
//! inequality   Theil's T and L, Gini; within and between regions
//! coupling     coupling and coordination of systems
//! space        neighbours, Moran's I, its local form
//! ```
//!
//! A [`Scheme`] is data: every choice that moves a digit is written out in it, and a result says what
//! it rests on. Columns come from a [`panel::Panel`], and errors name the unit and the period.
//!
//! **Invariant:** nothing is imputed: a row without some indicator has no score, and a note says so.
//! **Invariant:** no NaN in a result; no IO, no clock, no global random state.
//! **Invariant:** results do not depend on the number of threads: sums are taken over pieces of fixed
//! size, in their order.

mod adjoint;
mod aggregate;
mod choice;
mod composite;
mod concentration;
mod coupling;
mod error;
mod frame;
mod inequality;
mod logarithm;
mod normalise;
mod period;
mod scheme;
mod source;
mod space;

mod tree;
mod weigh;

pub use adjoint::{Cotangent, pull_back};
pub use composite::{Composite, Dimension, Note, Weighed, composite, contributions};
pub use concentration::{Herfindahl, herfindahl, location_quotient};
pub use coupling::{Coordination, Coupling, CouplingSpec, coupling};
pub use error::{AhpError, Error, ShareError, SpaceError};
pub use inequality::{DagumPart, Gini, Inequality, InequalitySpec, RegionPart, Theil, inequality};
pub use scheme::{
    Aggregate, Direction, Indicator, Levels, Normalise, Over, Scheme, ShiftIn, Weighting,
};
pub use space::{
    Alternative, Geary, LocalMoran, LocalMoranSpec, Moment, Moran, MoranSpec, Neighbours,
    Permutations, Quadrant, Standardise, local_moran, moran,
};
pub use weigh::{
    Comparison, Comparisons, Components, Consistency, Entries, Keep, Priorities, Ratio,
};
