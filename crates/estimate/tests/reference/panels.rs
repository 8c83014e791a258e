//! Random effects, the between estimator and first differences.

use estimate::{
    BetweenSpec, BetweenWeights, Components, Convention, Design, DifferenceSpec, Effect, Fit, Gaps,
    Hc, Negative, Random, RandomSpec, Singletons, Theta, Vcov, WaldTest, between,
    correlated_random_effects, explained, f_test, first_difference, r_squared, random_effects,
};
use panel::Panel;
use testkit::{Case, Record};

use super::{LINEARMODELS_GROUPS, LINEARMODELS_STATISTIC, Study, TOLERANCE, cluster, compare};

/// linearmodels inverts cross products of columns of very different size for the trace in
/// `small_sample`: its statistics are right to this share. The dense computation agrees with us.
const SMALL_SAMPLE_STATISTIC: f64 = 2e-10;

/// Compares a record of one of these estimators; whether it is one.
pub(crate) fn check(study: &Study, panel: &Panel, record: &mut Record) -> bool {
    let part = record.text("model").rsplit('/').next().unwrap_or_default().to_owned();
    if part.starts_with("random") {
        random(study, panel, &part, record);
    } else if part.starts_with("between") || part.starts_with("first_diff") {
        plain(study, panel, &part, record);
    } else {
        return false;
    }
    true
}

/// `y ~ x` as the record's program was given it.
fn formula(study: &Study, record: &Record) -> String {
    match record.text("model").split('/').next() {
        Some("wagepan_W14.4") => {
            "lwage ~ educ + black + hisp + exper + expersq + married + union + i.year".to_owned()
        }
        _ if record.text("software").starts_with("linearmodels") => study.python.to_owned(),
        _ => study.r.to_owned(),
    }
}

/// R drops what the constant spans, in silence; we are asked for what it kept.
fn plain(study: &Study, panel: &Panel, part: &str, record: &mut Record) {
    let python = record.text("software").starts_with("linearmodels");
    let (difference, convention) = match record.text("vcov") {
        "unadjusted" => (part == "first_diff", Convention::LINEARMODELS),
        "classical" | "classical, with constant" => (part == "first_diff", Convention::PLM),
        vcov => panic!("{record}: {vcov}"),
    };
    let mut formula = formula(study, record);
    if let Some((rest, _)) = formula.clone().split_once(" + i.year") {
        let years: Vec<String> = (1981..1987).map(|year| format!("year::{year}")).collect();
        let kept = if difference { format!(" + {}", years.join(" + ")) } else { String::new() };
        formula = format!("{rest}{kept}");
    }
    if difference && python {
        formula = formula.replace("~ ", "~ 0 + ");
    }
    let design = Design::new(panel, &formula.parse().unwrap(), convention.singletons).unwrap();
    for convention in [convention, Convention::STATA_XTREG] {
        let fit = if difference {
            let mut fits = Gaps::ALL.iter().map(|&gaps| {
                let spec = DifferenceSpec { gaps, vcov: Vcov::Iid, convention: convention.clone() };
                first_difference(&design, &spec).unwrap()
            });
            fits.next_back().unwrap()
        } else {
            let weights = BetweenWeights::Groups;
            let effect = Effect::Individual;
            between(&design, &BetweenSpec { effect, weights, vcov: Vcov::Iid, convention }).unwrap()
        };
        compare::compare_coefficient(study, &compare::plain(), &fit, record);
        compare_plain(&design, &fit, None, record);
    }
}

fn compare_plain(design: &Design<'_>, fit: &Fit, random: Option<&Random>, record: &mut Record) {
    let (correction, sums) = (fit.correction(), fit.sums());
    let (n, left) = (correction.n as f64, (correction.n - correction.k_all) as f64);
    let r2 = r_squared(design, fit).unwrap();
    let shares = explained(design, fit).unwrap();
    let test = || f_test(fit).unwrap();
    let fields: Vec<String> = record.numbers().map(str::to_owned).collect();
    for field in fields {
        let Some(name) = field.strip_prefix("model_level.") else { continue };
        let ours = match name {
            "n" => n,
            "df_residual" | "df_resid" => left,
            "df_model" => correction.k_all as f64,
            "ssr" => sums.residual,
            "s2" => sums.residual / left,
            "r_squared" | "r2" => r2.r2,
            "adj_r_squared" => r2.adjusted,
            "rsquared_within" => shares.within,
            "rsquared_between" => shares.between,
            "rsquared_overall" => shares.overall,
            "loglik" => fit.log_likelihood(),
            "F_or_chisq.statistic" => test().statistic,
            "F_or_chisq.df[0]" => test().df as f64,
            "F_or_chisq.df[1]" => test().df_residual as f64,
            "F_or_chisq.p_value" => test().p_value,
            name => random
                .and_then(|random| variance(random, random.theta_entity?, name))
                .unwrap_or_else(|| panic!("{record}: {name}")),
        };
        record.compare(&field, ours, TOLERANCE);
    }
}

