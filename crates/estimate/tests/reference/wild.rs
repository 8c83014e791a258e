//! The wild cluster bootstrap of pyfixest (wildboottest) under full enumeration.

use estimate::{
    Convention, Design, Singletons, Tail, Ties, Wild, WildSpec, WildWeights, wild_bootstrap,
};
use panel::Panel;
use testkit::{Case, Record, file};

use super::TOLERANCE;

/// Order statistics that are recorded: one in so many.
const EVERY: usize = 31;

fn run(panel: &Panel, record: &Record, ties: Ties) -> Wild {
    let call = record.text("call");
    let [formula @ .., by, null] = &call.split(" | ").collect::<Vec<_>>()[..] else {
        panic!("{record}")
    };
    let design =
        Design::new(panel, &formula.join(" | ").parse().unwrap(), Singletons::Keep).unwrap();
    let spec = WildSpec {
        term: record.text("term").parse().unwrap(),
        null: record.published("null").unwrap(),
        impose: *null == "WCR",
        weights: WildWeights::Rademacher,
        by: by.strip_prefix("cluster ").unwrap().to_owned(),
        draw_by: None,
        // Its matrix has a column for every dummy.
        convention: Convention::AREG,
        tail: Tail::Symmetric,
        ties,
        level: 0.05,
        interval: false,
        replications: 1024,
        seed: 1,
    };
    wild_bootstrap(&design, &spec, &|_| ()).unwrap()
}

fn prove(name: &str) -> (usize, usize) {
    let mut case =
        Case::parse(name, &file(name, "data.csv"), &file("wild", &format!("{name}.json")));
    let panel = case.panel().clone();
    for record in case.records() {
        let (strict, weak) = (run(&panel, record, Ties::Strict), run(&panel, record, Ties::Weak));
        assert!(strict.enumerated());
        let mut sorted = strict.statistics().to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len() as f64;
        record.compare("statistic", strict.statistic(), TOLERANCE);
        record.compare("null", strict.spec().null, 0.0);
        record.compare("draws", n, 0.0);
        record.compare("beyond", strict.p_value() * n, 0.0);
        record.compare("tied", (weak.p_value() - strict.p_value()) * n, 0.0);
        // Rounding decides which of the tied draws it counts: the data and their mirror image.
        let tied = record.published("tied").unwrap();
        record.compare_absolutely("p_value", strict.p_value(), tied / n);
        record.compare("ssc", strict.correction().factor, TOLERANCE);
        for (i, statistic) in sorted.iter().step_by(EVERY).enumerate() {
            record.compare(&format!("statistics[{i}]"), *statistic, TOLERANCE);
        }
        record.compare("every", EVERY as f64, 0.0);
    }
    let summary = case.finish();
    println!("wild/{name}: {summary}");
    (summary.compared, summary.numbers)
}

#[test]
fn wild_grunfeld() {
    assert_eq!(prove("grunfeld"), (20, 840));
}

#[test]
fn wild_petersen() {
    assert_eq!(prove("petersen"), (14, 588));
}
