//! What R's specification tests printed.

use estimate::{
    Components, Constant, Contrast, Convention, Dependence, Design, Distribution, Effect, Error,
    Multiplier, Negative, RandomSpec, Singletons, Spec, Test, TestNote, Variances, Vcov,
    breusch_godfrey, chi_squared_upper_tail, cross_section_dependence, effects_f, hausman,
    hausman_auxiliary, lagrange_multiplier, random_effects, serial_within, specification_test,
};
use panel::{Column, Index, Panel};
use testkit::{Case, Record};

use super::{Study, TOLERANCE, cluster, compare_f_tail, fit_plm};

/// Compares a test of `plm`; what cannot be compared is deferred.
pub(crate) fn check(study: &Study, panel: &Panel, record: &mut Record) {
    let Study { unit, time, r, .. } = study;
    let call = record.text("call").to_owned();
    if call.starts_with("phtest") {
        match hausman_of(study, panel, &call, record) {
            Ok(test) => compare(&test, record),
            // plm takes the absolute value of what cannot be a χ².
            Err(Error::Test(estimate::TestError::NegativeHausman { statistic, rank })) => {
                let p_value = chi_squared_upper_tail(-statistic, rank);
                record.compare("model_level.statistic", -statistic, TOLERANCE);
                record.compare("model_level.df", rank as f64, 0.0);
                record.compare("model_level.p_value", p_value, TOLERANCE);
            }
            Err(error) => panic!("{record}: {error}"),
        }
        return;
    }
    let one = format!("{r} | {unit}");
    let formula = match call.as_str() {
        "pFtest(twfe, fe)" | "pFtest(twfe, pooling)" => format!("{r} | {unit} + {time}"),
        call if call.starts_with("plmtest") => (*r).to_owned(),
        _ => one,
    };
    let design = Design::new(panel, &formula.parse().unwrap(), Singletons::Keep).unwrap();
    let test = match call.as_str() {
        "pFtest(twfe, fe)" => effects_f(&design, &[(*time).to_owned()]),
        "pFtest(twfe, pooling)" | "pFtest(fe, pooling)" => effects_f(&design, &[]),
        "pbgtest(fe) Breusch-Godfrey/Wooldridge" => breusch_godfrey(&design, None),
        "pwartest(formula) Wooldridge AR(1) FE" => serial_within(&design),
        "pcdtest(fe, test='cd') Pesaran CD" => {
            cross_section_dependence(&design, &fit_plm(&design), Dependence::PesaranCd)
        }
        "pcdtest(fe, test='lm')" => {
            cross_section_dependence(&design, &fit_plm(&design), Dependence::BreuschPagan)
        }
        call => {
            let (multiplier, effect) = plmtest(call).unwrap_or_else(|| panic!("{call}"));
            lagrange_multiplier(&design, multiplier, effect)
        }
    };
    compare(&test.unwrap_or_else(|e| panic!("{record}: {e}")), record);
}

/// `phtest(fe, re)`, or the auxiliary regression.
fn hausman_of(study: &Study, panel: &Panel, call: &str, record: &Record) -> Result<Test, Error> {
    let (components, auxiliary) = match record.text("model").split_once("/hausman_") {
        Some((_, components)) => (components.parse().unwrap(), false),
        None => (Components::SwamyArora, true),
    };
    let vcov = if call.contains("vcovHC arellano HC0") { cluster(study.unit) } else { Vcov::Iid };
    let spec = RandomSpec {
        components,
        effect: Effect::Individual,
        negative: Negative::Zero,
        vcov,
        convention: Convention::PLM,
    };
    let design =
        |formula: &str| Design::new(panel, &formula.parse().unwrap(), Singletons::Keep).unwrap();
    let pooled = design(study.r);
    if auxiliary {
        return hausman_auxiliary(&pooled, &spec);
    }
    let within = design(&format!("{} | {}", study.r, study.unit));
    let random = random_effects(&pooled, &spec).unwrap();
    hausman(&fit_plm(&within), &random.fit, Contrast::Own)
}

