//! From a panel to a file, whole or not at all.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use panel::{Column, Factor, Panel};
use polars::prelude::{DataFrame, NamedFrom, ParquetWriter, Series};

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

/// Writes a panel as Parquet: the key, then the columns by name; missing is null.
///
/// [`open`] reads the same panel again.
///
/// # Errors
///
/// [`Error::Io`]; the file at `path` is then as it was before.
///
/// [`open`]: crate::open
pub fn write_parquet(panel: &Panel, path: &Path) -> Result<(), Error> {
    whole(path, |file| {
        let index = panel.index();
        let whole_numbers: Option<Vec<i64>> =
            index.entity.labels().map(|label| label.parse().ok()).collect();
        let entity = match whole_numbers {
            Some(numbers) => {
                let codes = index.entity.codes().iter().map(|&code| numbers[code as usize]);
                Series::new(index.entity_name.as_str().into(), codes.collect::<Vec<i64>>())
            }
            None => strings(&index.entity_name, &index.entity),
        };
        let period = Series::new(index.period_name.as_str().into(), &index.period);
        let columns = panel.columns().iter().map(|(name, column)| match column {
            Column::Number(values) => {
                let values = values.iter().map(|&x| (!x.is_nan()).then_some(x));
                Series::new(name.as_str().into(), values.collect::<Vec<Option<f64>>>())
            }
            Column::Category(factor) => strings(name, factor),
        });
        let columns = [entity, period].into_iter().chain(columns).map(Into::into).collect();
        let mut frame = DataFrame::new(panel.n_rows(), columns)?;
        ParquetWriter::new(file).finish(&mut frame)?;
        Ok(())
    })
}

fn strings(name: &str, factor: &Factor) -> Series {
    let labels: Vec<String> = factor.labels().collect();
    let text = factor.codes().iter().map(|&code| labels.get(code as usize).map(String::as_str));
    Series::new(name.into(), text.collect::<Vec<Option<&str>>>())
}

fn shortest(x: f64) -> String {
    let text = format!("{x:?}");
    text.strip_suffix(".0").map(str::to_owned).filter(|t| t.len() < 16).unwrap_or(text)
}

/// Writes beside the file and renames, so that a reader never sees a part of it.
pub(crate) fn whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), Box<dyn std::error::Error>>,
) -> Result<(), Error> {
    let mut part = path.file_name().unwrap_or_default().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(part);
    let done = (|| {
        let mut file = BufWriter::new(File::create(&part)?);
        write(&mut file)?;
        file.flush()?;
        file.into_inner()?.sync_all()?;
        std::fs::rename(&part, path)?;
        Ok(())
    })();
    done.map_err(|error: Box<dyn std::error::Error>| {
        // Nothing to add to the first error if this fails too.
        let _ = std::fs::remove_file(&part);
        Error::Io { path: path.to_owned(), reason: error.to_string() }
    })
}
