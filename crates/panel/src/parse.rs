//! The text form of terms and models: a hand-written descent over characters.
//!
//! ```text
//! model   = term "~" rhs ["|" absorb {"+" absorb}] ["|" sum "~" sum]
//! absorb  = name {"^" name} ["[" terms "]" | "[[" terms "]]"]
//! terms   = product {"," product}      sum     = product {"+" product}
//! rhs     = item {"+" item}            item    = "0" | "1" | product
//! product = power {(":" | "*") power}  a*b stands for a + b + a:b
//! power   = atom ["^" digits]
//! atom    = "(" product ")" | ("log" | "log1p") "(" product ")" | ("L" | "F") [digits] "." atom
//!         | "i." name | "ib" (label | "(last)") "." name | name ["::" label]
//! name    = word | "`" any "`"         word    = letter or _, then letters, digits, _ . -
//! ```

use std::str::FromStr;

use crate::{Absorb, Base, Instruments, Model, Name, Term};

/// A formula that does not parse, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: expected {expected}, found {found}\n  {text}\n  {}^", " ".repeat(.column - 1))]
#[non_exhaustive]
pub struct SyntaxError {
    /// The text that was parsed.
    pub text: String,
    /// Where the mistake is, counted in characters from 1.
    pub column: usize,
    /// What could stand there.
    pub expected: &'static str,
    /// What stands there.
    pub found: String,
}

impl FromStr for Term {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let mut parser = Parser::new(text);
        let term = parser.product(false)?;
        parser.end("the end of the term")?;
        Ok(term.into_iter().next().unwrap_or_else(|| Term::var("")))
    }
}

impl FromStr for Model {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let mut parser = Parser::new(text);
        let response = parser.product(false)?;
        let response = response.into_iter().next().unwrap_or_else(|| Term::var(""));
        parser.expect('~', "`~` after the response")?;
        let (mut terms, mut constant) = (Vec::new(), true);
        loop {
            match parser.peek_skipping_space() {
                Some(digit @ ('0' | '1')) => {
                    parser.at += 1;
                    constant = digit == '1';
                }
                _ => {
                    for term in parser.product(true)? {
                        if terms.contains(&term) {
                            return parser.fail("a term that is not in the model yet");
                        }
                        terms.push(term);
                    }
                }
            }
            if !parser.eat('+') {
                break;
            }
        }
        let (mut absorb, mut instruments): (Vec<Absorb>, _) = (Vec::new(), None);
        let mut bar = parser.eat('|');
        if bar && !parser.instruments_ahead() {
            loop {
                let next = parser.absorb()?;
                if absorb.iter().any(|before| before.overlaps(&next)) {
                    return parser.fail("a factor that is not absorbed yet");
                }
                absorb.push(next);
                if !parser.eat('+') {
                    break;
                }
            }
            bar = parser.eat('|');
        }
        if bar {
            let endogenous = parser.sum(&terms)?;
            parser.expect('~', "`+`, or `~` before the instruments")?;
            let known: Vec<Term> = terms.iter().chain(&endogenous).cloned().collect();
            instruments = Some(Instruments { excluded: parser.sum(&known)?, endogenous });
        }
        parser.end(match (&instruments, absorb.is_empty()) {
            (Some(_), _) => "`+` or the end of the instruments",
            (None, true) => "`+`, `:`, `|` or the end",
            (None, false) => "`+`, `|` or the end of the absorbed factors",
        })?;
        Ok(Self { response, terms, constant, absorb, instruments })
    }
}

impl FromStr for Absorb {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let mut parser = Parser::new(text);
        let absorb = parser.absorb()?;
        parser.end("`^`, `[` or the end")?;
        Ok(absorb)
    }
}

