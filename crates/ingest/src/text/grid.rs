//! A small text file as cells and the lines they stand on, for files that are not tidy.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder, StringRecord};

use super::dialect::Dialect;
use super::{Opened, broken, decoded, malformed, notes, open};
use crate::Error;
use crate::error::{Place, TextError};
use crate::table::File;

/// More cells are no file that someone laid out by hand.
const CELLS: usize = 4_000_000;
/// Nor is more text.
const BYTES: u64 = 128 << 20;

/// All of a text file.
pub(crate) struct Records {
    /// In the order of the file; blank lines are left out.
    pub(crate) rows: Vec<Record>,
    /// How numbers are written.
    pub(crate) dialect: Dialect,
    /// What deserves mention: encoding, delimiter, decimal comma, thousands.
    pub(crate) notes: Vec<String>,
}

/// A record: as many cells as its line has.
pub(crate) struct Record {
    /// The physical line on which it begins, from 1.
    pub(crate) line: u64,
    /// The cells as they stand, neither trimmed nor read.
    pub(crate) cells: Vec<String>,
}

/// Reads every cell of a file of any shape.
///
/// # Errors
///
/// Those of bytes and encodings, and [`TextError::Large`].
pub(crate) fn records(file: File<'_>) -> Result<Records, Error> {
    decoded(file, gather)
}

fn gather(file: File<'_>) -> Result<Records, Error> {
    let Opened { file, dialect, mut input } = open(file, false)?;
    let fail = |error| broken(file, error);
    let large = || Error::from(TextError::Large { file: file.name.to_owned(), cells: CELLS });
    let mut bytes = Vec::new();
    input.by_ref().take(BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > BYTES {
        return Err(large());
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(dialect.delimiter.byte())
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes.as_slice());
    let mut lines = Lines::default();
    let (mut rows, mut cells, mut at) = (Vec::new(), 0, 0);
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| fail(error.into()))? {
        // A record begins behind the line ends that the one before it left.
        let start = record.position().map_or(0, csv::Position::byte);
        let start = usize::try_from(start).unwrap_or(bytes.len());
        let blank = bytes[start..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        bytes[at..start + blank].iter().for_each(|&byte| lines.pass(byte));
        at = start + blank;
        let place = || Place::Line(file.name.to_owned(), lines.line);
        let text = StringRecord::from_byte_record(record.clone())
            .map_err(|error| malformed(file, place(), error.utf8_error().field() + 1))?;
        if let Some(cell) = text.iter().position(|cell| cell.contains('\0')) {
            return Err(Error::Nul { place: place(), cell: cell + 1 });
        }
        cells += text.len();
        if cells > CELLS {
            return Err(large());
        }
        let cells = text.iter().map(str::to_owned).collect();
        rows.push(Record { line: lines.line, cells });
    }
    let quoted = super::blocks::is_quoted(&bytes, dialect.delimiter.byte());
    match rows.last() {
        None => Err(Error::Empty { file: file.name.to_owned() }),
        Some(last) if quoted => {
            Err(Error::Unclosed { place: Place::Line(file.name.to_owned(), last.line) })
        }
        Some(_) => Ok(Records { rows, dialect, notes: notes(file, dialect) }),
    }
}

/// Counts lines, which end in `\n`, `\r` or both.
pub(super) struct Lines {
    /// The line on which the next byte stands, from 1.
    pub(super) line: u64,
    before: u8,
}

impl Default for Lines {
    fn default() -> Self {
        Self { line: 1, before: b' ' }
    }
}

impl Lines {
    pub(super) fn pass(&mut self, byte: u8) {
        self.line += u64::from(byte == b'\r' || byte == b'\n' && self.before != b'\r');
        self.before = byte;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests write files")]
mod tests {
    use super::*;
    use crate::text::{Delimiter, Hints};

    fn grid(content: &[u8]) -> Result<Records, Error> {
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("ingest-grid-{}-{count}.csv", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, content).unwrap();
        let found =
            records(File { path: &path, name: "d.csv", hints: Hints::default(), watch: None });
        std::fs::remove_file(&path).unwrap();
        found
    }

    #[test]
    fn cells_and_their_lines() {
        let (text, _, _) = encoding_rs::GB18030
            .encode("人口\r\n\r\n地区;2014年;\"2015\n年\"\r\n北京;1,5;2\r\n天津;3;4\r\n注：x");
        let found = grid(&text).unwrap();
        let lines: Vec<u64> = found.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [1, 3, 5, 6, 7]);
        assert_eq!(found.rows[1].cells, ["地区", "2014年", "2015\n年"]);
        assert_eq!(found.rows[4].cells, ["注：x"]);
        assert_eq!(found.dialect.delimiter, Delimiter::Semicolon);
        assert_eq!(found.dialect.number("1,5"), Some(1.5));
        assert_eq!(found.notes, ["GB18030", "delimiter ';'", "decimal comma"]);
    }

    #[test]
    fn what_is_no_grid() {
        let says = |content: &[u8], expected: &str| {
            let message = grid(content).map(drop).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        };
        says(b"", "the file is empty");
        says(b"a,b\n\n1,\"2\n", "d.csv:3: a quote is opened and never closed");
        says(b"a,b\n1,2\0\n", "d.csv:2: the cell 2 holds a NUL byte");
        says("年,b\n地区,\u{0}\n".as_bytes(), "d.csv:2: the cell 2 holds a NUL byte");
        says(b"\xe5\xb9\xb4\xe5\xb9\xb4,b\n1,\xc4\xea\n", "d.csv:2: the cell 2 is not UTF-8, as");
    }
}
