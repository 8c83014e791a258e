//! Their numbers beside ours.

use estimate::{
    Constant, Design, Fit, Note, Spec, Vcov, effects_f, explained, f_test, fixed_effects, pooled,
    r_squared,
};
use panel::Panel;
use testkit::Record;

use super::{LINEARMODELS_STATISTIC, ONE_MINUS_CDF, Recipe, Study, TOLERANCE, compare_f_tail};

pub(crate) fn check(study: &Study, panel: &Panel, recipe: &Recipe, record: &mut Record) {
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
}

/// A recipe of which only the absence of peculiarities matters.
pub(crate) fn plain() -> Recipe {
    Recipe {
        formula: String::new(),
        vcov: Vcov::Iid,
        conventions: Vec::new(),
        effects_only: false,
        over_total: false,
        tail: None,
        df: None,
    }
}

/// What linearmodels multiplies by under `debiased=False`, `n/(n − effects)`, or what makes
/// pyfixest's `û'û/(n − 1)` of `σ̂²`.
pub(crate) fn effects_factor(recipe: &Recipe, fit: &Fit) -> f64 {
    let correction = fit.correction();
    if recipe.over_total {
        return (correction.n - correction.k_all) as f64 / (correction.n - 1) as f64;
    }
    if !recipe.effects_only {
        return 1.0;
    }
    let effects = correction.k_counted - fit.terms().len() - 1;
    correction.n as f64 / (correction.n - effects) as f64
}

pub(crate) fn compare_coefficient(study: &Study, recipe: &Recipe, fit: &Fit, record: &mut Record) {
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
    let p_value = recipe.tail.unwrap_or(row.reference).two_sided(statistic);
    let software = record.text("software");
    if software.starts_with("pyfixest") && published < ONE_MINUS_CDF.0 {
        record.compare_absolutely("p_value", p_value, ONE_MINUS_CDF.1);
    } else if published < f64::MIN_POSITIVE {
        // Numbers below the smallest normal one have few digits, or are zero.
        record.compare_absolutely("p_value", p_value, f64::MIN_POSITIVE);
    } else if software.starts_with("linearmodels") {
        let moves = LINEARMODELS_STATISTIC * statistic * statistic;
        record.compare("p_value", p_value, TOLERANCE.max(moves));
    } else {
        record.compare("p_value", p_value, TOLERANCE);
    }
}

pub(crate) fn compare_model(
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
    let df = recipe.df.or(correction.reference.df()).unwrap_or(f64::INFINITY);
    let lag = fit.notes().iter().find_map(|note| match note {
        Note::Lags { lag, .. } => Some(*lag),
        _ => None,
    });
    let fields: Vec<String> = record.numbers().map(str::to_owned).collect();
    for field in fields {
        let Some(name) = field.strip_prefix("model_level.") else { continue };
        let test = || f_test(fit).unwrap();
        let of_effects = || effects_f(design, &[]).unwrap();
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
            "maxlag" => lag.unwrap() as f64,
            "f_pooled.stat" => of_effects().statistic,
            "f_pooled.p" => {
                compare_f_tail(record, &field, of_effects().p_value);
                continue;
            }
            "f_pooled.df" => of_effects().distribution.df()[1] as f64,
            name => panic!("{record}: {name}"),
        };
        record.compare(&field, ours, TOLERANCE);
    }
}
