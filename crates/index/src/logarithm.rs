//! The natural logarithm of many numbers at once.

/// `ln x` of every `x`; of a smaller one than any normal number, the logarithm of the smallest.
///
/// The reduction and the polynomial of fdlibm, without branches, so that a loop over it becomes vector
/// instructions, and without its tail terms: off by three units in the last place at most.
///
/// # Source
///
/// `e_log.c` of fdlibm (Sun Microsystems 1993).
pub(crate) fn ln_all(values: &[f64], logs: &mut Vec<f64>) {
    const LEAST: f64 = f64::MIN_POSITIVE;
    logs.clear();
    logs.extend(values.iter().map(|&x| ln(if x > LEAST { x } else { LEAST })));
}

/// `ln x` for a positive normal `x`.
#[allow(clippy::inline_always, reason = "one call per number would cost more than the logarithm")]
#[inline(always)]
fn ln(x: f64) -> f64 {
    use std::f64::consts::LN_2;
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
    // The double whose last bits count in ones: a whole number becomes a float by its bits.
    const TWO_52: u64 = 0x4330_0000_0000_0000;
    const TWO_52_AND_BIAS: f64 = 4_503_599_627_370_496.0 + 1023.0;
    const L: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    // x = 2ᵏ m with m in [√½, √2).
    let moved = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    let k = f64::from_bits((moved >> 52) | TWO_52) - TWO_52_AND_BIAS;
    let m = f64::from_bits((moved & MANTISSA) + ROOT_HALF);
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let square = s * s;
    let w = square * square;
    let even = L[1] + w * (L[3] + w * L[5]);
    let odd = L[0] + w * (L[2] + w * (L[4] + w * L[6]));
    // Near one k is zero, so that nothing cancels.
    k * LN_2 + s * (2.0 + square * (odd + square * even))
}

#[cfg(test)]
mod tests {
    use super::ln;

    /// Units in the last place between two numbers of one sign.
    fn apart(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    #[test]
    fn it_is_the_logarithm_of_the_standard_library() {
        let mut worst = 0;
        let mut bits = 0x9E37_79B9_7F4A_7C15_u64;
        for _ in 0..2_000_000 {
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            // Exponents from 2⁻¹⁰²² to 2¹⁰²³, and mantissas of all kinds.
            let any = f64::from_bits((bits >> 12) | (((bits & 0x7ff) % 2046 + 1) << 52));
            // And shares, which are what it is for.
            let share = (bits >> 11) as f64 / (1_u64 << 53) as f64 + 1e-4;
            for x in [any, share] {
                worst = worst.max(apart(ln(x), x.ln()));
            }
        }
        assert!(worst <= 3, "{worst} units in the last place");
    }

    #[test]
    fn corners() {
        assert_eq!(ln(1.0).to_bits(), 0);
        for x in [f64::MIN_POSITIVE, f64::MAX, 0.5, 2.0, 1.0 - f64::EPSILON, 1.0 + f64::EPSILON] {
            assert!(apart(ln(x), x.ln()) <= 3, "{x}: {} {}", ln(x), x.ln());
        }
    }
}
