//! Tables that are right and were once held impossible, cut down to what did it.
#![allow(clippy::unwrap_used, reason = "a test panics where it fails")]

use audit::{Schema, Verdict, audit};
use published::Transcription;

/// What is impossible in these tables.
fn impossible(tables: &str, known: &str) -> Vec<String> {
    let head = "[paper]\nid = \"x\"\ntitle = \"X\"\nauthors = [\"X\"]\n";
    let paper = Transcription::parse("made.toml", &format!("{head}{tables}")).unwrap();
    let found = audit(&paper, &Schema::parse("audit.toml", known).unwrap()).unwrap();
    let all = found.findings.iter().filter(|it| it.verdict == Verdict::Impossible);
    all.map(|it| it.explanation.clone()).collect()
}

#[track_caller]
fn possible(tables: &str, known: &str) {
    let found = impossible(tables, known);
    assert!(found.is_empty(), "{found:#?}");
}

/// Without a note, −2.50 (0.85) without a star is no standard error but a t statistic without its sign.
#[test]
fn t_statistics_may_be_printed_without_signs() {
    let table = r#"
        [[table]]
        id = "1"
        title = ""
        kind = "regression"
        stars = [0.1, 0.05, 0.01, 0.001]
        columns = ["(1)"]
        rows = [["x", "220.674**** (24.763)"], ["m", "-2.497 (0.853)"], ["N", "93"]]
    "#;
    possible(table, "errors = \"iid\"");
}

/// Two windows of one length: as many rows, one outcome, a regressor more, and R² that falls.
#[test]
fn as_many_rows_are_not_the_same_rows() {
    let table = r#"
        [[table]]
        id = "1"
        title = ""
        kind = "regression"
        uncertainty = "standard error"
        columns = ["(1)", "(2)"]
        dependent = ["y", "y"]
        rows = [
          ["x", "1.083 (0.292)", "0.526 (0.176)"],
          ["m", "", "-0.060 (0.102)"],
          ["N", "30", "30"],
          ["R2", "0.78", "0.75"],
        ]
    "#;
    let known = "estimator = \"ls\"\nerrors = \"iid\"\n[panel]\nunits = 15\nperiods = 2\n";
    possible(table, known);
    // Said to share their rows, they cannot be right: without effects there is one R².
    let shared = "estimator = \"ls\"\n\
                  [[column]]\nid = \"1/(1)\"\nabsorbs = []\nunprinted-regressors = 0\n\
                  [[column]]\nid = \"1/(2)\"\nabsorbs = []\nunprinted-regressors = 0\n\
                  [[sample]]\ncolumns = [\"1/(1)\", \"1/(2)\"]\n";
    assert_eq!(impossible(table, shared).len(), 1);
}

/// `year1942` contains `ar1`, and is no test for autocorrelation.
#[test]
fn an_indicator_of_a_year_is_a_regressor() {
    let table = r#"
        [[table]]
        id = "1"
        title = ""
        kind = "regression"
        columns = ["(1)"]
        dependent = ["y"]
        rows = [
          ["x", "2.40"], ["year::1942", "-0.27"], ["year::1943", "-0.18"], ["year::1944", "-0.14"],
          ["year::1945", "-0.05"], ["year::1946", "-0.02"], ["year::1947", "-0.48"],
          ["year::1948", "-0.60"], ["Constant", "0.66"], ["N", "80"], ["R2", "0.12"],
          ["Adjusted R2", "0.02"],
        ]
    "#;
    let known = "estimator = \"ls\"\n\
                 [[column]]\nid = \"1/(1)\"\nabsorbs = []\nunprinted-regressors = 0\n";
    possible(table, known);
}

/// The long column adds controls besides the one regressor that it prints.
#[test]
fn a_nested_column_may_add_what_is_not_printed() {
    let table = r#"
        [[table]]
        id = "1"
        title = ""
        kind = "regression"
        uncertainty = "standard error"
        columns = ["(1)", "(2)"]
        dependent = ["y", "y"]
        rows = [
          ["x", "206.8963 (249.0616)", "271.6388 (185.0638)"],
          ["m", "", "3.8229 (2.4217)"],
          ["Constant", "1109.9529 (219.5735)", "111.7470 (213.4849)"],
          ["Controls", "No", "Yes"],
          ["N", "299", "299"],
          ["R2", "0.0023", "0.4872"],
        ]
    "#;
    let known = "estimator = \"ls\"\nerrors = \"iid\"\n\
                 [[column]]\nid = \"1/(1)\"\nabsorbs = []\nunprinted-regressors = 0\n\
                 [[column]]\nid = \"1/(2)\"\nabsorbs = []\nunprinted-regressors = 4\n\
                 [[nested]]\nshort = \"1/(1)\"\nlong = \"1/(2)\"\n";
    possible(table, known);
}

