//! From a study as written to one that can be run: every text parsed, every name checked.

use std::collections::BTreeMap;

use published::Transcription;
use toml::Spanned;

use crate::claim::{self, Claim};
use crate::derive::Derived;
use crate::deviation::Deviations;
use crate::figure::Figure;
use crate::own::OwnTable;
use crate::plan::{Plan, plan};
use crate::study::{About, Table, Written, place};
use crate::unknown::Unknown;
use crate::{Error, own, regimes};

/// A study that can be run.
#[derive(Debug)]
pub(crate) struct Study {
    /// What it is called, if nothing of it was published.
    pub(crate) about: Option<About>,
    /// Absent if nothing is computed from data.
    pub(crate) data: Option<ingest::Spec>,
    /// Composite indices, in the order in which they are made.
    pub(crate) indices: Vec<index::Scheme>,
    pub(crate) derived: Vec<Derived>,
    pub(crate) missing: BTreeMap<String, String>,
    pub(crate) unknowns: Vec<Unknown>,
    /// The seed that the study names.
    pub(crate) seed: Option<u64>,
    /// Threshold regressions by id.
    pub(crate) thresholds: BTreeMap<String, causal::threshold::Spec>,
    /// How printed tables are computed, by id.
    pub(crate) tables: BTreeMap<String, Plan>,
    /// Tables of our own, in the order of the study.
    pub(crate) own: Vec<OwnTable>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) deviations: Deviations,
}

/// Names the place of what is wrong.
pub(crate) struct At<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

impl At<'_> {
    pub(crate) fn error<T>(&self, at: usize, what: impl Into<String>) -> Result<T, Error> {
        Err(Error::Study { place: place(self.file, self.text, at), what: what.into() })
    }

    /// Parses a text of the study.
    pub(crate) fn parse<T>(&self, text: &Spanned<String>) -> Result<T, Error>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        match text.get_ref().parse() {
            Ok(value) => Ok(value),
            Err(error) => self.error(text.span().start, error.to_string()),
        }
    }
}

/// Reads a study and checks it against the transcription of its paper, if it has one.
pub(crate) fn resolve(
    file: &str,
    text: &str,
    printed: Option<&Transcription>,
) -> Result<Study, Error> {
    let written = Written::parse(file, text)?;
    let at = At { file, text };
    match (&written.study, printed) {
        (None, None) => {
            let what = "no published.toml stands beside it: say `[study]` with a `title`";
            return at.error(0, what);
        }
        (Some(_), Some(_)) => {
            let what = "`[study]` is for what is not published: the title is in published.toml";
            return at.error(0, what);
        }
        _ => {}
    }
    let thresholds = thresholds(&at, &written)?;
    let mut tables = BTreeMap::new();
    let mut own: Vec<OwnTable> = Vec::new();
    for table in &written.tables {
        let start = table.span().start;
        let table = table.get_ref();
        if written.panel.is_none() && table.waits.is_none() {
            let what = format!("table `{}` has no data: say `[panel]` and `[[source]]`", table.id);
            return at.error(start, what);
        }
        let twice = tables.contains_key(&table.id) || own.iter().any(|own| own.id == table.id);
        if twice {
            return at.error(start, format!("table `{}` is given twice", table.id));
        }
        let known = printed.and_then(|printed| printed.table(&table.id));
        match (known, &table.title) {
            (Some(_), Some(_)) => {
                let what = format!("table `{}` was printed, so it has a title already", table.id);
                return at.error(start, what);
            }
            (None, Some(title)) => {
                if let Some(name) = &table.index
                    && !written.indices.iter().any(|scheme| scheme.name == *name.get_ref())
                {
                    let what = format!("no [[index]] is called `{}`", name.get_ref());
                    return at.error(name.span().start, what);
                }
                own.push(own::table(&at, start, table, title, &thresholds)?);
            }
            (Some(known), None) => {
                no_own_keys(&at, start, table)?;
                tables.insert(
                    table.id.clone(),
                    plan(&at, start, table, known, &thresholds, &written.indices)?,
                );
            }
            (None, None) => {
                let ids: Vec<&str> = printed
                    .map(|printed| printed.tables().iter().map(published::Table::id).collect())
                    .unwrap_or_default();
                let what = match ids.as_slice() {
                    [] => format!("table `{}` lacks a `title`", table.id),
                    ids => format!(
                        "no table `{}` was printed; there are {}; one of our own has a `title`",
                        table.id,
                        ids.join(", ")
                    ),
                };
                return at.error(start, what);
            }
        }
    }
    all_said(&at, printed, &tables)?;
    let ids: Vec<&str> = own.iter().map(|table| table.id.as_str()).collect();
    claim::resolve(&at, &written.claims, printed, &ids)?;
    let mut missing = BTreeMap::new();
    for variable in &written.missing {
        missing.insert(variable.name.clone(), variable.because.clone());
    }
    let deviations = deviations(&at, &written, printed)?;
    let data = written.panel.map(|panel| ingest::Spec {
        panel,
        sources: written.sources,
        variables: written.variables,
    });
    let derived = written.derived.into_iter().map(Spanned::into_inner).collect();
    let unknowns = unknowns(&at, written.unknowns)?;
    let seed = written.reconstruction.map(|reconstruction| reconstruction.seed);
    let Written { study: about, indices, figures, claims, .. } = written;
    Ok(Study {
        about,
        data,
        indices,
        derived,
        missing,
        unknowns,
        seed,
        thresholds,
        tables,
        own,
        figures,
        claims,
        deviations,
    })
}

