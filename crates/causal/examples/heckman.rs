//! Seconds for Heckman's two steps and for full maximum likelihood.
//!
//! ```text
//! heckman [ROWS] [likelihood]     simulates ROWS rows, one million if none are named
//! heckman FILE.csv [likelihood]   reads y, sel, x1 … x4, z1, z2
//! ```
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark prints seconds")]

use std::error::Error;
use std::time::Instant;

use causal::heckman::{LikelihoodSpec, LikelihoodVcov, Rho, TwoStepSpec, likelihood, two_step};
use estimate::{Coefficient, Draws, Information, SmallSample};
use panel::{Column, Factor, Index, Panel};

const OUTCOME: &str = "y ~ x1 + x2 + x3 + x4";
const SELECTION: &str = "sel ~ x1 + x2 + x3 + x4 + z1 + z2";
const COLUMNS: [&str; 8] = ["y", "sel", "x1", "x2", "x3", "x4", "z1", "z2"];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let source = arguments.first().map_or("1000000", String::as_str);
    let columns = match source.parse::<usize>() {
        Ok(rows) => simulated(rows),
        Err(_) => read(&std::fs::read_to_string(source)?)?,
    };
    let rows = columns[0].len();
    let index = Index {
        entity_name: "_row".into(),
        entity: Factor::from_numbers(&(0..i64::try_from(rows)?).collect::<Vec<i64>>()),
        period_name: "_t".into(),
        period: vec![0; rows],
    };
    let named = COLUMNS.into_iter().zip(columns);
    let panel = Panel::new(index, named.map(|(name, v)| (name.into(), Column::Number(v))))?;

    let spec = TwoStepSpec {
        outcome: OUTCOME.parse()?,
        selection: SELECTION.parse()?,
        information: Information::Observed,
        rho: Rho::Sigma,
    };
    let mut seconds = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let fit = two_step(&panel, &spec)?;
        seconds.push(start.elapsed().as_secs_f64());
        if seconds.len() == 5 {
            print(&fit.outcome().coefficients());
            println!("sigma {:.6}  rho {:.6}", fit.sigma(), fit.rho());
        }
    }
    report("two-step", rows, seconds);
    if arguments.iter().any(|argument| argument == "likelihood") {
        let spec = LikelihoodSpec {
            outcome: spec.outcome,
            selection: spec.selection,
            vcov: LikelihoodVcov::Oim,
            small_sample: SmallSample::None,
        };
        let start = Instant::now();
        let fit = likelihood(&panel, &spec)?;
        let seconds = vec![start.elapsed().as_secs_f64()];
        print(&fit.outcome().coefficients());
        print(&fit.derived());
        report(&format!("likelihood, {} steps", fit.iterations()), rows, seconds);
    }
    Ok(())
}

fn print(table: &[Coefficient]) {
    for row in table {
        println!("{:10} {:12.8} {:12.8}", row.term, row.estimate, row.std_error);
    }
}

fn report(what: &str, rows: usize, mut seconds: Vec<f64>) {
    seconds.sort_by(f64::total_cmp);
    println!(
        "{what}: {rows} rows, median {:.3} s of {}",
        seconds[seconds.len() / 2],
        seconds.len()
    );
}

/// Errors with a correlation of one half; the outcome is missing where it is not seen.
fn simulated(rows: usize) -> Vec<Vec<f64>> {
    let mut draws = Draws::new(20_260_101, 0);
    let mut columns = vec![Vec::with_capacity(rows); COLUMNS.len()];
    // Box and Muller.
    let mut normal = || -> f64 {
        let (radius, angle) = (draws.unit(), std::f64::consts::TAU * draws.unit());
        (-2.0 * (1.0 - radius).ln()).sqrt() * angle.cos()
    };
    let dot = |x: &[f64], b: &[f64]| x.iter().zip(b).map(|(x, b)| x * b).sum::<f64>();
    for _ in 0..rows {
        let x: Vec<f64> = (0..6).map(|_| normal()).collect();
        let u = normal();
        let e = 0.5 * u + 0.75_f64.sqrt() * normal();
        let seen = 0.2 + dot(&x, &[0.5, -0.3, 0.2, 0.1, 0.6, -0.4]) + u > 0.0;
        let outcome = 1.0 + dot(&x, &[1.0, 0.5, -0.5, 0.25]) + 2.0 * e;
        let outcome = if seen { outcome } else { f64::NAN };
        let row = [outcome, f64::from(u8::from(seen))].into_iter().chain(x);
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    columns
}

/// Columns by the names in the header; an empty cell is missing.
fn read(text: &str) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let find = |name: &&str| header.iter().position(|head| head.trim_matches('"') == *name);
    let places: Vec<usize> = COLUMNS
        .iter()
        .map(|name| find(name).ok_or(format!("no column `{name}`")))
        .collect::<Result<_, _>>()?;
    let mut columns = vec![Vec::new(); COLUMNS.len()];
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        for (column, &place) in columns.iter_mut().zip(&places) {
            let cell = cells.get(place).copied().unwrap_or_default();
            let missing = matches!(cell, "" | "NA" | "NaN" | "nan");
            column.push(if missing { f64::NAN } else { cell.parse()? });
        }
    }
    Ok(columns)
}
