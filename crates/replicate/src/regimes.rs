//! Threshold regressions of a study: their choices, their tests as a table, their slopes as a fit.

use causal::threshold::{Bootstrap, Given, Outcome, Spec, Trim, estimate};
use ingest::Loaded;
use panel::{Model, Panel};

use crate::Error;
use crate::ours::{Estimated, Ours, by_regime, single, tier};
use crate::resolve::At;
use crate::study::{Threshold, ThresholdDraws};

/// The heads of a table of threshold tests, and what stands under each.
const HEADS: [(&str, Of); 9] = [
    ("F", Of::F),
    ("p", Of::P),
    ("10 %", Of::Critical(0)),
    ("5 %", Of::Critical(1)),
    ("1 %", Of::Critical(2)),
    ("10% critical value", Of::Critical(0)),
    ("5% critical value", Of::Critical(1)),
    ("1% critical value", Of::Critical(2)),
    ("threshold", Of::Threshold),
];

/// A number of a threshold test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// The threshold that the test adds.
    Threshold,
    F,
    /// The share of bootstrap draws above F.
    P,
    /// The 10, 5 or 1 % critical value.
    Critical(usize),
}

impl Of {
    /// What a column is headed by.
    pub(crate) fn headed(head: &str) -> Option<Self> {
        HEADS.iter().find(|(known, _)| *known == head).map(|(_, of)| *of)
    }

    /// All heads, for messages.
    pub(crate) fn heads() -> String {
        HEADS.map(|(head, _)| head).join("`, `")
    }

    /// This number of the `i`-th test.
    pub(crate) fn of(self, outcome: &Outcome, i: usize) -> Option<f64> {
        let test = outcome.tests().get(i)?;
        let drawn = test.simulated.as_ref();
        match self {
            Self::F => Some(test.f),
            Self::P => drawn.map(|drawn| drawn.p_value),
            Self::Critical(level) => drawn.map(|drawn| drawn.critical[level]),
            Self::Threshold => {
                (test.alternative.iter()).find(|gamma| !test.null.contains(gamma)).copied()
            }
        }
    }
}

/// The choices of a threshold regression, parsed.
pub(crate) fn spec(at: &At<'_>, written: &Threshold) -> Result<Spec, Error> {
    let bootstrap = written.bootstrap.as_ref().map(|draws| -> Result<Bootstrap, Error> {
        let ThresholdDraws { replications, seed, resample, residuals, null, trim } = draws;
        Ok(Bootstrap {
            resample: at.parse(resample)?,
            residuals: at.parse(residuals)?,
            null: at.parse(null)?,
            trim: at.parse(trim)?,
            replications: *replications,
            seed: *seed,
        })
    });
    Ok(Spec {
        model: at.parse::<Model>(&written.model)?,
        switching: written.switching.iter().map(|term| at.parse(term)).collect::<Result<_, _>>()?,
        variable: at.parse(&written.variable)?,
        thresholds: written.thresholds,
        inequality: at.parse(&written.inequality)?,
        rows: at.parse(&written.rows)?,
        grid: at.parse(&written.grid)?,
        trim: Trim {
            shares: written.trim.clone(),
            of: at.parse(&written.trim_of)?,
            min_rows: written.min_rows,
        },
        search: at.parse(&written.search)?,
        f_scale: at.parse(&written.f_scale)?,
        lr_scale: at.parse(&written.lr_scale)?,
        level: written.level,
        bootstrap: bootstrap.transpose()?,
        slopes: estimate::Spec {
            vcov: at.parse(&written.vcov)?,
            convention: at.parse(&written.like)?,
            constant: estimate::Constant::Mean,
        },
    })
}

/// Thresholds that are held while columns are solved for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Thresholds {
    /// In the order of the tests that add them.
    pub(crate) values: Vec<f64>,
    /// What `S₀/S₁ − 1` is multiplied by for F.
    pub(crate) scale: f64,
}

/// A threshold regression at thresholds that are held.
pub(crate) struct Held<'p> {
    pub(crate) at: Thresholds,
    /// Without thresholds, with the first, and so on.
    pub(crate) fits: Vec<Given<'p>>,
}

impl<'p> Held<'p> {
    pub(crate) fn new(panel: &'p Panel, spec: &Spec, at: &Thresholds) -> Result<Self, String> {
        let given = |k: usize| Given::new(panel, spec, &at.values[..k]);
        let fits: Result<_, _> = (0..=at.values.len()).map(given).collect();
        Ok(Self { at: at.clone(), fits: fits.map_err(|error| error.to_string())? })
    }

    /// F of the `i`-th test.
    pub(crate) fn f(&self, i: usize) -> Option<f64> {
        let (null, alternative) = (self.fits.get(i)?, self.fits.get(i + 1)?);
        Some(self.at.scale * (null.fit().sums().residual / alternative.fit().sums().residual - 1.0))
    }

