//! Stata files, versions 102 to 119: only the columns that are asked for.
//!
//! - Numbers of any width are numbers; a `float` is the double nearest to what the file holds.
//! - A column of whole numbers all of which have a value label is a category of those labels. If
//!   some have none, it is numbers.
//! - `.` is missing, and so are `.a` to `.z`, which are counted in the account.
//! - Strings, long ones too, are labels; an empty one is missing.
//! - Strings before version 118 are Windows-1252, unless the source says otherwise; the account says
//!   so where it matters.
//! - A file that was cut short is an error, and memory is reserved for no more than it holds.
//! - Variable labels become what the account says of the columns.

mod extent;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File as Input;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dta::stata::dta::characteristic_reader::CharacteristicReader;
use dta::stata::dta::dta_error::DtaError;
use dta::stata::dta::dta_reader::DtaReader;
use dta::stata::dta::long_string_ref::LongStringRef;
use dta::stata::dta::long_string_table::LongStringTable;
use dta::stata::dta::value::Value;
use dta::stata::dta::value_label::ValueLabelSet;
use dta::stata::dta::value_label_table::ValueLabelTable;
use dta::stata::dta::variable::Variable;
use dta::stata::dta::variable_type::VariableType;
use dta::stata::missing_value::MissingValue;
use dta::stata::stata_byte::StataByte;
use dta::stata::stata_double::StataDouble;
use dta::stata::stata_float::StataFloat;
use dta::stata::stata_int::StataInt;
use dta::stata::stata_long::StataLong;
use panel::{Column, Factor, Name};

use self::extent::Counted;
use crate::account::ValueLabels;
use crate::error::StataError;
use crate::table::{File, Labels, Table, index, whole};
use crate::{Error, Key, text};

/// Bytes that a file needs for each variable, whatever its version: type, name, format, labels.
const VARIABLE: u64 = 20;

pub(crate) fn read<'a>(
    file: File<'a>,
    key: &Key,
    columns: Option<&[&str]>,
) -> Result<Table<'a>, Error> {
    // A panic of the reader on a damaged file is an error like any other.
    catch_unwind(AssertUnwindSafe(|| read_or_panic(file, key, columns)))
        .unwrap_or_else(|_| Err(damaged(file, "the file is damaged")))
}

fn damaged(file: File<'_>, reason: impl ToString) -> Error {
    let reason = reason.to_string();
    StataError::Damaged { file: file.name.to_owned(), reason }.into()
}

fn read_or_panic<'a>(
    file: File<'a>,
    key: &Key,
    columns: Option<&[&str]>,
) -> Result<Table<'a>, Error> {
    let broken = |error: DtaError| damaged(file, error);
    let mut reader = open(file)?;
    let rows = reader.header().observation_count();
    let named = |variable: &Variable| variable.name().to_owned();
    let names: Vec<String> = reader.schema().variables().iter().map(named).collect();
    let header: Vec<&str> = names.iter().map(String::as_str).collect();
    if header.is_empty() {
        return Err(Error::Empty { file: file.name.to_owned() });
    }
    let selection = file.select(&header, key, columns)?;
    if rows == 0 {
        return Err(Error::NoData { file: file.name.to_owned() });
    }

    reader.skip_to_end().map_err(broken)?;
    let mut reader = reader.into_record_reader().map_err(broken)?;
    let variables = reader.schema().variables().to_vec();
    let wanted: BTreeSet<usize> = selection
        .entity
        .into_iter()
        .chain(selection.period)
        .chain(selection.columns.iter().copied())
        .collect();
    let mut raw: BTreeMap<usize, Raw> =
        wanted.iter().map(|&at| (at, Raw::new(variables[at].variable_type()))).collect();
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    // Bytes of any text are some text in Windows-1252: whoever reads mojibake should know why.
    let guessed = file.hints.encoding.is_none() && reader.encoding() == encoding_rs::WINDOWS_1252;
    let mut foreign = variables.iter().any(|variable| !variable.label().is_ascii());
    let mut count = 0;
    while let Some(record) = reader.read_lazy_record().map_err(broken)? {
        for (&at, raw) in &mut raw {
            let is_key = Some(at) == selection.entity || Some(at) == selection.period;
            let value = record.value(at).map_err(broken)?;
            foreign |= matches!(&value, Value::String(text) if !text.is_ascii());
            if let Some(word) = raw.push(value)
                && !is_key
            {
                *words.entry(word).or_default() += 1;
            }
        }
        count += 1;
    }
    let mut long_strings = LongStringTable::for_reading();
    let mut value_labels = ValueLabelTable::new();
    let mut reader = reader.into_long_string_reader().map_err(broken)?;
    let encoding = reader.encoding();
    reader.read_remaining_into(&mut long_strings).map_err(broken)?;
    let mut reader = reader.into_value_label_reader().map_err(broken)?;
    reader.read_remaining_into(&mut value_labels).map_err(broken)?;
    if !reader.header().release().is_xml_like() {
        wanted.iter().try_for_each(|&at| there(file, &variables[at], &value_labels))?;
    }

    let (mut labels, mut coded) = (BTreeMap::new(), BTreeMap::new());
    let mut column = |at: usize| -> Result<(Name, Column), Error> {
        let (variable, raw) = (&variables[at], raw.remove(&at).unwrap_or(Raw::Number(Vec::new())));
        if !variable.label().is_empty() {
            labels.insert(names[at].clone(), variable.label().to_owned());
        }
        let column = match raw {
            Raw::Number(values) => {
                let codes = codes(variable, &value_labels);
                let column = labelled(values, &codes);
                // Years that were labels are numbers now; and so are entities that had none.
                let number = matches!(column, Column::Number(_));
                let is_number =
                    Some(at) == selection.period || Some(at) == selection.entity && number;
                if !codes.is_empty() && !is_number {
                    coded.insert(names[at].clone(), codes);
                }
                column
            }
            Raw::Text(labels) => {
                coded.insert(names[at].clone(), ValueLabels::new());
                Column::Category(labels.into_category())
            }
            Raw::Long(references) => {
                let mut text = Labels::default();
                for reference in &references {
                    let string = long_strings.get(reference);
                    let string = string.as_ref().and_then(|string| string.data_str(encoding));
                    text.push(string.as_deref().filter(|text| !text.is_empty()));
                }
                coded.insert(names[at].clone(), ValueLabels::new());
                Column::Category(text.into_category())
            }
        };
        Ok((names[at].clone(), column))
    };
    let who = selection.entity.map(&mut column).transpose()?;
    let when = selection.period.map(&mut column).transpose()?;
    let columns: Vec<(Name, Column)> =
        selection.columns.iter().map(|&at| column(at)).collect::<Result<_, _>>()?;
    let entity = who.map(|(name, column)| entities(file, name, column)).transpose()?;
    let period = when.map(|(name, column)| periods(file, name, &column)).transpose()?;
    let mut table = Table::new(file, index(key, count, entity, period), columns, words);
    table.labels = labels;
    table.value_labels = coded;
    if guessed && foreign {
        table.notes.push("Windows-1252".to_owned());
    }
    Ok(table)
}

