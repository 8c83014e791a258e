//! Stata files, format 118 (Stata 14 and later).

mod labels;

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

use self::labels::Coded;
use super::whole;
use crate::error::StataError;
use crate::{Account, Error, ValueLabels};

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
/// Numbers are doubles, the period and entities that are whole numbers are longs where they fit.
/// Categories are longs with value labels: the codes that the account has for their labels, else 1, 2,
/// … in the order of the labels. What was strings in a Stata file is strings again; and so is a
/// category of more than 65,536 labels, or of one that is longer than 32,000 bytes. Entities are strings,
/// since codes of two files need not be the same, unless the account has codes for them. Numbers keep
/// the value labels that the account has for them.
///
/// [`open`] reads the same panel again, unless a name had to change: those are returned. A label of a
/// variable ends after 80 characters.
///
/// # Errors
///
/// [`Error::Stata`] for a number beyond Stata's, a label that is empty or holds a NUL byte, and two names
/// that become one; [`Error::Io`]. The file at `path` is then as it was before.
///
/// [`open`]: crate::open
pub fn write_dta(panel: &Panel, account: &Account, path: &Path) -> Result<Vec<Renamed>, Error> {
    let index = panel.index();
    let (who, when) = (&index.entity_name, &index.period_name);
    let codes = |name: &Name| account.value_labels.get(name);
    let period = Cells::whole(index.period.iter().map(|&t| t.into()).collect());
    let mut all = vec![(who, entities(who, &index.entity, codes(who))?), (when, (period, None))];
    for (name, column) in panel.columns() {
        let cells = match column {
            Column::Number(values) => {
                let labels = codes(name).filter(|labels| !labels.is_empty());
                (Cells::numbers(name, values)?, labels.cloned())
            }
            Column::Category(factor) => {
                let strings = codes(name).is_some_and(ValueLabels::is_empty);
                let fresh = || labels::fresh(factor).filter(|_| !strings);
                let kept = codes(name).and_then(|codes| labels::kept(factor, codes));
                category(name, factor, kept.or_else(fresh))?
            }
        };
        all.push((name, cells));
    }

    let mut renamed = Vec::new();
    let mut taken: BTreeMap<String, &Name> = BTreeMap::new();
    let mut schema = Schema::builder();
    let mut sets = Vec::new();
    for (name, (cells, codes)) in &all {
        let legal = legal(name);
        if let Some(first) = taken.insert(legal.clone(), name) {
            let (first, second) = (first.clone(), (*name).clone());
            return Err(StataError::Names { first, second, name: legal }.into());
        }
        let mut label = account.labels.get(*name).cloned().unwrap_or_default();
        if legal != **name {
            renamed.push(Renamed { column: (*name).clone(), name: legal.clone() });
            if label.is_empty() {
                label.clone_from(name);
            }
        }
        let label: String = label.chars().filter(|c| *c != '\0').take(LABEL).collect();
        let mut variable =
            Variable::builder(cells.kind(), &legal).format(cells.format()).label(label);
        if let Some(codes) = codes {
            variable = variable.value_label_name(&legal);
            sets.push((legal, codes));
        }
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
            for (at, (_, (cells, _))) in (1..).zip(&all) {
                record.push(cells.value(row, at, &mut long));
            }
            writer.write_record(&record)?;
            record.clear();
        }
        let mut writer = writer.into_long_string_writer()?;
        writer.write_long_string_table(&long)?;
        let mut writer = writer.into_value_label_writer()?;
        let table = labels::table(&sets)?;
        for set in sets.iter().filter_map(|(name, _)| table.get(name)) {
            writer.write_value_label_set(set)?;
        }
        writer.finish()?;
        Ok(())
    })?;
    Ok(renamed)
}

/// A column, and what its codes stand for.
type Labelled<'p> = (Cells<'p>, Option<ValueLabels>);

fn entities<'p>(
    name: &Name,
    factor: &'p Factor,
    codes: Option<&ValueLabels>,
) -> Result<Labelled<'p>, Error> {
    let kept = codes.and_then(|codes| labels::kept(factor, codes));
    let numbers: Option<Vec<i64>> = factor.labels().map(|label| label.parse().ok()).collect();
    let numbers = numbers.filter(|all| all.iter().all(|x| x.unsigned_abs() < 1 << 53));
    match (kept, numbers) {
        (None, Some(numbers)) => {
            let number = |&code: &u32| numbers[code as usize];
            Ok((Cells::whole(factor.codes().iter().map(number).collect()), None))
        }
        (kept, _) => category(name, factor, kept),
    }
}

/// Labels as codes, or as strings.
fn category<'p>(
    name: &Name,
    factor: &'p Factor,
    coded: Option<Coded>,
) -> Result<Labelled<'p>, Error> {
    let text = Cells::text(name, factor)?;
    Ok(match coded {
        Some((levels, labels)) => (Cells::Coded { levels, codes: factor.codes() }, Some(labels)),
        None => (text, None),
    })
}

/// A column as Stata holds it.
enum Cells<'p> {
    Long(Vec<i64>),
    Double(Vec<f64>),
    Coded { levels: Vec<i32>, codes: &'p [u32] },
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
            Self::Long(_) | Self::Coded { .. } => VariableType::Long,
            Self::Double(_) => VariableType::Double,
            Self::Text { width, .. } => match u16::try_from(*width) {
                Ok(short) if *width <= SHORT => VariableType::FixedString(short),
                _ => VariableType::LongString,
            },
        }
    }

    fn format(&self) -> String {
        match self {
            Self::Long(_) | Self::Coded { .. } => "%12.0g".into(),
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
            Self::Coded { levels, codes } => Value::Long(
                levels
                    .get(codes[row] as usize)
                    .map_or(StataLong::Missing(MissingValue::System), |&x| StataLong::Present(x)),
            ),
            Self::Double(values) if values[row].is_nan() => {
                Value::Double(StataDouble::Missing(MissingValue::System))
            }
            Self::Double(values) => Value::Double(StataDouble::Present(values[row])),
            Self::Text { labels, codes, width } => {
                let label = labels.get(codes[row] as usize);
                if *width <= SHORT {
                    Value::string(label.map_or("", String::as_str))
                } else {
                    // The length of a long string counts the NUL at its end; (0, 0) is an empty one, which
                    // is nowhere: the crate gives no other way to say so than a table that is not written.
                    Value::LongStringRef(match label {
                        Some(label) => {
                            long.get_or_insert(at, row as u64 + 1, format!("{label}\0").as_str())
                        }
                        None => LongStringTable::for_reading().get_or_insert(0, 0, ""),
                    })
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
