//! What one file holds: the part that all formats share, and which format is whose.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use panel::{Column, Factor, Index, Name, Panel};

use crate::account::ValueLabels;
use crate::error::{Place, unknown};
use crate::grid;
use crate::shape::long::Origins;
use crate::shape::{Layout, Shape};
use crate::text::Hints;
use crate::{EntityError, Error, Key, Reading, dta, parquet, shape, text, workbook};

/// A file: where it is, and what messages call it.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) path: &'a Path,
    pub(crate) name: &'a str,
    /// What the source says about its text.
    pub(crate) hints: Hints,
    /// Is told how many bytes of a text file were read since it was told last.
    pub(crate) watch: Option<Watch<'a>>,
}

/// Whoever wants to know how far reading is.
pub(crate) type Watch<'a> = &'a (dyn Fn(u64) + Sync);

/// The rows of a file in its own order, or of several one after the other; not yet a panel.
pub(crate) struct Table<'a> {
    /// The files, in the order of their rows; at least one.
    pub(crate) segments: Vec<Segment<'a>>,
    pub(crate) index: Index,
    pub(crate) columns: Vec<(Name, Column)>,
    /// Words in number columns that were read as missing.
    pub(crate) words: BTreeMap<String, usize>,
    /// What deserves mention about the file.
    pub(crate) notes: Vec<String>,
    /// What columns mean, where the file says so.
    pub(crate) labels: BTreeMap<Name, String>,
    /// What codes of columns mean, where the file says so; none of strings.
    pub(crate) value_labels: BTreeMap<Name, ValueLabels>,
}

/// The rows of one file within a table.
pub(crate) struct Segment<'a> {
    pub(crate) file: File<'a>,
    pub(crate) rows: usize,
    /// Where rows and cells stand, if the rows of the table are not those of the file.
    pub(crate) origins: Option<Origins>,
}

/// Which columns of a file to read, by position.
pub(crate) struct Selection {
    pub(crate) entity: Option<usize>,
    pub(crate) period: Option<usize>,
    pub(crate) columns: Vec<usize>,
}

impl<'a> File<'a> {
    /// Reads the key and the named columns, or all.
    pub(crate) fn read(
        self,
        key: &Key,
        columns: Option<&[Name]>,
        layout: &Layout,
    ) -> Result<(Table<'a>, Option<Reading>), Error> {
        let found = std::fs::metadata(self.path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::NotFound { path: self.path.to_owned() },
            _ => self.io(&error),
        })?;
        if found.is_dir() {
            return Err(Error::Folder { path: self.path.to_owned() });
        }
        let names: Option<Vec<&str>> =
            columns.map(|columns| columns.iter().map(String::as_str).collect());
        let names = names.as_deref();
        match self.extension().as_str() {
            "csv" | "tsv" | "tab" | "txt"
                if layout.shape == Shape::Tidy && layout.header.is_empty() =>
            {
                Ok((text::read(self, key, names, &layout.missing)?, None))
            }
            "csv" | "tsv" | "tab" | "txt" => {
                let (grid, notes) = workbook::text_grid(self)?;
                let (mut table, reading) = self.read_grid(&grid, layout)?;
                table.notes = notes;
                Ok((table, reading))
            }
            "parquet" => Ok((parquet::read(self, key, names)?, None)),
            "dta" => Ok((dta::read(self, key, names)?, None)),
            "xlsx" | "xlsm" | "xls" => {
                let cells = layout.cells.unwrap_or(workbook::CELLS);
                let grid = workbook::read(self, layout.sheet.as_deref(), cells)?;
                self.read_grid(&grid, layout)
            }
            _ => Err(Error::Format { file: self.name.to_owned() }),
        }
    }

    /// The table on a grid, in its shape.
    fn read_grid(
        self,
        grid: &grid::Grid,
        layout: &Layout,
    ) -> Result<(Table<'a>, Option<Reading>), Error> {
        let (mut long, reading) = shape::read(grid, layout)?;
        let words = std::mem::take(&mut long.words);
        let done = long.finish()?;
        let name = |own: &Option<Name>, other: &str| own.clone().unwrap_or_else(|| other.into());
        let index = Index {
            entity_name: name(&layout.entity, "_row"),
            entity: done.entity,
            period_name: name(&layout.period, "_t"),
            period: done.period,
        };
        let rows = index.period.len();
        let segments = vec![Segment { file: self, rows, origins: Some(done.origins) }];
        let columns = done.columns;
        Ok((
            Table { segments, words, ..Table::new(self, index, columns, BTreeMap::new()) },
            Some(reading),
        ))
    }

    /// Where a row, counted from 0, stands; reads a text file again to find its line.
    pub(crate) fn place(self, row: usize) -> Place {
        match self.extension().as_str() {
            "csv" | "tsv" | "tab" | "txt" => {
                Place::Line(self.name.to_owned(), text::line(self, row).unwrap_or(0))
            }
            _ => Place::Row(self.name.to_owned(), row as u64 + 1),
        }
    }

    pub(crate) fn io(self, error: &std::io::Error) -> Error {
        Error::Io { path: self.path.to_owned(), reason: error.to_string() }
    }

    /// What the name ends in, without that of the compression of a text.
    pub(crate) fn extension(self) -> String {
        let ending =
            |path: &Path| path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match ending(self.path).as_str() {
            packed @ ("gz" | "zst") => {
                match ending(Path::new(self.path.file_stem().unwrap_or_default())).as_str() {
                    text @ ("csv" | "tsv" | "tab" | "txt") => text.to_owned(),
                    _ => packed.to_owned(),
                }
            }
            plain => plain.to_owned(),
        }
    }

    /// Finds the key and the columns to load in a header.
    pub(crate) fn select(
        self,
        header: &[&str],
        key: &Key,
        columns: Option<&[&str]>,
    ) -> Result<Selection, Error> {
        let file = || self.name.to_owned();
        let mut at = HashMap::new();
        for (position, &name) in header.iter().enumerate() {
            if !name.is_empty()
                && let Some(first) = at.insert(name, position)
            {
                let positions = [first + 1, position + 1];
                return Err(Error::TwoColumns { file: file(), column: name.to_owned(), positions });
            }
        }
        let find = |name: &str| {
            let unknown = || unknown(self.name, name, header.iter().copied());
            at.get(name).copied().ok_or_else(unknown)
        };
        let entity = key.entity.as_deref().map(find).transpose()?;
        let period = key.period.as_deref().map(find).transpose()?;
        let mut wanted: Vec<usize> = match columns {
            Some(columns) => columns.iter().map(|name| find(name)).collect::<Result<_, _>>()?,
            None => (0..header.len()).collect(),
        };
        wanted.retain(|&column| Some(column) != entity && Some(column) != period);
        if let Some(&unnamed) = wanted.iter().find(|&&column| header[column].is_empty()) {
            return Err(Error::Unnamed { file: file(), position: unnamed + 1 });
        }
        Ok(Selection { entity, period, columns: wanted })
    }
}

