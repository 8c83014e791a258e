//! Variables: columns taken through steps.
//!
//! ```text
//! arithmetic  log, over, plus, …: the same formula in every cell
//! time        lag, lead, difference, growth
//! gaps        interpolate, extrapolate, fill
//! winsorize   percentiles by selection, pooled or a period at a time
//! prices      deflate, exchange
//! measure     unit, convert; what a sum or a quotient is measured in; doubts
//! reverse     derivatives through steps, backwards
//! ```

mod arithmetic;
mod gaps;
mod measure;
mod prices;
mod reverse;
mod time;
mod winsorize;

pub(crate) use measure::doubt;
use panel::{Column, Factor, Name, Panel};
use rayon::prelude::*;
pub use reverse::pull_back;

use crate::account::Entry;
use crate::changes::Changes;
use crate::error::{CleaningError, unknown};
use crate::load::Loaded;
use crate::provinces;
use crate::{Error, Step, Tier, Unit, Variable};

/// A variable that was made.
pub(crate) struct Made {
    pub(crate) column: Column,
    pub(crate) tier: Tier,
    pub(crate) unit: Option<Unit>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) changes: Changes,
    /// The values of a row that is watched: before the steps, and after each of them.
    pub(crate) seen: Vec<Seen>,
}

/// A cell on its way through the steps.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    Number(f64),
    Label(String),
}

/// Adds variables in their order; those that do not need each other are made side by side.
pub(crate) fn make_all(loaded: &mut Loaded, variables: &[Variable]) -> Result<(), Error> {
    let mut rest = variables;
    while !rest.is_empty() {
        let needs = |variable: &Variable, name: &Name| {
            variable.from == *name || variable.steps.iter().any(|step| step.reads() == Some(name))
        };
        let alone = |at: &usize| {
            let (before, variable) = (&rest[..*at], &rest[*at]);
            before.iter().any(|earlier| needs(variable, &earlier.name))
        };
        let end = (1..rest.len()).find(alone).unwrap_or(rest.len());
        let (batch, later) = rest.split_at(end);
        let rows = Rows::new(&loaded.panel);
        let made: Vec<_> =
            (batch.par_iter()).map(|variable| make(loaded, &rows, variable, None)).collect();
        for (variable, made) in batch.iter().zip(made) {
            let made = made?;
            let at = format!("variable `{}`", variable.name);
            loaded.insert(&at, variable.name.clone(), made.column, made.tier, made.unit)?;
            loaded.account.entries.extend(made.entries);
            loaded.changes.append(made.changes);
        }
        rest = later;
    }
    Ok(())
}

/// Makes one variable; `watch` is a row whose values are noted on the way.
pub(crate) fn make(
    loaded: &Loaded,
    rows: &Rows,
    variable: &Variable,
    watch: Option<usize>,
) -> Result<Made, Error> {
    let at = format!("variable `{}`", variable.name);
    let (column, tier) = start(loaded, &at, &variable.from)?;
    let unit = loaded.units.get(&variable.from).cloned();
    let (entries, changes, seen) = (Vec::new(), Changes::default(), Vec::new());
    let mut made = Made { column, tier, unit, entries, changes, seen };
    made.note(watch);
    for step in &variable.steps {
        if let Some(other) = step.reads() {
            made.tier = made.tier.max(start_tier(loaded, &at, other)?);
        }
        let mut work = Work { loaded, rows, variable, step, made: &mut made };
        work.run()?;
        made.note(watch);
    }
    let missing = missing(&made.column);
    let Variable { name, from, steps } = variable.clone();
    made.entries.insert(0, Entry::Made { variable: name, from, steps, missing });
    measure::doubts(loaded, variable, &mut made);
    Ok(made)
}

/// How many cells of a column are missing.
pub(crate) fn missing(column: &Column) -> usize {
    match column {
        Column::Number(values) => values.iter().filter(|x| x.is_nan()).count(),
        Column::Category(factor) => {
            factor.codes().iter().filter(|&&code| code == Factor::MISSING).count()
        }
    }
}

impl Made {
    fn note(&mut self, watch: Option<usize>) {
        let Some(row) = watch else { return };
        self.seen.push(match &self.column {
            Column::Number(values) => Seen::Number(values[row]),
            Column::Category(factor) => Seen::Label(factor.label(factor.codes()[row])),
        });
    }
}

/// The column that a variable starts from; the key may be one.
fn start(loaded: &Loaded, at: &str, from: &Name) -> Result<(Column, Tier), Error> {
    let index = loaded.panel.index();
    let key = if *from == index.entity_name {
        Column::Category(index.entity.clone())
    } else if *from == index.period_name {
        Column::Number(index.period.iter().map(|&t| f64::from(t)).collect())
    } else {
        let tier = start_tier(loaded, at, from)?;
        return Ok((loaded.panel.columns()[from].clone(), tier));
    };
    Ok((key, Tier::Real))
}

