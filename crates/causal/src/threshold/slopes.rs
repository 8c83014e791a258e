//! The regression given the thresholds: the ordinary estimator on generated columns.

use std::borrow::Cow;

use estimate::{Constant, Design, Fit, Vcov, fixed_effects, pooled};
use panel::{Column, Factor, Index, Model, Name, Panel, Term};

use super::effects::Effects;
use super::spec::{Inequality, Rows, Spec};
use crate::Error;

/// The columns of the model on the rows that it can use.
pub(super) struct Data<'p> {
    pub(super) panel: &'p Panel,
    pub(super) design: Design<'p>,
    /// Regressors that do not switch, and those that do, by their place in the design.
    pub(super) common: Vec<usize>,
    pub(super) switching: Vec<usize>,
    /// The threshold variable.
    pub(super) q: Vec<f64>,
}

impl Data<'_> {
    /// The regime of a row, counted from zero; thresholds are in increasing order.
    pub(super) fn regime(&self, row: usize, thresholds: &[f64], inequality: Inequality) -> usize {
        let q = self.q[row];
        thresholds.partition_point(|&gamma| match inequality {
            Inequality::AtMost => gamma < q,
            Inequality::Below => gamma <= q,
        })
    }

    /// Least squares given thresholds in increasing order; the linear model, if there are none.
    pub(super) fn fit(
        &self,
        thresholds: &[f64],
        spec: &Spec,
        effects: &Effects,
    ) -> Result<Fit, Error> {
        let columns = self.regressors(thresholds, spec.inequality);
        let fit = match spec.rows {
            Rows::All => fixed_effects(&self.design.with_regressors(columns)?, &spec.slopes)?,
            Rows::DropLast => self.without_last(columns, spec, effects)?,
        };
        Ok(fit)
    }

    /// Common regressors, then the switching ones by regime.
    pub(super) fn regressors(
        &self,
        thresholds: &[f64],
        inequality: Inequality,
    ) -> Vec<(Term, Vec<f64>)> {
        let named = |j: usize| (self.design.terms()[j].clone(), self.design.column(j).to_vec());
        let mut columns: Vec<(Term, Vec<f64>)> = self.common.iter().map(|&j| named(j)).collect();
        if thresholds.is_empty() {
            columns.extend(self.switching.iter().map(|&j| named(j)));
            return columns;
        }
        let regimes: Vec<usize> =
            (0..self.q.len()).map(|row| self.regime(row, thresholds, inequality)).collect();
        for regime in 0..=thresholds.len() {
            for &j in &self.switching {
                let (term, mut column) = named(j);
                for (x, &of) in column.iter_mut().zip(&regimes) {
                    *x = if of == regime { *x } else { 0.0 };
                }
                columns.push((in_regime(term, regime), column));
            }
        }
        columns
    }

    /// Pooled least squares on demeaned columns without the last row of every entity.
    fn without_last(
        &self,
        columns: Vec<(Term, Vec<f64>)>,
        spec: &Spec,
        effects: &Effects,
    ) -> Result<Fit, Error> {
        if spec.slopes.constant != Constant::Omit {
            return Err(Error::NoConstant);
        }
        let kept: Vec<usize> =
            effects.start.windows(2).flat_map(|run| run[0]..run[1] - 1).collect();
        let demeaned = |mut v: Vec<f64>| -> Vec<f64> {
            effects.project(&mut v);
            kept.iter().map(|&row| v[row]).collect()
        };
        let index = self.panel.index();
        let rows: Vec<usize> = kept.iter().map(|&row| self.design.sample().row(row)).collect();
        let response = spec.model.response.to_string();
        let mut held: Vec<(Name, Column)> =
            vec![(response.clone(), Column::Number(demeaned(self.design.response().to_vec())))];
        if let Vcov::Cluster(by) = &spec.slopes.vcov
            && *by != index.entity_name
            && *by != index.period_name
        {
            let by_row: Cow<'_, Factor> = self.design.group(by)?;
            held.push((by.clone(), Column::Category(by_row.select(&kept))));
        }
        let index = Index {
            entity_name: index.entity_name.clone(),
            entity: index.entity.select(&rows),
            period_name: index.period_name.clone(),
            period: rows.iter().map(|&row| index.period[row]).collect(),
        };
        let panel = Panel::new(index, held).map_err(estimate::Error::from)?;
        let model = Model {
            response: Term::Var(response),
            terms: Vec::new(),
            constant: false,
            absorb: Vec::new(),
            instruments: None,
        };
        let design = Design::new(&panel, &model, spec.slopes.convention.singletons)?;
        let columns = columns.into_iter().map(|(term, column)| (term, demeaned(column))).collect();
        Ok(pooled(&design.with_regressors(columns)?, &spec.slopes)?)
    }
}

/// How the slope of a term in a regime is called.
pub(super) fn in_regime(term: Term, regime: usize) -> Term {
    let mut factors = match term {
        Term::Product(factors) => factors,
        term => vec![term],
    };
    factors.push(Term::Level("regime".to_owned(), (regime + 1).to_string()));
    Term::Product(factors)
}
