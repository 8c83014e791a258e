//! Shapes of tables: from a grid to rows of an entity and a period.
//!
//! ```text
//! header   which rows name the columns, what stands above and below the table
//! number   numbers and years as yearbooks write them
//! long     rows in the making, each cell with its place
//! sources  files of a pattern, one after the other
//! propose  what a file seems to be
//! ```

mod header;
pub(crate) mod long;
pub(crate) mod number;
mod propose;

use std::collections::HashMap;
use std::fmt;

use panel::Name;
use serde::Deserialize;

use crate::error::{ShapeError, unknown};
use crate::grid::{At, Cell, Grid};
use crate::shape::header::{Header, Wanted};
use crate::shape::long::Long;
use crate::{Error, Reading, Source};

pub use propose::{Proposal, propose};

/// How the rows and columns of a file stand for entities, periods and variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A row an entity and period, a column a variable.
    #[default]
    Tidy,
    /// A row an entity, a column a period: `2022`, `2022年`, `y2022`; or a variable and a period:
    /// `gdp_2022`, or two header lines, `2022年` and `gdp`.
    WideByYear,
    /// A row a period, a column an entity; one variable.
    WideByEntity,
    /// A row a variable, a column a period; the entity is in a column, in the name of the file,
    /// or in a line `地区：` above the table.
    WideByVariable,
    /// What the national statistics database exports: title lines, then `地区` and years, or
    /// `指标` and years, and a line that names the agency.
    NbsExport,
}

impl Shape {
    /// Its name in a spec.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tidy => "tidy",
            Self::WideByYear => "wide-by-year",
            Self::WideByEntity => "wide-by-entity",
            Self::WideByVariable => "wide-by-variable",
            Self::NbsExport => "nbs-export",
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What becomes of formulas that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailedFormulas {
    /// Their cells are missing, and counted in the account.
    Missing,
}

/// What is known about a file before its table is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    pub(crate) shape: Shape,
    pub(crate) sheet: Option<String>,
    /// Rows of the header, from 1; found, if there are none.
    pub(crate) header: Vec<u32>,
    pub(crate) value: Option<Name>,
    pub(crate) variables: Option<Name>,
    pub(crate) lenient: bool,
    /// Texts that say that there is no value.
    pub(crate) missing: Vec<String>,
    pub(crate) cells: Option<u64>,
    /// The name of the panel's entity, for messages.
    pub(crate) entity_name: Name,
    /// Names of the entity and the period column in the file, if the source gives them.
    pub(crate) entity: Option<Name>,
    pub(crate) period: Option<Name>,
    /// The entity and the period that the file's name holds.
    pub(crate) named_entity: Option<String>,
    pub(crate) named_period: Option<i32>,
    pub(crate) columns: Option<Vec<Name>>,
}

