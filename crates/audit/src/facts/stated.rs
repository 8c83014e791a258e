//! What the schema states, and whether the paper allows it.

use published::{Kind, Transcription};
use toml::Spanned;

use super::{Count, Facts, Mediation, Pair, Sum, Triple};
use crate::Error;
use crate::names::is_time;
use crate::schema::{self, Schema, Total};
use crate::sheet::Sheet;

pub(super) fn apply(
    facts: &mut Facts<'_>,
    paper: &Transcription,
    schema: &Schema,
    sheet: &Sheet<'_>,
) -> Result<(), Error> {
    let source = Source { paper, schema, sheet };
    let written = &schema.written;
    let years = |first: i32, last: i32| u64::try_from(i64::from(last) - i64::from(first) + 1).ok();
    facts.panel = match (&written.panel, &paper.paper().panel) {
        (Some(panel), _) => Some((u64::from(panel.units), u64::from(panel.periods), true)),
        (None, Some(panel)) => {
            years(panel.first, panel.last).map(|periods| (panel.units as u64, periods, false))
        }
        (None, None) => None,
    };
    facts.classical = written.errors == Some(schema::Errors::Iid);
    for column in &mut facts.columns {
        column.estimator = written.estimator;
        column.errors = written.errors;
        column.tests = written.tests;
        column.n = column.n.or(written.n.map(Count::Stated));
    }
    facts.variables.clone_from(&written.variables);
    for stated in &written.columns {
        source.column(facts, stated)?;
    }
    if let Some(name) = &written.moments {
        facts.moments = Some((source.moments(name)?, true));
    }
    for sample in &written.samples {
        source.chain(facts, &sample.columns, |facts, a, b| facts.shared.push((a, b)))?;
        if let Some(moments) = &sample.moments {
            let moments = source.moments(moments)?;
            for name in &sample.columns {
                let column = source.find(facts, name)?;
                facts.columns[column].moments = Some(moments);
            }
            facts.moments.get_or_insert((moments, true));
        }
    }
    for same in &written.same {
        source.chain(facts, &same.columns, |facts, a, b| {
            facts.shared.push((a, b));
            facts.same.push((a, b, true));
        })?;
    }
    for nested in &written.nested {
        let (short, long) = (source.find(facts, &nested.short)?, source.find(facts, &nested.long)?);
        facts.shared.push((short, long));
        facts.pairs.push(Pair { short, long, added: None, stated: true });
    }
    for stated in &written.mediations {
        source.mediation(facts, stated)?;
    }
    for (a, b) in facts.shared.clone() {
        source.agree_on_n(facts, a, b)?;
        facts.share(a, b);
    }
    for (a, b) in facts.shared.clone() {
        for at in [a, b] {
            facts.columns[at].said = Some(facts.columns[at].sample);
        }
    }
    for partition in &written.partitions {
        let whole = source.find(facts, &partition.whole)?;
        let parts = partition.parts.iter().map(|it| source.find(facts, it));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        if parts.contains(&whole) {
            return Err(Error::Contradiction {
                at: schema.at(partition.whole.span().start),
                what: format!("`{}` is a part of itself", facts.columns[whole].id),
                cure: "list the other parts alone".to_owned(),
            });
        }
        facts.partitions.push((whole, parts));
    }
    for sum in &written.sums {
        facts.sums.push((source.cells(&sum.cells)?, source.total(&sum.to)?));
    }
    for mean in &written.means {
        let (cells, weights) = (source.cells(&mean.cells)?, source.cells(&mean.weights)?);
        if cells.len() != weights.len() {
            return Err(Error::Contradiction {
                at: schema.at(mean.is.span().start),
                what: format!("a mean of {} cells has {} weights", cells.len(), weights.len()),
                cure: "list a weight for each cell, in their order".to_owned(),
            });
        }
        facts.means.push((cells, weights, source.total(&mean.is)?));
    }
    Ok(())
}

struct Source<'s> {
    paper: &'s Transcription,
    schema: &'s Schema,
    sheet: &'s Sheet<'s>,
}

