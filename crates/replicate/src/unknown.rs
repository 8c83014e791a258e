//! Columns of a study that nobody has, and that can be solved for.

use std::collections::BTreeMap;
use std::path::Path;

use ingest::{Spec, Tier};
use numbers::Draws;
use panel::{Column, Panel, Term};
use reconstruct::Values;
use serde::Deserialize;

/// A column that cannot be had, as a study writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Unknown {
    pub(crate) name: String,
    /// Why it cannot be had.
    pub(crate) because: String,
    /// What its values may be.
    pub(crate) values: Kind,
    /// Where solving for it starts.
    pub(crate) start: Start,
    /// A column that holds some of its cells: they keep these values.
    pub(crate) known: Option<String>,
    /// What a step may move.
    #[serde(default)]
    pub(crate) pace: Pace,
}

/// What a step may move: steps are short by this measure.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Pace {
    /// As much as the column varies.
    #[default]
    Whole,
    /// As much as effects of entities and periods leave of that: where these explain nearly all, errors
    /// are made of little.
    Within,
}

/// What the values of a column may be.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// Any number.
    Real,
    /// Numbers above zero.
    Positive,
    /// Between two ends, with one cell at each: the farthest at the start.
    Between([f64; 2]),
    /// Between the printed extremes of a variable that is made of it; winsorizing leaves several
    /// cells at each of them.
    Printed(Ends),
    /// Whole numbers from zero to the printed maximum of a variable that is made of it.
    Count(Ends),
}

/// Printed extremes, and the cells that are there.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Ends {
    /// The variable that a table of descriptive statistics has a row of.
    pub(crate) of: String,
    /// How many cells are at an extreme: the farthest ones at the start.
    pub(crate) rows: usize,
}

/// Where solving starts.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Start {
    /// The values of another column.
    From(String),
    /// The known cells of a count, carried on: `ln(1 + x)` grows by so much a period.
    Growing(Growing),
    /// Drawn: levels of entities along another column, a trend and noise, of this mean and spread.
    Drawn(Drawn),
    /// The exponential of what is drawn so: `mean` and `sd` are those of the logarithm.
    Lognormal(Drawn),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Growing {
    pub(crate) of: String,
    /// A period.
    pub(crate) by: f64,
    /// Standard deviation of what is added in `ln(1 + x)`.
    pub(crate) noise: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Drawn {
    pub(crate) mean: f64,
    pub(crate) sd: f64,
    /// The column whose averages by entity the levels follow.
    pub(crate) along: String,
    /// How much of the level is this column, own, trend and noise, before scaling to `sd`.
    pub(crate) load: f64,
    pub(crate) own: f64,
    pub(crate) trend: f64,
    pub(crate) noise: f64,
    /// What is added, so much a unit of a term of real columns and of unknown ones that start before.
    #[serde(default)]
    pub(crate) following: BTreeMap<String, f64>,
}

/// Printed extremes in units of a column, and the two whole numbers that print as the greatest: they
/// are the order statistics that its percentile lies between, where it is winsorized.
pub(crate) struct Extremes {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) whole: Option<(f64, f64)>,
}

/// Leaves out the files of what no one has solved for yet: their columns are missing, with a reason.
pub(crate) fn absent(
    spec: &mut Spec,
    root: &Path,
    unknowns: &[Unknown],
    missing: &mut BTreeMap<String, String>,
) {
    spec.sources.retain(|source| {
        let there = source.tier == Tier::Real || root.join(&source.file).is_file();
        if !there {
            without(unknowns, missing);
        }
        there
    });
    if !spec.sources.iter().any(|source| source.tier == Tier::Reconstructed) {
        without(unknowns, missing);
    }
}

fn without(unknowns: &[Unknown], missing: &mut BTreeMap<String, String>) {
    missing.extend(unknowns.iter().map(|of| (of.name.clone(), of.because.clone())));
}

impl Unknown {
    pub(crate) fn is_count(&self) -> bool {
        matches!(self.values, Kind::Count(_))
    }

    /// Whether cells of it are held at printed extremes.
    pub(crate) fn has_printed_ends(&self) -> bool {
        matches!(self.values, Kind::Printed(_) | Kind::Count(_))
    }