/// An error for a printed table with numbers of which the study says nothing.
fn all_said(
    at: &At<'_>,
    printed: Option<&Transcription>,
    tables: &BTreeMap<String, Plan>,
) -> Result<(), Error> {
    for table in printed.iter().flat_map(|printed| printed.tables()) {
        let numbers = table.cells().any(|(_, cell)| cell.estimate().is_some());
        if numbers && !tables.contains_key(table.id()) {
            let id = table.id();
            return at
                .error(0, format!("table `{id}` was printed; say how it is computed, or `waits`"));
        }
    }
    Ok(())
}

/// The threshold regressions of a study by id.
fn thresholds(
    at: &At<'_>,
    written: &Written,
) -> Result<BTreeMap<String, causal::threshold::Spec>, Error> {
    let mut thresholds = BTreeMap::new();
    for threshold in &written.thresholds {
        let (start, threshold) = (threshold.span().start, threshold.get_ref());
        let spec = regimes::spec(at, threshold)?;
        if thresholds.insert(threshold.id.clone(), spec).is_some() {
            return at.error(start, format!("threshold `{}` is given twice", threshold.id));
        }
    }
    Ok(thresholds)
}

/// The columns that nobody has, each with why.
fn unknowns(at: &At<'_>, written: Vec<Spanned<Unknown>>) -> Result<Vec<Unknown>, Error> {
    if let Some(unknown) = written.iter().find(|of| of.get_ref().because.trim().is_empty()) {
        return at.error(unknown.span().start, "`because` is empty; say why nobody has the column");
    }
    Ok(written.into_iter().map(Spanned::into_inner).collect())
}

/// The mismatches that a study declares.
fn deviations(
    at: &At<'_>,
    written: &Written,
    printed: Option<&Transcription>,
) -> Result<Deviations, Error> {
    let mut deviations = Deviations::default();
    for deviation in &written.deviations {
        let toward = deviation.toward.as_ref().map(|text| at.parse(text)).transpose()?;
        for (cell, text) in &deviation.cells {
            let Some(printed) = printed else {
                return at
                    .error(cell.span().start, "nothing was printed that ours could differ from");
            };
            deviations
                .declare(
                    cell.get_ref(),
                    text,
                    &deviation.because,
                    &deviation.since,
                    toward.as_ref(),
                    printed,
                )
                .or_else(|what| at.error(cell.span().start, what))?;
        }
    }
    Ok(deviations)
}

/// What only tables of our own let choose; a printed table has it in its transcription.
fn no_own_keys(at: &At<'_>, start: usize, table: &Table) -> Result<(), Error> {
    let keys = [
        ("describe", !table.describe.is_empty()),
        ("moran", table.moran.is_some()),
        ("local-moran", table.local_moran.is_some()),
        ("inequality", table.inequality.is_some()),
        ("herfindahl", table.herfindahl.is_some()),
        ("show", !table.show.is_empty()),
        ("statistics", table.statistics.is_some()),
        ("stars", table.stars.is_some()),
        ("uncertainty", table.uncertainty.is_some()),
        ("decimals", table.decimals.is_some()),
    ];
    match keys.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((key, _)) => {
            at.error(start, format!("`{key}` is for tables of our own, which have a `title`"))
        }
    }
}
