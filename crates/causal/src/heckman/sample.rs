//! Which rows are in which equation.

use estimate::{Design, LikelihoodError, Singletons};
use panel::{Model, Panel};

use super::outcome::Note;
use crate::Error;

/// The two equations on the rows that both can use.
pub(super) struct Sample<'p> {
    pub(super) selection: Design<'p>,
    /// On the selected rows.
    pub(super) outcome: Design<'p>,
    /// Of the selected rows, the position in the selection equation.
    pub(super) at: Vec<usize>,
    pub(super) notes: Vec<Note>,
}

impl<'p> Sample<'p> {
    /// A row counts if the selection equation is complete, and where `d = 1` the outcome equation.
    pub(super) fn new(panel: &'p Panel, outcome: &Model, selection: &Model) -> Result<Self, Error> {
        let first = Design::new(panel, selection, Singletons::Keep)?;
        first.plain("a selection model")?;
        let rows = first.n();
        let flags = |keep: &dyn Fn(usize) -> bool| {
            let mut flags = vec![false; panel.n_rows()];
            (0..rows).filter(|&i| keep(i)).for_each(|i| flags[first.sample().row(i)] = true);
            flags
        };
        #[allow(clippy::float_cmp, reason = "codes, not measurements")]
        let selected = |i: usize| first.response()[i] == 1.0;
        let n_selected = (0..rows).filter(|&i| selected(i)).count();
        #[allow(clippy::float_cmp, reason = "codes, not measurements")]
        let binary = |d: &f64| *d == 0.0 || *d == 1.0;
        // Before the outcome equation, of which a wrong response may leave no row.
        if let Some(i) = first.response().iter().position(|d| !binary(d)) {
            let ((entity, period), value) = (first.row_label(i), first.response()[i]);
            let term = selection.response.clone();
            let why = LikelihoodError::NotBinary { term, value, entity, period };
            return Err(estimate::Error::from(why).into());
        }
        if n_selected == 0 {
            return Err(Error::NothingSelected { response: selection.response.clone(), rows });
        }
        if n_selected == rows {
            return Err(Error::NothingCensored { response: selection.response.clone(), rows });
        }
        let among = flags(&selected);
        let outcome = Design::among(panel, outcome, Singletons::Keep, &among)?;
        outcome.plain("a selection model")?;
        let mut notes = Vec::new();
        for missing in [first.sample(), outcome.sample()] {
            if missing.n_missing() > 0 {
                let (rows, terms) = (missing.n_missing(), missing.missing().to_vec());
                notes.push(Note::Missing { rows, terms });
            }
        }
        let selection = if outcome.n() == n_selected {
            first
        } else {
            let mut complete = flags(&|i| !selected(i));
            (0..outcome.n()).for_each(|i| complete[outcome.sample().row(i)] = true);
            Design::among(panel, selection, Singletons::Keep, &complete)?
        };
        #[allow(clippy::float_cmp, reason = "codes, not measurements")]
        let at = (0..selection.n()).filter(|&i| selection.response()[i] == 1.0).collect();
        if selection.terms().iter().all(|term| outcome.terms().contains(term)) {
            notes.push(Note::NoExclusion);
        }
        Ok(Self { selection, outcome, at, notes })
    }
}
