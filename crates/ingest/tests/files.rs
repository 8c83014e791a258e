//! Formats: what is written is read, what other programs wrote is read, and what is broken or made
//! to do harm is an error that costs little.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests write files")]

mod common;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use common::{Folder, key};
use dta::stata::dta::byte_order::ByteOrder;
use dta::stata::dta::dta_writer::DtaWriter;
use dta::stata::dta::header::Header;
use dta::stata::dta::release::Release;
use dta::stata::dta::schema::Schema;
use dta::stata::dta::value::Value;
use dta::stata::dta::variable::Variable;
use dta::stata::dta::variable_type::VariableType;
use dta::stata::missing_value::MissingValue;
use dta::stata::stata_byte::StataByte;
use dta::stata::stata_double::StataDouble;
use dta::stata::stata_int::StataInt;
use ingest::{Account, Key, Renamed, Shape, open, propose, write, write_dta};
use panel::{Column, Factor, Index, Panel, Term};
use proptest::prelude::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn by(entity: &str, period: &str) -> Key {
    Key { entity: Some(entity.into()), period: Some(period.into()) }
}

type Rows = BTreeMap<(String, i32), (Option<f64>, Option<String>)>;

/// Rows that bite: gaps, missing cells, quotes and line ends, other scripts, all magnitudes that
/// Stata has, entities that are names or long whole numbers.
fn rows() -> impl Strategy<Value = Rows> {
    let name = prop_oneof!["[a-c]{1,2}", "[x-z,\"'\n 北省é]{1,3}q", Just("NA".to_owned())];
    let number = prop_oneof![
        any::<f64>().prop_filter("in range", |x| x.is_finite() && x.abs() < 8.9e307),
        -5.0..5.0,
    ];
    let label = "[p-r,\"\n' 京市]{0,3}q";
    let cells = || (proptest::option::of(number.clone()), proptest::option::of(label));
    let codes = prop_oneof![1_i64..40, (1_i64 << 53)..i64::MAX, -9_i64..0];
    let codes = codes.prop_map(|code| code.to_string());
    let named = proptest::collection::btree_map((name, -3..3000), cells(), 1..12);
    let coded = proptest::collection::btree_map((codes, any::<i32>()), cells(), 1..12);
    prop_oneof![named, coded].prop_map(|mut rows| {
        // A column without a value has no type in text.
        *rows.values_mut().next().unwrap() = (Some(0.1), Some("q".into()));
        rows
    })
}

fn panel(rows: &Rows) -> Panel {
    let whole: Option<Vec<i64>> = rows.keys().map(|(entity, _)| entity.parse().ok()).collect();
    let entity = match whole {
        Some(numbers) => Factor::from_numbers(&numbers),
        None => Factor::from_names(rows.keys().map(|(entity, _)| Some(entity.as_str()))),
    };
    let period = rows.keys().map(|(_, period)| *period).collect();
    let index = Index { entity_name: "id".into(), entity, period_name: "t".into(), period };
    let x = rows.values().map(|(x, _)| x.unwrap_or(f64::NAN)).collect();
    let kind = Factor::from_names(rows.values().map(|(_, label)| label.as_deref()));
    Panel::new(index, [("x".into(), Column::Number(x)), ("省".into(), Column::Category(kind))])
        .unwrap()
}

/// Equal, with missing equal to missing, and bits equal to bits.
fn same(a: &Panel, b: &Panel) -> bool {
    let bits = |panel: &Panel| -> Vec<u64> {
        let x = panel.values(&Term::var("x")).unwrap();
        x.iter().map(|x| if x.is_nan() { u64::MAX } else { x.to_bits() }).collect()
    };
    a.index() == b.index()
        && bits(a) == bits(b)
        && a.columns().get("省") == b.columns().get("省")
        && a.columns().len() == b.columns().len()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn what_is_written_is_read_in_every_format(rows in rows(), label in "[a-z 年]{1,20}") {
        let folder = Folder::new();
        let written = panel(&rows);
        let labels = BTreeMap::from([("x".to_owned(), label)]);
        let account = Account { labels, ..Account::default() };
        for format in ["csv", "parquet", "xlsx", "dta"] {
            let path = folder.path(&format!("d.{format}"));
            prop_assert_eq!(write(&written, &account, &path).unwrap(), []);
            let (read, again) = open(&path, &key(), None).unwrap();
            prop_assert!(same(&read, &written), "{format}: {read:?}\n{written:?}");
            if format == "dta" {
                prop_assert_eq!(&again.labels, &account.labels);
            }
        }
        prop_assert_eq!(std::fs::read_dir(folder.path("")).unwrap().count(), 4);
    }

    /// A byte changed: a panel or an error, and no panic.
    #[test]
    fn damaged_files_are_errors(at in 0.0..1.0, byte in any::<u8>()) {
        let folder = Folder::new();
        for name in ["urban.xlsx", "gdp.xls", "stata/v114.dta", "stata/v118.dta"] {
            let mut bytes = std::fs::read(fixtures().join("ingest").join(name)).unwrap();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = byte;
            let path = folder.write(&name.replace('/', "-"), &bytes);
            let _ = open(&path, &Key { entity: None, period: None }, None);
            let _ = propose(&path);
        }
    }
}

