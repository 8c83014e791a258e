//! Matching on data that have no answer, what it says about data that have one, and what comes
//! after it.
#![allow(clippy::float_cmp, reason = "what is equal is equal to the last bit")]
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use causal::Error;
use causal::matching::{
    Caliper, Errors, Estimand, Kernel, Matching, Method, Note, Order, Reuse, Scale, Score, Spec,
    Support, Target, Ties, Unit, balance, estimate,
};
use estimate::{Constant, Convention, Design, Singletons, Vcov, fixed_effects};
use panel::{Panel, Term};
use testkit::{assert_close, cross_section};

fn term(text: &str) -> Term {
    text.parse().unwrap()
}

const NEAREST: Method =
    Method::Nearest { k: 1, reuse: Reuse::Replacement, ties: Ties::Average, caliper: None };

fn spec() -> Spec {
    Spec {
        model: "d ~ x".parse().unwrap(),
        outcomes: vec![term("y")],
        score: Score::Given(term("p")),
        method: NEAREST,
        within: vec![],
        support: Support::None,
        estimand: Estimand::Treated,
        errors: Errors::Naive,
    }
}

fn nearest(k: usize, width: f64) -> Method {
    let caliper = Some(Caliper { width, unit: Unit::Distance });
    Method::Nearest { k, reuse: Reuse::Replacement, ties: Ties::First, caliper }
}

/// Rows `d,p,x,y,s`.
fn rows(rows: &str) -> Panel {
    cross_section(&format!("d,p,x,y,s\n{}", rows.replace(' ', "\n")))
}

const FIVE: &str = "1,.6,1,7,1 1,.3,2,4,1 0,.5,1,5,1 0,.2,3,1,1 0,.9,0,9,2";

fn five() -> Panel {
    rows(FIVE)
}

#[track_caller]
fn refused(panel: &Panel, spec: &Spec, message: &str) -> Error {
    let error = estimate(panel, spec).unwrap_err();
    assert_eq!(error.to_string(), message);
    error
}

#[test]
fn a_treatment_is_zero_or_one() {
    refused(
        &rows("1,.6,1,7,1 2,.3,2,4,1 0,.5,1,5,1"),
        &spec(),
        "`d` is 2 for `2` in 0, but a treatment is 0 or 1; say from where on a row counts as treated",
    );
}

#[test]
fn both_groups_are_there() {
    for (d, how) in [(1, "every one"), (0, "none")] {
        let panel = rows(&format!("{d},.6,1,7,1 {d},.3,2,4,1"));
        let want = format!(
            "{how} of the 2 rows with all variables is treated by `d`; there is nobody to compare with"
        );
        let error = refused(&panel, &spec(), &want);
        assert!(matches!(error, Error::OneGroup { rows: 2, .. }));
    }
}

#[test]
fn groups_that_do_not_overlap() {
    let apart = rows("1,.8,1,7,1 1,.9,2,4,1 0,.2,1,5,1 0,.1,1,5,1");
    for support in [Support::MinMax, Support::Both] {
        let error = estimate(&apart, &Spec { support, ..spec() }).unwrap_err();
        let want = Error::OffSupport { support: support.to_string(), treated: true };
        assert_eq!(error, want);
    }
    refused(
        &apart,
        &Spec { support: Support::MinMax, ..spec() },
        "common support `minmax` leaves no treated row; the groups do not overlap, or ask for `none`",
    );
}

#[test]
fn a_caliper_that_reaches_nobody() {
    refused(
        &five(),
        &Spec { method: nearest(1, 0.01), ..spec() },
        "no row has a match by `nearest 1, replacement, ties first, caliper 0.01`; the closest two \
         rows are 1.000e-1 apart: take a wider caliper",
    );
    let caliper = Caliper { width: 0.01, unit: Unit::Sd };
    let radius = Spec { method: Method::Radius { caliper }, ..spec() };
    assert!(matches!(estimate(&five(), &radius), Err(Error::NoMatches { closest: Some(_), .. })));
}

