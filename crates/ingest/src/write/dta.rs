//! Stata files, format 118 (Stata 14 and later).

use std::collections::BTreeMap;
use std::path::Path;

use dta::stata::dta::byte_order::ByteOrder;
use dta::stata::dta::dta_writer::DtaWriter;
use dta::stata::dta::header::Header;
use dta::stata::dta::long_string_table::LongStringTable;
use dta::stata::dta::release::Release;
use dta::stata::dta::schema::Schema;
use dta::stata::dta::value::Value;
use dta::stata::dta::variable::Variable;
use dta::stata::dta::variable_type::VariableType;
use dta::stata::missing_value::MissingValue;
use dta::stata::stata_double::StataDouble;
use dta::stata::stata_long::StataLong;
use panel::{Column, Factor, Name, Panel};

use super::whole;
use crate::Error;
use crate::error::StataError;

/// Stata's doubles end here; what is beyond stands for missing values.
const LARGEST: f64 = 8.988_465_674_311_579e307;
/// Stata's longs end here.
const LONG: std::ops::RangeInclusive<i64> = -2_147_483_647..=2_147_483_620;
/// Bytes of the longest string that is not a `strL`.
const SHORT: usize = 2045;
/// Characters of a name, and of a label of a variable.
const NAME: usize = 32;
const LABEL: usize = 80;

/// A column that has another name in a Stata file, since Stata allows letters, digits and `_` alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// Its name in the panel; in the file its label, if it has no other.
    pub column: Name,
    /// Its name in the file.
    pub name: String,
}

/// Writes a panel as a Stata file: the key, then the columns by name, and what they mean.
///
/// Numbers are doubles, the period and entities that are whole numbers are longs where they fit,
/// labels are strings. [`open`] reads the same panel again, unless a name had to change: those
/// are returned. A label of a variable ends after 80 characters.
///
/// # Errors
///
/// [`Error::Stata`] for a number beyond Stata's, a label that holds a NUL byte, and two names that
/// become one; [`Error::Io`]. The file at `path` is then as it was before.
///
/// [`open`]: crate::open
pub fn write_dta(
    panel: &Panel,
    labels: &BTreeMap<Name, String>,
    path: &Path,
) -> Result<Vec<Renamed>, Error> {
    let index = panel.index();
    let numbers: Option<Vec<i64>> = index.entity.labels().map(|label| label.parse().ok()).collect();
    let numbers = numbers.filter(|all| all.iter().all(|x| x.unsigned_abs() < 1 << 53));
    let mut all: Vec<(&Name, Cells)> = vec![
        match numbers {
            Some(numbers) => {
                let code = |&code: &u32| numbers[code as usize];
                (&index.entity_name, Cells::whole(index.entity.codes().iter().map(code).collect()))
            }
            None => (&index.entity_name, Cells::text(&index.entity_name, &index.entity)?),
        },
        (&index.period_name, Cells::whole(index.period.iter().map(|&t| t.into()).collect())),
    ];
    for (name, column) in panel.columns() {
        let cells = match column {
            Column::Number(values) => Cells::numbers(name, values)?,
            Column::Category(factor) => Cells::text(name, factor)?,
        };
        all.push((name, cells));
    }

    let mut renamed = Vec::new();
    let mut taken: BTreeMap<String, &Name> = BTreeMap::new();
    let mut schema = Schema::builder();
    for (name, cells) in &all {
        let legal = legal(name);
        if let Some(first) = taken.insert(legal.clone(), name) {
            let (first, second) = (first.clone(), (*name).clone());
            return Err(StataError::Names { first, second, name: legal }.into());
        }
        let mut label = labels.get(*name).cloned().unwrap_or_default();
        if legal != **name {
            renamed.push(Renamed { column: (*name).clone(), name: legal.clone() });
            if label.is_empty() {
                label.clone_from(name);
            }
        }
        let label: String = label.chars().filter(|c| *c != '\0').take(LABEL).collect();
        let variable = Variable::builder(cells.kind(), legal).format(cells.format()).label(label);
        schema = schema.add_variable(variable);
    }
    whole(path, |file| {
        let header = Header::builder(Release::V118, ByteOrder::LittleEndian).build();
        let writer = DtaWriter::new().from_writer(file).write_header(header)?;
        let writer = writer.write_schema(schema.build()?)?;
        let mut writer = writer.into_record_writer()?;
        let mut long = LongStringTable::for_writing();
        let mut record = Vec::with_capacity(all.len());
        for row in 0..panel.n_rows() {
            for (at, (_, cells)) in (1..).zip(&all) {
                record.push(cells.value(row, at, &mut long));
            }
            writer.write_record(&record)?;
            record.clear();
        }
        let mut writer = writer.into_long_string_writer()?;
        writer.write_long_string_table(&long)?;
        writer.into_value_label_writer()?.finish()?;
        Ok(())
    })?;
    Ok(renamed)
}

