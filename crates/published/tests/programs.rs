//! What programs print, untouched, is read as what they mean.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

use std::path::Path;

use published::{Pasted, Transcription, Uncertainty};

fn read(file: &str) -> Pasted {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/audit/programs").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    Transcription::pasted(file, &text).unwrap_or_else(|error| panic!("{error}"))
}

/// A cell of the only table.
#[track_caller]
fn cell(pasted: &Pasted, row: &str, column: usize) -> String {
    let [table] = pasted.transcription.tables() else {
        panic!("{} tables", pasted.transcription.tables().len())
    };
    let row = table.row(row).unwrap_or_else(|| panic!("no `{row}` in {:?}", table.rows()));
    row.cells[column].to_string()
}

/// Regressions in columns: what the second of them prints of `value`, of `capital`, of R² and N, and how many columns there are.
#[test]
fn regressions_in_columns() {
    for (file, columns, value, capital, r_squared, n) in [
        (
            "stargazer.tex",
            3,
            "0.116*** (0.006)",
            "0.231*** (0.025)",
            ("R2", "0.812"),
            "Observations",
        ),
        (
            "stargazer.txt",
            3,
            "0.116*** (0.006)",
            "0.231*** (0.025)",
            ("R2", "0.812"),
            "Observations",
        ),
        ("texreg.tex", 3, "0.12*** (0.01)", "0.23*** (0.03)", ("R2", "0.81"), "Num. obs."),
        ("screenreg.txt", 3, "0.12 *** (0.01)", "0.23 *** (0.03)", ("R^2", "0.81"), "Num. obs."),
        (
            "screenreg-single.txt",
            3,
            "0.12 (0.01) ***",
            "0.23 (0.03) ***",
            ("R^2", "0.81"),
            "Num. obs.",
        ),
        ("summary-col.txt", 3, "0.1156*** (0.0058)", "0.2307*** (0.0255)", ("R2", "0.812"), "N"),
        ("summary-col.tex", 3, "0.1156*** (0.0058)", "0.2307*** (0.0255)", ("R2", "0.812"), "N"),
        (
            "stargazer-python.tex",
            3,
            "0.116*** (0.006)",
            "0.231*** (0.025)",
            ("R2", "0.812"),
            "Observations",
        ),
        (
            "pyfixest.tex",
            4,
            "0.116*** (0.006)",
            "0.231*** (0.025)",
            ("R2", "0.812"),
            "Observations",
        ),
        ("pyfixest.md", 4, "0.116*** (0.006)", "0.231*** (0.025)", ("R²", "0.812"), "Observations"),
        (
            "linearmodels-compare.csv",
            2,
            "0.1101*** (0.0145)",
            "0.3101*** (0.0502)",
            ("R-squared", "0.7668"),
            "No. Observations",
        ),
        (
            "linearmodels-compare.txt",
            2,
            "0.1101*** (0.0145)",
            "0.3101*** (0.0502)",
            ("R-squared", "0.7668"),
            "No. Observations",
        ),
    ] {
        let pasted = read(file);
        assert_eq!(pasted.transcription.tables()[0].column_names().len(), columns, "{file}");
        let (label, r_squared) = r_squared;
        for (row, printed) in
            [("value", value), ("capital", capital), (label, r_squared), (n, "200")]
        {
            assert_eq!(cell(&pasted, row, 1), printed, "{file}: {row}");
        }
    }
    let pasted = read("stargazer.txt");
    assert_eq!(pasted.transcription.tables()[0].dependent(), ["inv", "inv", "capital"]);
    assert_eq!(pasted.transcription.tables()[0].stars(), [0.1, 0.05, 0.01]);
    assert_eq!(cell(&pasted, "F Statistic", 1), "426.576***");
    assert_eq!(read("summary-col.tex").transcription.tables()[0].stars(), [0.1, 0.05, 0.01]);
    assert_eq!(cell(&read("stargazer.tex"), "Constant: p", 1), "0.00002");
    assert_eq!(cell(&read("pyfixest.md"), "firm FE", 2), "x");
}