/// Stars by the share of draws beyond F; the critical value lies between two draws.
#[test]
fn stars_of_a_bootstrap_and_its_critical_values_differ_at_the_boundary() {
    let table = r#"
        [[table]]
        id = "6"
        title = ""
        kind = "threshold test"
        stars = [0.1, 0.05, 0.01]
        columns = ["threshold", "F", "10%", "5%", "1%"]
        rows = [["Single", "28.43**", "11.52", "13.01", "25.92"]]
    "#;
    possible(table, "");
}

/// N of frequency weights is their sum, which may exceed units times periods.
#[test]
fn frequencies_count() {
    let table = r#"
        [[table]]
        id = "1"
        title = ""
        kind = "regression"
        uncertainty = "standard error"
        columns = ["(1)"]
        dependent = ["y"]
        rows = [["x", "0.31 (0.02)"], ["N", "1648400"]]
    "#;
    possible(table, "estimator = \"other\"\n[panel]\nunits = 44\nperiods = 6\n");
}

/// A robustness test prints a winsorized variable under the name of the variable.
#[test]
fn one_name_may_stand_for_two_variables() {
    let table = r#"
        [[table]]
        id = "1"
        title = ""
        kind = "regression"
        uncertainty = "standard error"
        columns = ["(1)", "(2)", "(3)"]
        dependent = ["y", "m", "y"]
        rows = [
          ["x", "-0.000432 (0.0125)", "0.0733 (0.0405)", "0.00101 (0.00405)"],
          ["m", "", "", "-0.0115 (0.0149)"],
          ["Constant", "1.27 (0.0215)", "3.66 (0.0699)", "1.31 (0.0575)"],
          ["N", "428", "428", "428"],
        ]
    "#;
    possible(table, "estimator = \"ls\"\nerrors = \"iid\"\n[panel]\nunits = 107\nperiods = 4\n");
}

/// Moments of levels beside regressions of logarithms, under one name and of as many rows.
#[test]
fn moments_may_be_of_another_form_of_a_variable() {
    let tables = r#"
        [[table]]
        id = "1"
        title = ""
        kind = "descriptive"
        columns = ["variable", "N", "mean", "sd", "min", "max"]
        rows = [
          ["y", "360", "18.033", "316.150", "1.000", "5999.811"],
          ["x", "360", "139.160", "80.110", "2.000", "998.100"],
        ]
        [[table]]
        id = "2"
        title = ""
        kind = "regression"
        uncertainty = "standard error"
        columns = ["(1)"]
        dependent = ["y"]
        rows = [["x", "0.0006 (0.0008)"], ["Constant", "0.3727 (0.2575)"], ["N", "360"], ["R2", "0.002"]]
    "#;
    let known = "estimator = \"ls\"\n[panel]\nunits = 30\nperiods = 12\n\
                 [[column]]\nid = \"2/(1)\"\nabsorbs = []\nunprinted-regressors = 0\n";
    possible(tables, known);
}

/// Constants of models with indicators of periods depend on the period left out.
#[test]
fn the_level_left_out_may_differ() {
    let table = r#"
        [[table]]
        id = "1"
        title = ""
        kind = "regression"
        uncertainty = "standard error"
        columns = ["(1)", "(2)", "(3)"]
        dependent = ["y", "m", "y"]
        rows = [
          ["x", "0.6303 (0.1100)", "0.4100 (0.1200)", "0.5590 (0.1000)"],
          ["m", "", "", "0.1740 (0.0500)"],
          ["Constant", "1.105 (0.300)", "-0.026 (0.100)", "0.792 (0.310)"],
          ["N", "100", "100", "100"],
        ]
    "#;
    let column = |id: &str| {
        format!(
            "[[column]]\nid = \"1/({id})\"\nabsorbs = [\"unit\", \"year\"]\nindicators = true\n\
             unprinted-regressors = 0\n"
        )
    };
    let known = format!(
        "estimator = \"ls\"\nerrors = \"iid\"\n{}{}{}[[sample]]\ncolumns = [\"1/(1)\", \"1/(2)\", \"1/(3)\"]\n",
        column("1"),
        column("2"),
        column("3")
    );
    possible(table, &known);
}

/// `F.value` is the variable `value` a period later.
#[test]
fn a_lead_is_no_f_statistic() {
    let table = r#"
        [[table]]
        id = "1"
        title = ""
        kind = "regression"
        columns = ["(1)"]
        dependent = ["y"]
        rows = [
          ["F.capital", "0.212"], ["F.value", "0.801"], ["Constant", "1.50"], ["N", "29"], ["R2", "0.637"],
        ]
    "#;
    let known = "estimator = \"ls\"\nerrors = \"iid\"\n\
                 [[column]]\nid = \"1/(1)\"\nabsorbs = []\nunprinted-regressors = 0\n";
    possible(table, known);
}
