//! Probabilities from permutations.

use numbers::Draws;
use serde::{Deserialize, Serialize};

use crate::SpaceError;
use crate::choice::choice;

/// Which permutations a probability is counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Permutations {
    /// Random ones: `p = (1 + count)/(1 + draws)`. Draw `r` has a random stream of its own.
    Drawn {
        /// How many; 999 is usual.
        draws: usize,
        /// The seed.
        seed: u64,
    },
    /// All of them, of up to nine units: `p = count/n!`, the permutation observed among them.
    All,
}

/// Which statistics are as extreme as the one observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alternative {
    /// Those that are as large: neighbours are alike.
    Greater,
    /// Those that are as small: neighbours are unlike.
    Less,
    /// Twice the smaller of both probabilities, at most one.
    TwoSided,
}
choice!(Alternative, "alternative", Greater = "greater", Less = "less", TwoSided = "two-sided",);

/// The most units of which all permutations are taken: 9! is 362 880.
const MOST: usize = 9;

/// How many statistics are as large, and as small, as the one observed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    large: usize,
    small: usize,
    of: usize,
}

impl Tally {
    pub(super) fn count(&mut self, drawn: f64, observed: f64, scale: f64) {
        // Sums in another order differ by rounding, and are the same statistic.
        let gap = 1e-12 * scale;
        self.large += usize::from(drawn >= observed - gap);
        self.small += usize::from(drawn <= observed + gap);
        self.of += 1;
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            large: self.large + other.large,
            small: self.small + other.small,
            of: self.of + other.of,
        }
    }

    /// The probability, with the permutation observed counted in by `more`.
    pub(super) fn p(self, alternative: Alternative, more: usize) -> f64 {
        let of = (self.of + more) as f64;
        let (large, small) = ((self.large + more) as f64 / of, (self.small + more) as f64 / of);
        match alternative {
            Alternative::Greater => large,
            Alternative::Less => small,
            Alternative::TwoSided => (2.0 * large.min(small)).min(1.0),
        }
    }
}

pub(super) fn check(permutations: Permutations, n: usize) -> Result<(), SpaceError> {
    match permutations {
        Permutations::Drawn { draws: 0, .. } => Err(SpaceError::NoDraws),
        Permutations::All if n > MOST => Err(SpaceError::TooMany { n, most: MOST }),
        _ => Ok(()),
    }
}

/// The first `k` of a random order of `values`, by Fisher and Yates.
pub(super) fn shuffle(values: &mut [f64], k: usize, draws: &mut Draws) {
    let n = values.len();
    for i in 0..k.min(n.saturating_sub(1)) {
        values.swap(i, i + draws.below(n - i));
    }
}

/// Calls `f` with every permutation of `values` (Heap 1963).
pub(super) fn every(values: &mut [f64], f: &mut impl FnMut(&[f64])) {
    fn heap(values: &mut [f64], k: usize, f: &mut impl FnMut(&[f64])) {
        if k <= 1 {
            return f(values);
        }
        for i in 0..k {
            heap(values, k - 1, f);
            if i + 1 < k {
                values.swap(if k.is_multiple_of(2) { i } else { 0 }, k - 1);
            }
        }
    }
    let n = values.len();
    heap(values, n, f);
}
