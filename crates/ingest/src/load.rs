//! From a spec to a panel, and from one file to a panel.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read;
use std::path::{Component, Path};

use panel::{Column, Index, Name, Panel};
use sha2::{Digest, Sha256};

use crate::account::{Account, Entry, ValueLabels};
use crate::changes::Changes;
use crate::entities::{self, Resolved};
use crate::error::{CleaningError, unknown};
use crate::gather::{self, Found};
use crate::provinces::Names;
use crate::rows::{columns_at, join, keep};
use crate::shape::Layout;
use crate::table::{Said, Table, Watch};
use crate::text::Hints;
use crate::{
    Error, Filter, Key, SYNTHETIC, Sample, Source, Spec, Tier, Unit, Variable, table, variable,
};

/// A panel, and all there is to know about how it came to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The loaded columns and the variables made of them.
    pub panel: Panel,
    /// What happened on the way.
    pub account: Account,
    /// The tier of every column; a variable is reconstructed if anything it is made of is.
    pub tiers: BTreeMap<Name, Tier>,
    /// What columns are measured in, as far as sources and steps say it.
    pub units: BTreeMap<Name, Unit>,
    /// The files, in the order of the spec.
    pub files: Vec<FileRecord>,
    /// The cells that cleaning gave another value.
    pub changes: Changes,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// Path relative to the data root.
    pub file: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Rows in the file.
    pub rows: usize,
    /// Columns loaded from it, by their names in the panel; the key is not among them.
    pub columns: Vec<Name>,
    /// Whether its numbers were measured.
    pub tier: Tier,
    /// Who published it and how it was had.
    pub provenance: Option<String>,
}

/// Loads the panel that `spec` describes from files under `root`.
///
/// The order is fixed: read each file, keep the rows in the sample (periods and key filters),
/// join the files to the first one, make the variables, apply the other filters. Where columns
/// come from elsewhere in between, load a spec without what depends on them, then [`Loaded::add`]
/// them, [`Loaded::make`] the rest and [`Loaded::keep`] what passes.
///
/// # Errors
///
/// Any [`Error`]: a file that cannot be read, a cell that is not what its column holds, a key
/// that is missing or twice, a step that is undefined, a sample without rows.
pub fn load(spec: &Spec, root: &Path) -> Result<Loaded, Error> {
    load_watched(spec, root, &|_| {})
}

/// [`load`], telling `watch` how many bytes of text files were read since it was told last.
///
/// [`size`] says how many there are. A file that turns out not to be UTF-8 is read again from its
/// beginning, so that more may be read than there are.
///
/// # Errors
///
/// Those of [`load`].
pub fn load_watched(
    spec: &Spec,
    root: &Path,
    watch: &(dyn Fn(u64) + Sync),
) -> Result<Loaded, Error> {
    let mut loaded = sources(spec, root, Some(watch))?;
    loaded.make(&spec.variables)?;
    let sample = &spec.panel;
    let late: Vec<Filter> =
        sample.filters.iter().filter(|filter| !is_on_key(sample, filter)).cloned().collect();
    loaded.keep(&late)?;
    if sample.balanced {
        balanced(&loaded.panel)?;
    }
    Ok(loaded)
}

fn is_on_key(sample: &Sample, filter: &Filter) -> bool {
    [&sample.entity, &sample.period].contains(&&filter.column)
}

