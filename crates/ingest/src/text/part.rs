//! The rows of a block, and of many blocks in their order.
//!
//! Blocks are read independently of one another, so a block does not know whether a column holds
//! numbers or labels: that is compared when it is put below the blocks before it.

use std::collections::BTreeMap;

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use memchr::{memchr, memchr3};

use super::cells::{Cells, Wrong, is_missing};
use super::dialect::Dialect;
use super::number;
use crate::table::{Labels, Selection, whole};

/// What to read: the columns of a file, and how it writes them.
pub(super) struct Plan {
    pub(super) names: Vec<String>,
    pub(super) selection: Selection,
    pub(super) dialect: Dialect,
    /// Texts that say that there is no value.
    pub(super) missing: Vec<String>,
}

/// Rows: keys and cells.
pub(super) struct Part {
    pub(super) rows: usize,
    pub(super) entity: Labels,
    pub(super) period: Vec<i32>,
    pub(super) columns: Vec<Cells>,
    pub(super) words: BTreeMap<String, usize>,
    /// Why reading stopped before the end.
    fault: Option<Fault>,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The row, from 0.
    pub(super) row: usize,
    /// In the row: the order in which cells are looked at.
    rank: usize,
    pub(super) what: What,
}

/// What is wrong with a record or a cell; a column is a position in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Ragged {
        got: usize,
    },
    Malformed {
        cell: usize,
    },
    Nul {
        cell: usize,
    },
    NoKey {
        column: usize,
    },
    Period {
        column: usize,
        text: String,
    },
    /// `first` is the first value of the column, where that matters.
    Cell {
        column: usize,
        text: String,
        wrong: Wrong,
        first: String,
    },
}

/// A record: its cells by position.
trait Record {
    /// The text of a cell.
    fn cell(&self, at: usize) -> &str;

    /// The cell as a number, if it was read as one already.
    fn number(&self, at: usize) -> Option<f64>;
}

/// A line without quotes.
#[derive(Default)]
struct Line<'a> {
    text: &'a str,
    /// Where cells end, and the numbers they are; NaN if that is not known.
    ends: Vec<usize>,
    numbers: Vec<f64>,
}

impl Record for Line<'_> {
    fn cell(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] + 1 };
        &self.text[start..self.ends[at]]
    }

    fn number(&self, at: usize) -> Option<f64> {
        Some(self.numbers[at]).filter(|x| !x.is_nan())
    }
}

impl Record for StringRecord {
    fn cell(&self, at: usize) -> &str {
        self.get(at).unwrap_or_default()
    }

    fn number(&self, _: usize) -> Option<f64> {
        None
    }
}

