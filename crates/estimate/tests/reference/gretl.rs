//! What gretl printed: `fixtures/reference/gretl`, on data of the other folders.

use estimate::{
    Components, Constant, Convention, Dependence, Design, Difference, Distribution, Effect, Fit,
    Hc, Multiplier, Negative, Null, Random, RandomSpec, Singletons, Spec, TestNote, Vcov,
    chi_squared_upper_tail, cross_section_dependence, fixed_effects, lagrange_multiplier,
    modified_wald, random_effects, serial_difference, two_stage,
};
use panel::{Column, Factor, Index, Panel};
use testkit::{Case, Record, Stream, file};

use super::instruments::formula;
use super::{TOLERANCE, cluster, data, expect, fit_plm};

/// An entity with two rows has two equal squared residuals: gretl divides by their rounding noise.
const TWO_ROWS: &str = "gretl: entities with two rows, whose squared residuals do not vary";

/// Pairs of entities that have two rows or more: 9 of 10 firms, 540 of 545 men.
const ALL_PAIRS: [(&str, f64); 2] = [("grunfeld_holes", 36.0), ("wagepan_holes", 145_530.0)];

fn model(name: &str) -> (&'static str, &'static str) {
    match name {
        "grunfeld" | "grunfeld_holes" => ("inv ~ value + capital", "firm"),
        "produc" => ("log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp", "state"),
        "wagepan" | "wagepan_holes" => ("lwage ~ expersq + married + union", "nr"),
        other => panic!("{other}"),
    }
}

fn test(design: &Design<'_>, pooled: &Design<'_>, record: &mut Record) {
    let fit = fit_plm(design);
    let test = match record.text("call") {
        "modtest --autocorr, after panel" => {
            serial_difference(design, Null::Levels, Difference::Stata)
        }
        "modtest --panel, after panel" if record.text("model") == "wagepan_holes" => {
            return record.defer_all(TWO_ROWS);
        }
        "modtest --panel, after panel" => modified_wald(design, &fit),
        "modtest --xdepend, after panel" => {
            cross_section_dependence(design, &fit, Dependence::PesaranCd)
        }
        "panel --random-effects: Breusch-Pagan" => {
            lagrange_multiplier(pooled, Multiplier::BreuschPagan, Effect::Individual)
        }
        other => panic!("{other}"),
    };
    let mut test = test.unwrap_or_else(|e| panic!("{record}: {e}"));
    if let (Distribution::Normal, Some(TestNote::PairsLeftOut { pairs, of })) =
        (test.distribution, test.notes.first())
    {
        // It divides by all pairs of men with two rows, also by those that share no two years.
        let all = ALL_PAIRS.iter().find(|(name, _)| *name == record.text("model")).unwrap().1;
        test.statistic *= ((of - pairs) as f64 / all).sqrt();
        test.p_value = test.distribution.tail(test.statistic);
    }
    super::specification::compare(&test, record);
}

/// Its names of terms, ours.
fn ours(name: &str, panel: bool) -> String {
    match name {
        "const" => Fit::CONSTANT.to_owned(),
        "expersq" if !panel => "exper^2".to_owned(),
        "lpcap" | "lpc" | "lemp" => format!("log({})", &name[1..]),
        name => name.to_owned(),
    }
}

fn compare_row(record: &mut Record, fit: &Fit) {
    let table = fit.coefficients();
    let term = ours(record.text("term"), !record.text("model").starts_with("tsls"));
    let row = table.iter().find(|row| row.term == term).unwrap_or_else(|| panic!("{term}"));
    record.compare("estimate", row.estimate, TOLERANCE);
    record.compare("std_error", row.std_error, TOLERANCE);
}

fn compare_random(record: &mut Record, random: &Random) {
    compare_row(record, &random.fit);
    let wald = random.wald.unwrap();
    for field in record.numbers().map(str::to_owned).collect::<Vec<_>>() {
        let Some(name) = field.strip_prefix("model_level.") else { continue };
        let value = match name {
            "s2e" => random.idiosyncratic,
            "s2v" => random.entity.unwrap(),
            "n" => random.fit.correction().n as f64,
            "N_groups" => random.fit.n_entities() as f64,
            "wald.statistic" => wald.statistic,
            "wald.p_value" => wald.p_value,
            other => panic!("{other}"),
        };
        record.compare(&field, value, TOLERANCE);
    }
}