/// Cut anywhere: an error, or nothing is lost.
#[test]
fn files_cut_short_are_errors() {
    let folder = Folder::new();
    let nothing = Key { entity: None, period: None };
    let files = [
        // What is cut off an old workbook may be the end of its last sector, which holds nothing.
        ("gdp.xls", 256),
        ("urban.xlsx", 0),
        ("stata/v114.dta", 0),
        ("stata/v117.dta", 0),
        ("stata/v118.dta", 0),
    ];
    for (name, lossless) in files {
        let bytes = std::fs::read(fixtures().join("ingest").join(name)).unwrap();
        let path = folder.write(&name.replace('/', "-"), &bytes);
        let (whole, _) = open(&path, &nothing, None).unwrap();
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        let mut kept = 0;
        for at in (0..bytes.len()).rev() {
            file.set_len(at as u64).unwrap();
            if let Ok((panel, _)) = open(&path, &nothing, None) {
                assert!(format!("{panel:?}") == format!("{whole:?}"), "{name} cut at {at} is read");
                kept += 1;
            }
        }
        assert_eq!(kept, lossless, "{name}");
    }
}

#[test]
fn a_real_stata_file_is_the_data_beside_it() {
    let folder = fixtures().join("reference/hansen1999");
    let (stata, account) = open(&folder.join("hansen1999.dta"), &by("id", "year"), None).unwrap();
    let (text, _) = open(&folder.join("data.csv"), &by("id", "year"), None).unwrap();
    assert_eq!((stata.n_rows(), stata.index()), (7910, text.index()));
    // The file is in single precision, but for `i`; and its large values of `q` were rounded to fewer
    // digits on their way: 27 of 7910 differ in the sixth, by up to 4e-6, their powers by more.
    let single = 6e-8;
    for (name, within) in [
        ("i", 0.0),
        ("d1", single),
        ("c1", single),
        ("q1", 4e-6),
        ("q2", 8e-6),
        ("q3", 1.2e-5),
        ("qd1", 4e-6),
    ] {
        let of = |panel: &Panel| panel.values(&Term::var(name)).unwrap().to_vec();
        for (ours, theirs) in of(&stata).into_iter().zip(of(&text)) {
            assert!((ours - theirs).abs() <= within * theirs.abs(), "{name}: {ours} {theirs}");
        }
    }
    assert_eq!(account.labels["i"], "investments/assets");
    assert_eq!(account.labels["qd1"], "L.q*L.d");
    // Labels survive a file of ours, and so do all bits.
    let folder = Folder::new();
    let again = folder.path("again.dta");
    write_dta(&stata, &account.labels, &again).unwrap();
    let (back, labels) = open(&again, &by("id", "year"), None).unwrap();
    assert_eq!((&back, &labels.labels), (&stata, &account.labels));
}

