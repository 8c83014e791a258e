//! The inverse Mills ratio of many rows at once, without a branch.
//!
//! ```text
//! E(x) = e^{x²} erfc(x) = P(x)/Q(x),  0 ≤ x ≤ 4       K = e^{−z²/2},  x = |z|/√2
//! λ = √(2/π) Q N/D       N, D = 1, P where z ≤ 0;  K, 2Q − K P where z > 0
//! δ = λ (λ + z)          ln Φ = ln D − ln 2Q, less z²/2 where z ≤ 0
//! ```
//!
//! `P` and `Q`, of degree 8, were fitted in arithmetic of fifty digits: the quotient is within
//! 1.4·10⁻¹⁷ of `E` as a share. Logarithms are taken of products of eight. Beyond `|z| = 4√2` a row
//! is [`mills`]'s.

use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E};

use numbers::mills;

/// Rows that are worked on side by side.
const WIDTH: usize = 8;
/// Just below `4√2`.
const FARTHEST: f64 = 5.656_85;
/// `√(2/π)`.
const ROOT_TWO_OVER_PI: f64 = 0.797_884_560_802_865_4;

const P: [f64; 9] = [
    1.0,
    1.607_728_540_279_026_5,
    1.302_184_341_368_659_8,
    0.649_708_787_363_696_6,
    0.212_434_508_169_639_82,
    0.045_185_475_730_198_266,
    0.005_788_534_554_174_605,
    0.000_346_304_930_438_346_3,
    4.457_119_669_955_919e-11,
];
const Q: [f64; 9] = [
    1.0,
    2.736_107_707_374_535,
    3.389_551_277_299_748,
    2.490_552_905_156_037,
    1.191_415_867_590_046_8,
    0.381_648_036_941_605_93,
    0.080_397_248_133_174_39,
    0.010_259_829_063_417_433,
    0.000_613_813_150_431_669_8,
];

/// Puts `λ(z)` where `z` was, `δ(z)` into `bends`, and returns `Σ ln Φ(z)`.
pub(super) fn mills_of_rows(z: &mut [f64], bends: &mut [f64]) -> f64 {
    let mut log = 0.0;
    for (z, bends) in z.chunks_mut(WIDTH).zip(bends.chunks_mut(WIDTH)) {
        let near = z.iter().all(|z| z.abs() <= FARTHEST);
        if let (Ok(z), Ok(bends), true) = (
            <&mut [f64; WIDTH]>::try_from(&mut *z),
            <&mut [f64; WIDTH]>::try_from(&mut *bends),
            near,
        ) {
            log += side_by_side(z, bends);
            continue;
        }
        for (z, bend) in z.iter_mut().zip(bends) {
            let at = mills(*z);
            (*z, *bend) = (at.lambda, at.delta);
            log += at.log_cdf;
        }
    }
    log
}

fn side_by_side(z: &mut [f64; WIDTH], bends: &mut [f64; WIDTH]) -> f64 {
    let half_square = z.map(|z| 0.5 * z * z);
    let kernel = exp_of_negative(&half_square);
    let x = z.map(|z| z.abs() * FRAC_1_SQRT_2);
    let (mut p, mut q) = ([P[8]; WIDTH], [Q[8]; WIDTH]);
    for j in (0..8).rev() {
        for i in 0..WIDTH {
            p[i] = p[i] * x[i] + P[j];
            q[i] = q[i] * x[i] + Q[j];
        }
    }
    let (mut above, mut below, mut exponent) = (1.0, 1.0, 0.0);
    for i in 0..WIDTH {
        let upper = z[i] > 0.0;
        let denominator = if upper { 2.0 * q[i] - kernel[i] * p[i] } else { p[i] };
        let numerator = if upper { kernel[i] } else { 1.0 };
        let lambda = ROOT_TWO_OVER_PI * q[i] * numerator / denominator;
        bends[i] = lambda * (lambda + z[i]);
        above *= denominator;
        below *= 2.0 * q[i];
        exponent += if upper { 0.0 } else { half_square[i] };
        z[i] = lambda;
    }
    (above / below).ln() - exponent
}

/// `e^{−y}` for `0 ≤ y ≤ 700`: `2^k e^r`, `e^r` by its series.
fn exp_of_negative(y: &[f64; WIDTH]) -> [f64; WIDTH] {
    /// Adding it leaves the nearest whole number in the last bits.
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    /// `ln 2` in two parts, the first with zeros at its end.
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    /// `1/k!`.
    const SERIES: [f64; 14] = [
        1.0,
        1.0,
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
    ];
    let shifted = y.map(|y| MAGIC - y * LOG2_E);
    let mut rest = [0.0; WIDTH];
    for i in 0..WIDTH {
        let k = shifted[i] - MAGIC;
        rest[i] = (-y[i] - k * LN_2_HIGH) - k * LN_2_LOW;
    }
    let mut sum = [SERIES[13]; WIDTH];
    for j in (0..13).rev() {
        for i in 0..WIDTH {
            sum[i] = sum[i] * rest[i] + SERIES[j];
        }
    }
    for i in 0..WIDTH {
        sum[i] *= f64::from_bits((shifted[i].to_bits() << 52).wrapping_add(1023 << 52));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::mills_of_rows;
    use numbers::mills;

    /// Every row is that of [`mills`], within the noise of both, and so is the sum.
    #[test]
    fn as_one_by_one() {
        let mut z: Vec<f64> = (0..40_003).map(|i| f64::from(i - 20_000) * 3.3e-4).collect();
        z.extend([-5.656_85, 5.656_85, -40.0, 30.0, 0.0, -0.0, 1e-300]);
        for z in z.chunks(8) {
            let (mut lambda, mut delta) = (z.to_vec(), vec![0.0; z.len()]);
            let log = mills_of_rows(&mut lambda, &mut delta);
            let want = z.iter().map(|z| mills(*z).log_cdf).sum::<f64>();
            assert!((log - want).abs() <= 2e-15 * (1.0 + want.abs()), "{z:?} {log} {want}");
            for i in 0..z.len() {
                let want = mills(z[i]);
                assert!((lambda[i] / want.lambda - 1.0).abs() < 5e-15, "λ({})", z[i]);
                // λ + z cancels in the lower tail.
                let noise = 5e-15 * (1.0 + z[i].min(0.0).powi(2));
                assert!((delta[i] / want.delta - 1.0).abs() < noise, "δ({})", z[i]);
            }
        }
        assert!(mills_of_rows(&mut [f64::NAN; 8], &mut [0.0; 8]).is_nan());
    }
}
