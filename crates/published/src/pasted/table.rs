//! From a grid to tables: which kind it is, and what its cells say.

use super::around::{even, labelled, outcome, title, without_notes};
use super::body::{self, Built, Part};
use super::cell::{cell, push};
use super::error::PasteError;
use super::grid::{Grid, GridRow};
use super::header::{self, Column, is_number};
use super::legend::{self, Legend};
use super::pairs::Pairs;
use super::words::{self, Beside};
use crate::{Bracket, Kind, Printed, Row, Table, Uncertainty};

/// The tables on a grid; none if it holds no numbers.
pub(super) fn read(
    grid: &Grid,
    id: &str,
    remarks: &mut Vec<String>,
) -> Result<Vec<Table>, PasteError> {
    let (rows, notes) = without_notes(grid);
    let head = header::rows(&rows);
    let (header, body) = rows.split_at(head);
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let numbers = |j: usize| body.iter().filter(|row| is_number(row.text(j))).count();
    if !(1..width).any(|j| numbers(j) > 0) {
        if let Some(row) = body.iter().find(|row| is_number(row.text(0))) {
            return Err(PasteError::NoLabels { at: row.at.clone() });
        }
        return Ok(Vec::new());
    }
    if let Some(turned) = turned(header, body, width) {
        let grid = Grid { rows: turned, above: grid.above.clone(), below: grid.below.clone() };
        return read(&grid, id, remarks);
    }
    labelled(body, width)?;
    even(header, body)?;
    let filled = |j: usize| body.iter().any(|row| !row.text(j).is_empty());
    let words = |j: usize| j == 0 || filled(j) && numbers(j) == 0;
    let sheet = Sheet {
        id,
        title: title(grid),
        notes,
        header,
        body,
        labels: (0..width).take_while(|&j| words(j)).collect(),
        data: (0..width).skip_while(|&j| words(j)).filter(|&j| filled(j)).collect(),
    };
    sheet.tables(remarks)
}

/// Moments in rows and variables in columns, turned round: `None` if they are not.
fn turned(header: &[GridRow], body: &[GridRow], width: usize) -> Option<Vec<GridRow>> {
    let [head] = header else { return None };
    let moments: Vec<_> = body.iter().filter_map(|row| words::moment(row.text(0))).collect();
    let known = moments.contains(&"mean") && moments.contains(&"sd") && moments.len() > 2;
    let distinct = moments.iter().enumerate().all(|(n, it)| !moments[..n].contains(it));
    let named =
        (1..width).all(|j| !head.text(j).is_empty() && words::moment(head.text(j)).is_none());
    if !known || !distinct || !named {
        return None;
    }
    let first = std::iter::once("variable").chain(body.iter().map(|row| row.text(0)));
    let mut rows = vec![GridRow {
        at: head.at.clone(),
        cells: first.map(|text| Some(text.to_owned())).collect(),
    }];
    rows.extend((1..width).map(|j| {
        GridRow {
            at: head.at.clone(),
            cells: std::iter::once(head.text(j))
                .chain(body.iter().map(|row| row.text(j)))
                .map(|text| Some(text.to_owned()))
                .collect(),
        }
    }));
    Some(rows)
}

impl Table {
    /// Adds what lines around a table of one regression say of it.
    pub(super) fn take(
        &mut self,
        pairs: Pairs,
        remarks: &mut Vec<String>,
    ) -> Result<(), PasteError> {
        if !pairs.unused.is_empty() {
            let unused = pairs.unused.iter().map(String::as_str).collect::<Vec<_>>();
            remarks.push(format!(
                "table {}: not used of the lines around: {}",
                self.id,
                unused.join(", ")
            ));
        }
        if self.columns.len() != 1 || self.kind != Kind::Regression {
            return Ok(());
        }
        if let Some(outcome) = pairs.outcome.filter(|_| self.dependent.is_empty()) {
            self.dependent = vec![outcome];
        }
        for pair in pairs.rows {
            if self.row(&pair.label).is_none() {
                let cells = vec![cell(&pair.value, "", || pair.at.clone(), remarks)];
                push(self, Row { group: None, label: pair.label, cells }, &pair.at, None)?;
            }
        }
        Ok(())
    }
}

