//! The absorbed effects of a projection: counted rows, or rows that carry values.

use std::ops::Range;

use panel::Factor;

use crate::reduced::{Effects, NormalEquations, Reduced};
use crate::valued::Valued;

/// What is absorbed by the levels of one factor.
#[derive(Debug, Clone)]
pub(crate) struct Block<'a> {
    pub(crate) factor: &'a Factor,
    /// Whether a level has an effect.
    pub(crate) intercept: bool,
    /// Columns that have a slope in every level.
    pub(crate) slopes: Vec<&'a [f64]>,
}

/// Absorbed effects. Rows that all count one have code of their own, which is what the speed of
/// an unweighted model rests on: every method decides once, outside of its loops.
#[derive(Debug)]
pub(crate) enum Absorbed<'a> {
    /// Nothing is absorbed.
    None,
    /// Dummies.
    Unit(Effects<'a>),
    /// Dummies times values.
    Valued(Valued<'a>),
}

impl<'a> From<&[&'a Factor]> for Absorbed<'a> {
    fn from(factors: &[&'a Factor]) -> Self {
        Effects::new(factors).map_or(Self::None, Self::Unit)
    }
}

impl<'a> From<&Vec<&'a Factor>> for Absorbed<'a> {
    fn from(factors: &Vec<&'a Factor>) -> Self {
        factors.as_slice().into()
    }
}

impl<'a> Absorbed<'a> {
    /// Dummies if nothing has values; `root` is `√w`.
    pub(crate) fn new(blocks: &[Block<'a>], root: Option<&[f64]>) -> Self {
        if root.is_none() && blocks.iter().all(|block| block.slopes.is_empty()) {
            let factors: Vec<&Factor> = blocks.iter().map(|block| block.factor).collect();
            return Self::from(&factors);
        }
        Valued::new(blocks, root).map_or(Self::None, Self::Valued)
    }

    /// Unknowns but those of the largest factor.
    pub(crate) fn n_levels(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Unit(effects) => effects.n_levels,
            Self::Valued(effects) => effects.n_levels(),
        }
    }

    /// The diagonal of `D'D`.
    pub(crate) fn count(&self) -> &[f64] {
        match self {
            Self::None => &[],
            Self::Unit(effects) => &effects.count,
            Self::Valued(effects) => effects.count(),
        }
    }

    /// Slopes that are not spanned by the effects and slopes before them in their level.
    pub(crate) fn n_slopes(&self) -> usize {
        match self {
            Self::Valued(effects) => effects.n_slopes,
            _ => 0,
        }
    }

    pub(crate) fn reduce(&self) -> Option<Reduced> {
        match self {
            Self::Unit(effects) if effects.n_levels > 0 => Some(Reduced::new(effects)),
            Self::Valued(effects) if effects.n_levels() > 0 => Some(Reduced::new(effects)),
            _ => None,
        }
    }

    /// The effects of a column: of the largest factor, and of the others.
    pub(crate) fn effects_of(&self, v: &[f64], reduced: Option<&Reduced>) -> (Vec<f64>, Vec<f64>) {
        let (mut alpha, moments) = match self {
            Self::None => return (Vec::new(), Vec::new()),
            Self::Unit(effects) => effects.means_and_moments(v),
            Self::Valued(effects) => effects.means_and_moments(v),
        };
        let Some(reduced) = reduced else { return (alpha, Vec::new()) };
        let delta = self.refine(&mut alpha, &moments, reduced);
        (alpha, delta)
    }

    /// Solves `S δ = moments` and takes `δ` out of `α`.
    pub(crate) fn refine(&self, alpha: &mut [f64], moments: &[f64], reduced: &Reduced) -> Vec<f64> {
        match self {
            Self::None => Vec::new(),
            Self::Unit(effects) => {
                let delta = reduced.solve(moments, effects);
                effects.shift(alpha, &delta);
                delta
            }
            Self::Valued(effects) => {
                let delta = reduced.solve(moments, effects);
                effects.shift(alpha, &delta);
                delta
            }
        }
    }

    /// What the largest factor contributes to the leverage of some rows.
    pub(crate) fn leverage(&self, rows: Range<usize>) -> Vec<f64> {
        match self {
            Self::None => vec![0.0; rows.len()],
            Self::Unit(effects) => effects.leverage(rows),
            Self::Valued(effects) => effects.leverage(rows),
        }
    }
}

/// The rows of a group are at `start[g]..start[g + 1]`, in the order returned; `None` if they
/// are sorted already.
pub(crate) fn sort_by_group(main: &[u32], n_groups: usize) -> (Vec<usize>, Option<Vec<u32>>) {
    let sorted = main.is_sorted();
    let start = if sorted {
        // Every level occurs, so a group starts wherever the level changes.
        let mut start = Vec::with_capacity(n_groups + 1);
        start.push(0);
        start.extend((1..main.len()).filter(|&row| main[row] != main[row - 1]));
        start.push(main.len());
        start
    } else {
        let mut start = vec![0; n_groups + 1];
        for &code in main {
            start[code as usize + 1] += 1;
        }
        for group in 1..start.len() {
            start[group] += start[group - 1];
        }
        start
    };
    let order = (!sorted).then(|| {
        let mut next = start.clone();
        let mut order = vec![0_u32; main.len()];
        for (row, &code) in (0_u32..).zip(main) {
            order[next[code as usize]] = row;
            next[code as usize] += 1;
        }
        order
    });
    (start, order)
}
