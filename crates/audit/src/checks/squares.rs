//! F of a test for thresholds, from the two sums of squared residuals printed beside it.

use published::Kind;

use super::Bench;
use crate::equation::{Equation, Holds, Shown};
use crate::facts::Doubts;
use crate::names::{Label, plain};
use crate::sheet::{Sheet, Slot};
use crate::words::{place, printed, range, short};
use crate::{Convention, Interval, Severity, Unchecked};

/// F of a threshold from `S₀` without it and `S₁` with it.
///
/// ```text
/// F = (S₀/S₁ − 1) s      s = nT, n(T − 1), T(n − 1), (n − 1)(T − 1), (n − 1)(T − 1) less T − 1 …
///                            or what of these k slopes leave; 0 < s ≤ nT in any case
/// ```
///
/// for n units in T periods. `S₀` and `S₁` are two columns or rows of a table of tests, or one with a line for the
/// model without the threshold above that with it. Scalings that fit are a convention.
///
/// **Assumes** for a scale that is none of these fewer rows than the panel has, or F divided by its
/// restrictions. Past nT, or where S rises with a threshold, it is impossible if the schema states the panel
/// and classical errors, for a robust F is not of sums of squares, and `S₀` and `S₁` stand beside F.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (paper, sheet) = (bench.paper, bench.sheet);
    let slopes = slopes(bench);
    for (position, table) in paper.tables().iter().enumerate() {
        if table.kind() != Kind::ThresholdTest || sheet.is_left_out(position) {
            continue;
        }
        let labels: Vec<&str> = table.rows().iter().map(|row| row.label.as_str()).collect();
        let heads: Vec<&str> = table.column_names().iter().map(String::as_str).collect();
        let mut found = tests(&heads, labels.len(), |row, column| sheet.at(position, row, column));
        found.extend(tests(&labels, heads.len(), |column, row| sheet.at(position, row, column)));
        for ([f, before, after], own) in found {
            let Some((units, periods, stated)) = bench.facts.panel else {
                bench.unchecked.push(Unchecked {
                    what: place(sheet, f),
                    because: "no scaling is known without units and periods".to_owned(),
                });
                continue;
            };
            let doubts = Doubts::default()
                .unless(stated, "the rows are not the units and periods that the paper names")
                .unless(bench.facts.classical, "F is robust, and not of sums of squares")
                .unless(own, "the sums are of thresholds after refinement, and F of those before");
            let squares = Squares {
                reads: [f, before, after].map(Slot::estimate),
                scales: scales(units as f64, periods as f64, slopes),
                most: units as f64 * periods as f64,
                doubt: doubts.words(),
            };
            bench.conventions.extend(squares.convention(sheet));
            bench.equations.push(Box::new(squares));
        }
    }
}

/// How many slopes the regression given the thresholds has, if one is printed in full.
fn slopes(bench: &Bench<'_, '_>) -> Option<usize> {
    let is = |at: usize| bench.paper.tables()[at].kind() == Kind::ThresholdRegression;
    let column = bench.facts.columns.iter().find(|it| is(it.table) && it.unprinted == Some(0))?;
    Some(column.slopes.len()).filter(|&k| k > 0)
}

/// The scalings in use, by what they are called.
fn scales(n: f64, t: f64, slopes: Option<usize>) -> Vec<(String, f64)> {
    let named = [
        ("nT", n * t),
        ("n(T − 1)", n * (t - 1.0)),
        ("T(n − 1)", t * (n - 1.0)),
        ("T(n − 1) − (T − 1)", t * (n - 1.0) - (t - 1.0)),
        ("(n − 1)(T − 1)", (n - 1.0) * (t - 1.0)),
    ];
    let mut all: Vec<(String, f64)> = named.iter().map(|&(name, s)| (name.to_owned(), s)).collect();
    if let Some(k) = slopes {
        let left = |&(name, s): &(&str, f64)| (format!("{name} − {k}"), s - k as f64);
        all.extend([named[1], named[4]].iter().map(left));
    }
    all.retain(|it| it.1 > 0.0);
    all
}

/// What a label of a table of tests holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    F,
    /// The sum of squares without the threshold, and with it.
    Before,
    After,
    /// That of the model of its own line.
    Own,
}

