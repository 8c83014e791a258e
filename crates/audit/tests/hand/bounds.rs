//! Bounds that are attained, and what is just beyond them: whether each stands where it should.

use crate::{audited, table, verdicts};

/// 0, 1, 1, 10 have the least deviation of four values of mean 3 from 0 to 10: 4 sd² = 9 + 49 + 16/2 = 66. Without
/// the remainder the bound would be √14.5 = 3.81.
#[test]
fn equal_values_between_the_extremes_have_the_least_deviation() {
    let of = |sd: &str| {
        let rows: [&[&str]; 1] = [&["x", "4", "3.0000", sd, "0.0000", "10.0000"]];
        let heads = ["variable", "N", "mean", "sd", "min", "max"];
        verdicts(&audited(&table("descriptive", &heads, &rows), ""), "sd-lower-bound")
    };
    assert_eq!(of("4.0620"), ["consistent"]);
    assert_eq!(of("4.0600"), ["impossible"]);
}

/// |t| = 1.98 has p = 0.048 by the normal and 0.057 by t(30); |t| = 10 has p = 0.0635 by t(1) and 0.002 by t(3).
#[test]
fn stars_lie_between_the_normal_and_t_of_one_degree() {
    let told = |cell: &str, schema: &str| {
        let table = table("regression", &["(1)"], &[&["x", cell]]);
        let notes = "uncertainty = \"standard error\"\nstars = [0.05]\n";
        verdicts(&audited(&format!("{table}{notes}"), schema), "stars")
    };
    let of = |cell: &str| told(cell, "tests = \"two-sided\"");
    assert_eq!(of("0.19800* (0.10000)"), ["consistent"]);
    assert_eq!(of("0.19500* (0.10000)"), ["impossible"]);
    // A one-sided test has a star from 1.645 on, and nothing says that there is none.
    assert_eq!(told("0.19500* (0.10000)", ""), ["assumption"]);
    assert_eq!(told("0.19500* (0.10000)", "tests = \"one-sided\""), ["consistent"]);
    assert_eq!(told("0.16400* (0.10000)", "tests = \"one-sided\""), ["impossible"]);
    // An effect on the other side has no star.
    assert!(!told("-3.00000 (0.10000)", "tests = \"one-sided\"").contains(&"impossible"));
    assert_eq!(told("0.16400* (0.10000)", ""), ["impossible"]);
    assert_eq!(told("0.16400* (0.10000)", "tests = \"other\""), [""; 0]);
    assert_eq!(of("1.0000 (0.1000)"), ["consistent"]);
    // p = 1 − 2/π · arctan 13 = 0.0489.
    assert_eq!(of("1.3000 (0.1000)"), ["impossible"]);
}

/// A star for |t| = 1.95 is of a one-sided test, or wrong. |t| = 1.80 with one star where 5 % has two is of no one-sided test
/// with more than 13 degrees of freedom, and 2.40 with two where 1 % has three of none with fewer than 15.
#[test]
fn a_table_that_is_two_sided_somewhere_is_two_sided() {
    let of = |others: [&str; 2]| {
        let rows: [&[&str]; 3] =
            [&["x", "0.15000* (0.10000)"], &["w", others[0]], &["z", others[1]]];
        let table = table("regression", &["(1)"], &rows);
        let notes = "uncertainty = \"standard error\"\nstars = [0.1, 0.05, 0.01]\n";
        verdicts(&audited(&format!("{table}{notes}"), ""), "stars")
    };
    assert_eq!(of(["0.10000 (0.10000)", "0.40000*** (0.10000)"])[0], "assumption");
    assert_eq!(of(["0.18000* (0.10000)", "0.25500*** (0.10000)"])[0], "impossible");
}

