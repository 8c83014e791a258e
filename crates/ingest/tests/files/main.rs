//! Formats: what is written is read, what other programs wrote is read, and what is broken or made
//! to do harm is an error that costs little.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests write files")]

#[path = "../common/mod.rs"]
mod common;

mod pages;
mod stata;
mod workbooks;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use common::{Folder, Rows, key, panel, same};
use ingest::{Account, Key, Shape, ValueLabels, open, propose, write};
use proptest::prelude::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn by(entity: &str, period: &str) -> Key {
    Key { entity: Some(entity.into()), period: Some(period.into()) }
}

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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn what_is_written_is_read_in_every_format(
        rows in rows(),
        label in "[a-z 年]{1,20}",
        codes in Just((-40..40).collect::<Vec<i32>>()).prop_shuffle(),
        given: bool,
    ) {
        let folder = Folder::new();
        let written = panel(&rows);
        let labels = BTreeMap::from([("x".to_owned(), label)]);
        // Codes for all labels of a category, in any order of theirs, or none.
        let texts: BTreeSet<&String> = rows.values().filter_map(|(_, label)| label.as_ref()).collect();
        let codes = if given { codes } else { (1..99).collect() };
        let coded: ValueLabels = codes.into_iter().zip(texts.into_iter().cloned()).collect();
        let coded = BTreeMap::from([("省".to_owned(), coded)]);
        let value_labels = if given { coded.clone() } else { BTreeMap::new() };
        let account = Account { labels, value_labels, ..Account::default() };
        for format in ["csv", "parquet", "xlsx", "dta"] {
            let path = folder.path(&format!("d.{format}"));
            prop_assert_eq!(write(&written, &account, &path).unwrap(), []);
            let (read, again) = open(&path, &key(), None).unwrap();
            prop_assert!(same(&read, &written), "{format}: {read:?}\n{written:?}");
            if format == "dta" {
                prop_assert_eq!(&again.labels, &account.labels);
                prop_assert_eq!(again.value_labels.get("省"), coded.get("省"));
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
