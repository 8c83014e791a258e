//! Statements of a text and printed tables, beside ours.

use serde_json::Value;

use super::common::{json, panelproof};
use super::{cell, folder, reference};

/// Three numbers that agree, and what turns each finding round.
#[test]
fn claims_are_checked_and_turn_when_a_digit_does() {
    let study = r#"
[panel]
entity = "series"
period = "year"

[[source]]
file = "data.csv"
tier = "real"

[[claim]]
of = ["f / 2 / sales"]
check = { compare-series = { entity = "s", column = "x", times = 0.001 } }

[[claim]]
of = ["f / 2 / sales"]
check = { implies-earlier-level = { against = { entity = "s", column = "x", times = 0.001 } } }

[[claim]]
of = ["f / 2 / sales"]
check = { compare-growth = { entity = "s", column = "x", times = 1 } }

[[claim]]
of = ["f / 2 / sales"]
check = { reaches-target = {} }

[[claim]]
of = ["1 / tea"]
check = { table-cell = { table = "1", row = "Tea", column = "output" } }

[[claim]]
of = ["2 / tea again"]
check = { equals = "1 / tea" }

[[claim]]
of = ["2 / green tea"]
check = { at-most = "1 / tea" }
"#;
    let published = r#"
[paper]
id = "p"
title = "P"
authors = []

[[series]]
id = "f"
title = "F"
values = [{ year = 2, name = "sales", value = "2.20", unit = "t", growth = "10.0%", target = "2.1" }]

[[table]]
id = "1"
title = "T"
kind = "resources"
columns = ["resource", "output"]
rows = [["Tea", "1.5 thousand tons"]]

[[claim]]
rows = [
  ["1", "tea", "1500", "tons", ""],
  ["2", "tea again", "1500", "tons", ""],
  ["2", "green tea", "900", "tons", ""],
]
"#;
    let data = "series,year,x\ns,1,2000\ns,2,2200\n";
    let findings = |published: &str, data: &str| -> Vec<Value> {
        let folder = folder(study, data);
        std::fs::write(folder.join("published.toml"), published).unwrap();
        let all = json(&["replicate", folder.to_str().unwrap()]);
        std::fs::remove_dir_all(folder).unwrap();
        let claims = all["papers"][0]["claims"].as_array().unwrap().clone();
        claims.iter().map(|claim| claim["agrees"].clone()).collect()
    };
    assert_eq!(findings(published, data), vec![Value::from(true); 7]);
    let turned = |published: &str, data: &str, at: usize| {
        assert_eq!(findings(published, data)[at], Value::from(false), "{at}");
    };
    turned(&published.replace("\"2.20\"", "\"2.21\""), data, 0);
    turned(&published.replace("10.0%", "11.0%"), data, 1);
    turned(published, &data.replace("2000", "2012"), 1);
    turned(published, &data.replace("2000", "2012"), 2);
    turned(&published.replace("\"2.1\"", "\"2.3\""), data, 3);
    turned(&published.replace("1.5 thousand", "1.6 thousand"), data, 4);
    turned(&published.replace("\"1\", \"tea\", \"1500\"", "\"1\", \"tea\", \"1510\""), data, 5);
    turned(&published.replace("\"900\"", "\"1600\""), data, 6);
    let refuses = |study: &str, wanted: &str| {
        let folder = folder(study, data);
        std::fs::write(folder.join("published.toml"), published).unwrap();
        let output = panelproof(&["replicate", folder.to_str().unwrap()]);
        std::fs::remove_dir_all(folder).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(wanted), "{said}");
    };
    // Every statement is checked, or said not to be checkable.
    refuses(&study[..study.rfind("[[claim]]").unwrap()], "`2 / green tea` was stated");
    // And held to real data: neither to a series that was solved for, nor to a table of such.
    let synthetic = study.replace("tier = \"real\"", "tier = \"reconstructed\"");
    refuses(&synthetic, "claim `f / 2 / sales`: `x` was solved for");
    let (source, claims) = synthetic.split_once("[[claim]]").unwrap();
    let (_, others) = claims.split_once("[[claim]]\nof = [\"1 / tea\"]").unwrap();
    let tested = "[[table]]\nid = \"B\"\ntitle = \"B\"\ndescribe = [\"x\"]\n[[claim]]\n\
                  of = [\"f / 2 / sales\"]\ncheck = { tested = [\"B\"] }\n";
    let tested = format!("{source}{tested}[[claim]]\nof = [\"1 / tea\"]{others}");
    refuses(&tested, "claim `f / 2 / sales`: table B rests on columns that were solved for");
}

