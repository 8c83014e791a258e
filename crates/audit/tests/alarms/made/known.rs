//! What an author says of the columns: all, some, or nothing; never anything that is not so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use testkit::Stream;

use super::paper::{Facts, Paper};
use super::regression::Tests;

/// How much of the truth an author tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    All,
    /// Each statement with probability one half.
    Some,
    Nothing,
}

impl Paper {
    /// The schema of a truthful author.
    pub fn schema(&self, told: Told, stream: &mut Stream) -> String {
        let mut out = String::new();
        let tells = |stream: &mut Stream| match told {
            Told::All => true,
            Told::Some => stream.below(2) == 0,
            Told::Nothing => false,
        };
        // Stars of a bootstrap have nothing to do with what is printed, so that nobody who says so can be spared it.
        match self.tests {
            Tests::Bootstrap => out.push_str("tests = \"other\"\n"),
            Tests::OneSided if tells(stream) => out.push_str("tests = \"one-sided\"\n"),
            Tests::TwoSided if told == Told::All => out.push_str("tests = \"two-sided\"\n"),
            _ => {}
        }
        if let Some(id) = self.described().filter(|_| tells(stream)) {
            let _ = writeln!(out, "moments = {id:?}");
        }
        if let Some((units, first, last)) = self.panel.filter(|_| tells(stream)) {
            let _ = writeln!(out, "[panel]\nunits = {units}\nperiods = {}", last - first + 1);
        }
        for facts in self.columns.iter().filter(|_| told != Told::Nothing) {
            facts.write(&mut out, &mut || tells(stream));
        }
        for columns in self.samples().values().filter(|columns| columns.len() > 1) {
            if tells(stream) {
                let _ = writeln!(out, "[[sample]]\ncolumns = {columns:?}");
            }
        }
        for columns in self.equal() {
            if tells(stream) {
                let _ = writeln!(out, "[[same]]\ncolumns = {columns:?}");
            }
        }
        for [short, long] in self.nested() {
            if tells(stream) {
                let _ = writeln!(out, "[[nested]]\nshort = {short:?}\nlong = {long:?}");
            }
        }
        for it in &self.mediations {
            if tells(stream) {
                let _ = writeln!(
                    out,
                    "[[mediation]]\nmediator = {:?}\nfirst = {:?}\nsecond = {:?}\ntotal = {:?}",
                    it.mediator, it.first, it.second, it.total
                );
                if tells(stream) {
                    let _ = writeln!(out, "treatment = {:?}", it.treatment);
                }
                if let Some(id) = it.effects.as_ref().filter(|_| tells(stream)) {
                    let _ = writeln!(out, "effects = {id:?}");
                }
            }
        }
        for (whole, parts) in self.partitions() {
            if tells(stream) {
                let _ = writeln!(out, "[[partition]]\nwhole = {whole:?}\nparts = {parts:?}");
            }
        }
        for (name, integer, within) in &self.variables {
            if tells(stream) {
                let _ = writeln!(out, "[[variable]]\nname = {name:?}\ninteger = {integer}");
                if tells(stream) {
                    let _ = writeln!(out, "within = {within:?}");
                }
            }
        }
        for (cells, to) in &self.sums {
            if tells(stream) {
                let _ = writeln!(out, "[[sum]]\ncells = {cells:?}\nto = {to:?}");
            }
        }
        out
    }

    /// The table of moments of the rows of the regressions: of all that have as many rows.
    fn described(&self) -> Option<&str> {
        let (id, rows) = self.moments.first()?;
        let other = |facts: &&Facts| facts.n == rows.len() && facts.rows != *rows;
        self.columns.iter().find(other).is_none().then_some(id)
    }

    /// Columns by the rows that they share, and what weighs these.
    fn samples(&self) -> BTreeMap<(&[usize], Option<&str>), Vec<&str>> {
        let mut samples = BTreeMap::<_, Vec<&str>>::new();
        for facts in self.columns.iter().filter(|facts| !facts.rows.is_empty()) {
            let key = (facts.rows.as_slice(), facts.weights.as_deref());
            samples.entry(key).or_default().push(&facts.id);
        }
        samples
    }