impl Part {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            rows: 0,
            entity: Labels::default(),
            period: Vec::new(),
            columns: plan.selection.columns.iter().map(|_| Cells::default()).collect(),
            words: BTreeMap::new(),
            fault: None,
        }
    }

    /// Reads whole records.
    pub(super) fn read(plan: &Plan, bytes: &[u8]) -> Self {
        let mut part = Self::new(plan);
        let plain = memchr(b'"', bytes).is_none() && memchr(0, bytes).is_none();
        let read = match std::str::from_utf8(bytes) {
            Ok(text) if plain => part.lines(plan, text),
            _ => part.records(plan, bytes),
        };
        if let Err((rank, what)) = read {
            part.fault = Some(Fault { row: part.rows, rank, what });
        }
        part
    }

    /// Records that are lines, as there are no quotes.
    fn lines(&mut self, plan: &Plan, text: &str) -> Result<(), (usize, What)> {
        let (bytes, delimiter) = (text.as_bytes(), plan.dialect.delimiter.byte());
        let plain = plan.dialect.is_plain();
        let mut line = Line::default();
        let mut start = 0;
        while start < bytes.len() {
            if matches!(bytes[start], b'\n' | b'\r') {
                start += 1;
                continue;
            }
            line.ends.clear();
            line.numbers.clear();
            let mut at = start;
            loop {
                let rest = &bytes[at..];
                let is_end = |at: usize| {
                    rest.get(at).is_none_or(|&b| b == delimiter || matches!(b, b'\n' | b'\r'))
                };
                let number = if plain { number::scan(rest) } else { None };
                let (x, length) =
                    number.filter(|&(_, length)| is_end(length)).unwrap_or_else(|| {
                        (f64::NAN, memchr3(delimiter, b'\n', b'\r', rest).unwrap_or(rest.len()))
                    });
                at += length;
                line.ends.push(at - start);
                line.numbers.push(x);
                if bytes.get(at) != Some(&delimiter) {
                    break;
                }
                at += 1;
            }
            if line.ends.len() != plan.names.len() {
                return Err((0, What::Ragged { got: line.ends.len() }));
            }
            line.text = &text[start..at];
            self.row(plan, &line)?;
            start = at + 1;
        }
        Ok(())
    }

    /// Records as the csv crate sees them.
    fn records(&mut self, plan: &Plan, bytes: &[u8]) -> Result<(), (usize, What)> {
        // A byte order mark belongs to the file, not to a block: the line end makes it a cell.
        let input = std::io::Read::chain(&b"\n"[..], bytes);
        let mut reader = ReaderBuilder::new()
            .delimiter(plan.dialect.delimiter.byte())
            .has_headers(false)
            .flexible(true)
            .from_reader(input);
        let mut record = ByteRecord::new();
        // Reading from memory into bytes cannot fail.
        while reader.read_byte_record(&mut record).unwrap_or(false) {
            if record.len() != plan.names.len() {
                return Err((0, What::Ragged { got: record.len() }));
            }
            let text = match StringRecord::from_byte_record(record) {
                Ok(text) => text,
                Err(error) => {
                    let cell = error.utf8_error().field() + 1;
                    return Err((0, What::Malformed { cell }));
                }
            };
            if memchr(0, text.as_slice().as_bytes()).is_some() {
                let cell = text.iter().position(|cell| cell.contains('\0')).unwrap_or(0) + 1;
                return Err((0, What::Nul { cell }));
            }
            self.row(plan, &text)?;
            record = text.into_byte_record();
        }
        Ok(())
    }

    #[inline]
    fn row(&mut self, plan: &Plan, record: &impl Record) -> Result<(), (usize, What)> {
        let Selection { entity, period, columns } = &plan.selection;
        if let &Some(column) = entity {
            match record.cell(column) {
                "" => return Err((1, What::NoKey { column })),
                label => self.entity.push(Some(label)),
            }
        }
        if let &Some(column) = period {
            let text = record.cell(column).trim();
            let number = record.number(column).or_else(|| plan.dialect.number(text));
            match number.and_then(whole) {
                Some(period) => self.period.push(period),
                None if is_missing(text) => return Err((2, What::NoKey { column })),
                None => return Err((2, What::Period { column, text: text.to_owned() })),
            }
        }
        for (at, (&column, cells)) in columns.iter().zip(&mut self.columns).enumerate() {
            if let Some(x) = record.number(column)
                && cells.push_number(x)
            {
                continue;
            }
            let text = record.cell(column);
            cells.push(self.rows, text, plan, &mut self.words).map_err(|wrong| {
                let (text, first) = (text.to_owned(), String::new());
                (3 + at, What::Cell { column, text, wrong, first })
            })?;
        }
        self.rows += 1;
        Ok(())
    }

    /// Puts later rows below these, or says what is wrong first in the order of the file.
    pub(super) fn append(&mut self, plan: &Plan, later: Self) -> Result<(), Fault> {
        let mut fault = later.fault.map(|mut fault| {
            if let What::Cell { wrong: Wrong::Mixed { since, .. }, first, .. } = &mut fault.what {
                let (own, new) = (&self.columns[fault.rank - 3], &later.columns[fault.rank - 3]);
                let known = own.kind().is_some();
                *since = if known { own.first } else { self.rows + *since };
                first.clone_from(if known { &own.text } else { &new.text });
            }
            fault
        });
        for (at, (own, new)) in self.columns.iter().zip(&later.columns).enumerate() {
            let (Some(is), Some(number)) = (own.kind(), new.kind()) else { continue };
            let before = |fault: &Fault| (new.first, 3 + at) <= (fault.row, fault.rank);
            if is != number && fault.as_ref().is_none_or(before) {
                let wrong = Wrong::Mixed { number, since: own.first };
                let (column, text) = (plan.selection.columns[at], new.text.clone());
                let what = What::Cell { column, text, wrong, first: own.text.clone() };
                fault = Some(Fault { row: new.first, rank: 3 + at, what });
            }
        }
        if let Some(fault) = fault {
            return Err(Fault { row: self.rows + fault.row, ..fault });
        }
        self.entity.append(later.entity);
        self.period.extend(later.period);
        for (own, new) in self.columns.iter_mut().zip(later.columns) {
            own.append(self.rows, new);
        }
        for (word, cells) in later.words {
            *self.words.entry(word).or_default() += cells;
        }
        self.rows += later.rows;
        Ok(())
    }
}
