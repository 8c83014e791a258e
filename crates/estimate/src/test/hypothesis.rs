//! Linear hypotheses about coefficients, as data and as text.
//!
//! ```text
//! hypothesis  = equation {"," equation}        equation    = combination {"=" combination}
//! combination = ["-"] part {("+" | "-") part}  part        = factor {("*" | "/") factor}
//! factor      = number | "(" combination ")" | "-" factor | "Constant" | "_cons" | term
//! ```

use std::fmt;
use std::str::FromStr;

use panel::Term;

use crate::Fit;

/// A weighted sum of coefficients, and a number: what `lincom` estimates.
///
/// ```
/// use estimate::Combination;
/// let sum: Combination = "2*(x1 - L.x2)/4 + _cons - 1".parse()?;
/// assert_eq!(sum.to_string(), "0.5*x1 - 0.5*L.x2 + Constant - 1");
/// # Ok::<(), estimate::HypothesisError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Combination {
    /// Weights, none of them zero; `None` is the constant.
    pub(super) weights: Vec<(Option<Term>, f64)>,
    pub(super) offset: f64,
}

/// Linear restrictions on coefficients that hold together, in the words of Stata's `test`.
///
/// An equation without `=` says that a combination is zero, and `a = b = c` is two restrictions.
/// Names may contain a minus, as columns do: write blanks around one that subtracts.
///
/// ```
/// use estimate::Hypothesis;
/// let hypothesis: Hypothesis = "x1 + 2*x2 = 1, value = capital".parse()?;
/// assert_eq!(hypothesis.n(), 2);
/// assert_eq!(hypothesis.to_string(), "x1 + 2*x2 = 1, value - capital = 0");
///
/// let broken = "x1 + * x2".parse::<Hypothesis>().unwrap_err();
/// assert_eq!(broken.column, 6);
/// # Ok::<(), estimate::HypothesisError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// Combinations that are zero under the hypothesis, offsets included.
    pub(super) zero: Vec<Combination>,
}

/// A hypothesis that does not parse, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: expected {expected}, found {found}\n  {text}\n  {}^", " ".repeat(.column - 1))]
#[non_exhaustive]
pub struct HypothesisError {
    /// The text that was parsed.
    pub text: String,
    /// Where the mistake is, counted in characters from 1.
    pub column: usize,
    /// What could stand there.
    pub expected: &'static str,
    /// What stands there.
    pub found: String,
}

impl Hypothesis {
    /// That each of these terms has a zero coefficient.
    pub fn zero(terms: impl IntoIterator<Item = Term>) -> Self {
        let one = |term| Combination { weights: vec![(Some(term), 1.0)], offset: 0.0 };
        Self { zero: terms.into_iter().map(one).collect() }
    }

    /// Restrictions.
    pub fn n(&self) -> usize {
        self.zero.len()
    }
}

impl Combination {
    fn number(offset: f64) -> Self {
        Self { weights: Vec::new(), offset }
    }

    fn coefficient(term: Option<Term>) -> Self {
        Self { weights: vec![(term, 1.0)], offset: 0.0 }
    }

    fn add(mut self, other: Self, sign: f64) -> Self {
        for (term, weight) in other.weights {
            match self.weights.iter_mut().find(|(own, _)| *own == term) {
                Some((_, own)) => *own += sign * weight,
                None => self.weights.push((term, sign * weight)),
            }
        }
        self.weights.retain(|(_, weight)| *weight != 0.0);
        self.offset += sign * other.offset;
        self
    }

    fn scaled(mut self, by: f64) -> Self {
        self.weights.iter_mut().for_each(|(_, weight)| *weight *= by);
        self.weights.retain(|(_, weight)| *weight != 0.0);
        self.offset *= by;
        self
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (term, weight)) in self.weights.iter().enumerate() {
            let size = weight.abs();
            f.write_str(match (i, *weight < 0.0) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            })?;
            if size.to_bits() != 1.0_f64.to_bits() {
                write!(f, "{size}*")?;
            }
            match term {
                Some(term) => write!(f, "{term}")?,
                None => f.write_str(Fit::CONSTANT)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)?;
        if self.offset > 0.0 {
            write!(f, " + {}", self.offset)?;
        } else if self.offset < 0.0 {
            write!(f, " - {}", -self.offset)?;
        }
        Ok(())
    }
}

impl fmt::Display for Hypothesis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, combination) in self.zero.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { ", " })?;
            combination.write(f)?;
            // Adding zero turns a negative zero into a positive one.
            write!(f, " = {}", 0.0 - combination.offset + 0.0)?;
        }
        Ok(())
    }
}

impl FromStr for Combination {
    type Err = HypothesisError;

    fn from_str(text: &str) -> Result<Self, HypothesisError> {
        let mut parser = Parser::new(text);
        let combination = parser.combination()?;
        parser.end("`+`, `-`, `*`, `/` or the end")?;
        if combination.weights.is_empty() {
            return parser.fail_at(0, "a combination with a coefficient in it");
        }
        Ok(combination)
    }
}

impl FromStr for Hypothesis {
    type Err = HypothesisError;

