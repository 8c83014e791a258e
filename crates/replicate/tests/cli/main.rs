//! The program as its users meet it: what it prints, and with which status it ends.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_collect, clippy::format_push_string, reason = "small texts")]

mod estimators;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn panelproof(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panelproof")).args(arguments).output().unwrap()
}

/// A folder of its own for every call, empty: tests run beside each other.
fn folder(name: &str) -> PathBuf {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let name = format!("panelproof-cli-{}-{call}-{name}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn file(name: &str, content: &str) -> String {
    let path = folder(name).join("data.csv");
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}

/// Copies a folder, changing the text of one file.
fn copy_with(from: &Path, to: &Path, at: &str, change: &dyn Fn(String) -> String) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy_with(&entry, &target, at, change);
        } else if entry.ends_with(at) {
            std::fs::write(&target, change(std::fs::read_to_string(&entry).unwrap())).unwrap();
        } else {
            std::fs::copy(&entry, &target).unwrap();
        }
    }
}

/// Fixtures in which one file reads differently; the output of `replicate` on them.
fn replicate_with(name: &str, key: &str, at: &str, change: &dyn Fn(String) -> String) -> Output {
    let to = folder(name).join("fixtures");
    copy_with(&fixtures(), &to, at, change);
    let output = panelproof(&["replicate", key, "--fixtures", to.to_str().unwrap()]);
    std::fs::remove_dir_all(&to).unwrap();
    output
}

