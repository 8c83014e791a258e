//! The column of conventions in `docs/conventions.md`: what each program prints, and why.

use estimate::{Constant, Convention, Part, Spec, explain};
use panel::Term;
use testkit::{Case, assert_close};

fn spec(convention: Convention) -> Spec {
    Spec { vcov: "cluster firm".parse().unwrap(), convention, constant: Constant::Mean }
}

/// Grunfeld, `value`, clustered by firm: 200 rows, 10 firms, 2 slopes.
#[test]
fn explain_grunfeld() {
    let case = Case::load("grunfeld");
    let model = "inv ~ value + capital | firm".parse().unwrap();
    let printed = [
        (Convention::PLM, 0.014_342_143_7, 1.0, 1.0),
        (Convention::LINEARMODELS, 0.014_450_935_2, 200.0 / 197.0, 1.0),
        (Convention::PLM_SSS, 0.015_156_075_4, 199.0 / 198.0, 10.0 / 9.0),
        (Convention::STATA_XTREG, 0.015_194_493_9, 199.0 / 197.0, 10.0 / 9.0),
        (Convention::REGHDFE, 0.015_194_493_9, 199.0 / 197.0, 10.0 / 9.0),
        (Convention::FIXEST, 0.015_194_493_9, 199.0 / 197.0, 10.0 / 9.0),
        (Convention::AREG, 0.015_553_940_3, 199.0 / 188.0, 10.0 / 9.0),
    ];
    for (first, se_first, rows_first, groups_first) in printed.clone() {
        for (second, se_second, rows_second, groups_second) in printed.clone() {
            let (first, second) = (spec(first.clone()), spec(second));
            let explanation = explain(case.panel(), &model, &first, &second).unwrap();
            let value = &explanation.terms[0];
            // Half a digit of what is printed.
            assert!((value.std_errors[0] - se_first).abs() < 5.1e-11);
            assert!((value.std_errors[1] - se_second).abs() < 5.1e-11);
            let rows = value.part(Part::Rows) * value.part(Part::Parameters);
            assert_close(rows, f64::sqrt(rows_first / rows_second), 1e-13);
            assert_close(
                value.part(Part::Clusters),
                f64::sqrt(groups_first / groups_second),
                1e-13,
            );
            assert_close(value.part(Part::Sample), 1.0, 0.0);
            assert_close(value.part(Part::Covariance), 1.0, 1e-13);
        }
    }
    let (stata, plm) = (spec(Convention::STATA_XTREG), spec(Convention::PLM));
    let explanation = explain(case.panel(), &model, &stata, &plm).unwrap();
    let value = Term::var("value");
    assert_eq!(
        explanation.sentence(&value).unwrap(),
        "the standard error of `value` under stata-xtreg (cluster firm) is 1.059430 times that \
         under plm (cluster firm): × 1.005063 from the factor from rows, × 1.054093 from G/(G−1)."
    );
    let table: Vec<String> =
        explanation.table(&value).unwrap().iter().map(|row| row.join(" | ")).collect();
    assert_eq!(
        table,
        [
            "covariance | cluster firm | cluster firm | ",
            "rows n | 200 | 200 | ",
            "singleton rows dropped | 0 | 0 | ",
            "slopes k | 2 | 2 | ",
            "constant | absorbed, mean of the effects | absorbed, mean of the effects | ",
            "absorbed effects | 10 | 10 | ",
            "redundant effects | 0 | 0 | ",
            "nested effects, not counted | 9 | 10 | ",
            "parameters counted K | 3 | 2 | ",
            "factor from rows | (n−1)/(n−K) = 1.01015228 | 1 | × 1.005063",
            "clusters G | 10 | 10 | ",
            "factor from clusters | G/(G−1) = 1.11111111 | 1 | × 1.054093",
            "factor c | 1.12239143 | 1.00000000 | ",
            "statistics compared with | t(9) | t(188) | ",
            "standard error | 0.0151944939 | 0.0143421437 | × 1.059430",
        ]
    );
    let (areg, xtreg) = (spec(Convention::AREG), spec(Convention::STATA_XTREG));
    let explanation = explain(case.panel(), &model, &areg, &xtreg).unwrap();
    assert_close(explanation.terms[0].part(Part::Parameters), f64::sqrt(197.0 / 188.0), 1e-13);
    let same = explain(case.panel(), &model, &xtreg, &spec(Convention::FIXEST)).unwrap();
    assert_eq!(
        same.sentence(&value).unwrap(),
        "the standard error of `value` is the same under stata-xtreg (cluster firm) and fixest \
         (cluster firm)."
    );
}
