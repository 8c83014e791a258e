//! What a file seems to be, and why.

use std::fmt;
use std::path::Path;

use panel::Name;

use crate::grid::{Cell, Grid, address};
use crate::shape::header::{self, Wanted};
use crate::shape::{Layout, Shape, number};
use crate::table::File;
use crate::text::Hints;
use crate::{Error, Key, workbook};

/// What a file seems to be: a guess that says what it rests on, and the source to begin with.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The file, as it was named.
    pub file: String,
    /// How its rows and columns seem to stand for entities, periods and variables.
    pub shape: Shape,
    /// Encoding, delimiter and decimal sign of a text file, where they are out of the ordinary.
    pub text: Vec<String>,
    /// The sheet of a workbook, and the others that have cells.
    pub sheets: Vec<String>,
    /// The rows of the header, from 1; a format with named columns has none.
    pub header: Vec<u32>,
    /// The column that seems to say who.
    pub entity: Option<Name>,
    /// The column that seems to say when.
    pub period: Option<Name>,
    /// What the cells hold, if a title says it.
    pub value: Option<Name>,
    /// The names of the columns.
    pub columns: Vec<Name>,
    /// The first cells below the header, by their addresses.
    pub cells: Vec<(String, String)>,
    /// What was seen, in sentences.
    pub because: Vec<String>,
}

/// Looks at a file and says what it seems to be.
///
/// # Errors
///
/// Those of reading it.
pub fn propose(path: &Path) -> Result<Proposal, Error> {
    let name = path.display().to_string();
    let file = File { path, name: &name, hints: Hints::default(), watch: None };
    let mut proposal = Proposal {
        file: name.clone(),
        shape: Shape::Tidy,
        text: Vec::new(),
        sheets: Vec::new(),
        header: Vec::new(),
        entity: None,
        period: None,
        value: None,
        columns: Vec::new(),
        cells: Vec::new(),
        because: Vec::new(),
    };
    let extension = file.extension();
    if ["parquet", "dta"].contains(&extension.as_str()) {
        let key = Key { entity: None, period: None };
        let (table, _) = file.read(&key, None, &Layout::default())?;
        proposal.columns = table.columns.iter().map(|(name, _)| name.clone()).collect();
        let words = proposal.columns.clone();
        proposal.entity = words.iter().find(|name| is_entity(name)).cloned();
        proposal.period = words.iter().find(|name| is_period(name)).cloned();
        proposal.because.push(format!("a .{extension} file has named columns: it is tidy"));
        return Ok(proposal);
    }
    let grid = if ["xlsx", "xlsm", "xls"].contains(&extension.as_str()) {
        let grids = workbook::all(file, workbook::CELLS)?;
        proposal.sheets = grids.iter().filter_map(|grid| grid.sheet.clone()).collect();
        grids.into_iter().next().unwrap_or_default()
    } else {
        let (grid, notes) = workbook::text_grid(file)?;
        proposal.text = notes;
        grid
    };
    look(&grid, &mut proposal)?;
    Ok(proposal)
}

fn look(grid: &Grid, proposal: &mut Proposal) -> Result<(), Error> {
    let layout = |shape| Layout { shape, ..Layout::default() };
    let because = &mut proposal.because;
    // Rows of data hold years, too: the header is where the table begins.
    let begins = grid.rows().find(|(_, cells)| cells.len() > 1).map_or(0, |(row, _)| row);
    let wide = header::find(grid, &layout(Shape::WideByYear), &Wanted::Years).ok();
    let wide = wide.filter(|header| header.rows.contains(&begins));
    let (shape, header) = if let Some(header) = wide {
        let years: Vec<&str> = header
            .names
            .iter()
            .map(|(_, name)| name.as_str())
            .filter(|name| number::stub(name).is_some())
            .collect();
        because.push(format!(
            "{} name{} years: {}",
            plural(years.len(), "column"),
            if years.len() == 1 { "s" } else { "" },
            brief(&years)
        ));
        let title = |words: &[&str]| header.title(grid, words).map(|(title, _)| title);
        let database = title(&["数据库：", "数据库:"]);
        proposal.value = title(&["指标：", "指标:"]);
        let first = header.names.first().map_or("", |(_, name)| name.trim());
        let words = header.names.iter().filter(|(_, name)| number::stub(name).is_none()).count();
        let shape = if let Some(database) = database {
            because.push(format!("a line above names the database: {database}"));
            Shape::NbsExport
        } else if words > 1 && header.names.iter().any(|(_, name)| is_variable(name))
            || is_variable(first)
        {
            because.push("a column names variables".into());
            Shape::WideByVariable
        } else {
            Shape::WideByYear
        };
        (shape, header)
    } else {
        let tidy = header::find(grid, &layout(Shape::Tidy), &Wanted::Names(Vec::new()))?;
        let column = |at: u32| tidy.body.iter().filter_map(move |&row| grid.get((row, at)));
        let periods = |at: u32| {
            let mut cells = column(at).peekable();
            let year = |cell: &Cell| {
                matches!(cell, Cell::Date(..)) || number::year(&cell.text()).is_some()
            };
            cells.peek().is_some() && cells.all(year)
        };
        let labels = |at: u32| {
            column(at).any(|cell| matches!(cell, Cell::Text(text) if number::read(text).is_none()))
        };
        let when = tidy.names.iter().find(|(at, name)| is_period(name) || periods(*at)).cloned();
        let who = tidy
            .names
            .iter()
            .find(|(_, name)| is_entity(name))
            .or_else(|| tidy.names.iter().find(|(at, _)| labels(*at)))
            .cloned();
        match (&when, &who) {
            (Some((at, name)), None) if *at == tidy.names[0].0 && tidy.names.len() > 2 => {
                because.push(format!("`{name}` holds years, and no column holds names"));
                (Shape::WideByEntity, tidy)
            }
            _ => {
                if let Some((_, name)) = &when {
                    because.push(format!("`{name}` holds years"));
                }
                if let Some((_, name)) = &who {
                    because.push(format!("`{name}` holds names"));
                }
                (Shape::Tidy, tidy)
            }
        }
    };
    proposal.shape = shape;
    proposal.header = header.rows.iter().map(|row| row + 1).collect();
    proposal.columns = header.names.iter().map(|(_, name)| name.clone()).collect();
    let named = |is: fn(&str) -> bool| proposal.columns.iter().find(|name| is(name)).cloned();
    proposal.entity = match shape {
        Shape::WideByEntity => None,
        Shape::Tidy => named(is_entity).or_else(|| {
            let text = |at: u32| {
                header.body.iter().any(|&row| {
                    matches!(grid.get((row, at)), Some(Cell::Text(text)) if number::read(text).is_none())
                })
            };
            header.names.iter().find(|(at, _)| text(*at)).map(|(_, name)| name.clone())
        }),
        _ => named(is_entity),
    };
    proposal.period = match shape {
        Shape::Tidy | Shape::WideByEntity => named(is_period).or_else(|| {
            let years = |at: u32| {
                header.body.iter().all(|&row| {
                    grid.get((row, at)).is_some_and(|cell| number::year(&cell.text()).is_some())
                })
            };
            header.names.iter().find(|(at, _)| years(*at)).map(|(_, name)| name.clone())
        }),
        _ => None,
    };
    for &row in header.body.iter().take(2) {
        for (column, cell) in grid.row(row).iter().take(4) {
            proposal.cells.push((address((row, *column)), cell.text()));
        }
    }
    if !header.above.is_empty() || !header.below.is_empty() {
        let count = plural(header.above.len() + header.below.len(), "line");
        proposal.because.push(format!("{count} above or below the table will be left out"));
    }
    Ok(())
}

