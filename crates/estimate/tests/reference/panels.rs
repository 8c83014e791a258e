//! Random effects, the between estimator and first differences.

use estimate::{
    BetweenSpec, BetweenWeights, Components, Convention, Design, DifferenceSpec, Effect, Fit, Gaps,
    Negative, Random, RandomSpec, Vcov, between, explained, f_test, first_difference, r_squared,
    random_effects,
};
use panel::Panel;
use testkit::Record;

use super::{Study, TOLERANCE, cluster, compare};

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
        compare_plain(&design, &fit, record);
    }
}

fn compare_plain(design: &Design<'_>, fit: &Fit, record: &mut Record) {
    let (correction, sums) = (fit.correction(), fit.sums());
    let (n, left) = (correction.n as f64, (correction.n - correction.k_all) as f64);
    let r2 = r_squared(design, fit).unwrap();
    let shares = explained(design, fit).unwrap();
    let test = f_test(fit).unwrap();
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
            "F_or_chisq.statistic" => test.statistic,
            "F_or_chisq.df[0]" => test.df as f64,
            "F_or_chisq.df[1]" => test.df_residual as f64,
            "F_or_chisq.p_value" => test.p_value,
            name => panic!("{record}: {name}"),
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
