//! What R's programs were asked for.

use estimate::{Convention, Hc, Reference, Vcov};

use super::{
    OWN, OWN_LESS_WHITE, PLM_GROUPS, PLM_PERIODS, Plan, Recipe, Study, but, cluster, clusters,
    driscoll_kraay, run,
};

pub(crate) fn lm(call: &str) -> Plan {
    use Convention as C;
    let ols = "y ~ x";
    let both = clusters("firm", "year");
    let t = |df: usize| move |recipe: &mut Recipe| recipe.tail = Some(Reference::T(df));
    match call {
        "vcov(lm)" => run(ols, Vcov::Iid, &C::ALL),
        "vcovHC(m,type='HC0')" => run(ols, Vcov::Robust(Hc::Hc0), &C::ALL),
        "vcovHC(m,type='HC1')" => run(ols, Vcov::Robust(Hc::Hc1), &C::ALL),
        "vcovHC(m,type='HC2')" => run(ols, Vcov::Robust(Hc::Hc2), &C::ALL),
        "vcovHC(m,type='HC3')" => run(ols, Vcov::Robust(Hc::Hc3), &C::ALL),
        "vcovHC(m,type='HC4')" => run(ols, Vcov::Robust(Hc::Hc4), &C::ALL),
        "vcovCL(m,~firm)  [type HC1, cadjust TRUE; = Stata regress vce(cluster firm)]" => {
            run(ols, cluster("firm"), &[C::STATA_XTREG, C::AREG, C::REGHDFE, C::FIXEST])
        }
        "vcovCL(m,~year)" => {
            run(ols, cluster("year"), &[C::STATA_XTREG, C::AREG, C::REGHDFE, C::FIXEST])
        }
        "vcovCL(m,~firm,type='HC0',cadjust=FALSE)" => run(ols, cluster("firm"), &[PLM_GROUPS]),
        "vcovCL(m,~year,type='HC0',cadjust=FALSE)" => run(ols, cluster("year"), &[PLM_GROUPS]),
        // The script that made the records takes p from t(G − 1), or t(T − 1).
        "vcovCL(m,~firm,type='HC2')" => but(run(ols, Vcov::Cr2("firm".into()), &C::ALL), t(499)),
        "vcovCL(m,~firm,type='HC3')" => {
            let conventions = [C::PLM, C::PLM_SSS, C::LINEARMODELS];
            but(run(ols, Vcov::Cr3("firm".into()), &conventions), t(499))
        }
        "vcovPC(m,~firm+year)" => run(ols, Vcov::Pcse { pairwise: false }, &C::ALL),
        "vcovPL(m,~firm+year,lag='max',aggregate=FALSE)" => {
            let conventions = [C::STATA_XTREG, C::AREG, C::REGHDFE, C::LINEARMODELS];
            but(run(ols, Vcov::NeweyWest { lag: Some(9) }, &conventions), |recipe| {
                recipe.tail = Some(Reference::T(9));
                recipe.df = Some(9.0);
            })
        }
        "vcovPL(m,~firm+year,adjust=FALSE)" => run(ols, driscoll_kraay(None), &[PLM_PERIODS]),
        call if call.starts_with("vcovPL(m,~firm+year,lag=") => {
            let lag = call["vcovPL(m,~firm+year,lag=".len()..].split(',').next().unwrap();
            run(ols, driscoll_kraay(lag.parse().ok()), &[PLM_PERIODS])
        }
        "vcovCL(m,~firm+year)  multi0=FALSE" => run(ols, both, &[OWN]),
        "vcovCL(m,~firm+year,multi0=TRUE)" => run(ols, both, &[OWN_LESS_WHITE]),
        "vcovCL(m,~firm+year,type='HC0',cadjust=FALSE)" => run(ols, both, &[PLM_GROUPS]),
        call if call.starts_with("(Vf0+Vy0-Vw0)") => {
            run(ols, both, &[C::STATA_XTREG, C::AREG, C::REGHDFE, C::FIXEST])
        }
        call => panic!("lm: {call}"),
    }
}

#[allow(clippy::too_many_lines, reason = "one arm a call")]
pub(crate) fn plm(study: &Study, part: &str, call: &str) -> Plan {
    use Convention as C;
    let Study { unit, time, r, .. } = study;
    let one = format!("{r} | {unit}");
    let two = format!("{r} | {unit} + {time}");
    let all = [C::PLM, C::AREG, C::REGHDFE, C::FIXEST, C::LINEARMODELS];
    let xtreg = [C::STATA_XTREG, C::REGHDFE, C::FIXEST];
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
        ("within_individual", "vcovDC(fe, type='HC0')") => {
            run(one, clusters(unit, time), &[C::PLM])
        }
        ("within_individual", call) if call.starts_with("vcovSCC(fe) defaults") => {
            run(one, driscoll_kraay(None), &[C::PLM])
        }
        ("within_individual" | "within_twoways", call) if call.starts_with("vcovSCC") => {
            let lag = call.split("maxlag=").nth(1).unwrap();
            let lag = driscoll_kraay(lag[..1].parse().ok());
            let formula = if part == "within_twoways" { two } else { one };
            let xtscc = call.ends_with("* T/(T-1)*(n-1)/(n-k-1)");
            run(formula, lag, &[if xtscc { C::STATA_XTREG } else { PLM_PERIODS }])
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
