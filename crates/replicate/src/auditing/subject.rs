//! The tables that are audited, and what is known of their columns.

use std::io::Read;
use std::path::{Path, PathBuf};

use audit::Schema;
use ingest::{Page, Sheet, page};
use published::{Grid, GridRow, Transcription};

use crate::{Error, run};

/// Text that is read at most, in bytes.
const BYTES: u64 = 8 << 20;
/// Cells that are read at most, of all tables.
const CELLS: usize = 100_000;

/// The tables that are audited.
pub(crate) struct Subject {
    /// What messages and reports call it.
    pub(crate) key: String,
    pub(crate) paper: Transcription,
    pub(crate) schema: Schema,
    /// How pasted tables were read.
    pub(crate) remarks: Vec<String>,
}

/// Where tables are looked for.
pub(crate) struct Wanted<'a> {
    /// A key, a path, or `-`.
    pub(crate) what: &'a str,
    pub(crate) sheet: Option<&'a str>,
    pub(crate) schema: Option<&'a Path>,
    pub(crate) fixtures: Option<&'a Path>,
}

/// Finds and reads the tables.
pub(crate) fn find(wanted: &Wanted<'_>) -> Result<Subject, Error> {
    let path = Path::new(wanted.what);
    let is_toml = path.extension().is_some_and(|ending| ending == "toml");
    if wanted.sheet.is_some() && !is_workbook(path) {
        let what = format!("`{}` has no sheets; --sheet is for workbooks", wanted.what);
        return Err(Error::Usage { what });
    }
    let mut subject = if wanted.what == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().take(BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| failed(Path::new("standard input"), &error))?;
        if bytes.len() as u64 > BYTES {
            let what =
                "standard input: more than 8 MB, which no printed table is; cut out the table";
            return Err(Error::Usage { what: what.to_owned() });
        }
        let text = String::from_utf8(bytes).map_err(|_| Error::Usage {
            what: "standard input: not UTF-8; save the table as a file, or convert it".to_owned(),
        })?;
        pasted("stdin", Transcription::pasted("stdin", &text)?)
    } else if path.is_dir() && path.join("published.toml").is_file() {
        transcribed(&path.join("published.toml"), None)?
    } else if is_toml && path.is_file() {
        transcribed(path, None)?
    } else if path.is_file() || looks_like_a_file(wanted.what) {
        from_page(path, wanted.sheet)?
    } else {
        of_paper(wanted)?
    };
    let cells = subject.paper.cells().count();
    if cells > CELLS {
        let what = format!("{}: {cells} cells are more than the {CELLS} of any paper", subject.key);
        return Err(Error::Usage { what });
    }
    if let Some(path) = wanted.schema {
        subject.schema = schema(path)?;
    }
    Ok(subject)
}

/// What a paper of the repository printed, if it printed anything, with its `audit.toml`.
pub(crate) fn in_folder(folder: &Path, key: &str) -> Result<Option<Subject>, Error> {
    let published = folder.join("published.toml");
    if published.is_file() { transcribed(&published, Some(key)).map(Some) } else { Ok(None) }
}

fn of_paper(wanted: &Wanted<'_>) -> Result<Subject, Error> {
    let fixtures = match wanted.fixtures {
        Some(folder) => folder.to_owned(),
        None => crate::cli::find_fixtures()?,
    };
    let known = run::keys(&fixtures)?;
    if !known.iter().any(|key| key == wanted.what) {
        return Err(Error::NoStudy { key: wanted.what.to_owned(), known });
    }
    in_folder(&fixtures.join("papers").join(wanted.what), wanted.what)?.ok_or_else(|| {
        Error::Usage {
            what: format!(
                "`{}` is a study of our own; nothing was printed that could be audited",
                wanted.what
            ),
        }
    })
}

/// Whether a name is meant for a file rather than for a paper.
fn looks_like_a_file(what: &str) -> bool {
    what.contains(['/', '\\', '.'])
}

fn is_workbook(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ["xlsx", "xlsm", "xls"].contains(&ending.as_str())
}

/// A `published.toml`, and the `audit.toml` beside it if there is one.
fn transcribed(path: &Path, key: Option<&str>) -> Result<Subject, Error> {
    let text = read(path)?;
    let name = run::shown(path);
    let paper = Transcription::parse(&name, &text)?;
    let beside = path.with_file_name("audit.toml");
    let schema = if beside.is_file() { schema(&beside)? } else { Schema::default() };
    let key = key.map_or_else(|| paper.paper().id.clone(), str::to_owned);
    Ok(Subject { key, paper, schema, remarks: Vec::new() })
}

fn schema(path: &Path) -> Result<Schema, Error> {
    Ok(Schema::parse(&run::shown(path), &read(path)?)?)
}

fn from_page(path: &Path, sheet: Option<&str>) -> Result<Subject, Error> {
    let name = run::shown(path);
    Ok(match page(path, sheet)? {
        Page::Text(text) => pasted(&name, Transcription::pasted(&name, &text)?),
        Page::Sheets(sheets) => {
            let grids: Vec<Grid> = sheets.iter().map(|sheet| grid(&name, sheet)).collect();
            let mut read = pasted(&name, Transcription::from_grids(&name, &grids)?);
            let numbers: usize = sheets.iter().map(|sheet| sheet.numbers).sum();
            if numbers > 0 {
                read.remarks.insert(0, format!(
                    "{name}: {numbers} cells hold numbers rather than text; a workbook keeps no zeros at \
                     their ends, so 0.30 counts as 0.3"
                ));
            }
            read
        }
    })
}

fn pasted(name: &str, pasted: published::Pasted) -> Subject {
    Subject {
        key: name.to_owned(),
        paper: pasted.transcription,
        schema: Schema::default(),
        remarks: pasted.remarks,
    }
}

fn grid(name: &str, sheet: &Sheet) -> Grid {
    let row = |(at, cells): &(u32, Vec<Option<String>>)| GridRow {
        at: format!("{name} `{}` row {at}", sheet.name),
        cells: cells.clone(),
    };
    Grid { rows: sheet.rows.iter().map(row).collect(), ..Grid::default() }
}

fn read(path: &Path) -> Result<String, Error> {
    let size = std::fs::metadata(path).map_err(|error| failed(path, &error))?.len();
    if size > BYTES {
        let what = format!("{}: more than 8 MB, which no paper's tables are", path.display());
        return Err(Error::Usage { what });
    }
    std::fs::read_to_string(path).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::Io { path: PathBuf::from(path), reason: error.to_string() }
}
