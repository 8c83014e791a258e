//! Sums of squares of thresholds, numbers of rows, means by weights.

use audit::{Schema, audit};
use published::Transcription;

use crate::{audited, conventions, table, verdicts};

const PANEL: &str = "errors = \"iid\"\n[panel]\nunits = 31\nperiods = 12\n";

/// 12.5/12 − 1 is 1/24, so F is 15.50, 14.21, 15.00, 14.54 and 13.75 by nT = 372, n(T − 1) = 341,
/// T(n − 1) = 360, that less T − 1 = 349 and (n − 1)(T − 1) = 330.
#[test]
fn f_of_a_threshold_follows_from_sums_of_squares_by_some_scaling() {
    let one = |f: &str, schema: &str| {
        let heads = ["threshold", "F", "SSR0", "SSR1"];
        audited(&table("threshold test", &heads, &[&["Single", f, "12.5000", "12.0000"]]), schema)
    };
    for (f, scale) in [
        ("15.50", "nT = 372"),
        ("14.21", "n(T − 1) = 341"),
        ("15.00", "T(n − 1) = 360"),
        ("14.54", "T(n − 1) − (T − 1) = 349"),
        ("13.75", "(n − 1)(T − 1) = 330"),
    ] {
        let audit = one(f, PANEL);
        assert_eq!(verdicts(&audit, "threshold-scale"), ["consistent"], "{f}");
        let place = format!("1/F/Single: F is (S₀/S₁ − 1) times {scale}");
        let found = conventions(&audit, "scale");
        assert_eq!(found, [place]);
    }
    // Half of n(T − 1): two restrictions. Beyond nT there is nothing.
    assert_eq!(verdicts(&one("7.10", PANEL), "threshold-scale"), ["assumption"]);
    assert_eq!(verdicts(&one("15.55", PANEL), "threshold-scale"), ["impossible"]);
    assert_eq!(verdicts(&one("142.1", PANEL), "threshold-scale"), ["impossible"]);
    // Without the schema's word for the panel, or for the errors, it proves nothing.
    for known in [
        "[panel]\nunits = 31\nperiods = 12\n",
        "errors = \"robust\"\n[panel]\nunits = 31\nperiods = 12\n",
    ] {
        assert_eq!(verdicts(&one("142.1", known), "threshold-scale"), ["assumption"]);
    }
    let unknown = one("142.1", "errors = \"iid\"\n");
    assert!(verdicts(&unknown, "threshold-scale").is_empty());
    assert!(unknown.unchecked.iter().any(|it| it.because.contains("units and periods")));
}

/// A threshold never raises the sum of squares; sums that are equal as printed say nothing.
#[test]
fn a_threshold_does_not_raise_the_sum_of_squares() {
    let of = |before: &str, after: &str| {
        let rows: [&[&str]; 3] =
            [&["F", "14.21"], &["SSR (linear)", before], &["SSR (threshold)", after]];
        let audit = audited(&table("threshold test", &["statistic", "Single"], &rows), PANEL);
        verdicts(&audit, "threshold-scale")
    };
    assert_eq!(of("12.5000", "12.0000"), ["consistent"]);
    assert_eq!(of("12.0000", "12.5000"), ["impossible"]);
    assert_eq!(of("12.0", "12.0"), ["consistent"]);
}

/// With k = 3 slopes printed, the residual degrees of freedom n(T − 1) − 3 = 338 are a scaling: F = 14.08.
#[test]
fn residual_degrees_of_freedom_scale_f() {
    let test = table(
        "threshold test",
        &["threshold", "F", "S0", "S1"],
        &[&["Single", "14.083", "12.50000", "12.00000"]],
    );
    let given = "[[table]]\nid = \"2\"\ntitle = \"T\"\nkind = \"threshold regression\"\ncolumns = [\"(1)\"]\n\
                 rows = [[\"x (q <= 1)\", \"0.5\"], [\"x (q > 1)\", \"0.7\"], [\"z\", \"0.1\"], [\"Constant\", \"1\"]]\n";
    assert_eq!(verdicts(&audited(&test, PANEL), "threshold-scale"), ["assumption"]);
    let audit = audited(&format!("{test}{given}"), PANEL);
    assert_eq!(verdicts(&audit, "threshold-scale"), ["consistent"]);
    assert!(conventions(&audit, "scale")[0].ends_with("times n(T − 1) − 3 = 338"));
}

/// One column of sums, the model without threshold above: (12 − 11.5)/11.5 · 341 = 14.83 in the second line. That
/// they are the sums of F is an assumption: thresholds are refined after the test.
#[test]
fn sums_of_squares_of_lines_are_compared_with_the_line_above() {
    let of = |f: &str| {
        let rows: [&[&str]; 3] = [
            &["Linear", "", "12.5000"],
            &["Single", "14.21", "12.0000"],
            &["Double", f, "11.5000"],
        ];
        let audit = audited(&table("threshold test", &["threshold", "F", "SSR"], &rows), PANEL);
        verdicts(&audit, "threshold-scale")
    };
    assert_eq!(of("14.83"), ["consistent", "consistent"]);
    assert_eq!(of("148.3"), ["assumption", "consistent"]);
}

