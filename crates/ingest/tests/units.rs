//! Units: what they are, what becomes what, and what is refused.
#![allow(
    clippy::format_push_string,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests write files"
)]

mod common;

use common::Folder;
use ingest::{Loaded, Spec, Unit, load};
use panel::Term;
use proptest::prelude::*;

fn unit(text: &str) -> Unit {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn units_have_their_sizes() {
    for (from, to, by) in [
        ("亿元", "元", (100_000_000, 1)),
        ("亿元", "万元", (10_000, 1)),
        ("元", "亿元", (1, 100_000_000)),
        ("100m yuan", "亿元", (1, 1)),
        ("100 million yuan", "亿元", (1, 1)),
        ("10k persons", "万人", (1, 1)),
        ("10,000 persons", "人", (10_000, 1)),
        ("billion CNY", "million RMB", (1000, 1)),
        ("万美元", "美元", (10_000, 1)),
        ("千美元", "亿美元", (1, 100_000)),
        ("thousand USD", "k usd", (1, 1)),
        ("%", "share", (1, 100)),
        ("‰", "%", (1, 10)),
        ("千公顷", "平方公里", (10, 1)),
        ("万亩", "千公顷", (2, 3)),
        ("公里", "m", (1000, 1)),
        ("10k km", "km", (10_000, 1)),
        ("万吨", "kg", (10_000_000, 1)),
        ("斤", "公斤", (1, 2)),
        ("亿千瓦时", "kWh", (100_000_000, 1)),
        ("万千瓦", "kw", (10_000, 1)),
        ("亿元/万人", "元/人", (10_000, 1)),
        ("yuan per person", "元/人", (1, 1)),
        ("人/平方公里", "万人/km2", (1, 10_000)),
        ("公里/平方公里", "km/km²", (1, 1)),
        ("元/百美元", "元/美元", (1, 100)),
    ] {
        assert_eq!(unit(from).factor(&unit(to)), Some(by), "{from} to {to}");
        assert_eq!(unit(to).factor(&unit(from)), Some((by.1, by.0)), "{to} to {from}");
        assert_eq!(unit(&unit(from).to_string()), unit(from));
    }
    for (from, to) in
        [("元", "美元"), ("人", "户"), ("km", "km2"), ("元/人", "元"), ("%", "元"), ("kw", "kwh")]
    {
        assert_eq!(unit(from).factor(&unit(to)), None, "{from} to {to}");
    }
    for text in ["", "元元", "亿", "quid", "元/", "人//户", "1"] {
        assert!(text.parse::<Unit>().is_err(), "{text}");
    }
}

#[test]
fn quotients_cancel() {
    assert_eq!(unit("亿元").over(&unit("亿元")).to_string(), "share");
    assert_eq!(unit("万元").over(&unit("亿元")).factor(&unit("%")), Some((1, 100)));
    assert_eq!(unit("元/人").times(&unit("人")), unit("元"));
    assert_eq!(unit("share"), unit("元").over(&unit("元")));
}

fn loaded(rows: &str, units: &str, variables: &[(&str, &str, &str)]) -> Result<Loaded, String> {
    let folder = Folder::new();
    folder.write("d.csv", format!("id,t,gdp,trade,rate,people,share\n{rows}").as_bytes());
    let mut text = format!(
        "[panel]\nentity='id'\nperiod='t'\n[[source]]\nfile='d.csv'\ntier='real'\nunits={{{units}}}\n"
    );
    for (name, from, steps) in variables {
        text += &format!("[[variable]]\nname='{name}'\nfrom='{from}'\nsteps=[{steps}]\n");
    }
    let spec: Spec = toml::from_str(&text).map_err(|error| error.to_string())?;
    load(&spec, &folder.path("")).map_err(|error| error.to_string())
}

const ROWS: &str =
    "a,2014,21330.83,41551859,6.1428,2151.6,0.5\na,2015,23014.59,31941677,6.2284,2170.5,0.4\n";
const UNITS: &str = "gdp='亿元',trade='千美元',rate='元/美元',people='万人',share='share'";

fn value(loaded: &Loaded, name: &str) -> f64 {
    loaded.panel.values(&Term::var(name)).unwrap()[0]
}

#[test]
fn conversions_are_explicit_and_recorded() {
    let variables = [
        ("each", "gdp", "{over='people'},{convert='yuan per person'}"),
        ("traded", "trade", "{exchange={rates='rate'}},{convert='亿元'}"),
        ("open", "traded", "{over='gdp'},{convert='%'}"),
        ("dollars", "gdp", "{exchange={rates='rate'}},{convert='million USD'}"),
        (
            "table",
            "trade",
            "{exchange={rates={2014=614.28,2015=622.84},unit='元/百美元'}},{convert='亿元'}",
        ),
        ("pct", "share", "{convert='%'},{unit='%'}"),
    ];
    let loaded = loaded(ROWS, UNITS, &variables).unwrap();
    let near = |name: &str, wanted: f64| {
        let got = value(&loaded, name);
        assert!((got - wanted).abs() <= 1e-14 * wanted.abs(), "{name}: {got}, not {wanted}");
    };
    near("each", 21330.83e8 / 2151.6e4);
    near("traded", 41_551_859e3 * 6.1428 / 1e8);
    near("open", 100.0 * (41_551_859e3 * 6.1428 / 1e8) / 21330.83);
    near("dollars", 21330.83e8 / 6.1428 / 1e6);
    near("table", 41_551_859e3 * 6.1428 / 1e8);
    near("pct", 50.0);
    assert_eq!(loaded.units["open"].to_string(), "%");
    let text = loaded.account.to_string();
    for line in [
        "each: from 亿元/万人 to yuan/person, times 10000\n",
        "traded: from 千美元 to 千元, at 6.1428 to 6.2284 元/美元\n",
        "traded: from 千元 to 亿元, over 100000\n",
        "dollars: from 亿元 to 亿美元, at 6.1428 to 6.2284 元/美元\n",
        "pct: from share to %, times 100\n",
    ] {
        assert!(text.contains(line), "no {line}{text}");
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    let says = |units: &str, from: &str, steps: &str, wanted: &str| {
        let error = loaded(ROWS, units, &[("v", from, steps)]).map(drop).unwrap_err();
        assert!(error.contains(wanted), "{error}\nnot {wanted}");
    };
    says(
        UNITS,
        "gdp",
        "{convert='万美元'}",
        "亿元 and 万美元 measure different things; take currencies to each other by `exchange`",
    );
    says(UNITS, "gdp", "{convert='万人'}", "亿元 and 万人 measure different things");
    says(
        UNITS,
        "gdp",
        "{plus='people'}",
        "one is in 亿元 and `people` in 万人; `convert` one of them first",
    );
    says(UNITS, "gdp", "{unit='万元'}", "it is in 亿元 by now; `convert` changes units");
    says(UNITS, "gdp", "'log',{convert='元'}", "nothing says what the numbers are in");
    says(UNITS, "gdp", "{over=10},{convert='元'}", "nothing says what the numbers are in");
    says(
        UNITS,
        "people",
        "{exchange={rates='rate'}}",
        "the variable is in 万人 and the rates are in 元/美元",
    );
    says("gdp='亿元'", "gdp", "{exchange={rates='rate'}}", "nothing says what the rates are in");
    says(
        UNITS,
        "trade",
        "{exchange={rates={2014=6.1},unit='元/美元'}}",
        "no rate for 2015, in which `a` has a value",
    );
    says(
        UNITS,
        "trade",
        "{exchange={rates={2014=0,2015=6},unit='元/美元'}}",
        "undefined for `a` in 2014",
    );
    says("nothing='元'", "gdp", "", "`units` names `nothing`, and no such column is loaded");
    says("gdp='florins'", "gdp", "", "`florins` is no unit known here");
    says(UNITS, "trade", "{exchange={rates={y2014=6}}}", "");
    let sum =
        loaded(ROWS, "gdp='亿元',trade='100m yuan'", &[("v", "gdp", "{plus='trade'}")]).unwrap();
    assert_eq!(sum.units["v"].to_string(), "亿元");
}

#[test]
fn doubtful_shares_are_flagged() {
    let flagged = |rows: &str, units: &str, steps: &str| {
        loaded(rows, units, &[("v", "share", steps)]).unwrap().account.to_string()
    };
    let text = flagged(ROWS, "share='%'", "");
    assert!(text.contains("share: is in %, but no value is beyond ±1; is it a share?\n"), "{text}");
    let text = flagged("a,1,1,1,1,1,55\na,2,1,1,1,1,0.4\n", "share='share'", "");
    assert!(text.contains("share: 1 cell beyond 0 and 1 (a 1); is it a share?\n"), "{text}");
    let edges = "a,1,1,1,1,1,0\na,2,1,1,1,1,1\na,3,1,1,1,1,1.001\na,4,1,1,1,1,-0.001\n";
    let text = flagged(edges, "share='share'", "");
    assert!(text.contains("share: 2 cells beyond 0 and 1 (a 3, a 4); is it a share?\n"), "{text}");
    let fine = flagged(ROWS, "share='share'", "{convert='%'}");
    assert!(!fine.contains("beyond"), "{fine}");
    let growth = flagged("a,1,1,1,1,1,1\na,2,1,1,1,1,9\n", "gdp='元'", "{growth=1}");
    assert!(!growth.contains("beyond"), "{growth}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn there_and_back_is_where_one_was(x in -1e9..1e9f64, at in 0usize..4) {
        let (unit, to) = [("亿元", "元"), ("万亩", "公顷"), ("%", "share"), ("千公顷", "km2")][at];
        let row = format!("a,1,{x:e},1,1,1,1\n");
        let steps = format!("{{convert='{to}'}},{{convert='{unit}'}}");
        let loaded = loaded(&row, &format!("gdp='{unit}'"), &[("v", "gdp", &steps)]).unwrap();
        let back = value(&loaded, "v");
        prop_assert!((back - x).abs() <= 4.0 * f64::EPSILON * x.abs(), "{} {}", back, x);
    }

    #[test]
    fn units_read_as_they_print(
        pieces in proptest::collection::vec((0usize..5, 0usize..6, any::<bool>()), 1..4),
    ) {
        let prefixes = ["", "亿", "万", "千", "百万"];
        let bases = ["元", "美元", "人", "公顷", "吨", "户"];
        let mut all: Option<Unit> = None;
        for (prefix, base, below) in pieces {
            let piece = unit(&format!("{}{}", prefixes[prefix], bases[base]));
            all = Some(match all {
                None => piece,
                Some(all) if below => all.over(&piece),
                Some(all) => all.times(&piece),
            });
        }
        let all = all.unwrap();
        let again = unit(&all.to_string());
        prop_assert_eq!(again.factor(&all), Some((1, 1)));
        prop_assert_eq!(again.to_string(), all.to_string());
    }
}