#[test]
fn strata_without_the_other_group() {
    let sorted = rows("1,.6,1,7,1 1,.3,2,4,1 0,.5,1,5,2 0,.2,3,1,2");
    refused(
        &sorted,
        &Spec { within: vec!["s".into()], ..spec() },
        "no row has a match by `nearest 1, replacement, ties average` within `s`; no stratum has \
         rows of both groups: take fewer columns",
    );
    let some = rows("1,.6,1,7,1 1,.3,2,4,3 0,.5,1,5,1 0,.2,3,1,1 1,.9,0,9,2");
    let matching = estimate(&some, &Spec { within: vec!["s".into()], ..spec() }).unwrap();
    let strata = vec!["2".to_owned(), "3".to_owned()];
    assert!(matching.notes().contains(&Note::OneSided { strata, rows: 2 }));
    assert!(matching.notes().contains(&Note::Unmatched { treated: 2, untreated: 0 }));
    assert_eq!(matching.effects()[1].estimate, 2.0);
    assert_eq!((matching.counts(true).matched, matching.counts(true).unmatched), (1, 2));
}

#[test]
fn more_matches_than_rows() {
    refused(
        &five(),
        &Spec { method: nearest(4, 1.0), ..spec() },
        "4 matches a row, but there are only 3 untreated rows; ask for fewer",
    );
    let matching = estimate(&five(), &Spec { method: nearest(3, 0.35), ..spec() }).unwrap();
    assert!(matching.notes().contains(&Note::Fewer { k: 3, rows: 2 }));
}

#[test]
fn choices_that_contradict() {
    let once = Reuse::Once(Order::Largest);
    let method = Method::Nearest { k: 1, reuse: once, ties: Ties::Average, caliper: None };
    refused(
        &five(),
        &Spec { method, ..spec() },
        "`ties average` and `once largest` do not go together: take `ties first` or `ties places`",
    );
    let errors = Errors::AbadieImbens { neighbours: 1, target: Target::Sample };
    let kernel = Method::Kernel { kernel: Kernel::Epanechnikov, bandwidth: 0.06 };
    let error = estimate(&five(), &Spec { method: kernel, errors, ..spec() }).unwrap_err();
    assert!(matches!(error, Error::Contradiction { .. }));
    for method in [
        Method::Kernel { kernel: Kernel::Gaussian, bandwidth: 0.0 },
        nearest(0, 1.0),
        nearest(1, f64::NAN),
        nearest(1, -1.0),
    ] {
        let error = estimate(&five(), &Spec { method, ..spec() }).unwrap_err();
        assert!(matches!(error, Error::NotAWidth { .. }), "{error}");
    }
}

#[test]
fn a_row_that_is_alone_has_no_variance() {
    let errors = Errors::AbadieImbens { neighbours: 1, target: Target::Sample };
    let spec = Spec { within: vec!["s".into()], errors, ..spec() };
    let panel = rows("1,.6,1,7,1 1,.3,2,4,2 0,.5,1,5,1 0,.2,3,1,2");
    assert_eq!(estimate(&panel, &spec).unwrap_err(), Error::Alone { row: 0, treated: true });
}

/// An outcome, a stratum and a score that are missing take their rows with them, and are named.
#[test]
fn missing_rows_are_counted() {
    let panel = rows(&format!("{FIVE} 1,.6,,7,1 1,.6,1,,1 0,,1,7,1 0,.6,1,7, ,.5,1,1,1"));
    let with = Spec { within: vec!["s".into()], ..spec() };
    let matching = estimate(&panel, &with).unwrap();
    assert_eq!(matching.n(), 5);
    let by = ["d", "x", "y", "p", "s"].map(|what| (what.to_owned(), 1)).to_vec();
    assert_eq!(matching.notes()[0], Note::Missing { rows: 5, by });
    let clean = estimate(&five(), &with).unwrap();
    assert_eq!(matching.effects(), clean.effects());
    let text = matching.notes()[0].to_string();
    assert_eq!(text, "5 rows lack a variable: `d` in 1, `x` in 1, `y` in 1, `p` in 1, `s` in 1");
}

/// Lags among the covariates look at the calendar, also past rows without an outcome.
#[test]
fn lags_survive_missing_outcomes() {
    let panel = testkit::panel(
        "id,t,d,x,y\n1,1,0,1,\n1,2,1,2,3\n1,3,0,1,2\n2,1,1,5,1\n2,2,0,2,2\n2,3,1,4,9\n3,1,0,2,2\n3,2,1,1,2\n3,3,0,0,2\n",
    );
    let spec =
        Spec { model: "d ~ L.x".parse().unwrap(), score: Score::Given(term("L.x")), ..spec() };
    let matching = estimate(&panel, &spec).unwrap();
    let rows: Vec<usize> = (0..matching.n()).map(|i| matching.row(i)).collect();
    assert_eq!(rows, [1, 2, 4, 5, 7, 8]);
    assert_eq!(matching.distance(), [1.0, 2.0, 5.0, 2.0, 2.0, 1.0]);
}