/// What is printed beside a threshold regression and below a mediation is compared, too.
#[test]
fn a_printed_threshold_and_printed_effects_have_verdicts() {
    let data = reference("grunfeld/data.csv");
    let study = r#"
[panel]
entity = "firm"
period = "year"

[[source]]
file = "data.csv"
tier = "real"

[[threshold]]
id = "t"
model = "inv ~ value + capital | firm"
switching = ["value"]
variable = "capital"
thresholds = 1
inequality = "le"
rows = "all"
grid = "all"
trim = [0.1]
trim-of = "observations"
min-rows = 1
search = "sequential 1"
f-scale = "hansen"
lr-scale = "hansen"
level = 0.95
vcov = "iid"
like = "stata-xtreg"
bootstrap = { replications = 20, seed = 1, resample = "entities", residuals = "null", null = "search", trim = "own" }

[[table]]
id = "1"
threshold = "t"

[[table]]
id = "2"
rows = { low = "value:regime::1", high = "value:regime::2" }
columns = [{ id = "(1)", threshold = "t" }]

[[table]]
id = "3"
columns = [{ id = "(1)", estimator = "fixed-effects", vcov = "iid", like = "stata-xtreg", model = "inv ~ value | firm" }]
mediation = { model = "inv ~ value | firm", treatment = "value", mediators = ["capital"], variance = "sobel", vcov = "iid", like = "stata-xtreg" }
"#;
    let printed = |f: &str, gamma: &str, total: &str, indirect: &str| {
        format!(
            r#"
[paper]
id = "p"
title = "P"
authors = []

[[table]]
id = "1"
title = "Tests"
kind = "threshold test"
columns = ["threshold", "F"]
rows = [["Single", "{f}"]]

[[table]]
id = "2"
title = "Slopes"
kind = "threshold regression"
threshold = {{ variable = "capital", value = "{gamma}" }}
rows = [["low", "0.1"], ["high", "0.1"]]

[[table]]
id = "3"
title = "Mediation"
kind = "regression"
uncertainty = "standard error"
columns = ["(1)"]
rows = [["value", "{total}"]]
effects = {{ total = "{total}", direct = "0.1", indirect = "{indirect}" }}
"#
        )
    };
    let cells = |published: &str| -> Vec<(String, String, f64)> {
        let folder = folder(study, &data);
        std::fs::write(folder.join("published.toml"), published).unwrap();
        let output = panelproof(&["replicate", folder.to_str().unwrap(), "--format", "json"]);
        std::fs::remove_dir_all(folder).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let all: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        let tables = all["papers"][0]["tables"].as_array().unwrap().clone();
        let cells = tables.iter().flat_map(|table| table["cells"].as_array().unwrap().clone());
        cells
            .map(|cell| {
                let text = |key: &str| cell[key].as_str().unwrap_or_default().to_owned();
                (text("row"), text("verdict"), cell["exact"].as_f64().unwrap_or(f64::NAN))
            })
            .collect()
    };
    let exact = |found: &[(String, String, f64)], row: &str| {
        found.iter().find(|(label, ..)| label == row).unwrap_or_else(|| panic!("{found:?}")).2
    };
    let wrong = cells(&printed("1", "1", "1", "1"));
    for row in ["Single", "threshold of capital", "total effect", "indirect effect", "value"] {
        let found = wrong.iter().find(|(label, ..)| label == row).unwrap();
        assert_eq!(found.1, "off", "{row}: {found:?}");
    }
    let of = |row| exact(&wrong, row);
    let right = cells(&printed(
        &format!("{:.6}", of("Single")),
        &format!("{:.6}", of("threshold of capital")),
        &format!("{:.6}", of("total effect")),
        &format!("{:.6}", of("indirect effect")),
    ));
    for row in ["Single", "threshold of capital", "total effect", "indirect effect", "value"] {
        let found = right.iter().find(|(label, ..)| label == row).unwrap();
        assert_eq!(found.1, "match", "{row}: {found:?}");
    }
    let effects = [of("total effect"), of("direct effect"), of("indirect effect")];
    assert!((effects[0] - effects[1] - effects[2]).abs() < 1e-12, "{effects:?}");
}

