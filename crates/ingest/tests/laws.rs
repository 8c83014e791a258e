//! Equalities between two ways to the same panel.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests write files")]

mod common;

use common::{Folder, Rows, key, panel, same};
use ingest::{
    By, CleaningError, Entry, Error, Filter, Loaded, Operand, Percentiles, Relation, Spec, Step,
    Test, Tier, Value, Variable, Winsorize, load, open, pull_back, write_csv, write_parquet,
};
use panel::{Column, Factor, Index, Panel, Term};
use proptest::collection;
use proptest::prelude::*;

/// Rows that bite: gaps, missing cells, labels with commas, quotes and line ends, all magnitudes.
fn rows() -> impl Strategy<Value = Rows> {
    let entity = prop_oneof!["[a-c]{1,2}", "[x-z,\"\n 北]{1,3}", Just("NA".to_owned())];
    let number = prop_oneof![any::<f64>().prop_filter("finite", |x| x.is_finite()), -5.0..5.0];
    let label = "[p-r,\"\n' ]{0,3}q";
    let cells = (proptest::option::of(number), proptest::option::of(label));
    proptest::collection::btree_map((entity, -3..3), cells, 1..12).prop_map(|mut rows| {
        // A column without a value has no type in text.
        let first = rows.values_mut().next().unwrap();
        *first = (Some(0.1), Some("q".into()));
        rows
    })
}

/// The rows as text, in the order of `keys`.
fn csv_text(rows: &Rows, keys: &[(String, i32)]) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let line = |key: &(String, i32)| {
        let (x, label) = &rows[key];
        let x = x.map_or(String::new(), |x| format!("{x:e}"));
        format!("{},{},{x},{}\r\n", key.1, quote(label.as_deref().unwrap_or("")), quote(&key.0))
    };
    keys.iter().map(line).fold("t,省,x,id\n".to_owned(), |text, line| text + &line)
}

