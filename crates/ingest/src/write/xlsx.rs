//! Workbooks: the panel on one sheet, its account on another.

use std::io::Write;
use std::path::Path;

use panel::{Column, Panel};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet};

use super::whole;
use crate::error::WorkbookError;
use crate::workbook::ACCOUNT;
use crate::{Account, Error};

/// Rows of a sheet, the header among them.
const ROWS: usize = 1 << 20;
/// Columns of a sheet.
const COLUMNS: usize = 1 << 14;
/// Characters of a cell, as UTF-16 counts them.
const TEXT: usize = 32_767;

/// Writes a panel as a workbook: the key and the columns by name on a sheet `data`, and what
/// happened on the way on a sheet `account`.
///
/// Missing is an empty cell. [`open`] reads the same panel again, unless a label looks like a number
/// or like a missing value.
///
/// # Errors
///
/// [`Error::Workbook`] if the panel does not fit on a sheet or a label into a cell; [`Error::Io`].
/// The file at `path` is then as it was before.
///
/// [`open`]: crate::open
pub fn write_xlsx(panel: &Panel, account: &Account, path: &Path) -> Result<(), Error> {
    let index = panel.index();
    let columns = panel.columns().len() + 2;
    let rows = panel.n_rows() + 1;
    if rows > ROWS || columns > COLUMNS {
        return Err(WorkbookError::Sheet { rows, columns }.into());
    }
    let factors = panel.columns().iter().filter_map(|(name, column)| match column {
        Column::Category(factor) => Some((name, factor)),
        Column::Number(_) => None,
    });
    for (name, factor) in factors.chain([(&index.entity_name, &index.entity)]) {
        if let Some(label) = factor.labels().find(|label| label.encode_utf16().count() > TEXT) {
            let label = label.chars().take(20).collect();
            return Err(WorkbookError::Label { column: name.clone(), label }.into());
        }
    }
    whole(path, |file| {
        let mut book = Workbook::new();
        // The same panel makes the same file.
        let day = ExcelDateTime::from_ymd(2000, 1, 1)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&day));
        data(book.add_worksheet().set_name("data")?, panel)?;
        let sheet = book.add_worksheet().set_name(ACCOUNT)?;
        sheet.write_string(0, 0, "account")?;
        let labels = account.labels.iter().map(|(name, label)| format!("{name}: {label}"));
        let lines = account.entries.iter().map(ToString::to_string).chain(labels);
        for (row, line) in (1..).zip(lines.take(ROWS - 1)) {
            sheet.write_string(row, 0, line.chars().take(TEXT / 2).collect::<String>())?;
        }
        file.write_all(&book.save_to_buffer()?)?;
        Ok(())
    })
}

fn data(sheet: &mut Worksheet, panel: &Panel) -> Result<(), Box<dyn std::error::Error>> {
    let index = panel.index();
    sheet.write_string(0, 0, &index.entity_name)?;
    sheet.write_string(0, 1, &index.period_name)?;
    let entities: Vec<String> = index.entity.labels().collect();
    // A whole number that a double holds is a number; a longer one is text, digit for digit.
    let number = |label: &String| label.parse::<i64>().ok().filter(|x| x.unsigned_abs() < 1 << 53);
    let numbers: Option<Vec<i64>> = entities.iter().map(number).collect();
    for (row, (&code, &period)) in (1..).zip(index.entity.codes().iter().zip(&index.period)) {
        match &numbers {
            Some(numbers) => sheet.write_number(row, 0, numbers[code as usize] as f64)?,
            None => sheet.write_string(row, 0, &entities[code as usize])?,
        };
        sheet.write_number(row, 1, period)?;
    }
    for (at, (name, column)) in (2..).zip(panel.columns()) {
        sheet.write_string(0, at, name)?;
        match column {
            Column::Number(values) => {
                for (row, &x) in (1..).zip(values).filter(|(_, x)| !x.is_nan()) {
                    sheet.write_number(row, at, x)?;
                }
            }
            Column::Category(factor) => {
                let labels: Vec<String> = factor.labels().collect();
                for (row, &code) in (1..).zip(factor.codes()) {
                    if let Some(label) = labels.get(code as usize) {
                        sheet.write_string(row, at, label)?;
                    }
                }
            }
        }
    }
    Ok(())
}
