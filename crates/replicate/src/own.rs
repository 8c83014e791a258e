//! Tables of our own, rendered from the fits alone: nothing was published to compare with.

mod regressions;

use std::collections::BTreeMap;

use causal::mediation::MediationSpec;
use ingest::{Loaded, Tier};
use report::format;
use report::replication::{Own, OwnCell, OwnRow};
use toml::Spanned;

use self::regressions::Regressions;
use crate::ours;
use crate::plan::{known, tested};
use crate::printed::Setting;
use crate::regimes::Of;
use crate::resolve::At;
use crate::specification::Tested;
use crate::study::Table;
use crate::whole::Whole;
use crate::{Error, composites, effects, regimes, specification};

/// A table of our own, resolved.
#[derive(Debug)]
pub(crate) struct OwnTable {
    pub(crate) id: String,
    title: String,
    decimals: usize,
    what: What,
}

/// What a table of our own shows.
#[derive(Debug)]
enum What {
    /// Nothing, and why.
    Waits(String),
    /// Moments of variables.
    Describe(Vec<String>),
    /// A fit a column.
    Regress(Box<Regressions>),
    /// A specification test a row.
    Tests(Vec<(String, Tested)>),
    /// The tests of a threshold regression.
    Thresholds(String),
    /// The scheme of an index.
    Index(String),
    /// The panel as a whole: concentration, inequality, neighbours.
    Whole(Whole),
    /// The effects of a mediation.
    Effects(Box<MediationSpec>),
}

/// Reads a table of our own.
pub(crate) fn table(
    at: &At<'_>,
    start: usize,
    written: &Table,
    title: &str,
    thresholds: &BTreeMap<String, causal::threshold::Spec>,
) -> Result<OwnTable, Error> {
    let kinds = [
        written.waits.is_some(),
        !written.describe.is_empty(),
        !written.columns.is_empty(),
        !written.tests.is_empty(),
        written.threshold.is_some(),
        written.mediation.is_some(),
        written.index.is_some(),
        written.moran.is_some(),
        written.local_moran.is_some(),
        written.inequality.is_some(),
        written.herfindahl.is_some(),
    ];
    if kinds.iter().filter(|given| **given).count() != 1 {
        let what = format!(
            "table `{}` shows one thing: `describe`, `columns`, `tests`, `threshold`, `mediation`, \
             `index`, `moran`, `local-moran`, `inequality`, `herfindahl` or `waits`",
            written.id
        );
        return at.error(start, what);
    }
    let regression = !written.columns.is_empty();
    let about_regressions = [
        ("show", !written.show.is_empty()),
        ("statistics", written.statistics.is_some()),
        ("stars", written.stars.is_some()),
        ("uncertainty", written.uncertainty.is_some()),
    ];
    if let Some((key, _)) = about_regressions.iter().find(|(_, given)| *given && !regression) {
        return at.error(start, format!("`{key}` is for regression tables, which have `columns`"));
    }
    if !written.rows.is_empty() || !written.variables.is_empty() {
        let what = "`rows` and `variables` name what was printed; a table of our own has `show` and \
                    `statistics`";
        return at.error(start, what);
    }
    let what = if let Some(waits) = &written.waits {
        What::Waits(waits.clone())
    } else if let Some(id) = &written.threshold {
        known(at, id, thresholds)?;
        What::Thresholds(id.get_ref().clone())
    } else if let Some(index) = &written.index {
        What::Index(index.get_ref().clone())
    } else if let Some(whole) = Whole::of(written) {
        What::Whole(whole)
    } else if let Some(mediation) = &written.mediation {
        What::Effects(Box::new(effects::spec(at, mediation)?))
    } else if !written.tests.is_empty() {
        let test = |test: &Spanned<crate::study::Specification>| {
            Ok((test.get_ref().row.clone(), tested(at, test.get_ref())?))
        };
        What::Tests(written.tests.iter().map(test).collect::<Result<_, Error>>()?)
    } else if regression {
        What::Regress(Box::new(regressions::read(at, start, written, thresholds)?))
    } else {
        What::Describe(written.describe.clone())
    };
    let decimals = written.decimals.unwrap_or(4);
    Ok(OwnTable { id: written.id.clone(), title: title.to_owned(), decimals, what })
}

