//! Studies of one's own: what they compute is what the commands compute, and what they refuse.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::too_many_lines, reason = "studies are long texts")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

fn panelproof(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panelproof")).args(arguments).output().unwrap()
}

fn reference(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reference");
    std::fs::read_to_string(root.join(name)).unwrap()
}

/// A folder with `study.toml` and `data.csv`.
fn folder(study: &str, data: &str) -> PathBuf {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let name = format!("panelproof-studies-{}-{call}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("study.toml"), study).unwrap();
    std::fs::write(folder.join("data.csv"), data).unwrap();
    folder
}

#[track_caller]
fn json(arguments: &[&str]) -> Value {
    let output = panelproof(&[arguments, &["--format", "json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The own tables of a study.
#[track_caller]
fn tables(study: &str, data: &str) -> Value {
    let folder = folder(study, data);
    let all = json(&["replicate", folder.to_str().unwrap()]);
    std::fs::remove_dir_all(folder).unwrap();
    all["papers"][0]["own_tables"].clone()
}

#[track_caller]
fn refuses(study: &str, data: &str, wanted: &[&str]) {
    let folder = folder(study, data);
    let output = panelproof(&["replicate", folder.join("study.toml").to_str().unwrap()]);
    std::fs::remove_dir_all(folder).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    for wanted in wanted {
        assert!(said.contains(wanted), "no `{wanted}` in: {said}");
    }
}

/// A cell of a table: by row label and column.
#[track_caller]
fn cell<'v>(table: &'v Value, row: &str, column: &str) -> &'v Value {
    let names = table["columns"].as_array().unwrap();
    let at = names.iter().position(|name| name == column).unwrap();
    let rows = table["rows"].as_array().unwrap();
    let row = rows.iter().find(|line| line["label"] == row).unwrap_or_else(|| panic!("{rows:?}"));
    &row["cells"][at]
}

#[track_caller]
fn near(got: &Value, want: &Value) {
    let (got, want) = (got.as_f64().unwrap(), want.as_f64().unwrap());
    assert!((got - want).abs() <= 1e-12 * want.abs().max(1e-6), "{got} is not {want}");
}

#[track_caller]
fn same_term(table: &Value, term: &str, column: &str, terms: &Value) {
    let ours = &cell(table, term, column)["estimate"];
    let known = terms.as_array().unwrap().iter().find(|known| known["term"] == term).unwrap();
    near(&ours["value"], &known["estimate"]);
    near(&ours["uncertainty"], &known["std_error"]);
    near(&ours["p_value"], &known["p_value"]);
}

const HEAD: &str = r#"
[study]
title = "A study"

[panel]
entity = "firm"
period = "year"

[[source]]
file = "data.csv"
tier = "real"
"#;

const TABLE: &str =
    "[[table]]\nid = \"1\"\ntitle = \"Fits\"\nstars = [0.1, 0.05]\nuncertainty = \"se\"\n";

const FE: &str = r#"estimator = "fixed-effects", vcov = "cluster firm", like = "reghdfe""#;

/// A subsample by a condition, and by thirds of firms, are the groups of `panelproof split`.
#[test]
fn subsamples_are_the_groups_of_a_split() {
    let data = reference("grunfeld/data.csv");
    let study = format!(
        "{HEAD}
[[derived]]
name = \"half\"
by = {{ quantiles = {{ of = \"capital\", groups = 2, cut = \"xtile\" }} }}
{TABLE}columns = [
  {{ id = \"low\", {FE}, model = \"inv ~ value + capital | firm\", where = [\"half == 1 of 2\"] }},
  {{ id = \"high\", {FE}, model = \"inv ~ value + capital | firm\", where = [\"half == 2 of 2\"] }},
  {{ id = \"late\", {FE}, model = \"inv ~ value + L.capital | firm\", where = [\"year >= 1940\", \"year <= 1950\"] }},
  {{ id = \"all\", {FE}, model = \"inv ~ value + L.capital | firm\" }},
]
"
    );
    let folder = folder(&study, &data);
    let file = folder.join("data.csv");
    let found = json(&["replicate", folder.to_str().unwrap()]);
    let table = &found["papers"][0]["own_tables"][0];
    let split = json(&[
        "split",
        file.to_str().unwrap(),
        "--entity",
        "firm",
        "--period",
        "year",
        "--model",
        "inv ~ value + capital | firm",
        "--of",
        "value",
        "--quantiles",
        "2",
        "--mean-of",
        "capital",
        "--vcov",
        "cluster firm",
        "--like",
        "reghdfe",
    ]);
    std::fs::remove_dir_all(folder).unwrap();
    for (part, column) in split["parts"].as_array().unwrap().iter().zip(["low", "high"]) {
        for term in ["value", "capital"] {
            same_term(table, term, column, &part["fit"]["terms"]);
        }
        near(&cell(table, "n", column)["count"], &part["fit"]["stats"]["n"]);
    }
    // The lag of 1940 is that of the panel, so that no firm loses a year.
    assert_eq!(cell(table, "n", "late")["count"], 110.0);
    assert_eq!(cell(table, "n", "all")["count"], 190.0);
}

#[test]
fn a_mediation_is_that_of_the_command_and_of_its_equations() {
    let data = reference("grunfeld/data.csv");
    let study = format!(
        "{HEAD}{TABLE}columns = [
  {{ id = \"total\", {FE}, model = \"inv ~ value | firm + year\" }},
  {{ id = \"mediator\", {FE}, model = \"capital ~ value | firm + year\" }},
  {{ id = \"outcome\", {FE}, model = \"inv ~ value + capital | firm + year\" }},
]

[[table]]
id = \"2\"
title = \"Effects\"
mediation = {{ model = \"inv ~ value | firm + year\", treatment = \"value\", mediators = [\"capital\"], variance = \"sobel\", vcov = \"cluster firm\", like = \"reghdfe\", bootstrap = {{ replications = 50, seed = 7, by = \"firm\" }} }}
"
    );
    let folder = folder(&study, &data);
    let file = folder.join("data.csv");
    let found = json(&["replicate", folder.to_str().unwrap()]);
    let command = json(&[
        "mediate",
        file.to_str().unwrap(),
        "--entity",
        "firm",
        "--period",
        "year",
        "--model",
        "inv ~ value | firm + year",
        "--treatment",
        "value",
        "--mediator",
        "capital",
        "--vcov",
        "cluster firm",
        "--like",
        "reghdfe",
        "--bootstrap",
        "50",
        "--seed",
        "7",
        "--by",
        "firm",
    ]);
    std::fs::remove_dir_all(folder).unwrap();
    let (fits, effects) =
        (&found["papers"][0]["own_tables"][0], &found["papers"][0]["own_tables"][1]);
    for effect in command["effects"].as_array().unwrap() {
        let row = effect["name"].as_str().unwrap();
        near(&cell(effects, row, "effect")["number"], &effect["estimate"]);
        near(&cell(effects, row, "std. error")["number"], &effect["std_error"]);
        near(&cell(effects, row, "95 % from")["number"], &effect["bootstrap"]["percentile"][0]);
    }
    let number = |row| cell(effects, row, "effect")["number"].as_f64().unwrap();
    let value = |row, column| cell(fits, row, column)["estimate"]["value"].as_f64().unwrap();
    assert!((number("total") - value("value", "total")).abs() < 1e-12);
    let product = value("value", "mediator") * value("capital", "outcome");
    assert!((number("indirect") - product).abs() < 1e-12);
    assert!((number("total") - number("direct") - product).abs() < 1e-12);
}

#[test]
fn thresholds_are_those_of_the_command() {
    let data = reference("hansen1999/data.csv");
    let head = HEAD.replace("entity = \"firm\"", "entity = \"id\"");
    let study = format!(
        "{head}
[[threshold]]
id = \"debt\"
model = \"i ~ q1 + c1 | id\"
switching = [\"c1\"]
variable = \"d1\"
thresholds = 2
inequality = \"le\"
rows = \"all\"
grid = \"quantiles 50\"
trim = [0.05]
trim-of = \"observations\"
min-rows = 1
search = \"sequential 1\"
f-scale = \"hansen\"
lr-scale = \"hansen\"
level = 0.95
vcov = \"cluster id\"
like = \"stata-xtreg\"
bootstrap = {{ replications = 10, seed = 3, resample = \"entities\", residuals = \"null\", null = \"search\", trim = \"own\" }}

[[table]]
id = \"2\"
title = \"Tests\"
threshold = \"debt\"

{TABLE}statistics = [\"n\", \"threshold\", \"threshold 2\", \"ssr\", \"r2\"]
columns = [{{ id = \"(1)\", threshold = \"debt\" }}]
"
    );
    let folder = folder(&study, &data);
    let file = folder.join("data.csv");
    let found = json(&["replicate", folder.to_str().unwrap()]);
    let command = json(&[
        "threshold",
        file.to_str().unwrap(),
        "--entity",
        "id",
        "--period",
        "year",
        "--model",
        "i ~ q1 + c1 | id",
        "--switching",
        "c1",
        "--variable",
        "d1",
        "--thresholds",
        "2",
        "--grid",
        "quantiles 50",
        "--trim",
        "0.05",
        "--bootstrap",
        "10",
        "--seed",
        "3",
        "--vcov",
        "cluster id",
        "--like",
        "stata-xtreg",
    ]);
    std::fs::remove_dir_all(folder).unwrap();
    let (tests, slopes) =
        (&found["papers"][0]["own_tables"][0], &found["papers"][0]["own_tables"][1]);
    for (i, test) in command["tests"].as_array().unwrap().iter().enumerate() {
        let row = format!("{i} against {}", i + 1);
        near(&cell(tests, &row, "F")["number"], &test["f"]);
        for (at, head) in ["10 %", "5 %", "1 %"].into_iter().enumerate() {
            near(&cell(tests, &row, head)["number"], &test["critical"][at]);
        }
    }
    for term in ["q1", "c1:regime::1", "c1:regime::2", "c1:regime::3"] {
        same_term(slopes, term, "(1)", &command["fit"]["terms"]);
    }
    near(&cell(slopes, "threshold", "(1)")["number"], &command["thresholds"][0]["estimate"]);
    near(&cell(slopes, "threshold 2", "(1)")["number"], &command["thresholds"][1]["estimate"]);
    near(&cell(slopes, "ssr", "(1)")["number"], &command["fit"]["stats"]["ssr"]);
    near(&cell(slopes, "r2", "(1)")["number"], &command["fit"]["stats"]["r2"]);
}

/// Sixty units, six years: `d` follows `z` and `x` with noise that no formula shows.
fn chosen() -> String {
    let mut rows = "firm,year,d,x,z,y,w\n".to_owned();
    let mut state = 12_345_u64;
    let mut draw = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 40).unwrap()) / f64::from(1_u32 << 24) - 0.5
    };
    for firm in 0..60 {
        for year in 0..6 {
            let (x, z) = (draw(), draw());
            let d = u8::from(x + z + draw() > 0.0);
            let y = 1.0 + f64::from(d) + x + 0.1 * f64::from(firm % 7) + draw();
            rows += &format!("{firm},{year},{d},{x},{z},{y},{}\n", y + draw());
        }
    }
    rows
}

#[test]
fn a_second_stage_is_a_model_with_a_derived_ratio() {
    let data = chosen();
    let study = format!(
        "{HEAD}
[[derived]]
name = \"IMR\"
by = {{ mills = {{ selection = \"d ~ x + z\", form = \"everywhere\", information = \"observed\" }} }}
{TABLE}columns = [{{ id = \"(1)\", {FE}, model = \"y ~ x + IMR | firm + year\" }}]
"
    );
    let folder = folder(&study, &data);
    let file = folder.join("data.csv");
    let found = json(&["replicate", folder.to_str().unwrap()]);
    let command = json(&[
        "heckman",
        file.to_str().unwrap(),
        "--entity",
        "firm",
        "--period",
        "year",
        "--method",
        "uncorrected",
        "--selection",
        "d ~ x + z",
        "--form",
        "everywhere",
        "--name",
        "IMR",
        "--then",
        "y ~ x + IMR | firm + year",
        "--vcov",
        "cluster firm",
        "--like",
        "reghdfe",
    ]);
    std::fs::remove_dir_all(folder).unwrap();
    let table = &found["papers"][0]["own_tables"][0];
    for term in ["x", "IMR"] {
        same_term(table, term, "(1)", &command["then"]["terms"]);
    }
}

#[test]
fn a_matched_sample_is_a_condition_on_a_derived_weight() {
    let data = chosen();
    let study = format!(
        "{HEAD}
[[derived]]
name = \"Matched\"
by = {{ matched = {{ treatment = \"d ~ x + z\", score = \"logit\", neighbours = 1, reuse = \"replacement\", ties = \"first\", within = [\"year\"], support = \"none\", caliper = \"0.2 sd\" }} }}
{TABLE}columns = [
  {{ id = \"rows\", {FE}, model = \"y ~ d + x | firm + year\", where = [\"Matched > 0\"] }},
  {{ id = \"weights\", {FE}, model = \"y ~ d + x | firm + year\", where = [\"Matched > 0\"], weights = \"aweight Matched\" }},
]
"
    );
    let folder = folder(&study, &data);
    let file = folder.join("data.csv");
    let found = json(&["replicate", folder.to_str().unwrap()]);
    let table = &found["papers"][0]["own_tables"][0];
    for (weights, column) in [("none", "rows"), ("aweight _weight", "weights")] {
        let command = json(&[
            "match",
            file.to_str().unwrap(),
            "--entity",
            "firm",
            "--period",
            "year",
            "--treatment",
            "d ~ x + z",
            "--score",
            "logit",
            "--within",
            "year",
            "--caliper",
            "0.2 sd",
            "--then",
            "y ~ d + x | firm + year",
            "--then-weights",
            weights,
            "--vcov",
            "cluster firm",
            "--like",
            "reghdfe",
        ]);
        for term in ["d", "x"] {
            same_term(table, term, column, &command["then"]["fit"]["terms"]);
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// By hand: the median of 1, 2, 2, 10 is 2; one of four rows is above it.
#[test]
fn above_the_median_is_more_than_it() {
    let data = "firm,year,x\na,1,1\na,2,2\na,3,\nb,1,10\nb,2,2\n";
    let study = format!(
        "{HEAD}
[[derived]]
name = \"high\"
by = {{ above-median = \"x\" }}

[[table]]
id = \"1\"
title = \"Moments\"
describe = [\"high\", \"x\"]
"
    );
    let table = &tables(&study, data)[0];
    assert_eq!(cell(table, "high", "N")["count"], 4.0);
    assert_eq!(cell(table, "high", "mean")["number"], 0.25);
    assert_eq!(cell(table, "x", "median")["number"], 2.0);
}

/// Hebei borders on Beijing, Tianjin and Shandong of these; Beijing on Tianjin and Hebei.
#[test]
fn neighbours_are_averaged_within_a_year() {
    let data = "firm,year,x\nBeijing,1,1\nTianjin,1,2\nHebei,1,4\nShandong,1,8\n\
                Beijing,2,10\nTianjin,2,20\nHebei,2,40\nShandong,2,80\n";
    let study = format!(
        "{HEAD}
[[derived]]
name = \"near\"
by = {{ neighbours = {{ of = \"x\", hainan = \"island\" }} }}

[[table]]
id = \"1\"
title = \"Moments\"
describe = [\"near\"]

{}columns = [{{ id = \"(1)\", estimator = \"pooled\", vcov = \"iid\", like = \"plm\", model = \"near ~ x\", where = [\"firm != Tianjin\", \"year == 1\"] }}]
",
        TABLE.replace("id = \"1\"", "id = \"2\"")
    );
    let table = &tables(&study, data)[0];
    // Beijing 3, Tianjin 2.5, Hebei 11/3, Shandong 4; ten times that in the second year.
    let sum = 11.0 * (3.0 + 2.5 + 11.0 / 3.0 + 4.0);
    let mean = cell(table, "near", "mean")["number"].as_f64().unwrap();
    assert!((mean - sum / 8.0).abs() < 1e-12, "{mean}");
    assert_eq!(cell(table, "near", "min")["number"], 2.5);
}

/// Concentration, inequality, coupling and local statistics, against sums by hand.
#[test]
fn shares_and_neighbours_by_hand() {
    let data = "province,year,x,y,u,v,region\nGuangdong,1,4,1,0.2,0.8,east\nFujian,1,1,1,0.5,0.5,east\n\
                Jiangxi,1,2,2,1,0.25,centre\nHunan,1,3,1,0.9,0.1,centre\n";
    let head = HEAD.replace("firm", "province");
    let table =
        |id: usize, what: &str| format!("[[table]]\nid = \"{id}\"\ntitle = \"T\"\n{what}\n");
    let study = format!(
        "{head}
[[derived]]
name = \"lq\"
by = {{ location-quotient = {{ of = \"x\", over = \"y\" }} }}
[[derived]]
name = \"c\"
by = {{ coupling = {{ systems = [\"u\", \"v\"], coupling = \"geometric-mean\", weights = [0.5, 0.5] }} }}
[[derived]]
name = \"d\"
by = {{ coordination = {{ systems = [\"u\", \"v\"], coupling = \"geometric-mean\", weights = [0.5, 0.5] }} }}
{}{}{}{}{}",
        table(1, "describe = [\"lq\", \"c\", \"d\"]"),
        table(2, "herfindahl = \"x\""),
        table(3, "inequality = { column = \"x\" }"),
        table(4, "inequality = { column = \"x\", population = \"y\", region = \"region\" }"),
        table(
            5,
            "local-moran = { of = { column = \"x\", weights = \"row-standardised\", moment = \"n\", alternative = \
             \"two-sided\", draws = 99, seed = 1 }, hainan = \"island\" }"
        ),
    );
    let all = tables(&study, data);
    let close = |got: &Value, want: f64| {
        let got = got["number"].as_f64().unwrap();
        assert!((got - want).abs() < 1e-12, "{got} is not {want}");
    };
    // Σx = 10, Σy = 5: 2, 0.5, 0.5, 1.5.
    close(cell(&all[0], "lq", "max"), 2.0);
    close(cell(&all[0], "lq", "mean"), 4.5 / 4.0);
    // 2√(uv)/(u + v): 0.8, 1, 0.8, 0.6; D = √(C (u + v)/2).
    close(cell(&all[0], "c", "mean"), 0.8);
    close(cell(&all[0], "d", "min"), 0.3_f64.sqrt());
    close(cell(&all[0], "d", "max"), 0.5_f64.sqrt());
    close(cell(&all[1], "1", "H"), 0.3);
    close(cell(&all[1], "1", "normalised"), 0.05 / 0.75);
    // Mean difference of 1, 2, 3, 4 over twice their mean.
    close(cell(&all[2], "1", "Gini"), 0.25);
    let shares = [0.4_f64, 0.1, 0.2, 0.3];
    close(cell(&all[2], "1", "Theil T"), shares.iter().map(|s| s * (4.0 * s).ln()).sum());
    close(cell(&all[2], "1", "Theil L"), shares.iter().map(|s| -0.25 * (4.0 * s).ln()).sum());
    let number = |column: &str| cell(&all[3], "1", column)["number"].as_f64().unwrap();
    assert!((number("Theil T") - number("T within") - number("T between")).abs() < 1e-12);
    assert!((number("Theil L") - number("L within") - number("L between")).abs() < 1e-12);
    let parts = number("G within") + number("G between") + number("G transvariation");
    assert!((number("Gini") - parts).abs() < 1e-12 && number("T within") > 0.0);
    // Guangdong is 1.5 above the mean, its neighbours 0.5 below on average; Σz²/n = 1.25.
    close(cell(&all[4], "Guangdong 1", "I"), 1.5 / 1.25 * -0.5);
    assert_eq!(cell(&all[4], "Guangdong 1", "quadrant")["words"], "high-low");
    let p = cell(&all[4], "Guangdong 1", "p permuted")["p"].as_f64().unwrap();
    assert!(p > 0.0 && p <= 1.0);
    refuses(
        &study.replace("weights = [0.5, 0.5]", "weights = [0.5, 0.6]"),
        data,
        &["derived `c`", "weights"],
    );
    refuses(&study.replace("of = \"x\", over", "of = \"z\", over"), data, &["`z`"]);
}

#[test]
fn what_rests_on_a_missing_variable_is_not_computed_and_says_why() {
    let study = format!(
        "{HEAD}
[[missing]]
name = \"rare\"
because = \"nobody counts it\"

[[derived]]
name = \"high\"
by = {{ above-median = \"rare\" }}
{TABLE}columns = [
  {{ id = \"(1)\", {FE}, model = \"inv ~ value | firm\" }},
  {{ id = \"(2)\", {FE}, model = \"inv ~ value | firm\", where = [\"high == 1\"] }},
]
"
    );
    let table = &tables(&study, &reference("grunfeld/data.csv"))[0];
    assert!(cell(table, "value", "(1)")["estimate"]["value"].is_f64());
    assert_eq!(*cell(table, "value", "(2)"), Value::from("blank"));
    let notes = table["notes"].to_string();
    assert!(notes.contains("(2): not computed: high: rests on rare: nobody counts it"), "{notes}");
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let data = reference("grunfeld/data.csv");
    let column = format!("{{ id = \"(1)\", {FE}, model = \"inv ~ value | firm\" }}");
    let with = |rest: &str| format!("{HEAD}{TABLE}{rest}\n");
    let good = with(&format!("columns = [{column}]"));
    assert_eq!(tables(&good, &data).as_array().unwrap().len(), 1);
    let cases: [(String, &[&str]); 13] = [
        (good.replace("[study]\ntitle = \"A study\"\n", ""), &["study.toml:1:1", "[study]"]),
        (good.replace("stars = [0.1, 0.05]\n", ""), &["lacks `stars`"]),
        (good.replace("[0.1, 0.05]", "[0.05, 0.1]"), &["probabilities that fall"]),
        (good.replace("\"se\"", "\"sd\""), &["se, t or p, not `sd`"]),
        (good.replace("title = \"Fits\"\n", ""), &["table `1` lacks a `title`"]),
        (
            with("show = [\"capital\"]\ncolumns = [COLUMN]").replace("COLUMN", &column),
            &["no column has the term `capital`"],
        ),
        (
            with("describe = [\"inv\"]\ncolumns = [COLUMN]").replace("COLUMN", &column),
            &["shows one thing"],
        ),
        (
            good.replace("| firm\" }", "| firm\", where = [\"firm == 99\"] }"),
            &["column `(1)`", "no row is left"],
        ),
        (good.replace("| firm\" }", "| firm\", where = [\"valu > 9\"] }"), &["valu"]),
        (
            good.replace(&column, "{ id = \"(1)\", threshold = \"none\" }"),
            &["no [[threshold]] has the id `none`"],
        ),
        (good.replace(&column, &format!("{column}, {column}")), &["`(1)` is given twice"]),
        (
            format!(
                "{good}[[deviation]]\ncells = [\"1 / (1) / value\"]\nbecause = \"x\"\nsince = \"2026-11-22\"\n"
            ),
            &["nothing was printed"],
        ),
        (
            format!("{good}[[claim]]\nof = [\"2 / x\"]\ncheck = {{ not-checkable = \"x\" }}\n"),
            &["nothing was published"],
        ),
    ];
    for (study, wanted) in cases {
        refuses(&study, &data, wanted);
    }
    let derived = |by: &str| format!("{good}[[derived]]\nname = \"new\"\nby = {by}\n");
    let cases: [(&str, &[&str]); 5] = [
        (
            "{ quantiles = { of = \"value\", groups = 2, cut = \"half\" } }",
            &["derived `new`", "xtile, rank"],
        ),
        ("{ quantiles = { of = \"value\", groups = 1, cut = \"xtile\" } }", &["derived `new`"]),
        ("{ above-median = \"valeu\" }", &["derived `new`", "valeu"]),
        ("{ neighbours = { of = \"value\", hainan = \"island\" } }", &["derived `new`"]),
        (
            "{ mills = { selection = \"inv ~ value\", form = \"everywhere\", information = \"observed\" } }",
            &["derived `new`", "inv"],
        ),
    ];
    for (by, wanted) in cases {
        refuses(&derived(by), &data, wanted);
    }
}

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
    // Every statement is checked, or said not to be checkable.
    let folder = folder(&study[..study.rfind("[[claim]]").unwrap()], data);
    std::fs::write(folder.join("published.toml"), published).unwrap();
    let output = panelproof(&["replicate", folder.to_str().unwrap()]);
    std::fs::remove_dir_all(folder).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(2) && said.contains("`2 / green tea` was stated"),
        "{said}"
    );
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
        "{study}\n[[deviation]]\ncells = [\"1 / dimension / Value / words\"]\n\
         because = \"a letter\"\nsince = \"2026-11-22\"\n"
    );
    let (all, status) = run(&declared, &printed("Markets", "-", &six), &data);
    assert_eq!(verdicts(&all), ["Value dimension declared"]);
    assert_eq!(status, Some(0));
    let (all, status) = run(&declared, &printed("Market", "-", &six), &data);
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
