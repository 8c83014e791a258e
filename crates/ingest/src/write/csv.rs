//! Comma-separated text.

use std::path::Path;

use panel::{Column, Panel};

use super::whole;
use crate::Error;

/// Writes a panel as comma-separated text: the key, then the columns by name.
///
/// Numbers are as short as they can be and read back as they were; missing is empty. [`open`]
/// reads the same panel again, unless a label looks like a number or like a missing value.
///
/// # Errors
///
/// [`Error::Io`]; the file at `path` is then as it was before.
///
/// [`open`]: crate::open
pub fn write_csv(panel: &Panel, path: &Path) -> Result<(), Error> {
    whole(path, |file| {
        let index = panel.index();
        let mut writer = csv::Writer::from_writer(file);
        writer.write_field(&index.entity_name)?;
        writer.write_field(&index.period_name)?;
        writer.write_record(panel.columns().keys())?;
        let entities: Vec<String> = index.entity.labels().collect();
        let columns: Vec<(&Column, Vec<String>)> = panel
            .columns()
            .values()
            .map(|column| match column {
                Column::Number(_) => (column, Vec::new()),
                Column::Category(factor) => (column, factor.labels().collect()),
            })
            .collect();
        for (row, (&code, period)) in index.entity.codes().iter().zip(&index.period).enumerate() {
            writer.write_field(&entities[code as usize])?;
            writer.write_field(period.to_string())?;
            for (column, labels) in &columns {
                match column {
                    Column::Number(values) if values[row].is_nan() => writer.write_field("")?,
                    // The shortest text that reads back, with an exponent where it is long.
                    Column::Number(values) => writer.write_field(shortest(values[row]))?,
                    Column::Category(factor) => {
                        let label = labels.get(factor.codes()[row] as usize);
                        writer.write_field(label.map_or("", String::as_str))?;
                    }
                }
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush().map_err(Into::into)
    })
}

fn shortest(x: f64) -> String {
    let text = format!("{x:?}");
    text.strip_suffix(".0").map(str::to_owned).filter(|t| t.len() < 16).unwrap_or(text)
}
