//! The effects of a mediation: total, direct and indirect.

use causal::mediation::{Mediation as Outcome, MediationSpec, Resampling, Steps, mediation};
use ingest::Loaded;

use crate::Error;
use crate::resolve::At;
use crate::study::{Mediation, MediationDraws};

/// The choices of a mediation, parsed.
pub(crate) fn spec(at: &At<'_>, written: &Mediation) -> Result<MediationSpec, Error> {
    let terms = written.mediators.iter().map(|term| at.parse(term)).collect::<Result<_, _>>()?;
    let resampling = |draws: &MediationDraws| Resampling {
        replications: draws.replications,
        seed: draws.seed,
        by: draws.by.clone(),
    };
    Ok(MediationSpec {
        model: at.parse(&written.model)?,
        treatment: at.parse(&written.treatment)?,
        mediators: terms,
        steps: Steps::Three,
        variance: at.parse(&written.variance)?,
        estimation: estimate::Spec {
            vcov: at.parse(&written.vcov)?,
            convention: at.parse(&written.like)?,
            constant: estimate::Constant::Mean,
        },
        bootstrap: written.bootstrap.as_ref().map(resampling),
    })
}

/// The columns that it reads.
pub(crate) fn columns(spec: &MediationSpec) -> Vec<&str> {
    let mut columns = spec.model.columns();
    columns.extend(spec.mediators.iter().flat_map(panel::Term::columns));
    columns.extend(crate::command::options::columns(&spec.estimation.vcov));
    columns.extend(spec.bootstrap.iter().filter_map(|draws| draws.by.as_deref()));
    columns
}

/// The mediation on the loaded panel.
pub(crate) fn run(loaded: &Loaded, spec: &MediationSpec) -> Result<Outcome, String> {
    mediation(&loaded.panel, spec, &|_| ()).map_err(|error| error.to_string())
}

/// What was done, in lines under a table.
pub(crate) fn how(spec: &MediationSpec, outcome: &Outcome) -> Vec<String> {
    let mediators: Vec<String> = spec.mediators.iter().map(ToString::to_string).collect();
    let mut lines = vec![format!(
        "{}; {} through {}; three equations on the {} rows that all can use; {} errors as {}; the \
         indirect effect is the product of coefficients, its variance {}, its p normal",
        spec.model,
        spec.treatment,
        mediators.join(", "),
        outcome.total.correction().n,
        spec.estimation.vcov,
        spec.estimation.convention,
        spec.variance,
    )];
    lines.extend(outcome.share.map(|share| {
        format!("share of the total effect that is indirect: {}", report::format::general(share, 4))
    }));
    if let (Some(draws), Some((kept, made))) = (&spec.bootstrap, outcome.draws) {
        let of = draws.by.as_ref().map_or("rows".to_owned(), |by| format!("groups of {by}"));
        lines.push(format!(
            "bootstrap: {made} draws of {of}, seed {}, {kept} of them estimable; percentile interval",
            draws.seed
        ));
    }
    lines
}