fn random(study: &Study, panel: &Panel, part: &str, record: &mut Record) {
    let python = record.text("software").starts_with("linearmodels");
    let small = record.text("call").contains("small_sample=True");
    let components = match part.rsplit('_').next() {
        Some("random") if small => Components::SwamyArora,
        Some("random") => Components::SwamyAroraHarmonic,
        Some(method) => method.parse().unwrap(),
        None => unreachable!(),
    };
    let effect = if part.contains("twoways") { Effect::TwoWays } else { Effect::Individual };
    let (vcov, conventions) = match (record.text("vcov"), python) {
        ("unadjusted", true) => (Vcov::Iid, vec![Convention::LINEARMODELS]),
        ("classical GLS (z)" | "classical GLS", false) => {
            (Vcov::Iid, vec![Convention::PLM, Convention::STATA_XTREG])
        }
        ("cluster group CR0 on quasi-demeaned data (z)" | "CR0 (z)", false) => {
            (cluster(study.unit), vec![Convention::PLM])
        }
        (vcov, _) => panic!("{record}: {vcov}"),
    };
    let model = formula(study, record).parse().unwrap();
    for convention in conventions {
        let design = Design::new(panel, &model, convention.singletons).unwrap();
        let negative = Negative::Zero;
        let spec = RandomSpec { components, effect, negative, vcov: vcov.clone(), convention };
        let random = random_effects(&design, &spec).unwrap_or_else(|e| panic!("{record}: {e}"));
        compare::compare_coefficient(study, &compare::plain(), &random.fit, record);
        compare_random(study, &design, &random, record);
    }
}

fn compare_random(study: &Study, design: &Design<'_>, random: &Random, record: &mut Record) {
    let fit = &random.fit;
    let (correction, sums) = (fit.correction(), fit.sums());
    let (n, left) = (correction.n as f64, (correction.n - correction.k_all) as f64);
    let r2 = 1.0 - sums.residual / sums.total;
    let shares = explained(design, fit).unwrap();
    let wald = random.wald.unwrap();
    let fields: Vec<String> = record.numbers().map(str::to_owned).collect();
    for field in fields {
        let Some(name) = field.strip_prefix("model_level.") else { continue };
        let theta = random.theta_entity.unwrap();
        let ours = match name {
            "n" => n,
            "df_residual" | "df_resid" => left,
            "df_model" => correction.k_all as f64,
            "ssr" => sums.residual,
            "s2" => sums.residual / left,
            "r_squared" | "r2" => r2,
            "adj_r_squared" => 1.0 - (1.0 - r2) * (n - 1.0) / left,
            "rsquared_within" => shares.within,
            "rsquared_between" => shares.between,
            "rsquared_overall" => shares.overall,
            "loglik" => fit.log_likelihood(),
            "F_or_chisq.statistic" => wald.statistic,
            "F_or_chisq.df" => wald.df as f64,
            "F_or_chisq.p_value" => wald.p_value,
            "sigma2.idios" | "variance_decomposition.Residual" => random.idiosyncratic,
            "sigma2.id" | "variance_decomposition.Effects" => random.entity.unwrap(),
            "sigma2.time" => random.period.unwrap(),
            "variance_decomposition.Percent due to Effects" => random.rho(),
            "theta" | "theta.id" => {
                assert_eq!((theta.min, theta.median), (theta.median, theta.max));
                theta.max
            }
            "theta.time" => random.theta_period.unwrap().max,
            "theta.total" => random.theta_total.unwrap(),
            "N_groups" => fit.n_entities() as f64,
            "T" => design.group(study.time).unwrap().n_levels() as f64,
            name => panic!("{record}: {name}"),
        };
        record.compare(&field, ours, TOLERANCE);
    }
}

/// A panel with holes: linearmodels, and what numpy makes of the formulas with full matrices.
#[test]
fn grunfeld_holes() {
    let mut case = Case::load("grunfeld_holes");
    let panel = case.panel().clone();
    for record in case.records() {
        if record.text("software").starts_with("linearmodels") {
            python_with_holes(&panel, record);
        } else {
            dense_with_holes(&panel, record);
        }
    }
    let summary = case.finish();
    println!("grunfeld_holes: {summary}");
    assert_eq!((summary.compared, summary.numbers), (292, 5576));
    assert!(summary.deferred.is_empty() && summary.deferred_numbers.is_empty());
}