/// One regression with a column each for estimate, error, t and p.
#[test]
fn one_regression_in_rows() {
    for (file, value, t, p) in [
        ("summary-lm.txt", "0.115562*** (0.005836)", ("t", "19.803"), "< 2e-16"),
        ("coeftest.txt", "0.115562*** (0.015894)", ("t", "7.2706"), "8.223e-12"),
        ("kable.md", "0.1156 (0.0058)", ("t", "19.8026"), "0"),
        ("xtable.tex", "0.1156 (0.0058)", ("t", "19.80"), "0.0000"),
        (
            "broom.csv",
            "0.115562156360552 (0.00583570955722063)",
            ("t", "19.8025887387704"),
            "9.54270268578329e-49",
        ),
        ("statsmodels.csv", "0.1156 (0.006)", ("t", "19.803"), "0.000"),
        ("statsmodels.tex", "0.1156 (0.006)", ("t", "19.803"), "0.000"),
        ("statsmodels.txt", "0.1156 (0.006)", ("t", "19.803"), "0.000"),
        ("statsmodels-summary2.txt", "0.1156 (0.0058)", ("t", "19.8026"), "0.0000"),
        ("linearmodels.csv", "0.1101 (0.0145)", ("t", "7.6205"), "0.0000"),
        ("pyfixest-tidy.md", "0.115562 (0.00583571)", ("t", "19.8026"), "0"),
        ("gretl.tex", "0.115562 (0.00583571)", ("t", "19.80"), "0.0000"),
        (
            "gretl.csv",
            "0.115562156360552 (0.00583570955722064)",
            ("t", "19.8025887387704"),
            "9.54270268578336e-49",
        ),
        ("gretl.txt", "0.115562*** (0.00583571)", ("t", "19.80"), "9.54e-49"),
    ] {
        let pasted = read(file);
        assert_eq!(
            pasted.transcription.tables()[0].uncertainty(),
            Some(Uncertainty::StandardError),
            "{file}"
        );
        assert_eq!(pasted.transcription.tables()[0].column_names(), ["(1)"], "{file}");
        assert_eq!(cell(&pasted, "value", 0), value, "{file}");
        assert_eq!(cell(&pasted, &format!("value: {}", t.0), 0), t.1, "{file}");
        assert_eq!(cell(&pasted, "value: p", 0), p, "{file}");
    }
    for file in [
        "statsmodels.csv",
        "statsmodels.tex",
        "statsmodels.txt",
        "statsmodels-summary2.txt",
        "linearmodels.csv",
    ] {
        let pasted = read(file);
        assert_eq!(cell(&pasted, "No. Observations", 0), "200", "{file}");
        assert_eq!(pasted.transcription.tables()[0].dependent(), ["inv"], "{file}");
    }
    for file in ["gretl.tex", "gretl.csv", "gretl.txt"] {
        let row = if file == "gretl.tex" { "Adjusted R2" } else { "Adjusted R-squared" };
        assert!(cell(&read(file), row, 0).starts_with("0.8105"), "{file}");
    }
}

#[test]
fn moments_lie_either_way() {
    for file in ["stargazer-moments.txt", "pandas-moments.csv", "pandas-moments.tex"] {
        let pasted = read(file);
        let table = &pasted.transcription.tables()[0];
        assert_eq!(table.kind(), published::Kind::Descriptive, "{file}");
        let at = |name: &str| table.column_names().iter().position(|it| it == name).unwrap();
        for (name, begins) in
            [("N", "200"), ("mean", "145.958"), ("sd", "216.875"), ("min", "0.93"), ("max", "1")]
        {
            // The header of the labels is none of a cell.
            let printed = cell(&pasted, "inv", at(name));
            assert!(printed.starts_with(begins), "{file}: {name} {printed}");
        }
    }
}

