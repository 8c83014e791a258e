//! Statements of a paper's text, checked as far as they can be: by arithmetic on the printed digits,
//! against another statement of the paper, against real series.
//!
//! Which check a statement gets is said in `study.toml`; there are few, and none knows a paper.

use ingest::{Loaded, Tier};
use published::{Interval, Number, Printed, Transcription};
use report::replication::{Claim as Shown, ClaimStatus, Own};
use serde::Deserialize;
use toml::Spanned;

use crate::Error;
use crate::resolve::At;

/// A check of statements, as a study writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Claim {
    /// `section / what`, or `series / year / name`.
    pub(crate) of: Vec<Spanned<String>>,
    pub(crate) check: Spanned<Check>,
}

/// What a statement is held against.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Check {
    /// A cell of a table of the same paper, which may say `1.5 million tons`.
    TableCell(Cell),
    /// Another statement of the same paper, by its address.
    Equals(String),
    /// Another statement that it is a part of, by its address.
    AtMost(String),
    /// The level a year before that the stated level and growth imply, and a real series for it.
    ImpliesEarlierLevel(Implied),
    /// The target that is stated with it.
    ReachesTarget(Always),
    /// A real series in the year of the statement.
    CompareSeries(Point),
    /// The growth of a real series from the year before.
    CompareGrowth(Point),
    /// Tables of our own that test it.
    Tested(Vec<String>),
    /// Nothing, and why.
    NotCheckable(String),
}

/// No choice to make.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Always {}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Cell {
    table: String,
    row: String,
    column: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Implied {
    against: Option<Point>,
}

/// A value of a real series: a column of an entity of the panel.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Point {
    entity: String,
    column: String,
    /// What turns the unit of the column into that of the statement.
    times: f64,
}

/// A statement of the paper, wherever it stands.
#[derive(Debug, Clone)]
struct Statement<'a> {
    section: String,
    subject: String,
    stated: String,
    unit: &'a str,
    value: Option<&'a Number>,
    year: Option<i32>,
    growth: Option<&'a Number>,
    target: Option<&'a Number>,
}

impl Statement<'_> {
    fn address(&self) -> String {
        match self.year {
            Some(year) => format!("{} / {year} / {}", self.section, self.subject),
            None => format!("{} / {}", self.section, self.subject),
        }
    }
}

/// Every statement of a paper: those of its figures, then those of its text.
fn statements(printed: &Transcription) -> Vec<Statement<'_>> {
    let mut all = Vec::new();
    for series in printed.series() {
        for value in &series.values {
            let growth =
                value.growth.as_ref().map(|growth| format!(", growth {}", growth.as_str()));
            let target =
                value.target.as_ref().map(|target| format!(", target {}", target.as_str()));
            all.push(Statement {
                section: series.id.clone(),
                subject: value.name.clone(),
                stated: format!(
                    "{} {} in {}{}{}",
                    value.value.as_str(),
                    value.unit,
                    value.year,
                    growth.unwrap_or_default(),
                    target.unwrap_or_default()
                ),
                unit: &value.unit,
                value: Some(&value.value),
                year: Some(value.year),
                growth: value.growth.as_ref(),
                target: value.target.as_ref(),
            });
        }
    }
    for claim in printed.claims() {
        let words = [claim.qualifier.as_str(), &claim.value.to_string(), &claim.unit];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let stated = if words.is_empty() { "no number".to_owned() } else { words.join(" ") };
        all.push(Statement {
            section: claim.section.clone(),
            subject: claim.subject.clone(),
            stated,
            unit: &claim.unit,
            value: claim.value.number(),
            year: None,
            growth: None,
            target: None,
        });
    }
    all
}

