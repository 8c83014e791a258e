//! Printed tables: our number for every cell, and the verdicts.

use std::collections::BTreeMap;

use causal::mediation::MediationSpec;
use causal::threshold::{Outcome, Spec};
use ingest::{Loaded, Tier};
use published::{Printed, Table};
use report::replication::{Compared, ComparedCell, ComparedRow};

use crate::deviation::Deviations;
use crate::estimation::Estimation;
use crate::ours::{self, Estimated, Ours};
use crate::plan::{Fitted, Plan};
use crate::quantity::Quantity;
use crate::regimes::{Held, Of, Thresholds};
use crate::specification::{self, Tested};
use crate::verdict::judge;
use crate::{effects, regimes, scheme};

/// What tables are computed from.
pub(crate) struct Setting<'a> {
    /// Absent if the study has no data.
    pub(crate) loaded: Option<&'a Loaded>,
    pub(crate) missing: &'a BTreeMap<String, String>,
    pub(crate) thresholds: &'a BTreeMap<String, Spec>,
    pub(crate) schemes: &'a [index::Scheme],
    /// The indices that have all they need, by name.
    pub(crate) indices: BTreeMap<String, index::Composite>,
    /// The threshold regressions that have all they need, by id: each is run once.
    pub(crate) regimes: BTreeMap<String, Outcome>,
    /// Those whose thresholds are held while columns are solved for: they are not searched for.
    pub(crate) held: BTreeMap<String, Held<'a>>,
}

impl<'a> Setting<'a> {
    /// Runs the threshold regressions of a study, or computes them at `thresholds` that are held.
    pub(crate) fn new(
        loaded: Option<&'a Loaded>,
        missing: &'a BTreeMap<String, String>,
        thresholds: &'a BTreeMap<String, Spec>,
        schemes: &'a [index::Scheme],
        indices: BTreeMap<String, index::Composite>,
        at: &BTreeMap<String, Thresholds>,
    ) -> Result<Self, String> {
        let (regimes, held) = (BTreeMap::new(), BTreeMap::new());
        let mut setting = Self { loaded, missing, thresholds, schemes, indices, regimes, held };
        for (id, spec) in thresholds {
            if setting.gap(&regimes::columns(spec)).is_some() {
                continue;
            }
            let wrong = |what| format!("threshold `{id}`: {what}");
            let panel = loaded.ok_or("the study has no data")?;
            if let Some(at) = at.get(id) {
                let held = Held::new(&panel.panel, spec, at).map_err(wrong)?;
                setting.held.insert(id.clone(), held);
            } else {
                let outcome = regimes::run(panel, spec).map_err(wrong)?;
                setting.regimes.insert(id.clone(), outcome);
            }
        }
        Ok(setting)
    }

    /// The first of some columns that is missing, and why.
    pub(crate) fn gap(&self, columns: &[&str]) -> Option<String> {
        columns.iter().find_map(|name| Some(format!("{name}: {}", self.missing.get(*name)?)))
    }

    /// A threshold regression with its choices, or why there is none.
    #[allow(clippy::type_complexity, reason = "an answer, a gap or an error, as elsewhere")]
    pub(crate) fn regimes(&self, id: &str) -> Result<Result<(&Spec, &Outcome), String>, String> {
        let spec = self.thresholds.get(id).ok_or_else(|| format!("no threshold `{id}`"))?;
        match (self.regimes.get(id), self.gap(&regimes::columns(spec))) {
            (Some(outcome), _) => Ok(Ok((spec, outcome))),
            (None, Some(why)) => Ok(Err(why)),
            (None, None) => Err(format!("threshold `{id}` was not run")),
        }
    }

    /// Runs an estimation on the rows that it asks for; bad input and refusals alike are errors.
    pub(crate) fn estimate<'p>(&'p self, of: &Estimation) -> Result<Estimated<'p>, String> {
        let panel = &self.loaded()?.panel;
        let rows = ours::chosen(panel, &of.filters)?;
        ours::estimate(panel, of, rows.as_deref()).map_err(|error| error.to_string())
    }
}