/// A column as Stata holds it.
enum Cells<'p> {
    Long(Vec<i64>),
    Double(Vec<f64>),
    Text { labels: Vec<String>, codes: &'p [u32], width: usize },
}

impl<'p> Cells<'p> {
    fn whole(values: Vec<i64>) -> Self {
        if values.iter().all(|x| LONG.contains(x)) {
            Self::Long(values)
        } else {
            Self::Double(values.into_iter().map(|x| x as f64).collect())
        }
    }

    fn numbers(name: &Name, values: &[f64]) -> Result<Self, Error> {
        match values.iter().find(|x| x.abs() >= LARGEST) {
            Some(&value) => Err(StataError::Range { column: name.clone(), value }.into()),
            None => Ok(Self::Double(values.to_vec())),
        }
    }

    fn text(name: &Name, factor: &'p Factor) -> Result<Self, Error> {
        let labels: Vec<String> = factor.labels().collect();
        if labels.iter().any(|label| label.contains('\0')) {
            let why = "a label holds a NUL byte, which Stata ends strings with";
            return Err(StataError::Text { column: name.clone(), why }.into());
        }
        if labels.iter().any(String::is_empty) {
            let why = "a label is empty, which Stata takes for missing";
            return Err(StataError::Text { column: name.clone(), why }.into());
        }
        let width = labels.iter().map(String::len).max().unwrap_or(1);
        Ok(Self::Text { labels, codes: factor.codes(), width })
    }

    fn kind(&self) -> VariableType {
        match self {
            Self::Long(_) => VariableType::Long,
            Self::Double(_) => VariableType::Double,
            Self::Text { width, .. } => match u16::try_from(*width) {
                Ok(short) if *width <= SHORT => VariableType::FixedString(short),
                _ => VariableType::LongString,
            },
        }
    }

    fn format(&self) -> String {
        match self {
            Self::Long(_) => "%12.0g".into(),
            Self::Double(_) => "%10.0g".into(),
            Self::Text { width, .. } if *width <= SHORT => format!("%{}s", (*width).max(9)),
            Self::Text { .. } => "%9s".into(),
        }
    }

    /// The cell of a row; `at` is the column, from 1.
    fn value<'v>(&'v self, row: usize, at: u32, long: &mut LongStringTable) -> Value<'v> {
        match self {
            // In range: it was looked at when the column was made.
            Self::Long(values) => Value::Long(
                i32::try_from(values[row])
                    .map_or(StataLong::Missing(MissingValue::System), StataLong::Present),
            ),
            Self::Double(values) if values[row].is_nan() => {
                Value::Double(StataDouble::Missing(MissingValue::System))
            }
            Self::Double(values) => Value::Double(StataDouble::Present(values[row])),
            Self::Text { labels, codes, width } => {
                let label = labels.get(codes[row] as usize).map_or("", String::as_str);
                if *width <= SHORT {
                    Value::string(label)
                } else {
                    Value::LongStringRef(long.get_or_insert(at, row as u64 + 1, label))
                }
            }
        }
    }
}

/// A name that Stata allows: letters, digits and `_`, no digit first, 32 characters.
fn legal(name: &str) -> String {
    let allowed = |c: char| if c.is_alphanumeric() || c == '_' { c } else { '_' };
    let mut legal: String = name.chars().map(allowed).collect();
    if legal.starts_with(|c: char| c.is_numeric()) || legal.is_empty() {
        legal.insert(0, '_');
    }
    legal.chars().take(NAME).collect()
}