impl<'a> Table<'a> {
    /// The table of a file whose rows are its own.
    pub(crate) fn new(
        file: File<'a>,
        index: Index,
        columns: Vec<(Name, Column)>,
        words: BTreeMap<String, usize>,
    ) -> Self {
        let segments = vec![Segment { file, rows: index.period.len(), origins: None }];
        let (labels, value_labels) = (BTreeMap::new(), BTreeMap::new());
        Self { segments, index, columns, words, notes: Vec::new(), labels, value_labels }
    }

    /// Where a row of the table stands.
    pub(crate) fn place(&self, row: usize) -> Place {
        let Some((segment, row)) = self.segment(row) else {
            return self.segments[0].file.place(row);
        };
        match &segment.origins {
            None => segment.file.place(row),
            Some(origins) => {
                grid::place(segment.file.name, origins.sheet.as_deref(), origins.rows[row])
            }
        }
    }

    /// Where a cell of a column stands: its own place if that is not the row's.
    pub(crate) fn cell(&self, row: usize, column: &str) -> Place {
        let own = self.segment(row).and_then(|(segment, row)| {
            let origins = segment.origins.as_ref()?;
            let at = (*origins.columns.get(column)?.get(row)?)?;
            Some(grid::place(segment.file.name, origins.sheet.as_deref(), at))
        });
        own.unwrap_or_else(|| self.place(row))
    }

    /// The file of a row, and the row within it.
    pub(crate) fn segment(&self, row: usize) -> Option<(&Segment<'a>, usize)> {
        let mut row = row;
        for segment in &self.segments {
            if row < segment.rows {
                return Some((segment, row));
            }
            row -= segment.rows;
        }
        None
    }

    /// Sorts the rows; an entity that is observed twice in a period is an error, which says so of
    /// the `labels` that two rows had in the file, if they were two.
    pub(crate) fn into_panel(
        mut self,
        labels: impl Fn([usize; 2]) -> Option<[String; 2]>,
    ) -> Result<(Panel, Said), Error> {
        let mut columns = std::mem::take(&mut self.columns);
        // Taken one by one: after a duplicate, none was taken yet.
        let taken = columns.iter_mut().map(|(name, column)| {
            (std::mem::take(name), std::mem::replace(column, Column::Number(Vec::new())))
        });
        let index = std::mem::replace(&mut self.index, none());
        let panel = Panel::new(index, taken);
        let panel = panel.map_err(|error| match error {
            panel::Error::Duplicate { entity, period, rows } => {
                let [first, second] = rows.map(|row| self.place(row));
                if let Some(labels) = labels(rows) {
                    return EntityError::Merged { first, second, labels, entity, period }.into();
                }
                let apart = columns.iter().find(|(_, column)| differ(column, rows[0], rows[1]));
                // The two cells that differ, where a table knows its cells.
                let [first, second] = match apart {
                    Some((name, _)) => rows.map(|row| self.cell(row, name)),
                    None => [first, second],
                };
                let differs = apart.map(|(name, _)| name.as_str().into());
                let second = Box::new(second);
                Error::Duplicate { first, second, entity, period, differs }
            }
            error => Error::Panel { at: self.segments[0].file.name.to_owned(), error },
        })?;
        let Self { words, notes, labels, value_labels, .. } = self;
        Ok((panel, Said { words, notes, labels, value_labels }))
    }
}

