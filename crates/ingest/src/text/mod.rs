//! Text with delimiters, in one pass that sees every byte.
//!
//! ```text
//! a file ──decode──▶ UTF-8 ──blocks──▶ whole records ──part──▶ rows, in their order
//!                       └──dialect: what separates cells, fractions and thousands
//! hints    what a source says of its file            cells    columns in the making
//! grid     a small file as cells and lines, for files that are not tidy
//! ```
//!
//! - A cell that is empty or says `NA`, `.`, `NaN` or `null`, in any case, is missing. In the
//!   entity column only an empty cell is: `NA` may be Namibia. A source may name other texts.
//! - A column is numbers or labels, whichever its first cell with a value is. The other kind
//!   further down is an error: text among numbers is never a missing value, nor is a number with
//!   other separators than the file's a label.
//! - Space around a number is ignored; labels are taken as they are. Blank lines are no rows.
//! - The encoding is UTF-8, GB18030 or UTF-16, by byte order mark or by what the bytes are; the
//!   delimiter, the decimal comma and the thousands are seen in the first lines; all of them may be
//!   said instead, and what is out of the ordinary is reported. `\n` or `\r\n`; quotes as in RFC
//!   4180.
//! - Blocks of records are read on all cores and put together in their order: the same panel, and
//!   the same first error, whatever the number of threads. Memory holds a few blocks and the columns
//!   that are asked for.

mod blocks;
mod cells;
mod decode;
mod dialect;
mod grid;
mod hints;
#[cfg(test)]
mod laws;
mod number;
mod part;

use std::io::{self, BufReader, Cursor, Read};

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use rayon::prelude::*;

use blocks::{Block, Blocks, End};
use cells::{Values, Wrong};
use part::{Fault, Part, Plan, What};

pub(crate) use cells::is_missing;
pub(crate) use decode::charset;
pub(crate) use dialect::Dialect;
pub(crate) use grid::{Records, records};
pub(crate) use hints::Hints;
pub use hints::{Decimal, Delimiter, Encoding, Thousands};

use crate::error::{PageError, Place, TextError};
use crate::table::{File, Table, index};
use crate::{Error, Key};

/// How much of a file tells its dialect.
const HEAD: u64 = 1 << 18;

/// Bytes that are read in one piece, by one thread.
const BLOCK: usize = 1 << 20;

/// Reads the key and the named columns, or all, of a tidy file.
pub(crate) fn read<'a>(
    file: File<'a>,
    key: &Key,
    columns: Option<&[&str]>,
    missing: &[String],
) -> Result<Table<'a>, Error> {
    decoded(file, |file| attempt(file, key, columns, missing, BLOCK))
}

/// All of a text of at most so many bytes, without a byte order mark.
pub(crate) fn whole(file: File<'_>, limit: u64) -> Result<String, Error> {
    let read = decoded(file, |file| {
        let encoding = file.hints.encoding.unwrap_or(Encoding::Utf8);
        let fail = |error| broken(file, error);
        let input = decode::open(file.path, encoding, file.watch).map_err(fail)?;
        let mut bytes = Vec::new();
        input.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
        let name = || file.name.to_owned();
        if bytes.len() as u64 > limit {
            return Err(PageError::Long { file: name(), megabytes: limit >> 20 }.into());
        }
        if bytes.starts_with(b"%PDF") || bytes.starts_with(b"PK\x03\x04") || bytes.contains(&0) {
            return Err(PageError::Binary { file: name() }.into());
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.split(|&byte| byte == b'\n').count() as u64;
            malformed(file, Place::Line(name(), line), 1)
        })?;
        Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
    });
    read.map_err(|error| match error {
        Error::NotUtf8 { place, .. } | Error::Text(TextError::Malformed { place, .. }) => {
            PageError::Encoding { place }.into()
        }
        other => other,
    })
}

