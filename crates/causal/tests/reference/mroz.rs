//! Mroz's married women: probit, logit, and Heckman's two-step and likelihood.

use causal::heckman::{
    LikelihoodSpec, LikelihoodVcov, Rho, TwoStep, TwoStepSpec, likelihood, two_step,
};
use estimate::{
    At, BinaryFit, BinarySpec, Coefficient, Constant, Convention, Design, Fit, Hc, Information,
    Link, MarginSpec, Reference, Singletons, SmallSample, Spec, Vcov, ZeroOne, binary,
    marginal_effects, pooled, r_squared,
};
use testkit::{Case, Record, assert_close};

use super::TOLERANCE;

/// R's `glm` climbs by Fisher scoring until the deviance moves by less than 10⁻¹⁴ of itself, which
/// leaves the coefficients of a probit this far from the maximum. statsmodels is at it, and so are
/// we: the test asserts the gradient.
const FISHER_SCORING: f64 = 1e-7;
/// sampleSelection's probit stops this far from the maximum of Wooldridge's model, in standard
/// errors; the direct computation in Python does not.
const THEIR_PROBIT: f64 = 1e-7;
/// The method of Berndt, Hall, Hall and Hausman converges linearly: this is what R leaves.
const BHHH: f64 = 4e-5;
/// The direct computation in Python takes its second derivatives by differences; sampleSelection,
/// whose are analytic, agrees with us at 1e-9.
const DIFFERENCES: f64 = 3e-8;
const THEIR_GRADIENT: &str = "the gradient that is left of their search; ours is asserted";
const PARTICIPATION: &str = "lfp ~ nwifeinc + educ + exper + exper^2 + age + kids5 + kids618";

/// Their name of a term, ours.
fn name(theirs: &str) -> String {
    match theirs {
        "(Intercept)" | "Intercept" | "_cons" => Fit::CONSTANT.to_owned(),
        "I(exper^2)" | "I(exper ** 2)" | "expersq" => "exper^2".to_owned(),
        "I(age^2)" => "age^2".to_owned(),
        "kidslt6" => "kids5".to_owned(),
        "kidsge6" => "kids618".to_owned(),
        theirs => theirs.to_owned(),
    }
}

fn row<'a>(table: &'a [Coefficient], term: &str) -> &'a Coefficient {
    table.iter().find(|row| row.term == term).unwrap_or_else(|| panic!("no `{term}`"))
}

/// Distances in standard errors: a search that stops early is off by a share of those.
fn compare_row(record: &mut Record, row: &Coefficient, tail: Reference, tolerance: f64) {
    if tolerance > TOLERANCE {
        record.compare_absolutely("estimate", row.estimate, tolerance * row.std_error);
        record.compare_absolutely(
            "statistic",
            row.statistic,
            tolerance * (1.0 + row.statistic.abs()),
        );
    } else {
        record.compare("estimate", row.estimate, tolerance);
        record.compare("statistic", row.statistic, tolerance);
    }
    record.compare("std_error", row.std_error, tolerance);
    if record.published("p_value").is_some() {
        // A p value moves by t² times as much as its statistic.
        let moves = tolerance * (1.0 + row.statistic * row.statistic);
        record.compare("p_value", tail.two_sided(row.statistic), moves);
    }
}

fn binary_spec(link: Link, call: &str) -> BinarySpec {
    let (information, vcov, small_sample) = match call {
        call if call.starts_with("glm(") => (Information::Expected, Vcov::Iid, SmallSample::None),
        "sandwich::sandwich(glm) HC0" => {
            (Information::Expected, Vcov::Robust(Hc::Hc1), SmallSample::Sandwich)
        }
        "Stata probit vce(robust): Hessian sandwich * n/(n-1)" => {
            (Information::Observed, Vcov::Robust(Hc::Hc1), SmallSample::Stata)
        }
        call if call.contains("HC0 (Hessian sandwich") => {
            (Information::Observed, Vcov::Robust(Hc::Hc1), SmallSample::Statsmodels)
        }
        _ => (Information::Observed, Vcov::Iid, SmallSample::None),
    };
    BinarySpec { link, information, vcov, small_sample }
}

