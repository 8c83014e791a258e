//! What is missing is said, and what is wrong is refused with its place.

use serde_json::Value;

use super::{FE, HEAD, TABLE, cell, reference, refuses, tables};

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
                "{good}[[deviation]]\ncells = {{ \"1 / (1) / value\" = \"1\" }}\nbecause = \"x\"\nsince = \"2026-11-22\"\n"
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
