//! Regressors, as data.

use std::fmt;

/// A column name.
pub type Name = String;

/// A regressor: a column, or a transformation that the field writes in one line.
///
/// | text | means | as in |
/// |---|---|---|
/// | `x` | the column | |
/// | `` `Digital index` `` | a column whose name is not a word | R |
/// | `L.x`, `L2.x`, `F.x` | lag, second lag, lead, over calendar periods | Stata |
/// | `log(x)`, `log1p(x)` | natural logarithm, of `x` and of `1 + x` | R |
/// | `x^2` | a power | |
/// | `x:z` | a product | fixest, R |
/// | `i.region`, `ib3.region` | indicators of a category but its first level, or level `3` | Stata |
/// | `i.region:x` | a slope of `x` in every level | |
/// | `region::east` | one indicator | fixest |
///
/// ```
/// use panel::Term;
/// let term: Term = "L2.log(gdp)".parse()?;
/// assert_eq!(term, Term::Lag(Box::new(Term::Log(Box::new(Term::var("gdp")))), 2));
/// assert_eq!(term.to_string(), "L2.log(gdp)");
/// # Ok::<(), panel::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// The column itself.
    Var(Name),
    /// A term `k` calendar periods earlier (later, if negative); missing where the panel has a gap.
    Lag(Box<Term>, i32),
    /// The natural logarithm.
    Log(Box<Term>),
    /// The natural logarithm of one plus the term.
    Log1p(Box<Term>),
    /// A whole power of at least two.
    Power(Box<Term>, u32),
    /// A product of two or more terms; none of them is a product.
    Product(Vec<Term>),
    /// One indicator for every level of a category but a base.
    Levels(Name, Base),
    /// The indicator of one level of a category.
    Level(Name, String),
}

/// The level that a set of indicators leaves out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Base {
    /// The first level, `i.x`.
    First,
    /// The last level, `ib(last).x`.
    Last,
    /// The level with this label, `ib3.x`.
    Level(String),
}

impl Term {
    /// The column `name`.
    pub fn var(name: impl Into<Name>) -> Self {
        Self::Var(name.into())
    }

    /// The columns that the term reads, in order of appearance.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Var(name) | Self::Levels(name, _) | Self::Level(name, _) => vec![name],
            Self::Lag(term, _) | Self::Log(term) | Self::Log1p(term) | Self::Power(term, _) => {
                term.columns()
            }
            Self::Product(terms) => terms.iter().flat_map(Self::columns).collect(),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Var(name) => write!(f, "{}", Bare(name)),
            Self::Lag(term, k) => {
                f.write_str(if *k < 0 { "F" } else { "L" })?;
                if k.unsigned_abs() != 1 {
                    write!(f, "{}", k.unsigned_abs())?;
                }
                write!(f, ".{}", Atom(term))
            }
            Self::Log(term) => write!(f, "log({term})"),
            Self::Log1p(term) => write!(f, "log1p({term})"),
            Self::Power(term, k) => write!(f, "{}^{k}", Atom(term)),
            Self::Product(terms) => {
                for (i, term) in terms.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { ":" })?;
                    write!(f, "{term}")?;
                }
                Ok(())
            }
            Self::Levels(name, Base::First) => write!(f, "i.{}", Bare(name)),
            Self::Levels(name, Base::Last) => write!(f, "ib(last).{}", Bare(name)),
            Self::Levels(name, Base::Level(level)) => {
                f.write_str("ib")?;
                // Only digits set the label off from the prefix.
                if level.bytes().all(|b| b.is_ascii_digit()) && !level.is_empty() {
                    f.write_str(level)?;
                } else {
                    quoted(level, f)?;
                }
                write!(f, ".{}", Bare(name))
            }
            Self::Level(name, level) => write!(f, "{}::{}", Bare(name), Label(level)),
        }
    }
}

/// A term in a place that binds tightly: products and powers go into parentheses.
struct Atom<'a>(&'a Term);

impl fmt::Display for Atom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            term @ (Term::Product(_) | Term::Power(..) | Term::Lag(..)) => write!(f, "({term})"),
            term => write!(f, "{term}"),
        }
    }
}

/// A name as it stands in a formula: in backticks unless it reads as a word by itself.
pub(crate) struct Bare<'a>(pub(crate) &'a str);

impl fmt::Display for Bare<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if crate::parse::is_word(self.0) { f.write_str(self.0) } else { quoted(self.0, f) }
    }
}

/// A level's label: like a name, but it may start with a digit.
struct Label<'a>(&'a str);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if crate::parse::is_label(self.0) { f.write_str(self.0) } else { quoted(self.0, f) }
    }
}

/// In backticks; a backtick inside is doubled.
fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "`{}`", text.replace('`', "``"))
}
