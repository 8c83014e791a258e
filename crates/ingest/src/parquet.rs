//! Parquet: only the columns that are asked for, freed one by one.
//!
//! Numbers of any width, truth values (0 and 1) and strings are read; strings are labels and
//! are never read as numbers. Null and NaN are missing.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use panel::{Column, Factor, Name};
use polars::prelude::{
    ArrowDataType, DataType, ParquetReader, PlSmallStr, PolarsError, SerReader, Series,
};

use crate::table::{EXACT, File, Labels, Table, index, whole};
use crate::{Error, Key};

pub(crate) fn read<'a>(
    file: File<'a>,
    key: &Key,
    columns: Option<&[&str]>,
) -> Result<Table<'a>, Error> {
    // Polars panics on some damaged files; for us that is an error like any other.
    catch_unwind(AssertUnwindSafe(|| read_or_panic(file, key, columns))).unwrap_or_else(|_| {
        Err(Error::Parquet { file: file.name.to_owned(), reason: "the file is damaged".into() })
    })
}

fn read_or_panic<'a>(
    file: File<'a>,
    key: &Key,
    columns: Option<&[&str]>,
) -> Result<Table<'a>, Error> {
    let fail = |error: PolarsError| Error::Parquet {
        file: file.name.to_owned(),
        reason: error.to_string(),
    };
    let input = std::fs::File::open(file.path).map_err(|error| file.io(&error))?;
    let mut reader = ParquetReader::new(input);
    // Without the writer's notes on Arrow types, dictionaries are what they stand for: strings.
    let mut metadata = reader.get_metadata().map_err(fail)?.as_ref().clone();
    metadata.key_value_metadata = None;
    reader.set_metadata(Arc::new(metadata));
    let schema = reader.schema().map_err(fail)?;
    let header: Vec<&str> = schema.iter_names().map(PlSmallStr::as_str).collect();
    if header.is_empty() {
        return Err(Error::Empty { file: file.name.to_owned() });
    }
    let selection = file.select(&header, key, columns)?;
    let wanted: Vec<usize> =
        selection.entity.into_iter().chain(selection.period).chain(selection.columns).collect();
    for &at in &wanted {
        if let Some((name, field)) = schema.get_at_index(at)
            && !is_readable(&field.dtype)
        {
            return Err(wrong(file, name, format!("{:?}", field.dtype)));
        }
    }
    let rows = reader.num_rows().map_err(fail)?;
    if rows == 0 {
        return Err(Error::NoData { file: file.name.to_owned() });
    }

    let names: Vec<String> = wanted.iter().map(|&at| header[at].to_owned()).collect();
    let frame = reader.with_columns(Some(names)).finish().map_err(fail)?;
    let (mut entity, mut period, mut columns) = (None, None, Vec::new());
    let mut words = BTreeMap::new();
    for column in frame.into_columns() {
        let name = column.name().to_string();
        let series = column.take_materialized_series();
        if key.entity.as_ref() == Some(&name) {
            entity = Some(entities(file, &series)?);
        } else if key.period.as_ref() == Some(&name) {
            period = Some(periods(file, &series)?);
        } else {
            let column = match series.dtype() {
                DataType::String => {
                    Column::Category(labels(&series).map_err(fail)?.into_category())
                }
                _ => Column::Number(numbers(file, &series, &mut words)?),
            };
            columns.push((name, column));
        }
    }
    Ok(Table::new(file, index(key, rows, entity, period), columns, words))
}

/// Types that this build of polars holds without panicking, and that are numbers or labels.
fn is_readable(found: &ArrowDataType) -> bool {
    use ArrowDataType as A;
    matches!(
        found,
        A::Boolean | A::Int32 | A::Int64 | A::UInt32 | A::UInt64 | A::Float32 | A::Float64
    ) || matches!(found, A::Utf8 | A::LargeUtf8 | A::Utf8View | A::Null)
}

