//! What separates cells, fractions and thousands: said by the source, or seen in the first lines.

use std::fmt;

use csv::{ByteRecord, ReaderBuilder};

use super::hints::Hints;
use super::{Decimal, Delimiter, Thousands, number};

/// How many records are looked at.
const RECORDS: usize = 1000;

/// How a file writes cells and numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: Delimiter,
    pub(crate) decimal: Decimal,
    pub(crate) thousands: Thousands,
}

/// A separator that may stand for a fraction or for thousands: where, and in which text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ambiguous {
    /// Record, from 0 after the header.
    pub(super) row: usize,
    /// Cell, from 1.
    pub(super) cell: usize,
    pub(super) text: String,
}

/// What the first lines show.
pub(super) struct Seen {
    pub(super) dialect: Dialect,
    pub(super) ambiguous: Option<Ambiguous>,
}

impl Dialect {
    /// A number in this convention, exactly as the decimal digits say; NaN is none.
    pub(crate) fn number(self, trimmed: &str) -> Option<f64> {
        if self.is_plain() {
            return number::number(trimmed);
        }
        let comma = self.decimal == Decimal::Comma;
        let decimal = if comma { ',' } else { '.' };
        let end = trimmed.find([decimal, 'e', 'E']).unwrap_or(trimmed.len());
        let (whole, rest) = trimmed.split_at(end);
        let mut plain = String::with_capacity(trimmed.len());
        for (at, group) in whole.split(|c| self.thousands.is(c)).enumerate() {
            let digits = group.strip_prefix(['+', '-']).filter(|_| at == 0).unwrap_or(group);
            let grouped = whole.len() > group.len();
            let fits = if at == 0 { (1..=3).contains(&digits.len()) } else { digits.len() == 3 };
            if grouped && !(fits && digits.bytes().all(|byte| byte.is_ascii_digit())) {
                return None;
            }
            plain.push_str(group);
        }
        // What is left of the other convention's point is none of this one.
        if comma && (plain.contains('.') || rest.contains('.')) {
            return None;
        }
        match rest.strip_prefix(',') {
            Some(fraction) if comma => plain.extend([".", fraction]),
            _ => plain.push_str(rest),
        }
        number::number(&plain)
    }

    /// Whether numbers are written as computers write them.
    pub(super) fn is_plain(self) -> bool {
        self.decimal == Decimal::Point && self.thousands == Thousands::None
    }

    /// Whether a number has neither fraction nor exponent.
    pub(super) fn is_whole(self, number: &str) -> bool {
        let decimal = if self.decimal == Decimal::Comma { ',' } else { '.' };
        !number.contains([decimal, 'e', 'E'])
    }

    /// What deserves mention.
    pub(crate) fn notes(self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.delimiter != Delimiter::Comma {
            notes.push(format!("delimiter {}", self.delimiter));
        }
        if self.decimal == Decimal::Comma {
            notes.push("decimal comma".into());
        }
        if self.thousands != Thousands::None {
            notes.push(format!("thousands {}", self.thousands));
        }
        notes
    }

    /// Two signs that are one: what they should have told apart, and the sign.
    pub(super) fn clash(self) -> Option<(&'static str, &'static str)> {
        match (self.decimal, self.thousands) {
            (Decimal::Comma, Thousands::Comma) => Some(("`decimal` and `thousands`", "','")),
            (Decimal::Point, Thousands::Point) => Some(("`decimal` and `thousands`", "'.'")),
            _ => None,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimal = if self.decimal == Decimal::Comma { "comma" } else { "point" };
        write!(f, "decimal {decimal}, thousands {}", self.thousands)
    }
}

/// Looks at the first lines of a file, which may end within a record.
///
/// The header says what the delimiter is where there is one (`tidy`); where there is none, what
/// divides most lines alike.
pub(super) fn detect(head: &str, whole: bool, tidy: bool, hints: Hints) -> Seen {
    let delimiter = hints.delimiter.unwrap_or_else(|| delimiter(head, whole, tidy));
    let mut votes = Votes::default();
    let header = usize::from(tidy);
    for (row, record) in records(head, whole, delimiter).iter().skip(header).enumerate() {
        for (at, cell) in record.iter().enumerate() {
            let text = std::str::from_utf8(cell).unwrap_or_default();
            votes.add(row, at + 1, text.trim());
        }
    }
    let (decimal, thousands, ambiguous) = votes.settle(delimiter, hints);
    Seen { dialect: Dialect { delimiter, decimal, thousands }, ambiguous }
}

/// The first whole records.
fn records(head: &str, whole: bool, delimiter: Delimiter) -> Vec<ByteRecord> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter.byte())
        .has_headers(false)
        .flexible(true)
        .from_reader(head.as_bytes());
    // Reading from memory into bytes cannot fail.
    let mut records: Vec<ByteRecord> =
        reader.byte_records().map_while(Result::ok).take(RECORDS + 1).collect();
    if !whole && records.len() <= RECORDS && records.len() > 1 {
        records.pop();
    }
    records
}

