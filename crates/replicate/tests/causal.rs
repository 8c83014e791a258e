//! The commands of crate `causal` as their users meet them.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod common;

use std::path::{Path, PathBuf};

use common::{json, panelproof};
use serde_json::Value;

fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("panelproof-causal-{}-{name}", std::process::id()))
}

#[track_caller]
fn refuses(arguments: &[&str], wanted: &[&str]) {
    let output = panelproof(arguments);
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(output.stdout.is_empty() && !said.contains("panicked"), "{said}");
    for wanted in wanted {
        assert!(said.contains(wanted), "no `{wanted}` in: {said}");
    }
}

#[track_caller]
fn near(got: &Value, want: f64) {
    let got = got.as_f64().unwrap();
    assert!((got - want).abs() <= 1e-9 * want.abs(), "{got} is not {want}");
}

#[track_caller]
fn term<'v>(terms: &'v Value, name: &str) -> &'v Value {
    terms.as_array().unwrap().iter().find(|term| term["term"] == name).unwrap()
}

/// The examples of a help text, as a shell would split them.
fn examples(help: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let joined = help.replace("\\\n", " ");
    for line in joined.lines().filter(|line| line.starts_with("  panelproof ")) {
        let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
        for c in line.trim().chars().chain([' ']) {
            match c {
                '"' => quoted = !quoted,
                ' ' if !quoted => {
                    if !word.is_empty() {
                        words.push(std::mem::take(&mut word));
                    }
                }
                c => word.push(c),
            }
        }
        words.remove(0);
        found.push(words);
    }
    found
}

#[test]
fn every_example_of_the_page_of_methods_runs() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/methods.md");
    let page = std::fs::read_to_string(page).unwrap().replace("\npanelproof ", "\n  panelproof ");
    let examples = examples(&page);
    assert!(examples.len() > 5);
    for example in examples {
        let output = panelproof(&example.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{example:?}: {said}");
    }
}

#[test]
fn every_example_of_the_help_runs_in_every_format() {
    for command in ["match", "heckman", "mediate", "threshold", "split"] {
        let help = String::from_utf8(panelproof(&[command, "--help"]).stdout).unwrap();
        let examples = examples(&help);
        assert!(examples.len() > 1, "{help}");
        for example in examples {
            let words: Vec<&str> = example.iter().map(String::as_str).collect();
            for format in ["text", "markdown", "json"] {
                let output = panelproof(&[&words[..], &["--format", format]].concat());
                let said = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(0), "{example:?}: {said}");
                let text = String::from_utf8(output.stdout).unwrap();
                assert!(
                    !text.split_whitespace().any(|word| word == "NaN" || word == "inf"),
                    "{text}"
                );
            }
        }
    }
}

const LALONDE: [&str; 6] = [
    "match",
    "fixtures/reference/lalonde/data.csv",
    "--treatment",
    "treat ~ age + educ + i.race + married + nodegree + re74 + re75",
    "--outcome",
    "re78",
];

#[test]
fn matching_gives_the_effect_of_psmatch2() {
    let out = json(&[&LALONDE[..], &["--score", "logit"]].concat());
    assert_eq!(out["effects"][1]["effect"], "ATT");
    near(&out["effects"][1]["estimate"], 1_967.939_684_324_324_6);
    near(&out["effects"][1]["std_error"], 1_056.486_756_806_482_2);
    assert_eq!(out["counts"]["untreated"]["matched"], 80);
    assert_eq!(out["spec"]["method"], "nearest 1, replacement, ties first");
    let out = json(&[&LALONDE[..], &["--score", "logit", "--kernel", "epan"]].concat());
    near(&out["effects"][1]["estimate"], 1_249.407_759_129_878_7);
    let radius = ["--score", "logit", "--radius", "0.05", "--support", "minmax"];
    near(&json(&[&LALONDE[..], &radius].concat())["effects"][1]["estimate"], 818.542_925_136_61);
}

