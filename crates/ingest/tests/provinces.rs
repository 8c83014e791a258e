//! Provinces by any of their names, and no other.
#![allow(
    clippy::format_collect,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests write files"
)]

mod common;

use std::collections::BTreeMap;

use common::Folder;
use ingest::provinces::{
    Hainan, NameError, Names, Province, Scheme, all, contiguous, neighbours, resolve,
};
use ingest::{Entry, Spec, load};
use panel::Term;

const NAMES: [Names; 7] = [
    Names::English,
    Names::Pinyin,
    Names::Chinese,
    Names::ChineseShort,
    Names::Abbreviation,
    Names::Code,
    Names::Letters,
];

/// Spellings of a province that yearbooks, papers and programs use.
fn spellings(province: &Province) -> Vec<String> {
    let mut found: Vec<String> = NAMES.map(|names| province.label(names)).to_vec();
    found.extend(province.abbreviations.iter().map(|&name| name.to_owned()));
    found.push((province.code / 10_000).to_string());
    found.push(format!("CN-{}", province.letters));
    found.push(format!("{} {}", province.short, province.english));
    let marks = ["*", "①", "[1]", " 1)", "（注1）", "²", " (a)", "　", "†"];
    let mut varied = Vec::new();
    for name in &found {
        varied.push(format!("  {name}\u{a0}"));
        varied.push(name.chars().map(|c| format!("{c} ")).collect());
        // Full-width letters and digits.
        let wide =
            |c: char| if c.is_ascii_graphic() { char::from_u32(c as u32 + 0xfee0) } else { None };
        varied.push(name.chars().map(|c| wide(c).unwrap_or(c)).collect());
        varied.extend(marks.iter().map(|mark| format!("{name}{mark}")));
        // Codes of two letters are capitals.
        if !name.ends_with(province.letters) {
            varied.push(name.to_lowercase());
            varied.push(name.to_uppercase());
        }
    }
    let kind: &[&str] = match province.short {
        "北京" | "天津" | "上海" | "重庆" => &["Municipality", "City", " Shi"],
        "内蒙古" | "西藏" => &["Autonomous Region", "AR"],
        "广西" => &["Zhuang Autonomous Region", "AR", "Zhuang"],
        "宁夏" => &["Hui Autonomous Region", "Autonomous Region"],
        "新疆" => &["Uygur Autonomous Region", "Uyghur AR", "Autonomous Region"],
        "香港" | "澳门" => &["SAR", "Special Administrative Region"],
        _ => &["Province", " Sheng", "Prov."],
    };
    found.extend(kind.iter().map(|kind| format!("{} {kind}", province.english)));
    found.into_iter().chain(varied).collect()
}

#[test]
fn every_spelling_is_its_own_province() {
    let mut whose: BTreeMap<String, &str> = BTreeMap::new();
    let mut count = 0;
    for province in all() {
        for text in spellings(province) {
            let found = resolve(&text).unwrap_or_else(|error| panic!("`{text}`: {error}"));
            assert_eq!(found, province, "`{text}`");
            let before = whose.insert(text.clone(), province.letters);
            assert!(before.is_none_or(|letters| letters == province.letters), "`{text}`");
            count += 1;
        }
    }
    assert!(count > 34 * 100, "{count}");
}

#[test]
fn shaanxi_and_shanxi_never_mix() {
    let of = |text: &str| resolve(text).map(|province| province.short);
    for text in [
        "Shaanxi",
        "SHAANXI",
        "shaanxi province",
        "Shaan Xi",
        "Shaanxi Sheng",
        "陕西",
        "陕西省",
        "陕 西",
        "陝西省",
        "陕",
        "秦",
        "61",
        "610000",
        "SN",
        "CN-SN",
        "陕西 Shaanxi",
        "Shaanxi(1)",
        "Shǎnxī",
        "Shǎanxi",
        "陕西*",
    ] {
        assert_eq!(of(text), Ok("陕西"), "{text}");
    }
    for text in [
        "Shanxi",
        "SHANXI",
        "shanxi province",
        "Shan Xi",
        "Shanxi Sheng",
        "山西",
        "山西省",
        "山 西",
        "晋",
        "14",
        "140000",
        "SX",
        "CN-SX",
        "山西 Shanxi",
        "Shanxi 1)",
        "Shānxī",
        "山西①",
    ] {
        assert_eq!(of(text), Ok("山西"), "{text}");
    }
    for text in ["Shan'xi", "shan’xi", "Shànxi", "Shaan'xi"] {
        assert!(matches!(of(text), Err(NameError::Ambiguous { .. })), "{text}: {:?}", of(text));
    }
    for text in ["陕西 Shanxi", "山西 Shaanxi", "Shanxi 陕西省", "山西 SHAANXI*"] {
        assert!(matches!(of(text), Err(NameError::Contradiction { .. })), "{text}");
    }
    for text in ["Shannxi", "Shaaxi", "Shanxi1", "Shaanxi2", "Shanxii", "陕山西", "西"] {
        let Err(NameError::Unknown { .. }) = of(text) else { panic!("{text}: {:?}", of(text)) };
    }
    let message = of("Shannxi").unwrap_err().to_string();
    assert!(message.contains("Shaanxi (陕西)") && message.contains("Shanxi (山西)"), "{message}");
}