fn is_entity(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    let words = ["province", "region", "country", "country name", "firm", "state", "city", "id"];
    let chinese = ["地区", "省份", "省", "省市", "地 区", "城市", "国家"];
    words.contains(&name.as_str()) || chinese.contains(&name.as_str())
}

fn is_period(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    ["year", "period", "date", "time", "年", "年份", "年度", "时间"].contains(&name.as_str())
}

fn is_variable(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    ["指标", "indicator", "indicator name", "variable", "series", "series name"]
        .contains(&name.as_str())
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The first three, and that there are more.
fn brief(names: &[&str]) -> String {
    let more = if names.len() > 3 { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(3)].join(", "))
}

impl Proposal {
    /// The source to begin with, as it stands in a study file. The tier is for the reader to say.
    pub fn toml(&self) -> String {
        let quoted =
            |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let mut lines = vec!["[[source]]".to_owned(), format!("file = {}", quoted(&self.file))];
        if self.sheets.len() > 1 {
            lines.push(format!("sheet = {}", quoted(&self.sheets[0])));
        }
        if self.shape != Shape::Tidy {
            lines.push(format!("shape = {}", quoted(self.shape.name())));
        }
        let keys = [("entity", &self.entity), ("period", &self.period)];
        for (key, name) in keys {
            if let Some(name) = name {
                lines.push(format!("{key} = {}", quoted(name)));
            }
        }
        let stubs = self.columns.iter().filter_map(|name| number::stub(name));
        let bare = stubs.map(|(what, _)| what).any(|what| what.is_empty());
        let one = self.shape == Shape::WideByEntity || self.shape == Shape::WideByYear && bare;
        let exported = self.shape == Shape::NbsExport && self.value.is_some();
        if one || exported {
            lines.push("value = \"value\"  # what the cells hold".to_owned());
        }
        if self.shape == Shape::WideByVariable
            && let Some(name) = self.columns.iter().find(|name| is_variable(name))
        {
            lines.push(format!("variables = {}", quoted(name)));
        }
        lines.push("tier = \"real\"".to_owned());
        lines.join("\n") + "\n"
    }
}

impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} seems to be {}.", self.file, self.shape)?;
        for line in &self.because {
            writeln!(f, "  {line}")?;
        }
        if !self.text.is_empty() {
            writeln!(f, "  text: {}", self.text.join(", "))?;
        }
        if let Some((sheet, others)) = self.sheets.split_first() {
            write!(f, "  sheet `{sheet}`")?;
            if !others.is_empty() {
                write!(f, "; `sheet` may name another: {}", others.join(", "))?;
            }
            writeln!(f)?;
        }
        if !self.header.is_empty() {
            let rows: Vec<String> = self.header.iter().map(u32::to_string).collect();
            writeln!(f, "  header in row {}: {}", rows.join(" and "), {
                let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
                brief(&names)
            })?;
        }
        if let Some(value) = &self.value {
            writeln!(f, "  the title says what the cells hold: {value}")?;
        }
        if !self.cells.is_empty() {
            let cells: Vec<String> =
                self.cells.iter().map(|(at, text)| format!("{at} {text}")).collect();
            writeln!(f, "  it begins {}", cells.join(", "))?;
        }
        write!(f, "\n{}", self.toml())
    }
}
