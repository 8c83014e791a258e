//! One-to-one matching on a logit score, for `cargo xtask bench methods`.
//!
//! `matching WORK DATA.csv REPS`; the data have columns `treat, y, x1 … x6`. The works: `matching`,
//! with replacement and the first of equally near ones, as psmatch2 matches; `matching ties`, with
//! all of them and Abadie–Imbens errors; `matching once`, without replacement.

use std::error::Error;

use causal::matching::{
    Errors, Estimand, Method, Order, Reuse, Scale, Score, Spec, Support, Target, Ties, estimate,
};

fn main() -> Result<(), Box<dyn Error>> {
    let bench = testkit::Bench::from_args();
    let panel = testkit::cross_section(&bench.data);
    let ai = Errors::AbadieImbens { neighbours: 1, target: Target::Population };
    let (reuse, ties, errors) = match bench.work.as_str() {
        "matching" => (Reuse::Replacement, Ties::First, Errors::Naive),
        "matching ties" => (Reuse::Replacement, Ties::Average, ai),
        "matching once" => (Reuse::Once(Order::Largest), Ties::First, Errors::Naive),
        other => {
            let known = "`matching`, `matching ties`, `matching once`";
            return Err(format!("no work `{other}`: {known}").into());
        }
    };
    let spec = Spec {
        model: "treat ~ x1 + x2 + x3 + x4 + x5 + x6".parse()?,
        outcomes: vec!["y".parse()?],
        score: Score::Logit(Scale::Probability),
        method: Method::Nearest { k: 1, reuse, ties, caliper: None },
        within: vec![],
        support: Support::None,
        estimand: Estimand::Treated,
        errors,
    };
    bench.report(
        || estimate(&panel, &spec),
        |matching| {
            let att = &matching.effects()[1];
            let mut numbers = vec![("ATT".to_owned(), att.estimate)];
            numbers.extend(att.std_error.map(|se| ("se".to_owned(), se)));
            numbers
        },
    )?;
    Ok(())
}
