//! A file a check.

pub(crate) mod stars;
