//! Parquet, through polars.

use std::path::Path;

use panel::{Column, Factor, Panel};
use polars::prelude::{DataFrame, NamedFrom, ParquetWriter, Series};

use super::whole;
use crate::Error;

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
