//! The standard normal distribution, in its tails too.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LN_2, SQRT_2};

/// `1/√π`.
const INVERSE_ROOT_PI: f64 = 0.5 * FRAC_2_SQRT_PI;
/// `1/√(2π)`.
const INVERSE_ROOT_TWO_PI: f64 = INVERSE_ROOT_PI * FRAC_1_SQRT_2;

/// `φ(z)`: the standard normal density.
pub fn normal_density(z: f64) -> f64 {
    INVERSE_ROOT_TWO_PI * (-0.5 * z * z).exp()
}

/// `Φ(z)`: the standard normal distribution function, accurate in the lower tail.
///
/// ```
/// assert_eq!(numbers::normal_cdf(0.0), 0.5);
/// assert!(numbers::normal_cdf(-38.0) > 0.0);
/// ```
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// What a truncated normal needs to know of `z`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mills {
    /// `λ = φ(z)/Φ(z)`: the inverse Mills ratio, the mean of a standard normal above `−z`.
    pub lambda: f64,
    /// `δ = λ(λ + z) = −dλ/dz`: by how much truncation at `−z` lowers the variance, in `(0, 1)`.
    pub delta: f64,
    /// `ln Φ(z)`.
    pub log_cdf: f64,
}

/// The inverse Mills ratio, its slope and `ln Φ`, to the last digits however small `Φ(z)` is.
///
/// In the lower tail everything follows from `e^{x²} erfc(x)`, `x = −z/√2`, a rational function
/// of `x`: nothing underflows, and `λ + z`, which vanishes as `−1/z`, is no difference.
///
/// ```
/// let mills = numbers::mills(-38.0);
/// assert!((mills.lambda - 38.0262795).abs() < 1e-7);
/// assert!((mills.log_cdf + 726.5572160).abs() < 1e-7); // Φ(−38) itself is 2.9e−316
/// ```
///
/// # Source
///
/// Cody (1969), Rational Chebyshev approximations for the error function, *Mathematics of
/// Computation* 23.
pub fn mills(z: f64) -> Mills {
    if z > 0.0 {
        // The tail beyond z is small, and φ/Φ is a quotient of numbers of good size.
        let x = z * FRAC_1_SQRT_2;
        let kernel = (-0.5 * z * z).exp();
        let upper = if kernel > 0.0 { 0.5 * kernel * scaled_erfc(x).0 } else { 0.0 };
        let lambda = INVERSE_ROOT_TWO_PI * kernel / (1.0 - upper);
        return Mills { lambda, delta: lambda * (lambda + z), log_cdf: (-upper).ln_1p() };
    }
    let (scaled, remainder) = scaled_erfc(-z * FRAC_1_SQRT_2);
    let lambda = SQRT_2 * INVERSE_ROOT_PI / scaled;
    let above = match remainder {
        Some(remainder) => -z * remainder / (INVERSE_ROOT_PI - remainder),
        None => lambda + z,
    };
    Mills { lambda, delta: lambda * above, log_cdf: scaled.ln() - 0.5 * z * z - LN_2 }
}