/// Blanks alone hold the columns of these apart.
#[test]
fn what_comes_out_of_a_pdf() {
    let aligned = "\
Table 3. Baseline results
                 (1)          (2)          (3)
               lnY          lnY          lnP
Roads        0.288***     0.593***     0.120**
             (0.054)      (0.066)      (0.057)
School        0.050***   -0.039**
             (0.015)      (0.019)
Year 2014     0.012        0.013        0.014
             (0.020)      (0.021)      (0.022)
Province FE   Yes          Yes          Yes
Observations  320          320          1 320
Standard errors in parentheses. *** p<0.01, ** p<0.05, * p<0.1
";
    let pasted = Transcription::pasted("a.txt", &aligned.replace("1 320", "1,320")).unwrap();
    let table = &pasted.transcription.tables()[0];
    assert_eq!((table.id(), table.column_names().len()), ("3", 3));
    assert_eq!(table.dependent(), ["lnY", "lnY", "lnP"]);
    assert_eq!(table.stars(), [0.1, 0.05, 0.01]);
    assert_eq!(cell(&pasted, "School", 1), "-0.039** (0.019)");
    assert_eq!(cell(&pasted, "School", 2), "");
    assert_eq!(cell(&pasted, "Year 2014", 0), "0.012 (0.020)");
    assert_eq!(cell(&pasted, "Province FE", 2), "Yes");
    assert_eq!(cell(&pasted, "Observations", 2), "1,320");

    let spaced = "\
Table 3. Baseline results
(1) (2) (3)
Roads 0.288*** 0.593*** 0.120**
(0.054) (0.066) (0.057)
Years at school 0.050*** -0.039** 0.060***
(0.015) (0.019) (0.014)
Observations 320 320 320
Standard errors in parentheses. *** p<0.01, ** p<0.05, * p<0.1
";
    let pasted = Transcription::pasted("a.txt", spaced).unwrap();
    assert_eq!(cell(&pasted, "Years at school", 1), "-0.039** (0.019)");
    assert_eq!(cell(&pasted, "Observations", 2), "320");
    assert_eq!(pasted.transcription.tables()[0].stars(), [0.1, 0.05, 0.01]);

    // Which column is blank cannot be told.
    let says = |text: &str| Transcription::pasted("a.txt", text).unwrap_err().to_string();
    let error = says(&spaced.replace(" 0.060***", "").replace(" (0.014)", ""));
    assert!(
        error.starts_with(
            "a.txt:5: 2 numbers with only blanks between them, where the rows above have 3"
        ),
        "{error}"
    );
    assert!(error.ends_with("put tabs or commas between the cells"), "{error}");
    let error = says(
        "Roads   0.288***   0.593***   0.120**\n   (0.054)    (0.066)   (0.057)\nSchool      0.050***  -0.039**\n        (0.015)   (0.019)\n",
    );
    assert!(error.starts_with("a.txt:1: the columns do not line up"), "{error}");
}

#[test]
fn brackets_of_two_kinds_and_rows_that_say_what_they_are() {
    let two = ",(1),(2)\nRoads,0.288***,0.593***\n,(5.38),(9.05)\n,[0.000],[0.000]\nN,320,320\n\
        t statistics in parentheses and p values in square brackets. *** p<0.01, ** p<0.05, * p<0.1\n";
    let pasted = Transcription::pasted("a.csv", two).unwrap();
    assert_eq!(cell(&pasted, "Roads", 1), "0.593*** (9.05)");
    assert_eq!(cell(&pasted, "Roads: [p]", 1), "0.000");
    assert_eq!(pasted.transcription.tables()[0].uncertainty(), Some(Uncertainty::T));
    assert_eq!(pasted.remarks, [""; 0]);
    // Nobody says what the second holds.
    let pasted =
        Transcription::pasted("a.csv", &two.replace(" and p values in square brackets", ""))
            .unwrap();
    assert!(pasted.transcription.tables()[0].row("Roads: [p]").is_none());
    assert!(
        pasted.remarks[0].contains("a second row below `Roads` is not used"),
        "{:?}",
        pasted.remarks
    );
}

#[test]
fn stars_and_brackets_of_other_tests_are_not_checked() {
    let text = ",(1)\nRoads,0.288***\n,(0.054)\nN,320\nStandard errors in parentheses. *** p<0.01, ** p<0.05, * p<0.1\n";
    for (note, why) in [
        ("", None),
        ("One-tailed tests.\n", Some("one-sided")),
        ("Stars by wild cluster bootstrap.\n", Some("bootstrap")),
        ("Standardized beta coefficients.\n", Some("standardised")),
        ("Exponentiated coefficients.\n", Some("logarithms")),
    ] {
        let pasted = Transcription::pasted("a.csv", &format!("{text}{note}")).unwrap();
        let table = &pasted.transcription.tables()[0];
        assert_eq!(table.stars().is_empty(), why.is_some(), "{note}");
        assert_eq!(table.uncertainty().is_none(), why.is_some(), "{note}");
        assert_eq!(
            pasted.remarks.iter().any(|it| why.is_some_and(|why| it.contains(why))),
            why.is_some()
        );
    }
}
