//! Rows of panels: taking some, and matching those of two files.

use std::collections::{BTreeMap, HashMap};

use panel::{Column, Factor, Index, Name, Panel};

use crate::account::{Entry, Keys};
use crate::{Error, Source, Tier};

/// A panel in the making: sorted rows, and columns that are still being added.
pub(crate) struct Frame {
    pub(crate) index: Index,
    pub(crate) columns: BTreeMap<Name, Column>,
    pub(crate) tiers: BTreeMap<Name, Tier>,
}

impl Frame {
    pub(crate) fn new(panel: &Panel, rows: &[usize], tier: Tier) -> Self {
        let (index, columns) = columns_at(panel, rows);
        let tiers = columns.keys().map(|name| (name.clone(), tier)).collect();
        Self { index, columns, tiers }
    }

    /// "`entity` in `period`" of a row.
    pub(crate) fn label(&self, row: usize) -> (String, i32) {
        (self.index.entity.label(self.index.entity.codes()[row]), self.index.period[row])
    }

    /// Adds a column under a name that is not in use.
    pub(crate) fn add(
        &mut self,
        at: &str,
        name: Name,
        column: Column,
        tier: Tier,
    ) -> Result<(), Error> {
        let Index { entity_name, period_name, .. } = &self.index;
        if self.columns.contains_key(&name) || [entity_name, period_name].contains(&&name) {
            return Err(Error::Taken { at: at.to_owned(), column: name });
        }
        self.tiers.insert(name.clone(), tier);
        self.columns.insert(name, column);
        Ok(())
    }
}

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

/// Adds the columns of `other` to the frame's rows, matched on entity and period.
pub(crate) fn join(
    frame: &mut Frame,
    other: &Panel,
    rows: &[usize],
    source: &Source,
) -> Result<Entry, Error> {
    let (theirs, ours) = (other.index(), &frame.index);
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
            None => unused.push(other.row_label(row)),
        }
    }
    let mut unmatched = Keys::default();
    for row in (0..matched.len()).filter(|&row| matched[row].is_none()) {
        unmatched.push(frame.label(row));
    }
    for (name, column) in other.columns() {
        frame.add(&source.file, name.clone(), spread(column, &matched), source.tier)?;
    }
    Ok(Entry::Joined { file: source.file.clone(), rows: matched.len(), unmatched, unused })
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