impl Layout {
    pub(crate) fn of(source: &Source, entity: &Name) -> Self {
        Self {
            shape: source.shape,
            sheet: source.sheet.clone(),
            header: source.header.clone(),
            value: source.value.clone(),
            variables: source.variables.clone(),
            lenient: source.errors.is_some(),
            missing: source.missing.clone(),
            cells: source.cells,
            entity_name: entity.clone(),
            entity: source.entity.clone(),
            period: source.period.clone(),
            named_entity: None,
            named_period: None,
            columns: source.columns.clone(),
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.columns.as_ref().is_none_or(|columns| columns.iter().any(|column| column == name))
    }
}

/// The rows of a grid in its shape, and what was seen on the way.
pub(crate) fn read<'g>(grid: &'g Grid, layout: &'g Layout) -> Result<(Long<'g>, Reading), Error> {
    let wanted = match layout.shape {
        Shape::Tidy => {
            Wanted::Names([&layout.entity, &layout.period].into_iter().flatten().cloned().collect())
        }
        Shape::WideByEntity => Wanted::Periods,
        _ => Wanted::Years,
    };
    let header = header::find(grid, layout, &wanted)?;
    let mut long = Long::new(grid, layout);
    let sheet = Sheet { grid, layout, header: &header };
    let mut ignored = Vec::new();
    let shape = match layout.shape {
        Shape::NbsExport => sheet.exported(),
        shape => shape,
    };
    match shape {
        Shape::Tidy => sheet.tidy(&mut long)?,
        Shape::WideByEntity => sheet.by_entity(&mut long)?,
        Shape::WideByVariable => sheet.by_variable(&mut long, &mut ignored)?,
        Shape::WideByYear | Shape::NbsExport => sheet.by_year(&mut long, &mut ignored)?,
    }
    if long.entities.is_empty() {
        let row = header.last() + 1;
        return Err(ShapeError::NoData { at: sheet.at(), row }.into());
    }
    let shown = |&at: &At| {
        let text = grid.get(at).map_or_else(String::new, Cell::text);
        (grid.place(at), text.trim().to_owned())
    };
    let reading = Reading {
        file: grid.file.clone(),
        sheet: grid.sheet.clone(),
        only: grid.only,
        shape: layout.shape,
        header: header.rows.iter().map(|row| row + 1).collect(),
        above: header.above.iter().map(shown).collect(),
        below: header.below.iter().map(shown).collect(),
        ignored: ignored.iter().map(shown).collect(),
        as_text: long.as_text,
        failed: long.failed,
    };
    Ok((long, reading))
}

/// A grid, its header, and what is known of both.
struct Sheet<'s> {
    grid: &'s Grid,
    layout: &'s Layout,
    header: &'s Header,
}

