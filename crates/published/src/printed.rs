//! One printed cell.

use std::{fmt, str::FromStr};

use crate::{
    Error, Expected, Number,
    glyph::{is_digit, is_sign, is_star},
    scan::Scan,
};

/// One cell of a printed table.
///
/// ```text
/// cell     = blank | words without digits | estimate
/// estimate = [stars] number [stars] [bracket number bracket] [stars]      stars at one place only
/// ```
///
/// A cell with a digit in it is an estimate or an error, never words: a mistyped number must not
/// hide as text. Where a table's column holds prose ("50,000 acres"), use [`Printed::text`].
///
/// **Errors:** parsing fails with [`Error::Unreadable`], which says at which character and what
/// was expected; also on `NaN` and on infinities, which no program should have printed.
///
/// ```
/// use published::Printed;
///
/// let cell: Printed = "0.0088*** (0.0031)".parse()?;
/// let estimate = cell.estimate().expect("a number");
/// assert_eq!(estimate.number().value(), 0.0088);
/// assert_eq!(estimate.stars(), 3);
/// assert_eq!(estimate.uncertainty().map(|se| se.value()), Some(0.0031));
/// assert_eq!("YES".parse(), Ok(Printed::Text("YES".to_owned())));
/// assert_eq!("0.00.88".parse::<Printed>().unwrap_err().to_string(),
///     "`0.00.88`: character 5: expected the end of the cell after one estimate, its stars and \
///      one bracketed number; put other numbers into cells of their own");
/// # Ok::<(), published::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Printed {
    /// Nothing is printed.
    Blank,
    /// Words, such as `YES`, or prose.
    Text(String),
    /// A number with what stands around it.
    Estimate(Estimate),
}

impl Printed {
    /// A cell of words, which may hold digits; blank if there are none.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Blank } else { Self::Text(text) }
    }

    /// The number with what stands around it, if the cell has one.
    pub fn estimate(&self) -> Option<&Estimate> {
        if let Self::Estimate(estimate) = self { Some(estimate) } else { None }
    }

    /// The number, if the cell has one.
    pub fn number(&self) -> Option<&Number> {
        self.estimate().map(Estimate::number)
    }
}

impl FromStr for Printed {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fail = |expected| Err(Scan::new(text).fail(expected));
        if text.trim() != text {
            fail(Expected::NoSpace)
        } else if text.contains(is_digit) {
            Estimate::read(text).map(Self::Estimate)
        } else if is_not_finite(text) {
            fail(Expected::Finite)
        } else {
            Ok(Self::text(text))
        }
    }
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Estimate(estimate) => estimate.fmt(f),
        }
    }
}

/// A printed number, its stars, and the number in brackets beside it.
///
/// What the brackets hold is a property of the table: [`crate::Uncertainty`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Estimate {
    text: String,
    number: Number,
    stars: Option<(u8, Place)>,
    uncertainty: Option<(Bracket, Number)>,
}

impl Estimate {
    /// The number itself.
    pub fn number(&self) -> &Number {
        &self.number
    }

    /// How many stars stand beside it: 0 to 4.
    pub fn stars(&self) -> u8 {
        self.stars.map_or(0, |(count, _)| count)
    }

    /// Where the stars stand, if there are any.
    pub fn place(&self) -> Option<Place> {
        self.stars.map(|(_, place)| place)
    }

    /// The number in brackets.
    pub fn uncertainty(&self) -> Option<&Number> {
        self.uncertainty.as_ref().map(|(_, number)| number)
    }

    /// The kind of brackets around it.
    pub fn bracket(&self) -> Option<Bracket> {
        self.uncertainty.as_ref().map(|&(bracket, _)| bracket)
    }

    /// The cell exactly as printed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn read(text: &str) -> Result<Self, Error> {
        let mut scan = Scan::new(text);
        let mut stars = None;
        read_stars(&mut scan, &mut stars, Place::Before)?;
        let number = Number::scan(&mut scan)?;
        read_stars(&mut scan, &mut stars, Place::After)?;
        let mut uncertainty = None;
        if let Some(bracket) = scan.peek().and_then(Bracket::opened_by) {
            scan.take(|_| true);
            scan.take_all(char::is_whitespace);
            let inside = Number::scan(&mut scan)?;
            scan.take_all(char::is_whitespace);
            scan.take(|c| bracket.is_closed_by(c))
                .ok_or_else(|| scan.fail(Expected::Closing(bracket.closing())))?;
            uncertainty = Some((bracket, inside));
            read_stars(&mut scan, &mut stars, Place::AfterBracket)?;
        }
        let text = scan.finish()?.to_owned();
        Ok(Self { text, number, stars, uncertainty })
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Where the stars of an estimate stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// `***0.12 (0.03)`
    Before,
    /// `0.12*** (0.03)`
    After,
    /// `0.12 (0.03)***`
    AfterBracket,
}

/// A kind of brackets, ASCII or full-width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bracket {
    /// `(0.03)`
    Round,
    /// `[0.03]`
    Square,
    /// `{0.03}`
    Curly,
}

impl Bracket {
    fn opened_by(c: char) -> Option<Self> {
        match c {
            '(' | '（' => Some(Self::Round),
            '[' | '［' | '【' => Some(Self::Square),
            '{' | '｛' => Some(Self::Curly),
            _ => None,
        }
    }

    fn closing(self) -> char {
        match self {
            Self::Round => ')',
            Self::Square => ']',
            Self::Curly => '}',
        }
    }

