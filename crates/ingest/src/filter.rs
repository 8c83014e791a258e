//! Which rows to keep, as text: `province != Tibet`, `gdp > 0`, `year in 2014..2022`.

use std::fmt;
use std::str::FromStr;

use panel::{Column, Name, Panel, Term};
use serde::Deserialize;

use crate::Error;

/// A condition on one column; printing and parsing are inverse.
///
/// A row whose value is missing fails every condition: it is left out, and counted.
///
/// ```
/// use ingest::Filter;
/// let filter: Filter = "province != Inner Mongolia".parse()?;
/// assert_eq!(filter.column, "province");
/// assert_eq!(filter.to_string(), "province != Inner Mongolia");
/// # Ok::<(), ingest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Filter {
    /// The column; in backticks if its name has a space or an operator.
    pub column: Name,
    /// What must hold of its value.
    pub test: Test,
}

/// What must hold of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// A comparison: `== != < <= > >=`.
    Is(Relation, Value),
    /// `in A..B`: between two numbers, both included.
    In(f64, f64),
}

/// How a value compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// The right-hand side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A finite number.
    Number(f64),
    /// A label; in double quotes if it looks like a number or has space at an end.
    Text(String),
}

/// Longest first, so that `<=` is not read as `<`.
const RELATIONS: [(&str, Relation); 6] = [
    ("==", Relation::Equal),
    ("!=", Relation::NotEqual),
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("<", Relation::Less),
    (">", Relation::Greater),
];

impl Filter {
    /// Whether each row of `panel` passes; `None` where the value is missing.
    ///
    /// # Errors
    ///
    /// [`Error::Panel`] if there is no such column, [`Error::Compare`] if its values cannot be
    /// compared so.
    pub fn verdicts(&self, panel: &Panel) -> Result<Vec<Option<bool>>, Error> {
        let at = || format!("where `{self}`");
        let wrong = |reason| Error::Compare { filter: self.to_string(), reason };
        let is_category = matches!(panel.columns().get(&self.column), Some(Column::Category(_)));
        if self.column == panel.index().entity_name || is_category {
            let Test::Is(relation @ (Relation::Equal | Relation::NotEqual), value) = &self.test
            else {
                return Err(wrong("labels have no order; use `==` or `!=`"));
            };
            let factor =
                panel.factor(&self.column).map_err(|error| Error::Panel { at: at(), error })?;
            let label = value.label();
            let passes: Vec<bool> =
                factor.labels().map(|l| (l == label) == (*relation == Relation::Equal)).collect();
            return Ok(factor.codes().iter().map(|&c| passes.get(c as usize).copied()).collect());
        }
        let passes: Box<dyn Fn(f64) -> bool> = match &self.test {
            Test::Is(_, Value::Text(_)) => {
                return Err(wrong("the column holds numbers; compare it with a number"));
            }
            &Test::Is(relation, Value::Number(bound)) => {
                Box::new(move |x| relation.holds(x, bound))
            }
            &Test::In(low, high) => Box::new(move |x| low <= x && x <= high),
        };
        let values = panel
            .values(&Term::var(self.column.as_str()))
            .map_err(|error| Error::Panel { at: at(), error })?;
        Ok(values.iter().map(|&x| (!x.is_nan()).then(|| passes(x))).collect())
    }

    /// A label that is compared with must occur: a misspelt one would leave nothing out.
    ///
    /// # Errors
    ///
    /// [`Error::Panel`] with the nearest labels, if it does not occur in a column of labels.
    pub fn check_label(&self, panel: &Panel) -> Result<(), Error> {
        match &self.test {
            Test::Is(_, value) if self.column != panel.index().period_name => panel
                .values(&Term::Level(self.column.clone(), value.label()))
                .map(drop)
                .map_err(|error| Error::Panel { at: format!("where `{self}`"), error }),
            _ => Ok(()),
        }
    }
}

impl Relation {
    // A filter means what it says: `==` is exact.
    #[allow(clippy::float_cmp)]
    fn holds(self, x: f64, bound: f64) -> bool {
        match self {
            Self::Equal => x == bound,
            Self::NotEqual => x != bound,
            Self::Less => x < bound,
            Self::AtMost => x <= bound,
            Self::Greater => x > bound,
            Self::AtLeast => x >= bound,
        }
    }
}

impl Value {
    fn label(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|x: &f64| x.is_finite())
}

/// Whether a name reads back as itself without backticks.
fn is_bare(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "`=!<>".contains(c))
}

impl FromStr for Filter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fail = |expected| Error::Filter { text: text.to_owned(), expected };
        let trimmed = text.trim();
        let (column, rest) = if let Some(quoted) = trimmed.strip_prefix('`') {
            unquote(quoted, '`').ok_or(fail("a closing backtick"))?
        } else {
            let end = trimmed.find(|c: char| c.is_whitespace() || "`=!<>".contains(c));
            let (name, rest) = trimmed.split_at(end.unwrap_or(trimmed.len()));
            (name.to_owned(), rest)
        };
        if column.is_empty() {
            return Err(fail("the name of a column"));
        }
        let rest = rest.trim_start();
        if let Some(range) = rest.strip_prefix("in ") {
            let bounds = range.split_once("..");
            let (low, high) = bounds
                .and_then(|(low, high)| Some((number(low.trim())?, number(high.trim())?)))
                .ok_or(fail("two numbers, as in `in 2014..2022`"))?;
            return Ok(Self { column, test: Test::In(low, high) });
        }
        let (relation, value) = RELATIONS
            .iter()
            .find_map(|(sign, relation)| Some((*relation, rest.strip_prefix(sign)?.trim())))
            .ok_or(fail("one of `== != < <= > >= in` after the column"))?;
        let value = if let Some(quoted) = value.strip_prefix('"') {
            match unquote(quoted, '"') {
                Some((text, "")) => Value::Text(text),
                _ => return Err(fail("a closing quote at the end")),
            }
        } else if value.is_empty() {
            return Err(fail("a value after the operator"));
        } else {
            number(value).map_or_else(|| Value::Text(value.to_owned()), Value::Number)
        };
        Ok(Self { column, test: Test::Is(relation, value) })
    }
}

/// The text up to the closing mark, which stands doubled inside, and what follows.
fn unquote(text: &str, mark: char) -> Option<(String, &str)> {
    let (mut inside, mut rest) = (String::new(), text);
    loop {
        let (before, after) = rest.split_once(mark)?;
        inside.push_str(before);
        match after.strip_prefix(mark) {
            Some(after) => {
                inside.push(mark);
                rest = after;
            }
            None => return Some((inside, after)),
        }
    }
}

impl TryFrom<String> for Filter {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_bare(&self.column) {
            write!(f, "{} ", self.column)?;
        } else {
            write!(f, "`{}` ", self.column.replace('`', "``"))?;
        }
        match &self.test {
            Test::Is(relation, value) => {
                let sign = RELATIONS.iter().find(|(_, r)| r == relation).map_or("", |(s, _)| s);
                write!(f, "{sign} {value}")
            }
            Test::In(low, high) => write!(f, "in {low}..{high}"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => {
                let bare = !text.is_empty()
                    && text.trim() == text
                    // After `<`, a leading `=` would join the operator.
                    && !text.starts_with(['"', '='])
                    && number(text).is_none();
                if bare {
                    f.write_str(text)
                } else {
                    write!(f, "\"{}\"", text.replace('"', "\"\""))
                }
            }
        }
    }
}