/// A year's rows are matched among themselves, and the matched sample is a panel like any other.
#[test]
fn matching_then_fixed_effects() {
    let case = testkit::Case::load("grunfeld");
    let panel = case.panel();
    let column = |name: &str| panel.values(&term(name)).unwrap().into_owned();
    // Treated are the larger half of each year, less the two largest firms.
    let (value, capital) = (column("value"), column("capital"));
    let mut sorted = value.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    let d = value.iter().map(|&v| f64::from(u8::from(v > median))).collect();
    let mut columns = panel.columns().clone();
    columns.insert("d".into(), panel::Column::Number(d));
    columns.insert("score".into(), panel::Column::Number(capital));
    let panel = Panel::new(panel.index().clone(), columns).unwrap();
    let method = Method::Nearest {
        k: 1,
        reuse: Reuse::Once(Order::Largest),
        ties: Ties::Places,
        caliper: None,
    };
    let spec = Spec {
        model: "d ~ capital".parse().unwrap(),
        outcomes: vec![],
        score: Score::Given(term("score")),
        method,
        within: vec!["year".into()],
        ..spec()
    };
    let matching = estimate(&panel, &spec).unwrap();
    let years = panel.factor("year").unwrap();
    let year = |i: usize| years.codes()[matching.row(i)];
    assert!(matching.sets().all(|set| set.matches().all(|j| year(j) == year(set.row))));
    let sample = matching.sample(&panel).unwrap();
    assert_eq!(sample.n_rows(), 2 * matching.sets().count());
    assert_eq!(sample.values(&term("_weight")).unwrap()[..], vec![1.0; sample.n_rows()]);
    let fit = |panel: &Panel| {
        let model = "inv ~ value + capital | firm".parse().unwrap();
        let design = Design::new(panel, &model, Singletons::Keep).unwrap();
        let spec = estimate::Spec {
            vcov: Vcov::Iid,
            convention: Convention::STATA_XTREG,
            constant: Constant::Mean,
        };
        fixed_effects(&design, &spec).unwrap()
    };
    // The same rows, had their variables been missing elsewhere.
    let mut columns = panel.columns().clone();
    let kept: Vec<usize> = (0..matching.n())
        .filter(|&i| matching.weights()[i] > 0.0)
        .map(|i| matching.row(i))
        .collect();
    let inv = panel.values(&term("inv")).unwrap();
    let masked =
        (0..panel.n_rows()).map(|row| if kept.contains(&row) { inv[row] } else { f64::NAN });
    columns.insert("inv".into(), panel::Column::Number(masked.collect()));
    let masked = Panel::new(panel.index().clone(), columns).unwrap();
    for (a, b) in fit(&sample).coef().iter().zip(fit(&masked).coef()) {
        assert_close(*a, *b, 1e-11);
    }
    assert!(matching.sample(&sample).is_err());
}

/// Trimming by the density of the other group: Epanechnikov's kernel with Stata's bandwidth, over
/// one group whose scores are 0, 1, …, 9 and another of which one has nobody near.
#[test]
fn trimming_by_density() {
    let mut text: Vec<String> = (0..10).map(|p| format!("0,{p},1,1,1")).collect();
    text.extend(["1,4.5,1,2,1", "1,9.5,1,3,1", "1,2.5,1,2,1", "1,40,1,5,1"].map(str::to_owned));
    let panel = rows(&text.join(" "));
    let support = |support: Support| -> Vec<bool> {
        let matching: Matching = estimate(&panel, &Spec { support, ..spec() }).unwrap();
        matching.support()[10..].to_vec()
    };
    assert_eq!(support(Support::None), [true; 4]);
    assert_eq!(support(Support::Trim(0.0)), [true, true, true, false]);
    // The 30th percentile of four densities is the second smallest.
    assert_eq!(support(Support::Trim(30.0)), [true, true, true, false]);
    assert_eq!(support(Support::Trim(60.0)), [true, false, true, false]);
    assert_eq!(support(Support::MinMax), [true, false, true, false]);
}

