//! `panelproof threshold`: slopes that switch where a variable crosses an estimated value.

mod show;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use causal::threshold::{Bootstrap, DrawTrim, Outcome, Spec, Trim, estimate as run};
use clap::{Args, ValueEnum};
use panel::Model;

use super::tables::{Linear, clustering, terms};
use super::{Data, Document, Format, progress};
use crate::Error;

/// Panel thresholds (Hansen 1999): slopes that switch where a variable crosses an estimated value.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ThresholdArguments {
    #[command(flatten)]
    data: Data,
    /// The linear model with all its regressors; it absorbs the entity, alone or with one more
    /// factor: "y ~ x + controls | id".
    #[arg(long)]
    model: String,
    /// A regressor whose slope switches; give the option again for more.
    #[arg(long, required = true, value_name = "TERM")]
    switching: Vec<String>,
    /// The threshold variable.
    #[arg(long, value_name = "TERM")]
    variable: String,
    /// How many thresholds.
    #[arg(long, default_value_t = 1)]
    thresholds: usize,
    /// Start from the choices of Hansen's programs or of xthreg; options below still overrule.
    #[arg(long = "as", value_enum, value_name = "PROGRAM")]
    preset: Option<Preset>,
    /// The lower regime: le (q ≤ γ; the default) or lt (q < γ).
    #[arg(long)]
    inequality: Option<String>,
    /// Least squares on all rows (the default: the within estimator) or drop-last.
    #[arg(long)]
    rows: Option<String>,
    /// Values that a threshold may take: all (the default), "quantiles N" or "even N".
    #[arg(long)]
    grid: Option<String>,
    /// The share that every regime has at least; one for each threshold with commas. 0.01 if not
    /// given.
    #[arg(long, value_delimiter = ',', value_name = "SHARE")]
    trim: Vec<f64>,
    /// What the share is of: observations (the default), range, distinct or steps.
    #[arg(long)]
    trim_of: Option<String>,
    /// Rows that a regime has whatever the share.
    #[arg(long, default_value_t = 1)]
    min_rows: usize,
    /// How several thresholds are searched for: "sequential ROUNDS" of refinement, or joint.
    #[arg(long, default_value = "sequential 1")]
    search: String,
    /// What F is scaled by: hansen (NT − n; the default), xthreg (NT − T), rows (NT) or residual.
    #[arg(long)]
    f_scale: Option<String>,
    /// What the likelihood ratios of the confidence sets are scaled by; as F if not given.
    #[arg(long)]
    lr_scale: Option<String>,
    /// The level of the confidence sets.
    #[arg(long, default_value_t = 0.95)]
    level: f64,
    /// Draws of the bootstrap of each F; 0 for none.
    #[arg(long, default_value_t = 300, value_name = "DRAWS")]
    bootstrap: usize,
    /// The seed of the bootstrap.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What is drawn: entities (the default), entity-signs or rows.
    #[arg(long)]
    resample: Option<String>,
    /// Whose residuals are drawn: null (the default) or alternative.
    #[arg(long)]
    residuals: Option<String>,
    /// Thresholds of the null model in a draw: search (for them again; the default) or hold.
    #[arg(long)]
    null: Option<String>,
    /// Trimming of the thresholds searched for in a draw: own (the default) or tested.
    #[arg(long)]
    draw_trim: Option<String>,
    #[command(flatten)]
    linear: Linear,
    /// Write γ and LR(γ) of every threshold to this .csv file: what papers plot.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Whose choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// lt, drop-last, quantiles 400, steps, hansen, entities, null, search, tested.
    Hansen,
    /// le, all, even 300, range, xthreg (LR: residual), rows, null, hold, own: as its port pyxthreg.
    Xthreg,
}

const EXAMPLES: &str = "Examples:
  panelproof threshold fixtures/reference/hansen1999/data.csv --entity id --period year \\
    --model \"i ~ q1 + q2 + q3 + d1 + qd1 + c1 | id\" --switching c1 --variable d1 \\
    --grid \"quantiles 100\" --bootstrap 20
  panelproof threshold fixtures/reference/hansen1999/data.csv --entity id --period year \\
    --model \"i ~ q1 + q2 + q3 + d1 + qd1 + c1 | id\" --switching c1 --variable d1 \\
    --as hansen --thresholds 2 --bootstrap 0 --vcov robust

Standard errors of the slopes take the thresholds as known.";