/// Checks the addresses of claims: each must have been stated, and every statement be addressed.
pub(crate) fn resolve(
    at: &At<'_>,
    claims: &[Claim],
    printed: Option<&Transcription>,
    own: &[&str],
) -> Result<(), Error> {
    let Some(printed) = printed else {
        return match claims.first().and_then(|claim| claim.of.first()) {
            Some(of) => at.error(of.span().start, "nothing was published that states a claim"),
            None => Ok(()),
        };
    };
    let all = statements(printed);
    let mut addressed: Vec<&str> = Vec::new();
    for claim in claims {
        for of in &claim.of {
            if !all.iter().any(|statement| statement.address() == *of.get_ref()) {
                let known: Vec<String> = all.iter().map(Statement::address).collect();
                let what = format!(
                    "nothing states `{}`; there are `{}`",
                    of.get_ref(),
                    known.join("`, `")
                );
                return at.error(of.span().start, what);
            }
            addressed.push(of.get_ref());
        }
        let start = claim.check.span().start;
        match claim.check.get_ref() {
            Check::TableCell(Cell { table, row, column })
                if printed.cell(table, row, column).is_none() =>
            {
                return at
                    .error(start, format!("no cell `{table} / {column} / {row}` was printed"));
            }
            Check::Equals(other) | Check::AtMost(other)
                if !all.iter().any(|statement| statement.address() == *other) =>
            {
                return at.error(start, format!("nothing states `{other}`"));
            }
            Check::Tested(tables) => {
                if let Some(table) = tables.iter().find(|table| !own.contains(&table.as_str())) {
                    return at.error(start, format!("no table `{table}` of our own"));
                }
            }
            Check::NotCheckable(why) if why.trim().is_empty() => {
                return at.error(start, "`not-checkable` is empty; say why");
            }
            _ => {}
        }
    }
    match all.iter().map(Statement::address).find(|of| !addressed.contains(&of.as_str())) {
        None => Ok(()),
        Some(left) => at.error(
            0,
            format!(
                "`{left}` was stated; say under [[claim]] how it is checked, or `not-checkable`"
            ),
        ),
    }
}

/// What became of every check, in the order of the paper.
pub(crate) fn compute(
    claims: &[Claim],
    printed: &Transcription,
    loaded: Option<&Loaded>,
    own: &[Own],
) -> Result<Vec<Shown>, String> {
    let synthetic = |id: &&String| own.iter().any(|own| own.id == **id && own.is_reconstructed);
    let all = statements(printed);
    let mut shown = Vec::new();
    for statement in &all {
        let address = statement.address();
        let about = claims.iter().filter(|c| c.of.iter().any(|of| *of.get_ref() == address));
        for claim in about {
            let check = claim.check.get_ref();
            if let Check::Tested(tables) = check
                && let Some(id) = tables.iter().find(synthetic)
            {
                return Err(format!(
                    "claim `{address}`: table {id} rests on columns that were solved for, and what is stated \
                     is held to real data"
                ));
            }
            let found = check.run(statement, &all, printed, loaded);
            let (status, agrees, says) =
                found.map_err(|what| format!("claim `{address}`: {what}"))?;
            shown.push(Shown {
                section: statement.section.clone(),
                subject: statement.subject.clone(),
                stated: statement.stated.clone(),
                status,
                agrees,
                says,
            });
        }
    }
    Ok(shown)
}

type Finding = (ClaimStatus, Option<bool>, String);

