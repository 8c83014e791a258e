//! From a spec to a panel, and from one file to a panel.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path};

use panel::{Column, Index, Name, Panel};
use sha2::{Digest, Sha256};

use crate::account::{Account, Entry};
use crate::error::unknown;
use crate::gather::{self, Found};
use crate::rows::{Frame, columns_at, join, keep};
use crate::shape::Layout;
use crate::table::{File, Said};
use crate::text::Hints;
use crate::{Error, Filter, Key, Source, Spec, Tier, variable};

/// A panel, and all there is to know about how it came to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The loaded columns and the variables made of them.
    pub panel: Panel,
    /// What happened on the way.
    pub account: Account,
    /// The tier of every column; a variable is reconstructed if anything it is made of is.
    pub tiers: BTreeMap<Name, Tier>,
    /// The files, in the order of the spec.
    pub files: Vec<FileRecord>,
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
/// join the files to the first one, make the variables, apply the other filters.
///
/// # Errors
///
/// Any [`Error`]: a file that cannot be read, a cell that is not what its column holds, a key
/// that is missing or twice, a step that is undefined, a sample without rows.
pub fn load(spec: &Spec, root: &Path) -> Result<Loaded, Error> {
    let sample = &spec.panel;
    let on_key = |filter: &&Filter| [&sample.entity, &sample.period].contains(&&filter.column);
    let (key_filters, other_filters): (Vec<&Filter>, Vec<&Filter>) =
        sample.filters.iter().partition(on_key);
    let mut account = Account::default();
    let mut files = Vec::new();
    let mut frame: Option<Frame> = None;

    for source in &spec.sources {
        let (panel, mut entry, records, seen) = read(source, spec, root, &mut account)?;
        if frame.is_none() {
            key_filters.iter().try_for_each(|filter| filter.check_label(&panel))?;
        }
        let mut left_out = Vec::new();
        let rows = in_sample(&panel, spec, &key_filters, &mut left_out)?;
        if rows.is_empty() {
            return Err(Error::NoRows { at: source.file.clone(), rows: panel.n_rows() });
        }
        if let Entry::Read { kept, left_out: reasons, .. } = &mut entry {
            (*kept, *reasons) = (rows.len(), left_out);
        }
        account.entries.extend(seen);
        account.entries.push(entry);
        files.extend(records);
        match &mut frame {
            None => frame = Some(Frame::new(&panel, &rows, source.tier)),
            Some(frame) => account.entries.push(join(frame, &panel, &rows, source)?),
        }
    }

    let mut frame = frame.ok_or(Error::NoSource)?;
    for variable in &spec.variables {
        account.entries.extend(variable::make(&mut frame, variable)?);
    }
    let Frame { index, columns, tiers } = frame;
    let whole = |error| Error::Panel { at: "panel".into(), error };
    let mut panel = Panel::new(index, columns).map_err(whole)?;
    for filter in other_filters {
        let verdicts = filter.verdicts(&panel)?;
        if let Some(Column::Category(_)) = panel.columns().get(&filter.column) {
            filter.check_label(&panel)?;
        }
        let rows = keep(&verdicts);
        if rows.is_empty() {
            return Err(Error::NoRows { at: format!("where `{filter}`"), rows: panel.n_rows() });
        }
        account.entries.push(Entry::Filtered {
            filter: filter.clone(),
            rows: verdicts.len(),
            kept: rows.len(),
            missing: verdicts.iter().filter(|verdict| verdict.is_none()).count(),
        });
        let (index, columns) = columns_at(&panel, &rows);
        panel = Panel::new(index, columns).map_err(whole)?;
    }
    Ok(Loaded { panel, account, tiers, files })
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
    let file = File { path, name: &name, hints: Hints::default() };
    let (table, reading) = file.read(key, owned.as_deref(), &layout)?;
    let (panel, Said { words, notes, labels }) = table.into_panel()?;
    let rows = panel.n_rows();
    let left_out = Vec::new();
    let read = Entry::Read { file: name.clone(), notes, rows, kept: rows, left_out, words };
    let entries = reading.map(Entry::Sheet).into_iter().chain([read]).collect();
    Ok((panel, Account { entries, labels }))
}

/// A source as a panel, what is to be said of it, and the files it was read from.
type Loading = (Panel, Entry, Vec<FileRecord>, Vec<Entry>);

fn read(
    source: &Source,
    spec: &Spec,
    root: &Path,
    account: &mut Account,
) -> Result<Loading, Error> {
    let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(&source.file).components().all(inside) {
        return Err(Error::Outside { file: source.file.clone() });
    }
    let found = gather::files(source, spec, root)?;
    let (mut table, seen) = gather::read(source, spec, &found)?;
    for (old, new) in &source.rename {
        let Some(at) = table.columns.iter().position(|(name, _)| name == old) else {
            let names = table.columns.iter().map(|(name, _)| name.as_str());
            return Err(unknown(&source.file, old, names));
        };
        table.columns[at].0.clone_from(new);
    }
    let Index { entity_name, period_name, .. } = &mut table.index;
    entity_name.clone_from(&spec.panel.entity);
    period_name.clone_from(&spec.panel.period);
    let rows_of: Vec<usize> = table.segments.iter().map(|segment| segment.rows).collect();
    let (panel, Said { words, notes, labels }) = table.into_panel()?;
    for (old, label) in labels {
        account.labels.insert(source.rename.get(&old).unwrap_or(&old).clone(), label);
    }

    let rows = panel.n_rows();
    let record = |(found, rows): (&Found, usize)| {
        Ok(FileRecord {
            file: found.name.clone(),
            sha256: sha256(found.file(Hints::default()))?,
            rows,
            columns: panel.columns().keys().cloned().collect(),
            tier: source.tier,
            provenance: source.provenance.clone(),
        })
    };
    let records = found.iter().zip(rows_of).map(record).collect::<Result<_, Error>>()?;
    let (file, left_out) = (source.file.clone(), Vec::new());
    let entry = Entry::Read { file, notes, rows, kept: rows, left_out, words };
    Ok((panel, entry, records, seen))
}

/// The rows in the sample; `left_out` takes how many the periods and each filter leave out.
fn in_sample(
    panel: &Panel,
    spec: &Spec,
    filters: &[&Filter],
    left_out: &mut Vec<(String, usize)>,
) -> Result<Vec<usize>, Error> {
    let (first, last) = (spec.panel.first, spec.panel.last);
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
    let within = |&t: &i32| Some(first.is_none_or(|a| a <= t) && last.is_none_or(|b| t <= b));
    let verdicts: Vec<Option<bool>> = panel.index().period.iter().map(within).collect();
    let shown = |bound: Option<i32>| bound.map_or_else(String::new, |bound| bound.to_string());
    leave(&mut passes, &verdicts, format!("outside {}..{}", shown(first), shown(last)));
    for filter in filters {
        leave(&mut passes, &filter.verdicts(panel)?, format!("by `{filter}`"));
    }
    Ok(keep(&passes))
}

fn sha256(file: File<'_>) -> Result<String, Error> {
    let mut input = std::fs::File::open(file.path).map_err(|error| file.io(&error))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match input.read(&mut buffer).map_err(|error| file.io(&error))? {
            0 => return Ok(format!("{:x}", hash.finalize())),
            n => hash.update(&buffer[..n]),
        }
    }
}
