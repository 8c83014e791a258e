//! Running studies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ingest::{SYNTHETIC, Tier};
use published::Transcription;
use report::replication::{Paper, Replication, SourceLine};

use crate::auditing::beside;
use crate::printed::Setting;
use crate::resolve::{Study, resolve};
use crate::{Error, claim, composites, figure, made, own, printed, unknown};

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
/// A study is wanted by its key, or by the path of its folder or of its `study.toml`; one by its path
/// has its data in its own folder, unless that is a folder of `fixtures/papers`.
///
/// # Errors
///
/// Any [`Error`]: bad input of any kind. A printed number that does not come out is no error but
/// a verdict.
pub fn replicate(fixtures: &Path, wanted: &[String]) -> Result<Replication, Error> {
    let mut places = Vec::new();
    // Paths need no folder of papers.
    let all = wanted.is_empty() || wanted.iter().any(|key| !is_path(key));
    let known = if all { keys(fixtures)? } else { Vec::new() };
    let keyed = known.iter().filter(|key| wanted.is_empty() || wanted.contains(key));
    places.extend(keyed.map(|key| in_papers(fixtures, key)));
    for path in wanted.iter().filter(|key| !known.contains(key)) {
        if !is_path(path) {
            return Err(Error::NoStudy { key: path.clone(), known });
        }
        places.push(at_path(Path::new(path), fixtures)?);
    }
    let papers = places.iter().map(paper).collect::<Result<_, _>>()?;
    Ok(Replication { papers })
}

/// Where one study is, by its key or its path.
pub(crate) fn find(fixtures: Option<&Path>, wanted: &str) -> Result<Place, Error> {
    let fixtures = match fixtures {
        Some(folder) => Ok(folder.to_owned()),
        None => crate::cli::find_fixtures(),
    };
    if is_path(wanted) {
        // A folder elsewhere has its data in itself.
        return at_path(Path::new(wanted), &fixtures.unwrap_or_default());
    }
    let fixtures = fixtures?;
    let known = keys(&fixtures)?;
    if !known.iter().any(|key| key == wanted) {
        return Err(Error::NoStudy { key: wanted.to_owned(), known });
    }
    Ok(in_papers(&fixtures, wanted))
}

fn in_papers(fixtures: &Path, key: &str) -> Place {
    let folder = fixtures.join("papers").join(key);
    let study = folder.join("study.toml");
    Place { key: key.to_owned(), folder, study, data: fixtures.to_owned() }
}

/// Whether a study is named by a path: a folder, or a file that ends in `.toml`.
pub(crate) fn is_path(wanted: &str) -> bool {
    let path = Path::new(wanted);
    path.extension().is_some_and(|ending| ending == "toml") || path.join("study.toml").is_file()
}

pub(crate) fn at_path(path: &Path, fixtures: &Path) -> Result<Place, Error> {
    let failed =
        |error: std::io::Error| Error::Io { path: path.to_owned(), reason: error.to_string() };
    let whole = path.canonicalize().map_err(failed)?;
    let study = if whole.is_dir() { whole.join("study.toml") } else { whole };
    let folder = study.parent().unwrap_or(Path::new(".")).to_owned();
    // A study of another name than `study.toml` is called by it.
    let named = study.file_stem().filter(|stem| *stem != "study").or(folder.file_name());
    let key = named.unwrap_or_default().to_string_lossy().into_owned();
    let papers = fixtures.join("papers").canonicalize().ok();
    let data = match folder.parent() {
        Some(parent) if papers.as_deref() == Some(parent) => fixtures.to_owned(),
        _ => folder.clone(),
    };
    Ok(Place { key, folder, study, data })
}

/// The folder of a study, and where its data are.
pub(crate) struct Place {
    pub(crate) key: String,
    pub(crate) folder: PathBuf,
    pub(crate) study: PathBuf,
    pub(crate) data: PathBuf,
}

/// A study and what was printed, read and checked.
pub(crate) struct Opened {
    /// What an error names.
    pub(crate) file: String,
    pub(crate) printed: Option<Transcription>,
    pub(crate) study: Study,
}

pub(crate) fn open(place: &Place) -> Result<Opened, Error> {
    let published = place.folder.join("published.toml");
    let printed = if published.is_file() {
        let (file, text) = read(&published)?;
        Some(Transcription::parse(&file, &text)?)
    } else {
        None
    };
    let (file, text) = read(&place.study)?;
    let study = resolve(&file, &text, printed.as_ref())?;
    Ok(Opened { file, printed, study })
}

