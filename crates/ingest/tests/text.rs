//! Text files as they really come: in other encodings, compressed, with other separators, damaged.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests write files")]

mod common;

use std::fmt::Write as _;
use std::io::Write as _;

use common::{Folder, key};
use encoding_rs::{BIG5, GB18030};
use ingest::{Error, Loaded, Place, Spec, TextError, load, load_watched, open};
use panel::{Panel, Term};

const PLAIN: &str = "地区,年份,产值,备注\n北京市,2014,1234.5,\"首都, 直辖市\"\n山西省,2014,-0.25,省\n陕西省,2014,,省\n北京市,2015,2000,省\n";

fn chinese() -> ingest::Key {
    ingest::Key { entity: Some("地区".into()), period: Some("年份".into()) }
}

fn gz(content: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(content).unwrap();
    packed.finish().unwrap()
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
        .collect()
}

/// A panel whose missing numbers are equal.
fn shown(panel: &Panel) -> String {
    format!("{panel:?}")
}

/// Loads `file` under `folder` with what `said` adds to its source.
fn loaded(folder: &Folder, file: &str, said: &str) -> Result<Loaded, Error> {
    let text = format!(
        "[panel]\nentity='id'\nperiod='t'\n[[source]]\nfile='{file}'\ntier='real'\n{said}\n"
    );
    let spec: Spec = toml::from_str(&text).unwrap();
    load(&spec, &folder.path(""))
}

#[test]
fn one_table_in_many_clothes() {
    let folder = Folder::new();
    let plain = open(&folder.write("plain.csv", PLAIN.as_bytes()), &chinese(), None).unwrap().0;
    let european = PLAIN
        .replace("\"首都, 直辖市\"", "首都# 直辖市")
        .replace(',', ";")
        .replace('#', ",")
        .replace("1234.5", "1 234,5")
        .replace("0.25", "0,25");
    let tabs =
        PLAIN.replace("\"首都, 直辖市\"", "首都# 直辖市").replace(',', "\t").replace('#', ",");
    let gb = |text: &str| GB18030.encode(text).0.into_owned();
    let marked = |mark: &[u8], content: Vec<u8>| [mark, &content].concat();
    let semicolons = "delimiter ';', decimal comma, thousands ' '; ";
    let cases: Vec<(&str, Vec<u8>, String)> = vec![
        ("a.csv", marked(b"\xef\xbb\xbf", PLAIN.into()), String::new()),
        ("b.csv", gb(PLAIN), "GB18030; ".into()),
        ("c.csv", marked(b"\xff\xfe", utf16(PLAIN, true)), "UTF-16LE; ".into()),
        ("d.csv", marked(b"\xfe\xff", utf16(PLAIN, false)), "UTF-16BE; ".into()),
        ("e.csv", utf16(PLAIN, true), "UTF-16LE; ".into()),
        ("f.csv", utf16(PLAIN, false), "UTF-16BE; ".into()),
        ("g.csv.gz", gz(PLAIN.as_bytes()), String::new()),
        (
            "h.csv.gz",
            [gz(&PLAIN.as_bytes()[..40]), gz(&PLAIN.as_bytes()[40..])].concat(),
            String::new(),
        ),
        ("i.CSV.ZST", zstd::encode_all(PLAIN.as_bytes(), 3).unwrap(), String::new()),
        ("j.csv", european.clone().into(), semicolons.into()),
        ("k.txt.gz", gz(&gb(&european)), format!("GB18030, {semicolons}")),
        ("l.tsv", tabs.clone().into(), "delimiter tab; ".into()),
        ("m.txt", tabs.trim_end().replace('\n', "\r\n").into(), "delimiter tab; ".into()),
    ];
    for (name, content, notes) in cases {
        let path = folder.write(name, &content);
        let (panel, account) = open(&path, &chinese(), None).unwrap();
        assert_eq!(shown(&panel), shown(&plain), "{name}");
        let expected = format!("{}: {notes}4 rows read\n", path.display());
        assert_eq!(account.to_string(), expected, "{name}");
    }
}

