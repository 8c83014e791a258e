//! Times `ingest::load` for `cargo xtask bench ingest` and prints one line of JSON.
//!
//! A run reads the file, winsorizes 18 variables at their first and last percentile and fills what is
//! missing between two observed years of a province. The original columns stay in the panel.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark")]

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use ingest::Spec;
use panel::Term;
use serde_json::{Map, Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let data = PathBuf::from(arguments.next().ok_or("usage: ingest DATA.csv REPS")?);
    let reps: usize = arguments.next().ok_or("usage: ingest DATA.csv REPS")?.parse()?;
    let (folder, file) = (data.parent().ok_or("no folder")?, data.file_name().ok_or("no file")?);
    let mut text = format!(
        "[panel]\nentity = 'province'\nperiod = 'year'\n\
         [[source]]\nfile = '{}'\ntier = 'reconstructed'\n",
        file.to_string_lossy()
    );
    for k in 1..=18 {
        write!(
            text,
            "[[variable]]\nname = 'w{k}'\nfrom = 'v{k}'\nsteps = [{{ winsorize = {{ low = 0.01, \
             high = 0.99, percentiles = 'linear' }} }}, 'interpolate']\n"
        )?;
    }
    let spec: Spec = toml::from_str(&text)?;
    let memory_before = memory("VmRSS:");

    let once = || -> Result<_, ingest::Error> {
        let start = Instant::now();
        let loaded = ingest::load(&spec, folder)?;
        Ok((start.elapsed().as_secs_f64(), loaded))
    };
    let (first, loaded) = once()?;
    let mut numbers = Map::new();
    let mut missing = 0;
    for k in 1..=18 {
        let values = loaded.panel.values(&Term::var(format!("w{k}")))?;
        missing += values.iter().filter(|x| x.is_nan()).count();
        let sum: f64 = values.iter().filter(|x| !x.is_nan()).sum();
        numbers.insert(format!("Σv{k}"), Value::from(sum));
    }
    numbers.insert("missing".into(), Value::from(missing));
    drop(loaded);

    let mut times = Vec::new();
    for _ in 0..reps {
        times.push(once()?.0);
    }
    times.sort_by(f64::total_cmp);
    let name = data.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    println!(
        "{}",
        json!({
            "tool": "panelproof", "work": "ingest", "ds": name, "n": reps, "first": first,
            "median": times.get(reps / 2), "min": times.first(), "max": times.last(),
            "load_mb": memory_before, "peak_mb": memory("VmHWM:"), "numbers": numbers,
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