/// A printed table beside ours.
pub(crate) fn table(
    printed: &Table,
    plan: Option<&Plan>,
    setting: &Setting<'_>,
    deviations: &mut Deviations,
) -> Result<Compared, String> {
    Ok(compare(printed, &compute(printed, plan, setting)?, deviations))
}

/// Our numbers for a printed table.
pub(crate) fn compute(
    printed: &Table,
    plan: Option<&Plan>,
    setting: &Setting<'_>,
) -> Result<Computed, String> {
    Ok(match plan {
        None => Computed::nothing("the study does not say how"),
        Some(Plan::Waits(why)) => Computed::nothing(why),
        Some(Plan::Describe(variables)) => describe(variables, setting)?,
        Some(Plan::Regress(columns, effects)) => {
            let mut computed = regress(printed, columns, setting)?;
            if let Some(spec) = effects {
                below(&mut computed, printed, spec, setting)?;
            }
            computed
        }
        Some(Plan::Tests(rows)) => tests(printed, rows, setting)?,
        Some(Plan::Thresholds(id)) => thresholds(printed, id, setting)?,
        Some(Plan::Scheme(name)) => scheme::table(printed, name, setting)?,
    })
}

/// Our numbers for a table.
pub(crate) struct Computed {
    cells: BTreeMap<(String, String), Ours>,
    otherwise: Ours,
    pub(crate) notes: Vec<String>,
}

impl Computed {
    pub(crate) fn nothing(why: &str) -> Self {
        Self { cells: BTreeMap::new(), otherwise: Ours::None(why.to_owned()), notes: Vec::new() }
    }

    pub(crate) fn set(&mut self, row: &str, column: &str, ours: Ours) {
        self.cells.insert((row.to_owned(), column.to_owned()), ours);
    }

    /// Our number for a cell.
    pub(crate) fn of(&self, row: &str, column: &str) -> &Ours {
        self.cells.get(&(row.to_owned(), column.to_owned())).unwrap_or(&self.otherwise)
    }
}

fn describe(
    variables: &BTreeMap<String, String>,
    setting: &Setting<'_>,
) -> Result<Computed, String> {
    let mut computed = Computed::nothing("no such statistic");
    for (label, variable) in variables {
        if let Some(why) = setting.missing.get(variable) {
            for head in ["N", "mean", "sd", "min", "median", "max"] {
                computed.set(label, head, Ours::None(why.clone()));
            }
            continue;
        }
        for (head, ours) in ours::describe(setting.loaded()?, variable)? {
            computed.set(label, head, ours);
        }
    }
    Ok(computed)
}

fn regress(
    table: &Table,
    columns: &BTreeMap<String, Fitted>,
    setting: &Setting<'_>,
) -> Result<Computed, String> {
    let mut computed = Computed::nothing("the study does not say what this row holds");
    for id in table.column_names() {
        let mut fill = |ours: &dyn Fn(&str) -> Option<Ours>| {
            for label in labels(table) {
                if let Some(ours) = ours(&label) {
                    computed.set(&label, id, ours);
                }
            }
        };
        let estimation = match columns.get(id) {
            None => {
                fill(&|_| Some(Ours::None("the study does not say how".to_owned())));
                continue;
            }
            Some(Fitted::Waits(why)) => {
                fill(&|_| Some(Ours::None(why.clone())));
                continue;
            }
            Some(Fitted::Regimes { id: of, rows }) => {
                if let Some(held) = setting.held.get(of) {
                    let fit = held.estimated();
                    fill(&|row| {
                        let quantity = row_of(table, rows, row)?;
                        Some(fit.of(None, &quantity, table.uncertainty(), Tier::Reconstructed))
                    });
                    continue;
                }
                match setting.regimes(of)? {
                    Err(why) => fill(&|_| Some(Ours::None(why.clone()))),
                    Ok((spec, outcome)) => {
                        let fit = ours::threshold(outcome);
                        let tier = ours::tier(setting.loaded()?, regimes::columns(spec));
                        fill(&|row| {
                            let quantity = row_of(table, rows, row)?;
                            Some(fit.of(None, &quantity, table.uncertainty(), tier))
                        });
                        let how = regimes::how(spec, outcome);
                        computed.notes.extend(how.iter().map(|line| format!("{id}: {line}")));
                    }
                }
                continue;
            }
            Some(Fitted::By(estimation)) => estimation,
        };
        if let Some(why) = setting.gap(&estimation.columns()) {
            fill(&|_| Some(Ours::None(why.clone())));
            continue;
        }
        let loaded = setting.loaded()?;
        let rows = ours::chosen(&loaded.panel, &estimation.filters)
            .map_err(|what| format!("column `{id}`: {what}"))?;
        match ours::estimate(&loaded.panel, estimation, rows.as_deref()) {
            Err(estimate::Error::Panel(error)) => return Err(format!("column `{id}`: {error}")),
            Err(error) => {
                let why = error.to_string();
                fill(&|row| estimation.rows.get(row).map(|_| Ours::Failed(why.clone())));
            }
            Ok(estimated) => {
                let tier = ours::tier(loaded, estimation.columns());
                fill(&|row| {
                    let quantity = estimation.rows.get(row)?;
                    Some(estimated.of(Some(estimation), quantity, table.uncertainty(), tier))
                });
                computed.notes.push(format!("{id}: {}", estimation.how()));
                let notes = estimated.notes.iter().map(|note| format!("{id}: {note}"));
                computed.notes.extend(notes);
            }
        }
    }
    Ok(computed)
}

