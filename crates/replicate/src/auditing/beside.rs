//! What an audit says of cells that do not come out.

use std::path::Path;

use report::replication::{Compared, PartKind, Verdict};

use super::subject;
use crate::Error;

/// A line below every table for each cell that is off or declared to differ, and among cells that cannot
/// all be right as printed.
pub(crate) fn explain(folder: &Path, key: &str, tables: &mut [Compared]) -> Result<(), Error> {
    let differs = |verdict: Verdict| matches!(verdict, Verdict::Off | Verdict::Declared);
    if !tables.iter().flat_map(Compared::parts).any(|part| differs(part.verdict)) {
        return Ok(());
    }
    let Some(subject) = subject::in_folder(folder, key)? else { return Ok(()) };
    let audit = audit::audit(&subject.paper, &subject.schema)?;
    let impossible = || audit.findings.iter().filter(|it| it.verdict == audit::Verdict::Impossible);
    for table in tables {
        let mut cells: Vec<String> = Vec::new();
        for row in &table.rows {
            for (cell, column) in row.cells.iter().zip(&table.columns) {
                for part in cell.parts.iter().filter(|part| differs(part.verdict)) {
                    let kind = match part.part {
                        PartKind::Value => audit::Part::Estimate,
                        PartKind::Uncertainty => audit::Part::Uncertainty,
                        PartKind::Stars => audit::Part::Stars,
                        PartKind::Words => continue,
                    };
                    let of = audit::Cell {
                        table: table.id.clone(),
                        column: column.clone(),
                        row: row.label.clone(),
                        part: kind,
                    };
                    if impossible().any(|finding| finding.cells.contains(&of)) {
                        cells.push(of.to_string());
                    }
                }
            }
        }
        if !cells.is_empty() {
            table.notes.push(format!(
                "audit: {} among printed cells that cannot all be right; see `panelproof audit {key}`",
                cells.join(", ")
            ));
        }
    }
    Ok(())
}
