//! Whose rows they are: the labels of a file, resolved.

use std::collections::{BTreeMap, BTreeSet};

use panel::{Factor, Panel};

use crate::account::Entry;
use crate::error::nearest;
use crate::provinces::{self, Names, clean};
use crate::spec::{Entities, Sample, Source};
use crate::table::Table;
use crate::{EntityError, Error};

/// What became of the labels of a file.
pub(crate) struct Resolved {
    /// Of each row of the file, the label that it had, by code; for messages.
    codes: Vec<u32>,
    before: Vec<String>,
    /// Labels, as they are now, whose rows are to be left out; with the name `drop` gives them.
    pub(crate) dropped: BTreeMap<String, String>,
    /// What to say of it.
    pub(crate) entry: Option<Entry>,
}

/// The names that the entities of a sample are to have, if they are of a known kind.
pub(crate) fn names(sample: &Sample) -> Result<Option<Names>, Error> {
    match (sample.entities, sample.names) {
        (Some(Entities::ChinaProvinces), Some(names)) => Ok(Some(names)),
        (Some(_), None) => Err(EntityError::NoNames.into()),
        (None, Some(_)) => Err(EntityError::NamesAlone.into()),
        (None, None) => Ok(None),
    }
}

/// Gives the entities of a table their names.
pub(crate) fn resolve(
    table: &mut Table<'_>,
    source: &Source,
    names: Option<Names>,
) -> Result<Resolved, Error> {
    let entity = &table.index.entity;
    let before: Vec<String> = entity.labels().collect();
    let mut resolved = Resolved {
        codes: Vec::new(),
        before: before.clone(),
        dropped: BTreeMap::new(),
        entry: None,
    };
    for label in &source.drop {
        let same = |own: &&String| *own == label || clean(own) == clean(label);
        let found: Vec<&String> = before.iter().filter(same).collect();
        if found.is_empty() {
            let near = nearest(label, before.iter().map(String::as_str));
            let (file, label) = (source.file.clone(), label.clone());
            return Err(EntityError::NothingToDrop { file, label, near }.into());
        }
        resolved.dropped.extend(found.into_iter().map(|own| (own.clone(), label.clone())));
    }
    let Some(names) = names else { return Ok(resolved) };

    let mut after = Vec::with_capacity(before.len());
    for (label, code) in before.iter().zip(0..) {
        if resolved.dropped.contains_key(label) {
            after.push(label.clone());
            continue;
        }
        let province = provinces::resolve(label).map_err(|error| {
            let row = entity.codes().iter().position(|&own| own == code).unwrap_or(0);
            error.at(table.place(row))
        })?;
        after.push(province.label(names));
    }
    let mut labels: BTreeMap<&String, Vec<String>> = BTreeMap::new();
    for (own, name) in before.iter().zip(&after) {
        labels.entry(name).or_default().push(own.clone());
    }
    let kept = |name: &&String| !resolved.dropped.contains_key(*name);
    let entities = after.iter().filter(kept).collect::<BTreeSet<_>>().len();
    let renamed = before.iter().zip(&after).filter(|(own, name)| own != name).count();
    labels.retain(|_, labels| labels.len() > 1);
    let merged: BTreeMap<String, Vec<String>> =
        labels.into_iter().map(|(name, labels)| (name.clone(), labels)).collect();
    if renamed > 0 {
        let file = source.file.clone();
        resolved.entry = Some(Entry::Resolved { file, renamed, entities, merged });
    }
    let rows: Vec<usize> = entity.codes().iter().map(|&code| code as usize).collect();
    resolved.codes = entity.codes().to_vec();
    table.index.entity =
        Factor::from_names(after.iter().map(|name| Some(name.as_str()))).select(&rows);
    Ok(resolved)
}

impl Resolved {
    /// The label that a row of the file had, if labels were resolved.
    pub(crate) fn label(&self, row: usize) -> Option<String> {
        self.before.get(*self.codes.get(row)? as usize).cloned()
    }

    /// The labels that two rows of the file had, if they differ.
    pub(crate) fn labels(&self, rows: [usize; 2]) -> Option<[String; 2]> {
        let [first, second] = [self.label(rows[0])?, self.label(rows[1])?];
        (first != second).then_some([first, second])
    }

    /// Of each label to be left out, as `drop` has it, which rows stay.
    pub(crate) fn stays(&self, panel: &Panel) -> Vec<(String, Vec<Option<bool>>)> {
        let entity = &panel.index().entity;
        let labels: Vec<String> = entity.labels().collect();
        let mut given: Vec<&String> = self.dropped.values().collect();
        given.sort();
        given.dedup();
        let stays = |label: &String| {
            let out: Vec<bool> =
                labels.iter().map(|own| self.dropped.get(own) == Some(label)).collect();
            let stays = entity.codes().iter().map(|&code| Some(!out[code as usize])).collect();
            (label.clone(), stays)
        };
        given.into_iter().map(stays).collect()
    }
}
