//! What is known of each column: printed, stated by the schema, or inferred.

mod columns;
pub(crate) mod inferred;
mod stated;

use std::collections::{BTreeMap, BTreeSet};

use published::{Transcription, Uncertainty};

use crate::reading::{self, Reading};
use crate::schema::{Errors, Estimator, Schema, Tests, Variable};
use crate::sheet::Sheet;
use crate::{Error, Inference, Unchecked};

/// A regressor with a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slope<'a> {
    pub(crate) label: &'a str,
    /// Number of the label: equal labels have equal numbers.
    pub(crate) name: usize,
    pub(crate) entry: usize,
}

/// A count that is printed, or that the schema states.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Count {
    Printed(usize),
    Stated(u64),
}

impl Count {
    /// Its value now; not a whole number if an edit made it none.
    pub(crate) fn of(self, sheet: &Sheet<'_>) -> f64 {
        match self {
            Self::Printed(entry) => sheet.entries[entry].estimate.value,
            Self::Stated(n) => n as f64,
        }
    }
}

/// A column of a regression table.
#[derive(Debug, Clone)]
pub(crate) struct Column<'a> {
    /// Position of its table.
    pub(crate) table: usize,
    /// `table/header`
    pub(crate) id: String,
    pub(crate) outcome: Option<String>,
    pub(crate) outcome_name: Option<usize>,
    /// The constant is not among them; in the order of their names.
    pub(crate) slopes: Vec<Slope<'a>>,
    pub(crate) constant: Option<usize>,
    pub(crate) n: Option<Count>,
    /// R² that are not adjusted, by label.
    pub(crate) r_squared: Vec<(&'a str, usize)>,
    pub(crate) adjusted: Option<usize>,
    pub(crate) f: Option<usize>,
    pub(crate) groups: Option<usize>,
    /// Effects without coefficients, in order; `None` if nothing says.
    pub(crate) absorbs: Option<Vec<String>>,
    /// Whether these are indicators with one left out each, so that the constant depends on which.
    pub(crate) indicators: Option<bool>,
    /// Regressors that are not printed; `None` if there may be some.
    pub(crate) unprinted: Option<u32>,
    pub(crate) estimator: Option<Estimator>,
    pub(crate) errors: Option<Errors>,
    pub(crate) tests: Option<Tests>,
    pub(crate) clusters: Option<u32>,
    pub(crate) declared: Option<Uncertainty>,
    pub(crate) legend: &'a [f64],
    /// Columns of one number have the same rows, said or inferred.
    pub(crate) sample: usize,
    /// The same by the schema's word alone, which holds for variables as well: equal labels of such columns
    /// stand for equal numbers.
    pub(crate) said: Option<usize>,
    /// Position of the table of moments of its rows and variables, by the schema's word.
    pub(crate) moments: Option<usize>,
    pub(crate) reading: Reading,
}

impl Column<'_> {
    /// All that have an estimate: slopes, then the constant.
    pub(crate) fn estimates(&self) -> impl Iterator<Item = usize> {
        self.slopes.iter().map(|it| it.entry).chain(self.constant)
    }

    pub(crate) fn slope(&self, name: usize) -> Option<usize> {
        let at = self.slopes.binary_search_by_key(&name, |it| it.name).ok()?;
        Some(self.slopes[at].entry)
    }

    pub(crate) fn is_least_squares(&self) -> bool {
        self.estimator == Some(Estimator::Ls)
    }

    /// Whether nothing says that it is not by least squares.
    pub(crate) fn may_be_least_squares(&self) -> bool {
        self.estimator.is_none() || self.is_least_squares()
    }

    /// Whether nothing is absorbed and nothing left unprinted, as far as is known.
    pub(crate) fn is_plain(&self) -> Option<bool> {
        Some(self.absorbs.as_ref()?.is_empty())
    }
}

/// Two columns of one outcome, the second with more regressors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) short: usize,
    pub(crate) long: usize,
    /// The regressor that is added, if it is one.
    pub(crate) added: Option<usize>,
    /// Whether the schema says that they differ in what is added alone.
    pub(crate) stated: bool,
}

/// A pair that differs in one regressor, and the column that has it as its outcome.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Triple {
    pub(crate) short: usize,
    pub(crate) long: usize,
    pub(crate) auxiliary: usize,
    pub(crate) added: usize,
    pub(crate) stated: bool,
}

/// A mediation that the schema states.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mediation {
    pub(crate) mediator: usize,
    pub(crate) treatment: usize,
    pub(crate) first: usize,
    pub(crate) second: usize,
    pub(crate) total: Option<usize>,
    /// Entries of total, direct and indirect effect.
    pub(crate) effects: Option<[usize; 3]>,
}

