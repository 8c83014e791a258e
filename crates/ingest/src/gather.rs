//! From a source to one table: the files of its name, each in its shape, one after the other.

use std::collections::btree_map::Entry as Slot;
use std::path::{Path, PathBuf};

use panel::{Column, Factor, Name};

use crate::account::Entry;
use crate::error::ShapeError;
use crate::shape::{Layout, Shape, number};
use crate::table::{File, Table, Watch};
use crate::text::Hints;
use crate::{Error, Key, Source, Spec};

/// A file of a source: where it is, what messages call it, and what its name says.
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    entity: Option<String>,
    period: Option<i32>,
}

impl Found {
    pub(crate) fn file(&self, hints: Hints) -> File<'_> {
        File { path: &self.path, name: &self.name, hints, watch: None }
    }
}

/// The files of a source: one, or those that match its pattern, in the order of their names.
pub(crate) fn files(source: &Source, spec: &Spec, root: &Path) -> Result<Vec<Found>, Error> {
    let pattern = &source.file;
    let only =
        Found { path: root.join(pattern), name: pattern.clone(), entity: None, period: None };
    if !pattern.contains('{') || only.path.exists() {
        return Ok(vec![only]);
    }
    let parts: Vec<Part> = pattern
        .split('/')
        .map(|part| Part::parse(part, pattern, spec))
        .collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    walk(root, String::new(), &parts, (None, None), pattern, &mut found)?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if found.is_empty() {
        return Err(ShapeError::NoFiles { file: pattern.clone() }.into());
    }
    Ok(found)
}

/// A part of a path: as it is written, or with a placeholder between two texts.
enum Part {
    Plain(String),
    Any { before: String, after: String, is_entity: bool },
}

impl Part {
    fn parse(text: &str, file: &str, spec: &Spec) -> Result<Self, Error> {
        let wrong = |wrong| ShapeError::Pattern { file: file.to_owned(), wrong };
        let Some((before, rest)) = text.split_once('{') else {
            return Ok(Self::Plain(text.into()));
        };
        let (name, after) = rest.split_once('}').ok_or_else(|| wrong("a brace is not closed"))?;
        if after.contains('{') {
            return Err(
                wrong("a file's or folder's name has two placeholders; use one of them").into()
            );
        }
        let (entity, period) = (&spec.panel.entity, &spec.panel.period);
        if name != entity && name != period {
            let (file, name) = (file.to_owned(), name.to_owned());
            let (entity, period) = (entity.clone(), period.clone());
            return Err(ShapeError::Placeholder { file, name, entity, period }.into());
        }
        let (before, after) = (before.to_owned(), after.to_owned());
        Ok(Self::Any { before, after, is_entity: name == entity })
    }
}

type Named = (Option<String>, Option<i32>);

fn walk(
    folder: &Path,
    name: String,
    parts: &[Part],
    named: Named,
    pattern: &str,
    found: &mut Vec<Found>,
) -> Result<(), Error> {
    let below =
        |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}/{part}") };
    let Some((part, rest)) = parts.split_first() else {
        let (entity, period) = named;
        found.push(Found { path: folder.to_owned(), name, entity, period });
        return Ok(());
    };
    match part {
        Part::Plain(part) => {
            let path = folder.join(part);
            if path.exists() {
                walk(&path, below(part), rest, named, pattern, found)?;
            }
        }
        Part::Any { before, after, is_entity } => {
            let io = |error: std::io::Error| Error::Io {
                path: folder.to_owned(),
                reason: error.to_string(),
            };
            let entries = match std::fs::read_dir(folder) {
                Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Ok(()),
                entries => entries.map_err(io)?,
            };
            for entry in entries {
                let entry = entry.map_err(io)?;
                let Ok(text) = entry.file_name().into_string() else { continue };
                let caught = text.strip_prefix(before.as_str());
                let caught = caught.and_then(|rest| rest.strip_suffix(after.as_str()));
                let Some(caught) = caught.filter(|caught| !caught.is_empty()) else { continue };
                let mut named = named.clone();
                if *is_entity {
                    named.0 = Some(caught.to_owned());
                } else {
                    let (file, pattern) = (below(&text), pattern.to_owned());
                    let number = caught.parse().ok().or_else(|| number::year(caught));
                    let text = caught.to_owned();
                    named.1 = Some(number.ok_or(ShapeError::FilePeriod { file, pattern, text })?);
                }
                walk(&entry.path(), below(&text), rest, named, pattern, found)?;
            }
        }
    }
    Ok(())
}