#[test]
fn what_is_no_province_is_refused_with_the_nearest() {
    let says = |text: &str, wanted: &str| {
        let message = resolve(text).map(|p| p.english).unwrap_err().to_string();
        assert!(message.contains(wanted), "{text}: {message}\nnot {wanted}");
    };
    says("Guang", "Guangdong (广东) or Guangxi (广西)");
    says("Guangdng", "did you mean Guangdong (广东)");
    says("广", "Guangdong (广东) or Guangxi (广西)");
    says("北", "Beijing (北京)");
    says("黑龙", "Heilongjiang (黑龙江)");
    for total in ["全国", "National", "CHINA", "全国总计", "Total", "合　计"] {
        says(total, "is the whole country");
    }
    says("数据来源：国家统计局", "looks like a note");
    says("注：本表按当年价格计算", "looks like a note");
    says("Source: NBS", "looks like a note");
    says("110100", "is the code of a place within Beijing");
    says("99", "no province `99`");
    says("", "no province ``");
    says("***", "no province");
    says("Beijing Province", "no province");
    says("Hebei Municipality", "no province");
    says("Berlin", "no province `Berlin`");
    assert!(resolve("hn").is_err(), "two small letters are no code");
}

#[test]
fn borders_are_shared() {
    let mainland = || all().iter().filter(|province| province.is_mainland());
    assert_eq!((mainland().count(), all().len()), (31, 34));
    let mut pairs = 0;
    for a in all() {
        assert!(!contiguous(a, a, Hainan::Guangdong));
        for b in all() {
            for hainan in [Hainan::Island, Hainan::Guangdong] {
                assert_eq!(contiguous(a, b, hainan), contiguous(b, a, hainan));
            }
            pairs += usize::from(contiguous(a, b, Hainan::Island));
        }
    }
    // As on the map of ECharts 4.9.0, whose outlines meet in the same 70 pairs.
    assert_eq!(pairs, 2 * 70);
    let of = |name: &str, hainan| -> Vec<&str> {
        neighbours(resolve(name).unwrap(), hainan).map(|p| p.letters).collect()
    };
    assert_eq!(of("Hainan", Hainan::Island), [""; 0]);
    assert_eq!(of("Hainan", Hainan::Guangdong), ["GD"]);
    assert_eq!(of("Shaanxi", Hainan::Island), ["SX", "NM", "HA", "HB", "CQ", "SC", "GS", "NX"]);
    assert_eq!(of("Taiwan", Hainan::Guangdong), [""; 0]);
    // The mainland without Hainan hangs together.
    let mut reached = vec![resolve("Beijing").unwrap()];
    let mut at = 0;
    while let Some(&province) = reached.get(at) {
        for next in neighbours(province, Hainan::Island).filter(|p| p.is_mainland()) {
            if !reached.contains(&next) {
                reached.push(next);
            }
        }
        at += 1;
    }
    assert_eq!(reached.len(), 30);
}

#[test]
fn regions_have_their_numbers() {
    let count = |scheme: Scheme, region: &str| {
        all().iter().filter(|province| scheme.region(province) == Some(region)).count()
    };
    let three = ["east", "central", "west"].map(|region| count(Scheme::EastCentralWest, region));
    assert_eq!(three, [11, 8, 12]);
    let four = ["east", "central", "west", "northeast"]
        .map(|region| count(Scheme::EastCentralWestNortheast, region));
    assert_eq!(four, [10, 6, 12, 3]);
    assert!(all().iter().all(|p| p.is_mainland() == Scheme::EastCentralWest.region(p).is_some()));
}

fn spec(panel: &str, source: &str, variables: &str) -> Spec {
    toml::from_str(&format!(
        "[panel]\nentity='地区'\nperiod='year'\n{panel}\n[[source]]\nfile='d.csv'\ntier='real'\n\
         {source}\n{variables}"
    ))
    .unwrap()
}

const ENGLISH: &str = "entities='china-provinces'\nnames='english'";

