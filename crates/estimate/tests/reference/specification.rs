//! What R's specification tests printed.

use estimate::{
    Dependence, Design, Direction, Distribution, Multiplier, Singletons, Test, Variances,
    breusch_godfrey, cross_section_dependence, effects_f, lagrange_multiplier, serial_within,
};
use panel::Panel;
use testkit::Record;

use super::{HAUSMAN, Study, TOLERANCE, compare_f_tail, fit_plm};

/// Compares a test of `plm`; what cannot be compared is deferred.
pub(crate) fn check(study: &Study, panel: &Panel, record: &mut Record) {
    let Study { unit, time, r, .. } = study;
    let call = record.text("call").to_owned();
    if call.starts_with("phtest") {
        return record.defer_all(HAUSMAN);
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
            let (multiplier, direction) = plmtest(call).unwrap_or_else(|| panic!("{call}"));
            lagrange_multiplier(&design, multiplier, direction)
        }
    };
    compare(&test.unwrap_or_else(|e| panic!("{record}: {e}")), record);
}

/// `plmtest(pooling, type='honda', effect='time')`.
fn plmtest(call: &str) -> Option<(Multiplier, Direction)> {
    let (multiplier, direction) = call
        .strip_prefix("plmtest(pooling, type='")?
        .strip_suffix("')")?
        .split_once("', effect='")?;
    Some((multiplier.parse().ok()?, direction.parse().ok()?))
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
