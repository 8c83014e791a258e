//! Equalities that hold whatever the formula, the panel, the factor.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]
#![allow(clippy::float_cmp, reason = "values are moved, not computed")]

use std::collections::BTreeSet;

use panel::{Absorb, Base, Column, Error, Factor, Index, Instruments, Model, Panel, Term};
use proptest::prelude::*;
use testkit::{Stream, rows, slopes};

/// Names as people choose them, and as nobody should.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z_][a-zA-Z0-9_.-]{0,6}",
        "(L|F|i|ib|log|log1p)[0-9]{0,2}[.]?[a-z]{0,2}",
        "[0-9.~|+:*^() `]{1,4}",
        "ib(\\(last\\)|`3`|3)\\.[a-z]",
        "\\PC{1,5}",
        "数字金融|Ünder_x",
    ]
    .prop_filter("a name has a letter, at least", |name| !name.is_empty())
}

fn base() -> impl Strategy<Value = Base> {
    prop_oneof![Just(Base::First), Just(Base::Last), label().prop_map(Base::Level)]
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9]{1,4}", "[a-z]{1,4}", name()]
}

/// Terms as the parser makes them: a product is flat and has two factors or more.
fn term() -> impl Strategy<Value = Term> {
    let leaf = prop_oneof![
        4 => name().prop_map(Term::Var),
        1 => (name(), base()).prop_map(|(name, base)| Term::Levels(name, base)),
        1 => (name(), label()).prop_map(|(name, label)| Term::Level(name, label)),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), prop_oneof![-9..=-1_i32, 1..=9_i32])
                .prop_map(|(term, k)| Term::Lag(Box::new(term), k)),
            inner.clone().prop_map(|term| Term::Log(Box::new(term))),
            inner.clone().prop_map(|term| Term::Log1p(Box::new(term))),
            (inner.clone(), 2..=9_u32).prop_map(|(term, k)| Term::Power(Box::new(term), k)),
            prop::collection::vec(inner, 2..=3).prop_map(|terms| {
                let flat = terms.into_iter().flat_map(|term| match term {
                    Term::Product(factors) => factors,
                    term => vec![term],
                });
                Term::Product(flat.collect())
            }),
        ]
    })
}

fn distinct<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    items.into_iter().fold(Vec::new(), |mut seen, item| {
        if !seen.contains(&item) {
            seen.push(item);
        }
        seen
    })
}

fn absorb() -> impl Strategy<Value = Absorb> {
    let factors = prop::collection::vec(name(), 1..3).prop_map(distinct);
    let slopes = prop::collection::vec(term(), 0..3).prop_map(distinct);
    (factors, slopes, any::<bool>()).prop_map(|(factors, slopes, intercept)| Absorb {
        intercept: intercept || slopes.is_empty(),
        factors,
        slopes,
    })
}

fn model() -> impl Strategy<Value = Model> {
    let terms = prop::collection::vec(term(), 1..8).prop_map(distinct);
    // Every absorbed item has factors of its own.
    let absorb = prop::collection::vec(absorb(), 0..3).prop_map(|all| {
        all.into_iter().fold(Vec::<Absorb>::new(), |mut kept, absorb| {
            let seen = |name: &String| kept.iter().any(|other| other.factors.contains(name));
            if !absorb.factors.iter().any(seen) {
                kept.push(absorb);
            }
            kept
        })
    });
    (term(), terms, any::<bool>(), absorb, 0..4_usize).prop_map(
        |(response, mut terms, constant, absorb, split)| {
            let instruments = (split > 0 && terms.len() > split + 1).then(|| {
                let excluded = terms.split_off(terms.len() - split);
                let endogenous = terms.split_off(terms.len() - 1);
                Instruments { endogenous, excluded }
            });
            Model { response, terms, constant, absorb, instruments }
        },
    )
}

