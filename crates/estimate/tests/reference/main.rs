//! Every number that other software printed, and ours: the proof of each [`Convention`].
//!
//! A record's text says what was run; [`plan`] reads it and says what we run, or why we cannot.
//! `cargo test -p estimate --test reference -- --nocapture` prints what was compared.
#![allow(clippy::print_stdout, reason = "the summary is for a reader")]
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod clubsandwich;
mod compare;
mod explain;
mod gretl;
mod instruments;
mod panels;
mod plm_holes;
mod python;
mod r;
mod specification;
mod weighted;
mod wild;

use std::collections::BTreeMap;

use estimate::{
    ClusterDf, Constant, Convention, Design, Error, Fit, Hc, Intersection, Kernel, Multiway,
    Reference, Rows, Spec, Vcov, fixed_effects,
};
use panel::Panel;
use testkit::{Case, Record, Summary, assert_close};

/// Relative. Reference values have 15 to 17 digits; what is lost is lost in two computations.
const TOLERANCE: f64 = 1e-9;
/// pyfixest's p value is `2·(1 − cdf)`: it has no digits beyond those of a number near one, so
/// that a small one is compared absolutely.
const ONE_MINUS_CDF: (f64, f64) = (1e-6, 1e-15);
/// linearmodels' statistics are right to this share where regressors are nearly collinear (produc:
/// `agrees_with_sixty_digits` says who is right), and p moves by `t²` times as much.
const LINEARMODELS_STATISTIC: f64 = 5e-11;

/// R and `SciPy` lose digits of the F tail far out: for produc's 73.1021899127096 with 63 and 748
/// degrees of freedom they print 1.551624907e-276, and arithmetic with sixty digits says
/// 1.551620647960218e-276, as we do.
const FAR_OUT: (f64, f64) = (1e-250, 3e-6);

/// What a record's program ran on.
struct Study {
    unit: &'static str,
    time: &'static str,
    /// `y ~ x` as R was given it, with indicators spelled our way.
    r: &'static str,
    /// The same in the Python scripts.
    python: &'static str,
    /// Their names of terms, ours.
    names: &'static [(&'static str, &'static str)],
}

/// What we run for a record.
struct Recipe {
    formula: String,
    vcov: Vcov,
    /// All of these must print the record.
    conventions: Vec<Convention>,
    /// Whether the program multiplies by `n/(n − effects)` on top: linearmodels' `debiased=False`.
    effects_only: bool,
    /// Whether the program divides by `n − 1`: pyfixest's iid errors without `k_adj`.
    over_total: bool,
    /// Where p values come from, if not from the convention.
    tail: Option<Reference>,
    /// The degrees of freedom that the record names, if they are not the convention's.
    df: Option<f64>,
}

enum Plan {
    Run(Recipe),
    Test,
}

/// plm's sandwich with Stata's reference distribution, t(G − 1).
const PLM_GROUPS: Convention = Convention { df: ClusterDf::Groups, ..Convention::PLM };
/// linearmodels, `group_debias=True`.
const LINEARMODELS_GROUPS: Convention =
    Convention { rows: Rows::LessOne, groups: true, ..Convention::LINEARMODELS };
/// linearmodels, `debiased=False`, but for the factor of [`Recipe::effects_only`].
const LINEARMODELS_BIASED: Convention = Convention {
    rows: Rows::One,
    driscoll_kraay: Kernel { rows: Rows::One, ..Convention::LINEARMODELS.driscoll_kraay },
    ..Convention::LINEARMODELS
};
/// plm's Driscoll–Kraay with t(T − 1).
const PLM_PERIODS: Convention = Convention {
    driscoll_kraay: Kernel { df: ClusterDf::Groups, ..Convention::PLM.driscoll_kraay },
    ..Convention::PLM
};
/// R sandwich's `vcovCL`, statsmodels, Petersen's `cluster2`, and pyfixest's `G_df="conventional"`:
/// Stata's factor, each term with its own `G`.
const OWN: Convention = Convention { multiway: Multiway::Own, ..Convention::STATA_XTREG };
/// `vcovCL(multi0 = TRUE)`: White's instead of the clusters of firms and years.
const OWN_LESS_WHITE: Convention = Convention { intersection: Intersection::Rows, ..OWN };

fn run(formula: impl Into<String>, vcov: Vcov, conventions: &[Convention]) -> Plan {
    Plan::Run(Recipe {
        formula: formula.into(),
        vcov,
        conventions: conventions.to_vec(),
        effects_only: false,
        over_total: false,
        tail: None,
        df: None,
    })
}

fn but(plan: Plan, change: impl FnOnce(&mut Recipe)) -> Plan {
    match plan {
        Plan::Run(mut recipe) => {
            change(&mut recipe);
            Plan::Run(recipe)
        }
        Plan::Test => Plan::Test,
    }
}

fn cluster(by: &str) -> Vcov {
    Vcov::Cluster(by.to_owned())
}