/// Reads a file in its encoding: the one that is said or certain, else UTF-8, and GB18030 where
/// that proves wrong.
fn decoded<'a, T>(file: File<'a>, read: impl Fn(File<'a>) -> Result<T, Error>) -> Result<T, Error> {
    let with = |encoding| File { hints: Hints { encoding: Some(encoding), ..file.hints }, ..file };
    let certain = match file.hints.encoding {
        None => decode::guess(file.path).map_err(|error| broken(file, error))?,
        said => said,
    };
    if let Some(encoding) = certain {
        return read(with(encoding));
    }
    match read(with(Encoding::Utf8)) {
        Err(Error::Text(TextError::Malformed { place, cell, encoding })) => {
            match decode::survey(file.path).map_err(|error| broken(file, error))? {
                decode::Survey::Gb18030 => read(with(Encoding::Gb18030)),
                decode::Survey::Utf8 => Err(TextError::Malformed { place, cell, encoding }.into()),
                decode::Survey::Unknown => Err(Error::NotUtf8 { place, cell }),
            }
        }
        outcome => outcome,
    }
}

/// A file whose encoding is settled, opened, with its dialect.
struct Opened<'a, R> {
    /// Its hints leave nothing open.
    file: File<'a>,
    dialect: Dialect,
    input: R,
}

/// Opens a file and looks at its first lines.
fn open(file: File<'_>, tidy: bool) -> Result<Opened<'_, impl Read + Send>, Error> {
    let encoding = file.hints.encoding.unwrap_or(Encoding::Utf8);
    let fail = |error| broken(file, error);
    let mut input = decode::open(file.path, encoding, file.watch).map_err(fail)?;
    let mut head = Vec::new();
    input.by_ref().take(HEAD).read_to_end(&mut head).map_err(fail)?;
    let whole = (head.len() as u64) < HEAD;
    if head.starts_with(b"\xef\xbb\xbf") {
        head.drain(..3);
    }
    let seen = dialect::detect(&String::from_utf8_lossy(&head), whole, tidy, file.hints);
    let dialect = seen.dialect;
    let file = File {
        hints: Hints {
            encoding: Some(encoding),
            delimiter: Some(dialect.delimiter),
            decimal: Some(dialect.decimal),
            thousands: Some(dialect.thousands),
        },
        ..file
    };
    if let Some((what, shown)) = dialect.clash() {
        let (file, shown) = (file.name.to_owned(), shown.to_owned());
        return Err(TextError::Clash { file, what, shown }.into());
    }
    if let Some(dialect::Ambiguous { row, cell, text }) = seen.ambiguous {
        let header = usize::from(!tidy);
        // A grid has no header, so that its second record is what a tidy file calls row 0.
        let place = match row.checked_sub(header) {
            Some(row) => file.place(row),
            None => Place::Line(file.name.to_owned(), 1),
        };
        return Err(TextError::Ambiguous { place, cell, text }.into());
    }
    Ok(Opened { file, dialect, input: Cursor::new(head).chain(input) })
}

/// What deserves mention about a file.
fn notes(file: File<'_>, dialect: Dialect) -> Vec<String> {
    let encoding = file.hints.encoding.filter(|&encoding| encoding != Encoding::Utf8);
    encoding.map(|encoding| encoding.to_string()).into_iter().chain(dialect.notes()).collect()
}

/// Reads a tidy file in blocks of about `size` bytes.
fn attempt<'a>(
    file: File<'a>,
    key: &Key,
    columns: Option<&[&str]>,
    missing: &[String],
    size: usize,
) -> Result<Table<'a>, Error> {
    let said = file.hints.thousands;
    let Opened { file, dialect, input } = open(file, true)?;
    let fail = |error| broken(file, error);
    let mut blocks = Blocks::new(input, dialect.delimiter.byte(), size);
    let (header, first) = header(file, dialect, &mut blocks)?;
    let names: Vec<&str> = header.iter().collect();
    let selection = file
        .select(&names, key, columns)
        .map_err(|error| one_cell(file, &names).unwrap_or(error))?;
    let plan = Plan {
        names: names.iter().map(|&name| name.to_owned()).collect(),
        selection,
        dialect,
        missing: missing.to_vec(),
    };

    let mut all = Part::new(&plan);
    let mut append = |parts: Vec<Part>| {
        let append = |part| all.append(&plan, part).map_err(|fault| explain(file, &plan, fault));
        parts.into_iter().try_for_each(append)
    };
    let (mut batch, mut parts, mut end) = (vec![first], Vec::new(), End::Record);
    // While blocks are read, the rows before them are put in place, and the next blocks fetched.
    while !batch.is_empty() {
        let read = || batch.par_iter().map(|block| Part::read(&plan, &block.bytes)).collect();
        let count = 2 * rayon::current_num_threads();
        let others = || (append(parts), fetch(&mut blocks, count));
        let (read, (appended, next)): (Vec<Part>, _) = rayon::join(read, others);
        appended?;
        parts = read;
        end = batch.last().map_or(end, |block| block.end);
        batch = match next {
            Ok(next) => next,
            // What is wrong before that comes first.
            Err(error) => return Err(append(parts).err().unwrap_or_else(|| fail(error))),
        };
    }
    append(parts)?;
    let rows = all.rows;
    match end {
        End::Record if rows == 0 => return Err(Error::NoData { file: file.name.to_owned() }),
        End::Record => {}
        End::Long => {
            let megabytes = blocks::LONGEST >> 20;
            return Err(TextError::Long { place: file.place(rows), megabytes }.into());
        }
        End::Quoted => {
            let first = || Place::Line(file.name.to_owned(), 1);
            let place = rows.checked_sub(1).map_or_else(first, |row| file.place(row));
            return Err(Error::Unclosed { place });
        }
    }
    if said != Some(Thousands::None) {
        separators(file, &plan, &all)?;
    }

    let Part { entity, period, columns: cells, words, .. } = all;
    let index = index(
        key,
        rows,
        plan.selection.entity.map(|_| entity.into_entity()),
        plan.selection.period.map(|_| period),
    );
    let columns = (plan.selection.columns.iter().zip(cells))
        .map(|(&at, cells)| (plan.names[at].clone(), cells.into_column()))
        .collect();
    let mut table = Table::new(file, index, columns, words);
    table.notes = notes(file, dialect);
    Ok(table)
}