/// Strings that are nearly formulas.
fn scribble() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        "[a-z]{1,3}",
        "[0-9]{1,12}",
        Just("~".to_owned()),
        Just(" + ".to_owned()),
        Just("|".to_owned()),
        Just("[".to_owned()),
        Just("[[".to_owned()),
        Just("]".to_owned()),
        Just(",".to_owned()),
        Just("::".to_owned()),
        Just(":".to_owned()),
        Just("*".to_owned()),
        Just("^".to_owned()),
        Just("(".to_owned()),
        Just(")".to_owned()),
        Just("`".to_owned()),
        Just("L".to_owned()),
        Just("F3.".to_owned()),
        Just("i.".to_owned()),
        Just("ib".to_owned()),
        Just("ib(last).".to_owned()),
        Just("log(".to_owned()),
        Just("log1p(".to_owned()),
        Just(" ".to_owned()),
        "\\PC",
    ];
    prop_oneof![prop::collection::vec(token, 0..14).prop_map(|tokens| tokens.concat()), ".*"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// What is printed reads back as itself.
    #[test]
    fn terms_read_back(term in term()) {
        let text = term.to_string();
        prop_assert_eq!(text.parse::<Term>().map_err(|e| e.to_string()), Ok(term));
    }

    #[test]
    fn models_read_back(model in model()) {
        let text = model.to_string();
        prop_assert_eq!(text.parse::<Model>().map_err(|e| e.to_string()), Ok(model));
    }

    /// Any text is a formula that prints as itself from then on, or a mistake with a place.
    #[test]
    fn any_text_parses_or_points(text in scribble()) {
        match text.parse::<Model>() {
            Ok(model) => {
                let printed = model.to_string();
                prop_assert_eq!(&printed.parse::<Model>().unwrap(), &model);
                prop_assert_eq!(printed.parse::<Model>().unwrap().to_string(), printed);
            }
            Err(error) => {
                prop_assert!((1..=text.chars().count() + 1).contains(&error.column), "{error}");
                prop_assert!(error.to_string().contains(error.expected));
            }
        }
        match text.parse::<Term>() {
            Ok(term) => prop_assert_eq!(term.to_string().parse::<Term>().unwrap(), term),
            Err(error) => {
                prop_assert!((1..=text.chars().count() + 1).contains(&error.column), "{error}");
            }
        }
    }

    /// `a*b` is short for `a + b + a:b`.
    #[test]
    fn crossing(a in "[a-d]", b in "[e-h]", c in "[j-m]") {
        let model = |text: String| text.parse::<Model>().unwrap();
        prop_assert_eq!(model(format!("y ~ {a}*{b}")), model(format!("y ~ {a} + {b} + {a}:{b}")));
        let long = format!("y ~ {a} + {b} + {a}:{b} + {c} + {a}:{c} + {b}:{c} + {a}:{b}:{c}");
        prop_assert_eq!(model(format!("y ~ {a}*{b}*{c}")), model(long));
        prop_assert_eq!(model(format!("y ~ ({a}:{b}):{c}")), model(format!("y ~ {a}:({b}:{c})")));
    }

    /// The order in which rows are given is forgotten.
    #[test]
    fn row_order_is_forgotten(rows in rows(), seed in any::<u64>()) {
        let shuffled = rows.select(&Stream::new(seed).order(rows.n()));
        prop_assert_eq!(rows.panel(), shuffled.panel());
        prop_assert_eq!(rows.panel(), rows.sorted().panel());
        let panel = rows.panel();
        let key = |row: usize| (panel.index().entity.codes()[row], panel.index().period[row]);
        prop_assert!((1..panel.n_rows()).all(|row| key(row - 1) < key(row)));
        // A row is still the same row.
        let sorted = rows.sorted();
        prop_assert_eq!(&panel.values(&Term::var("x1")).unwrap()[..], &sorted.columns["x1"][..]);
        for row in 0..panel.n_rows() {
            prop_assert_eq!(panel.row_label(row), (sorted.id[row].to_string(), sorted.year[row]));
        }
    }

    /// A row given twice is named by its key, and by both its numbers.
    #[test]
    fn duplicates_are_named(rows in rows(), at in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let mut order: Vec<usize> = (0..rows.n()).collect();
        let row = at.index(rows.n());
        order.insert(to.index(rows.n() + 1), row);
        let twice = rows.select(&order);
        let index = Index {
            entity_name: "id".into(),
            entity: Factor::from_numbers(&twice.id),
            period_name: "year".into(),
            period: twice.year.clone(),
        };
        let places: Vec<usize> = (0..order.len()).filter(|&i| order[i] == row).collect();
        let want = Error::Duplicate {
            entity: rows.id[row].to_string(),
            period: rows.year[row],
            rows: [places[0], places[1]],
        };
        prop_assert_eq!(Panel::new(index, []).unwrap_err(), want);
    }

    /// A lag is the value at the period, not at the row before; lags add up along observed rows.
    #[test]
    fn lags_add_up(rows in rows(), j in -2..=2_i32, k in -2..=2_i32) {
        let panel = rows.panel();
        let lag = |term: Term, k: i32| if k == 0 { term } else { Term::Lag(Box::new(term), k) };
        let x = Term::var("x1");
        let x_values = panel.values(&x).unwrap();
        let lagged = panel.values(&lag(x.clone(), k)).unwrap();
        let nested = panel.values(&lag(lag(x.clone(), j), k)).unwrap();
        let both = panel.values(&lag(x.clone(), j + k)).unwrap();
        let find = |row: usize, k: i32| (0..panel.n_rows()).find(|&other| {
            panel.row_label(other) == (panel.row_label(row).0, panel.row_label(row).1 - k)
        });
        for row in 0..panel.n_rows() {
            let want = find(row, k).map_or(f64::NAN, |at| x_values[at]);
            prop_assert_eq!(lagged[row].to_bits(), want.to_bits());
            let want = if find(row, k).is_some() { both[row] } else { f64::NAN };
            prop_assert_eq!(nested[row].to_bits(), want.to_bits());
        }
    }

    /// Indicators of all levels but one, and that one, make one.
    #[test]
    fn indicators_sum_to_one(rows in rows(), base in 0..3_usize) {
        let panel = rows.panel();
        let factor = panel.factor("g").unwrap();
        let last = u32::try_from(factor.n_levels()).unwrap() - 1;
        let (base, left_out) = [
            (Base::First, 0),
            (Base::Last, last),
            (Base::Level(factor.label(last / 2)), last / 2),
        ][base].clone();
        let terms = panel.expand(&Term::Levels("g".into(), base)).unwrap();
        prop_assert_eq!(terms.len(), factor.n_levels() - 1);
        let left_out = Term::Level("g".into(), factor.label(left_out));
        prop_assert!(!terms.contains(&left_out));
        let mut sum = vec![0.0; panel.n_rows()];
        for term in terms.iter().chain([&left_out]) {
            let values = panel.values(term).unwrap();
            sum.iter_mut().zip(&*values).for_each(|(sum, x)| *sum += x);
        }
        prop_assert!(sum.iter().all(|sum| *sum == 1.0));
        // A slope in every level adds up to the slope's variable.
        let slopes = panel.expand(&"i.g:x1".parse().unwrap()).unwrap();
        prop_assert_eq!(slopes.len(), factor.n_levels());
        let mut sum = vec![0.0; panel.n_rows()];
        for term in &slopes {
            let values = panel.values(term).unwrap();
            sum.iter_mut().zip(&*values).for_each(|(sum, x)| *sum += x);
        }
        prop_assert_eq!(&sum[..], &panel.values(&Term::var("x1")).unwrap()[..]);
    }

    /// Transformations are those of the numbers; where a logarithm has no answer, the row is named.
    #[test]
    fn transformations(rows in rows(), power in 2..=4_u32) {
        let panel = rows.clone()
            .with("p", |rows, row| rows.columns["x1"][row].abs() + 0.5)
            .panel();
        let values = |text: &str| panel.values(&text.parse().unwrap()).map(std::borrow::Cow::into_owned);
        let (x1, x2, p) = (values("x1").unwrap(), values("x2").unwrap(), values("p").unwrap());
        let years = values("year").unwrap();
        let log = values("log(p)").unwrap();
        let log1p = values("log1p(p)").unwrap();
        let raised = values(&format!("x1^{power}")).unwrap();
        let product = values("x1:x2:year").unwrap();
        for row in 0..panel.n_rows() {
            prop_assert_eq!(log[row], p[row].ln());
            prop_assert_eq!(log1p[row], p[row].ln_1p());
            prop_assert!((raised[row] - x1[row].powf(f64::from(power))).abs() <= 1e-12 * raised[row].abs()
                || x1[row] < 0.0);
            let want = x1[row] * x2[row] * years[row];
            prop_assert!((product[row] - want).abs() <= 1e-12 * want.abs());
            prop_assert_eq!(years[row], f64::from(panel.row_label(row).1));
        }
        match (values("log(x1)"), x1.iter().position(|x| *x <= 0.0)) {
            (Ok(_), None) => {}
            (Err(error), Some(row)) => {
                let (entity, period) = panel.row_label(row);
                let term = "log(x1)".parse().unwrap();
                prop_assert_eq!(error, Error::Undefined { term, entity, period, value: x1[row] });
            }
            (result, row) => prop_assert!(false, "{result:?} {row:?}"),
        }
    }

    /// A factor says of every row what it was told, in codes that are dense and sorted.
    #[test]
    fn factors_say_what_they_were_told(labels in prop::collection::vec(prop::option::of("[a-e]{0,2}"), 0..30)) {
        let factor = Factor::from_names(labels.iter().map(Option::as_deref));
        let distinct: BTreeSet<&String> = labels.iter().flatten().collect();
        prop_assert_eq!(factor.labels().collect::<Vec<_>>(), distinct.into_iter().cloned().collect::<Vec<_>>());
        for (label, &code) in labels.iter().zip(factor.codes()) {
            if let Some(label) = label {
                prop_assert_eq!(&factor.label(code), label);
            } else {
                prop_assert_eq!(code, Factor::MISSING);
            }
        }
    }

    /// The same for numbers, whether their range is narrow or wide.
    #[test]
    fn numbers_say_what_they_were_told(numbers in prop::collection::vec(-9..9_i64, 0..30), wide in any::<bool>()) {
        let stretch = |x: i64| if wide { x * 1_000_000_000_000_000 - 3 } else { x - 3 };
        let numbers: Vec<i64> = numbers.into_iter().map(stretch).collect();
        let factor = Factor::from_numbers(&numbers);
        let distinct: BTreeSet<i64> = numbers.iter().copied().collect();
        let labels: Vec<String> = distinct.iter().map(i64::to_string).collect();
        prop_assert_eq!(factor.labels().collect::<Vec<_>>(), labels);
        for (number, &code) in numbers.iter().zip(factor.codes()) {
            prop_assert_eq!(factor.label(code), number.to_string());
        }
    }

    /// A selection keeps labels, forgets unused levels, and composes.
    #[test]
    fn selections(labels in prop::collection::vec(prop::option::weighted(0.9, "[a-e]"), 1..30), seed in any::<u64>()) {
        let factor = Factor::from_names(labels.iter().map(Option::as_deref));
        let all: Vec<usize> = (0..labels.len()).collect();
        prop_assert_eq!(&factor.select(&all), &factor);
        let mut stream = Stream::new(seed);
        let some: Vec<usize> = (0..labels.len()).filter(|_| stream.uniform() < 0.6).collect();
        let picked = factor.select(&some);
        let again = Factor::from_names(some.iter().map(|&row| labels[row].as_deref()));
        prop_assert_eq!(&picked, &again);
        let fewer: Vec<usize> = (0..some.len()).filter(|_| stream.uniform() < 0.6).collect();
        let composed: Vec<usize> = fewer.iter().map(|&i| some[i]).collect();
        prop_assert_eq!(picked.select(&fewer), factor.select(&composed));
    }

    /// Whole numbers group rows, with gaps; a fraction is named.
    #[test]
    fn numbers_group_rows(rows in rows(), hole in any::<prop::sample::Index>()) {
        let at = hole.index(rows.n());
        let sorted = rows.sorted();
        let panel = sorted.clone()
            .with("h", |rows, row| if row == at { f64::NAN } else { rows.columns["g"][row] })
            .with("q", |rows, row| if row == at { 0.5 } else { rows.columns["g"][row] })
            .panel();
        let h = panel.factor("h").unwrap();
        for row in 0..panel.n_rows() {
            if row == at {
                prop_assert_eq!(h.codes()[row], Factor::MISSING);
            } else {
                prop_assert_eq!(h.label(h.codes()[row]), sorted.columns["g"][row].to_string());
            }
        }
        let (entity, period) = panel.row_label(at);
        let want = Error::NotGroups { column: "q".into(), value: 0.5, entity, period };
        prop_assert_eq!(panel.factor("q").unwrap_err(), want);
    }
}

