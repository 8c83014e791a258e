//! From a panel with holes to columns without.

mod rows;

use std::borrow::Cow;

use panel::{Absorb, Factor, Instruments, Model, Name, Panel, Term};
use rayon::prelude::*;

use crate::absorbed::Block;
use crate::ls::grain;
use crate::weights::Weighted;
use crate::{Error, Singletons, Weights};

/// The rows of a panel that a model can use, and why the others cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Increasing; `None` is all rows.
    rows: Option<Vec<usize>>,
    n_panel: usize,
    missing: Vec<(Term, usize)>,
    n_missing: usize,
    n_singletons: usize,
    pub(crate) weights: Option<Weighted>,
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
        Self { rows: Some(rows), ..self.clone() }
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

    /// Rows left out because their weight is zero.
    pub fn n_zero_weight(&self) -> usize {
        self.weights.as_ref().map_or(0, |weights| weights.n_zero)
    }

    /// The weights of the rows, if they have any.
    pub fn weights(&self) -> Option<&Weights> {
        self.weights.as_ref().map(|weights| &weights.spec)
    }

    /// Observations that the rows stand for: rows, or the sum of frequency weights.
    pub fn n_observations(&self) -> usize {
        let frequency = self.weights.as_ref().and_then(Weighted::frequency);
        frequency.unwrap_or_else(|| self.n())
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
    /// The factors whose levels have an effect.
    pub(crate) absorb: Vec<(Name, Cow<'p, Factor>)>,
    /// Slopes by level.
    pub(crate) slopes: Vec<Slope<'p>>,
    pub(crate) instruments: Option<Instruments>,
    /// `√w` on the rows in use.
    pub(crate) root: Option<Cow<'p, [f64]>>,
}

/// A column with a slope of its own in every level of a factor.
#[derive(Debug, Clone)]
pub(crate) struct Slope<'p> {
    pub(crate) by: Name,
    pub(crate) factor: Cow<'p, Factor>,
    pub(crate) term: Term,
    pub(crate) x: Cow<'p, [f64]>,
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
        Self::build(panel, model, singletons, None, None)
    }

    /// The same with weights: least squares of `√w y` on `√w x` and on the dummies times `√w`.
    ///
    /// Rows of weight zero are left out and counted. A level of an absorbed factor that is
    /// observed once is no singleton if its frequency weight is two or more.
    ///
    /// ```
    /// use estimate::{Design, Singletons, Weights};
    /// # use panel::{Column, Factor, Index, Panel};
    /// # let index = Index {
    /// #     entity_name: "id".into(), entity: Factor::from_numbers(&[1, 2, 3]),
    /// #     period_name: "t".into(), period: vec![1, 1, 1],
    /// # };
    /// # let panel = Panel::new(index, [
    /// #     ("x".into(), Column::Number(vec![0.0, 1.0, 2.0])),
    /// #     ("y".into(), Column::Number(vec![1.0, 2.0, 4.0])),
    /// #     ("w".into(), Column::Number(vec![3.0, 0.0, 2.0])),
    /// # ])?;
    /// let weights: Weights = "fweight w".parse()?;
    /// let design = Design::weighted(&panel, &"y ~ x".parse()?, Singletons::Keep, &weights)?;
    /// assert_eq!((design.n(), design.sample().n_observations()), (2, 5));
    /// assert_eq!(design.sample().n_zero_weight(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Design::new`]; [`Error::NoWeight`] where a weight is missing,
    /// [`Error::NegativeWeight`], and [`Error::FractionalWeight`] for a frequency.
    pub fn weighted(
        panel: &'p Panel,
        model: &Model,
        singletons: Singletons,
        weights: &Weights,
    ) -> Result<Self, Error> {
        Self::build(panel, model, singletons, Some(weights), None)
    }

    /// The same among some rows of the panel, one flag a row.
    ///
    /// Lags are taken on the whole panel, before rows are left out. Rows without a flag do not
    /// count as missing.
    ///
    /// # Errors
    ///
    /// As [`Design::new`]; [`Error::Panel`] if the flags are not as many as the rows.
    pub fn among(
        panel: &'p Panel,
        model: &Model,
        singletons: Singletons,
        rows: &[bool],
    ) -> Result<Self, Error> {
        Self::chosen(panel, model, singletons, None, Some(rows))
    }

    /// The same with weights, if any, and among some rows, if any are left out.
    ///
    /// # Errors
    ///
    /// Those of [`Design::weighted`] and [`Design::among`].
    pub fn chosen(
        panel: &'p Panel,
        model: &Model,
        singletons: Singletons,
        weights: Option<&Weights>,
        rows: Option<&[bool]>,
    ) -> Result<Self, Error> {
        if let Some(rows) = rows.filter(|rows| rows.len() != panel.n_rows()) {
            let (got, want) = (rows.len(), panel.n_rows());
            return Err(
                panel::Error::Length { column: model.response.to_string(), got, want }.into()
            );
        }
        Self::build(panel, model, singletons, weights, rows)
    }

    fn build(
        panel: &'p Panel,
        model: &Model,
        singletons: Singletons,
        weights: Option<&Weights>,
        among: Option<&[bool]>,
    ) -> Result<Self, Error> {
        let mut terms = Vec::new();
        let mut written = Vec::new();
        let instruments = model.instruments.iter();
        let instruments = instruments.flat_map(|iv| iv.endogenous.iter().chain(&iv.excluded));
        for term in model.terms.iter().chain(instruments) {
            let columns = panel.expand(term)?;
            written.push((term, columns.len()));
            terms.extend(columns);
        }
        let y = panel.values(&model.response)?;
        let x = panel.all_values(&terms)?;
        let absorb: Vec<(Name, Cow<'p, Factor>)> = model
            .absorb
            .par_iter()
            .with_min_len(grain(panel.n_rows()))
            .filter(|absorb| absorb.intercept)
            .map(|absorb| Ok((absorb.levels(), absorb.factor(panel)?)))
            .collect::<Result<_, Error>>()?;
        let mut slopes = Vec::new();
        for by in &model.absorb {
            for term in &by.slopes {
                let (factor, x) = (by.factor(panel)?, panel.values(term)?);
                slopes.push(Slope { by: by.levels(), factor, term: term.clone(), x });
            }
        }

        let mut design = Self {
            panel,
            sample: Sample {
                rows: None,
                n_panel: panel.n_rows(),
                missing: Vec::new(),
                n_missing: 0,
                n_singletons: 0,
                weights: None,
            },
            response: model.response.clone(),
            y,
            terms,
            x,
            constant: model.constant,
            absorb,
            slopes,
            instruments: model.instruments.clone(),
            root: weights.map(|weights| panel.values(weights.term())).transpose()?,
        };
        design.drop_incomplete(among)?;
        if let Some(weights) = weights {
            design.weigh(weights)?;
            let rows = design.sample.n_zero_weight();
            if design.n() == 0 && rows > 0 {
                return Err(Error::Weightless { term: weights.term().clone(), rows });
            }
        }
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
        design.take_roots();
        Ok(design)
    }

    /// The design with one more regressor, its values on the rows in use.
    ///
    /// # Errors
    ///
    /// [`Error::Panel`] if there is not one value a row, [`Error::Infinite`] if one is not finite.
    pub fn with_regressor(mut self, term: Term, values: Vec<f64>) -> Result<Self, Error> {
        let (got, want) = (values.len(), self.n());
        if got != want {
            return Err(panel::Error::Length { column: term.to_string(), got, want }.into());
        }
        if let Some(i) = values.iter().position(|value| !value.is_finite()) {
            let (entity, period) = self.panel.row_label(self.sample.row(i));
            return Err(Error::Infinite { term, entity, period });
        }
        self.terms.push(term);
        self.x.push(Cow::Owned(values));
        Ok(self)
    }

    /// Rows in use.
    pub fn n(&self) -> usize {
        self.sample.n()
    }

    /// The regressors, one column each: sets of indicators are expanded.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The name of the response.
    pub fn response_term(&self) -> &Term {
        &self.response
    }

    /// Whether a model without absorbed effects has a constant.
    pub fn has_constant(&self) -> bool {
        self.constant
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
        let factor = match self.panel.factor(by) {
            // Not a column, but it may be a pair of them.
            Err(unknown @ panel::Error::Unknown { .. }) => match by.parse::<Absorb>() {
                Ok(pair) if pair.factors.len() > 1 => pair.factor(self.panel)?,
                _ => return Err(unknown.into()),
            },
            factor => factor?,
        };
        Ok(match &self.sample.rows {
            None => factor,
            Some(rows) => Cow::Owned(factor.select(rows)),
        })
    }

    /// The clusters of the rows in use: [`Design::group`], at least two and none missing.
    ///
    /// # Errors
    ///
    /// [`Error::Panel`], [`Error::NoCluster`], [`Error::TooFewClusters`].
    pub fn clusters(&self, by: &Name) -> Result<Cow<'_, Factor>, Error> {
        crate::vcov::clusters(self, by)
    }

    /// Entities with a row in use.
    pub(crate) fn n_entities(&self) -> usize {
        let entity = &self.panel.index().entity;
        if self.sample.n() == self.sample.n_panel() {
            return entity.n_levels();
        }
        let mut seen = vec![false; entity.n_levels()];
        for i in 0..self.n() {
            seen[entity.codes()[self.sample.row(i)] as usize] = true;
        }
        seen.into_iter().filter(|seen| *seen).count()
    }

    /// The names of the absorbed effects.
    pub(crate) fn effects(&self) -> Vec<Name> {
        let slopes = self.slopes.iter().map(|slope| format!("{}[[{}]]", slope.by, slope.term));
        self.absorb.iter().map(|(name, _)| name.clone()).chain(slopes).collect()
    }

    /// Whether the model absorbs effects or slopes.
    pub(crate) fn absorbs(&self) -> bool {
        !self.absorb.is_empty() || !self.slopes.is_empty()
    }

    /// The absorbed effects by factor, slopes beside the effects of the same levels.
    pub(crate) fn blocks(&self) -> Vec<Block<'_>> {
        let mut named: Vec<(&Name, Block<'_>)> = self
            .absorb
            .iter()
            .map(|(name, factor)| (name, Block { factor, intercept: true, slopes: Vec::new() }))
            .collect();
        for Slope { by, factor, x, .. } in &self.slopes {
            if let Some((_, block)) = named.iter_mut().find(|(name, _)| *name == by) {
                block.slopes.push(x);
            } else {
                named.push((by, Block { factor, intercept: false, slopes: vec![x] }));
            }
        }
        named.into_iter().map(|(_, block)| block).collect()
    }

    /// Refuses a design with weights, slopes by level or instruments, of which `method` knows
    /// nothing: it would leave them out silently.
    ///
    /// # Errors
    ///
    /// [`Error::Beyond`] says what the design has.
    pub fn plain(&self, method: &'static str) -> Result<(), Error> {
        let beyond = if self.root.is_some() {
            "weights"
        } else if !self.slopes.is_empty() {
            "slopes by level"
        } else if self.instruments.is_some() {
            "instruments"
        } else {
            return Ok(());
        };
        Err(Error::Beyond { method, beyond })
    }

    /// A column times `√w`; itself in a design without weights.
    pub(crate) fn scaled<'c>(&self, column: &'c [f64]) -> Cow<'c, [f64]> {
        match &self.root {
            None => Cow::Borrowed(column),
            Some(root) => Cow::Owned(column.iter().zip(&**root).map(|(x, r)| x * r).collect()),
        }
    }

    /// `Σwx / Σw`.
    pub(crate) fn mean(&self, column: &[f64]) -> f64 {
        let Some(root) = &self.root else { return crate::ls::sum(column) / column.len() as f64 };
        let sum: f64 = root.iter().zip(column).map(|(r, x)| r * r * x).sum();
        sum / self.sample.n_observations() as f64
    }

    /// `Σw(x − x̄)²`, or about zero.
    pub(crate) fn sum_of_squares_about(&self, column: &[f64], about_mean: bool) -> f64 {
        let Some(root) = &self.root else {
            return crate::ls::sum_of_squares_about(column, about_mean);
        };
        let mean = if about_mean { self.mean(column) } else { 0.0 };
        root.iter().zip(column).map(|(r, x)| (r * (x - mean)).powi(2)).sum()
    }
}