/// Reads what is there, and that it is there: memory is reserved for what a file promises.
fn open(file: File<'_>) -> Result<CharacteristicReader<Counted<BufReader<Input>>>, Error> {
    let broken = |error: DtaError| damaged(file, error);
    let input = Input::open(file.path).map_err(|error| file.io(&error))?;
    let bytes = input.metadata().map_err(|error| file.io(&error))?.len();
    let promises = |what, promised| {
        Error::from(StataError::Promises { file: file.name.to_owned(), what, promised, bytes })
    };
    let mut reader = DtaReader::new();
    if let Some(encoding) = file.hints.encoding {
        reader = reader.encoding(text::charset(encoding));
    }
    let (input, read) = Counted::new(BufReader::with_capacity(1 << 16, input));
    let reader = reader.from_reader(input);
    let reader = reader.read_header().map_err(broken)?;
    let (variables, rows) = (reader.header().variable_count(), reader.header().observation_count());
    if u64::from(variables) * VARIABLE > bytes {
        return Err(promises("variables", variables.into()));
    }
    let reader = reader.read_schema().map_err(broken)?;
    let width: u64 = reader.schema().variables().iter().map(|v| width(v.variable_type())).sum();
    if rows.saturating_mul(width.max(1)) > bytes {
        return Err(promises("observations", rows));
    }
    extent::check(file, reader.header(), read.get(), rows * width)?;
    Ok(reader)
}

/// Whether the labels of a variable are in the file. Nothing else tells that one of the versions before
/// 117 was cut where a table of labels begins.
fn there(file: File<'_>, variable: &Variable, all: &ValueLabelTable) -> Result<(), Error> {
    let labels = variable.value_label_name();
    if labels.is_empty() || all.get(labels).is_some() {
        return Ok(());
    }
    let (file, column) = (file.name.to_owned(), variable.name().to_owned());
    Err(StataError::Unlabelled { file, column, labels: labels.to_owned() }.into())
}

fn width(kind: VariableType) -> u64 {
    match kind {
        VariableType::Byte => 1,
        VariableType::Int => 2,
        VariableType::Long | VariableType::Float => 4,
        VariableType::FixedString(width) => width.into(),
        _ => 8,
    }
}

/// A column as it comes, before labels are known.
enum Raw {
    Number(Vec<f64>),
    Text(Labels),
    Long(Vec<LongStringRef>),
}

