//! What numbers are measured in: 亿元, 万人, 元/人, %, 千公顷, 100m yuan.

mod base;
mod parse;

use std::fmt;

use base::{Base, DIMENSIONS};

/// A unit of measurement: products and quotients of known units with a decimal prefix.
///
/// Written in Chinese as yearbooks have it (`亿元`, `万吨`, `千公顷`, `元/人`) or in English
/// (`100m yuan`, `10k persons`, `million USD`, `yuan per person`).
///
/// ```
/// use ingest::Unit;
/// let gdp: Unit = "亿元".parse()?;
/// let people: Unit = "万人".parse()?;
/// let each = gdp.over(&people);
/// assert_eq!(each.to_string(), "亿元/万人");
/// // 1 亿元/万人 is 10 000 yuan a head.
/// assert_eq!(each.factor(&"yuan per person".parse()?), Some((10_000, 1)));
/// // Dollars are not yuan.
/// assert_eq!(gdp.factor(&"亿美元".parse()?), None);
/// # Ok::<(), ingest::UnitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    factors: Vec<Factor>,
}

/// One factor of a unit: `万` `元` to the power of 1 or −1.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Factor {
    /// As written, prefix included.
    text: String,
    /// The part of `text` that is the prefix.
    prefix: String,
    /// What the prefix multiplies by.
    scale: u64,
    base: &'static Base,
    inverse: bool,
}

/// Why a text is no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no unit known here; known are e.g. 亿元, 万元, 亿美元, 万人, 万户, 千公顷, 亩, km, 平方公里, 万吨, 万千瓦, 亿千瓦时, 个, %, share, and quotients such as 元/人"
)]
pub struct UnitError {
    /// The text.
    pub text: String,
}

impl Unit {
    /// A share: 1 is all of it.
    pub(crate) fn share() -> Self {
        Self { factors: Vec::new() }
    }

    /// The unit of a product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let mut factors = self.factors.clone();
        for theirs in &other.factors {
            let undone = |own: &Factor| {
                own.inverse != theirs.inverse
                    && (own.scale, own.base.names) == (theirs.scale, theirs.base.names)
            };
            match factors.iter().position(undone) {
                Some(at) => drop(factors.remove(at)),
                None => factors.push(theirs.clone()),
            }
        }
        Self { factors }
    }

    /// The unit of a quotient.
    #[must_use]
    pub fn over(&self, other: &Self) -> Self {
        let flip = |factor: &Factor| Factor { inverse: !factor.inverse, ..factor.clone() };
        self.times(&Self { factors: other.factors.iter().map(flip).collect() })
    }

    /// What numbers in this unit are multiplied by to be in the unit `to`, as a fraction in lowest
    /// terms; `None` if they measure different things.
    pub fn factor(&self, to: &Self) -> Option<(u64, u64)> {
        let ratio = self.over(to);
        if ratio.dimensions() != [0; DIMENSIONS] {
            return None;
        }
        let (mut up, mut down) = (1u128, 1u128);
        for factor in &ratio.factors {
            let (num, den) = factor.base.size;
            let (num, den) = if factor.inverse { (den, num) } else { (num, den) };
            let scale = u128::from(factor.scale);
            let (num, den) = (u128::from(num), u128::from(den));
            up = up.checked_mul(num)?.checked_mul(if factor.inverse { 1 } else { scale })?;
            down = down.checked_mul(den)?.checked_mul(if factor.inverse { scale } else { 1 })?;
            let common = gcd(up, down);
            (up, down) = (up / common, down / common);
        }
        Some((u64::try_from(up).ok()?, u64::try_from(down).ok()?))
    }

    /// Whether this is a bare share, with 1 as the whole.
    pub(crate) fn is_share(&self) -> bool {
        self.factor(&Self::share()) == Some((1, 1))
    }

    /// Whether this is a percentage.
    pub(crate) fn is_percent(&self) -> bool {
        self.factor(&Self::share()) == Some((1, 100))
    }

    /// Whether both measure the same thing, save that the currencies differ.
    pub(crate) fn only_currency_differs(&self, other: &Self) -> bool {
        let mut ratio = self.over(other).dimensions();
        let (yuan, dollars) = (ratio[base::YUAN], ratio[base::DOLLAR]);
        (ratio[base::YUAN], ratio[base::DOLLAR]) = (0, 0);
        yuan + dollars == 0 && yuan != 0 && ratio == [0; DIMENSIONS]
    }

    /// What an amount in this unit is measured in once exchanged at `rate`, such as 元/美元; the
    /// second says that amounts are divided by the rate. `None` if the rate is of other currencies.
    pub(crate) fn exchanged(&self, rate: &Self) -> Option<(Self, bool)> {
        let pair = rate.dimensions();
        let is_rate = |from: usize, to: usize| {
            let mut wanted = [0; DIMENSIONS];
            (wanted[from], wanted[to]) = (-1, 1);
            pair == wanted
        };
        let own = |currency: usize| {
            (self.factors.iter()).find(|factor| factor.base.dimensions[currency] == 1)
        };
        let (yuan, dollar) = (base::YUAN, base::DOLLAR);
        let (from, to, divide) = match (own(yuan), own(dollar)) {
            (Some(from), None) if is_rate(yuan, dollar) => (from, dollar, false),
            (Some(from), None) if is_rate(dollar, yuan) => (from, dollar, true),
            (None, Some(from)) if is_rate(dollar, yuan) => (from, yuan, false),
            (None, Some(from)) if is_rate(yuan, dollar) => (from, yuan, true),
            _ => return None,
        };
        let other = rate.factors.iter().find(|factor| factor.base.dimensions[to] == 1)?;
        let factors = self.factors.iter().map(|own| {
            if std::ptr::eq(own, from) && !own.inverse {
                other.with_prefix(own)
            } else {
                own.clone()
            }
        });
        Some((Self { factors: factors.collect() }, divide))
    }

    fn dimensions(&self) -> [i8; DIMENSIONS] {
        let mut sum = [0; DIMENSIONS];
        for factor in &self.factors {
            for (sum, of) in sum.iter_mut().zip(factor.base.dimensions) {
                *sum += if factor.inverse { -of } else { of };
            }
        }
        sum
    }
}

impl Factor {
    /// This currency with the prefix of another amount.
    fn with_prefix(&self, amount: &Self) -> Self {
        let own = self.text.strip_prefix(&self.prefix).unwrap_or(&self.text).trim_start();
        let space = if own.is_ascii() && !amount.prefix.is_empty() { " " } else { "" };
        Self {
            text: format!("{}{space}{own}", amount.prefix),
            prefix: amount.prefix.clone(),
            scale: amount.scale,
            base: self.base,
            inverse: false,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |inverse: bool| {
            let texts = self.factors.iter().filter(move |factor| factor.inverse == inverse);
            texts.map(|factor| factor.text.as_str()).collect::<Vec<_>>()
        };
        let (above, below) = (of(false), of(true));
        match (above.is_empty(), below.is_empty()) {
            (true, true) => f.write_str("share"),
            (false, true) => f.write_str(&above.join("·")),
            (true, false) => write!(f, "1/{}", below.join("/")),
            (false, false) => write!(f, "{}/{}", above.join("·"), below.join("/")),
        }
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}