fn python_with_holes(panel: &Panel, record: &mut Record) {
    let (vcov, convention) = match record.text("vcov") {
        "unadjusted" => (Vcov::Iid, Convention::LINEARMODELS),
        "robust" => (Vcov::Robust(Hc::Hc1), Convention::LINEARMODELS),
        "clustered entity" => (cluster("firm"), Convention::LINEARMODELS),
        "clustered time" => (cluster("year"), Convention::LINEARMODELS),
        "clustered entity group_debias" => (cluster("firm"), LINEARMODELS_GROUPS),
        vcov => panic!("{record}: {vcov}"),
    };
    let formula = match record.text("model") {
        "grunfeld_holes/first_diff" => "inv ~ 0 + value + capital",
        _ => "inv ~ value + capital + odd",
    };
    let design = Design::new(panel, &formula.parse().unwrap(), Singletons::Keep).unwrap();
    let effect = Effect::Individual;
    match (record.text("model"), record.text("variant")) {
        ("grunfeld_holes/random", variant) => {
            let components = match variant {
                "small" => Components::SwamyArora,
                _ => Components::SwamyAroraHarmonic,
            };
            let negative = Negative::Zero;
            let spec = RandomSpec { components, effect, negative, vcov, convention };
            let random = random_effects(&design, &spec).unwrap();
            compare_term(&random.fit, record);
            compare_plain(&design, &random.fit, Some(&random), record);
        }
        ("grunfeld_holes/between", weights) => {
            let weights = weights.parse().unwrap();
            let fit = between(&design, &BetweenSpec { effect, weights, vcov, convention }).unwrap();
            compare_term(&fit, record);
            compare_plain(&design, &fit, None, record);
        }
        (_, gaps) => {
            let gaps = gaps.parse().unwrap();
            let fit = first_difference(&design, &DifferenceSpec { gaps, vcov, convention });
            let fit = fit.unwrap();
            compare_term(&fit, record);
            compare_plain(&design, &fit, None, record);
        }
    }
}

fn dense_with_holes(panel: &Panel, record: &mut Record) {
    let (vcov, conventions) = match record.text("vcov") {
        "iid" => (Vcov::Iid, vec![Convention::STATA_XTREG, Convention::PLM]),
        "cluster" => (cluster("firm"), vec![Convention::PLM]),
        "cluster G" => (cluster("firm"), vec![Convention::STATA_XTREG, Convention::PLM_SSS]),
        vcov => panic!("{record}: {vcov}"),
    };
    let part = record.text("model").rsplit('/').next().unwrap_or_default();
    let (formula, effect) = match part {
        "random_individual" => ("inv ~ value + capital", Effect::Individual),
        "random_time" => ("inv ~ value + capital", Effect::Time),
        "random_capital" => ("capital ~ value", Effect::Time),
        "random_odd" | "correlated" => ("inv ~ value + capital + odd", Effect::Individual),
        part => panic!("{record}: {part}"),
    };
    let correlated = part == "correlated";
    let components = record.text("variant").parse().unwrap();
    let design = Design::new(panel, &formula.parse().unwrap(), Singletons::Keep).unwrap();
    for convention in conventions {
        let negative = Negative::Zero;
        let spec = RandomSpec { components, effect, negative, vcov: vcov.clone(), convention };
        let (random, means) = if correlated {
            let outcome = correlated_random_effects(&design, &spec).unwrap();
            (outcome.random, outcome.test)
        } else {
            (random_effects(&design, &spec).unwrap(), None)
        };
        compare_term(&random.fit, record);
        compare_dense(&random, means, record);
    }
}

fn compare_term(fit: &Fit, record: &mut Record) {
    let ours = match record.text("term") {
        "const" => Fit::CONSTANT.to_owned(),
        term if term.starts_with("mean(") => format!("`{term}`"),
        term => term.to_owned(),
    };
    let table = fit.coefficients();
    let row = table.iter().find(|row| row.term == ours).unwrap_or_else(|| panic!("no `{ours}`"));
    record.compare("estimate", row.estimate, TOLERANCE);
    record.compare("std_error", row.std_error, TOLERANCE);
    record.compare("statistic", row.statistic, TOLERANCE);
    // p moves by t² times what its statistic does.
    let python = record.text("software").starts_with("linearmodels");
    let moves = match record.text("variant") {
        "small" => SMALL_SAMPLE_STATISTIC * row.statistic.powi(2),
        _ if python => LINEARMODELS_STATISTIC * row.statistic.powi(2),
        _ => 0.0,
    };
    record.compare("p_value", row.p_value, TOLERANCE.max(moves));
}

