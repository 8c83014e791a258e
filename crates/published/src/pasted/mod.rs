//! Pasted tables: from cells of text to a transcription, with a remark about all that was not read.
//!
//! ```text
//! delimited ┐
//! aligned   │
//! markdown  ├─▶ Grid ─header, legend─▶ columns, brackets, stars ─body, table─▶ Table
//! latex     ┘   (a sheet comes as a Grid)
//! ```
//!
//! Nothing is guessed that would change a check: what is no number is words and said, brackets and
//! stars mean what a line below the table says, or nothing.

mod aligned;
mod around;
mod body;
mod cell;
mod delimited;
mod error;
mod grid;
mod gutters;
mod header;
mod latex;
mod legend;
mod markdown;
mod pairs;
mod table;
mod tex;
mod words;

pub use error::PasteError;
pub use grid::{Grid, GridRow};

use grid::Size;
use pairs::Pairs;

use crate::{Paper, Table, Transcription};

/// A transcription of what was pasted.
#[derive(Debug, Clone, PartialEq)]
pub struct Pasted {
    /// The tables.
    pub transcription: Transcription,
    /// What was not read, or read in one of several ways, with its place; in the order of the text.
    pub remarks: Vec<String>,
}

impl Transcription {
    /// Reads tables that someone pasted: CSV and the like, Markdown, or LaTeX, whichever it is.
    ///
    /// A regression has a row of its own a regressor or statistic, and brackets in the cell, in the row
    /// below or in a column of their own. Columns are called by the number that the header gives them.
    /// What brackets and stars mean is taken from the lines around the table (`Standard errors in
    /// parentheses`, `*** p<0.01, ** p<0.05, * p<0.1`). Tables of moments, of weights and of threshold
    /// tests are known by their headers.
    ///
    /// `name` is what places in messages begin with: `table.csv:3`.
    ///
    /// # Errors
    ///
    /// [`PasteError`] if there is no table, if rows and brackets do not fit together, or if it is larger
    /// than any printed table. A cell that is no number is no error but a remark.
    ///
    /// ```
    /// use published::Transcription;
    ///
    /// let text = "\
    /// ,(1),(2)
    /// Rec,0.0340***,0.0088***
    /// ,(0.0041),(0.0031)
    /// N,270,270
    /// Standard errors in parentheses. *** p<0.01";
    /// let error = Transcription::pasted("table.csv", text).map(drop);
    /// assert_eq!(error, Ok(()));
    /// let pasted = Transcription::pasted("table.csv", text).expect("a table");
    /// let cell = pasted.transcription.cell("1", "Rec", "(2)").expect("a cell");
    /// assert_eq!(cell.to_string(), "0.0088*** (0.0031)");
    /// ```
    pub fn pasted(name: &str, text: &str) -> Result<Pasted, PasteError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let grids = if latex::is(text) {
            latex::read(name, text)?
        } else if markdown::is(text) {
            markdown::read(name, text)?
        } else {
            let delimiter = delimited::delimiter(text);
            if aligned::is(text, delimiter) {
                aligned::read(name, text)?
            } else if aligned::is_spaced(text, delimiter) {
                aligned::spaced(name, text)?
            } else {
                vec![delimited::read(name, text)?]
            }
        };
        Self::from_grids(name, &grids)
    }

    /// Reads tables from cells, as a sheet of a workbook has them; see [`Transcription::pasted`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn from_grids(name: &str, grids: &[Grid]) -> Result<Pasted, PasteError> {
        let mut remarks = Vec::new();
        let mut tables: Vec<Table> = Vec::new();
        let one = grids.iter().flat_map(|grid| &grid.rows).any(header::of_estimates);
        let mut stated = Pairs::default();
        let mut estimates = Vec::new();
        for grid in grids {
            // The rows of a workbook come from elsewhere.
            let mut size = Size::default();
            grid.rows.iter().try_for_each(|row| size.admit(name, row))?;
            for mut grid in split(grid) {
                if one {
                    stated.extend(pairs::taken(&mut grid));
                }
                let said = grid.above.iter().find_map(|line| grid::number_of(line));
                let fresh = |id: &String| tables.iter().all(|table| table.id != *id);
                let id = said.filter(fresh).unwrap_or_else(|| {
                    (1..=tables.len() + 1).map(|n| n.to_string()).rfind(fresh).unwrap_or_default()
                });
                for mut table in table::read(&grid, &id, &mut remarks)? {
                    if grid.rows.iter().any(header::of_estimates) {
                        estimates.push(tables.len());
                    }
                    while tables.iter().any(|other| other.id == table.id) {
                        table.id.push('′');
                    }
                    tables.push(table);
                }
            }
        }
        match estimates.as_slice() {
            &[only] => tables[only].take(stated, &mut remarks)?,
            _ if !stated.is_empty() => remarks.push(
                "statistics beside several tables of estimates are not used; paste one at a time"
                    .to_owned(),
            ),
            _ => {}
        }
        if tables.is_empty() {
            return Err(PasteError::NoTable { file: name.to_owned() });
        }
        let stem = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let paper = Paper {
            id: stem
                .split('.')
                .next()
                .filter(|stem| !stem.is_empty())
                .unwrap_or("pasted")
                .to_owned(),
            title: stem.to_owned(),
            authors: Vec::new(),
            doi: None,
            published: None,
            panel: None,
        };
        let transcription = Transcription { paper, tables, series: Vec::new(), claims: Vec::new() };
        Ok(Pasted { transcription, remarks })
    }
}

/// A grid at every title, and at every header below a blank row; lines of one cell at the top are
/// above the table.
fn split(grid: &Grid) -> Vec<Grid> {
    let mut grids = vec![Grid { above: grid.above.clone(), ..Grid::default() }];
    let mut blank = false;
    for row in &grid.rows {
        let Some(last) = grids.last_mut() else { continue };
        let lone = lines(row);
        let begun = !last.rows.is_empty();
        if row.filled().next().is_none() {
            blank = true;
        } else if let Some(title) = lone.clone().filter(|text| begun && grid::is_title(text)) {
            grids.push(Grid { above: vec![title], ..Grid::default() });
        } else if let Some(text) = lone.filter(|_| !begun) {
            last.above.push(text);
        } else if begun
            && (blank || header::of_estimates(row))
            && header::begins(row)
            && last.rows.iter().any(header::has_number)
        {
            grids.push(Grid { rows: vec![row.clone()], ..Grid::default() });
            blank = false;
        } else {
            last.rows.push(row.clone());
            blank = false;
        }
    }
    if let Some(last) = grids.last_mut() {
        last.below.clone_from(&grid.below);
    }
    grids
}

/// The text of a row that is a line and no row: one cell, or a title that commas divided.
fn lines(row: &GridRow) -> Option<String> {
    let numbers = row
        .filled()
        .any(|(j, text)| j > 0 && (header::is_number(text) || words::ordinal(text).is_some()));
    let title = grid::is_title(row.text(0)) && !numbers;
    row.lone().map(str::to_owned).or_else(|| title.then(|| row.joined()))
}
