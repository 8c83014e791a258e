//! Intervals that are never too small.

use std::ops::{Add, Mul, Neg, Sub};

/// All numbers from `lo` to `hi`, both included; an end may be infinite.
///
/// Every operation rounds outward: after each rounding of the machine the lower end moves to the
/// next float below and the upper to the next above. So whatever the exact operation yields on
/// numbers of the operands lies in the result, and two intervals that do not meet prove that no
/// numbers within the operands satisfy the equation.
///
/// **Invariant:** `lo ≤ hi`, neither is NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    lo: f64,
    hi: f64,
}

impl Interval {
    /// The whole line.
    pub const ALL: Self = Self { lo: f64::NEG_INFINITY, hi: f64::INFINITY };

    /// From `lo` to `hi`; `None` if that is empty, or an end is NaN.
    pub fn new(lo: f64, hi: f64) -> Option<Self> {
        (lo <= hi).then_some(Self { lo, hi })
    }

    /// One number; the whole line for a NaN.
    pub fn point(x: f64) -> Self {
        if x.is_nan() { Self::ALL } else { Self { lo: x, hi: x } }
    }

    /// The numbers between two, in whichever order they are given.
    pub fn between(a: f64, b: f64) -> Self {
        Self::new(a.min(b), a.max(b)).unwrap_or(Self::ALL)
    }

    /// The lower end.
    pub fn lo(self) -> f64 {
        self.lo
    }

    /// The upper end.
    pub fn hi(self) -> f64 {
        self.hi
    }

    /// Both ends.
    pub fn ends(self) -> [f64; 2] {
        [self.lo, self.hi]
    }

    /// The middle, if both ends are finite.
    pub fn middle(self) -> f64 {
        0.5 * self.lo + 0.5 * self.hi
    }

    /// Upper less lower end.
    pub fn width(self) -> f64 {
        self.hi - self.lo
    }

    /// Whether `x` belongs to it.
    pub fn contains(self, x: f64) -> bool {
        self.lo <= x && x <= self.hi
    }

    /// Whether the two have a number in common.
    pub fn meets(self, other: Self) -> bool {
        self.lo <= other.hi && other.lo <= self.hi
    }

    /// What the two have in common.
    pub fn intersect(self, other: Self) -> Option<Self> {
        Self::new(self.lo.max(other.lo), self.hi.min(other.hi))
    }

    /// The smallest interval that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// What is at least `least` of it; `None` if nothing is.
    pub fn at_least(self, least: f64) -> Option<Self> {
        Self::new(self.lo.max(least), self.hi)
    }

    /// Absolute values.
    #[must_use]
    pub fn abs(self) -> Self {
        if self.lo >= 0.0 {
            self
        } else if self.hi <= 0.0 {
            -self
        } else {
            Self { lo: 0.0, hi: self.hi.max(-self.lo) }
        }
    }

    /// Squares.
    #[must_use]
    pub fn square(self) -> Self {
        let Self { lo, hi } = self.abs();
        Self { lo: (lo * lo).next_down().max(0.0), hi: (hi * hi).next_up() }
    }

    /// Square roots of what is not negative in it; `None` if all is negative.
    pub fn sqrt(self) -> Option<Self> {
        let it = self.at_least(0.0)?;
        Some(Self { lo: it.lo.sqrt().next_down().max(0.0), hi: it.hi.sqrt().next_up() })
    }

    /// Quotients; the whole line if the divisor may be zero.
    #[must_use]
    pub fn over(self, divisor: Self) -> Self {
        if divisor.contains(0.0) {
            return Self::ALL;
        }
        self.corners(divisor, |a, b| a / b)
    }

    /// The ends of a monotone operation of two intervals, outward. NaN at a corner is 0 · ∞ or
    /// ∞ / ∞, where an end that no number reaches meets another: the other corners settle it,
    /// but for a zero, which the product with any number is.
    fn corners(self, other: Self, operation: impl Fn(f64, f64) -> f64) -> Self {
        let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
        for a in [self.lo, self.hi] {
            for b in [other.lo, other.hi] {
                let it = operation(a, b);
                let it = if it.is_nan() { 0.0 } else { it };
                (lo, hi) = (lo.min(it), hi.max(it));
            }
        }
        Self { lo: lo.next_down(), hi: hi.next_up() }
    }
}

/// All that rounds to a printed number; its ends are decimal, so the floats next to them are taken.
impl From<published::Interval> for Interval {
    fn from(it: published::Interval) -> Self {
        Self { lo: it.lo.next_down(), hi: it.hi.next_up() }
    }
}

impl Neg for Interval {
    type Output = Self;

    fn neg(self) -> Self {
        Self { lo: -self.hi, hi: -self.lo }
    }
}

impl Add for Interval {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (lo, hi) = (self.lo + other.lo, self.hi + other.hi);
        let lo = if lo.is_nan() { f64::NEG_INFINITY } else { lo.next_down() };
        let hi = if hi.is_nan() { f64::INFINITY } else { hi.next_up() };
        Self { lo, hi }
    }
}

impl Sub for Interval {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Interval {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        self.corners(other, |a, b| a * b)
    }
}
