//! `panelproof index`, and indices in studies.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]
#![allow(clippy::disallowed_methods, reason = "a test writes files of its own")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs in the root of the repository, as the examples of the help do.
fn panelproof(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_panelproof"));
    command.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    command.output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

const DATA: &str = "fixtures/reference/entropy/data_produc_panel.csv";
const SCHEME: &str = "fixtures/reference/entropy/scheme.toml";
const KEY: [&str; 4] = ["--entity", "state", "--period", "year"];

#[test]
fn examples_of_the_help_run() {
    let help = stdout(&panelproof(&["index", "--help"]));
    let (_, examples) = help.split_once("Examples:\n").unwrap();
    let (examples, _) = examples.split_once("\nA scheme names").unwrap();
    let examples = examples.replace("\\\n", " ");
    let commands: Vec<&str> = examples.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!(commands.len(), 2);
    for command in commands {
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        assert!(stdout(&panelproof(&words)).contains("0.21501"), "{command}");
    }
}

#[test]
fn what_is_written_adds_up() {
    let out = folder("index").join("scores.csv");
    let mut arguments = vec!["index", DATA, "--scheme", SCHEME, "-o", out.to_str().unwrap()];
    arguments.extend(KEY);
    assert!(stdout(&panelproof(&arguments)).contains("816 rows written"));
    let text = std::fs::read_to_string(out).unwrap();
    let mut rows = csv_rows(&text);
    let heads = rows.remove(0);
    let at = |name: &str| heads.iter().position(|head| head == name).unwrap();
    assert_eq!(rows.len(), 816);
    for row in rows {
        let number = |name: &str| row[at(name)].parse::<f64>().unwrap();
        let parts: f64 = ["hwy", "water", "util", "gsp", "emp", "unemp"]
            .iter()
            .map(|name| number(&format!("development from {name}")))
            .sum();
        assert!((parts - number("development")).abs() < 1e-12, "{row:?}");
        assert!(number("development: Activity") <= 1.0);
    }
}

fn csv_rows(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn a_wrong_scheme_is_pointed_at() {
    let folder = folder("wrong");
    let good =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(SCHEME))
            .unwrap();
    for (old, new, want) in [
        ("\"min-max\"", "\"minmax\"", "no normalisation `minmax`; there are min-max"),
        ("name = \"gsp\"", "name = \"gspp\"", "no column `gspp`"),
        ("shift = 0.0001", "shift = -1", "`shift` is -1, and should be 0 or more"),
        ("aggregate = \"linear\"", "", "missing field `aggregate`"),
    ] {
        let file = folder.join("scheme.toml");
        std::fs::write(&file, good.replace(old, new)).unwrap();
        let mut arguments = vec!["index", DATA, "--scheme", file.to_str().unwrap()];
        arguments.extend(KEY);
        let output = panelproof(&arguments);
        assert_eq!(output.status.code(), Some(2));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(want), "{error}");
    }
}

/// An index stands between the variables it is made of and those made of it.
#[test]
fn a_study_has_an_index() {
    let folder = folder("study");
    std::fs::write(
        folder.join("data.csv"),
        "province,year,a,b,x\nA,1,0,9,1\nB,1,5,4,2\nC,1,10,1,4\nA,2,2,8,3\nB,2,7,3,5\nC,2,9,2,5\n",
    )
    .unwrap();
    let study = r#"
[study]
title = "An index"

[panel]
entity = "province"
period = "year"

[[source]]
file = "data.csv"
tier = "real"

[[variable]]
name = "share"
from = "b"
steps = [{ over = 10 }]

[[index]]
name = "Rir"
normalise = "min-max"
normalise-over = "pooled"
shift = 0
weights = "equal"
weights-over = "pooled"
levels = "indicators"
aggregate = "linear"
indicators = [
  { name = "a", direction = "positive", dimension = "Capacity" },
  { name = "share", label = "Share of b", direction = "negative", dimension = "Structure" },
]

[[variable]]
name = "Rir100"
from = "Rir"
steps = [{ times = 100 }]

[[table]]
id = "1"
title = "The scheme"
index = "Rir"

[[table]]
id = "2"
title = "Moments"
describe = ["Rir", "Rir100"]
"#;
    std::fs::write(folder.join("study.toml"), study).unwrap();
    let shown = stdout(&panelproof(&["replicate", folder.to_str().unwrap()]));
    // By hand: (0 + 0)/2, (5/10 + 5/8)/2, 1, (0.2 + 1/8)/2, (0.7 + 6/8)/2, (0.9 + 7/8)/2.
    let scores = [0.0, 0.5625, 1.0, 0.1625, 0.725, 0.8875];
    let mean = scores.iter().sum::<f64>() / 6.0;
    for want in [
        "Share of b",
        "Structure",
        "0.5000",
        &format!("{mean:.4}"),
        &format!("{:.4}", 100.0 * mean),
    ] {
        assert!(shown.contains(want), "{want}\n{shown}");
    }
    let wrong = study.replace("index = \"Rir\"", "index = \"Rirr\"");
    std::fs::write(folder.join("study.toml"), wrong).unwrap();
    let output = panelproof(&["replicate", folder.to_str().unwrap()]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(error.contains("study.toml:40:9: no [[index]] is called `Rirr`"), "{error}");
}
