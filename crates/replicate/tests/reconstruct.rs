//! `panelproof reconstruct`: a small study from a start to a panel, what cannot hold, and what the
//! certificate of wang-chen notices.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests write files")]

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::panelproof;

/// A folder that is emptied first and removed after.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("panelproof-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    fn text(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn said(arguments: &[&str]) -> (Option<i32>, String) {
    let output = panelproof(arguments);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

const STUDY: &str = r#"
[panel]
entity = "id"
period = "year"

[[source]]
file = "x.csv"
columns = ["x"]
tier = "real"

[[source]]
file = "found.csv"
columns = ["y (synthetic)", "n (synthetic)"]
rename = { "y (synthetic)" = "y", "n (synthetic)" = "n" }
tier = "reconstructed"

[[unknown]]
name = "y"
because = "nobody kept it"
values = { printed = { of = "y", rows = 1 } }
start = { drawn = { mean = 2, sd = 1, along = "x", load = 1, own = 0.5, trend = 0.2, noise = 0.5 } }

[[unknown]]
name = "n"
because = "nobody counted"
values = { count = { of = "n", rows = 1 } }
start = { drawn = { mean = 6, sd = 3, along = "x", load = 0.5, own = 0.5, trend = 0.2, noise = 0.5 } }

[[table]]
id = "1"

[[table]]
id = "2"
rows = { N = "n", R2 = "r2" }
columns = [
  { id = "(1)", estimator = "pooled", model = "y ~ x + n", vcov = "HC1", like = "stata-xtreg" },
]
"#;

const PUBLISHED: &str = r#"
[paper]
id = "small"
title = "A small study"
authors = ["Nobody"]

[[table]]
id = "1"
title = "Descriptive statistics"
kind = "descriptive"
columns = ["variable", "N", "mean", "sd", "min", "max"]
rows = [
  ["y", "40", "2.10", "1.05", "0.20", "4.90"],
  ["n", "40", "6.050", "3.18", "0", "15"],
]

[[table]]
id = "2"
title = "Regression"
kind = "regression"
uncertainty = "standard error"
stars = [0.10, 0.05, 0.01]
columns = ["(1)"]
dependent = ["y"]
rows = [
  ["x", "0.512*** (0.101)"],
  ["n", "0.080** (0.035)"],
  ["N", "40"],
  ["R2", "0.551"],
]
"#;

fn small(name: &str, published: &str) -> Folder {
    let folder = Folder::new(name);
    let mut x = String::from("id,year,x\n");
    for id in 0..8_u32 {
        for year in 0..5_u32 {
            let value = f64::from((id * 37 + year * 17) % 29) / 7.0;
            writeln!(x, "{id},{},{value}", 2000 + year).unwrap();
        }
    }
    folder.write("x.csv", &x);
    folder.write("study.toml", STUDY);
    folder.write("published.toml", published);
    folder
}

#[test]
fn a_small_study_is_solved_and_replicates() {
    let folder = small("small", PUBLISHED);
    let study = folder.0.join("study.toml");
    let study = study.to_str().unwrap();
    let before = said(&["replicate", study]);
    assert!(before.1.contains("nobody kept it"), "{}", before.1);
    for seed in ["1", "2"] {
        let out = folder.0.join("found.csv");
        let found =
            said(&["reconstruct", folder.text(), "--seed", seed, "-o", out.to_str().unwrap()]);
        assert_eq!(found.0, Some(0), "{}", found.1);
        let after = said(&["replicate", study]);
        assert_eq!(after.0, Some(0), "{}", after.1);
        assert!(after.1.contains("=†") && !after.1.contains("not computed  y"), "{}", after.1);
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(text.starts_with("id,year,n (synthetic),y (synthetic)"), "{text}");
        for line in text.lines().skip(1) {
            let count = line.split(',').nth(2).unwrap();
            assert!(count.parse::<u32>().is_ok(), "{count} is no count");
        }
        let again = said(&["reconstruct", folder.text(), "--seed", seed, "--check"]);
        assert!(again.1.contains("the same columns as in"), "{}", again.1);
    }
    let other = said(&["reconstruct", folder.text(), "--seed", "1", "--check"]);
    assert_eq!(other.0, Some(1));
    assert!(other.1.contains("other columns than in"), "{}", other.1);
}

