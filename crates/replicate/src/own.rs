//! Tables of our own, rendered from the fits alone: nothing was published to compare with.

use std::collections::BTreeMap;

use causal::mediation::MediationSpec;
use estimate::{Coefficient, Fit};
use ingest::{Loaded, Tier};
use published::{Uncertainty, stars_for};
use report::format;
use report::replication::{Own, OwnCell, OwnRow};
use toml::Spanned;

use crate::estimation::Estimation;
use crate::ours::{self, Estimated};
use crate::plan::{Fitted, estimation, known, tested};
use crate::printed::Setting;
use crate::quantity::Quantity;
use crate::regimes::Of;
use crate::resolve::At;
use crate::space::{self, Moran};
use crate::specification::Tested;
use crate::statistics::{self, Kind};
use crate::study::Table;
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
    /// Moran's I, a row a period.
    Moran(Moran),
    /// The effects of a mediation.
    Effects(Box<MediationSpec>),
}

/// Regressions side by side.
#[derive(Debug)]
struct Regressions {
    columns: Vec<(String, Fitted)>,
    /// Terms that have a row; all, if empty.
    show: Vec<String>,
    /// What stands below the effects.
    statistics: Vec<Quantity>,
    stars: Vec<f64>,
    brackets: Uncertainty,
}

/// What stands below the effects unless the study says otherwise.
const STATISTICS: [&str; 4] = ["n", "n clusters", "r2", "r2 within"];

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
    ];
    if kinds.iter().filter(|given| **given).count() != 1 {
        let what = format!(
            "table `{}` shows one thing: `describe`, `columns`, `tests`, `threshold`, `mediation`, \
             `index`, `moran` or `waits`",
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
    } else if let Some(moran) = &written.moran {
        What::Moran(moran.clone())
    } else if let Some(mediation) = &written.mediation {
        What::Effects(Box::new(effects::spec(at, mediation)?))
    } else if !written.tests.is_empty() {
        let test = |test: &Spanned<crate::study::Specification>| {
            Ok((test.get_ref().row.clone(), tested(at, test.get_ref())?))
        };
        What::Tests(written.tests.iter().map(test).collect::<Result<_, Error>>()?)
    } else if regression {
        What::Regress(Box::new(regressions(at, start, written, thresholds)?))
    } else {
        What::Describe(written.describe.clone())
    };
    let decimals = written.decimals.unwrap_or(4);
    Ok(OwnTable { id: written.id.clone(), title: title.to_owned(), decimals, what })
}

