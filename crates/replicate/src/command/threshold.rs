//! `panelproof threshold`: slopes that switch where a variable crosses an estimated value.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use causal::threshold::{
    Bootstrap, DrawTrim, Outcome, Spec, Test, Threshold, Trim, estimate as run,
};
use clap::{Args, ValueEnum};
use ingest::Account;
use panel::{Model, Term};
use report::{Table, format, head, number, row, table, words};
use serde_json::{Value, json};

use super::tables::{
    Linear, clustering, fit_json, fit_table, lines, noted, seven, some, terms, texts,
};
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
            tests(&outcome, &spec),
            thresholds(&outcome, &spec),
            slopes(&outcome, &spec, &account, arguments.plot.as_deref()),
        ],
        json: as_json(&outcome, &spec, &account),
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
    T: FromStr<Err = causal::Error>,
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

fn tests(outcome: &Outcome, spec: &Spec) -> Table {
    let heads = ["thresholds", "SSR", "F", "p", "crit. 10 %", "5 %", "1 %", "SSR refined"];
    let two = |x: f64| format::fixed(x, 2);
    let cells = |(i, test): (usize, &Test)| {
        let drawn = test.simulated.as_ref();
        let critical = |at: usize| some(drawn.map(|drawn| drawn.critical[at]), two);
        let cells = [
            number(seven(test.ssr)),
            number(two(test.f)),
            some(drawn.map(|drawn| drawn.p_value), |p| format::fixed(p, 4)),
            critical(0),
            critical(1),
            critical(2),
            number(seven(test.ssr_refined)),
        ];
        row(format!("{i} against {}", i + 1), cells)
    };
    let (scale, value) = outcome.f_scale();
    let shown = table(format!("Tests of thresholds in {}", spec.variable))
        .heads(heads.map(head))
        .rows(outcome.tests().iter().enumerate().map(cells))
        .note(format!("F = (SSR₀/SSR₁ − 1) · {} (scale {scale})", format::general(value, 7)));
    shown.note(match &spec.bootstrap {
        Some(b) => format!(
            "bootstrap: {} draws of {}, seed {}; residuals of the {} model, its thresholds: {}, \
             trimming in draws: {}; p is the share of draws above F",
            b.replications, b.resample, b.seed, b.residuals, b.null, b.trim
        ),
        None => "no bootstrap: F has no tabulated distribution".to_owned(),
    })
}

fn intervals(threshold: &Threshold) -> String {
    let one = |run: &[f64; 2]| match run {
        [low, high] if low.total_cmp(high).is_eq() => format!("{{{}}}", seven(*low)),
        [low, high] => format!("[{}, {}]", seven(*low), seven(*high)),
    };
    threshold.confidence.intervals.iter().map(one).collect::<Vec<_>>().join(" ∪ ")
}

fn thresholds(outcome: &Outcome, spec: &Spec) -> Table {
    let level = format::general(100.0 * spec.level, 4);
    let rows = (1..).zip(outcome.thresholds()).map(|(i, threshold)| {
        let [low, high] = threshold.confidence.hull();
        let pieces = threshold.confidence.intervals.len();
        let set = if pieces > 1 { intervals(threshold) } else { String::new() };
        let estimate = number(seven(threshold.estimate));
        row(format!("γ{i}"), [estimate, number(seven(low)), number(seven(high)), words(set)])
    });
    let critical = outcome.thresholds().first().map_or(f64::NAN, |t| t.confidence.critical);
    let (scale, value) = outcome.lr_scale();
    let trim: Vec<String> = spec.trim.shares.iter().map(ToString::to_string).collect();
    let shown = table(format!("Thresholds in {}", spec.variable))
        .heads(
            ["", "estimate", &format!("{level} % from"), "to", "where not one interval"].map(head),
        )
        .rows(rows)
        .note(format!(
            "confidence set: LR(γ) ≤ {}; LR scaled by {} ({scale})",
            format::general(critical, 5),
            format::general(value, 7)
        ))
        .note(format!(
            "{}, rows {}, grid {} ({} candidates), trim {} of {}, at least {} rows, search {}",
            spec.inequality,
            spec.rows,
            spec.grid,
            outcome.n_candidates(),
            trim.join(", "),
            spec.trim.of,
            spec.trim.min_rows,
            spec.search,
        ));
    noted(shown, texts(outcome.notes()))
}

