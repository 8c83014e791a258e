//! The five transcriptions of this project, and what is wrong with transcriptions that are not.

use published::{Error, Kind, Location, Printed, Table, Transcription, Uncertainty};

const PAPERS: [(&str, &str); 5] = [
    ("chen-sun", include_str!("../../../fixtures/papers/chen-sun/published.toml")),
    ("ji-yang", include_str!("../../../fixtures/papers/ji-yang/published.toml")),
    ("wang-chen", include_str!("../../../fixtures/papers/wang-chen/published.toml")),
    ("wang-suichang", include_str!("../../../fixtures/papers/wang-suichang/published.toml")),
    ("zhou", include_str!("../../../fixtures/papers/zhou/published.toml")),
];

fn paper(id: &str) -> Transcription {
    let (_, text) = PAPERS.iter().find(|(name, _)| *name == id).expect("one of the five");
    Transcription::parse("published.toml", text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_five_print_back_byte_for_byte_but_for_comments() {
    for (id, text) in PAPERS {
        let read = paper(id);
        assert_eq!(read.paper().id, id);
        let bare: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(read.to_string().trim_end(), bare.join("\n").trim());
        assert_eq!(Transcription::parse(id, &read.to_string()), Ok(read));
    }
}

#[test]
fn every_cell_is_counted_and_found_by_its_address() {
    let counts = PAPERS.map(|(id, _)| {
        let read = paper(id);
        for (at, cell) in read.cells() {
            assert_eq!(read.cell(at.table, at.row, at.column), Some(cell), "{at}");
        }
        (read.tables().len(), read.cells().count(), read.series().len(), read.claims().len())
    });
    // By hand: 18·2 + 11·2 + 6·5 + 6·4 + 7·2 + 2·4 + 3 cells of Chen & Sun, and so on.
    assert_eq!(counts[0], (7, 137, 0, 0));
    assert_eq!(counts[1], (0, 0, 1, 11));
    assert_eq!(counts[2], (7, 9 + 50 + 48 + 32 + 35 + 21 + 42, 0, 0));
    assert_eq!(counts[3], (1, 9, 0, 28));
    assert_eq!(counts[4], (0, 0, 0, 2));
}

#[test]
fn cells_are_typed_by_the_kind_of_their_table() {
    let wang = paper("wang-chen");
    let baseline = wang.table("3").expect("table 3");
    assert_eq!(baseline.kind(), Kind::Regression);
    assert_eq!(baseline.uncertainty(), Some(Uncertainty::StandardError));
    assert_eq!(baseline.stars(), [0.10, 0.05, 0.01]);
    assert_eq!(baseline.column_names(), ["(1)", "(2)", "(3)", "(4)"]);
    assert_eq!(baseline.dependent(), ["Rir"; 4]);
    let row = baseline.row("Constant").expect("a constant");
    assert_eq!((row.group.as_deref(), row.cells.len()), (None, 4));
    assert_eq!(wang.cell("3", "Fsa", "(1)"), Some(&Printed::Blank));
    assert_eq!(wang.cell("3", "Year FE", "(4)"), Some(&Printed::text("YES")));
    assert_eq!(wang.cell("3", "Year FE", "(5)"), None);
    let mean = wang.cell("2", "Rec", "mean").and_then(Printed::number).expect("a number");
    assert_eq!((mean.value(), mean.last()), (2.2513, -4));
    let income = wang.table("1").and_then(|table| table.row("Urban-rural income ratio (%)"));
    assert_eq!(income.and_then(|row| row.group.as_deref()), Some("Development benefits"));

    let chen = paper("chen-sun");
    let min = chen.cell("3", "Ind-a", "min").and_then(Printed::number).expect("a number");
    assert_eq!((min.value(), min.last()), (4.42e-10, -12));
    let weight = chen.cell("1", "Grain production", "weight").and_then(Printed::number);
    assert_eq!(weight.map(published::Number::last), Some(-4));
    assert_eq!(chen.table("4").and_then(Table::uncertainty), Some(Uncertainty::T));
    let regimes = chen.table("7").expect("table 7");
    assert_eq!(regimes.column_names(), ["(1)"]);
    assert_eq!(regimes.threshold().map(|it| it.value.value()), Some(0.1071));
    let indirect = chen.table("5").and_then(|table| table.effects()).map(|it| it.indirect.value());
    assert_eq!(indirect, Some(0.3248));

    let tea = paper("wang-suichang");
    assert_eq!(tea.cell("1", "Tea plantations", "quantity"), Some(&Printed::text("50,000 acres")));
    assert_eq!(tea.claims()[2].value.number().map(published::Number::value), Some(50_000.0));
    let sales = paper("ji-yang");
    let online = &sales.series()[0].values[1];
    assert_eq!(online.growth.as_ref().map(published::Number::is_percent), Some(true));
}

#[test]
fn what_brackets_hold_has_a_long_name_and_a_letter() {
    for (word, uncertainty) in [
        ("standard error", Uncertainty::StandardError),
        ("t statistic", Uncertainty::T),
        ("t", Uncertainty::T),
        ("z statistic", Uncertainty::Z),
        ("z", Uncertainty::Z),
        ("p value", Uncertainty::P),
        ("p", Uncertainty::P),
    ] {
        let text = SOUND.replace("stars", &format!("uncertainty = \"{word}\"\nstars"));
        let read = Transcription::parse("p.toml", &text).expect("sound");
        assert_eq!(read.table("3").and_then(Table::uncertainty), Some(uncertainty));
        assert_eq!(Transcription::parse("p.toml", &read.to_string()), Ok(read));
    }
}

const SOUND: &str = r#"[paper]
id = "p"
title = "t"
authors = []

[[table]]
id = "3"
title = "t"
kind = "regression"
stars = [0.1, 0.05]
columns = ["(1)", "(2)"]
dependent = ["y", "y"]
rows = [
  ["Rec", "0.1 (0.2)", ""],
  ["N", "270", "270"],
]
"#;

/// The error of `SOUND` with its first `from` replaced.
fn broken(from: &str, to: &str) -> Error {
    assert!(SOUND.contains(from));
    Transcription::parse("p.toml", &SOUND.replacen(from, to, 1)).expect_err("broken on purpose")
}

#[test]
fn a_broken_cell_is_named_with_its_place() {
    assert!(Transcription::parse("p.toml", SOUND).is_ok());
    let error = broken("0.1 (0.2)", "0.1 (0.2");
    assert_eq!(
        error.to_string(),
        "p.toml:14:11: table `3`, row `Rec`, column `(1)`: \
         `0.1 (0.2`: character 9: expected `)` to close the bracket"
    );
    assert!(matches!(error, Error::Cell { at: Location { line: 14, column: 11, .. }, .. }));
    let error = broken("rows", "threshold = { variable = \"x\", value = \"a\" }\nrows");
    assert!(error.to_string().starts_with("p.toml:13:39: table `3`, row `threshold`"), "{error}");
}

#[test]
fn what_does_not_fit_together_is_named_with_its_place() {
    let row = |got: usize| {
        format!(
            "p.toml:14:3: table `3`, row `Rec` has {got} strings, not 3; \
             write \"\" for a cell that is blank"
        )
    };
    let short = "columns = [\"dimension\", \"indicator\"]";
    for (from, to, message) in [
        ("\"0.1 (0.2)\", \"\"", "\"0.1\"", row(2)),
        ("\"0.1 (0.2)\", \"\"", "\"\", \"\", \"\"", row(4)),
        (
            "\"y\", \"y\"",
            "\"y\"",
            "p.toml:12:13: table `3`, row `dependent` has 1 strings, not 2; \
             write \"\" for a cell that is blank"
                .to_owned(),
        ),
        (
            "\"N\"",
            "\"Rec\"",
            "p.toml:15:3: table `3` has two rows `Rec`; add to the label what \
             tells them apart, as in `Rec (panel B)`"
                .to_owned(),
        ),
        (
            "\"(2)\"",
            "\"(1)\"",
            "p.toml:11:11: table `3` has two columns `(1)`; number them, as in \
             `(1) (1)`"
                .to_owned(),
        ),
        (
            "0.1, 0.05",
            "0.05, 0.1",
            "p.toml:10:9: table `3`: `stars` must fall from one star on, \
             between 0 and 1, as in `[0.10, 0.05, 0.01]`"
                .to_owned(),
        ),
        (
            "0.1, 0.05",
            "10, 5",
            "p.toml:10:9: table `3`: `stars` must fall from one star on, \
             between 0 and 1, as in `[0.10, 0.05, 0.01]`"
                .to_owned(),
        ),
        (
            "0.1, 0.05",
            "0.1, 0.1",
            "p.toml:10:9: table `3`: `stars` must fall from one star on, \
             between 0 and 1, as in `[0.10, 0.05, 0.01]`"
                .to_owned(),
        ),
        (
            "columns = [\"(1)\", \"(2)\"]",
            "columns = []",
            "p.toml:7:6: table `3` has no columns to \
             hold cells; list their headers in `columns`"
                .to_owned(),
        ),
        (
            "kind = \"regression\"\nstars = [0.1, 0.05]\ncolumns = [\"(1)\", \"(2)\"]",
            &format!("kind = \"weights\"\n{short}"),
            "p.toml:7:6: table `3` has no columns to \
             hold cells; list their headers in `columns`"
                .to_owned(),
        ),
    ] {
        assert_eq!(broken(from, to).to_string(), message);
    }
    let twice = format!("{SOUND}\n{}", &SOUND[SOUND.find("[[table]]").expect("a table")..]);
    assert_eq!(
        Transcription::parse("p.toml", &twice).expect_err("twice").to_string(),
        "p.toml:19:6: table `3` is given twice; tell them apart by `id`"
    );
}

#[test]
fn what_is_not_toml_of_this_form_is_named_with_its_place() {
    for (from, to, place, word) in [
        ("kind", "colour = 1\nkind", "p.toml:9:1: ", "colour"),
        ("authors", "author", "p.toml:4:1: ", "author"),
        ("title = \"t\"\nkind", "kind", "p.toml:6:1: ", "title"),
        ("\"regression\"", "\"regresion\"", "p.toml:9:8: ", "regresion"),
        ("\"270\"", "270", "p.toml:15:9: ", "270"),
        ("rows = [", "rows = ", "p.toml:14:", ""),
        ("[paper]", "[paper", "p.toml:1:7: ", ""),
    ] {
        let message = broken(from, to).to_string();
        assert!(message.starts_with(place) && message.contains(word), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn no_prefix_of_a_transcription_is_a_panic() {
    for (_, text) in PAPERS {
        for (end, _) in text.char_indices().step_by(53) {
            if let Err(error) = Transcription::parse("p.toml", &text[..end]) {
                assert!(error.to_string().starts_with("p.toml:"));
            }
        }
    }
}
