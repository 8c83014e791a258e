//! Other programs' weights, scores and statistics, every number of them.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod entropy;
mod space;

mod weights;

use index::{Aggregate, Direction, Indicator, Levels, Normalise, Over, Scheme, ShiftIn, Weighting};

/// A flat scheme, pooled, without a shift.
fn scheme(
    columns: usize,
    negative: &[usize],
    normalise: Normalise,
    weights: Weighting,
    aggregate: Aggregate,
) -> Scheme {
    let indicator = |j: usize| Indicator {
        name: format!("c{}", j + 1),
        label: None,
        direction: if negative.contains(&j) { Direction::Negative } else { Direction::Positive },
        dimension: vec![],
    };
    Scheme {
        name: "index".into(),
        indicators: (0..columns).map(indicator).collect(),
        normalise,
        normalise_over: Over::Pooled,
        shift: 0.0,
        shift_in: None,
        weights,
        weights_over: Over::Pooled,
        levels: Levels::Indicators,
        aggregate,
    }
}

fn shifted(scheme: Scheme, shift: f64) -> Scheme {
    Scheme { shift, shift_in: Some(ShiftIn::Both), ..scheme }
}
