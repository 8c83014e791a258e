//! Cleaning: what pandas, numpy and scipy make of the same cells, and laws that hold for any.
#![allow(
    clippy::format_push_string,
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests write files"
)]

mod common;

use std::path::{Path, PathBuf};

use common::Folder;
use ingest::{Doubt, Entry, Loaded, Spec, Tier, Variable, load};
use panel::{Column, Term};
use proptest::prelude::*;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reference/cleaning")
}

/// Variables `name = steps`, from `x` unless `from` says otherwise.
fn spec(extra: &str, variables: &[(&str, &str, &str)]) -> Spec {
    let mut text = format!(
        "[panel]\nentity='id'\nperiod='t'\n{extra}\n[[source]]\nfile='d.csv'\ntier='real'\n"
    );
    for (name, from, steps) in variables {
        text += &format!("[[variable]]\nname='{name}'\nfrom='{from}'\nsteps=[{steps}]\n");
    }
    toml::from_str(&text).unwrap()
}

fn values(loaded: &Loaded, name: &str) -> Vec<f64> {
    loaded.panel.values(&Term::var(name)).unwrap().to_vec()
}

#[test]
fn steps_are_those_of_pandas() {
    let reference = std::fs::read_to_string(fixture().join("reference.json")).unwrap();
    let reference: serde_json::Value = serde_json::from_str(&reference).unwrap();
    let clip = |percentiles: &str, by: &str| {
        format!("{{winsorize={{low=0.05,high=0.9,percentiles='{percentiles}'{by}}}}}")
    };
    let steps = [
        ("interpolate", "x", "'interpolate'".to_owned()),
        ("extrapolate_nearest", "x", "{extrapolate='nearest'}".into()),
        ("extrapolate_linear", "x", "{extrapolate='linear'}".into()),
        ("both", "x", "'interpolate',{extrapolate='nearest'}".into()),
        ("lag_1", "x", "{lag=1}".into()),
        ("lag_3", "x", "{lag=3}".into()),
        ("lead_2", "x", "{lead=2}".into()),
        ("difference_1", "x", "{difference=1}".into()),
        ("growth_1", "x", "{growth=1}".into()),
        ("winsorize_pooled", "x", clip("linear", "")),
        ("winsorize_period", "x", clip("linear", ",by='period'")),
        ("winsorize_stata", "x", clip("stata", "")),
        ("winsorize_stata_period", "x", clip("stata", ",by='period'")),
        ("fill_0", "x", "{fill=0}".into()),
        ("chained_2014", "gdp", "{deflate={by='chained',base=2014,index='chained'}}".into()),
        ("fixed_2014", "gdp", "{deflate={by='fixed',base=2014,index='fixed'}}".into()),
    ];
    let mut text = "[panel]\nentity='province'\nperiod='year'\n\
        [[source]]\nfile='data.csv'\ntier='real'\n"
        .to_owned();
    for (name, from, steps) in &steps {
        text += &format!("[[variable]]\nname='{name}'\nfrom='{from}'\nsteps=[{steps}]\n");
    }
    let mut spec: Spec = toml::from_str(&text).unwrap();
    // Deflating refuses an entity without a base: those that have one are compared.
    let prices = spec.variables.split_off(14);
    let loaded = load(&spec, &fixture()).unwrap();
    let rows: Vec<(String, i32)> = serde_json::from_value(reference["rows"].clone()).unwrap();
    let labels: Vec<(String, i32)> =
        (0..loaded.panel.n_rows()).map(|row| loaded.panel.row_label(row)).collect();
    assert_eq!(labels, rows);
    let mut loaded_prices = loaded.clone();
    assert!(loaded_prices.make(&prices).unwrap_err().to_string().contains("no `chained` for 2014"));
    let with: Vec<String> = serde_json::from_value(reference["with_2014"].clone()).unwrap();
    let mut compared = 0;
    let mut compare = |loaded: &Loaded, name: &str| {
        let wanted: Vec<Option<f64>> =
            serde_json::from_value(reference["columns"][name].clone()).unwrap();
        let wanted = rows.iter().zip(wanted);
        let there: std::collections::BTreeMap<&(String, i32), Option<f64>> = wanted.collect();
        for (row, ours) in values(loaded, name).into_iter().enumerate() {
            let key = loaded.panel.row_label(row);
            match there[&key] {
                None => assert!(ours.is_nan(), "{name} {key:?}: {ours}, not missing"),
                Some(x) => assert!(
                    (ours - x).abs() <= 1e-12 * x.abs().max(1.0),
                    "{name} {key:?}: {ours}, not {x}"
                ),
            }
            compared += 1;
        }
    };
    for (name, ..) in &steps[..14] {
        compare(&loaded, name);
    }
    let without: Vec<String> = rows
        .iter()
        .map(|(province, _)| province)
        .filter(|province| !with.contains(province))
        .map(|province| format!("province != {province}"))
        .collect();
    let filters: Vec<ingest::Filter> = without.iter().map(|text| text.parse().unwrap()).collect();
    let mut based = loaded;
    based.keep(&filters).unwrap();
    based.make(&prices).unwrap();
    for (name, ..) in &steps[14..] {
        compare(&based, name);
    }
    assert_eq!(compared, 14 * rows.len() + 2 * based.panel.n_rows());
}