fn shuffled() -> impl Strategy<Value = (Rows, Vec<(String, i32)>)> {
    rows().prop_flat_map(|rows| {
        let keys: Vec<_> = rows.keys().cloned().collect();
        (Just(rows), Just(keys).prop_shuffle())
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    let finite = || any::<f64>().prop_filter("finite", |x| x.is_finite());
    let relation = prop_oneof![
        Just(Relation::Equal),
        Just(Relation::NotEqual),
        Just(Relation::Less),
        Just(Relation::AtMost),
        Just(Relation::Greater),
        Just(Relation::AtLeast),
    ];
    let text = prop_oneof!["[a-z=\"` 1.]{0,6}", any::<String>(), Just("in 1..2".to_owned())];
    let value = prop_oneof![finite().prop_map(Value::Number), text.prop_map(Value::Text)];
    let test = prop_oneof![
        (relation, value).prop_map(|(relation, value)| Test::Is(relation, value)),
        (finite(), finite()).prop_map(|(a, b)| Test::In(a, b)),
    ];
    let column = prop_oneof!["[a-z=!<>` ]{1,6}", ".{1,8}"];
    (column, test).prop_map(|(column, test)| Filter { column, test })
}

/// One variable `v` from `x`, on a file `d.csv` with the numbers as rows of one entity.
fn winsorized(xs: &[f64], low: f64, high: f64, percentiles: Percentiles) -> Vec<f64> {
    let folder = Folder::new();
    let lines = xs.iter().enumerate().map(|(t, x)| format!("a,{t},{x:e}\n"));
    folder.write("d.csv", lines.fold("id,t,x\n".to_owned(), |s, line| s + &line).as_bytes());
    let spec = "[panel]\nentity='id'\nperiod='t'\n[[source]]\nfile='d.csv'\ntier='real'";
    let mut spec: Spec = toml::from_str(spec).unwrap();
    let steps = vec![Step::Winsorize(Winsorize { low, high, percentiles, by: None })];
    spec.variables.push(Variable { name: "v".into(), from: "x".into(), steps });
    load(&spec, &folder.path("")).unwrap().panel.values(&Term::var("v")).unwrap().to_vec()
}

/// Two periods of six entities, without a column beside the key.
const ROWS: usize = 12;

fn bare() -> Loaded {
    let folder = Folder::new();
    let lines = (0..ROWS).map(|i| format!("{},{},0\n", i / 2, i % 2));
    folder.write("d.csv", lines.fold("id,t,zero\n".to_owned(), |s, line| s + &line).as_bytes());
    let spec = "[panel]\nentity='id'\nperiod='t'\n[[source]]\nfile='d.csv'\ntier='real'";
    load(&toml::from_str(spec).unwrap(), &folder.path("")).unwrap()
}

/// The columns `x`, `a` and `b`, and `v` made of them.
fn made(bare: &Loaded, columns: &[Vec<f64>], steps: &[Step]) -> (Panel, Vec<f64>) {
    let mut loaded = bare.clone();
    for (name, column) in ["x", "a", "b"].iter().zip(columns) {
        loaded.add(*name, Column::Number(column.clone()), Tier::Real, "drawn").unwrap();
    }
    let before = loaded.panel.clone();
    loaded.make(&[Variable { name: "v".into(), from: "x".into(), steps: steps.to_vec() }]).unwrap();
    (before, loaded.panel.values(&Term::var("v")).unwrap().to_vec())
}

fn operand(names: &'static [&'static str]) -> impl Strategy<Value = Operand> {
    prop_oneof![
        (0.3..3.0).prop_map(Operand::Number),
        proptest::sample::select(names).prop_map(|name| Operand::Column(name.into())),
    ]
}

fn clip() -> impl Strategy<Value = Step> {
    (0.0..0.4, 0.6..1.0).prop_map(|(low, high)| {
        let percentiles = Percentiles::Linear;
        Step::Winsorize(Winsorize { low, high, percentiles, by: None })
    })
}

/// Steps with a way back: above zero up to the logarithm, anything after it.
fn reversible() -> impl Strategy<Value = Vec<Step>> {
    let above = prop_oneof![
        operand(&["a", "b"]).prop_map(Step::Over),
        operand(&["x", "a", "b"]).prop_map(Step::Plus),
        operand(&["x", "a", "b"]).prop_map(Step::Times),
        clip(),
    ];
    let logarithm = prop_oneof![Just(Vec::new()), Just(vec![Step::Log]), Just(vec![Step::Log1p]),];
    let any = prop_oneof![
        operand(&["a", "b"]).prop_map(Step::Over),
        operand(&["a", "b"]).prop_map(Step::Minus),
        operand(&["x", "a", "b"]).prop_map(Step::Plus),
        operand(&["x", "a", "b"]).prop_map(Step::Times),
        (-3.0..-0.3).prop_map(|a| Step::Times(Operand::Number(a))),
        clip(),
    ];
    (collection::vec(above, 0..3), logarithm, collection::vec(any, 0..4))
        .prop_map(|(above, logarithm, any)| [above, logarithm, any].concat())
}

/// From 0.5 to 4, no two nearer than 0.1, in any order.
fn apart() -> impl Strategy<Value = Vec<f64>> {
    let jitter = proptest::collection::vec(0.0..0.2, ROWS);
    let spread =
        |jitter: Vec<f64>| (0..).zip(jitter).map(|(i, x)| 0.5 + 0.3 * f64::from(i) + x).collect();
    jitter.prop_map(spread).prop_flat_map(|column: Vec<f64>| Just(column).prop_shuffle())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn rows_may_come_in_any_order((rows, keys) in shuffled()) {
        let folder = Folder::new();
        let path = folder.write("d.csv", csv_text(&rows, &keys).as_bytes());
        prop_assert!(same(&open(&path, &key(), None).unwrap().0, &panel(&rows)));
    }

    #[test]
    fn what_is_written_is_read(rows in rows()) {
        let folder = Folder::new();
        let written = panel(&rows);
        let (csv, parquet) = (folder.path("d.csv"), folder.path("d.parquet"));
        write_csv(&written, &csv).unwrap();
        write_parquet(&written, &parquet).unwrap();
        prop_assert!(same(&open(&csv, &key(), None).unwrap().0, &written));
        prop_assert!(same(&open(&parquet, &key(), None).unwrap().0, &written));
        prop_assert_eq!(std::fs::read_dir(folder.path("")).unwrap().count(), 2);
    }

    #[test]
    fn filters_read_as_they_print(filter in filter()) {
        prop_assert_eq!(filter.to_string().parse::<Filter>(), Ok(filter));
    }

    #[test]
    fn any_bytes_are_a_panel_or_an_error(bytes in proptest::collection::vec(
        prop_oneof![Just(b','), Just(b'\n'), Just(b'"'), Just(b'\r'), Just(b'1'), any::<u8>()], 0..80,
    ), with_header in any::<bool>()) {
        let folder = Folder::new();
        let header: &[u8] = if with_header { b"id,t,x\na,1," } else { b"" };
        let content = [header, &bytes].concat();
        let nothing = ingest::Key { entity: None, period: None };
        let _ = open(&folder.write("d.csv", &content), &key(), None);
        let _ = open(&folder.path("d.csv"), &nothing, None);
        let _ = open(&folder.write("d.parquet", &content), &nothing, None);
    }

    #[test]
    fn winsorizing_commutes_with_units(
        xs in proptest::collection::vec(-1e3..1e3, 2..40), linear in any::<bool>(),
    ) {
        // Powers of two are exact, so the two ways agree to the bit.
        let definition = if linear { Percentiles::Linear } else { Percentiles::Stata };
        let scaled: Vec<f64> = xs.iter().map(|x| x * 4.0).collect();
        let after: Vec<f64> =
            winsorized(&xs, 0.1, 0.85, definition).iter().map(|x| x * 4.0).collect();
        prop_assert_eq!(winsorized(&scaled, 0.1, 0.85, definition), after);
    }

    #[test]
    fn winsorizing_twice_is_once_where_percentiles_are_values(
        xs in proptest::collection::vec(-1e3..1e3, 2..40),
    ) {
        // n·p is never whole for these, so Stata's percentiles are order statistics.
        let once = winsorized(&xs, 0.101, 0.857, Percentiles::Stata);
        prop_assert_eq!(&winsorized(&once, 0.101, 0.857, Percentiles::Stata), &once);
    }

    #[test]
    fn pull_back_is_a_difference(
        mut columns in proptest::collection::vec(apart(), 3),
        steps in reversible(),
        gradient in proptest::collection::vec(-2.0..2.0, ROWS),
        missing in proptest::option::of((0..3usize, 0..ROWS)),
    ) {
        const H: f64 = 1e-6;
        if let Some((column, row)) = missing {
            columns[column][row] = f64::NAN;
        }
        let bare = bare();
        // A percentile has no derivative where values change places: not nearer than a step moves them.
        for at in (0..steps.len()).filter(|&at| matches!(steps[at], Step::Winsorize(_))) {
            let mut before = made(&bare, &columns, &steps[..at]).1;
            before.retain(|x| !x.is_nan());
            before.sort_by(f64::total_cmp);
            let near = |pair: &[f64]| pair[1] > pair[0] && pair[1] - pair[0] < 1e-3;
            prop_assume!(!before.windows(2).any(near));
        }
        let scalar = |columns: &[Vec<f64>]| -> f64 {
            let v = made(&bare, columns, &steps).1;
            v.iter().zip(&gradient).filter(|(v, _)| !v.is_nan()).map(|(v, g)| v * g).sum()
        };
        let panel = made(&bare, &columns, &[]).0;
        let variable = Variable { name: "v".into(), from: "x".into(), steps: steps.clone() };
        let back = pull_back(&panel, &variable, &gradient).unwrap();
        prop_assert!(back.keys().all(|name| ["x", "a", "b"].contains(&name.as_str())));
        let nothing = vec![0.0; ROWS];
        for (c, name) in ["x", "a", "b"].into_iter().enumerate() {
            let ours = back.get(name).unwrap_or(&nothing);
            let differences: Vec<f64> = (0..ROWS).map(|row| {
                let at = |h: f64| {
                    let mut moved = columns.clone();
                    moved[c][row] += h;
                    scalar(&moved)
                };
                (at(H) - at(-H)) / (2.0 * H)
            }).collect();
            // Rounding of a scalar of some thousands over H, and H² times a third derivative.
            let size = differences.iter().fold(1.0 + scalar(&columns).abs(), |m, x| m.max(x.abs()));
            for (row, (ours, difference)) in ours.iter().zip(&differences).enumerate() {
                let off = (ours - difference).abs();
                prop_assert!(off < 1e-7 * size, "{name} {row}: {ours} and {difference}, {steps:?}");
            }
        }
    }
}

#[test]
fn pull_back_refuses_what_it_has_no_formula_for() {
    let columns = [1.0, 2.0, 3.0].map(|x| (0..ROWS).map(|i| x + i as f64).collect());
    let panel = made(&bare(), &columns, &[]).0;
    let clip = |percentiles, by| Winsorize { low: 0.1, high: 0.9, percentiles, by };
    let steps = [
        Step::Lag(1),
        Step::Lead(1),
        Step::Difference(1),
        Step::Growth(1),
        Step::Interpolate,
        Step::Fill(0.0),
        Step::Winsorize(clip(Percentiles::Linear, Some(By::Period))),
        Step::Winsorize(clip(Percentiles::Stata, None)),
    ];
    for step in steps {
        let steps = vec![Step::Log, step.clone()];
        let variable = Variable { name: "v".into(), from: "x".into(), steps };
        let error = pull_back(&panel, &variable, &[1.0; ROWS]).unwrap_err();
        let Error::Cleaning(error) = error else { panic!("{step}: {error}") };
        let (variable, named) = ("v".into(), step.to_string());
        assert_eq!(*error, CleaningError::NoReverse { variable, step: named });
    }
}

/// By hand from the formulas: n = 10, p = 0.1 and 0.75.
#[test]
fn percentiles_are_what_they_say() {
    let xs: Vec<f64> = (1..=10).map(f64::from).collect();
    let ends = |definition| {
        let v = winsorized(&xs, 0.1, 0.75, definition);
        (v[0], v[9])
    };
    // h = 0.9 and 6.75.
    assert_eq!(ends(Percentiles::Linear), (1.9, 7.75));
    // P = 1 is whole: (1 + 2) / 2; P = 7.5 is not: the eighth.
    assert_eq!(ends(Percentiles::Stata), (1.5, 8.0));
    // 100 × 0.29 is not quite 29 in floating point, and must count as whole.
    let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
    assert_eq!(winsorized(&hundred, 0.29, 1.0, Percentiles::Stata)[0].to_bits(), 29.5f64.to_bits());
}

#[test]
fn files_are_joined_on_the_key_and_filtered_in_order() {
    let folder = Folder::new();
    folder.write("base.csv", b"id,t,x\nb,2,4\na,1,1\na,2,2\nc,2,\nd,9,0\n");
    let rows = Panel::new(
        Index {
            entity_name: "who".into(),
            entity: Factor::from_names(["a", "b", "e", "d", "a"].map(Some)),
            period_name: "t".into(),
            period: vec![1, 2, 2, 9, 7],
        },
        [("y".into(), Column::Number(vec![10.0, f64::NAN, 30.0, 0.0, 50.0]))],
    );
    write_parquet(&rows.unwrap(), &folder.path("more.parquet")).unwrap();
    let spec: Spec = toml::from_str(
        "[panel]\nentity='id'\nperiod='t'\nlast=8\nwhere=['v > 1', 'id != d']\n
         [[source]]\nfile='base.csv'\ntier='real'\n
         [[source]]\nfile='more.parquet'\nentity='who'\ntier='reconstructed'\nrename={y='z'}\n
         [[variable]]\nname='v'\nfrom='x'\nsteps=[{times=2},{minus=1}]\n
         [[variable]]\nname='w'\nfrom='v'\nsteps=[{over='z'}]",
    )
    .unwrap();
    let loaded = load(&spec, &folder.path("")).unwrap();
    assert_eq!(loaded.panel.row_label(0), ("a".into(), 2));
    assert_eq!(loaded.panel.values(&Term::var("v")).unwrap()[..], [3.0, 7.0]);
    assert!(loaded.panel.values(&Term::var("w")).unwrap().iter().all(|w| w.is_nan()));
    let tiers: Vec<Tier> = ["x", "v", "z", "w"].map(|name| loaded.tiers[name]).to_vec();
    assert_eq!(tiers, [Tier::Real, Tier::Real, Tier::Reconstructed, Tier::Reconstructed]);
    let expected = "\
base.csv: 5 rows read, 4 kept; left out: 1 outside ..8
more.parquet: 5 rows read, 4 kept; left out: 1 outside ..8
more.parquet: joined to 2 of 4 rows; missing for 2 (a 2, c 2); left out, for lack of such rows: 2 (a 7, e 2)
v: x, times 2, minus 1; missing in 1 row
w: v, over z; missing in 3 rows
where `v > 1`: 4 rows, 2 kept; 1 of those left out are missing
";
    assert_eq!(loaded.account.to_string(), expected);
    let Entry::Joined { unmatched, .. } = &loaded.account.entries[2] else { panic!("no join") };
    assert_eq!(unmatched.count, 2);
}

#[test]
fn whole_numbers_keep_their_text_and_their_value() {
    const WIDE: i64 = (1 << 53) + 2;
    let folder = Folder::new();
    let (csv, parquet) = (folder.path("d.csv"), folder.path("d.parquet"));
    let index = Index {
        entity_name: "id".into(),
        entity: Factor::from_numbers(&[1, WIDE]),
        period_name: "t".into(),
        period: vec![1, 1],
    };
    let x = Column::Number(vec![WIDE as f64, 0.5]);
    let written = Panel::new(index, [("x".into(), x)]).unwrap();
    write_csv(&written, &csv).unwrap();
    write_parquet(&written, &parquet).unwrap();
    assert!(same(&open(&csv, &key(), None).unwrap().0, &written));
    assert!(same(&open(&parquet, &key(), None).unwrap().0, &written));
    // As a key it is exact; as a number it may not be.
    let nothing = ingest::Key { entity: None, period: None };
    for (path, place) in [(&csv, "d.csv:3: `id` is 9007199254740994"), (&parquet, "row 2: `id` is")]
    {
        let message = open(path, &nothing, Some(&["id"])).unwrap_err().to_string();
        assert!(message.contains(place), "{message}");
    }
    // A code with leading zeros is a name.
    let codes = open(&folder.write("d.csv", b"id,t\n007,1\n10,1\n"), &key(), None).unwrap().0;
    assert_eq!(codes.index().entity.labels().collect::<Vec<_>>(), ["007", "10"]);
}

#[test]
fn ranges_include_their_ends() {
    let folder = Folder::new();
    folder.write("d.csv", b"id,t,x\na,1,1\na,2,2\na,3,3\na,4,4\na,5,\n");
    let kept = |filter: &str| {
        let text =
            "[panel]\nentity='id'\nperiod='t'\nwhere=['F']\n[[source]]\nfile='d.csv'\ntier='real'";
        let spec: Spec = toml::from_str(&text.replace('F', filter)).unwrap();
        load(&spec, &folder.path("")).unwrap().panel.index().period.clone()
    };
    assert_eq!(kept("x in 2..3"), [2, 3]);
    assert_eq!(kept("t in 2..3"), [2, 3]);
    assert_eq!(kept("x <= 2"), [1, 2]);
    assert_eq!(kept("x < 2"), [1]);
    assert_eq!(kept("x >= 3"), [3, 4]);
    assert_eq!(kept("x > 3"), [4]);
    assert_eq!(kept("x != 3"), [1, 2, 4]);
    assert_eq!(kept("t == 5"), [5]);
}
