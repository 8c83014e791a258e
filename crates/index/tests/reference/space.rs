//! esda and PySAL's inequality on the Mexican states, 1940 to 2000.

use index::{
    Alternative, InequalitySpec, LocalMoranSpec, Moment, MoranSpec, Neighbours, Permutations,
    Quadrant, Standardise, inequality, local_moran, moran,
};
use testkit::{Case, file};

/// Both sides sum a few dozen terms in double precision.
const CLOSE: f64 = 1e-11;

fn neighbours() -> Neighbours {
    let text = file("space", "neighbours.csv");
    let lists = text.lines().skip(1).map(|line| {
        let (unit, list) = line.split_once(',').unwrap();
        (unit, list.split(';').collect::<Vec<_>>())
    });
    Neighbours::new(lists).unwrap()
}

#[test]
fn every_record() {
    let mut case = Case::load("space");
    let (panel, graph) = (case.panel().clone(), neighbours());
    let spec = |region: bool| InequalitySpec {
        column: "pcgdp".into(),
        population: None,
        region: region.then(|| "region".into()),
    };
    let unequal = inequality(&panel, &spec(true)).unwrap();
    for record in case.records() {
        let model = record.text("model").to_owned();
        let (year, weights) = model.split_once('/').unwrap_or((&model, "binary"));
        let year: i32 = year.parse().unwrap();
        let weights: Standardise = weights.parse().unwrap();
        let one = unequal.iter().find(|one| one.period == year).unwrap();
        let (theil, dagum) = (&one.theil, one.gini.dagum.as_ref().unwrap());
        let (within, between) = (theil.within.unwrap(), theil.between.unwrap());
        match record.text("term") {
            "theil" => {
                record.compare("T", theil.t, CLOSE);
                record.compare("between", between.0, CLOSE);
                record.compare("within", within.0, CLOSE);
            }
            "theil-l" => {
                record.compare("L", theil.l, CLOSE);
                record.compare("between", between.1, CLOSE);
                record.compare("within", within.1, CLOSE);
            }
            "gini" => record.compare("G", one.gini.total, CLOSE),
            "dagum" => {
                record.compare("within", dagum.within, CLOSE);
                record.compare("between", dagum.between, CLOSE);
                record.compare("transvariation", dagum.transvariation, CLOSE);
            }
            term @ ("moran" | "geary") => {
                let spec = MoranSpec {
                    column: "pcgdp".into(),
                    weights,
                    alternative: Alternative::TwoSided,
                    permutations: Permutations::Drawn { draws: 1, seed: 1 },
                };
                let all = moran(&panel, &graph, &spec).unwrap();
                let one = all.iter().find(|one| one.period == year).unwrap();
                if term == "geary" {
                    record.compare("C", one.geary.c, CLOSE);
                    record.compare("EC", 1.0, 0.0);
                    record.compare("VC_norm", one.geary.variance_normal, CLOSE);
                    record.compare("VC_rand", one.geary.variance_random, CLOSE);
                    continue;
                }
                record.compare("I", one.i, CLOSE);
                record.compare("EI", one.expected, CLOSE);
                record.compare("VI_norm", one.variance_normal, CLOSE);
                record.compare("VI_rand", one.variance_random, CLOSE);
                record.compare("z_norm", one.normal().0, CLOSE);
                record.compare("p_norm", one.normal().1, 1e-10);
                record.compare("z_rand", one.random().0, CLOSE);
                record.compare("p_rand", one.random().1, 1e-10);
            }
            "local" => {
                let spec = LocalMoranSpec {
                    column: "pcgdp".into(),
                    weights,
                    moment: Moment::NMinusOne,
                    alternative: Alternative::TwoSided,
                    draws: 1,
                    seed: 1,
                };
                let all = local_moran(&panel, &graph, &spec).unwrap();
                let units: Vec<_> = all.iter().filter(|one| one.period == year).collect();
                for (at, one) in units.iter().enumerate() {
                    let quadrant = match one.quadrant {
                        Quadrant::HighHigh => 1.0,
                        Quadrant::LowHigh => 2.0,
                        Quadrant::LowLow => 3.0,
                        Quadrant::HighLow => 4.0,
                    };
                    record.compare_absolutely(&format!("I[{at}]"), one.i, CLOSE);
                    record.compare(&format!("EI[{at}]"), one.expected, CLOSE);
                    record.compare(&format!("VI[{at}]"), one.variance, CLOSE);
                    record.compare(&format!("EIc[{at}]"), one.expected_conditional, 1e-9);
                    record.compare(&format!("VIc[{at}]"), one.variance_conditional, 1e-9);
                    record.compare(&format!("quadrant[{at}]"), quadrant, 0.0);
                }
            }
            other => panic!("{other}"),
        }
    }
    let summary = case.finish();
    assert_eq!((summary.compared, summary.numbers), (70, 2926), "{summary}");
}