#[test]
fn what_a_source_says_is_not_detected() {
    let folder = Folder::new();
    let x = |loaded: &Loaded| loaded.panel.values(&Term::var("x")).unwrap().to_vec();
    folder.write("d.csv", b"id;t;x\na;1;1,234\nb;1;5,5\n");
    let read = loaded(&folder, "d.csv", "decimal=','").unwrap();
    assert_eq!(x(&read), [1.234, 5.5]);
    assert_eq!(read.account.to_string(), "d.csv: delimiter ';', decimal comma; 2 rows read\n");
    folder.write("d.csv", b"id;t;x\na;1;1,234\nb;1;5\n");
    assert_eq!(x(&loaded(&folder, "d.csv", "decimal='.'").unwrap()), [1234.0, 5.0]);
    assert_eq!(x(&loaded(&folder, "d.csv", "thousands=','").unwrap()), [1234.0, 5.0]);
    assert_eq!(x(&loaded(&folder, "d.csv", "decimal=','\nthousands='.'").unwrap()), [1.234, 5.0]);
    // A label may look like a number.
    folder.write("d.csv", b"id,t,x\na,1,\"1,5\"\nb,1,\"2,5\"\n");
    let read = loaded(&folder, "d.csv", "thousands='none'").unwrap();
    assert!(read.panel.values(&Term::Level("x".into(), "1,5".into())).is_ok());
    // Encodings that are never guessed.
    folder.write("d.csv", &BIG5.encode("id,t,x\n臺北,1,2\n").0);
    let read = loaded(&folder, "d.csv", "encoding='big5'").unwrap();
    assert_eq!(read.panel.row_label(0), ("臺北".into(), 1));
    assert_eq!(read.account.to_string(), "d.csv: Big5; 1 rows read\n");
    folder.write("d.csv", b"id,t,x\nS\xe3o,1,2\n");
    let read = loaded(&folder, "d.csv", "encoding='windows-1252'").unwrap();
    assert_eq!(read.panel.row_label(0), ("São".into(), 1));
}