    fn is_closed_by(self, c: char) -> bool {
        match self {
            Self::Round => matches!(c, ')' | '）'),
            Self::Square => matches!(c, ']' | '］' | '】'),
            Self::Curly => matches!(c, '}' | '｝'),
        }
    }
}

/// Stars and the white space around them, if there are any here.
fn read_stars(scan: &mut Scan, stars: &mut Option<(u8, Place)>, place: Place) -> Result<(), Error> {
    scan.take_all(char::is_whitespace);
    let at = scan.at();
    let count = scan.take_all(is_star).chars().count();
    scan.take_all(char::is_whitespace);
    match u8::try_from(count) {
        Ok(0) => Ok(()),
        Ok(count @ 1..=4) if stars.is_none() => {
            *stars = Some((count, place));
            Ok(())
        }
        _ => Err(scan.fail_at(at, Expected::Stars)),
    }
}

fn is_not_finite(text: &str) -> bool {
    let around = |c: char| c.is_whitespace() || is_star(c) || is_sign(c) || "()[]{}".contains(c);
    let word = text.trim_matches(around).to_lowercase();
    matches!(word.as_str(), "nan" | "inf" | "infinity" | "∞")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(text: &str) -> Estimate {
        match text.parse() {
            Ok(Printed::Estimate(estimate)) => estimate,
            other => panic!("`{text}` is {other:?}"),
        }
    }

    #[test]
    fn every_form_of_an_estimate() {
        use Bracket::{Curly, Round, Square};
        use Place::{After, AfterBracket, Before};
        for (text, number, stars, place, bracket, uncertainty) in [
            ("0.0088*** (0.0031)", "0.0088", 3, Some(After), Some(Round), Some("0.0031")),
            ("-0.4737 (0.3968)", "-0.4737", 0, None, Some(Round), Some("0.3968")),
            ("***0.12", "0.12", 3, Some(Before), None, None),
            ("***-0.12(0.1)", "-0.12", 3, Some(Before), Some(Round), Some("0.1")),
            ("0.0242** [2.31]", "0.0242", 2, Some(After), Some(Square), Some("2.31")),
            ("0.12 (-2.64)***", "0.12", 3, Some(AfterBracket), Some(Round), Some("-2.64")),
            ("0.12 * {0.03}", "0.12", 1, Some(After), Some(Curly), Some("0.03")),
            ("0.12∗∗ ( 0.03 )", "0.12", 2, Some(After), Some(Round), Some("0.03")),
            ("0.12＊\n(0.03)", "0.12", 1, Some(After), Some(Round), Some("0.03")),
            (
                "−０．１２＊＊＊（０．０３）",
                "−０．１２",
                3,
                Some(After),
                Some(Round),
                Some("０．０３"),
            ),
            ("38.47*", "38.47", 1, Some(After), None, None),
            ("0.1****", "0.1", 4, Some(After), None, None),
            ("270", "270", 0, None, None, None),
            ("12.5%", "12.5%", 0, None, None, None),
            ("1,234.50", "1,234.50", 0, None, None, None),
        ] {
            let read = estimate(text);
            assert_eq!(read.number().as_str(), number, "{text}");
            assert_eq!((read.stars(), read.place()), (stars, place), "{text}");
            assert_eq!(read.bracket(), bracket, "{text}");
            assert_eq!(read.uncertainty().map(Number::as_str), uncertainty, "{text}");
            assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn words_and_blanks() {
        assert_eq!("".parse(), Ok(Printed::Blank));
        assert_eq!(Printed::text(""), Printed::Blank);
        for words in ["YES", "No", "-", "+", "—", "控制", "NA", "Nanjing", "information", "(.)"]
        {
            assert_eq!(words.parse(), Ok(Printed::Text(words.to_owned())));
        }
        let prose = Printed::text("50,000 acres");
        assert_eq!((prose.number(), prose.to_string().as_str()), (None, "50,000 acres"));
    }

    #[test]
    fn garbage_says_where_and_why() {
        use Expected::{Closing, Digit, End, Finite, NoSpace, Stars};
        for (text, at, why) in [
            ("0.00.88", 5, End),
            ("0.1 (0.2", 9, Closing(')')),
            ("0.1 (0.2]", 9, Closing(')')),
            ("0.1 [0.2)", 9, Closing(']')),
            ("0.1**** (x)", 10, Digit),
            ("0.1 ()", 6, Digit),
            ("0.1***** (0.2)", 4, Stars),
            ("*0.1*", 5, Stars),
            ("0.1* (0.2)*", 11, Stars),
            ("0.1 (0.2*)", 9, Closing(')')),
            ("0.1 (0.2) [0.3]", 11, End),
            ("0.1 0.2", 5, End),
            ("0.1)", 4, End),
            ("(0.1)", 1, Digit),
            ("x1", 1, Digit),
            ("50,000 acres", 8, End),
            ("２O14", 2, End),
            (" 0.1", 1, NoSpace),
            ("YES ", 1, NoSpace),
            ("  ", 1, NoSpace),
            ("NaN", 1, Finite),
            ("-inf", 1, Finite),
            ("NaN***", 1, Finite),
            ("−∞", 1, Finite),
        ] {
            let wrong = Error::Unreadable { text: text.to_owned(), column: at, expected: why };
            assert_eq!(text.parse::<Printed>(), Err(wrong), "{text}");
        }
    }
}
