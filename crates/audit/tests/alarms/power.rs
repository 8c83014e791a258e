//! How many errors the audit sees, and how often it names the one that was made.

use std::collections::{BTreeMap, BTreeSet};

use audit::{Audit, Schema, Verdict, audit};
use published::Transcription;
use rayon::prelude::*;
use testkit::Stream;

use crate::alarm;
use crate::made;
use crate::made::errors::{KINDS, Kind, Slip, slip};
use crate::made::known::Told;
use crate::made::paper::Paper;

/// What the audit reads of a cell, in the paper that is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Read {
    /// An equation with other cells.
    Identity,
    /// Only its own stars and bracket.
    Own,
    Nothing,
}

/// One error.
#[allow(clippy::struct_excessive_bools, reason = "each is a column of the table")]
#[derive(Debug, Clone)]
pub(crate) struct Trial {
    pub(crate) kind: Kind,
    pub(crate) decimals: Option<usize>,
    pub(crate) read: Read,
    /// Something is impossible now.
    pub(crate) seen: bool,
    /// A finding that is impossible reads the cell.
    pub(crate) located: bool,
    /// The true edit is the first, or among the first three, of the repairs of all findings.
    pub(crate) first: bool,
    pub(crate) three: bool,
    /// The check of the first finding.
    pub(crate) check: Option<&'static str>,
}

/// The audit of a paper as its author would have it.
fn audited(paper: &Paper, known: &str) -> Option<Audit> {
    let read = Transcription::parse("made.toml", &paper.toml()).ok()?;
    audit(&read, &Schema::parse("audit.toml", known).ok()?).ok()
}

/// One error of every kind in the papers of these seeds.
pub(crate) fn trials(seeds: std::ops::Range<u64>, told: Told) -> Vec<Trial> {
    let of = |seed: u64| -> Vec<Trial> {
        let Some(paper) = made::paper(seed) else { return Vec::new() };
        let known = alarm::schema(seed, &paper, told);
        let Some(right) = audited(&paper, &known) else { return Vec::new() };
        let read = reads(&right);
        let mut stream = Stream::new(seed ^ 0x0511);
        let of = |kind| {
            let (wrong, slip) = slip(&paper, kind, &mut stream)?;
            let Some(audit) = audited(&wrong, &known) else {
                // A schema that the paper now contradicts is an error that is told.
                return Some(trial(&paper, kind, &slip, &read, None));
            };
            Some(trial(&paper, kind, &slip, &read, Some(&audit)))
        };
        KINDS.into_iter().filter_map(of).collect()
    };
    seeds.into_par_iter().flat_map_iter(of).collect()
}

/// The parts that equations read, and whether they read others with them.
fn reads(audit: &Audit) -> BTreeMap<String, Read> {
    let mut read = BTreeMap::new();
    for finding in &audit.findings {
        let cells: BTreeSet<String> = finding
            .cells
            .iter()
            .map(|cell| format!("{}/{}/{}", cell.table, cell.column, cell.row))
            .collect();
        let how = if cells.len() > 1 { Read::Identity } else { Read::Own };
        for cell in &finding.cells {
            let entry = read.entry(cell.to_string()).or_insert(how);
            *entry = (*entry).min(how);
        }
    }
    read
}

fn trial(
    paper: &Paper,
    kind: Kind,
    slip: &Slip,
    read: &BTreeMap<String, Read>,
    audit: Option<&Audit>,
) -> Trial {
    let mut trial = Trial {
        kind,
        decimals: paper.decimals,
        read: read.get(&slip.path).copied().unwrap_or(Read::Nothing),
        seen: true,
        located: true,
        first: false,
        three: false,
        check: Some("schema"),
    };
    let Some(audit) = audit else { return trial };
    let impossible: Vec<_> =
        audit.findings.iter().filter(|it| it.verdict == Verdict::Impossible).collect();
    let whole = |path: &str| path.rsplit_once('/').map_or("", |(cell, _)| cell).to_owned();
    let places: Vec<String> = [Some(&slip.path), slip.with.as_ref()]
        .into_iter()
        .flatten()
        .map(|path| whole(path))
        .collect();
    let at = |cell: &audit::Cell| places.contains(&whole(&cell.to_string()));
    trial.seen = !impossible.is_empty();
    trial.located = impossible.iter().any(|it| it.cells.iter().any(at));
    trial.check = impossible.first().map(|it| it.check);
    let mut repairs: Vec<&audit::Repair> = Vec::new();
    for repair in impossible.iter().flat_map(|it| &it.repairs) {
        let known = |it: &&audit::Repair| {
            it.cell == repair.cell && it.to == repair.to && it.edit == repair.edit
        };
        if !repairs.iter().any(known) {
            repairs.push(repair);
        }
    }
    // Repairs of one finding stand best first.
    repairs.sort_by_key(|it| std::cmp::Reverse(it.mends.len()));
    let is_true = |repair: &&audit::Repair| at(&repair.cell) && restores(repair, slip);
    trial.first = repairs.first().is_some_and(is_true);
    trial.three = repairs.iter().take(3).any(is_true);
    trial
}

/// Whether a repair undoes the slip: what it says the cell should be holds what was there.
fn restores(repair: &audit::Repair, slip: &Slip) -> bool {
    if slip.with.is_some() {
        return repair.edit == audit::Edit::Swap;
    }
    if slip.path.ends_with("/stars") {
        return repair.edit == audit::Edit::Star
            && repair.to.matches('*').count() == slip.was.len();
    }
    let plain = |text: &str| text.replace('−', "-");
    let to = plain(&repair.to);
    let was = plain(&slip.was);
    to.split([' ', '(', ')', '*']).any(|part| part == was)
}
