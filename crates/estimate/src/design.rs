//! From a panel with holes to columns without.

use std::borrow::Cow;

use panel::{Base, Factor, Model, Name, Panel, Term};
use rayon::prelude::*;

use crate::ls::grain;
use crate::{Error, Singletons};

/// The rows of a panel that a model can use, and why the others cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Increasing; `None` is all rows.
    rows: Option<Vec<usize>>,
    n_panel: usize,
    missing: Vec<(Term, usize)>,
    n_missing: usize,
    n_singletons: usize,
}

impl Sample {
    /// Rows in use.
    pub fn n(&self) -> usize {
        self.rows.as_ref().map_or(self.n_panel, Vec::len)
    }

    /// Rows of the panel.
    pub fn n_panel(&self) -> usize {
        self.n_panel
    }

    /// The panel's row of the `i`-th row in use.
    pub fn row(&self, i: usize) -> usize {
        self.rows.as_ref().map_or(i, |rows| rows[i])
    }

    /// Some of the rows in use, by their position among them; the account stays.
    pub(crate) fn at(&self, positions: &[usize]) -> Self {
        let rows = positions.iter().map(|&i| self.row(i)).collect();
        Self { rows: Some(rows), missing: self.missing.clone(), ..*self }
    }

    /// Rows left out because a variable is missing.
    pub fn n_missing(&self) -> usize {
        self.n_missing
    }

    /// For every term with gaps, the rows in which it is missing.
    pub fn missing(&self) -> &[(Term, usize)] {
        &self.missing
    }

    /// Rows left out because their level of an absorbed factor is observed once.
    pub fn n_singletons(&self) -> usize {
        self.n_singletons
    }
}

/// The columns of a [`Model`] on the rows where every variable is observed.
///
/// **Invariant:** every column is finite and as long as the sample, which is not empty.
#[derive(Debug, Clone)]
pub struct Design<'p> {
    pub(crate) panel: &'p Panel,
    pub(crate) sample: Sample,
    pub(crate) response: Term,
    pub(crate) y: Cow<'p, [f64]>,
    pub(crate) terms: Vec<Term>,
    pub(crate) x: Vec<Cow<'p, [f64]>>,
    pub(crate) constant: bool,
    pub(crate) absorb: Vec<(Name, Cow<'p, Factor>)>,
}

impl<'p> Design<'p> {
    /// Evaluates `model` on `panel` and drops the rows that it cannot use.
    ///
    /// Columns of a panel without gaps are borrowed, not copied.
    ///
    /// # Errors
    ///
    /// [`Error::Panel`] if a variable does not exist, [`Error::Infinite`] if one overflows,
    /// [`Error::Empty`] if no row is complete.
    pub fn new(panel: &'p Panel, model: &Model, singletons: Singletons) -> Result<Self, Error> {
        let mut terms = Vec::new();
        let mut written = Vec::new();
        for term in &model.terms {
            let columns = panel.expand(term)?;
            written.push((term, columns.len()));
            terms.extend(columns);
        }
        let y = panel.values(&model.response)?;
        let x: Vec<Cow<'p, [f64]>> =
            terms.iter().map(|term| panel.values(term)).collect::<Result<_, _>>()?;
        let absorb: Vec<(Name, Cow<'p, Factor>)> = model
            .absorb
            .par_iter()
            .with_min_len(grain(panel.n_rows()))
            .map(|name| Ok((name.clone(), panel.factor(name)?)))
            .collect::<Result<_, Error>>()?;

        let mut design = Self {
            panel,
            sample: Sample {
                rows: None,
                n_panel: panel.n_rows(),
                missing: Vec::new(),
                n_missing: 0,
                n_singletons: 0,
            },
            response: model.response.clone(),
            y,
            terms,
            x,
            constant: model.constant,
            absorb,
        };
        design.drop_incomplete()?;
        if singletons == Singletons::Drop {
            design.drop_singletons();
        }
        if design.n() == 0 {
            let none = (design.response.clone(), 0);
            let sample = design.sample;
            let (emptiest, emptiest_rows) =
                sample.missing.iter().max_by_key(|(_, rows)| *rows).unwrap_or(&none).clone();
            return Err(Error::Empty {
                rows: sample.n_panel,
                missing: sample.n_missing,
                emptiest,
                emptiest_rows,
                singletons: sample.n_singletons,
            });
        }
        if design.n() < panel.n_rows() {
            design.drop_unused_levels(&written)?;
        }
        Ok(design)
    }

    /// Rows in use.
    pub fn n(&self) -> usize {
        self.sample.n()
    }

    /// The regressors, one column each: sets of indicators are expanded.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The response on the rows in use.
    pub fn response(&self) -> &[f64] {
        &self.y
    }

    /// The column of a regressor on the rows in use.
    pub fn column(&self, j: usize) -> &[f64] {
        &self.x[j]
    }

    /// The rows in use.
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// The grouping by a column, on the rows in use.
    ///
    /// # Errors
    ///
    /// [`Error::Panel`] if the column cannot group rows.
    pub fn group(&self, by: &str) -> Result<Cow<'_, Factor>, Error> {
        if let Some((_, factor)) = self.absorb.iter().find(|(name, _)| name == by) {
            return Ok(Cow::Borrowed(factor));
        }
        let factor = self.panel.factor(by)?;
        Ok(match &self.sample.rows {
            None => factor,
            Some(rows) => Cow::Owned(factor.select(rows)),
        })
    }