    /// The column to be found, with its start for a seed; `stream` tells the columns apart. Cells are held
    /// at printed extremes, unless `free_ends`.
    pub(crate) fn begin(
        &self,
        panel: &Panel,
        (seed, stream): (u64, u64),
        free_ends: bool,
        ends: &dyn Fn(&str) -> Result<Extremes, String>,
    ) -> Result<reconstruct::Unknown, String> {
        let known = self.known.as_deref().map(|name| numbers_of(panel, name)).transpose()?;
        let mut draws = Normal(Draws::new(seed, stream));
        let mut start = match &self.start {
            Start::From(name) => numbers_of(panel, name)?,
            Start::Growing(growing) => growing.start(panel, &mut draws)?,
            Start::Drawn(drawn) => drawn.start(panel, &mut draws)?,
            Start::Lognormal(drawn) => {
                drawn.start(panel, &mut draws)?.iter().map(|x| x.exp()).collect()
            }
        };
        let mut fixed = vec![false; start.len()];
        for (i, x) in known.iter().flatten().enumerate().filter(|(_, x)| !x.is_nan()) {
            (start[i], fixed[i]) = (*x, true);
        }
        if let Some(row) = start.iter().position(|x| !x.is_finite()) {
            let (entity, period) = panel.row_label(row);
            return Err(format!(
                "the start of `{}` has no finite value for {entity} {period}",
                self.name
            ));
        }
        let mut order: Vec<usize> = (0..start.len()).filter(|&i| !fixed[i]).collect();
        order.sort_by(|&i, &j| start[i].total_cmp(&start[j]));
        if let (Kind::Positive, Some(row)) = (&self.values, start.iter().position(|x| *x <= 0.0)) {
            let (entity, period) = panel.row_label(row);
            let (name, x) = (&self.name, start[row]);
            return Err(format!("`{name}` is positive, and starts at {x} for {entity} {period}"));
        }
        if let Kind::Count(_) = &self.values {
            let is_count = |x: f64| x >= 0.0 && x.fract() == 0.0;
            if let Some(row) = (0..start.len()).find(|&row| fixed[row] && !is_count(start[row])) {
                let (entity, period) = panel.row_label(row);
                return Err(format!(
                    "`{}` is known to be {} for {entity} {period}, which is no count; correct it, or say \
                     `values = \"positive\"`",
                    self.name, start[row]
                ));
            }
        }
        let room = |low: f64, high: f64, whose: &str| {
            let any = low.is_finite() && high.is_finite() && low < high;
            let what =
                || format!("`{}`: nothing lies between {low} and {high}, {whose}", self.name);
            any.then_some((low, high)).ok_or_else(what)
        };
        let values = match &self.values {
            Kind::Real => Values::Real,
            Kind::Positive => Values::Positive,
            Kind::Between([low, high]) => {
                let outside = |row: &usize| fixed[*row] && !(*low..=*high).contains(&start[*row]);
                if let Some(row) = (0..start.len()).find(outside) {
                    let (entity, period) = panel.row_label(row);
                    return Err(format!(
                        "`{}` is known to be {} for {entity} {period}, which is not between {low} and {high}",
                        self.name, start[row]
                    ));
                }
                let ends = room(*low, *high, "the ends that `values` says")?;
                between(&mut start, &mut fixed, &order, ends, 1)
            }
            Kind::Printed(Ends { of, .. }) if free_ends => {
                let positive = ends(of)?.low > 0.0 && start.iter().all(|x| *x > 0.0);
                if positive { Values::Positive } else { Values::Real }
            }
            Kind::Printed(Ends { of, rows }) => {
                let Extremes { low, high, .. } = ends(of)?;
                let ends = room(low, high, &format!("the printed min and max of `{of}`"))?;
                between(&mut start, &mut fixed, &order, ends, *rows)
            }
            Kind::Count(Ends { of, rows }) => {
                let Extremes { high, whole, .. } = ends(of)?;
                let Some((lower, upper)) = whole else {
                    return Err(format!("no whole numbers give the printed maximum of `{of}`"));
                };
                // Two make a percentile; what is winsorized beyond them may be any larger count.
                let top = &order[order.len() - (*rows).min(order.len())..];
                for (i, &row) in top.iter().enumerate() {
                    let beyond = (1.0 + BEYOND * i.saturating_sub(1) as f64) * upper;
                    (start[row], fixed[row]) = (if i == 0 { lower } else { beyond.round() }, true);
                }
                Values::Count(high)
            }
        };
        let (name, fences, pace) = (
            self.name.clone(),
            Vec::new(),
            match self.pace {
                Pace::Whole => 1.0,
                Pace::Within => within(panel, &start),
            },
        );
        Ok(reconstruct::Unknown { name, values, start, fixed, pace, fences })
    }
}

/// Between two ends, with so many cells at each; `order` is of the cells that are free.
fn between(
    start: &mut [f64],
    fixed: &mut [bool],
    order: &[usize],
    (low, high): (f64, f64),
    rows: usize,
) -> Values {
    for &row in order {
        start[row] = start[row].clamp(low, high);
    }
    // Known cells may be at an end already.
    let near = |x: f64, end: f64| (x - end).abs() <= NEAR * (high - low);
    let there = |end: f64| (0..start.len()).filter(|&i| fixed[i] && near(start[i], end)).count();
    let free = |end: f64| rows.saturating_sub(there(end)).min(order.len() / 2);
    let (least, greatest) = (&order[..free(low)], &order[order.len() - free(high)..]);
    for (rows, end) in [(least, low), (greatest, high)] {
        for &row in rows {
            (start[row], fixed[row]) = (end, true);
        }
    }
    Values::Between(low, high)
}

