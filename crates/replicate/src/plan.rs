//! How printed tables are computed, and how a column of any table is.

use std::collections::BTreeMap;

use causal::mediation::MediationSpec;
use estimate::{Components, Constant, Convention, Intersection, Spec, Vcov};
use panel::{Base, Model};
use published::Kind;
use toml::Spanned;

use crate::estimation::Estimation;
use crate::method::{Chosen, Given, Method};
use crate::quantity::{OfTest, Quantity};
use crate::resolve::At;
use crate::specification::Tested;
use crate::study::{Column, Specification, Table};
use crate::{Error, effects, regimes, scheme};

/// How a printed table is computed.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Not at all, and why.
    Waits(String),
    /// Descriptive statistics: the variable of every row.
    Describe(BTreeMap<String, String>),
    /// A fit a column, and the mediation whose effects are printed below.
    Regress(BTreeMap<String, Fitted>, Option<Box<MediationSpec>>),
    /// A specification test a row.
    Tests(BTreeMap<String, Tested>),
    /// The tests of a threshold regression, in the order of its rows.
    Thresholds(String),
    /// The scheme of an index: an indicator a row.
    Scheme(String),
}

/// How a column of a regression table is computed.
#[derive(Debug)]
pub(crate) enum Fitted {
    /// Not at all, and why.
    Waits(String),
    /// By an estimator.
    By(Box<Estimation>),
    /// By a threshold regression of the study, and what its rows hold.
    Regimes { id: String, rows: BTreeMap<String, Quantity> },
}

/// The threshold regression of an id.
pub(crate) fn known<'a>(
    at: &At<'_>,
    id: &Spanned<String>,
    thresholds: &'a BTreeMap<String, causal::threshold::Spec>,
) -> Result<&'a causal::threshold::Spec, Error> {
    match thresholds.get(id.get_ref()) {
        Some(spec) => Ok(spec),
        None => {
            at.error(id.span().start, format!("no [[threshold]] has the id `{}`", id.get_ref()))
        }
    }
}

/// How a printed table is computed, every name checked against what was printed.
pub(crate) fn plan(
    at: &At<'_>,
    start: usize,
    table: &Table,
    printed: &published::Table,
    thresholds: &BTreeMap<String, causal::threshold::Spec>,
    schemes: &[index::Scheme],
) -> Result<Plan, Error> {
    if let Some(waits) = &table.waits {
        return Ok(Plan::Waits(waits.clone()));
    }
    for label in table.rows.keys().chain(table.variables.keys()) {
        if printed.row(label).is_none() {
            return at.error(start, format!("table `{}` has no row `{label}`", table.id));
        }
    }
    if let Some(name) = &table.index
        && !matches!(printed.kind(), Kind::Weights | Kind::Indicators)
    {
        let what = format!("`index` is for schemes, not for tables of kind `{}`", printed.kind());
        return at.error(name.span().start, what);
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
        Kind::ThresholdTest => {
            let Some(id) = &table.threshold else {
                let what = format!("table `{}` lacks `threshold`, or `waits = \"…\"`", table.id);
                return at.error(start, what);
            };
            known(at, id, thresholds)?;
            let mut heads = printed.column_names().iter();
            if let Some(head) = heads.find(|head| regimes::Of::headed(head).is_none()) {
                let heads = regimes::Of::heads();
                return at.error(
                    start,
                    format!("a threshold test has no `{head}`; there are `{heads}`"),
                );
            }
            Ok(Plan::Thresholds(id.get_ref().clone()))
        }
        Kind::Regression | Kind::ThresholdRegression => {
            let mut columns = BTreeMap::new();
            for column in &table.columns {
                let fitted = fitted(at, column, table, printed, thresholds)?;
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
            let effects = table.mediation.as_ref().map(|written| effects::spec(at, written));
            Ok(Plan::Regress(columns, effects.transpose()?.map(Box::new)))
        }
        Kind::Weights | Kind::Indicators => scheme::plan(at, start, table, printed, schemes),
        kind @ Kind::Resources => at.error(
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
        let row = &test.get_ref().row;
        if printed.row(row).is_none() {
            return at.error(test.span().start, format!("table `{}` has no row `{row}`", table.id));
        }
        if rows.insert(row.clone(), tested(at, test.get_ref())?).is_some() {
            return at.error(test.span().start, format!("row `{row}` is given twice"));
        }
    }
    if let Some(row) = printed.rows().iter().find(|row| !rows.contains_key(&row.label)) {
        let what = format!("row `{}` was printed; say under `tests` how it is computed", row.label);
        return at.error(start, what);
    }
    Ok(Plan::Tests(rows))
}

/// A test of a table of tests.
pub(crate) fn tested(at: &At<'_>, written: &Specification) -> Result<Tested, Error> {
    let Specification { row: _, test, model, vcov, like, components } = written;
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
        filters: Vec::new(),
        rows: BTreeMap::new(),
    };
    Ok(Tested { test, estimation })
}

fn fitted(
    at: &At<'_>,
    column: &Spanned<Column>,
    table: &Table,
    printed: &published::Table,
    thresholds: &BTreeMap<String, causal::threshold::Spec>,
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
    let mut fitted = estimation(at, start, column, thresholds)?;
    let model = match &fitted {
        Fitted::By(estimation) => Some(estimation.model.clone()),
        _ => None,
    };
    let mut rows = BTreeMap::new();
    for row in printed.rows() {
        let quantity = match column.rows.get(&row.label).or_else(|| table.rows.get(&row.label)) {
            Some(quantity) => at.parse(quantity)?,
            None => match row.label.as_str() {
                estimate::Fit::CONSTANT => Quantity::Coefficient(row.label.clone()),
                "N" => Quantity::Statistic("n"),
                label => match label.parse::<panel::Term>() {
                    Ok(term) if model.as_ref().is_some_and(|model| names(model, &term)) => {
                        Quantity::Coefficient(term.to_string())
                    }
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
    match &mut fitted {
        Fitted::By(estimation) => estimation.rows = rows,
        Fitted::Regimes { rows: own, .. } => *own = rows,
        Fitted::Waits(_) => {}
    }
    Ok(fitted)
}

/// How a column is estimated, without what its rows hold.
pub(crate) fn estimation(
    at: &At<'_>,
    start: usize,
    column: &Column,
    thresholds: &BTreeMap<String, causal::threshold::Spec>,
) -> Result<Fitted, Error> {
    if let Some(waits) = &column.waits {
        return Ok(Fitted::Waits(waits.clone()));
    }
    if let Some(id) = &column.threshold {
        known(at, id, thresholds)?;
        let (estimator, model, vcov) = (&column.estimator, &column.model, &column.vcov);
        let said = [estimator, model, vcov, &column.like, &column.weights];
        let filtered = !column.filters.is_empty() || column.omitted.is_some();
        if filtered || said.iter().any(|said| said.is_some()) || !column.choices().is_empty() {
            let what = "a column with `threshold` says no more: its model and choices are those of \
                        the [[threshold]]";
            return at.error(start, what);
        }
        return Ok(Fitted::Regimes { id: id.get_ref().clone(), rows: BTreeMap::new() });
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
    let spec = Spec { vcov, convention, constant };
    let (filters, rows) = (column.filters.clone(), BTreeMap::new());
    Ok(Fitted::By(Box::new(Estimation { method, model, spec, weights, filters, rows })))
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
