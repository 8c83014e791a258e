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
mod schema;
mod sheet;

use facts::Facts;
use published::Transcription;
use sheet::Sheet;

pub use error::Error;
pub use interval::Interval;
pub use outcome::{
    Audit, Cell, Convention, Counts, Edit, Finding, Inference, Part, Repair, Severity, Unchecked,
    Verdict,
};
pub use schema::Schema;

use equation::{Equation, Holds};

/// Everything that the printed cells prove, by arithmetic alone.
///
/// # Errors
///
/// [`Error::Unknown`] if the schema names what the paper does not have, [`Error::Contradiction`] if
/// its statements cannot hold together or with what is printed.
pub fn audit(paper: &Transcription, schema: &Schema) -> Result<Audit, Error> {
    let sheet = Sheet::new(paper);
    let facts = Facts::new(paper, schema, &sheet)?;
    let mut equations: Vec<Box<dyn Equation>> = Vec::new();
    for column in &facts.columns {
        let cells: Vec<usize> = column.estimates().collect();
        let reading = reading::read(&sheet, &cells, column.declared, column.legend);
        checks::stars::equations(column, &reading, &sheet, &mut equations);
    }
    let mut findings: Vec<Finding> = equations.iter().map(|it| finding(&**it, &sheet)).collect();
    findings.sort_by_key(|it| {
        let rank = match it.verdict {
            Verdict::Impossible => 0,
            Verdict::NeedsAssumption(_) => 1,
            Verdict::Consistent => 2,
        };
        (rank, std::cmp::Reverse(it.severity))
    });
    let mut counts = Counts { cells: sheet.entries.len(), ..Counts::default() };
    counts.equations = findings.len();
    for finding in &findings {
        match finding.verdict {
            Verdict::Consistent => counts.consistent += 1,
            Verdict::NeedsAssumption(_) => counts.needs_assumption += 1,
            Verdict::Impossible => counts.impossible += 1,
        }
    }
    let mut read = vec![false; sheet.entries.len()];
    for slot in equations.iter().flat_map(|it| it.reads()) {
        read[slot.entry] = true;
    }
    counts.unchecked = read.iter().filter(|&&it| !it).count();
    Ok(Audit {
        findings,
        conventions: Vec::new(),
        inferred: facts.inferred,
        unchecked: facts.unchecked,
        counts,
    })
}

fn finding(equation: &dyn Equation, sheet: &Sheet<'_>) -> Finding {
    let (verdict, severity) = match equation.judge(sheet) {
        Holds::Yes => (Verdict::Consistent, Severity::None),
        Holds::If(assumption) => {
            (Verdict::NeedsAssumption(assumption.into_owned()), equation.severity())
        }
        Holds::No => (Verdict::Impossible, equation.severity()),
    };
    let shown = equation.show(sheet);
    Finding {
        check: equation.check(),
        verdict,
        cells: equation.reads().iter().map(|&slot| sheet.cell(slot)).collect(),
        printed: shown.printed.map(Interval::ends),
        implied: shown.implied.map(Interval::ends),
        explanation: shown.explanation,
        severity,
        repairs: Vec::new(),
    }
}
