//! What is solved for: every printed number that the study computes, as an interval.

use estimate::Reference;
use index::Scheme;
use published::{Kind, Number, Printed, Transcription};
use reconstruct::Target;
use report::replication::PartKind;

use crate::deviation::{Deviations, Sought};
use crate::ours::{Numbers, Ours};
use crate::plan::Plan;
use crate::printed::{self, Computed};
use crate::resolve::Study;

/// A printed number that ours is to agree with.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The place of its table in the transcription.
    pub(crate) table: usize,
    pub(crate) row: String,
    pub(crate) column: String,
    pub(crate) part: PartKind,
    pub(crate) target: Target,
    /// As printed, or what it is declared to be.
    pub(crate) text: String,
    pub(crate) is_declared: bool,
}

/// What can be asked for of a transcription, and what cannot.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) wanted: Vec<Wanted>,
    /// Numbers that are not defined on the columns, or that nothing of ours stands beside: each with why.
    pub(crate) undefined: Vec<String>,
    /// Numbers of thresholds that rest on draws: critical values and stars.
    pub(crate) drawn: usize,
}

impl Wanted {
    /// Ours, if there is one.
    pub(crate) fn of(&self, computed: &Computed) -> Option<f64> {
        let Ours::Numbers(numbers) = computed.of(&self.row, &self.column) else { return None };
        let Numbers { value, uncertainty, p_value, .. } = *numbers;
        match self.part {
            PartKind::Value => Some(value),
            PartKind::Uncertainty => uncertainty,
            PartKind::Stars => p_value.map(distance),
            PartKind::Words => None,
        }
        .filter(|x| x.is_finite())
    }

    /// `table / column / row / part`, as a deviation names it.
    pub(crate) fn address(&self, printed: &Transcription) -> String {
        let part = match self.part {
            PartKind::Value => "value",
            PartKind::Uncertainty => "uncertainty",
            PartKind::Stars => "stars",
            PartKind::Words => "words",
        };
        let table = printed.tables()[self.table].id();
        format!("{table} / {} / {} / {part}", self.column, self.row)
    }
}

/// How far within a level of significance a number is wanted, in standard deviations.
const STARS: f64 = 2e-3;

/// A p value as the standard normal deviate that has it: far from its target a p value hardly moves.
pub(crate) fn distance(p: f64) -> f64 {
    Reference::Normal.two_sided_quantile(p.max(f64::MIN_POSITIVE))
}

