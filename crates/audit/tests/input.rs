//! What cannot be checked is said, and what cannot be read is an error with its place and cure.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use audit::{Audit, Error, Schema, Verdict, audit};
use published::Transcription;

const HEAD: &str = "[paper]\nid = \"x\"\ntitle = \"X\"\nauthors = [\"X\"]\n";

fn paper(tables: &str) -> Transcription {
    Transcription::parse("made.toml", &format!("{HEAD}{tables}")).expect("tables")
}

fn regression(notes: &str, columns: &str, rows: &str) -> String {
    format!(
        "[[table]]\nid = \"1\"\ntitle = \"T\"\nkind = \"regression\"\n{notes}\ncolumns = [{columns}]\n\
         rows = [{rows}]\n"
    )
}

fn audited(tables: &str, schema: &str) -> Result<Audit, Error> {
    audit(&paper(tables), &Schema::parse("audit.toml", schema)?)
}

#[test]
fn a_schema_that_the_paper_contradicts_says_where_and_what_to_do() {
    let table = regression(
        "",
        "\"(1)\", \"(2)\"",
        "[\"x\", \"1 (2)\", \"1 (2)\"], [\"N\", \"90\", \"80\"]",
    );
    for (schema, says) in [
        ("estimator = \"magic\"", "audit.toml:1:13: "),
        ("colour = 1", "audit.toml:1:1: unknown field `colour`"),
        (
            "[[column]]\nid = \"1/(3)\"",
            "audit.toml:2:6: the paper has no column `1/(3)`; table 1 has `1/(1)`, `1/(2)`",
        ),
        (
            "[[column]]\nid = \"1/(1)\"\nn = 91",
            "audit.toml:2:6: `1/(1)` is said to have n = 91 and prints 90; leave `n` out: the printed one counts",
        ),
        (
            "[[column]]\nid = \"1/(1)\"\nclusters = 91",
            "audit.toml:2:6: `1/(1)` is said to have 91 clusters; there are at least 2, and no more than rows",
        ),
        (
            "[[column]]\nid = \"1/(1)\"\nabsorbs = []\nindicators = true",
            "audit.toml:2:6: `1/(1)` has indicators of effects and no effects; list the effects in `absorbs`",
        ),
        (
            "moments = \"7\"",
            "audit.toml:1:11: the paper has no table of moments `7`; name a table of kind `descriptive` by its id",
        ),
        (
            "[[mediation]]\nmediator = \"m\"\nfirst = \"1/(1)\"\nsecond = \"1/(2)\"",
            "audit.toml:2:12: `1/(2)` prints no coefficient of `m`; name the regression with the mediator in `second`",
        ),
        (
            "[[sum]]\ncells = [\"1/(1)/z/estimate\"]\nto = 1",
            "audit.toml:2:10: the paper has no cell `1/(1)/z/estimate`; name a cell with a number as \
             `table/column/row/estimate`",
        ),
        (
            "[[partition]]\nwhole = \"1/(1)\"\nparts = [\"1/(1)\"]",
            "audit.toml:2:9: `1/(1)` is a part of itself; list the other parts alone",
        ),
    ] {
        let error = audited(&table, schema).expect_err(schema).to_string();
        assert!(error.starts_with(says), "{schema}: {error}");
    }
}

#[test]
fn what_cannot_be_checked_is_said() {
    let notes = "uncertainty = \"standard error\"";
    let table = regression(
        notes,
        "\"(1)\", \"(2)\"",
        "[\"x\", \"1.0*** (0.2)\", \"—\"], [\"z\", \"0.5 (0.0)\", \"0.0 (0.0)\"], [\"What\", \"17\", \"\"]",
    );
    let audit = audited(&table, "").expect("an audit");
    assert_eq!(audit.counts.impossible, 0);
    let said: Vec<String> =
        audit.unchecked.iter().map(|it| format!("{}: {}", it.what, it.because)).collect();
    for says in [
        "1/(1): stars: the table has no legend that says what they mean",
        "1/(2)/x: `—` is no number",
        "1: row What: it has no brackets, as coefficients of this table do, and is no statistic that is \
         known here",
        "1 of 4 numbers of table 1: no equation that is known to hold reads them",
    ] {
        assert!(said.iter().any(|it| it == says), "{says}\n{said:#?}");
    }
}

/// An uncertainty that prints as zero may be anything below half its last digit.
#[test]
fn an_uncertainty_of_zero_proves_nothing() {
    let notes = "uncertainty = \"standard error\"\nstars = [0.1, 0.05, 0.01]";
    let rows = "[\"x\", \"0.5*** (0.0)\"], [\"y\", \"0.01* (0.00)\"], [\"z\", \"0.00 (0.00)\"]";
    let audit = audited(&regression(notes, "\"(1)\"", rows), "").expect("an audit");
    assert_eq!(audit.counts.impossible, 0, "{:?}", audit.findings);
}

#[test]
fn a_negative_standard_error_is_impossible() {
    let notes = "uncertainty = \"standard error\"";
    let rows = "[\"x\", \"0.5 (-0.2)\"], [\"y\", \"0.1 (0.1)\"], [\"z\", \"0.2 (0.1)\"]";
    let audit = audited(&regression(notes, "\"(1)\"", rows), "").expect("an audit");
    let first = &audit.findings[0];
    assert_eq!((first.check, &first.verdict), ("uncertainty-range", &Verdict::Impossible));
    assert_eq!(first.repairs[0].to, "0.2");
}

/// A table of 10,000 rows and 1,000 columns is refused in words; one that is as large as may be is read.
#[test]
#[allow(clippy::disallowed_methods, reason = "a test of time reads a clock")]
fn large_tables_end_soon() {
    let table = |rows: usize, columns: usize| {
        let heads: Vec<String> = (0..columns).map(|j| format!("\"({j})\"")).collect();
        let mut text = String::new();
        for i in 0..rows {
            let cells = "\"0.5** (0.2)\", ".repeat(columns);
            let _ = writeln!(text, "[\"x{i}\", {cells}],");
        }
        regression(
            "uncertainty = \"standard error\"\nstars = [0.1, 0.05, 0.01]",
            &heads.join(", "),
            &text,
        )
    };
    for (rows, columns) in [(1_000, 200), (250, 200), (2, 20_000), (40_000, 1)] {
        let paper = paper(&table(rows, columns));
        let start = Instant::now();
        let audit = audit(&paper, &Schema::default()).expect("an audit");
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{rows} × {columns}: {:?}",
            start.elapsed()
        );
        let refused = audit.unchecked.iter().any(|it| it.because.contains("audit it in parts"));
        assert_eq!(refused, rows * columns > 50_000, "{rows} × {columns}");
    }
}

#[test]
fn an_empty_paper_has_nothing_to_say() {
    let audit = audited("", "").expect("an audit");
    assert_eq!((audit.findings.len(), audit.counts.cells), (0, 0));
}
