//! What a column's brackets hold, and which distribution its stars come from.

use numbers::Reference;
use published::Uncertainty;

use crate::Interval;
use crate::sheet::{Entry, Sheet};

/// Room for the error of a computed tail, relative to it.
const SLACK: f64 = 1e-9;

/// The degrees of freedom beyond which t and normal print the same stars.
const MANY: u32 = 1 << 22;

/// |t| of a cell, if its brackets hold what is said; `None` for p values and without brackets.
pub(crate) fn t(entry: &Entry<'_>, holds: Uncertainty) -> Option<Interval> {
    let bracket = entry.uncertainty?.interval;
    match holds {
        Uncertainty::T | Uncertainty::Z => Some(bracket.abs()),
        Uncertainty::P => None,
        Uncertainty::StandardError => {
            let estimate = entry.estimate.interval.abs();
            let bracket = bracket.at_least(0.0)?;
            if bracket.lo() > 0.0 {
                Some(estimate.over(bracket))
            } else if bracket.hi() > 0.0 {
                let least = Interval::point(estimate.lo()).over(Interval::point(bracket.hi()));
                Interval::new(least.lo(), f64::INFINITY)
            } else {
                None
            }
        }
    }
}

/// The standard error of a cell, if its brackets hold what is said; `None` for p values.
pub(crate) fn standard_error(entry: &Entry<'_>, holds: Uncertainty) -> Option<Interval> {
    let bracket = entry.uncertainty?.interval;
    match holds {
        Uncertainty::StandardError => bracket.at_least(0.0),
        Uncertainty::P => None,
        Uncertainty::T | Uncertainty::Z => {
            let (estimate, t) = (entry.estimate.interval.abs(), bracket.abs());
            if t.lo() > 0.0 {
                Some(estimate.over(t))
            } else {
                let least = Interval::point(estimate.lo()).over(Interval::point(t.hi()));
                Interval::new(least.lo().max(0.0), f64::INFINITY)
            }
        }
    }
}

/// `P(|X| > t)` with real degrees of freedom, infinity for the normal.
pub(crate) fn tail(t: f64, df: f64) -> f64 {
    if t == f64::INFINITY {
        0.0
    } else if df == f64::INFINITY {
        Reference::Normal.two_sided(t)
    } else {
        Reference::Satterthwaite(df).two_sided(t)
    }
}

/// The degrees of freedom under which |t| prints so many stars, infinity standing for the normal:
/// an interval, because the tail falls as they grow. `None` if under none from 1 on.
pub(crate) fn degrees(t: Interval, stars: u8, legend: &[f64]) -> Option<Interval> {
    let earned = |level: f64, df: f64| tail(t.hi(), df) <= level * (1.0 + SLACK);
    let unearned = |level: f64, df: f64| tail(t.lo(), df) >= level * (1.0 - SLACK);
    let stars = usize::from(stars);
    let lo = match stars.checked_sub(1) {
        None => 1.0,
        Some(last) => {
            let level = *legend.get(last)?;
            if !earned(level, f64::INFINITY) {
                return None;
            }
            // The least whole number that earns them; what lies just below may, too.
            first(|df| earned(level, df)).map_or(f64::from(MANY), |df| f64::from(df - 1).max(1.0))
        }
    };
    let hi = match legend.get(stars) {
        None => f64::INFINITY,
        Some(&level) if unearned(level, f64::INFINITY) => f64::INFINITY,
        Some(&level) => {
            if !unearned(level, 1.0) {
                return None;
            }
            first(|df| !unearned(level, df)).map_or(f64::INFINITY, f64::from)
        }
    };
    Interval::new(lo, hi)
}

/// The levels of two-sided tests at which one-sided ones have those of a legend.
pub(crate) fn doubled(legend: &[f64]) -> Vec<f64> {
    legend.iter().map(|level| 2.0 * level).collect()
}

/// Whether |t| prints so many stars with these degrees of freedom.
pub(crate) fn fits(t: Interval, stars: u8, legend: &[f64], df: f64) -> bool {
    let stars = usize::from(stars);
    let earned = match stars.checked_sub(1).map(|last| legend.get(last)) {
        None => true,
        Some(level) => level.is_some_and(|&level| tail(t.hi(), df) <= level * (1.0 + SLACK)),
    };
    earned && legend.get(stars).is_none_or(|&level| tail(t.lo(), df) >= level * (1.0 - SLACK))
}

/// The first whole number for which what stays true is true; `None` if beyond [`MANY`].
fn first(is: impl Fn(f64) -> bool) -> Option<u32> {
    let mut high = 1;
    while !is(f64::from(high)) {
        high *= 2;
        if high > MANY {
            return None;
        }
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if is(f64::from(middle)) { high = middle } else { low = middle }
    }
    Some(high)
}