fn slopes(outcome: &Outcome, spec: &Spec, account: &Account, plot: Option<&Path>) -> Table {
    let mut shown = fit_table(format!("Slopes: {}", spec.model), outcome.fit());
    let q = spec.variable.to_string();
    let (lower, upper) = match spec.inequality {
        causal::threshold::Inequality::AtMost => ("<", "≤"),
        causal::threshold::Inequality::Below => ("≤", "<"),
    };
    for (i, regime) in (1..).zip(outcome.regimes()) {
        let from = regime.lower.map_or(String::new(), |low| format!("{} {lower} ", seven(low)));
        let to = regime.upper.map_or(String::new(), |high| format!(" {upper} {}", seven(high)));
        let (rows, entities) = (regime.rows, regime.entities);
        shown = shown.note(format!("regime {i}: {from}{q}{to}: {rows} rows, {entities} entities"));
    }
    let plotted = plot.map(|path| format!("γ and LR(γ) written to {}", path.display()));
    noted(shown, plotted.into_iter().chain(lines(account)))
}

/// γ, LR and the critical value for every threshold, whole or not at all.
fn write_plot(outcome: &Outcome, path: &Path) -> Result<(), Error> {
    let mut text = String::from("threshold,gamma,lr,critical\n");
    for (i, threshold) in (1..).zip(outcome.thresholds()) {
        let critical = threshold.confidence.critical;
        for (gamma, lr) in &threshold.confidence.ratios {
            text += &format!("{i},{gamma},{lr},{critical}\n");
        }
    }
    let mut beside = path.file_name().unwrap_or_default().to_owned();
    beside.push(".partial");
    let beside = path.with_file_name(beside);
    std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path)).map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        Error::Io { path: path.to_owned(), reason: error.to_string() }
    })
}

fn as_json(outcome: &Outcome, spec: &Spec, account: &Account) -> Value {
    let test = |test: &Test| {
        json!({
            "null": test.null, "alternative": test.alternative, "refined": test.refined,
            "ssr_null": test.ssr_null, "ssr": test.ssr, "ssr_refined": test.ssr_refined,
            "f": test.f, "f_refined": test.f_refined,
            "p_value": test.simulated.as_ref().map(|drawn| drawn.p_value),
            "critical": test.simulated.as_ref().map(|drawn| drawn.critical),
        })
    };
    let threshold = |threshold: &Threshold| {
        json!({
            "estimate": threshold.estimate, "level": threshold.confidence.level,
            "critical": threshold.confidence.critical, "hull": threshold.confidence.hull(),
            "intervals": threshold.confidence.intervals,
        })
    };
    let regimes: Vec<Value> = (outcome.regimes().iter())
        .map(|r| json!({ "lower": r.lower, "upper": r.upper, "rows": r.rows, "entities": r.entities }))
        .collect();
    let switching: Vec<String> = spec.switching.iter().map(Term::to_string).collect();
    json!({
        "model": spec.model.to_string(),
        "switching": switching,
        "variable": spec.variable.to_string(),
        "spec": {
            "inequality": spec.inequality.to_string(), "rows": spec.rows.to_string(),
            "grid": spec.grid.to_string(), "candidates": outcome.n_candidates(),
            "trim": spec.trim.shares, "trim_of": spec.trim.of.to_string(),
            "min_rows": spec.trim.min_rows, "search": spec.search.to_string(),
            "f_scale": [json!(spec.f_scale.to_string()), json!(outcome.f_scale().1)],
            "lr_scale": [json!(spec.lr_scale.to_string()), json!(outcome.lr_scale().1)],
            "bootstrap": spec.bootstrap.as_ref().map(|b| json!({
                "replications": b.replications, "seed": b.seed,
                "resample": b.resample.to_string(), "residuals": b.residuals.to_string(),
                "null": b.null.to_string(), "trim": b.trim.to_string(),
            })),
        },
        "tests": outcome.tests().iter().map(test).collect::<Vec<_>>(),
        "thresholds": outcome.thresholds().iter().map(threshold).collect::<Vec<_>>(),
        "regimes": regimes,
        "fit": fit_json(outcome.fit()),
        "notes": texts(outcome.notes()),
        "account": lines(account),
    })
}
