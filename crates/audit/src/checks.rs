//! A file a check: each makes equations of what is known, and says under what they hold.

mod added;
mod brackets;
mod classical;
mod constant;
mod counts;
mod effects;
mod fit;
mod hausman;
mod moments;
mod nested;
mod simple;
mod squares;
mod stars;
mod statistics;
mod sums;
mod thresholds;
mod twice;
mod weights;
mod windows;

use published::Transcription;

use crate::Convention;
use crate::equation::Equations;
use crate::facts::Facts;
use crate::sheet::Sheet;

/// What checks read, and what they make.
pub(crate) struct Bench<'c, 'a> {
    pub(crate) paper: &'a Transcription,
    pub(crate) sheet: &'c Sheet<'a>,
    pub(crate) facts: &'c Facts<'a>,
    pub(crate) equations: Equations,
    pub(crate) conventions: Vec<Convention>,
    pub(crate) unchecked: Vec<crate::Unchecked>,
}

/// Every equation of a paper, in the order of the checks.
pub(crate) fn all(bench: &mut Bench<'_, '_>) {
    brackets::equations(bench);
    stars::equations(bench);
    let moments = moments::equations(bench);
    counts::equations(bench);
    windows::equations(bench);
    fit::equations(bench);
    hausman::equations(bench);
    simple::equations(bench, &moments);
    constant::equations(bench, &moments);
    nested::equations(bench);
    added::equations(bench);
    classical::equations(bench);
    effects::equations(bench);
    thresholds::equations(bench);
    squares::equations(bench);
    weights::equations(bench);
    sums::equations(bench);
    statistics::equations(bench);
    twice::equations(bench);
}