fn clusters(one: &str, other: &str) -> Vcov {
    Vcov::Multiway(vec![one.to_owned(), other.to_owned()])
}

fn driscoll_kraay(lag: Option<usize>) -> Vcov {
    Vcov::DriscollKraay { lag }
}

fn plan(study: &Study, record: &Record) -> Plan {
    let part = record.text("model").rsplit('/').next().unwrap_or_default();
    if part.starts_with("test") || part.starts_with("hausman") {
        return Plan::Test;
    }
    match record.text("software").split(' ').next() {
        Some("R") if part == "ols" => r::lm(record.text("call")),
        Some("R") => r::plm(study, part, record.text("call")),
        Some("statsmodels") => python::statsmodels(record.text("vcov")),
        Some("linearmodels") => python::linearmodels(study, part, record),
        Some("pyfixest") if part == "ols" => {
            python::pyfixest_ols(record.text("vcov"), record.text("call"))
        }
        Some("pyfixest") => python::pyfixest(study, part, record),
        other => panic!("{record}: software {other:?}"),
    }
}

fn prove(name: &str, study: &Study) -> Summary {
    let mut case = Case::load(name);
    let panel = case.panel().clone();
    for record in case.records() {
        if panels::check(study, &panel, record) {
            continue;
        }
        match plan(study, record) {
            Plan::Run(recipe) => compare::check(study, &panel, &recipe, record),
            Plan::Test => specification::check(study, &panel, record),
        }
    }
    let summary = case.finish();
    println!("{name}: {summary}");
    summary
}

/// The data of a case; `wagepan_holes` is `wagepan` with holes, by a rule on man and year.
fn data(name: &str) -> Panel {
    let Some(whole) = name.strip_suffix("_holes").filter(|whole| *whole == "wagepan") else {
        return testkit::panel(&testkit::file(name, "data.csv"));
    };
    let text = testkit::file(whole, "data.csv");
    let keep = |line: &&str| {
        let mut cells = line.split(',').map(str::parse::<i32>);
        match (cells.next(), cells.next()) {
            (Some(Ok(nr)), Some(Ok(year))) => nr % 11 * (year - 1975) % 11 <= nr % 7 + 2,
            _ => true,
        }
    };
    testkit::panel(&text.lines().filter(keep).collect::<Vec<_>>().join("\n"))
}

/// The within model of a design under plm's convention.
fn fit_plm(design: &Design<'_>) -> Fit {
    let spec = Spec { vcov: Vcov::Iid, convention: Convention::PLM, constant: Constant::Omit };
    fixed_effects(design, &spec).unwrap()
}

/// Compares the p value of an F test.
fn compare_f_tail(record: &mut Record, field: &str, ours: f64) {
    let tolerance = if ours < FAR_OUT.0 { FAR_OUT.1 } else { TOLERANCE };
    record.compare(field, ours, tolerance);
}

/// The counts, so that nothing is deferred in silence.
#[track_caller]
fn expect(summary: &Summary, (compared, numbers): (usize, usize), deferred: &[(&str, usize)]) {
    let table = |rows: &[(&str, usize)]| -> BTreeMap<String, usize> {
        rows.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect()
    };
    assert_eq!((summary.compared, summary.numbers), (compared, numbers));
    assert_eq!(summary.deferred, table(deferred));
    assert_eq!(summary.deferred_numbers, table(&[]));
}

#[test]
fn grunfeld() {
    let study = Study {
        unit: "firm",
        time: "year",
        r: "inv ~ value + capital",
        python: "inv ~ value + capital",
        names: &[],
    };
    expect(&prove("grunfeld", &study), (261, 3130), &[]);
}

#[test]
fn produc() {
    let study = Study {
        unit: "state",
        time: "year",
        r: "log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp",
        python: "log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp",
        names: &[("lpcap", "log(pcap)"), ("lpc", "log(pc)"), ("lemp", "log(emp)")],
    };
    expect(&prove("produc", &study), (424, 5050), &[]);
}

#[test]
fn wagepan() {
    let study = Study {
        unit: "nr",
        time: "year",
        r: "lwage ~ expersq + married + union + i.year",
        python: "lwage ~ expersq + married + union",
        names: &[
            ("d1981", "d81"),
            ("d1982", "d82"),
            ("d1983", "d83"),
            ("d1984", "d84"),
            ("d1985", "d85"),
            ("d1986", "d86"),
            ("d1987", "d87"),
            ("educ_d1981", "educ:d81"),
            ("educ_d1982", "educ:d82"),
            ("educ_d1983", "educ:d83"),
            ("educ_d1984", "educ:d84"),
            ("educ_d1985", "educ:d85"),
            ("educ_d1986", "educ:d86"),
            ("educ_d1987", "educ:d87"),
        ],
    };
    expect(&prove("wagepan", &study), (588, 6300), &[]);
}