#[test]
fn stata_files_of_four_versions_written_by_pandas() {
    for version in [114, 117, 118, 119] {
        let path = fixtures().join(format!("ingest/stata/v{version}.dta"));
        let (panel, account) = open(&path, &by("firm", "year"), None).unwrap();
        let (a, b) = if version < 118 { ("a", "b") } else { ("乙", "甲") };
        assert_eq!(panel.index().entity.labels().collect::<Vec<_>>(), [a, b], "{version}");
        assert_eq!(panel.index().period, [2020, 2021, 2020, 2021]);
        // `甲` comes first in the file and second in the panel.
        let order = if version < 118 { [0, 1, 2, 3] } else { [2, 3, 0, 1] };
        let of = |name: &str| panel.values(&Term::var(name)).unwrap().to_vec();
        let bits = |values: [f64; 4]| order.map(|at| values[at].to_bits()).to_vec();
        let seen = |name: &str| of(name).iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(seen("x"), bits([1.5, f64::NAN, -1e300, 0.1]));
        assert_eq!(seen("f"), bits([f64::from(0.1_f32), 2.0, f64::NAN, 3.0]));
        assert_eq!(seen("n"), bits([1.0, -100.0, 100.0, 7.0]));
        let labels = |name: &str| {
            let Column::Category(factor) = &panel.columns()[name] else { panic!("{name}") };
            let names: Vec<String> = factor.labels().collect();
            let at = |&code: &u32| names.get(code as usize).cloned();
            factor.codes().iter().map(at).collect::<Vec<_>>()
        };
        let some = |text: &str| Some(text.to_owned());
        let pick = |all: [Option<String>; 4]| order.map(|at| all[at].clone()).to_vec();
        assert_eq!(labels("region"), pick([some("west"), some("east"), some("west"), None]));
        let long = if version == 114 { "y".repeat(200) } else { "x".repeat(3000) };
        assert_eq!(labels("note"), pick([some("short"), None, Some(long), some("a")]));
        let x = if version < 118 { "Investment, millions" } else { "投资（百万）" };
        assert_eq!(account.labels["x"], x);
        assert_eq!(account.labels["region"], "Where the firm is");
        assert_eq!(account.labels.len(), 2);
    }
}

/// Extended missing values, in old and new formats and both orders of bytes.
#[test]
fn missing_values_of_stata_are_counted() {
    let folder = Folder::new();
    for release in [Release::V105, Release::V110, Release::V113, Release::V115, Release::V118] {
        for order in [ByteOrder::LittleEndian, ByteOrder::BigEndian] {
            let path = folder.path("d.dta");
            let schema = Schema::builder()
                .add_variable(Variable::builder(VariableType::Int, "t").format("%8.0g"))
                .add_variable(Variable::builder(VariableType::Byte, "b").format("%8.0g"))
                .add_variable(Variable::builder(VariableType::Double, "x").format("%9.0g"));
            let header = Header::builder(release, order).build();
            let writer = DtaWriter::new().from_path(&path).unwrap().write_header(header).unwrap();
            let writer = writer.write_schema(schema.build().unwrap()).unwrap();
            let mut writer = writer.into_record_writer().unwrap();
            let tagged = release >= Release::V113;
            let extended = |m| if tagged { m } else { MissingValue::System };
            for (t, b, x) in [
                (1, StataByte::Present(-7), StataDouble::Present(0.1)),
                (2, StataByte::Missing(extended(MissingValue::A)), StataDouble::Present(-1e9)),
                (3, StataByte::Present(5), StataDouble::Missing(extended(MissingValue::Z))),
                (
                    4,
                    StataByte::Missing(MissingValue::System),
                    StataDouble::Missing(extended(MissingValue::A)),
                ),
            ] {
                let t = Value::Int(StataInt::Present(t));
                writer.write_record(&[t, Value::Byte(b), Value::Double(x)]).unwrap();
            }
            let writer = writer.into_long_string_writer().unwrap();
            writer.into_value_label_writer().unwrap().finish().unwrap();
            let key = Key { entity: None, period: Some("t".into()) };
            let (panel, account) = open(&path, &key, None).unwrap();
            let of = |name: &str| panel.values(&Term::var(name)).unwrap().to_vec();
            let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            let nan = f64::NAN;
            assert_eq!(bits(&of("b")), bits(&[-7.0, nan, 5.0, nan]), "{release:?} {order:?}");
            assert_eq!(bits(&of("x")), bits(&[0.1, -1e9, nan, nan]));
            let said = account.to_string().replace(&path.display().to_string(), "d.dta");
            let expected = if tagged {
                "d.dta: 4 rows read; 2 cells \".a\" read as missing; 1 cell \".z\" read as missing\n"
            } else {
                "d.dta: 4 rows read\n"
            };
            assert_eq!(said, expected);
        }
    }
}

