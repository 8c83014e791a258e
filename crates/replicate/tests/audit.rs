//! `panelproof audit`: what it reads, what it prints, and with which status it ends.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod common;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::panelproof;
use serde_json::Value;

/// The audited papers.
const PAPERS: [&str; 5] = ["chen-sun", "ji-yang", "wang-chen", "wang-suichang", "zhou"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Runs and looks at the status.
#[track_caller]
fn ends(status: i32, arguments: &[&str]) -> String {
    let output = panelproof(&[&["audit"], arguments].concat());
    assert_eq!(output.status.code(), Some(status), "{}", said(&output));
    said(&output)
}

/// Runs on what is piped in.
fn piped(text: &[u8], arguments: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_panelproof"))
        .args([&["audit", "-"], arguments].concat())
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A reader that has seen enough closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(text);
    child.wait_with_output().unwrap()
}

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("panelproof-audit-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const SCHEMA: &str = "fixtures/audit/table.audit.toml";

#[test]
fn one_table_in_three_layouts_is_one_table() {
    let toml = |file: &str| {
        let text = ends(0, &[&format!("fixtures/audit/table.{file}"), "--as-toml"]);
        text[text.find("[[table]]").unwrap()..].to_owned()
    };
    let csv = toml("csv");
    assert!(
        csv.contains(
            r#"["Roads", "0.2884*** (0.0536)", "0.5930*** (0.0655)", "0.1204** (0.0568)"]"#
        ),
        "{csv}"
    );
    assert!(
        csv.contains("stars = [0.10, 0.05, 0.01]")
            && csv.contains("uncertainty = \"standard error\"")
    );
    assert_eq!(toml("tex"), csv);
    assert_eq!(toml("xlsx"), csv);
}

#[test]
fn a_slip_is_found_where_it_is_and_mended() {
    // The identity is one of three columns with the same rows: without a word about them it needs that.
    let text = ends(0, &["fixtures/audit/table.csv"]);
    assert!(text.contains("What holds only under an assumption") && !text.contains("✗"), "{text}");
    let arguments = ["fixtures/audit/table.csv", "--schema", SCHEMA];
    let text = ends(3, &arguments);
    assert!(text.contains("0.1204 → 0.1264 (one digit changed)"), "{text}");
    // By hand, from 0.1204 + 0.2732 · 0.5930, every cell half a unit of its last digit less or more.
    let least = 0.12035 + 0.27315 * 0.59295;
    let most = 0.12045 + 0.27325 * 0.59305;
    let json: Value =
        serde_json::from_str(&ends(3, &[&arguments[..], &["--format", "json"]].concat())).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(finding["check"], "added-regressor");
    assert_eq!(finding["verdict"], "impossible");
    assert_eq!(finding["cells"][0], "2/(1)/Roads/estimate");
    let [lo, hi] =
        [&finding["implied"][0], &finding["implied"][1]].map(|end| end.as_f64().unwrap());
    assert!((lo - least).abs() < 1e-12 && (hi - most).abs() < 1e-12, "{finding}");
    assert!(hi < 0.28835, "what is printed is outside");
    let repair = |to: &str| finding["repairs"].as_array().unwrap().iter().any(|it| it["to"] == to);
    assert!(repair("0.1264"), "{finding}");
    for key in ["findings", "conventions", "inferred", "unchecked", "counts", "remarks"] {
        assert!(!json[key].is_null(), "{key}");
    }
    // Mended, nothing is left.
    let folder = Folder::new("mended");
    let table = std::fs::read_to_string(root().join("fixtures/audit/table.csv")).unwrap();
    let file = folder.write("table.csv", table.replace("0.1204", "0.1264"));
    let text = ends(0, &[&file, "--schema", SCHEMA]);
    assert!(!text.contains("✗") && !text.contains("What holds only"), "{text}");
}

/// What programs printed themselves is read, and nothing in it needs as much as an assumption; a digit of a t statistic that is
/// another is found.
#[test]
fn outputs_of_programs_agree_with_themselves() {
    let folder = root().join("fixtures/audit/programs");
    let mut files = 0;
    for file in std::fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path().display().to_string();
        if path.ends_with("README.md") {
            continue;
        }
        let json: Value = serde_json::from_str(&ends(0, &[&path, "--format", "json"])).unwrap();
        let counts = &json["counts"];
        assert_eq!(counts["impossible"], 0, "{path}");
        assert_eq!(counts["needs_assumption"], 0, "{path}");
        assert!(counts["consistent"].as_u64() >= Some(9), "{path}: {counts}");
        files += 1;
    }
    assert_eq!(files, 29);
    let folder = Folder::new("programs");
    for (name, from, to, says) in [
        ("statsmodels.txt", "9.055", "9.655", "t = 0.2307/0.025 is in"),
        ("summary-lm.txt", "9.055", "9.065", "t = 0.230678/0.025476 is in"),
        ("gretl.tex", "9&055", "9&155", "t = 0.230678/0.0254758 is in"),
        ("coeftest.txt", "0.037787", "0.027787", "p of |t| in"),
    ] {
        let text =
            std::fs::read_to_string(root().join("fixtures/audit/programs").join(name)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{name}");
        let file = folder.write(name, text.replace(from, to));
        let said = ends(3, &[&file]);
        assert!(said.contains(says), "{name}: {said}");
    }
    // stargazer does not say that its brackets hold standard errors.
    let name = root().join("fixtures/audit/programs/stargazer.tex");
    let text = std::fs::read_to_string(name).unwrap();
    let file = folder.write("stargazer.tex", text.replace("t = 9.055", "t = 9.955"));
    let said = ends(0, &[&file]);
    assert!(said.contains("Holds if the brackets hold something else"), "{said}");
}

#[test]
fn every_form_says_the_same_and_files_are_whole() {
    let folder = Folder::new("forms");
    for (name, begins) in [
        ("a.html", "<!doctype html>"),
        ("a.md", "# Audit of"),
        ("a.json", "{"),
        ("a.txt", "Audit of"),
    ] {
        let path = folder.0.join(name).display().to_string();
        let said = ends(3, &["fixtures/audit/table.tex", "--schema", SCHEMA, "-o", &path]);
        assert!(said.contains("1 of") && said.contains("cannot hold; written to"), "{said}");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(begins) && text.ends_with('\n'), "{text}");
        assert!(text.contains("0.1204 + 0.2732 · 0.5930"), "{name}");
    }
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 4, "nothing is left beside");
    let nowhere = folder.0.join("no/such/a.html").display().to_string();
    assert!(ends(2, &["fixtures/audit/table.tex", "-o", &nowhere]).contains("no/such/a.html"));
    // A format that is said stands before what the name ends in.
    let path = folder.0.join("b.md").display().to_string();
    ends(0, &["fixtures/audit/table.tex", "-o", &path, "--format", "json"]);
    assert!(std::fs::read_to_string(&path).unwrap().starts_with('{'));
}

