//! From a study as written to one that can be run: every text parsed, every name checked.

use std::collections::BTreeMap;

use estimate::{Constant, Convention, Spec, Vcov};
use panel::{Base, Model};
use published::{Kind, Transcription};
use toml::Spanned;

use crate::Error;
use crate::deviation::Deviations;
use crate::quantity::{Quantity, Statistic};
use crate::study::{Column, Table, Written, place};

/// A study that can be run.
#[derive(Debug)]
pub(crate) struct Study {
    pub(crate) data: ingest::Spec,
    pub(crate) missing: BTreeMap<String, String>,
    /// By table id.
    pub(crate) tables: BTreeMap<String, Plan>,
    pub(crate) deviations: Deviations,
}

/// How a table is computed.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Not at all, and why.
    Waits(String),
    /// Descriptive statistics: the variable of every row.
    Describe(BTreeMap<String, String>),
    /// A fit a column.
    Regress(BTreeMap<String, Fitted>),
}

/// How a column of a regression table is computed.
#[derive(Debug)]
pub(crate) enum Fitted {
    /// Not at all, and why.
    Waits(String),
    /// By an estimator.
    By(Box<Estimation>),
}

/// Which estimator with which choices, and what its rows hold.
#[derive(Debug)]
pub(crate) struct Estimation {
    pub(crate) estimator: Estimator,
    pub(crate) model: Model,
    pub(crate) spec: Spec,
    pub(crate) rows: BTreeMap<String, Quantity>,
}

/// An estimator by its name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Estimator {
    Pooled,
    FixedEffects,
}

impl std::str::FromStr for Estimator {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "pooled" => Ok(Self::Pooled),
            "fixed-effects" => Ok(Self::FixedEffects),
            _ => Err(format!("no estimator `{text}`; there are pooled and fixed-effects")),
        }
    }
}

/// Names the place of what is wrong.
struct At<'a> {
    file: &'a str,
    text: &'a str,
}

impl At<'_> {
    fn error<T>(&self, at: usize, what: impl Into<String>) -> Result<T, Error> {
        Err(Error::Study { place: place(self.file, self.text, at), what: what.into() })
    }

    /// Parses a text of the study.
    fn parse<T>(&self, text: &Spanned<String>) -> Result<T, Error>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        match text.get_ref().parse() {
            Ok(value) => Ok(value),
            Err(error) => self.error(text.span().start, error.to_string()),
        }
    }
}

/// Reads a study and checks it against the transcription of its paper.
pub(crate) fn resolve(file: &str, text: &str, printed: &Transcription) -> Result<Study, Error> {
    let written = Written::parse(file, text)?;
    let at = At { file, text };
    let mut tables = BTreeMap::new();
    for table in &written.tables {
        let start = table.span().start;
        let table = table.get_ref();
        let Some(known) = printed.table(&table.id) else {
            let ids: Vec<&str> = printed.tables().iter().map(published::Table::id).collect();
            return at.error(
                start,
                format!("no table `{}` was printed; there are {}", table.id, ids.join(", ")),
            );
        };
        let plan = plan(&at, start, table, known)?;
        if tables.insert(table.id.clone(), plan).is_some() {
            return at.error(start, format!("table `{}` is given twice", table.id));
        }
    }
    for table in printed.tables() {
        let numbers = table.cells().any(|(_, cell)| cell.estimate().is_some());
        if numbers && !tables.contains_key(table.id()) {
            let id = table.id();
            return at
                .error(0, format!("table `{id}` was printed; say how it is computed, or `waits`"));
        }
    }
    let mut missing = BTreeMap::new();
    for variable in &written.missing {
        missing.insert(variable.name.clone(), variable.because.clone());
    }
    let mut deviations = Deviations::default();
    for deviation in &written.deviations {
        for cell in &deviation.cells {
            deviations
                .declare(cell.get_ref(), &deviation.because, &deviation.since, printed)
                .or_else(|what| at.error(cell.span().start, what))?;
        }
    }
    let data = ingest::Spec {
        panel: written.panel,
        sources: written.sources,
        variables: written.variables,
    };
    Ok(Study { data, missing, tables, deviations })
}

