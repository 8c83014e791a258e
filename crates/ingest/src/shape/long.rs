//! Rows of a panel in the making, put together from cells of grids.

use std::collections::{BTreeMap, HashMap};

use panel::{Column, Factor, Name};

use crate::error::{Place, ShapeError, WorkbookError};
use crate::grid::{At, Cell, Grid};
use crate::table::{EXACT, Labels};
use crate::text::is_missing;
use crate::{Error, shape::Layout, shape::number};

/// What a cell comes to.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Missing,
    Number(f64),
    Label(String),
}

/// A column in the making, and where each of its cells stands.
struct Cells {
    values: Vec<Value>,
    places: Vec<Option<At>>,
}

/// Rows by entity and period, columns by name, all from one grid.
pub(crate) struct Long<'g> {
    grid: &'g Grid,
    /// Whether a formula that failed is a missing cell.
    lenient: bool,
    /// Texts that say that there is no value.
    missing: &'g [String],
    rows: HashMap<(String, i32), usize>,
    pub(crate) entities: Vec<String>,
    pub(crate) periods: Vec<i32>,
    /// The cell that says who each row is about.
    keys: Vec<At>,
    columns: Vec<(Name, Cells)>,
    at: HashMap<Name, usize>,
    pub(crate) words: BTreeMap<String, usize>,
    /// Cells of text that are numbers.
    pub(crate) as_text: usize,
    /// Formulas that failed and are missing.
    pub(crate) failed: usize,
}

/// Where the rows and cells of a table stand in a grid.
pub(crate) struct Origins {
    pub(crate) sheet: Option<String>,
    pub(crate) rows: Vec<At>,
    pub(crate) columns: BTreeMap<Name, Vec<Option<At>>>,
}

/// What a [`Long`] comes to.
pub(crate) struct Finished {
    pub(crate) entity: Factor,
    pub(crate) period: Vec<i32>,
    pub(crate) columns: Vec<(Name, Column)>,
    pub(crate) origins: Origins,
}

impl<'g> Long<'g> {
    pub(crate) fn new(grid: &'g Grid, layout: &'g Layout) -> Self {
        Self {
            grid,
            lenient: layout.lenient,
            missing: &layout.missing,
            rows: HashMap::new(),
            entities: Vec::new(),
            periods: Vec::new(),
            keys: Vec::new(),
            columns: Vec::new(),
            at: HashMap::new(),
            words: BTreeMap::new(),
            as_text: 0,
            failed: 0,
        }
    }

