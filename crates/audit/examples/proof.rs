//! What the auditor is worth, measured on tables that are right.
//!
//! ```console
//! cargo run -p audit --example proof -- show SEED             # a paper, and what is known of it
//! cargo run -p audit --example proof -- alarms FROM TO        # false alarms among the papers of these seeds
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement prints what it finds, and stops where it cannot"
)]

#[path = "../tests/alarms/alarm.rs"]
mod alarm;
#[path = "../tests/alarms/made/mod.rs"]
mod made;

use made::known::Told;
use rayon::prelude::*;

const TOLD: [Told; 3] = [Told::All, Told::Some, Told::Nothing];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().unwrap_or_else(|_| panic!("`{text}` is no number"));
    match words[..] {
        ["show", seed] => show(number(seed)),
        ["alarms", from, to] => search(number(from)..number(to)),
        _ => panic!("usage: proof show SEED | alarms FROM TO"),
    }
}

fn show(seed: u64) {
    let Some(paper) = made::paper(seed) else { return println!("no paper") };
    println!("# {}\n{}", paper.about.join("; "), paper.toml());
    println!("# known\n{}", alarm::schema(seed, &paper, Told::All));
    for told in TOLD {
        println!("{told:?}: {}", alarm::summary(&alarm::alarms(seed, &paper, told)));
    }
}

fn search(seeds: std::ops::Range<u64>) {
    let (tables, found) = seeds
        .into_par_iter()
        .filter_map(|seed| {
            let paper = made::paper(seed)?;
            let found: Vec<_> =
                TOLD.into_iter().flat_map(|told| alarm::alarms(seed, &paper, told)).collect();
            Some((paper.tables.len(), found))
        })
        .reduce(
            || (0, Vec::new()),
            |(n, mut all), (more, found)| {
                all.extend(found);
                (n + more, all)
            },
        );
    println!("{tables} tables: {}", alarm::summary(&found));
}