fn compare_binary(case: &Case, link: Link, record: &mut Record) {
    let design =
        Design::new(case.panel(), &PARTICIPATION.parse().unwrap(), Singletons::Keep).unwrap();
    let fit = binary(&design, &binary_spec(link, record.text("call"))).unwrap();
    assert!(fit.distance() < 1e-11, "{}", fit.distance());
    let margins = |at| {
        let spec = MarginSpec { at, zero_one: ZeroOne::Derivative };
        marginal_effects(&design, &fit, spec).unwrap()
    };
    if let Some(term) = record.text("term").strip_prefix("AME:").map(str::to_owned) {
        return compare_row(
            record,
            row(&margins(At::Average), &name(&term)),
            Reference::Normal,
            TOLERANCE,
        );
    }
    let term = name(record.text("term"));
    let fisher = link == Link::Probit && !record.text("software").starts_with("statsmodels");
    let tolerance = if fisher { FISHER_SCORING } else { TOLERANCE };
    compare_row(record, row(&fit.coefficients(), &term), Reference::Normal, tolerance);
    for field in record.numbers().map(str::to_owned).collect::<Vec<_>>() {
        let Some(field) = field.strip_prefix("model_level.") else { continue };
        let ours = level(&fit, field, &margins);
        record.compare(&format!("model_level.{field}"), ours, tolerance);
    }
}

fn level(fit: &BinaryFit, field: &str, margins: &impl Fn(At) -> Vec<Coefficient>) -> f64 {
    match field {
        "n" => fit.n() as f64,
        "logLik" | "llf" => fit.log_likelihood(),
        "logLik0" => fit.null_log_likelihood(),
        "mcfadden" | "prsquared" => fit.pseudo_r2().mcfadden,
        "lr_chi2" => fit.likelihood_ratio().unwrap().statistic,
        "pct_correct" => fit.pseudo_r2().count,
        // The density that every derivative is multiplied by.
        "ape_scale" => margins(At::Average)[1].estimate / fit.coef()[1],
        "pea_scale" => margins(At::Means)[1].estimate / fit.coef()[1],
        field => panic!("{field}"),
    }
}

/// The linear probability model, which is least squares.
fn compare_linear(case: &Case, record: &mut Record) {
    let design =
        Design::new(case.panel(), &PARTICIPATION.parse().unwrap(), Singletons::Keep).unwrap();
    let spec = Spec {
        vcov: Vcov::Robust(Hc::Hc1),
        convention: Convention::STATA_XTREG,
        constant: Constant::Mean,
    };
    let fit = pooled(&design, &spec).unwrap();
    let term = name(record.text("term"));
    let tail = fit.correction().reference;
    compare_row(record, row(&fit.coefficients(), &term), tail, TOLERANCE);
    record.compare("model_level.r_squared", r_squared(&design, &fit).unwrap().r2, TOLERANCE);
}

const GREENE: [&str; 2] =
    ["wage ~ exper + exper^2 + educ + city", "lfp ~ age + age^2 + faminc + kids + educ"];
const WOOLDRIDGE: [&str; 2] = ["lwage ~ educ + exper + exper^2", PARTICIPATION];

fn two_step_spec([outcome, selection]: [&str; 2]) -> TwoStepSpec {
    TwoStepSpec {
        outcome: outcome.parse().unwrap(),
        selection: selection.parse().unwrap(),
        information: Information::Observed,
        rho: Rho::Force,
    }
}

fn likelihood_spec([outcome, selection]: [&str; 2], vcov: LikelihoodVcov) -> LikelihoodSpec {
    LikelihoodSpec {
        outcome: outcome.parse().unwrap(),
        selection: selection.parse().unwrap(),
        vcov,
        small_sample: SmallSample::None,
    }
}

/// sampleSelection compares with t, and counts the parameters of both equations, `σ` and `ρ`.
fn tail(record: &Record, n: usize, parameters: usize) -> Reference {
    if record.text("software").starts_with("R ") {
        Reference::T(n - parameters)
    } else {
        Reference::Normal
    }
}

/// Our name, and the equation, of a term like `betaO:I(exper^2)`, `select:educ` or `educ`.
fn equation(theirs: &str) -> (&str, String) {
    match theirs.split_once(':') {
        Some((equation, term)) => (equation, name(term)),
        None => ("", name(theirs)),
    }
}

