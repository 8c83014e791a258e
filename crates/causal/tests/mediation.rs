//! Mediation: laws, R's three equations on real data, and inputs that have no answer.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::BTreeSet;

use causal::Error;
use causal::mediation::{MediationSpec, Product, Resampling, Steps, mediation};
use estimate::{
    BinarySpec, Constant, Convention, Design, Fit, Information, Link, SmallSample, Spec, Vcov,
    binary, pooled,
};
use panel::{Panel, Term};
use proptest::prelude::*;
use testkit::{Case, Record, Rows, assert_close, close, rows};

const TOLERANCE: f64 = 1e-9;

fn estimation(vcov: &str) -> Spec {
    Spec { vcov: vcov.parse().unwrap(), convention: Convention::FIXEST, constant: Constant::Mean }
}

fn spec(model: &str, mediators: &[&str], vcov: &str) -> MediationSpec {
    let model: panel::Model = model.parse().unwrap();
    MediationSpec {
        treatment: model.terms[0].clone(),
        model,
        mediators: mediators.iter().map(|m| m.parse().unwrap()).collect(),
        steps: Steps::Three,
        variance: Product::Sobel,
        estimation: estimation(vcov),
        bootstrap: None,
    }
}

fn silent(_: usize) {}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Total is direct plus indirect, whatever is absorbed and however many mediators.
    #[test]
    fn total_is_direct_plus_indirect(rows in rows(), effects in 0..4_usize, two in any::<bool>()) {
        let panel = rows.panel();
        let absorb = ["", " | id", " | id + year", " | year + g"][effects];
        let mediators: &[&str] = if two { &["x2", "x3"] } else { &["x2"] };
        let outcome =
            mediation(&panel, &spec(&format!("y ~ x1{absorb}"), mediators, "iid"), &silent);
        let Ok(outcome) = outcome else { return Ok(()) };
        let scale = outcome.effects.iter().map(|e| e.estimate.abs()).fold(0.0, f64::max);
        prop_assert!(outcome.gap.unwrap().abs() <= 1e-9 * scale);
        let n = outcome.total.correction().n;
        for fit in outcome.mediators.iter().chain(&outcome.outcome) {
            prop_assert_eq!(fit.correction().n, n);
        }
    }

    /// What one Cholesky factor says of a resample, regressions on the copied rows say.
    #[test]
    fn a_draw_is_three_regressions_on_copied_rows(
        rows in rows(), effects in 0..3_usize, two in any::<bool>(), seed in any::<u64>(),
    ) {
        let absorb = ["", " | id", " | id + year"][effects];
        let mediators: &[&str] = if two { &["x2", "g"] } else { &["x2"] };
        let mut spec = spec(&format!("y ~ x1{absorb}"), mediators, "iid");
        spec.bootstrap = Some(Resampling { replications: 2, seed, by: Some("id".into()) });
        let Ok(drawn) = mediation(&rows.panel(), &spec, &silent) else { return Ok(()) };
        prop_assume!(drawn.draws == Some((2, 2)));
        spec.bootstrap = None;
        let (mut totals, mut indirect) = (Vec::new(), Vec::new());
        for replication in 0..2 {
            let Ok(by_hand) = mediation(&copied(&rows, seed, replication), &spec, &silent) else {
                return Ok(());
            };
            totals.push(by_hand.effects[0].estimate);
            indirect.push(by_hand.effects.last().unwrap().estimate);
        }
        // Of two draws the percentiles give both back.
        for (effect, mut want) in [(drawn.effects.first(), totals), (drawn.effects.last(), indirect)] {
            want.sort_by(f64::total_cmp);
            let (low, high) = effect.unwrap().bootstrap.as_ref().unwrap().percentile;
            let at = |share: f64| want[0] + share * (want[1] - want[0]);
            let scale = want[0].abs().max(want[1].abs());
            prop_assert!(close(low, at(0.025), TOLERANCE, scale), "{low} {}", at(0.025));
            prop_assert!(close(high, at(0.975), TOLERANCE, scale), "{high} {}", at(0.975));
        }
    }
}