#[test]
fn every_touched_cell_is_named() {
    let folder = Folder::new();
    folder.write("d.csv", b"id,t,x\na,1,1\na,2,\na,4,4\na,5,\nb,1,\nb,2,\nb,3,50\nc,1,\n");
    let variables = [
        ("v", "x", "'interpolate',{extrapolate='nearest'}"),
        ("w", "v", "{fill=0},{winsorize={low=0,high=0.8,percentiles='stata'}}"),
    ];
    let loaded = load(&spec("", &variables), &folder.path("")).unwrap();
    let expected = "\
d.csv: 8 rows read
v: x, interpolate, extrapolate nearest; missing in 1 row
v: 1 cell interpolated (a 2); 4 missing still
v: 3 cells extrapolated nearest (a 5, b 1, b 2); 1 missing still
w: v, fill 0, winsorize 0 0.8 stata
w: 1 cell missing and now 0 (c 1)
w: 0 cells raised to 0, 0 cells lowered to 50
";
    assert_eq!(loaded.account.to_string(), expected);
    assert_eq!(values(&loaded, "v")[..7], [1.0, 2.0, 4.0, 4.0, 50.0, 50.0, 50.0]);
    let listed: Vec<(String, String, (String, i32), f64)> = loaded
        .changes
        .iter()
        .map(|change| {
            assert!(change.before.is_nan());
            let at = loaded.panel.row_label(change.row);
            (change.variable.to_owned(), change.step.to_string(), at, change.after)
        })
        .collect();
    let cell = |variable: &str, step: &str, id: &str, t: i32, after: f64| {
        (variable.to_owned(), step.to_owned(), (id.to_owned(), t), after)
    };
    assert_eq!(
        listed,
        [
            cell("v", "interpolate", "a", 2, 2.0),
            cell("v", "extrapolate nearest", "a", 5, 4.0),
            cell("v", "extrapolate nearest", "b", 1, 50.0),
            cell("v", "extrapolate nearest", "b", 2, 50.0),
            cell("w", "fill 0", "c", 1, 0.0),
        ]
    );
    let path = folder.path("changes.csv");
    loaded.changes.write_csv(&loaded.panel, &path).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with("variable,id,t,step,before,after\nv,a,2,interpolate,,2\n"), "{text}");
    assert_eq!(text.lines().count(), 6);
}

#[test]
fn changes_follow_the_rows_that_are_kept() {
    let folder = Folder::new();
    folder.write("d.csv", b"id,t,x,y\na,1,1,0\na,2,,0\na,3,3,1\nb,1,1,0\nb,2,,1\nb,3,9,1\n");
    let loaded = load(&spec("where=['y > 0']", &[("v", "x", "'interpolate'")]), &folder.path(""));
    let loaded = loaded.unwrap();
    let changes: Vec<_> =
        loaded.changes.iter().map(|c| (loaded.panel.row_label(c.row), c.after)).collect();
    assert_eq!(changes, [(("b".to_owned(), 2), 5.0)]);
}