/// `plmtest(pooling, type='honda', effect='time')`.
pub(crate) fn plmtest(call: &str) -> Option<(Multiplier, Effect)> {
    let (multiplier, effect) = call
        .strip_prefix("plmtest(pooling, type='")?
        .strip_suffix("')")?
        .split_once("', effect='")?;
    Some((multiplier.parse().ok()?, effect.parse().ok()?))
}

pub(crate) fn compare(test: &Test, record: &mut Record) {
    record.compare("model_level.statistic", test.statistic, TOLERANCE);
    match test.distribution {
        Distribution::F(..) => compare_f_tail(record, "model_level.p_value", test.p_value),
        _ => record.compare("model_level.p_value", test.p_value, TOLERANCE),
    }
    let df: Vec<f64> = match test.distribution {
        Distribution::ChiBarSquared(Variances::Two) => vec![0.0, 1.0, 2.0, 0.25, 0.5, 0.25],
        distribution => distribution.df().into_iter().map(|df| df as f64).collect(),
    };
    match df.as_slice() {
        [] => {}
        [df] => record.compare("model_level.df", *df, 0.0),
        several => {
            for (i, df) in several.iter().enumerate() {
                record.compare(&format!("model_level.df[{i}]"), *df, 0.0);
            }
        }
    }
}

/// Printed figures of Grunfeld's data, at the digits at which they stand in print.
///
/// plm's vignette (`pFtest`, `plmtest`, `phtest`); Baltagi (2005), table 4.2, for the multiplier;
/// Baltagi (2013), §4.3.1, for both Hausman statistics.
#[test]
fn printed_figures() {
    let case = Case::load("grunfeld");
    let design =
        |formula: &str| Design::new(case.panel(), &formula.parse().unwrap(), Singletons::Keep);
    let within = design("inv ~ value + capital | firm").unwrap();
    let both = design("inv ~ value + capital | firm + year").unwrap();
    let spec = Spec { vcov: Vcov::Iid, convention: Convention::PLM, constant: Constant::Omit };
    let random = swar(Effect::Individual);
    for (design, test, printed) in [
        (&both, "effects-f", "17.403"),
        (&within, "lm-ghm(twoways)", "798.16"),
        (&within, "lm-bp(individual)", "798.16"),
        (&within, "xttest0", "798.16"),
        (&within, "hausman", "2.3304"),
        (&within, "hausman-aux", "2.131"),
    ] {
        let ours = specification_test(design, &spec, &random, &test.parse().unwrap()).unwrap();
        let decimals = printed.len() - printed.find('.').unwrap() - 1;
        assert_eq!(format!("{:.decimals$}", ours.statistic), printed, "{ours}");
    }
}