fn compare_two_step(case: &Case, model: [&str; 2], record: &mut Record) {
    let fit = two_step(case.panel(), &two_step_spec(model)).unwrap();
    let parameters = fit.selection().coefficients().len() + fit.outcome().names().len() + 1;
    let tail = tail(record, fit.n(), parameters);
    let theirs = record.text("term").to_owned();
    let tolerance = if record.text("software").starts_with("R ") && model == WOOLDRIDGE {
        THEIR_PROBIT
    } else {
        TOLERANCE
    };
    let lambda = |table: &[Coefficient]| row(table, TwoStep::LAMBDA).clone();
    let (selection, outcome) = (fit.selection().coefficients(), fit.outcome().coefficients());
    match equation(&theirs) {
        ("sigma", _) => record.compare("estimate", fit.sigma(), tolerance),
        ("rho", _) => record.compare("estimate", fit.rho(), tolerance),
        ("Mills", _) => compare_row(record, &lambda(&outcome), tail, tolerance),
        ("betaS", term) => compare_row(record, row(&selection, &term), tail, tolerance),
        ("", term) if term == "mills" => {
            compare_row(record, &lambda(&outcome), tail, tolerance);
        }
        (_, term) => compare_row(record, row(&outcome, &term), tail, tolerance),
    }
    for (field, ours) in [
        ("n", fit.n() as f64),
        ("n_selected", fit.n_selected() as f64),
        ("sigma", fit.sigma()),
        ("rho", fit.rho()),
        ("rsq.R2", fit.r2()),
        ("rsq.R2adj", fit.r2_adjusted()),
    ] {
        let field = format!("model_level.{field}");
        if record.published(&field).is_some() {
            record.compare(&field, ours, tolerance);
        }
    }
}

fn compare_likelihood(case: &Case, model: [&str; 2], record: &mut Record) {
    let bhhh = record.text("model").ends_with("BHHH");
    let vcov = if bhhh { LikelihoodVcov::Opg } else { LikelihoodVcov::Oim };
    let fit = likelihood(case.panel(), &likelihood_spec(model, vcov)).unwrap();
    assert!(fit.distance() < 1e-10, "{}", fit.distance());
    let python = !record.text("software").starts_with("R ");
    let tolerance = match (bhhh, python) {
        (true, _) => BHHH,
        (_, true) => DIFFERENCES,
        _ => TOLERANCE,
    };
    let (selection, outcome) = (fit.selection().coefficients(), fit.outcome().coefficients());
    let tail = tail(record, fit.n(), selection.len() + outcome.len() + 2);
    let [rho, sigma, lambda] = fit.derived();
    let theirs = record.text("term").to_owned();
    let ancillary = fit.ancillary().coefficients();
    let ours = match equation(&theirs) {
        ("betaS" | "select", term) => row(&selection, &term),
        ("betaO" | "outcome", term) => row(&outcome, &term),
        ("", term) if term == "rho" => &rho,
        ("", term) if term == "sigma" => &sigma,
        (_, term) => row(&ancillary, &term),
    };
    compare_row(record, ours, tail, tolerance);
    for (field, ours) in [
        ("n", fit.n() as f64),
        ("n_selected", fit.n_selected() as f64),
        ("logLik", fit.log_likelihood()),
        ("rho", rho.estimate),
        ("sigma", sigma.estimate),
        ("lam", lambda.estimate),
    ] {
        let field = format!("model_level.{field}");
        if record.published(&field).is_some() {
            record.compare(&field, ours, tolerance);
        }
    }
    if record.published("model_level.max_abs_grad").is_some() {
        record.defer("model_level.max_abs_grad", THEIR_GRADIENT);
    }
}

/// The second stage alone, on the selected rows.
fn compare_least_squares(case: &Case, record: &mut Record) {
    let model = WOOLDRIDGE[0].parse().unwrap();
    let design = Design::new(case.panel(), &model, Singletons::Keep).unwrap();
    let spec =
        Spec { vcov: Vcov::Iid, convention: Convention::STATA_XTREG, constant: Constant::Mean };
    let fit = pooled(&design, &spec).unwrap();
    let term = name(record.text("term"));
    let tail = fit.correction().reference;
    compare_row(record, row(&fit.coefficients(), &term), tail, TOLERANCE);
    record.compare("model_level.n", design.n() as f64, 0.0);
    record.compare("model_level.r_squared", r_squared(&design, &fit).unwrap().r2, TOLERANCE);
}

