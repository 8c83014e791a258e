//! Tables of specification tests: a row a test, each of a model of its own.

use std::collections::BTreeMap;

use estimate::{Design, TestSpec, specification_test};
use ingest::Loaded;

use crate::estimation::Estimation;
use crate::ours::{Ours, single, tier};
use crate::quantity::OfTest;

/// A test of a model.
#[derive(Debug)]
pub(crate) struct Tested {
    pub(crate) test: TestSpec,
    /// Its model, the choices of its table, and those of random effects if it has any.
    pub(crate) estimation: Estimation,
}

/// Our numbers for a row of tests, by the head of the column, and what was done.
pub(crate) fn compute(
    loaded: &Loaded,
    tested: &Tested,
    missing: &BTreeMap<String, String>,
) -> Result<(BTreeMap<&'static str, Ours>, Vec<String>), String> {
    let Tested { test, estimation } = tested;
    let all = |ours: Ours| OfTest::ALL.iter().map(|(_, head)| (*head, ours.clone())).collect();
    let columns = estimation.columns();
    if let Some((name, why)) = columns.iter().find_map(|name| Some((name, missing.get(*name)?))) {
        return Ok((all(Ours::None(format!("{name}: {why}"))), Vec::new()));
    }
    let outcome =
        Design::new(&loaded.panel, &estimation.model, estimation.spec.convention.singletons)
            .and_then(|design| {
                specification_test(&design, &estimation.spec, &estimation.random(), test)
            });
    match outcome {
        Err(estimate::Error::Panel(error)) => Err(error.to_string()),
        Err(error) => Ok((all(Ours::Failed(error.to_string())), Vec::new())),
        Ok(outcome) => {
            let tier = tier(loaded, estimation.columns());
            let number = |of: OfTest| Ours::Numbers(single(of.of(&outcome), tier));
            let numbers = OfTest::ALL.iter().map(|(of, head)| (*head, number(*of))).collect();
            let mut notes = vec![format!("{test} of {}; {outcome}", how(tested))];
            notes.extend(outcome.notes.iter().map(ToString::to_string));
            Ok((numbers, notes))
        }
    }
}

/// What a test rests on, as far as it moves a digit.
fn how(Tested { test, estimation }: &Tested) -> String {
    let Estimation { method, model, spec, .. } = estimation;
    match test {
        TestSpec::Hausman(_) | TestSpec::HausmanAuxiliary { .. } => {
            format!("{model}; {method}; as {}", spec.convention)
        }
        TestSpec::Wald(_) => format!("{model}; {} errors as {}", spec.vcov, spec.convention),
        _ => model.to_string(),
    }
}
