//! Comma-separated text, in one pass that sees every byte.
//!
//! - A cell that is empty or says `NA`, `.`, `NaN` or `null`, in any case, is missing. In the
//!   entity column only an empty cell is: `NA` may be Namibia.
//! - A column is numbers or labels, whichever its first cell with a value is. The other kind
//!   further down is an error: text among numbers is never a missing value.
//! - Space around a number is ignored; labels are taken as they are. Blank lines are no rows.
//! - UTF-8, with or without byte order mark; `\n` or `\r\n`; quotes as in RFC 4180.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, StringRecord};
use panel::Column;

use crate::error::Place;
use crate::table::{EXACT, File, Labels, Table, index, whole};
use crate::{Error, Key};

pub(crate) fn read<'a>(
    file: File<'a>,
    key: &Key,
    columns: Option<&[&str]>,
) -> Result<Table<'a>, Error> {
    let name = || file.name.to_owned();
    let input = std::fs::File::open(file.path).map_err(|error| file.io(&error))?;
    let mut reader = ReaderBuilder::new().buffer_capacity(1 << 16).from_reader(input);
    // Row 0 is the first after the header; the header itself is on line 1.
    let place = |row: Option<usize>| row.map_or(Place::Line(name(), 1), |row| file.place(row));
    let header = reader.headers().map_err(|error| broken(&error, file, place(None)))?.clone();
    if header.is_empty() {
        return Err(Error::Empty { file: name() });
    }
    whole_text(&header).map_err(|cell| Error::Nul { place: place(None), cell })?;
    let names: Vec<&str> = header.iter().collect();
    let selection = file.select(&names, key, columns)?;

    let mut entity = selection.entity.map(|at| (at, Labels::default()));
    let mut period = selection.period.map(|at| (at, Vec::new()));
    let mut cells: Vec<(usize, Cells)> =
        selection.columns.iter().map(|&at| (at, Cells::default())).collect();
    let mut words = BTreeMap::new();
    let mut record = StringRecord::new();
    let mut row = 0;
    let mut start = reader.position().byte();
    loop {
        let here = reader.position().byte();
        match reader.read_record(&mut record) {
            Ok(true) => start = here,
            Ok(false) => break,
            Err(error) => return Err(broken(&error, file, place(Some(row)))),
        }
        let place = || place(Some(row));
        whole_text(&record).map_err(|cell| Error::Nul { place: place(), cell })?;
        if let Some((at, labels)) = &mut entity {
            match &record[*at] {
                "" => return Err(Error::NoKey { place: place(), column: names[*at].into() }),
                label => labels.push(Some(label)),
            }
        }
        if let Some((at, periods)) = &mut period {
            let text = record[*at].trim();
            let number = text.parse().ok().and_then(whole);
            periods.push(number.ok_or_else(|| {
                let (place, column) = (place(), names[*at].to_owned());
                if is_missing(text) {
                    Error::NoKey { place, column }
                } else {
                    Error::Period { place, column, text: text.to_owned() }
                }
            })?);
        }
        for (at, cells) in &mut cells {
            let text = &record[*at];
            cells.push(row, text, &mut words).map_err(|fault| {
                let (place, column, text) = (place(), names[*at].to_owned(), text.to_owned());
                match fault {
                    Fault::NotFinite => Error::NotFinite { place, column, text },
                    Fault::Inexact => Error::Inexact { place, column, text },
                    Fault::Mixed { number, since } => {
                        let since = line(file.path, since).unwrap_or(0);
                        Error::Mixed { place, column, text, number, since }
                    }
                }
            })?;
        }
        row += 1;
    }
    if row == 0 {
        return Err(Error::NoData { file: name() });
    }
    if ends_in_quotes(&mut reader, start).map_err(|error| file.io(&error))? {
        return Err(Error::Unclosed { place: file.place(row - 1) });
    }

    let index = index(
        key,
        row,
        entity.map(|(_, labels)| labels.into_entity()),
        period.map(|(_, periods)| periods),
    );
    let columns =
        cells.into_iter().map(|(at, cells)| (names[at].to_owned(), cells.into_column())).collect();
    Ok(Table::new(file, index, columns, words))
}

/// A column in the making. What it holds is not known before its first value.
#[derive(Default)]
struct Cells {
    values: Values,
    /// The row of the first value.
    first: usize,
}

enum Values {
    /// So many missing cells, and nothing else so far.
    Missing(usize),
    Numbers(Vec<f64>),
    Labels(Labels),
}

impl Default for Values {
    fn default() -> Self {
        Self::Missing(0)
    }
}

/// What is wrong with a cell.
enum Fault {
    NotFinite,
    Inexact,
    /// A number among labels, or the other way round: the column is what it is from row `since`.
    Mixed {
        number: bool,
        since: usize,
    },
}

