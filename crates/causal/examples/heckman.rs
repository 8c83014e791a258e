//! Heckman's selection model, for `cargo xtask bench methods`.
//!
//! `heckman WORK DATA.csv REPS`; the data have columns `y, sel, x1 … x4, z1, z2`. The works:
//! `heckman`, two steps with corrected errors; `heckman likelihood`, full maximum likelihood.

use std::error::Error;

use causal::heckman::{LikelihoodSpec, LikelihoodVcov, Rho, TwoStepSpec, likelihood, two_step};
use estimate::{Coefficient, Information, SmallSample};
use panel::Model;

fn main() -> Result<(), Box<dyn Error>> {
    let bench = testkit::Bench::from_args();
    let panel = testkit::cross_section(&bench.data);
    let outcome: Model = "y ~ x1 + x2 + x3 + x4".parse()?;
    let selection: Model = "sel ~ x1 + x2 + x3 + x4 + z1 + z2".parse()?;
    match bench.work.as_str() {
        "heckman" => {
            let information = Information::Observed;
            let spec = TwoStepSpec { outcome, selection, information, rho: Rho::Sigma };
            bench
                .report(|| two_step(&panel, &spec), |fit| numbers(&fit.outcome().coefficients()))?;
        }
        "heckman likelihood" => {
            let spec = LikelihoodSpec {
                outcome,
                selection,
                vcov: LikelihoodVcov::Oim,
                small_sample: SmallSample::None,
            };
            bench.report(
                || likelihood(&panel, &spec),
                |fit| numbers(&[fit.outcome().coefficients(), fit.derived().to_vec()].concat()),
            )?;
        }
        other => return Err(format!("no work `{other}`: `heckman`, `heckman likelihood`").into()),
    }
    Ok(())
}

/// What is estimated last, `λ`, comes first.
fn numbers(coefficients: &[Coefficient]) -> Vec<(String, f64)> {
    let name = |term: &str| term.replace('x', "β").replace("lambda", "λ");
    let both = |row: &Coefficient| {
        let name = name(&row.term);
        [(name.clone(), row.estimate), (format!("se({name})"), row.std_error)]
    };
    coefficients.iter().rev().flat_map(both).collect()
}
