//! Designs of auxiliary regressions, and who stands in which row.

use std::borrow::Cow;

use panel::{Name, Term};

use crate::absorbed::{Absorbed, Block};
use crate::linear::{everyone, project_and_solve};
use crate::ls::Solution;
use crate::within::Projected;
use crate::{Design, Error, TestError};

impl Design<'_> {
    /// The same rows, response and effects with other regressors, one value a row in use.
    ///
    /// # Errors
    ///
    /// [`Error::Panel`] if a column is not as long as the sample; [`Error::Infinite`] if one is not
    /// finite.
    pub fn with_regressors(&self, regressors: Vec<(Term, Vec<f64>)>) -> Result<Self, Error> {
        for (term, column) in &regressors {
            let (got, want) = (column.len(), self.n());
            if got != want {
                return Err(panel::Error::Length { column: term.to_string(), got, want }.into());
            }
            if let Some(row) = column.iter().position(|x| !x.is_finite()) {
                let (entity, period) = self.panel.row_label(self.sample.row(row));
                return Err(Error::Infinite { term: term.clone(), entity, period });
            }
        }
        let mut design = self.clone();
        let columns = regressors.into_iter().map(|(term, x)| (term, Cow::Owned(x)));
        (design.terms, design.x) = columns.unzip();
        Ok(design)
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
        let absorb = self.absorb.iter().filter(|(name, _)| absorb.contains(name));
        Self {
            panel: self.panel,
            sample: self.sample.at(positions),
            response: response.0,
            y: Cow::Owned(response.1),
            terms,
            x,
            constant,
            absorb: absorb
                .map(|(name, factor)| (name.clone(), Cow::Owned(factor.select(positions))))
                .collect(),
            slopes: Vec::new(),
            instruments: None,
            root: None,
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
    /// [`TestError::NeedsEntityEffects`] if the model absorbs factors and the entity is not among them.
    pub(crate) fn without_effects(&self) -> Result<Self, Error> {
        let entity = self.index_names().0;
        if !self.absorb.is_empty() && self.absorb.iter().all(|(name, _)| name != entity) {
            return Err(TestError::NeedsEntityEffects { entity: entity.clone() }.into());
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
}

/// The regressors once the effects are projected out, one column each, times `√w` with weights.
pub(crate) fn project(design: &Design<'_>) -> Result<Vec<Vec<f64>>, Error> {
    projected(design, |projected, _| {
        let mut columns = vec![Vec::with_capacity(design.n()); design.terms.len()];
        for part in projected.map(|_, z| z) {
            for (column, part) in columns.iter_mut().zip(part.columns()) {
                column.extend(part);
            }
        }
        Ok(columns)
    })
}

/// The share of each projected regressor's variation that the others leave unexplained.
pub(crate) fn shares(design: &Design<'_>) -> Result<Vec<f64>, Error> {
    projected(design, |mut projected, Solution { root, .. }| {
        let gram = projected.gram()?;
        // The inverse of a diagonal element of (X'X)⁻¹ is what the others leave of the column.
        let left = |j: usize| 1.0 / (gram[[j, j]] * root.row(j).dot(&root.row(j)));
        Ok((0..design.terms.len()).map(left).collect())
    })
}

fn projected<T>(
    design: &Design<'_>,
    then: impl FnOnce(Projected<'_>, Solution) -> Result<T, Error>,
) -> Result<T, Error> {
    let everyone = everyone(design);
    let mut blocks = design.blocks();
    let all = |factor| Block { factor, intercept: true, slopes: Vec::new() };
    blocks.extend(everyone.as_ref().map(all));
    let columns: Vec<Cow<'_, [f64]>> =
        design.x.iter().chain([&design.y]).map(|column| design.scaled(column)).collect();
    let columns = columns.iter().map(|column| &**column).collect();
    let absorbed = Absorbed::new(&blocks, design.root.as_deref());
    let (projected, _, solution) = project_and_solve(design, absorbed, columns)?;
    then(projected, solution)
}
