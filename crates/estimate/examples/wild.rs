//! Times the wild cluster bootstrap: `cargo run --release -p estimate --example wild -- [N T DRAWS]`.
//!
//! Panels are drawn here: `y ~ x1 + … + x7 | id + year`, clustered by `id`, Rademacher weights,
//! the null imposed. Prints the seconds of the fastest and the median of seven runs, and what was
//! found. Without arguments: 30 × 9 with 9999 draws, then 10 000 × 10 with 999.
#![allow(clippy::print_stdout, reason = "a measurement is for a reader")]
#![allow(clippy::disallowed_methods, reason = "a measurement needs a clock")]

use std::time::Instant;

use estimate::{
    Convention, Design, Draws, Singletons, Tail, Ties, WildSpec, WildWeights, wild_bootstrap,
};
use panel::{Column, Factor, Index, Panel};

const REGRESSORS: usize = 7;
const RUNS: usize = 7;

/// `n` entities over `t` years; errors are correlated within an entity.
fn draw(n: i32, t: i32, seed: u64) -> Result<Panel, panel::Error> {
    let mut draws = Draws::new(seed, 0);
    // A sum of twelve uniforms is close enough to normal for a timing.
    let mut normal = || (0..12).map(|_| draws.unit()).sum::<f64>() - 6.0;
    let years: Vec<f64> = (0..t).map(|_| normal()).collect();
    let (mut id, mut period, mut y) = (Vec::new(), Vec::new(), Vec::new());
    let mut x = vec![Vec::new(); REGRESSORS];
    for i in 0..n {
        let (alpha, shock) = (normal(), normal());
        for (year, gamma) in (2014..).zip(&years) {
            let row: Vec<f64> = (0..REGRESSORS).map(|_| normal() + 0.3 * alpha).collect();
            id.push(i);
            period.push(year);
            y.push(0.1 * row[0] + alpha + gamma + shock * row[1] + normal());
            x.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
    }
    let index = Index {
        entity_name: "id".into(),
        entity: Factor::from_numbers(&id),
        period_name: "year".into(),
        period,
    };
    let x = x.into_iter().enumerate();
    let columns = x.map(|(j, column)| (format!("x{}", j + 1), Column::Number(column)));
    Panel::new(index, columns.chain([("y".into(), Column::Number(y))]))
}

fn time(n: i32, t: i32, replications: usize) -> Result<(), Box<dyn std::error::Error>> {
    let panel = draw(n, t, 1)?;
    let model = "y ~ x1 + x2 + x3 + x4 + x5 + x6 + x7 | id + year".parse()?;
    for interval in [false, true] {
        let spec = WildSpec {
            term: "x1".parse()?,
            null: 0.0,
            impose: true,
            weights: WildWeights::Rademacher,
            by: "id".into(),
            draw_by: None,
            convention: Convention::FIXEST,
            tail: Tail::Symmetric,
            ties: Ties::Strict,
            level: 0.05,
            interval,
            replications,
            seed: 1,
        };
        let mut seconds = Vec::new();
        let mut outcome = None;
        for _ in 0..RUNS {
            let start = Instant::now();
            let design = Design::new(&panel, &model, Singletons::Keep)?;
            outcome = Some(wild_bootstrap(&design, &spec, &|_| ())?);
            seconds.push(start.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        let (least, median) = (seconds[0], seconds[RUNS / 2]);
        let outcome = outcome.ok_or("no run")?;
        println!(
            "{} rows, {n} clusters, {replications} draws, {}: {least:.6} s, median {median:.6} s; \
             t {:.6}, p {:.6}, {:?}",
            n * t,
            if interval { "interval" } else { "test" },
            outcome.statistic(),
            outcome.p_value(),
            outcome.interval(),
        );
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sizes: Vec<String> = std::env::args().skip(1).collect();
    match sizes.as_slice() {
        [] => {
            time(30, 9, 9999)?;
            time(10_000, 10, 999)
        }
        [n, t, draws] => time(n.parse()?, t.parse()?, draws.parse()?),
        _ => Err("three numbers, or none: entities, years, draws".into()),
    }
}
