//! Workbooks: which sheet is read, and what is made to do harm.

use std::io::Write;
use std::path::Path;

use ingest::open;

use super::common::{Folder, key};
use super::fixtures;

/// A part of an archive: its name and content.
pub(super) type Part<'p> = (&'p str, &'p [u8]);

pub(super) fn archive(path: &Path, parts: &[Part<'_>]) {
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, content) in parts {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap();
}

/// The parts of a workbook of one sheet.
pub(super) fn parts<'p>(sheet: &'p [u8], strings: &'p [u8]) -> [Part<'p>; 6] {
    [
        ("[Content_Types].xml", br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#),
        ("_rels/.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
    ]
}

pub(super) const STRINGS: &[u8] =
    br#"<?xml version="1.0"?><sst uniqueCount="1"><si><t>id</t></si></sst>"#;

const CELLS: &str = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>t</t></is></c></row><row r="1048576"><c r="A1048576"><v>1</v></c><c r="B1048576"><v>2</v></c><c r="XFD1048576"/></row>"#;

#[test]
fn workbooks_made_to_do_harm_cost_little() {
    let folder = Folder::new();
    let path = folder.path("d.xlsx");
    let begun = std::time::Instant::now();
    let says = |expected: &str| {
        let message = open(&path, &key(), None).map(drop).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}\n  not  {expected}");
    };
    // A declared table of all cells there can be, and three cells in its corners.
    let sheet = format!(
        r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData>{CELLS}</sheetData></worksheet>"#
    );
    archive(&path, &parts(sheet.as_bytes(), STRINGS));
    let (panel, _) = open(&path, &key(), None).unwrap();
    assert_eq!((panel.n_rows(), panel.row_label(0)), (1, ("1".into(), 2)));
    // Strings promised that are not there: memory would be reserved for them.
    for count in ["99999999999", "18446744073709551615", "x"] {
        let strings =
            format!(r#"<?xml version="1.0"?><sst uniqueCount="{count}"><si><t>id</t></si></sst>"#);
        archive(&path, &parts(sheet.as_bytes(), strings.as_bytes()));
        says("`xl/sharedStrings.xml` does not unpack to");
    }
    // A gigabyte of blanks in a megabyte.
    let blanks = vec![b' '; 300 << 20];
    let mut bomb = parts(sheet.as_bytes(), STRINGS).to_vec();
    bomb.extend([("xl/a.xml", blanks.as_slice()), ("xl/b.xml", blanks.as_slice())]);
    archive(&path, &bomb);
    assert!(std::fs::metadata(&path).unwrap().len() < 2 << 20);
    says("more than 536870912; save the sheet");
    // The same, in an archive that says it is small.
    let small = parts(sheet.as_bytes(), STRINGS);
    archive(&path, &small);
    let honest = std::fs::read(&path).unwrap();
    let size = u32::try_from(sheet.len()).unwrap();
    let mut lying = honest.clone();
    let from = size.to_le_bytes();
    let hits: Vec<usize> = (0..honest.len() - 4).filter(|&at| honest[at..at + 4] == from).collect();
    assert!(!hits.is_empty());
    for at in hits {
        lying[at..at + 4].copy_from_slice(&(size - 9).to_le_bytes());
    }
    std::fs::write(&path, &lying).unwrap();
    says("xl/worksheets/sheet1.xml: File is larger than its declared uncompressed size");
    // Cut short, and not a workbook at all.
    std::fs::write(&path, &honest[..honest.len() - 30]).unwrap();
    says("cannot be read as a workbook");
    std::fs::write(&path, b"id,t\na,1\n").unwrap();
    says("it begins like neither .xlsx nor .xls");
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn an_old_workbook_with_stray_cells() {
    let folder = Folder::new();
    let bytes = std::fs::read(fixtures().join("ingest/gdp.xls")).unwrap();
    // The number in row 5, column B moves to the last row and column that two bytes can say.
    let record = [0x7E, 0x02, 10, 0, 4, 0, 1, 0];
    let at = bytes.windows(8).position(|window| window == record).unwrap();
    let mut stray = bytes.clone();
    stray[at + 4..at + 8].copy_from_slice(&[0xFF; 4]);
    let path = folder.write("d.xls", &stray);
    let message = open(&path, &key(), None).unwrap_err().to_string();
    assert!(
        message.contains("in a table of 65536 rows and 65536 columns, more than 10000000 cells"),
        "{message}"
    );
    // Declared, not there.
    let declared = bytes.windows(4).position(|window| window == [0x00, 0x02, 14, 0]).unwrap();
    let mut lying = bytes;
    lying[declared + 8..declared + 12].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0x7F]);
    let path = folder.write("d.xls", &lying);
    let message = open(&path, &key(), None).unwrap_err().to_string();
    assert!(message.contains("2147483648 rows and 20 columns"), "{message}");
}

#[test]
fn which_sheet() {
    let folder = Folder::new();
    let path = folder.path("d.xlsx");
    let write = |sheets: &[(&str, bool)]| {
        let mut book = rust_xlsxwriter::Workbook::new();
        for (name, filled) in sheets {
            let sheet = book.add_worksheet().set_name(*name).unwrap();
            if *filled {
                for (column, text) in (0..).zip(["id", "t", "x"]) {
                    sheet.write(0, column, text).unwrap();
                }
                sheet.write(1, 0, "a").unwrap();
                sheet.write(1, 1, 1).unwrap();
                sheet.write(1, 2, 2).unwrap();
            }
        }
        book.save(&path).unwrap();
        open(&path, &key(), None).map(|(_, account)| account.to_string()).map_err(|e| e.to_string())
    };
    let only = write(&[("空", false), ("数据", true), ("last", false)]).unwrap();
    assert!(
        only.contains("sheet `数据`, the only one with cells; tidy, header in row 1"),
        "{only}"
    );
    let several = write(&[("2021", true), ("2022", true)]).unwrap_err();
    assert!(
        several.contains("has several sheets with cells: `2021`, `2022`; say which"),
        "{several}"
    );
    assert!(write(&[("2021", false)]).unwrap_err().contains("no sheet has a cell"));
}
