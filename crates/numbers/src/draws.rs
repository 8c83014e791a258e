//! Random numbers that depend on a seed and a count, and on nothing else.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The random numbers of one replication.
///
/// Each replication has a stream of its own, `ChaCha8(seed)` at stream number `replication`, so that
/// a result is the same whatever thread takes which replication.
///
/// ```
/// use numbers::Draws;
/// let draw = |replication| Draws::new(42, replication).below(1000);
/// assert_eq!(draw(7), draw(7));
/// ```
#[derive(Debug, Clone)]
pub struct Draws(ChaCha8Rng);

impl Draws {
    /// The stream of one replication.
    pub fn new(seed: u64, replication: u64) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(replication);
        Self(stream)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform on `0..n`, without bias (Lemire 2019).
    ///
    /// # Panics
    ///
    /// If `n` is zero.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "an empty range has no element");
        let n = n as u64;
        loop {
            let wide = u128::from(self.bits()) * u128::from(n);
            #[allow(clippy::cast_possible_truncation)] // The low half, by intent.
            let low = wide as u64;
            if low >= n || low >= n.wrapping_neg() % n {
                #[allow(clippy::cast_possible_truncation)] // Below `n`.
                return (wide >> 64) as usize;
            }
        }
    }

    /// Uniform on [0, 1), with 53 bits.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }
}
