//! CR2 and CR3 with Satterthwaite's degrees of freedom: `fixtures/reference/clubsandwich`.

use std::collections::BTreeMap;

use estimate::{
    Constant, Convention, Design, Fit, Reference, Singletons, Spec, Weights, fixed_effects, pooled,
};
use testkit::{Case, file};

use super::{TOLERANCE, data};

/// Its CR3 knows the projected regressors and not the effects: the same where these are nested in
/// the clusters, as years in states are not.
const CR3_OF_PLM: &str = "clubSandwich: CR3 of plm leaves absorbed effects out of H";
/// `A` with `A (I − H) W⁻¹ (I − H)' A' = W⁻¹` is not unique: theirs is symmetric, ours symmetric
/// between rows times `√w`, which is what least squares of such rows has.
const OTHER_ROOT: &str = "clubSandwich, weights: the symmetric root of the same condition";

/// It inverts cross products of regressors and dummies by their eigenvalues: multiplying all
/// weights by one number moves its weighted errors by 2e-8.
const INVERTED: f64 = 1e-7;

#[test]
fn clubsandwich() {
    let mut case = Case::parse(
        "clubsandwich",
        &file("grunfeld", "data.csv"),
        &file("clubsandwich", "reference.json"),
    );
    for record in case.records() {
        let name = record.text("model").to_owned();
        let (name, kind) = name.split_once('/').unwrap_or((&name, ""));
        let unlike = match (kind, record.text("call")) {
            ("plm", call) if call.ends_with("state + year") => Some(CR3_OF_PLM),
            ("aweight emp/own", _) => Some(OTHER_ROOT),
            _ => None,
        };
        let unlike = unlike.filter(|_| kind != "plm" || record.text("vcov").starts_with("CR3"));
        let kind = kind.strip_suffix("/own").unwrap_or(kind);
        let panel = match name {
            "wagepan" => up_to(name, 1000),
            "petersen" => up_to(name, 60),
            other => data(other),
        };
        let model = record.text("call").parse().unwrap();
        let design = if kind.starts_with("aweight") {
            let weights: Weights = kind.parse().unwrap();
            Design::weighted(&panel, &model, Singletons::Keep, &weights)
        } else {
            Design::new(&panel, &model, Singletons::Keep)
        };
        let design = design.unwrap();
        let vcov = record.text("vcov").parse().unwrap();
        let spec = Spec { vcov, convention: Convention::PLM, constant: Constant::Mean };
        let within = record.text("call").contains('|');
        let fit = if within { fixed_effects(&design, &spec) } else { pooled(&design, &spec) };
        let fit = fit.unwrap_or_else(|e| panic!("{record}: {e}"));
        let table = fit.coefficients();
        let ours = match record.text("term") {
            "(Intercept)" => Fit::CONSTANT,
            other => other,
        };
        let row = table.iter().find(|row| row.term == ours).unwrap();
        let Reference::Satterthwaite(df) = row.reference else { panic!("{:?}", row.reference) };
        record.compare("estimate", row.estimate, TOLERANCE);
        if let Some(reason) = unlike {
            for field in ["std_error", "statistic", "df", "p_value"] {
                record.defer(field, reason);
            }
            continue;
        }
        let tolerance = if kind.is_empty() || kind == "plm" { TOLERANCE } else { INVERTED };
        record.compare("std_error", row.std_error, tolerance);
        record.compare("statistic", row.statistic, tolerance);
        record.compare("df", df, tolerance);
        record.compare("p_value", row.p_value, tolerance);
    }
    let summary = case.finish();
    println!("clubsandwich: {summary}");
    assert_eq!((summary.compared, summary.numbers), (172, 804));
    assert_eq!(summary.deferred, BTreeMap::new());
    let deferred = [(CR3_OF_PLM.to_owned(), 16), (OTHER_ROOT.to_owned(), 40)];
    assert_eq!(summary.deferred_numbers, BTreeMap::from(deferred));
}

/// The rows of the first entities.
fn up_to(name: &str, last: i32) -> panel::Panel {
    let text = file(name, "data.csv");
    let keep = |line: &&str| {
        line.split(',').next().and_then(|cell| cell.parse::<i32>().ok()).is_none_or(|id| id <= last)
    };
    testkit::panel(&text.lines().filter(keep).collect::<Vec<_>>().join("\n"))
}