#[test]
fn a_matched_sample_is_saved_and_estimated() {
    for ending in ["csv", "parquet"] {
        let path = file(&format!("matched.{ending}"));
        let path = path.to_str().unwrap();
        let then = ["--save", path, "--then", "re78 ~ treat + age", "--vcov", "robust"];
        let out = json(&[&LALONDE[..], &then].concat());
        let saved = ["heckman", path, "--method", "uncorrected", "--selection", "treat ~ educ"];
        // The file has every column of the data, those that the matching did not need as well.
        let again = json(&[&saved[..], &["--then", "re78 ~ treat + age + _weight"]].concat());
        assert_eq!(again["selection"]["n"], out["then"]["fit"]["stats"]["n"]);
        assert_eq!(out["then"]["weights"], "aweight _weight");
        let unweighted = ["--then", "re78 ~ treat", "--then-weights", "none"];
        let one = json(&[&LALONDE[..], &unweighted].concat());
        let two = [&saved[..], &["--form", "everywhere", "--then", "re78 ~ treat"]].concat();
        let two = json(&two);
        let slope = |out: &Value, at: &Value| (out.clone(), term(at, "treat")["estimate"].clone());
        assert_eq!(
            slope(&one, &one["then"]["fit"]["terms"]).1,
            slope(&two, &two["then"]["terms"]).1
        );
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn matching_refuses() {
    let with = |rest: &[&'static str]| -> Vec<&str> { [&LALONDE[..], rest].concat() };
    refuses(&with(&["--score", "tobit"]), &["no score `tobit`", "logit index"]);
    refuses(&with(&["--ties", "last"]), &["no tie rule `last`"]);
    refuses(&with(&["--caliper", "0.2 se"]), &["no caliper `0.2 se`"]);
    refuses(&with(&["--ties", "average", "--reuse", "once data"]), &["do not go together"]);
    refuses(&with(&["--kernel", "epan", "--errors", "ai 1 sample"]), &["do not go together"]);
    refuses(&with(&["--kernel", "epan", "--caliper", "1"]), &["--caliper"]);
    refuses(&with(&["--errors", "teffects 1"]), &["`teffects 2` or more"]);
    refuses(&with(&["--errors", "teffects 2", "--kernel", "epan"]), &["do not go together"]);
    refuses(&with(&["--errors", "teffects"]), &["no standard errors `teffects`", "naive"]);
    refuses(&with(&["--save", "matched.pdf"]), &["matched.pdf", ".csv, .parquet"]);
    refuses(&with(&["--within", "nowhere"]), &["nowhere"]);
    let data = LALONDE[1];
    refuses(&["match", data, "--treatment", "educ ~ age"], &["`educ` is 11", "0 or 1"]);
    refuses(&["match", data, "--treatment", "treat ~ age | race"], &["absorbed effects"]);
}

#[test]
fn errors_allow_for_the_estimated_score() {
    let births = [
        "match",
        "fixtures/reference/cattaneo2/data.csv",
        "--treatment",
        "mbsmoke ~ mmarried + mage + fage + medu + prenatal1",
        "--outcome",
        "bweight",
        "--score",
        "logit",
        "--ties",
        "average",
    ];
    let teffects = ["--estimand", "ATE", "--errors", "teffects 2"];
    let out = json(&[&births[..], &teffects].concat());
    let printed = |at: usize, text: &str| {
        let error = out["effects"][at]["std_error"].as_f64().unwrap();
        assert_eq!(format!("{error:.5}"), text, "{}", out["effects"][at]);
    };
    // What Stata prints.
    assert_eq!(out["effects"][1]["effect"], "ATT");
    printed(1, "30.55147");
    assert_eq!(out["effects"][3]["effect"], "ATE");
    printed(3, "25.88746");
    let text = panelproof(&[&births[..], &teffects].concat()).stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("teffects 2, z; they allow for the score being estimated"), "{text}");
}

/// Twelve firms in six years; no draw of chance is in it.
fn awkward() -> PathBuf {
    let mut text = "id,year,x,z,m,y,d,one,zero,apart,sum,two,q,steps,w0,flat,score\n".to_owned();
    for id in 0..12 {
        for year in 0..6 {
            let wave = |k: f64| (k * f64::from(7 * id + year)).sin();
            let (x, z) = (wave(1.3), wave(2.9));
            let (m, e) = (0.5 * x + wave(4.1), wave(5.3));
            let d = u8::from(x + wave(6.7) > 0.0);
            let line = [
                f64::from(id),
                f64::from(2000 + year),
                x,
                z,
                m,
                x + m + e,
                f64::from(d),
                1.0,
                0.0,
                f64::from(u8::from(x > 0.0)),
                2.0 * x + 3.0 * z,
                f64::from(u8::from(z > 0.0)),
                wave(8.3),
                f64::from(year % 2),
                0.0,
                if id == 0 { 1.0 } else { x },
                0.1 * x + 5.0 * f64::from(d),
            ];
            let line: Vec<String> = line.iter().map(f64::to_string).collect();
            text.push_str(&line.join(","));
            text.push('\n');
        }
    }
    let path = file("awkward.csv");
    std::fs::write(&path, text).unwrap();
    path
}

/// What has no answer is refused by name, with what would mend it.
#[test]
fn bad_input_is_named() {
    let path = awkward();
    let data = path.to_str().unwrap();
    let panel = ["--entity", "id", "--period", "year"];
    let matching = |treatment: &'static str, rest: &[&'static str]| {
        let all = ["match", data, "--outcome", "y", "--treatment", treatment];
        refuses(&[&all[..], &rest[..rest.len() - 1]].concat(), &rest[rest.len() - 1..]);
    };
    matching("zero ~ x + z", &["none of the 72 rows with all variables is treated"]);
    matching("one ~ x + z", &["every one of the 72 rows with all variables is treated"]);
    let off = ["--score", "given score", "--support", "both"];
    matching("d ~ x", &[&off[..], &["leaves no treated row; the groups do not overlap"]].concat());
    matching("apart ~ x", &["`x` predicts `apart` perfectly"]);
    let heckman = |selection: &str, wanted: &[&str]| {
        let all = ["heckman", data, "--outcome", "y ~ x", "--selection", selection];
        refuses(&all, wanted);
    };
    heckman("apart ~ x + z", &["`apart` perfectly", "leave out the term"]);
    heckman("one ~ z", &["nothing is selected away", "least squares of the outcome"]);
    heckman("zero ~ z", &["no outcome is observed", "coded the other way"]);
    let mediate = |rest: &[&str], wanted: &[&str]| {
        let all = ["mediate", data, "--treatment", "x"];
        refuses(&[&all[..], &panel, rest].concat(), wanted);
    };
    let spanned = ["--mediator", "sum", "--model", "y ~ x + z"];
    mediate(&spanned, &["mediator `sum` is a linear combination of `x`, `z`", "use another"]);
    let one = ["--mediator", "m", "--model", "y ~ x", "--bootstrap", "9", "--by", "one"];
    mediate(&one, &["`one` puts all rows into one group"]);
    let threshold = |variable: &str, thresholds: &str, wanted: &[&str]| {
        let all = ["threshold", data, "--model", "y ~ x + z | id", "--switching", "x"];
        let rest = ["--variable", variable, "--thresholds", thresholds, "--bootstrap", "0"];
        refuses(&[&all[..], &panel, &rest].concat(), wanted);
    };
    threshold("two", "1", &["`two` takes 2 values", "use its levels as a category"]);
    threshold("q", "12", &["12 entities cannot tell 13 regimes apart", "fewer thresholds"]);
    let estimate = |model: &str, rest: &[&str], wanted: &[&str]| {
        let all = ["estimate", data, "--model", model];
        refuses(&[&all[..], &panel, rest].concat(), wanted);
    };
    let weights = ["--weights", "aweight w0"];
    estimate("y ~ x | id", &weights, &["`w0` is zero in all 72 rows", "right column"]);
    estimate("y ~ x", &["--vcov", "cluster one"], &["1 cluster observed, at least 2"]);
    estimate("apart ~ x", &["--estimator", "logit"], &["`x` predicts `apart` perfectly"]);
    // A cluster within which nothing varies has an answer; one in which all is fitted has none.
    let json = json(
        &[&["estimate", data, "--model", "flat ~ z | id", "--vcov", "cluster id"], &panel[..]]
            .concat(),
    );
    assert!(json["terms"][0]["std_error"].as_f64().unwrap() > 0.0);
    estimate("y ~ one + x", &[], &["`one` does not vary", "leave it out"]);
    std::fs::remove_file(path).unwrap();
}

const MROZ: [&str; 6] = [
    "heckman",
    "fixtures/reference/mroz/data.csv",
    "--selection",
    "lfp ~ age + age^2 + faminc + kids + educ",
    "--outcome",
    "wage ~ exper + exper^2 + educ + city",
];

#[test]
fn heckman_gives_the_two_step_estimates_of_sample_selection() {
    let out = json(&[&MROZ[..], &["--method", "two-step"]].concat());
    near(&out["rho"], -0.342_999_178_831_635);
    near(&out["sigma"], 3.200_064_279_586_55);
    near(&term(&out["selection"]["terms"], "age")["std_error"], 0.065_966_659_248_051_4);
    assert_eq!((&out["n"], &out["n_selected"]), (&753.into(), &428.into()));
    let out = json(&MROZ);
    assert_eq!(out["method"], "ml");
    assert!(out["likelihood_ratio"]["p_value"].is_f64());
    assert_eq!(out["derived"][0]["term"], "rho");
}

#[test]
fn a_mills_ratio_is_a_column_for_other_models() {
    let path = file("imr.csv");
    let path = path.to_str().unwrap();
    let out = json(
        &[
            &MROZ[..4],
            &["--method", "uncorrected", "--save", path],
            &["--then", "wage ~ exper + exper^2 + educ + city + imr"],
        ]
        .concat(),
    );
    let terms = &out["then"]["terms"];
    // Least squares with the ratio has the coefficients of the two-step estimator.
    let two = json(&[&MROZ[..], &["--method", "two-step"]].concat());
    let lambda = term(&two["outcome"]["terms"], "lambda")["estimate"].as_f64().unwrap();
    near(&term(terms, "imr")["estimate"], lambda);
    let model = "wage ~ exper + exper^2 + educ + city + imr";
    let again = json(&["estimate", path, "--model", model]);
    near(&term(&again["terms"], "imr")["estimate"], lambda);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn heckman_refuses() {
    let with = |rest: &[&'static str]| -> Vec<&str> { [&MROZ[..], rest].concat() };
    refuses(&MROZ[..4], &["--outcome is missing"]);
    refuses(&with(&["--method", "two-step", "--vcov", "robust"]), &["--vcov robust"]);
    refuses(&with(&["--then", "wage ~ imr"]), &["--method uncorrected"]);
    refuses(&with(&["--method", "uncorrected"]), &["no --outcome"]);
    refuses(&with(&["--vcov", "HC9"]), &["HC9", "opg"]);
    refuses(&with(&["--method", "two-step", "--rho", "zero"]), &["zero", "rhoforce"]);
    let taken = ["--method", "uncorrected", "--name", "age"];
    refuses(&[&MROZ[..4], &taken].concat(), &["age"]);
    let all = ["heckman", MROZ[1], "--outcome", "wage ~ educ", "--selection", "hours ~ age"];
    refuses(&all, &["hours"]);
}

const JOBS: [&str; 8] = [
    "mediate",
    "fixtures/reference/mediation_jobs/data.csv",
    "--treatment",
    "treat",
    "--mediator",
    "job_seek",
    "--model",
    "depress2 ~ treat + depress1 + econ_hard + i.sex + age + i.occp + i.marital + i.nonwhite \
     + i.educ + i.income",
];

#[test]
fn mediation_splits_the_effect() {
    let out = json(&[&JOBS[..], &["--bootstrap", "50", "--seed", "3"]].concat());
    near(&out["effects"][0]["estimate"], -0.050_522_039_666_588_4);
    near(&out["effects"][0]["std_error"], 0.041_641_609_105_682_6);
    assert!(out["gap"].as_f64().unwrap().abs() < 1e-15);
    assert_eq!(out["equations"].as_array().unwrap().len(), 3);
    assert_eq!(out["bootstrap"]["kept"], 50);
    let two = json(&[&JOBS[..], &["--steps", "2"]].concat());
    assert_eq!(two["effects"].as_array().unwrap().len(), 1);
    let again = json(&[&JOBS[..], &["--bootstrap", "50", "--seed", "3"]].concat());
    assert_eq!(out, again, "a bootstrap is its seed and its count");
}

#[test]
fn mediation_refuses() {
    let with = |rest: &[&'static str]| -> Vec<&str> { [&JOBS[..], rest].concat() };
    refuses(&with(&["--steps", "4"]), &["no number of steps `4`"]);
    refuses(&with(&["--variance", "delta"]), &["delta", "sobel"]);
    refuses(&with(&["--mediator", "age"]), &["`age` is in the model already"]);
    refuses(&with(&["--by", "sex"]), &["--bootstrap"]);
    let other = [&JOBS[..2], &["--treatment", "age", "--mediator", "job_seek"]].concat();
    refuses(
        &[&other[..], &["--model", "depress2 ~ treat"]].concat(),
        &["`age` is not a regressor"],
    );
}

const HANSEN: [&str; 14] = [
    "threshold",
    "fixtures/reference/hansen1999/data.csv",
    "--entity",
    "id",
    "--period",
    "year",
    "--model",
    "i ~ q1 + q2 + q3 + d1 + qd1 + c1 | id",
    "--switching",
    "c1",
    "--variable",
    "d1",
    "--bootstrap",
    "0",
];

#[test]
fn thresholds_are_those_of_hansens_programs() {
    let path = file("lr.csv");
    let path_ = path.to_str().unwrap();
    let out = json(&[&HANSEN[..], &["--as", "hansen", "--plot", path_]].concat());
    near(&out["tests"][0]["f"], 32.649_894_030_021_92);
    near(&out["thresholds"][0]["estimate"], 0.0157);
    assert_eq!(out["thresholds"][0]["hull"], serde_json::json!([0.01392, 0.01806]));
    near(&term(&out["fit"]["terms"], "q1")["estimate"], 0.010_477_560_946_708_26);
    let plot = std::fs::read_to_string(&path).unwrap();
    assert!(plot.starts_with("threshold,gamma,lr,critical\n1,"), "{plot}");
    std::fs::remove_file(&path).unwrap();
    let all = json(&HANSEN);
    assert_eq!(all["spec"]["grid"], "all");
    let xthreg = json(&[&HANSEN[..], &["--as", "xthreg", "--f-scale", "rows"]].concat());
    assert_eq!(xthreg["spec"]["f_scale"][0], "rows");
    assert_eq!(xthreg["spec"]["grid"], "even 300");
}

#[test]
fn thresholds_refuse() {
    let with = |rest: &[&'static str]| -> Vec<&str> { [&HANSEN[..], rest].concat() };
    refuses(&with(&["--grid", "some"]), &["no grid `some`", "quantiles N"]);
    refuses(&with(&["--trim", "0.6"]), &["2 regimes cannot each hold a share of 0.6"]);
    refuses(&with(&["--trim", "0.01,0.02"]), &["2 trimming shares for 1 thresholds"]);
    refuses(&with(&["--search", "joint"]), &["two thresholds, not 1"]);
    refuses(&with(&["--switching", "d2"]), &["d2"]);
    refuses(&with(&["--level", "95"]), &["such as 0.95"]);
    refuses(&with(&["--plot", "lr.svg"]), &["ends in .csv"]);
    refuses(&with(&["--resample", "columns"]), &["columns", "entity-signs"]);
}

const GRUNFELD: [&str; 10] = [
    "split",
    "fixtures/reference/grunfeld/data.csv",
    "--entity",
    "firm",
    "--period",
    "year",
    "--model",
    "inv ~ value + capital | firm",
    "--of",
    "value",
];

#[test]
fn a_split_is_the_model_of_every_part() {
    let quantiles = ["--quantiles", "2", "--mean-of", "capital", "--permutations", "99"];
    let out = json(&[&GRUNFELD[..], &quantiles].concat());
    let part = |at: usize| {
        let terms = &out["parts"][at]["fit"]["terms"];
        term(terms, "value")["estimate"].as_f64().unwrap()
    };
    near(&out["differences"][0]["estimate"], part(0) - part(1));
    let p = out["differences"][0]["permutation"]["p_value"].as_f64().unwrap();
    assert!((0.01..=1.0).contains(&p), "{p}");
}

#[test]
fn a_split_refuses() {
    let with = |rest: &[&'static str]| -> Vec<&str> { [&GRUNFELD[..], rest].concat() };
    refuses(&GRUNFELD, &["--by, or --quantiles with --mean-of"]);
    refuses(&with(&["--quantiles", "3"]), &["--mean-of"]);
    refuses(&with(&["--quantiles", "1", "--mean-of", "capital"]), &["two groups or more"]);
    let cut = ["--quantiles", "2", "--mean-of", "capital", "--cut", "thirds"];
    refuses(&with(&cut), &["no cut `thirds`", "xtile"]);
    refuses(&with(&["--by", "region"]), &["region"]);
    refuses(&with(&["--by", "firm", "--permutations", "0"]), &["needs a draw"]);
}