fn regressions(
    at: &At<'_>,
    start: usize,
    written: &Table,
    thresholds: &BTreeMap<String, causal::threshold::Spec>,
) -> Result<Regressions, Error> {
    let mut columns: Vec<(String, Fitted)> = Vec::new();
    for column in &written.columns {
        let (start, column) = (column.span().start, column.get_ref());
        if columns.iter().any(|(id, _)| *id == column.id) {
            return at.error(start, format!("column `{}` is given twice", column.id));
        }
        if !column.rows.is_empty() {
            let what =
                "`rows` name what was printed; a table of our own has `show` and `statistics`";
            return at.error(start, what);
        }
        columns.push((column.id.clone(), estimation(at, start, column, thresholds)?));
    }
    let Some(stars) = written.stars.clone() else {
        let what = format!(
            "table `{}` lacks `stars`, the probabilities below which one, two, … stand, as in \
             [0.1, 0.05, 0.01]; [] for none",
            written.id
        );
        return at.error(start, what);
    };
    if !stars.is_sorted_by(|a, b| a > b) || stars.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return at.error(start, "`stars` are probabilities that fall: [0.1, 0.05, 0.01]");
    }
    let brackets = match &written.uncertainty {
        None => {
            let what = format!("table `{}` lacks `uncertainty`: se, t or p", written.id);
            return at.error(start, what);
        }
        Some(text) => match text.get_ref().as_str() {
            "se" => Uncertainty::StandardError,
            "t" => Uncertainty::T,
            "p" => Uncertainty::P,
            other => {
                let what = format!("`uncertainty` is se, t or p, not `{other}`");
                return at.error(text.span().start, what);
            }
        },
    };
    let mut show = Vec::new();
    for term in &written.show {
        match at.parse::<Quantity>(term)? {
            Quantity::Coefficient(term) => show.push(term),
            other => return at.error(term.span().start, format!("`{other}` is no term")),
        }
    }
    let mut statistics = Vec::new();
    match &written.statistics {
        None => statistics.extend(STATISTICS.iter().filter_map(|name| name.parse().ok())),
        Some(texts) => {
            for text in texts {
                let quantity: Quantity = at.parse(text)?;
                if matches!(quantity, Quantity::Coefficient(_) | Quantity::Margin(_)) {
                    let what = format!("`{quantity}` is no statistic of a fit");
                    return at.error(text.span().start, what);
                }
                statistics.push(quantity);
            }
        }
    }
    Ok(Regressions { columns, show, statistics, stars, brackets })
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
            (Some(composite), _) => composites::table(composite),
            (None, why) => {
                let why = why.map_or("it was not made", String::as_str);
                Own { notes: vec![format!("not computed: {why}")], ..Own::default() }
            }
        },
        What::Moran(moran) => match setting.gap(&[moran.spec.column.as_str()]) {
            Some(why) => Own { notes: vec![format!("not computed: {why}")], ..Own::default() },
            None => space::table(&setting.loaded()?.panel, moran)?,
        },
        What::Effects(spec) => of_effects(spec, setting)?,
    };
    (shown.id, shown.title) = (table.id.clone(), table.title.clone());
    shown.decimals = table.decimals;
    Ok(shown)
}

/// A line for numbers that rest on reconstructed data.
fn tiers(tier: Tier) -> Option<String> {
    let synthetic = report::replication::SYNTHETIC;
    (tier == Tier::Reconstructed).then(|| format!("† {synthetic}"))
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
        let tier = ours::tier(loaded, term.columns());
        shown.notes.extend(tiers(tier).map(|line| format!("{name}: {line}")));
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
                ours::Ours::Numbers(_) => {}
            }
        }
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
    shown.notes.extend(tiers(ours::tier(setting.loaded()?, regimes::columns(spec))));
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
    let mut notes = effects::how(spec, &outcome);
    notes.extend(tiers(ours::tier(loaded, columns)));
    Ok(Own {
        columns: named,
        rows: outcome.effects.iter().map(line).collect(),
        notes,
        ..Own::default()
    })
}

/// A column once it is estimated: its head, its dependent variable, its fit or why there is none.
struct Done<'a> {
    id: &'a str,
    dependent: String,
    fit: Result<Estimated<'a>, String>,
    estimation: Option<&'a Estimation>,
    absorbed: Vec<String>,
    tier: Tier,
}

impl Regressions {
    fn compute(&self, setting: &Setting<'_>) -> Result<Own, String> {
        let mut done = Vec::new();
        let mut notes = vec![self.legend()];
        for (id, fitted) in &self.columns {
            done.push(one(id, fitted, setting, &mut notes)?);
        }
        let mut shown = Own {
            columns: done.iter().map(|column| column.id.to_owned()).collect(),
            dependent: done.iter().map(|column| column.dependent.clone()).collect(),
            rows: self.coefficients(&done)?,
            ..Own::default()
        };
        let effects = effect_rows(&done);
        let below = shown.rows.len();
        shown.rows.extend(effects);
        for quantity in &self.statistics {
            shown.rows.extend(statistic(quantity, &done)?);
        }
        if let Some(first) = shown.rows.get_mut(below) {
            first.ruled = true;
        }
        let tier = done.iter().map(|column| column.tier).max().unwrap_or(Tier::Real);
        notes.extend(tiers(tier));
        shown.notes = notes;
        Ok(shown)
    }