/// Computes a table of our own.
pub(crate) fn compute(table: &OwnTable, setting: &Setting<'_>) -> Result<Own, String> {
    let mut shown = match &table.what {
        What::Waits(why) => Own { notes: vec![format!("not computed: {why}")], ..Own::default() },
        What::Describe(variables) => describe(variables, setting)?,
        What::Regress(regressions) => regressions.compute(setting)?,
        What::Tests(tests) => of_tests(tests, setting)?,
        What::Thresholds(id) => of_thresholds(id, setting)?,
        What::Index(name) => match (setting.indices.get(name), setting.missing.get(name)) {
            (Some(composite), _) => Own {
                is_reconstructed: is_reconstructed(setting.loaded()?, [name.as_str()]),
                ..composites::table(composite)
            },
            (None, why) => {
                let why = why.map_or("it was not made", String::as_str);
                Own { notes: vec![format!("not computed: {why}")], ..Own::default() }
            }
        },
        What::Whole(whole) => match setting.gap(&whole.columns()) {
            Some(why) => Own { notes: vec![format!("not computed: {why}")], ..Own::default() },
            None => Own {
                is_reconstructed: is_reconstructed(setting.loaded()?, whole.columns()),
                ..whole.table(&setting.loaded()?.panel)?
            },
        },
        What::Effects(spec) => of_effects(spec, setting)?,
    };
    (shown.id, shown.title) = (table.id.clone(), table.title.clone());
    shown.decimals = table.decimals;
    if shown.is_reconstructed {
        shown.notes.push(format!("† {}", report::replication::SYNTHETIC));
    }
    Ok(shown)
}

/// Whether something of these columns was solved for.
fn is_reconstructed<'a>(loaded: &Loaded, columns: impl IntoIterator<Item = &'a str>) -> bool {
    ours::tier(loaded, columns) == Tier::Reconstructed
}

fn row(label: impl Into<String>, cells: Vec<OwnCell>) -> OwnRow {
    OwnRow { label: label.into(), cells, ruled: false }
}

fn heads(heads: &[&str]) -> Vec<String> {
    heads.iter().map(|head| (*head).to_owned()).collect()
}

fn describe(variables: &[String], setting: &Setting<'_>) -> Result<Own, String> {
    let mut shown =
        Own { columns: heads(&["N", "mean", "sd", "min", "median", "max"]), ..Own::default() };
    for name in variables {
        if let Some(why) = setting.missing.get(name) {
            shown.notes.push(format!("{name} is not there: {why}"));
            continue;
        }
        let loaded = setting.loaded()?;
        // A sub-index is called `Rir: Supply structure`, which is no term.
        let term = if loaded.panel.columns().contains_key(name) {
            panel::Term::var(name.as_str())
        } else {
            name.parse::<panel::Term>().map_err(|error| error.to_string())?
        };
        let values = loaded.panel.values(&term).map_err(|error| error.to_string())?;
        let d = estimate::describe(&values).ok_or_else(|| format!("`{name}` has no value"))?;
        let numbers = [d.mean, d.sd, d.min, d.median, d.max].map(OwnCell::Number);
        let cells = std::iter::once(OwnCell::Count(d.n as f64)).chain(numbers).collect();
        shown.rows.push(row(name.as_str(), cells));
        if is_reconstructed(loaded, term.columns()) {
            shown.is_reconstructed = true;
            shown.notes.push(format!("{name} †"));
        }
    }
    Ok(shown)
}

