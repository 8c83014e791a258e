//! Times the entropy index of `cargo xtask bench index` and prints one line of JSON.
//!
//! The data are columns in memory, as the peers have them; reading the file is not timed.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark")]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use index::{
    Aggregate, Direction, Indicator, Levels, Normalise, Over, Scheme, ShiftIn, Weighting, composite,
};
use ingest::Key;
use serde_json::json;

const USAGE: &str = "usage: index DATA.parquet REPS";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let data = PathBuf::from(arguments.next().ok_or(USAGE)?);
    let reps: usize = arguments.next().ok_or(USAGE)?.parse()?;

    let indicators: Vec<Indicator> = (1..=18)
        .map(|j| Indicator {
            name: format!("i{j}"),
            label: None,
            direction: Direction::Positive,
            dimension: Vec::new(),
        })
        .collect();
    let names: Vec<&str> = indicators.iter().map(|one| one.name.as_str()).collect();
    let key = Key { entity: Some("entity".into()), period: Some("time".into()) };
    let (panel, _) = ingest::open(&data, &key, Some(&names))?;
    let scheme = Scheme {
        name: "score".into(),
        indicators: indicators.clone(),
        normalise: Normalise::MinMax,
        normalise_over: Over::Pooled,
        shift: 1e-4,
        shift_in: Some(ShiftIn::Both),
        weights: Weighting::Entropy,
        weights_over: Over::Pooled,
        levels: Levels::Indicators,
        aggregate: Aggregate::Linear,
    };

    let mut times = Vec::new();
    let mut found = None;
    for _ in 0..=reps {
        let start = Instant::now();
        let one = composite(&panel, &scheme)?;
        times.push(start.elapsed().as_secs_f64());
        found = Some(one);
    }
    let first = times.remove(0);
    times.sort_by(f64::total_cmp);
    let found = found.ok_or("nothing was timed")?;
    let mean = found.scores.iter().sum::<f64>() / found.scores.len() as f64;
    let mut numbers = serde_json::Map::new();
    for (j, one) in found.indicators.iter().enumerate() {
        numbers.insert(format!("w{}", j + 1), one.weights[0].into());
    }
    numbers.insert("mean score".into(), mean.into());
    println!(
        "{}",
        json!({
            "tool": "panelproof", "work": "entropy index", "n": reps, "first": first,
            "ds": data.file_stem().unwrap_or_default().to_string_lossy(),
            "median": times.get(reps / 2), "min": times.first(), "max": times.last(),
            "peak_mb": memory("VmHWM:"), "numbers": numbers,
        })
    );
    Ok(())
}

/// A line of `/proc/self/status` in megabytes; zero where there is no such file.
fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|text| text.strip_prefix(line))
        .and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    kilobytes.unwrap_or_default() / 1024.0
}
