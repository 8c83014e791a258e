//! How long a panel threshold takes: a grid of 300 with 1000 draws, and all values with 300.
//!
//! ```console
//! cargo run --release -p causal --example threshold [FILE.csv]
//! ```
//!
//! The file has columns `entity, time, y, q, x, z1, z2, z3, z4`; without one, a panel of 565 × 15 is
//! generated: slope 0.3 where `q ≤ 0.2` and 0.9 above.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a terminal, which times itself and stops where it fails"
)]

use std::time::Instant;

use causal::threshold::{
    Bootstrap, DrawTrim, Grid, Inequality, Null, Resample, Residuals, Rows, Scale, Search, Spec,
    Trim, TrimOf, estimate,
};
use estimate::{Constant, Convention, Draws};
use panel::{Column, Factor, Index, Panel};

fn main() {
    let panel = match std::env::args().nth(1) {
        Some(file) => testkit::panel(&std::fs::read_to_string(file).unwrap()),
        None => generated(565, 15),
    };
    for (name, grid, replications) in
        [("grid 300, 1000 draws", Grid::Even(300), 1000), ("all values, 300 draws", Grid::All, 300)]
    {
        let spec = spec(grid, replications);
        estimate(&panel, &spec, &|_| ()).unwrap();
        let mut seconds: Vec<f64> = (0..5)
            .map(|_| {
                let start = Instant::now();
                estimate(&panel, &spec, &|_| ()).unwrap();
                start.elapsed().as_secs_f64()
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        let outcome = estimate(&panel, &spec, &|_| ()).unwrap();
        let test = &outcome.tests()[0];
        let simulated = test.simulated.as_ref().unwrap();
        println!(
            "{name}: {:.4} s (median of 5, least {:.4}); {} candidates, threshold {}, F {:.3}, \
             p {:.3}, critical {:.2?}",
            seconds[2],
            seconds[0],
            outcome.n_candidates(),
            outcome.thresholds()[0].estimate,
            test.f,
            simulated.p_value,
            simulated.critical
        );
    }
}

fn spec(grid: Grid, replications: usize) -> Spec {
    Spec {
        model: "y ~ z1 + z2 + z3 + z4 + x | entity".parse().unwrap(),
        switching: vec!["x".parse().unwrap()],
        variable: "q".parse().unwrap(),
        thresholds: 1,
        inequality: Inequality::AtMost,
        rows: Rows::All,
        grid,
        trim: Trim { shares: vec![0.05], of: TrimOf::Range, min_rows: 1 },
        search: Search::Sequential { rounds: 1 },
        f_scale: Scale::Hansen,
        lr_scale: Scale::Hansen,
        level: 0.95,
        bootstrap: Some(Bootstrap {
            resample: Resample::Entities,
            residuals: Residuals::Alternative,
            null: Null::Search,
            trim: DrawTrim::Own,
            replications,
            seed: 1,
        }),
        slopes: estimate::Spec {
            vcov: "cluster entity".parse().unwrap(),
            convention: Convention::STATA_XTREG,
            constant: Constant::Mean,
        },
    }
}

fn generated(n: i32, t: i32) -> Panel {
    let mut draws = Draws::new(4, 0);
    // About normal: a sum of twelve uniforms.
    let mut normal = || (0..12).map(|_| draws.unit()).sum::<f64>() - 6.0;
    let (mut entity, mut time) = (Vec::new(), Vec::new());
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); 7];
    for i in 0..n {
        let (level, alpha) = (0.5 * normal(), normal());
        for year in 0..t {
            let (q, x) = (level + normal(), normal() + 0.5 * alpha);
            let z = [normal(), normal(), normal(), normal()];
            let slope = if q <= 0.2 { 0.3 } else { 0.9 };
            let y = alpha + slope * x + 0.2 * z.iter().sum::<f64>() + normal();
            entity.push(i);
            time.push(year);
            let row = [y, q, x].into_iter().chain(z);
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
    }
    let index = Index {
        entity_name: "entity".into(),
        entity: Factor::from_numbers(&entity),
        period_name: "time".into(),
        period: time,
    };
    let names = ["y", "q", "x", "z1", "z2", "z3", "z4"];
    let columns = names.into_iter().zip(columns);
    Panel::new(index, columns.map(|(name, v)| (name.into(), Column::Number(v)))).unwrap()
}
