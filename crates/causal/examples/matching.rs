//! Times one-to-one matching on a logit score: `cargo run --release -p causal --example matching`.
//!
//! Arguments: rows, by default a million. Six covariates, a quarter treated, an effect of one.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "an example looks at a clock")]

use std::time::Instant;

use causal::matching::{
    Errors, Estimand, Method, Order, Reuse, Scale, Score, Spec, Support, Target, Ties, estimate,
};
use estimate::Draws;
use panel::{Column, Factor, Index, Panel};

const EFFECTS: [f64; 6] = [0.5, -0.4, 0.3, 0.2, 0.1, 0.0];
const LEVELS: [f64; 6] = [1.0, 0.5, 0.3, 0.2, 0.1, 0.05];

fn normal(draws: &mut Draws) -> f64 {
    let angle = std::f64::consts::TAU * draws.unit();
    (-2.0 * (1.0 - draws.unit()).ln()).sqrt() * angle.cos()
}

fn generate(n: usize) -> Result<Panel, panel::Error> {
    let mut draws = Draws::new(9, 0);
    let mut x: Vec<Vec<f64>> = EFFECTS.map(|_| Vec::with_capacity(n)).to_vec();
    let (mut treat, mut y) = (Vec::with_capacity(n), Vec::with_capacity(n));
    for _ in 0..n {
        let (mut index, mut level) = (-1.2, 0.0);
        for (column, (effect, slope)) in x.iter_mut().zip(EFFECTS.iter().zip(LEVELS)) {
            let value = normal(&mut draws);
            column.push(value);
            index += effect * value;
            level += slope * value;
        }
        let d = if draws.unit() < 1.0 / (1.0 + (-index).exp()) { 1.0 } else { 0.0 };
        treat.push(d);
        y.push(d + level + normal(&mut draws));
    }
    let ids: Vec<u32> = (0..).take(n).collect();
    let index = Index {
        entity_name: "id".to_owned(),
        entity: Factor::from_numbers(&ids),
        period_name: "t".to_owned(),
        period: vec![0; n],
    };
    let columns = [("treat".to_owned(), treat), ("y".to_owned(), y)];
    let x = x.into_iter().enumerate().map(|(j, column)| (format!("x{}", j + 1), column));
    Panel::new(index, columns.into_iter().chain(x).map(|(name, v)| (name, Column::Number(v))))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let n = std::env::args().nth(1).map_or(Ok(1_000_000), |n| n.parse())?;
    let panel = generate(n)?;
    let near = |reuse, ties| Method::Nearest { k: 1, reuse, ties, caliper: None };
    let naive = Errors::Naive;
    let ai = Errors::AbadieImbens { neighbours: 1, target: Target::Population };
    for (method, errors) in [
        (near(Reuse::Replacement, Ties::First), naive),
        (near(Reuse::Replacement, Ties::Average), naive),
        (near(Reuse::Replacement, Ties::Average), ai),
        (near(Reuse::Once(Order::Largest), Ties::First), naive),
    ] {
        let spec = Spec {
            model: "treat ~ x1 + x2 + x3 + x4 + x5 + x6".parse()?,
            outcomes: vec!["y".parse()?],
            score: Score::Logit(Scale::Probability),
            method,
            within: vec![],
            support: Support::None,
            estimand: Estimand::Treated,
            errors,
        };
        let mut best = f64::INFINITY;
        let mut effect = 0.0;
        for _ in 0..3 {
            let start = Instant::now();
            effect = estimate(&panel, &spec)?.effects()[1].estimate;
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!("{n} rows, {method}, errors {errors}: {best:.3} s, ATT {effect:.6}");
    }
    Ok(())
}