/// What plm 2.6 prints for Grunfeld's data, whole and without their last row, to eight digits:
/// the output that its own tests are compared with.
#[test]
fn printed_by_plm() {
    let case = Case::load("grunfeld");
    let whole = case.panel();
    let rows: Vec<usize> = (0..whole.n_rows() - 1).collect();
    let index = whole.index();
    let shorter = Index {
        entity: index.entity.select(&rows),
        period: index.period[..rows.len()].to_vec(),
        ..index.clone()
    };
    let columns = whole.columns().iter().map(|(name, column)| match column {
        Column::Number(v) => (name.clone(), Column::Number(v[..rows.len()].to_vec())),
        Column::Category(factor) => (name.clone(), Column::Category(factor.select(&rows))),
    });
    let unbalanced = Panel::new(shorter, columns).unwrap();
    let plain = "inv ~ value + capital";
    for (panel, formula, test, statistic, p_value) in [
        (whole, plain, "pwfdtest", "16.483", Some("7.345e-5")),
        (whole, "value ~ 1", "pesaran-cd", "13.843", None),
        (whole, plain, "lm-honda(time)", "-2.5404491", Some("9.944645e-1")),
        (whole, plain, "lm-kw(twoways)", "21.832209", None),
        (&unbalanced, plain, "lm-honda(individual)", "28.225193", None),
        (&unbalanced, plain, "lm-bp(individual)", "796.66152", None),
        (&unbalanced, plain, "lm-kw(individual)", "28.225193", None),
        (&unbalanced, plain, "lm-honda(time)", "-2.5405861", Some("9.944667e-1")),
        (&unbalanced, plain, "lm-bp(time)", "6.4545778", Some("1.106668e-2")),
        (&unbalanced, plain, "lm-honda(twoways)", "18.16176", None),
        (&unbalanced, plain, "lm-bp(twoways)", "803.1161", None),
        (&unbalanced, plain, "lm-kw(twoways)", "21.810252", None),
        (&unbalanced, plain, "lm-ghm(twoways)", "796.66152", None),
    ] {
        let design = Design::new(panel, &formula.parse().unwrap(), Singletons::Keep).unwrap();
        let spec = Spec { vcov: Vcov::Iid, convention: Convention::PLM, constant: Constant::Mean };
        let random = swar(Effect::Individual);
        let ours = specification_test(&design, &spec, &random, &test.parse().unwrap()).unwrap();
        let decimals = statistic.len() - statistic.find('.').unwrap() - 1;
        assert_eq!(format!("{:.decimals$}", ours.statistic), statistic, "{ours}");
        if let Some(p_value) = p_value {
            let decimals = p_value.find('e').unwrap() - 2;
            assert_eq!(format!("{:.decimals$e}", ours.p_value), p_value, "{ours}");
        }
    }
    // Random effects of periods, and of both.
    for (effects, effect, statistic) in
        [("year", Effect::Time, "0.32309434"), ("firm + year", Effect::TwoWays, "13.460061")]
    {
        let design = |formula: &str| {
            Design::new(whole, &formula.parse().unwrap(), Singletons::Keep).unwrap()
        };
        let within = fit_plm(&design(&format!("{plain} | {effects}")));
        let random = random_effects(&design(plain), &swar(effect)).unwrap().fit;
        let ours = hausman(&within, &random, Contrast::Own).unwrap();
        let decimals = statistic.len() - statistic.find('.').unwrap() - 1;
        assert_eq!(format!("{:.decimals$}", ours.statistic), statistic, "{ours}");
    }
}

fn swar(effect: Effect) -> RandomSpec {
    RandomSpec {
        components: Components::SwamyArora,
        effect,
        negative: Negative::Zero,
        vcov: Vcov::Iid,
        convention: Convention::PLM,
    }
}

/// Years have one coefficient, fixed or random, in a balanced panel: the contrast under one error
/// variance has the rank of the other three, and what is left out of it does not matter.
#[test]
fn years_are_not_contrasted() {
    let case = Case::load("wagepan");
    let test = |formula: &str, test: &str| {
        let design = Design::new(case.panel(), &formula.parse().unwrap(), Singletons::Keep);
        let spec = Spec { vcov: Vcov::Iid, convention: Convention::PLM, constant: Constant::Omit };
        let random = swar(Effect::Individual);
        specification_test(&design.unwrap(), &spec, &random, &test.parse().unwrap()).unwrap()
    };
    let formula = "lwage ~ expersq + married + union | nr + year";
    for contrast in ["hausman(sigmamore)", "hausman(sigmaless)"] {
        let ours = test(formula, contrast);
        assert_eq!(ours.distribution, Distribution::ChiSquared(3));
        assert_eq!(ours.notes, [TestNote::Singular { rank: 3, terms: 10 }]);
    }
    let robust = test(formula, "hausman-robust");
    assert_eq!(robust.distribution, Distribution::ChiSquared(3));
}
