//! `panelproof estimate`: one model on one file.

use clap::Args;
use estimate::{Constant, Convention, Singletons, Spec, Vcov, Weights};
use panel::Model;

use super::{Data, Document, Format, estimated};
use crate::Error;
use crate::estimation::Estimation;
use crate::method::{Given, Method};
use crate::ours::estimate as run;
use crate::plan::base;

/// Estimate one model on a data file: any linear panel estimator, probit or logit.
#[derive(Debug, Args)]
#[command(after_help = MANUAL)]
pub(crate) struct Estimate {
    #[command(flatten)]
    data: Data,
    /// The model, as in "y ~ x1 + x2 | id + year | p ~ z".
    #[arg(long)]
    model: String,
    /// The estimator; follows from the model if not given. See below.
    #[arg(long)]
    estimator: Option<String>,
    /// The covariance estimator, as "HC1" or "cluster firm + year". See below.
    #[arg(long, default_value = "iid")]
    vcov: String,
    /// Whose small-sample convention: stata-xtreg, areg, reghdfe, fixest, plm, plm-sss or
    /// linearmodels. fixest if not given; stata-xtreg for random effects, which fixest has none of.
    #[arg(long, value_name = "PROGRAM")]
    like: Option<String>,
    /// Weights of rows: "aweight COLUMN" (inverse to the error's variance) or "fweight COLUMN"
    /// (equal observations).
    #[arg(long)]
    weights: Option<String>,
    /// Report a constant beside absorbed effects: none, mean (effects average zero), or first,
    /// last or a level (indicators without it, as in `xtreg y x i.year, fe`).
    #[arg(long, default_value = "none")]
    constant: String,
    /// keep or drop levels of an absorbed factor that are observed once; the convention's if not
    /// given.
    #[arg(long)]
    singletons: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    choices: Choices,
}

/// What only some estimators let choose.
#[derive(Debug, Args)]
#[command(next_help_heading = "Choices of some estimators")]
struct Choices {
    /// Random effects: estimator of the variance components, swar, swar-stata, swar-harmonic,
    /// walhus, amemiya or nerlove. swar-harmonic as stata-xtreg and linearmodels (`xtreg, re`),
    /// else swar.
    #[arg(long)]
    components: Option<String>,
    /// Random effects and between: individual, time or (random effects) twoways.
    #[arg(long)]
    effect: Option<String>,
    /// Random effects: a negative variance is set to zero, or is an error.
    #[arg(long, value_name = "zero|error")]
    negative: Option<String>,
    /// Between: a mean counts the same for all groups, or for its rows.
    #[arg(long, value_name = "groups|rows")]
    between_weights: Option<String>,
    /// First differences: over adjacent calendar periods alone, over adjacent periods among those
    /// that occur, or over adjacent rows.
    #[arg(long, value_name = "calendar|periods|rows")]
    gaps: Option<String>,
    /// Probit and logit: whose curvature, observed (Stata, statsmodels) or expected (R's glm).
    #[arg(long)]
    information: Option<String>,
    /// Probit and logit: factor of robust errors, stata, sandwich, statsmodels or none.
    #[arg(long)]
    small_sample: Option<String>,
    /// Probit and logit: also print marginal effects, averaged over rows or at the means.
    #[arg(long, value_name = "average|means")]
    margins: Option<String>,
    /// Marginal effects of regressors that are 0 or 1: as if continuous, or the step.
    #[arg(long, value_name = "derivative|difference")]
    zero_one: Option<String>,
}

const MANUAL: &str = "\
Estimators:
  pooled                      least squares; the default without effects and instruments
  fixed-effects               within; the default with absorbed effects
  two-stage                   instrumental variables; the default with instruments
  random-effects              generalised least squares, as `xtreg, re` and plm's `random`
  correlated-random-effects   the same with the means of the regressors, and Mundlak's test
  between                     least squares on means, as `xtreg, be`
  first-difference            least squares on differences
  probit, logit               maximum likelihood