#[test]
fn mroz() {
    let mut case = Case::load_rows("mroz");
    let panel = Case::load_rows("mroz");
    for record in case.records() {
        match record.text("model") {
            "mroz_wooldridge17.1/probit" => compare_binary(&panel, Link::Probit, record),
            "mroz_wooldridge17.1/logit" => compare_binary(&panel, Link::Logit, record),
            "mroz_wooldridge17.1/lpm" => compare_linear(&panel, record),
            "mroz_greene22.8/twostep" => compare_two_step(&panel, GREENE, record),
            "mroz_wooldridge17.5/twostep" => compare_two_step(&panel, WOOLDRIDGE, record),
            "mroz_wooldridge17.5/ols" => compare_least_squares(&panel, record),
            model if model.starts_with("mroz_greene22.8/ml") => {
                compare_likelihood(&panel, GREENE, record);
            }
            model if model.starts_with("mroz_wooldridge17.5/ml") => {
                compare_likelihood(&panel, WOOLDRIDGE, record);
            }
            model => panic!("{model}"),
        }
    }
    let summary = case.finish();
    println!("{summary}");
    assert_eq!((summary.compared, summary.numbers), (194, 1296));
    assert!(summary.deferred.is_empty());
    assert_eq!(
        summary.deferred_numbers.into_iter().collect::<Vec<_>>(),
        [(THEIR_GRADIENT.to_owned(), 14)]
    );
}

/// Greene's example 22.8 as sampleSelection's regression tests print it, to every digit.
#[test]
fn greene_as_printed() {
    let case = Case::load_rows("mroz");
    let fit = two_step(case.panel(), &two_step_spec(GREENE)).unwrap();
    let table = fit.outcome().coefficients();
    for (term, estimate, std_error) in [
        (Fit::CONSTANT, "-0.971200", "2.059351"),
        ("exper", "0.021061", "0.062465"),
        ("exper^2", "0.000137", "0.001878"),
        ("educ", "0.417017", "0.100250"),
        ("city", "0.443838", "0.315898"),
        (TwoStep::LAMBDA, "-1.097619", "1.265986"),
    ] {
        let row = row(&table, term);
        assert_eq!(format!("{:.6}", row.estimate), estimate, "{term}");
        assert_eq!(format!("{:.6}", row.std_error), std_error, "{term}");
    }
    assert_eq!(format!("{:.8}", row(&table, TwoStep::LAMBDA).estimate), "-1.09761942");
    assert_eq!(format!("{:.7}", row(&table, TwoStep::LAMBDA).std_error), "1.2659856");
    assert_eq!(format!("{:.5} {:.6}", fit.sigma(), fit.rho()), "3.20006 -0.342999");
}

/// statsmodels 0.15.0 on `lfp ~ nwifeinc + educ`, clustered by age (31 groups), and the effects of
/// `lfp ~ nwifeinc + educ + city`, `city` being 0 or 1: what the records leave out.
#[test]
fn statsmodels_clusters_and_steps() {
    let case = Case::load_rows("mroz");
    let numbers = |text: &str| -> Vec<f64> {
        text.split_whitespace().map(|number| number.parse().unwrap()).collect()
    };
    for (link, errors) in [
        (Link::Probit, "0.004150156859573464 0.02296502558339311 0.23812917989506668"),
        (Link::Logit, "0.007014273960081769 0.03833990272151742 0.39575490567280713"),
    ] {
        let model = "lfp ~ nwifeinc + educ".parse().unwrap();
        let design = Design::new(case.panel(), &model, Singletons::Keep).unwrap();
        let (information, vcov) = (Information::Observed, Vcov::Cluster("age".into()));
        let small_sample = SmallSample::Statsmodels;
        let fit = binary(&design, &BinarySpec { link, information, vcov, small_sample }).unwrap();
        for (ours, theirs) in fit.stderror().iter().zip(numbers(errors)) {
            assert_close(*ours, theirs, TOLERANCE);
        }
    }
    let model = "lfp ~ nwifeinc + educ + city".parse().unwrap();
    let design = Design::new(case.panel(), &model, Singletons::Keep).unwrap();
    for (link, at, zero_one, effect) in [
        (
            Link::Probit,
            At::Average,
            ZeroOne::Derivative,
            "-0.000952508447471889 0.037604354144615056",
        ),
        (
            Link::Probit,
            At::Average,
            ZeroOne::Difference,
            "-0.0009524594883827148 0.037600498831202936",
        ),
        (
            Link::Probit,
            At::Means,
            ZeroOne::Derivative,
            "-0.0010058335527462828 0.03970973550061892",
        ),
        (
            Link::Probit,
            At::Means,
            ZeroOne::Difference,
            "-0.0010057662511328003 0.03970440829618773",
        ),
        (
            Link::Logit,
            At::Average,
            ZeroOne::Derivative,
            "0.00016046610012685167 0.03775961732431124",
        ),
        (
            Link::Logit,
            At::Average,
            ZeroOne::Difference,
            "0.00016046770774855043 0.03776037425555525",
        ),
        (Link::Logit, At::Means, ZeroOne::Derivative, "0.00017156525759312894 0.04037139513213229"),
        (Link::Logit, At::Means, ZeroOne::Difference, "0.00017156773255788682 0.04037255942205577"),
    ] {
        let (information, vcov, small_sample) =
            (Information::Observed, Vcov::Iid, SmallSample::None);
        let fit = binary(&design, &BinarySpec { link, information, vcov, small_sample }).unwrap();
        let table = marginal_effects(&design, &fit, MarginSpec { at, zero_one }).unwrap();
        let (row, want) = (row(&table, "city"), numbers(effect));
        assert!(
            (row.estimate - want[0]).abs() < TOLERANCE * row.std_error,
            "{link} {at} {zero_one}"
        );
        assert_close(row.std_error, want[1], TOLERANCE);
    }
}