    /// Other columns on some of the rows in use: the design of an auxiliary regression.
    ///
    /// Of the absorbed factors, those that `absorb` names stay.
    pub(crate) fn auxiliary(
        &self,
        positions: &[usize],
        response: (Term, Vec<f64>),
        columns: Vec<(Term, Vec<f64>)>,
        constant: bool,
        absorb: &[Name],
    ) -> Self {
        let (terms, x): (Vec<_>, Vec<_>) =
            columns.into_iter().map(|(term, x)| (term, Cow::Owned(x))).unzip();
        let rows = positions.iter().map(|&i| self.sample.row(i)).collect();
        let absorb = self.absorb.iter().filter(|(name, _)| absorb.contains(name));
        Self {
            panel: self.panel,
            sample: Sample { rows: Some(rows), ..self.sample.clone() },
            response: response.0,
            y: Cow::Owned(response.1),
            terms,
            x,
            constant,
            absorb: absorb
                .map(|(name, factor)| (name.clone(), Cow::Owned(factor.select(positions))))
                .collect(),
        }
    }

    /// The same rows and regressors, and only the absorbed factors that `keep` says.
    pub(crate) fn absorbing(&self, keep: impl Fn(&str) -> bool) -> Self {
        let mut design = self.clone();
        design.absorb.retain(|(name, _)| keep(name));
        design.constant = true;
        design
    }

    /// The same model with the entity absorbed, and indicators in place of every other factor.
    pub(crate) fn absorbing_entity(&self) -> Result<Self, Error> {
        let entity = self.index_names().0;
        let mut design = self.without_effects()?;
        let factor = self.group(entity)?.into_owned();
        design.absorb = vec![(entity.clone(), Cow::Owned(factor))];
        Ok(design)
    }

    /// The same model with nothing absorbed, and indicators in place of every factor but the entity.
    ///
    /// # Errors
    ///
    /// [`Error::NeedsEntityEffects`] if the model absorbs factors and the entity is not among them.
    pub(crate) fn without_effects(&self) -> Result<Self, Error> {
        let entity = self.index_names().0;
        if !self.absorb.is_empty() && self.absorb.iter().all(|(name, _)| name != entity) {
            return Err(Error::NeedsEntityEffects { entity: entity.clone() });
        }
        let mut design = self.absorbing(|_| false);
        for (name, factor) in self.absorb.iter().filter(|(name, _)| name != entity) {
            for (code, label) in (0_u32..).zip(factor.labels()).skip(1) {
                let indicator = |&c: &u32| f64::from(u8::from(c == code));
                design.terms.push(Term::Level(name.clone(), label));
                design.x.push(Cow::Owned(factor.codes().iter().map(indicator).collect()));
            }
        }
        Ok(design)
    }