    /// The slopes.
    pub(crate) fn estimated(&self) -> Estimated<'static> {
        let mut thresholds = self.at.values.clone();
        thresholds.sort_by(f64::total_cmp);
        by_regime(self.fits[self.at.values.len()].fit(), thresholds)
    }
}

/// The columns that it reads.
pub(crate) fn columns(spec: &Spec) -> Vec<&str> {
    let mut columns = spec.model.columns();
    columns.extend(spec.variable.columns());
    columns.extend(crate::command::options::columns(&spec.slopes.vcov));
    columns
}

/// The threshold regression on the loaded panel.
pub(crate) fn run(loaded: &Loaded, spec: &Spec) -> Result<Outcome, String> {
    estimate(&loaded.panel, spec, &|_| ()).map_err(|error| error.to_string())
}

/// Our number under a head, of the `i`-th test.
pub(crate) fn test(loaded: &Loaded, spec: &Spec, outcome: &Outcome, i: usize, of: Of) -> Ours {
    match of.of(outcome, i) {
        None => {
            Ours::None(format!("the threshold regression has no such number of test {}", i + 1))
        }
        Some(value) => Ours::Numbers(crate::ours::Numbers {
            // Stars of a threshold test stand at F and follow from the bootstrap.
            p_value: (of == Of::F).then(|| Of::P.of(outcome, i)).flatten(),
            ..single(value, tier(loaded, columns(spec)))
        }),
    }
}

/// A 95 % interval for a quantile of the distribution that draws come from: the order statistics at
/// `n p ± 1.96 √(n p (1 − p))`, none if there are too few draws for them.
fn quantile_interval(draws: &[f64], share: f64) -> Option<[f64; 2]> {
    let mut sorted = draws.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let half = 1.96 * (n * share * (1.0 - share)).sqrt();
    // Ranks count from one.
    let at = |rank: f64| {
        let mut ranked = (1..).map(f64::from).zip(&sorted);
        ranked.find(|(own, _)| *own >= rank).map(|(_, x)| *x)
    };
    let lowest = (n * share - half).floor();
    Some([at(lowest).filter(|_| lowest >= 1.0)?, at((n * share + half).ceil())?])
}

/// What was done, in lines under a table.
pub(crate) fn how(spec: &Spec, outcome: &Outcome) -> Vec<String> {
    let switching: Vec<String> = spec.switching.iter().map(ToString::to_string).collect();
    let shares: Vec<String> = spec.trim.shares.iter().map(ToString::to_string).collect();
    let mut lines = vec![format!(
        "{}; slopes of {} switch at {} in {}; lower regime {}, rows {}, grid {} ({} candidates), \
         trim {} of {}, at least {} rows, search {}; F scaled by {} ({}); {} errors as {}",
        spec.model,
        switching.join(", "),
        if spec.thresholds == 1 {
            "a value".to_owned()
        } else {
            format!("{} values", spec.thresholds)
        },
        spec.variable,
        spec.inequality,
        spec.rows,
        spec.grid,
        outcome.n_candidates(),
        shares.join(", "),
        spec.trim.of,
        spec.trim.min_rows,
        spec.search,
        report::format::general(outcome.f_scale().1, 7),
        outcome.f_scale().0,
        spec.slopes.vcov,
        spec.slopes.convention,
    )];
    lines.extend((1..).zip(outcome.thresholds()).map(|(i, threshold)| {
        let seven = |x| report::format::general(x, 7);
        let [low, high] = threshold.confidence.hull();
        let level = report::format::general(100.0 * spec.level, 4);
        format!(
            "threshold {i}: {}, {level} % confidence set within [{}, {}]",
            seven(threshold.estimate),
            seven(low),
            seven(high)
        )
    }));
    lines.extend((1..).zip(outcome.regimes()).map(|(i, regime)| {
        format!("regime {i}: {} rows, {} entities", regime.rows, regime.entities)
    }));
    for (i, test) in (1..).zip(outcome.tests()) {
        let Some(drawn) = &test.simulated else { continue };
        let five = |x| report::format::general(x, 5);
        let level = |&(share, level): &(f64, &str)| {
            let [low, high] = quantile_interval(&drawn.statistics, share)?;
            Some(format!("{level} % within [{}, {}]", five(low), five(high)))
        };
        let levels: Vec<String> =
            [(0.90, "10"), (0.95, "5"), (0.99, "1")].iter().filter_map(level).collect();
        lines.push(format!(
            "test {i}: with so many draws, 95 % Monte Carlo intervals of critical values: {}",
            levels.join(", ")
        ));
    }
    lines.push(match &spec.bootstrap {
        Some(b) => format!(
            "bootstrap: {} draws of {}, seed {}; residuals of the {} model, its thresholds: {}, \
             trimming in draws: {}; p is the share of draws above F",
            b.replications, b.resample, b.seed, b.residuals, b.null, b.trim
        ),
        None => "no bootstrap: F has no tabulated distribution".to_owned(),
    });
    lines.extend(outcome.notes().iter().map(ToString::to_string));
    lines
}