fn of_tests(tests: &[(String, Tested)], setting: &Setting<'_>) -> Result<Own, String> {
    let mut shown = Own { columns: heads(&["statistic", "p"]), ..Own::default() };
    for (label, tested) in tests {
        let (numbers, notes) = specification::compute(setting.loaded()?, tested, setting.missing)
            .map_err(|what| format!("row `{label}`: {what}"))?;
        let cell = |head: &str| match numbers.get(head) {
            Some(ours::Ours::Numbers(n)) if head == "p" => OwnCell::P(n.value),
            Some(ours::Ours::Numbers(n)) => OwnCell::Number(n.value),
            _ => OwnCell::Words("–".to_owned()),
        };
        for ours in numbers.values().take(1) {
            match ours {
                ours::Ours::None(why) | ours::Ours::Failed(why) => {
                    shown.notes.push(format!("{label}: not computed: {why}"));
                }
                ours::Ours::Numbers(_) | ours::Ours::Words(_) => {}
            }
        }
        let synthetic = |ours: &ours::Ours| match ours {
            ours::Ours::Numbers(numbers) => numbers.tier == Tier::Reconstructed,
            _ => false,
        };
        shown.is_reconstructed |= numbers.values().any(synthetic);
        shown.rows.push(row(label.as_str(), vec![cell("statistic"), cell("p")]));
        shown.notes.extend(notes.iter().map(|note| format!("{label}: {note}")));
    }
    Ok(shown)
}

fn of_thresholds(id: &str, setting: &Setting<'_>) -> Result<Own, String> {
    let (spec, outcome) = match setting.regimes(id)? {
        Ok(found) => found,
        Err(why) => {
            return Ok(Own { notes: vec![format!("not computed: {why}")], ..Own::default() });
        }
    };
    let mut columns = vec![("threshold", Of::Threshold), ("F", Of::F)];
    if spec.bootstrap.is_some() {
        let critical = [("10 %", 0), ("5 %", 1), ("1 %", 2)];
        columns.push(("p", Of::P));
        columns.extend(critical.map(|(head, level)| (head, Of::Critical(level))));
    }
    let mut shown = Own {
        columns: columns.iter().map(|(head, _)| (*head).to_owned()).collect(),
        ..Own::default()
    };
    for i in 0..outcome.tests().len() {
        let draws = spec.bootstrap.as_ref().map_or(1, |draws| draws.replications);
        let cell = |(_, of): &(&str, Of)| match of.of(outcome, i) {
            None => OwnCell::Blank,
            // Of so many draws, none: no smaller than one in that number.
            Some(p) if *of == Of::P && p <= 0.0 => {
                OwnCell::Words(format!("<{}", format::general(1.0 / draws as f64, 3)))
            }
            Some(p) if *of == Of::P => OwnCell::P(p),
            Some(x) => OwnCell::Number(x),
        };
        let label = format!("{i} against {}", i + 1);
        shown.rows.push(row(label, columns.iter().map(cell).collect()));
    }
    shown.notes = regimes::how(spec, outcome);
    shown.is_reconstructed = is_reconstructed(setting.loaded()?, regimes::columns(spec));
    Ok(shown)
}

fn of_effects(spec: &MediationSpec, setting: &Setting<'_>) -> Result<Own, String> {
    let columns = effects::columns(spec);
    if let Some(why) = setting.gap(&columns) {
        return Ok(Own { notes: vec![format!("not computed: {why}")], ..Own::default() });
    }
    let loaded = setting.loaded()?;
    let outcome = effects::run(loaded, spec)?;
    let mut named = heads(&["effect", "std. error", "t or z", "p"]);
    if spec.bootstrap.is_some() {
        named.extend(heads(&["95 % from", "to"]));
    }
    let some = |x: Option<f64>| x.map_or(OwnCell::Blank, OwnCell::Number);
    let line = |effect: &causal::mediation::Effect| {
        let mut cells = vec![
            OwnCell::Number(effect.estimate),
            some(effect.std_error),
            some(effect.statistic),
            effect.p_value.map_or(OwnCell::Blank, OwnCell::P),
        ];
        if let Some(interval) = &effect.bootstrap {
            let (low, high) = interval.percentile;
            cells.extend([OwnCell::Number(low), OwnCell::Number(high)]);
        }
        row(effect.name.as_str(), cells)
    };
    Ok(Own {
        is_reconstructed: is_reconstructed(loaded, columns),
        columns: named,
        rows: outcome.effects.iter().map(line).collect(),
        notes: effects::how(spec, &outcome),
        ..Own::default()
    })
}

/// Everything that a table is computed from.
impl Setting<'_> {
    /// The loaded data.
    pub(crate) fn loaded(&self) -> Result<&Loaded, String> {
        self.loaded.ok_or_else(|| "the study has no data".to_owned())
    }
}
