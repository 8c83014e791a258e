//! What there is no answer to, and what is said of it.

use index::{
    Aggregate, Comparison, Comparisons, Coupling, CouplingSpec, Direction, InequalitySpec, Levels,
    LocalMoranSpec, Moment, MoranSpec, Neighbours, Normalise, Over, Permutations, Priorities,
    Ratio, Scheme, Standardise, Weighting, composite, contributions, coupling, herfindahl,
    inequality, local_moran, location_quotient, moran,
};
use panel::Panel;

use super::{indicator, scheme};

fn panel(rows: &str) -> Panel {
    testkit::panel(&format!("province,year,a,b\n{}", rows.replace(' ', "\n")))
}

fn both(direction: Direction) -> Scheme {
    scheme(vec![indicator("a", Direction::Positive, &["A"]), indicator("b", direction, &["B"])])
}

#[track_caller]
fn refused(panel: &Panel, scheme: &Scheme, message: &str) {
    assert_eq!(composite(panel, scheme).unwrap_err().to_string(), message);
}

const GOOD: &str = "Anhui,2014,1,2 Anhui,2015,2,5 Fujian,2014,3,1 Fujian,2015,0,4";

#[test]
fn of_columns() {
    let plus = both(Direction::Positive);
    let by_period =
        Scheme { normalise_over: Over::Period, weights_over: Over::Period, ..plus.clone() };
    refused(
        &panel("Anhui,2014,1,7 Anhui,2015,2,7 Fujian,2014,3,7"),
        &plus,
        "`b` does not vary: it is 7 in all 3 rows; leave it out",
    );
    refused(
        &panel("Anhui,2014,0,1 Fujian,2014,0,3 Anhui,2015,1,1 Fujian,2015,2,3"),
        &by_period,
        "`a` does not vary in 2014: it is 0 in all 2 rows; leave it out, or pool the periods",
    );
    refused(
        &panel("Anhui,2014,1,7"),
        &plus,
        "`index` has one row, `Anhui`: nothing can be normalised or weighed",
    );
    refused(
        &panel("Anhui,2014,1,7 Anhui,2015,2,5 Fujian,2015,1,4"),
        &by_period,
        "`index` has one row in 2014, `Anhui`: nothing can be normalised or weighed, or pool the \
         periods",
    );
    refused(
        &panel("Anhui,2014,1, Anhui,2015,,2"),
        &plus,
        "none of the 2 rows has every indicator of `index`; `b` is missing in 1",
    );
    refused(
        &panel("Anhui,2014,1,2 Anhui,2015,inf,2 Fujian,2015,1,4"),
        &plus,
        "`a` is infinite for `Anhui` in 2015; mend it, or leave the row out",
    );
    let mut unknown = plus.clone();
    unknown.indicators[1].name = "bb".into();
    refused(&panel(GOOD), &unknown, "no column `bb`; did you mean `b`?");
}

#[test]
fn of_signs() {
    let negative = panel("Anhui,2014,1,2 Anhui,2015,-2,5 Fujian,2014,3,1");
    let raw = Scheme { weights: Weighting::EntropyRaw, ..both(Direction::Positive) };
    refused(
        &negative,
        &raw,
        "`a` is -2 for `Anhui` in 2015, and entropy-raw needs numbers that are not negative; \
         normalise by min-max, or shift by more",
    );
    let z = Scheme { normalise: Normalise::ZScore, ..both(Direction::Positive) };
    assert!(composite(&panel(GOOD), &z).unwrap_err().to_string().contains("and entropy needs"));
    let sum = Scheme { normalise: Normalise::Sum, ..both(Direction::Positive) };
    refused(
        &negative,
        &sum,
        "`a` is -2 for `Anhui` in 2015, and a share of the sum needs numbers that are not \
         negative; normalise otherwise, or mend the value",
    );
    let reciprocal = Scheme { normalise: Normalise::Sum, ..both(Direction::Negative) };
    let zero = panel("Anhui,2014,1,2 Anhui,2015,2,0 Fujian,2014,3,1");
    refused(
        &zero,
        &reciprocal,
        "`b` is 0 for `Anhui` in 2015, and the sum of reciprocals needs positive numbers; \
         normalise otherwise, or mend the value",
    );
    let geometric = Scheme {
        aggregate: Aggregate::Geometric,
        shift_in: Some(index::ShiftIn::Weights),
        ..both(Direction::Positive)
    };
    refused(
        &panel(GOOD),
        &geometric,
        "`a` is 0 for `Fujian` in 2015, and a geometric mean needs positive numbers; shift with \
         `shift-in = \"both\"`, or aggregate linearly",
    );
    let none = Scheme { normalise: Normalise::None, ..both(Direction::Negative) };
    refused(
        &panel(GOOD),
        &none,
        "`b` is negative, which `normalise = \"none\"` cannot turn round; choose min-max, or turn \
         the column round before",
    );
}