/// Where the density ends: `√5·0.9·min(s, IQR/1.349)·n^{-1/5}` beyond the last score, which is
/// 3.8445 for 0, 1, …, 9 (by the standard deviation) and 4.4291 where one score is far off (by
/// quartiles that are means of two scores).
#[test]
fn a_density_ends() {
    for (scores, last, on, off) in
        [("0 1 2 3 4 5 6 7 8 9", 9.0, 3.844, 3.845), ("0 1 3 3.5 4 5 8 100", 100.0, 4.429, 4.430)]
    {
        let mut text: Vec<String> = scores.split(' ').map(|p| format!("0,{p},1,1,1")).collect();
        text.extend([on, off].map(|beyond| format!("1,{},1,1,1", last + beyond)));
        let support = Support::Trim(0.0);
        let matching = estimate(&rows(&text.join(" ")), &Spec { support, ..spec() }).unwrap();
        assert_eq!(matching.support()[text.len() - 2..], [true, false], "{scores}");
    }
}

/// Scores .6, .3 against .5, .2, .9: a distance of .1 is .365 standard deviations of all and .345
/// pooled ones. A row off support has no say in them.
#[test]
fn calipers_in_standard_deviations() {
    let far = rows(&format!("{FIVE} 1,5,1,1,1"));
    for (panel, support) in [(five(), Support::None), (far, Support::MinMax)] {
        for (text, found) in [
            ("0.34 pooled-sd", false),
            ("0.35 pooled-sd", true),
            ("0.36 sd", false),
            ("0.37 sd", true),
        ] {
            let caliper = Some(text.parse().unwrap());
            let ties = Ties::First;
            let method = Method::Nearest { k: 1, reuse: Reuse::Replacement, ties, caliper };
            let matching = estimate(&panel, &Spec { method, support, ..spec() });
            assert_eq!(matching.is_ok(), found, "{text} {support}");
        }
    }
}

/// What is printed can be read, and what cannot be read names what can.
#[test]
fn choices_have_texts() {
    macro_rules! round {
        ($type:ty: $($text:literal)*) => {$(
            assert_eq!($text.parse::<$type>().unwrap().to_string(), $text);
        )*};
    }
    round!(Score: "logit" "logit index" "probit" "probit index" "given log(x)");
    round!(Ties: "average" "average within 0.00001" "first" "places");
    round!(Reuse: "replacement" "once largest" "once smallest" "once data" "once random 42");
    round!(Caliper: "0.05" "0.2 sd" "0.2 pooled-sd");
    round!(Kernel: "epanechnikov" "gaussian" "biweight" "uniform" "tricube");
    round!(Support: "none" "minmax" "both" "trim 5");
    round!(Estimand: "ATT" "ATU" "ATE");
    round!(Errors: "naive" "ai 1 sample" "ai 2 population" "ai 0 population" "teffects 2");
    assert_eq!("logit".parse(), Ok(Score::Logit(Scale::Probability)));
    let error = "all".parse::<Estimand>().unwrap_err();
    assert_eq!(error.to_string(), "no estimand `all`; there are ATT, ATU, ATE");
    for text in ["-1", "x sd", "0.2 iqr", "inf"] {
        assert!(text.parse::<Caliper>().is_err(), "{text}");
    }
    assert!("trim 100".parse::<Support>().is_err());
    assert!("given ".parse::<Score>().is_err());
    assert!("ai x sample".parse::<Errors>().is_err());
    assert!("average within -1".parse::<Ties>().is_err());
}

/// A constant varies by rounding, which is nothing; where the treated do not vary, the unit of a
/// standardised difference is what both groups have, as in `MatchIt`.
#[test]
fn covariates_that_do_not_vary() {
    let panel = cross_section(
        "d,p,flat,x,y\n1,.6,.1,2,7\n1,.3,.1,2,4\n1,.8,.1,2,4\n0,.5,.1,1,5\n0,.2,.1,3,1\n0,.9,.1,3,9",
    );
    let matching = estimate(&panel, &Spec { model: "d ~ x".parse().unwrap(), ..spec() }).unwrap();
    let balance = balance(&panel, &["flat", "x"].map(term), &matching).unwrap();
    let [flat, x] = &balance.covariates[..] else { panic!() };
    for means in [&flat.before, &flat.after] {
        assert_eq!((means.bias, means.variance_ratio, means.t), (None, None, None));
    }
    // Nothing is less than no bias.
    let even = cross_section("d,p,x,y\n1,.6,2,7\n1,.3,4,4\n0,.5,1,5\n0,.1,5,1\n0,.25,3,9");
    let matching = estimate(&even, &spec()).unwrap();
    let [x_even] =
        &causal::matching::balance(&even, &[term("x")], &matching).unwrap().covariates[..]
    else {
        panic!()
    };
    assert_eq!((x_even.before.bias, x_even.reduction), (Some(0.0), None));
    assert!(x_even.after.bias.is_some_and(|bias| bias != 0.0));
    // Variances of 0 and 4/3 in the middle, and means of 2 and 7/3.
    let want = (2.0 - 7.0 / 3.0) / (2.0_f64 / 3.0).sqrt();
    assert_close(x.before.std_difference.unwrap(), want, 1e-12);
}