/// 1.27/0.40 lies in 3.13 to 3.23; p of 2.30 is 0.0214 by the normal and 0.26 by t(1).
#[test]
fn t_and_p_of_their_own_are_compared() {
    let of = |rows: &[&[&str]], check: &str| {
        let table = table("regression", &["(1)"], rows);
        verdicts(&audited(&format!("{table}uncertainty = \"standard error\"\n"), ""), check)
    };
    for (t, says) in [
        ("3.23", "consistent"),
        ("3.12", "consistent"),
        ("3.30", "impossible"),
        ("-3.18", "impossible"),
    ] {
        assert_eq!(of(&[&["x", "1.27 (0.40)"], &["x: t", t]], "z-ratio"), [says], "{t}");
    }
    // Of brackets that no note explains, stars tell that they hold a standard error; that is no proof.
    let table = table("regression", &["(1)"], &[&["x", "1.27*** (0.40)"], &["x: t", "3.30"]]);
    let found = audited(&format!("{table}stars = [0.1, 0.05, 0.01]\n"), "");
    assert_eq!(verdicts(&found, "z-ratio"), ["assumption"]);
    // A t in brackets of its own may be of another standard error.
    assert_eq!(of(&[&["x", "1.27 (0.40)"], &["x: [t]", "3.30"]], "z-ratio"), ["assumption"]);
    let p = |p: &str, label: &str| {
        of(&[&["x", "2.30 (1.00)"], &["x: t", "2.30"], &[label, p]], "p-value")[0]
    };
    assert_eq!(p("0.021", "x: p"), "consistent");
    assert_eq!(p("0.260", "x: p"), "consistent");
    assert_eq!(p("0.020", "x: p"), "impossible");
    assert_eq!(p("0.270", "x: p"), "impossible");
    assert_eq!(p("0.270", "x: [p]"), "assumption");
    // Without its t, p may be of a bootstrap.
    assert_eq!(of(&[&["x", "2.300 (1.000)"], &["x: p", "0.500"]], "p-value"), ["assumption"]);
    // 0.0455 is of the normal; beside it t(10) would give 0.0734, and a regression has one distribution.
    let both = |p: &str| {
        of(
            &[
                &["x", "2.00 (1.00)"],
                &["x: t", "2.000"],
                &["x: p", "0.0455"],
                &["w", "2.00 (1.00)"],
                &["w: t", "2.000"],
                &["w: p", p],
            ],
            "p-value",
        )
    };
    assert!(both("0.0455").iter().all(|it| *it == "consistent"));
    assert!(both("0.0734").contains(&"assumption") && !both("0.0734").contains(&"impossible"));
}

/// 0.115562156360552/0.00583570955722064 = 19.8025887387704 in doubles, whose last digits are the machine's.
#[test]
fn nine_digits_of_a_number_count() {
    let of = |t: &str| {
        let rows: [&[&str]; 2] = [&["x", "0.115562156360552 (0.00583570955722064)"], &["x: t", t]];
        let table = table("regression", &["(1)"], &rows);
        verdicts(&audited(&format!("{table}uncertainty = \"standard error\"\n"), ""), "z-ratio")
    };
    assert_eq!(of("19.8025887387704"), ["consistent"]);
    assert_eq!(of("19.8025887388704"), ["consistent"]);
    assert_eq!(of("19.8025897387704"), ["impossible"]);
}

/// 0.3449 rounds to 0.345 and that to 0.35, which is no rounding of it.
#[test]
fn numbers_rounded_twice_need_that_assumption() {
    let of = |t: &str| {
        let table = table("regression", &["(1)"], &[&["x", "0.34490 (1.00000)"], &["x: t", t]]);
        verdicts(&audited(&format!("{table}uncertainty = \"standard error\"\n"), ""), "z-ratio")
    };
    assert_eq!(of("0.34"), ["consistent"]);
    assert_eq!(of("0.35"), ["assumption"]);
    assert_eq!(of("0.36"), ["impossible"]);
}

const PLAIN: &str = "estimator = \"ls\"\nerrors = \"iid\"\n\
                     [[column]]\nid = \"1/(1)\"\nabsorbs = []\nunprinted-regressors = 0\n";

/// An R² of 0.5 may be 0.45, which 0.50 is above.
#[test]
fn r_squared_is_compared_at_the_ends_that_excuse_it() {
    let of = |short: &str, long: &str| {
        let rows: [&[&str]; 3] =
            [&["x", "0.5 (0.1)", "0.4 (0.1)"], &["m", "", "0.2 (0.1)"], &["R2", short, long]];
        let second = "[[column]]\nid = \"1/(2)\"\nabsorbs = []\nunprinted-regressors = 0\n";
        let known = format!("{PLAIN}{second}[[nested]]\nshort = \"1/(1)\"\nlong = \"1/(2)\"\n");
        verdicts(&audited(&table("regression", &["(1)", "(2)"], &rows), &known), "nested-r2")
    };
    assert_eq!(of("0.5", "0.50"), ["consistent"]);
    assert_eq!(of("0.50", "0.5"), ["consistent"]);
    assert_eq!(of("0.50", "0.48"), ["impossible"]);
    assert_eq!(of("0.5", "0.43"), ["impossible"]);
    // 0.4451 rounds to 0.45 and that to 0.5, 0.4449 to 0.44.
    assert_eq!(of("0.5", "0.44"), ["assumption"]);
}

fn tested(f: &str, p: &str, critical: [&str; 3], check: &str) -> Vec<&'static str> {
    let heads = ["threshold", "F", "p value", "10%", "5%", "1%"];
    let [ten, five, one] = critical;
    let table = table("threshold test", &heads, &[&["Single", f, p, ten, five, one]]);
    verdicts(&audited(&format!("{table}stars = [0.1, 0.05, 0.01]\n"), ""), check)
}

