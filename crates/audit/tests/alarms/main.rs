//! Tables that correct software printed are never impossible.

mod alarm;
mod made;
mod regressions;

use rayon::prelude::*;

use alarm::{Alarm, alarms};
use made::known::Told;

/// Papers a run, some four tables each; every one is audited with all, some and nothing known of it.
const PAPERS: u64 = 6_000;

#[test]
fn correct_tables_are_never_impossible() {
    let papers: Vec<(u64, made::paper::Paper)> =
        (0..PAPERS).into_par_iter().filter_map(|seed| Some((seed, made::paper(seed)?))).collect();
    let tables: usize = papers.iter().map(|(_, paper)| paper.tables.len()).sum();
    assert!(tables > 10_000, "{tables} tables");
    let found: Vec<Alarm> = papers
        .par_iter()
        .flat_map_iter(|(seed, paper)| {
            [Told::All, Told::Some, Told::Nothing].map(|told| alarms(*seed, paper, told))
        })
        .flatten_iter()
        .collect();
    assert!(found.is_empty(), "{}", alarm::summary(&found));
}
