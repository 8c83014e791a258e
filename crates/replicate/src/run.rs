//! Running studies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use published::Transcription;
use report::replication::{Compared, ComparedCell, ComparedRow, Paper, Replication, SourceLine};

use crate::Error;
use crate::deviation::Deviations;
use crate::ours::{self, Ours};
use crate::resolve::{Fitted, Plan, Study, resolve};
use crate::specification::{self, Tested};
use crate::verdict::judge;

/// The keys of all studies under a `fixtures` folder, sorted.
///
/// # Errors
///
/// [`Error::NoFixtures`] if there is no folder of papers.
pub fn keys(fixtures: &Path) -> Result<Vec<String>, Error> {
    let papers = fixtures.join("papers");
    let Ok(entries) = std::fs::read_dir(&papers) else {
        return Err(Error::NoFixtures { looked: papers });
    };
    let mut keys: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("study.toml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    keys.sort();
    Ok(keys)
}

/// Replicates studies, all of them if `wanted` is empty.
///
/// # Errors
///
/// Any [`Error`]: bad input of any kind. A printed number that does not come out is no error but
/// a verdict.
pub fn replicate(fixtures: &Path, wanted: &[String]) -> Result<Replication, Error> {
    let known = keys(fixtures)?;
    if let Some(key) = wanted.iter().find(|key| !known.contains(key)) {
        return Err(Error::NoStudy { key: key.clone(), known });
    }
    let chosen = known.iter().filter(|key| wanted.is_empty() || wanted.contains(key));
    let papers = chosen.map(|key| paper(fixtures, key)).collect::<Result<_, _>>()?;
    Ok(Replication { papers })
}

fn paper(fixtures: &Path, key: &str) -> Result<Paper, Error> {
    let folder = fixtures.join("papers").join(key);
    let (published_file, published_text) = read(&folder.join("published.toml"))?;
    let printed = Transcription::parse(&published_file, &published_text)?;
    let (study_file, study_text) = read(&folder.join("study.toml"))?;
    let study = resolve(&study_file, &study_text, &printed)?;
    let loaded = ingest::load(&study.data, fixtures)?;

    let Study { missing, tables: plans, mut deviations, .. } = study;
    let mut tables = Vec::new();
    for table in printed.tables() {
        let ours = match plans.get(table.id()) {
            None => Computed::nothing("the study does not say how"),
            Some(Plan::Waits(why)) => Computed::nothing(why),
            Some(Plan::Describe(variables)) => describe(&loaded, variables, &missing)
                .map_err(|what| in_table(&study_file, table, what))?,
            Some(Plan::Regress(columns)) => regress(&loaded, table, columns, &missing)
                .map_err(|what| in_table(&study_file, table, what))?,
            Some(Plan::Tests(rows)) => tests(&loaded, table, rows, &missing)
                .map_err(|what| in_table(&study_file, table, what))?,
        };
        tables.push(compare(table, &ours, &mut deviations));
    }
    let paper = printed.paper();
    Ok(Paper {
        key: key.to_owned(),
        title: paper.title.clone(),
        authors: paper.authors.clone(),
        citation: citation(paper),
        tables,
        deviations: deviations.into_shown(),
        account: loaded.account.to_string().lines().map(str::to_owned).collect(),
        sources: loaded
            .files
            .iter()
            .map(|file| SourceLine {
                file: file.file.clone(),
                sha256: file.sha256.clone(),
                provenance: file.provenance.clone().unwrap_or_default(),
            })
            .collect(),
    })
}

fn citation(paper: &published::Paper) -> String {
    let parts = [paper.published.clone(), paper.doi.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn in_table(file: &str, table: &published::Table, what: String) -> Error {
    Error::Usage { what: format!("{file}: table `{}`: {what}", table.id()) }
}

fn read(path: &Path) -> Result<(String, String), Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::Io { path: path.to_owned(), reason: error.to_string() })?;
    Ok((shown(path), text))
}

/// A path as a reader of the repository would write it.
fn shown(path: &Path) -> String {
    let parts: Vec<_> = path.iter().collect();
    match parts.iter().rposition(|part| *part == "fixtures") {
        Some(at) => parts[at..].iter().collect::<PathBuf>().display().to_string(),
        None => path.display().to_string(),
    }
}

/// Our numbers for a table.
struct Computed {
    cells: BTreeMap<(String, String), Ours>,
    otherwise: Ours,
    notes: Vec<String>,
}

impl Computed {
    fn nothing(why: &str) -> Self {
        Self { cells: BTreeMap::new(), otherwise: Ours::None(why.to_owned()), notes: Vec::new() }
    }

    fn of(&self, row: &str, column: &str) -> &Ours {
        self.cells.get(&(row.to_owned(), column.to_owned())).unwrap_or(&self.otherwise)
    }
}

fn describe(
    loaded: &ingest::Loaded,
    variables: &BTreeMap<String, String>,
    missing: &BTreeMap<String, String>,
) -> Result<Computed, String> {
    let mut computed = Computed::nothing("no such statistic");
    for (label, variable) in variables {
        if let Some(why) = missing.get(variable) {
            for head in ["N", "mean", "sd", "min", "median", "max"] {
                let none = Ours::None(why.clone());
                computed.cells.insert((label.clone(), head.to_owned()), none);
            }
            continue;
        }
        for (head, ours) in ours::describe(loaded, variable)? {
            computed.cells.insert((label.clone(), head.to_owned()), ours);
        }
    }
    Ok(computed)
}

fn regress(
    loaded: &ingest::Loaded,
    table: &published::Table,
    columns: &BTreeMap<String, Fitted>,
    missing: &BTreeMap<String, String>,
) -> Result<Computed, String> {
    let mut computed = Computed::nothing("the study does not say what this row holds");
    for id in table.column_names() {
        let mut fill = |ours: &dyn Fn(&str) -> Option<Ours>| {
            for row in table.rows() {
                if let Some(ours) = ours(&row.label) {
                    computed.cells.insert((row.label.clone(), id.clone()), ours);
                }
            }
        };
        let estimation = match columns.get(id) {
            None => {
                fill(&|_| Some(Ours::None("the study does not say how".to_owned())));
                continue;
            }
            Some(Fitted::Waits(why)) => {
                fill(&|_| Some(Ours::None(why.clone())));
                continue;
            }
            Some(Fitted::By(estimation)) => estimation,
        };
        let gap =
            estimation.columns().into_iter().find_map(|name| Some((name, missing.get(name)?)));
        if let Some((name, why)) = gap {
            fill(&|_| Some(Ours::None(format!("{name}: {why}"))));
            continue;
        }
        match ours::estimate(&loaded.panel, estimation) {
            Err(estimate::Error::Panel(error)) => return Err(format!("column `{id}`: {error}")),
            Err(error) => {
                let why = error.to_string();
                fill(&|row| estimation.rows.get(row).map(|_| Ours::Failed(why.clone())));
            }
            Ok(estimated) => {
                let tier = ours::tier(loaded, estimation);
                fill(&|row| {
                    let quantity = estimation.rows.get(row)?;
                    Some(estimated.of(estimation, quantity, table.uncertainty(), tier))
                });
                computed.notes.push(format!("{id}: {}", estimation.how()));
                let notes = estimated.notes.iter().map(|note| format!("{id}: {note}"));
                computed.notes.extend(notes);
            }
        }
    }
    Ok(computed)
}

fn tests(
    loaded: &ingest::Loaded,
    table: &published::Table,
    rows: &BTreeMap<String, Tested>,
    missing: &BTreeMap<String, String>,
) -> Result<Computed, String> {
    let mut computed = Computed::nothing("no such number of a test");
    let of = |row: &published::Row| rows.get_key_value(&row.label);
    for (label, tested) in table.rows().iter().filter_map(of) {
        let (numbers, notes) = specification::compute(loaded, tested, missing)
            .map_err(|what| format!("row `{label}`: {what}"))?;
        for (head, ours) in numbers {
            computed.cells.insert((label.clone(), head.to_owned()), ours);
        }
        computed.notes.extend(notes.iter().map(|note| format!("{label}: {note}")));
    }
    Ok(computed)
}

fn compare(table: &published::Table, ours: &Computed, deviations: &mut Deviations) -> Compared {
    let heads = table.column_names();
    let rows = table.rows().iter().map(|row| {
        let cells: Vec<ComparedCell> = row
            .cells
            .iter()
            .zip(heads)
            .map(|(printed, head)| {
                let address = [table.id(), head.as_str(), row.label.as_str()];
                judge(address, printed, ours.of(&row.label, head), table.stars(), deviations)
            })
            .collect();
        ComparedRow { label: row.label.clone(), cells }
    });
    Compared {
        id: table.id().to_owned(),
        title: table.title().to_owned(),
        rows: rows.collect(),
        columns: heads.to_vec(),
        notes: ours.notes.clone(),
    }
}