    /// Who and when, a row in use each.
    pub(crate) fn keys(&self) -> Vec<(u32, i32)> {
        let index = self.panel.index();
        let key = |i| {
            let row = self.sample.row(i);
            (index.entity.codes()[row], index.period[row])
        };
        (0..self.n()).map(key).collect()
    }

    /// The position of the row one calendar period earlier, if the entity has one in use.
    ///
    /// Rows are sorted by entity and period, so that it is the row before, or none.
    pub(crate) fn before(keys: &[(u32, i32)], i: usize) -> Option<usize> {
        let before = i.checked_sub(1)?;
        let ((who, when), (earlier_who, earlier)) = (keys[i], keys[before]);
        (who == earlier_who && earlier.checked_add(1) == Some(when)).then_some(before)
    }

    /// The names of the entity and the period.
    pub(crate) fn index_names(&self) -> (&Name, &Name) {
        let index = self.panel.index();
        (&index.entity_name, &index.period_name)
    }

    /// The names of the absorbed factors.
    pub(crate) fn effects(&self) -> Vec<Name> {
        self.absorb.iter().map(|(name, _)| name.clone()).collect()
    }

    fn drop_incomplete(&mut self) -> Result<(), Error> {
        let named: Vec<(&Term, &[f64])> = std::iter::once((&self.response, &*self.y))
            .chain(self.terms.iter().zip(self.x.iter().map(|x| &**x)))
            .collect();
        let gaps: Vec<(&Term, &[f64])> = named
            .into_par_iter()
            .with_min_len(grain(self.sample.n_panel))
            .filter(|(_, column)| !all_finite(column))
            .collect();
        let codes_complete =
            |(_, factor): &(Name, Cow<'_, Factor>)| !factor.codes().contains(&Factor::MISSING);
        if gaps.is_empty() && self.absorb.iter().all(codes_complete) {
            return Ok(());
        }
        let mut complete = vec![true; self.sample.n_panel];
        let mut missing = Vec::new();
        for (term, column) in gaps {
            if let Some(row) = column.iter().position(|x| x.is_infinite()) {
                let (entity, period) = self.panel.row_label(row);
                return Err(Error::Infinite { term: term.clone(), entity, period });
            }
            missing.push((term.clone(), mark(&mut complete, column, |x| x.is_nan())));
        }
        for (name, factor) in &self.absorb {
            let rows = mark(&mut complete, factor.codes(), |&code| code == Factor::MISSING);
            if rows > 0 {
                missing.push((Term::var(name.clone()), rows));
            }
        }
        let rows: Vec<usize> = (0..complete.len()).filter(|&row| complete[row]).collect();
        self.sample.missing = missing;
        self.sample.n_missing = complete.len() - rows.len();
        self.keep(&rows);
        Ok(())
    }

    /// Dropping a singleton can make another: repeat until none is left.
    fn drop_singletons(&mut self) {
        let mut alive: Vec<usize> = (0..self.n()).collect();
        let all = alive.len();
        loop {
            let before = alive.len();
            for (_, factor) in &self.absorb {
                let codes = factor.codes();
                let mut count = vec![0_u32; factor.n_levels()];
                for &i in &alive {
                    count[codes[i] as usize] += 1;
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
    fn drop_unused_levels(&mut self, written: &[(&Term, usize)]) -> Result<(), Error> {
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
    fn keep(&mut self, positions: &[usize]) {
        let pick = |column: &[f64]| Cow::Owned(positions.iter().map(|&i| column[i]).collect());
        self.y = pick(&self.y);
        self.x = self.x.par_iter().map(|column| pick(column)).collect();
        for (_, factor) in &mut self.absorb {
            *factor = Cow::Owned(factor.select(positions));
        }
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