/// The share of a column's deviation that effects of entities and periods leave: what a step may move,
/// since errors of panel models are made of it.
fn within(panel: &Panel, x: &[f64]) -> f64 {
    let (entity, period) = (panel.index().entity.codes(), &panel.index().period);
    let first = period.iter().min().copied().unwrap_or_default();
    let period: Vec<u32> = period.iter().map(|t| t.abs_diff(first)).collect();
    let mut left = x.to_vec();
    for _ in 0..PASSES {
        for groups in [entity, &period] {
            let n = groups.iter().max().map_or(0, |&last| last as usize + 1);
            let mut sums = vec![(0.0, 0.0); n];
            for (&group, x) in groups.iter().zip(&left) {
                let (sum, n) = &mut sums[group as usize];
                (*sum, *n) = (*sum + x, *n + 1.0);
            }
            for (&group, x) in groups.iter().zip(&mut left) {
                let (sum, n) = sums[group as usize];
                *x -= sum / n;
            }
        }
    }
    let sd = |x: &[f64]| numbers::describe(x).map_or(0.0, |d| d.sd);
    let share = sd(&left) / sd(x);
    if share.is_finite() && share > 0.0 { share.min(1.0) } else { 1.0 }
}

/// Two are exact where every entity has every period.
const PASSES: usize = 5;

/// How far from a printed extreme a known cell still is at it, as a share of the range.
const NEAR: f64 = 1e-6;

/// How much larger each count beyond the winsorized maximum is than the one below it.
const BEYOND: f64 = 0.2;

fn numbers_of(panel: &Panel, name: &str) -> Result<Vec<f64>, String> {
    match panel.columns().get(name) {
        Some(Column::Number(values)) => Ok(values.clone()),
        Some(Column::Category(_)) => Err(format!("`{name}` holds categories, not numbers")),
        None => Err(format!("a start needs the column `{name}`, and there is none")),
    }
}

impl Growing {
    fn start(&self, panel: &Panel, draws: &mut Normal) -> Result<Vec<f64>, String> {
        let of = numbers_of(panel, &self.of)?;
        let (codes, period) = (panel.index().entity.codes(), &panel.index().period);
        let mut start = Vec::with_capacity(of.len());
        let mut last: Option<(u32, i32, f64)> = None;
        for (i, &x) in of.iter().enumerate() {
            if !x.is_nan() {
                last = Some((codes[i], period[i], x));
            }
            start.push(match last {
                Some((entity, since, x)) if entity == codes[i] => {
                    let grown = x.ln_1p() + self.by * f64::from(period[i] - since);
                    let noise = if since == period[i] { 0.0 } else { self.noise * draws.next() };
                    (grown + noise).max(0.0).exp_m1()
                }
                _ => f64::NAN,
            });
        }
        Ok(start)
    }
}

impl Drawn {
    fn start(&self, panel: &Panel, draws: &mut Normal) -> Result<Vec<f64>, String> {
        let along = numbers_of(panel, &self.along)?;
        let entity = &panel.index().entity;
        let mut means = vec![(0.0, 0.0); entity.n_levels()];
        for (&code, x) in entity.codes().iter().zip(&along).filter(|(_, x)| !x.is_nan()) {
            let (sum, n) = &mut means[code as usize];
            (*sum, *n) = (*sum + x, *n + 1.0);
        }
        let level: Vec<f64> = means.iter().map(|(sum, n)| sum / n).collect();
        let level = standard(&level);
        let own: Vec<f64> = level.iter().map(|_| draws.next()).collect();
        let time: Vec<f64> = panel.index().period.iter().map(|&t| f64::from(t)).collect();
        let time = standard(&time);
        let cell = |(&code, t): (&u32, &f64)| {
            let code = code as usize;
            let level = self.load * level[code] + self.own * own[code];
            level + self.trend * t + self.noise * draws.next()
        };
        let raw: Vec<f64> = entity.codes().iter().zip(&time).map(cell).collect();
        let mut start: Vec<f64> = standard(&raw).iter().map(|x| self.mean + self.sd * x).collect();
        for (term, slope) in &self.following {
            let term: Term = term.parse().map_err(|error| format!("`{term}`: {error}"))?;
            let values = panel.values(&term).map_err(|error| error.to_string())?;
            let mean = numbers::describe(&values).map_or(0.0, |d| d.mean);
            start.iter_mut().zip(values.iter()).for_each(|(x, value)| *x += slope * (value - mean));
        }
        Ok(start)
    }
}

/// Values less their mean over their standard deviation.
fn standard(values: &[f64]) -> Vec<f64> {
    let (mean, sd) = numbers::describe(values).map_or((0.0, 1.0), |d| (d.mean, d.sd));
    let sd = if sd > 0.0 { sd } else { 1.0 };
    values.iter().map(|x| (x - mean) / sd).collect()
}

/// Standard normal draws, by Box and Muller's transformation.
struct Normal(Draws);

impl Normal {
    fn next(&mut self) -> f64 {
        let (u, v) = (1.0 - self.0.unit(), self.0.unit());
        (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
    }
}