/// Transformations, one in the other: `p` is positive, and `x1` and `x2` are not.
const TRANSFORMED: [&str; 10] = [
    "x1",
    "L.x1",
    "F2.x1^3",
    "log(p)",
    "L.log1p(x1^2)",
    "log(p^2):L.x2",
    "x1:x2:p",
    "L.(x1:L.x1)",
    "x1:zone::1",
    "(L.p)^2:year",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Pulling back is the transpose of pushing forward: `c'(∂term/∂x) d` by slopes and by `pull_back`.
    #[test]
    fn pulled_back_to_columns(rows in rows(), seed in any::<u64>()) {
        let rows = rows.sorted().with("p", |rows, row| 2.0 + rows.columns["x1"][row].sin());
        let panel = rows.panel();
        let mut stream = Stream::new(seed);
        let mut draw = || (0..rows.n()).map(|_| stream.normal()).collect::<Vec<f64>>();
        let direction = ["x1", "x2", "p"].map(|name| (name, draw()));
        for text in TRANSFORMED {
            let term: Term = text.parse().unwrap();
            let missing: Vec<bool> = panel.values(&term).unwrap().iter().map(|x| x.is_nan()).collect();
            let c: Vec<f64> =
                draw().iter().zip(&missing).map(|(c, gone)| if *gone { 0.0 } else { *c }).collect();
            let moved = |h: f64| {
                let moved = direction.iter().fold(rows.clone(), |rows, (name, step)| {
                    rows.with(name, |rows, row| rows.columns[*name][row] + h * step[row])
                });
                let panel = moved.panel();
                let values = panel.values(&term).unwrap();
                let seen = values.iter().zip(&c).filter(|(_, c)| **c != 0.0);
                vec![seen.map(|(x, c)| x * c).sum()]
            };
            let pulled = panel.pull_back(&term, &c).unwrap();
            let mut names: Vec<&str> = pulled.iter().map(|(name, _)| name.as_str()).collect();
            names.dedup();
            prop_assert_eq!(names.len(), pulled.len());
            prop_assert!(pulled.iter().flat_map(|(_, values)| values).all(|v| v.is_finite()));
            let (mut got, mut size) = (0.0, 0.0);
            for (name, step) in &direction {
                let by_column = pulled.iter().filter(|(column, _)| column == name);
                for (g, step) in by_column.flat_map(|(_, values)| values).zip(step) {
                    got += g * step;
                    size += (g * step).abs();
                }
            }
            let want = slopes(1e-4, moved)[0];
            prop_assert!((got - want).abs() <= 1e-7 * size, "{}: {} {}", text, got, want);
        }
    }
}