impl Check {
    fn run(
        &self,
        of: &Statement<'_>,
        all: &[Statement<'_>],
        printed: &Transcription,
        loaded: Option<&Loaded>,
    ) -> Result<Finding, String> {
        let value = || of.value.ok_or_else(|| "the statement is no number".to_owned());
        let year = || of.year.ok_or_else(|| "the statement has no year".to_owned());
        let growth = || of.growth.ok_or_else(|| "no growth is stated with it".to_owned());
        match self {
            Self::TableCell(Cell { table, row, column }) => {
                let cell = printed.cell(table, row, column).map(Printed::to_string);
                let cell = cell.unwrap_or_default();
                let there = Amount::read(&cell).ok_or_else(|| format!("`{cell}` is no number"))?;
                let agrees = meet(value()?.interval(), there.interval);
                let says = format!("table {table} has `{cell}` ({column} of {row})");
                Ok((ClaimStatus::Internal, Some(agrees), says))
            }
            Self::Equals(address) => {
                let other = all.iter().find(|other| other.address() == *address);
                let other = other.ok_or_else(|| format!("nothing states `{address}`"))?;
                let there = other.value.ok_or_else(|| format!("`{address}` is no number"))?;
                let agrees = meet(value()?.interval(), there.interval()) && of.unit == other.unit;
                let says = format!("section {} says {}", other.section, other.stated);
                Ok((ClaimStatus::Internal, Some(agrees), says))
            }
            Self::AtMost(address) => {
                let other = all.iter().find(|other| other.address() == *address);
                let other = other.ok_or_else(|| format!("nothing states `{address}`"))?;
                let there = other.value.ok_or_else(|| format!("`{address}` is no number"))?;
                let agrees = value()?.interval().lo <= there.interval().hi && of.unit == other.unit;
                let says = format!(
                    "no more than the whole: section {} says {} ({})",
                    other.section, other.stated, other.subject
                );
                Ok((ClaimStatus::Internal, Some(agrees), says))
            }
            Self::ImpliesEarlierLevel(Implied { against }) => {
                let (value, growth, before) = (value()?, growth()?, year()? - 1);
                let level = earlier(value.interval(), growth.interval())?;
                let unit = of.unit;
                let says = format!(
                    "{} and {} imply {} to {} {unit} in {before}",
                    value.as_str(),
                    growth.as_str(),
                    five(level.lo),
                    five(level.hi)
                );
                match against {
                    None => Ok((ClaimStatus::Arithmetic, None, says)),
                    Some(point) => {
                        let real = point.at(loaded, before)?;
                        let says = format!("{says}; the series has {} {unit}", seven(real));
                        Ok((ClaimStatus::Data, Some(level.contains(real)), says))
                    }
                }
            }
            Self::ReachesTarget(_) => {
                let target = of.target.ok_or("no target is stated with it")?;
                let (value, least) = (value()?.interval(), target.interval());
                let ratio = 100.0 * (value.lo + value.hi) / (least.lo + least.hi);
                let (target, unit) = (target.as_str(), of.unit);
                let says =
                    format!("the stated target is {target} {unit}, reached to {} %", five(ratio));
                Ok((ClaimStatus::Arithmetic, Some(value.lo >= least.hi), says))
            }
            Self::CompareSeries(point) => {
                let (value, year) = (value()?, year()?);
                let real = point.at(loaded, year)?;
                let says = format!("the series has {} {} in {year}", seven(real), of.unit);
                Ok((ClaimStatus::Data, Some(value.interval().contains(real)), says))
            }
            Self::CompareGrowth(point) => {
                let (growth, year) = (growth()?, year()?);
                let (before, now) = (point.at(loaded, year - 1)?, point.at(loaded, year)?);
                let real = 100.0 * (now / before - 1.0);
                let says = format!(
                    "the series goes from {} to {} {}, by {} %, where {} is stated",
                    seven(before),
                    seven(now),
                    of.unit,
                    five(real),
                    growth.as_str()
                );
                Ok((ClaimStatus::Data, Some(growth.interval().contains(real)), says))
            }
            Self::Tested(tables) => {
                let says = format!(
                    "put to real data in table{} {} of ours; read there what the data can show",
                    if tables.len() == 1 { "" } else { "s" },
                    tables.join(", ")
                );
                Ok((ClaimStatus::Data, None, says))
            }
            Self::NotCheckable(why) => Ok((ClaimStatus::NotCheckable, None, why.clone())),
        }
    }
}

fn five(x: f64) -> String {
    report::format::general(x, 5)
}

fn seven(x: f64) -> String {
    report::format::general(x, 7)
}

/// Whether some number rounds to both.
fn meet(a: Interval, b: Interval) -> bool {
    a.lo.max(b.lo) <= a.hi.min(b.hi)
}

/// All levels a year before that round to what is stated: `[lo/(1 + g.hi), hi/(1 + g.lo)]`.
fn earlier(level: Interval, percent: Interval) -> Result<Interval, String> {
    let factor = Interval { lo: 1.0 + percent.lo / 100.0, hi: 1.0 + percent.hi / 100.0 };
    if factor.lo <= 0.0 || level.lo < 0.0 {
        return Err("a level and its growth must be above nothing".to_owned());
    }
    Ok(Interval { lo: level.lo / factor.hi, hi: level.hi / factor.lo })
}

impl Point {
    /// The value of the series in a year, in the unit of the statement.
    fn at(&self, loaded: Option<&Loaded>, year: i32) -> Result<f64, String> {
        if is_synthetic(loaded, &self.column) {
            let column = &self.column;
            return Err(format!(
                "`{column}` was solved for, and what is stated is held to real data"
            ));
        }
        let points = series(loaded, &self.entity, &self.column)?;
        let found = points.iter().find(|(of, _)| *of == year);
        found.map(|(_, value)| value * self.times).ok_or_else(|| {
            let years: Vec<String> = points.iter().map(|(of, _)| of.to_string()).collect();
            format!(
                "`{}` of `{}` is not known in {year}, but in {}",
                self.column,
                self.entity,
                years.join(", ")
            )
        })
    }
}

/// Whether a column was solved for, or made of one that was.
pub(crate) fn is_synthetic(loaded: Option<&Loaded>, column: &str) -> bool {
    loaded.is_some_and(|loaded| loaded.tiers.get(column) == Some(&Tier::Reconstructed))
}

/// The known values of a column of one entity, by period.
pub(crate) fn series(
    loaded: Option<&Loaded>,
    entity: &str,
    column: &str,
) -> Result<Vec<(i32, f64)>, String> {
    let panel = &loaded.ok_or("the study has no data: say `[panel]` and `[[source]]`")?.panel;
    let values = panel.values(&panel::Term::var(column)).map_err(|error| error.to_string())?;
    let rows = (0..panel.n_rows()).filter(|&row| panel.row_label(row).0 == entity);
    let mut found = false;
    let mut points = Vec::new();
    for row in rows {
        found = true;
        if !values[row].is_nan() {
            points.push((panel.row_label(row).1, values[row]));
        }
    }
    if found {
        return Ok(points);
    }
    let known: Vec<String> = panel.index().entity.labels().collect();
    Err(format!("no `{entity}`; there are {}", known.join(", ")))
}

/// An amount in words, such as `1.5 million tons`: all it may stand for.
#[derive(Debug, PartialEq)]
struct Amount {
    interval: Interval,
}

impl Amount {
    /// Reads a number, and a word of scale after it if there is one.
    fn read(text: &str) -> Option<Self> {
        const SCALES: [(&str, f64); 5] = [
            ("hundred", 1e2),
            ("thousand", 1e3),
            ("million", 1e6),
            ("billion", 1e9),
            ("trillion", 1e12),
        ];
        let mut words = text.split_whitespace();
        let number: Number = words.next()?.parse().ok()?;
        let word = words.next().unwrap_or_default();
        let scale = SCALES.iter().find(|(name, _)| *name == word).map_or(1.0, |(_, scale)| *scale);
        let Interval { lo, hi } = number.interval();
        Some(Self { interval: Interval { lo: lo * scale, hi: hi * scale } })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_in_words_is_as_wide_as_its_digits() {
        let read = |text| Amount::read(text).map(|amount| (amount.interval.lo, amount.interval.hi));
        assert_eq!(read("1.5 million tons"), Some((1_450_000.0, 1_550_000.0)));
        assert_eq!(read("50,000 acres"), Some((49_999.5, 50_000.5)));
        assert_eq!(read("10"), Some((9.5, 10.5)));
        assert_eq!(read("-"), None);
    }

    /// 2.49 after +12.9 %: from 2.485/1.1295 to 2.495/1.1285.
    #[test]
    fn the_earlier_level_by_hand() {
        let level: Number = "2.49".parse().unwrap();
        let growth: Number = "12.9%".parse().unwrap();
        let Interval { lo, hi } = earlier(level.interval(), growth.interval()).unwrap();
        assert!((lo - 2.485 / 1.1295).abs() < 1e-12 && (hi - 2.495 / 1.1285).abs() < 1e-12);
        assert!(earlier(level.interval(), Interval { lo: -100.5, hi: -99.5 }).is_err());
    }

    #[test]
    fn intervals_meet_at_an_end() {
        let interval = |lo, hi| Interval { lo, hi };
        assert!(meet(interval(1.0, 2.0), interval(2.0, 3.0)));
        assert!(!meet(interval(1.0, 2.0), interval(2.1, 3.0)));
    }
}