/// The rows of the entities that a draw takes, each under a new name.
fn copied(rows: &Rows, seed: u64, replication: u64) -> Panel {
    let sorted = rows.sorted();
    let names: BTreeSet<i32> = sorted.id.iter().copied().collect();
    let names: Vec<i32> = names.into_iter().collect();
    let mut stream = estimate::Draws::new(seed, replication);
    let (mut taken, mut ids) = (Vec::new(), Vec::new());
    for copy in 0..names.len() {
        let entity = names[stream.below(names.len())];
        for row in (0..sorted.n()).filter(|&row| sorted.id[row] == entity) {
            taken.push(row);
            ids.push(i32::try_from(copy).unwrap());
        }
    }
    let mut drawn = sorted.select(&taken);
    drawn.id = ids;
    drawn.panel()
}

/// Same seed, same bits, whatever the number of threads.
#[test]
fn threads_change_no_bit() {
    let case = Case::load("grunfeld");
    let mut spec = spec("inv ~ value | firm + year", &["capital"], "cluster firm");
    spec.bootstrap = Some(Resampling { replications: 200, seed: 7, by: Some("firm".into()) });
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| mediation(case.panel(), &spec, &silent).unwrap().effects)
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

/// The three variances differ by the product of the variances.
#[test]
fn three_variances_of_a_product() {
    let case = Case::load("grunfeld");
    let mut spec = spec("inv ~ value | firm", &["capital"], "cluster firm");
    let outcome = mediation(case.panel(), &spec, &silent).unwrap();
    let error = |fit: &Fit, term: &str| {
        fit.coefficients().into_iter().find(|row| row.term == term).unwrap().std_error
    };
    let a = error(&outcome.mediators[0], "value");
    let b = error(outcome.outcome.as_ref().unwrap(), "capital");
    let mut variance = |variance| {
        spec.variance = variance;
        mediation(case.panel(), &spec, &silent).unwrap().effects[2].std_error.unwrap().powi(2)
    };
    let sobel = variance(Product::Sobel);
    assert_close(variance(Product::Aroian) - sobel, a * a * b * b, 1e-9);
    assert_close(sobel - variance(Product::Goodman), a * a * b * b, 1e-9);
}

// R's equations ---------------------------------------------------------------------------------

const SIMULATED: &str = "R's simulated effects of models with interactions or a probit outcome: \
                         not among the methods, and Monte Carlo";
const CLOSED: &str = "closed form for a probit outcome or an interaction: not among the methods";
const OTHER_DRAWS: &str = "a statistic of R's own random draws";

/// R's name of a term, ours.
fn ours(theirs: &str, panel: &Panel) -> String {
    if theirs == "(Intercept)" {
        return Fit::CONSTANT.to_owned();
    }
    for (name, column) in panel.columns() {
        if let panel::Column::Category(factor) = column
            && let Some(level) = theirs.strip_prefix(name.as_str())
            && factor.labels().any(|label| label == level)
        {
            return Term::Level(name.clone(), level.to_owned()).to_string();
        }
    }
    theirs.to_owned()
}

/// R's formula, with each factor as indicators of all levels but the one that no record shows.
fn formula(call: &str, shown: &BTreeSet<String>, panel: &Panel) -> String {
    let (response, terms) = call.trim_end_matches(" HC1").split_once(" ~ ").unwrap();
    let written = terms.split(" + ").map(|name| {
        let Some(panel::Column::Category(factor)) = panel.columns().get(name) else {
            return name.to_owned();
        };
        let level = |label: &String| Term::Level(name.to_owned(), label.clone()).to_string();
        let base = factor.labels().find(|label| !shown.contains(&level(label))).unwrap();
        Term::Levels(name.to_owned(), panel::Base::Level(base)).to_string()
    });
    format!("{response} ~ {}", written.collect::<Vec<_>>().join(" + "))
}

fn prove(name: &str) -> (usize, usize) {
    let mut case = Case::load_rows(name);
    let panel = case.panel().clone();
    let shown: BTreeSet<String> =
        case.records().iter().map(|record| ours(record.text("term"), &panel)).collect();
    for record in case.records() {
        let part = record.text("model").rsplit('/').next().unwrap().to_owned();
        match part.as_str() {
            "mediator" | "interaction_outcome" => equation(record, &shown, &panel),
            part if part.starts_with("bk_") => equation(record, &shown, &panel),
            "sobel" | "aroian" | "goodman" => product(name, record, &shown, &panel),
            "bootstrap_ab" => bootstrap(name, record, &shown, &panel),
            "outcome_probit" | "probit_outcome" => probit(record, &shown, &panel),
            part if part.starts_with("mediate_") => record.defer_all(SIMULATED),
            _ => record.defer_all(CLOSED),
        }
    }
    let summary = case.finish();
    (summary.compared, summary.numbers)
}