/// What a source says, the content of `d.csv`, and a part of the message.
#[rustfmt::skip]
const BAD: &[(&str, &[u8], &str)] = &[
    // Encodings.
    ("", b"id,t,x\n\xe5\x8c\x97\xe4\xba\xac,1,2\n\xe5\xa4\xa9\xe6\xb4\xa5,1,3\n\xc4\xea,1,4\n", "d.csv:4: the cell 1 is not UTF-8, as the rest of the file is; mend the cell"),
    ("", b"id,t,x\n\xb1\xb1\xbe\xa9,1,2\n\xcc\xec\xbd\xf2,1,3\n\xba\xd3\xb1\xb1,1,4\n\xc9\xbd\xce\xf7,1,5\n\xb1\xff,1,4\n", "d.csv:6: the cell 1 is not GB18030, as the rest of the file is"),
    ("", b"id,t,x\nS\xe3o,1,2\n", "d.csv:2: the cell 1 is not UTF-8, nor is the file GB18030; say its `encoding`"),
    ("encoding='utf-8'", b"id,t,x\n\xb1\xb1\xbe\xa9,1,2\n", "d.csv:2: the cell 1 is not UTF-8"),
    ("encoding='gbk'", b"id,t,x\na,1,2\nb,1,\xff\n", "d.csv:3: the cell 3 is not GB18030"),
    ("", b"\xff\xfei\0d\0,\0t\0,\0x\0\n\0a\0,\0\x31\0,\0\0\xd8\n\0", "d.csv:2: the cell 3 is not UTF-16LE"),
    ("encoding='utf8'", b"", "unknown variant `utf8`"),
    // Delimiters.
    ("delimiter=','", b"id;t;x;y\na;1;2;3\n", "d.csv: the header is one cell with 3 semicolons; is the delimiter ';'? say `delimiter = \";\"`"),
    ("delimiter=';'", b"id\tt\na\t1\n", "d.csv: the header is one cell with 1 tab; is the delimiter tab? say `delimiter = \"\\t\"`"),
    ("", b"id;t;x\na;1;2\nb;1\n", "d.csv:3: 2 cells where the header has 3"),
    ("", b"id;t;x\n\"a;\n\";1;2\nb;1;oops\n", "d.csv:4: `x` is \"oops\", but on line 2 it is a number"),
    ("", b"id;t;x\na;1;2\nb;1;\"3\n", "d.csv:3: a quote is opened and never closed"),
    // Numbers.
    ("", b"id;t;x\na;1;1,234\n", "d.csv:2: is \"1,234\" in the cell 3 a thousand or a fraction? say `decimal"),
    ("", b"id,t,x\na,1,1.5\nb,1,\"1,5\"\n", "d.csv:3: `x` is \"1,5\", which looks like a number with other separators than the file's (decimal point, thousands none)"),
    ("", b"id,t,x,y\na,1,1.5,\"1,5\"\nb,1,1.5,\"2,5\"\n", "d.csv:2: `y` is \"1,5\", which looks like a number"),
    ("", b"id;t;x\na;1;1,5\nb;1;1.5\n", "d.csv:2: `x` is \"1,5\", which looks like a number with other separators"),
    ("decimal=','", b"id;t;x\na;1;1.5\n", "d.csv:2: `x` is \"1.5\", which looks like a number with other separators than the file's (decimal comma, thousands none)"),
    ("decimal=','\nthousands=','", b"id;t\na;1\n", "d.csv: `decimal` and `thousands` are both ','"),
    ("", b"id;t;x\na;1;1 234,5\nb;1;9 007 199 254 740 993\n", "d.csv:3: `x` is 9 007 199 254 740 993, and whole numbers from 2^53"),
    ("", b"id;t;x\na;2014,5;1\n", "d.csv:2: `t` is \"2014,5\", not a whole number"),
];

#[test]
fn bad_text_is_named_with_its_place() {
    let folder = Folder::new();
    for (said, content, expected) in BAD {
        folder.write("d.csv", content);
        let text = format!(
            "[panel]\nentity='id'\nperiod='t'\n[[source]]\nfile='d.csv'\ntier='real'\n{said}\n"
        );
        let message = match toml::from_str::<Spec>(&text) {
            Err(error) => error.to_string(),
            Ok(spec) => load(&spec, &folder.path("")).map(drop).unwrap_err().to_string(),
        };
        let shown = String::from_utf8_lossy(content);
        assert!(message.contains(expected), "{shown:?}\n  gave {message}\n  not  {expected}");
    }
}

#[test]
fn compressed_data_that_are_damaged() {
    let folder = Folder::new();
    let many: String = (0..2000).fold("id,t,x\n".into(), |mut text, t| {
        writeln!(text, "a,{t},{}", t * 7919 % 1013).unwrap();
        text
    });
    let (gz, zst) = (gz(many.as_bytes()), zstd::encode_all(many.as_bytes(), 3).unwrap());
    let damaged = "d.csv: the compressed data are damaged or cut off (";
    let says = |name: &str, content: &[u8], expected: &str| {
        folder.write(name, content);
        let message = loaded(&folder, name, "").map(drop).unwrap_err().to_string();
        let expected = expected.replace("d.csv", name);
        assert!(message.starts_with(&expected), "{name}\n  gave {message}\n  not  {expected}");
    };
    for cut in [1, 9, gz.len() / 2, gz.len() - 4, gz.len() - 1] {
        says("d.csv.gz", &gz[..cut], damaged);
    }
    for cut in [3, zst.len() / 2, zst.len() - 1] {
        says("d.csv.zst", &zst[..cut], damaged);
    }
    let mut flipped = gz.clone();
    flipped[gz.len() - 6] ^= 1;
    says("d.csv.gz", &flipped, damaged);
    says("d.csv.gz", many.as_bytes(), damaged);
    says("d.csv.zst", many.as_bytes(), damaged);
    says("d.csv.gz", b"", damaged);
}

