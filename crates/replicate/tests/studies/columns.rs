//! Derived columns and tables of the panel as a whole, by hand.

use serde_json::Value;

use super::{HEAD, TABLE, cell, refuses, tables};

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