impl Cells {
    fn push(
        &mut self,
        row: usize,
        text: &str,
        words: &mut BTreeMap<String, usize>,
    ) -> Result<(), Fault> {
        let trimmed = text.trim();
        let number = trimmed.parse::<f64>().ok().filter(|x| !x.is_nan());
        if number.is_none() && is_missing(trimmed) {
            match &mut self.values {
                Values::Missing(rows) => *rows += 1,
                Values::Numbers(numbers) => numbers.push(f64::NAN),
                Values::Labels(labels) => labels.push(None),
            }
            if !trimmed.is_empty() {
                *words.entry(trimmed.to_owned()).or_default() += 1;
            }
            return Ok(());
        }
        if let Values::Missing(rows) = self.values {
            self.first = row;
            self.values = if number.is_some() {
                Values::Numbers(vec![f64::NAN; rows])
            } else {
                let mut labels = Labels::default();
                (0..rows).for_each(|_| labels.push(None));
                Values::Labels(labels)
            };
        }
        match (&mut self.values, number) {
            (Values::Numbers(_), Some(x)) if x.is_infinite() => Err(Fault::NotFinite),
            (Values::Numbers(_), Some(x)) if x.abs() >= EXACT && is_digits(trimmed) => {
                Err(Fault::Inexact)
            }
            (Values::Numbers(numbers), Some(x)) => {
                numbers.push(x);
                Ok(())
            }
            (Values::Labels(labels), None) => {
                labels.push(Some(text));
                Ok(())
            }
            (_, number) => Err(Fault::Mixed { number: number.is_some(), since: self.first }),
        }
    }

    fn into_column(self) -> Column {
        match self.values {
            Values::Missing(rows) => Column::Number(vec![f64::NAN; rows]),
            Values::Numbers(numbers) => Column::Number(numbers),
            Values::Labels(labels) => Column::Category(labels.into_category()),
        }
    }
}

pub(crate) fn is_missing(trimmed: &str) -> bool {
    trimmed.is_empty()
        || ["NA", ".", "NaN", "null"].iter().any(|word| trimmed.eq_ignore_ascii_case(word))
}

fn is_digits(text: &str) -> bool {
    text.strip_prefix(['+', '-']).unwrap_or(text).bytes().all(|b| b.is_ascii_digit())
}

/// The first cell, from 1, with a NUL byte.
fn whole_text(record: &StringRecord) -> Result<(), usize> {
    if !record.as_slice().as_bytes().contains(&0) {
        return Ok(());
    }
    Err(record.iter().position(|cell| cell.contains('\0')).map_or(1, |cell| cell + 1))
}

fn broken(error: &csv::Error, file: File<'_>, place: Place) -> Error {
    match error.kind() {
        ErrorKind::Utf8 { err, .. } => Error::NotUtf8 { place, cell: err.field() + 1 },
        &ErrorKind::UnequalLengths { expected_len: expected, len: got, .. } => {
            Error::Ragged { place, expected, got }
        }
        _ => Error::Io { path: file.path.to_owned(), reason: error.to_string() },
    }
}

/// Whether the record that starts at `start` and ends the file has a quote left open.
fn ends_in_quotes(reader: &mut Reader<std::fs::File>, start: u64) -> std::io::Result<bool> {
    let input = reader.get_mut();
    input.seek(SeekFrom::Start(start))?;
    let mut last = Vec::new();
    input.read_to_end(&mut last)?;
    let (mut quoted, mut first) = (false, true);
    let mut bytes = last.iter().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.peek() == Some(&&b'"') => drop(bytes.next()),
            b'"' if quoted || first => quoted = !quoted,
            _ => {}
        }
        first = matches!(byte, b',' | b'\n' | b'\r');
    }
    Ok(quoted)
}

/// The physical line on which a row, counted from 0 after the header, starts.
pub(crate) fn line(path: &Path, row: usize) -> std::io::Result<u64> {
    let input = std::fs::File::open(path)?;
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(input);
    let mut record = ByteRecord::new();
    let mut start = 0;
    reader.byte_headers().map_err(std::io::Error::other)?;
    for _ in 0..=row {
        start = reader.position().byte();
        if !reader.read_byte_record(&mut record).map_err(std::io::Error::other)? {
            break;
        }
    }
    // The reader leaves line ends before a record for the record: skip them too.
    let mut lines = 1;
    let mut before = b' ';
    let mut at = 0;
    for byte in BufReader::with_capacity(1 << 16, std::fs::File::open(path)?).bytes() {
        let byte = byte?;
        if at >= start && !matches!(byte, b'\n' | b'\r') {
            break;
        }
        lines += u64::from(byte == b'\r' || byte == b'\n' && before != b'\r');
        (before, at) = (byte, at + 1);
    }
    Ok(lines)
}