/// What is to be said of a table once it is a panel.
pub(crate) struct Said {
    pub(crate) words: BTreeMap<String, usize>,
    pub(crate) notes: Vec<String>,
    pub(crate) labels: BTreeMap<Name, String>,
    pub(crate) value_labels: BTreeMap<Name, ValueLabels>,
}

fn none() -> Index {
    let entity = Factor::from_names([]);
    Index { entity_name: Name::new(), entity, period_name: Name::new(), period: Vec::new() }
}

fn differ(column: &Column, a: usize, b: usize) -> bool {
    match column {
        Column::Number(x) => x[a].to_bits() != x[b].to_bits() && !(x[a].is_nan() && x[b].is_nan()),
        Column::Category(factor) => factor.codes()[a] != factor.codes()[b],
    }
}

/// Who and when: what the file says, and running numbers for what it does not.
pub(crate) fn index(
    key: &Key,
    rows: usize,
    entity: Option<Factor>,
    period: Option<Vec<i32>>,
) -> Index {
    let own = || Factor::from_numbers(&(1..).take(rows).collect::<Vec<i64>>());
    let entity = entity.unwrap_or_else(own);
    let period = period.unwrap_or_else(|| {
        let mut seen = vec![0; entity.n_levels()];
        let next = |&code: &u32| {
            seen[code as usize] += 1;
            seen[code as usize]
        };
        entity.codes().iter().map(next).collect()
    });
    Index {
        entity_name: key.entity.clone().unwrap_or_else(|| "_row".into()),
        entity,
        period_name: key.period.clone().unwrap_or_else(|| "_t".into()),
        period,
    }
}

/// Labels met one by one; each distinct one is kept once.
#[derive(Default)]
pub(crate) struct Labels {
    seen: HashMap<Arc<str>, usize>,
    distinct: Vec<Option<Arc<str>>>,
    rows: Vec<usize>,
    missing: Option<usize>,
}

impl Labels {
    pub(crate) fn push(&mut self, label: Option<&str>) {
        // Rows of an entity often follow one another.
        if let Some(&last) = self.rows.last()
            && self.distinct[last].as_deref() == label
        {
            self.rows.push(last);
            return;
        }
        let known = match label {
            None => self.missing,
            Some(label) => self.seen.get(label).copied(),
        };
        let at = known.unwrap_or_else(|| self.add(label.map(Arc::from)));
        self.rows.push(at);
    }

    /// A label that was not met before: its place.
    fn add(&mut self, label: Option<Arc<str>>) -> usize {
        let at = self.distinct.len();
        match &label {
            None => self.missing = Some(at),
            Some(label) => drop(self.seen.insert(Arc::clone(label), at)),
        }
        self.distinct.push(label);
        at
    }

    /// The distinct labels, in the order in which they were met.
    pub(crate) fn distinct(&self) -> impl Iterator<Item = &str> {
        self.distinct.iter().filter_map(Option::as_deref)
    }

    /// Puts the labels of later rows below these.
    pub(crate) fn append(&mut self, later: Self) {
        let place = |label: Option<Arc<str>>| {
            let known = match &label {
                None => self.missing,
                Some(label) => self.seen.get(label).copied(),
            };
            known.unwrap_or_else(|| self.add(label))
        };
        let places: Vec<usize> = later.distinct.into_iter().map(place).collect();
        self.rows.extend(later.rows.into_iter().map(|row| places[row]));
    }

    pub(crate) fn into_category(self) -> Factor {
        Factor::from_names(self.distinct.iter().map(Option::as_deref)).select(&self.rows)
    }

    /// Entities: whole numbers, if every label is one as it would be printed; else names.
    pub(crate) fn into_entity(self) -> Factor {
        let number = |label: &Option<Arc<str>>| {
            let label = label.as_deref()?;
            label.parse().ok().filter(|number: &i64| number.to_string() == label)
        };
        match self.distinct.iter().map(number).collect::<Option<Vec<i64>>>() {
            Some(numbers) => Factor::from_numbers(&numbers).select(&self.rows),
            None => self.into_category(),
        }
    }
}

/// A period from a number, if it is whole and in range.
pub(crate) fn whole(x: f64) -> Option<i32> {
    let in_range = x.fract() == 0.0 && x >= f64::from(i32::MIN) && x <= f64::from(i32::MAX);
    // Exact: the line above has checked it.
    #[allow(clippy::cast_possible_truncation)]
    in_range.then_some(x as i32)
}

/// Beyond this, neighbouring whole numbers are one `f64`.
pub(crate) const EXACT: f64 = 9_007_199_254_740_992.0;
