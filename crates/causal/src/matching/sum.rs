//! Sums that can be subtracted from one another.

/// A number as the sum of two, the second below the rounding of the first (Dekker 1971).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Double(f64, f64);

impl Double {
    /// The sum with `x`, to about 32 digits.
    pub(crate) fn plus(self, x: f64) -> Self {
        self.add(Self(x, 0.0))
    }

    fn add(self, other: Self) -> Self {
        let (sum, error) = two_sum(self.0, other.0);
        let (high, low) = two_sum(sum, error + (self.1 + other.1));
        Self(high, low)
    }

    /// `self − other`, rounded once.
    pub(crate) fn less(self, other: Self) -> f64 {
        let difference = self.add(Self(-other.0, -other.1));
        difference.0 + difference.1
    }
}

/// `a + b`, and what rounding took off.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_in = sum - a;
    (sum, (a - (sum - b_in)) + (b - b_in))
}

/// Sums over any run of values, at the cost of one subtraction.
pub(crate) struct Prefix(Vec<Double>);

impl Prefix {
    pub(crate) fn new(values: impl Iterator<Item = f64>) -> Self {
        let mut total = Double::default();
        let sums = values.map(|value| {
            total = total.plus(value);
            total
        });
        Self(std::iter::once(Double::default()).chain(sums).collect())
    }

    /// The sum of the values in `from..to`.
    pub(crate) fn sum(&self, from: usize, to: usize) -> f64 {
        self.0[to].less(self.0[from])
    }
}

/// A step function on `0..n` that is built from runs.
pub(crate) struct Steps(Vec<(Double, i64)>);

impl Steps {
    pub(crate) fn new(n: usize) -> Self {
        Self(vec![(Double::default(), 0); n + 1])
    }

    /// Adds `height` on `from..to`.
    pub(crate) fn add(&mut self, from: usize, to: usize, height: f64) {
        let (rise, count) = self.0[from];
        self.0[from] = (rise.plus(height), count + 1);
        let (fall, count) = self.0[to];
        self.0[to] = (fall.plus(-height), count - 1);
    }

    /// The values; exactly zero where no run was added.
    pub(crate) fn values(self) -> Vec<f64> {
        let (mut level, mut runs) = (Double::default(), 0);
        let n = self.0.len() - 1;
        let value = |(step, count): (Double, i64)| {
            level = level.add(step);
            runs += count;
            if runs == 0 { 0.0 } else { level.0 + level.1 }
        };
        self.0.into_iter().take(n).map(value).collect()
    }
}