Covariances:
  iid  HC0  HC1 (robust)  HC2  HC3  HC4
  \"cluster a\"  \"cluster a + b\"  \"CR2 a\"  \"CR3 a\"
  \"driscoll-kraay 2\"  \"newey-west 2\" (lags; the convention's without a number)
  pcse  \"pcse pairwise\"

Models:
  y ~ x1 + L.x2 + log(x3) + x1:x2 | fe1 + fe2    terms left of the bar, absorbed effects right
  y ~ x | fe | p1 + p2 ~ z1 + z2 + z3            endogenous regressors and their instruments
  y ~ x | p ~ z                                  the same without absorbed effects
  y ~ x | a^b + id[z]                            effects of pairs, a slope of z by level of id
  L.x F.x x^2 log(x) log1p(x) x:z i.region ib3.region i.region:x `a name with spaces`

Examples:
  panelproof estimate fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm + year\" --vcov \"cluster firm\" --like reghdfe
  panelproof estimate fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital\" --estimator random-effects --components swar --like plm
  panelproof estimate fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm\" --vcov \"driscoll-kraay 2\" --format json
  panelproof estimate fixtures/reference/mroz/data.csv --vcov HC1 \\
    --model \"lwage ~ exper + exper^2 | educ ~ motheduc + fatheduc\"
  panelproof estimate fixtures/reference/mroz/data.csv --estimator probit \\
    --model \"lfp ~ educ + age + kids5\" --margins average";

impl Choices {
    fn given(&self) -> Given<'_> {
        let all = [
            ("components", &self.components),
            ("effect", &self.effect),
            ("negative", &self.negative),
            ("between-weights", &self.between_weights),
            ("gaps", &self.gaps),
            ("information", &self.information),
            ("small-sample", &self.small_sample),
            ("margins", &self.margins),
            ("zero-one", &self.zero_one),
        ];
        let choices = all.into_iter().filter_map(|(key, text)| Some((key, text.as_deref()?)));
        Given { choices: choices.collect(), complete: false }
    }
}

/// Estimates and prints.
pub(crate) fn estimate(arguments: &Estimate) -> Result<(String, u8), Error> {
    let estimation = estimation(arguments)?;
    let (panel, account) = arguments.data.open(estimation.columns())?;
    let estimated = run(&panel, &estimation, None)?;
    let document = Document {
        tables: estimated::tables(&estimated, &estimation, &account),
        json: estimated::json(&estimated, &estimation, &account),
    };
    Ok((document.print(arguments.format), 0))
}

/// From a command line to an estimation.
fn estimation(arguments: &Estimate) -> Result<Estimation, Error> {
    let usage = |what: String| Error::Usage { what };
    let model: Model = arguments.model.parse()?;
    let vcov: Vcov = arguments.vcov.parse()?;
    let weights: Option<Weights> = arguments.weights.as_deref().map(str::parse).transpose()?;
    let name = match &arguments.estimator {
        Some(name) => name.as_str(),
        None if model.instruments.is_some() => "two-stage",
        None if model.absorb.is_empty() => "pooled",
        None => "fixed-effects",
    };
    let mut convention: Convention = match (&arguments.like, name) {
        (Some(_), "probit" | "logit") => {
            let what = format!("--like is for least squares: say --small-sample of a {name}");
            return Err(usage(what));
        }
        (Some(like), _) => like.parse()?,
        (None, "random-effects" | "correlated-random-effects") => Convention::STATA_XTREG,
        (None, _) => Convention::FIXEST,
    };
    match arguments.singletons.as_deref() {
        None => {}
        Some("keep") => convention.singletons = Singletons::Keep,
        Some("drop") => convention.singletons = Singletons::Drop,
        Some(other) => return Err(usage(format!("--singletons is keep or drop, not `{other}`"))),
    }
    let method = Method::new(name, &convention, &arguments.choices.given())
        .map_err(|wrong| usage(wrong.what))?;
    let constant = match arguments.constant.as_str() {
        "none" => Constant::Omit,
        "mean" => Constant::Mean,
        level => Constant::Omitting(base(level)),
    };
    let spec = Spec { vcov, convention, constant };
    let rows = std::collections::BTreeMap::new();
    Ok(Estimation { method, model, spec, weights, filters: Vec::new(), rows })
}