/// The files of a spec, joined; no variable is made yet.
pub(crate) fn sources(spec: &Spec, root: &Path, watch: Option<Watch<'_>>) -> Result<Loaded, Error> {
    let sample = &spec.panel;
    let names = entities::names(sample)?;
    let filters: Vec<&Filter> =
        sample.filters.iter().filter(|filter| is_on_key(sample, filter)).collect();
    let mut whole: Option<Loaded> = None;
    for source in &spec.sources {
        let File { panel, mut entries, records, labels, value_labels, resolved } =
            read(source, spec, root, names, watch)?;
        if source.tier == Tier::Real {
            let named = source.columns.iter().flatten().chain(source.rename.keys());
            let mut names = named.chain(panel.columns().keys()).chain(labels.values());
            if let Some(column) = names.find(|name| name.ends_with(SYNTHETIC)) {
                let (file, column) = (source.file.clone(), column.clone());
                return Err(Error::Synthetic { file, column });
            }
        }
        if whole.is_none() {
            filters.iter().try_for_each(|filter| filter.check_label(&panel))?;
        }
        let mut left_out = Vec::new();
        let rows = in_sample(&panel, sample, &filters, &resolved, &mut left_out)?;
        if rows.is_empty() {
            return Err(Error::NoRows { at: source.file.clone(), rows: panel.n_rows() });
        }
        for entry in &mut entries {
            if let Entry::Read { kept, left_out: reasons, .. } = entry {
                (*kept, *reasons) = (rows.len(), std::mem::take(&mut left_out));
            }
        }
        let columns: Vec<Name> = panel.columns().keys().cloned().collect();
        let loaded = match &mut whole {
            None => {
                let tiers = columns.iter().map(|name| (name.clone(), source.tier)).collect();
                let panel =
                    if rows.len() == panel.n_rows() { panel } else { taken(&panel, &rows)? };
                whole.insert(Loaded {
                    panel,
                    account: Account { entries, labels, value_labels },
                    tiers,
                    units: BTreeMap::new(),
                    files: records,
                    changes: Changes::default(),
                })
            }
            Some(loaded) => {
                loaded.account.entries.extend(entries);
                loaded.files.extend(records);
                loaded.account.labels.extend(labels);
                // The rows are the first file's, and so are the codes of its entities.
                for (name, codes) in value_labels {
                    loaded.account.value_labels.entry(name).or_insert(codes);
                }
                join(loaded, &panel, &rows, source)?;
                loaded
            }
        };
        for (column, unit) in &source.units {
            let (file, own) = (source.file.clone(), column.clone());
            if !columns.contains(column) {
                return Err(CleaningError::UnitOfNothing { file, column: own }.into());
            }
            if let Some(Column::Number(values)) = loaded.panel.columns().get(column) {
                let doubt = variable::doubt(loaded, column, values, unit);
                loaded.account.entries.extend(doubt);
            }
            loaded.units.insert(own, unit.clone());
        }
    }
    whole.ok_or(Error::NoSource)
}

impl Loaded {
    /// Makes further variables, in order; a later one may use an earlier one.
    ///
    /// # Errors
    ///
    /// Those of [`load`] that concern variables; the variables before the one at fault are there.
    pub fn make(&mut self, variables: &[Variable]) -> Result<(), Error> {
        variable::make_all(self, variables)
    }

    /// Adds a column that no file holds, a value a row; `from` says in a few words what it is.
    ///
    /// # Errors
    ///
    /// [`Error::Taken`] if the name is in use, [`Error::Panel`] if there is not one value a row or
    /// one is infinite.
    pub fn add(
        &mut self,
        name: impl Into<Name>,
        column: Column,
        tier: Tier,
        from: impl Into<String>,
    ) -> Result<(), Error> {
        let (name, from) = (name.into(), from.into());
        if let Column::Number(values) = &column
            && let Some(row) = values.iter().position(|x| x.is_infinite())
            && row < self.panel.n_rows()
        {
            let (entity, period) = self.panel.row_label(row);
            let (variable, value) = (name, values[row]);
            return Err(Error::Undefined { variable, step: from, entity, period, value, by: None });
        }
        let missing = variable::missing(&column);
        self.insert(&from, name.clone(), column, tier, None)?;
        self.account.entries.push(Entry::Added { column: name, from, missing });
        Ok(())
    }

    /// Keeps the rows that pass all of the filters.
    ///
    /// # Errors
    ///
    /// [`Error::Compare`] and [`Error::Panel`] for a filter that fits no column, and
    /// [`Error::NoRows`] if nothing is left.
    pub fn keep(&mut self, filters: &[Filter]) -> Result<(), Error> {
        for filter in filters {
            let verdicts = filter.verdicts(&self.panel)?;
            if let Some(Column::Category(_)) = self.panel.columns().get(&filter.column) {
                filter.check_label(&self.panel)?;
            }
            let rows = keep(&verdicts);
            if rows.is_empty() {
                let at = format!("where `{filter}`");
                return Err(Error::NoRows { at, rows: self.panel.n_rows() });
            }
            self.account.entries.push(Entry::Filtered {
                filter: filter.clone(),
                rows: verdicts.len(),
                kept: rows.len(),
                missing: verdicts.iter().filter(|verdict| verdict.is_none()).count(),
            });
            self.panel = taken(&self.panel, &rows)?;
            self.changes.keep(&rows);
        }
        Ok(())
    }

