//! Bad input has a name.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod threshold {
    use causal::Error;
    use causal::threshold::{
        Bootstrap, DrawTrim, Grid, Inequality, Note, Null, Outcome, Resample, Residuals, Rows,
        Scale, Search, Spec, Trim, TrimOf, estimate,
    };
    use estimate::{Constant, Convention};
    use panel::Term;
    use testkit::{Rows as Data, unbalanced};

    fn data() -> Data {
        unbalanced(8, 8, 0.1, 0, 5)
            .with("q", |rows, row| (rows.columns["x1"][row] * 7.0).sin())
            .with("flat", |_, _| 1.0)
            .with("two", |rows, row| f64::from(rows.columns["x1"][row] > 0.0))
            .with("five", |rows, row| {
                (rows.columns["x1"][row] * 7.0).sin().mul_add(2.0, 0.0).round()
            })
    }

    fn spec() -> Spec {
        Spec {
            model: "y ~ x1 + x2 | id".parse().unwrap(),
            switching: vec![Term::var("x1")],
            variable: Term::var("q"),
            thresholds: 1,
            inequality: Inequality::AtMost,
            rows: Rows::All,
            grid: Grid::All,
            trim: Trim { shares: vec![0.1], of: TrimOf::Observations, min_rows: 1 },
            search: Search::Sequential { rounds: 1 },
            f_scale: Scale::Hansen,
            lr_scale: Scale::Hansen,
            level: 0.95,
            bootstrap: None,
            slopes: estimate::Spec {
                vcov: "iid".parse().unwrap(),
                convention: Convention::FIXEST,
                constant: Constant::Omit,
            },
        }
    }

    fn bootstrap() -> Bootstrap {
        Bootstrap {
            resample: Resample::Entities,
            residuals: Residuals::Null,
            null: Null::Search,
            trim: DrawTrim::Own,
            replications: 9,
            seed: 1,
        }
    }

    fn run(data: &Data, spec: &Spec) -> Result<Outcome, Error> {
        estimate(&data.panel(), spec, &|_| ())
    }

    #[track_caller]
    fn refused(spec: &Spec, want: &Error, message: &str) {
        let got = run(&data(), spec).unwrap_err();
        assert_eq!(got, *want);
        assert!(got.to_string().contains(message), "{got}");
    }

    #[test]
    fn what_is_asked_for() {
        refused(&Spec { thresholds: 0, ..spec() }, &Error::NoThresholds, "at least one threshold");
        refused(&Spec { switching: vec![], ..spec() }, &Error::NothingSwitches, "at least one");
        let regressors = vec![Term::var("x1"), Term::var("x2")];
        for absent in ["x3", "q"] {
            let term = Term::var(absent);
            let want = Error::NotARegressor { term: term.clone(), regressors: regressors.clone() };
            refused(&Spec { switching: vec![term], ..spec() }, &want, "`x1`, `x2`");
        }
        let twice = vec![Term::var("x1"), Term::var("x1")];
        let want = Error::SwitchesTwice { term: Term::var("x1") };
        refused(&Spec { switching: twice, ..spec() }, &want, "named twice");
        refused(&Spec { level: 95.0, ..spec() }, &Error::Level { level: 95.0 }, "such as 0.95");
        let joint = Spec { search: Search::Joint, ..spec() };
        refused(&joint, &Error::JointSearch { thresholds: 1 }, "two thresholds, not 1");
        let none = Bootstrap { replications: 0, ..bootstrap() };
        refused(&Spec { bootstrap: Some(none), ..spec() }, &Error::NoReplications, "replication");
        let grid = Spec { grid: Grid::Even(1), ..spec() };
        refused(&grid, &Error::GridPoints { points: 1 }, "at least two points");
    }

    #[test]
    fn effects() {
        for (absorb, names) in [
            ("year", vec!["year"]),
            ("id + year + g", vec!["id", "year", "g"]),
            ("year + g", vec!["year", "g"]),
        ] {
            let model = format!("y ~ x1 + x2 | {absorb}").parse().unwrap();
            let absorb = names.into_iter().map(str::to_owned).collect();
            let want = Error::ThresholdEffects { entity: "id".into(), absorb };
            refused(&Spec { model, ..spec() }, &want, "absorbs `id`, alone");
        }
        let model = "y ~ x1 + x2".parse().unwrap();
        let want = Error::ThresholdEffects { entity: "id".into(), absorb: vec![] };
        refused(&Spec { model, ..spec() }, &want, "absorbs `id`");
        let model = "y ~ x1 + x2 | id + year".parse().unwrap();
        let want = Error::DropLastTwoWay { absorb: vec!["id".into(), "year".into()] };
        refused(&Spec { model, rows: Rows::DropLast, ..spec() }, &want, "use all rows");
        let mut constant = Spec { rows: Rows::DropLast, ..spec() };
        constant.slopes.constant = Constant::Mean;
        refused(&constant, &Error::NoConstant, "no constant");
        let many = data().with("many", |_, row| row as f64);
        let model = "y ~ x1 + x2 | id + many".parse().unwrap();
        let error = run(&many, &Spec { model, ..spec() }).unwrap_err();
        let none = matches!(error, Error::Estimate(estimate::Error::NoDegreesOfFreedom { .. }));
        assert!(none, "{error}");
    }

    #[test]
    fn a_second_factor_with_too_many_levels() {
        let n = 5000;
        let wide = unbalanced(2500, 3, 0.3, 0, 2);
        let wide = wide.with("q", |rows, row| rows.columns["x1"][row].sin());
        let wide = wide.with("many", |_, row| (row % n) as f64);
        let model = "y ~ x1 + x2 | id + many".parse().unwrap();
        let error = run(&wide, &Spec { model, ..spec() }).unwrap_err();
        let want = Error::ManyLevels { by: "many".into(), levels: 5000, most: 4096 };
        assert_eq!(error, want);
        assert!(error.to_string().contains("`many` has 5000 levels"));
    }

    #[test]
    fn the_threshold_variable() {
        let with = |name: &str| Spec { variable: Term::var(name), ..spec() };
        let term = Term::var;
        refused(&with("flat"), &Error::ConstantVariable { term: term("flat") }, "constant");
        let want = Error::FewValues { term: term("two"), values: 2, regimes: 2 };
        refused(&with("two"), &want, "takes 2 values");
        let want = Error::FewValues { term: term("five"), values: 5, regimes: 5 };
        refused(&Spec { thresholds: 4, ..with("five") }, &want, "`i.five:x`");
        refused(&with("zone"), &Error::TimeInvariant { term: term("zone") }, "within any entity");
        let error = run(&data(), &with("nowhere")).unwrap_err();
        let Error::Estimate(estimate::Error::Panel(panel::Error::Unknown { column, .. })) = error
        else {
            panic!("{error}")
        };
        assert_eq!(column, "nowhere");
    }

    #[test]
    fn units_and_room() {
        let few = data();
        let two: Vec<usize> = (0..few.n()).filter(|&row| few.id[row] < 2).collect();
        let few = few.select(&two);
        let want = Error::FewUnits { units: 2, regimes: 3 };
        let error = run(&few, &Spec { thresholds: 2, ..spec() }).unwrap_err();
        assert_eq!(error, want);
        assert!(error.to_string().contains("2 entities"));

        let trim = |shares: Vec<f64>| Trim { shares, ..spec().trim };
        let shares = Spec { trim: trim(vec![0.1; 3]), thresholds: 2, ..spec() };
        refused(&shares, &Error::TrimShares { given: 3, thresholds: 2 }, "3 trimming shares");
        let half = Spec { trim: trim(vec![0.5]), ..spec() };
        refused(&half, &Error::TrimShare { share: 0.5, regimes: 2 }, "less than 1/2");
        let below = Spec { trim: trim(vec![-0.1]), ..spec() };
        refused(&below, &Error::TrimShare { share: -0.1, regimes: 2 }, "at least 0");
        let third = Spec { trim: trim(vec![0.1, 0.4]), thresholds: 2, ..spec() };
        refused(&third, &Error::TrimShare { share: 0.4, regimes: 3 }, "fewer thresholds");

        let rows = data().n();
        let large = Trim { min_rows: rows / 2 + 1, ..spec().trim };
        let min_rows = large.min_rows;
        let want = Error::NoRoom { threshold: 1, rows, share: 0.1, min_rows };
        refused(&Spec { trim: large, ..spec() }, &want, "threshold 1");
        let large = Trim { min_rows: rows / 3 + 1, ..spec().trim };
        let min_rows = large.min_rows;
        let want = Error::NoRoom { threshold: 2, rows, share: 0.1, min_rows };
        refused(&Spec { trim: large.clone(), thresholds: 2, ..spec() }, &want, "threshold 2");
        let joint = Spec { trim: large, thresholds: 2, search: Search::Joint, ..spec() };
        refused(&joint, &want, "threshold 2");
    }

    /// The threshold variable may be a regressor, and one that switches.
    #[test]
    fn the_variable_may_be_a_regressor() {
        for (model, switching, k) in [
            ("y ~ x1 + x2 + q | id", "x1", 4),
            ("y ~ x1 + x2 + q | id", "q", 4),
            ("y ~ q | id", "q", 2),
        ] {
            let model = model.parse().unwrap();
            let switching = vec![switching.parse().unwrap()];
            let outcome = run(&data(), &Spec { model, switching, ..spec() }).unwrap();
            assert_eq!(outcome.fit().terms().len(), k);
        }
    }

    /// Rows without the threshold variable are left out and counted.
    #[test]
    fn missing_values() {
        let whole = data();
        let gone = |row: usize| row.is_multiple_of(7);
        let q = whole.columns["q"].clone();
        let holes = whole.clone().with("q", |_, row| if gone(row) { f64::NAN } else { q[row] });
        let kept: Vec<usize> = (0..whole.n()).filter(|&row| !gone(row)).collect();
        let a = run(&holes, &spec()).unwrap();
        let b = run(&whole.select(&kept), &spec()).unwrap();
        assert_eq!(a.thresholds(), b.thresholds());
        assert_eq!(a.fit().coef(), b.fit().coef());
        let sample = a.fit().sample();
        assert_eq!(sample.n_missing(), whole.n() - kept.len());
        assert_eq!(sample.missing(), [(Term::var("q"), whole.n() - kept.len())]);
        let notes: Vec<String> = a.fit().notes().iter().map(ToString::to_string).collect();
        assert!(notes.iter().any(|note| note.contains("missing `q` in")), "{notes:?}");
    }

    #[test]
    fn notes() {
        let spec = Spec { grid: Grid::Even(5), bootstrap: Some(bootstrap()), ..spec() };
        // One entity alone is observed twice.
        let data = data();
        let kept: Vec<usize> =
            (0..data.n()).filter(|&row| data.id[row] != 0 || data.year[row] < 1992).collect();
        let outcome = run(&data.select(&kept), &spec).unwrap();
        assert_eq!(outcome.n_candidates(), 5);
        let alone = |note: &Note| matches!(note, Note::Alone { entities } if *entities >= 1);
        assert!(outcome.notes().contains(&Note::Thinned { candidates: 5, distinct: kept.len() }));
        assert!(outcome.notes().iter().any(alone), "{:?}", outcome.notes());
        let text: Vec<String> = outcome.notes().iter().map(ToString::to_string).collect();
        assert!(text[0].contains("searched 5 of"), "{text:?}");
        // A slope that is at work in the upper regime only cannot be told from that of all rows.
        let upper = data.clone().with("x1", |rows, row| {
            if rows.columns["q"][row] > -0.5 { rows.columns["x1"][row] } else { 0.0 }
        });
        let outcome = run(&upper, &Spec { grid: Grid::All, ..spec }).unwrap();
        let passed =
            |note: &Note| matches!(note, Note::Collinear { candidates } if *candidates > 0);
        assert!(outcome.notes().iter().any(passed), "{:?}", outcome.notes());
    }

    /// Where means are a hundred million times the variation, running sums lose what matters.
    #[test]
    fn lost_digits() {
        let shifted = |by: f64| data().with("x1", |rows, row| by + rows.columns["x1"][row]);
        let error = run(&shifted(1e8), &spec()).unwrap_err();
        let Error::Unstable { terms, searched, afresh } = &error else { panic!("{error}") };
        assert_eq!(terms, &[Term::var("x1")]);
        assert!((searched - afresh).abs() > 1e-9 * afresh);
        assert!(error.to_string().contains("centre `x1`"));
        assert!(run(&shifted(1e5), &spec()).is_ok());
    }

    #[test]
    fn names() {
        fn round<T: std::str::FromStr<Err = estimate::Error> + ToString>(names: &[&str]) {
            for name in names {
                let Ok(read) = name.parse::<T>() else { panic!("`{name}` is not read") };
                assert_eq!(read.to_string(), *name);
            }
            let error = "nonsense".parse::<T>().err().unwrap();
            assert!(
                matches!(&error, estimate::Error::UnknownChoice { known, .. } if known.len() >= 2)
            );
            assert!(error.to_string().contains("no "), "{error}");
        }
        round::<Inequality>(&["le", "lt"]);
        round::<Rows>(&["all", "drop-last"]);
        round::<Grid>(&["all", "quantiles 400", "even 300"]);
        round::<TrimOf>(&["observations", "range", "distinct", "steps"]);
        round::<Search>(&["sequential 1", "sequential 0", "joint"]);
        round::<Scale>(&["hansen", "xthreg", "rows", "residual"]);
        round::<Resample>(&["entities", "entity-signs", "rows"]);
        round::<Residuals>(&["null", "alternative"]);
        round::<Null>(&["search", "hold"]);
        round::<DrawTrim>(&["own", "tested"]);
    }
}
