//! From a panel to a file, whole or not at all.

mod csv;
mod dta;
mod parquet;
mod xlsx;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use panel::Panel;

use crate::{Account, Error};

pub use csv::write_csv;
pub use dta::{Renamed, write_dta};
pub use parquet::write_parquet;
pub use xlsx::write_xlsx;

/// Whether a panel can be written under this name, as far as can be told before there is one: its ending and
/// its folder.
///
/// # Errors
///
/// [`Error::Writes`] for another ending, [`Error::Io`] if there is no such folder.
pub fn can_write(path: &Path) -> Result<(), Error> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if !matches!(extension.as_str(), "csv" | "parquet" | "dta" | "xlsx") {
        return Err(Error::Writes { file: path.display().to_string() });
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        let reason = "there is no such folder; make it first".to_owned();
        return Err(Error::Io { path: folder.to_owned(), reason });
    }
    Ok(())
}

/// Writes a panel in the format that the name of the file says: `.csv`, `.parquet`, `.dta` or
/// `.xlsx`.
///
/// # Errors
///
/// [`Error::Writes`] for any other name, and those of the format.
pub fn write(panel: &Panel, account: &Account, path: &Path) -> Result<Vec<Renamed>, Error> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match extension.as_str() {
        "csv" => write_csv(panel, path)?,
        "parquet" => write_parquet(panel, path)?,
        "dta" => return write_dta(panel, account, path),
        "xlsx" => write_xlsx(panel, account, path)?,
        _ => return Err(Error::Writes { file: path.display().to_string() }),
    }
    Ok(Vec::new())
}

/// Writes beside the file and renames, so that a reader never sees a part of it.
pub(crate) fn whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), Box<dyn std::error::Error>>,
) -> Result<(), Error> {
    let mut part = path.file_name().unwrap_or_default().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(part);
    let done = (|| {
        let mut file = BufWriter::new(File::create(&part)?);
        write(&mut file)?;
        file.flush()?;
        file.into_inner()?.sync_all()?;
        std::fs::rename(&part, path)?;
        Ok(())
    })();
    done.map_err(|error: Box<dyn std::error::Error>| {
        // Nothing to add to the first error if this fails too.
        let _ = std::fs::remove_file(&part);
        Error::Io { path: path.to_owned(), reason: error.to_string() }
    })
}
