//! What a number may be.

/// An interval for a number, and how far from its ends the solver wants to stay.
///
/// ```text
/// room = half its length, or `unit` if it has no end on a side
/// miss = how far the number lies outside the interval shrunk by `margin · room` at each end
/// ```
///
/// A number is pushed only while it misses, so that solving stops early and inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// The least value; −∞ if there is none.
    pub low: f64,
    /// The greatest value; ∞ if there is none.
    pub high: f64,
    /// What counts as a small distance where an end is missing.
    pub unit: f64,
    /// What a miss counts for, one as a rule; a number of weight zero may be anything.
    pub weight: f64,
}

impl Target {
    /// An interval with both ends.
    pub fn between(low: f64, high: f64) -> Self {
        Self { low, high, unit: (high - low) / 2.0, weight: 1.0 }
    }

    /// Whether a number is allowed; NaN is not.
    pub fn holds(&self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }

    /// The scale that misses are measured in: half the length, or `unit`, whichever is smaller.
    pub fn room(&self) -> f64 {
        self.unit.min((self.high - self.low) / 2.0)
    }

    /// The interval widened so far towards `x` that this share of the way to it is left.
    #[must_use]
    pub fn part_way(self, x: f64, share: f64) -> Self {
        let towards = |end: f64| x + share * (end - x);
        Self {
            low: if x < self.low { towards(self.low) } else { self.low },
            high: if x > self.high { towards(self.high) } else { self.high },
            ..self
        }
    }

    /// The interval with so many rooms more at each end.
    #[must_use]
    pub fn widened(self, rooms: f64) -> Self {
        let by = rooms * self.room();
        Self { low: self.low - by, high: self.high + by, ..self }
    }

    /// How far `x` is from the interval, in rooms times the weight.
    pub fn off(&self, x: f64) -> f64 {
        self.weight * self.miss(x, 0.0).abs()
    }

    /// How far `x` is from the interval shrunk by `margin` of its room, in rooms; signed.
    pub(crate) fn miss(&self, x: f64, margin: f64) -> f64 {
        let room = self.room();
        let (low, high) = (self.low + margin * room, self.high - margin * room);
        (if x < low { x - low } else { (x - high).max(0.0) }) / room
    }

    /// The bounds of the shrunk interval as seen from `x`, in rooms over `norm`; none for a number
    /// that nothing moves.
    pub(crate) fn bounds(&self, x: f64, margin: f64, norm: f64) -> (f64, f64) {
        if norm == 0.0 {
            return (f64::NEG_INFINITY, f64::INFINITY);
        }
        let room = self.room();
        let from = |end: f64| (end - x) / (room * norm);
        (from(self.low + margin * room), from(self.high - margin * room))
    }
}
