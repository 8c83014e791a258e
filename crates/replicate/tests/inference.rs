//! `panelproof test`, `explain` and `wild`: their numbers are those of other programs, their
//! manuals run, and bad input says what is wrong.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs the program in the root of the repository.
fn panelproof(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_panelproof");
    Command::new(program).args(arguments).current_dir(root()).output().unwrap()
}

const WITHIN: &str = "inv ~ value + capital | firm";
const TWO_WAYS: &str = "inv ~ value + capital | firm + year";

/// A command on Grunfeld's data.
fn grunfeld(command: &str, model: &str, rest: &[&str]) -> Output {
    let data = "fixtures/reference/grunfeld/data.csv";
    let mut arguments = vec![command, data, "--entity", "firm", "--period", "year"];
    arguments.extend(["--model", model]);
    arguments.extend(rest);
    panelproof(&arguments)
}

#[track_caller]
fn stdout(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn json(command: &str, model: &str, rest: &[&str]) -> Value {
    let rest = [rest, &["--format", "json"]].concat();
    serde_json::from_str(&stdout(&grunfeld(command, model, &rest))).unwrap()
}

#[track_caller]
fn refuses(output: &Output, wanted: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(wanted), "no `{wanted}` in: {said}");
    assert!(output.stdout.is_empty() && !said.contains("panicked"), "{said}");
}

#[track_caller]
fn close(got: &Value, want: f64) {
    let got = got.as_f64().unwrap();
    assert!((got - want).abs() <= 1e-9 * want.abs(), "{got} is not {want}");
}

#[test]
fn tests_are_those_of_plm() {
    let all = json("test", WITHIN, &["--all", "--like", "plm", "--test", "cross-section-lm"]);
    let found = |name: &str| {
        all["tests"].as_array().unwrap().iter().find(|test| test["test"] == name).unwrap()
    };
    for (name, statistic, p_value) in [
        ("hausman", 2.330_366_893_675_46, 0.311_865_446_054_886),
        ("hausman-robust", 8.299_836_616_835_09, 0.015_765_704_357_587_1),
        ("effects-f", 49.176_625_499_418_5, 8.700_146_699_553_66e-45),
        ("lm-bp(individual)", 798.161_548_369_066, 1.354_484_919_083_701e-175),
        ("pesaran-cd", 4.661_192_485_241_97, 3.143_825_281_902_67e-6),
        ("cross-section-lm", 246.328_780_139_686, 1.449_314_367_295_08e-29),
    ] {
        close(&found(name)["statistic"], statistic);
        close(&found(name)["p_value"], p_value);
    }
    assert_eq!(all["random"]["components"], "swar");
    assert_eq!(found("effects-f")["df"], serde_json::json!([9, 188]));
    for name in ["serial-difference(stata, levels)", "modified-wald"] {
        assert!(found(name)["p_value"].is_f64());
    }
}

#[test]
fn the_choices_of_random_effects_reach_the_test() {
    let nerlove = json("test", WITHIN, &["--test", "hausman", "--components", "nerlove"]);
    close(&nerlove["tests"][0]["statistic"], 1.289_611_692_639_29);
    // plm prints 4.289: the size of a statistic that has no distribution.
    let walhus = grunfeld("test", WITHIN, &["--test", "hausman", "--components", "walhus"]);
    refuses(&walhus, "the Hausman statistic is -4.2887");
    let all = json("test", WITHIN, &["--all", "--components", "walhus"]);
    assert!(all["tests"][2]["not_computed"].as_str().unwrap().contains("sigmamore"));
}

#[test]
fn combinations_and_inflation_follow_the_model() {
    let out = json(
        "test",
        WITHIN,
        &["--lincom", "value", "--vif", "raw", "--vcov", "cluster firm", "--like", "plm"],
    );
    close(&out["lincom"][0]["estimate"], 0.110_123_804_120_719);
    let printed = out["lincom"][0]["std_error"].as_f64().unwrap();
    assert!((printed - 0.014_342_143_7).abs() < 1e-10, "the example of docs/conventions.md");
    // Two regressors have one squared correlation.
    close(&out["vif"]["terms"][0]["vif"], out["vif"]["terms"][1]["vif"].as_f64().unwrap());
    assert!(out["tests"].as_array().unwrap().is_empty());
}

#[test]
fn a_test_that_cannot_be_computed_says_why() {
    let out = json("test", "inv ~ value + capital", &["--all"]);
    let effects = &out["tests"][0];
    assert_eq!(effects["test"], "effects-f");
    assert!(effects["not_computed"].as_str().unwrap().contains("absorbs nothing"));
    let text = stdout(&grunfeld("test", "inv ~ value + capital", &["--all"]));
    assert!(text.contains("not computed") && text.contains("Pesaran CD test"), "{text}");
}