/// All parts of all cells of which there is a number of ours, but those declared to differ.
///
pub(crate) fn wanted(
    printed: &Transcription,
    computed: &[Computed],
    deviations: &Deviations,
) -> Asked {
    let Asked { wanted: mut all, mut undefined, mut drawn } = Asked::default();
    for (at, (table, computed)) in printed.tables().iter().zip(computed).enumerate() {
        let mut cells = Vec::new();
        for row in table.rows() {
            for (cell, column) in row.cells.iter().zip(table.column_names()) {
                cells.push((row.label.clone(), column.clone(), cell.clone(), table.stars()));
            }
        }
        if let Some(first) = table.column_names().first() {
            let beside = printed::beside(table).into_iter();
            cells.extend(beside.map(|(label, cell)| (label, first.clone(), cell, [].as_slice())));
        }
        // With F there, what lacks is what its draws would give.
        let is_drawn = |computed: &Computed, row: &str| {
            let f = computed.of(row, "F");
            table.kind() == Kind::ThresholdTest && matches!(f, Ours::Numbers(_))
        };
        for (row, column, cell, stars) in cells {
            let Some(estimate) = cell.estimate() else { continue };
            let number = |number: &Number| {
                let interval = number.interval();
                Target::between(interval.lo, interval.hi)
            };
            let mut add = |part: PartKind, target: Target, text: &str| {
                let address = [table.id(), column.as_str(), row.as_str()];
                let (row, column, text) = (row.clone(), column.clone(), text.to_owned());
                let is_declared = false;
                let mut wanted = Wanted { table: at, row, column, part, target, text, is_declared };
                match deviations.of(address, part) {
                    Sought::Printed => {}
                    Sought::Nothing => return,
                    Sought::Other(other) => {
                        wanted.target = number(other);
                        other.as_str().clone_into(&mut wanted.text);
                        wanted.is_declared = true;
                    }
                }
                match (wanted.of(computed), computed.of(&wanted.row, &wanted.column)) {
                    (Some(_), _) => all.push(wanted),
                    (None, Ours::Failed(why)) => {
                        undefined.push(format!("{}: {why}", wanted.address(printed)));
                    }
                    (None, Ours::Numbers(numbers)) if numbers.has(part) => {
                        undefined.push(format!("{}: it is not finite", wanted.address(printed)));
                    }
                    (None, _) if is_drawn(computed, &wanted.row) => {
                        // Critical values have no stars.
                        drawn += usize::from(part == PartKind::Value || wanted.column == "F");
                    }
                    (None, Ours::Numbers(_))
                        if part == PartKind::Stars && wanted.text.is_empty() => {}
                    (None, Ours::Numbers(_)) => {
                        let what = "nothing of ours stands beside it";
                        undefined.push(format!("{}: {what}", wanted.address(printed)));
                    }
                    (None, _) => {}
                }
            };
            add(PartKind::Value, number(estimate.number()), estimate.number().as_str());
            if let Some(uncertainty) = estimate.uncertainty() {
                add(PartKind::Uncertainty, number(uncertainty), uncertainty.as_str());
            }
            if !stars.is_empty() && usize::from(estimate.stars()) > stars.len() {
                let [table, column, row] = [table.id(), column.as_str(), row.as_str()];
                undefined.push(format!(
                    "{table} / {column} / {row} / stars: {} stars, and the table says what {} mean",
                    estimate.stars(),
                    stars.len()
                ));
            } else if !stars.is_empty() {
                let text = "*".repeat(usize::from(estimate.stars()));
                add(PartKind::Stars, significance(estimate.stars(), stars), &text);
            }
        }
    }
    Asked { wanted: all, undefined, drawn }
}

/// A printed weight of an index.
#[derive(Debug, Clone)]
pub(super) struct Weight {
    /// The place of its indicator in the scheme.
    pub(super) indicator: usize,
    pub(super) target: Target,
    pub(super) address: String,
}

/// The printed weights of an index, but those declared to differ.
pub(super) fn weights(printed: &Transcription, study: &Study, scheme: &Scheme) -> Vec<Weight> {
    let mut found = Vec::new();
    for table in printed.tables() {
        let Some(Plan::Scheme(name)) = study.tables.get(table.id()) else { continue };
        if *name != scheme.name {
            continue;
        }
        for (indicator, of) in scheme.indicators.iter().enumerate() {
            let Some(number) = table.cell(of.label(), "weight").and_then(Printed::number) else {
                continue;
            };
            let address = [table.id(), "weight", of.label()];
            let interval = match study.deviations.of(address, PartKind::Value) {
                Sought::Printed => number.interval(),
                Sought::Nothing => continue,
                Sought::Other(other) => other.interval(),
            };
            let target = Target::between(interval.lo, interval.hi);
            let address = format!("{} / value", address.join(" / "));
            found.push(Weight { indicator, target, address });
        }
    }
    found
}

/// The deviates whose p values earn so many stars.
fn significance(count: u8, thresholds: &[f64]) -> Target {
    let mut levels = thresholds.to_vec();
    levels.sort_by(|a, b| b.total_cmp(a));
    let count = usize::from(count);
    let passed = count.checked_sub(1).and_then(|last| levels.get(last));
    let low = passed.map_or(f64::NEG_INFINITY, |&level| distance(level) + STARS);
    let high = levels.get(count).map_or(f64::INFINITY, |&level| distance(level) - STARS);
    Target { low, high, unit: STARS, weight: 1.0 }
}