fn delimiter(head: &str, whole: bool, tidy: bool) -> Delimiter {
    let mut best = (Delimiter::Comma, (false, 0, 0));
    for candidate in Delimiter::ALL {
        let widths: Vec<usize> =
            records(head, whole, candidate).iter().map(ByteRecord::len).collect();
        let alike = |width: usize| widths.iter().filter(|&&other| other == width).count();
        let width = if tidy {
            widths.first().copied().unwrap_or_default()
        } else {
            let width = widths.iter().copied().filter(|&width| width > 1);
            width.max_by_key(|&width| (alike(width), width)).unwrap_or_default()
        };
        if width < 2 {
            continue;
        }
        let score = if tidy {
            (alike(width) == widths.len(), width, 0)
        } else {
            (true, alike(width), width)
        };
        if score > best.1 {
            best = (candidate, score);
        }
    }
    best.0
}

/// What the numbers of the first lines say of separators.
#[derive(Default)]
struct Votes {
    /// Fractions that cannot be thousands: with a point, with a comma.
    point: bool,
    comma: bool,
    /// Thousands that cannot be fractions, by separator.
    thousands: Vec<Thousands>,
    /// `1,234` and `1.234`, of which either may be meant.
    either_comma: Option<Ambiguous>,
    either_point: Option<Ambiguous>,
}

impl Votes {
    fn add(&mut self, row: usize, cell: usize, text: &str) {
        let ambiguous = || Some(Ambiguous { row, cell, text: text.to_owned() });
        match shape(text) {
            Some(Shape::Number { decimal, thousands }) => {
                self.point |= decimal == Some(Decimal::Point);
                self.comma |= decimal == Some(Decimal::Comma);
                if let Some(thousands) = thousands
                    && !self.thousands.contains(&thousands)
                {
                    self.thousands.push(thousands);
                }
            }
            Some(Shape::Either(Decimal::Comma)) if self.either_comma.is_none() => {
                self.either_comma = ambiguous();
            }
            Some(Shape::Either(Decimal::Point)) if self.either_point.is_none() => {
                self.either_point = ambiguous();
            }
            _ => {}
        }
    }

    fn settle(self, delimiter: Delimiter, hints: Hints) -> (Decimal, Thousands, Option<Ambiguous>) {
        let says = |separator| self.thousands.contains(&separator);
        let mut ambiguous = None;
        let decimal = hints.decimal.unwrap_or_else(|| {
            let by_thousands = match hints.thousands {
                Some(Thousands::Comma) => Some(Decimal::Point),
                Some(Thousands::Point) => Some(Decimal::Comma),
                _ if says(Thousands::Comma) => Some(Decimal::Point),
                _ if says(Thousands::Point) => Some(Decimal::Comma),
                // Whoever groups by something else has the comma for fractions.
                _ if self.either_comma.is_some() && !self.thousands.is_empty() => {
                    Some(Decimal::Comma)
                }
                _ => None,
            };
            match (self.point, self.comma, by_thousands) {
                (true, _, _) => Decimal::Point,
                (_, _, Some(decimal)) => decimal,
                // Who writes fractions with a comma separates cells by something else; `1,5` in a
                // file of commas is then no number, and a column of such is an error.
                (_, true, _) if delimiter != Delimiter::Comma => Decimal::Comma,
                _ if delimiter == Delimiter::Comma || hints.thousands.is_some() => Decimal::Point,
                _ => {
                    ambiguous.clone_from(&self.either_comma);
                    Decimal::Point
                }
            }
        });
        let thousands = hints.thousands.unwrap_or_else(|| {
            let fraction = match decimal {
                Decimal::Comma => Thousands::Comma,
                Decimal::Point => Thousands::Point,
            };
            let mut certain = self.thousands.iter().filter(|&&separator| separator != fraction);
            match (certain.next(), certain.next(), decimal) {
                (Some(&one), None, _) => one,
                (None, _, Decimal::Point) if self.either_comma.is_some() => Thousands::Comma,
                (None, _, Decimal::Comma) if hints.decimal.is_none() => {
                    if ambiguous.is_none() {
                        ambiguous.clone_from(&self.either_point);
                    }
                    Thousands::None
                }
                _ => Thousands::None,
            }
        });
        (decimal, thousands, ambiguous)
    }
}