#[test]
fn files_with_different_names_meet() {
    let folder = Folder::new();
    folder.write(
        "d.csv",
        "地区,year,x\n北京市,2014,1\n山西①,2014,2\n陕西省,2014,3\n全国,2014,6\n".as_bytes(),
    );
    folder.write("e.csv", b"region,year,z\n110000,2014,10\n61,2014,30\n14,2014,20\n");
    let second = "[[source]]\nfile='e.csv'\nentity='region'\ntier='real'\n\
                  [[variable]]\nname='region'\nfrom='地区'\nsteps=[{region='east-central-west'}]";
    let drop = "drop=['全国']";
    let loaded = load(&spec(ENGLISH, drop, second), &folder.path("")).unwrap();
    let expected = "\
d.csv: 4 rows read, 3 kept; left out: 1 called `全国`
d.csv: 3 entities, of which 3 had another label
e.csv: 3 rows read
e.csv: 3 entities, of which 3 had another label
e.csv: joined to 3 of 3 rows
region: 地区, region east-central-west
";
    assert_eq!(loaded.account.to_string(), expected);
    let labels: Vec<String> = loaded.panel.index().entity.labels().collect();
    assert_eq!(labels, ["Beijing", "Shaanxi", "Shanxi"]);
    assert_eq!(loaded.panel.values(&Term::var("z")).unwrap()[..], [10.0, 30.0, 20.0]);
    let region = loaded.panel.factor("region").unwrap();
    let regions: Vec<String> = region.codes().iter().map(|&code| region.label(code)).collect();
    assert_eq!(regions, ["east", "west", "central"]);
    // A filter on the key sees the names, not the labels.
    let filtered = format!("{ENGLISH}\nwhere=['地区 != Shanxi']");
    let loaded = load(&spec(&filtered, drop, second), &folder.path("")).unwrap();
    assert_eq!(loaded.panel.n_rows(), 2);
    let code = ENGLISH.replace("english", "code");
    let loaded = load(&spec(&code, drop, ""), &folder.path("")).unwrap();
    assert_eq!(loaded.panel.row_label(0), ("110000".into(), 2014));
}

#[test]
fn labels_that_cannot_be_are_named_with_their_place() {
    let folder = Folder::new();
    let says = |rows: &str, panel: &str, source: &str, wanted: &str| {
        folder.write("d.csv", format!("地区,year,x\n{rows}").as_bytes());
        let error = load(&spec(panel, source, ""), &folder.path("")).map(drop).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}\nnot {wanted}");
    };
    says(
        "北京,2014,1\nGuang,2014,2\n",
        ENGLISH,
        "",
        "d.csv:3: no province `Guang`; did you mean Guangdong",
    );
    says(
        "北京,2014,1\n全国,2014,2\n",
        ENGLISH,
        "",
        "d.csv:3: `全国` is the whole country and no province; leave its rows out by `drop = [\"全国\"]`",
    );
    says(
        "北京,2014,1\n数据来源：国家统计局,2014,\n",
        ENGLISH,
        "",
        "d.csv:3: `数据来源：国家统计局` looks like a note",
    );
    says(
        "北京,2014,1\n北京市,2014,2\n",
        ENGLISH,
        "",
        "d.csv:2 and d.csv:3: `北京` and `北京市` are both Beijing, and both have 2014",
    );
    says(
        "北京,2014,1\n上海,2014,1\n北京,2014,2\n",
        ENGLISH,
        "",
        "d.csv:2 and d.csv:4: `Beijing` appears twice in 2014",
    );
    says(
        "北京,2014,1\n",
        ENGLISH,
        "drop=['全國']",
        "`drop` names `全國`, and no row has this label",
    );
    says("北京,2014,1\n", "entities='china-provinces'", "", "needs `names`: english");
    says("北京,2014,1\n", "names='code'", "", "`names` is for entities that are resolved");
    folder.write("d.csv", "地区,year,x\n香港,2014,1\n".as_bytes());
    let region = "[[variable]]\nname='r'\nfrom='地区'\nsteps=[{region='east-central-west'}]";
    let error = load(&spec(ENGLISH, "", region), &folder.path("")).unwrap_err().to_string();
    assert!(error.contains("`Hong Kong` is in no region of east-central-west"), "{error}");
}

#[test]
fn labels_that_are_merged_are_reported() {
    let folder = Folder::new();
    folder.write("d.csv", "地区,year,x\n北京,2014,1\n北京市,2015,2\nBeijing,2016,3\n".as_bytes());
    let loaded = load(&spec(ENGLISH, "", ""), &folder.path("")).unwrap();
    let Entry::Resolved { merged, renamed, entities, .. } = &loaded.account.entries[1] else {
        panic!("{}", loaded.account)
    };
    assert_eq!((*renamed, *entities), (2, 1));
    assert_eq!(merged["Beijing"], ["Beijing", "北京", "北京市"]);
    let text = loaded.account.to_string();
    assert!(
        text.contains(
            "1 entity, of which 2 had another label; Beijing, 北京, 北京市 are all Beijing"
        ),
        "{text}"
    );
}

/// The codes and names of the real files agree with the table.
#[test]
fn real_files_agree_with_the_table() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/data/china");
    let text = std::fs::read_to_string(data.join("nbs_gdp.csv")).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        let (name, code) = (cells.next().unwrap(), cells.next().unwrap());
        assert_eq!(resolve(name).unwrap(), resolve(code).unwrap());
        assert_eq!(resolve(name).unwrap().english, name);
        seen.insert(code.to_owned());
    }
    assert_eq!(seen.len(), 31);
}
