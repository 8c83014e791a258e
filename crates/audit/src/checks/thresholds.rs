//! Tests for thresholds: critical values, F statistics, sums of squares.

use std::fmt::Write as _;

use published::{Kind, Table};

use super::Bench;
use crate::equation::{Equation, Holds, Meets, Shown};
use crate::names::{Label, plain};
use crate::sheet::{Sheet, Slot};
use crate::words::{printed, range};
use crate::{Interval, Severity};

/// Critical values, F, its stars and its p value; and F from sums of squares.
///
/// ```text
/// c(10 %) ≤ c(5 %) ≤ c(1 %)      stars = #{ level of the legend : F > c(level) }      p < level ⇔ F > c(level)
/// F_2 = (SSR_1 − SSR_2)/MSE_2
/// ```
///
/// **Assumes** that critical values, p and stars come from one bootstrap of at least twenty draws. A quantile
/// may lie between two draws, so stars that are one off need an assumption, and p has room.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (paper, sheet) = (bench.paper, bench.sheet);
    for (position, table) in paper.tables().iter().enumerate() {
        if table.kind() != Kind::ThresholdTest || sheet.is_left_out(position) {
            continue;
        }
        let heads = Heads::of(table);
        for i in 0..table.rows().len() {
            let at = |column: usize| sheet.at(position, i, column);
            let critical: Vec<(f64, usize)> =
                heads.critical.iter().filter_map(|&(level, j)| Some((level, at(j)?))).collect();
            for pair in critical.windows(2) {
                bench.equations.push(ordered(pair[0], pair[1]));
            }
            if let Some(f) = heads.f.and_then(at) {
                if !table.stars().is_empty() && !critical.is_empty() {
                    bench.equations.push(Box::new(Starred::new(f, &critical, table.stars())));
                }
                if let Some(p) = heads.p.and_then(at) {
                    bench.equations.extend(critical.iter().map(|&it| probability(f, p, it)));
                }
            }
            let above = |column: Option<usize>| {
                column.and_then(|j| sheet.at(position, i.checked_sub(1)?, j))
            };
            if let (Some(f), Some(before), Some(after), Some(mse)) = (
                heads.f.and_then(at),
                above(heads.ssr),
                heads.ssr.and_then(at),
                heads.mse.and_then(at),
            ) {
                bench.equations.push(from_squares(f, before, after, mse));
            }
        }
    }
}

/// Which column of a table of tests holds what.
struct Heads {
    /// By level, from the largest.
    critical: Vec<(f64, usize)>,
    f: Option<usize>,
    p: Option<usize>,
    ssr: Option<usize>,
    mse: Option<usize>,
}

impl Heads {
    fn of(table: &Table) -> Self {
        let mut heads = Self { critical: Vec::new(), f: None, p: None, ssr: None, mse: None };
        for (j, header) in table.column_names().iter().enumerate() {
            let word = plain(header);
            let digits: String =
                header.chars().filter(|it| it.is_ascii_digit() || *it == '.').collect();
            let level = digits.parse::<f64>().ok().map(|percent| percent / 100.0);
            if Label::of(header) == Label::F {
                heads.f = Some(j);
            } else if matches!(word.as_str(), "p" | "prob" | "pvalue" | "p值") {
                heads.p = Some(j);
            } else if matches!(word.as_str(), "rss" | "ssr") {
                heads.ssr = Some(j);
            } else if word == "mse" {
                heads.mse = Some(j);
            } else if let Some(level) = level.filter(|&it| it > 0.0 && it < 0.5)
                && (word.contains("crit") || header.contains('%'))
            {
                heads.critical.push((level, j));
            }
        }
        heads.critical.sort_by(|a, b| b.0.total_cmp(&a.0));
        heads
    }
}

fn text<'s>(sheet: &'s Sheet<'_>, entry: usize) -> &'s str {
    printed(sheet, Slot::estimate(entry))
}

fn ordered((level, low): (f64, usize), (stricter, high): (f64, usize)) -> Box<dyn Equation> {
    let sides = move |sheet: &Sheet<'_>| {
        let least = sheet.estimate(low).lo();
        Some((sheet.estimate(high), Interval::new(least, f64::INFINITY)?))
    };
    let words = move |sheet: &Sheet<'_>, _, _| {
        format!(
            "the critical value {} at {} % is at least {}, that at {} %",
            text(sheet, high),
            100.0 * stricter,
            text(sheet, low),
            100.0 * level
        )
    };
    let reads = vec![Slot::estimate(high), Slot::estimate(low)];
    Meets::new("critical-values", reads, sides, words).boxed()
}

