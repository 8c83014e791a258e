//! A paper's tables and what their author knows of them, and both as TOML.

use std::fmt::Write as _;

use panel::Name;

use super::column::Ask;
use super::regression::Tests;

/// Year, value, growth over the year before.
pub type Stated = (i32, String, Option<String>);

/// Tables, and the truth about their columns.
#[derive(Debug, Clone, Default)]
pub struct Paper {
    /// Units and periods, if the paper says how many it has.
    pub panel: Option<(usize, i32, i32)>,
    pub tables: Vec<Table>,
    /// What is stated of a figure, by year.
    pub series: Vec<Stated>,
    pub columns: Vec<Facts>,
    pub mediations: Vec<Mediation>,
    /// Tables of moments, each with the rows of the panel it is of.
    pub moments: Vec<(String, Vec<usize>)>,
    /// Variables, whether they are whole numbers, and between what they lie.
    pub variables: Vec<(String, bool, [f64; 2])>,
    /// Cells and what they add up to.
    pub sums: Vec<(Vec<String>, f64)>,
    /// Decimals of estimates, where they are fixed.
    pub decimals: Option<usize>,
    /// What stars come from.
    pub tests: Tests,
    /// What was made, in a few words.
    pub about: Vec<String>,
}

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub id: String,
    pub kind: &'static str,
    pub uncertainty: Option<&'static str>,
    pub stars: Vec<f64>,
    /// Headers, those of the labels first.
    pub columns: Vec<String>,
    pub stub: usize,
    pub dependent: Vec<String>,
    pub rows: Vec<Row>,
    pub threshold: Option<(String, String)>,
    pub effects: Option<[String; 3]>,
}

#[derive(Debug, Clone)]
pub struct Row {
    pub labels: Vec<String>,
    pub cells: Vec<Cell>,
    /// Whether it is one of coefficients.
    pub slopes: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Words(String),
    Number { estimate: String, stars: usize, uncertainty: Option<String> },
}

/// What the author knows of a column.
#[derive(Debug, Clone)]
pub struct Facts {
    /// `table/column`.
    pub id: String,
    pub n: usize,
    pub n_printed: bool,
    pub outcome: String,
    /// Effects whose coefficients are not printed.
    pub absorbs: Vec<Name>,
    /// Some of these are indicators, so that the constant depends on the level left out.
    pub indicators: bool,
    pub errors: &'static str,
    pub clusters: Option<usize>,
    pub unprinted: usize,
    pub estimator: &'static str,
    /// Rows of the panel, and what weighs them.
    pub rows: Vec<usize>,
    pub weights: Option<String>,
    pub ask: Ask,
}

/// The columns of a mediation.
#[derive(Debug, Clone)]
pub struct Mediation {
    pub mediator: String,
    pub first: String,
    pub second: String,
    pub total: String,
    pub treatment: String,
    /// The table that prints the effects.
    pub effects: Option<String>,
}

impl Cell {
    pub fn blank() -> Self {
        Self::Words(String::new())
    }

    pub fn number(text: impl Into<String>) -> Self {
        Self::Number { estimate: text.into(), stars: 0, uncertainty: None }
    }

    pub fn text(&self) -> String {
        match self {
            Self::Words(words) => words.clone(),
            Self::Number { estimate, stars, uncertainty } => {
                let brackets = uncertainty.as_ref().map(|inside| format!(" ({inside})"));
                format!("{estimate}{}{}", "*".repeat(*stars), brackets.unwrap_or_default())
            }
        }
    }
}

impl Row {
    pub fn new(label: impl Into<String>, cells: Vec<Cell>) -> Self {
        Self { labels: vec![label.into()], cells, slopes: false }
    }

    /// A row of coefficients.
    pub fn slopes(label: impl Into<String>, cells: Vec<Cell>) -> Self {
        Self { slopes: true, ..Self::new(label, cells) }
    }

    pub fn label(&self) -> &str {
        self.labels.last().map_or("", String::as_str)
    }
}

impl Paper {
    /// The transcription, as TOML.
    pub fn toml(&self) -> String {
        let mut out = "[paper]\nid = \"made\"\ntitle = \"Made\"\nauthors = [\"A\"]\n".to_owned();
        if let Some((units, first, last)) = self.panel {
            let _ = writeln!(
                out,
                "panel = {{ unit = \"unit\", units = {units}, time = \"year\", first = {first}, last = {last} }}"
            );
        }
        for table in &self.tables {
            table.write(&mut out);
        }
        if !self.series.is_empty() {
            let _ = writeln!(out, "\n[[series]]\nid = \"figure\"\ntitle = \"Figure\"\nvalues = [");
            for (year, value, growth) in &self.series {
                let growth = growth
                    .as_ref()
                    .map(|growth| format!(", growth = {growth:?}"))
                    .unwrap_or_default();
                let _ = writeln!(
                    out,
                    "  {{ year = {year}, name = \"total\", value = {value:?}, unit = \"yuan\"{growth} }},"
                );
            }
            let _ = writeln!(out, "]");
        }
        out
    }
}

impl Table {
    fn write(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "\n[[table]]\nid = {:?}\ntitle = \"Table\"\nkind = {:?}",
            self.id, self.kind
        );
        if let Some(uncertainty) = self.uncertainty {
            let _ = writeln!(out, "uncertainty = {uncertainty:?}");
        }
        if !self.stars.is_empty() {
            let _ = writeln!(out, "stars = {:?}", self.stars);
        }
        if let Some((variable, value)) = &self.threshold {
            let _ = writeln!(out, "threshold = {{ variable = {variable:?}, value = {value:?} }}");
        }
        let _ = writeln!(out, "columns = {:?}", self.columns);
        if !self.dependent.is_empty() {
            let _ = writeln!(out, "dependent = {:?}", self.dependent);
        }
        let _ = writeln!(out, "rows = [");
        for row in &self.rows {
            let strings: Vec<String> =
                row.labels.iter().cloned().chain(row.cells.iter().map(Cell::text)).collect();
            let _ = writeln!(out, "  {strings:?},");
        }
        let _ = writeln!(out, "]");
        if let Some([total, direct, indirect]) = &self.effects {
            let _ = writeln!(
                out,
                "effects = {{ total = {total:?}, direct = {direct:?}, indirect = {indirect:?} }}"
            );
        }
    }

    /// Whether the brackets hold t statistics with their signs.
    pub fn signed(&self) -> bool {
        self.rows.iter().filter(|row| row.slopes).flat_map(|row| &row.cells).any(
            |cell| match cell {
                Cell::Number { uncertainty: Some(inside), .. } => inside.starts_with(['-', '−']),
                _ => false,
            },
        )
    }

    /// The headers of the cells.
    pub fn headers(&self) -> &[String] {
        &self.columns[self.stub..]
    }
}