#[test]
fn what_is_read_can_be_gone_on_from() {
    let folder = Folder::new("toml");
    let path = folder.0.join("published.toml").display().to_string();
    let said = ends(0, &["fixtures/audit/table.csv", "--as-toml", "-o", &path]);
    assert!(said.contains("the tables written to"), "{said}");
    let schema = std::fs::read_to_string(root().join(SCHEMA)).unwrap();
    folder.write("audit.toml", schema);
    // The schema beside it is taken; the folder stands for the file.
    for what in [path.as_str(), folder.0.to_str().unwrap()] {
        assert!(ends(3, &[what]).contains("0.1204 → 0.1264"), "{what}");
    }
}

#[test]
fn tables_are_piped_in() {
    let table = std::fs::read(root().join("fixtures/audit/table.tex")).unwrap();
    let output = piped(&table, &["--schema", SCHEMA]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let text = said(&piped(b"\xff\xfe\x00", &[]));
    assert!(text.contains("standard input: not UTF-8"), "{text}");
    let long = piped(&vec![b'x'; 9 << 20], &[]);
    assert_eq!(long.status.code(), Some(2));
    assert!(said(&long).contains("more than 8 MB"));
}

#[test]
fn bad_input_says_where_and_what_would_mend_it() {
    let folder = Folder::new("bad");
    let says = |name: &str, content: &[u8], expected: &str| {
        let file = folder.write(name, content);
        let text = ends(2, &[&file]);
        assert!(text.contains(expected), "{name}: {text}");
    };
    says("t.csv", b"", "no table with numbers; separate columns by tabs or commas");
    says(
        "t.csv",
        b",(1)\nx,0.1\n,0.05\n",
        "t.csv:3, column `(1)`: `0.05` stands in a row without a label",
    );
    says("t.csv", b",(1)\nx,0.1\nx,0.2\n", "t.csv:3: a second row `x`");
    says("t.tex", b"\\begin{tabular}{lc}\nx & 0.1 \\\\\n", "t.tex:1: `\\begin{tabular}` is opened");
    says("t.csv", b"%PDF-1.7 \x01", "is no text; copy the table out of it");
    says("t.docx", b"PK\x03\x04 and so on", "is no text; copy the table out of it");
    says(
        "t.csv",
        b"caf\xe9,(1)\nx,0.1\n",
        "t.csv:1: not UTF-8, UTF-16 or GB18030; save the file as UTF-8",
    );
    says("t.xlsx", b"id,t\na,1\n", "it begins like neither .xlsx nor .xls");
    says("published.toml", b"[paper]\nid = 1\n", "published.toml:2:6:");
    let line = format!("x{}\n", ",0.1".repeat(1_000));
    says(
        "t.csv",
        &line.repeat(1_000).into_bytes(),
        "more than 2000 rows, 200 columns or 100000 cells",
    );
    says(
        "t.csv",
        &line.repeat(10_000).into_bytes(),
        "is longer than 8 MB, which no printed table is",
    );
    let row = |k: usize| format!("[\"r{k}\"{}],\n", ", \"0.1\"".repeat(100));
    let columns: Vec<String> = (0..100).map(|k| format!("\"c{k}\"")).collect();
    let rows: String = (0..2_000).map(row).collect();
    let toml = format!(
        "[paper]\nid = \"x\"\ntitle = \"x\"\nauthors = []\n[[table]]\nid = \"1\"\ntitle = \"\"\nkind = \"regression\"\ncolumns = [{}]\nrows = [{rows}]\n",
        columns.join(",")
    );
    says("published.toml", toml.as_bytes(), "200000 cells are more than the 100000");

    for (arguments, expected) in [
        (&["no-such-paper"][..], "no study `no-such-paper`; there are chen-sun"),
        (&["no/such/file.csv"][..], "no file `no/such/file.csv`"),
        (&["china-digital"][..], "a study of our own; nothing was printed"),
        (&["fixtures"][..], "no study `fixtures`"),
        (&["fixtures/audit/table.csv", "--sheet", "table"][..], "has no sheets"),
        (
            &["fixtures/audit/table.xlsx", "--sheet", "other"][..],
            "has no sheet `other`; it has `table`",
        ),
        (&["fixtures/audit/table.csv", "--schema", "no.toml"][..], "no.toml: No such file"),
    ] {
        let text = ends(2, arguments);
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
}

#[test]
fn a_schema_that_cannot_be_says_where() {
    let folder = Folder::new("schema");
    for (schema, expected) in [
        ("colour = 1\n", "s.toml:1:1: unknown field `colour`"),
        ("[[sample]]\ncolumns = [\"2/(1)\", \"2/(9)\"]\n", "s.toml:2:"),
        ("[[column]]\nid = \"2/(1)\"\nn = 319\n", "s.toml:2:"),
        ("[panel]\nunits = 7\nperiods = 9\n[[column]]\nid = \"2/(1)\"\nn = 320\n", ""),
    ] {
        let file = folder.write("s.toml", schema);
        let output = panelproof(&["audit", "fixtures/audit/table.csv", "--schema", &file]);
        let text = said(&output);
        assert!(output.status.code() == Some(2) || expected.is_empty(), "{schema}: {text}");
        assert!(text.contains(expected), "{schema}: {text}");
    }
}

#[test]
fn what_cannot_be_checked_is_said_and_not_guessed() {
    // A dash, a footnote letter, an uncertainty of zero, no N, stars without a legend.
    let table = b",(1),(2)\nx,0.1*,0.0\n,(0.05),(0.000)\nz,\xe2\x80\x94,0.3b\nR2,0.5,0.6\n";
    let output = piped(table, &[]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("stdin:4, column `(2)`: not read as a number: `0.3b`"), "{text}");
    assert!(text.contains("no line says what the stars mean; they are not checked"), "{text}");
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    let empty = piped(b"| | (1) |\n|---|---|\n| x | 0.1 |\n", &[]);
    let text = said(&empty);
    assert_eq!(empty.status.code(), Some(0), "{text}");
    assert!(text.contains("0 equations: nothing could be checked"), "{text}");
}

#[test]
fn the_reports_of_the_papers_are_up_to_date() {
    for key in PAPERS {
        let output = panelproof(&["audit", key, "--format", "markdown"]);
        assert!(matches!(output.status.code(), Some(0 | 3)), "{}", said(&output));
        let page = root().join(format!("docs/audits/{key}.md"));
        let page = std::fs::read_to_string(&page).unwrap_or_default();
        let written = page.split_once('\n').map_or("", |(_, rest)| rest);
        assert!(
            written == String::from_utf8(output.stdout).unwrap(),
            "docs/audits/{key}.md is out of date; run `cargo xtask ledger`"
        );
    }
}

#[test]
fn every_example_of_the_manual_runs() {
    let manual = ends(0, &["--help"]);
    let examples = manual.lines().filter_map(|line| line.trim().strip_prefix("panelproof audit "));
    let mut ran = 0;
    for example in examples.filter(|line| !line.starts_with('[')) {
        std::fs::create_dir_all(root().join("target")).unwrap();
        let words: Vec<&str> = example.split_whitespace().collect();
        let output = panelproof(&[&["audit"], &words[..]].concat());
        assert!(matches!(output.status.code(), Some(0 | 3)), "{example}: {}", said(&output));
        ran += 1;
    }
    assert_eq!(ran, 4);
}

fn bare(text: &str) -> String {
    text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// `sed 's/a/b/' from > to`, as the tutorial mends a cell.
fn edit(command: &str, folder: &Path) {
    let words: Vec<&str> = command.split_whitespace().collect();
    let ["sed", script, from, ">", to] = words[..] else { panic!("{command}") };
    let mut parts = script.trim_matches('\'').split('/').skip(1);
    let (a, b) = (parts.next().unwrap(), parts.next().unwrap());
    let text = std::fs::read_to_string(folder.join(from)).unwrap();
    assert_eq!(text.matches(a).count(), 1);
    std::fs::write(folder.join(to), text.replace(a, b)).unwrap();
}

#[test]
fn the_tutorial_shows_what_is_printed() {
    let folder = Folder::new("tutorial");
    let data = folder.0.join("fixtures/audit");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::create_dir_all(folder.0.join("target")).unwrap();
    for name in ["table.csv", "table.audit.toml"] {
        std::fs::copy(root().join("fixtures/audit").join(name), data.join(name)).unwrap();
    }
    let page = std::fs::read_to_string(root().join("docs/tutorial-audit.md")).unwrap();
    let blocks: Vec<(&str, &str)> =
        page.split("```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect();
    for (language, name) in [("csv", "table.csv"), ("toml", "table.audit.toml")] {
        let shown = blocks.iter().find(|(of, _)| *of == language).unwrap().1;
        assert_eq!(bare(shown), bare(&std::fs::read_to_string(data.join(name)).unwrap()), "{name}");
    }
    let mut statuses = Vec::new();
    for (at, (language, command)) in blocks.iter().enumerate() {
        if *language != "console" {
            continue;
        }
        if command.starts_with("sed ") {
            edit(command, &folder.0);
            continue;
        }
        let words = command.split_whitespace().skip(1);
        let mut program = Command::new(env!("CARGO_BIN_EXE_panelproof"));
        let output = program.args(words).current_dir(&folder.0).output().unwrap();
        assert_eq!(bare(&said(&output)), bare(blocks[at + 1].1), "{command}");
        statuses.push(output.status.code());
    }
    // As the page says of each.
    assert_eq!(statuses, [Some(0), Some(3), Some(0)]);
}