fn compare_dense(random: &Random, means: Option<WaldTest>, record: &mut Record) {
    let fit = &random.fit;
    let theta = random.theta_entity.or(random.theta_period).unwrap();
    let wald = random.wald.unwrap();
    let (correction, r2) = (fit.correction(), random.r_squared);
    let fields: Vec<String> = record.numbers().map(str::to_owned).collect();
    for field in fields {
        let Some(name) = field.strip_prefix("model_level.") else { continue };
        let ours = match name {
            "n" => correction.n as f64,
            "df_residual" => (correction.n - correction.k_all) as f64,
            "ssr" => fit.sums().residual,
            "wald.statistic" => wald.statistic,
            "wald.df" => wald.df as f64,
            "wald.p_value" => wald.p_value,
            "means.statistic" => means.unwrap().statistic,
            "means.df" => means.unwrap().df as f64,
            "means.p_value" => means.unwrap().p_value,
            "r2.within" => r2.within,
            "r2.between" => r2.between.unwrap(),
            "r2.overall" => r2.overall.unwrap(),
            name => variance(random, theta, name).unwrap_or_else(|| panic!("{record}: {name}")),
        };
        record.compare(&field, ours, TOLERANCE);
    }
}

fn variance(random: &Random, theta: Theta, name: &str) -> Option<f64> {
    Some(match name {
        "sigma2.u" => random.entity.or(random.period)?,
        "sigma2.e" => random.idiosyncratic,
        "rho" => random.rho(),
        "theta.min" => theta.min,
        "theta.median" => theta.median,
        "theta.max" => theta.max,
        _ => return None,
    })
}

/// What was printed: the data, the model, the components, the effect, the covariance; and of every
/// term the estimate and its standard error, as typed.
type Published = (
    &'static str,
    &'static str,
    (Components, Effect),
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
);

/// plm's vignette; and a reader's output for Wooldridge's *Introductory Econometrics*, table 14.2.
const PUBLISHED: [Published; 4] = [
    (
        "grunfeld",
        "inv ~ value + capital",
        (Components::SwamyArora, Effect::Individual),
        "iid",
        &[
            ("Constant", "-57.834415", "28.898935"),
            ("value", "0.109781", "0.010493"),
            ("capital", "0.308113", "0.017180"),
        ],
    ),
    (
        "grunfeld",
        "inv ~ value + capital",
        (Components::SwamyArora, Effect::Individual),
        "cluster firm",
        &[
            ("Constant", "-57.834415", "23.449626"),
            ("value", "0.109781", "0.012984"),
            ("capital", "0.308113", "0.051889"),
        ],
    ),
    (
        "grunfeld",
        "inv ~ value + capital",
        (Components::Amemiya, Effect::TwoWays),
        "iid",
        &[
            ("Constant", "-63.767791", "29.851537"),
            ("value", "0.111386", "0.010909"),
            ("capital", "0.323321", "0.018772"),
        ],
    ),
    (
        "wagepan",
        "lwage ~ educ + black + hisp + exper + expersq + married + union + i.year",
        (Components::SwamyArora, Effect::Individual),
        "iid",
        &[("union", "0.11", ""), ("married", "0.06", "")],
    ),
];

#[test]
fn published_random_effects() {
    let prints = |ours: f64, printed: &str| {
        let decimals = printed.split('.').next_back().unwrap().len();
        assert!(printed.is_empty() || format!("{ours:.decimals$}") == printed, "{ours} {printed}");
    };
    for (name, formula, (components, effect), vcov, rows) in PUBLISHED {
        let case = Case::load(name);
        let design = Design::new(case.panel(), &formula.parse().unwrap(), Singletons::Keep);
        let spec = RandomSpec {
            components,
            effect,
            negative: Negative::Zero,
            vcov: vcov.parse().unwrap(),
            convention: Convention::PLM,
        };
        let random = random_effects(&design.unwrap(), &spec).unwrap();
        let table = random.fit.coefficients();
        for (term, estimate, error) in rows {
            let row = table.iter().find(|row| row.term == *term).unwrap();
            prints(row.estimate, estimate);
            prints(row.std_error, error);
        }
    }
}
