//! Whether a Stata file is as long as it says.
//!
//! The sections behind the header are walked by the lengths that they state, before a reader
//! reserves memory for them: no length may go beyond the end of the file, and the file may not end
//! before its last section. From version 117 on that is a closing tag. Before, it is a table of
//! value labels that is complete; which tables there should be, the columns say.

use std::cell::Cell;
use std::fs::File as Input;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::rc::Rc;

use dta::stata::dta::byte_order::ByteOrder;
use dta::stata::dta::header::Header;
use dta::stata::dta::release::Release;

use super::damaged;
use crate::Error;
use crate::error::StataError;
use crate::table::File;

/// A reader that says how many bytes went through it.
pub(super) struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    pub(super) fn new(inner: R) -> (Self, Rc<Cell<u64>>) {
        let count = Rc::new(Cell::new(0));
        (Self { inner, count: Rc::clone(&count) }, count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// Walks from the characteristics, which begin at `at`, to the end. `data` is how many bytes the
/// observations have.
pub(super) fn check(file: File<'_>, header: &Header, at: u64, data: u64) -> Result<(), Error> {
    let mut input = Input::open(file.path).map_err(|error| file.io(&error))?;
    let bytes = input.metadata().map_err(|error| file.io(&error))?.len();
    input.seek(SeekFrom::Start(at)).map_err(|error| file.io(&error))?;
    let (release, order) = (header.release(), header.byte_order());
    let input = BufReader::with_capacity(1 << 16, input);
    let mut walk = Walk { file, input, at, bytes, release, order, text: 0 };
    if release.is_xml_like() { walk.tagged(data) } else { walk.binary(data) }
}

struct Walk<'a> {
    file: File<'a>,
    input: BufReader<Input>,
    at: u64,
    bytes: u64,
    release: Release,
    order: ByteOrder,
    /// Bytes of all value labels so far.
    text: u64,
}

impl Walk<'_> {
    /// Versions 117 and later: sections between tags.
    fn tagged(&mut self, data: u64) -> Result<(), Error> {
        self.expect(b"<characteristics>")?;
        while self.one_of(b"<ch>", b"</characteristics>")? {
            let length = self.long()?;
            self.skip(length, "characteristics")?;
            self.expect(b"</ch>")?;
        }
        self.expect(b"<data>")?;
        self.skip(data, "observations")?;
        self.expect(b"</data>")?;
        self.expect(b"<strls>")?;
        // A variable and an observation, which are wider from 118 on, and a kind.
        let key = if self.release >= Release::V118 { 13 } else { 9 };
        while self.one_of(b"GSO", b"</strls>")? {
            self.skip(key, "long strings")?;
            let length = self.long()?;
            self.skip(length, "long strings")?;
        }
        self.expect(b"<value_labels>")?;
        while self.one_of(b"<lbl>", b"</value_labels>")? {
            self.labels()?;
            self.expect(b"</lbl>")?;
        }
        self.expect(b"</stata_dta>")
    }

    /// Versions before 117: value labels to the end of the file.
    fn binary(&mut self, data: u64) -> Result<(), Error> {
        if self.release >= Release::V105 {
            loop {
                let kind = self.take(1)?[0];
                let long = self.release >= Release::V110;
                let length = if long { self.long()? } else { self.short()? };
                if kind == 0 {
                    break;
                }
                self.skip(length, "characteristics")?;
            }
        }
        self.skip(data, "observations")?;
        while self.at < self.bytes {
            if self.release >= Release::V108 {
                self.labels()?;
            } else {
                let count = self.short()?;
                self.skip(10 + 10 * count, "value labels")?;
            }
        }
        Ok(())
    }

    /// A table of value labels: where each text begins is stated, and where it ends is seen. Texts
    /// that lie on top of one another would become more than the file.
    fn labels(&mut self) -> Result<(), Error> {
        let length = self.long()?;
        let name = if self.release >= Release::V118 {
            129
        } else if self.release >= Release::V110 {
            33
        } else {
            9
        };
        self.skip(name + 3, "value labels")?;
        self.fits(length, "value labels")?;
        let table = self.take(length)?;
        let order = self.order;
        let word = |at: usize| {
            let word = table.get(at..at + 4)?;
            usize::try_from(number(order, word)).ok()
        };
        let broken = || damaged(self.file, "a table of value labels is not as long as it says");
        let (count, width) = word(0).zip(word(4)).ok_or_else(broken)?;
        let begins = 8 + 8 * count;
        let texts = table.get(begins..begins + width).ok_or_else(broken)?;
        let mut total = self.text;
        for entry in 0..count {
            let text = word(8 + 4 * entry).and_then(|begins| texts.get(begins..));
            let text = text.ok_or_else(broken)?;
            total += memchr::memchr(0, text).unwrap_or(text.len()) as u64;
            if total > self.bytes {
                return Err(damaged(self.file, "its value labels are longer than the file"));
            }
        }
        self.text = total;
        Ok(())
    }

    /// The first tag, and true, or the second.
    fn one_of(&mut self, open: &[u8], close: &[u8]) -> Result<bool, Error> {
        let head = self.take(open.len() as u64)?;
        if head == open {
            return Ok(true);
        }
        let (first, rest) = close.split_at(open.len());
        if head != first {
            return Err(self.no_tag(close));
        }
        self.expect(rest).map(|()| false)
    }

    fn expect(&mut self, tag: &[u8]) -> Result<(), Error> {
        if self.bytes.saturating_sub(self.at) < tag.len() as u64 {
            return Err(self.no_tag(tag));
        }
        if self.take(tag.len() as u64)? == tag { Ok(()) } else { Err(self.no_tag(tag)) }
    }

    fn no_tag(&self, tag: &[u8]) -> Error {
        damaged(self.file, format!("`{}` is missing", String::from_utf8_lossy(tag)))
    }

    fn short(&mut self) -> Result<u64, Error> {
        Ok(number(self.order, &self.take(2)?))
    }

    fn long(&mut self) -> Result<u64, Error> {
        Ok(number(self.order, &self.take(4)?))
    }

    /// The next bytes: few, or such as are known to be there.
    fn take(&mut self, length: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let file = self.file;
        let read = self.input.by_ref().take(length).read_to_end(&mut bytes);
        if read.map_err(|error| file.io(&error))? as u64 != length {
            return Err(damaged(file, "it ends too early"));
        }
        self.at += length;
        Ok(bytes)
    }

    fn skip(&mut self, length: u64, what: &'static str) -> Result<(), Error> {
        self.fits(length, what)?;
        // Sizes of files fit.
        self.input
            .seek_relative(i64::try_from(length).unwrap_or(i64::MAX))
            .map_err(|error| self.file.io(&error))?;
        self.at += length;
        Ok(())
    }

    fn fits(&self, length: u64, what: &'static str) -> Result<(), Error> {
        let left = self.bytes.saturating_sub(self.at);
        if length <= left {
            return Ok(());
        }
        Err(StataError::Short { file: self.file.name.to_owned(), what, length, left }.into())
    }
}

/// A whole number of up to eight bytes, without a sign.
fn number(order: ByteOrder, bytes: &[u8]) -> u64 {
    let next = |number, byte: &u8| number << 8 | u64::from(*byte);
    match order {
        ByteOrder::BigEndian => bytes.iter().fold(0, next),
        ByteOrder::LittleEndian => bytes.iter().rev().fold(0, next),
    }
}
