//! `panelproof ingest` and `trace`: what they write, what they say, what they refuse.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Runs in the root of the repository, as the examples of the help do.
fn panelproof(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_panelproof"));
    command.current_dir(root).args(arguments).output().unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("panelproof-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[track_caller]
fn says(arguments: &[&str]) -> String {
    let output = panelproof(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.is_empty(), "silent in a pipe: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn refuses(arguments: &[&str], wanted: &str) {
    let output = panelproof(arguments);
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(wanted), "no `{wanted}` in: {said}");
    assert!(output.stdout.is_empty() && !said.contains("panicked"), "{said}");
}

const STUDY: [&str; 3] = ["fixtures/ingest/cleaning.toml", "--root", "fixtures"];

#[test]
fn a_panel_and_its_manifest_are_written() {
    let folder = folder("ingest");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    for ending in ["csv", "parquet", "dta", "xlsx"] {
        let (out, changes) = (path(&format!("panel.{ending}")), path("changes.csv"));
        let told = says(&[&["ingest"], &STUDY[..], &["-o", &out, "--changes", &changes]].concat());
        assert!(told.contains("186 rows of 31 entities"), "{told}");
        assert!(told.contains("trade: from thousand USD to thousand yuan, at "), "{told}");
        let manifest = std::fs::read_to_string(path("panel.manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["panel"]["sha256"], ingest::sha256(Path::new(&out)).unwrap());
        assert_eq!(manifest["panel"]["periods"], serde_json::json!([2014, 2019]));
        assert_eq!(manifest["sources"].as_array().unwrap().len(), 3);
        let open =
            manifest["columns"].as_array().unwrap().iter().find(|c| c["name"] == "open").unwrap();
        assert_eq!(open["unit"], "share");
        let listed = std::fs::read_to_string(&changes).unwrap();
        assert_eq!(listed.lines().count() as u64 - 1, manifest["changed"].as_u64().unwrap());
        let of_open = listed.lines().filter(|line| line.starts_with("open,")).count();
        assert_eq!(open["changed"].as_u64().unwrap(), of_open as u64);
        assert!(of_open > 0);
        let again = std::fs::read(&out).unwrap();
        if ending == "csv" {
            says(&[&["ingest"], &STUDY[..], &["-o", &out]].concat());
            assert_eq!(std::fs::read(&out).unwrap(), again);
            let text = String::from_utf8(again).unwrap();
            assert!(text.starts_with("province,year,"), "{text}");
            assert!(text.contains("\n陕西,2014,"), "{text}");
        }
    }
    let left: Vec<String> = (std::fs::read_dir(&folder).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_number_is_followed_to_its_cells() {
    let told = says(&[&["trace", STUDY[0], "trade", "Beijing", "2014"], &STUDY[1..]].concat());
    let expected = [
        "trade of 北京 in 2014: ",
        " 亿元 (real)\n├─ trade_total_kusd of 北京 in 2014: 415518593 thousand USD (real)\n",
        "data/china/nbs_trade.csv:5, `trade_total_kusd` \"415518593.0\", for `Beijing`\n",
        "├─ exchange cny_per_usd: 415518593 becomes ",
        "│  └─ cny_per_usd of 北京 in 2014: 6.14343409448867 yuan/USD (real)\n",
        "└─ convert 亿元: ",
    ];
    for wanted in expected {
        assert!(told.contains(wanted), "no {wanted}\nin\n{told}");
    }
    let sum = ingest::sha256(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/data/china/nbs_trade.csv"),
    );
    assert!(told.contains(&format!("sha256 {}", sum.unwrap())), "{told}");
    // Growth is from the year before, whose cell is told too; the first year has none.
    let told = says(&[&["trace", STUDY[0], "growth", "620000", "2015"], &STUDY[1..]].concat());
    assert!(told.contains("gdp of 甘肃 in 2014"), "{told}");
    let told = says(&[&["trace", STUDY[0], "growth", "甘", "2014"], &STUDY[1..]].concat());
    assert!(told.starts_with("growth of 甘肃 in 2014: missing"), "{told}");
    // A workbook has addresses.
    let told = says(&[
        "trace",
        "fixtures/ingest/panel.toml",
        "finance",
        "北京市",
        "2015",
        "--root",
        "fixtures",
    ]);
    assert!(told.contains("ingest/finance.xlsx 总指数!"), "{told}");
}

#[test]
fn a_filled_cell_is_followed_to_its_neighbours() {
    let folder = folder("trace");
    std::fs::write(folder.join("d.csv"), "id,t,x\na,1,10\na,2,\na,4,40\na,5,\n").unwrap();
    let study = folder.join("s.toml");
    std::fs::write(
        &study,
        "[panel]\nentity='id'\nperiod='t'\n[[source]]\nfile='d.csv'\ntier='reconstructed'\n\
         [[variable]]\nname='v'\nfrom='x'\nsteps=['interpolate',{extrapolate='nearest'}]\n",
    )
    .unwrap();
    let study = study.to_str().unwrap();
    let told = says(&["trace", study, "v", "a", "2"]);
    let expected = "\
v of a in 2: 20 (reconstructed)
├─ x of a in 2: missing (reconstructed)
│     d.csv:3, `x` \"\"
";
    assert!(told.starts_with(expected), "{told}");
    for wanted in [
        "├─ interpolate: missing becomes 20\n│  ├─ x of a in 1: 10 (reconstructed)\n│  │     d.csv:2, `x` \"10\"\n",
        "│  └─ x of a in 4: 40 (reconstructed)\n│        d.csv:4, `x` \"40\"\n",
        "└─ extrapolate nearest: 20, unchanged\n",
    ] {
        assert!(told.contains(wanted), "no {wanted}\nin\n{told}");
    }
    refuses(&["trace", study, "v", "b", "2"], "no level `b`");
    refuses(&["trace", study, "v", "a", "3"], "`a` has no row for 3; there are rows from 1 to 5");
    refuses(&["trace", study, "w", "a", "1"], "no column `w`");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn ingest_refuses() {
    refuses(
        &["ingest", STUDY[0], "-o", "panel.ods"],
        "name a file that ends in .csv, .parquet, .dta or .xlsx",
    );
    refuses(&["ingest", STUDY[0], "--changes", "c.txt"], "name a file that ends in .csv");
    refuses(&["ingest", "nowhere.toml"], "nowhere.toml");
    refuses(&["ingest", STUDY[0]], "no file `fixtures/ingest/data/china/nbs_gdp.csv`");
    refuses(&["ingest"], "STUDY");
    refuses(
        &[&["trace", STUDY[0], "open", "Shan'xi", "2014"], &STUDY[1..]].concat(),
        "may be Shanxi (山西) or Shaanxi (陕西)",
    );
}

#[test]
fn a_raw_file_is_proposed() {
    let told = says(&["ingest", "--propose", "fixtures/ingest/population.csv"]);
    assert!(told.contains("nbs-export") && told.contains("[[source]]"), "{told}");
}

/// The examples of the manuals and of the documentation, as a shell would split them.
#[test]
fn examples_run() {
    std::fs::create_dir_all(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target")).unwrap();
    let mut texts: Vec<String> = ["ingest", "trace"].map(|of| says(&[of, "--help"])).to_vec();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ingest.md");
    texts.push(std::fs::read_to_string(page).unwrap());
    let mut count = 0;
    for text in texts {
        for line in text.replace("\\\n", " ").lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("panelproof ") {
                let told = says(&rest.split_whitespace().collect::<Vec<_>>());
                assert!(!told.is_empty());
                count += 1;
            }
        }
    }
    assert!(count >= 7, "{count}");
}
