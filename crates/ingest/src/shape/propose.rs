//! What a file seems to be.
use std::path::Path;
use crate::Error;
/// x
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {}
/// x
pub fn propose(_path: &Path) -> Result<Proposal, Error> { Ok(Proposal {}) }
