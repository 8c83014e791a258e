//! What Python's programs were asked for.

use estimate::{Convention, Hc, Reference, Vcov};
use testkit::Record;

use super::{
    CRV3, DRISCOLL_KRAAY, IID_TOTAL, LINEARMODELS_BIASED, LINEARMODELS_GROUPS, PLM_GROUPS, Plan,
    Recipe, Study, TWO_WAY, but, cluster, run,
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
        "cluster firm+year" => Plan::Defer(TWO_WAY),
        vcov if vcov.starts_with("hac-groupsum") => Plan::Defer(DRISCOLL_KRAAY),
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

pub(crate) fn pyfixest_ols(vcov: &str) -> Plan {
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