/// A printed scheme: words follow from the index as it is written, weights from its indicators.
#[test]
fn a_printed_scheme_has_verdicts() {
    let data = reference("grunfeld/data.csv");
    let study = r#"
[panel]
entity = "firm"
period = "year"

[[source]]
file = "data.csv"
tier = "real"

[[index]]
name = "size"
normalise = "min-max"
normalise-over = "pooled"
shift = 0
weights = "entropy"
weights-over = "pooled"
levels = "indicators"
aggregate = "linear"
indicators = [
  { name = "value", label = "Value", direction = "positive", dimension = "Market" },
  { name = "capital", label = "Stock", direction = "negative", dimension = ["Plant", "Old"] },
  { name = "inv", direction = "positive", dimension = ["Plant", "New"] },
]

[[variable]]
name = "ln-size"
from = "size"
steps = [{ plus = 1 }, "log"]

[[table]]
id = "1"
index = "size"

[[table]]
id = "own"
title = "Ours"
index = "size"

[[table]]
id = "moments"
title = "Moments"
describe = ["ln-size"]
"#;
    let printed = |dimension: &str, sign: &str, weights: &[String]| {
        format!(
            r#"
[paper]
id = "p"
title = "P"
authors = []

[[table]]
id = "1"
title = "Scheme"
kind = "weights"
columns = ["dimension", "indicator", "attribute", "weight"]
rows = [
  ["{dimension}", "Value", "positive", "{}"],
  ["Plant / Old", "Stock", "{sign}", "{}"],
  ["Plant / New", "inv", "+", "{}"],
]
"#,
            weights[0], weights[1], weights[2]
        )
    };
    let run = |study: &str, published: &str, data: &str| -> (Value, Option<i32>) {
        let folder = folder(study, data);
        std::fs::write(folder.join("published.toml"), published).unwrap();
        let output = panelproof(&["replicate", folder.to_str().unwrap(), "--format", "json"]);
        std::fs::remove_dir_all(folder).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let all = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        (all, output.status.code())
    };
    let verdicts = |all: &Value| -> Vec<String> {
        let cells = all["papers"][0]["tables"][0]["cells"].as_array().unwrap();
        let of = |cell: &Value, key: &str| cell[key].as_str().unwrap().to_owned();
        let line = |cell: &Value| {
            format!("{} {} {}", of(cell, "row"), of(cell, "column"), of(cell, "verdict"))
        };
        cells.iter().map(line).filter(|line| !line.ends_with(" match")).collect()
    };
    let nothing = ["1", "1", "1"].map(str::to_owned);
    let (first, _) = run(study, &printed("Market", "-", &nothing), &data);
    let rows = first["papers"][0]["own_tables"][0]["rows"].as_array().unwrap();
    let weights: Vec<f64> =
        rows.iter().map(|row| row["cells"][2]["number"].as_f64().unwrap()).collect();
    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{weights:?}");
    let six: Vec<String> = weights.iter().map(|weight| format!("{weight:.6}")).collect();

    // Words that agree are no numbers.
    let (all, status) = run(study, &printed("Market", "−", &six), &data);
    assert_eq!((verdicts(&all), status), (Vec::new(), Some(0)));
    assert_eq!(all["counts"]["match"], 3);
    let mut wrong = six.clone();
    wrong[1] = format!("{:.6}", weights[1] + 1e-6);
    let (all, status) = run(study, &printed("Markets", "+", &wrong), &data);
    let off = ["Value dimension off", "Stock attribute off", "Stock weight off"];
    assert_eq!((verdicts(&all), status), (off.map(str::to_owned).to_vec(), Some(1)));
    assert_eq!((&all["counts"]["match"], &all["counts"]["off"]), (&2.into(), &3.into()));

    // A wrong word can be declared, and the declaration goes stale.
    let declared = format!(
        "{study}\n[[deviation]]\ncells = {{ \"1 / dimension / Value / words\" = \"Markets\" }}\n\
         because = \"a letter\"\nsince = \"2026-11-22\"\n"
    );
    let (all, status) = run(&declared, &printed("Markets", "-", &six), &data);
    assert_eq!(verdicts(&all), ["Value dimension declared"]);
    assert_eq!(status, Some(0));
    let stale = declared.replace("= \"Markets\"", "= \"Market\"");
    let (all, status) = run(&stale, &printed("Market", "-", &six), &data);
    assert_eq!((verdicts(&all), status), (vec!["Value dimension stale".to_owned()], Some(1)));

    // An indicator that cannot be had takes the weights with it, and what rests on the index.
    let missing = format!("{study}\n[[missing]]\nname = \"inv\"\nbecause = \"it is secret\"\n");
    let (all, status) = run(&missing, &printed("Market", "-", &six), &data);
    let none = ["Value", "Stock", "inv"].map(|row| format!("{row} weight not computed"));
    assert_eq!((verdicts(&all), status), (none.to_vec(), Some(0)));
    let notes = all["papers"][0]["tables"][0]["notes"].to_string();
    assert!(notes.contains("rests on inv: it is secret"), "{notes}");
    let moments = &all["papers"][0]["own_tables"][1];
    assert_eq!(moments["rows"], Value::Array(Vec::new()), "{moments}");
    // Scores that stand in the data do without.
    let mut lines = data.lines();
    let mut with = format!("{},size\n", lines.next().unwrap());
    lines.for_each(|line| with.push_str(&format!("{line},0.5\n")));
    let (all, _) = run(&missing, &printed("Market", "-", &six), &with);
    let moments = &all["papers"][0]["own_tables"][1];
    assert!(
        (cell(moments, "ln-size", "mean")["number"].as_f64().unwrap() - 1.5_f64.ln()).abs() < 1e-12
    );
    assert_eq!(verdicts(&all), none);

    for (from, to, wanted) in [
        (
            "index = \"size\"\n\n[[table]]\nid = \"own\"",
            "\n[[table]]\nid = \"own\"",
            "lacks `index`",
        ),
        (
            "id = \"1\"\nindex = \"size\"",
            "id = \"1\"\nindex = \"sise\"",
            "no [[index]] is called `sise`",
        ),
        ("label = \"Stock\"", "label = \"Stocks\"", "no indicator with the label `Stock`"),
        (
            "label = \"Value\", direction = \"positive\"",
            "direction = \"positive\"",
            "no indicator with the label `Value`",
        ),
        (
            "  { name = \"inv\"",
            "  { name = \"year-of\", direction = \"positive\" },\n  { name = \"inv\"",
            "indicator `year-of` of `size` is not in table `1`",
        ),
    ] {
        assert!(study.contains(from), "{from}");
        let folder = folder(&study.replacen(from, to, 1), &data);
        std::fs::write(folder.join("published.toml"), printed("Market", "-", &six)).unwrap();
        let output = panelproof(&["replicate", folder.to_str().unwrap()]);
        std::fs::remove_dir_all(folder).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(wanted), "no `{wanted}` in: {said}");
    }
}