#[test]
fn what_cannot_be_pulled_back() {
    let index = Index {
        entity_name: "id".into(),
        entity: Factor::from_numbers(&[1, 1]),
        period_name: "year".into(),
        period: vec![2001, 2002],
    };
    let panel = Panel::new(index, [("x".into(), Column::Number(vec![1.0, 2.0]))]).unwrap();
    let pull = |text: &str, c: &[f64]| panel.pull_back(&text.parse().unwrap(), c);
    assert!(matches!(pull("z", &[1.0, 1.0]), Err(Error::Unknown { .. })));
    assert!(matches!(pull("i.year", &[1.0, 1.0]), Err(Error::Several { .. })));
    assert!(matches!(pull("x", &[1.0]), Err(Error::Length { got: 1, want: 2, .. })));
    assert_eq!(pull("year", &[1.0, 1.0]), Ok(vec![]));
    assert_eq!(pull("year::2001", &[1.0, 1.0]), Ok(vec![]));
}

/// A formula of brackets alone ends in an error, not in the end of the stack.
#[test]
fn deep_nesting_is_refused() {
    for open in ["(", "log(", "L.", "L.("] {
        let text = format!("y ~ {}x", open.repeat(100_000));
        let error = text.parse::<Model>().unwrap_err();
        assert!(error.column <= text.chars().count() + 1);
    }
}