fn plan(
    at: &At<'_>,
    start: usize,
    table: &Table,
    printed: &published::Table,
) -> Result<Plan, Error> {
    if let Some(waits) = &table.waits {
        return Ok(Plan::Waits(waits.clone()));
    }
    for label in table.rows.keys().chain(table.variables.keys()) {
        if printed.row(label).is_none() {
            return at.error(start, format!("table `{}` has no row `{label}`", table.id));
        }
    }
    match printed.kind() {
        Kind::Descriptive => Ok(Plan::Describe(
            printed
                .rows()
                .iter()
                .map(|row| {
                    let variable = table.variables.get(&row.label).unwrap_or(&row.label);
                    (row.label.clone(), variable.clone())
                })
                .collect(),
        )),
        Kind::Regression => {
            let mut columns = BTreeMap::new();
            for column in &table.columns {
                let fitted = fitted(at, column, table, printed)?;
                if columns.insert(column.get_ref().id.clone(), fitted).is_some() {
                    let id = &column.get_ref().id;
                    return at.error(column.span().start, format!("column `{id}` is given twice"));
                }
            }
            for id in printed.column_names() {
                if !columns.contains_key(id) {
                    let what =
                        format!("column `{id}` was printed; say how it is computed, or `waits`");
                    return at.error(start, what);
                }
            }
            Ok(Plan::Regress(columns))
        }
        kind => at.error(
            start,
            format!("tables of kind `{kind}` cannot be computed yet; say `waits = \"…\"` and why"),
        ),
    }
}

fn fitted(
    at: &At<'_>,
    column: &Spanned<Column>,
    table: &Table,
    printed: &published::Table,
) -> Result<Fitted, Error> {
    let start = column.span().start;
    let column = column.get_ref();
    if !printed.column_names().contains(&column.id) {
        let names = printed.column_names().join("`, `");
        return at.error(
            start,
            format!("table `{}` has no column `{}`; there are `{names}`", table.id, column.id),
        );
    }
    if let Some(waits) = &column.waits {
        return Ok(Fitted::Waits(waits.clone()));
    }
    let wanted = |value: &Option<Spanned<String>>, key: &str| match value {
        Some(value) => Ok(value.clone()),
        None => {
            at.error(start, format!("column `{}` lacks `{key}`, or `waits = \"…\"`", column.id))
        }
    };
    let model: Model = at.parse(&wanted(&column.model, "model")?)?;
    let vcov: Vcov = at.parse(&wanted(&column.vcov, "vcov")?)?;
    let convention: Convention = at.parse(&wanted(&column.like, "like")?)?;
    let estimator: Estimator = at.parse(&wanted(&column.estimator, "estimator")?)?;
    let constant = match &column.omitted {
        None => Constant::Mean,
        Some(level) => Constant::Omitting(base(level)),
    };
    let mut rows = BTreeMap::new();
    for row in printed.rows() {
        let quantity = match column.rows.get(&row.label).or_else(|| table.rows.get(&row.label)) {
            Some(quantity) => at.parse(quantity)?,
            None => match row.label.as_str() {
                estimate::Fit::CONSTANT => Quantity::Coefficient(row.label.clone()),
                "N" => Quantity::Statistic(Statistic::N),
                label => match label.parse::<panel::Term>() {
                    Ok(term) if names(&model, &term) => Quantity::Coefficient(term.to_string()),
                    _ => {
                        let cell = printed.cell(&row.label, &column.id);
                        if cell.is_some_and(|cell| cell.estimate().is_some()) {
                            let what = format!(
                                "row `{label}` of column `{}` is a number, but no term of the \
                                 model; say under `rows` what it holds",
                                column.id
                            );
                            return at.error(start, what);
                        }
                        continue;
                    }
                },
            },
        };
        rows.insert(row.label.clone(), quantity);
    }
    let spec = Spec { vcov, convention, constant };
    Ok(Fitted::By(Box::new(Estimation { estimator, model, spec, rows })))
}

/// Whether a row's label is a regressor of the model, or one indicator of a set of them.
fn names(model: &Model, term: &panel::Term) -> bool {
    let of_set = |wanted: &panel::Term| match (wanted, term) {
        (panel::Term::Levels(set, _), panel::Term::Level(name, _)) => set == name,
        _ => false,
    };
    model.terms.iter().any(|wanted| wanted == term || of_set(wanted))
}

pub(crate) fn base(level: &str) -> Base {
    match level {
        "first" => Base::First,
        "last" => Base::Last,
        level => Base::Level(level.to_owned()),
    }
}