#[test]
fn explain_prints_the_examples_of_the_conventions() {
    let page = std::fs::read_to_string(root().join("docs/conventions.md")).unwrap();
    let section = page.split("\n## ").find(|part| part.starts_with("Clustered standard errors"));
    let out = json("explain", WITHIN, &["--vcov", "cluster firm", "--against", "all"]);
    let own = out["against"][0]["terms"][0]["std_error"].as_f64().unwrap();
    let mut seen = 0;
    for record in out["against"].as_array().unwrap() {
        let name = format!("| `{}` |", record["like"].as_str().unwrap());
        let line = section.unwrap().lines().find(|line| line.starts_with(&name)).unwrap();
        let example = line.trim_end_matches([' ', '|']).rsplit(' ').next().unwrap();
        let value = &record["terms"][0];
        assert_eq!(value["term"], "value");
        let ours = format!("{:.10}", value["std_error"].as_f64().unwrap());
        assert_eq!(ours.trim_start_matches('0'), example, "{name}");
        let ratio = own / value["std_error"].as_f64().unwrap();
        close(&value["ratio"], ratio);
        seen += 1;
    }
    assert_eq!(seen, 7);
}

#[test]
fn the_parts_of_an_explanation_multiply_to_its_ratio() {
    for rest in [
        ["--like", "stata-xtreg", "--against", "areg"],
        ["--like", "fixest", "--against", "linearmodels"],
    ] {
        let rest = [&rest[..], &["--vcov", "cluster firm", "--against-vcov", "iid"]].concat();
        let out = json("explain", TWO_WAYS, &rest);
        for term in out["terms"].as_array().unwrap() {
            let parts = term["parts"].as_object().unwrap();
            close(&term["ratio"], parts.values().map(|part| part.as_f64().unwrap()).product());
            let [first, second] = [0, 1].map(|side| term["std_errors"][side].as_f64().unwrap());
            close(&term["ratio"], first / second);
        }
        assert_eq!(out["sides"][1]["ingredients"]["clusters G"], Value::Null);
        assert_eq!(out["sides"][0]["ingredients"]["clusters G"], 10);
    }
}

#[test]
fn explain_goes_on_past_a_convention_that_refuses() {
    let rest = ["--vcov", "HC1", "--like", "fixest"];
    let out = json("explain", WITHIN, &rest);
    assert!(out["against"][0]["refused"].as_str().unwrap().contains("stata-xtreg"));
    assert!(out["against"][1]["terms"][0]["std_error"].is_f64());
    assert!(stdout(&grunfeld("explain", WITHIN, &rest)).contains("none ¹"));
}

