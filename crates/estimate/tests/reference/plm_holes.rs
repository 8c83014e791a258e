//! plm on panels with holes: `fixtures/reference/plm_holes`.

use estimate::{
    Contrast, Convention, Dependence, Design, Difference, Effect, Error, Fit, Negative, Null,
    Random, RandomSpec, Singletons, Vcov, cross_section_dependence, effects_f, hausman,
    lagrange_multiplier, random_effects, serial_difference,
};
use panel::Panel;
use testkit::{Case, Record, file};

use super::specification::{compare, plmtest};
use super::{TOLERANCE, data, expect, fit_plm};

/// plm differences and lags by row, across holes; ours are of calendar periods.
const BY_ROW: &str = "plm: differences from one row to the next, over holes as well";

fn model(name: &str) -> (&'static str, &'static str) {
    match name {
        "grunfeld" | "grunfeld_holes" => ("inv ~ value + capital", "firm"),
        "produc" => ("log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp", "state"),
        "wagepan" | "wagepan_holes" => ("lwage ~ expersq + married + union", "nr"),
        other => panic!("{other}"),
    }
}

fn spec(components: &str, effect: &str) -> RandomSpec {
    RandomSpec {
        components: components.parse().unwrap(),
        effect: effect.parse().unwrap(),
        negative: Negative::Zero,
        vcov: Vcov::Iid,
        convention: Convention::PLM,
    }
}

fn random(pooled: &Design<'_>, record: &mut Record) {
    let call = record.text("call").to_owned();
    let quoted: Vec<&str> = call.split('\'').collect();
    let [_, effect, _, components, _] = quoted[..] else { panic!("{call}") };
    let random: Random = random_effects(pooled, &spec(components, effect)).unwrap();
    let table = random.fit.coefficients();
    let ours = match record.text("term") {
        "(Intercept)" => Fit::CONSTANT,
        other => other,
    };
    let row = table.iter().find(|row| row.term == ours).unwrap();
    record.compare("estimate", row.estimate, TOLERANCE);
    record.compare("std_error", row.std_error, TOLERANCE);
    for field in record.numbers().map(str::to_owned).collect::<Vec<_>>() {
        let Some(name) = field.strip_prefix("model_level.") else { continue };
        let variance = match name {
            "idios" => random.idiosyncratic,
            "id" => random.entity.unwrap(),
            "time" => random.period.unwrap(),
            other => panic!("{other}"),
        };
        record.compare(&field, variance, TOLERANCE);
    }
}

#[test]
fn plm_holes() {
    let mut case = Case::parse(
        "plm_holes",
        &file("grunfeld", "data.csv"),
        &file("plm_holes", "reference.json"),
    );
    for record in case.records() {
        let name = record.text("model").to_owned();
        let panel: Panel = data(&name);
        let (formula, unit) = model(&name);
        let time = "year".to_owned();
        let design =
            |text: &str| Design::new(&panel, &text.parse().unwrap(), Singletons::Keep).unwrap();
        let (pooled, within) = (design(formula), design(&format!("{formula} | {unit}")));
        let both = design(&format!("{formula} | {unit} + {time}"));
        let dependence = |kind| cross_section_dependence(&within, &fit_plm(&within), kind);
        let test: Result<_, Error> = match record.text("call") {
            call if call.starts_with("plm(random") => {
                random(&pooled, record);
                continue;
            }
            call if call.starts_with("pwfdtest") && name.ends_with("_holes") => {
                record.defer_all(BY_ROW);
                continue;
            }
            "pwfdtest(h0 = 'fe')" => serial_difference(&within, Null::Levels, Difference::Plm),
            "pwfdtest(h0 = 'fd')" => serial_difference(&within, Null::Differences, Difference::Plm),
            "pFtest(twfe, pooling)" => effects_f(&both, &[]),
            "pFtest(fe, pooling)" => effects_f(&within, &[]),
            "pcdtest(fe, test = 'cd')" => dependence(Dependence::PesaranCd),
            "pcdtest(fe, test = 'lm')" => dependence(Dependence::BreuschPagan),
            "pcdtest(fe, test = 'sclm')" => dependence(Dependence::ScaledLm),
            "phtest(fe, re)" => {
                let random = random_effects(&pooled, &spec("swar", "individual")).unwrap();
                hausman(&fit_plm(&within), &random.fit, Contrast::Own)
            }
            call => {
                let (multiplier, effect): (_, Effect) = plmtest(call).unwrap();
                lagrange_multiplier(&pooled, multiplier, effect)
            }
        };
        compare(&test.unwrap_or_else(|e| panic!("{record}: {e}")), record);
    }
    let summary = case.finish();
    println!("plm_holes: {summary}");
    expect(&summary, (115, 322), &[(BY_ROW, 4)]);
}