fn equation(record: &mut Record, shown: &BTreeSet<String>, panel: &Panel) {
    let robust = record.text("call").ends_with("HC1");
    let spec = estimation(if robust { "HC1" } else { "iid" });
    let formula = formula(record.text("call"), shown, panel);
    let design = Design::new(panel, &formula.parse().unwrap(), spec.convention.singletons).unwrap();
    let fit = pooled(&design, &spec).unwrap();
    let term = ours(record.text("term"), panel);
    let row = fit.coefficients().into_iter().find(|row| row.term == term).unwrap();
    record.compare("estimate", row.estimate, TOLERANCE);
    record.compare("std_error", row.std_error, TOLERANCE);
    record.compare("statistic", row.statistic, TOLERANCE);
    record.compare("p_value", row.p_value, TOLERANCE);
    let df = fit.correction().n - fit.correction().k_all;
    for field in record.unread().map(str::to_owned).collect::<Vec<_>>() {
        let value = match field.as_str() {
            "model_level.n" => fit.correction().n as f64,
            "model_level.df" => df as f64,
            "model_level.r_squared" => 1.0 - fit.sums().residual / fit.sums().total,
            "model_level.sigma" => (fit.sums().residual / df as f64).sqrt(),
            field => panic!("{field}"),
        };
        record.compare(&field, value, TOLERANCE);
    }
}

/// The specification of a block of records.
fn of_block(name: &str, record: &Record, shown: &BTreeSet<String>, panel: &Panel) -> MediationSpec {
    let (call, mediator) = match (name, record.text("model").split('/').next().unwrap()) {
        ("mediation_framing", _) => ("cong_mesg ~ treat + age + educ + gender + income", "emo"),
        (_, "jobs_helpfile_spec") => ("depress2 ~ treat + econ_hard + sex + age", "job_seek"),
        _ => (
            "depress2 ~ treat + depress1 + econ_hard + sex + age + occp + marital + nonwhite + \
             educ + income",
            "job_seek",
        ),
    };
    spec(&formula(call, shown, panel), &[mediator], "iid")
}

fn product(name: &str, record: &mut Record, shown: &BTreeSet<String>, panel: &Panel) {
    let mut spec = of_block(name, record, shown, panel);
    spec.variance = record.text("model").rsplit('/').next().unwrap().parse().unwrap();
    let outcome = mediation(panel, &spec, &silent).unwrap();
    let [total, direct, indirect] = outcome.effects.as_slice() else { panic!("three effects") };
    record.compare("estimate", indirect.estimate, TOLERANCE);
    record.compare("std_error", indirect.std_error.unwrap(), TOLERANCE);
    record.compare("statistic", indirect.statistic.unwrap(), TOLERANCE);
    record.compare("p_value", indirect.p_value.unwrap(), TOLERANCE);
    let row = |fit: &Fit, term: &Term| {
        fit.coefficients().into_iter().find(|row| row.term == term.to_string()).unwrap()
    };
    let a = row(&outcome.mediators[0], &spec.treatment);
    let b = row(outcome.outcome.as_ref().unwrap(), &spec.mediators[0]);
    for (field, value) in [
        ("a", a.estimate),
        ("se_a", a.std_error),
        ("b", b.estimate),
        ("se_b", b.std_error),
        ("c_total", total.estimate),
        ("c_prime", direct.estimate),
        ("prop_mediated", outcome.share.unwrap()),
        ("c_minus_cprime", total.estimate - direct.estimate),
    ] {
        record.compare(&format!("model_level.{field}"), value, TOLERANCE);
    }
}

