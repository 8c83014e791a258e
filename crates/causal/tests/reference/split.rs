//! Differences between groups: R's regressions with everything interacted, and sandwich.

use causal::split::{Cut, Groups, Interact, SplitSpec, split};
use estimate::{Constant, Convention, Spec, Vcov};
use testkit::{Case, Record, file};

use crate::TOLERANCE;

/// Which records to compare, and the panel they are of.
fn compare(record: &mut Record, panel: &panel::Panel) {
    let notes = record.text("notes").to_owned();
    let groups = match notes.split(' ').collect::<Vec<_>>()[..] {
        ["quantiles", k, of] => Groups::Quantiles {
            of: of.parse().unwrap(),
            groups: k.parse().unwrap(),
            cut: Cut::Xtile,
        },
        ["category", name] => Groups::Category(name.into()),
        _ => panic!("{notes}"),
    };
    let model: panel::Model = record.text("model").parse().unwrap();
    let interact: Interact = record.text("variant").parse().unwrap();
    let vcov: Vcov = record.text("vcov").parse().unwrap();
    // R's `lm` counts every coefficient.
    let estimation = Spec { vcov, convention: Convention::AREG, constant: Constant::Omit };
    let of = model.terms[0].clone();
    let spec = SplitSpec { of, model, groups, estimation, interact, permutation: None };
    let outcome = split(panel, &spec, &|_| ()).unwrap();
    let (a, b) = record.text("term").split_once(" - ").unwrap();
    // Groups may stand in another order.
    let (difference, sign) = outcome
        .differences
        .iter()
        .find_map(|d| match (&*d.between.0, &*d.between.1) {
            (x, y) if x == a && y == b => Some((d, 1.0)),
            (x, y) if x == b && y == a => Some((d, -1.0)),
            _ => None,
        })
        .unwrap();
    record.compare("estimate", sign * difference.estimate, TOLERANCE);
    record.compare("std_error", difference.std_error, TOLERANCE);
    record.compare("statistic", sign * difference.statistic, TOLERANCE);
    record.compare("p_value", difference.p_value, TOLERANCE);
}

#[test]
fn interacted() {
    let reference = file("split", "reference.json");
    let grunfeld = Case::load("grunfeld").panel().clone();
    let jobs = Case::load_rows("mediation_jobs").panel().clone();
    // The data are those of other cases.
    let mut case = Case::parse("split", &file("grunfeld", "data.csv"), &reference);
    for record in case.records() {
        let firms = record.text("model").starts_with("inv");
        compare(record, if firms { &grunfeld } else { &jobs });
    }
    let summary = case.finish();
    println!("split: {summary}");
    assert_eq!((summary.compared, summary.numbers), (70, 280));
}