fn paper(place: &Place) -> Result<Paper, Error> {
    let Opened { file: study_file, printed, mut study } = open(place)?;
    let wrong = |what: String| Error::Usage { what: format!("{study_file}: {what}") };
    let mut missing = std::mem::take(&mut study.missing);
    let unavailable = missing.clone();
    let mut account: Vec<String> = Vec::new();
    let mut indices = BTreeMap::new();
    let mut loaded = None;
    if let Some(mut data) = study.data.take() {
        unknown::absent(&mut data, &place.data, &study.unknowns, &mut missing);
        let (data, after) = made::split(data, &study.indices, &missing);
        let mut found = ingest::load(&data, &place.data)?;
        account.extend(lines(&found.account));
        let said = found.account.entries.len();
        let made = made::complete(&mut found, &study, &after, &BTreeMap::new(), &mut missing)
            .map_err(wrong)?;
        account.extend(made.indices.values().map(composites::said));
        let entries = found.account.entries.split_off(said);
        account.extend(lines(&ingest::Account { entries, ..Default::default() }));
        account.extend(made.derived);
        indices = made.indices;
        loaded = Some(found);
    }
    let Study { about, indices: schemes, thresholds, tables: plans, .. } = study;
    let (own, figures, claims, mut deviations) =
        (study.own, study.figures, study.claims, study.deviations);
    if printed.is_none() {
        // Beside a printed table the reason stands in its cells.
        account.extend(unavailable.iter().map(|(name, why)| format!("not there: {name}: {why}")));
    }
    let setting =
        Setting::new(loaded.as_ref(), &missing, &thresholds, &schemes, indices, &BTreeMap::new())
            .map_err(wrong)?;

    let mut tables = Vec::new();
    for table in printed.iter().flat_map(Transcription::tables) {
        let compared = printed::table(table, plans.get(table.id()), &setting, &mut deviations)
            .map_err(|what| wrong(format!("table `{}`: {what}", table.id())))?;
        tables.push(compared);
    }
    beside::explain(&place.folder, &place.key, &mut tables)?;
    let own = own.iter().map(|table| {
        own::compute(table, &setting).map_err(|what| wrong(format!("table `{}`: {what}", table.id)))
    });
    let own = own.collect::<Result<Vec<_>, _>>()?;
    let mut drawn = Vec::new();
    for figure in &figures {
        let shown = figure::compute(figure, printed.as_ref(), loaded.as_ref())
            .map_err(|what| wrong(format!("figure `{}`: {what}", figure.id)))?;
        drawn.push(shown);
    }
    let claims = match &printed {
        None => Vec::new(),
        Some(printed) => claim::compute(&claims, printed, loaded.as_ref(), &own).map_err(wrong)?,
    };
    let (title, authors, citation) = match (&printed, about) {
        (Some(printed), _) => {
            let paper = printed.paper();
            (paper.title.clone(), paper.authors.clone(), citation(paper))
        }
        (None, Some(about)) => (about.title, about.authors, String::new()),
        (None, None) => Default::default(),
    };
    let files = loaded.iter().flat_map(|loaded| &loaded.files);
    Ok(Paper {
        key: place.key.clone(),
        title,
        authors,
        citation,
        is_own: printed.is_none(),
        tables,
        own,
        figures: drawn,
        claims,
        deviations: deviations.into_shown(),
        account,
        sources: files
            .map(|file| SourceLine {
                file: file.file.clone(),
                sha256: file.sha256.clone(),
                provenance: match (&file.provenance, file.tier) {
                    (Some(text), _) => text.clone(),
                    (None, Tier::Reconstructed) => SYNTHETIC.trim().to_owned(),
                    (None, Tier::Real) => String::new(),
                },
            })
            .collect(),
    })
}

fn lines(account: &ingest::Account) -> Vec<String> {
    account.to_string().lines().map(str::to_owned).collect()
}

fn citation(paper: &published::Paper) -> String {
    let parts = [paper.published.clone(), paper.doi.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn read(path: &Path) -> Result<(String, String), Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::Io { path: path.to_owned(), reason: error.to_string() })?;
    Ok((shown(path), text))
}

/// A path as a reader of the repository would write it.
pub(crate) fn shown(path: &Path) -> String {
    let parts: Vec<_> = path.iter().collect();
    match parts.iter().rposition(|part| *part == "fixtures") {
        Some(at) => parts[at..].iter().collect::<PathBuf>().display().to_string(),
        None => path.display().to_string(),
    }
}
