//! What a printed number allows.

/// All that rounds to a printed number: a closed interval.
///
/// ```text
/// number = digits · 10^last     [lo, hi] = [(digits − ½) · 10^last, (digits + ½) · 10^last]
/// ```
///
/// Both ends belong to it, because software that rounds halves to even and software that rounds
/// them up both exist: 0.00885 may print as `0.0088` or as `0.0089`. The ends are computed in
/// decimal, and `lo` and `hi` are the floats nearest to them. The sign of a printed zero is
/// ignored: `-0.0000` allows what `0.0000` allows.
///
/// **Units:** those of the printed number; `12.5%` allows [12.45, 12.55], in percent.
///
/// ```
/// let number: published::Number = "0.0088".parse()?;
/// let allowed = number.interval();
/// assert_eq!((allowed.lo, allowed.hi), (0.008_75, 0.008_85));
/// assert!(allowed.contains(0.008_85));
/// assert!(!allowed.contains(0.008_850_1));
/// # Ok::<(), published::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The least value allowed.
    pub lo: f64,
    /// The greatest value allowed.
    pub hi: f64,
}

/// How far beside an end still counts as the end, in units of ε relative to it.
const GUARD: f64 = 4.0;

impl Interval {
    /// Whether `x` lies in the interval; NaN does not.
    ///
    /// An end such as 0.35 is no float, and a computation that yields it in decimal, say
    /// 0.05 · 7, lands beside the float nearest to it. So whatever is within 4 ε of an end,
    /// relative to that end, counts as the end (ε = 2⁻⁵²): room for the roundings of a few
    /// operations. That is 9 · 10⁻¹⁶ of the number: it decides ties, and nothing that a paper
    /// could print.
    pub fn contains(&self, x: f64) -> bool {
        let guard = |end: f64| GUARD * f64::EPSILON * end.abs();
        self.lo - guard(self.lo) <= x && x <= self.hi + guard(self.hi)
    }
}

#[cfg(test)]
mod tests {
    use crate::Number;

    #[test]
    fn ends_are_decimal_and_belong_to_the_interval() {
        for (text, lo, hi) in [
            ("0.0088", 0.008_75, 0.008_85),
            ("-0.4737", -0.473_75, -0.473_65),
            ("-0.0000", -0.000_05, 0.000_05),
            ("270", 269.5, 270.5),
            ("1,234.50", 1234.495, 1234.505),
            ("2.2E−10", 2.15e-10, 2.25e-10),
            ("1.2e+05", 115_000.0, 125_000.0),
            ("12.5%", 12.45, 12.55),
        ] {
            let number: Number = text.parse().expect("a number");
            let interval = number.interval();
            assert_eq!((interval.lo, interval.hi), (lo, hi), "{text}");
            for inside in [lo, hi, number.value(), lo.next_down(), hi.next_up()] {
                assert!(interval.contains(inside), "{text} {inside:e}");
            }
            let width = hi - lo;
            for outside in [lo - 1e-9 * width, hi + 1e-9 * width, f64::NAN, f64::INFINITY] {
                assert!(!interval.contains(outside), "{text} {outside:e}");
            }
        }
    }

    #[test]
    fn a_boundary_that_was_computed_is_still_the_boundary() {
        let printed: Number = "0.3".parse().expect("a number");
        // 0.05 · 7 = 0.35 in decimal, and the next float above it in binary.
        let computed = 0.05_f64 * 7.0;
        assert!(computed > 0.35);
        assert!(printed.interval().contains(computed));
    }
}