impl Raw {
    fn new(kind: VariableType) -> Self {
        match kind {
            VariableType::FixedString(_) => Self::Text(Labels::default()),
            VariableType::LongString => Self::Long(Vec::new()),
            _ => Self::Number(Vec::new()),
        }
    }

    /// Takes a cell; the word of an extended missing value is to be counted.
    fn push(&mut self, value: Value<'_>) -> Option<String> {
        let number: Result<f64, MissingValue> = match value {
            Value::Byte(StataByte::Present(x)) => Ok(x.into()),
            Value::Int(StataInt::Present(x)) => Ok(x.into()),
            Value::Long(StataLong::Present(x)) => Ok(x.into()),
            Value::Float(StataFloat::Present(x)) => Ok(x.into()),
            Value::Double(StataDouble::Present(x)) => Ok(x),
            Value::Byte(StataByte::Missing(m))
            | Value::Int(StataInt::Missing(m))
            | Value::Long(StataLong::Missing(m))
            | Value::Float(StataFloat::Missing(m))
            | Value::Double(StataDouble::Missing(m)) => Err(m),
            Value::String(text) => {
                if let Self::Text(labels) = self {
                    labels.push(Some(&*text).filter(|text| !text.is_empty()));
                }
                return None;
            }
            Value::LongStringRef(reference) => {
                if let Self::Long(all) = self {
                    all.push(reference);
                }
                return None;
            }
        };
        if let Self::Number(all) = self {
            all.push(number.unwrap_or(f64::NAN));
        }
        number.err().filter(|missing| *missing != MissingValue::System).map(|m| m.to_string())
    }
}

/// The labels of a variable's codes; an empty label is none.
fn codes(variable: &Variable, all: &ValueLabelTable) -> ValueLabels {
    let entries = all.get(variable.value_label_name()).map_or(&[][..], ValueLabelSet::entries);
    let entries = entries.iter().filter(|entry| !entry.label().is_empty());
    entries.map(|entry| (entry.value(), entry.label().to_owned())).collect()
}

/// Labels, if every value has one; else the numbers.
fn labelled(values: Vec<f64>, codes: &ValueLabels) -> Column {
    // Two codes with one label would become one level.
    let distinct: BTreeSet<&String> = codes.values().collect();
    if codes.is_empty() || distinct.len() < codes.len() {
        return Column::Number(values);
    }
    let mut found = Labels::default();
    for &x in &values {
        let name = whole(x).and_then(|code| codes.get(&code));
        if name.is_none() && !x.is_nan() {
            return Column::Number(values);
        }
        found.push(name.map(String::as_str));
    }
    Column::Category(found.into_category())
}

fn entities(file: File<'_>, column: Name, values: Column) -> Result<Factor, Error> {
    let missing = |row: Option<usize>| match row {
        Some(row) => Err(Error::NoKey { place: file.place(row), column: column.clone() }),
        None => Ok(()),
    };
    match values {
        Column::Category(factor) => {
            missing(factor.codes().iter().position(|&code| code == Factor::MISSING))?;
            let names: Vec<String> = factor.labels().collect();
            let mut labels = Labels::default();
            let name = |&code: &u32| labels.push(names.get(code as usize).map(String::as_str));
            factor.codes().iter().for_each(name);
            Ok(labels.into_entity())
        }
        Column::Number(values) => {
            missing(values.iter().position(|x| x.is_nan()))?;
            let mut codes: Vec<i64> = Vec::with_capacity(values.len());
            for &x in &values {
                if x.fract() != 0.0 || x.abs() >= crate::table::EXACT {
                    let (file, found) = (file.name.to_owned(), "numbers with fractions".into());
                    return Err(Error::Type {
                        file,
                        column,
                        found,
                        expected: "whole numbers or labels",
                    });
                }
                // Exact: the line above has checked it.
                #[allow(clippy::cast_possible_truncation)]
                codes.push(x as i64);
            }
            Ok(Factor::from_numbers(&codes))
        }
    }
}

fn periods(file: File<'_>, column: Name, values: &Column) -> Result<Vec<i32>, Error> {
    // A year that is labelled, or stands as text, is the number that its label is.
    let texts: Vec<Option<String>> = match values {
        Column::Number(values) => {
            values.iter().map(|x| (!x.is_nan()).then(|| x.to_string())).collect()
        }
        Column::Category(factor) => {
            let names: Vec<String> = factor.labels().collect();
            factor.codes().iter().map(|&code| names.get(code as usize).cloned()).collect()
        }
    };
    let mut periods = Vec::with_capacity(texts.len());
    for (row, text) in texts.into_iter().enumerate() {
        let (place, column) = (file.place(row), column.clone());
        let Some(text) = text else { return Err(Error::NoKey { place, column }) };
        let period = text.trim().parse().ok().and_then(whole);
        periods.push(period.ok_or(Error::Period { place, column, text })?);
    }
    Ok(periods)
}
