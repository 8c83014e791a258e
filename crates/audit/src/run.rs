//! From a paper and a schema to an audit.

use published::{Kind, Printed, Transcription};

use crate::checks::{self, Bench};
use crate::equation::{Equation, Equations, Holds};
use crate::facts::Facts;
use crate::names;
use crate::repair;
use crate::schema::Schema;
use crate::sheet::{LARGEST, Sheet};
use crate::{Audit, Counts, Error, Finding, Interval, Severity, Unchecked, Verdict};

/// Everything that the printed cells prove, by arithmetic alone.
///
/// # Errors
///
/// [`Error::Unknown`] if the schema names what the paper does not have, [`Error::Contradiction`] if
/// its statements cannot hold together or with what is printed.
pub fn audit(paper: &Transcription, schema: &Schema) -> Result<Audit, Error> {
    let mut sheet = Sheet::new(paper);
    let mut facts = Facts::new(paper, schema, &sheet)?;
    let mut unchecked = std::mem::take(&mut facts.unchecked);
    let (mut equations, conventions) = {
        let mut bench = Bench {
            paper,
            sheet: &sheet,
            facts: &facts,
            equations: Vec::new(),
            conventions: Vec::new(),
            unchecked: Vec::new(),
        };
        checks::all(&mut bench);
        unchecked.append(&mut bench.unchecked);
        (bench.equations, bench.conventions)
    };
    let mut findings = sorted(&mut equations, &sheet);
    let mends: Vec<usize> = (0..findings.len()).filter(|&at| to_mend(&findings[at])).collect();
    for (at, repairs) in repair::repairs(&mends, &equations, &mut sheet, &facts) {
        findings[at].repairs = repairs;
    }
    let read = silent(paper, &sheet, &equations, &mut unchecked);
    let mut counts = Counts { cells: sheet.entries.len(), ..Counts::default() };
    counts.equations = findings.len();
    counts.unchecked = read.iter().filter(|&&it| !it).count();
    for finding in &findings {
        match finding.verdict {
            Verdict::Consistent => counts.consistent += 1,
            Verdict::NeedsAssumption(_) => counts.needs_assumption += 1,
            Verdict::Impossible => counts.impossible += 1,
        }
    }
    Ok(Audit { findings, conventions, inferred: facts.inferred, unchecked, counts })
}

const TWICE: &str = "a number was rounded twice, as 0.03449 to 0.0345 to 0.035";

/// Findings in their order, and the equations brought into the same.
fn sorted(equations: &mut Equations, sheet: &Sheet<'_>) -> Vec<Finding> {
    let twice = sheet.rounded_twice();
    let judged = equations.drain(..).map(|equation| {
        let (verdict, severity) = match equation.judge(sheet) {
            Holds::Yes => (Verdict::Consistent, Severity::None),
            Holds::If(assumption) => {
                (Verdict::NeedsAssumption(assumption.to_owned()), equation.severity())
            }
            Holds::No if equation.judge(&twice) == Holds::Yes => {
                (Verdict::NeedsAssumption(TWICE.to_owned()), Severity::Low)
            }
            Holds::No => (Verdict::Impossible, equation.severity()),
        };
        (verdict, severity, equation)
    });
    let mut judged: Vec<_> = judged.collect();
    judged.sort_by_key(|(verdict, severity, equation)| {
        let rank = match verdict {
            Verdict::Impossible => 0,
            Verdict::NeedsAssumption(_) => 1,
            Verdict::Consistent => 2,
        };
        let first = equation.reads().first().map_or(usize::MAX, |slot| slot.entry);
        (rank, std::cmp::Reverse(*severity), first)
    });
    let mut findings = Vec::with_capacity(judged.len());
    for (verdict, severity, equation) in judged {
        findings.push(finding(&*equation, verdict, severity, sheet));
        equations.push(equation);
    }
    findings
}

/// What is impossible, and what alone among many does not follow a convention.
fn to_mend(finding: &Finding) -> bool {
    match finding.verdict {
        Verdict::Impossible => true,
        Verdict::NeedsAssumption(_) => finding.check.starts_with("classical"),
        Verdict::Consistent => false,
    }
}

fn finding(
    equation: &dyn Equation,
    verdict: Verdict,
    severity: Severity,
    sheet: &Sheet<'_>,
) -> Finding {
    let shown = equation.show(sheet);
    Finding {
        check: equation.check(),
        verdict,
        cells: equation.reads().iter().map(|&slot| sheet.cell(slot)).collect(),
        printed: shown.printed.map(Interval::ends),
        implied: shown.implied.map(Interval::ends),
        explanation: shown.explanation,
        severity,
        repairs: Vec::new(),
    }
}

/// Which entries some equation reads; and what is said of those that none does.
fn silent(
    paper: &Transcription,
    sheet: &Sheet<'_>,
    equations: &Equations,
    unchecked: &mut Vec<Unchecked>,
) -> Vec<bool> {
    let mut read = vec![false; sheet.entries.len()];
    for slot in equations.iter().flat_map(|it| it.reads()) {
        read[slot.entry] = true;
    }
    for &position in sheet.left_out() {
        let table = &paper.tables()[position];
        unchecked.push(Unchecked {
            what: format!("table {}", table.id()),
            because: format!(
                "it has {} rows of {} columns; tables with more than {LARGEST} cells are not read: audit \
                 it in parts",
                table.rows().len(),
                table.column_names().len()
            ),
        });
    }
    for (position, table) in paper.tables().iter().enumerate() {
        let numbers = matches!(
            table.kind(),
            Kind::Regression | Kind::ThresholdRegression | Kind::Descriptive | Kind::ThresholdTest
        );
        if !numbers || sheet.is_left_out(position) {
            continue;
        }
        for (address, cell) in table.cells() {
            if let Printed::Text(text) = cell
                && names::answer(text).is_none()
                && !text.chars().any(char::is_alphabetic)
            {
                unchecked.push(Unchecked {
                    what: format!("{}/{}/{}", address.table, address.column, address.row),
                    because: format!("`{text}` is no number"),
                });
            }
        }
    }
    let mut none: Vec<(&str, usize, usize)> = Vec::new();
    for (entry, &read) in sheet.entries.iter().zip(&read) {
        match none.last_mut().filter(|it| it.0 == entry.table) {
            Some(it) => {
                it.1 += usize::from(!read);
                it.2 += 1;
            }
            None => none.push((entry.table, usize::from(!read), 1)),
        }
    }
    for (table, silent, all) in none.into_iter().filter(|it| it.1 > 0) {
        let name = match table {
            "claim" => "the statements".to_owned(),
            id if paper.table(id).is_some() => format!("table {id}"),
            id => id.to_owned(),
        };
        unchecked.push(Unchecked {
            what: format!("{silent} of {all} numbers of {name}"),
            because: "no equation that is known to hold reads them".to_owned(),
        });
    }
    read
}
