//! Times the two-way fixed-effects model of `cargo xtask bench twfe` and prints one line of JSON.
//!
//! A run starts where the peers' runs start, from columns of raw numbers: coding both factors is
//! part of it, reading the file is not.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark")]

use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use estimate::{Constant, Convention, Design, Singletons, Spec, Vcov, fixed_effects};
use ingest::Key;
use panel::{Factor, Model};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let data = PathBuf::from(arguments.next().ok_or("usage: twfe DATA.parquet REPS")?);
    let reps: usize = arguments.next().ok_or("usage: twfe DATA.parquet REPS")?.parse()?;

    // Workers stay with a firm, so entity and time are no key: rows are numbered within the entity.
    let key = Key { entity: Some("entity".into()), period: None };
    let columns = ["time", "y", "x1", "x2", "x3", "x4", "x5", "x6", "x7"];
    let (panel, _) = ingest::open(&data, &key, Some(&columns))?;
    let entity: Vec<u32> = panel.index().entity.codes().to_vec();
    let loaded = memory("VmRSS:");

    let model: Model = "y ~ x1 + x2 + x3 + x4 + x5 + x6 + x7 | entity + time".parse()?;
    let spec = Spec {
        vcov: Vcov::Cluster("entity".into()),
        convention: Convention::FIXEST,
        constant: Constant::Omit,
    };
    let once = || -> Result<_, estimate::Error> {
        let start = Instant::now();
        black_box(Factor::from_numbers(black_box(&entity)));
        let design = Design::new(&panel, &model, Singletons::Keep)?;
        let fit = fixed_effects(&design, &spec)?;
        Ok((start.elapsed().as_secs_f64(), fit.coef().to_vec(), fit.stderror().to_vec()))
    };
    let (first, coef, se) = once()?;
    let mut times = Vec::new();
    for _ in 0..reps {
        times.push(once()?.0);
    }
    times.sort_by(f64::total_cmp);
    let name = data.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    println!(
        "{}",
        json!({
            "tool": "panelproof", "ds": name, "n": reps, "first": first,
            "median": times.get(reps / 2), "min": times.first(), "max": times.last(),
            "load_mb": loaded, "peak_mb": memory("VmHWM:"), "coef": coef, "se": se,
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