/// What a row of a threshold regression holds.
pub(crate) fn row_of(
    table: &Table,
    rows: &BTreeMap<String, Quantity>,
    row: &str,
) -> Option<Quantity> {
    let is_threshold =
        |threshold: &published::Threshold| row == threshold_label(&threshold.variable);
    if table.threshold().is_some_and(is_threshold) {
        return Some(Quantity::Threshold(1));
    }
    rows.get(row).cloned()
}

/// The effects that are printed below a table, from its mediation.
fn below(
    computed: &mut Computed,
    table: &Table,
    spec: &MediationSpec,
    setting: &Setting<'_>,
) -> Result<(), String> {
    let Some(column) = table.column_names().first() else { return Ok(()) };
    let columns = effects::columns(spec);
    if let Some(why) = setting.gap(&columns) {
        for label in EFFECTS {
            computed.set(label, column, Ours::None(why.clone()));
        }
        return Ok(());
    }
    let loaded = setting.loaded()?;
    let outcome = effects::run(loaded, spec)?;
    let tier = ours::tier(loaded, columns);
    for effect in &outcome.effects {
        let label = format!("{} effect", effect.name);
        computed.set(&label, column, Ours::Numbers(ours::single(effect.estimate, tier)));
    }
    computed.notes.extend(effects::how(spec, &outcome));
    Ok(())
}

fn tests(
    table: &Table,
    rows: &BTreeMap<String, Tested>,
    setting: &Setting<'_>,
) -> Result<Computed, String> {
    let mut computed = Computed::nothing("no such number of a test");
    let of = |row: &published::Row| rows.get_key_value(&row.label);
    for (label, tested) in table.rows().iter().filter_map(of) {
        let (numbers, notes) = specification::compute(setting.loaded()?, tested, setting.missing)
            .map_err(|what| format!("row `{label}`: {what}"))?;
        for (head, ours) in numbers {
            computed.set(label, head, ours);
        }
        computed.notes.extend(notes.iter().map(|note| format!("{label}: {note}")));
    }
    Ok(computed)
}

