//! From a study as written to one that can be run: every text parsed, every name checked.

use std::collections::BTreeMap;

use estimate::{Components, Constant, Convention, Intersection, Spec, Vcov};
use panel::{Base, Model};
use published::{Kind, Transcription};
use toml::Spanned;

use crate::Error;
use crate::deviation::Deviations;
use crate::estimation::Estimation;
use crate::method::{Chosen, Given, Method};
use crate::quantity::{OfTest, Quantity};
use crate::specification::Tested;
use crate::study::{Column, Specification, Table, Written, place};

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
    /// A specification test a row.
    Tests(BTreeMap<String, Tested>),
}

/// How a column of a regression table is computed.
#[derive(Debug)]
pub(crate) enum Fitted {
    /// Not at all, and why.
    Waits(String),
    /// By an estimator.
    By(Box<Estimation>),
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
    if !table.tests.is_empty() {
        return tests(at, start, table, printed);
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

/// A specification test a row.
fn tests(
    at: &At<'_>,
    start: usize,
    table: &Table,
    printed: &published::Table,
) -> Result<Plan, Error> {
    let heads = OfTest::ALL.map(|(_, head)| head);
    if let Some(head) = printed.column_names().iter().find(|head| !heads.contains(&head.as_str())) {
        let heads = heads.join("`, `");
        return at.error(start, format!("a test has no `{head}`; there are `{heads}`"));
    }
    let mut rows = BTreeMap::new();
    for test in &table.tests {
        let (start, Specification { row, test, model, vcov, like, components }) =
            (test.span().start, test.get_ref());
        if printed.row(row).is_none() {
            return at.error(start, format!("table `{}` has no row `{row}`", table.id));
        }
        let (test, model, convention) = (at.parse(test)?, at.parse(model)?, at.parse(like)?);
        let vcov = vcov.as_ref().map_or(Ok(Vcov::Iid), |vcov| at.parse(vcov))?;
        let mut chosen = Chosen::of(&convention);
        if let Some(components) = components {
            chosen.components = at.parse::<Components>(components)?;
        }
        let estimation = Estimation {
            method: Method::RandomEffects(chosen),
            model,
            spec: Spec { vcov, convention, constant: Constant::Mean },
            weights: None,
            rows: BTreeMap::new(),
        };
        if rows.insert(row.clone(), Tested { test, estimation }).is_some() {
            return at.error(start, format!("row `{row}` is given twice"));
        }
    }
    if let Some(row) = printed.rows().iter().find(|row| !rows.contains_key(&row.label)) {
        let what = format!("row `{}` was printed; say under `tests` how it is computed", row.label);
        return at.error(start, what);
    }
    Ok(Plan::Tests(rows))
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
    let name = wanted(&column.estimator, "estimator")?;
    let binary = matches!(name.get_ref().as_str(), "probit" | "logit");
    let mut convention: Convention = match &column.like {
        Some(like) if binary => {
            let what =
                format!("`like` is for least squares: say `small-sample` of a {}", name.get_ref());
            return at.error(like.span().start, what);
        }
        None if binary => Convention::FIXEST,
        like => at.parse(&wanted(like, "like")?)?,
    };
    if let Some(text) = &column.intersection {
        convention.intersection = match (&vcov, text.get_ref().as_str()) {
            (Vcov::Multiway(_), "clusters") => Intersection::Clusters,
            (Vcov::Multiway(_), "rows") => Intersection::Rows,
            (Vcov::Multiway(_), other) => {
                let what = format!("`intersection` is clusters or rows, not `{other}`");
                return at.error(text.span().start, what);
            }
            _ => {
                let what = "`intersection` is for errors clustered in several ways, as in \
                            `cluster a + b`";
                return at.error(text.span().start, what);
            }
        };
    }
    let choices = column.choices();
    let texts = choices.iter().map(|(key, text)| (*key, text.get_ref().as_str())).collect();
    let given = Given { choices: texts, complete: true };
    let method = Method::new(name.get_ref(), &convention, &given).or_else(|wrong| {
        let key = choices.iter().find(|(key, _)| Some(*key) == wrong.key);
        at.error(key.map_or(name.span().start, |(_, text)| text.span().start), wrong.what)
    })?;
    let weights = column.weights.as_ref().map(|weights| at.parse(weights)).transpose()?;
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
                "N" => Quantity::Statistic("n"),
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
    Ok(Fitted::By(Box::new(Estimation { method, model, spec, weights, rows })))
}

/// Whether a row's label is a regressor of the model, or one indicator of a set of them.
fn names(model: &Model, term: &panel::Term) -> bool {
    let of_set = |wanted: &panel::Term| match (wanted, term) {
        (panel::Term::Levels(set, _), panel::Term::Level(name, _)) => set == name,
        _ => false,
    };
    let endogenous = model.instruments.iter().flat_map(|instruments| &instruments.endogenous);
    model.terms.iter().chain(endogenous).any(|wanted| wanted == term || of_set(wanted))
}

pub(crate) fn base(level: &str) -> Base {
    match level {
        "first" => Base::First,
        "last" => Base::Last,
        level => Base::Level(level.to_owned()),
    }
}