impl Source<'_> {
    fn column(&self, facts: &mut Facts<'_>, stated: &schema::Column) -> Result<(), Error> {
        let at = self.find(facts, &stated.id)?;
        let contradiction = |what: String, cure: &str| Error::Contradiction {
            at: self.schema.at(stated.id.span().start),
            what,
            cure: cure.to_owned(),
        };
        let name = stated.outcome.as_deref().map(|it| facts.name(it));
        let column = &mut facts.columns[at];
        if let Some(n) = stated.n {
            match column.n {
                Some(Count::Printed(entry)) => {
                    let printed = self.sheet.entries[entry].estimate.value;
                    if printed.to_bits() != (n as f64).to_bits() {
                        let what =
                            format!("`{}` is said to have n = {n} and prints {printed}", column.id);
                        return Err(contradiction(what, "leave `n` out: the printed one counts"));
                    }
                }
                _ => column.n = Some(Count::Stated(n)),
            }
        }
        if let Some(outcome) = &stated.outcome {
            if let Some(printed) = column.outcome.as_ref().filter(|it| *it != outcome) {
                let what = format!(
                    "`{}` is said to have the outcome `{outcome}` and prints `{printed}`",
                    column.id
                );
                return Err(contradiction(what, "leave `outcome` out"));
            }
            column.outcome = Some(outcome.clone());
            column.outcome_name = name;
        }
        if let Some(absorbs) = &stated.absorbs {
            let mut absorbs: Vec<String> = absorbs.iter().map(|it| it.to_lowercase()).collect();
            absorbs.sort();
            column.absorbs = Some(absorbs);
        }
        let none = column.absorbs.as_ref().is_some_and(Vec::is_empty);
        if none && stated.indicators == Some(true) {
            let what = format!("`{}` has indicators of effects and no effects", column.id);
            return Err(contradiction(what, "list the effects in `absorbs`"));
        }
        column.indicators = stated.indicators;
        match (stated.period_indicators, &mut column.absorbs) {
            (Some(true), absorbs) => {
                column.indicators = Some(true);
                if let Some(absorbs) =
                    absorbs.as_mut().filter(|it| !it.iter().any(|it| is_time(it)))
                {
                    absorbs.push("period".to_owned());
                    absorbs.sort();
                }
            }
            // What the schema itself says is absorbed is no indicator.
            (Some(false), Some(_)) if stated.absorbs.is_some() => {
                column.indicators = column.indicators.or(Some(false));
            }
            _ => {}
        }
        if let Some(clusters) = stated.clusters {
            let n = column.n.map(|it| it.of(self.sheet));
            if clusters < 2 || n.is_some_and(|n| f64::from(clusters) > n) {
                let what = format!("`{}` is said to have {clusters} clusters", column.id);
                return Err(contradiction(what, "there are at least 2, and no more than rows"));
            }
        }
        column.unprinted = stated.unprinted_regressors.or(column.unprinted);
        column.estimator = stated.estimator.or(column.estimator);
        column.errors = stated.errors.or(column.errors);
        column.tests = stated.tests.or(column.tests);
        column.clusters = stated.clusters.or(column.clusters);
        Ok(())
    }

    /// The column of a name.
    fn find(&self, facts: &Facts<'_>, name: &Spanned<String>) -> Result<usize, Error> {
        let columns = &facts.columns;
        columns.iter().position(|it| it.id == *name.get_ref()).ok_or_else(|| {
            let table = name.get_ref().split('/').next().unwrap_or_default();
            let of = |it: &&super::Column<'_>| self.paper.tables()[it.table].id() == table;
            let has: Vec<&str> = columns.iter().filter(of).map(|it| it.id.as_str()).collect();
            let cure = if has.is_empty() {
                "name a column of a regression table as `table/header`".to_owned()
            } else {
                format!("table {table} has `{}`", has.join("`, `"))
            };
            self.unknown("column", name.get_ref(), name.span().start, cure)
        })
    }

    fn unknown(&self, what: &'static str, name: &str, at: usize, cure: String) -> Error {
        Error::Unknown { at: self.schema.at(at), what, name: name.to_owned(), cure }
    }

    /// Every column of a list with the first of it.
    fn chain<'a>(
        &self,
        facts: &mut Facts<'a>,
        names: &[Spanned<String>],
        mut each: impl FnMut(&mut Facts<'a>, usize, usize),
    ) -> Result<(), Error> {
        let columns = names.iter().map(|it| self.find(facts, it));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        if let Some((&first, rest)) = columns.split_first() {
            for &it in rest {
                each(facts, first, it);
            }
        }
        Ok(())
    }

    fn moments(&self, name: &Spanned<String>) -> Result<usize, Error> {
        let is =
            |it: &published::Table| it.id() == name.get_ref() && it.kind() == Kind::Descriptive;
        self.paper.tables().iter().position(is).ok_or_else(|| {
            let cure = "name a table of kind `descriptive` by its id".to_owned();
            self.unknown("table of moments", name.get_ref(), name.span().start, cure)
        })
    }

    fn cell(&self, name: &str, at: usize) -> Result<usize, Error> {
        let parts: Vec<&str> = name.split('/').collect();
        let entry = match parts[..] {
            [table, ref column @ .., row, "estimate"] => {
                self.sheet.find(table, &column.join("/"), row)
            }
            _ => None,
        };
        entry.ok_or_else(|| {
            let cure = "name a cell with a number as `table/column/row/estimate`".to_owned();
            self.unknown("cell", name, at, cure)
        })
    }

    fn cells(&self, names: &[Spanned<String>]) -> Result<Vec<usize>, Error> {
        names.iter().map(|it| self.cell(it.get_ref(), it.span().start)).collect()
    }

    fn total(&self, to: &Spanned<Total>) -> Result<Sum, Error> {
        Ok(match to.get_ref() {
            Total::Number(to) => Sum::Number(*to),
            Total::Cell(cell) => Sum::Entry(self.cell(cell, to.span().start)?),
        })
    }

    fn mediation(&self, facts: &mut Facts<'_>, stated: &schema::Mediation) -> Result<(), Error> {
        let mediator = facts.name(stated.mediator.get_ref());
        let (first, second) = (self.find(facts, &stated.first)?, self.find(facts, &stated.second)?);
        let total = stated.total.as_ref().map(|it| self.find(facts, it)).transpose()?;
        let at = stated.mediator.span().start;
        let contradiction = |what: String, cure: &str| Error::Contradiction {
            at: self.schema.at(at),
            what,
            cure: cure.to_owned(),
        };
        let outcome = facts.columns[first].outcome_name;
        if outcome.is_some_and(|it| it != mediator) {
            let what = format!(
                "`{}` has the outcome `{}`, not the mediator `{}`",
                facts.columns[first].id,
                facts.columns[first].outcome.as_deref().unwrap_or_default(),
                stated.mediator.get_ref()
            );
            return Err(contradiction(what, "name the regression of the mediator in `first`"));
        }
        if facts.columns[second].slope(mediator).is_none() {
            let id = &facts.columns[second].id;
            let what = format!("`{id}` prints no coefficient of `{}`", stated.mediator.get_ref());
            return Err(contradiction(what, "name the regression with the mediator in `second`"));
        }
        let treatment = if let Some(name) = &stated.treatment {
            facts.name(name.get_ref())
        } else {
            let shared = |it: &&super::Slope<'_>| {
                it.name != mediator && facts.columns[second].slope(it.name).is_some()
            };
            let slopes = facts.columns[first].slopes.iter().filter(shared);
            let Some(it) = slopes.min_by_key(|it| it.entry) else {
                let what = "the two columns of the mediation share no regressor".to_owned();
                return Err(contradiction(what, "name the treatment in `treatment`"));
            };
            it.name
        };
        let effects = stated.effects.as_ref().map(|table| {
            let find = |row| self.sheet.find(table.get_ref(), "effects", row);
            if let [Some(total), Some(direct), Some(indirect)] =
                [find("total"), find("direct"), find("indirect")]
            {
                return Ok([total, direct, indirect]);
            }
            let cure = "give a table that has `effects`".to_owned();
            Err(self.unknown("effects of table", table.get_ref(), table.span().start, cure))
        });
        // Effects that are printed under the table of a column of the mediation are of it.
        let under = || {
            [second, first].into_iter().find_map(|at| {
                let table = self.paper.tables()[facts.columns[at].table].id();
                let find = |row| self.sheet.find(table, "effects", row);
                Some([find("total")?, find("direct")?, find("indirect")?])
            })
        };
        let effects = effects.transpose()?.or_else(under);
        for column in [Some(second), total].into_iter().flatten() {
            facts.shared.push((first, column));
        }
        if let Some(short) = total {
            let (long, auxiliary) = (second, first);
            facts.pairs.push(Pair { short, long, added: Some(mediator), stated: true });
            facts.triples.push(Triple { short, long, auxiliary, added: mediator, stated: true });
        }
        facts.mediations.push(Mediation { mediator, treatment, first, second, total, effects });
        Ok(())
    }

    /// Columns of the same rows that print different numbers of them.
    fn agree_on_n(&self, facts: &Facts<'_>, a: usize, b: usize) -> Result<(), Error> {
        let n = |column: usize| facts.columns[column].n;
        if let (Some(Count::Stated(x)), Some(Count::Stated(y))) = (n(a), n(b))
            && x != y
        {
            let ids = (&facts.columns[a].id, &facts.columns[b].id);
            return Err(Error::Contradiction {
                at: self.schema.at(0),
                what: format!(
                    "`{}` has n = {x}, `{}` has n = {y}, and both the same rows",
                    ids.0, ids.1
                ),
                cure: "correct `n`, or take one of them out of the sample".to_owned(),
            });
        }
        Ok(())
    }
}