#[test]
fn winsorizing_says_where() {
    let folder = Folder::new();
    let lines = (0..40).map(|i| format!("e{i:02},1,{i}\ne{i:02},2,{}\n", 100 * i));
    folder.write("d.csv", lines.fold("id,t,x\n".to_owned(), |s, l| s + &l).as_bytes());
    let clip = "{winsorize={low=0.05,high=0.95,percentiles='stata',by='period'}}";
    let pooled = "{winsorize={low=0.02,high=1,percentiles='stata'}}";
    let loaded =
        load(&spec("", &[("v", "x", clip), ("w", "x", pooled)]), &folder.path("")).unwrap();
    let text = loaded.account.to_string();
    let by_period = "v: 4 cells raised to the lower percentile of their period (e00 1, e01 1, \
                     e00 2, …), 4 cells lowered to the upper percentile of their period (e38 1, \
                     e39 1, e38 2, …)\n";
    assert!(text.contains(by_period), "{text}");
    let Some(Entry::Winsorized { bounds, .. }) =
        loaded.account.entries.iter().find(|entry| matches!(entry, Entry::Winsorized { .. }))
    else {
        panic!("{text}")
    };
    assert_eq!((bounds[0].period, bounds[0].low, bounds[0].high), (Some(1), 1.5, 37.5));
    assert_eq!((bounds[1].period, bounds[1].low, bounds[1].high), (Some(2), 150.0, 3750.0));
}

#[test]
fn what_is_not_defined_is_an_error() {
    let folder = Folder::new();
    folder.write(
        "d.csv",
        b"id,t,x,zero,cpi\na,1,1,0,100\na,2,-2,0,102\na,3,4,0,\nb,2,1,0,103\nb,3,0,0,104\n",
    );
    let says = |steps: &str, from: &str, expected: &str| {
        let error = load(&spec("", &[("v", from, steps)]), &folder.path("")).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}\nnot {expected}");
    };
    says("'log'", "x", "log is undefined for `a` in 2, where the value is -2");
    says("{lag=0}", "x", "`v`: lag 0 needs a whole number of periods from 1");
    says(
        "{growth=1}",
        "x",
        "growth 1 is undefined for `a` in 3, where the value is 4 and the other -2",
    );
    says("{fill=nan}", "x", "finite number");
    says("{deflate={by='zero',base=2,index='fixed'}}", "x", "`zero` is zero in every row");
    says(
        "{deflate={by='x',base=2,index='fixed'}}",
        "cpi",
        "undefined for `a` in 2, where the value is 102 and the other -2",
    );
    says(
        "{deflate={by='cpi',base=1,index='fixed'}}",
        "x",
        "`b` has no `cpi` for 1; choose a base in the sample, or",
    );
    says(
        "{deflate={by='cpi',base=9,index='chained'}}",
        "x",
        "`a` has no `cpi` for 9; choose a base in the sample or one period before it",
    );
    says("{winsorize={low=0.9,high=0.1,percentiles='stata'}}", "x", "0 <= low < high <= 1");
    says("'interpolate'", "id", "interpolate needs numbers, and `id` holds categories");
    says("{region='east-central-west'}", "x", "needs a column of provinces");
    says("{convert='元'}", "x", "nothing says what the numbers are in");
    let error = load(&spec("balanced=true", &[]), &folder.path("")).unwrap_err().to_string();
    assert!(error.contains("1 of 2 × 3 rows are not there (b 1)"), "{error}");
    // One period before the first row of `a`, and of `b` the base itself.
    let base = "{deflate={by='cpi',base=1,index='chained'}}";
    let loaded = load(&spec("", &[("v", "x", base)]), &folder.path("")).unwrap();
    let v = values(&loaded, "v");
    assert!(
        (v[1] + 2.0 / 1.02).abs() < 1e-15 && v[2].is_nan() && (v[3] - 1.0 / 1.03).abs() < 1e-15
    );
}

