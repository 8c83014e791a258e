//! Files as a person reads them.

use ingest::{Page, Sheet, page};

use super::common::Folder;
use super::workbooks::{STRINGS, archive, parts};

fn sheets(page: Page) -> Vec<Sheet> {
    match page {
        Page::Sheets(sheets) => sheets,
        Page::Text(text) => panic!("a text: {text}"),
    }
}

#[test]
fn a_text_is_decoded_whatever_it_is_in() {
    let folder = Folder::new();
    let text = "表 3,(1)\n地区,0.1\n";
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        gb.to_vec(),
        [b"\xff\xfe".to_vec(), wide].concat(),
    ] {
        let path = folder.write("t.csv", &bytes);
        assert_eq!(page(&path, None), Ok(Page::Text(text.to_owned())), "{bytes:?}");
    }
}

#[test]
fn cells_of_a_sheet_with_merges_blank_rows_and_numbers() {
    let folder = Folder::new();
    let path = folder.path("t.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("a").unwrap();
    let format = rust_xlsxwriter::Format::new();
    sheet.merge_range(0, 1, 0, 2, "lnY", &format).unwrap();
    sheet.write(3, 0, "lnX").unwrap();
    sheet.write(3, 1, "0.30***").unwrap();
    sheet.write(3, 2, 0.1 + 0.2).unwrap();
    book.add_worksheet().set_name("b").unwrap().write(0, 0, "x").unwrap();
    book.save(&path).unwrap();

    let text = |text: &str| Some(text.to_owned());
    let first = Sheet {
        name: "a".to_owned(),
        rows: vec![
            (1, vec![text(""), text("lnY"), None]),
            (3, vec![]),
            (4, vec![text("lnX"), text("0.30***"), text("0.3")]),
        ],
        numbers: 1,
    };
    let all = sheets(page(&path, None).unwrap());
    assert_eq!(all.len(), 2);
    assert_eq!(all[0], first);
    assert_eq!(sheets(page(&path, Some("a")).unwrap()), [first]);
    let missing = page(&path, Some("c")).unwrap_err().to_string();
    assert!(missing.contains("no sheet `c`; it has `a`, `b`"), "{missing}");
}

#[test]
fn pages_made_to_do_harm_cost_little() {
    let folder = Folder::new();
    let path = folder.path("d.xlsx");
    let begun = std::time::Instant::now();
    let says = |expected: &str| {
        let message = page(&path, None).map(drop).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}\n  not  {expected}");
    };
    // Far columns in many rows: few cells that span very many.
    let rows: Vec<String> = (1..=2_000)
        .map(|row| format!(r#"<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>"#))
        .collect();
    let rows = rows.concat();
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    archive(&path, &parts(sheet.as_bytes(), STRINGS));
    says("a sheet spans more than 1000000 cells");
    // A merge of the whole sheet is as wide as what is used.
    let merged = r#"<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>"#;
    archive(&path, &parts(merged.as_bytes(), STRINGS));
    assert_eq!(sheets(page(&path, None).unwrap())[0].rows[0].1.len(), 1);
    // A gigabyte of blanks in a megabyte.
    let blanks = vec![b' '; 300 << 20];
    let mut bomb = parts(merged.as_bytes(), STRINGS).to_vec();
    bomb.extend([("xl/a.xml", blanks.as_slice()), ("xl/b.xml", blanks.as_slice())]);
    archive(&path, &bomb);
    says("more than 536870912");
    // Compressed text that unfolds beyond measure, too long a text, and what is no text.
    let path = folder.write("t.csv", &vec![b','; 9 << 20]);
    let long = page(&path, None).unwrap_err().to_string();
    assert!(long.contains("is longer than 8 MB"), "{long}");
    for bytes in [&b"%PDF-1.7"[..], b"PK\x03\x04", b"some letters\0and more"] {
        let path = folder.write("t.txt", bytes);
        let message = page(&path, None).unwrap_err().to_string();
        assert!(message.contains("is no text"), "{message}");
    }
    let latin = page(&folder.write("t.txt", b"x\ncaf\xe9\n"), None).unwrap_err().to_string();
    assert!(latin.contains("t.txt:2: not UTF-8, UTF-16 or GB18030"), "{latin}");
    assert!(page(&folder.path("no.csv"), None).is_err() && page(&folder.path(""), None).is_err());
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