/// Value labels before there were closing tags: their tables, and nothing else, say where a file ends.
#[test]
fn value_labels_of_old_stata_files() {
    let folder = Folder::new();
    let nothing = Key { entity: None, period: None };
    let releases = [
        (Release::V103, 9),
        (Release::V105, 9),
        (Release::V107, 9),
        (Release::V108, 9),
        (Release::V110, 33),
        (Release::V113, 33),
        (Release::V115, 33),
    ];
    for ((release, name), order) in releases
        .into_iter()
        .flat_map(|at| [(at, ByteOrder::LittleEndian), (at, ByteOrder::BigEndian)])
    {
        let path = folder.path("d.dta");
        let byte = |name| Variable::builder(VariableType::Byte, name).format("%8.0g");
        let schema = Schema::builder()
            .add_variable(byte("r").value_label_name("region"))
            .add_variable(byte("x"));
        let header = Header::builder(release, order).build();
        let writer = DtaWriter::new().from_path(&path).unwrap().write_header(header).unwrap();
        let writer = writer.write_schema(schema.build().unwrap()).unwrap();
        let mut writer = writer.into_record_writer().unwrap();
        for code in [2, 1, 2] {
            let cell = Value::Byte(StataByte::Present(code));
            writer.write_record(&[cell.clone(), cell]).unwrap();
        }
        let writer = writer.into_long_string_writer().unwrap();
        writer.into_value_label_writer().unwrap().finish().unwrap();
        let bare = std::fs::read(&path).unwrap();

        let short = |x: u16| match order {
            ByteOrder::LittleEndian => x.to_le_bytes(),
            ByteOrder::BigEndian => x.to_be_bytes(),
        };
        let long = |x: u32| match order {
            ByteOrder::LittleEndian => x.to_le_bytes(),
            ByteOrder::BigEndian => x.to_be_bytes(),
        };
        let mut named = b"region".to_vec();
        named.resize(name, 0);
        // A table in which the texts begin where it is said.
        let table = |entries: &[(u32, u32)], texts: &[u8]| {
            let count = u32::try_from(entries.len()).unwrap();
            let text = u32::try_from(texts.len()).unwrap();
            let mut bytes = bare.clone();
            bytes.extend(long(8 + 8 * count + text));
            bytes.extend([&named[..], &[0; 3], &long(count), &long(text)].concat());
            bytes.extend(entries.iter().flat_map(|(_, begins)| long(*begins)));
            bytes.extend(entries.iter().flat_map(|(code, _)| long(*code)));
            [&bytes, texts].concat()
        };
        let whole = if release < Release::V108 {
            let head = [&bare[..], &short(2), &named, &[0], &short(1), &short(2)].concat();
            [&head[..], b"west\0\0\0\0", b"east\0\0\0\0"].concat()
        } else {
            table(&[(1, 0), (2, 5)], b"west\0east\0")
        };
        std::fs::write(&path, &whole).unwrap();
        let (panel, _) = open(&path, &nothing, None).unwrap();
        let Column::Category(region) = &panel.columns()["r"] else { panic!("{release:?}") };
        assert_eq!(region.labels().collect::<Vec<_>>(), ["east", "west"], "{release:?} {order:?}");
        assert_eq!(panel.values(&Term::var("x")).unwrap()[..], [2.0, 1.0, 2.0]);
        assert_eq!(region.codes(), [0, 1, 0]);

        let says = |bytes: &[u8], columns: Option<&[&str]>, expected: &str| {
            let path = folder.write("cut.dta", bytes);
            let message = open(&path, &nothing, columns).unwrap_err().to_string();
            assert!(message.contains(expected), "{release:?}: {message}\n  not  {expected}");
        };
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        for at in (0..whole.len()).rev() {
            file.set_len(at as u64).unwrap();
            assert!(open(&path, &nothing, None).is_err(), "{release:?} cut at {at} is read");
        }
        says(
            &bare,
            None,
            "the value labels `region` of `r` are not in it; if it was not cut short",
        );
        let path = folder.write("cut.dta", &bare);
        assert!(open(&path, &nothing, Some(&["x"])).is_ok());
        if release >= Release::V108 {
            // Each text is the end of the one before: together they are the square of their length.
            let texts = vec![b'y'; 4000];
            let entries: Vec<(u32, u32)> = (0..4000).map(|at| (at, at)).collect();
            says(&table(&entries, &texts), None, "its value labels are longer than the file");
            says(&table(&[(1, 0), (2, 99)], b"west\0"), None, "is not as long as it says");
        }
    }
}

