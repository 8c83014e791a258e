//! What the schema states of columns, and whether the paper allows it.

use published::Transcription;
use toml::Spanned;

use super::{Column, Facts};
use crate::Error;
use crate::schema::Schema;

pub(super) fn apply(
    facts: &mut Facts<'_>,
    paper: &Transcription,
    schema: &Schema,
) -> Result<(), Error> {
    let written = &schema.written;
    for column in &mut facts.columns {
        column.estimator = written.estimator;
        column.errors = written.errors;
    }
    for stated in &written.columns {
        let column = find(facts, paper, schema, &stated.id)?;
        let column = &mut facts.columns[column];
        if let Some(n) = stated.n {
            if let Some(printed) = column.n.filter(|&printed| printed != n) {
                return Err(Error::Contradiction {
                    at: schema.at(stated.id.span().start),
                    what: format!(
                        "column `{}` is said to have n = {n} and prints {printed}",
                        column.id
                    ),
                    cure: "leave `n` out: the printed one counts".to_owned(),
                });
            }
            column.n = Some(n);
        }
        column.outcome = stated.outcome.clone().or(column.outcome.take());
        column.absorbs = stated.absorbs.clone().or(column.absorbs.take());
        column.period_indicators = stated.period_indicators.or(column.period_indicators);
        column.unprinted = stated.unprinted_regressors.or(column.unprinted);
        column.estimator = stated.estimator.or(column.estimator);
        column.errors = stated.errors.or(column.errors);
        column.clusters = stated.clusters.or(column.clusters);
    }
    Ok(())
}

/// The column of a name.
fn find(
    facts: &Facts<'_>,
    paper: &Transcription,
    schema: &Schema,
    name: &Spanned<String>,
) -> Result<usize, Error> {
    let is = |column: &Column<'_>| column.id == *name.get_ref();
    facts.columns.iter().position(is).ok_or_else(|| {
        let table = name.get_ref().split('/').next().unwrap_or_default();
        let has: Vec<&str> = match paper.table(table) {
            Some(_) => facts
                .columns
                .iter()
                .filter(|it| paper.tables()[it.table].id() == table)
                .map(|it| it.id.as_str())
                .collect(),
            None => Vec::new(),
        };
        let cure = if has.is_empty() {
            "name a column of a regression table as `table/header`".to_owned()
        } else {
            format!("table {table} has `{}`", has.join("`, `"))
        };
        Error::Unknown {
            at: schema.at(name.span().start),
            what: "column",
            name: name.get_ref().clone(),
            cure,
        }
    })
}