/// A constant that the moments and the slopes contradict is not met by accident.
#[test]
fn what_cannot_hold_is_said() {
    let folder = small("contradicted", &PUBLISHED.replace("\"0.551\"", "\"1.551\""));
    let (status, text) = said(&["reconstruct", folder.text()]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("2 / (1) / R2 / value: printed 1.551"), "{text}");
}

/// A number that is declared to differ is let be, unless all are asked for as printed.
#[test]
fn what_is_declared_is_asked_for_as_printed() {
    let folder = small("as-printed", &PUBLISHED.replace("\"0.551\"", "\"1.551\""));
    let declared = "[[deviation]]\ncells = { \"2 / (1) / R2 / value\" = \"1.551\" }\nbecause = \"no share is above \
                    one\"\nsince = \"2026-11-23\"\n";
    folder.write("study.toml", &format!("{STUDY}\n{declared}"));
    let (status, text) = said(&["reconstruct", folder.text()]);
    assert_eq!(status, Some(0), "{text}");
    let (status, text) = said(&["reconstruct", folder.text(), "--as-printed"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("2 / (1) / R2 / value: printed 1.551, ours 0."), "{text}");
    let (status, text) = said(&["reconstruct", folder.text(), "--as-printed", "--elastic"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains(", 1 was given up"), "{text}");
    let line = "2 / (1) / R2 / value: printed 1.551, given up; the others hold with it at 0.";
    assert!(text.contains(line), "{text}");
}

/// The same regression in two columns that differ in one number: one of both goes, and the other says what it is.
#[test]
fn the_fewest_numbers_are_given_up() {
    let second = PUBLISHED
        .replace("columns = [\"(1)\"]", "columns = [\"(1)\", \"(2)\"]")
        .replace("dependent = [\"y\"]", "dependent = [\"y\", \"y\"]")
        .replace("\"0.512*** (0.101)\"]", "\"0.512*** (0.101)\", \"0.572*** (0.101)\"]")
        .replace("\"0.080** (0.035)\"]", "\"0.080** (0.035)\", \"0.080** (0.035)\"]")
        .replace("[\"N\", \"40\"]", "[\"N\", \"40\", \"40\"]")
        .replace("\"0.551\"]", "\"0.551\", \"0.551\"]");
    let folder = small("elastic", &second);
    let column = "  { id = \"(1)\", estimator";
    let (before, one) = STUDY.split_once(column).unwrap();
    let one = one.trim_end().trim_end_matches(']').trim_end();
    let study = format!("{before}{column}{one}\n{}{one}\n]\n", column.replace("(1)", "(2)"));
    // Counts are whole before numbers are given up; held, they would say what the slope of x is.
    let study = study.replace("{ count = { of = \"n\"", "{ printed = { of = \"n\"");
    folder.write("study.toml", &study);
    let (_, text) = said(&["reconstruct", folder.text(), "--elastic"]);
    assert!(text.contains(", 1 was given up"), "{text}");
    let line = text.lines().find(|line| line.contains("given up; the others hold")).unwrap();
    let (_, ends) = line.split_once("with it at ").unwrap();
    let (low, high) = ends.trim_end_matches(", or farther").split_once(" and with it at ").unwrap();
    let (low, high): (f64, f64) = (low.parse().unwrap(), high.parse().unwrap());
    let other = if line.contains("(1) / x / value") { 0.572 } else { 0.512 };
    assert!(line.contains("/ x / value"), "{line}");
    assert!(other - 0.0005 <= low && high <= other + 0.0005 && low < high, "{line}");
}

/// A misprinted extreme: held, it costs many others; asked for like any other number, it goes alone.
#[test]
fn extremes_are_given_up_if_they_are_free() {
    let folder = small("extremes", &PUBLISHED.replace("\"4.90\"", "\"49.0\""));
    let study = STUDY.replace("{ count = { of = \"n\"", "{ printed = { of = \"n\"");
    folder.write("study.toml", &study);
    let (_, text) = said(&["reconstruct", folder.text(), "--elastic"]);
    assert!(!text.contains("1 / max / y") && text.contains("extremes of y, n"), "{text}");
    let (_, text) = said(&["reconstruct", folder.text(), "--elastic", "--free-ends"]);
    assert!(text.contains(", 1 was given up"), "{text}");
    assert!(text.contains("1 / max / y / value: printed 49.0, given up"), "{text}");
    assert!(!text.contains("Cells are held"), "{text}");
}

#[test]
fn conventions_are_tried_and_columns_fixed() {
    let folder = small("tried", PUBLISHED);
    let (status, text) = said(&["reconstruct", folder.text(), "--try", "vcov=HC1,iid"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("vcov=HC1") && text.contains("vcov=iid"), "{text}");
    for (tried, expected) in [
        ("vcov=HC9", "HC9"),
        ("omitted-region=first", "omitted-region=first"),
        ("x=1", "no convention `x`"),
    ] {
        let (status, text) = said(&["reconstruct", folder.text(), "--try", tried]);
        assert_eq!(status, Some(2), "{text}");
        assert!(text.contains(expected), "{text}");
    }
    let kept = "id,year,y\n0,2000,1.75\n3,2002,2.5\n";
    folder.write("kept.csv", kept);
    let (file, out) = (folder.0.join("kept.csv"), folder.0.join("found.csv"));
    let fix = format!("y={}", file.to_str().unwrap());
    let (status, text) =
        said(&["reconstruct", folder.text(), "--fix", &fix, "-o", out.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{text}");
    let found = std::fs::read_to_string(&out).unwrap();
    for (key, y) in [("0,2000,", ",1.75"), ("3,2002,", ",2.5")] {
        let row = found.lines().find(|line| line.starts_with(key)).unwrap();
        assert!(row.ends_with(y), "{row}");
    }
    folder.write("kept.csv", "id,year,y\n99,2000,1.75\n");
    let (status, text) = said(&["reconstruct", folder.text(), "--fix", &fix]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("none of its rows"), "{text}");
    let (status, text) = said(&["reconstruct", folder.text(), "--fix", &fix.replace("y=", "w=")]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("`w` is not unknown"), "{text}");
}

#[test]
fn what_cannot_be_asked_is_an_error() {
    let of_z = "values = { printed = { of = \"z\", rows = 1 } }";
    let of_y = "values = { printed = { of = \"y\", rows = 1 } }";
    let cases = [
        (of_y, of_z, "no table prints the min of `z`"),
        ("because = \"nobody kept it\"", "because = \" \"", "`because` is empty"),
        (of_y, "values = { between = [5, 0] }", "`y`: nothing lies between 5 and 0"),
        (of_y, "values = { between = [nan, 3] }", "`y`: nothing lies between NaN and 3"),
        (of_y, "values = { between = [-inf, inf] }", "`y`: nothing lies between -inf and inf"),
        (
            "values = { printed = { of = \"y\", rows = 1 } }\nstart = { drawn = { mean = 2,",
            "values = \"positive\"\nstart = { drawn = { mean = -9,",
            "`y` is positive, and starts at -",
        ),
        ("along = \"x\", load = 1,", "along = \"w\", load = 1,", "needs the column `w`"),
        ("vcov = \"HC1\"", "vcov = \"HC3\"", "derivative"),
    ];
    for (from, to, expected) in cases {
        let folder = small("refused", PUBLISHED);
        folder.write("study.toml", &STUDY.replacen(from, to, 1));
        let (status, text) = said(&["reconstruct", folder.text()]);
        assert_eq!(status, Some(2), "{text}");
        assert!(text.contains(expected), "{text}");
    }
    let folder = small("refused", PUBLISHED);
    folder.write("half.csv", "id,year,n\n0,2000,2.5\n");
    let half = format!("n={}", folder.0.join("half.csv").to_str().unwrap());
    let nowhere = folder.0.join("nowhere/found.csv");
    // What would be found is not lost: these are said before anything is solved for.
    let asked: [(&[&str], &str); 6] = [
        (&["--fix", &half], "`n` is known to be 2.5 for 0 2000, which is no count"),
        (&["--fix", &half, "--fix", &half], "`--fix n` is said twice"),
        (&["--try", "vcov=HC1", "--try", "vcov=iid"], "`--try vcov` is said twice"),
        (&["-o", "found.txt"], "none of .csv, .parquet, .dta and .xlsx"),
        (&["-o", nowhere.to_str().unwrap()], "there is no such folder"),
        (&["--check"], "no file `"),
    ];
    for (arguments, expected) in asked {
        let (status, text) = said(&[&["reconstruct", folder.text()], arguments].concat());
        assert_eq!(status, Some(2), "{text}");
        assert!(text.contains(expected), "{text}");
    }
    let (status, text) = said(&["reconstruct", "grunfeld"]);
    assert_eq!(status, Some(2));
    assert!(text.contains("[[unknown]]"), "{text}");
}

/// The panel of wang-chen prints as published under the conventions of its study, and no others.
#[test]
fn another_convention_is_noticed_in_named_cells() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let paper = root.join("papers/wang-chen");
    let study = std::fs::read_to_string(paper.join("study.toml")).unwrap();
    let cases = [
        ("vcov = \"HC1\"", "vcov = \"HC0\""),
        ("vcov = \"HC1\"", "vcov = \"iid\""),
        ("ib2022.year | province", "ib2015.year | province"),
        ("components = \"swar\"", "components = \"walhus\""),
        ("information = \"observed\", small-sample", "information = \"expected\", small-sample"),
        ("Rec-third == 3 of 3", "Rec-third == 2 of 3"),
    ];
    for (from, to) in cases {
        let folder = Folder::new("convention");
        std::fs::create_dir_all(folder.0.join("papers/wang-chen")).unwrap();
        std::os::unix::fs::symlink(
            root.canonicalize().unwrap().join("data"),
            folder.0.join("data"),
        )
        .unwrap();
        for file in ["published.toml", "reconstructed.csv"] {
            std::fs::copy(paper.join(file), folder.0.join("papers/wang-chen").join(file)).unwrap();
        }
        assert!(study.contains(from), "{from}");
        folder.write("papers/wang-chen/study.toml", &study.replace(from, to));
        let (status, text) = said(&["replicate", "wang-chen", "--fixtures", folder.text()]);
        assert_eq!(status, Some(1), "{from} -> {to}: {text}");
    }
}

/// Where others are off, no interval is measured for what was given up, and none is printed.
#[test]
fn no_interval_is_said_where_others_are_off() {
    let folder = small("short", &PUBLISHED.replace("\"0.551\"", "\"1.551\""));
    let mut off = 0;
    // One step leaves some seeds short.
    for seed in 1..=9 {
        let seed = seed.to_string();
        let arguments =
            ["reconstruct", folder.text(), "--elastic", "--steps", "1", "--seed", &seed];
        let (status, text) = said(&arguments);
        let measured = text.contains("given up; the others hold");
        let not = text.contains("here, and no interval was measured, since others are off");
        assert_eq!((measured, not), (status == Some(0), status == Some(1)), "{text}");
        off += usize::from(not);
    }
    assert!(off > 0);
}

const INDEX: &str = r#"
[panel]
entity = "id"
period = "year"

[[source]]
file = "x.csv"
columns = ["x"]
tier = "real"

[[source]]
file = "found.csv"
columns = ["p (synthetic)", "q (synthetic)", "r (synthetic)"]
rename = { "p (synthetic)" = "p", "q (synthetic)" = "q", "r (synthetic)" = "r" }
tier = "reconstructed"

[[index]]
name = "E"
normalise = "min-max"
normalise-over = "pooled"
shift = 0
weights = "entropy"
weights-over = "pooled"
levels = "indicators"
aggregate = "linear"
indicators = [
  { name = "p", direction = "positive", dimension = "A" },
  { name = "q", direction = "negative", dimension = "A" },
  { name = "r", direction = "positive", dimension = "B" },
]

[[unknown]]
name = "E"
because = "its indicators are unknown"
values = { printed = { of = "E", rows = 1 } }
start = { drawn = { mean = 0.44, sd = 0.18, along = "x", load = 1, own = 0.5, trend = 0.2, noise = 0.5 } }

[[unknown]]
name = "p"
because = "nobody kept it"
values = { between = [0, 1] }
start = { drawn = { mean = 0.5, sd = 0.15, along = "x", load = 0, own = 0, trend = 0, noise = 1, following = { E = 1 } } }

[[unknown]]
name = "q"
because = "nobody kept it"
values = { between = [0, 1] }
start = { drawn = { mean = 0.5, sd = 0.15, along = "x", load = 0, own = 0, trend = 0, noise = 1, following = { E = -1 } } }

[[unknown]]
name = "r"
because = "nobody kept it"
values = { between = [0, 1] }
start = { drawn = { mean = 0.5, sd = 0.15, along = "x", load = 0, own = 0, trend = 0, noise = 1, following = { E = 1 } } }

[[table]]
id = "1"
index = "E"

[[table]]
id = "2"

[[table]]
id = "3"
rows = { R2 = "r2" }
columns = [{ id = "(1)", estimator = "pooled", model = "E ~ x", vcov = "HC1", like = "stata-xtreg" }]
"#;

const OF_INDEX: &str = r#"
[paper]
id = "index"
title = "An index"
authors = ["Nobody"]

[[table]]
id = "1"
title = "Scheme"
kind = "weights"
columns = ["dimension", "indicator", "attribute", "weight"]
rows = [["A", "p", "+", "0.331"], ["A", "q", "-", "0.361"], ["B", "r", "+", "0.308"]]

[[table]]
id = "2"
title = "Descriptive statistics"
kind = "descriptive"
columns = ["variable", "N", "mean", "sd", "min", "max"]
rows = [["E", "40", "0.439", "0.185", "0.17", "0.82"]]

[[table]]
id = "3"
title = "Regression"
kind = "regression"
uncertainty = "standard error"
columns = ["(1)"]
dependent = ["E"]
rows = [["x", "0.085 (0.018)"], ["R2", "0.31"]]
"#;

/// Its scores are solved for as one column, then its indicators; or these with all else at once, if the index is
/// not unknown itself. A file has some cells of one of them.
#[test]
fn an_index_is_solved_for_by_its_indicators() {
    let folder = small("index", OF_INDEX);
    folder.write("kept.csv", "id,year,p\n0,2000,0.25\n3,2002,0.5\n");
    let (file, out) = (folder.0.join("kept.csv"), folder.0.join("found.csv"));
    let fix = format!("p={}", file.to_str().unwrap());
    let (before, rest) = INDEX.split_once("[[unknown]]\nname = \"E\"").unwrap();
    let (_, after) = rest.split_once("[[unknown]]").unwrap();
    let at_once = format!("{before}[[unknown]]{after}")
        .replace(", following = { E = 1 }", "")
        .replace(", following = { E = -1 }", "");
    for study in [INDEX, &at_once] {
        folder.write("study.toml", study);
        let (status, text) =
            said(&["reconstruct", folder.text(), "--fix", &fix, "-o", out.to_str().unwrap()]);
        assert_eq!(status, Some(0), "{text}");
        let found = std::fs::read_to_string(&out).unwrap();
        let columns = "id,year,p (synthetic),q (synthetic),r (synthetic)\n";
        assert!(found.starts_with(columns), "{found}");
        for key in ["0,2000,0.25,", "3,2002,0.5,"] {
            assert!(found.lines().any(|line| line.starts_with(key)), "{found}");
        }
        let (status, text) = said(&["replicate", folder.0.join("study.toml").to_str().unwrap()]);
        assert_eq!(status, Some(0), "{text}");
        assert!(text.contains("11      11       0       0"), "{text}");
        std::fs::remove_file(&out).unwrap();
    }
}

/// Nothing is known of how neighbours' means move: said before anything is tried, unless they are real.
#[test]
fn what_has_no_derivative_is_refused() {
    let mut x = String::from("province,year,x\n");
    for (i, province) in ["Beijing", "Tianjin", "Hebei", "Shanxi", "Henan"].iter().enumerate() {
        for year in 2000..2008_usize {
            writeln!(x, "{province},{year},{}", ((i * 37 + year * 17) % 29) as f64 / 7.0).unwrap();
        }
    }
    let derived = |of: &str| {
        let text = format!(
            "{STUDY}\n[[derived]]\nname = \"near\"\nby = {{ neighbours = {{ of = \"{of}\", hainan = \"island\" }} }}\n"
        );
        text.replace("y ~ x + n", "y ~ x + n + near").replace("\"id\"", "\"province\"")
    };
    let folder = small("near", PUBLISHED);
    folder.write("x.csv", &x);
    folder.write("study.toml", &derived("n"));
    let (status, text) = said(&["reconstruct", folder.text()]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("derived `near`: it rests on columns that are solved for"), "{text}");
    folder.write("study.toml", &derived("x"));
    let (status, text) = said(&["reconstruct", folder.text()]);
    assert!(status != Some(2) && !text.contains("derived `near`"), "{text}");
}

/// A number that nothing defines at any start is not left out of what is asked for.
#[test]
fn what_is_not_defined_at_the_start_is_said() {
    let along = "start = { drawn = { mean = 6, sd = 3, along = \"x\", load = 0.5, own = 0.5, trend = 0.2, \
                 noise = 0.5 } }";
    let cases = [
        (
            along,
            "start = { from = \"x\" }",
            PUBLISHED.to_owned(),
            "`n` is a linear combination of `x`",
        ),
        (
            "",
            "",
            PUBLISHED.replace("0.512***", "0.512****"),
            "4 stars, and the table says what 3 mean",
        ),
        ("", "", PUBLISHED.replace("\"4.90\"", "\"0.10\""), "the printed min and max of `y`"),
    ];
    for (from, to, published, expected) in cases {
        let folder = small("undefined", &published);
        assert!(STUDY.contains(from));
        // Whole numbers as well as any, so that the start is where it is said to be.
        let study = STUDY.replace("{ count = { of = \"n\", rows = 1 } }", "\"real\"");
        let study = if from.is_empty() { STUDY.to_owned() } else { study.replace(from, to) };
        folder.write("study.toml", &study);
        for elastic in [&["--elastic"][..], &[]] {
            let (status, text) = said(&[&["reconstruct", folder.text()], elastic].concat());
            assert_eq!(status, Some(2), "{text}");
            assert!(text.contains(expected), "{text}");
        }
    }
}

/// A column that nothing printed rests on is solved for by nothing, and said to be.
#[test]
fn a_column_that_no_number_moves_with_is_named() {
    let folder = small("idle", PUBLISHED);
    let (_, again) = STUDY.split_once("[[unknown]]").unwrap();
    let (again, _) = again.split_once("[[unknown]]").unwrap();
    let again = again
        .replace("\"y\"\n", "\"z\"\n")
        .replace("{ printed = { of = \"y\", rows = 1 } }", "\"real\"");
    folder.write("study.toml", &format!("{STUDY}\n[[unknown]]{again}"));
    let (status, text) = said(&["reconstruct", folder.text()]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.starts_with("z: no printed number moves with it"), "{text}");
    assert_eq!(text.matches("no printed number moves").count(), 1, "{text}");
}

/// One combination that cannot be solved says nothing of the others.
#[test]
fn conventions_are_tried_one_by_one() {
    let folder = small("one-by-one", PUBLISHED);
    let (status, text) = said(&["reconstruct", folder.text(), "--try", "vcov=HC3,HC1"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("not tried") && text.contains("no derivatives of `HC3`"), "{text}");
    let (status, text) = said(&["reconstruct", folder.text(), "--try", "vcov=HC3"]);
    assert_eq!(status, Some(2), "{text}");
}

/// In files that are compared, and in files that say that they are real.
#[test]
fn synthetic_columns_are_told_from_others() {
    let folder = small("labels", PUBLISHED);
    let out = folder.0.join("found.dta");
    let (status, text) = said(&["reconstruct", folder.text(), "-o", out.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{text}");
    // Stata's names have no blanks: the labels of its columns say so.
    let names = ["y", "n"]
        .map(|name| (format!("\"{name} (synthetic)\""), format!("\"{name}__synthetic_\"")));
    let stata = names.iter().fold(STUDY.replace("found.csv", "found.dta"), |text, (from, to)| {
        text.replace(from.as_str(), to)
    });
    folder.write("study.toml", &stata);
    let (status, text) = said(&["reconstruct", folder.text(), "--check"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("the same columns as in"), "{text}");
    let fix = format!("y={}", out.to_str().unwrap());
    let (_, text) = said(&["reconstruct", folder.text(), "--fix", &fix]);
    assert!(text.contains("y: 40 of 40 cells kept as in"), "{text}");
    let study = folder.0.join("study.toml");
    for file in ["found.dta", "found.csv"] {
        let out = folder.0.join(file);
        folder.write("study.toml", STUDY);
        said(&["reconstruct", folder.text(), "-o", out.to_str().unwrap()]);
        let text = if file == "found.dta" { stata.clone() } else { STUDY.to_owned() };
        folder.write("study.toml", &text.replace("tier = \"reconstructed\"", "tier = \"real\""));
        let (status, text) = said(&["replicate", study.to_str().unwrap()]);
        assert_eq!(status, Some(2), "{text}");
        assert!(
            text.contains("says that it was solved for, and its [[source]] that it is real"),
            "{text}"
        );
    }
    // In what `ingest` writes, in a figure and in a table of our own; nothing that is stated is held to it.
    let own = "[[figure]]\nid = \"1\"\ntitle = \"y\"\nunit = \"u\"\nfirst = 2000\nlast = 2004\n\
               lines = [{ name = \"y of 0\", entity = \"0\", column = \"y\", times = 1 }]\n\
               [[table]]\nid = \"A\"\ntitle = \"Of our own\"\nherfindahl = \"n\"\n";
    folder.write("study.toml", &format!("{STUDY}\n{own}"));
    let (status, text) = said(&["replicate", study.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("y of 0 (synthetic)"), "{text}");
    let (_, table) = text.split_once("Of our own").unwrap();
    assert!(table.contains("† Reconstructed data are synthetic"), "{text}");
    let all = folder.0.join("all.csv");
    let (status, text) = said(&["ingest", study.to_str().unwrap(), "-o", all.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("solved for, and called so in the file: n, y"), "{text}");
    let text = std::fs::read_to_string(&all).unwrap();
    assert!(text.starts_with("id,year,n (synthetic),x,y (synthetic)\n"), "{text}");
}