/// The header of a tidy file, and what follows it in the first block.
fn header(
    file: File<'_>,
    dialect: Dialect,
    blocks: &mut Blocks<impl Read>,
) -> Result<(StringRecord, Block), Error> {
    let place = || Place::Line(file.name.to_owned(), 1);
    while let Some(Block { bytes, end }) = blocks.next().map_err(|error| broken(file, error))? {
        if end == End::Long {
            let megabytes = blocks::LONGEST >> 20;
            return Err(TextError::Long { place: place(), megabytes }.into());
        }
        let mut reader = ReaderBuilder::new()
            .delimiter(dialect.delimiter.byte())
            .has_headers(false)
            .from_reader(bytes.as_slice());
        let mut record = ByteRecord::new();
        let found = reader.read_byte_record(&mut record);
        // Blank lines before the header may fill a block.
        if !found.map_err(|error| broken(file, error.into()))? {
            continue;
        }
        let header = StringRecord::from_byte_record(record).map_err(|error| {
            let cell = error.utf8_error().field() + 1;
            malformed(file, place(), cell)
        })?;
        if let Some(cell) = header.iter().position(|cell| cell.contains('\0')) {
            return Err(Error::Nul { place: place(), cell: cell + 1 });
        }
        let at = usize::try_from(reader.position().byte()).unwrap_or(bytes.len());
        return Ok((header, Block { bytes: bytes[at..].to_vec(), end }));
    }
    Err(Error::Empty { file: file.name.to_owned() })
}

/// The next so many blocks.
fn fetch(blocks: &mut Blocks<impl Read>, count: usize) -> io::Result<Vec<Block>> {
    (0..count).map_while(|_| blocks.next().transpose()).collect()
}

/// A column of nothing but numbers with the separators of another convention is no label.
fn separators(file: File<'_>, plan: &Plan, all: &Part) -> Result<(), Error> {
    for (&column, cells) in plan.selection.columns.iter().zip(&all.columns) {
        if let Values::Labels(labels) = &cells.values
            && labels.distinct().all(|label| dialect::has_separators(label.trim()))
        {
            return Err(Error::Text(TextError::Separators {
                place: file.place(cells.first),
                column: plan.names[column].clone(),
                text: cells.text.clone(),
                convention: plan.dialect.to_string().into(),
            }));
        }
    }
    Ok(())
}

