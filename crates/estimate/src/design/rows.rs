//! Which rows a model can use: complete, weighted, not alone; and the levels that are left.

use std::borrow::Cow;

use panel::{Base, Factor, Term};
use rayon::prelude::*;

use super::Design;
use crate::ls::grain;
use crate::weights::Weighted;
use crate::{Error, Weights};

impl Design<'_> {
    /// Checks the weights of the rows in use, and leaves out those of weight zero.
    pub(super) fn weigh(&mut self, spec: &Weights) -> Result<(), Error> {
        let weights = self.root.as_deref().unwrap_or_default();
        let (mut positive, mut sum) = (Vec::with_capacity(weights.len()), 0.0);
        for (i, &w) in weights.iter().enumerate() {
            let frequency = matches!(spec, Weights::Frequency(_));
            if w > 0.0 && w.is_finite() && !(frequency && w.fract() != 0.0) {
                positive.push(i);
                sum += w;
            } else if w != 0.0 {
                let (entity, period) = self.panel.row_label(self.sample.row(i));
                let (term, value) = (spec.term().clone(), w);
                return Err(match w {
                    w if w.is_nan() => Error::NoWeight { term, entity, period },
                    w if w.is_infinite() => Error::Infinite { term, entity, period },
                    ..0.0 => Error::NegativeWeight { term, value, entity, period },
                    _ => Error::FractionalWeight { term, value, entity, period },
                });
            }
        }
        let n_zero = weights.len() - positive.len();
        self.sample.weights = Some(Weighted { spec: spec.clone(), n_zero, sum, log_sum: 0.0 });
        if n_zero > 0 {
            self.keep(&positive);
        }
        Ok(())
    }

    /// Replaces weights by their roots; analytic ones sum to the number of rows, as in Stata.
    pub(super) fn take_roots(&mut self) {
        let n = self.n() as f64;
        let (Some(column), Some(weights)) = (&mut self.root, &mut self.sample.weights) else {
            return;
        };
        weights.sum = column.iter().sum();
        let scale = if weights.frequency().is_some() { 1.0 } else { n / weights.sum };
        let scaled = column.iter().map(|w| w * scale);
        weights.log_sum = scaled.clone().map(f64::ln).sum();
        *column = Cow::Owned(scaled.map(f64::sqrt).collect());
    }

    pub(super) fn drop_incomplete(&mut self, among: Option<&[bool]>) -> Result<(), Error> {
        let named: Vec<(&Term, &[f64])> = std::iter::once((&self.response, &*self.y))
            .chain(self.terms.iter().zip(self.x.iter().map(|x| &**x)))
            .chain(self.slopes.iter().map(|slope| (&slope.term, &*slope.x)))
            .collect();
        let gaps: Vec<(&Term, &[f64])> = named
            .into_par_iter()
            .with_min_len(grain(self.sample.n_panel))
            .filter(|(_, column)| !all_finite(column))
            .collect();
        let complete = |factor: &Factor| !factor.codes().contains(&Factor::MISSING);
        let factors = || {
            let slopes = self.slopes.iter().map(|slope| (&slope.by, &*slope.factor));
            self.absorb.iter().map(|(name, factor)| (name, &**factor)).chain(slopes)
        };
        if among.is_none() && gaps.is_empty() && factors().all(|(_, factor)| complete(factor)) {
            return Ok(());
        }
        let mut complete = among.map_or_else(|| vec![true; self.sample.n_panel], <[bool]>::to_vec);
        let candidates = complete.iter().filter(|&&row| row).count();
        let mut missing = Vec::new();
        for (term, column) in gaps {
            if let Some(row) = column.iter().position(|x| x.is_infinite()) {
                let (entity, period) = self.panel.row_label(row);
                return Err(Error::Infinite { term: term.clone(), entity, period });
            }
            let rows = mark(&mut complete, column, |x| x.is_nan());
            note(&mut missing, term.clone(), rows);
        }
        for (name, factor) in factors() {
            let rows = mark(&mut complete, factor.codes(), |&code| code == Factor::MISSING);
            if rows > 0 {
                note(&mut missing, Term::var(name.clone()), rows);
            }
        }
        let rows: Vec<usize> = (0..complete.len()).filter(|&row| complete[row]).collect();
        self.sample.missing = missing;
        self.sample.n_missing = candidates - rows.len();
        self.keep(&rows);
        Ok(())
    }

    /// Dropping a singleton can make another: repeat until none is left.
    pub(super) fn drop_singletons(&mut self) {
        let mut alive: Vec<usize> = (0..self.n()).collect();
        let all = alive.len();
        // A row that stands for several is not alone.
        let frequency = self.sample.weights.as_ref().is_some_and(|w| w.frequency().is_some());
        let times = self.root.as_deref().filter(|_| frequency);
        let several = |i: usize| times.is_some_and(|times| times[i] > 1.0);
        let slopes = self.slopes.iter().map(|slope| &slope.factor);
        let factors: Vec<&Factor> =
            self.absorb.iter().map(|(_, factor)| factor).chain(slopes).map(|f| &**f).collect();
        loop {
            let before = alive.len();
            for factor in &factors {
                let codes = factor.codes();
                let mut count = vec![0_u32; factor.n_levels()];
                for &i in &alive {
                    count[codes[i] as usize] += 1 + u32::from(several(i));
                }
                if count.contains(&1) {
                    alive.retain(|&i| count[codes[i] as usize] > 1);
                }
            }
            if alive.len() == before {
                break;
            }
        }
        if alive.len() < all {
            self.sample.n_singletons = all - alive.len();
            self.keep(&alive);
        }
    }

    /// Sets of indicators are those of the levels that a row in use has, and so is their base.
    ///
    /// `written` are the terms of the model, and how many columns each stands for.
    pub(super) fn drop_unused_levels(&mut self, written: &[(&Term, usize)]) -> Result<(), Error> {
        let mut kept = Vec::with_capacity(self.terms.len());
        let mut at = 0;
        for &(term, width) in written {
            let mut columns: Vec<usize> = (at..at + width).collect();
            at += width;
            let factors = match term {
                Term::Product(factors) => factors.as_slice(),
                term => std::slice::from_ref(term),
            };
            for factor in factors {
                let Term::Levels(name, base) = factor else { continue };
                let used: Vec<String> = self.group(name)?.labels().collect();
                columns.retain(|&column| is_used(&self.terms[column], name, &used));
                if *factor != *term || columns.len() < used.len() {
                    continue; // A slope for every level, or the base is in use.
                }
                match base {
                    Base::First => drop(columns.drain(..1)),
                    Base::Last => drop(columns.pop()),
                    Base::Level(level) => {
                        let (column, level) = (name.clone(), level.clone());
                        return Err(panel::Error::NoLevel { column, level, near: used }.into());
                    }
                }
            }
            kept.extend(columns);
        }
        if kept.len() < self.terms.len() {
            self.terms = kept.iter().map(|&column| self.terms[column].clone()).collect();
            self.x = kept.iter().map(|&column| self.x[column].clone()).collect();
        }
        Ok(())
    }

    /// Keeps some of the rows in use, by their position among them.
    pub(crate) fn keep(&mut self, positions: &[usize]) {
        let pick = |column: &[f64]| Cow::Owned(positions.iter().map(|&i| column[i]).collect());
        self.y = pick(&self.y);
        self.x = self.x.par_iter().map(|column| pick(column)).collect();
        for (_, factor) in &mut self.absorb {
            *factor = Cow::Owned(factor.select(positions));
        }
        for slope in &mut self.slopes {
            slope.factor = Cow::Owned(slope.factor.select(positions));
            slope.x = pick(&slope.x);
        }
        self.root = self.root.as_ref().map(|root| pick(root));
        self.sample.rows = Some(positions.iter().map(|&i| self.sample.row(i)).collect());
    }
}

