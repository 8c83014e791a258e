//! Cells of unknown columns that files have.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ingest::{Account, SYNTHETIC};
use panel::{Column, Name, Panel};

use crate::Error;
use crate::unknown::Unknown;

/// The column of a file that has a name, or its label, which Stata files have instead.
pub(crate) fn labelled<'a>(panel: &'a Panel, account: &Account, name: &str) -> Option<&'a Column> {
    let by_label = || account.labels.iter().find(|(_, label)| *label == name).map(|(own, _)| own);
    let columns = panel.columns();
    columns.get(name).or_else(|| columns.get(by_label()?))
}

/// Fixes the cells that files have of unknown columns, and says how many.
pub(super) fn keep<'a>(
    panel: &mut Panel,
    unknowns: impl Iterator<Item = &'a mut Unknown>,
    files: &[(Name, PathBuf)],
) -> Result<Vec<String>, Error> {
    let mut unknowns: Vec<&mut Unknown> = unknowns.collect();
    let mut kept = Vec::new();
    for (at, (name, file)) in files.iter().enumerate() {
        if files[..at].iter().any(|(before, _)| before == name) {
            let what = format!("`--fix {name}` is said twice; join the files");
            return Err(Error::Usage { what });
        }
        kept.push(fix(panel, &mut unknowns, name, file)?);
    }
    Ok(kept)
}

/// Fixes the cells of an unknown column that a file has, and says how many.
fn fix(
    panel: &mut Panel,
    unknowns: &mut [&mut Unknown],
    name: &Name,
    file: &Path,
) -> Result<String, Error> {
    let wrong = |what: String| Error::Usage { what: format!("{}: {what}", file.display()) };
    let names: Vec<&str> = unknowns.iter().map(|unknown| unknown.name.as_str()).collect();
    let names = names.join("`, `");
    let Some(unknown) = unknowns.iter_mut().find(|unknown| unknown.name == *name) else {
        return Err(wrong(format!("`{name}` is not unknown; there are `{names}`")));
    };
    let index = panel.index();
    let (entity, period) = (index.entity_name.clone(), index.period_name.clone());
    let key = ingest::Key { entity: Some(entity), period: Some(period) };
    let (found, account) = ingest::open(file, &key, None)?;
    let synthetic = format!("{name}{SYNTHETIC}");
    let column = |name| labelled(&found, &account, name);
    let Some(Column::Number(values)) = column(name).or_else(|| column(&synthetic)) else {
        return Err(wrong(format!("it has no numbers called `{name}` or `{synthetic}`")));
    };
    let cells: BTreeMap<(String, i32), f64> =
        values.iter().enumerate().map(|(row, x)| (found.row_label(row), *x)).collect();
    // What was known before stays known where the file has nothing.
    let before = unknown.known.as_ref().and_then(|known| panel.columns().get(known));
    let cell = |row: usize| {
        let here = cells.get(&panel.row_label(row)).copied().filter(|x| !x.is_nan());
        let kept = match before {
            Some(Column::Number(known)) => known[row],
            _ => f64::NAN,
        };
        here.unwrap_or(kept)
    };
    let fixed: Vec<f64> = (0..panel.n_rows()).map(cell).collect();
    let ours: BTreeSet<(String, i32)> =
        (0..panel.n_rows()).map(|row| panel.row_label(row)).collect();
    let of_file = || cells.iter().filter(|(_, x)| !x.is_nan()).map(|(key, _)| key);
    let n = of_file().filter(|key| ours.contains(*key)).count();
    let mut said = format!("{name}: {n} of {} cells kept as in {}", ours.len(), file.display());
    let strangers: Vec<&(String, i32)> = of_file().filter(|key| !ours.contains(*key)).collect();
    if let Some((entity, period)) = strangers.first() {
        let _ = write!(
            said,
            "; {} of its rows not of the panel, {entity} {period} the first",
            strangers.len()
        );
    }
    if n == 0 && cells.keys().any(|key| ours.contains(key)) {
        return Err(wrong(format!("the rows that are of the panel have no number in `{name}`")));
    }
    if n == 0 {
        let (entity, period) = panel.row_label(0);
        return Err(wrong(format!(
            "none of its rows is one of the panel, such as {entity} {period}"
        )));
    }
    let known = format!("{name} (fixed)");
    panel.insert(known.clone(), Column::Number(fixed))?;
    unknown.known = Some(known);
    Ok(said)
}