/// R's 2000 draws beside 4000 of ours, each within four Monte Carlo errors of the other.
///
/// The error of a standard deviation of `B` normal draws is `1/√(2B)` of it; that of a percentile
/// `√(p(1−p)/B) / φ(z_p)` standard deviations.
fn bootstrap(name: &str, record: &mut Record, shown: &BTreeSet<String>, panel: &Panel) {
    let mut spec = of_block(name, record, shown, panel);
    let (theirs, own) = (2000.0_f64, 4000.0_f64);
    spec.bootstrap = Some(Resampling { replications: 4000, seed: 1, by: None });
    let outcome = mediation(panel, &spec, &silent).unwrap();
    let effect = outcome.effects.last().unwrap();
    let interval = effect.bootstrap.as_ref().unwrap();
    record.compare("model_level.ab", effect.estimate, TOLERANCE);
    let of_error = 4.0 * (0.5 / theirs + 0.5 / own).sqrt();
    record.compare("model_level.boot_se", interval.std_error, of_error);
    let density = (-0.5 * 1.959_964_f64.powi(2)).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let of_percentile = 4.0 * (0.025 * 0.975 * (1.0 / theirs + 1.0 / own)).sqrt() / density;
    let margin = of_percentile * interval.std_error;
    record.compare_absolutely("model_level.percentile_ci[0]", interval.percentile.0, margin);
    record.compare_absolutely("model_level.percentile_ci[1]", interval.percentile.1, margin);
    for field in ["z0", "bias_corrected_ci[0]", "bias_corrected_ci[1]"] {
        record.defer(&format!("model_level.{field}"), OTHER_DRAWS);
    }
}

/// R's scoring stops once the deviance changes by less than 1e-8 of itself. Its last step was then
/// shorter than `√(1e-8 · 1073)`, 3e-3 standard errors, and what it leaves is a part of that:
/// 6e-5 at most here. Ours stops where the score vanishes.
const SCORING: f64 = 1e-4;

fn probit(record: &mut Record, shown: &BTreeSet<String>, panel: &Panel) {
    let spec = BinarySpec {
        link: Link::Probit,
        information: Information::Expected,
        vcov: Vcov::Iid,
        small_sample: SmallSample::Sandwich,
    };
    let formula = formula(record.text("call"), shown, panel).replace("work1 ~", "working ~");
    let panel = working(panel);
    let design =
        Design::new(&panel, &formula.parse().unwrap(), Convention::FIXEST.singletons).unwrap();
    let fit = binary(&design, &spec).unwrap();
    let term = ours(record.text("term"), &panel);
    let row = fit.coefficients().into_iter().find(|row| row.term == term).unwrap();
    record.compare_absolutely("estimate", row.estimate, SCORING * row.std_error);
    record.compare("std_error", row.std_error, SCORING);
    record.compare_absolutely("statistic", row.statistic, SCORING * (1.0 + row.statistic.abs()));
    let of_p = SCORING * (1.0 + row.statistic * row.statistic);
    record.compare("p_value", row.p_value, of_p);
    record.compare("model_level.n", fit.n() as f64, 0.0);
    record.compare("model_level.logLik", fit.log_likelihood(), 1e-10);
}

/// The panel with `working`, one where `work1` is `psyemp`.
fn working(panel: &Panel) -> Panel {
    let mut columns = panel.columns().clone();
    if let Some(panel::Column::Category(factor)) = columns.get("work1") {
        let one = factor.labels().position(|label| label == "psyemp");
        let number = factor.codes().iter().map(|&c| f64::from(u8::from(Some(c as usize) == one)));
        let number = panel::Column::Number(number.collect());
        columns.insert("working".to_owned(), number);
    }
    Panel::new(panel.index().clone(), columns).unwrap()
}

#[test]
fn framing() {
    assert_eq!(prove("mediation_framing"), (71, 417));
}

#[test]
fn jobs() {
    assert_eq!(prove("mediation_jobs"), (245, 1383));
}

// Inputs without an answer ----------------------------------------------------------------------