/// Rows of regimes in rows of their own: a `[[sum]]`; in columns: a `[[partition]]`.
#[test]
fn regimes_partition_n() {
    let rows = |high: &str| {
        let rows: [&[&str]; 4] =
            [&["x", "0.5 (0.1)"], &["N", "372"], &["N low", "120"], &["N high", high]];
        table("threshold regression", &["(1)"], &rows)
    };
    let sum = "[[sum]]\ncells = [\"1/(1)/N low/estimate\", \"1/(1)/N high/estimate\"]\nto = \"1/(1)/N/estimate\"\n";
    assert_eq!(verdicts(&audited(&rows("252"), sum), "sum"), ["consistent"]);
    assert_eq!(verdicts(&audited(&rows("253"), sum), "sum"), ["impossible"]);
    let columns = |high: &str| {
        let rows: [&[&str]; 2] =
            [&["x", "0.5 (0.1)", "0.4 (0.1)", "0.6 (0.1)"], &["N", "372", "120", high]];
        table("regression", &["all", "low", "high"], &rows)
    };
    let parts = "[[partition]]\nwhole = \"1/all\"\nparts = [\"1/low\", \"1/high\"]\n";
    assert_eq!(verdicts(&audited(&columns("252"), parts), "n-partition"), ["consistent"]);
    assert_eq!(verdicts(&audited(&columns("253"), parts), "n-partition"), ["impossible"]);
}

/// 31 provinces in 12 years: 341 rows are 11 of the years, 132 are 11 of the provinces; 340 are neither.
#[test]
fn lags_windows_and_subsets_explain_n() {
    let of = |n: &str| {
        let rows: [&[&str]; 2] = [&["x", "0.5 (0.1)"], &["N", n]];
        audited(&table("regression", &["(1)"], &rows), &format!("estimator = \"ls\"\n{PANEL}"))
    };
    for (n, says) in [
        ("341", vec!["1/(1): 341 = 31 units × 11 of 12 periods: one lag, or a window of 11"]),
        ("248", vec!["1/(1): 248 = 31 units × 8 of 12 periods: 4 lags, or a window of 8"]),
        ("132", vec!["1/(1): 132 = 11 of 31 units × 12 periods"]),
        ("372", vec![]),
        ("373", vec![]),
        ("340", vec![]),
    ] {
        let audit = of(n);
        assert_eq!(conventions(&audit, "rows"), says);
        let open: &[&str] = if n == "340" { &["assumption"] } else { &[] };
        assert_eq!(verdicts(&audit, "n-windows"), open, "{n}");
    }
    assert_eq!(verdicts(&of("373"), "n-panel"), ["impossible"]);
    assert_eq!(verdicts(&of("372"), "n-panel"), ["consistent"]);
    let both = audited(
        &table("regression", &["(1)"], &[&["x", "0.5 (0.1)"], &["N", "12"]]),
        "[panel]\nunits = 4\nperiods = 6\n",
    );
    let says = "1/(1): 12 = 4 units × 3 of 6 periods: 3 lags, or a window of 3, or = 2 of 4 units × 6 periods";
    assert_eq!(conventions(&both, "rows"), [says]);
}

/// 0.5 · 100 + 1.25 · 200 = 300: a location quotient of mean 1 by employment. Rounded to 0.1, 1.2 and 1.3 do as well.
#[test]
fn a_location_quotient_has_mean_one_by_its_weights() {
    let of = |west: &str, schema: &str| {
        let rows: [&[&str]; 2] = [&["East", "0.50", "100"], &["West", west, "200"]];
        audited(&table("descriptive", &["region", "LQ", "employment"], &rows), schema)
    };
    let known = |is: &str| {
        format!(
            "[[mean]]\ncells = [\"1/LQ/East/estimate\", \"1/LQ/West/estimate\"]\n\
             weights = [\"1/employment/East/estimate\", \"1/employment/West/estimate\"]\nis = {is}\n"
        )
    };
    for (west, verdict) in [
        ("1.25", "consistent"),
        ("1.3", "consistent"),
        ("1.2", "consistent"),
        ("1.27", "impossible"),
        ("1.1", "impossible"),
    ] {
        assert_eq!(verdicts(&of(west, &known("1")), "mean"), [verdict], "{west}");
    }
    // With the first East's own cell: 0.50 is no mean of 0.50 and 1.25.
    assert_eq!(verdicts(&of("1.25", &known("\"1/LQ/East/estimate\"")), "mean"), ["impossible"]);
    let text = known("1").replace(", \"1/employment/West/estimate\"", "");
    let head = "[paper]\nid = \"x\"\ntitle = \"X\"\nauthors = [\"X\"]\n";
    let rows: [&[&str]; 2] = [&["East", "0.50", "100"], &["West", "1.25", "200"]];
    let tables = table("descriptive", &["region", "LQ", "employment"], &rows);
    let paper = Transcription::parse("made.toml", &format!("{head}{tables}")).expect("tables");
    let error = audit(&paper, &Schema::parse("audit.toml", &text).expect("a schema"));
    let says = error.expect_err("two cells and one weight").to_string();
    assert!(
        says.contains("a mean of 2 cells has 1 weights; list a weight for each cell"),
        "{says}"
    );
}

/// χ²(6) has its 5 % value at 12.592, and χ²(1) at 3.841.
#[test]
fn hausman_has_degrees_of_freedom_and_no_sign() {
    let judged = |statistic: &str, p: &str| {
        let rows: [&[&str]; 3] =
            [&["x", "0.5 (0.1)"], &["Hausman test", statistic], &["p-value", p]];
        let audit = audited(&table("regression", &["(1)"], &rows), "");
        let says = audit.findings.iter().find(|it| it.check == "hausman");
        (verdicts(&audit, "hausman"), says.map(|it| it.explanation.clone()).unwrap_or_default())
    };
    let (verdict, says) = judged("12.592", "0.0500");
    assert_eq!(verdict, ["consistent"], "{says}");
    assert!(says.contains("6 to 6 degrees of freedom"), "{says}");
    assert!(judged("3.841", "0.0500").1.contains("1 to 1 degrees"), "one degree of freedom");
    // Between the tails of six and of seven degrees of freedom.
    assert_eq!(judged("12.592", "0.0700").0, ["assumption"]);
    assert_eq!(judged("-3.21", "").0, ["assumption"]);
}
