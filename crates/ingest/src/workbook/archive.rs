//! What an .xlsx unpacks to, before it is unpacked for good.

use std::fs::File as Input;
use std::io::{BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::damaged;
use crate::Error;
use crate::error::WorkbookError;
use crate::table::File;

/// Bytes to which a workbook may unpack: about as much XML as ten million cells need.
const UNPACKED: u64 = 1 << 29;
/// Within so many bytes the table of shared strings says how many there are.
const HEAD: usize = 1 << 16;
/// The shortest string of that table, `<si/>`.
const STRING: u64 = 5;

/// Whether the file begins as an archive does.
pub(super) fn is_archive(mut input: &Input) -> std::io::Result<bool> {
    let mut head = Vec::new();
    input.take(2).read_to_end(&mut head)?;
    input.seek(SeekFrom::Start(0))?;
    Ok(head == b"PK")
}

/// Unpacks every part once, into nothing, and counts.
///
/// The directory may lie: a part that unpacks to more than it declares is an error, and so is a
/// table of strings that promises more of them than it has room for, since memory is reserved for
/// what it promises.
pub(super) fn check(file: File<'_>, input: &Input) -> Result<(), Error> {
    let name = || file.name.to_owned();
    let broken = |error: zip::result::ZipError| damaged(file, error);
    let mut archive = ZipArchive::new(BufReader::new(input)).map_err(broken)?;
    let mut total = 0_u64;
    for at in 0..archive.len() {
        let part = archive.by_index_raw(at).map_err(broken)?;
        total = total.saturating_add(part.size());
    }
    if total > UNPACKED {
        return Err(WorkbookError::Unpacks { file: name(), bytes: total, limit: UNPACKED }.into());
    }
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(broken)?;
        let label = part.name().map_err(broken)?.into_owned();
        let declared = part.size();
        let mut head = vec![0; HEAD];
        let mut seen = 0_usize;
        let io = |error: std::io::Error| damaged(file, format!("{label}: {error}"));
        // A part that is read to its end has its checksum compared.
        while seen < HEAD {
            match part.read(&mut head[seen..]).map_err(io)? {
                0 => break,
                n => seen += n,
            }
        }
        let rest = (&mut part).take((declared + 1).saturating_sub(seen as u64));
        let rest = std::io::copy(&mut { rest }, &mut std::io::sink()).map_err(io)?;
        if seen as u64 + rest != declared {
            return Err(WorkbookError::Lies { file: name(), part: label, declared }.into());
        }
        if label.to_lowercase().ends_with("sharedstrings.xml") {
            let promised = promised(&head[..seen]);
            if promised.is_none_or(|strings| strings.saturating_mul(STRING) > declared) {
                return Err(WorkbookError::Lies { file: name(), part: label, declared }.into());
            }
        }
    }
    Ok(())
}

/// How many strings a table says it has; nothing if it does not begin as such a table does.
fn promised(head: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(head);
    // After the declaration, the first element must be the table: no comment hides another.
    let declaration = text.find("?>").map_or(0, |at| at + 2);
    let root = text[declaration..].trim_start().strip_prefix('<')?;
    let (tag, _) = root.split_once('>')?;
    let element = tag.split_whitespace().next()?.trim_end_matches('/');
    if element.rsplit(':').next() != Some("sst") {
        return None;
    }
    let Some((_, count)) = tag.split_once("uniqueCount") else { return Some(0) };
    count.split(['"', '\'']).nth(1)?.trim().parse().ok()
}
