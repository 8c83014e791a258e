//! A table as data: what it says, not how it looks.

/// A table with a stub at the left.
///
/// Column 0 is the stub; a head or a row that is shorter than the widest one is blank at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What the table is called: `Table 3. Baseline regression results`.
    pub title: String,
    /// What the reader must know before reading: the response, the sample.
    pub caption: Option<String>,
    /// Rows of heads, the stub's head first.
    pub heads: Vec<Vec<Head>>,
    /// Rows, group headings and rules, from the top.
    pub rows: Vec<Row>,
    /// Notes under the table, a paragraph each.
    pub notes: Vec<String>,
}

/// A heading over one or more columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What it says.
    pub text: String,
    /// Columns it spans, at least one.
    pub span: usize,
}

/// One entry of a table's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A label and its cells.
    Cells {
        /// The row's label.
        stub: Cell,
        /// One cell a column.
        cells: Vec<Cell>,
    },
    /// A heading over the rows that follow: `Panel A`.
    Group(String),
    /// A rule between groups of rows.
    Rule,
}

/// Text in one or more lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Lines from the top; none if the cell is blank.
    pub lines: Vec<String>,
    /// Where the lines stand in the column.
    pub align: Align,
    /// A sign after the last line.
    pub mark: Option<Mark>,
}

/// Where text stands in its column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right.
    Right,
    /// Decimal points below one another; what has no digit stands in the middle.
    Decimal,
}

/// A sign beside a cell, with a tone for renderers that have colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The sign; it says all without colour.
    pub sign: String,
    /// How it sounds.
    pub tone: Tone,
}

/// How a mark sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Nothing to see.
    Quiet,
    /// As it should be.
    Good,
    /// Look here.
    Caution,
    /// Wrong.
    Bad,
}

/// An empty table called `title`.
pub fn table(title: impl Into<String>) -> Table {
    Table { title: title.into(), ..Table::default() }
}

/// A heading over one column.
pub fn head(text: impl Into<String>) -> Head {
    spanning(text, 1)
}

/// A heading over `span` columns.
pub fn spanning(text: impl Into<String>, span: usize) -> Head {
    Head { text: text.into(), span: span.max(1) }
}

/// A row: `label` in the stub, then its cells.
pub fn row(label: impl Into<String>, cells: impl IntoIterator<Item = Cell>) -> Row {
    Row::Cells { stub: words(label), cells: cells.into_iter().collect() }
}

/// A heading over the rows that follow.
pub fn group(text: impl Into<String>) -> Row {
    Row::Group(text.into())
}

/// A cell of words, at the left. A newline starts a new line; `""` is a blank cell.
pub fn words(text: impl Into<String>) -> Cell {
    let text = text.into();
    Cell { lines: text.lines().map(str::to_owned).collect(), align: Align::Left, mark: None }
}

/// A cell of numbers, aligned at the decimal point. A newline starts a new line.
pub fn number(text: impl Into<String>) -> Cell {
    Cell { align: Align::Decimal, ..words(text) }
}

impl Cell {
    /// The cell with a sign after its last line.
    #[must_use]
    pub fn marked(self, sign: impl Into<String>, tone: Tone) -> Cell {
        Cell { mark: Some(Mark { sign: sign.into(), tone }), ..self }
    }
}

impl Table {
    /// The table with one more row of heads.
    #[must_use]
    pub fn heads(mut self, heads: impl IntoIterator<Item = Head>) -> Table {
        self.heads.push(heads.into_iter().collect());
        self
    }

    /// The table with more rows.
    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Table {
        self.rows.extend(rows);
        self
    }

    /// The table with one more note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Table {
        self.notes.push(note.into());
        self
    }

    /// Columns, the stub included; at least one.
    pub fn columns(&self) -> usize {
        let heads = self.heads.iter().map(|row| row.iter().map(|head| head.span.max(1)).sum());
        let rows = self.rows.iter().map(|row| match row {
            Row::Cells { cells, .. } => cells.len() + 1,
            Row::Group(_) | Row::Rule => 1,
        });
        heads.chain(rows).max().unwrap_or(1).max(1)
    }
}
