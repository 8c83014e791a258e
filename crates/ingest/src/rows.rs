//! Rows of panels: taking some, and matching those of two files.

use std::collections::{BTreeMap, HashMap};

use panel::{Column, Factor, Index, Name, Panel};

use crate::account::{Entry, Keys};
use crate::load::Loaded;
use crate::{Error, Source};

/// The rows that pass.
pub(crate) fn keep(verdicts: &[Option<bool>]) -> Vec<usize> {
    (0..verdicts.len()).filter(|&row| verdicts[row] == Some(true)).collect()
}

/// A panel's key and columns at some of its rows.
pub(crate) fn columns_at(panel: &Panel, rows: &[usize]) -> (Index, BTreeMap<Name, Column>) {
    let all = panel.index();
    let index = Index {
        entity: all.entity.select(rows),
        period: rows.iter().map(|&row| all.period[row]).collect(),
        entity_name: all.entity_name.clone(),
        period_name: all.period_name.clone(),
    };
    let take = |column: &Column| match column {
        Column::Number(values) => Column::Number(rows.iter().map(|&row| values[row]).collect()),
        Column::Category(factor) => Column::Category(factor.select(rows)),
    };
    (index, panel.columns().iter().map(|(name, column)| (name.clone(), take(column))).collect())
}

/// Adds the columns of `other` to the rows that there are, matched on entity and period.
pub(crate) fn join(
    loaded: &mut Loaded,
    other: &Panel,
    rows: &[usize],
    source: &Source,
) -> Result<(), Error> {
    let (theirs, ours) = (other.index(), loaded.panel.index());
    let codes: HashMap<String, u32> = ours.entity.labels().zip(0..).collect();
    let recode: Vec<Option<u32>> =
        theirs.entity.labels().map(|label| codes.get(&label).copied()).collect();
    let at: HashMap<(u32, i32), usize> =
        ours.entity.codes().iter().copied().zip(ours.period.iter().copied()).zip(0..).collect();

    let mut matched: Vec<Option<usize>> = vec![None; ours.period.len()];
    let mut unused = Keys::default();
    for &row in rows {
        let code = recode[theirs.entity.codes()[row] as usize];
        match code.and_then(|code| at.get(&(code, theirs.period[row]))) {
            Some(&own) => matched[own] = Some(row),
            None => unused.push_with(|| other.row_label(row)),
        }
    }
    let mut unmatched = Keys::default();
    for row in (0..matched.len()).filter(|&row| matched[row].is_none()) {
        unmatched.push_with(|| loaded.panel.row_label(row));
    }
    for (name, column) in other.columns() {
        let column = spread(column, &matched);
        loaded.insert(&source.file, name.clone(), column, source.tier, None)?;
    }
    let (file, rows) = (source.file.clone(), matched.len());
    loaded.account.entries.push(Entry::Joined { file, rows, unmatched, unused });
    Ok(())
}

/// A column at the rows where there is one, missing at the others.
fn spread(column: &Column, rows: &[Option<usize>]) -> Column {
    match column {
        Column::Number(values) => {
            Column::Number(rows.iter().map(|row| row.map_or(f64::NAN, |row| values[row])).collect())
        }
        Column::Category(factor) => {
            let labels: Vec<String> = factor.labels().collect();
            let label = |row: &Option<usize>| {
                labels.get(factor.codes()[(*row)?] as usize).map(String::as_str)
            };
            Column::Category(Factor::from_names(rows.iter().map(label)))
        }
    }
}
