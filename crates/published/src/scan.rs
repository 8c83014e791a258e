//! A place in a cell's text, and how to step on from it.

use crate::{Error, Expected};

/// A place in a cell's text.
pub(crate) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Bytes read so far.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// What was read since `start`.
    pub(crate) fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Steps over one character if it is wanted.
    pub(crate) fn take(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let next = self.peek().filter(|&c| wanted(c))?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Steps over all characters that are wanted, possibly none.
    pub(crate) fn take_all(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let start = self.at;
        while self.take(&wanted).is_some() {}
        self.since(start)
    }

    /// What was read, if that is all there is.
    pub(crate) fn finish(self) -> Result<&'a str, Error> {
        if self.peek().is_some() { Err(self.fail(Expected::End)) } else { Ok(self.text) }
    }

    /// The error of not finding here what was expected.
    pub(crate) fn fail(&self, expected: Expected) -> Error {
        self.fail_at(self.at, expected)
    }

    /// The error of not finding at byte `at` what was expected.
    pub(crate) fn fail_at(&self, at: usize, expected: Expected) -> Error {
        let column = self.text[..at].chars().count() + 1;
        Error::Unreadable { text: self.text.to_owned(), column, expected }
    }
}