#[track_caller]
fn says(output: &Output, status: i32, wanted: &[&str]) {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{said}");
    for wanted in wanted {
        assert!(said.contains(wanted), "no `{wanted}` in: {said}");
    }
    if status == 2 {
        assert!(output.stdout.is_empty(), "bad input prints no half of a result");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn replicate_succeeds_and_is_json() {
    let fixtures = fixtures().display().to_string();
    let output = panelproof(&["replicate", "--format", "json", "--fixtures", &fixtures]);
    assert_eq!(output.status.code(), Some(0));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let papers = json["papers"].as_array().unwrap();
    assert!(papers.len() >= 5);
    let cell =
        &papers.iter().find(|paper| paper["key"] == "grunfeld").unwrap()["tables"][0]["cells"][0];
    for key in ["row", "column", "part", "printed", "ours", "verdict", "tier"] {
        assert!(!cell[key].is_null(), "{key} in {cell}");
    }
}

#[test]
fn one_digit_changed_is_status_1() {
    let digit = |text: String| text.replace("\"11.4815\"", "\"11.4816\"");
    let output = replicate_with("digit", "wang-chen", "papers/wang-chen/published.toml", &digit);
    says(&output, 1, &[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 off"));
}

/// What wang-chen declares of one star.
const STARS: &str = "\"6 / (3) / Constant / stars\" = \"***\"";

/// A number that is declared to differ is pinned as well: by what is printed, and by what ours is said to be.
#[test]
fn a_declaration_is_of_one_number() {
    let rec = |text: String| text.replace("\"0.0242** (0.0106)\"", "\"0.0242*** (0.0106)\"");
    let output = replicate_with("declared", "wang-chen", "papers/wang-chen/published.toml", &rec);
    says(&output, 2, &["`4 / (1) PSM / Rec` is declared to differ from `0.0242** (0.0106)`"]);
    for (toward, status) in [("-0.418", 0), ("-0.417", 1)] {
        let other =
            |text: String| text.replace("toward = \"-0.418\"", &format!("toward = \"{toward}\""));
        let output = replicate_with("toward", "chen-sun", "papers/chen-sun/study.toml", &other);
        says(&output, status, &[]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(text.contains("it is declared to be -0.417"), status == 1, "{text}");
    }
}

/// Stars where ours has no p value are not passed over.
#[test]
fn stars_of_nothing_are_off() {
    let r2 = |text: String| text.replacen("\"0.9142\"", "\"0.9142***\"", 1);
    let output = replicate_with("starred", "wang-chen", "papers/wang-chen/published.toml", &r2);
    says(&output, 1, &[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 off"));
}

#[test]
fn a_declaration_that_is_out_of_date_is_status_1() {
    let stale = |text: String| text.replace(STARS, "\"2 / mean / Fsa / value\" = \"11.4815\"");
    let output = replicate_with("stale", "wang-chen", "papers/wang-chen/study.toml", &stale);
    says(&output, 1, &[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("stale"));
}

#[test]
fn a_declaration_that_covers_nothing_is_status_1() {
    let unused =
        |text: String| text.replace(STARS, &format!("{STARS}\n\"2 / mean / Fsa\" = \"11.4815\""));
    let output = replicate_with("unused", "wang-chen", "papers/wang-chen/study.toml", &unused);
    says(&output, 1, &[]);
}

#[test]
fn a_study_that_leaves_numbers_out_is_status_2() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        (
            "no-table",
            "id = \"1\"",
            "id = \"1\"\nwaits = \"x\"\n[[table]]\nid = \"1\"",
            &["given twice"],
        ),
        ("no-row", "F = \"F\", ", "", &["row `F`", "say under `rows`"]),
        ("no-quantity", "F = \"F\"", "F = \"Fx y\"", &["Fx y"]),
    ];
    for (name, from, to, wanted) in cases {
        let change = |text: String| text.replacen(from, to, 1);
        says(&replicate_with(name, "produc", "papers/produc/study.toml", &change), 2, wanted);
    }
}

#[test]
fn numbers_at_the_edge_of_doubles_are_refused() {
    let scaled = |factor: &str| {
        let rows = GOOD.lines().map(|line| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            if cells[0] != "id" {
                cells[2] += factor;
            }
            cells.join(",") + "\n"
        });
        rows.collect::<String>()
    };
    for (name, factor) in [("huge", "e307"), ("large", "e200"), ("tiny", "e-300")] {
        let data = file(name, &scaled(factor));
        for model in ["y ~ x", "y ~ x | id", "y ~ x | id + t", "y ~ 0 + x"] {
            says(&estimate(&data, &["--model", model]), 2, &["`y` is too large or too small"]);
        }
    }
    let data = file("alone", "id,t,y,d\n1,1,1,1\n1,2,2,0\n2,1,3,0\n2,2,5,0\n3,1,1,0\n3,2,2,0\n");
    let output = estimate(&data, &["--model", "y ~ 0 + d", "--vcov", "HC0"]);
    says(&output, 2, &["`d` has no standard error under HC0"]);
}

#[test]
fn reports_are_written_whole() {
    let out = folder("out").join("report");
    let fixtures = fixtures().display().to_string();
    let arguments =
        ["replicate", "produc", "--fixtures", &fixtures, "--out", out.to_str().unwrap()];
    assert_eq!(panelproof(&arguments).status.code(), Some(0));
    let mut names: Vec<String> = std::fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["report.html", "report.json", "report.md", "report.txt"]);
}

#[test]
fn broken_studies_are_status_2_and_name_the_place() {
    let study = "papers/produc/study.toml";
    let published = "papers/produc/published.toml";
    let cases: &[(&str, &str, &str, &str, &[&str])] = &[
        (
            "unknown-key",
            study,
            "entity = ",
            "entty = ",
            &["fixtures/papers/produc/study.toml:4:1", "entty"],
        ),
        ("missing-file", study, "data.csv", "gone.csv", &["gone.csv"]),
        ("no-column", study, "\"unemp\"]", "\"unempl\"]", &["unempl", "did you mean `unemp`"]),
        (
            "formula",
            study,
            "log(pc) + log(emp)",
            "log(pc) + + log(emp)",
            &["study.toml:17:", "column 34"],
        ),
        (
            "estimator",
            study,
            "\"fixed-effects\"",
            "\"fixed\"",
            &["study.toml:17:", "no estimator `fixed`"],
        ),
        ("convention", study, "like = \"plm\"", "like = \"spss\"", &["spss", "stata-xtreg"]),
        ("table", study, "id = \"1\"", "id = \"9\"", &["no table `9`"]),
        ("broken-cell", published, "0.94134", "0.94.134", &["published.toml:", "0.94.134", "R2"]),
        ("toml", published, "stars = [", "stars = [[", &["published.toml:"]),
    ];
    for (name, at, from, to, wanted) in cases {
        let change = |text: String| {
            assert!(text.contains(from), "{name}: the fixture has changed");
            text.replacen(from, to, 1)
        };
        says(&replicate_with(name, "produc", at, &change), 2, wanted);
    }
}

#[test]
fn an_unknown_paper_is_status_2() {
    let fixtures = fixtures().display().to_string();
    let output = panelproof(&["replicate", "nobody", "--fixtures", &fixtures]);
    says(&output, 2, &["no study `nobody`", "wang-chen"]);
    says(&panelproof(&["replicate", "--fixtures", "/nowhere"]), 2, &["no studies under"]);
}

const GOOD: &str = "id,t,y,x,z\n1,1,1.0,0.5,2\n1,2,2.5,1.5,1\n1,3,2.0,1.0,4\n2,1,5.0,2.0,3\n\
                    2,2,4.5,1.0,5\n2,3,7.0,3.5,1\n3,1,0.5,1.0,1\n3,2,1.5,2.5,2\n3,3,1.0,1.0,5\n";

fn estimate(data: &str, rest: &[&str]) -> Output {
    let mut arguments = vec!["estimate", data, "--entity", "id", "--period", "t"];
    arguments.extend(rest);
    panelproof(&arguments)
}

#[test]
fn estimate_prints_full_precision_json() {
    let data = file("json", GOOD);
    let output = estimate(
        &data,
        &[
            "--model",
            "y ~ x | id",
            "--vcov",
            "cluster id",
            "--like",
            "stata-xtreg",
            "--format",
            "json",
        ],
    );
    says(&output, 0, &[]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let term = &json["terms"][0];
    assert_eq!(term["term"], "x");
    for key in ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"] {
        assert!(term[key].is_f64(), "{key} in {term}");
    }
    assert_eq!((&json["stats"]["n"], &json["stats"]["n_entities"]), (&9.into(), &3.into()));
    assert_eq!(json["stats"]["df"], 2);
    assert!(json["stats"]["r2_within"].is_f64() && json["notes"].is_array());
}

#[test]
fn bad_data_is_status_2_and_names_the_place() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("empty", "", "y ~ x | id", &["data.csv"]),
        ("header", "id,t,y,x\n", "y ~ x | id", &["data.csv"]),
        ("ragged", "id,t,y,x\n1,1,2,3\n1,2,2\n", "y ~ x | id", &["data.csv:3"]),
        ("text", "id,t,y,x\n1,1,2,3\n1,2,oops,4\n", "y ~ x | id", &["data.csv:3", "`y`", "oops"]),
        ("period", "id,t,y,x\n1,2O14,2,3\n", "y ~ x | id", &["data.csv:2", "2O14"]),
        ("twice", "id,t,y,x\n1,1,2,3\n1,1,4,5\n", "y ~ x | id", &["data.csv:2", "data.csv:3"]),
        ("inf", "id,t,y,x\n1,1,2,inf\n1,2,3,4\n", "y ~ x | id", &["data.csv:2", "inf"]),
        ("unknown", GOOD, "y ~ xx | id", &["xx", "did you mean `x`"]),
        ("formula", GOOD, "y ~ x |", &["column 8"]),
        ("all-missing", "id,t,y,x\n1,1,2,\n1,2,3,\n", "y ~ x | id", &["`x`"]),
        ("one-entity", "id,t,y,x\n1,1,2,3\n1,2,3,5\n", "y ~ x | id", &["2 rows cannot identify"]),
        (
            "constant",
            "id,t,y,x\n1,1,2,7\n1,2,3,7\n2,1,1,7\n2,2,5,7\n",
            "y ~ x",
            &["`x` does not vary"],
        ),
        ("no-such-term", GOOD, "y ~ x + z + w", &["no column `w`"]),
    ];
    for (name, content, model, wanted) in cases {
        let data = file(name, content);
        says(&estimate(&data, &["--model", model]), 2, wanted);
    }
}

#[test]
fn a_model_that_is_not_identified_says_what_spans_what() {
    let rows: String = GOOD
        .lines()
        .enumerate()
        .map(|(i, line)| {
            let cells: Vec<&str> = line.split(',').collect();
            let sum = || cells[3].parse::<f64>().unwrap() - 2.0 * cells[4].parse::<f64>().unwrap();
            format!("{line},{}\n", if i == 0 { "w".to_owned() } else { sum().to_string() })
        })
        .collect();
    let data = file("spanned", &rows);
    let output = estimate(&data, &["--model", "y ~ x + z + w | id"]);
    says(&output, 2, &["`w` is a linear combination of `x`, `z` within `id`"]);
    let output = estimate(&data, &["--model", "y ~ x | id", "--vcov", "cluster one"]);
    says(&output, 2, &["one"]);
}

#[test]
fn a_table_of_ten_thousand_columns_loads() {
    let header: Vec<String> = (0..10_000).map(|j| format!("v{j}")).collect();
    let mut text = format!("id,t,{}\n", header.join(","));
    for row in 0..12 {
        let cells: Vec<String> =
            (0..10_000).map(|j| ((row * 7 + j * row * row) % 11).to_string()).collect();
        text += &format!("{},{},{}\n", row / 4, row % 4, cells.join(","));
    }
    let data = file("wide", &text);
    says(&estimate(&data, &["--model", "v1 ~ v2 + v9999 | id"]), 0, &[]);
}

/// A folder that is named has its data in itself: no folder of papers is looked for.
#[test]
fn a_study_elsewhere_runs_from_anywhere() {
    let folder = folder("elsewhere");
    std::fs::write(folder.join("data.csv"), "id,year,y\n1,1,2\n2,1,4\n1,2,3\n2,2,7\n").unwrap();
    let study = "[study]\ntitle = \"Two\"\n[panel]\nentity = \"id\"\nperiod = \"year\"\n[[source]]\nfile = \"data.csv\"\ntier = \"real\"\nprovenance = \"made up\"\n[[table]]\nid = \"1\"\ntitle = \"One\"\ndescribe = [\"y\"]\n";
    std::fs::write(folder.join("study.toml"), study).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_panelproof"));
    let output = command.current_dir(&folder).args(["replicate", "."]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("4.0"), "the mean is four");
}
