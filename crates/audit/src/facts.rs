//! What is known of each column: printed, stated by the schema, or inferred.

mod stated;

use published::{Kind, Printed, Table, Transcription, Uncertainty};

use crate::names::{self, Label};
use crate::schema::{Errors, Estimator, Schema};
use crate::sheet::Sheet;
use crate::{Error, Inference, Unchecked};

/// A column of a regression table.
#[derive(Debug, Clone)]
pub(crate) struct Column<'a> {
    /// Position of its table.
    pub(crate) table: usize,
    pub(crate) header: &'a str,
    /// `table/header`
    pub(crate) id: String,
    pub(crate) outcome: Option<String>,
    /// Regressors with a number, by label and entry, the constant not among them.
    pub(crate) slopes: Vec<(&'a str, usize)>,
    pub(crate) constant: Option<usize>,
    pub(crate) n_entry: Option<usize>,
    /// Rows of its sample.
    pub(crate) n: Option<u64>,
    pub(crate) r_squared: Vec<(&'a str, usize)>,
    pub(crate) adjusted: Option<usize>,
    pub(crate) f: Option<usize>,
    pub(crate) groups: Option<usize>,
    /// Effects it absorbs; `None` if nothing says.
    pub(crate) absorbs: Option<Vec<String>>,
    /// Whether indicators of periods are among the regressors without being printed.
    pub(crate) period_indicators: Option<bool>,
    /// Regressors that are not printed; `None` if there may be some.
    pub(crate) unprinted: Option<u32>,
    pub(crate) estimator: Option<Estimator>,
    pub(crate) errors: Option<Errors>,
    pub(crate) clusters: Option<u32>,
    pub(crate) declared: Option<Uncertainty>,
    pub(crate) legend: &'a [f64],
    /// Columns of one number have the same rows.
    pub(crate) sample: Option<usize>,
}

impl Column<'_> {
    /// All that have an estimate: slopes, then the constant.
    pub(crate) fn estimates(&self) -> impl Iterator<Item = usize> {
        self.slopes.iter().map(|&(_, entry)| entry).chain(self.constant)
    }
}

/// What is known before any equation.
#[derive(Debug, Default)]
pub(crate) struct Facts<'a> {
    pub(crate) columns: Vec<Column<'a>>,
    pub(crate) inferred: Vec<Inference>,
    pub(crate) unchecked: Vec<Unchecked>,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(
        paper: &'a Transcription,
        schema: &Schema,
        sheet: &Sheet<'a>,
    ) -> Result<Self, Error> {
        let mut facts = Self::default();
        for (position, table) in paper.tables().iter().enumerate() {
            if matches!(table.kind(), Kind::Regression | Kind::ThresholdRegression) {
                facts.columns.extend(columns(position, table, sheet));
            }
        }
        stated::apply(&mut facts, paper, schema)?;
        Ok(facts)
    }
}

fn columns<'a>(position: usize, table: &'a Table, sheet: &Sheet<'a>) -> Vec<Column<'a>> {
    let width = table.column_names().len();
    let bracketed = |row: &published::Row| {
        row.cells.iter().any(|cell| cell.estimate().is_some_and(|it| it.uncertainty().is_some()))
    };
    let brackets = table.rows().iter().any(bracketed);
    // Without brackets anywhere a row that is no known statistic is one of coefficients.
    let labels: Vec<_> = table
        .rows()
        .iter()
        .map(|row| match Label::of(&row.label) {
            Label::Constant => Label::Constant,
            _ if bracketed(row) => Label::Other,
            Label::Other if brackets && table.kind() == Kind::Regression => Label::Statistic,
            label => label,
        })
        .collect();
    let of = |(j, header): (usize, &'a String)| {
        let mut column = Column {
            table: position,
            header,
            id: format!("{}/{header}", table.id()),
            outcome: table.dependent().get(j).filter(|it| !it.is_empty()).cloned(),
            slopes: Vec::new(),
            constant: None,
            n_entry: None,
            n: None,
            r_squared: Vec::new(),
            adjusted: None,
            f: None,
            groups: None,
            absorbs: None,
            period_indicators: None,
            unprinted: None,
            estimator: None,
            errors: None,
            clusters: None,
            declared: table.uncertainty(),
            legend: table.stars(),
            sample: None,
        };
        for (i, (row, label)) in table.rows().iter().zip(&labels).enumerate() {
            if let Some(entry) = sheet.at(position, i, j, width) {
                match label {
                    Label::Constant => column.constant = Some(entry),
                    Label::Observations => column.n_entry = Some(entry),
                    Label::RSquared => column.r_squared.push((&row.label, entry)),
                    Label::AdjustedRSquared => column.adjusted = Some(entry),
                    Label::F => column.f = Some(entry),
                    Label::Groups => column.groups = Some(entry),
                    Label::Controls | Label::Statistic => {}
                    Label::Other => column.slopes.push((&row.label, entry)),
                }
            } else if let Some(Printed::Text(text)) = row.cells.get(j)
                && let Some(yes) = names::answer(text)
            {
                if *label == Label::Controls {
                    column.unprinted = if yes { None } else { Some(0) };
                } else if let Some(effect) = names::effect(&row.label) {
                    let absorbs = column.absorbs.get_or_insert_default();
                    if yes {
                        absorbs.push(effect);
                    }
                }
            }
        }
        column.n = column.n_entry.and_then(|entry| whole(sheet.entries[entry].estimate.value));
        column
    };
    table.column_names().iter().enumerate().map(of).collect()
}

/// A count, if the number is one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is checked")]
pub(crate) fn whole(x: f64) -> Option<u64> {
    (x >= 0.0 && x < 9e15 && x.fract() == 0.0).then_some(x as u64)
}
