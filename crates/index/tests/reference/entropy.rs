//! Entropy weights: three published tables and a panel, in four variants.

use index::{Aggregate, Composite, Direction, Indicator, Normalise, Scheme, Weighting, composite};
use panel::Panel;
use serde_json::Value;
use testkit::{Case, cross_section, file, panel};

use super::{scheme, shifted};

/// Of 32 digits lost in none: both sides sum a dozen terms in double precision.
const CLOSE: f64 = 1e-13;

fn data(name: &str) -> Panel {
    let text = file("entropy", &format!("data_{name}.csv"));
    if name == "produc_panel" { panel(&text) } else { cross_section(&text) }
}

/// The scheme of a model such as `elsayed2017/minmax_shift_0.0001`.
fn of(model: &str) -> (Panel, Scheme) {
    let (name, variant) = model.split_once('/').unwrap();
    let name = name.split('/').next().unwrap();
    let variant = variant.trim_start_matches("pooled_");
    let (columns, negative): (usize, &[usize]) = match name {
        "elsayed2017" => (5, &[]),
        "xu2004" => (4, &[]),
        "zavadskas2016" => (4, &[0, 2]),
        _ => (8, &[7]),
    };
    let minmax = |weights| scheme(columns, negative, Normalise::MinMax, weights, Aggregate::Linear);
    let mut scheme = match variant {
        // Blind to directions: scores are shares as they come, too.
        "sum_norm" => {
            scheme(columns, &[], Normalise::Sum, Weighting::EntropyRaw, Aggregate::Linear)
        }
        "minmax_0ln0=0" => minmax(Weighting::Entropy),
        shift => {
            let shift = shift.strip_prefix("minmax_shift_").unwrap().parse().unwrap();
            shifted(minmax(Weighting::Entropy), shift)
        }
    };
    if name == "produc_panel" {
        let names = ["pcap", "hwy", "water", "util", "pc", "gsp", "emp", "unemp"];
        scheme.indicators = names
            .iter()
            .map(|&name| Indicator {
                name: name.to_owned(),
                label: None,
                direction: if name == "unemp" { Direction::Negative } else { Direction::Positive },
                dimension: vec![],
            })
            .collect();
    }
    (data(name), scheme)
}

#[test]
fn every_record() {
    let mut case = Case::load_rows("entropy");
    for record in case.records() {
        let (panel, scheme) = of(record.text("model"));
        let ours: Composite = composite(&panel, &scheme).unwrap();
        match record.text("term") {
            "composite_score" => {
                for (row, score) in ours.scores.iter().enumerate() {
                    record.compare(&format!("estimate[{row}]"), *score, CLOSE);
                }
            }
            "composite_score_head" => {
                for row in 0..5 {
                    record.compare(&format!("estimate[{row}]"), ours.scores[row], CLOSE);
                }
                let moments = numbers::describe(&ours.scores).unwrap();
                record.compare("model_level.mean", moments.mean, CLOSE);
                record.compare("model_level.sd", moments.sd, 1e-12);
            }
            term => {
                let j: usize = term.strip_prefix('w').unwrap().parse().unwrap();
                let indicator = &ours.indicators[j - 1];
                // A weight is a difference of two numbers near one.
                record.compare_absolutely("estimate", indicator.weights[0], 1e-13);
                if record.published("model_level.entropy").is_some() {
                    let entropy = indicator.entropy.as_ref().unwrap()[0];
                    record.compare("model_level.entropy", entropy, 1e-14);
                }
            }
        }
    }
    let summary = case.finish();
    assert_eq!((summary.compared, summary.numbers), (110, 282), "{summary}");
}

/// The printed digits are the tolerance.
#[test]
fn thirteen_printed_weights() {
    let published: Value = serde_json::from_str(&file("entropy", "published.json")).unwrap();
    let mut compared = 0;
    for item in published["items"].as_array().unwrap() {
        let name = item["dataset"].as_str().unwrap();
        let (panel, scheme) = of(&format!("{name}/sum_norm"));
        let ours = composite(&panel, &scheme).unwrap();
        let half = 0.5 * 10_f64.powi(-i32::try_from(item["decimals"].as_i64().unwrap()).unwrap());
        let printed = item["weights"].as_array().unwrap();
        assert_eq!(printed.len(), ours.indicators.len());
        for (printed, indicator) in printed.iter().zip(&ours.indicators) {
            let (printed, ours) = (printed.as_f64().unwrap(), indicator.weights[0]);
            assert!((printed - ours).abs() <= half, "{name}: {ours} is not {printed}");
            compared += 1;
        }
    }
    assert_eq!(compared, 13);
}