/// What the separators of a number tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// What they are, where they occur.
    Number { decimal: Option<Decimal>, thousands: Option<Thousands> },
    /// `1,234` or `1.234`.
    Either(Decimal),
}

/// Whether a text is digits with separators in some convention.
pub(super) fn has_separators(trimmed: &str) -> bool {
    match shape(trimmed) {
        Some(Shape::Number { decimal, thousands }) => decimal.is_some() || thousands.is_some(),
        Some(Shape::Either(_)) => true,
        None => false,
    }
}

/// What the separators of a text tell, if it is digits with separators in some convention.
fn shape(trimmed: &str) -> Option<Shape> {
    let unsigned = trimmed.strip_prefix(['+', '-', '−']).unwrap_or(trimmed);
    let kind = |c: char| {
        let all = [Thousands::Comma, Thousands::Point, Thousands::Space, Thousands::Apostrophe];
        all.into_iter().find(|thousands| thousands.is(c))
    };
    let mut separators = Vec::new();
    let mut lengths = vec![0];
    for c in unsigned.chars() {
        match kind(c) {
            Some(separator) => {
                separators.push(separator);
                lengths.push(0);
            }
            None if c.is_ascii_digit() => *lengths.last_mut()? += 1,
            None => return None,
        }
    }
    let grouped = |lengths: &[usize]| {
        (1..=3).contains(&lengths[0]) && lengths[1..].iter().all(|&length| length == 3)
    };
    let decimal = |separator| match separator {
        Thousands::Comma => Some(Decimal::Comma),
        Thousands::Point => Some(Decimal::Point),
        _ => None,
    };
    let &[.., last] = separators.as_slice() else {
        return (lengths[0] > 0).then_some(Shape::Number { decimal: None, thousands: None });
    };
    let first = separators[0];
    if separators.len() == 1 {
        let Some(fraction) = decimal(last) else {
            let number = Shape::Number { decimal: None, thousands: Some(last) };
            return grouped(&lengths).then_some(number);
        };
        return if grouped(&lengths) && !unsigned.starts_with('0') {
            Some(Shape::Either(fraction))
        } else if lengths[0] + lengths[1] > 0 {
            Some(Shape::Number { decimal: Some(fraction), thousands: None })
        } else {
            None
        };
    }
    let (groups, fraction) = if last == first {
        (lengths.len(), None)
    } else {
        (lengths.len() - 1, Some(decimal(last)?))
    };
    let alike = separators[..groups - 1].iter().all(|&separator| separator == first);
    (alike && grouped(&lengths[..groups]))
        .then_some(Shape::Number { decimal: fraction, thousands: Some(first) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_first_lines_show() {
        use {Decimal as D, Delimiter as L, Thousands as T};
        #[rustfmt::skip]
        let cases: [(&str, L, D, T); 21] = [
            ("a,b\n1,2\n", L::Comma, D::Point, T::None),
            ("a;b\n1;2\n", L::Semicolon, D::Point, T::None),
            ("a\tb\n1,5\t2\n", L::Tab, D::Comma, T::None),
            ("a|b\n1.5|2\n", L::Pipe, D::Point, T::None),
            ("a;b\n1,5;2,25\n", L::Semicolon, D::Comma, T::None),
            ("a;b,c\n1,5;2,25\n", L::Semicolon, D::Comma, T::None),
            ("\"a;b\",c\n1,2\n", L::Comma, D::Point, T::None),
            ("a,b\nx;y,1\n", L::Comma, D::Point, T::None),
            ("a,b,c\n1,2\n", L::Comma, D::Point, T::None),
            ("a\n1\n", L::Comma, D::Point, T::None),
            ("a,b\n\"1,234.5\",2\n", L::Comma, D::Point, T::Comma),
            ("a,b\n\"1,234\",2\n", L::Comma, D::Point, T::Comma),
            ("a;b\n1.234,5;2\n", L::Semicolon, D::Comma, T::Point),
            ("a;b\n1 234,5;2\n", L::Semicolon, D::Comma, T::Space),
            ("a;b\n1\u{a0}234;5,678\n", L::Semicolon, D::Comma, T::Space),
            ("a;b\n1'234.5;2\n", L::Semicolon, D::Point, T::Apostrophe),
            ("a;b\n1,234,567;2\n", L::Semicolon, D::Point, T::Comma),
            ("a;b\n1.5;1,234\n", L::Semicolon, D::Point, T::Comma),
            ("a;b\n0,123;2\n", L::Semicolon, D::Comma, T::None),
            ("a;b\n2014.01.02;1.234\n", L::Semicolon, D::Point, T::None),
            ("a,b\n\"1,2\",3\n", L::Comma, D::Point, T::None),
        ];
        for (head, delimiter, decimal, thousands) in cases {
            let seen = detect(head, true, true, Hints::default());
            assert_eq!(seen.dialect, Dialect { delimiter, decimal, thousands }, "{head:?}");
            assert_eq!(seen.ambiguous, None, "{head:?}");
        }
    }

    #[test]
    fn what_may_be_either_is_not_decided() {
        for (head, row, cell) in [
            ("a;b\n1;2\n3;1,234\n", 1, 2),
            ("a;b\n1,5;1.234\n", 0, 2),
            ("a\tb\n-12,345\t1\n", 0, 1),
        ] {
            let found = detect(head, true, true, Hints::default()).ambiguous;
            assert_eq!(found.map(|it| (it.row, it.cell)), Some((row, cell)), "{head:?}");
            let said = Hints { decimal: Some(Decimal::Comma), ..Hints::default() };
            assert_eq!(detect(head, true, true, said).ambiguous, None, "{head:?}");
        }
    }

    #[test]
    fn a_grid_is_divided_by_what_divides_most_lines_alike() {
        let head = "a title, and more\n\n;2014;2015\nx;1,5;2\ny;3;4\nsource: z\n";
        let seen = detect(head, true, false, Hints::default());
        assert_eq!(seen.dialect.delimiter, Delimiter::Semicolon);
        assert_eq!(seen.dialect.decimal, Decimal::Comma);
    }

    #[test]
    fn numbers_are_read_in_one_convention_only() {
        let comma = |thousands| Dialect {
            delimiter: Delimiter::Semicolon,
            decimal: Decimal::Comma,
            thousands,
        };
        let point = |thousands| Dialect { decimal: Decimal::Point, ..comma(thousands) };
        let cases = [
            (comma(Thousands::None), "1,5", Some(1.5)),
            (comma(Thousands::None), "-0,25e3", Some(-250.0)),
            (comma(Thousands::None), "1.5", None),
            (comma(Thousands::None), "1,5,5", None),
            (comma(Thousands::None), "1.234,5", None),
            (comma(Thousands::Point), "1.234,5", Some(1234.5)),
            (comma(Thousands::Point), "+1.234.567", Some(1_234_567.0)),
            (comma(Thousands::Point), "12.34", None),
            (comma(Thousands::Point), "1234.567", None),
            (comma(Thousands::Space), "1 234,5", Some(1234.5)),
            (comma(Thousands::Space), "1\u{202f}234,5", Some(1234.5)),
            (comma(Thousands::Space), "1  234,5", None),
            (point(Thousands::Comma), "1,234.5", Some(1234.5)),
            (point(Thousands::Comma), "1234.5", Some(1234.5)),
            (point(Thousands::Comma), "1,234.5,6", None),
            (point(Thousands::Comma), ",234", None),
            (point(Thousands::Comma), "1,23", None),
            (point(Thousands::Comma), "1,234e-3", Some(1.234)),
            (point(Thousands::None), "1,234", None),
        ];
        for (dialect, text, number) in cases {
            assert_eq!(dialect.number(text), number, "{text} with {dialect}");
        }
    }
}