#[test]
fn columns_are_checked() {
    let index = || Index {
        entity_name: "id".into(),
        entity: Factor::from_numbers(&[1, 1, 2]),
        period_name: "year".into(),
        period: vec![2001, 2002, 2001],
    };
    let number = |n: usize| Column::Number(vec![0.0; n]);
    let error = Panel::new(index(), [("x".into(), number(2))]).unwrap_err();
    assert_eq!(error, Error::Length { column: "x".into(), got: 2, want: 3 });
    for taken in ["id", "year"] {
        let error = Panel::new(index(), [(taken.into(), number(3))]).unwrap_err();
        assert_eq!(error, Error::Twice { column: taken.into() });
    }
    let twice = [("x".into(), number(3)), ("x".into(), number(3))];
    assert_eq!(Panel::new(index(), twice).unwrap_err(), Error::Twice { column: "x".into() });
    let panel = Panel::new(index(), [("gdp".into(), number(3))]).unwrap();
    let error = panel.values(&Term::var("GPD")).unwrap_err();
    assert_eq!(error, Error::Unknown { column: "GPD".into(), near: vec![] });
    let error = panel.values(&Term::var("Gdp")).unwrap_err();
    assert_eq!(error, Error::Unknown { column: "Gdp".into(), near: vec!["gdp".into()] });
    let error = panel.values(&Term::var("id")).unwrap_err();
    assert!(matches!(error, Error::Unknown { .. } | Error::NotNumeric { .. }), "{error}");
}