fn wrong(file: File<'_>, column: &str, found: impl Into<String>) -> Error {
    Error::Type {
        file: file.name.to_owned(),
        column: column.to_owned(),
        found: found.into(),
        expected: "32- or 64-bit numbers, truth values or strings",
    }
}

fn labels(series: &Series) -> Result<Labels, PolarsError> {
    let mut labels = Labels::default();
    series.str()?.iter().for_each(|label| labels.push(label));
    Ok(labels)
}

fn numbers(
    file: File<'_>,
    series: &Series,
    words: &mut BTreeMap<String, usize>,
) -> Result<Vec<f64>, Error> {
    let column = || series.name().to_string();
    let convert = |_| wrong(file, series.name(), series.dtype().to_string());
    let inexact = |row: usize| {
        let text = series.get(row).map(|value| value.to_string()).unwrap_or_default();
        Error::Inexact { place: file.place(row), column: column(), text }
    };
    let floats = series.cast(&DataType::Float64).map_err(convert)?;
    let floats = floats.f64().map_err(convert)?;
    let is_wide = matches!(series.dtype(), DataType::Int64 | DataType::UInt64);
    let mut numbers = Vec::with_capacity(series.len());
    for (row, x) in floats.iter().enumerate() {
        match x {
            Some(x) if x.is_nan() => *words.entry("NaN".into()).or_default() += 1,
            // Rounding to `f64` may reach 2^53 from above, so the bound itself is out.
            Some(x) if is_wide && x.abs() >= EXACT => return Err(inexact(row)),
            Some(x) if x.is_infinite() => {
                let text = x.to_string();
                return Err(Error::NotFinite { place: file.place(row), column: column(), text });
            }
            _ => {}
        }
        numbers.push(x.unwrap_or(f64::NAN));
    }
    Ok(numbers)
}

fn no_key(file: File<'_>, series: &Series, row: usize) -> Error {
    Error::NoKey { place: file.place(row), column: series.name().to_string() }
}

fn entities(file: File<'_>, series: &Series) -> Result<Factor, Error> {
    let convert = |_| wrong(file, series.name(), series.dtype().to_string());
    if series.dtype() == &DataType::String {
        let labels = labels(series).map_err(convert)?;
        let blank = |label: Option<&str>| label.is_none_or(str::is_empty);
        return match series.str().map_err(convert)?.iter().position(blank) {
            Some(row) => Err(no_key(file, series, row)),
            None => Ok(labels.into_category()),
        };
    }
    if !matches!(series.dtype(), DataType::Int32 | DataType::Int64 | DataType::UInt32) {
        let expected = "32- or 64-bit signed integers or strings";
        let (column, found): (Name, _) = (series.name().to_string(), series.dtype().to_string());
        return Err(Error::Type { file: file.name.to_owned(), column, found, expected });
    }
    let series = series.cast(&DataType::Int64).map_err(convert)?;
    let mut codes = Vec::with_capacity(series.len());
    for (row, code) in series.i64().map_err(convert)?.iter().enumerate() {
        codes.push(code.ok_or_else(|| no_key(file, &series, row))?);
    }
    Ok(Factor::from_numbers(&codes))
}

fn periods(file: File<'_>, series: &Series) -> Result<Vec<i32>, Error> {
    if matches!(series.dtype(), DataType::String | DataType::Boolean | DataType::Null) {
        let (column, found): (Name, _) = (series.name().to_string(), series.dtype().to_string());
        let expected = "whole numbers";
        return Err(Error::Type { file: file.name.to_owned(), column, found, expected });
    }
    let mut periods = Vec::with_capacity(series.len());
    for (row, x) in numbers(file, series, &mut BTreeMap::new())?.into_iter().enumerate() {
        if x.is_nan() {
            return Err(no_key(file, series, row));
        }
        let (column, text) = (series.name().to_string(), x.to_string());
        let period = whole(x);
        periods.push(period.ok_or_else(|| Error::Period {
            place: file.place(row),
            column,
            text,
        })?);
    }
    Ok(periods)
}
