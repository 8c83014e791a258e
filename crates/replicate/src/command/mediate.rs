//! `panelproof mediate`: how much of an effect goes through a third variable.

use causal::mediation::{Effect, Mediation, MediationSpec, Product, Resampling, Steps, mediation};
use clap::Args;
use estimate::Fit;
use ingest::Account;
use panel::{Model, Term};
use report::{Table, format, head, number, row, spanning, table};
use serde_json::{Value, json};

use super::tables::{
    Linear, clustering, drawn_p, fit_json, lines, noted, seven, side_by_side, some, terms,
};
use super::{Data, Document, Format, progress};
use crate::Error;

/// How much of an effect goes through a third variable: total, direct and indirect effects.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Mediate {
    #[command(flatten)]
    data: Data,
    /// The equation of the total effect, without the mediator: "y ~ d + controls | id + year".
    #[arg(long)]
    model: String,
    /// The treatment, a regressor of the model.
    #[arg(long, value_name = "TERM")]
    treatment: String,
    /// A mediator; give the option again for several side by side.
    #[arg(long, required = true, value_name = "TERM")]
    mediator: Vec<String>,
    /// 3: total effect, mediator, outcome with the mediator (Baron and Kenny). 2: without the last,
    /// which is left to theory.
    #[arg(long, default_value = "3")]
    steps: String,
    /// The variance of the product of two coefficients: sobel, aroian or goodman.
    #[arg(long, default_value = "sobel")]
    variance: String,
    #[command(flatten)]
    linear: Linear,
    /// Bootstrap the effects with so many draws: percentile and bias-corrected intervals.
    #[arg(long, value_name = "DRAWS")]
    bootstrap: Option<usize>,
    /// The seed of the bootstrap.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The bootstrap draws the groups of this column with all their rows; else it draws rows.
    #[arg(long, value_name = "COLUMN", requires = "bootstrap")]
    by: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  panelproof mediate fixtures/reference/mediation_jobs/data.csv --treatment treat \\
    --mediator job_seek --model \"depress2 ~ treat + depress1 + econ_hard + sex + age\" \\
    --bootstrap 200
  panelproof mediate fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value | firm + year\" --treatment value --mediator capital \\
    --vcov \"cluster firm\" --like reghdfe --bootstrap 200 --seed 7 --by firm

All equations are estimated on the rows where every one of them can be, so that total = direct +
indirect up to rounding; the gap is printed.";

/// Estimates and prints.
pub(crate) fn mediate(arguments: &Mediate) -> Result<(String, u8), Error> {
    let spec = spec(arguments)?;
    let mut columns = spec.model.columns();
    columns.extend(spec.mediators.iter().flat_map(Term::columns));
    columns.extend(clustering(&spec.estimation.vcov));
    columns.extend(arguments.by.as_deref());
    let (panel, account) = arguments.data.open(columns)?;
    let draws = arguments.bootstrap.unwrap_or(0);
    let outcome = if draws > 0 {
        progress::bar("bootstrap", draws, |tick| mediation(&panel, &spec, tick))
    } else {
        mediation(&panel, &spec, &|_| ())
    }?;
    let document = Document {
        tables: vec![equations(&outcome, &spec), effects(&outcome, &spec, &account)],
        json: as_json(&outcome, &spec, &account),
    };
    Ok((document.print(arguments.format), 0))
}

fn spec(arguments: &Mediate) -> Result<MediationSpec, Error> {
    let model: Model = arguments.model.parse()?;
    let variance: Product = arguments.variance.parse()?;
    let steps: Steps = arguments.steps.parse()?;
    let bootstrap = match arguments.bootstrap {
        None | Some(0) => None,
        Some(replications) => {
            Some(Resampling { replications, seed: arguments.seed, by: arguments.by.clone() })
        }
    };
    Ok(MediationSpec {
        model,
        treatment: arguments.treatment.parse()?,
        mediators: terms(&arguments.mediator)?,
        steps,
        variance,
        estimation: arguments.linear.spec()?,
        bootstrap,
    })
}

/// The equations in the order of papers.
fn models(outcome: &Mediation) -> Vec<(String, &Fit)> {
    let all = std::iter::once(&outcome.total).chain(&outcome.mediators).chain(&outcome.outcome);
    (1..).zip(all).map(|(i, fit)| (format!("({i}) {}", fit.response()), fit)).collect()
}

