//! pymcdm, scikit-learn and numpy on the published tables, and two printed comparison matrices.

use index::{
    Aggregate, Comparison, Comparisons, Components, Normalise, Priorities, Ratio, Scheme,
    Weighting, composite,
};
use testkit::{Case, cross_section, file};

use super::scheme;

fn comparisons(name: &str, priorities: Priorities) -> Comparisons {
    let rows: &[&str] = match name {
        "saaty1990" => &[
            "1 5 3 7 6 6 1/3 1/4",
            "1/5 1 1/3 5 3 3 1/5 1/7",
            "1/3 3 1 6 3 4 6 1/5",
            "1/7 1/5 1/6 1 1/3 1/4 1/7 1/8",
            "1/6 1/3 1/3 3 1 1/2 1/5 1/6",
            "1/6 1/3 1/4 4 2 1 1/5 1/6",
            "3 5 1/6 7 5 5 1 1/2",
            "4 7 5 8 6 6 2 1",
        ],
        _ => &[
            "1 9 5 2 1 1 1/2",
            "1/9 1 1/3 1/9 1/9 1/9 1/9",
            "1/5 3 1 1/3 1/4 1/3 1/9",
            "1/2 9 3 1 1/2 1 1/3",
            "1 9 4 2 1 2 1/2",
            "1 9 3 1 1/2 1 1/3",
            "2 9 9 3 2 3 1",
        ],
    };
    let row = |row: &&str| row.split(' ').map(|text| text.parse().unwrap()).collect();
    let matrix: Vec<Vec<Ratio>> = rows.iter().map(row).collect();
    Comparisons { priorities, matrices: vec![Comparison { of: vec![], matrix }] }
}

fn weighting(text: &[&str]) -> Weighting {
    match text {
        ["equal"] => Weighting::Equal,
        ["entropy-raw"] => Weighting::EntropyRaw,
        ["standard-deviation"] => Weighting::StandardDeviation,
        ["critic"] => Weighting::Critic,
        ["variation"] => Weighting::Variation,
        ["variation-raw"] => Weighting::VariationRaw,
        ["principal-components", keep, entries] => Weighting::PrincipalComponents(Components {
            keep: keep.parse().unwrap(),
            entries: entries.parse().unwrap(),
        }),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_record() {
    // The data are those of `entropy`.
    let none = "id,year,x\n1,1,1\n";
    let mut case = Case::parse("weights", none, &file("weights", "reference.json"));
    for record in case.records() {
        let model = record.text("model").to_owned();
        let mut parts = model.split('/');
        let name = parts.next().unwrap();
        let rest: Vec<&str> = parts.collect();
        if let ["ahp"] = rest[..] {
            // Priorities of a matrix need a panel with as many columns, and nothing else of it.
            let priorities = match record.text("term") {
                "geometric-mean" => Priorities::GeometricMean,
                _ => Priorities::Eigenvector,
            };
            let comparisons = comparisons(name, priorities);
            let n = comparisons.matrices[0].matrix.len();
            let mut text: Vec<String> = (1..=n).map(|j| format!("c{j}")).collect();
            text = vec![text.join(","), vec!["0"; n].join(","), vec!["1"; n].join(",")];
            let panel = cross_section(&text.join("\n"));
            let weights = Weighting::Ahp(comparisons);
            let scheme = scheme(n, &[], Normalise::MinMax, weights, Aggregate::Linear);
            let ours = composite(&panel, &scheme).unwrap();
            if record.text("term") == "consistency" {
                let found = &ours.consistency[0];
                for (at, ours) in [found.lambda_max, found.index, found.ratio].iter().enumerate() {
                    record.compare(&format!("estimate[{at}]"), *ours, 1e-12);
                }
                assert_eq!(ours.notes.len(), usize::from(found.ratio > 0.1));
                continue;
            }
            for (j, indicator) in ours.indicators.iter().enumerate() {
                record.compare(&format!("estimate[{j}]"), indicator.weights[0], 1e-13);
            }
            continue;
        }
        let panel = cross_section(&file("entropy", &format!("data_{name}.csv")));
        let (columns, negative): (usize, &[usize]) =
            if name == "elsayed2017" { (5, &[]) } else { (4, &[0, 2]) };
        let base = |how, weights, aggregate| scheme(columns, negative, how, weights, aggregate);
        let positive = |how, weights| scheme(columns, &[], how, weights, Aggregate::Linear);
        let aggregate = match record.text("term") {
            "topsis" => Aggregate::Topsis,
            _ => Aggregate::Linear,
        };
        let scheme: Scheme = match rest[..] {
            // pymcdm's CRITIC normalises inside, and takes every column for a gain.
            ["critic", "none"] => positive(Normalise::MinMax, Weighting::Critic),
            [weights, "none"] => positive(Normalise::None, weighting(&[weights])),
            ["principal-components", ..] => {
                base(Normalise::ZScore, weighting(&rest), Aggregate::Linear)
            }
            [weights, how] => base(how.parse().unwrap(), weighting(&[weights]), aggregate),
            _ => panic!("{model}"),
        };
        let ours = composite(&panel, &scheme).unwrap();
        let weights: Vec<f64> = ours.indicators.iter().map(|one| one.weights[0]).collect();
        let (numbers, tolerance) = match record.text("term") {
            "weights" => (&weights, 1e-12),
            _ => (&ours.scores, 1e-12),
        };
        for (at, &ours) in numbers.iter().enumerate() {
            record.compare_absolutely(&format!("estimate[{at}]"), ours, tolerance);
        }
    }
    let summary = case.finish();
    assert_eq!((summary.compared, summary.numbers), (62, 386), "{summary}");
}

/// As printed: Saaty (1990), table of priorities of buying a house; Saaty (2008), drinks.
#[test]
fn printed_priorities() {
    for (name, printed, ratio) in [
        ("saaty1990", &[0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333][..], 0.169),
        ("saaty2008", &[0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], 0.022),
    ] {
        let comparisons = comparisons(name, Priorities::Eigenvector);
        let n = printed.len();
        let names: Vec<String> = (1..=n).map(|j| format!("c{j}")).collect();
        let rows = [names.join(","), vec!["0"; n].join(","), vec!["1"; n].join(",")];
        let panel = cross_section(&rows.join("\n"));
        let weights = Weighting::Ahp(comparisons);
        let scheme = scheme(n, &[], Normalise::MinMax, weights, Aggregate::Linear);
        let ours = composite(&panel, &scheme).unwrap();
        for (printed, indicator) in printed.iter().zip(&ours.indicators) {
            assert!((printed - indicator.weights[0]).abs() <= 5e-4, "{name} {printed}");
        }
        assert!((ours.consistency[0].ratio - ratio).abs() <= 5e-4);
    }
}