#[test]
fn an_index_of_ratios_is_doubted() {
    let folder = Folder::new();
    folder.write("d.csv", b"id,t,x,cpi\na,1,1,1.00\na,2,2,1.02\n");
    let steps = "{deflate={by='cpi',base=1,index='chained'}}";
    let loaded = load(&spec("", &[("v", "x", steps)]), &folder.path("")).unwrap();
    let doubt = |entry: &&Entry| matches!(entry, Entry::Doubtful { doubt: Doubt::LinkAsRatio, .. });
    assert_eq!(loaded.account.entries.iter().filter(doubt).count(), 1);
}

#[test]
fn columns_from_elsewhere_are_columns_like_others() {
    let folder = Folder::new();
    folder.write("d.csv", b"id,t,x\na,1,1\na,2,2\nb,1,3\n");
    let mut loaded = load(&spec("", &[]), &folder.path("")).unwrap();
    let index = Column::Number(vec![0.5, f64::NAN, 0.25]);
    loaded.add("index", index.clone(), Tier::Reconstructed, "entropy of x").unwrap();
    let later: Variable = toml::from_str("name='v'\nfrom='index'\nsteps=[{times='x'}]").unwrap();
    loaded.make(&[later]).unwrap();
    assert_eq!(loaded.tiers["v"], Tier::Reconstructed);
    assert_eq!(values(&loaded, "v")[0..1], [0.5]);
    assert!(loaded.account.to_string().contains("index: entropy of x; missing in 1 row\n"));
    let mut again = loaded.clone();
    assert!(
        again.add("index", index, Tier::Real, "more").unwrap_err().to_string().contains("already")
    );
    let short = Column::Number(vec![1.0]);
    assert!(again.add("short", short, Tier::Real, "more").is_err());
    let infinite = Column::Number(vec![1.0, f64::INFINITY, 2.0]);
    let error = again.add("wild", infinite, Tier::Real, "more").unwrap_err().to_string();
    assert!(error.contains("undefined for `a` in 2"), "{error}");
}

/// Rows of two to four entities with gaps in time, cells that may be missing.
fn cells() -> impl Strategy<Value = Vec<(u8, i32, Option<f64>)>> {
    let cell = proptest::option::weighted(0.6, -100.0..100.0f64);
    proptest::collection::btree_map((0u8..4, 0i32..12), cell, 4..40)
        .prop_map(|rows| rows.into_iter().map(|((id, t), x)| (id, t, x)).collect())
}

fn written(folder: &Folder, rows: &[(u8, i32, Option<f64>)]) {
    let line = |&(id, t, x): &(u8, i32, Option<f64>)| {
        format!("e{id},{t},{}\n", x.map_or(String::new(), |x| format!("{x:e}")))
    };
    let text = rows.iter().map(line).fold("id,t,x\n".to_owned(), |text, line| text + &line);
    folder.write("d.csv", text.as_bytes());
}

fn made(rows: &[(u8, i32, Option<f64>)], steps: &str) -> Option<Vec<f64>> {
    let folder = Folder::new();
    written(&folder, rows);
    let loaded = load(&spec("", &[("v", "x", steps)]), &folder.path("")).ok()?;
    Some(values(&loaded, "v"))
}

