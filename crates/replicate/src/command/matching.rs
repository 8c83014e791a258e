//! `panelproof match`: matching on the propensity score, and a linear model on what is matched.

mod show;

use std::path::PathBuf;

use causal::matching::{
    Caliper, Estimand, Kernel, Matching, Method, Reuse, Score, Spec, Ties, balance, estimate,
};
use clap::Args;
use estimate::{Fit, Weights};
use panel::{Model, Panel, Term};

use super::tables::{Linear, check_save, clustering, read, regress, save, terms, usage};
use super::{Data, Document, Format};
use crate::Error;

/// Match treated and untreated rows on the propensity score, and average what they differ by.
#[derive(Debug, Args)]
#[command(name = "match", after_help = EXAMPLES)]
pub(crate) struct Match {
    #[command(flatten)]
    data: Data,
    /// The treatment, 0 or 1, and the covariates of its score: "treat ~ x1 + x2 + i.year".
    #[arg(long, value_name = "MODEL")]
    treatment: String,
    /// An outcome whose average effect is wanted; give the option again for more.
    #[arg(long, value_name = "TERM")]
    outcome: Vec<String>,
    /// The score: probit (psmatch2's), logit (`MatchIt`'s), "probit index", "logit index" (distances
    /// in the linear index), or "given COLUMN".
    #[arg(long, default_value = "probit")]
    score: String,
    /// Nearest neighbours of a row.
    #[arg(long, default_value_t = 1, value_name = "K")]
    neighbours: usize,
    /// Whether a row may be a match again: replacement (psmatch2's), "once largest" (`MatchIt`'s:
    /// the largest score chooses first), "once smallest", "once data" or "once random SEED".
    #[arg(long, default_value = "replacement")]
    reuse: String,
    /// Among equally near rows: first (in order of the data), places (`MatchIt`), average (all of
    /// them: teffects, psmatch2's ties) or "average within TOLERANCE" (R's Matching).
    #[arg(long, default_value = "first")]
    ties: String,
    /// The farthest that a neighbour may be: "0.05" in units of the distance, "0.2 sd" or
    /// "0.2 pooled-sd" in its standard deviations.
    #[arg(long, value_name = "WIDTH")]
    caliper: Option<String>,
    /// Match with all rows within this caliper instead.
    #[arg(long, value_name = "WIDTH", conflicts_with_all = NEAREST)]
    radius: Option<String>,
    /// Weight all rows by a kernel instead: epanechnikov (or epan), gaussian, biweight, uniform or
    /// tricube.
    #[arg(long, conflicts_with_all = NEAREST, conflicts_with = "radius")]
    kernel: Option<String>,
    /// The bandwidth of the kernel.
    #[arg(long, default_value_t = 0.06, value_name = "H")]
    bandwidth: f64,
    /// Match only within levels of this column, such as the year; give it again for more.
    #[arg(long, value_name = "COLUMN")]
    within: Vec<String>,
    /// Common support: none, minmax (psmatch2's common), both (`MatchIt`'s discard = "both") or
    /// "trim PERCENT".
    #[arg(long, default_value = "none")]
    support: String,
    /// Whose effect: ATT, ATU or ATE (which prints all three).
    #[arg(long, default_value = "ATT")]
    estimand: String,
    /// Standard errors: naive (psmatch2's), those of Abadie and Imbens (2006), "ai K sample"
    /// (psmatch2's ai(K)) or "ai K population", or "teffects 2", which allow for the score being
    /// estimated (Abadie and Imbens 2016; `teffects psmatch` with its default nn(2)).
    #[arg(long, default_value = "naive")]
    errors: String,
    /// Write the matched sample, all columns with `_weight` and `_score`, to this file: .csv,
    /// .parquet, .dta or .xlsx.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Then estimate this linear model on the matched sample: "y ~ treat + x | id + year".
    #[arg(long, value_name = "MODEL")]
    then: Option<String>,
    /// The weights of --then: "aweight _weight", or none, as papers that only drop what is
    /// unmatched.
    #[arg(long, default_value = "aweight _weight", value_name = "WEIGHTS")]
    then_weights: String,
    #[command(flatten)]
    linear: Linear,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const NEAREST: [&str; 4] = ["neighbours", "reuse", "ties", "caliper"];

const EXAMPLES: &str = "Examples:
  panelproof match fixtures/reference/lalonde/data.csv --score logit --outcome re78 \\
    --treatment \"treat ~ age + educ + i.race + married + nodegree + re74 + re75\" \\
    --errors \"ai 1 sample\"
  panelproof match fixtures/reference/lalonde/data.csv --kernel epan --support minmax \\
    --treatment \"treat ~ age + educ + married + nodegree + re74 + re75\" --outcome re78
  panelproof match fixtures/reference/lalonde/data.csv --caliper \"0.2 sd\" --within race \\
    --treatment \"treat ~ age + educ + re74 + re75\" --reuse \"once largest\" \\
    --then \"re78 ~ treat + age + educ | race\" --vcov robust
  panelproof match fixtures/reference/cattaneo2/data.csv --score logit --ties average \\
    --treatment \"mbsmoke ~ mmarried + mage + mage^2 + fbaby + medu\" --outcome bweight \\
    --estimand ATE --errors \"teffects 2\"

The defaults are psmatch2's. MatchIt's are --score logit --reuse \"once largest\" --ties places,
those of teffects psmatch --score logit --ties average --estimand ATE --errors \"teffects 2\". No
other standard error allows for the score being estimated. Lags in --then reach matched rows only:
take them before, or save the sample and estimate on all rows with weights.";

/// What a command found.
struct Outcome {
    matching: Matching,
    balance: causal::matching::Balance,
    then: Option<(Model, Option<Weights>, Fit)>,
}

/// Matches and prints.
pub(crate) fn matching(arguments: &Match) -> Result<(String, u8), Error> {
    check_save(arguments.save.as_ref())?;
    let spec = spec(arguments)?;
    let then: Option<Model> = arguments.then.as_deref().map(str::parse).transpose()?;
    let weights: Option<Weights> = match arguments.then_weights.as_str() {
        "none" => None,
        weights => Some(weights.parse()?),
    };
    let estimation = arguments.linear.spec()?;

    let mut columns = spec.model.columns();
    columns.extend(spec.outcomes.iter().flat_map(Term::columns));
    columns.extend(spec.within.iter().map(String::as_str));
    if let Score::Given(term) = &spec.score {
        columns.extend(term.columns());
    }
    if let Some(model) = &then {
        columns.extend(model.columns());
        columns.extend(clustering(&estimation.vcov));
        columns.extend(weights.iter().flat_map(|weights| weights.term().columns()));
    }
    columns.retain(|name| !ADDED.contains(name));
    let (panel, account) = read(&arguments.data, columns, arguments.save.is_some())?;

    let found = estimate(&panel, &spec)?;
    let balance = balance(&panel, &spec.model.terms, &found)?;
    let sample: Option<Panel> =
        if then.is_some() || arguments.save.is_some() { Some(found.sample(&panel)?) } else { None };
    let mut saved = None;
    if let (Some(sample), Some(path)) = (&sample, &arguments.save) {
        saved = Some(save(sample, path)?);
    }
    let then = match (sample, then) {
        (Some(sample), Some(model)) => {
            let fit = regress(&sample, &model, &estimation, weights.as_ref())?;
            Some((model, weights, fit))
        }
        _ => None,
    };
    let outcome = Outcome { matching: found, balance, then };
    let document = Document {
        tables: show::tables(&outcome, saved, &account),
        json: show::json(&outcome, &account),
    };
    Ok((document.print(arguments.format), 0))
}

/// Columns of a matched sample that no file has.
const ADDED: [&str; 2] = ["_weight", "_score"];

fn spec(arguments: &Match) -> Result<Spec, Error> {
    let method = match (&arguments.radius, &arguments.kernel) {
        (Some(radius), _) => Method::Radius { caliper: radius.parse::<Caliper>()? },
        (None, Some(kernel)) => {
            Method::Kernel { kernel: kernel.parse::<Kernel>()?, bandwidth: arguments.bandwidth }
        }
        (None, None) => Method::Nearest {
            k: arguments.neighbours,
            reuse: arguments.reuse.parse::<Reuse>()?,
            ties: arguments.ties.parse::<Ties>()?,
            caliper: arguments.caliper.as_deref().map(str::parse).transpose()?,
        },
    };
    let model: Model = arguments.treatment.parse()?;
    if !model.absorb.is_empty() || model.instruments.is_some() {
        return usage("--treatment: a score has no absorbed effects; write them as `i.year`");
    }
    Ok(Spec {
        model,
        outcomes: terms(&arguments.outcome)?,
        score: arguments.score.parse()?,
        method,
        within: arguments.within.clone(),
        support: arguments.support.parse()?,
        estimand: arguments.estimand.parse::<Estimand>()?,
        errors: arguments.errors.parse()?,
    })
}
