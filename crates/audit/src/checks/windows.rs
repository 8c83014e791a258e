//! N of a column as lags, windows and subsets of the panel make it.

use super::Bench;
use crate::equation::{Equation, Holds, Shown};
use crate::facts::whole;
use crate::sheet::{Sheet, Slot};
use crate::words::place;
use crate::{Convention, Severity};

/// N as what is left of a balanced panel.
///
/// ```text
/// N = units · (periods − L)   L lags, or a window      N = m · periods   m of the units
/// ```
///
/// What N is then is reported as a convention, unless it is the panel. An N that is neither is possible only in
/// an unbalanced panel, or for rows chosen one by one: never impossible, since N beyond the panel is
/// `n-panel`'s.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (facts, sheet) = (bench.facts, bench.sheet);
    let Some((units, periods, _)) = facts.panel.filter(|it| it.0 > 0 && it.1 > 0) else { return };
    for column in &facts.columns {
        let Some(crate::facts::Count::Printed(entry)) = column.n else { continue };
        let Some(n) = whole(sheet.entries[entry].estimate.value) else { continue };
        if n == 0 || n >= units.saturating_mul(periods) {
            continue;
        }
        let ways = ways(n, units, periods);
        if ways.is_empty() {
            bench.equations.push(Box::new(Windows { n: [Slot::estimate(entry)], units, periods }));
        } else {
            bench.conventions.push(Convention {
                column: column.id.clone(),
                what: "rows",
                is: format!("{n} = {}", ways.join(", or = ")),
                supports: vec![sheet.cell(Slot::estimate(entry))],
                against: Vec::new(),
            });
        }
    }
}

/// How a panel may come to have n rows.
fn ways(n: u64, units: u64, periods: u64) -> Vec<String> {
    let mut ways = Vec::new();
    if n.is_multiple_of(units) && n / units <= periods {
        let left = n / units;
        let cause = match periods - left {
            0 => String::new(),
            1 => format!(": one lag, or a window of {left}"),
            lags => format!(": {lags} lags, or a window of {left}"),
        };
        ways.push(format!("{units} units × {left} of {periods} periods{cause}"));
    }
    if n.is_multiple_of(periods) && n / periods < units {
        ways.push(format!("{} of {units} units × {periods} periods", n / periods));
    }
    ways
}

struct Windows {
    n: [Slot; 1],
    units: u64,
    periods: u64,
}

impl Equation for Windows {
    fn check(&self) -> &'static str {
        "n-windows"
    }

    fn reads(&self) -> &[Slot] {
        &self.n
    }

    fn severity(&self) -> Severity {
        Severity::Low
    }

    fn judge(&self, sheet: &Sheet<'_>) -> Holds<'_> {
        let n = whole(sheet.entries[self.n[0].entry].estimate.value);
        if n.is_some_and(|n| n > 0 && !ways(n, self.units, self.periods).is_empty()) {
            Holds::Yes
        } else {
            Holds::If("the panel is unbalanced, or its rows are matched or chosen one by one")
        }
    }

    fn show(&self, sheet: &Sheet<'_>) -> Shown {
        let Self { n: [n], units, periods } = self;
        let explanation = format!(
            "{}: N = {} is neither a multiple of {units} units, as lags and windows leave, nor of \
             {periods} periods, as a part of the units has",
            place(sheet, n.entry),
            sheet.entries[n.entry].estimate.value
        );
        Shown { printed: Some(sheet.estimate(n.entry)), implied: None, explanation }
    }
}
