//! The text of a cell as it stands in its file.

use crate::error::Place;
use crate::table::{File, Table};
use crate::{Error, Source, text, workbook};

/// Where a cell of a table stands, and its text, if the format has any.
pub(super) fn written(
    table: &Table<'_>,
    row: usize,
    column: &str,
    source: &Source,
) -> Result<(Place, Option<String>), Error> {
    let place = table.cell(row, column);
    let Some((segment, row)) = table.segment(row) else { return Ok((place, None)) };
    let file = segment.file;
    let is_text = matches!(file.extension().as_str(), "csv" | "tsv" | "tab" | "txt");
    if let Some(origins) = &segment.origins {
        let at = origins.columns.get(column).and_then(|cells| *cells.get(row)?);
        let Some(at) = at else { return Ok((place, None)) };
        let grid = if is_text {
            workbook::text_grid(file)?.0
        } else {
            let cells = source.cells.unwrap_or(workbook::CELLS);
            workbook::read(file, source.sheet.as_deref(), cells)?
        };
        return Ok((place, grid.get(at).map(crate::grid::Cell::text)));
    }
    let text = match &place {
        Place::Line(_, line) if is_text => in_records(file, *line, column),
        _ => None,
    };
    Ok((place, text))
}

/// The cell of a tidy text file; none of a file that is too large to be held as text.
fn in_records(file: File<'_>, line: u64, column: &str) -> Option<String> {
    let records = text::records(file).ok()?.rows;
    let at = records.first()?.cells.iter().position(|name| name.trim() == column)?;
    let record = records.iter().find(|record| record.line == line)?;
    record.cells.get(at).cloned()
}