/// Estimates and prints.
pub(crate) fn threshold(arguments: &ThresholdArguments) -> Result<(String, u8), Error> {
    let spec = spec(arguments)?;
    if let Some(path) = &arguments.plot
        && path.extension().is_none_or(|ending| ending != "csv")
    {
        let what = format!("--plot `{}`: name a file that ends in .csv", path.display());
        return Err(Error::Usage { what });
    }
    let mut columns = spec.model.columns();
    columns.extend(spec.variable.columns());
    columns.extend(clustering(&spec.slopes.vcov));
    let (panel, account) = arguments.data.open(columns)?;
    let outcome = match &spec.bootstrap {
        Some(bootstrap) => {
            let draws = bootstrap.replications * spec.thresholds;
            progress::bar("bootstrap", draws, |tick| run(&panel, &spec, tick))
        }
        None => run(&panel, &spec, &|_| ()),
    }?;
    if let Some(path) = &arguments.plot {
        write_plot(&outcome, path)?;
    }
    let document = Document {
        tables: vec![
            show::tests(&outcome, &spec),
            show::thresholds(&outcome, &spec),
            show::slopes(&outcome, &spec, &account, arguments.plot.as_deref()),
        ],
        json: show::as_json(&outcome, &spec, &account),
    };
    Ok((document.print(arguments.format), 0))
}

/// What the option says, else what the program does, else the default: by hansen, xthreg, none.
fn choose<T>(
    said: Option<&String>,
    preset: Option<Preset>,
    [hansen, xthreg, default]: [&str; 3],
) -> Result<T, causal::Error>
where
    T: FromStr,
    causal::Error: From<T::Err>,
{
    said.map_or(
        match preset {
            Some(Preset::Hansen) => hansen,
            Some(Preset::Xthreg) => xthreg,
            None => default,
        },
        String::as_str,
    )
    .parse()
    .map_err(causal::Error::from)
}

fn spec(a: &ThresholdArguments) -> Result<Spec, Error> {
    let model: Model = a.model.parse()?;
    let preset = a.preset;
    let f_scale = choose(a.f_scale.as_ref(), preset, ["hansen", "xthreg", "hansen"])?;
    let scaled = a.lr_scale.as_ref().or(a.f_scale.as_ref());
    let draw_trim: DrawTrim = choose(a.draw_trim.as_ref(), preset, ["tested", "own", "own"])?;
    let bootstrap = Bootstrap {
        resample: choose(a.resample.as_ref(), preset, ["entities", "rows", "entities"])?,
        residuals: choose(a.residuals.as_ref(), preset, ["null", "null", "null"])?,
        null: choose(a.null.as_ref(), preset, ["search", "hold", "search"])?,
        trim: draw_trim,
        replications: a.bootstrap,
        seed: a.seed,
    };
    Ok(Spec {
        model,
        switching: terms(&a.switching)?,
        variable: a.variable.parse()?,
        thresholds: a.thresholds,
        inequality: choose(a.inequality.as_ref(), preset, ["lt", "le", "le"])?,
        rows: choose(a.rows.as_ref(), preset, ["drop-last", "all", "all"])?,
        grid: choose(a.grid.as_ref(), preset, ["quantiles 400", "even 300", "all"])?,
        trim: Trim {
            shares: if a.trim.is_empty() { vec![0.01] } else { a.trim.clone() },
            of: choose(a.trim_of.as_ref(), preset, ["steps", "range", "observations"])?,
            min_rows: a.min_rows,
        },
        search: a.search.parse()?,
        f_scale,
        lr_scale: choose(scaled, preset, ["hansen", "residual", "hansen"])?,
        level: a.level,
        bootstrap: (a.bootstrap > 0).then_some(bootstrap),
        slopes: a.linear.spec()?,
    })
}

/// γ, LR and the critical value for every threshold, whole or not at all.
fn write_plot(outcome: &Outcome, path: &Path) -> Result<(), Error> {
    let mut rows = vec!["threshold,gamma,lr,critical".to_owned()];
    for (i, threshold) in (1..).zip(outcome.thresholds()) {
        let set = &threshold.confidence;
        rows.extend(set.ratios.iter().map(|(at, lr)| format!("{i},{at},{lr},{}", set.critical)));
    }
    let text = rows.join("\n") + "\n";
    let mut beside = path.file_name().unwrap_or_default().to_owned();
    beside.push(".partial");
    let beside = path.with_file_name(beside);
    std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path)).map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        Error::Io { path: path.to_owned(), reason: error.to_string() }
    })
}