/// The table of all files of a source, and what is to be said of them.
pub(crate) fn read<'a>(
    source: &Source,
    spec: &Spec,
    files: &'a [Found],
    watch: Option<Watch<'a>>,
) -> Result<(Table<'a>, Vec<Entry>), Error> {
    idle(source)?;
    let &Source { encoding, delimiter, decimal, thousands, .. } = source;
    let hints = Hints { encoding, delimiter, decimal, thousands };
    let mut table: Option<Table<'a>> = None;
    let mut entries = Vec::new();
    if files.len() > 1 || files.iter().any(|f| f.entity.is_some() || f.period.is_some()) {
        let files = files.iter().map(|file| file.name.clone()).collect();
        entries.push(Entry::Files { pattern: source.file.clone(), files });
    }
    for found in files {
        let mut layout = Layout::of(source, &spec.panel.entity);
        layout.named_entity.clone_from(&found.entity);
        layout.named_period = found.period;
        let tidy = source.shape == Shape::Tidy;
        let who = tidy || matches!(source.shape, Shape::WideByVariable | Shape::NbsExport);
        if found.period.is_some() && !tidy || found.entity.is_some() && !who {
            let (at, shape) = (source.file.clone(), format!("shape `{}`", source.shape));
            return Err(ShapeError::Idle { at, option: "the placeholder", shape }.into());
        }
        let or = |own: &Option<Name>, common: &Name, named: bool| {
            own.clone().or_else(|| (tidy && !named).then(|| common.clone()))
        };
        layout.entity = or(&source.entity, &spec.panel.entity, found.entity.is_some());
        layout.period = or(&source.period, &spec.panel.period, found.period.is_some());
        let key = Key { entity: layout.entity.clone(), period: layout.period.clone() };
        let file = File { watch, ..found.file(hints) };
        let (mut next, reading) = file.read(&key, source.columns.as_deref(), &layout)?;
        entries.extend(reading.map(Entry::Sheet));
        // What a file's name says, its table does not.
        let rows = next.index.period.len();
        if let (Some(entity), true) = (&found.entity, key.entity.is_none()) {
            next.index.entity = Factor::from_names((0..rows).map(|_| Some(entity.as_str())));
        }
        if let (Some(period), true) = (found.period, key.period.is_none() && tidy) {
            next.index.period = vec![period; rows];
        }
        table = Some(match table {
            None => next,
            Some(table) => stack(table, next)?,
        });
    }
    table.map(|table| (table, entries)).ok_or(Error::NoSource)
}

/// The rows of one table after those of another that has the same columns.
fn stack<'a>(mut table: Table<'a>, next: Table<'a>) -> Result<Table<'a>, Error> {
    let name = |table: &Table<'_>| table.segments[0].file.name.to_owned();
    let names = |table: &Table<'_>| -> Vec<String> {
        let mut names: Vec<String> = table.columns.iter().map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        names
    };
    let (others, columns) = (names(&table), names(&next));
    if others != columns {
        let (first, file) = (name(&table), name(&next));
        return Err(ShapeError::Columns { first, others, file, columns }.into());
    }
    let mut more: std::collections::HashMap<Name, Column> = next.columns.iter().cloned().collect();
    for (column, values) in &mut table.columns {
        let Some(other) = more.remove(column) else { continue };
        let number = matches!(other, Column::Number(_));
        *values = chain(values, &other).ok_or_else(|| ShapeError::Kinds {
            first: table.segments[0].file.name.to_owned(),
            file: name(&next),
            column: column.clone(),
            number,
        })?;
    }
    table.index.entity = chain_labels(&table.index.entity, &next.index.entity, true);
    table.index.period.extend(next.index.period);
    table.segments.extend(next.segments);
    for (word, count) in next.words {
        *table.words.entry(word).or_default() += count;
    }
    for note in next.notes {
        if !table.notes.contains(&note) {
            table.notes.push(note);
        }
    }
    for (column, label) in next.labels {
        table.labels.entry(column).or_insert(label);
    }
    for (column, codes) in next.value_labels {
        match table.value_labels.entry(column) {
            Slot::Vacant(free) => drop(free.insert(codes)),
            Slot::Occupied(mut taken) => {
                let agree = |(code, label)| taken.get().get(code).is_none_or(|own| own == label);
                if codes.iter().all(agree) && !taken.get().is_empty() {
                    taken.get_mut().extend(codes);
                } else {
                    taken.get_mut().clear();
                }
            }
        }
    }
    Ok(table)
}

