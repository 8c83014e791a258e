//! A stream cut into blocks that end where records end.

use std::io::{self, Read};

use memchr::{memchr, memrchr2};

/// A record may be so long; beyond, it is taken for an open quote.
pub(super) const LONGEST: usize = 64 << 20;

/// Whole records, as bytes.
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    pub(super) end: End,
}

/// What the end of a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The end of a record, or of the file outside quotes.
    Record,
    /// The end of the file, in quotes.
    Quoted,
    /// A record that is longer than [`LONGEST`] begins where the block ends; nothing follows.
    Long,
}

/// Cuts a stream.
pub(super) struct Blocks<R> {
    input: R,
    delimiter: u8,
    size: usize,
    /// The beginning of the next block.
    rest: Vec<u8>,
    done: bool,
}

impl<R: Read> Blocks<R> {
    /// Blocks of about `size` bytes, or of one record if it is longer.
    pub(super) fn new(input: R, delimiter: u8, size: usize) -> Self {
        Self { input, delimiter, size, rest: Vec::new(), done: false }
    }

    /// The next block; none at the end of the stream.
    pub(super) fn next(&mut self) -> io::Result<Option<Block>> {
        if self.done {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.rest);
        let mut size = self.size;
        loop {
            bytes.reserve_exact(size.saturating_sub(bytes.len()));
            while bytes.len() < size {
                let missing = (size - bytes.len()) as u64;
                if self.input.by_ref().take(missing).read_to_end(&mut bytes)? == 0 {
                    self.done = true;
                    let (_, quoted) = cut(&bytes, self.delimiter);
                    let end = if quoted { End::Quoted } else { End::Record };
                    return Ok((!bytes.is_empty()).then_some(Block { bytes, end }));
                }
            }
            if let (Some(at), _) = cut(&bytes, self.delimiter) {
                self.rest = bytes[at..].to_vec();
                bytes.truncate(at);
                return Ok(Some(Block { bytes, end: End::Record }));
            }
            if size >= LONGEST {
                self.done = true;
                return Ok(Some(Block { bytes: Vec::new(), end: End::Long }));
            }
            size *= 2;
        }
    }
}

/// Whether a text ends in quotes.
pub(super) fn is_quoted(bytes: &[u8], delimiter: u8) -> bool {
    cut(bytes, delimiter).1
}

/// Behind the last line end outside quotes, and whether the bytes end in quotes.
///
/// A quote opens a cell at its first byte only; elsewhere it is a character like any other.
fn cut(bytes: &[u8], delimiter: u8) -> (Option<usize>, bool) {
    let mut found = None;
    // Where the text outside quotes begins that is being looked at.
    let mut outside = 0;
    let mut from = 0;
    loop {
        let quote = memchr(b'"', &bytes[from..]).map(|at| from + at);
        let opens = |at: usize| {
            // The byte before a quote belongs to the same text, or is the quote that closed a cell.
            at == 0 || matches!(bytes[at - 1], b'\n' | b'\r') || bytes[at - 1] == delimiter
        };
        match quote {
            Some(at) if !opens(at) => from = at + 1,
            other => {
                let end = other.unwrap_or(bytes.len());
                if let Some(at) = memrchr2(b'\n', b'\r', &bytes[outside..end]) {
                    found = Some(outside + at + 1);
                }
                let Some(at) = other else { return (found, false) };
                let Some(behind) = closed(bytes, at + 1) else { return (found, true) };
                (outside, from) = (behind, behind);
            }
        }
    }
}

/// Behind the quote that closes a cell whose text begins at `from`.
fn closed(bytes: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let at = from + memchr(b'"', &bytes[from..])?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at + 1);
        }
        from = at + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_behind_a_line_end_outside_quotes() {
        for (text, at, quoted) in [
            ("a\nb\nc", Some(4), false),
            ("a\n\"b\nc\"\nd", Some(8), false),
            ("a\n\"b\nc", Some(2), true),
            ("a\n\"b\"\"\nc", Some(2), true),
            ("a\nb\"\nc", Some(5), false),
            ("a\n\"b\"c\"\nd", Some(8), false),
            ("a,\"\"\n\"", Some(5), true),
            ("\"\"\"\n", None, true),
            ("ab", None, false),
        ] {
            assert_eq!(cut(text.as_bytes(), b','), (at, quoted), "{text:?}");
        }
    }
}
