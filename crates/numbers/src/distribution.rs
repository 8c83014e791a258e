//! Reference distributions: tails and quantiles, accurate far out and for large df.

use std::f64::consts::SQRT_2;

use statrs::function::beta::beta_reg;
use statrs::function::erf::erfc_inv;
use statrs::function::gamma::gamma_ur;

/// The distribution that a t statistic is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reference {
    /// The standard normal.
    Normal,
    /// Student's t with these degrees of freedom.
    T(usize),
    /// Student's t with degrees of freedom that match two moments of an estimated variance
    /// (Satterthwaite 1946), not whole.
    Satterthwaite(f64),
}

impl Reference {
    /// Degrees of freedom; `None` for the normal.
    pub fn df(self) -> Option<f64> {
        match self {
            Self::Normal => None,
            Self::T(df) => Some(df as f64),
            Self::Satterthwaite(df) => Some(df),
        }
    }

    /// `P(|X| > |x|)`.
    ///
    /// The normal tail is libm's `erfc`; the t tail is the incomplete beta function, and for more
    /// than 10⁵ degrees of freedom, where that loses digits, Hill's expansion (1970).
    pub fn two_sided(self, x: f64) -> f64 {
        match self {
            Self::Normal => libm::erfc(x.abs() / SQRT_2),
            Self::T(df) => Self::Satterthwaite(df as f64).two_sided(x),
            Self::Satterthwaite(df) if df <= 100_000.0 => {
                // The series converges on the side where the argument is small.
                let square = x * x;
                if square < 1.0 {
                    1.0 - beta_reg(0.5, 0.5 * df, square / (df + square))
                } else {
                    beta_reg(0.5 * df, 0.5, df / (df + square))
                }
            }
            Self::Satterthwaite(df) => libm::erfc(normal_score(x.abs(), df) / SQRT_2),
        }
    }

    /// The `x` with `P(|X| > x) = level`.
    pub fn two_sided_quantile(self, level: f64) -> f64 {
        let normal = SQRT_2 * erfc_inv(level);
        if self == Self::Normal {
            return normal;
        }
        // Newton on the logarithm of the tail, which is nearly linear in x²; the derivative by
        // differences is good enough because only the fixed point matters.
        let mut x = normal;
        for _ in 0..100 {
            let h = 1e-4 * x.max(1e-3);
            let value = self.two_sided(x).ln() - level.ln();
            let slope = (self.two_sided(x + h).ln() - self.two_sided(x - h).ln()) / (2.0 * h);
            let next = (x - value / slope).max(0.25 * x);
            let done = (next - x).abs() <= 1e-13 * x;
            x = next;
            if done {
                break;
            }
        }
        x
    }
}