    /// Adds a column under a name that is not in use.
    pub(crate) fn insert(
        &mut self,
        at: &str,
        name: Name,
        column: Column,
        tier: Tier,
        unit: Option<Unit>,
    ) -> Result<(), Error> {
        self.panel.insert(name.clone(), column).map_err(|error| match error {
            panel::Error::Twice { column } => Error::Taken { at: at.to_owned(), column },
            error => Error::Panel { at: at.to_owned(), error },
        })?;
        if let Some(unit) = unit {
            self.units.insert(name.clone(), unit);
        }
        self.tiers.insert(name, tier);
        Ok(())
    }
}

/// A panel of some rows of another.
fn taken(panel: &Panel, rows: &[usize]) -> Result<Panel, Error> {
    let (index, columns) = columns_at(panel, rows);
    Panel::new(index, columns).map_err(|error| Error::Panel { at: "panel".into(), error })
}

/// An error that lists rows that are not there, if any is not.
fn balanced(panel: &Panel) -> Result<(), Error> {
    let index = panel.index();
    let periods: BTreeSet<i32> = index.period.iter().copied().collect();
    let entities = index.entity.n_levels();
    let count = entities * periods.len() - panel.n_rows();
    if count == 0 {
        return Ok(());
    }
    let there: HashSet<(u32, i32)> =
        index.entity.codes().iter().copied().zip(index.period.iter().copied()).collect();
    let all = (0..).zip(index.entity.labels()).flat_map(|(code, label)| {
        periods.iter().map(move |&period| ((code, period), format!("{label} {period}")))
    });
    let mut first: Vec<String> =
        all.filter(|(key, _)| !there.contains(key)).map(|(_, label)| label).take(10).collect();
    if first.len() < count {
        first.push("…".into());
    }
    let periods = periods.len();
    Err(CleaningError::Holes { count, entities, periods, first }.into())
}

/// Opens a single file as a panel, loading the key and the named columns, or all.
///
/// Memory holds what is asked for and no more; a file may have thousands of other columns.
///
/// # Errors
///
/// Those of [`load`] that concern one file.
pub fn open(path: &Path, key: &Key, columns: Option<&[&str]>) -> Result<(Panel, Account), Error> {
    let name = path.display().to_string();
    let owned: Option<Vec<Name>> =
        columns.map(|columns| columns.iter().map(|&column| column.to_owned()).collect());
    let (entity, period) = (key.entity.clone(), key.period.clone());
    let layout = Layout { entity, period, columns: owned.clone(), ..Layout::default() };
    let file = table::File { path, name: &name, hints: Hints::default(), watch: None };
    let (table, reading) = file.read(key, owned.as_deref(), &layout)?;
    let (panel, said) = table.into_panel(|_| None)?;
    let Said { words, notes, labels, value_labels } = said;
    let rows = panel.n_rows();
    let left_out = Vec::new();
    let read = Entry::Read { file: name.clone(), notes, rows, kept: rows, left_out, words };
    let entries = reading.map(Entry::Sheet).into_iter().chain([read]).collect();
    Ok((panel, Account { entries, labels, value_labels }))
}

/// A source, read.
struct File {
    panel: Panel,
    entries: Vec<Entry>,
    records: Vec<FileRecord>,
    labels: BTreeMap<Name, String>,
    value_labels: BTreeMap<Name, ValueLabels>,
    resolved: Resolved,
}

/// How many bytes the files of a spec have; those that are not there count for nothing.
pub fn size(spec: &Spec, root: &Path) -> u64 {
    let found = spec.sources.iter().filter_map(|source| found(source, spec, root).ok()).flatten();
    found.filter_map(|file| Some(std::fs::metadata(file.path).ok()?.len())).sum()
}

/// The files of a source.
pub(crate) fn found(source: &Source, spec: &Spec, root: &Path) -> Result<Vec<Found>, Error> {
    let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(&source.file).components().all(inside) {
        return Err(Error::Outside { file: source.file.clone() });
    }
    gather::files(source, spec, root)
}

