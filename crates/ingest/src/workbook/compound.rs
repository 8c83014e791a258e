//! What an .xls spans, before a table of that size is made.
//!
//! The reader lays the cells of a sheet out in the table that they span, and reserves what the
//! sheet declares. Two cells in far corners, or a lie, would be hundreds of gigabytes. So the
//! records are walked once: where cells stand and what is declared, nothing else.

use std::collections::HashSet;

use super::damaged;
use crate::Error;
use crate::error::WorkbookError;
use crate::table::File;

const MAGIC: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
/// Sector numbers from here on are marks, not sectors.
const MARKS: u32 = 0xFFFF_FFFA;
/// Records that hold a cell: row and column are their first two numbers.
const CELLS: [u16; 8] = [0x0006, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E, 0x00BD];
const DIMENSIONS: u16 = 0x0200;
/// Begins a sheet, or a chart within one.
const BOF: u16 = 0x0809;
/// Ends either.
const EOF: u16 = 0x000A;
/// Says where a sheet begins.
const SHEET: u16 = 0x0085;

/// Fails if a sheet spans or declares more than `limit` cells.
pub(super) fn check(file: File<'_>, limit: u64) -> Result<(), Error> {
    let bytes = std::fs::read(file.path).map_err(|error| file.io(&error))?;
    let short = || damaged(file, "the file ends early");
    if bytes.get(..8) != Some(&MAGIC) {
        return Err(damaged(file, "it begins like neither .xlsx nor .xls").into());
    }
    let stream = workbook(&bytes).ok_or_else(short)?;
    let spread = |rows: u64, columns: u64| WorkbookError::Spread {
        file: file.name.to_owned(),
        rows,
        columns,
        limit,
    };
    // First and last row, first and last column of the sheet so far.
    let mut span: Option<[u64; 4]> = None;
    let (mut begun, mut said, mut depth) = (HashSet::new(), Vec::new(), 0_u32);
    let mut at = 0;
    while let (Some(kind), Some(length)) = (u16_at(&stream, at), u16_at(&stream, at + 2)) {
        let body = stream.get(at + 4..at + 4 + usize::from(length)).ok_or_else(short)?;
        if kind == BOF {
            begun.insert(at as u64);
            // Cells around a chart are of one sheet.
            span = span.filter(|_| depth > 0);
            depth += 1;
        } else if kind == EOF {
            depth = depth.saturating_sub(1);
        } else if kind == SHEET {
            said.push(u64::from(u32_at(body, 0).ok_or_else(short)?));
        } else if kind == DIMENSIONS {
            let (rows, columns) = declared(body).ok_or_else(short)?;
            if rows.saturating_mul(columns) > limit {
                return Err(spread(rows, columns).into());
            }
        } else if CELLS.contains(&kind) {
            let row = u64::from(u16_at(body, 0).ok_or_else(short)?);
            let column = u64::from(u16_at(body, 2).ok_or_else(short)?);
            let last = if kind == 0x00BD { body.len().checked_sub(2) } else { None };
            let last = last.and_then(|at| u16_at(body, at)).map_or(column, u64::from);
            let [top, bottom, left, right] = span.unwrap_or([row, row, column, last]);
            let now = [top.min(row), bottom.max(row), left.min(column), right.max(last)];
            let (rows, columns) = (now[1] - now[0] + 1, now[3].saturating_sub(now[2]) + 1);
            if rows.saturating_mul(columns) > limit {
                return Err(spread(rows, columns).into());
            }
            span = Some(now);
        }
        at += 4 + usize::from(length);
    }
    // A sheet that began elsewhere would be other records than those that were walked.
    if said.iter().all(|at| begun.contains(at)) { Ok(()) } else { Err(short().into()) }
}

/// Rows and columns that a sheet declares.
fn declared(body: &[u8]) -> Option<(u64, u64)> {
    let (top, bottom, left, right) = if body.len() < 14 {
        let at = |at| u16_at(body, at).map(u64::from);
        (at(0)?, at(2)?, at(4)?, at(6)?)
    } else {
        let at = |at| u16_at(body, at).map(u64::from);
        (u32_at(body, 0)?.into(), u32_at(body, 4)?.into(), at(8)?, at(10)?)
    };
    Some((bottom.saturating_sub(top) + 1, right.saturating_sub(left) + 1))
}

/// The stream of the workbook, put together from its sectors.
fn workbook(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = match u16_at(bytes, 30)? {
        shift @ 7..=15 => 1_usize << shift,
        _ => return None,
    };
    let sector = |id: u32| {
        let start = (id as usize).checked_add(1)?.checked_mul(size)?;
        bytes.get(start..bytes.len().min(start.checked_add(size)?))
    };
    let numbers = |bytes: &[u8]| -> Vec<u32> {
        bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
    };
    // Which sectors hold the table of what follows what: 109 in the header, the rest in a chain.
    let mut tables = numbers(bytes.get(76..512)?);
    let mut next = u32_at(bytes, 68)?;
    let mut met = HashSet::new();
    while next < MARKS {
        // A chain that comes back to where it was has no end.
        met.insert(next).then_some(())?;
        let mut more = numbers(sector(next)?);
        next = more.pop()?;
        tables.extend(more);
    }
    let mut follows = Vec::new();
    for &id in tables.iter().filter(|&&id| id < MARKS) {
        follows.extend(numbers(sector(id)?));
    }
    let chain = |first: u32| {
        let (mut all, mut id, mut met) = (Vec::new(), first, HashSet::new());
        while id < MARKS {
            met.insert(id).then_some(())?;
            all.extend_from_slice(sector(id)?);
            id = follows.get(id as usize).copied().unwrap_or(u32::MAX);
        }
        Some(all)
    };
    let directory = chain(u32_at(bytes, 48)?)?;
    let entries: Vec<&[u8]> = directory.chunks_exact(128).collect();
    let named = |entry: &&&[u8], wanted: &str| {
        let units = entry[..64].chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
        let name: Vec<u16> = units.take_while(|&unit| unit != 0).collect();
        String::from_utf16_lossy(&name).eq_ignore_ascii_case(wanted)
    };
    let find = |wanted: &str| entries.iter().find(|entry| named(entry, wanted));
    let entry = find("Workbook").or_else(|| find("Book"))?;
    let (start, length) = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
    let mut stream = if length < 4096 {
        // Small streams lie in pieces of 64 bytes within the root's own stream.
        let pieces = chain(u32_at(entries.first()?, 116)?)?;
        let follows = numbers(&chain(u32_at(bytes, 60)?)?);
        let (mut all, mut id, mut met) = (Vec::new(), start, HashSet::new());
        while id < MARKS {
            met.insert(id).then_some(())?;
            let from = (id as usize).checked_mul(64)?;
            all.extend_from_slice(pieces.get(from..from.checked_add(64)?)?);
            id = follows.get(id as usize).copied().unwrap_or(u32::MAX);
        }
        all
    } else {
        chain(start)?
    };
    stream.truncate(length);
    Some(stream)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
