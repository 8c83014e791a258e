//! Stata files: other programs' are read, old ones too, and what lies or was cut is refused.

use std::collections::{BTreeMap, BTreeSet};

use dta::stata::dta::byte_order::ByteOrder;
use dta::stata::dta::dta_reader::DtaReader;
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
use dta::stata::stata_long::StataLong;
use ingest::{Account, Key, Renamed, open, write, write_dta};
use panel::{Column, Factor, Index, Panel, Term};

use super::common::{Folder, key, same};
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
    write_dta(&stata, &account, &again).unwrap();
    let (back, labels) = open(&again, &by("id", "year"), None).unwrap();
    assert_eq!((&back, &labels.labels), (&stata, &account.labels));
}

/// The codes of a column as they stand in a file, and the set of labels that it names.
fn raw(path: &std::path::Path, column: &str) -> (Vec<Option<i32>>, String) {
    let reader = DtaReader::new().from_path(path).unwrap().read_header().unwrap();
    let mut reader = reader.read_schema().unwrap();
    let at = reader.schema().variables().iter().position(|v| v.name() == column).unwrap();
    let set = reader.schema().variables()[at].value_label_name().to_owned();
    reader.skip_to_end().unwrap();
    let mut reader = reader.into_record_reader().unwrap();
    let mut codes = Vec::new();
    while let Some(record) = reader.read_record().unwrap() {
        codes.push(match record.values()[at] {
            Value::Byte(StataByte::Present(x)) => Some(x.into()),
            Value::Long(StataLong::Present(x)) => Some(x),
            Value::Byte(_) | Value::Long(_) => None,
            ref other => panic!("{other:?}"),
        });
    }
    (codes, set)
}

#[test]
fn codes_of_labels_are_those_of_the_file_they_came_from() {
    let theirs = fixtures().join("ingest/stata/v118.dta");
    let (panel, account) = open(&theirs, &by("firm", "year"), None).unwrap();
    let given = BTreeMap::from([(0, "west".to_owned()), (1, "east".to_owned())]);
    let none = || BTreeMap::new();
    let all = [("firm", none()), ("note", none()), ("region", given)];
    assert_eq!(
        account.value_labels,
        BTreeMap::from(all.map(|(name, codes)| (name.to_owned(), codes)))
    );
    let folder = Folder::new();
    let ours = folder.path("d.dta");
    write_dta(&panel, &account, &ours).unwrap();
    let (again, said) = open(&ours, &by("firm", "year"), None).unwrap();
    assert!(same(&again, &panel) && again.columns()["region"] == panel.columns()["region"]);
    assert_eq!((&said.labels, &said.value_labels), (&account.labels, &account.value_labels));
    // Long strings end with a NUL, which their length counts; there is none of an empty one.
    let long = |path| {
        let bytes = std::fs::read(path).unwrap();
        let at: Vec<usize> =
            (0..bytes.len()).filter(|&at| bytes[at..].starts_with(b"GSO")).collect();
        let length = |at: usize| u32::from_le_bytes(bytes[at + 16..at + 20].try_into().unwrap());
        let text = |&at: &usize| bytes[at + 20..at + 20 + length(at) as usize].to_vec();
        at.iter().map(text).collect::<BTreeSet<_>>()
    };
    assert_eq!(long(&ours), long(&theirs));
    // `乙` comes first in a panel.
    assert_eq!(raw(&theirs, "region").0, [Some(0), Some(1), Some(0), None]);
    assert_eq!(raw(&ours, "region"), (vec![Some(0), None, Some(0), Some(1)], "region".to_owned()));
    // Where nobody has given codes, they are 1, 2, … in the order of the labels.
    write_dta(&panel, &Account::default(), &ours).unwrap();
    assert_eq!(raw(&ours, "region").0, [Some(2), None, Some(2), Some(1)]);
    // A label that the codes do not have: they are not this column's.
    let other = BTreeMap::from([("region".to_owned(), BTreeMap::from([(7, "west".to_owned())]))]);
    let account = Account { value_labels: other, ..Account::default() };
    write_dta(&panel, &account, &ours).unwrap();
    assert_eq!(raw(&ours, "region").0, [Some(2), None, Some(2), Some(1)]);
    // A code that stands for a missing value.
    let lost = [(0, "west".to_owned()), (i32::MAX, "east".to_owned())];
    let lost = BTreeMap::from([("region".to_owned(), BTreeMap::from(lost))]);
    let account = Account { value_labels: lost, ..Account::default() };
    write_dta(&panel, &account, &ours).unwrap();
    assert_eq!(raw(&ours, "region").0, [Some(2), None, Some(2), Some(1)]);
}

