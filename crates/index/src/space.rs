//! What neighbours have in common.

mod local;
mod moran;
mod neighbours;
mod permute;

pub use local::{LocalMoran, LocalMoranSpec, Moment, Quadrant, local_moran};
pub use moran::{Geary, Moran, MoranSpec, moran};
pub use neighbours::{Neighbours, Standardise};
pub use permute::{Alternative, Permutations};