fn probability(f: usize, p: usize, (level, critical): (f64, usize)) -> Box<dyn Equation> {
    // The p value of a bootstrap of twenty draws is known to a twentieth.
    let room = 0.06;
    let sides = move |sheet: &Sheet<'_>| {
        let (f, critical) = (sheet.estimate(f), sheet.estimate(critical));
        let allowed = if f.lo() > critical.hi() {
            Interval::new(0.0, level + room)
        } else if f.hi() < critical.lo() {
            Interval::new(level - room, 1.0)
        } else {
            Interval::new(0.0, 1.0)
        };
        Some((sheet.estimate(p), allowed?))
    };
    let words = move |sheet: &Sheet<'_>, _, _| {
        format!(
            "F = {} against the critical value {} at {} %: p is printed as {}",
            text(sheet, f),
            text(sheet, critical),
            100.0 * level,
            text(sheet, p)
        )
    };
    let reads = [p, f, critical].map(Slot::estimate).to_vec();
    Meets::new("threshold-p", reads, sides, words).boxed()
}

fn from_squares(f: usize, before: usize, after: usize, mse: usize) -> Box<dyn Equation> {
    let sides = move |sheet: &Sheet<'_>| {
        let fall = sheet.estimate(before) - sheet.estimate(after);
        Some((sheet.estimate(f), fall.over(sheet.estimate(mse))))
    };
    let words = move |sheet: &Sheet<'_>, _, implied| {
        format!(
            "F = (SSR before − SSR)/MSE = ({} − {})/{} is in {}; {} is printed",
            text(sheet, before),
            text(sheet, after),
            text(sheet, mse),
            range(implied),
            text(sheet, f)
        )
    };
    let reads = [f, before, after, mse].map(Slot::estimate).to_vec();
    let doubt = "F is scaled in another way";
    Meets::new("threshold-f", reads, sides, words).doubt(Some(doubt)).boxed()
}

const DRAWS: &str = "p comes from few bootstrap draws, and the critical value between two of them";

/// Stars of an F statistic by the critical values beside it.
struct Starred {
    reads: Vec<Slot>,
    /// Level and entry of critical values at a level of the legend, with how many stars pass it.
    levels: Vec<(f64, usize, u8)>,
}

impl Starred {
    fn new(f: usize, critical: &[(f64, usize)], legend: &[f64]) -> Self {
        let stars = |level: f64| legend.iter().position(|it| (it - level).abs() < 1e-9);
        let levels: Vec<_> = critical
            .iter()
            .filter_map(|&(level, entry)| {
                Some((level, entry, u8::try_from(stars(level)? + 1).ok()?))
            })
            .collect();
        let mut reads = vec![Slot::stars(f), Slot::estimate(f)];
        reads.extend(levels.iter().map(|it| Slot::estimate(it.1)));
        Self { reads, levels }
    }

    /// The fewest and the most stars that F may have beside the critical values.
    fn allowed(&self, sheet: &Sheet<'_>) -> [u8; 2] {
        let f = sheet.estimate(self.reads[0].entry);
        let most = |passes: &dyn Fn(Interval) -> bool| {
            let passed = self.levels.iter().filter(|it| passes(sheet.estimate(it.1)));
            passed.map(|it| it.2).max().unwrap_or(0)
        };
        [most(&|critical| f.lo() > critical.hi()), most(&|critical| f.hi() >= critical.lo())]
    }
}

impl Equation for Starred {
    fn check(&self) -> &'static str {
        "threshold-stars"
    }

    fn reads(&self) -> &[Slot] {
        &self.reads
    }

    fn severity(&self) -> Severity {
        Severity::Medium
    }

    fn judge(&self, sheet: &Sheet<'_>) -> Holds<'_> {
        let [least, most] = self.allowed(sheet);
        // Levels of the legend without a critical value say nothing.
        let known = |it: u8| self.levels.iter().any(|level| level.2 == it);
        let stars = sheet.entries[self.reads[0].entry].stars;
        let least = if stars < least && !known(stars + 1) { stars } else { least };
        let most = if stars > most && !known(stars) { stars } else { most };
        if (least..=most).contains(&stars) {
            Holds::Yes
        } else if stars + 1 == least || stars == most + 1 {
            Holds::If(DRAWS)
        } else {
            Holds::No
        }
    }

    fn show(&self, sheet: &Sheet<'_>) -> Shown {
        let f = self.reads[0].entry;
        let stars = sheet.entries[f].stars;
        let values: Vec<String> = self
            .levels
            .iter()
            .map(|&(level, entry, _)| format!("{} at {} %", text(sheet, entry), 100.0 * level))
            .collect();
        let mut explanation = format!(
            "F = {} has {stars} star{} beside critical values {}",
            text(sheet, f),
            if stars == 1 { "" } else { "s" },
            values.join(", ")
        );
        if self.judge(sheet) != Holds::Yes {
            let [least, most] = self.allowed(sheet);
            let to = if least == most { String::new() } else { format!(" to {most}") };
            let _ = write!(explanation, "; they say {least}{to}");
        }
        Shown { printed: None, implied: None, explanation }
    }
}
