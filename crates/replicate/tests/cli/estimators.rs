//! Every estimator and every covariance that a command line can ask for, once, against a number of
//! `fixtures/reference`; every way to ask wrongly, once.

#![allow(clippy::unreadable_literal, reason = "figures as they are printed")]

use super::{file, fixtures, panelproof, replicate_with, says};

const GRUNFELD: &[&str] = &["grunfeld", "--entity", "firm", "--period", "year"];
const PETERSEN: &[&str] = &["petersen", "--entity", "firm", "--period", "year"];
const WEIGHTED: &[&str] = &["weighted", "--entity", "state", "--period", "year"];
const WAGES: &[&str] = &["instruments"];
const MROZ: &[&str] = &["mroz"];

const WORK: &str = "lfp ~ nwifeinc + educ + exper + exper^2 + age + kids5 + kids618";

fn run(data: &[&str], rest: &[&str]) -> std::process::Output {
    let path = fixtures().join("reference").join(data[0]).join("data.csv");
    let path = path.display().to_string();
    let mut arguments = vec!["estimate", path.as_str()];
    arguments.extend(&data[1..]);
    arguments.extend(rest);
    panelproof(&arguments)
}

fn json(data: &[&str], rest: &[&str]) -> serde_json::Value {
    let output = run(data, &[rest, &["--format", "json"]].concat());
    says(&output, 0, &[]);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn std_error(rows: &serde_json::Value, term: &str) -> f64 {
    let row = rows.as_array().unwrap().iter().find(|row| row["term"] == term);
    row.unwrap_or_else(|| panic!("no {term} in {rows}"))["std_error"].as_f64().unwrap()
}

#[track_caller]
fn close(ours: f64, theirs: f64, what: &str) {
    assert!((ours / theirs - 1.0).abs() < 2e-8, "{what}: ours {ours}, theirs {theirs}");
}

/// Data, model, options, term, its standard error.
type Known<'a> = (&'a [&'a str], &'a str, Vec<&'a str>, &'a str, f64);

#[test]
fn standard_errors_of_every_estimator() {
    let panel = "inv ~ value + capital";
    let iv = "lwage ~ exper + exper^2 | educ ~ motheduc + fatheduc";
    let random = ["--estimator", "random-effects", "--like", "plm", "--components"];
    let random = |rest: &[&'static str]| [&random, rest].concat();
    let cases: &[Known<'_>] = &[
        // plm, `model = "random"`.
        (GRUNFELD, panel, random(&["walhus"]), "Constant", 25.335537468579),
        (GRUNFELD, panel, random(&["swar", "--effect", "twoways"]), "Constant", 29.3933591597651),
        (GRUNFELD, panel, random(&["walhus", "--effect", "twoways"]), "Constant", 25.0123006065835),
        // plm, `model = "between"`, `"fd"`.
        (GRUNFELD, panel, vec!["--estimator", "between"], "Constant", 47.515307735823),
        (
            GRUNFELD,
            panel,
            vec!["--estimator", "first-difference", "--gaps", "rows"],
            "Constant",
            3.56559313557046,
        ),
        // linearmodels, `IV2SLS`, `debiased=True`.
        (WAGES, iv, vec!["--vcov", "HC1"], "educ", 0.0333385883357),
        // Stata's `probit`; `vce(robust)`; R's `glm`.
        (MROZ, WORK, vec!["--estimator", "probit"], "Constant", 0.508593035325096),
        (
            MROZ,
            WORK,
            vec!["--estimator", "probit", "--vcov", "robust"],
            "Constant",
            0.505175017742129,
        ),
        (MROZ, WORK, vec!["--estimator", "logit"], "Constant", 0.8603697082616093),
        // Driscoll–Kraay: plm's `vcovSCC`, and with the factor of `xtscc`.
        (
            GRUNFELD,
            "inv ~ value + capital | firm",
            vec!["--vcov", "driscoll-kraay 2", "--like", "plm"],
            "value",
            0.0176860327180706,
        ),
        (
            GRUNFELD,
            "inv ~ value + capital | firm",
            vec!["--vcov", "driscoll-kraay 2", "--like", "stata-xtreg"],
            "value",
            0.0182373631724248,
        ),
        // R's sandwich: two-way clusters, panel-corrected, HC4; pyfixest's CRV3.
        (
            PETERSEN,
            "y ~ x",
            vec!["--vcov", "cluster firm + year", "--like", "plm-sss"],
            "Constant",
            0.0650639181993894,
        ),
        (PETERSEN, "y ~ x", vec!["--vcov", "pcse"], "Constant", 0.0222006420160628),
        (PETERSEN, "y ~ x", vec!["--vcov", "HC4"], "Constant", 0.0283631862079317),
        (PETERSEN, "y ~ x", vec!["--vcov", "CR3 firm"], "Constant", 0.06721711520289599),
        // statsmodels' `WLS`.
        (
            WEIGHTED,
            "log(gsp) ~ log(pc) + log(pcap) + unemp",
            vec!["--weights", "aweight emp", "--vcov", "HC1"],
            "log(pc)",
            0.015265998785160917,
        ),
    ];
    for (data, model, rest, term, theirs) in cases {
        let json = json(data, &[&["--model", model], rest.as_slice()].concat());
        close(std_error(&json["terms"], term), *theirs, &format!("{model} {rest:?}"));
    }
}

#[test]
fn each_estimator_prints_what_belongs_to_it() {
    let panel = ["--model", "inv ~ value + capital", "--estimator"];
    let random = json(GRUNFELD, &[&panel[..], &["random-effects"]].concat());
    assert_eq!(
        (&random["like"], &random["estimator"]),
        (&"stata-xtreg".into(), &"random-effects".into())
    );
    assert_eq!(random["choices"]["components"], "swar-harmonic");
    // plm prints a theta of 0.8612 and an individual share of 0.718.
    assert!((random["stats"]["theta"].as_f64().unwrap() - 0.8612).abs() < 5e-5);
    assert!((random["stats"]["rho"].as_f64().unwrap() - 0.718).abs() < 5e-4);
    let mundlak = json(GRUNFELD, &[&panel[..], &["correlated-random-effects"]].concat());
    // plm prints the regression-based Hausman test as 2.131.
    assert!((mundlak["stats"]["mundlak_chi2"].as_f64().unwrap() - 2.131).abs() < 5e-4);
    let cr2 = json(GRUNFELD, &["--model", "inv ~ value + capital | firm", "--vcov", "CR2 firm"]);
    assert!(cr2["terms"][0]["df"].as_f64().unwrap() < 9.0, "degrees of freedom of its own");

    let model = ["--model", "lwage ~ exper + exper^2 | educ ~ motheduc + fatheduc"];
    let iv = json(WAGES, &model);
    assert_eq!(iv["first_stages"][0]["response"], "educ");
    let first = iv["first_stages"][0]["excluded_f"].as_f64().unwrap();
    close(first, iv["stats"]["cragg_donald_f"].as_f64().unwrap(), "one endogenous regressor");
    assert!(iv["stats"]["sargan"].is_f64() && iv["stats"]["wu_hausman_f"].is_f64());
    let text = String::from_utf8(run(WAGES, &model).stdout).unwrap();
    assert!(text.starts_with("First stage: educ") && text.contains("excluded instruments: F(2, "));

    let probit = json(MROZ, &["--model", WORK, "--estimator", "probit", "--margins", "average"]);
    // statsmodels, `get_margeff()`.
    close(std_error(&probit["margins"], "nwifeinc"), 0.0014414113839107492, "margin");
    assert!(probit["stats"]["mcfadden"].is_f64() && probit["like"].is_null());
    let text = run(MROZ, &["--model", WORK, "--estimator", "logit", "--margins", "means"]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("Marginal effects on P(lfp = 1)") && text.contains(" z "));
}

#[test]
fn wrong_choices_say_what_would_be_right() {
    let panel = ["--model", "inv ~ value + capital", "--estimator"];
    let random = ["--model", "inv ~ value + capital", "--estimator", "random-effects"];
    let cases: &[(&[&str], &[&str], &[&str])] = &[
        (&panel, &["iv"], &["no estimator `iv`", "two-stage"]),
        (
            &random,
            &["--gaps", "rows"],
            &["`gaps` is no choice of random-effects", "first-difference"],
        ),
        (&random, &["--components", "sa"], &["`components`", "`sa`", "swar-stata"]),
        (&random, &["--like", "fixest"], &["`fixest` has no random effects", "plm"]),
        (&random, &["--weights", "aweight value"], &["random effects cannot have weights"]),
        (&panel, &["two-stage"], &["no instruments"]),
        (&panel, &["between", "--effect", "twoways"], &["means of entities or of periods"]),
        (&panel, &["probit"], &["`inv` is 317.6", "needs 0 or 1"]),
        (&panel, &["probit", "--like", "plm"], &["--like is for least squares", "--small-sample"]),
        (&panel, &["logit", "--zero-one", "difference"], &["`zero-one`", "say `margins`"]),
        (
            &panel,
            &["pooled", "--weights", "pop value"],
            &["no weights `pop value`", "`aweight COLUMN`"],
        ),
        (&panel, &["pooled", "--vcov", "cluster firm + industry"], &["industry"]),
    ];
    for (start, rest, wanted) in cases {
        says(&run(GRUNFELD, &[*start, *rest].concat()), 2, wanted);
    }
}

#[test]
fn rows_of_a_cross_section_need_no_keys() {
    let data = file("keyless", "y,x\n1,2\n0,1\n1,1\n0,2\n1,3\n0,0\n");
    let output = panelproof(&["estimate", &data, "--model", "y ~ x", "--estimator", "logit"]);
    says(&output, 0, &[]);
}

#[test]
fn broken_columns_and_tests_are_status_2_and_name_the_place() {
    let study = "papers/grunfeld/study.toml";
    let cases: &[(&str, &str, &str, &[&str])] = &[
        (
            "lacks",
            "estimator = \"random-effects\", components = \"swar\"",
            "estimator = \"random-effects\"",
            &["study.toml:25:", "lacks `components`", "walhus"],
        ),
        ("components", "\"amemiya\"", "\"amemia\"", &["study.toml:27:", "amemia", "nerlove"]),
        (
            "no-choice",
            "effect = \"twoways\"",
            "gaps = \"rows\"",
            &["study.toml:27:", "`gaps` is no choice of random-effects"],
        ),
        (
            "test",
            "\"lm-ghm(twoways)\"",
            "\"lm-gm\"",
            &["study.toml:34:", "no multiplier test `gm`"],
        ),
        ("no-test-row", "\"Hausman, regression based\"", "\"Hausman\"", &["no row `Hausman`"]),
        (
            "intersection",
            "vcov = \"cluster firm\"",
            "vcov = \"cluster firm\", intersection = \"rows\"",
            &["`intersection` is for errors clustered in several ways"],
        ),
    ];
    for (name, from, to, wanted) in cases {
        let change = |text: String| {
            assert!(text.contains(from), "{name}: the fixture has changed");
            text.replacen(from, to, 1)
        };
        says(&replicate_with(name, "grunfeld", study, &change), 2, wanted);
    }
}

#[test]
fn a_row_of_a_study_can_be_a_test_or_any_statistic() {
    let study = "papers/grunfeld/study.toml";
    // The N of the pooled model, and what it would have to be.
    for (quantity, status, ours) in [
        ("df residual", 1, "197"),
        ("test lm-bp(individual)", 1, "798"),
        ("test modified-wald p", 1, "0"),
        ("theta", 0, "not computed"),
    ] {
        let change = |text: String| {
            let own = "rows = { R2 = \"r2\", ";
            assert!(text.contains(own));
            text.replacen(own, &format!("{own}N = \"{quantity}\", "), 1)
        };
        let output = replicate_with("quantity", "grunfeld", study, &change);
        says(&output, status, &[]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(ours), "{quantity}: {text}");
    }
}

#[test]
fn examples_of_the_help_run() {
    let help = String::from_utf8(panelproof(&["estimate", "--help"]).stdout).unwrap();
    let (_, examples) = help.split_once("Examples:\n").unwrap();
    let examples = examples.replace("\\\n", " ");
    let mut ran = 0;
    for line in examples.lines().filter(|line| line.trim_start().starts_with("panelproof ")) {
        let mut arguments: Vec<String> = Vec::new();
        for (i, part) in line.split('"').enumerate() {
            if i % 2 == 1 {
                arguments.push(part.to_owned());
            } else {
                arguments.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        let arguments: Vec<&str> = arguments[1..].iter().map(String::as_str).collect();
        // As somebody would who pastes it in the root of the repository.
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_panelproof"));
        let output = command.current_dir(fixtures().join("..")).args(&arguments).output();
        says(&output.unwrap(), 0, &[]);
        ran += 1;
    }
    assert!(ran >= 5, "{examples}");
}