/// `e^{x²} erfc(x)` for `x ≥ 0`, and for large `x` the `r` with which it is `(1/√π − r)/x`.
fn scaled_erfc(x: f64) -> (f64, Option<f64>) {
    const A: [f64; 5] = [
        1.857_777_061_846_031_5e-1,
        3.161_123_743_870_565_6,
        1.138_641_541_510_501_6e2,
        3.774_852_376_853_02e2,
        3.209_377_589_138_469_5e3,
    ];
    const B: [f64; 4] = [
        2.360_129_095_234_412e1,
        2.440_246_379_344_441_7e2,
        1.282_616_526_077_372_3e3,
        2.844_236_833_439_171e3,
    ];
    const C: [f64; 9] = [
        2.153_115_354_744_038_5e-8,
        5.641_884_969_886_7e-1,
        8.883_149_794_388_376,
        6.611_919_063_714_163e1,
        2.986_351_381_974_001e2,
        8.819_522_212_417_69e2,
        1.712_047_612_634_070_6e3,
        2.051_078_377_826_071_5e3,
        1.230_339_354_797_997_2e3,
    ];
    const D: [f64; 8] = [
        1.574_492_611_070_983_5e1,
        1.176_939_508_913_125e2,
        5.371_811_018_620_099e2,
        1.621_389_574_566_690_2e3,
        3.290_799_235_733_459_6e3,
        4.362_619_090_143_247e3,
        3.439_367_674_143_721_6e3,
        1.230_339_354_803_749_4e3,
    ];
    const P: [f64; 6] = [
        1.631_538_713_730_209_8e-2,
        3.053_266_349_612_323_4e-1,
        3.603_448_999_498_044_4e-1,
        1.257_817_261_112_292_5e-1,
        1.608_378_514_874_228e-2,
        6.587_491_615_298_378e-4,
    ];
    const Q: [f64; 5] = [
        2.568_520_192_289_822,
        1.872_952_849_923_460_4,
        5.279_051_029_514_284e-1,
        6.051_834_131_244_132e-2,
        2.335_204_976_268_691_8e-3,
    ];
    let horner = |high: f64, coefficients: &[f64], at: f64| {
        coefficients.iter().fold(high, |sum, c| sum * at + c)
    };
    let square = x * x;
    if x <= 0.468_75 {
        let erf = x * horner(A[0], &A[1..], square) / horner(1.0, &B, square);
        (square.exp() * (1.0 - erf), None)
    } else if x <= 4.0 {
        (horner(C[0], &C[1..], x) / horner(1.0, &D, x), None)
    } else {
        let inverse = 1.0 / square;
        let remainder = inverse * horner(P[0], &P[1..], inverse) / horner(1.0, &Q, inverse);
        ((INVERSE_ROOT_PI - remainder) / x, Some(remainder))
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::LN_2;

    use super::{mills, normal_cdf};

    #[track_caller]
    fn close(what: &str, z: f64, got: f64, want: f64) {
        let gap = (got - want).abs() / want.abs().max(f64::MIN_POSITIVE);
        assert!(gap < 1e-14, "{what}({z}) is {got:e}, not {want:e}: {gap:e}");
    }

    /// Values from mpmath with 60 digits, on both sides of every change of formula.
    #[test]
    fn tails_keep_their_digits() {
        for (z, lambda, delta, log_cdf) in [
            (-1_000_000.0, 1_000_000.000_001, 0.999_999_999_999, -500_000_000_014.734_44),
            (-300.0, 300.003_333_259_263_4, 0.999_988_889_629_561, -45_006.622_732_118_66),
            (-38.0, 38.026_279_466_575_87, 0.999_310_340_246_533_7, -726.557_216_018_820_1),
            (-6.0, 6.158_482_604_544_599, 0.976_012_363_210_833_2, -20.736_768_949_974_706),
            (-5.7, 5.866_005_393_583_055, 0.973_788_534_122_075_1, -18.933_112_423_224_743),
            (-2.5, 2.822_744_797_663_907_3, 0.911_026_198_578_884_6, -5.081_648_277_278_69),
            (-0.7, 1.290_499_339_458_166_5, 0.762_039_007_521_247_6, -1.418_967_761_531_531_6),
            (-0.66, 1.260_133_101_739_589, 0.756_247_586_951_708_7, -1.367_955_884_890_199_4),
            (-0.1, 0.862_617_471_530_936_1, 0.657_847_155_037_331_8, -0.776_154_592_730_273_3),
            (0.0, 0.797_884_560_802_865_4, 0.636_619_772_367_581_3, -LN_2),
            (0.3, 0.617_220_853_612_734_5, 0.566_127_838_218_252_9, -0.481_410_161_588_481_2),
            (0.7, 0.411_924_750_419_290_7, 0.458_029_325_301_498_36, -0.277_023_942_277_131_3),
            (2.0, 0.055_247_862_678_989_96, 0.113_548_051_688_576_45, -0.023_012_909_328_963_49),
            (5.8, 1.977_319_647_180_759_3e-8, 1.146_845_399_274_633_4e-7, -3.315_745_983_823_25e-9),
            (
                9.0,
                1.027_977_357_166_891_5e-18,
                9.251_796_214_502_023e-18,
                -1.128_588_405_953_840_6e-19,
            ),
        ] {
            let got = mills(z);
            close("λ", z, got.lambda, lambda);
            close("δ", z, got.delta, delta);
            close("ln Φ", z, got.log_cdf, log_cdf);
        }
        close("λ", -5.656, mills(-5.656).lambda, 5.823_166_391_627_179);
        assert!((mills(-5.656).delta - 0.973_437_713_532_978_5).abs() < 1e-13);
        let far = mills(f64::MAX.sqrt());
        assert_eq!((far.lambda, far.delta, far.log_cdf), (0.0, 0.0, 0.0));
    }

    #[test]
    fn the_distribution_function_is_that_of_its_logarithm() {
        for z in [-37.0, -9.0, -3.0, -0.2, 0.0, 0.5, 4.0] {
            let (got, want) = (normal_cdf(z), mills(z).log_cdf.exp());
            assert!((got / want - 1.0).abs() < 3e-13, "{z}: {got} {want}");
        }
    }
}