fn close(a: f64, b: f64) -> bool {
    a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn interpolation_keeps_what_is_there_and_adds_no_more_the_second_time(rows in cells()) {
        let once = made(&rows, "'interpolate'").unwrap();
        for ((_, _, x), v) in rows.iter().zip(&once) {
            prop_assert!(x.is_none_or(|x| x.to_bits() == v.to_bits()));
        }
        let again: Vec<_> = rows.iter().zip(&once)
            .map(|(&(id, t, _), &v)| (id, t, (!v.is_nan()).then_some(v))).collect();
        let twice = made(&again, "'interpolate'").unwrap();
        prop_assert!(once.iter().zip(&twice).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()));
        // Ends stay missing, and nothing else does.
        for (row, &(id, t, _)) in rows.iter().enumerate() {
            let seen = |before: bool| rows.iter().any(|&(other, s, x)| {
                other == id && x.is_some() && if before { s <= t } else { s >= t }
            });
            prop_assert_eq!(once[row].is_nan(), !(seen(true) && seen(false)));
        }
    }

    #[test]
    fn filling_is_exact_on_lines(rows in cells(), a in -5.0..5.0f64, b in -5.0..5.0f64) {
        let on = |id: u8, t: i32| a * f64::from(t) + b * f64::from(id);
        let line: Vec<_> = rows.iter().map(|&(id, t, x)| (id, t, x.map(|_| on(id, t)))).collect();
        for (v, &(id, t, _)) in made(&line, "'interpolate',{extrapolate='linear'}").unwrap().iter().zip(&rows) {
            prop_assert!(v.is_nan() || close(*v, on(id, t)), "{} {}", v, on(id, t));
        }
    }

    #[test]
    fn filling_commutes_with_affine_maps(rows in cells(), a in 0.1..5.0f64, b in -50.0..50.0f64, how in 0usize..3) {
        let steps = ["'interpolate'", "{extrapolate='linear'}", "{extrapolate='nearest'}"][how];
        let mapped: Vec<_> = rows.iter().map(|&(id, t, x)| (id, t, x.map(|x| a * x + b))).collect();
        let (before, after) = (made(&mapped, steps).unwrap(), made(&rows, steps).unwrap());
        for (x, y) in before.iter().zip(after) {
            prop_assert!(close(*x, a * y + b), "{} {}", x, a * y + b);
        }
    }

    #[test]
    fn percentiles_of_a_period_are_those_of_its_rows(rows in cells(), linear in any::<bool>()) {
        let definition = if linear { "linear" } else { "stata" };
        let clip = |by: &str| format!("{{winsorize={{low=0.1,high=0.8,percentiles='{definition}'{by}}}}}");
        let Some(all) = made(&rows, &clip(",by='period'")) else { return Ok(()) };
        for period in 0..12 {
            let own: Vec<_> = rows.iter().copied().filter(|row| row.1 == period).collect();
            let of_all: Vec<f64> = rows.iter().zip(&all).filter(|(row, _)| row.1 == period).map(|(_, &v)| v).collect();
            if own.iter().any(|row| row.2.is_some()) {
                let alone = made(&own, &clip("")).unwrap();
                prop_assert!(alone.iter().zip(of_all).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()));
            }
        }
    }

    #[test]
    fn selection_finds_what_sorting_finds(
        seed in any::<u64>(), n in 1usize..6000, p in 0.0..0.6f64, q in 0.61..1.0f64,
        linear in any::<bool>(), coarse in any::<bool>(), sorted in any::<bool>(),
    ) {
        // A little generator: a column this long is no case for shrinking.
        let mut state = seed | 1;
        let mut next = || { state ^= state << 13; state ^= state >> 7; state ^= state << 17; state };
        let mut xs: Vec<f64> = (0..n).map(|_| {
            let u = (next() >> 11) as f64 / 2f64.powi(53);
            if coarse { (u * 7.0).floor() } else { u.powi(9) }
        }).collect();
        if sorted { xs.sort_by(f64::total_cmp); }
        let rows: Vec<_> = (0..).zip(&xs).map(|(t, &x)| (0u8, t, Some(x))).collect();
        let definition = if linear { "linear" } else { "stata" };
        let steps = format!("{{winsorize={{low={p:?},high={q:?},percentiles='{definition}'}}}}");
        let ours = made(&rows, &steps).unwrap();
        let mut order = xs.clone();
        order.sort_by(f64::total_cmp);
        let at = |k: f64| order[(k.max(1.0) as usize).min(n) - 1];
        let bound = |p: f64| if linear {
            let h = (n - 1) as f64 * p;
            at(h.floor() + 1.0) + h.fract() * (at(h.floor() + 2.0) - at(h.floor() + 1.0))
        } else {
            let np = n as f64 * p;
            if (np - np.round()).abs() < 1e-9 * n as f64 { f64::midpoint(at(np.round()), at(np.round() + 1.0)) }
            else { at(np.ceil()) }
        };
        let (low, high) = (bound(p), bound(q));
        for (x, v) in xs.iter().zip(ours) {
            let wanted = if *x < low { low } else if *x > high { high } else { *x };
            prop_assert_eq!(wanted.to_bits(), v.to_bits());
        }
    }

    #[test]
    fn a_lead_undoes_a_lag(rows in cells(), k in 1..4) {
        let back = made(&rows, &format!("{{lag={k}}},{{lead={k}}}")).unwrap();
        for (row, &(id, t, x)) in rows.iter().enumerate() {
            let there = rows.iter().any(|&(other, s, _)| other == id && s == t + k);
            match x {
                Some(x) if there => prop_assert_eq!(back[row].to_bits(), x.to_bits()),
                _ => prop_assert!(back[row].is_nan()),
            }
        }
        let lag = made(&rows, &format!("{{lag={k}}}")).unwrap();
        let difference = made(&rows, &format!("{{difference={k}}}")).unwrap();
        for (row, (_, _, x)) in rows.iter().enumerate() {
            prop_assert!(close(difference[row], x.unwrap_or(f64::NAN) - lag[row]));
        }
    }

    #[test]
    fn chained_and_fixed_prices_agree(links in proptest::collection::vec(80.0..130.0f64, 2..9), base in 0usize..8) {
        let base = base.min(links.len() - 1);
        let folder = Folder::new();
        let mut level = 3.7;
        let mut text = "id,t,x,chained,fixed\n".to_owned();
        for (t, link) in links.iter().enumerate() {
            level *= link / 100.0;
            text += &format!("a,{t},{},{link:e},{level:e}\n", 10 * (t + 1));
        }
        folder.write("d.csv", text.as_bytes());
        let step = |by: &str| format!("{{deflate={{by='{by}',base={base},index='{by}'}}}}");
        let (chained, fixed) = (step("chained"), step("fixed"));
        let loaded = load(&spec("", &[("c", "x", &chained), ("f", "x", &fixed)]), &folder.path("")).unwrap();
        let (c, f) = (values(&loaded, "c"), values(&loaded, "f"));
        prop_assert!(c.iter().zip(&f).all(|(c, f)| close(*c, *f)));
        prop_assert_eq!(c[base], 10.0 * (base + 1) as f64);
    }
}