/// Before version 118 a Stata file does not say how its strings are encoded.
#[test]
fn chinese_in_an_old_stata_file() {
    let folder = Folder::new();
    let path = folder.path("d.dta");
    let schema = Schema::builder()
        .add_variable(Variable::builder(VariableType::FixedString(20), "id").format("%20s"))
        .add_variable(Variable::builder(VariableType::Int, "t").format("%8.0g").label("年份"));
    let header = Header::builder(Release::V115, ByteOrder::LittleEndian).build();
    let writer = DtaWriter::new().encoding(encoding_rs::GB18030).from_path(&path).unwrap();
    let writer = writer.write_header(header).unwrap();
    let writer = writer.write_schema(schema.build().unwrap()).unwrap();
    let mut writer = writer.into_record_writer().unwrap();
    writer.write_record(&[Value::string("北京市"), Value::Int(StataInt::Present(1))]).unwrap();
    let writer = writer.into_long_string_writer().unwrap();
    writer.into_value_label_writer().unwrap().finish().unwrap();
    let spec = |more: &str| {
        let text = format!(
            "[panel]\nentity='id'\nperiod='t'\n[[source]]\nfile='d.dta'\ntier='real'\n{more}"
        );
        ingest::load(&toml::from_str(&text).unwrap(), &folder.path("")).unwrap()
    };
    let said = spec("encoding='gb18030'");
    assert_eq!(said.panel.row_label(0), ("北京市".into(), 1));
    assert_eq!(said.account.to_string(), "d.dta: 1 rows read\n");
    let guessed = spec("");
    assert_eq!(guessed.panel.row_label(0), ("±±¾©ÊÐ".into(), 1));
    assert_eq!(guessed.account.to_string(), "d.dta: Windows-1252; 1 rows read\n");
}

#[test]
fn names_that_stata_does_not_allow() {
    let folder = Folder::new();
    let path = folder.path("d.dta");
    let index = Index {
        entity_name: "province id".into(),
        entity: Factor::from_names([Some("a")]),
        period_name: "year".into(),
        period: vec![1],
    };
    let number = |x| Column::Number(vec![x]);
    let panel = |names: &[&str]| {
        Panel::new(index.clone(), names.iter().map(|name| ((*name).to_owned(), number(1.0))))
            .unwrap()
    };
    let long = "x".repeat(40);
    let labels = BTreeMap::from([("Digi-fini".to_owned(), "digital finance".to_owned())]);
    let renamed =
        write_dta(&panel(&["Digi-fini", "2sls", "总产值(亿元)", &long]), &labels, &path).unwrap();
    let shown: Vec<String> =
        renamed.iter().map(|Renamed { column, name }| format!("{column} {name}")).collect();
    let expected = ["province id province_id", "2sls _2sls", "Digi-fini Digi_fini"];
    assert_eq!(shown[..3], expected);
    let (back, account) = open(&path, &by("province_id", "year"), None).unwrap();
    assert!(back.columns().contains_key("总产值_亿元_"));
    assert_eq!(account.labels["Digi_fini"], "digital finance");
    assert_eq!(account.labels["总产值_亿元_"], "总产值(亿元)");
    let says = |panel: &Panel, expected: &str| {
        let message = write_dta(panel, &BTreeMap::new(), &folder.path("no.dta")).unwrap_err();
        assert!(message.to_string().contains(expected), "{message}");
    };
    says(&panel(&["a-b", "a.b"]), "`a-b` and `a.b` would both be called `a_b`");
    let huge = Panel::new(index.clone(), [("x".into(), number(1e308))]).unwrap();
    says(&huge, "`x`: 1e308 cannot be stored by Stata");
    let text = |label| Column::Category(Factor::from_names([Some(label)]));
    says(&Panel::new(index.clone(), [("x".into(), text("a\0b"))]).unwrap(), "a NUL byte");
    assert!(!folder.path("no.dta").exists());
    let message = write(&huge, &Account::default(), &folder.path("d.sav")).unwrap_err();
    assert!(message.to_string().contains("d.sav` is none of .csv, .parquet, .dta and .xlsx"));
}

/// A part of an archive: its name and content.
type Part<'p> = (&'p str, &'p [u8]);