/// What is known before any equation.
#[derive(Debug, Default)]
pub(crate) struct Facts<'a> {
    pub(crate) columns: Vec<Column<'a>>,
    /// The panel, if stated, and whether by the schema.
    pub(crate) panel: Option<(u64, u64, bool)>,
    /// Whether the schema says of every column that its errors are classical.
    pub(crate) classical: bool,
    /// Position of the table of moments, and whether the schema names it.
    pub(crate) moments: Option<(usize, bool)>,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) triples: Vec<Triple>,
    pub(crate) mediations: Vec<Mediation>,
    /// Columns that print one regression, and whether the schema says so.
    pub(crate) same: Vec<(usize, usize, bool)>,
    /// Columns of which the schema says that they share rows.
    pub(crate) shared: Vec<(usize, usize)>,
    pub(crate) partitions: Vec<(usize, Vec<usize>)>,
    /// Entries that add up to a number or an entry.
    pub(crate) sums: Vec<(Vec<usize>, Sum)>,
    /// Entries, their weights, and what their mean is.
    pub(crate) means: Vec<(Vec<usize>, Vec<usize>, Sum)>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) inferred: Vec<Inference>,
    pub(crate) unchecked: Vec<Unchecked>,
    names: BTreeMap<String, usize>,
}

/// What a sum or a mean should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sum {
    Number(f64),
    Entry(usize),
}

impl<'a> Facts<'a> {
    pub(crate) fn new(
        paper: &'a Transcription,
        schema: &Schema,
        sheet: &Sheet<'a>,
    ) -> Result<Self, Error> {
        let mut facts = Self::default();
        columns::read(&mut facts, paper, sheet);
        stated::apply(&mut facts, paper, schema, sheet)?;
        let signed = signed(&facts.columns, sheet);
        // What is read from other cells is no ground to hold one impossible that only a second rounding explains.
        let wide = sheet.rounded_twice();
        for column in &mut facts.columns {
            let cells: Vec<usize> = column.estimates().collect();
            let signed = signed.contains(&column.table);
            let legend = match column.tests {
                Some(Tests::OneSided) => reading::doubled(column.legend),
                Some(Tests::Other) => Vec::new(),
                Some(Tests::TwoSided) | None => column.legend.to_vec(),
            };
            column.reading = reading::read(&wide, &cells, column.declared, &legend, signed);
        }
        inferred::apply(&mut facts, paper, sheet);
        Ok(facts)
    }

    /// The number of a label; labels that differ in blanks around them alone have one.
    fn name(&mut self, label: &str) -> usize {
        let next = self.names.len();
        match self.names.get(label.trim()) {
            Some(&name) => name,
            None => *self.names.entry(label.trim().to_owned()).or_insert(next),
        }
    }

    /// The label of a number.
    pub(crate) fn label(&self, name: usize) -> &str {
        self.names.iter().find(|&(_, &it)| it == name).map_or("", |(label, _)| label)
    }

    /// Makes two columns have the same rows.
    fn share(&mut self, a: usize, b: usize) {
        let (to, from) = (self.columns[a].sample, self.columns[b].sample);
        if to != from {
            for column in self.columns.iter_mut().filter(|it| it.sample == from) {
                column.sample = to;
            }
        }
    }

    /// Whether the schema says that two columns have the same rows of the same variables.
    pub(crate) fn same_data(&self, a: usize, b: usize) -> bool {
        a == b || self.columns[a].said.is_some_and(|it| self.columns[b].said == Some(it))
    }

    pub(crate) fn same_rows(&self, a: usize, b: usize) -> bool {
        self.columns[a].sample == self.columns[b].sample
    }
}

/// Tables whose t statistics have signs: some bracket is negative, and of the negative estimates no
/// more than half have a bracket that is not.
fn signed(columns: &[Column<'_>], sheet: &Sheet<'_>) -> BTreeSet<usize> {
    let mut tally: BTreeMap<usize, [usize; 3]> = BTreeMap::new();
    for column in columns {
        let tally = tally.entry(column.table).or_default();
        for entry in column.estimates().map(|it| &sheet.entries[it]) {
            let Some(bracket) = entry.uncertainty else { continue };
            let (down, negative) =
                (entry.estimate.interval.hi() < 0.0, bracket.interval.hi() < 0.0);
            tally[0] += usize::from(negative);
            tally[1] += usize::from(down && negative);
            tally[2] += usize::from(down && bracket.interval.lo() > 0.0);
        }
    }
    tally.retain(|_, [negative, with, without]| *negative > 0 && with >= without);
    tally.into_keys().collect()
}

/// What stands between a failed equation and a proof.
#[derive(Debug, Default)]
pub(crate) struct Doubts(Vec<&'static str>);

impl Doubts {
    /// A way in which the equation need not hold, unless it is excluded.
    pub(crate) fn unless(mut self, excluded: bool, otherwise: &'static str) -> Self {
        if !excluded && !self.0.contains(&otherwise) {
            self.0.push(otherwise);
        }
        self
    }

    /// All of them in words; `None` if there is none.
    pub(crate) fn words(&self) -> Option<String> {
        let words = (!self.0.is_empty()).then(|| self.0.join(", or "))?;
        // The first of several says what `they` are.
        let named = words.strip_prefix("they ").map(|rest| format!("the columns {rest}"));
        Some(named.unwrap_or(words))
    }
}

/// A count, if the number is one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is checked")]
pub(crate) fn whole(x: f64) -> Option<u64> {
    ((0.0..9e15).contains(&x) && x.fract() == 0.0).then_some(x as u64)
}
