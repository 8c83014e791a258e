//! Where one number comes from: back through the steps of its variable to cells of files.

mod cell;
mod show;

use panel::{Column, Name};

use crate::error::{CleaningError, unknown};
use crate::gather::Found;
use crate::load::{self, Loaded};
use crate::provinces::Names;
use crate::variable::{self, Rows, Seen};
use crate::{Error, Place, Source, Spec, Step, Tier, Unit, Variable, entities, provinces};

/// Where a number comes from.
///
/// Printing it gives a tree: a variable, the steps that led to it with the value after each, and
/// the cells of files at its leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The column.
    pub column: Name,
    /// Whose row.
    pub entity: String,
    /// When.
    pub period: i32,
    /// The value.
    pub value: Value,
    /// What it is measured in, if that is known.
    pub unit: Option<Unit>,
    /// Whether it was measured.
    pub tier: Tier,
    /// Where it comes from.
    pub origin: Origin,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number; NaN is missing.
    Number(f64),
    /// A label; empty is missing.
    Label(String),
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// The row's own key.
    Key,
    /// A cell of a file.
    Cell(Cell),
    /// The file has no row for this entity and period, so the value is missing.
    NoRow {
        /// The file.
        file: String,
    },
    /// A variable.
    Made {
        /// What it starts from.
        from: Box<Trace>,
        /// What was done, in order.
        steps: Vec<Taken>,
    },
}

/// A cell of a file as it stands there.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The row, or the cell itself where the format has addresses.
    pub place: Place,
    /// The column's name in the file.
    pub column: Name,
    /// The text of the cell as written; binary files and very large ones have none to show.
    pub text: Option<String>,
    /// The label of the entity as written, if its name is another.
    pub label: Option<String>,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Who published it and how it was had.
    pub provenance: Option<String>,
}

/// A step, and what it led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The step.
    pub step: Step,
    /// The value after it.
    pub after: Value,
    /// The values it took in: of another column, or of other periods.
    pub by: Vec<Trace>,
}

/// Follows one number of the panel that `spec` describes back to the files.
///
/// The files are read again, and the variables that lead to this one are made again. A row that a
/// filter on a variable leaves out can be traced as well; one outside the sample cannot.
///
/// # Errors
///
/// Those of [`load`](fn@crate::load), and [`CleaningError::NoCell`] if no row is of this entity and
/// period.
pub fn trace(
    spec: &Spec,
    root: &std::path::Path,
    column: &str,
    entity: &str,
    period: i32,
) -> Result<Trace, Error> {
    let names = entities::names(&spec.panel)?;
    let mut loaded = load::sources(spec, root, None)?;
    for variable in needed(spec, column) {
        loaded.make(std::slice::from_ref(variable))?;
    }
    let entity = match names {
        Some(names) => provinces::resolve(entity)
            .map_err(|error| error.at(format!("`{}`", spec.panel.entity)))?
            .label(names),
        None => entity.to_owned(),
    };
    let row = row(&loaded, &entity, period)?;
    let rows = Rows::new(&loaded.panel);
    Tracer { spec, root, names, loaded, rows }.of(column, row)
}

/// The variables that a column rests on, itself among them, in the order of the spec.
fn needed<'s>(spec: &'s Spec, column: &str) -> Vec<&'s Variable> {
    let mut wanted = vec![column];
    let mut needed: Vec<&Variable> = Vec::new();
    for variable in spec.variables.iter().rev() {
        if wanted.contains(&variable.name.as_str()) {
            wanted.push(&variable.from);
            wanted.extend(variable.steps.iter().filter_map(Step::reads).map(String::as_str));
            needed.push(variable);
        }
    }
    needed.reverse();
    needed
}

fn row(loaded: &Loaded, entity: &str, period: i32) -> Result<usize, Error> {
    let index = loaded.panel.index();
    let Some(code) = index.entity.labels().position(|label| label == entity) else {
        let labels: Vec<String> = index.entity.labels().collect();
        let at = format!("`{}`", index.entity_name);
        let near = crate::error::nearest(entity, labels.iter().map(String::as_str));
        let (column, level) = (index.entity_name.clone(), entity.to_owned());
        let error = panel::Error::NoLevel { column, level, near };
        return Err(Error::Panel { at, error });
    };
    let is_row =
        |row: &usize| index.entity.codes()[*row] as usize == code && index.period[*row] == period;
    (0..loaded.panel.n_rows()).find(is_row).ok_or_else(|| {
        let of = |row: &usize| index.entity.codes()[*row] as usize == code;
        let own = (0..loaded.panel.n_rows()).filter(of).map(|row| index.period[row]);
        let range = (own.clone().min().unwrap_or(period), own.max().unwrap_or(period));
        CleaningError::NoCell { entity: entity.to_owned(), period, range }.into()
    })
}

struct Tracer<'a> {
    spec: &'a Spec,
    root: &'a std::path::Path,
    names: Option<Names>,
    loaded: Loaded,
    rows: Rows,
}

