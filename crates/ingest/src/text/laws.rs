//! Reading in blocks is reading by the csv crate, record by record.
#![allow(clippy::unwrap_used, reason = "tests write files")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use panel::Column;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::*;

/// A file that is gone when the test ends.
struct Written(PathBuf);

impl Written {
    fn new(content: &[u8]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ingest-text-{}-{count}.csv", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, content).unwrap();
        Self(path)
    }

    /// A plain file: nothing is detected.
    fn file(&self) -> File<'_> {
        let hints = Hints {
            encoding: Some(Encoding::Utf8),
            delimiter: Some(Delimiter::Comma),
            decimal: Some(Decimal::Point),
            thousands: Some(Thousands::None),
        };
        File { path: &self.0, name: "d.csv", hints, watch: None }
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What a file holds, as text that two readings can be compared by.
type Found = Result<Vec<Vec<String>>, String>;

const HEADER: &str = "id,x,k\n";

/// The keys and the cells of every row, in blocks of `size`.
fn in_blocks(file: &Written, size: usize) -> Found {
    let key = Key { entity: Some("id".into()), period: None };
    let table = attempt(file.file(), &key, None, &[], size).map_err(|error| error.to_string())?;
    let entity = &table.index.entity;
    let id = entity.codes().iter().map(|&code| entity.label(code)).collect();
    let shown = |column: &Column| match column {
        Column::Number(xs) => xs.iter().map(|x| format!("{x:?}")).collect(),
        Column::Category(factor) => (factor.codes().iter())
            .map(|&code| format!("<{}>", factor.label(code)).replace("<>", "NaN"))
            .collect(),
    };
    Ok(std::iter::once(id).chain(table.columns.iter().map(|(_, column)| shown(column))).collect())
}

/// The same by a loop over the records of the csv crate; of an error, its place.
fn one_by_one(content: &[u8]) -> Found {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(content);
    let mut found: Vec<Vec<String>> = vec![Vec::new(); 3];
    let mut kinds: [Option<bool>; 3] = [None; 3];
    let rows: Vec<ByteRecord> = reader.byte_records().map(Result::unwrap).collect();
    for record in rows {
        let start = usize::try_from(record.position().unwrap().byte()).unwrap();
        let blank = content[start..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
        let before = String::from_utf8_lossy(&content[..start + blank]).replace("\r\n", "\n");
        let line = 1 + before.matches(['\n', '\r']).count();
        let fail = Err(format!("d.csv:{line}: "));
        let texts: Vec<&str> = record.iter().map_while(|c| std::str::from_utf8(c).ok()).collect();
        if texts.len() != 3 || record.len() != 3 || texts.iter().any(|text| text.contains('\0')) {
            return fail;
        }
        if texts[0].is_empty() {
            return fail;
        }
        found[0].push(texts[0].to_owned());
        for at in 1..3 {
            let trimmed = texts[at].trim();
            let number: Option<f64> = trimmed.parse().ok().filter(|x: &f64| !x.is_nan());
            if number.is_none()
                && ["", "NA", ".", "NAN", "NULL"].contains(&&*trimmed.to_uppercase())
            {
                found[at].push("NaN".into());
                continue;
            }
            let wide = number.is_some_and(|x| {
                !x.is_finite() || x.abs() >= 2f64.powi(53) && !trimmed.contains(['.', 'e', 'E'])
            });
            if *kinds[at].get_or_insert(number.is_some()) != number.is_some() || wide {
                return fail;
            }
            found[at].push(number.map_or_else(|| format!("<{}>", texts[at]), |x| format!("{x:?}")));
        }
    }
    if found[0].is_empty() { Err("d.csv: ".into()) } else { Ok(found) }
}

fn cell() -> impl Strategy<Value = Vec<u8>> {
    let often = |text: &'static [u8]| Just(text.to_vec());
    prop_oneof![
        8 => (-999i32..999).prop_map(|x| format!("{}", f64::from(x) / 8.0).into_bytes()),
        3 => "[a-c]{1,3}".prop_map(String::into_bytes),
        2 => often(b""),
        1 => often(b"NA"),
        1 => often(b" 3 "),
        1 => often("年\u{feff}".as_bytes()),
        1 => often("\u{feff}a".as_bytes()),
        1 => often(b"\"a,\nb\""),
        1 => often(b"\"a\r\n\r\"\"b\""),
        1 => often(b"\"1\""),
        1 => often(b"a\"b\""),
        1 => often(b"\"a\"b\"\""),
    ]
}

/// Cells that end a file.
fn bad() -> impl Strategy<Value = Vec<u8>> {
    let texts: [&[u8]; 7] =
        [b"1e999", b"9007199254740993", b"a\0", b"\xff", b"\"open", b"1,2", b"-inf"];
    proptest::sample::select(texts.to_vec()).prop_map(<[u8]>::to_vec)
}

/// Rows of three cells, now and then with one that is wrong.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let labels = prop_oneof![1 => Just(false), 3 => Just(true)];
    let end = proptest::sample::select(vec!["\n", "\r\n", "\n\n", "\r", "\n\r\n"]);
    let row = (proptest::collection::vec(cell(), 3), end, proptest::option::weighted(0.02, bad()));
    (proptest::collection::vec(row, 0..60), labels, any::<bool>()).prop_map(
        |(rows, labels, end)| {
            let mut content = HEADER.as_bytes().to_vec();
            for (mut cells, end, bad) in rows {
                // Columns of one kind let a file be read to its end.
                let quoted = |cell: &[u8]| cell.starts_with(b"\"");
                let number = |cell: &[u8]| {
                    let text = String::from_utf8_lossy(cell).replace('"', "");
                    text == "NA" || text.trim().parse::<f64>().is_ok()
                };
                if labels && !quoted(&cells[2]) && !cells[2].is_empty() {
                    cells[2].insert(0, b'k');
                } else if labels && number(&cells[2]) {
                    cells[2].clear();
                }
                if labels && !number(&cells[1]) {
                    cells[1].clear();
                }
                if !quoted(&cells[0]) {
                    cells[0].insert(0, b'i');
                }
                cells[1] = bad.unwrap_or(std::mem::take(&mut cells[1]));
                content.extend(cells.join(&b','));
                content.extend(end.bytes());
            }
            if !end {
                while content.last().is_some_and(|byte| b"\r\n".contains(byte)) {
                    content.pop();
                }
            }
            content
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn blocks_are_read_as_the_file_is(content in content(), size in 1usize..80) {
        let file = Written::new(&content);
        let (small, whole) = (in_blocks(&file, size), in_blocks(&file, BLOCK));
        prop_assert_eq!(&small, &whole);
        match (one_by_one(&content), whole) {
            (Ok(plain), Ok(found)) => prop_assert_eq!(plain, found),
            (Err(place), Err(message)) => prop_assert!(message.starts_with(&place), "{} {}", place, message),
            // The csv crate does not mind.
            (Ok(_), Err(message)) => prop_assert!(message.contains("a quote is opened"), "{}", message),
            (Err(place), Ok(_)) => prop_assert!(false, "no error at {}", place),
        }
    }
}

/// So that the law above speaks of files that are read, and of files that are not.
#[test]
fn the_law_sees_both_ends() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut read, mut refused) = (0, 0);
    for _ in 0..200 {
        let content = content().new_tree(&mut runner).unwrap().current();
        match one_by_one(&content) {
            Ok(_) => read += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(read > 40 && refused > 40, "{read} read, {refused} refused");
}