impl Role {
    fn of(label: &str) -> Option<Self> {
        let word = plain(label);
        if Label::of(label) == Label::F {
            return Some(Self::F);
        }
        let has = |any: &[&str]| any.iter().any(|it| word.contains(it));
        match word.as_str() {
            "s0" => Some(Self::Before),
            "s1" => Some(Self::After),
            "ssr" | "rss" => Some(Self::Own),
            _ if !has(&["ssr", "rss"]) => None,
            _ if word.ends_with('0') || has(&["linear", "without", "nothreshold"]) => {
                Some(Self::Before)
            }
            _ if word.ends_with('1') || has(&["threshold"]) => Some(Self::After),
            _ => None,
        }
    }
}

/// F and both sums of squares of every line, and whether these are said to be those of F.
fn tests(
    fields: &[&str],
    lines: usize,
    at: impl Fn(usize, usize) -> Option<usize>,
) -> Vec<([usize; 3], bool)> {
    let field = |role: Role| fields.iter().position(|it| Role::of(it) == Some(role));
    let of = |line: usize, role: Role| at(line, field(role)?);
    let both = |line: usize| match (of(line, Role::Before), of(line, Role::After)) {
        (Some(before), Some(after)) => Some(([before, after], true)),
        _ => Some(([of(line.checked_sub(1)?, Role::Own)?, of(line, Role::Own)?], false)),
    };
    let test = |line: usize| {
        let ([before, after], own) = both(line)?;
        Some(([of(line, Role::F)?, before, after], own))
    };
    (0..lines).filter_map(test).collect()
}

struct Squares {
    /// F, `S₀`, `S₁`.
    reads: [Slot; 3],
    scales: Vec<(String, f64)>,
    /// What no scaling exceeds.
    most: f64,
    doubt: Option<String>,
}

const OTHER: &str = "F is of fewer rows than the panel has, or divided by its restrictions";

impl Squares {
    /// `S₀/S₁ − 1`
    fn rise(&self, sheet: &Sheet<'_>) -> Interval {
        let [_, before, after] = self.reads.map(|it| sheet.estimate(it.entry));
        before.over(after) - Interval::point(1.0)
    }

    fn scale(&self, sheet: &Sheet<'_>) -> Interval {
        sheet.estimate(self.reads[0].entry).over(self.rise(sheet))
    }

    /// Scalings under which F fits, in words.
    fn fitting(&self, sheet: &Sheet<'_>) -> Vec<String> {
        let scale = self.scale(sheet);
        let fits = self.scales.iter().filter(|it| scale.contains(it.1));
        fits.map(|(name, s)| format!("{name} = {}", short(*s))).collect()
    }

    /// The scalings that fit, where some others do not.
    fn convention(&self, sheet: &Sheet<'_>) -> Option<Convention> {
        let fitting = self.fitting(sheet);
        (!fitting.is_empty() && fitting.len() < self.scales.len()).then(|| Convention {
            column: place(sheet, self.reads[0].entry),
            what: "scale",
            is: format!("F is (S₀/S₁ − 1) times {}", fitting.join(", or ")),
            supports: self.reads.iter().map(|&it| sheet.cell(it)).collect(),
            against: Vec::new(),
        })
    }
}

impl Equation for Squares {
    fn check(&self) -> &'static str {
        "threshold-scale"
    }

    fn reads(&self) -> &[Slot] {
        &self.reads
    }

    fn severity(&self) -> Severity {
        Severity::Medium
    }

    fn judge(&self, sheet: &Sheet<'_>) -> Holds<'_> {
        let scale = self.scale(sheet);
        if self.scales.iter().any(|it| scale.contains(it.1)) {
            Holds::Yes
        } else if scale.hi() > 0.0 && scale.lo() <= self.most {
            Holds::If(OTHER)
        } else {
            self.doubt.as_deref().map_or(Holds::No, Holds::If)
        }
    }

    fn show(&self, sheet: &Sheet<'_>) -> Shown {
        let [f, before, after] = self.reads.map(|it| printed(sheet, it));
        let fitting = self.fitting(sheet);
        let says = if fitting.is_empty() {
            format!("scalings in use give at most nT = {}, and none gives this", short(self.most))
        } else {
            fitting.join(", or ")
        };
        let largest = Interval::between(0.0, self.most);
        Shown {
            printed: Some(sheet.estimate(self.reads[0].entry)),
            implied: Some(self.rise(sheet) * largest),
            explanation: format!(
                "F = (S₀/S₁ − 1) s with S₀ = {before}, S₁ = {after}: F = {f} makes s {}; {says}",
                range(self.scale(sheet))
            ),
        }
    }
}
