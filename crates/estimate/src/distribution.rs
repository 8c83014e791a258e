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
    if f <= 0.0 { 1.0 } else { beta_reg(0.5 * b, 0.5 * a, b / (b + a * f)) }
}

/// `P(χ² > x)` with `df` degrees of freedom.
pub fn chi_squared_upper_tail(x: f64, df: usize) -> f64 {
    if x <= 0.0 { 1.0 } else { gamma_ur(0.5 * df as f64, 0.5 * x) }
}

#[cfg(test)]
mod tests {
    use super::{Reference, f_upper_tail};

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

    #[test]
    fn f_is_squared_t() {
        close(f_upper_tail(2.5 * 2.5, 1, 17), Reference::T(17).two_sided(2.5), 1e-12);
    }
}
