//! Where blanks divide columns, and where they do not.
#![allow(clippy::unwrap_used, missing_docs)]

use published::{Pasted, Transcription};

fn read(text: &str) -> Pasted {
    Transcription::pasted("a.txt", text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn rows(pasted: &Pasted) -> Vec<(String, Vec<String>)> {
    let rows = pasted.transcription.tables()[0].rows().iter();
    rows.map(|row| (row.label.clone(), row.cells.iter().map(ToString::to_string).collect()))
        .collect()
}

#[track_caller]
fn is(text: &str, expected: &[(&str, &[&str])]) {
    let expected: Vec<(String, Vec<String>)> = expected
        .iter()
        .map(|(label, cells)| {
            ((*label).to_owned(), cells.iter().map(|it| (*it).to_owned()).collect())
        })
        .collect();
    assert_eq!(rows(&read(text)), expected, "{text}");
}

#[test]
fn two_blanks_divide_and_a_cell_may_be_blank() {
    is(
        "x  0.11  0.12  0.13\ny  0.21        0.23\nz  0.31  0.32  0.33\n",
        &[
            ("x", &["0.11", "0.12", "0.13"]),
            ("y", &["0.21", "", "0.23"]),
            ("z", &["0.31", "0.32", "0.33"]),
        ],
    );
}

#[test]
fn a_blank_within_brackets_or_a_label_does_not() {
    is(
        "x   0.123          0.456\nF   12.1 (1, 97)   13.2 (1, 96)\n",
        &[("x", &["0.123", "0.456"]), ("F", &["12.1 (1, 97)", "13.2 (1, 96)"])],
    );
    is(
        "Year 2010   0.1   0.2\nYear 2011   0.3   0.4\n",
        &[("Year 2010", &["0.1", "0.2"]), ("Year 2011", &["0.3", "0.4"])],
    );
    // Where a number begins below the end of a label, it is the numbers that are counted.
    is(
        "capital 0.23 0.45\nlnY     0.11 0.12\nz      -0.31 0.32\n",
        &[("capital", &["0.23", "0.45"]), ("lnY", &["0.11", "0.12"]), ("z", &["-0.31", "0.32"])],
    );
}

#[test]
fn a_header_stands_over_the_columns_that_it_is_centred_over() {
    let text = "               A               B\n         (1)       (2)       (3)\nx        0.11      0.12      0.13\ny        0.21      0.22      0.23\n";
    let pasted = read(text);
    assert_eq!(pasted.transcription.tables()[0].column_names(), ["(1) A", "(2) A", "(3) B"]);
}

/// A trailing point, the columns of an interval, and a plain error column behind t.
#[test]
fn what_stands_around_one_regression() {
    let text = "No. Observations:   200.  AIC:   2390.\nR-squared:          0.8   BIC:   2399.\n=====\n         coef     t      std err\n-----\nx        0.50     5.0    0.100\ny        0.20     2.0    0.100\n=====\n";
    let pasted = read(text);
    is(
        text,
        &[
            ("x", &["0.50 (0.100)"]),
            ("x: t", &["5.0"]),
            ("y", &["0.20 (0.100)"]),
            ("y: t", &["2.0"]),
            ("No. Observations", &["200"]),
            ("R-squared", &["0.8"]),
        ],
    );
    assert!(
        pasted.remarks[0].ends_with("not used of the lines around: AIC, BIC"),
        "{:?}",
        pasted.remarks
    );
}