/// The rows of a source in the order of its files, under the names of the panel.
pub(crate) fn table<'a>(
    source: &'a Source,
    spec: &Spec,
    found: &'a [Found],
    names: Option<Names>,
    watch: Option<Watch<'a>>,
) -> Result<(Table<'a>, Vec<Entry>, Resolved), Error> {
    let (mut table, seen) = gather::read(source, spec, found, watch)?;
    for (old, new) in &source.rename {
        let Some(at) = table.columns.iter().position(|(name, _)| name == old) else {
            let names = table.columns.iter().map(|(name, _)| name.as_str());
            return Err(unknown(&source.file, old, names));
        };
        table.columns[at].0.clone_from(new);
    }
    let Index { entity_name, period_name, .. } = &mut table.index;
    let renamed = |old: Name| {
        let new = source.rename.get(&old).or((old == *entity_name).then_some(&spec.panel.entity));
        new.cloned().unwrap_or(old)
    };
    table.labels = std::mem::take(&mut table.labels)
        .into_iter()
        .map(|(old, label)| (renamed(old), label))
        .collect();
    table.value_labels = std::mem::take(&mut table.value_labels)
        .into_iter()
        .map(|(old, codes)| (renamed(old), codes))
        .collect();
    entity_name.clone_from(&spec.panel.entity);
    period_name.clone_from(&spec.panel.period);
    let resolved = entities::resolve(&mut table, source, names)?;
    Ok((table, seen, resolved))
}

fn read(
    source: &Source,
    spec: &Spec,
    root: &Path,
    names: Option<Names>,
    watch: Option<Watch<'_>>,
) -> Result<File, Error> {
    let found = found(source, spec, root)?;
    let hash = || -> Result<Vec<String>, Error> {
        found.iter().map(|found| sha256(&found.path)).collect()
    };
    let (read, hashes) = rayon::join(|| table(source, spec, &found, names, watch), hash);
    let (table, mut entries, mut resolved) = read?;
    let rows_of: Vec<usize> = table.segments.iter().map(|segment| segment.rows).collect();
    let (panel, said) = table.into_panel(|rows| resolved.labels(rows))?;
    let Said { words, notes, labels, value_labels } = said;

    let columns: Vec<Name> = panel.columns().keys().cloned().collect();
    let record = |((found, rows), sha256): ((&Found, usize), String)| FileRecord {
        file: found.name.clone(),
        sha256,
        rows,
        columns: columns.clone(),
        tier: source.tier,
        provenance: source.provenance.clone(),
    };
    let records = found.iter().zip(rows_of).zip(hashes?).map(record).collect();
    let (file, left_out, rows) = (source.file.clone(), Vec::new(), panel.n_rows());
    entries.push(Entry::Read { file, notes, rows, kept: rows, left_out, words });
    entries.extend(resolved.entry.take());
    Ok(File { panel, entries, records, labels, value_labels, resolved })
}

/// The rows in the sample; `left_out` takes how many the labels to drop, the periods and each
/// filter leave out.
fn in_sample(
    panel: &Panel,
    sample: &Sample,
    filters: &[&Filter],
    resolved: &Resolved,
    left_out: &mut Vec<(String, usize)>,
) -> Result<Vec<usize>, Error> {
    let (first, last) = (sample.first, sample.last);
    let mut passes: Vec<Option<bool>> = vec![Some(true); panel.n_rows()];
    let mut leave = |passes: &mut [Option<bool>], verdicts: &[Option<bool>], why: String| {
        let mut count = 0;
        for (pass, verdict) in passes.iter_mut().zip(verdicts) {
            count += usize::from(*pass == Some(true) && *verdict != Some(true));
            *pass = Some(*pass == Some(true) && *verdict == Some(true));
        }
        if count > 0 {
            left_out.push((why, count));
        }
    };
    for (label, stays) in resolved.stays(panel) {
        leave(&mut passes, &stays, format!("called `{label}`"));
    }
    if first.is_some() || last.is_some() {
        let within = |&t: &i32| Some(first.is_none_or(|a| a <= t) && last.is_none_or(|b| t <= b));
        let verdicts: Vec<Option<bool>> = panel.index().period.iter().map(within).collect();
        let shown = |bound: Option<i32>| bound.map_or_else(String::new, |bound| bound.to_string());
        leave(&mut passes, &verdicts, format!("outside {}..{}", shown(first), shown(last)));
    }
    for filter in filters {
        leave(&mut passes, &filter.verdicts(panel)?, format!("by `{filter}`"));
    }
    Ok(keep(&passes))
}

/// The SHA-256 of a file's bytes, in hexadecimal.
///
/// # Errors
///
/// [`Error::Io`].
pub fn sha256(path: &Path) -> Result<String, Error> {
    let io = |error: std::io::Error| Error::Io { path: path.to_owned(), reason: error.to_string() };
    let mut input = std::fs::File::open(path).map_err(io)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match input.read(&mut buffer).map_err(io)? {
            0 => return Ok(format!("{:x}", hash.finalize())),
            n => hash.update(&buffer[..n]),
        }
    }
}