/// Whether what the brackets are said to hold is possible for the cell by itself.
///
/// Programs print t statistics with their sign or, as some did, without: where a bracket is negative
/// they are `signed`, and have the signs of their estimates.
pub(crate) fn possible(
    entry: &Entry<'_>,
    holds: Uncertainty,
    legend: &[f64],
    signed: bool,
) -> bool {
    let Some(bracket) = entry.uncertainty else { return true };
    let bracket = bracket.interval;
    let estimate = entry.estimate.interval;
    match holds {
        Uncertainty::StandardError if bracket.hi() < 0.0 => return false,
        Uncertainty::P => {
            return bracket.meets(Interval::between(0.0, 1.0))
                && p_stars(bracket, entry.stars, legend);
        }
        Uncertainty::T | Uncertainty::Z if signed && opposite(estimate, bracket) => return false,
        _ => {}
    }
    if legend.is_empty() || usize::from(entry.stars) > legend.len() {
        return true;
    }
    t(entry, holds).is_none_or(|t| degrees(t, entry.stars, legend).is_some())
}

/// Whether two numbers have opposite signs, whatever they round from.
pub(crate) fn opposite(a: Interval, b: Interval) -> bool {
    (a.lo() > 0.0 && b.hi() < 0.0) || (a.hi() < 0.0 && b.lo() > 0.0)
}

/// Whether a printed p value may have so many stars.
pub(crate) fn p_stars(p: Interval, stars: u8, legend: &[f64]) -> bool {
    let stars = usize::from(stars);
    let earned = stars == 0 || legend.get(stars - 1).is_none_or(|&level| p.lo() <= level);
    earned && legend.get(stars).is_none_or(|&level| p.hi() >= level)
}

/// What a column's cells say together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    /// What the brackets hold; `None` if nothing says.
    pub(crate) brackets: Option<Uncertainty>,
    /// Whether that is what the table's note says.
    pub(crate) as_declared: bool,
    /// Whether t statistics are printed with their signs.
    pub(crate) signed: bool,
    /// The degrees of freedom under which most cells have their stars.
    pub(crate) degrees: Option<Interval>,
}

/// Reads a column: its cells, what the note says its brackets hold, its legend, and whether brackets of
/// its table have signs.
pub(crate) fn read(
    sheet: &Sheet<'_>,
    cells: &[usize],
    declared: Option<Uncertainty>,
    legend: &[f64],
    signed: bool,
) -> Reading {
    let fails = |holds: Uncertainty| {
        cells.iter().filter(|&&cell| !possible(&sheet.entries[cell], holds, legend, signed)).count()
    };
    let kinds = [Uncertainty::StandardError, Uncertainty::T, Uncertainty::P];
    let brackets = if let Some(declared) = declared {
        // A note is believed unless two cells or more, and a third of all, speak against it and none
        // against another reading.
        let against = fails(declared);
        let doubted = against >= 2 && 3 * against >= cells.len();
        let mut other = kinds.into_iter().filter(|&kind| doubted && kind != declared);
        other.find(|&kind| fails(kind) == 0).or(Some(declared))
    } else {
        let mut fit = kinds.into_iter().filter(|&kind| fails(kind) == 0);
        fit.next().filter(|_| fit.next().is_none())
    };
    let degrees = brackets.and_then(|holds| {
        let each = cells.iter().filter_map(|&cell| {
            let entry = &sheet.entries[cell];
            degrees(t(entry, holds)?, entry.stars, legend)
        });
        deepest(&each.collect::<Vec<_>>())
    });
    Reading { brackets, as_declared: brackets == declared, signed, degrees }
}

/// Where most of some intervals meet: the first such place.
pub(crate) fn deepest(intervals: &[Interval]) -> Option<Interval> {
    let mut starts: Vec<f64> = intervals.iter().map(|it| it.lo()).collect();
    let mut ends: Vec<f64> = intervals.iter().map(|it| it.hi()).collect();
    starts.sort_by(f64::total_cmp);
    ends.sort_by(f64::total_cmp);
    let (mut ended, mut best) = (0, None);
    for (begun, &start) in starts.iter().enumerate() {
        while ends.get(ended).is_some_and(|&end| end < start) {
            ended += 1;
        }
        let depth = begun + 1 - ended;
        if best.is_none_or(|(most, _, _)| depth > most) {
            best = Some((depth, start, *ends.get(ended)?));
        }
    }
    best.and_then(|(_, lo, hi)| Interval::new(lo, hi))
}
