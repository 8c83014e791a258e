//! What the codes of a column stand for, as Stata holds it.
//!
//! The crate writes sets of value labels and makes them by reading alone. So a file of no variables is
//! laid out here with the sets in it, and read: what is written then is the crate's, offsets included.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Cursor;

use dta::stata::dta::byte_order::ByteOrder;
use dta::stata::dta::dta_reader::DtaReader;
use dta::stata::dta::dta_writer::DtaWriter;
use dta::stata::dta::header::Header;
use dta::stata::dta::release::Release;
use dta::stata::dta::schema::Schema;
use dta::stata::dta::value_label_table::ValueLabelTable;
use panel::Factor;

use super::LONG;
use crate::ValueLabels;

/// What a file ends with after its value labels.
const END: &[u8] = b"</value_labels></stata_dta>";
/// Bytes of the name of a set: 32 characters of four, and a NUL.
const NAME: usize = 129;
/// Codes that one set of Stata's has, and bytes of a label.
const CODES: usize = 65_536;
const BYTES: usize = 32_000;

/// Codes by level, and what they stand for.
pub(super) type Coded = (Vec<i32>, ValueLabels);

/// The codes that `known` has for the levels of a category, if it has all of them.
pub(super) fn kept(factor: &Factor, known: &ValueLabels) -> Option<Coded> {
    // Of two codes with one label, the first.
    let codes: BTreeMap<&str, i32> =
        known.iter().rev().map(|(&code, label)| (label.as_str(), code)).collect();
    let code = |label: String| {
        codes.get(label.as_str()).copied().filter(|&code| LONG.contains(&code.into()))
    };
    let levels: Option<Vec<i32>> = factor.labels().map(code).collect();
    let levels = levels.filter(|_| !known.is_empty());
    levels.map(|levels| (levels, known.clone()))
}

/// 1, 2, … in the order of the labels, as Stata's `encode` gives them, if Stata has room for them.
pub(super) fn fresh(factor: &Factor) -> Option<Coded> {
    let fits = (1..=CODES).contains(&factor.n_levels())
        && factor.labels().all(|label| label.len() <= BYTES);
    fits.then(|| ((1..).take(factor.n_levels()).collect(), (1..).zip(factor.labels()).collect()))
}

/// The sets of labels as the crate has them, by name.
pub(super) fn table(sets: &[(String, &ValueLabels)]) -> Result<ValueLabelTable, Box<dyn Error>> {
    let header = Header::builder(Release::V118, ByteOrder::LittleEndian).build();
    let writer = DtaWriter::new().from_writer(Cursor::new(Vec::new())).write_header(header)?;
    let writer = writer.write_schema(Schema::builder().build()?)?.into_record_writer()?;
    let writer = writer.into_long_string_writer()?.into_value_label_writer()?;
    let mut bytes = writer.finish()?.into_inner();
    bytes.truncate(bytes.len() - END.len());
    for (name, labels) in sets {
        bytes.extend(set(name, labels)?);
    }
    bytes.extend(END);

    let reader = DtaReader::new().from_reader(Cursor::new(bytes)).read_header()?.read_schema()?;
    let mut table = ValueLabelTable::new();
    reader.seek_value_labels()?.read_remaining_into(&mut table)?;
    Ok(table)
}

/// A set in version 118: its length, its name, where each label begins, the codes, the labels.
fn set(name: &str, labels: &ValueLabels) -> Result<Vec<u8>, Box<dyn Error>> {
    let (mut begins, mut codes, mut text) = (Vec::new(), Vec::new(), Vec::new());
    for (code, label) in labels {
        begins.extend(u32::try_from(text.len())?.to_le_bytes());
        codes.extend(code.to_le_bytes());
        text.extend(label.bytes());
        text.push(0);
    }
    let count = u32::try_from(labels.len())?.to_le_bytes();
    let length = u32::try_from(8 + begins.len() + codes.len() + text.len())?.to_le_bytes();
    let size = u32::try_from(text.len())?.to_le_bytes();
    let mut named = name.as_bytes().to_vec();
    named.resize(NAME + 3, 0);
    Ok([b"<lbl>", &length[..], &named, &count, &size, &begins, &codes, &text, b"</lbl>"].concat())
}