/// Where programs leave the maximum at their own tolerance, forty digits decide: Newton's method on
/// the likelihood in mpmath, its derivatives by differences of 10⁻¹¹.
#[test]
fn agrees_with_forty_digits() {
    let case = Case::load_rows("mroz");
    for (model, maximum) in [(GREENE, GREENE_MAXIMUM), (WOOLDRIDGE, WOOLDRIDGE_MAXIMUM)] {
        let mut want = maximum.split_whitespace().map(|number| number.parse::<f64>().unwrap());
        let fit = likelihood(case.panel(), &likelihood_spec(model, LikelihoodVcov::Oim)).unwrap();
        assert_close(fit.log_likelihood(), want.next().unwrap(), 1e-14);
        let table = [fit.outcome(), fit.selection(), fit.ancillary()];
        let table: Vec<Coefficient> = table.iter().flat_map(|part| part.coefficients()).collect();
        for row in &table {
            let (estimate, std_error) = (want.next().unwrap(), want.next().unwrap());
            assert!((row.estimate - estimate).abs() < 1e-11 * std_error, "{row:?} {estimate}");
            assert_close(row.std_error, std_error, 1e-11);
        }
        assert!(want.next().is_none());
    }
}

/// `ln L`, and of every parameter the estimate and its standard error.
const GREENE_MAXIMUM: &str = "
    -1581.2576755196792049
    0.0278682916341945864 0.0615514474454187574
    -0.000103860456156059945 0.00183877982093520052
    0.45700509138823801 0.0732299248961099394
    0.446529032935221762 0.315920890111262198
    -1.96302426491576642 1.19822092567877566
    0.184015424359725369 0.0658673123244542738
    -0.00240869731979414244 0.000772296881100003772
    5.67968516576958231e-6 4.41593187218466739e-6
    -0.450614869467880375 0.130185426214024265
    0.0952807991637536939 0.0231534186501785448
    -4.11969198194225869 1.40051637091223252
    -0.132732634253522783 0.168053429127124798
    1.13410048326753599 0.0366212982100502705
";
const WOOLDRIDGE_MAXIMUM: &str = "
    -832.88508072552548228
    0.108350190731738828 0.0148607057724859456
    0.0428368206654689173 0.0148785409695849054
    -0.00083742586423180523 0.000417467743387134506
    -0.552696291763680126 0.260378516080252725
    -0.0121321446712772632 0.00487670460033120672
    0.131341449587002203 0.0253823058009653164
    0.123281837659705074 0.0187241938556021766
    -0.00188625257410913947 0.000600387906533090483
    -0.0528286856702652102 0.00847917840228092181
    -0.867398738937447203 0.118650947121513803
    0.0358723508118883732 0.0434752993216551611
    0.266449072658700894 0.508957801144793838
    0.026613250643353271 0.147182134430464791
    -0.410380812822463008 0.0342290947526306435
";