#[test]
fn petersen() {
    let study = Study { unit: "firm", time: "year", r: "y ~ x", python: "y ~ x", names: &[] };
    expect(&prove("petersen", &study), (90, 640), &[]);
}

/// Two programs differ on produc in the eleventh digit of a statistic; which is right? Values of
/// the one-way within regression from the same data in decimal arithmetic with sixty digits.
#[test]
fn agrees_with_sixty_digits() {
    let case = Case::load("produc");
    let model = "log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp | state".parse().unwrap();
    let design = Design::new(case.panel(), &model, Convention::PLM.singletons).unwrap();
    // t of each term, then of the constant.
    for (vcov, statistics) in [
        (
            Vcov::Iid,
            [
                -0.901_663_208_807_035_6,
                11.624_630_895_811_025,
                25.527_253_908_299_8,
                -5.358_150_826_778,
                13.459_507_733_185_407,
            ],
        ),
        (
            Vcov::Robust(Hc::Hc1),
            [
                -0.809_748_772_714_672_8,
                9.262_702_477_310_756,
                18.653_782_253_323_106,
                -4.690_766_788_469_616,
                13.687_683_034_118_774,
            ],
        ),
        (
            cluster("state"),
            [
                -0.433_470_801_580_769_5,
                4.729_432_043_206_345,
                9.406_199_353_918_541,
                -2.122_628_321_985_764_3,
                7.576_929_034_697_502,
            ],
        ),
        (
            cluster("year"),
            [
                -0.575_615_181_906_981_9,
                6.086_910_970_780_254,
                12.248_559_445_803_855,
                -3.479_930_037_533_172,
                8.677_444_257_825_291,
            ],
        ),
    ] {
        let spec = Spec { vcov, convention: Convention::PLM, constant: Constant::Mean };
        let fit = fixed_effects(&design, &spec).unwrap();
        for (row, want) in fit.coefficients().iter().zip(statistics) {
            assert_close(row.statistic, want, 1e-13);
        }
    }
}

/// Experience grows by one a year, so that the last year is spanned: R drops it in silence.
#[test]
fn refuses_what_r_drops() {
    let case = Case::load("wagepan");
    let model = "lwage ~ exper + expersq + married + union + i.year | nr".parse().unwrap();
    let design = Design::new(case.panel(), &model, Convention::PLM.singletons).unwrap();
    let spec = Spec { vcov: Vcov::Iid, convention: Convention::PLM, constant: Constant::Omit };
    let Err(Error::Collinear { term, with, effects }) = fixed_effects(&design, &spec) else {
        panic!("not refused")
    };
    assert_eq!(term.to_string(), "year::1987");
    let with: Vec<String> = with.iter().map(ToString::to_string).collect();
    let years = (1981..1987).map(|year| format!("year::{year}"));
    assert_eq!(with, std::iter::once("exper".to_owned()).chain(years).collect::<Vec<_>>());
    assert_eq!(effects, ["nr"]);
}

/// Standard errors as they were printed, in half a unit of the last digit: Petersen's own table of
/// his test data, and the article on sandwich (Zeileis, Köll and Graham 2020, §5.2).
#[test]
fn petersen_as_printed() {
    let case = Case::load("petersen");
    let model = "y ~ x".parse().unwrap();
    let two_way = clusters("firm", "year");
    let plain = Convention { df: ClusterDf::Groups, ..Convention::PLM };
    for (vcov, convention, constant, slope, decimals) in [
        (Vcov::Iid, Convention::STATA_XTREG, 0.028_359_32, 0.028_583_29, 8),
        (Vcov::Robust(Hc::Hc1), Convention::STATA_XTREG, 0.028_360_67, 0.028_395_16, 8),
        (cluster("firm"), Convention::STATA_XTREG, 0.067_012_7, 0.050_595_73, 8),
        (cluster("year"), Convention::STATA_XTREG, 0.023_386_72, 0.033_388_91, 8),
        (two_way.clone(), OWN, 0.065_063_92, 0.053_558_02, 8),
        (two_way, OWN_LESS_WHITE, 0.065_066, 0.053_561, 6),
        (cluster("firm"), plain.clone(), 0.066_939, 0.050_540, 6),
        (driscoll_kraay(None), plain.clone(), 0.024_357, 0.028_163, 6),
        (Vcov::Pcse { pairwise: false }, plain, 0.022_201, 0.025_276, 6),
    ] {
        let design = Design::new(case.panel(), &model, convention.singletons).unwrap();
        let spec = Spec { vcov: vcov.clone(), convention, constant: Constant::Mean };
        let table = estimate::pooled(&design, &spec).unwrap().coefficients();
        for (row, printed) in [(&table[1], constant), (&table[0], slope)] {
            let half = 0.5 * 10_f64.powi(-decimals) * (1.0 + 1e-6);
            assert!((row.std_error - printed).abs() <= half, "{vcov}: {} {printed}", row.std_error);
        }
    }
}
