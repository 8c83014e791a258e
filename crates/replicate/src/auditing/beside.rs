//! What an audit says of cells that do not come out.

use std::path::Path;

use audit::{Cell, Finding};
use report::replication::{Compared, Explained, Part, PartKind, Verdict};

use super::subject;
use crate::Error;

/// A line below a table for each cell that is off or declared to differ and of which an audit of the
/// printed cells has a finding: its first, which is its most severe.
pub(crate) fn explain(folder: &Path, key: &str, tables: &mut [Compared]) -> Result<(), Error> {
    let differs = |part: &&Part| matches!(part.verdict, Verdict::Off | Verdict::Declared);
    if !tables.iter().flat_map(Compared::parts).any(|part| differs(&part)) {
        return Ok(());
    }
    let Some(subject) = subject::in_folder(folder, key)? else { return Ok(()) };
    let audit = audit::audit(&subject.paper, &subject.schema)?;
    let stands = |it: &&Finding| it.verdict != audit::Verdict::Consistent;
    let findings: Vec<&Finding> = audit.findings.iter().filter(stands).collect();
    for table in tables {
        let mut lines: Vec<Explained> = Vec::new();
        for row in &table.rows {
            for (cell, column) in row.cells.iter().zip(&table.columns) {
                for part in cell.parts.iter().filter(differs) {
                    let Some(part) = counterpart(part.part) else { continue };
                    let (table, column, row) =
                        (table.id.clone(), column.clone(), row.label.clone());
                    let cell = Cell { table, column, row, part };
                    if let Some(finding) = findings.iter().find(|it| it.cells.contains(&cell)) {
                        let says = format!(
                            "{cell}: {}; see `panelproof audit {key}`",
                            finding.explanation
                        );
                        lines.push(Explained { row: cell.row, column: cell.column, says });
                    }
                }
            }
        }
        table.findings = lines;
    }
    Ok(())
}

/// What an audit calls a part of a cell; words are not audited.
fn counterpart(part: PartKind) -> Option<audit::Part> {
    match part {
        PartKind::Value => Some(audit::Part::Estimate),
        PartKind::Uncertainty => Some(audit::Part::Uncertainty),
        PartKind::Stars => Some(audit::Part::Stars),
        PartKind::Words => None,
    }
}