fn equations(outcome: &Mediation, spec: &MediationSpec) -> Table {
    let first: Vec<&Term> = match spec.steps {
        Steps::Two => vec![&spec.treatment],
        Steps::Three => std::iter::once(&spec.treatment).chain(&spec.mediators).collect(),
    };
    side_by_side(format!("Mediation: {}", spec.model), &models(outcome), &first)
}

fn effects(outcome: &Mediation, spec: &MediationSpec, account: &Account) -> Table {
    let drawn = spec.bootstrap.is_some();
    let mut heads = ["", "estimate", "std. error", "z or t", "p"].map(head).to_vec();
    let mut over = vec![spanning("", 5)];
    if drawn {
        heads.extend(["std. error", "95 % from", "to", "corrected from", "to", "p"].map(head));
        over.push(spanning("bootstrap", 6));
    }
    let kept = outcome.draws.map_or(1.0, |(kept, _)| kept as f64);
    let cells = |effect: &Effect| {
        let mut cells = vec![
            number(seven(effect.estimate)),
            some(effect.std_error, seven),
            some(effect.statistic, |x| format::fixed(x, 2)),
            some(effect.p_value, |x| format::p_value(x, 4)),
        ];
        if let Some(interval) = &effect.bootstrap {
            let corrected = interval.bias_corrected;
            let six = |x: f64| format::general(x, 5);
            cells.extend([
                number(six(interval.std_error)),
                number(six(interval.percentile.0)),
                number(six(interval.percentile.1)),
                some(corrected.map(|(low, _)| low), six),
                some(corrected.map(|(_, high)| high), six),
                number(drawn_p(interval.p_value, 2.0 / kept)),
            ]);
        }
        cells
    };
    let title = format!("Effects of {} on {}", spec.treatment, spec.model.response);
    let empty = if drawn { table(title).heads(over) } else { table(title) };
    let mut shown = empty
        .heads(heads)
        .rows(outcome.effects.iter().map(|effect| row(effect.name.clone(), cells(effect))));
    if let (Some(share), Some(gap)) = (outcome.share, outcome.gap) {
        shown = shown.note(format!(
            "share of the total effect that is indirect: {}   total − (direct + indirect) = {}",
            format::general(share, 6),
            format::general(gap, 3)
        ));
    }
    noted(shown, choices(outcome, spec).into_iter().chain(lines(account)))
}

fn choices(outcome: &Mediation, spec: &MediationSpec) -> Vec<String> {
    let mut notes = Vec::new();
    if spec.steps == Steps::Three {
        let variance = spec.variance;
        notes.push(format!("indirect: product of coefficients, variance {variance}, p normal"));
    } else {
        notes.push("2 steps: no direct and indirect effects".to_owned());
    }
    if let (Some(resampling), Some((kept, made))) = (&spec.bootstrap, outcome.draws) {
        let of = resampling.by.as_ref().map_or("rows".to_owned(), |by| format!("groups of {by}"));
        let seed = resampling.seed;
        let lost = if kept < made { format!(", {kept} of them estimable") } else { String::new() };
        notes.push(format!("bootstrap: {made} draws of {of}, seed {seed}{lost}; intervals: percentiles, and bias-corrected"));
    }
    notes
}

fn as_json(outcome: &Mediation, spec: &MediationSpec, account: &Account) -> Value {
    let effect = |effect: &Effect| {
        json!({
            "name": effect.name, "estimate": effect.estimate, "std_error": effect.std_error,
            "statistic": effect.statistic, "p_value": effect.p_value,
            "bootstrap": effect.bootstrap.as_ref().map(|interval| json!({
                "std_error": interval.std_error, "percentile": interval.percentile,
                "bias_corrected": interval.bias_corrected, "p_value": interval.p_value,
            })),
        })
    };
    json!({
        "model": spec.model.to_string(),
        "treatment": spec.treatment.to_string(),
        "mediators": super::tables::texts(&spec.mediators),
        "steps": spec.steps.to_string(),
        "variance": spec.variance.to_string(),
        "equations": models(outcome).iter().map(|(_, fit)| fit_json(fit)).collect::<Vec<_>>(),
        "effects": outcome.effects.iter().map(effect).collect::<Vec<_>>(),
        "share": outcome.share,
        "gap": outcome.gap,
        "bootstrap": spec.bootstrap.as_ref().map(|resampling| json!({
            "replications": resampling.replications, "seed": resampling.seed,
            "by": resampling.by, "kept": outcome.draws.map(|draws| draws.0),
        })),
        "account": lines(account),
    })
}