#[test]
fn of_schemes() {
    let plus = both(Direction::Positive);
    let given = |pairs: &[(&str, f64)]| Scheme {
        weights: Weighting::Given(pairs.iter().map(|(n, w)| ((*n).to_owned(), *w)).collect()),
        ..plus.clone()
    };
    refused(
        &panel(GOOD),
        &given(&[("a", 0.5), ("b", 0.4)]),
        "the given weights sum to 0.9, not to 1; mend them, or divide each by their sum",
    );
    refused(
        &panel(GOOD),
        &given(&[("a", 1.0)]),
        "no weight is given for `b`; give one, 0 if it does not count",
    );
    refused(
        &panel(GOOD),
        &given(&[("a", 0.5), ("B", 0.5)]),
        "a weight is given for `B`, which is no indicator; did you mean `b` or `a`?",
    );
    refused(
        &panel(GOOD),
        &given(&[("a", 1.5), ("b", -0.5)]),
        "`weights` is -0.5 for `b`, and should be 0 or more",
    );
    let twice = Scheme {
        indicators: vec![plus.indicators[0].clone(), plus.indicators[0].clone()],
        ..plus.clone()
    };
    refused(&panel(GOOD), &twice, "the index `index` names `a` twice; leave one of them out");
    let nothing = Scheme { indicators: vec![], ..plus.clone() };
    refused(&panel(GOOD), &nothing, "the index `index` has no indicators; list at least one");
    refused(
        &panel(GOOD),
        &Scheme { shift: -0.1, ..plus.clone() },
        "`shift` is -0.1, and should be 0 or more",
    );
    refused(
        &panel(GOOD),
        &Scheme { shift_in: None, ..plus.clone() },
        "`shift` is 0.01, and `shift-in` must say where: `weights` or `both`",
    );
    let topsis = Scheme { aggregate: Aggregate::Topsis, ..plus };
    let found = composite(&panel(GOOD), &topsis).unwrap();
    assert_eq!(
        contributions(&panel(GOOD), &found).unwrap_err().to_string(),
        "scores by `topsis` are not sums over indicators; `linear` and `geometric` ones are"
    );
    let text = "name = \"x\"\nnormalise = \"minmax\"\n";
    let error = toml::from_str::<Scheme>(text).unwrap_err().to_string();
    assert!(error.contains("no normalisation `minmax`; there are min-max, z-score"), "{error}");
}

#[test]
fn of_comparisons() {
    let with = |of: &[&str], rows: &[&[f64]]| {
        let matrix = rows.iter().map(|row| row.iter().map(|&x| Ratio(x)).collect()).collect();
        let of = of.iter().map(ToString::to_string).collect();
        let matrices = vec![Comparison { of, matrix }];
        let weights = Weighting::Ahp(Comparisons { priorities: Priorities::Eigenvector, matrices });
        Scheme { weights, ..both(Direction::Positive) }
    };
    let data = panel(GOOD);
    refused(
        &data,
        &with(&[], &[&[1.0, 3.0], &[0.5, 1.0]]),
        "entries (1, 2) and (2, 1) of the comparison matrix of the index are 3 and 0.5, not \
         reciprocal; write one as \"1/…\" of the other",
    );
    refused(
        &data,
        &with(&[], &[&[1.0, -3.0], &[0.5, 1.0]]),
        "entry (1, 2) of the comparison matrix of the index is -3; entries are positive",
    );
    refused(
        &data,
        &with(&[], &[&[1.0, 3.0]]),
        "the comparison matrix of the index is 1 × 2, and 2 parts are compared",
    );
    refused(
        &data,
        &with(&["C"], &[&[1.0]]),
        "a comparison matrix is given of `C`, which has no parts to compare",
    );
    let by_level = Scheme { levels: Levels::LevelByLevel, ..with(&["A"], &[&[1.0]]) };
    refused(
        &data,
        &by_level,
        "no comparison matrix is given of the index; it has 2 parts to compare",
    );
}