/// Two rows are the matched comparison, at which three slopes make the index the same: its variance
/// is rounding, and no Rubin's R comes of it.
#[test]
fn an_index_that_does_not_vary() {
    let panel = cross_section(
        "d,p,x1,x2,y
0,0.03125,0.3919279170405323,0,0
0,0.03125,-1.7489485183041324,1,0
1,0,1.9940088119959536,1,0
0,0,1.3668153329496384,0,0
1,0,-1.624198755211645,1,0
0,0.015625,-0.24396073573249843,2,0
1,0.015625,2.4133575638373403,0,0",
    );
    let model = "d ~ x1 + x2 + p".parse().unwrap();
    let nearest = nearest(1, 1.0);
    let matching = estimate(&panel, &Spec { model, method: nearest, ..spec() }).unwrap();
    let terms = ["x1", "x2", "p"].map(term);
    let balance = balance(&panel, &terms, &matching).unwrap();
    assert!(balance.before.probit.is_some_and(|probit| probit.rubin_r < 1.0));
    assert!(balance.after.probit.is_none(), "{:?}", balance.after.probit);
    assert!(balance.after.mean_bias.is_some());
}

/// Rows with two covariates, treatment by neither alone.
fn many() -> String {
    let row = |i: usize| {
        let (x, s) = (i % 5, i % 3);
        let d = usize::from((i * 7) % 11 < 5);
        format!("{d},.{},{x},{},{s}", 1 + i % 8, (i * 13) % 10)
    };
    (0..40).map(row).collect::<Vec<_>>().join(" ")
}

#[test]
fn errors_for_an_estimated_score() {
    let panel = rows(&many());
    let errors = Errors::Teffects { neighbours: 2 };
    let logit = Score::Logit(Scale::Probability);
    let spec = Spec { model: "d ~ x + s".parse().unwrap(), score: logit, errors, ..spec() };
    assert!(estimate(&panel, &spec).unwrap().effects()[1].std_error.unwrap() > 0.0);
    let cure = "they are for nearest neighbours by a score that is estimated, with replacement \
                and without strata";
    let given = Spec { score: Score::Given(term("p")), ..spec.clone() };
    refused(
        &panel,
        &given,
        &format!("`teffects 2` and `score given p` do not go together: {cure}"),
    );
    let within = Spec { within: vec!["s".into()], ..spec.clone() };
    refused(&panel, &within, &format!("`teffects 2` and `within s` do not go together: {cure}"));
    let caliper = Caliper { width: 0.1, unit: Unit::Distance };
    for method in [
        Method::Radius { caliper },
        Method::Kernel { kernel: Kernel::Uniform, bandwidth: 0.1 },
        Method::Nearest { k: 1, reuse: Reuse::Once(Order::Data), ties: Ties::First, caliper: None },
    ] {
        let b = method.to_string();
        let want = format!("`teffects 2` and `{b}` do not go together: {cure}");
        refused(&panel, &Spec { method, ..spec.clone() }, &want);
    }
    let one = Spec { errors: Errors::Teffects { neighbours: 1 }, ..spec.clone() };
    let error = estimate(&panel, &one).unwrap_err();
    assert_eq!(error, Error::FewNeighbours { errors: "teffects 1".into() });
    let narrow = Spec { method: nearest(1, 0.0), estimand: Estimand::Everyone, ..spec.clone() };
    let error = estimate(&panel, &narrow).unwrap_err();
    assert!(matches!(&error, Error::Incomplete { rows: 1.., .. }), "{error}");
    assert!(error.to_string().contains("take a wider caliper"), "{error}");
    // One untreated row near all others: nobody to learn from.
    let few = rows("1,.6,1,7,1 1,.3,2,4,1 1,.2,3,5,1 0,.5,2,5,1 1,.5,2,4,1 1,.5,0,3,2");
    let error = estimate(&few, &Spec { model: "d ~ x".parse().unwrap(), ..spec.clone() });
    assert!(matches!(error, Err(Error::Alone { treated: false, row: 3 })), "{error:?}");
}
