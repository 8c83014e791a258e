//! What one file holds: the part that text and Parquet files share.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use panel::{Column, Factor, Index, Name, Panel};

use crate::error::{Place, unknown};
use crate::text::Hints;
use crate::{EntityError, Error, Key, parquet, text};

/// A file: where it is, and what messages call it.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) path: &'a Path,
    pub(crate) name: &'a str,
    /// What the source says about its text.
    pub(crate) hints: Hints,
}

/// The rows of a file in its own order; not yet a panel.
pub(crate) struct Table<'a> {
    pub(crate) file: File<'a>,
    pub(crate) index: Index,
    pub(crate) columns: Vec<(Name, Column)>,
    /// Words in number columns that were read as missing.
    pub(crate) words: BTreeMap<String, usize>,
    /// What deserves mention about the file.
    pub(crate) notes: Vec<String>,
}

/// What the account says of the reading of a file.
pub(crate) struct Reading {
    pub(crate) words: BTreeMap<String, usize>,
    pub(crate) notes: Vec<String>,
}

/// Which columns of a file to read, by position.
pub(crate) struct Selection {
    pub(crate) entity: Option<usize>,
    pub(crate) period: Option<usize>,
    pub(crate) columns: Vec<usize>,
}

impl<'a> File<'a> {
    /// Reads the key and the named columns, or all.
    pub(crate) fn read(self, key: &Key, columns: Option<&[&str]>) -> Result<Table<'a>, Error> {
        let found = std::fs::metadata(self.path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::NotFound { path: self.path.to_owned() },
            _ => self.io(&error),
        })?;
        if found.is_dir() {
            return Err(Error::Folder { path: self.path.to_owned() });
        }
        match self.extension().as_str() {
            "csv" | "tsv" | "tab" | "txt" => text::read(self, key, columns),
            "parquet" => parquet::read(self, key, columns),
            _ => Err(Error::Format { file: self.name.to_owned() }),
        }
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
    fn extension(self) -> String {
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

impl Table<'_> {
    /// Sorts the rows; an entity that is observed twice in a period is an error, which says so of
    /// the `labels` that two rows had in the file, if they were two.
    pub(crate) fn into_panel(
        self,
        labels: impl Fn([usize; 2]) -> Option<[String; 2]>,
    ) -> Result<(Panel, Reading), Error> {
        let panel = Panel::new(self.index, self.columns).map_err(|error| match error {
            panel::Error::Duplicate { entity, period, rows } => {
                let [first, second] = rows.map(|row| self.file.place(row));
                match labels(rows) {
                    None => Error::Duplicate { first, second, entity, period },
                    Some(labels) => {
                        EntityError::Merged { first, second, labels, entity, period }.into()
                    }
                }
            }
            error => Error::Panel { at: self.file.name.to_owned(), error },
        })?;
        Ok((panel, Reading { words: self.words, notes: self.notes }))
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
    seen: HashMap<String, usize>,
    distinct: Vec<Option<String>>,
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
        let next = self.distinct.len();
        let known = match label {
            None => self.missing,
            Some(label) => self.seen.get(label).copied(),
        };
        self.rows.push(known.unwrap_or(next));
        if known.is_none() {
            self.distinct.push(label.map(str::to_owned));
            match label {
                None => self.missing = Some(next),
                Some(label) => drop(self.seen.insert(label.to_owned(), next)),
            }
        }
    }

    /// The distinct labels, in the order in which they were met.
    pub(crate) fn distinct(&self) -> impl Iterator<Item = &str> {
        self.distinct.iter().filter_map(Option::as_deref)
    }

    /// Puts the labels of later rows below these.
    pub(crate) fn append(&mut self, later: Self) {
        let before = self.rows.len();
        let codes: Vec<usize> = later
            .distinct
            .into_iter()
            .map(|label| {
                self.push(label.as_deref());
                self.rows[self.rows.len() - 1]
            })
            .collect();
        self.rows.truncate(before);
        self.rows.extend(later.rows.into_iter().map(|row| codes[row]));
    }

    pub(crate) fn into_category(self) -> Factor {
        Factor::from_names(self.distinct.iter().map(Option::as_deref)).select(&self.rows)
    }

    /// Entities: whole numbers, if every label is one as it would be printed; else names.
    pub(crate) fn into_entity(self) -> Factor {
        let number = |label: &Option<String>| {
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