/// A table whose header and body are known.
struct Sheet<'a> {
    id: &'a str,
    title: String,
    notes: Vec<String>,
    header: &'a [GridRow],
    body: &'a [GridRow],
    /// Columns of labels.
    labels: Vec<usize>,
    /// Columns of cells.
    data: Vec<usize>,
}

impl Sheet<'_> {
    fn tables(&self, remarks: &mut Vec<String>) -> Result<Vec<Table>, PasteError> {
        let known = |known: fn(&str) -> Option<&'static str>| {
            self.data
                .iter()
                .filter(|&&j| self.header.iter().any(|row| known(row.seen(j)).is_some()))
                .count()
        };
        let weight =
            self.data.iter().any(|&j| self.header.iter().any(|row| words::is_weight(row.seen(j))));
        Ok(if self.is_square() {
            remarks.push(format!("table {}: correlations; nothing is checked in it", self.id));
            vec![self.plain(Kind::Resources, |_| None, remarks)?]
        } else if known(words::moment) > 1 {
            vec![self.plain(Kind::Descriptive, words::moment, remarks)?]
        } else if weight {
            vec![self.weights(remarks)?]
        } else if known(words::of_threshold_test) > 2 {
            let mut table = self.plain(Kind::ThresholdTest, words::of_threshold_test, remarks)?;
            table.stars = self.stars(std::slice::from_ref(&table), remarks);
            vec![table]
        } else {
            self.regressions(remarks)?
        })
    }

    /// Whether rows and columns are the same variables, with ones on the diagonal.
    fn is_square(&self) -> bool {
        let n = self.data.len();
        let rows: Vec<&GridRow> = self.body.iter().filter(|row| !row.text(0).is_empty()).collect();
        let one = |(row, &j): (&&GridRow, &usize)| {
            row.text(j)
                .parse::<Printed>()
                .is_ok_and(|cell| cell.number().is_some_and(|x| x.interval().contains(1.0)))
        };
        n > 1 && rows.len() == n && rows.iter().zip(&self.data).all(one)
    }

    /// What a column is called: all that stands above it, or the word that is known for it.
    fn names(&self, known: fn(&str) -> Option<&'static str>) -> Vec<String> {
        let name = |&j: &usize| {
            let mut texts: Vec<&str> = Vec::new();
            for row in self.header {
                let text = known(row.seen(j)).unwrap_or_else(|| row.seen(j));
                if !text.is_empty() && !texts.contains(&text) {
                    texts.push(text);
                }
            }
            Column { at: j, beside: None, more: Vec::new(), name: texts.join(" "), dependent: None }
        };
        let mut columns: Vec<Column> = self.data.iter().map(name).collect();
        header::name(&mut columns);
        columns.into_iter().map(|column| column.name).collect()
    }

    fn blank(&self, kind: Kind, stub: Vec<String>, columns: Vec<String>) -> Table {
        let (id, title) = (self.id.to_owned(), self.title.clone());
        Table {
            id,
            title,
            kind,
            uncertainty: None,
            stars: Vec::new(),
            threshold: None,
            stub,
            columns,
            dependent: Vec::new(),
            rows: Vec::new(),
            effects: None,
        }
    }

    fn head(&self, j: usize, otherwise: &str) -> String {
        let mut texts =
            self.header.iter().rev().map(|row| row.text(j)).filter(|text| !text.is_empty());
        texts.next().unwrap_or(otherwise).to_owned()
    }

    /// A table whose rows are single lines.
    fn plain(
        &self,
        kind: Kind,
        known: fn(&str) -> Option<&'static str>,
        remarks: &mut Vec<String>,
    ) -> Result<Table, PasteError> {
        let mut table = self.blank(kind, vec![self.head(0, "variable")], self.names(known));
        for row in self.body.iter().filter(|row| row.filled().count() > 0) {
            let label = self.labels.iter().map(|&j| row.text(j)).find(|text| !text.is_empty());
            let Some(label) = label else {
                remarks.push(format!(
                    "{}: a row without a label is not used: {}",
                    row.at,
                    row.joined()
                ));
                continue;
            };
            if row.lone().is_some() {
                continue;
            }
            let mut cells = Vec::new();
            for (&j, column) in self.data.iter().zip(&table.columns) {
                let place = || format!("{}, column `{column}`", row.at);
                cells.push(if kind.is_prose() {
                    Printed::text(row.text(j))
                } else {
                    cell(row.text(j), "", place, remarks)
                });
            }
            push(&mut table, Row { group: None, label: label.to_owned(), cells }, &row.at, None)?;
        }
        Ok(table)
    }

    /// Weights of an index: the last column of words before them is the indicator, what stands at its
    /// left its dimension, filled down.
    fn weights(&self, remarks: &mut Vec<String>) -> Result<Table, PasteError> {
        let signs = |j: usize| self.body.iter().all(|row| row.text(j).chars().count() <= 8);
        let last = self.labels.iter().rposition(|&j| j == 0 || !signs(j)).unwrap_or(0);
        let (labels, beside) = self.labels.split_at(last + 1);
        let (groups, label) = labels.split_at(last);
        let words = Sheet {
            data: beside.iter().chain(&self.data).copied().collect(),
            notes: Vec::new(),
            title: self.title.clone(),
            labels: labels.to_vec(),
            ..*self
        };
        let weight = |header: &str| words::is_weight(header).then_some("weight");
        let stub = vec![
            groups.first().map_or_else(String::new, |&j| self.head(j, "dimension")),
            self.head(label[0], "indicator"),
        ];
        let mut table = self.blank(Kind::Weights, stub, words.names(weight));
        let mut above: Vec<&str> = vec![""; groups.len()];
        for row in self.body.iter().filter(|row| row.filled().count() > 0) {
            for (k, &j) in groups.iter().enumerate() {
                if !row.text(j).is_empty() {
                    above[k] = row.text(j);
                }
            }
            let text = row.text(label[0]);
            if text.is_empty() || row.lone().is_some() {
                continue;
            }
            let mut cells = Vec::new();
            for (&j, column) in words.data.iter().zip(&table.columns) {
                cells.push(cell(
                    row.text(j),
                    "",
                    || format!("{}, column `{column}`", row.at),
                    remarks,
                ));
            }
            let group = above
                .iter()
                .filter(|text| !text.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join(" / ");
            let again = (!group.is_empty()).then(|| group.clone());
            push(
                &mut table,
                Row { group: Some(group), label: text.to_owned(), cells },
                &row.at,
                again.as_deref(),
            )?;
        }
        Ok(table)
    }

    fn regressions(&self, remarks: &mut Vec<String>) -> Result<Vec<Table>, PasteError> {
        let outcome = self.notes.iter().chain([&self.title]).find_map(|line| outcome(line));
        let columns = header::columns(self.header, &self.data, outcome.as_deref(), remarks);
        let second = |bracket| legend::uncertainty(&self.notes, Some(bracket));
        let (parts, kinds) = body::rows(self.body, &self.labels, &columns, &second, remarks)?;
        let mut tables = Vec::new();
        for part in &parts {
            tables.push(self.part(part, parts.len() > 1, &columns, remarks)?);
        }
        let mut uncertainty = self.uncertainty(&kinds, &tables);
        let mut stars = self.stars(&tables, remarks);
        if let Some(why) = legend::other(&self.notes) {
            remarks.push(format!("table {}: brackets and stars are not checked: {why}", self.id));
            (uncertainty, stars) = (None, Vec::new());
        }
        for table in &mut tables {
            table.uncertainty = uncertainty;
            table.stars.clone_from(&stars);
        }
        Ok(tables)
    }

    fn part(
        &self,
        part: &Part,
        several: bool,
        columns: &[Column],
        remarks: &mut Vec<String>,
    ) -> Result<Table, PasteError> {
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let mut table = self.blank(Kind::Regression, Vec::new(), names);
        if let Some(heading) = part.heading.as_deref().filter(|_| several) {
            table.id = format!(
                "{} {}",
                self.id,
                heading.split([':', '.', '：']).next().unwrap_or(heading).trim()
            );
            table.title = [self.title.as_str(), heading]
                .iter()
                .filter(|t| !t.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join(". ");
        }
        if columns.iter().all(|column| column.dependent.is_some()) {
            table.dependent =
                columns.iter().filter_map(|column| column.dependent.clone()).collect();
        }
        for Built { at, label, group, estimates, brackets, more } in &part.rows {
            let mut cells = Vec::new();
            for ((estimate, bracket), column) in estimates.iter().zip(brackets).zip(columns) {
                cells.push(cell(
                    estimate,
                    bracket,
                    || format!("{at}, column `{}`", column.name),
                    remarks,
                ));
            }
            push(
                &mut table,
                Row { group: None, label: label.clone(), cells },
                at,
                group.as_deref(),
            )?;
            let label = table.rows.last().map_or(String::new(), |row| row.label.clone());
            for (kind, texts) in more {
                let cells = texts.iter().zip(columns).map(|(text, column)| {
                    let place = || format!("{at}, column `{}`", column.name);
                    if text.starts_with(['<', '≤']) {
                        Printed::text(text)
                    } else {
                        cell(text, "", place, remarks)
                    }
                });
                let cells = cells.collect();
                push(
                    &mut table,
                    Row { group: None, label: format!("{label}: {kind}"), cells },
                    at,
                    None,
                )?;
            }
        }
        Ok(table)
    }

    fn uncertainty(&self, kinds: &[Beside], tables: &[Table]) -> Option<Uncertainty> {
        match kinds.first() {
            Some(Beside::Error) => return Some(Uncertainty::StandardError),
            Some(Beside::T) => return Some(Uncertainty::T),
            Some(Beside::Z) => return Some(Uncertainty::Z),
            Some(Beside::P) => return Some(Uncertainty::P),
            _ => {}
        }
        let cells = tables.iter().flat_map(Table::cells).filter_map(|(_, cell)| cell.estimate());
        let mut used: Vec<Bracket> = cells.filter_map(crate::Estimate::bracket).collect();
        used.dedup();
        let used = if let [only] = used.as_slice() { Some(*only) } else { None };
        legend::uncertainty(&self.notes, used)
    }

    /// What the notes say of stars; nothing, with a remark, if they do not cover what is printed.
    fn stars(&self, tables: &[Table], remarks: &mut Vec<String>) -> Vec<f64> {
        let cells = tables.iter().flat_map(Table::cells).filter_map(|(_, cell)| cell.estimate());
        let most = usize::from(cells.map(crate::Estimate::stars).max().unwrap_or(0));
        let id = self.id;
        match legend::stars(&self.notes) {
            Legend::Levels(levels) if levels.len() >= most => levels,
            Legend::Levels(levels) => {
                let said = levels.len();
                remarks.push(format!(
                    "table {id}: a cell has {most} stars and the legend speaks of {said}; stars are not checked"
                ));
                Vec::new()
            }
            Legend::Unclear(text) if most > 0 => {
                remarks.push(format!("table {id}: stars are not checked, for what they mean is not clear from: {text}"));
                Vec::new()
            }
            Legend::None if most > 0 => {
                remarks.push(format!(
                    "table {id}: no line says what the stars mean; they are not checked"
                ));
                Vec::new()
            }
            Legend::None | Legend::Unclear(_) => Vec::new(),
        }
    }
}