#[test]
fn explain_finds_the_convention_of_a_printed_number() {
    let found = |printed: &str| -> Vec<String> {
        let rest = ["--vcov", "cluster firm", "--term", "value", "--printed", printed];
        let out = json("explain", WITHIN, &rest);
        let all = out["against"].as_array().unwrap().iter();
        let prints = all.filter(|record| record["terms"][0]["prints"] == true);
        prints.map(|record| record["like"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found("0.0156"), ["areg"]);
    assert_eq!(found(".01519"), ["stata-xtreg", "reghdfe", "fixest"]);
    let rest = ["--vcov", "cluster firm", "--term", "value", "--printed", "0.0200"];
    assert!(stdout(&grunfeld("explain", WITHIN, &rest)).contains("no convention prints 0.0200"));
}

#[test]
fn wild_is_wildboottest_where_all_signs_are_taken() {
    let path = root().join("fixtures/reference/wild/grunfeld.json");
    let records: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut seen = 0;
    for record in records.as_array().unwrap() {
        let model = record["model"].as_str().unwrap().trim_start_matches("grunfeld/");
        let impose = if record["call"].as_str().unwrap().ends_with("WCR") { "yes" } else { "no" };
        let null = record["null"].to_string();
        let term = record["term"].as_str().unwrap();
        let out = json(
            "wild",
            model,
            &[
                "--term", term, "--by", "firm", "--null", &null, "--impose", impose, "--like",
                "areg",
            ],
        );
        close(&out["statistic"], record["statistic"].as_f64().unwrap());
        let draws = record["draws"].as_f64().unwrap();
        close(&out["p_value"], record["beyond"].as_f64().unwrap() / draws);
        assert_eq!((&out["draws"], &out["enumerated"]), (&record["draws"], &true.into()));
        seen += 1;
    }
    assert_eq!(seen, 20);
}

#[test]
fn the_seed_is_all_there_is_to_chance() {
    let draw = |seed| {
        let rest = ["--term", "value", "--by", "firm", "--null", "0.09", "--weights", "webb"];
        let more = ["--replications", "499", "--interval", "--seed", seed];
        json("wild", WITHIN, &[&rest[..], &more[..]].concat())
    };
    let once = draw("3");
    assert_eq!(once, draw("3"));
    assert_ne!(once["interval"], draw("4")["interval"]);
    assert_eq!((&once["draws"], &once["enumerated"]), (&499.into(), &false.into()));
    let estimate = once["estimate"].as_f64().unwrap();
    let [low, high] = [0, 1].map(|end| once["interval"][end].as_f64().unwrap());
    assert!(low < estimate && estimate < high);
}

#[test]
fn markdown_has_tables() {
    for (command, rest) in [
        ("test", &["--all", "--vif", "within"][..]),
        ("explain", &["--against", "areg", "--vcov", "cluster firm"]),
        ("wild", &["--term", "value", "--by", "firm"]),
    ] {
        let rest = [rest, &["--format", "markdown"]].concat();
        let text = stdout(&grunfeld(command, WITHIN, &rest));
        assert!(text.lines().any(|line| line.starts_with("| ")), "{text}");
    }
}

#[test]
fn bad_choices_are_status_2_and_say_what_there_is() {
    let cases: &[(&str, &[&str], &str)] = &[
        ("test", &[], "nothing to test"),
        ("test", &["--test", "hausmann"], "no test `hausmann`; there are hausman"),
        ("test", &["--test", "hausman, value = * 1"], "column 9"),
        ("test", &["--test", "valeu = 1"], "no coefficient `valeu`"),
        ("test", &["--test", "value = 1 +"], "column 12"),
        ("test", &["--test", "(value = 1, 2*value = 3)"], "`2*value = 3`"),
        ("test", &["--test", "effects-f(year)"], "does not absorb `year`"),
        ("test", &["--test", "hausman", "--like", "fixest"], "`fixest` has no random effects"),
        ("test", &["--test", "hausman", "--components", "swamy"], "swamy"),
        ("test", &["--test", "hausman", "--effect", "both"], "no effect `both`"),
        ("test", &["--test", "hausman", "--negative", "keep"], "keep"),
        ("test", &["--lincom", "value +"], "column 8"),
        ("test", &["--vif", "cooked"], "cooked"),
        ("test", &["--all", "--singletons", "some"], "keep or drop, not `some`"),
        ("test", &["--all", "--vcov", "cluster frim"], "no column `frim`"),
        ("explain", &["--against", "spss"], "spss"),
        ("explain", &["--term", "valeu"], "no regressor `valeu`"),
        ("explain", &["--vcov", "HC1"], "`stata-xtreg` has no HC1"),
        ("explain", &["--against-vcov", "HC9"], "HC9"),
        ("explain", &["--printed", "0.0156"], "--printed needs one --term"),
        ("explain", &["--term", "value", "--printed", "0.0.1"], "not `0.0.1`"),
        ("explain", &["--vcov", "cluster nobody"], "no column `nobody`"),
        ("wild", &["--term", "valeu", "--by", "firm"], "no regressor `valeu`"),
        ("wild", &["--term", "value", "--by", "frim"], "no column `frim`"),
        ("wild", &["--term", "value", "--by", "firm", "--impose", "maybe"], "yes or no"),
        ("wild", &["--term", "value", "--by", "firm", "--weights", "gamma"], "rademacher"),
        ("wild", &["--term", "value", "--by", "firm", "--tail", "both"], "symmetric"),
        ("wild", &["--term", "value", "--by", "firm", "--ties", "some"], "strict"),
        ("wild", &["--term", "value", "--by", "firm", "--level", "5"], "`level` is 5"),
        ("wild", &["--term", "value", "--by", "firm", "--null", "inf"], "`null` is inf"),
        ("wild", &["--term", "value", "--by", "firm", "--replications", "0"], "at least 1"),
        ("wild", &["--term", "value", "--by", "firm", "--draw-by", "year"], "year"),
    ];
    for (command, rest, wanted) in cases {
        refuses(&grunfeld(command, WITHIN, rest), wanted);
    }
}

/// The words of a command line: blanks part them, but for those in quotes.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for c in line.trim().chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The commands of a text, continued lines in one.
fn commands(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| line.trim().starts_with("panelproof "));
    lines.map(|line| split(line)[1..].to_vec()).collect()
}

#[test]
fn every_example_of_the_manuals_runs() {
    for command in ["test", "explain", "wild"] {
        let manual = stdout(&panelproof(&[command, "--help"]));
        let (_, examples) = manual.split_once("Examples:\n").unwrap();
        let examples = commands(examples);
        assert!(examples.len() >= 3, "{manual}");
        for words in examples {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert!(!stdout(&panelproof(&words)).is_empty(), "{words:?}");
        }
    }
}

#[test]
fn the_page_on_standard_errors_shows_what_is_printed() {
    let page = std::fs::read_to_string(root().join("docs/standard-errors.md")).unwrap();
    let mut blocks = page.split("```console\n").skip(1);
    let mut seen = 0;
    for block in &mut blocks {
        let (command, rest) = block.split_once("\n```\n").unwrap();
        let words = commands(command).remove(0);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let printed = stdout(&panelproof(&words));
        let shown = rest.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
        let bare = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(bare(shown), bare(&printed), "docs/standard-errors.md: {command}");
        seen += 1;
    }
    assert!(seen >= 3);
}
