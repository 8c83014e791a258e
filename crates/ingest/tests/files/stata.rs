//! Stata files: other programs' are read, old ones too, and what lies or was cut is refused.

use std::collections::BTreeMap;

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
use ingest::{Account, Key, Renamed, open, write, write_dta};
use panel::{Column, Factor, Index, Panel, Term};

use super::common::{Folder, key};
use super::{by, fixtures};

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