/// The tests of a threshold regression: the first row is the first threshold, and so on.
fn thresholds(table: &Table, id: &str, setting: &Setting<'_>) -> Result<Computed, String> {
    if let Some(held) = setting.held.get(id) {
        let mut computed = Computed::nothing("not computed at thresholds that are held");
        let heads = table.column_names().iter().filter(|head| Of::headed(head) == Some(Of::F));
        for (head, (i, row)) in
            heads.flat_map(|head| table.rows().iter().enumerate().map(move |row| (head, row)))
        {
            let f = held.f(i).map(|f| Ours::Numbers(ours::single(f, Tier::Reconstructed)));
            computed.set(&row.label, head, f.unwrap_or_else(|| Ours::None(String::new())));
        }
        return Ok(computed);
    }
    let (spec, outcome) = match setting.regimes(id)? {
        Err(why) => return Ok(Computed::nothing(&why)),
        Ok(found) => found,
    };
    let mut computed = Computed::nothing("no such number of a threshold test");
    for (i, row) in table.rows().iter().enumerate() {
        for head in table.column_names() {
            if let Some(of) = Of::headed(head) {
                let ours = regimes::test(setting.loaded()?, spec, outcome, i, of);
                computed.set(&row.label, head, ours);
            }
        }
    }
    computed.notes = regimes::how(spec, outcome);
    Ok(computed)
}

/// The labels of the effects that are printed below a table.
pub(crate) const EFFECTS: [&str; 3] = ["total effect", "direct effect", "indirect effect"];

fn threshold_label(variable: &str) -> String {
    format!("threshold of {variable}")
}

/// What is printed with a table though it is no cell of it: its threshold, its effects.
///
/// They stand in the first column, in rows of their own.
pub(crate) fn beside(table: &Table) -> Vec<(String, Printed)> {
    let mut all = Vec::new();
    let mut number = |label: String, number: &published::Number| {
        all.extend(number.as_str().parse::<Printed>().map(|printed| (label, printed)));
    };
    if let Some(threshold) = table.threshold() {
        number(threshold_label(&threshold.variable), &threshold.value);
    }
    if let Some(effects) = table.effects() {
        let printed = [&effects.total, &effects.direct, &effects.indirect];
        EFFECTS.iter().zip(printed).for_each(|(label, value)| number((*label).to_owned(), value));
    }
    all
}

/// What the groups of a table's rows are headed by, if its rows stand in groups.
pub(crate) fn group_head(table: &Table) -> Option<&str> {
    match table.stub() {
        [group, _] => Some(group),
        _ => None,
    }
}

fn labels(table: &Table) -> Vec<String> {
    let rows = table.rows().iter().map(|row| row.label.clone());
    rows.chain(beside(table).into_iter().map(|(label, _)| label)).collect()
}

fn compare(table: &Table, ours: &Computed, deviations: &mut Deviations) -> Compared {
    let heads = table.column_names();
    let stars = table.stars();
    let mut cell = |label: &str, head: &str, printed: &Printed, stars: &[f64]| -> ComparedCell {
        judge([table.id(), head, label], printed, ours.of(label, head), stars, deviations)
    };
    let mut rows = Vec::new();
    for row in table.rows() {
        // The group is compared like a cell that stands before the others.
        let group = group_head(table).zip(row.group.as_deref());
        let group = group.map(|(head, group)| cell(&row.label, head, &Printed::text(group), &[]));
        let cells = row.cells.iter().zip(heads);
        let cells = cells.map(|(printed, head)| cell(&row.label, head, printed, stars));
        let cells = group.into_iter().chain(cells).collect();
        rows.push(ComparedRow { label: row.label.clone(), cells });
    }
    for (label, printed) in beside(table) {
        let first = heads.first().map(|head| cell(&label, head, &printed, &[]));
        let cells = heads.iter().skip(1).map(|_| ComparedCell::default());
        rows.push(ComparedRow { cells: first.into_iter().chain(cells).collect(), label });
    }
    let starred = |cell: &Printed| cell.estimate().is_some_and(|estimate| estimate.stars() > 0);
    let any = stars.is_empty() && table.rows().iter().any(|row| row.cells.iter().any(starred));
    let unread =
        any.then(|| "stars are not compared: the table does not say what they mean".to_owned());
    Compared {
        id: table.id().to_owned(),
        title: table.title().to_owned(),
        rows,
        columns: group_head(table)
            .into_iter()
            .chain(heads.iter().map(String::as_str))
            .map(str::to_owned)
            .collect(),
        notes: ours.notes.iter().cloned().chain(unread).collect(),
        findings: Vec::new(),
    }
}
