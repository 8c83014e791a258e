//! Regressions side by side: a fit a column, a term a row.

use std::collections::BTreeMap;

use estimate::{Coefficient, Fit};
use ingest::Tier;
use published::{Uncertainty, stars_for};
use report::replication::{Own, OwnCell, OwnRow};

use super::row;
use crate::estimation::Estimation;
use crate::ours::{self, Estimated};
use crate::plan::{Fitted, estimation};
use crate::printed::Setting;
use crate::quantity::Quantity;
use crate::resolve::At;
use crate::statistics::{self, Kind};
use crate::study::Table;
use crate::{Error, regimes};

/// Regressions side by side.
#[derive(Debug)]
pub(super) struct Regressions {
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

/// Reads the columns of a table, and what is shown of them.
pub(super) fn read(
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
    pub(super) fn compute(&self, setting: &Setting<'_>) -> Result<Own, String> {
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
        shown.is_reconstructed = done.iter().any(|column| column.tier == Tier::Reconstructed);
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
                    fit: Ok(ours::threshold(outcome)),
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
            Some(ours::Ours::None(_) | ours::Ours::Words(_)) | None => OwnCell::Blank,
        });
    }
    let known = cells.iter().any(|cell| *cell != OwnCell::Blank);
    Ok(known.then(|| row(quantity.to_string(), cells)))
}