fn start_tier(loaded: &Loaded, at: &str, column: &str) -> Result<Tier, Error> {
    let names = loaded.panel.columns().keys().map(String::as_str);
    loaded.tiers.get(column).copied().ok_or_else(|| unknown(at, column, names))
}

/// Where the rows of each entity begin and end.
pub(crate) struct Rows {
    ends: Vec<usize>,
}

impl Rows {
    pub(crate) fn new(panel: &Panel) -> Self {
        let codes = panel.index().entity.codes();
        let last = |row: &usize| row + 1 == codes.len() || codes[*row] != codes[row + 1];
        Self { ends: (0..codes.len()).filter(last).map(|row| row + 1).collect() }
    }

    fn entities(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| start..end)
    }
}

/// One step on its way.
struct Work<'a> {
    loaded: &'a Loaded,
    rows: &'a Rows,
    variable: &'a Variable,
    step: &'a Step,
    made: &'a mut Made,
}

impl Work<'_> {
    fn run(&mut self) -> Result<(), Error> {
        match self.step {
            Step::Region(scheme) => return self.region(*scheme),
            Step::Unit(unit) => return self.declare(unit),
            _ => {}
        }
        let from = || self.variable.from.clone();
        let (variable, step) = (self.variable.name.clone(), self.step.to_string());
        let Column::Number(values) = &mut self.made.column else {
            return Err(CleaningError::Category { variable, step, from: from() }.into());
        };
        let mut values = std::mem::take(values);
        match self.step {
            Step::Log | Step::Log1p => self.logarithm(&mut values),
            Step::Over(by) | Step::Plus(by) | Step::Minus(by) | Step::Times(by) => {
                self.arithmetic(&mut values, by)
            }
            &Step::Lag(k) => self.shift(&mut values, k, -1),
            &Step::Lead(k) => self.shift(&mut values, k, 1),
            &Step::Difference(k) => self.difference(&mut values, k),
            &Step::Growth(k) => self.growth(&mut values, k),
            Step::Interpolate => self.interpolate(&mut values),
            &Step::Extrapolate(how) => self.extrapolate(&mut values, how),
            &Step::Fill(x) => self.fill(&mut values, x),
            Step::Winsorize(spec) => self.winsorize(&mut values, spec),
            Step::Deflate(spec) => self.deflate(&mut values, spec),
            Step::Convert(unit) => self.convert(&mut values, unit),
            Step::Exchange(spec) => self.exchange(&mut values, spec),
            Step::Unit(_) | Step::Region(_) => Ok(()),
        }?;
        self.made.column = Column::Number(values);
        Ok(())
    }

    fn region(&mut self, scheme: provinces::Scheme) -> Result<(), Error> {
        let (variable, step) = (self.variable.name.clone(), self.step.to_string());
        let Column::Category(factor) = &self.made.column else {
            let from = self.variable.from.clone();
            return Err(CleaningError::NoProvinces { variable, step, from }.into());
        };
        let of = |label: String| -> Result<&'static str, Error> {
            let at = || format!("variable `{variable}`: {step}");
            let province = provinces::resolve(&label).map_err(|error| error.at(at()))?;
            scheme
                .region(province)
                .ok_or_else(|| provinces::EntityError::NoRegion { at: at(), label, scheme }.into())
        };
        let regions: Vec<&str> = factor.labels().map(of).collect::<Result<_, _>>()?;
        let region = |&code: &u32| regions.get(code as usize).copied();
        self.made.column = Column::Category(Factor::from_names(factor.codes().iter().map(region)));
        self.made.unit = None;
        Ok(())
    }

    /// The numbers of another column.
    fn other(&self, name: &Name) -> Result<&[f64], Error> {
        let at = || format!("variable `{}`", self.variable.name);
        match self.loaded.panel.columns().get(name) {
            Some(Column::Number(column)) => Ok(column),
            Some(Column::Category(_)) => {
                let error = panel::Error::NotNumeric { column: name.clone() };
                Err(Error::Panel { at: at(), error })
            }
            None => {
                let names = self.loaded.panel.columns().keys().map(String::as_str);
                Err(unknown(&at(), name, names))
            }
        }
    }

    /// A step that gives no finite number in a row.
    fn undefined(&self, row: usize, value: f64, by: Option<f64>) -> Error {
        let (entity, period) = self.loaded.panel.row_label(row);
        let (variable, step) = (self.variable.name.clone(), self.step.to_string());
        Error::Undefined { variable, step, entity, period, value, by }
    }

    fn name(&self) -> Name {
        self.variable.name.clone()
    }
}
