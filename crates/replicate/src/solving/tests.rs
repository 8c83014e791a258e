#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;

use numbers::Draws;
use reconstruct::Problem;

use super::rivals::Edges;
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

/// What the search finds is what is held, whatever the variable, and no rival does better: on the panel that
/// was found, and where nothing is printed of a threshold.
#[test]
fn thresholds_that_are_held_are_those_of_the_search() {
    for variable in ["Ind-a", "Fis", "Dev", "Fai", "lnX"] {
        searched(variable);
    }
}

fn searched(variable: &str) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let place = crate::run::find(Some(&fixtures), "chen-sun").expect("the study is there");
    let Opened { printed, mut study, .. } = open(&place).expect("the study is in order");
    let printed = printed.expect("it is published");
    let data = study.data.take().expect("it has data");
    study.thresholds.values_mut().for_each(|threshold| threshold.bootstrap = None);
    let two = study.thresholds.get_mut("two").expect("there are two thresholds");
    two.variable = variable.parse().expect("it is a variable");
    let missing = std::mem::take(&mut study.missing);
    let (data, after) = made::split(data, &study.indices, &missing);
    let base = ingest::load(&data, &place.data).expect("the files are there");
    let (held, wanted, names) = (Held::default(), Vec::new(), Vec::new());
    let (study, printed, base, after) = (&study, &printed, &base, after.as_slice());
    let mut paper = Paper { study, printed, base, after, missing, names, held, wanted };
    let computed = paper.computed(&[]).expect("it can be computed");
    paper.wanted = wanted::wanted(printed, &computed, &study.deviations);
    let found = paper.numbers(&[]).expect("all numbers are defined");
    paper.held = paper.hold(&[], Edges::Printed).expect("thresholds are found");
    let held = paper.numbers(&[]).expect("all numbers are defined");
    for (wanted, (found, held)) in paper.wanted.iter().zip(found.iter().zip(&held)) {
        let near = (found - held).abs() <= 1e-9 * found.abs();
        assert!(near, "{variable}, {}: {found} and {held}", wanted.address(printed));
    }
    let rivals = &held[found.len()..];
    assert!(rivals.len() >= 20 && rivals.iter().all(|by| *by <= 0.0), "{variable}: {rivals:?}");
}

/// Every estimator, moment and step of a study at once, through the pipeline that prints its tables.
#[test]
fn derivatives_are_differences_of_the_numbers() {
    // The others are counts, and moments of real columns.
    assert!(compared("wang-chen", false) >= 1);
    // Of the effects that a mediation table prints and of what is printed of thresholds, too.
    assert!(compared("chen-sun", false) >= 1);
    // Of an index by its indicators: its weights, and all that its scores are in.
    assert!(compared("chen-sun", true) >= 1);
}

/// Rows of the Jacobian with derivatives, for every number; an index that is unknown is a column, or is made
/// of its parts.
fn compared(key: &str, by_parts: bool) -> usize {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let place = crate::run::find(Some(&fixtures), key).expect("the study is there");
    let Opened { printed, mut study, .. } = open(&place).expect("the study is in order");
    let printed = printed.expect("it is published");
    let mut data = study.data.take().expect("it has data");
    data.sources.retain(|source| source.tier == Tier::Real);
    study.thresholds.values_mut().for_each(|threshold| threshold.bootstrap = None);
    let missing = std::mem::take(&mut study.missing);
    let mut waiting = missing.clone();
    waiting.extend(study.unknowns.iter().map(|unknown| (unknown.name.clone(), String::new())));
    let (data, after) = made::split(data, &study.indices, &waiting);
    let base = ingest::load(&data, &place.data).expect("the files are there");
    let mut panel = base.panel.clone();
    let begin = |(stream, unknown): (u64, &crate::unknown::Unknown)| {
        let ends = |of: &str| ends(&printed, &study, &after, base.panel.n_rows(), of);
        let start = unknown.begin(&panel, 1, stream, &ends).expect("it begins").start;
        panel.insert(unknown.name.clone(), Column::Number(start.clone())).expect("it is new");
        (unknown.name.clone(), apart(&start))
    };
    // Parts start along their index.
    let is_part = |name: &Name| unfold::is_part(name, &study);
    let (parts, whole): (Vec<_>, Vec<_>) =
        study.unknowns.iter().partition(|unknown| is_part(&unknown.name));
    let all: BTreeMap<Name, _> = (0..).zip(whole.into_iter().chain(parts)).map(begin).collect();
    let is_index = |name: &Name| study.indices.iter().any(|scheme| scheme.name == *name);
    let left_out = |name: &Name| if by_parts { is_index(name) } else { is_part(name) };
    let names: Vec<Name> = all.keys().filter(|name| !left_out(name)).cloned().collect();
    let (columns, sds): (Vec<Vec<f64>>, Vec<f64>) =
        names.iter().map(|name| all[name].clone()).unzip();
    let mut missing = missing;
    if !by_parts {
        let parts = all.keys().filter(|name| is_part(name));
        missing.extend(parts.map(|name| (name.clone(), String::new())));
    }
    let (held, wanted) = (Held::default(), Vec::new());
    let (study, printed, base, after) = (&study, &printed, &base, after.as_slice());
    let mut paper = Paper { study, printed, base, after, missing, names, held, wanted };
    let computed = paper.computed(&columns).expect("it can be computed");
    paper.wanted = wanted::wanted(printed, &computed, &Deviations::default());
    paper.held = paper.hold(&columns, Edges::Printed).expect("groups are formed");
    // No cell is at a threshold, and none moves across.
    paper.held.rivals.clear();
    let beside = all.get("agglomeration").map_or(0.0, |(_, sd)| *sd);
    for at in paper.held.thresholds.values_mut() {
        at.values.iter_mut().for_each(|value| *value += 0.3 * APART * beside);
    }
    let (numbers, jacobian) = paper.try_derivatives(&columns).expect("there are derivatives");
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
