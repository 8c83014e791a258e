//! An index by its indicators.

use super::{said, small};

const INDEX: &str = r#"
[panel]
entity = "id"
period = "year"

[[source]]
file = "x.csv"
columns = ["x"]
tier = "real"

[[source]]
file = "found.csv"
columns = ["p (synthetic)", "q (synthetic)", "r (synthetic)"]
rename = { "p (synthetic)" = "p", "q (synthetic)" = "q", "r (synthetic)" = "r" }
tier = "reconstructed"

[[index]]
name = "E"
normalise = "min-max"
normalise-over = "pooled"
shift = 0
weights = "entropy"
weights-over = "pooled"
levels = "indicators"
aggregate = "linear"
indicators = [
  { name = "p", direction = "positive", dimension = "A" },
  { name = "q", direction = "negative", dimension = "A" },
  { name = "r", direction = "positive", dimension = "B" },
]

[[unknown]]
name = "E"
because = "its indicators are unknown"
values = { printed = { of = "E", rows = 1 } }
start = { drawn = { mean = 0.44, sd = 0.18, along = "x", load = 1, own = 0.5, trend = 0.2, noise = 0.5 } }

[[unknown]]
name = "p"
because = "nobody kept it"
values = { between = [0, 1] }
start = { drawn = { mean = 0.5, sd = 0.15, along = "x", load = 0, own = 0, trend = 0, noise = 1, following = { E = 1 } } }

[[unknown]]
name = "q"
because = "nobody kept it"
values = { between = [0, 1] }
start = { drawn = { mean = 0.5, sd = 0.15, along = "x", load = 0, own = 0, trend = 0, noise = 1, following = { E = -1 } } }

[[unknown]]
name = "r"
because = "nobody kept it"
values = { between = [0, 1] }
start = { drawn = { mean = 0.5, sd = 0.15, along = "x", load = 0, own = 0, trend = 0, noise = 1, following = { E = 1 } } }

[[table]]
id = "1"
index = "E"

[[table]]
id = "2"

[[table]]
id = "3"
rows = { R2 = "r2" }
columns = [{ id = "(1)", estimator = "pooled", model = "E ~ x", vcov = "HC1", like = "stata-xtreg" }]
"#;

const OF_INDEX: &str = r#"
[paper]
id = "index"
title = "An index"
authors = ["Nobody"]

[[table]]
id = "1"
title = "Scheme"
kind = "weights"
columns = ["dimension", "indicator", "attribute", "weight"]
rows = [["A", "p", "+", "0.331"], ["A", "q", "-", "0.361"], ["B", "r", "+", "0.308"]]

[[table]]
id = "2"
title = "Descriptive statistics"
kind = "descriptive"
columns = ["variable", "N", "mean", "sd", "min", "max"]
rows = [["E", "40", "0.439", "0.185", "0.17", "0.82"]]

[[table]]
id = "3"
title = "Regression"
kind = "regression"
uncertainty = "standard error"
columns = ["(1)"]
dependent = ["E"]
rows = [["x", "0.085 (0.018)"], ["R2", "0.31"]]
"#;

/// Its scores are solved for as one column, then its indicators; or these with all else at once, if the index is
/// not unknown itself. A file has some cells of one of them.
#[test]
fn an_index_is_solved_for_by_its_indicators() {
    let folder = small("index", OF_INDEX);
    folder.write("kept.csv", "id,year,p\n0,2000,0.25\n3,2002,0.5\n");
    let (file, out) = (folder.0.join("kept.csv"), folder.0.join("found.csv"));
    let fix = format!("p={}", file.to_str().unwrap());
    let (before, rest) = INDEX.split_once("[[unknown]]\nname = \"E\"").unwrap();
    let (_, after) = rest.split_once("[[unknown]]").unwrap();
    let at_once = format!("{before}[[unknown]]{after}")
        .replace(", following = { E = 1 }", "")
        .replace(", following = { E = -1 }", "");
    for study in [INDEX, &at_once] {
        folder.write("study.toml", study);
        let (status, text) =
            said(&["reconstruct", folder.text(), "--fix", &fix, "-o", out.to_str().unwrap()]);
        assert_eq!(status, Some(0), "{text}");
        let found = std::fs::read_to_string(&out).unwrap();
        let columns = "id,year,p (synthetic),q (synthetic),r (synthetic)\n";
        assert!(found.starts_with(columns), "{found}");
        for key in ["0,2000,0.25,", "3,2002,0.5,"] {
            assert!(found.lines().any(|line| line.starts_with(key)), "{found}");
        }
        let (status, text) = said(&["replicate", folder.0.join("study.toml").to_str().unwrap()]);
        assert_eq!(status, Some(0), "{text}");
        assert!(text.contains("11      11       0       0"), "{text}");
        std::fs::remove_file(&out).unwrap();
    }
    // Without the file, nothing of the index is there, its dimensions neither.
    let own = "[[variable]]\nname = \"Part\"\nfrom = \"E: A\"\nsteps = []\n[[table]]\nid = \"B\"\n\
               title = \"Parts\"\ndescribe = [\"Part\"]\n";
    folder.write("study.toml", &format!("{at_once}\n{own}"));
    let (_, text) = said(&["replicate", folder.0.join("study.toml").to_str().unwrap()]);
    assert!(
        text.contains("Part is not there: rests on E: A: rests on p: nobody kept it"),
        "{text}"
    );
}

/// Columns that hold, and a weight that no indicators have beside them: said, counted, and not bad input.
#[test]
fn an_index_that_cannot_be_unfolded_is_said() {
    let folder = small("folded", &OF_INDEX.replace("\"0.331\"", "\"0.431\""));
    folder.write("study.toml", INDEX);
    let (status, text) = said(&["reconstruct", folder.text()]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.starts_with("index `E`: no indicators were found"), "{text}");
    let (status, text) = said(&["reconstruct", folder.text(), "--try", "vcov=HC1"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("vcov=HC1: index `E`") && !text.contains("not tried"), "{text}");
    // An unknown index in an unknown index has no indicators to unfold into.
    let (before, rest) = INDEX.split_once("[[unknown]]\nname = \"r\"").unwrap();
    let nested = format!("{before}[[unknown]]\nname = \"r\"{rest}").replace(
        "[[unknown]]\nname = \"E\"",
        "[[index]]\nname = \"r\"\nnormalise = \"min-max\"\nnormalise-over = \"pooled\"\nshift = 0\n\
         weights = \"entropy\"\nweights-over = \"pooled\"\nlevels = \"indicators\"\naggregate = \"linear\"\n\
         indicators = [{ name = \"x\", direction = \"positive\", dimension = \"C\" }]\n\n[[unknown]]\nname = \"E\"",
    );
    folder.write("study.toml", &nested);
    let (status, text) = said(&["reconstruct", folder.text()]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("index `r` is an indicator of an index that is unknown"), "{text}");
}