    fn legend(&self) -> String {
        let inside = match self.brackets {
            Uncertainty::StandardError => "standard errors",
            Uncertainty::T | Uncertainty::Z => "t (or z) statistics",
            Uncertainty::P => "p values",
        };
        let levels: Vec<String> = (1..)
            .zip(&self.stars)
            .map(|(n, level)| format!("{} p < {level}", "*".repeat(n)))
            .collect();
        let levels =
            if levels.is_empty() { String::new() } else { format!("; {}", levels.join(", ")) };
        format!("{inside} in brackets{levels}")
    }

    /// A row a term: those shown, else all in order of first appearance, the constant last.
    fn coefficients(&self, done: &[Done<'_>]) -> Result<Vec<OwnRow>, String> {
        let fits = || done.iter().filter_map(|column| column.fit.as_ref().ok());
        let mut terms: Vec<&str> = Vec::new();
        for c in fits().flat_map(|fit| &fit.coefficients) {
            if c.term != Fit::CONSTANT && !terms.contains(&c.term.as_str()) {
                terms.push(&c.term);
            }
        }
        let has = |term: &str| fits().flat_map(|fit| &fit.coefficients).any(|c| c.term == term);
        if has(Fit::CONSTANT) {
            terms.push(Fit::CONSTANT);
        }
        let wanted: Vec<&str> = if self.show.is_empty() {
            terms.clone()
        } else {
            self.show.iter().map(String::as_str).collect()
        };
        if fits().next().is_some()
            && let Some(unknown) = wanted.iter().find(|term| !has(term))
        {
            return Err(format!(
                "no column has the term `{unknown}`; there are {}",
                terms.join(", ")
            ));
        }
        let cell = |fit: &Result<Estimated<'_>, String>, term: &str| match fit {
            Err(_) => OwnCell::Blank,
            Ok(fit) => {
                let found = fit.coefficients.iter().find(|c| c.term == term);
                found.map_or(OwnCell::Blank, |c| self.estimate(c))
            }
        };
        let line = |term: &&str| row(*term, done.iter().map(|c| cell(&c.fit, term)).collect());
        let mut rows: Vec<OwnRow> = wanted.iter().map(line).collect();
        let hidden = |fit: &Result<Estimated<'_>, String>| {
            fit.as_ref().is_ok_and(|fit| {
                let others = fit.coefficients.iter().filter(|c| c.term != Fit::CONSTANT);
                others.map(|c| c.term.as_str()).any(|term| !wanted.contains(&term))
            })
        };
        if done.iter().any(|column| hidden(&column.fit)) {
            let yes = |column: &Done<'_>| {
                if hidden(&column.fit) { OwnCell::Words("yes".to_owned()) } else { OwnCell::Blank }
            };
            rows.push(row("controls", done.iter().map(yes).collect()));
        }
        Ok(rows)
    }

    fn estimate(&self, c: &Coefficient) -> OwnCell {
        OwnCell::Estimate {
            value: c.estimate,
            uncertainty: match self.brackets {
                Uncertainty::StandardError => c.std_error,
                Uncertainty::T | Uncertainty::Z => c.statistic,
                Uncertainty::P => c.p_value,
            },
            p_value: c.p_value,
            stars: usize::from(stars_for(c.p_value, &self.stars)),
        }
    }
}