#[test]
fn of_shares() {
    let data = panel("Anhui,2014,1,2 Anhui,2015,,5 Fujian,2014,3,0");
    let message = |error: index::Error| error.to_string();
    assert_eq!(
        message(location_quotient(&data, "a", "b").unwrap_err()),
        "`a` is missing for `Anhui` in 2015, and a location quotient needs every unit of a period; \
         fill it in, or leave the period or the unit out with a filter"
    );
    assert_eq!(
        message(location_quotient(&data, "b", "b").unwrap_err()),
        "`b` is 0 for `Fujian` in 2014; a location quotient needs positive numbers in the whole"
    );
    let zero = panel("Anhui,2014,0,2 Fujian,2014,0,1");
    assert_eq!(
        message(herfindahl(&zero, "a").unwrap_err()),
        "`a` sums to zero in 2014; there are no shares to take"
    );
    let spec = InequalitySpec { column: "b".into(), population: None, region: None };
    assert_eq!(
        message(inequality(&data, &spec).unwrap_err()),
        "`b` is 0 for `Fujian` in 2014; inequality needs positive numbers"
    );
    let spec = |systems: &[&str], weights: &[f64]| CouplingSpec {
        systems: systems.iter().map(ToString::to_string).collect(),
        coupling: Coupling::GeometricMean,
        weights: weights.to_vec(),
    };
    assert_eq!(
        message(coupling(&zero, &spec(&["a", "b"], &[0.5, 0.5])).unwrap_err()),
        "`b` is 2 for `Anhui` in 2014; coupling needs values from 0 to 1, not all of them 0"
    );
    assert_eq!(
        message(coupling(&zero, &spec(&["a"], &[1.0])).unwrap_err()),
        "1 systems with 1 weights that sum to 1; coupling needs two or more, and a weight each \
         that sum to 1"
    );
}

#[test]
fn of_neighbours() {
    let refused = |lists: &[(&str, &[&str])], message: &str| {
        let lists = lists.iter().map(|(unit, list)| (*unit, list.to_vec()));
        assert_eq!(Neighbours::new(lists).unwrap_err().to_string(), message);
    };
    refused(
        &[("Anhui", &["Fujian"]), ("Fujian", &["Anhui"]), ("Hainan", &[])],
        "`Hainan` is an island: it has no neighbours; give it one, as provinces across a strait are \
         given, or leave it out",
    );
    refused(
        &[("Shanxi", &["Shaanx"]), ("Shaanxi", &["Shanxi"])],
        "`Shanxi` has the neighbour `Shaanx`, which is no unit; did you mean `Shaanxi` or \
         `Shanxi`?",
    );
    refused(
        &[("Anhui", &["Anhui"])],
        "`Anhui` is listed as its own neighbour; take it out of its list",
    );
    refused(
        &[("Anhui", &["Fujian", "Fujian"]), ("Fujian", &["Anhui"])],
        "`Fujian` is listed twice as a neighbour of `Anhui`",
    );
    refused(&[("Anhui", &["Anhui"]), ("Anhui", &["Anhui"])], "`Anhui` is listed twice");

    let square = [("A", ["B", "D"]), ("B", ["A", "C"]), ("C", ["B", "D"]), ("D", ["A", "C"])];
    let graph = Neighbours::new(square.map(|(unit, list)| (unit, list.to_vec()))).unwrap();
    assert_eq!(
        graph.only(&["A", "C"]).unwrap_err().to_string(),
        "`A` is an island: it has no neighbours; give it one, as provinces across a strait are \
         given, or leave it out"
    );
    let spec = |permutations| MoranSpec {
        column: "x".into(),
        weights: Standardise::Rows,
        alternative: index::Alternative::Greater,
        permutations,
    };
    let drawn = spec(Permutations::Drawn { draws: 9, seed: 1 });
    let told = |rows: &str, spec: &MoranSpec| {
        let data = testkit::panel(&format!("unit,year,x\n{}", rows.replace(' ', "\n")));
        moran(&data, &graph, spec).unwrap_err().to_string()
    };
    assert_eq!(
        told("A,1,1 B,1,2 C,1, D,1,3", &drawn),
        "`x` is missing for `C` in 1, and its neighbours need it; fill it in, or leave the unit out \
         of the neighbours"
    );
    assert_eq!(
        told("A,1,1 B,1,1 C,1,1 D,1,1", &drawn),
        "`x` does not vary between units in 1; there is nothing to correlate"
    );
    assert_eq!(
        told("A,1,1 B,1,2 C,1,3 E,1,1", &drawn),
        "`E` is not among the units that have neighbours; did you mean `A` or `B` or `C`?"
    );
    assert_eq!(told("A,1, B,1, C,1, D,1,", &drawn), "`x` has no value in any period");
    assert_eq!(
        told("A,1,1 B,1,2 C,1,4 D,1,3", &spec(Permutations::Drawn { draws: 0, seed: 1 })),
        "no permutations are drawn; ask for one or more, 999 is usual"
    );
    let local = LocalMoranSpec {
        column: "x".into(),
        weights: Standardise::Binary,
        moment: Moment::N,
        alternative: index::Alternative::Less,
        draws: 0,
        seed: 1,
    };
    let data = testkit::panel("unit,year,x\nA,1,1\nB,1,2\nC,1,4\nD,1,3\n");
    assert!(local_moran(&data, &graph, &local).is_err());
}
