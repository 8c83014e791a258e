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

/// What Stata's boottest prints in the log of its own tests, at the digits that it prints.
///
/// `regress hasinsurance selfemployed post post_self, cluster(year)`, eight clusters, 256 signs.
#[test]
fn boottest_prints() {
    let panel = testkit::panel(&file("wild", "insurance.csv"));
    let model = "hasinsurance ~ selfemployed + post + post_self".parse().unwrap();
    let design = Design::new(&panel, &model, Singletons::Keep).unwrap();
    let run = |term: &str, null: f64, ties: Ties| {
        let spec = WildSpec {
            term: term.parse().unwrap(),
            null,
            impose: true,
            weights: WildWeights::Rademacher,
            by: "year".into(),
            draw_by: None,
            convention: Convention::STATA_XTREG,
            tail: Tail::Symmetric,
            ties,
            level: 0.05,
            interval: false,
            replications: 999,
            seed: 1,
        };
        wild_bootstrap(&design, &spec, &|_| ()).unwrap()
    };
    for (term, null, t, p, ends) in [
        ("post_self", 0.04, 2.0194, 0.0742, [0.03874, 0.07098]),
        ("post", 0.0, -5.5821, 0.0, [-0.02978, -0.01306]),
    ] {
        let (strict, weak) = (run(term, null, Ties::Strict), run(term, null, Ties::Weak));
        assert_eq!(strict.statistics().len(), 256);
        assert!((strict.statistic() - t).abs() <= 0.5e-4);
        // Of the two ties it counts none, one (19/256) or both, as rounding falls.
        let printed = strict.p_value() - 0.5e-4..=weak.p_value() + 0.5e-4;
        assert!(printed.contains(&p), "{term}: {printed:?}");
        // Its search stops once p is about a draw from the level; ties are two more.
        for end in ends {
            let count = 256.0 * run(term, end, Ties::Strict).p_value();
            assert!((count - 0.05 * 256.0).abs() < 3.0, "{term}: {count} of 256 at {end}");
        }
    }
}