impl Tracer<'_> {
    fn of(&self, column: &str, row: usize) -> Result<Trace, Error> {
        let index = self.loaded.panel.index();
        let (entity, period) = self.loaded.panel.row_label(row);
        let key = |value| Trace {
            column: column.to_owned(),
            entity: entity.clone(),
            period,
            value,
            unit: None,
            tier: Tier::Real,
            origin: Origin::Key,
        };
        if column == index.entity_name {
            return Ok(key(Value::Label(entity.clone())));
        }
        if column == index.period_name {
            return Ok(key(Value::Number(f64::from(period))));
        }
        let Some(own) = self.loaded.panel.columns().get(column) else {
            let columns = self.loaded.panel.columns().keys().map(String::as_str);
            let names = columns.chain(self.spec.variables.iter().map(|own| own.name.as_str()));
            return Err(unknown("trace", column, names));
        };
        let value = match own {
            Column::Number(values) => Value::Number(values[row]),
            Column::Category(factor) => Value::Label(factor.label(factor.codes()[row])),
        };
        let made = self.spec.variables.iter().find(|variable| variable.name == column);
        let origin = match made {
            Some(variable) => self.made(variable, row)?,
            None => self.written(column, row)?,
        };
        let unit = self.loaded.units.get(column).cloned();
        let tier = self.loaded.tiers.get(column).copied().unwrap_or(Tier::Real);
        Ok(Trace { column: column.to_owned(), entity, period, value, unit, tier, origin })
    }

    /// A variable: made once more, with an eye on the row.
    fn made(&self, variable: &Variable, row: usize) -> Result<Origin, Error> {
        let seen = variable::make(&self.loaded, &self.rows, variable, Some(row))?.seen;
        let from = Box::new(self.of(&variable.from, row)?);
        let values = seen.into_iter().skip(1).map(|seen| match seen {
            Seen::Number(x) => Value::Number(x),
            Seen::Label(label) => Value::Label(label),
        });
        let mut steps = Vec::new();
        for (at, (step, after)) in variable.steps.iter().zip(values).enumerate() {
            let mut by = Vec::new();
            if let Some(other) = step.reads() {
                by.push(self.of(other, row)?);
            }
            // What a later step takes in are values of this variable on its way, in no column.
            if at == 0 {
                for other in self.others(variable, step, row) {
                    by.push(self.of(&variable.from, other)?);
                }
            }
            steps.push(Taken { step: step.clone(), after, by });
        }
        Ok(Origin::Made { from, steps })
    }

    /// The other rows whose values a first step takes in.
    fn others(&self, variable: &Variable, step: &Step, row: usize) -> Vec<usize> {
        let index = self.loaded.panel.index();
        let own = |at: &usize| index.entity.codes()[*at] == index.entity.codes()[row];
        let at_distance = |k: i32| {
            let wanted = i64::from(index.period[row]) + i64::from(k);
            let is_it = |at: &usize| own(at) && i64::from(index.period[*at]) == wanted;
            (0..index.period.len()).find(is_it).into_iter().collect()
        };
        let observed = |at: &usize| match self.loaded.panel.columns().get(&variable.from) {
            Some(Column::Number(values)) => !values[*at].is_nan(),
            _ => false,
        };
        if observed(&row) && matches!(step, Step::Interpolate | Step::Extrapolate(_)) {
            return Vec::new();
        }
        let before = || (0..row).rev().take_while(own).filter(observed);
        let after = || (row + 1..index.period.len()).take_while(own).filter(observed);
        match step {
            Step::Lag(k) | Step::Difference(k) | Step::Growth(k) => at_distance(-k),
            Step::Lead(k) => at_distance(*k),
            Step::Interpolate => match (before().next(), after().next()) {
                (Some(a), Some(b)) => vec![a, b],
                _ => Vec::new(),
            },
            Step::Extrapolate(how) => {
                let count = if *how == crate::Extrapolate::Linear { 2 } else { 1 };
                match (before().next(), after().next()) {
                    (None, Some(_)) => after().take(count).collect(),
                    (Some(_), None) => before().take(count).collect(),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// A column of a file.
    fn written(&self, column: &str, row: usize) -> Result<Origin, Error> {
        let (entity, period) = self.loaded.panel.row_label(row);
        for source in &self.spec.sources {
            let found = load::found(source, self.spec, self.root)?;
            let (table, _, resolved) = load::table(source, self.spec, &found, self.names, None)?;
            if !table.columns.iter().any(|(name, _)| name == column) {
                continue;
            }
            let index = &table.index;
            let code = index.entity.labels().position(|label| label == entity);
            let is_row = |at: &usize| {
                Some(index.entity.codes()[*at] as usize) == code && index.period[*at] == period
            };
            let Some(at) = (0..index.period.len()).find(is_row) else {
                return Ok(Origin::NoRow { file: source.file.clone() });
            };
            let own = original(source, column);
            let (place, text) = cell::written(&table, at, own, source)?;
            let label = resolved.label(at).filter(|label| *label != entity);
            let sha256 = self.sha256(&table, at, &found);
            let (column, provenance) = (own.to_owned(), source.provenance.clone());
            return Ok(Origin::Cell(Cell { place, column, text, label, sha256, provenance }));
        }
        let names = self.loaded.panel.columns().keys().map(String::as_str);
        Err(unknown("trace", column, names))
    }

    fn sha256(&self, table: &crate::table::Table<'_>, row: usize, found: &[Found]) -> String {
        let name = table.segment(row).map(|(segment, _)| segment.file.name);
        let name = name.or_else(|| found.first().map(|found| found.name.as_str()));
        let record = self.loaded.files.iter().find(|record| Some(record.file.as_str()) == name);
        record.map(|record| record.sha256.clone()).unwrap_or_default()
    }
}

/// The name in the file of a column of the panel.
fn original<'s>(source: &'s Source, column: &'s str) -> &'s str {
    let renamed = source.rename.iter().find(|(_, new)| *new == column);
    renamed.map_or(column, |(old, _)| old)
}