fn archive(path: &Path, parts: &[Part<'_>]) {
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, content) in parts {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap();
}

/// The parts of a workbook of one sheet.
fn parts<'p>(sheet: &'p [u8], strings: &'p [u8]) -> [Part<'p>; 6] {
    [
        ("[Content_Types].xml", br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#),
        ("_rels/.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
    ]
}

const STRINGS: &[u8] = br#"<?xml version="1.0"?><sst uniqueCount="1"><si><t>id</t></si></sst>"#;
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
fn a_stata_file_whose_header_lies() {
    let folder = Folder::new();
    let bytes = std::fs::read(fixtures().join("ingest/stata/v118.dta")).unwrap();
    let tag =
        |tag: &str| bytes.windows(tag.len()).position(|w| w == tag.as_bytes()).unwrap() + tag.len();
    let says = |bytes: &[u8], expected: &str| {
        let message = open(&folder.write("d.dta", bytes), &key(), None).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}\n  not  {expected}");
    };
    let mut many = bytes.clone();
    many[tag("<N>")..tag("<N>") + 8].copy_from_slice(&(1_u64 << 60).to_le_bytes());
    says(&many, "the header promises 1152921504606846976 observations, more than");
    let mut wide = bytes.clone();
    wide[tag("<K>")..tag("<K>") + 2].copy_from_slice(&[0xFF, 0xFF]);
    says(&wide, "the header promises 65535 variables, more than");
    let mut long = bytes.clone();
    long[tag("GSO") + 13..tag("GSO") + 17].copy_from_slice(&0xFFFF_FFF0_u32.to_le_bytes());
    says(&long, "its long strings go on for 4294967280 bytes where ");
    let mut labels = bytes.clone();
    labels[tag("<lbl>")..tag("<lbl>") + 4].copy_from_slice(&0xFFFF_FFF0_u32.to_le_bytes());
    says(&labels, "its value labels go on for 4294967280 bytes where ");
    says(&bytes[..bytes.len() / 2], "d.dta` cannot be read as a Stata file");
    says(b"id,t\na,1\n", "d.dta` cannot be read as a Stata file");
    says(b"", "d.dta` cannot be read as a Stata file");
    says(&bytes, "no column `id`");
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

#[test]
fn proposals() {
    let at = |name: &str| propose(&fixtures().join(name)).unwrap();
    let nbs = at("ingest/population.csv");
    assert_eq!((nbs.shape, nbs.entity.as_deref()), (Shape::NbsExport, Some("地区")));
    assert_eq!(
        (nbs.header.as_slice(), nbs.value.as_deref()),
        (&[4][..], Some("年末常住人口(万人)"))
    );
    assert_eq!(nbs.text, ["GB18030"]);
    assert_eq!(at("ingest/urban.xlsx").shape, Shape::NbsExport);
    let gdp = at("ingest/gdp.xls");
    assert_eq!((gdp.shape, gdp.header.as_slice()), (Shape::WideByYear, &[3, 4][..]));
    let finance = at("ingest/finance.xlsx");
    assert_eq!(
        (finance.shape, finance.sheets),
        (Shape::WideByEntity, vec!["总指数".into(), "说明".into()])
    );
    let tidy = at("data/china/nbs_gdp.csv");
    assert_eq!(
        (tidy.shape, tidy.entity.as_deref(), tidy.period.as_deref()),
        (Shape::Tidy, Some("province"), Some("year"))
    );
    let stata = at("reference/hansen1999/hansen1999.dta");
    assert_eq!((stata.entity.as_deref(), stata.period.as_deref()), (Some("id"), Some("year")));

    // What is proposed is read.
    for name in [
        "ingest/population.csv",
        "ingest/urban.xlsx",
        "ingest/gdp.xls",
        "ingest/finance.xlsx",
        "data/china/nbs_gdp.csv",
    ] {
        let proposal = at(name);
        let source = proposal.toml().replace(&format!("{}/", fixtures().display()), "");
        let spec = format!("[panel]\nentity='province'\nperiod='year'\n{source}");
        let spec: ingest::Spec = toml::from_str(&spec).unwrap();
        let loaded = ingest::load(&spec, &fixtures())
            .unwrap_or_else(|error| panic!("{name}: {error}\n{source}"));
        assert!(loaded.panel.n_rows() >= 279, "{name}");
    }
    let shown = nbs.to_string().replace(&format!("{}/", fixtures().display()), "");
    let expected = "\
ingest/population.csv seems to be nbs-export.
  9 columns name years: 2022年, 2021年, 2020年, …
  a line above names the database: 分省年度数据
  4 lines above or below the table will be left out
  text: GB18030
  header in row 4: 地区, 2022年, 2021年, …
  the title says what the cells hold: 年末常住人口(万人)
  it begins A5 北京市, B5 2184, C5 2189, D5 2189, A6 天津市, B6 1363, C6 1373, D6 1387

[[source]]
file = \"ingest/population.csv\"
shape = \"nbs-export\"
entity = \"地区\"
value = \"value\"  # what the cells hold
tier = \"real\"
";
    assert_eq!(shown, expected);
}