    /// Columns that are one regression, printed more than once.
    fn equal(&self) -> Vec<Vec<&str>> {
        let mut groups: Vec<Vec<&Facts>> = Vec::new();
        for facts in self.columns.iter().filter(|facts| !facts.rows.is_empty()) {
            let same = |other: &&Facts| {
                other.ask.effects == facts.ask.effects
                    && other.rows == facts.rows
                    && other.ask.outcome == facts.ask.outcome
                    && other.ask.terms == facts.ask.terms
                    && other.ask.method == facts.ask.method
                    && other.ask.errors == facts.ask.errors
                    && other.ask.constant == facts.ask.constant
                    && other.weights == facts.weights
            };
            match groups.iter_mut().find(|group| group.first().is_some_and(same)) {
                Some(group) => group.push(facts),
                None => groups.push(vec![facts]),
            }
        }
        let several = groups.into_iter().filter(|group| group.len() > 1);
        several.map(|group| group.iter().map(|facts| facts.id.as_str()).collect()).collect()
    }

    /// Pairs of columns of one model, of which the second has regressors more.
    fn nested(&self) -> Vec<[&str; 2]> {
        let mut pairs = Vec::new();
        for short in self.columns.iter().filter(|facts| !facts.rows.is_empty()) {
            for long in &self.columns {
                let (a, b) = (&short.ask, &long.ask);
                let more =
                    a.terms.len() < b.terms.len() && a.terms.iter().all(|t| b.terms.contains(t));
                let like = a.effects == b.effects
                    && short.absorbs == long.absorbs
                    && (&a.outcome, &a.method, &a.constant) == (&b.outcome, &b.method, &b.constant)
                    && a.errors == b.errors
                    && matches!(a.method, super::column::Method::Ls)
                    && short.weights.is_none()
                    && long.weights.is_none();
                if more && like && short.rows == long.rows {
                    pairs.push([short.id.as_str(), long.id.as_str()]);
                }
            }
        }
        pairs
    }

    /// Columns of one table whose rows make up those of a column elsewhere.
    fn partitions(&self) -> Vec<(&str, Vec<&str>)> {
        let mut found = Vec::new();
        for table in &self.tables {
            let prefix = format!("{}/", table.id);
            let parts: Vec<&Facts> =
                self.columns.iter().filter(|facts| facts.id.starts_with(&prefix)).collect();
            let rows: BTreeSet<usize> =
                parts.iter().flat_map(|facts| &facts.rows).copied().collect();
            let disjoint = parts.iter().map(|facts| facts.rows.len()).sum::<usize>() == rows.len();
            let unweighted =
                parts.iter().all(|facts| facts.weights.is_none() && !facts.rows.is_empty());
            let whole = self
                .columns
                .iter()
                .find(|facts| facts.rows.iter().copied().eq(rows.iter().copied()));
            if parts.len() > 1
                && disjoint
                && unweighted
                && let Some(whole) = whole
            {
                let ids = parts.iter().map(|facts| facts.id.as_str()).collect();
                found.push((whole.id.as_str(), ids));
            }
        }
        found
    }
}

impl Facts {
    fn write(&self, out: &mut String, tells: &mut dyn FnMut() -> bool) {
        let _ = writeln!(out, "[[column]]\nid = {:?}", self.id);
        let mut say = |key: &str, value: String| {
            if tells() {
                let _ = writeln!(out, "{key} = {value}");
            }
        };
        if !self.n_printed {
            say("n", self.n.to_string());
        }
        say("outcome", format!("{:?}", self.outcome));
        say("absorbs", format!("{:?}", self.absorbs));
        say("indicators", self.indicators.to_string());
        say("unprinted-regressors", self.unprinted.to_string());
        say("estimator", format!("{:?}", self.estimator));
        say("errors", format!("{:?}", self.errors));
        if let Some(clusters) = self.clusters {
            say("clusters", clusters.to_string());
        }
    }
}