    fn from_str(text: &str) -> Result<Self, HypothesisError> {
        let mut parser = Parser::new(text);
        let mut zero = Vec::new();
        loop {
            let start = parser.at;
            let mut sides = vec![parser.combination()?];
            while parser.eat('=') {
                parser.eat('=');
                sides.push(parser.combination()?);
            }
            if sides.len() == 1 {
                sides.push(Combination::number(0.0));
            }
            for pair in sides.windows(2) {
                let difference = pair[0].clone().add(pair[1].clone(), -1.0);
                if difference.weights.is_empty() {
                    return parser.fail_at(start, "a restriction that a coefficient can violate");
                }
                zero.push(difference);
            }
            if !parser.eat(',') {
                break;
            }
        }
        parser.end("`=`, `,`, `+`, `-`, `*`, `/` or the end")?;
        Ok(Self { zero })
    }
}

/// How deep parentheses and signs may nest: an input of brackets alone must not end the stack.
const DEPTH: usize = 64;

struct Parser<'a> {
    text: &'a str,
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, chars: text.chars().collect(), at: 0, depth: 0 }
    }

    fn fail<T>(&mut self, expected: &'static str) -> Result<T, HypothesisError> {
        self.peek();
        self.fail_at(self.at, expected)
    }

    fn fail_at<T>(&self, at: usize, expected: &'static str) -> Result<T, HypothesisError> {
        let rest = self.chars.iter().skip(at);
        let found = match self.chars.get(at) {
            None => "the end".to_owned(),
            Some(_) => format!("`{}`", rest.take_while(|c| !c.is_whitespace()).collect::<String>()),
        };
        Err(HypothesisError { text: self.text.to_owned(), column: at + 1, expected, found })
    }

    /// The next character that is not a blank.
    fn peek(&mut self) -> Option<char> {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn end(&mut self, expected: &'static str) -> Result<(), HypothesisError> {
        if self.peek().is_none() { Ok(()) } else { self.fail(expected) }
    }

    fn combination(&mut self) -> Result<Combination, HypothesisError> {
        let mut sum = self.part()?;
        loop {
            let sign = match self.peek() {
                Some('+') => 1.0,
                Some('-') => -1.0,
                _ => return Ok(sum),
            };
            self.at += 1;
            sum = sum.add(self.part()?, sign);
        }
    }

    fn part(&mut self) -> Result<Combination, HypothesisError> {
        let mut product = self.factor()?;
        loop {
            if self.eat('*') {
                self.peek();
                let start = self.at;
                let factor = self.factor()?;
                product = match (product.weights.is_empty(), factor.weights.is_empty()) {
                    (_, true) => product.scaled(factor.offset),
                    (true, false) => factor.scaled(product.offset),
                    (false, false) => return self.fail_at(start, "a number"),
                };
            } else if self.eat('/') {
                self.peek();
                let start = self.at;
                let factor = self.factor()?;
                if !factor.weights.is_empty() || factor.offset == 0.0 {
                    return self.fail_at(start, "a number other than zero");
                }
                product = product.scaled(1.0 / factor.offset);
            } else {
                return Ok(product);
            }
        }
    }

    fn factor(&mut self) -> Result<Combination, HypothesisError> {
        const EXPECTED: &str = "a term of the model, a number or `(`";
        if self.depth == DEPTH {
            return self.fail("fewer parentheses and signs");
        }
        self.depth += 1;
        let factor = match self.peek() {
            Some('(') => {
                self.at += 1;
                let inner = self.combination()?;
                if !self.eat(')') {
                    return self.fail("`)`");
                }
                inner
            }
            Some('-') => {
                self.at += 1;
                self.factor()?.scaled(-1.0)
            }
            Some(c) if c.is_ascii_digit() || c == '.' => Combination::number(self.number()?),
            Some(c) if c.is_alphabetic() || c == '_' || c == '`' => self.term()?,
            _ => return self.fail(EXPECTED),
        };
        self.depth -= 1;
        Ok(factor)
    }

    fn number(&mut self) -> Result<f64, HypothesisError> {
        let start = self.at;
        let mut end = start;
        while let Some(c) = self.chars.get(end) {
            let exponent = end > start && matches!(self.chars[end - 1], 'e' | 'E');
            let more = c.is_ascii_digit()
                || matches!(c, '.' | 'e' | 'E')
                || (exponent && matches!(c, '+' | '-'));
            if !more {
                break;
            }
            end += 1;
        }
        let text: String = self.chars[start..end].iter().collect();
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.at = end;
                Ok(number)
            }
            _ => self.fail_at(start, "a number"),
        }
    }

    /// A term reaches to a blank or an operator outside of backticks and parentheses.
    fn term(&mut self) -> Result<Combination, HypothesisError> {
        let start = self.at;
        let (mut end, mut open, mut quoted) = (start, 0_usize, false);
        while let Some(&c) = self.chars.get(end) {
            match c {
                '`' => quoted = !quoted,
                _ if quoted => {}
                '(' => open += 1,
                ')' if open > 0 => open -= 1,
                c if open == 0 && (c.is_whitespace() || "+*/=,)".contains(c)) => break,
                _ => {}
            }
            end += 1;
        }
        let text: String = self.chars[start..end].iter().collect();
        let term = match text.as_str() {
            Fit::CONSTANT | "_cons" => None,
            text => match text.parse::<Term>() {
                Ok(Term::Levels(..)) => {
                    return self.fail_at(start, "one indicator, as in `region::east`");
                }
                Ok(term) => Some(term),
                Err(_) => return self.fail_at(start, "a term as it stands in a formula"),
            },
        };
        self.at = end;
        Ok(Combination::coefficient(term))
    }
}
