//! What a study computes by a method is what its command computes.

use super::common::json;
use super::{FE, HEAD, TABLE, cell, folder, near, reference, same_term};

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
