#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;

use numbers::Draws;
use reconstruct::Problem;

use super::*;
use crate::deviation::Deviations;

/// How far a direction is followed to either side, in standard deviations of a column.
const H: f64 = 1e-5;
/// The least distance of two values of a column, in the same units: no step changes their order, and
/// none is on both sides of a percentile.
const APART: f64 = 1e-3;

/// A column with its values in the same order, but no two alike; and its standard deviation.
fn apart(x: &[f64]) -> (Vec<f64>, f64) {
    let sd = numbers::describe(x).expect("a column has values").sd;
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&i, &j| x[i].total_cmp(&x[j]));
    let mut apart = x.to_vec();
    order.iter().enumerate().for_each(|(rank, &i)| apart[i] += rank as f64 * APART * sd);
    (apart, sd)
}

/// Every estimator, moment and step of a study at once, through the pipeline that prints its tables.
#[test]
fn derivatives_are_differences_of_the_numbers() {
    // The others are counts, and moments of real columns.
    assert!(compared("wang-chen") >= 1);
    // Of the effects that a mediation table prints, too.
    assert!(compared("chen-sun") >= 1);
}

/// Rows of the Jacobian with derivatives, for every number.
fn compared(key: &str) -> usize {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let place = crate::run::find(Some(&fixtures), key).expect("the study is there");
    let Opened { printed, mut study, .. } = open(&place).expect("the study is in order");
    let printed = printed.expect("it is published");
    let mut data = study.data.take().expect("it has data");
    data.sources.retain(|source| source.tier == Tier::Real);
    let names: Vec<Name> = study.unknowns.iter().map(|unknown| unknown.name.clone()).collect();
    let missing = std::mem::take(&mut study.missing);
    let mut waiting = missing.clone();
    waiting.extend(names.iter().map(|name| (name.clone(), String::new())));
    let (data, after) = made::split(data, &study.indices, &waiting);
    let base = ingest::load(&data, &place.data).expect("the files are there");
    let begin = |(stream, unknown): (u64, &crate::unknown::Unknown)| {
        let ends = |of: &str| ends(&printed, &study, &after, base.panel.n_rows(), of);
        apart(&unknown.begin(&base.panel, 1, stream, &ends).expect("it begins").start)
    };
    let (columns, sds): (Vec<Vec<f64>>, Vec<f64>) = (0..).zip(&study.unknowns).map(begin).unzip();
    let (held, wanted) = (Held::default(), Vec::new());
    let (study, printed, base, after) = (&study, &printed, &base, after.as_slice());
    let mut paper = Paper { study, printed, base, after, missing, names, held, wanted };
    let computed = paper.computed(&columns).expect("it can be computed");
    paper.wanted = wanted::wanted(printed, &computed, &Deviations::default());
    paper.held = paper.hold(&columns).expect("groups are formed");
    let (numbers, jacobian) = paper.derivatives(&columns).expect("there are derivatives");
    assert_eq!(Some(numbers), paper.numbers(&columns));
    let mut compared = 0;
    for seed in 0..2 {
        let mut draws = Draws::new(seed, 0);
        let mut side = |sd: &f64| (2.0 * draws.unit() - 1.0) * sd;
        let direction: Vec<Vec<f64>> = (columns.iter().zip(&sds))
            .map(|(column, sd)| column.iter().map(|_| side(sd)).collect())
            .collect();
        let at = |h: f64| {
            let moved = |(x, d): (&f64, &f64)| x + h * d;
            let columns: Vec<Vec<f64>> = (columns.iter().zip(&direction))
                .map(|(column, by)| column.iter().zip(by).map(moved).collect())
                .collect();
            paper.numbers(&columns).expect("they are defined nearby")
        };
        let (above, below) = (at(H), at(-H));
        for (i, row) in jacobian.rows().into_iter().enumerate() {
            let difference = (above[i] - below[i]) / (2.0 * H);
            let parts = row.iter().zip(direction.iter().flatten()).map(|(j, d)| j * d);
            let (sum, squares) = parts.fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
            let address = paper.wanted[i].address(printed);
            let size = squares.sqrt();
            let off = (sum - difference).abs();
            // H² times a third derivative: ln(1 + x) of few villages bends most. What has no
            // derivative does not move at all.
            assert!(off <= 1e-5 * size, "{address}: {sum} and {difference}, of {size}");
            compared += usize::from(squares > 0.0);
        }
    }
    compared / paper.wanted.len()
}