/// How deep parentheses and prefixes may nest: an input of brackets alone must not end the stack.
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

    fn fail<T>(&self, expected: &'static str) -> Result<T, SyntaxError> {
        let rest = self.chars.iter().skip(self.at);
        let found = match self.chars.get(self.at) {
            None => "the end".to_owned(),
            Some(_) => format!("`{}`", rest.take_while(|c| !c.is_whitespace()).collect::<String>()),
        };
        Err(SyntaxError { text: self.text.to_owned(), column: self.at + 1, expected, found })
    }

    fn peek_skipping_space(&mut self) -> Option<char> {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek_skipping_space() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: char, expected: &'static str) -> Result<(), SyntaxError> {
        if self.eat(wanted) { Ok(()) } else { self.fail(expected) }
    }

    fn end(&mut self, expected: &'static str) -> Result<(), SyntaxError> {
        if self.peek_skipping_space().is_none() { Ok(()) } else { self.fail(expected) }
    }

    /// Whether a `~` comes before the next `|`: what follows are instruments.
    fn instruments_ahead(&self) -> bool {
        let mut quoted = false;
        for &c in &self.chars[self.at..] {
            match c {
                '`' => quoted = !quoted,
                '~' if !quoted => return true,
                '|' if !quoted => return false,
                _ => {}
            }
        }
        false
    }

    /// Terms joined by `+`, none of them `known` already.
    fn sum(&mut self, known: &[Term]) -> Result<Vec<Term>, SyntaxError> {
        let mut sum = Vec::new();
        loop {
            for term in self.product(true)? {
                if known.contains(&term) || sum.contains(&term) {
                    return self.fail("a term that is not in the model yet");
                }
                sum.push(term);
            }
            if !self.eat('+') {
                return Ok(sum);
            }
        }
    }

    fn absorb(&mut self) -> Result<Absorb, SyntaxError> {
        let mut factors = Vec::new();
        loop {
            let name = self.name("the name of a factor to absorb")?;
            if factors.contains(&name) {
                return self.fail("another factor");
            }
            factors.push(name);
            if !self.eat('^') {
                break;
            }
        }
        let mut absorb = Absorb { factors, slopes: Vec::new(), intercept: true };
        if !self.eat('[') {
            return Ok(absorb);
        }
        absorb.intercept = !self.eat('[');
        loop {
            let slope = self.product(false)?.into_iter().next();
            let slope = slope.filter(|slope| !absorb.slopes.contains(slope));
            let Some(slope) = slope else {
                return self.fail("a slope that is not absorbed yet");
            };
            absorb.slopes.push(slope);
            if !self.eat(',') {
                break;
            }
        }
        self.expect(']', "`,` or `]`")?;
        if !absorb.intercept {
            self.expect(']', "a second `]`")?;
        }
        Ok(absorb)
    }

    /// Terms joined by `:`, or by `*` where a sum may stand.
    fn product(&mut self, sums: bool) -> Result<Vec<Term>, SyntaxError> {
        let mut terms = vec![self.power()?];
        loop {
            if self.eat(':') {
                let right = self.power()?;
                if let Some(last) = terms.last_mut() {
                    *last = times(std::mem::replace(last, Term::var("")), right);
                }
            } else if sums && self.eat('*') {
                let right = self.power()?;
                let crossed: Vec<Term> =
                    terms.iter().map(|term| times(term.clone(), right.clone())).collect();
                terms.push(right);
                terms.extend(crossed);
            } else {
                return Ok(terms);
            }
        }
    }

    fn power(&mut self) -> Result<Term, SyntaxError> {
        let atom = self.atom()?;
        if !self.eat('^') {
            return Ok(atom);
        }
        self.peek_skipping_space();
        match self.digits() {
            Some(k) if k >= 2 => Ok(Term::Power(Box::new(atom), k)),
            _ => self.fail("a whole power of at least 2"),
        }
    }

    fn atom(&mut self) -> Result<Term, SyntaxError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return self.fail("fewer parentheses");
        }
        let atom = self.bare_atom();
        self.depth -= 1;
        atom
    }

    fn bare_atom(&mut self) -> Result<Term, SyntaxError> {
        const NAME: &str = "a variable, such as `x`, `L.x`, `log(x)` or `i.x`";
        if self.eat('(') {
            let inner = self.product(false)?;
            self.expect(')', "`)`")?;
            return Ok(inner.into_iter().next().unwrap_or_else(|| Term::var("")));
        }
        let start = self.at;
        if self.peek_skipping_space().is_some_and(|c| c != '`') {
            if let Some(term) = self.prefixed()? {
                return Ok(term);
            }
            self.at = start;
        }
        let name = self.name(NAME)?;
        let two_colons = self.chars[self.at..].starts_with(&[':', ':']);
        if two_colons {
            self.at += 2;
            return Ok(Term::Level(name, self.label()?));
        }
        Ok(Term::Var(name))
    }

    /// A lag, a function or a set of indicators; `None` if the text is an ordinary name.
    fn prefixed(&mut self) -> Result<Option<Term>, SyntaxError> {
        let rest = |parser: &Self, prefix: &str| {
            let prefix: Vec<char> = prefix.chars().collect();
            parser.chars[parser.at..].starts_with(&prefix)
        };
        for (function, make) in
            [("log(", Term::Log as fn(Box<Term>) -> Term), ("log1p(", Term::Log1p)]
        {
            if rest(self, function) {
                self.at += function.len();
                let inner = self.product(false)?;
                self.expect(')', "`)`")?;
                let inner = inner.into_iter().next().unwrap_or_else(|| Term::var(""));
                return Ok(Some(make(Box::new(inner))));
            }
        }
        if rest(self, "i.") {
            self.at += 2;
            return Ok(Some(Term::Levels(self.name("the name of a category")?, Base::First)));
        }
        if rest(self, "ib") {
            self.at += 2;
            let base = if rest(self, "(last).") {
                self.at += "(last)".len();
                Base::Last
            } else if self.chars.get(self.at) == Some(&'`') || self.digits_ahead() {
                Base::Level(self.label()?)
            } else {
                return Ok(None);
            };
            if self.chars.get(self.at) != Some(&'.') {
                return Ok(None);
            }
            self.at += 1;
            return Ok(Some(Term::Levels(self.name("the name of a category")?, base)));
        }
        let sign = match self.chars.get(self.at) {
            Some('L') => 1,
            Some('F') => -1,
            _ => return Ok(None),
        };
        self.at += 1;
        let k = if self.digits_ahead() { self.digits() } else { Some(1) };
        if self.chars.get(self.at) != Some(&'.') {
            return Ok(None);
        }
        let Some(k) = k.and_then(|k| i32::try_from(k).ok()).filter(|&k| k > 0) else {
            return self.fail("a lag of at least 1");
        };
        self.at += 1;
        Ok(Some(Term::Lag(Box::new(self.atom()?), sign * k)))
    }

    fn digits_ahead(&self) -> bool {
        self.chars.get(self.at).is_some_and(char::is_ascii_digit)
    }

    fn digits(&mut self) -> Option<u32> {
        let digits: String =
            self.chars[self.at..].iter().take_while(|c| c.is_ascii_digit()).collect();
        let value = digits.parse().ok()?;
        self.at += digits.len();
        Some(value)
    }

    fn name(&mut self, expected: &'static str) -> Result<Name, SyntaxError> {
        if self.peek_skipping_space() == Some('`') {
            return self.quoted();
        }
        let word: String = match self.chars.get(self.at) {
            Some(&first) if starts_word(first) => {
                self.chars[self.at..].iter().take_while(|&&c| continues_word(c)).collect()
            }
            _ => return self.fail(expected),
        };
        self.at += word.chars().count();
        Ok(word)
    }

    fn label(&mut self) -> Result<String, SyntaxError> {
        if self.chars.get(self.at) == Some(&'`') {
            return self.quoted();
        }
        let label: String =
            self.chars[self.at..].iter().take_while(|&&c| continues_word(c) && c != '.').collect();
        if label.is_empty() {
            return self.fail("the label of a level");
        }
        self.at += label.chars().count();
        Ok(label)
    }

    fn quoted(&mut self) -> Result<String, SyntaxError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            match (self.chars.get(self.at), self.chars.get(self.at + 1)) {
                (Some('`'), Some('`')) => {
                    text.push('`');
                    self.at += 2;
                }
                (Some('`'), _) if text.is_empty() => {
                    self.at = start;
                    return self.fail("a name between the backticks");
                }
                (Some('`'), _) => {
                    self.at += 1;
                    return Ok(text);
                }
                (Some(&c), _) => {
                    text.push(c);
                    self.at += 1;
                }
                (None, _) => return self.fail("a closing backtick"),
            }
        }
    }
}

/// A product is flat: `(a:b):c` is `a:b:c`.
fn times(a: Term, b: Term) -> Term {
    let factors = |term| match term {
        Term::Product(factors) => factors,
        term => vec![term],
    };
    let mut product = factors(a);
    product.extend(factors(b));
    Term::Product(product)
}

fn starts_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// Whether `name` reads back as itself without backticks.
pub(crate) fn is_word(name: &str) -> bool {
    name.chars().next().is_some_and(starts_word)
        && name.chars().all(continues_word)
        && matches!(Parser::new(name).prefixed(), Ok(None))
}

/// Whether `label` reads back as itself without backticks.
pub(crate) fn is_label(label: &str) -> bool {
    !label.is_empty() && label.chars().all(|c| continues_word(c) && c != '.')
}