/// Two columns as one; a column without a value is of either kind.
fn chain(a: &Column, b: &Column) -> Option<Column> {
    let none = |column: &Column| match column {
        Column::Number(values) => values.iter().all(|x| x.is_nan()),
        Column::Category(factor) => factor.n_levels() == 0,
    };
    let labels = |column: &Column| match column {
        Column::Category(factor) => factor.clone(),
        Column::Number(values) => Factor::from_names(values.iter().map(|_| None)),
    };
    let numbers = |column: &Column| match column {
        Column::Number(values) => values.clone(),
        Column::Category(factor) => vec![f64::NAN; factor.codes().len()],
    };
    match (a, b) {
        (Column::Number(_), Column::Number(_)) => {}
        (Column::Category(a), Column::Category(b)) => {
            return Some(Column::Category(chain_labels(a, b, false)));
        }
        (a @ Column::Number(_), b) if none(a) => {
            return Some(Column::Category(chain_labels(&labels(a), &labels(b), false)));
        }
        (a, b @ Column::Number(_)) if none(b) => {
            return Some(Column::Category(chain_labels(&labels(a), &labels(b), false)));
        }
        (a, b) if !none(a) && !none(b) => return None,
        _ => {}
    }
    Some(Column::Number([numbers(a), numbers(b)].concat()))
}

/// Two factors as one; entities that are whole numbers stay so.
fn chain_labels(a: &Factor, b: &Factor, entities: bool) -> Factor {
    let mut labels = crate::table::Labels::default();
    for factor in [a, b] {
        let names: Vec<String> = factor.labels().collect();
        factor
            .codes()
            .iter()
            .for_each(|&code| labels.push(names.get(code as usize).map(String::as_str)));
    }
    if entities { labels.into_entity() } else { labels.into_category() }
}

/// Options that say nothing are a sign that something else was meant.
fn idle(source: &Source) -> Result<(), Error> {
    let extension = Path::new(&source.file).extension().unwrap_or_default().to_string_lossy();
    let extension = extension.to_lowercase();
    let workbook = ["xlsx", "xls", "xlsm"].contains(&extension.as_str());
    let table = ["parquet", "dta"].contains(&extension.as_str());
    let shape = source.shape;
    let of_file = format!("a .{extension} file");
    let of_shape = format!("shape `{shape}`");
    let one = matches!(shape, Shape::WideByYear | Shape::WideByEntity | Shape::NbsExport);
    let checks = [
        (source.sheet.is_some() && !workbook, "sheet", &of_file),
        (source.errors.is_some() && !workbook, "errors", &of_file),
        (source.cells.is_some() && !workbook, "cells", &of_file),
        (!source.header.is_empty() && table, "header", &of_file),
        (source.encoding.is_some() && (workbook || extension == "parquet"), "encoding", &of_file),
        (source.delimiter.is_some() && (workbook || table), "delimiter", &of_file),
        (source.decimal.is_some() && (workbook || table), "decimal", &of_file),
        (source.thousands.is_some() && (workbook || table), "thousands", &of_file),
        (!source.missing.is_empty() && table, "missing", &of_file),
        (shape != Shape::Tidy && table, "shape", &of_file),
        (source.value.is_some() && !one, "value", &of_shape),
        (
            source.variables.is_some()
                && ![Shape::WideByVariable, Shape::NbsExport].contains(&shape),
            "variables",
            &of_shape,
        ),
    ];
    if let Some(mark) = source.missing.iter().find(|mark| number::read(mark).is_some()) {
        return Err(ShapeError::Mark { at: source.file.clone(), mark: mark.clone() }.into());
    }
    match checks.into_iter().find(|(idle, ..)| *idle) {
        Some((_, option, shape)) => {
            let (at, shape) = (source.file.clone(), shape.clone());
            Err(ShapeError::Idle { at, option, shape }.into())
        }
        None => Ok(()),
    }
}