/// Indicators, asked for together or one by one, are missing where their category is.
#[test]
fn indicators_of_a_category_with_gaps() {
    let labels = [Some("b"), None, Some("a"), Some("b"), None, Some("c")];
    let index = Index {
        entity_name: "id".into(),
        entity: Factor::from_numbers(&[1, 2, 3, 4, 5, 6]),
        period_name: "year".into(),
        period: vec![2000; 6],
    };
    let columns = [
        ("g".to_owned(), Column::Category(Factor::from_names(labels))),
        (
            "h".to_owned(),
            Column::Category(Factor::from_names(["u", "v"].repeat(3).into_iter().map(Some))),
        ),
        ("x".to_owned(), Column::Number(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])),
    ];
    let panel = Panel::new(index, columns).unwrap();
    let level = |of: &str, level: &str| Term::Level(of.into(), level.into());
    let terms =
        [level("g", "b"), level("h", "v"), level("g", "c"), Term::var("x"), level("g", "a")];
    let all = panel.all_values(&terms).unwrap();
    for (term, values) in terms.iter().zip(&all) {
        let alone = panel.values(term).unwrap();
        assert!(alone.iter().zip(&**values).all(|(a, b)| a.to_bits() == b.to_bits()), "{term}");
    }
    for (label, values) in [("b", &all[0]), ("c", &all[2]), ("a", &all[4])] {
        for (own, x) in labels.iter().zip(&**values) {
            match own {
                None => assert!(x.is_nan()),
                Some(own) => assert_eq!(*x, f64::from(u8::from(*own == label))),
            }
        }
    }
    assert!(panel.all_values(&[level("g", "d")]).is_err());
}