    /// A column, empty where nothing is put.
    pub(crate) fn column(&mut self, name: &str) {
        if !self.at.contains_key(name) {
            self.at.insert(name.to_owned(), self.columns.len());
            let cells = Cells { values: Vec::new(), places: Vec::new() };
            self.columns.push((name.to_owned(), cells));
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.at.contains_key(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// A row of its own, whoever else is about the same.
    pub(crate) fn push_row(&mut self, entity: String, period: i32, key: At) -> usize {
        self.entities.push(entity);
        self.periods.push(period);
        self.keys.push(key);
        self.keys.len() - 1
    }

    /// The row of an entity and a period; new if there is none.
    pub(crate) fn row(&mut self, entity: &str, period: i32, key: At) -> usize {
        let who = (entity.to_owned(), period);
        if let Some(&row) = self.rows.get(&who) {
            return row;
        }
        let row = self.push_row(entity.to_owned(), period, key);
        self.rows.insert(who, row);
        row
    }

    /// Puts what stands at `from` into a column. A cell that is put twice is an error.
    pub(crate) fn put(&mut self, row: usize, column: &str, from: At) -> Result<(), Error> {
        let value = self.value(column, from)?;
        let cells = &mut self.columns[self.at[column]].1;
        if cells.values.len() <= row {
            cells.values.resize(row + 1, Value::Missing);
            cells.places.resize(row + 1, None);
        }
        if let Some(first) = cells.places[row] {
            let same = cells.values[row] == value;
            let shown = |at: At| self.grid.get(at).map_or_else(|| "nothing".into(), Cell::text);
            return Err(ShapeError::Twice {
                first: self.grid.place(first),
                second: self.grid.place(from),
                column: column.to_owned(),
                entity: self.entities[row].clone(),
                period: self.periods[row],
                values: (!same).then(|| [shown(first), shown(from)]),
            }
            .into());
        }
        cells.values[row] = value;
        cells.places[row] = Some(from);
        Ok(())
    }

    fn value(&mut self, column: &str, at: At) -> Result<Value, Error> {
        let place = || self.grid.place(at);
        let finite = |x: f64, text: String, digits: bool| {
            let column = column.to_owned();
            if x.is_infinite() {
                Err(Error::NotFinite { place: place(), column, text })
            } else if digits && x.abs() >= EXACT {
                Err(Error::Inexact { place: place(), column, text })
            } else {
                Ok(Value::Number(x))
            }
        };
        match self.grid.get(at) {
            None => Ok(Value::Missing),
            Some(&Cell::Number(x)) => finite(x, x.to_string(), false),
            Some(&Cell::Bool(truth)) => Ok(Value::Number(f64::from(u8::from(truth)))),
            Some(cell @ Cell::Date(..)) => Ok(Value::Label(cell.text())),
            Some(Cell::Error(_)) if self.lenient => {
                self.failed += 1;
                Ok(Value::Missing)
            }
            Some(Cell::Error(error)) => {
                let (column, error) = (column.to_owned(), error.clone());
                Err(WorkbookError::Formula { place: place(), column, error }.into())
            }
            Some(Cell::Text(text)) => {
                // A text file has one way to write numbers; in a workbook a number that is text was
                // typed in some other way than as a number.
                let parsed = match self.grid.dialect {
                    Some(dialect) => number::of(dialect, text),
                    None => number::read(text),
                };
                if let Some(parsed) = parsed {
                    self.as_text += usize::from(self.grid.dialect.is_none());
                    return finite(parsed.value, text.clone(), parsed.digits);
                }
                let word = text.trim();
                if is_missing(word) || self.missing.iter().any(|mark| mark == word) {
                    if !word.is_empty() {
                        *self.words.entry(word.to_owned()).or_default() += 1;
                    }
                    return Ok(Value::Missing);
                }
                Ok(Value::Label(text.clone()))
            }
        }
    }

    /// Numbers or labels, whichever the first value of a column is; the other kind is an error.
    pub(crate) fn finish(self) -> Result<Finished, Error> {
        let rows = self.keys.len();
        let mut columns = Vec::new();
        let mut places = BTreeMap::new();
        for (name, mut cells) in self.columns {
            cells.values.resize(rows, Value::Missing);
            cells.places.resize(rows, None);
            let first = cells.values.iter().position(|value| *value != Value::Missing);
            let labels = first.is_some_and(|row| matches!(cells.values[row], Value::Label(_)));
            let odd = cells.values.iter().position(|value| match value {
                Value::Missing => false,
                Value::Number(_) => labels,
                Value::Label(_) => !labels,
            });
            if let (Some(row), Some(first)) = (odd, first) {
                let place = |row: usize| place_of(self.grid, &cells, row);
                let at = cells.places[row];
                let text = at.and_then(|at| self.grid.get(at)).map_or_else(String::new, Cell::text);
                let (place, since) = (place(row), place(first));
                return Err(WorkbookError::Mixed {
                    place,
                    column: name,
                    text,
                    number: labels,
                    since,
                }
                .into());
            }
            let column = if labels {
                let mut all = Labels::default();
                for value in &cells.values {
                    all.push(if let Value::Label(text) = value { Some(text) } else { None });
                }
                Column::Category(all.into_category())
            } else {
                let number =
                    |value: &Value| if let Value::Number(x) = value { *x } else { f64::NAN };
                Column::Number(cells.values.iter().map(number).collect())
            };
            columns.push((name.clone(), column));
            places.insert(name, cells.places);
        }
        let mut entity = Labels::default();
        self.entities.iter().for_each(|label| entity.push(Some(label)));
        let sheet = self.grid.sheet.clone();
        let origins = Origins { sheet, rows: self.keys, columns: places };
        Ok(Finished { entity: entity.into_entity(), period: self.periods, columns, origins })
    }
}

fn place_of(grid: &Grid, cells: &Cells, row: usize) -> Place {
    grid.place(cells.places[row].unwrap_or_default())
}