/// The normal score of a t statistic (Hill 1970, algorithm 395).
fn normal_score(t: f64, df: f64) -> f64 {
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let y = a * (t * t / df).ln_1p();
    let z = y.sqrt();
    let correction = (((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y * y + 100.0 + b);
    ((correction + y + 3.0) / b + 1.0) * z
}

/// `P(F > f)` with `df` and `df_residual` degrees of freedom.
pub fn f_upper_tail(f: f64, df: usize, df_residual: usize) -> f64 {
    let (a, b) = (df as f64, df_residual as f64);
    if f <= 0.0 {
        return 1.0;
    }
    let (x, y) = (b / (b + a * f), a * f / (b + a * f));
    incomplete_beta(0.5 * b, 0.5 * a, x, y)
}

/// `I_x(a, b)` with `y = 1 − x`, to all digits where it is small.
///
/// The continued fraction of Gauss on the side where it converges, and Loader's form of the factor
/// before it: sums of logarithms of gamma functions would lose its digits.
fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 || y <= 0.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, y, x);
    }
    // x^a y^b / (a B(a, b)), by the deviance of a binomial with n = a + b.
    let n = a + b;
    let deviance = |k: f64, expected: f64| {
        let (gap, ratio) = (k - expected, (k - expected) / (k + expected));
        if ratio.abs() >= 0.1 {
            return k * (k / expected).ln() - gap;
        }
        // k ln(k/e) − (k − e) by the series of artanh: the two would cancel.
        let square = ratio * ratio;
        let (mut sum, mut power, mut j) = (gap * ratio, 2.0 * k * ratio, 1.0);
        loop {
            power *= square;
            j += 2.0;
            let next = sum + power / j;
            if next.to_bits() == sum.to_bits() || j > 1000.0 {
                return next;
            }
            sum = next;
        }
    };
    let log = stirling(n) - stirling(a) - stirling(b) - deviance(a, n * x) - deviance(b, n * y);
    let factor = log.exp() * (b / (std::f64::consts::TAU * a * n)).sqrt();

    // Lentz's algorithm.
    let guard = |v: f64| if v.abs() < 1e-290 { 1e-290 } else { v };
    let (mut c, mut d) = (1.0, 1.0 / guard(1.0 - n * x / (a + 1.0)));
    let mut fraction = d;
    for m in 1..100_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (n + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for term in [even, odd] {
            d = 1.0 / guard(1.0 + term * d);
            c = guard(1.0 + term / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() <= 1e-16 {
            break;
        }
    }
    factor * fraction
}

/// `ln Γ(z + 1) − (z + ½) ln z + z − ½ ln 2π`: what Stirling's formula leaves.
fn stirling(z: f64) -> f64 {
    if z < 15.0 {
        return libm::lgamma(z + 1.0) - (z + 0.5) * z.ln() + z - 0.5 * std::f64::consts::TAU.ln();
    }
    let square = 1.0 / (z * z);
    let series = 1.0 / 1680.0 - square / 1188.0;
    let series = 1.0 / 1260.0 - square * series;
    let series = 1.0 / 360.0 - square * series;
    (1.0 / 12.0 - square * series) / z
}

/// `P(χ² > x)` with `df` degrees of freedom.
pub fn chi_squared_upper_tail(x: f64, df: usize) -> f64 {
    match df {
        _ if x <= 0.0 => 1.0,
        1 => libm::erfc((0.5 * x).sqrt()),
        2 => (-0.5 * x).exp(),
        df => gamma_ur(0.5 * df as f64, 0.5 * x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(got: f64, want: f64, tolerance: f64) {
        assert!((got / want - 1.0).abs() < tolerance, "{got:e} is not {want:e}");
    }

    /// Values from mpmath with 50 digits.
    #[test]
    fn tails_keep_their_digits() {
        close(Reference::Normal.two_sided(1.959_963_984_540_054), 0.050_000_000_000_000_03, 1e-14);
        close(Reference::Normal.two_sided(10.0), 1.523_970_604_832_105e-23, 1e-12);
        for (x, df, want) in [
            (0.01, 9, 0.992_239_445_536_325_3),
            (0.5, 29, 0.620_848_084_193_781_4),
            (3.0, 29, 0.005_499_192_133_903_406),
            (12.0, 29, 9.060_708_333_137_18e-13),
            (40.0, 4345, 3.593_771_081_895_703e-298),
            (5.0, 4345, 5.958_943_346_407_69e-7),
            (0.001, 100_000, 0.999_202_117_566_887_8),
            (1.96, 100_001, 0.049_998_563_166_572_83),
            (8.0, 100_001, 1.257_391_854_986_675_8e-15),
            (30.0, 100_001, 7.378_388_905_918_58e-197),
            (1.96, 1_000_000, 0.049_996_067_585_269_79),
            (20.0, 1_000_000, 5.733_087_047_390_372e-89),
            (1.96, 10_000_000, 0.049_995_818_025_314_19),
        ] {
            close(Reference::T(df).two_sided(x), want, 1e-11);
        }
    }

    #[test]
    fn quantiles_invert_tails() {
        for reference in
            [Reference::Normal, Reference::T(1), Reference::T(29), Reference::T(5_000_000)]
        {
            for level in [0.5, 0.1, 0.05, 0.01, 1e-6] {
                close(reference.two_sided(reference.two_sided_quantile(level)), level, 1e-10);
            }
        }
    }

    /// Values from mpmath with 50 digits.
    #[test]
    fn tails_of_f_and_chi_squared() {
        for (f, df, df_residual, want) in [
            (73.102_189_912_709_6, 63, 748, 1.551_620_647_960_218_2e-276),
            (0.5, 3, 40, 0.684_413_776_619_142_2),
            (1.25, 63, 748, 0.098_174_605_357_287_92),
            (49.176_625_499_418_5, 9, 188, 8.700_146_699_553_693e-45),
            (3.0, 1, 1, 0.333_333_333_333_333_3),
            (1.01, 5000, 400_000, 0.307_913_391_534_728_8),
            (2.5, 2, 1_000_000, 0.082_085_511_655_033_3),
        ] {
            close(f_upper_tail(f, df, df_residual), want, 1e-11);
        }
        for (x, df, want) in [
            (798.161_548_369_066, 1, 1.354_484_919_083_701e-175),
            (0.3, 1, 0.583_882_420_770_365_1),
            (9.0, 2, 0.011_108_996_538_242_306),
            (37.009_854_439_614_9, 10, 0.000_056_371_738_760_267_566),
            (443.929_283_698_632, 17, 1.166_200_542_620_578_8e-83),
            (5.0, 17, 0.997_770_837_351_354_2),
            (246.328_780_139_686, 45, 1.449_314_367_295_045_7e-29),
            (1250.0, 1128, 0.006_292_324_840_409_101),
            (150_000.0, 148_240, 0.000_639_069_502_772_739_6),
        ] {
            close(chi_squared_upper_tail(x, df), want, 1e-10);
        }
    }

    #[test]
    fn f_is_squared_t() {
        close(f_upper_tail(2.5 * 2.5, 1, 17), Reference::T(17).two_sided(2.5), 1e-12);
    }
}
