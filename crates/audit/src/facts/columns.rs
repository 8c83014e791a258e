//! What the tables themselves say of their columns.

use published::{Kind, Printed, Row, Table, Transcription};

use super::{Column, Count, Facts, Slope, whole};
use crate::Unchecked;
use crate::names::{self, Label};
use crate::reading::Reading;
use crate::sheet::Sheet;

pub(super) fn read<'a>(facts: &mut Facts<'a>, paper: &'a Transcription, sheet: &Sheet<'a>) {
    for (position, table) in paper.tables().iter().enumerate() {
        if !matches!(table.kind(), Kind::Regression | Kind::ThresholdRegression) {
            continue;
        }
        if sheet.is_left_out(position) {
            continue;
        }
        let labels = labels(table);
        for (row, label) in table.rows().iter().zip(&labels) {
            let numbers = row.cells.iter().any(|cell| cell.number().is_some());
            if *label == Label::Statistic && numbers && Label::of(&row.label) == Label::Other {
                facts.unchecked.push(Unchecked {
                    what: format!("{}: row {}", table.id(), row.label),
                    because: "it has no brackets, as coefficients of this table do, and is no \
                              statistic that is known here"
                        .to_owned(),
                });
            }
        }
        for (j, header) in table.column_names().iter().enumerate() {
            let column = column(facts, (position, table), (j, header), &labels, sheet);
            facts.columns.push(column);
        }
    }
    for (sample, column) in facts.columns.iter_mut().enumerate() {
        column.sample = sample;
    }
}

fn bracketed(row: &Row) -> bool {
    row.cells.iter().any(|cell| cell.estimate().is_some_and(|it| it.uncertainty().is_some()))
}

/// What each row holds. Where coefficients have brackets, a row without is none.
fn labels(table: &Table) -> Vec<Label> {
    let brackets = table.rows().iter().any(bracketed) && table.kind() == Kind::Regression;
    table
        .rows()
        .iter()
        .map(|row| match Label::of(&row.label) {
            Label::Constant => Label::Constant,
            _ if bracketed(row) => Label::Other,
            Label::Other if brackets => Label::Statistic,
            label => label,
        })
        .collect()
}

fn column<'a>(
    facts: &mut Facts<'a>,
    (position, table): (usize, &'a Table),
    (j, header): (usize, &'a String),
    labels: &[Label],
    sheet: &Sheet<'a>,
) -> Column<'a> {
    let outcome = table.dependent().get(j).filter(|it| !it.is_empty()).cloned();
    let outcome_name = outcome.as_deref().map(|it| facts.name(it));
    let mut column = Column {
        table: position,
        id: format!("{}/{header}", table.id()),
        outcome,
        outcome_name,
        slopes: Vec::new(),
        constant: None,
        n: None,
        r_squared: Vec::new(),
        adjusted: None,
        f: None,
        groups: None,
        absorbs: None,
        indicators: None,
        unprinted: None,
        estimator: None,
        errors: None,
        tests: None,
        clusters: None,
        declared: table.uncertainty(),
        legend: table.stars(),
        sample: 0,
        said: None,
        moments: None,
        reading: Reading { brackets: None, as_declared: true, signed: false, degrees: None },
    };
    let mut controls = false;
    for (i, (row, &label)) in table.rows().iter().zip(labels).enumerate() {
        controls |= label == Label::Controls;
        if let Some(entry) = sheet.at(position, i, j) {
            match label {
                Label::Constant => column.constant = Some(entry),
                Label::Observations => {
                    let count = whole(sheet.entries[entry].estimate.value);
                    column.n = count.map(|_| Count::Printed(entry));
                }
                Label::RSquared => column.r_squared.push((&row.label, entry)),
                Label::AdjustedRSquared => column.adjusted = Some(entry),
                Label::F => column.f = Some(entry),
                Label::Groups => column.groups = Some(entry),
                Label::Controls | Label::Statistic => {}
                Label::Other => {
                    let name = facts.name(&row.label);
                    column.slopes.push(Slope { label: &row.label, name, entry });
                }
            }
        } else if let Some(Printed::Text(text)) = row.cells.get(j)
            && let Some(yes) = names::answer(text)
        {
            if label == Label::Controls {
                column.unprinted = if yes { None } else { Some(0) };
            } else if let Some(effect) = names::effect(&row.label) {
                let absorbs = column.absorbs.get_or_insert_default();
                if yes {
                    absorbs.push(effect);
                    absorbs.sort();
                }
            }
        }
    }
    if !controls {
        column.unprinted = Some(0);
    }
    column.slopes.sort_by_key(|it| it.name);
    column
}
