//! What printed tables prove about themselves.
//!
//! ```text
//! Transcription ──▶ sheet: every printed number, as an interval
//! Schema        ──▶ facts: what is known of each column, stated or inferred
//!                     └──▶ checks: equations between cells ──▶ verdicts ──▶ repairs ──▶ Audit
//! ```
//!
//! A printed number is the interval of all that rounds to it. An equation between printed numbers
//! holds if some numbers within their intervals satisfy it; intervals round outward, so what cannot
//! hold in them cannot hold. What is not known of a column, such as its kind of standard error, is tried under
//! every possibility in use; a finding is [`Verdict::Impossible`] only if it fails under all.
//!
//! **Invariant:** tables that correct software printed from one sample never give an impossible finding.
//! **Invariant:** no IO, no data, no estimator; findings state arithmetic, never motive.
//!
//! ```
//! use audit::{Schema, Verdict, audit};
//!
//! let paper = published::Transcription::parse("published.toml", r#"
//! [paper]
//! id = "x"
//! title = "X"
//! authors = ["X"]
//!
//! [[table]]
//! id = "4"
//! title = "Baseline"
//! kind = "regression"
//! uncertainty = "t statistic"
//! stars = [0.05, 0.01, 0.001]
//! columns = ["(1)"]
//! rows = [["Fis", "0.225*** (2.67)"]]
//! "#)?;
//! let audit = audit(&paper, &Schema::default())?;
//! assert_eq!(audit.findings[0].verdict, Verdict::Impossible);
//! assert_eq!(audit.findings[0].cells[0].to_string(), "4/(1)/Fis/stars");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checks;
mod equation;
mod error;
mod facts;
mod interval;
mod names;
mod outcome;
mod reading;
mod repair;
mod run;
mod schema;
mod sheet;
mod words;

pub use error::Error;
pub use interval::Interval;
pub use outcome::{
    Audit, Cell, Convention, Counts, Edit, Finding, Inference, Part, Repair, Severity, Unchecked,
    Verdict,
};
pub use run::audit;
pub use schema::Schema;
