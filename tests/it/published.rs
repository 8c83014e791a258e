//! Does the paper come out? Every printed number has a verdict, and none may be off.

use report::replication::{PartKind, Replication, Tier, Verdict};

use crate::fixtures;

fn replicate(key: &str) -> Replication {
    replicate::replicate(&fixtures(), &[key.to_owned()]).expect("the study runs")
}

/// The parts of a table that are off or stale, named.
fn failures(replication: &Replication) -> Vec<String> {
    let mut failures = Vec::new();
    for paper in &replication.papers {
        for table in &paper.tables {
            for row in &table.rows {
                for (column, cell) in table.columns.iter().zip(&row.cells) {
                    for part in cell.parts.iter().filter(|part| part.verdict.fails()) {
                        failures.push(format!(
                            "{} / {} / {column} / {} / {:?}: printed {}, ours {:?}",
                            paper.key, table.id, row.label, part.part, part.printed, part.ours
                        ));
                    }
                }
            }
        }
    }
    failures
}

/// How many parts of a paper match, and how many there are.
#[track_caller]
fn check(key: &str, matched: usize, declared: usize) {
    let replication = replicate(key);
    assert_eq!(failures(&replication), Vec::<String>::new());
    let counts = replication.counts();
    assert_eq!((counts.matched, counts.declared), (matched, declared), "match and declared");
}

/// Sixteen moments of four variables come out of public figures to every printed digit.
#[test]
fn wang_chen_moments_come_out_of_public_figures() {
    let replication = replicate("wang-chen");
    let table = replication.papers[0].tables.iter().find(|table| table.id == "2").unwrap();
    let mut seen = 0;
    for variable in ["Digi-fini", "Urban", "Eco", "Fsa"] {
        let row = table.rows.iter().find(|row| row.label == variable).unwrap();
        for (column, cell) in table.columns.iter().zip(&row.cells) {
            if !["mean", "sd", "min", "max"].contains(&column.as_str()) {
                continue;
            }
            let [part] = cell.parts.as_slice() else { panic!("{variable} {column}: one number") };
            assert_eq!(part.part, PartKind::Value);
            assert_eq!(part.ours.as_deref(), Some(part.printed.as_str()), "{variable} {column}");
            assert_eq!((part.verdict, part.tier), (Verdict::Match, Some(Tier::Real)));
            seen += 1;
        }
    }
    assert_eq!(seen, 16);
}

#[test]
fn wang_chen() {
    check("wang-chen", 265, 15);
}

/// The words of a scheme follow from the index that a study writes down.
#[test]
fn wang_chen_scheme_is_rendered() {
    let replication = replicate("wang-chen");
    let table = &replication.papers[0].tables[0];
    assert_eq!((table.id.as_str(), table.rows.len()), ("1", 9));
    for part in table.parts() {
        assert_eq!((part.part, part.verdict), (PartKind::Words, Verdict::Match));
    }
    assert_eq!(table.parts().count(), 18);
    assert_eq!(table.counts().total(), 0, "words that agree are no numbers");
}

/// Tables 3 to 5 come out but for what is declared: two extremes of public figures, and cells of tables 4 and 5 that
/// contradict others.
#[test]
fn chen_sun() {
    check("chen-sun", 140, 18);
}

#[test]
fn grunfeld() {
    check("grunfeld", 62, 0);
}

#[test]
fn petersen() {
    check("petersen", 18, 0);
}

#[test]
fn wagepan() {
    check("wagepan", 6, 1);
}

#[test]
fn produc() {
    check("produc", 16, 0);
}

/// How many statements of a paper have each finding: agrees, disagrees, tested, not checkable.
#[track_caller]
fn findings(key: &str, wanted: [usize; 4]) {
    let replication = replicate(key);
    assert_eq!(failures(&replication), Vec::<String>::new());
    let claims = &replication.papers[0].claims;
    let count = |finding: &str| claims.iter().filter(|claim| claim.finding() == finding).count();
    let found = ["agrees", "disagrees", "tested", "not checkable"].map(count);
    assert_eq!(found, wanted, "agrees, disagrees, tested, not checkable");
}

#[test]
fn ji_yang() {
    findings("ji-yang", [2, 3, 0, 12]);
    let replication = replicate("ji-yang");
    let [figure] = replication.papers[0].figures.as_slice() else { panic!("one figure") };
    // Two years of the rural series, three of the other; 2019 and 2020 are gaps.
    let years: Vec<Vec<i32>> = (figure.lines.iter())
        .map(|line| line.points.iter().map(|(year, _)| *year).collect())
        .collect();
    assert_eq!(years, [vec![2021, 2022], vec![2023], vec![2021, 2022, 2023], vec![2023]]);
}

#[test]
fn wang_suichang() {
    findings("wang-suichang", [6, 0, 0, 22]);
}

#[test]
fn zhou() {
    findings("zhou", [0, 0, 1, 1]);
    assert_eq!(replicate("zhou").papers[0].own.len(), 4);
}

#[test]
fn china_digital() {
    let replication = replicate("china-digital");
    let paper = &replication.papers[0];
    assert!(paper.is_own && paper.tables.is_empty());
    assert_eq!(paper.own.len(), 10);
    assert_eq!(replication.counts().total(), 0);
}
