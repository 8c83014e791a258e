//! The confidence set of a threshold, by inverting its likelihood ratio.

use super::outcome::ConfidenceSet;
use super::search::Path;

/// `−2 ln(1 − √level)`: 7.35 at 95 %. Hansen (1999), section 3.3.
pub(super) fn critical(level: f64) -> f64 {
    -2.0 * (1.0 - level.sqrt()).ln()
}

/// All candidates whose likelihood ratio is at most critical, in runs of neighbours.
///
/// ```text
/// LR(γ) = (SSR(γ) − SSR(γ̂)) / (SSR(γ̂) / scale)
/// ```
pub(super) fn set(gamma: &[f64], path: &Path, scale: f64, level: f64) -> ConfidenceSet {
    let critical = critical(level);
    let least = path.least();
    let mut intervals: Vec<[f64; 2]> = Vec::new();
    let mut ratios = Vec::with_capacity(gamma.len());
    let mut open = false;
    for (&gamma, ssr) in gamma.iter().zip(&path.ssr) {
        let ratio = ssr.map(|ssr| ((ssr / least - 1.0) * scale).max(0.0));
        if let Some(ratio) = ratio {
            ratios.push((gamma, ratio));
        }
        let inside = ratio.is_some_and(|ratio| ratio <= critical);
        match intervals.last_mut() {
            Some(last) if inside && open => last[1] = gamma,
            _ if inside => intervals.push([gamma, gamma]),
            _ => {}
        }
        open = inside;
    }
    ConfidenceSet { level, critical, intervals, ratios }
}