/// A fault as the reader of the message knows the file.
fn explain(file: File<'_>, plan: &Plan, fault: Fault) -> Error {
    let Fault { row, what, .. } = fault;
    let name = |column: usize| plan.names[column].clone();
    let place = file.place(row);
    match what {
        What::Ragged { got } => {
            Error::Ragged { place, expected: plan.names.len() as u64, got: got as u64 }
        }
        What::Malformed { cell } => malformed(file, place, cell),
        What::Nul { cell } => Error::Nul { place, cell },
        What::NoKey { column } => Error::NoKey { place, column: name(column) },
        What::Period { column, text } => Error::Period { place, column: name(column), text },
        What::Cell { column, text, wrong, first } => {
            let column = name(column);
            match wrong {
                Wrong::NotFinite => Error::NotFinite { place, column, text },
                Wrong::Inexact => Error::Inexact { place, column, text },
                Wrong::Mixed { number: false, .. } if dialect::has_separators(text.trim()) => {
                    let convention = plan.dialect.to_string().into();
                    TextError::Separators { place, column, text, convention }.into()
                }
                Wrong::Mixed { number: true, since } if dialect::has_separators(first.trim()) => {
                    let (place, convention) = (file.place(since), plan.dialect.to_string().into());
                    TextError::Separators { place, column, text: first, convention }.into()
                }
                Wrong::Mixed { number, since } => {
                    let since = line(file, since).unwrap_or(0);
                    Error::Mixed { place, column, text, number, since }
                }
            }
        }
    }
}

fn malformed(file: File<'_>, place: Place, cell: usize) -> Error {
    let encoding = file.hints.encoding.unwrap_or(Encoding::Utf8).to_string();
    TextError::Malformed { place, cell, encoding }.into()
}

/// What is said if the columns are not found because the header is not divided.
fn one_cell(file: File<'_>, names: &[&str]) -> Option<Error> {
    let &[only] = names else { return None };
    let count =
        |delimiter: &Delimiter| only.bytes().filter(|&byte| byte == delimiter.byte()).count();
    let other = Delimiter::ALL.into_iter().max_by_key(count)?;
    let (name, toml) = match other {
        Delimiter::Comma => ("comma", ","),
        Delimiter::Semicolon => ("semicolon", ";"),
        Delimiter::Tab => ("tab", "\\t"),
        Delimiter::Pipe => ("vertical bar", "|"),
    };
    let (file, count) = (file.name.to_owned(), count(&other));
    (count > 0)
        .then(|| TextError::OneCell { file, count, name, shown: other.to_string(), toml }.into())
}

/// An error of the stream: of the system, or of what is in the file.
fn broken(file: File<'_>, error: io::Error) -> Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<TextError>()) {
        Some(error) => {
            TextError::In { file: file.name.to_owned(), error: Box::new(error.clone()) }.into()
        }
        None => file.io(&error),
    }
}

/// The physical line on which a row, counted from 0 after the header, starts.
///
/// Reads the file again, up to there.
pub(crate) fn line(file: File<'_>, row: usize) -> io::Result<u64> {
    let input = || decode::open(file.path, file.hints.encoding.unwrap_or(Encoding::Utf8), None);
    let mut reader = ReaderBuilder::new()
        .delimiter(file.hints.delimiter.unwrap_or(Delimiter::Comma).byte())
        .flexible(true)
        .from_reader(input()?);
    let mut record = ByteRecord::new();
    reader.byte_headers().map_err(io::Error::other)?;
    for _ in 0..row {
        if !reader.read_byte_record(&mut record).map_err(io::Error::other)? {
            break;
        }
    }
    let start = reader.position().byte();
    // The reader leaves line ends before a record for the record: skip them too.
    let mut lines = grid::Lines::default();
    for (at, byte) in BufReader::with_capacity(1 << 16, input()?).bytes().enumerate() {
        let byte = byte?;
        if at as u64 >= start && !matches!(byte, b'\n' | b'\r') {
            break;
        }
        lines.pass(byte);
    }
    Ok(lines.line)
}
