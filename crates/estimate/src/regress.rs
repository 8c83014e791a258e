//! Designs made from a design: fewer columns, fewer rows, or a model of its own for every group.

use std::borrow::Cow;

use panel::{Factor, Term};

use crate::vcov::nested;
use crate::{Design, Error};

impl<'p> Design<'p> {
    /// The absorbed factors on the rows in use, in the order of the model.
    pub fn absorbed(&self) -> impl Iterator<Item = (&str, &Factor)> {
        self.absorb.iter().map(|(name, factor)| (name.as_str(), &**factor))
    }

    /// The same rows and effects, with another response and some of the terms.
    ///
    /// Both come from the columns that the design has: its response and its terms. Equations that
    /// are compared with each other, as those of a mediation, so share one sample.
    ///
    /// # Errors
    ///
    /// [`Error::NotInDesign`] if a term is neither the response nor a regressor.
    pub fn regress(&self, response: &Term, terms: &[Term]) -> Result<Self, Error> {
        let column = |term: &Term| {
            if *term == self.response {
                return Ok(self.y.clone());
            }
            match self.terms.iter().position(|own| own == term) {
                Some(j) => Ok(self.x[j].clone()),
                None => Err(Error::NotInDesign { term: term.clone() }),
            }
        };
        let (y, x) = (column(response)?, terms.iter().map(column).collect::<Result<_, _>>()?);
        let mut design = self.clone();
        (design.response, design.y) = (response.clone(), y);
        (design.terms, design.x) = (terms.to_vec(), x);
        Ok(design)
    }

    /// The same model on some of the rows in use; `keep` has one entry a row in use.
    ///
    /// Lags keep the values that they have in the whole panel. Indicators of levels that no kept
    /// row has are left out.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyGroup`] if nothing is kept.
    ///
    /// # Panics
    ///
    /// If `keep` is not as long as the rows in use.
    pub fn only(&self, keep: &[bool]) -> Result<Self, Error> {
        assert_eq!(keep.len(), self.n(), "one entry a row in use");
        let rows: Vec<usize> = (0..keep.len()).filter(|&i| keep[i]).collect();
        if rows.is_empty() {
            return Err(Error::EmptyGroup { of: self.n() });
        }
        let mut design = self.clone();
        design.keep(&rows);
        let unused = |(term, x): &(Term, Cow<'p, [f64]>)| {
            matches!(term, Term::Level(..)) && x.iter().all(|&x| x == 0.0)
        };
        let columns = design.terms.into_iter().zip(design.x).filter(|column| !unused(column));
        (design.terms, design.x) = columns.unzip();
        Ok(design)
    }

    /// A model of its own for every group, in one regression.
    ///
    /// Each regressor and each absorbed factor is crossed with the groups, so that coefficients are
    /// those of the groups' own regressions and their covariance, clustered, is that of seemingly
    /// unrelated estimation (Stata's `suest`) up to the factor. Terms come group by group, each a
    /// product of `name::level` and the regressor.
    ///
    /// # Panics
    ///
    /// If `groups` is not as long as the rows in use.
    #[must_use]
    pub fn by_group(&self, name: &str, groups: &Factor) -> Self {
        assert_eq!(groups.codes().len(), self.n(), "one entry a row in use");
        let mut design = self.clone();
        (design.terms, design.x) = (Vec::new(), Vec::new());
        let levels: Vec<String> = groups.labels().collect();
        for (code, level) in (0_u32..).zip(&levels) {
            for (term, x) in self.terms.iter().zip(&self.x) {
                design.x.push(Cow::Owned(inside(groups, code, x)));
                design.terms.push(Self::term_of_group(name, level, term));
            }
            if self.absorb.is_empty() && self.constant && code > 0 {
                design.x.push(Cow::Owned(inside(groups, code, &vec![1.0; self.n()])));
                design.terms.push(Term::Level(name.to_owned(), level.clone()));
            }
        }
        for (effect, factor) in &mut design.absorb {
            let n = i64::try_from(groups.n_levels()).unwrap_or(i64::MAX);
            let pairs = factor.codes().iter().zip(groups.codes());
            let crossed: Vec<i64> = pairs.map(|(&a, &g)| i64::from(a) * n + i64::from(g)).collect();
            *factor = Cow::Owned(Factor::from_numbers(&crossed));
            *effect = format!("{effect}^{name}");
        }
        design
    }

    /// One regressor with a slope for every group, in place of its common slope; all else is common.
    ///
    /// Groups differ in level: by indicators of all but the first, left out where the absorbed
    /// effects span them.
    ///
    /// # Panics
    ///
    /// If `groups` is not as long as the rows in use.
    #[must_use]
    pub fn slopes_by_group(&self, of: &Term, name: &str, groups: &Factor) -> Self {
        assert_eq!(groups.codes().len(), self.n(), "one entry a row in use");
        let spanned = self.absorb.iter().any(|(_, factor)| nested(factor, groups));
        let mut design = self.clone();
        (design.terms, design.x) = (Vec::new(), Vec::new());
        let levels: Vec<String> = groups.labels().collect();
        for (term, x) in self.terms.iter().zip(&self.x) {
            if term != of {
                design.terms.push(term.clone());
                design.x.push(x.clone());
                continue;
            }
            for (code, level) in (0_u32..).zip(&levels) {
                design.x.push(Cow::Owned(inside(groups, code, x)));
                design.terms.push(Self::term_of_group(name, level, term));
            }
        }
        if !spanned {
            for (code, level) in (0_u32..).zip(&levels).skip(1) {
                design.x.push(Cow::Owned(inside(groups, code, &vec![1.0; self.n()])));
                design.terms.push(Term::Level(name.to_owned(), level.clone()));
            }
        }
        design
    }

    /// How [`Design::by_group`] calls a regressor of one group.
    pub fn term_of_group(name: &str, level: &str, term: &Term) -> Term {
        let mut factors = vec![Term::Level(name.to_owned(), level.to_owned())];
        match term {
            Term::Product(more) => factors.extend(more.iter().cloned()),
            term => factors.push(term.clone()),
        }
        Term::Product(factors)
    }

    /// The entities of the rows in use.
    pub fn entities(&self) -> Cow<'_, Factor> {
        let entity = &self.panel.index().entity;
        if self.n() == self.sample.n_panel() {
            return Cow::Borrowed(entity);
        }
        let rows: Vec<usize> = (0..self.n()).map(|i| self.sample.row(i)).collect();
        Cow::Owned(entity.select(&rows))
    }

    /// The label of a row in use: the entity, and the period.
    pub fn row_label(&self, i: usize) -> (String, i32) {
        self.panel.row_label(self.sample.row(i))
    }
}

/// A column inside one group, and zero outside.
fn inside(groups: &Factor, code: u32, x: &[f64]) -> Vec<f64> {
    x.iter().zip(groups.codes()).map(|(x, &g)| if g == code { *x } else { 0.0 }).collect()
}