#[test]
fn panels() {
    let mut case =
        Case::parse("gretl", &file("grunfeld", "data.csv"), &file("gretl", "panels.json"));
    for record in case.records() {
        let name = record.text("model").to_owned();
        let panel: Panel = data(&name);
        let (formula, unit) = model(&name);
        let design =
            |text: &str| Design::new(&panel, &text.parse().unwrap(), Singletons::Keep).unwrap();
        let (pooled, within) = (design(formula), design(&format!("{formula} | {unit}")));
        let (call, robust) = (record.text("call").to_owned(), record.text("vcov") == "--robust");
        match call.as_str() {
            "panel" => {
                let vcov = if robust { cluster(unit) } else { Vcov::Iid };
                let convention = if robust { Convention::STATA_XTREG } else { Convention::PLM };
                let spec = Spec { vcov, convention, constant: Constant::Mean };
                compare_row(record, &fixed_effects(&within, &spec).unwrap());
            }
            "panel --random-effects" | "panel --random-effects --unbalanced" => {
                let components = match call.as_str() {
                    "panel --random-effects" => Components::SwamyAroraHarmonic,
                    _ => Components::SwamyArora,
                };
                let spec = RandomSpec {
                    components,
                    effect: Effect::Individual,
                    negative: Negative::Zero,
                    vcov: Vcov::Iid,
                    convention: Convention::STATA_XTREG,
                };
                compare_random(record, &random_effects(&pooled, &spec).unwrap());
            }
            _ => test(&within, &pooled, record),
        }
    }
    let summary = case.finish();
    println!("gretl, panels: {summary}");
    expect(&summary, (95, 269), &[(TWO_ROWS, 1)]);
}

/// The critical value under a first stage, which depends on the counts alone.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
fn stock_yogo(record: &mut Record) {
    let count = |field: &str| record.published(field).unwrap() as usize;
    let (m, l) = (count("model_level.endogenous"), count("model_level.instruments"));
    let mut stream = Stream::new(1);
    let mut column =
        |name: String| (name, Column::Number((0..80).map(|_| stream.normal()).collect()));
    let names = |letter: &str, n: usize| (0..n).map(|i| format!("{letter}{i}")).collect::<Vec<_>>();
    let (p, z) = (names("p", m), names("z", l));
    let columns: Vec<_> =
        ["y".to_owned()].iter().chain(&p).chain(&z).cloned().map(&mut column).collect();
    let index = Index {
        entity_name: "id".into(),
        entity: Factor::from_numbers(&(0..80).collect::<Vec<i32>>()),
        period_name: "t".into(),
        period: vec![0; 80],
    };
    let panel = Panel::new(index, columns).unwrap();
    let model = format!("y ~ 1 | {} ~ {}", p.join(" + "), z.join(" + "));
    let design = Design::new(&panel, &model.parse().unwrap(), Singletons::Keep).unwrap();
    let convention = Convention::STATA_XTREG;
    let spec = Spec { vcov: Vcov::Iid, convention, constant: Constant::Omit };
    let outcome = two_stage(&design, &spec).unwrap();
    record.compare("model_level.endogenous", outcome.first.len() as f64, 0.0);
    record.compare("model_level.instruments", outcome.first[0].excluded.unwrap().df as f64, 0.0);
    let critical = outcome.stock_yogo.unwrap_or(f64::NAN);
    record.compare("model_level.critical", critical, 0.0);
}

#[test]
fn instruments() {
    let mut case =
        Case::parse("gretl", &file("grunfeld", "data.csv"), &file("gretl", "instruments.json"));
    let women = Case::load_rows("instruments").panel().clone();
    for record in case.records() {
        let Some(name) = record.text("model").strip_prefix("tsls/").map(str::to_owned) else {
            stock_yogo(record);
            continue;
        };
        let robust = record.text("vcov") == "--robust";
        let model = formula(&name).parse().unwrap();
        let design = Design::new(&women, &model, Singletons::Keep).unwrap();
        let vcov = if robust { Vcov::Robust(Hc::Hc0) } else { Vcov::Iid };
        let convention = Convention::STATA_XTREG;
        let spec = Spec { vcov, convention, constant: Constant::Mean };
        let outcome = two_stage(&design, &spec).unwrap();
        compare_row(record, &outcome.fit);
        for field in record.numbers().map(str::to_owned).collect::<Vec<_>>() {
            let Some(name) = field.strip_prefix("model_level.") else { continue };
            let (durbin, sargan) = (outcome.durbin, outcome.sargan);
            // n (r − f)/f of two sums of squares, and not n (r − f)/r.
            let hausman = || {
                let (d, n) = (durbin.unwrap(), outcome.fit.correction().n as f64);
                (d.statistic / (1.0 - d.statistic / n), d.df)
            };
            let first = || outcome.first[0].excluded.unwrap();
            let value = match name {
                "hausman[0]" => hausman().0,
                "hausman[1]" => hausman().1 as f64,
                "hausman[2]" => chi_squared_upper_tail(hausman().0, hausman().1),
                "sargan[0]" => sargan.unwrap().statistic,
                "sargan[1]" => sargan.unwrap().df as f64,
                "sargan[2]" => sargan.unwrap().p_value,
                "gmin" | "gmin[0]" => outcome.cragg_donald,
                "first[0]" => first().statistic,
                "first[1]" => first().df_residual as f64,
                other => panic!("{other}"),
            };
            record.compare(&field, value, TOLERANCE);
        }
    }
    let summary = case.finish();
    println!("gretl, instruments: {summary}");
    expect(&summary, (91, 290), &[]);
}