/// Whether the level of `name` that a column stands for is among `used`.
fn is_used(column: &Term, name: &str, used: &[String]) -> bool {
    match column {
        Term::Level(of, level) if of == name => used.contains(level),
        Term::Product(factors) => factors.iter().all(|factor| is_used(factor, name, used)),
        _ => true,
    }
}

/// Counts the gaps of a term once, in however many places of the model it stands.
fn note(missing: &mut Vec<(Term, usize)>, term: Term, rows: usize) {
    if !missing.iter().any(|(noted, _)| *noted == term) {
        missing.push((term, rows));
    }
}

/// Marks rows as incomplete; returns how many were found.
fn mark<T>(complete: &mut [bool], column: &[T], gap: impl Fn(&T) -> bool) -> usize {
    let mut found = 0;
    for (complete, value) in complete.iter_mut().zip(column) {
        if gap(value) {
            *complete = false;
            found += 1;
        }
    }
    found
}

/// One multiplication a value: `0·x` is NaN for NaN and for infinity, and zero for all else.
fn all_finite(column: &[f64]) -> bool {
    let chunks = column.chunks_exact(8);
    let mut lanes = [0.0; 8];
    for x in chunks.remainder() {
        lanes[0] += 0.0 * x;
    }
    for chunk in chunks {
        for i in 0..8 {
            lanes[i] += 0.0 * chunk[i];
        }
    }
    lanes.iter().sum::<f64>() == 0.0
}
