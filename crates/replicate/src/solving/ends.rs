//! Printed extremes, taken back to the columns that a variable is made of.

use ingest::{Step, Variable};
use published::Transcription;

use crate::plan::Plan;
use crate::resolve::Study;
use crate::unknown::Extremes;

/// The printed extremes of a variable, in units of the column that it is made of.
pub(super) fn ends(
    printed: &Transcription,
    study: &Study,
    variables: &[Variable],
    n: usize,
    of: &str,
) -> Result<Extremes, String> {
    let described = |table: &&published::Table| table.kind() == published::Kind::Descriptive;
    let extreme = |head: &str| {
        let cell = printed.tables().iter().filter(described).find_map(|table| {
            let Some(Plan::Describe(variables)) = study.tables.get(table.id()) else { return None };
            let (label, _) = variables.iter().find(|(_, variable)| *variable == of)?;
            table.cell(label, head)?.number()
        });
        cell.ok_or_else(|| format!("no table prints the {head} of `{of}`"))
    };
    let (least, greatest) = (extreme("min")?, extreme("max")?);
    let (mut low, mut high) = (least.value(), greatest.value());
    let steps = variables.iter().find(|variable| variable.name == of).map(|v| v.steps.as_slice());
    let steps = steps.unwrap_or_default();
    // The share of the upper of the two order statistics in the percentile above.
    let mut share = None;
    for step in steps.iter().rev() {
        (low, high) = match step {
            Step::Log => (low.exp(), high.exp()),
            Step::Log1p => (low.exp_m1(), high.exp_m1()),
            Step::Winsorize(spec) => {
                share = Some(((n - 1) as f64 * spec.high).fract());
                (low, high)
            }
            Step::Unit(_) => (low, high),
            step => {
                return Err(format!(
                    "the extremes of `{of}` cannot be taken back through `{step}`; say \
                     `values = \"real\"` or \"positive\""
                ));
            }
        };
    }
    let through = |x: f64| {
        steps.iter().fold(x, |x, step| match step {
            Step::Log => x.ln(),
            Step::Log1p => x.ln_1p(),
            _ => x,
        })
    };
    let interval = greatest.interval();
    let near = |from: f64| (0..=NEAR).map(move |i| (from + f64::from(i)).max(0.0));
    let whole = near(high.round() - f64::from(NEAR) / 2.0).find_map(|a| {
        let mut above = near(a + 1.0);
        let b = above.find(|&b| {
            let (x, y) = (through(a), through(b));
            interval.contains(share.map_or(x, |share| x + share * (y - x)))
        })?;
        Some((a, b))
    });
    Ok(Extremes { low, high, whole })
}

/// How many whole numbers about a printed maximum are looked at.
const NEAR: i32 = 30;
