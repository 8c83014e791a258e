//! Where something is concentrated: location quotient and Herfindahl index.

use panel::Panel;

use crate::period::{known, periods};
use crate::{Error, ShareError};

const NOT_NEGATIVE: &str = "numbers that are not negative";

/// The location quotient of each row, also called location entropy.
///
/// ```text
/// LQᵢₜ = (xᵢₜ/Σᵢxᵢₜ) / (yᵢₜ/Σᵢyᵢₜ)      x the part (primary employment), y the whole (employment)
/// ```
///
/// The mean with weights `y` is 1 in every period. The quotient `(x/y)/(Σx/Σy)` is the same number.
///
/// # Errors
///
/// [`ShareError::Missing`], [`ShareError::Range`] where `x < 0` or `y ≤ 0`,
/// [`ShareError::ZeroTotal`] if `Σx` is zero.
pub fn location_quotient(panel: &Panel, part: &str, whole: &str) -> Result<Vec<f64>, Error> {
    const MEASURE: &str = "a location quotient";
    let x = known(panel, part, MEASURE, |x| x >= 0.0, NOT_NEGATIVE)?;
    let y = known(panel, whole, MEASURE, |y| y > 0.0, "positive numbers in the whole")?;
    let mut quotients = vec![0.0; panel.n_rows()];
    for (period, rows) in periods(panel) {
        let total = |v: &[f64]| rows.iter().map(|&row| v[row]).sum::<f64>();
        let (parts, wholes) = (total(&x), total(&y));
        if parts <= 0.0 {
            return Err(ShareError::ZeroTotal { column: part.to_owned(), period }.into());
        }
        for row in rows {
            quotients[row] = (x[row] / parts) / (y[row] / wholes);
        }
    }
    Ok(quotients)
}

/// Concentration among the units of one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Herfindahl {
    /// The period.
    pub period: i32,
    /// Units.
    pub n: usize,
    /// `H = Σ sᵢ²`, from `1/n` to 1.
    pub index: f64,
    /// `(H − 1/n)/(1 − 1/n)`, from 0 to 1; `None` for a single unit.
    pub normalised: Option<f64>,
}

/// The Herfindahl–Hirschman index of each period, with shares from 0 to 1.
///
/// # Errors
///
/// [`ShareError::Missing`], [`ShareError::Range`] where a value is negative,
/// [`ShareError::ZeroTotal`].
pub fn herfindahl(panel: &Panel, column: &str) -> Result<Vec<Herfindahl>, Error> {
    let x = known(panel, column, "a Herfindahl index", |x| x >= 0.0, NOT_NEGATIVE)?;
    let of = |(period, rows): (i32, Vec<usize>)| {
        let total: f64 = rows.iter().map(|&row| x[row]).sum();
        if total <= 0.0 {
            return Err(ShareError::ZeroTotal { column: column.to_owned(), period }.into());
        }
        let n = rows.len();
        let index: f64 = rows.iter().map(|&row| (x[row] / total).powi(2)).sum();
        let least = 1.0 / n as f64;
        let normalised = (n > 1).then(|| (index - least) / (1.0 - least));
        Ok(Herfindahl { period, n, index, normalised })
    };
    periods(panel).into_iter().map(of).collect()
}
