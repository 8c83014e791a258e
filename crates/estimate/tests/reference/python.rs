//! What Python's programs were asked for.

use estimate::{Convention, Hc, Reference, Vcov};
use testkit::Record;

use super::{
    LINEARMODELS_BIASED, LINEARMODELS_GROUPS, OWN, PLM_GROUPS, Plan, Recipe, Study, but, cluster,
    clusters, driscoll_kraay, run,
};

/// p values are normal once errors are robust, whatever the factor.
pub(crate) fn statsmodels(vcov: &str) -> Plan {
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
        "cluster firm+year" => but(run(ols, clusters("firm", "year"), &[OWN]), normal),
        "hac-groupsum (Driscoll-Kraay) maxlags1" => {
            but(run(ols, driscoll_kraay(Some(1)), &stata), normal)
        }
        "hac-groupsum maxlags1 no corr" => {
            but(run(ols, driscoll_kraay(Some(1)), &[C::PLM]), normal)
        }
        vcov => panic!("statsmodels: {vcov}"),
    }
}

pub(crate) fn linearmodels(study: &Study, part: &str, record: &Record) -> Plan {
    use Convention as C;
    let Study { unit, time, python, .. } = study;
    let formula = match part {
        "pooling" => (*python).to_owned(),
        "within_individual" => format!("{python} | {unit}"),
        "within_twoways" => format!("{python} | {unit} + {time}"),
        part => panic!("linearmodels: {part}"),
    };
    let by = |time_too: &str| if time_too.contains("time") { *time } else { *unit };
    let biased = |vcov: Vcov| {
        but(run(formula.clone(), vcov, &[LINEARMODELS_BIASED]), |recipe| {
            recipe.effects_only = true;
            recipe.tail = Some(Reference::Normal);
        })
    };
    let debiased = !record.text("call").contains("debiased=False");
    match record.text("vcov") {
        "unadjusted" => run(formula, Vcov::Iid, &[C::LINEARMODELS]),
        "robust" => run(formula, Vcov::Robust(Hc::Hc1), &[C::LINEARMODELS]),
        vcov @ ("clustered entity" | "clustered time") => {
            if debiased {
                run(formula, cluster(by(vcov)), &[C::LINEARMODELS])
            } else {
                biased(cluster(by(vcov)))
            }
        }
        vcov @ ("clustered entity group_debias" | "clustered time group_debias") => {
            run(formula, cluster(by(vcov)), &[LINEARMODELS_GROUPS])
        }
        "clustered entity+time" if debiased => {
            run(formula, clusters(unit, time), &[C::LINEARMODELS])
        }
        "clustered entity+time" => biased(clusters(unit, time)),
        "clustered entity+time group_debias" => {
            run(formula, clusters(unit, time), &[LINEARMODELS_GROUPS])
        }
        vcov @ ("driscoll-kraay bw2" | "driscoll-kraay default") => {
            let lag = driscoll_kraay(vcov.ends_with("bw2").then_some(2));
            if debiased { run(formula, lag, &[C::LINEARMODELS]) } else { biased(lag) }
        }
        vcov => panic!("linearmodels: {vcov}"),
    }
}

pub(crate) fn pyfixest(study: &Study, part: &str, record: &Record) -> Plan {
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
        ("iid", true) => {
            but(run(formula, Vcov::Iid, &[C::FIXEST]), |recipe| recipe.over_total = true)
        }
        ("HC1", false) => run(formula, Vcov::Robust(Hc::Hc1), &[C::FIXEST]),
        ("HC1", true) => run(formula, Vcov::Robust(Hc::Hc0), &[C::FIXEST]),
        ("CRV1 unit", false) => run(formula, cluster(unit), &[C::FIXEST, C::REGHDFE]),
        ("CRV1 time", false) => run(formula, cluster(time), &[C::FIXEST, C::REGHDFE]),
        ("CRV1 unit", true) => run(formula, cluster(unit), &[PLM_GROUPS]),
        ("CRV1 time", true) => run(formula, cluster(time), &[PLM_GROUPS]),
        ("CRV1 two-way", false) => run(formula, clusters(unit, time), &[C::FIXEST, C::REGHDFE]),
        ("CRV1 two-way", true) => run(formula, clusters(unit, time), &[PLM_GROUPS]),
        ("DK lag2", _) => run(formula, driscoll_kraay(Some(2)), &[C::FIXEST, C::REGHDFE]),
        (vcov, _) => panic!("pyfixest: {vcov}"),
    }
}

pub(crate) fn pyfixest_ols(vcov: &str, call: &str) -> Plan {
    use Convention as C;
    let own = call.contains("G_df=conventional");
    match vcov {
        "iid" => run("y ~ x", Vcov::Iid, &[C::FIXEST]),
        "hetero" => run("y ~ x", Vcov::Robust(Hc::Hc1), &[C::FIXEST]),
        "{'CRV1': 'firm'}" => run("y ~ x", cluster("firm"), &[C::FIXEST]),
        "{'CRV1': 'year'}" => run("y ~ x", cluster("year"), &[C::FIXEST]),
        "{'CRV1': 'firm+year'}" => {
            let convention = if own { OWN } else { C::FIXEST };
            run("y ~ x", clusters("firm", "year"), &[convention])
        }
        // Its p values are from t(G − 1).
        "{'CRV3': 'firm'}" => but(run("y ~ x", Vcov::Cr3("firm".into()), &[C::FIXEST]), |recipe| {
            recipe.tail = Some(Reference::T(499));
        }),
        vcov => panic!("pyfixest: {vcov}"),
    }
}
