//! What an audit is of, and what it says.
//!
//! `subject` finds the tables: a paper of the repository, a transcription, or a page that somebody
//! pasted. `shown` puts the outcome beside the tables for a reader. `beside` finds what explains a cell
//! that does not come out.

pub(crate) mod beside;
pub(crate) mod shown;
pub(crate) mod subject;