/// Variables made side by side are those made one by one, and a later one sees an earlier one.
#[test]
fn the_order_of_making_changes_nothing() {
    let folder = Folder::new();
    let rows: Vec<_> =
        (0..40).map(|i| (i % 3, i32::from(i), (i % 5 != 0).then(|| f64::from(i).sin()))).collect();
    written(&folder, &rows);
    let steps = "{winsorize={low=0.05,high=0.9,percentiles='linear'}},'interpolate'";
    let all = [
        ("p", "x", steps),
        ("q", "x", "{lag=1}"),
        ("r", "p", "{plus='q'}"),
        ("s", "r", "{times=2}"),
    ];
    let together = load(&spec("", &all), &folder.path("")).unwrap();
    let mut one_by_one = load(&spec("", &[]), &folder.path("")).unwrap();
    for variable in spec("", &all).variables {
        one_by_one.make(&[variable]).unwrap();
    }
    for name in ["p", "q", "r", "s"] {
        let bits =
            |loaded: &Loaded| values(loaded, name).iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&together), bits(&one_by_one));
    }
    assert_eq!(together.account, one_by_one.account);
    assert_eq!(together.changes.iter().count(), one_by_one.changes.len());
    let error = load(&spec("", &[("r", "q", ""), ("q", "x", "")]), &folder.path("")).unwrap_err();
    assert!(error.to_string().contains("no column `q`"), "{error}");
}
