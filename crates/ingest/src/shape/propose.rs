//! What a file seems to be, and why.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use panel::Name;

use crate::grid::{At, Cell, Grid, address};
use crate::shape::header::{self, Header, Wanted};
use crate::shape::{Layout, Shape, number};
use crate::table::File;
use crate::text::{Hints, is_missing};
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
    /// Texts among the figures that seem to say that there is no value.
    pub missing: Vec<String>,
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
        missing: Vec::new(),
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
    // Rows of data hold years, too: the header is where the table begins.
    let begins = grid.rows().find(|(_, cells)| cells.len() > 1).map_or(0, |(row, _)| row);
    let layout = Layout { shape: Shape::WideByYear, ..Layout::default() };
    let wide = header::find(grid, &layout, &Wanted::Years).ok();
    let header = if let Some(header) = wide.filter(|header| header.rows.contains(&begins)) {
        by_year(grid, &header, proposal);
        header
    } else {
        let header = header::find(grid, &Layout::default(), &Wanted::Names(Vec::new()))?;
        by_row(grid, &header, proposal);
        header
    };
    proposal.header = header.rows.iter().map(|row| row + 1).collect();
    proposal.columns = header.names.iter().map(|(_, name)| name.clone()).collect();
    for &row in header.body.iter().take(2) {
        for (column, cell) in grid.row(row).iter().take(4) {
            proposal.cells.push((address((row, *column)), cell.text()));
        }
    }
    marks(grid, &header, proposal);
    if !header.above.is_empty() || !header.below.is_empty() {
        let count = plural(header.above.len() + header.below.len(), "line");
        proposal.because.push(format!("{count} above or below the table will be left out"));
    }
    Ok(())
}

/// Cells without a letter or a digit, or that say so.
fn marks(grid: &Grid, header: &Header, proposal: &mut Proposal) {
    let mut found: BTreeMap<&str, (usize, At)> = BTreeMap::new();
    for &row in &header.body {
        for (column, cell) in grid.row(row) {
            if let Cell::Text(text) = cell
                && is_mark(text.trim())
            {
                found.entry(text.trim()).or_insert((0, (row, *column))).0 += 1;
            }
        }
    }
    for (mark, (count, at)) in found {
        let cells = plural(count, "cell");
        let line = format!("{cells} \"{mark}\", the first {}, may stand for no value", address(at));
        proposal.because.push(line);
        proposal.missing.push(mark.to_owned());
    }
}

fn is_mark(text: &str) -> bool {
    let words = ["n.a.", "n/a", "#n/a", "n.d."];
    let known = text.is_empty() || is_missing(text);
    !known
        && (!text.contains(char::is_alphanumeric)
            || words.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

/// A table whose header names years.
fn by_year(grid: &Grid, header: &Header, proposal: &mut Proposal) {
    let names: Vec<&str> = header.names.iter().map(|(_, name)| name.as_str()).collect();
    let is_year = |name: &&str| number::stub(name).is_some();
    let years: Vec<&str> = names.iter().copied().filter(is_year).collect();
    let verb = if years.len() == 1 { "names a year" } else { "name years" };
    proposal.because.push(format!("{} {verb}: {}", plural(years.len(), "column"), brief(&years)));
    let title = |words: &[&str]| header.title(grid, words).map(|(title, _)| title);
    proposal.value = title(&["指标：", "指标:"]);
    let named = |is: fn(&str) -> bool| names.iter().find(|name| is(name)).copied();
    proposal.shape = if let Some(database) = title(&["数据库：", "数据库:"]) {
        proposal.because.push(format!("a line above names the database: {database}"));
        Shape::NbsExport
    } else if let Some(name) = named(is_variable) {
        proposal.because.push(format!("`{name}` names variables"));
        Shape::WideByVariable
    } else {
        Shape::WideByYear
    };
    proposal.entity = named(is_entity).map(str::to_owned);
}

/// A table whose rows say when.
fn by_row(grid: &Grid, header: &Header, proposal: &mut Proposal) {
    let column = |at: u32| header.body.iter().filter_map(move |&row| grid.get((row, at)));
    let years = |at: u32| {
        let year =
            |cell: &Cell| matches!(cell, Cell::Date(..)) || number::year(&cell.text()).is_some();
        column(at).next().is_some() && column(at).all(year)
    };
    let words = |at: u32| {
        column(at).any(|cell| matches!(cell, Cell::Text(text) if number::read(text).is_none()))
    };
    let names = &header.names;
    let when = names.iter().find(|(at, name)| is_period(name) || years(*at));
    let who = names.iter().find(|(_, name)| is_entity(name));
    let who = who.or_else(|| names.iter().find(|(at, _)| words(*at)));
    proposal.period = when.map(|(_, name)| name.clone());
    proposal.entity = who.map(|(_, name)| name.clone());
    if let Some((_, name)) = when {
        proposal.because.push(format!("`{name}` holds years"));
    }
    match (when, who) {
        (_, Some((_, name))) => proposal.because.push(format!("`{name}` holds names")),
        (Some((at, _)), None) if *at == names[0].0 && names.len() > 2 => {
            proposal.because.push("no column holds names".into());
            proposal.shape = Shape::WideByEntity;
        }
        _ => {}
    }
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
        if !self.missing.is_empty() {
            let marks: Vec<String> = self.missing.iter().map(|mark| quoted(mark)).collect();
            lines.push(format!("missing = [{}]", marks.join(", ")));
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