impl Sheet<'_> {
    fn at(&self) -> String {
        header::at(self.grid)
    }

    /// Columns by their names; the rest of the header says nothing.
    fn named(&self) -> impl Iterator<Item = (u32, &str)> {
        self.header
            .names
            .iter()
            .filter(|(_, name)| !name.is_empty())
            .map(|(at, name)| (*at, &**name))
    }

    fn find(&self, wanted: &str) -> Result<u32, Error> {
        let column = self.named().find(|(_, name)| *name == wanted);
        let unknown = || unknown(&self.at(), wanted, self.named().map(|(_, name)| name));
        column.map(|(column, _)| column).ok_or_else(unknown)
    }

    fn top(&self, column: u32) -> At {
        (self.header.last(), column)
    }

    /// A label that says who; merged cells say it for each of their rows.
    fn key(&self, at: At, column: &str, trim: bool) -> Result<(String, At), Error> {
        let empty = || ShapeError::NoKey { place: self.grid.place(at), column: column.to_owned() };
        let (place, cell) = self.grid.seen(at).ok_or_else(empty)?;
        let text = cell.text();
        let text = if trim { text.trim().to_owned() } else { text };
        if text.is_empty() { Err(empty().into()) } else { Ok((text, place)) }
    }

    /// A cell that says when: a whole number, a year, or the year of a day.
    fn period(&self, at: At, column: &str) -> Result<i32, Error> {
        let empty = || ShapeError::NoKey { place: self.grid.place(at), column: column.to_owned() };
        let (place, cell) = self.grid.seen(at).ok_or_else(empty)?;
        header::period(cell).ok_or_else(|| {
            let (place, text) = (self.grid.place(place), cell.text());
            ShapeError::Period { place, text }.into()
        })
    }

    fn tidy(&self, long: &mut Long<'_>) -> Result<(), Error> {
        let Layout { entity, period, named_entity, named_period, columns, .. } = self.layout;
        let find = |name: &Option<Name>| -> Result<Option<(u32, String)>, Error> {
            let found = name.as_ref().map(|name| Ok((self.find(name)?, name.clone())));
            found.transpose()
        };
        let (entity, period) = (find(entity)?, find(period)?);
        let taken =
            |column: u32| [&entity, &period].into_iter().flatten().any(|(key, _)| *key == column);
        let mut wanted: Vec<(u32, String)> = match columns {
            Some(columns) => {
                let found = columns.iter().map(|name| Ok((self.find(name)?, name.clone())));
                found.collect::<Result<_, Error>>()?
            }
            None => self.named().map(|(at, name)| (at, name.to_owned())).collect(),
        };
        wanted.retain(|(column, _)| !taken(*column));
        self.header.distinct(self.grid, wanted.iter().map(|(column, _)| *column))?;
        if columns.is_none() {
            self.header.no_data_without_name(self.grid, None)?;
        }
        for (_, name) in &wanted {
            long.column(name);
        }
        let mut met: HashMap<String, i32> = HashMap::new();
        for (number, &row) in (1..).zip(&self.header.body) {
            let number: u64 = number;
            let (who, key) = match (&entity, named_entity) {
                (Some((column, name)), _) => self.key((row, *column), name, false)?,
                (None, Some(name)) => (name.clone(), (row, 0)),
                (None, None) => (number.to_string(), (row, 0)),
            };
            let when = match (&period, named_period) {
                (Some((column, name)), _) => self.period((row, *column), name)?,
                (None, Some(period)) => *period,
                // Rows of an entity are numbered in their order.
                (None, None) => {
                    let count = met.entry(who.clone()).or_insert(0);
                    *count += 1;
                    *count
                }
            };
            let at = long.push_row(who, when, key);
            for (column, name) in &wanted {
                long.put(at, name, (row, *column))?;
            }
        }
        Ok(())
    }

    /// The leftmost column of the table, named or not, without those in `taken`.
    fn leftmost(&self, taken: Option<u32>) -> u32 {
        let columns = self.header.body.iter().flat_map(|&row| self.grid.row(row));
        let columns = columns.map(|(column, _)| *column);
        let all = columns.chain(self.named().map(|(column, _)| column));
        let free = all.filter(|column| Some(*column) != taken);
        free.min().unwrap_or(0)
    }

    fn by_year(&self, long: &mut Long<'_>, ignored: &mut Vec<At>) -> Result<(), Error> {
        let who = match &self.layout.entity {
            Some(name) => self.find(name)?,
            None => self.leftmost(None),
        };
        let mut cells: Vec<(u32, String, i32)> = Vec::new();
        let mut fixed: Vec<(u32, String)> = Vec::new();
        for (column, name) in self.named().filter(|(column, _)| *column != who) {
            match number::stub(name) {
                Some((what, year)) => {
                    let what = if what.is_empty() { self.value()? } else { what };
                    if self.layout.wants(&what) {
                        cells.push((column, what, year));
                    }
                }
                // Of no period: the same in all of them, if it is asked for.
                None if self.layout.columns.is_some() && self.layout.wants(name) => {
                    fixed.push((column, name.to_owned()));
                }
                None => ignored.push(self.top(column)),
            }
        }
        let all = cells.iter().map(|(_, what, _)| what).chain(fixed.iter().map(|(_, what)| what));
        for what in all {
            long.column(what);
        }
        self.all_found(long)?;
        self.header.no_data_without_name(self.grid, Some(who))?;
        self.once(&cells)?;
        for &row in &self.header.body {
            let (entity, key) = self.key((row, who), self.header.name(who), true)?;
            for (column, what, year) in &cells {
                let at = long.row(&entity, *year, key);
                long.put(at, what, (row, *column))?;
            }
            let mut years: Vec<i32> = cells.iter().map(|(_, _, year)| *year).collect();
            years.sort_unstable();
            years.dedup();
            for (column, what) in &fixed {
                for &year in &years {
                    let at = long.row(&entity, year, key);
                    long.put(at, what, (row, *column))?;
                }
            }
        }
        Ok(())
    }

    fn by_entity(&self, long: &mut Long<'_>) -> Result<(), Error> {
        let when = match &self.layout.period {
            Some(name) => self.find(name)?,
            None => self.leftmost(None),
        };
        let value = self.value()?;
        long.column(&value);
        self.all_found(long)?;
        self.header.no_data_without_name(self.grid, Some(when))?;
        for &row in &self.header.body {
            let period = self.period((row, when), self.header.name(when))?;
            for (column, entity) in self.named().filter(|(column, _)| *column != when) {
                let at = long.row(entity.trim(), period, self.top(column));
                long.put(at, &value, (row, column))?;
            }
        }
        Ok(())
    }

    fn by_variable(&self, long: &mut Long<'_>, ignored: &mut Vec<At>) -> Result<(), Error> {
        let who = self.layout.entity.as_deref().map(|name| self.find(name)).transpose()?;
        let who = who.or_else(|| self.titled("地区"));
        let what = match (&self.layout.variables, self.titled("指标")) {
            (Some(name), _) => self.find(name)?,
            (None, Some(titled)) => titled,
            (None, None) => self.leftmost(who),
        };
        let mut years: Vec<(u32, String, i32)> = Vec::new();
        for (column, name) in self.named().filter(|(at, _)| *at != what && Some(*at) != who) {
            match number::stub(name) {
                Some((stub, year)) if stub.is_empty() => years.push((column, stub, year)),
                _ => ignored.push(self.top(column)),
            }
        }
        self.once(&years)?;
        self.header.no_data_without_name(self.grid, Some(what))?;
        let titled = self.header.title(self.grid, &["地区：", "地区:"]);
        let named = self.layout.named_entity.clone().map(|name| (name, (0, 0))).or(titled);
        for &row in &self.header.body {
            let (name, _) = self.key((row, what), self.header.name(what), true)?;
            if !self.layout.wants(&name) {
                continue;
            }
            let (entity, key) = match (who, &named) {
                (Some(column), _) => self.key((row, column), self.header.name(column), true)?,
                (None, Some(named)) => named.clone(),
                (None, None) => {
                    let (at, entity) = (self.at(), self.layout.entity_name.clone());
                    return Err(ShapeError::NoEntity { at, entity }.into());
                }
            };
            long.column(&name);
            for (column, _, year) in &years {
                let at = long.row(&entity, *year, key);
                long.put(at, &name, (row, *column))?;
            }
        }
        self.all_found(long)
    }

    /// Which of its tables the database exported: one indicator by region, or a row an indicator, of
    /// one region or of several.
    fn exported(&self) -> Shape {
        if self.titled("指标").is_some() { Shape::WideByVariable } else { Shape::WideByYear }
    }

    /// The column of an export that is called so.
    fn titled(&self, title: &str) -> Option<u32> {
        let exported = self.layout.shape == Shape::NbsExport;
        self.named().find(|(_, name)| exported && name.trim() == title).map(|(at, _)| at)
    }

    /// The name of what the cells hold, where no column says it.
    fn value(&self) -> Result<String, Error> {
        let titled = || {
            let (title, _) = self.header.title(self.grid, &["指标：", "指标:"])?;
            Some(title).filter(|_| self.layout.shape == Shape::NbsExport)
        };
        let value = self.layout.value.clone().or_else(titled);
        value.ok_or_else(|| ShapeError::NoValue { at: self.at() }.into())
    }

    /// No variable is given twice in one year.
    fn once(&self, cells: &[(u32, String, i32)]) -> Result<(), Error> {
        let mut seen = HashMap::new();
        for (column, what, year) in cells {
            if let Some(first) = seen.insert((what, year), *column) {
                let (first, second) = (self.place(first), self.place(*column));
                let column =
                    if what.is_empty() { year.to_string() } else { format!("{what} {year}") };
                return Err(ShapeError::TwoColumns { first, second, column }.into());
            }
        }
        Ok(())
    }

    fn place(&self, column: u32) -> crate::Place {
        self.grid.place(self.top(column))
    }

    /// Every column that a source lists was found.
    fn all_found(&self, long: &Long<'_>) -> Result<(), Error> {
        for name in self.layout.columns.iter().flatten() {
            if !long.has(name) {
                return Err(unknown(&self.at(), name, long.names()));
            }
        }
        Ok(())
    }
}