/// Estimates a column, and says how in a note.
fn one<'a>(
    id: &'a str,
    fitted: &'a Fitted,
    setting: &'a Setting<'_>,
    notes: &mut Vec<String>,
) -> Result<Done<'a>, String> {
    let none = |why: &str| Done {
        id,
        dependent: String::new(),
        fit: Err(why.to_owned()),
        estimation: None,
        absorbed: Vec::new(),
        tier: Tier::Real,
    };
    let done = match fitted {
        Fitted::Waits(why) => none(why),
        Fitted::Regimes { id: of, .. } => match setting.regimes(of)? {
            Err(why) => none(&why),
            Ok((spec, outcome)) => {
                notes
                    .extend(regimes::how(spec, outcome).iter().map(|line| format!("{id}: {line}")));
                Done {
                    id,
                    dependent: spec.model.response.to_string(),
                    fit: Ok(ours::threshold(outcome.clone())),
                    estimation: None,
                    absorbed: absorbed(&spec.model),
                    tier: ours::tier(setting.loaded()?, regimes::columns(spec)),
                }
            }
        },
        Fitted::By(estimation) => {
            if let Some(why) = setting.gap(&estimation.columns()) {
                none(&why)
            } else {
                let fit = setting.estimate(estimation);
                let fit = fit.map_err(|what| format!("column `{id}`: {what}"))?;
                notes.push(format!("{id}: {}", estimation.how()));
                notes.extend(fit.notes.iter().map(|note| format!("{id}: {note}")));
                Done {
                    id,
                    dependent: estimation.model.response.to_string(),
                    fit: Ok(fit),
                    estimation: Some(estimation),
                    absorbed: absorbed(&estimation.model),
                    tier: ours::tier(setting.loaded()?, estimation.columns()),
                }
            }
        }
    };
    if let Err(why) = &done.fit {
        notes.push(format!("{id}: not computed: {why}"));
    }
    Ok(done)
}

fn absorbed(model: &panel::Model) -> Vec<String> {
    model.absorb.iter().map(ToString::to_string).collect()
}

/// `province effects: yes`, a row an absorbed factor.
fn effect_rows(done: &[Done<'_>]) -> Vec<OwnRow> {
    let mut factors: Vec<&String> = Vec::new();
    for factor in done.iter().flat_map(|column| &column.absorbed) {
        if !factors.contains(&factor) {
            factors.push(factor);
        }
    }
    let line = |factor: &&String| {
        let cell = |column: &Done<'_>| match (&column.fit, column.absorbed.contains(factor)) {
            (Err(_), _) => OwnCell::Blank,
            (Ok(_), true) => OwnCell::Words("yes".to_owned()),
            (Ok(_), false) => OwnCell::Words("no".to_owned()),
        };
        row(format!("{factor} effects"), done.iter().map(cell).collect())
    };
    factors.iter().map(line).collect()
}

/// A row of a statistic, if any column has it.
fn statistic(quantity: &Quantity, done: &[Done<'_>]) -> Result<Option<OwnRow>, String> {
    let kind = match quantity {
        Quantity::Statistic(name) => {
            statistics::find(name).map_or(Kind::Number, |known| known.kind)
        }
        Quantity::Test(_, crate::quantity::OfTest::P) => Kind::P,
        _ => Kind::Number,
    };
    let mut cells = Vec::new();
    for column in done {
        let ours = match &column.fit {
            Err(_) => None,
            Ok(fit) => Some(fit.of(column.estimation, quantity, None, column.tier)),
        };
        cells.push(match ours {
            Some(ours::Ours::Numbers(numbers)) => match kind {
                Kind::Count => OwnCell::Count(numbers.value),
                Kind::P => OwnCell::P(numbers.value),
                Kind::Number => OwnCell::Number(numbers.value),
            },
            Some(ours::Ours::Failed(why)) => {
                return Err(format!("column `{}`: `{quantity}`: {why}", column.id));
            }
            Some(ours::Ours::None(_)) | None => OwnCell::Blank,
        });
    }
    let known = cells.iter().any(|cell| *cell != OwnCell::Blank);
    Ok(known.then(|| row(quantity.to_string(), cells)))
}

/// Everything that a table is computed from.
impl Setting<'_> {
    /// The loaded data.
    pub(crate) fn loaded(&self) -> Result<&Loaded, String> {
        self.loaded.ok_or_else(|| "the study has no data".to_owned())
    }
}
