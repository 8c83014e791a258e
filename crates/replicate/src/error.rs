//! Why a study cannot be run. All of these are bad input: exit status 2.

use std::fmt;
use std::path::PathBuf;

/// Where in a study file something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Why a study, or a command, cannot be run.
#[derive(Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No folder of studies.
    #[error("no studies under `{}`; run inside the repository or name its folder with --fixtures", .looked.display())]
    NoFixtures {
        /// Where they were looked for.
        looked: PathBuf,
    },
    /// No such study.
    #[error("no study `{key}`; there are {}", .known.join(", "))]
    NoStudy {
        /// The key asked for.
        key: String,
        /// The keys that exist.
        known: Vec<String>,
    },
    /// A file cannot be read or written.
    #[error("{}: {reason}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A study file says something that cannot be.
    #[error("{place}: {what}")]
    Study {
        /// Where.
        place: Place,
        /// What is wrong, and what would mend it.
        what: String,
    },
    /// A command line that cannot be carried out.
    #[error("{what}")]
    Usage {
        /// What is wrong, and what would mend it.
        what: String,
    },
    /// The transcription is broken.
    #[error(transparent)]
    Published(#[from] published::Error),
    /// What was pasted is no table.
    #[error(transparent)]
    Pasted(#[from] published::PasteError),
    /// What was said of the columns does not fit the paper.
    #[error(transparent)]
    Audit(#[from] audit::Error),
    /// The data cannot be had.
    #[error(transparent)]
    Ingest(#[from] ingest::Error),
    /// The model cannot be estimated.
    #[error(transparent)]
    Estimate(#[from] estimate::Error),
    /// A method that rests on linear models has no estimate.
    #[error(transparent)]
    Causal(#[from] causal::Error),
    /// A composite index cannot be computed.
    #[error(transparent)]
    Index(#[from] index::Error),
    /// Columns do not make a panel.
    #[error(transparent)]
    Panel(#[from] panel::Error),
    /// A formula does not parse.
    #[error(transparent)]
    Formula(#[from] panel::SyntaxError),
}
