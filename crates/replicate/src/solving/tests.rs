#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
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
    let place = in_fixtures("chen-sun");
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
    let mut paper = Paper { study, printed, base, after, missing, names, held, wanted, drawn: 0 };
    let computed = paper.computed(&[]).expect("it can be computed");
    paper.wanted = wanted::wanted(printed, &computed, &study.deviations).wanted;
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
    assert!(compared(&in_fixtures("wang-chen"), false) >= 1);
    // Of the effects that a mediation table prints and of what is printed of thresholds, too.
    assert!(compared(&in_fixtures("chen-sun"), false) >= 1);
    // Of an index by its indicators: its weights, and all that its scores are in.
    assert!(compared(&in_fixtures("chen-sun"), true) >= 1);
}

/// What indices of [`NESTED`] have in common.
const HOW: &str = r#"normalise = "min-max"
normalise-over = "pooled"
shift = 0
weights-over = "pooled"
levels = "indicators"
aggregate = "linear""#;

const START: &str = r#"because = "nobody has it"
values = "real"
start = { drawn = { mean = 5, sd = 1, along = "a", load = 0.5, own = 0.5, trend = 0.3, noise = 1 } }"#;

/// `E` is made first and read by `Z`; `R` is of real columns, so it needs no derivatives, and has none.
const NESTED: &str = r#"
[panel]
entity = "id"
period = "year"
[[source]]
file = "x.csv"
columns = ["a", "b", "y"]
tier = "real"
[[unknown]]
name = "u"
@start
[[unknown]]
name = "v"
@start
[[index]]
name = "E"
weights = "entropy"
@how
indicators = [
  { name = "a", direction = "positive", dimension = "A" },
  { name = "u", direction = "negative", dimension = "A" },
  { name = "v", direction = "positive", dimension = "B" },
]
[[index]]
name = "R"
weights = "equal"
@how
indicators = [
  { name = "a", direction = "positive", dimension = "A" },
  { name = "b", direction = "positive", dimension = "A" },
]
[[index]]
name = "Z"
weights = "entropy"
@how
indicators = [
  { name = "E", direction = "positive", dimension = "C" },
  { name = "E: A", direction = "positive", dimension = "C" },
  { name = "b", direction = "positive", dimension = "D" },
]
[[variable]]
name = "Upper"
from = "Z"
steps = ["log1p"]
[[variable]]
name = "Part"
from = "Z: C"
steps = ["log1p"]
[[variable]]
name = "Lower"
from = "E: B"
steps = ["log1p"]
[[variable]]
name = "Old"
from = "R"
steps = ["log1p"]
[[table]]
id = "1"
rows = { R2 = "r2" }
columns = [{ id = "(1)", estimator = "pooled", model = "y ~ Upper + Part + Lower + Old", vcov = "HC1", like = "stata-xtreg" }]
"#;

const OF_NESTED: &str = r#"
[paper]
id = "nested"
title = "Indices of indices"
authors = ["Nobody"]
[[table]]
id = "1"
title = "Regression"
kind = "regression"
uncertainty = "t"
columns = ["(1)"]
dependent = ["y"]
rows = [["Upper", "0.5 (1.0)"], ["Part", "0.5 (1.0)"], ["Lower", "0.5 (1.0)"], ["Old", "0.5 (1.0)"], ["R2", "0.5"]]
"#;

/// An index of an index, dimensions of both, and logarithms of them.
#[test]
fn derivatives_go_through_indices_of_indices() {
    let study = NESTED.replace("@how", HOW).replace("@start", START);
    let mut draws = Draws::new(7, 0);
    let mut x = String::from("id,year,a,b,y\n");
    for (id, year) in (0..12).flat_map(|id| (2000..2005).map(move |year| (id, year))) {
        let mut draw = || draws.unit();
        writeln!(x, "{id},{year},{},{},{}", draw(), draw(), draw()).expect("it is text");
    }
    let folder = std::env::temp_dir().join(format!("panelproof-nested-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("it can be made");
    for (name, text) in [("study.toml", study), ("published.toml", OF_NESTED.into()), ("x.csv", x)]
    {
        std::fs::write(folder.join(name), text).expect("it can be written");
    }
    let place = crate::run::find(None, &folder.to_string_lossy()).expect("the study is there");
    let found = compared(&place, false);
    std::fs::remove_dir_all(&folder).expect("it can be removed");
    assert!(found >= 1);
}

fn in_fixtures(key: &str) -> Place {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    crate::run::find(Some(&fixtures), key).expect("the study is there")
}

/// Rows of the Jacobian with derivatives, for every number; an index that is unknown is a column, or is made
/// of its parts.
fn compared(place: &Place, by_parts: bool) -> usize {
    let Opened { printed, mut study, .. } = open(place).expect("the study is in order");
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
        let start = unknown.begin(&panel, (1, stream), false, &ends).expect("it begins").start;
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
    let mut paper = Paper { study, printed, base, after, missing, names, held, wanted, drawn: 0 };
    let computed = paper.computed(&columns).expect("it can be computed");
    paper.wanted = wanted::wanted(printed, &computed, &Deviations::default()).wanted;
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
