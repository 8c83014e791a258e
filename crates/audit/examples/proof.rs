//! What the auditor is worth, measured on tables that are right.
//!
//! ```console
//! cargo run -p audit --example proof -- show SEED             # a paper, and what is known of it
//! cargo run -p audit --example proof -- alarms FROM TO        # false alarms among the papers of these seeds
//! cargo run -p audit --example proof -- power PAPERS          # errors seen, as the tables of docs/audit.md
//! cargo run -p audit --example proof -- speed PAPERS          # how long an audit takes
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement prints what it finds, and stops where it cannot"
)]

#[path = "../tests/alarms/alarm.rs"]
mod alarm;
#[path = "../tests/alarms/made/mod.rs"]
mod made;
#[path = "../tests/alarms/power.rs"]
mod power;

use std::time::{Duration, Instant};

use audit::Schema;
use made::errors::{KINDS, Kind, slip};
use made::known::Told;
use power::{Read, Trial};
use published::Transcription;
use rayon::prelude::*;
use testkit::Stream;

const TOLD: [Told; 3] = [Told::All, Told::Some, Told::Nothing];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let number =
        |text: &str| text.parse::<u64>().unwrap_or_else(|_| panic!("`{text}` is no number"));
    match words[..] {
        ["show", seed] => show(number(seed)),
        ["alarms", from, to] => search(number(from)..number(to)),
        ["power", papers] => print!("{}", report(number(papers))),
        ["speed", papers] => speed(number(papers)),
        _ => panic!("usage: proof show SEED | alarms FROM TO | power PAPERS | speed PAPERS"),
    }
}

/// The tables of power, as Markdown.
fn report(papers: u64) -> String {
    let mut out = String::new();
    let told = power::trials(0..papers, Told::All);
    let silent = power::trials(0..papers, Told::Nothing);
    let share = |trials: &[&Trial], is: &dyn Fn(&Trial) -> bool| -> String {
        if trials.len() < 20 {
            return "–".to_owned();
        }
        let hits = trials.iter().filter(|trial| is(trial)).count();
        format!("{:.0}", 100.0 * hits as f64 / trials.len() as f64)
    };
    let of = |from: &'static str, kind: Kind| -> Vec<&Trial> {
        let from = if from == "told" { &told } else { &silent };
        from.iter().filter(|trial| trial.kind == kind).collect()
    };
    out.push_str("| error | made | 2 | 3 | 4 | 5 decimals | all | in an identity | by itself | in nothing | nothing told |\n");
    out.push_str("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    let seen = |trial: &Trial| trial.seen;
    for kind in KINDS {
        let all = of("told", kind);
        let some = |is: &dyn Fn(&Trial) -> bool| -> Vec<&Trial> {
            all.iter().copied().filter(|trial| is(trial)).collect()
        };
        let mut cells = vec![name(kind).to_owned(), all.len().to_string()];
        cells.extend((2..=5).map(|d| share(&some(&|trial| trial.decimals == Some(d)), &seen)));
        cells.push(share(&all, &seen));
        for read in [Read::Identity, Read::Own, Read::Nothing] {
            cells.push(share(&some(&|trial| trial.read == read), &seen));
        }
        cells.push(share(&of("nothing", kind), &seen));
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out.push_str(
        "\n| error | seen | cell named | true edit first | among three |\n|---|--:|--:|--:|--:|\n",
    );
    for kind in KINDS {
        let all = of("told", kind);
        let seen: Vec<&Trial> = all.into_iter().filter(|trial| trial.seen).collect();
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            name(kind),
            seen.len(),
            share(&seen, &|trial| trial.located),
            share(&seen, &|trial| trial.first),
            share(&seen, &|trial| trial.three),
        ));
    }
    let mut checks = std::collections::BTreeMap::<&str, usize>::new();
    for trial in told.iter().filter(|trial| trial.seen) {
        *checks.entry(trial.check.unwrap_or("?")).or_default() += 1;
    }
    let mut checks: Vec<_> = checks.into_iter().collect();
    checks.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
    let checks: Vec<String> = checks.iter().map(|(check, n)| format!("`{check}` {n}")).collect();
    out.push_str(&format!("\nThe first finding is of {}.\n", checks.join(", ")));
    out
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Sign => "sign of an estimate",
        Kind::Digit => "a digit of an estimate or bracket",
        Kind::Point => "decimal point, one place",
        Kind::Swap => "neighbouring cells swapped",
        Kind::Star => "a star more or less",
        Kind::N => "a digit of N",
        Kind::Indirect => "indirect effect as a difference",
        Kind::Weights => "a digit of a weight",
    }
}

/// How long the audit takes, without the making of papers: of what is right, and with an error in each,
/// whose repairs are then looked for.
fn speed(papers: u64) {
    let read =
        |paper: &made::paper::Paper| Transcription::parse("made.toml", &paper.toml()).unwrap();
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for seed in 0..papers {
        let Some(paper) = made::paper(seed) else { continue };
        let schema = Schema::parse("audit.toml", &alarm::schema(seed, &paper, Told::All)).unwrap();
        let kind = KINDS[usize::try_from(seed).unwrap() % 4];
        if let Some((slipped, _)) = slip(&paper, kind, &mut Stream::new(seed)) {
            wrong.push((paper.tables.len(), read(&slipped), schema.clone()));
        }
        right.push((paper.tables.len(), read(&paper), schema));
    }
    for (what, made) in [("right", &right), ("with an error", &wrong)] {
        let tables: usize = made.iter().map(|(tables, ..)| tables).sum();
        let cells: usize = made.iter().map(|(_, read, _)| numbers(read)).sum();
        println!("{what}: {} papers, {tables} tables, {cells} cells with a number", made.len());
        for _ in 0..3 {
            let start = Instant::now();
            made.par_iter().for_each(|(_, read, schema)| {
                std::hint::black_box(audit::audit(read, schema)).ok();
            });
            let all = tables as f64 / start.elapsed().as_secs_f64();
            let mut each: Vec<(Duration, usize)> = made
                .iter()
                .map(|(_, read, schema)| {
                    let start = Instant::now();
                    std::hint::black_box(audit::audit(read, schema)).ok();
                    (start.elapsed(), numbers(read))
                })
                .collect();
            each.sort();
            let near: Vec<Duration> =
                each.iter().filter(|it| (50..=70).contains(&it.1)).map(|it| it.0).collect();
            println!(
                "  {all:.0} tables a second on all threads; a paper of 50 to 70 cells: median {:?}, slowest \
                 {:?} of {}",
                near[near.len() / 2],
                near[near.len() - 1],
                near.len()
            );
        }
    }
}

/// Cells with a number.
fn numbers(read: &Transcription) -> usize {
    read.cells().filter(|(_, cell)| cell.number().is_some()).count()
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