/// Each section of a file of ours begins where its map says, with labels as without.
#[test]
fn the_map_of_a_stata_file_is_right() {
    let path = fixtures().join("ingest/stata/v118.dta");
    let (panel, account) = open(&path, &by("firm", "year"), None).unwrap();
    let folder = Folder::new();
    let path = folder.path("d.dta");
    write_dta(&panel, &account, &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let map = bytes.windows(5).position(|w| w == b"<map>").unwrap();
    let slots = bytes[map + 5..].chunks(8).take(14);
    let slots = slots.map(|slot| u64::from_le_bytes(slot.try_into().unwrap()));
    let tags = "stata_dta> map> variable_types> varnames> sortlist> formats> value_label_names> \
                variable_labels> characteristics> data> strls> value_labels> /stata_dta>";
    let tags = tags.split_whitespace().map(|tag| format!("<{tag}")).chain([String::new()]);
    let mut ends = 0;
    for (slot, tag) in slots.zip(tags) {
        ends = usize::try_from(slot).unwrap();
        assert!(bytes[ends..].starts_with(tag.as_bytes()), "{tag} at {ends}");
    }
    assert_eq!(ends, bytes.len());
    write_dta(&panel, &account, &folder.path("again.dta")).unwrap();
    assert!(bytes == std::fs::read(folder.path("again.dta")).unwrap());
}

/// Entities with codes, numbers of which some have a label, names of 32 characters in Chinese, labels at the
/// ends of what Stata has room for.
#[test]
fn labels_of_all_kinds_survive() {
    let folder = Folder::new();
    let path = folder.path("d.dta");
    let long = "省".repeat(32);
    let column = |label: &str| {
        Column::Category(Factor::from_names([Some(label), None, Some("西"), Some(label)]))
    };
    let index = |entity| Index {
        entity_name: "province".into(),
        entity,
        period_name: "year".into(),
        period: vec![1, 2, 1, 2],
    };
    let labels = |codes: &[(i32, &str)]| -> BTreeMap<i32, String> {
        codes.iter().map(|&(code, label)| (code, label.to_owned())).collect()
    };
    let names = [Some("北京"), Some("北京"), Some("上海"), Some("上海")];
    let columns = [
        (long.clone(), column(&"x".repeat(32_000))),
        ("note".to_owned(), column(&"x".repeat(32_001))),
        ("empty".to_owned(), Column::Category(Factor::from_names([None; 4]))),
        ("answer".to_owned(), Column::Number(vec![1.0, 2.0, 3.5, f64::NAN])),
    ];
    let panel = Panel::new(index(Factor::from_names(names)), columns).unwrap();
    let value_labels = BTreeMap::from([
        ("province".to_owned(), labels(&[(-3, "上海"), (110_000, "北京"), (310_000, "上海")])),
        // `.a` has a label too; it is no value.
        ("answer".to_owned(), labels(&[(1, "no"), (2, "no"), (2_147_483_622, "refused")])),
        ("empty".to_owned(), BTreeMap::new()),
    ]);
    let account = Account { value_labels, ..Account::default() };
    assert_eq!(write_dta(&panel, &account, &path).unwrap(), []);
    let codes = [Some(-3), Some(-3), Some(110_000), Some(110_000)];
    assert_eq!(raw(&path, "province"), (codes.to_vec(), "province".to_owned()));
    let (again, said) = open(&path, &by("province", "year"), None).unwrap();
    // `上海` has two codes there: such a column is numbers.
    assert_eq!(again.index().entity.labels().collect::<Vec<_>>(), ["-3", "110000"]);
    assert_eq!(format!("{:?}", again.columns()), format!("{:?}", panel.columns()));
    assert_eq!(said.value_labels["answer"], account.value_labels["answer"]);
    assert_eq!(said.value_labels[&long], labels(&[(1, &"x".repeat(32_000)), (2, "西")]));
    // These are strings.
    assert_eq!(said.value_labels["note"], BTreeMap::new());
    assert_eq!(said.value_labels["empty"], BTreeMap::new());

    // More codes than a set of Stata's has room for.
    let many: Vec<String> = (0..=65_536).map(|at| format!("q{at}")).collect();
    for rows in [65_536, 65_537] {
        let names = || many[..rows].iter().map(|name| Some(name.as_str()));
        let mut index = index(Factor::from_names(names()));
        index.period = vec![1; rows];
        let columns = [("q".to_owned(), Column::Category(Factor::from_names(names())))];
        let panel = Panel::new(index, columns).unwrap();
        write_dta(&panel, &Account::default(), &path).unwrap();
        let (again, said) = open(&path, &by("province", "year"), None).unwrap();
        assert!(again == panel, "{rows}");
        assert_eq!(said.value_labels["q"].is_empty(), rows > 65_536);
    }
}

/// Labels that are not text, and a set that is empty.
#[test]
fn labels_that_are_none() {
    let folder = Folder::new();
    let bytes = std::fs::read(fixtures().join("ingest/stata/v118.dta")).unwrap();
    let at = bytes.windows(5).rposition(|w| w == b"west\0").unwrap();
    let mut broken = bytes.clone();
    broken[at] = 0xFF;
    let path = folder.write("d.dta", &broken);
    let message = open(&path, &by("firm", "year"), None).unwrap_err().to_string();
    assert!(message.contains("d.dta` cannot be read as a Stata file"), "{message}");
    // An empty label is none: the column is numbers, and its other labels are kept.
    let mut empty = bytes.clone();
    empty[at..at + 4].fill(0);
    let path = folder.write("d.dta", &empty);
    let (panel, account) = open(&path, &by("firm", "year"), None).unwrap();
    let numbers = panel.values(&Term::var("region")).unwrap().to_vec();
    assert_eq!(format!("{numbers:?}"), "[0.0, NaN, 0.0, 1.0]");
    assert_eq!(account.value_labels["region"], BTreeMap::from([(1, "east".to_owned())]));
}

/// Files of one source: their codes are one set, unless they mean two things by one code.
#[test]
fn codes_of_several_files() {
    let folder = Folder::new();
    let write = |year: i32, codes: &[(i32, &str)]| {
        let index = Index {
            entity_name: "id".into(),
            entity: Factor::from_names([Some("a"), Some("b")]),
            period_name: "t".into(),
            period: vec![1; 2],
        };
        let label = |at: usize| codes.get(at).map(|(_, label)| *label);
        let region = Column::Category(Factor::from_names([label(0), label(1)]));
        let panel = Panel::new(index, [("r".to_owned(), region)]).unwrap();
        let codes = codes.iter().map(|&(code, label)| (code, label.to_owned())).collect();
        let value_labels = BTreeMap::from([("r".to_owned(), codes)]);
        let account = Account { value_labels, ..Account::default() };
        write_dta(&panel, &account, &folder.path(&format!("{year}.dta"))).unwrap();
    };
    let read = || {
        let text = "[panel]\nentity='who'\nperiod='year'\n[[source]]\nfile='{year}.dta'\n\
                    tier='real'\nentity='id'\nrename={ r='region' }\ncolumns=['r']";
        ingest::load(&toml::from_str(text).unwrap(), &folder.path("")).unwrap()
    };
    std::fs::create_dir(folder.path("whole")).unwrap();
    write(2020, &[(5, "east"), (9, "west")]);
    write(2021, &[(5, "east"), (1, "north")]);
    let loaded = read();
    let all =
        [(1, "north"), (5, "east"), (9, "west")].map(|(code, label)| (code, label.to_owned()));
    assert_eq!(loaded.account.value_labels["region"], BTreeMap::from(all));
    write_dta(&loaded.panel, &loaded.account, &folder.path("whole/d.dta")).unwrap();
    let (codes, _) = raw(&folder.path("whole/d.dta"), "region");
    assert_eq!(codes, [Some(5), Some(5), Some(9), Some(1)]);
    write(2021, &[(5, "north"), (1, "east")]);
    let loaded = read();
    assert_eq!(loaded.account.value_labels["region"], BTreeMap::new());
    write_dta(&loaded.panel, &loaded.account, &folder.path("whole/d.dta")).unwrap();
    let (_, said) = open(&folder.path("whole/d.dta"), &by("who", "year"), None).unwrap();
    assert_eq!(said.value_labels["region"], BTreeMap::new());
}

/// A file that is joined does not change the codes of the rows it is joined to.
#[test]
fn codes_of_entities_are_those_of_the_first_file() {
    let folder = Folder::new();
    for (file, entity, codes) in [("first", "id", [30, 10]), ("other", "firm", [1, 2])] {
        let index = Index {
            entity_name: entity.into(),
            entity: Factor::from_names([Some("a"), Some("b")]),
            period_name: "t".into(),
            period: vec![1; 2],
        };
        let panel = Panel::new(index, [(file.to_owned(), Column::Number(vec![0.5; 2]))]).unwrap();
        let codes = codes.into_iter().zip(["a".to_owned(), "b".to_owned()]).collect();
        let value_labels = BTreeMap::from([(entity.to_owned(), codes)]);
        let labels = BTreeMap::from([(entity.to_owned(), "who it is".to_owned())]);
        let account = Account { labels, value_labels, ..Account::default() };
        write_dta(&panel, &account, &folder.path(&format!("{file}.dta"))).unwrap();
    }
    let text = "[panel]\nentity='who'\nperiod='t'\n[[source]]\nfile='first.dta'\ntier='real'\n\
                entity='id'\n[[source]]\nfile='other.dta'\ntier='real'\nentity='firm'";
    let loaded = ingest::load(&toml::from_str(text).unwrap(), &folder.path("")).unwrap();
    write_dta(&loaded.panel, &loaded.account, &folder.path("d.dta")).unwrap();
    assert_eq!(raw(&folder.path("d.dta"), "who").0, [Some(30), Some(10)]);
    assert_eq!(loaded.account.labels["who"], "who it is");
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
    let account = Account { labels, ..Account::default() };
    let renamed =
        write_dta(&panel(&["Digi-fini", "2sls", "总产值(亿元)", &long]), &account, &path).unwrap();
    let shown: Vec<String> =
        renamed.iter().map(|Renamed { column, name }| format!("{column} {name}")).collect();
    let expected = ["province id province_id", "2sls _2sls", "Digi-fini Digi_fini"];
    assert_eq!(shown[..3], expected);
    let (back, account) = open(&path, &by("province_id", "year"), None).unwrap();
    assert!(back.columns().contains_key("总产值_亿元_"));
    assert_eq!(account.labels["Digi_fini"], "digital finance");
    assert_eq!(account.labels["总产值_亿元_"], "总产值(亿元)");
    let says = |panel: &Panel, expected: &str| {
        let message = write_dta(panel, &Account::default(), &folder.path("no.dta")).unwrap_err();
        assert!(message.to_string().contains(expected), "{message}");
    };
    says(&panel(&["a-b", "a.b"]), "`a-b` and `a.b` would both be called `a_b`");
    let huge = Panel::new(index.clone(), [("x".into(), number(1e308))]).unwrap();
    says(&huge, "`x`: 1e308 cannot be stored by Stata");
    let text = |label| Column::Category(Factor::from_names([Some(label)]));
    says(&Panel::new(index.clone(), [("x".into(), text("a\0b"))]).unwrap(), "a NUL byte");
    says(&Panel::new(index.clone(), [("x".into(), text(""))]).unwrap(), "a label is empty");
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
