//! Every number that other software printed, and ours: the proof of each [`Convention`].
//!
//! A record's text says what was run; [`plan`] reads it and says what we run, or why we cannot.
//! `cargo test -p estimate --test reference -- --nocapture` prints what was compared.
#![allow(clippy::print_stdout, reason = "the summary is for a reader")]
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::BTreeMap;

use estimate::{
    ClusterDf, Constant, Convention, Design, Error, Fit, Hc, Reference, Rows, Spec, Vcov,
    explained, f_test, fixed_effects, pooled, r_squared,
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
    /// Where p values come from, if not from the convention.
    tail: Option<Reference>,
}

enum Plan {
    Run(Recipe),
    Defer(&'static str),
}

const RANDOM: &str = "random effects: not estimated yet";
const BETWEEN: &str = "between estimator: not estimated yet";
const DIFFERENCE: &str = "first differences: not estimated yet";
const TEST: &str = "specification test (F of effects, LM, Hausman, serial correlation): not yet";
const TWO_WAY: &str = "two-way clusters: not computed yet";
const DRISCOLL_KRAAY: &str = "Driscoll-Kraay: not computed yet";
const NEWEY_WEST: &str = "Newey-West within units: not computed yet";
const PCSE: &str = "panel-corrected errors (Beck and Katz): not computed yet";
const HC4: &str = "HC4: not computed";
const CRV3: &str = "leverage-corrected clusters (CRV2, CRV3): not computed";
const IID_TOTAL: &str = "pyfixest iid without k_adj: σ̂² over n − 1, a convention nobody prints";
const F_EFFECTS: &str = "F test of the effects: not computed yet";

/// plm's sandwich with Stata's reference distribution, t(G − 1).
const PLM_GROUPS: Convention = Convention { df: ClusterDf::Groups, ..Convention::PLM };
/// linearmodels, `group_debias=True`.
const LINEARMODELS_GROUPS: Convention =
    Convention { rows: Rows::LessOne, groups: true, ..Convention::LINEARMODELS };
/// linearmodels, `debiased=False`, but for the factor of [`Recipe::effects_only`].
const LINEARMODELS_BIASED: Convention = Convention { rows: Rows::One, ..Convention::LINEARMODELS };

fn run(formula: impl Into<String>, vcov: Vcov, conventions: &[Convention]) -> Plan {
    Plan::Run(Recipe {
        formula: formula.into(),
        vcov,
        conventions: conventions.to_vec(),
        effects_only: false,
        tail: None,
    })
}

fn but(plan: Plan, change: impl FnOnce(&mut Recipe)) -> Plan {
    match plan {
        Plan::Run(mut recipe) => {
            change(&mut recipe);
            Plan::Run(recipe)
        }
        Plan::Defer(reason) => Plan::Defer(reason),
    }
}

fn cluster(by: &str) -> Vcov {
    Vcov::Cluster(by.to_owned())
}

fn plan(study: &Study, record: &Record) -> Plan {
    let part = record.text("model").rsplit('/').next().unwrap_or_default();
    for (start, reason) in [
        ("random", RANDOM),
        ("between", BETWEEN),
        ("first_diff", DIFFERENCE),
        ("hausman", TEST),
        ("test", TEST),
    ] {
        if part.starts_with(start) {
            return Plan::Defer(reason);
        }
    }
    match record.text("software").split(' ').next() {
        Some("R") if part == "ols" => lm(record.text("call")),
        Some("R") => plm(study, part, record.text("call")),
        Some("statsmodels") => statsmodels(record.text("vcov")),
        Some("linearmodels") => linearmodels(study, part, record),
        Some("pyfixest") if part == "ols" => pyfixest_ols(record.text("vcov")),
        Some("pyfixest") => pyfixest(study, part, record),
        other => panic!("{record}: software {other:?}"),
    }
}

fn lm(call: &str) -> Plan {
    use Convention as C;
    let ols = "y ~ x";
    match call {
        "vcov(lm)" => run(ols, Vcov::Iid, &C::ALL),
        "vcovHC(m,type='HC0')" => run(ols, Vcov::Robust(Hc::Hc0), &C::ALL),
        "vcovHC(m,type='HC1')" => run(ols, Vcov::Robust(Hc::Hc1), &C::ALL),
        "vcovHC(m,type='HC2')" => run(ols, Vcov::Robust(Hc::Hc2), &C::ALL),
        "vcovHC(m,type='HC3')" => run(ols, Vcov::Robust(Hc::Hc3), &C::ALL),
        "vcovHC(m,type='HC4')" => Plan::Defer(HC4),
        "vcovCL(m,~firm)  [type HC1, cadjust TRUE; = Stata regress vce(cluster firm)]" => {
            run(ols, cluster("firm"), &[C::STATA_XTREG, C::AREG, C::REGHDFE, C::FIXEST])
        }
        "vcovCL(m,~year)" => {
            run(ols, cluster("year"), &[C::STATA_XTREG, C::AREG, C::REGHDFE, C::FIXEST])
        }
        "vcovCL(m,~firm,type='HC0',cadjust=FALSE)" => run(ols, cluster("firm"), &[PLM_GROUPS]),
        "vcovCL(m,~year,type='HC0',cadjust=FALSE)" => run(ols, cluster("year"), &[PLM_GROUPS]),
        "vcovCL(m,~firm,type='HC2')" | "vcovCL(m,~firm,type='HC3')" => Plan::Defer(CRV3),
        "vcovPC(m,~firm+year)" => Plan::Defer(PCSE),
        "vcovPL(m,~firm+year,lag='max',aggregate=FALSE)" => Plan::Defer(NEWEY_WEST),
        call if call.starts_with("vcovPL") => Plan::Defer(DRISCOLL_KRAAY),
        call if call.starts_with("vcovCL(m,~firm+year") || call.starts_with("(Vf0+Vy0-Vw0)") => {
            Plan::Defer(TWO_WAY)
        }
        call => panic!("lm: {call}"),
    }
}

fn plm(study: &Study, part: &str, call: &str) -> Plan {
    use Convention as C;
    let Study { unit, time, r, .. } = study;
    let one = format!("{r} | {unit}");
    let two = format!("{r} | {unit} + {time}");
    let all = [C::PLM, C::AREG, C::REGHDFE, C::FIXEST, C::LINEARMODELS];
    let xtreg = [C::STATA_XTREG, C::REGHDFE, C::FIXEST];
    if call.starts_with("vcovDC") {
        return Plan::Defer(TWO_WAY);
    }
    if call.starts_with("vcovSCC") {
        return Plan::Defer(DRISCOLL_KRAAY);
    }
    match (part, call) {
        ("pooling", call) if call.starts_with("plm(") => run(*r, Vcov::Iid, &C::ALL),
        ("within_individual", call) if call.starts_with("plm(") => {
            but(run(one, Vcov::Iid, &all), |recipe| recipe.conventions.push(C::STATA_XTREG))
        }
        ("within_individual", "within_intercept(fe)  (Stata xtreg,fe _cons)") => {
            run(one, Vcov::Iid, &[C::STATA_XTREG, C::AREG, C::REGHDFE])
        }
        ("within_individual", "vcovHC(fe, method='arellano', type='HC0', cluster='group')") => {
            run(one, cluster(unit), &[C::PLM])
        }
        ("within_individual", "vcovHC(fe, method='arellano', type='HC0', cluster='time')") => {
            run(one, cluster(time), &[C::PLM])
        }
        ("within_individual", "vcovHC(fe, method='arellano', type='sss', cluster='group')") => {
            run(one, cluster(unit), &[C::PLM_SSS])
        }
        ("within_individual", call)
            if call.starts_with("CR0 * G/(G-1)*(n-1)/(n-k-1)  [= Stata xtreg,fe") =>
        {
            run(one, cluster(unit), &xtreg)
        }
        ("within_individual", call)
            if call.starts_with("CR0 * G/(G-1)*(n-1)/(n-k-G)  [= Stata") =>
        {
            run(one, cluster(unit), &[C::AREG])
        }
        ("within_individual", "vcovHC(fe, method='white1', type='HC0')") => {
            run(one, Vcov::Robust(Hc::Hc0), &all)
        }
        ("within_individual", call) if call.starts_with("white1 HC0 * n/(n-N-k)") => {
            run(one, Vcov::Robust(Hc::Hc1), &all)
        }
        ("within_twoways", call) if call.starts_with("plm(") => {
            run(two, Vcov::Iid, &[C::PLM, C::REGHDFE, C::FIXEST, C::LINEARMODELS])
        }
        ("within_twoways", "vcovHC(twfe, method='arellano', type='HC0', cluster='group')") => {
            run(two, cluster(unit), &[PLM_GROUPS])
        }
        ("within_twoways", "vcovHC(twfe, cluster='time', HC0)") => {
            run(two, cluster(time), &[PLM_GROUPS])
        }
        ("within_twoways", call) if call.starts_with("CR0 * G/(G-1)*(n-1)/(n-k-(T-1)-1)") => {
            run(two, cluster(unit), &xtreg)
        }
        ("within_twoways", "vcovHC(twfe, method='white1', type='HC0')") => {
            run(two, Vcov::Robust(Hc::Hc0), &all)
        }
        // Wooldridge (2010), tables 14.2 and 14.4; time-invariant regressors in the pooled model.
        ("pooled_ols", call) => {
            let formula =
                "lwage ~ educ + black + hisp + exper + expersq + married + union + i.year";
            if call.starts_with("plm(") {
                run(formula, Vcov::Iid, &C::ALL)
            } else {
                run(formula, cluster(unit), &[C::STATA_XTREG, C::AREG, C::REGHDFE, C::FIXEST])
            }
        }
        // Experience grows by one a year: R drops the last year's indicator, and so do we, aloud.
        ("within", _) => {
            let years: Vec<String> = (1981..1987).map(|year| format!("year::{year}")).collect();
            let years = years.join(" + ");
            run(
                format!("lwage ~ exper + expersq + married + union + {years} | nr"),
                Vcov::Iid,
                &all,
            )
        }
        ("within_educ_year", _) => {
            let years: Vec<String> = (81..=87)
                .map(|year| format!("d{year}"))
                .chain((81..=87).map(|year| format!("educ:d{year}")))
                .collect();
            let formula = format!("lwage ~ married + union + {} | nr", years.join(" + "));
            run(formula, Vcov::Iid, &all)
        }
        ("firm_dummies", _) => run("y ~ x | firm", cluster("firm"), &[C::AREG]),
        ("firm_fe", "CR0 arellano") => run("y ~ x | firm", cluster("firm"), &[PLM_GROUPS]),
        ("firm_fe", _) => run("y ~ x | firm", cluster("firm"), &xtreg),
        ("time_dummies", _) => {
            run("y ~ x | year", cluster("firm"), &[C::STATA_XTREG, C::AREG, C::REGHDFE, C::FIXEST])
        }
        (part, call) => panic!("plm: {part} {call}"),
    }
}

/// p values are normal once errors are robust, whatever the factor.
fn statsmodels(vcov: &str) -> Plan {
    use Convention as C;
    let stata = [C::STATA_XTREG, C::AREG, C::REGHDFE, C::FIXEST];
    let ols = "y ~ x";
    let normal = |recipe: &mut Recipe| recipe.tail = Some(Reference::Normal);
    match vcov {
        "nonrobust" => run(ols, Vcov::Iid, &C::ALL),
        "HC1" => but(run(ols, Vcov::Robust(Hc::Hc1), &C::ALL), normal),
        "cluster firm" => but(run(ols, cluster("firm"), &stata), normal),
        "cluster year" => but(run(ols, cluster("year"), &stata), normal),
        "cluster firm no correction" => but(run(ols, cluster("firm"), &[C::PLM]), normal),
        "cluster firm+year" => Plan::Defer(TWO_WAY),
        vcov if vcov.starts_with("hac-groupsum") => Plan::Defer(DRISCOLL_KRAAY),
        vcov => panic!("statsmodels: {vcov}"),
    }
}

fn linearmodels(study: &Study, part: &str, record: &Record) -> Plan {
    use Convention as C;
    let Study { unit, time, python, .. } = study;
    let formula = match part {
        "pooling" => (*python).to_owned(),
        "within_individual" => format!("{python} | {unit}"),
        "within_twoways" => format!("{python} | {unit} + {time}"),
        part => panic!("linearmodels: {part}"),
    };
    let by = |time_too: &str| if time_too.contains("time") { *time } else { *unit };
    match record.text("vcov") {
        "unadjusted" => run(formula, Vcov::Iid, &[C::LINEARMODELS]),
        "robust" => run(formula, Vcov::Robust(Hc::Hc1), &[C::LINEARMODELS]),
        vcov @ ("clustered entity" | "clustered time") => {
            if record.text("call").contains("debiased=False") {
                but(run(formula, cluster(by(vcov)), &[LINEARMODELS_BIASED]), |recipe| {
                    recipe.effects_only = true;
                    recipe.tail = Some(Reference::Normal);
                })
            } else {
                run(formula, cluster(by(vcov)), &[C::LINEARMODELS])
            }
        }
        vcov @ ("clustered entity group_debias" | "clustered time group_debias") => {
            run(formula, cluster(by(vcov)), &[LINEARMODELS_GROUPS])
        }
        vcov if vcov.starts_with("clustered entity+time") => Plan::Defer(TWO_WAY),
        vcov if vcov.starts_with("driscoll-kraay") => Plan::Defer(DRISCOLL_KRAAY),
        vcov => panic!("linearmodels: {vcov}"),
    }
}

fn pyfixest(study: &Study, part: &str, record: &Record) -> Plan {
    use Convention as C;
    let Study { unit, time, python, .. } = study;
    let formula = match part {
        "within_individual" => format!("{python} | {unit}"),
        "within_twoways" => format!("{python} | {unit} + {time}"),
        part => panic!("pyfixest: {part}"),
    };
    let plain = record.text("call").contains("k_adj=False,G_adj=False");
    match (record.text("vcov"), plain) {
        ("iid", false) => run(formula, Vcov::Iid, &[C::FIXEST]),
        ("iid", true) => Plan::Defer(IID_TOTAL),
        ("HC1", false) => run(formula, Vcov::Robust(Hc::Hc1), &[C::FIXEST]),
        ("HC1", true) => run(formula, Vcov::Robust(Hc::Hc0), &[C::FIXEST]),
        ("CRV1 unit", false) => run(formula, cluster(unit), &[C::FIXEST, C::REGHDFE]),
        ("CRV1 time", false) => run(formula, cluster(time), &[C::FIXEST, C::REGHDFE]),
        ("CRV1 unit", true) => run(formula, cluster(unit), &[PLM_GROUPS]),
        ("CRV1 time", true) => run(formula, cluster(time), &[PLM_GROUPS]),
        ("CRV1 two-way", _) => Plan::Defer(TWO_WAY),
        ("DK lag2", _) => Plan::Defer(DRISCOLL_KRAAY),
        (vcov, _) => panic!("pyfixest: {vcov}"),
    }
}

fn pyfixest_ols(vcov: &str) -> Plan {
    use Convention as C;
    match vcov {
        "iid" => run("y ~ x", Vcov::Iid, &[C::FIXEST]),
        "hetero" => run("y ~ x", Vcov::Robust(Hc::Hc1), &[C::FIXEST]),
        "{'CRV1': 'firm'}" => run("y ~ x", cluster("firm"), &[C::FIXEST]),
        "{'CRV1': 'year'}" => run("y ~ x", cluster("year"), &[C::FIXEST]),
        "{'CRV1': 'firm+year'}" => Plan::Defer(TWO_WAY),
        "{'CRV3': 'firm'}" => Plan::Defer(CRV3),
        vcov => panic!("pyfixest: {vcov}"),
    }
}

fn check(study: &Study, panel: &Panel, recipe: &Recipe, record: &mut Record) {
    for convention in &recipe.conventions {
        let model = recipe.formula.parse().unwrap();
        let design = Design::new(panel, &model, convention.singletons).unwrap();
        let spec = Spec {
            vcov: recipe.vcov.clone(),
            convention: convention.clone(),
            constant: Constant::Mean,
        };
        let within = !model.absorb.is_empty();
        if within && matches!(recipe.vcov, Vcov::Robust(_)) && !convention.robust_within {
            continue; // Refused, and a test says so.
        }
        let fit = if within { fixed_effects(&design, &spec) } else { pooled(&design, &spec) };
        let fit = fit.unwrap_or_else(|e| panic!("{record}: {e}"));
        compare_coefficient(study, recipe, &fit, record);
        compare_model(study, recipe, &design, &fit, record);
    }
    // Known only once it was not compared.
    for field in record.unread().map(str::to_owned).collect::<Vec<_>>() {
        if field.starts_with("model_level.f_pooled.") {
            record.defer(&field, F_EFFECTS);
        }
    }
}

/// What linearmodels multiplies by under `debiased=False`: `n/(n − effects)`.
fn effects_factor(recipe: &Recipe, fit: &Fit) -> f64 {
    if !recipe.effects_only {
        return 1.0;
    }
    let correction = fit.correction();
    let effects = correction.k_counted - fit.terms().len() - 1;
    correction.n as f64 / (correction.n - effects) as f64
}

fn compare_coefficient(study: &Study, recipe: &Recipe, fit: &Fit, record: &mut Record) {
    let theirs = record.text("term").to_owned();
    let ours = match theirs.strip_prefix("factor(year)") {
        Some(year) => format!("year::{year}"),
        None => match study.names.iter().find(|(name, _)| *name == theirs) {
            Some((_, name)) => (*name).to_owned(),
            None if ["(Intercept)", "Intercept", "const", "_cons"].contains(&&*theirs) => {
                Fit::CONSTANT.to_owned()
            }
            None => theirs,
        },
    };
    let table = fit.coefficients();
    let row = table.iter().find(|row| row.term == ours).unwrap_or_else(|| panic!("no `{ours}`"));
    let factor = effects_factor(recipe, fit).sqrt();
    let statistic = row.statistic / factor;
    record.compare("estimate", row.estimate, TOLERANCE);
    record.compare("std_error", row.std_error * factor, TOLERANCE);
    let Some(published) = record.published("p_value") else { return };
    record.compare("statistic", statistic, TOLERANCE);
    let p_value = recipe.tail.map_or(row.p_value, |tail| tail.two_sided(statistic));
    let software = record.text("software");
    if software.starts_with("pyfixest") && published < ONE_MINUS_CDF.0 {
        record.compare_absolutely("p_value", p_value, ONE_MINUS_CDF.1);
    } else if software.starts_with("linearmodels") {
        let moves = LINEARMODELS_STATISTIC * statistic * statistic;
        record.compare("p_value", p_value, TOLERANCE.max(moves));
    } else {
        record.compare("p_value", p_value, TOLERANCE);
    }
}

fn compare_model(
    study: &Study,
    recipe: &Recipe,
    design: &Design<'_>,
    fit: &Fit,
    record: &mut Record,
) {
    let within = recipe.formula.contains('|');
    let python = record.text("software").starts_with("linearmodels");
    let fixest = record.text("software").starts_with("pyfixest");
    let (correction, sums) = (fit.correction(), fit.sums());
    let (n, left) = (correction.n as f64, (correction.n - correction.k_all) as f64);
    let r2 = r_squared(design, fit).unwrap();
    let shares = explained(design, fit).unwrap();
    let of_model = if within { r2.within } else { r2.r2 };
    let df = match correction.reference {
        Reference::T(df) => df as f64,
        Reference::Normal => f64::INFINITY,
    };
    let fields: Vec<String> = record.numbers().map(str::to_owned).collect();
    for field in fields {
        let Some(name) = field.strip_prefix("model_level.") else { continue };
        let test = || f_test(fit).unwrap();
        let ours = match name {
            "n" => n,
            "df_residual" | "df_resid" => left,
            "df_model" => correction.k_all as f64,
            "ssr" => sums.residual,
            "sigma" => (sums.residual / left).sqrt(),
            // Their estimate of σ² counts the parameters that their clustered errors count.
            "s2" if recipe.effects_only => sums.residual / n * effects_factor(recipe, fit),
            "s2" if correction.n_clusters.is_some() => {
                sums.residual / (n - correction.k_counted as f64)
            }
            "s2" => sums.residual / left,
            "r_squared" => of_model,
            "adj_r_squared" => 1.0 - (1.0 - of_model) * (n - 1.0) / left,
            "r2" if python => of_model,
            "r2" if fixest => r2.r2,
            "r2_within" => r2.within,
            "rsquared_within" => shares.within,
            "rsquared_between" => shares.between,
            "rsquared_overall" => shares.overall,
            "rsquared_inclusive" => r2.r2,
            "loglik" => fit.log_likelihood(),
            "F_or_chisq.statistic" => test().statistic,
            "F_or_chisq.df[0]" => test().df as f64,
            "F_or_chisq.df[1]" => test().df_residual as f64,
            "F_or_chisq.p_value" => test().p_value,
            "N_groups" => fit.n_entities() as f64,
            "T" => design.group(study.time).unwrap().n_levels() as f64,
            "p_df" | "df_t" => df,
            "factor" => correction.factor,
            name if name.starts_with("f_pooled.") => continue,
            name => panic!("{record}: {name}"),
        };
        record.compare(&field, ours, TOLERANCE);
    }
}

fn prove(name: &str, study: &Study) -> Summary {
    let mut case = Case::load(name);
    let panel = case.panel().clone();
    for record in case.records() {
        match plan(study, record) {
            Plan::Run(recipe) => check(study, &panel, &recipe, record),
            Plan::Defer(reason) => record.defer_all(reason),
        }
    }
    let summary = case.finish();
    println!("{name}: {summary}");
    summary
}

/// The counts, so that nothing is deferred in silence.
#[track_caller]
fn expect(
    summary: &Summary,
    (compared, numbers): (usize, usize),
    deferred: &[(&str, usize)],
    f_effects: usize,
) {
    let table = |rows: &[(&str, usize)]| -> BTreeMap<String, usize> {
        rows.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect()
    };
    assert_eq!((summary.compared, summary.numbers), (compared, numbers));
    assert_eq!(summary.deferred, table(deferred));
    let numbers: &[(&str, usize)] = if f_effects > 0 { &[(F_EFFECTS, f_effects)] } else { &[] };
    assert_eq!(summary.deferred_numbers, table(numbers));
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
    let deferred = [
        (RANDOM, 39),
        (BETWEEN, 6),
        (DIFFERENCE, 5),
        (TEST, 23),
        (TWO_WAY, 28),
        (DRISCOLL_KRAAY, 44),
        (IID_TOTAL, 4),
    ];
    expect(&prove("grunfeld", &study), (112, 1251), &deferred, 144);
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
    let deferred = [
        (RANDOM, 50),
        (BETWEEN, 10),
        (DIFFERENCE, 9),
        (TEST, 21),
        (TWO_WAY, 50),
        (DRISCOLL_KRAAY, 72),
        (IID_TOTAL, 8),
    ];
    expect(&prove("produc", &study), (204, 2217), &deferred, 240);
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
    let deferred = [
        (RANDOM, 126),
        (BETWEEN, 8),
        (DIFFERENCE, 13),
        (TEST, 19),
        (TWO_WAY, 46),
        (DRISCOLL_KRAAY, 108),
        (IID_TOTAL, 6),
    ];
    expect(&prove("wagepan", &study), (262, 2728), &deferred, 192);
}

#[test]
fn petersen() {
    let study = Study { unit: "firm", time: "year", r: "y ~ x", python: "y ~ x", names: &[] };
    let deferred =
        [(TWO_WAY, 14), (DRISCOLL_KRAAY, 14), (NEWEY_WEST, 2), (PCSE, 2), (HC4, 2), (CRV3, 8)];
    expect(&prove("petersen", &study), (48, 304), &deferred, 0);
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
