//! What cannot be asked, and what is said of what nothing moves.

use std::fmt::Write as _;

use super::{PUBLISHED, STUDY, said, small};

#[test]
fn what_cannot_be_asked_is_an_error() {
    let of_z = "values = { printed = { of = \"z\", rows = 1 } }";
    let of_y = "values = { printed = { of = \"y\", rows = 1 } }";
    let cases = [
        (of_y, of_z, "no table prints the min of `z`"),
        ("because = \"nobody kept it\"", "because = \" \"", "`because` is empty"),
        (
            "name = \"n\"\nbecause = \"nobody counted\"\nvalues = { count = { of = \"n\", rows = 1 } }",
            "name = \"n\"\nbecause = \"nobody counted\"\nknown = \"x\"\nvalues = { between = [0, 3] }",
            "`n` is known to be ",
        ),
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
    let source = folder.0.join("x.csv");
    let nowhere = folder.0.join("nowhere/found.csv");
    // What would be found is not lost: these are said before anything is solved for.
    let asked: [(&[&str], &str); 7] = [
        (&["--fix", &half], "`n` is known to be 2.5 for 0 2000, which is no count"),
        (&["--fix", &half, "--fix", &half], "`--fix n` is said twice"),
        (&["--try", "vcov=HC1", "--try", "vcov=iid"], "`--try vcov` is said twice"),
        (&["-o", source.to_str().unwrap()], "is a source of the study"),
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
        (
            "",
            "",
            PUBLISHED.replace("\"0.551\"", "\"0.551 (0.2)\""),
            "nothing of ours stands beside it",
        ),
        ("", "", PUBLISHED.replace("\"0.551\"", "\"0.551*\""), "nothing of ours stands beside it"),
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

/// What is declared to come out as another number is one part of a cell, and is not called printed.
#[test]
fn what_is_declared_is_not_called_printed() {
    let folder = small("declared", PUBLISHED);
    let declared = |cell: &str, text: &str| {
        let deviation =
            "[[deviation]]\nbecause = \"as it is\"\nsince = \"2026-11-23\"\ntoward = \"1.95\"\n";
        format!("{STUDY}\n{deviation}cells = {{ \"{cell}\" = \"{text}\" }}\n")
    };
    folder.write("study.toml", &declared("2 / (1) / R2 / value", "0.551"));
    let (status, text) = said(&["reconstruct", folder.text()]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("2 / (1) / R2 / value: declared to be 1.95, ours"), "{text}");
    folder.write("study.toml", &declared("2 / (1) / x", "0.512*** (0.101)"));
    let (status, text) = said(&["reconstruct", folder.text()]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("`toward` is a number for one part"), "{text}");
}