#[test]
fn critical_values_are_compared_at_the_ends_that_excuse_them() {
    assert_eq!(tested("1", "", ["13.0", "13.01", ""], "critical-values"), ["consistent"]);
    assert_eq!(tested("1", "", ["13.0", "12.90", ""], "critical-values"), ["impossible"]);
    // A critical value of 13.0 may be above 13.01 and below it.
    for f in ["13.01*", "13.01"] {
        assert_eq!(tested(f, "", ["13.0", "", ""], "threshold-stars"), ["consistent"], "{f}");
    }
    assert_eq!(tested("25*", "", ["10", "13", "20"], "threshold-stars"), ["impossible"]);
    assert_eq!(tested("5***", "", ["10", "13", "20"], "threshold-stars"), ["impossible"]);
    assert_eq!(tested("13.01", "0.9", ["", "13.0", ""], "threshold-p"), ["consistent"]);
    assert_eq!(tested("13.01", "0.01", ["", "13.0", ""], "threshold-p"), ["consistent"]);
    assert_eq!(tested("25", "0.9", ["", "13.0", ""], "threshold-p"), ["impossible"]);
    assert_eq!(tested("5", "0.001", ["20", "", ""], "threshold-p"), ["impossible"]);
}

/// n = 12, one slope, R² = 0.5: adjusted 1 − 0.5 · 11/10 = 0.45, and F = 0.5/(0.5/10) = 10.
#[test]
fn adjusted_r_squared_and_f_follow_from_r_squared() {
    let of = |adjusted: &str, f: &str, check: &str| {
        let rows: [&[&str]; 6] = [
            &["x", "0.5"],
            &["Constant", "1.0"],
            &["N", "12"],
            &["R2", "0.5000"],
            &["Adjusted R2", adjusted],
            &["F", f],
        ];
        verdicts(&audited(&table("regression", &["(1)"], &rows), PLAIN), check)
    };
    assert_eq!(of("0.4500", "10.00", "adjusted-r2"), ["consistent", "consistent"]);
    assert_eq!(of("0.4450", "10.00", "adjusted-r2"), ["impossible", "consistent"]);
    assert_eq!(of("0.4500", "10.00", "f-r2"), ["consistent"]);
    assert_eq!(of("0.4500", "11.00", "f-r2"), ["impossible"]);
}

/// z = 0.50/0.25 = 2.00 has p from 0.0455 (normal) to 0.295 (t(1)). That z is of the error beside it is an assumption.
#[test]
fn z_and_p_follow_from_estimate_and_error() {
    let of = |z: &str, p: &str, check: &str| {
        let heads = ["path", "estimate", "se", "z", "p"];
        let rows: [&[&str]; 1] = [&["x", "0.5000", "0.2500", z, p]];
        verdicts(&audited(&table("descriptive", &heads, &rows), ""), check)
    };
    assert_eq!(of("2.00", "0.046", "z-ratio"), ["consistent"]);
    assert_eq!(of("0.13", "0.046", "z-ratio"), ["assumption"]);
    for (p, verdict) in [
        ("0.046", "consistent"),
        ("0.29", "consistent"),
        ("0.040", "assumption"),
        ("0.31", "assumption"),
    ] {
        assert_eq!(of("2.00", p, "p-value"), [verdict], "{p}");
    }
}

#[test]
fn one_regression_printed_twice_has_one_set_of_numbers() {
    let of = |second: &str| {
        let rows: [&[&str]; 1] = [&["x", "0.50 (0.10)", second]];
        let known = "[[same]]\ncolumns = [\"1/(1)\", \"1/(2)\"]\n";
        let table = table("regression", &["(1)", "(2)"], &rows);
        let notes = "uncertainty = \"standard error\"\n";
        verdicts(&audited(&format!("{table}{notes}"), known), "printed-twice")
    };
    assert_eq!(of("0.5 (0.1)"), ["consistent", "consistent"]);
    assert_eq!(of("0.52 (0.10)"), ["impossible", "consistent"]);
    assert_eq!(of("0.50 (0.12)"), ["impossible", "consistent"]);
}

#[test]
fn units_are_no_more_than_rows() {
    let of = |units: &str| {
        let rows: [&[&str]; 3] = [&["x", "0.5 (0.1)"], &["N", "31"], &["Number of groups", units]];
        verdicts(&audited(&table("regression", &["(1)"], &rows), ""), "n-units")
    };
    assert_eq!(of("31"), ["consistent"]);
    assert_eq!(of("32"), ["impossible"]);
}