#[test]
fn a_bomb_is_an_error_and_small_files_may_be_dense() {
    let folder = Folder::new();
    let row = format!("a,1,{}\n", "x".repeat(1 << 20));
    let bomb = format!("id,t,x\n{}", row.repeat(80));
    folder.write("d.csv.gz", &gz(bomb.as_bytes()));
    folder.write("d.csv.zst", &zstd::encode_all(bomb.as_bytes(), 1).unwrap());
    for name in ["d.csv.gz", "d.csv.zst"] {
        let error = loaded(&folder, name, "").unwrap_err();
        let expected =
            format!("{name}: the compressed data unfold to more than 250 times their size");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
    folder.write("d.csv.gz", &gz(format!("id,t,x\n{row}").as_bytes()));
    assert!(loaded(&folder, "d.csv.gz", "").is_ok());
}

#[test]
fn a_record_without_end_is_an_error() {
    let folder = Folder::new();
    let open = format!("id,t,x\na,1,p\nb,1,\"{}", "x\n".repeat(33 << 20));
    folder.write("d.csv", open.as_bytes());
    let place = Place::Line("d.csv".into(), 3);
    let expected = Error::Text(TextError::Long { place, megabytes: 64 });
    assert_eq!(loaded(&folder, "d.csv", ""), Err(expected));
}

/// Enough rows for several blocks; the entities come in no order.
fn long(last: &str) -> String {
    let rows = (0..120_000u64).fold("id,t,x,kind\n".into(), |mut text: String, row| {
        let id = row * 7919 % 1013;
        let x = (row % 17 != 0).then(|| format!("{}.{}", row % 977, row % 89));
        let kind = if row < 60_000 { String::new() } else { format!("k{}", row % 5) };
        writeln!(text, "e{id},{row},{},{kind}", x.unwrap_or_default()).unwrap();
        text
    });
    rows + last
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = Folder::new();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| open(&folder.path("d.csv"), &key(), None))
    };
    folder.write("d.csv", long("").as_bytes());
    let (panel, account) = with(1).unwrap();
    assert_eq!(panel.n_rows(), 120_000);
    for threads in [2, 5] {
        let (other, also) = with(threads).unwrap();
        assert_eq!(shown(&other), shown(&panel));
        assert_eq!(also, account);
    }
    // `kind` holds labels from a later block on; the first fault in the file is named, not the
    // first one that a thread meets.
    for (last, expected) in [
        ("z,1,2,3\nz,2,oops,k\n", "d.csv:120002: `kind` is \"3\", but on line 60002 it is text"),
        ("z,1,oops,3\nz,2\n", "d.csv:120002: `x` is \"oops\", but on line 3 it is a number"),
    ] {
        folder.write("d.csv", long(last).as_bytes());
        for threads in [1, 3] {
            let message = with(threads).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}

#[test]
fn whoever_watches_hears_of_every_byte() {
    use std::sync::atomic::{AtomicU64, Ordering};
    let folder = Folder::new();
    let size = folder.write("d.csv", long("").as_bytes()).metadata().unwrap().len();
    let text = "[panel]\nentity='id'\nperiod='t'\n[[source]]\nfile='d.csv'\ntier='real'\n";
    let spec: Spec = toml::from_str(text).unwrap();
    let heard = AtomicU64::new(0);
    let watch = |bytes| {
        heard.fetch_add(bytes, Ordering::Relaxed);
    };
    load_watched(&spec, &folder.path(""), &watch).unwrap();
    assert_eq!([heard.into_inner(), ingest::size(&spec, &folder.path(""))], [size; 2]);
}