#[test]
fn what_cannot_be_estimated_is_named() {
    let case = Case::load("grunfeld");
    let run = |spec: &MediationSpec| mediation(case.panel(), spec, &silent).unwrap_err();
    let good = spec("inv ~ value | firm", &["capital"], "iid");

    let mut bad = good.clone();
    bad.treatment = Term::var("profit");
    assert_eq!(
        run(&bad),
        Error::NotARegressor { term: Term::var("profit"), regressors: vec![Term::var("value")] }
    );

    let mut bad = good.clone();
    bad.mediators = vec![Term::var("value")];
    assert_eq!(run(&bad), Error::Mediator { term: Term::var("value") });

    let mut bad = good.clone();
    bad.mediators.clear();
    assert_eq!(run(&bad), Error::NoMediator);

    // A mediator that is a linear combination: the slope is the sum of the slopes by firm.
    let by_firm: Vec<String> = (1..=10).map(|firm| format!("firm::{firm}:value")).collect();
    let bad = spec(&format!("inv ~ {} | firm", by_firm.join(" + ")), &["value"], "iid");
    let with: Vec<Term> = by_firm.iter().map(|term| term.parse().unwrap()).collect();
    let error = run(&bad);
    assert_eq!(error, Error::SpannedMediator { term: Term::var("value"), with });
    let message = error.to_string();
    assert!(message.starts_with("the mediator `value` is a linear combination of `"), "{message}");

    let mut bad = good.clone();
    bad.mediators = vec![Term::var("capital"), Term::var("capital")];
    assert_eq!(run(&bad), Error::MediatorTwice { term: Term::var("capital") });

    // A group that everyone is in, and a missing one.
    let one = testkit::unbalanced(6, 6, 0.0, 0, 1).with("one", |_, _| 1.0).panel();
    let mut bad = spec("y ~ x1 | id", &["x2"], "iid");
    bad.bootstrap = Some(Resampling { replications: 20, seed: 1, by: Some("one".into()) });
    let error = mediation(&one, &bad, &silent).unwrap_err();
    assert_eq!(error, Error::OneDrawn { by: "one".into() });

    // Each of three regressors moves in one group of four: few draws have all three.
    let rows = testkit::unbalanced(10, 8, 0.0, 0, 1).with("four", |_, row| (row % 4) as f64);
    let moves = |rows: Rows, name: &str, group: usize| {
        rows.with(name, |rows, row| if row % 4 == group { rows.columns["x1"][row] } else { 0.0 })
    };
    let four = moves(moves(moves(rows, "a", 0), "b", 1), "c", 2).panel();
    let mut bad = spec("y ~ a + b + c", &["x2"], "iid");
    bad.bootstrap = Some(Resampling { replications: 100, seed: 1, by: Some("four".into()) });
    let error = mediation(&four, &bad, &silent).unwrap_err();
    assert!(matches!(error, Error::FewDraws { kept: 2..50, made: 100 }), "{error}");
    let mut bad = good.clone();
    bad.bootstrap = Some(Resampling { replications: 20, seed: 1, by: Some("sector".into()) });
    assert!(matches!(run(&bad), Error::Estimate(estimate::Error::Panel(_))));
}

/// Resampled rows tear entities apart: few of them are estimated anew in every draw, many are not.
#[test]
fn torn_effects() {
    let mut spec = spec("y ~ x | firm", &["L.x"], "iid");
    spec.bootstrap = Some(Resampling { replications: 4, seed: 1, by: None });
    let many = mediation(Case::load("petersen").panel(), &spec, &silent).unwrap_err();
    assert_eq!(many, Error::NotNested { effect: "firm".into(), by: "row".into() });
    spec.bootstrap = Some(Resampling { replications: 4, seed: 1, by: Some("firm".into()) });
    assert!(mediation(Case::load("petersen").panel(), &spec, &silent).is_ok());
    spec.model = "inv ~ value | firm".parse().unwrap();
    (spec.treatment, spec.mediators) = (Term::var("value"), vec![Term::var("capital")]);
    spec.bootstrap = Some(Resampling { replications: 4, seed: 1, by: None });
    assert!(mediation(Case::load("grunfeld").panel(), &spec, &silent).is_ok());
}

#[test]
fn texts() {
    for known in [Product::Sobel, Product::Aroian, Product::Goodman] {
        assert_eq!(known.to_string().parse::<Product>(), Ok(known));
    }
    assert_eq!("2".parse::<Steps>(), Ok(Steps::Two));
    let message = "sobal".parse::<Product>().unwrap_err().to_string();
    assert_eq!(message, "no variance of a product `sobal`; there are sobel, aroian, goodman");
}
